"""The instructor's report: its figures on classes whose answers are known, and its page for any class."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from grader.course_folder import CourseError
from grader.feedback.states import State
from grader.report.gather import ClassOfUnit, Outcome, Work
from grader.report.report import report, write_report
from grader.report.similarity import similar_pairs
from grader.report.statistics import discrimination, items, misconceptions, pattern
from tests.grader.report.conftest import NAMES, ODD, REFERENCE, STUB, make_class
from tests.grader.run.test_feedback_scripts import Attributes, Server, html_vectors, opened, server

__all__ = ["server"]  # a fixture
WHEN = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)


def test_the_share_that_is_reached_leaves_out_what_waits(hundred: ClassOfUnit) -> None:
    found = {item.name: item for item in items(hundred)}
    reached = [work.outcomes["ex1"].points for work in hundred.works]
    assert found["ex1"].difficulty == pytest.approx(sum(reached) / 300)
    assert found["why"].difficulty == 1
    assert found["why"].states == {State.FULL: 34, State.WAITS: 66}


def test_discrimination_is_the_correlation_with_the_rest(hundred: ClassOfUnit) -> None:
    found = {item.name: item.discrimination for item in items(hundred)}
    assert all(found[name] > 0.4 for name in NAMES if name != ODD)
    assert found[ODD] < -0.4


def test_discrimination_by_hand() -> None:
    share = np.array([0, 0, 0, 0, 1, 1, 1, 1.0])
    assert discrimination(share, share) == pytest.approx(1)
    assert discrimination(share, 1 - share) == pytest.approx(-1)
    assert math.isnan(discrimination(share, np.ones(8)))
    assert math.isnan(discrimination(share[:5], share[:5]))


def test_only_the_exercise_that_strong_students_fail_is_odd(hundred: ClassOfUnit) -> None:
    assert [item.name for item in items(hundred) if item.odd] == [ODD]


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("Yours is 0.51: the penalty counts twice.", "Yours is -1.2e-3: the penalty counts twice.", True),
        ("Yours is [1. 2. 3.], wanted [0.5].", "Yours is [ 7.25 -8.  ], wanted [0.1 nan].", True),
        ("Wanted 3, came 4.", "Wanted 3, came nan.", True),
        ("in line 3 of 2195714164.py", "in line 30 of 99.py", True),
        ("the penalty counts twice", "the penalty is missing", False),
        ("x1 is wrong", "x2 is wrong", False),
    ],
)
def test_sentences_that_differ_in_numbers_are_one(first: str, second: str, same: bool) -> None:
    assert (pattern(first) == pattern(second)) is same


def test_misconceptions_by_number_of_students(hundred: ClassOfUnit) -> None:
    found = misconceptions(hundred)
    sizes = [len(each.students) for each in found]
    assert sizes == sorted(sizes, reverse=True)
    assert sum(sizes) == sum(
        outcome.state in (State.WRONG, State.CRASHED)
        for work in hundred.works
        for outcome in work.outcomes.values()
    )
    assert len(found) == 3 * len(NAMES)


def test_a_sentence_counts_once_a_student() -> None:
    said = {"test_ex1": "Yours is 1.", "test_ex1_hidden": "Yours is 2."}
    work = Work("ann", {"ex1": Outcome(0, State.WRONG, said)})
    (only,) = misconceptions(replace(make_class(0), works=[work]))
    assert only.students == ("ann",)


def test_the_pair_that_copied_is_found_although_disguised(hundred: ClassOfUnit) -> None:
    (pair,) = similar_pairs(hundred)
    assert (pair.first, pair.second, pair.answers) == ("student-000", "student-001", ("ex1",))
    assert pair.share > 0.9


@pytest.mark.parametrize(
    "answer", [STUB, REFERENCE, "def solve_row(r): return 0", "", "(" * 3000, "\x00'''é"]
)
def test_what_everybody_may_have_is_not_suspicious(answer: str) -> None:
    """What was handed out, the reference solution, answers too short to tell, and what is no Python."""
    works = [Work(name, {}, {"ex1": answer}) for name in ("ann", "ben")]
    assert similar_pairs(replace(make_class(0), works=works)) == []


def test_what_many_share_is_not_suspicious() -> None:
    classroom = make_class(30)
    same = classroom.works[0].answers["ex1"]
    for work in classroom.works[:6]:
        work.answers["ex1"] = same
    assert similar_pairs(classroom) == []
    for work in classroom.works[2:6]:
        work.answers.clear()
    assert len(similar_pairs(classroom)) == 1


def test_in_a_large_class_thirty_who_share_are_found_and_more_share_what_is_known() -> None:
    """The pairs to be looked at grow with the class, not with its square."""
    classroom = make_class(320)
    same = classroom.works[2].answers["ex1"]
    for work in classroom.works[2:32]:
        work.answers["ex1"] = same
    assert {pair.first for pair in similar_pairs(classroom)} >= {"student-000", "student-002"}
    classroom.works[32].answers["ex1"] = same
    (pair,) = similar_pairs(classroom)
    assert (pair.first, pair.second) == ("student-000", "student-001")


@pytest.mark.parametrize("n_students", [0, 1, 2, 100])
def test_a_page_for_any_class(n_students: int) -> None:
    html = report(make_class(n_students), WHEN)
    assert html.count("<svg") == (2 if n_students else 0)
    assert ("Nothing of this unit has been graded yet" in html) is (n_students == 0)
    assert "nan" not in re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL)
    assert ("Look at these exercises" in html) is (n_students == 100)
    assert report(make_class(n_students), WHEN) == html


def test_what_was_not_graded_is_named() -> None:
    assert "is wrong): zoe" in report(replace(make_class(1), ungraded=["zoe"]), WHEN)


def test_the_page_runs_no_script_and_loads_nothing(server: Server, tmp_path: Path) -> None:
    """Whatever students wrote: ids, sentences that quote their values, answers, flags."""
    classroom = make_class(12)
    vectors = html_vectors(server.url)
    for number, work in enumerate(classroom.works):
        said = {"test_ex1": "Yours is " + vectors[number % len(vectors)]}
        outcomes = work.outcomes | {"ex1": Outcome(0, State.WRONG, said)}
        source = work.answers["ex1"] + "\n# " + "</pre>".join(vectors)
        hostile = Work(f"{number}{vectors[-number]}", outcomes, {"ex1": source}, (vectors[0],))
        classroom.works[number] = hostile
    html = report(classroom, WHEN)
    dom = opened(re.sub(r"<meta http-equiv=[^>]*>", "", html), server, tmp_path)
    assert server.asked == []
    assert "scripts-ran" not in dom.partition("<head>")[0]
    # A picture refers to its own parts: #id.
    tags = Counter(tag for tag, _, _ in Attributes(dom).found)
    assert not {"script", "iframe", "img", "object", "embed", "form", "input"} & tags.keys()
    for tag, name, value in Attributes(dom).found:
        assert not name.startswith("on"), (tag, name, value)
        assert name not in ("href", "xlink:href") or value.startswith("#"), (tag, name, value)


def test_a_unit_that_was_never_released(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[3]
    (tmp_path / "nbgrader_config.py").write_text((root / "nbgrader_config.py").read_text())
    with pytest.raises(CourseError, match="knows no unit '09-none'"):
        write_report(tmp_path, "09-none", tmp_path / "report.html")
