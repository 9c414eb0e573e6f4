"""What does a fit by alternating half-steps return? Factors and history, or a sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from course_utils.checks.call import parts_in, result_of
from course_utils.checks.together import Cases, results_for


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
    result = result_of(name, fit, R, n_factors, first, second, n_epochs, rng, *more)
    return _half_steps(name, R.shape, n_factors, n_epochs, result)


def half_steps_for(fit: Callable, cases: Cases) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Run `fit` in several cases, each a name and arguments as for `half_steps_of`. See `results_for`."""
    __tracebackhide__ = True
    return [
        _half_steps(name, R.shape, n_factors, n_epochs, result)
        for (name, (R, n_factors, _, _, n_epochs, *_)), result in zip(
            cases, results_for(fit, cases), strict=True
        )
    ]


def _half_steps(
    name: str, shape: tuple[int, ...], n_factors: int, n_epochs: int, result: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    __tracebackhide__ = True
    parts = ("X", "Y", "history")
    result = parts_in(name, parts, result)
    try:
        X, Y, history = (np.asarray(part, dtype=float) for part in result)
    except (TypeError, ValueError) as error:
        kinds = ", ".join(type(part).__name__ for part in result)
        raise AssertionError(
            f"X and Y are arrays of numbers and history a list of them; yours: {kinds}."
        ) from error
    wanted = [(size, n_factors) for size in shape]
    assert [X.shape, Y.shape] == wanted, (
        f"{shape[0]} users, {shape[1]} items and {n_factors} factors want shapes {wanted[0]} for X and "
        f"{wanted[1]} for Y; yours {X.shape} and {Y.shape}."
    )
    assert history.ndim == 1, (
        f"history is one number after another, users, items, users, …; yours has the shape {history.shape}."
    )
    assert history.shape == (2 * n_epochs,), (
        f"{n_epochs} epochs of two half-steps give {2 * n_epochs} values of L; yours has {history.size}. "
        + {
            n_epochs: "Record it after the users *and* after the items.",
            2 * n_epochs + 1: "Do not record it before the first step.",
        }.get(history.size, "Do all epochs, and record it once after each half-step: users, items, users, …")
    )
    for label, numbers in zip(parts, (X, Y, history), strict=True):
        assert np.isfinite(numbers).all(), f"{label} holds nan or inf: {numbers[~np.isfinite(numbers)][:3]}."
    return X, Y, history


def starts_normal(start: np.ndarray, deviation: float, named: str) -> None:
    """Fail unless numbers look like draws from a normal distribution of mean 0.

    Each bound is six standard deviations of what it bounds.

    Parameters
    ----------
    start : (n, k) array of float
        A thousand numbers at least.
    deviation : float
        The standard deviation that they should have.
    named : str
        How the exercise calls it: "0.1 / √k = 0.033".
    """
    __tracebackhide__ = True
    size = 6 / np.sqrt(start.size)
    right = abs(start.std() / deviation - 1) < size / np.sqrt(2) and abs(start.mean()) < size * deviation
    assert right, (
        f"The start should have mean 0 and standard deviation {named}; yours has {start.mean():.4f} and "
        f"{start.std():.4f}."
    )
    # That none of 1,000 normal draws is beyond two and a half deviations happens once in 10⁵ times; of 1,600,
    # once in 10⁸. Of a normal start 4.6 % are beyond two, of a uniform one none.
    tails = np.mean(np.abs(start) > 2 * deviation)
    assert abs(tails - 0.0455) < 0.21 * size and np.abs(start).max() > 2.5 * deviation, (
        f"The start should be normal: 4.6 % of it beyond two deviations, and not cut off; of yours it is "
        f"{tails:.1%}, and the farthest is {np.abs(start).max() / deviation:.1f} deviations from 0."
    )


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


def each_half_step_is_exact(
    first: tuple[np.ndarray, np.ndarray],
    second: tuple[np.ndarray, np.ndarray],
    errors: Callable[[np.ndarray, np.ndarray], np.ndarray],
    reg_user: float,
    reg_item: float,
) -> None:
    """Fail if a half-step of the second epoch has not found its minimum, where the gradient is 0.

    Parameters
    ----------
    first, second : tuple of arrays
        X and Y after one epoch, and after two from the same start.
    errors : callable
        The weighted errors of all cells, for an X and a Y: an (m, n) array, 0 where a cell does not count.
    """
    __tracebackhide__ = True
    (X1, Y1), (X2, Y2) = first, second

    def vanishes(X: np.ndarray, Y: np.ndarray, reg: float, side: str) -> bool:
        pull, factors = (errors(X, Y) @ Y, X) if side == "users" else (errors(X, Y).T @ X, Y)
        return np.allclose(pull, reg * factors, atol=1e-7)

    for side, X, Y, reg, other, names in [
        ("users", X2, Y1, reg_user, reg_item, ("reg_user", "reg_item")),
        ("items", X2, Y2, reg_item, reg_user, ("reg_item", "reg_user")),
    ]:
        if not vanishes(X, Y, reg, side):
            assert not vanishes(X, Y, other, side), (
                f"The {side} are updated with {names[1]}: they have {names[0]}."
            )
            assert side == "users" or not vanishes(X1, Y, reg, side), (
                "The item step uses stale users: pass it the new ones."
            )
            raise AssertionError(
                f"In the second epoch the {side} do not minimise L, given the newest factors of the other "
                "side. Users come first, with the items of the epoch before; then the items, with the new "
                "users; each with the weights of L."
            )
