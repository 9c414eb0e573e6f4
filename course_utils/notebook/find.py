"""Which exercise does somebody mean by "2.3"?"""

from __future__ import annotations

from course_utils.checks.exercises import Exercise, UnitTable
from course_utils.notebook.unit import this_unit


def find(number: str) -> tuple[UnitTable, Exercise]:
    """The unit of this notebook, and its exercise of this number.

    Parameters
    ----------
    number : str
        For example "2.3". A question without a number is known by the name of its cell: "which_split".

    Raises
    ------
    ValueError
        If the notebook has no such exercise; the message lists those that it has.
    """
    unit = this_unit()
    if not isinstance(number, str):  # 1.10 would be 1.1
        raise ValueError('Write the number in quotes, as in "2.3".')
    known = {each.number or each.cells[0]: each for each in unit.exercises}
    if number.strip() in known:
        return unit, known[number.strip()]
    names = ", ".join(f'"{name}"' for name in known)
    raise ValueError(f"There is no exercise {number!r} in this notebook. Write one of these: {names}.")
