"""How does untrusted text become HTML in bounded time? In a process of its own, and else as plain text.

Parsers and highlighters take time that grows with the square of some texts, or faster, and their authors do
not promise otherwise. So no text is trusted: what takes too long is shown as it was written.
"""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from multiprocessing.connection import wait

from markupsafe import Markup

from grader.load import MOST as SLOWEST
from grader.render_process import receive, send
from grader.safe_html import COLOURED_LENGTH, verbatim

# Of processor time; an honest page takes a tenth of a second.
SECONDS_OF_A_CALL = 1.0
SECONDS_OF_A_PAGE = 3.0
# What is left of a page is not worth a try below it, and no timer counts much less.
LEAST = 0.01
# By the clock, on a machine so busy that the process has hardly any of it.
LONGEST_WAIT = 12 * SECONDS_OF_A_CALL * SLOWEST
# Longer texts are rendered anew for each page that has them.
KEPT_LENGTH = 20_000


class TooLongError(Exception):
    """The text cannot be shown in the time that there is for it."""


class Renderer:
    """A process that renders, started when it is first needed, and again after it was ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: _Process | None = None

    def render(self, function: str, arguments: tuple, seconds: float) -> tuple[Markup | None, float]:
        """What a function of `grader.safe_html` makes of its arguments, and the seconds that it took.

        None stands for: it took longer than that, or could not be done.
        """
        with self._lock:
            self._process = self._process or _Process()
            answer = None
            try:
                with suppress(OSError):  # it has ended
                    answer = self._process.ask(
                        {"function": function, "arguments": arguments, "seconds": seconds}
                    )
            finally:
                if answer is None:
                    self._end()
        answer = {"html": None} if answer is None else answer
        html = answer["html"]
        return None if html is None else Markup(html), answer.get("seconds", seconds)

    def start(self) -> None:
        """Begin to import what it needs, for speed alone; returns at once."""
        with self._lock:
            self._process = self._process or _Process()

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._process is not None:
            self._process.end()
            self._process = None


class _Process:
    """``grader.render_process``, and the two streams to it."""

    def __init__(self) -> None:
        (requests, to_it), (from_it, answers) = os.pipe(), os.pipe()
        with open(requests, "rb") as stdin, open(answers, "wb") as stdout:
            self._process = subprocess.Popen(
                # No folder in which it happens to be started comes before the packages.
                [sys.executable, "-P", "-m", "grader.render_process"],
                stdin=stdin,
                stdout=stdout,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.pid = self._process.pid
        self._out, self._in = open(to_it, "wb"), open(from_it, "rb")

    def ask(self, request: dict) -> dict | None:
        """The answer to a request; None if there is none in time."""
        send(self._out, request)
        return receive(self._in) if wait([self._in.fileno()], LONGEST_WAIT) else None

    def end(self) -> None:
        """Kill it, and its fork."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        for stream in (self._out, self._in):
            with suppress(OSError):  # what was under way to it is lost
                stream.close()


RENDERER = Renderer()
atexit.register(RENDERER.close)


class _Left(threading.local):
    """The seconds that are left for what this thread renders; None outside of a page."""

    seconds: float | None = None


_left = _Left()


@contextmanager
def one_page(seconds: float | None = None) -> Iterator[Callable[[], float]]:
    """All that is rendered in the block has a time together; the rest is plain text.

    Parameters
    ----------
    seconds : float, optional
        Of processor time; `SECONDS_OF_A_PAGE`, that is for what one student wrote, if not given.

    Yields
    ------
    callable
        Says how many seconds of it are left.
    """
    before, _left.seconds = _left.seconds, SECONDS_OF_A_PAGE if seconds is None else seconds
    try:
        yield lambda: _left.seconds or 0.0
    finally:
        _left.seconds = before


def _render(function: str, *arguments: object) -> Markup:
    seconds = SECONDS_OF_A_CALL if _left.seconds is None else min(SECONDS_OF_A_CALL, _left.seconds)
    if seconds < LEAST:
        raise TooLongError
    html, taken = RENDERER.render(function, arguments, seconds)
    if _left.seconds is not None:
        _left.seconds -= taken
    if html is None:
        raise TooLongError
    return html


@lru_cache(maxsize=1024)
def _kept(function: str, *arguments: str) -> Markup:
    # A unit's own cells are the same on each page. What took too long is an exception, which is not kept.
    return _render(function, *arguments)


def _rendered(function: str, text: str) -> Markup:
    render: Callable[..., Markup] = _kept if len(text) <= KEPT_LENGTH else _render
    try:
        return render(function, text)
    except TooLongError:
        return verbatim(text)


def clean_html(text: str) -> Markup:
    """As `grader.safe_html.clean_html`; HTML that takes too long is shown as text."""
    return _rendered("clean_html", text)


def prose(text: str) -> Markup:
    """Markdown as HTML, formulas as MathML; what takes too long is shown as text."""
    return prose_with_pictures(text, {})


def prose_with_pictures(text: str, attachments: dict) -> Markup:
    """As `grader.safe_html.prose_with_pictures`; what takes too long is shown as text, without pictures."""
    if not attachments:
        return _rendered("prose_with_pictures", text)
    try:
        return _render("prose_with_pictures", text, attachments)
    except TooLongError:
        return verbatim(text)


def terminal(text: str) -> Markup:
    """As `grader.safe_html.terminal`; output whose colours take too long is shown with their codes."""
    return _rendered("terminal", text) if "\x1b" in text else verbatim(text)


def code(source: str) -> Markup:
    """As `grader.safe_html.code`; code whose colours take too long has none."""
    return _rendered("code", source) if len(source) <= COLOURED_LENGTH else verbatim(source)


def tex_output(text: str) -> Markup:
    """As `grader.safe_html.tex_output`; a formula that takes too long is shown as TeX."""
    return _rendered("tex_output", text)
