"""Which pairs of answers share what neither the lesson nor the class explains?

Answers are compared as sequences of tokens, in overlapping stretches of `STRETCH` tokens (the k-grams of
winnowing, all of them, as answers are short). Comments, layout and strings do not count. All names that
students made up count as the same name, so that renaming hides nothing. Stretches do not count if they occur
in what was handed out or in the reference solutions, or if many students have them.
"""

from __future__ import annotations

import builtins
import keyword
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from pygments.lexers import PythonLexer
from pygments.token import Comment, String, Text
from scipy.sparse import csr_array, triu

from grader.report.gather import ClassOfUnit, Work

STRETCH = 10  # tokens
# A stretch that more have than this share of the class (and more than the first number) is common knowledge.
# So is one that more have than the second: the pairs among its holders would grow with the class's square.
COMMON_SHARE, COMMON_NUMBER, COMMON_AT_MOST = 0.1, 2, 30
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
    owned = [_own_stretches(work, known, given) for work in classroom.works]
    each = [np.concatenate([np.empty(0, np.int64), *mine.values()]) for mine in owned]
    keys, columns, holders = np.unique(
        np.concatenate([np.empty(0, np.int64), *each]), return_inverse=True, return_counts=True
    )
    common = max(COMMON_NUMBER, min(COMMON_SHARE * len(owned), COMMON_AT_MOST))
    rows = np.repeat(np.arange(len(owned)), [len(mine) for mine in each])
    own_sizes = np.bincount(rows[holders[columns] <= common], minlength=len(owned))
    is_shared = (holders >= 2) & (holders <= common)
    rows, columns = rows[is_shared[columns]], columns[is_shared[columns]]
    has = csr_array((np.ones(len(rows), np.int64), (rows, columns)), shape=(len(owned), len(keys)))
    both = triu(has @ has.T, k=1).tocoo()
    firsts, seconds = both.coords
    shares = both.data / np.minimum(own_sizes[firsts], own_sizes[seconds])
    alike = np.flatnonzero((both.data >= FEWEST_SHARED) & (shares >= LEAST_SHARE))
    order = np.lexsort((seconds[alike], firsts[alike], -both.data[alike], -shares[alike]))
    return [
        Pair(
            classroom.works[firsts[place]].student,
            classroom.works[seconds[place]].student,
            float(shares[place]),
            int(both.data[place]),
            _shared_answers(owned[firsts[place]], owned[seconds[place]], keys[is_shared]),
        )
        for place in alike[order][:MOST_PAIRS]
    ]


def _own_stretches(work: Work, known: set[str], given: set[tuple[str, ...]]) -> dict[str, np.ndarray]:
    """The different stretches of each answer that were not given, as numbers: those of a class need room."""
    return {
        name: np.array(
            [
                hash((name, stretch))
                for stretch in set(stretches(without_own_names(tokens(source), known))) - given
            ],
            dtype=np.int64,
        )
        for name, source in work.answers.items()
    }


def _shared_answers(
    first: dict[str, np.ndarray], second: dict[str, np.ndarray], rare: np.ndarray
) -> tuple[str, ...]:
    """The answers that share any of the rare stretches, most of them first."""
    shared = {
        name: int(np.isin(np.intersect1d(first[name], second[name]), rare).sum())
        for name in first
        if name in second
    }
    return tuple(sorted(filter(shared.get, shared), key=lambda name: -shared[name]))


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
