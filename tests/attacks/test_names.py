"""Names that look like another student's, or that make the table of a class useless."""

from __future__ import annotations

import io
import unicodedata
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.cells import cell_len
from rich.console import Console

from grader.gradebook.results import CellScore, Result, Status
from grader.gradebook.results_output import results_json, results_table, write_csv
from grader.intake.catalogue import Catalogue
from grader.intake.errors import UnfitSubmission
from grader.intake.submissions import Submission
from grader.intake.take_in import take_in
from grader.run.convert import Log
from grader.shown_text import no_formula, printable, printable_message, shortened

UNSEEN = {
    "zero width": "an\u200bn",
    "joiner": "an\u200dn",
    "word joiner": "ann\u2060",
    "byte order mark": "\ufeffann",
    "soft hyphen": "an\u00adn",
    "right to left": "\u202ennA",
    "isolate": "\u2067ann\u2069",
    "tag letters": "ann\U000e0061",
    "filler": "ann\u3164",
    "half filler": "ann\uffa0",
    "variation": "ann\ufe0f",
    "variation of ideographs": "ann\U000e0100",
    "grapheme joiner": "a\u034fnn",
    "blank of Braille": "ann\u2800",
    "space that does not break": "ann\u00a0b",
    "letter without a font": "ann\ue000",
    "letter that is none": "ann\U0003fffe",
    "heap of marks": "ann" + "\u0301" * 30,
    "line separator": "ann\u2028",
}
HONEST = [
    "ann",
    "José",
    unicodedata.normalize("NFD", "Nguyễn"),
    "李明",
    "Зоя",
    "علي",
    "a b",
    "o'neil-2_x.y",
    "שָׁלוֹם",
]


@pytest.mark.parametrize("kind", UNSEEN)
def test_a_name_with_what_nobody_sees_is_refused_and_shown_as_what_it_is(kind: str, tmp_path: Path):
    name = UNSEEN[kind]
    folder = tmp_path / "submitted" / name / "01"
    folder.mkdir(parents=True)
    with pytest.raises(UnfitSubmission, match="one that nobody sees") as refused:
        take_in(Submission("01", name, folder), SimpleNamespace(ignore=[]), Catalogue({}))
    shown = printable(name)
    assert shown in str(refused.value) and "\\" in shown
    assert all(unicodedata.category(letter)[0] in "LNPSM" or letter == " " for letter in shown)
    result = Result("01", name, Status.FAILED, problem=str(refused.value))
    write_csv([result], tmp_path / "grades.csv")
    for text in (table([result]), results_json([result]), (tmp_path / "grades.csv").read_text()):
        assert name not in text


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_name_is_shown_as_it_is(name: str):
    assert printable(name) == printable_message(name) == shortened(name) == name


def table(results: list[Result]) -> str:
    console = Console(file=io.StringIO(), width=120)
    console.print(results_table(results))
    return console.file.getvalue()


@pytest.mark.parametrize("name", ["x" * 255, "李" * 85, "e\u0301" * 85, "x" * 100 + "\u200b" * 50])
def test_a_long_name_leaves_the_table_of_the_class_as_it_was(name: str):
    score = CellScore("test", "answer", 1.0, 2.0, "A sentence of some length that says what was wanted here.")
    ann, long = (Result("01", student, Status.GRADED, (score,)) for student in ("ann", name))
    lines = table([ann, long]).splitlines()
    assert max(map(cell_len, lines)) <= 120
    (line,) = [line for line in lines if line.split()[:1] == ["ann"]]
    assert "A sentence of some length that says" in line


def test_two_long_names_that_differ_at_their_ends_look_different():
    names = ["x" * 100 + "1", "x" * 100 + "2", "1" + "x" * 100]
    assert len(set(map(shortened, names))) == 3 and {cell_len(shortened(name)) for name in names} == {32}


def test_the_hearts_of_a_message_stay():
    assert printable_message("well done \u2764\ufe0f") == "well done \u2764\ufe0f"


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_cell_of_a_table_is_no_formula(first: str):
    assert no_formula(f"{first}cmd|' /C calc'!A1") == f"'{first}cmd|' /C calc'!A1"
    assert no_formula("Ann = 1") == "Ann = 1"


def test_what_a_log_holds_steers_no_terminal(tmp_path: Path):
    said = "ValueError: \x1b]0;title\x07\x1b[2J\r\x9b31m\u202e done\n\tnext"
    with Log(tmp_path / "grading.log") as log:
        assert log.write(said) == len(said)
    written = (tmp_path / "grading.log").read_text()
    assert written == "ValueError: \\x1b]0;title\\x07\\x1b[2J\\r\\x9b31m\\u202e done\n\tnext"
