"""The built notebooks run, and their prose quotes what they print: the instructor's run to the end, the
students' until their own work is called for."""

from __future__ import annotations

import re
from html import unescape

import nbformat
import pytest
from nbclient import NotebookClient

from authoring.lesson import Unit, find_units
from course_utils.plots.show import LEAST
from tests.authoring.quoted_numbers import missing_numbers
from tests.conftest import ROOT

UNITS = find_units(ROOT)
# Ends a cell that hangs, on a busy machine too; how long a notebook takes is not measured here.
SECONDS_A_CELL = 300
# A cell at whose top level something is drawn.
DRAWS = re.compile(r"^(plots\.|plot_|show\()", re.MULTILINE)


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


@pytest.fixture(scope="module", params=UNITS, ids=lambda unit: unit.name)
def executed(request) -> nbformat.NotebookNode:
    """An instructor's notebook after its run, which takes half a minute: one run for all tests of it."""
    return execute(request.param, request.param.notebook)


def test_the_instructors_notebook_runs_from_top_to_bottom(executed):
    for cell in executed.cells:
        outputs = cell.get("outputs", [])
        assert not any(output.output_type == "error" for output in outputs), cell.source
        for output in outputs:
            assert "application/vnd.jupyter.widget-view+json" not in output.get("data", {}), cell.source
            if " 0%|" in output.get("data", {}).get("text/plain", ""):  # no step was taken
                assert "diverged in epoch 1:" in str(outputs), f"a bar that stands: {output}"
        on_stderr = [output.text for output in outputs if output.get("name") == "stderr"]
        assert not on_stderr, f"cell {cell.id} writes to standard error: {on_stderr}"
        if DRAWS.search(cell.get("source", "")) and cell.cell_type == "code":
            assert any("image/png" in output.get("data", {}) for output in outputs), f"no plot: {cell.source}"
        if cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code":
            # One line; a busy machine may send it in two parts.
            assert {output.get("name") for output in outputs} == {"stdout"}, f"{cell.id}: {outputs}"
            line = "".join(output.text for output in outputs)
            assert re.fullmatch(r"[✓…] \d\.\d+ .*\n", line), f"{cell.id}: {outputs}"


def test_every_picture_says_in_words_what_it_shows(executed):
    pictures = [
        output.data
        for cell in executed.cells
        for output in cell.get("outputs", [])
        if any(kind.startswith("image/") for kind in output.get("data", {}))
    ]
    assert len(pictures) >= 3
    for data in pictures:
        found = re.fullmatch(
            r'<img alt="([^"]*)" src="data:image/png;base64,[^"]+">', data.get("text/html", "")
        )
        assert found, f"a picture without alternative text: {data['text/plain']}"
        words = unescape(found[1])
        assert words == data["text/plain"]
        assert len(words) >= LEAST and " " in words, words
        assert not re.search(r"\b(nan|inf)\b|\.png", words), words


def test_what_you_should_see_is_what_is_printed(executed):
    assert missing_numbers(executed) == []


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_the_students_notebook_says_in_one_line_what_is_open(unit):
    """No cell ends in a traceback: each that cannot run says which exercise it needs."""
    notebook = execute(unit, unit.released_notebook, allow_errors=True)
    told = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            # matplotlib shows what a cell has drawn before it ended in an error.
            failed = any(each.output_type == "error" for each in cell.outputs)
            assert failed or "image/png" not in data or "<img alt" in data.get("text/html", ""), cell.source
            if output.output_type == "error":
                assert output.ename == "NotImplementedError", f"{cell.source}: {output}"
                assert len(output.traceback) == 1, output.traceback
                told.append(output.traceback[0])
    not_written = [
        line for line in told if line.endswith("put your code in place of raise NotImplementedError().")
    ]
    assert len(not_written) >= 4
    for line in told:
        assert re.match(r"○ (\d\.\d+ [\w ]+ · (not written yet|needs )|needs \d\.\d+ )", line), line
