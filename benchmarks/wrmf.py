"""The measures of unit 05's WRMF on ml-latest-small, beside popularity. Its speed: benchmarks/solvers.py.

Run ``python -m benchmarks.wrmf``. The settings are those of benchmarks/settings.toml, which
``python -m benchmarks.search WRMF`` found inside the training ratings.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.models import MODELS
from benchmarks.settings import read_setting
from course_utils.data.datasets import load
from course_utils.data.interactions import Interactions
from course_utils.evaluation.ranking import at_least, evaluate_ranking, split_by_user

SEEDS = range(5)
T_OF_FOUR = 2.776  # half a 95 % interval of a mean of five, in standard errors: Student's t


def main() -> None:
    """Print the measures on ml-latest-small's test ratings: mean and 95 % interval over splits."""
    R = Interactions.from_ratings(load("ml-latest-small").ratings).matrix
    splits = [split_by_user(R, 0.2, np.random.default_rng(seed)) for seed in SEEDS]
    print(f"ml-latest-small, 20 % of each person's ratings for the test, {len(SEEDS)} splits:")
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


if __name__ == "__main__":
    main()
