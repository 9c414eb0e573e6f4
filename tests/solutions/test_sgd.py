"""Laws and known answers of unit 03's solutions, beyond what the exercises' checks ask."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from course_utils.plots.sgd import plot_learning
from solutions.sgd import (
    best_epoch,
    minibatch_step,
    most_similar,
    predict_ratings,
    recommend,
    sgd_step,
    start_model,
)


def some_model(rng: np.random.Generator, m: int = 12, n: int = 9, k: int = 3) -> tuple:
    return (
        3.5,
        rng.normal(size=m),
        rng.normal(size=n),
        rng.normal(size=(m, k)),
        rng.normal(size=(n, k)),
    )


def copied(model: tuple) -> tuple:
    return (model[0], *(part.copy() for part in model[1:]))


def loss(model: tuple, users, items, ratings, reg: float) -> float:
    """Sum of ℓ over the ratings, each with its own penalty."""
    _, b_user, b_item, X, Y = model
    errors = ratings - predict_ratings(*model, users, items)
    squares = b_user[users] ** 2 + b_item[items] ** 2 + np.sum(X[users] ** 2 + Y[items] ** 2, axis=1)
    return 0.5 * np.sum(errors**2) + 0.5 * reg * np.sum(squares)


def some_pairs(rng: np.random.Generator, size: int = 40) -> tuple:
    return rng.integers(12, size=size), rng.integers(9, size=size), rng.uniform(0.5, 5, size=size)


def test_noiseless_low_rank_ratings_are_recovered_where_they_were_never_seen():
    rng = np.random.default_rng(0)
    whole = 3.5 + rng.normal(size=(40, 1)) @ rng.normal(size=(1, 30))
    seen = rng.random(whole.shape) < 0.6
    users, items = np.nonzero(seen)
    model = start_model(csr_array((whole[seen], (users, items)), shape=whole.shape), 2, rng)
    for _ in range(150):
        for j in rng.permutation(len(users)):
            sgd_step(*model, users[j], items[j], whole[users[j], items[j]], 0.03, 0.0)
    unseen = np.nonzero(~seen)
    assert np.abs(predict_ratings(*model, *unseen) - whole[unseen]).mean() < 0.05


def test_a_small_step_lowers_the_loss_by_the_rate_times_the_squared_gradient():
    rng = np.random.default_rng(1)
    model, lr = some_model(rng), 1e-6
    users, items, ratings = some_pairs(rng)
    before, old = loss(model, users, items, ratings, 0.3), copied(model)
    minibatch_step(*model, users, items, ratings, lr, 0.3)
    squared_gradient = sum(
        np.sum(((new - was) / lr) ** 2) for new, was in zip(model[1:], old[1:], strict=True)
    )
    assert np.isclose(before - loss(model, users, items, ratings, 0.3), lr * squared_gradient, rtol=1e-3)


def test_a_batch_of_one_is_a_step():
    rng = np.random.default_rng(2)
    one, batch = copied(model := some_model(rng)), copied(model)
    sgd_step(*one, 4, 7, 2.5, 0.1, 0.2)
    minibatch_step(*batch, np.array([4]), np.array([7]), np.array([2.5]), 0.1, 0.2)
    assert all(np.allclose(a, b) for a, b in zip(one, batch, strict=True))


def test_pairs_that_share_nothing_may_be_taken_together():
    rng = np.random.default_rng(3)
    users, items, ratings = rng.permutation(12)[:6], rng.permutation(9)[:6], rng.uniform(1, 5, size=6)
    one_by_one, together = copied(model := some_model(rng)), copied(model)
    for u, i, r in zip(users, items, ratings, strict=True):
        sgd_step(*one_by_one, u, i, r, 0.1, 0.2)
    minibatch_step(*together, users, items, ratings, 0.1, 0.2)
    assert all(np.allclose(a, b) for a, b in zip(one_by_one, together, strict=True))


def test_without_penalty_a_rating_that_is_predicted_exactly_moves_nothing():
    rng = np.random.default_rng(4)
    model = some_model(rng)
    exact, before = predict_ratings(*model, np.array([2]), np.array([3]))[0], copied(model)
    assert np.isclose(sgd_step(*model, 2, 3, exact, 0.1, 0.0), 0)
    assert all(np.allclose(a, b) for a, b in zip(model, before, strict=True))


def test_factors_of_zero_stay_zero_and_the_biases_learn():
    R = csr_array((np.array([5.0, 1.0]), (np.array([0, 1]), np.array([0, 1]))), shape=(2, 2))
    model = start_model(R, 3, np.random.default_rng(5), init_std=0.0)
    for _ in range(20):
        sgd_step(*model, 0, 0, 5.0, 0.1, 0.01)
    assert not np.any(model[3]) and not np.any(model[4]) and model[1][0] > 0.5


def test_a_rotation_of_the_factors_commutes_with_the_step():
    rng = np.random.default_rng(6)
    Q, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    plain = some_model(rng)
    turned = (*copied(plain)[:3], plain[3] @ Q, plain[4] @ Q)
    sgd_step(*plain, 1, 2, 4.0, 0.1, 0.2)
    sgd_step(*turned, 1, 2, 4.0, 0.1, 0.2)
    assert np.allclose(turned[3], plain[3] @ Q) and np.allclose(turned[4], plain[4] @ Q)


def test_users_and_items_are_treated_alike():
    rng = np.random.default_rng(7)
    model = some_model(rng, m=6, n=8)
    swapped = copied((model[0], model[2], model[1], model[4], model[3]))
    e, e_swapped = sgd_step(*model, 5, 7, 2.0, 0.1, 0.2), sgd_step(*swapped, 7, 5, 2.0, 0.1, 0.2)
    assert np.isclose(e, e_swapped)
    for part, mirrored in zip(model[1:], [swapped[2], swapped[1], swapped[4], swapped[3]], strict=True):
        assert np.allclose(part, mirrored)


@pytest.mark.parametrize("patience", [1, 2, 5])
def test_more_patience_never_ends_higher(patience):
    rng = np.random.default_rng(8)
    for _ in range(50):
        losses = rng.normal(size=20)
        assert losses[best_epoch(losses, patience + 1)] <= losses[best_epoch(losses, patience)]
    assert best_epoch(losses, len(losses)) == np.argmin(losses)


def test_recommendations_do_not_depend_on_the_scale_of_the_scores():
    rng = np.random.default_rng(9)
    scores, seen = rng.normal(size=30), rng.permutation(30)[:7]
    assert np.array_equal(recommend(scores, seen, 8), recommend(5 * scores - 100, seen, 8))
    assert recommend(scores, seen, 8).tolist() == recommend(scores, seen, 30)[:8].tolist()


def test_neighbours_do_not_depend_on_the_lengths_or_on_a_rotation():
    rng = np.random.default_rng(10)
    factors = rng.normal(size=(25, 4))
    Q, _ = np.linalg.qr(rng.normal(size=(4, 4)))
    wanted = most_similar(factors, 3, 24)
    assert sorted(wanted) == [code for code in range(25) if code != 3]
    assert np.array_equal(wanted, most_similar(factors * rng.uniform(0.1, 9, size=(25, 1)), 3, 24))
    assert np.array_equal(wanted, most_similar(factors @ Q, 3, 24))


def test_the_learning_curves_are_marked_at_the_stops_or_at_the_lowest_loss():
    history = pd.DataFrame({"valid": [0.9, 0.8, 0.85, 0.7]}, index=[1, 2, 3, 4])
    for stops, epoch, loss in [(None, 4, 0.7), ({"a run": 1}, 2, 0.8)]:
        ax = plot_learning({"a run": history}, "Losses", {}, stops=stops)
        line = ax.lines[0]
        assert line.get_marker() != "None"
        (marked,) = line.get_markevery()
        assert (line.get_xdata()[marked], line.get_ydata()[marked]) == (epoch, loss)
        plt.close(ax.figure)
