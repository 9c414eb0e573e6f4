"""What comes out of an experiment: settings beside a control, over the same seeds, with intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from course_utils.evaluation.league import mean_and_margin
from course_utils.training.progress_bar import no_bars, progress_bar


def experiment(
    run: Callable[..., float], settings: Mapping[str, Mapping[str, Any]], n_seeds: int = 3
) -> pd.DataFrame:
    """Run each setting from the same seeds, and compare it with the first one, the control.

    Differences are taken seed by seed: what a seed decides (which ratings are held out, where a model starts)
    is the same for both, and so most of its luck goes out of the difference.

    Parameters
    ----------
    run : callable
        `run(seed, **setting)` returns one number, for example an error on held-out ratings. It draws what is
        random from the seed alone, and learns nothing from what it measures on.
    settings : mapping of str to mapping
        Name to the arguments of `run` that differ from its defaults. The first is the control; for a causal
        sentence, another one differs from it in one thing.
    n_seeds : int
        How many runs each: the seeds 0, 1, 2, …

    Returns
    -------
    DataFrame
        A row a setting, in their order: `mean` of its runs and `±`, half of its 95 % interval;
        `minus control`, the mean difference, and `± of that`, nan for the control itself. Where
        `minus control` is farther from 0 than `± of that`, seeds alone hardly explain it.

    Raises
    ------
    ValueError
        If there is no setting beside the control, fewer than two seeds, or a run returns what is no finite
        number.
    """
    if len(settings) < 2:
        raise ValueError("An experiment compares: give a control first, and a setting that differs from it.")
    if n_seeds < 2:
        raise ValueError(f"n_seeds is {n_seeds}: without a second run nobody knows how large luck is.")
    values = {name: np.empty(n_seeds) for name in settings}
    runs = [(name, seed) for name in settings for seed in range(n_seeds)]
    for name, seed in progress_bar(runs, desc="settings and seeds"):
        with no_bars():  # a training's own bar; of six of them nobody reads one
            value = run(seed, **settings[name])
        values[name][seed] = _number(value, name, seed)
    control = next(iter(settings))
    rows = {}
    for name, of_setting in values.items():
        difference = (
            (math.nan, math.nan) if name == control else mean_and_margin(of_setting - values[control])
        )
        rows[name] = [*mean_and_margin(of_setting), *difference]
    return pd.DataFrame.from_dict(rows, orient="index", columns=["mean", "±", "minus control", "± of that"])


def _number(value: Any, name: str, seed: int) -> float:
    if not isinstance(value, int | float | np.number) or not math.isfinite(value):
        raise ValueError(
            f"{name!r} with seed {seed} returned {value!r}: `run` returns one finite number. Did it diverge, "
            "or is `return` missing?"
        )
    return float(value)
