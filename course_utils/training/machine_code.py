"""Is numba here, which makes machine code of Python? Where it is not, the same functions run as they are.

There is no numba for every machine: none for Macs with an Intel processor. Trainings then take their steps in
plain Python, on less data, as they do for a step that numba cannot compile.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

try:
    import numba
except ImportError:
    numba = None  # type: ignore[assignment]

COMPILES = numba is not None
WITHOUT = "numba, which would compile it, is not installed here"
# Sums in any order, several products at a time. Infinities and nan keep their meaning: training that diverges
# has to show.
FAST_SUMS = {"reassoc", "contract"}


def njit(function: Callable | None = None, **options: Any) -> Any:
    """numba's decorator of that name; without numba it leaves the function as it is.

    Parameters
    ----------
    function : callable, optional
        Without it the decorator comes back, with these options.
    **options
        What numba's own takes.
    """
    if function is None:
        return lambda decorated: njit(decorated, **options)
    return numba.njit(**options)(function) if COMPILES else function
