"""How did an exercise go? Wrong, crashed and not attempted are different things to a student."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from enum import StrEnum

from nbconvert.filters import strip_ansi
from nbformat import NotebookNode

from grader.cells import TIMEOUT, is_untouched
from grader.record import Flag


class State(StrEnum):
    """How an exercise, or one test cell of it, went; the value is what people read."""

    FULL = "all points"
    WRONG = "wrong"
    PARTLY = "partly right"
    UNTOUCHED = "not attempted"
    CRASHED = "stopped with an error"
    TIMED_OUT = "took too long"
    WAITS = "waits for a person"


FRAME = re.compile(r"^Cell\s+In\[(\d+)\]")

# Of several test cells the first of these names the exercise: it hides what the others would have found.
_FIRST = (State.TIMED_OUT, State.CRASHED, State.WRONG, State.PARTLY)


def state_of_test(
    cell: NotebookNode,
    points: float | None,
    maximum: float,
    flags: Iterable[str] = (),
    tests: Set[str] = frozenset(),
) -> State:
    """How one graded cell went, from its points and the outputs of its run.

    Parameters
    ----------
    cell : NotebookNode
        The graded cell, executed; a written answer has no outputs.
    points : float or None
        None while a person still has to give them.
    maximum : float
        Points that it is worth.
    flags : iterable of str
        The submission's flags: a cell that was not run has no number, and no output that says why.
    tests : set of str
        Numbers of the runs of test cells, whose frames are not the student's; none are left on a page.
    """
    if points is None:
        return State.WAITS
    if points >= maximum:
        return State.FULL
    if is_untouched(cell):
        return State.UNTOUCHED
    errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
    if errors:
        return _state_of_error(errors[-1], flags, tests)
    if cell.cell_type == "code" and cell.execution_count is None:
        return _stopped(flags)
    return State.PARTLY if points > 0 else State.WRONG


def _state_of_error(error: NotebookNode, flags: Iterable[str], tests: Set[str]) -> State:
    if error.ename == TIMEOUT:
        return State.TIMED_OUT
    if error.ename == "KernelStopped":
        return _stopped(flags)
    # Where the student's code raised, many checks say so in an assertion: its traceback has both.
    wrong = error.ename == "AssertionError" and not own_frame([error], tests)
    return State.WRONG if wrong else State.CRASHED


def _stopped(flags: Iterable[str]) -> State:
    """How a cell went that could not be run, or not to its end."""
    overtime = Flag.TIMEOUT in flags and Flag.KERNEL_DIED not in flags
    return State.TIMED_OUT if overtime else State.CRASHED


def state_of_exercise(tests: list[State], untouched: bool) -> State:
    """How an exercise went, from its test cells and whether its cell is as it was handed out."""
    if all(state is State.FULL for state in tests):
        return State.FULL
    if State.WAITS in tests:
        return State.WAITS
    if untouched or State.UNTOUCHED in tests:
        return State.UNTOUCHED
    worst = next(state for state in _FIRST if state in tests)
    return State.PARTLY if worst is State.WRONG and State.FULL in tests else worst


def own_frame(outputs: list[NotebookNode], tests: Set[str] = frozenset()) -> str:
    """The last frame of the last traceback that is in the student's code; empty if none is.

    Parameters
    ----------
    outputs : list of NotebookNode
        Outputs of a test cell.
    tests : set of str
        Numbers of the runs of test cells, as in ``Cell In[7]``.
    """
    for output in reversed(outputs):
        if output.output_type == "error":
            frames = map(strip_ansi, output.traceback)
            own = [frame for frame in frames if (of := FRAME.match(frame)) and of.group(1) not in tests]
            return own[-1].rstrip() if own else ""
    return ""
