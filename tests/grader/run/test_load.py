"""A busy machine costs nobody points: limits grow with its load, and no import is in anybody's time."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from grader.load import MOST, load_factor
from grader.steps import execute
from grader.steps import execute_examined as examined
from grader.steps.execute import GradedExecute
from grader.steps.execute_examined import import_for_checks
from tests.grader.run.conftest import check_cell


@pytest.mark.skipif(not hasattr(os, "getloadavg"), reason="this system does not tell its load")
@pytest.mark.parametrize(("load", "times"), [(0.0, 1.0), (1.5, 1.0), (6.0, 3.0), (1000.0, MOST)])
def test_the_load_that_a_processor_has_is_how_much_longer_it_takes(
    monkeypatch: pytest.MonkeyPatch, load: float, times: float
) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (load, 0.0, 0.0))
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    assert load_factor() == times


def test_limits_of_the_command_of_nbgrader_grow_with_the_load(monkeypatch: pytest.MonkeyPatch) -> None:
    # A cell that sleeps longer than its limit, on a machine that is much slower.
    monkeypatch.setattr(execute, "load_factor", lambda: 30.0)
    sleeps = new_code_cell("import time; time.sleep(1.5)")
    nb, _ = GradedExecute(timeout=1, shutdown_kernel="immediate").preprocess(
        new_notebook(cells=[sleeps]), {"nbgrader": {}}
    )
    assert nb.cells[0].outputs == []


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Name of a module that nobody has imported yet."""
    name = "imported_for_a_check"
    (tmp_path / f"{name}.py").write_text("half = 0.5\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield name
    sys.modules.pop(name, None)
    examined._import_for.cache_clear()


def cells(kind: str, module: str) -> list[NotebookNode]:
    """A unit whose check imports a module, or takes it from the lesson's imports."""
    inside = f"def check(f):\n    import {module}\n    f({module}.half)\n\ncheck(f)"
    by_name = f"f({module}.half)"
    return {
        "in the check": [check_cell("test", inside, 1)],
        "in the lesson": [new_code_cell(f"import {module}"), check_cell("test", by_name, 1)],
    }[kind]


@pytest.mark.parametrize("kind", ["in the check", "in the lesson"])
def test_what_checks_import_is_imported_beforehand(module: str, kind: str) -> None:
    broken = [check_cell("faulty", "import (", 1), check_cell("missing", "import there_is_none_of_it", 1)]
    import_for_checks(new_notebook(cells=[*broken, *cells(kind, module)]))
    assert module in sys.modules
