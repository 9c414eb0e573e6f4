"""How is a notebook handed in? It runs afresh, the table of progress is shown, and a zip file holds it."""

from __future__ import annotations

import inspect
import os
import zipfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from course_utils.checks.exercises import Exercise, UnitTable
from course_utils.checks.outcome import OPEN, WRONG, Outcome, passed
from course_utils.checks.own_lines import shell
from course_utils.checks.standing import BY_A_PERSON
from course_utils.notebook.progress import Progress, show
from course_utils.notebook.self_study import all_seen
from course_utils.notebook.unit import this_unit
from course_utils.notebook.written import file_of, graded_cells, is_answered, read_notebook

if TYPE_CHECKING:
    from course_utils.report import Outcome as CellOutcome

# Set in the kernel that runs the notebook afresh: the notebook must not hand itself in once more.
RUNNING = "COURSE_HANDING_IN"


def hand_in(notebook: str | os.PathLike | None = None) -> None:
    """Run this notebook afresh, show how it stands, and pack it into a zip file to hand in.

    Parameters
    ----------
    notebook : path, optional
        The notebook's file, if it was renamed or lies in another folder than the one that Python works in.
    """
    if os.environ.get(RUNNING):
        return
    unit = this_unit()
    path = file_of(unit, notebook)
    try:
        notebook = _notebook_to_pack(unit, path)
        outcomes = run_afresh(path)
        show(Progress(all_seen(unit), tuple(_outcome(each, outcomes, notebook) for each in unit.exercises)))
        if gone := [each.name for each in unit.exercises if _is_unseen(each, notebook)]:
            print(
                f"{', '.join(gone)}: {OPEN}, as the check is missing in {path.name}. It is put back when the "
                "notebook is graded."
            )
        target = pack(unit, path)
    except ValueError as error:
        print(f"{WRONG} Not packed: {error}")
        return
    saved = datetime.fromtimestamp(path.stat().st_mtime)
    print(f"{path.name}, as saved at {saved:%H:%M:%S}, is in\n{target}\nHand in that file.")


def run_afresh(path: Path) -> list[CellOutcome]:
    """Run a notebook in a Python of its own, without its slow cells, with a progress bar.

    Raises
    ------
    ValueError
        If it cannot be run; see `course_utils.report.run_checks`.
    """
    # Imported late, here and below: every notebook imports this module, few hand in.
    import nbformat

    from course_utils.report import run_checks
    from course_utils.training.progress_bar import progress_bar

    done: SimpleQueue[int] = SimpleQueue()
    total = len(nbformat.read(path, as_version=4).cells)
    # The kernel in which this runs has an event loop of its own, so that nbclient needs another thread.
    bar = progress_bar(range(total), desc="running afresh, cells")
    with ThreadPoolExecutor(1) as executor, bar:
        running = executor.submit(
            run_checks, path, lambda *, cell_index, **_: done.put(cell_index + 1), {RUNNING: "1"}
        )
        while not running.done():
            try:
                bar.update(done.get(timeout=0.2) - bar.n)
            except Empty:
                continue
        outcomes = running.result()
        bar.update(total - bar.n)
    return outcomes


def pack(unit: UnitTable, path: Path) -> Path:
    """Write the zip file, which holds the notebook and nothing else; its full path.

    Raises
    ------
    ValueError
        If it cannot be written; the message says why.
    """
    target = path.resolve().with_name(f"{unit.name}-to-hand-in.zip")
    try:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
            file.write(path, path.name)
    except OSError as error:
        raise ValueError(
            f"{target} cannot be written ({error.strerror}). Save the notebook in a folder in which you may "
            "write, or hand in the notebook itself."
        ) from None
    return target


def _notebook_to_pack(unit: UnitTable, path: Path) -> Any:
    """The saved notebook; ValueError if it is not what the student wants to hand in."""
    name_it = "Name your notebook's file: hand_in('my-notebook.ipynb')."
    try:
        notebook = read_notebook(path)
    except ValueError as error:
        raise ValueError(f"{error}. {name_it}") from None
    asked = {cell for exercise in unit.exercises for cell in exercise.cells}
    if not asked & graded_cells(notebook).keys():
        raise ValueError(f"{path.name} holds no exercise of {unit.name}. {name_it}")
    sources = [cell.source for cell in notebook.cells]
    if unsaved := [name for name in _functions(unit) if not _is_saved(name, sources)]:
        raise ValueError(
            f"{', '.join(unsaved)}, as you ran it, is not in {path.name}. Save (Ctrl+S, on a Mac "
            "Cmd+S), then run this cell again."
        )
    return notebook


def _functions(unit: UnitTable) -> Iterable[str]:
    return (name for exercise in unit.exercises for name in exercise.functions)


def _is_saved(name: str, sources: list[str]) -> bool:
    """Whether the function, or class, of this name in the running notebook is also in the saved one."""
    running = shell()
    defined: Any = None if running is None else running.user_ns.get(name)
    # Python has no source of a class that a cell defines, but that of its methods.
    parts = filter(inspect.isfunction, vars(defined).values()) if isinstance(defined, type) else [defined]
    return all(any(_source(part) in text for text in sources) for part in parts)


def _source(function: Any) -> str:
    """The source of a function; empty if it is not there, or not written in a cell."""
    try:
        return inspect.getsource(function).strip()
    except (OSError, TypeError):
        return ""


def _is_unseen(exercise: Exercise, notebook: Any) -> bool:
    """Whether a check of an exercise is no more where the notebook had it."""
    there = graded_cells(notebook)
    tests = "\n".join(there.get(name, "") for name in exercise.cells)
    return not all(f"{check}(" in tests for check in exercise.checks)


def _outcome(exercise: Exercise, outcomes: list[CellOutcome], notebook: Any) -> Outcome:
    """How an exercise stands after the fresh run."""
    if exercise.written:
        return Outcome(BY_A_PERSON if is_answered(exercise, notebook) else OPEN, "")
    if _is_unseen(exercise, notebook):
        return Outcome(OPEN, "")
    errors = [each.error for each in outcomes if each.check in exercise.cells and each.error]
    if not errors:
        return passed(exercise)
    kind, _, line = errors[0].partition(": ")
    return Outcome(OPEN if kind == "NotImplementedError" else WRONG, line)
