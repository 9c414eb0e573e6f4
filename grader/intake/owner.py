"""Who handed a file in, and when, as its path in a download says?

Learning platforms write both into names, each in its way (`PLATFORMS`). Elsewhere a folder or a file is
named after a student, somehow. A student chooses the names below that: the outermost that names somebody
decides, and where two folders name two people a person has to.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from grader.intake.platforms import PLATFORMS, named_by, order_in, time_in
from grader.people import ClassList, Words, tells, words_of
from grader.shown_text import printable

# What a browser, a file manager and Jupyter add to the name of a second file.
_COPY = re.compile(r"(?:[-_ ]*\((?P<number>\d+)\)|-Copy\d+|[-_ ]+(?:copy|Kopie)(?: \d+)?)$", re.IGNORECASE)


@dataclass(frozen=True)
class Owner:
    """Whose a file is.

    Attributes
    ----------
    student : str
        The id in the class list; empty if nobody's for certain.
    problem : str
        Why nobody's.
    root : tuple of str
        What all files have in common that were handed in with it.
    rest : tuple of str
        Its path below that, as the student wrote it.
    platform : str
        Which learning platform wrote the name; empty if a person did.
    time : datetime or None
        When it was handed in, as the name says.
    order : int or None
        A number that is higher for what was handed in later: Canvas's of the file, or the time of an attempt
        where the platform does not say in which zone.
    time_problem : str
        Why that is not known, though the name says something.
    is_late : bool
        Whether the platform says that it was late.
    """

    student: str
    root: tuple[str, ...]
    rest: tuple[str, ...]
    problem: str = ""
    platform: str = ""
    time: datetime | None = None
    time_problem: str = ""
    order: int | None = None
    is_late: bool = False


def owner_of(parts: Sequence[str], people: ClassList, ignored: Sequence[Words]) -> Owner:
    """Whose the file at a path is.

    Parameters
    ----------
    parts : sequence of str
        The path in the source.
    people : ClassList
        The class.
    ignored : sequence of tuple of str
        The words of the units' and notebooks' names, which stand for nobody.
    """
    parts = tuple(parts)
    for place, part in enumerate(parts):
        for platform, pattern in PLATFORMS.items():
            if matched := pattern.fullmatch(part):
                return _by_platform(parts, place, platform, matched, people)
        found = _whole(parts, place, people)
        if not found and (found := people.named_within(_stem(parts, place), ignored)):
            if other := _closer(_stem(parts, place), found, people):
                return _nobody(parts, other)
        if found:
            nobody = _contradicted(parts, place, found, people, ignored)
            return nobody or _decided(parts, place, found, people)
    close = next((f" (is it {each}?)" for part in parts if (each := people.close_to(_base(part)))), "")
    return _nobody(
        parts,
        f"nothing in its path names anybody in the class list{close}: add them with `course students`, or "
        "say with --names whose it is",
    )


def _contradicted(
    parts: tuple[str, ...], first: int, found: set[str], people: ClassList, ignored: Sequence[Words]
) -> Owner | None:
    """Nobody, if a name further in means somebody else: a student may have chosen it.

    A unit's name, or a letter or two, may be somebody's id, and still says nothing about a file.
    """
    for place in range(first + 1, len(parts)):
        matches = ((platform, pattern.fullmatch(parts[place])) for platform, pattern in PLATFORMS.items())
        named = next((named_by(platform, each["name"], people) for platform, each in matches if each), set())
        stem = words_of(_COPY.sub("", _stem(parts, place)))
        if not named and stem not in ignored and tells(stem):
            named = _whole(parts, place, people)
        if named and not named & found:
            names = f"'{printable(parts[first])}' and '{printable(parts[place])}'"
            return _nobody(parts, f"{names} are the names of different people: say whose it is")
    return None


def _closer(text: str, found: set[str], people: ClassList) -> str:
    """Why a name may be somebody else's: ``Anna Schmitt`` is not Anna, but almost Anna Schmidt."""
    meant = people.close_to(text)
    if meant is None or meant.id in found:
        return ""
    return (
        f"'{printable(text)}' holds a name of {_list(found, people)}, and is almost one of "
        f"{printable(str(meant))}: say whose it is"
    )


def copy_number(name: str) -> int | None:
    """The number that a browser gave to a file that it saved again, such as 1 in ``als (1).ipynb``."""
    found = _COPY.search(os.path.splitext(name)[0])
    return int(found["number"]) if found and found["number"] else None


def _by_platform(
    parts: tuple[str, ...], place: int, platform: str, found: re.Match[str], people: ClassList
) -> Owner:
    groups = found.groupdict()
    named = named_by(platform, groups["name"], people)
    if number := groups.get("user"):
        by_number = people.by_number(number)
        if by_number and named and not by_number & named:
            return _nobody(
                parts,
                f"Canvas's number {number} is that of {_list(by_number, people)}, and the name that of "
                f"{_list(named, people)}: correct the class list",
            )
        named = by_number or named
    below = parts[place + 1 :]
    rest = (groups["rest"], *below) if groups.get("rest") else below
    owner = _decided(parts, place, named, people, groups["name"])
    time, time_problem = time_in(groups.get("time"))
    # Several files of the same person stand side by side, each with the name in front.
    root = (*parts[:place], "", owner.student) if groups.get("rest") else parts[: place + 1]
    return Owner(
        owner.student,
        root,
        rest or (parts[-1],),
        owner.problem,
        platform,
        time,
        time_problem,
        order_in(groups),
        bool(groups.get("late")),
    )


def _whole(parts: tuple[str, ...], place: int, people: ClassList) -> set[str]:
    stem = _stem(parts, place)
    # An id may end as a copy does.
    return people.named(parts[place]) or people.named(stem) or people.named(_COPY.sub("", stem))


def _stem(parts: tuple[str, ...], place: int) -> str:
    """The name without its suffix, if it is that of a file or an archive."""
    stem, suffix = os.path.splitext(parts[place])
    return stem if place == len(parts) - 1 or suffix.lower() == ".zip" else parts[place]


def _decided(parts: tuple[str, ...], place: int, found: set[str], people: ClassList, clue: str = "") -> Owner:
    clue = clue or parts[place]
    if not found:
        return _nobody(parts, _unknown(clue, people))
    if len(found) > 1:
        return _nobody(
            parts,
            f"'{printable(clue)}' fits {_list(found, people)}: put it into submitted/<id>/<unit>/ of the "
            "right one",
        )
    (student,) = found
    # Files that lie side by side, each named after somebody, belong together by the name alone.
    is_file = place == len(parts) - 1
    root = (*parts[:place], "", student) if is_file else parts[: place + 1]
    return Owner(student, root, parts[place:] if is_file else parts[place + 1 :])


def _nobody(parts: tuple[str, ...], problem: str) -> Owner:
    return Owner("", parts[:1], parts[1:] or parts, problem)


def _unknown(clue: str, people: ClassList) -> str:
    close = people.close_to(clue)
    meant = f" (is it {close}?)" if close else ""
    return (
        f"nobody in the class list is called '{printable(clue)}'{meant}: add them with `course students`, or "
        "say with --names who it is"
    )


def _base(part: str) -> str:
    return os.path.splitext(part)[0]


def _list(ids: set[str], people: ClassList) -> str:
    return " and ".join(printable(str(people[id])) for id in sorted(ids))
