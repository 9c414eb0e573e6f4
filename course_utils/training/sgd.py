"""Run a student's plain-Python step at compiled speed, or say in one line why it runs as plain Python.

A factorization takes millions of steps of a few dozen numbers each: in plain Python minutes, compiled to
machine code by numba well under a second. What is compiled is the student's own function, and only if it does
the same.
"""

from __future__ import annotations

import contextlib
import copy
import io
import math
import numbers
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import numba
import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from course_utils.data.interactions import known_cells
from course_utils.training.progress import progress

# Ratings that an epoch takes in plain Python: a fraction of a second at some 10 µs a step.
PLAIN_RATINGS = 10_000


def compile_step(step: Callable, trials: Sequence[tuple]) -> tuple[Callable, str]:
    """Machine code for a function of arrays and numbers, if it does the same as the function.

    The trials run first in plain Python, so that a mistake in the function shows as the ordinary error that
    it is: compiled code does not look whether an index is in range. Then they run compiled, and are compared.

    Parameters
    ----------
    step : callable
        Plain Python on NumPy arrays and numbers; it may change its arguments in place.
    trials : sequence of tuples
        Arguments of a few calls, made one after the other on copies; at least one. They should hold the
        largest indices that will occur, and arrays of the dtypes and memory layout of the real run.

    Returns
    -------
    fast : callable
        A compiled function of the same arguments, or ``step`` itself.
    obstacle : str
        Why it is ``step`` itself, in a line; empty if it is compiled.

    Raises
    ------
    Exception
        Whatever ``step`` raises on a trial.
    """
    with np.errstate(all="ignore"):
        expected = _outcome(step, trials)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numba's hints on performance: nothing may reach standard error
        try:
            fast = _jit(step)
            same = _same(_outcome(fast, trials), expected)
        except Exception as error:  # of many kinds; whatever it is, the step runs without numba
            return step, f"numba says {_first_sentence(error)!r}"
    return (fast, "") if same else (step, "compiled, it gives other numbers")


def try_once(step: Callable, arguments: tuple, returns: str | None = None) -> None:
    """Call a step on copies of its arguments; if it prints, say that this is left out in training.

    Parameters
    ----------
    step : callable
        Plain Python on NumPy arrays and numbers.
    arguments : tuple
        Its arguments; they stay as they are.
    returns : str, optional
        What it has to return, in words: a number. Without it, anything will do.

    Raises
    ------
    TypeError
        If it does not return a number and should.
    """
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), np.errstate(all="ignore"):
            returned = step(*copy.deepcopy(arguments))
    finally:
        print(said.getvalue(), end="")
    if returns and not isinstance(returned, numbers.Real):
        raise TypeError(f"{step.__name__} returned {returned!r}; it should return {returns}.")
    if said.getvalue():
        print(f"{step.__name__} prints something: while it trains, that is left out.")


@contextlib.contextmanager
def nothing_printed() -> Iterator[None]:
    """Leave out what is printed inside: a step that prints does so a million times."""
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        yield


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

    Parameters
    ----------
    step : callable
        ``step(*model, u, i, r, lr, reg)`` changes the arrays of the model in place for one rating r of user u
        and item i, and returns the error r − r̂ from before.
    model : tuple
        ``(mu, b_user, b_item, X, Y)``, which ``step`` takes first: a number and four arrays.
    R : (m, n) csr_array
        Known ratings, at least one, in stars.
    lr, reg : float
        Learning rate η and penalty λ, passed on to ``step``.
    n_epochs : int
        Passes over the ratings. What ``step`` prints in them is left out.
    rng : Generator
        Source of the orders.
    validate : callable, optional
        Called without arguments after each epoch: the loss on held-out ratings.
    plain_ratings : int
        How many ratings an epoch takes at most (at random, others in each epoch) if ``step`` cannot be
        compiled.

    Returns
    -------
    DataFrame
        A row an epoch, counted from 1: ``train``, the RMSE of the errors that the steps returned, each from
        before its step; and ``valid``, if ``validate`` is given. Training that diverges ends early, saying
        so.

    Raises
    ------
    ValueError
        If R has no known cell.
    TypeError
        If ``step`` does not return a number.
    """
    users, items, ratings = known_cells(R)
    if len(ratings) == 0:
        raise ValueError("R has no known cell: there is nothing to train on.")
    users, items = users.astype(np.int64), items.astype(np.int64)
    # Out-of-range indices (a user's code used for an item) show at the largest codes, if anywhere.
    chosen = [users.argmax(), items.argmax(), *rng.choice(len(ratings), size=5)]
    trials = [(*model, int(users[c]), int(items[c]), float(ratings[c]), lr, reg) for c in chosen]
    try_once(step, trials[0], returns="the error r − r̂ from before the step")
    fast, obstacle = compile_step(step, trials)
    n_steps, epoch = len(ratings), _compiled_epoch
    if obstacle:
        n_steps, epoch = min(plain_ratings, len(ratings)), _plain_epoch
        print(
            f"{step.__name__} runs as plain Python, on {n_steps:,} of the {len(ratings):,} ratings in each "
            f"epoch: {obstacle}."
        )

    losses = ["train"] if validate is None else ["train", "valid"]
    history = []
    for number in progress(range(1, n_epochs + 1), desc=f"SGD, η = {lr:g}"):
        # Sorted into the order of the steps first, the ratings lie in memory as they are needed.
        order = rng.permutation(len(ratings))[:n_steps]
        with nothing_printed():
            squares = epoch(fast, model, users[order], items[order], ratings[order], lr, reg)
        if not math.isfinite(squares):
            print(f"Training diverged in epoch {number}: the factors grew without bound. Take a smaller η.")
            break
        train_rmse = math.sqrt(squares / n_steps)
        history.append([train_rmse] if validate is None else [train_rmse, validate()])
    return pd.DataFrame(history, columns=losses, index=pd.RangeIndex(1, len(history) + 1, name="epoch"))


def _plain_epoch(step, model, users, items, ratings, lr, reg):
    """Sum of the squared errors of a step for each rating in turn."""
    with np.errstate(all="ignore"):
        return _epoch(step, model, users.tolist(), items.tolist(), ratings.tolist(), lr, reg)


def _epoch(step, model, users, items, ratings, lr, reg):
    # Compiled code takes an array out of a tuple anew at each use, which would cost a third of the time.
    mu, b_user, b_item, X, Y = model
    squares = 0.0
    for j in range(len(ratings)):
        e = step(mu, b_user, b_item, X, Y, users[j], items[j], ratings[j], lr, reg)
        squares += e * e
    return squares


_compiled_epoch = numba.njit(_epoch)
# A step that is trained with again, at another η say, is not compiled again.
_jit = lru_cache(maxsize=8)(numba.njit)


def _outcome(function: Callable, trials: Sequence[tuple]) -> list[np.ndarray]:
    """All that the calls return and leave in their arguments; an array that they share stays shared."""
    trials = copy.deepcopy(list(trials))
    returned = [function(*arguments) for arguments in trials]
    return [np.asarray(value) for values in [returned, *trials] for value in values]


def _same(got: list[np.ndarray], expected: list[np.ndarray]) -> bool:
    return all(
        a.shape == b.shape and (a.dtype == b.dtype == object or np.allclose(a, b, equal_nan=True))
        for a, b in zip(got, expected, strict=True)
    )


def _first_sentence(error: Exception) -> str:
    """What is wrong in one line: numba's messages run over pages and start with the stage that failed."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith(("Failed in", "During:", "File "))]
    return (telling or [type(error).__name__])[0].rstrip(".")
