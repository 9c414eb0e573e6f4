"""The students' bundle: all that students need, nothing else, and it works by itself."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile

import pytest
import yaml
from traitlets.config.loader import PyFileConfigLoader

from authoring.bundle import bundle
from authoring.lesson import Unit, find_units
from authoring.release import LeakError, forbidden_imports
from grader.course_folder import CourseError
from grader.markers import SLOW_TAG
from tests.conftest import ROOT
from tests.mutants import unit_modules


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundle")
    bundle(ROOT, find_units(ROOT), folder / "course.zip")
    with zipfile.ZipFile(folder / "course.zip") as file:
        file.extractall(folder)
    return folder / "course"


def test_it_holds_what_students_need_and_no_trace_of_the_rest(unpacked):
    assert {path.name for path in unpacked.iterdir()} == {
        "course_utils",
        "data",
        "docs",
        "jupyter",
        "release",
        ".gitattributes",
        "LICENSE",
        "LICENSE-TEXT.md",
        "Makefile",
        "README.md",
        "constraints.txt",
        "environment.yml",
        "nbgrader_config.py",
        "pyproject.toml",
    }
    assert {path.name for path in (unpacked / "release").iterdir()} == {
        unit.name for unit in find_units(ROOT)
    }
    for path in unpacked.rglob("*.py"):
        assert not forbidden_imports(path.read_text(encoding="utf-8")), path


def test_it_holds_the_visible_checks_and_no_hidden_one(unpacked):
    texts = {
        path: path.read_text("utf-8") for path in unpacked.rglob("*") if path.suffix in (".py", ".ipynb")
    }
    for unit in find_units(ROOT):
        modules = unit_modules(unit.module)
        shipped = (unpacked / "course_utils" / "checks" / f"{unit.module}.py").read_text(encoding="utf-8")
        for name in modules.checks():
            if hasattr(modules.visible, name):
                assert f"def {name}(" in shipped
            else:
                assert not [path for path, text in texts.items() if name in text]


def test_it_installs_the_same_dependencies_and_only_the_helpers(unpacked):
    ours, theirs = (tomllib.loads((folder / "pyproject.toml").read_text()) for folder in (ROOT, unpacked))
    assert theirs["project"]["dependencies"] == ours["project"]["dependencies"]
    assert theirs["tool"]["setuptools"]["packages"]["find"]["include"] == ["course_utils*"]
    assert "-e ." in yaml.safe_load((unpacked / "environment.yml").read_text())["dependencies"][-1]["pip"]
    options = ["--no-deps", "--no-build-isolation", "--quiet", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", "installed", "."]
    made = subprocess.run(command, cwd=unpacked, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    assert (unpacked / "installed" / "course_utils" / "data" / "datasets.py").is_file()
    assert (unpacked / "installed" / "course_utils" / "evaluation" / "league.csv").is_file()


def test_its_start_page_names_what_is_there(unpacked):
    for page in [unpacked / "README.md", *(unpacked / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert "://" in target or (page.parent / target).exists(), f"{page.name}: {target}"
    opened = re.search(r"root_dir=\. (\S+)", (unpacked / "Makefile").read_text()).group(1)
    assert (unpacked / opened).is_file()


def test_validate_leaves_the_slow_cells_out(unpacked):
    config = PyFileConfigLoader("nbgrader_config.py", path=str(unpacked)).load_config()
    assert config.Execute.skip_cells_with_tag == SLOW_TAG


def test_its_helpers_find_its_own_data(unpacked):
    code = "from course_utils.data.datasets import *; print(DATA_DIR); print(len(load().ratings))"
    environment = os.environ | {"PYTHONPATH": str(unpacked)}
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=unpacked, env=environment, capture_output=True, text=True
    )
    assert said.stdout.split() == [str(unpacked / "data"), "100836"], said.stderr


def test_a_leak_or_a_missing_release_stops_it(mini, tmp_path):
    with pytest.raises(CourseError, match="01-mini is not released"):
        bundle(ROOT, [mini], tmp_path / "b.zip")
    mini.released_notebook.parent.mkdir(parents=True)
    mini.released_notebook.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    (mini.released_notebook.parent / "lesson.py").write_text("")
    with pytest.raises(LeakError, match="lesson.py: a script"):
        bundle(ROOT, [mini], tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()


def test_a_target_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(CourseError, match="gone.*cannot be written"):
        bundle(ROOT, [Unit(ROOT, find_units(ROOT)[0].name)], tmp_path / "gone" / "b.zip")
