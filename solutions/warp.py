"""Unit 07: WARP, the reference solutions in the order of the lesson."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array


def precision_at_k(ranked: np.ndarray, relevant: np.ndarray, k: int) -> float:
    """Share of the k places of a list that hold a relevant item.

        P@k = (relevant items among the first k) / k

    Parameters
    ----------
    ranked : (≤ n,) array or list of int
        Codes of the recommended items, the best first, none twice. It may be shorter or longer than k.
    relevant : array or list of int
        Codes of the items that the user did like, in any order, none twice; possibly none.
    k : int
        Number of places, at least 1.

    Returns
    -------
    float
        In [0, 1]. An empty place counts as a miss: the number of places divides, however many items there
        are to fill them.

    References
    ----------
    Manning, Raghavan, Schütze, "Introduction to information retrieval", 2008, section 8.4.
    """
    ### BEGIN SOLUTION
    hits = np.isin(ranked[:k], relevant)
    return float(np.sum(hits) / k)
    ### END SOLUTION


def rank_weight(rank: int) -> float:
    """What it costs to have `rank` wrong items above a right one: the first ones cost most.

        L(rank) = 1 + 1/2 + 1/3 + … + 1/rank,   L(0) = 0

    The exact sum, not its approximation ln(rank).

    Parameters
    ----------
    rank : int
        How many items of the rest stand above the item, at least 0.

    Returns
    -------
    float

    References
    ----------
    Weston, Bengio, Usunier, "WSABIE: scaling up to large vocabulary image annotation", IJCAI 2011,
    which defines the WARP loss, here with α_s = 1/s; Usunier, Buffoni, Gallinari, "Ranking with
    ordered weighted pairwise classification", ICML 2009.
    """
    ### BEGIN SOLUTION
    return float(np.sum(1 / np.arange(1, rank + 1)))
    ### END SOLUTION


def estimate_rank(n_trials: int, n_items: int) -> int:
    """How many items stand above the right one, judged by how long a violator was hard to find.

        ⌊(n − 1) / n_trials⌋

    If v of the other n − 1 items violate, a random one of them does with probability v / (n − 1), and the
    first violator comes after (n − 1) / v trials on average. Solved for v: the estimate.

    Parameters
    ----------
    n_trials : int
        Number of items drawn, the violator included: at least 1.
    n_items : int
        Size n of the catalogue.

    Returns
    -------
    int

    References
    ----------
    Weston, Bengio, Usunier, "WSABIE", IJCAI 2011, algorithm 1.
    """
    ### BEGIN SOLUTION
    return (n_items - 1) // n_trials
    ### END SOLUTION


def find_violator(
    scores: np.ndarray,
    positive: int,
    is_positive: np.ndarray,
    max_trials: int,
    rng: np.random.Generator,
    margin: float = 1.0,
) -> tuple[int, int]:
    """Draw items that are not positive until one violates the margin.

    Item j violates if margin + s_j > s_i: it is above the positive item i, or less than the
    margin below it. Items that are not positive are drawn uniformly, each trial among all of them (with
    replacement).

    Parameters
    ----------
    scores : (n,) array of int or float
        Score of every item for one user, of either sign; not changed.
    positive : int
        Code of the positive item i.
    is_positive : (n,) array of bool
        True for all items that are positive for this user; not changed.
    max_trials : int
        How often to draw at most, at least 1.
    rng : Generator
        The only source of randomness.
    margin : float
        In the unit of the scores.

    Returns
    -------
    j : int
        Code of the first violator drawn, or −1 if none of the items drawn was one.
    n_trials : int
        Number of items drawn, the violator included: 1 if the first one violates. Without a violator
        `max_trials`.

    Raises
    ------
    ValueError
        If every item is positive: there is nothing to draw.

    References
    ----------
    Weston, Bengio, Usunier, "WSABIE", IJCAI 2011, algorithm 1.
    """
    ### BEGIN SOLUTION
    negatives = np.flatnonzero(~is_positive)
    if len(negatives) == 0:
        raise ValueError(f"all {len(scores)} items are positive: there is no other item to draw")
    for n_trials in range(1, max_trials + 1):
        j = negatives[rng.integers(len(negatives))]
        if margin + scores[j] > scores[positive]:
            return int(j), n_trials
    return -1, max_trials
    ### END SOLUTION


def warp_step(
    X: np.ndarray, Y: np.ndarray, u: int, i: int, j: int, weight: float, lr: float, max_norm: float
) -> None:
    """One step down the gradient of the weighted hinge of a user, a positive item and a violator, in place.

        ℓ = w (margin − d)   with   d = x_uᵀ(y_i − y_j)

    The rows u of X, i and j of Y move by −η times their gradients at the *old* values. Then each
    of the three that is longer than `max_norm` is scaled back to that length. Nothing else changes. (The
    margin is a constant: it decides who is a violator, and does not occur in the gradient.)

    Parameters
    ----------
    X, Y : (m, k), (n, k) array of float
        Factors, perhaps parts of larger arrays or in Fortran's order; row u of X and rows i and j of Y
        change.
    u, i, j : int
        Codes of the user, of the positive item and of the violator; i and j differ.
    weight : float
        w, for example L(rank), at least 0.
    lr : float
        Learning rate η > 0.
    max_norm : float
        Greatest Euclidean length of a row after the step, above 0.

    References
    ----------
    Weston, Bengio, Usunier, "WSABIE", IJCAI 2011, algorithm 1: the cap is there, in place of a penalty.
    """
    ### BEGIN SOLUTION
    x_u, y_i, y_j = X[u], Y[i], Y[j]  # views: what is written to them is written into X and Y
    for f in range(len(x_u)):
        x, y, z = x_u[f], y_i[f], y_j[f]  # numbers, not views: they stay old
        x_u[f] += lr * weight * (y - z)
        y_i[f] += lr * weight * x
        y_j[f] -= lr * weight * x
    for row in (x_u, y_i, y_j):
        norm = np.sqrt(row @ row)
        if norm > max_norm:
            row *= max_norm / norm
    ### END SOLUTION


def warp_epoch(
    R: csr_array,
    X: np.ndarray,
    Y: np.ndarray,
    lr: float,
    max_trials: int,
    max_norm: float,
    rng: np.random.Generator,
) -> tuple[float, float]:
    """One pass over all positive pairs: look for a violator, weigh it by the estimated rank, take a step.

    For each known pair (u, i), once, in random order: the scores x_uᵀy_j as they are *now*,
    `find_violator` with a margin of 1, and, if there is one, `warp_step` with the weight
    w = L(⌊(n − 1) / n_trials⌋).

    Parameters
    ----------
    R : (m, n) csr_array
        Every stored cell is a positive pair, whatever its value; at least one is stored. Not changed.
    X, Y : (m, k), (n, k) array of float
        Factors, changed in place.
    lr, max_norm : float
        As in `warp_step`.
    max_trials : int
        As in `find_violator`.
    rng : Generator
        The only source of randomness: of the order and of the draws.

    Returns
    -------
    loss : float
        Mean over all pairs of w (1 − x_uᵀ(y_i − y_j)), each from before its step; 0 for a
        pair without a violator.
    trials : float
        Mean number of trials of the pairs that found a violator; nan if none did.

    Raises
    ------
    ValueError
        If every item is positive for a user.
    """
    ### BEGIN SOLUTION
    users = np.repeat(np.arange(R.shape[0]), np.diff(R.indptr))
    total_loss, trials = 0.0, []
    for cell in rng.permutation(R.nnz):
        u, i = users[cell], R.indices[cell]
        is_positive = np.zeros(R.shape[1], dtype=bool)
        is_positive[R.indices[R.indptr[u] : R.indptr[u + 1]]] = True
        scores = Y @ X[u]
        j, n_trials = find_violator(scores, i, is_positive, max_trials, rng)
        if j >= 0:
            weight = rank_weight(estimate_rank(n_trials, R.shape[1]))
            total_loss += weight * (1 - (scores[i] - scores[j]))
            trials.append(n_trials)
            warp_step(X, Y, u, i, j, weight, lr, max_norm)
    return float(total_loss / R.nnz), float(np.mean(trials)) if trials else float("nan")
    ### END SOLUTION
