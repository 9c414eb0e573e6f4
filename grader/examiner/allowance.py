"""How much of its time is left to a submission's code, on a machine that has other work too?

A limit of five seconds ends what has used five seconds. Waiting for a processor does not count; everything
else does: work, sleep, a lock that never opens, and what cannot be measured. Work of several threads or
processes is added up. On an idle machine all this is the time of the clock. Nothing is ended before the
clock, too, has gone on for that long, nor may it go on for more than ``grader.load.ceiling`` times as long.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic

from traitlets.log import get_logger

from grader.load import ceiling, load_factor
from grader.used_time import Used, of_thread

# Seconds at the beginning that count by the clock: what is over by then, as most calls are, costs no look.
AT_FIRST = 0.25
SHORTEST_WAIT = 0.1
NOT_MEASURED = (
    "It could not be measured how long code waited for a processor: time limits went by the clock, and grew "
    "with the load of the machine."
)
_has_said = threading.Event()


class Allowance:
    """The time of one call, cell or notebook; it begins now.

    Parameters
    ----------
    seconds : float
        The limit.
    job_used : callable
        What the student's process has used by now; None if that cannot be said.
    within : Allowance, optional
        One that must not be over either.
    """

    def __init__(
        self, seconds: float, job_used: Callable[[], Used | None], within: Allowance | None = None
    ) -> None:
        self.seconds, self._job_used, self._within = seconds, job_used, within
        # The checks run in the thread that makes this one; another may ask, too.
        self._thread = threading.get_native_id()
        self._began = monotonic()
        self._first: tuple[float, Used | None] | None = None
        self._next_look = self._began + min(AT_FIRST, seconds)

    def part(self, seconds: float) -> Allowance:
        """The time of something that begins now and must be over with this one."""
        return Allowance(seconds, self._job_used, self)

    def left(self) -> float:
        """Seconds after which to ask again: so long nothing is over. At 0 or less the time is over."""
        own = self._left()
        return own if self._within is None else min(own, self._within.left())

    def used(self) -> float:
        """Seconds that have been used; beyond the ceiling it is all the time of the clock."""
        if self._first is None:
            return monotonic() - self._began
        began, before = self._first
        taken = monotonic() - self._began
        if taken >= self._most():
            return taken
        now = self._look()
        if now is None or before is None:
            return taken / load_factor()
        since = taken - (began - self._began)
        processor = now.processor - before.processor
        if now.waited is None or before.waited is None:
            return max(taken / load_factor(), processor)
        return began - self._began + max(since - (now.waited - before.waited), processor)

    def _left(self) -> float:
        now = monotonic()
        if now < self._next_look:
            return self._next_look - now
        if self._first is None:
            self._first = now, self._look()
        taken = now - self._began
        left = self.seconds - taken
        if left <= 0:
            left = self.seconds - self.used()
        if left > 0:
            left = max(min(left, self._most() - taken), SHORTEST_WAIT)
            self._next_look = now + left
        return left

    def _most(self) -> float:
        """Seconds that it may take by the clock."""
        return self.seconds * ceiling()

    def _look(self) -> Used | None:
        """What the student's process and the checks have used by now, together."""
        job, own = self._job_used(), of_thread(self._thread)
        if (job is None or job.waited is None or own.waited is None) and not _has_said.is_set():
            _has_said.set()
            get_logger().warning(NOT_MEASURED)
        if job is None:
            return None
        waited = None if job.waited is None or own.waited is None else job.waited + own.waited
        return Used(job.processor + own.processor, waited)
