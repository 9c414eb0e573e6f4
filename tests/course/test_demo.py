"""The demonstration: every synthetic student gets exactly the points that it deserves."""

from __future__ import annotations

import csv
import os

import pytest

from authoring.lesson import find_units
from course.demo.demo import run_demo
from course.demo.hand_in import deserved_points
from course.demo.roster import STUDENTS
from grader.course_folder import CourseError
from grader.gradebook.results import Status
from grader.record import Flag
from tests.conftest import ROOT

UNITS = {unit.name: unit for unit in find_units(ROOT)}
HAND_INS = [(student, name) for student in STUDENTS for name in student.write]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Folder and results of the demonstration, by student and unit."""
    folder = tmp_path_factory.mktemp("demo")
    return folder, {(result.student, result.unit): result for result in run_demo(ROOT, folder)}


@pytest.mark.parametrize(("student", "unit"), HAND_INS, ids=lambda value: getattr(value, "id", value))
def test_points_are_those_deserved(demo, student, unit):
    result = demo[1][student.id, unit]
    assert result.status is Status.GRADED, result.problem
    deserved = deserved_points(UNITS[unit], student)
    got = {score.name: score.points for score in result.scores if score.name in deserved}
    assert got == deserved, result.message
    assert bool(result.message) == (
        sum(deserved.values()) < sum(deserved_points(UNITS[unit], STUDENTS[0]).values())
    )
    assert os.listdir(demo[0] / "feedback" / student.id / unit) == [
        UNITS[unit].notebook.with_suffix(".html").name
    ]


@pytest.mark.parametrize(
    ("student", "unit", "words"),
    [
        ("adds-duplicates", "01-data-loading", "SciPy adds duplicates up"),
        ("percentage", "01-data-loading", "percent"),
        ("strange-biases", "01-data-loading", "order of appearance"),
        ("all-films", "02-explicit-als", "unknown cells count as ratings of 0"),
        ("stale-users", "02-explicit-als", "stale"),
        ("als-wr", "02-explicit-als", "ALS-WR"),
        ("syntax-error", "02-explicit-als", "its cell stopped with SyntaxError"),
        ("endless-loop", "02-explicit-als", "never ends"),
        ("untouched", "02-explicit-als", "not written yet"),
    ],
)
def test_the_misunderstanding_is_named(demo, student, unit, words):
    assert words in demo[1][student, unit].message


def test_accidents_are_flagged_and_cost_nothing(demo):
    flags = {
        student: demo[1][student, "02-explicit-als"].flags
        for student in ("deleted-test", "duplicated-cell", "prints-stderr")
    }
    assert flags == {
        "deleted-test": (Flag.RESTORED,),
        "duplicated-cell": (Flag.DUPLICATED,),
        "prints-stderr": (Flag.STDERR,),
    }


def test_written_answers_wait_and_the_csv_has_a_line_each(demo):
    folder, results = demo
    perfect = results["perfect", "02-explicit-als"]
    assert (perfect.total, perfect.pending, perfect.maximum) == (18, 2, 20)
    with (folder / "grades.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {(row["student"], row["unit"]) for row in rows} == set(results)
    assert (folder / "gradebook.db").is_file()


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(CourseError, match="not empty"):
        run_demo(ROOT, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_course_is_no_demonstration(mini):
    before = sorted(path for path in mini.root.rglob("*"))
    with pytest.raises(CourseError, match="holds no earlier demonstration"):
        run_demo(ROOT, mini.root)
    assert sorted(path for path in mini.root.rglob("*")) == before


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CourseError, match="is a file: name a folder"):
        run_demo(ROOT, tmp_path / "file")
