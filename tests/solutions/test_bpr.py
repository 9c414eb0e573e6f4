"""Laws and known answers of unit 06's solutions, beyond what the exercises' checks ask."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from scipy.sparse import csr_array

from course_utils.evaluation.ranking import evaluate_ranking
from solutions.bpr import auc, bpr_epoch, bpr_loss, bpr_step, sample_negative
from tests.mutants import unit_modules


def some_factors(seed: int, m: int = 7, n: int = 9, k: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(m, k)), rng.normal(size=(n, k))


def copied(model: tuple) -> tuple:
    return tuple(part.copy() for part in model)


def test_the_loss_falls_is_convex_and_its_slope_is_minus_sigma_of_minus_d():
    d = np.linspace(-30, 30, 601)
    loss, h = bpr_loss(d), 1e-5
    assert (np.diff(loss) < 0).all() and (np.diff(loss, 2) > -1e-12).all()
    slope = (bpr_loss(d + h) - bpr_loss(d - h)) / (2 * h)
    assert np.allclose(slope, -1 / (1 + np.exp(d)), atol=1e-9)


def test_the_loss_bounds_the_share_of_pairs_in_the_wrong_order():
    # ln 2 · [d < 0] ≤ −ln σ(d): a mean loss below ε ln 2 means an AUC above 1 − ε.
    d = np.random.default_rng(0).normal(size=1000)
    assert np.mean(d < 0) * np.log(2) <= bpr_loss(d).mean()


@pytest.mark.parametrize("n_items", [1, 2, 5, 40])
def test_every_free_item_has_exactly_one_number(n_items):
    class Chosen:
        """An rng that draws what the test asks for."""

        def __init__(self, number):
            self.number = number

        def integers(self, high):
            assert self.number < high
            return self.number

    rng = np.random.default_rng(n_items)
    for n_positives in range(n_items):
        positives = np.sort(rng.permutation(n_items)[:n_positives])
        drawn = [sample_negative(positives, n_items, Chosen(c)) for c in range(n_items - n_positives)]
        assert drawn == sorted(set(range(n_items)) - set(positives.tolist()))


def test_a_small_step_lowers_the_loss_by_the_rate_times_the_squared_gradient():
    model, (u, i, j), lr, reg = some_factors(1), (2, 5, 0), 1e-6, 0.3

    def loss(X, Y):
        squares = X[u] @ X[u] + Y[i] @ Y[i] + Y[j] @ Y[j]
        return bpr_loss(X[u] @ (Y[i] - Y[j])) + 0.5 * reg * squares

    old, before = copied(model), loss(*model)
    bpr_step(*model, u, i, j, lr, reg)
    squared_gradient = sum(np.sum(((a - b) / lr) ** 2) for a, b in zip(model, old, strict=True))
    assert np.isclose(before - loss(*model), lr * squared_gradient, rtol=1e-3)


def test_a_rotation_of_the_factors_commutes_with_the_step():
    Q, _ = np.linalg.qr(np.random.default_rng(2).normal(size=(3, 3)))
    plain = some_factors(2)
    turned = tuple(part @ Q for part in plain)
    assert np.isclose(bpr_step(*plain, 1, 2, 3, 0.1, 0.2), bpr_step(*turned, 1, 2, 3, 0.1, 0.2))
    assert all(np.allclose(a @ Q, b) for a, b in zip(plain, turned, strict=True))


def test_without_penalty_a_vector_added_to_all_items_changes_no_step():
    plain = some_factors(3)
    shifted = plain[0].copy(), plain[1] + np.array([5.0, -2.0, 1.0])
    user_before = plain[0][4].copy()
    losses = [bpr_step(*model, 4, 8, 1, 0.1, 0.0) for model in (plain, shifted)]
    assert np.isclose(*losses) and np.allclose(plain[0], shifted[0])
    assert not np.allclose(plain[0][4], user_before)


def test_the_two_items_move_by_opposite_steps_so_that_their_sum_stays():
    X, Y = some_factors(4)
    total = Y.sum(axis=0)
    for step in range(50):
        bpr_step(X, Y, step % 7, step % 9, (step + 4) % 9, 0.2, 0.0)
    assert np.allclose(Y.sum(axis=0), total)


def test_an_epoch_learns_two_groups_that_share_nothing():
    R = csr_array(np.kron(np.eye(2), np.ones((4, 5))))
    rng = np.random.default_rng(5)
    X, Y = rng.normal(scale=0.1, size=(8, 2)), rng.normal(scale=0.1, size=(10, 2))
    losses = [bpr_epoch(R, X, Y, 0.1, 0.001, rng) for _ in range(60)]
    assert losses[-1] < 0.1 < 0.6 < losses[0]
    assert all(auc(X[u] @ Y.T, R[[u]].indices) == 1 for u in range(8))


def test_auc_is_what_a_monotone_change_of_the_scores_leaves_and_a_reversal_turns_round():
    rng = np.random.default_rng(6)
    scores, positives = rng.integers(-4, 5, size=40).astype(float), rng.permutation(40)[:12]
    value = auc(scores, positives)
    assert np.isclose(auc(np.exp(scores), positives), value)
    assert np.isclose(auc(-scores, positives), 1 - value)
    assert np.isclose(auc(scores, np.setdiff1d(np.arange(40), positives)), 1 - value)


def test_auc_of_chance_is_a_half():
    rng = np.random.default_rng(7)
    values = [auc(rng.normal(size=60), rng.permutation(60)[:20]) for _ in range(400)]
    assert abs(np.mean(values) - 0.5) < 0.02


def test_auc_agrees_with_the_courses_measure_when_seen_items_are_taken_out():
    rng = np.random.default_rng(8)
    kind = rng.choice(3, size=(12, 25), p=[0.6, 0.2, 0.2])
    train, test = csr_array((kind == 1).astype(float)), csr_array((kind == 2).astype(float))
    scores = rng.integers(0, 6, size=kind.shape).astype(float)
    open_to = np.where(kind == 1, -np.inf, scores)
    ours = np.nanmean([auc(open_to[u], np.flatnonzero(kind[u] == 2)) for u in range(12)])
    assert np.isclose(ours, evaluate_ranking(lambda users: scores[users], train, test)["AUC"])


def test_work_that_its_author_compiles_is_accepted():
    # Compiling runs millions of lines of Python once, which the checks that count lines must not mistake for
    # a loop without an end; so the order of the checks is that of the notebook.
    compiled_step, compiled_draw = numba.njit(bpr_step), numba.njit(_first_come)

    def epoch(R, X, Y, lr, reg, rng):
        users, total = np.repeat(np.arange(R.shape[0]), np.diff(R.indptr)), 0.0
        for cell in rng.integers(R.nnz, size=R.nnz):
            own = R.indices[R.indptr[users[cell]] : R.indptr[users[cell] + 1]]
            j = compiled_draw(own, R.shape[1], rng)
            total += compiled_step(X, Y, users[cell], R.indices[cell], j, lr, reg)
        return total / R.nnz

    checks = unit_modules("bpr").checks()
    for law in ("by_hand", "uniform", "one_left"):
        checks[f"check_sample_negative_{law}"](compiled_draw)
    for law in ("by_hand", "mean_loss", "full_user"):
        checks[f"check_bpr_epoch_{law}"](epoch)


def _first_come(positives, n_items, rng):
    free = [j for j in range(n_items) if j not in positives]
    if len(free) == 0:
        raise ValueError("no negative")
    return free[rng.integers(0, len(free))]
