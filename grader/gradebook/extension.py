"""How does one person get more time for a unit than the others?"""

from __future__ import annotations

import warnings
from datetime import timedelta
from pathlib import Path

from nbgrader.api import MissingEntry
from sqlalchemy.exc import SAWarning

from grader.course_api import nbgrader_api
from grader.course_folder import CourseError
from grader.gradebook.identity import id_finder
from grader.gradebook.ledger import one_transaction
from grader.intake.units import released_units, suggest
from grader.shown_text import printable

# Nobody waits longer, and a due date later than the year 9999 stops the grading.
LONGEST = timedelta(days=3650)


def extend(root: Path, unit: str, student: str, days: float, hours: float = 0) -> tuple[str, timedelta]:
    """Let a person hand a unit in later; grading takes the penalty from then on.

    Parameters
    ----------
    root : Path
        The course folder.
    unit : str
        A released unit.
    student : str
        The id, in any spelling; nothing needs to be handed in yet.
    days, hours : float
        From the due date on, in the place of an earlier extension; 0 takes that back.

    Returns
    -------
    tuple
        The id as the gradebook has it, and the time in all.

    Raises
    ------
    CourseError
        If the unit or the person is unknown, or the time is negative or beyond measure.
    """
    try:
        time = timedelta(days=days, hours=hours)
    except (ValueError, OverflowError):  # no number, or no bounds
        time = LONGEST * 2
    if time < timedelta(0):
        raise CourseError("An extension adds time: give --days and --hours that are not negative.")
    if time > LONGEST:
        raise CourseError(f"An extension has at most {LONGEST.days} days: give fewer --days and --hours.")
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
                return id, time
            with warnings.catch_warnings():
                # nbgrader makes its rows in an order that SQLAlchemy warns of, and then adds them all.
                warnings.simplefilter("ignore", SAWarning)
                submission = gradebook.add_submission(unit, id)
        submission.extension = time or None
    return id, time
