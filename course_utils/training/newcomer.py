"""How does a trained model meet somebody new? A few steps of gradient descent on their row, Y held fixed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np


def fold_in_by_steps(
    left: np.ndarray, Y: np.ndarray, lr: float = 0.05, reg: float = 0.08, n_epochs: int = 50
) -> tuple[float, np.ndarray]:
    """Bias and factors of a newcomer, by the steps of unit 03 on their own row alone.

    A step lowers (left_i − b − xᵀy_i)² + λ (b² + ‖x‖²), a rated item at a time; nothing is drawn.

    Parameters
    ----------
    left : (n_rated,) array
        What μ and the items' biases leave over of the newcomer's ratings, r_i − μ − b_i, in stars.
    Y : (n_rated, k) array
        Factors of the rated items, in the same order; they do not change.
    lr, reg : float
        η and λ, paid per rating, as in unit 03.
    n_epochs : int
        How often all ratings are seen. Both b and x start at 0.

    Returns
    -------
    b : float
    x : (k,) array
        Both 0 for somebody without ratings.

    Raises
    ------
    ValueError
        If there are not as many rows of Y as ratings.
    """
    left, Y = np.asarray(left, dtype=float), np.asarray(Y, dtype=float)
    if len(left) != len(Y):
        raise ValueError(
            f"There are {len(left)} ratings and factors of {len(Y)} items: give one row a rating."
        )
    b, x = 0.0, np.zeros(Y.shape[1])
    for _ in range(n_epochs):
        for rating, y in zip(left, Y, strict=True):
            error = rating - b - x @ y
            b += lr * (error - reg * b)
            x += lr * (error * y - reg * x)
    return b, x


def fold_in_by_pairs(
    step: Callable[..., object],
    find: Callable[[np.ndarray, int], tuple],
    liked: Sequence[int] | np.ndarray,
    Y: np.ndarray,
    n_epochs: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Factors of a newcomer, by the steps of unit 06 or 07 on their own row alone.

    An epoch takes each liked item once, in random order, and a step on it and an item that it should beat.

    Parameters
    ----------
    step : callable
        `step(X, Y, u, i, j, *rest)` changes X[u], Y[i] and Y[j] in place. It is given copies of the two
        items' rows, so that Y itself does not change.
    find : callable
        `find(scores, i)` takes the newcomer's scores of all items and a liked item, and returns an item j and
        what `step` takes behind it; a j of −1 says that there is no step to take.
    liked : sequence of int
        Codes of the items that the newcomer likes.
    Y : (n, k) array of float
        Factors of all items.
    n_epochs : int
        How often each liked item has its turn. The factors start at 0.
    rng : Generator
        Source of the orders.

    Returns
    -------
    (k,) array
        Zeros for somebody who likes nothing.
    """
    x = np.zeros((1, Y.shape[1]))
    for _ in range(n_epochs):
        for i in rng.permutation(np.asarray(liked, dtype=np.int64)):
            j, *rest = find(Y @ x[0], int(i))
            if j >= 0:
                step(x, Y[[i, j]], 0, 0, 1, *rest)
    return x[0]


def liked_films_speak(
    liked: Sequence[int] | np.ndarray, Y: np.ndarray, alpha: float, reg: float
) -> np.ndarray:
    """What each liked item adds to a newcomer's scores in WRMF (unit 05), for all items at once.

    Parameters
    ----------
    liked : sequence of int
        Codes of the items that the newcomer likes, each once.
    Y : (n, k) array
        Factors of all items.
    alpha, reg : float
        α and λ of the model.

    Returns
    -------
    (len(liked), n) array
        A row for each liked item. The sum of the rows holds the newcomer's scores.
    """
    own = Y[np.asarray(liked, dtype=np.int64)]
    left = Y.T @ Y + alpha * own.T @ own + reg * np.eye(Y.shape[1])
    return (1 + alpha) * own @ np.linalg.solve(left, Y.T)
