"""How do points get into Canvas and Moodle? As CSV files, by exporters that `nbgrader export` can use, too.

A late penalty is taken off. The cell is empty if a student submitted nothing or has ungraded written answers:
0 would be a grade.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from nbgrader.api import Assignment, Gradebook, Student, SubmittedAssignment
from nbgrader.plugins import ExportPlugin
from traitlets import Bool, Dict, Unicode

from grader.course_api import nbgrader_api
from grader.course_folder import CourseError
from grader.files import replace_file
from grader.gradebook.identity import same_people
from grader.gradebook.ledger import open_to_read_all, waits
from grader.people import spelling
from grader.shown_text import no_formula


class TableExportPlugin(ExportPlugin):
    """A line per student, a column per unit; subclasses say which columns stand before them."""

    points_so_far = Bool(
        False, help="Whether students with answers that wait for a person get their points so far."
    ).tag(config=True)

    head: tuple[str, ...] = ()

    def export(self, gradebook: Gradebook) -> None:
        """Write the file ``to`` (by default named after the format) with the chosen units and students.

        Raises
        ------
        CourseError
            If a unit or a student is unknown, or the file cannot be written.
        """
        units = _chosen(gradebook.assignments, self.assignment, "unit", "name")
        students = _chosen(gradebook.students, self.student, "student", "id")
        lines = [[*self.head, *(self.title(unit) for unit in units)], *self.lines_before(units)]
        everybody = same_people(gradebook.students)
        chosen = {spelling(student.id) for student in students}
        for key in sorted(chosen, key=lambda key: everybody[key][0].id):
            points = self._points_of_person(everybody[key])
            identity = map(no_formula, self.identity(everybody[key][0]))
            lines.append([*identity, *(points.get(unit.name, "") for unit in units)])
        path = Path(self.to or f"{type(self).__name__.removesuffix('ExportPlugin').lower()}.csv")
        text = io.StringIO(newline="")
        csv.writer(text).writerows(lines)
        replace_file(path, text.getvalue())
        self.log.info("Wrote %d students to %s", len(chosen), path)

    def _points_of_person(self, spellings: list[Student]) -> dict[str, str]:
        """Points by unit of a person whom the gradebook may know under several spellings."""
        found: dict[str, tuple[str, str]] = {}
        for student in spellings:
            for submission in student.submissions:
                unit, points = submission.name, self.points(submission)
                other, before = found.get(unit, ("", ""))
                if points and before and points != before:
                    raise CourseError(
                        f"The gradebook has {before} points of '{other}' in {unit} and {points} of "
                        f"'{student.id}', who are one person but for the spelling: remove the folder in "
                        "submitted/ that does not count, and its name with `nbgrader db student remove "
                        "--force`."
                    )
                if points or not before:
                    found[unit] = student.id, points
        return {unit: points for unit, (_, points) in found.items()}

    def points(self, submission: SubmittedAssignment) -> str:
        """Points of a submission, the late penalty taken off; empty while they are not settled."""
        grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
        waiting = [grade for grade in grades if waits(grade)]
        # Where all wait, it was not graded at all.
        if len(waiting) == len(grades) or (waiting and not self.points_so_far):
            return ""
        penalty = submission.late_submission_penalty or 0.0
        return f"{round(max(0.0, submission.score - penalty), 2):g}"

    def title(self, unit: Assignment) -> str:
        """What stands above a unit's points."""
        return unit.name

    def lines_before(self, units: list[Assignment]) -> list[list[str]]:
        """Lines between the head and the students."""
        return []

    def identity(self, student: Student) -> list[str]:
        """What says who it is, a value for each column of ``head``."""
        raise NotImplementedError


class CanvasExportPlugin(TableExportPlugin):
    """The file that *Import* in Canvas's gradebook reads.

    Canvas finds students by ID (a number of its own), else by SIS User ID, else by SIS Login ID; it takes the
    gradebook's ``lms_user_id`` for the first if it is a number that does not begin with 0 and else for the
    second, and the id of the student for the third. A column with the number of an assignment in brackets is
    that assignment's, one without makes a new assignment, unless there is one of that name.

    References
    ----------
    Canvas LMS, ``lib/gradebook_importer.rb``.
    """

    assignment_ids = Dict(
        key_trait=Unicode(),
        help="Canvas's number of each unit's assignment, such as {'02-explicit-als': 4711}.",
    ).tag(config=True)
    section = Unicode("", help="What stands under Section; Canvas wants the column, not its content.").tag(
        config=True
    )

    head = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")

    def title(self, unit: Assignment) -> str:
        number = self.assignment_ids.get(unit.name)
        return unit.name if number is None else f"{unit.name} ({number})"

    def lines_before(self, units: list[Assignment]) -> list[list[str]]:
        return [["    Points Possible", *[""] * 4, *(f"{unit.max_score:g}" for unit in units)]]

    def identity(self, student: Student) -> list[str]:
        name = ", ".join(filter(None, [student.last_name, student.first_name])) or student.id
        number = student.lms_user_id or ""
        # Canvas's own numbers do not begin with 0; those of a student register do.
        is_own = number.isascii() and number.isdecimal() and not number.startswith("0")
        own, sis = (number, "") if is_own else ("", number)
        return [name, own, sis, student.id, self.section]


class MoodleExportPlugin(TableExportPlugin):
    """The file that *Grades, Import, CSV file* in Moodle reads.

    Moodle asks which column says who it is: the email address, the ID number (the gradebook's
    ``lms_user_id``) or the username (the id of the student); and which column is which grade item.

    References
    ----------
    MoodleDocs, "Grade import".
    """

    head = ("Username", "ID number", "First name", "Last name", "Email address")

    def identity(self, student: Student) -> list[str]:
        names = (student.id, student.lms_user_id, student.first_name, student.last_name, student.email)
        return [name or "" for name in names]


FORMATS = {"canvas": CanvasExportPlugin, "moodle": MoodleExportPlugin}


def export(root: Path, unit: str, format: str) -> Path:
    """Write a unit's points for another system to ``<format>-<unit>.csv`` in the course folder.

    Parameters
    ----------
    root : Path
        The course folder.
    unit : str
        The unit's name.
    format : str
        ``"canvas"`` or ``"moodle"``.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    CourseError
        If the format or the unit is unknown, or the file cannot be written.
    """
    if format not in FORMATS:
        raise CourseError(f"There is no format '{format}': choose {' or '.join(FORMATS)}.")
    api = nbgrader_api(root)
    plugin = FORMATS[format](config=api.config)
    plugin.assignment, plugin.to = [unit], str(root / f"{format}-{unit}.csv")
    with open_to_read_all(api.coursedir) as gradebook:
        plugin.export(gradebook)
    return Path(plugin.to)


def _chosen(known: list, wanted: list, what: str, key: str) -> list:
    """Those of the wanted names, or all."""
    by_name = {getattr(each, key): each for each in known}
    for name in map(str, wanted):
        if name not in by_name:
            raise CourseError(
                f"The gradebook knows no {what} '{name}'. It knows: {', '.join(by_name) or 'none'}."
            )
    return [by_name[name] for name in map(str, wanted)] or list(known)
