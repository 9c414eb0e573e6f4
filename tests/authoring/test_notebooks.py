"""The built notebooks run: the instructor's to the end, the students' until their own work is called for."""

from __future__ import annotations

import re

import nbformat
import pytest
from nbclient import NotebookClient

from authoring.lesson import Unit, find_units
from tests.conftest import ROOT

UNITS = find_units(ROOT)
# Ends a cell that hangs, on a busy machine too; how long a notebook takes is not measured here.
SECONDS_A_CELL = 300
# A cell at whose top level something is drawn.
DRAWS = re.compile(r"^(_ = )?(plots\.|plot_|plt\.show)", re.MULTILINE)


def execute(unit: Unit, path, allow_errors: bool = False) -> nbformat.NotebookNode:
    notebook = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(
        notebook,
        timeout=SECONDS_A_CELL,
        resources=resources,
        kernel_name="python3",
        allow_errors=allow_errors,
        # A kernel that is asked politely takes a second or two to go; nothing in it is needed any more.
        shutdown_kernel="immediate",
    )
    try:
        client.execute()
    finally:
        client.nb = notebook
    return notebook


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_the_instructors_notebook_runs_from_top_to_bottom(unit):
    notebook = execute(unit, unit.notebook)
    for cell in notebook.cells:
        outputs = cell.get("outputs", [])
        assert not any(output.output_type == "error" for output in outputs), cell.source
        on_stderr = [output.text for output in outputs if output.get("name") == "stderr"]
        assert not on_stderr, f"cell {cell.id} writes to standard error: {on_stderr}"
        if DRAWS.search(cell.get("source", "")) and cell.cell_type == "code":
            assert any("image/png" in output.get("data", {}) for output in outputs), f"no plot: {cell.source}"
        if cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code":
            # A busy kernel sends what is printed in pieces.
            assert {output.get("name") for output in outputs} == {"stdout"}, f"{cell.id}: {outputs}"
            printed = "".join(output.text for output in outputs)
            assert re.fullmatch(r"[✓…] \d\.\d+ .*\n", printed), f"{cell.id}: {printed}"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_the_students_notebook_says_in_one_line_what_is_open(unit):
    """No cell ends in a traceback: each that cannot run says which exercise it needs."""
    notebook = execute(unit, unit.released_notebook, allow_errors=True)
    told = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                assert output.ename == "NotImplementedError", f"{cell.source}: {output}"
                assert len(output.traceback) == 1, output.traceback
                told.append(output.traceback[0])
    not_written = [
        line for line in told if line.endswith("put your code in place of raise NotImplementedError().")
    ]
    assert len(not_written) > 4
    for line in told:
        assert re.match(r"○ (\d\.\d+ [\w ]+ · (not written yet|needs )|needs \d\.\d+ )", line), line
