"""Run nbgrader's converters quietly, and put what stopped them into a sentence."""

from __future__ import annotations

import errno
import logging
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbgrader.api import Course, Gradebook
from nbgrader.converters.base import BaseConverter, NbGraderException
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import DatabaseError
from traitlets.log import get_logger

from instructor.course import CourseError
from instructor.grading.submissions import Submission, UnfitSubmission

LOG_FILE = "grading.log"
FULL = {errno.ENOSPC, errno.EDQUOT}


def convert(converter: BaseConverter, submission: Submission) -> None:
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
    """Remembers the last exception that nbgrader logs; it raises another one, which says nothing."""

    error: BaseException | None = None

    def emit(self, record: logging.LogRecord) -> None:
        self.error = sys.exception() or self.error


def explain(error: Exception, coursedir: CourseDirectory) -> str:
    """A sentence for the instructor: what stopped a submission and what to do about it."""
    if isinstance(error, UnfitSubmission | CourseError):
        return str(error)
    if isinstance(error, OSError):
        place = error.filename or coursedir.root
        if error.errno in FULL:
            return f"The disk is full ({place}): free some space, then grade again."
        return f"{place} cannot be used ({error.strerror or error}): mend that, then grade again."
    if isinstance(error, DatabaseError):
        return f"The gradebook {coursedir.db_url} cannot be used ({error.orig}): mend that, then grade again."
    said = next(iter(str(error).strip().splitlines()), "no message")
    return f"It could not be graded ({type(error).__name__}: {said}); see {LOG_FILE}."


@contextmanager
def open_gradebook(coursedir: CourseDirectory) -> Iterator[Gradebook]:
    """The gradebook, created if there is none; opened for each step: no lock is held while cells run."""
    try:
        gradebook = Gradebook(coursedir.db_url, coursedir.course_id or "default_course")
    except DatabaseError as error:
        raise CourseError(f"The gradebook {coursedir.db_url} cannot be opened: {error.orig}.") from None
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
            f"The gradebook {coursedir.db_url} cannot be written ({error.orig}); nothing was graded. "
            "Mend that, then grade again."
        ) from None
    finally:
        gradebook.db.rollback()


@contextmanager
def log_to(path: Path) -> Iterator[None]:
    """Send what nbgrader, its libraries and Python's warnings say to a file instead of the terminal."""
    try:
        handler = logging.FileHandler(path, mode="w", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise CourseError(
            f"{path} cannot be written ({error.strerror}); nothing was graded. Mend that, then grade again."
        ) from None
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
