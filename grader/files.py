"""Files of a unit or a submission as plain data: contents by relative path."""

from __future__ import annotations

from pathlib import Path


def beside_notebooks(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files that are no notebooks."""
    return {name: content for name, content in files.items() if not name.endswith(".ipynb")}


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    """Write files by relative path into a folder, which is made even if there are none."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
