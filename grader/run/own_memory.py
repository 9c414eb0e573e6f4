"""How much memory may a worker take, whatever the values are that a student's process sends to it?"""

from __future__ import annotations

import sys
from pathlib import Path

import psutil

# Beside what it has when it starts. A cell's values take a quarter of it, and checks compute with them.
MORE = 4 * 2**30
# Its driver reserves a hundred times as many addresses as there is memory.
_GPU = Path("/dev/nvidiactl")


def limit_own_memory(more: int = MORE) -> bool:
    """Let this process, and those that it starts, take some memory more and then get a MemoryError.

    What a process has reserved is counted, so this is not done where a GPU's driver may reserve what it does
    not use, nor on systems without such a limit.

    Returns
    -------
    bool
        Whether there is a limit now.
    """
    if sys.platform != "linux" or _GPU.exists():
        return False
    import resource

    most = resource.getrlimit(resource.RLIMIT_AS)[1]
    limit = psutil.Process().memory_info().vms + more
    if most != resource.RLIM_INFINITY:
        limit = min(limit, most)
    # The processes that it starts may set limits of their own, up to the old one.
    resource.setrlimit(resource.RLIMIT_AS, (limit, most))
    return True
