"""Is a course that is not ours graded, with nothing of this project in it but the added configuration?"""

from __future__ import annotations

from pathlib import Path

import pytest
from nbformat import NotebookNode

from course.demo.demo import is_isolated
from course.init import write_config
from grader.run.grade import grade
from grader.run.pool import Pool
from tests.grader.any_course.folder import EXAMPLE, build, points, release, submit

# nbgrader's own example is in an old format.
pytestmark = pytest.mark.filterwarnings("ignore:Cell is missing an id field")

RIGHT = {
    "squares": "def squares(n):\n    if n < 1: raise ValueError\n    return [i**2 for i in range(1, n + 1)]",
    "sum_of_squares": "def sum_of_squares(n):\n    return sum(squares(n))",
    "a_number": "%time a_number = 6 * 7",
    "largest": "def largest(table):\n    return table.loc[table['people'].idxmax(), 'city']",
    "df": "df = pd.read_csv('cities.csv')",
}
# It does not call `squares`, so it does not miss it when the check has deleted it.
WRONG = RIGHT | {"sum_of_squares": "def sum_of_squares(n):\n    return sum(i**2 for i in range(1, n + 1))"}


def answers(sources: dict[str, str]):
    def change(_: str, nb: NotebookNode) -> None:
        for cell in nb.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            if name in sources:
                cell.source = sources[name]

    return change


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """nbgrader's example course, with two right and one wrong submission, graded."""
    root = tmp_path_factory.mktemp("any") / "physics"
    build(root)
    write_config(root)
    release(root, [EXAMPLE])
    for student, sources in {"right": RIGHT, "wrong": WRONG}.items():
        submit(root, student, EXAMPLE, answers(sources))
    with Pool(1, isolated=is_isolated()) as pool:
        results = grade(root, [EXAMPLE], pool=pool)
    assert [result.problem for result in results] == ["", ""]
    return root


def test_a_right_answer_to_nbgraders_example_gets_all_points(course: Path) -> None:
    """Its test deletes ``squares`` and waits for the NameError of ``sum_of_squares``."""
    found = points(course, "right", EXAMPLE)
    tests = {name: value for (notebook, name), value in found.items() if notebook == "problem1"}
    assert tests["sum_of_squares_uses_squares"] == 0.5
    assert tests["correct_squares"] == 1 and tests["squares_invalid_input"] == 1
    assert tests["correct_sum_of_squares"] == 0.5


def test_an_answer_that_does_not_use_the_deleted_function_loses_that_half_point(course: Path) -> None:
    right, wrong = (points(course, student, EXAMPLE) for student in ("right", "wrong"))
    assert {name for _, name in right if right[_, name] != wrong[_, name]} == {"sum_of_squares_uses_squares"}


def test_written_answers_wait_for_a_person(course: Path) -> None:
    assert None in points(course, "right", EXAMPLE).values()
