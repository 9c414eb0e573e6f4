"""Which random generators that all code of a process shares did a call draw from?

The examiner cannot see them, and a check may want to know: they are named in the reply.
"""

from __future__ import annotations

import ctypes
import random
import sys
from typing import Any

import numpy as np

_NUMPY_STATE = 624 * 4 + 4  # bytes: the numbers that NumPy's MT19937 has in stock, and its place in them


def states() -> dict[str, Any]:
    """The state of each global generator, by the name of what has it.

    NumPy's is read where it lies: ``get_state`` takes longer than most calls.
    """
    bits = np.random.get_bit_generator()  # type: ignore[attr-defined]  # NumPy's stub leaves it out
    found = {
        "random": random.getstate(),
        "numpy": (bits, ctypes.string_at(bits.ctypes.state_address, _NUMPY_STATE)),
    }
    if (torch := sys.modules.get("torch")) is not None:
        found["torch"] = torch.get_rng_state().numpy().tobytes()
    return found


def used(before: dict[str, Any]) -> list[str]:
    """Names of the global generators that are in another state than before."""
    return [name for name, state in states().items() if before.get(name, state) != state]
