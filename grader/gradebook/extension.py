"""How does one person get more time for a unit than the others?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from nbgrader.api import MissingEntry

from grader.course_api import nbgrader_api
from grader.course_folder import CourseError
from grader.gradebook.identity import id_finder
from grader.gradebook.ledger import one_transaction
from grader.intake.units import released_units, suggest
from grader.shown_text import printable


def extend(root: Path, unit: str, student: str, time: timedelta) -> str:
    """Let a person hand a unit in later; grading takes the penalty from then on.

    Parameters
    ----------
    root : Path
        The course folder.
    unit : str
        A released unit.
    student : str
        The id, in any spelling; nothing needs to be handed in yet.
    time : timedelta
        From the due date on, in the place of an earlier extension; none takes that back.

    Returns
    -------
    str
        The id as the gradebook has it.

    Raises
    ------
    CourseError
        If the unit or the person is unknown, or the time is negative.
    """
    if time < timedelta(0):
        raise CourseError("An extension adds time: give --days and --hours that are not negative.")
    with one_transaction(nbgrader_api(root).coursedir) as gradebook:
        released_units(gradebook, [unit], root)
        id = id_finder(gradebook)(unit, student)
        if id is None:
            known = [each.id for each in gradebook.students]
            raise CourseError(
                f"The gradebook knows no student '{printable(student)}'.{suggest(student, known)}"
            )
        try:
            submission = gradebook.find_submission(unit, id)
        except MissingEntry:
            if not time:
                return id
            submission = gradebook.add_submission(unit, id)
        submission.extension = time or None
    return id
