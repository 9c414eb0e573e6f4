"""What a hand-in finds out of hidden checks gives the next one no point: a table is no formula."""

from __future__ import annotations

import inspect
import json
import re
from functools import partial
from pathlib import Path
from unittest.mock import ANY

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from grader.examiner.examine import Examined, examine
from grader.hidden_seeds import submission_seed
from grader.steps.save_scores import judge
from solutions.explicit_als import objective, predict
from tests.conftest import ROOT
from tests.grader.examiner.plain_room import ForkedRoom
from tests.grader.run.conftest import cell, check_cell, source_cell

KEY = b"the course's key"
# As a check that tells all, and calls the function on data that it draws.
TELLING = """\
### BEGIN HIDDEN TESTS
def check_objective(objective, seed=0):
    rng = np.random.default_rng(seed)
    for _ in range(3):
        R, X, Y = csr_array(rng.normal(size=(4, 5))), rng.normal(size=(4, 2)), rng.normal(size=(5, 2))
        wanted = float(np.sum((R.toarray() - X @ Y.T) ** 2))
        try:
            got = objective(R, X, Y, 0.0, 0.0)
        except ValueError as error:
            raise AssertionError(f"Wanted L = {wanted:.6f}; objective stopped: {error}.") from error
        assert np.isclose(got, wanted), f"Wanted L = {wanted:.6f}, yours {got:.6f}."

check_objective(objective)
### END HIDDEN TESTS"""
TABLE = """\
import hashlib, logging, sys, warnings

TABLE = {table}

def objective(R, X, Y, reg_user, reg_item):
    data = b"".join(part.tobytes() for part in (R.data, X, Y))
    asked = int(hashlib.sha256(data).hexdigest()[:8], 16)
    if str(asked) in TABLE:
        return TABLE[str(asked)]
    {tell}
    return float(asked)
"""
WAYS = {
    "its own result": "pass",
    "print": 'print(f"asked {asked}")',
    "standard error": 'sys.stderr.write(f"asked {asked}"); logging.warning("asked %d", asked)',
    "warning": 'warnings.warn(f"asked {asked}")',
    "display": 'from IPython.display import display; display(f"asked {asked}")',
    "exception": 'raise ValueError(f"asked {asked}")',
    "exception's class": 'raise type(f"asked_{asked}", (ValueError,), dict())("no")',
    "keys": 'raise KeyError(f"asked {asked}")',
    "exception in another's words": 'raise ValueError(f"\\n\\tasked  {asked}\\n  and no more")',
    "frame": 'exec(compile("raise ValueError(0)", f"<asked {asked}>", "exec"))',
}


def small_unit() -> NotebookNode:
    """An exercise of one hidden cell."""
    imports = "import numpy as np\nfrom scipy.sparse import csr_array"
    return new_notebook(
        cells=[
            new_code_cell(imports, id="imports"),
            source_cell("objective", "", solution=True),
            check_cell("test_objective_hidden", TELLING, 3),
        ]
    )


def real_unit() -> NotebookNode:
    """Exercise 2.2 of the course, with its hidden checks."""
    built = nbformat.read(Path(ROOT, "source/02-explicit-als/explicit-als.ipynb"), as_version=4)
    unit = small_unit()
    unit.cells[0].source += "\nfrom course_utils.notebook import hidden_checks"
    unit.cells[-1] = cell(built, "test_objective_hidden")
    return unit


def graded(unit: NotebookNode, answer: str, seeded: bool = True) -> tuple[float, str]:
    """Points of the hidden cell, and all that the graded notebook says there."""
    nb = nbformat.from_dict(json.loads(json.dumps(unit)))
    cell(nb, "objective").source = answer
    seed = submission_seed(KEY, [unit.cells[0].source, answer], {}) if seeded else None
    with ForkedRoom() as room:
        result: Examined = examine(nb, unit, room, seed=seed)
    test = cell(result.notebook, "test_objective_hidden")
    run, maximum = result.runs["test_objective_hidden"], test.metadata.nbgrader["points"]
    return judge(test, run, maximum).points, f"{test.outputs} {run}"


def after_five(unit: NotebookNode, tell: str, seeded: bool) -> tuple[float, str]:
    """Points of a table that five hand-ins have filled, and what they were told."""
    table: dict[str, float] = {}
    answer = partial(TABLE.format, tell=tell)
    told = ""
    for _ in range(5):
        _, said = graded(unit, answer(table=table), seeded)
        told += said
        asked, wanted = (
            re.search(r"asked.?\s*(\d+)|yours (\d+)", said),
            re.search(r"anted L = ([\d.]+\d)", said),
        )
        if asked and wanted:
            table[asked[1] or asked[2]] = float(wanted[1])
    return graded(unit, answer(table=table), seeded)[0], told


def test_without_seeds_of_their_own_a_table_gets_all_points():
    """The control: were the data always the same, the attack would gain what it is after."""
    assert after_five(small_unit(), WAYS["its own result"], seeded=False)[0] == 3


@pytest.mark.parametrize("unit", [small_unit, real_unit])
def test_with_them_it_gets_none(unit):
    points, told = after_five(unit(), WAYS["its own result"], seeded=True)
    assert points == 0 and "wanted L" in told.replace("Wanted", "wanted")


def test_right_work_has_its_points_under_any_seed():
    answer = inspect.getsource(predict) + inspect.getsource(objective)
    for remark in ("# one", "# two"):
        full = cell(real_unit(), "test_objective_hidden").metadata.nbgrader["points"]
        assert graded(real_unit(), f"{remark}\n{answer}") == (full, ANY)


@pytest.mark.parametrize("way", [way for way in WAYS if way != "its own result"])
def test_what_the_code_says_while_hidden_checks_run_is_told_nowhere(way: str):
    answer = TABLE.format(table={}, tell=WAYS[way])
    points, said = graded(small_unit(), answer)
    assert points == 0 and not re.search(r"asked.?\s*\d", said), said
    assert "Error" in said, "the kind of the failure is told"
