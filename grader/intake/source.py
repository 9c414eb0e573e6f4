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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from grader.course_folder import CourseError
from grader.intake.archive import (
    CLUTTER_FOLDERS,
    Budget,
    clutter_folder,
    decoded_name,
    empty_folders,
    is_clutter,
    refusal,
    time_of,
    too_large,
    too_long,
)
from grader.intake.kinds import ARCHIVE, kind_of, may_be_archive
from grader.intake.passed_over import APPLE_DOUBLE
from grader.intake.submissions import MAX_BYTES
from grader.intake.tree import DEEPEST
from grader.shown_text import printable

_ZIP = b"PK\x03\x04"
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, struct.error, ValueError, RuntimeError)


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
    has_copies : bool
        Whether it is a folder of clutter in which notebooks lie, as an editor keeps them.
    is_empty : bool
        Whether it is a folder in which nothing lies.
    """

    parts: tuple[str, ...]
    chain: tuple[Path | int, ...] = ()
    outer: tuple[str, ...] | None = None
    time: datetime | None = None
    problem: str = ""
    is_clutter: bool = False
    has_copies: bool = False
    is_empty: bool = False

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
            yield from self._archive(Entry((), (self.path,)), Budget(self.path.stat().st_size))

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
        except NotImplementedError as error:
            raise UnreadableEntry(
                f"it is packed in a way that is not known here ({error}): unpack the archive with another "
                "program, then collect again"
            ) from None
        except _BROKEN as error:
            said = (isinstance(error, OSError) and error.strerror) or error
            raise UnreadableEntry(
                f"it cannot be read ({said}): download it again, or ask the student to hand in again"
            ) from None
        if len(content) > MAX_BYTES:
            raise UnreadableEntry(too_large(len(content)))
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
        if len(parts) > DEEPEST:
            yield Entry(parts, problem=f"more than {DEEPEST} folders lie in each other here: nothing is read")
            return
        try:
            inside = sorted(os.scandir(folder), key=lambda each: each.name)
        except OSError as error:
            yield Entry(
                parts or (".",), problem=f"the folder cannot be read ({error.strerror}): make it readable"
            )
            return
        if parts and not inside:
            yield Entry(parts, is_empty=True)
        for each in inside:
            entry = Entry((*parts, each.name), (Path(each.path),))
            kind = each.stat(follow_symlinks=False).st_mode
            if stat.S_ISDIR(kind) and each.name.lower() not in CLUTTER_FOLDERS:
                yield from self._folder(Path(each.path), entry.parts)
            elif stat.S_ISDIR(kind):
                has_copies = _is_one_a_notebook(_names_in(Path(each.path)))
                yield Entry(entry.parts, entry.chain, is_clutter=True, has_copies=has_copies)
            elif is_clutter(entry.parts) or self._is_of_macos(entry):
                yield Entry(entry.parts, entry.chain, is_clutter=True)
            elif not stat.S_ISREG(kind):
                what = "a link" if stat.S_ISLNK(kind) else "a device or a pipe"
                yield Entry(entry.parts, problem=f"it is {what}: put the file itself in its place")
            else:
                yield from self._file(entry, each.stat().st_size)

    def _file(self, entry: Entry, size: int, budget: Budget | None = None) -> Iterator[Entry]:
        """The file, or what is in it if it is an archive."""
        suffix = os.path.splitext(entry.name)[1].lower()
        # A download of a whole class may be as large as it likes, a file that was handed in may not.
        if size > MAX_BYTES and not (suffix == ".zip" and budget is None):
            yield Entry(entry.parts, entry.chain, problem=too_large(size))
        elif suffix == ".zip" or (may_be_archive(entry.name) and self._begins_as(entry, _ZIP)):
            yield from self._archive(entry, budget or Budget(size))
        elif ARCHIVE.search(entry.name):
            problem = f"it is an archive of another kind ({suffix}): unpack it, then collect again"
            yield Entry(entry.parts, entry.chain, problem=problem)
        else:
            yield entry

    def _is_of_macos(self, entry: Entry) -> bool:
        """Whether macOS put a file beside one that it copied; its name alone could be anybody's choice."""
        return entry.name.startswith("._") and self._begins_as(entry, APPLE_DOUBLE)

    def _begins_as(self, entry: Entry, start: bytes) -> bool:
        try:
            return self.read(entry).startswith(start)
        except UnreadableEntry:
            return False

    def _why_no_zip(self, entry: Entry, error: Exception) -> str:
        """What to say of what is called a zip archive and cannot be opened."""
        try:
            kind = kind_of(self.read(entry))
        except UnreadableEntry:
            kind = None
        if kind and not self._begins_as(entry, _ZIP):
            return f"it is no zip archive but {kind[0]}: unpack it, then collect again"
        return (
            f"it is no zip archive that can be read ({error}): download it again, or ask the student to "
            "hand in again"
        )

    def _archive(self, entry: Entry, budget: Budget) -> Iterator[Entry]:
        def refused(problem: str) -> Entry:
            return Entry(entry.parts or (self.path.name,), entry.chain, entry.outer, entry.time, problem)

        try:
            infos = self._archive_of(entry.chain).infolist()
        except _BROKEN as error:
            yield refused(self._why_no_zip(entry, error))
            return
        files = [(number, info) for number, info in enumerate(infos) if not info.is_dir()]
        if problem := budget.refuses([info.file_size for _, info in files], len(entry.chain)):
            yield refused(problem)
            return
        if not files and entry.parts:
            yield refused("it is an empty archive: ask the student to hand in again")
            return
        yield from (Entry((*entry.parts, *folder), is_empty=True) for folder in empty_folders(infos))
        names: set[tuple[str, ...]] = set()
        seen_clutter: set[tuple[str, ...]] = set()
        in_order = [
            (number, info, path, (*entry.parts, *(part for part in path.split("/") if part not in ("", "."))))
            for number, info in sorted(files, key=lambda pair: pair[1].filename)
            for path in [decoded_name(info)]
        ]
        with_copies = {clutter_folder(parts) for *_, parts in in_order if _is_one_a_notebook(parts[-1:])}
        for number, info, path, parts in in_order:
            outer = entry.outer if entry.outer is not None else entry.parts
            inside = Entry(
                parts,
                (*entry.chain, number),
                outer,
                entry.time if entry.outer is not None else time_of(info),
            )
            if folder := clutter_folder(parts):
                if folder not in seen_clutter:
                    seen_clutter.add(folder)
                    has_copies = folder in with_copies
                    yield Entry(folder, inside.chain, is_clutter=True, has_copies=has_copies)
            elif problem := refusal(path, info) or too_long(parts):
                # Without what would lead elsewhere, so that the report names a place in the archive.
                yield Entry((*entry.parts, path), (), outer, problem=problem)
            elif parts in names:
                yield Entry(
                    (*parts[:-1], f"{parts[-1]} (entry {number + 1})"),
                    inside.chain,
                    outer,
                    problem="it is a second entry of the same name: ask which one counts",
                )
            elif is_clutter(parts) or self._is_of_macos(inside):
                yield Entry(parts, inside.chain, is_clutter=True)
            else:
                yield from self._file(inside, info.file_size, budget)
            names.add(parts)


def _names_in(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _is_one_a_notebook(names: Sequence[str]) -> bool:
    """Whether one of the names is a notebook's; macOS puts ``._`` before the name of what is none."""
    return any(name.lower().endswith(".ipynb") and not name.startswith("._") for name in names)


def _number(link: Path | int) -> int:
    assert isinstance(link, int), "the first link is the file, all others are numbers of entries"
    return link
