"""Test cells in a real kernel: what their last statement reports, and limits of time."""

from __future__ import annotations

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader.record import Flag, Run, record, runs
from grader.steps.execute import GradedExecute
from tests.grader.run.conftest import check_cell

LAST_STATEMENTS = {
    "none": ("check()", "NoneType", ""),
    "statement": ("x = check()", "NoneType", ""),
    "float": ("0.5 + 1", "float", "1.5"),
    "nan": ("float('nan')", "float", "nan"),
    "numpy": ("numpy.float64(1.5)", "float64", ""),
    "string": ("'1.5'", "str", ""),
    "semicolon": ("1.5;", "float", "1.5"),
    "waited": ("await asyncio.sleep(0, 2)", "int", "2"),
    "redirected": ("sys.stdout = io.StringIO(); check()", "NoneType", ""),
    "cleared": ("clear_output(wait=True); check()", "NoneType", ""),
}


def execute(cells: list, **limits: float) -> tuple[dict[str, Run], list, dict]:
    resources = {"nbgrader": {}}
    nb, resources = GradedExecute(shutdown_kernel="immediate", **limits).preprocess(
        new_notebook(cells=cells), resources
    )
    return runs(resources), nb.cells, record(nb)


def test_the_last_value_is_reported_whatever_the_students_names() -> None:
    given = new_code_cell(
        "import asyncio, io, sys, numpy\nfrom IPython.display import clear_output\n"
        "def check(): pass\n"
        "type = repr = str = print = None"
    )
    tests = [check_cell(name, source, 2) for name, (source, _, _) in LAST_STATEMENTS.items()]
    failing = [check_cell("fails", "check()\nassert False", 2), check_cell("exits", "raise SystemExit", 2)]
    done, cells, _ = execute([given, *tests, *failing])
    for name, (_, type_name, number) in LAST_STATEMENTS.items():
        assert done[name].proof is not None, name
        assert (done[name].proof.type_name, done[name].proof.number) == (type_name, number), name
    assert done["fails"].proof is None and done["exits"].proof is None
    # What the cell itself displays stays, what was added does not.
    assert [each.source for each in cells[1:-2]] == [source for source, _, _ in LAST_STATEMENTS.values()]
    assert [output.data["text/plain"] for output in cells[3].outputs] == ["1.5"]
    assert cells[1].outputs == []


def test_the_total_time_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.steps.execute.load_factor", lambda: 1.0)
    sleeps = [new_code_cell("import time; time.sleep(1)") for _ in range(9)]
    done, cells, notes = execute([*sleeps, check_cell("late", "None", 2)], total_timeout=2.5)
    # On a slow machine the kernel's start takes some of the time, so that fewer run.
    assert sum(cell.execution_count is not None for cell in cells) <= 3
    assert done["late"].proof is None
    assert "more than 2.5 s in all" in done["late"].problem
    assert notes["flags"] == [Flag.TIMEOUT]
