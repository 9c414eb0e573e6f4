"""Fetch a published archive and put the wanted files of it into a folder, or leave the folder as it was."""

from __future__ import annotations

import os
import sys
import tempfile
import zipfile
from collections.abc import Collection
from pathlib import Path, PurePosixPath

import pooch
from tqdm.auto import tqdm

from course_utils.data.formats import DatasetError


def fetch(url: str, known_hash: str, files: Collection[str], folder: Path, remedy: str = "") -> None:
    """Download a zip archive, check its hash and unpack the wanted files and their READMEs.

    Parameters
    ----------
    url : str
        Address of the archive.
    known_hash : str
        `"md5:…"` or `"sha256:…"`.
    files : collection of str
        Names of the wanted files, whatever folder of the archive they are in.
    folder : Path
        Where they go; made if need be. Files appear there only after the whole archive has arrived intact.
    remedy : str
        What to do when the download fails; the end of the message.

    Raises
    ------
    DatasetError
        If the server does not answer, the archive is not the known one, or the folder cannot be written.
    """
    pooch.get_logger().setLevel(
        "WARNING"
    )  # its notices go to standard error, which nbgrader counts as a fault
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Beside their target, so that moving the files there is a rename, which cannot stop half-way.
        with (
            tempfile.TemporaryDirectory(dir=folder, prefix=".download-") as scratch,
            # A total of 1 until pooch, which knows the size, puts it here: it needs a bar with a total.
            tqdm(desc=f"Downloading {url}", total=1, unit="B", unit_scale=True, file=sys.stdout) as bar,
        ):
            archive = pooch.retrieve(
                url,
                known_hash=known_hash,
                path=scratch,
                fname="archive.zip",
                downloader=pooch.HTTPDownloader(progressbar=bar),
            )
            for name, unpacked in _unpack(Path(archive), files, Path(scratch)).items():
                os.replace(unpacked, folder / name)
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise DatasetError(f"{url}: the download to {folder} failed: {error}. {remedy}".rstrip()) from error


def _unpack(archive: Path, files: Collection[str], scratch: Path) -> dict[str, Path]:
    """Paths of the unpacked files by their names."""
    unpacked = {}
    with zipfile.ZipFile(archive) as members:
        for member in members.namelist():
            # Only the last part of the path is used, so that no archive can write outside the folder.
            name = PurePosixPath(member).name
            if name in files or name.startswith("README"):
                unpacked[name] = scratch / name
                unpacked[name].write_bytes(members.read(member))
    return unpacked
