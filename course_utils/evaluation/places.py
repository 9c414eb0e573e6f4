"""Where do the league's models put each film that somebody was to like, and what do lists make of that?

The places lie beside this module, in places.csv; the comment at its top says which command wrote it. They are
those of the league's first split, for the models of unit 09.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from course_utils.evaluation.ranking import without_seen

PLACES_FILE = Path(__file__).with_name("places.csv")
CODES = ("user", "item")


def read_places(file: Path = PLACES_FILE) -> pd.DataFrame:
    """The places of all held-out likes, a column a model.

    Parameters
    ----------
    file : path
        Where they are.

    Returns
    -------
    DataFrame
        Indexed by `user` and `item` (codes), in ascending order; see `places_of_likes`.
    """
    return pd.read_csv(file, comment="#").set_index(list(CODES))


def places_of_likes(scores: np.ndarray, train: csr_array, likes: csr_array) -> pd.Series:
    """The exact place of each held-out like among the films that it competes with.

    Each like stands alone against all films that its user has neither rated in training nor among the other
    held-out likes: 1 + (those that score higher) + ½ (those that score the same).

    Parameters
    ----------
    scores : (m, n) array
        A score for every user and item, finite.
    train, likes : (m, n) csr_array
        What is known, and the held-out likes; stored cells count, whatever their value.

    Returns
    -------
    Series of float
        Indexed by `user` and `item`, in ascending order.
    """
    places = {}
    for user in np.flatnonzero(np.diff(likes.indptr)):
        liked = np.sort(likes[[user]].indices)
        contest = without_seen(scores[[user]], train[[user]])[0]
        ours = contest[liked]
        contest[liked] = -np.inf
        others = np.sort(contest[contest > -np.inf])
        below, not_above = (np.searchsorted(others, ours, side) for side in ("left", "right"))
        for item, place in zip(liked, 1 + len(others) - (below + not_above) / 2, strict=True):
            places[int(user), int(item)] = float(place)
    return pd.Series(places).rename_axis(list(CODES))


def contest_sizes(places: pd.DataFrame, train: csr_array) -> np.ndarray:
    """How many films compete for the place of each held-out like, the like itself included.

    Parameters
    ----------
    places : DataFrame
        As `read_places` returns them.
    train : (m, n) csr_array
        What the models were trained on.

    Returns
    -------
    (len(places),) array of int
    """
    users = places.index.get_level_values("user").to_numpy()
    n_likes = np.bincount(users, minlength=train.shape[0])
    return train.shape[1] - np.diff(train.indptr)[users] - n_likes[users] + 1


def ndcg_by_person(places: pd.DataFrame, k: int = 10) -> pd.DataFrame:
    """NDCG@k of everybody's full list, from the places of their likes.

    Of a user's likes the one with the j-th best place stands j − 1 places further down in the full list,
    where the better ones stand above it. For models without equal scores this is the NDCG of
    `evaluate_ranking`.

    Parameters
    ----------
    places : DataFrame
        As `read_places` returns them.
    k : int
        Length of the list.

    Returns
    -------
    DataFrame
        A row a user, a column a model.
    """
    users = places.index.get_level_values("user")
    better = places.groupby(level="user").rank(method="first") - 1
    in_list = places + better
    gains = (1 / np.log2(1 + in_list)).where(in_list <= k, 0.0)
    n_likes = places.groupby(level="user").size().clip(upper=k)
    ideal = np.cumsum(1 / np.log2(np.arange(2, k + 2)))[n_likes - 1]
    return gains.groupby(users).sum().div(ideal, axis=0).rename_axis("user")
