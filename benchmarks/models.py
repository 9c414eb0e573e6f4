"""The course's models behind one interface: train on ratings, then give a score to every item.

Each function of `MODELS` takes a training matrix of ratings in stars, a seed and its setting, and returns a
`Fitted`. The arithmetic is that of the reference solutions; loops over single ratings run compiled.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from scipy.sparse import csr_array

from benchmarks.als import leftovers
from course_utils.data.interactions import known_cells
from course_utils.evaluation.baselines import fit_biases
from course_utils.evaluation.ranking import at_least
from course_utils.training.bpr import train_bpr
from course_utils.training.sgd import train_sgd
from course_utils.training.warp import train_warp
from solutions.bpr import bpr_step
from solutions.ease import ease_scores
from solutions.explicit_als import fit_als
from solutions.pytorch_mf import BiasedMF, fit, sparse_ratings
from solutions.sgd import sgd_step, start_model
from solutions.warp import estimate_rank, rank_weight, warp_step
from solutions.wrmf import fit_wrmf


@dataclass(frozen=True)
class Fitted:
    """A trained model.

    Parameters
    ----------
    score : callable
        ``score(users) -> (len(users), n)``: the score of every item for each of them.
    predict : callable or None
        ``predict(users, items) -> (len(users),)``: a rating in stars for each pair, if the model
        gives ratings.
    """

    score: Callable[[np.ndarray], np.ndarray]
    predict: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None


def of_factors(X: np.ndarray, Y: np.ndarray) -> Fitted:
    """A model whose scores are the products of two tables of factors."""
    return Fitted(lambda users: X[users] @ Y.T)


def of_ratings(mu: float, b_user: np.ndarray, b_item: np.ndarray, X: np.ndarray, Y: np.ndarray) -> Fitted:
    """A model of ratings: a mean, biases and factors. It recommends what it predicts the most stars for."""
    return Fitted(
        score=lambda users: mu + b_user[users, None] + b_item + X[users] @ Y.T,
        predict=lambda users, items: mu + b_user[users] + b_item[items] + np.sum(X[users] * Y[items], axis=1),
    )


@contextlib.contextmanager
def compiled() -> Iterator[None]:
    """Keep progress bars off the screen; RuntimeError if a step was not compiled or the training diverged."""
    with contextlib.redirect_stdout(io.StringIO()) as said:
        yield
    for line in said.getvalue().splitlines():
        if "plain Python" in line or "diverged" in line:
            raise RuntimeError(line)


def small_factors(shape: tuple[int, int], n_factors: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Factors of users and of items to start from: N(0, 0.1/√k), whose products are near 0."""
    return [rng.normal(scale=0.1 / np.sqrt(n_factors), size=(size, n_factors)) for size in shape]


def global_mean(train: csr_array, seed: int) -> Fitted:
    """The same rating for all; its recommendations are the first items of the list."""
    nothing = [np.zeros(size) for size in train.shape]
    return of_ratings(float(train.data.mean()), *nothing, *(part[:, None] for part in nothing))


def biases(train: csr_array, seed: int, reg: float) -> Fitted:
    """Unit 2's rival: mean and biases, by `fit_biases`."""
    found = fit_biases(train, reg)
    return of_ratings(found.mu, found.user, found.item, *(np.zeros((size, 1)) for size in train.shape))


def popularity(train: csr_array, seed: int, threshold: float) -> Fitted:
    """What most users liked, for everybody."""
    counts = np.bincount(at_least(train, threshold).indices, minlength=train.shape[1]).astype(float)
    return Fitted(lambda users: np.tile(counts, (len(users), 1)))


def explicit_als(
    train: csr_array, seed: int, bias_reg: float, n_factors: int, reg: float, n_epochs: int
) -> Fitted:
    """Unit 2: biases, and ALS for what they leave."""
    base = fit_biases(train, bias_reg)
    rng = np.random.default_rng(seed)
    X, Y, _ = fit_als(leftovers(train, base), n_factors, reg, reg, n_epochs, rng)
    return of_ratings(base.mu, base.user, base.item, X, Y)


def sgd(
    train: csr_array, seed: int, n_factors: int, lr: float, reg: float, init_std: float, n_epochs: int
) -> Fitted:
    """Unit 3: a step for each rating."""
    rng = np.random.default_rng(seed)
    model = start_model(train, n_factors, rng, init_std)
    with compiled():
        train_sgd(sgd_step, model, train, lr, reg, n_epochs, rng)
    return of_ratings(*model)


def pytorch_mf(
    train: csr_array,
    seed: int,
    n_factors: int,
    lr: float,
    penalty_weight: float,
    n_epochs: int,
    init_std: float = 0.005,
    gravity_weight: float = 0.0,
    batch_size: int = 1024,
) -> Fitted:
    """Unit 4: mini-batches and AdamW, with or without gravity."""
    generator = torch.Generator().manual_seed(seed)
    m, n = train.shape
    model = BiasedMF(m, n, n_factors, float(train.data.mean()), init_std, generator)
    ratings = sparse_ratings(*known_cells(train), train.shape)
    # With the number of epochs settled, all ratings are learned from. "Validated" on themselves, they leave
    # the weights of the lowest training error: of the last epoch, or nearly.
    fit(
        model,
        ratings,
        ratings,
        n_epochs,
        lr,
        gravity_weight=gravity_weight,
        penalty_weight=penalty_weight,
        batch_size=batch_size,
        generator=generator,
    )
    names = ("user_bias", "item_bias", "user_factors", "item_factors")
    b_user, b_item, X, Y = (getattr(model, name).weight.detach().double().numpy() for name in names)
    return of_ratings(float(train.data.mean()), b_user[:, 0], b_item[:, 0], X, Y)


def wrmf(
    train: csr_array,
    seed: int,
    threshold: float,
    n_factors: int,
    alpha: float,
    reg: float,
    reg_exponent: float,
    n_epochs: int,
) -> Fitted:
    """Unit 5: every cell counts. What was rated at least `threshold` is an amount of 1."""
    liked = at_least(train, threshold)
    liked.data[:] = 1.0
    X, Y, _ = fit_wrmf(liked, n_factors, alpha, reg, n_epochs, np.random.default_rng(seed), reg_exponent)
    return of_factors(X, Y)


def bpr(
    train: csr_array,
    seed: int,
    threshold: float,
    n_factors: int,
    lr: float,
    reg: float,
    n_epochs: int,
    weights: np.ndarray | None = None,
) -> Fitted:
    """Unit 6: pairs of a liked and another item, drawn at random; in proportion to `weights`, if given."""
    liked, rng = at_least(train, threshold), np.random.default_rng(seed)
    X, Y = small_factors(train.shape, n_factors, rng)
    with compiled():
        train_bpr(bpr_step, X, Y, liked, lr, reg, n_epochs, rng, weights=weights)
    return of_factors(X, Y)


def warp(
    train: csr_array,
    seed: int,
    threshold: float,
    n_factors: int,
    lr: float,
    max_trials: int,
    max_norm: float,
    n_epochs: int,
) -> Fitted:
    """Unit 7: each liked item against the first item that is found above it."""
    liked, rng = at_least(train, threshold), np.random.default_rng(seed)
    X, Y = small_factors(train.shape, n_factors, rng)
    with compiled():
        train_warp(
            rank_weight, estimate_rank, warp_step, X, Y, liked, lr, max_trials, max_norm, n_epochs, rng
        )
    return of_factors(X, Y)


def ease(train: csr_array, seed: int, threshold: float, reg: float) -> Fitted:
    """Unit 8: a regression of every film on all others; nothing is drawn."""
    scores = ease_scores(at_least(train, threshold), reg)
    return Fitted(lambda users: scores[users])


MODELS: dict[str, Callable[..., Fitted]] = {
    "global mean": global_mean,
    "biases": biases,
    "popularity": popularity,
    "explicit ALS": explicit_als,
    "SGD": sgd,
    "PyTorch MF": pytorch_mf,
    "PyTorch MF, tuned for lists": pytorch_mf,
    "PyTorch MF, gravity": pytorch_mf,
    "WRMF": wrmf,
    "BPR": bpr,
    "WARP": warp,
    "EASE": ease,
}
