"""Unit 08: EASE, the linear rival; the reference solutions in the order of the lesson."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array


def ease_weights(R: csr_array, reg: float) -> np.ndarray:
    r"""The weights with which liked items speak for other items: every item's regression on all others.

    With A the 0/1 matrix of likes, B minimises

    .. math:: \lVert A - AB \rVert^2 + \lambda \lVert B \rVert^2
              \quad\text{with}\quad B_{jj} = 0 \text{ for all } j

    and with :math:`P = (A^\top A + \lambda I)^{-1}` the solution is

    .. math:: B_{ij} = -\frac{P_{ij}}{P_{jj}} \text{ for } i \ne j, \qquad B_{jj} = 0

    Parameters
    ----------
    R : (m, n) csr_array
        Likes. A stored cell is a like, whatever its value; it is not changed.
    reg : float
        :math:`\lambda > 0`.

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
    r"""The scores of all items for all users, A B, without any array of the size of B.

    .. math:: K = (A A^\top + \lambda I)^{-1} A = A P, \qquad
              P_{jj} = \frac{1}{\lambda} \Big(1 - \sum_u A_{uj} K_{uj}\Big), \qquad
              AB = A - K \,\mathrm{diag}(P)^{-1}

    Parameters
    ----------
    R : (m, n) csr_array
        Likes. A stored cell is a like, whatever its value; it is not changed.
    reg : float
        :math:`\lambda > 0`.

    Returns
    -------
    (m, n) array of float
        What ``A @ ease_weights(R, reg)`` is. It takes memory for a few arrays of m × n and m × m numbers,
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


def ease_explain(items: np.ndarray, B: np.ndarray, target: int) -> np.ndarray:
    r"""How much each liked item adds to the score of a target item.

    .. math:: s_t = \sum_{i \text{ liked}} B_{it}

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
        The terms of the sum, in the order of ``items``; they add up to the score. A term can be negative.
    """
    ### BEGIN SOLUTION
    return B[np.asarray(items, dtype=np.int64), target]
    ### END SOLUTION


def solves_ease(R: csr_array, B: np.ndarray, reg: float) -> bool:
    r"""Whether somebody else's weights are those of EASE, judged by the law that they must obey.

    At the minimum no weight can be changed for the better. Off the diagonal the gradient is 0,

    .. math:: \big(A^\top A (B - I) + \lambda B\big)_{ij} = 0 \text{ for } i \ne j,

    and on the diagonal B itself is 0.

    Parameters
    ----------
    R : (m, n) csr_array
        Likes. A stored cell is a like, whatever its value.
    B : (n, n) array
        The weights in question; neither is changed.
    reg : float
        :math:`\lambda > 0`.

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
