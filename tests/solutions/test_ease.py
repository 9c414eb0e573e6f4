"""Laws of EASE that go beyond the checks of single exercises."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from solutions.ease import ease_explain, ease_scores, ease_weights, solves_ease


@pytest.fixture
def R() -> csr_array:
    return csr_array((np.random.default_rng(0).random((30, 12)) < 0.3).astype(float))


def loss(R: csr_array, B: np.ndarray, reg: float) -> float:
    return float(np.sum((R - R @ B) ** 2) + reg * np.sum(B**2))


def test_renaming_the_items_renames_the_weights(R):
    order = np.random.default_rng(1).permutation(12)
    assert np.allclose(ease_weights(csr_array(R[:, order]), 3.0), ease_weights(R, 3.0)[np.ix_(order, order)])


def test_no_other_weights_with_a_diagonal_of_0_have_a_lower_loss(R):
    B, rng = ease_weights(R, 2.0), np.random.default_rng(2)
    for size in (1e-3, 1e-1, 10.0):
        other = rng.normal(scale=size, size=B.shape) * (1 - np.eye(12))
        assert loss(R, B + other, 2.0) > loss(R, B, 2.0)


def test_the_penalty_takes_all_weights_to_0(R):
    assert np.abs(ease_weights(R, 1e9)).max() < 1e-7
    sizes = [np.abs(ease_weights(R, reg)).sum() for reg in (1, 10, 100, 1000)]
    assert sizes == sorted(sizes, reverse=True)


def test_users_may_come_in_any_order_and_twice_the_users_want_twice_the_penalty(R):
    doubled = csr_array(np.vstack([R.toarray()] * 2)[np.random.default_rng(3).permutation(60)])
    assert np.allclose(ease_weights(doubled, 4.0), ease_weights(R, 2.0))


def test_both_forms_and_the_reasons_agree(R):
    B, scores = ease_weights(R, 5.0), ease_scores(R, 5.0)
    assert np.allclose(scores, R @ B)
    user = R[[7]].indices
    assert np.allclose([ease_explain(user, B, t).sum() for t in range(12)], scores[7])


def test_films_that_always_come_together_share_the_say():
    """Two copies of a film: each predicts the other, and both speak alike for a third."""
    rng = np.random.default_rng(4)
    likes = (rng.random((40, 5)) < 0.4).astype(float)
    likes[:, 1] = likes[:, 0]
    B = ease_weights(csr_array(likes), 1.0)
    assert np.isclose(B[0, 1], B[1, 0]) and B[0, 1] > 0.8
    assert np.allclose(B[0, 2:], B[1, 2:])


def test_the_law_knows_the_weights_of_one_penalty_from_those_of_another(R):
    assert solves_ease(R, ease_weights(R, 7.0), 7.0)
    assert not solves_ease(R, ease_weights(R, 7.0), 7.001)
