"""How do the results of a submission get to their places, so that a crash leaves them whole?

Only one process does this. A crash at any moment leaves either the old results or the new ones: files are
written beside the old ones, the gradebook takes all points in one transaction, then the files change places.
`recover` finishes or undoes what was cut short.
"""

from __future__ import annotations

import json
import shutil
import stat
from dataclasses import asdict, dataclass
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory

from grader.files import beside_notebooks, write_files
from grader.gradebook.ledger import (
    clear_auto_scores,
    enter,
    one_transaction,
    points_digest,
    read_scores,
)
from grader.gradebook.marks import answers_of, is_marked, read_marks, settle, with_present, write_marks
from grader.intake.submissions import Submission
from grader.task import Mark, Outcome, Task

# Beside the autograded notebook, so that it goes when nbgrader grades or fails the submission by itself.
STATE_FILE = "grading.json"
WRITING = 0o222


@dataclass(frozen=True)
class GradedState:
    """What was graded, and what the gradebook said when that was done.

    Attributes
    ----------
    fingerprint : str
        Of the submission and the instructor's version.
    points : str
        Digest of what the autograder wrote into the gradebook.
    shown : str
        Digest of what the pages show from the gradebook.
    """

    fingerprint: str = ""
    points: str = ""
    shown: str = ""


class Archive:
    """The places of one submission in the course folder.

    Parameters
    ----------
    coursedir : CourseDirectory
        Of the course.
    submission : Submission
        Whose places.
    """

    def __init__(self, coursedir: CourseDirectory, submission: Submission) -> None:
        self.coursedir = coursedir
        self.submission = submission
        self.graded, self.pages = (
            Path(coursedir.format_path(step, submission.student, submission.unit))
            for step in (coursedir.autograded_directory, coursedir.feedback_directory)
        )

    def state(self) -> GradedState:
        """What is known of the last grading; empty if there was none, or if nbgrader graded it since."""
        return _read_state(self.graded)

    def is_graded(self, gradebook: Gradebook, notebooks: tuple[str, ...], fingerprint: str) -> bool:
        """Whether the submission was graded to the end as it is now, and the results are still there."""
        state = self.state()
        return (
            state.fingerprint == fingerprint
            and all((self.graded / f"{name}.ipynb").is_file() for name in notebooks)
            and state.points == self._points(gradebook)
        )

    def pages_show(self, shown: str, notebooks: tuple[str, ...]) -> bool:
        """Whether the pages are there and show what the gradebook says."""
        return self.state().shown == shown and all(
            (self.pages / f"{name}.html").is_file() for name in notebooks
        )

    def notebooks(self, names: tuple[str, ...]) -> dict[str, bytes]:
        """The autograded notebooks, by name."""
        return {name: (self.graded / f"{name}.ipynb").read_bytes() for name in names}

    def store(self, task: Task, outcome: Outcome) -> None:
        """Put a graded submission in the place of an earlier one."""
        others = beside_notebooks(task.files | task.official.files)
        notebooks = {f"{name}.ipynb": data for name, data in outcome.notebooks.items()}
        state = GradedState(task.fingerprint, points_digest(outcome.scores, outcome.timestamp), outcome.shown)
        try:
            _write_beside(self.pages, _pages(outcome))
            _write_beside(self.graded, others | notebooks)
            for name in others | notebooks:
                path = _beside(self.graded) / name
                path.chmod(stat.S_IMODE(path.stat().st_mode) & ~WRITING)
            _write_state(_beside(self.graded), state)
            unit, student = self.submission.unit, self.submission.student
            with one_transaction(self.coursedir) as gradebook:
                marks = self.marks(gradebook)
                write_marks(gradebook, unit, student, marks)
                enter(gradebook, unit, student, outcome)
                if marks:
                    settle(gradebook.find_submission(unit, student), outcome.answers, marks)
        except BaseException:
            # On a full disk nothing half-written may take up the rest.
            self._discard()
            raise
        self._change_places()

    def store_pages(self, outcome: Outcome) -> None:
        """Put new pages in the place of old ones; the points stay."""
        write_files(self.pages, _pages(outcome))
        state = self.state()
        _write_state(self.graded, GradedState(state.fingerprint, state.points, outcome.shown))

    def marks(self, gradebook: Gradebook) -> list[Mark]:
        """What a person gave to this student's answers: to the present ones, and to earlier ones."""
        unit, student = self.submission.unit, self.submission.student
        marks = read_marks(gradebook, unit, student)
        try:
            submitted = gradebook.find_submission(unit, student)
        except MissingEntry:
            return marks
        if not marks and not is_marked(submitted):
            return marks
        paths = [self.graded / f"{notebook.name}.ipynb" for notebook in submitted.notebooks]
        present = answers_of({path.stem: path.read_bytes() for path in paths if path.is_file()})
        return with_present(marks, submitted, present)

    def withdraw(self) -> None:
        """Remove all signs that the submission was graded; points given by a person stay."""
        unit, student = self.submission.unit, self.submission.student
        with one_transaction(self.coursedir) as gradebook:
            # Once the notebook is gone, nobody knows what they were given for.
            write_marks(gradebook, unit, student, self.marks(gradebook))
            clear_auto_scores(gradebook, unit, student)
        for folder in (self.pages, self.graded):
            shutil.rmtree(folder, ignore_errors=True)

    def recover(self, gradebook: Gradebook) -> None:
        """Finish, or undo, what an earlier run was putting in place when it ended."""
        waiting = _beside(self.graded)
        if not waiting.exists() and not _beside(self.pages).exists():
            return
        # The state is written last and goes into place last: it says whether the points had arrived.
        if _read_state(waiting).points == self._points(gradebook) != "":
            self._change_places()
        else:
            self._discard()

    def _discard(self) -> None:
        for folder in (self.graded, self.pages):
            shutil.rmtree(_beside(folder), ignore_errors=True)

    def _points(self, gradebook: Gradebook) -> str:
        try:
            submission = gradebook.find_submission(self.submission.unit, self.submission.student)
        except MissingEntry:
            return ""
        return points_digest(read_scores(submission), submission.timestamp)

    def _change_places(self) -> None:
        for folder in (self.pages, self.graded):
            if _beside(folder).exists():
                shutil.rmtree(folder, ignore_errors=True)
                _beside(folder).rename(folder)


def _beside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.new")


def _write_beside(folder: Path, files: dict[str, bytes]) -> None:
    shutil.rmtree(_beside(folder), ignore_errors=True)
    write_files(_beside(folder), files)


def _pages(outcome: Outcome) -> dict[str, bytes]:
    return {f"{name}.html": data for name, data in outcome.pages.items()}


def _write_state(folder: Path, state: GradedState) -> None:
    # Written under another name first, so that the file is complete or not there.
    beside = folder / f".{STATE_FILE}.new"
    beside.write_text(json.dumps(asdict(state)), encoding="utf-8")
    beside.replace(folder / STATE_FILE)


def _read_state(folder: Path) -> GradedState:
    try:
        return GradedState(**json.loads((folder / STATE_FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return GradedState()
