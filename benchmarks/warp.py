"""Unit 07's WARP beside LightFM's: seconds per epoch on ml-1m, precision@5 and NDCG@10 on smaller data.

Run ``python -m benchmarks.warp``; the environment variable ``MF_DATA_DIR`` names the folder of ml-1m and
ml-100k, which may not be redistributed. The comparison needs ``pip install -r benchmarks/requirements.txt``;
without it the course's own lines are printed all the same.

``python -m benchmarks.warp search`` repeats the search for `SETTINGS` (some minutes). It reads training
ratings only.

Both models have the same k, draw at most the same number of items for a pair, and train for the same number
of epochs in one thread, in float32. Three things differ, and are left as each has them: LightFM draws its
negatives in proportion to their popularity, has a bias for every item and user, and takes AdaGrad's steps;
the course draws uniformly, has no biases, and takes plain gradient steps with a cap on the norms.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array
from threadpoolctl import threadpool_limits

from benchmarks.loading import ml_1m_folder
from course_utils.data.datasets import load
from course_utils.data.interactions import Interactions, known_cells
from course_utils.evaluation.league import mean_and_margin
from course_utils.evaluation.ranking import at_least, evaluate_ranking, split_by_user
from course_utils.training.progress_bar import progress_bar
from course_utils.training.warp import train_warp
from solutions.warp import estimate_rank, rank_weight, warp_step
from tests.mutants.warp import ALTERNATIVES

N_FACTORS = 64
N_EPOCHS = 30
MAX_SAMPLED = (10, 50)  # LightFM's default is 10
INIT_STD = 0.01
REPEATS = 5
SEEDS = range(5)
MEASURES = ["precision@5", "NDCG@10"]

# The budget of the search: every combination, 12 a model.
TRIED = {
    "ours": {"lr": [0.0015, 0.003, 0.006], "max_norm": [1.1, 1.3, 1.5, 1.8]},
    "LightFM": {"learning_rate": [0.01, 0.02, 0.05, 0.1], "alpha": [0.0, 1e-6, 1e-5]},
}
# Found by `python -m benchmarks.warp search`: per data set, most items drawn for a pair, and
# model; behind each, its NDCG@10 on the validation ratings.
SETTINGS = {
    ("ml-latest-small", 10, "ours"): {"lr": 0.006, "max_norm": 1.8},  # 0.1601
    ("ml-latest-small", 10, "LightFM"): {"learning_rate": 0.05, "alpha": 1e-06},  # 0.1551
    ("ml-latest-small", 50, "ours"): {"lr": 0.006, "max_norm": 1.5},  # 0.1768
    ("ml-latest-small", 50, "LightFM"): {"learning_rate": 0.02, "alpha": 0.0},  # 0.1692
    ("ml-100k", 10, "ours"): {"lr": 0.003, "max_norm": 1.5},  # 0.2288
    ("ml-100k", 10, "LightFM"): {"learning_rate": 0.02, "alpha": 1e-05},  # 0.2303
    ("ml-100k", 50, "ours"): {"lr": 0.003, "max_norm": 1.5},  # 0.2347
    ("ml-100k", 50, "LightFM"): {"learning_rate": 0.02, "alpha": 1e-06},  # 0.2336
}


def train_ours(
    R: csr_array, seed: int, max_sampled: int, n_epochs: int, step=warp_step, **setting
) -> Callable:
    """A model of the course trained on the stored cells of R, as a function of users that gives scores."""
    rng = np.random.default_rng(seed)
    X, Y = (rng.normal(scale=INIT_STD, size=(size, N_FACTORS)).astype(np.float32) for size in R.shape)
    with contextlib.redirect_stdout(io.StringIO()) as said:  # progress bars
        train_warp(
            rank_weight,
            estimate_rank,
            step,
            X,
            Y,
            R,
            max_trials=max_sampled,
            n_epochs=n_epochs,
            rng=rng,
            **setting,
        )
    if "plain Python" in said.getvalue():
        raise RuntimeError(said.getvalue())
    return lambda users: X[users] @ Y.T


def train_lightfm(
    R: csr_array, seed: int, max_sampled: int, n_epochs: int, learning_rate: float, alpha: float
) -> Callable:
    """LightFM's WARP trained likewise; its schedule is AdaGrad, its default."""
    from lightfm import LightFM

    users, items, _ = known_cells(R)
    positives = coo_array((np.ones(len(users), dtype=np.float32), (users, items)), shape=R.shape)
    model = LightFM(
        no_components=N_FACTORS,
        loss="warp",
        max_sampled=max_sampled,
        learning_rate=learning_rate,
        user_alpha=alpha,
        item_alpha=alpha,
        random_state=seed,
    )
    model.fit(positives, epochs=n_epochs, num_threads=1)
    # A user's own bias does not change the order of the items.
    return lambda users: model.user_embeddings[users] @ model.item_embeddings.T + model.item_biases


TRAINERS: dict[str, Callable] = {"ours": train_ours, "LightFM": train_lightfm}


def read(name: str) -> csr_array:
    """The ratings of a data set as a matrix; ml-1m may lie there without its timestamps."""
    if name != "ml-1m":
        return Interactions.from_ratings(load(name).ratings).matrix
    with tempfile.TemporaryDirectory() as scratch:
        folder = ml_1m_folder(Path(os.environ["MF_DATA_DIR"]) / name, Path(scratch))
        return Interactions.from_ratings(load(name, folder).ratings).matrix


def quality(model: str, train: csr_array, test: csr_array, seed: int, **setting) -> pd.Series:
    """Ranking measures on the good ones of the held-out ratings, after training on the good ones of the rest.

    What a user has rated in training, well or badly, is not recommended.
    """
    score = TRAINERS[model](at_least(train), seed=seed, n_epochs=N_EPOCHS, **setting)
    return evaluate_ranking(score, train, at_least(test))[MEASURES]


def search(models: list[str], names: list[str]) -> dict:
    """The setting of each model with the highest NDCG@10 on a fifth of each user's training ratings.

    Every combination of `TRIED` is trained once for each data set and each `MAX_SAMPLED`. The test ratings of
    split 0 take no part.
    """
    found = {}
    for name in names:
        rest, _ = split_by_user(read(name), 0.2, np.random.default_rng(0))
        train, valid = split_by_user(rest, 0.2, np.random.default_rng(1))
        for max_sampled, model in product(MAX_SAMPLED, models):
            settings = [
                dict(zip(TRIED[model], values, strict=True)) for values in product(*TRIED[model].values())
            ]
            ndcg = [
                quality(model, train, valid, seed=0, max_sampled=max_sampled, **setting)["NDCG@10"]
                for setting in progress_bar(settings, desc=f"{model}, {name}, {max_sampled}")
            ]
            found[name, max_sampled, model] = settings[int(np.argmax(ndcg))]
            print(f"{(name, max_sampled, model)}: {found[name, max_sampled, model]},  # {max(ndcg):.4f}")
    return found


def cpu_seconds(call: Callable[[], object]) -> float:
    """Seconds of one thread's work: other programs on the machine do not count."""
    start = time.process_time()
    call()
    return time.process_time() - start


def compare_speed(models: list[str]) -> None:
    """Print the seconds of an epoch over ml-1m's positives: what five epochs take more than one, over four.

    These are epochs 2 to 5 from a fresh start. Preparation and conversion cancel out. All take
    turns, and the median of a few rounds counts.
    """
    R = at_least(read("ml-1m"))
    # How long the search for violators takes depends on the setting: that of ml-100k, a smaller ml-1m.
    setting = {model: SETTINGS["ml-100k", 10, model] for model in models}
    in_rows = {**setting["ours"], "step": ALTERNATIVES["warp_step"]["whole_rows"]}
    contestants: dict[str, tuple[Callable, dict[str, Any]]] = {
        "ours": (train_ours, setting["ours"]),
        "ours, a step with whole rows": (train_ours, in_rows),
    }
    if "LightFM" in models:
        contestants["LightFM"] = train_lightfm, setting["LightFM"]
    print(f"One epoch over ml-1m's {R.nnz:,} positives, k = {N_FACTORS}, one thread, float32,")
    print(f"CPU seconds, median of {REPEATS} rounds (lowest, highest):")
    for max_sampled in MAX_SAMPLED:
        seconds: dict[str, list[float]] = {name: [] for name in contestants}
        with threadpool_limits(1):
            for train, values in contestants.values():
                train(R, 0, max_sampled, 1, **values)  # compiles
            for _ in range(REPEATS):
                for name, (train, values) in contestants.items():
                    one, five = (cpu_seconds(partial(train, R, 0, max_sampled, n, **values)) for n in (1, 5))
                    seconds[name].append((five - one) / 4)
        for name, measured in seconds.items():
            low, middle, high = np.quantile(measured, [0, 0.5, 1])
            print(f"  at most {max_sampled} items a pair  {name:<30} {middle:6.3f}  ({low:.3f}, {high:.3f})")
        if "LightFM" in seconds:
            ratios = np.divide(seconds["LightFM"], seconds["ours"])
            print(f"  LightFM / ours: {np.median(ratios):.1f}  ({ratios.min():.1f}, {ratios.max():.1f})")


def interval(values: pd.Series) -> str:
    """Mean and half the width of its 95 % interval."""
    mean, margin = mean_and_margin(values.to_numpy())
    return f"{mean:.4f} ± {margin:.4f}"


def compare_quality(models: list[str]) -> None:
    """Print precision@5 and NDCG@10 on the splits of several seeds, and how far the two models differ."""
    print(
        f"\nAfter {N_EPOCHS} epochs, k = {N_FACTORS}; mean over {len(SEEDS)} splits ± half its 95 % interval:"
    )
    for name, max_sampled in dict.fromkeys((name, max_sampled) for name, max_sampled, _ in SETTINGS):
        R = read(name)
        rows: dict[str, list[pd.Series]] = {model: [] for model in models}
        for seed in SEEDS:
            train, test = split_by_user(R, 0.2, np.random.default_rng(seed))
            for model in models:
                setting = SETTINGS[name, max_sampled, model]
                rows[model].append(quality(model, train, test, seed, max_sampled=max_sampled, **setting))
        tables = {model: pd.DataFrame(values) for model, values in rows.items()}
        if len(tables) == 2:
            tables["ours − LightFM"] = tables["ours"] - tables["LightFM"]
        for model, table in tables.items():
            shown = "   ".join(f"{measure} {interval(table[measure])}" for measure in MEASURES)
            print(f"  {name:<16} at most {max_sampled:>2} items a pair  {model:<15} {shown}")


def main(arguments: list[str]) -> None:
    """Print both comparisons, or search for the settings of the second."""
    if not os.environ.get("MF_DATA_DIR"):
        raise SystemExit(
            "Set MF_DATA_DIR to the folder that holds ml-100k and ml-1m; see benchmarks/warp.py."
        )
    models = list(TRAINERS)
    try:
        import lightfm  # noqa: F401
    except ImportError as error:
        print(f"LightFM is left out ({error}): pip install -r benchmarks/requirements.txt")
        models.remove("LightFM")
    if arguments == ["search"]:
        search(models, ["ml-latest-small", "ml-100k"])
        return
    compare_speed(models)
    compare_quality(models)


if __name__ == "__main__":
    main(sys.argv[1:])
