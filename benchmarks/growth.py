"""Seconds of an epoch of each algorithm as the data grow: 1, 4 and 17 million ratings, made up.

Run ``python -m benchmarks.growth``, or with numbers of millions: ``python -m benchmarks.growth 1 4``. The
largest takes some minutes and 4 GB.

The ratings are drawn so that, as in real data, a few users and items have many and most have few: the share
of the one at place p falls as 1 / (p + a constant). An epoch of WRMF and of ALS is both half-steps, by
`course_utils.training.als` in float64, on all cores; the others take a step for every rating, on one.
"""

from __future__ import annotations

import contextlib
import io
import sys
import time

import numpy as np
from scipy.sparse import csr_array

from course_utils.training.als import update_explicit, update_weighted
from course_utils.training.bpr import train_bpr
from course_utils.training.sgd import train_sgd
from course_utils.training.warp import train_warp
from solutions.bpr import bpr_step
from solutions.sgd import sgd_step, start_model
from solutions.warp import estimate_rank, rank_weight, warp_step

N_FACTORS = 64
N_EPOCHS = 3
# Millions of ratings: users and items, about as in MovieLens 1M, between, and 20M.
SIZES = {1: (6_040, 3_706), 4: (24_000, 8_000), 17: (120_000, 20_000)}


def made_up(n_ratings: int, shape: tuple[int, int], rng: np.random.Generator) -> csr_array:
    """Ratings of 1 to 5 stars, each cell at most once; somewhat fewer than asked, as some fall together."""
    users, items = (_skewed(size, n_ratings, rng) for size in shape)
    cells = np.unique(users * shape[1] + items)
    stars = rng.integers(1, 6, size=len(cells)).astype(float)
    return csr_array((stars, (cells // shape[1], cells % shape[1])), shape=shape)


def _skewed(size: int, n: int, rng: np.random.Generator) -> np.ndarray:
    share = 1 / (np.arange(size) + size / 10)
    places = np.searchsorted(np.cumsum(share), rng.random(n) * share.sum())
    return rng.permutation(size)[places]


class Clock:
    """Called after each epoch, as ``validate`` of a training or by itself."""

    def __init__(self):
        self.times = []

    def __call__(self) -> float:
        self.times.append(time.perf_counter())
        return 0.0

    def seconds(self) -> float:
        """Of the fastest epoch, without the first, which compiles."""
        return float(np.diff(self.times).min())


def als(R: csr_array, clock: Clock) -> None:
    """Explicit ALS, users then items."""
    by_item, Y = csr_array(R.T), small(R.shape[1], np.random.default_rng(0))
    for _ in range(N_EPOCHS):
        Y = update_explicit(by_item, update_explicit(R, Y, 10.0), 10.0)
        clock()


def wrmf(R: csr_array, clock: Clock) -> None:
    """WRMF, users then items."""
    by_item, Y = csr_array(R.T), small(R.shape[1], np.random.default_rng(0))
    for _ in range(N_EPOCHS):
        Y = update_weighted(by_item, update_weighted(R, Y, 10.0, 10.0), 10.0, 10.0)
        clock()


def sgd(R: csr_array, clock: Clock) -> None:
    """A step for each rating."""
    rng = np.random.default_rng(0)
    train_sgd(sgd_step, start_model(R, N_FACTORS, rng), R, 0.005, 0.05, N_EPOCHS, rng, clock)


def bpr(R: csr_array, clock: Clock) -> None:
    """A step for as many triples."""
    rng = np.random.default_rng(0)
    X, Y = (small(size, rng) for size in R.shape)
    train_bpr(bpr_step, X, Y, R, 0.05, 0.01, N_EPOCHS, rng, clock)


def warp(R: csr_array, clock: Clock) -> None:
    """At most 10 draws and a step for each pair."""
    rng = np.random.default_rng(0)
    X, Y = (small(size, rng) for size in R.shape)
    train_warp(rank_weight, estimate_rank, warp_step, X, Y, R, 0.005, 10, 1.5, N_EPOCHS, rng, clock)


def small(size: int, rng: np.random.Generator) -> np.ndarray:
    """Factors to start from."""
    return rng.normal(scale=0.1 / np.sqrt(N_FACTORS), size=(size, N_FACTORS))


ALGORITHMS = {"ALS": als, "WRMF": wrmf, "SGD": sgd, "BPR": bpr, "WARP": warp}


def main(arguments: list[str]) -> None:
    """Print a line for each size: seconds of an epoch, and nanoseconds a rating."""
    print(f"k = {N_FACTORS}; seconds of an epoch (and nanoseconds a rating)")
    print(f"{'ratings':>12} {'users':>8} {'items':>7}" + "".join(f"{name:>14}" for name in ALGORITHMS))
    for millions in map(int, arguments or SIZES):
        R = made_up(millions * 1_100_000, SIZES[millions], np.random.default_rng(0))
        line = f"{R.nnz:>12,} {R.shape[0]:>8,} {R.shape[1]:>7,}"
        for train in ALGORITHMS.values():
            clock = Clock()
            with contextlib.redirect_stdout(io.StringIO()):  # progress bars
                train(R, clock)
            line += f"{clock.seconds():7.2f} ({1e9 * clock.seconds() / R.nnz:4.0f})"
        print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
