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
    failed = {name: lost for name, (_, lost) in _graded(official, run).items() if lost}
    if not failed:
        return official
    again = _graded(replace(official, beside=failed), run)
    # Only what was seen to pass: of a notebook that was stopped nothing is known.
    tried = [(name, failed[name], *again[name]) for name in failed.keys() & again.keys()]
    beside = {name: cells & passed for name, cells, passed, _ in tried if cells & passed}
    failed_again = {name: cells & lost for name, cells, _, lost in tried if cells & lost}
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


def _graded(
    official: Official, run: Callable[[Task], Outcome]
) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """The graded cells that the instructor's own answers pass and fail, by notebook that ran to its end."""
    outcome = run(Task(INSTRUCTOR, official, official.files, {}, ""))
    if outcome.problem:
        get_logger().warning("The answers in source/%s: %s", official.unit, outcome.problem)
    graded = {}
    for name, data in outcome.notebooks.items():
        nb = nbformat.reads(data.decode(), as_version=4)
        if {Flag.TIMEOUT, Flag.KERNEL_DIED} & set(record(nb)["flags"]):
            # A machine under load must not decide which cells are proven less well.
            get_logger().warning("The answers in source/%s/%s.ipynb were stopped", official.unit, name)
            continue
        tests = frozenset(test for test, cell in by_grade_id(nb).items() if is_test(cell))
        lost = tests & record(nb)["reasons"].keys()
        graded[name] = tests - lost, lost
    return graded


def _named(cells: Cells) -> str:
    return listed(sorted(cell for each in cells.values() for cell in each))
