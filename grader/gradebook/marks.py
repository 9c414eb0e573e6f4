"""Which answer did a person mark? A mark belongs to an answer's text, and stays with it.

nbgrader keeps one score for each student and cell, whatever is in the cell. Here a table beside nbgrader's
own remembers the text, as a digest, with the points and the comment that it was given. So after another
hand-in the same answer keeps its mark, another answer waits for a person again, and an answer that comes back
has its mark again. nbgrader does not look at the table; without it all is as before.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import UTC, datetime

from nbformat import NotebookNode
from nbformat.v4 import reads_json
from nbgrader import utils
from nbgrader.api import Comment, Grade, Gradebook, SubmittedAssignment
from sqlalchemy import Column, DateTime, Float, MetaData, String, Table, Text, delete, insert, inspect, select

from grader.cells import by_grade_id, grade_id, plain_source
from grader.cells_at_hand import cells_at_hand
from grader.record import KEY
from grader.task import Answers, Mark

_METADATA = MetaData()
# No foreign keys: nbgrader must be able to remove a student without knowing of this table.
_TABLE = Table(
    "marked_answer",
    _METADATA,
    Column("unit", String(128), primary_key=True),
    Column("student", String(128), primary_key=True),
    Column("notebook", String(128), primary_key=True),
    Column("cell", String(128), primary_key=True),
    Column("answer", String(64), primary_key=True),
    Column("points", Float()),
    Column("comment", Text()),
    Column("given", DateTime()),
)


def is_written(cell: NotebookNode) -> bool:
    """Whether a cell is a student's own and a person marks it."""
    return utils.is_grade(cell) and utils.is_solution(cell)


def written_answers(nb: NotebookNode) -> dict[str, str]:
    """The digest of each answer in an autograded notebook that a person marks, by grade id."""
    return {
        name: answer_digest(cell, work_for(nb, name))
        for name, cell in by_grade_id(nb).items()
        if is_written(cell)
    }


def answers_of(notebooks: dict[str, bytes]) -> Answers:
    """The digests of the answers in autograded notebooks; none of one that cannot be read."""
    found = {}
    for name, content in notebooks.items():
        try:
            # Not validated: that takes seconds for a notebook full of outputs, and a worker has done it.
            found[name] = written_answers(reads_json(content.decode()))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue
    return found


def work_for(nb: NotebookNode, name: str) -> list[NotebookNode]:
    """What stands beside an answer cell that is as it was handed out, and may be the answer.

    A locked cell in which somebody wrote is there with what was written.
    """
    notes = nb.metadata.get(KEY, {})
    beside = notes.get("beside")
    found = []
    # A list of names is what an earlier version noted.
    for place in beside.get(name, []) if isinstance(beside, dict) else []:
        if 0 <= place < len(nb.cells):
            cell = nb.cells[place]
            text = notes.get("edited", {}).get(grade_id(cell) or "")
            found.append(cell if text is None else NotebookNode(cell | {"source": text}))
    return found


def answer_digest(cell: NotebookNode, beside: list[NotebookNode]) -> str:
    """A digest of an answer: the text, without blanks at the ends of lines, its pictures, what is beside."""
    parts = [
        [each.cell_type, plain_source(each.source), each.get("attachments") or {}] for each in [cell, *beside]
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def read_marks(gradebook: Gradebook, unit: str, student: str) -> list[Mark]:
    """All that a person gave to answers of a student, those that were replaced since among them.

    In the order in which they were given.
    """
    connection = gradebook.db.connection()
    if not inspect(connection).has_table(_TABLE.name):
        return []
    of = (_TABLE.c.unit == unit) & (_TABLE.c.student == student)
    rows = connection.execute(select(_TABLE).where(of).order_by(_TABLE.c.given, _TABLE.c.answer)).mappings()
    return [
        Mark(row["notebook"], row["cell"], row["answer"], row["points"], row["comment"] or "") for row in rows
    ]


def with_present(marks: list[Mark], submitted: SubmittedAssignment, answers: Answers) -> list[Mark]:
    """The marks, and in place of those for the present answers what the gradebook says: formgrader's, too.

    Parameters
    ----------
    marks : list of Mark
        What is remembered.
    submitted : SubmittedAssignment
        With the points and comments that stand now.
    answers : Answers
        Of the autograded notebooks that lie in their place.
    """
    now = []
    for notebook in submitted.notebooks:
        digests = answers.get(notebook.name, {})
        for grade, comment in _rows(submitted, notebook.name):
            said = comment.manual_comment if comment else None
            if grade.name in digests and (grade.manual_score is not None or said):
                now.append(
                    Mark(notebook.name, grade.name, digests[grade.name], grade.manual_score, said or "")
                )
    return [mark for mark in marks if answers.get(mark.notebook, {}).get(mark.cell) != mark.answer] + now


def is_marked(submitted: SubmittedAssignment) -> bool:
    """Whether a person gave points or a comment to anything in a submission."""
    return any(
        grade.manual_score is not None for notebook in submitted.notebooks for grade in notebook.grades
    ) or any(comment.manual_comment for notebook in submitted.notebooks for comment in notebook.comments)


def write_marks(gradebook: Gradebook, unit: str, student: str, marks: list[Mark]) -> None:
    """Remember these marks of a student and no others; committed by the caller."""
    before = read_marks(gradebook, unit, student)
    if before == marks:
        return
    connection = gradebook.db.connection()
    _METADATA.create_all(connection)
    when = datetime.now(UTC).replace(tzinfo=None)
    for mark in set(before) - set(marks):
        of = {"unit": unit, "student": student, "notebook": mark.notebook, "cell": mark.cell}
        key = of | {"answer": mark.answer}
        connection.execute(delete(_TABLE).where(*(_TABLE.c[name] == value for name, value in key.items())))
    new = [mark for mark in marks if mark not in before]
    if new:
        own = {"unit": unit, "student": student, "given": when}
        connection.execute(insert(_TABLE), [asdict(mark) | own for mark in new])


def settle(submitted: SubmittedAssignment, answers: Answers, marks: list[Mark]) -> None:
    """Let each answer in words have the mark that it was given, and no mark that another one was given.

    A mark of which nobody knows the answer stays, and nbgrader lists it to be looked at again.

    Parameters
    ----------
    submitted : SubmittedAssignment
        Just graded; changed, and committed by the caller.
    answers : Answers
        What stands in it now.
    marks : list of Mark
        All that is known, in the order in which it was given.
    """
    known = {(mark.notebook, mark.cell, mark.answer): mark for mark in marks}
    for notebook in submitted.notebooks:
        for grade, comment in _rows(submitted, notebook.name):
            answer = answers.get(notebook.name, {}).get(grade.name)
            if answer is None:
                continue
            mark = known.get((notebook.name, grade.name, answer))
            said = (comment.manual_comment if comment else None) or ""
            is_for_another = any(
                (each.notebook, each.cell, each.points, each.comment)
                == (notebook.name, grade.name, grade.manual_score, said)
                for each in marks
            )
            if mark or is_for_another:
                give(grade, comment, mark.points if mark else None, mark.comment if mark else "")


def give(grade: Grade, comment: Comment | None, points: float | None, said: str) -> None:
    """Enter what a person gives to the answer that is there; committed by the caller."""
    grade.manual_score = points
    grade.needs_manual_grade = points is None and grade.auto_score is None
    if comment:
        comment.manual_comment = said or None


def _rows(submitted: SubmittedAssignment, notebook: str) -> list[tuple[Grade, Comment | None]]:
    """The gradebook's rows of each cell of a notebook that has points."""
    (found,) = [each for each in submitted.notebooks if each.name == notebook]
    with cells_at_hand(submitted):
        comments = {comment.name: comment for comment in found.comments}
        return [(grade, comments.get(grade.name)) for grade in found.grades]
