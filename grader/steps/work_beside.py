"""Did somebody write beside the cell that is marked, and leave that as it was handed out?

It happens: the answer stands in a new cell below the one with the id, or above it, in the text of the
question or in the cell with the checks. Nothing that checks the marked cell would see it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from nbformat import NotebookNode
from nbgrader import utils

from grader.cells import by_grade_id, grade_id, is_test, is_untouched, plain_source


def work_beside(
    nb: NotebookNode, handed_out: Iterable[str], edited: Collection[str] = ()
) -> dict[str, list[int]]:
    """The untouched cells that have something new next to them, by grade id, and the places of what is new.

    Parameters
    ----------
    nb : NotebookNode
        A submission that was made whole.
    handed_out : iterable of str
        The text of every cell that was handed out; if nothing is known of it, nothing is new.
    edited : collection of str
        Cells that students do not write, by grade id, in which somebody has written all the same.
    """
    known = {plain_source(text) for text in handed_out}
    if not known:
        return {}
    cells = [
        (place, cell) for place, cell in enumerate(nb.cells) if grade_id(cell) or plain_source(cell.source)
    ]
    new = [
        place
        if grade_id(cell) in edited or (grade_id(cell) is None and plain_source(cell.source) not in known)
        else None
        for place, cell in cells
    ]
    found = {}
    for number, (_, cell) in enumerate(cells):
        places = [place for place in new[max(0, number - 1) : number + 2] if place is not None]
        if (name := grade_id(cell)) and is_untouched(cell) and places:
            found[name] = places
    return found


def edited_cells(nb: NotebookNode, locked: Mapping[str, str]) -> dict[str, str]:
    """The locked cells that have a line of code or text more than was handed out: their text, by grade id.

    Parameters
    ----------
    nb : NotebookNode
        A submission, before its locked cells are restored.
    locked : dict of str to str
        Their text in the instructor's version, by grade id.
    """
    return {
        name: cell.source
        for name, cell in by_grade_id(nb).items()
        if name in locked and _lines(cell.source) - _lines(locked[name])
    }


def _lines(source: str) -> set[str]:
    return {
        line.strip() for line in source.splitlines() if line.strip() and not line.lstrip().startswith("#")
    }


def tests_of(nb: NotebookNode, name: str) -> list[str]:
    """The test cells that check what students write in a cell, by grade id: those after it.

    Cells that are written one after the other have the same ones.
    """
    tests: list[str] = []
    cells = iter(by_grade_id(nb).items())
    for other, _ in cells:
        if other == name:
            break
    for other, cell in cells:
        if is_test(cell):
            tests.append(other)
        elif tests and utils.is_solution(cell):
            break
    return tests
