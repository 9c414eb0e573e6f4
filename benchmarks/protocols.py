"""Ways to hold ratings out and to measure: the league's own, and the recommenders-team's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from benchmarks.models import Fitted
from course_utils.evaluation.league import league_row, league_split
from course_utils.evaluation.ranking import split_by_user, top_items, without_seen
from course_utils.evaluation.ties import RankedLists

Seed = int | Sequence[int]
Split = Callable[[csr_array, Seed], tuple[csr_array, csr_array]]

# As of 2026 in the README of https://github.com/recommenders-team/recommenders, "Algorithm comparison", on
# ml-100k. Their MAP divides by the number of relevant items, as `recommenders_row` does.
PUBLISHED = pd.DataFrame(
    {
        "BiVAE": [0.146126, 0.475077, 0.411771, 0.219145],
        "BPR (Cornac)": [0.132478, 0.441997, 0.388229, 0.212522],
        "LightGCN": [0.088526, 0.419846, 0.379626, 0.144336],
        "NCF": [0.107720, 0.396118, 0.347296, 0.180775],
        "SAR": [0.110591, 0.382461, 0.330753, 0.176385],
        "FastAI": [0.025503, 0.147866, 0.130329, 0.053824],
        "SVD (Surprise)": [0.012873, 0.095930, 0.091198, 0.032783],
        "ALS (Spark)": [0.004732, 0.044239, 0.048462, 0.017796],
    },
    index=["MAP", "NDCG@10", "precision@10", "recall@10"],
).T


@dataclass(frozen=True)
class Protocol:
    """How a comparison is made.

    Parameters
    ----------
    split : callable
        ``split(R, seed) -> (train, test)``.
    row : callable
        ``row(train, test, fitted) -> Series`` of measures.
    title : str
        What is held out and measured, in a few words.
    suffix : str
        What settings for it are filed under, behind the name of the data set.
    """

    title: str
    split: Split
    row: Callable[[csr_array, csr_array, Fitted], pd.Series]
    suffix: str = ""


def recommenders_row(train: csr_array, test: csr_array, fitted: Fitted, k: int = 10) -> pd.Series:
    r"""MAP, nDCG, precision and recall as the recommenders-team's ``python_evaluation.py`` defines them.

    All held-out ratings are relevant, even those of one star. A user's average precision is the sum of the
    precisions at the places of the hits among the first k, divided by the number of *all* relevant items (so
    that it cannot reach 1 for a user with more than k of them); recall is divided by the same number. Where
    items have the same score, the measures are expected values, as in `evaluate_ranking`.

    Parameters
    ----------
    train, test : (m, n) csr_array
        What is seen, and what is relevant; users without the latter are left out.
    fitted : Fitted
        The model.
    k : int
        Length of the lists.

    Returns
    -------
    Series
        Means over the users.

    References
    ----------
    https://github.com/recommenders-team/recommenders, recommenders/evaluation/python_evaluation.py: ``map``,
    ``ndcg_at_k``, ``precision_at_k``, ``recall_at_k``.
    """
    users = np.flatnonzero(np.diff(test.indptr))
    relevant = test[users].toarray() != 0
    scores = fitted.score(users)
    ranked = RankedLists(without_seen(scores, train[users]), top_items(scores, train[users], k))
    hits = ranked.mean(relevant)
    n_relevant, places = relevant.sum(axis=1), np.arange(1, k + 1)
    discounts = 1 / np.log2(1 + places)
    ideal = np.cumsum(discounts)[np.minimum(n_relevant, k) - 1]
    # Hits at a place and at each before it, both at once.
    precision_at_hits = (np.tril(ranked.both(relevant)).sum(axis=2) / places).sum(axis=1)
    return pd.Series(
        {
            "MAP": (precision_at_hits / n_relevant).mean(),
            f"NDCG@{k}": (hits @ discounts / ideal).mean(),
            f"precision@{k}": hits.mean(),
            f"recall@{k}": (hits.sum(axis=1) / n_relevant).mean(),
        }
    )


def _quarter_of_each_user(R: csr_array, seed: Seed) -> tuple[csr_array, csr_array]:
    return split_by_user(R, 0.25, np.random.default_rng(seed))


def _quarter_of_each_item(R: csr_array, seed: Seed) -> tuple[csr_array, csr_array]:
    train, test = _quarter_of_each_user(csr_array(R.T), seed)
    return csr_array(train.T), csr_array(test.T)


def _league_row(train: csr_array, test: csr_array, fitted: Fitted) -> pd.Series:
    return league_row(train, test, fitted.score, fitted.predict)


# The comparison's page says that a quarter of each *user's* ratings is held out; its notebook
# (examples/06_benchmarks/movielens.ipynb) holds out a quarter of each *item's*. Both are here.
PROTOCOLS = {
    "league": [Protocol("a fifth of each user's ratings held out", league_split, _league_row)],
    "recommenders": [
        Protocol(f"a quarter of each {whose} ratings held out", split, recommenders_row, ", recommenders")
        for whose, split in (("user's", _quarter_of_each_user), ("film's", _quarter_of_each_item))
    ],
}
