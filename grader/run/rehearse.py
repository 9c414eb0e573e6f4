"""Which graded cells of a unit cannot be graded through the wall? The instructor's own answers show it.

They are graded first, as a student's would be. A cell that fails them needs what no plain data can carry, or
is faulty. It is tried once more beside the student's code, as nbgrader runs it. What passes there is graded
there in the whole class, and flagged: right answers get their points, on a weaker proof.
"""

from __future__ import annotations

from collections import defaultdict, deque
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


class Rehearsals:
    """In which order a class is given to the workers, each unit behind the instructor's own answers.

    The class does not wait for these: nearly always no cell has to run beside the code. What is done before
    the rehearsal is over is held back, and is graded again should it say otherwise.

    Parameters
    ----------
    say : callable
        Takes a sentence for the instructor.
    """

    def __init__(self, say: Callable[[str], object]) -> None:
        self._say = say
        self._of: dict[str, Rehearsal] = {}
        self._queue: deque[Task] = deque()
        self._held: dict[str, list[tuple[Task, Outcome]]] = defaultdict(list)

    def add(self, task: Task) -> None:
        """Take a submission, and before the first of a unit its rehearsal."""
        official = task.official
        if official.unit not in self._of and _is_rehearsed(task):
            rehearsal = self._of[official.unit] = Rehearsal(official, self._say)
            self._queue.extend(filter(None, [rehearsal.task]))
        self._queue.append(task)

    def next(self) -> Task | None:
        """What a worker is to do next; None if there is nothing."""
        if not self._queue:
            return None
        task = self._queue.popleft()
        rehearsal = self._of.get(task.official.unit)
        if rehearsal is None or task is rehearsal.task or not _is_rehearsed(task):
            return task
        return replace(task, official=rehearsal.official)

    def settle(self, task: Task, outcome: Outcome) -> list[tuple[Task, Outcome]]:
        """What is final, now that this has come from a worker: nothing, this one, or all that were held."""
        unit = task.official.unit
        rehearsal = self._of.get(unit)
        if rehearsal is None or not _is_rehearsed(task):
            return [(task, outcome)]
        if task is rehearsal.task:
            rehearsal.take(outcome)
            if rehearsal.task:
                self._queue.appendleft(rehearsal.task)
                return []
            return [final for early in self._held.pop(unit, []) for final in self.settle(*early)]
        if rehearsal.task:
            self._held[unit].append((task, outcome))
            return []
        if task.official.beside != rehearsal.official.beside:
            self._queue.append(task)
            return []
        return [(task, outcome)]


def _is_rehearsed(task: Task) -> bool:
    """Whether a task runs cells, in a course that rehearses."""
    return task.graded is None and task.official.config.GradedExecute.get("rehearse", True)


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
        What a worker has to do for it next; None when it is over. A unit without answers in ``source/`` has
        no cell beside the code.
    """

    def __init__(self, official: Official, say: Callable[[str], object]) -> None:
        self.official, self._say = official, say
        has_answers = all(f"{name}.ipynb" in official.files for name in official.notebooks)
        self.task = _task(official) if has_answers else None
        self._failed: dict[str, frozenset[str]] = {}  # through the wall, by notebook

    def take(self, outcome: Outcome) -> None:
        """Look at what came of the task: what failed is tried beside the code, in another one."""
        official, graded = self.official, _graded(self.official, outcome)
        if not self._failed:
            self._failed = {name: lost for name, (_, lost) in graded.items() if lost}
            self.task = _task(replace(official, beside=self._failed)) if self._failed else None
            return
        self.task = None
        # Only what was seen to pass: of a notebook that was stopped nothing is known.
        tried = [(name, self._failed[name], *graded[name]) for name in self._failed.keys() & graded.keys()]
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
