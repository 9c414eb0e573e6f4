"""Are draws as likely as they should be? A bound that right work exceeds once in a million times at most."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

FALSE_ALARM = 1e-6  # of one question, whatever the number of its categories


def unlikely(counts: ArrayLike, n_draws: int, shares: ArrayLike) -> np.ndarray:
    """Places of the categories that came too often or too seldom for it to be chance.

    By Chernoff, k of n independent draws with the chance p deviate so far with a probability of at most
    exp(−n·KL(k/n ‖ p)) on either side, with KL the divergence of two coins. Two sides and all categories
    together stay within FALSE_ALARM. The bound is exact: it holds for every n, also where a normal
    distribution is no approximation.

    Parameters
    ----------
    counts : (c,) array of int
        How often each category came.
    n_draws : int
        Number of draws.
    shares : number, or (c,) array
        The chance of each category.
    """
    counts = np.atleast_1d(np.asarray(counts, dtype=float))
    p = np.broadcast_to(np.asarray(shares, dtype=float), counts.shape)
    q = np.clip(counts / n_draws, 0, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        above = np.where(q > 0, q * np.log(q / p), 0.0)
        below = np.where(q < 1, (1 - q) * np.log((1 - q) / (1 - p)), 0.0)
    return np.flatnonzero(n_draws * (above + below) > np.log(2 * len(counts) / FALSE_ALARM))
