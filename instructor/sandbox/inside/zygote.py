"""The fork server: it imports what notebooks need once, then forks a process for every job.

``python -m instructor.sandbox.inside.zygote DOOR DRIVER [--warm]``: DOOR is the number of a socket over
which each job arrives as two descriptors, its control socket and its channel; DRIVER is the module whose
``serve`` runs in the student's process; ``--warm`` has it import what notebooks use.

The server holds no secret, is alone with the system, the environment and the students' part of the course,
and never runs a line of a student's. It has one thread and has not used PyTorch's autograd when it forks:
locks and thread pools do not survive a fork.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import socket
import sys
import time

from instructor.sandbox.inside import linux
from instructor.sandbox.inside.isolation import isolate
from instructor.sandbox.inside.job import Serve, run_job
from instructor.sandbox.inside.rehearsal import import_all, use_all
from instructor.sandbox.inside.syscalls import refuse_system_calls


def main() -> None:
    """Import, report readiness, and fork until the door is closed."""
    door = socket.socket(fileno=int(sys.argv[1]))
    driver = sys.argv[2]
    began = time.monotonic()
    serve = importlib.import_module(driver).serve
    if "--warm" in sys.argv:
        import_all()
        use_all()
    threads = len(os.listdir("/proc/self/task"))
    if threads > 1:
        raise SystemExit(f"The imports started {threads - 1} threads, which would not survive a fork.")
    # The collector's marks would copy each page of the imported libraries into every job.
    gc.collect()
    gc.freeze()
    door.send(json.dumps({"import_seconds": time.monotonic() - began}).encode())
    # The kernel collects guardians that ended.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    server = os.getpid()
    while True:
        message, descriptors, *_ = socket.recv_fds(door, 16, 2)
        if not message:
            return
        if os.fork() == 0:
            _start(server, door, descriptors, serve)
        for descriptor in descriptors:
            os.close(descriptor)


def _start(server: int, door: socket.socket, descriptors: list[int], serve: Serve) -> None:
    """Be a job's guardian, in a fork of the server; never return."""
    try:
        linux.die_with_parent()
        # No signal comes if the server ended before that line.
        if os.getppid() != server:
            return
        door.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        control, channel = (socket.socket(fileno=descriptor) for descriptor in descriptors)
        run_job(control, channel, lambda: serve, isolate, refuse_system_calls)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(0)


if __name__ == "__main__":
    main()
