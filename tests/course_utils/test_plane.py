"""Items on a plane: near in their factors, near on the plane; the same every time; what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.evaluation import planes_alike, to_plane, turned_like


def three_groups(n=30):
    rng = np.random.default_rng(0)
    return np.repeat(np.eye(3), n, axis=0) + 0.15 * rng.normal(size=(3 * n, 3)), np.repeat(np.arange(3), n)


def test_the_nearest_on_the_plane_are_of_ones_own_group():
    factors, group = three_groups()
    places = to_plane(factors, perplexity=10, n_steps=250)
    distances = ((places[:, None] - places) ** 2).sum(axis=2) + 1e9 * np.eye(len(places))
    nearest = np.argsort(distances, axis=1)[:, :5]
    assert np.mean(group[nearest] == group[:, None]) > 0.97
    assert np.allclose(places.mean(axis=0), 0) and np.isfinite(places).all()


def test_lengths_do_not_matter_and_the_same_factors_give_the_same_plane():
    factors, _ = three_groups(10)
    longer = factors * np.exp2(np.arange(30) % 4)[:, None]
    once, again = (to_plane(each, perplexity=5, n_steps=50) for each in (factors, longer))
    assert np.array_equal(once, to_plane(factors, perplexity=5, n_steps=50))
    assert np.allclose(once, again, atol=1e-6)


def test_relabelling_items_relabels_their_places():
    factors, _ = three_groups(10)
    order = np.random.default_rng(1).permutation(30)
    places = to_plane(factors, perplexity=5, n_steps=30)
    assert np.allclose(to_plane(factors[order], perplexity=5, n_steps=30), places[order], atol=1e-6)


def test_what_it_refuses():
    with pytest.raises(ValueError, match="Item 1 has factors of length 0"):
        to_plane(np.array([[1.0, 0], [0, 0], [1, 1]]), perplexity=1)
    with pytest.raises(ValueError, match="30 items are too few for a perplexity of 20: it can be 10 at most"):
        to_plane(np.ones((30, 2)))


def test_a_map_that_was_turned_mirrored_moved_and_stretched_is_laid_back():
    places = np.random.default_rng(0).normal(size=(20, 2))
    turned = np.array([3.0, -1.0]) + 2.5 * places @ np.array([[0.6, 0.8], [0.8, -0.6]])
    assert np.allclose(turned_like(turned, places), places)
    others = np.random.default_rng(1).normal(size=(20, 2))
    laid, inside = turned_like(places, others), places - places.mean(axis=0)
    assert np.allclose(laid.mean(axis=0), others.mean(axis=0))
    ratio = np.linalg.norm(laid - laid.mean(axis=0), axis=1) / np.linalg.norm(inside, axis=1)
    assert np.allclose(ratio, ratio[0]), "only its size has changed"


def test_planes_of_models_lie_like_the_first_one():
    factors, _ = three_groups()
    turned = factors @ np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
    planes = planes_alike({"WRMF": factors, "BPR": turned})
    assert np.array_equal(planes["WRMF"], to_plane(factors))
    assert np.allclose(planes["BPR"], turned_like(to_plane(turned), planes["WRMF"]))
