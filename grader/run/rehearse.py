"""Which graded cells of a unit cannot be graded through the wall? The instructor's own answers show it.

They are graded first, as a student's would be. A cell that fails them needs what no plain data can carry, or
is faulty. It is tried once more beside the student's code, as nbgrader runs it. What passes there is graded
there in the whole class, and flagged: right answers get their points, on a weaker proof.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import nbformat
from traitlets.log import get_logger

from grader.cells import by_grade_id, is_test
from grader.record import Flag, record
from grader.shown_text import listed
from grader.task import Official, Outcome, Task

INSTRUCTOR = "instructor"  # in a gradebook of its own, where there is nobody else

Cells = Mapping[str, frozenset[str]]


def rehearse(official: Official, run: Callable[[Task], Outcome], say: Callable[[str], object]) -> Official:
    """Grade the instructor's own answers, and note which cells are to be graded beside the student's code.

    Parameters
    ----------
    official : Official
        The instructor's version of a unit.
    run : callable
        Has a worker do a task and waits for what comes out.
    say : callable
        Takes a sentence for the instructor.

    Returns
    -------
    Official
        The same, with ``beside``. A unit without answers in ``source/`` has no cell there.
    """
    if not all(f"{name}.ipynb" in official.files for name in official.notebooks):
        return official
    failed = _failed(official, run)
    if not failed:
        return official
    failed_again = _failed(replace(official, beside=failed), run)
    beside = {name: cells - failed_again.get(name, frozenset()) for name, cells in failed.items()}
    beside = {name: cells for name, cells in beside.items() if cells}
    if beside:
        say(
            f"{official.unit}: your own answers pass {_named(beside)} only beside a student's code, as in "
            "plain nbgrader, so everybody's are checked there. docs/any-course.md says what that means."
        )
    if failed_again:
        say(
            f"{official.unit}: your own answers in source/ fail {_named(failed_again)}. Look at these cells "
            "before you release points."
        )
    return replace(official, beside=beside)


def _failed(official: Official, run: Callable[[Task], Outcome]) -> Cells:
    """The graded cells, by notebook, in which the instructor's own answers lose points."""
    outcome = run(Task(INSTRUCTOR, official, official.files, {}, ""))
    if outcome.problem:
        get_logger().warning("The answers in source/%s: %s", official.unit, outcome.problem)
    failed = {}
    for name, data in outcome.notebooks.items():
        nb = nbformat.reads(data.decode(), as_version=4)
        if {Flag.TIMEOUT, Flag.KERNEL_DIED} & set(record(nb)["flags"]):
            # A machine under load must not decide which cells are proven less well.
            get_logger().warning("The answers in source/%s/%s.ipynb were stopped", official.unit, name)
            continue
        tests = {test for test, cell in by_grade_id(nb).items() if is_test(cell)}
        if lost := frozenset(tests & record(nb)["reasons"].keys()):
            failed[name] = lost
    return failed


def _named(cells: Cells) -> str:
    return listed(sorted(cell for each in cells.values() for cell in each))
