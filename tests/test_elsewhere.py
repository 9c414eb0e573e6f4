"""Do the files for GitHub, a dev container and Binder parse, name what exists, and make the same environment?

Their commands are tried as far as a machine can that has neither: make says what it would do, bash reads the
script, pytest's folders and pip's files are there.
"""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from benchmarks.versions import supported_pythons
from tests.conftest import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
CONTAINER = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
BINDER = ROOT / ".binder"
EXTRAS = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"])
TESTED = "3.11"  # the Python of .ci/run


def jobs() -> list[dict]:
    return [job for path in WORKFLOWS for job in yaml.safe_load(path.read_text())["jobs"].values()]


def steps() -> list[dict]:
    return [step for job in jobs() for step in job["steps"]]


def commands() -> list[str]:
    """All lines that the three run, but those that only set up the shell."""
    said = [line for step in steps() for line in step.get("run", "").splitlines()]
    said += [CONTAINER["postCreateCommand"], *(BINDER / "postBuild").read_text().splitlines()]
    return sorted({line for line in said if line and not line.startswith(("#", "set "))})


@pytest.mark.parametrize("command", commands())
@pytest.mark.filterwarnings("ignore:Setuptools is replacing distutils")
def test_a_command_names_what_exists(command: str) -> None:
    words = shlex.split(command)
    if words[0] == "make":
        dry = subprocess.run([*words, "-n"], cwd=ROOT, capture_output=True, text=True)
        assert dry.returncode == 0, dry.stderr
    elif words[:2] == ["python", "-m"]:
        assert importlib.util.find_spec(words[2]), command
        _check_arguments(words[3:])
    elif words[:2] == ["sudo", "apt-get"]:
        needed = re.search(r"for package in (.+); do", (ROOT / ".ci" / "run").read_text())[1].split()
        asked = {word for word in words[3:] if not word.startswith("-")}
        assert asked in (set(), set(needed) - {"chromium"}), "what .ci/run installs, but for a browser"
    else:
        assert words[:3] == ["sudo", "sysctl", "-w"], f"who runs {command}?"


def _check_arguments(words: list[str]) -> None:
    """Files and extras among the arguments of pip and pytest."""
    for word in words:
        if word.startswith("."):
            assert set(re.findall(r"[\w-]+", word)) <= EXTRAS
        elif "/" in word or "." in word:
            assert (ROOT / word).exists(), word
    if "install" in words:
        assert words[words.index("-c") + 1] == "constraints.txt", "the versions of everybody else"


def test_all_supported_pythons_are_tested_and_the_rest_use_one() -> None:
    matrices = [job["strategy"]["matrix"]["python"] for job in jobs() if "strategy" in job]
    assert matrices == [supported_pythons()]
    fixed = {
        version
        for step in steps()
        if (version := step.get("with", {}).get("python-version")) and "matrix" not in version
    }
    image = re.search(r"python:(3\.\d+)", CONTAINER["image"])[1]
    runtime = (BINDER / "runtime.txt").read_text().strip().removeprefix("python-")
    assert fixed | {image, runtime} == {TESTED}
    assert f"python{TESTED}" in (ROOT / ".ci" / "run").read_text()


def test_the_book_is_published_from_where_make_puts_it() -> None:
    (path,) = [step["with"]["path"] for step in steps() if "pages-artifact" in step.get("uses", "")]
    assert path in (ROOT / "Makefile").read_text()


def test_the_systems_are_those_that_the_students_page_names() -> None:
    (systems,) = [job["strategy"]["matrix"]["os"] for job in jobs() if "strategy" in job]
    assert {name.partition("-")[0] for name in systems} == {"ubuntu", "macos", "windows"}


def test_bash_reads_the_script_of_binder() -> None:
    script = BINDER / "postBuild"
    assert subprocess.run(["bash", "-n", script]).returncode == 0
    assert script.stat().st_mode & 0o111, "Binder runs it: it must be executable"


def test_the_container_uses_the_environment_that_make_makes() -> None:
    interpreter = CONTAINER["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"]
    assert Path(interpreter).parts[-3:] == (".venv", "bin", "python")
