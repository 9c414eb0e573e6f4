"""Is a person one person in grading, table, report and exports, however the id is spelled?"""

from __future__ import annotations

import csv
import io
import unicodedata
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from grader.answers.gather import gather as gather_answers
from grader.gradebook.export import export
from grader.gradebook.identity import id_finder
from grader.gradebook.members import enter_class_list
from grader.gradebook.results import Status
from grader.gradebook.results_output import write_csv
from grader.people import Person
from grader.report.gather import gather
from tests.grader.run.conftest import UNIT, Course, solve

# As the class list has it, and as the folder is called.
SPELLINGS = {
    "Anna": "anna",
    "zoë": unicodedata.normalize("NFD", "zoë"),
    "ben li": "Ben  Li",
    "Straße": "STRASSE",
    "cem": "cem ",
    "0012": "12",
}


@pytest.fixture(scope="module")
def spelled(course: Course) -> Course:
    """A class whose folders are spelled in other ways, and one person nobody knows; not graded yet."""
    for folder in (*SPELLINGS.values(), "Guest"):
        course.submit(folder, solve)
    with course.gradebook() as gradebook:
        enter_class_list(gradebook, [Person(id, email=f"{n}@x.org") for n, id in enumerate(SPELLINGS)])
    return course


def exported(root: Path) -> dict[str, str]:
    """Points by id, as Moodle gets them; a person twice is a fault."""
    _, *lines = csv.reader(io.StringIO(export(root, UNIT, "moodle").read_text(encoding="utf-8")))
    points = {line[0]: line[-1] for line in lines}
    assert len(points) == len(lines)
    return points


def test_grading_table_report_and_export_know_one_person(spelled: Course, tmp_path: Path) -> None:
    everybody = {*SPELLINGS, "Guest"}
    for status in (Status.GRADED, Status.KEPT):
        results = spelled.grade()
        assert set(results) == everybody
        assert {(each.status, each.total) for each in results.values()} == {(status, 8)}, results
        strange = {id for id, each in results.items() if any("the class list says" in f for f in each.flags)}
        assert strange == {"Guest"}
    with spelled.gradebook() as gradebook:
        assert {student.id for student in gradebook.students} == everybody
    write_csv(results.values(), tmp_path / "grades.csv")
    lines = list(csv.DictReader(io.StringIO((tmp_path / "grades.csv").read_text(encoding="utf-8"))))
    assert {line["student"] for line in lines} == everybody == {path.name for path in _pages(spelled)}
    classroom = gather(spelled.root, UNIT)
    assert {work.student for work in classroom.works} == everybody
    assert classroom.ungraded == [] == gather_answers(spelled.root, UNIT).ungraded
    assert set(exported(spelled.root)) == everybody


def test_a_student_is_named_in_any_spelling(spelled: Course) -> None:
    assert list(spelled.grade("ANNA", "Zoë")) == ["Anna", "zoë"]


def test_two_folders_of_one_person_are_named_and_neither_is_graded(spelled: Course) -> None:
    spelled.submit("ANNA", lambda nb: solve(nb, "return 3 * x"))
    try:
        result = spelled.grade("anna")["Anna"]
        assert result.status is Status.FAILED and result.scores == ()
        assert result.problem == (
            "submitted/ANNA and submitted/anna are one person's but for the spelling, and each holds "
            f"{UNIT}: keep the one that counts, and move the other out of submitted."
        )
        classroom = gather(spelled.root, UNIT)
        assert classroom.ungraded == ["ANNA", "anna"] == gather_answers(spelled.root, UNIT).ungraded
        assert any("return 2 * x" in source for source in classroom.reference)
    finally:
        spelled.remove("ANNA")
    assert spelled.grade("anna")["Anna"].total == 8


def test_points_of_a_person_stay_with_the_spelling_that_has_them(spelled: Course) -> None:
    """A gradebook from before the class list: what was graded by hand is not left behind."""
    spelled.submit("dora", solve)
    spelled.grade("dora")
    with spelled.gradebook() as gradebook:
        gradebook.find_grade("why", "tiny", UNIT, "dora").manual_score = 1.5
        gradebook.db.commit()
        gradebook.add_student("Dora", first_name="Dora", email="d@x.org")
    result = spelled.grade("Dora")["dora"]
    assert (result.status, result.total) == (Status.KEPT, 9.5)
    assert exported(spelled.root)["Dora"] == "9.5"
    assert [work.student for work in gather(spelled.root, UNIT).works].count("dora") == 1


def test_the_id_is_the_class_lists_unless_another_has_the_submission() -> None:
    with Gradebook("sqlite://") as gradebook:
        gradebook.add_assignment("01")
        gradebook.add_student("anna")
        gradebook.add_student("Anna", email="a@x.org")
        assert id_finder(gradebook)("01", "ANNA") == "Anna"
        gradebook.add_submission("01", "anna")
        find = id_finder(gradebook)
        assert (find("01", "ANNA"), find("02", "ANNA"), find("01", "ben")) == ("anna", "Anna", None)


def test_a_number_without_its_zeros_is_the_one_persons_who_has_them() -> None:
    with Gradebook("sqlite://") as gradebook:
        for id in ("0012", "013", "0013", "14", "0014", "x"):
            gradebook.add_student(id)
        find = id_finder(gradebook)
        assert [find("01", name) for name in ("12", "13", "14", "00x", "0", "")] == [
            "0012",
            None,
            "14",
            *[None] * 3,
        ]


def test_two_folders_of_one_number_are_rivals(course: Course) -> None:
    with course.gradebook() as gradebook:
        gradebook.update_or_create_student("0015", email="x@x.org")
    for folder in ("15", "0015"):
        course.submit(folder, solve)
    result = course.grade("15", "0015")["0015"]
    assert result.status is Status.FAILED and "are one person's but for the spelling" in result.problem


def _pages(course: Course) -> list[Path]:
    return [path for path in (course.root / "feedback").iterdir() if not path.name.startswith(".")]
