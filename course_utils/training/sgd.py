"""How is a model of ratings trained by stochastic gradient descent with a student's step?"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from course_utils.data.interactions import known_cells
from course_utils.training.loop import prepare, run_epochs
from course_utils.training.order import EpochOrder

# Ratings that an epoch takes in plain Python: a fraction of a second at some 10 µs a step.
PLAIN_RATINGS = 10_000


def train_sgd(
    step: Callable[..., float],
    model: tuple,
    R: csr_array,
    lr: float,
    reg: float,
    n_epochs: int,
    rng: np.random.Generator,
    validate: Callable[[], float] | None = None,
    plain_ratings: int = PLAIN_RATINGS,
) -> pd.DataFrame:
    """Stochastic gradient descent: a step for every known rating, in a new random order each epoch.

    With many ratings, the order is that of blocks; see `EpochOrder`.

    Parameters
    ----------
    step : callable
        `step(*model, u, i, r, lr, reg)` changes the arrays of the model in place for one rating r of user u
        and item i, and returns the error r − r̂ from before.
    model : tuple
        `(mu, b_user, b_item, X, Y)`, which `step` takes first: a number and four arrays.
    R : (m, n) csr_array
        Known ratings, at least one, in stars.
    lr, reg : float
        Learning rate η and penalty λ, passed on to `step`.
    n_epochs : int
        Passes over the ratings. What `step` prints in them is left out.
    rng : Generator
        Source of the orders.
    validate : callable, optional
        Called without arguments after each epoch: the loss on held-out ratings.
    plain_ratings : int
        How many ratings an epoch takes at most (at random, others in each epoch) if `step` cannot be
        compiled.

    Returns
    -------
    DataFrame
        A row an epoch, counted from 1: `train`, the RMSE of the errors that the steps returned, each from
        before its step; and `valid`, if `validate` is given. Training that diverges ends early, saying
        so.

    Raises
    ------
    ValueError
        If R has no known cell.
    TypeError
        If `step` does not return a number.
    """
    users, items, ratings = known_cells(R)
    if len(ratings) == 0:
        raise ValueError("R has no known cell: there is nothing to train on.")
    # Out-of-range indices (a user's code used for an item) show at the largest codes, if anywhere.
    chosen = [users.argmax(), items.argmax(), *rng.choice(len(ratings), size=5)]
    trials = [(*model, int(users[c]), int(items[c]), float(ratings[c]), lr, reg) for c in chosen]
    returns = "the error r − r̂ from before the step"
    run, n_steps = prepare(_epoch, step, trials, len(ratings), plain_ratings, "ratings", returns)
    n_bytes = sum(getattr(part, "nbytes", 0) for part in model)
    order = EpochOrder(R, n_bytes)

    def epoch() -> list[float]:
        examples = order.each_once(rng) if n_steps == len(ratings) else order.some(n_steps, rng)
        return [math.sqrt(run(examples, model, lr, reg) / n_steps)]

    remedy = "the factors grew without bound. Take a smaller η."
    return run_epochs(epoch, ["train"], n_epochs, f"SGD, η = {lr:g}", remedy, validate)


def _epoch(step, examples, model, lr, reg):
    """Sum of the squared errors of a step for each rating in turn."""
    # Compiled code takes an array out of a tuple anew at each use, which would cost a third of the time.
    users, items, ratings = examples
    mu, b_user, b_item, X, Y = model
    squares = 0.0
    for c in range(len(ratings)):
        e = step(mu, b_user, b_item, X, Y, int(users[c]), int(items[c]), ratings[c], lr, reg)
        squares += e * e
    return squares
