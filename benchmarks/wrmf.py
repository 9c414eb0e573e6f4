"""Unit 05's WRMF beside the package ``implicit``: seconds per epoch on ml-1m, NDCG@10 on ml-latest-small.

Run ``python -m benchmarks.wrmf``; the environment variable ``MF_DATA_DIR`` names the folder of ml-1m, which
may not be redistributed. The comparison needs ``pip install -r benchmarks/requirements.txt``; without it the
course's own lines are printed all the same.

``python -m benchmarks.wrmf search ml-latest-small`` repeats the search for `SETTING` (some minutes; another
data set by another name). It reads training ratings only.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_array, csr_matrix
from threadpoolctl import threadpool_limits

from benchmarks.loading import ml_1m_folder
from course_utils.datasets import load
from course_utils.interactions import Interactions
from course_utils.progress import progress
from course_utils.ranking import at_least, evaluate_ranking, split_by_user
from solutions.wrmf import fit_wrmf, preference_confidence, update_factors

REPEATS = 5
N_FACTORS_TIMED = 64
SEEDS = range(5)


@dataclass(frozen=True)
class Setting:
    """One setting of WRMF on likes, that is, amounts of 1."""

    n_factors: int
    alpha: float
    reg: float
    reg_exponent: float
    n_epochs: int = 10


# Found by `python -m benchmarks.wrmf search ml-latest-small` (validation NDCG@10 in the comment).
SETTING = Setting(n_factors=16, alpha=6.0, reg=15.0, reg_exponent=0.0)
# The budget of the search: so many settings drawn at random, each on so many validation splits.
BUDGET, VALIDATION_SPLITS = 100, 3


def likes(R: csr_array) -> csr_array:
    """The ratings of 4 stars and more, each as an amount of 1."""
    return preference_confidence(at_least(R), alpha=0.0)[0]


def ratings_of(name: str) -> csr_array:
    """Rating matrix of a data set; ml-1m from ``MF_DATA_DIR``, even where it has no timestamps."""
    with tempfile.TemporaryDirectory() as scratch:
        shared = Path(os.environ.get("MF_DATA_DIR", "")) / name
        folder = ml_1m_folder(shared, Path(scratch)) if name == "ml-1m" and shared.is_dir() else None
        return Interactions.from_ratings(load(name, folder).ratings).matrix


def ranking(setting: Setting, train: csr_array, test: csr_array, seed: int) -> pd.Series:
    """Measures of a model that learned the likes in `train`; relevant are those in `test`."""
    rng, amounts = np.random.default_rng(seed), likes(train)
    X, Y, _ = fit_wrmf(
        amounts, setting.n_factors, setting.alpha, setting.reg, setting.n_epochs, rng, setting.reg_exponent
    )
    return evaluate_ranking(lambda users: X[users] @ Y.T, train, at_least(test))


def candidates(R: csr_array, rng: np.random.Generator) -> Iterator[Setting]:
    """Settings drawn at random, without end: α and the penalty of a typical row on logarithmic scales."""
    while True:
        alpha, exponent = 10 ** rng.uniform(-0.3, 1.7), rng.choice([0.0, 0.5, 1.0])
        typical_weight = R.nnz / R.shape[0] + R.shape[1] / alpha
        reg = 10 ** rng.uniform(0.0, 2.3) / typical_weight**exponent
        n_factors = rng.choice([8, 12, 16, 24, 32, 48])
        yield Setting(int(n_factors), float(f"{alpha:.2g}"), float(f"{reg:.2g}"), float(exponent))


def search(name: str) -> tuple[Setting, float]:
    """The setting with the highest mean NDCG@10 on validation splits inside the training ratings."""
    train, _ = split_by_user(ratings_of(name), 0.2, np.random.default_rng(0))
    splits = [
        split_by_user(train, 0.2, np.random.default_rng([1, split])) for split in range(VALIDATION_SPLITS)
    ]
    found = {}
    tried = candidates(likes(train), np.random.default_rng(0))
    for _, setting in zip(progress(range(BUDGET), desc=f"settings on {name}"), tried, strict=False):
        found[setting] = np.mean([ranking(setting, *split, seed=0)["NDCG@10"] for split in splits])
    best = sorted(found, key=found.get, reverse=True)
    for setting in best[:10]:
        print(f"validation NDCG@10 {found[setting]:.4f}  {setting}")
    return best[0], found[best[0]]


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
    R = likes(ratings_of("ml-1m"))
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


def compare_quality(implicit) -> None:
    """Print the measures on ml-latest-small's test ratings, over seeds of the split: mean ± 95 % interval."""
    R = ratings_of("ml-latest-small")
    models = {"popularity": popularity, "the course's WRMF": partial(ranking, SETTING)}
    if implicit:
        models["implicit's ALS, the same setting"] = partial(ranking_of_implicit, implicit, SETTING)
    print(f"\nml-latest-small, 20 % of each user's ratings for the test, {len(SEEDS)} splits. {SETTING}")
    splits = [split_by_user(R, 0.2, np.random.default_rng(seed)) for seed in SEEDS]
    for name, model in models.items():
        table = pd.DataFrame([model(*split, seed) for seed, split in zip(SEEDS, splits, strict=True)])
        half = 2.776 * table.std() / np.sqrt(len(SEEDS))  # Student's t, four degrees of freedom
        measures = ", ".join(f"{what} {table[what].mean():.3f} ± {half[what]:.3f}" for what in table)
        print(f"  {name}: {measures}")


def popularity(train: csr_array, test: csr_array, seed: int) -> pd.Series:
    """Measures of the same list for everybody: the most liked items first."""
    counts = np.asarray(likes(train).sum(axis=0))
    return evaluate_ranking(lambda users: np.tile(counts, (len(users), 1)), train, at_least(test))


def ranking_of_implicit(
    implicit, setting: Setting, train: csr_array, test: csr_array, seed: int
) -> pd.Series:
    """Measures of implicit's exact ALS; it knows no exponent, so `setting` must have 0."""
    confidence = csr_matrix(likes(train))
    confidence.data = 1 + setting.alpha * confidence.data
    model = implicit.als.AlternatingLeastSquares(
        factors=setting.n_factors,
        regularization=setting.reg,
        alpha=1.0,
        use_cg=False,
        use_gpu=False,
        iterations=setting.n_epochs,
        num_threads=1,
        random_state=seed,
    )
    model.fit(confidence, show_progress=False)
    X, Y = model.user_factors, model.item_factors
    return evaluate_ranking(lambda users: X[users] @ Y.T, train, at_least(test))


def main(arguments: list[str]) -> None:
    """Print both comparisons, or search for a setting."""
    if arguments[:1] == ["search"]:
        with threadpool_limits(1, user_api="blas"):
            print("highest:", *search(*arguments[1:] or ["ml-latest-small"]))
        return
    implicit = implicit_or_none()
    if os.environ.get("MF_DATA_DIR"):
        compare_speed(implicit)
    else:
        print("Set MF_DATA_DIR to the folder that holds ml-1m for the comparison of speed.")
    with threadpool_limits(1, user_api="blas"):
        compare_quality(implicit)


if __name__ == "__main__":
    main(sys.argv[1:])
