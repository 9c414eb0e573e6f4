"""Whose answers are closer to the published solution than chance?

Who solves an exercise comes near its solution anyway, so that closeness alone says nothing. The class itself
tells how near people come: the share of the solution's stretches (see ``similarity``) in a student's answers
is compared with the class's median for the same exercises, in units of the class's own spread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grader.report.gather import ClassOfUnit, Work
from grader.report.similarity import known_names, stretches, tokens, without_own_names

# Of a normal distribution one of four thousand lies beyond; the spread is measured so that those who copied
# do not widen it.
FAR = 3.5
SMALLEST_SPREAD = 0.02  # in a class whose answers are all alike nothing is far
LEAST_SHARE = 0.5  # of the solution's stretches
FEWEST_STRETCHES = 20  # of a solution; shorter ones are found by everybody
FEWEST_STUDENTS = 10  # fewer tell nothing about chance
MOST = 30
_NORMAL = 1.4826  # a normal distribution's standard deviation, in median absolute deviations


@dataclass(frozen=True)
class Close:
    """A student whose answers are unusually close to the published solution.

    Attributes
    ----------
    student : str
        The id.
    share : float
        Of the stretches of the solutions to what the student answered, those in the answers, in [0, 1].
    usual : float
        The class's median for the same answers.
    distance : float
        How many spreads of the class this is beyond the class's middle.
    answers : tuple of str
        Grade ids of the answers that are closer than the class's median, the closest first.
    """

    student: str
    share: float
    usual: float
    distance: float
    answers: tuple[str, ...]


def close_to_published(classroom: ClassOfUnit) -> list[Close]:
    """Those whose answers are closer to the solution than chance, the closest first; at most `MOST`.

    It is a reason to look at the answers, and proves nothing. In a class in which most have copied, nobody is
    unusual.
    """
    known = known_names(classroom)
    published = _published(classroom, known)
    shares = [_shares(work, published, known) for work in classroom.works]
    sizes = {name: len(mine) for name, mine in published.items()}
    usual = {
        name: float(np.median([each[name] for each in shares if name in each]))
        for name in sizes
        if any(name in each for each in shares)
    }
    rows = [
        (work.student, each, _mean(each, sizes), _mean({name: usual[name] for name in each}, sizes))
        for work, each in zip(classroom.works, shares, strict=True)
        if each
    ]
    if len(rows) < FEWEST_STUDENTS:
        return []
    excess = np.array([mine - theirs for _, _, mine, theirs in rows])
    middle = np.median(excess)
    spread = max(_NORMAL * float(np.median(np.abs(excess - middle))), SMALLEST_SPREAD)
    found = []
    for (student, each, mine, theirs), distance in zip(rows, (excess - middle) / spread, strict=True):
        if distance >= FAR and mine >= LEAST_SHARE:
            closer = sorted(
                (usual[name] - share, name) for name, share in each.items() if share > usual[name]
            )
            found.append(Close(student, mine, theirs, float(distance), tuple(name for _, name in closer)))
    return sorted(found, key=lambda close: (-close.distance, close.student))[:MOST]


def _published(classroom: ClassOfUnit, known: set[str]) -> dict[str, set]:
    """The stretches of each solution that is long enough, without what was handed out."""
    given = {stretch for source in classroom.given for stretch in _stretches(source, known)}
    found = {
        name: _stretches(source, known) - given
        for exercise in classroom.exercises
        if not exercise.written
        for name, source in exercise.answers.items()
    }
    return {name: mine for name, mine in found.items() if len(mine) >= FEWEST_STRETCHES}


def _shares(work: Work, published: dict[str, set], known: set[str]) -> dict[str, float]:
    """Of each solution's stretches the share that is in the student's answer."""
    return {
        name: len(published[name] & _stretches(source, known)) / len(published[name])
        for name, source in work.answers.items()
        if name in published
    }


def _stretches(source: str, known: set[str]) -> set:
    return set(stretches(without_own_names(tokens(source), known)))


def _mean(shares: dict[str, float], sizes: dict[str, int]) -> float:
    """The shares of several answers as one: long solutions count more."""
    return sum(share * sizes[name] for name, share in shares.items()) / sum(sizes[name] for name in shares)
