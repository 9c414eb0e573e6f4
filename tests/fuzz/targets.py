"""What reads what a student sends? The codec, the reader of notebooks, the page: each takes bytes here."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from unittest.mock import patch

import nbformat
import numpy as np
import pandas as pd
import torch
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from scipy import sparse

from grader.examiner import exchange
from grader.examiner.errors import CallFailed
from grader.examiner.limits import ExaminerLimits
from grader.examiner.outputs import plain_outputs
from grader.examiner.proxy import Remote, named
from grader.examiner.session import Session
from grader.examiner.transport import EndedError
from grader.feedback.page import page
from grader.intake.errors import UnfitSubmission
from grader.intake.json_values import count_values
from grader.intake.notebook import looks_like_notebook, read_cells, write_cells
from grader.rendering import one_page
from grader.steps.sanitize_outputs import make_inert
from grader.used_time import Used
from grader.values.frames import PREFIX, WireError

# Stands in a reply for the request's nonce, which an attacker knows.
NONCE = "0" * 32
LIMITS = ExaminerLimits(reply_bytes=32 * 2**20, cell_bytes=64 * 2**20, callbacks=20)


class _Room:
    """A student's process of which nothing is left but what it sends."""

    reader = writer = None

    def interrupt(self) -> None:
        """Nothing to stop."""

    def kill(self) -> None:
        """Nothing to end."""

    def time_used(self) -> Used:
        """Nothing: there is no process."""
        return Used(0.0, 0.0)

    def cause_of_death(self) -> str:
        return "It has said all."


class _Replies:
    """In the place of ``Transport``: whatever is asked, the same bytes come."""

    def __init__(self, reply: bytes) -> None:
        self._reply, self._left = reply, b""

    def send(self, pieces: list[Any], deadline: float) -> None:
        text = b"".join(map(bytes, pieces))
        length = int.from_bytes(text[4:PREFIX], "little")
        nonce = json.loads(text[PREFIX : PREFIX + length]).get("nonce")
        if nonce is not None:
            self._left = self._reply.replace(NONCE.encode(), nonce.encode(), 1)

    def receive(self, length: int, deadline: float) -> bytearray:
        block, self._left = bytearray(self._left[:length]), self._left[length:]
        if len(block) < length:
            raise EndedError
        return block

    def has_more(self) -> bool:
        return False


def codec(reply: bytes) -> None:
    """Ask for all that an examiner asks for, and get this frame each time."""
    asks: list[Callable[[Session], object]] = [
        lambda session: _use(session.call(named(session, "f"), [(_arguments(), {})], "f", True)[0]),
        lambda session: _use(session.get(named(session, "f"), "x", "f.x")),
        lambda session: session.kinds(["f"]),
        lambda session: plain_outputs(session.run_cell("1", 1) or [], 1),
        lambda session: session.backward(1, [2], torch.ones(1)),
    ]
    for ask in asks:
        said = _with_one_result(reply) if ask is asks[0] else reply
        with patch.object(exchange, "Transport", lambda *_, said=said: _Replies(said)):
            session = Session(_Room(), LIMITS)
        session.begin_cell(session.whole.part(60))
        try:
            ask(session)
        except (CallFailed, WireError):
            pass
        except Exception as error:
            # What the student's code is said to have raised is for the check to judge.
            if not hasattr(error, "student_frames"):
                raise


def _with_one_result(reply: bytes) -> bytes:
    """The frame with its result as that of one call: calls are answered by the results of several."""
    end = PREFIX + int.from_bytes(reply[4:PREFIX], "little")
    try:
        header = json.loads(reply[PREFIX:end])
        header["result"] = {"t": "tuple", "v": [header["result"]]}
    except (ValueError, LookupError, TypeError):
        return reply
    text = json.dumps(header).encode()
    return reply[:4] + len(text).to_bytes(8, "little") + text + reply[end:]


def _arguments() -> tuple:
    """One of each kind that can change in place, and a function that may be called back."""
    base = np.arange(12.0).reshape(3, 4)
    return (
        *(base, base[:, ::2], [1, [2.0], "a"], {"a": [1]}, {1, 2}),
        *(sparse.csr_array(np.eye(3)), sparse.coo_array(np.eye(3))),
        *(np.random.default_rng(1), torch.ones(3, requires_grad=True), torch.Generator()),
        *(pd.DataFrame({"a": [1.0, 2.0]}), pd.Series(["x", "y"]), lambda *values, **named: len(values)),
    )


def _use(value: object) -> None:
    """What most checks do first with a result."""
    if isinstance(value, Remote):
        return
    with warnings.catch_warnings(), np.errstate(all="ignore"), suppress(Exception):
        warnings.simplefilter("ignore")
        np.asarray(value)


def notebook(content: bytes) -> None:
    """Read it as what was handed in, and write what is kept of it."""
    count_values(content)
    looks_like_notebook("any", content)
    try:
        cells = read_cells(content, "the file")
    except UnfitSubmission:
        return
    written = write_cells(cells)
    nbformat.validate(nbformat.reads(written.decode(), as_version=4))


# How a text can come to a page; the first byte of an input says which way.
WAYS: list[Callable[[str], NotebookNode]] = [
    new_code_cell,
    new_markdown_cell,
    lambda text: new_markdown_cell(text, attachments={"p.png": {"image/png": text}}),
    lambda text: new_code_cell("1", outputs=[new_output("stream", name="stdout", text=text)]),
    lambda text: new_code_cell("1", outputs=[new_output("stream", name="stderr", text=text)]),
    lambda text: new_code_cell(
        "1", outputs=[new_output("error", ename=text[:20], evalue=text, traceback=[text, text])]
    ),
    *(
        lambda text, kind=kind: new_code_cell("1", outputs=[new_output("display_data", {kind: text})])
        for kind in (
            *("text/plain", "text/html", "text/markdown", "text/latex"),
            *("image/png", "image/jpeg", "image/svg+xml"),
        )
    ),
]
NAMES = {"assignment": "01", "notebook": "unit", "student": "eve"}


def a_page(content: bytes) -> None:
    """Show a text in one of the ways, in a graded notebook and on the page of feedback."""
    way, text = WAYS[content[0] % len(WAYS) if content else 0], content[1:].decode(errors="replace")
    nb = new_notebook(cells=[way(text), new_markdown_cell("# The end")])
    with one_page():
        make_inert(nb)
    written = page(nb, [], dict(NAMES))
    assert written.rstrip().endswith("</html>"), "the page breaks off"
    assert "<script" not in written.lower(), "the page holds a script"


TARGETS: dict[str, Callable[[bytes], None]] = {"codec": codec, "notebook": notebook, "page": a_page}
