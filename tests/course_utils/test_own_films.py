"""The reader's own films: a file that is theirs, a form, and a stand-in where there are none."""

from __future__ import annotations

import pytest

from course_utils.data import load
from course_utils.data.own_films import FILE, STAND_IN, own_films, own_likes, own_ratings, save_own_films
from course_utils.notebook.rate_films import rate_films, rating_form


def test_what_is_saved_is_read_again_and_edited_files_are_read_too(tmp_path):
    films = {"Crouching Tiger, Hidden Dragon (2000)": 4.5, 'The "Burbs": Amélie (2001)': 0.5}
    assert save_own_films(films, tmp_path) == tmp_path / FILE
    assert own_films(tmp_path) == (films, f"your 2 films ({FILE})")
    (tmp_path / FILE).write_bytes("\ufefftitle,stars\r\nAlien (1979), 4\r\n\r\n".encode())
    assert own_films(tmp_path)[0] == {"Alien (1979)": 4.0}
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_without_a_file_the_stand_in_has_ten_films_of_the_data_set(tmp_path):
    stars, whose = own_films(tmp_path)
    assert stars == STAND_IN and whose.startswith("a stand-in's 10 films")
    stars.clear()  # a copy
    items, values, whose = own_ratings(load("ml-latest-small").items["title"].tolist(), tmp_path)
    assert len(items) == len(set(items)) == 10 and values == list(STAND_IN.values())
    assert "left out" not in whose


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("Alien (1979),7\n", r"line 1: '7' is no rating"),
        ("title,stars\nAlien (1979),nan\n", r"line 2: 'nan' is no rating"),
        ("Alien (1979),4,yes\n", r"line 1 has 3 columns"),
        ("Alien (1979)\n", r"line 1 has 1 columns"),
        ("Alien (1979),4\nAlien (1979),5\n", r"line 2: 'Alien \(1979\)' is rated twice"),
        ("title,stars\n", "holds no films"),
    ],
)
def test_a_line_that_is_no_rating_is_named(tmp_path, lines, says):
    (tmp_path / FILE).write_text(lines)
    with pytest.raises(ValueError, match=says):
        own_films(tmp_path)


def test_a_film_that_the_data_set_does_not_have_is_named_and_the_others_count(tmp_path):
    save_own_films({"Alien (1979)": 4.0, "Allien 7": 2.0}, tmp_path)
    items, stars, whose = own_ratings(["Heat (1995)", "Alien (1979)"], tmp_path)
    assert (items, stars) == ([1], [4.0]) and "left out: No film is called 'Allien 7'" in whose
    with pytest.raises(ValueError, match="None of your 2 films"):
        own_ratings(["Heat (1995)"], tmp_path)


def test_likes_are_the_films_with_four_stars_or_more_in_ascending_order(tmp_path):
    save_own_films({"Jaws (1975)": 4.5, "Heat (1995)": 3.5, "Alien (1979)": 4.0}, tmp_path)
    liked, rated, whose = own_likes(["Alien (1979)", "Heat (1995)", "Jaws (1975)"], tmp_path)
    assert (liked.tolist(), rated.tolist()) == ([0, 2], [2, 1, 0])
    assert whose == f"your 3 films ({FILE}), 2 of them liked"
    save_own_films({"Heat (1995)": 3.5}, tmp_path)
    with pytest.raises(ValueError, match=r"None of your 1 films .* has 4 stars or more"):
        own_likes(["Heat (1995)"], tmp_path)


def test_stars_that_are_none_are_not_saved(tmp_path):
    with pytest.raises(ValueError, match="6 stars"):
        save_own_films({"Alien (1979)": 6}, tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_form_saves_what_was_chosen_and_keeps_what_it_does_not_show(tmp_path):
    widgets = pytest.importorskip("ipywidgets")
    form = rating_form(
        widgets, ["Alien (1979)", "Heat (1995)"], {"Jaws (1975)": 3.0, "Heat (1995)": 2.0}, tmp_path
    )
    first, second, button, told = form.children
    assert (first.value, second.value) == (None, 2.0)
    first.value, second.value = 4.5, None
    button.click()
    assert own_films(tmp_path)[0] == {"Jaws (1975)": 3.0, "Alien (1979)": 4.5}
    assert told.value.startswith("2 films saved")


def test_without_a_kernel_a_table_is_shown_and_nothing_is_written(tmp_path, capsys):
    rate_films(["Matrix, The (1999)"], tmp_path)
    said = capsys.readouterr().out
    assert "The Matrix (1999),4.5" in said and "Toy Story (1995)" in said and "stand-in" in said
    assert not list(tmp_path.iterdir())
