"""What does a student's function return in several cases? They are asked for together.

In grading the function is in another process, and each request takes time: one for all cases takes less than
one for each. What is asked twice (see `call`) is the first of them: once more when all others are answered.
A case is a name, with which the sentences on it begin, and the arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_utils.checks.call import array_in, codes_in, made_by, number_in, result_of
from course_utils.checks.promises import Promises

Cases = Sequence[tuple[str, tuple[Any, ...]]]


def results_for(function: Callable, cases: Cases) -> list[Any]:
    """What a student's function returns in each case; a missing `return` becomes a sentence."""
    __tracebackhide__ = True
    first, *others = (
        Promises(name, function, arguments, {}, leads=place == 0)
        for place, (name, arguments) in enumerate(cases)
    )
    once, *again = first.calls()
    calls = [once, *(each for other in others for each in other.calls()), *again]
    try:
        made = made_by(cases[0][0], function, calls)
    except AssertionError:
        for promises in (first, *others):  # was something spoiled before it crashed?
            promises.arguments_stay()
        for name, arguments in cases:  # in which of them did it crash?
            result_of(name, function, *arguments)
        raise
    results, repeated = list(made[: len(cases)]), made[len(cases) :]
    first.kept(results[0], *repeated)
    for promises, result in zip(others, results[1:], strict=True):
        promises.kept(result)
    for (name, _), result in zip(cases, results, strict=True):
        assert result is not None, f"{name} returned None: does its last line say `return`?"
    return results


def numbers_for(function: Callable, cases: Cases) -> list[float]:
    """The one number that a student's function returns in each case. See `number_of`."""
    __tracebackhide__ = True
    results = results_for(function, cases)
    return [number_in(name, result) for (name, _), result in zip(cases, results, strict=True)]


def arrays_for(
    function: Callable, cases: Sequence[tuple[str, tuple[Any, ...], tuple[int, ...]]]
) -> list[np.ndarray]:
    """The array of finite floats that a student's function returns in each case. See `array_of`.

    The third part of a case is the shape that the array must have.
    """
    __tracebackhide__ = True
    results = results_for(function, [(name, arguments) for name, arguments, _ in cases])
    return [array_in(name, result, shape) for (name, _, shape), result in zip(cases, results, strict=True)]


def codes_for(function: Callable, cases: Cases) -> list[list[int]]:
    """The row of codes that a student's function returns in each case. See `codes_of`."""
    __tracebackhide__ = True
    results = results_for(function, cases)
    return [codes_in(name, result) for (name, _), result in zip(cases, results, strict=True)]
