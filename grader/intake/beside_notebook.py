"""What lies beside a notebook without answers that may be the work, and is not graded?"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath

from nbgrader.coursedir import CourseDirectory

from grader.intake.catalogue import Catalogue
from grader.intake.passed_over import is_systems, left_out, passed_over, said_of
from grader.intake.submissions import Submission, place_of
from grader.intake.tree import Folder, open_first
from grader.shown_text import printable
from grader.times import TIMESTAMP

# What lies beside every notebook sooner or later.
_NO_WORK = ("*.ipynb", "*.pyc", "__pycache__", "feedback", TIMESTAMP)


@contextmanager
def _folder_of(submission: Submission) -> Iterator[Folder]:
    """The student's folder."""
    with (
        open_first(submission.folder.parents[1]) as first,
        first.folder(submission.folder.parent.name) as student,
    ):
        yield student


def names_in_folder(submission: Submission) -> list[str]:
    """What lies in the unit's folder, hidden files as well."""
    with _folder_of(submission) as student, student.folder(submission.folder.name) as folder:
        return folder.names()


def work_passed_over(submission: Submission, coursedir: CourseDirectory, catalogue: Catalogue) -> str:
    """What is said of work under names that are not looked at; empty if there is none."""
    with _folder_of(submission) as student:
        found = passed_over(student, student.names(), left_out(coursedir.ignore), catalogue)
        mine = [each for each in found if each.unit in ("", submission.unit)]
        return said_of(mine, partial(place_of, student.shown))


def beside_nothing(
    submission: Submission, files: Collection[PurePosixPath], coursedir: CourseDirectory
) -> list[str]:
    """A note about files that may be the work, where the notebook is as it was handed out."""
    source = Path(coursedir.format_path(coursedir.source_directory, ".", submission.unit))
    known = left_out(_NO_WORK)
    own = PurePosixPath(submission.folder.name)
    # Programs are no part of a submission where the course ignores them, and may still be the answers.
    names = names_in_folder(submission) if any(own in path.parents for path in files) else map(str, files)
    names = [name for name in names if not (known(name) or (source / name).exists())]
    names += _ignored_beside(submission, coursedir)
    if not names:
        return []
    listed = ", ".join(map(printable, names[:5])) + (", …" if len(names) > 5 else "")
    return [f"the notebook is as it was handed out; look at what lies beside it ({listed})"]


def _ignored_beside(submission: Submission, coursedir: CourseDirectory) -> list[str]:
    """Files in the student's folder itself that the course ignores; others there are named in any case."""
    is_left_out = left_out(coursedir.ignore)
    with _folder_of(submission) as student:
        return [
            f"../{name}"
            for name in student.names()
            if is_left_out(name) and not is_systems(name) and student.is_file(name)
        ]
