"""Unit 06: Bayesian personalised ranking (BPR), the reference solutions in the order of the lesson."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array


def bpr_loss(d: np.ndarray | float) -> np.ndarray | float:
    """Loss of triples whose positive item scores d more than their negative item.

        −ln σ(d) = ln(1 + e^(−d))   with   σ(z) = 1 / (1 + e^(−z))

    Parameters
    ----------
    d : array of any shape, or number
        Score of the positive item minus score of the negative one, finite; whole numbers or floats.

    Returns
    -------
    array of the same shape, or number
        Elementwise, in nats: at least 0 and finite, without a warning, however large d is on either side.
        ln 2 where d is 0; nearly -d where d is far below 0.

    References
    ----------
    Rendle, Freudenthaler, Gantner, Schmidt-Thieme, "BPR: Bayesian personalized ranking from implicit
    feedback", UAI 2009, section 4.1.
    """
    ### BEGIN SOLUTION
    return np.logaddexp(0.0, -np.asarray(d, dtype=float))  # ln(e^0 + e^(-d)); NumPy takes out the larger one
    ### END SOLUTION


def sample_negative(positives: np.ndarray, n_items: int, rng: np.random.Generator) -> int:
    """Draw one of the items that a user has not chosen, each with the same probability.

    Parameters
    ----------
    positives : (n_u,) array of int
        Codes of the user's items in ascending order, each once; possibly none. Not changed.
    n_items : int
        Number of items n; their codes are 0 … n − 1.
    rng : Generator
        The only source of randomness: the same state gives the same item.

    Returns
    -------
    int
        A code that is not in `positives`. Every such code, 0 and n − 1 included, is equally likely.

    Raises
    ------
    ValueError
        If all items are in `positives`: there is none to draw.
    """
    ### BEGIN SOLUTION
    n_free = n_items - len(positives)
    if n_free == 0:
        raise ValueError(f"all {n_items} items are positives of this user: there is no negative to draw")
    # Number the free items 0, 1, … and draw a number. Below the positive at place t lie positives[t] − t free
    # items, so the drawn item has exactly those positives below it for which that is at most its number.
    number = rng.integers(n_free)
    return int(number + np.searchsorted(positives - np.arange(len(positives)), number, side="right"))
    ### END SOLUTION


def bpr_step(X: np.ndarray, Y: np.ndarray, u: int, i: int, j: int, lr: float, reg: float) -> float:
    """One step down the gradient of the loss of one triple, in place.

        ℓ = −ln σ(d) + λ/2 (‖x_u‖² + ‖y_i‖² + ‖y_j‖²)   with   d = x_uᵀ(y_i − y_j)

    The factors of user u, of the positive item i and of the negative item j each move by −η times
    their own gradient, and all three gradients are those at the *old* values. Nothing else changes.

    Parameters
    ----------
    X, Y : (m, k), (n, k) array of float
        Factors of the users and of the items, perhaps parts of larger arrays or in Fortran's order; row u of
        X and rows i and j of Y change.
    u : int
        Code of the user.
    i, j : int
        Codes of two different items, of which the user has chosen i and not j.
    lr : float
        Learning rate η > 0.
    reg : float
        λ ≥ 0, paid by the three rows at each of their triples.

    Returns
    -------
    float
        −ln σ(d) from before the step, without the penalty; finite, and without a warning,
        however large d is on either side.

    References
    ----------
    Rendle, Freudenthaler, Gantner, Schmidt-Thieme, "BPR: Bayesian personalized ranking from implicit
    feedback", UAI 2009, figure 4 and section 4.3.1. (Figure 4 goes uphill, and prints a plus before the
    penalty; it has to be a minus.)
    """
    ### BEGIN SOLUTION
    x_u, y_i, y_j = X[u], Y[i], Y[j]  # views: what is written to them is written into X and Y
    d = x_u @ y_i - x_u @ y_j
    small = np.exp(-abs(d))  # at most 1: it cannot overflow
    pull = (small if d > 0 else 1.0) / (1.0 + small)  # σ(−d) = 1 − σ(d): how wrong the order is
    for f in range(len(x_u)):
        x, y, z = x_u[f], y_i[f], y_j[f]  # numbers, not views: they stay old
        x_u[f] += lr * (pull * (y - z) - reg * x)
        y_i[f] += lr * (pull * x - reg * y)
        y_j[f] += lr * (-pull * x - reg * z)
    return np.log1p(small) + max(-d, 0.0)
    ### END SOLUTION


def bpr_epoch(
    R: csr_array, X: np.ndarray, Y: np.ndarray, lr: float, reg: float, rng: np.random.Generator
) -> float:
    """As many steps as there are known pairs, each on a pair and a negative item drawn at random, in place.

    A pair (u, i) is drawn uniformly from all known pairs, *with replacement*, then an item j that u has not
    chosen, as in `sample_negative`; then `bpr_step` is taken, on what the step before has left. (Passes in
    the order of the users would take one user's steps all in a row.)

    Parameters
    ----------
    R : (m, n) csr_array
        The chosen items: a stored cell is a positive, whatever its value. At least one. The columns of a
        row may stand in any order. Not changed.
    X, Y : (m, k), (n, k) array of float
        Factors, changed in place.
    lr, reg : float
        Learning rate η and penalty λ, passed on to `bpr_step`.
    rng : Generator
        The only source of randomness.

    Returns
    -------
    float
        Mean of −ln σ(d) over the steps, each from before its step.

    Raises
    ------
    ValueError
        From `sample_negative`, if the user of a drawn pair has chosen all items.

    References
    ----------
    Rendle, Freudenthaler, Gantner, Schmidt-Thieme, UAI 2009, section 4.2: bootstrap sampling of triples.
    """
    ### BEGIN SOLUTION
    n_items, n_pairs = R.shape[1], R.nnz
    users = np.repeat(np.arange(R.shape[0]), np.diff(R.indptr))  # row of each stored cell
    total = 0.0
    for cell in rng.integers(n_pairs, size=n_pairs):
        u, i = users[cell], R.indices[cell]
        j = sample_negative(np.sort(R.indices[R.indptr[u] : R.indptr[u + 1]]), n_items, rng)
        total += bpr_step(X, Y, u, i, j, lr, reg)
    return float(total / n_pairs)
    ### END SOLUTION


def auc(scores: np.ndarray, positives: np.ndarray) -> float:
    """Area under the ROC curve of one user: the share of pairs that the scores put in the right order.

    A pair is a positive and a negative item of the contest. It counts 1 if the positive has the higher score,
    ½ if the scores are equal, 0 otherwise. 1 is a perfect order, ½ what a coin gives.

    Parameters
    ----------
    scores : (n,) array of int or float
        Score of every item for this user. −∞ marks an item that does not take part, because the user has
        seen it: it is in no pair. Not changed.
    positives : array or list of int
        Codes of the relevant items, each once, in any order, perhaps none; all others are negatives.

    Returns
    -------
    float
        In [0, 1]; nan if no positive or no negative takes part. In O(n log n) time and O(n) memory.

    References
    ----------
    Hanley, McNeil, "The meaning and use of the area under a receiver operating characteristic (ROC) curve",
    Radiology 143(1), 1982; Rendle et al., UAI 2009, section 4.1.
    """
    ### BEGIN SOLUTION
    scores = np.asarray(scores, dtype=float)
    is_positive = np.zeros(len(scores), dtype=bool)
    is_positive[np.asarray(positives, dtype=int)] = True
    takes_part = scores > -np.inf
    ours, others = scores[takes_part & is_positive], np.sort(scores[takes_part & ~is_positive])
    if len(ours) == 0 or len(others) == 0:
        return float("nan")
    # Of the others, how many are below each positive, and how many are below or level: ties are in between.
    below, not_above = (np.searchsorted(others, ours, side=side) for side in ("left", "right"))
    return float(np.mean(below + not_above) / (2 * len(others)))
    ### END SOLUTION
