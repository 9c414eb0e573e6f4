"""Has a question been answered in words? The saved notebook says so."""

from __future__ import annotations

import os
from pathlib import Path

from course_utils.checks.exercises import Exercise, UnitTable

UNANSWERED = "YOUR ANSWER HERE"


def file_of(unit: UnitTable, notebook: str | os.PathLike | None = None) -> Path:
    """The notebook's file: the one that is named, or the unit's in the folder that Python works in."""
    return Path(notebook or f"{unit.name.partition('-')[2]}.ipynb")


def is_answered(exercise: Exercise, path: Path) -> bool:
    """Whether the answer to a question, as it was saved, is no longer what was handed out."""
    # Imported late: every notebook imports this module, few ask.
    import nbformat

    cells = nbformat.read(path, as_version=4).cells
    own = [
        cell.source for cell in cells if cell.metadata.get("nbgrader", {}).get("grade_id") in exercise.cells
    ]
    return not any(UNANSWERED in source for source in own)
