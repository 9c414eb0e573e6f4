"""What was handed in: for which units, by whom, and which folders belong to no unit?"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory

from grader.course_folder import CourseError, release_command
from grader.shown_text import printable

# nbgrader looks folders up with glob, which would take these for patterns and pass over the files in them.
GLOB_CHARACTERS = set("*?[]")

# Formgrader writes a student's id into its pages as it is.
MARKUP = set("<>&\"'")


@dataclass(frozen=True)
class Submission:
    """What one student handed in for one unit: the folder ``submitted/<student>/<unit>``."""

    unit: str
    student: str
    folder: Path

    @property
    def shown(self) -> Path:
        """The folder as seen from the course folder, for sentences."""
        return Path(*map(printable, self.folder.parts[-3:]))


def find_submissions(
    coursedir: CourseDirectory, units: Sequence[str], students: Sequence[str] | None
) -> list[Submission]:
    """The submissions for these units, by unit and student.

    A student's folder that cannot be looked into may hold any of them: it is refused when it is graded.

    Parameters
    ----------
    coursedir : CourseDirectory
        The course folder.
    units : sequence of str
        Names of units.
    students : sequence of str, optional
        Only these students; all by default.

    Raises
    ------
    CourseError
        If there is no submission, or none of a student that was named, or the folder cannot be read.
    """
    submitted = Path(coursedir.root) / coursedir.submitted_directory
    folders = _visible_folders(submitted)
    everybody = [folder.name for folder in folders]
    for student in students or []:
        if student not in everybody:
            raise CourseError(
                f"{submitted} holds nothing of '{printable(student)}'.{suggest(student, everybody)}"
            )
    chosen = [folder for folder in folders if students is None or folder.name in students]
    found = [
        Submission(unit, folder.name, folder / unit)
        for unit in units
        for folder in chosen
        if _is_folder(folder / unit)
    ]
    if not found:
        raise CourseError(
            f"There is nothing to grade for {', '.join(units)}: put each student's notebook into "
            f"{submitted}/<student>/<unit>/."
        )
    return found


def misnamed_folders(
    coursedir: CourseDirectory, units: Iterable[str], students: Sequence[str] | None
) -> list[Submission]:
    """Folders of these students that are named after no unit, so that nobody would ever grade them."""
    submitted = Path(coursedir.root) / coursedir.submitted_directory
    misnamed = []
    for student in _visible_folders(submitted):
        if students is None or student.name in students:
            try:
                folders = _visible_folders(student)
            except CourseError:  # find_submissions has it, for each unit
                continue
            misnamed += [
                Submission(folder.name, student.name, folder)
                for folder in folders
                if folder.name not in units
            ]
    return misnamed


def suggest(name: str, known: Iterable[str]) -> str:
    """A sentence, after a space, that names what may have been meant and what there is."""
    known = sorted(map(printable, known))
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    meant = f" Did you mean '{close[0]}'?" if close else ""
    return f"{meant} There is: {', '.join(known[:20]) or 'nothing'}{', …' if len(known) > 20 else ''}."


def released_units(gradebook: Gradebook, units: Sequence[str], root: Path) -> list[str]:
    """The units to grade: those named, or all that the gradebook knows.

    Raises
    ------
    CourseError
        If a name is no unit's, or the unit was not released.
    """
    released = [unit.name for unit in gradebook.assignments]
    written = [folder.name for folder in _visible_folders(root / "source")]
    for unit in units:
        try:
            gradebook.find_assignment(unit)
        except MissingEntry:
            if unit in written:
                raise CourseError(f"{unit} was never released: {release_command(unit)} first.") from None
            raise CourseError(f"There is no unit '{unit}'.{suggest(unit, {*released, *written})}") from None
    if not units and not released:
        raise CourseError(f"No unit of {root} was released yet: {release_command('UNIT')} first.")
    return list(units) or sorted(released)


def _visible_folders(folder: Path) -> list[Path]:
    try:
        if not folder.is_dir():
            return []
        # A folder may be listed and yet not be entered: then its own entry for itself cannot be reached.
        os.stat(os.path.join(folder, os.curdir))
        inside = list(folder.iterdir())
    except OSError as error:
        raise CourseError(
            f"{folder} cannot be read ({error.strerror}): make it readable, then grade again."
        ) from None
    return sorted(path for path in inside if not path.name.startswith(".") and _is_folder(path))


def _is_folder(path: Path) -> bool:
    """Whether it is a folder, or may be one: what cannot be looked at is refused where it is graded."""
    try:
        return path.is_dir()
    except OSError:
        return True
