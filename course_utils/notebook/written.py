"""What does a saved notebook hold: which notebook is it, and has a question been answered in words?"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from course_utils.checks.exercises import Exercise, UnitTable

UNANSWERED = "YOUR ANSWER HERE"


def file_of(unit: UnitTable, notebook: str | os.PathLike | None = None) -> Path:
    """The notebook's file: the one that is named, or the unit's in the folder that Python works in."""
    return Path(notebook or f"{unit.name.partition('-')[2]}.ipynb")


def read_notebook(path: Path) -> Any:
    """A saved notebook.

    Raises
    ------
    ValueError
        If there is no such file, it cannot be read, or it is no notebook; the message names it.
    """
    try:
        return notebook_of(path.read_bytes(), path)
    except FileNotFoundError:
        raise ValueError(f"there is no {path.resolve()}") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror})") from None


def notebook_of(content: bytes, path: Path) -> Any:
    """The notebook that a file holds; ValueError, which names the file, if that is none."""
    # Imported late: every notebook imports this module, few ask.
    import nbformat

    try:
        return nbformat.reads(content.decode(), as_version=4)
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, AttributeError, UnicodeDecodeError):
        raise ValueError(f"{path} is no notebook") from None


def graded_cells(notebook: Any) -> dict[str, str]:
    """The source of each graded cell of a notebook, by its grade id."""
    entries = ((cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source) for cell in notebook.cells)
    return {name: source for name, source in entries if name}


def is_answered(exercise: Exercise, notebook: Any) -> bool:
    """Whether a question has an answer, as the notebook was saved, in place of what was handed out."""
    there = graded_cells(notebook)
    own = [there[name].strip() for name in exercise.cells if name in there]
    return any(own) and not any(UNANSWERED in source for source in own)
