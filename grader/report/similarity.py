"""Which pairs of answers share what neither the lesson nor the class explains?

Answers are compared as sequences of tokens, in overlapping stretches of `STRETCH` tokens (the k-grams of
winnowing, all of them, as answers are short). Comments, layout and strings do not count. All names that
students made up count as the same name, so that renaming hides nothing. Stretches do not count if they occur
in what was handed out or in the reference solutions, or if many students have them.
"""

from __future__ import annotations

import builtins
import keyword
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from pygments.lexers import PythonLexer
from pygments.token import Comment, String, Text
from scipy.sparse import csr_array

from grader.report.gather import ClassOfUnit

STRETCH = 10  # tokens
# A stretch that more have than this share of the class (and more than this number) is common knowledge.
COMMON_SHARE, COMMON_NUMBER = 0.1, 2
# A pair is shown if it shares at least so many stretches, and at least this share of the smaller answer's.
FEWEST_SHARED, LEAST_SHARE = 15, 0.5
MOST_PAIRS = 30
# Longer ones are no answers; without a bound one student could slow the report.
LONGEST = 50_000  # characters
OWN_NAME = "·"


@dataclass(frozen=True)
class Pair:
    """Two students whose answers are alike.

    Attributes
    ----------
    first, second : str
        Their ids.
    share : float
        Stretches that both have, as a share of the smaller one's own, in [0, 1].
    shared : int
        How many those are.
    answers : tuple of str
        Grade ids of the answers that share any, most of them first.
    """

    first: str
    second: str
    share: float
    shared: int
    answers: tuple[str, ...]


def similar_pairs(classroom: ClassOfUnit) -> list[Pair]:
    """Suspiciously similar pairs, the most similar first; at most `MOST_PAIRS`.

    Every pair is a reason to look at both answers, and proves nothing.
    """
    known = known_names(classroom)
    given = {
        stretch
        for source in [*classroom.given, *classroom.reference]
        for stretch in stretches(without_own_names(tokens(source), known))
    }
    owned = [
        {
            (name, stretch)
            for name, source in work.answers.items()
            for stretch in stretches(without_own_names(tokens(source), known))
        }
        for work in classroom.works
    ]
    holders = Counter(stretch for mine in owned for stretch in mine)
    common = max(COMMON_NUMBER, COMMON_SHARE * len(owned))
    rare = [key for key, count in holders.items() if 2 <= count <= common and key[1] not in given]
    own_sizes = [sum(holders[key] <= common and key[1] not in given for key in mine) for mine in owned]
    return _pairs(classroom, owned, rare, own_sizes)


def _pairs(
    classroom: ClassOfUnit, owned: list[set], rare: list[tuple[str, tuple]], own_sizes: list[int]
) -> list[Pair]:
    if not rare:
        return []
    column = {key: number for number, key in enumerate(rare)}
    places = [(row, column[key]) for row, mine in enumerate(owned) for key in mine if key in column]
    rows, columns = np.array(places).T
    has = csr_array((np.ones(len(rows), dtype=np.int64), (rows, columns)), shape=(len(owned), len(rare)))
    both = (has @ has.T).tocoo()
    found = []
    for first, second, shared in zip(*both.coords, both.data, strict=True):
        smaller = min(own_sizes[first], own_sizes[second])
        if first < second and shared >= FEWEST_SHARED and shared / smaller >= LEAST_SHARE:
            names = Counter(name for name, _ in owned[first] & owned[second] & column.keys())
            found.append(
                Pair(
                    classroom.works[first].student,
                    classroom.works[second].student,
                    float(shared / smaller),
                    int(shared),
                    tuple(name for name, _ in names.most_common()),
                )
            )
    return sorted(found, key=lambda pair: (-pair.share, -pair.shared))[:MOST_PAIRS]


def known_names(classroom: ClassOfUnit) -> set[str]:
    """The names that nobody made up: Python's own, and those of what was handed out."""
    return set(dir(builtins)) | {token for source in classroom.given for token in tokens(source)}


def tokens(source: str) -> list[str]:
    """Python's tokens in the source, without comments, layout and the text of strings."""
    found: list[str] = []
    for kind, text in PythonLexer().get_tokens(source[:LONGEST]):
        if kind in Comment or kind in Text or not text.strip():
            continue
        if kind in String:
            if not found or found[-1] != '""':
                found.append('""')
        else:
            found.append(text.strip())
    return found


def without_own_names(found: list[str], known: set[str]) -> list[str]:
    """The tokens, with names that somebody made up replaced by one and the same.

    Names of the lesson and of Python stay, and so do those after a dot: they are a library's.
    """
    return [
        OWN_NAME
        if token.isidentifier() and token not in known and not keyword.iskeyword(token) and before != "."
        else token
        for before, token in pairwise(["", *found])
    ]


def stretches(found: list[str]) -> list[tuple[str, ...]]:
    """All runs of `STRETCH` tokens."""
    return [tuple(found[start : start + STRETCH]) for start in range(len(found) - STRETCH + 1)]
