"""How does the grader get nbgrader's Python interface to a course?"""

from __future__ import annotations

from pathlib import Path

from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

from grader import nbgrader_patches
from grader.course_folder import read_config, sqlite_url

nbgrader_patches.apply()


def nbgrader_api(root: Path, **coursedir: str) -> NbGraderAPI:
    """nbgrader's Python interface to the course in ``root``, with the course's configuration.

    Parameters
    ----------
    root : Path
        The course folder.
    **coursedir : str
        Options of nbgrader's ``CourseDirectory`` that differ from the configuration, such as ``db_url``.
    """
    config = read_config(root)
    if "db_url" not in config.CourseDirectory:
        coursedir = {"db_url": sqlite_url(root / "gradebook.db")} | coursedir
    config.merge(Config({"CourseDirectory": {"root": str(root), **coursedir}}))
    return NbGraderAPI(config=config)
