"""Read a lesson script: which cells it has, what each is for, and what is wrong with it.

The form of a lesson is described in docs/contributing.md.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from grader.markers import BEGIN_HIDDEN, END_HIDDEN

POINTS_OF_A_UNIT = 20
# Packages that a notebook must not import: what it shows of them is inlined.
NOT_FOR_STUDENTS = {"solutions", "tests", "authoring", "grader", "course"}
KEYS = {"title", "points", "solution", "slow"}
# What jupytext notes about blank lines, for scripts that it writes.
LAYOUT_KEYS = {"lines_to_next_cell", "lines_to_end_of_cell_marker"}
# nbgrader's rule for grade ids, and Jupyter's limit for the length of a cell id.
TITLE = re.compile(r"[A-Za-z0-9_-]{1,64}")
# Number and slug; with _ for -, the slug is the name of the unit's modules.
UNIT_NAME = re.compile(r"\d\d-[a-z][a-z0-9]*(-[a-z0-9]+)*")


class LessonError(ValueError):
    """A lesson that cannot be built; the message names lesson, cell and line."""


class Role(Enum):
    """What a cell is for."""

    GIVEN = "given"  # prose or code that the student gets as it is
    EXERCISE = "exercise"  # a function that the student writes
    TEST = "test"  # a locked cell that grades an exercise
    ANSWER = "answer"  # a written answer that a person grades


@dataclass(frozen=True)
class Unit:
    """Where the files of a unit are.

    Parameters
    ----------
    root : Path
        The folder of the course.
    name : str
        Folder of the unit, for example ``02-explicit-als``.
    """

    root: Path
    name: str

    @property
    def slug(self) -> str:
        """Name of the notebook, for example ``explicit-als``."""
        return self.name.partition("-")[2]

    @property
    def module(self) -> str:
        """Name of the unit's Python modules, for example ``explicit_als``."""
        return self.slug.replace("-", "_")

    @property
    def lesson(self) -> Path:
        return self.root / "source" / self.name / "lesson.py"

    @property
    def notebook(self) -> Path:
        return self.lesson.with_name(f"{self.slug}.ipynb")

    @property
    def released_notebook(self) -> Path:
        return self.root / "release" / self.name / self.notebook.name


def find_units(root: Path, names: list[str] | None = None) -> list[Unit]:
    """The units of the course in ``root``, or those of the given names.

    Raises
    ------
    LessonError
        If ``source/`` holds no lesson, or a name is not a unit's; the message lists the names that are.
    """
    known = {
        path.parent.name: Unit(root, path.parent.name) for path in sorted(root.glob("source/*/lesson.py"))
    }
    if not known:
        raise LessonError(
            f"{root / 'source'}: no unit found; a unit is a folder NN-name that holds a lesson.py"
        )
    for name in known:
        if not UNIT_NAME.fullmatch(name):
            raise LessonError(f"{root / 'source' / name}: name the folder of a unit like 02-explicit-als")
    for name in names or []:
        if name not in known:
            raise LessonError(f"There is no unit {name!r}. The units are: {', '.join(known)}.")
    return [known[name] for name in names] if names else list(known.values())


@dataclass(frozen=True)
class Cell:
    """One cell of a lesson; ``line`` is the line of its ``# %%`` marker.

    ``slow`` marks a given cell that works long on real data, or draws, and is not run while a submission is
    graded.
    """

    kind: str
    title: str
    points: float | None
    source: str
    line: int
    role: Role
    slow: bool = False


def read_lesson(path: Path) -> list[Cell]:
    """Read and check a lesson.

    Raises
    ------
    LessonError
        For a graded cell without a title, a title used twice or not usable as an nbgrader id, points that
        are not positive halves or do not add up to 20, an unknown key, a hidden region outside a test
        cell, or code that is not Python.
    """
    if not path.is_file():
        raise LessonError(f"{path}: no such lesson")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise LessonError(f"{path}: not UTF-8 ({error}); save it in that encoding") from None
    import jupytext  # here, as it takes a tenth of a second, and few commands read lessons

    markers = [number for number, line in enumerate(text.splitlines(), 1) if line.startswith("# %%")]
    notebook = jupytext.reads(text, fmt="py:percent")
    if len(markers) != len(notebook.cells):
        raise LessonError(
            f"{path}, line 1: every cell starts with a '# %%' line; nothing may stand before the first"
        )
    cells = [_read_cell(path, raw, line) for raw, line in zip(notebook.cells, markers, strict=True)]
    _check_titles(path, cells)
    total = sum(cell.points or 0 for cell in cells)
    if total != POINTS_OF_A_UNIT:
        raise LessonError(f"{path}: the points of the unit add up to {total}, not to {POINTS_OF_A_UNIT}")
    return cells


def _read_cell(path: Path, raw, line: int) -> Cell:
    title = raw.metadata.get("title", "")

    def refuse(problem: str) -> LessonError:
        return error_at(path, title, line, problem)

    if "incorrectly_encoded_metadata" in raw.metadata:
        header = raw.metadata["incorrectly_encoded_metadata"]
        raise refuse(f"{header!r} cannot be read; write for example points=2")
    unknown = set(raw.metadata) - KEYS - LAYOUT_KEYS
    if unknown:
        raise refuse(f"unknown key {sorted(unknown)[0]!r}; a cell may have points=, solution= and slow=")
    points = raw.metadata.get("points")
    if points is not None and (type(points) not in (int, float) or points <= 0 or points % 0.5):
        raise refuse(f"points must be positive, whole or with a half (1.5), not {points!r}")
    role = _role(raw, points, refuse)
    if role is not Role.GIVEN and not title:
        raise refuse(f"a cell that is graded or written by the student needs a title ({role.value} cell)")
    if title and role is not Role.GIVEN and not TITLE.fullmatch(title):
        raise refuse("the title of a graded cell is its id: letters, digits, _ and -, at most 64 characters")
    marks = re.findall(r"(BEGIN|END) HIDDEN TESTS", raw.source)
    if marks != ["BEGIN", "END"] * (len(marks) // 2):
        raise refuse(f"'{BEGIN_HIDDEN}' and '{END_HIDDEN}' must follow each other in pairs; here: {marks}")
    if marks and role is not Role.TEST:
        raise refuse("a hidden region outside a test cell would be shown to students; give the cell points=")
    if raw.source.count(BEGIN_HIDDEN) + raw.source.count(END_HIDDEN) != len(marks):
        raise refuse(f"write '{BEGIN_HIDDEN}' and '{END_HIDDEN}', with three #")
    if "BEGIN SOLUTION" in raw.source:
        raise refuse("solutions are written in solutions/, not in the lesson; import the function here")
    if role is Role.TEST and not _ends_in_a_call(raw.source):
        raise refuse("a test cell ends in a call of a check: nbgrader takes another last value for the score")
    slow = raw.metadata.get("slow", False)
    if slow and (role is not Role.GIVEN or raw.cell_type != "code"):
        raise refuse("slow=true is for given code cells: what is graded must run")
    return Cell(raw.cell_type, title, points, raw.source, line, role, slow)


def _role(raw, points: float | None, refuse) -> Role:
    solution = raw.metadata.get("solution", False)
    if raw.cell_type != "code":
        if bool(points) != bool(solution):
            raise refuse("a written answer needs both points= and solution=true")
        return Role.ANSWER if points else Role.GIVEN
    if solution:
        raise refuse(
            "solution=true is for Markdown cells; a code cell becomes an exercise by importing from solutions"
        )
    try:
        tree = ast.parse(raw.source)
    except SyntaxError as error:
        raise refuse(f"not Python: {error.msg} (line {error.lineno} of the cell)") from None
    imports_solution = any("solutions" in imported_packages(node) for node in ast.walk(tree))
    if imports_solution and points:
        raise refuse("a cell is either an exercise or a test: it imports from solutions and has points=")
    if imports_solution:
        return Role.EXERCISE
    return Role.TEST if points else Role.GIVEN


def _ends_in_a_call(source: str) -> bool:
    last = ast.parse(source).body[-1:]
    return bool(last) and isinstance(last[0], ast.Expr) and isinstance(last[0].value, ast.Call)


def imported_packages(node: ast.AST) -> set[str]:
    """First parts of the modules that an import statement names ("solutions", "tests", "numpy")."""
    if isinstance(node, ast.ImportFrom):
        return {(node.module or "").partition(".")[0]}
    if isinstance(node, ast.Import):
        return {alias.name.partition(".")[0] for alias in node.names}
    return set()


def _check_titles(path: Path, cells: list[Cell]) -> None:
    lines: dict[str, int] = {}
    for cell in cells:
        if cell.title in lines:
            raise error_at(
                path, cell.title, cell.line, f"the title stands already in line {lines[cell.title]}"
            )
        if cell.title:
            lines[cell.title] = cell.line


def error_at(path: Path, title: str, line: int, problem: str) -> LessonError:
    """The refusal of a cell, with the place where it stands."""
    return LessonError(f"{path}, line {line}, cell {title or '(untitled)'}: {problem}")
