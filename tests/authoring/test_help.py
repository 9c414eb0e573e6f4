"""Does what a student reads with help(...) or Shift+Tab read well as plain text? Nothing renders it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from authoring.lesson import find_units
from tests.conftest import ROOT

# Roles and directives of Sphinx, LaTeX's commands, and code between two backticks: nobody turns these into
# anything else in a notebook.
MARKUP = re.compile(r":\w+:`|^\s*\.\. \w+::|\\[A-Za-z,;]+|``", re.MULTILINE)
WIDEST = 110  # columns


def docstrings(source: str) -> Iterator[tuple[str, str]]:
    """The name and docstring of all that a source defines."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, ast.get_docstring(node) or ""


def problems(source: str) -> list[str]:
    """What in the docstrings of a source is markup, with the name of the function."""
    return [f"{name}: {found[0]}" for name, text in docstrings(source) if (found := MARKUP.search(text))]


@pytest.mark.parametrize("unit", find_units(ROOT), ids=lambda unit: unit.name)
def test_the_stubs_of_a_unit_are_plain_text(unit) -> None:
    cells = nbformat.read(unit.released_notebook, as_version=4).cells
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    assert sum(len(list(docstrings(source))) for source in sources) > 4
    for source in sources:
        assert problems(source) == []


@pytest.mark.parametrize("path", sorted((ROOT / "course_utils").rglob("*.py")), ids=lambda path: path.stem)
def test_what_students_import_is_plain_text(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert problems(source) == []
    for name, text in docstrings(source):
        assert all(len(line) <= WIDEST for line in text.splitlines()), name


@pytest.mark.parametrize(
    "text", [r":math:`\lambda`", "    .. math:: x", r"with \sum_u", "the array ``X``", ":func:`solve_row`"]
)
def test_markup_is_found(text: str) -> None:
    source = f'def solve_row():\n    r"""Best factors.\n\n    {text}\n    """'
    assert len(problems(source)) == 1
