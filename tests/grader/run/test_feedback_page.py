"""What a feedback page says of each exercise: how it went, why, what the hidden checks look at, a hint."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader import utils

from grader.feedback.outline import hidden_topic, outline, read_outline
from grader.feedback.page import page, rows
from grader.feedback.states import State, own_frame, state_of_exercise, state_of_test
from grader.formulas import formula
from grader.record import Flag, add_flag, record, start_record
from tests.grader.run.conftest import answer_cell, check_cell, source_cell

ROOT = Path(__file__).resolve().parents[3]
NOTEBOOKS = sorted(ROOT.glob("source/*/*.ipynb"))
PROSE = """\
### Exercise 9.1 · Twice `x`

<details><summary>Hint 1</summary>Add $x$ to itself.</details>
<details><summary>Hint 2</summary>Or multiply.</details>"""
HIDDEN = """\
# Hidden checks, 3 points: negative numbers,
# and large ones?
### BEGIN HIDDEN TESTS
check_double_of_negative(double)
### END HIDDEN TESTS"""
FRAME = "Cell In[2], line 3, in double(x)\n----> 3     return y"


def error(ename: str, evalue: str = "", *frames: str) -> NotebookNode:
    return new_output("error", ename=ename, evalue=evalue, traceback=["-----", *frames, evalue])


def unit() -> NotebookNode:
    """The instructor's notebook: an exercise and a question."""
    cells = [
        nbformat.v4.new_markdown_cell(PROSE),
        source_cell("double", "def double(x): ...", solution=True),
        check_cell("test_double", "assert double(1) == 2", 2),
        check_cell("test_double_hidden", HIDDEN, 3),
        nbformat.v4.new_markdown_cell("### Question 9.2 · Why?"),
        answer_cell("why", 2),
    ]
    return nbformat.v4.new_notebook(cells=cells)


def graded(visible: float, hidden: float, *outputs: NotebookNode, **reasons: str) -> NotebookNode:
    """A submission, as the page's preprocessors hand it on; ``outputs`` are those of the hidden test."""
    nb = unit()
    start_record(nb)
    record(nb)["reasons"].update(reasons)
    for cell in nb.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader["checksum"] = utils.compute_checksum(cell)
            cell.metadata.nbgrader["score"] = {"test_double": visible, "test_double_hidden": hidden}.get(
                cell.id, 0
            )
    nb.cells[1].source = "def double(x):\n    y\n    return y"
    nb.cells[2].execution_count = nb.cells[3].execution_count = 7
    nb.cells[3].outputs = list(outputs)
    nb.cells[5].source = "Since 2x = x + x."
    nb.cells[5].metadata.nbgrader["waits"] = True
    return nb


def shown(nb: NotebookNode) -> str:
    return page(nb, outline(unit()), {"assignment": "09", "notebook": "tiny", "student": "Zoë"})


def test_an_exercise_with_its_sentence_topic_frame_and_first_hint() -> None:
    sentence = "double stopped with NameError: name 'y' is not defined"
    nb = graded(2, 0, error("AssertionError", sentence, FRAME), test_double_hidden=sentence)
    exercise, question = rows(nb, outline(unit()))
    assert (exercise.state, exercise.points, exercise.exercise.points) == (State.CRASHED, 2, 5)
    assert question.state is State.WAITS
    html = shown(nb)
    assert "<strong>2 of 5 points</strong>" in html
    assert "Waiting for a person: 2 points (why)" in html
    assert "test_double_hidden: double stopped with NameError" in html
    assert "negative numbers, and large ones?" in html
    assert "----&gt; 3     return y" in html
    assert "Exercise 9.1 · Twice x" in html
    assert html.index("A hint") < html.index("to itself") < html.index("The notebook, as it was graded")
    assert html.count("Or multiply") == 1  # only in the notebook


def test_a_cell_that_was_left_out_is_told_from_one_without_output() -> None:
    nb = graded(2, 3)
    nb.cells += [nbformat.v4.new_code_cell("a = 1", execution_count=8), nbformat.v4.new_code_cell("sweep()")]
    text = shown(nb)
    assert text.count("This cell was not run") == 1
    assert text.index("sweep") < text.index("This cell was not run")


def test_a_penalty_is_named_and_taken_off() -> None:
    names = {"assignment": "09", "notebook": "tiny", "student": "Zoë", "late_penalty": 1.5}
    html = page(graded(2, 3), outline(unit()), names)
    assert "<strong>3.5 of 5 points</strong>" in html
    assert "1.5 points are taken off because it was handed in late" in html


def test_without_the_instructors_notebook_graded_cells_stand_for_themselves() -> None:
    found = rows(graded(2, 0), read_outline(Path("there-is-none.ipynb")))
    assert [(row.exercise.name, row.points) for row in found] == [
        ("test_double", 2),
        ("test_double_hidden", 0),
        ("why", 0),
    ]


KILLED = error("KernelStopped", "The kernel died in this cell.")


@pytest.mark.parametrize(
    ("points", "outputs", "flags", "state"),
    [
        (2, [], [], State.FULL),
        (None, [], [], State.WAITS),
        (0, [error("AssertionError", "Twice 1 is 2.")], [], State.WRONG),
        (0, [error("AssertionError", "double stopped", FRAME)], [], State.CRASHED),
        (0, [error("ValueError", "x", FRAME)], [], State.CRASHED),
        (0, [error("CellTimeoutError", "still running")], [Flag.TIMEOUT], State.TIMED_OUT),
        (0, [KILLED], [Flag.KERNEL_DIED], State.CRASHED),
        (0, [KILLED], [Flag.TIMEOUT], State.TIMED_OUT),
        (0, [KILLED], ["another flag"], State.CRASHED),
        (0, [], [], State.WRONG),
        (0.5, [], [], State.PARTLY),
    ],
)
def test_states_are_told_apart(points: float | None, outputs: list, flags: list[Flag], state: State) -> None:
    cell = check_cell("test_double", "double(1)", 2)
    cell.outputs, cell.execution_count = outputs, 3
    assert state_of_test(cell, points, 2, flags) is state


@pytest.mark.parametrize(
    ("flags", "state"), [([Flag.KERNEL_DIED], State.CRASHED), ([Flag.TIMEOUT], State.TIMED_OUT)]
)
def test_a_cell_that_was_not_run_is_as_what_stopped_the_run(flags: list[Flag], state: State) -> None:
    assert state_of_test(check_cell("test_double", "double(1)", 2), 0, 2, flags) is state


def test_a_written_answer_that_was_left_open_is_not_wrong() -> None:
    cell = answer_cell("why", 2)
    cell.metadata.nbgrader["checksum"] = utils.compute_checksum(cell)
    assert state_of_test(cell, 0, 2) is State.UNTOUCHED
    cell.source = "No idea."
    assert state_of_test(cell, 0, 2) is State.WRONG


@pytest.mark.parametrize(
    ("tests", "untouched", "state"),
    [
        ([State.FULL, State.FULL], False, State.FULL),
        ([State.FULL, State.FULL], True, State.FULL),  # the work stands in another cell
        ([State.FULL, State.WRONG], False, State.PARTLY),
        ([State.WRONG, State.WRONG], False, State.WRONG),
        ([State.WRONG, State.CRASHED], False, State.CRASHED),
        ([State.CRASHED, State.TIMED_OUT], False, State.TIMED_OUT),
        ([State.CRASHED, State.CRASHED], True, State.UNTOUCHED),
    ],
)
def test_an_exercise_is_as_its_worst_test(tests: list[State], untouched: bool, state: State) -> None:
    assert state_of_exercise(tests, untouched) is state


def test_the_students_own_frame_is_the_last_that_is_not_a_tests() -> None:
    frames = ["Cell In[7], line 1\n----> 1 check(double)", FRAME, "Cell In[7], line 2, in check(double)"]
    assert own_frame([error("AssertionError", "no", *frames)], {"7"}) == FRAME
    assert own_frame([error("AssertionError", "no", frames[0])], {"7"}) == ""


def test_flags_are_said_in_words() -> None:
    nb = graded(2, 3)
    add_flag(nb, Flag.RESTORED)
    assert "was missing or damaged and was put back" in shown(nb)


def test_hidden_topics() -> None:
    assert hidden_topic(HIDDEN) == "negative numbers, and large ones?"
    looks = "# The hidden check looks at zeros.\ncheck(f)\n### BEGIN HIDDEN TESTS"
    assert hidden_topic(looks) == "zeros."
    assert hidden_topic("# Hidden checks: x") == ""
    assert hidden_topic("### BEGIN HIDDEN TESTS\n# Hidden checks: a secret") == ""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_exercise_of_the_course_can_be_told(path: Path) -> None:
    """Each has a title, a hint, a word on each of its hidden tests; formulas become MathML."""
    exercises = read_outline(path)
    assert sum(exercise.points for exercise in exercises) == 20
    nb = nbformat.read(path, as_version=4)
    hidden = {cell.id for cell in nb.cells if "BEGIN HIDDEN TESTS" in cell.source}
    for exercise in exercises:
        assert exercise.title != exercise.name, exercise.name
        assert exercise.written or exercise.hints, exercise.name
        assert hidden & exercise.tests.keys() == exercise.topics.keys(), exercise.name
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            for tex in re.findall(r"\$\$(.+?)\$\$", cell.source, re.DOTALL):
                assert formula(tex, "block").startswith("<math"), tex
