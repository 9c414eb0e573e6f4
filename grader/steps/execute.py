"""How is a submission run in one kernel, with proof of each test cell's end and a limit on all times?"""

from __future__ import annotations

import asyncio
import secrets
import subprocess
from time import monotonic

from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute
from traitlets import Bool, Dict, Float, List, Unicode

from grader.cells import TIMEOUT, is_left_out, is_test
from grader.completion import take_proof, with_proof
from grader.load import load_factor
from grader.record import Flag, Run, add_flag, runs


class GradedExecute(Execute):
    """nbgrader's Execute that proves that test cells ran, limits the total time and outlives the kernel.

    The proofs are kept in ``resources``, where neither the notebook's metadata nor its outputs reach.
    """

    total_timeout = Float(
        300.0, help="Seconds that all cells of a notebook may take together; later cells are not run."
    ).tag(config=True)

    visible_paths = List(
        Unicode(),
        help="Folders that students' code may read, besides the Python environment: absolute, or relative to "
        "the course. One with an __init__.py can be imported. (Used by `course grade`.)",
    ).tag(config=True)

    rehearse = Bool(
        True,
        help="Whether the instructor's own answers are graded first, and test cells that these pass only "
        "beside a student's code run there, as in nbgrader. (Used by `course grade`.)",
    ).tag(config=True)

    follow_through = Bool(
        False,
        help="Whether a test cell that uses an earlier exercise which failed its own test cells is run once "
        "more with the instructor's answer to that one; the better result counts. (Used by `course grade`.)",
    ).tag(config=True)

    error_on_timeout = Dict(
        {
            "ename": TIMEOUT,
            "evalue": "the cell was still running when its time was over; is there a loop that never ends?",
            "traceback": [f"{TIMEOUT}: the cell was still running when its time was over."],
        },
        help=Execute.error_on_timeout.help,
    ).tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict, km=None
    ) -> tuple[NotebookNode, ResourcesDict]:
        self._stopped = ""
        self._began, self._slowest = monotonic(), 1.0
        try:
            return super().preprocess(nb, resources, km)
        except KeyboardInterrupt:
            _end_tasks()
            raise

    def start_new_kernel(self, **kwargs) -> None:
        """Start the kernel with its own words (not those of the cells) kept off the terminal."""
        super().start_new_kernel(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **kwargs)

    def preprocess_cell(
        self, cell: NotebookNode, resources: ResourcesDict, index: int
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Run one cell; a test cell's outcome goes to ``resources``."""
        if cell.cell_type != "code" or is_left_out(cell):
            return cell, resources
        if not is_test(cell):
            self._execute_or_stop(cell, resources, index)
            return cell, resources
        nonce, original = secrets.token_hex(16), cell.source
        proof, problem = None, ""
        try:
            cell.source = with_proof(original, nonce)
        except (SyntaxError, ValueError) as error:
            problem = f"The test cell itself is faulty ({error}): tell your instructor."
        else:
            problem = self._execute_or_stop(cell, resources, index)
            proof = take_proof(cell, nonce)
        finally:
            cell.source = original
        runs(resources)[cell.metadata.nbgrader["grade_id"]] = Run(proof, problem)
        return cell, resources

    def _execute_or_stop(self, cell: NotebookNode, resources: ResourcesDict, index: int) -> str:
        """Run the cell if the kernel still can; return why it did not run to its end, or an empty string."""
        if not self._stopped and self._left_in_all() <= 0:
            total = self.total_timeout * self._slowest
            self._stopped = f"The notebook took more than {total:.3g} s in all; this cell was not run."
            add_flag(self.nb, Flag.TIMEOUT)
        if self._stopped:
            cell.outputs = []
            return self._stopped
        try:
            super().preprocess_cell(cell, resources, index)
        except DeadKernelError:
            add_flag(self.nb, Flag.KERNEL_DIED)
            return self._stop(cell, "The kernel died", "killed it or it ran out of memory")
        except CellTimeoutError:
            add_flag(self.nb, Flag.TIMEOUT)
            return self._stop(
                cell, "A cell went on after its time was over", "did not let itself be interrupted"
            )
        if any(
            output.output_type == "error" and output.ename == TIMEOUT for output in cell.get("outputs", [])
        ):
            add_flag(self.nb, Flag.TIMEOUT)
        return ""

    def _stop(self, cell: NotebookNode, what: str, why: str) -> str:
        here = f"{what} in this cell: its code {why}."
        self._stopped = f"{what} in an earlier cell; this cell was not run."
        cell.outputs.append(new_output("error", ename="KernelStopped", evalue=here, traceback=[here]))
        return here

    def _get_timeout(self, cell: NotebookNode | None) -> float | None:
        """Seconds for this cell: its own limit, or what is left of the notebook's."""
        timeout = super()._get_timeout(cell)
        left = max(self._left_in_all(), 0.1)
        return left if timeout is None else min(timeout * self._slowest, left)

    def _left_in_all(self) -> float:
        """Seconds that are left for all cells, on the machine as slow as it was seen to be."""
        self._slowest = max(self._slowest, load_factor())
        return self._began + self.total_timeout * self._slowest - monotonic()


def _end_tasks() -> None:
    """End the tasks that nbclient leaves waiting after Ctrl-C; Python would complain of each at its exit."""
    loop = ensure_event_loop()
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
