"""Find films by the titles that people type."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from difflib import get_close_matches

YEAR = re.compile(r"\s*\((\d{4})(?:[–-]\d{0,4})?\)\s*$")
# Other names stand in brackets: "Seven (a.k.a. Se7en) (1995)", "Hate (Haine, La) (1995)".
OTHER_NAME = re.compile(r"\s*\((?:a\.k\.a\. )?([^)]*)\)")
# In MovieLens an article stands last: "Matrix, The (1999)".
ARTICLE_LAST = re.compile(r"^(.*), (the|a|an|le|la|les|l'|il|der|die|das|el)$", re.IGNORECASE)

Places = dict[str, list[int]]


def find_titles(wanted: Sequence[str], titles: Sequence[str]) -> list[int]:
    """Positions of films in a list of titles.

    Case, accents, punctuation and the place of the article do not matter: "the matrix" finds
    "Matrix, The (1999)". The year may be left out where only one film has the name. Names in brackets may be
    left out, too, or stand for the film: "La Haine" finds "Hate (Haine, La) (1995)".

    Parameters
    ----------
    wanted : sequence of str
        What somebody typed, each a film.
    titles : sequence of str
        The titles there are, as in `Dataset.items`. Of equal ones (MovieLens lists a few films twice) the
        first counts.

    Returns
    -------
    list of int
        For each of `wanted`, where it stands in `titles`.

    Raises
    ------
    ValueError
        If a title is not there (the message names the closest ones), if several films have it, or if a film
        is named twice.
    """
    # Each table by name and by name and year: titles as they are, without brackets, and what is in brackets.
    tables: tuple[Places, Places, Places] = (defaultdict(list), defaultdict(list), defaultdict(list))
    whole, short, other = tables
    for place, title in enumerate(titles):
        name, year = _name_and_year(title)
        in_front = YEAR.sub("", title)
        forms = [(whole, name), (short, plain_name(OTHER_NAME.sub("", in_front)))]
        for table, form in forms + [(other, plain_name(alias)) for alias in OTHER_NAME.findall(in_front)]:
            table[form].append(place)
            if year:
                table[f"{form} {year}"].append(place)
    found = [_find(title, tables, titles) for title in wanted]
    for number, place in enumerate(found):
        if place in found[:number]:
            raise ValueError(f"{titles[place]!r} is named twice in your list: name each film once.")
    return found


def _find(title: str, tables: tuple[Places, Places, Places], titles: Sequence[str]) -> int:
    whole, short, other = tables
    name, year = _name_and_year(title)
    asked = f"{name} {year}".strip()
    if year:  # the film's own title comes before one that has more in brackets
        matches = whole.get(asked) or short.get(asked) or other.get(asked, [])
    else:
        matches = [*whole.get(asked, []), *short.get(asked, [])] or other.get(asked, [])
    choice = list(dict.fromkeys(titles[place] for place in sorted(matches)))
    if len(choice) == 1:
        return min(matches)
    if choice:
        raise ValueError(f"Several films are called {title!r}: write one of {_listed(choice)}.")
    close = [titles[place] for place in _close_places(name, short)]
    advice = f"Did you mean {_listed(close)}? Copy one of them." if close else "Try another film."
    raise ValueError(f"No film is called {title!r}. {advice}")


def _close_places(name: str, short: Places) -> list[int]:
    """At most eight films whose names begin with this one, hold it, or are similar to it."""
    holding = [known for known in short if name and f" {name} " in f" {known} "]
    holding.sort(key=lambda known: not known.startswith(name))  # stable: else in the order of the catalogue
    names = holding[:6] + get_close_matches(name, short, n=5) + holding[6:]
    return list(dict.fromkeys(place for known in names for place in short[known]))[:8]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names))


def _name_and_year(title: str) -> tuple[str, str]:
    year = YEAR.search(title)
    return plain_name(YEAR.sub("", title)), year.group(1) if year else ""


def plain_name(name: str) -> str:
    """A name in lower case, its article in front, without accents and punctuation."""
    letters = unicodedata.normalize("NFKD", _article_in_front(name.strip()).casefold())
    letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.findall(r"\w+", re.sub(r"['’](?=[st]\b)", "", letters)))


def _article_in_front(name: str) -> str:
    parts = ARTICLE_LAST.match(name)
    if not parts:
        return name
    rest, article = parts.groups()
    return article + rest if article.endswith("'") else f"{article} {rest}"


def shown_title(title: str) -> str:
    """A title as people say it: "Matrix, The (1999)" is "The Matrix (1999)"; no other names in brackets.

    Parameters
    ----------
    title : str
        A title as in `Dataset.items`.

    Returns
    -------
    str
    """
    year = YEAR.search(title)
    name = _article_in_front(OTHER_NAME.sub("", YEAR.sub("", title)).strip())
    return f"{name} ({year.group(1)})" if year else name
