"""A report on a notebook holds what helps to find out why a check fails, and nothing about its author."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_utils import report

CHECK = {"nbgrader": {"grade_id": "", "grade": True, "locked": True, "solution": False, "points": 1}}
ANSWER = {"nbgrader": {"grade_id": "", "grade": False, "locked": False, "solution": True}}


def cell(name: str, source: str, kind: dict) -> nbformat.NotebookNode:
    return new_code_cell(source, id=name, metadata={"nbgrader": kind["nbgrader"] | {"grade_id": name}})


@pytest.fixture(scope="module")
def notebook(tmp_path_factory) -> Path:
    """Three exercises, of which one is right, one wrong and one not written, in a folder of a person's."""
    cells = [
        new_markdown_cell("# A unit"),
        new_code_cell("from pathlib import Path"),
        cell("double", "def double(x):\n    return 2 * x", ANSWER),
        cell("test_double", "assert double(1) == 2", CHECK),
        cell("test_double_hidden", "# Hidden checks look at: other numbers.\nhidden_checks('1.1')", CHECK),
        cell("test_double_older", "# Hidden checks: other numbers.", CHECK),
        new_code_cell("HELPER = 3"),
        cell("triple", "def triple(x):\n    return 4 * x", ANSWER),
        cell("test_triple", "assert triple(1) == 3, f'Three, not {triple(1)}: {Path.home()}'", CHECK),
        cell("halve", "def halve(x):\n    raise NotImplementedError()", ANSWER),
        cell("test_halve", "assert halve(2) == 1", CHECK),
        new_code_cell("while True: pass", metadata={"tags": ["slow"]}),
    ]
    path = tmp_path_factory.mktemp("unit") / "unit.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path


@pytest.fixture(scope="module")
def outcomes(notebook: Path) -> list[report.Outcome]:
    before = notebook.read_bytes()
    found = report.run_checks(notebook)
    assert notebook.read_bytes() == before
    return found


def test_each_visible_check_has_a_verdict(outcomes):
    verdicts = {outcome.check: outcome.verdict for outcome in outcomes}
    assert verdicts == {"test_double": "passed", "test_triple": "failed", "test_halve": "open"}


def test_a_check_stands_beside_the_cells_in_front_of_it(outcomes):
    assert outcomes[1].answers == ("HELPER = 3", "def triple(x):\n    return 4 * x")
    assert outcomes[2].answers == ("def halve(x):\n    raise NotImplementedError()",)


def test_the_report_names_versions_and_holds_the_wrong_answer_alone(notebook, outcomes):
    text = report.report(notebook, outcomes)
    assert "numpy 2" in text and "Python 3" in text
    assert "AssertionError: Three, not 4: ~" in text and str(Path.home()) not in text
    assert "return 4 * x" in text and "return 2 * x" not in text and "def halve" not in text
    assert str(notebook.parent) not in text


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "there is no "),
        ("text", "is no notebook"),
        (b"\xff\xfe\x00", "is no notebook"),
        ("{}", "is no notebook"),
        ("[]", "is no notebook"),
        (nbformat.writes(new_notebook()), "holds no check"),
    ],
)
def test_what_is_wrong_with_the_file_is_said(tmp_path, content, says):
    if content is not None:
        (tmp_path / "unit.ipynb").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SystemExit, match=says):
        report.main([str(tmp_path / "unit.ipynb")])


def test_a_package_that_can_be_spared_is_reported_missing(notebook, monkeypatch):
    """For Macs with an Intel processor there is no PyTorch, and a report is wanted there, too."""

    def version(package: str) -> str:
        if package == "torch":
            raise PackageNotFoundError(package)
        return "1.0"

    monkeypatch.setattr(report, "version", version)
    assert "numpy 1.0, " in report.report(notebook, []) and "torch missing, " in report.report(notebook, [])


def test_a_report_that_cannot_be_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "report-unit.txt").mkdir()  # as in a folder in which one may not write
    with pytest.raises(ValueError, match=r"report-unit\.txt cannot be written \(.+\): run this in a folder"):
        report.write_report(Path("unit.ipynb"), [])


def test_a_notebook_that_ends_its_python(tmp_path):
    nbformat.write(
        new_notebook(cells=[cell("test", "import os; os._exit(1)", CHECK)]), tmp_path / "unit.ipynb"
    )
    with pytest.raises(ValueError, match="ended the Python that ran it"):
        report.run_checks(tmp_path / "unit.ipynb")
