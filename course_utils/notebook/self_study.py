"""Which hidden checks and solutions does this copy of the course hold? None, unless it is one for self-study.

`course bundle --self-study` puts them beside the visible checks: a module of hidden checks a unit, and
`solutions.json`. No other copy of the course has that folder.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import course_utils.checks
from course_utils.checks.exercises import Exercise, UnitTable, in_points, number
from course_utils.checks.outcome import PASSED, Outcome
from course_utils.checks.standing import standing

PACKAGE = "self_study"
FILE = "solutions.json"
FOLDER = Path(course_utils.checks.__file__).parent / PACKAGE


@dataclass(frozen=True)
class Kept:
    """What is kept of an exercise, or of a question that is answered in words.

    Attributes
    ----------
    solution : str
        Source of the reference solution, or a model answer in Markdown.
    why : str
        Why it is done so, in Markdown; empty for a question.
    checks : tuple of str
        Names of its hidden checks.
    """

    solution: str
    why: str = ""
    checks: tuple[str, ...] = ()


def is_here() -> bool:
    """Whether this is a copy for self-study."""
    return (FOLDER / FILE).is_file()


def kept(unit: UnitTable, exercise: Exercise) -> Kept:
    """What a copy for self-study keeps of an exercise."""
    entry = _solutions()[unit.name][exercise.cells[0]]
    return Kept(entry["solution"], entry["why"], tuple(entry["checks"]))


@cache
def _solutions() -> dict[str, dict[str, dict[str, Any]]]:
    return json.loads((FOLDER / FILE).read_text(encoding="utf-8"))


def hidden_standing(unit: UnitTable, exercise: Exercise, names: Mapping[str, Any]) -> Outcome:
    """How an exercise stands with its hidden checks alone, in a copy for self-study."""
    exercises = tuple(
        each if each.written else replace(each, checks=kept(unit, each).checks) for each in unit.exercises
    )
    hidden = replace(unit, module=f"{PACKAGE}.{unit.module}", exercises=exercises)
    outcome = standing(hidden, exercises[unit.exercises.index(exercise)], names)
    if outcome.sign != PASSED:
        return outcome
    said = f"{number(exercise.hidden)} more of {in_points(exercise.points)}: the hidden checks pass."
    return Outcome(PASSED, f"{PASSED} {exercise.name} · {said} They looked at: {exercise.looks_at}")


def full_standing(unit: UnitTable, exercise: Exercise, names: Mapping[str, Any]) -> Outcome:
    """How an exercise stands with all checks that are here: the visible ones, then any hidden ones."""
    outcome = standing(unit, exercise, names)
    if outcome.sign != PASSED or not is_here() or not kept(unit, exercise).checks:
        return outcome
    outcome = hidden_standing(unit, exercise, names)
    if outcome.sign != PASSED:
        return outcome
    said = f"{in_points(exercise.points)}: all checks pass, the hidden ones among them."
    return Outcome(PASSED, f"{PASSED} {exercise.name} · {said}")


def all_seen(unit: UnitTable) -> UnitTable:
    """The unit as a table of progress counts it: in a copy for self-study no points of checks are hidden."""
    if not is_here():
        return unit
    exercises = (replace(each, visible=each.points - each.written, hidden=0) for each in unit.exercises)
    return replace(unit, exercises=tuple(exercises))
