"""Is a class list read as it was meant, whatever program wrote it?"""

from __future__ import annotations

from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from sqlalchemy import text

from grader.course_folder import CourseError
from grader.gradebook.class_list import guess_of_encoding, read_class_list, unused_columns, with_aliases
from grader.gradebook.ledger import add_indexes
from grader.gradebook.members import enter_class_list, people_of, said_of_zeros
from grader.people import ClassList, Person

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
ANNA = Person("Anna", "Änna", "O’Müller", "anna@x.org", "00815")
LINES = "id,first_name,last_name,email,lms_user_id\nAnna,Änna,O’Müller,anna@x.org,00815\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", ", ", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n \n"])
def test_encodings_and_separators(tmp_path: Path, encoding: str, delimiter: str, end: str) -> None:
    text = LINES.replace(",", delimiter).replace("\n", end)
    (tmp_path / "class.csv").write_bytes(text.encode(encoding))
    assert read_class_list(tmp_path / "class.csv") == [ANNA]


def test_headings_are_known_however_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "class.csv").write_text("E-Mail ; ID;Vorname;NACHNAME\nx@x.org ; x ; Xa;Xb", encoding="utf-8")
    assert read_class_list(tmp_path / "class.csv") == [Person("x", "Xa", "Xb", "x@x.org")]


@pytest.mark.parametrize(
    "headings",
    [
        *("Student ID,First name", "StudentID,FirstName", "student-id,first-name", "ID.,Given Name"),
        *("Matrikelnummer,Vorname", "Anmeldename,Vorname", "Nom d’utilisateur,Prénom"),
        *("Matrikel-Nr.,VORNAME", "Benutzerkennung;Vorname", "Usuario;Nombres", "nom d'utilisateur,prenom"),
        *(
            "Identifiant,Pre\u0301nom",
            "Username,Nome",
            "Nombre de usuario,Nombre",
            "NetID,First_Name",
            "ID number,Username,First name",
        ),
    ],
)
def test_headings_of_other_programs_and_countries(tmp_path: Path, headings: str) -> None:
    line = "0042,0012,Anna" if headings.count(",") == 2 else "0012,Anna"
    line = line.replace(",", ";") if ";" in headings else line
    (tmp_path / "class.csv").write_text(f"{headings}\n{line}\n", encoding="utf-8")
    (person,) = read_class_list(tmp_path / "class.csv")
    assert (person.id, person.first_name) == ("0012", "Anna")


@pytest.mark.parametrize(
    ("headings", "address"),
    [
        ("Nombre,Apellido(s),Nombre de usuario,Dirección Email", "a@x.org"),
        ("Nome,Cognome,Username,Indirizzo email", "a@x.org"),
        ("Nombre,Apellidos,Usuario,Correo electrónico", "a@x.org"),
        ("Vorname,Familienname,Kennung,Mailadresse", "a@x.org"),
        ("First name,Surname,Login,Notes", ""),
    ],
)
def test_names_and_addresses_in_other_languages(tmp_path: Path, headings: str, address: str) -> None:
    (tmp_path / "class.csv").write_text(f"{headings}\nAna,López,ana,a@x.org\n", encoding="utf-8")
    assert read_class_list(tmp_path / "class.csv") == [Person("ana", "Ana", "López", address)]
    assert unused_columns(tmp_path / "class.csv") == ([] if address else ["Notes"])


@pytest.mark.parametrize("heading", ["Name", "Full name", "Student Name", "Nombre completo"])
def test_a_whole_name_in_one_cell(tmp_path: Path, heading: str) -> None:
    lines = f'id,{heading}\na,Anna Maria Müller\nb,"Lee-Smith, Jin Ho"\nc,Cher\nd,\n'
    (tmp_path / "class.csv").write_text(lines, encoding="utf-8")
    assert read_class_list(tmp_path / "class.csv") == [
        Person("a", "Anna Maria", "Müller"),
        Person("b", "Jin Ho", "Lee-Smith"),
        Person("c", "", "Cher"),
        Person("d"),
    ]


def test_a_note_of_several_lines_is_a_cell(tmp_path: Path) -> None:
    lines = 'id,email,note\r\nanna,a@x.org,"Street 1,\r\nTown"\r\nben,b@x.org,\r\n'
    (tmp_path / "class.csv").write_text(lines, newline="")
    assert [person.id for person in read_class_list(tmp_path / "class.csv")] == ["anna", "ben"]
    (tmp_path / "class.csv").write_text('id,first_name,note\nanna,"Anna\nLee",x\n')
    with pytest.raises(CourseError, match="line 3 ends a cell of several lines, 'Anna.nLee': close"):
        read_class_list(tmp_path / "class.csv")


@pytest.mark.parametrize("separator", [*",;|\t"])
def test_excels_line_with_the_separator(tmp_path: Path, separator: str) -> None:
    lines = f"sep={separator}\r\nid{separator}email\r\n007{separator}a@x.org\r\n"
    for end in ("\r\n", "\n", "\r"):
        (tmp_path / "class.csv").write_text(lines.replace("\r\n", end), newline="")
        assert read_class_list(tmp_path / "class.csv") == [Person("007", email="a@x.org")]
    (tmp_path / "class.csv").write_text(lines, newline="")
    (tmp_path / "class.csv").write_text(f"{lines}x{separator * 2}y\r\n", newline="")
    with pytest.raises(CourseError, match="line 4 has more columns"):
        read_class_list(tmp_path / "class.csv")


def test_text_is_read_back_as_it_was_meant(tmp_path: Path) -> None:
    """Exports write both forms, so that a spreadsheet neither counts nor computes."""
    (tmp_path / "class.csv").write_text('id,lms_user_id\n"=""007""",\'0042\n\'-anna,\'+1\n')
    people = read_class_list(tmp_path / "class.csv")
    assert [(person.id, person.lms_id) for person in people] == [("007", "0042"), ("-anna", "+1")]


def test_a_file_put_together_from_two_encodings(tmp_path: Path) -> None:
    lines = b"id,last_name\nanna," + "Müller\n".encode() + b"ben," + "Jäger\n".encode("cp1252")
    (tmp_path / "class.csv").write_bytes(lines)
    assert [each.last_name for each in read_class_list(tmp_path / "class.csv")] == ["Müller", "Jäger"]


def test_a_guess_of_the_encoding_is_said(tmp_path: Path) -> None:
    """Nothing in the bytes tells Windows' code pages apart."""
    for name, said in [("Müller".encode("cp1252"), "'Müller'"), ("Иванов".encode("cp1251"), "'Èâàíîâ'")]:
        (tmp_path / "class.csv").write_bytes(b"id,last_name\nanna," + name)
        assert said in guess_of_encoding(tmp_path / "class.csv")
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le"):
        (tmp_path / "class.csv").write_bytes("id,last_name\nanna,Иванов\n".encode(encoding))
        assert guess_of_encoding(tmp_path / "class.csv") == ""


@pytest.mark.parametrize(
    "content", ["id,name\na,Ťažký\n".encode("cp1250"), "id,name\na,Anna\n".encode("utf-16") + b"x"]
)
def test_letters_that_are_lost_are_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "class.csv").write_bytes(content)
    with pytest.raises(CourseError, match="line . holds letters of an encoding that is not known"):
        read_class_list(tmp_path / "class.csv")


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "class.csv").write_bytes(b"id,name\nan\0na,x\n")
    with pytest.raises(CourseError, match="bytes of value 0"):
        read_class_list(tmp_path / "class.csv")


def test_canvas(tmp_path: Path) -> None:
    (tmp_path / "class.csv").write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,Week 1 (12)\n"
        "    Points Possible,,,,,20\n"
        '"Müller, Anna",815,00017,anna,A,\n',
        encoding="utf-8",
    )
    assert read_class_list(tmp_path / "class.csv") == [Person("anna", "Anna", "Müller", "", "815")]


def test_canvas_with_lines_that_are_nobodys(tmp_path: Path) -> None:
    """Assignments whose grades are posted by hand have a line of their own; a student may be called so."""
    (tmp_path / "class.csv").write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,Week 1 (12)\n"
        ",,,,,Manual Posting\n"
        "    Points Possible,,,,,20\n"
        '"Student, Test",9,,f3e1,A,\n'
        '"Student, Testa",815,00017,testa,A,\n'
    )
    assert read_class_list(tmp_path / "class.csv") == [Person("testa", "Testa", "Student", "", "815")]


def test_canvas_for_who_may_not_see_logins(tmp_path: Path) -> None:
    (tmp_path / "class.csv").write_text('Student,ID,Section\n    Points Possible,,\n"Müller, Anna",815,A\n')
    assert read_class_list(tmp_path / "class.csv") == [Person("815", "Anna", "Müller", "", "815")]
    (tmp_path / "class.csv").write_text("Student,ID,Section\nAnna,a1,A\n")
    assert read_class_list(tmp_path / "class.csv") == [Person("a1")]


def test_blackboard(tmp_path: Path) -> None:
    """The student ID may be empty, and downloads are named after the username."""
    lines = '"Last Name"\t"First Name"\t"Username"\t"Student ID"\t"Availability"\r\n'
    lines += '"Müller"\t"Anna"\t"anna"\t"0017"\t"Yes"\r\n"Li"\t"Ben"\t"ben"\t""\t"Yes"\r\n'
    (tmp_path / "class.xls").write_bytes(lines.encode("utf-16"))
    anna, ben = Person("anna", "Anna", "Müller", "", "0017"), Person("ben", "Ben", "Li")
    assert read_class_list(tmp_path / "class.xls") == [anna, ben]


def test_d2l(tmp_path: Path) -> None:
    (tmp_path / "class.csv").write_text(
        "OrgDefinedId,Username,Last Name,First Name,End-of-Line Indicator\n#0017,#anna,Müller,Anna,#\n"
    )
    assert read_class_list(tmp_path / "class.csv") == [Person("anna", "Anna", "Müller", "", "0017")]


def test_moodle(tmp_path: Path) -> None:
    (tmp_path / "class.csv").write_text(
        '"First name","Last name",Username,"ID number","Email address"\nAnna,Müller,anna,00017,a@x.org\n',
        encoding="utf-8-sig",
    )
    assert read_class_list(tmp_path / "class.csv") == [Person("anna", "Anna", "Müller", "a@x.org", "00017")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("name,age\nx,1\n", "no column for the id of a student .*, only name, age"),
        ("id,email\nanna,a@x.org\n,b@x.org\n", "line 3 has no id"),
        ("id,first_name\n", "has a line of headings, and nobody below it"),
        ("id,Name,E-Mail,email\nanna,Anna,a@x.org,b@x.org\n", "more than one column 'E-Mail'"),
        ('id,first_name\nanna,"Anna\nben,Ben\n', "line 3 ends a cell of several lines, .* quotation mark"),
        ('id,note\nanna,"5 foot\nben,"\ncleo,\n', "line 3 ends a cell of several lines"),
        ("id\n1.23457E+11\n", "line 2 has the id '1.23457E\\+11', a number that a spreadsheet has rounded"),
        (
            "id,sis_user_id\nanna,1E+13\n",
            "line 2 has the number of the learning platform '1E\\+13', a number",
        ),
        ("id\n1,23457e11\n12345.0\n", "line 2 .*; line 3 has the id '12345.0'"),
        ("id\n../x\n", "line 2: the id '../x' of the class list can be no folder's name"),
        (f"id\n{'x' * 201}\n", "line 2: the id 'x{20}…' of the class list is longer than 200 bytes"),
        ("id\na/b\n.hid\no'neil\nan\u200bna\n", "line 2: .*; line 3: .*; line 4: .*; line 5: "),
        ("id\nanna\nben\nANNA\n", "lines 2 and 4 have the same id, 'anna'"),
        ("id,email\nanna,a@x.org,17\n", "line 2 has more columns than the headings"),
        ("Course 101,\n\nid,email\nanna,a@x.org\n", "its headings in line 3, as it seems: remove the lines"),
        ("id,email\nanna,\nid,email\nben,\n", "line 3 holds the headings again: remove it"),
        ("id,lms_id\nanna,17\nben,17\n", "lines 2 and 3 have the same number of the learning platform, '17'"),
        ("id\n" + ".\n" * 23, "; and 3 more. Correct that"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_read(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "class.csv").write_text(text)
    with pytest.raises(CourseError, match=said):
        read_class_list(tmp_path / "class.csv")


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0"], ids=["xlsx", "xls"])
def test_a_spreadsheet_is_no_csv_file(tmp_path: Path, start: bytes) -> None:
    (tmp_path / "class.csv").write_bytes(start + bytes(range(256)))
    with pytest.raises(CourseError, match="save it as CSV"):
        read_class_list(tmp_path / "class.csv")


def test_a_list_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="class.csv cannot be read"):
        read_class_list(tmp_path / "class.csv")


def test_entering_makes_nobody_twice_and_takes_nothing_away() -> None:
    with Gradebook("sqlite://") as gradebook:
        gradebook.add_student("anna", email="old@x.org", lms_user_id="815")
        people = [Person("Anna", "Anna", "Müller"), Person("ben", lms_id="0042")]
        assert enter_class_list(gradebook, people) == (1, 1)
        assert enter_class_list(gradebook, people) == (0, 2)
        assert set(people_of(gradebook)) == {
            Person("anna", "Anna", "Müller", "old@x.org", "815"),
            Person("ben", lms_id="0042"),
        }


def test_zeros_that_a_spreadsheet_took_away_make_nobody_new() -> None:
    with Gradebook("sqlite://") as gradebook:
        gradebook.add_student("0012")
        gradebook.add_student("13")
        people = [Person("12", "Anna"), Person("0013", "Ben"), Person("14", "Cem")]
        first, second = said_of_zeros(gradebook, people)
        assert "12 was entered as 0012" in first and "0013 was added, and the gradebook knows 13" in second
        assert enter_class_list(gradebook, people) == (2, 1)
        assert {student.id for student in gradebook.students} == {"0012", "13", "0013", "14"}
        # Who has both in the list has two people.
        people = [Person("0012", "Anna"), Person("12", "Dan")]
        assert said_of_zeros(gradebook, people) == []
        assert enter_class_list(gradebook, people) == (1, 1)


def test_of_two_spellings_the_class_lists_is_taken() -> None:
    with Gradebook("sqlite://") as gradebook:
        gradebook.add_student("anna")
        gradebook.add_student("Anna", first_name="Anna", email="a@x.org")
        assert list(people_of(gradebook)) == [Person("Anna", "Anna", "", "a@x.org")]


ROSTER = """\
identifier,github_username,github_id,name
anna@x.org,dragon42,1234567,
ben,b-li,7654321,Benny
tutor,helper,1,
"""


def test_other_names(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text(ROSTER)
    people, notes = with_aliases([ANNA, Person("ben")], tmp_path / "roster.csv")
    assert [person.aliases for person in people] == [("dragon42", "1234567"), ("b-li", "7654321", "Benny")]
    assert len(notes) == 1 and "line 4 (tutor, helper, 1, ), names nobody" in notes[0]
    assert ClassList(people).named_within("02-als-dragon42") == {"Anna"}


def test_a_first_line_that_is_no_headings_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("ghost,ghost42\nben,b-li\n")
    _, notes = with_aliases([ANNA, Person("ben")], tmp_path / "roster.csv")
    assert len(notes) == 1 and "line 1 (ghost, ghost42), names nobody" in notes[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [("x,y\nz,w\n", "names nobody in the class list"), ("Anna,ben\n", "line 1, names")],
)
def test_other_names_that_are_nobodys_or_two_peoples(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "roster.csv").write_text(text)
    with pytest.raises(CourseError, match=said):
        with_aliases([ANNA, Person("ben")], tmp_path / "roster.csv")


def test_empty_cells_at_the_end_are_no_columns(tmp_path: Path) -> None:
    (tmp_path / "class.csv").write_text("id;email\nanna;a@x.org;;\n")
    assert read_class_list(tmp_path / "class.csv") == [Person("anna", email="a@x.org")]


def test_the_rows_of_one_submission_are_found_without_reading_all() -> None:
    """Without that, a class of twice the size takes four times as long."""
    with Gradebook("sqlite://") as gradebook:
        for _ in range(2):
            add_indexes(gradebook)
        for table, column in [("grade", "notebook_id"), ("submitted_notebook", "assignment_id")]:
            plan = text(f"EXPLAIN QUERY PLAN SELECT * FROM {table} WHERE {column} = 'x'")
            assert "USING INDEX ix_" in str(gradebook.db.execute(plan).fetchall())
