"""Does a slip in one exercise cost the points of those that build on it? Not where they are right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from grader.course_folder import CONFIG_FILE
from grader.gradebook.results import Result
from grader.run.pool import Pool
from grader.steps.follow_through import answers_in, second_try
from tests.grader.run.conftest import check_cell, source_cell
from tests.grader.run.test_rehearse import UNIT, PlotsCourse, points

ANSWERS = {
    "double": "def double(x):\n    return 2 * x",
    "table": "def table(n):\n    return [double(i) for i in range(n)]",
    "total": "def total(n):\n    return sum(table(n))",
    "shout": "def shout(text):\n    return text.upper()",
}
EVERYTHING = {"test_double": 1, "test_table": 2, "test_table_hidden": 3, "test_total": 4, "test_shout": 5}
SLIP = "def double(x):\n    return x + 3"
HIDDEN = "### BEGIN HIDDEN TESTS\nassert table(3)[2] == 4, 'Twice 2 is 4.'\n### END HIDDEN TESTS"


def exercise(name: str) -> NotebookNode:
    header, body = ANSWERS[name].split("\n")
    return source_cell(name, f"{header}\n    ### BEGIN SOLUTION\n{body}\n    ### END SOLUTION", solution=True)


def unit() -> NotebookNode:
    cells = [
        exercise("double"),
        check_cell("test_double", "assert double(2) == 4", 1),
        exercise("table"),
        new_code_cell("evens = table(4)", id="given"),
        check_cell("test_table", "assert evens == [0, 2, 4, 6], f'yours: {evens}'", 2),
        check_cell("test_table_hidden", HIDDEN, 3),
        exercise("total"),
        check_cell("test_total", "assert total(4) == 12", 4),
        exercise("shout"),
        check_cell("test_shout", "assert shout('a') == 'A'", 5),
    ]
    return new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})


class ChainCourse(PlotsCourse):
    """A course in which one exercise builds on another."""

    def submit(self, student: str, count: str = "", **answers: str) -> None:
        nb = json.loads((self.root / "release" / UNIT / "plots.ipynb").read_text())
        for cell in nb["cells"]:
            if cell["id"] in ANSWERS:
                cell["source"] = (ANSWERS | answers)[cell["id"]]
        folder = self.root / "submitted" / student / UNIT
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "plots.ipynb").write_text(json.dumps(nb))


def make(root: Path, pool: Pool, setting: str = "") -> ChainCourse:
    course = ChainCourse(root, pool, unit())
    with (root / CONFIG_FILE).open("a") as file:
        file.write(setting)
    return course


STUDENTS: dict[str, dict[str, str]] = {
    "right": {},
    "slip": {"double": SLIP},
    "skipped": {"double": "def double(x):\n    raise NotImplementedError()"},
    "endless": {"double": "def double(x):\n    while True:\n        pass"},
    "no-function": {"double": "doubled = 2"},
    "two slips": {"double": SLIP, "table": "def table(n):\n    return [double(i) for i in range(n + 1)]"},
    "wrong but not for that": {"double": SLIP, "total": "def total(n):\n    return table(n)[-1]"},
    # It is lucky with its own function: nothing is taken away.
    "right in the end": {"double": SLIP, "table": "def table(n):\n    return [2 * i for i in range(n)]"},
    # The second needs the first as it is: with the right one it fails, which costs nothing.
    "consistent": {
        "double": SLIP,
        "table": "def table(n):\n    return [double(i) + i - 3 for i in range(n)]",
    },
    # It keeps whatever stands in for its function and shows it.
    "thief": {
        "double": SLIP,
        "table": "import inspect\ndef table(n):\n    print(inspect.getsource(double))\n"
        "    return [double(i) for i in range(n)]",
    },
}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, pool: Pool) -> ChainCourse:
    made = make(tmp_path_factory.mktemp("chain"), pool, "c.Execute.timeout = 3\n")
    for student, answers in STUDENTS.items():
        made.submit(student, **answers)
    return made


@pytest.fixture(scope="module")
def results(course: ChainCourse) -> dict[str, Result]:
    return course.grade()


@pytest.mark.parametrize(
    ("student", "lost"),
    [
        ("right", set()),
        ("slip", {"test_double"}),
        ("skipped", {"test_double"}),
        ("endless", {"test_double"}),
        ("no-function", {"test_double"}),
        ("two slips", {"test_double", "test_table"}),
        ("wrong but not for that", {"test_double", "test_total"}),
        ("right in the end", {"test_double"}),
        ("consistent", {"test_double"}),
        ("thief", {"test_double"}),
    ],
)
def test_a_slip_costs_its_own_points(results: dict[str, Result], student: str, lost: set[str]) -> None:
    assert points(results[student]) == {n: 0 if n in lost else p for n, p in EVERYTHING.items()}
    reasons = {score.name for score in results[student].scores if score.reason}
    assert reasons == lost


def test_the_page_says_what_was_put_in_and_nothing_of_how_it_is_written(
    course: ChainCourse, results: dict[str, Result]
) -> None:
    pages = {
        student: (course.root / "feedback" / student / UNIT / "plots.html").read_text()
        for student in ("right", "slip", "two slips", "thief")
    }
    said = "own double in the place of yours, which failed its own checks, this passes: the points count."
    assert said not in pages["right"]
    assert pages["slip"].count(said) == 2
    assert "own double, table in the place of yours" in pages["slip"]  # for total, which uses both
    assert "return 2 * x" not in pages["thief"] and "return x + 3" in pages["thief"]


def test_without_the_setting_a_slip_costs_what_nbgrader_takes(tmp_path: Path, pool: Pool) -> None:
    course = make(tmp_path, pool, "c.GradedExecute.follow_through = False\n")
    course.submit("slip", **STUDENTS["slip"])
    assert points(course.grade()["slip"]) == dict.fromkeys(EVERYTHING, 0) | {"test_shout": 5}


def test_a_unit_without_answers_has_no_second_try(tmp_path: Path) -> None:
    official = unit()
    assert answers_in(tmp_path / "missing.ipynb") == {}
    assert second_try(official, official, {}, EVERYTHING.keys()) is None


def test_what_does_not_use_the_exercise_is_not_run_again() -> None:
    official = unit()
    tried = second_try(official, official, ANSWERS, {"test_double", "test_shout"})
    assert tried is None


@pytest.mark.parametrize("source", ["(" * 5000, "x = " + "-" * 20_000 + "1", "def f(:", "return 1", "\0"])
def test_any_cell_may_stand_in_a_submission(source: str) -> None:
    official = unit()
    nb = new_notebook(cells=[new_code_cell(source), *official.cells])
    tried = second_try(nb, official, ANSWERS, {"test_double", "test_total"})
    assert tried is not None and tried.said.keys() == {"test_total"}
