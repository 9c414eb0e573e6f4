"""What students wrote is on the page, whole or with a word about the rest, and does nothing there."""

from __future__ import annotations

import base64
import re
import struct
import time
import zlib
from datetime import datetime
from html.parser import HTMLParser

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from grader.answers import page as page_module
from grader.answers import shown
from grader.answers.questions import Answer, Question
from grader.answers.questions import Submission as Handed
from grader.answers.shown import LONGEST, Shower
from grader.answers.write import write_pages
from grader.course_folder import CourseError
from grader.gradebook.extension import extend
from grader.gradebook.marks import work_for
from grader.gradebook.store import Archive
from grader.intake.submissions import Submission
from grader.safe_html import verbatim
from tests.grader.answers.conftest import ASKED, Answers, beside, make_class
from tests.grader.run.conftest import NOTEBOOK, UNIT, cell

ATTACKS = {
    "script": "<script>parent.evil()</script>",
    "end of the data": "</script><script>evil()</script>",
    "handler": "<img src=x onerror=evil()> <b onclick='evil()'>b</b>",
    "link": "[a](javascript:evil()) <a href='data:text/html,evil'>b</a>",
    "picture from elsewhere": "![a](https://example.org/pixel.png) <img src='//example.org/p'>",
    "frame": "<iframe src='https://example.org'></iframe><object data=x></object>",
    "a part of the page": "<section class='group'><article class='answer' data-answer='x'><input>",
    "style": "<style>.answer { display: none }</style><p style='position:fixed'>x</p><div class='bar'>",
    "template": "{{ question.answers }} {% raw %}",
    "comment": "<!-- <p> <![CDATA[",
}


class Elements(HTMLParser):
    """The elements of a page, each with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.found.append((tag, dict(attrs)))

    def of(self, tag: str) -> list[dict]:
        return [attributes for name, attributes in self.found if name == tag]


def png(n_bytes: int = 0) -> str:
    """A picture of one pixel, with so many bytes of noise in its colours' table."""

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0\1\2\3") + b"\0" * n_bytes
    parts = part(b"IHDR", head) + part(b"IDAT", data) + part(b"IEND", b"")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + parts).decode()


def test_attacks_are_shown_and_do_nothing(answers: Answers) -> None:
    for number, text in enumerate(ATTACKS.values()):
        answers.graded(f"student-{number:03}", text)
    text = answers.page()
    elements = Elements(text)
    assert [each.get("type") for each in elements.of("script")] == ["application/json", None]
    assert len(elements.of("article")) == len(ATTACKS)
    assert not [name for name, _ in elements.found if name in ("iframe", "object", "form", "link", "base")]
    for name, attributes in elements.found:
        assert not [each for each in attributes if each.startswith("on") and each != "on"], (name, attributes)
        for value in (attributes.get("src"), attributes.get("href")):
            assert value is None or value.startswith("https://"), value
        assert name != "img" or "src" not in attributes
    assert len(elements.of("style")) == 1
    assert [each.get("class") for name, each in elements.found].count("bar") == 1
    policy = elements.of("meta")[1]["content"]
    assert "default-src 'none'" in policy and re.search(r"script-src 'sha256-[\w+/=]+';", policy)
    assert "{{ question.answers }}" in text


def test_no_name_is_inside_unless_it_is_asked_for(answers: Answers) -> None:
    with answers.api.gradebook as gradebook:
        gradebook.add_student("ann-4711", first_name="Ann", last_name="Quist")
    answers.graded("ann-4711", "One answer.")
    hidden, open_ = answers.page(), answers.page(names=True)
    for name in ("ann-4711", "Ann", "Quist"):
        assert name not in hidden
    assert "Ann Quist (ann-4711)" in open_


def test_the_model_answer_and_what_points_are_given_for(answers: Answers) -> None:
    path = answers.root / "source" / UNIT / f"{NOTEBOOK}.ipynb"
    text = path.read_text().replace('"Because."', '"Because $x = 1$.\\n\\n*Grading:* a point for *x*."')
    path.write_text(text)
    answers.graded("ann", "One.")
    text = answers.page()
    model, rubric = text.index("Model answer"), text.index("What points are given for</summary>")
    assert (
        model
        < text.index("<math")
        < rubric
        < text.index("<em>Grading:</em> a point for")
        < text.index("One.")
    )


def test_word_for_word_the_same_stands_there_once(answers: Answers) -> None:
    make_class(answers.root, ["The same. ", "The same.", "Another one, with other words."])
    text = answers.page()
    assert "2 students, word for word" in text
    assert len(Elements(text).of("article")) == 2
    assert "3 students, 2 different answers in 2 groups" in text


def test_empty_answers_are_a_group_and_0_is_only_suggested(answers: Answers) -> None:
    stub = cell(answers.released, ASKED).source
    make_class(answers.root, [stub, "", " \n ", "An answer."])
    text = answers.page()
    assert "As it was handed out, which gives 0" in text and "Nothing was written." in text
    assert text.count('class="group"') == 2 and text.count("Give 0") == 1
    # As nbgrader: 0 for what is as it was handed out, and nothing yet for what was emptied.
    assert answers.given("student-000", "student-001") == [(None, None, False), (None, None, True)]


def test_what_stands_beside_the_cell_is_the_answer(answers: Answers) -> None:
    answers.graded("ann", cell(answers.released, ASKED).source, beside("It stands **below**."))
    text = answers.page()
    assert "This stands beside it:" in text and "It stands <strong>below</strong>." in text
    assert "Nothing written" not in text


def test_what_was_written_into_the_question_is_the_answer() -> None:
    nb = NotebookNode(cells=[new_markdown_cell("The question."), new_markdown_cell("Stub")], metadata={})
    nb.cells[0].metadata["nbgrader"] = {"grade_id": "question", "locked": True}
    nb.metadata["grading"] = {"beside": {ASKED: [0]}, "edited": {"question": "The question. My answer."}}
    assert [each.source for each in work_for(nb, ASKED)] == ["The question. My answer."]


@pytest.mark.parametrize("text", ["<script>x</script>", "<!-- all of it -->", "<style>x</style>"])
def test_of_an_answer_that_cannot_be_shown_the_source_is(text: str) -> None:
    assert Shower().cell(new_markdown_cell(text)) == verbatim(text)


def test_a_huge_answer_is_shown_from_its_beginning_and_the_page_says_so() -> None:
    html = Shower().cell(new_markdown_cell("word " * 20_000))
    assert f"The first {LONGEST:,} of 100,000 characters" in html
    assert len(html) < LONGEST + 1_000


def test_a_code_cell_is_shown_with_what_it_printed() -> None:
    cell_ = new_code_cell("print('a')", outputs=[new_output("stream", text="a\n")])
    cell_.outputs.append(new_output("display_data", {"image/png": png(), "text/plain": "<Figure>"}))
    html = Shower().cell(cell_)
    assert "<pre>a\n&lt;Figure&gt;</pre>" in html and "Formgrader shows all that came out." in html


def test_pictures_have_room_and_the_page_says_which_have_not() -> None:
    small, large = {"image/png": png()}, {"image/png": png(2_000_000)}
    cells = new_markdown_cell("![s](attachment:s.png) ![l](attachment:l.png)")
    cells.attachments = {"s.png": small, "l.png": large}
    html = Shower().cell(cells)
    assert html.count("data:image/png") == 1
    assert "Without 1 large pictures; formgrader shows them." in html


def test_a_picture_that_is_named_a_thousand_times_does_not_fill_the_page() -> None:
    many = new_markdown_cell("![s](attachment:s.png)" * 800)
    many.attachments = {"s.png": {"image/png": png(5_000)}}
    assert len(Shower().cell(many)) < 100_000


def test_costly_answers_leave_honest_ones_their_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "SECONDS_OF_A_PAGE", 0.4)
    texts = ["a *short* one", "[x](" * 5_000, "> " * 9_000, "<b><i>" * 3_000]
    began = time.monotonic()
    made = Shower().answers(
        Answer(str(number), new_markdown_cell(text)) for number, text in enumerate(texts[::-1])
    )
    assert "<em>short</em>" in made["3"]
    assert time.monotonic() - began < 10


def test_answers_of_100_kB_take_a_tenth_of_a_second_each_and_little_room() -> None:
    question = Question("", "g", UNIT, NOTEBOOK, ASKED, "Why?", 2)
    for number in range(40):
        text = " ".join(f"w{(number * 7 + k * k) % 997}" for k in range(2_200)) * 10
        question.answers[str(number)] = Answer(
            str(number), new_markdown_cell(text), submissions=[Handed(f"key{number}", "s")]
        )
    began = time.process_time()
    text, _ = page_module.page(question, datetime.now())
    assert time.process_time() - began < 4 + 2  # for scikit-learn
    assert len(text) < 1_000_000


def test_what_is_not_graded_is_named(answers: Answers) -> None:
    answers.graded("ann", "One.")
    for student in ("ann", "ben"):
        (answers.root / "submitted" / student / UNIT).mkdir(parents=True)
    _, notes = write_pages(answers.root, UNIT, answers.root)
    assert notes == [
        f"On no page, as the submission is not graded: ben. Run `course grade {UNIT}`, which says why not."
    ]
    Archive(answers.api.coursedir, Submission(UNIT, "ann", answers.root)).withdraw()
    (written,), notes = write_pages(answers.root, UNIT, answers.root)
    assert written.students == 0 and "ann, ben" in notes[0]
    assert "No submission is graded yet." in written.path.read_text()


@pytest.mark.parametrize(
    ("unit", "said"),
    [
        ("03-none", "The gradebook knows no unit '03-none'"),
        ("02-other", "02-other asks nothing that is answered in words"),
    ],
)
def test_a_unit_without_questions(answers: Answers, unit: str, said: str) -> None:
    with pytest.raises(CourseError, match=said):
        write_pages(answers.root, unit, answers.root)


def test_who_has_more_time_and_has_handed_in_nothing_is_not_called_ungraded(answers: Answers) -> None:
    make_class(answers.root, ["My answer."])
    with answers.api.gradebook as gradebook:
        gradebook.add_student("later")
    extend(answers.root, UNIT, "later", days=3)
    _, notes = write_pages(answers.root, UNIT, answers.root)
    assert notes == []
