"""How do exported marks get into the gradebook? Each file as a whole, or not at all.

They become nbgrader's manual scores and comments, in one transaction a file. An answer that is another one by
now has no mark; what was given is remembered for the answer that was marked.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from operator import attrgetter
from pathlib import Path

from nbgrader.api import Assignment, Comment, Grade, Gradebook, MissingEntry, SubmittedNotebook
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import DatabaseError

from grader.answers.marks_file import AGAIN, Given, MarksFile, read_marks_file
from grader.course_api import nbgrader_api
from grader.course_folder import CourseError
from grader.gradebook.ledger import one_transaction, shown_url
from grader.gradebook.marks import answers_of, give, read_marks, with_present, write_marks
from grader.shown_text import listed, printable
from grader.task import Mark


@dataclass
class Entered:
    """What became of a file of marks.

    Attributes
    ----------
    file : Path
        The file.
    unit, question : str
        What it is of; empty if it could not be read.
    marked : list of str
        Students whose answer has points now, or a comment, that it had not.
    unchanged : list of str
        Students whose answer had just that.
    replaced : list of str
        Of those marked, sentences about points that were others before.
    changed : list of str
        Students whose answer is another than the one that was marked; it waits for a person.
    problem : str
        Why nothing of the file was entered.
    """

    file: Path
    unit: str = ""
    question: str = ""
    marked: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    problem: str = ""

    @property
    def needs_a_person(self) -> bool:
        """Whether something of the file was not entered."""
        return bool(self.problem or self.changed)


def enter_files(root: Path, files: list[Path]) -> list[Entered]:
    """Enter files of marks into the gradebook of a course.

    Parameters
    ----------
    root : Path
        The course folder.
    files : list of Path
        As the pages export them.

    Returns
    -------
    list of Entered
        One for each file. One that is damaged, of another course, or has a mark that cannot be entered is
        left out as a whole, with a problem; it does not stop the others.

    Raises
    ------
    CourseError
        If the gradebook cannot be opened.
    """
    coursedir = nbgrader_api(root).coursedir
    entered = []
    for path in files:
        try:
            read = read_marks_file(path)
        except CourseError as error:
            entered.append(Entered(path, problem=str(error)))
            continue
        done = Entered(path, read.unit, read.question)
        try:
            with one_transaction(coursedir) as gradebook:
                _enter(gradebook, coursedir, read, done)
        except _Refused as error:
            problem = f"{path}: {error} Nothing of it was entered."
            done = Entered(path, read.unit, read.question, problem=problem)
        except DatabaseError as error:
            problem = f"{path}: the gradebook {shown_url(coursedir.db_url)} cannot be used ({error.orig}). "
            problem += "Nothing of it was entered: fix that, then run again."
            done = Entered(path, read.unit, read.question, problem=problem)
        entered.append(done)
    return entered


class _Refused(Exception):
    """A file cannot be entered; leaving the transaction undoes what was done of it."""


@dataclass(frozen=True)
class _Place:
    """The gradebook's rows of one answer."""

    notebook: SubmittedNotebook
    grade: Grade
    comment: Comment | None


def _enter(gradebook: Gradebook, coursedir: CourseDirectory, read: MarksFile, done: Entered) -> None:
    assignment = _assignment(gradebook, coursedir, read)
    places = {
        submitted.id: submitted
        for submission in assignment.submissions
        for submitted in submission.notebooks
        if submitted.name == read.notebook
    }
    problems = [problem for given in read.marks if (problem := _problem(given, read, places))]
    if problems:
        raise _Refused(f"{listed(problems)}.")
    for given in sorted(read.marks, key=lambda each: places[each.submission].student.id):
        submitted = places[given.submission]
        student = submitted.student.id
        folder = Path(coursedir.format_path(coursedir.autograded_directory, student, read.unit))
        path = folder / f"{read.notebook}.ipynb"
        present = answers_of({read.notebook: path.read_bytes()} if path.is_file() else {})
        _enter_one(gradebook, read, given, _place(submitted, read.question), present, done)


def _assignment(gradebook: Gradebook, coursedir: CourseDirectory, read: MarksFile) -> Assignment:
    """The unit that a file is of.

    Raises
    ------
    _Refused
        If it is of another course, or this one has no such unit or question.
    """
    here, there = coursedir.course_id or "", read.course
    if here != there:
        raise _Refused(
            f"it is of the course '{printable(there)}', and this is '{printable(here)}': run the command in "
            "the folder of that course."
        )
    try:
        assignment = gradebook.find_assignment(read.unit)
    except MissingEntry:
        raise _Refused(
            f"the gradebook knows no unit '{printable(read.unit)}': run the command in the folder of the "
            "course of which the page is."
        ) from None
    if assignment.id != read.gradebook:
        raise _Refused(
            "it is of another gradebook, in which there is a unit of the same name, too. If the gradebook "
            f"was made anew since, run `course answers {read.unit}`, open the page, choose 'Continue from a "
            "file' and export again."
        )
    cells = {
        cell.name
        for notebook in assignment.notebooks
        if notebook.name == read.notebook
        for cell in notebook.grade_cells
    } & {cell.name for notebook in assignment.notebooks for cell in notebook.solution_cells}
    if read.question not in cells:
        raise _Refused(
            f"{read.unit} has no question '{printable(read.question)}' that a person marks, in "
            f"'{printable(read.notebook)}': run `course answers {read.unit}` for those that there are now."
        )
    return assignment


def _problem(given: Given, read: MarksFile, places: dict[str, SubmittedNotebook]) -> str:
    """Why a mark cannot be entered; empty if it can."""
    submitted = places.get(given.submission)
    if submitted is None:
        return (
            f"the gradebook knows no submission '{printable(given.submission[:40])}' of {read.unit} (its "
            f"student was removed, or the file was edited): run `course answers {read.unit}` and {AGAIN}"
        )
    maximum = _place(submitted, read.question).grade.max_score
    if given.points is not None and not 0 <= given.points <= maximum:
        whose = printable(submitted.student.id)
        return f"{given.points:g} points for {whose} are not between 0 and {maximum:g}: correct them"
    return ""


def _place(submitted: SubmittedNotebook, question: str) -> _Place:
    (grade,) = [grade for grade in submitted.grades if grade.name == question]
    comments = [comment for comment in submitted.comments if comment.name == question]
    return _Place(submitted, grade, comments[0] if comments else None)


def _enter_one(
    gradebook: Gradebook, read: MarksFile, given: Given, place: _Place, present: dict, done: Entered
) -> None:
    student, grade = place.notebook.student.id, place.grade
    marks = with_present(read_marks(gradebook, read.unit, student), place.notebook.assignment, present)
    mark = Mark(read.notebook, read.question, given.answer, given.points, given.comment or "")
    is_present = present.get(read.notebook, {}).get(read.question) == given.answer
    if not is_present:
        done.changed.append(student)
    else:
        said = (place.comment.manual_comment if place.comment else None) or ""
        mark = replace(
            mark,
            points=grade.manual_score if given.points is None else given.points,
            comment=said if given.comment is None else given.comment,
        )
        if (mark.points, mark.comment) == (grade.manual_score, said):
            done.unchanged.append(student)
        else:
            done.marked.append(student)
            if grade.manual_score is not None and grade.manual_score != mark.points:
                done.replaced.append(f"{student}: {mark.points:g} in place of {grade.manual_score:g}")
        give(grade, place.comment, mark.points, mark.comment)
    place_of = attrgetter("notebook", "cell", "answer")
    others = [each for each in marks if place_of(each) != place_of(mark)]
    if mark.points is not None or mark.comment:
        write_marks(gradebook, read.unit, student, [*others, mark])
