"""Sliders: they are there where somebody can move them, and the picture follows with its words."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest

from course_utils.plots.sliders import WATCHED, play, sliders


@pytest.fixture(autouse=True)
def nobody_watches(monkeypatch):
    plt.switch_backend("agg")
    for variable in WATCHED:
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def shown(monkeypatch):
    seen = []
    monkeypatch.setattr("course_utils.plots.sliders.display", seen.append)
    return seen


def draw(size, colour="red"):
    plt.plot([0, size], color=colour)
    return f"A {colour} line that rises from 0 to {size}, in axes without anything else."


def test_where_nobody_can_move_them_there_are_none_and_nothing_is_drawn(shown):
    play(lambda size: pytest.fail("drawn for nobody"), size=[1, 2])
    assert shown == []


@pytest.mark.parametrize("variable", WATCHED)
def test_in_an_open_notebook_there_is_a_slider_for_each_setting(shown, monkeypatch, variable):
    monkeypatch.setenv(variable, "a notebook")
    play(draw, size=[1, 2], colour=["red", "blue"])
    (box,) = shown
    assert [child.description for child in box.children[:-1]] == ["size", "colour"]


def test_the_picture_follows_with_its_words_and_no_figure_stays_open():
    *controls, place = sliders(draw, size=[1, 2], colour=["red", "blue"]).children
    first = place.value
    assert 'alt="A red line that rises from 0 to 1,' in first
    controls[0].value = 2
    controls[1].value = "blue"
    assert 'alt="A blue line that rises from 0 to 2,' in place.value
    assert place.value.partition("base64")[2] != first.partition("base64")[2]
    assert plt.get_fignums() == []


def test_a_setting_without_values_is_refused_by_name_whoever_watches():
    with pytest.raises(ValueError, match="size has no values"):
        play(draw, size=[])
