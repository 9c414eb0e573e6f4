"""Where does each model of unit 09 put the held-out likes of the league's first split?

Run ``python -m benchmarks.places``: it writes course_utils/evaluation/places.csv, which unit 09 reads.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from threadpoolctl import threadpool_limits

from benchmarks.models import MODELS
from benchmarks.settings import read_setting
from course_utils.data.datasets import load
from course_utils.data.interactions import Interactions
from course_utils.evaluation.league import LIKED, league_split
from course_utils.evaluation.places import PLACES_FILE, places_of_likes
from course_utils.evaluation.ranking import at_least

DATA, SEED = "ml-latest-small", 0
COMMAND = "python -m benchmarks.places"


def runs(train: csr_array) -> dict[str, tuple[str, dict]]:
    """Model and setting of each column: the league's, EASE's other penalty, unit 06's negatives, gravity."""
    stars, lists = (read_setting(DATA, f"PyTorch MF{kind}") for kind in ("", ", gravity"))
    gravity, n_likes = lists["gravity_weight"], np.bincount(at_least(train).indices, minlength=train.shape[1])
    unit_06 = {"threshold": LIKED, "n_factors": 64, "lr": 0.05, "reg": 0.01, "n_epochs": 100}
    return {
        **{name: (name, read_setting(DATA, name)) for name in ("popularity", "WRMF", "BPR", "WARP", "EASE")},
        "EASE, λ = 100": ("EASE", read_setting(DATA, "EASE") | {"reg": 100.0}),
        "BPR, uniform negatives": ("BPR", unit_06),
        "BPR, popular negatives": ("BPR", unit_06 | {"weights": n_likes}),
        "PyTorch MF": ("PyTorch MF", stars),
        "PyTorch MF, control": ("PyTorch MF", stars | {"gravity_weight": gravity}),
        "PyTorch MF, gravity": ("PyTorch MF, gravity", lists),
        "PyTorch MF, gravity, control": ("PyTorch MF, gravity", lists | {"gravity_weight": 0.0}),
    }


def main() -> None:
    """Train, rank, write."""
    R = Interactions.from_ratings(load(DATA).ratings).matrix
    train, test = league_split(R, SEED)
    likes, everybody, columns = at_least(test, LIKED), np.arange(R.shape[0]), {}
    with threadpool_limits(1):
        for name, (model, setting) in runs(train).items():
            scores = MODELS[model](train, SEED, **setting).score(everybody)
            columns[name] = places_of_likes(scores, train, likes)
            print(name)
    with PLACES_FILE.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f"# {COMMAND}\n")
        pd.DataFrame(columns).to_csv(file, float_format="%g", lineterminator="\n")


if __name__ == "__main__":
    main()
