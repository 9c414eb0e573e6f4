"""What stands in a cell of the notebook? The source that a lesson's imports from solutions and tests name."""

from __future__ import annotations

import ast
import re
from itertools import pairwise

from authoring.checks import (
    hidden_checks,
    hidden_lines,
    is_shipped,
    names_shipped,
    path_of,
    problem_in_test_cell,
    visible_checks,
)
from authoring.include import IncludeError, ModuleSource
from authoring.lesson import (
    NOT_FOR_STUDENTS,
    Cell,
    LessonError,
    Role,
    Unit,
    error_at,
    imported_packages,
)
from grader.markers import BEGIN_HIDDEN, BEGIN_SOLUTION, END_HIDDEN, END_SOLUTION


def expand(unit: Unit, cell: Cell) -> str:
    """Source of a cell with its imports from ``solutions`` and ``tests`` replaced by what they name."""
    if cell.kind != "code":
        return cell.source
    lines = cell.source.split("\n")
    seen: set[str] = set()
    # From the last to the first, so that the line numbers of the earlier ones stay right.
    tree = ast.parse(cell.source)
    imports = [node for node in tree.body if imported_packages(node)]
    for node in ast.walk(tree):
        if imported_packages(node) & NOT_FOR_STUDENTS and node not in imports:
            raise refuse_import(unit, cell, node, "an import that stands below other code is not replaced")
    for before, after in pairwise(tree.body):
        packages = imported_packages(before) | imported_packages(after)
        if before.end_lineno == after.lineno and packages & NOT_FOR_STUDENTS:
            raise refuse_import(unit, cell, before, "what follows it must stand on a line of its own")
    if cell.role is Role.TEST:
        hidden = hidden_lines(cell.source)
        for node in ast.walk(tree):
            if names_shipped(node) and not (is_shipped(node) and node in imports):
                wanted = f"write 'from {visible_checks(unit)} import …', not below other code"
                raise refuse_import(unit, cell, node, wanted)
        for node in imports:
            if problem := problem_in_test_cell(unit, node, node.lineno in hidden):
                raise refuse_import(unit, cell, node, problem)
    replaced = {node.lineno: _included(unit, cell, node, seen) for node in imports}
    for node in reversed(imports):
        source = replaced[node.lineno]
        if source is not None:
            lines[node.lineno - 1 : node.end_lineno] = source.split("\n")
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines)).strip("\n")


def exercises_of(unit: Unit, cell: Cell) -> list[str]:
    """Names that an exercise cell takes from ``solutions``, or a test cell from the unit's checks."""
    modules = {_included_module(unit, cell)}
    if cell.role is Role.TEST:
        modules.add(visible_checks(unit))
    tree = ast.parse(cell.source) if cell.kind == "code" else ast.Module([], [])
    return [
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in modules
        for alias in node.names
    ]


def _included_module(unit: Unit, cell: Cell) -> str | None:
    """The one module whose functions a cell may include; None for a given cell."""
    modules = {Role.EXERCISE: f"solutions.{unit.module}", Role.TEST: hidden_checks(unit)}
    return modules.get(cell.role)


def _included(unit: Unit, cell: Cell, node: ast.stmt, seen: set[str]) -> str | None:
    """Source that stands for an import statement; None for an import that stays."""
    if not imported_packages(node) & NOT_FOR_STUDENTS:
        return None
    allowed = _included_module(unit, cell)
    if not isinstance(node, ast.ImportFrom) or node.module != allowed:
        wanted = f"this cell may import 'from {allowed}'" if allowed else "a given cell may not import it"
        raise refuse_import(unit, cell, node, wanted)
    if any(alias.asname or alias.name == "*" for alias in node.names):
        raise refuse_import(unit, cell, node, "name each function, without 'as'")
    module = path_of(unit, node.module)
    names = [alias.name for alias in node.names]
    try:
        if cell.role is Role.TEST:
            sources = ModuleSource(module).closure(names)
            fresh = {name: source for name, source in sources.items() if name not in seen}
            seen |= set(fresh)
            return _join(list(dict.fromkeys(fresh.values()))) if fresh else ""
        return _exercise(unit, cell, ModuleSource(module), names)
    except IncludeError as error:
        raise error_at(unit.lesson, cell.title, cell.line + node.lineno, str(error)) from None


def _exercise(unit: Unit, cell: Cell, module: ModuleSource, names: list[str]) -> str:
    if len(names) != 1 or len(ast.parse(cell.source).body) != 1:
        raise error_at(
            unit.lesson, cell.title, cell.line, "an exercise cell imports one function and holds nothing else"
        )
    source = module.function(names[0])
    for marker in (BEGIN_SOLUTION, END_SOLUTION):
        if marker not in source:
            raise error_at(
                unit.lesson, cell.title, cell.line, f"{names[0]} in {module.path} has no '{marker}' line"
            )
    return source


def _join(sources: list[str]) -> str:
    """Statements set off by blank lines as a formatter would: two around functions, one after imports."""
    text = ""
    for before, source in zip([None, *sources], sources, strict=False):
        if before is not None:
            is_block = "\n" in source or "\n" in before
            after_imports = _is_import(before) and not _is_import(source)
            text += "\n\n\n" if is_block else "\n\n" if after_imports else "\n"
        text += source
    return text + ("\n\n" if "\n" in sources[-1] else "\n")


def _is_import(source: str) -> bool:
    return bool(imported_packages(ast.parse(source).body[0]))


def refuse_import(unit: Unit, cell: Cell, node: ast.AST, problem: str) -> LessonError:
    """The refusal of an import, with the line where it stands."""
    statement = ast.unparse(node)
    lines = {ast.unparse(node): node.lineno for node in ast.parse(cell.source).body}
    # An import that came with inlined source has no line in the lesson: the cell's own is named.
    return error_at(unit.lesson, cell.title, cell.line + lines.get(statement, 0), f"'{statement}': {problem}")


def without_hidden(source: str) -> str:
    """Source of a test cell as students get it."""
    return re.sub(f"{BEGIN_HIDDEN}.*?{END_HIDDEN}", "", source, flags=re.DOTALL)
