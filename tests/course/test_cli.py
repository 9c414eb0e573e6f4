"""The `course` command: sentences in place of tracebacks, and files that are not replaced by smaller ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from authoring.build import build, write_or_compare
from authoring.release import release
from course import cli
from course.demo.hand_in import Student, hand_in, solved
from grader.course_secret import read_secret
from tests.conftest import ROOT
from tests.needs import SANDBOX


@pytest.fixture
def course(mini, monkeypatch):
    """A released course to which two students have handed in."""
    # No such module of checks is installed beside the grader: this cell brings its check along.
    text = mini.lesson.read_text().replace("from course_utils.checks.mini import check_double_of_one\n\n", "")
    text = text.replace("check_double_of_one(double)", "np.testing.assert_array_equal(double([1.0]), [2.0])")
    mini.lesson.write_text(text)
    write_or_compare(mini.notebook, build(mini), check=False)
    release(mini)
    for name in ("ann", "bob"):
        hand_in(mini, Student(name, "", {mini.name: solved()}), mini.root / "submitted")
    (mini.root / "nbgrader_config.py").write_text((ROOT / "nbgrader_config.py").read_text())
    monkeypatch.chdir(mini.root)
    return mini.root


def test_grading_a_few_leaves_the_file_of_all_alone(course):
    def grade(*arguments: str):
        sandbox = [] if SANDBOX.is_here() else ["--no-sandbox"]
        return CliRunner().invoke(cli.app, ["grade", *arguments, *sandbox])

    everybody = grade()
    assert everybody.exit_code == 0, everybody.output
    assert "ann" in everybody.output and "bob" in everybody.output
    assert len((course / "grades.csv").read_text().splitlines()) == 3
    assert grade("--student", "ann").exit_code == 0
    assert len((course / "grades.csv").read_text().splitlines()) == 3
    assert grade("01-mini", "--student", "ann", "--csv", "ann.csv").exit_code == 0
    assert len((course / "ann.csv").read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["build", "01-mimi"], "There is no unit '01-mimi'. The units are: 01-mini."),
        (["release", "02-gone"], "There is no unit '02-gone'. The units are: 01-mini."),
        (["grade", "01-mimi"], "There is no unit '01-mimi'. Did you mean '01-mini'?"),
        (["grade", "--student", "carl"], "holds nothing of 'carl'"),
    ],
)
def test_a_mistake_is_one_sentence(course, monkeypatch, capsys, arguments, sentence):
    monkeypatch.setattr(sys, "argv", ["course", *arguments])
    with pytest.raises(SystemExit) as end:
        cli.main()
    said = capsys.readouterr().err
    assert end.value.code == 1
    assert sentence in said and "Traceback" not in said


def test_outside_a_course_it_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["course", "build"])
    with pytest.raises(SystemExit):
        cli.main()
    assert "is not in a course" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("encoding", "settings"),
    [
        ("cp1252", {"PYTHONIOENCODING": "cp1252"}),
        # Names of files are UTF-8 all the same, and so are people's ids.
        ("ascii", {"LC_ALL": "C", "PYTHONUTF8": "0"}),
    ],
)
def test_output_of_another_encoding_loses_no_results(course, encoding, settings):
    (course / "submitted" / "bob").rename(course / "submitted" / "李 Łukasz")
    sandbox = [] if SANDBOX.is_here() else ["--no-sandbox"]
    command = [sys.executable, "-m", "course.cli", "grade", *sandbox]
    environment = os.environ | settings | {"PYTHONPATH": str(ROOT)}
    with (course / "out.txt").open("wb") as out:
        run = subprocess.run(command, cwd=course, env=environment, stdout=out, stderr=subprocess.PIPE)
    said = (course / "out.txt").read_text(encoding=encoding)
    assert run.returncode == 0 and b"Traceback" not in run.stderr, run.stderr
    assert "ann" in said and "\\u674e \\u0141ukasz" in said
    assert "李 Łukasz" in (course / "grades.csv").read_text(encoding="utf-8")


def test_the_file_of_points_and_what_is_shown_do_not_need_each_other(course, monkeypatch):
    def fail(*_):
        raise OSError("nobody reads this")

    sandbox = [] if SANDBOX.is_here() else ["--no-sandbox"]
    with monkeypatch.context() as shown:
        shown.setattr(cli, "_show", fail)
        assert CliRunner().invoke(cli.app, ["grade", *sandbox]).exit_code == 1
    assert len((course / "grades.csv").read_text().splitlines()) == 3
    # Where the file cannot be written, as on a full disk, the results are shown all the same.
    done = CliRunner().invoke(cli.app, ["grade", "--json", "--csv", "grades.csv/x.csv", *sandbox])
    assert "grades.csv/x.csv cannot be written" in str(done.exception)
    assert [each["student"] for each in json.loads(done.stdout)] == ["ann", "bob"]


def test_a_private_release_keeps_its_salt_until_another_is_given(course):
    def released(*arguments: str) -> str:
        result = CliRunner().invoke(cli.app, ["release", *arguments])
        assert result.exit_code == 0, result.output
        return result.output

    assert "seeds" not in released()
    assert "draw from the seeds of autumn; keep grading-secret.json" in released("--private", "autumn")
    key = read_secret(course).key
    assert "autumn" in released() and read_secret(course).key == key
    assert "spring" in released("--private", "spring") and read_secret(course).key != key
