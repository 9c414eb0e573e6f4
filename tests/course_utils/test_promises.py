"""Does every call of a check prove what all docstrings promise, without a word in the check?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from course_utils.checks.call import call, refusal_of, results_of
from course_utils.checks.contract import CONTRACTS
from tests.course_utils.broken_promises import BROKEN, PRELUDE, ratings
from tests.verdicts import UNITS, exercises


def defined(source: str) -> Callable:
    """The function ``f`` of a source."""
    names: dict = {}
    exec(PRELUDE + source, names)
    return names["f"]


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_promise_is_named(broken: str) -> None:
    source, exercise, arguments, says = BROKEN[broken]
    with pytest.raises(AssertionError) as said:
        call(exercise, defined(source), *(make() for make in arguments))
    assert says in str(said.value)
    assert str(said.value).startswith(exercise)


def test_every_exercise_has_a_contract() -> None:
    assert {name for unit in UNITS for name in exercises(unit)} == CONTRACTS.keys()


def test_what_an_exercise_declares_in_place_may_change_in_any_layout() -> None:
    step = defined("def f(X, Y, *_):\n X[0] += 1\n return 0.5")
    for make in (np.ascontiguousarray, np.asfortranarray, lambda a: np.repeat(a, 2, axis=1)[:, ::2]):
        X, Y = make(np.zeros((3, 2))), np.zeros((4, 2))
        assert call("bpr_step", step, X, Y, 0, 1, 2, 0.1, 0.1) == 0.5
        assert X.tolist() == [[1, 1], [0, 0], [0, 0]]


def test_spoiled_arguments_are_named_in_a_refusal_too() -> None:
    refuse = defined("def f(users, *_):\n users[0] = 9\n raise ValueError('no')")
    with pytest.raises(AssertionError, match="users was changed"):
        refusal_of("to_csr", "it must", refuse, np.array([1]), np.array([1]), np.array([1.0]), (1, 1))


def test_a_costly_call_is_made_once_and_a_large_one_too() -> None:
    counted: list[int] = []

    def count(*_: object) -> float:
        counted.append(1)
        return 1.0

    call("fit_als", count, ratings())
    call("density", count, np.zeros(100_000))
    assert len(counted) == 2
    call("density", count, ratings())
    assert len(counted) == 4


def test_not_a_number_is_no_change() -> None:
    values = np.array([np.nan, 1.0])
    assert call("rmse", lambda actual, predicted: 1.0, values, torch.tensor([float("nan")])) == 1.0


def test_scipy_may_put_the_columns_of_a_row_in_order() -> None:
    R = ratings()
    assert call("density", lambda R: R.sort_indices() or 0.25, R) == 0.25
    assert R.indices.tolist() == [1, 3, 0]


def test_draws_that_are_made_in_turn_keep_the_same_promises() -> None:
    name, rng = "sample_negative", np.random.default_rng(0)
    draw = defined("def f(positives, n, rng): return int(rng.integers(n))")
    assert results_of(name, draw, np.array([1]), 9, rng, times=5) == [
        int(n) for n in np.random.default_rng(0).integers(9, size=5)
    ]
    for body, says in {
        "return None": "does its last line say `return`",
        "positives[0] = 2\n return 1": "positives was changed",
        "return int(np.random.randint(n))": "the global generator of NumPy",
        "return 1 // 0": "stopped with ZeroDivisionError",
    }.items():
        with pytest.raises(AssertionError, match=says):
            results_of(name, defined(f"def f(positives, n, rng):\n {body}"), np.array([1]), 9, rng, times=3)
