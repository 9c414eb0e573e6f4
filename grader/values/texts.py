"""How much memory would texts take as arrays? In an array of text each takes as much as the longest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .memory import BYTES_OF_A_LETTER, TooLargeError


def check_texts(value: Any, limit: int) -> None:
    """Refuse lists, and columns of tables, of which one long text among short ones makes a huge array.

    Raises
    ------
    TooLargeError
        If an array of what stands together in one takes more bytes than the limit.
    """
    _Arrays(limit).of(value)


class _Arrays:
    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._known: dict[int, tuple[int, int]] = {}

    def of(self, value: Any) -> tuple[int, int]:
        """How many elements a value has as an array, and how long the longest text in it is."""
        if isinstance(value, str):
            return 1, len(value)
        if not isinstance(value, list | tuple | dict | set | frozenset) and not _is_table(value):
            return 1, 0
        if id(value) not in self._known:
            self._known[id(value)] = self._of_container(value)
        return self._known[id(value)]

    def _of_container(self, value: Any) -> tuple[int, int]:
        if isinstance(value, list | tuple):
            return self._side_by_side(value)
        if isinstance(value, dict):
            self._side_by_side(value.values())
        if isinstance(value, dict | set | frozenset):
            self._side_by_side(value)
        else:  # a table or one of its columns
            columns = [column for _, column in value.items()] if value.ndim == 2 else [value]
            for column in columns:
                # Numbers and the like have a dtype of NumPy's, and hold no text.
                if getattr(column.dtype, "kind", "O") == "O":
                    self._side_by_side(column)
        return 1, 0

    def _side_by_side(self, items: Iterable) -> tuple[int, int]:
        items = list(items)
        rows = [self.of(item) for item in items if isinstance(item, list | tuple)]
        others = [self.of(item) for item in items if not isinstance(item, list | tuple)]
        self._together(others)
        # Rows beside other things make no array.
        return (1, 0) if rows and others else self._together(rows or others)

    def _together(self, parts: list[tuple[int, int]]) -> tuple[int, int]:
        number, longest = sum(part[0] for part in parts), max((part[1] for part in parts), default=0)
        if BYTES_OF_A_LETTER * number * longest > self._limit:
            raise TooLargeError(
                f"more than {self._limit / 2**20:.0f} MB of text as an array, in which each takes as much as "
                "the longest: give back what was asked for and no more"
            )
        return number, longest


def _is_table(value: Any) -> bool:
    """Whether it is a table of pandas' or a column of one, which nobody has to import for this."""
    return hasattr(value, "items") and hasattr(value, "iloc")
