"""Release a unit: nbgrader makes the student's version, which shows nothing that students must not see."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

import nbformat
from nbgrader import utils

from authoring.expand import expand
from authoring.lesson import NOT_FOR_STUDENTS, Role, Unit, read_lesson
from grader.cells import grade_id, is_test, is_untouched
from grader.course_api import nbgrader_api
from grader.course_folder import CourseError, sqlite_url
from grader.course_secret import CourseSecret
from grader.gradebook.ledger import open_gradebook
from grader.hidden_seeds import class_seed, with_seed
from grader.markers import BEGIN_HIDDEN, BEGIN_SOLUTION, END_HIDDEN, END_SOLUTION, TELLING_LENGTH

MARKERS = (BEGIN_SOLUTION, END_SOLUTION, BEGIN_HIDDEN, END_HIDDEN)


class LeakError(CourseError):
    """A released file shows students what they must not see."""


def release(unit: Unit, secret: CourseSecret | None = None) -> Path:
    """Write ``release/<unit>/`` and enter the unit into the gradebook.

    nbgrader writes into a temporary folder first: a version that leaks never reaches ``release/``.

    Parameters
    ----------
    unit : Unit
        Its notebook in ``source/`` must have been built.
    secret : CourseSecret, optional
        The course's. If it has a salt, the gradebook's hidden checks draw from the seed of that class.

    Returns
    -------
    Path
        The released notebook.

    Raises
    ------
    LeakError
        If the student's version shows a solution, a hidden check, a model answer or a lesson script.
    CourseError
        If somebody works in ``release/``, where the new version would replace what they wrote, or if nbgrader
        fails; then the message ends in its log.
    """
    _refuse_to_replace_work(unit)
    with tempfile.TemporaryDirectory() as folder:
        seed = class_seed(secret.key) if secret and secret.salt else None
        made = generate(unit, Path(folder), seed=seed)
        target = unit.released_notebook.parent
        # Beside the old version first: a full disk must not leave students without any.
        fresh = target.with_name(f".{target.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(made, fresh)
        if target.exists():
            shutil.rmtree(target)
        fresh.rename(target)
    return unit.released_notebook


def _refuse_to_replace_work(unit: Unit) -> None:
    """Raise if the released folder holds more than a release: whoever learns alone may write there."""
    notebook = unit.released_notebook
    others = [
        path
        for path in notebook.parent.rglob("*")
        if path.is_file() and path != notebook and ".ipynb_checkpoints" not in path.parts
    ]
    if others:
        raise CourseError(
            f"{others[0]} is not part of a release, and a new one would delete it: move it elsewhere first."
        )
    if notebook.exists() and (answered := answered_cells(notebook)):
        raise CourseError(
            f"{notebook} has answers in it ({', '.join(answered)}), and a new release would replace them: "
            "move it elsewhere first."
        )


def answered_cells(notebook: Path) -> list[str]:
    """The grade ids of the cells in which somebody has written what was not handed out.

    Raises
    ------
    CourseError
        If the file is no notebook.
    """
    try:
        cells = nbformat.read(notebook, as_version=4).cells
    except ValueError as error:
        raise CourseError(f"{notebook} is no notebook ({error}): move it elsewhere first.") from None
    return [grade_id(cell) or "" for cell in cells if utils.is_solution(cell) and not is_untouched(cell)]


def generate(unit: Unit, folder: Path, db_url: str | None = None, seed: int | None = None) -> Path:
    """The student's version of a unit, checked for leaks, in ``folder``.

    Parameters
    ----------
    unit : Unit
        Its notebook in ``source/`` must have been built.
    folder : Path
        An empty folder.
    db_url : str, optional
        Gradebook that the unit is entered into; the course's own by default.
    seed : int, optional
        From which the hidden checks in the gradebook draw; by default from the numbers in their source.
    """
    if not unit.notebook.is_file():
        raise CourseError(f"{unit.notebook} does not exist: run `course build` first")
    options = {"release_directory": str(folder / "release")} | ({"db_url": db_url} if db_url else {})
    if seed is not None:
        options["source_directory"] = str(_seeded_source(unit, folder / "source", seed))
    api = nbgrader_api(unit.root, **options)
    with open_gradebook(api.coursedir):
        pass  # nbgrader would make one that everybody can read, and it holds the hidden checks
    result = api.generate_assignment(unit.name, force=True, create=True)
    made = folder / "release" / unit.name
    # nbgrader's exit status says little (a failed conversion may be a success): look at what it made.
    if not result["success"] or not (made / unit.notebook.name).is_file():
        raise CourseError(
            f"nbgrader could not make the student's version of {unit.name}:\n{result.get('log', '')}"
        )
    leaks = find_leaks(unit, made)
    if leaks:
        raise LeakError(
            f"{unit.name} is not released, it would leak:\n" + "\n".join(f"- {leak}" for leak in leaks)
        )
    return made


def _seeded_source(unit: Unit, folder: Path, seed: int) -> Path:
    """A copy of the unit's folder in ``source/`` whose hidden checks draw from a seed."""
    shutil.copytree(unit.notebook.parent, folder / unit.name)
    path = folder / unit.name / unit.notebook.name
    nb = nbformat.read(path, as_version=4)
    for cell in filter(is_test, nb.cells):
        cell.source = with_seed(cell.source, str(seed))
    nbformat.write(nb, path)
    return folder


def is_fresh(unit: Unit) -> bool:
    """Whether ``release/`` holds, byte for byte, what `course release` would write."""
    with tempfile.TemporaryDirectory() as folder:
        made = generate(unit, Path(folder), sqlite_url(Path(folder) / "gradebook.db"))
        return _contents(made) == _contents(unit.released_notebook.parent)


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def find_leaks(unit: Unit, folder: Path) -> list[str]:
    """What the released folder of a unit shows that students must not see, a sentence a leak."""
    secrets = secret_lines(unit)
    leaks = []
    for path in sorted(folder.rglob("*")):
        if path.is_dir():
            continue
        if path.suffix == ".py":
            leaks.append(f"{path.name}: a script is in the student's folder")
        text = path.read_text(encoding="utf-8", errors="replace")
        sources = (
            [c.source for c in nbformat.reads(text, as_version=4).cells]
            if path.suffix == ".ipynb"
            else [text]
        )
        for number, source in enumerate(sources, 1):
            leaks += [f"{path.name}, cell {number}: {leak}" for leak in _leaks_of(source, secrets)]
    return leaks


def _leaks_of(source: str, secrets: dict[str, str]) -> list[str]:
    found = [f"the marker '{marker}'" for marker in MARKERS if marker in source]
    found += [f"an import of {room}" for room in forbidden_imports(source)]
    found += [f"{secrets[line]}: {line}" for line in map(_bare, source.splitlines()) if line in secrets]
    return found


def forbidden_imports(source: str) -> list[str]:
    """Packages that text imports and students do not have, also by `importlib` or below other code.

    Prose is no import: "from the course", "import course_utils" and "from tests of taste" name none.
    """
    packages = "|".join(sorted(NOT_FOR_STUDENTS))
    dotted = r"[\w.]+(?:[ \t]+as[ \t]+\w+)?"
    patterns = (
        # After a line's beginning, or a ":" or ";" within it.
        rf"(?:^|[;:])[ \t]*from[ \t]+({packages})(?:\.[\w.]+)?[ \t]+import\b",
        rf"(?:^|[;:])[ \t]*import[ \t]+(?:{dotted}[ \t]*,[ \t]*)*({packages})(?:\.[\w.]+)?"
        rf"(?:[ \t]+as[ \t]+\w+)?[ \t]*(?:$|[,;#\\])",
        rf"import\w*\([ \t]*['\"]({packages})['\".]",
    )
    return [match.group(1) for pattern in patterns for match in re.finditer(pattern, source, re.MULTILINE)]


def secret_lines(unit: Unit) -> dict[str, str]:
    """Lines that must not be in a student's hands, each with what it is a line of.

    A line that the lesson shows openly as well (``import numpy as np``, a loop over epochs) is no secret,
    unless the lesson shows half of a solution or more in this way.
    """
    secrets, shown = {}, set()
    for cell in read_lesson(unit.lesson):
        source = expand(unit, cell)
        lines = {_bare(line) for line in source.splitlines()}
        if cell.role is Role.EXERCISE:
            secrets[f"a line of the solution of {cell.title}"] = _region(source, BEGIN_SOLUTION, END_SOLUTION)
        elif cell.role is Role.ANSWER:
            secrets[f"a line of the model answer {cell.title}"] = lines
        else:
            inside = _region(source, BEGIN_HIDDEN, END_HIDDEN)
            secrets[f"a line of the hidden checks in {cell.title}"] = inside
            shown |= lines - inside
    return {line: owner for owner, lines in secrets.items() for line in _kept_secret(owner, lines, shown)}


def _kept_secret(owner: str, lines: set[str], shown: set[str]) -> set[str]:
    telling = {line for line in lines if _is_telling(line)}
    gives_away = "solution" in owner and 2 * len(telling & shown) >= len(telling)
    return telling if gives_away else telling - shown


def _is_telling(line: str) -> bool:
    """Whether a line says how something is solved: "else:" does not, nor "return pd.DataFrame("."""
    return len(line) >= TELLING_LENGTH and line[-1] not in "([{"


def _region(source: str, begin: str, end: str) -> set[str]:
    """The lines between the markers."""
    pieces = [piece.partition(end)[0] for piece in source.split(begin)[1:]]
    return {_bare(line) for piece in pieces for line in piece.splitlines()}


def _bare(line: str) -> str:
    """A line without what hides it from comparison: indentation, a "#" in front, a comment behind."""
    return re.sub(r"\s{2}#.*$", "", line).strip().lstrip("#").strip()
