"""Unit 06's BPR beside implicit's and LightFM's: seconds of an epoch on ml-1m; and its measures when tuned.

Run ``python -m benchmarks.bpr``; the environment variable ``MF_DATA_DIR`` names the folder of ml-1m, which
may not be redistributed. The comparison needs ``pip install -r benchmarks/requirements.txt``; without it the
course's own lines are printed all the same.

``python -m benchmarks.bpr search`` repeats the search for `SETTING` (some minutes): every combination of
`TRIED` on two validation splits inside the training part of the league's split 0.

An epoch is as many triples as there are ratings of 4 stars or more, for all three, with one thread. implicit
has a bias for every item, which is one of its 64 columns. LightFM has a bias for every user and item beside
its 64 and takes AdaGrad's steps, with a step size for each number. The course has plain gradient steps and no
biases, and sums up the loss, which the others do not.
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
from itertools import cycle, product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix, csr_array, csr_matrix
from threadpoolctl import threadpool_limits

from benchmarks.loading import ml_1m_folder
from benchmarks.models import MODELS
from benchmarks.protocols import PROTOCOLS
from benchmarks.search import search
from course_utils.data.datasets import load
from course_utils.data.interactions import Interactions, known_cells
from course_utils.evaluation.ranking import at_least
from course_utils.training.bpr import train_bpr
from solutions.bpr import bpr_step
from tests.mutants.bpr import ALTERNATIVES

N_FACTORS = 64
LR, REG = 0.05, 0.01
REPEATS = 5
EPOCHS = (1, 3)
SEEDS = range(3)

# The setting with the highest mean NDCG@10 in `python -m benchmarks.bpr search`: 0.1735.
SETTING = {"threshold": 4.0, "n_factors": 64, "lr": 0.02, "reg": 0.01, "n_epochs": 400}
TRIED: dict[str, list[Any]] = {
    "threshold": [4.0],
    "n_factors": [64, 128],
    "lr": [0.02],
    "reg": [0.005, 0.01, 0.02],
    "n_epochs": [400],
}


def course_epochs(R: csr_array, dtype: type, step: Callable, n_epochs: int) -> None:
    """Train the course's BPR; RuntimeError if the step could not be compiled."""
    rng = np.random.default_rng(0)
    m, n = R.shape
    X: np.ndarray = rng.normal(scale=0.1, size=(m, N_FACTORS)).astype(dtype)
    Y: np.ndarray = rng.normal(scale=0.1, size=(n, N_FACTORS)).astype(dtype)
    with contextlib.redirect_stdout(io.StringIO()) as said:  # progress bars
        train_bpr(step, X, Y, R, LR, REG, n_epochs, rng)
    if "plain Python" in said.getvalue():
        raise RuntimeError(said.getvalue())


def implicit_epochs(R: csr_matrix, n_epochs: int) -> None:
    """Train implicit's BPR: rows of 64 numbers, of which one is the item's bias."""
    from implicit.bpr import BayesianPersonalizedRanking

    BayesianPersonalizedRanking(
        factors=N_FACTORS - 1,
        learning_rate=LR,
        regularization=REG,
        iterations=n_epochs,
        num_threads=1,
        random_state=0,
    ).fit(R, show_progress=False)


def lightfm_epochs(R: coo_matrix, n_epochs: int) -> None:
    """Train LightFM with its BPR loss."""
    from lightfm import LightFM

    LightFM(no_components=N_FACTORS, loss="bpr", learning_rate=LR, random_state=0).fit(
        R, epochs=n_epochs, num_threads=1
    )


def contestants(R: csr_array) -> dict[str, Callable[[int], None]]:
    """Per name: a function that trains for so many epochs. Packages that are missing are left out, aloud."""
    whole_rows = ALTERNATIVES["bpr_step"]["copies"]
    found: dict[str, Callable[[int], None]] = {
        "the course's bpr_step, float64": partial(course_epochs, R, np.float64, bpr_step),
        "the course's bpr_step, float32": partial(course_epochs, R, np.float32, bpr_step),
        "a student's, on whole rows, float64": partial(course_epochs, R, np.float64, whole_rows),
    }
    users, items, _ = known_cells(R)
    ones = np.ones(R.nnz, dtype=np.float32)
    for name, train, as_matrix in [
        ("implicit", implicit_epochs, csr_matrix),
        ("lightfm", lightfm_epochs, coo_matrix),
    ]:
        try:
            version = __import__(name).__version__
        except ImportError as error:
            print(f"{name} is left out ({error}): pip install -r benchmarks/requirements.txt")
            continue
        found[f"{name} {version}, float32"] = partial(train, as_matrix((ones, (users, items)), shape=R.shape))
    return found


def compare_speed() -> None:
    """Print the seconds of an epoch: what three epochs take more than one, divided by two.

    So start, compilation and conversion cancel out. The contestants take turns; the median of the rounds
    counts.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = ml_1m_folder(Path(os.environ["MF_DATA_DIR"]) / "ml-1m", Path(scratch))
        R = at_least(Interactions.from_ratings(load("ml-1m", folder).ratings).matrix)
    seconds: dict[str, list[float]] = {}
    with threadpool_limits(1):
        trainers = contestants(R)
        for train in trainers.values():
            train(1)  # compiles
        for _, (name, train) in product(range(REPEATS), trainers.items()):
            few, many = (seconds_of(partial(train, n_epochs)) for n_epochs in EPOCHS)
            seconds.setdefault(name, []).append((many - few) / (EPOCHS[1] - EPOCHS[0]))
    print(f"An epoch of {R.nnz:,} triples of ml-1m, k = {N_FACTORS}, one thread, median of {REPEATS}:")
    medians = {name: float(np.median(rounds)) for name, rounds in seconds.items()}
    for name, median in medians.items():
        print(f"  {name:<38} {median:6.3f} s   ({', '.join(f'{s:.3f}' for s in sorted(seconds[name]))})")
    ours = next(iter(medians.values()))
    for name, median in list(medians.items())[3:]:
        print(f"  the course's, float64, over {name}: {ours / median:.2f}")


def seconds_of(call: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def compare_quality() -> None:
    """Print the league's measures on ml-latest-small, beside popularity, means over a few splits."""
    R = Interactions.from_ratings(load("ml-latest-small").ratings).matrix
    protocol = PROTOCOLS["league"][0]
    rows: dict[str, list[pd.Series]] = {"popularity": [], "BPR": []}
    settings = {"popularity": {"threshold": SETTING["threshold"]}, "BPR": SETTING}
    for seed, name in product(SEEDS, rows):
        train, test = protocol.split(R, seed)
        rows[name].append(protocol.row(train, test, MODELS[name](train, seed, **settings[name])))
    print(f"\nml-latest-small, {protocol.title}, means over {len(SEEDS)} splits; BPR with {SETTING}")
    table = pd.DataFrame({name: pd.DataFrame(found).mean() for name, found in rows.items()}).T
    print(table.drop(columns="RMSE").round(4).to_string())


def search_setting() -> None:
    """Print all settings of `TRIED` with their validation NDCG@10, the best first."""
    settings = [dict(zip(TRIED, values, strict=True)) for values in product(*TRIED.values())]
    in_turn = cycle(settings)
    R = Interactions.from_ratings(load("ml-latest-small").ratings).matrix
    protocol = PROTOCOLS["league"][0]
    with threadpool_limits(1):
        found = search(
            MODELS["BPR"], lambda rng: next(in_turn), "NDCG@10", R, protocol, len(settings), n_splits=2
        )
    for setting, value in found.itertuples(index=False):
        print(f"validation NDCG@10 {value:.4f}  {setting}")


def main(arguments: list[str]) -> None:
    """Print both comparisons, or search for the setting of the second."""
    if arguments == ["search"]:
        search_setting()
        return
    if os.environ.get("MF_DATA_DIR"):
        compare_speed()
    else:
        print("The speed on ml-1m is left out: set MF_DATA_DIR to the folder that holds it.")
    compare_quality()


if __name__ == "__main__":
    main(sys.argv[1:])
