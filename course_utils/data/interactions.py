"""Ratings as a sparse matrix: from a table to a matrix, and from a matrix to its known cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_array


@dataclass(frozen=True)
class Interactions:
    """A rating matrix, and whose rows and columns they are.

    Parameters
    ----------
    matrix : (m, n) csr_array
        The ratings, float64. A cell that is not stored is unknown.
    user_ids : (m,) array
        `user_ids[u]` is the data set's id of row u; ascending.
    item_ids : (n,) array
        `item_ids[i]` is the data set's id of column i; ascending.
    """

    matrix: csr_array
    user_ids: np.ndarray
    item_ids: np.ndarray

    @classmethod
    def from_ratings(cls, ratings: pd.DataFrame) -> Interactions:
        """Matrix of a table of ratings.

        Parameters
        ----------
        ratings : DataFrame
            Columns `user_id`, `item_id` and `rating`; others are ignored.

        Returns
        -------
        Interactions
            A row for every user and a column for every item of the table.

        Raises
        ------
        ValueError
            If the table is empty, an id is missing, a user rated an item twice, or a rating is 0 (in a sparse
            matrix too easily taken for an unknown cell) or not finite.
        """
        values = ratings["rating"].to_numpy(dtype=np.float64)
        bad = ~np.isfinite(values) | (values == 0)
        if len(ratings) == 0:
            raise ValueError("There are no ratings in the table: nothing to put into a matrix.")
        if bad.any():
            raise ValueError(
                f"Row {bad.argmax()} of the ratings has the rating {values[bad.argmax()]:g}; "
                "expected a finite number other than 0. Drop such rows "
                "(Dataset.explicit_ratings drops implicit marks)."
            )
        twice = ratings.duplicated(["user_id", "item_id"])
        if twice.any():
            user, item = ratings.loc[twice.to_numpy(), ["user_id", "item_id"]].iloc[0]
            raise ValueError(
                f"User {user} rated item {item} more than once. Keep one of the ratings, for example by "
                'ratings.drop_duplicates(["user_id", "item_id"], keep="last").'
            )
        users, items = pd.Categorical(ratings["user_id"]), pd.Categorical(ratings["item_id"])
        if (users.codes < 0).any() or (items.codes < 0).any():
            raise ValueError("A user_id or an item_id is missing (NaN): drop these rows.")
        return cls(
            matrix=csr_array(
                (values, (users.codes, items.codes)), shape=(len(users.categories), len(items.categories))
            ),
            user_ids=users.categories.to_numpy(),
            item_ids=items.categories.to_numpy(),
        )


def known_cells(R: csr_array) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The known cells Ω of a rating matrix, row by row.

    Parameters
    ----------
    R : (m, n) csr_array
        Ratings; a cell that is not stored is unknown.

    Returns
    -------
    users, items : (nnz,) integer arrays
        Row and column of each known cell.
    values : (nnz,) array
        What stands there; a copy.
    """
    cells = csr_array(R).tocoo(copy=True)
    return cells.row, cells.col, cells.data


def hold_out(R: csr_array, fraction: float, rng: np.random.Generator) -> tuple[csr_array, csr_array]:
    """Set aside a random share of all known cells, whoever's they are.

    Every cell is equally likely to be drawn, so a user or an item with few ratings may lose all of them. It
    then has an empty row or column in the first matrix: both matrices keep the shape of R, so that all codes
    stay valid. A model must say what it predicts there (with zero factors, for example, the mean).

    Parameters
    ----------
    R : (m, n) csr_array
        Ratings; left as it is.
    fraction : float
        Share of the known cells to hold out, above 0 and below 1; their number is rounded to the nearest.
    rng : numpy.random.Generator
        Source of the draw.

    Returns
    -------
    rest, held_out : (m, n) csr_array
        Together they are R, and no cell is in both.

    Raises
    ------
    ValueError
        If `fraction` is not above 0 and below 1.
    """
    if not 0 < fraction < 1:
        raise ValueError(f"fraction is {fraction}; expected a share of the known cells above 0 and below 1.")
    users, items, values = known_cells(R)
    is_held_out = np.zeros(len(values), dtype=bool)
    is_held_out[rng.choice(len(values), size=round(fraction * len(values)), replace=False)] = True
    rest, held_out = (
        csr_array((values[chosen], (users[chosen], items[chosen])), shape=R.shape)
        for chosen in (~is_held_out, is_held_out)
    )
    return rest, held_out
