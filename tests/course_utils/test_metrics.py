"""The error over the known cells, against sums by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from course_utils.evaluation.metrics import rmse_on

R = csr_array(np.array([[5.0, 0.0, 3.0], [0.0, 0.0, 0.0], [0.0, 1.0, 0.0]]))


def test_by_hand():
    # errors 5-3, 3-3, 1-3: the root of (4 + 0 + 4) / 3; the unknown cells do not count
    assert rmse_on(R, lambda users, items: np.full(len(users), 3.0)) == pytest.approx(np.sqrt(8 / 3))


def test_users_and_items_come_in_this_order():
    dense = R.toarray()
    assert rmse_on(R, lambda users, items: dense[users, items]) == 0
    assert rmse_on(R, lambda users, items: dense[items, users]) > 0


def test_a_list_of_predictions_is_as_good():
    assert rmse_on(R, lambda users, items: [4, 2, 2]) == pytest.approx(1)


@pytest.mark.parametrize(
    ("matrix", "predict", "sentence"),
    [
        (csr_array((3, 4)), lambda users, items: users, "R has no known cell"),
        (
            R,
            lambda users, items: np.ones((3, 3)),
            r"the shape \(3, 3\); expected one prediction for each of the 3",
        ),
        (R, lambda users, items: 3.0, r"the shape \(\); expected one prediction"),
        (R, lambda users, items: np.array([1, np.nan, 2]), "predict returned nan for user 0 and item 2"),
    ],
)
def test_what_cannot_be_measured(matrix, predict, sentence):
    with pytest.raises(ValueError, match=sentence):
        rmse_on(matrix, predict)
