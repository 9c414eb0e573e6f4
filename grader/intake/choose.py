"""Which of the notebooks that a student handed in for a unit is graded?

The one at its place counts, unless it is as it was handed out and another one holds answers: then that one
is meant. What is decided is said, and where several hold different answers a person decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from grader.intake.catalogue import Catalogue, HandedOut
from grader.intake.errors import UnfitSubmission
from grader.intake.notebook import Cell, read_cells
from grader.shown_text import printable


@dataclass(frozen=True)
class Candidate:
    """A file that may be the notebook.

    Attributes
    ----------
    shown : Path
        How sentences name it.
    path : PurePosixPath
        Relative to the student's folder.
    in_place : str
        The notebook at whose place it lies; empty if at none's.
    owner : HandedOut or None
        Whose cells it has.
    cells : list of dict
        As handed in.
    answers : tuple of str
        What it holds that was not handed out.
    problem : str
        Why it cannot be read.
    """

    path: PurePosixPath
    shown: Path
    in_place: str
    owner: HandedOut | None = None
    cells: list[Cell] = field(default_factory=list)
    answers: tuple[str, ...] = ()
    problem: str = ""

    def belongs_to(self, notebook: HandedOut) -> bool:
        return self.owner is not None and (self.owner.unit, self.owner.name) == (notebook.unit, notebook.name)


@dataclass(frozen=True)
class Choice:
    """The notebook that is graded, and sentences about what was decided."""

    candidate: Candidate
    notes: tuple[str, ...] = ()


def look_at(
    path: PurePosixPath, shown: Path, in_place: str, content: bytes, catalogue: Catalogue, unit: str
) -> Candidate:
    """Look at a file: whose cells has it, and are there answers?"""
    try:
        cells = read_cells(content, str(shown))
    except UnfitSubmission as error:
        return Candidate(path, shown, in_place, problem=str(error))
    official = catalogue.units[unit].get(in_place)
    # At its own place it may share cells with other notebooks, too.
    is_own = official is not None and bool(official.identify(cells))
    owner = official if is_own else catalogue.owner(cells, shown.name)
    answers = owner.answers(cells, owner.identify(cells)) if owner else ()
    return Candidate(path, shown, in_place, owner, cells, answers)


def choose(notebook: HandedOut, shown: Path, candidates: Sequence[Candidate]) -> Choice:
    """The file that is graded as a unit's notebook.

    Parameters
    ----------
    notebook : HandedOut
        The notebook.
    shown : Path
        Its place, for sentences.
    candidates : sequence of Candidate
        All that was handed in.

    Raises
    ------
    UnfitSubmission
        If there is none, or several hold different answers.
    """
    at_place = next((each for each in candidates if each.in_place == notebook.name), None)
    mine = [each for each in candidates if each.belongs_to(notebook)]
    written = [each for each in mine if each.answers]
    if at_place in mine and (at_place.answers or not written):
        others = [each for each in written if each.answers != at_place.answers]
        return Choice(at_place, tuple(f"{each.shown}, with other answers, was not graded" for each in others))
    different = {each.answers: each for each in written}
    if len(different) > 1:
        names = " and ".join(str(each.shown) for each in different.values())
        raise UnfitSubmission(
            f"{_state(at_place, shown)} {names} hold different answers: leave the one that counts, as "
            f"{shown}."
        )
    if mine:
        taken = (written or mine)[0]
        return Choice(taken, (f"{taken.shown} was graded: {_state(at_place, shown, '')}",))
    raise UnfitSubmission(_why_none(notebook, at_place, shown, candidates))


def _state(at_place: Candidate | None, shown: Path, end: str = ".") -> str:
    if at_place is None:
        return f"{shown} is missing{end}"
    if at_place.problem:
        return at_place.problem
    if at_place.answers or at_place.owner is None:
        return f"{shown} has none of the unit's cells{end}"
    return f"{shown} is as it was handed out{end}"


def _why_none(
    notebook: HandedOut, at_place: Candidate | None, shown: Path, candidates: Iterable[Candidate]
) -> str:
    if at_place and at_place.problem:
        return at_place.problem
    if at_place and at_place.owner:
        return (
            f"{shown} is for another unit: its cells are those of unit {at_place.owner.unit}. Ask the "
            "student to hand in again."
        )
    if at_place:
        return (
            f"{shown} has none of the cells of {notebook.unit}: no cell has the id or the text of one that "
            "was handed out. Ask the student to write the answers into the notebook that was handed out."
        )
    there = [_whose(each) for each in candidates]
    holds = f"holds {', '.join(there)}" if there else "holds no notebook"
    return f"{shown.parent} {holds} but not {shown.name}: put it there, or ask the student to hand in again."


def _whose(each: Candidate) -> str:
    name = printable(each.shown.name)
    return f"{name}, which belongs to unit {each.owner.unit}," if each.owner else name
