"""How does an exercise stand with what the notebook defines now?"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from contextlib import redirect_stdout
from importlib import import_module
from io import StringIO
from typing import Any

from course_utils.checks.exercises import Exercise, UnitTable
from course_utils.checks.outcome import OPEN, Outcome, judge, passed

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
        except Exception as error:
            return judge(unit, exercise, error)
    return passed(exercise)
