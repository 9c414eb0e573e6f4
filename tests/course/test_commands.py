"""Can scripts rely on the commands? Exit codes, JSON and colours are as docs/commands.md says."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from course import cli
from course.collected import collection_json
from grader.gradebook.results import CellScore, Result, Status
from grader.gradebook.results_output import results_json
from tests.conftest import ROOT
from tests.course.test_cli import course  # noqa: F401  (a fixture)
from tests.grader.intake.downloads import look, notebook, write
from tests.needs import SANDBOX

PAGE = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
COMMANDS = typer.main.get_command(cli.app).commands  # type: ignore[attr-defined]
NO_SANDBOX = [] if SANDBOX.is_here() else ["--no-sandbox"]


def table(heading: str) -> list[str]:
    """The names in the first column of the table with this heading."""
    lines = PAGE.partition(f"| {heading} |")[2].splitlines()[2:]
    rows = [line for line in lines[: lines.index("")] if line.startswith("|")]
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])]


def test_the_page_has_every_command() -> None:
    assert table("command") == [f"course {name}" for name in COMMANDS]


def test_the_page_has_every_field() -> None:
    result = Result("01", "ann", Status.GRADED, (CellScore("test_x", "x", 1.0, 2.0, "Not 2."),))
    (entry,) = json.loads(results_json([result]))
    assert set(table("field")) == entry.keys()
    assert table("field of `scores`") == list(entry["scores"][0])


def test_the_page_has_every_field_of_collect(tmp_path: Path) -> None:
    said = json.loads(collection_json(look(write(tmp_path / "x", {"anna.ipynb": notebook()})), "x", {}, []))
    assert table("field of `collect`") == list(said)
    assert table("field of `hand_ins`") == list(said["hand_ins"][0])
    assert table("field of `files`") == list(said["files"][0])


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example_that_the_command_takes(name: str) -> None:
    shown = CliRunner().invoke(cli.app, [name, "--help"], env={"COLUMNS": "200"})
    assert shown.exit_code == 0
    (example,) = re.findall(r"Example: (course .*?)\s*$", shown.output, re.MULTILINE)
    program, command, *words = shlex.split(example)
    assert (program, command) == ("course", name)
    COMMANDS[name].make_context(name, words)


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_not_understood_ends_with_2(name: str) -> None:
    assert CliRunner().invoke(cli.app, [name, "--no-such-option"]).exit_code == 2


def exit_code(*words: str) -> int:
    """As `main` has it: a sentence for the instructor ends with 1."""
    done = CliRunner().invoke(cli.app, list(words))
    if done.exception is None or isinstance(done.exception, SystemExit):
        return done.exit_code
    if not isinstance(done.exception, cli.CourseError | cli.LessonError):
        raise done.exception
    return 1


def test_exit_codes(course: Path) -> None:  # noqa: F811
    (course / "class.csv").write_text("id\nann\nbob\n")
    (course / "bad.csv").write_text("name\nann\n")
    (course / "unseen.csv").write_text("id\nann\nfeedback\n")
    (course / "download" / "ann").mkdir(parents=True)
    notebook = next((course / "submitted" / "ann").rglob("*.ipynb"))
    (course / "download" / "who.ipynb").write_bytes(notebook.read_bytes())
    sandbox = [*NO_SANDBOX, "--workers", "1"]
    for words, code in [
        (["build"], 0),
        (["build", "--check"], 0),
        (["release"], 0),
        (["release", "99-none"], 1),
        (["students", "class.csv"], 0),
        (["students", "bad.csv"], 1),
        (["students", "unseen.csv"], 1),
        (["collect", "download"], 1),
        (["collect", "nowhere"], 1),
        (["extend", "01-mini", "ANN", "--days", "2"], 0),
        (["extend", "01-mini", "cem", "--days", "2"], 1),
        (["extend", "01-mini", "ann", "--days", "-2"], 1),
        *((["extend", "01-mini", "ann", "--days", days], 1) for days in ("nan", "inf", "1e12", "1e5")),
        (["grade", *sandbox], 0),
        (["grade", "99-none", *sandbox], 1),
        (["answers", "01-mini"], 0),
        (["answers", "99-none"], 1),
        (["answers", "01-mini", "--out", "bad.csv"], 1),
        (["mark", "bad.csv"], 1),
        (["check", str(notebook)], 0),
        (["check", "bad.csv"], 1),
        (["report", "01-mini"], 0),
        (["report", "99-none"], 1),
        (["export", "01-mini", "canvas"], 0),
        (["export", "01-mini", "blackboard"], 1),
        (["demo", "--folder", "source"], 1),
    ]:
        assert exit_code(*words) == code, words
    (course / "submitted" / "lost.zip").write_bytes(b"PK")
    failed = CliRunner().invoke(cli.app, ["grade", "--json", *sandbox])
    assert failed.exit_code == 1
    assert [each["status"] for each in json.loads(failed.stdout)] == ["kept", "kept", "failed"]
    in_a_pipe = CliRunner().invoke(cli.app, ["grade", *sandbox])
    assert "\x1b" not in in_a_pipe.output and "it/s" not in in_a_pipe.output


@pytest.mark.parametrize("colourless", [False, True])
def test_no_color_is_respected_in_a_terminal(colourless: bool) -> None:
    code = (
        "from course.cli import _show_findings; from course.findings import Finding, Level; "
        "_show_findings([Finding('x', Level.MISSING, 'y')])"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    if colourless:
        environment["NO_COLOR"] = "1"
    leader, terminal = pty.openpty()
    subprocess.run([sys.executable, "-c", code], stdout=terminal, env=environment, check=True)
    os.close(terminal)
    colours = re.findall(rb"\x1b\[[\d;]*3\d[\d;]*m", os.read(leader, 10_000))
    os.close(leader)
    assert bool(colours) != colourless


def test_no_color_is_stronger_than_force_color() -> None:
    command = [sys.executable, "-m", "course.cli", "grade", "--help"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "FORCE_COLOR": "1", "NO_COLOR": "1"}
    said = subprocess.run(command, env=environment, capture_output=True, check=True).stdout
    assert b"Example: course grade" in said and b"\x1b" not in said
