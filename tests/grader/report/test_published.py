"""Whose answers are closer to the published solution than chance: made classes, known copies."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from grader.report.gather import ClassOfUnit
from grader.report.published import close_to_published
from grader.report.report import report
from tests.grader.report.conftest import answer, make_class, renamed

ANSWERS = ("ex1", "ex2", "ex3")


def class_with_solutions(n_students: int, seed: int) -> ClassOfUnit:
    """Everybody has a third of the solution's lines, more or less, and the rest in their own way."""
    rng, classroom = np.random.default_rng(seed), make_class(n_students, seed)
    solutions = {name: answer(rng) for name in ANSWERS}
    exercises = [
        replace(each, answers={each.name: solutions[each.name]}) if each.name in solutions else each
        for each in classroom.exercises
    ]
    for work in classroom.works:
        work.answers.clear()
        ability = rng.uniform(0.1, 0.6)
        for name, solution in solutions.items():
            own = answer(rng).splitlines()
            lines = [
                theirs if rng.random() < ability else mine
                for theirs, mine in zip(solution.splitlines(), own, strict=True)
            ]
            work.answers[name] = "\n".join(lines)
    return replace(classroom, exercises=exercises)


def copy(classroom: ClassOfUnit, student: int) -> None:
    """Let a student hand in the published solutions, disguised, one line of each changed."""
    for each in classroom.exercises:
        if each.name in ANSWERS:
            lines = each.answers[each.name].splitlines()
            classroom.works[student].answers[each.name] = renamed("\n".join([*lines[:-1], "    return left"]))


@pytest.mark.parametrize("seed", range(3))
def test_who_copied_is_found_and_nobody_else(seed: int) -> None:
    classroom = class_with_solutions(40, seed)
    assert close_to_published(classroom) == []
    copy(classroom, 7)
    (close,) = close_to_published(classroom)
    assert close.student == "student-007" and set(close.answers) == set(ANSWERS)
    assert close.share > 0.8 > 0.5 > close.usual and close.distance > 3.5


def test_the_order_of_the_class_and_a_second_look_change_nothing() -> None:
    classroom = class_with_solutions(40, 3)
    copy(classroom, 7)
    copy(classroom, 20)
    found = close_to_published(classroom)
    assert {close.student for close in found} == {"student-007", "student-020"}
    works = random.Random(1).sample(classroom.works, len(classroom.works))
    assert close_to_published(classroom) == found == close_to_published(replace(classroom, works=works))


def test_a_few_students_a_class_of_copies_and_short_solutions_say_nothing() -> None:
    few = class_with_solutions(8, 1)
    copy(few, 0)
    assert close_to_published(few) == []
    copies = class_with_solutions(30, 1)
    for student in range(30):
        copy(copies, student)
    assert close_to_published(copies) == []
    short = class_with_solutions(30, 1)
    solution = "def f(x):\n    return 2 * x"
    short = replace(short, exercises=[replace(e, answers={e.name: solution}) for e in short.exercises])
    short.works[0].answers["ex1"] = solution
    assert close_to_published(short) == []


def test_who_left_exercises_out_is_compared_on_what_is_there() -> None:
    classroom = class_with_solutions(40, 2)
    copy(classroom, 7)
    for work in classroom.works[::2]:
        del work.answers["ex3"]
    del classroom.works[7].answers["ex1"]
    (close,) = close_to_published(classroom)
    assert close.student == "student-007" and set(close.answers) == {"ex2", "ex3"}


def test_the_page_shows_both_and_says_that_it_proves_nothing() -> None:
    classroom = class_with_solutions(40, 0)
    when = datetime(2026, 1, 2)
    assert "Closer to the published" not in report(classroom, when)
    copy(classroom, 7)
    page = report(classroom, when).partition("Closer to the published solution than chance")[2]
    assert "student-007" in page and "proves nothing" in page and "published<pre>" in page
