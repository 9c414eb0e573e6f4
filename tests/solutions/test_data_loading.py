"""Laws of unit 1's solutions beyond the students' checks: known facts of a real data set, and edge cases."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array, csr_matrix

from course_utils.data.datasets import DATA_DIR
from solutions.data_loading import (
    binarize,
    density,
    encode_ids,
    fit_baseline,
    lookup_ids,
    parse_ratings,
    popular_subset,
    rmse,
    split_latest,
    split_random,
    to_csr,
)


@pytest.fixture(scope="module")
def ratings() -> pd.DataFrame:
    return parse_ratings(DATA_DIR / "ml-latest-small" / "ratings.csv")


def matrix(table: pd.DataFrame) -> csr_array:
    users, user_ids = encode_ids(table["user_id"])
    items, item_ids = encode_ids(table["item_id"])
    return to_csr(users, items, table["rating"], (len(user_ids), len(item_ids)))


@pytest.fixture(scope="module")
def R(ratings) -> csr_array:
    return matrix(ratings)


def baseline_rmse(known: csr_array, test: csr_array) -> float:
    mu, b_user, b_item = fit_baseline(known)
    cells = test.tocoo()
    users, items = cells.coords
    return rmse(cells.data, mu + b_user[users] + b_item[items])


def test_latest_small_has_the_published_size(ratings, R):
    assert len(ratings) == R.nnz == 100_836
    assert R.shape == (610, 9_724)
    assert density(R) == 100_836 / (610 * 9_724)
    assert np.diff(R.indptr).min() == 20, "the data set's README: every user rated at least 20 movies"
    assert set(np.unique(R.data)) == set(np.arange(1, 11) / 2)
    assert ratings["timestamp"].min() == pd.Timestamp("1996-03-29 18:36:55")
    assert ratings["timestamp"].max() == pd.Timestamp("2018-09-24 14:27:30")


def test_a_matrix_gives_the_table_back(ratings, R):
    user_ids, item_ids = encode_ids(ratings["user_id"])[1], encode_ids(ratings["item_id"])[1]
    cells = R.tocoo()
    back = pd.DataFrame(
        {
            "user_id": user_ids[cells.coords[0]],
            "item_id": item_ids[cells.coords[1]],
            "rating": cells.data.astype(np.float32),
        }
    )
    wanted = ratings.drop(columns="timestamp").sort_values(["user_id", "item_id"], ignore_index=True)
    pd.testing.assert_frame_equal(back, wanted)


def test_an_encoding_does_not_depend_on_the_order_of_the_rows(ratings):
    rng = np.random.default_rng(0)
    order = rng.permutation(len(ratings))
    shuffled = ratings.iloc[order]
    assert (matrix(ratings) != matrix(shuffled)).nnz == 0
    codes, uniques = encode_ids(ratings["item_id"])
    assert np.array_equal(lookup_ids(uniques, shuffled["item_id"]), codes[order])
    assert (lookup_ids(uniques, -uniques) == -1).all()


@pytest.mark.parametrize("fraction", [0.0, 0.1, 0.25, 0.5])
def test_a_random_split_is_a_partition_of_the_real_ratings(R, fraction):
    train, test = split_random(R, fraction, np.random.default_rng(1))
    assert train.multiply(test).nnz == 0
    assert ((train + test) != R).nnz == 0
    assert train.nnz + test.nnz == R.nnz
    counts = np.diff(R.indptr)
    assert np.array_equal(np.diff(test.indptr), np.floor(fraction * counts))
    assert train.shape == test.shape == R.shape


@pytest.mark.parametrize("n_test", [1, 4, 19, 20, 5000])
def test_a_split_by_time_is_a_partition_of_the_real_ratings(ratings, n_test):
    train, test = split_latest(ratings, n_test)
    together = pd.concat([train, test]).sort_index()
    pd.testing.assert_frame_equal(together, ratings)
    counts = ratings.groupby("user_id").size()
    wanted = counts[counts > n_test].index
    assert test.groupby("user_id").size().eq(n_test).all()
    assert np.array_equal(np.unique(test["user_id"]), wanted)
    if len(test):
        newest = train.groupby("user_id")["timestamp"].max().loc[wanted]
        assert (test.groupby("user_id")["timestamp"].min() >= newest).all()


def test_a_split_by_time_does_not_mind_repeated_labels(ratings):
    table = ratings.head(500).set_axis([0] * 500)
    train, test = split_latest(table, 2)
    assert len(train) + len(test) == 500
    assert len(test) == 2 * table["user_id"].nunique()


def test_the_popular_subset_is_popular(ratings):
    subset = popular_subset(ratings)
    assert (len(subset), subset["user_id"].nunique(), subset["item_id"].nunique()) == (9_598, 503, 50)
    kept = ratings[ratings["item_id"].isin(subset["item_id"])]
    others = ratings[~ratings["item_id"].isin(subset["item_id"])]
    assert kept.groupby("item_id").size().min() >= others.groupby("item_id").size().max()
    assert subset.groupby("user_id").size().min() == 5
    assert len(popular_subset(ratings, n_items=10**6, min_ratings=1)) == len(ratings)
    assert popular_subset(ratings, n_items=0).empty


def test_the_biases_are_those_of_ridge_regression_on_items_then_users(R):
    """Each step is the minimum of its own penalised squared error, whose gradient must vanish."""
    reg_user, reg_item = 15.0, 10.0
    mu, b_user, b_item = fit_baseline(R, reg_user, reg_item)
    users, items = R.tocoo().coords
    residuals = R.data - mu - b_item[items]
    gradient_item = np.bincount(items, residuals) - reg_item * b_item
    gradient_user = np.bincount(users, residuals - b_user[users]) - reg_user * b_user
    assert np.allclose(gradient_item, 0, atol=1e-8)
    assert np.allclose(gradient_user, 0, atol=1e-8)


def test_the_baseline_beats_the_mean_and_a_leak_flatters_it(R):
    for seed in range(3):
        train, test = split_random(R, 0.2, np.random.default_rng(seed))
        honest = baseline_rmse(train, test)
        assert honest < rmse(test.data, np.full(test.nnz, train.data.mean()))
        assert baseline_rmse(R, test) < honest


def test_likes_are_the_ratings_from_the_threshold_on(R):
    likes = binarize(R)
    assert likes.nnz == np.sum(R.data >= 4)
    assert (likes.data == 1).all()
    assert binarize(R, threshold=0.5).nnz == R.nnz
    assert binarize(R, threshold=5.5).nnz == 0
    # R.T lies in another order of memory.
    np.testing.assert_array_equal(binarize(R.T).toarray(), likes.toarray().T)


@pytest.mark.parametrize("kind", [csr_array, csr_matrix])
def test_both_classes_of_sparse_matrices_are_taken(kind):
    R = kind(np.array([[5.0, 0.0, 3.0], [0.0, 4.0, 0.0]]))
    assert density(R) == 0.5
    for result in (binarize(R), *split_random(R, 0.5, np.random.default_rng(0))):
        assert isinstance(result, csr_array)
    assert fit_baseline(R)[0] == 4.0


def test_an_empty_list_of_ratings_is_an_empty_matrix():
    R = to_csr([], [], [], (3, 4))
    assert (R.shape, R.nnz, density(R)) == ((3, 4), 0, 0.0)


def test_refusals_name_what_is_wrong(tmp_path):
    file = tmp_path / "some ratings.csv"
    for text, words in [
        ("", ["is empty"]),
        ("userId,movieId,rating,timestamp\n", ["no ratings"]),
        ("userId,movieId,rating\n1,2,3\n", ["'timestamp'", "no column"]),
        (
            "userId,movieId,rating,timestamp\n1,2,3,4\n1,2.5,3,4\n",
            ["line 3", "'movieId'", "2.5", "whole number"],
        ),
        ("userId,movieId,rating,timestamp\n1,2,inf,4\n", ["line 2", "'rating'", "inf"]),
        ("userId,movieId,rating,timestamp\n1,2,3,4\n\n1,2,6,4\n", ["line 3"]),
        ("userId,movieId,rating,timestamp\r\n1,2,3,4\r\n1,2,6,4\r\n", ["line 3", "'6'"]),
    ]:
        file.write_text(text, encoding="utf-8", newline="")
        with pytest.raises(ValueError) as refusal:
            parse_ratings(file)
        for word in [str(file), *words]:
            assert word in str(refusal.value)
    with pytest.raises(ValueError, match="user 3 of rating 1"):
        to_csr([0, 3], [0, 0], [1.0, 2.0], (3, 3))
    with pytest.raises(ValueError, match="give one for each"):
        rmse(np.ones((3, 1)), np.ones(3))
