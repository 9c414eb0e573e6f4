"""How do arrays travel so that what shares memory here shares memory over there?

Arrays whose bytes overlap go into one segment, each with its place in it: a step that changes a view changes
the array that it is a view of, on both sides, as it would in one process.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.lib.array_utils import byte_bounds

from .frames import FRAME_LIMIT

# Numbers, truth values, text, dates. Nothing that holds a Python object.
_DTYPE = re.compile(r"[<>|=]?(b1|[iuf]\d{1,2}|c\d{1,2}|[SU]\d{1,9}|[mM]8(\[\d{0,9}\w{1,2}\])?)")
# A segment may be so many times as large as what is used of it; else the arrays are copied, each by itself.
SLACK = 4
PAGE = 4096  # bytes
BYTES_OF_A_LETTER = 4  # as NumPy keeps it
HIGHEST_CODE_POINT = 0x10FFFF


class NotPlain(TypeError):
    """A value that is not plain data; the message is for the person whose function returned it."""


class TooLargeError(NotPlain):
    """A value that is plain and would take too much memory."""


@dataclass(frozen=True)
class Segment:
    """A piece of memory and the arrays that lie in it.

    Attributes
    ----------
    bytes : (length,) array of uint8
        A copy of the arrays' elements at their places; zeros between them.
    members : tuple of (int, int)
        Position of each array in the list that was packed, and the offset of its first element in bytes.
    start : int
        Address of the first byte in this process; 0 if the array in it was copied to be compact.
    """

    bytes: np.ndarray
    members: tuple[tuple[int, int], ...]
    start: int


def is_shippable(dtype: np.dtype) -> bool:
    """Whether arrays of this type can travel."""
    return dtype.names is None and _is_plain(dtype.str)


@lru_cache(maxsize=256)
def _is_plain(name: str) -> bool:
    return _DTYPE.fullmatch(name) is not None


class Measure:
    """Counts what values would take if each array, list and range in them were written out.

    A stride of 0, a long range or one list put into another a thousand times lets a few bytes stand for more
    than any machine can hold, once somebody computes with it.

    Parameters
    ----------
    limit : int
        Bytes that all together may take.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.total = 0
        self._elements, self._longest = 0, 0

    def take(self, size: int) -> None:
        """Count bytes more.

        Raises
        ------
        TooLargeError
            If they are too many now.
        """
        self.total += size
        if self.total > self.limit:
            raise TooLargeError(
                f"more than {self.limit / 2**20:.0f} MB of numbers and text, written out: give back what "
                "was asked for and no more"
            )

    @property
    def has_wide_texts(self) -> bool:
        """Whether an array of all elements would take too much, each as long as the longest text is.

        Then somebody has to look which of them can be in one array (``texts``).
        """
        return BYTES_OF_A_LETTER * self._elements * self._longest > self.limit

    def mark(self) -> tuple[int, int]:
        """What has been taken so far."""
        return self.total, self._elements

    def since(self, mark: tuple[int, int]) -> tuple[int, int]:
        """What has been taken since then, for `take_again`."""
        return self.total - mark[0], self._elements - mark[1]

    def take_again(self, taken: tuple[int, int]) -> None:
        """Count once more what an object takes that occurs once more."""
        self._elements += taken[1]
        self.take(taken[0])

    def take_text(self, length: int) -> None:
        """Count a text."""
        self._elements += 1
        self._longest = max(self._longest, length)
        self.take(BYTES_OF_A_LETTER * length)

    def take_whole_number(self, number: int) -> None:
        """Count a whole number beyond those of 8 bytes, which are counted with the list that they are in."""
        self.take(number.bit_length() // 8 if number.bit_length() > 64 else 0)

    def take_array(self, shape: tuple[int, ...], itemsize: int) -> None:
        """Count an array; an axis of no length, or elements of no bytes, hide nothing of what is beside them.

        Whoever goes over the rows of an array of 2**40 rows without columns comes to no end either.
        """
        self.take(max(itemsize, 1) * math.prod(max(length, 1) for length in shape))

    def take_items(self, count: int) -> None:
        """Count the items of a list or a range, each as a number of 8 bytes."""
        self._elements += count
        self.take(8 * count)

    def take_range(self, start: int, stop: int, step: int) -> None:
        """Count the numbers of a range; ``len`` knows only those below 2**63."""
        self.take_items(max(0, -((start - stop) // step)))

    def take_sparse(self, shape: tuple[int, ...]) -> None:
        """Count the rows and columns of a sparse matrix: other formats of it have a number for each."""
        self.take(4 * sum(shape))


def pack(arrays: list[np.ndarray]) -> list[Segment]:
    """Put arrays into segments; arrays without elements are in none.

    Parameters
    ----------
    arrays : list of ndarray
        Of shippable types; shapes, strides and types are for the caller to note.
    """
    bounds = sorted((*byte_bounds(array), number) for number, array in enumerate(arrays) if array.nbytes)
    groups: list[tuple[int, int, list[int]]] = []
    for low, high, number in bounds:
        if groups and low < groups[-1][1]:
            start, end, numbers = groups.pop()
            groups.append((start, max(end, high), [*numbers, number]))
        else:
            groups.append((low, high, [number]))
    segments = []
    for start, end, numbers in groups:
        used = max(arrays[number].nbytes for number in numbers)
        if end - start <= SLACK * used + PAGE:
            segments.append(_segment(arrays, start, end, numbers))
        else:
            segments += [_compact(arrays, number) for number in numbers]
    return segments


def _segment(arrays: list[np.ndarray], start: int, end: int, numbers: list[int]) -> Segment:
    memory = np.zeros(end - start, np.uint8)
    members = []
    for number in numbers:
        array = arrays[number]
        # With negative strides the first element is not the lowest in memory.
        offset = array.__array_interface__["data"][0] - start
        np.ndarray(array.shape, array.dtype, memory, offset, array.strides)[...] = array
        members.append((number, offset))
    return Segment(memory, tuple(members), start)


def _compact(arrays: list[np.ndarray], number: int) -> Segment:
    flat = np.ascontiguousarray(arrays[number]).reshape(-1).view(np.uint8)
    return Segment(flat.copy(), ((number, 0),), 0)


def strides_in(segment: Segment, array: np.ndarray) -> tuple[int, ...]:
    """Strides of an array in its segment: its own, or those of a compact copy."""
    if segment.start:
        return array.strides
    sizes = array.shape[1:] + (1,)
    return tuple(array.itemsize * math.prod(sizes[axis:]) for axis in range(array.ndim))


@lru_cache(maxsize=256)
def _plain_dtype(name: str) -> np.dtype:
    """The type of this name.

    Raises
    ------
    ValueError, TypeError
        If it is no type of plain data.
    """
    # What raises is not kept; and of what is, no name has more than some twenty letters.
    if not _DTYPE.fullmatch(name):
        raise ValueError(f"{name!r} is no type of plain data")
    return np.dtype(name)


def view(memory, dtype: str, shape: list[int], strides: list[int], offset: int) -> np.ndarray:
    """An array in a piece of memory, beyond which it does not reach.

    Raises
    ------
    ValueError, TypeError
        If the description is not one of an array of plain data in this memory.
    """
    if not isinstance(dtype, str):
        raise ValueError(f"{dtype!r} is no type of plain data")
    kind = _plain_dtype(dtype)
    if not all([type(n) is int for n in [*shape, *strides, offset]]):
        raise ValueError("an array's shape, strides and offset are whole numbers")
    _check_reach(memory, kind.itemsize, shape, strides, offset)
    array = np.ndarray(tuple(shape), kind, memory, offset, tuple(strides))
    if array.nbytes > FRAME_LIMIT:
        # Strides of 0 let one byte stand for any number of elements.
        raise ValueError(f"an array of {array.nbytes / 2**20:.0f} MB is too large")
    check_bytes(array)
    return array


def _check_reach(memory, itemsize: int, shape: list[int], strides: list[int], offset: int) -> None:
    """Refuse elements outside of the memory. NumPy's own check lets pass strides whose multiples overflow."""
    if len(shape) != len(strides):
        raise ValueError("an array has as many strides as axes")
    low = high = offset
    for length, stride in zip(shape, strides, strict=True):
        if length < 0 or abs(stride) > FRAME_LIMIT:
            raise ValueError("an array's shape and strides are none of an array's")
        way = (length - 1) * stride
        low, high = low + min(way, 0), high + max(way, 0)
    if 0 in shape:
        low = high = offset  # there is no element that the strides could lead to
    else:
        high += itemsize
    size = memory.nbytes if isinstance(memory, np.ndarray) else len(memory)
    if low < 0 or high > size:
        raise ValueError("an array reaches beyond its memory")


def check_bytes(array: np.ndarray) -> None:
    """Refuse bytes that stand for no value of the array's type, and confuse what computes with them.

    Raises
    ------
    ValueError
        If a truth value is neither 0 nor 1, or text holds what is no letter.
    """
    if array.dtype.kind == "b" and array.size and array.view(np.uint8).max() > 1:
        raise ValueError("a truth value is neither 0 nor 1")
    if array.dtype.kind == "U" and array.nbytes:
        codes = np.ascontiguousarray(array).reshape(-1).view(array.dtype.str[0] + "u4")
        if codes.max() > HIGHEST_CODE_POINT:
            raise ValueError("text holds what is no letter")
