"""One class, graded by nbgrader's own command and by `course grade`: the same points.

nbgrader runs the checks in the student's kernel, `course grade` outside it. What an honest student deserves
does not depend on it; what code written to cheat gets does, and is no part of this class.
"""

from __future__ import annotations

import json

from grader.course_api import nbgrader_api
from grader.gradebook.ledger import read_scores
from grader.gradebook.results import Status
from grader.run.convert import log_to
from tests.grader.run.conftest import UNIT, Course
from tests.grader.run.test_class import CLASS

HONEST = ["Zoë von Österreich 李", "untouched", "deleted tests", "all metadata gone", "copied solution"]
HONEST += ["syntax error", "stderr", "wrong", "slow cells", "kills kernel"]


def points(course: Course, student: str) -> dict[str, float | None]:
    """What the gradebook says, of the autograder's points."""
    with course.gradebook() as gradebook:
        return read_scores(gradebook.find_submission(UNIT, student))["tiny"].points


def test_the_same_points(course: Course) -> None:
    for student in HONEST:
        course.submit(student, CLASS[student][0])
    with (course.root / "nbgrader.log").open("w") as log, log_to(log):
        api = nbgrader_api(course.root)
        assert all(api.autograde(UNIT, student)["success"] for student in HONEST)
    in_kernel = {student: points(course, student) for student in HONEST}
    results = course.grade()
    assert {result.status for result in results.values()} == {Status.GRADED}
    assert {student: points(course, student) for student in HONEST} == in_kernel
    for student in HONEST:
        assert in_kernel[student].items() >= CLASS[student][1].items()


def test_the_same_submission_has_the_same_score(course: Course) -> None:
    """Again and again, in other orders, on workers that are busy with the others."""
    for student in HONEST[:4]:
        course.submit(student, CLASS[student][0])

    def gradebook() -> str:
        course.grade(*HONEST[:4], force=True)
        notes = {student: course.autograded(student).metadata["grading"] for student in HONEST[:4]}
        return json.dumps([{student: points(course, student) for student in HONEST[:4]}, notes])

    assert len({gradebook() for _ in range(4)}) == 1
