"""What does a notebook that was handed in say, whatever is wrong with how it was written down?

A grade depends on the cells' text and on which cell is which. Everything else may be missing, of the wrong
kind or damaged, as editors, converters and people leave it: it is put right here or left out, and never
costs the submission. Where the cells themselves cannot be read, a sentence says what the file is instead.
"""

from __future__ import annotations

import json
import re
from itertools import count
from typing import Any

from grader.intake.errors import UnfitSubmission
from grader.intake.kinds import kind_of

Cell = dict[str, Any]

# A value takes some hundred bytes of memory, and this process reads one submission after the other.
MAX_VALUES = 500_000
MAX_CELLS = 5_000
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_ID = re.compile(r"[a-zA-Z0-9-_]{1,64}")
_TAG = re.compile(r"[^,]+")
# The three lines that Git puts into a file that it could not merge, in their order.
_CONFLICT = [re.compile(line, re.MULTILINE) for line in (r"^<{7} ", r"^={7}\r?$", r"^>{7} ")]
_SURROGATE = re.compile("[\ud800-\udfff]")
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*+<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_MARKUP = re.compile(r"\s*<[!?/]?[a-z]\w{0,20}", re.IGNORECASE)
# Byte order marks and blanks.
_BEFORE_JSON = b"\xef\xbb\xbf\xff\xfe \t\r\n"
_ASK = "Ask the student for the file that Jupyter saves."


def looks_like_notebook(name: str, content: bytes) -> bool:
    """Whether a file is meant as a notebook, by its name or, as after a download, by what it holds."""
    if name.lower().endswith(".ipynb"):
        return True
    # ASCII of 16 or 32 bits a letter is that of 8 bits with zeros between.
    plain = content if json.detect_encoding(content).startswith("utf-8") else content.replace(b"\0", b"")
    return plain.lstrip(_BEFORE_JSON)[:1] == b"{" and (b'"cells"' in plain or b'"worksheets"' in plain)


def read_cells(content: bytes, shown: str) -> list[Cell]:
    """The cells of a notebook, each in the form of nbformat 4.5, without outputs.

    Of a cell's metadata all is kept, as it may say which cell it is.

    Parameters
    ----------
    content : bytes
        The file.
    shown : str
        How sentences name it.

    Raises
    ------
    UnfitSubmission
        If there are no cells to be read.
    """
    data = _parse(content, shown)
    if isinstance(data, dict):
        cells = data.get("cells")
        sheets = data.get("worksheets")
        if not cells and isinstance(sheets, list):  # as before version 4
            cells = [
                cell for sheet in sheets if isinstance(sheet, dict) for cell in _list(sheet.get("cells"))
            ]
        if isinstance(cells, list) and len(cells) > MAX_CELLS:
            raise UnfitSubmission(f"{shown} holds more than {MAX_CELLS:,} cells: remove what is not needed.")
        if cells == []:
            raise UnfitSubmission(f"{shown} is a notebook without a cell. {_ASK}")
        if isinstance(cells, list):
            return [_cell(cell) for cell in cells]
    raise UnfitSubmission(f"{shown} is JSON but not a notebook: it has no list of cells. {_ASK}")


def write_cells(cells: list[Cell]) -> bytes:
    """The cells as the file of a valid notebook, with only the metadata that grading looks at."""
    taken: set[str] = set()
    written = []
    for cell in cells:
        name = cell["id"]
        if not _ID.fullmatch(name) or name in taken:
            # The same for the same notebook, or it would be graded again each time.
            name = next(own for n in count(len(taken)) if (own := f"handed-in-{n}") not in taken)
        taken.add(name)
        written.append(cell | {"id": name, "metadata": _kept_metadata(cell["metadata"])})
    notebook = {"cells": written, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook).encode()


def _parse(content: bytes, shown: str) -> object:
    if kind := kind_of(content):
        raise UnfitSubmission(f"{shown} is not a notebook but {': '.join(kind)}.")
    if not content.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise UnfitSubmission(f"{shown} is empty ({len(content)} bytes). {_ASK}")
    text = _decode(content, shown)
    plain = _STRING.sub(b"", text.encode())
    if sum(map(plain.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise UnfitSubmission(
            f"{shown} holds more than {MAX_VALUES:,} values: clear the outputs of the notebook, and remove "
            "data from its metadata."
        )
    try:
        # Line breaks and tabs within a string, as editors of text put there, leave no doubt what is meant.
        return json.loads(text, parse_int=_integer, strict=False)
    except RecursionError:
        raise UnfitSubmission(f"{shown} is nested too deep for a notebook. {_ASK}") from None
    except ValueError as error:
        raise UnfitSubmission(_why_not_json(text, error, shown)) from None


def _decode(content: bytes, shown: str) -> str:
    encoding = json.detect_encoding(content)
    try:
        # A disk or a program that stopped while it wrote leaves zeros behind the end.
        return content.decode(encoding).removeprefix("\ufeff").rstrip("\0")
    except UnicodeDecodeError as error:
        form = encoding.removesuffix("-sig").upper()
        meant = ", as notebooks are" if form == "UTF-8" else ", as it seems to begin; notebooks are UTF-8"
        raise UnfitSubmission(
            f"{shown} is not JSON: at byte {error.start} it is not {form}{meant}. {_ASK}"
        ) from None


def _why_not_json(text: str, error: ValueError, shown: str) -> str:
    if _HTML.match(text):
        return (
            f"{shown} is a web page (HTML), not the notebook that it may show: ask the student for the file "
            "itself (in Jupyter: File, Download)."
        )
    if found := _MARKUP.match(text):
        return (
            f"{shown} is not a notebook but HTML or XML (it begins with '{found[0].strip()}'): ask the "
            "student for the file itself (in Jupyter: File, Download)."
        )
    if line := _line_of_conflict(text):
        return (
            f"{shown} holds a merge conflict of Git (<<<<<<< in line {line}): ask the student to decide "
            "between the two versions, and to hand in again."
        )
    if isinstance(error, json.JSONDecodeError) and (
        error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
    ):
        return f"{shown} is not JSON to its end: it breaks off after {len(text):,} characters. {_ASK}"
    return f"{shown} is not a notebook: it is not JSON ({error}). {_ASK}"


def _line_of_conflict(text: str) -> int:
    at, line = 0, 0
    for mark in _CONFLICT:
        if not (found := mark.search(text, at)):
            return 0
        line = line or text.count("\n", 0, found.start()) + 1
        at = found.end()
    return line


def _integer(digits: str) -> int:
    """Numbers of a notebook count cells; Python refuses to read thousands of digits."""
    return int(digits) if len(digits) < 20 else 0


def _cell(cell: object) -> Cell:
    if not isinstance(cell, dict):
        cell = {"cell_type": "raw", "source": cell}
    kind, source = cell.get("cell_type"), cell.get("source", cell.get("input"))
    kind = kind.lower() if isinstance(kind, str) else kind
    if kind == "heading":  # as before version 4
        level = cell.get("level")
        kind, source = "markdown", f"{'#' * (level % 7 if isinstance(level, int) else 1)} {_text(source)}"
    if kind not in ("code", "markdown", "raw"):
        kind = "code" if {"outputs", "execution_count", "input"} & cell.keys() else "raw"
    metadata, name = cell.get("metadata"), cell.get("id")
    written: Cell = {
        "cell_type": kind,
        "id": name if isinstance(name, str) else "",
        "metadata": metadata if isinstance(metadata, dict) else {},
        "source": _text(source),
    }
    if kind == "code":
        written |= {"outputs": [], "execution_count": None}
    elif attachments := _attachments(cell.get("attachments")):
        written["attachments"] = attachments
    return written


def _list(value: object) -> list:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    """Text as a notebook may hold it, in one piece or in lines; half of a character becomes a sign for it."""
    if isinstance(value, list):
        return "".join(map(_text, value))
    text = "" if value is None else str(value)
    if _SURROGATE.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _attachments(value: object) -> dict[str, dict[str, str]]:
    if not isinstance(value, dict):
        return {}
    return {
        _text(name): {
            _text(kind): _text(data) for kind, data in bundle.items() if isinstance(data, str | list)
        }
        for name, bundle in value.items()
        if isinstance(bundle, dict)
    }


def _kept_metadata(metadata: dict) -> dict:
    kept: dict[str, Any] = {}
    tags = [tag for tag in _list(metadata.get("tags")) if isinstance(tag, str) and _TAG.fullmatch(tag)]
    if tags:
        kept["tags"] = list(dict.fromkeys(tags))
    if isinstance(entry := metadata.get("nbgrader"), dict):
        kept["nbgrader"] = entry
    return kept
