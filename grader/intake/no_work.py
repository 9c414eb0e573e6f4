"""What in a download is not the work itself, and is it all that there is of a student?

Hidden files, an editor's copies and what systems put beside files are not graded: they may be older than what
was meant. Where a student has nothing else, or no other answers, a person is asked to look.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from grader.intake.hand_ins import Row, Status
from grader.intake.kinds import kind_of
from grader.intake.latest import Version
from grader.intake.owner import Owner
from grader.intake.source import Source, UnreadableEntry

CLUTTER, EMPTY = "a system, an editor or Git made it", "an empty folder"
HIDDEN = "hidden, or ignored by the course (c.CourseDirectory.ignore): not graded"


def name_no_work(
    rows: Sequence[Row], answered: Collection[str], owner_of: Callable[[Sequence[str]], Owner]
) -> None:
    """Ask a person about what is no work, where a student has nothing else, or no other answers.

    Parameters
    ----------
    rows : sequence of Row
        All of the source.
    answered : collection of str
        The students of whom answers are collected.
    owner_of : callable
        Whose a path is.
    """
    no_work = [row for row in rows if row.entry.is_clutter or row.entry.is_empty]
    for row in no_work:
        row.student = owner_of((*row.entry.parts, "")).student
    with_work = {row.student for row in rows if not (row.entry.is_clutter or row.entry.is_empty)}
    for row in no_work:
        if row.entry.has_copies and row.student and row.student not in answered:
            row.status = Status.REFUSED
            row.reason = (
                "an editor's copies, and no other notebook of this student holds answers: look at "
                "them, and move what counts out of this folder"
            )
        elif row.student and row.student not in with_work:
            row.status = Status.REFUSED
            row.reason += ", and nothing else here is of this student: ask for the notebook"


def without_hidden(versions: Sequence[Version], is_ignored: Callable[[str], bool]) -> list[Version]:
    """The versions of a notebook that are not hidden; the others are named."""
    hidden = [version for version in versions if any(map(is_ignored, version.owner.rest))]
    others = [version for version in versions if version not in hidden]
    has_answers = any(version.answers for version in others)
    for version in hidden:
        version.row.reason = HIDDEN
        if version.answers and not has_answers:
            version.row.status = Status.ASIDE
            version.row.reason += (
                ". No other file of this student holds answers: if it counts, put it into submitted/"
            )
    return others


def why_no_notebook(row: Row, source: Source) -> str:
    """What to say of a file of a student of whom no notebook is taken."""
    said = "the student handed in no notebook that could be taken"
    try:
        kind = kind_of(source.read(row.entry))
    except UnreadableEntry:
        kind = None
    if kind:
        return f"{said}, and this is {kind[0]}: look into it, and put the notebook in its place"
    return f"{said}: ask for the notebook itself, the file that ends in .ipynb"
