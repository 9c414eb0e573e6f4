"""A class of synthetic students: each makes one known thing of the notebooks, and deserves known points."""

from __future__ import annotations

import copy
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from authoring.include import ModuleSource
from authoring.lesson import Role, Unit, read_lesson
from grader.markers import BEGIN_SOLUTION, END_SOLUTION

WRITTEN_ANSWER = "My answer, in a sentence or two, which somebody has to read."


class Submission:
    """A released notebook in which a student writes.

    Parameters
    ----------
    unit : Unit
        The unit, built and released.
    """

    def __init__(self, unit: Unit):
        self.unit = unit
        self.notebook = nbformat.read(unit.released_notebook, as_version=4)

    def cell(self, grade_id: str) -> NotebookNode:
        """The cell of that id."""
        return next(cell for cell in self.notebook.cells if cell.id == grade_id)

    def solve(self) -> None:
        """Write the reference solution into every exercise, and a sentence under every question."""
        for cell in nbformat.read(self.unit.notebook, as_version=4).cells:
            if cell.metadata.get("nbgrader", {}).get("solution"):
                source = WRITTEN_ANSWER if cell.cell_type == "markdown" else without_markers(cell.source)
                self.cell(cell.id).source = source

    def misunderstand(self, exercise: str, mutant: str) -> None:
        """Make a mistake that tests/mutants knows by name."""
        mutants, solutions = self._module("tests.mutants"), self._module("solutions")
        wrong = mutants.MUTANTS[exercise][mutant].source(getattr(solutions, exercise))
        self.cell(exercise).source = without_markers(wrong)

    def solve_otherwise(self) -> None:
        """Replace every reference solution by another right one of tests/mutants."""
        mutants = self._module("tests.mutants")
        module = ModuleSource(Path(mutants.__file__))
        for exercise, alternatives in mutants.ALTERNATIVES.items():
            function = next(iter(alternatives.values()))
            sources = dict.fromkeys(module.closure([function.__name__]).values())
            # What comes from solutions is, in a notebook, the student's own function of an earlier cell.
            text = "\n\n\n".join(source for source in sources if not source.startswith("from solutions"))
            self.cell(exercise).source = re.sub(rf"\b{function.__name__}\b", exercise, text)

    def _module(self, room: str):
        # solutions/ and tests/ are not installed, so that no student's notebook can import them.
        if str(self.unit.root) not in sys.path:
            sys.path.insert(0, str(self.unit.root))
        return import_module(f"{room}.{self.unit.module}")


def without_markers(source: str) -> str:
    """Source without the lines that mark the solution."""
    return "\n".join(
        line for line in source.splitlines() if line.strip() not in (BEGIN_SOLUTION, END_SOLUTION)
    )


@dataclass(frozen=True)
class Student:
    """A synthetic student.

    Attributes
    ----------
    id : str
        Name of the folder under ``submitted/``.
    story : str
        What the student does.
    write : dict of str to callable
        For each unit that the student hands in, what is done to the ``Submission``.
    loses : dict of str to set of str
        For each such unit, the test cells that deserve no points; the others deserve all of theirs.
    loses_all : bool
        No test cell deserves points.
    """

    id: str
    story: str
    write: dict[str, Callable[[Submission], None]]
    loses: dict[str, set[str]] = field(default_factory=dict)
    loses_all: bool = False


def deserved_points(unit: Unit, student: Student) -> dict[str, float]:
    """Points of each test cell of a unit that a student deserves."""
    tests = {cell.title: cell.points or 0 for cell in read_lesson(unit.lesson) if cell.role is Role.TEST}
    lost = set(tests) if student.loses_all else student.loses.get(unit.name, set())
    unknown = lost - set(tests)
    if unknown:
        raise ValueError(f"{student.id} is to lose {sorted(unknown)}, which are no test cells of {unit.name}")
    return {title: 0 if title in lost else points for title, points in tests.items()}


def hand_in(unit: Unit, student: Student, submitted: Path) -> Path:
    """Write the student's notebook of a unit to ``submitted/<student>/<unit>/``."""
    submission = Submission(unit)
    student.write[unit.name](submission)
    path = submitted / student.id / unit.name / unit.notebook.name
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(submission.notebook, path)
    return path


def solved(*then: Callable[[Submission], None]) -> Callable[[Submission], None]:
    """Solve everything, then do something to it."""

    def write(submission: Submission) -> None:
        submission.solve()
        for step in then:
            step(submission)

    return write


def mistaken(exercise: str, mutant: str) -> Callable[[Submission], None]:
    """Solve everything but one exercise, which is misunderstood in a way that has a name."""
    return solved(lambda submission: submission.misunderstand(exercise, mutant))


def with_source(exercise: str, change: Callable[[str], str]) -> Callable[[Submission], None]:
    """Solve everything, then change the source of one exercise."""

    def step(submission: Submission) -> None:
        cell = submission.cell(exercise)
        cell.source = change(cell.source)

    return solved(step)


def delete(submission: Submission, grade_id: str) -> None:
    """Delete a cell."""
    submission.notebook.cells.remove(submission.cell(grade_id))


def duplicate(submission: Submission, grade_id: str) -> None:
    """Copy and paste a cell, as JupyterLab does it: with its metadata and a new id."""
    original = submission.cell(grade_id)
    pasted = copy.deepcopy(original)
    pasted.id = f"{grade_id}-copy"[:64]
    submission.notebook.cells.insert(submission.notebook.cells.index(original) + 1, pasted)
