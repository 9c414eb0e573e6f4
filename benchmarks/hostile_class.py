"""Grade a class in which every third hand-in is an attack: what does that change for the others?

    python -m benchmarks.hostile_class [--students 60] [--workers 2] [--slow]

The same class is graded twice, once with attacks of ``tests/attacks`` in every third place and once with
honest work there. The points and pages of the others are compared byte by byte, and the time. Attacks that
take all the time that they are let are a class of their own, ``--slow``: they are to cost no more than an
honest endless loop, which then stands in their places. Nothing else should run on the machine.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from grader.gradebook.results import Result
from grader.run.grade import grade
from grader.run.pool import Pool
from tests.attacks.corpus import Attack
from tests.attacks.test_attacks import ALL
from tests.attacks.test_course_grade import NOTEBOOK, UNIT, Class
from tests.attacks.unit import ANSWERS, answered, attacked, honest

EVERY = 3


@dataclass(frozen=True)
class Graded:
    """A class that was graded: seconds, and by student the result and the page (none if it failed)."""

    seconds: float
    results: dict[str, Result]
    pages: dict[str, bytes]


@dataclass(frozen=True)
class Comparison:
    """The class with attacks and the one without, and which attack stood in whose place."""

    hostile: Graded
    peaceful: Graded
    attacks: dict[str, Attack]

    @property
    def changed(self) -> list[str]:
        """Honest students whose points, flags or page are not the same in both."""
        return [
            student
            for student in self.peaceful.results
            if student not in self.attacks and (_said(self.hostile, student) != _said(self.peaceful, student))
        ]

    @property
    def gained(self) -> list[str]:
        """Attacks that have more points than their honest part deserves."""
        return [
            attack.name
            for student, attack in self.attacks.items()
            if (self.hostile.results[student].total or 0) > attack.max_points
        ]


def compare(folder: Path, size: int, workers: int, slow: bool = False) -> Comparison:
    """Grade a class of this size with and without attacks, quick or slow ones, in folders made here."""
    students = [f"student-{number:03d}" for number in range(size)]
    places = students[EVERY - 1 :: EVERY]
    some = [attack for attack in ALL if attack.is_slow == slow]
    # Some of each kind: the list goes from one kind to the next.
    chosen = {student: some[n * len(some) // len(places)] for n, student in enumerate(places)}
    loops = dict.fromkeys(places, next(attack for attack in ALL if attack.name == "endless_loop"))
    with Pool(workers) as pool:
        graded = []
        for name, attacks in (("peaceful", loops if slow else {}), ("hostile", chosen)):
            root = folder / name
            root.mkdir()
            a_class = Class(root)
            for number, student in enumerate(students):
                _hand_in(a_class, student, number, attacks.get(student))
            graded.append(_grade(a_class, pool))
    peaceful, hostile = graded
    return Comparison(hostile, peaceful, chosen)


def _hand_in(a_class: Class, student: str, number: int, attack: Attack | None) -> None:
    place = a_class.hand_in(student, _work(a_class.released, number, attack))
    for name, content in attack.files.items() if attack else ():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)


def _work(released: NotebookNode, number: int, attack: Attack | None) -> NotebookNode:
    """A hand-in: with an attack, all right, half done, or wrong."""
    if attack:
        return attacked(attack.source, released)
    some = dict(list(ANSWERS.items())[: number % 5])
    return (honest(released), answered(released, some), attacked("", released))[number % 4 % 3]


def _grade(a_class: Class, pool: Pool) -> Graded:
    began = time.perf_counter()
    results = grade(a_class.root, [UNIT], pool=pool, watch=_quietly, say=lambda _: None)
    seconds = time.perf_counter() - began
    pages = {}
    for result in results:
        path = a_class.root / "feedback" / result.student / UNIT / f"{NOTEBOOK}.html"
        if path.is_file():
            pages[result.student] = path.read_bytes()
    return Graded(seconds, {result.student: result for result in results}, pages)


def _quietly(results: Iterable[Result], what: str, total: int) -> Iterable[Result]:
    return results


def _said(graded: Graded, student: str) -> tuple:
    result = graded.results[student]
    return result.status, result.scores, result.flags, result.problem, graded.pages.get(student)


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--students", type=int, default=60)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--slow", action="store_true", help="attacks that take their time, beside endless loops"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        found = compare(Path(folder), options.students, options.workers, options.slow)
    honest_ones = options.students - len(found.attacks)
    print(f"{options.students} hand-ins, {len(found.attacks)} of them attacks, {options.workers} workers")
    print(f"without attacks     {found.peaceful.seconds:8.1f} s")
    print(f"with attacks        {found.hostile.seconds:8.1f} s", end="")
    print(f"   {found.hostile.seconds / found.peaceful.seconds:.2f} times")
    print(f"honest points and pages that differ: {len(found.changed)} of {honest_ones}", *found.changed)
    print(f"attacks that gained points: {len(found.gained)} of {len(found.attacks)}", *found.gained)


if __name__ == "__main__":
    main()
