"""Which cells are graded beside the student's code, and what can be won or lost by that?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from course.demo.demo import is_isolated
from grader.course_api import nbgrader_api
from grader.course_folder import CONFIG_FILE
from grader.gradebook.ledger import open_gradebook
from grader.gradebook.results import Result
from grader.run.grade import grade
from grader.run.official import read_official
from grader.run.pool import Pool
from grader.run.rehearse import Rehearsal
from grader.task import Outcome, Task
from tests.grader.run.conftest import ROOT, check_cell, source_cell

UNIT = "plots"
COUNT = (
    "def count(n):\n    ### BEGIN SOLUTION\n    for i in range(n):\n        print(i)\n    ### END SOLUTION"
)
PRINTS = """\
import io
from contextlib import redirect_stdout
### BEGIN HIDDEN TESTS
secret = io.StringIO()
with redirect_stdout(secret):
    count(2)
assert secret.getvalue().split() == ["0", "1"], "Count from 0."
### END HIDDEN TESTS"""
TWICE = "def twice(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
FAULTY = "assert twice(1) == 3, 'Twice 1 is 3.'"

RIGHT = "def count(n):\n    print(*range(n), sep='\\n')"
WRONG = "def count(n):\n    print(*range(1, n), sep='\\n')"
# It says what runs: the check, which stands beside it now.
SNOOPING = """\
def count(n):
    raise RuntimeError(get_ipython().user_ns["In"][-1])"""


def unit() -> NotebookNode:
    cells = [
        source_cell("count", COUNT, solution=True),
        check_cell("test_prints", PRINTS, 2),
        source_cell("twice", TWICE, solution=True),
        check_cell("test_twice", "assert twice(2) == 4", 3),
        check_cell("test_faulty", FAULTY, 1),
    ]
    return new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})


class PlotsCourse:
    """A course whose check of what is printed cannot be asked from outside, and has a check that is wrong."""

    def __init__(self, root: Path, pool: Pool, source: NotebookNode) -> None:
        self.root, self.pool, self.said = root, pool, list[str]()
        (root / "source" / UNIT).mkdir(parents=True)
        (root / CONFIG_FILE).write_text((ROOT / CONFIG_FILE).read_text())
        (root / "source" / UNIT / "plots.ipynb").write_text(json.dumps(source))
        made = nbgrader_api(root).generate_assignment(UNIT)
        assert made["success"], made["log"]

    def submit(self, student: str, count: str) -> None:
        nb = json.loads((self.root / "release" / UNIT / "plots.ipynb").read_text())
        answers = {"count": count, "twice": "def twice(x):\n    return x + x"}
        for cell in nb["cells"]:
            if cell["id"] in answers:
                cell["source"] = answers[cell["id"]]
        folder = self.root / "submitted" / student / UNIT
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "plots.ipynb").write_text(json.dumps(nb))

    def grade(self) -> dict[str, Result]:
        self.said.clear()
        results = grade(self.root, [UNIT], pool=self.pool, say=self.said.append)
        return {result.student: result for result in results}


def points(result: Result) -> dict[str, float | None]:
    return {score.name: score.points for score in result.scores}


@pytest.fixture(scope="module")
def plots(tmp_path_factory: pytest.TempPathFactory, pool: Pool) -> PlotsCourse:
    course = PlotsCourse(tmp_path_factory.mktemp("plots"), pool, unit())
    for student, answer in {"ann": RIGHT, "bob": WRONG, "eve": SNOOPING}.items():
        course.submit(student, answer)
    return course


@pytest.fixture(scope="module")
def results(plots: PlotsCourse) -> dict[str, Result]:
    return plots.grade()


def test_a_right_answer_gets_its_points_beside_the_code(results: dict[str, Result]) -> None:
    assert points(results["ann"]) == {"test_prints": 2, "test_twice": 3, "test_faulty": 0}
    assert "checked beside the student's code: 1 of its cells" in results["ann"].flags


def test_a_wrong_answer_gets_none(results: dict[str, Result]) -> None:
    assert points(results["bob"]) == {"test_prints": 0, "test_twice": 3, "test_faulty": 0}
    (reason,) = [score.reason for score in results["bob"].scores if score.name == "test_prints"]
    assert reason == "Count from 0."


def test_the_instructor_hears_of_both_kinds(plots: PlotsCourse) -> None:
    plots.submit("new", RIGHT)
    plots.grade()
    beside, faulty = plots.said
    assert "your own answers pass test_prints only beside a student's code" in beside
    assert "your own answers in source/ fail test_faulty" in faulty


def test_nothing_new_needs_no_rehearsal(plots: PlotsCourse, results: dict[str, Result]) -> None:
    plots.grade()
    plots.grade()
    assert plots.said == []


def test_a_page_does_not_show_the_hidden_check(plots: PlotsCourse, results: dict[str, Result]) -> None:
    (seen,) = [score.reason for score in results["eve"].scores if score.name == "test_prints"]
    assert "StringIO" in seen  # the table of the instructor may show it
    for student in ("bob", "eve"):
        page = (plots.root / "feedback" / student / UNIT / "plots.html").read_text()
        assert "StringIO" not in page, student


def test_without_rehearsal_every_cell_is_asked_from_outside(
    tmp_path: Path, pool: Pool, results: dict[str, Result]
) -> None:
    course = PlotsCourse(tmp_path, pool, unit())
    with (tmp_path / CONFIG_FILE).open("a") as file:
        file.write("\nc.GradedExecute.rehearse = False\n")
    course.submit("ann", RIGHT)
    assert points(course.grade()["ann"]) == {"test_prints": 0, "test_twice": 3, "test_faulty": 0}
    assert course.said == []


def test_what_is_said_leaves_json_as_it_is(plots: PlotsCourse) -> None:
    plots.submit("zed", RIGHT)
    command = [sys.executable, "-m", "course.cli", "grade", "--json", "--workers", "1"]
    command += [] if is_isolated() else ["--no-sandbox"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=plots.root, env=environment, capture_output=True, text=True)
    assert {entry["student"] for entry in json.loads(done.stdout)} >= {"zed"}
    assert "only beside a student's code" in done.stderr


def test_a_unit_without_answers_has_no_cell_beside(tmp_path: Path, pool: Pool) -> None:
    source = unit()
    source.cells = [cell for cell in source.cells if cell.id != "test_faulty"]
    for cell in source.cells:
        if cell.metadata.nbgrader["solution"]:
            cell.source = "raise NotImplementedError()"
    course = PlotsCourse(tmp_path, pool, source)
    course.submit("ann", RIGHT)
    assert points(course.grade()["ann"]) == {"test_prints": 0, "test_twice": 3}
    (said,) = course.said
    assert "your own answers in source/ fail test_prints, test_twice" in said


@pytest.mark.parametrize("stopped", [1, 2])
def test_a_rehearsal_that_fails_places_no_cell_beside_the_code(stopped: int, plots: PlotsCourse) -> None:
    """Neither the first, through the wall, nor the second, beside the code."""
    api = nbgrader_api(plots.root)
    with open_gradebook(api.coursedir) as gradebook:
        official = read_official(api, gradebook, UNIT)
    tries: list[Task] = []

    def run(task: Task) -> Outcome:
        tries.append(task)
        return Outcome("The disk is full.") if len(tries) == stopped else plots.pool.run(task)

    rehearsal = Rehearsal(official, plots.said.append)
    while rehearsal.task:
        rehearsal.take(run(rehearsal.task))
    assert rehearsal.official.beside == {}
    assert len(tries) == stopped


def test_cells_before_and_after_see_no_trace_of_a_check(tmp_path: Path, pool: Pool) -> None:
    """What runs beside the code runs in a room of its own: other checks meet the work as it is without it."""
    source = unit()
    spoiling = PRINTS.replace("secret = io", "twice = lambda x: 5\nsecret = io")
    source.cells[1].source = spoiling
    source.cells.insert(0, new_code_cell("start = 1", id="given"))
    course = PlotsCourse(tmp_path, pool, source)
    course.submit("ann", RIGHT)
    assert points(course.grade()["ann"])["test_twice"] == 3


def test_no_more_is_under_way_than_there_are_workers(
    tmp_path: Path, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that dies takes with it all that it was given."""
    course = PlotsCourse(tmp_path, pool, unit())
    for student in ("ann", "bob", "cem", "dan", "eve"):
        course.submit(student, RIGHT)
    under_way, start = [], pool.start

    def started(task: Task) -> None:
        start(task)
        under_way.append(len(pool._pending))

    monkeypatch.setattr(pool, "start", started)
    results = course.grade()
    assert {points(result)["test_prints"] for result in results.values()} == {2}
    # The rehearsal is two tasks, and some of the class are graded once more.
    assert len(under_way) > 7 and max(under_way) <= pool._workers
