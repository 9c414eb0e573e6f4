"""How good a list of similar items is, by the genres of the items, which no model of ratings has seen."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd


def genre_marks(genres: pd.Series) -> np.ndarray:
    """Genres as a table of marks.

    Parameters
    ----------
    genres : Series of str
        The genres of each item, joined with ``|``; an empty string if none is known.

    Returns
    -------
    (items, genres) array of bool
        A column for each genre that occurs, in the order of their names.

    Raises
    ------
    ValueError
        If no item has a genre (Book-Crossing has none).
    """
    marks = genres.str.get_dummies("|").to_numpy(dtype=bool)
    if not marks.any():
        raise ValueError(
            "No item has a genre: this data set does not say any, so overlap cannot be measured."
        )
    return marks


def genre_overlap(marks: np.ndarray, index: int, others: Iterable[int]) -> float:
    r"""Mean overlap of an item's genres with those of other items.

    The overlap of two items is Jaccard's: :math:`|A \cap B| / |A \cup B|`, the genres that they share among
    the genres that either has; 0 if neither has any.

    Parameters
    ----------
    marks : (items, genres) array of bool
        As `genre_marks` returns it.
    index : int
        The item.
    others : iterable of int
        Items to compare it with, at least one.

    Returns
    -------
    float
        Between 0 (nothing in common) and 1 (the same genres).

    Raises
    ------
    ValueError
        If there are no others.
    """
    rows = marks[np.asarray(list(others), dtype=np.int64)]
    if len(rows) == 0:
        raise ValueError(f"Item {index} has no neighbours to compare it with: expected at least one.")
    shared = (rows & marks[index]).sum(axis=1)
    either = (rows | marks[index]).sum(axis=1)
    return float(np.mean(shared / np.maximum(either, 1)))
