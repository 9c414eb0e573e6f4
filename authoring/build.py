"""Build a unit's notebook from its lesson, byte for byte the same every time."""

from __future__ import annotations

import ast
import hashlib
import re
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from authoring.checks import is_shipped, problem_of_shipped
from authoring.expand import exercises_of, expand, refuse_import, without_hidden
from authoring.frame import after, announced, before
from authoring.include import bindings
from authoring.lesson import (
    NOT_FOR_STUDENTS,
    Cell,
    Role,
    Unit,
    error_at,
    imported_packages,
    read_lesson,
)
from authoring.outline import outline
from grader.markers import BEGIN_HIDDEN, BEGIN_SOLUTION, END_HIDDEN, END_SOLUTION, SLOW_TAG
from grader.names import defined_names, used_names

KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def build(unit: Unit) -> str:
    """The text of the instructor's notebook of a unit.

    Raises
    ------
    LessonError
        If the lesson breaks a rule of docs/contributing.md; the message names lesson, cell and line.
    """
    notebook = new_notebook(metadata=KERNEL)
    defined: set[str] = set()
    shown: set[str] = set()
    graded: set[str] = set()
    cells = [*before(unit), *read_lesson(unit.lesson), *after()]
    hidden = {cell: each.number for each in outline(unit) if each.hidden for cell in each.cells[-1:]}
    sources = [expand(unit, cell) for cell in cells]
    sources = [
        announced(source, hidden[cell.title]) if cell.title in hidden else source
        for cell, source in zip(cells, sources, strict=True)
    ]
    own: dict[str, str] = {}
    for cell, source in zip(cells, sources, strict=True):
        if cell.kind == "code" and cell.role is not Role.TEST:
            own |= bindings(source)
    for cell, source in zip(cells, sources, strict=True):
        if cell.kind == "code":
            _check_markers(unit, cell, source)
            _check_calls(unit, cell)
            _check_found(unit, cell, source)
            _check_takes_no_name(unit, cell, source, own)
            _check_names(unit, cell, source, defined, "which no earlier cell defines or imports")
            students = without_hidden(source)
            _check_names(
                unit, cell, students, shown, "which students do not have: it stands in a hidden region"
            )
            if not cell.slow:
                _check_names(unit, cell, source, graded, "which is left out when graded: its cell is slow")
                graded |= defined_names(source)
            defined |= defined_names(source)
            shown |= defined_names(students)
        notebook.cells.append(_notebook_cell(cell, source, {c.id for c in notebook.cells}))
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def write_or_compare(path: Path, text: str, check: bool) -> bool:
    """Write a derived file, or with ``check`` leave it alone; True if it was up to date."""
    fresh = path.is_file() and path.read_bytes() == text.encode("utf-8")
    if not fresh and not check:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))
    return fresh


def _check_markers(unit: Unit, cell: Cell, source: str) -> None:
    """What is inlined has a solution's markers, or a test's, in pairs, and no others."""
    for (begin, end), role in {
        (BEGIN_SOLUTION, END_SOLUTION): Role.EXERCISE,
        (BEGIN_HIDDEN, END_HIDDEN): Role.TEST,
    }.items():
        found = re.findall(f"{begin}|{end}", source)
        if found and cell.role is not role:
            raise error_at(unit.lesson, cell.title, cell.line, f"'{found[0]}' does not belong in this cell")
        if found != [begin, end] * (len(found) // 2):
            raise error_at(
                unit.lesson, cell.title, cell.line, f"'{begin}' and '{end}' must follow each other in pairs"
            )


def _check_calls(unit: Unit, cell: Cell) -> None:
    """A check that is not called gives its points to everybody."""
    if cell.role is Role.TEST:
        calls = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Call)]
        called = {call.func.id for call in calls if isinstance(call.func, ast.Name)}
        for name in exercises_of(unit, cell):
            if name not in called:
                raise error_at(unit.lesson, cell.title, cell.line, f"imports {name} and never calls it")


def _check_takes_no_name(unit: Unit, cell: Cell, source: str, own: dict[str, str]) -> None:
    """In one kernel, what a test cell defines takes the place of what other cells mean by that name."""
    if cell.role is Role.TEST:
        for name, meaning in bindings(source).items():
            if own.get(name, meaning) != meaning:
                problem = f"defines {name!r}, which other cells define otherwise"
                raise error_at(unit.lesson, cell.title, cell.line, problem)


def _check_found(unit: Unit, cell: Cell, source: str) -> None:
    """Try the imports that stay in the notebook, inlined ones too: students are to have what they name."""
    for node in ast.walk(ast.parse(source)):
        if imported_packages(node) & NOT_FOR_STUDENTS:
            raise refuse_import(unit, cell, node, "what is inlined must not import from here")
    for node in ast.parse(source).body:
        if is_shipped(node):
            if problem := problem_of_shipped(unit, node):
                raise refuse_import(unit, cell, node, problem)
        elif imported_packages(node):
            try:
                exec(ast.unparse(node), {"__name__": "__main__", "__package__": ""})
            except ImportError as error:
                raise refuse_import(unit, cell, node, f"not found ({error})") from None


def _check_names(unit: Unit, cell: Cell, source: str, defined: set[str], problem: str) -> None:
    unknown = sorted(used_names(source) - defined)
    if unknown:
        raise error_at(unit.lesson, cell.title, cell.line, f"uses {', '.join(map(repr, unknown))}, {problem}")


def _notebook_cell(cell: Cell, source: str, taken: set[str]):
    new = new_code_cell if cell.kind == "code" else new_markdown_cell
    if cell.role is Role.GIVEN:
        return new(source, id=_cell_id(source, taken), metadata={"tags": [SLOW_TAG]} if cell.slow else {})
    graded = cell.role in (Role.TEST, Role.ANSWER)
    keys = {
        "grade": graded,
        "grade_id": cell.title,
        "locked": cell.role is Role.TEST,
        "schema_version": 3,
        "solution": cell.role in (Role.EXERCISE, Role.ANSWER),
        "task": False,
    }
    if graded:
        keys["points"] = cell.points
    return new(source, id=cell.title, metadata={"nbgrader": keys})


def _cell_id(source: str, taken: set[str]) -> str:
    """An id that depends on the source alone: rebuilt notebooks are identical, and an edit changes one id."""
    digest = hashlib.sha256(source.encode()).hexdigest()
    return next(id for length in range(8, 64) if (id := digest[:length]) not in taken)
