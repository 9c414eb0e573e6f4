"""What does a unit ask for? Number, title, points and hidden topics of its exercises, as its lesson has them.

Nobody types them a second time: `course build` writes them to course_utils/checks/exercises.json, where the
checks, the table of progress and the cells of hidden checks find them.
"""

from __future__ import annotations

import ast
import json
import re
from dataclasses import asdict
from pathlib import Path

from authoring.checks import visible_checks
from authoring.expand import exercises_of, expand
from authoring.lesson import Cell, Role, Unit, error_at, read_lesson
from course_utils.checks.exercises import Exercise
from grader.feedback.outline import hidden_topic, plain
from grader.names import defined_names, used_names

TABLE = Path("course_utils", "checks", "exercises.json")
_NUMBERED = re.compile(r"^#{2,6} (?:Exercise|Question) (\d+\.\d+) · (.+)$", re.MULTILINE)
_HEADING = re.compile(r"^#{2,6} (?:\d+ · )?(.+)$", re.MULTILINE)


def table(units: list[Unit]) -> str:
    """The text of exercises.json."""
    entries = {unit.name: _entry(unit) for unit in units}
    return json.dumps(entries, indent=1, ensure_ascii=False) + "\n"


def outline(unit: Unit) -> list[Exercise]:
    """The exercises and questions of a unit, in the lesson's order.

    Raises
    ------
    LessonError
        If an exercise has no heading with a number, or nothing says what its hidden checks look at.
    """
    found: list[dict] = []
    number, title = "", ""
    for cell in read_lesson(unit.lesson):
        if cell.role is Role.ANSWER:
            found.append({"number": number, "title": title, "cells": (cell.title,), "written": cell.points})
        elif cell.kind == "markdown":
            for heading in _HEADING.finditer(cell.source):
                numbered = _NUMBERED.match(cell.source, heading.start())
                number, title = numbered.groups() if numbered else ("", heading.group(1))
                title = plain(title)
        elif cell.role is Role.EXERCISE:
            if not number:
                wanted = "the heading of an exercise reads '## Exercise 2.3 · Its title'"
                raise error_at(unit.lesson, cell.title, cell.line, wanted)
            if not found or found[-1]["number"] != number:
                found.append({"number": number, "title": title, "functions": (), "checks": (), "cells": ()})
            found[-1]["functions"] += tuple(exercises_of(unit, cell))
        elif cell.role is Role.TEST:
            if not found or "checks" not in found[-1]:
                raise error_at(unit.lesson, cell.title, cell.line, "a test cell stands behind its exercise")
            _add_test(unit, cell, found[-1])
    return [Exercise(**entry) for entry in found]


def _add_test(unit: Unit, cell: Cell, entry: dict) -> None:
    checks = names_visible(unit, cell)
    is_hidden = "HIDDEN TESTS" in cell.source
    kind = "hidden" if is_hidden else "visible"
    entry[kind] = entry.get(kind, 0) + (cell.points or 0)
    entry["checks"] += checks
    entry["cells"] += (cell.title,)
    if is_hidden:
        topic = hidden_topic(cell.source)
        if not topic:
            wanted = "a comment says '# Hidden checks look at: …' above the hidden region"
            raise error_at(unit.lesson, cell.title, cell.line, wanted)
        entry["looks_at"] = topic


def names_visible(unit: Unit, cell: Cell) -> tuple[str, ...]:
    """The visible checks that a test cell imports, in its order of calls."""
    tree = ast.parse(cell.source)
    imported = {
        alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == visible_checks(unit)
        for alias in node.names
    }
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    names = [function.id for function in called if isinstance(function, ast.Name)]
    return tuple(dict.fromkeys(name for name in names if name in imported))


def _entry(unit: Unit) -> dict:
    exercises = outline(unit)
    empty = Exercise("", "")
    shown = [
        {key: value for key, value in asdict(each).items() if value != getattr(empty, key) or key == "number"}
        for each in exercises
    ]
    return {"module": unit.module, "exercises": shown, "needs": _needs(unit, exercises)}


def _needs(unit: Unit, exercises: list[Exercise]) -> dict[str, list[str]]:
    """For each name that a given cell defines: the exercises' functions that its cell needs."""
    functions = [name for each in exercises for name in each.functions]
    needs: dict[str, set[str]] = {name: {name} for name in functions}
    for cell in read_lesson(unit.lesson):
        if cell.kind == "code" and cell.role is Role.GIVEN:
            source = expand(unit, cell)
            used = set().union(*(needs.get(name, set()) for name in used_names(source)))
            needs |= {name: used for name in defined_names(source) if used and name not in functions}
    return {name: sorted(needs[name], key=functions.index) for name in sorted(needs) if name not in functions}
