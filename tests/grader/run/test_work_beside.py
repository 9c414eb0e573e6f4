"""An answer in another cell than the marked one waits for a person or is flagged; it is never silently 0."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from grader.gradebook.results import Result
from grader.record import Flag
from grader.steps.work_beside import work_beside
from tests.grader.run.conftest import UNIT, Course, cell, delete, solve

ANSWER = "Since 2x = x + x."


def insert(nb: NotebookNode, new: NotebookNode, name: str, after: int = 1) -> None:
    nb.cells.insert(nb.cells.index(cell(nb, name)) + after, new)


def below(nb: NotebookNode) -> None:
    solve(nb)
    insert(nb, new_markdown_cell(ANSWER), "why")


def above(nb: NotebookNode) -> None:
    solve(nb)
    insert(nb, new_markdown_cell(ANSWER), "why", after=0)


def as_code(nb: NotebookNode) -> None:
    solve(nb)
    insert(nb, new_code_cell(f"# {ANSWER}"), "why")


def below_an_empty_cell(nb: NotebookNode) -> None:
    below(nb)
    insert(nb, new_code_cell(" \n"), "why")


def in_place_of_a_deleted_cell(nb: NotebookNode) -> None:
    below(nb)
    delete(nb, "why")


def below_a_deleted_cell_and_more(nb: NotebookNode) -> None:
    in_place_of_a_deleted_cell(nb)
    nb.cells.append(new_markdown_cell("Created elsewhere."))


def without_any_metadata(nb: NotebookNode) -> None:
    below(nb)
    for each in nb.cells:
        each.metadata.clear()
        each.pop("id")


WAITING = [
    *(below, above, as_code, below_an_empty_cell),
    *(in_place_of_a_deleted_cell, below_a_deleted_cell_and_more, without_any_metadata),
]


def code_below_under_another_name(nb: NotebookNode) -> None:
    insert(nb, new_code_cell("def twice(x):\n    return 2 * x"), "double")


def code_in_a_text_cell(nb: NotebookNode) -> None:
    insert(nb, new_markdown_cell("```python\ndef double(x): return 2 * x\n```"), "double")


def code_above_the_checks(nb: NotebookNode) -> None:
    """In the cell with the checks, which is put back as it was."""
    checks = cell(nb, "test_double")
    checks.source = f"def double(x):\n    return 2 * x\n{checks.source}"


def code_below(nb: NotebookNode) -> None:
    insert(nb, new_code_cell("def double(x):\n    return 2 * x"), "double")


STUDENTS: dict[str, Callable[[NotebookNode], None]] = {
    each.__name__: each
    for each in [
        *WAITING,
        code_below_under_another_name,
        code_in_a_text_cell,
        code_above_the_checks,
        code_below,
    ]
}


@pytest.fixture(scope="module")
def results(course: Course) -> dict[str, Result]:
    for student, change in STUDENTS.items():
        course.submit(student, change)
    course.submit("untouched", lambda nb: None)
    return course.grade()


@pytest.mark.parametrize("student", [each.__name__ for each in WAITING])
def test_a_written_answer_waits_for_a_person(
    results: dict[str, Result], course: Course, student: str
) -> None:
    result = results[student]
    assert (result.total, result.pending) == (8, 2), result
    if student in ("in_place_of_a_deleted_cell", "without_any_metadata"):  # the cell was found again
        assert Flag.RESTORED in result.flags
    else:
        assert Flag.BESIDE in result.flags
        assert "What stands in the cell beside it may be the answer" in course.page(student)
    assert "waits for a person" in course.page(student)
    assert ANSWER in course.page(student)


@pytest.mark.parametrize(
    "student", ["code_below_under_another_name", "code_in_a_text_cell", "code_above_the_checks"]
)
def test_code_at_another_place_is_flagged(results: dict[str, Result], student: str) -> None:
    points = {score.name: score.points for score in results[student].scores}
    assert points["test_double"] == 0 and Flag.BESIDE in results[student].flags


def test_code_in_a_new_cell_that_the_checks_find_counts(results: dict[str, Result]) -> None:
    points = {score.name: score.points for score in results["code_below"].scores}
    assert points["test_double"] == 2 and points["test_double_hidden"] == 3
    assert Flag.BESIDE not in results["code_below"].flags


def test_what_is_untouched_has_no_flag_and_waits_for_nobody(results: dict[str, Result]) -> None:
    assert (results["untouched"].total, results["untouched"].pending) == (0, 0)
    assert results["untouched"].flags == ()


def test_given_cells_are_nothing_new(course: Course) -> None:
    nb = course.released()
    cell(nb, "imports").source = "import sys  \r\n"
    assert work_beside(nb, [each.source for each in course.released().cells]) == {}
    cell(nb, "imports").source = "import os"
    assert work_beside(nb, [each.source for each in course.released().cells]) == {"double": [0]}


def test_a_given_cell_that_the_instructor_changed_later_is_nothing_new(course: Course) -> None:
    path = course.root / "source" / UNIT / "tiny.ipynb"
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace("import sys", "import os"), encoding="utf-8")
    try:
        course.submit("later", lambda nb: None)
        result = course.grade("later")["later"]
        assert (result.total, result.pending, result.flags) == (0, 0, ())
    finally:
        path.write_text(before, encoding="utf-8")
