"""Measures of lists with ties: the mean over all orders in which the tied items can stand."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
from scipy.sparse import csr_array

from benchmarks.models import Fitted
from benchmarks.protocols import recommenders_row
from course_utils.evaluation import ranking
from course_utils.evaluation.ranking import evaluate_ranking


def tied_case(seed: int, n_users: int = 3, n_items: int = 7) -> tuple[np.ndarray, csr_array, csr_array]:
    """Scores of which several are equal, at most four of a kind among a user's unseen items."""
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 3, size=(n_users, n_items)).astype(float)
    seen = np.zeros((n_users, n_items), dtype=bool)
    relevant = np.zeros((n_users, n_items), dtype=bool)
    for u in range(n_users):
        order = rng.permutation(n_items)
        n_seen = rng.integers(1, 4)
        seen[u, order[:n_seen]] = True
        relevant[u, order[n_seen : n_seen + rng.integers(1, 4)]] = True
        for value in range(3):
            of_a_kind = np.flatnonzero((scores[u] == value) & ~seen[u])
            scores[u, of_a_kind[4:]] = 10 + value
    return scores, csr_array(1.0 * seen), csr_array(1.0 * relevant)


def untied(row: np.ndarray, open_to: np.ndarray) -> list[np.ndarray]:
    """A user's scores in every order of the tied items, so that no two are equal."""
    groups = [np.flatnonzero((row == value) & open_to) for value in np.unique(row[open_to])]
    found = []
    for orders in product(*(permutations(range(len(group))) for group in groups)):
        scores = row.copy()
        for group, order in zip(groups, orders, strict=True):
            scores[group] += 0.01 * np.array(order)
        found.append(scores)
    return found


@pytest.fixture
def short_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists that end in the middle of a group of equal scores."""
    for name, n in [("N_NDCG", 3), ("N_RECALL", 4), ("N_PRECISION", 2)]:
        monkeypatch.setattr(ranking, name, n)


@pytest.mark.parametrize("seed", range(25))
def test_the_mean_over_all_orders(seed: int, short_lists: None) -> None:
    scores, train, test = tied_case(seed)
    got = evaluate_ranking(lambda users: scores[users], train, test, per_user=True)
    for u in range(len(scores)):
        orders = untied(scores[u], train[[u]].toarray()[0] == 0)

        def in_order(users: np.ndarray, u: int = u, orders: list[np.ndarray] = orders) -> np.ndarray:
            return np.stack(orders)

        # The same user again and again, each time with another order.
        many = csr_array(np.repeat(train[[u]].toarray(), len(orders), axis=0))
        wanted = csr_array(np.repeat(test[[u]].toarray(), len(orders), axis=0))
        each = evaluate_ranking(in_order, many, wanted, per_user=True)
        of_user = each.mean().drop(["novelty", "AUC"])
        np.testing.assert_allclose(got.loc[u, of_user.index], of_user, atol=1e-12)


@pytest.mark.parametrize("seed", range(10))
def test_novelty_and_coverage_over_all_orders_of_a_class(seed: int, short_lists: None) -> None:
    scores, train, test = tied_case(seed, n_users=2, n_items=5)
    got = evaluate_ranking(lambda users: scores[users], train, test)
    everybody = [untied(scores[u], train[[u]].toarray()[0] == 0) for u in range(2)]
    each = [
        evaluate_ranking(lambda users, rows=rows: np.stack(rows)[users], train, test)
        for rows in product(*everybody)
    ]
    for name in ("novelty", "coverage"):
        assert got[name] == pytest.approx(np.mean([one[name] for one in each]))


@pytest.mark.parametrize("seed", range(25))
def test_the_recommenders_teams_measures_over_all_orders(seed: int) -> None:
    scores, train, test = tied_case(seed, n_users=1)
    got = recommenders_row(train, test, Fitted(lambda users: scores[users]), k=3)
    each = [
        recommenders_row(train, test, Fitted(lambda users, row=row: row[None]), k=3)
        for row in untied(scores[0], train.toarray()[0] == 0)
    ]
    np.testing.assert_allclose(got, np.mean(each, axis=0), atol=1e-12)


@pytest.mark.parametrize("levels", [1, 2, 5])
def test_no_measure_depends_on_the_numbering(levels: int) -> None:
    rng = np.random.default_rng(levels)
    where = rng.random((30, 200))
    train, test = csr_array(1.0 * (where < 0.1)), csr_array(1.0 * (where > 0.9))
    scores = rng.integers(levels, size=(30, 200)).astype(float)
    got = evaluate_ranking(lambda users: scores[users], train, test)
    for _ in range(3):
        order = rng.permutation(200)
        other = evaluate_ranking(lambda users, o=order: scores[users][:, o], train[:, order], test[:, order])
        np.testing.assert_allclose(other, got)


def test_a_model_that_scores_all_alike_does_as_chance_would() -> None:
    """By hand: of n unseen items r are relevant, so that each place is a hit with probability r / n."""
    train = csr_array(np.eye(8, 50))
    relevant = np.zeros((8, 50))
    relevant[:, 40:45] = 1
    got = evaluate_ranking(lambda users: np.zeros((len(users), 50)), train, csr_array(relevant))
    gains = 1 / np.log2(np.arange(2, 12))
    assert got["NDCG@10"] == pytest.approx(5 / 49 * gains.sum() / gains[:5].sum())
    assert got["recall@20"] == pytest.approx(5 / 49 * 20 / 5)
    assert got["precision@5"] == pytest.approx(5 / 49)
    assert got["AUC"] == 0.5
    missed = np.where(np.arange(50) < 8, (39 / 49) ** 7, (39 / 49) ** 8)
    assert got["coverage"] == pytest.approx(1 - missed.mean())


def test_the_lists_may_be_longer_than_what_is_left() -> None:
    train, test = csr_array([[5.0, 0, 0]]), csr_array([[0.0, 0, 4]])
    got = evaluate_ranking(lambda users: np.array([[9.0, 1.0, 1.0]]), train, test)
    assert got["NDCG@10"] == pytest.approx((1 + 1 / np.log2(3)) / 2)
    assert got[["recall@20", "precision@5", "AUC", "coverage"]].tolist() == pytest.approx(
        [1, 0.2, 0.5, 2 / 3]
    )
