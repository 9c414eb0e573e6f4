"""Unit 1: from a file of ratings to a sparse matrix, an honest split and a baseline."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_array


def rmse(actual: np.ndarray, predicted: np.ndarray) -> float:
    """Root of the mean squared error, in stars.

        RMSE = √( 1/N · Σ_j (r_j − r̂_j)² )

    Parameters
    ----------
    actual, predicted : (N,) array or list of numbers
        Ratings and their predictions, pair by pair; whole numbers or floats. The result is that of float64.

    Returns
    -------
    float
        At least 0, in the unit of the ratings.

    Raises
    ------
    ValueError
        If the lengths differ (NumPy would silently stretch a single number over all the others), or if there
        is nothing to compare.
    """
    ### BEGIN SOLUTION
    actual, predicted = np.asarray(actual, dtype=float), np.asarray(predicted, dtype=float)
    if actual.shape != predicted.shape:
        raise ValueError(f"{actual.shape} ratings against {predicted.shape} predictions: give one for each")
    if actual.size == 0:
        raise ValueError("no ratings to compare: the test set is empty")
    return float(np.sqrt(np.mean((actual - predicted) ** 2)))
    ### END SOLUTION


def parse_ratings(path: str | Path) -> pd.DataFrame:
    """Read a MovieLens `ratings.csv` and refuse what is not a rating.

    Parameters
    ----------
    path : str or Path
        A comma-separated file whose first line names at least the columns `userId`, `movieId`,
        `rating` and `timestamp` (in seconds since 1970-01-01 UTC), in any order. Further columns are
        left out.

    Returns
    -------
    DataFrame
        One row for each line, in the order of the file, and exactly these columns: `user_id` (int64),
        `item_id` (int64), `rating` (float32, in stars), `timestamp` (datetime64[s]).

    Raises
    ------
    ValueError
        If the file is empty or holds no rating, if a column is missing, if a line has more fields than the
        first (pandas by itself would move all of them by one place), or if a value is missing, is not a
        number, is an id or a time with a fraction, or is a rating that is not above 0 and at most 5. The
        message names the file, the missing column as the file should call it, and, for a bad value, its
        column and the number of its line as an editor shows it (the header is line 1); of several bad values
        in a column it names the first. A blank line counts as a line; whether it is refused itself, as one of
        missing values, is free, and so is whether an id may be written 1.0.

    References
    ----------
    Harper, Konstan, "The MovieLens datasets: history and context", ACM TiiS 5(4), 2015.
    """
    ### BEGIN SOLUTION
    try:
        # As text, blank lines included: so every row has a known line, and a bad value can be shown as it
        # stands.
        table = pd.read_csv(path, dtype=str, skip_blank_lines=False)
    except pd.errors.EmptyDataError:
        raise ValueError(f"{path} is empty: download the data again") from None
    except pd.errors.ParserError as error:
        raise ValueError(f"{path}: {error}") from None
    # With a field too many in the first line below the header, pandas takes the first fields for an index.
    if not isinstance(table.index, pd.RangeIndex):
        raise ValueError(
            f"{path} has more fields in a line than the {len(table.columns)} names in its header"
        )
    columns = {}
    for column in ["userId", "movieId", "rating", "timestamp"]:
        if column not in table:
            raise ValueError(
                f"{path} has no column {column!r}, but {list(table.columns)}: is it MovieLens' ratings.csv?"
            )
        values = pd.to_numeric(table[column], errors="coerce")
        # NaN compares false with everything, so that both lines call it bad.
        good = (0 < values) & (values <= 5) if column == "rating" else values % 1 == 0
        if not good.all():
            row = int(np.argmin(good))
            wanted = "a rating above 0 and at most 5" if column == "rating" else "a whole number"
            raise ValueError(
                f"{path}, line {row + 2}, column {column!r}: {table[column][row]!r} is not {wanted}"
            )
        columns[column] = values
    if table.empty:
        raise ValueError(f"{path} has a header and no ratings: download the data again")
    return pd.DataFrame(
        {
            "user_id": columns["userId"].astype(np.int64),
            "item_id": columns["movieId"].astype(np.int64),
            "rating": columns["rating"].astype(np.float32),
            "timestamp": columns["timestamp"].astype(np.int64).astype("datetime64[s]"),
        }
    )
    ### END SOLUTION


def popular_subset(ratings: pd.DataFrame, n_items: int = 50, min_ratings: int = 5) -> pd.DataFrame:
    """Ratings of the most rated items, by the users who rated enough of them.

    Keep the `n_items` items with the most ratings; then, among what is left, the users with *at least*
    `min_ratings` ratings. Each step is taken once, in this order.

    Parameters
    ----------
    ratings : DataFrame
        One row a rating, at least one, with at least the columns `user_id` and `item_id`: numbers or text.
        The index may be any; labels may repeat.
    n_items : int
        How many items to keep (all, if there are fewer). Of items with equally many ratings the one with the
        smaller id comes first, so that the same data always give the same subset.
    min_ratings : int
        How many ratings of the kept items a user must have.

    Returns
    -------
    DataFrame
        The rows that are kept, in their order, with all their columns. `ratings` itself is not changed.
    """
    ### BEGIN SOLUTION
    counts = ratings.groupby("item_id").size()
    # groupby sorted the counts by id, and a stable sort keeps that order among equals: ties go to the
    # smaller id.
    popular = counts.sort_values(ascending=False, kind="stable").index[:n_items]
    kept = ratings[ratings["item_id"].isin(popular)]
    ratings_of_user = kept.groupby("user_id")["item_id"].transform("size")
    return kept[ratings_of_user >= min_ratings]
    ### END SOLUTION


def encode_ids(ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Replace ids by codes 0, 1, 2, …, in ascending order of id.

    Parameters
    ----------
    ids : (N,) array or list of int or str
        The data set's names of users or of items, with repetitions, in any order and with gaps; N may be 0.

    Returns
    -------
    codes : (N,) array of int
        `uniques[codes]` gives back `ids`.
    uniques : (n,) array
        The different ids, ascending: `uniques[c]` is the id of code `c`.
    """
    ### BEGIN SOLUTION
    uniques, codes = np.unique(np.asarray(ids), return_inverse=True)
    return codes, uniques
    ### END SOLUTION


def lookup_ids(uniques: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Codes of ids under an encoding that exists already, such as that of the training data.

    Parameters
    ----------
    uniques : (n,) array
        Ids in ascending order, at least one, as `encode_ids` returns them.
    ids : (N,) array or list
        Ids to look up; some may be new, longer or larger than all in `uniques`.

    Returns
    -------
    (N,) array of int
        The position of each id in `uniques`; −1 for an id that is not there.
    """
    ### BEGIN SOLUTION
    uniques, ids = np.asarray(uniques), np.asarray(ids)
    # Position of the largest known id that is not above the wanted one: it is the wanted id or the id is
    # new. Below the smallest, this is −1 and reads the last id, which is then larger than the wanted one.
    codes = np.searchsorted(uniques, ids, side="right") - 1
    return np.where(uniques[codes] == ids, codes, -1)
    ### END SOLUTION


def to_csr(users: np.ndarray, items: np.ndarray, ratings: np.ndarray, shape: tuple[int, int]) -> csr_array:
    """Rating matrix R from triples (user, item, rating).

    Real data have millions of triples: work on whole arrays, not row by row.

    Parameters
    ----------
    users, items : (N,) array of int
        Codes from 0, as `encode_ids` gives them; int32 or int64. N may be 0.
    ratings : (N,) array
        Ratings in stars, whole numbers or floats.
    shape : (int, int)
        Numbers of users m and of items n. Their product may be far larger than the memory, and than 2³¹.

    Returns
    -------
    (m, n) csr_array of float
        r_ui where known; the other cells are not stored. If a pair (u, i) occurs more than once, its
        **last** rating in the order of the arrays counts: people change their minds. (SciPy by itself would
        add them up.)

    Raises
    ------
    ValueError
        If a code is negative or not below the shape.
    """
    ### BEGIN SOLUTION
    users, items = np.asarray(users, dtype=np.int64), np.asarray(items, dtype=np.int64)
    ratings = np.asarray(ratings, dtype=np.float64)
    for name, codes, size in [("user", users, shape[0]), ("item", items, shape[1])]:
        outside = (codes < 0) | (codes >= size)
        if outside.any():
            row = int(np.argmax(outside))
            raise ValueError(
                f"{name} {codes[row]} of rating {row} is not in 0 … {size - 1}: encode the ids first"
            )
    cells = users * shape[1] + items
    # np.unique finds first occurrences; from behind, those are the last ones.
    _, from_behind = np.unique(cells[::-1], return_index=True)
    last = len(cells) - 1 - from_behind
    return csr_array((ratings[last], (users[last], items[last])), shape=shape)
    ### END SOLUTION


def density(R: csr_array) -> float:
    """Share of the cells of R that are known, |Ω| / (m n).

    Parameters
    ----------
    R : (m, n) csr_array
        Ratings of any number type; at least one row and one column. The stored cells are the known ones,
        those of 0 among them. Not changed.

    Returns
    -------
    float
        Between 0 and 1 (not a percentage).
    """
    ### BEGIN SOLUTION
    n_users, n_items = R.shape
    return R.nnz / (n_users * n_items)
    ### END SOLUTION


def fit_baseline(
    R: csr_array, reg_user: float = 15.0, reg_item: float = 10.0
) -> tuple[float, np.ndarray, np.ndarray]:
    """Mean and shrunken biases of users and items; the prediction is μ + b_u + b_i.

        μ   = Σ r_ui / |Ω|
        b_i = Σ_u (r_ui − μ) / (λ_item + n_i)
        b_u = Σ_i (r_ui − μ − b_i) / (λ_user + n_u)

    The sums run over the known ratings of the item or of the user, of which there are n_i and
    n_u. The items come first: the users' biases explain what the items' biases leave.

    Parameters
    ----------
    R : (m, n) csr_array
        Known ratings, at least one, of integer or floating type; the stored cells are the known ones, a
        stored 0 among them; a row may have its columns in any order. In an honest experiment: the training
        ratings. Not changed.
    reg_user, reg_item : float
        λ ≥ 0, in ratings: that many imagined ratings without any deviation are mixed in, so
        that a bias that few ratings support stays near 0.

    Returns
    -------
    mu : float
        Mean of the known ratings.
    b_user : (m,) array
        Biases of the users, in stars; 0 for a user without ratings, also where `reg_user` is 0.
    b_item : (n,) array
        Biases of the items, likewise.

    References
    ----------
    Koren, "Factor in the neighbors", ACM TKDD 4(1), 2010, section 2.1.
    """

    ### BEGIN SOLUTION
    def shrunken_mean(residuals, codes, size, reg):
        n_ratings = np.bincount(codes, minlength=size)
        sums = np.bincount(codes, weights=residuals, minlength=size)
        return np.divide(sums, reg + n_ratings, out=np.zeros(size), where=n_ratings > 0)

    n_users, n_items = R.shape
    users, items = np.repeat(np.arange(n_users), np.diff(R.indptr)), R.indices
    ratings = R.data.astype(np.float64)
    mu = ratings.mean()
    b_item = shrunken_mean(ratings - mu, items, n_items, reg_item)
    b_user = shrunken_mean(ratings - mu - b_item[items], users, n_users, reg_user)
    return float(mu), b_user, b_item
    ### END SOLUTION


def split_random(R: csr_array, test_fraction: float, rng: np.random.Generator) -> tuple[csr_array, csr_array]:
    """Move a random share of every user's ratings to a test matrix.

    Parameters
    ----------
    R : (m, n) csr_array
        Ratings of any number type; a row may have its columns in any order. Not changed.
    test_fraction : float
        Between 0 and 1. Of the n_u ratings of user u, ⌊test_fraction · n_u⌋ (rounded *down*) go to test,
        each of them equally likely, drawn without replacement and for each user anew.
    rng : Generator
        The only source of randomness: the same state gives the same split.

    Returns
    -------
    train, test : (m, n) csr_array
        Every stored cell of R, one of 0 included, is stored with its rating in exactly one of them; nothing
        else is.
    """
    ### BEGIN SOLUTION
    in_test = np.zeros(R.nnz, dtype=bool)
    for start, stop in zip(R.indptr[:-1], R.indptr[1:], strict=True):
        n_test = int(test_fraction * (stop - start))
        in_test[rng.choice(np.arange(start, stop), size=n_test, replace=False)] = True
    users = np.repeat(np.arange(R.shape[0]), np.diff(R.indptr))
    train, test = (
        csr_array((R.data[part], (users[part], R.indices[part])), shape=R.shape)
        for part in (~in_test, in_test)
    )
    return train, test
    ### END SOLUTION


def split_latest(ratings: pd.DataFrame, n_test: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Move every user's latest ratings to a test table.

    Parameters
    ----------
    ratings : DataFrame
        One row a rating, in any order, with at least the columns `user_id` (numbers or text) and `timestamp`;
        perhaps none. The index may be any; labels may repeat. Not changed.
    n_test : int
        How many of each user's ratings go to test, at least 1: the latest by timestamp, and of equally late
        ones the rows further down. A user with n_test ratings or fewer stays in train with all of them.

    Returns
    -------
    train, test : DataFrame
        Each row of `ratings` is in exactly one of them, with all its columns; the order of the rows is
        free.
    """
    ### BEGIN SOLUTION
    by_time = ratings.reset_index(drop=True).sort_values("timestamp", kind="stable")
    n_later = by_time.groupby("user_id").cumcount(ascending=False).sort_index().to_numpy()
    n_of_user = ratings.groupby("user_id")["timestamp"].transform("size").to_numpy()
    in_test = (n_later < n_test) & (n_of_user > n_test)
    return ratings[~in_test], ratings[in_test]
    ### END SOLUTION


def binarize(R: csr_array, threshold: float = 4.0) -> csr_array:
    """Likes in place of stars: 1 where the rating is at least `threshold`.

    Parameters
    ----------
    R : (m, n) csr_array
        Ratings in stars, of any number type; the stored cells are the known ones. Not changed.
    threshold : float
        The lowest rating that counts as a like; it may be 0 or below.

    Returns
    -------
    (m, n) csr_array
        Ones where a known rating is at least `threshold`. No other cell is stored: neither one of a low
        rating nor one that is unknown.
    """
    ### BEGIN SOLUTION
    likes = csr_array(R, dtype=np.float64, copy=True)
    likes.data = (likes.data >= threshold).astype(np.float64)
    likes.eliminate_zeros()
    return likes
    ### END SOLUTION
