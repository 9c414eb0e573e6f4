"""One submission's conversation with its student's process: a request, an answer, each with a nonce.

What does not fit the conversation ends it: the process is killed, and the calls that follow fail with the
reason. An honest student's process never gives cause for that.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from time import monotonic
from types import FunctionType
from typing import Any

import numpy as np

from grader.examiner.apply_changes import Sent
from grader.examiner.decoded_size import check_extent
from grader.examiner.errors import CallFailed, rebuilt
from grader.examiner.limits import Limits
from grader.examiner.outputs import MAX_PRINTED
from grader.examiner.own_time_limit import OvertimeError
from grader.examiner.references import ExaminerLinks
from grader.examiner.room import Room
from grader.examiner.transport import EndedError, ExpiredError, Transport
from grader.record import Flag
from grader.values.decoder import Decoder
from grader.values.encoder import Encoder
from grader.values.frames import WireError, frame, read_frame

# What an instructor may want to know of a submission, beside ``grader.record.Flag``.
FORGED = "forged answer"
MAX_CALLS_WITHIN_CALLS = 20
MAX_LINES = 1000  # that the student's side may report at once
# Bytes of Python's objects for one of JSON that says what they are.
GROWTH = 12


@dataclass
class Trouble:
    """Why a cell did not run to its end.

    Attributes
    ----------
    flag : str
        For the instructor.
    sentence : str
        For the student.
    """

    flag: str
    sentence: str


@dataclass
class Conversation:
    """What has been noted in the course of it."""

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


class Session:
    """The examiner's end.

    Parameters
    ----------
    room : Room
        Where the student's process runs.
    limits : Limits
        Times and sizes.
    """

    def __init__(self, room: Room, limits: Limits) -> None:
        self._room, self._limits = room, limits
        self._transport = Transport(room.reader, room.writer)
        self._links = ExaminerLinks(self)
        self._deadline = monotonic() + limits.total
        self._callbacks: list[Callable] = []
        self._depth = 0
        self._received = 0  # bytes of what came, in the cell at hand
        self._printed = 0  # characters
        self._bound = False  # whether the cell at hand has changed names of the student's notebook
        self._restore = False
        self.log = Conversation()
        self.printed: list[tuple[str, str]] = []  # by the student's functions, in calls of the cell at hand
        # Runs before each of a graded cell's calls: what the cell did to the notebook's names goes first.
        self.before_call: Callable[[], None] = lambda: None

    # --- Cells

    def begin_cell(self, deadline: float) -> None:
        """Start a cell: it has until ``deadline`` (of ``time.monotonic``), and no trouble yet."""
        self._deadline, self._received, self._printed = deadline, 0, 0
        self._callbacks.clear()
        self.printed.clear()
        self.log.trouble = None
        # With the next request, whenever that is: the time of the cell that changed them may be over.
        self._restore, self._bound = self._restore or self._bound, False

    def run_cell(self, source: str, count: int) -> Any:
        """Run a student's cell; its outputs as they came, None if there was trouble."""
        request = {"op": "run", "source": source, "count": count}
        try:
            reply, _ = self._exchange(request, [], self._limits.cell, "The cell")
        except CallFailed:
            return None
        return reply.get("outputs")

    def kinds(self, names: list[str]) -> dict[str, str]:
        """What the student's notebook defines under these names: absent, module, callable or value."""
        reply, _ = self._exchange({"op": "names", "names": names}, [], self._limits.call, "The notebook")
        kinds = reply.get("names")
        if not isinstance(kinds, dict):
            raise self._broken("it does not say which names are defined")
        return {name: str(kinds.get(name, "absent")) for name in names}

    # --- Objects and functions of the student's

    def call(self, target: Any, args: tuple, kwargs: dict, what: str, any_object: bool) -> Any:
        """Call a student's function, class or object; the result, or the exception that it raised.

        The arguments change in place as the call changed them.
        """
        self.before_call()
        body = {"target": target, "args": list(args), "kwargs": kwargs}
        return self._perform("call", body, what, any_object)

    def get(self, target: Any, name: str, what: str) -> Any:
        """An attribute of a student's object."""
        self.before_call()
        return self._perform("getattr", {"target": target, "name": name}, what)

    def set(self, target: Any, name: str, value: Any, what: str) -> None:
        """Set an attribute of a student's object."""
        self.before_call()
        self._perform("setattr", {"target": target, "name": name, "value": value}, what)

    def value(self, name: str) -> Any:
        """What the student's notebook holds under a name."""
        return self._perform("value", {"name": name}, name)

    def bind(self, name: str, value: Any) -> None:
        """Let the student's functions see a value under a name until the cell at hand is over.

        Raises
        ------
        NotPlain
            If the value cannot go to the student's process.
        """
        self._bound = True
        self._perform("bind", {"name": name, "value": value}, name)

    def unbind(self, name: str) -> None:
        """Let the student's functions miss a name until the cell at hand is over."""
        self._bound = True
        self._perform("unbind", {"name": name}, name)

    def rebind(self, name: str) -> None:
        """Let the student's functions see what the notebook has under a name, as before ``bind``."""
        self._perform("rebind", {"name": name}, name)

    def backward(self, output: int, inputs: list[int], slope: Any) -> tuple:
        """Gradients of a student's tensor with respect to others, along ``slope``; None where it has none."""
        body = {"output": output, "inputs": inputs, "slope": slope}
        gradients = self._perform("backward", body, "The gradient")
        if not isinstance(gradients, tuple) or len(gradients) != len(inputs):
            raise self._broken("its gradients are not as many as were asked for")
        return gradients

    def number_of(self, function: Callable) -> int:
        """The number under which the student's side may have a function of the examiner's run."""
        if function not in self._callbacks:
            self._callbacks.append(function)
        return self._callbacks.index(function)

    # --- The protocol

    def _perform(self, op: str, body: dict, what: str, any_object: bool = False) -> Any:
        request = {"op": op, "what": what, "any_object": any_object}
        with _untraced() as tracer:
            if tracer is not None:
                request["traced"] = self.number_of(tracer)
            return self._answered(request, body)

    def _answered(self, request: dict, body: dict) -> Any:
        encoder = Encoder(self._links)
        request |= {"body": encoder.node(body), "state": _surroundings()}
        sent = Sent(encoder, self._links.sent_by_reference())
        reply, blobs = self._exchange(request, sent.blocks, self._limits.call, request["what"])
        try:
            return self._outcome(reply, blobs, sent)
        except (WireError, LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
            if hasattr(error, "student_frames"):
                raise
            raise self._broken(str(error)) from None

    def _outcome(self, reply: dict, blobs: list, sent: Sent) -> Any:
        self._print(reply.get("printed", []))
        count = reply.get("n_segments", 0)
        decoder = Decoder(blobs[:count], self._links, sent.objects, sent.array, self._limits.reply_bytes)
        if "changes" in reply:
            sent.write_blocks(reply["changes"]["blocks"], blobs[count:])
        self._links.inputs = sent.learned(reply.get("inputs", {}))
        result = decoder.value(reply["result"]) if "error" not in reply else None
        if "changes" in reply:
            sent.change_objects(reply["changes"]["objects"], decoder)
        if decoder.has_given:
            check_extent([result, *sent.objects], self._limits.reply_bytes)
        seed = reply.get("torch_seed")
        if "torch" in sys.modules and isinstance(seed, int) and 0 <= seed < 2**64:
            # A check may look whether the student's code seeds torch's own generator.
            sys.modules["torch"].manual_seed(seed)
        if "error" in reply:
            raise rebuilt(reply["error"])
        return result

    def _exchange(self, request: dict, blobs: list, seconds: float, what: str) -> tuple[dict, list]:
        """Send a request and serve the student's side until its answer comes."""
        if self.log.ended:
            raise self.log.note(Flag.KERNEL_DIED, self.log.ended)
        if self._depth >= MAX_CALLS_WITHIN_CALLS:
            raise self._broken("calls within calls do not end")
        nonce = secrets.token_hex(16)
        started, deadline = monotonic(), min(monotonic() + seconds, self._deadline)
        if started >= self._deadline:
            raise self.log.note(Flag.TIMEOUT, f"The time of this cell was over before {what} was called.")
        self._depth += 1
        try:
            if self._depth == 1 and self._transport.has_more():
                raise WireError("an answer came that nobody had asked for")
            header = request | {
                "nonce": nonce,
                "release": self._links.take_released(),
                "restore": self._restore,
                "reply_bytes": self._limits.reply_bytes,
            }
            self._transport.send(frame(header, blobs), deadline)
            self._restore = False
            for _ in range(self._limits.callbacks + 1):
                reply, more = self._receive(nonce, deadline)
                if "callback" not in reply:
                    return reply, more
                self._serve_callback(reply, more, deadline)
            raise WireError(
                f"a call asked for more than {self._limits.callbacks} calls of a check's function"
            )
        except ExpiredError:
            taken = monotonic() - started
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
            raise self._broken(str(error)) from None
        except OvertimeError:
            self._end("The checks of an earlier cell took too long, in the middle of a call.")
            raise
        finally:
            self._depth -= 1

    def _receive(self, nonce: str, deadline: float) -> tuple[dict, list]:
        text = 0

        def read(length: int) -> bytearray:
            nonlocal text
            text += length
            return self._transport.receive(length, deadline)

        reply, blobs = read_frame(read, self._limits.reply_bytes)
        if reply.get("re") != nonce:
            raise WireError("an answer came to a request that was not made")
        arrays = sum(map(len, blobs))
        self._received += arrays + GROWTH * (text - arrays)
        if self._received > self._limits.cell_bytes:
            raise WireError(f"more than {self._limits.cell_bytes / 2**20:.0f} MB came in one cell")
        return reply, blobs

    def _stop(self, nonce: str, sentence: str) -> CallFailed:
        """Interrupt what runs; if it goes on nevertheless, kill it."""
        self._room.interrupt()
        try:
            if self._depth > 1:
                raise ExpiredError
            reply, _ = self._receive(nonce, monotonic() + self._limits.grace)
            if "callback" in reply:
                raise ExpiredError
        except (ExpiredError, EndedError, WireError):
            self._end(f"{sentence} It did not let itself be interrupted, so that nothing ran after it.")
        return self.log.note(Flag.TIMEOUT, sentence)

    def _broken(self, problem: str) -> CallFailed:
        """End a conversation that an honest process would not lead."""
        sentence = f"What came from the student's process was no answer: {problem}."
        self._end(sentence)
        return self.log.note(FORGED, sentence)

    def _end(self, why: str) -> None:
        self.log.ended = self.log.ended or why
        self._room.kill()

    def _serve_callback(self, request: dict, blobs: list, deadline: float) -> None:
        """Run a function that a check passed to the student's code, and send its result back."""
        number = request["callback"]
        if type(number) is not int or not 0 <= number < len(self._callbacks):
            raise WireError("a function was asked for that no check has passed")
        body = Decoder(blobs, self._links, limit=self._limits.reply_bytes).value(request["body"])
        if not (
            isinstance(body, dict) and isinstance(body["args"], list) and isinstance(body["kwargs"], dict)
        ):
            raise WireError("the arguments of a check's function are not in order")
        answer: dict[str, Any] = {"op": "answer"}
        encoder = Encoder(self._links)
        try:
            with _gradients(request.get("grad") is True):
                result = self._callbacks[number](*body["args"], **body["kwargs"])
            answer["body"] = encoder.node(result)
        except Exception as error:  # it goes on in the student's code, as an exception does
            encoder = Encoder(self._links)
            answer |= {"error": type(error).__name__, "message": str(error)}
        segments = [segment.bytes for segment in encoder.segments()]
        self._links.sent_by_reference()
        self._transport.send(frame(answer, segments), deadline)

    def _print(self, printed: Any) -> None:
        for output in printed:
            if output["output_type"] == "stream" and output["name"] in ("stdout", "stderr"):
                text = str(output["text"])[: MAX_PRINTED - self._printed]
                self._printed += len(text)
                if text:
                    self.printed.append((output["name"], text))


def _surroundings() -> dict:
    state: dict[str, Any] = {"errors": np.geterr()}
    if "torch" in sys.modules:
        state["grad"] = sys.modules["torch"].is_grad_enabled()
    return state


@contextmanager
def _untraced() -> Iterator[Callable[[int], None] | None]:
    """Take a check's trace function off this side's own code; what passes the student's lines on to it.

    A check may count the lines that a function runs, to end a loop that never ends. They run elsewhere.
    """
    tracer = sys.gettrace()
    if not isinstance(tracer, FunctionType):  # none, or that of a debugger
        yield None
        return

    def passed(lines: int) -> None:
        for _ in range(min(lines, MAX_LINES)):
            tracer(sys._getframe(), "line", None)

    sys.settrace(None)
    try:
        yield passed
    finally:
        sys.settrace(tracer)


def _gradients(enabled: bool) -> AbstractContextManager:
    return sys.modules["torch"].set_grad_enabled(enabled) if "torch" in sys.modules else nullcontext()
