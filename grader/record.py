"""What does grading note about a submission, besides its points?

What feedback and results need later is kept in the metadata of the autograded notebook. Sanitising starts it
anew, so that nothing a student planted there is believed. What decides about points stays in memory, in
``resources``, for one notebook at a time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode

KEY = "grading"
# How IPython names a cell in the message of a SyntaxError; the name says nothing and differs each time.
_CELL_FILE = re.compile(r"<ipython-input-[^<>]*>")


class Flag(StrEnum):
    """What an instructor may want to know about a submission."""

    TIMEOUT = "timeout"
    KERNEL_DIED = "kernel died"
    DUPLICATED = "duplicated cell"
    RESTORED = "restored cell"
    STDERR = "stderr"
    BESIDE = "work beside an untouched cell"
    OUT_OF_REACH = "a check needs what cannot reach the student's code"
    CHECKED_BESIDE = "checked beside the student's code"


@dataclass(frozen=True)
class Completion:
    """What a test cell that ran to its end reported.

    Attributes
    ----------
    type_name : str
        Type of the last statement's value: ``NoneType`` unless the check returns something.
    number : str
        The value, if it is an ``int`` or a ``float``; else empty.
    """

    type_name: str
    number: str


@dataclass(frozen=True)
class Run:
    """How the run of a test cell ended.

    Attributes
    ----------
    proof : Completion or None
        None if the last statement was not seen to succeed.
    problem : str
        Why the cell was not run to its end, where it is no fault of the checked code's result.
    """

    proof: Completion | None
    problem: str = ""


def runs(resources: ResourcesDict) -> dict[str, Run]:
    """The runs of the test cells of the notebook at hand, by grade id."""
    return resources["nbgrader"].setdefault("runs", {})


def start_record(nb: NotebookNode) -> None:
    """Begin the notebook's record anew; what its metadata said before is dropped."""
    nb.metadata[KEY] = {"flags": [], "reasons": {}, "beside": {}, "edited": {}}


def add_flag(nb: NotebookNode, flag: Flag | str) -> None:
    """Note a flag, once."""
    flags = record(nb)["flags"]
    if flag not in flags:
        flags.append(str(flag))


def record(nb: NotebookNode) -> dict:
    """The notebook's ``flags``, a list of str; ``reasons``: why test cells lost points, by grade id.

    And ``beside``: the cells as they were handed out that have something new next to them, by grade id, each
    with the places of what is new. Nobody has points for it, but an answer may wait for a person. ``edited``
    has the text of the locked cells in which somebody wrote, which were put back, by grade id.
    """
    if KEY not in nb.metadata:
        start_record(nb)
    return nb.metadata[KEY]


def describe(error: NotebookNode) -> str:
    """An error's sentence: an assertion's message alone, another error with its type."""
    message = _CELL_FILE.sub("the cell", error.evalue.strip())
    if error.ename == "NotImplementedError" and not message:
        return "This exercise is not written yet (NotImplementedError)."
    if error.ename in ("AssertionError", "KernelStopped") and message:
        return message
    return f"{error.ename}: {message}" if message else f"{error.ename}, without a message"
