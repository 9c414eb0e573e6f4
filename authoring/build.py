"""Build a unit's notebook from its lesson, byte for byte the same every time."""

from __future__ import annotations

import ast
import hashlib
import re
from itertools import pairwise
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from authoring.checks import (
    hidden_checks,
    hidden_lines,
    is_shipped,
    path_of,
    problem_in_test_cell,
    problem_of_shipped,
    visible_checks,
)
from authoring.include import IncludeError, ModuleSource, bindings
from authoring.lesson import (
    NOT_FOR_STUDENTS,
    Cell,
    LessonError,
    Role,
    Unit,
    error_at,
    imported_packages,
    read_lesson,
)
from grader.markers import BEGIN_HIDDEN, BEGIN_SOLUTION, END_HIDDEN, END_SOLUTION, SLOW_TAG
from grader.names import defined_names, used_names

KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def build(unit: Unit) -> str:
    """The text of the instructor's notebook of a unit.

    Raises
    ------
    LessonError
        If the lesson breaks a rule of docs/contributing.md; the message names lesson, cell and line.
    """
    notebook = new_notebook(metadata=KERNEL)
    defined: set[str] = set()
    shown: set[str] = set()
    graded: set[str] = set()
    cells = read_lesson(unit.lesson)
    sources = [expand(unit, cell) for cell in cells]
    own: dict[str, str] = {}
    for cell, source in zip(cells, sources, strict=True):
        if cell.kind == "code" and cell.role is not Role.TEST:
            own |= bindings(source)
    for cell, source in zip(cells, sources, strict=True):
        if cell.kind == "code":
            _check_markers(unit, cell, source)
            _check_calls(unit, cell)
            _check_found(unit, cell, source)
            _check_takes_no_name(unit, cell, source, own)
            _check_names(unit, cell, source, defined, "which no earlier cell defines or imports")
            students = without_hidden(source)
            _check_names(
                unit, cell, students, shown, "which students do not have: it stands in a hidden region"
            )
            if not cell.slow:
                _check_names(unit, cell, source, graded, "which is left out when graded: its cell is slow")
                graded |= defined_names(source)
            defined |= defined_names(source)
            shown |= defined_names(students)
        notebook.cells.append(_notebook_cell(cell, source, {c.id for c in notebook.cells}))
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def write_or_compare(path: Path, text: str, check: bool) -> bool:
    """Write a derived file, or with ``check`` leave it alone; True if it was up to date."""
    fresh = path.is_file() and path.read_bytes() == text.encode("utf-8")
    if not fresh and not check:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))
    return fresh


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
            raise _refuse_import(unit, cell, node, "an import that stands below other code is not replaced")
    for before, after in pairwise(tree.body):
        packages = imported_packages(before) | imported_packages(after)
        if before.end_lineno == after.lineno and packages & NOT_FOR_STUDENTS:
            raise _refuse_import(unit, cell, before, "what follows it must stand on a line of its own")
    if cell.role is Role.TEST:
        hidden = hidden_lines(cell.source)
        for node in imports:
            if problem := problem_in_test_cell(unit, node, node.lineno in hidden):
                raise _refuse_import(unit, cell, node, problem)
    replaced = {node.lineno: _included(unit, cell, node, seen) for node in imports}
    for node in reversed(imports):
        if replaced[node.lineno] is not None:
            lines[node.lineno - 1 : node.end_lineno] = replaced[node.lineno].split("\n")
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
        raise _refuse_import(unit, cell, node, wanted)
    if any(alias.asname or alias.name == "*" for alias in node.names):
        raise _refuse_import(unit, cell, node, "name each function, without 'as'")
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


def _check_markers(unit: Unit, cell: Cell, source: str) -> None:
    """What is inlined has a solution's markers, or a test's, in pairs, and no others."""
    for (begin, end), role in {
        (BEGIN_SOLUTION, END_SOLUTION): Role.EXERCISE,
        (BEGIN_HIDDEN, END_HIDDEN): Role.TEST,
    }.items():
        found = re.findall(f"{begin}|{end}", source)
        if found and cell.role is not role:
            raise error_at(unit.lesson, cell.title, cell.line, f"'{found[0]}' does not belong in this cell")
        if found != [begin, end] * (len(found) // 2):
            raise error_at(
                unit.lesson, cell.title, cell.line, f"'{begin}' and '{end}' must follow each other in pairs"
            )


def _check_calls(unit: Unit, cell: Cell) -> None:
    """A check that is not called gives its points to everybody."""
    if cell.role is Role.TEST:
        called = {node.func.id for node in ast.walk(ast.parse(cell.source)) if _is_call_by_name(node)}
        for name in exercises_of(unit, cell):
            if name not in called:
                raise error_at(unit.lesson, cell.title, cell.line, f"imports {name} and never calls it")


def _check_takes_no_name(unit: Unit, cell: Cell, source: str, own: dict[str, str]) -> None:
    """In one kernel, what a test cell defines takes the place of what other cells mean by that name."""
    if cell.role is Role.TEST:
        for name, meaning in bindings(source).items():
            if own.get(name, meaning) != meaning:
                problem = f"defines {name!r}, which other cells define otherwise"
                raise error_at(unit.lesson, cell.title, cell.line, problem)


def _is_call_by_name(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name)


def _check_found(unit: Unit, cell: Cell, source: str) -> None:
    """Try the imports that stay in the notebook, inlined ones too: students are to have what they name."""
    for node in ast.walk(ast.parse(source)):
        if imported_packages(node) & NOT_FOR_STUDENTS:
            raise _refuse_import(unit, cell, node, "what is inlined must not import from here")
    for node in ast.parse(source).body:
        if is_shipped(node):
            if problem := problem_of_shipped(unit, node):
                raise _refuse_import(unit, cell, node, problem)
        elif imported_packages(node):
            try:
                exec(ast.unparse(node), {"__name__": "__main__"})
            except ImportError as error:
                raise _refuse_import(unit, cell, node, f"not found ({error})") from None


def _refuse_import(unit: Unit, cell: Cell, node: ast.stmt, problem: str) -> LessonError:
    statement = ast.unparse(node)
    lines = {ast.unparse(node): node.lineno for node in ast.parse(cell.source).body}
    # An import that came with inlined source has no line in the lesson: the cell's own is named.
    return error_at(unit.lesson, cell.title, cell.line + lines.get(statement, 0), f"'{statement}': {problem}")


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


def _check_names(unit: Unit, cell: Cell, source: str, defined: set[str], problem: str) -> None:
    unknown = sorted(used_names(source) - defined)
    if unknown:
        raise error_at(unit.lesson, cell.title, cell.line, f"uses {', '.join(map(repr, unknown))}, {problem}")


def without_hidden(source: str) -> str:
    """Source of a test cell as students get it."""
    return re.sub(f"{BEGIN_HIDDEN}.*?{END_HIDDEN}", "", source, flags=re.DOTALL)


def _notebook_cell(cell: Cell, source: str, taken: set[str]):
    new = new_code_cell if cell.kind == "code" else new_markdown_cell
    if cell.role is Role.GIVEN:
        return new(source, id=_cell_id(source, taken), metadata={"tags": [SLOW_TAG]} if cell.slow else {})
    graded = cell.role in (Role.TEST, Role.ANSWER)
    keys = {
        "grade": graded,
        "grade_id": cell.title,
        "locked": cell.role is Role.TEST,
        "schema_version": 3,
        "solution": cell.role in (Role.EXERCISE, Role.ANSWER),
        "task": False,
    }
    if graded:
        keys["points"] = cell.points
    return new(source, id=cell.title, metadata={"nbgrader": keys})


def _cell_id(source: str, taken: set[str]) -> str:
    """An id that depends on the source alone: rebuilt notebooks are identical, and an edit changes one id."""
    digest = hashlib.sha256(source.encode()).hexdigest()
    return next(id for length in range(8, 64) if (id := digest[:length]) not in taken)
