"""A tiny course and a class of synthetic students, graded once for all tests of a module."""

from __future__ import annotations

import copy
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook

from course.demo.demo import is_isolated
from grader.course_api import nbgrader_api
from grader.course_folder import CONFIG_FILE
from grader.gradebook.results import Result
from grader.run.grade import grade
from grader.run.pool import Pool
from grader.run.worker import run
from grader.task import Outcome, Task

ROOT = Path(__file__).resolve().parents[3]
UNIT, NOTEBOOK = "01-tiny", "tiny"

# Short limits: a loop that never ends must not take the tests' time. Not so short that a machine under load
# takes honest work for one. The unit's own answers need no rehearsal at each grading.
SHORT_LIMITS = """
c.Execute.timeout = 5
c.GradedExecute.total_timeout = 120
c.GradedExecute.rehearse = False
"""

DOUBLE = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
HIDDEN = """\
# Hidden checks: negative numbers.
### BEGIN HIDDEN TESTS
def check_double_of_negative(double):
    secret_of_the_check = double(-3)
    assert secret_of_the_check == -6, f"Twice -3 is -6, not {double(-3)}."
check_double_of_negative(double)
### END HIDDEN TESTS"""
CREDIT = "def credit():\n    ### BEGIN SOLUTION\n    return 1.0\n    ### END SOLUTION"


def source_cell(name: str, source: str, kind: str = "code", **entry) -> NotebookNode:
    """A cell as `course build` makes it: its id is its grade id."""
    cell = (new_code_cell if kind == "code" else new_markdown_cell)(source, id=name)
    official = {"schema_version": 3, "grade_id": name, "grade": False, "solution": False, "locked": False}
    cell.metadata["nbgrader"] = official | entry
    return cell


def check_cell(name: str, source: str, points: float) -> NotebookNode:
    return source_cell(name, source, grade=True, locked=True, points=points)


def answer_cell(name: str, points: float) -> NotebookNode:
    return source_cell(name, "Because.", "markdown", grade=True, solution=True, points=points)


def tiny_unit() -> list[NotebookNode]:
    """Two exercises and a question, 10 points."""
    return [
        new_code_cell("import sys", id="imports"),
        source_cell("double", DOUBLE, solution=True),
        check_cell("test_double", "assert double(1) == 2, 'Twice 1 is 2.'", 2),
        check_cell("test_double_hidden", HIDDEN, 3),
        source_cell("credit", CREDIT, solution=True),
        check_cell("test_credit", "credit()", 3),
        answer_cell("why", 2),
    ]


class Here:
    """In the place of workers: does each task in this process, where tests can reach it."""

    def __init__(self) -> None:
        self.tasks: list[Task] = []

    @property
    def is_full(self) -> bool:
        return bool(self.tasks)

    @property
    def is_empty(self) -> bool:
        return not self.tasks

    def start(self, task: Task) -> None:
        self.tasks.append(task)

    def next_done(self) -> tuple[Task, Outcome]:
        task = self.tasks.pop(0)
        return task, self.run(task)

    def run(self, task: Task) -> Outcome:
        return run(task, is_isolated())

    def cancel(self) -> None:
        self.tasks.clear()


class Course:
    """A course folder, and ways to hand something in."""

    def __init__(self, root: Path, pool: Pool) -> None:
        self.root = root
        self.pool = pool

    def released(self) -> NotebookNode:
        return nbformat.read(self.root / "release" / UNIT / f"{NOTEBOOK}.ipynb", as_version=4)

    def submit(self, student: str, change: Callable[[NotebookNode], None], unit: str = UNIT) -> None:
        nb = self.released()
        change(nb)
        self.submit_text(student, json.dumps(nb), unit)

    def submit_text(self, student: str, text: str, unit: str = UNIT, name: str = f"{NOTEBOOK}.ipynb") -> None:
        folder = self.root / "submitted" / student / unit
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")

    def grade(self, *students: str, force: bool = False, pool=None) -> dict[str, Result]:
        results = grade(self.root, [UNIT], students or None, force=force, pool=pool or self.pool)
        return {result.student: result for result in results}

    def page(self, student: str) -> str:
        return (self.root / "feedback" / student / UNIT / f"{NOTEBOOK}.html").read_text(encoding="utf-8")

    def autograded(self, student: str) -> NotebookNode:
        path = self.root / "autograded" / student / UNIT / f"{NOTEBOOK}.ipynb"
        return nbformat.read(path, as_version=4)

    def gradebook(self) -> Gradebook:
        return Gradebook(f"sqlite:///{self.root / 'gradebook.db'}")

    def remove(self, student: str) -> None:
        shutil.rmtree(self.root / "submitted" / student)


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a released course; releasing takes seconds, so tests work on copies."""
    root = tmp_path_factory.mktemp("released")
    (root / CONFIG_FILE).write_text((ROOT / CONFIG_FILE).read_text() + SHORT_LIMITS)
    other = [source_cell("halve", "x = 1", solution=True), check_cell("test_halve", "assert x", 1)]
    for unit, name, cells in [(UNIT, NOTEBOOK, tiny_unit()), ("02-other", "other", other)]:
        (root / "source" / unit).mkdir(parents=True)
        nbformat.write(new_notebook(cells=cells), root / "source" / unit / f"{name}.ipynb")
        made = nbgrader_api(root).generate_assignment(unit)
        assert made["success"], made
    return root


@pytest.fixture(scope="session")
def pool() -> Iterator[Pool]:
    """Workers for all tests: starting them takes seconds.

    Where pytest itself has several processes (``-n``), each has a pool: one worker in each is enough then.
    """
    with Pool(1 if "PYTEST_XDIST_WORKER" in os.environ else 2, isolated=is_isolated()) as pool:
        yield pool


@pytest.fixture(scope="module")
def course(released: Path, pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A released course in which nothing was handed in."""
    root = tmp_path_factory.mktemp("course")
    shutil.copytree(released, root, dirs_exist_ok=True)
    return Course(root, pool)


def cell(nb: NotebookNode, name: str) -> NotebookNode:
    return next(cell for cell in nb.cells if cell.id == name)


def solve(nb: NotebookNode, double: str = "return 2 * x", credit: str = "return 3") -> None:
    """Write the bodies of the two functions, and leave the question unanswered."""
    cell(nb, "double").source = "def double(x):\n    " + double.replace("\n", "\n    ")
    cell(nb, "credit").source = f"def credit():\n    {credit}"


def delete(nb: NotebookNode, *names: str) -> None:
    nb.cells = [cell for cell in nb.cells if cell.id not in names]


def paste(nb: NotebookNode, name: str, after: str, source: str | None = None) -> None:
    """Copy a cell as JupyterLab does: with its metadata and a new id."""
    twin = copy.deepcopy(cell(nb, name))
    twin.id = f"copy-of-{name}"
    twin.source = twin.source if source is None else source
    nb.cells.insert(nb.cells.index(cell(nb, after)) + 1, twin)
