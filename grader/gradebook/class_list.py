"""Who is in the class, as a file says?

Class lists come from spreadsheets and learning platforms, under other headings and in other orders. Numbers
stay text, so that they keep the zeros in front; an id that a spreadsheet has spoiled is refused.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from grader.course_folder import CourseError
from grader.gradebook.csv_text import guessed_word, read_lines
from grader.gradebook.headings import Columns, is_headings
from grader.people import ClassList, Person, spelling, unfit_id
from grader.shown_text import printable

# What a spreadsheet makes of a long number, and a program of a column in which one is missing.
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?E\+?\d+|\d+[.,]0+", re.IGNORECASE)
_LOST_LETTER = "\ufffd"
# So many sentences are read; then the file is corrected and read again.
_MOST_PROBLEMS = 20


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
    headings, below = filled[0][1], filled[1:]
    columns = Columns(headings, [line for _, line in below])
    if "id" not in columns.places:
        raise CourseError(f"{path} {_no_column(headings, below)}")
    if columns.twice:
        raise CourseError(
            f"{path} has more than one column '{printable(columns.twice)}': remove the one that does not "
            "count."
        )
    people: list[Person] = []
    problems: list[str] = []
    seen: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, line in below:
        if problem := _problem(line, headings, columns):
            problems.append(f"line {number}{'' if problem.startswith(':') else ' '}{problem}")
        elif not columns.is_nobody(line):
            person = columns.person(line)
            people.append(person)
            seen["id", spelling(person.id)].append(number)
            if person.lms_id:
                seen["number of the learning platform", spelling(person.lms_id)].append(number)
    for (what, value), numbers in seen.items():
        if len(numbers) > 1:
            problems.append(
                f"lines {' and '.join(map(str, numbers))} have the same {what}, '{printable(value)}'"
            )
    if problems:
        more = f"; and {len(problems) - _MOST_PROBLEMS} more" if problems[_MOST_PROBLEMS:] else ""
        raise CourseError(
            f"{path}: {'; '.join(problems[:_MOST_PROBLEMS])}{more}. Correct that; nothing was read."
        )
    if not people:
        raise CourseError(f"{path} has a line of headings, and nobody below it: export the class list again.")
    return people


def _no_column(headings: list[str], below: list[tuple[int, list[str]]]) -> str:
    """What to say of a file whose headings do not say where the ids are."""
    for number, line in below[:_MOST_PROBLEMS]:
        if len(Columns(line, []).places) > 1:
            return f"has its headings in line {number}, as it seems: remove the lines above that one."
    there = ", ".join(printable(cell[:40]) for cell in headings[:20])
    return (
        f"has no column for the id of a student (id, username or SIS Login ID), only {there}: call the "
        "column 'id' that is to be the name of the student's folder."
    )


def _problem(line: list[str], headings: list[str], columns: Columns) -> str:
    """Why a line cannot be read; empty if it can."""
    if any(line[len(headings) :]):
        return "has more columns than the headings"
    if open_cell := columns.cell_of_lines(line):
        return (
            f"ends a cell of several lines, '{printable(open_cell[:40])}': close its quotation mark, or "
            "write it in one line"
        )
    if columns.is_nobody(line):
        return ""
    if line == headings:
        return "holds the headings again: remove it"
    if lost := next((cell for cell in columns.used(line) if _LOST_LETTER in cell), ""):
        return (
            f"holds letters of an encoding that is not known, in '{printable(lost[:40])}': save the file as "
            "CSV in UTF-8"
        )
    person = columns.person(line)
    id = person.id
    if not id:
        return "has no id"
    for what, value in (("id", id), ("number of the learning platform", person.lms_id)):
        if _ROUNDED.fullmatch(value):
            return (
                f"has the {what} '{value}', a number that a spreadsheet has rounded: format the column as "
                f"text, and enter what was there again"
            )
    problem = unfit_id(id)
    return f": {problem}" if problem else ""


def unused_columns(path: Path) -> list[str]:
    """The headings of a class list under which nothing is read.

    Raises
    ------
    CourseError
        If the file cannot be read.
    """
    (_, headings), *below = read_lines(path)
    used = Columns(headings, [line for _, line in below]).places.values()
    return [cell for number, cell in enumerate(headings) if cell and number not in used]


def guess_of_encoding(path: Path) -> str:
    """A sentence, if the file is in an encoding that nothing tells for certain; else empty."""
    if not (word := guessed_word(path)):
        return ""
    return (
        f"{path} is not UTF-8 and was read as Windows' code page 1252: if '{printable(word)}' is wrong, save "
        "it as CSV in UTF-8, and enter it again."
    )


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
        elif number != lines[0][0] or not is_headings(cells):
            notes.append(
                f"{path}, line {number} ({printable(', '.join(cells))}), names nobody in the class list"
            )
    if not aliases:
        raise CourseError(
            f"{path} names nobody in the class list: each line needs an id, an address or a full name beside "
            "the other names."
        )
    return [replace(person, aliases=tuple(aliases[person.id])) for person in people], notes
