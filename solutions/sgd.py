"""Unit 03: stochastic gradient descent, the reference solutions in the order of the lesson."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array


def predict_ratings(
    mu: float,
    b_user: np.ndarray,
    b_item: np.ndarray,
    X: np.ndarray,
    Y: np.ndarray,
    users: np.ndarray,
    items: np.ndarray,
) -> np.ndarray:
    """Predicted ratings of pairs: one number for each user and item that stand at the same place.

        r̂_ui = μ + b_u + b_i + x_uᵀy_i

    Parameters
    ----------
    mu : float
        Mean of the known ratings, in stars.
    b_user, b_item : (m,), (n,) array
        Biases of the users and of the items, in stars.
    X, Y : (m, k), (n, k) array
        Factors of the users and of the items, one row each; whole numbers or floats.
    users, items : (batch,) array of int32 or int64
        Codes; the pairs are (users[0], items[0]), (users[1], items[1]), … A code of −1 is somebody or
        something that training has not seen (`lookup_ids` of unit 1 gives it): its bias counts as 0, and so
        does the product of the factors.

    Returns
    -------
    (batch,) array of float64
        In stars, not clipped to the scale.

    References
    ----------
    Koren, Bell, Volinsky, "Matrix factorization techniques for recommender systems", IEEE Computer 42(8),
    2009, eq. (4).
    """
    ### BEGIN SOLUTION
    # X[-1] would be the last user's row: NumPy counts −1 from the end.
    user_known, item_known = users >= 0, items >= 0
    taste = np.sum(X[users] * Y[items], axis=1)
    return (
        mu
        + np.where(user_known, b_user[users], 0.0)
        + np.where(item_known, b_item[items], 0.0)
        + np.where(user_known & item_known, taste, 0.0)
    )
    ### END SOLUTION


def start_model(
    R: csr_array, n_factors: int, rng: np.random.Generator, init_std: float = 0.1
) -> tuple[float, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Where training starts: the mean, no biases yet, and small random factors.

    Every entry of X and Y is drawn from N(0, init_std²). A start at 0 would stay there (each
    side's gradient is a multiple of the other side); large factors would begin with loud, random opinions.

    Parameters
    ----------
    R : (m, n) csr_array
        Known ratings in stars, at least one, of any number type; a cell that is not stored is unknown, a
        stored 0 is a rating.
    n_factors : int
        Number of factors k.
    rng : Generator
        The only source of randomness: the same state gives the same start. X is drawn first, then Y. (The
        other order is as good, but shows other films further down.)
    init_std : float
        Standard deviation of the factors at the start.

    Returns
    -------
    mu : float
        Mean of the known ratings.
    b_user, b_item : (m,), (n,) array of float
        Zeros.
    X, Y : (m, k), (n, k) array of float
        Independent draws of mean 0.
    """
    ### BEGIN SOLUTION
    n_users, n_items = R.shape
    X = rng.normal(scale=init_std, size=(n_users, n_factors))
    Y = rng.normal(scale=init_std, size=(n_items, n_factors))
    return float(R.data.mean()), np.zeros(n_users), np.zeros(n_items), X, Y
    ### END SOLUTION


def sgd_step(
    mu: float,
    b_user: np.ndarray,
    b_item: np.ndarray,
    X: np.ndarray,
    Y: np.ndarray,
    u: int,
    i: int,
    r: float,
    lr: float,
    reg: float,
) -> float:
    """One step down the gradient of the loss of one rating, in place.

        ℓ = ½ e² + ½ λ (b_u² + b_i² + ‖x_u‖² + ‖y_i‖²)   with   e = r − (μ + b_u + b_i + x_uᵀy_i)

    The bias and the factors of user u and of item i each move by −η times their own gradient, and
    all four gradients are those at the *old* values. Nothing else changes.

    Parameters
    ----------
    mu : float
        Mean of the known ratings, in stars; fixed.
    b_user, b_item : (m,), (n,) array of float
        Biases, in stars; entries u and i change.
    X, Y : (m, k), (n, k) array of float
        Factors, perhaps parts of larger arrays or in Fortran's order; rows u and i change.
    u, i : int
        Codes of the user and of the item.
    r : float
        The rating, in stars.
    lr : float
        Learning rate η > 0.
    reg : float
        λ ≥ 0, paid by the biases and the factors of the pair at each of its ratings.

    Returns
    -------
    float
        The error e from before the step.

    References
    ----------
    Koren, Bell, Volinsky, "Matrix factorization techniques for recommender systems", IEEE Computer 42(8),
    2009, section "Stochastic gradient descent"; Funk, "Netflix update: try this at home", 2006.
    """
    ### BEGIN SOLUTION
    x_u, y_i = X[u], Y[i]  # views: what is written to them is written into X and Y
    e = r - (mu + b_user[u] + b_item[i] + x_u @ y_i)
    b_user[u] += lr * (e - reg * b_user[u])
    b_item[i] += lr * (e - reg * b_item[i])
    for f in range(len(x_u)):
        x, y = x_u[f], y_i[f]  # numbers, not views: they stay old
        x_u[f] += lr * (e * y - reg * x)
        y_i[f] += lr * (e * x - reg * y)
    return e
    ### END SOLUTION


def minibatch_step(
    mu: float,
    b_user: np.ndarray,
    b_item: np.ndarray,
    X: np.ndarray,
    Y: np.ndarray,
    users: np.ndarray,
    items: np.ndarray,
    ratings: np.ndarray,
    lr: float,
    reg: float,
) -> None:
    """One step down the gradient of the summed loss of a batch of ratings, in place.

        ℓ_1 + ℓ_2 + … + ℓ_B   with the ℓ of each rating as in `sgd_step`

    It is a *sum*, not a mean: a batch of one is `sgd_step`, and a user who occurs three times in the batch
    moves by the sum of three gradients (and pays the penalty three times). All gradients are those at the old
    values.

    Parameters
    ----------
    mu : float
        Mean of the known ratings, in stars; fixed.
    b_user, b_item : (m,), (n,) array of float
        Biases, in stars; changed where the batch has ratings.
    X, Y : (m, k), (n, k) array of float
        Factors; likewise. They may be parts of larger arrays, or in Fortran's order.
    users, items : (B,) array of int32 or int64
        Codes of the pairs, any of them repeated; none are −1. B may be 0.
    ratings : (B,) array
        Their ratings, in stars.
    lr : float
        Learning rate η > 0.
    reg : float
        λ ≥ 0, paid per rating.
    """
    ### BEGIN SOLUTION
    x, y = X[users], Y[items]  # indexing with an array copies: these stay old
    e = ratings - predict_ratings(mu, b_user, b_item, X, Y, users, items)
    step_b_user = lr * (e - reg * b_user[users])
    step_b_item = lr * (e - reg * b_item[items])
    # b_user[users] += … would keep only one of the steps of a user who occurs twice; np.add.at adds them all.
    np.add.at(b_user, users, step_b_user)
    np.add.at(b_item, items, step_b_item)
    np.add.at(X, users, lr * (e[:, None] * y - reg * x))
    np.add.at(Y, items, lr * (e[:, None] * x - reg * y))
    ### END SOLUTION


def best_epoch(losses: np.ndarray, patience: int) -> int:
    """Early stopping: the epoch whose model to keep.

    Training goes on until `patience` epochs in a row have not improved on the lowest validation loss so
    far, or until the losses end. What a later epoch would have brought is never seen.

    Parameters
    ----------
    losses : (n_epochs,) array or list of numbers
        Validation loss after each epoch; at least one, all finite: neither inf nor nan. An equal loss is no
        improvement, a lower one is, however little.
    patience : int
        At least 1.

    Returns
    -------
    int
        Index, from 0, of the lowest loss before training stopped; of equal ones the first.
    """
    ### BEGIN SOLUTION
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        elif epoch - best >= patience:
            break
    return best
    ### END SOLUTION


def recommend(scores: np.ndarray, seen: np.ndarray, n: int) -> np.ndarray:
    """The items to show a user: the highest scores among what they have not seen.

    Parameters
    ----------
    scores : (n_items,) array of int or float
        Score of every item for this user, finite, of either sign; not changed.
    seen : array or list of int
        Codes of the items that the user knows already; in any order, possibly none; a code may come twice.
    n : int
        How many to return at most, at least 0.

    Returns
    -------
    (≤ n,) array of int
        Codes in descending order of score, of equal scores the smaller code first. Fewer than n only if fewer
        items are unseen.
    """
    ### BEGIN SOLUTION
    unseen = np.setdiff1d(np.arange(len(scores)), seen)  # ascending, so that a stable sort puts ties in order
    order = np.argsort(-np.asarray(scores)[unseen], kind="stable")
    return unseen[order[:n]]
    ### END SOLUTION


def most_similar(factors: np.ndarray, index: int, n: int) -> np.ndarray:
    """The items whose factors point most nearly into the same direction.

        cos(y_i, y_j) = y_iᵀy_j / (‖y_i‖ ‖y_j‖)

    Parameters
    ----------
    factors : (n_items, k) array of int or float
        Factors, one row an item, however short or long; not changed.
    index : int
        Code of the item in question.
    n : int
        How many to return at most.

    Returns
    -------
    (≤ n,) array of int
        Codes of other items in descending order of cosine, of equal ones the smaller code first. A row of
        norm 0 has no direction: such items come last, in the order of their codes. If the item in question
        itself has norm 0, all items with a direction are equally like it: they come in the order of their
        codes, and the other rows of norm 0 come last also then.

    Raises
    ------
    ValueError
        If `index` is not one of 0 … n_items − 1: −1 is an item that training has not seen, not the last
        one.
    """
    ### BEGIN SOLUTION
    if not 0 <= index < len(factors):
        raise ValueError(f"item {index} is not in 0 … {len(factors) - 1}: training has not seen it")
    norms = np.linalg.norm(factors, axis=1)
    closeness = np.full(len(factors), -np.inf)  # rows without a direction stay last
    # Cosines but for the division by the norm of row `index`, which would not change the order.
    np.divide(factors @ factors[index], norms, out=closeness, where=norms > 0)
    order = np.argsort(-closeness, kind="stable")
    return order[order != index][:n]
    ### END SOLUTION
