"""Laws and known answers of unit 05's solutions, beyond what the exercises' checks ask."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from scipy.sparse import csr_array

from course_utils.evaluation.ranking import evaluate_ranking
from solutions.sgd import recommend
from solutions.wrmf import (
    explain,
    fit_wrmf,
    fold_in,
    is_best_list,
    ndcg_at_k,
    objective,
    preference_confidence,
    recall_at_k,
    row_penalty,
    solve_user_naive,
    update_factors,
)


def amounts(rng: np.random.Generator, m: int = 12, n: int = 9, share: float = 0.4) -> csr_array:
    """Random amounts in a random share of the cells."""
    users, items = np.nonzero(rng.random((m, n)) < share)
    return csr_array((rng.uniform(0.5, 5, size=len(users)), (users, items)), shape=(m, n))


def checkerboard(size: int) -> csr_array:
    """Everybody has the items of their own colour, but for the one on the diagonal."""
    user, item = np.indices((size, size))
    return csr_array(((user + item) % 2 == 0) & (user != item)).astype(float)


def test_every_row_is_what_the_definition_says():
    rng = np.random.default_rng(0)
    R, Y = amounts(rng), rng.normal(size=(9, 4))
    naive = [solve_user_naive(row, Y, 2.0, 0.3) for row in R.toarray()]
    assert np.allclose(update_factors(R, Y, 2.0, 0.3), naive)


def test_checkerboard_recommends_the_item_that_was_left_out():
    # https://github.com/benfred/implicit has this fixture: the right answer for user u is item u.
    R = checkerboard(20)
    X, Y, _ = fit_wrmf(R, 3, 2.0, 0.1, 15, np.random.default_rng(0))
    for user in range(20):
        seen = R.indices[R.indptr[user] : R.indptr[user + 1]]
        assert recommend(Y @ X[user], seen, 1).tolist() == [user]


def test_alpha_zero_with_tiny_penalty_is_the_truncated_svd_of_the_preferences():
    rng = np.random.default_rng(1)
    R = amounts(rng)
    X, Y, history = fit_wrmf(R, 2, 0.0, 1e-9, 400, rng)
    U, s, Vt = np.linalg.svd((R.toarray() > 0).astype(float))
    assert np.allclose(X @ Y.T, (U[:, :2] * s[:2]) @ Vt[:2], atol=1e-4)
    assert np.isclose(history[-1], np.sum(s[2:] ** 2), rtol=1e-4)


def test_large_alpha_meets_the_known_preferences():
    rng = np.random.default_rng(2)
    R = amounts(rng)
    X, Y, _ = fit_wrmf(R, 4, 1e6, 1e-3, 30, rng)
    assert np.allclose((X @ Y.T)[R.toarray() > 0], 1, atol=0.05)


def test_amounts_and_alpha_enter_by_their_product_alone():
    rng = np.random.default_rng(3)
    R, Y = amounts(rng), rng.normal(size=(9, 3))
    assert np.allclose(update_factors(R * 4, Y, 0.5, 0.2), update_factors(R, Y, 2.0, 0.2))


def test_renumbering_users_and_items_renumbers_their_factors():
    rng = np.random.default_rng(4)
    R, Y = amounts(rng), rng.normal(size=(9, 3))
    users, items = rng.permutation(12), rng.permutation(9)
    renumbered = csr_array(R.toarray()[users][:, items])
    assert np.allclose(update_factors(renumbered, Y[items], 1.5, 0.3), update_factors(R, Y, 1.5, 0.3)[users])


def test_a_rotation_changes_neither_scores_nor_objective_nor_reasons():
    rng = np.random.default_rng(5)
    R, X, Y = amounts(rng), rng.normal(size=(12, 3)), rng.normal(size=(9, 3))
    Q, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    assert np.isclose(objective(R, X @ Q, Y @ Q, 2.0, 0.2), objective(R, X, Y, 2.0, 0.2))
    items, values = np.array([3, 8, 1]), np.array([1.0, 2.0, 0.5])
    assert np.allclose(explain(items, values, Y @ Q, 2.0, 0.2, 5), explain(items, values, Y, 2.0, 0.2, 5))


def test_objective_is_symmetric_in_users_and_items():
    rng = np.random.default_rng(6)
    R, X, Y = amounts(rng), rng.normal(size=(12, 2)), rng.normal(size=(9, 2))
    assert np.isclose(objective(R, X, Y, 1.5, 0.2), objective(csr_array(R.T), Y, X, 1.5, 0.2))


@pytest.mark.parametrize("reg_exponent", [0.0, 0.5, 1.0])
def test_history_never_rises_and_ends_at_the_objective_of_its_penalties(reg_exponent):
    R = amounts(np.random.default_rng(7))
    X, Y, history = fit_wrmf(R, 4, 3.0, 0.1, 20, np.random.default_rng(0), reg_exponent)
    assert len(history) == 40 and np.all(np.diff(history) <= 1e-9 * history[0])
    users, items = np.diff(R.indptr), np.diff(csr_array(R.T).indptr)
    penalty = row_penalty(users, 9, 3.0, 0.1, reg_exponent) @ np.sum(X**2, axis=1)
    penalty += row_penalty(items, 12, 3.0, 0.1, reg_exponent) @ np.sum(Y**2, axis=1)
    assert np.isclose(history[-1], objective(R, X, Y, 3.0, 0.0) + penalty)


def test_a_newcomer_with_the_history_of_a_trained_user_gets_their_row():
    rng = np.random.default_rng(8)
    R, Y = amounts(rng), rng.normal(size=(9, 3))
    trained = update_factors(R, Y, 2.0, 0.4)
    for user in range(12):
        own = slice(R.indptr[user], R.indptr[user + 1])
        assert np.array_equal(fold_in(R.indices[own], R.data[own], Y, 2.0, 0.4), trained[user])


def test_reasons_add_up_to_the_score():
    rng = np.random.default_rng(9)
    items, values, Y = np.array([4, 0, 7]), np.array([3.0, 1.0, 2.0]), rng.normal(size=(9, 3))
    x = fold_in(items, values, Y, 2.0, 0.4)
    for target in range(9):
        assert np.isclose(explain(items, values, Y, 2.0, 0.4, target).sum(), x @ Y[target])


def test_measures_are_those_of_the_courses_evaluation():
    rng = np.random.default_rng(10)
    R = amounts(rng, 30, 60, 0.3)
    in_test = rng.random(R.nnz) < 0.3
    users = np.repeat(np.arange(30), np.diff(R.indptr))
    train, test = (
        csr_array((R.data[part], (users[part], R.indices[part])), shape=R.shape)
        for part in (~in_test, in_test)
    )
    scores = rng.normal(size=R.shape)
    values = []
    for user in np.flatnonzero(np.diff(test.indptr)):
        wanted = test.indices[test.indptr[user] : test.indptr[user + 1]]
        seen = train.indices[train.indptr[user] : train.indptr[user + 1]]
        ranked = recommend(scores[user], seen, 20)
        assert is_best_list(ranked, scores[user], seen, 20)
        values.append((ndcg_at_k(ranked, wanted, 10), recall_at_k(ranked, wanted, 20)))
    theirs = evaluate_ranking(lambda users: scores[users], train, test)
    assert np.allclose(np.mean(values, axis=0), theirs[["NDCG@10", "recall@20"]])


def test_a_row_without_a_unique_solution_is_named():
    R = csr_array(np.array([[1.0, 0.0], [0.0, 1.0]]))
    with pytest.raises(np.linalg.LinAlgError, match="row 0 .* λ above 0"):
        update_factors(R, np.zeros((2, 3)), 1.0, 0.0)


def test_preferences_and_confidences_do_not_share_memory_with_the_amounts():
    R = amounts(np.random.default_rng(11))
    P, C = preference_confidence(R, 2.0)
    arrays = [part for matrix in (P, C, R) for part in (matrix.data, matrix.indices, matrix.indptr)]
    for number, one in enumerate(arrays):
        assert not any(np.shares_memory(one, other) for other in arrays[:number])


def test_memory_of_an_update_grows_with_the_factors_and_the_known_cells_alone():
    rng = np.random.default_rng(12)
    m, n, k = 3_000, 3_000, 16  # as a dense array, 72 MB
    R = csr_array((np.ones(6_000), (rng.integers(m, size=6_000), rng.integers(n, size=6_000))), shape=(m, n))
    Y = rng.normal(size=(n, k))
    tracemalloc.start()
    X = update_factors(R, Y, 2.0, 0.1)
    objective(R, X, Y, 2.0, 0.1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * 8 * (R.nnz + (m + n) * k)
