"""A failure is a paragraph, whatever the mistake, and little of a notebook is checking code."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from authoring.expand import exercises_of, without_hidden
from authoring.lesson import Role, find_units, read_lesson
from benchmarks.lines import share_of_test_code
from tests.conftest import ROOT
from tests.mutants import unit_modules

UNITS = find_units(ROOT)
HIGHEST_FAILURE = 6  # lines of 100 columns
LARGEST_SHARE = 0.08
HIGHEST_TEST_CELL = 5


def test_the_longest_failure_over_all_mutants_is_a_paragraph():
    command = [sys.executable, "-m", "benchmarks.lines"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=600).stdout
    number, height = re.match(r"(\d+) failures; the longest takes (\d+) lines of 100 columns", said).groups()
    assert int(number) > 300 and int(height) <= HIGHEST_FAILURE, said


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_notebooks_code_is_the_lesson_s_and_not_the_checks(unit):
    assert share_of_test_code(unit.released_notebook) <= LARGEST_SHARE


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_test_cell_is_a_comment_an_import_and_a_call(unit):
    for cell in read_lesson(unit.lesson):
        if cell.role is Role.TEST:
            lines = [line for line in without_hidden(cell.source).split("\n") if line.strip()]
            assert lines[0].startswith("# ") and len(lines) <= HIGHEST_TEST_CELL, cell.title


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_every_visible_check_speaks(unit):
    """A check without its decorator would end in a traceback, and pass in silence."""
    visible = unit_modules(unit.module).visible
    used = {
        name
        for cell in read_lesson(unit.lesson)
        if cell.role is Role.TEST
        for name in exercises_of(unit, cell)
    }
    checks = [check for name, check in vars(visible).items() if name in used]
    assert checks and all(hasattr(check, "__wrapped__") for check in checks)
