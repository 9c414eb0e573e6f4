"""Which test cells of other courses are graded differently from plain nbgrader?

Some fifty test cells as instructors write them, each with a right and a wrong answer, in nbgrader's example
course and a made unit: both ways of grading, compared cell by cell.

    python -m benchmarks.any_course
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from nbformat import NotebookNode

from course.demo.demo import is_isolated
from course.init import write_config
from grader.course_api import nbgrader_api
from grader.run.grade import grade
from grader.run.pool import Pool
from tests.grader.any_course.exercises import BASICS, TABLES
from tests.grader.any_course.folder import MADE, build, points, release, submit

EXERCISES = {each.name: each for each in [*BASICS, *TABLES]}


def answers(which: str) -> Callable[[str, NotebookNode], None]:
    """What a student does to a notebook: every answer right, or every answer wrong."""

    def change(_: str, nb: NotebookNode) -> None:
        for cell in nb.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            if name in EXERCISES:
                cell.source = getattr(EXERCISES[name], which)

    return change


def main() -> None:
    """Grade both ways and print the cells whose points differ, with the sentence that says why."""
    with tempfile.TemporaryDirectory() as folder:
        plain, safe = Path(folder, "plain"), Path(folder, "safe")
        build(plain)
        release(plain)
        for which in ("right", "wrong"):
            submit(plain, which, MADE, answers(which))
        shutil.copytree(plain, safe)
        write_config(safe)
        for which in ("right", "wrong"):
            made = nbgrader_api(plain).autograde(MADE, which)
            if not made["success"]:
                raise SystemExit(f"nbgrader could not grade {which}:\n{made['log']}")
        with Pool(1, isolated=is_isolated()) as pool:
            results = {result.student: result for result in grade(safe, [MADE], pool=pool)}
        print(f"{len(EXERCISES)} exercises of the unit {MADE}")
        for which in ("right", "wrong"):
            reasons = {score.name: score.reason for score in results[which].scores}
            ours = points(safe, which, MADE)
            for cell, wanted in points(plain, which, MADE).items():
                if ours.get(cell) != wanted:
                    print(f"{which} {cell[1]}: nbgrader {wanted}, here {ours.get(cell)}. {reasons[cell[1]]}")


if __name__ == "__main__":
    main()
