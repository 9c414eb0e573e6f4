"""When was each file of a download handed in, and what says so?

What nbgrader's exchange wrote, else the name of a folder there, else the date in an archive. A date that only
says when the archive was made, or that a student wrote beside the work, is none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from grader.intake.hand_ins import Row, Status
from grader.intake.latest import Told
from grader.intake.owner import Owner
from grader.intake.platforms import BLACKBOARD, CANVAS, D2L, EXCHANGE
from grader.intake.source import Source, UnreadableEntry
from grader.people import spelling
from grader.times import TIMESTAMP, TimeError, read_time_of_file

# An archive whose entries were written one after the other says when it was made, not when they came.
_MADE_WITHIN, _ENOUGH_TO_SEE = timedelta(minutes=2), 4
# A computer whose clock is wrong writes dates that nothing can be late by.
_CLOCKS_DIFFER = timedelta(days=1)
# What makes the same archive twice writes some old date, such as 1985.
_FIRST_YEAR = 2014


class Times:
    """The times of a download.

    Parameters
    ----------
    source : Source
        The download.
    rows : sequence of Row
        All files that may have been handed in.
    owners : mapping
        Whose each is, by the identity of the row.
    units : collection of str
        Names of the released units.
    """

    def __init__(
        self, source: Source, rows: Sequence[Row], owners: Mapping[int, Owner], units: Collection[str]
    ) -> None:
        self.source, self.owners, self.units = source, owners, units
        self._files = {row.entry.parts[:-1]: row for row in rows if self._is_nbgraders(row)}
        archives = defaultdict(list)
        for row in rows:
            if row.entry.outer is not None and row.entry.time and row.student:
                archives[row.entry.outer].append(row)
        self._made_at_once = {outer for outer, inside in archives.items() if _is_time_of_making(inside)}

    def told_of(self, row: Row) -> Told:
        """When a file was handed in; a file that says so and cannot be understood is put aside."""
        owner, entry = self.owners[id(row)], row.entry
        for length in range(len(entry.parts) - 1, -1, -1):
            beside = self._files.get(entry.parts[:length])
            if beside is not None and beside.student == row.student:
                try:
                    time = read_time_of_file(self.source.read(beside.entry))
                except (UnreadableEntry, TimeError) as error:
                    beside.status, beside.reason = Status.ASIDE, f"it does not say when: {error}"
                else:
                    beside.reason = "it says when another version was handed in"
                    return Told(time, TIMESTAMP, beside)
        if owner.time:
            return Told(owner.time, "name of the folder")
        if owner.time_problem:
            return Told(None, f"unknown: {owner.time_problem}")
        if owner.platform == CANVAS:
            return Told(None, "unknown: Canvas does not say")
        if owner.platform in (BLACKBOARD, D2L):
            return Told(None, f"unknown: {owner.platform} does not say in which time zone")
        if entry.time is None:
            return Told(None, "unknown")
        if entry.outer in self._made_at_once:
            return Told(None, "unknown: the archive only says when it was made")
        if entry.time > _now() + _CLOCKS_DIFFER:
            return Told(None, f"unknown: the date in the archive, {entry.time:%Y-%m-%d}, is to come")
        if entry.time.year < _FIRST_YEAR:
            return Told(None, f"unknown: the date in the archive, {entry.time:%Y-%m-%d}, is before Jupyter's")
        return Told(entry.time, "date in the archive")

    def _is_nbgraders(self, row: Row) -> bool:
        """Whether it is nbgrader's file with the time, and not one that a student has put somewhere."""
        parts = row.entry.parts
        if parts[-1] != TIMESTAMP or not row.student or len(row.entry.chain) > 2:
            return False
        owner = self.owners[id(row)]
        if owner.platform:
            return owner.platform == EXCHANGE and owner.rest == (TIMESTAMP,)
        # As in submitted/ of another course.
        return len(parts) > 2 and parts[-2] in self.units and spelling(parts[-3]) == spelling(row.student)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _is_time_of_making(rows: Sequence[Row]) -> bool:
    """Whether the dates in an archive are those of its making, though several people's files are in it."""
    rows = sorted(rows, key=lambda row: str(row.entry.chain[1]).zfill(9))
    times = [row.entry.time for row in rows if row.entry.time]
    students = {row.student for row in rows}
    if len(students) < 2:
        return False
    return max(times) - min(times) <= _MADE_WITHIN or (
        len(students) >= _ENOUGH_TO_SEE and times == sorted(times)
    )
