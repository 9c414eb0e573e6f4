"""Is a student's folder called as nobody in the class list is, or as somebody is whose id is another?

Its points would go to a person of their own, and none to the one in the class list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from grader.intake.catalogue import Catalogue
from grader.intake.owner import owner_of
from grader.people import ClassList, Person, spelling, words_of
from grader.shown_text import printable


def stranger_finder(people: Iterable[Person], catalogue: Catalogue) -> Callable[[str], str]:
    """What says of an id, in a sentence, that it is nobody's in the class list; empty if it is somebody's.

    Where nothing but ids is known, there is no class list to compare with.

    Parameters
    ----------
    people : iterable of Person
        Whom the gradebook knows: those of the class list, and those whose folder was graded before.
    catalogue : Catalogue
        The released units, whose names stand for nobody.
    """
    told = [each for each in people if each.first_name or each.last_name or each.email or each.lms_id]
    known, ids = ClassList(told), {spelling(each.id) for each in told}
    nameless = [words_of(name) for unit in catalogue.units for name in (unit, *catalogue.units[unit])]

    def find(id: str) -> str:
        if not told or spelling(id) in ids:
            return ""
        owner = owner_of((id, ""), known, nameless)
        said = f"the class list says nothing of a person with the id '{printable(id)}'"
        if owner.student:
            meant = f"{known[owner.student]}, as it seems: call it '{owner.student}'"
            return f"{said}, and the folder is that of {printable(meant)}"
        close = known.close_to(id)
        meant = f" (is it {printable(str(close))}?)" if close else ""
        return f"{said}{meant}: give the folder the id of the class list, or add one with `course students`"

    return find
