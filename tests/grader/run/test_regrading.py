"""Handing in again, grading by hand, stopping in the middle: no score is lost and none is left over."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbgrader.validator import Validator

from course.demo.demo import is_isolated
from grader.course_api import nbgrader_api
from grader.gradebook.results import Result, Status
from grader.record import Flag
from grader.run.grade import GradingInterrupted, grade
from grader.run.pool import Pool
from tests.grader.run.conftest import NOTEBOOK, UNIT, Course, Here, cell, delete, solve


def auto_scores(course: Course, student: str) -> dict[str, float | None]:
    with course.gradebook() as gradebook:
        (notebook,) = gradebook.find_submission(UNIT, student).notebooks
        return {grade.name: grade.auto_score for grade in notebook.grades}


def grade_by_hand(course: Course, student: str, name: str, points: float) -> None:
    """What formgrader does when a person enters points."""
    with course.gradebook() as gradebook:
        grade = gradebook.find_grade(name, NOTEBOOK, UNIT, student)
        grade.manual_score, grade.needs_manual_grade = points, False
        gradebook.db.commit()


def test_resubmissions(course: Course) -> None:
    course.submit("ann", solve)
    assert course.grade("ann")["ann"].total == 8

    # Points given by a person reach the page without grading the notebook again, and outlive later grading.
    grade_by_hand(course, "ann", "test_credit", 1.5)
    result = course.grade("ann")["ann"]
    assert (result.status, result.total) == (Status.KEPT, 6.5)
    assert "<strong>6.5 of 10 points</strong>" in course.page("ann")

    course.submit("ann", lambda nb: (solve(nb, "return abs(2 * x)"), delete(nb, "test_double_hidden")))
    result = course.grade("ann")["ann"]
    assert (result.status, result.total, result.flags) == (Status.GRADED, 3.5, (Flag.RESTORED,))

    course.submit_text("ann", "not a notebook")
    result = course.grade("ann")["ann"]
    assert result.status is Status.FAILED
    assert set(auto_scores(course, "ann").values()) == {None}
    assert not (course.root / "feedback" / "ann" / UNIT).exists()
    with course.gradebook() as gradebook:
        assert gradebook.find_submission(UNIT, "ann").score == 1.5
    course.remove("ann")


def test_a_submission_that_cannot_be_run_keeps_no_score(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    course.submit("ben", solve)
    assert course.grade("ben")["ben"].total == 8

    def fail(*_, **__):
        raise RuntimeError("The student side did not answer")

    monkeypatch.setattr("grader.steps.execute_examined.examine", fail)
    result = course.grade("ben", force=True, pool=Here())["ben"]
    assert result.problem.startswith(
        "It could not be graded (RuntimeError: The student side did not answer), which says nothing about"
    )
    assert set(auto_scores(course, "ben").values()) == {None}
    course.remove("ben")


def test_a_changed_check_is_graded_anew(course: Course) -> None:
    course.submit("cem", solve)
    assert course.grade("cem")["cem"].status is Status.GRADED
    with course.gradebook() as gradebook:
        source_cell = gradebook.find_source_cell("test_double", NOTEBOOK, UNIT)
        original, source_cell.source = source_cell.source, "assert False, 'A new check.'"
        gradebook.db.commit()
    result = course.grade("cem")["cem"]
    with course.gradebook() as gradebook:
        gradebook.find_source_cell("test_double", NOTEBOOK, UNIT).source = original
        gradebook.db.commit()
    assert result.status is Status.GRADED
    course.remove("cem")


def test_interrupted_grading_goes_on_where_it_was_stopped(course: Course) -> None:
    course.submit("dan", solve)
    course.submit("eva", lambda nb: solve(nb, "import time; time.sleep(2)\nreturn 2 * x"))

    def interrupt_in_the_middle_of_eva(results: Iterator[Result], *_) -> Iterator[Result]:
        yield next(results)
        threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGINT]).start()
        yield from results

    # With one worker eva is begun when dan is done, and takes four seconds at least.
    with (
        Pool(1, isolated=is_isolated()) as pool,
        pytest.raises(GradingInterrupted, match="1 of 2 submissions are graded and kept") as stopped,
    ):
        grade(course.root, [UNIT], ["dan", "eva"], pool=pool, watch=interrupt_in_the_middle_of_eva)
    assert [result.student for result in stopped.value.results] == ["dan"]
    assert not (course.root / "autograded" / "eva" / UNIT).exists()
    results = course.grade("dan", "eva")
    assert {name: result.status for name, result in results.items()} == {
        "dan": Status.KEPT,
        "eva": Status.GRADED,
    }
    assert results["eva"].total == 8
    course.remove("dan")
    course.remove("eva")


def test_formgrader_grades_alike(course: Course) -> None:
    """Formgrader, and nbgrader's commands, go through nbgrader's interface with the same configuration."""
    course.submit("fay", lambda nb: solve(nb, "return abs(2 * x)", "return float('nan')"))
    api = nbgrader_api(course.root)
    assert api.autograde(UNIT, "fay")["success"]
    assert api.generate_feedback(UNIT, "fay")["success"]
    assert auto_scores(course, "fay") == {
        "test_double": 2,
        "test_double_hidden": 0,
        "test_credit": 0,
        "why": 0,
    }
    assert "Twice -3 is -6, not 6." in course.page("fay")
    assert "secret_of_the_check" not in course.page("fay")
    # It left no note of what it graded: `course grade` looks for itself.
    assert course.grade("fay")["fay"].status is Status.GRADED
    course.remove("fay")


def test_the_validate_button(course: Course, tmp_path: Path) -> None:
    """JupyterLab's button runs nbgrader's Validator with this configuration."""
    nb = course.released()
    solve(nb, "return 3 * x")
    cell(nb, "why").source = "Because."
    cell(nb, "test_double").metadata["tags"] = ["skip-execution"]
    nbformat.write(nb, tmp_path / "tiny.ipynb")
    found = Validator(config=nbgrader_api(course.root).config).validate(str(tmp_path / "tiny.ipynb"))
    assert ["Twice 1 is 2." in failed["raw_error"] for failed in found["failed"]] == [True]
