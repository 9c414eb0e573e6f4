"""Is a course that is not ours graded as nbgrader grades it, with nothing of this project but the settings?

nbgrader's own example and a made unit of two notebooks are graded in both ways, with right and wrong answers,
and compared cell by cell.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from nbformat import NotebookNode

from course.demo.demo import is_isolated
from course.init import write_config
from grader.gradebook.results import Result
from grader.run.grade import grade
from grader.run.pool import Pool
from tests.grader.any_course.exercises import BASICS, TABLES
from tests.grader.any_course.folder import EXAMPLE, MADE, Points, build, nbgrader, points, release, submit

# nbgrader's own example is in an old format.
pytestmark = pytest.mark.filterwarnings("ignore:Cell is missing an id field")

EXERCISES = {each.name: each for each in [*BASICS, *TABLES]}
SQUARES = "def squares(n):\n    if n < 1: raise ValueError\n    return [i**2 for i in range(1, n + 1)]"
EXAMPLES = {
    "right": {"squares": SQUARES, "sum_of_squares": "def sum_of_squares(n):\n    return sum(squares(n))"},
    # It does not call `squares`, so it does not miss it when the check has deleted it.
    "wrong": {
        "squares": SQUARES,
        "sum_of_squares": "def sum_of_squares(n):\n    return sum(i**2 for i in range(1, n + 1))",
    },
}


def answers(which: str) -> Callable[[str, NotebookNode], None]:
    """What a student does to a notebook: every answer right, or every answer of the made unit wrong."""

    def change(_: str, nb: NotebookNode) -> None:
        for cell in nb.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            if name in EXAMPLES[which]:
                cell.source = EXAMPLES[which][name]
            elif name in EXERCISES:
                cell.source = getattr(EXERCISES[name], which)

    return change


@dataclass(frozen=True)
class BothWays:
    """What the two ways of grading gave, by unit and student."""

    plain: dict[tuple[str, str], Points]
    ours: dict[tuple[str, str], Points]
    results: list[Result]
    said: list[str]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> BothWays:
    """Both units, handed in by two students, graded by nbgrader and by ``course grade``."""
    plain, safe = (tmp_path_factory.mktemp("any") / name for name in ("plain", "safe"))
    build(plain)
    release(plain)
    handed_in = [(unit, student) for unit in (EXAMPLE, MADE) for student in EXAMPLES]
    for unit, student in handed_in:
        submit(plain, student, unit, answers(student))
    shutil.copytree(plain, safe)
    write_config(safe)
    for unit, student in handed_in:
        nbgrader(plain, "autograde", unit, student)
    said: list[str] = []
    with Pool(1, isolated=is_isolated()) as pool:
        results = grade(safe, [EXAMPLE, MADE], pool=pool, say=said.append)
    assert [result.problem for result in results] == [""] * 4
    both = [{each: points(root, each[1], each[0]) for each in handed_in} for root in (plain, safe)]
    return BothWays(*both, results, said)


@pytest.mark.parametrize("unit", [EXAMPLE, MADE])
@pytest.mark.parametrize("student", EXAMPLES)
def test_every_cell_gets_the_points_that_nbgrader_gives(graded: BothWays, unit: str, student: str) -> None:
    plain, ours = graded.plain[unit, student], graded.ours[unit, student]
    assert {cell: (plain[cell], ours.get(cell)) for cell in plain if ours.get(cell) != plain[cell]} == {}


def test_the_bank_tells_right_from_wrong(graded: BothWays) -> None:
    """Every right answer gets its points from nbgrader, and every wrong one loses some."""
    right, wrong = (graded.plain[MADE, student] for student in EXAMPLES)
    for name, exercise in EXERCISES.items():
        notebook = "basics" if exercise in BASICS else "tables"
        cell = (notebook, f"test_{name}")
        assert right[cell] == exercise.points and wrong[cell] < exercise.points, name


def test_an_answer_that_does_not_use_the_deleted_function_loses_that_half_point(graded: BothWays) -> None:
    """The example's test deletes ``squares`` and waits for the NameError of ``sum_of_squares``."""
    right, wrong = (graded.ours[EXAMPLE, student] for student in EXAMPLES)
    assert right["problem1", "sum_of_squares_uses_squares"] == 0.5
    assert {cell for cell in right if right[cell] != wrong[cell]} == {
        ("problem1", "sum_of_squares_uses_squares")
    }


def test_written_answers_wait_for_a_person(graded: BothWays) -> None:
    assert None in graded.ours[EXAMPLE, "right"].values()


def test_what_is_checked_beside_the_code_is_said_and_flagged(graded: BothWays) -> None:
    """The example needs nothing of it; of the made unit most cells were chosen because they do."""
    assert [each for each in graded.said if each.startswith(EXAMPLE)] == []
    (said,) = graded.said
    assert said.startswith(f"{MADE}: your own answers pass test_asks,") and "only beside" in said
    flags = {result.unit: result.flags for result in graded.results if result.student == "right"}
    assert flags[EXAMPLE] == () and "checked beside the student's code" in flags[MADE][0]
