"""How good lists of recommendations are: ranking measures on held-out items, for any model with scores."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from course_utils.data.interactions import known_cells
from course_utils.evaluation.ties import RankedLists

N_NDCG, N_RECALL, N_PRECISION = 10, 20, 5
# Scores held in memory at a time: 16 MB of them, however many users there are.
SCORES_AT_A_TIME = 2_000_000


def evaluate_ranking(
    score: Callable[[np.ndarray], np.ndarray], train: csr_array, test: csr_array, per_user: bool = False
) -> pd.Series | pd.DataFrame:
    """Rank all items that each user has not seen in training, and look where the held-out ones stand.

    =============  ======================================================================================
    NDCG@10        Σ_hits 1 / log₂(1 + place) among the first 10, divided by
                   what it is with every one of the first min(10, relevant) places a hit
    recall@20      hits among the first 20, divided by min(20, relevant)
    precision@5    hits among the first 5, divided by 5
    AUC            share of the pairs (relevant item, other unseen item) in which the relevant one has the
                   higher score; equal scores count as half a pair; not defined where all unseen items are
                   relevant
    novelty        mean of −log₂(share of all users that know the item in `train`) over the first 10, in
                   bits; an item that nobody knows counts as known to one user
    coverage       share of all items that are among the first 10 of at least one user
    =============  ======================================================================================

    Items of equal score have no order of their own: every measure is its expected value when they stand in a
    random order, drawn for each user. It does not depend on how the items are numbered.

    Parameters
    ----------
    score : callable
        `score(users)` takes an integer array of rows and returns a (len(users), n) array: the score of
        every item for each of them, the higher the better. It is called with some of the users at a time, so
        that the memory needed does not grow with their number.
    train : (m, n) csr_array
        Its stored cells, whatever their value, are known to the users and are never recommended.
    test : (m, n) csr_array
        Its stored cells, whatever their value, are the relevant items; of held-out ratings, pass the good
        ones alone (`at_least`). Users without any are left out of every measure.
    per_user : bool
        True for a table of the users' own values, without the coverage, which no single user has.

    Returns
    -------
    Series or DataFrame
        Means over the users (the AUC over those for whom it is defined), or, with `per_user`, one row for
        each user with a relevant item, indexed by the user's row.

    Raises
    ------
    ValueError
        If the shapes differ, a cell is in both matrices, nobody has a relevant item, or `score` returns
        another shape or a score that is not finite.

    References
    ----------
    Järvelin, Kekäläinen, "Cumulated gain-based evaluation of IR techniques", ACM TOIS 20(4), 2002.
    Rendle, Freudenthaler, Gantner, Schmidt-Thieme, "BPR", UAI 2009, section 4.1 (AUC).
    Castells, Hurley, Vargas, "Novelty and diversity in recommender systems", Recommender Systems Handbook,
    2015.
    """
    train, test = _marks(train), _marks(test)
    _refuse_bad_matrices(train, test)
    n_users, n_items = train.shape
    surprise = -np.log2(np.maximum(np.bincount(train.indices, minlength=n_items), 1) / n_users)
    evaluated = np.flatnonzero(np.diff(test.indptr))
    in_no_list = np.ones(n_items)  # how likely
    tables = []
    for users in np.array_split(evaluated, -(-len(evaluated) * n_items // SCORES_AT_A_TIME)):
        scores = _checked_scores(score, users, n_items)
        lists = top_items(scores, train[users], max(N_NDCG, N_RECALL, N_PRECISION))
        ranked = RankedLists(without_seen(scores, train[users]), lists)
        tables.append(_measure(scores, ranked, train[users], test[users], surprise).set_index(users))
        in_no_list *= np.prod(1 - ranked.chance_of_a_place(N_NDCG), axis=0)
    table = pd.concat(tables).rename_axis("user")
    if per_user:
        return table
    return pd.concat([table.mean(), pd.Series({"coverage": 1 - in_no_list.mean()})])


def top_items(scores: np.ndarray, seen: csr_array, n: int) -> np.ndarray:
    """The n items with the highest scores that each user has not seen.

    Parameters
    ----------
    scores : (batch, n_items) array
        One row a user, finite; not changed.
    seen : (batch, n_items) csr_array
        Its stored cells, whatever their value, are left out.
    n : int
        Length of the lists, at least 1.

    Returns
    -------
    (batch, n) array of int
        Each row in descending order of score, of equal scores the smaller index first; −1 fills up the row of
        a user with fewer than n unseen items.
    """
    open_to = without_seen(scores, seen)
    width = min(n, open_to.shape[1])
    last_in = np.partition(open_to, -width, axis=1)[
        :, -width, None
    ]  # the lowest score that still has a place
    above, level = open_to > last_in, open_to == last_in
    # Of the items level with the last one, the first by index get the places that are left.
    places_left = width - above.sum(axis=1, keepdims=True)
    chosen = above | (level & (np.cumsum(level, axis=1, dtype=np.int32) <= places_left))
    items = np.nonzero(chosen)[1].reshape(-1, width)  # exactly `width` a row, by index
    values = np.take_along_axis(open_to, items, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    ranked = np.where(np.isneginf(values), -1, items)
    lists = np.full((len(open_to), n), -1)
    lists[:, :width] = np.take_along_axis(ranked, order, axis=1)
    return lists


def top_unseen(scores: np.ndarray, seen: np.ndarray, n: int) -> np.ndarray:
    """`top_items` for one user: the n items with the highest scores that are not in `seen`.

    Parameters
    ----------
    scores : (n_items,) array
        One score an item, finite; not changed.
    seen : array or list of int
        Codes of the items to leave out; a code may come twice.
    n : int
        How many, at most.

    Returns
    -------
    (≤ n,) array of int
        In descending order of score, of equal scores the smaller code first; fewer than n only if fewer items
        are unseen.
    """
    marks = np.zeros((1, len(scores)))
    marks[0, np.asarray(seen, dtype=int)] = 1
    found = top_items(np.asarray(scores)[None], csr_array(marks), max(n, 1))[0, :n]
    return found[found >= 0]


def without_seen(scores: np.ndarray, seen: csr_array) -> np.ndarray:
    """A copy of the scores, of float64, with −inf for the stored cells of `seen`, whatever their value."""
    open_to = np.array(scores, dtype=np.float64)
    users, items, _ = known_cells(seen)
    open_to[users, items] = -np.inf
    return open_to


def at_least(R: csr_array, threshold: float = 4.0) -> csr_array:
    """The cells of R with this rating or a higher one: what counts as relevant among held-out ratings.

    Parameters
    ----------
    R : (m, n) csr_array
        Ratings; left as it is.
    threshold : float
        In the unit of the ratings (stars).

    Returns
    -------
    (m, n) csr_array
        The same ratings, fewer cells.
    """
    users, items, values = known_cells(R)
    keep = values >= threshold
    return csr_array((values[keep], (users[keep], items[keep])), shape=R.shape)


def ndcg_of_one_list(scores: np.ndarray, seen: csr_array, ratings: csr_array) -> float:
    """NDCG@10 of the same scores for everybody.

    Parameters
    ----------
    scores : (n,) array
        A finite score for every item.
    seen : (m, n) csr_array
        What each user's list leaves out.
    ratings : (m, n) csr_array
        Held-out ratings; those of at least 4 stars are relevant.

    Returns
    -------
    float
        Mean over the users with a relevant item, see `evaluate_ranking`.
    """
    same = evaluate_ranking(lambda users: np.tile(scores, (len(users), 1)), seen, at_least(ratings))
    return float(same[f"NDCG@{N_NDCG}"])


def split_by_user(
    R: csr_array, test_fraction: float, rng: np.random.Generator
) -> tuple[csr_array, csr_array]:
    """Hold out a random share of each user's ratings.

    Parameters
    ----------
    R : (m, n) csr_array
        Ratings; left as it is.
    test_fraction : float
        Share of each user's known cells that goes to the test part, above 0 and below 1; their number is
        rounded to the nearest (half to even), but at least one cell stays in the training part.
    rng : numpy.random.Generator
        Source of the draw.

    Returns
    -------
    train, test : (m, n) csr_array
        Together they are R, and no cell is in both.

    Raises
    ------
    ValueError
        If `test_fraction` is not above 0 and below 1.
    """
    if not 0 < test_fraction < 1:
        raise ValueError(
            f"test_fraction is {test_fraction}; expected a share of each user's ratings above 0 and below 1."
        )
    users, items, values = known_cells(R)
    shuffled = rng.permutation(len(users))
    shuffled = shuffled[np.argsort(users[shuffled], kind="stable")]  # user by user, in random order
    sizes = np.bincount(users, minlength=R.shape[0])
    n_test = np.clip(np.rint(test_fraction * sizes), 0, np.maximum(sizes - 1, 0)).astype(np.int64)
    place = np.arange(len(users)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    goes_to_test = place < np.repeat(n_test, sizes)
    train, test = (
        csr_array((values[cells], (users[cells], items[cells])), shape=R.shape)
        for cells in (shuffled[~goes_to_test], shuffled[goes_to_test])
    )
    return train, test


def _marks(R: csr_array) -> csr_array:
    """Where R has a stored cell, even one that holds a 0."""
    users, items, _ = known_cells(R)
    marks = csr_array((np.ones(len(users)), (users, items)), shape=R.shape)
    marks.sum_duplicates()
    return marks


def _refuse_bad_matrices(train: csr_array, test: csr_array) -> None:
    if train.shape != test.shape:
        raise ValueError(f"train has the shape {train.shape}, test {test.shape}; expected the same for both.")
    if test.nnz == 0:
        raise ValueError("test has no stored cell: nobody has a relevant item, there is nothing to measure.")
    both = (train * test).tocoo()
    if both.nnz:
        raise ValueError(
            f"User {both.row[0]} has item {both.col[0]} in train and in test; expected it in one of them."
        )


def _checked_scores(score: Callable, users: np.ndarray, n_items: int) -> np.ndarray:
    scores = np.asarray(score(users), dtype=np.float64)
    if scores.shape != (len(users), n_items):
        raise ValueError(
            f"score returned the shape {scores.shape} for {len(users)} users; expected a score for each of "
            f"the {n_items} items, that is {(len(users), n_items)}."
        )
    bad = np.argwhere(~np.isfinite(scores))
    if len(bad):
        row, item = bad[0]
        raise ValueError(
            f"score returned {scores[row, item]} for user {users[row]} and item {item}; expected finite "
            "numbers (seen items are taken out here, not by the model)."
        )
    return scores


def _measure(
    scores: np.ndarray, ranked: RankedLists, seen: csr_array, relevant: csr_array, surprise: np.ndarray
) -> pd.DataFrame:
    """The measures of some users, one row each, from their scores and from their lists of items."""
    n_relevant = np.diff(relevant.indptr)
    hits = ranked.mean(relevant.toarray())
    gains = 1 / np.log2(np.arange(2, N_NDCG + 2))
    ideal = np.cumsum(gains)[np.minimum(n_relevant, N_NDCG) - 1]
    bits = ranked.mean(np.broadcast_to(surprise, scores.shape))
    return pd.DataFrame(
        {
            f"NDCG@{N_NDCG}": hits[:, :N_NDCG] @ gains / ideal,
            f"recall@{N_RECALL}": hits[:, :N_RECALL].sum(axis=1) / np.minimum(n_relevant, N_RECALL),
            f"precision@{N_PRECISION}": hits[:, :N_PRECISION].sum(axis=1) / N_PRECISION,
            "AUC": _pairs_in_order(scores, seen, relevant),
            # At least one place is filled: the relevant items are unseen.
            "novelty": bits[:, :N_NDCG].sum(axis=1) / ranked.is_filled[:, :N_NDCG].sum(axis=1),
        }
    )


def _pairs_in_order(scores: np.ndarray, seen: csr_array, relevant: csr_array) -> np.ndarray:
    """AUC of each row, nan where all unseen items are relevant."""
    areas = np.full(len(scores), np.nan)
    for row, (values, known, wanted) in enumerate(zip(scores, _rows(seen), _rows(relevant), strict=True)):
        among = np.ones(len(values), dtype=bool)
        among[known] = among[wanted] = False
        others, ours = np.sort(values[among]), values[wanted]
        if len(others):
            below, not_above = (np.searchsorted(others, ours, side) for side in ("left", "right"))
            areas[row] = (below + not_above).mean() / (2 * len(others))
    return areas


def _rows(R: csr_array) -> list[np.ndarray]:
    """Stored columns of each row."""
    return np.split(R.indices, R.indptr[1:-1])
