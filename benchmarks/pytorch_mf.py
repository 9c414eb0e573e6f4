"""Unit 04's model on the five published folds of ml-100k: RMSE, and seconds.

Run ``python -m benchmarks.pytorch_mf`` with ``MF_DATA_DIR`` naming the folder that holds ``ml-100k``, which
may not be redistributed. One setting serves all folds. ``python -m benchmarks.pytorch_mf search`` (some
minutes) repeats the search for it: on ratings held out from u1.base … u5.base, without a look at the test
files.
"""

from __future__ import annotations

import os
import sys
import time
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.sparse import csr_array

from course_utils.data.interactions import hold_out, known_cells
from course_utils.evaluation.baselines import fit_biases
from course_utils.evaluation.metrics import rmse_on
from course_utils.training.pytorch import pick_device, settle_torch
from solutions.pytorch_mf import BiasedMF, fit, sparse_ratings

SHAPE = (943, 1682)
FOLDS = range(1, 6)
# Found by the search.
SETTING: dict[str, Any] = {
    "n_factors": 32,
    "init_std": 0.005,
    "lr": 0.002,
    "penalty_weight": 0.18,
    "n_epochs": 31,
}
# The budget of the search: every combination, once per fold.
TRIED: dict[str, list[Any]] = {
    "n_factors": [32],
    "init_std": [0.005, 0.05],
    "lr": [0.002, 0.004],
    "penalty_weight": [0.16, 0.18, 0.2],
}
MAX_EPOCHS = 40
BATCH_SIZE = 1024
VALID_SHARE = 0.05
BIAS_REG = 3.0


def read_fold(path: Path) -> csr_array:
    """One file of a published fold: user, item, rating and time, separated by tabs, ids from 1."""
    users, items, ratings, _ = np.loadtxt(path, dtype=np.int64).T
    return csr_array((ratings.astype(np.float64), (users - 1, items - 1)), shape=SHAPE)


def as_tensor(R: csr_array, device: torch.device) -> torch.Tensor:
    """The known cells of a rating matrix as a sparse tensor."""
    return sparse_ratings(*known_cells(R), R.shape).to(device)


def train(
    learned: csr_array,
    valid: csr_array,
    device: torch.device,
    n_factors: int,
    init_std: float,
    **setting: Any,
) -> tuple[BiasedMF, list[tuple[float, float]]]:
    """A model of the ratings `learned` with the weights that were best on `valid`, and its history."""
    generator = torch.Generator().manual_seed(0)
    model = BiasedMF(*SHAPE, n_factors, float(learned.data.mean()), init_std, generator).to(device)
    ratings = (as_tensor(learned, device), as_tensor(valid, device))
    return model, fit(model, *ratings, **setting, batch_size=BATCH_SIZE, generator=generator)


def search(folder: Path, device: torch.device) -> None:
    """Print each setting's validation RMSE, its mean over the folds' training files, and the lowest last.

    The number of epochs is where that mean is lowest.
    """
    splits = [
        hold_out(read_fold(folder / f"u{fold}.base"), VALID_SHARE, np.random.default_rng(0)) for fold in FOLDS
    ]
    found = []
    for values in product(*TRIED.values()):
        setting = dict(zip(TRIED, values, strict=True))
        histories = [train(*split, device, **setting, n_epochs=MAX_EPOCHS)[1] for split in splits]
        mean = np.mean([[error for _, error in history] for history in histories], axis=0)
        found.append((mean.min(), setting | {"n_epochs": int(mean.argmin()) + 1}))
        print("validation RMSE {:.4f}  {}".format(*found[-1]), flush=True)
    print("lowest: {:.4f}  {}".format(*min(found, key=lambda each: each[0])))


def report(folder: Path, device: torch.device) -> None:
    """Print the test RMSE of the biases and of unit 04's model on each fold, and their means."""
    print(f"ml-100k, {SETTING}, batches of {BATCH_SIZE}, on {device}")
    print(f"{'fold':<6} {'biases':>8} {'unit 04':>8} {'seconds':>8}")
    rows = []
    for fold in FOLDS:
        base, test = (read_fold(folder / f"u{fold}.{part}") for part in ("base", "test"))
        start = time.perf_counter()
        # With the number of epochs settled, all of the fold's training ratings are learned from. "Validated"
        # on themselves, they leave the weights of the lowest training error: of the last epoch, or nearly.
        model, _ = train(base, base, device, **SETTING)
        seconds = time.perf_counter() - start

        def predict(users: np.ndarray, items: np.ndarray, model: BiasedMF = model) -> np.ndarray:
            codes = (torch.as_tensor(part, dtype=torch.int64, device=device) for part in (users, items))
            with torch.no_grad():
                return model(*codes).cpu().numpy()

        rows.append((rmse_on(test, fit_biases(base, BIAS_REG).predict), rmse_on(test, predict), seconds))
        print(f"{f'u{fold}':<6} {rows[-1][0]:>8.4f} {rows[-1][1]:>8.4f} {seconds:>8.1f}", flush=True)
    print("{:<6} {:>8.4f} {:>8.4f} {:>8.1f}".format("mean", *np.mean(rows, axis=0)))


def main() -> None:
    """Print the table of test errors, or, with the word `search`, how its setting was chosen."""
    folder = Path(os.environ.get("MF_DATA_DIR", "data")) / "ml-100k"
    if not (folder / "u1.base").is_file():
        sys.exit(f"{folder / 'u1.base'} is not there: set MF_DATA_DIR to the folder that holds ml-100k.")
    settle_torch(n_threads=1)
    (search if sys.argv[1:] == ["search"] else report)(folder, pick_device("auto"))


if __name__ == "__main__":
    main()
