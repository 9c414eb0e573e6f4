"""Which graded cells of a unit cannot be graded through the wall? The instructor's own answers show it.

They are graded first, as a student's would be. A cell that fails them needs what no plain data can carry, or
is faulty. It is tried once more beside the student's code, as nbgrader runs it. What passes there is graded
there in the whole class, and flagged: right answers get their points, on a weaker proof.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import nbformat
from traitlets.log import get_logger

from grader.cells import by_grade_id, is_test
from grader.record import Flag, record
from grader.shown_text import listed
from grader.task import Official, Outcome, Task

if TYPE_CHECKING:
    from grader.run.pool import Pool

INSTRUCTOR = "instructor"  # in a gradebook of its own, where there is nobody else

Cells = Mapping[str, frozenset[str]]


class Rehearsals:
    """Gives a class to a pool, each unit behind the instructor's own answers.

    The class does not wait for them: nearly always no cell has to run beside the code. What comes before the
    rehearsal is over is held back, and is graded again should it say otherwise.

    Parameters
    ----------
    pool : Pool
        The workers.
    say : callable
        Takes a sentence for the instructor.
    """

    def __init__(self, pool: Pool, say: Callable[[str], object]) -> None:
        self._pool, self._say = pool, say
        self._of: dict[str, Rehearsal] = {}
        self._held: dict[str, list[tuple[Task, Outcome]]] = defaultdict(list)

    def start(self, task: Task) -> None:
        """Give a submission to the pool, and before the first of a unit its rehearsal."""
        official = task.official
        if task.graded is None and official.config.GradedExecute.get("rehearse", True):
            if official.unit not in self._of:
                rehearsal = self._of[official.unit] = Rehearsal(official, self._say)
                if rehearsal.task:
                    self._pool.start(rehearsal.task)
            task = replace(task, official=self._of[official.unit].official)
        self._pool.start(task)

    def settle(self, task: Task, outcome: Outcome) -> list[tuple[Task, Outcome]]:
        """What is final, now that this has come from the pool: nothing, this one, or all that were held."""
        rehearsal = self._of.get(task.official.unit)
        if rehearsal is None or task.graded is not None:
            return [(task, outcome)]
        if task is rehearsal.task:
            rehearsal.end(outcome, self._pool.run)
            held = self._held.pop(task.official.unit, [])
            return [final for early in held for final in self.settle(*early)]
        if not rehearsal.is_over:
            self._held[task.official.unit].append((task, outcome))
            return []
        if task.official.beside != rehearsal.official.beside:
            self._pool.start(replace(task, official=rehearsal.official))
            return []
        return [(task, outcome)]


class Rehearsal:
    """The grading of the instructor's own answers to a unit.

    Parameters
    ----------
    official : Official
        The instructor's version of the unit.
    say : callable
        Takes a sentence for the instructor.

    Attributes
    ----------
    official : Official
        The same; when it is over, with ``beside``: the cells that are to be graded beside the students' code.
    task : Task or None
        For a worker; None for a unit without answers in ``source/``, which has no cell there.
    is_over : bool
        Whether ``official`` is final.
    """

    def __init__(self, official: Official, say: Callable[[str], object]) -> None:
        self.official, self._say = official, say
        has_answers = all(f"{name}.ipynb" in official.files for name in official.notebooks)
        self.task = _task(official) if has_answers else None
        self.is_over = self.task is None

    def end(self, outcome: Outcome, run: Callable[[Task], Outcome]) -> None:
        """Look at what came of the task, and try what failed beside the code.

        Parameters
        ----------
        outcome : Outcome
            Of ``task``.
        run : callable
            Has a worker do another task and waits for what comes out.
        """
        self.is_over, official = True, self.official
        failed = {name: lost for name, (_, lost) in _graded(official, outcome).items() if lost}
        if not failed:
            return
        with_beside = replace(official, beside=failed)
        again = _graded(with_beside, run(_task(with_beside)))
        # Only what was seen to pass: of a notebook that was stopped nothing is known.
        tried = [(name, failed[name], *again[name]) for name in failed.keys() & again.keys()]
        beside = {name: cells & passed for name, cells, passed, _ in tried if cells & passed}
        failed_again = {name: cells & lost for name, cells, _, lost in tried if cells & lost}
        if beside:
            self._say(
                f"{official.unit}: your own answers pass {_named(beside)} only beside a student's code, as "
                "in plain nbgrader, so everybody's are checked there. docs/any-course.md says what that "
                "means."
            )
        if failed_again:
            self._say(
                f"{official.unit}: your own answers in source/ fail {_named(failed_again)}. Look at these "
                "cells before you release points."
            )
        self.official = replace(official, beside=beside)


def _task(official: Official) -> Task:
    return Task(INSTRUCTOR, official, official.files, {}, "")


def _graded(official: Official, outcome: Outcome) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """The graded cells that the instructor's own answers pass and fail, by notebook that ran to its end."""
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
