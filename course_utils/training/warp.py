"""How is a model trained with WARP and a student's own functions?

WARP spends its time on looking for violators: dozens of items are drawn for one step. Computing the scores of
*all* items for that would cost n products a step; here an item's score is computed when it is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from course_utils.data.interactions import known_cells
from course_utils.training.loop import prepare, run_epochs
from course_utils.training.machine_code import FAST_SUMS, njit
from course_utils.training.order import EpochOrder
from course_utils.training.positives import positives_of

MARGIN = 1.0
# Pairs that an epoch takes in plain Python: a second or two, as each draws several items.
PLAIN_PAIRS = 5_000


def train_warp(
    rank_weight: Callable[[int], float],
    estimate_rank: Callable[[int, int], int],
    warp_step: Callable[..., None],
    X: np.ndarray,
    Y: np.ndarray,
    R: csr_array,
    lr: float,
    max_trials: int,
    max_norm: float,
    n_epochs: int,
    rng: np.random.Generator,
    validate: Callable[[], float] | None = None,
    plain_pairs: int = PLAIN_PAIRS,
) -> pd.DataFrame:
    """Train with WARP: for each positive pair, in a new random order every epoch, find a violator and step.

    The margin is 1. With many pairs, the order is that of blocks; see `EpochOrder`.

    Parameters
    ----------
    rank_weight, estimate_rank : callable
        `rank_weight(estimate_rank(n_trials, n_items))` is the weight of a violator found after so many
        trials. There are only `max_trials` such weights: they are computed once, in plain Python.
    warp_step : callable
        `warp_step(X, Y, u, i, j, weight, lr, max_norm)` changes X and Y in place.
    X, Y : (m, k), (n, k) array of float
        Factors at the start, in C order, of one dtype (float64 or float32); changed in place.
    R : (m, n) csr_array
        Every stored cell is a positive pair; at least one.
    lr, max_norm : float
        Passed on to `warp_step`.
    max_trials : int
        Most items drawn for a pair.
    n_epochs : int
        Passes over the pairs. What `warp_step` prints in them is left out.
    rng : Generator
        Source of the orders and of the draws.
    validate : callable, optional
        Called without arguments after each epoch; what it returns is a number.
    plain_pairs : int
        How many pairs an epoch takes at most (at random, others in each epoch) if `warp_step` cannot be
        compiled.

    Returns
    -------
    DataFrame
        A row an epoch, counted from 1: `loss`, the mean over the pairs of weight · (1 − d) from before the
        step (0 without a violator); `trials`, the mean number of trials until a violator (nan if none was
        found); `found`, the share of pairs with a violator; and `valid`, if `validate` is given.

    Raises
    ------
    ValueError
        If R has no known cell, every item is positive for one of its users, or max_trials is below 1.
    """
    users, items, _ = known_cells(R)
    n_items = R.shape[1]
    if len(users) == 0:
        raise ValueError("R has no known cell: there is nothing to train on.")
    full = np.flatnonzero(np.bincount(users) == n_items)
    if len(full):
        raise ValueError(f"All {n_items} items are positive for user {full[0]}: leave such users out of R.")
    if max_trials < 1:
        raise ValueError(f"max_trials is {max_trials}: at least one item must be drawn for a pair.")
    contains, positives = positives_of(R)
    weights = np.array(
        [0.0, *(float(rank_weight(int(estimate_rank(t, n_items)))) for t in range(1, max_trials + 1))],
        dtype=X.dtype,
    )
    lr, max_norm = X.dtype.type(lr), X.dtype.type(max_norm)
    # Out-of-range indices (a user's code used for an item) show at the largest codes, if anywhere.
    pairs = [(int(users[c]), int(items[c])) for c in (users.argmax(), items.argmax(), 0)]
    trials = [(X, Y, u, i, (i + 1) % n_items, weights[1], lr, max_norm) for u, i in pairs]
    run, n_pairs = prepare(_epoch, warp_step, trials, len(users), plain_pairs, "pairs")

    order = EpochOrder(R, X.nbytes + Y.nbytes)

    def epoch() -> list[float]:
        examples = order.each_once(rng) if n_pairs == len(users) else order.some(n_pairs, rng)
        loss, n_trials, n_found = run(examples, X, Y, contains, positives, weights, lr, max_norm, rng)
        # Factors that are not numbers violate nothing: the loss alone would look like success.
        if not (np.isfinite(X).all() and np.isfinite(Y).all()):
            loss = math.nan
        return [loss / n_pairs, n_trials / n_found if n_found else math.nan, n_found / n_pairs]

    columns, remedy = ["loss", "trials", "found"], "take a smaller η or a smaller max_norm."
    return run_epochs(epoch, columns, n_epochs, f"WARP, η = {lr:g}", remedy, validate)


@njit(fastmath=FAST_SUMS)
def _score(X, Y, u, i):
    x_u, y_i = X[u], Y[i]
    score = x_u[0] * y_i[0]
    for f in range(1, len(x_u)):
        score += x_u[f] * y_i[f]
    return score


def _epoch(step, examples, X, Y, contains, positives, weights, lr, max_norm, rng):
    """Summed loss, summed trials of the violators, and their number, over the pairs in turn."""
    users, items, _ = examples
    n_items, max_trials = Y.shape[0], len(weights) - 1
    loss, trials, found = 0.0, 0, 0
    for p in range(len(users)):
        u, i = int(users[p]), int(items[p])
        wanted = _score(X, Y, u, i) - MARGIN
        for n_trials in range(1, max_trials + 1):
            j = int(rng.random() * n_items)
            while contains(positives, u, j):  # a positive is no trial: draw again
                j = int(rng.random() * n_items)
            s_j = _score(X, Y, u, j)
            if s_j > wanted:
                loss += weights[n_trials] * (s_j - wanted)
                trials += n_trials
                found += 1
                step(X, Y, u, i, j, weights[n_trials], lr, max_norm)
                break
    return loss, trials, found
