"""Under which id does the gradebook know a person, however a folder or a class list spells it?

`spelling` says which ids are one person's. A number without the zeros in front, as spreadsheets leave it, is
the one person's who has it with them. A gradebook may hold several of them: the class list's, and that
of a folder that was graded before the class list was there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from nbgrader.api import Gradebook, Student

from grader.people import number_of, spelling


def same_people(students: Iterable[Student]) -> dict[str, list[Student]]:
    """The students by the spelling of their ids; of each, first the one of whom the class list says most."""
    people = defaultdict(list)
    for student in students:
        people[spelling(student.id)].append(student)

    def told(student: Student) -> int:
        return sum(map(bool, (student.first_name, student.last_name, student.email, student.lms_user_id)))

    return {key: sorted(each, key=told, reverse=True) for key, each in people.items()}


def alike_but_for_zeros(gradebook: Gradebook, ids: Iterable[str]) -> dict[str, str]:
    """Which new ids are, but for zeros in front, one that the gradebook knows and that is not among them?"""
    new, numbers = list(ids), defaultdict(list)
    listed, known = set(map(spelling, new)), {spelling(each.id): each.id for each in gradebook.students}
    for key, id in known.items():
        if key not in listed and (number := number_of(key)):
            numbers[number].append(id)
    return {
        id: alike[0]
        for id in new
        if spelling(id) not in known and len(alike := numbers.get(number_of(id), [])) == 1
    }


def id_finder(gradebook: Gradebook) -> Callable[[str, str], str | None]:
    """What finds the id of a person, for a unit, by any spelling of it.

    Returns
    -------
    callable
        ``find(unit, name)`` is an id of the gradebook, or None if it knows nobody of that spelling. Of
        several ids it is the one that has a submission for the unit already, so that points which a person
        gave there are not left behind; else the one of whom the class list says most.
    """
    ids: dict[str, list[str]] = {}
    units: dict[str, set[str]] = {}
    numbers: dict[str, list[str]] = defaultdict(list)
    for key, students in same_people(gradebook.students).items():
        ids[key] = [student.id for student in students]
        numbers[number_of(key)].append(key)
        if len(students) > 1:
            units |= {student.id: {each.name for each in student.submissions} for student in students}

    def find(unit: str, name: str) -> str | None:
        known = ids.get(spelling(name), [])
        if not known and (number := number_of(name)) and len(alike := numbers.get(number, [])) == 1:
            known = ids[alike[0]]
        return next((id for id in known if unit in units.get(id, ())), known[0] if known else None)

    return find
