"""What are the files of a submission, or why can it not be graded?"""

from __future__ import annotations

import json
import os
import stat

import nbformat
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import find_all_files, parse_utc

from grader.cells import grade_id, official_metadata
from grader.intake.submissions import GLOB_CHARACTERS, MARKUP, Submission
from grader.shown_text import printable

# What a notebook with pictures needs many times over. Workers hold a submission in memory.
MAX_BYTES = 50_000_000
MAX_FILES = 500
TIMESTAMP = "timestamp.txt"

# What some editors on Windows put before the text.
BOM = "\ufeff"


class UnfitSubmission(Exception):
    """A submission that cannot be graded; the message says why and what to do."""


def take_in(submission: Submission, coursedir: CourseDirectory, gradebook: Gradebook) -> dict[str, bytes]:
    """The files of a submission that can be graded, by relative path.

    Files that the course ignores and notebooks that are not the unit's are left out.

    Raises
    ------
    UnfitSubmission
        If nbgrader cannot grade it, or would grade it as something else.
    """
    _check_name(submission)
    expected = {notebook.name: notebook for notebook in gradebook.find_assignment(submission.unit).notebooks}
    _check_notebooks_are_there(submission, set(expected), gradebook)
    files = _read(submission, coursedir)
    for name, notebook in expected.items():
        if f"{name}.ipynb" not in files:
            raise UnfitSubmission(
                f"{submission.shown / name}.ipynb is a folder: put the notebook in its place."
            )
        known = set(official_metadata(notebook))
        _check_cells(submission, f"{name}.ipynb", files[f"{name}.ipynb"], known, gradebook)
    _check_timestamp(submission, files)
    return {
        name: content
        for name, content in files.items()
        if not name.endswith(".ipynb") or name.removesuffix(".ipynb") in expected
    }


def _check_name(submission: Submission) -> None:
    if (shown := printable(submission.student)) != submission.student:
        raise UnfitSubmission(
            f"The folder name '{shown}' holds a line break, a control character or bytes that are not UTF-8: "
            "rename it."
        )
    if GLOB_CHARACTERS & set(submission.student) or submission.student != submission.student.strip():
        raise UnfitSubmission(
            f"The folder name '{submission.student}' holds one of * ? [ ] or starts or ends with a space: "
            "rename it."
        )
    if MARKUP & set(submission.student):
        raise UnfitSubmission(
            f"The folder name '{submission.student}' holds one of < > & \" ', which formgrader's pages would "
            "take for HTML: rename it."
        )


def _check_notebooks_are_there(submission: Submission, expected: set[str], gradebook: Gradebook) -> None:
    try:
        inside = sorted(path.name for path in submission.folder.iterdir())
    except OSError as error:
        raise UnfitSubmission(
            f"{submission.shown} cannot be read ({error.strerror}): make it readable, then grade again."
        ) from None
    found = {name.removesuffix(".ipynb") for name in inside if name.endswith(".ipynb")}
    if not found:
        what = f"holds no notebook, only {', '.join(map(printable, inside[:5]))}" if inside else "is empty"
        raise UnfitSubmission(f"{submission.shown} {what}: ask the student to hand in again.")
    if missing := expected - found:
        names = ", ".join(f"{printable(name)}.ipynb" for name in sorted(found))
        owner = _owner_of_notebook(found, gradebook)
        raise UnfitSubmission(
            f"{submission.shown} holds {names}{f', which belongs to unit {owner},' if owner else ''} but "
            f"not {', '.join(f'{name}.ipynb' for name in sorted(missing))}: rename it, or ask the student to "
            "hand in again."
        )


def _read(submission: Submission, coursedir: CourseDirectory) -> dict[str, bytes]:
    """The files, none of them a link out of the folder, and not more than a worker can hold."""
    files: dict[str, bytes] = {}
    left = MAX_BYTES
    for path in sorted(find_all_files(str(submission.folder), coursedir.ignore)):
        name = os.path.relpath(path, submission.folder)
        shown = submission.shown / printable(name)
        try:
            # A link may lead to the gradebook or to another student's work, and a pipe nowhere.
            if not stat.S_ISREG(os.lstat(path).st_mode):
                raise UnfitSubmission(f"{shown} is a link or a device: put the file itself in its place.")
            with open(path, "rb") as file:
                files[name] = file.read(left + 1)
        except OSError as error:
            raise UnfitSubmission(
                f"{shown} cannot be read ({error.strerror}): make it a readable file, then grade again."
            ) from None
        left -= len(files[name])
        if left < 0 or len(files) > MAX_FILES:
            raise UnfitSubmission(
                f"{submission.shown} holds more than {MAX_BYTES // 1_000_000} MB or {MAX_FILES} files: "
                "remove what does not belong to it, and clear the outputs of the notebook."
            )
    return files


def _check_cells(
    submission: Submission, name: str, content: bytes, known: set[str], gradebook: Gradebook
) -> None:
    shown = submission.shown / name
    again = "Ask the student to save it again in JupyterLab."
    try:
        text = content.decode()
        json.loads(text.removeprefix(BOM))
    except (ValueError, RecursionError) as error:
        raise UnfitSubmission(f"{shown} is not a notebook: it is not JSON ({error}). {again}") from None
    if text.startswith(BOM):
        # Neither nbgrader nor JupyterLab reads it.
        raise UnfitSubmission(
            f"{shown} begins with a byte order mark (BOM), with which no notebook can be opened: save it in "
            "an editor as UTF-8 without BOM, then grade again."
        )
    try:
        # Not validated: what other editors add does not matter, as long as there are cells.
        cells = nbformat.reads(text, as_version=4).cells
        claimed = {name for cell in cells for name in (grade_id(cell), cell.get("id")) if name}
    except Exception as error:  # odd content makes nbformat raise KeyError, AttributeError and others
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UnfitSubmission(f"{shown} is JSON but not a notebook ({said}). {again}") from None
    if not claimed & known:
        owner = _owner_of_cells(claimed, gradebook)
        whose = (
            f"its cells are those of unit {owner}"
            if owner
            else f"it has none of the cells of {submission.unit}"
        )
        raise UnfitSubmission(f"{shown} is for another unit: {whose}. Ask the student to hand in again.")


def _check_timestamp(submission: Submission, files: dict[str, bytes]) -> None:
    """nbgrader takes the time of submission from this file, and ends the program if it is none."""
    text = files.get(TIMESTAMP, b"").decode(errors="replace").strip()
    try:
        if text:
            parse_utc(text)
    except (ValueError, OverflowError):
        raise UnfitSubmission(
            f"{submission.shown / TIMESTAMP} holds '{printable(text[:40])}', which is no time such as "
            "'2026-10-31 23:59:00 UTC': correct or remove it."
        ) from None


def _owner_of_notebook(names: set[str], gradebook: Gradebook) -> str:
    return next(
        (
            unit.name
            for unit in gradebook.assignments
            for notebook in unit.notebooks
            if notebook.name in names
        ),
        "",
    )


def _owner_of_cells(names: set[str], gradebook: Gradebook) -> str:
    shared = {
        unit.name: sum(cell.name in names for notebook in unit.notebooks for cell in notebook.source_cells)
        for unit in gradebook.assignments
    }
    best = max(shared, key=lambda name: shared[name], default="")
    return best if shared.get(best) else ""
