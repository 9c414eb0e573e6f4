"""How is text that a student chose or wrote shown, so that it steers no terminal, table or spreadsheet?"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

# Control characters, line and paragraph separators, bytes that are not UTF-8: no table or file can show them.
UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}
# What a spreadsheet would take for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t")


def printable(name: str) -> str:
    """The name with line breaks and the like written as in Python, for sentences, tables and files."""
    return _escaped(name, UNPRINTABLE)


def printable_message(text: str) -> str:
    """A sentence that a student's code may have written, so that it can steer neither terminal nor reader.

    Escape sequences and marks that nobody sees, such as those that turn the direction of writing, are
    written as in Python. Line breaks and tabs stay.
    """
    return _escaped(text, UNPRINTABLE | {"Cf"}, keep="\n\t")


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
    return "".join(
        letter.encode("unicode_escape").decode()
        if letter not in keep and unicodedata.category(letter) in categories
        else letter
        for letter in text
    )
