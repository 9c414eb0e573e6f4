"""When must a job end? Its guardian watches the grader's commands, the clock, memory and processes."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import psutil

from grader.sandbox.inside import control_socket, job_memory
from grader.sandbox.inside.job_limits import JobLimits
from grader.sandbox.inside.job_time import JobTime

INTERVAL = 0.1


def guard(
    control: socket.socket, status: socket.socket, init: int, limits: JobLimits, folder: Path | None = None
) -> None:
    """Stay with a job until nothing of it is left, and report its start and its end to the grader.

    Parameters
    ----------
    control : socket.socket
        To the grader.
    status : socket.socket
        To the job, until student's code runs in it; then to its init alone.
    init : int
        The process under which the whole job lives.
    limits : JobLimits
        Of the job.
    folder : Path, optional
        The scratch folder, if it is on a disk; else the job sends a descriptor of its file system in memory.
    """
    started, descriptors = {"prepared": True}, []
    while "prepared" in started:
        message, more, *_ = socket.recv_fds(status, 65536, 1)
        descriptors += more
        started = json.loads(message or b'{"failed": "it ended while it was being prepared"}')
        with suppress(BrokenPipeError):  # it has ended, as the next message says
            status.send(control_socket.GO)
    control_socket.send_event(control, **started)
    end: dict[str, object] = {"cause": "lost"}
    if "failed" not in started:
        scratch = partial(_folder_size, folder) if folder else partial(_file_system_use, descriptors[0])
        kernel = partial(job_memory.in_sockets, init) if folder is None else lambda: 0
        end = _watch(control, status, init, limits, scratch, kernel)
    _end(init)
    control_socket.send_event(control, **end)


def _watch(
    control: socket.socket,
    status: socket.socket,
    init: int,
    limits: JobLimits,
    scratch: Callable[[], int],
    kernel: Callable[[], int],
) -> dict[str, object]:
    """Wait for the job's end, or a reason to end it; return the ``cause`` and what else is known."""
    deadline = time.monotonic() + limits.wall_seconds
    next_look, job_time = 0.0, JobTime(init)
    while True:
        ready, _, _ = select.select([control, status], [], [], INTERVAL)
        if status in ready:
            return json.loads(status.recv(65536) or b'{"cause": "lost"}')
        if control in ready:
            command = control.recv(1)
            if command == control_socket.TIME:
                control_socket.send_event(control, **job_time.look()._asdict())
            elif command == control_socket.INTERRUPT:
                os.kill(init, signal.SIGINT)
            else:  # the grader asks for it, or has ended
                return {"cause": "killed"}
        now = time.monotonic()
        if now > deadline:
            return {"cause": "time"}
        if now >= next_look:
            excess = _excess(init, limits, scratch, kernel, job_time)
            if excess:
                return excess
            next_look = time.monotonic() + INTERVAL


def _excess(
    init: int,
    limits: JobLimits,
    scratch: Callable[[], int],
    kernel: Callable[[], int],
    job_time: JobTime,
) -> dict[str, object] | None:
    """Which of its limits the job as a whole is beyond, if any."""
    try:
        processes = psutil.Process(init).children(recursive=True)
    except psutil.NoSuchProcess:
        return None
    job_time.look_at([init, *(process.pid for process in processes)])
    if len(processes) >= limits.processes:
        return {"cause": "processes", "processes": len(processes)}
    files = scratch()
    if files > limits.scratch_bytes:
        return {"cause": "disk", "bytes": files}
    # A process whose memory cannot be read is charged for all that it may have.
    price, beside = limits.memory_bytes, files + kernel()
    if beside + sum(_resident(process, price) for process in processes) <= limits.job_memory_bytes:
        return None
    # Pages that processes share, such as those of the imported libraries, were counted for each of them.
    # Shared out among them they are counted once, which takes some milliseconds a gigabyte.
    used = beside + sum(_proportional(process, price) for process in processes)
    return {"cause": "memory", "bytes": used} if used > limits.job_memory_bytes else None


def _file_system_use(descriptor: int) -> int:
    found = os.fstatvfs(descriptor)
    return (found.f_blocks - found.f_bfree) * found.f_frsize


def _folder_size(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(parent, name)).st_blocks * 512
            except OSError:
                continue
    return total


def _resident(process: psutil.Process, price: int) -> int:
    if sys.platform == "linux":
        return job_memory.resident(process.pid, price)
    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0


def _proportional(process: psutil.Process, price: int) -> int:
    # macOS has no such count: there a process is charged for all of it.
    linux = sys.platform == "linux"
    return job_memory.proportional(process.pid, price) if linux else _resident(process, price)


def _end(init: int) -> None:
    """Kill the job's init, and all that its end leaves to this process."""
    os.kill(init, signal.SIGKILL)
    me = psutil.Process()
    while children := me.children(recursive=True):
        for child in children:
            try:
                child.kill()
            except psutil.NoSuchProcess:
                pass
        _reap()
    _reap()


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass
    time.sleep(0.001)
