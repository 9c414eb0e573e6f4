"""What was found by looking at something, how good it is, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How good a finding is."""

    OK = "ok"
    WARN = "warn"
    MISSING = "missing"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    name : str
        What it is, in a word or two.
    level : Level
        ``missing`` if safe grading cannot do without.
    sentence : str
        What was found and, unless all is well, the remedy.
    """

    name: str
    level: Level
    sentence: str
