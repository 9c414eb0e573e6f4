"""`course check`: one's own notebook, all checks, and no trace in the course's records."""

from __future__ import annotations

import re
import sys

import nbformat
import pytest

from authoring.build import build, write_or_compare
from authoring.release import release
from course import cli, own_work
from grader.feedback.outline import Exercise
from grader.feedback.page import Finding, Row
from grader.feedback.states import State
from tests.conftest import ROOT

RIGHT = "def double(values):\n    return 2 * np.asarray(values)"
HALF_RIGHT = (
    "def double(values):\n    return np.asarray(values) + 1"  # so it is for the one of the visible check
)


@pytest.fixture
def course(mini, monkeypatch):
    """A released course with one unit, in which nobody has written anything yet."""
    # No such module of checks is installed beside the grader: this cell brings its check along.
    text = mini.lesson.read_text().replace("from course_utils.checks.mini import check_double_of_one\n\n", "")
    text = text.replace("check_double_of_one(double)", "np.testing.assert_array_equal(double([1.0]), [2.0])")
    mini.lesson.write_text(text)
    write_or_compare(mini.notebook, build(mini), check=False)
    release(mini)
    (mini.root / "nbgrader_config.py").write_text((ROOT / "nbgrader_config.py").read_text())
    monkeypatch.chdir(mini.root)
    return mini


@pytest.fixture
def opened(monkeypatch) -> list[str]:
    """The pages that were opened, on a machine with a screen."""
    pages: list[str] = []
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("webbrowser.open", pages.append)
    return pages


def write(unit, path, **sources: str) -> None:
    """Write answers into a copy of what was released."""
    nb = nbformat.read(unit.released_notebook, as_version=4)
    for cell in nb.cells:
        cell.source = sources.get(cell.id, cell.source)
    nbformat.write(nb, path)


def check(capfd, monkeypatch, *arguments: str) -> tuple[int, str]:
    """The exit code and all that is printed."""
    monkeypatch.setattr(sys, "argv", ["course", "check", *arguments])
    code = 0
    try:
        cli.main()
    except SystemExit as end:
        code = end.code
    out, err = capfd.readouterr()
    return code, out + err


def contents(root) -> dict:
    return {
        path.relative_to(root): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and "checked" not in path.parts
    }


def test_an_answer_is_judged_with_all_checks_and_leaves_no_trace(course, capfd, monkeypatch, opened):
    code, said = check(capfd, monkeypatch)
    assert code == 1 and "No notebook in" in said and "course check 01-mini" in said
    write(course, course.released_notebook, double=HALF_RIGHT, why_double="So it is.")
    before = contents(course.root)
    code, said = check(capfd, monkeypatch, "--no-sandbox")
    assert code == 0, said
    assert "✗  1.1 · Twice" in said and "8 of 18" in said and "Not twice." in said
    assert "in your line" not in said, "it is the check that stopped there"
    assert "✎  1.2 · Why is this so?" in said and "source/01-mini/lesson.py" in said
    assert "8 of the 18 points that checks decide. 2 more are for answers in words" in said
    page = course.root / "checked" / "01-mini.html"
    text = page.read_text()
    assert "Not twice." in text and opened == [page.as_uri()]
    assert (
        "8 of 18 points</strong> that checks decide." in text and "which no check can read: 2 points" in text
    )
    assert "compare it with the course&#39;s own" in text
    for promise in ("so far", "a person", "Waiting", "eedback for"):
        assert promise not in text.partition("<body>")[2], promise
    for word in ("nbgrader", "gradebook", "class", "submi", "student", "Traceback"):
        assert word not in said, word
    assert contents(course.root) == before, "it writes its page, and nothing else"


def test_a_copy_elsewhere_is_recognised_by_its_cells(course, capfd, monkeypatch, tmp_path, opened):
    copy = tmp_path / "mine" / "my copy.ipynb"
    copy.parent.mkdir()
    write(course, copy, double=RIGHT)
    code, said = check(capfd, monkeypatch, str(copy), "--no-open", "--no-sandbox")
    assert code == 0 and re.search(r"✓  1\.1 · Twice +18 of 18 *\n", said) and "18 of the 18 points" in said
    assert "○  1.2 · Why is this so?" in said and opened == []


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("01-mimi", None, "There is no unit '01-mimi'. The units are: 01-mini. Or name a notebook"),
        ("gone.ipynb", None, "gone.ipynb does not exist"),
        ("bad.ipynb", "no JSON", "bad.ipynb is no notebook"),
        (
            "other.ipynb",
            nbformat.writes(nbformat.v4.new_notebook()),
            "other.ipynb holds no exercise of this course",
        ),
    ],
)
def test_what_cannot_be_checked_is_one_sentence(course, capfd, monkeypatch, name, text, sentence):
    if text is not None:
        (course.root / name).write_text(text)
    code, said = check(capfd, monkeypatch, name)
    assert code == 1 and sentence in said and "Traceback" not in said


@pytest.mark.parametrize(("function", "where"), [("double", "your line 2"), ("half", "line 2 of your half")])
def test_a_crash_names_ones_own_line(mini, function, where):
    frame = (
        f"Cell In[3], line 2, in {function}(x)\n      1 def {function}(x):\n---->   2     return x / None\n"
    )
    finding = Finding(("test_double",), "double stopped with TypeError: no division", frame)
    row = Row(Exercise("double", "Exercise 1.1 · Twice"), State.CRASHED, 0.0, (finding, finding))
    judged = own_work.Judged(own_work.OwnWork(mini, mini.released_notebook), [row], b"")
    said = " ".join(own_work.table(judged).columns[-1]._cells[0].plain.split())
    assert said == f"double stopped with TypeError: no division in {where}: return x / None"


def test_without_a_sandbox_it_says_what_follows(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert own_work.why_no_sandbox(ROOT) == (
        "There is no sandbox here (bubblewrap, on Linux), so your notebook runs as you, in a process of its "
        "own, as it does in JupyterLab."
    )
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/bwrap")
    monkeypatch.setattr(own_work, "warm_up", lambda *_: "No user namespaces.")
    said = own_work.why_no_sandbox(ROOT)
    assert said.startswith("The sandbox does not start here, so your notebook runs as you")
    assert said.endswith("It says: No user namespaces.")
