"""How much slower does a busy machine make code, and how long may it go on by the clock at most?

Where it is measured what code has used (``grader.examiner.allowance``), the load only bounds how long it may
take to use it. Elsewhere limits go by the clock, and grow with the load: on a busy machine the clock runs on
while code waits for a processor, and honest work would be taken for an endless loop.
"""

from __future__ import annotations

import os

# One submission must not hold up the class for ever, even if another makes the machine busy on purpose.
MOST = 5.0


def load_factor() -> float:
    """The factor by which code is slower at the moment: 1 where every process has a processor.

    The system's load of the last minute says how many processes run or wait for a processor.
    """
    if not hasattr(os, "getloadavg"):  # Windows
        return 1.0
    return min(max(1.0, os.getloadavg()[0] / processors()), MOST)


def ceiling() -> float:
    """How many times its limit code may take by the clock at the moment, however little it has used."""
    return MOST * load_factor()


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
