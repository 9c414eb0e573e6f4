"""Which function does a later unit use: the reader's own of an earlier unit, or the course's?

The reader's own is taken if it is found, is written, and passes its visible checks. Of their notebook
nothing is run but the definitions in the cell of that exercise, and the imports of libraries.
"""

from __future__ import annotations
import __future__

import ast
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any

from course_utils.checks.exercises import Exercise, UnitTable, unit_named
from course_utils.checks.lines import within_lines
from course_utils.checks.outcome import PASSED, STUB
from course_utils.checks.standing import standing
from course_utils.notebook.stand_ins import STAND_INS
from course_utils.notebook.written import graded_cells, notebook_of, read_notebook

# Libraries whose imports a notebook may hold; they are the course's, not the reader's code.
LIBRARIES = {
    *("numpy", "scipy", "pandas", "numba", "course_utils"),
    *("collections", "functools", "heapq", "itertools", "math", "operator", "typing"),
}
DEFINITIONS = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
N_LINES = 2_000_000  # of Python that the checks may run: a second or so
LARGEST_NOTEBOOK = 64 << 20  # bytes, in a zip file


class _NotUsedError(Exception):
    """Why the reader's function is not used; the end of a sentence."""


def my_work(unit: str, name: str, folder: Path | str = ".") -> Callable:
    """A function of an earlier unit: the reader's own, or the course's. A line that is printed says which.

    While a notebook is graded or validated it is always the course's, so that no score depends on another
    file.

    Parameters
    ----------
    unit : str
        The folder of the unit in which the function is an exercise: "03-sgd".
    name : str
        The exercise's function: "recommend".
    folder : path
        The folder of this notebook. The unit's notebook is looked for beside it and in the unit's own folder;
        after the notebook, the file that `hand_in` has packed.

    Returns
    -------
    callable
        If it is the reader's own and raises an exception, the course's function takes its place from there
        on, and a sentence says so.

    Raises
    ------
    KeyError
        If the course has no function for this exercise.
    """
    stand_in = STAND_INS[unit, name]
    table = unit_named(unit)
    exercise = table.of_function(name)
    assert exercise is not None, f"{name} is no exercise of {unit}"
    if os.environ.get("NBGRADER_EXECUTION"):
        print(f"{exercise.name}: the course's own, as always while a notebook is graded.")
        return stand_in
    reasons = []
    for path in places(table, Path(folder)):
        try:
            own = _own_function(table, exercise, name, path)
        except _NotUsedError as reason:
            reasons.append(f"yours in {path} {reason}")
            continue
        print(f"{exercise.name}: your own, from {path}.")
        return _with_stand_in(own, stand_in, exercise)
    why = reasons[0] if reasons else f"there is no {next(_names(table, Path(folder)))}"
    print(f"{exercise.name}: the course's own ({why}).")
    return stand_in


def places(unit: UnitTable, folder: Path) -> list[Path]:
    """The files of a unit's notebook that are there, the one to look into first in front."""
    return [path for path in _names(unit, folder) if path.is_file()]


def _names(unit: UnitTable, folder: Path) -> Iterator[Path]:
    notebook = f"{unit.name.partition('-')[2]}.ipynb"
    for name in (notebook, f"{unit.name}-to-hand-in.zip"):
        yield Path(os.path.normpath(folder / ".." / unit.name / name))
        yield Path(os.path.normpath(folder / name))


def _own_function(unit: UnitTable, exercise: Exercise, name: str, path: Path) -> Callable:
    """The function of a notebook, if its visible checks pass; otherwise a _NotUsedError with the reason."""
    notebook = _notebook(path)
    source = graded_cells(notebook).get(name)
    if source is None:
        raise _NotUsedError("has no cell for it")
    if STUB.removesuffix("()") in source:
        raise _NotUsedError("is not written yet")
    names: dict[str, Any] = {"__name__": "my_work"}
    try:
        for node in _imports(notebook):
            with suppress(ImportError):  # of a package that is not here, and not needed for this exercise
                _run([node], path, names)
        _run(_definitions(source), path, names)
    except Exception as error:
        raise _NotUsedError(f"cannot be read: {type(error).__name__}: {error}") from None
    own = names.get(name)
    if not callable(own):
        raise _NotUsedError(f"is gone: its cell defines no {name}")
    guarded = within_lines(name, "it is not used here", own, N_LINES)
    outcome = standing(unit, exercise, {name: guarded})
    if outcome.sign != PASSED:
        raise _NotUsedError(f"does not pass its visible checks: {outcome.line}")
    return own


def _notebook(path: Path) -> Any:
    """The notebook in a file, or in a zip file."""
    try:
        if path.suffix != ".zip":
            return read_notebook(path)
        with zipfile.ZipFile(path) as packed:
            inside = [each for each in packed.infolist() if each.filename.endswith(".ipynb")]
            if not inside or inside[0].file_size > LARGEST_NOTEBOOK:
                raise _NotUsedError("is no notebook")
            return notebook_of(packed.read(inside[0]), path)
    except _NotUsedError:
        raise
    except Exception as error:  # a file can be damaged in any way, and the lesson goes on
        raise _NotUsedError(f"cannot be read: {error}") from None


def _imports(notebook: Any) -> list[ast.stmt]:
    """The imports of libraries that stand at the top level of a notebook's cells."""
    found: list[ast.stmt] = []
    for cell in notebook.cells:
        try:
            body = ast.parse(cell.source).body if cell.cell_type == "code" else []
        except SyntaxError:
            continue  # another exercise, half written, or a line of magic
        found += [
            node for node in body if isinstance(node, ast.Import | ast.ImportFrom) and _is_library(node)
        ]
    return found


def _definitions(source: str) -> list[ast.stmt]:
    """What a cell defines: functions, classes, and names of plain values. Nothing else of it is run."""
    return [
        node
        for node in ast.parse(source).body
        if (isinstance(node, DEFINITIONS) and _is_library(node)) or _is_plain(node)
    ]


def _is_library(node: ast.stmt) -> bool:
    """Whether a statement imports from libraries alone, or is no import."""
    if isinstance(node, ast.ImportFrom):
        return not node.level and (node.module or "").partition(".")[0] in LIBRARIES
    return not isinstance(node, ast.Import) or all(
        alias.name.partition(".")[0] in LIBRARIES for alias in node.names
    )


def _is_plain(node: ast.stmt) -> bool:
    """Whether a statement gives a name to a number, a text or the like."""
    if not isinstance(node, ast.Assign):
        return False
    try:
        ast.literal_eval(node.value)
    except ValueError:
        return False
    return True


def _run(body: list[ast.stmt], path: Path, names: dict[str, Any]) -> None:
    # Annotations stay text: they may name what only another cell defines.
    flags = __future__.annotations.compiler_flag
    exec(compile(ast.Module(body, []), str(path), "exec", flags, dont_inherit=True), names)


def _with_stand_in(own: Callable, stand_in: Callable, exercise: Exercise) -> Callable:
    """The reader's function until it raises an exception, the course's from there on."""
    stopped: list[Exception] = []

    @wraps(own)
    def used(*arguments: Any, **settings: Any) -> Any:
        if not stopped:
            try:
                return own(*arguments, **settings)
            except Exception as error:
                stopped.append(error)
                print(
                    f"Your {exercise.name} stopped here ({type(error).__name__}: {error}): the course's own "
                    "takes its place from here on."
                )
        return stand_in(*arguments, **settings)

    return used
