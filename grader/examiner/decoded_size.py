"""How much memory does a value take once everything that it refers to is written out?"""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.values.frames import WireError


def check_extent(values: list[Any], limit: int) -> None:
    """Refuse values that hold a check's own arguments too many times over, or themselves.

    A reference to an argument takes a few bytes, and the argument that it stands for may have grown in the
    same call: that is known only when all of it is in its place.

    Parameters
    ----------
    values : list
        A call's result and its arguments, decoded.
    limit : int
        Bytes that each may take.

    Raises
    ------
    WireError
        If one takes more, or comes to no end.
    """
    sizes: dict[int, int | None] = {}
    for value in values:
        if _size(value, sizes) > limit:
            raise WireError(f"more than {limit / 2**20:.0f} MB of an argument's content, written out")


def _size(value: Any, sizes: dict[int, int | None]) -> int:
    if isinstance(value, np.ndarray):
        return value.nbytes
    if not isinstance(value, list | tuple | dict | set | frozenset):
        return 8
    if id(value) not in sizes:
        sizes[id(value)] = None
        items = [*value.keys(), *value.values()] if isinstance(value, dict) else value
        sizes[id(value)] = 8 + sum(_size(item, sizes) for item in items)
    size = sizes[id(value)]
    if size is None:
        raise WireError(f"a {type(value).__name__} holds itself")
    return size
