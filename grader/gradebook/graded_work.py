"""What of a unit is graded: which notebooks can be read, and who handed in what is not?"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import reads_json
from nbgrader.api import Assignment, Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory

from grader.course_folder import CourseError, release_command
from grader.gradebook.identity import id_finder
from grader.people import spelling


def find_unit(gradebook: Gradebook, unit: str) -> Assignment:
    """A unit as the gradebook knows it.

    Raises
    ------
    CourseError
        If it was never released.
    """
    try:
        return gradebook.find_assignment(unit)
    except MissingEntry:
        raise CourseError(f"The gradebook knows no unit '{unit}': {release_command(unit)}.") from None


def notebook_path(coursedir: CourseDirectory, step: str, student: str, unit: str, notebook: str) -> Path:
    """Where a notebook of a unit lies after a step of nbgrader's."""
    return Path(coursedir.format_path(step, student, unit)) / f"{notebook}.ipynb"


def graded_notebook(
    coursedir: CourseDirectory, student: str, unit: str, notebook: str
) -> NotebookNode | None:
    """The autograded notebook; None if it was not graded, was withdrawn, or is damaged."""
    path = notebook_path(coursedir, coursedir.autograded_directory, student, unit, notebook)
    try:
        # Not validated: that takes seconds for a notebook full of outputs, and a worker has done it.
        return reads_json(path.read_bytes().decode())
    except (OSError, ValueError, KeyError):
        return None


def not_graded(
    gradebook: Gradebook,
    coursedir: CourseDirectory,
    unit: str,
    graded: Collection[str],
    unread: Collection[str] = (),
) -> list[str]:
    """The folders of students who handed in what could not be graded, or has not been.

    Parameters
    ----------
    gradebook : Gradebook
        It says whose a folder is that is spelled in another way.
    coursedir : CourseDirectory
        The course folder.
    unit : str
        The unit's name.
    graded : collection of str
        Ids of those whose graded work is there.
    unread : collection of str
        Ids of those of whom a graded notebook is not there, or damaged. They are named with or without a
        folder.
    """
    find = id_finder(gradebook)
    submitted = Path(coursedir.root) / coursedir.submitted_directory
    owners = {
        folder.parent.name: spelling(find(unit, folder.parent.name) or folder.parent.name)
        for folder in submitted.glob(f"*/{unit}")
        if folder.is_dir()
    }
    known = set(map(spelling, graded)) - set(map(spelling, unread))
    left = {name for name, owner in owners.items() if owner not in known}
    named = {owners[name] for name in left}
    return sorted(left | {id for id in unread if spelling(id) not in named})
