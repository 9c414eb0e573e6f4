"""`course answers` and `course mark`, as an instructor runs them."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner, Result

from course import cli
from tests.grader.answers.conftest import Answers, answers, make_class, released
from tests.grader.run.conftest import UNIT

__all__ = ["answers", "released"]


@pytest.fixture
def two(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> Answers:
    make_class(answers.root, ["One answer.", "Something else."])
    monkeypatch.chdir(answers.root)
    return answers


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, list(map(str, arguments)))


def test_from_the_page_to_the_gradebook(two: Answers) -> None:
    wrote = run("answers", UNIT)
    assert wrote.exit_code == 0
    assert wrote.stdout.startswith(
        "answers-01-tiny-why.html: 2 students, 2 different answers in 2 groups, 2 wait for a person; 0.0 MB"
    )
    path = two.export(("One", 1, "Hm."), ("Something", 2, None))
    done = run("mark", path)
    assert done.exit_code == 0
    assert "2 answers to why of 01-tiny marked, 0 as before, 0 not marked" in done.stdout
    assert "Next: `course grade`" in done.stdout


def test_what_was_not_entered_is_exit_code_1(two: Answers) -> None:
    path = two.export(("One", 1, None))
    two.graded("student-000", "Another answer.")
    done = run("mark", path)
    assert done.exit_code == 1
    assert "student-000. Run `course answers 01-tiny`" in done.stdout
    path.write_text("{")
    done = run("mark", path)
    assert done.exit_code == 1 and "is damaged" in done.stderr


def test_json(two: Answers) -> None:
    said = json.loads(run("answers", UNIT, "--json").stdout)
    (page,) = said["pages"]
    assert (page["question"], page["students"], page["groups"], said["notes"]) == ("why", 2, 2, [])
    assert page["path"].endswith("answers-01-tiny-why.html") and page["size"] > 10_000
    (file,) = json.loads(run("mark", two.export(("One", 1, None)), "--json").stdout)
    assert (file["marked"], file["changed"], file["problem"]) == (["student-000"], [], "")


@pytest.mark.parametrize("command", ["answers", "mark"])
def test_help_has_an_example(command: str) -> None:
    assert f"Example: course {command}" in run(command, "--help").stdout
