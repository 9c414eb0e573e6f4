"""Which test cells may have failed because of an earlier exercise alone, and how is that found out?

A later exercise often calls the function of an earlier one. A slip there would cost the points of both. Where
an exercise failed checks of its own, the test cells of later ones that use it are run a second time, with the
instructor's answer in the place of the student's; the better result counts.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbgrader import utils

from grader.cells import by_grade_id, grade_id, instructors_notebook, is_test
from grader.examiner.plan import test_sources
from grader.names import defined_names, python_of, used_names
from grader.shown_text import listed

MOST_CHARACTERS = 50_000  # of a cell that is looked into; no answer is longer
SAID = "With {} in the place of yours, which failed its own checks, this passes: the points count.\n"


@dataclass(frozen=True)
class SecondTry:
    """A submission in which later exercises meet the instructor's earlier answers.

    Attributes
    ----------
    notebook : NotebookNode
        The submission; behind the last test cell of each failed exercise stands the instructor's answer.
    said : dict of str to str
        For the test cells that are worth a second run, what to say if they pass it.
    """

    notebook: NotebookNode
    said: dict[str, str]


def answers_in(path: Path) -> dict[str, str]:
    """The instructor's answers in a notebook of ``source/``, by grade id; none if there is no such file."""
    nb = instructors_notebook(path)
    cells = by_grade_id(nb) if nb else {}
    return {name: cell.source for name, cell in cells.items() if _is_exercise(cell)}


def second_try(
    nb: NotebookNode, official: NotebookNode, answers: Mapping[str, str], lost: Set[str]
) -> SecondTry | None:
    """The submission with the instructor's answers behind the exercises that failed; None if none is used.

    Parameters
    ----------
    nb : NotebookNode
        The submission, made whole.
    official : NotebookNode
        The instructor's version; the test cells behind an exercise, up to the next one, are its own.
    answers : mapping of str to str
        The instructor's answers, by grade id.
    lost : set of str
        Test cells that did not get all of their points.
    """
    tests = _own_tests(official)
    failed = [name for name, own in tests.items() if own & lost and name in answers]
    if not failed:
        return None
    defined = {name: defined_names(python_of(answers[name])) for name in failed}
    taken, sources = _takes(nb), test_sources(official)
    order = list(tests)
    said = {}
    for name, own in tests.items():
        earlier = [other for other in failed if order.index(other) < order.index(name)]
        for test in own & lost:
            met = _reached(sources[test], taken)
            used = sorted(set().union(*(defined[other] & met for other in earlier)))
            if used:
                said[test] = SAID.format(f"the course's own {listed(used)}")
    if not said:
        return None
    changed = copy.deepcopy(nb)
    for name in failed:
        last = [n for n, cell in enumerate(changed.cells) if grade_id(cell) in tests[name]]
        if last:
            changed.cells.insert(last[-1] + 1, new_code_cell(answers[name]))
    return SecondTry(changed, said)


def _is_exercise(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and utils.is_solution(cell)


def _own_tests(official: NotebookNode) -> dict[str, set[str]]:
    """The test cells of each exercise: those behind it, before the next one."""
    tests: dict[str, set[str]] = {}
    for cell in official.cells:
        if (name := grade_id(cell)) is None:
            continue
        if _is_exercise(cell):
            tests[name] = set()
        elif is_test(cell) and tests:
            tests[next(reversed(tests))].add(name)
    return tests


def _takes(nb: NotebookNode) -> dict[str, set[str]]:
    """What each name of the notebook is made with: the names that the statements that define it use."""
    taken: dict[str, set[str]] = {}
    for cell in nb.cells:
        if cell.cell_type != "code" or is_test(cell) or len(cell.source) > MOST_CHARACTERS:
            continue
        for name, used in _taken_in(cell.source):
            taken.setdefault(name, set()).update(used)
    return taken


@lru_cache(maxsize=128)  # given cells are the same in all submissions; one entry may take some MB
def _taken_in(cell: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """Each name that a cell defines, with the names that the statement that defines it uses."""
    taken: list[tuple[str, frozenset[str]]] = []
    try:
        for statement in ast.parse(python_of(cell)).body:
            source = ast.unparse(statement)
            used = frozenset(used_names(source))
            taken += [(name, used) for name in defined_names(source)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass  # a student's cell may hold anything
    return tuple(taken)


def _reached(source: str, taken: Mapping[str, set[str]]) -> set[str]:
    """The names that a test cell uses, and those that are used to make these."""
    reached: set[str] = set()
    ahead = list(_used_by_test(source))
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.add(name)
            ahead += taken.get(name, ())
    return reached


@lru_cache(maxsize=256)  # the instructor's cells
def _used_by_test(source: str) -> frozenset[str]:
    return frozenset(used_names(python_of(source)))
