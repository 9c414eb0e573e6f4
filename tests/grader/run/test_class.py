"""Honest, unlucky and dishonest students, graded in one batch: each gets what the work deserves."""

from __future__ import annotations

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from grader.gradebook.results import Result, Status
from grader.record import Flag
from tests.grader.run.conftest import UNIT, Course, cell, delete, paste, solve

WRONG = "return abs(2 * x)"  # passes the visible check, fails the hidden one
ALL = {"test_double": 2, "test_double_hidden": 3, "test_credit": 3}
NONE = dict.fromkeys(ALL, 0)


def perfect(nb: NotebookNode) -> None:
    solve(nb)
    cell(nb, "why").source = "Since 2x = x + x."


def tampered(nb: NotebookNode) -> None:
    """Nothing solved; tests that are to be skipped, are emptied, and a record that says they passed."""
    for name in ALL:
        cell(nb, name).source = "pass"
        cell(nb, name).metadata["tags"] = ["skip-execution", "__never__"]
    nb.metadata["grading"] = {"flags": ["planted"], "reasons": {"test_credit": "planted"}}


def deleted_tests(nb: NotebookNode) -> None:
    perfect(nb)
    delete(nb, "test_double", "test_double_hidden", "test_credit")


def deleted_solution_metadata(nb: NotebookNode) -> None:
    """The work in new cells, as after copying from another notebook, and test cells after it deleted."""
    perfect(nb)
    for name in ("double", "credit"):
        del cell(nb, name).metadata["nbgrader"]
        cell(nb, name).id = f"mine-{name}"
    delete(nb, "test_double", "test_credit")
    # Saved by an editor of old, which knows no cell ids.
    nb.nbformat_minor = 4
    for each in nb.cells:
        del each["id"]


def all_metadata_gone(nb: NotebookNode) -> None:
    perfect(nb)
    for each in nb.cells:
        each.metadata.clear()


def changed_metadata(nb: NotebookNode) -> None:
    perfect(nb)
    cell(nb, "test_double").metadata["nbgrader"] |= {"points": 100, "solution": True, "locked": False}
    cell(nb, "test_double_hidden").metadata["nbgrader"]["grade_id"] = "renamed"
    cell(nb, "test_credit").metadata["nbgrader"] = {"schema_version": 1}
    cell(nb, "why").metadata["nbgrader"]["schema_version"] = 1
    cell(nb, "imports")["unknown_to_nbformat"] = {}


def split_test_cell(nb: NotebookNode) -> None:
    perfect(nb)
    paste(nb, "test_double", after="test_double", source="assert True")
    paste(nb, "test_double_hidden", after="why")


def copied_solution(nb: NotebookNode) -> None:
    """The work is in the original; the untouched copy below it is a souvenir."""
    perfect(nb)
    paste(
        nb,
        "credit",
        after="test_credit",
        source="def credit():\n    # YOUR CODE HERE\n    raise NotImplementedError()",
    )
    paste(nb, "double", after="why", source="def double(x):\n    return 'an experiment'")
    paste(nb, "why", after="why", source="YOUR ANSWER HERE")


def emptied_by_transformer(nb: NotebookNode) -> None:
    solve(nb, WRONG)
    trick = "get_ipython().input_transformers_cleanup.append(lambda lines: ['pass\\n'])"
    nb.cells.insert(2, new_code_cell(trick, id="trick"))


def displayed_points(nb: NotebookNode) -> None:
    """Displays points before the check fails, and more points than the check gives."""
    solve(nb, "get_ipython().displayhook(1.5)\nreturn 0", "get_ipython().displayhook(3.0); return 0.5")


def slow_cells(nb: NotebookNode) -> None:
    """A given cell tagged as slow is left out; the tag does nothing for a test cell."""
    perfect(nb)
    spoil = new_code_cell("def double(x):\n    return 'spoilt'", id="spoil", metadata={"tags": ["slow"]})
    nb.cells.insert(2, spoil)
    cell(nb, "credit").source = "def credit():\n    return 0"
    cell(nb, "test_credit").metadata["tags"] = ["slow"]


def syntax_error(nb: NotebookNode) -> None:
    solve(nb, "return (2 * x")


def stderr(nb: NotebookNode) -> None:
    perfect(nb)
    cell(
        nb, "double"
    ).source = "import warnings\ndef double(x):\n    warnings.warn('x is small')\n    return 2 * x"


def endless_loop(nb: NotebookNode) -> None:
    solve(nb, "while x < 0: pass\nreturn 2 * x")


def stubborn_loop(nb: NotebookNode) -> None:
    ignore = "import signal\nif x < 0: signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    solve(nb, ignore + "while x < 0: pass\nreturn 2 * x")


def kills_kernel(nb: NotebookNode) -> None:
    solve(nb, "import os\nif x < 0: os._exit(0)\nreturn 2 * x")


def wrong(nb: NotebookNode) -> None:
    """Also prints what it can see of the check that calls it."""
    solve(nb, f"print(In[-1])\nsys.stderr.write(repr(In[-1]))\n{WRONG}", "return float('nan')")
    nb.cells.append(new_code_cell("check_double_of_negative(double)", id="calls-the-hidden-check"))
    nb.cells.append(new_code_cell("In", id="shows-all-input"))


PERFECT = "Zoë von Österreich 李"
LOOK_BESIDE = "the notebook is as it was handed out; look at what lies beside it ({})".format(
    "data.csv, grading.json, numpy.py"
)
CLASS = {
    PERFECT: (perfect, ALL, []),
    "untouched": (lambda nb: None, NONE, []),
    "tampered": (tampered, NONE, [Flag.BESIDE, LOOK_BESIDE]),
    "deleted tests": (deleted_tests, ALL, [Flag.RESTORED]),
    "deleted solution metadata": (deleted_solution_metadata, ALL, [Flag.RESTORED]),
    "all metadata gone": (all_metadata_gone, ALL, [Flag.RESTORED]),
    "changed metadata": (changed_metadata, ALL, [Flag.RESTORED]),
    "split test cell": (split_test_cell, ALL, [Flag.DUPLICATED]),
    "copied solution": (copied_solution, ALL, [Flag.DUPLICATED]),
    "emptied by transformer": (emptied_by_transformer, NONE | {"test_double": 2}, []),
    "displayed points": (displayed_points, NONE | {"test_credit": 0.5}, []),
    "slow cells": (slow_cells, ALL | {"test_credit": 0}, []),
    "syntax error": (syntax_error, NONE | {"test_credit": 3}, []),
    "stderr": (stderr, ALL, [Flag.STDERR]),
    "endless loop": (endless_loop, ALL | {"test_double_hidden": 0}, [Flag.TIMEOUT]),
    "stubborn loop": (stubborn_loop, NONE | {"test_double": 2}, [Flag.TIMEOUT]),
    "kills kernel": (kills_kernel, NONE | {"test_double": 2}, [Flag.KERNEL_DIED]),
    "wrong": (wrong, NONE | {"test_double": 2}, [Flag.STDERR, Flag.BESIDE]),
}


@pytest.fixture(scope="module")
def results(course: Course) -> dict[str, Result]:
    """The results of the class; two hopeless submissions stand between the others."""
    for student, (change, _, _) in CLASS.items():
        course.submit(student, change)
    course.submit_text("tampered", "raise SystemExit", name="numpy.py")
    course.submit_text("tampered", '{"fingerprint": "planted"}', name="grading.json")
    course.submit_text("tampered", "a,b", name="data.csv")
    course.submit_text("hopeless", '{"cells": [')
    (course.root / "submitted" / "nothing" / "01-tiny").mkdir(parents=True)
    return course.grade()


@pytest.mark.parametrize("student", CLASS)
def test_each_gets_what_the_work_deserves(results: dict[str, Result], student: str) -> None:
    _, points, flags = CLASS[student]
    result = results[student]
    assert result.status is Status.GRADED, result.problem
    assert {score.name: score.points for score in result.scores if score.name != "why"} == points
    assert list(result.flags) == flags


def test_bad_notebooks_do_not_stop_the_batch(results: dict[str, Result]) -> None:
    assert results.keys() == {*CLASS, "hopeless", "nothing"}
    assert "not JSON" in results["hopeless"].problem
    assert "is empty" in results["nothing"].problem


def test_reasons_say_what_was_misunderstood(results: dict[str, Result]) -> None:
    reasons = {
        student: {score.name: score.reason for score in results[student].scores} for student in results
    }
    assert results["wrong"].message == "Twice -3 is -6, not 6."
    assert "nan, which is not between 0 and 3" in reasons["wrong"]["test_credit"]
    assert "'credit' is not defined" in reasons["emptied by transformer"]["test_credit"]
    assert "not written yet" in reasons["untouched"]["test_double"]
    assert "a loop that never ends" in reasons["endless loop"]["test_double_hidden"]
    assert "double ended the process in which it ran" in reasons["kills kernel"]["test_double_hidden"]
    assert "ended its process in an earlier call or cell" in reasons["kills kernel"]["test_credit"]
    assert "so that nothing ran after it" in reasons["stubborn loop"]["test_credit"]
    assert "'double' is not defined: its cell stopped with SyntaxError" in results["syntax error"].message
    assert "planted" not in reasons["tampered"]["test_credit"]
    assert set(reasons[PERFECT].values()) == {""}


def test_written_answers_wait_for_a_person(results: dict[str, Result], course: Course) -> None:
    for student in (PERFECT, "copied solution", "changed metadata"):
        assert results[student].pending == 2, student
        assert results[student].exercises["why"] == (None, 2)
        assert "Waiting for grading" in course.page(student)
        assert "Waiting for a person: 2 points (why)" in course.page(student)
    assert results["untouched"].pending == 0
    assert results["untouched"].exercises["why"] == (0, 2)
    assert "Since 2x = x + x." in next(
        each.source
        for each in course.autograded("copied solution").cells
        if each.metadata.get("nbgrader", {}).get("grade_id") == "why"
    )


def test_feedback_shows_messages_and_not_the_hidden_checks(
    results: dict[str, Result], course: Course
) -> None:
    page = course.page("wrong")
    summary = page[page.index("What to look at first") :]
    assert summary.index("test_double_hidden: Twice -3 is -6, not 6.") < summary.index("test_credit: ")
    assert "was there more than once" in course.page("copied solution")
    assert "Hidden checks ran here" in page
    assert "nan, which is not between" in page
    assert "costs no points" in page
    for student in results:
        if results[student].status is not Status.FAILED:
            assert "secret_of_the_check" not in course.page(student), student


def test_feedback_keeps_the_students_own_frames(results: dict[str, Result], course: Course) -> None:
    page = course.page("untouched")
    assert "raise" in page and "NotImplementedError" in page
    assert "not written yet" in page


def test_nothing_of_the_proof_is_left_in_the_notebook(results: dict[str, Result], course: Course) -> None:
    for student in (PERFECT, "untouched", "displayed points", "kills kernel"):
        nbformat.validate(course.autograded(student))
        text = str(course.autograded(student))
        assert "x-check-finished" not in text
        assert "display_pub" not in text


def test_no_module_or_note_of_the_students_is_taken_over(results: dict[str, Result], course: Course) -> None:
    graded, page = (course.root / step / "tampered" / UNIT for step in ("autograded", "feedback"))
    assert {path.name for path in graded.iterdir()} == {"tiny.ipynb", "grading.json", "data.csv"}
    assert "planted" not in (graded / "grading.json").read_text()
    assert {path.name for path in page.iterdir()} == {"tiny.html"}


def test_nothing_is_graded_twice(results: dict[str, Result], course: Course) -> None:
    again = course.grade(PERFECT, "wrong", "kills kernel")
    assert {result.status for result in again.values()} == {Status.KEPT}
    assert again["wrong"].scores == results["wrong"].scores
    assert again["kills kernel"].flags == results["kills kernel"].flags
