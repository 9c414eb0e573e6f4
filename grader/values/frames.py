"""How does a message travel on a byte stream? As a frame: a JSON header and blobs of bytes, both bounded.

A frame is ``MFX1``, the header's length (8 bytes, little endian), the header (UTF-8 JSON; its ``blobs`` holds
the blobs' lengths) and the blobs. Reading one runs nothing and unpickles nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

MAGIC = b"MFX1"
PREFIX = len(MAGIC) + 8
# Bytes. The values of a check take some 20 kB, the pictures of a cell some MB; JSON grows up to thirtyfold
# when it is read.
HEADER_LIMIT = 6 * 2**20
FRAME_LIMIT = 512 * 2**20
SMALL = 2**16  # bytes of blobs


class WireError(Exception):
    """What arrived is not a frame, or not one that this project's code would write."""


def frame(header: dict[str, Any], blobs: Sequence[Any] = (), limit: int = FRAME_LIMIT) -> list[Any]:
    """The pieces of a frame, to be written one after the other.

    Parameters
    ----------
    header : dict
        Whatever JSON can hold; ``blobs`` is added.
    blobs : sequence of bytes-like
        Raw bytes.
    limit : int
        Bytes that all blobs together may have.

    Raises
    ------
    WireError
        If the header or the whole is too large.
    """
    lengths = [memoryview(blob).nbytes for blob in blobs]
    text = json.dumps(header | {"blobs": lengths}).encode()
    for size, most, what in ((len(text), HEADER_LIMIT, "text"), (sum(lengths), limit, "arrays")):
        if size > most:
            raise WireError(f"{size / 2**20:.0f} MB of {what}, at most {most / 2**20:.0f} MB are taken")
    pieces = [MAGIC + len(text).to_bytes(8, "little") + text, *blobs]
    # Each piece that is written wakes the other side: a small frame goes in one.
    return pieces if sum(lengths) > SMALL else [b"".join(pieces)]


def read_frame(
    read: Callable[[int], bytearray], limit: int = FRAME_LIMIT
) -> tuple[dict[str, Any], list[bytearray]]:
    """The next frame: its header and its blobs.

    Parameters
    ----------
    read : callable
        Returns exactly as many bytes as asked for, or raises.
    limit : int
        Bytes that all blobs together may have.

    Raises
    ------
    WireError
        If the bytes are not a frame, or too many.
    """
    prefix = read(PREFIX)
    length = int.from_bytes(prefix[len(MAGIC) :], "little")
    if bytes(prefix[: len(MAGIC)]) != MAGIC or length > HEADER_LIMIT:
        raise WireError("what arrived does not begin like a frame")
    try:
        header = json.loads(read(length))
    except (ValueError, RecursionError) as error:
        raise WireError(f"a frame's header is not JSON ({error})") from None
    lengths = header.get("blobs") if isinstance(header, dict) else None
    if not isinstance(lengths, list) or not all(type(n) is int and n >= 0 for n in lengths):
        raise WireError("a frame's header does not say how long its blobs are")
    if sum(lengths) > limit:
        raise WireError(f"{sum(lengths) / 2**20:.0f} MB came, of at most {limit / 2**20:.0f} MB")
    return header, [read(n) for n in lengths]
