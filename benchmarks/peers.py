"""Models of other packages behind the interface of `benchmarks.models`, on one thread as the course's own.

Each package is imported when it is asked for; benchmarks/requirements.txt says how to install them.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version

import numpy as np
from scipy.sparse import csr_array, csr_matrix

from benchmarks.models import Fitted, of_factors, of_ratings
from benchmarks.sgd import surprise_trainset
from course_utils.evaluation.ranking import at_least


def implicit_als(
    train: csr_array,
    seed: int,
    threshold: float,
    n_factors: int,
    alpha: float,
    reg: float,
    n_epochs: int,
) -> Fitted:
    """WRMF as implicit computes it, with three steps of conjugate gradients, its default."""
    from implicit.als import AlternatingLeastSquares

    model = AlternatingLeastSquares(
        factors=n_factors,
        alpha=alpha,
        regularization=reg,
        iterations=n_epochs,
        num_threads=1,
        use_gpu=False,
        random_state=seed,
    )
    model.fit(_likes(train, threshold), show_progress=False)
    return of_factors(model.user_factors, model.item_factors)


def implicit_bpr(
    train: csr_array, seed: int, threshold: float, n_factors: int, lr: float, reg: float, n_epochs: int
) -> Fitted:
    """BPR with an item bias and negatives drawn from the likes, that is, in proportion to their popularity.

    That puts popular items down (unit 06 compares both ways of drawing). Triples whose negative turns
    out to be a like are skipped.
    """
    from implicit.bpr import BayesianPersonalizedRanking

    model = BayesianPersonalizedRanking(
        factors=n_factors,
        learning_rate=lr,
        regularization=reg,
        iterations=n_epochs,
        num_threads=1,
        use_gpu=False,
        random_state=seed,
    )
    model.fit(_likes(train, threshold), show_progress=False)
    return of_factors(model.user_factors, model.item_factors)  # the bias is one of the factors


def lightfm_warp(
    train: csr_array, seed: int, threshold: float, n_factors: int, lr: float, max_trials: int, n_epochs: int
) -> Fitted:
    """WARP with biases and adagrad."""
    from lightfm import LightFM

    model = LightFM(
        no_components=n_factors, loss="warp", learning_rate=lr, max_sampled=max_trials, random_state=seed
    )
    model.fit(_likes(train, threshold).tocoo(), epochs=n_epochs, num_threads=1)
    b_item, Y = model.get_item_representations()
    _, X = model.get_user_representations()  # the same for all items: a user's bias changes no list
    return Fitted(lambda users: b_item + X[users] @ Y.T)


def surprise_svd(
    train: csr_array, seed: int, n_factors: int, lr: float, reg: float, init_std: float, n_epochs: int
) -> Fitted:
    """Biases and factors by SGD, in the order of the users."""
    import surprise

    ratings = surprise_trainset(surprise, train)
    model = surprise.SVD(
        n_factors=n_factors,
        lr_all=lr,
        reg_all=reg,
        init_std_dev=init_std,
        n_epochs=n_epochs,
        random_state=seed,
    ).fit(ratings)
    # Users and items without ratings have no row there; here their biases and factors are 0.
    b_user, b_item = (np.zeros(size) for size in train.shape)
    X, Y = (np.zeros((size, n_factors)) for size in train.shape)
    users = [ratings.to_raw_uid(inner) for inner in ratings.all_users()]
    items = [ratings.to_raw_iid(inner) for inner in ratings.all_items()]
    b_user[users], X[users], b_item[items], Y[items] = model.bu, model.pu, model.bi, model.qi
    return of_ratings(ratings.global_mean, b_user, b_item, X, Y)


def _likes(train: csr_array, threshold: float) -> csr_matrix:
    liked = csr_matrix(at_least(train, threshold), dtype=np.float32)
    liked.data[:] = 1.0
    return liked


# Model, and the package that it is from.
PEERS: dict[str, tuple[Callable[..., Fitted], str]] = {
    "implicit ALS": (implicit_als, "implicit"),
    "implicit BPR": (implicit_bpr, "implicit"),
    "LightFM WARP": (lightfm_warp, "lightfm-next"),
    "Surprise SVD": (surprise_svd, "scikit-surprise"),
}


def package_of(peer: str) -> str:
    """The package of a peer with its version; PackageNotFoundError if it is not installed."""
    name = PEERS[peer][1]
    return f"{name} {version(name)}"
