"""How much longer may code take on a busy machine, so that the same work always gets the same score?

Limits go by the clock, because code may also sleep or wait for ever. On a busy machine the clock runs on
while code waits for a processor, and honest work would be taken for an endless loop.
"""

from __future__ import annotations

import os

# One submission must not hold up the class for ever, even if another makes the machine busy on purpose.
MOST = 5.0


def load_factor() -> float:
    """The factor by which time limits grow at the moment: 1 where every process has a processor.

    The system's load of the last minute says how many processes run or wait for a processor.
    """
    if not hasattr(os, "getloadavg"):  # Windows
        return 1.0
    return min(max(1.0, os.getloadavg()[0] / processors()), MOST)


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
