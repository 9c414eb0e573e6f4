"""Which outputs of a student's cells are kept? Text of known kinds and bounded size, in new objects."""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

from grader.cells import TIMEOUT
from grader.record import Flag
from grader.values.frames import WireError

MAX_OUTPUTS = 300  # of a cell
MAX_TEXT = 10_000_000  # characters of one text, such as a picture in base64
MIMES = {
    *("text/plain", "text/html", "text/markdown", "text/latex"),
    *("image/png", "image/jpeg", "image/svg+xml"),
}
MAX_PRINTED = 100_000  # characters that the calls of a test cell may print
MAX_OF_NOTEBOOK = 50_000_000  # characters of all outputs of a notebook
OF_AN_OUTPUT = 1_000  # characters that could be kept in the place of an empty output
STREAMS = ("stdout", "stderr")
STOPPED = "KernelStopped"


def plain_outputs(raw: Any, count: int, more: Set[str] = frozenset()) -> list[NotebookNode]:
    """Outputs in nbformat's shape, with nothing in them but text.

    Parameters
    ----------
    raw : list of dict
        What the student's side says that the cell put out.
    count : int
        The cell's execution count.
    more : set of str
        Kinds of displays that are kept besides the usual ones.

    Raises
    ------
    WireError
        If it is no list of outputs.
    """
    try:
        return [_output(each, count, MIMES | more) for each in raw[:MAX_OUTPUTS]]
    except (KeyError, TypeError, AttributeError) as error:
        raise WireError(f"a cell's outputs are not in order ({type(error).__name__}: {error})") from None


def characters(outputs: Iterable[NotebookNode]) -> int:
    """How many characters outputs have, about, and what each takes beside them."""
    return sum(OF_AN_OUTPUT + len(str(output)) for output in outputs)


def _output(raw: dict, count: int, mimes: Set[str]) -> NotebookNode:
    kind = raw["output_type"]
    if kind == "stream" and raw["name"] in STREAMS:
        return new_output("stream", name=raw["name"], text=_text(raw["text"]))
    if kind == "error":
        return new_output(
            "error",
            ename=students_name(_text(raw["ename"])),
            evalue=_text(raw["evalue"]),
            traceback=[_text(entry) for entry in raw["traceback"]],
        )
    if kind in ("display_data", "execute_result"):
        data = {mime: _text(value) for mime, value in raw["data"].items() if mime in mimes}
        more = {"execution_count": count} if kind == "execute_result" else {}
        return new_output(kind, data, **more)
    raise TypeError(f"{kind!r} is no kind of output")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("an output holds what is no text")
    # Half of a surrogate pair cannot be written to a file.
    return value[:MAX_TEXT].encode(errors="replace").decode()


def students_name(name: str) -> str:
    """The name of a student's exception class, told apart from those by which the grader says what it did."""
    return f"student's {name}" if name in (TIMEOUT, STOPPED) else name


def error_output(name: str, message: str, frames: Iterable[str] = ()) -> NotebookNode:
    """An error output with these frames above its last line."""
    last = f"{name}: {message}" if message else name
    return new_output("error", ename=name, evalue=message, traceback=[*frames, last])


def trouble_output(flag: str, sentence: str) -> NotebookNode:
    """The error output of a cell that was not run to its end."""
    return error_output(TIMEOUT if flag == Flag.TIMEOUT else STOPPED, sentence)


def printed_outputs(printed: Iterable[tuple[str, str]]) -> list[NotebookNode]:
    """Stream outputs of what was printed, in order, up to `MAX_PRINTED` characters."""
    outputs: list[NotebookNode] = []
    left = MAX_PRINTED
    for name, text in printed:
        text = text[:left]
        left -= len(text)
        if outputs and outputs[-1].name == name:
            outputs[-1].text += text
        elif text:
            outputs.append(new_output("stream", name=name, text=_text(text)))
    return outputs
