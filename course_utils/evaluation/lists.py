"""What does a list say to a person? Titles beside their history, with what was found again, and reasons."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from course_utils.data.titles import shown_title

HIT = "★"


def history_beside_lists(
    stars: csr_array,
    lists: Mapping[str, Sequence[int] | np.ndarray],
    held_out: Collection[int],
    titles: Sequence[str],
    n: int = 10,
) -> pd.DataFrame:
    """One person's best liked films beside what models recommend to them.

    Parameters
    ----------
    stars : (1, n_items) csr_array
        What the person rated in training: one row of R.
    lists : mapping of str to sequence of int
        Per model: its name, and the codes that it recommends, the best first.
    held_out : collection of int
        Codes of held-out films that the person likes. They are marked with a ★.
    titles : sequence of str
        Title of each item code, as in `Dataset.items`.
    n : int
        Rows of the table; what is shorter is filled up with empty cells.

    Returns
    -------
    DataFrame
        First a column of titles with their stars, the best liked first (of equals, the smaller code), then a
        column a model; a row for each place, from 1.

    Raises
    ------
    ValueError
        If `stars` has not exactly one row.
    """
    if stars.shape[0] != 1:
        raise ValueError(f"stars has {stars.shape[0]} rows: give one row of R, such as R[[user]].")
    row = stars.tocoo()
    codes, values = row.coords[1], row.data
    best = np.lexsort((codes, -values))[:n]
    columns = {"liked best": [f"{shown_title(titles[codes[p]])} · {values[p]:g}" for p in best]}
    for name, codes_of_list in lists.items():
        marks = [f"{HIT} " if i in held_out else "" for i in codes_of_list[:n]]
        columns[name] = [
            mark + shown_title(titles[i]) for mark, i in zip(marks, codes_of_list[:n], strict=True)
        ]
    filled = {name: [*cells, *[""] * (n - len(cells))] for name, cells in columns.items()}
    return pd.DataFrame(filled, index=pd.RangeIndex(1, n + 1, name="place"))


def loudest(terms: np.ndarray, titles: Sequence[str], n: int = 2) -> str:
    """The films that speak loudest for a recommended one, in words.

    Parameters
    ----------
    terms : (n_liked,) array
        What each liked film adds to the score of the recommended one.
    titles : sequence of str
        Titles of the liked films, in the same order.
    n : int
        How many films at most; those that add nothing, or take something off, are not named.

    Returns
    -------
    str
        Titles with "and" between them; "–" if no film speaks for it.
    """
    order = np.argsort(-np.asarray(terms), kind="stable")[:n]
    return " and ".join(titles[film] for film in order if terms[film] > 0) or "–"
