"""From a table to a matrix, and random shares of its known cells."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array, csr_matrix, random_array

from course_utils.data.interactions import Interactions, hold_out, known_cells


def table(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["user_id", "item_id", "rating"])


def some_matrix(seed: int = 0) -> csr_array:
    """A 30 × 20 matrix with an empty row and an empty column."""
    rng = np.random.default_rng(seed)
    R = random_array(
        (30, 20), density=0.3, rng=rng, data_sampler=lambda size: rng.integers(1, 6, size).astype(float)
    )
    R = R.toarray()
    R[4], R[:, 7] = 0, 0
    return csr_array(R)


def test_every_rating_stands_in_the_cell_of_its_ids():
    rng = np.random.default_rng(0)
    cells = rng.choice(40 * 25, size=300, replace=False)
    ratings = pd.DataFrame(
        {
            "user_id": cells // 25 * 7 + 3,
            "item_id": [f"isbn-{item:02}" for item in cells % 25],
            "rating": rng.integers(1, 6, len(cells)).astype(np.float32),
        }
    )
    got = Interactions.from_ratings(ratings)
    assert got.matrix.shape == (ratings["user_id"].nunique(), ratings["item_id"].nunique())
    assert got.matrix.dtype == np.float64
    assert isinstance(got.matrix, csr_array)
    assert (np.diff(got.user_ids) > 0).all()
    assert list(got.item_ids) == sorted(set(ratings["item_id"]))
    users, items, values = known_cells(got.matrix)
    rebuilt = pd.DataFrame({"user_id": got.user_ids[users], "item_id": got.item_ids[items], "rating": values})
    order = ["user_id", "item_id"]
    pd.testing.assert_frame_equal(
        rebuilt.sort_values(order, ignore_index=True),
        ratings.sort_values(order, ignore_index=True),
        check_dtype=False,
    )


def test_the_order_of_the_rows_does_not_matter():
    ratings = table((5, 9, 4.0), (2, 9, 3.0), (5, 1, 2.0), (9, 4, 1.0))
    one, other = Interactions.from_ratings(ratings), Interactions.from_ratings(ratings[::-1])
    assert (one.matrix != other.matrix).nnz == 0
    assert list(one.user_ids) == list(other.user_ids) == [2, 5, 9]
    assert list(one.item_ids) == list(other.item_ids) == [1, 4, 9]


@pytest.mark.parametrize(
    ("ratings", "sentence"),
    [
        (table(), "There are no ratings in the table"),
        (table((1, 1, 4.0), (1, 2, 0.0)), "Row 1 of the ratings has the rating 0"),
        (table((1, 1, np.nan)), "Row 0 of the ratings has the rating nan"),
        (table((1, 1, 4.0), (2, 1, 3.0), (1, 1, 5.0)), "User 1 rated item 1 more than once"),
        (table((1, 1, 4.0), (None, 1, 3.0)), "A user_id or an item_id is missing"),
        (table((1, "a", 4.0), (1, None, 3.0)), "A user_id or an item_id is missing"),
    ],
)
def test_tables_that_make_no_matrix(ratings, sentence):
    with pytest.raises(ValueError, match=sentence):
        Interactions.from_ratings(ratings)


@pytest.mark.parametrize("kind", [csr_array, csr_matrix])
def test_known_cells_rebuild_the_matrix(kind):
    R = some_matrix()
    users, items, values = known_cells(kind(R))
    assert len(values) == R.nnz
    assert (csr_array((values, (users, items)), shape=R.shape) != R).nnz == 0
    values[:] = 0
    assert (R.data != 0).all(), "the values are a copy"


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("fraction", [0.01, 0.2, 0.9])
def test_held_out_and_rest_are_disjoint_and_together_the_whole(fraction, seed):
    R = some_matrix(seed)
    before = R.copy()
    rest, held_out = hold_out(R, fraction, np.random.default_rng(seed))
    assert (R != before).nnz == 0
    assert rest.shape == held_out.shape == R.shape
    assert held_out.nnz == round(fraction * R.nnz)
    assert rest.nnz + held_out.nnz == R.nnz
    assert (rest + held_out != R).nnz == 0
    assert rest.multiply(held_out).nnz == 0


def test_every_cell_is_as_likely_to_be_held_out():
    R = some_matrix()
    rng = np.random.default_rng(0)
    n_draws = 2000
    times = sum(hold_out(R, 0.25, rng)[1].astype(bool).astype(int) for _ in range(n_draws))
    shares = times.toarray()[R.toarray() != 0] / n_draws
    assert np.abs(shares - 0.25).max() < 5 * np.sqrt(0.25 * 0.75 / n_draws)


def test_the_draw_depends_on_the_generator_alone():
    R = some_matrix()
    first, again, other = (hold_out(R, 0.3, np.random.default_rng(seed))[1] for seed in (1, 1, 2))
    assert (first != again).nnz == 0
    assert (first != other).nnz > 0


def test_a_user_may_lose_all_ratings_and_keeps_the_row():
    R = csr_array(np.array([[5.0, 4.0], [0.0, 3.0]]))
    empty_rows = set()
    for seed in range(30):
        rest, _ = hold_out(R, 1 / 3, np.random.default_rng(seed))
        assert rest.shape == (2, 2)
        empty_rows |= set(np.flatnonzero(np.diff(rest.indptr) == 0))
    assert empty_rows == {1}


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 20, np.nan])
def test_a_fraction_is_a_share(fraction):
    with pytest.raises(ValueError, match="expected a share of the known cells above 0 and below 1"):
        hold_out(some_matrix(), fraction, np.random.default_rng(0))
