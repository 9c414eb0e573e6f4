"""How are nbgrader's converters run quietly, and what stopped them, in a sentence?"""

from __future__ import annotations

import errno
import io
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from nbgrader.api import InvalidEntry
from nbgrader.converters.base import BaseConverter, NbGraderException
from sqlalchemy.exc import DatabaseError, OperationalError
from traitlets.log import get_logger

from grader.course_folder import CourseError
from grader.sandbox import SandboxError
from grader.shown_text import printable_message

try:
    import fcntl
except ModuleNotFoundError:  # Windows
    fcntl = None  # type: ignore[assignment]  # the name stands for "no locks here"

LOG_FILE = "grading.log"
FULL = {errno.ENOSPC, errno.EDQUOT}


def convert(converter: BaseConverter, unit: str, student: str) -> None:
    """Run one of nbgrader's converters on one submission; raise what stopped it."""
    converter.force = True
    converter.coursedir.assignment_id = unit
    converter.coursedir.student_id = student
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


def explain(error: BaseException, gradebook: str) -> str:
    """A sentence for the instructor: what stopped a submission and what to do about it.

    Parameters
    ----------
    error : BaseException
        What was raised.
    gradebook : str
        Which gradebook was in use.
    """
    error = root_of(error)
    if isinstance(error, CourseError | SandboxError):
        return str(error)
    if isinstance(error, OSError):
        if error.errno in FULL:
            where = f" ({error.filename})" if error.filename else ""
            return f"The disk is full{where}: free some space, then grade again."
        place = error.filename or "A file"
        return f"{place} cannot be used ({error.strerror or error}): fix that, then grade again."
    if isinstance(error, DatabaseError):
        return f"The gradebook {gradebook} cannot be used ({error.orig}): fix that, then grade again."
    said = next(iter(str(error).strip().splitlines()), "no message")
    return (
        f"It could not be graded ({type(error).__name__}: {said}), which says nothing about the work. Grade "
        "it by itself (--student). If that fails as well, copy its answers into the notebook that was handed "
        f"out and grade that, and report the error with {LOG_FILE}."
    )


def root_of(error: BaseException) -> BaseException:
    """What the database could not do, inside the error that nbgrader raises in its place; else the error."""
    if isinstance(error, InvalidEntry) and isinstance(error.__context__, OperationalError):
        return error.__context__
    return error


class Log(io.TextIOBase):
    """A log file that is locked while it is open, and that drops text when the disk is full.

    A missing log must not stop the grading. The system ends the lock with the process, however that ends.
    What students' code raised stands there, too: it steers no terminal in which somebody reads the file.
    """

    def __init__(self, path: Path) -> None:
        # Not buffered: a buffer would try again and again to write what the disk does not take.
        self._file = path.open("ab", buffering=0)
        try:
            if fcntl and path.is_file():  # a device may be used by many
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise
        except OSError:  # a file system without locks
            pass
        with suppress(OSError):  # a device cannot be emptied
            self._file.truncate(0)

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._file.write(printable_message(text).encode("utf-8", errors="backslashreplace"))
        return len(text)

    def close(self) -> None:
        with suppress(OSError):
            self._file.close()
        super().close()


def open_log(path: Path) -> Log:
    """An empty file for what nbgrader says, locked so that only one process grades at a time.

    Two would take each other's half-written notebooks for their own.

    Raises
    ------
    CourseError
        If it cannot be written, or somebody else has it open.
    """
    try:
        return Log(path)
    except BlockingIOError:
        raise CourseError(
            f"Another `course grade` is at work in {path.parent}: nothing was graded. Wait for its end, then "
            "grade again."
        ) from None
    except OSError as error:
        raise CourseError(
            f"{path} cannot be written ({error.strerror}); nothing was graded. Fix that, then grade again."
        ) from None


def _nbgraders_logger() -> logging.Logger:
    logger = get_logger()
    return logger.logger if isinstance(logger, logging.LoggerAdapter) else logger


@contextmanager
def log_to(stream: TextIO | io.TextIOBase) -> Iterator[None]:
    """Send what nbgrader, its libraries and Python's warnings say to a stream instead of the terminal."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    loggers = [
        _nbgraders_logger(),
        *(logging.getLogger(name) for name in ("py.warnings", "tornado", "asyncio", "sqlalchemy")),
    ]
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
