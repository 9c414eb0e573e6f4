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
        "**You have**",
        "**You need**",
        "Five quick questions",
        "What you learned",
        "Further reading",
        "ou should see",
    ):
        assert part in prose, f"{unit.name} lacks {part!r}"
    assert any(cell.role is Role.ANSWER for cell in cells)


# A main picture is one that a given cell shows: before it the reader says what they expect.
ASKED = re.compile(r"\*\*What do you expect")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_before_each_picture_the_reader_is_asked_what_they_expect(unit):
    asked = False
    for cell in read_lesson(unit.lesson):
        if cell.kind == "markdown":
            asked = bool(ASKED.search(cell.source))
        elif cell.role is Role.GIVEN and re.search(r"^\s*show\(", cell.source, re.MULTILINE):
            assert asked, f"{unit.name}, line {cell.line}: ask what to expect before this picture"


QUESTION = re.compile(r"^\*\*(\d)\.\*\* ", re.MULTILINE)
CHOICE = re.compile(
    r"<details><summary>([a-c])\) (.+?)</summary>(✓\s+Yes\.|✗\s+No\.)\s+(.+?)</details>", re.DOTALL
)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_five_quick_questions_have_one_right_choice_each_and_say_why(unit):
    (source,) = [cell.source for cell in read_lesson(unit.lesson) if "# Five quick questions" in cell.source]
    _, *parts = QUESTION.split(source)
    assert parts[::2] == list("12345")
    right = []
    for text in parts[1::2]:
        choices = CHOICE.findall(text)
        assert [letter for letter, *_ in choices] == list("abc"), text
        assert text.count("<details>") == 3
        right += [letter for letter, _, verdict, _ in choices if verdict[0] == "✓"]
        for _, choice, _, why in choices:
            assert len(why) > 25, f"why does it hold, or not: {choice}"
            # Between HTML tags, on one line with them, Markdown is not rendered.
            assert not set("`*$") & set(choice + why), choice
    assert len(right) == 5 and len(set(right)) == 3, f"one right choice each, not always the same: {right}"


SHORT = 25  # characters: a call of a function by its name, which a hint may give


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_hint_of_a_three_star_exercise_is_no_line_of_its_solution(unit):
    def squeezed(text):
        return re.sub(r"\s", "", text.replace("&gt;", ">").replace("&lt;", "<"))

    solutions = squeezed((ROOT / "solutions" / f"{unit.module}.py").read_text(encoding="utf-8"))
    for number, prose, _ in exercises(unit):
        if "★★★" in prose:
            for hint in HINTS.findall(prose):
                for code in re.findall(r"`([^`]+)`|<code>(.+?)</code>", hint, re.DOTALL):
                    code = squeezed("".join(code))
                    assert len(code) < SHORT or code not in solutions, f"{number}: {code}"
