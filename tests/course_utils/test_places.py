"""The stored places are those of the league's first split, and give the league's own measures."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from course_utils.data import Interactions, load
from course_utils.evaluation import (
    at_least,
    contest_sizes,
    evaluate_ranking,
    league_split,
    ndcg_by_person,
    read_league,
    read_places,
)
from course_utils.evaluation.places import places_of_likes


@pytest.fixture
def tables():
    """Scores of 12 users for 30 items, what is known, and what is liked."""
    rng = np.random.default_rng(0)
    part = rng.choice(3, p=[0.6, 0.25, 0.15], size=(12, 30))
    part[3] = 0  # somebody without likes
    return rng.normal(size=(12, 30)), csr_array((part == 1) * 3.0), csr_array((part == 2) * 5.0)


def test_places_are_counted_one_by_one(tables):
    scores, train, likes = tables
    scores = np.round(scores)  # many are level
    places = places_of_likes(scores, train, likes)
    known, liked = train.toarray() > 0, likes.toarray() > 0
    assert list(places.index) == [tuple(map(int, cell)) for cell in np.argwhere(liked)]
    sizes = contest_sizes(places.to_frame("a"), train)
    for (user, item), place, size in zip(places.index, places, sizes, strict=True):
        others = scores[user][~known[user] & ~liked[user]]
        mine = scores[user, item]
        assert place == 1 + np.sum(others > mine) + np.sum(others == mine) / 2
        assert size == 1 + len(others)


def test_the_ndcg_of_places_is_that_of_the_lists(tables):
    scores, train, likes = tables
    places = places_of_likes(scores, train, likes).to_frame("a")
    of_lists = evaluate_ranking(lambda users: scores[users], train, likes, per_user=True)["NDCG@10"]
    of_places = ndcg_by_person(places)["a"]
    assert np.allclose(of_places, of_lists) and list(of_places.index) == list(of_lists.index)


def test_the_stored_places_are_those_of_the_league():
    R = Interactions.from_ratings(load("ml-latest-small").ratings).matrix
    train, test = league_split(R, 0)
    likes, places = at_least(test), read_places()
    users, items = (np.array(places.index.get_level_values(name)) for name in ("user", "item"))
    assert len(places) == likes.nnz and (likes[users, items] > 0).all()
    assert (places >= 1).all(axis=None) and (places.max(axis=1) <= contest_sizes(places, train)).all()
    league = read_league("ml-latest-small", seed=0).set_index("model")["NDCG@10"]
    mean = ndcg_by_person(places).mean()
    for model in ("WRMF", "BPR", "WARP", "EASE", "PyTorch MF", "PyTorch MF, gravity"):
        assert mean[model] == pytest.approx(league[model], abs=2e-4)
