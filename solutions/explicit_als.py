"""Unit 02: explicit alternating least squares, the reference solutions in the order of the lesson."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array


def predict(mu: float, X: np.ndarray, Y: np.ndarray, users: np.ndarray, items: np.ndarray) -> np.ndarray:
    """Predicted ratings of pairs: one number for each user and item that stand at the same place.

        r̂_ui = μ + x_uᵀy_i

    Parameters
    ----------
    mu : float
        Mean of the known ratings, in stars; 0 gives the prediction of centred ratings.
    X : (m, k) array
        User factors, one row a user; whole numbers or floats.
    Y : (n, k) array
        Item factors, one row an item, likewise.
    users, items : (batch,) arrays of any integer type
        Codes of the pairs: prediction `p` is for user `users[p]` and item `items[p]`.

    Returns
    -------
    (batch,) array
        In the unit of `mu`, not clipped to the rating scale. Memory grows with batch·k, not with batch².

    References
    ----------
    Koren, Bell, Volinsky, "Matrix factorization techniques for recommender systems", 2009, eq. (1).
    """
    ### BEGIN SOLUTION
    return mu + np.vecdot(X[users], Y[items])
    ### END SOLUTION


def objective(R: csr_array, X: np.ndarray, Y: np.ndarray, reg_user: float, reg_item: float) -> float:
    """The loss L that this unit minimises: squared errors of the known ratings, and the penalty.

        L = Σ_{(u,i) ∈ Ω} (r_ui − x_uᵀy_i)² + λ_user Σ_u ‖x_u‖² + λ_item Σ_i ‖y_i‖²

    Parameters
    ----------
    R : (m, n) csr_array
        Centred ratings of any number type, a row's columns in any order. The stored cells are the known ones,
        Ω; a stored 0 is a rating, equal to the mean.
    X : (m, k) array
        User factors.
    Y : (n, k) array
        Item factors.
    reg_user, reg_item : float
        λ ≥ 0, paid once per row of X and of Y, however many ratings the row has.

    Returns
    -------
    float
        A sum (not a mean), in squared stars. No m×n array is formed on the way.

    References
    ----------
    Koren, Bell, Volinsky, "Matrix factorization techniques for recommender systems", 2009, eq. (2), with a
    λ of its own on each side, paid once per row.
    """
    ### BEGIN SOLUTION
    known = R.tocoo()
    users, items = known.coords
    errors = known.data - predict(0.0, X, Y, users, items)
    return float(errors @ errors + reg_user * np.sum(X**2) + reg_item * np.sum(Y**2))
    ### END SOLUTION


def solve_row(ratings: np.ndarray, factors: np.ndarray, reg: float) -> np.ndarray:
    """Best factors of one user, the items' factors held fixed.

    Minimises Σ_j (r_j − y_jᵀx)² + λ‖x‖² over x. Its gradient
    vanishes where (YᵀY + λI) x = Yᵀr: ridge regression on the rated items alone.

    Parameters
    ----------
    ratings : (n_rated,) array
        The user's known ratings, centred (stars minus the global mean); whole numbers or floats.
    factors : (n_rated, k) array
        Factors of exactly those items, in the same order; whole numbers or floats.
    reg : float
        λ ≥ 0, paid once per user. With λ = 0 the rated items' factors must
        determine x (at least k of them, independent), or there must be none.

    Returns
    -------
    (k,) array
        Zeros for a user without ratings: with no evidence the penalty decides.

    References
    ----------
    Zhou, Wilkinson, Schreiber, Pan, "Large-scale parallel collaborative filtering for the Netflix Prize",
    2008, section 3.1, with λ in place of their λ·n_u.
    """
    ### BEGIN SOLUTION
    k = factors.shape[1]
    if len(ratings) == 0:
        return np.zeros(k)
    return np.linalg.solve(factors.T @ factors + reg * np.eye(k), factors.T @ ratings)
    ### END SOLUTION


def update_factors(R: csr_array, fixed: np.ndarray, reg: float) -> np.ndarray:
    """Best factors of every row of R, the factors of its columns held fixed: `solve_row`, row by row.

    `update_factors(R, Y, reg_user)` gives the users' factors and `update_factors(R.T, X, reg_item)` the
    items'.

    Parameters
    ----------
    R : (m, n) csr_array, or the transpose of one
        Centred ratings of any number type, a row's columns in any order. The stored cells are the known ones;
        a stored 0 is a rating. (SciPy gives the transpose of a CSR array as CSC: `csr_array(R)` brings it
        back to rows.)
    fixed : (n, k) array
        Factors that belong to the columns of R; whole numbers or floats.
    reg : float
        λ ≥ 0, paid once per row.

    Returns
    -------
    (m, k) array of float64
        Row u minimises Σ_{i ∈ Ω_u} (r_ui − y_iᵀx)² + λ‖x‖²,
        with Ω_u the known cells of row u; zeros for a row without ratings. Neither R nor
        `fixed` is changed, and no m×n array is formed.

    References
    ----------
    Koren, Bell, Volinsky, "Matrix factorization techniques for recommender systems", 2009, section
    "Learning algorithms".
    """
    ### BEGIN SOLUTION
    R = csr_array(R)
    solved = np.zeros((R.shape[0], fixed.shape[1]))
    for row in range(R.shape[0]):
        known = slice(R.indptr[row], R.indptr[row + 1])
        solved[row] = solve_row(R.data[known], fixed[R.indices[known]], reg)
    return solved
    ### END SOLUTION


def fit_als(
    R: csr_array, n_factors: int, reg_user: float, reg_item: float, n_epochs: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, list[float]]:
    """Alternating least squares: solve for the users, then for the items with the new users, and again.

    Parameters
    ----------
    R : (m, n) csr_array
        Centred ratings of any number type, a row's columns in any order; the stored cells are the known ones.
        It is not changed.
    n_factors : int
        k, the number of factors.
    reg_user, reg_item : float
        λ of the users' and of the items' rows, as in `objective`.
    n_epochs : int
        How many times users *and* items are updated, at least 1.
    rng : numpy.random.Generator
        Source of the start: independent normal numbers of mean 0 and standard deviation 0.1.

    Returns
    -------
    X : (m, k) array
        User factors.
    Y : (n, k) array
        Item factors.
    history : list of float
        The `objective` after each half-step: users, items, users, items, …; 2·n_epochs values. Each
        half-step minimises the objective over one block, so they never rise.

    References
    ----------
    Zhou, Wilkinson, Schreiber, Pan, "Large-scale parallel collaborative filtering for the Netflix Prize",
    2008, section 3.1.
    """
    ### BEGIN SOLUTION
    X = rng.normal(scale=0.1, size=(R.shape[0], n_factors))
    Y = rng.normal(scale=0.1, size=(R.shape[1], n_factors))
    by_item = csr_array(R.T)  # transposed once, not in every epoch
    history = []
    for _ in range(n_epochs):
        X = update_factors(R, Y, reg_user)
        history.append(objective(R, X, Y, reg_user, reg_item))
        Y = update_factors(by_item, X, reg_item)
        history.append(objective(R, X, Y, reg_user, reg_item))
    return X, Y, history
    ### END SOLUTION


def counts_unknown_as_zero(R: csr_array, fixed: np.ndarray, reg: float, X: np.ndarray) -> bool:
    """A test of somebody's `update_factors`: did unknown cells enter it as ratings of 0?

    Parameters
    ----------
    R : (m, n) csr_array, or the transpose of one
        Centred ratings that the update was given. At least one row has known and unknown cells.
    fixed : (n, k) array
        Factors of the columns that the update was given.
    reg : float
        λ > 0 that the update was given.
    X : (m, k) array
        What the update returned, but for errors of rounding (up to 1e-9 an entry). Either all rows solve
        (YᵀY + λI) x_u = Yᵀr_u with *all* rows of `fixed` as Y and 0 for every
        unknown rating, or all rows solve it with the rows of `fixed` and the ratings of the known cells. The
        two differ by more than 1e-5 in some entry.

    Returns
    -------
    bool
        True for the former, False for the latter.

    References
    ----------
    Hu, Koren, Volinsky, "Collaborative filtering for implicit feedback datasets", 2008, section 4: there,
    and not here, unknown cells are meant to count as 0.
    """
    ### BEGIN SOLUTION
    gram = fixed.T @ fixed + reg * np.eye(fixed.shape[1])
    unknown_as_zero = np.linalg.solve(gram, (R @ fixed).T).T  # a sparse product takes unknown cells as 0
    known_only = update_factors(R, fixed, reg)
    return bool(np.linalg.norm(X - unknown_as_zero) < np.linalg.norm(X - known_only))
    ### END SOLUTION
