"""The joint fit of the biases, by its laws."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from course_utils.data.interactions import known_cells
from course_utils.evaluation.baselines import Biases, fit_biases


def some_ratings(seed: int) -> csr_array:
    """A 12 × 8 matrix; user 3 and item 5 have no rating."""
    rng = np.random.default_rng(seed)
    R = rng.integers(1, 6, size=(12, 8)).astype(float) * (rng.random((12, 8)) < 0.5)
    R[3], R[:, 5], R[0, 0] = 0, 0, 4
    return csr_array(R)


@pytest.mark.parametrize("reg", [0.0, 0.1, 5.0])
@pytest.mark.parametrize("seed", range(20))
def test_the_gradient_vanishes(seed, reg):
    R = some_ratings(seed)
    fitted = fit_biases(R, reg)
    users, items, values = known_cells(R)
    errors = values - fitted.predict(users, items)
    assert fitted.mu == pytest.approx(values.mean())
    np.testing.assert_allclose(np.bincount(users, errors, minlength=12), reg * fitted.user, atol=1e-8)
    np.testing.assert_allclose(np.bincount(items, errors, minlength=8), reg * fitted.item, atol=1e-8)


@pytest.mark.parametrize("reg", [0.0, 5.0])
def test_without_ratings_the_bias_is_zero(reg):
    fitted = fit_biases(some_ratings(0), reg)
    assert fitted.user[3] == 0
    assert fitted.item[5] == 0


def test_biases_that_made_the_ratings_are_found_again():
    rng = np.random.default_rng(0)
    user, item = rng.normal(size=9), rng.normal(size=7)
    true = Biases(mu=3.5, user=user - user.mean(), item=item - item.mean())
    users, items = np.divmod(np.arange(63), 7)
    R = csr_array((true.predict(users, items), (users, items)), shape=(9, 7))
    fitted = fit_biases(R, reg=0.0)
    assert fitted.mu == pytest.approx(true.mu)
    np.testing.assert_allclose(fitted.user, true.user, atol=1e-8)
    np.testing.assert_allclose(fitted.item, true.item, atol=1e-8)


def test_a_strong_penalty_leaves_the_mean():
    R = some_ratings(1)
    fitted = fit_biases(R, reg=1e9)
    np.testing.assert_allclose(fitted.predict(*known_cells(R)[:2]), R.data.mean(), atol=1e-6)


def test_prediction_of_pairs_by_hand():
    biases = Biases(mu=3.0, user=np.array([0.5, -0.5]), item=np.array([1.0, 0.0, -1.0]))
    np.testing.assert_allclose(biases.predict(np.array([0, 1, 1]), np.array([0, 0, 2])), [4.5, 3.5, 1.5])


def test_bad_arguments():
    with pytest.raises(ValueError, match="reg is -1; expected 0 or more"):
        fit_biases(some_ratings(0), reg=-1)
    with pytest.raises(ValueError, match="R has no known cell"):
        fit_biases(csr_array((3, 2)), reg=1.0)
