"""Bad input and broken folders: each is one sentence that says what to do, and no traceback."""

from __future__ import annotations

import csv
import errno
import re
from pathlib import Path

import pytest
from nbconvert.writers import FilesWriter
from rich.console import Console

from instructor.course import CONFIG_FILE, CourseError
from instructor.grading.grade import grade
from instructor.grading.results import CellScore, Result, Status, results_table, write_csv
from tests.grading.conftest import UNIT, Course, solve


@pytest.fixture
def submitted(course: Course):
    """The course with nothing handed in, and again nothing afterwards."""
    yield course
    for folder in (course.root / "submitted").glob("*"):
        course.remove(folder.name)


def problem_of(course: Course, student: str) -> str:
    result = course.grade(student)[student]
    assert result.status is Status.FAILED
    assert result.scores == ()
    assert "\n" not in result.problem
    return result.problem


def test_unknown_unit(course: Course) -> None:
    with pytest.raises(CourseError, match="no unit '01-tinny'. Did you mean '01-tiny'.*02-other"):
        grade(course.root, ["01-tinny"])


def test_unit_that_was_not_released(course: Course) -> None:
    (course.root / "source" / "03-later").mkdir(exist_ok=True)
    with pytest.raises(CourseError, match="course release 03-later"):
        grade(course.root, ["03-later"])


def test_nothing_handed_in(submitted: Course) -> None:
    with pytest.raises(CourseError, match=r"submitted/<student>/<unit>/"):
        grade(submitted.root, [UNIT])


def test_unknown_student(submitted: Course) -> None:
    submitted.submit_text("ann", "")
    with pytest.raises(CourseError, match="nothing of 'anne'. Did you mean 'ann'"):
        grade(submitted.root, [UNIT], ["anne"])


def test_folder_that_is_no_course(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=CONFIG_FILE):
        grade(tmp_path)


def test_configuration_without_the_hardening(tmp_path: Path) -> None:
    (tmp_path / CONFIG_FILE).write_text("c = get_config()\n")
    with pytest.raises(CourseError, match="does not run RestoreMetadata: restore that file"):
        grade(tmp_path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not JSON"),
        ('{"cells": [', "not JSON"),
        ("[]", "JSON but not a notebook"),
        ('{"a": 1}', "JSON but not a notebook"),
        ('{"cells": 3, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "JSON but not a notebook"),
        ('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "none of the cells of 01-tiny"),
    ],
)
def test_what_is_not_a_notebook(submitted: Course, text: str, says: str) -> None:
    submitted.submit_text("ann", text)
    assert says in problem_of(submitted, "ann")


def test_not_even_text(submitted: Course) -> None:
    submitted.submit_text("ann", "")
    (submitted.root / "submitted" / "ann" / UNIT / "tiny.ipynb").write_bytes(b"\xff\xfe\x00")
    assert "not JSON" in problem_of(submitted, "ann")


def test_notebook_of_another_unit(submitted: Course) -> None:
    other = (submitted.root / "release" / "02-other" / "other.ipynb").read_text()
    submitted.submit_text("ann", other)
    assert "its cells are those of unit 02-other" in problem_of(submitted, "ann")
    submitted.submit_text("ben", other, name="other.ipynb")
    assert "other.ipynb, which belongs to unit 02-other, but not tiny.ipynb" in problem_of(submitted, "ben")


def test_folder_without_a_notebook(submitted: Course) -> None:
    submitted.submit_text("ann", "", name="readme.txt")
    assert "holds no notebook, only readme.txt" in problem_of(submitted, "ann")


def test_folder_named_after_no_unit(submitted: Course) -> None:
    submitted.submit_text("ann", "")
    submitted.submit_text("ann", "", unit="1-tiny")
    results = grade(submitted.root, [UNIT])
    assert [result.unit for result in results] == [UNIT, "1-tiny"]
    assert "named after no released unit" in results[1].problem
    assert "Did you mean '01-tiny'" in results[1].problem


@pytest.mark.parametrize("student", ["a[b]", "a*", " ann"])
def test_names_that_nbgrader_cannot_find(submitted: Course, student: str) -> None:
    submitted.submit_text(student, "")
    assert "rename it" in problem_of(submitted, student)


@pytest.mark.parametrize("target", ["autograded", "feedback"])
def test_target_that_cannot_be_written(submitted: Course, target: str, tmp_path: Path) -> None:
    submitted.submit("ann", solve)
    # Permissions do not stop an administrator, who may run the tests; a file in the folder's place does.
    folder = submitted.root / target
    away = folder.rename(tmp_path / target) if folder.exists() else None
    folder.write_text("")
    try:
        with pytest.raises(CourseError, match=f"{target} cannot be written .* nothing was graded"):
            grade(submitted.root, [UNIT])
    finally:
        folder.unlink()
        if away:
            away.rename(folder)


def test_disk_that_fills_up(submitted: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    submitted.submit("ann", solve)

    def fail(self, output, resources, **_):
        raise OSError(errno.ENOSPC, "No space left on device", "autograded/ann")

    monkeypatch.setattr(FilesWriter, "write", fail)
    assert problem_of(submitted, "ann").startswith("The disk is full (autograded/ann): free some space")


def test_gradebook_that_is_none(tmp_path: Path, course: Course) -> None:
    (tmp_path / CONFIG_FILE).write_text((course.root / CONFIG_FILE).read_text())
    (tmp_path / "gradebook.db").write_text("this is not a database " * 100)
    with pytest.raises(CourseError, match=r"gradebook.db cannot be opened: file is not a database"):
        grade(tmp_path)


def test_terminal_stays_quiet(submitted: Course, capfd: pytest.CaptureFixture) -> None:
    submitted.submit_text("ann", "not JSON")
    problem_of(submitted, "ann")
    out, err = capfd.readouterr()
    assert "Traceback" not in out + err
    assert "INFO" not in out + err and "ERROR" not in out + err
    assert "ann" in (submitted.root / "grading.log").read_text()


RESULTS = [
    Result(
        UNIT,
        "ann",
        Status.GRADED,
        (
            CellScore("test_double", "double", 1.5, 2, "=HYPERLINK('x') [bold]half[/bold]"),
            CellScore("test_double_hidden", "double", 3, 3),
            CellScore("why", "why", None, 2),
        ),
        ("stderr",),
    ),
    Result(UNIT, "ben", Status.FAILED, problem="Not a notebook."),
]


def test_sums_of_a_result() -> None:
    ann, ben = RESULTS
    assert (ann.total, ann.pending, ann.maximum) == (4.5, 2, 7)
    assert ann.exercises == {"double": (4.5, 5), "why": (None, 2)}
    assert (ben.total, ben.message) == (0, "Not a notebook.")


def test_csv(tmp_path: Path) -> None:
    write_csv(RESULTS, tmp_path / "results.csv")
    ann, ben = csv.DictReader((tmp_path / "results.csv").open(encoding="utf-8"))
    assert ann[f"{UNIT}:test_double"] == "1.5"
    assert ann[f"{UNIT}:why"] == ""
    assert ann["message"].startswith("'=HYPERLINK")
    assert (ann["total"], ann["pending"], ann["maximum"]) == ("4.5", "2", "7")
    assert (ben["status"], ben["message"]) == ("failed", "Not a notebook.")


def test_csv_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="cannot be written .*choose another place"):
        write_csv(RESULTS, tmp_path)


def test_table_shows_messages_as_they_are() -> None:
    console = Console(width=120, record=True, file=(Path("/dev/null")).open("w"))
    console.print(results_table(RESULTS))
    text = console.export_text()
    assert "[bold]half[/bold]" in text
    assert re.search(r"ann +4.5 +\? +4.5\+2\? +=HYPERLINK.*\[stderr\]", text)
    assert "1 double (5), 2 why (2); 7 in all" in text
    assert "Not a notebook." in text
