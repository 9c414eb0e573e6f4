"""What does a unit ask that is answered in words, what is the model answer, and what are points given for?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Notebook
from nbgrader.coursedir import CourseDirectory

from grader.cells import by_grade_id, grade_id
from grader.feedback.outline import outline
from grader.task import Mark

_HEADING = re.compile(r"^#{1,6}\s", re.MULTILINE)
# How the part of a model answer begins that says what points are given for.
_RUBRIC = re.compile(r"^[*_#\s]*(?:grading|rubric|marking|mark scheme)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Submission:
    """Whose an answer is, and what it has.

    Attributes
    ----------
    key : str
        What the gradebook calls the submitted notebook; it says nothing of the student.
    student, name : str
        The id, and the name in the class list.
    points : float or None
        That a person gave.
    comment : str
        That a person gave.
    automatic : float or None
        0 if the cell is as it was handed out; else None.
    earlier : tuple of Mark
        What was given to other answers of this student to this question, the latest last.
    """

    key: str
    student: str
    name: str = ""
    points: float | None = None
    comment: str = ""
    automatic: float | None = None
    earlier: tuple[Mark, ...] = ()


@dataclass
class Answer:
    """An answer, and all who gave exactly this one.

    Attributes
    ----------
    digest : str
        Of its text.
    cell : NotebookNode
        As it was graded.
    beside : list of NotebookNode
        What may be the answer, where the cell is as it was handed out.
    is_empty : bool
        Whether there is nothing to be read.
    submissions : list of Submission
        By key, so that the order does not tell who it is.
    """

    digest: str
    cell: NotebookNode
    beside: list[NotebookNode] = field(default_factory=list)
    is_empty: bool = False
    submissions: list[Submission] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What was written."""
        own = [] if self.is_empty or self.beside else [self.cell.source]
        return "\n".join([*own, *(cell.source for cell in self.beside)])


@dataclass
class Question:
    """A question that is answered in words, and the answers to it.

    Attributes
    ----------
    course, gradebook : str
        Names of the course, and what the gradebook calls the unit: two courses have units of the same name.
    unit, notebook, cell : str
        Where it stands.
    title : str
        Its heading.
    maximum : float
        Points that it is worth.
    text : list of NotebookNode
        The cells that ask it.
    model : NotebookNode or None
        The instructor's answer.
    rubric : str
        The part of it that says what points are given for.
    is_only_notebook : bool
        Whether the unit has no other notebook.
    answers : dict of str to Answer
        By digest.
    """

    course: str
    gradebook: str
    unit: str
    notebook: str
    cell: str
    title: str
    maximum: float
    text: list[NotebookNode] = field(default_factory=list)
    model: NotebookNode | None = None
    rubric: str = ""
    is_only_notebook: bool = True
    answers: dict[str, Answer] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The question in the names of files."""
        return (
            f"{self.unit}-{self.cell}"
            if self.is_only_notebook
            else f"{self.unit}-{self.notebook}-{self.cell}"
        )


def questions_of(
    coursedir: CourseDirectory, gradebook: str, unit: str, notebook: Notebook, notebooks: int
) -> Iterator[Question]:
    """The questions of a notebook, in the order of the instructor's, if it is there."""
    path = Path(coursedir.format_path(coursedir.source_directory, ".", unit)) / f"{notebook.name}.ipynb"
    nb = nbformat.read(path, as_version=4) if path.is_file() else None
    written = {cell.name for cell in notebook.solution_cells}
    points = {cell.name: cell.max_score for cell in notebook.grade_cells if cell.name in written}
    cells = by_grade_id(nb) if nb else {}
    titles = {exercise.name: exercise.title for exercise in outline(nb)} if nb else {}
    for name in [*(name for name in cells if name in points), *sorted(points.keys() - cells.keys())]:
        model, rubric = _model_and_rubric(cells[name]) if name in cells else (None, "")
        yield Question(
            coursedir.course_id or "",
            gradebook,
            unit,
            notebook.name,
            name,
            titles.get(name, name),
            points[name],
            _asked(nb, name) if nb else [],
            model,
            rubric,
            notebooks == 1,
        )


def _asked(nb: NotebookNode, name: str) -> list[NotebookNode]:
    """The text above an answer's cell, from its heading on."""
    asked: list[NotebookNode] = []
    for cell in nb.cells:
        if grade_id(cell) == name:
            break
        if grade_id(cell) and not cell.metadata.nbgrader.get("locked"):
            asked = []
        elif cell.cell_type == "markdown":
            asked = [cell] if _HEADING.search(cell.source) else [*asked, cell]
    return asked


def _model_and_rubric(cell: NotebookNode) -> tuple[NotebookNode, str]:
    paragraphs = re.split(r"\n\s*\n", cell.source)
    for number, paragraph in enumerate(paragraphs):
        if cell.cell_type == "markdown" and _RUBRIC.match(paragraph):
            model = NotebookNode(cell | {"source": "\n\n".join(paragraphs[:number])})
            return model, "\n\n".join(paragraphs[number:])
    return cell, ""
