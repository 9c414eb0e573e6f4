"""A grader that is killed leaves a submission as it was or as it is to be; the next run repairs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from grader.course_api import nbgrader_api
from grader.gradebook import store as archive
from grader.gradebook.ledger import open_gradebook, points_digest
from grader.gradebook.store import Archive
from grader.intake.submissions import Submission
from grader.task import NotebookScores, Official, Outcome, Task
from tests.grader.run.conftest import NOTEBOOK, UNIT, Course

STUDENT = "ann"
CELLS = ["test_double", "test_double_hidden", "test_credit", "why"]
COMMENTS = ["double", "credit", "why"]


class Killed(BaseException):
    """In the place of `kill -9`."""


def official(config) -> Official:
    return Official(UNIT, "/course", (), (NOTEBOOK,), b"", {}, {}, config, "")


def graded(course: Course, version: int) -> tuple[Archive, Task, Outcome]:
    """A submission of which each version has its own points, notebook and page."""
    api = nbgrader_api(course.root)
    folder = course.root / "submitted" / STUDENT / UNIT
    place = Archive(api.coursedir, Submission(UNIT, STUDENT, folder))
    task = Task(STUDENT, official(api.config), {}, {}, f"version {version}")
    scores = NotebookScores(dict.fromkeys(CELLS, float(version)), dict.fromkeys(COMMENTS), None)
    text = f"version {version}".encode()
    outcome = Outcome(scores={NOTEBOOK: scores}, notebooks={NOTEBOOK: text}, pages={NOTEBOOK: text})
    return place, task, outcome


def versions(course: Course, place: Archive) -> tuple[str, str, set[float | None]]:
    """What the notebook, the page and the gradebook say."""
    with course.gradebook() as gradebook:
        (notebook,) = gradebook.find_submission(UNIT, STUDENT).notebooks
        points = {grade.auto_score for grade in notebook.grades if grade.name in CELLS}
    notebook, page = place.graded / f"{NOTEBOOK}.ipynb", place.pages / f"{NOTEBOOK}.html"
    return notebook.read_text(), page.read_text(), points


def kill_at(patch: pytest.MonkeyPatch, owner: object, name: str, call: int) -> None:
    """End the grader just before a function is called for the ``call``-th time."""
    original = getattr(owner, name)
    calls = []

    def function(*args, **options):
        calls.append(1)
        if len(calls) == call:
            raise Killed
        return original(*args, **options)

    patch.setattr(owner, name, function)


@pytest.mark.parametrize(
    ("owner", "name", "call", "then"),
    [
        (archive, "write_files", 1, 1),
        (archive, "write_files", 2, 1),
        (archive, "_write_state", 1, 1),
        (archive, "enter", 1, 1),
        (Session, "commit", 1, 1),
        # From here on the gradebook has the new points.
        (archive.shutil, "rmtree", 3, 2),
        (Path, "rename", 1, 2),
        (archive.shutil, "rmtree", 4, 2),
        (Path, "rename", 2, 2),
    ],
)
def test_killed_in_the_middle(
    course: Course, monkeypatch: pytest.MonkeyPatch, owner: object, name: str, call: int, then: int
) -> None:
    graded(course, 1)[0].store(*graded(course, 1)[1:])
    place, task, outcome = graded(course, 2)
    with monkeypatch.context() as patch:
        # Who is killed tidies nothing up.
        patch.setattr(Archive, "_discard", lambda self: None)
        kill_at(patch, owner, name, call)
        with pytest.raises(Killed):
            place.store(task, outcome)
    with open_gradebook(place.coursedir) as gradebook:
        place.recover(gradebook)
        assert versions(course, place) == (f"version {then}", f"version {then}", {float(then)})
        assert place.state().fingerprint == f"version {then}"
        assert place.is_graded(gradebook, (NOTEBOOK,), f"version {then}")
    assert [path.name for path in place.graded.parent.iterdir()] == [UNIT]
    assert [path.name for path in place.pages.parent.iterdir()] == [UNIT]


def test_points_of_a_person_survive_and_are_looked_at_again(course: Course) -> None:
    place, task, outcome = graded(course, 1)
    place.store(task, outcome)
    with course.gradebook() as gradebook:
        grade = gradebook.find_grade("why", NOTEBOOK, UNIT, STUDENT)
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        gradebook.find_comment("double", NOTEBOOK, UNIT, STUDENT).manual_comment = "Well done."
        gradebook.db.commit()
    place.store(*graded(course, 2)[1:])
    with course.gradebook() as gradebook:
        grade = gradebook.find_grade("why", NOTEBOOK, UNIT, STUDENT)
        assert (grade.score, grade.auto_score, grade.needs_manual_grade) == (1.5, 2.0, True)
        assert not gradebook.find_grade("test_double", NOTEBOOK, UNIT, STUDENT).needs_manual_grade
        assert gradebook.find_comment("double", NOTEBOOK, UNIT, STUDENT).comment == "Well done."
    place.withdraw()
    with course.gradebook() as gradebook:
        assert gradebook.find_submission(UNIT, STUDENT).score == 1.5
    assert not place.graded.exists() and not place.pages.exists()


def test_digest_of_points_sees_each_of_them() -> None:
    some = NotebookScores({"a": 1.0, "b": None}, {"c": None}, None)
    others = [
        NotebookScores({"a": 1.0, "b": 0.0}, {"c": None}, None),
        NotebookScores({"a": 1.0, "b": None}, {"c": "No response."}, None),
        NotebookScores({"a": 1.0, "b": None}, {"c": None}, 0.5),
        NotebookScores({"a": 1.0}, {"c": None}, None),
    ]
    digests = {points_digest({"notebook": each}, None) for each in [some, *others]}
    assert len(digests) == 5
    assert points_digest({"notebook": some}, None) in digests
