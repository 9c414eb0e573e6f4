"""How far a student is, as a table; and handing in: run afresh, shown, packed into a zip file."""

from __future__ import annotations

import importlib
import shutil
import zipfile
from html import unescape
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from course_utils.checks.exercises import unit_named, units
from course_utils.notebook.hand_in import hand_in, pack
from course_utils.notebook.progress import HEADER, Progress
from course_utils.notebook.ready import problems_of_data, problems_of_packages
from course_utils.notebook.unit import set_unit
from course_utils.notebook.written import is_answered
from solutions import explicit_als
from tests.conftest import ROOT

UNIT = unit_named("02-explicit-als")
RELEASED = ROOT / "release" / "02-explicit-als" / "explicit-als.ipynb"
SOLVED = ROOT / "source" / "02-explicit-als" / "explicit-als.ipynb"


def not_written(*given):
    raise NotImplementedError()


def signs(table: Progress) -> dict[str, str]:
    return {each.number: outcome.sign for each, outcome in zip(UNIT.exercises, table.outcomes, strict=True)}


def test_each_exercise_stands_as_its_function_now_is():
    wrong = {"objective": lambda *given: 0.0, "predict": explicit_als.predict}
    table = Progress.now(UNIT, wrong)
    assert signs(table)["2.1"] == "✓" and signs(table)["2.2"] == "✗"
    assert signs(table)["2.3"] == "○", "it is not there"
    assert signs(table)["2.7"] == "✎", "a person reads it"
    assert table.reached == 1


def test_all_right_reaches_all_visible_points():
    table = Progress.now(UNIT, vars(explicit_als))
    assert table.reached == sum(each.visible for each in UNIT.exercises) == 12
    assert "see 12 of the 20 points; 6 more need hidden checks" in table.summary
    assert "a person gives 2." in table.summary


def test_the_html_and_its_plain_twin_say_the_same():
    table = Progress.now(UNIT, {})
    html, plain = unescape(table._repr_html_()), str(table)
    for exercise in UNIT.exercises:
        assert exercise.title in html and exercise.title in plain
        assert exercise.looks_at.rstrip(".") in html and exercise.looks_at.rstrip(".") in plain
    assert table.summary in html and table.summary in plain
    assert all(text in html and text in plain for text in HEADER)


def test_what_a_title_holds_is_text_in_the_html():
    unit = unit_named("02-explicit-als")
    table = Progress.now(unit, {})
    assert "somebody else&#x27;s" in table._repr_html_()


def test_every_point_of_a_unit_is_in_the_table():
    for unit in units():
        assert sum(exercise.points for exercise in unit.exercises) == 20, unit.name
        assert all(each.looks_at for each in unit.exercises if each.hidden), unit.name


def test_here_all_is_ready():
    assert problems_of_packages(UNIT.name) == [] and problems_of_data() == []


def test_a_wrong_version_and_a_missing_package_are_named_with_the_remedy(monkeypatch):
    wanted = ["numpy>=99", "no-such-package>=1", "extra-only; extra == 'test'"]
    module = importlib.import_module("course_utils.notebook.ready")
    monkeypatch.setattr(module, "requires", lambda project: wanted)
    of_numpy, of_missing = problems_of_packages(UNIT.name)
    assert of_numpy.startswith("numpy ") and ">=99" in of_numpy and "pip install" in of_numpy
    assert of_missing.startswith("no-such-package is missing: run `pip install")


def test_damaged_data_is_named_with_the_remedy(monkeypatch, tmp_path):
    shutil.copytree(ROOT / "data" / "ml-latest-small", tmp_path / "ml-latest-small")
    ratings = tmp_path / "ml-latest-small" / "ratings.csv"
    ratings.write_text(ratings.read_text()[:-200])
    monkeypatch.setattr("course_utils.data.datasets.DATA_DIR", tmp_path)
    (problem,) = problems_of_data()
    assert "ratings.csv" in problem and 'In a cell: `load("ml-latest-small", download=True)`' in problem


@pytest.fixture
def notebook(tmp_path) -> Path:
    """Unit 02 with two exercises written, one of them wrong, where a student has it."""
    solved = {cell.id: cell.source for cell in nbformat.read(SOLVED, as_version=4).cells}
    nb = nbformat.read(RELEASED, as_version=4)
    for cell in nb.cells:
        if cell.id in ("predict", "objective"):
            cell.source = solved[cell.id]
        if cell.id == "objective":
            cell.source = cell.source.replace("+ reg_item * np.sum(Y**2)", "")
    path = tmp_path / "explicit-als.ipynb"
    nbformat.write(nb, path)
    return path


def text_of(cell: nbformat.NotebookNode) -> str:
    kinds = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs]
    return "\n".join(kinds)


def run_first_and_last(path: Path, *more: str) -> str:
    """What `hand_in()` puts out in a kernel where the first cells and some more have run."""
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"][:2]
    cells += [nbformat.v4.new_code_cell(source) for source in (*more, "hand_in()")]
    running = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(running, timeout=120, resources={"metadata": {"path": str(path.parent)}}).execute()
    return text_of(running.cells[-1])


def test_handing_in_runs_afresh_shows_the_table_and_packs_the_notebook_alone(notebook):
    said = run_first_and_last(notebook)
    assert "✓  2.1" in said and "✗  2.2" in said and "○  2.3" in said and "○  2.7" in said
    target = notebook.with_name("02-explicit-als-to-hand-in.zip")
    assert str(target) in said
    with zipfile.ZipFile(target) as file:
        assert file.namelist() == [notebook.name]
        assert file.read(notebook.name) == notebook.read_bytes()


def test_a_check_that_is_gone_is_no_tick(notebook):
    """A deleted test cell, or an answer in words that is empty or gone, says nothing of an exercise."""
    nb = nbformat.read(notebook, as_version=4)
    nb.cells = [cell for cell in nb.cells if cell.id not in ("test_predict", "three_updates")]
    nbformat.write(nb, notebook)
    said = run_first_and_last(notebook)
    assert "○  2.1" in said and "✗  2.2" in said and "○  2.7" in said
    assert "2.1 predict: ○, as the check is missing in explicit-als.ipynb. It is put back when" in said
    assert notebook.with_name("02-explicit-als-to-hand-in.zip").is_file()


@pytest.mark.parametrize(("answer", "answered"), [("", False), ("YOUR ANSWER HERE", False), ("Zero.", True)])
def test_an_answer_in_words_is_some_words(answer, answered):
    question = next(each for each in UNIT.exercises if each.written)
    cell = nbformat.v4.new_markdown_cell(answer, metadata={"nbgrader": {"grade_id": question.cells[0]}})
    assert is_answered(question, nbformat.v4.new_notebook(cells=[cell])) == answered
    assert not is_answered(question, nbformat.v4.new_notebook())


def test_what_is_not_saved_is_not_handed_in(notebook):
    said = run_first_and_last(notebook, "def predict(mu, X, Y, users, items):\n    return 'newer'")
    assert "Not packed: predict, as you ran it, is not in explicit-als.ipynb. Save" in said
    assert not notebook.with_name("02-explicit-als-to-hand-in.zip").exists()


def test_a_class_that_is_not_saved_is_not_handed_in(tmp_path):
    shutil.copy(ROOT / "release/04-pytorch-mf/pytorch-mf.ipynb", tmp_path)
    model = "class BiasedMF:\n    def forward(self, users, items):\n        return 'newer'"
    said = run_first_and_last(tmp_path / "pytorch-mf.ipynb", model)
    assert "Not packed: BiasedMF, as you ran it, is not in pytorch-mf.ipynb. Save" in said


def test_a_file_that_is_not_there_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    set_unit(UNIT)
    hand_in()
    assert f"there is no {tmp_path / 'explicit-als.ipynb'}" in capsys.readouterr().out
    for content in (b"no notebook", b"{}", b"\xff\xfe\x00"):
        (tmp_path / "mine.ipynb").write_bytes(content)
        hand_in("mine.ipynb")
        assert "mine.ipynb is no notebook" in capsys.readouterr().out
    hand_in(ROOT / "release/03-sgd/sgd.ipynb")
    assert "Not packed: sgd.ipynb holds no exercise of 02-explicit-als. Name" in capsys.readouterr().out


def test_a_zip_that_cannot_be_written(tmp_path):
    (tmp_path / "02-explicit-als-to-hand-in.zip").mkdir()  # as in a folder in which one may not write
    with pytest.raises(ValueError, match=r"to-hand-in\.zip cannot be written \(.+\)\. Save the notebook in"):
        pack(UNIT, tmp_path / "explicit-als.ipynb")
