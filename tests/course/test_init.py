"""``course init``: the course keeps its settings, grading fails closed, and what is not ready is named."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from typer.testing import CliRunner

from course import cli
from course.findings import Level
from course.init import HARDENING, write_config
from course.survey import survey
from grader.course_api import nbgrader_api
from grader.course_folder import CONFIG_FILE, CourseError, read_config
from grader.run.preflight import check_preprocessors
from tests.conftest import ROOT
from tests.needs import SANDBOX


def cell(name: str, source: str = "assert True", points: float | None = 1, **marks) -> nbformat.NotebookNode:
    """A cell that nbgrader knows; a test cell unless ``marks`` say otherwise."""
    entry = {"schema_version": 3, "grade_id": name, "grade": points is not None, "solution": False}
    entry |= {"locked": True, "task": False, **({} if points is None else {"points": points}), **marks}
    make = new_markdown_cell if marks.get("task") else new_code_cell
    return make(source, metadata={"nbgrader": entry})


SOLUTION = cell(
    "double",
    "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION",
    None,
    solution=True,
    locked=False,
)
TEST = cell("test_double", "assert double(3) == 6\nassert double(0) == 0", 2)


def write(
    root: Path, *cells: nbformat.NotebookNode, name: str = "ps1/one", kernel: dict[str, str] | None = None
) -> Path:
    """A notebook in ``source/``."""
    path = root / "source" / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python", **(kernel or {})}
    nbformat.write(new_notebook(cells=list(cells), metadata={"kernelspec": kernelspec}), path)
    return path


def found(root: Path) -> dict[str, list[tuple[Level, str]]]:
    """The survey's findings, by what they are about."""
    findings: dict[str, list[tuple[Level, str]]] = {}
    for finding in survey(nbgrader_api(root)):
        findings.setdefault(finding.name, []).append((finding.level, finding.sentence))
    return findings


def test_a_new_configuration_is_hardened_and_names_the_course(tmp_path):
    write(tmp_path, TEST)
    write_config(tmp_path)
    api = nbgrader_api(tmp_path)
    check_preprocessors(api)
    assert api.coursedir.course_id == tmp_path.name
    assert Path(read_config(tmp_path).CourseDirectory.root) == tmp_path


def test_a_second_run_changes_nothing(tmp_path):
    write(tmp_path, TEST)
    write_config(tmp_path)
    before = (tmp_path / CONFIG_FILE).read_bytes()
    assert "hardened already" in " ".join(write_config(tmp_path))
    assert (tmp_path / CONFIG_FILE).read_bytes() == before


def test_the_settings_of_a_configuration_stay_and_those_that_are_lost_are_named(tmp_path):
    write(tmp_path, TEST)
    theirs = (
        "c = get_config()\n"
        "c.CourseDirectory.course_id = 'physics'\n"
        "c.CourseDirectory.ignore = ['*.log']\n"
        "c.Execute.timeout = 7\n"
        "c.OverwriteCells.add_missing_cells = False\n"
        "c.Autograde.autograde_preprocessors = ['theirs.Step']"  # and no end of line
    )
    (tmp_path / CONFIG_FILE).write_text(theirs)
    said = write_config(tmp_path)
    assert (tmp_path / CONFIG_FILE).read_text() == theirs + HARDENING
    config = read_config(tmp_path)
    assert config.CourseDirectory.course_id == "physics"
    assert config.CourseDirectory.ignore == ["*.log", "grading.json"]
    assert config.Execute.timeout == 7
    check_preprocessors(nbgrader_api(tmp_path))
    lost = [sentence.split(" = ")[0] for sentence in said if "no longer in force" in sentence]
    assert sorted(lost) == ["c.Autograde.autograde_preprocessors", "c.OverwriteCells.add_missing_cells"]


def test_this_course_is_hardened_by_the_same_lines():
    """So that no second copy of the settings can come to differ."""
    assert HARDENING.strip().splitlines()[-1] in (
        (ROOT / CONFIG_FILE).read_text().replace("(c, ", "(get_config(), ").splitlines()
    )


def test_where_the_package_is_missing_nbgrader_ends_and_does_not_grade_unprotected(tmp_path):
    """nbgrader passes over a configuration that raises an error."""
    write(tmp_path, TEST)
    write_config(tmp_path)
    hide = "import sys; sys.modules['grader.hardened_config'] = None; "
    program = (
        hide
        + "sys.argv = ['nbgrader', 'autograde', 'ps1']; from nbgrader.apps.nbgraderapp import main; main()"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert ended.returncode == 1
    assert f"{CONFIG_FILE}: " in ended.stderr and "Install the package" in ended.stderr
    assert not (tmp_path / "autograded").exists()


def test_a_unit_is_described(tmp_path):
    essay = cell("essay", "Why?", 3, solution=True, locked=False)
    task = cell("plot", "Plot it.", 4, task=True)
    write(tmp_path, SOLUTION, TEST, essay)
    write(tmp_path, task, name="ps1/two")
    (tmp_path / "source" / "ps1" / "data.csv").write_text("1,2\n")
    (tmp_path / "source" / "header.ipynb").write_text("{}")
    write_config(tmp_path)
    assert found(tmp_path)["ps1"] == [
        (
            Level.OK,
            "2 notebooks, 3 graded cells, 2 points by tests and 7 by hand; "
            "files beside the notebooks: data.csv.",
        ),
        (
            Level.WARN,
            "It is not in the gradebook yet, so it is not graded: run `nbgrader generate_assignment ps1`.",
        ),
    ]
    assert not (tmp_path / "gradebook.db").exists()


@pytest.mark.parametrize(
    ("cells", "level", "sentence"),
    [
        (
            [TEST, cell("test_double")],
            Level.MISSING,
            "2 cells have the grade id 'test_double': give each its own.",
        ),
        ([cell("old", schema_version=1)], Level.MISSING, "run `nbgrader update source/ps1/one.ipynb`"),
        ([cell("t", "x == 2")], Level.WARN, "'t' ends in 'x == 2', which is not a number of points"),
        ([cell("t", "# later")], Level.WARN, "'t' has no statement"),
        ([cell("t", "assert (")], Level.WARN, "'t' is not valid Python (line 1)"),
    ],
)
def test_cells_that_are_not_ready(tmp_path, cells, level, sentence):
    write(tmp_path, *cells)
    write_config(tmp_path)
    ((found_level, said),) = found(tmp_path)["source/ps1/one.ipynb"]
    assert found_level is level and sentence in said


@pytest.mark.parametrize(
    "source",
    ["check(x)", "score", "0.5 * passed", "%matplotlib inline\nassert x", "### AUTOTEST x", "print(1)"],
)
def test_cells_that_may_end_so(tmp_path, source):
    write(tmp_path, cell("t", source))
    write_config(tmp_path)
    assert "source/ps1/one.ipynb" not in found(tmp_path)


@pytest.mark.parametrize(
    ("kernel", "level"),
    [
        ({"name": "ir", "language": "R"}, Level.MISSING),
        ({"name": "physics"}, Level.WARN),
        ({"name": "python"}, None),
    ],
)
def test_kernels(tmp_path, kernel, level):
    write(tmp_path, TEST, kernel=kernel)
    write_config(tmp_path)
    findings = found(tmp_path).get("source/ps1/one.ipynb", [])
    assert [each for each, _ in findings] == ([level] if level else [])
    assert all(repr(kernel["name"]) in sentence for _, sentence in findings)


@pytest.mark.parametrize("text", ["{", '{"a": 1}', ""])
def test_a_broken_notebook_is_named(tmp_path, text):
    write(tmp_path, TEST).write_text(text)
    write_config(tmp_path)
    ((level, sentence),) = found(tmp_path)["source/ps1/one.ipynb"]
    assert level is Level.MISSING and "It is not a notebook" in sentence


def test_names_that_nbgrader_takes_for_patterns(tmp_path):
    write(tmp_path, TEST, name="ps1/one[a]")
    write_config(tmp_path)
    assert found(tmp_path)["source/ps1/one[a].ipynb"][0][0] is Level.MISSING
    root = tmp_path / "course[1]"
    write(root, TEST)
    with pytest.raises(CourseError, match="rename the folder"):
        write_config(root)
    assert not (root / CONFIG_FILE).exists()


def test_settings_that_are_missing_or_elsewhere(tmp_path):
    write(tmp_path)
    (tmp_path / CONFIG_FILE).write_text("")
    (tmp_path / "nbgrader_config.json").write_text("{}")
    write_config(tmp_path)
    findings = found(tmp_path)
    assert "c.CourseDirectory.course_id" in findings["course_id"][0][1]
    assert "does not read it" in findings["nbgrader_config.json"][0][1]
    assert any("No cell gives points" in sentence for _, sentence in findings["ps1"])


def run(*arguments: str, monkeypatch, capsys) -> str:
    """What the command says when it ends with exit code 1."""
    monkeypatch.setattr(sys, "argv", ["course", *arguments])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 1
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ("c = (", r"nbgrader_config\.py cannot be read \(SyntaxError.*\): correct it"),
        ("raise ValueError('no')", r"cannot be read \(ValueError: no\): correct it"),
        (
            "from traitlets.config import Config\nget_config = Config",
            r"have no effect: the file changes another object",
        ),
        (None, r"holds no folder source: run `course init` in the folder that holds"),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path, monkeypatch, capsys, config, sentence):
    if config is not None:
        write(tmp_path, TEST)
        (tmp_path / CONFIG_FILE).write_text(config)
    monkeypatch.chdir(tmp_path)
    said = run("init", monkeypatch=monkeypatch, capsys=capsys)
    assert re.search(sentence, said) and "Traceback" not in said and said.count("\n") == 1


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch, capsys):
    write(tmp_path, TEST)
    (tmp_path / CONFIG_FILE).symlink_to(tmp_path / "nowhere" / "config.py")
    monkeypatch.chdir(tmp_path)
    assert f"{tmp_path / CONFIG_FILE} cannot be used" in run("init", monkeypatch=monkeypatch, capsys=capsys)


def test_nbgrader_generates_and_the_course_grades(tmp_path, monkeypatch):
    """From notebooks alone to points, a report and an export; no lesson.py and no solutions/."""
    write(tmp_path, SOLUTION, TEST)
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(cli.app, ["init"]).exit_code == 0
    assert nbgrader_api(tmp_path).generate_assignment("ps1")["success"]
    for student, answer in [
        ("ann", "def double(x):\n    return 2 * x"),
        ("bob", "def double(x):\n    return 6"),
    ]:
        notebook = nbformat.read(tmp_path / "release/ps1/one.ipynb", as_version=4)
        notebook.cells[0].source = answer
        path = tmp_path / "submitted" / student / "ps1" / "one.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    sandbox = [] if SANDBOX.is_here() else ["--no-sandbox"]
    graded = CliRunner().invoke(cli.app, ["grade", *sandbox])
    assert graded.exit_code == 0, graded.output
    points = [line.split(",") for line in (tmp_path / "grades.csv").read_text().splitlines()]
    assert [
        (row[points[0].index("student")], float(row[points[0].index("total")])) for row in points[1:]
    ] == [
        ("ann", 2.0),
        ("bob", 0.0),
    ]
    assert CliRunner().invoke(cli.app, ["report", "ps1"]).exit_code == 0
    assert CliRunner().invoke(cli.app, ["export", "ps1", "moodle"]).exit_code == 0
    assert {"report-ps1.html", "moodle-ps1.csv"} <= {path.name for path in tmp_path.iterdir()}
    assert [sentence for level, sentence in found(tmp_path)["ps1"] if level is not Level.OK] == []
