"""Does a student's loop end? The lines that it runs are counted, and too many become a sentence."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any


class EndlessLoopError(AssertionError):
    """A function ran more lines than any right one."""


def within_lines(
    name: str, advice: str, function: Callable, n_lines: int = 100_000, how: str = "loops for ever"
) -> Callable:
    """A function that does as `function` does and stops when it has run too many lines.

    Lines are counted, not seconds, so that a busy machine changes nothing. What a function does once (an
    import, a compilation by numba) runs many lines: call it before, on something on which nobody loops.

    Parameters
    ----------
    name : str
        The function's name; the sentence begins with it.
    advice : str
        What is wrong with a loop that never ends, and what to do.
    function : callable
        The student's function.
    n_lines : int
        How many lines it may run, those of the functions that it calls included.
    how : str
        What a function does that runs more, as the sentence has it after the name.

    Returns
    -------
    callable
        It raises EndlessLoopError, an AssertionError, at the line that is one too many.
    """

    @wraps(function, assigned=("__name__",))  # in grading each look at it asks another process
    def counted(*arguments: Any, **settings: Any) -> Any:
        __tracebackhide__ = True
        left = n_lines

        def count(frame, event, argument):
            nonlocal left
            left -= 1
            if left <= 0:
                raise EndlessLoopError(f"{name} {how}: {advice}")
            return count

        before = sys.gettrace()
        sys.settrace(count)
        try:
            return function(*arguments, **settings)
        finally:
            sys.settrace(before)

    return counted
