"""What does docs/instructor.md do for a class, typed command by command, and is every score right?

The steps here know neither how large the class is nor what the units ask: tests/grader/run/test_cycle.py
walks them with a small class and small units, `python -m benchmarks.full_cycle` with 60 students and the
units of the course.
"""

from __future__ import annotations

import csv
import io
import json
import re
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.page import Reader
from grader.people import Person

PAGE = Path(__file__).resolve().parent.parent / "docs" / "instructor.md"
# As the page has it, and two times around it.
DUE = datetime(2026, 11, 20, 12)
IN_TIME, LATE = DUE - timedelta(days=1), DUE + timedelta(days=2)
DOWNLOAD, UNIT_THERE = "~/Downloads/submissions.zip", "02-explicit-als"
COLLECT = f"course collect {DOWNLOAD} --unit {UNIT_THERE}"
DUE_DATE = f'nbgrader db assignment add {UNIT_THERE} --duedate="{DUE} UTC"'
EXPORTED = f"~/Downloads/marks-{UNIT_THERE}-three_updates.json"
MARK_THERE = f"course mark {EXPORTED}"
COMMENT = "Well put."
EXPORT_ALL = "nbgrader export --exporter=grader.gradebook.export.CanvasExportPlugin --to=points.csv"

Points = dict[tuple[str, str], float]


@dataclass
class Class:
    """Who takes part, and what they hand in.

    Parameters
    ----------
    people : list of Person
        The first is late everywhere, the second too but has an extension, the third hands in the last unit
        again, and the last drops out after the first unit.
    units : list of str
        Three released units.
    notebook : callable
        ``notebook(person, unit)`` is what a person hands in.
    points : callable
        ``points(person, unit)`` is what its test cells deserve.
    solved : callable
        ``solved(unit)`` is a notebook whose test cells deserve all points.
    worth : callable
        ``worth(unit)`` are all points of the unit's test cells.
    names : dict of str to str
        The file name of each unit's notebook.
    change_check : callable
        ``change_check(unit)`` changes the text of one check and releases the unit again.
    """

    people: list[Person]
    units: list[str]
    notebook: Callable[[Person, str], bytes]
    points: Callable[[Person, str], float]
    solved: Callable[[str], bytes]
    worth: Callable[[str], float]
    names: dict[str, str]
    change_check: Callable[[str], None]

    def who(self, unit: str) -> list[Person]:
        """Who hands a unit in."""
        return self.people if unit == self.units[0] else self.people[:-1]

    def is_late(self, person: Person) -> bool:
        return person in self.people[:2]


@dataclass
class Walk:
    """A class on its way through the page.

    Attributes
    ----------
    reader : Reader
        Types the commands.
    of : Class
        The class.
    accident : callable
        What happens to the first grading; afterwards the same command is typed again.
    deserved : dict
        Points of the test cells, by student and unit, as far as graded.
    minutes : dict of str to float
        How long each step took.
    """

    reader: Reader
    of: Class
    accident: Callable[[Walk], None]
    deserved: Points = field(default_factory=dict)
    minutes: dict[str, float] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.reader.folder

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Take the time of a step, and print it."""
        start = time.perf_counter()
        yield
        self.minutes[name] = (time.perf_counter() - start) / 60
        print(f"{name:50}{self.minutes[name]:8.2f} min", flush=True)

    def grade(self, *more: str, command: str = "course grade", **options) -> dict[tuple[str, str], dict]:
        """Grade, and check that everybody has what is deserved."""
        results = json.loads(self.reader.type(command, *more, "--json", **options))
        found = {(each["student"], each["unit"]): each for each in results}
        assert len(found) == len(results), "somebody is there twice"
        for key, result in found.items():
            assert result["status"] != "failed", result["problem"]
            automatic = sum(each["points"] for each in result["scores"] if each["cell"].startswith("test_"))
            said = {each["cell"]: each["reason"] for each in result["scores"] if each["reason"]}
            assert automatic == self.deserved[key], (
                f"{key}: {automatic}, deserved: {self.deserved[key]}; {said}, {result['flags']}"
            )
        return found


def walk(on: Walk) -> None:
    """Every step of the page that needs nobody else's machine, in its order."""
    with on.step("class list"):
        enter_class(on)
    with on.step("collect from Moodle's archives"):
        for unit in on.of.units:
            collect_unit(on, unit)
    with on.step("grade on two workers, with an accident"):
        on.accident(on)
        everything = on.grade("--workers", "2")
        assert everything.keys() == on.deserved.keys()
    with on.step("mark written answers, and update the pages"):
        mark_answers(on)
    with on.step("grade again after a change of one check"):
        change_a_check(on)
    with on.step("late penalty, and an extension"):
        take_penalties(on)
    with on.step("a resubmission"):
        hand_in_again(on)
    with on.step("reports"):
        for unit in on.of.units:
            on.reader.type("course report UNIT", instead={"UNIT": unit})
            page = (on.folder / f"report-{unit}.html").read_text(encoding="utf-8")
            assert f"{len(on.of.who(unit))} graded" in page
    with on.step("exports"):
        export(on)


def enter_class(on: Walk) -> None:
    """A class list as a spreadsheet in Germany writes it."""
    lines = ["id;first_name;last_name;email;lms_user_id"]
    lines += [";".join((p.id, p.first_name, p.last_name, p.email, p.lms_id)) for p in on.of.people]
    (on.folder / "students.csv").write_text("\r\n".join(lines), encoding="utf-8-sig")
    said = on.reader.type("course students students.csv")
    assert f"{len(on.of.people)} students added" in said
    # The table of the page has the same command with a word for the file.
    said = on.reader.type("course students FILE", instead={"FILE": "students.csv"})
    assert "0 students added" in said


def moodle(on: Walk, unit: str, notebooks: dict[str, bytes], when: Callable[[Person], datetime]) -> Path:
    """What Moodle's *Download all submissions* makes of a class."""
    path = on.folder / f"{unit}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, person in enumerate(on.of.people):
            if person.id in notebooks:
                folder = f"{person.first_name} {person.last_name}_{4711 + number}_assignsubmission_file_"
                info = zipfile.ZipInfo(f"{folder}/{on.of.names[unit]}", when(person).timetuple()[:6])
                archive.writestr(info, notebooks[person.id], zipfile.ZIP_DEFLATED)
    return path


def collect_unit(on: Walk, unit: str) -> None:
    """Look at an archive, and take it in."""
    notebooks = {person.id: on.of.notebook(person, unit) for person in on.of.who(unit)}
    archive = moodle(on, unit, notebooks, lambda person: LATE if on.of.is_late(person) else IN_TIME)
    instead = {DOWNLOAD: archive, UNIT_THERE: unit}
    said = on.reader.type(f"{COLLECT} --dry-run", instead=instead)
    assert "Nothing was written" in said and not list(on.folder.glob(f"submitted/*/{unit}"))
    said = on.reader.type(COLLECT, instead=instead)
    assert f"{len(notebooks)} collected" in said
    on.deserved |= {(person.id, unit): on.of.points(person, unit) for person in on.of.who(unit)}
    for person in on.of.who(unit):
        assert (on.folder / "submitted" / person.id / unit / on.of.names[unit]).is_file()


def mark_answers(on: Walk) -> None:
    """Give all points for written answers: from the page of each question, exported, and entered."""
    on.grade(command=f"course grade {UNIT_THERE}", instead={UNIT_THERE: on.of.units[1]})
    for unit in on.of.units:
        mark_unit(on, unit)
    # The block of the page is the same for one unit, and finds all entered.
    unit = on.of.units[1]
    said = on.reader.type(f"course answers {UNIT_THERE}", "--json", instead={UNIT_THERE: unit})
    exported = exported_from(Path(json.loads(said)["pages"][0]["path"]))
    (entered,) = json.loads(on.reader.type(MARK_THERE, "--json", instead={EXPORTED: exported}))
    assert entered["unchanged"] and not entered["marked"], entered
    results = on.grade()
    assert {(each["status"], each["pending"]) for each in results.values()} == {("kept", 0)}
    for student, unit in on.deserved:
        name = on.of.names[unit].removesuffix(".ipynb")
        page = (on.folder / "feedback" / student / unit / f"{name}.html").read_text(encoding="utf-8")
        assert f"<strong>{results[student, unit]['total']:g} of" in page
        given = sum(each["points"] for each in results[student, unit]["scores"] if is_written(each))
        assert (COMMENT in page) == (given > 0), f"{student}, {unit}: {given} points of a person"


def is_written(score: dict) -> bool:
    """Whether a person gives these points."""
    return not score["cell"].startswith("test_")


def mark_unit(on: Walk, unit: str) -> None:
    """Read the answers of a unit that wait, and enter all points for each."""
    before = on.grade()
    waiting = sum(
        is_written(score) and score["points"] is None
        for (_, where), each in before.items()
        if where == unit
        for score in each["scores"]
    )
    said = json.loads(on.reader.type("course answers UNIT", "--json", instead={"UNIT": unit}))
    assert sum(page["waiting"] for page in said["pages"]) == waiting > 0 and not said["notes"], said
    marked = 0
    for page in said["pages"]:
        exported = exported_from(Path(page["path"]))
        (entered,) = json.loads(on.reader.type("course mark FILE", "--json", instead={"FILE": exported}))
        assert not entered["changed"] and not entered["problem"], entered
        marked += len(entered["marked"])
    assert marked == waiting


def exported_from(page: Path) -> Path:
    """What the page of a question exports when every answer that was written has all points."""
    found = re.search(r'id="data">(.*?)</script>', page.read_text(encoding="utf-8"), re.DOTALL)
    assert found, f"{page} holds no data"
    data = json.loads(found[1])
    answers = data.pop("answers")
    data["marks"] = [
        {"answer": digest, "submissions": each["submissions"], "points": data["maximum"], "comment": COMMENT}
        for digest, each in answers.items()
        if not each["automatic"]
    ]
    path = page.with_name(data.pop("file"))
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def change_a_check(on: Walk) -> None:
    """What it decides is graded again, nothing else, and nobody loses points that a person gave."""
    unit = on.of.units[1]
    before = on.grade()
    on.of.change_check(unit)
    after = on.grade()
    assert {each["unit"] for each in after.values() if each["status"] == "graded"} == {unit}
    assert sum(each["status"] == "graded" for each in after.values()) == len(on.of.who(unit))
    assert {key: each["total"] for key, each in after.items()} == {
        key: each["total"] for key, each in before.items()
    }


def take_penalties(on: Walk) -> None:
    """A point a day, but not for the person who has three days more."""
    unit, (late, extended, *_) = on.of.units[0], on.of.people
    on.reader.type(DUE_DATE, instead={UNIT_THERE: unit})
    with (on.folder / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(f"\n\n{on.reader.block('class PointADay')}\n")
    on.reader.type(
        f"course extend {UNIT_THERE} anna --days 3", instead={UNIT_THERE: unit, "anna": extended.id}
    )
    results = on.grade(command="course grade --force UNIT", instead={"UNIT": unit})
    penalties = {student: each["penalty"] for (student, _), each in results.items()}
    # Moodle writes the time of its server, so that some hours are uncertain.
    assert 1.4 < penalties.pop(late.id) < 2.6
    assert set(penalties.values()) == {0}


def hand_in_again(on: Walk) -> None:
    """The later one counts, and the earlier one is kept aside."""
    unit, person = on.of.units[2], on.of.people[2]
    archive = moodle(on, unit, {person.id: on.of.solved(unit)}, lambda _: IN_TIME + timedelta(hours=2))
    said = on.reader.type("course collect SOURCE", instead={"SOURCE": archive})
    assert "1 collected" in said
    assert list(on.folder.glob(f"collected-aside/*/replaced/{person.id}/{unit}/*.ipynb"))
    on.deserved[person.id, unit] = on.of.worth(unit)
    results = on.grade()
    assert [key for key, each in results.items() if each["status"] == "graded"] == [(person.id, unit)]
    if results[person.id, unit]["pending"]:
        mark_unit(on, unit)


def export(on: Walk) -> None:
    """Everybody's points, the penalty taken off, and an empty cell for who has handed in nothing."""
    results, (late, *_, dropped) = on.grade(), on.of.people
    for format in ("canvas", "moodle"):
        for unit in on.of.units:
            on.reader.type("course export UNIT canvas", instead={"UNIT": unit, "canvas": format})
            text = (on.folder / f"{format}-{unit}.csv").read_text(encoding="utf-8")
            points = {
                line[3 if format == "canvas" else 0]: line[-1] for line in csv.reader(io.StringIO(text))
            }
            for person in on.of.who(unit):
                total = results[person.id, unit]["total"]
                assert points[person.id] == f"{round(total, 2):g}", (person, unit)
            assert (points[dropped.id] == "") == (unit != on.of.units[0])
    assert results[late.id, on.of.units[0]]["penalty"] > 1
    on.reader.type(EXPORT_ALL)
    lines = list(csv.reader(io.StringIO((on.folder / "points.csv").read_text(encoding="utf-8"))))
    assert len(lines) == 2 + len(on.of.people), lines
    assert set(lines[0][-3:]) == set(on.of.units), lines[0]
