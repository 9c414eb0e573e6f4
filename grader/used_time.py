"""How much processor time has code used, and how long has it waited for a processor?

Read inside the sandbox as well, by what watches a job: nothing but the standard library is imported here.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple


class Used(NamedTuple):
    """What a job or a thread has used and waited since it began.

    Attributes
    ----------
    processor : float
        Seconds of processor time, of all its processes and threads together.
    waited : float or None
        Seconds in which they were ready to go on and had no processor; None where the system does not tell.
    """

    processor: float
    waited: float | None


def of_thread(number: int) -> Used:
    """What a thread of this process has used, by its number of ``threading.get_native_id``.

    Where there is no /proc it is the whole process's time.
    """
    return scheduled(Path(f"/proc/self/task/{number}")) or Used(time.process_time(), None)


def scheduled(task: Path) -> Used | None:
    """What the scheduler has noted of a thread, by its folder in /proc; None if that does not tell."""
    try:
        ran, waited, *_ = (task / "schedstat").read_text().split()
    except (OSError, ValueError):
        return None
    return Used(int(ran) / 1e9, int(waited) / 1e9)
