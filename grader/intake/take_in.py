"""What are the files of a submission, or why can it not be graded?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

from nbgrader.coursedir import CourseDirectory

from grader.intake.beside_notebook import beside_nothing, names_in_folder, work_passed_over
from grader.intake.catalogue import Catalogue, HandedOut, claimed_id
from grader.intake.choose import Candidate, Choice, choose, look_at
from grader.intake.errors import UnfitSubmission
from grader.intake.json_values import check_total
from grader.intake.kinds import ARCHIVE, archives_among
from grader.intake.notebook import looks_like_notebook, write_cells
from grader.intake.passed_over import left_out
from grader.intake.submissions import MAX_BYTES, MAX_FILES, Submission, too_much
from grader.intake.tree import Folder, open_first
from grader.people import GLOB_CHARACTERS, MARKUP
from grader.shown_text import listed, printable
from grader.times import EXAMPLE, TIMESTAMP, TimeError, read_time_of_file, write_time

# A file or folder that may be meant as such: Windows hides the suffix, and adds it a second time.
_LIKE_A_TIME = re.compile(r"time[-_ ]?stamp *(?:\.\w+)*(?:/|$)", re.IGNORECASE)

# A computer's clock may be wrong by some hours, as of another zone.
_CLOCKS_DIFFER = timedelta(days=1)

# Files by their path, relative to the student's folder.
Files = dict[PurePosixPath, bytes]


@dataclass(frozen=True)
class TakenIn:
    """A submission that can be graded: its files, by relative path, and what was decided about them."""

    files: dict[str, bytes]
    notes: tuple[str, ...] = ()


def take_in(submission: Submission, coursedir: CourseDirectory, catalogue: Catalogue) -> TakenIn:
    """The files of a submission that can be graded, each notebook in a form that can be read.

    Files that the course ignores and notebooks that are not graded are left out; the latter are named.

    Raises
    ------
    UnfitSubmission
        If nbgrader cannot grade it, or would grade it as something else.
    """
    _check_name(submission)
    _check_rivals(submission)
    files = _read(submission, coursedir)
    own = PurePosixPath(submission.folder.name)
    candidates = _candidates(submission, files, catalogue)
    try:
        choices = _choose(submission, files, candidates, catalogue)
    except UnfitSubmission as error:
        hidden = work_passed_over(submission, coursedir, catalogue)
        raise UnfitSubmission(f"{error} {hidden}." if hidden else str(error)) from None
    notes: list[str] = []
    if own.name != submission.unit and any(own in path.parents for path in files):
        notes.append(f"{submission.shown} was graded as {submission.unit}")
    taken, time_in = _inside(own, files), own
    graded: dict[PurePosixPath, HandedOut] = {}
    for notebook, choice in choices:
        notes += choice.notes
        graded[choice.candidate.path] = notebook
        beside = _inside(choice.candidate.path.parent, files)
        taken |= beside
        time_in = choice.candidate.path.parent if PurePosixPath(TIMESTAMP) in beside else time_in
    notebooks = {}
    for each in candidates:
        if each.path in graded:
            notebooks[f"{graded[each.path].name}.ipynb"] = _as_handed_out(each, graded[each.path])
        elif _is_to_be_named(each, submission, notes):
            notes.append(_not_graded(each, submission.unit))
    if not any(choice.answers for choice in candidates if choice.path in graded):
        notes += beside_nothing(submission, files, coursedir)
        notes += filter(None, [work_passed_over(submission, coursedir, catalogue)])
    others = {str(path): content for path, content in taken.items() if path.suffix.lower() != ".ipynb"}
    shown = submission.shown.parent.joinpath(*map(printable, time_in.parts))
    notes += [
        f"{shown / printable(name)} was not read as the time of handing in: if it says that, it has to be a "
        f"file called {TIMESTAMP}"
        for name in others
        if name != TIMESTAMP and _LIKE_A_TIME.match(name)
    ]
    # nbgrader writes and reads files of these names.
    in_the_way = {
        name for name in others if name.partition("/")[0] in {TIMESTAMP, *notebooks} and "/" in name
    }
    if in_the_way:
        others = {name: content for name, content in others.items() if name not in in_the_way}
        notes.append(f"left out, as a folder has the name of a file: {listed(sorted(in_the_way))}")
    if TIMESTAMP in others:
        when = _time_in(shown / TIMESTAMP, others[TIMESTAMP])
        others[TIMESTAMP] = write_time(when).encode()
        if when > datetime.now(UTC).replace(tzinfo=None) + _CLOCKS_DIFFER:
            notes.append(
                f"{shown / TIMESTAMP} says {write_time(when)[:16]} UTC, which is still to come: correct it, "
                "as a penalty for late work rests on it"
            )
    return TakenIn(others | notebooks, tuple(notes))


def _check_name(submission: Submission) -> None:
    folder, id = submission.folder.parent.name, submission.student
    if (shown := printable(folder)) != folder:
        raise UnfitSubmission(
            f"The folder name '{shown}' holds a line break, a control character, one that nobody sees or "
            "bytes that are not UTF-8: rename it."
        )
    # The results go to folders of the id. Where no class list has another spelling, it is the folder's name.
    what, remedy = f"The folder name '{folder}'", "rename it"
    if folder != id:
        what, remedy = f"The id '{printable(id)}' of the class list", "give the person another id"
    if GLOB_CHARACTERS & set(id) or id != id.strip() or printable(id) != id:
        raise UnfitSubmission(f"{what} holds one of * ? [ ] or starts or ends with a space: {remedy}.")
    if MARKUP & set(id):
        raise UnfitSubmission(
            f"{what} holds one of < > & \" ', which formgrader's pages would take for HTML: {remedy}."
        )


def _check_rivals(submission: Submission) -> None:
    """Refuse the same unit in two folders of one person: which of them counts, a person knows."""
    if submission.rivals:
        own, *others = (
            "/".join(map(printable, each.parts[-3:-1])) for each in (submission.folder, *submission.rivals)
        )
        raise UnfitSubmission(
            f"{own} and {' and '.join(others)} are one person's but for the spelling, and each holds "
            f"{submission.unit}: keep the one that counts, and move the other out of "
            f"{printable(submission.folder.parts[-3])}."
        )


def _read(submission: Submission, coursedir: CourseDirectory) -> Files:
    """The files of the unit's folder, and those beside notebooks that lie elsewhere."""
    is_left_out = left_out(coursedir.ignore)
    tops = {submission.folder.name, *(loose.path.parts[0] for loose in submission.loose)}
    is_flat = any(len(loose.path.parts) == 1 for loose in submission.loose)
    files: Files = {}
    left = MAX_BYTES
    with (
        open_first(submission.folder.parents[1]) as first,
        first.folder(submission.folder.parent.name) as student,
    ):
        for name in student.names():
            if is_left_out(name) or not (name in tops or (is_flat and student.is_file(name))):
                continue
            for path, read in _files(student, name, is_left_out):
                files[path] = read(left + 1)
                left -= len(files[path])
                if left < 0 or len(files) > MAX_FILES:
                    raise UnfitSubmission(too_much(submission.shown))
    return files


def _files(
    student: Folder, name: str, is_left_out: Callable[[str], bool]
) -> Iterator[tuple[PurePosixPath, Callable[[int], bytes]]]:
    if student.is_file(name):
        yield PurePosixPath(name), lambda limit: student.read(name, limit)
        return
    with student.folder(name) as folder:
        for path, read in folder.files(is_left_out):
            yield PurePosixPath(name, path), read


def _inside(folder: PurePosixPath, files: Files) -> Files:
    """The files in a folder, by their path in it; of the student's own only what lies there directly."""
    if folder == PurePosixPath():
        return {path: content for path, content in files.items() if path.parent == folder}
    return {path.relative_to(folder): content for path, content in files.items() if folder in path.parents}


def _candidates(submission: Submission, files: Files, catalogue: Catalogue) -> list[Candidate]:
    own, loose = PurePosixPath(submission.folder.name), {each.path for each in submission.loose}
    student = submission.shown.parent
    check_total((each for path, each in files.items() if looks_like_notebook(path.name, each)), student)
    return [
        look_at(
            path,
            student.joinpath(*map(printable, path.parts)),
            path.stem if path.parent == own and path.suffix == ".ipynb" else "",
            content,
            catalogue,
            submission.unit,
        )
        for path, content in files.items()
        if path in loose or looks_like_notebook(path.name, content)
    ]


def _choose(
    submission: Submission, files: Files, candidates: list[Candidate], catalogue: Catalogue
) -> list[tuple[HandedOut, Choice]]:
    """The file that is graded as each notebook of the unit."""
    if not candidates:
        own = PurePosixPath(submission.folder.name)
        inside = {path.name: content for path, content in files.items() if own in path.parents}
        raise UnfitSubmission(
            _no_notebook(submission, list(inside) or names_in_folder(submission), archives_among(inside))
        )
    return [
        (notebook, choose(notebook, submission.shown / f"{notebook.name}.ipynb", candidates))
        for notebook in catalogue.units[submission.unit].values()
    ]


def _no_notebook(submission: Submission, inside: list[str], archives: list[str]) -> str:
    if not inside:
        return f"{submission.shown} is empty: ask the student to hand in again."
    archives = archives or [name for name in inside if ARCHIVE.search(name)]
    todo = (
        f"unpack {printable(archives[0])} there, then grade again"
        if archives
        else "ask the student for the notebook itself"
    )
    return f"{submission.shown} holds no notebook, only {', '.join(map(printable, inside[:5]))}: {todo}."


def _as_handed_out(chosen: Candidate, notebook: HandedOut) -> bytes:
    """The notebook, in which each cell of the unit has the id that it was handed out with."""
    cells = list(chosen.cells)
    for number, name in notebook.identify_answers(cells, notebook.identify(cells)).items():
        if claimed_id(cells[number]) != name:
            # The step that makes notebooks whole knows a cell by this id, too, and notes that it did.
            cells[number] = cells[number] | {"id": name}
    return write_cells(cells)


def _is_to_be_named(each: Candidate, submission: Submission, notes: list[str]) -> bool:
    """Whether a notebook that is not graded is named here: not twice, and not where it is another unit's."""
    in_folder = each.path.parts[0] == submission.folder.name
    is_here = each.owner.unit == submission.unit if each.owner else len(each.path.parts) > 1
    return (in_folder or is_here) and not any(str(each.shown) in note for note in notes)


def _not_graded(each: Candidate, unit: str) -> str:
    if each.problem:
        return f"not graded: {each.problem}"
    if each.owner is None:
        return f"{each.shown} was not graded: it has none of the cells of {unit}"
    if each.owner.unit != unit:
        return f"{each.shown} was not graded: its cells are those of {each.owner.unit}, move it there"
    return f"{each.shown} was not graded: it holds {'the same' if each.answers else 'no'} answers"


def _time_in(shown: Path, content: bytes) -> datetime:
    """The time of handing in that a file says, exactly."""
    try:
        return read_time_of_file(content)
    except TimeError as error:
        raise UnfitSubmission(
            f"{shown} does not say when it was handed in: {printable(str(error))}. "
            f"Write a time such as '{EXAMPLE}' there, or remove the file."
        ) from None
