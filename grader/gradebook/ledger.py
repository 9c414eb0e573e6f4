"""What is read from a gradebook, and written to it, about one submission?"""

from __future__ import annotations

import datetime
import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbgrader.api import Base, Comment, Course, Grade, Gradebook, MissingEntry, SubmittedAssignment
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import Index, make_url
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import scoped_session, sessionmaker
from sqlalchemy.schema import CreateIndex

from grader.cells_at_hand import cells_at_hand
from grader.course_folder import CourseError
from grader.private_files import private
from grader.task import NotebookScores, Outcome

# By which columns rows are looked up for one submission, one person.
_LOOKED_UP_BY = [
    ("grade", "notebook_id"),
    ("comment", "notebook_id"),
    ("submitted_notebook", "assignment_id"),
    ("submitted_assignment", "student_id"),
]


def shown_url(db_url: str) -> str:
    """The address of a gradebook as it may be shown: without its password."""
    return make_url(db_url).render_as_string(hide_password=True)


def gradebook_files(coursedir: CourseDirectory) -> list[Path]:
    """The files of a gradebook that is one of this machine's; none if it is on a server."""
    url = make_url(coursedir.db_url)
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return []
    return [Path(url.database + end) for end in ("", "-journal", "-wal", "-shm")]


@contextmanager
def open_gradebook(coursedir: CourseDirectory) -> Iterator[Gradebook]:
    """The gradebook, created if there is none; opened for each step: no lock is held while cells run.

    A file that is created can be read by nobody else.
    """
    try:
        with private(coursedir.groupshared):
            gradebook = Gradebook(coursedir.db_url, coursedir.course_id or "default_course")
    except DatabaseError as error:
        raise CourseError(
            f"The gradebook {shown_url(coursedir.db_url)} cannot be opened: {error.orig}."
        ) from None
    with gradebook:
        yield gradebook


def check_gradebook_writable(gradebook: Gradebook, coursedir: CourseDirectory) -> None:
    """Refuse a gradebook that can be read but not written, before any earlier result is given up.

    Raises
    ------
    CourseError
        If the database does not take a row (which is taken back at once).
    """
    try:
        gradebook.db.add(Course(id=f"write-test-{secrets.token_hex(8)}"))
        gradebook.db.flush()
    except DatabaseError as error:
        raise CourseError(
            f"The gradebook {shown_url(coursedir.db_url)} cannot be written ({error.orig}); nothing was "
            "graded. Fix that, then grade again."
        ) from None
    finally:
        gradebook.db.rollback()


def add_indexes(gradebook: Gradebook) -> None:
    """Let the database find the rows of one submission without reading those of the whole class.

    nbgrader's tables have no index by which a submission's grades are found: each look at one would read all,
    and a class of twice the size would take four times as long. Existing gradebooks get them, too.
    """
    for table, column in _LOOKED_UP_BY:
        index = Index(f"ix_{table}_{column}", Base.metadata.tables[table].c[column])
        # The tables are nbgrader's, whose other gradebooks stay as they are.
        Base.metadata.tables[table].indexes.discard(index)
        gradebook.db.execute(CreateIndex(index, if_not_exists=True))
    gradebook.db.commit()


@contextmanager
def open_to_read_all(coursedir: CourseDirectory) -> Iterator[Gradebook]:
    """The gradebook, with indexes for reading a class: also one that `course grade` has never written to.

    One that can only be read stays as it is, and reading it takes longer.
    """
    with open_gradebook(coursedir) as gradebook:
        try:
            add_indexes(gradebook)
        except DatabaseError:
            gradebook.db.rollback()
        yield gradebook


@contextmanager
def one_transaction(coursedir: CourseDirectory) -> Iterator[Gradebook]:
    """The gradebook; all that is done to it is committed together at the end, or none of it.

    nbgrader's methods commit whenever they have done something. Here their sessions join one transaction, in
    SQLAlchemy's mode in which only the outermost commit counts.
    """
    with open_gradebook(coursedir) as gradebook:
        gradebook.db.remove()
        with gradebook.engine.begin() as connection:
            factory = sessionmaker(bind=connection, join_transaction_mode="rollback_only")
            gradebook.db = scoped_session(factory)
            yield gradebook
            gradebook.db.commit()


def enter(gradebook: Gradebook, unit: str, student: str, outcome: Outcome) -> None:
    """Write what the autograder found; points and comments that a person gave stay."""
    gradebook.update_or_create_student(student)
    when = {"timestamp": outcome.timestamp} if outcome.timestamp else {}
    submitted = gradebook.update_or_create_submission(unit, student, **when)
    add_missing_rows(gradebook, submitted)
    with cells_at_hand(submitted):
        for notebook in submitted.notebooks:
            scores = outcome.scores[notebook.name]
            notebook.late_submission_penalty = scores.penalty
            for grade in notebook.grades:
                grade.auto_score = scores.points.get(grade.name)
                # nbgrader's rule: what a person has graded is looked at again after new points.
                grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
            for comment in notebook.comments:
                comment.auto_comment = scores.comments.get(comment.name)


def add_missing_rows(gradebook: Gradebook, submitted: SubmittedAssignment) -> None:
    """Let a submission have a grade and a comment for each cell, also for those released after it was graded.

    nbgrader makes the rows once, with the submission, and then finds none for a new exercise.
    """
    for notebook in submitted.notebooks:
        unit = notebook.notebook
        graded = {grade.cell_id for grade in notebook.grades}
        commented = {comment.cell_id for comment in notebook.comments}
        for cell in [*unit.grade_cells, *unit.task_cells]:
            if cell.id not in graded:
                gradebook.db.add(Grade(cell_id=cell.id, notebook=notebook))
        for cell in [*unit.solution_cells, *unit.task_cells]:
            if cell.id not in commented:
                gradebook.db.add(Comment(cell_id=cell.id, notebook=notebook))
    gradebook.db.commit()


def read_scores(submitted: SubmittedAssignment) -> dict[str, NotebookScores]:
    """What the autograder wrote about a submission, by notebook."""
    with cells_at_hand(submitted):
        return {
            notebook.name: NotebookScores(
                {grade.name: grade.auto_score for grade in notebook.grades},
                {comment.name: comment.auto_comment for comment in notebook.comments},
                notebook.late_submission_penalty,
            )
            for notebook in submitted.notebooks
        }


def waits(grade: Grade) -> bool:
    """Whether a person still has to give the points."""
    return grade.manual_score is None and grade.auto_score is None


def points_digest(scores: dict[str, NotebookScores], timestamp: datetime.datetime | None) -> str:
    """A digest of what the autograder wrote about a submission."""
    entries = [
        (name, sorted(each.points.items()), sorted(each.comments.items()), each.penalty)
        for name, each in sorted(scores.items())
    ]
    return hashlib.sha256(repr((entries, timestamp)).encode()).hexdigest()


def shown_digest(submitted: SubmittedAssignment) -> str:
    """A digest of what the pages show of a submission: it changes when a person grades or comments."""
    shown: list[tuple] = []
    with cells_at_hand(submitted):
        for notebook in submitted.notebooks:
            shown += [(grade.name, grade.score, grade.manual_score) for grade in notebook.grades]
            shown += [(comment.name, comment.comment) for comment in notebook.comments]
            shown += [(notebook.name, notebook.late_submission_penalty)]
    return hashlib.sha256(repr(sorted(shown, key=repr)).encode()).hexdigest()


def clear_auto_scores(gradebook: Gradebook, unit: str, student: str, notebook: str | None = None) -> None:
    """Forget what the autograder gave a submission; points and comments given by a person stay.

    Done before a submission is graded: if it then fails to run, an earlier submission's score must not be
    left.

    Parameters
    ----------
    gradebook : Gradebook
        The open gradebook.
    unit, student : str
        Whose submission; nothing happens if the gradebook knows none.
    notebook : str, optional
        Name of one notebook of the unit; all by default.
    """
    try:
        submission = gradebook.find_submission(unit, student)
    except MissingEntry:
        return
    for submitted in submission.notebooks:
        if notebook in (None, submitted.name):
            for grade in submitted.grades:
                grade.auto_score = None
                grade.needs_manual_grade = True
            for comment in submitted.comments:
                comment.auto_comment = None
    gradebook.db.commit()
