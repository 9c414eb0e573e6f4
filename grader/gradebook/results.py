"""What does a student have for a unit, by the gradebook and the autograded notebooks?"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path

from nbformat import from_dict
from nbgrader import utils
from nbgrader.api import Gradebook, SubmittedNotebook
from nbgrader.coursedir import CourseDirectory

from grader.cells import graded_cells
from grader.cells_at_hand import cells_at_hand
from grader.gradebook.ledger import waits
from grader.gradebook.marks import read_marks
from grader.intake.submissions import Submission
from grader.record import record
from grader.task import Mark


class Status(StrEnum):
    """What became of a submission."""

    GRADED = "graded"
    KEPT = "kept"  # nothing has changed since it was graded
    FAILED = "failed"


@dataclass(frozen=True)
class CellScore:
    """Points of one graded cell.

    Attributes
    ----------
    name : str
        The cell's id.
    exercise : str
        Id of the solution cell that it belongs to; for a written answer its own.
    points : float or None
        None while a person still has to give them.
    maximum : float
        Points that the cell is worth.
    reason : str
        Why a test cell did not give all points.
    """

    name: str
    exercise: str
    points: float | None
    maximum: float
    reason: str = ""


@dataclass(frozen=True)
class Result:
    """What a student has for a unit, or the sentence that says why nothing.

    Attributes
    ----------
    unit, student : str
        Names of the folders.
    status : Status
        Whether it was graded now, before, or could not be.
    scores : tuple of CellScore
        In the order of the notebook; empty if it failed.
    flags : tuple of str
        See ``grader.record.Flag``; and sentences about which of several files was graded.
    problem : str
        Why it failed.
    feedback : Path or None
        The folder of the student's feedback page.
    seconds : dict of str to float
        Where the time went, if it was graded now.
    penalty : float
        Points that are taken off for being late.
    """

    unit: str
    student: str
    status: Status
    scores: tuple[CellScore, ...] = ()
    flags: tuple[str, ...] = ()
    problem: str = ""
    feedback: Path | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    penalty: float = 0.0

    @property
    def total(self) -> float:
        """Points so far, those that a person gave included and a late penalty taken off; never below 0."""
        return max(0.0, sum(score.points or 0.0 for score in self.scores) - self.penalty)

    @property
    def pending(self) -> float:
        """Points that a person still has to decide about."""
        return sum(score.maximum for score in self.scores if score.points is None)

    @property
    def maximum(self) -> float:
        """Points that the unit is worth."""
        return sum(score.maximum for score in self.scores)

    @property
    def exercises(self) -> dict[str, tuple[float | None, float]]:
        """Points and maximum of each exercise, all its cells together; None while one of them is pending."""
        sums: dict[str, tuple[float | None, float]] = {}
        for score in self.scores:
            points, maximum = sums.get(score.exercise, (0.0, 0.0))
            points = None if points is None or score.points is None else points + score.points
            sums[score.exercise] = points, maximum + score.maximum
        return sums

    @property
    def message(self) -> str:
        """The problem, or the first failed check's message: what the student misunderstood."""
        return self.problem or next((score.reason for score in self.scores if score.reason), "")


# The exercise of each graded cell of a notebook, by grade id, in the notebook's order.
Exercises = dict[str, str]


def read_result(
    gradebook: Gradebook,
    coursedir: CourseDirectory,
    submission: Submission,
    status: Status,
    exercises: Callable[[str, str], Exercises],
) -> Result:
    """The result of a graded submission, from the gradebook and the autograded notebooks.

    Parameters
    ----------
    gradebook : Gradebook
        The open gradebook.
    coursedir : CourseDirectory
        Of the course.
    submission : Submission
        Whose.
    status : Status
        What became of it.
    exercises : callable
        ``exercises(unit, notebook)``, see `exercise_finder`.
    """
    scores, flags = [], []
    graded = gradebook.find_submission(submission.unit, submission.student)
    marks = read_marks(gradebook, submission.unit, submission.student)
    folder = coursedir.format_path(coursedir.autograded_directory, submission.student, submission.unit)
    with cells_at_hand(graded):
        for submitted in graded.notebooks:
            # Not validated: that takes seconds for a notebook full of outputs, and a worker has done it.
            notes = record(from_dict(json.loads((Path(folder) / f"{submitted.name}.ipynb").read_bytes())))
            scores += _scores(submitted, exercises(submission.unit, submitted.name), notes["reasons"])
            flags += [*notes["flags"], *_changed_answers(submitted, marks)]
    feedback = Path(coursedir.format_path(coursedir.feedback_directory, submission.student, submission.unit))
    return Result(
        submission.unit,
        submission.student,
        status,
        tuple(scores),
        tuple(flags),
        feedback=feedback if feedback.is_dir() else None,
        penalty=graded.late_submission_penalty or 0.0,
    )


def _scores(submitted: SubmittedNotebook, exercises: Exercises, reasons: dict[str, str]) -> list[CellScore]:
    grades = {grade.name: grade for grade in submitted.grades}
    scores = []
    for name in [*(name for name in exercises if name in grades), *sorted(grades.keys() - exercises.keys())]:
        grade = grades[name]
        scores.append(
            CellScore(
                name,
                exercises.get(name, name),
                None if waits(grade) else grade.score,
                grade.cell.max_score,
                reasons.get(name, "") if grade.manual_score is None else "",
            )
        )
    return scores


def _changed_answers(submitted: SubmittedNotebook, marks: list[Mark]) -> list[str]:
    """What to say of answers that have no mark, and had one while they were others."""
    had = {mark.cell for mark in marks if mark.notebook == submitted.name and mark.points is not None}
    return [
        f"the answer {grade.name} is another than the one that was marked"
        for grade in submitted.grades
        if grade.name in had and grade.manual_score is None
    ]


def exercise_finder(coursedir: CourseDirectory) -> Callable[[str, str], Exercises]:
    """What finds the exercises of a unit's notebook: each solution cell has the graded cells behind it.

    The instructor's notebook is read once, however large the class is.
    """

    @cache
    def find(unit: str, notebook: str) -> Exercises:
        exercises, current = {}, ""
        for name, cell in graded_cells(coursedir, unit, notebook).items():
            if utils.is_solution(cell) and not utils.is_grade(cell):
                current = name
            elif utils.is_grade(cell):
                exercises[name] = name if utils.is_solution(cell) else current or name
        return exercises

    return find
