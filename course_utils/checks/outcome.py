"""What does a student read when a check has run? One line: ✓ passed, ✗ wrong, or ○ not written yet."""

from __future__ import annotations

import os
import re
import textwrap
from typing import NamedTuple

from course_utils.checks.exercises import Exercise, UnitTable, in_points, number
from course_utils.checks.own_lines import own_function, raised_in_own_line, stopped

PASSED, WRONG, OPEN = "✓", "✗", "○"
STUB = "raise NotImplementedError()"
VALIDATE_COLUMNS = 96
MAX_SENTENCE = 450  # characters: six lines of a hundred, with the name in front and what is to blame behind


class Outcome(NamedTuple):
    """How an exercise stands: a sign, and the line that says why."""

    sign: str
    line: str


def passed(exercise: Exercise) -> Outcome:
    """The line on an exercise whose visible checks have all passed."""
    said = f"{number(exercise.visible)} of {in_points(exercise.points)}."
    if exercise.hidden:
        said += f" Hidden checks ({in_points(exercise.hidden)}) look at: {exercise.looks_at}"
    return Outcome(PASSED, f"{PASSED} {exercise.name} · {said}")


def judge(unit: UnitTable, exercise: Exercise, error: BaseException) -> Outcome:
    """What an exception that came out of a check says about an exercise."""
    if open_line := _waits(unit, exercise, error):
        return Outcome(OPEN, open_line)
    if isinstance(error, AssertionError) and not raised_in_own_line(error):
        return Outcome(WRONG, _with_name(exercise, str(error)))
    name = exercise.functions[0]
    if isinstance(error, KeyboardInterrupt):
        return Outcome(WRONG, _with_name(exercise, f"{stopped(name, name, error)} · Does a loop never end?"))
    if own_function(error):
        return Outcome(WRONG, _with_name(exercise, stopped(name, name, error)))
    sentence = (
        f"what it returns cannot be checked ({type(error).__name__}: {error}): is it of the right kind?"
    )
    return Outcome(WRONG, _with_name(exercise, sentence))


def needs(unit: UnitTable, error: BaseException) -> str:
    """What an exception says of an exercise that is not written, or not there; empty if it is about none.

    Returns
    -------
    str
        For example "needs 2.3 solve_row, which is not written yet".
    """
    if isinstance(error, NotImplementedError) and raised_in_own_line(error):
        found, why = unit.of_function(own_function(error)), "which is not written yet"
    elif isinstance(error, NameError) and error.name:
        found, why = unit.of_function(error.name), "which is not there: run the cell in which you write it"
    else:
        return ""
    return f"needs {found.name}, {why}" if found else ""


def shown(sign: str, line: str) -> Exception:
    """The exception for a line: IPython shows the line and nothing else.

    It is an AssertionError for what is wrong and a NotImplementedError for what is open, as it would be
    without this module: whoever grades or reads a notebook tells them apart.
    """
    return one_line(NotImplementedError(line) if sign == OPEN else AssertionError(line), line)


def one_line(error: Exception, line: str) -> Exception:
    """The same exception, of which IPython shows a line and nothing else."""
    # IPython, and with it every kernel, asks an exception for its traceback.
    vars(error)["_render_traceback_"] = lambda: _on_screen(line)
    return error


def _on_screen(line: str) -> list[str]:
    # The window of Validate cuts long lines off; what JupyterLab and terminals show they wrap themselves.
    return textwrap.wrap(line, VALIDATE_COLUMNS) if os.environ.get("NBGRADER_EXECUTION") else [line]


def _waits(unit: UnitTable, exercise: Exercise, error: BaseException) -> str:
    # The checks' `call` makes a sentence of a NameError, which is then its cause.
    cause = error if isinstance(error, NotImplementedError | NameError) else error.__cause__
    if cause is None or not (said := needs(unit, cause)):
        return ""
    if isinstance(cause, NotImplementedError) and unit.of_function(own_function(cause)) == exercise:
        return f"{OPEN} {exercise.name} · not written yet: put your code in place of {STUB}."
    return f"{OPEN} {exercise.name} · {said}."


def _with_name(exercise: Exercise, sentence: str) -> str:
    """The line of a sentence: the exercise's name is in front, once."""
    sentence = " ".join(sentence.split())
    if len(sentence) > MAX_SENTENCE:
        sentence = f"{sentence[:MAX_SENTENCE]}…"
    first = re.match(r"\w*", sentence)
    if first and first[0] in exercise.functions:
        return f"{WRONG} {exercise.number} {sentence}"
    return f"{WRONG} {exercise.name} · {sentence}"
