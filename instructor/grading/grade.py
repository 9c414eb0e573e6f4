"""Grade a class: every submission gets points and a feedback page, or a sentence that says why not.

One process, one writer to the gradebook, one submission after the other. What is graded stays graded: a later
run goes on where an earlier one was stopped, and takes up again only what has changed since.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.converters.base import BaseConverter, NbGraderException
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import DatabaseError
from traitlets.log import get_logger

from course_utils.progress import progress
from instructor.course import CONFIG_FILE, CourseError, nbgrader_api
from instructor.grading.results import Result, Status, is_in_gradebook, read_result
from instructor.grading.scoring import clear_auto_scores
from instructor.grading.submissions import (
    GLOB_CHARACTERS,
    Submission,
    UnfitSubmission,
    check_submission,
    find_submissions,
    fingerprint,
    misnamed_folders,
    released_units,
    suggest,
)

LOG_FILE = "grading.log"
# Beside the autograded notebook, so that it goes when nbgrader grades or fails the submission by itself.
NOTE_FILE = "grading.json"
FULL = {errno.ENOSPC, errno.EDQUOT}


class GradingInterrupted(CourseError):
    """Someone pressed Ctrl-C; ``results`` holds what had been graded by then."""

    def __init__(self, message: str, results: list[Result]) -> None:
        super().__init__(message)
        self.results = results


def grade(
    root: Path, units: Sequence[str] = (), students: Sequence[str] | None = None, *, force: bool = False
) -> list[Result]:
    """Grade submissions and write their feedback pages, with a progress bar.

    Reads ``submitted/<student>/<unit>/`` and writes ``autograded/``, ``feedback/``, ``gradebook.db`` and
    ``grading.log`` (what nbgrader has to say), all in the course folder.

    Parameters
    ----------
    root : Path
        The course folder.
    units : sequence of str
        Units to grade; all that were released by default.
    students : sequence of str, optional
        Only these students; all by default.
    force : bool
        Grade again also what has not changed since it was graded.

    Returns
    -------
    list of Result
        One per submission, by unit and student. A submission that cannot be graded has a ``problem`` and no
        automatic points left in the gradebook; it never stops the others.

    Raises
    ------
    CourseError
        If nothing can be graded: an unknown unit or student, no submission, a folder that cannot be written.
    GradingInterrupted
        After Ctrl-C.
    """
    root = root.resolve()
    _check_course(root)
    with _log_to(root / LOG_FILE):
        api = nbgrader_api(root)
        _check_preprocessors(api)
        coursedir = api.coursedir
        for folder in (coursedir.autograded_directory, coursedir.feedback_directory):
            _check_writable(root / folder)
        with _open_gradebook(coursedir) as gradebook:
            chosen = released_units(gradebook, units, root)
            known = {unit.name for unit in gradebook.assignments}
        submissions = find_submissions(coursedir, chosen, students)
        results: list[Result] = []
        try:
            for submission in progress(submissions, "Grading"):
                results.append(_grade_one(api, submission, force))
        except KeyboardInterrupt:
            raise GradingInterrupted(
                f"Stopped. {len(results)} of {len(submissions)} submissions are graded and stay so; "
                "run the same command again to go on.",
                results,
            ) from None
        return results + [_misnamed(folder, known) for folder in misnamed_folders(coursedir, known, students)]


def _grade_one(api: NbGraderAPI, submission: Submission, force: bool) -> Result:
    coursedir = api.coursedir
    try:
        with _open_gradebook(coursedir) as gradebook:
            check_submission(submission, gradebook)
            print_ = fingerprint(submission, coursedir, gradebook)
            current = not force and _is_current(gradebook, coursedir, submission, print_)
            if not current:
                # Before anything else: whatever happens next, no score of an earlier submission is left.
                clear_auto_scores(gradebook, submission.unit, submission.student)
        if not current:
            _convert(Autograde(coursedir=coursedir, parent=api), submission)
        with _open_gradebook(coursedir) as gradebook:
            shown = _shown(gradebook, submission)
        if not current or _note(coursedir, submission).get("shown") != shown:
            _convert(GenerateFeedback(coursedir=coursedir, parent=api), submission)
            # Last, so that a submission whose grading was cut short is taken up again.
            note = json.dumps({"fingerprint": print_, "shown": shown})
            _note_path(coursedir, submission).write_text(note, encoding="utf-8")
        with _open_gradebook(coursedir) as gradebook:
            return read_result(gradebook, coursedir, submission, Status.KEPT if current else Status.GRADED)
    except KeyboardInterrupt:
        _withdraw(coursedir, submission)
        raise
    except Exception as error:  # whatever it is, the others must be graded
        get_logger().error("%s for %s", submission.student, submission.unit, exc_info=True)
        _withdraw(coursedir, submission)
        return Result(submission.unit, submission.student, Status.FAILED, problem=_sentence(error, coursedir))


def _convert(converter: BaseConverter, submission: Submission) -> None:
    """Run one of nbgrader's converters on one submission; raise what stopped it."""
    converter.force = True
    converter.coursedir.assignment_id = submission.unit
    converter.coursedir.student_id = submission.student
    cause = _Cause()
    converter.log.addHandler(cause)
    try:
        converter.start()
    except NbGraderException as error:
        raise (cause.error or error) from None
    finally:
        converter.log.removeHandler(cause)
        # nbgrader leaves it behind when a notebook fails.
        os.environ.pop("NBGRADER_EXECUTION", None)


class _Cause(logging.Handler):
    """Remembers the first exception that nbgrader logs; it raises another one, which says nothing."""

    error: BaseException | None = None

    def emit(self, record: logging.LogRecord) -> None:
        self.error = self.error or sys.exception()


def _withdraw(coursedir: CourseDirectory, submission: Submission) -> None:
    """Leave nothing that says that the submission was graded: no automatic score, no feedback page."""
    try:
        with _open_gradebook(coursedir) as gradebook:
            clear_auto_scores(gradebook, submission.unit, submission.student)
    except (CourseError, DatabaseError):
        get_logger().error("The gradebook could not be cleared", exc_info=True)
    for step in (coursedir.autograded_directory, coursedir.feedback_directory):
        shutil.rmtree(coursedir.format_path(step, submission.student, submission.unit), ignore_errors=True)


def _sentence(error: Exception, coursedir: CourseDirectory) -> str:
    if isinstance(error, UnfitSubmission | CourseError):
        return str(error)
    if isinstance(error, OSError):
        if error.errno in FULL:
            return (
                f"The disk is full ({error.filename or coursedir.root}): free some space, then grade again."
            )
        place = error.filename or coursedir.root
        return f"{place} cannot be used ({error.strerror or error}): mend that, then grade again."
    if isinstance(error, DatabaseError):
        return f"The gradebook {coursedir.db_url} cannot be used ({error.orig}): mend that, then grade again."
    said = next(iter(str(error).strip().splitlines()), "no message")
    return f"It could not be graded ({type(error).__name__}: {said}); see {LOG_FILE}."


def _is_current(
    gradebook: Gradebook, coursedir: CourseDirectory, submission: Submission, print_: str
) -> bool:
    """Whether the submission was graded to the end as it is now, and the results are still there."""
    graded = Path(coursedir.format_path(coursedir.autograded_directory, submission.student, submission.unit))
    names = [notebook.name for notebook in gradebook.find_assignment(submission.unit).notebooks]
    return (
        _note(coursedir, submission).get("fingerprint") == print_
        and all((graded / f"{name}.ipynb").is_file() for name in names)
        and is_in_gradebook(gradebook, submission)
    )


def _shown(gradebook: Gradebook, submission: Submission) -> str:
    """A digest of what the page shows from the gradebook: it changes when a person grades or comments."""
    shown = []
    for notebook in gradebook.find_submission(submission.unit, submission.student).notebooks:
        shown += [(grade.name, grade.score, grade.manual_score) for grade in notebook.grades]
        shown += [(comment.name, comment.comment) for comment in notebook.comments]
    return hashlib.sha256(repr(sorted(shown, key=repr)).encode()).hexdigest()


def _note_path(coursedir: CourseDirectory, submission: Submission) -> Path:
    folder = coursedir.format_path(coursedir.autograded_directory, submission.student, submission.unit)
    return Path(folder) / NOTE_FILE


def _note(coursedir: CourseDirectory, submission: Submission) -> dict[str, str]:
    """What was noted when the submission was graded; empty if it was not, or nbgrader graded it since."""
    try:
        return json.loads(_note_path(coursedir, submission).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _misnamed(folder: Submission, units: set[str]) -> Result:
    problem = (
        f"{folder.shown} is named after no released unit, so it is not graded.{suggest(folder.unit, units)}"
    )
    return Result(folder.unit, folder.student, Status.FAILED, problem=problem)


def _check_course(root: Path) -> None:
    if not (root / CONFIG_FILE).is_file():
        raise CourseError(f"{root} is not a course folder: it holds no {CONFIG_FILE}.")
    if GLOB_CHARACTERS & set(str(root)):
        raise CourseError(f"nbgrader cannot work in {root}: rename the folder without * ? [ ].")


def _check_preprocessors(api: NbGraderAPI) -> None:
    """Refuse a course whose configuration lost the hardening: it would grade, and give points for nothing."""
    converter = Autograde(coursedir=api.coursedir, parent=api)
    configured = " ".join(map(str, [*converter.sanitize_preprocessors, *converter.autograde_preprocessors]))
    for name in ("RestoreMetadata", "KeepOneOfEach", "RestoreCells", "GradedExecute", "SaveScores"):
        if name not in configured:
            raise CourseError(
                f"{CONFIG_FILE} of {api.coursedir.root} does not run {name}: restore that file."
            )


def _check_writable(folder: Path) -> None:
    """Refuse a read-only or full folder before anything in it is replaced."""
    try:
        folder.mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(4096))
    except OSError as error:
        raise CourseError(
            f"{folder} cannot be written ({error.strerror}); nothing was graded. Mend that, then grade again."
        ) from None


@contextmanager
def _open_gradebook(coursedir: CourseDirectory) -> Iterator[Gradebook]:
    """The gradebook, created if there is none; opened for each step: no lock is held while cells run."""
    try:
        gradebook = Gradebook(coursedir.db_url, coursedir.course_id or "default_course")
    except DatabaseError as error:
        raise CourseError(f"The gradebook {coursedir.db_url} cannot be opened: {error.orig}.") from None
    with gradebook:
        yield gradebook


@contextmanager
def _log_to(path: Path) -> Iterator[None]:
    """Send what nbgrader, its libraries and Python's warnings say to a file instead of the terminal."""
    try:
        handler = logging.FileHandler(path, mode="w", encoding="utf-8")
    except OSError as error:
        raise CourseError(f"{path} cannot be written ({error.strerror}); nothing was graded.") from None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    loggers = [get_logger(), *(logging.getLogger(name) for name in ("py.warnings", "tornado", "asyncio"))]
    before = [(logger.level, logger.propagate) for logger in loggers]
    logging.captureWarnings(True)
    for logger in loggers:
        logger.addHandler(handler)
        logger.propagate = False
    try:
        yield
    finally:
        logging.captureWarnings(False)
        for logger, (level, propagates) in zip(loggers, before, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)
            logger.propagate = propagates
        handler.close()
