"""Somebody new in a few steps: where the steps end, and what they leave alone."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from course_utils.training.als import update_weighted
from course_utils.training.newcomer import fold_in_by_pairs, fold_in_by_steps, liked_films_speak


def test_small_steps_end_at_the_solution_of_the_ridge_regression():
    rng = np.random.default_rng(0)
    Y, left, reg = rng.normal(size=(10, 3)), rng.normal(size=10), 0.3
    before = Y.copy()
    b, x = fold_in_by_steps(left, Y, lr=0.002, reg=reg, n_epochs=3_000)
    with_one = np.column_stack([np.ones(10), Y])
    wanted = np.linalg.solve(with_one.T @ with_one + 10 * reg * np.eye(4), with_one.T @ left)
    assert np.allclose([b, *x], wanted, atol=0.01) and np.array_equal(Y, before)


def test_somebody_without_ratings_has_zeros():
    b, x = fold_in_by_steps(np.array([]), np.empty((0, 4)))
    assert b == 0 and np.array_equal(x, np.zeros(4))


def test_every_rating_needs_its_item():
    with pytest.raises(ValueError, match="3 ratings and factors of 2 items"):
        fold_in_by_steps(np.ones(3), np.ones((2, 4)))


def pull(X, Y, u, i, j, lr):
    """A step that moves all three rows, as those of units 06 and 07 do."""
    x = X[u].copy()
    X[u] += lr * (Y[i] - Y[j])
    Y[i] += lr * x
    Y[j] -= lr * x


def test_steps_on_pairs_move_the_newcomer_and_leave_the_items_alone():
    Y = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    before, asked = Y.copy(), []

    def find(scores, i):
        asked.append((scores.tolist(), i))
        return (2, 0.5) if i == 0 else (-1, 0.5)

    x = fold_in_by_pairs(pull, find, [0, 1], Y, 2, np.random.default_rng(0))
    # Two steps of ½ · (y_0 − y_2), and none for item 1, which has no rival.
    assert x.tolist() == [2.0, 0.0] and np.array_equal(Y, before)
    assert sorted(i for _, i in asked) == [0, 0, 1, 1]
    assert [1.0, 0.0, -1.0, 0.0] in [scores for scores, _ in asked], "scores as they are by then"


def test_a_newcomer_who_likes_nothing_has_zeros_by_pairs_and_no_reasons():
    Y = np.ones((3, 2))
    x = fold_in_by_pairs(pull, lambda scores, i: (0, 1.0), [], Y, 5, np.random.default_rng(0))
    assert x.tolist() == [0, 0]
    assert liked_films_speak([], Y, 2.0, 1.0).shape == (0, 3)


def test_what_the_liked_films_say_adds_up_to_the_scores_of_the_half_step():
    rng = np.random.default_rng(0)
    Y, liked = rng.normal(size=(20, 4)), [7, 2, 11]
    me = csr_array((np.ones(3), (np.zeros(3, dtype=int), liked)), shape=(1, 20))
    said = liked_films_speak(liked, Y, 6.0, 20.0)
    assert np.allclose(said.sum(axis=0), Y @ update_weighted(me, Y, 6.0, 20.0)[0])
    # In another order the same rows in that order.
    assert np.allclose(liked_films_speak(liked[::-1], Y, 6.0, 20.0), said[::-1])
