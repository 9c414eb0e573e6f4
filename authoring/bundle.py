"""The students' bundle: a zip that holds what students need, runs by itself and shows nothing else."""

from __future__ import annotations

import json
import re
import tomllib
import zipfile
from pathlib import Path

from authoring.lesson import Unit
from authoring.panels import DATA_FILES, settings
from authoring.release import LeakError, answered_cells, find_leaks, forbidden_imports
from authoring.self_study import kept_files
from grader.course_folder import CourseError

# Of the data sets only the one that may be handed on: others may lie beside it, where they were downloaded.
FOLDERS = ("course_utils", "data/ml-latest-small")
FILES = (
    ".gitattributes",
    "data/SHA256SUMS",
    "constraints.txt",
    "setup.py",
    "LICENSE",
    "LICENSE-TEXT.md",
    "docs/cheat-sheet.md",
    "docs/course-map.md",
    "docs/data.md",
    "docs/glossary.md",
    "docs/notation.md",
    "docs/pictures/course-map.png",
)
LEFT_OUT = {"__pycache__", ".ipynb_checkpoints"}

SELF_STUDY_PAGE = "docs/self-study.md"
# The beginning of the first page of a bundle for self-study.
SELF_STUDY = """\
**This copy is for learning on your own.** It holds the hidden checks and a solution of each
exercise, so nothing waits until somebody has read what you hand in. Besides what is said below,

- the cell of hidden checks under an exercise runs them, and answers with ✓, ✗ or ○;
- `check_all("2.3")` runs all checks of an exercise, whenever you like;
- `solution("2.3")` shows the course's solution, once you have tried the exercise;
- `progress()` counts all points that checks decide.

[docs/self-study.md](docs/self-study.md) says how to go about it.
"""

ENVIRONMENT = """\
# conda env create -f environment.yml && conda activate matrix-factorization && jupyter lab
name: matrix-factorization
channels:
  - conda-forge
dependencies:
  - python=3.11
  - pip
  - pip:
      - -c constraints.txt
      - -e .
"""

NBGRADER = """\
# JupyterLab's Validate button reads this where JupyterLab is started, and leaves the slow cells out.
c = get_config()
c.Execute.skip_cells_with_tag = "slow"
c.Execute.timeout = 60
"""

MAKEFILE = """\
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v \
python3.14 || command -v python3)

.PHONY: lab
lab: .venv/.ready
\t.venv/bin/jupyter lab --ServerApp.root_dir=. {notebook}

.venv/.ready: pyproject.toml constraints.txt
\t@$(PYTHON) setup.py
\t@echo "Setting up .venv: some 120 packages, 2 GB, a few minutes the first time."
\t$(PYTHON) -m venv .venv
\t.venv/bin/pip install --disable-pip-version-check -c constraints.txt -e .
\ttouch $@
"""


def bundle(root: Path, units: list[Unit], target: Path, self_study: bool = False) -> list[str]:
    """Write the students' bundle of some units.

    Parameters
    ----------
    root : Path
        The course folder.
    units : list of Unit
        Units to hand out; they must have been released.
    target : Path
        The zip file to write. A file of that name is replaced, once the new one is complete.
    self_study : bool
        Whether it is for people without an instructor: with the hidden checks, and a solution each.

    Returns
    -------
    list of str
        The names in the zip file, sorted.

    Raises
    ------
    CourseError
        If a unit was not released, somebody has written answers into it, a file is missing, or the zip file
        cannot be written.
    LeakError
        If a released notebook shows what students must not see.
    """
    if target.suffix != ".zip":
        raise CourseError(f"{target} is no name of a zip file: let it end in .zip.")
    contents = {name: path.read_bytes() for name, path in _copied(root, units).items()}
    contents["README.md"] = _readme(root, self_study).encode()
    contents["pyproject.toml"] = _project(root).encode()
    contents["environment.yml"] = ENVIRONMENT.encode()
    contents["nbgrader_config.py"] = NBGRADER.encode()
    contents |= {name: text.encode() for name, text in settings().items()}
    if self_study:
        page = (root / SELF_STUDY_PAGE).read_text(encoding="utf-8").replace("](student.md", "](../README.md")
        contents[SELF_STUDY_PAGE] = page.encode()
        contents |= {name: text.encode() for name, text in kept_files(units).items()}
    first = units[0].released_notebook.relative_to(units[0].root).as_posix()
    contents["Makefile"] = MAKEFILE.replace("{notebook}", first).encode()
    top = target.stem
    unfinished = target.with_suffix(".part")
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as file:
            for name, data in sorted(contents.items()):
                file.writestr(f"{top}/{name}", data)
        unfinished.replace(target)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise CourseError(f"{target} cannot be written ({error.strerror}); name another file.") from None
    return sorted(contents)


def _copied(root: Path, units: list[Unit]) -> dict[str, Path]:
    """Files that go into the bundle as they are, by the name that they have there."""
    paths = [root / name for name in FILES]
    paths += [path for folder in FOLDERS for path in (root / folder).rglob("*")]
    for unit in units:
        if not unit.released_notebook.is_file():
            raise CourseError(f"{unit.name} is not released: run `course release {unit.name}` first.")
        if answered := answered_cells(unit.released_notebook):
            raise CourseError(
                f"{unit.released_notebook} has answers in it ({', '.join(answered)}), and a bundle is for "
                f"people who have none: move it elsewhere, then run `course release {unit.name}`."
            )
        if leaks := find_leaks(unit, unit.released_notebook.parent):
            raise LeakError(f"{unit.name} is not bundled, it would leak:\n- " + "\n- ".join(leaks))
        paths += unit.released_notebook.parent.rglob("*")
    if missing := [path for path in paths if not path.exists()]:
        raise CourseError(f"{missing[0]} does not exist: make the bundle in a whole copy of the course.")
    files = [path for path in paths if path.is_file() and not LEFT_OUT & set(path.relative_to(root).parts)]
    for path in files:
        if path.suffix == ".py" and (rooms := forbidden_imports(path.read_text(encoding="utf-8"))):
            raise LeakError(f"{path} imports {', '.join(rooms)}, which students must not see.")
    return {path.relative_to(root).as_posix(): path for path in files}


def _readme(root: Path, self_study: bool) -> str:
    """The students' page, whose links start from docs/ in the repository and from the top in the bundle."""
    text = (root / "docs" / "student.md").read_text(encoding="utf-8")
    for page in FILES:
        text = text.replace(f"]({page.removeprefix('docs/')})", f"]({page})")
    # This section leads on from the repository; from a bundle it would lead nowhere.
    text = re.sub(r"## Nobody to hand in to\?\n.*?(?=^## )", "", text, flags=re.DOTALL | re.MULTILINE)
    title = "# Matrix factorization from scratch: for students\n"
    return text.replace("# For students\n", title + (f"\n{SELF_STUDY}" if self_study else ""), 1)


def _project(root: Path) -> str:
    """pyproject.toml with what the notebooks need, and without the instructor's tools."""
    whole = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    project, system = whole["project"], whole["build-system"]
    # A JSON string or list of strings is one in TOML, too.
    lines = [
        "[build-system]",
        *(f"{key} = {json.dumps(value)}" for key, value in system.items()),
        "",
        "[project]",
    ]
    lines += [
        f"{key} = {json.dumps(project[key])}"
        for key in ("name", "version", "requires-python", "dependencies")
    ]
    lines += [
        "",
        "[tool.setuptools.packages.find]",
        'include = ["course_utils*"]',
        "",
        "[tool.setuptools.package-data]",
        '"*" = ["*.csv", "*.json"]',
        "",
        "[tool.setuptools.data-files]",
        *(f"{json.dumps(place)} = {json.dumps(names)}" for place, names in DATA_FILES.items()),
        "",
    ]
    return "\n".join(lines)
