"""What takes seconds to import, begun early, in processes of their own.

Workers are forked of one that has everything imported, and start in no time then, also in the place of dead
ones; their sandboxes share the server of which students' processes are forked.
"""

from __future__ import annotations

import multiprocessing
from multiprocessing import forkserver
from pathlib import Path

from instructor.sandbox import SandboxError, SharedServer

# Imported late: what takes seconds to import is imported by the fork server, while the caller does the same.
PRELOADED = [
    *("distributed.nanny", "instructor.grading.worker"),
    # Configured by name, and needed for the first page.
    *("instructor.grading.feedback", "instructor.grading.feedback_page", "instructor.grading.scoring"),
    *("pygments.lexers.markup", "pygments.styles.default", "ipython_pygments_lexers"),
]


def start_method() -> str:
    """How worker processes are started here: forked from a warm one where the system can."""
    return "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"


def start_warming() -> None:
    """Begin to import what workers need in a process of its own; returns at once."""
    if start_method() == "forkserver":
        multiprocessing.set_forkserver_preload(PRELOADED)
        forkserver.ensure_running()


def share_server(course: Path) -> SharedServer | None:
    """Start a fork server for the sandboxes of all workers; returns at once.

    Where there can be none, each worker tries to start one of its own, and says why it cannot.
    """
    try:
        return SharedServer(course)
    except (SandboxError, OSError):
        return None
