"""What may a student's feedback page show? Every message, and none of the hidden checks' source.

nbgrader's page prints the hidden checks, in the cell and in tracebacks. Both are cut here. Output in which a
student's own code prints the checks in plain words is cut, too; code that disguises them first is not
recognised. ``page`` makes the page itself.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.filters import strip_ansi
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.preprocessors import ClearHiddenTests, GetGrades
from traitlets import List, Unicode

from grader.cells import is_test
from grader.feedback.states import FRAME
from grader.gradebook.ledger import waits
from grader.markers import TELLING_LENGTH
from grader.record import describe, record

NOTICE = "# Hidden checks ran here; their source is not shown."
STDERR_LABEL = "[standard error: shown for your information, it costs no points]\n"
CUT = "[a line of the hidden checks is not shown]"
# Stands for what is to be cut while lines are looked for.
_MARK = "\0"


class ShowGrades(GetGrades):
    """nbgrader's GetGrades with what it leaves unsaid.

    A written answer that nobody has graded yet has 0 points in nbgrader's eyes: here it says ``waits``. A
    word stands above what was written to standard error.
    """

    def preprocess_cell(
        self, cell: NotebookNode, resources: ResourcesDict, cell_index: int
    ) -> tuple[NotebookNode, ResourcesDict]:
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        if utils.is_grade(cell) and utils.is_solution(cell):
            name = cell.metadata.nbgrader["grade_id"]
            grade = self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id)
            if waits(grade):
                cell.metadata.nbgrader["waits"] = True
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr":
                output.text = STDERR_LABEL + output.text
        return cell, resources


def keep_pages_only(assignment: str, student: str, notebooks: list[str]) -> None:
    """nbgrader's hook after a page is written: take away the copies of what else the student handed in.

    nbgrader puts them beside the page, which needs none of them: a student's ``notes.html`` would run its
    scripts for whoever opens it there.

    Parameters
    ----------
    assignment, student : str
        As nbgrader has them, possibly patterns; the paths say which they are.
    notebooks : list of str
        Paths of the autograded notebooks of one submission, ``…/<step>/<student>/<unit>/<notebook>.ipynb``.
    """
    graded = Path(notebooks[0]).parent
    folder = graded.parents[2] / "feedback" / graded.parent.name / graded.name
    pages = {f"{Path(notebook).stem}.html" for notebook in notebooks}
    for entry in folder.iterdir():
        if entry.name not in pages:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


class HideHiddenChecks(ClearHiddenTests):
    """Replace hidden checks by one line, and cut their lines out of all outputs and tracebacks."""

    enforce_metadata = False
    # HTMLExporter configures it for all preprocessors; nbgrader's base class makes a warning of that.
    display_data_priority = List(Unicode()).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        names = resources["nbgrader"]
        with Gradebook(names["db_url"]) as gradebook:
            notebook = gradebook.find_notebook(names["notebook"], names["assignment"])
            secrets = self._hidden_lines([cell.source for cell in notebook.source_cells])
        tests = {str(cell.execution_count) for cell in nb.cells if is_test(cell)}
        for cell in nb.cells:
            if is_test(cell) and self.begin_test_delimeter in cell.source:
                name = cell.metadata.nbgrader["grade_id"]
                told = record(nb)["reasons"].get(name, ""), record(nb).get("followed", {}).get(name, "")
                cell.outputs = [output for output in cell.outputs if _is_of_grader(output, *told)]
        nb, resources = super().preprocess(nb, resources)
        written = {line.strip() for cell in nb.cells for line in cell.source.splitlines()}
        for cell in nb.cells:
            for output in cell.get("outputs", []):
                _cut_output(output, tests, secrets - written, is_test(cell))
        reasons = record(nb)["reasons"]
        reasons.update({name: _cut_lines(reason, secrets - written) for name, reason in reasons.items()})
        return nb, resources

    def _remove_hidden_test_region(self, cell: NotebookNode) -> bool:
        # Only the instructor's cells: a student may have typed a marker, even without its end.
        if not is_test(cell):
            return False
        lines = cell.source.split("\n")
        marks = [number for number, line in enumerate(lines) if self.begin_test_delimeter in line]
        for number in reversed(marks):
            lines.insert(number, NOTICE)
        cell.source = "\n".join(lines)
        return super()._remove_hidden_test_region(cell)

    def _hidden_lines(self, sources: list[str]) -> set[str]:
        hidden = set()
        for source in sources:
            for piece in source.split(self.begin_test_delimeter)[1:]:
                region = piece.partition(self.end_test_delimeter)[0]
                hidden |= {line.strip() for line in region.splitlines()}
        return {line for line in hidden if len(line) >= TELLING_LENGTH}


def _is_of_grader(output: NotebookNode, reason: str, followed: str) -> bool:
    """Whether an output of hidden checks is their end, or on the points; all others a student's code wrote.

    It knows the checks' data while they run.
    """
    if output.output_type == "error":
        return True
    if output.output_type != "stream":
        return False
    return (bool(followed) and output.text == followed) or (
        bool(reason) and output.text.endswith(f" points. {reason}\n")
    )


def _cut_output(output: NotebookNode, tests: set[str], secrets: set[str], of_test: bool) -> None:
    """Take the hidden checks out of one output, in place."""
    if output.output_type == "error":
        frames = [entry for entry in output.traceback[:-1] if _is_shown(strip_ansi(entry), tests, of_test)]
        output.traceback = [*frames, describe(output)] if of_test else [*frames, *output.traceback[-1:]]
        output.traceback = [_cut_lines(entry, secrets) for entry in output.traceback]
        output.evalue = _cut_lines(output.evalue, secrets)
    elif output.output_type == "stream":
        output.text = _cut_lines(output.text, secrets)
    else:
        for kind, data in output.data.items():
            if isinstance(data, str):
                output.data[kind] = _cut_lines(data, secrets)


def _is_shown(entry: str, tests: set[str], of_test: bool) -> bool:
    """Whether a student may see an entry of a traceback.

    Of a test cell's traceback that is each frame in a cell of the student's; of other tracebacks all but the
    test cells' frames.
    """
    frame = FRAME.match(entry)
    return not of_test if frame is None else frame.group(1) not in tests


def _cut_lines(text: str, secrets: set[str]) -> str:
    # The line may be coloured, numbered, quoted or part of a longer one: look for it anywhere. No colour
    # reaches over the end of a line, so that both have the same lines.
    plain = strip_ansi(text)
    found = [secret for secret in secrets if secret in plain]
    if not found:
        return text
    plain = plain.replace(_MARK, " ")
    for secret in found:
        # One pass over the text for each: an output may have a million lines.
        plain = plain.replace(secret, _MARK)
    lines = zip(plain.split("\n"), text.split("\n"), strict=True)
    return "\n".join(CUT if _MARK in stripped else line for stripped, line in lines)
