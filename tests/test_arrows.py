"""Do imports point one way only, between the rooms and within the grader, without a circle?"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.conftest import ROOT

# Which rooms a room may import, besides itself (docs/contributing.md).
ROOMS = {
    "course": {"authoring", "grader"},
    "authoring": {"course_utils", "grader"},
    "solutions": {"course_utils"},
    "course_utils": set(),
    "grader": set(),
}
# Within the grader: modules directly in it are common knowledge and may be imported by every room but the two
# that run beside a student's code.
COMMON = "grader"
WITHIN = {
    COMMON: set(),
    "grader.values": set(),
    "grader.student": {"grader.values"},
    "grader.sandbox": {COMMON},
    "grader.examiner": {COMMON, "grader.values"},
    "grader.intake": {COMMON},
    "grader.gradebook": {COMMON, "grader.intake"},
    "grader.steps": {COMMON, "grader.examiner", "grader.sandbox", "grader.gradebook"},
    "grader.feedback": {COMMON, "grader.gradebook", "grader.steps"},
    "grader.report": {COMMON, "grader.gradebook", "grader.intake", "grader.feedback"},
    "grader.answers": {COMMON, "grader.gradebook", "grader.feedback"},
    "grader.run": {
        COMMON,
        *("grader.intake", "grader.steps", "grader.gradebook", "grader.feedback", "grader.sandbox"),
    },
}
# The demonstration's students make the mistakes that tests/mutants knows, and hand in the solutions.
EXCEPTIONS = {"course.demo.hand_in": {"solutions", "tests"}}
FIRST = {*ROOMS, "tests", "benchmarks"}


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))}


def imported(module: str) -> Iterator[str]:
    """What a module imports of this project, wherever it does so, by name as well."""
    path = MODULES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            # `from room import module` imports the module, `from room import name` the room.
            inside = (f"{source}.{alias.name}" for alias in node.names)
            names = [name if name in MODULES else source for name in inside]
        elif isinstance(node, ast.Call) and _name(node.func) in ("import_module", "__import__", "_module"):
            names = [text for text in map(_text, node.args[:1]) if text]
        else:
            continue
        yield from (name for name in names if name.partition(".")[0] in FIRST)


def _name(function: ast.expr) -> str:
    return getattr(function, "attr", getattr(function, "id", ""))


def _text(node: ast.expr) -> str:
    """The text of an argument, or what it begins with where a part is computed."""
    if isinstance(node, ast.JoinedStr):
        node = node.values[0]
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_the_rooms_that_it_may(room: str) -> None:
    for module in MODULES:
        if module.partition(".")[0] != room:
            continue
        allowed = {room} | ROOMS[room] | EXCEPTIONS.get(module, set())
        for name in imported(module):
            assert name.partition(".")[0] in allowed, f"{module} imports {name}"


def test_the_hidden_checks_import_what_students_have_and_nothing_else() -> None:
    for path in sorted(
        set((ROOT / "tests/checks").glob("*.py")) - set((ROOT / "tests/checks").glob("test_*.py"))
    ):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                first = node.module.partition(".")[0]
                assert first not in FIRST - {"course_utils"}, f"{path.name} imports {node.module}"


def packages() -> dict[str, str]:
    """The grader's room of each of its modules."""
    rooms = {}
    for module, path in MODULES.items():
        if module.partition(".")[0] == "grader":
            inside = path.relative_to(ROOT / "grader").parts
            rooms[module] = f"grader.{inside[0]}" if len(inside) > 1 else COMMON
    return rooms


def test_within_the_grader_arrows_point_one_way() -> None:
    rooms = packages()
    for module, room in rooms.items():
        for name in imported(module):
            there = rooms[name]
            assert there == room or there in WITHIN[room], f"{module} imports {name}"


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {module: {name for name in imported(module) if name in MODULES} for module in MODULES}
    # A package's own modules may import one another past its `__init__`, which names the public ones.
    for module, names in graph.items():
        names.discard(module)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise AssertionError(f"a circle of imports: {' → '.join(reversed(error.args[1]))}") from None
