"""Somebody new in a few steps: where the steps end, and what they leave alone."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.training.newcomer import fold_in_by_steps


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
