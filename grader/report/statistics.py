"""How hard and how telling was each exercise, what was misunderstood, and what behaves oddly?"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from grader.feedback.states import State
from grader.report.gather import ClassOfUnit

# With fewer students a correlation says nothing.
FEWEST = 8
# Below it, who does well in the rest does hardly better here (Ebel and Frisbie, 1991, call 0.2 the least).
LOW_DISCRIMINATION = 0.1
# Numbers, and what stands in brackets of numbers, differ between students with the same misconception.
_NUMBER = re.compile(r"(?<!\w)[-+−]?(?:(?:\d+(?:[.,]\d+)*|\.\d+)(?:e[-+]?\d+)?|nan\b|inf\b)", re.IGNORECASE)
_NUMBERS = re.compile(r"#(?:[\s,;]*#)+")
_ID = re.compile(r"\b0x[0-9a-f]+|\b\d+\.py\b")


@dataclass(frozen=True)
class Item:
    """Figures about one exercise.

    Attributes
    ----------
    name, title : str
        Of the exercise.
    points : float
        That it is worth.
    difficulty : float
        Mean share of its points, in [0, 1], over those whose points are settled; nan if there are none.
    discrimination : float
        Correlation of its share with the share of all others together, in [-1, 1]; nan where too few
        students, or equal ones, allow none.
    states : Counter of State
        How many students are in each state.
    odd : str
        A sentence if strong students fail it; else empty.
    """

    name: str
    title: str
    points: float
    difficulty: float
    discrimination: float
    states: Counter[State]
    odd: str = ""


@dataclass(frozen=True)
class Misconception:
    """A sentence of a check, and who got it; ``sentence`` is one of them, numbers and all."""

    exercise: str
    sentence: str
    students: tuple[str, ...]


def items(classroom: ClassOfUnit) -> list[Item]:
    """Figures about every exercise, in the lesson's order.

    An answer that waits for a person has no share yet: it is missing from its exercise's figures and
    from the rest that others are compared with.
    """
    names = [exercise.name for exercise in classroom.exercises]
    shares = share_table(classroom)
    weights = np.array([exercise.points for exercise in classroom.exercises], dtype=float)
    found = []
    for column, exercise in enumerate(classroom.exercises):
        share = shares[:, column]
        rest = _mean_share(np.delete(shares, column, axis=1), np.delete(weights, column))
        both = ~np.isnan(share) & ~np.isnan(rest)
        correlation = discrimination(share[both], rest[both])
        states = Counter(
            work.outcomes[names[column]].state for work in classroom.works if names[column] in work.outcomes
        )
        found.append(
            Item(
                exercise.name,
                exercise.title,
                exercise.points,
                float(np.nanmean(share)) if (~np.isnan(share)).any() else math.nan,
                correlation,
                states,
                _oddity(share[both], rest[both], correlation),
            )
        )
    return found


def share_table(classroom: ClassOfUnit) -> np.ndarray:
    """Share of the points, (students × exercises), in [0, 1]; nan where it is not settled."""
    table = np.full((len(classroom.works), len(classroom.exercises)), np.nan)
    for row, work in enumerate(classroom.works):
        for column, exercise in enumerate(classroom.exercises):
            outcome = work.outcomes.get(exercise.name)
            if outcome and outcome.state is not State.WAITS:
                table[row, column] = outcome.points / exercise.points
    return table


def _mean_share(shares: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Share of the points of several exercises together, for each student; nan without a settled one."""
    settled = ~np.isnan(shares)
    possible = settled @ weights
    reached = np.nan_to_num(shares) @ weights
    return np.divide(reached, possible, out=np.full(len(shares), np.nan), where=possible > 0)


def discrimination(share: np.ndarray, rest: np.ndarray) -> float:
    """Item-rest correlation (the point-biserial one if the item is all or nothing).

    Parameters
    ----------
    share, rest : (students,) array
        Share of the exercise's points, and of all the others'.

    Returns
    -------
    float
        Pearson's r in [-1, 1]; nan for fewer than `FEWEST` students or without any spread.

    References
    ----------
    Crocker, Algina, "Introduction to Classical and Modern Test Theory", 1986, chapter 14.
    """
    if len(share) < FEWEST or np.ptp(share) < 1e-12 or np.ptp(rest) < 1e-12:
        return math.nan
    return float(np.corrcoef(share, rest)[0, 1])


def _oddity(share: np.ndarray, rest: np.ndarray, correlation: float) -> str:
    """A sentence if those who do best elsewhere do badly here."""
    if len(share) < FEWEST:
        return ""
    order = np.argsort(rest, kind="stable")
    quarter = max(2, len(order) // 4)
    top, others = share[order[-quarter:]].mean(), share[order[:-quarter]].mean()
    if top < others - 0.05:
        return (
            f"The best quarter in the other exercises reaches {top:.0%} here, the others {others:.0%}: "
            "is a check wrong, or the text misleading?"
        )
    if top < 0.5:
        return f"Even the best quarter in the other exercises reaches only {top:.0%} here."
    if correlation < LOW_DISCRIMINATION:
        return f"Doing well here has little to do with doing well elsewhere (correlation {correlation:.2f})."
    return ""


def misconceptions(classroom: ClassOfUnit) -> list[Misconception]:
    """Sentences of failed checks by how many students got them; those that differ in numbers are one.

    What was not attempted or was stopped says nothing of how it was understood.
    """
    groups: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for work in classroom.works:
        for name, outcome in work.outcomes.items():
            if outcome.state in (State.UNTOUCHED, State.TIMED_OUT):
                continue
            # A sentence of the visible test that the hidden one repeats is one misunderstanding.
            for key, sentence in {pattern(said): said for said in outcome.sentences.values()}.items():
                groups.setdefault((name, key), []).append((work.student, sentence))
    found = [
        Misconception(name, " ".join(members[0][1].split()), tuple(student for student, _ in members))
        for (name, _), members in groups.items()
    ]
    return sorted(found, key=lambda each: -len(each.students))


def pattern(sentence: str) -> str:
    """The sentence without what differs between students who misunderstood the same: numbers and arrays."""
    # NumPy ends a whole number in a point.
    text = _NUMBER.sub("#", _ID.sub("#", " ".join(sentence.split()))).replace("#.", "#")
    return _NUMBERS.sub("#", text).replace("[ ", "[").replace(" ]", "]")


def quartiles(totals: Sequence[float]) -> tuple[float, float, float]:
    """Lower quartile, median and upper quartile."""
    low, middle, high = np.percentile(totals, [25, 50, 75])
    return float(low), float(middle), float(high)
