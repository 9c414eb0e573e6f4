"""For speed alone: how does a job start at once? It is forked from a server that has imported everything.

``python -m grader.sandbox.inside.zygote DRIVER --door N [--listen N] [--warm …]``: DRIVER is the module
whose ``serve`` runs in the student's process. The door is a socket, given by its number; each job arrives
there as two descriptors, its control socket and its channel. Whoever connects to the listening socket gets
one more door. ``--warm`` imports what notebooks use, or the modules that follow it. The server ends when
the first door is closed.

The server holds no secret, sees the system, the environment and the students' part of the course alone, and
never runs a line of a student's code. It has one thread and has not used PyTorch's autograd when it forks,
because locks and thread pools do not survive a fork.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import time
from contextlib import suppress

from grader.sandbox.inside import linux
from grader.sandbox.inside.isolation import isolate
from grader.sandbox.inside.job import Serve, run_job
from grader.sandbox.inside.rehearsal import import_all, use_all
from grader.sandbox.inside.syscalls import compiled_filter, refuse_system_calls


def main() -> None:
    """Import, report readiness, and fork until the first door is closed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("driver")
    parser.add_argument("--door", type=_socket, required=True)
    parser.add_argument("--warm", nargs="*")
    parser.add_argument("--listen", type=_socket)
    options = parser.parse_args()
    began = time.monotonic()
    # The collector would look through all that is imported, again and again.
    gc.disable()
    serve = importlib.import_module(options.driver).serve
    if options.warm is not None:
        import_all(options.warm)
        use_all()
    threads = len(os.listdir("/proc/self/task"))
    if threads > 1:
        raise SystemExit(f"The imports started {threads - 1} threads, which would not survive a fork.")
    compiled_filter()  # once, for all jobs
    # The collector's marks would copy each page of the imported libraries into every job.
    gc.collect()
    gc.freeze()
    gc.enable()
    # The kernel collects guardians that ended.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    _answer(options.door, options.listen, json.dumps({"import_seconds": time.monotonic() - began}), serve)


def _socket(number: str) -> socket.socket:
    return socket.socket(fileno=int(number))


def _answer(first: socket.socket, listener: socket.socket | None, ready: str, serve: Serve) -> None:
    """Tell each door that the server is ready, and fork for each job that comes through one."""
    server, doors = os.getpid(), [first]
    first.send(ready.encode())
    while True:
        waiting, _, _ = select.select([*doors, *filter(None, [listener])], [], [])
        for caller in waiting:
            if caller is listener:
                doors.append(listener.accept()[0])
                with suppress(OSError):  # it went away again
                    doors[-1].send(ready.encode())
                continue
            message, descriptors = _next_job(caller)
            if not message and caller is first:
                return
            if not message:
                doors.remove(caller)
                caller.close()
            elif os.fork() == 0:
                _start(server, [*doors, *filter(None, [listener])], descriptors, serve)
            for descriptor in descriptors:
                os.close(descriptor)


def _next_job(door: socket.socket) -> tuple[bytes, list[int]]:
    """What came through a door: a word and a job's descriptors; nothing if it was closed."""
    try:
        message, descriptors, *_ = socket.recv_fds(door, 16, 2)
    except ConnectionError:
        return b"", []
    return message, descriptors


def _start(server: int, doors: list[socket.socket], descriptors: list[int], serve: Serve) -> None:
    """Be a job's guardian, in a fork of the server; never return."""
    try:
        linux.die_with_parent()
        # No signal comes if the server ended before that line.
        if os.getppid() != server:
            return
        for door in doors:
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
