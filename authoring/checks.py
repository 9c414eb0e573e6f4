"""May a test cell import this check? Visible ones are in course_utils/checks, hidden ones in tests/checks."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TypeGuard

from authoring.lesson import NOT_FOR_STUDENTS, Unit, imported_packages
from grader.markers import BEGIN_HIDDEN, END_HIDDEN
from grader.names import defined_names

SHIPPED = "course_utils.checks"


def visible_checks(unit: Unit) -> str:
    """The module of a unit's visible checks, which students have: a test cell imports them."""
    return f"{SHIPPED}.{unit.module}"


def hidden_checks(unit: Unit) -> str:
    """The module of a unit's hidden checks, which students do not have: they are inlined."""
    return f"tests.checks.{unit.module}"


def is_shipped(node: ast.AST) -> TypeGuard[ast.ImportFrom]:
    """Whether a statement imports from the checks that students have, or from their machinery."""
    return isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith(f"{SHIPPED}.")


def names_shipped(node: ast.AST) -> bool:
    """Whether an import statement of any form names the checks that students have."""
    return "course_utils" in imported_packages(node) and bool(re.search(r"\bchecks\b", ast.unparse(node)))


def hidden_lines(source: str) -> set[int]:
    """Numbers of the lines that stand in a hidden region, from 1."""
    lines, hidden = set(), False
    for number, line in enumerate(source.splitlines(), 1):
        hidden = (hidden or BEGIN_HIDDEN in line) and END_HIDDEN not in line
        if hidden:
            lines.add(number)
    return lines


def problem_in_test_cell(unit: Unit, node: ast.stmt, hidden: bool) -> str | None:
    """What is wrong with an import in a test cell of a lesson; None if nothing is.

    Parameters
    ----------
    unit : Unit
        The lesson's unit.
    node : ast.stmt
        Any statement at the top level of the cell.
    hidden : bool
        Whether it stands in a hidden region.
    """
    if not isinstance(node, ast.ImportFrom):
        return None
    if node.module == hidden_checks(unit) and not hidden:
        return f"outside a hidden region, import 'from {visible_checks(unit)}': students have those checks"
    if not is_shipped(node):
        return None
    if hidden:
        return f"students have these checks: in a hidden region, import 'from {hidden_checks(unit)}'"
    if node.module != visible_checks(unit):
        return f"this cell may import 'from {visible_checks(unit)}'"
    if any(alias.asname or alias.name == "*" for alias in node.names):
        return "name each function, without 'as'"
    if not path_of(unit, node.module).is_file():
        return f"{path_of(unit, node.module)} does not exist"
    return problem_in_checks(unit) or problem_of_shipped(unit, node)


def problem_in_checks(unit: Unit) -> str | None:
    """What is wrong with a unit's visible checks; None if nothing is."""
    visible, hidden = path_of(unit, visible_checks(unit)), path_of(unit, hidden_checks(unit))
    tree = ast.parse(visible.read_text(encoding="utf-8-sig"), str(visible))
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and (not_theirs := imported_packages(node) & NOT_FOR_STUDENTS):
            return f"{visible}, line {node.lineno}, imports {min(not_theirs)}, which students do not have"
    if hidden.is_file() and (twice := _checks_in(visible) & _checks_in(hidden)):
        return f"{min(twice)} stands in {visible} and in {hidden}: keep one of them"
    return None


def problem_of_shipped(unit: Unit, node: ast.ImportFrom) -> str | None:
    """Whether the course has what is imported from its checks, read as text; None if it has all."""
    path = path_of(unit, node.module)
    if not path.is_file():
        return f"{path} does not exist"
    names = defined_names(path.read_text(encoding="utf-8-sig"))
    missing = [alias.name for alias in node.names if alias.name not in names]
    return f"{path} defines no {missing[0]!r}" if missing else None


def path_of(unit: Unit, module: str | None) -> Path:
    """The file of a module of the course."""
    return unit.root.joinpath(*(module or "").split(".")).with_suffix(".py")


def _checks_in(path: Path) -> set[str]:
    names = defined_names(path.read_text(encoding="utf-8-sig"))
    return {name for name in names if name.startswith("check_")}
