"""What the prose of a lesson promises about its exercises is what the cells hold."""

from __future__ import annotations

import re

import pytest

from instructor.lesson import Cell, Role, find_units, read_lesson
from tests.conftest import ROOT

HEADING = re.compile(r"^#{2,3} Exercise (\d+\.\d+)", re.MULTILINE)
PROMISE = re.compile(r"^[★☆]{3} · \d+ minutes · (\d+) points?\b", re.MULTILINE)
HINTS = re.compile(r"<details><summary>Hint \d</summary>(.*?)</details>", re.DOTALL)


def exercises(unit) -> list[tuple[str, Cell, list[Cell]]]:
    """Number, text and following test cells of every exercise of a lesson."""
    found = []
    for cell in read_lesson(unit.lesson):
        heading = HEADING.search(cell.source) if cell.kind == "markdown" and cell.role is Role.GIVEN else None
        if heading:
            found.append((heading.group(1), cell, []))
        elif cell.role is Role.TEST:
            found[-1][2].append(cell)
    return found


CASES = [(unit, *exercise) for unit in find_units(ROOT) for exercise in exercises(unit)]


@pytest.mark.parametrize(
    ("unit", "number", "text", "tests"), CASES, ids=lambda value: value if type(value) is str else ""
)
def test_an_exercise_keeps_its_promises(unit, number, text, tests):
    source = text.source[HEADING.search(text.source).start() :]
    promised = PROMISE.search(source)
    assert promised, f"exercise {number} says its difficulty, minutes and points"
    assert int(promised.group(1)) == sum(cell.points for cell in tests)
    hints = HINTS.findall(source)
    assert len(hints) >= 2, f"exercise {number} has two hints"
    for hint in hints:
        # Between HTML tags Markdown is rendered only after an empty line.
        assert "`" not in hint or hint.startswith("\n\n"), f"an empty line before Markdown: {hint}"


@pytest.mark.parametrize("unit", find_units(ROOT), ids=lambda unit: unit.name)
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
