"""Who is in the class: how does a class list get into the gradebook, and out of it?

Class lists come from spreadsheets and learning platforms, under other headings and in other orders. Numbers
stay text, so that they keep the zeros in front; an id that a spreadsheet has spoiled is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

from nbgrader.api import Gradebook

from grader.course_folder import CourseError
from grader.gradebook.csv_text import SEPARATORS, read_lines
from grader.people import ClassList, Person, spelling, unfit_id, words_of
from grader.shown_text import printable

# Headings of nbgrader, Canvas (Gradebook, Export) and Moodle (Participants, Download), and what people write,
# without accents and what stands between the letters; in English, German, French, Spanish and Italian.
_HEADINGS = {
    "id": (
        *("id", "studentid", "username", "sisloginid", "loginid", "login", "netid", "userid"),
        *("studentnumber", "matriculationnumber", "matrikelnummer", "matrikelnr", "benutzername"),
        *("anmeldename", "nutzername", "benutzerkennung", "kennung", "nomdutilisateur", "identifiant"),
        *("nombredeusuario", "usuario", "matricula", "nomeutente"),
    ),
    "first_name": ("firstname", "givenname", "forename", "vorname", "prenom", "nombre", "nombres", "nome"),
    "last_name": (
        *("lastname", "surname", "familyname", "nachname", "familienname", "nomdefamille", "apellidos"),
        *("apellido", "cognome"),
    ),
    # The whole name, in one cell.
    "name": ("name", "fullname", "studentname", "vollstandigername", "nomcomplet", "nombrecompleto"),
    "email": (
        *("email", "emailaddress", "mail", "emailadresse", "mailadresse", "adressedecourriel", "courriel"),
        *("adresseemail", "direcciondecorreo", "direccionemail", "correo", "correoelectronico"),
        *("direcciondecorreoelectronico", "indirizzoemail"),
    ),
    "lms_id": (
        *("lmsuserid", "lmsid", "sisuserid", "idnumber", "idnummer", "canvasid", "numerodidentification"),
        *("numerodeid", "codiceidentificativo"),
    ),
}
# Canvas' own number stands under "ID" beside its logins, and the whole name under "Student".
_CANVAS = {"student", "id", "sisloginid"}
# What a spreadsheet makes of a long number, and a program of a column in which one is missing.
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?E\+?\d+|\d+[.,]0+", re.IGNORECASE)
# How exports keep a spreadsheet from taking text for a number or a formula.
_KEPT_AS_TEXT = re.compile(r'="(.*)"|\'([=+\-@0-9].*)')


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
        If there is no column for the id or more than one of a heading, a line without an id or with one that
        can be nobody's, or two lines for one person; all lines are named.
    """
    filled = read_lines(path)
    if not filled:
        raise CourseError(
            f"{path} is empty: a class list has a line of headings, such as id,first_name,last_name."
        )
    headings = [_plain(cell) for cell in filled[0][1]]
    columns = _columns(headings)
    if "id" not in columns:
        there = ", ".join(printable(cell[:40]) for cell in filled[0][1][:20])
        raise CourseError(
            f"{path} has no column for the id of a student (id, username or SIS Login ID), only {there}: "
            "call the column 'id' that is to be the name of the student's folder."
        )
    if twice := [filled[0][1][place] for place in columns.values() if Counter(headings)[headings[place]] > 1]:
        raise CourseError(
            f"{path} has more than one column '{printable(twice[0])}': remove the one that does not count."
        )
    people, problems, seen = [], [], defaultdict(list)
    for number, line in filled[1:]:
        values = {
            field: _as_meant(line[place]) if place < len(line) else "" for field, place in columns.items()
        }
        if any(line[len(filled[0][1]) :]):
            problems.append(f"line {number} has more columns than the headings")
        elif open_cell := _holds_lines(line, columns, len(headings)):
            problems.append(
                f"line {number} ends a cell of several lines, '{printable(open_cell[:40])}': close its "
                "quotation mark, or write it in one line"
            )
        elif "student" in values and spelling(values["student"]).startswith(
            ("points possible", "student, test")
        ):
            continue
        elif not values["id"]:
            problems.append(f"line {number} has no id")
        elif _ROUNDED.fullmatch(values["id"]):
            problems.append(
                f"line {number} has the id '{values['id']}', a number that a spreadsheet has rounded: format "
                "the column as text, and enter the ids again"
            )
        elif problem := unfit_id(values["id"]):
            problems.append(f"line {number}: {problem}")
        else:
            person = _person(values)
            seen[spelling(person.id)].append(number)
            people.append(person)
    for id, numbers in seen.items():
        if len(numbers) > 1:
            problems.append(f"lines {' and '.join(map(str, numbers))} have the same id, '{printable(id)}'")
    if problems:
        raise CourseError(f"{path}: {'; '.join(problems[:20])}. Correct that; nothing was read.")
    if not people:
        raise CourseError(f"{path} has a line of headings, and nobody below it: export the class list again.")
    return people


def unused_columns(path: Path) -> list[str]:
    """The headings of a class list under which nothing is read.

    Raises
    ------
    CourseError
        If the file cannot be read.
    """
    _, headings = read_lines(path)[0]
    used = _columns([_plain(cell) for cell in headings]).values()
    return [cell for number, cell in enumerate(headings) if cell and number not in used]


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
    lines = read_lines(path)
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


def _as_meant(cell: str) -> str:
    """The text that is meant by what keeps a spreadsheet from changing it, as in ``="007"``."""
    found = _KEPT_AS_TEXT.fullmatch(cell)
    return (found[1] or found[2] or "").strip() if found else cell


def _plain(heading: str) -> str:
    """A heading's letters, without accents."""
    letters = unicodedata.normalize("NFD", "".join(words_of(heading.replace("_", " "))))
    return "".join(each for each in letters if unicodedata.category(each)[0] != "M")


def _holds_lines(line: list[str], columns: dict[str, int], number: int) -> str:
    """A cell that holds another line of the table, as after an open quotation mark, or lines of a name."""
    for place, cell in enumerate(line):
        _, *others = re.split(r"[\r\n]+", cell)
        is_table = any(max(map(other.count, SEPARATORS)) >= number - 1 for other in others)
        if is_table or (others and place in columns.values()):
            return cell
    return ""


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
    if (name := values.get("student") or values.get("name", "")) and not (first or last):
        if "," in name:
            last, _, first = (part.strip() for part in name.partition(","))
        else:
            first, _, last = (part.strip() for part in name.rpartition(" "))
    number = values.get("canvas") or values.get("lms_id", "")
    return Person(values["id"], first, last, values.get("email", ""), number)
