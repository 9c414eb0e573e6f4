"""Where is the course, and what does its configuration say?

nbgrader, which takes seconds to import, is not needed for that.
"""

from __future__ import annotations

from pathlib import Path

from traitlets.config import Config, LazyConfigValue
from traitlets.config.loader import PyFileConfigLoader

CONFIG_FILE = "nbgrader_config.py"
# nbgrader's folders that no student's code may see: options of CourseDirectory, each with its default.
_HIDDEN = {f"{name}_directory": name for name in ("source", "submitted", "autograded", "feedback")}


class CourseError(RuntimeError):
    """Something that the instructor can fix; the message names the file or value and the remedy."""


def find_root(start: Path) -> Path:
    """The course folder that ``start`` is in: the nearest that holds ``nbgrader_config.py``.

    Raises
    ------
    CourseError
        If neither ``start`` nor a folder above it is a course.
    """
    for folder in [start, *start.parents]:
        if (folder / CONFIG_FILE).is_file() and (folder / "source").is_dir():
            return folder
    raise CourseError(
        f"{start} is not in a course: no folder above it holds {CONFIG_FILE} and source/. Run `course` "
        "there; `course init` makes a course of a folder that holds source/."
    )


def read_config(root: Path) -> Config:
    """The configuration of the course in ``root``, as its file says it.

    Raises
    ------
    CourseError
        If the file cannot be read.
    """
    try:
        return PyFileConfigLoader(CONFIG_FILE, path=str(root)).load_config()
    except Exception as error:  # the file is Python code and can raise anything
        raise CourseError(
            f"{root / CONFIG_FILE} cannot be read ({type(error).__name__}: {error}): correct it, then run "
            "again."
        ) from None


def visible_paths(config: Config, root: Path) -> tuple[str, ...]:
    """The folders that students' code may read, besides the Python environment.

    Parameters
    ----------
    config : Config
        The course's; its ``GradedExecute.visible_paths`` are absolute, or relative to the course.
    root : Path
        The course folder.

    Raises
    ------
    CourseError
        If one of them is not there, or would show hidden tests, submissions or feedback.
    """
    named = config.GradedExecute.get("visible_paths", [])
    if isinstance(named, LazyConfigValue):  # the file has appended to the list
        named = named.get_value([])
    hidden = [(root / config.CourseDirectory.get(option, name)).resolve() for option, name in _HIDDEN.items()]
    paths = [(root / path).resolve() for path in named]
    for path in paths:
        if not path.is_dir():
            raise CourseError(
                f"{root / CONFIG_FILE}, c.GradedExecute.visible_paths: there is no folder {path}. Name "
                "folders that students' code may read, absolute or relative to the course."
            )
        for folder in hidden:
            if path.is_relative_to(folder) or folder.is_relative_to(path):
                raise CourseError(
                    f"{root / CONFIG_FILE}, c.GradedExecute.visible_paths: {path} would show students' code "
                    f"{folder}. Name a folder apart from it."
                )
    return tuple(map(str, paths))


def release_command(unit: str) -> str:
    """What enters a unit into the gradebook, as the end of a sentence."""
    return f"run `nbgrader generate_assignment {unit}` (`course release {unit}` if it has a lesson.py)"


def sqlite_url(path: Path) -> str:
    """The URL of a gradebook in a file.

    In a URL ``?`` begins the options, and ``%20`` is a space: another folder's gradebook would be opened.

    Raises
    ------
    CourseError
        If no URL leads to the file.
    """
    url = f"sqlite:///{path}"
    if not set("%?") & set(str(path)):
        return url
    from sqlalchemy import URL, make_url  # here, as most paths need none of it

    for candidate in (url, URL.create("sqlite", database=str(path)).render_as_string()):
        if make_url(candidate) == URL.create("sqlite", database=str(path)):
            return candidate
    raise CourseError(f"{path} cannot be opened by its URL: rename its folder without % and ?.")
