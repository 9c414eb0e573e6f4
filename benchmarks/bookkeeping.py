"""Time and memory of what is done with results, for classes of up to 5,000: is it linear in the students?

    python -m benchmarks.bookkeeping [--sizes 500 1000 2500 5000]

Outcomes are simulated: two submissions of unit 02 are graded, and everybody gets their cells with points and
answers of their own. Everything after that is real: `course grade` finds nothing to grade again, and writes
its table, the CSV file and JSON; `course answers`, `course report` and `course export` write theirs. Each is
a command of its own, with its peak of memory.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np

from authoring.lesson import find_units
from authoring.release import release
from benchmarks.full_cycle import ENVIRONMENT, ROOT, program
from course.demo.demo import is_isolated, set_up
from course.demo.hand_in import Submission
from grader.course_api import nbgrader_api
from grader.gradebook.ledger import one_transaction, shown_digest
from grader.run.grade import grade
from grader.run.pool import Pool
from grader.run.worker import run
from grader.task import NotebookScores, Outcome, Task

UNIT = "02-explicit-als"
STEPS = {
    "kept": ["grade", UNIT],
    "kept, JSON": ["grade", UNIT, "--json"],
    "answers": ["answers", UNIT],
    "report": ["report", UNIT],
    "Canvas": ["export", UNIT, "canvas"],
    "Moodle": ["export", UNIT, "moodle"],
}
# What the answers in words have in common.
PHRASES = [
    f"the {part} {verb} the {other}"
    for part in ("penalty", "row of the user", "factor of the film", "mean")
    for verb in ("changes", "does not change", "is larger than")
    for other in ("error on held-out ratings", "solution of the other rows", "number of ratings")
]


class Simulated:
    """In the place of workers: gives every student cells of two graded submissions, and points at random.

    Parameters
    ----------
    right, wrong : Outcome
        Of a notebook that is solved, and of one in which every test fails.
    """

    def __init__(self, right: Outcome, wrong: Outcome) -> None:
        (name,) = right.notebooks
        self._name, self._page, self._scores = name, right.pages[name], right.scores[name]
        self._cells = [json.loads(each.notebooks[name]) for each in (right, wrong)]
        self._points = {key: points for key, points in right.scores[name].points.items()}
        self._tasks: list[Task] = []

    @property
    def is_full(self) -> bool:
        return bool(self._tasks)

    @property
    def is_empty(self) -> bool:
        return not self._tasks

    def start(self, task: Task) -> None:
        self._tasks.append(task)

    def next_done(self) -> tuple[Task, Outcome]:
        task = self._tasks.pop(0)
        return task, self.run(task)

    def cancel(self) -> None:
        self._tasks.clear()

    def run(self, task: Task) -> Outcome:
        """An outcome whose points fit its cells."""
        rng = np.random.default_rng(list(task.student.encode()))
        right, wrong = self._cells
        nb, ability = copy.deepcopy(right), rng.random()
        reasons, points = {}, dict(self._points)
        for number, cell in enumerate(nb["cells"]):
            entry = cell["metadata"].get("nbgrader", {})
            if entry.get("grade_id") in self._points and not entry["solution"] and rng.random() > ability:
                nb["cells"][number] = wrong["cells"][number]
                points[entry["grade_id"]] = 0.0
                reasons[entry["grade_id"]] = f"Yours is {rng.normal():.3f}: the penalty counts twice."
            elif entry.get("solution") and cell["cell_type"] == "code":
                cell["source"] = answer("".join(cell["source"]), rng)
            elif entry.get("solution"):
                cell["source"] = words(rng)
        notes = nb["metadata"].setdefault("grading", {})
        notes["reasons"] = reasons
        scores = NotebookScores(points, self._scores.comments, self._scores.penalty)
        return Outcome(
            scores={self._name: scores},
            notebooks={self._name: json.dumps(nb, indent=1).encode()},
            pages={self._name: self._page},
            shown=_shown(self._name, scores),
        )


def answer(source: str, rng: np.random.Generator) -> str:
    """An answer in a way of one's own: some steps before the right one."""
    steps = zip(
        rng.choice(["+", "-", "*", "//"], 8), rng.choice(["abs", "sum", "sqrt", "mean"], 8), strict=True
    )
    return "\n".join([source, *(f"    total = part {sign} np.{function}(part)" for sign, function in steps)])


def words(rng: np.random.Generator) -> str:
    """An answer in words: some of the phrases that a class uses, and some words of one's own."""
    phrases = rng.choice(PHRASES, 3, replace=False)
    own = ("".join(rng.choice(list("aeiklmnorst"), 6)) for _ in range(5))
    return f"{'; '.join(phrases)}. {' '.join(own)}."


def _shown(name: str, scores: NotebookScores) -> str:
    grades = [
        SimpleNamespace(name=cell, score=points or 0.0, manual_score=None)
        for cell, points in scores.points.items()
    ]
    comments = [SimpleNamespace(name=cell, comment=text) for cell, text in scores.comments.items()]
    penalty = scores.penalty
    notebook = SimpleNamespace(name=name, grades=grades, comments=comments, late_submission_penalty=penalty)
    return shown_digest(SimpleNamespace(notebooks=[notebook]))


class Recorder(Simulated):
    """Grades for once, and keeps the outcomes."""

    def __init__(self) -> None:
        self._tasks = []
        self.outcomes: dict[str, Outcome] = {}

    def run(self, task: Task) -> Outcome:
        self.outcomes[task.student] = run(task, is_isolated())
        return self.outcomes[task.student]


def make_course(folder: Path) -> Simulated:
    """A released course in which two students were graded, and from whom all others will have theirs."""
    set_up(ROOT, folder)
    with (folder / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write("\nc.GradedExecute.rehearse = False\n")
    (unit,) = find_units(folder, [UNIT])
    release(unit)
    solved = Submission(unit)
    solved.solve()
    for student, text in (("right", json.dumps(solved.notebook)), ("wrong", None)):
        place = folder / "submitted" / student / UNIT
        place.mkdir(parents=True)
        (place / unit.notebook.name).write_text(text or unit.released_notebook.read_text(encoding="utf-8"))
    recorder = Recorder()
    grade(folder, [UNIT], pool=cast(Pool, recorder), watch=lambda results, *_: results)
    return Simulated(recorder.outcomes["right"], recorder.outcomes["wrong"])


def grow(folder: Path, pool: Simulated, size: int) -> float:
    """Seconds a student to store what workers gave, while a class grows to a size."""
    submitted = folder / "submitted"
    new = [name for n in range(size) if not (submitted / (name := f"id{n:05}")).exists()]
    with one_transaction(nbgrader_api(folder).coursedir) as gradebook:
        for name in new:
            gradebook.update_or_create_student(
                name, first_name="Given", last_name=name, email=f"{name}@x.org"
            )
    for name in new:
        shutil.copytree(submitted / "right" / UNIT, submitted / name / UNIT)
    start = time.perf_counter()
    results = grade(folder, [UNIT], new, pool=cast(Pool, pool), watch=lambda results, *_: results)
    assert len(results) == len(new) and all(each.status == "graded" for each in results)
    return (time.perf_counter() - start) / len(new)


@dataclass(frozen=True)
class Cost:
    """Of one command: seconds of the clock and of the processor, and megabytes at most."""

    seconds: float
    processor: float
    megabytes: float


def cost(folder: Path, words: list[str]) -> Cost:
    """Run a command of the course, and look at what it took."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [program("course"), *words],
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    highest = 0
    while not os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        # What wait() says of memory is also that of this process, which started the other.
        highest = max(highest, _highest_memory(process.pid))
        time.sleep(0.1)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"course {' '.join(words)} failed")
    return Cost(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, highest / 1024)


def _highest_memory(process: int) -> int:
    """Kilobytes that a process has had at most."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.bookkeeping",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[500, 1000, 2500, 5000])
    options = parser.parse_args()
    costs: dict[int, dict[str, Cost]] = {}
    with tempfile.TemporaryDirectory(prefix="bookkeeping-") as made:
        folder = Path(made) / "course"
        pool = make_course(folder)
        # Of the two that were graded one is left: everybody hands in the same file.
        shutil.rmtree(folder / "submitted" / "wrong")
        print(f"{'students':>9}{'step':>14}{'minutes':>9}{'processor':>11}{'MB':>7}{'ms a student':>14}")
        for size in sorted(options.sizes):
            each = grow(folder, pool, size)
            print(f"{size:9}{'stored':>14}{'':27}{1000 * each:14.1f}", flush=True)
            costs[size] = {}
            for name, words in STEPS.items():
                costs[size][name] = found = cost(folder, words)
                print(
                    f"{size:9}{name:>14}{found.seconds / 60:9.2f}{found.processor / 60:11.2f}"
                    f"{found.megabytes:7.0f}{1000 * found.processor / size:14.1f}",
                    flush=True,
                )
    show_growth(costs)


def show_growth(costs: dict[int, dict[str, Cost]]) -> None:
    """The exponent of the growth: 1 is linear, 2 quadratic; what a command needs to start is taken off."""
    sizes = sorted(costs)
    if len(sizes) < 3:
        return
    first, middle, last = sizes[0], sizes[-2], sizes[-1]
    print(f"\nprocessor's time a further student, from {first} to {middle} and from {middle} to {last}:")
    for name in STEPS:
        early, late = (
            1000 * (costs[b][name].processor - costs[a][name].processor) / (b - a)
            for a, b in ((first, middle), (middle, last))
        )
        print(f"{name:>14}{early:9.2f} ms{late:9.2f} ms  times {late / early:.2f}")


if __name__ == "__main__":
    main()
