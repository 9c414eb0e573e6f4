"""The release: students get the stub and nothing that they must not see, or the release fails."""

from __future__ import annotations

import re
import shutil

import nbformat
import pytest
from nbgrader.api import Gradebook

from authoring.build import build, write_or_compare
from authoring.lesson import find_units
from authoring.release import (
    LeakError,
    answered_cells,
    find_leaks,
    forbidden_imports,
    is_fresh,
    release,
    secret_lines,
)
from grader.course_folder import CourseError
from grader.course_secret import CourseSecret
from grader.hidden_seeds import class_seed
from tests.conftest import ROOT


@pytest.fixture
def released(mini):
    write_or_compare(mini.notebook, build(mini), check=False)
    release(mini)
    return mini


def plant(unit, text: str) -> None:
    notebook = nbformat.read(unit.released_notebook, as_version=4)
    notebook.cells[1].source += "\n" + text
    nbformat.write(notebook, unit.released_notebook)


def test_the_student_gets_the_stub(released):
    text = released.released_notebook.read_text()
    assert "raise NotImplementedError" in text and "Twice the values." in text
    assert "check_double_of_one" in text and "twice_the_values" not in text
    assert find_leaks(released, released.released_notebook.parent) == []
    assert is_fresh(released)


def test_a_private_release_has_the_seed_of_its_class_in_the_gradebook_alone(released):
    shown, built = released.released_notebook.read_bytes(), released.notebook.read_bytes()
    seeds = []
    for secret in (CourseSecret(b"secret", "autumn"), CourseSecret(b"secret", "spring"), CourseSecret(b"x")):
        release(released, secret)
        with Gradebook(f"sqlite:///{released.root / 'gradebook.db'}") as gradebook:
            cells = gradebook.find_notebook("mini", released.name).source_cells
            (source,) = (cell.source for cell in cells if cell.name == "test_double_hidden")
        seeds.append(int(re.search(r"double, seed=(\d+)\)", source)[1]))
        assert (released.released_notebook.read_bytes(), released.notebook.read_bytes()) == (shown, built)
    assert seeds == [*(class_seed(CourseSecret(b"secret", salt).key) for salt in ("autumn", "spring")), 0]
    assert is_fresh(released)


def test_what_somebody_wrote_in_release_is_not_replaced(released):
    assert answered_cells(released.released_notebook) == []
    notebook = nbformat.read(released.released_notebook, as_version=4)
    (answer,) = (cell for cell in notebook.cells if cell.id == "double")
    answer.source = "def double(values):\n    return values + values"
    nbformat.write(notebook, released.released_notebook)
    with pytest.raises(CourseError, match=r"mini.ipynb has answers in it \(double\).*: move it elsewhere"):
        release(released)
    mine = released.released_notebook.rename(released.released_notebook.with_name("mine.ipynb"))
    with pytest.raises(CourseError, match=r"mine.ipynb is not part of a release.*: move it elsewhere"):
        release(released)
    assert "values + values" in mine.read_text()
    mine.rename(released.root / "mine.ipynb")
    release(released)
    assert answered_cells(released.released_notebook) == []
    released.released_notebook.write_text("{")
    with pytest.raises(CourseError, match=r"mini.ipynb is no notebook .*: move it elsewhere"):
        release(released)


@pytest.mark.parametrize(
    ("text", "leak"),
    [
        ("    twice_the_values = 2 * np.asarray(values)", "a line of the solution of double"),
        (
            "    difference = _difference(double(hidden_values), hidden_values + hidden_values)",
            "hidden checks in test_double_hidden",
        ),
        ("# Because a sum of two equal terms is twice the term.", "a line of the model answer why_double"),
        ("    twice_the_values = 2 * np.asarray(values)  # here", "a line of the solution of double"),
        ("import math, solutions.mini", "an import of solutions"),
        ("if True:\n    from solutions.mini import double", "an import of solutions"),
        ('importlib.import_module("solutions.mini")', "an import of solutions"),
        ("Because a sum of two equal terms is twice the term.", "a line of the model answer why_double"),
        ("from solutions.mini import double", "an import of solutions"),
        ("    import tests.checks.mini", "an import of tests"),
        ("from authoring import build", "an import of authoring"),
        ("import course.cli as cli", "an import of course"),
        ("x = 1; import course", "an import of course"),
        ("### BEGIN SOLUTION", "the marker"),
        ("### END HIDDEN TESTS", "the marker"),
    ],
)
def test_a_planted_leak_is_found(released, text, leak):
    plant(released, text)
    leaks = find_leaks(released, released.released_notebook.parent)
    assert leak in leaks[0] and "mini.ipynb, cell 2" in leaks[0]
    assert not is_fresh(released)


@pytest.mark.parametrize(
    "text",
    [
        "Numbers from the course, and from tests of other kinds; the grader's import duty.",
        "import course_utils",
        "from course_utils.checks.mini import check_double_of_one",
        "from the course import nothing",
        "from solutions to problems",
        "import statements of a course are many",
        'import_module("course_utils.data")',
        "from scipy import courses",
    ],
)
def test_prose_and_shipped_packages_are_no_leaks(text):
    assert forbidden_imports(text) == []


def test_a_lesson_script_in_the_release_is_found(released):
    shutil.copy(released.lesson, released.released_notebook.parent)
    leaks = find_leaks(released, released.released_notebook.parent)
    assert any("lesson.py: a script is in the student's folder" in leak for leak in leaks)


def test_a_lesson_that_leaks_is_not_released(mini):
    mini.lesson.write_text(
        mini.lesson.read_text().replace(
            "print(double(np.arange(3)))", "values = 3\ntwice_the_values = 2 * np.asarray(values)"
        )
    )
    write_or_compare(mini.notebook, build(mini), check=False)
    with pytest.raises(LeakError, match="(?s)01-mini is not released.*line of the solution of double"):
        release(mini)
    assert not mini.released_notebook.exists()


def test_scripts_not_ignored_by_nbgrader_stop_the_release(mini):
    config = mini.root / "nbgrader_config.py"
    config.write_text(config.read_text().replace('["*.py"]', "[]"))
    write_or_compare(mini.notebook, build(mini), check=False)
    with pytest.raises(LeakError, match="lesson.py: a script"):
        release(mini)


@pytest.mark.parametrize("unit", find_units(ROOT), ids=lambda unit: unit.name)
def test_the_course_leaks_nothing(unit):
    assert len(secret_lines(unit)) > 20
    assert find_leaks(unit, unit.released_notebook.parent) == []
    assert not list((ROOT / "release").rglob("*.py"))
