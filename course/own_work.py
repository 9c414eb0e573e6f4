"""What do all checks say of one's own notebook? They run as for a class, and nothing is entered anywhere.

The unit is released into a temporary folder with a gradebook of its own. The course's gradebook, and what was
handed in, graded and fed back there, are neither read nor written.
"""

from __future__ import annotations

import io
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbconvert.filters import strip_ansi
from nbformat import NotebookNode
from nbgrader import utils
from rich.table import Table
from rich.text import Text

from authoring.lesson import Unit, find_units
from authoring.release import generate
from grader.cells import by_grade_id, grade_id, is_test, is_untouched
from grader.course_api import nbgrader_api
from grader.course_folder import CourseError, read_config, sqlite_url, visible_paths
from grader.feedback.outline import read_outline
from grader.feedback.page import Row, rows
from grader.feedback.states import FRAME, State
from grader.gradebook.ledger import open_gradebook
from grader.intake.catalogue import read_catalogue
from grader.intake.errors import UnfitSubmission
from grader.intake.submissions import Submission
from grader.intake.take_in import take_in
from grader.run.convert import log_to
from grader.run.official import read_official
from grader.run.worker import run, warm_up
from grader.task import NotebookScores, Outcome, Task

FOLDER = "checked"
_FUNCTION = re.compile(r"Cell\s+In\[\d+\], line \d+, in (\w+)")
_POINTED_AT = re.compile(r"^-+> +(\d+) (.+)$", re.MULTILINE)
WHO = "you"  # where a class has the names of its students


@dataclass(frozen=True)
class OwnWork:
    """A notebook of somebody's own, and the unit that it is of."""

    unit: Unit
    path: Path


@dataclass(frozen=True)
class Judged:
    """What came out: a row for each exercise, and the feedback page."""

    work: OwnWork
    rows: list[Row]
    page: bytes

    @property
    def summary(self) -> str:
        """How many of the points that checks decide were reached."""
        decided = [row for row in self.rows if not row.exercise.written]
        reached, all_ = sum(row.points for row in decided), sum(row.exercise.points for row in decided)
        words = sum(row.exercise.points for row in self.rows) - all_
        more = f" {words:g} more are for answers in words, which no check can read." if words else ""
        return f"{reached:g} of the {all_:g} points that checks decide.{more}"


def own_work(root: Path, names: Sequence[str]) -> list[OwnWork]:
    """The notebooks that are meant by names of units or paths; without any, all that were begun.

    Raises
    ------
    CourseError
        If there is no such unit or notebook, it is no notebook of this course, or nothing is written yet.
    """
    units = find_units(root)
    if names:
        return [_named(name, units) for name in names]
    there = [OwnWork(unit, unit.released_notebook) for unit in units if unit.released_notebook.is_file()]
    begun = [work for work in there if _is_begun(_read(work.path))]
    if not begun:
        raise CourseError(
            f"No notebook in {root / 'release'} has an answer in it yet. Write one and save, or name a "
            f"notebook: course check {units[0].name}."
        )
    return begun


def _named(name: str, units: list[Unit]) -> OwnWork:
    by_name = {unit.name: unit for unit in units}
    if name in by_name:
        return OwnWork(by_name[name], by_name[name].released_notebook)
    path = Path(name)
    if path.suffix != ".ipynb":
        raise CourseError(
            f"There is no unit {name!r}. The units are: {', '.join(by_name)}. Or name a notebook, such as "
            "my-copy.ipynb."
        )
    cells = {grade_id(cell) for cell in _read(path).cells} - {None}
    shared = {unit.name: len(cells & set(by_grade_id(_read(unit.notebook)))) for unit in units}
    best = max(shared, key=lambda unit: shared[unit])
    if not shared[best]:
        raise CourseError(f"{path} holds no exercise of this course: name one of its notebooks.")
    return OwnWork(by_name[best], path)


def _read(path: Path) -> NotebookNode:
    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise CourseError(f"{path} does not exist: name a notebook such as my-copy.ipynb.") from None
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, AttributeError, UnicodeDecodeError):
        raise CourseError(f"{path} is no notebook: name a file that JupyterLab opens as one.") from None


def _is_begun(nb: NotebookNode) -> bool:
    return any(utils.is_solution(cell) and not is_untouched(cell) for cell in nb.cells)


def why_no_sandbox(root: Path) -> str:
    """Why this machine has no sandbox, with what follows; empty if it has one."""
    follows = "so your notebook runs as you, in a process of its own, as it does in JupyterLab."
    if shutil.which("bwrap") is None:
        return f"There is no sandbox here (bubblewrap, on Linux), {follows}"
    if problem := warm_up(str(root), visible_paths(read_config(root), root), True, None):
        return f"The sandbox does not start here, {follows} It says: {problem}"
    return ""


def judge(work: OwnWork, isolated: bool) -> Judged:
    """Run all checks on a notebook, as it was saved.

    Parameters
    ----------
    work : OwnWork
        The notebook.
    isolated : bool
        Whether it runs in the sandbox.

    Raises
    ------
    CourseError
        If it cannot be judged; the message says why.
    """
    unit, name = work.unit, work.unit.slug
    _read(work.path)
    # What nbgrader has to say is for instructors.
    with log_to(io.StringIO()), tempfile.TemporaryDirectory(prefix="own-work-") as place:
        folder = Path(place)
        database = sqlite_url(folder / "gradebook.db")
        generate(unit, folder, database)
        api = nbgrader_api(unit.root, db_url=database, release_directory=str(folder / "release"))
        api.config.FeedbackExporter.alone = True
        own = folder / "submitted" / WHO / unit.name
        own.mkdir(parents=True)
        shutil.copyfile(work.path, own / f"{name}.ipynb")
        with open_gradebook(api.coursedir) as gradebook:
            official = read_official(api, gradebook, unit.name)
            catalogue = read_catalogue(gradebook, api.coursedir)
        try:
            taken = take_in(Submission(unit.name, WHO, own), api.coursedir, catalogue)
        except UnfitSubmission as error:
            raise CourseError(f"{work.path} cannot be checked: {error}") from None
        outcome = run(Task(WHO, official, taken.files, {}, ""), isolated)
    if outcome.problem:
        raise CourseError(f"{work.path} cannot be checked: {outcome.problem}")
    return Judged(work, _rows(outcome, work.unit), outcome.pages[name])


def _rows(outcome: Outcome, unit: Unit) -> list[Row]:
    nb = nbformat.reads(outcome.notebooks[unit.slug].decode(), as_version=4)
    _write_scores(nb, outcome.scores[unit.slug])
    _leave_own_frames(nb)
    return rows(nb, read_outline(unit.notebook))


def _write_scores(nb: NotebookNode, scores: NotebookScores) -> None:
    """Note in each graded cell what it got, as the feedback page has it from a gradebook."""
    for name, cell in by_grade_id(nb).items():
        if name in scores.points:
            points = scores.points[name]
            cell.metadata.nbgrader["score"] = points or 0.0
            cell.metadata.nbgrader["waits"] = points is None


def _leave_own_frames(nb: NotebookNode) -> None:
    """Take the test cells' own frames out of their tracebacks, as the feedback page does."""
    tests = [cell for cell in nb.cells if is_test(cell)]
    runs = {str(cell.execution_count) for cell in tests}
    for cell in tests:
        for output in cell.outputs:
            if output.output_type == "error":
                frames = ((FRAME.match(strip_ansi(entry)), entry) for entry in output.traceback)
                output.traceback = [entry for frame, entry in frames if not frame or frame[1] not in runs]


def table(judged: Judged) -> Table:
    """The exercises of a notebook: how each went, its points, and what the checks say."""
    shown = Table(title=str(judged.work.path.name), title_justify="left", box=None, padding=(0, 2, 0, 0))
    shown.add_column()
    shown.add_column("exercise", max_width=40)
    shown.add_column("points", no_wrap=True)
    shown.add_column("what the checks say")
    for row in judged.rows:
        points = "" if row.exercise.written else f"{row.points:g} of {row.exercise.points:g}"
        shown.add_row(_sign(row), Text(_title(row)), points, Text(_said(row, judged.work.unit)))
    return shown


def _sign(row: Row) -> str:
    """✓ right, ✗ not right, ○ not written yet, ✎ an answer in words."""
    signs = {State.FULL: "✓", State.UNTOUCHED: "○", State.WAITS: "✎"}
    return signs.get(row.state, "✗")


def _title(row: Row) -> str:
    return row.exercise.title.removeprefix("Exercise ").removeprefix("Question ")


def _said(row: Row, unit: Unit) -> str:
    if row.state is State.FULL:
        return ""
    if row.state is State.WAITS:
        return f"no check can read that; a model answer is in source/{unit.name}/lesson.py"
    if row.state is State.UNTOUCHED:
        return "not written yet"
    # Of several the first: they mostly say the same, and the page has them all.
    return f"{row.findings[0].sentence}{_own_line(row)}" if row.findings else row.state


def _own_line(row: Row) -> str:
    """The line of one's own that the first finding's frame points at, as the end of a sentence."""
    frame = row.findings[0].frame
    line, function = _POINTED_AT.search(frame), _FUNCTION.match(frame)
    if not line:
        return ""
    # The frame may be that of another exercise's function, or of a helper, which the exercise calls.
    elsewhere = function and function[1] not in (row.exercise.name, *row.exercise.answers)
    where = f"line {line[1]} of your {function[1]}" if function and elsewhere else f"your line {line[1]}"
    return f" in {where}: {line[2].strip()}"


def write_page(root: Path, judged: Judged) -> Path:
    """Write the feedback page to ``checked/``, and nowhere near those of a class."""
    page = root / FOLDER / f"{judged.work.unit.name}.html"
    page.parent.mkdir(exist_ok=True)
    page.write_bytes(judged.page)
    return page
