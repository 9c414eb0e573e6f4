"""Genre overlap of similar items: known answers and laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from course_utils.evaluation.neighbours import genre_marks, genre_overlap

GENRES = pd.Series(["Comedy|Drama", "Drama", "", "Horror", "Comedy|Drama|Horror"])


def test_marks_have_a_column_for_each_genre_and_none_for_an_item_without():
    marks = genre_marks(GENRES)
    assert marks.dtype == bool
    assert marks.tolist() == [
        [True, True, False],
        [False, True, False],
        [False, False, False],
        [False, False, True],
        [True, True, True],
    ]


def test_overlap_by_hand():
    marks = genre_marks(GENRES)
    assert genre_overlap(marks, 0, [1]) == 1 / 2
    assert genre_overlap(marks, 0, [4]) == 2 / 3
    assert genre_overlap(marks, 0, [3]) == 0
    assert np.isclose(genre_overlap(marks, 0, [1, 3, 4]), (1 / 2 + 0 + 2 / 3) / 3)


def test_an_item_without_genres_overlaps_with_nothing():
    assert genre_overlap(genre_marks(GENRES), 2, [0, 2]) == 0


def test_overlap_is_symmetric_and_one_for_equal_genres():
    marks = np.random.default_rng(0).random((6, 4)) < 0.5
    marks[:, 0] = True
    for a in range(6):
        assert genre_overlap(marks, a, [a]) == 1
        for b in range(6):
            assert genre_overlap(marks, a, [b]) == genre_overlap(marks, b, [a])


def test_no_genres_and_no_neighbours_are_refused():
    with pytest.raises(ValueError, match="No item has a genre"):
        genre_marks(pd.Series(["", ""]))
    with pytest.raises(ValueError, match="Item 3 has no neighbours"):
        genre_overlap(genre_marks(GENRES), 3, [])
