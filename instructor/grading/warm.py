"""A process with everything imported, of which workers are forked.

They start in no time then, also in the place of dead ones.
"""

from __future__ import annotations

import multiprocessing
from multiprocessing import forkserver

# Imported late: what takes seconds to import is imported by the fork server, while the caller does the same.
PRELOADED = ["distributed.nanny", "instructor.grading.worker"]


def start_method() -> str:
    """How worker processes are started here: forked from a warm one where the system can."""
    return "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"


def start_warming() -> None:
    """Begin to import what workers need in a process of its own; returns at once."""
    if start_method() == "forkserver":
        multiprocessing.set_forkserver_preload(PRELOADED)
        forkserver.ensure_running()
