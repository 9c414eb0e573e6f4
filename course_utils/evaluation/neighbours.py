"""Which items are alike by a model's factors, and how good are they, by genres that no model has seen?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from course_utils.data.titles import find_titles, shown_title

# Every unit asks every model for the films that are like these.
THREE_FILMS = ("Toy Story (1995)", "The Godfather (1972)", "Alien (1979)")


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


def group_by_genre(genres: Iterable[str], wanted: Sequence[str]) -> list[str]:
    """The first of the wanted genres that each item has; an empty string for items with none of them."""
    return [next((genre for genre in wanted if genre in text.split("|")), "") for text in genres]


def years_apart(years: np.ndarray, nearest: np.ndarray) -> float:
    """How many years lie between items and their nearest ones, in the median.

    Parameters
    ----------
    years : (items,) array of float
        nan where it is not known; such pairs are left out.
    nearest : (items, n) array of int
        Codes of the nearest ones of each item.

    Returns
    -------
    float
    """
    return float(np.nanmedian(np.abs(years[nearest] - years[:, None])))


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


def nearest_of_all(factors: np.ndarray, n: int = 10) -> np.ndarray:
    """For every item the items whose factors point most nearly the same way: `similar_items` for all at once.

    Parameters
    ----------
    factors : (items, k) array
        A row of factors an item; some thousand items at most, as all pairs are compared.
    n : int
        How many of each; fewer if there are not as many others.

    Returns
    -------
    (items, n) array of int
        Codes, the most similar first; of equals, the smaller code first.
    """
    lengths = np.linalg.norm(factors, axis=1, keepdims=True)
    directions = factors / np.where(lengths > 0, lengths, 1)
    cosines = directions @ directions.T
    np.fill_diagonal(cosines, -np.inf)
    return np.argsort(-cosines, axis=1, kind="stable")[:, : min(n, len(factors) - 1)]


def neighbour_quality(
    factors: np.ndarray,
    queries: Iterable[int],
    marks: np.ndarray,
    counts: np.ndarray,
    n: int = 10,
    similar: Callable[[Any, int, int], np.ndarray] = similar_items,
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
    similar : callable
        `similar(factors, index, n)` finds them; by their cosine, if nothing else is given.

    Returns
    -------
    Series
        `genres shared`: mean `genre_overlap`; `obscure`: share of neighbours with fewer than 5 ratings.
    """
    found = {int(index): similar(factors, int(index), n) for index in queries}
    return pd.Series(
        {
            "genres shared": np.mean(
                [genre_overlap(marks, index, others) for index, others in found.items()]
            ),
            "obscure": np.mean([np.mean(counts[others] < 5) for others in found.values()]),
        }
    )


def shelves(
    factors_of: Mapping[str, Any],
    titles: Sequence[str],
    counts: np.ndarray,
    films: Sequence[str] = THREE_FILMS,
    n: int = 5,
    similar: Callable[[Any, int, int], np.ndarray] = similar_items,
) -> pd.DataFrame:
    """What is like some films, by several models: in every unit the same films and the same table.

    Parameters
    ----------
    factors_of : mapping of str to array
        Per model: its name, and what `similar` takes first.
    titles : sequence of str
        Title of each item code, as in `Dataset.items`.
    counts : (items,) array of int
        How often each item was rated in training; it stands behind the title.
    films : sequence of str
        Titles of the films that are asked for.
    n : int
        How many similar ones of each.
    similar : callable
        `similar(factors, index, n)` returns their codes; by their cosine, if nothing else is given.

    Returns
    -------
    DataFrame
        A column a model; the rows by film, and by place from 1.

    Raises
    ------
    ValueError
        If a film is not among the titles; the message names similar ones.
    """
    rows = {}
    for film, index in zip(films, find_titles(films, titles), strict=True):
        found = {name: similar(factors, index, n) for name, factors in factors_of.items()}
        for place in range(n):
            rows[film, place + 1] = {
                name: f"{shown_title(titles[codes[place]])} · {counts[codes[place]]}"
                for name, codes in found.items()
            }
    return pd.DataFrame(rows).T.rename_axis(index=["like", "place"])
