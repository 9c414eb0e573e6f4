"""Unit 08's EASE beside WRMF and popularity on ml-1m: lists, time and memory; for whom which one is better.

Run ``python -m benchmarks.ease``; the environment variable ``MF_DATA_DIR`` names the folder of ml-1m, which
may not be redistributed. The settings are chosen on validation ratings, inside the first split's training
part. One thread; the seconds are the processor's in training.
"""

from __future__ import annotations

import os
import tempfile
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from threadpoolctl import threadpool_limits

from benchmarks.loading import ml_1m_folder
from benchmarks.models import MODELS, Fitted
from course_utils.data.datasets import load
from course_utils.data.interactions import Interactions
from course_utils.evaluation.league import league_split, mean_and_margin
from course_utils.evaluation.ranking import at_least, evaluate_ranking, split_by_user

SEEDS = range(5)
LIKE = {"threshold": 4.0}
OF_WRMF = LIKE | {"reg_exponent": 0.0, "n_epochs": 10}
GRIDS: dict[str, list[dict]] = {
    "popularity": [LIKE],
    "WRMF": [
        OF_WRMF | {"n_factors": k, "alpha": alpha, "reg": reg}
        for k in (32, 64)
        for alpha in (6.0, 12.0, 24.0)
        for reg in (60.0, 120.0, 240.0)
    ],
    "EASE": [LIKE | {"reg": reg} for reg in (100.0, 250.0, 600.0, 1500.0)],
}
GROUPS = [-1, 20, 40, 80, 160, 1_000_000]  # likes to learn from, of a fifth of the people each, roughly


def ndcg(fitted: Fitted, train: csr_array, held: csr_array) -> pd.Series:
    """NDCG@10 of every person with a held-out like."""
    return evaluate_ranking(fitted.score, train, at_least(held), per_user=True)["NDCG@10"]


def choose(name: str, train: csr_array) -> dict:
    """The setting with the best lists for validation ratings, a fifth of the training ratings."""
    learned, valid = split_by_user(train, 0.2, np.random.default_rng(0))
    return max(
        GRIDS[name], key=lambda setting: ndcg(MODELS[name](learned, 0, **setting), learned, valid).mean()
    )


def peak_megabytes(name: str, train: csr_array, setting: dict) -> float:
    """The memory of the arrays that a training holds at its highest, the model included."""
    tracemalloc.start()
    try:
        MODELS[name](train, 0, **setting)
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def main() -> None:
    """Print the league of three models, and EASE's lead over WRMF by length of history."""
    if not os.environ.get("MF_DATA_DIR"):
        raise SystemExit("Set MF_DATA_DIR to the folder that holds ml-1m.")
    with tempfile.TemporaryDirectory() as scratch:
        folder = ml_1m_folder(Path(os.environ["MF_DATA_DIR"]) / "ml-1m", Path(scratch))
        R = Interactions.from_ratings(load("ml-1m", folder).ratings).matrix
    splits = [league_split(R, seed) for seed in SEEDS]
    settings = {name: choose(name, splits[0][0]) for name in GRIDS}
    rows, leads = [], []
    for seed, (train, test) in zip(SEEDS, splits, strict=True):
        lists = {}
        for name, setting in settings.items():
            began = time.process_time()
            fitted = MODELS[name](train, seed, **setting)
            seconds = time.process_time() - began
            lists[name] = ndcg(fitted, train, test)
            rows.append({"model": name, "NDCG@10": lists[name].mean(), "seconds": seconds})
        lead = lists["EASE"] - lists["WRMF"]
        n_likes = np.diff(at_least(train).indptr)[lead.index]
        leads.append(lead.groupby(pd.cut(n_likes, GROUPS), observed=True).agg(["mean", "size"]))
    print(f"ml-1m, {R.shape[0]:,} people, {R.shape[1]:,} films, {len(SEEDS)} splits: mean ± 95 % margin")
    for name, runs in pd.DataFrame(rows).groupby("model", sort=False):
        mean, margin = mean_and_margin(runs["NDCG@10"].to_numpy())
        setting = settings[str(name)]
        print(
            f"  {name:<10}  NDCG@10 {mean:.3f} ± {margin:.3f}  {runs['seconds'].mean():5.1f} s  "
            f"{peak_megabytes(str(name), splits[0][0], setting):5.0f} MB  {setting}"
        )
    print("EASE's lead over WRMF in NDCG@10, by likes to learn from:")
    for group, runs in pd.concat(leads).groupby(level=0, observed=True):
        mean, margin = mean_and_margin(runs["mean"].to_numpy())
        print(f"  {group!s:<20} {runs['size'].mean():6.0f} people  {mean:+.3f} ± {margin:.3f}")


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
