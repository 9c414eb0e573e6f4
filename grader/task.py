"""What does a worker get for one submission, and what does it return? Plain data, both times.

A worker may run on another machine. It sees no course folder and no gradebook: all that decides about a grade
comes with the task, and all results go back as an outcome.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from traitlets.config import Config

# Rows of the gradebook: the name of a table with its rows, column by column.
Rows = dict[str, list[dict[str, Any]]]
# The digest of the text of each answer that a person marks: by notebook, then by grade id of its cell.
Answers = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Mark:
    """What a person gave to an answer.

    Attributes
    ----------
    notebook, cell : str
        Where the answer stands.
    answer : str
        Digest of its text.
    points : float or None
        None if there is only a comment.
    comment : str
        May be empty.
    """

    notebook: str
    cell: str
    answer: str
    points: float | None
    comment: str = ""


@dataclass(frozen=True)
class Official:
    """The instructor's version of a unit.

    Attributes
    ----------
    unit : str
        Name of the unit.
    course : str
        The course's folder, which no student's code may see.
    visible : tuple of str
        Folders that students' code may read, besides the Python environment.
    notebooks : tuple of str
        Names of its notebooks, without suffix.
    gradebook : bytes
        A SQLite gradebook in which there is this unit and no student.
    files : dict of str to bytes
        What stands in ``source/``, by relative path: the notebooks (for hints on the pages) and their data.
    released : dict of str to bytes
        The notebooks of ``release/``: they say what was handed out, should ``source/`` have changed since.
    config : Config
        The course's nbgrader configuration; paths in it do not matter.
    digest : str
        Of all of it that decides about a grade.
    beside : mapping of str to frozenset of str
        By notebook, the graded cells that run in the student's process, as nbgrader runs them.
    key : bytes
        The course's, from which each submission's hidden data are drawn.
    """

    unit: str
    course: str
    visible: tuple[str, ...]
    notebooks: tuple[str, ...]
    gradebook: bytes
    files: dict[str, bytes]
    released: dict[str, bytes]
    config: Config
    digest: str
    beside: Mapping[str, frozenset[str]] = field(default_factory=dict)
    key: bytes = b""


@dataclass(frozen=True)
class Task:
    """One submission of one unit.

    Attributes
    ----------
    student : str
        Name of the student.
    official : Official
        The instructor's version.
    files : dict of str to bytes
        What was handed in, by relative path.
    known : dict
        The gradebook's rows of this student and unit: points and comments that a person gave, an extension.
    fingerprint : str
        Digest of all that decides about the grade.
    graded : dict of str to bytes, optional
        The autograded notebooks, by name, where only their pages are to be made anew.
    marks : tuple of Mark
        What a person gave to this student's answers, in the order in which it was given.
    """

    student: str
    official: Official
    files: dict[str, bytes]
    known: Rows
    fingerprint: str
    graded: dict[str, bytes] | None = None
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class NotebookScores:
    """What the autograder found in one notebook, by name of the cell.

    Attributes
    ----------
    points : dict of str to (float or None)
        None where a person has to decide.
    comments : dict of str to (str or None)
        The autograder's comments on solutions.
    penalty : float or None
        Points that are taken off for being late.
    """

    points: dict[str, float | None]
    comments: dict[str, str | None]
    penalty: float | None


@dataclass(frozen=True)
class Outcome:
    """What became of a task.

    Attributes
    ----------
    problem : str
        Why it could not be graded; there are no scores then.
    by_machine : bool
        Whether the problem is the machine's, such as a full disk, and says nothing about the submission.
    scores : dict of str to NotebookScores
        By name of the notebook.
    timestamp : datetime, optional
        When it was handed in, in UTC, if the submission says so.
    notebooks, pages : dict of str to bytes
        The autograded notebooks (``.ipynb``) and feedback pages (``.html``), by name.
    answers : Answers
        The digest of each answer that a person marks.
    shown : str
        Digest of what the pages show from the gradebook.
    log : str
        What nbgrader logged.
    seconds : dict of str to float
        Where the time went.
    """

    problem: str = ""
    by_machine: bool = False
    scores: dict[str, NotebookScores] = field(default_factory=dict)
    timestamp: datetime.datetime | None = None
    notebooks: dict[str, bytes] = field(default_factory=dict)
    pages: dict[str, bytes] = field(default_factory=dict)
    answers: Answers = field(default_factory=dict)
    shown: str = ""
    log: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
