"""Alone with the course: a copy for self-study runs hidden checks and shows solutions; no other does."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from authoring.bundle import bundle
from authoring.lesson import find_units
from course_utils.checks.exercises import unit_named
from tests.conftest import ROOT

UNIT = "02-explicit-als"
FIRST = """\
import numpy as np
from scipy.sparse import csr_array
from course_utils.notebook import *
ready("02-explicit-als")"""
STUB = "def predict(mu, X, Y, users, items):\n    raise NotImplementedError()"
# Right for the pair of the visible check, and for any few pairs.
DIAGONAL = "def predict(mu, X, Y, users, items):\n    return np.diag(mu + X[users] @ Y[items].T)"
RIGHT = "def predict(mu, X, Y, users, items):\n    return mu + np.vecdot(X[users], Y[items])"


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """The bundle for self-study of one unit, unpacked."""
    folder = tmp_path_factory.mktemp("self-study")
    bundle(ROOT, find_units(ROOT, [UNIT]), folder / "course.zip", self_study=True)
    with zipfile.ZipFile(folder / "course.zip") as file:
        file.extractall(folder)
    return folder / "course"


def said(root: Path, *sources: str) -> list[str]:
    """What cells put out in a fresh kernel that has the helpers of one copy of the course."""
    notebook = new_notebook(cells=[new_code_cell(source) for source in (FIRST, *sources)])
    folder = root / "release" / UNIT
    # The helpers of this copy come first, in the kernel's own path: the tests' is another's.
    notebook.cells.insert(0, new_code_cell(f"import sys; sys.path.insert(0, {str(root)!r})"))
    client = NotebookClient(notebook, timeout=120, allow_errors=True, kernel_name="python3")
    client.resources = {"metadata": {"path": str(folder)}}
    client.execute()
    return ["\n".join(map(text_of, cell.outputs)) for cell in notebook.cells[2:]]


def text_of(output: nbformat.NotebookNode) -> str:
    if output.output_type == "error":
        return "\n".join(output.traceback)
    return output.get("text") or output.data.get("text/markdown") or output.data["text/plain"]


ANSWER = """\
from pathlib import Path
path = Path("explicit-als.ipynb")
path.write_text(path.read_text("utf-8").replace("YOUR ANSWER HERE", "They differ."), "utf-8");"""


def test_a_solution_is_shown_to_whoever_has_tried(copy):
    cells = {
        "ready": 'ready("02-explicit-als")',
        "not there": 'solution("2.1")',
        "stub": STUB,
        "still the stub": 'solution("2.1")',
        "wrong": DIAGONAL,
        "hidden, wrong": 'hidden_checks("2.1")',
        "all, wrong": 'check_all("2.1")',
        "shown to the wrong": 'solution("2.1")',
        "right": RIGHT,
        "hidden, right": 'hidden_checks("2.1")',
        "all, right": 'check_all("2.1")',
        "shown to the right": 'solution("2.1")',
        "words, none": 'solution("2.7")',
        "words": ANSWER,
        "words, some": 'solution("2.7")',
        "words elsewhere": 'solution("2.7", notebook="mine.ipynb")',
        "words, checked": 'check_all("2.7")',
        "another unit": 'solution("3.1")',
        "a number": "solution(2.1)",
    }
    lines = dict(zip(cells, said(copy, *cells.values()), strict=True))
    assert "For self-study: " in lines["ready"] and 'solution("2.1") shows the course' in lines["ready"]
    for case in ("not there", "still the stub"):
        assert lines[case].startswith("○ 2.1 predict · try it first: write predict in place of raise Not"), (
            case
        )
    assert lines["hidden, wrong"].startswith("✓ 2.1 predict · 1 more of 2 points: the hidden checks pass.")
    assert lines["all, wrong"].startswith("✗ 2.1 predict (of 100,000 pairs) ran out of memory")
    assert "\n" not in lines["all, wrong"]
    assert lines["shown to the wrong"].startswith("✗ 2.1 predict")
    assert lines["shown to the right"].startswith(lines["all, right"])
    for case in ("shown to the wrong", "shown to the right"):
        assert "```python\ndef predict(" in lines[case] and "np.vecdot(X[users], Y[items])" in lines[case]
        assert "<details><summary>Why it is written so</summary>" in lines[case] and "batch²" in lines[case]
    assert re.match(
        r"✓ 2\.1 predict · \S+ more of 2 points: the hidden checks pass\. They", lines["hidden, right"]
    )
    assert lines["all, right"].startswith(
        "✓ 2.1 predict · 2 points: all checks pass, the hidden ones among them."
    )
    assert lines["words, none"].startswith("○ 2.7 One update, three assumptions · answer it first")
    assert "What an unknown cell means" in lines["words, some"] and "Grading" not in lines["words, some"]
    assert "mine.ipynb. Name your notebook's file" in lines["words elsewhere"]
    assert lines["words, checked"].startswith("2.7 One update, three assumptions: no check can read that.")
    assert lines["another unit"].startswith(
        "✗ There is no exercise '3.1' in this notebook. Write one of these: \"2.1\""
    )
    assert lines["a number"].startswith('✗ Write the number in quotes, as in "2.3".')


def test_every_solution_passes_as_it_is_shown_and_the_table_counts_all_checks(copy):
    """What a student copies from the page is what the checks accept."""
    entries = json.loads((copy / "course_utils/checks/self_study/solutions.json").read_text("utf-8"))[UNIT]
    exercises = [each for each in unit_named(UNIT).exercises if not each.written]
    sources = [entries[each.cells[0]]["solution"] for each in exercises]
    calls = [f'check_all("{each.number}")' for each in exercises]
    *lines, _, table = said(copy, *sources, *calls, DIAGONAL, "print(progress())")
    for line in lines[len(sources) :]:
        assert line.startswith("✓") and "all checks pass" in line
    assert "✗  2.1 What the model predicts" in table and "0 of 2" in table and "hand in" not in table
    assert "✓  2.3" in table and "4 of 4" in table
    assert "16 of 18 points that checks decide, hidden ones included." in table


def test_a_copy_without_solutions_says_so_and_how_to_get_them(tmp_path):
    folder = tmp_path / "release" / UNIT
    folder.mkdir(parents=True)
    shutil.copytree(ROOT / "course_utils", tmp_path / "course_utils")
    (tmp_path / "data").symlink_to(ROOT / "data")
    _, line, check, hidden = said(
        tmp_path, DIAGONAL, 'solution("2.1")', 'check_all("2.1")', 'hidden_checks("2.1")'
    )
    assert line.startswith("This copy of the course holds no solutions.") and "--self-study" in line
    assert check.startswith("✗ 2.1 predict (of 100,000 pairs) ran out of memory")
    assert re.match(r"… 2\.1 predict · \S+ points? more, judged after you hand in\.", hidden)
