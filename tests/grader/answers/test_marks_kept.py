"""A mark belongs to an answer: it outlives every regrading, and no other answer has it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.api import Gradebook

from grader.gradebook.results import Result, Status
from tests.grader.answers.conftest import Answers
from tests.grader.run.conftest import NOTEBOOK, UNIT, Course, Here, cell, solve

CHANGED = "the answer why is another than the one that was marked"


def answering(text: str, double: str = "return 2 * x") -> Callable[[NotebookNode], None]:
    def write(nb: NotebookNode) -> None:
        solve(nb, double)
        cell(nb, "why").source = text

    return write


def in_formgrader(course: Course | Answers, student: str, points: float | None, comment: str | None) -> None:
    """What formgrader does when a person enters points and a comment."""
    with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}") as gradebook:
        grade = gradebook.find_grade("why", NOTEBOOK, UNIT, student)
        grade.manual_score, grade.needs_manual_grade = points, points is None
        gradebook.find_comment("why", NOTEBOOK, UNIT, student).manual_comment = comment
        gradebook.db.commit()


def given(course: Course, student: str) -> tuple[float | None, str | None, bool]:
    """The points, the comment, and whether nbgrader lists the answer as one to be marked."""
    with course.gradebook() as gradebook:
        grade = gradebook.find_grade("why", NOTEBOOK, UNIT, student)
        comment = gradebook.find_comment("why", NOTEBOOK, UNIT, student)
        return grade.manual_score, comment.manual_comment, grade.needs_manual_grade


def graded(course: Course, student: str, force: bool = False) -> Result:
    result = course.grade(student, force=force, pool=Here())[student]
    assert result.status is not Status.FAILED, result
    return result


@pytest.fixture(scope="module")
def marked(course: Course) -> Course:
    course.submit("ann", answering("Since 2x = x + x."))
    assert graded(course, "ann").pending == 2
    there = Answers(course.root)
    (entered,) = there.mark(there.export(("Since", 1.5, "Say why *that* is so.")))
    assert entered.marked == ["ann"]
    return course


def test_from_hand_in_to_hand_in(marked: Course) -> None:
    mark = (1.5, "Say why *that* is so.", False)
    assert graded(marked, "ann").total == 9.5
    assert "Say why <em>that</em> is so." in marked.page("ann")
    assert graded(marked, "ann", force=True).total == 9.5
    assert given(marked, "ann") == mark

    # The same answer, in another hand-in.
    marked.submit("ann", answering("Since 2x = x + x.  \n", "return x + x"))
    result = graded(marked, "ann")
    assert (result.total, result.pending, result.flags) == (9.5, 0, ())
    assert given(marked, "ann") == mark

    # Another answer.
    marked.submit("ann", answering("Because it is so."))
    result = graded(marked, "ann")
    assert (result.total, result.pending, result.flags) == (8, 2, (CHANGED,))
    assert given(marked, "ann") == (None, None, True)
    assert "<strong>8 of 8 points</strong>" in marked.page("ann")
    assert "Say why" not in marked.page("ann")
    # It is said again as long as nobody has marked it, and nothing is left to be done.
    result = graded(marked, "ann")
    assert (result.status, result.flags) == (Status.KEPT, (CHANGED,))

    # As it was handed out.
    marked.submit("ann", solve)
    result = graded(marked, "ann")
    assert (result.total, result.pending, result.flags) == (8, 0, (CHANGED,))

    # A file that cannot be graded, and then the first answer again.
    marked.submit_text("ann", "no notebook")
    assert marked.grade("ann", pool=Here())["ann"].status is Status.FAILED
    marked.submit("ann", answering("Since 2x = x + x."))
    result = graded(marked, "ann")
    assert (result.total, result.pending, result.flags) == (9.5, 0, ())
    assert given(marked, "ann") == mark


def test_the_last_word_of_a_person_counts(answers: Answers) -> None:
    answers.graded("ben", "One.")
    for points, comment in [(1, None), (2, "Now I see."), (None, None)]:
        in_formgrader(answers, "ben", points, comment)
        answers.graded("ben", "One.")
        assert answers.given("ben") == [(points, comment, points is None)]
    # What was taken back does not return with the answer.
    answers.graded("ben", "Two.")
    answers.graded("ben", "One.")
    assert answers.given("ben") == [(None, None, True)]


def test_an_answer_beside_its_cell_is_a_part_of_the_answer(course: Course) -> None:
    def beside(text: str) -> Callable[[NotebookNode], None]:
        return lambda nb: (solve(nb), nb.cells.append(new_markdown_cell(text)))

    course.submit("cem", beside("Below."))
    assert graded(course, "cem").pending == 2
    in_formgrader(course, "cem", 1, None)
    course.submit("cem", beside("Below. "))
    assert (graded(course, "cem").total, given(course, "cem")) == (9, (1, None, False))
    course.submit("cem", beside("Below, and more."))
    result = graded(course, "cem")
    assert (result.total, result.pending) == (8, 2)
    assert CHANGED in result.flags


def test_a_mark_of_which_nobody_knows_the_answer_stays(answers: Answers) -> None:
    answers.graded("dan", "One.")
    in_formgrader(answers, "dan", 1, None)
    (answers.root / "autograded" / "dan" / UNIT / f"{NOTEBOOK}.ipynb").unlink()
    answers.graded("dan", "Another.")
    assert answers.given("dan") == [(1, None, True)]
