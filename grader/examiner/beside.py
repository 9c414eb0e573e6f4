"""How does a graded cell run that nothing can ask through the wall? In the process of the student's code.

Some test cells need more than plain data: a function that returns an axes, what a function prints, a module
beside the notebook. They run as nbgrader runs them, in the namespace of the student's cells, with a proof of
their end. That proof is as weak as nbgrader's: code written for the purpose can fake it. So only those cells
run here that the instructor's own answers fail from outside (``grader.run.rehearse``), in a sandbox of its
own, and what they show is the error alone: a student's code can read the cell while it runs.
"""

from __future__ import annotations

import secrets

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from grader.completion import MIME, take_proof, with_proof
from grader.examiner.allowance import Allowance
from grader.examiner.exchange import FORGED
from grader.examiner.outputs import error_output, plain_outputs, trouble_output
from grader.examiner.session import Session
from grader.examiner.test_cells import FAULTY
from grader.hidden_seeds import with_seed
from grader.record import Run
from grader.values.frames import WireError


class BesideBench:
    """Where test cells run in the student's process.

    Parameters
    ----------
    session : Session
        The conversation with that process.
    seed : int, optional
        From which hidden checks draw; by default from the numbers in their own source.
    """

    def __init__(self, session: Session, seed: int | None = None) -> None:
        self._session, self._seed = session, seed

    def run(self, name: str, source: str, count: int, allowance: Allowance) -> tuple[list[NotebookNode], Run]:
        """Run a test cell; parameters and results are those of ``grader.examiner.test_cells.Bench.run``."""
        session, nonce = self._session, secrets.token_hex(16)
        if self._seed is not None:
            source = with_seed(source, str(self._seed))
        session.begin_cell(allowance)
        try:
            raw = session.run_cell(with_proof(source, nonce), count)
        except (SyntaxError, ValueError) as error:
            return [], Run(None, FAULTY.format(error=error))
        try:
            cell = new_code_cell(outputs=[] if raw is None else plain_outputs(raw, count, {MIME}))
        except WireError as error:
            session.log.note(FORGED, f"{error}.")
            cell = new_code_cell()
        proof = take_proof(cell, nonce)
        if trouble := session.log.trouble:
            return [trouble_output(trouble.flag, trouble.sentence)], Run(None, trouble.sentence)
        errors = [
            error_output(output.ename, output.evalue)
            for output in cell.outputs
            if output.output_type == "error"
        ]
        return errors, Run(None if errors else proof)
