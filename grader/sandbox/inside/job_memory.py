"""How much memory does a job use, where its processes may hide some of it? What is not read has a price.

A process whose first thread has ended shows no memory of its own, though its other threads keep all of it.
What lies in a socket's buffer is the kernel's memory, which no process is charged for.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

PAGE = os.sysconf("SC_PAGESIZE")
# Of a socket's buffers; the filter of system calls leaves them at the kernel's size of 208 KiB.
OF_A_SOCKET = 256 * 2**10
_PROC = Path("/proc")
# The kernel's PF_EXITING, among the flags in proc_pid_stat(5).
_ENDING = 0x4


def resident(pid: int, price: int) -> int:
    """Bytes of a process in memory; where a living thread shows none, ``price``."""
    found = _of_tasks(pid, _statm)
    if found is None:
        time.sleep(0.01)  # it may just be ending
        found = _of_tasks(pid, _statm)
    return price if found is None else found


def proportional(pid: int, price: int) -> int:
    """Bytes of a process, those of shared pages divided among all that share them.

    A process may forbid the look, and is then charged for all that it has.
    """
    found = _of_tasks(pid, _pss)
    return resident(pid, price) if found is None else found


def in_sockets(pid: int) -> int:
    """The most that the buffers of all sockets in the network of a process can hold, those under way too.

    Sockets of every family: one of UDP has a buffer for what was begun and not sent, though the loopback is
    idle.
    """
    with suppress(OSError, ValueError, IndexError):
        # Its first line, such as "sockets: used 12".
        return OF_A_SOCKET * int((_PROC / str(pid) / "net" / "sockstat").read_text().split()[2])
    return 0


def _of_tasks(pid: int, measure: Callable[[Path], int]) -> int | None:
    """What the first thread shows that shows anything; 0 if all have ended, None if one hides it."""
    try:
        tasks: Iterable[Path] = [_PROC / str(pid), *(_PROC / str(pid) / "task").iterdir()]
    except OSError:
        return 0
    is_hidden = False
    for task in tasks:
        try:
            if found := measure(task):
                return found
            is_hidden |= _lives(task)
        except FileNotFoundError:
            continue
        except OSError:
            is_hidden |= _lives(task)
    return None if is_hidden else 0


def _statm(task: Path) -> int:
    return int((task / "statm").read_text().split()[1]) * PAGE


def _pss(task: Path) -> int:
    for line in (task / "smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def _lives(task: Path) -> bool:
    """Whether a thread can still run: one that is ending gives its memory up before it is gone."""
    try:
        state, *_, flags = (task / "stat").read_text(errors="replace").rpartition(")")[2].split()[:7]
    except (OSError, ValueError):
        return False
    return state not in "ZX" and not int(flags) & _ENDING
