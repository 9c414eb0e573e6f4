"""How many JSON values does text hold? That is known before it is parsed, at no cost but reading it once.

A byte of JSON can take a hundred bytes of memory as a value, and all of a class is read by one process. Each
notebook has a bound of its own (``grader.intake.notebook``); this one holds for all notebooks that one
student handed in for a unit, as they are compared with each other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from grader.intake.errors import UnfitSubmission

MAX_TOTAL = 1_000_000
_BLOCK = 2**20


def check_total(contents: Iterable[bytes], shown: Path) -> None:
    """Refuse notebooks that hold more values together than can be kept in memory.

    Raises
    ------
    UnfitSubmission
        If they do.
    """
    if sum(map(count_values, contents)) > MAX_TOTAL:
        raise UnfitSubmission(
            f"The notebooks of {shown} hold more than {MAX_TOTAL:,} values together: remove those that are "
            "not to be graded, clear the outputs, and remove data from the metadata."
        )


def count_values(content: bytes) -> int:
    """How many values a parser makes of JSON, at most; of other text, of what it reads before it gives up.

    Each value but the first follows a comma or an opening bracket that is in no string.
    """
    # Within strings alone there are backslashes, read from the left in pairs: then each quote is an end.
    plain = _as_utf8(content).replace(b"\\\\", b"").replace(b'\\"', b"")
    found, is_inside = 1, False
    for start in range(0, len(plain), _BLOCK):
        pieces = plain[start : start + _BLOCK].split(b'"')
        for piece in pieces[is_inside::2]:
            found += piece.count(b",") + piece.count(b"[") + piece.count(b"{")
        is_inside ^= len(pieces) % 2 == 0
    return found


def _as_utf8(content: bytes) -> bytes:
    encoding = json.detect_encoding(content)
    if encoding.startswith("utf-8"):
        return content
    return content.decode(encoding, "replace").encode("utf-8", "replace")
