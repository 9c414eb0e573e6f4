"""A saved progress bar shows where the loop ended, and none shows where a cell is graded."""

from __future__ import annotations

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from course_utils.training import progress_bar
from course_utils.training.progress_bar import no_bars

LOOP = """
import time
from course_utils.training import progress_bar
for _ in progress_bar(range(6), desc="splits <λ>"):
    time.sleep(0.02)
bar = progress_bar(range(4), desc="batches")
bar.update(3)
bar.close()
for _ in progress_bar(iter("abc")):
    pass
"""


def outputs(before: str = "") -> list[NotebookNode]:
    """What a notebook keeps of a cell with three bars."""
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(before + LOOP)])
    NotebookClient(nb, timeout=60, kernel_name="python3", shutdown_kernel="immediate").execute()
    return nb.cells[0].outputs


def test_a_notebook_keeps_the_last_state_of_each_bar():
    splits, batches, letters = (output.data for output in outputs())
    assert splits["text/plain"].startswith("splits <λ>: 100%|") and " 6/6 " in splits["text/plain"]
    assert "splits &lt;λ&gt; <progress" in splits["text/html"] and "6 of 6 · 00:0" in splits["text/html"]
    assert " 3/4 " in batches["text/plain"] and 'max="4" value="3"' in batches["text/html"]
    assert letters["text/plain"].startswith("3it ") and "<progress>" in letters["text/html"]


def test_nothing_shows_where_a_cell_is_graded():
    assert outputs("import os\nos.environ['NBGRADER_EXECUTION'] = 'autograde'\n") == []


def test_in_a_terminal_it_is_a_line_on_standard_output(capsys):
    assert list(progress_bar("abc", desc="letters")) == ["a", "b", "c"]
    printed = capsys.readouterr()
    assert "letters: 100%" in printed.out and "3/3" in printed.out and printed.err == ""


def test_loops_inside_another_can_go_without(capsys):
    for _ in progress_bar("ab", desc="outer"):
        with no_bars():
            assert list(progress_bar("abc", desc="inner")) == ["a", "b", "c"]
    printed = capsys.readouterr().out
    assert "outer: 100%" in printed and "inner" not in printed
