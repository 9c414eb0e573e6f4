"""Grade one class with nbgrader's commands and with `course grade`: submissions per minute, where time goes.

    python -m benchmarks.grading [--students 30] [--growth 100] [--repetitions 30]

Both are run as commands, on the same submissions of unit 02 by the synthetic students of the demonstration,
but for two: the endless loop takes its time limit either way, and nbgrader refuses to autograde a notebook
in which a cell stands twice. Both write feedback pages and the gradebook,
with the limits and the pages of the course's configuration. `course grade` runs students' code in the sandbox
and the checks in the examiner. Nothing else should run on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from nbgrader.api import Gradebook

from authoring.lesson import find_units
from authoring.release import release
from course.demo.demo import set_up
from course.demo.hand_in import Student, hand_in
from course.demo.roster import STUDENTS
from grader.course_folder import sqlite_url
from grader.gradebook.ledger import read_scores
from grader.load import processors

ROOT = Path(__file__).resolve().parent.parent
UNIT = "02-explicit-als"
LEFT_OUT = {"endless-loop", "duplicated-cell"}
# What a task says of its time, and the words for it.
STEPS = {
    "room": "start and end of the student's process",
    "student": "student's cells",
    "examiner": "examiner (test cells and their calls)",
    "nbgrader": "nbgrader's other steps",
    "feedback": "feedback page",
}


def a_class(size: int) -> list[Student]:
    """That many students, the synthetic ones over and over."""
    some = [student for student in STUDENTS if UNIT in student.write and student.id not in LEFT_OUT]
    return [replace(some[n % len(some)], id=f"student-{n:03d}") for n in range(size)]


def make_course(folder: Path, size: int) -> None:
    """A released course to which a class has handed in."""
    set_up(ROOT, folder)
    (unit,) = find_units(folder, [UNIT])
    release(unit)
    for student in a_class(size):
        hand_in(unit, student, folder / "submitted")


def fresh(made: Path, size: int) -> Path:
    """A copy of the course in which nothing is graded, with the first students of the class."""
    folder = Path(tempfile.mkdtemp(prefix="class-", dir=made.parent)) / "course"
    shutil.copytree(made, folder)
    for late in sorted((folder / "submitted").iterdir())[size:]:
        shutil.rmtree(late)
    return folder


def run(folder: Path, *command: str) -> tuple[float, str]:
    """Seconds that a command of this environment takes, and what it prints."""
    program = str(Path(sys.executable).parent / command[0])
    start = time.perf_counter()
    done = subprocess.run([program, *command[1:]], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return time.perf_counter() - start, done.stdout


def by_nbgrader(made: Path, size: int) -> float:
    """Seconds of nbgrader's two commands."""
    folder = fresh(made, size)
    return (
        run(folder, "nbgrader", "autograde", UNIT)[0] + run(folder, "nbgrader", "generate_feedback", UNIT)[0]
    )


def by_course(made: Path, size: int, workers: int) -> tuple[float, dict[str, float]]:
    """Seconds of `course grade`, and the mean seconds of each step of a submission."""
    folder = fresh(made, size)
    seconds, out = run(folder, "course", "grade", UNIT, "--workers", str(workers), "--json")
    results = json.loads(out)
    assert len(results) == size and all(result["status"] == "graded" for result in results)
    steps = {name: float(np.mean([each["seconds"].get(name, 0) for each in results])) for name in STEPS}
    inside = sum(steps[name] for name in ("room", "student", "examiner"))
    steps["nbgrader"] = float(np.mean([each["seconds"]["autograde"] for each in results])) - inside
    return seconds, steps


def show_rates(made: Path, size: int) -> None:
    """Submissions per minute of both, in one run for one class."""
    nbgrader = by_nbgrader(made, size)
    rows = [("nbgrader autograde + generate_feedback", nbgrader)]
    rows += [(f"course grade --workers {n}", by_course(made, size, n)[0]) for n in (1, 2)]
    print(f"\n{size} submissions of {UNIT}, {processors()} processors")
    print(f"{'':40}{'seconds':>9}{'per minute':>12}{'times':>8}")
    for name, seconds in rows:
        print(f"{name:40}{seconds:9.1f}{60 * size / seconds:12.1f}{nbgrader / seconds:8.1f}")


def show_growth(made: Path, small: int, large: int, workers: int) -> None:
    """Whether a submission costs the same in a small and in a large class, and what the seconds go to."""
    times = {size: by_course(made, size, workers) for size in (small, large)}
    print(f"\ncourse grade --workers {workers}, from {small} to {large} submissions")
    for size, (seconds, _) in times.items():
        print(f"{size:5d} submissions {seconds:8.1f} s {seconds / size:8.2f} s each")
    each = (times[large][0] - times[small][0]) / (large - small)
    once = times[small][0] - small * each
    print(f"start and imports, once:                {once:8.2f} s")
    print(
        f"one more submission:                    {each:8.2f} s, of {workers} workers {workers * each:.2f} s:"
    )
    steps = times[large][1]
    for name, words in STEPS.items():
        print(f"  {words:38}{steps[name]:8.2f} s")
    print(f"  {'bookkeeping (files, gradebook, waiting)':38}{workers * each - sum(steps.values()):8.2f} s")


def show_sameness(made: Path, size: int, repetitions: int) -> None:
    """Whether a class has the same points each time, while the machine is busy with something else."""
    folder = fresh(made, size)
    load = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        seen = set()
        for _ in range(repetitions):
            run(folder, "course", "grade", UNIT, "--force", "--json")
            seen.add(points(folder))
    finally:
        load.kill()
        load.wait()
    said = "identical" if len(seen) == 1 else f"of {len(seen)} KINDS"
    print(f"\n{repetitions} gradings of {size} submissions under load: gradebooks {said}")


def points(folder: Path) -> str:
    """What the gradebook says, as text."""
    with Gradebook(sqlite_url(folder / "gradebook.db")) as gradebook:
        students = sorted(os.listdir(folder / "submitted"))
        return repr([(name, read_scores(gradebook.find_submission(UNIT, name))) for name in students])


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--students", type=int, default=30, help="size of the class that both grade")
    parser.add_argument("--growth", type=int, default=100, help="size of the large class; 0: none")
    parser.add_argument("--repetitions", type=int, default=30, help="gradings to compare; 0: none")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        made = Path(folder) / "made"
        make_course(made, max(options.students, options.growth))
        show_rates(made, options.students)
        if options.growth:
            show_growth(made, 10, options.growth, min(2, processors()))
        if options.repetitions:
            show_sameness(made, options.students, options.repetitions)


if __name__ == "__main__":
    main()
