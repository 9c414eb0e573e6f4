"""Laws and known answers of unit 02's solutions, beyond what the exercises' checks ask."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from solutions.explicit_als import (
    counts_unknown_as_zero,
    fit_als,
    objective,
    predict,
    solve_row,
    update_factors,
)


def ratings(rng: np.random.Generator, m: int = 12, n: int = 9, share: float = 0.5) -> csr_array:
    """Random ratings in a random half of the cells."""
    users, items = np.nonzero(rng.random((m, n)) < share)
    return csr_array((rng.normal(size=len(users)), (users, items)), shape=(m, n))


def low_rank(rng: np.random.Generator, m: int, n: int, k: int, share: float) -> tuple[np.ndarray, csr_array]:
    """A matrix of rank k, whole, and a random share of its cells without noise."""
    whole = rng.normal(size=(m, k)) @ rng.normal(size=(k, n))
    users, items = np.nonzero(rng.random((m, n)) < share)
    return whole, csr_array((whole[users, items], (users, items)), shape=(m, n))


def test_noiseless_low_rank_matrix_is_recovered_in_the_cells_that_were_never_seen():
    whole, R = low_rank(np.random.default_rng(0), 40, 30, 2, share=0.6)
    X, Y, _ = fit_als(R, 2, 1e-6, 1e-6, 60, np.random.default_rng(1))
    assert np.allclose(X @ Y.T, whole, atol=1e-3)


def test_noiseless_low_rank_matrix_is_not_recovered_if_unknown_cells_count_as_zero():
    whole, R = low_rank(np.random.default_rng(0), 40, 30, 2, share=0.6)
    every_cell = csr_array(
        (R.toarray().ravel(), np.tile(np.arange(30), 40), 30 * np.arange(41)), shape=R.shape
    )  # the unknown cells stored, as ratings of 0
    X, Y, _ = fit_als(every_cell, 2, 1e-6, 1e-6, 60, np.random.default_rng(1))
    assert np.abs(X @ Y.T - whole).mean() > 0.3 * np.abs(whole).mean()


def test_renumbering_users_and_items_renumbers_their_factors():
    rng = np.random.default_rng(2)
    R, fixed = ratings(rng), rng.normal(size=(9, 3))
    users, items = rng.permutation(12), rng.permutation(9)
    renumbered = csr_array(R.toarray()[users][:, items])
    assert np.allclose(update_factors(renumbered, fixed[items], 0.3), update_factors(R, fixed, 0.3)[users])


def test_objective_does_not_depend_on_the_numbering():
    rng = np.random.default_rng(3)
    R, X, Y = ratings(rng), rng.normal(size=(12, 2)), rng.normal(size=(9, 2))
    users, items = rng.permutation(12), rng.permutation(9)
    renumbered = csr_array(R.toarray()[users][:, items])
    assert np.isclose(objective(renumbered, X[users], Y[items], 0.2, 0.4), objective(R, X, Y, 0.2, 0.4))


def test_objective_is_symmetric_in_users_and_items():
    rng = np.random.default_rng(4)
    R, X, Y = ratings(rng), rng.normal(size=(12, 2)), rng.normal(size=(9, 2))
    assert np.isclose(objective(R, X, Y, 0.2, 0.4), objective(csr_array(R.T), Y, X, 0.4, 0.2))


def test_a_rotation_of_the_factors_changes_neither_predictions_nor_objective():
    rng = np.random.default_rng(5)
    R, X, Y = ratings(rng), rng.normal(size=(12, 3)), rng.normal(size=(9, 3))
    Q, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    users, items = rng.integers(12, size=20), rng.integers(9, size=20)
    assert np.allclose(predict(3.5, X @ Q, Y @ Q, users, items), predict(3.5, X, Y, users, items))
    assert np.isclose(objective(R, X @ Q, Y @ Q, 0.2, 0.4), objective(R, X, Y, 0.2, 0.4))


def test_fixed_factors_that_are_turned_turn_the_solved_ones():
    rng = np.random.default_rng(6)
    R, fixed = ratings(rng), rng.normal(size=(9, 3))
    Q, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    assert np.allclose(update_factors(R, fixed @ Q, 0.3), update_factors(R, fixed, 0.3) @ Q)


def test_orthonormal_factors_shrink_least_squares_by_one_over_one_plus_reg():
    rng = np.random.default_rng(7)
    factors, _ = np.linalg.qr(rng.normal(size=(8, 3)))
    r = rng.normal(size=8)
    assert np.allclose(solve_row(r, factors, 0.25), factors.T @ r / 1.25)


@pytest.mark.parametrize("reg", [1e-3, 0.5, 100.0])
def test_solution_is_below_every_neighbour(reg):
    rng = np.random.default_rng(8)
    factors, r = rng.normal(size=(6, 4)), rng.normal(size=6)

    def loss(x):
        return np.sum((r - factors @ x) ** 2) + reg * x @ x

    x = solve_row(r, factors, reg)
    assert all(loss(x) < loss(x + step) for step in rng.normal(scale=1e-2, size=(50, 4)))


def test_a_rating_of_another_user_changes_only_that_user():
    rng = np.random.default_rng(9)
    R, fixed = ratings(rng), rng.normal(size=(9, 3))
    changed = R.copy()
    changed.data[changed.indptr[5] : changed.indptr[6]] += 1.0
    differs = np.any(update_factors(changed, fixed, 0.3) != update_factors(R, fixed, 0.3), axis=1)
    assert differs.tolist() == [row == 5 for row in range(12)]


def test_items_without_ratings_do_not_matter():
    rng = np.random.default_rng(10)
    R, fixed = ratings(rng), rng.normal(size=(9, 3))
    wider = csr_array((R.data, R.indices, R.indptr), shape=(12, 11))
    more = np.vstack([fixed, 100 * np.ones((2, 3))])
    assert np.allclose(update_factors(wider, more, 0.3), update_factors(R, fixed, 0.3))


@pytest.mark.parametrize(
    ("n_factors", "reg_user", "reg_item"), [(1, 0.1, 0.1), (4, 0.01, 3.0), (12, 5.0, 0.5)]
)
def test_history_never_rises_and_ends_at_the_objective(n_factors, reg_user, reg_item):
    R = ratings(np.random.default_rng(11))
    X, Y, history = fit_als(R, n_factors, reg_user, reg_item, 25, np.random.default_rng(0))
    assert len(history) == 50
    assert np.all(np.diff(history) <= 1e-9 * history[0])
    assert np.isclose(history[-1], objective(R, X, Y, reg_user, reg_item))


def test_balanced_norms_at_a_minimum():
    # L(tX, Y/t) is stationary at t = 1: both penalties are equal there, whatever the two λ are.
    R = ratings(np.random.default_rng(12))
    X, Y, _ = fit_als(R, 2, 0.1, 0.9, 600, np.random.default_rng(0))
    assert np.isclose(0.1 * np.sum(X**2), 0.9 * np.sum(Y**2), rtol=1e-3)


def test_one_factor_without_unknown_cells_and_penalty_is_the_first_singular_pair():
    rng = np.random.default_rng(13)
    dense = rng.normal(size=(8, 6))
    X, Y, history = fit_als(csr_array(dense), 1, 0.0, 0.0, 500, rng)
    U, s, Vt = np.linalg.svd(dense)
    assert np.allclose(X @ Y.T, s[0] * np.outer(U[:, 0], Vt[0]), atol=1e-6)
    assert np.isclose(history[-1], np.sum(s[1:] ** 2))


def test_strong_penalty_predicts_the_mean():
    R = ratings(np.random.default_rng(14))
    X, Y, _ = fit_als(R, 3, 1e6, 1e6, 3, np.random.default_rng(0))
    assert np.allclose(predict(3.5, X, Y, np.arange(9), np.arange(9)), 3.5)


def test_float32_ratings_give_the_factors_of_their_values():
    rng = np.random.default_rng(15)
    R, fixed = ratings(rng), rng.normal(size=(9, 3))
    got = update_factors(R.astype(np.float32), fixed.astype(np.float32), 0.3)
    assert np.allclose(got, update_factors(R, fixed, 0.3), atol=1e-4)


def test_the_verdict_on_an_update_does_not_depend_on_the_numbering():
    rng = np.random.default_rng(16)
    R, fixed = ratings(rng), rng.normal(size=(9, 3))
    wrong = np.linalg.solve(fixed.T @ fixed + 0.5 * np.eye(3), (R @ fixed).T).T
    users = rng.permutation(12)
    for X, wanted in [(wrong, True), (update_factors(R, fixed, 0.5), False)]:
        assert counts_unknown_as_zero(R, fixed, 0.5, X) is wanted
        assert counts_unknown_as_zero(csr_array(R[users]), fixed, 0.5, X[users]) is wanted
