"""The league of the course's models: one kind of split, a row of measures a run, means with their intervals.

The results of the reference solutions lie beside this module, in league.csv, a line for each model and seed;
the comments at its top say which command wrote it. A model of one's own, measured on the split of the same
seed, can stand beside them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.special import stdtrit

from course_utils.evaluation.metrics import rmse_on
from course_utils.evaluation.ranking import at_least, evaluate_ranking, split_by_user

LEAGUE_FILE = Path(__file__).with_name("league.csv")
# How many digits tell the models apart; the columns of the table, in order.
DIGITS = {
    "RMSE": 3,
    "NDCG@10": 3,
    "recall@20": 3,
    "precision@5": 3,
    "AUC": 3,
    "coverage": 3,
    "novelty": 2,
    "seconds": 1,
}
TEST_FRACTION = 0.2
LIKED = 4.0  # stars: held-out ratings from here on are what a good list should hold


def league_split(R: csr_array, seed: int | Sequence[int]) -> tuple[csr_array, csr_array]:
    """The league's split of a rating matrix: a fifth of each user's ratings is held out.

    Parameters
    ----------
    R : (m, n) csr_array
        All ratings of a data set, as `Interactions.from_ratings` makes it.
    seed : int or sequence of int
        Seed of the split; an int is the number in the column `seed` of `read_league`.

    Returns
    -------
    train, test : (m, n) csr_array
        Ratings; together they are R.
    """
    return split_by_user(R, TEST_FRACTION, np.random.default_rng(seed))


def league_row(
    train: csr_array,
    test: csr_array,
    score: Callable[[np.ndarray], np.ndarray],
    predict: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None,
) -> pd.Series:
    """What the league measures of a model that was trained on `train`, its seconds of training apart.

    Parameters
    ----------
    train, test : (m, n) csr_array
        A split by `league_split`. Items with any rating in `train` are not recommended; those with at least
        four stars in `test` are the relevant ones.
    score : callable
        `score(users)` returns a (len(users), n) array, see `evaluate_ranking`.
    predict : callable, optional
        `predict(users, items)` returns a rating in stars for each pair, where the model gives ratings; they
        are clipped to the scale of `train`. The RMSE is over all of `test`.

    Returns
    -------
    Series
        `RMSE` (nan without `predict`), and the measures of `evaluate_ranking`.
    """
    rmse = math.nan
    if predict is not None:
        lowest, highest = train.data.min(), train.data.max()
        rmse = rmse_on(test, lambda users, items: np.clip(predict(users, items), lowest, highest))
    return pd.concat([pd.Series({"RMSE": rmse}), evaluate_ranking(score, train, at_least(test, LIKED))])


def read_league(
    data: str = "ml-latest-small", seed: int | None = None, file: Path = LEAGUE_FILE
) -> pd.DataFrame:
    """The results of the course's models and, where they were run, of other packages.

    Parameters
    ----------
    data : str
        Name of the data set.
    seed : int, optional
        Only the runs on the split of this seed; otherwise those of all seeds.
    file : path
        Where the results are.

    Returns
    -------
    DataFrame
        One row a run: `data`, `by` (who wrote the model: "course", or a package with its version),
        `model`, `seed`, and the columns of `DIGITS`; `seconds` are the processor's in training, on one
        thread.

    Raises
    ------
    ValueError
        If the file has no such run; the message names those that it has.
    """
    runs = pd.read_csv(file, comment="#")
    chosen = runs[(runs["data"] == data) & (True if seed is None else runs["seed"] == seed)]
    if len(chosen) == 0:
        has = ", ".join(sorted(set(runs["data"]))), ", ".join(map(str, sorted(set(runs["seed"]))))
        raise ValueError(
            f"{file} has no run on data={data!r}, seed={seed}; it has data {has[0]} and seeds {has[1]}. "
            "Write others with `python -m benchmarks.league --write`."
        )
    return chosen.reset_index(drop=True)


def mean_and_margin(values: np.ndarray) -> tuple[float, float]:
    """Mean of a measure over some runs, and half the width of its 95 % confidence interval.

    Parameters
    ----------
    values : (runs,) array
        One value a run.

    Returns
    -------
    mean, margin : float
        The interval is mean ± margin, by Student's t with runs − 1 degrees of freedom; nan for a single run.
    """
    values = np.asarray(values, dtype=np.float64)
    n = len(values)
    if n < 2:
        return float(values.mean()), math.nan
    return float(values.mean()), float(stdtrit(n - 1, 0.975) * values.std(ddof=1) / math.sqrt(n))


def league_table(runs: pd.DataFrame, digits: dict[str, int] = DIGITS) -> pd.DataFrame:
    """The league as people read it: a row a model, mean ± margin over its runs.

    Parameters
    ----------
    runs : DataFrame
        Rows as `read_league` returns them; rows of one's own can be added.
    digits : dict
        The columns to show, those that `runs` has, and how many digits of each.

    Returns
    -------
    DataFrame of str
        Indexed by the models in the order in which they come first; the margin is missing for a single run,
        and a measure that a model does not have is "–".
    """
    rows = {}
    for model, of_model in runs.groupby("model", sort=False):
        rows[model] = {
            measure: _text(*mean_and_margin(of_model[measure]), n_digits)
            for measure, n_digits in digits.items()
            if measure in runs
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("model")


def _text(mean: float, margin: float, digits: int) -> str:
    if math.isnan(mean):
        return "–"
    return f"{mean:.{digits}f}" + ("" if math.isnan(margin) else f" ± {margin:.{digits}f}")
