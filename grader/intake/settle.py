"""Is a hand-in written, where ``submitted/`` may hold something of the student already?

A submission that is there is replaced only by one that is known to be later, or if nothing was written in it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from grader.course_folder import CourseError
from grader.intake.catalogue import Catalogue
from grader.intake.hand_ins import HandIn, Plan, Row, Status
from grader.intake.there import There, notebooks_in
from grader.people import number_of, spelling, unfit_id, words_of
from grader.shown_text import listed, printable
from grader.times import TIMESTAMP, TimeError, read_time_of_file


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
    ids : collection of str
        All of the class list: a folder 12 is that of 0012, unless somebody else has that id.

    Raises
    ------
    CourseError
        If it is no folder.
    """

    def __init__(
        self, folder: Path, catalogue: Catalogue, *, replace: bool = False, ids: Collection[str] = ()
    ) -> None:
        self.folder, self.catalogue, self.replace = folder, catalogue, replace
        self._ids = set(map(spelling, ids))
        self._students: dict[str, list[Path]] = {}
        if folder.exists() and not folder.is_dir():
            raise CourseError(f"{folder} is a file, where a folder has its place: move it away.")
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if not path.name.startswith(".") and (path.is_dir() or path.is_symlink()):
                self._students.setdefault(spelling(path.name), []).append(path)

    def settle(self, plan: Plan) -> None:
        """Decide for each hand-in whether it is written: in the plan, what is not is put aside."""
        for hand_in in list(plan.hand_ins):
            status, reason = self._decide(hand_in)
            if status is Status.THERE:
                hand_in.adds = self._is_added_to(hand_in, reason)
            elif status is not Status.COLLECTED:
                for row in hand_in.rows:
                    row.status, row.reason, row.target = status, reason, ""
            if status is not Status.COLLECTED and not hand_in.adds:
                plan.hand_ins.remove(hand_in)

    def _is_added_to(self, hand_in: HandIn, reason: str) -> bool:
        """Whether there is something to write beside a notebook that is there; what is not is named."""
        place, added = self.place(hand_in), []
        for row in hand_in.rows:
            state = _state_of(row, place)
            if state is Status.COLLECTED:
                added.append(row.target)
                continue
            if state is Status.ASIDE:
                reason_here = f"{_shown(place)}/{printable(row.target)} is another file, beside the same "
                row.reason = f"{reason_here}notebook: if this one counts, put it there yourself"
            else:
                row.reason = reason
            row.status, row.target = state, ""
        if hand_in.time and not (place / TIMESTAMP).exists() and TIMESTAMP not in added:
            added.append(TIMESTAMP)
        if added:
            hand_in.notes.append(f"the notebook is there; added is {listed(sorted(added))}")
        return bool(added)

    def _folders_of(self, student: str) -> list[Path]:
        """A person's folders, in any spelling; also without the zeros that a spreadsheet took away."""
        there = self._students.get(spelling(student), [])
        if not there and (number := number_of(student)):
            there = [
                path
                for name, paths in self._students.items()
                for path in paths
                if name not in self._ids and number_of(name) == number
            ]
        return there

    def place(self, hand_in: HandIn) -> Path:
        """Where a hand-in is, or is to be: a folder that is there keeps its spelling."""
        there = self._folders_of(hand_in.student)
        student = there[0] if there else self.folder / hand_in.student
        if student.is_dir():
            for path in sorted(student.iterdir()):
                if path.is_dir() and words_of(path.name) == words_of(hand_in.unit):
                    return path
        return student / hand_in.unit

    def _decide(self, hand_in: HandIn) -> tuple[Status, str]:
        if problem := unfit_id(hand_in.student):
            return Status.ASIDE, problem
        there = self._folders_of(hand_in.student)
        if len(there) > 1:
            names = " and ".join(printable(path.name) for path in there)
            return Status.ASIDE, f"submitted/ holds {names}, which are one person's: put them together first"
        place = self.place(hand_in)
        if place.is_symlink() or place.parent.is_symlink():
            return Status.ASIDE, f"{_shown(place)} is a link: put the folder itself in its place"
        for path in (place.parent, place):
            if path.exists() and not path.is_dir():
                return (
                    Status.ASIDE,
                    f"{_shown(path, self.folder)} is a file, where a folder has its place: move it away",
                )
        old = _digests(place, hand_in)
        inside = notebooks_in(place, self.catalogue)
        if not any(each.answers for each in inside):
            for each in notebooks_in(
                place.parent, self.catalogue, but=self._folders_of_units(place, hand_in)
            ):
                if each.unit == hand_in.unit and each.answers:
                    return self._beside_another(hand_in, each, place)
        if not inside:
            if place.is_dir() and any(place.iterdir()):
                hand_in.notes.append("in place of what was there, which is no notebook that is graded")
            return Status.COLLECTED, ""
        new = {row.target: row.digest for row in hand_in.rows if row.digest}
        if old == new:
            return Status.THERE, f"{_shown(place)} holds the same"
        if hand_in.has_answers and not any(each.answers for each in inside):
            hand_in.replaces = True
            hand_in.notes.append("in place of one without answers")
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
        what = "another version"
        if all(each.is_unreadable for each in inside):
            what = "a notebook that cannot be read"
        return Status.ASIDE, f"{_shown(place)} holds {what}, and {why}"

    def _folders_of_units(self, place: Path, hand_in: HandIn) -> list[Path]:
        """The unit's folder, and those of others, in which nothing is graded for this one."""
        others = {words_of(unit) for unit in self.catalogue.units if unit != hand_in.unit}
        student = place.parent
        entries = sorted(student.iterdir()) if student.is_dir() else []
        return [place, *(path for path in entries if words_of(path.name) in others)]

    def _beside_another(self, hand_in: HandIn, other: There, place: Path) -> tuple[Status, str]:
        """What becomes of a hand-in where another file, outside of the unit's folder, is graded now."""
        shown = _shown(other.path, place.parents[1])
        if other.digest in {row.digest for row in hand_in.rows}:
            return Status.THERE, f"{shown} holds the same"
        return (
            Status.ASIDE,
            f"{shown} holds another version: move it to {_shown(place)}/, or away, and collect again",
        )


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


def _state_of(row: Row, place: Path) -> Status:
    """What becomes of a file that belongs to a notebook that is there."""
    path = place / row.target
    if row.digest:
        return Status.THERE
    if any(each.is_symlink() for each in (path, *path.parents) if each.is_relative_to(place)):
        return Status.ASIDE
    if row.target == TIMESTAMP:
        return Status.THERE if path.exists() else Status.COLLECTED
    if path.is_file():
        return Status.THERE if row.digest_of(path.read_bytes()) == row.beside else Status.ASIDE
    is_free = all(each.is_dir() or not each.exists() for each in path.parents) and not path.exists()
    return Status.COLLECTED if is_free else Status.ASIDE


def _time_in(place: Path) -> datetime | None:
    try:
        return read_time_of_file((place / TIMESTAMP).read_bytes())
    except (OSError, TimeError):
        return None


def _shown(place: Path, submitted: Path | None = None) -> str:
    parts = place.parts[-3:] if submitted is None else (submitted.name, *place.relative_to(submitted).parts)
    return "/".join(map(printable, parts))
