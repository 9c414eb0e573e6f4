"""The students' bundle: all that students need, nothing else, and it works by itself."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile

import nbformat
import pytest
import yaml
from traitlets.config.loader import PyFileConfigLoader

from authoring.build import build, write_or_compare
from authoring.bundle import bundle
from authoring.lesson import LessonError, Unit, find_units
from authoring.outline import outline
from authoring.release import LeakError, forbidden_imports, release
from authoring.self_study import kept_files
from grader.course_folder import CourseError
from grader.markers import SLOW_TAG
from tests.conftest import ROOT
from tests.mutants import unit_modules


def unpack(folder, **options):
    bundle(ROOT, find_units(ROOT), folder / "course.zip", **options)
    with zipfile.ZipFile(folder / "course.zip") as file:
        file.extractall(folder)
    return folder / "course"


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    return unpack(tmp_path_factory.mktemp("bundle"))


@pytest.fixture(scope="module")
def for_self_study(tmp_path_factory):
    return unpack(tmp_path_factory.mktemp("self-study"), self_study=True)


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
        "setup.py",
    }
    assert {path.name for path in (unpacked / "release").iterdir()} == {
        unit.name for unit in find_units(ROOT)
    }
    for path in unpacked.rglob("*.py"):
        assert not forbidden_imports(path.read_text(encoding="utf-8")), path


def bare(text: str) -> str:
    """Text without indentation and blank lines; of a notebook, that of its cells."""
    if text.startswith("{") and '"nbformat"' in text:
        text = "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def bodies(unit: Unit) -> dict[str, str]:
    """What stands between the markers of a unit's solutions."""
    text = (ROOT / "solutions" / f"{unit.module}.py").read_text(encoding="utf-8")
    found = re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", text, re.DOTALL)
    assert found
    return {bare(body): f"solutions/{unit.module}.py: {body}" for body in found}


def read(folder) -> dict:
    """The text of every file, bare."""
    return {path: bare(path.read_text("utf-8", "replace")) for path in folder.rglob("*") if path.is_file()}


def test_it_holds_the_visible_checks_and_no_hidden_one_nor_a_solution(unpacked):
    texts = read(unpacked)
    for unit in find_units(ROOT):
        modules = unit_modules(unit.module)
        shipped = (unpacked / "course_utils" / "checks" / f"{unit.module}.py").read_text(encoding="utf-8")
        for name in modules.checks():
            if hasattr(modules.visible, name):
                assert f"def {name}(" in shipped
            else:
                assert not [path for path, text in texts.items() if name in text], name
        built = bare(unit.notebook.read_text(encoding="utf-8"))
        for body, place in bodies(unit).items():
            assert body in built, "it would be found in a notebook"
            assert not [path for path, text in texts.items() if body in text], place


def test_for_self_study_it_holds_all_of_them_in_one_folder_and_nowhere_else(unpacked, for_self_study):
    texts = read(for_self_study)
    folder = for_self_study / "course_utils" / "checks" / "self_study"
    inside, outside = {}, {}
    for path, text in texts.items():
        (inside if path.is_relative_to(folder) else outside)[path] = text
    solutions = json.loads((folder / "solutions.json").read_text(encoding="utf-8"))
    for unit in find_units(ROOT):
        kept = solutions[unit.name].values()
        for name in unit_modules(unit.module).checks():
            if not hasattr(unit_modules(unit.module).visible, name):
                assert f"def {name}(" in inside[folder / f"{unit.module}.py"]
                assert [entry for entry in kept if name in entry["checks"]], name
                assert not [path for path, text in outside.items() if name in text], name
        for body, place in bodies(unit).items():
            assert [entry for entry in kept if body in bare(entry["solution"])], place
            assert not [path for path, text in outside.items() if body in text], place
        for entry in kept:
            assert "BEGIN SOLUTION" not in entry["solution"] and '"""' not in entry["solution"]
            assert entry["why"] or not entry["checks"]
            assert "*Grading:*" not in entry["solution"], "that is for whoever marks it"
    only_here = {str(path.relative_to(for_self_study)) for path in outside} - {
        str(path.relative_to(unpacked)) for path in read(unpacked)
    }
    assert only_here == {"docs/self-study.md"}
    first = (for_self_study / "README.md").read_text(encoding="utf-8")
    assert '`solution("2.3")`' in first and "](docs/self-study.md)" in first


def test_what_is_explained_is_what_is_asked():
    for unit in find_units(ROOT):
        text = (ROOT / "solutions" / f"{unit.module}.md").read_text(encoding="utf-8")
        asked = [each.name for each in outline(unit) if not each.written]
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == asked


def test_an_exercise_without_an_explanation_is_named(mini, tmp_path):
    (mini.root / "solutions" / "mini.md").write_text("## 1.2 other\n\nText.\n")
    with pytest.raises(LessonError, match=r"mini\.md: there is no section '## 1\.1 double'"):
        kept_files([mini])


def test_a_clone_or_a_bundle_under_git_keeps_the_bytes_of_its_data(unpacked, tmp_path):
    git = shutil.which("git")
    if git is None:
        pytest.skip("they need git: apt-get install git")
    for name, folder in {"repository": ROOT, "bundle": unpacked}.items():
        first, clone = tmp_path / name, tmp_path / f"clone of the {name}"
        shutil.copytree(folder / "data", first / "data", ignore=lambda *_: {"SHA256SUMS"})
        notebooks = "release/02-explicit-als/explicit-als.ipynb"
        (first / notebooks).parent.mkdir(parents=True)
        for file in (".gitattributes", notebooks):
            shutil.copyfile(folder / file, first / file)
        who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "core.autocrlf=true"]
        for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "All"]):
            subprocess.run([git, *who, *words], cwd=first, check=True, capture_output=True)
        subprocess.run([git, *who, "clone", "-q", first, clone], check=True, capture_output=True)
        for path in [*(first / "data").rglob("*"), first / notebooks]:
            if path.is_file():
                assert (clone / path.relative_to(first)).read_bytes() == path.read_bytes(), path


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


@pytest.mark.parametrize("which", ["unpacked", "for_self_study"])
def test_its_start_page_names_what_is_there(which, request):
    unpacked = request.getfixturevalue(which)
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


def test_answers_in_release_are_not_handed_on(mini, tmp_path):
    """Whoever works alone in a clone writes there; a bundle made of it would hold what they wrote."""
    write_or_compare(mini.notebook, build(mini), check=False)
    release(mini)
    nb = nbformat.read(mini.released_notebook, as_version=4)
    next(
        cell for cell in nb.cells if cell.id == "double"
    ).source = "def double(values):\n    return values + values"
    nbformat.write(nb, mini.released_notebook)
    remedy = "move it elsewhere, then run `course release 01-mini`"
    with pytest.raises(CourseError, match=rf"has answers in it \(double\), .*: {remedy}"):
        bundle(mini.root, [mini], tmp_path / "course.zip")
    assert not (tmp_path / "course.zip").exists()
