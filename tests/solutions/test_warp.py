"""Laws of WARP that go beyond the checks of single exercises."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from solutions.warp import estimate_rank, find_violator, precision_at_k, rank_weight, warp_epoch, warp_step


def two_tastes(n_users: int = 20, n_items: int = 12) -> csr_array:
    """Each user likes two thirds of one half of the items."""
    rng, cells = np.random.default_rng(0), []
    for u in range(n_users):
        own = rng.permutation(n_items // 2)[: n_items // 3] + (u % 2) * (n_items // 2)
        cells += [(u, int(i)) for i in own]
    users, items = np.array(cells).T
    return csr_array((np.ones(len(users)), (users, items)), shape=(n_users, n_items))


def test_training_puts_the_rest_of_the_own_half_on_top():
    R, rng = two_tastes(), np.random.default_rng(1)
    X, Y = rng.normal(scale=0.1, size=(20, 3)), rng.normal(scale=0.1, size=(12, 3))
    history = [warp_epoch(R, X, Y, 0.05, 20, 2.0, rng) for _ in range(40)]
    assert history[-1][0] < history[0][0]
    half, same = np.arange(12) // 6, []
    for u in range(20):
        scores = Y @ X[u]
        scores[R[[u]].indices] = -np.inf
        same.append(half[np.argsort(-scores)[:2]] == u % 2)
    assert np.mean(same) > 0.75  # by chance 2 of 8 unseen items are


def test_a_small_step_lowers_the_weighted_hinge_by_the_rate_times_the_squared_gradient():
    rng = np.random.default_rng(2)
    X, Y, weight, lr = rng.normal(size=(4, 3)), rng.normal(size=(5, 3)), 2.5, 1e-6
    before, old_X, old_Y = weight * (1 - X[1] @ (Y[2] - Y[4])), X.copy(), Y.copy()
    warp_step(X, Y, 1, 2, 4, weight, lr, 100.0)
    squared_gradient = (np.sum((X - old_X) ** 2) + np.sum((Y - old_Y) ** 2)) / lr**2
    after = weight * (1 - X[1] @ (Y[2] - Y[4]))
    assert np.isclose(before - after, lr * squared_gradient, rtol=1e-3)


def test_a_rotation_of_the_factors_commutes_with_the_step_cap_included():
    rng = np.random.default_rng(3)
    Q, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    X, Y = rng.normal(size=(4, 3)), rng.normal(size=(5, 3))
    turned_X, turned_Y = X @ Q, Y @ Q
    warp_step(X, Y, 0, 1, 2, 1.5, 0.3, 1.1)
    warp_step(turned_X, turned_Y, 0, 1, 2, 1.5, 0.3, 1.1)
    assert np.allclose(turned_X, X @ Q) and np.allclose(turned_Y, Y @ Q)


def test_the_steps_of_the_two_items_cancel_while_nobody_is_capped():
    rng = np.random.default_rng(4)
    X, Y = rng.normal(size=(4, 3)), rng.normal(size=(5, 3))
    total = Y.sum(axis=0)
    warp_step(X, Y, 3, 0, 4, 2.0, 0.1, 100.0)
    assert np.allclose(Y.sum(axis=0), total)


def test_the_weight_grows_like_a_logarithm_and_is_concave():
    weights = np.array([rank_weight(rank) for rank in range(200)])
    steps = np.diff(weights)
    assert (steps > 0).all() and (np.diff(steps) < 0).all()
    euler = 0.5772156649
    assert np.isclose(rank_weight(5000), np.log(5000) + euler, atol=1e-3)


def test_more_trials_never_raise_the_estimate():
    for n_items in (2, 17, 1000):
        ranks = [estimate_rank(t, n_items) for t in range(1, 2 * n_items)]
        assert ranks == sorted(ranks, reverse=True) and ranks[0] == n_items - 1 and ranks[-1] == 0


@pytest.mark.parametrize("n_violators", [1, 5, 25])
def test_the_number_of_trials_is_geometric(n_violators):
    scores, is_positive, rng = np.full(51, -9.0), np.zeros(51, dtype=bool), np.random.default_rng(5)
    scores[0], is_positive[0] = 1.0, True
    scores[1 : 1 + n_violators] = 2.0
    trials = [find_violator(scores, 0, is_positive, 10_000, rng)[1] for _ in range(1500)]
    assert np.isclose(np.mean(trials), 50 / n_violators, rtol=0.12)


def test_scores_that_are_shifted_or_scaled_with_the_margin_find_the_same():
    rng = np.random.default_rng(6)
    scores, is_positive = rng.normal(size=40), rng.random(40) < 0.3
    i = int(np.flatnonzero(is_positive)[0])
    found = [
        [find_violator(a * scores + b, i, is_positive, 5, np.random.default_rng(s), a) for s in range(30)]
        for a, b in [(1.0, 0.0), (1.0, 7.0), (4.0, -2.0)]
    ]
    assert found[0] == found[1] == found[2]


def test_precision_grows_with_hits_alone():
    ranked = np.arange(10)
    assert [precision_at_k(ranked, ranked[:n], 5) for n in (0, 1, 3, 5, 10)] == [0, 0.2, 0.6, 1, 1]
    assert precision_at_k(ranked[::-1], np.arange(5, 10), 5) == 1
