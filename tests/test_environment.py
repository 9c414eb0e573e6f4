"""One list of dependencies: pyproject.toml; environment.yml and constraints.txt follow it."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib import metadata

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CONSTRAINTS = dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE))


def name_of(requirement: str) -> str:
    return re.match(r"[\w.-]+", requirement).group().lower()


def test_conda_installs_the_project_with_all_its_extras_and_nothing_else():
    dependencies = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    pip = next(entry["pip"] for entry in dependencies if isinstance(entry, dict))
    extras = ",".join(PROJECT["optional-dependencies"])
    assert pip == ["-c constraints.txt", f"-e .[{extras}]"]
    python = next(entry for entry in dependencies if isinstance(entry, str) and entry.startswith("python="))
    assert python.partition("=")[2] + ".0" in SpecifierSet(PROJECT["requires-python"])
    assert {entry for entry in dependencies if isinstance(entry, str)} - {python} == {"pip", "make"}


def test_the_version_is_the_same_everywhere():
    version = PROJECT["version"]
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == version
    assert re.search(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE).group(1) == version


def requirements() -> list[str]:
    """All that pyproject.toml asks for, once each."""
    return sorted({*PROJECT["dependencies"], *sum(PROJECT["optional-dependencies"].values(), [])})


def test_the_lowest_versions_are_those_that_are_allowed():
    wanted = [
        re.sub(r"\[.*\]|;.*", "", text).strip().replace(">=", "==") for text in requirements()
    ]  # without extras and markers
    lines = (ROOT / "constraints-lowest.txt").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == sorted(wanted)


def test_every_dependency_has_a_reason():
    page = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([\w-]+) \| .{10,} \|$", page.partition("## Dependencies")[2], re.MULTILINE)
    assert sorted(rows) == sorted([*map(name_of, requirements()), "package"])


def test_every_dependency_is_pinned_to_one_version():
    pinned = {name.lower() for name in CONSTRAINTS}
    assert {name_of(requirement) for requirement in requirements()} <= pinned
    assert CONSTRAINTS["torch"] == "2.13.0"


def test_what_the_dependencies_bring_along_is_pinned_too():
    extras = PROJECT["optional-dependencies"]
    asked_for = [PROJECT["dependencies"], *(extras[name] for name in ("instructor", "book", "test"))]
    waiting = [Requirement(text) for each in asked_for for text in each]
    seen = set()
    while waiting:
        requirement = waiting.pop()
        for text in metadata.requires(requirement.name) or []:
            child = Requirement(text)
            marker, asked = child.marker, {"", *requirement.extras}
            wanted = marker is None or any(marker.evaluate({"extra": extra}) for extra in asked)
            # PyTorch itself pins the libraries of a GPU, which not every machine has.
            if wanted and not child.name.startswith(("nvidia", "cuda", "triton")) and str(child) not in seen:
                seen.add(str(child))
                waiting.append(child)
    names = {canonicalize_name(Requirement(text).name) for text in seen}
    assert len(names) > 100
    assert sorted(names - {canonicalize_name(name) for name in CONSTRAINTS}) == []


def test_required_packages_are_dependencies():
    names = {
        name_of(requirement)
        for requirement in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"]
    }
    assert {"jupyterlab", "nbgrader", "numpy", "scipy", "pandas", "torch", "matplotlib", "pytest"} <= names


@pytest.mark.parametrize("arguments", [["check"], ["format", "--check"]], ids=["lint", "format"])
def test_ruff_is_clean(arguments):
    result = subprocess.run(
        [sys.executable, "-m", "ruff", *arguments, str(ROOT)], capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout + result.stderr
