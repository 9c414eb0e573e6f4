"""Where do the files of a data set lie, when they are not where they are looked for?

Archives are unpacked one folder too deep, or not at all; browsers and Windows add endings to names; a
variable names a folder that is not there. Each of these has a sentence of its own.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

# How many folders are looked into: a name that leads to somebody's whole disk must not take minutes.
MOST_FOLDERS = 200


def what_is_there_instead(folder: Path, files: Collection[str], name: str) -> str:
    """A sentence about where the files are or what keeps them from being found; empty if nothing is known.

    Parameters
    ----------
    folder : Path
        Where they should be.
    files : collection of str
        Their names.
    name : str
        Of the data set.
    """
    for place in _folders_below(folder):
        if found := [file for file in files if _is_there(place / file)]:
            return f"{', '.join(found)}: in {place}. Name that folder, or move its files to {folder}."
    archives = [folder / f"{name}.zip", folder.parent / f"{name}.zip", *_zips(folder)]
    if archive := next((path for path in archives if path.is_file()), None):
        return (
            f"There is the archive {archive}: unpack it, so that {folder / min(files)} is one of its files."
        )
    there = sorted(path.name for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
    for file in files:
        if close := next((other for other in there if _means(other, file)), None):
            return f"There is {close}: rename it to {file} (some systems hide the end of a name)."
    return ""


def what_the_variable_says(variable: str, value: str, files: Collection[str], name: str) -> str:
    """A sentence about a variable that names the folder above the data sets, but leads to none of them.

    Parameters
    ----------
    variable, value : str
        Its name, and what it says.
    files, name
        Of the data set, as for `what_is_there_instead`.
    """
    folder = Path(value).expanduser()
    if not folder.is_dir():
        return f"{variable} is {value!r}, which is no folder: correct it, or take it away."
    if any(_is_there(folder / file) for file in files):
        return f"{variable} is {value!r}, the folder of {name} itself: name the folder above it."
    known = what_is_there_instead(folder / name, files, name)
    if known:
        return f"{variable} is {value!r}. {known}"
    holds = ", ".join(sorted(path.name for path in folder.iterdir())[:5]) or "nothing"
    return f"{variable} is {value!r}, which holds no folder {name}, only {holds}."


def _is_there(path: Path) -> bool:
    return path.is_file() or path.with_name(f"{path.name}.gz").is_file()


def _folders_below(folder: Path) -> list[Path]:
    """The folders in a folder, and those in them."""
    first = _folders(folder)
    return [*first, *(path for place in first for path in _folders(place))][:MOST_FOLDERS]


def _folders(place: Path) -> list[Path]:
    try:
        return sorted(path for path in place.iterdir() if path.is_dir())[:MOST_FOLDERS]
    except OSError:  # it is not there, or nobody may look into it
        return []


def _zips(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.zip")) if folder.is_dir() else []


def _means(there: str, file: str) -> bool:
    """Whether a name is another's but for case, an ending, or the number of a second download."""
    plain = re.sub(r" ?\(\d+\)", "", there.casefold())
    return there != file and file.casefold() in (
        plain,
        plain.removesuffix(".txt"),
        plain.removesuffix(".csv"),
    )
