"""Read one published text file and refuse it, by name, if it is not what its publisher made."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import re
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd


class DatasetError(ValueError):
    """A file is missing or damaged; the message says what was expected, what was found, and the remedy."""

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the message says all, and no line that led to it is the reader's."""
        return [f"{type(self).__name__}: {self}"]


class _Flaw(Exception):
    """What is wrong with a file; `read_table` adds the file's name and the remedy."""


@dataclass(frozen=True)
class Table:
    """What is known of one published file.

    Parameters
    ----------
    file : str
        Its name.
    columns : dict of str to str
        The course's name of each column and its dtype (`"int64"`, `"float32"` or `"str"`), in the order
        of the file. A column whose name begins with an underscore is dropped.
    separator : str
        What stands between two fields.
    encoding : str
        `"utf-8"` or `"iso-8859-1"`.
    header : str, optional
        The file's first line, if it names the columns.
    quoted : bool
        True if fields may stand in double quotes (inside them a separator is text).
    escape : str, optional
        The character before a double quote that belongs to a quoted field.
    n_rows : int
        Number of rows, the header not counted.
    n_bytes : int, optional
        Size in bytes, where the SHA-256 is not known.
    sha256 : str, optional
        Of the file, unpacked.
    bounds : dict of str to (float, float)
        The lowest and the highest value of a column.
    ragged : bool
        True if the published file itself has rows with too few fields.
    """

    file: str
    columns: dict[str, str]
    separator: str
    encoding: str
    n_rows: int
    header: str | None = None
    quoted: bool = False
    escape: str | None = None
    n_bytes: int | None = None
    sha256: str | None = None
    bounds: dict[str, tuple[float, float]] = field(default_factory=dict)
    ragged: bool = False


def path_of(folder: Path, table: Table) -> Path:
    """Path of the file in the folder, or of its copy packed with gzip (`.gz`) if only that is there."""
    plain, packed = folder / table.file, folder / f"{table.file}.gz"
    return packed if packed.exists() and not plain.exists() else plain


def read_table(folder: Path, table: Table, complete: bool = True, remedy: str = "") -> pd.DataFrame:
    """Read one file of a data set, plain or packed with gzip, and check all that is known of it.

    Parameters
    ----------
    folder : Path
        Where the file lies.
    table : Table
        What is known of the file.
    complete : bool
        False for a sample of the file: the number of rows, the size and the SHA-256 are then not checked.
    remedy : str
        What to do about a bad file; the end of every message.

    Returns
    -------
    DataFrame
        The columns that `table` names without a leading underscore.

    Raises
    ------
    DatasetError
        If the file is missing, unreadable, empty, truncated, in another encoding, separated in another way,
        has a field that does not fit its column, or differs from the published file.
    """
    path = path_of(folder, table)
    try:
        raw = _read_bytes(path, table)
        if complete:
            _check_line_ends(raw, table)
        _check_encoding(raw, table)
        _check_first_line(raw, table)
        if complete:
            _check_not_truncated(raw, table)
        frame = _parse(raw, table)
        _check_bounds(frame, table)
        if complete:
            _check_is_the_published_file(raw, frame, table)
    except _Flaw as flaw:
        raise DatasetError(f"{path}: {flaw} {remedy}".rstrip()) from flaw
    return frame[[name for name in table.columns if not name.startswith("_")]]


# What archives begin with, and no table of these does.
_PACKED = {b"PK\x03\x04": "zip", b"\x1f\x8b": "gzip"}


def _read_bytes(path: Path, table: Table) -> bytes:
    try:
        raw = path.read_bytes()
        if path.suffix == ".gz":
            raw = gzip.decompress(raw)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise _Flaw(f"the packed file is damaged or cut off ({error}).") from error
    except OSError as error:
        raise _Flaw(f"it cannot be read ({error.strerror}).") from error
    if not raw.strip():
        raise _Flaw(f"the file is empty; expected {table.n_rows:,} rows.")
    for beginning, kind in _PACKED.items():
        if raw.startswith(beginning):
            raise _Flaw(f"expected text, but this is a {kind} archive under that name: unpack it.")
    return raw


LINE_ENDS = {b"\r\n": "CR LF", b"\n": "LF", b"\r": "CR"}


def _check_line_ends(raw: bytes, table: Table) -> None:
    """Git and editors change line ends by themselves: say so where nothing else is wrong."""
    if _is_published(raw, table):
        return
    lines = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    for wanted in (b"\r\n", b"\n"):
        if _is_published(lines.replace(b"\n", wanted), table):
            # Where the hash is not known, another change of the same length would not be seen.
            sure = "" if table.sha256 else ", as far as its size tells"
            raise _Flaw(
                f"only the line ends differ{sure}: expected {LINE_ENDS[wanted]}, found {_line_ends(raw)}. In "
                "a clone, git did this (core.autocrlf): run `git config core.autocrlf false`, delete the "
                f"file, then run `git checkout -- {table.file}` in its folder. In an unpacked bundle, unpack "
                "it again."
            )


def _line_ends(raw: bytes) -> str:
    """Which line ends text has: "LF", or "CR LF and LF" where they are mixed."""
    without = raw.replace(b"\r\n", b"")
    found = {b"\r\n": len(without) < len(raw), b"\n": b"\n" in without, b"\r": b"\r" in without}
    return " and ".join(name for end, name in LINE_ENDS.items() if found[end])


def _is_published(raw: bytes, table: Table) -> bool:
    """Whether bytes are the published file's, as far as is known; False if nothing is known of it."""
    if table.sha256 is not None:
        return hashlib.sha256(raw).hexdigest() == table.sha256
    return len(raw) == table.n_bytes


def _check_encoding(raw: bytes, table: Table) -> None:
    if raw.isascii():
        return
    try:
        raw.decode(table.encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _Flaw(
            f"expected {table.encoding.upper()} text, but line {line:,} is in another encoding."
        ) from error
    # Every byte is a character of ISO-8859-1; but text that reads as UTF-8 too was surely saved as UTF-8.
    if table.encoding != "utf-8" and _is_utf8(raw):
        raise _Flaw(f"expected {table.encoding.upper()} text, but the file was saved again as UTF-8.")


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _check_first_line(raw: bytes, table: Table) -> None:
    first_line = raw[: raw.find(b"\n") if b"\n" in raw else None].decode(table.encoding).rstrip("\r")
    if table.header is not None:
        if first_line != table.header:
            raise _Flaw(
                f"expected the first line {table.header!r}, found {first_line[:80]!r}: "
                "these are other columns or separators."
            )
        return
    n_fields = first_line.count(table.separator) + 1
    if n_fields != len(table.columns):
        raise _Flaw(
            f"expected {len(table.columns)} fields separated by {table.separator!r}, "
            f"found {n_fields} in the first line {first_line[:80]!r}."
        )


def _check_not_truncated(raw: bytes, table: Table) -> None:
    n_lines = raw.count(b"\n") + (not raw.endswith(b"\n")) - (table.header is not None)
    if n_lines < table.n_rows:
        raise _Flaw(f"the file is truncated: expected {table.n_rows:,} rows, found {n_lines:,}.")


def _parse(raw: bytes, table: Table) -> pd.DataFrame:
    try:
        with np.errstate(invalid="raise"):  # else an infinite id would become some whole number
            return _read_csv(raw, table, dict(enumerate(table.columns.values())))
    except pd.errors.ParserError as error:
        complaint = str(error).split("C error: ")[-1].strip()
        # pandas expects of every row what the first one has, so that it blames the second for a short first.
        expected = re.match(r"Expected (\d+) fields", complaint)
        if expected and int(expected[1]) != len(table.columns):
            complaint = f"expected {len(table.columns)} fields in row 1, found {expected[1]}"
        raise _Flaw(f"{complaint}: a row is damaged or separated otherwise.") from error
    except (ValueError, ArithmeticError) as error:
        raise _Flaw(_first_misfit(raw, table)) from error


def _read_csv(raw: bytes, table: Table, dtype: dict[int, str] | str) -> pd.DataFrame:
    separator = table.separator
    if len(separator) > 1:
        # pandas' fast parser splits at single characters only. No published file has a tab in a field.
        raw, separator = raw.replace(separator.encode(), b"\t"), "\t"
    frame = pd.read_csv(
        io.BytesIO(raw),
        sep=separator,
        encoding=table.encoding,
        header=None,
        skiprows=int(table.header is not None),
        dtype=dtype,
        quoting=csv.QUOTE_MINIMAL if table.quoted else csv.QUOTE_NONE,
        escapechar=table.escape,
        na_filter=False,  # "NA" and "null" are titles as good as others
    )
    if len(frame.columns) != len(table.columns):
        raise _Flaw(f"expected {len(table.columns)} fields a row, found {len(frame.columns)}.")
    frame.columns = list(table.columns)
    if not table.ragged and (cut := frame[frame.columns[-1]].eq("")).any():
        raise _Flaw(f"row {cut.argmax() + 1:,} has too few fields; expected {len(table.columns)}.")
    return frame


def _first_misfit(raw: bytes, table: Table) -> str:
    """Name the first field that does not fit its column; only a bad file is read this second time."""
    text = _read_csv(raw, table, "str")
    for column, dtype in table.columns.items():
        if dtype != "str":
            numbers = pd.to_numeric(text[column], errors="coerce")
            bad = numbers.isna()
            if dtype == "int64":
                bad |= (numbers % 1 != 0) | (numbers.abs() >= 2**63)
            if bad.any():
                row = bad.argmax()
                wanted = "a whole number" if dtype == "int64" else "a number"
                return f"expected {wanted} as {column} in row {row + 1:,}, found {text[column][row]!r}."
    return "its fields do not fit the expected columns " + ", ".join(table.columns) + "."


def _check_bounds(frame: pd.DataFrame, table: Table) -> None:
    for column, (low, high) in table.bounds.items():
        bad = ~frame[column].between(low, high)
        if bad.any():
            row = bad.argmax()
            found = frame[column][row]
            raise _Flaw(f"expected {column} from {low:g} to {high:g}, found {found:g} in row {row + 1:,}.")


def _check_is_the_published_file(raw: bytes, frame: pd.DataFrame, table: Table) -> None:
    if len(frame) != table.n_rows:
        raise _Flaw(f"expected {table.n_rows:,} rows, found {len(frame):,}.")
    if table.n_bytes is not None and len(raw) != table.n_bytes:
        raise _Flaw(f"the file was changed: expected {table.n_bytes:,} bytes, found {len(raw):,}.")
    if table.sha256 is not None and (found := hashlib.sha256(raw).hexdigest()) != table.sha256:
        raise _Flaw(f"the file was changed: expected the SHA-256 {table.sha256[:12]}…, found {found[:12]}….")
