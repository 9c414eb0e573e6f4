"""In which order the cells of a submission run, and what the two sides need of the instructor's version."""

from __future__ import annotations

import ast
from functools import cache

from nbformat import NotebookNode

from grader.cells import grade_id, is_left_out, is_test
from grader.markers import BEGIN_HIDDEN, END_HIDDEN
from grader.names import defined_names, python_of

_DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)


def running_order(nb: NotebookNode, official: NotebookNode) -> list[int]:
    """Positions of the cells to run, in the order in which they run.

    A submission's own order, but for test cells that stand before the work that they check or after work that
    comes later in the unit: these run at the place that the instructor gave them.

    Parameters
    ----------
    nb : NotebookNode
        The submission, sanitised.
    official : NotebookNode
        The instructor's version.
    """
    rank = {_identity(cell): number for number, cell in enumerate(official.cells)}
    ranks = {n: rank[name] for n, cell in enumerate(nb.cells) if (name := _identity(cell)) in rank}
    tests = [n for n in ranks if is_test(nb.cells[n])]
    fixed = ranks.keys() - set(tests)
    order = [n for n in range(len(nb.cells)) if n not in tests]
    copies = {n for n in fixed if _is_copy(nb.cells[n], official.cells[ranks[n]])}
    for test in sorted(tests, key=lambda n: (ranks[n], n)):
        # Of work that is there twice, a test cell after the first has seen it.
        firsts: dict[int, int] = {}
        for n in sorted(fixed - copies):
            firsts.setdefault(ranks[n], n)
        before = [n for rank, n in firsts.items() if rank < ranks[test]]
        after = [n for n in fixed if ranks[n] > ranks[test]]
        # A test cell that was run already keeps its place before the ones that follow it in the unit.
        first = max((order.index(n) + 1 for n in before), default=0)
        own = next((at for at, n in enumerate(order) if n > test), len(order))
        last = min((order.index(n) for n in after), default=len(order))
        order.insert(max(first, min(own, last)), test)
        fixed.add(test)
    runnable = [n for n in order if nb.cells[n].cell_type == "code" and not is_left_out(nb.cells[n])]
    return runnable


def _identity(cell: NotebookNode) -> str | None:
    return grade_id(cell) or cell.get("id")


def _is_copy(cell: NotebookNode, official: NotebookNode) -> bool:
    """Whether a cell was handed out as an exercise, is not written, and is no longer the one that counts."""
    return grade_id(cell) is None and grade_id(official) is not None and cell.source == official.source


def test_sources(official: NotebookNode) -> dict[str, str]:
    """The instructor's source of each test cell, by grade id."""
    return {grade_id(cell) or "": cell.source for cell in official.cells if is_test(cell)}


def given_imports(official: NotebookNode) -> dict[str, str]:
    """The import statement of each name that the instructor's given cells import."""
    imports: dict[str, str] = {}
    for cell in official.cells:
        if cell.cell_type != "code" or grade_id(cell) is not None:
            continue
        for node in _statements(cell.source):
            if isinstance(node, ast.Import | ast.ImportFrom):
                for alias in node.names:
                    name = alias.asname or alias.name.partition(".")[0]
                    imports[name] = ast.unparse(node)
    return imports


def unit_names(official: NotebookNode) -> frozenset[str]:
    """The names that the unit's given cells and exercises define, as students have them."""
    names: set[str] = set()
    for cell in official.cells:
        if cell.cell_type == "code" and not is_test(cell):
            names |= _defined_names(cell.source)
    return frozenset(names)


@cache
def _defined_names(source: str) -> set[str]:
    try:
        return defined_names(python_of(source))
    except SyntaxError:  # a stub of half a statement defines nothing
        return set()


@cache
def visible_definitions(source: str, unit_names: frozenset[str] = frozenset()) -> str:
    """What a test cell defines for the cells after it, as students have it: without its hidden regions.

    In one kernel these names would be there; a student's later cells may count on them. What it puts in the
    place of the unit's own names is for itself alone.
    """
    visible, hidden = [], False
    for line in source.splitlines():
        hidden = (hidden or BEGIN_HIDDEN in line) and END_HIDDEN not in line
        if not hidden:
            visible.append(line)
    nodes = [node for node in _statements("\n".join(visible)) if isinstance(node, _DEFINITIONS)]
    definitions = [ast.unparse(node) for node in nodes]
    return "\n".join(each for each in definitions if not defined_names(each) & unit_names)


@cache
def _statements(source: str) -> tuple[ast.stmt, ...]:
    """Of the instructor's cells, which are the same for all submissions."""
    try:
        return tuple(ast.parse(python_of(source)).body)
    except SyntaxError:  # a stub of half a statement
        return ()
