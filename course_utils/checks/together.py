"""What does a student's function return in several cases? They are asked for together.

In grading the function is in another process, and each request takes time: one for all cases takes less than
one for each. A case is a name, with which the sentences on it begin, and the arguments. Small calls are made
twice (see `call`): all cases are asked for in their order, and then once more, backwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from itertools import combinations
from typing import Any

import numpy as np

from course_utils.checks.call import array_in, codes_in, made_by, number_in, result_of
from course_utils.checks.promises import Promises, arrays_in, twin_of

Cases = Sequence[tuple[str, tuple[Any, ...]]]


def results_for(function: Callable, cases: Cases) -> list[Any]:
    """What a student's function returns in each case; a missing `return` becomes a sentence."""
    __tracebackhide__ = True
    asked = [
        Promises(name, function, arguments, {}, leads=place == 0)
        for place, (name, arguments) in enumerate(_apart(cases))
    ]
    once, again = zip(*((first, more) for first, *more in (each.calls() for each in asked)), strict=True)
    repeated = [place for place, more in reversed(list(enumerate(again))) if more]
    try:
        made = made_by(cases[0][0], function, [*once, *(again[place][0] for place in repeated)])
    except AssertionError:
        for promises in asked:  # was something spoiled before it crashed?
            promises.arguments_stay()
        for name, arguments in cases:  # in which of them did it crash?
            result_of(name, function, *arguments)
        raise
    results = list(made[: len(cases)])
    if _share_memory(results):  # who writes each answer into the same array: one is looked at before the next
        return [deepcopy(result_of(name, function, *arguments)) for name, arguments in cases]
    second_answers = dict(zip(repeated, made[len(cases) :], strict=True))
    for place, (promises, (name, _), result) in enumerate(zip(asked, cases, results, strict=True)):
        second = [second_answers[place]] if place in second_answers else []
        promises.kept(result, *second)
        assert result is not None, f"{name} returned None: does its last line say `return`?"
    return results


def _apart(cases: Cases) -> list[tuple[str, tuple[Any, ...]]]:
    """The cases, none of which has an object of another one: what is done to it in one would show in both."""
    seen: set[int] = set()
    apart = []
    for name, arguments in cases:
        apart.append((name, tuple(twin_of(each) if id(each) in seen else each for each in arguments)))
        seen |= {id(each) for each in arguments}
    return apart


def _share_memory(results: list[Any]) -> bool:
    arrays = [[array for _, array in arrays_in(result)] for result in results]
    return any(
        np.may_share_memory(one, other)
        for ours, theirs in combinations(arrays, 2)
        for one in ours
        for other in theirs
    )


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
