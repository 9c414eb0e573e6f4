"""What of a download is handed in for which unit, by whom, and what becomes of every other file?

Nothing is written here. The plan has a row for each file of the source: it is collected, already there, put
aside for a person to decide, left where it is, or refused; each but the first with a reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from grader.intake.catalogue import Catalogue
from grader.intake.errors import UnfitSubmission
from grader.intake.hand_ins import HandIn, Plan, Row, Status
from grader.intake.latest import Told, Version, latest
from grader.intake.no_work import CLUTTER, EMPTY, HIDDEN, name_no_work, why_no_notebook, without_hidden
from grader.intake.notebook import looks_like_notebook, read_cells
from grader.intake.owner import Owner, owner_of
from grader.intake.source import Source, UnreadableEntry
from grader.intake.times_of import Times
from grader.people import ClassList, spelling, words_of
from grader.times import TIMESTAMP

# Under these names browsers and mail programs save notebooks, too.
_NOTEBOOK_SUFFIXES = (".ipynb", ".json", ".txt")


def plan(
    source: Source,
    people: ClassList,
    catalogue: Catalogue,
    units: Sequence[str],
    is_ignored: Callable[[str], bool],
    watch: Callable[[list[Row]], Iterable[Row]] = iter,
) -> Plan:
    """Decide what becomes of each file of a download.

    Parameters
    ----------
    source : Source
        The download.
    people : ClassList
        The class.
    catalogue : Catalogue
        The released units.
    units : sequence of str
        Those that are collected.
    is_ignored : callable
        Whether the course ignores files of a name.
    watch : callable
        Given the files that are read, it gives them back one by one, and may show how far that is.
    """
    return _Planner(source, people, catalogue, units, is_ignored).plan(watch)


class _Planner:
    def __init__(
        self,
        source: Source,
        people: ClassList,
        catalogue: Catalogue,
        units: Sequence[str],
        is_ignored: Callable[[str], bool],
    ) -> None:
        self.source, self.people, self.catalogue, self.units = source, people, catalogue, units
        self.is_ignored = is_ignored
        self.nameless = [
            words_of(name) for unit in catalogue.units for name in (unit, *catalogue.units[unit])
        ]
        self.owners: dict[int, Owner] = {}
        self.versions: dict[tuple[str, str], dict[str, list[Version]]] = defaultdict(
            lambda: defaultdict(list)
        )

    def plan(self, watch: Callable[[list[Row]], Iterable[Row]]) -> Plan:
        rows = [Row(entry) for entry in self.source.entries()]
        others = [row for row in rows if not self._is_settled(row)]
        self._find_owners(others)
        times = Times(self.source, others, self.owners, self.catalogue.units)
        others = [row for row in others if self.owners[id(row)].student]
        others = [row for row in watch(others) if not self._is_notebook(row, times)]
        hand_ins = [self._hand_in(*key) for key in sorted(self.versions)]
        hand_ins = [each for each in hand_ins if each.rows]
        homes = self._homes(hand_ins)
        with_notebook = {each.student for each in hand_ins}
        for row in others:
            self._place_beside(row, homes, with_notebook)
        name_no_work(rows, {each.student for each in hand_ins if each.has_answers}, self._owner)
        for row in rows:
            if row.status is Status.ASIDE:
                self._content(row)
        return Plan(rows, hand_ins)

    def _is_settled(self, row: Row) -> bool:
        if row.entry.problem:
            row.status, row.reason = Status.REFUSED, row.entry.problem
            row.student = self._owner(row.entry.parts).student
        elif row.entry.is_clutter:
            row.reason = CLUTTER
        elif row.entry.is_empty:
            row.reason = EMPTY
        return bool(row.reason)

    def _owner(self, parts: Sequence[str]) -> Owner:
        return owner_of(parts, self.people, self.nameless)

    def _find_owners(self, rows: Iterable[Row]) -> None:
        for row in rows:
            owner = self.owners[id(row)] = self._owner(row.entry.parts)
            row.student = owner.student
            if owner.problem:
                row.status, row.reason = Status.ASIDE, owner.problem

    # Which files are the units' notebooks, and which of them are taken?

    def _is_notebook(self, row: Row, times: Times) -> bool:
        is_named = _is_named_like_one(row)
        try:
            content = self.source.read(row.entry)
            if not looks_like_notebook(row.entry.name, content):
                return False
            cells = read_cells(content, row.entry.shown)
        except UnreadableEntry as error:
            row.status, row.reason = Status.REFUSED, str(error)
            return True
        except UnfitSubmission as error:
            if not is_named:
                return False
            row.status, row.reason = Status.ASIDE, str(error)
            return True
        owner = self.catalogue.owner(cells, row.entry.name)
        if owner is None and not is_named:
            return False
        if owner is None:
            row.status, row.reason = Status.ASIDE, "it has none of the cells of a released unit"
            return True
        row.unit, row.digest = owner.unit, Row.digest_of(content)
        if owner.unit not in self.units:
            row.reason = f"it is for {owner.unit}, which is not collected now"
            return True
        answers = owner.answers(cells, owner.identify(cells))
        version = Version(row, self.owners[id(row)], answers, times.told_of(row))
        self.versions[row.student, owner.unit][owner.name].append(version)
        return True

    def _hand_in(self, student: str, unit: str) -> HandIn:
        hand_in = HandIn(student, unit)
        for name, versions in self.versions[student, unit].items():
            versions = without_hidden(versions, self.is_ignored)
            if not versions:
                continue
            # What an editor leaves beside a notebook, such as als.ipynb~, counts where it is alone.
            named = [version for version in versions if _is_named_like_one(version.row)] or versions
            for version in versions:
                if version not in named:
                    version.row.reason = f"its name is no notebook's; {named[0].row.entry.shown} is"
            versions = named
            chosen, why = latest(versions)
            if chosen is None:
                for version in versions:
                    version.row.status, version.row.reason = Status.ASIDE, why
                continue
            chosen.row.status, chosen.row.target = Status.COLLECTED, f"{name}.ipynb"
            hand_in.rows.append(chosen.row)
            hand_in.has_answers |= bool(chosen.answers)
            self._take_time(hand_in, chosen.told)
            if why:
                hand_in.notes.append(why)
            if not chosen.answers:
                hand_in.notes.append("it is as it was handed out")
            if chosen.owner.is_late:
                hand_in.notes.append("late, says Canvas, but not when: write it into timestamp.txt")
            for version in versions:
                if version is not chosen:
                    version.row.reason = _why_not(version, chosen)
        return hand_in

    def _take_time(self, hand_in: HandIn, told: Told) -> None:
        if told.row and told.row not in hand_in.rows:
            told.row.status, told.row.target, told.row.reason = Status.COLLECTED, TIMESTAMP, ""
            told.row.unit = hand_in.unit
            hand_in.rows.append(told.row)
        # Of several notebooks, the last one completes the hand-in.
        if told.time and (hand_in.time is None or told.time > hand_in.time):
            hand_in.time, hand_in.time_from = told.time, told.by
        hand_in.time_from = hand_in.time_from or told.by

    # What else was handed in with them?

    def _homes(self, hand_ins: Iterable[HandIn]) -> dict[tuple[tuple[str, ...], tuple[str, ...]], HandIn]:
        homes = {}
        for hand_in in hand_ins:
            for row in filter(lambda row: row.digest, hand_in.rows):
                owner = self.owners[id(row)]
                homes[owner.root, owner.rest[:-1]] = hand_in
        return homes

    def _place_beside(
        self,
        row: Row,
        homes: dict[tuple[tuple[str, ...], tuple[str, ...]], HandIn],
        with_notebook: set[str],
    ) -> None:
        if row.reason or row.status is Status.COLLECTED:  # a time that was read
            return
        owner = self.owners[id(row)]
        if row.student not in with_notebook:
            row.status, row.reason = Status.ASIDE, why_no_notebook(row, self.source)
            return
        if any(map(self.is_ignored, owner.rest)):
            row.reason = HIDDEN
            return
        if owner.rest[-1] == TIMESTAMP:
            row.reason = "a student can write such a file: it is not taken for the time of handing in"
            return
        for length in range(len(owner.rest) - 1, -1, -1):
            hand_in = homes.get((owner.root, owner.rest[:length]))
            if hand_in is None:
                continue
            target = "/".join(owner.rest[length:])
            taken = [TIMESTAMP, *(each.target for each in hand_in.rows)]
            if other := next((each for each in taken if _collide(each, target)), ""):
                row.status, row.reason = Status.ASIDE, f"it cannot lie beside {other} under its name"
                return
            content = self._content(row)
            if content is None:
                return
            row.beside = Row.digest_of(content)
            row.status, row.unit, row.target = Status.COLLECTED, hand_in.unit, target
            hand_in.rows.append(row)
            return
        row.reason = "it lies beside no notebook that is taken"

    def _content(self, row: Row) -> bytes | None:
        """What is in a file; one that cannot be read is refused."""
        try:
            return self.source.read(row.entry)
        except UnreadableEntry as error:
            row.status, row.reason = Status.REFUSED, str(error)
            return None


def _is_named_like_one(row: Row) -> bool:
    name = row.entry.name.lower()
    return name.endswith(_NOTEBOOK_SUFFIXES) or "." not in name


def _collide(one: str, other: str) -> bool:
    """Whether two paths cannot be side by side, also where upper and lower case are the same."""
    first, second = f"{spelling(one)}/", f"{spelling(other)}/"
    return first.startswith(second) or second.startswith(first)


def _why_not(version: Version, chosen: Version) -> str:
    taken = chosen.row.entry.shown
    if version.answers == chosen.answers:
        return f"the same answers as in {taken}"
    if not version.answers:
        return f"it is as it was handed out; {taken} holds answers"
    return f"an earlier version of {taken}"
