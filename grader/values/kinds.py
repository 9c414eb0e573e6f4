"""Which libraries' values are known once the library is in use, and how large may values be?"""

from __future__ import annotations

import builtins
import importlib
from types import ModuleType

MAX_DEPTH = 40  # of lists within lists
MAX_ITEMS = 1_000_000  # of a list
# Modules that encode and decode a library's values; importing them imports the library.
FAMILIES = {"torch": "torch_kinds", "pandas": "pandas_kinds"}
# Classes that go by their name: what `convert(x, float)` or `raises(ValueError, f)` is called with.
BUILTIN_TYPES = {
    kind.__name__: kind
    for kind in (bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset, range, object)
} | {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, Exception) and kind.__name__ == name
}


def kinds_of(family: str) -> ModuleType:
    """The module for a library's kinds of values."""
    return importlib.import_module(f".{FAMILIES[family]}", __package__)
