"""Results of a graded class: read from the gradebook, shown as a table, written as CSV."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import nbformat
from nbgrader import utils
from nbgrader.api import Gradebook, SubmittedNotebook
from nbgrader.coursedir import CourseDirectory
from rich import box
from rich.table import Table
from rich.text import Text

from grader.cells import graded_cells
from grader.course_folder import CourseError
from grader.intake.submissions import Submission, printable, printable_message
from grader.record import record


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
        None while a person has yet to give them.
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
        See ``grader.record.Flag``.
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
        """Points that a person has yet to decide about."""
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


def read_result(
    gradebook: Gradebook, coursedir: CourseDirectory, submission: Submission, status: Status
) -> Result:
    """The result of a graded submission, from the gradebook and the autograded notebooks."""
    scores, flags = [], []
    graded = gradebook.find_submission(submission.unit, submission.student)
    for submitted in graded.notebooks:
        folder = coursedir.format_path(coursedir.autograded_directory, submission.student, submission.unit)
        notes = record(nbformat.read(Path(folder) / f"{submitted.name}.ipynb", as_version=4))
        scores += _scores(submitted, _exercises(coursedir, submission.unit, submitted.name), notes["reasons"])
        flags += notes["flags"]
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


def _scores(
    submitted: SubmittedNotebook, exercises: dict[str, str], reasons: dict[str, str]
) -> list[CellScore]:
    grades = {grade.name: grade for grade in submitted.grades}
    scores = []
    for name in [*(name for name in exercises if name in grades), *sorted(grades.keys() - exercises.keys())]:
        grade = grades[name]
        open_ = grade.manual_score is None and grade.auto_score is None
        scores.append(
            CellScore(
                name,
                exercises.get(name, name),
                None if open_ else grade.score,
                grade.max_score,
                reasons.get(name, "") if grade.manual_score is None else "",
            )
        )
    return scores


def _exercises(coursedir: CourseDirectory, unit: str, notebook: str) -> dict[str, str]:
    """The exercise of each graded cell, in the notebook's order: the solution cell before it."""
    exercises, current = {}, ""
    for name, cell in graded_cells(coursedir, unit, notebook).items():
        if utils.is_solution(cell) and not utils.is_grade(cell):
            current = name
        elif utils.is_grade(cell):
            exercises[name] = name if utils.is_solution(cell) else current or name
    return exercises


def results_table(results: Iterable[Result]) -> Table:
    """A table of one unit's results for the terminal: a column an exercise, numbered as explained below."""
    results = list(results)
    exercises = {name: worth for result in results for name, (_, worth) in result.exercises.items()}
    title = ", ".join(dict.fromkeys(printable(result.unit) for result in results))
    # Narrow, so that a dozen exercises and a sentence stand side by side in 80 columns.
    table = Table(title=title, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    if exercises:
        table.caption = "Points of " + ", ".join(
            f"{number} {name} ({worth:g})" for number, (name, worth) in enumerate(exercises.items(), 1)
        )
        table.caption += f"; {sum(exercises.values()):g} in all. ? waits for a person."
        table.caption_justify = "left"
    table.add_column("student", no_wrap=True)
    for number in range(1, len(exercises) + 1):
        table.add_column(str(number), justify="right", no_wrap=True)
    is_anybody_late = any(result.penalty for result in results)
    if is_anybody_late:
        table.add_column("late", justify="right", no_wrap=True)
    table.add_column("total", justify="right", no_wrap=True)
    table.add_column("what was misunderstood", ratio=1, min_width=20)
    for result in results:
        points = [_points(*result.exercises.get(name, (None, None))) for name in exercises]
        total = f"{result.total:g}" + (f"+{result.pending:g}?" if result.pending else "")
        message = _one_line(result.message)
        flags = f" [{', '.join(result.flags)}]" if result.flags else ""
        # Text, not str: rich would take brackets in a student's message for its markup.
        table.add_row(
            Text(printable(result.student)),
            *points,
            *([Text(f"-{result.penalty:g}" if result.penalty else "")] if is_anybody_late else []),
            Text(total if result.scores else "–"),
            Text.assemble(message, (flags if message else flags.lstrip(), "dim")),
            style="red" if result.status is Status.FAILED else None,
        )
    return table


def _points(points: float | None, maximum: float | None) -> Text:
    if maximum is None:
        return Text("–")
    return Text("?") if points is None else Text(f"{points:g}", style="" if points == maximum else "bold red")


def write_csv(results: Iterable[Result], path: Path) -> None:
    """Write one line per submission: who, what, the totals, then the points of every graded cell.

    The total is what is left when the late penalty, a column of its own, is taken off.
    An earlier file is replaced when the new one is complete: on a full disk it stays as it was.
    A cell that waits for a person is empty. What a spreadsheet would take for a formula gets an apostrophe.

    Raises
    ------
    CourseError
        If the file cannot be written.
    """
    results = list(results)
    cells = list(dict.fromkeys((result.unit, score.name) for result in results for score in result.scores))
    head = ["unit", "student", "status", "total", "penalty", "pending", "maximum", "message", "flags"]
    beside = None
    try:
        target = path.resolve()
        # A device or a pipe, such as /dev/stdout, is written to; only a file is replaced.
        if target.is_file() or not target.exists():
            beside = target.with_name(f".{target.name}.new")
        with (beside or target).open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow([*head, *(f"{unit}:{name}" for unit, name in cells)])
            writer.writerows(_csv_row(result, cells) for result in results)
        if beside:
            os.replace(beside, target)
    except OSError as error:
        if beside:
            with suppress(OSError):
                beside.unlink()
        raise CourseError(f"{path} cannot be written ({error.strerror}): choose another place.") from None


def _csv_row(result: Result, cells: list[tuple[str, str]]) -> list[str]:
    points = {(result.unit, score.name): score.points for score in result.scores}
    return [
        *map(_no_formula, [printable(result.unit), printable(result.student), str(result.status)]),
        *(f"{value:g}" for value in (result.total, result.penalty, result.pending, result.maximum)),
        *map(_no_formula, [_one_line(result.message), ", ".join(result.flags)]),
        *("" if points.get(cell) is None else f"{points[cell]:g}" for cell in cells),
    ]


def _one_line(message: str) -> str:
    return printable_message(" ".join(message.split()))


def _no_formula(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
