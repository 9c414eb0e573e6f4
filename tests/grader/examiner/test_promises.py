"""Does the harness of the course's checks see through the wall what a call did besides answering?"""

from __future__ import annotations

import random
import threading

import pytest
import torch  # noqa: F401  # as the checks of PyTorch do: what nobody has loaded, nobody looks at

from course_utils.checks.call import call
from tests.course_utils.broken_promises import BROKEN, PRELUDE
from tests.grader.examiner.conftest import Student


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_promise_is_named_across_the_wall(student: Student, broken: str) -> None:
    source, exercise, arguments, says = BROKEN[broken]
    function = student.defines(PRELUDE + source, "f")
    with student.session.draws_alone(), pytest.raises(AssertionError) as said:
        call(exercise, function, *(make() for make in arguments))
    assert says in str(said.value)


def test_what_other_threads_of_the_grader_draw_is_no_students_fault(student: Student) -> None:
    density = student.defines("def density(R): return R.nnz / (R.shape[0] * R.shape[1])", "density")
    over, (_, _, arguments, _) = threading.Event(), BROKEN["Python's generator"]

    def draw() -> None:
        while not over.is_set():
            random.random()

    thread = threading.Thread(target=draw)
    thread.start()
    try:
        with student.session.draws_alone():
            for _ in range(20):
                call("density", density, *(make() for make in arguments))
    finally:
        over.set()
        thread.join()
