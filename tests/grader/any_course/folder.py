"""A course of other people's: nbgrader's example and a made unit, with submissions, graded in two ways."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Gradebook, MissingEntry

from grader.course_api import nbgrader_api
from tests.grader.any_course.exercises import (
    BASICS,
    BASICS_GIVEN,
    CSV,
    HELPERS,
    TABLES,
    TABLES_GIVEN,
    Exercise,
)
from tests.grader.run.conftest import source_cell

EXAMPLE, MADE = "ps1", "made"
AUTOTESTS = Path(find_spec("nbgrader").origin).parent / "tests/apps/files/autotests.yml"

# What a notebook's own names are in the two ways of grading, cell by cell.
Points = dict[tuple[str, str], float | None]


def solution(answer: str) -> str:
    """The instructor's solution cell; a cell magic stays in its first line."""
    first, _, rest = answer.partition("\n")
    if first.startswith("%%"):
        return f"{first}\n{solution(rest)}"
    return f"### BEGIN SOLUTION\n{answer}\n### END SOLUTION"


def made_notebook(given: str, exercises: list[Exercise]) -> NotebookNode:
    """The instructor's version: a solution cell and a test cell for each exercise, then what people mark."""
    cells = [new_code_cell(given, id="given")]
    for each in exercises:
        cells.append(source_cell(each.name, solution(each.right), solution=True))
        test = f"test_{each.name}"
        cells.append(source_cell(test, each.test, grade=True, locked=True, points=each.points))
    cells.append(source_cell("why", "Because.", "markdown", grade=True, solution=True, points=2))
    task = source_cell("task", "Plot something.", "markdown", locked=True, points=3)
    task.metadata.nbgrader["task"] = True
    cells.append(task)
    return new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})


def build(root: Path) -> None:
    """Write the course with nbgrader's example in it, without a configuration of ours."""
    quickstart = [sys.executable, "-m", "nbgrader", "quickstart", root.name]
    subprocess.run(quickstart, cwd=root.parent, check=True, capture_output=True)
    folder = root / "source" / MADE
    folder.mkdir()
    nbformat.write(made_notebook(BASICS_GIVEN, BASICS), folder / "basics.ipynb")
    nbformat.write(made_notebook(TABLES_GIVEN, TABLES), folder / "tables.ipynb")
    (folder / "cities.csv").write_text(CSV)
    (folder / "helpers.py").write_text(HELPERS)
    shutil.copy(AUTOTESTS, root / "autotests.yml")


def nbgrader(root: Path, command: str, *words: str) -> None:
    """Run a command of nbgrader, in a process of its own: it leaves sockets open."""
    child = get_context("fork").Process(target=_run_nbgrader, args=(root, command, words))
    child.start()
    child.join()
    assert child.exitcode == 0, f"nbgrader {command} {words} failed"


def _run_nbgrader(root: Path, command: str, words: Sequence[str]) -> None:
    done = getattr(nbgrader_api(root), command)(*words)
    if not done["success"]:
        sys.exit(done["log"])


def release(root: Path, units: Sequence[str] = (EXAMPLE, MADE)) -> None:
    """Release units with nbgrader's own command."""
    for unit in units:
        nbgrader(root, "generate_assignment", unit)


def submit(root: Path, student: str, unit: str, change: Callable[[str, NotebookNode], None]) -> None:
    """Hand in a released unit with each of its notebooks changed."""
    folder = root / "submitted" / student / unit
    shutil.copytree(root / "release" / unit, folder)
    for path in folder.glob("*.ipynb"):
        nb = nbformat.read(path, as_version=4)
        change(path.stem, nb)
        nbformat.write(nb, path)


def points(root: Path, student: str, unit: str) -> Points:
    """Automatic points by notebook and cell; None for what waits for a person."""
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        try:
            submission = gradebook.find_submission(unit, student)
        except MissingEntry:
            return {}
        return {
            (notebook.name, grade.name): None if grade.needs_manual_grade else grade.auto_score
            for notebook in submission.notebooks
            for grade in notebook.grades
        }
