"""Proof, for every unit, that its checks accept right work and reject wrong work, under many seeds."""

from __future__ import annotations

import inspect
import os
from functools import cache, partial
from time import perf_counter

import pytest

from authoring.expand import exercises_of
from authoring.lesson import Role, read_lesson
from grader.markers import BEGIN_HIDDEN
from tests.mutants import load
from tests.verdicts import UNITS, checks_by_exercise, draws, exercises, modules_of, right_work, verdict

# `MF_SEEDS=1` is for the daily work: one seed says most of what twenty say.
SEEDS = range(int(os.environ.get("MF_SEEDS", "20")))
VISIBLE_SHARE = 0.6  # of the points that checks decide

# Of a visible check's sentence that names another mistake, but is as true of this one.
ALSO_TRUE = {
    ("check_popular_subset_by_hand", "users_first"),  # it counts the users' ratings over all items, too
    ("check_objective_by_hand", "all_averaged"),  # it averages the errors, too
    (
        "check_gravity_memory",
        "zeroes_its_arguments",
    ),  # its rows are too many for a copy of them
    ("check_objective_memory", "zeros_as_ratings"),  # it forms an array of all cells, too
    ("check_update_factors_by_hand", "rows_of_sum_0_skipped"),  # the sentence asks for both causes
    ("check_update_factors_of_both_sides", "columns_for_rows"),  # both crash, at R.T
    ("check_bpr_step_by_hand", "ln_sigma_of_minus_d"),  # the sentence has both: at d = 0 they are one number
    ("check_rank_weight_by_hand", "logarithm_refuses_0"),  # it is the logarithm, too
    ("check_rank_weight_of_none", "last_term"),  # it is not 0 at 0, too
    ("check_find_violator_by_hand", "seed_of_its_own"),  # the sentence asks for both causes
    ("check_find_violator_first_trial", "margin_forgotten"),  # it finds no violator, too
    ("check_find_violator_first_trial", "margin_subtracted"),
    ("check_warp_step_by_hand", "cap_of_the_items_only"),  # x_u is not scaled back, too
}


def run(unit: str, check, exercise: str, implementation, seed: int) -> str | None:
    """What the check says of an implementation; None if it accepts it."""
    return _run(unit, check, exercise, implementation, seed if draws(check) else None)


@cache  # a check that draws nothing says the same under every seed
def _run(unit: str, check, exercise: str, implementation, seed: int | None) -> str | None:
    return verdict(unit, check, exercise, implementation, seed)


CASES = [(unit, exercise) for unit in UNITS for exercise in exercises(unit)]
RIGHT = [(unit, exercise, name) for unit, exercise in CASES for name in right_work(unit, exercise)]


@pytest.mark.parametrize(("unit", "exercise", "name"), RIGHT)
def test_right_work_passes_every_check(unit, exercise, name, capfd):
    implementation = right_work(unit, exercise)[name]
    for check in checks_by_exercise(unit)[exercise]:
        for seed in SEEDS:
            assert run(unit, check, exercise, implementation, seed) is None, f"{check.__name__}, seed {seed}"
    assert capfd.readouterr() == ("", ""), "a check must print nothing"


def find(candidates, holds, last=None):
    """A candidate for which ``holds`` is true, or None; the one that was found last time is tried first."""
    return next((c for c in sorted(candidates, key=lambda c: c != last) if holds(c)), None)


@pytest.mark.filterwarnings("ignore")  # wrong work may divide by zero
@pytest.mark.parametrize(("unit", "exercise"), CASES)
def test_wrong_work_is_rejected_with_a_sentence_and_every_check_is_needed(unit, exercise):
    solutions, mutants = modules_of(unit).solutions, modules_of(unit).mutants
    table = mutants.MUTANTS[exercise]
    wrong = {name: load(mutant, getattr(solutions, exercise)) for name, mutant in table.items()}
    checks = {check.__name__: check for check in checks_by_exercise(unit)[exercise]}
    visible = checks.keys() & vars(modules_of(unit).visible).keys()
    headlines = [name for name, mutant in table.items() if mutant.headline]
    assert headlines, f"no mutant of {exercise} is its headline: what is the exercise about?"

    def said(check: str, mutant: str) -> str:
        return run(unit, checks[check], exercise, wrong[mutant], seed) or ""

    def tells(check: str) -> bool:
        return said(check, mutant) != "" and table[mutant].says in said(check, mutant)

    # Under the first seed every check meets every mutant: with a sentence or in silence, without a crash.
    seed, seconds = SEEDS[0], {}
    for check in checks:
        began = perf_counter()
        for mutant in wrong:
            said(check, mutant)
        seconds[check] = perf_counter() - began
    # No two known mistakes of a visible check have one value: the sentence of one would be told of the other.
    for check in visible:
        sentences = {name: said(check, name) for name in wrong if table[name].says}
        told = {name for name, sentence in sentences.items() if sentence and table[name].says in sentence}
        for name in sentences.keys() - told:
            alike = [other for other in told if sentences[other] == sentences[name]]
            assert not alike or (check, name) in ALSO_TRUE, (
                f"{check} takes {name} for {alike[0]}: {sentences[name]}"
            )
    # Any check that rejects a mutant will do. Those that draw nothing have said all that they ever will, and
    # of the others the quick ones are asked before the slow ones.
    cheap = sorted(checks, key=lambda name: (draws(checks[name]), seconds[name]))

    # The witnesses that the seed before found: under the next seed, one call each is mostly enough.
    cheap_visible = [check for check in cheap if check in visible]
    telling, killed, subtle = {}, {}, None
    for seed in SEEDS:
        for mutant in wrong:
            candidates = cheap_visible if mutant in headlines else cheap
            telling[mutant] = find(candidates, tells, telling.get(mutant))
            assert telling[mutant], (
                f"seed {seed}, {mutant}: no {'visible ' * (mutant in headlines)}check says "
                f"{table[mutant].says!r}; what they say: {[said(check, mutant) for check in candidates]}"
            )
        # A check that has just told of a mutant has rejected it: it is not called once more.
        killed |= {check: mutant for mutant, check in telling.items()}
        for check in checks:
            killed[check] = find(wrong, partial(said, check), killed.get(check))
            assert killed[check], f"seed {seed}: {check} rejects no mutant"
        subtle = find(wrong, lambda mutant: not any(said(check, mutant) for check in visible), subtle)
        assert subtle, f"seed {seed}: every mutant of {exercise} fails a visible check already"


@pytest.mark.parametrize("unit", UNITS)
def test_most_of_the_checked_points_are_visible(unit):
    tests = [cell for cell in read_lesson(UNITS[unit].lesson) if cell.role is Role.TEST]
    visible = sum(cell.points for cell in tests if BEGIN_HIDDEN not in cell.source)
    assert visible >= VISIBLE_SHARE * sum(cell.points for cell in tests)


@pytest.mark.parametrize("unit", UNITS)
def test_every_exercise_is_complete_and_every_check_is_used_once(unit):
    mutants = modules_of(unit).mutants
    assert (
        set(mutants.MUTANTS)
        == set(mutants.ALTERNATIVES)
        == set(exercises(unit))
        == set(checks_by_exercise(unit))
    )
    assert all(mutants.ALTERNATIVES.values()), "every exercise has another right implementation"
    used = [
        name
        for c in read_lesson(UNITS[unit].lesson)
        if c.role is Role.TEST
        for name in exercises_of(UNITS[unit], c)
    ]
    written = [check.__name__ for checks in checks_by_exercise(unit).values() for check in checks]
    assert sorted(used) == sorted(written)
    for exercise, checks in checks_by_exercise(unit).items():
        for check in checks:
            assert check.__name__.startswith(f"check_{exercise}_")
            assert inspect.getdoc(check), f"{check.__name__} has no docstring"
