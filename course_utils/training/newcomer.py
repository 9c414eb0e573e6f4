"""How does a trained model meet somebody new? A few steps of gradient descent on their row, Y held fixed."""

from __future__ import annotations

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
