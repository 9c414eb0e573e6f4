"""What was handed in: by whom and for which units, and what lies where nobody would look for it?

A submission is ``submitted/<student>/<unit>/``. People also put notebooks beside that folder, into a deeper
one, or into one of another name. Those are recognised by their cells. Whatever is left over, a file or a
folder, is named: nothing under ``submitted/`` is passed over but hidden files and what the course ignores,
and those are named where they may be the work.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath

from nbgrader.coursedir import CourseDirectory

from grader.course_folder import CourseError
from grader.intake.catalogue import Catalogue
from grader.intake.errors import UnfitSubmission
from grader.intake.kinds import ARCHIVE, BEGIN, archives_among
from grader.intake.notebook import looks_like_notebook, read_cells
from grader.intake.passed_over import PassedOver, is_systems, left_out, passed_over, said_of
from grader.intake.tree import Folder, open_first
from grader.intake.units import suggest
from grader.people import spelling
from grader.shown_text import listed, printable

# What a notebook with pictures needs many times over. Workers hold a submission in memory.
MAX_BYTES = 50_000_000
MAX_FILES = 500


@dataclass(frozen=True)
class Loose:
    """A notebook of a unit that lies elsewhere; ``path`` is relative to the student's folder."""

    path: PurePosixPath
    notebook: str


@dataclass(frozen=True)
class Submission:
    """What one student handed in for one unit.

    Attributes
    ----------
    unit : str
        Its name.
    student : str
        The id under which the gradebook has the points; the folder may be spelled otherwise.
    folder : Path
        ``submitted/<student>/<unit>``, or the one folder that is named like it; it may be missing.
    loose : tuple of Loose
        Notebooks of the unit that lie outside of it.
    rivals : tuple of Path
        Folders of the same person, in other spelling, that hold the unit, too.
    """

    unit: str
    student: str
    folder: Path
    loose: tuple[Loose, ...] = ()
    rivals: tuple[Path, ...] = ()

    @property
    def shown(self) -> Path:
        """The folder as seen from the course folder, for sentences."""
        return Path(*map(printable, self.folder.parts[-3:]))


@dataclass(frozen=True)
class LeftOver:
    """What lies under ``submitted/`` and belongs to no submission: a sentence says what to do."""

    unit: str
    student: str
    problem: str


@dataclass
class Found:
    """All that lies under ``submitted/``."""

    submissions: list[Submission] = field(default_factory=list)
    left_over: list[LeftOver] = field(default_factory=list)


def find_submissions(
    coursedir: CourseDirectory,
    catalogue: Catalogue,
    units: Sequence[str],
    students: Sequence[str] | None,
    id_of: Callable[[str, str], str | None] = lambda unit, name: None,
) -> Found:
    """The submissions for these units, by unit and student, and what belongs to none.

    A student's folder that cannot be looked into may hold any of them: it is refused when it is graded.

    Parameters
    ----------
    coursedir : CourseDirectory
        The course folder.
    catalogue : Catalogue
        All released units.
    units : sequence of str
        Names of units.
    students : sequence of str, optional
        Only these students, in any spelling; all by default.
    id_of : callable
        ``id_of(unit, name)`` is the id under which the gradebook knows a person, or None.

    Raises
    ------
    CourseError
        If there is no submission, or none of a student that was named, or the folder cannot be read.
    """
    place = Path(coursedir.root) / coursedir.submitted_directory
    is_left_out = left_out(coursedir.ignore)
    found = Found()
    try:
        if place.is_dir():
            with open_first(place) as submitted:
                everything = submitted.names()
                names = [name for name in everything if not is_left_out(name)]
                _check_students(place, students, names)
                wanted = None if students is None else set(map(spelling, students))
                for name in names if wanted is None else [each for each in names if spelling(each) in wanted]:
                    _look_at(submitted, name, place, catalogue, units, is_left_out, found)
                if wanted is None:
                    for name in [each for each in everything if is_left_out(each)]:
                        _name_passed_over(submitted, name, catalogue, is_left_out, found)
                _know_people(found, [*names, *everything], id_of)
        else:
            _check_students(place, students, [])
    except (UnfitSubmission, OSError) as error:
        said = (
            str(error) if isinstance(error, UnfitSubmission) else f"{place} cannot be read ({error.strerror})"
        )
        raise CourseError(said) from None
    if not found.submissions:
        others = " ".join(each.problem for each in found.left_over[:5])
        raise CourseError(
            f"There is nothing to grade for {', '.join(units)}: put each student's notebook into "
            f"{place}/<student>/<unit>/.{f' {others}' if others else ''}"
        )
    order = {unit: number for number, unit in enumerate(units)}
    found.submissions.sort(key=lambda each: order[each.unit])
    return found


def _check_students(place: Path, students: Sequence[str] | None, everybody: Sequence[str]) -> None:
    spellings = set(map(spelling, everybody))
    for student in students or []:
        if spelling(student) not in spellings:
            raise CourseError(
                f"{place} holds nothing of '{printable(student)}'.{suggest(student, everybody)}"
            )


def _know_people(found: Found, names: Iterable[str], id_of: Callable[[str, str], str | None]) -> None:
    """Give every submission the id of its person, and make one of several for the same unit."""
    first: dict[str, str] = {}
    for name in names:
        first.setdefault(spelling(name), name)

    def id_for(unit: str, name: str) -> str:
        return id_of(unit, name) or first[spelling(name)]

    people: dict[tuple[str, str], list[Submission]] = {}
    for each in found.submissions:
        known = replace(each, student=id_for(each.unit, each.student))
        people.setdefault((each.unit, spelling(known.student)), []).append(known)
    found.submissions = [
        replace(each, rivals=tuple(other.folder for other in others)) for each, *others in people.values()
    ]
    found.left_over = [replace(each, student=id_for(each.unit, each.student)) for each in found.left_over]


def _look_at(
    submitted: Folder,
    name: str,
    place: Path,
    catalogue: Catalogue,
    units: Sequence[str],
    is_left_out: Callable[[str], bool],
    found: Found,
) -> None:
    """Add what one entry of ``submitted/`` holds to what was found."""
    shown = submitted.shown / printable(name)
    if submitted.is_file(name):
        what = "unpack it" if ARCHIVE.search(name) else "move it"
        found.left_over.append(
            LeftOver(
                "",
                name,
                f"{shown} lies in no student's folder, so it is not graded: {what} to "
                f"{submitted.shown}/<student>/<unit>/ (`course collect` sorts what a class handed in).",
            )
        )
        return
    if unit := _unit_of_name(name, catalogue):
        found.left_over.append(
            LeftOver(
                unit,
                name,
                f"{shown} is named after a unit where a student's folder has its place: nothing in it is "
                f"graded. Move it to {submitted.shown}/<student>/{unit}/.",
            )
        )
        return
    try:
        with submitted.folder(name) as student:
            _look_into(student, name, place, catalogue, units, is_left_out, found)
    except UnfitSubmission:
        # It may hold any unit; grading says why it cannot be read.
        found.submissions += [Submission(unit, name, place / name / unit) for unit in units]


def _name_passed_over(
    submitted: Folder,
    name: str,
    catalogue: Catalogue,
    is_left_out: Callable[[str], bool],
    found: Found,
) -> None:
    """Name what may be the work in an entry of ``submitted/`` that is passed over."""
    shown = submitted.shown / printable(name)
    there = passed_over(submitted, [name], is_left_out, catalogue)
    if submitted.is_folder(name) and there:
        problem = (
            f"{shown} is hidden or has a name that the course ignores, so nothing in it is graded, and "
            f"{there[0].shown} {there[0].what}: if it is a student's folder, give it another name."
        )
    elif there or not (is_systems(name) or submitted.is_folder(name)):
        problem = (
            f"{shown} lies in no student's folder and has a name that the course ignores, so it is not "
            f"graded: move a student's work to {submitted.shown}/<student>/<unit>/, and remove anything else."
        )
    else:
        return
    found.left_over.append(LeftOver("", name, problem))


def _look_into(
    student: Folder,
    name: str,
    place: Path,
    catalogue: Catalogue,
    units: Sequence[str],
    is_left_out: Callable[[str], bool],
    found: Found,
) -> None:
    """Add what a student's folder holds to what was found."""
    names = student.names()
    entries = [entry for entry in names if not is_left_out(entry)]
    folders = _folders_of_units(student, entries, catalogue)
    elsewhere = [entry for entry in names if entry not in folders.values()]
    hidden = passed_over(student, elsewhere, is_left_out, catalogue)
    if not entries:
        said = said_of(hidden, partial(place_of, student.shown))
        problem = _nothing_in(student.shown, names) + (f" {said}." if said else "")
        found.left_over.append(LeftOver("", name, problem))
    loose: dict[str, list[Loose]] = {}
    flat: list[str] = []
    # Files that lie beside a notebook are taken along with it.
    has_flat_notebook = False
    for entry in entries:
        if entry in folders.values():
            continue
        try:
            here = _notebooks(student, entry, catalogue, is_left_out)
        except UnfitSubmission as error:
            found.left_over.append(LeftOver(entry, name, str(error)))
            continue
        for unit, notebook in here:
            loose.setdefault(unit, []).append(notebook)
        if here and student.is_file(entry):
            has_flat_notebook = True
        elif not here and student.is_folder(entry):
            problem = (
                f"{student.shown / printable(entry)} is named after no released unit, and no notebook in "
            )
            problem += f"it is of one, so it is not graded.{suggest(entry, catalogue.units)}"
            found.left_over.append(LeftOver(entry, name, problem))
        elif not here:
            flat.append(entry)
    notebooks = [entry for entry in flat if entry.lower().endswith(".ipynb") or ARCHIVE.search(entry)]
    if unseen := notebooks if has_flat_notebook else flat:
        begins = {entry: student.read(entry, BEGIN) for entry in unseen if student.is_file(entry)}
        found.left_over.append(LeftOver("", name, _unseen(student.shown, unseen, archives_among(begins))))
    # What is handed in without answers says so itself.
    unsaid = [each for each in hidden if each.unit in units and each.unit not in {*folders, *loose}]
    if entries and (said := said_of(unsaid, partial(place_of, student.shown))):
        found.left_over.append(LeftOver("", name, f"{said}."))
    found.submissions += [
        Submission(unit, name, place / name / folders.get(unit, unit), tuple(loose.get(unit, ())))
        for unit in units
        if unit in folders or unit in loose
    ]


def _folders_of_units(student: Folder, entries: Sequence[str], catalogue: Catalogue) -> dict[str, str]:
    """The folder of each unit: the one of its name, or the only one whose name differs in spelling."""
    folders = {unit: unit for unit in catalogue.units if unit in entries and not student.is_file(unit)}
    for unit in catalogue.units.keys() - folders.keys():
        alike = [
            entry
            for entry in entries
            if entry not in catalogue.units
            and _spelling(entry) == _spelling(unit)
            and not student.is_file(entry)
        ]
        if len(alike) == 1:
            folders[unit] = alike[0]
    return folders


def _unit_of_name(name: str, catalogue: Catalogue) -> str | None:
    """The unit after which a folder is named, in any spelling; a number may be a student's."""
    alike = [unit for unit in catalogue.units if _spelling(unit) == _spelling(name) and not name.isdecimal()]
    return name if name in catalogue.units else next(iter(alike), None)


def _spelling(name: str) -> str:
    """What is left of a name without case, signs and leading zeros."""
    letters = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"(?<!\d)0+(?=\d)", "", "".join(each for each in letters if each.isalnum()))


def _notebooks(
    student: Folder, entry: str, catalogue: Catalogue, is_left_out: Callable[[str], bool]
) -> list[tuple[str, Loose]]:
    """The notebooks of released units in a file or a folder that is no unit's."""
    if student.is_folder(entry):
        with student.folder(entry) as folder:
            return _notebooks_of(folder.files(is_left_out), PurePosixPath(entry), folder.shown, catalogue)
    files = [("", lambda limit: student.read(entry, limit))]
    return _notebooks_of(files, PurePosixPath(entry), student.shown / printable(entry), catalogue)


def _notebooks_of(
    files: Iterable[tuple[str, Callable[[int], bytes]]],
    place: PurePosixPath,
    shown: Path,
    catalogue: Catalogue,
) -> list[tuple[str, Loose]]:
    found, left = [], MAX_BYTES
    for number, (path, read) in enumerate(files):
        content = read(left + 1)
        left -= len(content)
        if left < 0 or number >= MAX_FILES:
            raise UnfitSubmission(too_much(shown))
        if looks_like_notebook(path or place.name, content):
            try:
                owner = catalogue.owner(read_cells(content, ""), path or place.name)
            except UnfitSubmission:
                continue
            if owner:
                found.append((owner.unit, Loose(place / path, owner.name)))
    return found


def place_of(shown: Path, work: PassedOver) -> Path:
    """Where work would be graded, in a student's folder."""
    return shown / work.unit / f"{work.notebook}.ipynb"


def _unseen(shown: Path, names: Sequence[str], archives: Sequence[str]) -> str:
    archives = archives or [name for name in names if ARCHIVE.search(name)]
    what = "unpack what is an archive, move" if archives else "move"
    return (
        f"{shown} holds {listed(names)} outside the folders of the units, so nobody looks at it: {what} what "
        f"belongs to a unit to {shown}/<unit>/, and remove the rest."
    )


def _nothing_in(shown: Path, names: Sequence[str]) -> str:
    if not names:
        return f"{shown} is empty: ask the student to hand in again, or remove it."
    return (
        f"{shown} holds only what is hidden or what the course ignores, {listed(names)}, so nothing in it is "
        "graded: ask the student for the notebook itself."
    )


def too_much(shown: Path) -> str:
    """What to say of a folder that holds more than can be taken in."""
    return (
        f"{shown} holds more than {MAX_BYTES // 1_000_000} MB or {MAX_FILES} files: remove what does not "
        "belong to it, and clear the outputs of the notebook."
    )
