"""How much processor time has a job used, and how long has it waited for a processor?

Both are sums over its processes. A process that ended counts in the one that collected it, at last in the
job's init; one that nobody collects (SIGCHLD ignored), as far as it was seen. What was not seen is neither
used nor waited, and so it counts by the clock (``grader.examiner.allowance``). A control group misses none.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psutil

from grader.used_time import Used, scheduled

MOST_KNOWN = 10_000  # processes
_PROC = Path("/proc")


class JobTime:
    """Looks at a job from outside, again and again: a process that ended tells nothing any more.

    Parameters
    ----------
    init : int
        The process under which the whole job lives.
    """

    def __init__(self, init: int) -> None:
        self._init = init
        self._used = Used(0.0, 0.0 if scheduled(_PROC / "self") else None)
        # As last seen: what each process has used, and what each thread has waited.
        self._processes: dict[tuple[int, float], float] = {}
        self._threads: dict[tuple[int, str], float] = {}
        self._seen = 0.0

    def look(self) -> Used:
        """What the job has used by now."""
        processes = [self._init]
        with suppress(psutil.NoSuchProcess):
            processes += [child.pid for child in psutil.Process(self._init).children(recursive=True)]
        return self.look_at(processes)

    def look_at(self, processes: Iterable[int]) -> Used:
        """The same, with its processes known: each before those that it started.

        A process that is collected meanwhile is then missed once, and never counted twice.
        """
        found: list[_Times] = []
        threads: dict[tuple[int, str], float] = {}
        for process in processes:
            with suppress(OSError, psutil.Error):
                found.append(_times(process))
            if self._used.waited is not None:
                threads |= _waits(process)
        waited = self._waited_until(threads)
        self._used = Used(max(self._used.processor, self._processor_until(found)), waited)
        return self._used

    def _processor_until(self, found: list[_Times]) -> float:
        own = {(times.process, times.began): times.own for times in found}
        self._seen += sum(max(used - self._processes.get(key, 0.0), 0.0) for key, used in own.items())
        # One that is not found may only be hidden for once, while its parent ends.
        self._processes = own if len(self._processes) > MOST_KNOWN else self._processes | own
        # Neither counts anything twice.
        return max(self._seen, sum(times.own + times.collected for times in found))

    def _waited_until(self, threads: dict[tuple[int, str], float]) -> float | None:
        if self._used.waited is None:
            return None
        more = 0.0
        for thread, waited in threads.items():
            before = self._threads.get(thread, 0.0)
            # Less than before: another thread has got its number.
            more += waited - before if waited >= before else waited
        self._threads = threads
        return self._used.waited + more


class _Times(NamedTuple):
    """Of a process: when it began, the seconds of its threads, and of what it started and collected."""

    process: int
    began: float
    own: float
    collected: float


def _times(process: int) -> _Times:
    if not _PROC.is_dir():  # macOS
        with (found := psutil.Process(process)).oneshot():
            times = found.cpu_times()
            collected = getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
            return _Times(process, found.create_time(), times.user + times.system, collected)
    # proc_pid_stat(5), from the third field on: the name before it may hold anything.
    fields = (_PROC / str(process) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    own, of_children, ticks = fields[11:13], fields[13:15], os.sysconf("SC_CLK_TCK")
    return _Times(process, int(fields[19]), sum(map(int, own)) / ticks, sum(map(int, of_children)) / ticks)


def _waits(process: int) -> dict[tuple[int, str], float]:
    """What each thread of a process has waited."""
    try:
        tasks = os.listdir(_PROC / str(process) / "task")
    except OSError:
        return {}
    found = {task: scheduled(_PROC / str(process) / "task" / task) for task in tasks}
    return {(process, task): used.waited for task, used in found.items() if used and used.waited is not None}
