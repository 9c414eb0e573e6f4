"""What does a report know of a class? Everybody's points, states, sentences, flags and answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook, SubmittedNotebook
from nbgrader.coursedir import CourseDirectory

from grader.cells import by_grade_id, is_test, is_untouched
from grader.course_api import nbgrader_api
from grader.feedback.outline import Exercise, read_outline
from grader.feedback.states import State, state_of_exercise, state_of_test
from grader.gradebook.graded_work import find_unit, graded_notebook, not_graded, notebook_path
from grader.gradebook.identity import same_people
from grader.gradebook.ledger import open_to_read_all, waits
from grader.record import record


@dataclass(frozen=True)
class Outcome:
    """How one student did in one exercise.

    Attributes
    ----------
    points : float
        So far.
    state : State
        See there.
    sentences : dict of str to str
        Why its test cells lost points, by grade id.
    """

    points: float
    state: State
    sentences: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Work:
    """One student's graded submission.

    Attributes
    ----------
    student : str
        The id.
    outcomes : dict of str to Outcome
        By the exercise's name.
    answers : dict of str to str
        Source of the cells that the student wrote, by grade id; untouched ones are left out.
    flags : tuple of str
        See ``grader.record.Flag``.
    penalty : float
        Points taken off because it was late.
    """

    student: str
    outcomes: dict[str, Outcome]
    answers: dict[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    penalty: float = 0.0

    @property
    def total(self) -> float:
        """Points so far, a late penalty taken off."""
        return max(0.0, sum(outcome.points for outcome in self.outcomes.values()) - self.penalty)


@dataclass(frozen=True)
class ClassOfUnit:
    """A unit's exercises, and what everybody who was graded did with them.

    Attributes
    ----------
    unit : str
        The unit's name.
    exercises : list of Exercise
        In the lesson's order.
    works : list of Work
        By student.
    given : list of str
        Sources of the code that students got, stubs included.
    reference : list of str
        Sources of the instructor's notebook, solutions included.
    ungraded : list of str
        Students who handed in what could not be graded, or has not been.
    """

    unit: str
    exercises: list[Exercise]
    works: list[Work]
    given: list[str] = field(default_factory=list)
    reference: list[str] = field(default_factory=list)
    ungraded: list[str] = field(default_factory=list)

    @property
    def points(self) -> float:
        """Points that the unit is worth."""
        return sum(exercise.points for exercise in self.exercises)


def gather(root: Path, unit: str) -> ClassOfUnit:
    """Read a unit's results from the gradebook and the autograded notebooks.

    Parameters
    ----------
    root : Path
        The course folder.
    unit : str
        The unit's name.

    Raises
    ------
    CourseError
        If the unit was never released.
    """
    coursedir = nbgrader_api(root).coursedir
    with open_to_read_all(coursedir) as gradebook:
        notebooks = [notebook.name for notebook in find_unit(gradebook, unit).notebooks]
        exercises, given, reference = [], [], []
        for name in notebooks:
            source = notebook_path(coursedir, coursedir.source_directory, ".", unit, name)
            exercises += read_outline(source)
            reference += _sources(source)
            given += _sources(notebook_path(coursedir, coursedir.release_directory, ".", unit, name))
        works = []
        # A person counts once, whatever spellings of the id the gradebook has.
        for people in same_people(each.student for each in gradebook.assignment_submissions(unit)).values():
            found = (_work(gradebook, coursedir, unit, student.id, exercises) for student in people)
            works += list(filter(None, found))[:1]
        ungraded = not_graded(gradebook, coursedir, unit, [work.student for work in works])
    works.sort(key=lambda work: work.student)
    return ClassOfUnit(unit, exercises, works, given, reference, ungraded)


def _work(
    gradebook: Gradebook, coursedir: CourseDirectory, unit: str, student: str, exercises: list[Exercise]
) -> Work | None:
    """One student's work; None if there is no graded notebook of it that can be read."""
    outcomes: dict[str, Outcome] = {}
    answers: dict[str, str] = {}
    flags: list[str] = []
    submission = gradebook.find_submission(unit, student)
    for submitted in submission.notebooks:
        nb = graded_notebook(coursedir, student, unit, submitted.name)
        if nb is None:
            return None
        outcomes |= _outcomes(nb, submitted, exercises)
        answers |= _answers(nb, exercises)
        flags += record(nb)["flags"]
    return Work(student, outcomes, answers, tuple(flags), submission.late_submission_penalty or 0.0)


def _outcomes(
    nb: NotebookNode, submitted: SubmittedNotebook, exercises: list[Exercise]
) -> dict[str, Outcome]:
    cells = by_grade_id(nb)
    notes = record(nb)
    runs = {str(cell.execution_count) for cell in nb.cells if is_test(cell)}
    grades = {grade.name: grade for grade in submitted.grades}
    outcomes = {}
    for exercise in exercises:
        states, points = [], 0.0
        for name, maximum in exercise.tests.items():
            grade = grades.get(name)
            if grade is None or name not in cells:
                continue
            points += grade.score
            score = None if waits(grade) else grade.score
            states.append(state_of_test(cells[name], score, maximum, notes["flags"], runs))
        if not states:
            continue
        mine = [cells[name] for name in exercise.answers if name in cells]
        state = state_of_exercise(states, bool(mine) and all(map(is_untouched, mine)))
        sentences = {name: notes["reasons"][name] for name in exercise.tests if name in notes["reasons"]}
        outcomes[exercise.name] = Outcome(points, state, sentences)
    return outcomes


def _answers(nb: NotebookNode, exercises: list[Exercise]) -> dict[str, str]:
    cells = by_grade_id(nb)
    return {
        name: cells[name].source
        for exercise in exercises
        for name in exercise.answers
        if name in cells and not is_untouched(cells[name])
    }


def _sources(path: Path) -> list[str]:
    if not path.is_file():
        return []
    return [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
