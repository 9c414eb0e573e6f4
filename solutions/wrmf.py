"""Unit 05: weighted regularised matrix factorization (WRMF), the reference solutions in order."""

from __future__ import annotations

import numpy as np
from scipy.linalg.lapack import dposv
from scipy.sparse import csr_array


def preference_confidence(R: csr_array, alpha: float) -> tuple[csr_array, csr_array]:
    """What the model takes a table of amounts for: preferences, and how sure of them it is.

        p_ui = 1 and c_ui = 1 + α r_ui   where (u, i) is known
        p_ui = 0 and c_ui = 1            elsewhere

    Parameters
    ----------
    R : (m, n) csr_array
        Amounts r ≥ 0 (views, minutes, stars) of any number type. The stored cells are the known
        ones; a stored 0 is known, too. It is not changed.
    alpha : float
        α ≥ 0, confidence per unit of amount.

    Returns
    -------
    P : (m, n) csr_array of floats
        Preferences: 1.0 in every known cell; the others are not stored.
    C : (m, n) csr_array of float64
        c − 1 = αr in every known cell. The 1 that *all* cells have is left out: with it, the
        matrix would have no cell to leave out.

    References
    ----------
    Hu, Koren, Volinsky, "Collaborative filtering for implicit feedback datasets", 2008, section 4.
    """
    ### BEGIN SOLUTION
    P, C = (csr_array(R, dtype=np.float64, copy=True) for _ in range(2))
    P.data[:] = 1.0
    C.data *= alpha
    return P, C
    ### END SOLUTION


def objective(R: csr_array, X: np.ndarray, Y: np.ndarray, alpha: float, reg: float) -> float:
    """The loss L that this unit minimises: weighted squared errors of **all** cells, and the penalty.

        L = Σ_u Σ_i c_ui (p_ui − x_uᵀy_i)² + λ (Σ_u ‖x_u‖² + Σ_i ‖y_i‖²)

    Parameters
    ----------
    R : (m, n) csr_array, or the transpose of one
        Amounts r ≥ 0 of any number type; the stored cells are the known ones. Where known p = 1 and
        c = 1 + αr, elsewhere p = 0 and c = 1.
    X : (m, k) array
        User factors, whole numbers or floats.
    Y : (n, k) array
        Item factors, likewise.
    alpha : float
        α ≥ 0, confidence per unit of amount.
    reg : float
        λ ≥ 0, paid once per row of X and of Y.

    Returns
    -------
    float
        A sum, not a mean. It takes O(|Ω| k + (m + n) k²) steps and no m×n array.

    References
    ----------
    Hu, Koren, Volinsky, "Collaborative filtering for implicit feedback datasets", 2008, eq. (3).
    """
    ### BEGIN SOLUTION
    R = csr_array(R, dtype=np.float64)
    # As if every cell were unknown: Σ (x·y)² over all m·n pairs, by two k×k matrices (unit 04's gravity).
    loss = np.sum((X.T @ X) * (Y.T @ Y))
    for u in np.flatnonzero(np.diff(R.indptr)):
        known = slice(R.indptr[u], R.indptr[u + 1])
        scores = Y[R.indices[known]] @ X[u]
        confidence = 1 + alpha * R.data[known]
        loss += confidence @ (1 - scores) ** 2 - scores @ scores  # the known cells put right
    return float(loss + reg * (np.sum(X**2) + np.sum(Y**2)))
    ### END SOLUTION


def solve_user_naive(r: np.ndarray, Y: np.ndarray, alpha: float, reg: float) -> np.ndarray:
    """Best factors of one user, the items' factors held fixed, straight from the definition.

        (YᵀC_uY + λI) x_u = YᵀC_u p_u

    with C_u the diagonal matrix of the user's confidences in **all** n items.

    Parameters
    ----------
    r : (n,) array
        The user's row, dense: an amount above 0 where one is known, and here, on purpose, 0 where nothing is.
        Whole numbers or floats.
    Y : (n, k) array
        Factors of all items, whole numbers or floats.
    alpha : float
        α ≥ 0, confidence per unit of amount.
    reg : float
        λ > 0, paid once per user.

    Returns
    -------
    (k,) array
        The x at which Σ_i c_i (p_i − xᵀy_i)² + λ‖x‖² is least. It takes
        O(n k²) steps for this one user.

    References
    ----------
    Hu, Koren, Volinsky, "Collaborative filtering for implicit feedback datasets", 2008, eq. (4).
    """
    ### BEGIN SOLUTION
    confidence, preference = 1 + alpha * r, r > 0
    gram = Y.T @ (confidence[:, np.newaxis] * Y)
    return np.linalg.solve(gram + reg * np.eye(Y.shape[1]), Y.T @ (confidence * preference))
    ### END SOLUTION


def update_factors(R: csr_array, fixed: np.ndarray, alpha: float, reg: float | np.ndarray) -> np.ndarray:
    """Best factors of every row of R, the factors of its columns held fixed, by the Gram matrix trick.

        (YᵀY + Yᵀ(C_u − I)Y + λI) x_u = YᵀC_u p_u

    YᵀY is the same for all rows and is computed once; C_u − I is 0 but in the row's
    known cells, and so is p_u. `update_factors(R.T, X, …)` updates the items.

    Parameters
    ----------
    R : (m, n) csr_array, or the transpose of one
        Amounts r ≥ 0 of any number type; the stored cells are the known ones.
    fixed : (n, k) array
        Factors Y that belong to the columns of R; whole numbers or floats.
    alpha : float
        α ≥ 0, confidence per unit of amount.
    reg : float or (m,) array
        λ > 0: one for all rows, or one a row.

    Returns
    -------
    (m, k) array of float64
        The rows that `solve_user_naive` gives; zeros for a row without known cells. It takes
        O(|Ω| k² + n k² + m k³) steps and forms no m×n array. Neither R nor `fixed` is
        changed.

    Raises
    ------
    numpy.linalg.LinAlgError
        If a row has no unique solution, which takes a λ of 0.

    References
    ----------
    Hu, Koren, Volinsky, "Collaborative filtering for implicit feedback datasets", 2008, section 4.
    """
    ### BEGIN SOLUTION
    R = csr_array(R, dtype=np.float64)
    fixed = np.asarray(fixed, dtype=np.float64)
    gram, identity = fixed.T @ fixed, np.eye(fixed.shape[1])
    reg = np.broadcast_to(reg, R.shape[0])
    solved = np.zeros((R.shape[0], fixed.shape[1]))
    for row in np.flatnonzero(np.diff(R.indptr)):
        known = slice(R.indptr[row], R.indptr[row + 1])
        factors, extra = fixed[R.indices[known]], alpha * R.data[known]
        # (√extra·Y)ᵀ(√extra·Y): a product with its own transpose, for which BLAS does half of the work.
        weighted = np.sqrt(extra)[:, np.newaxis] * factors
        matrix = gram + weighted.T @ weighted + reg[row] * identity
        # The matrix is symmetric and positive definite: Cholesky, half the work of a general solver.
        _, solved[row], failed = dposv(matrix, (1 + extra) @ factors)
        if failed:
            raise np.linalg.LinAlgError(f"row {row} has no unique solution; is λ above 0? It is {reg[row]:g}")
    return solved
    ### END SOLUTION


def row_penalty(n_known: int, n_columns: int, alpha: float, reg: float, reg_exponent: float) -> float:
    """Penalty of one row, scaled by how much is known of it (a bonus; nothing else needs it).

        λ_u = λ (n_u + n / α)^ν

    The bracket is the weight of all of the row's cells: each known cell counts 1, each of the n columns
    1/α. (Dividing the objective by α turns the confidences 1 and 1 + α into those.)

    Parameters
    ----------
    n_known : int or array of int
        n_u, the row's number of known cells. An array gives an array: one penalty a row.
    n_columns : int
        n, the number of columns.
    alpha : float
        α > 0, confidence per unit of amount.
    reg : float
        λ ≥ 0, the penalty at the exponent 0.
    reg_exponent : float
        ν ≥ 0. At 0 every row pays exactly `reg`, at 1 in proportion to its weight.

    Returns
    -------
    float, or array of float
        λ_u, to be used as `reg` of `update_factors`.

    References
    ----------
    Rendle, Krichene, Zhang, Koren, "Revisiting the performance of iALS on item recommendation benchmarks",
    2022, arXiv:2110.14037 (frequency-scaled regularization), with their α_0 as 1/α.
    """
    ### BEGIN SOLUTION
    return reg * (n_known + n_columns / alpha) ** reg_exponent
    ### END SOLUTION


def fit_wrmf(
    R: csr_array,
    n_factors: int,
    alpha: float,
    reg: float,
    n_epochs: int,
    rng: np.random.Generator,
    reg_exponent: float = 0.0,
) -> tuple[np.ndarray, np.ndarray, list[float]]:
    """Alternating least squares for amounts: solve for the users, then for the items with the new users.

    Parameters
    ----------
    R : (m, n) csr_array
        Amounts r ≥ 0 of any number type; the stored cells are the known ones. It is not changed.
    n_factors : int
        k, the number of factors.
    alpha : float
        α ≥ 0, confidence per unit of amount.
    reg : float
        λ > 0, paid once per row of X and of Y.
    n_epochs : int
        How many times users *and* items are updated, at least 1.
    rng : numpy.random.Generator
        Source of the start: independent normal numbers of mean 0 and standard deviation 0.1 / √k.
    reg_exponent : float
        A bonus, for those who solved `row_penalty`: if it is not 0, each user and each item pays its own
        `row_penalty` in place of `reg`, and that is what history counts. Who leaves the bonus out raises
        NotImplementedError there.

    Returns
    -------
    X : (m, k) array
        User factors.
    Y : (n, k) array
        Item factors.
    history : list of float
        The `objective` after each half-step: users, items, users, items, …; 2·n_epochs values that never
        rise.

    References
    ----------
    Hu, Koren, Volinsky, "Collaborative filtering for implicit feedback datasets", 2008, section 4.
    """
    ### BEGIN SOLUTION
    by_item = csr_array(R.T)  # transposed once, not in every epoch
    X, Y = (rng.normal(scale=0.1 / np.sqrt(n_factors), size=(size, n_factors)) for size in R.shape)
    reg_user, reg_item = np.full(R.shape[0], float(reg)), np.full(R.shape[1], float(reg))
    if reg_exponent != 0:
        reg_user[:] = row_penalty(np.diff(csr_array(R).indptr), R.shape[1], alpha, reg, reg_exponent)
        reg_item[:] = row_penalty(np.diff(by_item.indptr), R.shape[0], alpha, reg, reg_exponent)

    def loss():
        penalty = reg_user @ np.sum(X**2, axis=1) + reg_item @ np.sum(Y**2, axis=1)
        return objective(R, X, Y, alpha, 0.0) + float(penalty)

    history = []
    for _ in range(n_epochs):
        X = update_factors(R, Y, alpha, reg_user)
        history.append(loss())
        Y = update_factors(by_item, X, alpha, reg_item)
        history.append(loss())
    return X, Y, history
    ### END SOLUTION


def ndcg_at_k(ranked: np.ndarray, relevant: np.ndarray, k: int) -> float:
    """Normalised discounted cumulative gain of the first k places of a ranking.

        NDCG@k = Σ_{p ≤ k, ranked_p is relevant} 1 / log₂(p + 1)
                 / Σ_{p ≤ min(k, number of relevant)} 1 / log₂(p + 1)

    with the places p counted from 1: the gain is 1 or 0, and the best ranking there is scores 1.

    Parameters
    ----------
    ranked : array (or list) of int
        Different items, the best first; there may be more or fewer than k.
    relevant : array (or list) of int
        The different items that should be found, in any order.
    k : int
        How many places count, at least 1.

    Returns
    -------
    float
        In [0, 1]; nan if nothing is relevant.

    References
    ----------
    Järvelin, Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002.
    """
    ### BEGIN SOLUTION
    if len(relevant) == 0:
        return float("nan")
    discounts = 1 / np.log2(np.arange(2, k + 2))
    hits = np.isin(ranked[:k], relevant)
    return float(discounts[: len(hits)] @ hits / discounts[: len(relevant)].sum())
    ### END SOLUTION


def recall_at_k(ranked: np.ndarray, relevant: np.ndarray, k: int) -> float:
    """Share of what could be found in the first k places that is found there.

        recall@k = |{ranked_1, …, ranked_k} ∩ relevant| / min(k, |relevant|)

    Parameters
    ----------
    ranked, relevant, k
        As in `ndcg_at_k`.

    Returns
    -------
    float
        In [0, 1]; nan if nothing is relevant. 1 can be reached even if more than k items are relevant.

    References
    ----------
    Liang, Krishnan, Hoffman, Jebara, "Variational autoencoders for collaborative filtering", 2018, section 4.
    """
    ### BEGIN SOLUTION
    if len(relevant) == 0:
        return float("nan")
    return len(set(ranked[:k]) & set(relevant)) / min(k, len(relevant))
    ### END SOLUTION


def is_best_list(recommended: np.ndarray, scores: np.ndarray, seen: np.ndarray, n: int) -> bool:
    """A test of somebody's list: are these n items with the highest scores that a user has not seen?

    Parameters
    ----------
    recommended : array of int
        The list: codes, the first place first. It may be of any length, empty, too, and may hold what is no
        code of an item: a negative number, or one of n_items and more.
    scores : (n_items,) array of int or float
        One score an item, finite; they may be negative.
    seen : array of int
        Codes of the items that the user has seen, possibly none or all; a code may come twice.
    n : int
        How many items were asked for; at least 0.

    Returns
    -------
    bool
        True if the list holds n items that the user has not seen (all of these if there are fewer), each
        once, in descending order of score, and no unseen item that is left out has a higher score than one in
        the list. Items of equal score may stand in any order, and any of them may be left out.
    """
    ### BEGIN SOLUTION
    unseen = np.setdiff1d(np.arange(len(scores)), seen)
    if len(np.unique(recommended)) < len(recommended) or not np.all(np.isin(recommended, unseen)):
        return False
    highest = np.sort(scores[unseen])[::-1][:n]
    return np.array_equal(scores[recommended], highest)
    ### END SOLUTION


def fold_in(items: np.ndarray, values: np.ndarray, Y: np.ndarray, alpha: float, reg: float) -> np.ndarray:
    """Factors of a new user, from what they did so far; the items' factors stay as they are.

    Parameters
    ----------
    items : (n_known,) array of int
        Codes of the items that the user had to do with, each once, in any order; perhaps none.
    values : (n_known,) array
        The amounts, in the same order; whole numbers or floats.
    Y : (n, k) array
        Factors of all items, whole numbers or floats.
    alpha, reg : float
        α ≥ 0 and λ > 0, as in training.

    Returns
    -------
    (k,) array
        Exactly the row that `update_factors` gives a trained user with this history; zeros without one.

    References
    ----------
    Hu, Koren, Volinsky, "Collaborative filtering for implicit feedback datasets", 2008, section 4.
    """
    ### BEGIN SOLUTION
    newcomer = csr_array((values, (np.zeros(len(items), dtype=int), items)), shape=(1, len(Y)))
    return update_factors(newcomer, Y, alpha, reg)[0]
    ### END SOLUTION


def explain(
    items: np.ndarray, values: np.ndarray, Y: np.ndarray, alpha: float, reg: float, target: int
) -> np.ndarray:
    """How much each past item of a user adds to the score of a target item.

    The user's factors are x = W Σ_j c_j y_j with
    W = (YᵀCY + λI)⁻¹, a sum over their past items j. So the score of the target t
    is a sum over them as well:

        xᵀy_t = Σ_j c_j · y_tᵀ W y_j

    Parameters
    ----------
    items, values, Y, alpha, reg
        As in `fold_in`.
    target : int
        Code t of the item whose score is to be explained.

    Returns
    -------
    (n_known,) array
        The terms of the sum, in the order of `items`; they add up to the score. A term can be negative.

    References
    ----------
    Hu, Koren, Volinsky, "Collaborative filtering for implicit feedback datasets", 2008, section 5.
    """
    ### BEGIN SOLUTION
    past, extra = Y[items], alpha * np.asarray(values)
    matrix = Y.T @ Y + past.T @ (extra[:, np.newaxis] * past) + reg * np.eye(Y.shape[1])
    # The matrix is symmetric, so one system, for the target, serves all past items.
    return (1 + extra) * (past @ np.linalg.solve(matrix, Y[target]))
    ### END SOLUTION
