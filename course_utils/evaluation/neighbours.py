"""Which items are alike by a model's factors, and how good are they, by genres that no model has seen?"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd


def genre_marks(genres: pd.Series) -> np.ndarray:
    """Genres as a table of marks.

    Parameters
    ----------
    genres : Series of str
        The genres of each item, joined with `|`; an empty string if none is known.

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
    """Mean overlap of an item's genres with those of other items.

    The overlap of two items is Jaccard's: |A ∩ B| / |A ∪ B|, the genres that they share among
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


def similar_items(factors: np.ndarray, index: int, n: int = 10, metric: str = "cosine") -> np.ndarray:
    """The items whose factors are most similar to those of an item.

    Parameters
    ----------
    factors : (items, k) array
        A row of factors an item.
    index : int
        The item that the others are compared with; it is not among them.
    n : int
        How many; fewer if there are not as many others.
    metric : {"cosine", "dot"}
        The cosine y_iᵀy_j / (‖y_i‖ ‖y_j‖) asks which rows point the same way; the dot product y_iᵀy_j is
        large for long rows as well.

    Returns
    -------
    (n,) array of int
        Codes, the most similar first; of equals, the smaller code first. A row of zeros has the cosine 0.

    Raises
    ------
    ValueError
        If `metric` is neither of the two.
    """
    if metric not in ("cosine", "dot"):
        raise ValueError(f"metric is {metric!r}; expected 'cosine' or 'dot'.")
    similarity = np.array(factors @ factors[index], dtype=np.float64)
    if metric == "cosine":
        lengths = np.linalg.norm(factors, axis=1)
        np.divide(similarity, lengths * lengths[index], out=similarity, where=similarity != 0)
    similarity[index] = -np.inf
    return np.argsort(-similarity, kind="stable")[: min(n, len(factors) - 1)]


def neighbour_quality(
    factors: np.ndarray, queries: Iterable[int], marks: np.ndarray, counts: np.ndarray, n: int = 10
) -> pd.Series:
    """How good the neighbours of some items are, on average over these items.

    Parameters
    ----------
    factors : (items, k) array
        A row of factors an item.
    queries : iterable of int
        The items whose neighbours are looked at, at least one.
    marks : (items, genres) array of bool
        As `genre_marks` returns it.
    counts : (items,) array of int
        How often each item was rated.
    n : int
        Neighbours of each.

    Returns
    -------
    Series
        `genres shared`: mean `genre_overlap`; `obscure`: share of neighbours with fewer than 5 ratings.
    """
    found = {int(index): similar_items(factors, int(index), n) for index in queries}
    return pd.Series(
        {
            "genres shared": np.mean(
                [genre_overlap(marks, index, others) for index, others in found.items()]
            ),
            "obscure": np.mean([np.mean(counts[others] < 5) for others in found.values()]),
        }
    )
