"""Every check gives the same verdict on a function in the student's process as on one called directly."""

from __future__ import annotations

import inspect
import random
import re
from pathlib import Path

import pytest

from authoring.include import ModuleSource
from authoring.lesson import find_units
from grader.examiner.errors import CallFailed
from tests.conftest import ROOT
from tests.mutants import Whole, load, unit_modules

SAMPLE = 1  # mutants of each exercise
FUTURE = "from __future__ import annotations\n"


def complete_units() -> list[str]:
    """Units that have their solutions, checks and mutants."""
    return [
        unit.module
        for unit in find_units(ROOT)
        if all((ROOT / room / f"{unit.module}.py").is_file() for room in ("tests/checks", "tests/mutants"))
    ]


CASES = [
    (unit, exercise) for unit in complete_units() for exercise in unit_modules(unit).mutants.ALTERNATIVES
]


def checks_of(unit: str, exercise: str) -> list:
    checks = unit_modules(unit).checks().values()
    return [check for check in checks if next(iter(inspect.signature(check).parameters)) == exercise]


def standing_alone(function, exercise: str) -> str:
    """The source of a function of a module of mutants, with what it needs, under the exercise's name."""
    sources = ModuleSource(Path(inspect.getsourcefile(function))).closure([function.__name__])
    needed = [
        text for text in dict.fromkeys(sources.values()) if not re.match("from (solutions|tests)", text)
    ]
    return "\n\n".join([*needed, f"{exercise} = {function.__name__}"])


def implementations(unit: str, exercise: str) -> dict[str, tuple]:
    """By name: the reference, an alternative, a sample of mutants, as a function and as a cell's source."""
    modules = unit_modules(unit)
    solutions, mutants = modules.solutions, modules.mutants
    reference = getattr(solutions, exercise)
    name, alternative = next(iter(mutants.ALTERNATIVES[exercise].items()))
    found = {
        "the reference": (reference, inspect.getsource(reference)),
        name: (alternative, standing_alone(alternative, exercise)),
    }
    table = mutants.MUTANTS[exercise]
    for name in random.Random(exercise).sample(sorted(table), min(SAMPLE, len(table))):
        mutant = table[name]
        is_whole = isinstance(mutant, Whole)
        source = standing_alone(mutant.function, exercise) if is_whole else mutant.source(reference)
        found[name] = load(mutant, reference), source
    return found


def verdict(check, arguments: dict) -> str | None:
    """The kind of exception with which a check rejects what it is given; None if it accepts it."""
    try:
        check(**arguments)
    except Exception as error:
        return type(error).__name__
    return None


@pytest.mark.parametrize(("unit", "exercise"), CASES)
def test_verdicts_are_the_same_through_a_proxy(student, unit, exercise):
    solutions = unit_modules(unit).solutions
    reference = inspect.getsource(solutions).replace(FUTURE, "")
    for name, (function, source) in implementations(unit, exercise).items():
        student.defines(reference, exercise)
        student.defines(source, exercise)
        for check in checks_of(unit, exercise):
            names = set(inspect.signature(check).parameters) - {"seed"}
            directly = verdict(
                check, {each: getattr(solutions, each) for each in names} | {exercise: function}
            )
            try:
                through_proxy = verdict(check, {each: student[each] for each in names})
            except CallFailed as error:
                pytest.fail(f"{name}, {check.__name__}: {error}")
            assert through_proxy == directly, f"{name}, {check.__name__}"
    assert student.session.log.flags == []
