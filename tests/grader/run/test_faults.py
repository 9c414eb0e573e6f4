"""Bad input and broken folders: each is one sentence that says what to do, and no traceback."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import re
import shutil
import tempfile
from pathlib import Path

import pytest
from nbgrader.api import Course as NbgraderCourse
from nbgrader.api import Gradebook, InvalidEntry
from rich.console import Console
from sqlalchemy.exc import OperationalError

from grader.course_folder import CONFIG_FILE, CourseError, sqlite_url
from grader.gradebook import store as archive
from grader.gradebook.results import CellScore, Result, Status
from grader.gradebook.results_output import results_json, results_table, write_csv
from grader.run.configured import HARDENED
from grader.run.convert import open_log
from grader.run.grade import grade
from tests.grader.run.conftest import ROOT, UNIT, Course, Here, solve


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
    with pytest.raises(CourseError, match=r"nothing of 'an\\udcffn'. Did you mean 'ann'"):
        grade(submitted.root, [UNIT], [os.fsdecode(b"an\xffn")])


def test_folder_that_is_no_course(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=CONFIG_FILE):
        grade(tmp_path)


def test_a_hook_that_starts_a_kernel_grades_nothing(submitted: Course) -> None:
    """Its cells would run in the worker, as the person who grades."""
    config = submitted.root / CONFIG_FILE
    before = config.read_text()
    config.write_text(before + '\nc.Autograde.pre_convert_hook = "jupyter_client.manager.start_new_kernel"\n')
    submitted.submit("ann", solve)
    try:
        assert "starts a kernel or a shell of its own" in problem_of(submitted, "ann")
    finally:
        config.write_text(before)


def test_configuration_without_the_hardening(tmp_path: Path) -> None:
    (tmp_path / CONFIG_FILE).write_text("c = get_config()\n")
    with pytest.raises(CourseError, match="RestoreMetadata stands there 0 times, not once"):
        grade(tmp_path)


@pytest.mark.parametrize(
    ("name", "step"), [(name, step) for name, steps in HARDENED.items() for step in steps]
)
def test_configuration_without_one_step_of_the_hardening(tmp_path: Path, name: str, step: type) -> None:
    without = f"c.Autograde.{name}.remove('{step.__module__}.{step.__name__}')\n"
    (tmp_path / CONFIG_FILE).write_text((ROOT / CONFIG_FILE).read_text() + without)
    with pytest.raises(CourseError, match=f"{step.__name__} stands there 0 times, not once"):
        grade(tmp_path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "tiny.ipynb is empty (0 bytes)"),
        ('{"cells": [', "not JSON to its end: it breaks off after 11 characters"),
        ("[]", "JSON but not a notebook"),
        ('{"a": 1}', "JSON but not a notebook"),
        ('{"cells": 3, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "JSON but not a notebook"),
        ('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "is a notebook without a cell"),
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


@pytest.mark.parametrize("student", ["<img src=x onerror=alert(1)>", "a&b", 'a"b', "O'Hara"])
def test_names_that_formgrader_would_take_for_html(submitted: Course, student: str) -> None:
    submitted.submit_text(student, "")
    assert "formgrader's pages would take for HTML: rename it" in problem_of(submitted, student)


@pytest.mark.parametrize(
    ("student", "shown"),
    [
        ("an\nn", r"'an\nn'"),
        ("an\x1bn", r"'an\x1bn'"),
        ("an\u2028n", r"'an\u2028n'"),
        (os.fsdecode(b"an\xffn"), r"'an\udcffn'"),
    ],
)
def test_names_that_cannot_be_shown(submitted: Course, student: str, shown: str, tmp_path: Path) -> None:
    try:
        submitted.submit_text(student, "")
    except OSError:
        pytest.skip("this file system refuses the name, too")
    if student not in os.listdir(submitted.root / "submitted"):
        pytest.skip("this file system gives the folder another name")
    problem = problem_of(submitted, student)
    assert shown in problem and "rename it" in problem
    submitted.submit_text(student, "", unit="1-tiny\n")
    results = grade(submitted.root, [UNIT])
    assert r"1-tiny\n is named after no released unit" in results[1].problem
    write_csv(results, tmp_path / "results.csv")
    assert len((tmp_path / "results.csv").read_text(encoding="utf-8").splitlines()) == 3
    assert shown.strip("'") in table_of(results)


def test_name_of_letters_of_all_the_world(submitted: Course) -> None:
    submitted.submit_text("Zoë 李\u3000明 O-Neil", "")
    assert "is empty" in problem_of(submitted, "Zoë 李\u3000明 O-Neil")


def lock(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """What `chmod 000` does, also to an administrator: the folder cannot be opened."""
    locked, original = os.stat(folder), os.open

    def guarded(path, *args, **options) -> int:
        descriptor = original(path, *args, **options)
        if os.path.samestat(os.fstat(descriptor), locked):
            os.close(descriptor)
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return descriptor

    monkeypatch.setattr(os, "open", guarded)


@pytest.mark.parametrize("inside", [".", UNIT])
def test_one_folder_that_cannot_be_read(
    submitted: Course, monkeypatch: pytest.MonkeyPatch, inside: str
) -> None:
    submitted.submit_text("ann", "")
    submitted.submit("ben", solve)
    with monkeypatch.context() as patch:
        lock(patch, submitted.root / "submitted" / "ann" / inside)
        results = submitted.grade()
    where = Path("submitted/ann", inside)
    assert f"{where} cannot be read (Permission denied): make it" in results["ann"].problem
    assert results["ben"].total == 8


def test_all_folders_that_cannot_be_read(submitted: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    submitted.submit_text("ann", "")
    with monkeypatch.context() as patch:
        lock(patch, submitted.root / "submitted")
        with pytest.raises(CourseError, match=r"submitted cannot be read \(Permission denied\): make it"):
            submitted.grade()


def kept(course: Course, student: str) -> list[Path]:
    return [course.root / step / student / UNIT for step in ("autograded", "feedback")]


def test_gradebook_that_cannot_be_written(submitted: Course) -> None:
    submitted.submit("gil", solve)
    assert submitted.grade("gil")["gil"].total == 8
    config = submitted.root / CONFIG_FILE
    original = config.read_text()
    url = f"sqlite:///file:{submitted.root / 'gradebook.db'}?mode=ro&uri=true"
    config.write_text(f"{original}\nc.CourseDirectory.db_url = {url!r}\n")
    try:
        with pytest.raises(
            CourseError, match="cannot be written .*readonly database.* nothing was graded. Fix"
        ):
            submitted.grade("gil", force=True)
    finally:
        config.write_text(original)
    assert all(folder.is_dir() for folder in kept(submitted, "gil"))
    result = submitted.grade("gil")["gil"]
    assert (result.status, result.total) == (Status.KEPT, 8)
    # The row with which it was tried is not left.
    with submitted.gradebook() as gradebook:
        assert not [each.id for each in gradebook.db.query(NbgraderCourse) if "test" in each.id]


@pytest.mark.parametrize("by_nbgrader", [False, True])
def test_gradebook_that_fails_in_the_middle(
    submitted: Course, monkeypatch: pytest.MonkeyPatch, by_nbgrader: bool
) -> None:
    """nbgrader raises an error of its own in the place of some of the database's."""
    submitted.submit("hal", solve)
    assert submitted.grade("hal")["hal"].total == 8

    def fail(*_):
        try:
            raise OperationalError("UPDATE grade", {}, Exception("database is locked"))
        except OperationalError as error:
            if by_nbgrader:
                raise InvalidEntry(*error.args)  # noqa: B904  (as nbgrader does it)
            raise

    with monkeypatch.context() as patch:
        patch.setattr(archive, "enter", fail)
        result = submitted.grade("hal", force=True)["hal"]
    assert re.match(r"The gradebook .*\.db cannot be used \(database is locked\): fix", result.problem)
    # That is not the submission's fault: what it had is left as it was.
    result = submitted.grade("hal")["hal"]
    assert (result.status, result.total) == (Status.KEPT, 8)


def test_course_folder_that_cannot_be_written(submitted: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    submitted.submit_text("ann", "")
    original = tempfile.TemporaryFile

    def refuse(*args, dir: Path, **options):
        if Path(dir) == submitted.root:
            raise OSError(errno.EROFS, "Read-only file system", str(dir))
        return original(*args, dir=dir, **options)

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(CourseError, match="cannot be written .Read-only file system.; nothing was graded"):
        submitted.grade("ann")


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


@pytest.mark.parametrize("place", ["grader.gradebook.store", "grader.run.temporary_course"])
def test_disk_that_fills_up(submitted: Course, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """In the course folder, or in a worker's."""
    submitted.submit("ann", solve)
    submitted.grade("ann")

    def fail(folder: Path, files: dict[str, bytes]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        raise OSError(errno.ENOSPC, "No space left on device", str(folder))

    with monkeypatch.context() as patch:
        patch.setattr(f"{place}.write_files", fail)
        result = submitted.grade("ann", force=True, pool=Here())["ann"]
    assert re.match(r"The disk is full \(.*ann.*\): free some space", result.problem)
    result = submitted.grade("ann")["ann"]
    assert (result.status, result.total) == (Status.KEPT, 8)
    assert [path.name for path in (submitted.root / "autograded" / "ann").iterdir()] == [UNIT]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full, which a full disk is tried with")
def test_log_on_a_full_disk(submitted: Course, capfd: pytest.CaptureFixture) -> None:
    """Without a log the class is graded, and the terminal has no tracebacks of what could not be logged."""
    submitted.submit("ann", solve)
    submitted.submit_text("ben", "not JSON")
    log = submitted.root / "grading.log"
    log.unlink(missing_ok=True)
    log.symlink_to("/dev/full")
    try:
        results = submitted.grade()
    finally:
        log.unlink()
    assert results["ann"].total == 8
    assert "not JSON" in results["ben"].problem
    out, err = capfd.readouterr()
    assert "Traceback" not in out + err and "Logging error" not in out + err


def test_two_at_a_time(submitted: Course) -> None:
    submitted.submit("ann", solve)
    with (
        open_log(submitted.root / "grading.log"),
        pytest.raises(CourseError, match="Another `course grade` is at work in .*: nothing was graded"),
    ):
        submitted.grade()
    assert submitted.grade()["ann"].total == 8


def test_links_lead_nowhere(submitted: Course) -> None:
    submitted.submit("ann", solve)
    folder = submitted.root / "submitted" / "ann" / UNIT
    (folder / "data.csv").symlink_to(submitted.root / "gradebook.db")
    assert "data.csv is a link or a device: put the file itself" in problem_of(submitted, "ann")
    (folder / "data.csv").unlink()
    os.mkfifo(folder / "pipe")
    assert "pipe is a link or a device" in problem_of(submitted, "ann")


def test_more_than_a_worker_can_hold(submitted: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.intake.take_in.MAX_BYTES", 1_000_000)
    monkeypatch.setattr("grader.intake.submissions.MAX_BYTES", 1_000_000)
    submitted.submit("ann", solve)
    submitted.submit_text("ann", "x" * 1_000_000, name="data.csv")
    assert "holds more than 1 MB or 500 files" in problem_of(submitted, "ann")


def test_time_of_submission_that_is_none(submitted: Course) -> None:
    """nbgrader would end the program."""
    submitted.submit("ann", solve)
    submitted.submit_text("ann", "yesterday", name="timestamp.txt")
    assert "timestamp.txt does not say when it was handed in: 'yesterday' is no" in problem_of(
        submitted, "ann"
    )


def test_gradebook_that_is_none(tmp_path: Path, course: Course) -> None:
    (tmp_path / CONFIG_FILE).write_text((course.root / CONFIG_FILE).read_text())
    (tmp_path / "gradebook.db").write_text("this is not a database " * 100)
    with pytest.raises(CourseError, match=r"gradebook.db cannot be opened: file is not a database"):
        grade(tmp_path)


def test_course_folder_with_the_signs_of_a_url(submitted: Course, tmp_path: Path) -> None:
    (tmp_path / "a b").mkdir()
    shutil.copytree(submitted.root, tmp_path / "a%20b")
    course = Course(tmp_path / "a%20b", submitted.pool)
    course.submit("ann", solve)
    assert course.grade("ann")["ann"].total == 8
    with Gradebook(sqlite_url(course.root / "gradebook.db")) as gradebook:
        assert gradebook.find_submission(UNIT, "ann").score == 8
    assert not list((tmp_path / "a b").iterdir())


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
    ann, ben = csv.DictReader((tmp_path / "results.csv").read_text(encoding="utf-8").splitlines())
    assert ann[f"{UNIT}:test_double"] == "1.5"
    assert ann[f"{UNIT}:why"] == ""
    assert ann["message"].startswith("'=HYPERLINK")
    assert (ann["total"], ann["pending"], ann["maximum"]) == ("4.5", "2", "7")
    assert (ben["status"], ben["message"]) == ("failed", "Not a notebook.")


def test_csv_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="cannot be written .*choose another place"):
        write_csv(RESULTS, tmp_path)


def test_csv_on_a_disk_that_fills_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "results.csv"
    write_csv(RESULTS, path)
    before = path.read_text()

    def fail(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(CourseError, match="No space left on device"):
        write_csv(RESULTS, path)
    assert path.read_text() == before
    assert list(tmp_path.iterdir()) == [path]


def test_csv_replaces_the_file_behind_a_link(tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to(tmp_path / "results.csv")
    write_csv(RESULTS, tmp_path / "link.csv")
    write_csv(RESULTS[:1], tmp_path / "link.csv")
    assert (tmp_path / "link.csv").is_symlink()
    assert len((tmp_path / "results.csv").read_text().splitlines()) == 2


def test_csv_to_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    # Opened for reading first, or the writer would wait for ever.
    with open(os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK), encoding="utf-8") as reader:
        write_csv(RESULTS, tmp_path / "pipe")
        assert len(reader.readlines()) == 3


def table_of(results: list[Result]) -> str:
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(results_table(results))
    return console.export_text()


# Clears the screen, hides a link (by ESC and by one byte), turns the direction of writing, breaks the line.
STEERING = "a\x1b[2J\x1b]8;;https://example.org\x07b\x9b1A\u202e\u200bc\nd é"


@pytest.mark.parametrize("is_problem", [True, False])
def test_a_message_of_a_student_steers_no_terminal(tmp_path: Path, is_problem: bool) -> None:
    if is_problem:
        results = [Result(UNIT, "ann", Status.FAILED, problem=STEERING)]
    else:
        score = CellScore("test_double", "double", 0.0, 2.0, STEERING)
        results = [Result(UNIT, "ann", Status.GRADED, (score,))]
    write_csv(results, tmp_path / "results.csv")
    [row] = csv.DictReader((tmp_path / "results.csv").read_text(encoding="utf-8").splitlines())
    [entry] = json.loads(results_json(results))
    in_json = entry["problem"] if is_problem else entry["scores"][0]["reason"]
    wanted = r"a\x1b[2J\x1b]8;;https://example.org\x07b\x9b1A\u202e\u200bc{}d é"
    assert row["message"] == wanted.format(" ") and in_json == wanted.format("\n")
    assert not set("\x1b\x07\x9b\u202e\u200b") & set(table_of(results) + results_json(results))


def test_table_without_points_has_no_caption() -> None:
    text = table_of(RESULTS[1:])
    assert "Not a notebook." in text
    assert "Points of" not in text and "in all" not in text


def test_table_shows_messages_as_they_are() -> None:
    text = table_of(RESULTS)
    assert "[bold]half[/bold]" in text
    assert re.search(r"ann +4.5 +\? +4.5\+2\? +=HYPERLINK.*\[stderr\]", text)
    assert "1 double (5), 2 why (2); 7 in all" in text
    assert "Not a notebook." in text
