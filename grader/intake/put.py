"""How does what was collected get to ``submitted/``, and nothing that is there lost?

A submission that is there is replaced only by one that is known to be later, or if it is as it was handed
out. Then it goes to the folder of what was put aside. Everything is written beside its place first, so that a
crash or a full disk leaves either the old submission or the new one.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from grader.course_folder import CourseError
from grader.files import write_files
from grader.intake.catalogue import Catalogue
from grader.intake.errors import UnfitSubmission
from grader.intake.hand_ins import HandIn, Plan, Row, Status
from grader.intake.notebook import read_cells
from grader.intake.source import Source, UnreadableEntry
from grader.people import spelling, unfit_id, words_of
from grader.shown_text import printable
from grader.times import TIMESTAMP, TimeError, read_time_of_file, write_time

REPLACED = "replaced"


class Submitted:
    """The folder ``submitted/`` of a course, as it is before anything is written.

    Parameters
    ----------
    folder : Path
        It; it may be missing.
    catalogue : Catalogue
        The released units.
    replace : bool
        Whether a hand-in without a time is taken for later than what is there.
    """

    def __init__(self, folder: Path, catalogue: Catalogue, *, replace: bool = False) -> None:
        self.folder, self.catalogue, self.replace = folder, catalogue, replace
        self._students: dict[str, list[Path]] = {}
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if not path.name.startswith(".") and (path.is_dir() or path.is_symlink()):
                self._students.setdefault(spelling(path.name), []).append(path)

    def settle(self, plan: Plan) -> None:
        """Decide for each hand-in whether it is written: in the plan, what is not is put aside."""
        for hand_in in list(plan.hand_ins):
            status, reason = self._decide(hand_in)
            if status is not Status.COLLECTED:
                plan.hand_ins.remove(hand_in)
                for row in hand_in.rows:
                    row.status, row.reason, row.target = status, reason, ""

    def place(self, hand_in: HandIn) -> Path:
        """Where a hand-in is, or is to be: a folder that is there keeps its spelling."""
        there = self._students.get(spelling(hand_in.student), [])
        student = there[0] if there else self.folder / hand_in.student
        if student.is_dir():
            for path in sorted(student.iterdir()):
                if path.is_dir() and words_of(path.name) == words_of(hand_in.unit):
                    return path
        return student / hand_in.unit

    def _decide(self, hand_in: HandIn) -> tuple[Status, str]:
        if problem := unfit_id(hand_in.student):
            return Status.ASIDE, problem
        there = self._students.get(spelling(hand_in.student), [])
        if len(there) > 1:
            names = " and ".join(printable(path.name) for path in there)
            return Status.ASIDE, f"submitted/ holds {names}, which are one person's: put them together first"
        place = self.place(hand_in)
        if place.is_symlink() or place.parent.is_symlink():
            return Status.ASIDE, f"{_shown(place)} is a link: put the folder itself in its place"
        old = _digests(place, hand_in)
        if not any(old.values()) and not _notebooks(place):
            if place.is_dir() and any(place.iterdir()):
                hand_in.notes.append("in place of what was there, which is no notebook")
            return Status.COLLECTED, ""
        new = {row.target: row.digest for row in hand_in.rows if row.digest}
        if old == new:
            return Status.THERE, f"{_shown(place)} holds the same"
        if hand_in.has_answers and not self._has_answers(place, hand_in.unit):
            hand_in.replaces = True
            hand_in.notes.append("in place of one that was as handed out")
            return Status.COLLECTED, ""
        before = _time_in(place)
        if hand_in.time and before and hand_in.time > before and hand_in.has_answers:
            hand_in.replaces = True
            hand_in.notes.append(f"in place of the one of {before:%Y-%m-%d %H:%M} UTC")
            return Status.COLLECTED, ""
        is_known = bool(hand_in.time and before)
        if self.replace and hand_in.has_answers and not is_known:
            hand_in.replaces = True
            hand_in.notes.append("in place of the one that was there")
            return Status.COLLECTED, ""
        if not hand_in.has_answers:
            why = "this one is as it was handed out"
        elif is_known:
            why = "this one is not later: if it counts, put it there yourself"
        else:
            why = "nothing says that this one is later: if it is, collect with --replace"
        return Status.ASIDE, f"{_shown(place)} holds another version, and {why}"

    def _has_answers(self, place: Path, unit: str) -> bool:
        """Whether anything was written there; what cannot be read may be an answer."""
        for path in _notebooks(place):
            notebook = self.catalogue.units[unit].get(path.stem)
            try:
                cells = read_cells(path.read_bytes(), path.name)
            except (UnfitSubmission, OSError):
                return True
            if notebook is None or notebook.answers(cells, notebook.identify(cells)):
                return True
        return False


def put(plan: Plan, source: Source, submitted: Submitted, aside: Path) -> None:
    """Write what was collected, and put aside what a person has to look at.

    Parameters
    ----------
    plan : Plan
        The plan, settled.
    source : Source
        The download.
    submitted : Submitted
        Where the hand-ins go.
    aside : Path
        Where the rest goes, by its path in the source.

    Raises
    ------
    CourseError
        If a file of the source is changed meanwhile.
    """
    for hand_in in plan.hand_ins:
        files = {row.target: _read(row, source) for row in hand_in.rows}
        if hand_in.time:
            files[TIMESTAMP] = f"{write_time(hand_in.time)}\n".encode()
        place = submitted.place(hand_in)
        if hand_in.replaces:
            files = _other_notebooks(place, submitted, hand_in.unit) | files
        beside = place.with_name(f".{place.name}.new")
        shutil.rmtree(beside, ignore_errors=True)
        write_files(beside, files)
        if place.is_dir() and any(place.iterdir()):
            kept = _unused(aside / REPLACED / place.parent.name / place.name)
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(place, kept)
        elif place.is_dir():
            place.rmdir()
        beside.rename(place)
    for row in plan.rows:
        if row.status in (Status.ASIDE, Status.REFUSED) and row.entry.chain:
            _put_aside(row, source, aside)


def _read(row: Row, source: Source) -> bytes:
    try:
        return source.read(row.entry)
    except UnreadableEntry as error:
        raise CourseError(
            f"{row.entry.shown} has changed since it was looked at ({error}): collect again. What was "
            "written is complete."
        ) from None


def _put_aside(row: Row, source: Source, aside: Path) -> None:
    try:
        content = source.read(row.entry)
    except UnreadableEntry:  # the report names it
        return
    path = aside.joinpath(*(printable(part)[:240] for part in row.entry.parts))
    # What was an archive in an earlier download may be a file in this one, and a file another.
    if any(parent.is_file() for parent in path.parents) or path.is_dir():
        path = aside / "-".join(path.relative_to(aside).parts)[-200:]
    if not (path.is_file() and path.read_bytes() == content):
        write_files(path.parent, {_unused(path).name: content})


def _other_notebooks(place: Path, submitted: Submitted, unit: str) -> dict[str, bytes]:
    """The unit's notebooks that are there: not all of them have to be handed in again."""
    names = [f"{name}.ipynb" for name in submitted.catalogue.units[unit]]
    return {name: (place / name).read_bytes() for name in names if (place / name).is_file()}


def _digests(place: Path, hand_in: HandIn) -> dict[str, bytes]:
    """Digests of the notebooks there that are handed in anew; of what cannot be read, no file's."""
    found = {}
    for row in hand_in.rows:
        if row.digest:
            path = place / row.target
            found[row.target] = row.digest_of(path.read_bytes()) if path.is_file() else b""
            if path.exists() and not path.is_file():
                found[row.target] = b"not a file"
    return found


def _notebooks(place: Path) -> list[Path]:
    return sorted(place.glob("*.ipynb")) if place.is_dir() else []


def _time_in(place: Path) -> datetime | None:
    try:
        return read_time_of_file((place / TIMESTAMP).read_bytes())
    except (OSError, TimeError):
        return None


def _unused(path: Path) -> Path:
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.name}-{number}")
    return free


def _shown(place: Path) -> str:
    return "/".join(map(printable, place.parts[-3:]))
