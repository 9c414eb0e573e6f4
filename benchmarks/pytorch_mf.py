"""Unit 04's model on the five published folds of ml-100k: RMSE, and seconds.

Run ``python -m benchmarks.pytorch_mf`` with ``MF_DATA_DIR`` naming the folder that holds ``ml-100k``, which
may not be redistributed. One setting serves all folds. It was chosen on validation ratings held out from
u1.base; the test files are only read to print the table.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import numpy as np
import torch
from scipy.sparse import csr_array

from course_utils.baselines import fit_biases
from course_utils.interactions import hold_out, known_cells
from course_utils.metrics import rmse_on
from course_utils.pytorch import pick_device, settle_torch
from solutions.pytorch_mf import BiasedMF, fit, sparse_ratings

SHAPE = (943, 1682)
N_FACTORS = 100
VALID_SHARE = 0.05
SETTING = {"n_epochs": 25, "lr": 0.003, "penalty_weight": 0.2, "batch_size": 1024}
BIAS_REG = 3.0


def read_fold(path: Path) -> csr_array:
    """One file of a published fold: user, item, rating and time, separated by tabs, ids from 1."""
    users, items, ratings, _ = np.loadtxt(path, dtype=np.int64).T
    return csr_array((ratings.astype(np.float64), (users - 1, items - 1)), shape=SHAPE)


def as_tensor(R: csr_array, device: torch.device) -> torch.Tensor:
    """The known cells of a rating matrix as a sparse tensor."""
    return sparse_ratings(*known_cells(R), R.shape).to(device)


def train(base: csr_array, device: torch.device) -> BiasedMF:
    """A model of a fold's training ratings; a few of them choose the epoch."""
    learned, valid = hold_out(base, VALID_SHARE, np.random.default_rng(0))
    generator = torch.Generator().manual_seed(0)
    model = BiasedMF(*SHAPE, N_FACTORS, float(learned.data.mean()), generator=generator).to(device)
    fit(model, as_tensor(learned, device), as_tensor(valid, device), **SETTING, generator=generator)
    return model


def main() -> None:
    """Print the RMSE, in stars, of the biases and of unit 04's model on u1 … u5, and their means."""
    folder = Path(os.environ.get("MF_DATA_DIR", "data")) / "ml-100k"
    if not (folder / "u1.base").is_file():
        sys.exit(f"{folder / 'u1.base'} is not there: set MF_DATA_DIR to the folder that holds ml-100k.")
    settle_torch(n_threads=1)
    device = pick_device("auto")
    print(f"ml-100k, k = {N_FACTORS}, {SETTING}, on {device}")
    print(f"{'fold':<6} {'biases':>8} {'unit 04':>8} {'seconds':>8}")
    rows = []
    for fold in range(1, 6):
        base, test = (read_fold(folder / f"u{fold}.{part}") for part in ("base", "test"))
        biases = fit_biases(base, BIAS_REG)
        start = time.perf_counter()
        model = train(base, device)
        seconds = time.perf_counter() - start
        with torch.no_grad():
            users, items, _ = known_cells(test)
            codes = (torch.as_tensor(part, dtype=torch.int64, device=device) for part in (users, items))
            predicted = model(*codes).cpu().numpy()
        error = rmse_on(test, lambda users, items, predicted=predicted: predicted)
        rows.append((rmse_on(test, biases.predict), error, seconds))
        print(f"{f'u{fold}':<6} {rows[-1][0]:>8.4f} {rows[-1][1]:>8.4f} {rows[-1][2]:>8.1f}", flush=True)
    print("{:<6} {:>8.4f} {:>8.4f} {:>8.1f}".format("mean", *np.mean(rows, axis=0)))


if __name__ == "__main__":
    main()
