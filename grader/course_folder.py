"""The course folder as nbgrader sees it."""

from __future__ import annotations

import grader.nbgrader_patches  # noqa: F401  # isort: skip
from pathlib import Path

import nbgrader.api
from nbgrader.apps import NbGraderAPI
from nbgrader.dbutil import ALEMBIC_DIR
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

CONFIG_FILE = "nbgrader_config.py"


class CourseError(RuntimeError):
    """Something that the instructor can mend; the message names the file or value and the remedy."""


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
        f"{start} is not in a course: no folder above it holds {CONFIG_FILE} and source/. Run `course` there."
    )


def nbgrader_api(root: Path, **coursedir: str) -> NbGraderAPI:
    """nbgrader's Python interface to the course in ``root``, with the course's configuration.

    Parameters
    ----------
    root : Path
        The course folder.
    **coursedir : str
        Options of nbgrader's ``CourseDirectory`` that differ from the configuration, such as ``db_url``.
    """
    nbgrader.api.get_alembic_version = newest_gradebook_version
    try:
        config = PyFileConfigLoader(CONFIG_FILE, path=str(root)).load_config()
    except Exception as error:  # the file is Python: whatever it raises is the instructor's to mend
        raise CourseError(f"{root / CONFIG_FILE} cannot be read ({type(error).__name__}: {error})") from None
    config.merge(Config({"CourseDirectory": {"root": str(root), **coursedir}}))
    return NbGraderAPI(config=config)


def newest_gradebook_version() -> str:
    """The version that a new gradebook is marked with.

    For the same answer nbgrader starts ``alembic heads``: that takes two seconds for every new gradebook, and
    fails where the environment's scripts are not on the path.
    """
    from alembic.script import ScriptDirectory  # here, as few gradebooks are new

    return ScriptDirectory(ALEMBIC_DIR).get_current_head()


def sqlite_url(path: Path) -> str:
    """The URL of a gradebook in a file."""
    return f"sqlite:///{path}"
