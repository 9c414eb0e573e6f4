"""A class of synthetic students, graded in a course folder of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

from authoring.lesson import Unit, find_units
from authoring.release import release
from course.demo.hand_in import hand_in
from course.demo.roster import STUDENTS
from grader.course_folder import CONFIG_FILE, CourseError, read_config, visible_paths
from grader.gradebook.results import Result
from grader.gradebook.results_output import write_csv
from grader.run.grade import grade
from grader.run.pool import Pool
from grader.run.prefork import share_server, start_warming

# One student's loop never ends, and the class need not wait a minute for it; honest cells take two seconds.
SHORT_TIME_LIMIT = "\nc.Execute.timeout = 8\n"
# All of course_utils: nbgrader's commands look for packages in the course folder first, and a part of one
# would stand in the way of the whole.
COPIED = ("source", "solutions", "tests", "course_utils", "data/ml-latest-small")
# A folder without this file is no demonstration, and nothing in it is touched.
MARKER = ".demonstration"


def run_demo(root: Path, folder: Path) -> list[Result]:
    """Release the units, let the class hand in, and grade it.

    Parameters
    ----------
    root : Path
        The course, with its notebooks built.
    folder : Path
        Where the demonstration takes place: a course folder like any other, for nbgrader's commands too.

    Returns
    -------
    list of Result
        As `grade` returns them; also written to ``grades.csv`` in the folder.
    """
    set_up(root, folder)
    # What workers and notebooks import, and the release of the units, take seconds each: side by side.
    start_warming()
    names = sorted({name for student in STUDENTS for name in student.write})
    visible = visible_paths(read_config(folder), folder)
    shared = share_server(folder, visible, names) if is_isolated() else None
    with Pool(isolated=is_isolated(), shared=shared) as pool:
        units = {unit.name: unit for unit in find_units(folder, names)}
        for unit in units.values():
            release(unit)
        hand_in_all(units, folder / "submitted")
        results = grade(folder, names, pool=pool)
    write_csv(results, folder / "grades.csv")
    return results


def is_isolated() -> bool:
    """Whether there is a sandbox; a class whose code is the course's own is graded without one as well."""
    return shutil.which("bwrap") is not None


def set_up(root: Path, folder: Path) -> None:
    """Copy what makes a course into a folder, which may hold an earlier demonstration but nothing else.

    Raises
    ------
    CourseError
        If the folder holds something else.
    """
    if folder.exists() and not folder.is_dir():
        raise CourseError(f"{folder} is a file: name a folder.")
    if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).is_file():
        raise CourseError(f"{folder} is not empty and holds no earlier demonstration: name another folder.")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).write_text("Made by `course demo`, which replaces what is in this folder.\n")
    for name in (*COPIED, "submitted"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in COPIED:
        shutil.copytree(root / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / CONFIG_FILE).write_text((root / CONFIG_FILE).read_text(encoding="utf-8") + SHORT_TIME_LIMIT)


def hand_in_all(units: dict[str, Unit], submitted: Path) -> None:
    """Write every student's notebooks."""
    for student in STUDENTS:
        for name in student.write:
            hand_in(units[name], student, submitted)
