"""What was exported from a page arrives in nbgrader's gradebook as a whole, or is named with the remedy."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from course.marking import files_json, said_of_file
from grader.answers import mark as mark_module
from grader.gradebook.export import export
from tests.grader.answers.conftest import ASKED, Answers, make_class
from tests.grader.run.conftest import NOTEBOOK, UNIT

TEXTS = ["The first answer.", "A second one, longer.", "The first answer."]
STUDENTS = ("student-000", "student-001", "student-002")
NOTHING = (None, None, True)


@pytest.fixture
def three(answers: Answers) -> Answers:
    make_class(answers.root, TEXTS)
    return answers


def test_formgrader_sees_the_same_points_and_comments(three: Answers) -> None:
    (entered,) = three.mark(three.export(("first", 1.5, "Why *that*?"), ("second", 0, None)))
    assert (len(entered.marked), entered.changed, entered.problem) == (3, [], "")
    first = (1.5, "Why *that*?", False)
    assert three.given(*STUDENTS) == [first, (0, None, False), first]
    with three.api.gradebook as gradebook:
        submission = gradebook.find_submission(UNIT, "student-000")
        assert (submission.score, submission.needs_manual_grade) == (9.5, False)
    # And so does what goes to the learning platform.
    lines = export(three.root, UNIT, "moodle").read_text().splitlines()
    assert [line.split(",")[-1] for line in lines[1:]] == ["9.5", "8", "9.5"]
    # The new page shows them.
    assert '"given": [1.5, "Why *that*?"]' in three.page()
    (again,) = three.mark(three.export(("first", 1.5, "Why *that*?"), ("second", 0, None)))
    assert (again.marked, len(again.unchanged)) == ([], 3)


def test_other_points_are_entered_and_named(three: Answers) -> None:
    three.mark(three.export(("first", 1, "Hm.")))
    (entered,) = three.mark(three.export(("first", 2, None)))
    assert entered.replaced == [
        "student-000: 2 in place of 1",
        "student-002: 2 in place of 1",
    ]
    # No comment leaves the one that is there; an empty one takes it back.
    assert three.given("student-000") == [(2, "Hm.", False)]
    three.mark(three.export(("first", None, "")))
    assert three.given("student-000") == [(2, None, False)]


def test_an_answer_that_is_another_one_now_is_not_marked_but_shown_again(three: Answers) -> None:
    path = three.export(("first", 1.5, "Good."))
    three.graded("student-002", "Something else.")
    (entered,) = three.mark(path)
    assert (entered.marked, entered.changed) == (["student-000"], ["student-002"])
    assert entered.needs_a_person
    assert three.given("student-002") == [NOTHING]
    assert "student-002. Run `course answers 01-tiny`" in " ".join(said_of_file(entered))
    # What was given is not lost: the new page shows it, and the old answer has it when it comes back.
    assert "Had 1.5 points for another answer before. The comment: Good." in three.page()
    three.graded("student-002", "The first answer.")
    assert three.given("student-002") == [(1.5, "Good.", False)]


def test_what_was_marked_outlives_other_hand_ins(three: Answers) -> None:
    three.mark(three.export(("first", 1.5, "Good.")))
    three.graded("student-000", "The first answer.")
    three.graded("student-002", "Something else.")
    assert three.given("student-000", "student-002") == [(1.5, "Good.", False), NOTHING]
    assert "Had 1.5 points for another answer before." in three.page()


def damage(**changes: object):
    def change(path: Path) -> None:
        data = json.loads(path.read_text())
        data["marks"][-1] |= changes
        path.write_text(json.dumps(data))

    return change


def head(**changes: object):
    return lambda path: path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def twice(path: Path) -> None:
    data = json.loads(path.read_text())
    data["marks"].append(data["marks"][0] | {"points": 0.5})
    path.write_text(json.dumps(data))


REFUSED = {
    "too many points": (
        damage(points=2.5),
        "2.5 points for student-00. are not between 0 and 2: correct them",
    ),
    "negative": (damage(points=-1), "-1 points for student-00. are not between 0 and 2"),
    "not a number": (damage(points=float("nan")), "mark 2 has points that are out of range"),
    "infinite": (lambda path: path.write_text(path.read_text().replace("1.25", "1e999")), "out of range"),
    "endless": (lambda path: path.write_text(path.read_text().replace("1.25", "9" * 5000)), "damaged"),
    "yes": (damage(points=True), "mark 2 has points that are no number, True"),
    "a text": (damage(points="2"), "mark 2 has points that are no number, '2'"),
    "comment of NUL": (damage(comment="\0"), "mark 2 has a comment that is no text"),
    "comment of half a letter": (damage(comment="\ud800"), "mark 2 has a comment that is no text"),
    "long comment": (damage(comment="x" * 20_001), "a comment of more than 20,000 characters"),
    "unknown submission": (damage(submissions=["nobody"]), "knows no submission 'nobody' of 01-tiny"),
    "no submissions": (damage(submissions=[]), "mark 2 lacks the submissions"),
    "two marks": (twice, "mark 3 gives something else to a submission that has a mark here"),
    "cut short": (
        lambda path: path.write_text(path.read_text()[:-9]),
        r"damaged \(line 1: .*export it again",
    ),
    "empty": (lambda path: path.write_text(""), "damaged"),
    "deep": (lambda path: path.write_text("[" * 100_000), "damaged"),
    "no text": (lambda path: path.write_bytes(b"\xff\xfe\x00PNG"), "is no text"),
    "something else": (lambda path: path.write_text('{"a": 1}'), "is no file of marks of this version"),
    "a list": (lambda path: path.write_text("[1, 2]"), "is no file of marks of this version"),
    "gone": (lambda path: path.unlink(), r"cannot be read \(No such file"),
    "of another course": (head(course="algebra"), "is of the course 'algebra', and this is"),
    "of last year's gradebook": (head(gradebook="0" * 32), "of another gradebook"),
    "of another unit": (head(unit="02-other"), "of another gradebook"),
    "of no unit": (head(unit="09-none"), "knows no unit '09-none'"),
    "of no question": (head(question="double"), "has no question 'double' that a person marks"),
    "of a check": (head(question="test_double"), "has no question 'test_double' that a person marks"),
    "without a name": (head(unit=None), "damaged .it lacks 'unit'"),
    "without marks": (head(marks=None), "damaged .it lacks 'marks'"),
}


@pytest.fixture(scope="module")
def module_answers(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Answers:
    root = tmp_path_factory.mktemp("refused")
    shutil.copytree(released, root, dirs_exist_ok=True)
    make_class(root, TEXTS)
    return Answers(root)


@pytest.mark.parametrize(("change", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_a_file_is_entered_as_a_whole_or_named(module_answers: Answers, change, said: str) -> None:
    path = module_answers.export(("first", 1, "Good."), ("second", 1.25, None))
    change(path)
    (entered,) = module_answers.mark(path)
    assert entered.problem.startswith(str(path)) and entered.needs_a_person
    assert re.search(said, entered.problem), entered.problem
    assert module_answers.given(*STUDENTS) == [NOTHING] * 3


def test_a_bad_file_does_not_stop_a_good_one(three: Answers) -> None:
    good = three.export(("second", 1, None))
    bad = three.root / "bad.json"
    bad.write_text("{")
    first, second = three.mark(bad, good)
    assert first.problem and second.marked == ["student-001"]
    said = json.loads(files_json([first, second]))
    assert [each["marked"] for each in said] == [[], ["student-001"]]
    assert said[1]["question"] == ASKED and said[0]["problem"]


def test_a_crash_in_the_middle_leaves_nothing_half_entered(
    three: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, calls, write = three.export(("first", 1, None)), [], mark_module.write_marks

    def write_once(*arguments):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return write(*arguments)

    monkeypatch.setattr(mark_module, "write_marks", write_once)
    with pytest.raises(KeyboardInterrupt):
        three.mark(path)
    assert three.given(*STUDENTS) == [NOTHING] * 3
    monkeypatch.undo()
    (entered,) = three.mark(path)
    assert len(entered.marked) == 2


def test_a_unit_that_is_released_again_keeps_its_marks(three: Answers) -> None:
    path = three.export(("first", 1, None))
    assert three.api.generate_assignment(UNIT, force=True)["success"]
    (entered,) = three.mark(path)
    assert len(entered.marked) == 2 and not entered.problem
    assert NOTEBOOK in path.read_text()
