"""How is what a learning platform gives taken into the course, and shown before anything is written?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text
from tqdm.auto import tqdm

from course.collected import collection_json, report
from grader.course_api import nbgrader_api
from grader.course_folder import CourseError
from grader.files import replace_file
from grader.gradebook.class_list import with_aliases
from grader.gradebook.ledger import open_gradebook
from grader.gradebook.members import people_of
from grader.intake.catalogue import Catalogue, read_catalogue
from grader.intake.collect import plan
from grader.intake.hand_ins import Plan, Row, Status
from grader.intake.passed_over import left_out
from grader.intake.put import put
from grader.intake.settle import Submitted
from grader.intake.source import Source
from grader.intake.units import released_units
from grader.people import ClassList
from grader.shown_text import printable
from grader.times import TIMESTAMP

ASIDE, REPORT = "collected-aside", "collected.csv"
# So many names fit on a screen; the report has them all.
_MOST_LINES = 40


class Collection:
    """A download, looked at: what is in it, and what is to become of it.

    Parameters
    ----------
    root : Path
        The course folder.
    source : Source
        The download, open.
    units : sequence of str
        The units to collect; all that were released by default.
    replace : bool
        Whether what has no time is taken for later than what is in ``submitted/``.
    names : Path, optional
        A CSV file with other names of the students.

    Raises
    ------
    CourseError
        If a unit was not released, or there is no class list.
    """

    def __init__(
        self,
        root: Path,
        source: Source,
        units: Sequence[str],
        *,
        replace: bool = False,
        names: Path | None = None,
    ) -> None:
        coursedir = nbgrader_api(root).coursedir
        self.root, self.source = root, source
        with open_gradebook(coursedir) as gradebook:
            self.units = released_units(gradebook, units, root)
            catalogue: Catalogue = read_catalogue(gradebook, coursedir)
            people = list(people_of(gradebook))
        if not people:
            raise CourseError(
                "The gradebook knows no students, and so nobody to whom a notebook could belong: run `course "
                "students FILE` with your class list first."
            )
        people, self.notes = with_aliases(people, names) if names else (people, [])
        self.people = ClassList(people)
        place, folder = source.path.resolve(), (root / coursedir.submitted_directory).resolve()
        if place == folder or place in folder.parents or folder in place.parents:
            raise CourseError(
                f"{source.path} holds the course's own submitted/, or lies in it: name what was downloaded."
            )
        self.submitted = Submitted(
            root / coursedir.submitted_directory,
            catalogue,
            replace=replace,
            ids=[person.id for person in people],
        )
        # Only on a terminal: a class of a thousand takes some ten seconds.
        watch = partial(tqdm, desc="Looking", unit="file", leave=False, disable=None)
        is_ignored = left_out(coursedir.ignore)
        self.plan: Plan = plan(source, self.people, catalogue, self.units, is_ignored, watch)
        if not self.plan.rows:
            raise CourseError(f"{source.path} holds no file: download it again, or name what was downloaded.")
        self.submitted.settle(self.plan)

    @property
    def aside(self) -> Path:
        """The folder for what is put aside of this source."""
        name = self.source.path.resolve().name
        return self.root / ASIDE / (name[: -len(".zip")] if name.lower().endswith(".zip") else name)

    def write(self) -> None:
        """Write the hand-ins, what is put aside, and the report."""
        self.aside.mkdir(parents=True, exist_ok=True)
        replace_file(self.aside / REPORT, report(self.plan))
        put(self.plan, self.source, self.submitted, self.aside)

    def tables(self) -> RenderableType:
        """What is collected, what is not and why, and who has handed in nothing."""
        return Group(*self._collected(), *self._not_collected(), *self._missing(), *map(Text, self.notes))

    def _collected(self) -> list[RenderableType]:
        if not self.plan.hand_ins:
            return [Text("Nothing new is collected.")]
        table = Table(title="Collected", box=box.SIMPLE_HEAD, pad_edge=False, title_justify="left")
        for name in ("student", "unit", "from", "handed in (UTC)", "time from", "note"):
            table.add_column(name, overflow="fold")
        for hand_in in self.plan.hand_ins:
            beside = sum(not row.digest and row.target != TIMESTAMP for row in hand_in.rows)
            notes = [*hand_in.notes, *([f"and {beside} other file{'s' * (beside > 1)}"] if beside else [])]
            table.add_row(
                Text(printable(hand_in.student)),
                Text(hand_in.unit),
                Text(", ".join(row.entry.shown for row in hand_in.rows if row.digest)),
                f"{hand_in.time:%Y-%m-%d %H:%M}" if hand_in.time else "–",
                Text(hand_in.time_from),
                Text("; ".join(notes)),
            )
        return [table]

    def _not_collected(self) -> list[RenderableType]:
        table = Table(title="Not collected", box=box.SIMPLE_HEAD, pad_edge=False, title_justify="left")
        for name in ("file", "", "reason"):
            table.add_column(name, overflow="fold")
        urgent = [row for row in self.plan.rows if row.status in (Status.ASIDE, Status.REFUSED)]
        lines = _grouped(urgent) + _grouped([row for row in self.plan.rows if row.status is Status.LEFT])
        for status, reason, shown in lines[:_MOST_LINES]:
            table.add_row(Text(shown), str(status), Text(reason))
        if len(lines) > _MOST_LINES:
            table.caption = f"{len(lines) - _MOST_LINES} more are in {REPORT}"
        return [table] if lines else []

    def missing(self) -> dict[str, list[str]]:
        """Of whom this source has nothing, for each unit of which it has something."""
        done = {(each.student, each.unit) for each in self.plan.hand_ins}
        done |= {(row.student, row.unit) for row in self.plan.rows if row.status is Status.THERE}
        everybody = sorted(each.id for each in self.people.people)
        return {
            unit: [id for id in everybody if (id, unit) not in done]
            for unit in sorted({unit for _, unit in done})
        }

    def _missing(self) -> list[RenderableType]:
        number = len(self.people.people)
        lines: list[RenderableType] = []
        for unit, missing in self.missing().items():
            names = ", ".join(map(printable, missing[:_MOST_LINES]))
            more = ", …" if len(missing) > _MOST_LINES else ""
            nothing = f"; this source has nothing of {names}{more}" if missing else ""
            lines.append(Text(f"{unit}: from {number - len(missing)} of {number}{nothing}"))
        return lines

    def json(self, *, written: bool) -> str:
        """All of it for other programs."""
        aside = str(self.aside.relative_to(self.root)) if written else None
        return collection_json(self.plan, aside, self.missing(), self.notes)

    def summary(self) -> str:
        """One line: how many files became what."""
        count = Counter(row.status for row in self.plan.rows)
        return ", ".join(f"{count[status]} {status}" for status in Status if count[status]) or "no files"


def collect(
    root: Path,
    source: Path,
    units: Sequence[str],
    console: Console | None,
    *,
    replace: bool = False,
    names: Path | None = None,
    dry_run: bool = False,
) -> Collection:
    """Show what a download holds, and take it into the course.

    Parameters
    ----------
    root : Path
        The course folder.
    source : Path
        A folder or a zip file.
    units : sequence of str
        The units to collect; all that were released by default.
    console : Console, optional
        Where the table is shown.
    replace, names
        As for `Collection`.
    dry_run : bool
        Write nothing.

    Raises
    ------
    CourseError
        If the source is no folder or zip archive, a unit was not released, or there is no class list.
    """
    with Source(source) as opened:
        collection = Collection(root, opened, units, replace=replace, names=names)
        if console:
            console.print(collection.tables())
        if not dry_run:
            collection.write()
    return collection


def needs_a_person(made: Plan) -> bool:
    """Whether a file was put aside or refused."""
    return any(row.status in (Status.ASIDE, Status.REFUSED) for row in made.rows)


def _grouped(rows: Sequence[Row]) -> list[tuple[Status, str, str]]:
    """One line for all files of a folder, or of a student, that have the same reason."""
    groups: dict[tuple[Status, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.status, row.reason, row.student or row.entry.parts[0]].append(row)
    return [
        (status, reason, inside[0].entry.shown + (f" and {len(inside) - 1} more" if inside[1:] else ""))
        for (status, reason, _), inside in groups.items()
    ]
