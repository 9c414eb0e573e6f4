"""Unit 03's SGD beside scikit-surprise's SVD: seconds per epoch on ml-1m, RMSE on ml-100k's five folds.

Run ``python -m benchmarks.sgd``; the environment variable ``MF_DATA_DIR`` names the folder of the two data
sets, which may not be redistributed. The comparison needs ``pip install -r benchmarks/requirements.txt``;
without it the course's own lines are printed all the same.

``python -m benchmarks.sgd search`` repeats the search for `SETTING` (some minutes). It reads training folds
only.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from threadpoolctl import threadpool_limits

from benchmarks.loading import ml_1m_folder
from course_utils.data.datasets import load
from course_utils.data.interactions import Interactions, hold_out, known_cells
from course_utils.evaluation.metrics import rmse_on
from course_utils.training.sgd import train_sgd
from solutions.sgd import predict_ratings, sgd_step, start_model
from tests.mutants.sgd import ALTERNATIVES

REPEATS = 5
N_FACTORS_TIMED = 64
FOLDS = range(1, 6)
SHAPE_100K = (943, 1682)
# μ, the biases of users and items, and their factors: what `start_model` returns.
Model = tuple[float, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Setting:
    """One setting of SGD for all folds."""

    n_factors: int
    lr: float
    reg: float
    init_std: float
    n_epochs: int


# Found by `python -m benchmarks.sgd search`, which reads the files u1.base … u5.base alone (validation RMSE
# 0.9103).
SETTING = Setting(n_factors=200, lr=0.005, reg=0.07, init_std=0.005, n_epochs=85)
# The budget of the search: every combination, once per fold.
TRIED: dict[str, list[Any]] = {
    "n_factors": [100, 200],
    "lr": [0.005],
    "reg": [0.07, 0.08, 0.09],
    "init_std": [0.005, 0.02],
}
MAX_EPOCHS = 120


def fit(
    R: csr_array, setting: Setting, watch: csr_array | None = None, step: Callable = sgd_step
) -> tuple[Model, pd.DataFrame]:
    """A model trained on R, and its history with the validation loss on `watch`, if that is given.

    Prints nothing; RuntimeError if the step could not be compiled.
    """
    rng = np.random.default_rng(0)
    model = start_model(R, setting.n_factors, rng, setting.init_std)
    validate = None if watch is None else lambda: clipped_rmse(watch, model)
    with contextlib.redirect_stdout(io.StringIO()) as said:  # progress bars
        history = train_sgd(step, model, R, setting.lr, setting.reg, setting.n_epochs, rng, validate)
    if "plain Python" in said.getvalue():
        raise RuntimeError(said.getvalue())
    return model, history


def clipped_rmse(R: csr_array, model: Model) -> float:
    """RMSE on R of predictions clipped to 1 … 5 stars, as scikit-surprise clips its own."""
    return rmse_on(R, lambda users, items: np.clip(predict_ratings(*model, users, items), 1, 5))


def read_fold(part: str) -> csr_array:
    """A published file of ml-100k, such as "u1.base", as a matrix; ids count from 1 there."""
    path = Path(os.environ["MF_DATA_DIR"]) / "ml-100k" / part
    user, item, rating = np.loadtxt(path, usecols=(0, 1, 2)).T
    return csr_array((rating, (user.astype(int) - 1, item.astype(int) - 1)), shape=SHAPE_100K)


def search() -> Setting:
    """Choose a setting by the mean RMSE on a tenth of each training fold, held out at random.

    Every combination of `TRIED` is trained once per fold for `MAX_EPOCHS`; the number of epochs is where the
    mean over the folds is lowest. No test file is opened. (The folds overlap, so that a rating of u1.base may
    be one of u2.test; what is chosen is one setting for all.)
    """
    splits = [hold_out(read_fold(f"u{fold}.base"), 0.1, np.random.default_rng(fold)) for fold in FOLDS]
    found: dict[Setting, float] = {}
    for values in product(*TRIED.values()):
        values_of = dict(zip(TRIED, values, strict=True))
        setting = Setting(**values_of, n_epochs=MAX_EPOCHS)
        losses = [fit(rest, setting, watch=held_out)[1]["valid"] for rest, held_out in splits]
        mean = sum(losses) / len(losses)
        best = Setting(**values_of, n_epochs=int(mean.idxmin()))
        found[best] = mean.min()
        print(f"validation RMSE {mean.min():.4f}  {best}", flush=True)
    return min(found, key=lambda setting: found[setting])


def surprise_or_none():
    """The package scikit-surprise, or None after a line that says how to get it."""
    try:
        import surprise
    except ImportError as error:
        print(f"scikit-surprise is left out ({error}): pip install -r benchmarks/requirements.txt")
        return None
    return surprise


def surprise_trainset(surprise, R: csr_array):
    """The ratings of R as scikit-surprise wants them."""
    users, items, ratings = known_cells(R)
    table = pd.DataFrame({"user": users, "item": items, "rating": ratings})
    return surprise.Dataset.load_from_df(table, surprise.Reader(rating_scale=(1, 5))).build_full_trainset()


def seconds_of(call: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def compare_speed(surprise) -> None:
    """Print the seconds of an epoch over ml-1m: what five epochs take more than one, divided by four.

    So start, compilation and conversion cancel out. All take turns, and the fastest of a few rounds counts:
    it is the least disturbed by what else the machine does.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = ml_1m_folder(Path(os.environ["MF_DATA_DIR"]) / "ml-1m", Path(scratch))
        R = Interactions.from_ratings(load("ml-1m", folder).ratings).matrix
    setting: dict[str, Any] = {"n_factors": N_FACTORS_TIMED, "lr": 0.005, "reg": 0.02, "init_std": 0.1}
    contestants = {
        "the course's sgd_step, compiled": lambda n: fit(R, Setting(**setting, n_epochs=n)),
        "a student's, with whole rows, compiled": lambda n: fit(
            R, Setting(**setting, n_epochs=n), step=ALTERNATIVES["sgd_step"]["steps_first"]
        ),
    }
    if surprise:
        trainset = surprise_trainset(surprise, R)
        contestants[f"scikit-surprise {surprise.__version__}, SVD"] = lambda n: surprise.SVD(
            n_factors=N_FACTORS_TIMED, n_epochs=n, random_state=0
        ).fit(trainset)
    seconds: dict[tuple[str, int], list[float]] = {key: [] for key in product(contestants, (1, 5))}
    with threadpool_limits(1):
        for fit_epochs in contestants.values():
            fit_epochs(1)  # compiles
        for _ in range(REPEATS):
            for name, n_epochs in seconds:
                seconds[name, n_epochs].append(seconds_of(partial(contestants[name], n_epochs)))
    print(f"One epoch over ml-1m's {R.nnz:,} ratings, k = {N_FACTORS_TIMED}, one core (best of {REPEATS}):")
    epoch = {name: (min(seconds[name, 5]) - min(seconds[name, 1])) / 4 for name in contestants}
    for name, measured in epoch.items():
        print(f"  {name:<40} {measured:6.3f} s")
    if surprise:
        ours, _, theirs = epoch.values()
        print(f"  ours / theirs: {ours / theirs:.2f}")
        print("  (Ours takes the ratings in a new random order each epoch, SVD in the order of the users.)")


def compare_quality(surprise) -> None:
    """Print the RMSE on each of ml-100k's five published test files."""
    errors: dict[str, list[float]] = {"the course's SGD": []}
    if surprise:
        errors["scikit-surprise's SVD, its defaults"] = []
    for fold in FOLDS:
        base, test = read_fold(f"u{fold}.base"), read_fold(f"u{fold}.test")
        errors["the course's SGD"].append(clipped_rmse(test, fit(base, SETTING)[0]))
        if surprise:
            svd = surprise.SVD(random_state=0).fit(surprise_trainset(surprise, base))
            users, items, ratings = known_cells(test)
            predictions = svd.test(list(zip(users.tolist(), items.tolist(), ratings.tolist(), strict=True)))
            squares = [(prediction.r_ui - prediction.est) ** 2 for prediction in predictions]
            errors["scikit-surprise's SVD, its defaults"].append(float(np.sqrt(np.mean(squares))))
    print(f"\nRMSE on ml-100k's u1 … u5, one setting for all: {SETTING}")
    for name, folds in errors.items():
        print(f"  {name:<40} {np.mean(folds):.4f}   ({', '.join(f'{error:.4f}' for error in folds)})")


def main(arguments: list[str]) -> None:
    """Print both comparisons, or search for the setting of the second."""
    if not os.environ.get("MF_DATA_DIR"):
        raise SystemExit("Set MF_DATA_DIR to the folder that holds ml-100k and ml-1m; see benchmarks/sgd.py.")
    if arguments == ["search"]:
        print(f"lowest: {search()}")
        return
    surprise = surprise_or_none()
    compare_speed(surprise)
    compare_quality(surprise)


if __name__ == "__main__":
    main(sys.argv[1:])
