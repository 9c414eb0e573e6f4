"""For speed alone: how is what takes seconds to import imported early, once, for all workers?

Workers are forked from a process that has imported everything, so that they start at once, also in the place
of dead ones. Their sandboxes share the server from which students' processes are forked.
"""

from __future__ import annotations

import ast
import json
import multiprocessing
import platform
import re
import sys
from collections.abc import Sequence
from multiprocessing import forkserver
from pathlib import Path

from grader.sandbox import SandboxError, SharedServer

# Imported late: the fork server imports it, while the caller does the same.
PRELOADED = ["grader.run.preload"]


def start_method() -> str:
    """How worker processes are started here: forked from a warm one where the system can."""
    is_there = "forkserver" in multiprocessing.get_all_start_methods()
    return "forkserver" if is_there and not has_open_fork_server() else "spawn"


def has_open_fork_server() -> bool:
    """Whether another user of this machine may have Python's fork server run what he likes (CVE-2022-42919).

    Before 3.11.1 it listens at an address without a file, whose rights nobody checks, and unpickles.
    """
    return sys.platform == "linux" and sys.version_info < (3, 11, 1)


def start_warming() -> None:
    """Begin to import what workers need in a process of its own; returns at once."""
    if start_method() == "forkserver":
        multiprocessing.set_forkserver_preload(PRELOADED)
        forkserver.ensure_running()


def share_server(course: Path, visible: Sequence[str] = (), units: Sequence[str] = ()) -> SharedServer | None:
    """Start a fork server for the sandboxes of all workers; returns at once.

    Where there can be none, each worker tries to start one of its own, and says why it cannot.

    Parameters
    ----------
    course : Path
        The course folder.
    visible : sequence of str
        Folders that students' code may read.
    units : sequence of str
        Units whose notebooks' imports it makes in advance; all by default.
    """
    if not counts_processes_by_job():
        return None
    notebooks = [path for unit in units or ["*"] for path in course.glob(f"source/{unit}/*.ipynb")]
    modules = sorted(set().union(*map(imported_modules, notebooks)))
    try:
        return SharedServer(course, warm=modules or True, extra_paths=tuple(map(Path, visible)))
    except (SandboxError, OSError):
        return None


def counts_processes_by_job() -> bool:
    """Whether a limit on processes counts those of one job, though others run as the same user.

    Linux does so since 5.14. Before, each worker's jobs have a user of their own, where root grades.
    """
    release = re.match(r"(\d+)\.(\d+)", platform.release())
    return release is not None and tuple(map(int, release.groups())) >= (5, 14)


def imported_modules(notebook: Path) -> set[str]:
    """Names of the modules that a notebook imports; none if it cannot be read."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (OSError, ValueError, LookupError, TypeError):
        return set()
    modules: set[str] = set()
    for source in sources:
        try:
            statements = list(ast.walk(ast.parse(source)))
        except SyntaxError:  # magics
            continue
        for node in statements:
            if isinstance(node, ast.Import):
                modules.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module)
    return modules
