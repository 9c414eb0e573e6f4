"""Without a sandbox, a browser and a database server a run is green, and says what it left out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, TESTS
from tests.needs import BROWSER, DATABASE, PROGRAMS, SANDBOX

# What is skipped there in part or whole. (The other tests that grade a class do so without a sandbox, as
# test_cli does; the longest of them take minutes.)
DEPEND = (
    "attacks",
    "browser",
    "course/test_cli.py",
    "course/test_commands.py",
    "course/test_doctor.py",
    "course/test_init.py",
    "grader/run/test_feedback_scripts.py",
    "grader/run/test_postgresql.py",
    "grader/sandbox",
)


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What pytest prints of these files where the programs are not on the path."""
    path = tmp_path_factory.mktemp("bin")
    hidden = {name for names in PROGRAMS.values() for name in names}
    for folder in map(Path, os.environ["PATH"].split(os.pathsep)):
        for program in folder.iterdir() if folder.is_dir() else ():
            if program.name not in hidden and not (path / program.name).is_symlink():
                (path / program.name).symlink_to(program)
    files = [f"tests/{name}" for name in DEPEND]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    run = subprocess.run(
        command, cwd=ROOT, env=environment | {"PATH": str(path)}, capture_output=True, text=True, timeout=600
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


@pytest.mark.parametrize("need", [SANDBOX, BROWSER, DATABASE], ids=lambda need: need.what)
def test_a_line_says_what_was_left_out_and_the_command_that_adds_it(said: str, need):
    lines = [line for line in said.splitlines() if re.match(r"Left out: \d+ tests?; they need", line)]
    assert len(lines) == 3, said
    wanted = re.compile(rf"Left out: \d+ tests?; {re.escape(need.sentence)}")
    assert any(map(wanted.fullmatch, lines)), said


def test_the_rest_was_run(said: str):
    passed = re.search(r"(\d+) passed", said)
    assert passed and int(passed.group(1)) > 30, said


def test_every_file_that_names_a_need_is_among_them():
    names = re.compile(r"\b(SANDBOX|BROWSER|DATABASE)\b")
    for path in TESTS.rglob("*.py"):
        if names.search(path.read_text(encoding="utf-8")) and path.name not in (
            "needs.py",
            Path(__file__).name,
        ):
            inside = path.parent if path.name == "conftest.py" else path
            assert any(inside.is_relative_to(TESTS / name) for name in DEPEND), f"DEPEND lacks {path}"
