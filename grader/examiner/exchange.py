"""How does one request to the student's process get its one answer, or a reason why there is none?

Each request carries a nonce, and the answer repeats it. Whatever breaks these rules ends the conversation:
the process is killed, and all later calls fail with the reason. An honest student's process keeps them.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from grader.examiner.allowance import Allowance
from grader.examiner.errors import CallFailed
from grader.examiner.limits import ExaminerLimits
from grader.examiner.own_time_limit import OvertimeError
from grader.examiner.transport import EndedError, ExpiredError, StudentRoom, Transport
from grader.record import Flag
from grader.values.frames import WireError, frame, read_frame

# What an instructor may want to know of a submission, beside ``grader.record.Flag``.
FORGED = "forged answer"
MAX_CALLS_WITHIN_CALLS = 20
# Bytes of Python's objects for one byte of the JSON that describes them.
GROWTH = 12


@dataclass
class Trouble:
    """Why a cell did not run to its end: a flag for the instructor, a sentence for the student."""

    flag: str
    sentence: str


@dataclass
class Log:
    """What went wrong in the course of a conversation."""

    flags: list[str] = field(default_factory=list)
    trouble: Trouble | None = None  # of the cell at hand
    ended: str = ""  # why there is no one left to talk to

    def add_flag(self, flag: str) -> None:
        """Note something for the instructor that stops no cell."""
        if flag not in self.flags:
            self.flags.append(flag)

    def note(self, flag: str, sentence: str) -> CallFailed:
        """Note trouble; the exception to raise."""
        self.add_flag(flag)
        self.trouble = self.trouble or Trouble(flag, sentence)
        return CallFailed(sentence)


class Exchange:
    """Sends requests to the student's process and waits for the answers.

    Parameters
    ----------
    room : StudentRoom
        Where the student's process runs.
    limits : ExaminerLimits
        Times and sizes.
    answer_callback : callable
        Called with the header and the memory of each request that the student's side makes while a call is
        under way; returns the header and the memory of the answer.

    Attributes
    ----------
    whole : Allowance
        The time of all cells together.
    """

    def __init__(
        self,
        room: StudentRoom,
        limits: ExaminerLimits,
        answer_callback: Callable[[dict, list], tuple[dict, list]],
    ) -> None:
        self._room, self._limits, self._answer_callback = room, limits, answer_callback
        self._transport = Transport(room.reader, room.writer)
        self.whole = self._cell = Allowance(limits.total, room.time_used)
        self._depth = 0
        self._received = 0  # bytes of what came, in the cell at hand
        self.log = Log()

    def begin_cell(self, allowance: Allowance) -> None:
        """Start a cell: it has so much time, and no trouble yet."""
        self._cell, self._received, self.log.trouble = allowance, 0, None

    def ask(self, request: dict, blobs: list, seconds: float, what: str) -> tuple[dict, list]:
        """Send a request, and answer the student's side until its own answer comes.

        Raises
        ------
        CallFailed
            If none comes; the log says why.
        """
        if self.log.ended:
            raise self.log.note(Flag.KERNEL_DIED, self.log.ended)
        if self._depth >= MAX_CALLS_WITHIN_CALLS:
            raise self.broken("calls within calls do not end")
        if self._cell.left() <= 0:
            raise self.log.note(Flag.TIMEOUT, f"The time of this cell was over before {what} was called.")
        allowance, nonce = self._cell.part(seconds), secrets.token_hex(16)
        self._depth += 1
        try:
            if self._depth == 1 and self._transport.has_more():
                raise WireError("an answer came that nobody had asked for")
            self._transport.send(frame(request | {"nonce": nonce}, blobs), allowance)
            return self._answer(nonce, allowance)
        except ExpiredError:
            taken = allowance.used()
            sentence = f"{what} was stopped after {taken:.0f} s: is there a loop that never ends?"
            if request["op"] != "run" and taken < seconds / 2:  # earlier calls have taken the rest
                sentence = f"The time of this cell was over while {what} ran: is it called often, and slow?"
            raise self._stop(nonce, sentence) from None
        except EndedError:
            self._room.kill()
            cause = self._room.cause_of_death()
            self.log.ended = f"The student's code ended its process in an earlier call or cell. {cause}"
            raise self.log.note(
                Flag.KERNEL_DIED, f"{what} ended the process in which it ran. {cause}"
            ) from None
        except WireError as error:
            raise self.broken(str(error)) from None
        except OvertimeError:
            self._end("The checks of an earlier cell took too long, in the middle of a call.")
            raise
        finally:
            self._depth -= 1

    def broken(self, problem: str) -> CallFailed:
        """End a conversation that an honest process would not lead; the exception to raise."""
        sentence = f"What came from the student's process was no answer: {problem}."
        self._end(sentence)
        return self.log.note(FORGED, sentence)

    def _answer(self, nonce: str, allowance: Allowance) -> tuple[dict, list]:
        for _ in range(self._limits.callbacks + 1):
            reply, blobs = self._receive(nonce, allowance)
            if "callback" not in reply:
                return reply, blobs
            self._transport.send(frame(*self._answer_callback(reply, blobs)), allowance)
        raise WireError(f"a call asked for more than {self._limits.callbacks} calls of a check's function")

    def _receive(self, nonce: str, allowance: Allowance) -> tuple[dict, list]:
        received = 0

        def read(length: int) -> bytearray:
            nonlocal received
            received += length
            return self._transport.receive(length, allowance)

        reply, blobs = read_frame(read, self._limits.reply_bytes)
        if reply.get("re") != nonce:
            raise WireError("an answer came to a request that was not made")
        arrays = sum(map(len, blobs))
        self._received += arrays + GROWTH * (received - arrays)
        if self._received > self._limits.cell_bytes:
            raise WireError(f"more than {self._limits.cell_bytes / 2**20:.0f} MB came in one cell")
        return reply, blobs

    def _stop(self, nonce: str, sentence: str) -> CallFailed:
        """Interrupt the code that runs, and kill its process if that does not stop it."""
        self._room.interrupt()
        try:
            if self._depth > 1:
                raise ExpiredError
            reply, _ = self._receive(nonce, Allowance(self._limits.grace, self._room.time_used))
            if "callback" in reply:
                raise ExpiredError
        except (ExpiredError, EndedError, WireError):
            self._end(f"{sentence} It did not let itself be interrupted, so that nothing ran after it.")
        return self.log.note(Flag.TIMEOUT, sentence)

    def _end(self, why: str) -> None:
        self.log.ended = self.log.ended or why
        self._room.kill()
