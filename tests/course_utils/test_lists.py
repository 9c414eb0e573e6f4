"""A person's history beside lists, and reasons in words: known answers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from course_utils.evaluation import history_beside_lists, loudest

TITLES = ["Alien", "Brazil", "Casablanca", "Dune", "Emma"]


def test_the_best_liked_film_comes_first_and_hits_are_marked():
    stars = csr_array([[3.0, 5.0, 0.0, 5.0, 0.0]])
    table = history_beside_lists(stars, {"WRMF": [4, 2], "BPR": np.array([2])}, {2}, TITLES, n=2)
    assert table["liked best"].tolist() == ["Brazil · 5", "Dune · 5"]
    assert table["WRMF"].tolist() == ["Emma", "★ Casablanca"]
    assert table["BPR"].tolist() == ["★ Casablanca", ""]
    assert table.index.tolist() == [1, 2]


def test_a_list_longer_than_the_table_is_cut_and_a_short_history_filled_up():
    table = history_beside_lists(csr_array([[0.5, 0, 0, 0, 0]]), {"EASE": range(4)}, [], TITLES, n=3)
    assert table["liked best"].tolist() == ["Alien · 0.5", "", ""]
    assert table["EASE"].tolist() == TITLES[:3]


def test_several_people_are_refused():
    with pytest.raises(ValueError, match="2 rows: give one row of R"):
        history_beside_lists(csr_array(np.eye(2)), {}, [], TITLES)


def test_the_loudest_films_are_named_and_those_against_it_are_not():
    terms = np.array([0.1, 0.5, -0.9, 0.3])
    assert loudest(terms, TITLES) == "Brazil and Dune"
    assert loudest(terms, TITLES, 9) == "Brazil and Dune and Alien"
    assert loudest(-np.ones(2), TITLES) == loudest([], []) == "–"
