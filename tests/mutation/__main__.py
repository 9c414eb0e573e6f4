"""The command ``python -m tests.mutation``: mutants by exercise, how many die, and which survive.

It ends with 1 if a survivor is not explained in tests/mutation/equivalent.diff, or an explanation is stale.
"""

from __future__ import annotations

import os

# Before NumPy is loaded: a forked process has no use for its parent's threads, and the machine is shared.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"

import argparse  # noqa: E402
import sys  # noqa: E402
from itertools import groupby  # noqa: E402
from time import perf_counter  # noqa: E402

from tests.mutation.equivalent import equivalents  # noqa: E402
from tests.mutation.record import FOLDER, Record  # noqa: E402
from tests.mutation.survey import Case, cases_of, sample, survey  # noqa: E402
from tests.mutation.trial import TIME_OUT  # noqa: E402
from tests.verdicts import UNITS, exercises  # noqa: E402


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit code."""
    asked = _parser().parse_args(arguments)
    units = [
        name for name, unit in UNITS.items() if asked.unit in ("", name, str(unit.lesson.parent.name)[:2])
    ]
    chosen = [(u, e) for u in units for e in exercises(u) if asked.exercise in ("", e)]
    if not chosen:
        print(f"no exercise {asked.exercise!r} in unit {asked.unit!r}; units: {', '.join(UNITS)}")
        return 2
    cases = [case for unit, exercise in chosen for case in cases_of(unit, exercise)]
    if asked.sample:
        cases = sample(cases, asked.sample, asked.seed)
    if asked.list:
        for case in cases:
            print(_diff(case))
        print(f"{len(cases)} mutants")
        return 0
    return _survey_all(cases, keep=not asked.sample)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("unit", nargs="?", default="", help="module or number of a unit; all, without one")
    parser.add_argument("--exercise", default="", help="one exercise alone")
    parser.add_argument("--list", action="store_true", help="list the mutants, and try none")
    parser.add_argument("--sample", type=int, default=0, help="try so many, of one exercise a unit")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    return parser


def _survey_all(cases: list[Case], keep: bool) -> int:
    tried = died = stale = left = late = 0
    for (unit, exercise), group in groupby(cases, key=lambda case: (case.unit, case.exercise)):
        began, mutants = perf_counter(), list(group)
        found = survey(unit, exercise, mutants, Record(unit) if keep else None)
        tried, late = tried + len(mutants), late + found.said[TIME_OUT]
        died += len(mutants) - len(found.survivors)
        left += len(found.unexplained)
        print(
            f"{unit + '.' + exercise:40} {len(mutants) - len(found.survivors):4} of {len(mutants):4} die"
            f" ({found.said[TIME_OUT]} by time), {len(found.survivors) - len(found.unexplained)} are equal,"
            f" {len(found.unexplained)} survive  {perf_counter() - began:6.1f} s",
            flush=True,
        )
        for case in found.unexplained:
            print(_diff(case))
        if keep:
            for edit in _stale(unit, exercise, {case.edit for case in found.survivors}):
                stale += 1
                print(f"  equivalent.diff explains what does not survive: {edit}")
    equal = tried - died - left
    share = 100 * died / max(tried - equal, 1)
    print(f"{tried} mutants: {died} die ({late} by time), {equal} are equal, {left} survive: {share:.2f} %")
    if keep:
        print(f"The verdicts are kept in {FOLDER}.")
    return int(bool(left or stale))


def _stale(unit: str, exercise: str, survivors: set) -> set:
    return {edit for edit in equivalents() if edit[0] == f"{unit}.{exercise}"} - survivors


def _diff(case: Case) -> str:
    place = f"{case.unit}.{case.exercise}, {case.original}, line {case.mutant.line}"
    return f"@@ {place}\n- {case.mutant.old}\n+ {case.mutant.new}"


if __name__ == "__main__":
    sys.exit(main())
