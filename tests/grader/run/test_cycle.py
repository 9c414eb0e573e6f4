"""Does every command of docs/instructor.md work, as the page has it, for a class that goes through a term?

A small class and small units, in this process. `python -m benchmarks.full_cycle` does the same with 60
students, the units of the course and real commands.
"""

from __future__ import annotations

import errno
import io
import json
from collections.abc import Callable
from contextlib import nullcontext, redirect_stdout
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_notebook
from typer.testing import CliRunner

from benchmarks.cycle import PAGE, Class, Walk, walk
from benchmarks.page import Reader, commands_of
from course import cli
from grader.course_api import nbgrader_api
from grader.course_folder import CONFIG_FILE
from grader.gradebook import store
from grader.people import Person
from grader.run.pool import Pool
from tests.conftest import ROOT
from tests.grader.nbgrader_command import type_nbgrader
from tests.grader.run.conftest import SHORT_LIMITS, answer_cell, check_cell, source_cell

UNITS = ("01-one", "02-two", "03-three")
NAMES = ["Anna Äpfel", "Ben Li", "Cem Özil", "Dora D’Arc", "Eva Maria Lo", "Finn Fox"]
PEOPLE = [
    Person(name.split()[0].lower(), *name.rsplit(" ", 1), f"{n}@x.org", f"00{n}")
    for n, name in enumerate(NAMES)
]
# What the small walk leaves to others.
ELSEWHERE = {
    "make setup": "made the environment in which this runs",
    "apt-get install bubblewrap libseccomp2": "a need of tests/needs.py",
    "pip install -c constraints.txt -e '.[instructor,postgresql]'": "as above",
    "course build": "tests/authoring/test_build.py, benchmarks/full_cycle.py",
    "course release": "tests/authoring/test_release.py, benchmarks/full_cycle.py",
    "course bundle": "tests/authoring/test_bundle.py, benchmarks/full_cycle.py",
    "course doctor": "tests/course/test_doctor.py, benchmarks/full_cycle.py",
    "course demo": "tests/course/test_demo.py",
    "course build && course release": "both as above",
    "course build && make test && course release": "as above; after a merge into a fork",
    "python -m course_utils.report NOTEBOOK": "tests/course_utils/test_report.py",
    "course check NOTEBOOK": "tests/course_utils/test_report.py, benchmarks/full_cycle.py",
    "nbgrader autograde": "tests/grader/run/test_class.py; the page names it beside `course grade`",
    "course grade --force": "here with a unit",
    "course answers": "here with a unit",
    "course mark": "here with a file",
    "python -m benchmarks.grading": "a benchmark",
    "jupyter lab": "tests/browser",
    "../.venv/bin/jupyter lab": "tests/browser",
    "cd demo": "no command of the course",
    "dask scheduler --host 10.0.0.1": "tests/grader/run/test_workers.py, benchmarks/full_cycle.py",
    "dask worker tcp://10.0.0.1:8786 --nthreads 1 --nworkers 8": "as above",
    "course grade --scheduler tcp://10.0.0.1:8786": "as above",
}


# A step of its own, with tests of its own.
OF_THEIR_OWN = ("course release --private",)


def unit_cells(name: str, message: str = "") -> list[NotebookNode]:
    """An exercise with a visible and a hidden check, and a question; 7 points."""
    function = f"double_{name}"
    hidden = f"### BEGIN HIDDEN TESTS\nassert {function}(-3) == -6, 'Not -6{message}'\n### END HIDDEN TESTS"
    solution = f"def {function}(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
    return [
        source_cell(function, solution, solution=True),
        check_cell(f"test_{name}", f"assert {function}(1) == 2, 'Twice 1 is 2.'", 2),
        check_cell(f"test_{name}_hidden", hidden, 3),
        answer_cell(f"why_{name}", 2),
    ]


class Small:
    """Three small units, and a class in which the third person answers half, and the fourth nothing."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / CONFIG_FILE).write_text((ROOT / CONFIG_FILE).read_text() + SHORT_LIMITS)
        for unit in UNITS:
            self.release(unit)

    def release(self, unit: str, message: str = "") -> None:
        name = unit[3:]
        path = self.root / "source" / unit / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(new_notebook(cells=unit_cells(name, message)), path)
        made = nbgrader_api(self.root).generate_assignment(unit, force=True)
        assert made["success"], made

    def notebook(self, unit: str, answer: str | None) -> bytes:
        nb = nbformat.read(self.root / "release" / unit / f"{unit[3:]}.ipynb", as_version=4)
        if answer:
            nb.cells[0].source = f"def double_{unit[3:]}(x):\n    return {answer}"
            nb.cells[-1].source = "Because it is added to itself."
        return json.dumps(nb).encode()

    def of_class(self) -> Class:
        answers = dict.fromkeys(range(len(PEOPLE)), ("2 * x", 5)) | {2: ("2 * abs(x)", 2), 3: (None, 0)}
        place = {person.id: n for n, person in enumerate(PEOPLE)}
        return Class(
            PEOPLE,
            list(UNITS),
            lambda person, unit: self.notebook(unit, answers[place[person.id]][0]),
            lambda person, unit: answers[place[person.id]][1],
            lambda unit: self.notebook(unit, "2 * x"),
            lambda unit: 5,
            {unit: f"{unit[3:]}.ipynb" for unit in UNITS},
            lambda unit: self.release(unit, ", as it should be"),
        )


@pytest.fixture
def run(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path, list[str]], tuple[int, str]]:
    """What runs a command in this process, with workers that are there."""
    monkeypatch.setattr("grader.run.pool.Pool", lambda *_, **__: nullcontext(pool))
    monkeypatch.setattr("grader.run.prefork.share_server", lambda *_: None)
    monkeypatch.setattr("grader.run.prefork.start_warming", lambda: None)

    def run_here(folder: Path, words: list[str]) -> tuple[int, str]:
        monkeypatch.chdir(folder)
        program, *arguments = words
        if program == "course":
            done = CliRunner().invoke(cli.app, arguments, catch_exceptions=False)
            return done.exit_code, done.stdout
        assert program == "nbgrader", words
        with redirect_stdout(io.StringIO()) as out:
            code = type_nbgrader(arguments)
        return code, out.getvalue()

    return run_here


def disk_fills_up(on: Walk) -> None:
    """After two submissions nothing more can be written; then there is room again."""
    write, written = store.write_files, []

    def write_some(folder: Path, files: dict[str, bytes]) -> None:
        written.append(folder)
        if len(written) > 4:  # pages and notebooks
            raise OSError(errno.ENOSPC, "No space left on device", str(folder))
        write(folder, files)

    store.write_files = write_some
    try:
        said = on.reader.type("course grade", UNITS[0], "--json", code=1)
    finally:
        store.write_files = write
    results = json.loads(said)
    assert [each["status"] for each in results].count("graded") == 2
    assert all("disk is full" in each["problem"] for each in results if each["status"] == "failed")


def test_a_class_goes_through_the_page(tmp_path: Path, run: Callable) -> None:
    (tmp_path / "course").mkdir()
    small = Small(tmp_path / "course")
    reader = Reader(PAGE.read_text(encoding="utf-8"), small.root, run)
    walk(Walk(reader, small.of_class(), disk_fills_up))
    not_typed = {each for each in reader.not_typed() if not each.startswith(OF_THEIR_OWN)}
    assert not_typed - ELSEWHERE.keys() == set(), "no test types these commands of the page"
    assert ELSEWHERE.keys() - not_typed == set(), "the page does not say these any more, or they are typed"


def test_what_a_command_of_a_page_is() -> None:
    text = "Run `course grade [UNIT]…`, or\n`course export\nUNIT canvas`; see `a/b.py`.\n\n    course a b\n"
    assert commands_of(text) == ["course grade", "course export UNIT canvas", "course a b"]
