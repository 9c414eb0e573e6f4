"""How does a job run without a sandbox? As a process with limits, a folder and a guardian.

``python -m grader.sandbox.inside.unisolated_job CONTROL CHANNEL DRIVER FOLDER``: CONTROL and CHANNEL are the
numbers of the sockets, DRIVER is the module whose ``serve`` runs in the student's process, and FOLDER is
the job's folder, which is removed at the end.
"""

from __future__ import annotations

import importlib
import os
import shutil
import socket
import stat
import sys

from grader.sandbox.inside.job import run_job


def main() -> None:
    """Be the guardian of one job."""
    control, channel = (socket.socket(fileno=int(number)) for number in sys.argv[1:3])
    driver, folder = sys.argv[3:5]
    try:
        run_job(control, channel, lambda: importlib.import_module(driver).serve, None, None)
    finally:
        _remove(folder)


def _remove(folder: str) -> None:
    """Remove a folder, whatever a student did to its permissions."""
    for parent, folders, _ in os.walk(folder):
        for name in folders:
            path = os.path.join(parent, name)
            if not os.path.islink(path):
                os.chmod(path, stat.S_IRWXU)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
