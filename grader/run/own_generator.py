"""How do Dask's threads draw without the generator that checks look at? From a copy of the module `random`.

A check sees whether a call has drawn from Python's global generator. A worker of Dask draws, too, in threads
of its own, for instance to estimate sizes: right answers would lose points by chance.
"""

from __future__ import annotations

import random
import sys
from functools import cache
from importlib.util import find_spec, module_from_spec
from types import ModuleType

PACKAGES = {"dask", "distributed", "tornado"}


def leave_global_generator_alone() -> None:
    """Give a generator of their own to all modules of Dask that are loaded in this process."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in PACKAGES and vars(module).get("random") is random:
            module.random = _copy()  # type: ignore[attr-defined]


@cache
def _copy() -> ModuleType:
    spec = find_spec("random")
    assert spec is not None and spec.loader is not None
    made = module_from_spec(spec)
    spec.loader.exec_module(made)
    return made
