"""Can anything be graded in this course folder? This is checked before anything in it is touched."""

from __future__ import annotations

import tempfile
from pathlib import Path

from nbgrader.apps import NbGraderAPI
from nbgrader.converters import Autograde, GenerateFeedback

from grader.course_folder import CONFIG_FILE, CourseError
from grader.people import GLOB_CHARACTERS
from grader.run.configured import check_converters


def check_course(root: Path) -> None:
    """Refuse a folder that is none, or in which nbgrader would find nothing."""
    if not (root / CONFIG_FILE).is_file():
        raise CourseError(f"{root} is not a course folder: it holds no {CONFIG_FILE}.")
    check_name(root)


def check_name(root: Path) -> None:
    """Refuse a folder whose name nbgrader would take for a pattern."""
    if GLOB_CHARACTERS & set(str(root)):
        raise CourseError(f"nbgrader cannot work in {root}: rename the folder without * ? [ ].")


def check_preprocessors(api: NbGraderAPI) -> None:
    """Refuse a course whose configuration lost the hardening, or runs students' code anywhere else."""
    converters = [kind(coursedir=api.coursedir, parent=api) for kind in (Autograde, GenerateFeedback)]
    check_converters(*converters)


def check_writable(folder: Path) -> None:
    """Refuse a read-only or full folder before anything in it is replaced."""
    try:
        folder.mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(4096))
    except OSError as error:
        raise CourseError(
            f"{folder} cannot be written ({error.strerror}); nothing was graded. Fix that, then grade again."
        ) from None
