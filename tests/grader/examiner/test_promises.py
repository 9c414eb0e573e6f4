"""Does the harness of the course's checks see through the wall what a call did besides answering?"""

from __future__ import annotations

import pytest
import torch  # noqa: F401  # as the checks of PyTorch do: what nobody has loaded, nobody looks at

from course_utils.checks.call import call
from tests.course_utils.broken_promises import BROKEN, PRELUDE
from tests.grader.examiner.conftest import Student


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_promise_is_named_across_the_wall(student: Student, broken: str) -> None:
    source, exercise, arguments, says = BROKEN[broken]
    function = student.defines(PRELUDE + source, "f")
    with pytest.raises(AssertionError) as said:
        call(exercise, function, *(make() for make in arguments))
    assert says in str(said.value)
