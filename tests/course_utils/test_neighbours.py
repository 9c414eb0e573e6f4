"""Genre overlap of similar items: known answers and laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from course_utils.data import load
from course_utils.evaluation.neighbours import (
    THREE_FILMS,
    genre_marks,
    genre_overlap,
    group_by_genre,
    nearest_of_all,
    neighbour_quality,
    shelves,
    similar_items,
    years_apart,
)

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


def test_similar_items_by_hand():
    factors = np.array([[1.0, 0.0], [9.0, 1.0], [0.0, 0.0], [-1.0, 0.0], [0.0, 2.0], [2.0, 0.0]])
    # The same way, nearly the same way, nothing known, across, the other way; of equals the smaller code.
    assert similar_items(factors, 0, 9).tolist() == [5, 1, 2, 4, 3]
    assert similar_items(factors, 2, 2).tolist() == [0, 1], "A row of zeros is like nothing."


def test_by_the_dot_product_long_rows_are_nearer():
    factors = np.array([[1.0, 0.0], [9.0, 1.0], [0.0, 0.0], [-1.0, 0.0], [9.0, 2.0], [2.0, 0.0]])
    assert similar_items(factors, 0, 9, "dot").tolist() == [1, 4, 5, 2, 3]
    with pytest.raises(ValueError, match="metric is 'euclid'; expected 'cosine' or 'dot'"):
        similar_items(factors, 0, 2, "euclid")


def test_similar_items_look_at_directions_alone():
    rng = np.random.default_rng(0)
    factors = rng.normal(size=(20, 3))
    rotation, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    longer = factors * rng.uniform(1, 9, size=(20, 1))
    wanted = similar_items(factors, 7, 5)
    np.testing.assert_array_equal(similar_items(longer, 7, 5), wanted)
    np.testing.assert_array_equal(similar_items(factors @ rotation, 7, 5), wanted)


def test_a_film_is_in_the_first_of_the_wanted_genres_that_it_has():
    texts = ["Drama|War", "War|Children", "Warfare", ""]
    assert group_by_genre(texts, ["Children", "War"]) == ["War", "Children", "", ""]


def test_years_apart_is_a_median_over_all_pairs_with_two_years():
    years = np.array([1990.0, 1993.0, np.nan, 2010.0])
    assert years_apart(years, np.array([[1], [0], [0], [1]])) == 3
    assert years_apart(years, np.array([[1, 3], [0, 3], [0, 1], [2, 2]])) == 10


def test_the_nearest_of_all_are_the_similar_items_of_each():
    factors = np.random.default_rng(0).normal(size=(30, 4))
    factors[4], factors[9] = 0, factors[7]  # nothing known, and a twin
    wanted = [similar_items(factors, index, 5) for index in range(30)]
    np.testing.assert_array_equal(nearest_of_all(factors, 5), wanted)
    assert nearest_of_all(factors[:3]).shape == (3, 2)


def test_the_quality_of_neighbours_by_hand():
    marks = genre_marks(GENRES)
    factors = np.array([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0], [-1.0, 0.0], [1.0, 0.2]])
    # The two nearest of item 0 are items 1 and 4: half and two thirds of its genres; one of them is obscure.
    got = neighbour_quality(factors, [0], marks, np.array([9, 4, 9, 9, 5]), n=2)
    assert got["genres shared"] == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert got["obscure"] == 0.5
    # By another idea of what is near: the items behind it.
    got = neighbour_quality(
        factors, [0], marks, np.array([9, 4, 9, 9, 5]), 1, lambda table, index, n: np.array([index + 3])
    )
    assert (got["genres shared"], got["obscure"]) == (0, 0)


def test_shelves_have_a_row_for_each_film_and_place_and_a_column_a_model():
    titles = ["Matrix, The (1999)", "Heat (1995)", "Alien (1979)"]
    models = {"by cosine": np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.1]]), "turned": np.eye(3)[[0, 0, 1]]}
    table = shelves(models, titles, np.array([7, 8, 9]), ["Alien", "The Matrix (1999)"], n=2)
    assert table.index.tolist() == [
        ("Alien", 1),
        ("Alien", 2),
        ("The Matrix (1999)", 1),
        ("The Matrix (1999)", 2),
    ]
    assert table["by cosine"].tolist() == [
        "The Matrix (1999) · 7",
        "Heat (1995) · 8",
        "Alien (1979) · 9",
        "Heat (1995) · 8",
    ]
    assert table.loc["The Matrix (1999)", "turned"].tolist() == ["Heat (1995) · 8", "Alien (1979) · 9"]
    longest = shelves(models, titles, np.ones(3, int), ["Alien"], 1, lambda factors, index, n: [index])
    assert longest.loc[("Alien", 1)].tolist() == ["Alien (1979) · 1"] * 2
    with pytest.raises(ValueError, match="No film is called 'Shrek'"):
        shelves(models, titles, np.ones(3, int), ["Shrek"])


def test_the_three_films_of_all_units_are_in_the_course_s_data():
    titles = load("ml-latest-small").items["title"].tolist()
    factors = np.random.default_rng(0).normal(size=(len(titles), 2))
    table = shelves({"by chance": factors}, titles, np.ones(len(titles), int), n=1)
    assert table.index.get_level_values("like").tolist() == list(THREE_FILMS)
