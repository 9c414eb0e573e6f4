"""How does the course become a book? Its pages are laid out here for Sphinx, which makes HTML of them.

A unit's page is the students' notebook, stubs and all, with the outputs and pictures of a run of the
instructor's: so a reader sees what there is to see and no solution. ``docs/book/conf.py`` says how it looks.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from authoring.lesson import Unit, find_units

# Pages besides the units, where links lead from them; the rest of the repository is not in the book.
PAGES = ("docs/*.md", "docs/pictures/*.png", "grader/README.md", "CHANGELOG.md", "SECURITY.md")
# Files that pages link to, which a reader can download.
DOWNLOADS = ("grader/hardened_config.py", "LICENSE", "LICENSE-TEXT.md", "data/ml-latest-small/README.txt")
SECONDS_A_CELL = 300


def lay_out(root: Path, target: Path) -> None:
    """Put all pages of the book into a folder, where ``sphinx-build`` finds them.

    A unit is run only if its notebook has changed since the last time: the seven take two minutes.

    Parameters
    ----------
    root : Path
        The course folder, in which all units are built and released.
    target : Path
        The folder. Runs that were made before are kept beside it.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If the instructor's notebook does not run to its end.
    """
    shutil.rmtree(target, ignore_errors=True)
    for pattern in (*PAGES, *DOWNLOADS):
        for path in root.glob(pattern):
            _copy(path, target / path.relative_to(root))
    for path in (root / "docs" / "book").iterdir():
        _copy(path, target / path.name)
    for unit in find_units(root):
        run = reference_run(unit, target.with_name("runs"))
        page = page_of(nbformat.read(unit.released_notebook, as_version=4), run)
        place = target / unit.released_notebook.relative_to(root)
        place.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(page, place)


def reference_run(unit: Unit, kept: Path) -> NotebookNode:
    """The instructor's notebook with its outputs; from the folder ``kept`` if it was run before."""
    digest = hashlib.sha256(unit.notebook.read_bytes()).hexdigest()[:16]
    place = kept / f"{unit.name}-{digest}.ipynb"
    if place.is_file():
        return nbformat.read(place, as_version=4)
    nb = nbformat.read(unit.notebook, as_version=4)
    resources = {"metadata": {"path": str(unit.notebook.parent)}}
    NotebookClient(nb, timeout=SECONDS_A_CELL, resources=resources, shutdown_kernel="immediate").execute()
    kept.mkdir(parents=True, exist_ok=True)
    for old in kept.glob(f"{unit.name}-*.ipynb"):
        old.unlink()
    nbformat.write(nb, place)
    return nb


def page_of(released: NotebookNode, run: NotebookNode) -> NotebookNode:
    """The students' notebook with the outputs of a run of the instructor's.

    Parameters
    ----------
    released, run : NotebookNode
        The two have the same cells, by their ids.
    """
    outputs = {cell.id: cell.get("outputs", []) for cell in run.cells}
    page = nbformat.from_dict(released)
    for cell in page.cells:
        if cell.cell_type == "code":
            cell.outputs = [each for each in outputs[cell.id] if each.output_type != "error"]
    page.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return page


def _copy(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, target)
