"""What is decided about a download: for each file what becomes of it, for each student what is taken?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from grader.intake.source import Entry


class Status(StrEnum):
    """What becomes of a file."""

    COLLECTED = "collected"
    THERE = "already there"
    ASIDE = "aside"
    LEFT = "left"
    REFUSED = "refused"


@dataclass
class Row:
    """What becomes of one file, and why.

    Attributes
    ----------
    entry : Entry
        The file.
    status : Status
        What becomes of it.
    reason : str
        Why, or what else there is to know.
    student, unit : str
        Whose it is and for what, where that is known.
    target : str
        Its path in the unit's folder, if it is collected.
    digest : bytes
        Of the content, if it is one of the unit's notebooks.
    beside : bytes
        The digest of the content, if it is taken along with one.
    """

    entry: Entry
    status: Status = Status.LEFT
    reason: str = ""
    student: str = ""
    unit: str = ""
    target: str = ""
    digest: bytes = b""
    beside: bytes = b""

    @staticmethod
    def digest_of(content: bytes) -> bytes:
        """The digest of a file's content."""
        return hashlib.sha256(content).digest()


@dataclass
class HandIn:
    """What is taken of one student for one unit.

    Attributes
    ----------
    student, unit : str
        Whose, and for what.
    rows : list of Row
        Its files.
    time : datetime or None
        When it was handed in.
    time_from : str
        What says so, or why nothing does.
    has_answers : bool
        Whether anything was written that was not handed out.
    notes : list of str
        What was decided.
    replaces : bool
        Whether an earlier submission makes room for it.
    adds : bool
        Whether its notebooks are there, and only what lies beside them is written.
    """

    student: str
    unit: str
    rows: list[Row] = field(default_factory=list)
    time: datetime | None = None
    time_from: str = ""
    has_answers: bool = False
    notes: list[str] = field(default_factory=list)
    replaces: bool = False
    adds: bool = False


@dataclass
class Plan:
    """A row for each file of the source, and what is handed in."""

    rows: list[Row]
    hand_ins: list[HandIn]
