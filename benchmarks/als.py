"""Seconds per epoch of unit 02's ALS, and its error on held-out ratings beside the mean and the biases.

Run ``python -m benchmarks.als``; the environment variable ``MF_DATA_DIR`` names the folder of the data sets
that may not be redistributed.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from benchmarks.loading import ml_1m_folder
from course_utils.data.datasets import DatasetError, load
from course_utils.data.interactions import Interactions, hold_out, known_cells
from course_utils.evaluation.baselines import Biases, fit_biases
from course_utils.evaluation.metrics import rmse_on
from solutions.explicit_als import fit_als, predict

NAMES = ["ml-latest-small", "ml-100k", "ml-1m"]
N_FACTORS = [20, 64]
N_EPOCHS = 8
BIAS_REG = 3.0
# λ on both sides, the best of a few values on a split of another seed.
REG = {"ml-latest-small": 15.0, "ml-100k": 15.0, "ml-1m": 20.0}


def leftovers(R: csr_array, biases: Biases) -> csr_array:
    """Ratings minus what the biases predict: what is left for the factors to explain."""
    users, items, values = known_cells(R)
    return csr_array((values - biases.predict(users, items), (users, items)), shape=R.shape)


def ratings_of(name: str, scratch: Path) -> csr_array:
    """Rating matrix of a data set that this machine has; DatasetError if it is not there."""
    folder, shared = None, os.environ.get("MF_DATA_DIR")
    if name == "ml-1m" and shared and (Path(shared) / name).is_dir():
        folder = ml_1m_folder(Path(shared) / name, scratch)
    return Interactions.from_ratings(load(name, folder).ratings).matrix


def report(name: str, R: csr_array) -> None:
    """Print the lines of one data set: the baselines, then ALS for each number of factors."""
    train, test = hold_out(R, 0.1, np.random.default_rng(0))
    biases = fit_biases(train, BIAS_REG)
    print(f"{name}: {R.shape[0]:,} users, {R.shape[1]:,} items, {R.nnz:,} ratings, 10 % held out")
    mean_error = rmse_on(test, lambda users, items: np.full(len(users), biases.mu))
    print(f"  {'global mean':<34} {'':>9} {mean_error:>9.4f}")
    print(f"  {'mean and biases':<34} {'':>9} {rmse_on(test, biases.predict):>9.4f}")
    residuals = leftovers(train, biases)
    for n_factors in N_FACTORS:
        start = time.perf_counter()
        X, Y, _ = fit_als(residuals, n_factors, REG[name], REG[name], N_EPOCHS, np.random.default_rng(0))
        seconds = (time.perf_counter() - start) / N_EPOCHS

        def with_factors(users, items, X=X, Y=Y):
            return biases.predict(users, items) + predict(0.0, X, Y, users, items)

        label = f"biases and ALS, k = {n_factors}, λ = {REG[name]:g}"
        print(f"  {label:<34} {seconds:>9.2f} {rmse_on(test, with_factors):>9.4f}")


def main() -> None:
    """Print seconds per epoch (both half-steps, each with its value of L) and held-out RMSE, in stars."""
    print(f"  {'model':<34} {'s / epoch':>9} {'test RMSE':>9}")
    with tempfile.TemporaryDirectory() as scratch:
        for name in NAMES:
            try:
                R = ratings_of(name, Path(scratch))
            except DatasetError as error:
                print(f"{name}: {str(error).split(' Remedy:')[0]}")
                continue
            report(name, R)


if __name__ == "__main__":
    main()
