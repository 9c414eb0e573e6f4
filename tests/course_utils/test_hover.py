"""A map that answers the pointer: every point has its text and its colours, and words stand for all of it."""

from __future__ import annotations

import re
from html import unescape

import numpy as np
import pytest

from course_utils.plots import HoverMap, film_texts
from course_utils.plots.wrmf import colours_of_groups, colours_of_years

FINDING = "Three films: the two of the 1990s lie together."
POINTS = np.array([[0.0, 0.0], [4.0, 2.0], [2.0, 1.0]])


def drawn(*texts, colours=None, points=None):
    colours = colours or {"year": ["#111111"] * 3, "genre": ["#222222"] * 3}
    return HoverMap(points or {"WRMF": POINTS}, texts, colours, FINDING)


def test_each_point_has_its_text_and_a_colour_of_each_kind():
    html = drawn("Alien <1979>", "Fargo & co", "Heat").html
    circles = re.findall(r'<circle cx="\d+" cy="(\d+)" r="6" style="(.*?)"><title>(.*?)</title>', html)
    assert [unescape(text) for *_, text in circles] == ["Alien <1979>", "Fargo & co", "Heat"]
    assert circles[0][1] == "--c0:#111111;--c1:#222222"
    heights = [int(height) for height, *_ in circles]
    assert heights[0] > heights[2] > heights[1], "the second coordinate grows upwards"


def test_a_button_for_each_model_moves_the_points_to_their_places_in_it():
    html = drawn("A", "B", "C", points={"WRMF": POINTS, "BPR": POINTS[::-1]}).html
    circles = re.findall(r'cx="(\d+)" cy="(\d+)" r="6" style="[^"]*--x1:(\d+)px;--y1:(\d+)px"', html)
    assert len(circles) == 3 and [pair[2:] for pair in circles] == [pair[:2] for pair in circles[::-1]]
    assert all(f">{name}</label>" in html for name in ("WRMF", "BPR", "year", "genre"))
    assert re.findall(r'name="(map\w+-[lc])"', html) == re.findall(r'id="(map\w+-[lc])\d"', html)
    assert html.count(" checked>") == 2, "one of the models, and one of the colours"
    assert re.search(r"-l1:checked ~ svg circle { cx: var\(--x1\); cy: var\(--y1\) }", html)
    assert "WRMF" not in drawn("A", "B", "C").html, "one layout needs no button"


def test_it_has_words_for_those_who_do_not_see_it_and_no_script():
    bundle = drawn("A", "B", "C")._repr_mimebundle_()
    assert bundle["text/plain"] == FINDING and f'aria-label="{FINDING}"' in bundle["text/html"]
    assert "<script" not in bundle["text/html"] and "http" not in bundle["text/html"]


def test_two_maps_on_a_page_have_buttons_of_their_own():
    first, second = drawn("A", "B", "C").html, drawn("A", "B", "D").html
    assert first.partition('name="')[2][:11] != second.partition('name="')[2][:11]


@pytest.mark.parametrize(
    ("texts", "colours", "n_placed", "message"),
    [
        (["A", "B"], {"year": ["red"] * 3}, 3, "texts: 2 for 3 points"),
        (["A", "B", "C"], {"year": ["red"]}, 3, "year: 1 for 3 points"),
        (["A", "B", "C"], {"year": ["red"] * 3}, 2, "BPR: 2 for 3 points"),
    ],
)
def test_one_text_and_one_colour_for_each_point_or_it_says_what_is_missing(texts, colours, n_placed, message):
    with pytest.raises(ValueError, match=message):
        HoverMap({"WRMF": POINTS, "BPR": POINTS[:n_placed]}, texts, colours, FINDING)


def test_what_is_not_known_is_grey():
    assert colours_of_groups(["War", "", "War"])[1] == "#BBBBBB"
    by_year = colours_of_years(np.array([1990.0, np.nan, 2000.0]))
    assert by_year[1] == "#BBBBBB" and by_year[0] != by_year[2]


def test_the_text_of_a_film_names_its_three_nearest_by_each_model():
    nearest = np.array([[1, 2, 3, 4]] * 5)
    texts = film_texts(list("ABCDE"), ["War"] * 5, np.arange(5), {"WRMF": nearest, "BPR": nearest[:, ::-1]})
    assert texts[2].split("\n") == ["C", "War", "2 likes", "near, by WRMF: B; C; D", "near, by BPR: E; D; C"]
