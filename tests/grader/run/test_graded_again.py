"""What makes `course grade` grade a submission again, write only its page again, or leave it?"""

from __future__ import annotations

import datetime
import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.course_api import nbgrader_api
from grader.course_folder import CONFIG_FILE
from grader.course_secret import read_secret, set_salt
from grader.gradebook.ledger import open_gradebook
from grader.gradebook.results import Result
from grader.intake.catalogue import read_catalogue
from grader.intake.submissions import find_submissions
from grader.run import official
from grader.run.grade import Grader
from tests.grader.run.conftest import NOTEBOOK, UNIT, Course, Here, solve

EVERYTHING, PAGE, NOTHING = "everything", "the page", "nothing"


def hand_in_again(course: Course) -> None:
    course.submit("ann", lambda nb: solve(nb, "return x + x"))


def put_a_file_beside_the_submission(course: Course) -> None:
    course.submit_text("ann", "1,2", name="mine.csv")


def put_a_file_beside_the_official_notebook(course: Course) -> None:
    (course.root / "source" / UNIT / "table.csv").write_text("1,2")


def build(old: str, new: str) -> Callable[[Course], None]:
    """Change the official notebook, and do not release it."""

    def rewrite(course: Course) -> None:
        path = course.root / "source" / UNIT / f"{NOTEBOOK}.ipynb"
        text = path.read_text()
        assert text.count(old) == 1
        path.write_text(text.replace(old, new))

    return rewrite


def change_a_released_check(course: Course) -> None:
    with course.gradebook() as gradebook:
        gradebook.find_source_cell("test_double", NOTEBOOK, UNIT).source = "assert True"
        gradebook.db.commit()


def change_the_due_date(course: Course) -> None:
    with course.gradebook() as gradebook:
        gradebook.update_or_create_assignment(UNIT, duedate=datetime.datetime(2026, 11, 20))


def give_an_extension(course: Course) -> None:
    with course.gradebook() as gradebook:
        gradebook.find_submission(UNIT, "ann").extension = datetime.timedelta(days=1)
        gradebook.db.commit()


def configure(line: str) -> Callable[[Course], None]:
    def append(course: Course) -> None:
        with (course.root / CONFIG_FILE).open("a") as file:
            file.write(f"\n{line}\n")

    return append


def write_points_past_the_grader(course: Course) -> None:
    with course.gradebook() as gradebook:
        gradebook.find_grade("test_double", NOTEBOOK, UNIT, "ann").auto_score = 0.5
        gradebook.db.commit()


def grade_by_hand(course: Course) -> None:
    with course.gradebook() as gradebook:
        gradebook.find_grade("why", NOTEBOOK, UNIT, "ann").manual_score = 1.5
        gradebook.db.commit()


def comment_by_hand(course: Course) -> None:
    with course.gradebook() as gradebook:
        gradebook.find_comment("double", NOTEBOOK, UNIT, "ann").manual_comment = "Well done."
        gradebook.db.commit()


def lose(path: str) -> Callable[[Course], None]:
    return lambda course: (course.root / path).unlink()


CHANGES = {
    "handed in again": (hand_in_again, EVERYTHING),
    "file beside the submission": (put_a_file_beside_the_submission, EVERYTHING),
    "file beside the official notebook": (put_a_file_beside_the_official_notebook, EVERYTHING),
    "check that is not released": (build("Twice 1 is 2.", "Wrong."), NOTHING),
    "given cell": (build("import sys", "import os"), EVERYTHING),
    "the instructor's answer": (build("return 2 * x", "return x + x"), EVERYTHING),
    "rehearsal": (configure("c.GradedExecute.rehearse = True"), EVERYTHING),
    "released check": (change_a_released_check, EVERYTHING),
    "due date": (change_the_due_date, EVERYTHING),
    "extension": (give_an_extension, EVERYTHING),
    "time limit": (configure("c.Execute.timeout = 7"), EVERYTHING),
    "salt of the class": (lambda course: set_salt(course.root, "autumn"), EVERYTHING),
    "late penalty": (configure("c.AssignLatePenalties.plugin_class = 'other.Plugin'"), NOTHING),
    "points past the grader": (write_points_past_the_grader, EVERYTHING),
    "points by hand": (grade_by_hand, PAGE),
    "comment by hand": (comment_by_hand, PAGE),
    "notebook lost": (lose(f"autograded/ann/{UNIT}/{NOTEBOOK}.ipynb"), EVERYTHING),
    "digests lost": (lose(f"autograded/ann/{UNIT}/grading.json"), EVERYTHING),
    "page lost": (lose(f"feedback/ann/{UNIT}/{NOTEBOOK}.html"), PAGE),
}


@pytest.fixture(scope="module")
def graded(course: Course) -> Course:
    course.submit("ann", solve)
    assert course.grade()["ann"].total == 8
    return course


@pytest.fixture
def changed(graded: Course, tmp_path: Path) -> Course:
    """A copy of the graded course that a test may change."""
    shutil.copytree(graded.root, tmp_path, dirs_exist_ok=True)
    return Course(tmp_path, graded.pool)


@pytest.fixture
def fresh_environment() -> Iterator[None]:
    """The environment is read once in a process; some tests change it."""
    official.environment.cache_clear()
    yield
    official.environment.cache_clear()


def due(course: Course, force: bool = False) -> str:
    """What the next `course grade` will do for the only submission."""
    api = nbgrader_api(course.root)
    with open_gradebook(api.coursedir) as gradebook:
        catalogue = read_catalogue(gradebook, api.coursedir)
        (submission,) = find_submissions(api.coursedir, catalogue, [UNIT], None).submissions
        officials = {UNIT: official.read_official(api, gradebook, UNIT, read_secret(course.root).key)}
    task, _ = Grader(api, officials, catalogue, force, io.StringIO()).prepare(submission)
    if isinstance(task, Result):
        assert not task.problem
        return NOTHING
    return EVERYTHING if task.graded is None else PAGE


@pytest.mark.parametrize(("change", "expected"), CHANGES.values(), ids=CHANGES.keys())
def test_one_change(changed: Course, change: Callable[[Course], None], expected: str) -> None:
    assert due(changed) == NOTHING
    change(changed)
    assert due(changed) == expected


def test_force(graded: Course) -> None:
    assert due(graded, force=True) == EVERYTHING


@pytest.mark.usefixtures("fresh_environment")
def test_another_version_of_a_library(graded: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(official, "versions", lambda: ["numpy==0.0"])
    assert due(graded) == EVERYTHING


@pytest.mark.usefixtures("fresh_environment")
def test_the_code_of_a_visible_folder_counts_and_its_data_does_not(tmp_path: Path) -> None:
    seen = []
    for text, numbers in [("x = 1", "1"), ("x = 1", "2"), ("x = 2", "2")]:
        (tmp_path / "code.py").write_text(text)
        (tmp_path / "table.csv").write_text(numbers)
        official.environment.cache_clear()
        seen.append(official.environment((str(tmp_path),)))
    assert seen[0] == seen[1] != seen[2]


def test_once_done_nothing_is_due(changed: Course) -> None:
    grade_by_hand(changed)
    changed.grade(pool=Here())
    assert "<strong>9.5 of 10 points</strong>" in changed.page("ann")
    assert due(changed) == NOTHING
