"""CSV files for Canvas and Moodle, from a gradebook whose points are known."""

from __future__ import annotations

import csv
import shutil
import sqlite3
from pathlib import Path

import pytest

from grader.course_api import nbgrader_api
from grader.course_folder import CourseError
from grader.gradebook.export import CanvasExportPlugin, export
from grader.gradebook.ledger import open_gradebook
from tests.grader.nbgrader_command import type_nbgrader

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
ROOT = Path(__file__).resolve().parents[3]
UNIT = "02-explicit-als"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course folder with graded, late, waiting, failed and missing submissions."""
    root = tmp_path_factory.mktemp("course")
    (root / "nbgrader_config.py").write_text((ROOT / "nbgrader_config.py").read_text())
    with open_gradebook(nbgrader_api(root).coursedir) as gradebook:
        for unit in (UNIT, "03-sgd"):
            gradebook.add_assignment(unit)
            gradebook.add_notebook("nb", unit)
            gradebook.add_grade_cell("test", "nb", unit, max_score=18, cell_type="code")
            gradebook.add_grade_cell("why", "nb", unit, max_score=2, cell_type="markdown")
        gradebook.add_student(
            "ann", first_name="Ann", last_name="Müller, A.", email="ann@x.org", lms_user_id="815"
        )
        gradebook.add_student("ben", lms_user_id="u-17")
        for student in ("cem", "dan", "=1+1", "eve"):
            gradebook.add_student(student)
        for student, test, why in [
            ("ann", 17.126, 1.5),
            ("ben", 18, 2),
            ("cem", 18, None),
            ("dan", None, None),
            ("=1+1", 0, 0),
        ]:
            submission = gradebook.add_submission(UNIT, student)
            for grade in submission.notebooks[0].grades:
                grade.auto_score = test if grade.name == "test" else why
            if student == "ben":
                submission.notebooks[0].late_submission_penalty = 5
        gradebook.db.commit()
    return root


def table(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_a_gradebook_that_was_never_graded_is_read_by_indexes_and_a_read_only_one_without(
    course: Path, tmp_path: Path
) -> None:
    """Without indexes a class of twice the size takes four times as long."""
    lines = export(course, UNIT, "moodle").read_text()
    shutil.copy(course / "nbgrader_config.py", tmp_path)
    database = sqlite3.connect(course / "gradebook.db")
    indexes = "SELECT name FROM sqlite_master WHERE name LIKE 'ix\\_%' ESCAPE '\\'"
    assert ("ix_grade_notebook_id",) in database.execute(indexes).fetchall()
    for (name,) in database.execute(indexes).fetchall():
        database.execute(f"DROP INDEX {name}")
    database.commit()
    url = f"sqlite:///file:{course / 'gradebook.db'}?mode=ro&uri=true"
    with (tmp_path / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.CourseDirectory.db_url = {url!r}\n")
    assert export(tmp_path, UNIT, "moodle").read_text() == lines
    assert database.execute(indexes).fetchall() == []
    database.close()


def test_canvas(course: Path) -> None:
    path = export(course, UNIT, "canvas")
    assert path == course / f"canvas-{UNIT}.csv"
    assert table(path) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", UNIT],
        ["    Points Possible", "", "", "", "", "20"],
        ["'=1+1", "", "", "'=1+1", "", "0"],
        ["Müller, A., Ann", "815", "", "ann", "", "18.63"],
        ["ben", "", "u-17", "ben", "", "15"],
        ["cem", "", "", "cem", "", ""],
        ["dan", "", "", "dan", "", ""],
        ["eve", "", "", "eve", "", ""],
    ]


def test_moodle(course: Path) -> None:
    lines = table(export(course, UNIT, "moodle"))
    assert lines[0] == ["Username", "ID number", "First name", "Last name", "Email address", UNIT]
    assert lines[2] == ["ann", "815", "Ann", "Müller, A.", "ann@x.org", "18.63"]
    assert len(lines) == 7


def test_options_and_all_units(course: Path, tmp_path: Path) -> None:
    plugin = CanvasExportPlugin(assignment_ids={UNIT: 4711}, section="A", points_so_far=True)
    plugin.to = str(tmp_path / "points.csv")
    with open_gradebook(nbgrader_api(course).coursedir) as gradebook:
        plugin.export(gradebook)
    head, _, *lines = table(tmp_path / "points.csv")
    assert head[5:] == [f"{UNIT} (4711)", "03-sgd"]
    assert [line[4:] for line in lines if line[3] in ("cem", "dan")] == [["A", "18", ""], ["A", "", ""]]


def another(root: Path, *students: str, **points: float) -> Path:
    """A course in which these students are known, some with points."""
    (root / "nbgrader_config.py").write_text((ROOT / "nbgrader_config.py").read_text())
    with open_gradebook(nbgrader_api(root).coursedir) as gradebook:
        gradebook.add_assignment(UNIT)
        gradebook.add_notebook("nb", UNIT)
        gradebook.add_grade_cell("test", "nb", UNIT, max_score=18, cell_type="code")
        for student in students:
            gradebook.add_student(student, lms_user_id="00815" if student == "Anna" else None)
        for student, worth in points.items():
            gradebook.add_submission(UNIT, student).notebooks[0].grades[0].auto_score = worth
        gradebook.db.commit()
    return root


@pytest.mark.parametrize("format", ["canvas", "moodle"])
def test_a_folder_in_another_spelling_clears_no_grade(tmp_path: Path, format: str) -> None:
    lines = table(export(another(tmp_path, "Anna", "anna", "ben", anna=17), UNIT, format))
    by_id = {line[3 if format == "canvas" else 0]: line for line in lines}
    assert by_id["Anna"][-1] == "17" and "anna" not in by_id
    assert by_id["ben"][-1] == ""


def test_a_number_with_zeros_in_front_is_the_student_registers(tmp_path: Path) -> None:
    line = table(export(another(tmp_path, "Anna"), UNIT, "canvas"))[2]
    assert line[1:4] == ["", "00815", "Anna"]


def test_different_points_of_one_person_are_not_chosen_between(tmp_path: Path) -> None:
    root = another(tmp_path, "Anna", "anna", Anna=5, anna=17)
    with pytest.raises(CourseError, match="one person but for the spelling"):
        export(root, UNIT, "canvas")


def test_nbgraders_command(course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(course)
    target = tmp_path / "moodle.csv"
    arguments = ["export", "--exporter=grader.gradebook.export.MoodleExportPlugin", f"--to={target}"]
    assert type_nbgrader([*arguments, f"--assignment={UNIT}"]) == 0
    assert table(target)[2][-1] == "18.63"


@pytest.mark.parametrize(
    ("unit", "format", "said"),
    [
        (UNIT, "blackboard", "no format 'blackboard': choose canvas or moodle"),
        ("09-none", "canvas", "no unit '09-none'. It knows: 02-explicit-als, 03-sgd"),
    ],
)
def test_what_is_unknown(course: Path, unit: str, format: str, said: str) -> None:
    with pytest.raises(CourseError, match=said):
        export(course, unit, format)


def test_a_file_that_cannot_be_written(course: Path) -> None:
    (course / "canvas-03-sgd.csv").mkdir()
    with pytest.raises(CourseError, match="canvas-03-sgd.csv cannot be written"):
        export(course, "03-sgd", "canvas")
