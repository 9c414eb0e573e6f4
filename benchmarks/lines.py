"""How long is what a student reads when a check fails, and how much of a notebook is checking code?

    python -m benchmarks.lines

Every mutant of every unit is run in IPython, as a cell would run it, against the visible checks of its
exercise. A line counts as many as it takes on a screen of a hundred columns.
"""

from __future__ import annotations

import inspect
import io
import json
import textwrap
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from authoring.lesson import Unit, find_units
from course_utils.checks.exercises import unit_named
from tests.mutants import unit_modules

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = 100


class Failure(NamedTuple):
    """What a student reads whose answer is one of the mutants."""

    unit: str
    mutant: str
    text: str

    @property
    def height(self) -> int:
        """How many lines it takes on a screen."""
        return sum(max(1, len(textwrap.wrap(line, COLUMNS))) for line in self.text.split("\n"))


def failures(unit: Unit, running: Any) -> list[Failure]:
    """What the visible checks of a unit say of each mutant that they reject.

    Parameters
    ----------
    running : InteractiveShell
        Where the mutants are defined, as cells of a notebook are.
    """
    modules, found = unit_modules(unit.module), []
    for exercise in unit_named(unit.name).exercises:
        for function in exercise.functions:
            reference = getattr(modules.solutions, function)
            for name, mutant in modules.mutants.MUTANTS[function].items():
                # A whole function may use what stands beside it in the module of mutants.
                running.user_ns.update(_names(modules.mutants) | _names(modules.solutions))
                checks = (getattr(modules.visible, check) for check in exercise.checks)
                said = (_said(running, mutant.source(reference), check) for check in checks)
                if text := next(filter(None, said), ""):
                    found.append(Failure(unit.name, f"{function}: {name}", text))
    return found


def _names(module: ModuleType) -> dict[str, Any]:
    return {name: value for name, value in vars(module).items() if not name.startswith("__")}


def _said(running: Any, source: str, check: Callable) -> str:
    """What a check says of a mutant; empty if it passes."""
    names = [p.name for p in inspect.signature(check).parameters.values() if p.default is p.empty]
    running.user_ns["_check"] = check
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        running.run_cell("from __future__ import annotations\n" + source)
        result = running.run_cell(f"_check({', '.join(names)})")
    error = result.error_in_exec
    return "" if error is None else "\n".join(error._render_traceback_())


def share_of_test_code(notebook: Path) -> float:
    """The share of test cells among the lines of code of a notebook, comments and empty lines aside."""
    lines = {True: 0, False: 0}
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            code = [line for line in "".join(cell["source"]).split("\n") if line.strip()]
            graded = bool(cell["metadata"].get("nbgrader", {}).get("grade"))
            lines[graded] += sum(not line.lstrip().startswith("#") for line in code)
    return lines[True] / sum(lines.values())


def main() -> None:
    """Print both figures, and the longest failure itself."""
    from IPython.core.interactiveshell import InteractiveShell

    running = InteractiveShell.instance()
    units = find_units(ROOT)
    found = [failure for unit in units for failure in failures(unit, running)]
    longest = max(found, key=lambda failure: (failure.height, len(failure.text)))
    print(f"{len(found)} failures; the longest takes {longest.height} lines of {COLUMNS} columns:")
    print(f"{longest.unit}, {longest.mutant}\n{longest.text}")
    for unit in units:
        print(f"{unit.name}: {share_of_test_code(unit.released_notebook):.1%} of the code checks")


if __name__ == "__main__":
    main()
