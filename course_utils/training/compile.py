"""Does a student's step give the same as machine code, and if not, why?

A factorization takes millions of steps of a few dozen numbers each: in plain Python minutes, compiled to
machine code by numba well under a second. What is compiled is the student's own function, and only if it does
the same.
"""

from __future__ import annotations

import contextlib
import copy
import io
import numbers
import warnings
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from course_utils.training.machine_code import COMPILES, FAST_SUMS, WITHOUT, njit


def compile_step(step: Callable, trials: Sequence[tuple]) -> tuple[Callable, str]:
    """Machine code for a function of arrays and numbers, if it does the same as the function.

    The trials run first in plain Python, so that a mistake in the function shows as the ordinary error that
    it is: compiled code does not look whether an index is in range. Then they run compiled, and are compared.

    Parameters
    ----------
    step : callable
        Plain Python on NumPy arrays and numbers; it may change its arguments in place.
    trials : sequence of tuples
        Arguments of a few calls, made one after the other on copies; at least one. They should hold the
        largest indices that will occur, and arrays of the dtypes and memory layout of the real run.

    Returns
    -------
    fast : callable
        A compiled function of the same arguments, or `step` itself.
    obstacle : str
        Why it is `step` itself, in a line; empty if it is compiled.

    Raises
    ------
    Exception
        Whatever `step` raises on a trial.
    """
    with np.errstate(all="ignore"):
        expected = _outcome(step, trials)
    if not COMPILES:
        return step, WITHOUT
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numba's hints on performance: nothing may reach standard error
        try:
            fast = _jit(step)
            same = _same(_outcome(fast, trials), expected)
        except Exception as error:  # of many kinds; whatever it is, the step runs without numba
            return step, f"numba says {_first_sentence(error)!r}"
    return (fast, "") if same else (step, "compiled, it gives other numbers")


def try_once(step: Callable, arguments: tuple, returns: str | None = None) -> None:
    """Call a step on copies of its arguments; if it prints, say that this is left out in training.

    Parameters
    ----------
    step : callable
        Plain Python on NumPy arrays and numbers.
    arguments : tuple
        Its arguments; they stay as they are.
    returns : str, optional
        What it has to return, in words: a number. Without it, anything will do.

    Raises
    ------
    TypeError
        If it does not return a number and should.
    """
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), np.errstate(all="ignore"):
            returned = step(*copy.deepcopy(arguments))
    finally:
        print(said.getvalue(), end="")
    if returns and not isinstance(returned, numbers.Real):
        raise TypeError(f"{step.__name__} returned {returned!r}; it should return {returns}.")
    if said.getvalue():
        print(f"{step.__name__} prints something: while it trains, that is left out.")


@lru_cache(maxsize=8)  # a step that is trained with again, at another η say, is not compiled again
def _jit(step: Callable) -> Callable:
    # Imported late: it is made of numba's parts.
    from course_utils.training.dot import InlineDot

    return njit(step, pipeline_class=InlineDot, fastmath=FAST_SUMS)


def _outcome(function: Callable, trials: Sequence[tuple]) -> list[np.ndarray]:
    """All that the calls return and leave in their arguments; an array that they share stays shared."""
    trials = copy.deepcopy(list(trials))
    returned = [function(*arguments) for arguments in trials]
    return [np.asarray(value) for values in [returned, *trials] for value in values]


def _same(got: list[np.ndarray], expected: list[np.ndarray]) -> bool:
    return all(
        a.shape == b.shape and (a.dtype == b.dtype == object or np.allclose(a, b, equal_nan=True))
        for a, b in zip(got, expected, strict=True)
    )


def _first_sentence(error: Exception) -> str:
    """What is wrong in one line: numba's messages run over pages and start with the stage that failed."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith(("Failed in", "During:", "File "))]
    return (telling or [type(error).__name__])[0].rstrip(".")
