"""A later unit uses the reader's own function of an earlier one, if it is right; nothing breaks it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from scipy.sparse import csr_array

from course_utils.checks.exercises import unit_named
from course_utils.notebook.my_work import my_work
from course_utils.notebook.stand_ins import STAND_INS
from solutions import data_loading, sgd
from tests.conftest import ROOT

UNIT = "03-sgd"
RIGHT = """\
FIRST = 0
def recommend(scores: np.ndarray, seen: csr_array, n: int) -> "codes":
    left = [i for i in range(FIRST, len(scores)) if i not in set(np.asarray(seen).tolist())]
    return np.array(sorted(left, key=lambda i: (-scores[i], i))[:n], dtype=int)
"""
WRONG = "def recommend(scores, seen, n):\n    return np.argsort(-np.asarray(scores))[:n]\n"
SCORES = np.array([0.5, 3.0, 2.0])


def write(folder: Path, source: str, *others: str) -> Path:
    """The reader's notebook of unit 03 with this cell for exercise 3.6, beside the folder of another unit."""
    cell = new_code_cell(source, metadata={"nbgrader": {"grade_id": "recommend"}})
    cells = [new_code_cell("%matplotlib inline"), new_code_cell("import numpy as np\nimport no_such_thing")]
    cells += [*map(new_code_cell, others), new_markdown_cell("Text"), cell]
    path = folder / UNIT / "sgd.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(new_notebook(cells=cells), path)
    (folder / "05-wrmf").mkdir(exist_ok=True)
    return path


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """The folder of unit 05, in which its notebook runs."""
    (tmp_path / "05-wrmf").mkdir()
    monkeypatch.chdir(tmp_path / "05-wrmf")
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)


def test_the_readers_own_is_used_and_a_line_says_so(tmp_path, capsys):
    write(tmp_path, RIGHT)
    own = my_work(UNIT, "recommend")
    assert own.__code__ is not STAND_INS[UNIT, "recommend"].__code__ and own.__name__ == "recommend"
    assert own(SCORES, [1], 2).tolist() == [2, 0]
    assert capsys.readouterr().out == "3.6 recommend: your own, from ../03-sgd/sgd.ipynb.\n"


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("def recommend(scores, seen, n):\n    raise NotImplementedError()", "is not written yet"),
        (WRONG, "does not pass its visible checks: ✗ 3.6 recommend · Item 1 has been seen"),
        ("def recommend(scores, seen, n:", "cannot be read: SyntaxError"),
        ("pass", "is gone: its cell defines no recommend"),
        ("def recommend(scores, seen, n):\n    return mine(scores)", "visible checks: ✗ 3.6 recommend"),
        ("def recommend(scores, seen, n):\n    while True:\n        pass", "loops for ever"),
        ("recommend = 3", "is gone: its cell defines no recommend"),
    ],
)
def test_otherwise_the_courses_own_stands_in_and_the_line_says_why(tmp_path, capsys, source, why):
    write(tmp_path, source)
    assert my_work(UNIT, "recommend") is STAND_INS[UNIT, "recommend"]
    said = capsys.readouterr().out
    assert said.startswith("3.6 recommend: the course's own (yours in ../03-sgd/sgd.ipynb ") and why in said
    assert said.count("\n") == 1


def test_without_a_notebook_the_line_names_where_it_was_looked_for(capsys):
    assert my_work(UNIT, "recommend") is STAND_INS[UNIT, "recommend"]
    said = capsys.readouterr().out
    assert said == "3.6 recommend: the course's own (there is no ../03-sgd/sgd.ipynb).\n"


@pytest.mark.parametrize("content", [b"", b"{}", b'{"cells": 3}', b"\xff\xfe", b"[1]"])
def test_a_file_that_is_no_notebook_breaks_nothing(tmp_path, capsys, content):
    path = write(tmp_path, RIGHT)
    path.write_bytes(content)
    assert my_work(UNIT, "recommend") is STAND_INS[UNIT, "recommend"]
    assert "(yours in ../03-sgd/sgd.ipynb " in capsys.readouterr().out


def test_what_was_packed_is_found_and_a_better_notebook_comes_first(tmp_path, capsys):
    path = write(tmp_path, RIGHT)
    packed = path.with_name("03-sgd-to-hand-in.zip")
    with zipfile.ZipFile(packed, "w") as file:
        file.write(path, path.name)
    path.unlink()
    assert my_work(UNIT, "recommend")(SCORES, [], 1).tolist() == [1]
    assert "your own, from ../03-sgd/03-sgd-to-hand-in.zip" in capsys.readouterr().out
    write(tmp_path, WRONG)
    my_work(UNIT, "recommend")
    assert "your own, from ../03-sgd/03-sgd-to-hand-in.zip" in capsys.readouterr().out
    packed.write_bytes(b"no zip")
    assert my_work(UNIT, "recommend") is STAND_INS[UNIT, "recommend"]
    assert "(yours in ../03-sgd/sgd.ipynb does not pass" in capsys.readouterr().out


def test_nothing_else_of_the_notebook_is_run(tmp_path, capsys):
    write(tmp_path, f"print('run')\n{RIGHT}\nopen('run', 'w')\n[0][1]", "print('run')", "import tests.needs")
    assert my_work(UNIT, "recommend")(SCORES, [1], 1).tolist() == [2]
    assert "run" not in capsys.readouterr().out.replace("your own", "")
    assert list(Path.cwd().iterdir()) == []


def test_a_function_that_stops_later_is_replaced_and_said_once(tmp_path, capsys):
    source = RIGHT.replace(
        "    left", "    if len(scores) > 20:\n        raise ValueError('too long')\n    left"
    )
    write(tmp_path, source)
    own = my_work(UNIT, "recommend")
    assert own(SCORES, [], 1).tolist() == [1]
    capsys.readouterr()
    for _ in range(2):
        assert own(np.arange(30.0), [29], 2).tolist() == [28, 27]
    said = capsys.readouterr().out
    assert said.count("Your 3.6 recommend stopped here (ValueError: too long)") == 1


@pytest.mark.parametrize("value", ["autograde", "validate"])
def test_while_a_notebook_is_graded_it_is_always_the_courses(tmp_path, monkeypatch, capsys, value):
    write(tmp_path, RIGHT)
    monkeypatch.setenv("NBGRADER_EXECUTION", value)
    assert my_work(UNIT, "recommend") is STAND_INS[UNIT, "recommend"]
    assert "the course's own, as always while a notebook is graded" in capsys.readouterr().out


def test_the_courses_own_are_found_by_name_and_answer_as_the_solutions_do():
    for unit, name in STAND_INS:
        assert unit_named(unit).of_function(name), (unit, name)
    rng = np.random.default_rng(0)
    stars = np.where(rng.random((8, 6)) < 0.5, rng.integers(1, 6, size=(8, 6)), 0).astype(float)
    R, Y = csr_array(stars), rng.normal(size=(9, 3))
    cases = [
        (data_loading.rmse, "01-data-loading", (rng.normal(size=5), rng.normal(size=5))),
        (data_loading.fit_baseline, "01-data-loading", (R, 2.0, 3.0)),
        (sgd.recommend, UNIT, (np.array([1.0, 3.0, 3.0, -1.0, 2.0]), [2, 2], 3)),
        (sgd.most_similar, UNIT, (Y, 4, 5)),
    ]
    assert len(cases) == len(STAND_INS)
    for solution, unit, arguments in cases:
        got, wanted = STAND_INS[unit, solution.__name__](*arguments), solution(*arguments)
        parts = (got, wanted) if isinstance(got, tuple) else ((got,), (wanted,))
        for one, other in zip(*parts, strict=True):
            assert np.allclose(one, other)


@pytest.mark.parametrize(("unit", "name"), STAND_INS)
def test_the_solutions_in_the_instructors_notebooks_are_found(unit, name, capsys):
    own = my_work(unit, name, ROOT / "source" / "05-wrmf")
    assert own is not STAND_INS[unit, name]
    assert "your own, from" in capsys.readouterr().out
