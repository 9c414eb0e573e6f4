"""Grade a class: every submission gets points and a feedback page, or a sentence that says why not.

One process, one writer to the gradebook, one submission after the other. What is graded stays graded: a later
run goes on where an earlier one was stopped, and takes up again only what has changed since.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from traitlets.log import get_logger

from course_utils.progress import progress
from instructor.course import CONFIG_FILE, CourseError, nbgrader_api
from instructor.grading.results import Result, Status, is_in_gradebook, read_result
from instructor.grading.runner import (
    LOG_FILE,
    check_gradebook_writable,
    convert,
    explain,
    log_to,
    open_gradebook,
)
from instructor.grading.scoring import clear_auto_scores
from instructor.grading.submissions import (
    GLOB_CHARACTERS,
    Submission,
    check_submission,
    find_submissions,
    fingerprint,
    misnamed_folders,
    released_units,
    suggest,
)

# Beside the autograded notebook, so that it goes when nbgrader grades or fails the submission by itself.
NOTE_FILE = "grading.json"


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
        If nothing can be graded: an unknown unit or student, no submission, a folder or a gradebook that
        cannot be written. What was graded before is left as it is.
    GradingInterrupted
        After Ctrl-C.
    """
    root = root.resolve()
    _check_course(root)
    with log_to(root / LOG_FILE):
        api = nbgrader_api(root)
        _check_preprocessors(api)
        coursedir = api.coursedir
        for folder in (".", coursedir.autograded_directory, coursedir.feedback_directory):
            _check_writable(root / folder)
        with open_gradebook(coursedir) as gradebook:
            check_gradebook_writable(gradebook, coursedir)
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
        with open_gradebook(coursedir) as gradebook:
            check_submission(submission, gradebook)
            print_ = fingerprint(submission, coursedir, gradebook)
            current = not force and _is_current(gradebook, coursedir, submission, print_)
            if not current:
                # Before anything else: whatever happens next, no score of an earlier submission is left.
                clear_auto_scores(gradebook, submission.unit, submission.student)
        if not current:
            convert(Autograde(coursedir=coursedir, parent=api), submission)
        with open_gradebook(coursedir) as gradebook:
            shown = _shown(gradebook, submission)
        if not current or _note(coursedir, submission).get("shown") != shown:
            convert(GenerateFeedback(coursedir=coursedir, parent=api), submission)
            # Last, so that a submission whose grading was cut short is taken up again.
            note = json.dumps({"fingerprint": print_, "shown": shown})
            _note_path(coursedir, submission).write_text(note, encoding="utf-8")
        with open_gradebook(coursedir) as gradebook:
            return read_result(gradebook, coursedir, submission, Status.KEPT if current else Status.GRADED)
    except KeyboardInterrupt:
        _withdraw(coursedir, submission)
        raise
    except Exception as error:  # whatever it is, the others must be graded
        get_logger().error("%s for %s", submission.student, submission.unit, exc_info=True)
        _withdraw(coursedir, submission)
        return Result(submission.unit, submission.student, Status.FAILED, problem=explain(error, coursedir))


def _withdraw(coursedir: CourseDirectory, submission: Submission) -> None:
    """Leave nothing that says that the submission was graded: no automatic score, no feedback page.

    Where the gradebook lets nothing be cleared, all stays as it is: the scores keep their notebook and page.
    """
    try:
        with open_gradebook(coursedir) as gradebook:
            clear_auto_scores(gradebook, submission.unit, submission.student)
    except Exception:  # whatever it is, the others must be graded
        get_logger().error("The gradebook could not be cleared", exc_info=True)
        return
    for step in (coursedir.autograded_directory, coursedir.feedback_directory):
        shutil.rmtree(coursedir.format_path(step, submission.student, submission.unit), ignore_errors=True)


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
