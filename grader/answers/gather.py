"""Which answers in words does a class have, and what were they given?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.api import Grade, SubmittedNotebook

from grader.answers.questions import Answer, Question, Submission, questions_of
from grader.cells import by_grade_id, is_untouched
from grader.course_api import nbgrader_api
from grader.course_folder import CourseError
from grader.gradebook.graded_work import find_unit, graded_notebook, not_graded
from grader.gradebook.ledger import open_to_read_all
from grader.gradebook.marks import answer_digest, is_written, read_marks, work_for
from grader.task import Mark


@dataclass(frozen=True)
class Gathered:
    """All questions of a unit, and what is on no page.

    Attributes
    ----------
    questions : list of Question
        In the notebooks' order.
    ungraded : list of str
        Students who handed in what could not be graded, or has not been.
    tasks : list of str
        Cells that a person marks in formgrader: nbgrader's tasks, which have no cell for the answer.
    """

    questions: list[Question]
    ungraded: list[str]
    tasks: list[str]


def gather(root: Path, unit: str) -> Gathered:
    """Read a unit's answers in words.

    Parameters
    ----------
    root : Path
        The course folder.
    unit : str
        The unit's name.

    Raises
    ------
    CourseError
        If the unit was never released, or asks nothing that is answered in words.
    """
    coursedir = nbgrader_api(root).coursedir
    with open_to_read_all(coursedir) as gradebook:
        assignment = find_unit(gradebook, unit)
        questions = {
            (question.notebook, question.cell): question
            for notebook in assignment.notebooks
            for question in questions_of(coursedir, assignment.id, unit, notebook, len(assignment.notebooks))
        }
        tasks = [task.name for notebook in assignment.notebooks for task in notebook.task_cells]
        if not questions:
            hint = f" Its tasks ({', '.join(tasks)}) are marked in formgrader." if tasks else ""
            raise CourseError(f"{unit} asks nothing that is answered in words and marked by a person.{hint}")
        graded, unread = set(), set()
        for submission in gradebook.assignment_submissions(unit):
            student = submission.student
            marks = read_marks(gradebook, unit, student.id)
            name = " ".join(filter(None, [student.first_name, student.last_name]))
            for submitted in submission.notebooks:
                nb = graded_notebook(coursedir, student.id, unit, submitted.name)
                if nb is None:
                    # Who has more time may be known here and have handed in nothing yet.
                    if any(_has_points(grade) for grade in submitted.grades):
                        unread.add(student.id)
                    continue
                graded.add(student.id)
                for cell, answer, about in _answers(nb, submitted, student.id, name, marks):
                    if question := questions.get((submitted.name, cell)):
                        question.answers.setdefault(answer.digest, answer).submissions.append(about)
        ungraded = not_graded(gradebook, coursedir, unit, graded, unread)
    for question in questions.values():
        for answer in question.answers.values():
            answer.submissions.sort(key=lambda each: each.key)
    return Gathered(list(questions.values()), ungraded, tasks)


def _has_points(grade: Grade) -> bool:
    """Whether a grade was ever given, by a check or by a person."""
    return grade.auto_score is not None or grade.manual_score is not None


def _answers(
    nb: NotebookNode, submitted: SubmittedNotebook, student: str, name: str, marks: list[Mark]
) -> Iterator[tuple[str, Answer, Submission]]:
    grades = {grade.name: grade for grade in submitted.grades}
    comments = {comment.name: comment for comment in submitted.comments}
    for cell_name, cell in by_grade_id(nb).items():
        if not is_written(cell) or cell_name not in grades:
            continue
        beside, grade, comment = work_for(nb, cell_name), grades[cell_name], comments.get(cell_name)
        digest = answer_digest(cell, beside)
        is_empty = not beside and (is_untouched(cell) or not cell.source.strip())
        earlier = [
            mark
            for mark in marks
            if (mark.notebook, mark.cell) == (submitted.name, cell_name) and mark.answer != digest
        ]
        about = Submission(
            submitted.id,
            student,
            name,
            grade.manual_score,
            (comment.manual_comment if comment else None) or "",
            grade.auto_score,
            tuple(earlier),
        )
        yield cell_name, Answer(digest, cell, beside, is_empty), about
