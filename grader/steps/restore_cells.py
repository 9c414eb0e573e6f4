"""How is a submission made whole before it is run: no cell mistaken, doubled or missing?

Copying, splitting and deleting cells happens in every class, and some editors drop metadata. None of it may
cost an honest student points, abort the batch or leave an exercise ungraded.
"""

from __future__ import annotations

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode, from_dict
from nbformat.v4.nbbase import random_cell_id
from nbgrader.api import Gradebook, SourceCell
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import DeduplicateIds, NbGraderPreprocessor, OverwriteCells

from grader.cells import given_sources, grade_id, is_untouched, official_metadata
from grader.cells_at_hand import cells_at_hand
from grader.gradebook.ledger import clear_auto_scores
from grader.record import Flag, add_flag, record, start_record
from grader.steps.work_beside import edited_cells, work_beside


class RestoreMetadata(NbGraderPreprocessor):
    """Give every cell of the unit the metadata that the instructor gave it, and other cells none.

    A cell is known by the ``grade_id`` in its metadata; where that is lost, by its id in the notebook, which
    `course build` makes equal to it. Without this a renamed, emptied or outdated entry fails the submission
    or the batch. It also starts the notebook's record and forgets scores of an earlier submission.
    """

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        start_record(nb)
        names = resources["nbgrader"]
        with Gradebook(names["db_url"]) as gradebook:
            clear_auto_scores(gradebook, names["assignment"], names["student"], names["notebook"])
            known = official_metadata(gradebook.find_notebook(names["notebook"], names["assignment"]))
        present = {grade_id(cell) for cell in nb.cells}
        for cell in nb.cells:
            identity = grade_id(cell)
            if identity not in known and cell.get("id") in known.keys() - present:
                identity = cell.id
                add_flag(nb, Flag.RESTORED)
            if identity in known:
                cell.metadata["nbgrader"] = NotebookNode(known[identity])
                # A tag such as skip-execution says how a cell is run; only the instructor decides that.
                cell.metadata.pop("tags", None)
            else:
                cell.metadata.pop("nbgrader", None)
        return nb, resources


class KeepOneOfEach(DeduplicateIds):
    """Of cells with the same id keep one as the graded cell; the others stay as ordinary cells.

    Of test cells the last counts: it runs after everything that the student wrote for it. Of the student's
    own cells the last that differs from what was handed out counts. nbgrader leaves an empty entry in the
    others, which aborts the whole batch with SchemaTooOldError.
    """

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        kept: dict[str, NotebookNode] = {}
        for cell in nb.cells:
            name = grade_id(cell)
            if name is None:
                continue
            if name not in kept:
                kept[name] = cell
                continue
            add_flag(nb, Flag.DUPLICATED)
            loser = cell if is_untouched(cell) and not is_untouched(kept[name]) else kept[name]
            kept[name] = cell if loser is kept[name] else kept[name]
            del loser.metadata["nbgrader"]
            self.log.warning("Cell '%s' exists several times", name)
        return nb, resources


class RestoreCells(OverwriteCells):
    """nbgrader's OverwriteCells that puts missing cells where the student's work for them has already run.

    It also records what was written beside a cell that is still as it was handed out.
    """

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        names, coursedir = resources["nbgrader"], _coursedir(self)
        with Gradebook(names["db_url"]) as gradebook:
            cells = gradebook.find_notebook(names["notebook"], names["assignment"]).source_cells
            locked = {cell.name: cell.source for cell in cells if cell.locked}
            handed_out = [cell.source for cell in cells]
        edited = edited_cells(nb, locked)
        nb, resources = super().preprocess(nb, resources)
        given = given_sources(coursedir, names["assignment"], names["notebook"]) if coursedir else []
        beside = work_beside(nb, [*given, *handed_out] if given else [], edited)
        near = {grade_id(nb.cells[place]) for places in beside.values() for place in places}
        record(nb)["beside"] = beside
        record(nb)["edited"] = {name: text for name, text in edited.items() if name in near}
        return nb, resources

    def add_missing_grade_cells(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Add each missing graded cell just before the unit's next cell that is there, or at the end.

        nbgrader adds it after the unit's previous cell, and raises KeyError if that one is missing, too.
        """
        notebook = self.gradebook.find_notebook(self.notebook_id, self.assignment_id)
        with cells_at_hand(notebook):
            points = {cell.name: cell.max_score for cell in notebook.grade_cells}
            answers = {cell.name for cell in notebook.solution_cells}
            source_cells = list(notebook.source_cells)
        for number, source_cell in enumerate(source_cells):
            name = source_cell.name
            if name not in points or name in _positions(nb):
                continue
            self.log.warning("Cell '%s' was missing and is added", name)
            add_flag(nb, Flag.RESTORED)
            cell = self.missing_cell_transform(source_cell, points[name], is_solution=name in answers)
            if (nb.nbformat, nb.nbformat_minor) >= (4, 5):
                cell["id"] = random_cell_id()
            before = {other.name for other in source_cells[:number]}
            after = {other.name for other in source_cells[number + 1 :]}
            nb.cells.insert(_place(_positions(nb), before, after, len(nb.cells)), cell)
        return nb, resources

    def missing_cell_transform(
        self, source_cell: SourceCell, max_score: float, is_solution: bool = False, is_task: bool = False
    ) -> NotebookNode:
        """The cell to add. A written answer is added as handed out, so that it counts as not answered."""
        cell = super().missing_cell_transform(source_cell, max_score, is_solution, is_task)
        if is_solution:
            cell.source = source_cell.source
        return from_dict(cell)  # nbgrader leaves plain dictionaries in it


def _coursedir(step: NbGraderPreprocessor) -> CourseDirectory | None:
    """The course in which a converter runs this step; None if no converter does."""
    converter = getattr(step.parent, "parent", None)
    return getattr(converter, "coursedir", None)


def _positions(nb: NotebookNode) -> dict[str, int]:
    return {name: number for number, cell in enumerate(nb.cells) if (name := grade_id(cell)) is not None}


def _place(positions: dict[str, int], before: set[str], after: set[str], end: int) -> int:
    """Where to insert a cell: before the next one, but after the previous, should cells have been moved."""
    first = max((at + 1 for name, at in positions.items() if name in before), default=0)
    return max(first, min((at for name, at in positions.items() if name in after), default=end))
