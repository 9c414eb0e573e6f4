"""Which survivors are the same function as the one that they are a mutant of, and why?

``equivalent.diff`` lists them as ``python -m tests.mutation`` prints them, under the reason why::

    # The square does not know the sign.
    @@ wrmf.objective, by_user, line 8
    - loss += (1 + alpha * r) * (1 - score) ** 2 - score ** 2
    + loss += (1 + alpha * r) * (score - 1) ** 2 - score ** 2

The number of the line is for the reader; what is compared is the rest.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

LISTED = Path(__file__).with_name("equivalent.diff")
# Exercise, original, the line as it was, the line as the mutant has it.
Edit = tuple[str, str, str, str]


@cache
def equivalents(path: Path = LISTED) -> dict[Edit, str]:
    """The listed edits, each with the reason why it makes no other function.

    Raises
    ------
    ValueError
        If a line has no place in such a list, or an edit no reason.
    """
    reasons, reason, place, old = {}, "", (), ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        mark, _, text = line.partition(" ")
        if mark == "#":
            reason = text
        elif mark == "@@":
            exercise, original, _ = text.split(", ")
            place = exercise, original
        elif mark == "-":
            old = text
        elif mark == "+" and reason and place:
            reasons[(*place, old, text)] = reason
        elif line:
            raise ValueError(
                f"{path}, line {number}: {line!r} is no reason, place, old or new line of an edit"
            )
    return reasons
