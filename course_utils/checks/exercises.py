"""What does a unit ask of a student, how many points is it worth, and what do its hidden checks look at?

`exercises.json` says so. `course build` derives it from the lessons, which are the only place where numbers,
points and these texts are written.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

TABLE = "exercises.json"  # beside this module


@dataclass(frozen=True)
class Exercise:
    """One exercise of a unit, or a question that is answered in words and read by a person.

    Attributes
    ----------
    number, title : str
        Of its heading: "2.2" and "What we minimise". A question may have no number.
    functions : tuple of str
        What the student writes; empty for a question.
    visible, hidden : float
        Points that visible checks decide, and those that hidden checks decide.
    checks : tuple of str
        Names of its visible checks, in the order in which the notebook calls them.
    looks_at : str
        What its hidden checks look at; empty if it has none.
    cells : tuple of str
        Grade ids of the cells that are graded.
    written : float
        Points that a person gives.
    """

    number: str
    title: str
    functions: tuple[str, ...] = ()
    visible: float = 0
    hidden: float = 0
    checks: tuple[str, ...] = ()
    looks_at: str = ""
    cells: tuple[str, ...] = ()
    written: float = 0

    @property
    def name(self) -> str:
        """How lines and tables name it: "2.2 objective"."""
        return f"{self.number} {' and '.join(self.functions) or self.title}".strip()

    @property
    def points(self) -> float:
        """All that it is worth."""
        return self.visible + self.hidden + self.written


@dataclass(frozen=True)
class UnitTable:
    """What the table says of a unit.

    Attributes
    ----------
    name, module : str
        "02-explicit-als" and "explicit_als".
    exercises : tuple of Exercise
        In the lesson's order.
    needs : dict of str to list of str
        For names that given cells define: the functions of exercises without which there is no such name.
    """

    name: str
    module: str
    exercises: tuple[Exercise, ...]
    needs: dict[str, list[str]]

    def of_function(self, name: str) -> Exercise | None:
        """The exercise in which a function, or a class, is written."""
        return next((each for each in self.exercises if name in each.functions), None)

    def of_check(self, name: str) -> Exercise | None:
        """The exercise to which a visible check belongs."""
        return next((each for each in self.exercises if name in each.checks), None)


@cache
def units() -> tuple[UnitTable, ...]:
    """All units of the course; none where `course build` has not written the table yet."""
    path = Path(__file__).with_name(TABLE)
    if not path.is_file():
        return ()
    table = json.loads(path.read_text(encoding="utf-8"))
    return tuple(
        UnitTable(name, unit["module"], tuple(map(_exercise, unit["exercises"])), unit["needs"])
        for name, unit in table.items()
    )


def _exercise(entry: dict[str, Any]) -> Exercise:
    lists = {key: tuple(value) for key, value in entry.items() if isinstance(value, list)}
    return Exercise(**(entry | lists))


def unit_of_module(module: str) -> UnitTable | None:
    """The unit whose module of checks has this name: "explicit_als"."""
    return next((unit for unit in units() if unit.module == module), None)


def unit_named(name: str) -> UnitTable:
    """The unit in the folder of this name: "02-explicit-als".

    Raises
    ------
    ValueError
        If there is no such unit; the message lists those that there are.
    """
    for unit in units():
        if unit.name == name:
            return unit
    raise ValueError(f"There is no unit {name!r}. The units are: {', '.join(unit.name for unit in units())}.")


def number(points: float) -> str:
    """A number of points as one writes it: "2", "½", "1½"."""
    whole, half = divmod(points, 1)
    return f"{whole:.0f}" * bool(whole or not half) + "½" * bool(half)


def in_points(points: float) -> str:
    """A number of points with its noun: "½ point", "1 point", "1½ points"."""
    return f"{number(points)} point{'s' * (points > 1)}"
