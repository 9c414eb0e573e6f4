"""Who is in the class: how does a class list get into the gradebook, and out of it?

Class lists come from spreadsheets and learning platforms: as UTF-8 with or without a byte order mark, UTF-16
or the code page of Windows; with commas, semicolons or tabs; under other headings. Numbers stay text, so that
they keep the zeros in front.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

from nbgrader.api import Gradebook

from grader.course_folder import CourseError
from grader.people import ClassList, Person, spelling
from grader.shown_text import printable

# Headings of nbgrader, Canvas (Gradebook, Export) and Moodle (Participants, Download), in lower case.
_HEADINGS = {
    "id": ("id", "student_id", "username", "user name", "sis login id", "login id", "benutzername"),
    "first_name": ("first_name", "first name", "firstname", "given name", "vorname"),
    "last_name": ("last_name", "last name", "lastname", "surname", "family name", "nachname"),
    "email": ("email", "e-mail", "email address", "e-mail address", "e-mail-adresse", "mail"),
    "lms_id": ("lms_user_id", "lms id", "sis user id", "id number", "id-nummer", "canvas id"),
}
# Canvas' own number stands under "ID" beside its logins, and the whole name under "Student".
_CANVAS = {"student", "id", "sis login id"}


def read_class_list(path: Path) -> list[Person]:
    """The people of a class list, a CSV file.

    Parameters
    ----------
    path : Path
        With a line of headings: ``id``, and if there are any ``first_name``, ``last_name``, ``email`` and
        ``lms_user_id``, or those of Canvas' and Moodle's exports.

    Raises
    ------
    CourseError
        If there is no column for the id, a line without one, or two for one person; all lines are named.
    """
    filled = _lines(path)
    if not filled:
        raise CourseError(
            f"{path} is empty: a class list has a line of headings, such as id,first_name,last_name."
        )
    columns = _columns([spelling(cell) for cell in filled[0][1]])
    if "id" not in columns:
        there = ", ".join(printable(cell[:40]) for cell in filled[0][1][:20])
        raise CourseError(
            f"{path} has no column for the id of a student (id, username or SIS Login ID), only {there}: "
            "call the column 'id' that is to be the name of the student's folder."
        )
    people, problems, seen = [], [], defaultdict(list)
    for number, line in filled[1:]:
        values = {field: line[place] if place < len(line) else "" for field, place in columns.items()}
        if any(line[len(filled[0][1]) :]):
            problems.append(f"line {number} has more columns than the headings")
        elif "student" in values and spelling(values["student"]).startswith(
            ("points possible", "student, test")
        ):
            continue
        elif not values["id"]:
            problems.append(f"line {number} has no id")
        else:
            person = _person(values)
            seen[spelling(person.id)].append(number)
            people.append(person)
    for id, numbers in seen.items():
        if len(numbers) > 1:
            problems.append(f"lines {' and '.join(map(str, numbers))} have the same id, '{printable(id)}'")
    if problems:
        raise CourseError(f"{path}: {'; '.join(problems[:20])}. Correct that; nothing was read.")
    return people


def enter_class_list(gradebook: Gradebook, people: list[Person]) -> tuple[int, int]:
    """Add people to the gradebook, or what the list says about those who are there.

    A person who is there keeps the spelling of the id; what the list does not say stays.

    Returns
    -------
    tuple of int
        How many were added, and how many were there.
    """
    exact = {student.id for student in gradebook.students}
    known = {spelling(id): id for id in exact}
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


def with_aliases(people: Iterable[Person], path: Path) -> tuple[list[Person], list[str]]:
    """The people, with the names that a file gives them besides.

    Parameters
    ----------
    people : iterable of Person
        The class.
    path : Path
        A CSV file, such as GitHub Classroom's ``classroom_roster.csv``. In each line one cell says who it is,
        by whatever the class list knows; all others are that person's names, too.

    Returns
    -------
    tuple of list
        The people, and a sentence for each line that is nobody's.

    Raises
    ------
    CourseError
        If the file cannot be read, a line names two people, or none names anybody.
    """
    people = list(people)
    known = ClassList(people)
    aliases: dict[str, list[str]] = defaultdict(list)
    notes = []
    lines = _lines(path)
    for number, cells in lines:
        found = set().union(*(known.named(cell) for cell in cells))
        if len(found) > 1:
            names = " and ".join(printable(str(known[id])) for id in sorted(found))
            raise CourseError(f"{path}, line {number}, names {names}: leave the one whose names these are.")
        if found:
            aliases[found.pop()] += [cell for cell in cells if cell and not known.named(cell)]
        elif number != lines[0][0]:  # the headings
            notes.append(
                f"{path}, line {number} ({printable(', '.join(cells))}), names nobody in the class list"
            )
    if not aliases:
        raise CourseError(
            f"{path} names nobody in the class list: each line needs an id, an address or a full name beside "
            "the other names."
        )
    return [replace(person, aliases=tuple(aliases[person.id])) for person in people], notes


def _known(person: Person) -> int:
    return sum(map(bool, asdict(person).values()))


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    """The lines that are not empty, each with its number."""
    text = _text(path)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), skipinitialspace=True)
    try:
        return [(lines.line_num, list(map(str.strip, line))) for line in lines if any(map(str.strip, line))]
    except csv.Error as error:
        raise CourseError(
            f"{path}, line {lines.line_num}, is no line of a CSV file ({error}): save it as CSV again."
        ) from None


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CourseError(
            f"{path} cannot be read ({error.strerror}): name the file of the class list."
        ) from None
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise CourseError(
            f"{path} is a spreadsheet or an archive, and no text: save it as CSV, and name that."
        )
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Excel on Windows; five bytes have no meaning there.
        return content.decode("cp1252", errors="replace")


def _delimiter(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)


def _columns(headings: list[str]) -> dict[str, int]:
    columns = {}
    is_canvas = _CANVAS <= set(headings)
    for field, names in _HEADINGS.items():
        for name in names:
            if name in headings and field not in columns and not (is_canvas and name == "id"):
                columns[field] = headings.index(name)
    if is_canvas:
        columns["canvas"], columns["student"] = headings.index("id"), headings.index("student")
    return columns


def _person(values: dict[str, str]) -> Person:
    first, last = values.get("first_name", ""), values.get("last_name", "")
    if (name := values.get("student", "")) and not (first or last):
        last, _, first = (part.strip() for part in name.partition(","))
    number = values.get("canvas") or values.get("lms_id", "")
    return Person(values["id"], first, last, values.get("email", ""), number)
