"""Whole submissions through `course grade`: accidents cost honest students nothing, attacks gain nothing."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from grader.course_api import nbgrader_api
from grader.course_folder import CONFIG_FILE
from grader.gradebook.results import Result, Status
from grader.run.grade import grade
from grader.run.pool import Pool
from tests.attacks.corpus import HONEST
from tests.attacks.test_attacks import ALL
from tests.attacks.unit import ANSWERS, FULL, attacked, honest, official
from tests.grader.run.conftest import ROOT, cell, delete, paste
from tests.needs import SANDBOX

UNIT, NOTEBOOK = "01-target", "target"
# Short for an endless loop, long for an honest cell on a machine under load.
LIMITS = "\nc.Execute.timeout = 20\nc.GradedExecute.total_timeout = 60\n"
# One or two of each kind; test_attacks.py tries all of them on the examiner alone.
SAMPLE = (
    *("input_transformer", "hard_exit", "startup_files", "equal_to_everything", "path_as_an_answer"),
    *("gradebook", "loop_that_swallows_interrupts", "two_answers"),
    *("checks_of_its_own", "checks_stubbed", "checks_emptied"),
)
Change = Callable[[NotebookNode], object]


def strip_metadata(nb: NotebookNode) -> None:
    for each in nb.cells:
        each.metadata = NotebookNode()


def rename(nb: NotebookNode) -> None:
    cell(nb, "test_double").metadata.nbgrader["grade_id"] = "test_something_else"


def retag(nb: NotebookNode) -> None:
    for each in nb.cells:
        each.metadata["tags"] = ["skip-execution", "raises-exception", "slow"]


def retype(nb: NotebookNode) -> None:
    for name in ("test_double", "test_double_hidden"):
        test = cell(nb, name)
        test.cell_type = "raw"
        test.pop("outputs"), test.pop("execution_count")


def reverse(nb: NotebookNode) -> None:
    nb.cells.reverse()


def checks_first(nb: NotebookNode) -> None:
    nb.cells.sort(key=lambda each: not each.id.startswith("test_"))


def duplicate(nb: NotebookNode) -> None:
    paste(nb, "test_double", after="test_double", source="pass")
    paste(nb, "test_double_hidden", after="imports", source="pass")


def split(nb: NotebookNode) -> None:
    paste(nb, "double", after="double", source="")


def claim(nb: NotebookNode) -> None:
    """Claim points, and a record of grading, in the metadata."""
    for each in nb.cells:
        if "nbgrader" in each.metadata:
            each.metadata.nbgrader |= {"points": 100, "solution": True, "grade": True, "checksum": "0"}
    nb.metadata["grading"] = {
        "flags": [],
        "reasons": {},
        "runs": {"test_double": {"proof": ["NoneType", ""]}},
    }
    extra = new_code_cell("100", metadata={"nbgrader": {**cell(nb, "double").metadata.nbgrader}})
    extra.metadata.nbgrader["grade_id"] = "extra"
    nb.cells.append(extra)


def foreign_kernel(nb: NotebookNode) -> None:
    nb.metadata["kernelspec"] = {"name": "bash", "display_name": "Bash", "language": "bash"}
    nb.metadata["language_info"] = {"name": "R"}


def old_format(nb: NotebookNode) -> None:
    """As version 4.2 was: cells had no ids."""
    nb.nbformat_minor = 2
    for each in nb.cells:
        del each["id"]


def empty_tests(nb: NotebookNode) -> None:
    for each in nb.cells:
        if each.id.startswith("test_"):
            each.source = ""


ACCIDENTS: dict[str, Change] = {
    "deleted": lambda nb: delete(nb, "test_double", "test_double_hidden", "imports"),
    "duplicated": duplicate,
    "split": split,
    "renamed": rename,
    "retagged": retag,
    "retyped": retype,
    "reversed": reverse,
    "checks_first": checks_first,
    "stripped": strip_metadata,
    "claimed": claim,
    "foreign_kernel": foreign_kernel,
    "old_format": old_format,
    "emptied": empty_tests,
}
# Those by which somebody may hope for points: checks that say something else, or are not run.
HOPES = ("duplicated", "renamed", "retagged", "retyped", "stripped", "claimed", "emptied")


class Class:
    """A released course, and what was handed in."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / CONFIG_FILE).write_text((ROOT / CONFIG_FILE).read_text() + LIMITS)
        (root / "source" / UNIT).mkdir(parents=True)
        nb = official()
        for name in ANSWERS:
            exercise = cell(nb, name)
            first, _, rest = exercise.source.partition("\n")
            exercise.source = f"{first}\n    ### BEGIN SOLUTION\n{rest}\n    ### END SOLUTION"
        nbformat.write(nb, root / "source" / UNIT / f"{NOTEBOOK}.ipynb")
        made = nbgrader_api(root).generate_assignment(UNIT)
        assert made["success"], made
        self.released = nbformat.read(root / "release" / UNIT / f"{NOTEBOOK}.ipynb", as_version=4)

    def hand_in(self, student: str, nb: NotebookNode, change: Change | None = None) -> Path:
        nb = copy.deepcopy(nb)
        if change is not None:
            change(nb)
        folder = self.root / "submitted" / student / UNIT
        folder.mkdir(parents=True)
        (folder / f"{NOTEBOOK}.ipynb").write_text(json.dumps(nb))
        return folder


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """A class in which every second student is honest, graded in one run by two workers."""
    SANDBOX.require()
    a_class = Class(tmp_path_factory.mktemp("class"))
    right, wrong = honest(a_class.released), attacked("", a_class.released)
    for name, change in ACCIDENTS.items():
        a_class.hand_in(f"honest-{name}", right, change)
        if name in HOPES:
            a_class.hand_in(f"wrong-{name}", wrong, change)
    for attack in ALL:
        if attack.name in SAMPLE:
            folder = a_class.hand_in(f"attack-{attack.name}", attacked(attack.source, a_class.released))
            for name, content in attack.files.items():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(content)
    a_class.hand_in("honest-files", right).joinpath("numpy.py").write_text("raise SystemExit")
    a_class.hand_in("broken-link", right).joinpath("data.csv").symlink_to(a_class.root / "gradebook.db")
    folder = a_class.hand_in("broken-link-up", right)
    shutil.copytree(folder, folder / "inner")
    (folder / f"{NOTEBOOK}.ipynb").unlink()
    (folder / f"{NOTEBOOK}.ipynb").symlink_to(f"../../honest-files/{UNIT}/{NOTEBOOK}.ipynb")
    submitted = a_class.root / "submitted"
    (submitted / "broken-link-of-unit").mkdir()
    (submitted / "broken-link-of-unit" / UNIT).symlink_to(f"../../source/{UNIT}")
    (submitted / "broken-link-of-student").symlink_to("honest-files")
    (submitted / "broken-hard-link" / UNIT).mkdir(parents=True)
    (submitted / "broken-hard-link" / UNIT / f"{NOTEBOOK}.ipynb").hardlink_to(
        a_class.root / "source" / UNIT / f"{NOTEBOOK}.ipynb"
    )
    with (a_class.hand_in("broken-200-MB", right) / f"{NOTEBOOK}.ipynb").open("a") as file:
        for _ in range(200):
            file.write(" " * 10**6)
    before = {path: path.read_bytes() for path in (a_class.root / "source").rglob("*") if path.is_file()}
    with Pool(2) as pool:
        found = {result.student: result for result in grade(a_class.root, [UNIT], pool=pool)}
    assert {path: path.read_bytes() for path in before} == before
    return found


@pytest.mark.parametrize("accident", [*ACCIDENTS, "files"])
def test_an_honest_student_loses_nothing(results: dict[str, Result], accident: str):
    result = results[f"honest-{accident}"]
    assert result.total == sum(FULL.values()), result


@pytest.mark.parametrize("accident", HOPES)
def test_the_same_change_gains_nothing(results: dict[str, Result], accident: str):
    assert results[f"wrong-{accident}"].total <= HONEST, results[f"wrong-{accident}"]


@pytest.mark.parametrize("name", SAMPLE)
def test_attacks_gain_nothing(results: dict[str, Result], name: str):
    attack, result = next(each for each in ALL if each.name == name), results[f"attack-{name}"]
    assert result.total <= attack.max_points, result
    assert result.flags or not attack.flagged


@pytest.mark.parametrize(
    ("student", "says"),
    [
        ("broken-link", "is a link"),
        ("broken-link-up", "is a link"),
        ("broken-link-of-unit", "is a link"),
        ("broken-link-of-student", "is a link"),
        ("broken-hard-link", "is a hard link"),
        ("broken-200-MB", "more than 50 MB"),
    ],
)
def test_what_cannot_be_graded_says_why(results: dict[str, Result], student: str, says: str):
    assert results[student].status is Status.FAILED and says in results[student].problem
