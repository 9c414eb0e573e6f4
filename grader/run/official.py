"""What is the instructor's version of a unit, and which digest says whether a grade is up to date?"""

from __future__ import annotations

import copy
import hashlib
import json
import os
import platform
import re
from functools import cache
from importlib import metadata
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import find_all_files

import grader
from grader.cells import graded_cells, is_test, official_metadata
from grader.course_folder import visible_paths
from grader.files import beside_notebooks
from grader.run.temporary_course import unit_gradebook
from grader.task import Official, Rows

PROJECT = "matrix-factorization-from-scratch"
# Options that decide whether a slow answer is graded to its end.
_LIMITS = [
    ("Execute", "timeout"),
    ("GradedExecute", "timeout"),
    ("GradedExecute", "total_timeout"),
    ("GradedExecute", "rehearse"),
]


def read_official(api: NbGraderAPI, gradebook: Gradebook, unit: str, key: bytes = b"") -> Official:
    """The instructor's version of a released unit.

    Parameters
    ----------
    api : NbGraderAPI
        Of the course folder.
    gradebook : Gradebook
        The course's.
    unit : str
        A unit in the gradebook.
    key : bytes
        From which each submission's hidden data are drawn; without it they are those of the checks' source.
    """
    coursedir = api.coursedir
    folder = Path(coursedir.format_path(coursedir.source_directory, ".", unit))
    names = [os.path.relpath(path, folder) for path in find_all_files(str(folder), coursedir.ignore)]
    files = {name: (folder / name).read_bytes() for name in sorted(names)}
    notebooks = sorted(notebook.name for notebook in gradebook.find_assignment(unit).notebooks)
    config = copy.deepcopy(api.config)
    # It may hold a password, and no worker has anything to do with it.
    config.CourseDirectory.pop("db_url", None)
    visible = visible_paths(api.config, Path(coursedir.root))
    order = [name for notebook in notebooks for name in graded_cells(coursedir, unit, notebook)]
    return Official(
        unit,
        str(coursedir.root),
        visible,
        tuple(notebooks),
        unit_gradebook(gradebook, unit, order),
        files,
        _released(coursedir, unit, notebooks),
        config,
        digest(_digest(api, gradebook, unit, files, visible).encode(), key),
        key=key,
    )


def _released(coursedir: CourseDirectory, unit: str, notebooks: list[str]) -> dict[str, bytes]:
    folder = Path(coursedir.format_path(coursedir.release_directory, ".", unit))
    paths = [folder / f"{name}.ipynb" for name in notebooks]
    return {path.name: path.read_bytes() for path in paths if path.is_file()}


def _digest(
    api: NbGraderAPI, gradebook: Gradebook, unit: str, files: dict[str, bytes], visible: tuple[str, ...]
) -> str:
    parts = [environment(visible).encode(), str(gradebook.find_assignment(unit).duedate).encode()]
    parts += [f"{section}.{name}={api.config[section].get(name)}".encode() for section, name in _LIMITS]
    for name, content in beside_notebooks(files).items():
        parts += [name.encode(), content]
    # What the test cells are is what the gradebook says: the version that was released.
    for name in sorted(files.keys() - beside_notebooks(files).keys()):
        nb = nbformat.reads(files[name].decode(), as_version=4)
        given_and_answers = [
            each.source for each in nb.cells if each.cell_type == "code" and not is_test(each)
        ]
        parts += [name.encode(), *(source.encode() for source in given_and_answers)]
    for notebook in sorted(gradebook.find_assignment(unit).notebooks, key=lambda each: each.name):
        parts += [notebook.name.encode(), (notebook.kernelspec or "").encode()]
        parts += [json.dumps(official_metadata(notebook), sort_keys=True).encode()]
        for cell in sorted(notebook.source_cells, key=lambda each: each.name):
            parts += [cell.name.encode(), (cell.source or "").encode()]
    return digest(*parts)


@cache
def environment(visible: tuple[str, ...] = ()) -> str:
    """A digest of what submissions are graded with: Python, libraries, the grader, the course's code."""
    parts = [platform.python_version(), *sorted(versions())]
    for folder in (Path(grader.__file__).parent, *map(Path, visible)):
        for path in sorted(folder.rglob("*.py")):
            parts += [path.name, path.read_text(encoding="utf-8")]
    return digest(*(part.encode() for part in parts))


def versions() -> list[str]:
    """The project's own version and those of the libraries that a notebook needs, as ``name==version``."""
    needed = [entry for entry in metadata.requires(PROJECT) or [] if "extra ==" not in entry]
    names = [PROJECT, *(name for entry in needed for name in re.findall(r"^[\w.-]+", entry))]
    return [f"{name}=={metadata.version(name)}" for name in names]


def fingerprint(official: Official, files: dict[str, bytes], known: Rows) -> str:
    """A digest of all that decides about a grade: what was handed in, its term, the instructor's version."""
    extensions = [row["extension"] for row in known.get("submitted_assignment", [])]
    parts = [official.digest.encode(), repr([each for each in extensions if each]).encode()]
    for name in sorted(files):
        parts += [os.fsencode(name), files[name]]
    return digest(*parts)


def digest(*parts: bytes) -> str:
    """A digest of a list of parts; with its length before each part, no two lists look alike."""
    sha = hashlib.sha256()
    for part in parts:
        sha.update(b"%d:" % len(part) + part)
    return sha.hexdigest()
