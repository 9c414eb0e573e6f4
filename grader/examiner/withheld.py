"""What may a page say of a hidden check that a student's code has answered?

The code knows the check's data while it runs. What it prints there, and what its exceptions say, would carry
them out. So of its exceptions the kind and the line are told, and its own words are not. (Its results it can
still choose: that is why the data of a hidden check are another submission's no more.)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from grader.markers import BEGIN_HIDDEN
from grader.values.cell_frames import entry

NOT_TOLD = "(its message is not told: hidden checks ran)"
TOO_MANY = "A hidden check failed. The code raised more exceptions there than can be told of."
NO_ANSWER = "What came from the student's process was no answer."
_SHORT = 4  # characters; such a message may be a word of the check's own sentence by chance
_CUT = (239, 79)  # characters that a check may leave of a long message
_MOST = 200  # exceptions of which one cell may tell
_FRAME = re.compile(r"Cell In\[(\d+)\], line (\d+)")


class Raised(NamedTuple):
    """An exception of a student's function: its class' name, that of the nearest known class, its words."""

    name: str
    known: str
    message: str


def is_hidden(source: str) -> bool:
    """Whether a test cell holds hidden checks."""
    return BEGIN_HIDDEN in source


@dataclass(frozen=True)
class Withheld:
    """Cuts out of what a hidden check says what a student's functions said.

    Attributes
    ----------
    raised : iterable of Raised
        The exceptions of the cell's calls.
    names : callable
        Whether the unit itself defines a name: that such a name is missing may be told.
    """

    raised: Iterable[Raised]
    names: Callable[[str], bool]

    def sentence(self, error: BaseException) -> str:
        """A check's sentence, or that of an exception which it let through, without the student's words."""
        text, distinct = str(error), set(self.raised)
        if len(distinct) > _MOST:
            return TOO_MANY
        for each in sorted(distinct, key=lambda each: -len(each.message)):
            if not self._is_told(each):
                text = _without(text, each.message)
            if each.name != each.known:
                text = re.sub(rf"\b{re.escape(each.name)}\b", each.known, text)
        return text

    def kind(self, name: str) -> str:
        """The name of an exception's class, where it is no student's own."""
        return next((each.known for each in self.raised if each.name == name), name)

    def _is_told(self, raised: Raised) -> bool:
        missing = re.fullmatch(r"name '(\w+)' is not defined", raised.message)
        return missing is not None and self.names(missing[1])


def frames_told(frames: Iterable[str], lines: Callable[[int], list[str] | None]) -> list[str]:
    """A student's frames with the lines that the notebook has there, in the place of what came with them.

    Parameters
    ----------
    frames : iterable of str
        As the student's side says.
    lines : callable
        The lines of the student's cell with this number, or None.
    """
    told = []
    for frame in frames:
        found = _FRAME.match(frame)
        of_cell = lines(int(found[1])) if found and len(found[1]) < 6 else None
        if found and of_cell and len(found[2]) < 6 and 0 < int(found[2]) <= len(of_cell):
            told.append(entry(int(found[1]), of_cell, int(found[2])))
    return told


def _without(text: str, message: str) -> str:
    """The text without a message: whole or a line of it, as it is or as Python writes it, or cut off."""
    whole = " ".join(message.split())
    if len(whole) < _SHORT:
        # After the name of its class, or after what introduces it.
        return re.sub(rf"(?<=: ){re.escape(whole)}(?!\w)", NOT_TOLD, text) if whole else text
    flat = " ".join(text.split())
    if whole in flat:
        text = flat.replace(whole, NOT_TOLD)
    for part in (repr(message)[1:-1], *message.splitlines(), *(whole[:length] for length in _CUT)):
        if len(part.strip()) >= _SHORT:
            text = text.replace(part.strip(), NOT_TOLD)
    return text
