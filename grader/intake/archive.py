"""May an entry of an archive be read, and what are its real name and time?

What an archive says about itself is not believed but checked: a student may have made it.
"""

from __future__ import annotations

import stat
import struct
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime

from grader.intake.submissions import MAX_BYTES

# What an archive may hold: a bomb has thousands of times its own size.
FREE_BYTES, MOST_TIMES, MAX_ENTRIES, MAX_DEPTH = 500_000_000, 20, 100_000, 4
# In bytes; systems take 255 and 4,096, and the place for it needs some.
MAX_NAME, MAX_PATH = 240, 2_000
# What systems, editors and Git put beside files by themselves; nobody hands it in.
CLUTTER_FOLDERS = {"__macosx", ".git", ".ipynb_checkpoints", "__pycache__", ".venv", "node_modules"}
_CLUTTER_FILES = {".ds_store", "thumbs.db", "desktop.ini"}
# Info-ZIP's field with the time in seconds since 1970; without it a time has no zone.
_EXACT_TIME = 0x5455


class Budget:
    """How much an archive, with those in it, may still hold."""

    def __init__(self, size: int) -> None:
        self.bytes, self.entries = FREE_BYTES + MOST_TIMES * size, MAX_ENTRIES

    def refuses(self, sizes: list[int], depth: int) -> str:
        """Why an archive with files of these sizes is not opened, or nothing."""
        if depth > MAX_DEPTH:
            return f"it is an archive in {MAX_DEPTH} others: unpack it, then collect again"
        if sum(sizes) > self.bytes or len(sizes) > self.entries:
            return (
                f"it would hold {sum(sizes) / 1e6:,.0f} MB in {len(sizes):,} files, more than an archive of "
                "its size can (a bomb): ask the student to hand in again"
            )
        self.bytes -= sum(sizes)
        self.entries -= len(sizes)
        return ""


def is_clutter(parts: tuple[str, ...]) -> bool:
    """Whether a system or an editor made a file by itself."""
    name = parts[-1].lower()
    return name in _CLUTTER_FILES or name.startswith(".~lock")


def clutter_folder(parts: tuple[str, ...]) -> tuple[str, ...]:
    """The folder of clutter that a path leads into, or nothing."""
    place = next((n for n, part in enumerate(parts[:-1], 1) if part.lower() in CLUTTER_FOLDERS), 0)
    return parts[:place]


def empty_folders(infos: Iterable[zipfile.ZipInfo]) -> list[tuple[str, ...]]:
    """The folders of an archive in which nothing lies, without those of clutter and those that lead out."""
    paths = {
        tuple(part for part in decoded_name(info).split("/") if part not in ("", ".")): info.is_dir()
        for info in infos
    }
    filled = {path[:length] for path in paths for length in range(len(path))}
    return [
        path
        for path, is_folder in paths.items()
        if is_folder and path not in filled and ".." not in path and not clutter_folder((*path, ""))
    ]


def refusal(path: str, info: zipfile.ZipInfo) -> str:
    mode = info.external_attr >> 16
    if path.startswith("/") or path[1:2] == ":":
        return "its name is absolute: nothing is written there"
    if ".." in path.split("/"):
        return "its name leads out of the archive (..): nothing is written there"
    if not path.strip("/. "):
        return "it has no name"
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "it is a link or a device: ask for the file itself"
    if info.flag_bits & 1:
        return "it is encrypted: ask the student to hand in without a password"
    if info.file_size > MAX_BYTES and not path.lower().endswith(".zip"):
        return too_large(info.file_size)
    return ""


def too_long(parts: tuple[str, ...]) -> str:
    sizes = [len(part.encode(errors="surrogateescape")) for part in parts]
    if max(sizes) > MAX_NAME or sum(sizes) > MAX_PATH:
        return "its name is longer than a system can write: ask the student to shorten it"
    return ""


def too_large(size: int) -> str:
    return (
        f"it is larger than {MAX_BYTES // 1_000_000} MB ({size / 1e6:,.0f} MB): ask the student to clear the "
        "outputs, and to hand in again"
    )


def decoded_name(info: zipfile.ZipInfo) -> str:
    """The name of an entry: some programs write UTF-8 without saying so, and others \\ for /."""
    name = info.orig_filename.partition("\0")[0]
    if not info.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:  # it is what it says: an old code page
            pass
    return name.replace("\\", "/")


def time_of(info: zipfile.ZipInfo) -> datetime | None:
    extra = info.extra
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        if kind == _EXACT_TIME and size >= 5 and extra[4] & 1:
            return datetime.fromtimestamp(struct.unpack("<l", extra[5:9])[0], UTC).replace(tzinfo=None)
        extra = extra[4 + size :]
    try:
        here = datetime(*info.date_time)
        # 1980 is what programs write that have no time.
        return here.astimezone(UTC).replace(tzinfo=None) if here.year > 1980 else None
    except (ValueError, OverflowError):
        return None
