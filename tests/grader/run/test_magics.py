"""Does a student read what is wrong with a cell magic that is not in the first line?"""

from __future__ import annotations

import pytest

from grader.gradebook.results import Status
from grader.steps.save_scores import _magic_below_the_first_line
from tests.grader.run.conftest import Course, Here, cell

ANSWER = "def double(x):\n    return 2 * x"


@pytest.mark.parametrize(
    ("source", "magic"),
    [
        (f"# my answer\n%%time\n{ANSWER}", "%%time"),
        (f"x = 1\n\n  %%timeit -n 3\n{ANSWER}", "%%timeit"),
        (f"\n\n%%time\n{ANSWER}", ""),
        ("%%writefile a.md\n%%time", ""),
        ("text = 100 %% 3", ""),
        ("", ""),
    ],
)
def test_which_magic_is_below_the_first_line(source: str, magic: str) -> None:
    assert _magic_below_the_first_line(source) == magic


def test_a_cell_magic_below_a_comment_is_named(course: Course) -> None:
    def write(nb) -> None:
        cell(nb, "double").source = f"# my answer\n%%time\n{ANSWER}"

    course.submit("ann", write)
    result = course.grade(force=True, pool=Here())["ann"]
    assert result.status is Status.GRADED
    assert result.message == (
        "NameError: name 'double' is not defined: its cell stopped at %%time, which has to be the first line "
        "of its cell"
    )
