"""The fork server: it imports what notebooks need once, then forks a process for every job.

``python -m instructor.sandbox.inside.zygote DOOR DRIVER``: DOOR is the number of a socket over which each job
arrives as two descriptors, its control socket and its channel; DRIVER is the module whose ``serve`` runs in
the student's process. The server holds no secret, is alone with the system, the environment and the
students' part of the course, and never runs a line of a student's. It has one thread and has not used
PyTorch's autograd when it forks: locks and thread pools do not survive a fork.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import signal
import socket
import sys
import time
from pathlib import Path

from instructor.sandbox.inside import linux
from instructor.sandbox.inside.isolation import isolate
from instructor.sandbox.inside.job import Serve, run_job
from instructor.sandbox.inside.syscalls import refuse_system_calls

# What notebooks and their checks import; a missing one is the notebook's to complain of.
WARM = (
    *("numpy", "numpy.linalg", "numpy.random", "numpy.testing", "pandas"),
    *("scipy.linalg", "scipy.optimize", "scipy.sparse.linalg", "scipy.special", "scipy.stats"),
    *("torch", "torch.nn.functional", "torch.optim", "torch.utils.data", "numba", "tqdm.auto"),
    *("matplotlib.pyplot", "matplotlib.backends.backend_agg", "matplotlib_inline.backend_inline"),
    *("IPython.core.interactiveshell", "IPython.core.pylabtools", "IPython.display"),
)


def main() -> None:
    """Import, report readiness, and fork until the door is closed."""
    door = socket.socket(fileno=int(sys.argv[1]))
    driver = sys.argv[2]
    began = time.monotonic()
    serve = _import_all(driver)
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


def _import_all(driver: str) -> Serve:
    serve = importlib.import_module(driver).serve
    for name in (*WARM, *_course_modules()):
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            print(f"{name} is not imported in advance: {error}", file=sys.stderr)
    return serve


def _course_modules() -> list[str]:
    """Every module of ``course_utils``, which lies where the environment says."""
    found = importlib.util.find_spec("course_utils")
    folders = found.submodule_search_locations if found else []
    return [
        f"course_utils.{path.stem}" for folder in folders for path in sorted(Path(folder).glob("[!_]*.py"))
    ]


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
