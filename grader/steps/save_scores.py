"""How many points does a test cell give? None unless it demonstrably ran to its end without an error."""

from __future__ import annotations

import copy
import math
import re
from dataclasses import dataclass, replace

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import SaveAutoGrades

from grader.cells import is_test
from grader.record import Completion, Flag, Run, add_flag, describe, record, runs
from grader.steps.work_beside import tests_of

# The autograder's comment, in the place of "No response."
BESIDE = "This cell is as it was handed out. What stands in the cell beside it may be the answer."
_UNDEFINED = re.compile(r"name '(\w+)' is not defined")


@dataclass(frozen=True)
class Verdict:
    """Points of a test cell, and why they are not the maximum (empty if they are)."""

    points: float
    reason: str = ""


class SaveScores(SaveAutoGrades):
    """nbgrader's SaveAutoGrades with scores that fail closed and reasons that are kept.

    nbgrader gives a test cell without output the maximum, believes the first number that was displayed, gives
    the maximum for NaN, negative numbers and whatever is not a number, and stops at a number above the
    maximum. It takes a line on stderr, such as a warning, for a failure; here it is noted and costs nothing.
    It gives 0 to a written answer in another cell than the marked one; here that waits for a person.
    """

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        self._nb = nb
        nb, resources = super().preprocess(nb, resources)
        reasons = record(nb)["reasons"]
        if any(reasons.keys() & tests_of(nb, name) for name in self._beside()):
            add_flag(nb, Flag.BESIDE)
        return nb, resources

    def _beside(self) -> dict[str, list[int]]:
        return record(self._nb)["beside"]

    def _add_comment(self, cell: NotebookNode, resources: ResourcesDict) -> None:
        super()._add_comment(cell, resources)
        name = cell.metadata.nbgrader["grade_id"]
        if name in self._beside():
            of = name, self.notebook_id, self.assignment_id, self.student_id
            self.gradebook.find_comment(*of).auto_comment = BESIDE
            self.gradebook.db.commit()

    def _add_score(self, cell: NotebookNode, resources: ResourcesDict) -> None:
        if not is_test(cell):
            super()._add_score(cell, resources)
            if (name := cell.metadata.nbgrader["grade_id"]) in self._beside():
                grade = self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id)
                grade.auto_score, grade.needs_manual_grade = None, True
                self.gradebook.db.commit()
                add_flag(self._nb, Flag.BESIDE)
            return
        name, maximum = cell.metadata.nbgrader["grade_id"], float(cell.metadata.nbgrader["points"])
        verdict = judge(cell, runs(resources).get(name, Run(None)), maximum)
        if verdict.reason:
            verdict = replace(verdict, reason=verdict.reason + _why_undefined(self._nb, cell))
        # nbgrader's own bookkeeping (manual scores, review marks) is kept: it is shown a cell whose only
        # output says the points.
        stand_in = copy.deepcopy(cell)
        stand_in.outputs = [new_output("execute_result", {"text/plain": repr(verdict.points)})]
        super()._add_score(stand_in, resources)
        if verdict.reason:
            record(self._nb)["reasons"][name] = verdict.reason
            if not _errors(cell):
                said = f"{verdict.points:g} of {maximum:g} points. {verdict.reason}\n"
                cell.outputs.append(new_output("stream", name="stdout", text=said))
        if any(output.output_type == "stream" and output.name == "stderr" for output in cell.outputs):
            add_flag(self._nb, Flag.STDERR)


def judge(cell: NotebookNode, run: Run, maximum: float) -> Verdict:
    """The points of an executed test cell.

    Parameters
    ----------
    cell : NotebookNode
        With the outputs of its run.
    run : Run
        What was seen of its end.
    maximum : float
        Points that the cell is worth.
    """
    errors = _errors(cell)
    if errors:
        # A cell that was interrupted shows KeyboardInterrupt first and the reason last.
        return Verdict(0.0, describe(errors[-1]))
    if run.proof is None:
        return Verdict(0.0, run.problem or "The checks of this cell were not seen to run to their end.")
    return _partial(run.proof, maximum)


def _why_undefined(nb: NotebookNode, test: NotebookNode) -> str:
    """Where a test met a name that is not defined, because its cell failed: what that cell's error was."""
    for error in _errors(test)[-1:]:
        name = _UNDEFINED.fullmatch(error.evalue) if error.ename == "NameError" else None
        for cell in nb.cells:
            if not name or cell.metadata.get("nbgrader", {}).get("grade_id") != name.group(1):
                continue
            # IPython stops at it, and says so on standard error alone.
            if magic := _magic_below_the_first_line(cell.source):
                return f": its cell stopped at {magic}, which has to be the first line of its cell"
            if _errors(cell):
                return f": its cell stopped with {describe(_errors(cell)[-1])}"
    return ""


def _magic_below_the_first_line(source: str) -> str:
    """The cell magic, such as ``%%time``, that stands below a comment or code; empty if there is none."""
    first, *others = [line.strip() for line in source.splitlines() if line.strip()] or [""]
    if first.startswith("%%"):
        return ""
    return next((line.split()[0] for line in others if line.startswith("%%")), "")


def _errors(cell: NotebookNode) -> list[NotebookNode]:
    return [output for output in cell.get("outputs", []) if output.output_type == "error"]


def _partial(proof: Completion, maximum: float) -> Verdict:
    if proof.type_name == "NoneType":
        return Verdict(maximum)
    if not proof.number:
        return Verdict(
            0.0, f"The checks returned a value of type {proof.type_name}, which is not a number of points."
        )
    points = float(proof.number)
    if not (math.isfinite(points) and 0 <= points <= maximum):
        return Verdict(
            0.0, f"The checks returned {proof.number}, which is not between 0 and {maximum:g} points."
        )
    return Verdict(points, "" if points == maximum else f"The checks gave {points:g} of {maximum:g} points.")
