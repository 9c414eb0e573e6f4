"""What the prose of a lesson promises about its exercises is what the cells hold."""

from __future__ import annotations

import ast
import re

import pytest

from authoring.lesson import Role, find_units, read_lesson
from tests.conftest import ROOT

UNITS = find_units(ROOT)
HEADING = re.compile(r"^#{2,3} Exercise (\d+\.\d+)", re.MULTILINE)
PROMISE = re.compile(r"^[★☆]{3} · \d+ minutes · (\d+) points?\b", re.MULTILINE)
HINTS = re.compile(r"<details><summary>Hint \d</summary>(.*?)</details>", re.DOTALL)


def exercises(unit) -> list[tuple[str, str, int]]:
    """Number, prose and points of every exercise of a lesson."""
    found = []
    for cell in read_lesson(unit.lesson):
        is_prose = cell.kind == "markdown" and cell.role is Role.GIVEN
        heading = HEADING.search(cell.source) if is_prose else None
        if heading:
            found.append([heading.group(1), cell.source[heading.start() :], 0])
        elif is_prose and found:
            found[-1][1] += "\n\n" + cell.source
        elif cell.role is Role.TEST:
            found[-1][2] += cell.points
    return [tuple(exercise) for exercise in found]


CASES = [(unit, *exercise) for unit in UNITS for exercise in exercises(unit)]


@pytest.mark.parametrize(("unit", "number", "prose", "points"), CASES, ids=lambda value: str(value)[:3])
def test_an_exercise_keeps_its_promises(unit, number, prose, points):
    promised = PROMISE.search(prose)
    assert promised, f"exercise {number} says its difficulty, minutes and points"
    assert int(promised.group(1)) == points
    hints = HINTS.findall(prose)
    assert len(hints) >= 2, f"exercise {number} has two hints"
    for hint in hints:
        # Between HTML tags Markdown is rendered only after an empty line.
        assert "`" not in hint or hint.startswith("\n\n"), f"an empty line before Markdown: {hint}"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_cell_imports_from_three_modules_of_course_utils_at_most(unit):
    for cell in read_lesson(unit.lesson):
        if cell.kind == "code":
            modules = {
                node.module
                for node in ast.walk(ast.parse(cell.source))
                if isinstance(node, ast.ImportFrom) and node.module.startswith("course_utils")
            }
            assert len(modules) <= 3, f"line {cell.line}: {modules}"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_has_all_its_parts(unit):
    cells = read_lesson(unit.lesson)
    prose = "\n".join(cell.source for cell in cells if cell.kind == "markdown")
    for part in (
        "# Notation",
        "by hand",
        "Debug this",
        "What you learned",
        "Further reading",
        "ou should see",
    ):
        assert part in prose, f"{unit.name} lacks {part!r}"
    assert any(cell.role is Role.ANSWER for cell in cells)
