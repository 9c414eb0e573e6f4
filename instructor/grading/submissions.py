"""Find what was handed in, and say in a sentence why a folder cannot be graded."""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import find_all_files

from instructor.course import CourseError
from instructor.grading.sanitize import grade_id, official_metadata

# nbgrader looks folders up with glob, which would take these for patterns and pass over the files in them.
GLOB_CHARACTERS = set("*?[]")

# Control characters, line and paragraph separators, bytes that are not UTF-8: no table or file can show them.
UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}

# What some editors on Windows put before the text.
BOM = "\ufeff"


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


class UnfitSubmission(Exception):
    """A submission that cannot be graded; the message says why and what to do."""


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
            raise CourseError(f"{submitted} holds nothing of '{student}'.{suggest(student, everybody)}")
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
    known = sorted(known)
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    meant = f" Did you mean '{close[0]}'?" if close else ""
    return f"{meant} There is: {', '.join(known[:20]) or 'nothing'}{', …' if len(known) > 20 else ''}."


def printable(name: str) -> str:
    """The name with line breaks and the like written as in Python, for sentences, tables and files."""
    return "".join(
        letter.encode("unicode_escape").decode() if unicodedata.category(letter) in UNPRINTABLE else letter
        for letter in name
    )


def check_submission(submission: Submission, gradebook: Gradebook) -> None:
    """Refuse a submission that nbgrader cannot grade, or would grade as something else.

    Raises
    ------
    UnfitSubmission
        With a sentence for the instructor.
    """
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
    try:
        inside = sorted(printable(path.name) for path in submission.folder.iterdir())
    except OSError as error:
        raise UnfitSubmission(
            f"{submission.shown} cannot be read ({error.strerror}): make it readable, then grade again."
        ) from None
    notebooks = sorted(submission.folder.glob("*.ipynb"))
    if not notebooks:
        what = f"holds no notebook, only {', '.join(inside[:5])}" if inside else "is empty"
        raise UnfitSubmission(f"{submission.shown} {what}: ask the student to hand in again.")
    expected = {notebook.name: notebook for notebook in gradebook.find_assignment(submission.unit).notebooks}
    for path in notebooks:
        if path.stem in expected:
            _check_cells(path, submission, set(official_metadata(expected[path.stem])), gradebook)
    if missing := expected.keys() - {path.stem for path in notebooks}:
        names = ", ".join(path.name for path in notebooks)
        owner = _owner_of_notebook({path.stem for path in notebooks}, gradebook)
        raise UnfitSubmission(
            f"{submission.shown} holds {names}{f', which belongs to unit {owner},' if owner else ''} but "
            f"not {', '.join(f'{name}.ipynb' for name in sorted(missing))}: rename it, or ask the student to "
            "hand in again."
        )


def _check_cells(path: Path, submission: Submission, known: set[str], gradebook: Gradebook) -> None:
    shown = submission.shown / path.name
    again = "Ask the student to save it again in JupyterLab."
    try:
        text = path.read_text(encoding="utf-8")
        json.loads(text.removeprefix(BOM))
    except ValueError as error:
        raise UnfitSubmission(f"{shown} is not a notebook: it is not JSON ({error}). {again}") from None
    except OSError as error:
        raise UnfitSubmission(
            f"{shown} cannot be read ({error.strerror}): make it a readable file, then grade again."
        ) from None
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
    except Exception as error:  # nbformat raises whatever the content leads to: KeyError, AttributeError, …
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
    best = max(shared, key=shared.get, default="")
    return best if shared.get(best) else ""


def fingerprint(submission: Submission, coursedir: CourseDirectory, gradebook: Gradebook) -> str:
    """A digest of all that decides about the grade: what was handed in and the instructor's version."""
    digest = hashlib.sha256()
    source = Path(coursedir.format_path(coursedir.source_directory, ".", submission.unit))
    for folder, ignore in [(submission.folder, []), (source, ["*.ipynb"])]:
        for path in sorted(find_all_files(str(folder), coursedir.ignore + ignore)):
            _add(digest, str(Path(path).relative_to(folder)).encode(), Path(path).read_bytes())
    for notebook in sorted(gradebook.find_assignment(submission.unit).notebooks, key=lambda each: each.name):
        _add(digest, notebook.name.encode(), (notebook.kernelspec or "").encode())
        _add(digest, json.dumps(official_metadata(notebook), sort_keys=True).encode())
        for cell in sorted(notebook.source_cells, key=lambda each: each.name):
            _add(digest, cell.name.encode(), (cell.source or "").encode())
    return digest.hexdigest()


def _add(digest, *parts: bytes) -> None:
    # With its length before each part, no two lists of parts look alike.
    for part in parts:
        digest.update(b"%d:" % len(part) + part)


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
                raise CourseError(f"{unit} was never released: run `course release {unit}` first.") from None
            raise CourseError(f"There is no unit '{unit}'.{suggest(unit, {*released, *written})}") from None
    if not units and not released:
        raise CourseError(f"No unit of {root} was released yet: run `course release` first.")
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
