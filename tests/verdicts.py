"""What do the checks of an exercise say of an implementation of it?"""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Callable
from functools import cache

from authoring.expand import exercises_of
from authoring.lesson import Role, find_units, read_lesson
from tests.conftest import ROOT
from tests.mutants import unit_modules

UNITS = {unit.module: unit for unit in find_units(ROOT)}
modules_of = cache(unit_modules)  # a unit is loaded when it is asked for


def exercises(unit: str) -> list[str]:
    """The exercises of a unit, in the order of its lesson."""
    return [
        name
        for cell in read_lesson(UNITS[unit].lesson)
        if cell.role is Role.EXERCISE
        for name in exercises_of(UNITS[unit], cell)
    ]


def checks_by_exercise(unit: str) -> dict[str, list[Callable]]:
    """The checks of each exercise; a check belongs to the exercise that its first parameter names."""
    checks = defaultdict(list)
    for check in modules_of(unit).checks().values():
        checks[next(iter(inspect.signature(check).parameters))].append(check)
    return checks


def right_work(unit: str, exercise: str) -> dict[str, Callable]:
    """The implementations of an exercise that are right: the reference, and the alternatives by name."""
    modules = modules_of(unit)
    reference = getattr(modules.solutions, exercise)
    return {"the reference": reference} | modules.mutants.ALTERNATIVES.get(exercise, {})


@cache
def draws(check: Callable) -> bool:
    """Whether what a check does depends on its seed."""
    return "seed" in inspect.signature(check).parameters


def verdict(
    unit: str, check: Callable, exercise: str, implementation: Callable, seed: int | None = None
) -> str | None:
    """What the check says of an implementation; None if it accepts it.

    Parameters
    ----------
    unit, exercise : str
        Where the exercise stands; the check's other parameters are the unit's reference solutions.
    check : callable
        A check of the exercise.
    implementation : callable
        What stands in for the exercise.
    seed : int, optional
        For a check that draws; without it, the seed under which students are graded.
    """
    names = set(inspect.signature(check).parameters) - {"seed"}
    arguments = {name: getattr(modules_of(unit).solutions, name) for name in names} | {
        exercise: implementation
    }
    try:
        returned = check(**arguments) if seed is None else check(**arguments, seed=seed)
    except AssertionError as failure:
        assert str(failure), f"{check.__name__} fails without a message"
        return str(failure)
    assert returned is None, f"{check.__name__} must return None: nbgrader would take its value for the score"
    return None
