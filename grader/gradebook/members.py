"""How do the people of a class list get into the gradebook, and out of it?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict

from nbgrader.api import Gradebook

from grader.gradebook.identity import alike_but_for_zeros
from grader.people import Person, spelling


def enter_class_list(gradebook: Gradebook, people: list[Person]) -> tuple[int, int]:
    """Add people to the gradebook, or what the list says about those who are there.

    A person who is there keeps the spelling of the id, and zeros in front of it that a spreadsheet took away;
    what the list does not say stays.

    Returns
    -------
    tuple of int
        How many were added, and how many were there.
    """
    exact = {student.id for student in gradebook.students}
    known = {spelling(id): id for id in exact}
    known |= {
        spelling(id): longer
        for id, longer in alike_but_for_zeros(gradebook, [person.id for person in people]).items()
        if len(longer) > len(id)
    }
    added = 0
    for person in people:
        values = {
            "first_name": person.first_name,
            "last_name": person.last_name,
            "email": person.email,
            "lms_user_id": person.lms_id,
        }
        added += spelling(person.id) not in known
        id = person.id if person.id in exact else known.get(spelling(person.id), person.id)
        gradebook.update_or_create_student(id, **{name: value for name, value in values.items() if value})
    return added, len(people) - added


def said_of_zeros(gradebook: Gradebook, people: Iterable[Person]) -> list[str]:
    """A sentence for each person whose id has other zeros in front than one that the gradebook knows.

    To be asked before the people are entered.
    """
    said = []
    for id, known in alike_but_for_zeros(gradebook, [person.id for person in people]).items():
        if len(known) > len(id):
            said.append(
                f"{id} was entered as {known}, which the gradebook knows: a spreadsheet takes zeros in front "
                "away. If they are two people, give this one another id."
            )
        else:
            said.append(
                f"{id} was added, and the gradebook knows {known} as well: if they are one person, call the "
                f"folder in submitted/ {id}, and remove the other with `nbgrader db student remove {known} "
                "--force`, which takes its points away; then grade again."
            )
    return said


def people_of(gradebook: Gradebook) -> Iterator[Person]:
    """The people that the gradebook knows; of two spellings of an id, the one that the class list has."""
    chosen: dict[str, Person] = {}
    for student in gradebook.students:
        person = Person(
            student.id,
            student.first_name or "",
            student.last_name or "",
            student.email or "",
            student.lms_user_id or "",
        )
        before = chosen.get(spelling(student.id))
        if before is None or _known(person) > _known(before):
            chosen[spelling(student.id)] = person
    yield from chosen.values()


def _known(person: Person) -> int:
    return sum(map(bool, asdict(person).values()))
