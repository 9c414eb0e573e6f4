"""Does every call of a check prove what all docstrings promise, without a word in the check?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array

from course_utils.checks.alternating import half_steps_for
from course_utils.checks.awkward import layouts, rating_matrices
from course_utils.checks.call import call, refusal_of, results_of
from course_utils.checks.contract import CONTRACTS
from course_utils.checks.promises import twin_of
from course_utils.checks.together import arrays_for, codes_for, numbers_for
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


def some_cases() -> list[tuple[str, tuple]]:
    return [(f"density (of {n})", (np.arange(n) + 1.0,)) for n in (2, 3, 4)]


def test_cases_are_asked_for_in_their_order_and_once_more_backwards() -> None:
    lengths: list[int] = []

    def count(array: np.ndarray) -> float:
        lengths.append(len(array))
        return float(len(array))

    assert numbers_for(count, some_cases()) == [2.0, 3.0, 4.0]
    assert lengths == [2, 3, 4, 4, 3, 2]


def test_what_one_case_spoils_another_does_not_put_right() -> None:
    shared = csr_array(np.diag([1.0, 2.0]))
    with pytest.raises(AssertionError, match="R.data was changed"):
        numbers_for(
            defined("def f(R, x):\n R.data *= -1\n return x"), [("density", (shared, x)) for x in (1.0, 2.0)]
        )


def test_a_twin_lies_in_memory_as_the_value_does() -> None:
    for name, array in layouts(np.arange(6.0).reshape(2, 3)).items():
        twin = twin_of(array)
        assert (twin == array).all() and not np.shares_memory(twin, array), name
        assert (twin.strides, twin.flags.writeable) == (array.strides, array.flags.writeable), name
    for name, R in rating_matrices().items():
        for matrix in (R, R.T):
            twin = twin_of(matrix)
            assert type(twin) is type(matrix) and (twin != matrix).nnz == 0, name
            for part in ("data", "indices", "indptr"):
                mine, its = getattr(matrix, part), getattr(twin, part)
                assert mine.dtype == its.dtype and mine.flags.writeable == its.flags.writeable, name
                assert mine.tolist() == its.tolist() and not np.shares_memory(mine, its), name


def test_whoever_writes_each_answer_into_one_array_is_asked_one_by_one() -> None:
    buffered = defined("out = {}\ndef f(a):\n o = out.setdefault(0, np.zeros(1))\n o[:] = a.sum()\n return o")
    cases = [(name, arguments, (1,)) for name, arguments in some_cases()]
    assert [array.item() for array in arrays_for(buffered, cases)] == [3.0, 6.0, 10.0]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("return 1 / (4 - len(a))", "density (of 4) "),  # which of them crashed
        ("return None if len(a) == 3 else 1.0", "density (of 3) returned None"),
        ("a[0] += len(a) == 4; return 1.0", "density (of 4): R was changed"),
        ("a[0] += len(a) == 3; return 1 / (4 - len(a))", "density (of 3): R was changed"),
        ("return np.ones(len(a))", "density (of 2) returns one number"),
        ("len(a) == 4 and np.random.rand(); return 1.0", "density (of 2) uses the global generator of NumPy"),
        ("global n; n += 1; return 1.0 if len(a) < 4 else 1.0 * n", "density (of 4): asked twice the same"),
        ("global n; n += 1; return 1.0 * n", "density (of 2): asked twice the same, yours gives two answers"),
    ],
)
def test_what_is_wrong_in_one_of_several_cases_is_said_of_that_one(body: str, says: str) -> None:
    wrong = defined(f"n = 0\ndef f(a):\n {body}")
    with pytest.raises(AssertionError) as said:
        numbers_for(wrong, some_cases())
    assert str(said.value).startswith(says)


def test_arrays_codes_and_half_steps_of_several_cases_are_looked_at_one_by_one() -> None:
    double = defined("def f(a):\n return 2 * a")
    cases = [(name, args, args[0].shape) for name, args in some_cases()]
    assert [array.sum() for array in arrays_for(double, cases)] == [6, 12, 20]
    with pytest.raises(AssertionError, match=r"density \(of 4\) should return shape \(5,\); yours: \(4,\)"):
        arrays_for(double, [*cases[:2], (*cases[2][:2], (5,))])
    assert codes_for(defined("def f(a):\n return [len(a)]"), some_cases()) == [[2], [3], [4]]
    with pytest.raises(AssertionError, match=r"density \(of 3\) should return one row of codes"):
        codes_for(defined("def f(a):\n return [len(a)] if len(a) == 2 else [0.5]"), some_cases())
    fit = defined("def f(R, k, *_):\n return np.ones((R.shape[0], k)), np.ones((R.shape[1], k)), [2.0, 1.0]")
    asked = [(f"fit_als ({n})", (ratings(), 2, 0.1, 0.1, n, np.random.default_rng(0))) for n in (1, 2)]
    ((X, _, history),) = half_steps_for(fit, asked[:1])
    assert X.shape == (ratings().shape[0], 2) and history.tolist() == [2.0, 1.0]
    with pytest.raises(AssertionError, match="2 epochs of two half-steps give 4 values of L"):
        half_steps_for(fit, asked)
