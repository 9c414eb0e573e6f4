"""Epochs of WRMF and of explicit ALS beside the exact solver of the package ``implicit``, on ml-1m.

Run ``python -m benchmarks.solvers``; the environment variable ``MF_DATA_DIR`` names the folder of ml-1m,
which may not be redistributed. The comparison needs ``pip install -r benchmarks/requirements.txt``; without
it the course's own lines are printed all the same.

implicit has no explicit ALS. Its WRMF over all ratings, not the likes alone, solves systems of the same size
from the same number of cells, and is what explicit ALS stands beside here.

The last lines show why `course_utils` sets BLAS to one thread: the reference's ``update_factors`` at k = 192,
on one thread of BLAS and on as many as BLAS would start by itself.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array, csr_matrix
from threadpoolctl import threadpool_limits

from benchmarks.loading import ml_1m_folder
from course_utils.data.datasets import load
from course_utils.data.interactions import Interactions
from course_utils.evaluation.ranking import at_least
from course_utils.training.als import update_explicit, update_weighted
from solutions import explicit_als, wrmf

REPEATS = 7
N_FACTORS = 64
ALPHA, REG = 10.0, 10.0
# The reference, its compiled twin, and the arguments of both after the factors.
SOLVERS: dict[str, tuple[Callable, Callable, tuple[float, ...]]] = {
    "WRMF": (wrmf.update_factors, update_weighted, (ALPHA, REG)),
    "explicit ALS": (explicit_als.update_factors, update_explicit, (REG,)),
}
N_FACTORS_OF_TRAP, USERS_OF_TRAP = 192, 300


def ratings_of_ml_1m() -> csr_array:
    """All ratings, in stars."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = ml_1m_folder(Path(os.environ["MF_DATA_DIR"]) / "ml-1m", Path(scratch))
        return Interactions.from_ratings(load("ml-1m", folder).ratings).matrix


def with_values(R: csr_array, values: np.ndarray | float) -> csr_array:
    """The same cells with other values."""
    return csr_array((np.broadcast_to(values, R.nnz).copy(), R.indices, R.indptr), shape=R.shape)


def implicit_or_none():
    """The package implicit, or None after a line that says how to get it."""
    try:
        import implicit
    except ImportError as error:
        print(f"implicit is left out ({error}): pip install -r benchmarks/requirements.txt")
        return None
    return implicit


def epoch_of_the_course(R: csr_array, update: Callable) -> float:
    """Seconds in which ``update(R, fixed)`` renews both sides; the transpose is made before."""
    Y = np.random.default_rng(0).normal(scale=0.1 / np.sqrt(N_FACTORS), size=(R.shape[1], N_FACTORS))
    by_item = csr_array(R.T)
    start = time.perf_counter()
    update(by_item, update(R, Y))
    return time.perf_counter() - start


def epoch_of_implicit(implicit, R: csr_array, n_threads: int, dtype: type) -> float:
    """Seconds of implicit's second epoch, as its own clock gives them: both updates, and nothing else."""
    model = implicit.als.AlternatingLeastSquares(
        factors=N_FACTORS,
        regularization=REG,
        alpha=1.0,
        dtype=dtype,
        use_cg=False,
        use_gpu=False,
        iterations=2,
        num_threads=n_threads,
        random_state=0,
    )
    seconds = []
    confidence = csr_matrix(with_values(R, 1 + ALPHA), dtype=dtype)  # implicit takes c itself, not c − 1
    with threadpool_limits(1, user_api="blas"):  # its own advice
        model.fit(
            confidence, show_progress=False, callback=lambda epoch, elapsed, *_: seconds.append(elapsed)
        )
    return seconds[1]


def contestants(implicit, R: csr_array, kind: str, n_threads: int) -> dict[str, Callable[[], float]]:
    """Per name: a function that runs an epoch and returns its seconds."""
    reference, twin, penalties = SOLVERS[kind]
    R = with_values(R, 1.0 if kind == "WRMF" else R.data - R.data.mean())
    found: dict[str, Callable[[], float]] = {}
    if n_threads == 1:
        found["reference, float64"] = partial(
            epoch_of_the_course, R, lambda R, fixed: reference(R, fixed, *penalties)
        )
    for dtype in (np.float64, np.float32):
        found[f"{twin.__name__}, {dtype.__name__}"] = partial(
            epoch_of_the_course,
            R,
            lambda R, fixed, dtype=dtype: twin(R, fixed, *penalties, dtype=dtype, n_threads=n_threads),
        )
    if implicit:
        for dtype in (np.float64, np.float32):
            name = f"implicit {implicit.__version__}, {dtype.__name__}"
            found[name] = partial(epoch_of_implicit, implicit, R, n_threads, dtype)
    return found


def compare(implicit, R: csr_array, kind: str) -> None:
    """Print the fastest epoch of each, and how many times implicit's in float32 it is; all take turns."""
    print(f"{kind}: an epoch over {R.nnz:,} cells of ml-1m, k = {N_FACTORS}, the fastest of {REPEATS}")
    for n_threads in (1, 2):
        runs = contestants(implicit, R, kind, n_threads)
        for run in runs.values():
            run()  # compiles
        seconds: dict[str, list[float]] = {name: [] for name in runs}
        for _ in range(REPEATS):
            for name, run in runs.items():
                seconds[name].append(run())
        fastest = {name: min(measured) for name, measured in seconds.items()}
        print(f"  {n_threads} thread{'s' * (n_threads > 1)}")
        for name, best in fastest.items():
            ratio = f"{best / list(fastest.values())[-1]:8.2f}" if implicit else ""
            print(f"    {name:<28} {best:6.3f} s {ratio}")


def show_trap(R: csr_array) -> None:
    """Print how long the reference takes for some users with one thread of BLAS and with one a core."""
    Y = np.random.default_rng(0).normal(scale=0.1, size=(R.shape[1], N_FACTORS_OF_TRAP))
    some = with_values(R, 1.0)[:USERS_OF_TRAP]
    print(f"WRMF's reference, k = {N_FACTORS_OF_TRAP}, the first {USERS_OF_TRAP} users")
    for title, n_threads in [
        ("one thread of BLAS, as course_utils sets it", 1),
        ("one on each core, BLAS's default", os.cpu_count()),
    ]:
        with threadpool_limits(n_threads, user_api="blas"):
            start = time.perf_counter()
            wrmf.update_factors(some, Y, ALPHA, REG)
            print(f"  {title:<44} {time.perf_counter() - start:6.2f} s")


def main() -> None:
    """Print all of it."""
    if not os.environ.get("MF_DATA_DIR"):
        raise SystemExit("Set MF_DATA_DIR to the folder that holds ml-1m; see benchmarks/solvers.py.")
    implicit, R = implicit_or_none(), ratings_of_ml_1m()
    likes = at_least(R)
    compare(implicit, likes, "WRMF")
    compare(implicit, R, "explicit ALS")
    show_trap(likes)


if __name__ == "__main__":
    main()
