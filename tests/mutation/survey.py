"""How many mutants of an exercise die, and which survive?"""

from __future__ import annotations

import inspect
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.mutation.edits import Mutant, mutants_of
from tests.mutation.equivalent import Edit, equivalents
from tests.mutation.record import Record, key_of
from tests.mutation.trial import SURVIVED, Trial
from tests.verdicts import checks_by_exercise, modules_of, right_work


@dataclass(frozen=True)
class Case:
    """A mutant, and what it is a mutant of."""

    unit: str
    exercise: str
    original: str
    mutant: Mutant

    @property
    def key(self) -> str:
        return key_of(self.exercise, self.original, self.mutant.source)

    @property
    def edit(self) -> Edit:
        """What ``equivalent.diff`` calls it."""
        return f"{self.unit}.{self.exercise}", self.original, self.mutant.old, self.mutant.new

    @property
    def reason(self) -> str:
        """Why this is the same function; empty if nobody says so."""
        return equivalents().get(self.edit, "")


@dataclass
class Survey:
    """What came of the mutants of an exercise."""

    said: Counter = field(default_factory=Counter)
    survivors: list[Case] = field(default_factory=list)

    def add(self, case: Case, said: str) -> None:
        """Count a verdict."""
        self.said[said] += 1
        if said == SURVIVED:
            self.survivors.append(case)

    @property
    def unexplained(self) -> list[Case]:
        """The survivors of which nobody says why they are the same function."""
        return [case for case in self.survivors if not case.reason]


def cases_of(unit: str, exercise: str) -> Iterator[Case]:
    """All mutants of an exercise: of the reference, then of each alternative."""
    reference = getattr(modules_of(unit).solutions, exercise)
    # What an error says is changed only where the exercise promises it.
    messages = "The message" in (inspect.getdoc(reference) or "")
    for name, original in right_work(unit, exercise).items():
        for mutant in mutants_of(inspect.getsource(original), messages):
            yield Case(unit, exercise, name, mutant)


def survey(unit: str, exercise: str, cases: list[Case], record: Record | None = None) -> Survey:
    """Try the mutants of an exercise, one after the other; what the record knows is not tried again."""
    found, trial = Survey(), None
    implementations = right_work(unit, exercise)
    for case in cases:
        said = record.verdict(case.key) if record else None
        if said is None:
            trial = trial or Trial(
                unit, exercise, checks_by_exercise(unit)[exercise], implementations["the reference"]
            )
            first = record.witness(case.key) if record else ""
            said = trial.judge(case.mutant.source, implementations[case.original], first)
            if record:
                record.keep(case.key, said)
        found.add(case, said)
    return found


def sample(cases: list[Case], size: int, seed: int = 0) -> list[Case]:
    """Some mutants of one exercise of each unit, drawn without replacement, in their order."""
    rng, chosen = random.Random(seed), []
    units = list(dict.fromkeys(case.unit for case in cases))
    for unit in units:
        exercise = rng.choice(sorted({case.exercise for case in cases if case.unit == unit}))
        places = [p for p, case in enumerate(cases) if (case.unit, case.exercise) == (unit, exercise)]
        chosen += rng.sample(places, min(size // len(units), len(places)))
    return [cases[place] for place in sorted(chosen)]
