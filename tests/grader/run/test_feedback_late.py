"""A late penalty by nbgrader's policy plugin outlives grading, and is on the page and in the export."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from nbformat import NotebookNode

from grader.course_folder import CONFIG_FILE
from grader.gradebook.export import export
from grader.gradebook.results_output import write_csv
from grader.report.report import write_report
from tests.grader.run.conftest import NOTEBOOK, UNIT, Course, cell, solve
from tests.grader.run.test_faults import table_of

POLICY = """

from nbgrader.plugins import LateSubmissionPlugin


class PointADay(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return total_seconds_late / 86400


c.AssignLatePenalties.plugin_class = PointADay
"""
ALL = "nbgrader.plugins.LateSubmissionPlugin"
WITH_ALL = "\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"


def penalty(course: Course, student: str) -> float:
    with course.gradebook() as gradebook:
        return gradebook.find_submission(UNIT, student).late_submission_penalty


def test_a_late_penalty(course: Course) -> None:
    config = course.root / CONFIG_FILE
    config.write_text(config.read_text() + POLICY)
    with course.gradebook() as gradebook:
        gradebook.update_or_create_assignment(UNIT, duedate="2026-11-20 12:00:00 UTC")
    for student, day in [("late", 22), ("early", 19)]:
        course.submit(student, solve)
        course.submit_text(student, f"2026-11-{day} 12:00:00 UTC", name="timestamp.txt")
    results = course.grade()
    assert (penalty(course, "late"), penalty(course, "early")) == (2, 0)
    assert "<strong>6 of 10 points</strong>" in course.page("late")
    assert "2 points are taken off because it was handed in late" in course.page("late")

    # The table and grades.csv say the same as the page.
    write_csv(results.values(), course.root / "grades.csv")
    with (course.root / "grades.csv").open(newline="") as file:
        lines = {line["student"]: (line["total"], line["penalty"]) for line in csv.DictReader(file)}
    assert lines == {"late": ("6", "2"), "early": ("8", "0")}
    assert re.search(r" late .* -2 +6 ", table_of(list(results.values())))

    # Points that a person gives later do not touch it, nor does grading again.
    with course.gradebook() as gradebook:
        grade = gradebook.find_grade("why", NOTEBOOK, UNIT, "late")
        grade.manual_score, grade.needs_manual_grade = 2, False
        gradebook.db.commit()
    course.grade(force=True)
    assert penalty(course, "late") == 2
    assert "<strong>8 of 10 points</strong>" in course.page("late")
    assert points(export(course.root, UNIT, "moodle")) == {"early": "8", "late": "8"}
    html = write_report(course.root, UNIT, course.root / "report.html").read_text()
    assert "Median 8 of 10 points" in html


def test_a_penalty_follows_the_points_when_a_mark_is_taken_away_and_comes_back(course: Course) -> None:
    """The policy that takes all points of what is late sees those that stand in the end."""
    config = course.root / CONFIG_FILE
    config.write_text(f"{config.read_text()}\nc.AssignLatePenalties.plugin_class = {ALL!r}{WITH_ALL}")
    with course.gradebook() as gradebook:
        gradebook.update_or_create_assignment(UNIT, duedate="2026-11-20 12:00:00 UTC")

    def hand_in(answer: str) -> float:
        def change(nb: NotebookNode) -> None:
            solve(nb)
            cell(nb, "why").source = answer

        course.submit("eve", change)
        course.submit_text("eve", "2026-11-22 12:00:00 UTC", name="timestamp.txt")
        course.grade("eve")
        return penalty(course, "eve")

    assert hand_in("Since 2x = x + x.") == 8
    with course.gradebook() as gradebook:
        grade = gradebook.find_grade("why", NOTEBOOK, UNIT, "eve")
        grade.manual_score, grade.needs_manual_grade = 2, False
        gradebook.db.commit()
    assert hand_in("Another answer.") == 8
    assert hand_in("Since 2x = x + x.") == 10


def points(path: Path) -> dict[str, str]:
    with path.open(newline="") as file:
        return {line["Username"]: line[UNIT] for line in csv.DictReader(file)}
