"""Which person of a class does a name stand for, however it is spelled?

Class lists, learning platforms and people write the same name in many ways: in upper or lower case, with
composed or decomposed letters, with other spaces, the last name first, without the dots of an umlaut. None
of that makes another person. What could be two people is nobody's until a person decides.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from grader.shown_text import printable

Words = tuple[str, ...]

# nbgrader looks folders up with glob, which would take these for patterns and pass over the files in them.
GLOB_CHARACTERS = set("*?[]")
# Formgrader writes a student's id into its pages as it is.
MARKUP = set("<>&\"'")

# Systems take 255 bytes for a name, and what is written for a while has a longer one.
_LONGEST_ID = 200
# A span of more words is nobody's name; a shorter word in a longer name may be anything.
_MOST_WORDS, _SHORTEST, _SHORTEST_NUMBER = 8, 3, 4
# To compare every name with every other takes minutes in a larger class.
_MOST_SUGGESTED = 1_000
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
# What has no decomposition into a letter and a mark.
_PLAIN = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})


@dataclass(frozen=True)
class Person:
    """A line of the class list.

    ``lms_id`` is the number that the learning platform gives; ``aliases`` are names elsewhere, as on GitHub.
    """

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_id: str = ""
    aliases: tuple[str, ...] = ()

    def __str__(self) -> str:
        name = f"{self.first_name} {self.last_name}".strip()
        return f"{name} ({self.id})" if name else self.id


def unfit_id(id: str) -> str:
    """Why an id can be no folder's name, and what to do; empty if it can."""
    if (
        printable(id) != id
        or (GLOB_CHARACTERS | MARKUP | {"/", "\\"}) & set(id)
        or id != id.strip()
        or id.startswith(".")
    ):
        return (
            f"the id '{printable(id)}' of the class list can be no folder's name (it holds one of "
            "* ? [ ] < > & \" ' / \\, a blank at an end or a dot in front): give the person another id"
        )
    if len(id.encode()) > _LONGEST_ID:
        return (
            f"the id '{id[:20]}…' of the class list is longer than {_LONGEST_ID} bytes: "
            "give the person another id"
        )
    return ""


def spelling(text: str) -> str:
    """The text without what makes no difference: case, Unicode form, marks that nobody sees, other spaces."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join("".join(each for each in text if unicodedata.category(each) != "Cf").split())


def words_of(text: str) -> Words:
    """The words of a name, as `spelling` writes them; whatever is no letter or number stands between two."""
    kept = (
        each if each.isalnum() or unicodedata.category(each)[0] == "M" else " " for each in spelling(text)
    )
    return tuple("".join(kept).split())


class ClassList:
    """The people of a class, to be found by what stands for them.

    Parameters
    ----------
    people : iterable of Person
        Each once.
    """

    def __init__(self, people: Iterable[Person]) -> None:
        self.people = tuple(people)
        # From what is certain to what is likely: the first that knows a name decides.
        self._exact: list[tuple[Callable[[str], object], dict[object, set[str]]]] = [
            (read, self._index(write, read)) for write, read in _SPELLINGS
        ]
        self._spans = self._index(_ids_and_names, words_of)
        self._by_id = {person.id: person for person in self.people}

    def __getitem__(self, id: str) -> Person:
        return self._by_id[id]

    def _index(
        self, write: Callable[[Person], Iterator[str]], read: Callable[[str], object]
    ) -> dict[object, set[str]]:
        index = defaultdict(set)
        for person in self.people:
            for text in write(person):
                if key := read(text):
                    index[key].add(person.id)
        return dict(index)

    def named(self, text: str) -> set[str]:
        """The ids of those whom a text names as a whole: several if it fits several alike."""
        for read, index in self._exact:
            if (key := read(text)) and (found := index.get(key)):
                return set(found)
        return set()

    def by_number(self, number: str) -> set[str]:
        """The ids of those who have a number of the learning platform."""
        return {person.id for person in self.people if person.lms_id and person.lms_id == number}

    def named_within(self, text: str, ignored: Sequence[Words] = ()) -> set[str]:
        """The ids of those whose id, address or full name occurs in a longer text, word by word.

        A longer name hides a shorter one in it, as ``Ann Müller`` the student whose id is ``ann``.

        Parameters
        ----------
        text : str
            Such as the name of a file or a repository.
        ignored : sequence of tuple of str
            Words that stand for nobody, such as a unit's name.
        """
        rest: list[str | None] = list(words_of(text))
        for span in sorted(filter(None, ignored), key=len, reverse=True):
            for start in _places(rest, span):
                rest[start : start + len(span)] = [None] * len(span)
        found: set[str] = set()
        for length in range(min(_MOST_WORDS, len(rest)), 0, -1):
            for start in range(len(rest) - length + 1):
                span = tuple(word for word in rest[start : start + length] if word is not None)
                if len(span) == length and tells(span) and span in self._spans:
                    found |= self._spans[span]
                    rest[start : start + length] = [None] * length
        return found

    def close_to(self, text: str) -> Person | None:
        """Who may have been meant by a name that is nobody's; in a very large class, nobody."""
        if len(self.people) > _MOST_SUGGESTED:
            return None
        known = {
            " ".join(words_of(name)): person for person in self.people for name in _ids_and_names(person)
        }
        close = difflib.get_close_matches(" ".join(words_of(text)), known, n=1, cutoff=0.75)
        return known[close[0]] if close else None


def _places(words: Sequence[str | None], span: Words) -> Iterator[int]:
    yield from (n for n in range(len(words) - len(span) + 1) if tuple(words[n : n + len(span)]) == span)


def tells(span: Words) -> bool:
    """Whether words are long enough to be somebody's name wherever they stand."""
    return len(span) > 1 or (
        len(span) == 1 and len(span[0]) >= (_SHORTEST_NUMBER if span[0].isdecimal() else _SHORTEST)
    )


def _ids(person: Person) -> Iterator[str]:
    yield from filter(None, (person.id, person.email, person.lms_id, *person.aliases))


def _names(person: Person) -> Iterator[str]:
    if person.first_name and person.last_name:
        yield f"{person.first_name} {person.last_name}"
        yield f"{person.last_name} {person.first_name}"
    elif name := person.first_name or person.last_name:
        yield name


def _ids_and_names(person: Person) -> Iterator[str]:
    yield from _ids(person)
    if person.first_name and person.last_name:
        yield from _names(person)


def _local_part(person: Person) -> Iterator[str]:
    if "@" in person.email:
        yield person.email.partition("@")[0]


def _in_any_order(text: str) -> Words:
    return tuple(sorted(words_of(text)))


def _together(text: str) -> str:
    """As Canvas writes names: letters and numbers alone."""
    return "".join(words_of(text))


def _without_marks(text: str) -> str:
    plain = unicodedata.normalize("NFD", _together(text).translate(_PLAIN))
    return "".join(each for each in plain if unicodedata.category(each)[0] != "M")


def _german(text: str) -> str:
    return _without_marks(_together(text).translate(_GERMAN))


def number_of(text: str) -> str:
    """A number as spreadsheets leave it: without the zeros in front."""
    return text.strip().lstrip("0") if text.strip().isdecimal() else ""


_SPELLINGS: list[tuple[Callable[[Person], Iterator[str]], Callable[[str], object]]] = [
    (_ids, spelling),
    (_ids, words_of),
    (_names, _in_any_order),
    (_names, _together),
    (_local_part, spelling),
    (_names, _german),
    (_names, _without_marks),
    (_ids, number_of),
]
