"""How is one submission examined? Its own cells run in its process, the graded cells run in this one."""

from __future__ import annotations

import copy
import tempfile
from collections import defaultdict
from collections.abc import Set
from dataclasses import dataclass
from time import monotonic

from nbformat import NotebookNode
from nbformat.v4 import new_output

from grader.cells import grade_id, is_test
from grader.examiner.allowance import Allowance
from grader.examiner.beside import BesideBench
from grader.examiner.exchange import FORGED
from grader.examiner.limits import ExaminerLimits
from grader.examiner.outputs import MAX_OF_NOTEBOOK, characters, plain_outputs, trouble_output
from grader.examiner.plan import given_imports, running_order, test_sources, unit_names, visible_definitions
from grader.examiner.session import Session
from grader.examiner.test_cells import Bench
from grader.examiner.test_namespace import TestNamespace
from grader.examiner.transport import StudentRoom
from grader.record import Flag, Run
from grader.values.frames import WireError

NOT_KEPT = "[The outputs of this cell are not kept: the notebook's take too much room.]\n"


@dataclass(frozen=True)
class Examined:
    """What came out; plain data, which can be sent to another process.

    Attributes
    ----------
    notebook : NotebookNode
        The submission with the outputs of all cells that were run.
    runs : dict of str to Run
        How each test cell ended, by grade id, as ``grader.steps.save_scores`` wants it.
    flags : tuple of str
        What an instructor may want to know.
    seconds : dict of str to float
        Time spent in cells of the student's (``student``) and in test cells (``examiner``).
    """

    notebook: NotebookNode
    runs: dict[str, Run]
    flags: tuple[str, ...]
    seconds: dict[str, float]


def examine(
    nb: NotebookNode,
    official: NotebookNode,
    room: StudentRoom,
    limits: ExaminerLimits | None = None,
    without: Set[str] = frozenset(),
    seed: int | None = None,
) -> Examined:
    """Run a submission; its graded cells run here, outside of the student's process.

    Parameters
    ----------
    nb : NotebookNode
        The submission, made whole by the preprocessors of ``grader.steps.restore_cells``. It stays as it is.
    official : NotebookNode
        The instructor's version of the unit's notebook, hidden checks included.
    room : StudentRoom
        A fresh process for the student's code; the caller ends it.
    limits : ExaminerLimits, optional
        Times and sizes.
    without : set of str
        Graded cells that are passed over, for example because `examine_beside` runs them.
    seed : int, optional
        From which hidden checks draw their data (``grader.hidden_seeds``); by default from the numbers in
        their source.

    Notes
    -----
    Test cells print to ``sys.stdout``, which is redirected while they run: examine one submission at a time
    in a process.
    """
    limits = limits or ExaminerLimits()
    with tempfile.TemporaryDirectory() as folder:
        session = Session(room, limits)
        names = TestNamespace(session, unit_names(official), given_imports(official))
        graded = test_sources(official).keys() - without
        bench = Bench(session, names, folder, seed)
        return _Examination(nb, official, session, limits, bench, graded).result()


def examine_beside(
    nb: NotebookNode,
    official: NotebookNode,
    room: StudentRoom,
    limits: ExaminerLimits,
    beside: Set[str],
    seed: int | None = None,
) -> Examined:
    """Run a submission, and the graded cells of ``beside`` in the student's process, too; see `examine`."""
    session = Session(room, limits)
    return _Examination(nb, official, session, limits, BesideBench(session, seed), beside).result()


class _Examination:
    """One submission while it is examined; of the graded cells, those named in ``graded`` run."""

    def __init__(
        self,
        nb: NotebookNode,
        official: NotebookNode,
        session: Session,
        limits: ExaminerLimits,
        bench: Bench | BesideBench,
        graded: Set[str],
    ) -> None:
        self.nb, self.session, self._limits = copy.deepcopy(nb), session, limits
        self.runs: dict[str, Run] = {}
        self.seconds: dict[str, float] = defaultdict(float)
        self._official, self._sources = official, test_sources(official)
        self._unit_names = unit_names(official)
        self._bench, self._graded = bench, graded
        self._left = MAX_OF_NOTEBOOK
        for cell in self.nb.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None

    def result(self) -> Examined:
        """What comes out when all cells were run in their order."""
        for count, position in enumerate(running_order(self.nb, self._official), 1):
            self.run(self.nb.cells[position], count)
        return Examined(self.nb, self.runs, tuple(map(str, self.session.log.flags)), dict(self.seconds))

    def run(self, cell: NotebookNode, count: int) -> None:
        """Run a cell, on the side where it belongs."""
        started, log, test = monotonic(), self.session.log, is_test(cell)
        if not log.ended and self.session.whole.left() <= 0:
            log.ended = f"The notebook took more than {self._limits.total:g} s in all; this cell was not run."
            log.note(Flag.TIMEOUT, log.ended)
        if log.ended:
            if test and grade_id(cell) in self._graded:
                self.runs[grade_id(cell) or ""] = Run(None, log.ended)
            return
        cell.execution_count = count
        if test:
            self._run_test(cell, count)
        else:
            cell.outputs = self._run_students(cell.source, count)
        self.seconds["examiner" if test else "student"] += monotonic() - started

    def _run_test(self, cell: NotebookNode, count: int) -> None:
        name = grade_id(cell) or ""
        source = self._sources.get(name)
        if source is None:
            self.runs[name] = Run(None, "The unit has no such test cell.")
            return
        cell.source = source
        if name in self._graded:
            cell.outputs, self.runs[name] = self._bench.run(name, source, count, self._of_a_cell())
        definitions = visible_definitions(source, self._unit_names)
        if definitions and not self.session.log.ended:
            self._run_students(definitions, count)

    def _of_a_cell(self) -> Allowance:
        return self.session.whole.part(self._limits.cell)

    def _run_students(self, source: str, count: int) -> list[NotebookNode]:
        self.session.begin_cell(self._of_a_cell())
        raw = self.session.run_cell(source, count)
        outputs = []
        if raw is not None:
            try:
                outputs = self._kept(plain_outputs(raw, count))
            except WireError as error:
                self.session.log.note(FORGED, f"{error}.")
        if trouble := self.session.log.trouble:
            outputs.append(trouble_output(trouble.flag, trouble.sentence))
        return outputs

    def _kept(self, outputs: list[NotebookNode]) -> list[NotebookNode]:
        """A cell's outputs, as long as those of the whole notebook are not too many."""
        if (size := characters(outputs)) > self._left:
            return [new_output("stream", name="stderr", text=NOT_KEPT)]
        self._left -= size
        return outputs
