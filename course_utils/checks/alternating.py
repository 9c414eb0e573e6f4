"""What does a fit by alternating half-steps return? Factors and history, or a sentence."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.sparse import csr_array

from course_utils.checks.call import parts_of


def half_steps_of(
    name: str,
    fit: Callable,
    R: csr_array,
    n_factors: int,
    first: float,
    second: float,
    n_epochs: int,
    rng: np.random.Generator,
    *more: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Run `fit(R, n_factors, first, second, n_epochs, rng, *more)`, which must leave R alone.

    Returns
    -------
    X, Y, history : (m, k) array, (n, k) array, (2 · n_epochs,) array
        As they came, checked for their kinds, shapes and missing numbers.
    """
    __tracebackhide__ = True
    before = R.data.copy()
    parts = ("X", "Y", "history")
    result = parts_of(name, parts, fit, R, n_factors, first, second, n_epochs, rng, *more)
    try:
        X, Y, history = (np.asarray(part, dtype=float) for part in result)
    except (TypeError, ValueError) as error:
        kinds = ", ".join(type(part).__name__ for part in result)
        raise AssertionError(
            f"X and Y are arrays of numbers and history a list of them; yours: {kinds}."
        ) from error
    wanted = [(size, n_factors) for size in R.shape]
    assert [X.shape, Y.shape] == wanted, (
        f"{R.shape[0]} users, {R.shape[1]} items and {n_factors} factors want shapes {wanted[0]} for X and "
        f"{wanted[1]} for Y; yours {X.shape} and {Y.shape}."
    )
    assert history.ndim == 1, (
        f"history is one number after another, users, items, users, …; yours has the shape {history.shape}."
    )
    assert history.shape == (2 * n_epochs,), (
        f"{n_epochs} epochs of two half-steps give {2 * n_epochs} values of L; yours has {history.size}. "
        "Record it after the users *and* after the items, and not before the first step."
    )
    assert np.array_equal(R.data, before), f"{name} changed the numbers in R: work on a copy."
    for label, numbers in zip(parts, (X, Y, history), strict=True):
        assert np.isfinite(numbers).all(), f"{label} holds nan or inf: {numbers[~np.isfinite(numbers)][:3]}."
    return X, Y, history


def never_rises(history: np.ndarray, hint: str) -> None:
    """Fail if the objective rises from one half-step to the next; `hint` says what may be the matter."""
    __tracebackhide__ = True
    assert np.isfinite(history).all(), f"L is {history[~np.isfinite(history)][0]} at some half-step. {hint}"
    rises = np.flatnonzero(np.diff(history) > 1e-9 * history[:-1])
    assert rises.size == 0, (
        f"L rises at half-step {rises[0] + 2} of {history.round(3)}: each half-step minimises L over "
        f"one block and cannot raise it. {hint}"
    )


def falls(history: np.ndarray) -> None:
    """Fail if the objective of four epochs ends no lower than it began."""
    __tracebackhide__ = True
    assert history[-1] < history[0], (
        f"L does not fall in four epochs: {history.round(3)}. Record it anew after each half-step, at the X "
        "and Y of that moment."
    )
