"""How good predictions are, measured on the known cells of a rating matrix."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.sparse import csr_array

from course_utils.data.interactions import known_cells


def rmse_on(R: csr_array, predict: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> float:
    """Root mean squared error of a model over the known cells of R.

    Parameters
    ----------
    R : (m, n) csr_array
        The true ratings, usually held-out ones; a cell that is not stored is unknown and does not count.
    predict : callable
        `predict(users, items)` takes two integer arrays of one length (the rows and the columns of the
        known cells) and returns that many predictions.

    Returns
    -------
    float
        In the unit of the ratings (stars).

    Raises
    ------
    ValueError
        If R has no known cell, or `predict` returns another number of predictions, or one that is not finite.
    """
    users, items, values = known_cells(R)
    if len(values) == 0:
        raise ValueError("R has no known cell: there is nothing to measure an error on.")
    predicted = np.asarray(predict(users, items), dtype=np.float64)
    if predicted.shape != values.shape:
        raise ValueError(
            f"predict returned the shape {predicted.shape}; expected one prediction for each of the "
            f"{len(values)} pairs, that is {values.shape}."
        )
    bad = ~np.isfinite(predicted)
    if bad.any():
        first = bad.argmax()
        raise ValueError(
            f"predict returned {predicted[first]} for user {users[first]} and item {items[first]}; "
            "expected finite numbers."
        )
    return float(np.linalg.norm(values - predicted) / np.sqrt(len(values)))
