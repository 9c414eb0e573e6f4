"""Which unit does the notebook that runs here belong to? Its first cell says so."""

from __future__ import annotations

from course_utils.checks.exercises import UnitTable
from course_utils.checks.outcome import WRONG, one_line

_units: list[UnitTable] = []


def set_unit(unit: UnitTable) -> None:
    """Note the unit of this notebook."""
    _units[:] = [unit]


def this_unit() -> UnitTable:
    """The unit of this notebook.

    Raises
    ------
    ValueError
        If no cell has said which it is.
    """
    if not _units:
        line = "Run the notebook's first code cell, the one with ready(…): it says which unit this is."
        raise one_line(ValueError(line), f"{WRONG} {line}")
    return _units[0]
