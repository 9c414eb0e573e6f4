"""Which units are to be graded, and what may have been meant by a name that there is not?"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry

from grader.course_folder import CourseError, release_command
from grader.shown_text import printable


def suggest(name: str, known: Iterable[str]) -> str:
    """A sentence, after a space, that names what may have been meant and what there is."""
    known = sorted(map(printable, known))
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    meant = f" Did you mean '{close[0]}'?" if close else ""
    return f"{meant} There is: {', '.join(known[:20]) or 'nothing'}{', …' if len(known) > 20 else ''}."


def released_units(gradebook: Gradebook, units: Sequence[str], root: Path) -> list[str]:
    """The units to grade: those named, or all that the gradebook knows.

    Raises
    ------
    CourseError
        If a name is no unit's, or the unit was not released.
    """
    released = [unit.name for unit in gradebook.assignments]
    source = root / "source"
    written = [path.name for path in source.iterdir() if path.is_dir()] if source.is_dir() else []
    for unit in units:
        try:
            gradebook.find_assignment(unit)
        except MissingEntry:
            if unit in written:
                raise CourseError(f"{unit} was never released: {release_command(unit)} first.") from None
            raise CourseError(f"There is no unit '{unit}'.{suggest(unit, {*released, *written})}") from None
    if not units and not released:
        raise CourseError(f"No unit of {root} was released yet: {release_command('UNIT')} first.")
    return list(units) or sorted(released)
