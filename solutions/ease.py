"""Unit 08: EASE, the linear rival; the reference solutions in the order of the lesson."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from course_utils.evaluation import at_least, evaluate_ranking


def ease_weights(R: csr_array, reg: float) -> np.ndarray:
    """The weights with which liked items speak for other items: every item's regression on all others.

    With A the 0/1 matrix of likes, B minimises

        ‖A − AB‖² + λ ‖B‖²   with B_jj = 0 for all j

    and with P = (AᵀA + λI)⁻¹ the solution is

        B_ij = −P_ij / P_jj for i ≠ j,   B_jj = 0

    Parameters
    ----------
    R : (m, n) csr_array
        Likes. A stored cell is a like, whatever its value; it is not changed.
    reg : float
        λ > 0.

    Returns
    -------
    (n, n) array of float
        B; its column j holds the weights of all items for the score of item j. The column of an item that
        nobody likes is 0.

    References
    ----------
    Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019, arXiv:1905.03375, equation 8.
    """
    ### BEGIN SOLUTION
    A = csr_array(R, dtype=np.float64, copy=True)
    A.data[:] = 1.0
    gram = (A.T @ A).toarray()
    gram[np.diag_indices_from(gram)] += reg
    P = np.linalg.inv(gram)
    B = -P / np.diag(P)  # column j divided by P_jj
    np.fill_diagonal(B, 0.0)
    return B
    ### END SOLUTION


def ease_scores(R: csr_array, reg: float) -> np.ndarray:
    """The scores of all items for all users, AB, without any array of the size of B.

        K = (AAᵀ + λI)⁻¹ A = AP,   P_jj = (1 − Σ_u A_uj K_uj) / λ,   AB = A − K diag(P)⁻¹

    Parameters
    ----------
    R : (m, n) csr_array
        Likes. A stored cell is a like, whatever its value; it is not changed.
    reg : float
        λ > 0.

    Returns
    -------
    (m, n) array of float
        What `A @ ease_weights(R, reg)` is. It takes memory for a few arrays of m × n and m × m numbers,
        and none of n × n.

    References
    ----------
    The two forms of a ridge regression: Hastie, Tibshirani, Friedman, "The elements of statistical learning",
    2nd edition 2009, section 18.3.5.
    """
    ### BEGIN SOLUTION
    A = csr_array(R, dtype=np.float64, copy=True)
    A.data[:] = 1.0
    A = A.toarray()
    gram = A @ A.T
    gram[np.diag_indices_from(gram)] += reg
    K = np.linalg.solve(gram, A)
    diagonal = (1.0 - np.sum(A * K, axis=0)) / reg
    return A - K / diagonal
    ### END SOLUTION


def choose(train: csr_array, valid: csr_array, grid: np.ndarray) -> tuple[float, np.ndarray]:
    """The penalty with the best lists: models learn from the training ratings and are judged on others.

    Parameters
    ----------
    train : (m, n) csr_array
        Training ratings, in stars. A rating of 4 or more is a like; whatever is rated is recommended to
        nobody who has rated it.
    valid : (m, n) csr_array
        Validation ratings, in stars, none of them in a cell of `train`. Those of 4 or more are what the lists
        should hold. No model learns from them.
    grid : (settings,) array of int or float
        The λ > 0 to try, at least one, in any order.

    Returns
    -------
    best : float
        The λ with the highest NDCG@10 on the validation likes; of equal ones the first in `grid`.
    table : (settings,) array of float
        NDCG@10 of each λ, in the order of `grid`.
    """
    ### BEGIN SOLUTION
    liked, wanted = at_least(train), at_least(valid)
    table = []
    for reg in grid:
        scores = ease_scores(liked, reg)
        table.append(evaluate_ranking(scores.__getitem__, train, wanted)["NDCG@10"])
    return float(grid[np.argmax(table)]), np.array(table)
    ### END SOLUTION


def ease_explain(items: np.ndarray, B: np.ndarray, target: int) -> np.ndarray:
    """How much each liked item adds to the score of a target item.

        s_t = Σ_{i liked} B_it

    Parameters
    ----------
    items : (n_liked,) array or list of int
        Codes of the items that a user likes, none twice, in any order; possibly none.
    B : (n, n) array
        Weights, as `ease_weights` returns them.
    target : int
        Code t of the item whose score is to be explained.

    Returns
    -------
    (n_liked,) array of float
        The terms of the sum, in the order of `items`; they add up to the score. A term can be negative.
    """
    ### BEGIN SOLUTION
    return B[np.asarray(items, dtype=np.int64), target]
    ### END SOLUTION


def solves_ease(R: csr_array, B: np.ndarray, reg: float) -> bool:
    """Whether somebody else's weights are those of EASE, judged by the law that they must obey.

    At the minimum no weight can be changed for the better. Off the diagonal the gradient is 0,

        (AᵀA (B − I) + λB)_ij = 0 for i ≠ j,

    and on the diagonal B itself is 0.

    Parameters
    ----------
    R : (m, n) csr_array
        Likes. A stored cell is a like, whatever its value.
    B : (n, n) array
        The weights in question; neither is changed.
    reg : float
        λ > 0.

    Returns
    -------
    bool
        True if B has the right shape and finite numbers, and both hold to 1e-6 (with counts of likes of
        some hundreds at most); False otherwise.

    References
    ----------
    Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019, section 3.1.
    """
    ### BEGIN SOLUTION
    A = csr_array(R, dtype=np.float64, copy=True)
    A.data[:] = 1.0
    B = np.asarray(B, dtype=np.float64)
    n = A.shape[1]
    if B.shape != (n, n) or not np.isfinite(B).all():
        return False
    gradient = A.T @ (A @ (B - np.eye(n))) + reg * B
    np.fill_diagonal(gradient, 0.0)
    return bool(np.abs(gradient).max(initial=0.0) < 1e-6 and np.abs(np.diag(B)).max(initial=0.0) < 1e-6)
    ### END SOLUTION
