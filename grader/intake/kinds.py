"""What is a file that is no notebook, by how it begins?"""

from __future__ import annotations

import re
from collections.abc import Mapping

ARCHIVE = re.compile(r"\.(?:zipx?|7z|rar|tar|tgz|tbz2?|txz|gz|bz2|xz|zst|lz4|lzma)$", re.IGNORECASE)
# What a file of another kind begins with, and what to do about it.
_UNPACK = "unpack it, and put the notebook in its place"
_ASK_FOR_IT = "ask the student for the notebook itself, the file that ends in .ipynb"
_KINDS = {
    b"PK\x03\x04": ("a zip archive (or an Office document)", _UNPACK),
    b"%PDF": ("a PDF", _ASK_FOR_IT),
    b"\x1f\x8b": ("a gzip archive", _UNPACK),
    b"BZh": ("a bzip2 archive", _UNPACK),
    b"\xfd7zXZ": ("an XZ archive", _UNPACK),
    b"\x28\xb5\x2f\xfd": ("a Zstandard archive", _UNPACK),
    b"Rar!": ("a RAR archive", _UNPACK),
    b"7z\xbc\xaf": ("a 7-Zip archive", _UNPACK),
    b"{\\rtf": ("a text in RTF", _ASK_FOR_IT),
    b"version https://git-lfs": ("a pointer of Git LFS", "run `git lfs pull` there, and copy it again"),
}
# A tar archive says so behind the name of its first file.
_TAR, _TAR_AT = b"ustar", 257
# So many bytes tell what a file is.
BEGIN = 512


def may_be_archive(name: str) -> bool:
    """Whether a file of a name is an archive if it begins as one; many programs keep their data so, too."""
    return "." not in name or ".zip" in name.lower() or bool(ARCHIVE.search(name))


def kind_of(content: bytes) -> tuple[str, str] | None:
    """What a file of another kind is, and what to do about it; None if it begins as none of these."""
    if content.startswith(_TAR, _TAR_AT):
        return "a tar archive", _UNPACK
    return next((kind for start, kind in _KINDS.items() if content.startswith(start)), None)


def archives_among(files: Mapping[str, bytes]) -> list[str]:
    """The names of those that begin as archives do, and are not called as something else.

    Many programs keep their data in archives: a suffix of theirs says so.
    """
    return [
        name
        for name, content in files.items()
        if may_be_archive(name) and (kind := kind_of(content)) and kind[1] == _UNPACK
    ]
