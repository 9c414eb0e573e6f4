"""What can the examiner ask of the student's process, and what does it make of the answers?

It asks to run cells, to call functions, to read and set values. A :class:`Session` lasts for one submission;
``exchange`` gets each request its answer.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import FunctionType
from typing import Any

import numpy as np

from grader.examiner.allowance import Allowance
from grader.examiner.apply_changes import SentArguments
from grader.examiner.decoded_size import check_extent
from grader.examiner.errors import CallFailed, raised, rebuilt
from grader.examiner.exchange import Exchange, Log
from grader.examiner.limits import ExaminerLimits
from grader.examiner.outputs import MAX_PRINTED
from grader.examiner.references import ExaminerReferences
from grader.examiner.transport import StudentRoom
from grader.examiner.withheld import Raised
from grader.values.decoder import Decoder
from grader.values.encoder import Encoder
from grader.values.frames import WireError

MAX_LINES = 1_000_000  # that the student's side may report at once


class Session:
    """The examiner's end of the conversation with one submission's process.

    Parameters
    ----------
    room, limits
        As for :class:`Exchange`.

    Attributes
    ----------
    printed : list of (str, str)
        What the student's functions printed in calls of the cell at hand: the stream and the text.
    raised : list of Raised
        The exceptions of these calls.
    generator : random.Random
        Draws when a call has drawn from Python's global generator. This process's own is no witness: threads
        that keep it connected draw from that one, too.
    """

    def __init__(self, room: StudentRoom, limits: ExaminerLimits) -> None:
        self._limits = limits
        self._exchange = Exchange(room, limits, self._run_callback)
        self._references = ExaminerReferences(self)
        self._callbacks: list[Callable] = []
        self._printed = 0  # characters
        self._cell = 0  # the student's side undoes what a graded cell did to names when the next one begins
        self.printed: list[tuple[str, str]] = []
        self.raised: list[Raised] = []
        self.generator = random.Random(0)
        self._sources: dict[int, str] = {}  # of the student's cells, by number
        # Runs before each of a graded cell's calls: what the cell did to the notebook's names goes first.
        self.before_call: Callable[[], None] = lambda: None

    @property
    def log(self) -> Log:
        """What went wrong so far."""
        return self._exchange.log

    @property
    def whole(self) -> Allowance:
        """The time of all cells together; that of each is a part of it."""
        return self._exchange.whole

    # --- Cells

    def begin_cell(self, allowance: Allowance) -> None:
        """Start a cell: it has so much time, and no trouble yet."""
        self._exchange.begin_cell(allowance)
        self._printed = 0
        self._callbacks.clear()
        self.printed.clear()
        self.raised.clear()
        self._cell += 1

    def run_cell(self, source: str, count: int) -> Any:
        """Run a student's cell; its outputs as they came, None if there was trouble."""
        request = {"op": "run", "source": source, "count": count}
        self._sources[count] = source
        try:
            reply, _ = self._ask(request, [], self._limits.cell, "The cell")
        except CallFailed:
            return None
        return reply.get("outputs")

    def lines(self, count: int) -> list[str] | None:
        """The lines of the student's cell with this number, if one ran."""
        return self._sources[count].splitlines() if count in self._sources else None

    def kinds(self, names: list[str]) -> dict[str, str]:
        """What the student's notebook defines under these names: absent, module, callable or value."""
        reply, _ = self._ask({"op": "names", "names": names}, [], self._limits.call, "The notebook")
        kinds = reply.get("names")
        if not isinstance(kinds, dict):
            raise self._exchange.broken("it does not say which names are defined")
        return {name: str(kinds.get(name, "absent")) for name in names}

    # --- Objects and functions of the student's

    def call(self, target: Any, calls: list[tuple[tuple, dict]], what: str, any_object: bool) -> tuple:
        """Call a student's function, class or object, once with each of the arguments.

        The results, or the first exception that a call raised, after which no other call is made. The
        arguments change in place as the calls changed them.
        """
        self.before_call()
        # As a tuple, which the other side cannot change: neither what was asked nor how often.
        body = {"target": target, "calls": tuple(calls)}
        # Many calls together have the time that they would have had one by one.
        seconds = self._limits.call if len(calls) <= 2 else self._limits.cell
        results = self._perform("call", body, what, any_object, seconds)
        if type(results) is not tuple or len(results) != len(calls):
            raise self._exchange.broken("it has not as many results as there were calls")
        return results

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
        self._perform("bind", {"name": name, "value": value}, name)

    def unbind(self, name: str) -> None:
        """Let the student's functions miss a name until the cell at hand is over."""
        self._perform("unbind", {"name": name}, name)

    def rebind(self, name: str) -> None:
        """Let the student's functions see what the notebook has under a name, as before ``bind``."""
        self._perform("rebind", {"name": name}, name)

    def backward(self, output: int, inputs: list[int], slope: Any) -> tuple:
        """Gradients of a student's tensor with respect to others, along ``slope``; None where it has none."""
        body = {"output": output, "inputs": inputs, "slope": slope}
        gradients = self._perform("backward", body, "The gradient")
        if not isinstance(gradients, tuple) or len(gradients) != len(inputs):
            raise self._exchange.broken("its gradients are not as many as were asked for")
        return gradients

    def number_of(self, function: Callable) -> int:
        """The number under which the student's side may have a function of the examiner's run."""
        if function not in self._callbacks:
            self._callbacks.append(function)
        return self._callbacks.index(function)

    @contextmanager
    def draws_alone(self) -> Iterator[None]:
        """Let `random.getstate` tell of what the student's code draws, and of no other thread's draws."""
        before, random.getstate = random.getstate, self.generator.getstate
        try:
            yield
        finally:
            random.getstate = before

    # --- What goes out and what comes back

    def _perform(
        self, op: str, body: dict, what: str, any_object: bool = False, seconds: float | None = None
    ) -> Any:
        request = {"op": op, "what": what, "any_object": any_object}
        with _untraced() as tracer:
            if tracer is not None:
                request["traced"] = self.number_of(tracer)
            encoder = Encoder(self._references)
            request |= {"body": encoder.node(body), "state": _surroundings()}
            sent = SentArguments(encoder, self._references.sent_by_reference())
            reply, blobs = self._ask(request, sent.blocks, seconds or self._limits.call, what)
            try:
                return self._outcome(reply, blobs, sent)
            except (WireError, LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
                if hasattr(error, "student_frames"):
                    raise
                raise self._exchange.broken(str(error)) from None

    def _ask(self, request: dict, blobs: list, seconds: float, what: str) -> tuple[dict, list]:
        header = {
            "cell": self._cell,
            "release": self._references.take_released(),
            "reply_bytes": self._limits.reply_bytes,
        }
        return self._exchange.ask(request | header, blobs, seconds, what)

    def _outcome(self, reply: dict, blobs: list, sent: SentArguments) -> Any:
        self._print(reply.get("printed", []))
        count = reply.get("n_segments", 0)
        decoder = Decoder(blobs[:count], self._references, sent.objects, sent.array, self._limits.reply_bytes)
        if "changes" in reply:
            sent.write_blocks(reply["changes"]["blocks"], blobs[count:])
        self._references.inputs = sent.learned(reply.get("inputs", {}))
        result = decoder.value(reply["result"]) if "error" not in reply else None
        if "changes" in reply:
            sent.change_objects(reply["changes"]["objects"], decoder)
        if decoder.has_given:
            check_extent([result, *sent.objects], self._limits.reply_bytes)
        seed = reply.get("torch_seed")
        if "torch" in sys.modules and isinstance(seed, int) and 0 <= seed < 2**64:
            # A check may look whether the student's code seeds torch's own generator.
            sys.modules["torch"].manual_seed(seed)
        self._draw_too(reply.get("drawn"))
        if "error" in reply:
            error = rebuilt(reply["error"])
            self.raised.append(raised(error, reply["error"]))
            raise error
        return result

    def _draw_too(self, names: Any) -> None:
        """Draw a number from each global generator that a call has drawn from: a check may look at them."""
        if not isinstance(names, list):
            return
        if "random" in names:
            self.generator.random()
        if "numpy" in names:
            np.random.random_sample()  # noqa: NPY002  # it is the global one that is meant
        if "torch" in names and "torch" in sys.modules:
            sys.modules["torch"].rand(())

    def _print(self, printed: Any) -> None:
        for output in printed:
            if output["output_type"] == "stream" and output["name"] in ("stdout", "stderr"):
                text = str(output["text"])[: MAX_PRINTED - self._printed]
                self._printed += len(text)
                if text:
                    self.printed.append((output["name"], text))

    def _run_callback(self, request: dict, blobs: list) -> tuple[dict, list]:
        """Run a function that a check passed to the student's code; the answer's header and memory."""
        number = request["callback"]
        if type(number) is not int or not 0 <= number < len(self._callbacks):
            raise WireError("a function was asked for that no check has passed")
        body = Decoder(blobs, self._references, limit=self._limits.reply_bytes).value(request.get("body"))
        if not (
            isinstance(body, dict)
            and isinstance(body.get("args"), list)
            and isinstance(body.get("kwargs"), dict)
        ):
            raise WireError("the arguments of a check's function are not in order")
        answer: dict[str, Any] = {"op": "answer"}
        encoder = Encoder(self._references)
        try:
            with _gradients(request.get("grad") is True):
                result = self._callbacks[number](*body["args"], **body["kwargs"])
            answer["body"] = encoder.node(result)
        except Exception as error:  # it goes on in the student's code, as an exception does
            encoder = Encoder(self._references)
            answer |= {"error": type(error).__name__, "message": str(error)}
        segments = [segment.bytes for segment in encoder.segments()]
        self._references.sent_by_reference()
        return answer, segments


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
