"""Find films by the titles that people type."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from difflib import get_close_matches

# In MovieLens an article stands last: "Matrix, The (1999)".
YEAR = re.compile(r"\s*\((\d{4})(?:[–-]\d{0,4})?\)\s*$")
ALSO_KNOWN_AS = re.compile(r"\s*\([^)]*\)")
ARTICLE_LAST = re.compile(r"^(.*), (the|a|an|le|la|les|l'|il|der|die|das|el)$", re.IGNORECASE)

Places = dict[str, list[int]]


def find_titles(wanted: Sequence[str], titles: Sequence[str]) -> list[int]:
    """Positions of films in a list of titles.

    Case, punctuation and the place of the article do not matter: "the matrix" finds "Matrix, The (1999)". The
    year may be left out where it is not needed, and so may other titles in brackets.

    Parameters
    ----------
    wanted : sequence of str
        What somebody typed, each a film.
    titles : sequence of str
        The titles there are, as in `Dataset.items`.

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
    # Whole titles, and titles without what stands in brackets; the former come first.
    whole, short = defaultdict(list), defaultdict(list)
    for place, title in enumerate(titles):
        for places, form in ((whole, title), (short, shown_title(title))):
            name, year = _name_and_year(form)
            places[name].append(place)
            places[f"{name} {year}"].append(place)
    found = [_find(title, whole, short, titles) for title in wanted]
    for number, place in enumerate(found):
        if place in found[:number]:
            raise ValueError(f"{titles[place]!r} is named twice in your list: name each film once.")
    return found


def _find(title: str, whole: Places, short: Places, titles: Sequence[str]) -> int:
    name, year = _name_and_year(title)
    asked = f"{name} {year}".strip()
    matches = whole.get(asked) or short.get(asked, [])
    if len(matches) == 1:
        return matches[0]
    if matches:
        choice = ", ".join(repr(titles[place]) for place in matches)
        raise ValueError(f"Several films are called {title!r}: write one of {choice}.")
    holding = [place for known, hits in short.items() if name and name in known for place in hits]
    similar = [place for known in get_close_matches(name, short, n=5) for place in short[known]]
    close = list(dict.fromkeys(similar + holding))[:5]
    advice = "Try another film."
    if close:
        advice = f"Did you mean {', '.join(repr(titles[place]) for place in close)}? Copy one of them."
    raise ValueError(f"No film is called {title!r}. {advice}")


def _name_and_year(title: str) -> tuple[str, str]:
    year = YEAR.search(title)
    return _plain(YEAR.sub("", title)), year.group(1) if year else ""


def _plain(name: str) -> str:
    """A name in lower case, its article in front, without punctuation."""
    name = ARTICLE_LAST.sub(r"\2 \1", name.casefold().strip())
    return " ".join(re.findall(r"\w+", name))


def shown_title(title: str) -> str:
    """A title as people say it: "Matrix, The (1999)" is "The Matrix (1999)"; no other titles in brackets.

    Parameters
    ----------
    title : str
        A title as in `Dataset.items`.

    Returns
    -------
    str
    """
    year = YEAR.search(title)
    name = ALSO_KNOWN_AS.sub("", YEAR.sub("", title)).strip()
    article = ARTICLE_LAST.match(name)
    if article:
        name = f"{article.group(2)} {article.group(1)}"
    return f"{name} ({year.group(1)})" if year else name
