"""Refuse a course folder in which nothing can be graded, before anything in it is touched."""

from __future__ import annotations

import tempfile
from pathlib import Path

from nbgrader.apps import NbGraderAPI
from nbgrader.converters import Autograde

from grader.course_folder import CONFIG_FILE, CourseError
from grader.hardened_config import MAKE_WHOLE, RUN_AND_SCORE
from grader.intake.submissions import GLOB_CHARACTERS


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
    """Refuse a course whose configuration lost the hardening.

    It would grade, give points for nothing, and let students' scripts run in formgrader.
    """
    converter = Autograde(coursedir=api.coursedir, parent=api)
    for steps, wanted in [
        (converter.sanitize_preprocessors, MAKE_WHOLE),
        (converter.autograde_preprocessors, RUN_AND_SCORE),
    ]:
        for name in wanted:
            # By name and once: a worker puts the examiner in the place of the step of that name.
            if name.startswith("grader.") and steps.count(name) != 1:
                raise CourseError(
                    f"{CONFIG_FILE} of {api.coursedir.root} runs {name} {steps.count(name)} times, not once: "
                    f"take its own lists of preprocessors out, or run `course init` there."
                )


def check_writable(folder: Path) -> None:
    """Refuse a read-only or full folder before anything in it is replaced."""
    try:
        folder.mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(4096))
    except OSError as error:
        raise CourseError(
            f"{folder} cannot be written ({error.strerror}); nothing was graded. Mend that, then grade again."
        ) from None
