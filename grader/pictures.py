"""Are these bytes a picture, and nothing else? It is taken apart and put together anew from its known parts.

Only the structure is read, never the pixels: decoders have had holes, and a browser has its decoder in a
sandbox. What follows the picture's end, comments, places and other metadata are left out; of a photograph
the way in which it was held stays.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
import zlib
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

LARGEST = 20_000_000  # bytes
MOST_PIXELS = 120_000_000
MOST_FRAMES = 1_000

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_PARTS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
# Colour types of PNG with the bit depths that each may have.
_PNG_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_JPEG = b"\xff\xd8"
_SIZES, _END_OF_PICTURE, _SCAN, _EXIF, _ADOBE = (0xC0, 0xC1, 0xC2), 0xD9, 0xDA, 0xE1, 0xEE
# Tables of quantisation and of codes, restart intervals.
_JPEG_PARTS = (*_SIZES, 0xC4, 0xDB, 0xDD, 0xE0, _ADOBE)
_MARKER = re.compile(rb"\xff++[^\x00\xff]")
# In a scan a marker is what is neither an escaped byte nor a place to start again.
_END_OF_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_ORIENTATION = 0x0112
_SVG = re.compile(rb"\s*(?:<\?xml|<!--|<!DOCTYPE svg|<svg)")
_OTHER_KINDS = {
    re.compile(start, re.DOTALL): name
    for start, name in {
        rb"RIFF....WEBP": "WebP",
        rb"....ftypavi[fs]": "AVIF",
        rb"....ftyp(?:hei|mif|msf)": "HEIC",
        rb"BM": "BMP",
        rb"II\*\0|MM\0\*": "TIFF",
        rb"%PDF": "PDF",
    }.items()
}


class NoPicture(ValueError):
    """Bytes that are no picture of a known kind."""


def checked_picture(encoded: str) -> tuple[str, str] | None:
    """The kind of a picture and its bytes in base64, made anew; None if it is none that may be shown.

    Parameters
    ----------
    encoded : str
        In base64, also with line breaks or ``%2B`` as in addresses.
    """
    try:
        kind, made = rebuilt(_decoded(encoded))
    except NoPicture:
        return None
    return kind, base64.b64encode(made).decode()


def why_no_picture(encoded: str) -> str:
    """Why a picture is not shown: for its size, or its kind where that is known by the first bytes."""
    if len(encoded) > LARGEST * 4 / 3:
        return f"it is larger than {LARGEST // 1_000_000} MB"
    try:
        start = _decoded(encoded)[:1000].lstrip()
    except NoPicture:
        start = b""
    kind = next((name for known, name in _OTHER_KINDS.items() if known.match(start)), "")
    if _SVG.match(start) or _SVG.match(unquote_to_bytes(encoded[:1000])):
        kind = "SVG"
    return (
        f"it is {kind}, and only PNG, JPEG and GIF are shown" if kind else "it is no whole PNG, JPEG or GIF"
    )


def _decoded(encoded: str) -> bytes:
    if len(encoded) > 2 * LARGEST:
        raise NoPicture(f"more than {LARGEST} bytes")
    try:
        # As in browsers, the signs that fill up the end may be missing.
        text = b"".join(unquote_to_bytes(encoded).split()).rstrip(b"=")
        return binascii.a2b_base64(text + b"=" * (-len(text) % 4))
    except (binascii.Error, UnicodeEncodeError):
        raise NoPicture("no base64") from None


def rebuilt(data: bytes) -> tuple[str, bytes]:
    """The kind of a picture (such as ``image/png``) and its bytes, made anew of its known parts.

    Raises
    ------
    NoPicture
        If it is no whole PNG, JPEG or GIF, or larger than anybody looks at.
    """
    if len(data) > LARGEST:
        raise NoPicture(f"more than {LARGEST} bytes")
    try:
        if data.startswith(_PNG):
            return "image/png", b"".join(_png(data))
        if data.startswith(_JPEG):
            return "image/jpeg", b"".join(_jpeg(data))
        if data.startswith((b"GIF87a", b"GIF89a")):
            return "image/gif", b"".join(_gif(data))
    except (struct.error, IndexError):
        raise NoPicture("it breaks off") from None
    raise NoPicture("no PNG, JPEG or GIF")


def _check_size(width: int, height: int) -> None:
    if not 0 < width * height <= MOST_PIXELS:
        raise NoPicture(f"{width} × {height} pixels")


def _png(data: bytes) -> Iterator[bytes]:
    yield _PNG
    at, last = len(_PNG), b""
    while last != b"IEND":
        (length,), name = struct.unpack_from(">I", data, at), data[at + 4 : at + 8]
        body, (check,) = data[at + 8 : at + 8 + length], struct.unpack_from(">I", data, at + 8 + length)
        if zlib.crc32(name + body) != check or (name == b"IHDR") != (last == b""):
            raise NoPicture("a part of the PNG is damaged")
        if name == b"IHDR":
            width, height, depth, colours, packing, filtering, interlace = struct.unpack(">IIBBBBB", body)
            _check_size(width, height)
            if depth not in _PNG_DEPTHS.get(colours, ()) or packing or filtering or interlace > 1:
                raise NoPicture("a PNG of an unknown kind")
        if name in _PNG_PARTS:
            yield struct.pack(">I", length) + name + body + struct.pack(">I", check)
        elif name[:1].isupper():
            raise NoPicture("a PNG with an unknown part that is needed to show it")
        at, last = at + 12 + length, name


def _jpeg(data: bytes) -> Iterator[bytes]:
    yield _JPEG
    at, has_size, has_scan = len(_JPEG), False, False
    while True:
        found = _MARKER.match(data, at)
        if not found:
            raise NoPicture("no marker where one must be in a JPEG")
        marker, at = data[found.end() - 1], found.end()
        if marker == _END_OF_PICTURE:
            if not (has_size and has_scan):
                raise NoPicture("a JPEG without a picture")
            yield b"\xff\xd9"
            return
        (length,) = struct.unpack_from(">H", data, at)
        body = data[at + 2 : at + length]
        if len(body) != length - 2:
            raise NoPicture("it breaks off")
        at += length
        if marker in _SIZES:
            _, height, width = struct.unpack_from(">BHH", body)
            _check_size(width, height)
            has_size = True
        if marker == _EXIF and (turned := _orientation(body)):
            yield _segment(_EXIF, turned)
        elif marker == 0xE0:
            if body.startswith(b"JFIF\0"):
                yield _segment(marker, body[:12] + b"\0\0")  # without the thumbnail
        elif marker == _ADOBE:
            if body.startswith(b"Adobe"):
                yield _segment(marker, body[:12])
        elif marker in _JPEG_PARTS:
            yield _segment(marker, body)
        elif marker == _SCAN:
            if not (end := _END_OF_SCAN.search(data, at)):
                raise NoPicture("it breaks off")
            yield _segment(marker, body) + data[at : end.start()]
            at, has_scan = end.start(), True
        elif marker not in range(0xE0, 0xFF):  # applications' data and comments
            raise NoPicture("a JPEG of an unknown kind")


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _orientation(exif: bytes) -> bytes:
    """Exif data that say only how the camera was held; empty if these do not."""
    order = {b"Exif\0\0II": "<", b"Exif\0\0MM": ">"}.get(exif[:8])
    if not order:
        return b""
    try:
        (start,) = struct.unpack_from(f"{order}I", exif, 10)
        (entries,) = struct.unpack_from(f"{order}H", exif, 6 + start)
        for number in range(min(entries, 200)):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", exif, 8 + start + 12 * number)
            if tag == _ORIENTATION and 1 <= value <= 8:
                entry = struct.pack(">HHIHH", tag, 3, 1, value, 0)
                return b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 1) + entry + bytes(4)
    except struct.error:
        pass
    return b""


def _gif(data: bytes) -> Iterator[bytes]:
    width, height, packed = struct.unpack_from("<HHB", data, 6)
    _check_size(width, height)
    at = 13 + _colours(packed)
    yield data[:at]
    frames = 0
    while True:
        kind = data[at]
        if kind == 0x3B:
            if not frames:
                raise NoPicture("a GIF without a picture")
            yield b";"
            return
        if kind == 0x2C:
            left, top, wide, high, packed = struct.unpack_from("<HHHHB", data, at + 1)
            _check_size(left + wide, top + high)
            start, end = at, _end_of_blocks(data, at + 11 + _colours(packed))
            frames += 1
            if frames > MOST_FRAMES:
                raise NoPicture("a GIF of too many pictures")
            yield data[start:end]
        elif kind == 0x21:
            end = _end_of_blocks(data, at + 2)
            # How long a picture stays, and how often all of them are repeated; no words or programs.
            if data[at + 1] == 0xF9 or data[at + 2 : at + 14] == b"\x0bNETSCAPE2.0":
                yield data[at:end]
        else:
            raise NoPicture("a GIF of an unknown kind")
        at = end


def _colours(packed: int) -> int:
    return 3 * 2 ** ((packed & 7) + 1) if packed & 0x80 else 0


def _end_of_blocks(data: bytes, at: int) -> int:
    while data[at]:
        at += data[at] + 1
    return at + 1
