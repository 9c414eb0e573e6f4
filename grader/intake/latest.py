"""Which of several versions that a student handed in of a notebook is the latest?

One that holds answers counts before one that is as it was handed out. Then what the learning platform says
decides, then the times, then the numbers that browsers give to copies. If nothing says it, a person does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from grader.intake.hand_ins import Row
from grader.intake.owner import Owner, copy_number


@dataclass(frozen=True)
class Told:
    """When something was handed in.

    Attributes
    ----------
    time : datetime or None
        In UTC, and without saying so.
    by : str
        What says so, or why nothing does.
    row : Row or None
        The file that says so, if it is one of its own.
    """

    time: datetime | None
    by: str
    row: Row | None = None


@dataclass(frozen=True)
class Version:
    """A notebook of a unit that a student handed in.

    Attributes
    ----------
    row : Row
        The file.
    owner : Owner
        What its path says.
    answers : tuple of str
        What it holds that was not handed out.
    told : Told
        When it was handed in.
    """

    row: Row
    owner: Owner
    answers: tuple[str, ...]
    told: Told


def latest(versions: Sequence[Version]) -> tuple[Version | None, str]:
    """The version that counts, or None, and a sentence about it; empty if there is but one.

    Parameters
    ----------
    versions : sequence of Version
        Of one notebook of one student, at least one.
    """
    number = len({version.answers for version in versions})
    left = [version for version in versions if version.answers] or list(versions)
    why = "the only one with answers"
    for said, key in _SIGNS:
        if len({version.answers for version in left}) == 1:
            break
        keys = [key(version) for version in left]
        if None not in keys and len(set(keys)) > 1:
            last = max(keys)  # type: ignore[type-var]
            left, why = [version for version, its in zip(left, keys, strict=True) if its == last], said
    if len({version.answers for version in left}) > 1:
        names = " and ".join(version.row.entry.shown for version in left)
        return None, f"nothing says which is the latest of {names}: put the one that counts into submitted/"
    # Of the same answers, the first that was handed in: nobody is late for handing in again.
    chosen = min(left, key=lambda version: (version.told.time is None, version.told.time or datetime.max))
    if len(versions) == 1:
        return chosen, ""
    if number == 1:
        return chosen, f"{len(versions)} files with the same answers"
    why = why.format(chosen.owner.platform)
    return (
        chosen,
        f"the latest of {len(versions)} versions, by {why}" if why != "the only one with answers" else why,
    )


_SIGNS: list[tuple[str, Callable[[Version], object]]] = [
    ("what {} wrote", lambda version: version.owner.order),
    ("time", lambda version: version.told.time),
    (
        # A browser counts what the instructor downloads again. Of two files that a student has chosen to hand
        # in, the number says less.
        "number of the copy",
        lambda version: copy_number(version.row.entry.name) or (0 if version.owner.platform == "" else None),
    ),
]
