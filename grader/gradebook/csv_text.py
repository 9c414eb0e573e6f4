"""Which lines does a CSV file have, in whatever encoding and with whatever separator it was saved?

Spreadsheets save UTF-8 with or without a byte order mark, UTF-16 or the code page of Windows, with what their
country puts between two cells; people put such files together.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from pathlib import Path

from grader.course_folder import CourseError

_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
# The mark of UTF-32 begins as that of UTF-16 does.
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
SEPARATORS = ",;\t|"
# Lines end as on Windows, Unix or old Macs, as which Excel still saves.
_FIRST_LINE = re.compile(r"([^\r\n]*)(?:\r\n|\r|\n|$)(.*)", re.DOTALL)
_WORD = re.compile(r"[\w’'-]*[^\W\d_a-zA-Z][\w’'-]*|[^\x00-\x7f]")


def read_lines(path: Path) -> list[tuple[int, list[str]]]:
    """The lines that are not empty, each with its number, and its cells without blanks around.

    Raises
    ------
    CourseError
        If the file cannot be read, or is no text of this form.
    """
    text = _text(path)
    first, rest = _FIRST_LINE.fullmatch(text).groups()  # type: ignore[union-attr]
    said = first.strip(' "').lower()
    # Excel writes and reads this line, which is no part of the table.
    is_said = said in [f"sep={each}" for each in SEPARATORS]
    separator = said[-1] if is_said else _most_frequent(text)
    stream = io.StringIO(rest if is_said else text, newline="")
    lines = csv.reader(stream, delimiter=separator, skipinitialspace=True)
    try:
        return [
            (lines.line_num + is_said, [cell.strip() for cell in line])
            for line in lines
            if any(map(str.strip, line))
        ]
    except csv.Error as error:
        raise CourseError(
            f"{path}, line {lines.line_num + is_said}, is no line of a CSV file ({error}): save it as CSV "
            "again."
        ) from None


def guessed_word(path: Path) -> str:
    """A word that was read in the code page of Windows, though nothing says that; empty if there is none."""
    content = _bytes(path)
    if not content.startswith(tuple(_MARKS)) and b"\0" not in content:
        for line in content.splitlines():
            try:
                line.decode()
            except UnicodeDecodeError:
                found = _WORD.search(_line(line))
                return found[0] if found else ""
    return ""


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CourseError(
            f"{path} cannot be read ({error.strerror}): name the file of the class list."
        ) from None


def _text(path: Path) -> str:
    content = _bytes(path)
    if content.startswith(_SPREADSHEETS):
        raise CourseError(
            f"{path} is a spreadsheet or an archive, and no text: save it as CSV, and name that."
        )
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    if b"\0" in content:
        encoding = _without_mark(content)
        if not encoding:
            raise CourseError(f"{path} is no text (it holds bytes of value 0): save it as CSV in UTF-8.")
        return content.decode(encoding, errors="replace")
    # Each line by itself: a file that was put together from two may hold both.
    return "".join(map(_line, content.removeprefix(codecs.BOM_UTF8).splitlines(keepends=True)))


def _line(content: bytes) -> str:
    try:
        return content.decode().removeprefix("\ufeff")
    except UnicodeDecodeError:
        # Excel on Windows; five bytes have no meaning there.
        return content.decode("cp1252", errors="replace")


def _without_mark(content: bytes) -> str:
    """Which form of UTF-16 text without a mark has, if any: headings have a 0 on every other place."""
    for encoding, zeros, letters in (("utf-16-le", 1, 0), ("utf-16-be", 0, 1)):
        start = content[:4]
        if len(start) == 4 and not any(start[zeros::2]) and all(start[letters::2]):
            return encoding
    return ""


def _most_frequent(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(SEPARATORS, key=first.count)
