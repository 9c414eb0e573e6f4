"""Run test cells on the examiner's side, with proxies where the student's work is meant."""

from __future__ import annotations

import ast
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from time import monotonic
from types import CodeType
from typing import Any, NamedTuple

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

from grader.examiner.errors import CallFailed, student_frames
from grader.examiner.outputs import error_output, printed_outputs, trouble_output
from grader.examiner.own_time_limit import OvertimeError, time_limit
from grader.examiner.proxy import named
from grader.examiner.session import Session
from grader.names import used_names
from grader.record import Completion, Flag, Run
from grader.values.cell_frames import cell_frames

OVERTIME_SECONDS = 5.0  # after the end of a cell's time; longer than an interrupted call may take to stop
FAULTY = "The test cell itself is faulty ({error}): tell your instructor."
OVERTIME = (
    "The checks took too long with what the code returned: are its results much larger than they should be?"
)


@dataclass
class Bench:
    """The namespace of all test cells of a notebook.

    Attributes
    ----------
    session : Session
        The conversation with the student's process.
    imports : dict of str to str
        Import statement of each name that the unit's given cells import. Such a name in a test cell is the
        real thing and not what the student has made of it.
    folder : str
        An empty folder for the cells' temporary files.
    """

    session: Session
    imports: dict[str, str]
    folder: str
    _names: dict[str, Any] = field(default_factory=lambda: {"__name__": "__main__"})
    _wanted: set[str] = field(default_factory=set)
    _students: set[str] = field(default_factory=set)
    _cells: dict[str, tuple[int, list[str]]] = field(default_factory=dict)

    def run(self, name: str, source: str, count: int, deadline: float) -> tuple[list[NotebookNode], Run]:
        """Run a test cell.

        Parameters
        ----------
        name : str
            Its grade id.
        source : str
            The instructor's version; IPython syntax allowed.
        count : int
            Its execution count.
        deadline : float
            When it must be over, of ``time.monotonic``.

        Returns
        -------
        (list of output, Run)
            The outputs in nbformat's shape, and how it ended.
        """
        session, file = self.session, f"<test cell {name}>"
        session.begin_cell(deadline)
        try:
            code = _compiled(source, file)
        except (SyntaxError, ValueError) as error:
            return [], Run(None, FAULTY.format(error=error))
        self._cells[file] = count, source.splitlines()
        proof, errors = None, []
        out, err = _Printed(session, "stdout"), _Printed(session, "stderr")
        # The session itself stops what the student's side is slow with.
        seconds = max(deadline - monotonic(), 0) + OVERTIME_SECONDS
        try:
            with time_limit(seconds), redirect_stdout(out), redirect_stderr(err), _own_torch_seed():
                with _own_temporary_files(self.folder):
                    self._prepare(code.names)
                    exec(code.body, self._names)
                    value = eval(code.last, self._names) if code.last else None
            proof = _proof_of(value)
        except OvertimeError:
            session.log.note(Flag.TIMEOUT, OVERTIME)
        except CallFailed:
            pass  # noted where it was raised
        except Exception as error:
            frames = [*cell_frames(error.__traceback__, self._cells.get), *student_frames(error)]
            errors.append(error_output(type(error).__name__, str(error), frames))
        printed = printed_outputs(session.printed)
        if trouble := session.log.trouble:
            # Whatever the check made of a call that had no answer: it has proved nothing.
            return [*printed, trouble_output(trouble.flag, trouble.sentence)], Run(None, trouble.sentence)
        return [*printed, *errors], Run(None if errors else proof)

    def _prepare(self, names: frozenset[str]) -> None:
        """Define the names that this cell and the earlier ones take from the notebook, as they now are."""
        self._wanted |= names
        for name in self._students:
            self._names.pop(name, None)
        for name in sorted(self._wanted - self._names.keys() & self.imports.keys()):
            exec(self.imports[name], self._names)
        missing = sorted(self._wanted - self._names.keys())
        kinds = self.session.kinds(missing) if missing else {}
        self._students = {name for name, kind in kinds.items() if kind in ("callable", "value")}
        for name in self._students:
            is_function = kinds[name] == "callable"
            self._names[name] = named(self.session, name) if is_function else self.session.value(name)


class _Printed(io.TextIOBase):
    """Takes what a test cell prints, in one order with what the student's functions print."""

    def __init__(self, session: Session, name: str) -> None:
        self._session, self._name = session, name

    def write(self, text: str) -> int:
        self._session.printed.append((self._name, text))
        return len(text)


class _Code(NamedTuple):
    """A cell's code, that of its last expression if it ends in one, and the names that it takes."""

    body: CodeType
    last: CodeType | None
    names: frozenset[str]


@cache
def _compiled(source: str, file: str) -> _Code:
    """The code of a cell; the same for all submissions."""
    python = TransformerManager().transform_cell(source)
    tree = ast.parse(python, file)
    if not tree.body:
        raise ValueError("the test cell checks nothing")
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    expression = compile(ast.Expression(last.value), file, "eval", dont_inherit=True) if last else None
    return _Code(compile(tree, file, "exec", dont_inherit=True), expression, frozenset(used_names(python)))


def _proof_of(value: Any) -> Completion:
    return Completion(type(value).__name__, repr(value) if type(value) in (int, float) else "")


@contextmanager
def _own_temporary_files(folder: str) -> Iterator[None]:
    """Give a test cell a folder for its temporary files, which is empty again after it.

    Files there are sent to the student's process where their paths are; none but the cell's own may be.
    """
    before, tempfile.tempdir = tempfile.tempdir, folder
    try:
        yield
    finally:
        tempfile.tempdir = before
        for entry in os.scandir(folder):
            shutil.rmtree(entry) if entry.is_dir(follow_symlinks=False) else os.unlink(entry)


def _own_torch_seed():
    """Keep what a test cell does to torch's own generator to this cell."""
    torch = sys.modules.get("torch")
    return nullcontext() if torch is None else torch.random.fork_rng(devices=[])
