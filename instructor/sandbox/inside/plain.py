"""A job without a sandbox: a process with limits, a folder and a guardian.

``python -m instructor.sandbox.inside.plain CONTROL CHANNEL DRIVER``: the numbers of the job's sockets, and
the module whose ``serve`` runs in the student's process.
"""

from __future__ import annotations

import importlib
import socket
import sys

from instructor.sandbox.inside.job import run_job


def main() -> None:
    """Be the guardian of one job."""
    control, channel = (socket.socket(fileno=int(number)) for number in sys.argv[1:3])
    run_job(control, channel, lambda: importlib.import_module(sys.argv[3]).serve, None, None)


if __name__ == "__main__":
    main()
