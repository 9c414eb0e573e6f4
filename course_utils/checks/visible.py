"""Where does a visible check speak? In a notebook alone.

Where there is none (in pytest, in the grader's examiner) it is the function that it was: silent when all is
well, and an AssertionError with its sentence when not.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from course_utils.checks.exercises import unit_of_module
from course_utils.checks.outcome import judge, passed, shown
from course_utils.checks.own_lines import shell
from course_utils.checks.standing import with_blame


def visible(check: Callable) -> Callable:
    """Let a visible check speak in a notebook; the decorator of all checks that students have."""

    @wraps(check)
    def speaking(*implementations: Any, **settings: Any) -> None:
        __tracebackhide__ = True
        unit = unit_of_module(check.__module__.rpartition(".")[2]) if shell() is not None else None
        exercise = None if unit is None else unit.of_check(check.__name__)
        if unit is None or exercise is None:
            check(*implementations, **settings)
            return
        failure = None
        try:
            check(*implementations, **settings)
        except KeyboardInterrupt as error:  # by hand or by a time limit: nothing more is run
            failure = shown(*judge(unit, exercise, error))
        except Exception as error:
            outcome = judge(unit, exercise, error)
            failure = shown(*with_blame(outcome, unit, exercise, check, shell().user_ns))
        if failure is not None:  # raised here, so that it has no other exception for its context
            raise failure
        if check.__name__ == exercise.checks[-1]:  # of several, the last speaks for all
            print(passed(exercise).line)

    return speaking
