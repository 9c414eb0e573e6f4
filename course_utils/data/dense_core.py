"""Which users and items have enough ratings, when each counts only ratings among those that stay?"""

from __future__ import annotations

import pandas as pd


def dense_core(ratings: pd.DataFrame, min_user: int, min_item: int) -> pd.DataFrame:
    """The largest part in which every user has `min_user` ratings or more, and every item `min_item`.

    Taking away items leaves some users with too few ratings, and taking those away leaves items with too
    few: one pass over both thresholds does not keep what it promises. So they alternate until nothing
    changes. The result does not depend on the order of the rows, nor on which threshold comes first: the
    union of two parts that keep the thresholds keeps them, too, so there is one largest part (the *core*).

    Parameters
    ----------
    ratings : DataFrame
        With the columns `user_id` and `item_id`, a row a rating; rows of one pair count once each.
    min_user, min_item : int
        Least number of ratings of a user and of an item.

    Returns
    -------
    DataFrame
        The rows that stay, as they are and in their order; none, if no part keeps the thresholds.
    """
    rows = len(ratings) + 1
    while len(ratings) < rows:
        rows = len(ratings)
        for column, least in (("item_id", min_item), ("user_id", min_user)):
            counts = ratings.groupby(column)[column].transform("size")
            ratings = ratings[counts >= least]
    return ratings
