"""The core of ratings: a fixed point, the largest, in whatever order the rows stand."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from course_utils.data import load
from course_utils.data.dense_core import dense_core

RATINGS = {  # user, item: the last pair makes one pass over both thresholds fail
    "chain": [("a", "x"), ("a", "y"), ("b", "x"), ("b", "y"), ("c", "x"), ("c", "z"), ("d", "z")],
    "nothing stays": [("a", "x"), ("b", "y")],
    "all stay": [(user, item) for user in "abc" for item in "xyz"],
}


def table(pairs) -> pd.DataFrame:
    return pd.DataFrame(pairs, columns=["user_id", "item_id"]).assign(rating=1.0)


def keeps(ratings: pd.DataFrame, min_user: int, min_item: int) -> bool:
    return all(
        ratings.groupby(column).size().ge(least).all()
        for column, least in (("user_id", min_user), ("item_id", min_item))
    )


def random_ratings(seed: int, m: int = 40, n: int = 30) -> pd.DataFrame:
    share = np.full((m, n), 0.06)
    share[::3, ::2] = 0.7  # a dense part within a sparse table
    users, items = np.nonzero(np.random.default_rng(seed).random((m, n)) < share)
    return table(list(zip(users, items, strict=True)))


@pytest.mark.parametrize("pairs", RATINGS.values(), ids=RATINGS)
def test_it_is_the_largest_part_that_keeps_both_thresholds(pairs):
    ratings = table(pairs)
    parts = [
        set(part)
        for size in range(len(ratings) + 1)
        for part in combinations(ratings.index, size)
        if keeps(ratings.loc[list(part)], 2, 2)
    ]
    core = dense_core(ratings, 2, 2)
    assert set(core.index) == max(parts, key=len)
    assert all(part <= set(core.index) for part in parts)


@pytest.mark.parametrize("seed", range(5))
def test_it_is_idempotent_and_does_not_depend_on_the_order(seed):
    ratings = random_ratings(seed)
    core = dense_core(ratings, 5, 6)
    assert 0 < len(core) < len(ratings) and keeps(core, 5, 6)
    pd.testing.assert_frame_equal(dense_core(core, 5, 6), core)
    shuffled = dense_core(ratings.sample(frac=1, random_state=seed), 5, 6)
    pd.testing.assert_frame_equal(shuffled.sort_index(), core)
    exchanged = ratings.rename(columns={"user_id": "item_id", "item_id": "user_id"})
    assert set(dense_core(exchanged, 6, 5).index) == set(core.index)


def test_no_ratings_have_no_core():
    assert dense_core(table([]), 2, 2).empty


def test_book_crossing_in_its_own_format(tmp_path):
    """Semicolons, quotes, ISBNs that begin with 0, a mark of 0, an & in HTML, a letter of latin-1."""
    books = [
        ("0195153448", "Classical Mythology"),
        ("0002005018", "Clara; Callan"),
        ("055321215X", "Am\u00e9lie"),
    ]
    head = '"ISBN";"Book-Title";"Book-Author";"Year-Of-Publication";"Publisher";"Image-URL-S";"Image-URL-M"'
    lines = [f'"{isbn}";"{title}";"A &amp; B";"2002";"P";"s";"m";"l"' for isbn, title in books]
    (tmp_path / "BX-Books.csv").write_bytes(
        ("\r\n".join([head + ';"Image-URL-L"', *lines]) + "\r\n").encode("latin-1")
    )
    marks = [(1, 0, 8), (1, 1, 5), (2, 0, 7), (2, 1, 9), (3, 0, 0), (3, 2, 6), (4, 2, 10)]
    rows = [f'"{user}";"{books[book][0]}";"{mark}"' for user, book, mark in marks]
    (tmp_path / "BX-Book-Ratings.csv").write_bytes(
        ("\r\n".join(['"User-ID";"ISBN";"Book-Rating"', *rows]) + "\r\n").encode("latin-1")
    )
    dataset = load("book-crossing", tmp_path, complete=False)
    core = dense_core(dataset.explicit_ratings, 2, 2)
    assert sorted(zip(core["user_id"], core["item_id"], core["rating"], strict=True)) == [
        (1, "0002005018", 5.0),
        (1, "0195153448", 8.0),
        (2, "0002005018", 9.0),
        (2, "0195153448", 7.0),
    ]
