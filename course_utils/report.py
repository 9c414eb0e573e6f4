"""What does somebody need who is to find out why a check fails? This writes it into one text file.

`python -m course_utils.report release/02-explicit-als/explicit-als.ipynb` runs the notebook from top to
bottom, without its slow cells, and notes which checks pass, what the others say, the answers that they look
at, and the versions of Python and the libraries. The notebook itself stays as it is.
"""

from __future__ import annotations

import argparse
import ast
import os
import platform
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode

from course_utils.notebook import self_study
from course_utils.notebook.written import read_notebook

PACKAGES = ("numpy", "scipy", "pandas", "torch", "numba", "matplotlib", "nbgrader", "jupyterlab")
SECONDS_A_CELL = 60
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Outcome:
    """How one check of a notebook went.

    Parameters
    ----------
    check : str
        Name of the test cell.
    error : str
        What it said when it failed; empty if it passed.
    answers : tuple of str
        Source of the answers in front of it, the student's own cells among them.
    """

    check: str
    error: str
    answers: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """One word: passed, failed or open, which an exercise is that nobody has written yet."""
        if not self.error:
            return "passed"
        return "open" if self.error.startswith("NotImplementedError") else "failed"


def run_checks(
    path: Path, after_cell: Callable | None = None, environment: Mapping[str, str] | None = None
) -> list[Outcome]:
    """Run a notebook in a fresh kernel, as *Restart Kernel and Run All Cells* does, and watch its checks.

    Parameters
    ----------
    path : Path
        A released notebook, with or without answers. It is read and not written.
    after_cell : callable, optional
        Called after each cell, with nbclient's arguments of `on_cell_complete`.
    environment : mapping of str to str, optional
        Variables of the fresh kernel, besides those of this process.

    Returns
    -------
    list of Outcome
        One for each test cell that holds code, in the notebook's order.

    Raises
    ------
    ValueError
        If the file is missing, is no notebook, has no check, or ends the Python that runs it.
    """
    try:
        notebook = read_notebook(path)
    except ValueError as error:
        raise ValueError(f"{error}: name a file such as release/03-sgd/sgd.ipynb.") from None
    if not any(_is_check(cell) for cell in notebook.cells):
        raise ValueError(f"{path} holds no check: name one of the course's notebooks.")
    client = NotebookClient(
        notebook,
        timeout=SECONDS_A_CELL,
        interrupt_on_timeout=True,
        allow_errors=True,
        skip_cells_with_tag="slow",
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_complete=after_cell,
    )
    try:
        env = {**os.environ, **(environment or {})}
        client.execute(
            env=env, stderr=subprocess.DEVNULL
        )  # of the kernel; what cells print there is in the notebook
    except DeadKernelError:
        raise ValueError(f"{path} ended the Python that ran it: does a cell use up the memory?") from None
    outcomes: list[Outcome] = []
    answers: list[str] = []
    checked = False
    for cell in notebook.cells:
        if _is_check(cell):
            outcomes.append(Outcome(cell.metadata.nbgrader.grade_id, _error(cell), tuple(answers)))
            checked = True
        elif cell.cell_type == "code" and not cell.metadata.get("nbgrader", {}).get("locked"):
            if checked:  # here begins what the next checks look at
                answers, checked = [], False
            answers.append(cell.source)
    return outcomes


def _is_check(cell: NotebookNode) -> bool:
    """Whether a cell is a test that judges something here; the cell of hidden checks only announces them."""
    entry = cell.metadata.get("nbgrader", {})
    if cell.cell_type != "code" or not entry.get("grade") or entry.get("solution"):
        return False
    try:
        statements = ast.parse(cell.source).body
    except SyntaxError:
        return True
    if self_study.is_here():  # it runs them
        return bool(statements)
    return not all(ast.unparse(statement).startswith("hidden_checks(") for statement in statements)


def _error(cell: NotebookNode) -> str:
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            return COLOURS.sub("", f"{output.ename}: {output.evalue}")
    return ""


def _version(package: str) -> str:
    """The version of a package; most of the course works without some of them."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


def report(path: Path, outcomes: Sequence[Outcome]) -> str:
    """The text of a report: versions, every check, and for each that failed the answer it looked at."""
    lines = [
        f"Report on {path.name}",
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        ", ".join(f"{name} {_version(name)}" for name in PACKAGES),
        "",
        *(f"{outcome.verdict}  {outcome.check}" for outcome in outcomes),
    ]
    for outcome in outcomes:
        if outcome.verdict == "failed":
            lines += ["", f"=== {outcome.check} ===", outcome.error, "", "--- the cells in front of it ---"]
            lines.append("\n\n".join(outcome.answers))
    # Messages of Python and libraries may name a file, and with it whose computer this is.
    return "\n".join(lines).replace(str(Path.home()), "~") + "\n"


def write_report(path: Path, outcomes: Sequence[Outcome]) -> str:
    """Write the report on a notebook into the present folder.

    Returns
    -------
    str
        What to tell the person who asked for it.

    Raises
    ------
    ValueError
        If it cannot be written.
    """
    target = Path(f"report-{path.stem}.txt")
    try:
        target.write_text(report(path, outcomes), encoding="utf-8")
    except OSError as error:
        raise ValueError(
            f"{target.resolve()} cannot be written ({error.strerror}): run this in a folder in which you may."
        ) from None
    failed = sum(outcome.verdict == "failed" for outcome in outcomes)
    return (
        f"{failed} of {len(outcomes)} checks fail. {target} says which and why, and holds your answers to "
        "them: read it before you hand it to anybody."
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of `python -m course_utils.report`."""
    parser = argparse.ArgumentParser("python -m course_utils.report", description="Report on a notebook.")
    parser.add_argument("notebook", type=Path)
    path = parser.parse_args(arguments).notebook
    try:
        print(write_report(path, run_checks(path)))
    except ValueError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
