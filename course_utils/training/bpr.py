"""How is a model trained on pairs of an item that a user chose and one that they did not?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from course_utils.data.interactions import known_cells
from course_utils.training.loop import prepare, run_epochs
from course_utils.training.negatives import NegativeSampler
from course_utils.training.order import EpochOrder

# Triples that an epoch takes in plain Python: a fraction of a second at some 20 µs a step.
PLAIN_TRIPLES = 10_000


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
    negative item of its user drawn by `NegativeSampler`. With many cells, the triples are taken in blocks
    (`EpochOrder`).

    Parameters
    ----------
    step : callable
        `step(X, Y, u, i, j, lr, reg)` changes X and Y in place for user u, positive item i and negative
        item j, and returns the loss of the triple, −ln σ(d), from before.
    X, Y : (m, k), (n, k) array of float
        Factors, changed in place.
    R : (m, n) csr_array
        The chosen items: a stored cell is a positive, whatever its value. At least one.
    lr, reg : float
        Learning rate η and penalty λ, passed on to `step`.
    n_epochs : int
        How many epochs. What `step` prints in them is left out.
    rng : Generator
        The only source of randomness.
    validate : callable, optional
        Called without arguments after each epoch: how good the factors are on held-out items.
    weights : (n,) array of int, optional
        How likely each item is to be drawn as a negative, for example its number of positives; without it,
        all are equally likely.
    plain_triples : int
        How many triples an epoch takes at most if `step` cannot be compiled.

    Returns
    -------
    DataFrame
        A row an epoch, counted from 1: `loss`, the mean of what the steps returned; and `valid`, if
        `validate` is given. Training that diverges ends early, saying so.

    Raises
    ------
    ValueError
        If R has no stored cell, X or Y does not fit R, or a user has chosen all items.
    TypeError
        If `step` does not return a number.
    """
    users, items, _ = known_cells(R)
    if len(users) == 0:
        raise ValueError("R has no stored cell: there is nothing to train on.")
    if (len(X), len(Y)) != R.shape:
        raise ValueError(f"X has {len(X)} rows and Y {len(Y)}; R, of shape {R.shape}, wants as many of each.")
    sampler = NegativeSampler(R, weights)
    # Codes out of range (a user's taken for an item's) show at the largest codes, if anywhere.
    chosen = np.array([users.argmax(), items.argmax(), *rng.choice(len(users), size=5)])
    triples = zip(users[chosen], items[chosen], sampler.draw(users[chosen], rng), strict=True)
    trials = [(X, Y, int(u), int(i), int(j), lr, reg) for u, i, j in triples]
    returns = "the loss −ln σ(d) from before the step"
    run, n_steps = prepare(_epoch, step, trials, len(users), plain_triples, "triples", returns)

    order = EpochOrder(R, X.nbytes + Y.nbytes)

    def epoch() -> list[float]:
        u, i, _ = order.with_replacement(n_steps, rng)
        return [run((u, i, sampler.draw(u, rng)), X, Y, lr, reg) / n_steps]

    remedy = "the factors grew without bound. Take a smaller η."
    return run_epochs(epoch, ["loss"], n_epochs, f"BPR, η = {lr:g}", remedy, validate)


def _epoch(step, examples, X, Y, lr, reg):
    """Sum of what a step for each triple in turn returns."""
    users, items, negatives = examples
    total = 0.0
    for c in range(len(users)):
        total += step(X, Y, int(users[c]), int(items[c]), int(negatives[c]), lr, reg)
    return total
