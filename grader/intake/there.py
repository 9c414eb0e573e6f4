"""Which notebooks lie in a folder of submitted/, under whatever name, and is anything written in them?"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.intake.catalogue import Catalogue
from grader.intake.errors import UnfitSubmission
from grader.intake.hand_ins import Row
from grader.intake.notebook import looks_like_notebook, read_cells
from grader.intake.passed_over import is_systems
from grader.intake.submissions import MAX_BYTES


@dataclass(frozen=True)
class There:
    """A notebook that is there.

    Attributes
    ----------
    path : Path
        The file.
    digest : bytes
        Of its content.
    unit : str
        Whose cells it has; empty if no unit's, or if it cannot be read.
    answers : bool
        Whether anything was written that was not handed out; what cannot be told may be an answer.
    is_unreadable : bool
        Whether its cells cannot be read.
    """

    path: Path
    digest: bytes
    unit: str
    answers: bool
    is_unreadable: bool = False


def notebooks_in(folder: Path, catalogue: Catalogue, but: Collection[Path] = ()) -> list[There]:
    """The notebooks in a folder, and in those in it, but for some of them; no link is followed.

    Parameters
    ----------
    folder : Path
        Where to look; it may be missing.
    catalogue : Catalogue
        The released units.
    but : collection of Path
        Folders in it that are passed over.
    """
    found = []
    for path in _files(folder, but):
        try:
            content = path.read_bytes() if path.stat().st_size <= MAX_BYTES else b""
        except OSError:
            content = b""
        if not looks_like_notebook(path.name, content):
            continue
        digest = Row.digest_of(content)
        try:
            cells = read_cells(content, path.name)
        except UnfitSubmission:
            # In an empty file nothing is written.
            found.append(There(path, digest, "", bool(content.strip()), is_unreadable=True))
            continue
        owner = catalogue.owner(cells, path.name)
        answers = owner is None or bool(owner.answers(cells, owner.identify(cells)))
        found.append(There(path, digest, owner.unit if owner else "", answers))
    return found


def _files(folder: Path, but: Collection[Path]) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(each for each in folders if not is_systems(each) and Path(place, each) not in but)
        for name in sorted(names):
            path = Path(place, name)
            if not is_systems(name) and path.is_file() and not path.is_symlink():
                yield path
