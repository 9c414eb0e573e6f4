"""A student's evening with unit 02, from the unpacked bundle, in JupyterLab in Chromium."""

from __future__ import annotations

import inspect
import os
import re
import zipfile
from pathlib import Path

import pytest

from authoring.bundle import bundle
from authoring.frame import READY
from authoring.lesson import find_units
from authoring.release import release
from course.demo.demo import is_isolated, set_up
from grader.run.grade import grade
from grader.run.pool import Pool
from solutions import explicit_als
from tests.conftest import ROOT
from tests.needs import BROWSER

pytestmark = BROWSER.mark
UNIT = "02-explicit-als"
NOTEBOOK = f"release/{UNIT}/explicit-als.ipynb"


def written(name: str, old: str = "", new: str = "") -> str:
    """The solution as a student would type it, or with a mistake."""
    source = inspect.getsource(getattr(explicit_als, name))
    assert old in source
    source = re.sub(r"\n    ### (BEGIN|END) SOLUTION", "", source)
    return source.replace(old, new).rstrip()


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The bundle, unpacked."""
    place = tmp_path_factory.mktemp("student")
    bundle(ROOT, find_units(ROOT, [UNIT]), place / "course.zip")
    with zipfile.ZipFile(place / "course.zip") as file:
        file.extractall(place)
    return place / "course"


@pytest.fixture(scope="module")
def notebook(folder, tmp_path_factory):
    # Imported late: without a browser nobody needs the package that drives one.
    from tests.browser.lab import opened, server

    pictures = Path(os.environ.get("MF_PICTURES") or tmp_path_factory.mktemp("pictures"))
    with server(folder, tmp_path_factory.mktemp("home")) as address:
        with opened(address, NOTEBOOK, pictures) as page:
            yield page


# In this order: it is one evening.


def test_the_first_cell_says_that_all_is_ready_and_run_all_says_what_is_open(notebook):
    notebook.run_all()
    assert notebook.output("test_predict") == (
        "○ 2.1 predict · not written yet: put your code in place of raise NotImplementedError()."
    )
    notebook.picture("open")
    assert notebook.output(READY.format(unit=UNIT)).startswith("✓ Ready: Python 3.")
    notebook.picture("ready")


def test_nothing_of_the_instructors_is_there_nor_news_and_validate_is(notebook):
    panels = ["assignment-list", "course-list", "create-assignment", "formgrader"]
    assert [name for name in panels if notebook.knows(f"nbgrader:open-{name}")] == []
    menus = notebook.page.locator("#jp-MainMenu").inner_text().split()
    assert "Kernel" in menus and "Nbgrader" not in menus
    notebook.command("apputils:activate-command-palette")
    palette = notebook.page.locator(".lm-CommandPalette").inner_text()
    assert "Restart Kernel" in palette
    for word in ("Formgrader", "Create Assignment", "Course List", "Assignment List"):
        assert word.lower() not in palette.lower(), word
    notebook.page.keyboard.press("Escape")
    assert notebook.page.locator(".Toastify__toast").count() == 0, "a pop-up asks something"
    assert notebook.page.locator(".jp-NotebookPanel-toolbar").get_by_text("Validate", exact=True).is_visible()


def test_a_wrong_answer_reads_its_misconception(notebook):
    notebook.type("predict", written("predict"))
    assert notebook.run("predict") == ""
    assert notebook.run("test_predict").startswith("✓ 2.1 predict · 1 of 2 points. Hidden checks (1 point)")
    notebook.type("objective", written("objective", "+ reg_item * np.sum(Y**2)", ""))
    notebook.run("objective")
    said = notebook.run("test_objective")
    assert said.startswith("✗ 2.2 objective · ") and said.endswith("the penalty of the items is missing.")
    notebook.picture("wrong")


def test_the_right_answer_reads_its_points(notebook):
    notebook.type("objective", written("objective"))
    notebook.run("objective")
    assert notebook.run("test_objective").startswith(
        "✓ 2.2 objective · 2 of 3 points. Hidden checks (1 point)"
    )
    assert "judged after you hand in" in notebook.run("test_objective_hidden")
    notebook.picture("right")


def test_a_crash_reads_the_students_own_line(notebook):
    crash = (
        "def solve_row(ratings, factors, reg):\n    A = np.ones((2, 3))\n    x = A / factors\n    return x"
    )
    notebook.type("solve_row", crash)
    notebook.run("solve_row")
    said = notebook.run("test_solve_row")
    assert re.fullmatch(r"✗ 2\.3 solve_row stopped with ValueError: .* in your line 3: x = A / factors", said)
    notebook.picture("crash")


def test_a_test_cell_cannot_be_edited_nor_deleted(notebook):
    before, count = notebook.source("test_objective"), notebook.n_cells()
    notebook.type("test_objective", "pass")
    assert notebook.source("test_objective") == before
    notebook.page.keyboard.press("Escape")
    notebook.goto("test_objective")
    notebook.command("notebook:delete-cell")
    assert notebook.n_cells() == count


def test_the_table_and_handing_in(notebook, folder):
    table = notebook.run("progress()")
    assert re.search(r"✓\s+2\.1 What the model predicts\s+1 of 1", table)
    assert re.search(r"✗\s+2\.3 .*\s+0 of 3", table) and re.search(r"○\s+2\.4 ", table)
    notebook.picture("progress")
    notebook.type("# hand_in()", "hand_in()")
    notebook.command("docmanager:save")
    notebook.wait()
    said = notebook.run("hand_in()")
    notebook.picture("hand-in")
    target = folder / "release" / UNIT / f"{UNIT}-to-hand-in.zip"
    assert str(target) in said
    with zipfile.ZipFile(target) as file:
        assert file.namelist() == ["explicit-als.ipynb"]


def test_what_was_handed_in_is_graded_with_the_points_that_it_deserves(notebook, folder, tmp_path):
    set_up(ROOT, tmp_path)
    (unit,) = find_units(tmp_path, [UNIT])
    release(unit)
    with zipfile.ZipFile(folder / "release" / UNIT / f"{UNIT}-to-hand-in.zip") as file:
        file.extractall(tmp_path / "submitted" / "ada" / UNIT)
    with Pool(isolated=is_isolated()) as pool:
        (result,) = grade(tmp_path, [UNIT], pool=pool)
    assert {score.name: score.points for score in result.scores if score.points} == {
        "test_predict": 1,
        "test_predict_hidden": 1,
        "test_objective": 2,
        "test_objective_hidden": 1,
    }


def test_restart_and_run_all_stops_at_the_first_that_is_wrong(notebook):
    notebook.restart_and_run_all()
    assert notebook.output("test_objective").startswith("✓ 2.2 objective")
    assert notebook.output("test_solve_row").startswith("✗ 2.3 solve_row stopped with ValueError")
    notebook.picture("restarted")


def test_validate_reads_the_same_lines(notebook):
    said = notebook.validate()
    assert "✗ 2.3 solve_row stopped with ValueError" in said and "○ 2.4 update_factors" in said
    assert "in your line 3: x = A / factors" in " ".join(said.split()) and "Traceback" not in said
    answers = [line for line in said.splitlines() if line[:1] in ("✗", "○")]
    assert max(map(len, answers)) <= 96, "its window cuts longer lines off"
    notebook.picture("validate")
