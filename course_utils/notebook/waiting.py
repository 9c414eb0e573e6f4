"""Why can a cell not run? Because an exercise that it needs is not written: one line says which.

A given cell calls what the student writes. Before that is written it would end in a traceback that runs
through the stub, and the cells after it in a NameError on what it should have defined.
"""

from __future__ import annotations

import ast
import dis
from types import CodeType, TracebackType
from typing import Any

from course_utils.checks.exercises import UnitTable
from course_utils.checks.outcome import OPEN, needs, shown
from course_utils.checks.own_lines import shell


def explain_waiting(unit: UnitTable) -> None:
    """Let this notebook's cells say what they wait for; nothing outside a notebook."""
    running = shell()
    if running is None:
        return

    def show(
        self: Any,
        kind: type[BaseException],
        error: BaseException,
        traceback: TracebackType,
        tb_offset: int | None = None,
    ) -> None:
        spoken = hasattr(error, "_render_traceback_")  # a check has said it already
        if not spoken and (line := line_on(unit, error, self.user_ns)):
            error = shown(OPEN, line).with_traceback(traceback)
            _forget(unit, self)
        self.showtraceback((type(error), error, error.__traceback__), tb_offset=tb_offset)

    running.set_custom_exc((NotImplementedError, NameError), show)


def line_on(unit: UnitTable, error: BaseException, names: dict[str, Any]) -> str:
    """The line on an exception that ended a cell; empty if it has nothing to do with an exercise.

    Parameters
    ----------
    names : dict
        What the notebook defines.
    """
    if said := needs(unit, error):
        return f"{OPEN} {said}."
    missing = error.name if isinstance(error, NameError) else None
    if missing not in unit.needs or missing in names:
        return ""
    for function in unit.needs[missing]:
        exercise = unit.of_function(function)
        if exercise is not None and not is_written(names.get(function)):
            return f"{OPEN} needs {exercise.number} {function}, without which there is no `{missing}`."
    return f"{OPEN} needs the cell above that makes `{missing}`: it has not run, or not to its end."


def _forget(unit: UnitTable, running: Any) -> None:
    """Take away what the cell that just ended would have made: an older value of that name would mislead."""
    try:
        tree = ast.parse(running.transform_cell(running.user_ns["In"][-1]))
    except (SyntaxError, LookupError):  # not a cell of this notebook's
        return
    made = {
        each.id for each in ast.walk(tree) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    }
    for name in made & unit.needs.keys():
        running.user_ns.pop(name, None)


def is_written(function: Any) -> bool:
    """Whether a student's function, or class, is there and no longer what they were handed."""
    if function is None:
        return False
    methods = vars(function).values() if isinstance(function, type) else [function]
    return not any(_only_raises(method.__code__) for method in methods if hasattr(method, "__code__"))


def _only_raises(code: CodeType) -> bool:
    """Whether code has a `raise NotImplementedError()` behind which nothing is left to run.

    Somebody who raises it under a condition, or has left it behind a `return`, has written the exercise.
    """
    if "NotImplementedError" not in code.co_names:
        return False
    return not any(step.opname.startswith("RETURN") for step in dis.get_instructions(code))
