"""Run test cells on the examiner's side, with proxies where the student's work is meant."""

from __future__ import annotations

import ast
import builtins
import io
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from types import CodeType
from typing import Any, NamedTuple

from nbformat import NotebookNode

from grader.examiner.allowance import Allowance
from grader.examiner.errors import CallFailed, student_frames
from grader.examiner.exchange import FORGED
from grader.examiner.outputs import error_output, printed_outputs, trouble_output
from grader.examiner.own_time_limit import OvertimeError, time_limit
from grader.examiner.session import Session
from grader.examiner.test_namespace import TestNamespace
from grader.examiner.withheld import NO_ANSWER, Withheld, frames_told, is_hidden
from grader.hidden_seeds import with_seed
from grader.names import defined_names, python_of, used_names
from grader.record import Completion, Flag, Run
from grader.values.cell_frames import cell_frames

SUBMISSION_SEED = "__submission_seed__"  # a global name of the test cells alone
BY_STRING = {"globals", "locals", "vars", "dir", "eval"}  # they find a name that the code has as a string
OVERTIME_SECONDS = 5.0  # after the end of a cell's time; longer than an interrupted call may take to stop
FAULTY = "The test cell itself is faulty ({error}): tell your instructor."
OVERTIME = (
    "The checks took too long with what the code returned: are its results much larger than they should be?"
)


@dataclass
class Bench:
    """Where all test cells of a notebook run.

    Attributes
    ----------
    session : Session
        The conversation with the student's process.
    names : TestNamespace
        The global names of the cells.
    folder : str
        An empty folder for the cells' temporary files.
    seed : int, optional
        From which hidden checks draw; by default from the numbers in their own source.
    """

    session: Session
    names: TestNamespace
    folder: str
    seed: int | None = None
    _wanted: set[str] = field(default_factory=set)
    _cells: dict[str, tuple[int, list[str]]] = field(default_factory=dict)

    def run(self, name: str, source: str, count: int, allowance: Allowance) -> tuple[list[NotebookNode], Run]:
        """Run a test cell.

        Parameters
        ----------
        name : str
            Its grade id.
        source : str
            The instructor's version; IPython syntax allowed.
        count : int
            Its execution count.
        allowance : Allowance
            Its time.

        Returns
        -------
        (list of output, Run)
            The outputs in nbformat's shape, and how it ended.
        """
        session, file = self.session, f"<test cell {name}>"
        session.begin_cell(allowance)
        try:
            code = _compiled(source, file, self.seed is not None)
        except (SyntaxError, ValueError) as error:
            return [], Run(None, FAULTY.format(error=error))
        self._cells[file] = count, source.splitlines()
        proof, errors, hidden = None, [], is_hidden(source)
        self.names[SUBMISSION_SEED] = self.seed
        out, err = _Printed(session, "stdout"), _Printed(session, "stderr")
        try:
            # The session itself stops what the student's side is slow with.
            with time_limit(allowance, OVERTIME_SECONDS), _own_torch_seed(), _own_builtins():
                with redirect_stdout(out), redirect_stderr(err), _own_temporary_files(self.folder):
                    with session.draws_alone():
                        self._wanted |= code.names | (code.assigned & self.names.unit_names)
                        self.names.begin(self._wanted)
                        exec(code.body, self.names)
                        value = eval(code.last, self.names) if code.last else None
            proof = _proof_of(value)
        except OvertimeError:
            session.log.note(Flag.TIMEOUT, OVERTIME)
        except CallFailed:
            pass  # noted where it was raised
        except KeyboardInterrupt:
            raise
        # pytest.fail and sys.exit raise what is no Exception: that ends the cell, not the grader.
        except BaseException as error:
            if self.names.defined_here(_missed_by_student(error)):
                session.log.add_flag(Flag.OUT_OF_REACH)
            errors.append(self._told(error) if hidden else self._shown(error))
        printed = [] if hidden else printed_outputs(session.printed)
        if trouble := session.log.trouble:
            # Whatever the check made of a call that had no answer: it has proved nothing.
            sentence = NO_ANSWER if hidden and trouble.flag == FORGED else trouble.sentence
            return [*printed, trouble_output(trouble.flag, sentence)], Run(None, sentence)
        return [*printed, *errors], Run(None if errors else proof)

    def _shown(self, error: BaseException) -> NotebookNode:
        """The error output of a visible check."""
        frames = [*cell_frames(error.__traceback__, self._cells.get), *student_frames(error)]
        return error_output(type(error).__name__, str(error), frames)

    def _told(self, error: BaseException) -> NotebookNode:
        """The error output of a hidden check, in which the student's code does not say what it saw."""
        withheld = Withheld(self.session.raised, self.names.unit_names.__contains__)
        frames = cell_frames(error.__traceback__, self._cells.get)
        frames += frames_told(student_frames(error), self.session.lines)
        return error_output(withheld.kind(type(error).__name__), withheld.sentence(error), frames)


class _Printed(io.TextIOBase):
    """Takes what a test cell prints, in one order with what the student's functions print."""

    def __init__(self, session: Session, name: str) -> None:
        self._session, self._name = session, name

    def write(self, text: str) -> int:
        self._session.printed.append((self._name, text))
        return len(text)


class _Code(NamedTuple):
    """A cell's code, that of its last expression if it ends in one, and its names."""

    body: CodeType
    last: CodeType | None
    names: frozenset[str]  # that it takes from the notebook
    assigned: frozenset[str]


@cache
def _compiled(source: str, file: str, seeded: bool) -> _Code:
    """The code of a cell; the same for all submissions, whose seed is a global name of it."""
    python = python_of(source)
    tree = ast.parse(with_seed(python, SUBMISSION_SEED) if seeded else python, file)
    if not tree.body:
        raise ValueError("the test cell checks nothing")
    last, expression = tree.body[-1], None
    if isinstance(last, ast.Expr):
        tree.body.pop()
        expression = compile(ast.Expression(last.value), file, "eval", dont_inherit=True)
    body = compile(tree, file, "exec", dont_inherit=True)
    return _Code(body, expression, _names_taken(python), frozenset(defined_names(python)))


def _names_taken(python: str) -> frozenset[str]:
    """Names that a cell takes from the notebook: those it uses, deletes, or looks for in `globals()`."""
    names, nodes = used_names(python), list(ast.walk(ast.parse(python)))
    names |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del)}
    if any(isinstance(node, ast.Name) and node.id in BY_STRING for node in nodes):
        texts = {node.value for node in nodes if isinstance(node, ast.Constant)}
        names |= {text for text in texts if isinstance(text, str) and text.isidentifier()}
        names -= set(dir(builtins))
    return frozenset(names)


def _missed_by_student(error: BaseException) -> str:
    """The name that the student's code found undefined; empty if that was not the matter."""
    found = re.fullmatch(r"name '(\w+)' is not defined", str(error)) if student_frames(error) else None
    return found[1] if found and isinstance(error, NameError) else ""


@contextmanager
def _own_builtins() -> Iterator[None]:
    """Keep what a test cell does to Python's builtins to this cell: other submissions are graded here."""
    before = dict(vars(builtins))
    try:
        yield
    finally:
        vars(builtins).update(before)
        for name in vars(builtins).keys() - before.keys():
            delattr(builtins, name)


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
