"""How a setting of each model is drawn at random, and the measure by which one is chosen."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

LIKED_OR_ALL = [4.0, 0.5]  # thresholds: good ratings only, or whatever was rated


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """A number between low and high, every order of magnitude equally likely, to two digits."""
    return float(f"{math.exp(rng.uniform(math.log(low), math.log(high))):.2g}")


def one_of(rng: np.random.Generator, values: list) -> float | int:
    """One of the values, each equally likely."""
    return values[rng.integers(len(values))]


def draw_biases(rng: np.random.Generator) -> dict:
    """A setting of the biases."""
    return {"reg": log_uniform(rng, 0.5, 20)}


def draw_popularity(rng: np.random.Generator) -> dict:
    """What to count."""
    return {"threshold": one_of(rng, LIKED_OR_ALL)}


def draw_explicit_als(rng: np.random.Generator) -> dict:
    """A setting of unit 2."""
    return {
        "bias_reg": log_uniform(rng, 1, 10),
        "n_factors": one_of(rng, [4, 8, 16, 32]),
        "reg": log_uniform(rng, 5, 50),
        "n_epochs": 8,
    }


def draw_sgd(rng: np.random.Generator) -> dict:
    """A setting of unit 3; also of scikit-surprise's SVD, which is the same model."""
    return {
        "n_factors": one_of(rng, [16, 32, 64, 128]),
        "lr": one_of(rng, [0.005, 0.01, 0.02]),
        "reg": log_uniform(rng, 0.03, 0.2),
        "init_std": one_of(rng, [0.005, 0.02, 0.1]),
        "n_epochs": one_of(rng, [20, 40, 60, 80]),
    }


def draw_pytorch_mf(rng: np.random.Generator) -> dict:
    """A setting of unit 4 without gravity."""
    return {
        "n_factors": one_of(rng, [8, 16, 32]),
        "lr": one_of(rng, [0.002, 0.005, 0.01]),
        "penalty_weight": log_uniform(rng, 0.02, 0.5),
        "n_epochs": one_of(rng, [10, 20, 30]),
    }


def draw_gravity(rng: np.random.Generator) -> dict:
    """A setting of unit 4 with gravity."""
    return draw_pytorch_mf(rng) | {"gravity_weight": log_uniform(rng, 0.1, 100)}


def draw_wrmf(rng: np.random.Generator) -> dict:
    """A setting of unit 5. What a row pays grows with the exponent, and λ has to fall."""
    exponent = one_of(rng, [0.0, 0.5, 1.0])
    low, high = {0.0: (10, 100), 0.5: (0.5, 5), 1.0: (0.02, 0.2)}[exponent]
    return {
        "threshold": one_of(rng, LIKED_OR_ALL),
        "n_factors": one_of(rng, [16, 32, 48, 64]),
        "alpha": log_uniform(rng, 1, 15),
        "reg": log_uniform(rng, low, high),
        "reg_exponent": exponent,
        "n_epochs": 10,
    }


def draw_bpr(rng: np.random.Generator) -> dict:
    """A setting of unit 6."""
    return {
        "threshold": one_of(rng, LIKED_OR_ALL),
        "n_factors": one_of(rng, [32, 64, 128]),
        "lr": log_uniform(rng, 0.015, 0.06),
        "reg": log_uniform(rng, 0.003, 0.03),
        "n_epochs": one_of(rng, [100, 200, 400]),
    }


def draw_warp(rng: np.random.Generator) -> dict:
    """A setting of unit 7."""
    return {
        "threshold": one_of(rng, LIKED_OR_ALL),
        "n_factors": one_of(rng, [16, 32, 64, 128]),
        "lr": log_uniform(rng, 0.001, 0.015),
        "max_trials": one_of(rng, [30, 100, 200]),
        "max_norm": log_uniform(rng, 1, 3),
        "n_epochs": one_of(rng, [20, 30, 40]),
    }


def draw_ease(rng: np.random.Generator) -> dict:
    """A setting of unit 8: λ, and what counts as a like."""
    return {"threshold": one_of(rng, LIKED_OR_ALL), "reg": log_uniform(rng, 20, 1000)}


def draw_implicit_als(rng: np.random.Generator) -> dict:
    """A setting of implicit's ALS."""
    return {
        "threshold": one_of(rng, LIKED_OR_ALL),
        "n_factors": one_of(rng, [8, 16, 32, 64, 128]),
        "alpha": log_uniform(rng, 0.5, 50),
        "reg": log_uniform(rng, 0.01, 200),
        "n_epochs": 15,
    }


def draw_implicit_bpr(rng: np.random.Generator) -> dict:
    """A setting of implicit's BPR: wider than ours, as less is known about it here."""
    return {
        "threshold": one_of(rng, LIKED_OR_ALL),
        "n_factors": one_of(rng, [16, 32, 64, 128]),
        "lr": log_uniform(rng, 0.003, 0.1),
        "reg": log_uniform(rng, 0.003, 0.3),
        "n_epochs": one_of(rng, [50, 100, 200, 400]),
    }


def draw_lightfm_warp(rng: np.random.Generator) -> dict:
    """A setting of LightFM's WARP."""
    return {
        "threshold": one_of(rng, LIKED_OR_ALL),
        "n_factors": one_of(rng, [16, 32, 64, 128]),
        "lr": log_uniform(rng, 0.01, 0.2),
        "max_trials": one_of(rng, [10, 30, 100]),
        "n_epochs": one_of(rng, [10, 20, 40, 80]),
    }


# How a setting of each model is drawn, and the measure that chooses among them.
SPACES: dict[str, tuple[Callable[[np.random.Generator], dict], str]] = {
    "biases": (draw_biases, "RMSE"),
    "popularity": (draw_popularity, "NDCG@10"),
    "explicit ALS": (draw_explicit_als, "RMSE"),
    "SGD": (draw_sgd, "RMSE"),
    "PyTorch MF": (draw_pytorch_mf, "RMSE"),
    # The control of the row below it: the same search by the same measure, without gravity.
    "PyTorch MF, tuned for lists": (draw_pytorch_mf, "NDCG@10"),
    "PyTorch MF, gravity": (draw_gravity, "NDCG@10"),
    "WRMF": (draw_wrmf, "NDCG@10"),
    "BPR": (draw_bpr, "NDCG@10"),
    "WARP": (draw_warp, "NDCG@10"),
    "EASE": (draw_ease, "NDCG@10"),
    "implicit ALS": (draw_implicit_als, "NDCG@10"),
    "implicit BPR": (draw_implicit_bpr, "NDCG@10"),
    "LightFM WARP": (draw_lightfm_warp, "NDCG@10"),
    "Surprise SVD": (draw_sgd, "RMSE"),
}
