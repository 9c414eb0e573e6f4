"""Which films has the reader rated, and where does that stand? In a file of two columns that is theirs."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from course_utils.data.titles import find_titles

FILE = "my_films.csv"
STARS = [half / 2 for half in range(1, 11)]
LIKED = 4.0  # stars, as in the units that learn from likes
# Who stands in for a reader that has rated nothing: somebody who likes animated films, and no horror.
STAND_IN = {
    "Toy Story (1995)": 5.0,
    "Finding Nemo (2003)": 5.0,
    "The Lion King (1994)": 4.5,
    "Shrek (2001)": 4.5,
    "Babe (1995)": 4.0,
    "E.T. the Extra-Terrestrial (1982)": 4.0,
    "Jurassic Park (1993)": 3.0,
    "Pulp Fiction (1994)": 2.0,
    "The Silence of the Lambs (1991)": 1.5,
    "Alien (1979)": 1.0,
}


def own_films(folder: Path | str = "..") -> tuple[dict[str, float], str]:
    """Titles and stars of the reader's films, and whose they are.

    Parameters
    ----------
    folder : path
        Where `my_films.csv` lies: above the folder of the unit, so that all units find it.

    Returns
    -------
    stars : dict of str to float
        Title to stars; those of a stand-in, where there is no file.
    whose : str
        For a heading: "your 10 films (my_films.csv)", or "a stand-in's 10 films".

    Raises
    ------
    ValueError
        If a line of the file is no title and stars from 0.5 to 5; the message names file and line.
    """
    path = Path(folder) / FILE
    if not path.exists():
        return dict(STAND_IN), f"a stand-in's {len(STAND_IN)} films (there is no {FILE} yet)"
    stars: dict[str, float] = {}
    # "utf-8-sig": some spreadsheets put a mark in front of the first word.
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.reader(file), start=1):
            if not any(cell.strip() for cell in row) or [cell.strip() for cell in row] == ["title", "stars"]:
                continue
            title = _title_of(row, path, number, stars)
            stars[title] = _stars_of(row, path, number)
    if not stars:
        raise ValueError(f"{path} holds no films: rate some in unit 01, or remove the file.")
    return stars, f"your {len(stars)} films ({FILE})"


def _title_of(row: Sequence[str], path: Path, number: int, before: Mapping[str, float]) -> str:
    if len(row) != 2:
        raise ValueError(
            f"{path}, line {number} has {len(row)} columns: write a title and stars, with a comma between "
            "them, and a title that has a comma in quotes."
        )
    if row[0].strip() in before:
        raise ValueError(f"{path}, line {number}: {row[0].strip()!r} is rated twice. Keep one of the lines.")
    return row[0].strip()


def _stars_of(row: Sequence[str], path: Path, number: int) -> float:
    try:
        stars = float(row[1])
    except ValueError:
        stars = 0.0
    if stars not in STARS:
        raise ValueError(f"{path}, line {number}: {row[1]!r} is no rating. Write 0.5, 1, 1.5 … 5.")
    return stars


def save_own_films(stars: Mapping[str, float], folder: Path | str = "..") -> Path:
    """Write the reader's films to `my_films.csv`; a file that is there is replaced as a whole.

    Parameters
    ----------
    stars : mapping of str to float
        Title to stars, from 0.5 to 5 in halves.
    folder : path
        See `own_films`.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ValueError
        If a rating is none of these; nothing is written then.
    """
    for title, value in stars.items():
        if value not in STARS:
            raise ValueError(f"{title!r} has {value!r} stars: give 0.5, 1, 1.5 … 5.")
    path = Path(folder) / FILE
    beside = path.with_suffix(".new")
    with beside.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["title", "stars"])
        writer.writerows((title, f"{value:g}") for title, value in stars.items())
    beside.replace(path)  # at once: a file is never half written
    return path


def own_ratings(titles: Sequence[str], folder: Path | str = "..") -> tuple[list[int], list[float], str]:
    """The reader's films as item codes and stars.

    Parameters
    ----------
    titles : sequence of str
        Title of each item code, as in `Dataset.items`.
    folder : path
        See `own_films`.

    Returns
    -------
    items : list of int
    stars : list of float
    whose : str
        See `own_films`. Films of the file that this data set does not have are named here: none is left
        out without a word.

    Raises
    ------
    ValueError
        If a line of the file is wrong, or if none of the films is in `titles`.
    """
    films, whose = own_films(folder)
    found: dict[int, float] = {}
    missing = []
    for title, value in films.items():
        try:
            found[find_titles([title], titles)[0]] = value
        except ValueError as error:
            missing.append(str(error))
    if not found:
        raise ValueError(f"None of {whose} is among the titles. {missing[0]}")
    left_out = f"; left out: {' '.join(missing)}" if missing else ""
    return list(found), list(found.values()), whose + left_out


def own_likes(titles: Sequence[str], folder: Path | str = "..") -> tuple[np.ndarray, np.ndarray, str]:
    """The films that the reader likes, with 4 stars or more, for models that know likes alone.

    Parameters
    ----------
    titles, folder
        See `own_ratings`.

    Returns
    -------
    liked : array of int
        Their item codes, in ascending order.
    rated : array of int
        The codes of all films that the reader has rated: what need not be recommended any more.
    whose : str
        See `own_ratings`, with the number of likes.

    Raises
    ------
    ValueError
        As `own_ratings` does, and if no film has 4 stars or more: there is no like to learn from.
    """
    items, stars, whose = own_ratings(titles, folder)
    rated = np.array(items)
    liked = np.sort(rated[np.array(stars) >= LIKED])
    if not len(liked):
        raise ValueError(
            f"None of {whose} has {LIKED:g} stars or more: models of likes learn nothing from them. Rate a "
            "film that you like in unit 01."
        )
    return liked, rated, f"{whose}, {len(liked)} of them liked"
