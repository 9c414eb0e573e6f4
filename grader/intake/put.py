"""How does what was collected get to ``submitted/``, and nothing that is there lost?

What makes room for another submission goes to the folder of what was put aside. Everything is written beside
its place first, so that a crash or a full disk leaves either the old submission or the new one.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from grader.course_folder import CourseError
from grader.files import write_files
from grader.intake.hand_ins import Plan, Row, Status
from grader.intake.settle import Submitted
from grader.intake.source import Source, UnreadableEntry
from grader.shown_text import printable
from grader.times import TIMESTAMP, write_time

REPLACED = "replaced"


def put(plan: Plan, source: Source, submitted: Submitted, aside: Path) -> None:
    """Write what was collected, and put aside what a person has to look at.

    Parameters
    ----------
    plan : Plan
        The plan, settled.
    source : Source
        The download.
    submitted : Submitted
        Where the hand-ins go.
    aside : Path
        Where the rest goes, by its path in the source.

    Raises
    ------
    CourseError
        If a file of the source is changed meanwhile.
    """
    for hand_in in plan.hand_ins:
        place = submitted.place(hand_in)
        collected = [row for row in hand_in.rows if row.status is Status.COLLECTED]
        files = {row.target: _read(row, source) for row in collected}
        if hand_in.time:
            files[TIMESTAMP] = f"{write_time(hand_in.time)}\n".encode()
        if hand_in.adds:
            if (place / TIMESTAMP).exists():
                files.pop(TIMESTAMP, None)
            write_files(place, files)
            continue
        if hand_in.replaces:
            files = _other_notebooks(place, submitted, hand_in.unit) | files
        beside = place.with_name(f".{place.name}.new")
        shutil.rmtree(beside, ignore_errors=True)
        write_files(beside, files)
        if place.is_dir() and any(place.iterdir()):
            kept = _unused(aside / REPLACED / place.parent.name / place.name)
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(place, kept)
        elif place.is_dir():
            place.rmdir()
        beside.rename(place)
    for row in plan.rows:
        if row.status in (Status.ASIDE, Status.REFUSED) and row.entry.chain:
            _put_aside(row, source, aside)


def _read(row: Row, source: Source) -> bytes:
    try:
        return source.read(row.entry)
    except UnreadableEntry as error:
        raise CourseError(
            f"{row.entry.shown} has changed since it was looked at ({error}): collect again. What was "
            "written is complete."
        ) from None


def _put_aside(row: Row, source: Source, aside: Path) -> None:
    try:
        content = source.read(row.entry)
    except UnreadableEntry:  # the report names it
        return
    path = aside.joinpath(*(printable(part)[:240] for part in row.entry.parts))
    # What was an archive in an earlier download may be a file in this one, and a file another.
    if any(parent.is_file() for parent in path.parents) or path.is_dir():
        path = aside / "-".join(path.relative_to(aside).parts)[-200:]
    if not (path.is_file() and path.read_bytes() == content):
        write_files(path.parent, {_unused(path).name: content})


def _other_notebooks(place: Path, submitted: Submitted, unit: str) -> dict[str, bytes]:
    """The unit's notebooks that are there: not all of them have to be handed in again."""
    names = [f"{name}.ipynb" for name in submitted.catalogue.units[unit]]
    return {name: (place / name).read_bytes() for name in names if (place / name).is_file()}


def _unused(path: Path) -> Path:
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.name}-{number}")
    return free
