"""Which names are passed over, hidden ones and those that the course ignores, and is there work under them?

It is not graded: an editor's checkpoint, or what was thrown away, may be older than what was meant. But where
nothing else of a student's holds answers it is named, so that a person decides.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from grader.intake.catalogue import Catalogue
from grader.intake.errors import UnfitSubmission
from grader.intake.kinds import ARCHIVE
from grader.intake.notebook import read_cells
from grader.intake.tree import Folder
from grader.shown_text import listed, printable

# What macOS puts beside a file that it copies elsewhere, under its name with ._ in front, begins so.
APPLE_DOUBLE = b"\x00\x05\x16\x07"
# What systems put beside files by themselves; hidden files are of this kind, too.
_CLUTTER = {"__macosx", "thumbs.db", "desktop.ini", "$recycle.bin"}
# A person's own hidden files are few; those of an environment or a repository are not looked through.
MOST_ENTRIES, DEEPEST = 5_000, 12
MOST_BYTES = 50_000_000


def left_out(ignored: Iterable[str]) -> Callable[[str], bool]:
    """Whether a file or folder is passed over by its name: hidden, a system's, or ignored by the course."""
    ignored = tuple(ignored)

    def is_left_out(name: str) -> bool:
        return is_systems(name) or any(fnmatch.fnmatchcase(name, pattern) for pattern in ignored)

    return is_left_out


def is_systems(name: str) -> bool:
    """Whether a file or folder is hidden, or one that systems make by themselves."""
    return name.startswith(".") or name.casefold() in _CLUTTER


@dataclass(frozen=True)
class PassedOver:
    """What may be work and is not graded.

    Attributes
    ----------
    shown : Path
        How sentences name it.
    unit, notebook : str
        Whose cells a notebook with answers has; both empty for an archive, and for a folder that holds more
        than was looked through.
    what : str
        What there is to say of it.
    """

    shown: Path
    unit: str
    notebook: str
    what: str


def passed_over(
    folder: Folder, names: Iterable[str], is_left_out: Callable[[str], bool], catalogue: Catalogue
) -> list[PassedOver]:
    """Notebooks with answers, and archives, that lie under a name that is left out.

    No link is followed, and what cannot be read is no work.

    Parameters
    ----------
    folder : Folder
        Where to look.
    names : iterable of str
        The entries of it to look at.
    is_left_out : callable
        Whether files and folders of a name are passed over.
    catalogue : Catalogue
        All released units.
    """
    found: list[PassedOver] = []
    left = MOST_BYTES
    for number, (shown, read) in enumerate(_files(folder, names, is_left_out)):
        if number >= MOST_ENTRIES or left < 0:
            found.append(
                PassedOver(folder.shown, "", "", "holds more under such names than was looked through")
            )
            break
        if ARCHIVE.search(shown.name):
            if shown.name.startswith("._") and _begins_as_copied(read):
                continue
            found.append(PassedOver(shown, "", "", "is an archive that nobody has looked into"))
        elif shown.name.lower().endswith(".icloud"):
            found.append(PassedOver(shown, "", "", "only stands for a file that is in iCloud"))
        elif ".ipynb" in shown.name.lower():
            try:
                content = read(left + 1)
                left -= len(content)
                cells = read_cells(content, "")
            except UnfitSubmission:
                continue
            owner = catalogue.owner(cells, shown.name)
            if owner and owner.answers(cells, owner.identify(cells)):
                found.append(PassedOver(shown, owner.unit, owner.name, "holds answers"))
    return found


def _begins_as_copied(read: Callable[[int], bytes]) -> bool:
    try:
        return read(len(APPLE_DOUBLE)) == APPLE_DOUBLE
    except UnfitSubmission:
        return False


def said_of(found: Iterable[PassedOver], place: Callable[[PassedOver], Path]) -> str:
    """A sentence, without its full stop, about what is not graded; empty if there is nothing.

    Parameters
    ----------
    found : iterable of PassedOver
        What is there.
    place : callable
        Where what is of a unit would be graded.
    """
    found = list(found)
    if not found:
        return ""
    said = [f"{each.shown} {each.what}" for each in found]
    remedy = next(
        (f"move it to {place(each)}" for each in found if each.unit), "put the notebook in its place"
    )
    return (
        f"{listed(said, most=3)}; what is hidden, or has a name that the course ignores, is not graded: if "
        f"that is what counts, {remedy}"
    )


def _files(
    folder: Folder,
    names: Iterable[str],
    is_left_out: Callable[[str], bool],
    inside: bool = False,
    depth: int = 0,
) -> Iterator[tuple[Path, Callable[[int], bytes]]]:
    """All files under names that are left out."""
    for name in names:
        below = inside or is_left_out(name)
        if folder.is_folder(name):
            try:
                with folder.folder(name) as deeper:
                    if depth < DEEPEST:
                        yield from _files(deeper, deeper.names(), is_left_out, below, depth + 1)
            except UnfitSubmission:
                continue
        elif below and folder.is_file(name):
            yield folder.shown / printable(name), partial(folder.read, name)
