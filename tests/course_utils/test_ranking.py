"""Ranking measures beside their definitions written out, and splits by their laws."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from scipy.sparse import csr_array

from course_utils.evaluation import ranking
from course_utils.evaluation.ranking import at_least, evaluate_ranking, split_by_user, top_items, top_unseen

MEASURES = ["NDCG@10", "recall@20", "precision@5", "AUC", "novelty", "coverage"]


def some_case(seed: int, n_users: int = 9, n_items: int = 40) -> tuple[np.ndarray, csr_array, csr_array]:
    """Scores without ties, seen items, and relevant ones; users 0 and 4 have none of the latter."""
    rng = np.random.default_rng(seed)
    scores = rng.permuted(np.tile(np.arange(-4.0, n_items - 4), (n_users, 1)), axis=1)
    where = rng.random((n_users, n_items))
    seen, relevant = where < 0.3, where > 0.8
    relevant[[0, 4]] = False
    relevant[1, 0], seen[1, 0], relevant[2, -1], seen[2, -1] = True, False, True, False
    values = rng.integers(1, 6, size=(n_users, n_items)).astype(float)
    return scores, csr_array(values * seen), csr_array(values * relevant)


def by_definition(scores: np.ndarray, train: csr_array, test: csr_array) -> dict[str, float]:
    """Every measure, one user and one item at a time."""
    seen, relevant = train.toarray() != 0, test.toarray() != 0
    n_users, n_items = seen.shape
    rows, recommended = [], set()
    for u in range(n_users):
        if not relevant[u].any():
            continue
        unseen = [i for i in range(n_items) if not seen[u, i]]
        ranked = sorted(unseen, key=lambda i, u=u: (-scores[u, i], i))
        wanted = {i for i in unseen if relevant[u, i]}
        dcg = sum(1 / math.log2(place + 2) for place, i in enumerate(ranked[:10]) if i in wanted)
        ideal = sum(1 / math.log2(place + 2) for place in range(min(10, len(wanted))))
        pairs = [(scores[u, p], scores[u, q]) for p in wanted for q in unseen if q not in wanted]
        recommended |= set(ranked[:10])
        rows.append(
            [
                dcg / ideal,
                len(wanted & set(ranked[:20])) / min(20, len(wanted)),
                len(wanted & set(ranked[:5])) / 5,
                np.mean([(p > q) + (p == q) / 2 for p, q in pairs]),
                np.mean([-math.log2(max(1, seen[:, i].sum()) / n_users) for i in ranked[:10]]),
            ]
        )
    return dict(zip(MEASURES, [*np.mean(rows, axis=0), len(recommended) / n_items], strict=True))


@pytest.mark.parametrize("seed", range(20))
def test_as_by_the_definitions(seed, monkeypatch):
    scores, train, test = some_case(seed)
    wanted = by_definition(scores, train, test)
    calls = []

    def score(users):
        calls.append(users)
        return scores[users]

    monkeypatch.setattr(ranking, "SCORES_AT_A_TIME", 100)  # of 40 items: two or three users at a time
    got = evaluate_ranking(score, train, test)
    assert list(got.index) == MEASURES
    np.testing.assert_allclose(got.to_numpy(), [wanted[name] for name in MEASURES])
    np.testing.assert_array_equal(np.concatenate(calls), [1, 2, 3, 5, 6, 7, 8])
    assert max(map(len, calls)) <= 3


def test_users_own_values_average_to_the_means():
    scores, train, test = some_case(0)
    own = evaluate_ranking(lambda users: scores[users], train, test, per_user=True)
    assert list(own.index) == [1, 2, 3, 5, 6, 7, 8]
    means = evaluate_ranking(lambda users: scores[users], train, test)
    np.testing.assert_allclose(own.mean().to_numpy(), means.drop("coverage").to_numpy())


def test_the_right_answer_is_perfect_and_the_opposite_is_not():
    scores, train, test = some_case(1)
    is_relevant = test.toarray() != 0
    best = evaluate_ranking(lambda users: 1.0 * is_relevant[users], train, test)
    assert best[["NDCG@10", "recall@20", "AUC"]].tolist() == pytest.approx([1, 1, 1])
    worst = evaluate_ranking(lambda users: -1.0 * is_relevant[users], train, test)
    assert worst["NDCG@10"] == worst["precision@5"] == worst["AUC"] == 0
    level = evaluate_ranking(lambda users: np.zeros((len(users), 40)), train, test)
    assert level["AUC"] == 0.5


def test_a_catalogue_shorter_than_the_lists_by_hand():
    # User 0 has seen item 0; of items 1 and 2 the second is relevant, and it is ranked last.
    train, test = csr_array([[5.0, 0, 0]]), csr_array([[0.0, 0, 4]])
    got = evaluate_ranking(lambda users: np.array([[9.0, 2.0, 1.0]]), train, test)
    assert got["NDCG@10"] == pytest.approx(1 / math.log2(3))
    assert got[["recall@20", "precision@5", "AUC", "novelty", "coverage"]].tolist() == pytest.approx(
        [1, 1 / 5, 0, 0, 2 / 3]
    )


def test_where_all_unseen_items_are_relevant_there_is_no_auc():
    train, test = csr_array([[5.0, 0], [5.0, 0]]), csr_array([[0.0, 4], [0, 0]])
    got = evaluate_ranking(lambda users: np.zeros((len(users), 2)), train, test)
    assert np.isnan(got["AUC"])
    assert got["NDCG@10"] == 1


def test_a_stored_zero_counts_as_a_stored_cell():
    train = csr_array(([0.0], ([0], [0])), shape=(1, 3))
    test = csr_array(([0.0], ([0], [1])), shape=(1, 3))
    got = evaluate_ranking(lambda users: np.array([[9.0, 1.0, 2.0]]), train, test)
    assert got["NDCG@10"] == pytest.approx(1 / math.log2(3))


def test_top_unseen_is_one_row_of_top_items_without_what_fills_it_up():
    scores = np.array([0.5, -1.0, 2.0, 2.0])
    assert top_unseen(scores, [2, 2], 2).tolist() == [3, 0]
    assert top_unseen(scores, np.array([], dtype=int), 9).tolist() == [2, 3, 0, 1]
    assert top_unseen(scores, [0, 1, 2, 3], 2).tolist() == top_unseen(scores, [], 0).tolist() == []


def test_top_items_by_hand():
    scores = np.array([[1.0, 3.0, 3.0, 2.0], [-1.0, -2.0, -3.0, -4.0]])
    seen = csr_array([[0, 0, 0, 1.0], [1.0, 0, 1.0, 1.0]])
    np.testing.assert_array_equal(top_items(scores, seen, 2), [[1, 2], [1, -1]])
    np.testing.assert_array_equal(top_items(scores, seen, 5), [[1, 2, 0, -1, -1], [1, -1, -1, -1, -1]])
    np.testing.assert_array_equal(scores[:, 3], [2.0, -4.0])


@pytest.mark.parametrize("seed", range(20))
def test_top_items_as_by_sorting(seed):
    scores, seen, _ = some_case(seed)
    scores //= 5  # of equal scores the smaller index comes first
    for row, wanted in zip(top_items(scores, seen, 7), range(len(scores)), strict=True):
        unseen = np.setdiff1d(np.arange(40), seen[[wanted]].indices)
        np.testing.assert_array_equal(row, sorted(unseen, key=lambda i: (-scores[wanted, i], i))[:7])


def test_what_is_refused():
    scores, train, test = some_case(0)

    def score(users):
        return scores[users]

    with pytest.raises(ValueError, match="train has the shape .*expected the same"):
        evaluate_ranking(score, train, test[:, :5])
    with pytest.raises(ValueError, match="nobody has a relevant item"):
        evaluate_ranking(score, train, csr_array(test.shape))
    with pytest.raises(ValueError, match="User 1 has item 0 in train and in test"):
        evaluate_ranking(score, test, test)
    with pytest.raises(ValueError, match="score returned the shape .*the 40 items"):
        evaluate_ranking(lambda users: scores[users, :3], train, test)
    for bad in (np.nan, np.inf, -np.inf):
        scores[5, 7] = bad
        with pytest.raises(ValueError, match=f"score returned {bad} for user 5 and item 7"):
            evaluate_ranking(score, train, test)


@pytest.mark.parametrize("seed", range(20))
def test_a_split_keeps_every_rating_once_and_its_share_for_each_user(seed):
    rng = np.random.default_rng(seed)
    dense = rng.integers(1, 6, size=(30, 50)) * (rng.random((30, 50)) < rng.random((30, 1)))
    dense[3], dense[4], dense[4, 7] = 0, 0, 2
    R = csr_array(dense.astype(float))
    train, test = split_by_user(R, 0.25, rng)
    np.testing.assert_array_equal((train + test).toarray(), dense)
    assert train.nnz + test.nnz == R.nnz
    sizes = (dense > 0).sum(axis=1)
    np.testing.assert_array_equal(np.diff(test.indptr), np.rint(sizes / 4))


def test_a_split_leaves_everybody_a_rating_and_draws_all_alike():
    R = csr_array(np.ones((2000, 3)))
    train, test = split_by_user(R, 0.9, np.random.default_rng(0))
    assert (np.diff(train.indptr) == 1).all()
    # Each of the three columns stays in train for a third of the users: 667 ± 5 standard deviations of 21.
    assert np.abs(np.diff(train.T.tocsr().indptr) - 2000 / 3).max() < 105
    again, _ = split_by_user(R, 0.9, np.random.default_rng(0))
    assert (again != train).nnz == 0
    with pytest.raises(ValueError, match="test_fraction is 1"):
        split_by_user(R, 1, np.random.default_rng(0))


def test_at_least_keeps_the_good_ratings():
    R = csr_array([[3.5, 4.0, 0], [0, 5.0, 1.0]])
    np.testing.assert_array_equal(at_least(R).toarray(), [[0, 4.0, 0], [0, 5.0, 0]])
    assert at_least(R, 3.5).nnz == 3


def test_a_whole_data_set_takes_a_fraction_of_a_second():
    rng = np.random.default_rng(0)
    shape = (610, 9724)
    cells = rng.choice(shape[0] * shape[1], size=100_000, replace=False)
    train, test = (
        csr_array((np.ones(len(part)), np.divmod(part, shape[1])), shape=shape)
        for part in (cells[:80_000], cells[80_000:])
    )
    scores = rng.normal(size=shape)
    start = time.process_time()
    got = evaluate_ranking(lambda users: scores[users], train, test)
    assert time.process_time() - start < 5, "Half a second on a quiet machine; a busy one is slower."
    assert abs(got["AUC"] - 0.5) < 0.02
