"""How does an exercise stand with what the notebook defines now, and is an earlier one to blame for it?"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stdout
from importlib import import_module
from io import StringIO
from types import CodeType
from typing import Any

from course_utils.checks.exercises import Exercise, UnitTable
from course_utils.checks.outcome import OPEN, WRONG, Outcome, judge, passed

BY_A_PERSON = "✎"


def standing(unit: UnitTable, exercise: Exercise, names: Mapping[str, Any]) -> Outcome:
    """How one exercise stands: its visible checks run, and say nothing."""
    if exercise.written:
        return Outcome(BY_A_PERSON, "")
    module = import_module(f"course_utils.checks.{unit.module}")
    for name in exercise.checks:
        check = inspect.unwrap(getattr(module, name))
        parameters = inspect.signature(check).parameters.values()
        wanted = [each.name for each in parameters if each.default is each.empty]
        if missing := [name for name in wanted if name not in names]:
            return Outcome(OPEN, f"{OPEN} {exercise.name} · {missing[0]} is not there: run its cell.")
        try:
            with redirect_stdout(StringIO()):
                check(*(names[name] for name in wanted))
        except (
            Exception,
            KeyboardInterrupt,
        ) as error:  # one exercise is interrupted, and the next is looked at
            return judge(unit, exercise, error)
    return passed(exercise)


def with_blame(
    outcome: Outcome, unit: UnitTable, exercise: Exercise, check: Callable, names: Mapping[str, Any]
) -> Outcome:
    """What is said of an exercise; if it builds on one that is wrong itself, that is named, too.

    Parameters
    ----------
    outcome : Outcome
        How the exercise stands.
    check : callable
        The check that says so; it may have been given functions of earlier exercises.
    names : dict
        What the notebook defines.
    """
    if outcome.sign != WRONG:
        return outcome
    used = _used({*exercise.functions, *inspect.signature(check).parameters}, names)
    for other in unit.exercises[: unit.exercises.index(exercise)]:
        if used.intersection(other.functions) and standing(unit, other, names).sign == WRONG:
            said = f"Correct {other.name} first, which this uses: its own checks reject it."
            return Outcome(outcome.sign, f"{outcome.line} · {said}")
    return outcome


def _used(functions: Iterable[str], names: Mapping[str, Any]) -> set[str]:
    """These functions' names, and those of all that they call or look up in the notebook."""
    used: set[str] = set()
    ahead = list(functions)
    while ahead:
        name = ahead.pop()
        if name in used:
            continue
        used.add(name)
        defined = names.get(name)
        parts = vars(defined).values() if isinstance(defined, type) else [defined]
        for part in parts:
            if isinstance(code := getattr(part, "__code__", None), CodeType):
                ahead += _looked_up(code)
    return used


def _looked_up(code: CodeType) -> set[str]:
    within = [each for each in code.co_consts if isinstance(each, CodeType)]
    return set(code.co_names).union(*map(_looked_up, within))
