"""What encoding and decoding agree on, and the libraries whose values are known once they are in use."""

from __future__ import annotations

import importlib
from types import ModuleType

MAX_DEPTH = 40  # of lists within lists
MAX_ITEMS = 1_000_000  # of a list
# Modules that encode and decode a library's values; importing them imports the library.
FAMILIES = {"torch": "torch_kinds", "pandas": "pandas_kinds"}


def kinds_of(family: str) -> ModuleType:
    """The module for a library's kinds of values."""
    return importlib.import_module(f".{FAMILIES[family]}", __package__)
