"""The import is the include: the source of functions, with what they need, and the names that code uses."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from grader.names import defined_names, used_names


class IncludeError(ValueError):
    """An import of a lesson that cannot be replaced by source."""


class ModuleSource:
    """The top-level statements of a Python file, by the names that they define."""

    def __init__(self, path: Path):
        if not path.is_file():
            raise IncludeError(f"{path} does not exist")
        self.path = path
        self.text = path.read_text(encoding="utf-8-sig")

    @property
    def statements(self) -> dict[str, tuple[int, str]]:
        """Per name: line and source of the statement that defines it, with its decorators and comments."""
        return _statements(self.path, self.text)

    def function(self, name: str) -> str:
        """Source of one function or class, alone."""
        if name not in self.statements:
            raise IncludeError(f"{self.path} defines no {name!r}")
        return self.statements[name][1]

    def closure(self, names: list[str]) -> dict[str, str]:
        """Source of functions and of all that the module defines for them, in the module's order.

        Returns
        -------
        dict of str to str
            Name to source: the functions, and the imports, constants and helpers that they need.
            A statement that defines several names stands under each of them.
        """
        needed: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in needed:
                needed.add(name)
                waiting += used_names(self.function(name)) & set(self.statements)
        return {
            name: self.function(name) for name in sorted(needed, key=lambda name: self.statements[name][0])
        }


@cache  # each cell of a unit includes something of the same two modules
def _statements(path: Path, text: str) -> dict[str, tuple[int, str]]:
    found: dict[str, tuple[int, str]] = {}
    try:
        tree = ast.parse(text, str(path))
    except SyntaxError as error:
        raise IncludeError(f"{path}, line {error.lineno}: not Python: {error.msg}") from None
    lines = text.split("\n")
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            continue
        line = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        names = defined_names(ast.unparse(node))
        # Otherwise a part would be left out in silence: what is inlined is one statement a name.
        if again := names & set(found):
            raise IncludeError(f"{path}, line {line}: defines {min(again)!r} a second time")
        if not names and not _is_text(node):
            raise IncludeError(f"{path}, line {line}: defines no name, so that it would be left out")
        for name in names:
            found[name] = (line, _source(lines, line, node.end_lineno or line))
    return found


def _source(lines: list[str], first: int, last: int) -> str:
    while first > 1 and lines[first - 2].startswith("#"):
        first -= 1
    # An indented comment after the last statement ("### END SOLUTION") belongs to the function as well.
    while last < len(lines) and lines[last][:1].isspace() and lines[last].lstrip().startswith("#"):
        last += 1
    return "\n".join(lines[first - 1 : last])


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def bindings(source: str) -> dict[str, str]:
    """What each name that code defines at its top level stands for: two equal imports mean the same."""
    found = {}
    for node in ast.parse(source).body:
        for name in defined_names(ast.unparse(node)):
            found[name] = ast.unparse(node)
        if isinstance(node, ast.Import | ast.ImportFrom):
            package = getattr(node, "module", None)
            found |= {a.asname or a.name.partition(".")[0]: f"{package}: {a.name}" for a in node.names}
    return found
