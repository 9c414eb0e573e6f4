"""Where is a job's memory measured so that nothing can hide? In a control group, where the machine has them.

The kernel itself charges a group (cgroup v2) for all that its processes make it keep: pages, files in memory,
buffers of sockets. That takes a folder of groups in which this user may make some: root has one; a user gets
one by ``systemd-run --user --scope -p Delegate=yes course grade``. Without it a job's guardian adds up what
it can see (``inside.job_memory``). See cgroups(7).
"""

from __future__ import annotations

import errno
import os
import socket
import struct
import subprocess
import sys
import time
from contextlib import suppress
from functools import cache
from itertools import count
from pathlib import Path

from grader.sandbox.inside.job_limits import JobLimits

CONTROLLERS = {"memory", "pids"}
# Where this process itself goes, as a group with processes of its own can divide nothing among others.
LEAF = "grader"
REMEDY = "`systemd-run --user --scope -p Delegate=yes course grade`, or grade as root"
_CREDENTIALS = struct.Struct("iII")
_SECONDS_TO_END = 2.0


class NoControlGroupError(Exception):
    """There can be no control group here; the message says why."""


class ControlGroup:
    """The group of one job.

    Parameters
    ----------
    folder : Path
        It is made, within a folder of groups.
    limits : JobLimits
        Of the job.

    Raises
    ------
    OSError
        If the system does not let it be made.
    """

    def __init__(self, folder: Path, limits: JobLimits) -> None:
        self._folder = folder
        folder.mkdir(exist_ok=True)
        wanted = {
            "memory.max": limits.job_memory_bytes,
            "memory.oom.group": 1,
            # The job's init is in it, too.
            "pids.max": limits.processes + 2,
        }
        for name, value in wanted.items():
            (folder / name).write_text(f"{value}\n")
        with suppress(OSError):  # a machine without swap has no such file
            (folder / "memory.swap.max").write_text("0\n")

    def add(self, process: int) -> None:
        """Put a process, and all that it will start, into the group."""
        (self._folder / "cgroup.procs").write_text(f"{process}\n")

    @property
    def bytes_when_full(self) -> int | None:
        """The most that it took, if the kernel ended it for its memory; else None."""
        events = _read(self._folder / "memory.events")
        killed = any(line.split()[:1] == ["oom_kill"] and line.split()[1] != "0" for line in events)
        if not killed:
            return None
        most = _read(self._folder / "memory.peak") or _read(self._folder / "memory.max")
        return int(most[0]) if most and most[0].isdigit() else 0

    @property
    def processor_seconds(self) -> float:
        """What all that was ever in it has used; 0 where the kernel does not tell."""
        used = dict(line.split() for line in _read(self._folder / "cpu.stat"))
        return int(used.get("usage_usec", 0)) / 1e6

    def close(self) -> None:
        """End what is left in it, and remove it."""
        with suppress(OSError):  # Linux before 5.14; the guardian has ended them all
            (self._folder / "cgroup.kill").write_text("1\n")
        deadline = time.monotonic() + _SECONDS_TO_END
        while True:
            try:
                return self._folder.rmdir()
            except OSError as error:
                if error.errno != errno.EBUSY or time.monotonic() > deadline:
                    return
                time.sleep(0.01)


class ControlGroups:
    """A folder of groups in which this process may make some.

    Parameters
    ----------
    folder : Path
        The folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = count()

    def open(self, limits: JobLimits) -> ControlGroup:
        """A new group with these limits."""
        return ControlGroup(self.folder / f"job-{os.getpid()}-{next(self._numbers)}", limits)


def find_groups(
    mounts: Path = Path("/proc/self/mounts"), own: Path = Path("/proc/self/cgroup")
) -> ControlGroups:
    """The folder of groups of this process, tried with a process that does nothing.

    Parameters
    ----------
    mounts, own : Path
        Where the kernel says what is mounted, and in which group this process is.

    Raises
    ------
    NoControlGroupError
        If there is none.
    """
    top = _mounted(mounts)
    mine = top / _own_group(own)
    folder = mine.parent if mine.name == LEAF else mine
    try:
        if not CONTROLLERS <= set(" ".join(_read(folder / "cgroup.controllers")).split()):
            raise NoControlGroupError(f"{folder} controls no memory or no processes (version 1 may)")
        if folder != top and not _is_delegated(folder) and os.getuid() == 0:
            folder = top
        if folder == mine and folder != top:
            _divide(folder)
        _switch_on(folder)
        groups = ControlGroups(folder)
        _try(groups)
    except OSError as error:
        raise NoControlGroupError(f"{folder} cannot be divided ({error.strerror})") from None
    return groups


@cache
def available() -> ControlGroups | str:
    """The groups of this process, or why there are none, in a few words."""
    if sys.platform != "linux":
        return "only Linux has them"
    try:
        return find_groups()
    except NoControlGroupError as error:
        return str(error)


def how_memory_is_measured() -> str:
    """A sentence for the instructor."""
    found = available()
    if isinstance(found, ControlGroups):
        return f"The kernel limits the memory of a job as a whole, by a control group in {found.folder}."
    return (
        "The memory of a job is the sum over its processes, files and sockets, looked at ten times a second; "
        f"there is no control group: {found}. For one: {REMEDY}."
    )


def ask_for_credentials(connection: socket.socket) -> None:
    """Have the kernel say, with all that comes, which process sent it."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)


def sender_of_next(connection: socket.socket) -> tuple[bytes, int]:
    """The next byte, and the process that sent it, by the number that it has out here."""
    data, more, *_ = connection.recvmsg(1, socket.CMSG_SPACE(_CREDENTIALS.size))
    for level, kind, content in more:
        if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
            return data, _CREDENTIALS.unpack(content)[0]
    return data, 0


def _mounted(mounts: Path) -> Path:
    for line in _read(mounts):
        _, place, kind, options, *_ = line.split()
        if kind == "cgroup2" and "rw" in options.split(","):
            return Path(place)
    raise NoControlGroupError("no file system of groups (cgroup2) is mounted to be written to")


def _own_group(own: Path) -> str:
    for line in _read(own):
        if line.startswith("0::"):
            return line.removeprefix("0::").strip("/")
    raise NoControlGroupError("this process is in no group of version 2")


def _is_delegated(folder: Path) -> bool:
    """Whether systemd has left the folder to whoever runs in it."""
    for name in ("user.delegate", "trusted.delegate"):
        with suppress(OSError):
            return os.getxattr(folder, name) == b"1"
    return False


def _divide(folder: Path) -> None:
    """Put the processes of a group into one below it."""
    if not _is_delegated(folder):
        raise NoControlGroupError(f"{folder} has not been left to this user")
    (folder / LEAF).mkdir(exist_ok=True)
    for process in _read(folder / "cgroup.procs"):
        (folder / LEAF / "cgroup.procs").write_text(f"{process}\n")


def _switch_on(folder: Path) -> None:
    missing = CONTROLLERS - set(" ".join(_read(folder / "cgroup.subtree_control")).split())
    for name in sorted(missing):
        (folder / "cgroup.subtree_control").write_text(f"+{name}\n")


def _try(groups: ControlGroups) -> None:
    group = groups.open(JobLimits())
    with subprocess.Popen(["sleep", "60"], stdin=subprocess.DEVNULL) as idle:
        try:
            group.add(idle.pid)
        finally:
            idle.kill()
    group.close()


def _read(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []
