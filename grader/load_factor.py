"""Time limits on a busy machine: the same work gets the same score, whatever else is running.

Limits go by the clock, because code may also sleep or wait for ever. But where others want the processors,
too, the clock runs on while code waits for its turn, and honest work would be taken for an endless loop.
"""

from __future__ import annotations

import os

# However busy the machine is: one submission may not hold up the class for ever, also where another has made
# the machine busy on purpose.
MOST = 5.0


def patience() -> float:
    """How many times its limit code may take at the moment: 1 on a machine that has a processor for each.

    The system's load of the last minute says how many processes run or wait for a processor.
    """
    if not hasattr(os, "getloadavg"):  # Windows
        return 1.0
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(max(1.0, os.getloadavg()[0] / processors), MOST)
