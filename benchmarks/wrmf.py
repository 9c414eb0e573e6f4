"""Unit 05's WRMF beside the exact solver of the package ``implicit``: seconds per epoch on ml-1m; NDCG@10.

Run ``python -m benchmarks.wrmf``; the environment variable ``MF_DATA_DIR`` names the folder of ml-1m, which
may not be redistributed. The comparison needs ``pip install -r benchmarks/requirements.txt``; without it the
course's own lines are printed all the same.

The second part prints the measures on ml-latest-small, with the setting of benchmarks/settings.toml, which
``python -m benchmarks.search WRMF`` found inside the training ratings.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_array, csr_matrix
from threadpoolctl import threadpool_limits

from benchmarks.loading import ml_1m_folder
from benchmarks.models import MODELS
from benchmarks.settings import read_setting
from course_utils.data.datasets import load
from course_utils.data.interactions import Interactions
from course_utils.evaluation.ranking import at_least, evaluate_ranking, split_by_user
from solutions.wrmf import preference_confidence, update_factors

REPEATS = 5
N_FACTORS_TIMED = 64
SEEDS = range(5)
T_OF_FOUR = 2.776  # half a 95 % interval of a mean of five, in standard errors: Student's t


def likes_of_ml_1m() -> csr_array:
    """The ratings of 4 stars and more in ml-1m, each as an amount of 1."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = ml_1m_folder(Path(os.environ["MF_DATA_DIR"]) / "ml-1m", Path(scratch))
        R = Interactions.from_ratings(load("ml-1m", folder).ratings).matrix
    return preference_confidence(at_least(R), alpha=0.0)[0]


def implicit_or_none():
    """The package implicit, or None after a line that says how to get it."""
    try:
        import implicit
    except ImportError as error:
        print(f"implicit is left out ({error}): pip install -r benchmarks/requirements.txt")
        return None
    return implicit


def epoch_of_the_course(R: csr_array, Y: np.ndarray, alpha: float, reg: float) -> float:
    """Seconds in which both sides are updated once; the transpose is made before, as in `fit_wrmf`."""
    by_item = csr_array(R.T)
    start = time.perf_counter()
    update_factors(by_item, update_factors(R, Y, alpha, reg), alpha, reg)
    return time.perf_counter() - start


def epoch_of_implicit(implicit, R: csr_array, alpha: float, reg: float, n_threads: int, dtype: type) -> float:
    """Seconds of implicit's second epoch, as its own clock gives them: both updates, and nothing else."""
    confidence = csr_matrix(R, dtype=dtype)  # implicit takes c itself, not c − 1
    confidence.data = (1 + alpha * confidence.data).astype(dtype)
    model = implicit.als.AlternatingLeastSquares(
        factors=N_FACTORS_TIMED,
        regularization=reg,
        alpha=1.0,
        dtype=dtype,
        use_cg=False,
        use_gpu=False,
        iterations=2,
        num_threads=n_threads,
        random_state=0,
    )
    seconds = []
    model.fit(confidence, show_progress=False, callback=lambda epoch, elapsed, *_: seconds.append(elapsed))
    return seconds[1]


def compare_speed(implicit) -> None:
    """Print the median seconds of an epoch over ml-1m's likes; all take turns, on one thread and on two."""
    R = likes_of_ml_1m()
    Y = np.random.default_rng(0).normal(scale=0.1 / 8, size=(R.shape[1], N_FACTORS_TIMED))
    print(f"One epoch over ml-1m's {R.nnz:,} likes, k = {N_FACTORS_TIMED} (median of {REPEATS}, fastest):")
    for n_threads in (1, 2):
        contestants: dict[str, Callable[[], float]] = {
            "the course's update_factors, float64": partial(epoch_of_the_course, R, Y, 10.0, 0.1)
        }
        if implicit:
            for dtype in (np.float64, np.float32):
                name = f"implicit {implicit.__version__}, use_cg=False, {dtype.__name__}"
                contestants[name] = partial(epoch_of_implicit, implicit, R, 10.0, 0.1, n_threads, dtype)
        seconds: dict[str, list[float]] = {name: [] for name in contestants}
        # implicit wants BLAS on one thread, and runs its own; ours has no threads but those of BLAS.
        for _ in range(REPEATS):
            for name, contestant in contestants.items():
                blas_threads = n_threads if "course" in name else 1
                with threadpool_limits(blas_threads, user_api="blas"):
                    seconds[name].append(contestant())
        print(f"  {n_threads} thread{'s' * (n_threads > 1)}")
        for name, measured in seconds.items():
            print(f"    {name:<44} {np.median(measured):6.2f} s {min(measured):6.2f} s")


def compare_quality() -> None:
    """Print the measures on ml-latest-small's test ratings: mean and 95 % interval over splits."""
    R = Interactions.from_ratings(load("ml-latest-small").ratings).matrix
    splits = [split_by_user(R, 0.2, np.random.default_rng(seed)) for seed in SEEDS]
    print(f"\nml-latest-small, 20 % of each person's ratings for the test, {len(SEEDS)} splits:")
    for name in ("popularity", "WRMF"):
        setting, rows = read_setting("ml-latest-small", name), []
        for seed, (train, test) in zip(SEEDS, splits, strict=True):
            rows.append(evaluate_ranking(MODELS[name](train, seed, **setting).score, train, at_least(test)))
        table = pd.DataFrame(rows)
        half = T_OF_FOUR * table.std() / np.sqrt(len(SEEDS))
        print(f"  {name}, {', '.join(f'{key} {value}' for key, value in setting.items())}")
        print(
            "    "
            + ", ".join(f"{measure} {table[measure].mean():.3f} ± {half[measure]:.3f}" for measure in table)
        )


def main() -> None:
    """Print both parts; the first needs ml-1m."""
    if os.environ.get("MF_DATA_DIR"):
        compare_speed(implicit_or_none())
    else:
        print("Set MF_DATA_DIR to the folder that holds ml-1m for the comparison of speed.")
    with threadpool_limits(1, user_api="blas"):
        compare_quality()


if __name__ == "__main__":
    main()
