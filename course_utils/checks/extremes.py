"""Which numbers show a bound, a tolerance or a rounding that no docstring declares?

A loss that is clipped at 100, singular values that are dropped below a thousandth of the largest, a sum in
single precision, a step that is skipped when it is small: on kind data nobody sees them. These data are far
out on either side, their answers are known to all digits, and they are compared without an absolute
tolerance.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

# Beyond every constant at which somebody clips, and below every one that somebody adds or ignores.
FAR, TINY = 3e8, 3e-13
DIGITS = "Compute in float64 and with the numbers as they are: nothing clipped, added, dropped or rounded."


def near(got: ArrayLike, wanted: ArrayLike, *given: np.ndarray, each: bool = False, digits: int = 9) -> bool:
    """Whether numbers agree to nine digits, or to four where float32 was given.

    Parameters
    ----------
    got, wanted : array_like
        What came, which may be no numbers, and what should.
    *given : array
        The arguments from which it was computed: with one of float32 the result may be as rough.
    each : bool
        Whether a number that is small beside the others has its digits as well. It has not where large
        terms cancel.
    digits : int
        How many are wanted of float64: fewer than nine where a good method loses some.
    """
    wanted = np.asarray(wanted, dtype=float)
    try:
        got = np.asarray(got, dtype=float)
    except (TypeError, ValueError):
        return False
    if got.shape != wanted.shape:
        return False
    single = any(np.asarray(array).dtype == np.float32 for array in given)
    rtol = 1e-4 if single else 10.0**-digits
    largest = np.abs(wanted).max(initial=0.0)
    return bool(np.allclose(got, wanted, rtol=rtol, atol=0.0 if each else rtol / 10 * largest))


class OnAxes:
    """Rows of factors that lie along one axis each: what they say of x can be written down axis by axis.

    Two rows for each of four axes, of lengths from 5e-4 to 4e3. No two axes meet in a sum, so that no method
    mixes their magnitudes: every digit of the answer is known, and seven of them come by any good method.

    Parameters
    ----------
    scale : float
        By which all lengths are multiplied.

    Attributes
    ----------
    factors : (8, 4) array
        The rows, of either sign, in random order.
    axis : (8,) array of int
        The axis of each.
    """

    def __init__(self, seed: int = 0, scale: float = 1.0) -> None:
        rng = np.random.default_rng([seed, 11])
        order = rng.permutation(8)
        self.axis = np.repeat(np.arange(4), 2)[order]
        self._length = (np.repeat([5e-4, 0.7, 40.0, 2e3], 2) * rng.uniform(1, 2, 8))[order]
        self._length *= scale * rng.choice([-1, 1], size=8)
        self.factors = np.zeros((8, 4))
        self.factors[np.arange(8), self.axis] = self._length

    def solution(self, weights: ArrayLike, targets: ArrayLike, reg: float) -> np.ndarray:
        """The x that minimises Σ_j w_j (t_j − y_jᵀx)² + λ‖x‖²: on each axis Σ w y t / (Σ w y² + λ)."""
        weights, targets = np.broadcast_to(weights, 8), np.broadcast_to(targets, 8)
        above: list[list[float]] = [[] for _ in range(4)]
        below: list[list[float]] = [[reg] for _ in range(4)]
        for axis, y, w, t in zip(self.axis, self._length, weights, targets, strict=True):
            above[axis].append(w * y * t)
            below[axis].append(w * y * y)
        return np.array([quotient(*sums) for sums in zip(above, below, strict=True)])


def agrees_on_axes(got: np.ndarray, wanted: np.ndarray) -> bool:
    """Whether each x, a row or the only one, has the seven digits that any good method finds.

    A method that turns the axes, as least squares by QR or singular values does, may be wrong in a small
    part of x by a rounding of the largest: no part is that small, so that a dropped axis is still seen.
    """
    rounding = 1e-14 * np.abs(wanted).max(axis=-1, keepdims=True)
    return bool(np.isclose(got, wanted, rtol=1e-7, atol=rounding).all())


def quotient(above: Iterable[float], below: Iterable[float]) -> float:
    """The sum of the ones, exactly added, over that of the others; 0 where nothing is known."""
    top, bottom = math.fsum(above), math.fsum(below)
    return top / bottom if bottom else 0.0


def far_rows(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two rows of factors from 1e-8 to 1e8, whose product is about 1: one is large where the other is small.

    So every term of a gradient is far beyond any bound in some place, and far below any tolerance in another.
    """
    rng = np.random.default_rng([seed, 12])
    sizes = np.array([1e-8, 1e8, 1.0])
    return rng.uniform(0.5, 0.9, 3) * sizes, rng.uniform(0.5, 0.9, 3) / sizes


def moved_as_far(
    label: str,
    names: Sequence[str],
    after: Sequence[np.ndarray],
    before: Sequence[np.ndarray],
    wanted: Sequence[np.ndarray],
) -> None:
    """Fail if a number has not moved by what it should, to nine digits, however small it is beside others.

    Parameters
    ----------
    label : str
        Of the step: the sentence begins with it.
    names : sequence of str
        What the arrays are called.
    after, before, wanted : sequences of arrays
        The arrays after the step and before it, and as they should be.
    """
    __tracebackhide__ = True
    for name, got, old, new in zip(names, after, before, wanted, strict=True):
        # What a number moves by is known to a rounding of the number itself.
        rounding = 1e-14 * np.maximum(np.abs(old), np.abs(new))
        assert np.all(np.abs(np.subtract(got, new)) <= 1e-9 * np.abs(new - old) + rounding), (
            f"{label}: {name} should become {new.tolist()}; yours is {np.asarray(got).tolist()}. {DIGITS}"
        )
