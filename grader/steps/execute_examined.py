"""How do the examiner and a sandbox take the place of the autograde step that runs a notebook?"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from time import perf_counter

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.api import Gradebook, Notebook
from nbgrader.preprocessors import NbGraderPreprocessor

from grader.cells import by_grade_id, grade_id, is_test, official_metadata
from grader.examiner.examine import Examined, examine, examine_beside
from grader.examiner.limits import ExaminerLimits
from grader.examiner.plan import given_imports, test_sources
from grader.files import beside_notebooks
from grader.hidden_seeds import submission_seed
from grader.load import ceiling
from grader.names import used_names
from grader.record import Flag, Run, add_flag, record, runs
from grader.sandbox import Room, Sandbox
from grader.steps.execute import GradedExecute
from grader.steps.follow_through import SecondTry, answers_in, second_try
from grader.steps.save_scores import judge

# The instructor's version of each notebook, which nobody changes, by what it is made of.
_officials: dict[tuple[str, str, bytes], NotebookNode] = {}


class ExaminedExecute(NbGraderPreprocessor):
    """Takes the place of ``GradedExecute``: test cells do not run where the student's code runs.

    Parameters
    ----------
    sandbox : Sandbox
        Where the student's code runs.
    source : Path
        The folder with the instructor's notebooks.
    digest : str
        Of the instructor's version of the unit.
    beside : mapping of str to set of str
        By notebook, the graded cells that run in the student's process (``grader.run.rehearse``).
    key : bytes
        From which the submission's seed is derived; without it hidden checks draw from their own numbers.

    Attributes
    ----------
    seconds : dict of str to float
        Where the time went.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        source: Path,
        digest: str,
        beside: Mapping[str, Set[str]],
        key: bytes = b"",
        **kwargs,
    ) -> None:
        # Whatever the configuration says of all steps: without this one no cell would have run.
        super().__init__(**kwargs, enabled=True)
        self._sandbox, self._source, self._digest = sandbox, source, digest
        self._beside, self._key = beside, key
        self.seconds: dict[str, float] = {}

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        names = resources["nbgrader"]
        official = self._official(names["db_url"], names["assignment"], names["notebook"])
        beside = self._beside.get(names["notebook"], frozenset())
        files = _files_beside(Path(resources["metadata"]["path"]))
        limits, seed = self._limits(), self._seed(nb, files)
        with self._room(files) as room:
            examined = examine(nb, official, room, limits, beside, seed)
        self._note(examined, resources, examined.runs.keys())
        if beside:
            with self._room(files) as room:
                again = examine_beside(nb, official, room, limits, beside, seed)
            self._note(again, resources, beside)
            outputs = {grade_id(cell): cell.outputs for cell in again.notebook.cells if is_test(cell)}
            for cell in examined.notebook.cells:
                if is_test(cell) and grade_id(cell) in beside:
                    cell.outputs = outputs[grade_id(cell)]
        for flag in dict.fromkeys([*examined.flags, *(again.flags if beside else ())]):
            add_flag(examined.notebook, flag)
        if beside:
            add_flag(examined.notebook, f"{Flag.CHECKED_BESIDE}: {len(beside)} of its cells")
        if GradedExecute(config=self.config).follow_through:
            answers = answers_in(self._source / f"{names['notebook']}.ipynb")
            lost = {name for name, cell in _tests(examined.notebook).items() if _falls_short(cell, resources)}
            if second := second_try(nb, official, answers, lost - beside):
                with self._room(files) as room:
                    others = test_sources(official).keys() - second.said.keys()
                    followed = examine(second.notebook, official, room, limits, others, seed)
                self._count_better(examined, followed, second, resources)
        return examined.notebook, resources

    def _count_better(
        self, examined: Examined, followed: Examined, second: SecondTry, resources: ResourcesDict
    ) -> None:
        """Let the second run of a test cell count where it is worth more, and say so in the cell."""
        before, after = _tests(examined.notebook), _tests(followed.notebook)
        for name, said in second.said.items():
            maximum = float(before[name].metadata.nbgrader["points"])
            first = judge(before[name], runs(resources).get(name, Run(None)), maximum).points
            run = followed.runs.get(name, Run(None))
            if judge(after[name], run, maximum).points > first:
                runs(resources)[name] = run
                before[name].outputs = [new_output("stream", name="stdout", text=said)]
                record(examined.notebook).setdefault("followed", {})[name] = said
        for name, seconds in followed.seconds.items():
            self._took(name, seconds)

    def _seed(self, nb: NotebookNode, files: Mapping[str, bytes]) -> int | None:
        """The submission's seed: the same whenever it is graded, and another for another hand-in."""
        if not self._key:
            return None
        sources = [cell.source for cell in nb.cells if cell.cell_type == "code" and not is_test(cell)]
        return submission_seed(self._key, sources, files)

    @contextmanager
    def _room(self, files: dict[str, bytes]) -> Iterator[Room]:
        """A room of its own for the student's code, with these files in it."""
        # The examiner knows when the time is over. This is the end if the examiner itself is stuck.
        job = replace(self._sandbox.limits, wall_seconds=ceiling() * self._sandbox.limits.wall_seconds)
        start = perf_counter()
        with self._sandbox.open(files, job) as room:
            self._took("room", perf_counter() - start)
            yield room
            start = perf_counter()
        self._took("room", perf_counter() - start)

    def _note(self, examined: Examined, resources: ResourcesDict, names: Set[str]) -> None:
        runs(resources).update({name: run for name, run in examined.runs.items() if name in names})
        for name, seconds in examined.seconds.items():
            self._took(name, seconds)

    def _official(self, db_url: str, unit: str, name: str) -> NotebookNode:
        path = self._source / f"{name}.ipynb"
        key = (self._digest, name, path.read_bytes() if path.is_file() else b"")
        if key not in _officials:
            with Gradebook(db_url) as gradebook:
                official = official_notebook(gradebook.find_notebook(name, unit), path)
            import_for_checks(official)
            _officials[key] = official
        return _officials[key]

    def _took(self, name: str, seconds: float) -> None:
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds

    def _limits(self) -> ExaminerLimits:
        """The limits of the course's configuration, which hold for nbgrader's own command as well."""
        configured = GradedExecute(config=self.config)
        return ExaminerLimits(
            call=min(ExaminerLimits.call, configured.timeout),
            cell=configured.timeout,
            total=configured.total_timeout,
        )


def _tests(nb: NotebookNode) -> dict[str, NotebookNode]:
    return {name: cell for name, cell in by_grade_id(nb).items() if is_test(cell)}


def _falls_short(cell: NotebookNode, resources: ResourcesDict) -> bool:
    maximum = float(cell.metadata.nbgrader["points"])
    run = runs(resources).get(cell.metadata.nbgrader["grade_id"], Run(None))
    return judge(cell, run, maximum).points < maximum


def import_for_checks(official: NotebookNode) -> None:
    """Import what the test cells of a unit import, before any cell's time runs.

    PyTorch takes seconds. Were they to count as a student's, and the time to end in the middle of the import,
    this process would be left with half a library, which fails in all submissions to come.
    """
    given = given_imports(official)
    for source in test_sources(official).values():
        _import_for(source, tuple(sorted(given.items())))


@cache
def _import_for(source: str, given: tuple[tuple[str, str], ...]) -> None:
    try:
        tree, names = ast.parse(source), used_names(source)
    except SyntaxError:  # the examiner says so
        return
    statements = [
        ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    for statement in [*statements, *(imported for name, imported in given if name in names)]:
        with suppress(Exception):  # the check itself will say so
            exec(statement, {})


def _files_beside(folder: Path) -> dict[str, bytes]:
    """The other files of the submission, with the instructor's in the place of those of the same name."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return beside_notebooks({str(path.relative_to(folder)): path.read_bytes() for path in paths})


def official_notebook(notebook: Notebook, source: Path) -> NotebookNode:
    """The instructor's version of a notebook: the cells of ``source/``, as they were when it was released.

    Parameters
    ----------
    notebook : Notebook
        As the gradebook has it: it decides what the graded cells say.
    source : Path
        The notebook in ``source/``: it has the given cells and the order. It may be missing.
    """
    known, metadata = {cell.name: cell for cell in notebook.source_cells}, official_metadata(notebook)
    cells = nbformat.read(source, as_version=4).cells if source.is_file() else []
    cells = [cell for cell in cells if grade_id(cell) is None or grade_id(cell) in known]
    for name in known.keys() - {grade_id(cell) for cell in cells}:
        new_cell = new_code_cell if known[name].cell_type == "code" else new_markdown_cell
        cells.append(new_cell(metadata={"nbgrader": {"grade_id": name}}))
    for cell in cells:
        if (name := grade_id(cell)) is not None:
            cell.source = known[name].source
            cell.metadata["nbgrader"] = NotebookNode(metadata[name])
    return new_notebook(cells=cells)
