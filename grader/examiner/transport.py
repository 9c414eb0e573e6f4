"""How do bytes get to the student's process and back, with an end to every wait?"""

from __future__ import annotations

import os
import select
from typing import Any, Protocol

from grader.examiner.allowance import Allowance
from grader.used_time import Used

CHUNK = 2**20  # bytes
AHEAD = 2**16


class StudentRoom(Protocol):
    """A process that serves ``grader.student.driver``, and ways to stop it.

    Attributes
    ----------
    reader, writer : binary streams
        The connection with that process; both have a file descriptor.
    """

    reader: Any
    writer: Any

    def interrupt(self) -> None:
        """Send the process SIGINT, as Ctrl-C does."""

    def kill(self) -> None:
        """End the process and all that it started."""

    def time_used(self) -> Used | None:
        """What the process and all that it started have used by now; None if nobody can say."""

    def cause_of_death(self) -> str:
        """A sentence that says why the process has ended, for the student and the instructor."""


class ExpiredError(Exception):
    """The time was over before all bytes had been read or written."""


class EndedError(Exception):
    """The other side has closed the connection."""


class Transport:
    """A connection whose other end may be silent, slow or gone.

    Parameters
    ----------
    reader, writer : objects with a file descriptor
        Both are made non-blocking: else a write to a process that does not read would never return.
    """

    def __init__(self, reader: Any, writer: Any) -> None:
        self._in, self._out = reader.fileno(), writer.fileno()
        for descriptor in (self._in, self._out):
            os.set_blocking(descriptor, False)
        self._ahead = bytearray()  # came, and has not been asked for

    def send(self, pieces: list[Any], allowance: Allowance) -> None:
        """Write all pieces.

        Raises
        ------
        ExpiredError, EndedError
            If that cannot be done in the time that is left, or at all.
        """
        for piece in pieces:
            rest = memoryview(piece).cast("B")
            while rest:
                _wait([], [self._out], allowance)
                try:
                    rest = rest[os.write(self._out, rest[:CHUNK]) :]
                except BlockingIOError:
                    continue
                except OSError:
                    raise EndedError from None

    def receive(self, length: int, allowance: Allowance) -> bytearray:
        """Read exactly so many bytes.

        Raises
        ------
        ExpiredError, EndedError
            If they do not come in the time that is left, or at all.
        """
        block, self._ahead = self._ahead, bytearray()
        while len(block) < length:
            _wait([self._in], [], allowance)
            try:
                # A small frame is read whole, though its parts are asked for one by one.
                piece = os.read(self._in, min(max(length - len(block), AHEAD), CHUNK))
            except BlockingIOError:
                continue
            except OSError:
                raise EndedError from None
            if not piece:
                raise EndedError
            block += piece
        self._ahead = block[length:]
        del block[length:]
        return block

    def has_more(self) -> bool:
        """Whether bytes wait that nobody has asked for (the end of the connection counts as none)."""
        if self._ahead:
            return True
        ready, _, _ = select.select([self._in], [], [], 0)
        if not ready:
            return False
        try:
            return bool(os.read(self._in, 1))
        except OSError:
            return False


def _wait(read: list[int], write: list[int], allowance: Allowance) -> None:
    while (left := allowance.left()) > 0:
        # poll() would do for file descriptors above 1023; a grader holds a few dozen at most.
        if any(select.select(read, write, [], left)):
            return
    raise ExpiredError
