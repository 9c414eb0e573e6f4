"""In which line of the student's own did an exception come up, and which line led there?"""

from __future__ import annotations

import linecache
import sys
from dataclasses import dataclass
from types import FrameType
from typing import Any

MAX_LINE = 80  # characters of a line that a sentence quotes
MAX_MESSAGE = 200  # characters of an exception's message


@dataclass(frozen=True)
class OwnLine:
    """A line of a function in the notebook."""

    function: str
    number: int
    text: str


def shell() -> Any:
    """IPython's shell, if this Python runs a notebook; None in pytest, a script, or the grader."""
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def own_lines(error: BaseException) -> list[OwnLine]:
    """The lines of the notebook's functions on the way of an exception, the innermost last."""
    found = []
    for frame, number in _frames(error):
        if is_own(frame):
            text = linecache.getline(frame.f_code.co_filename, number, frame.f_globals).strip()
            found.append(OwnLine(_outermost_name(frame), number, _cut(text, MAX_LINE)))
    return found


def raised_in_own_line(error: BaseException) -> bool:
    """Whether a line of the notebook's functions raised an exception itself, and nothing that it calls."""
    frames = [frame for frame, _ in _frames(error)]
    return bool(frames) and is_own(frames[-1])


def stopped(label: str, function: str, error: BaseException) -> str:
    """The sentence on a student's function that stopped with an exception: which, and in which line.

    Parameters
    ----------
    label : str
        What the sentence begins with.
    function : str
        Name of the function that was called. A line of another one, which it called, is named with that, and
        so is the line that called it.
    error : Exception
        What was raised.
    """
    message = _cut(" ".join(message_of(error).split()), MAX_MESSAGE)
    sentence = f"{label} stopped with {type(error).__name__}" + (f": {message}" if message else "")
    lines = own_lines(error)
    if not lines:
        return sentence
    sentence = f"{sentence.rstrip('.')} in {_place(lines[-1], function)}"
    # Whoever handed that function something wrong is the one to correct.
    callers = [line for line in lines if line.function != lines[-1].function]
    return f"{sentence}; called in {_place(callers[-1], function)}" if callers else sentence


def _place(line: OwnLine, function: str) -> str:
    """A line, for somebody who asks about a function: "your line 7: x = A / b"."""
    of_another = line.function != function
    where = f"line {line.number} of your {line.function}" if of_another else f"your line {line.number}"
    return f"{where}: {line.text}"


def is_own(frame: FrameType) -> bool:
    """Whether a frame is one of a function that a cell of the notebook defines."""
    running = shell()
    return running is not None and frame.f_globals is running.user_ns and frame.f_code.co_name != "<module>"


def _frames(error: BaseException) -> list[tuple[FrameType, int]]:
    frames, step = [], error.__traceback__
    while step is not None:
        frames.append((step.tb_frame, step.tb_lineno))
        step = step.tb_next
    return frames


def own_function(error: BaseException) -> str:
    """The name of the innermost of the notebook's functions on the way of an exception, or nothing."""
    lines = own_lines(error)
    return lines[-1].function if lines else ""


def _outermost_name(frame: FrameType) -> str:
    """Of a method its class, of a function within a function the outer one: what a cell defines."""
    return frame.f_code.co_qualname.partition(".")[0]


def message_of(error: BaseException) -> str:
    """What an exception says; nothing if it cannot say it."""
    try:
        return str(error)
    except Exception:  # the class is a student's, and so is its __str__
        return ""


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
