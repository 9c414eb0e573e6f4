"""Are the supported versions the same wherever they are said, and are others refused with a sentence?"""

from __future__ import annotations

import ast
import re
import runpy
import subprocess
import sys

import pytest

from benchmarks.versions import PLATFORMS, supported_pythons, wanted_on
from tests.conftest import ROOT

FIRST, LAST = supported_pythons()[0], supported_pythons()[-1]
refusal = runpy.run_path(str(ROOT / "setup.py"), run_name="setup")["refusal"]


@pytest.mark.parametrize("version", [(3, 10, 12), (3, 15, 0), (2, 7, 18), (4, 0, 0)])
def test_other_pythons_are_refused_with_one_sentence_that_names_the_remedy(version):
    said = refusal(version)
    assert said.startswith(
        f"The course needs Python {FIRST} to {LAST}, and this is {version[0]}.{version[1]}."
    )
    assert "install one of them" in said and said.count(". ") == 0 and "\n" not in said


def test_supported_pythons_pass():
    assert supported_pythons() == ["3.11", "3.12", "3.13", "3.14"]
    for python in supported_pythons():
        assert refusal((3, int(python[2:]), 0)) == ""
    done = subprocess.run([sys.executable, ROOT / "setup.py"], capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout + done.stderr == ""


def test_old_pythons_can_read_what_refuses_them():
    ast.parse((ROOT / "setup.py").read_text(encoding="utf-8"), feature_version=(3, 4))


def test_what_people_read_says_the_same_versions():
    student = (ROOT / "docs" / "student.md").read_text(encoding="utf-8")
    assert f"| computer | Python {FIRST} to {LAST} |" in student
    for page in (student, (ROOT / "README.md").read_text(encoding="utf-8")):
        assert f"You need Python {FIRST} to {LAST}" in page
        said = {f"{first}.{minor}" for first, minor in re.findall(r"[Pp]ython ?(3)\.(\d+)\b", page)}
        assert said <= set(supported_pythons())


def test_make_looks_for_each_of_them():
    for text in (ROOT / "Makefile", ROOT / "authoring" / "bundle.py"):
        for python in supported_pythons():
            assert f"python{python} " in text.read_text(encoding="utf-8"), text.name


def test_only_intel_macs_go_without_pytorch_and_numba():
    for platform in PLATFORMS:
        names = {each.name for each in wanted_on(LAST, platform)}
        assert ({"torch", "numba"} <= names) == (platform != "macOS Intel")
        assert {"numpy", "scipy", "jupyterlab", "nbgrader"} <= names
