"""What do a course's notebooks hold for grading, and what in them is not ready to be graded?"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import MissingEntry
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import find_all_files
from sqlalchemy import make_url

from course.findings import Finding, Level
from grader.course_folder import CONFIG_FILE
from grader.gradebook.ledger import open_gradebook
from grader.names import python_of
from grader.people import GLOB_CHARACTERS
from grader.steps.execute import is_test
from grader.steps.restore_cells import grade_id

# The version of nbgrader's cell metadata.
SCHEMA = 3
# Marks a comment that nbgrader replaces by tests when it generates the assignment.
AUTOTEST = "AUTOTEST"
# Expressions whose value is neither nothing nor a number of points: a cell that ends in one gives no points.
NO_POINTS = (ast.Compare, ast.BoolOp, ast.JoinedStr, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.Lambda)


def survey(api: NbGraderAPI) -> list[Finding]:
    """Look at every unit in ``source/``; nothing is run and nothing is changed.

    Parameters
    ----------
    api : NbGraderAPI
        Of the course folder.
    """
    root = Path(api.coursedir.root)
    findings = [*_course_id(api.coursedir.course_id), *_json_config(root)]
    folders = [path for path in sorted((root / "source").iterdir()) if any(path.glob("*.ipynb"))]
    if not folders:
        sentence = "It holds no unit: put notebooks into source/UNIT/NOTEBOOK.ipynb."
        findings.append(Finding("source", Level.MISSING, sentence))
    for folder in folders:
        findings += _survey_unit(folder, api.coursedir)
    return findings


def _course_id(course_id: str) -> Iterator[Finding]:
    if not course_id:
        yield Finding(
            "course_id",
            Level.WARN,
            "Not set, so nbgrader's exchange does not work; grading does. If students fetch and submit with "
            f"nbgrader, set c.CourseDirectory.course_id in {CONFIG_FILE}.",
        )


def _json_config(root: Path) -> Iterator[Finding]:
    """A file that nbgrader's own commands read after ours, and that `course grade` does not read."""
    path = root / Path(CONFIG_FILE).with_suffix(".json")
    if path.exists():
        yield Finding(
            path.name,
            Level.WARN,
            f"nbgrader's own commands take it over {CONFIG_FILE}, and `course grade` does not read it: move "
            f"its settings to {CONFIG_FILE}.",
        )


def _survey_unit(folder: Path, coursedir: CourseDirectory) -> list[Finding]:
    """What a unit holds, and then what is not ready."""
    problems: list[Finding] = []
    cells: list[NotebookNode] = []
    notebooks = sorted(folder.glob("*.ipynb"))
    for path in notebooks:
        shown = f"source/{folder.name}/{path.name}"
        if GLOB_CHARACTERS & set(shown):
            sentence = "nbgrader takes * ? [ ] in a name for a pattern: rename it."
            problems.append(Finding(shown, Level.MISSING, sentence))
        nb = _read(path)
        if isinstance(nb, str):
            problems.append(Finding(shown, Level.MISSING, nb))
            continue
        problems += [Finding(shown, level, sentence) for level, sentence in _problems(nb, shown)]
        cells += [cell for cell in nb.cells if _is_graded(cell)]
    if not cells:
        sentence = (
            "No cell gives points: in JupyterLab mark cells as tests or manually graded answers "
            "(View > Create assignment), then run `nbgrader generate_assignment`."
        )
        problems.append(Finding(folder.name, Level.WARN, sentence))
    problems += _not_released(folder, notebooks, cells, coursedir)
    files = find_all_files(str(folder), [*coursedir.ignore, "*.ipynb"])
    beside = sorted(str(Path(file).relative_to(folder)) for file in files)
    automatic = sum(_points(cell) for cell in cells if is_test(cell))
    by_hand = sum(map(_points, cells)) - automatic
    sentence = (
        f"{_number(len(notebooks), 'notebook')}, {_number(len(cells), 'graded cell')}, "
        f"{automatic:g} points by tests and {by_hand:g} by hand"
        + (f"; files beside the notebooks: {', '.join(beside)}." if beside else ".")
    )
    return [Finding(folder.name, Level.OK, sentence), *problems]


def _read(path: Path) -> NotebookNode | str:
    """A notebook, or a sentence that says why it is none."""
    try:
        return nbformat.read(path, as_version=4)
    except OSError as error:
        return f"It cannot be read ({error.strerror}): make it readable."
    except Exception as error:  # nbformat raises whatever the content leads to: KeyError, AttributeError, …
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        return f"It is not a notebook ({said}): open it in JupyterLab and save it, or restore it."


def _problems(nb: NotebookNode, shown: str) -> Iterator[tuple[Level, str]]:
    """What in a notebook keeps it from being graded, or grades it in a way that nobody wants."""
    kernel = nb.metadata.get("kernelspec", {})
    if kernel.get("language", "python") != "python":
        yield Level.MISSING, f"Its kernel is {kernel.get('name')!r}; only notebooks in Python can be graded."
    elif kernel.get("name", "python3") not in ("python3", "python"):
        yield (
            Level.WARN,
            f"Its kernel is {kernel.get('name')!r}; it is graded with the Python that runs `course`: install "
            "there what it imports.",
        )
    marked = [cell for cell in nb.cells if grade_id(cell) is not None]
    old = [cell for cell in marked if cell.metadata.nbgrader.get("schema_version", 0) < SCHEMA]
    if old:
        yield Level.MISSING, f"Its cells are marked in an old format: run `nbgrader update {shown}`."
    for name, times in Counter(map(grade_id, marked)).items():
        if times > 1:
            yield Level.MISSING, f"{times} cells have the grade id {name!r}: give each its own."
    for cell in filter(is_test, [] if old else marked):
        for said in _test_problems(cell.source):
            yield Level.WARN, f"Test cell {grade_id(cell)!r} {said}"


def _test_problems(source: str) -> Iterator[str]:
    if any(line.lstrip().startswith("#") and AUTOTEST in line for line in source.splitlines()):
        return  # `nbgrader generate_assignment` writes this cell's tests
    try:
        statements = ast.parse(python_of(source)).body
    except SyntaxError as error:
        yield f"is not valid Python (line {error.lineno}): it gives no points."
        return
    if not statements:
        yield "has no statement: it gives no points."
    elif isinstance(statements[-1], ast.Expr) and isinstance(statements[-1].value, NO_POINTS):
        ends = ast.unparse(statements[-1])
        yield f"ends in {ends!r}, which is not a number of points: write `assert` before it, or take it out."


def _not_released(
    folder: Path, notebooks: list[Path], cells: list[NotebookNode], coursedir: CourseDirectory
) -> Iterator[Finding]:
    """Whether the gradebook knows the unit as it is in ``source/``."""
    unit = folder.name
    is_lesson = (folder / "lesson.py").is_file()
    command = f"course release {unit}" if is_lesson else f"nbgrader generate_assignment {unit}"
    again = command if is_lesson else f"{command} --force"
    known = _source_cells(coursedir, unit)
    if not known:
        yield Finding(
            unit, Level.WARN, f"It is not in the gradebook yet, so it is not graded: run `{command}`."
        )
        return
    new = {name for cell in cells if (name := grade_id(cell)) is not None} - known.keys()
    if new:
        names = ", ".join(map(repr, sorted(new)))
        yield Finding(unit, Level.WARN, f"Cells that the gradebook does not know: {names}: run `{again}`.")
    for name, source in known.items():
        if any(line.lstrip().startswith("#") and AUTOTEST in line for line in (source or "").splitlines()):
            sentence = f"The tests of {name!r} were not written: run `{again}` with nbgrader's own steps."
            yield Finding(unit, Level.MISSING, sentence)


def _source_cells(coursedir: CourseDirectory, unit: str) -> dict[str, str]:
    """The source of each cell of a unit that the gradebook knows; no gradebook is made to look."""
    database = make_url(coursedir.db_url)
    if database.drivername == "sqlite" and not Path(database.database or "").is_file():
        return {}
    with open_gradebook(coursedir) as gradebook:
        try:
            notebooks = gradebook.find_assignment(unit).notebooks
        except MissingEntry:
            return {}
        return {cell.name: cell.source for notebook in notebooks for cell in notebook.source_cells}


def _is_graded(cell: NotebookNode) -> bool:
    return grade_id(cell) is not None and (utils.is_grade(cell) or utils.is_task(cell))


def _points(cell: NotebookNode) -> float:
    return float(cell.metadata.nbgrader.get("points") or 0)


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
