"""Which ratings does a notebook work on? Data sets and their matrices; a notebook imports from here."""

from course_utils.data.datasets import DATA_DIR, load
from course_utils.data.interactions import Interactions, hold_out, known_cells
from course_utils.data.titles import find_titles, shown_title

__all__ = [
    "DATA_DIR",
    "Interactions",
    "find_titles",
    "hold_out",
    "known_cells",
    "load",
    "shown_title",
]
