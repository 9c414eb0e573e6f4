"""Which files does a download hold, those in its archives included, and which can it not give?

Archives are read where they lie: nothing is unpacked to the disk. What an archive says about its entries is
not believed but checked: a name that leads out, a link, a size that no hand-in has.
"""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from grader.course_folder import CourseError
from grader.intake.submissions import MAX_BYTES
from grader.shown_text import printable

# What an archive may hold: a bomb has thousands of times its own size.
FREE_BYTES, MOST_TIMES, MAX_ENTRIES, MAX_DEPTH = 500_000_000, 20, 100_000, 4
# In bytes; systems take 255 and 4,096, and the place for it needs some.
MAX_NAME, MAX_PATH = 240, 2_000
# What systems, editors and Git put beside files by themselves; nobody hands it in.
CLUTTER_FOLDERS = {"__macosx", ".git", ".ipynb_checkpoints", "__pycache__", ".venv", "node_modules"}
_CLUTTER_FILES = {".ds_store", "thumbs.db", "desktop.ini"}
_ZIP = b"PK\x03\x04"
_OTHER_ARCHIVES = (".7z", ".rar", ".tar", ".tgz", ".gz", ".bz2", ".xz")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, struct.error, ValueError, RuntimeError)
# Info-ZIP's field with the time in seconds since 1970; without it a time has no zone.
_EXACT_TIME = 0x5455


class UnreadableEntry(Exception):
    """What the source names and cannot give; the message says why and what to do."""


@dataclass(frozen=True)
class Entry:
    """A file of the source, or a folder of clutter.

    Attributes
    ----------
    parts : tuple of str
        Its path in the source; archives are like folders.
    chain : tuple
        How it is read: the file on the disk, then the number of the entry in each archive.
    outer : tuple of str
        The path of the outermost archive that it is in.
    time : datetime or None
        When it was last changed, as the outermost archive says; in UTC, and without saying so.
    problem : str
        Why it cannot be had.
    is_clutter : bool
        Whether a system or an editor made it.
    """

    parts: tuple[str, ...]
    chain: tuple[Path | int, ...] = ()
    outer: tuple[str, ...] | None = None
    time: datetime | None = None
    problem: str = ""
    is_clutter: bool = False

    @property
    def shown(self) -> str:
        """The path, for sentences."""
        return "/".join(map(printable, self.parts))

    @property
    def name(self) -> str:
        return self.parts[-1]


class Source:
    """A folder or a zip archive of what was handed in.

    Parameters
    ----------
    path : Path
        Where it is.

    Raises
    ------
    CourseError
        If it is neither.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open: tuple[tuple[Path | int, ...], zipfile.ZipFile] | None = None
        if not path.exists():
            raise CourseError(f"{path} is not there: name the folder or the zip file that was downloaded.")
        if path.is_file() and not zipfile.is_zipfile(path):
            raise CourseError(
                f"{path} is neither a folder nor a zip archive that can be read: download it again, or "
                "unpack it and name the folder."
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def entries(self) -> Iterator[Entry]:
        """All files, each once, in the order of their paths."""
        if self.path.is_dir():
            yield from self._folder(self.path, ())
        else:
            yield from self._archive(Entry((), (self.path,)), _Budget(self.path.stat().st_size))

    def read(self, entry: Entry) -> bytes:
        """The content of a file.

        Raises
        ------
        UnreadableEntry
            If it is too large, or what is in the archive is damaged.
        """
        try:
            if len(entry.chain) == 1:
                descriptor = os.open(str(entry.chain[0]), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
                with open(descriptor, "rb") as file:
                    content = file.read(MAX_BYTES + 1)
            else:
                archive = self._archive_of(entry.chain[:-1])
                with archive.open(archive.infolist()[_number(entry.chain[-1])]) as packed:
                    content = packed.read(MAX_BYTES + 1)
        except _BROKEN as error:
            said = (isinstance(error, OSError) and error.strerror) or error
            raise UnreadableEntry(
                f"it cannot be read ({said}): download it again, or ask the student to hand in again"
            ) from None
        if len(content) > MAX_BYTES:
            raise UnreadableEntry(_too_large(len(content)))
        return content

    def _archive_of(self, chain: tuple[Path | int, ...]) -> zipfile.ZipFile:
        """The archive at a place; the last one stays open, as its entries are read one after the other."""
        if self._open is None or self._open[0] != chain:
            file: IO[bytes] | Path
            if len(chain) == 1:
                file = Path(str(chain[0]))
            else:
                outer = self._archive_of(chain[:-1])
                file = BytesIO(outer.read(outer.infolist()[_number(chain[-1])]))
            opened = zipfile.ZipFile(file)
            self._close()
            self._open = chain, opened
        return self._open[1]

    def _close(self) -> None:
        if self._open:
            self._open[1].close()
            self._open = None

    def _folder(self, folder: Path, parts: tuple[str, ...]) -> Iterator[Entry]:
        try:
            inside = sorted(os.scandir(folder), key=lambda each: each.name)
        except OSError as error:
            yield Entry(
                parts or (".",), problem=f"the folder cannot be read ({error.strerror}): make it readable"
            )
            return
        for each in inside:
            entry = Entry((*parts, each.name), (Path(each.path),))
            kind = each.stat(follow_symlinks=False).st_mode
            if stat.S_ISDIR(kind) and each.name.lower() not in CLUTTER_FOLDERS:
                yield from self._folder(Path(each.path), entry.parts)
            elif stat.S_ISDIR(kind) or is_clutter(entry.parts):
                yield Entry(entry.parts, entry.chain, is_clutter=True)
            elif not stat.S_ISREG(kind):
                what = "a link" if stat.S_ISLNK(kind) else "a device or a pipe"
                yield Entry(entry.parts, problem=f"it is {what}: put the file itself in its place")
            else:
                yield from self._file(entry, each.stat().st_size)

    def _file(self, entry: Entry, size: int, budget: _Budget | None = None) -> Iterator[Entry]:
        """The file, or what is in it if it is an archive."""
        suffix = os.path.splitext(entry.name)[1].lower()
        # A download of a whole class may be as large as it likes, a file that was handed in may not.
        if size > MAX_BYTES and not (suffix == ".zip" and budget is None):
            yield Entry(entry.parts, entry.chain, problem=_too_large(size))
        elif suffix == ".zip" or (not suffix and self._begins_as_zip(entry)):
            yield from self._archive(entry, budget or _Budget(size))
        elif suffix in _OTHER_ARCHIVES:
            problem = f"it is an archive of another kind ({suffix}): unpack it, then collect again"
            yield Entry(entry.parts, entry.chain, problem=problem)
        else:
            yield entry

    def _begins_as_zip(self, entry: Entry) -> bool:
        try:
            return self.read(entry).startswith(_ZIP)
        except UnreadableEntry:
            return False

    def _archive(self, entry: Entry, budget: _Budget) -> Iterator[Entry]:
        def refused(problem: str) -> Entry:
            return Entry(entry.parts or (self.path.name,), entry.chain, entry.outer, entry.time, problem)

        try:
            infos = self._archive_of(entry.chain).infolist()
        except _BROKEN as error:
            yield refused(
                f"it is no zip archive that can be read ({error}): download it again, or ask the student to "
                "hand in again"
            )
            return
        files = [(number, info) for number, info in enumerate(infos) if not info.is_dir()]
        if problem := budget.refuses([info.file_size for _, info in files], len(entry.chain)):
            yield refused(problem)
            return
        if not files and entry.parts:
            yield refused("it is an empty archive: ask the student to hand in again")
        names: set[tuple[str, ...]] = set()
        seen_clutter: set[tuple[str, ...]] = set()
        for number, info in sorted(files, key=lambda pair: pair[1].filename):
            path = _decoded(info)
            parts = (*entry.parts, *(part for part in path.split("/") if part not in ("", ".")))
            outer = entry.outer if entry.outer is not None else entry.parts
            inside = Entry(
                parts,
                (*entry.chain, number),
                outer,
                entry.time if entry.outer is not None else _time_of(info),
            )
            if folder := _clutter_folder(parts):
                if folder not in seen_clutter:
                    seen_clutter.add(folder)
                    yield Entry(folder, inside.chain, is_clutter=True)
            elif problem := _refusal(path, info) or _too_long(parts):
                # Without what would lead elsewhere, so that the report names a place in the archive.
                yield Entry((*entry.parts, path), (), outer, problem=problem)
            elif parts in names:
                yield Entry(
                    (*parts[:-1], f"{parts[-1]} (entry {number + 1})"),
                    inside.chain,
                    outer,
                    problem="it is a second entry of the same name: ask which one counts",
                )
            elif is_clutter(parts):
                yield Entry(parts, inside.chain, is_clutter=True)
            else:
                yield from self._file(inside, info.file_size, budget)
            names.add(parts)


class _Budget:
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
    return name in _CLUTTER_FILES or name.startswith(("._", ".~lock"))


def _clutter_folder(parts: tuple[str, ...]) -> tuple[str, ...]:
    """The folder of clutter that a path leads into, or nothing."""
    place = next((n for n, part in enumerate(parts[:-1], 1) if part.lower() in CLUTTER_FOLDERS), 0)
    return parts[:place]


def _refusal(path: str, info: zipfile.ZipInfo) -> str:
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
        return _too_large(info.file_size)
    return ""


def _too_long(parts: tuple[str, ...]) -> str:
    sizes = [len(part.encode(errors="surrogateescape")) for part in parts]
    if max(sizes) > MAX_NAME or sum(sizes) > MAX_PATH:
        return "its name is longer than a system can write: ask the student to shorten it"
    return ""


def _too_large(size: int) -> str:
    return (
        f"it is larger than {MAX_BYTES // 1_000_000} MB ({size / 1e6:,.0f} MB): ask the student to clear the "
        "outputs, and to hand in again"
    )


def _decoded(info: zipfile.ZipInfo) -> str:
    """The name of an entry: some programs write UTF-8 without saying so, and others \\ for /."""
    name = info.orig_filename.partition("\0")[0]
    if not info.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:  # it is what it says: an old code page
            pass
    return name.replace("\\", "/")


def _time_of(info: zipfile.ZipInfo) -> datetime | None:
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


def _number(link: Path | int) -> int:
    assert isinstance(link, int), "the first link is the file, all others are numbers of entries"
    return link
