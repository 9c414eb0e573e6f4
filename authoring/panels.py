"""Which parts of JupyterLab does a student not see? The instructor's panels, and the question about news.

The bundle installs these settings beside JupyterLab's own, in the bundle's environment alone: they hold
wherever it is started, and on every system.
"""

from __future__ import annotations

import json

# nbgrader's panels and its menu, which opens them; its Validate button is an extension of its own and stays.
EXTENSIONS = (
    *(
        f"@jupyter/nbgrader:{name}"
        for name in ("assignment-list", "course-list", "create-assignment", "formgrader", "menu")
    ),
    "@jupyterlab/apputils-extension:announcements",
)
# What answers these panels in the server.
SERVER_EXTENSIONS = tuple(
    f"nbgrader.server_extensions.{name}" for name in ("assignment_list", "course_list", "formgrader")
)

_LAB = "jupyter/labconfig/students.json"
# Jupyter reads a folder's files by name: this one after nbgrader.json, which turns the panels on.
_SERVER = "jupyter/server/students.json"
# Where they go in an environment.
DATA_FILES = {
    "etc/jupyter/labconfig/page_config.d": [_LAB],
    "etc/jupyter/jupyter_server_config.d": [_SERVER],
}

SETUP = """\
# Installs what pyproject.toml names as data files, too. With `pip install -e` setuptools leaves them out: it
# asks a distribution for `has_data`, and the method is called otherwise.
from setuptools import Distribution, setup

Distribution.has_data = Distribution.has_data_files
setup()
"""


def settings() -> dict[str, str]:
    """The texts of the bundle's files of settings, by their names there."""
    lab = {"disabledExtensions": dict.fromkeys(EXTENSIONS, True)}
    server = {"ServerApp": {"jpserver_extensions": dict.fromkeys(SERVER_EXTENSIONS, False)}}
    files = {name: json.dumps(data, indent=2) + "\n" for name, data in ((_LAB, lab), (_SERVER, server))}
    return files | {"setup.py": SETUP}
