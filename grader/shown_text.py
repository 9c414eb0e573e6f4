"""How is text that a student chose or wrote shown, so that it steers no terminal, table or spreadsheet?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from rich.cells import cell_len

# Control characters, line and paragraph separators, bytes that are not UTF-8: no table or file can show them.
UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}
# Marks that nobody sees, such as those that turn the direction of writing; characters that no font has.
UNSEEN = {"Cf", "Co", "Cn"}
# Letters and marks of other categories that leave a gap at most (Unicode's Default_Ignorable_Code_Point, and
# the empty pattern of Braille): with them a name looks like another one.
BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
# More marks than that above one letter cover the lines beside it; no script has as many.
MOST_MARKS = 4
# What a spreadsheet would take for the beginning of a formula, the wide signs of East Asian text among it.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def printable(name: str) -> str:
    """The name with what nobody sees, or no line can hold, written as in Python.

    So two names that differ look different; but letters of two alphabets that look alike still do.
    """
    written = _escaped(name, UNPRINTABLE | UNSEEN | {"Zs"}, keep=" \u3000")
    return BLANK.sub(lambda found: _in_ascii(found.group()), written)


def shortened(name: str, most: int = 32) -> str:
    """A name in so many columns of a terminal at most; in place of its middle there is a sign."""
    if cell_len(name) <= most:
        return name
    tail = name[-(most // 3) :]
    while cell_len(tail) > most // 2:
        tail = tail[1:]
    head = name[:most]
    while cell_len(head) + 1 + cell_len(tail) > most:
        head = head[:-1]
    return f"{head}…{tail}"


def printable_message(text: str) -> str:
    """A sentence that a student's code may have written, so that it can steer neither terminal nor reader.

    Escape sequences and marks that nobody sees, such as those that turn the direction of writing, are
    written as in Python. Line breaks and tabs stay.
    """
    return _escaped(text, UNPRINTABLE | UNSEEN, keep="\n\t")


def one_line(message: str) -> str:
    """A message as `printable_message` shows it, in one line."""
    return printable_message(" ".join(message.split()))


def listed(names: Sequence[str], most: int = 5) -> str:
    """Names in a row; of many, the first and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return printable(", ".join(names[:most])) + more


def no_formula(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _escaped(text: str, categories: set[str], keep: str = "") -> str:
    written, marks = [], 0
    for letter in text:
        category = unicodedata.category(letter)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        is_shown = category not in categories and marks <= MOST_MARKS
        written.append(letter if letter in keep or is_shown else _in_ascii(letter))
    return "".join(written)


def _in_ascii(letter: str) -> str:
    return letter.encode("unicode_escape").decode()
