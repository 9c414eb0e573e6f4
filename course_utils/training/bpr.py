"""Train on pairs of items, one that a user chose and one that they did not, at compiled speed."""

from __future__ import annotations

import math
from collections.abc import Callable

import numba
import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from course_utils.data.interactions import known_cells
from course_utils.training.progress import progress
from course_utils.training.sgd import compile_step, nothing_printed, try_once

# Triples that an epoch takes in plain Python: a fraction of a second at some 20 µs a step.
PLAIN_TRIPLES = 10_000


class NegativeSampler:
    """Draws items that a user has not chosen, exactly with the asked probabilities.

    No draw is thrown away: a user who has chosen nearly everything costs as much as any other, and nobody can
    make it loop for ever. Think of the items in a row, each as wide as its weight. Take out the user's own,
    push the rest together, and throw a dart: a binary search over the user's items says how many of them lay
    before the place that was hit, and so where it was before.

    Parameters
    ----------
    R : (m, n) csr_array
        The chosen items: a stored cell is a positive, whatever its value.
    weights : (n,) array of int, optional
        Not negative. Item j is drawn with a probability proportional to ``weights[j]``; without it, all with
        the same. (Whole numbers keep the sums below exact.)

    Raises
    ------
    ValueError
        If the weights do not fit the items, or a user with at least one positive has no item left to draw.
    """

    def __init__(self, R: csr_array, weights: np.ndarray | None = None):
        users, items, _ = known_cells(R)
        cells = csr_array((np.ones(len(users)), (users, items)), shape=R.shape)
        cells.sum_duplicates()  # sorted within each row, each cell once
        width = _checked_weights(weights, R.shape[1])
        self._ends = None if weights is None else np.cumsum(width)
        self._start = cells.indptr.astype(np.int64)
        # Width of the chosen items in front of each stored cell, all rows in one line.
        self._taken = np.concatenate([[0], np.cumsum(width[cells.indices])])
        of_row = self._taken[self._start]
        left_of_item = np.cumsum(width) - width
        taken_in_row = self._taken[:-1] - np.repeat(of_row[:-1], np.diff(self._start))
        self._free_before = left_of_item[cells.indices] - taken_in_row
        self._free = width.sum() - np.diff(of_row)
        full = np.flatnonzero((self._free == 0) & (np.diff(self._start) > 0))
        if len(full):
            raise ValueError(
                f"User {full[0]} has chosen every item that could be drawn: there is no negative for them. "
                "Leave such users out of R."
            )

    def draw(self, users: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """One negative item for each of the users.

        Parameters
        ----------
        users : (size,) array of int
            Rows of R, any of them repeated.
        rng : Generator
            The only source of randomness.

        Returns
        -------
        (size,) array of int64
        """
        # The rounding of random() makes one item more likely than another by less than n / 2⁵³.
        places = (rng.random(len(users)) * self._free[users]).astype(np.int64)
        hit = _before_the_taken_were_removed(places, users, self._start, self._free_before, self._taken)
        return hit if self._ends is None else np.searchsorted(self._ends, hit, side="right")


def train_bpr(
    step: Callable[..., float],
    X: np.ndarray,
    Y: np.ndarray,
    R: csr_array,
    lr: float,
    reg: float,
    n_epochs: int,
    rng: np.random.Generator,
    validate: Callable[[], float] | None = None,
    weights: np.ndarray | None = None,
    plain_triples: int = PLAIN_TRIPLES,
) -> pd.DataFrame:
    """Stochastic gradient descent on triples: a user, an item that they chose, and one that they did not.

    An epoch takes as many steps as R has stored cells, each on a cell drawn uniformly with replacement and a
    negative item of its user drawn by `NegativeSampler`.

    Parameters
    ----------
    step : callable
        ``step(X, Y, u, i, j, lr, reg)`` changes X and Y in place for user u, positive item i and negative
        item j, and returns the loss of the triple, −ln σ(d), from before.
    X, Y : (m, k), (n, k) array of float
        Factors, changed in place.
    R : (m, n) csr_array
        The chosen items: a stored cell is a positive, whatever its value. At least one.
    lr, reg : float
        Learning rate η and penalty λ, passed on to ``step``.
    n_epochs : int
        How many epochs. What ``step`` prints in them is left out.
    rng : Generator
        The only source of randomness.
    validate : callable, optional
        Called without arguments after each epoch: how good the factors are on held-out items.
    weights : (n,) array of int, optional
        How likely each item is to be drawn as a negative, for example its number of positives; without it,
        all are equally likely.
    plain_triples : int
        How many triples an epoch takes at most if ``step`` cannot be compiled.

    Returns
    -------
    DataFrame
        A row an epoch, counted from 1: ``loss``, the mean of what the steps returned; and ``valid``, if
        ``validate`` is given. Training that diverges ends early, saying so.

    Raises
    ------
    ValueError
        If R has no stored cell, X or Y does not fit R, or a user has chosen all items.
    TypeError
        If ``step`` does not return a number.
    """
    users, items, _ = known_cells(R)
    if len(users) == 0:
        raise ValueError("R has no stored cell: there is nothing to train on.")
    if (len(X), len(Y)) != R.shape:
        raise ValueError(f"X has {len(X)} rows and Y {len(Y)}; R, of shape {R.shape}, wants as many of each.")
    users, items = users.astype(np.int64), items.astype(np.int64)
    sampler = NegativeSampler(R, weights)
    fast, obstacle = compile_step(step, _trials(step, X, Y, users, items, sampler, lr, reg, rng))
    n_steps, epoch = len(users), _compiled_epoch
    if obstacle:
        n_steps, epoch = min(plain_triples, len(users)), _plain_epoch
        print(
            f"{step.__name__} runs as plain Python, on {n_steps:,} triples in each epoch instead of "
            f"{len(users):,}: {obstacle}."
        )

    columns = ["loss"] if validate is None else ["loss", "valid"]
    history = []
    for number in progress(range(1, n_epochs + 1), desc=f"BPR, η = {lr:g}"):
        cells = rng.integers(len(users), size=n_steps)
        u, i = users[cells], items[cells]
        negatives = sampler.draw(u, rng)
        with nothing_printed():
            total = epoch(fast, X, Y, u, i, negatives, lr, reg)
        if not math.isfinite(total):
            print(f"Training diverged in epoch {number}: the factors grew without bound. Take a smaller η.")
            break
        history.append([total / n_steps] if validate is None else [total / n_steps, validate()])
    return pd.DataFrame(history, columns=columns, index=pd.RangeIndex(1, len(history) + 1, name="epoch"))


def _trials(step, X, Y, users, items, sampler, lr, reg, rng) -> list[tuple]:
    """Calls on which the step is tried; TypeError if it does not return a number.

    Codes out of range (a user's taken for an item's) show at the largest codes, if anywhere.
    """
    chosen = np.array([users.argmax(), items.argmax(), *rng.choice(len(users), size=5)])
    negatives = sampler.draw(users[chosen], rng)
    trials = [
        (X, Y, int(users[c]), int(items[c]), int(j), lr, reg) for c, j in zip(chosen, negatives, strict=True)
    ]
    try_once(step, trials[0], returns="the loss −ln σ(d) from before the step")
    return trials


def _checked_weights(weights: np.ndarray | None, n_items: int) -> np.ndarray:
    if weights is None:
        return np.ones(n_items, dtype=np.int64)
    weights = np.asarray(weights)
    whole = np.issubdtype(weights.dtype, np.integer)
    if weights.shape != (n_items,) or not whole or (weights < 0).any():
        raise ValueError(
            f"weights has the shape {weights.shape} and type {weights.dtype}; expected one whole number, "
            f"0 or more, for each of the {n_items} items."
        )
    return weights.astype(np.int64)


@numba.njit
def _before_the_taken_were_removed(places, users, start, free_before, taken):
    """Places among a user's free items as places among all items (see `NegativeSampler`)."""
    hit = np.empty_like(places)
    for c in range(len(places)):
        first = start[users[c]]
        low, high = first, start[users[c] + 1]
        while low < high:  # the first chosen item with more free width before it than the place
            middle = (low + high) // 2
            if free_before[middle] <= places[c]:
                low = middle + 1
            else:
                high = middle
        hit[c] = places[c] + taken[low] - taken[first]
    return hit


def _epoch(step, X, Y, users, items, negatives, lr, reg):
    """Sum of what a step for each triple in turn returns."""
    total = 0.0
    for c in range(len(users)):
        total += step(X, Y, users[c], items[c], negatives[c], lr, reg)
    return total


def _plain_epoch(step, X, Y, users, items, negatives, lr, reg):
    with np.errstate(all="ignore"):
        return _epoch(step, X, Y, users.tolist(), items.tolist(), negatives.tolist(), lr, reg)


_compiled_epoch = numba.njit(_epoch)
