"""`course students` and `course collect`, as an instructor runs them."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from authoring.build import build, write_or_compare
from authoring.release import release
from course import cli
from course.collect import REPORT
from grader.course_folder import CourseError
from tests.grader.intake.downloads import write, zipped


@pytest.fixture
def course(mini, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A released course with a class list."""
    write_or_compare(mini.notebook, build(mini), check=False)
    release(mini)
    monkeypatch.chdir(mini.root)
    (mini.root / "class.csv").write_bytes(
        "id;first_name;last_name\nAnna;Anna;Müller\nben;Ben;Li\n".encode("cp1252")
    )
    return mini.root


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli.app, list(map(str, arguments)), env={"COLUMNS": "200"})


def test_from_a_class_list_to_submitted(course: Path, tmp_path: Path) -> None:
    said = run("students", "class.csv").output
    assert said.startswith("class.csv: 2 students added, 0 known before\n") and "if 'Müller' is wrong" in said
    notebook = next((course / "release").rglob("*.ipynb"))
    place = Path("submitted/Anna", notebook.parent.name, notebook.name)
    files = {
        f"ANNA  müller_1_assignsubmission_file_/{notebook.name}": notebook.read_bytes(),
        f"Who Else_2_assignsubmission_file_/{notebook.name}": notebook.read_bytes(),
    }
    source = tmp_path / "downloads" / "week 1.zip"
    write(source.parent, {source.name: zipped(files)})

    tried = run("collect", source, "--dry-run")
    assert tried.exit_code == 1 and "Nothing was written" in tried.output
    assert not (course / "submitted").exists() and not (course / "collected-aside").exists()
    done = run("collect", source, "--unit", notebook.parent.name)
    assert done.exit_code == 1, done.output
    assert tried.output.splitlines()[:-2] == done.output.splitlines()[:-2]
    assert "Anna" in done.output and "nothing of ben" in done.output
    assert "nobody in the class list is called 'Who Else'" in done.output
    assert place.read_bytes() == notebook.read_bytes()
    aside = course / "collected-aside" / "week 1"
    assert (aside / "Who Else_2_assignsubmission_file_" / notebook.name).is_file()
    with (aside / REPORT).open(newline="", encoding="utf-8") as file:
        becomes = {line["file"]: line["becomes"] for line in csv.DictReader(file)}
    assert becomes == dict(zip(files, ("collected", "aside"), strict=True))

    shutil.rmtree(course / "collected-aside")
    (source.parent / "anna").mkdir()
    shutil.copy(notebook, source.parent / "anna")
    again = run("collect", source.parent / "anna" / "..", "--unit", notebook.parent.name)
    assert "Nothing new is collected" in again.output


def test_other_names_are_read_from_a_file(course: Path, tmp_path: Path) -> None:
    run("students", "class.csv")
    notebook = next((course / "release").rglob("*.ipynb"))
    source = write(tmp_path / "x", {f"01-mini-dragon42/{notebook.name}": notebook.read_bytes()})
    assert "nothing in its path names anybody" in run("collect", source, "--dry-run").output
    (course / "roster.csv").write_text("identifier,github_username\nben,dragon42\n")
    result = run("collect", source, "--names", "roster.csv")
    assert result.exit_code == 0 and (course / "submitted/ben" / notebook.parent.name).is_dir()


def test_json(course: Path, tmp_path: Path) -> None:
    entered = run("students", "class.csv", "--json")
    (note,) = json.loads(entered.stdout).pop("notes")
    assert json.loads(entered.stdout) == {"added": 2, "known": 0, "unused_columns": [], "notes": [note]}
    notebook = next((course / "release").rglob("*.ipynb"))
    unit = notebook.parent.name
    there = f"anna+{unit}+2026-11-20 12:00:00 UTC"
    files = {f"{there}/{notebook.name}": notebook.read_bytes(), "who.ipynb": notebook.read_bytes()}
    source = write(tmp_path / "x", files)
    tried, done = (run("collect", source, "--json", *more) for more in (["--dry-run"], []))
    assert (tried.exit_code, done.exit_code) == (1, 1) and "1 collected, 1 aside" in done.stderr
    said = json.loads(done.stdout)
    assert json.loads(tried.stdout) == said | {"written": None}
    assert said["written"] == "collected-aside/x" and said["missing"] == {unit: ["ben"]}
    (hand_in,) = said["hand_ins"]
    assert hand_in["student"] == "Anna" and hand_in["notebooks"] == [f"{there}/{notebook.name}"]
    assert hand_in["time"] == "2026-11-20T12:00:00Z" and hand_in["time_from"] == "name of the folder"
    assert [(each["file"], each["becomes"]) for each in said["files"]] == [
        (f"{there}/{notebook.name}", "collected"),
        ("who.ipynb", "aside"),
    ]


def test_a_class_is_needed(course: Path, tmp_path: Path) -> None:
    result = run("collect", tmp_path)
    assert isinstance(result.exception, CourseError) and "course students FILE" in str(result.exception)


@pytest.mark.parametrize("source", ["submitted", ".", "submitted/Anna"])
def test_the_courses_own_folder_is_no_source(course: Path, source: str) -> None:
    run("students", "class.csv")
    (course / "submitted/Anna").mkdir(parents=True)
    result = run("collect", source)
    assert isinstance(result.exception, CourseError) and "own submitted/" in str(result.exception)


def test_a_source_without_a_file_is_named(course: Path, tmp_path: Path) -> None:
    run("students", "class.csv")
    (tmp_path / "x").mkdir()
    (tmp_path / "x.zip").write_bytes(zipped({}))
    for source in (tmp_path / "x", tmp_path / "x.zip"):
        result = run("collect", source)
        assert isinstance(result.exception, CourseError) and "holds no file" in str(result.exception)


def test_help_has_an_example() -> None:
    for command in ("collect", "students"):
        assert f"Example: course {command} " in run(command, "--help").output
