"""What is a graded cell: which cells hold checks, which are left out, which id does nbgrader know one by?"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import Notebook
from nbgrader.coursedir import CourseDirectory

from grader.cells_at_hand import cells_at_hand
from grader.markers import SLOW_TAG

# Name of the error of a cell that was stopped.
TIMEOUT = "CellTimeoutError"


def is_test(cell: NotebookNode) -> bool:
    """Whether the cell holds checks: it is graded, holds code, and students do not write it."""
    return cell.cell_type == "code" and utils.is_grade(cell) and not utils.is_solution(cell)


def is_left_out(cell: NotebookNode) -> bool:
    """Whether a cell is not run when graded: tagged as slow, and neither test nor exercise."""
    return SLOW_TAG in cell.metadata.get("tags", []) and "nbgrader" not in cell.metadata


def grade_id(cell: NotebookNode) -> str | None:
    """The id under which nbgrader knows the cell, if it claims one."""
    entry = cell.metadata.get("nbgrader")
    name = entry.get("grade_id") if isinstance(entry, dict) else None
    return name if isinstance(name, str) else None


def by_grade_id(nb: NotebookNode) -> dict[str, NotebookNode]:
    """The notebook's cells that claim a grade id, by it, in their order."""
    return {name: cell for cell in nb.cells if (name := grade_id(cell)) is not None}


def is_untouched(cell: NotebookNode) -> bool:
    """Whether a cell of the student's is as it was handed out."""
    entry = cell.metadata.get("nbgrader", {})
    return utils.is_solution(cell) and entry.get("checksum") == utils.compute_checksum(cell)


def plain_source(source: str) -> str:
    """A cell's text without what editors change by themselves: line ends, and blanks at the end of lines."""
    return "\n".join(line.rstrip() for line in source.splitlines()).strip()


def instructors_notebook(path: Path) -> NotebookNode | None:
    """A notebook of ``source/`` or ``release/``; None if there is none.

    It is parsed once for all submissions: nobody may change it.
    """
    return _parsed(path.read_bytes()) if path.is_file() else None


@lru_cache(maxsize=32)
def _parsed(content: bytes) -> NotebookNode:
    return nbformat.reads(content.decode("utf-8"), as_version=4)


def given_sources(coursedir: CourseDirectory, unit: str, notebook: str) -> list[str]:
    """The text of the cells of a unit's notebook that nbgrader does not know: today's and the released."""
    sources = []
    for step in (coursedir.source_directory, coursedir.release_directory):
        path = Path(coursedir.format_path(step, ".", unit)) / f"{notebook}.ipynb"
        nb = instructors_notebook(path)
        sources += [cell.source for cell in (nb.cells if nb else []) if grade_id(cell) is None]
    return sources


def official_metadata(notebook: Notebook) -> dict[str, dict]:
    """The nbgrader metadata of each cell of a unit's notebook, as the gradebook knows it, by grade id."""
    with cells_at_hand(notebook):
        points = {cell.name: cell.max_score for cell in [*notebook.grade_cells, *notebook.task_cells]}
        graded = {cell.name for cell in notebook.grade_cells}
        solutions = {cell.name for cell in notebook.solution_cells}
        tasks = {cell.name for cell in notebook.task_cells}
    known = {}
    for cell in notebook.source_cells:
        known[cell.name] = {
            "schema_version": 3,
            "grade_id": cell.name,
            "grade": cell.name in graded,
            "solution": cell.name in solutions,
            "task": cell.name in tasks,
            "locked": cell.locked,
            "cell_type": cell.cell_type,
            "checksum": cell.checksum,
        }
        if cell.name in points:
            known[cell.name]["points"] = points[cell.name]
    return known


def graded_cells(coursedir: CourseDirectory, unit: str, notebook: str) -> dict[str, nbformat.NotebookNode]:
    """The cells of a unit's notebook in ``source/`` that nbgrader knows, by grade id, in their order."""
    path = Path(coursedir.format_path(coursedir.source_directory, ".", unit)) / f"{notebook}.ipynb"
    nb = instructors_notebook(path)
    return by_grade_id(nb) if nb else {}
