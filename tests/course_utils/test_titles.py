"""Films are found by what people type, and what is not found is met with help."""

from __future__ import annotations

import pytest

from course_utils.data.titles import find_titles, shown_title

TITLES = [
    "Matrix, The (1999)",
    "Amelie (Fabuleux destin d'Amélie Poulain, Le) (2001)",
    "WALL·E (2008)",
    "Hamlet (1996)",
    "Hamlet (1948)",
    "Maltese Falcon, The (1941)",
    "Maltese Falcon, The (a.k.a. Dangerous Female) (1931)",
    "Stranger Things",
    "Seven (a.k.a. Se7en) (1995)",
    "Hate (Haine, La) (1995)",
    "Misérables, Les (2012)",
    "Schindler's List (1993)",
    "Avventura, L' (1960)",
    "Emma (1996)",
    "Emma (1996)",
    "Star Wars: Episode IV - A New Hope (1977)",
    "Star Maps (1997)",
]


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("Matrix, The (1999)", 0),
        ("the matrix", 0),
        ("The Matrix (1999)", 0),
        ("  AMELIE ", 1),
        ("Amelie (2001)", 1),
        ("Wall-E", 2),
        ("Hamlet (1948)", 4),
        ("The Maltese Falcon (1941)", 5),
        ("The Maltese Falcon (1931)", 6),
        ("stranger things", 7),
        ("se7en", 8),
        ("La Haine", 9),
        ("les miserables", 10),
        ("Schindlers List", 11),
        ("L'Avventura", 12),
        ("Emma", 13),  # the catalogue has it twice
    ],
)
def test_case_accents_punctuation_article_other_names_and_a_needless_year_do_not_matter(typed, place):
    assert find_titles([typed], TITLES) == [place]


def test_what_is_not_there_is_met_with_what_is_close():
    with pytest.raises(ValueError, match=r"No film is called 'Matrx'. Did you mean .*'Matrix, The \(1999\)'"):
        find_titles(["the matrix", "Matrx"], TITLES)
    with pytest.raises(ValueError, match="Try another film"):
        find_titles(["xqzxqz"], TITLES)
    with pytest.raises(
        ValueError, match=r"Did you mean 'Star Wars: Episode IV - A New Hope \(1977\)', 'Star M"
    ):
        find_titles(["Star Wars"], TITLES)
    with pytest.raises(ValueError, match="Try another film"):
        find_titles([""], TITLES)


def test_films_of_one_name_are_told_apart_by_their_years():
    with pytest.raises(ValueError, match=r"write one of 'Hamlet \(1996\)', 'Hamlet \(1948\)'"):
        find_titles(["Hamlet"], TITLES)
    with pytest.raises(ValueError, match=r"'Maltese Falcon, The \(1941\)', 'Maltese Falcon, The \(a.k.a."):
        find_titles(["The Maltese Falcon"], TITLES)


def test_a_film_is_named_once():
    with pytest.raises(ValueError, match="named twice"):
        find_titles(["the matrix", "Wall-E", "The Matrix (1999)"], TITLES)


def test_a_title_is_shown_as_people_say_it():
    shown = [shown_title(title) for title in TITLES[:3] + ["Stranger Things", "Avventura, L' (1960)"]]
    assert shown == [
        "The Matrix (1999)",
        "Amelie (2001)",
        "WALL·E (2008)",
        "Stranger Things",
        "L'Avventura (1960)",
    ]
