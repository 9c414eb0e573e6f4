"""Serve the examiner: run cells, call the student's functions and classes, say what they did.

One request at a time comes in and one reply goes out, with the request's nonce. While a call is under way it
may itself ask the examiner to run a function that came as an argument, which may in turn ask for more calls.
"""

from __future__ import annotations

import builtins
import io
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ..values.cell_frames import cell_frames
from ..values.decoder import Decoder
from ..values.encoder import Encoder
from ..values.frames import FRAME_LIMIT, WireError, frame, read_frame
from ..values.memory import NotPlain
from .bindings import Bindings
from .changes import Arguments
from .global_generators import states, used
from .references import StudentReferences
from .shell import CellShell, make_shell

MAX_MESSAGE = 20_000  # characters of an exception's message
LINES_A_REPORT = 500  # at least: each report is a way to the examiner and back
MAX_PRINTED = 20_000  # characters that a call may print; the examiner keeps some five times as many of a cell


def serve(reader: io.RawIOBase, writer: io.RawIOBase, folder: str | os.PathLike | None = None) -> None:
    """Answer requests until the examiner closes the connection.

    Parameters
    ----------
    reader, writer : binary streams
        The connection with the examiner.
    folder : path, optional
        Where files may be written; by default the folder for temporary files.
    """
    Driver(reader, writer, Path(folder or tempfile.gettempdir())).serve()


_AGAIN = 0.01  # seconds


class Driver:
    """The student's side of one submission."""

    def __init__(self, reader: io.RawIOBase, writer: io.RawIOBase, folder: Path) -> None:
        # Buffered: the parts of a frame, asked for one by one, come with one look at the connection.
        self._reader, self._writer, self._folder = io.BufferedReader(reader), writer, folder
        self.shell: CellShell = make_shell(folder)
        self._bindings, self._cell = Bindings(self.shell.user_ns), 0
        self.links = StudentReferences(self)
        self._interruptible = False
        self._nonces: list[str] = []  # of the requests under way, the innermost last
        self._is_under_way = False  # an interrupt of the code that runs
        signal.signal(signal.SIGINT, self._interrupted)
        signal.signal(signal.SIGALRM, self._interrupted)
        sys.unraisablehook = self._not_raised
        self._operations: dict[str, Callable[[dict, dict], Any]] = {
            "call": self._call,
            "getattr": self._getattr,
            "setattr": self._setattr,
            "value": self._value,
            "backward": self._backward,
            "bind": self._bind,
            "unbind": self._unbind,
            "rebind": self._rebind,
        }

    # --- The connection

    def serve(self) -> None:
        """Answer requests until the connection ends."""
        while True:
            try:
                request, blobs = read_frame(self._read)
            except EOFError:
                return
            self._answer(request, blobs)

    def _answer(self, request: dict, blobs: list) -> None:
        self._nonces.append(request["nonce"])
        self.links.release(request["release"])
        if request["cell"] != self._cell:
            self._bindings.restore_all()
            self._cell = request["cell"]
        if request["op"] == "run":
            self._run_cell(request)
        elif request["op"] == "names":
            self._reply({"names": {name: self._kind(name) for name in request["names"]}})
        else:
            self._perform(request, blobs)
        self._nonces.pop()

    def _reply(self, header: dict, blobs: list | tuple = (), limit: int = FRAME_LIMIT) -> None:
        self._write({"re": self._nonces[-1], **header}, blobs, limit)

    def _write(self, header: dict, blobs: list | tuple = (), limit: int = FRAME_LIMIT) -> None:
        for piece in frame(header, blobs, limit):
            rest = memoryview(piece).cast("B")
            while rest:
                rest = rest[self._writer.write(rest) :]
        self._writer.flush()

    def _read(self, length: int) -> bytearray:
        block = bytearray(length)
        rest = memoryview(block)
        while rest:
            count = self._reader.readinto(rest)
            if not count:
                raise EOFError
            rest = rest[count:]
        return block

    # --- Interrupts: only the student's code is stopped by one

    def _interrupted(self, *_: Any) -> None:
        if self._interruptible:
            self._interruptible, self._is_under_way = False, True
            raise KeyboardInterrupt

    def _not_raised(self, dropped: sys.UnraisableHookArgs) -> None:
        """Python drops what is raised while it forks or takes an object away: an interrupt comes again."""
        if self._is_under_way and issubclass(dropped.exc_type, KeyboardInterrupt):
            self._interruptible = True
            # Not at once: what is raised in this function is dropped as well.
            signal.setitimer(signal.ITIMER_REAL, _AGAIN)
        else:
            sys.__unraisablehook__(dropped)

    @contextmanager
    def _interruptible_code(self):
        before = self._interruptible
        self._interruptible, self._is_under_way = True, False
        try:
            yield
        finally:
            self._interruptible, self._is_under_way = before, False

    # --- Cells and names

    def _run_cell(self, request: dict) -> None:
        try:
            with self._interruptible_code():
                outputs = self.shell.run(request["source"], request["count"])
        except KeyboardInterrupt:  # it came when IPython was no longer looking
            outputs = self.shell.outputs.taken()
        try:
            self._reply({"outputs": outputs})
        except WireError as error:
            said = f"[The outputs of this cell are not kept: {error}.]\n"
            self._reply({"outputs": [{"output_type": "stream", "name": "stderr", "text": said}]})

    def _kind(self, name: str) -> str:
        if name not in self.shell.user_ns:
            return "absent"
        value = self.shell.user_ns[name]
        if type(value) is type(builtins):
            return "module"
        return "callable" if callable(value) else "value"

    def named(self, name: str) -> Any:
        """What the notebook defines under a name.

        Raises
        ------
        NameError
            If it defines nothing.
        """
        return self._bindings.own(name)

    def received_file(self, name: str, content: bytes, text: bool) -> str | Path:
        """A file like the examiner's, in a new folder of this side's; its path is of the same type."""
        folder = tempfile.mkdtemp(dir=self._folder)
        path = Path(folder, Path(name).name)
        path.write_bytes(content)
        return str(path) if text else path

    # --- Calls

    def _perform(self, request: dict, blobs: list) -> None:
        """Do what a request asks for and reply with the result or the exception, and with all changes."""
        self.shell.outputs.clear(MAX_PRINTED)
        self.links.any_object = False
        decoder = Decoder(blobs, self.links)
        try:
            body = decoder.value(request["body"])
        except NameError as error:
            self._reply({"error": self._described(error)})
            return
        arguments = Arguments(decoder)
        seed, generators = _torch_seed(), states()
        header: dict[str, Any] = {}
        encoder = self._encoder(arguments, request)
        try:
            with _surroundings(request["state"]), self._interruptible_code(), self._traced(request):
                result = self._operations[request["op"]](body, request)
                header["result"] = encoder.node(result)
        except NotPlain as error:
            encoder = self._encoder(arguments, request)
            header["error"] = self._refused(f"{request['what']} returned {error}")
        except BaseException as error:  # whatever the student's code raises is the examiner's to judge
            encoder = self._encoder(arguments, request)
            header["error"] = self._described(error)
        try:
            header["changes"], changed = arguments.changes(encoder)
        except NotPlain as error:
            encoder = self._encoder(arguments, request)
            header = {"error": self._refused(f"{request['what']} left {error} in an argument")}
            header["changes"], changed = {"objects": {}, "blocks": []}, []
        segments = [segment.bytes for segment in encoder.segments()]
        # Whoever loads torch for a call has not seeded it: it begins with a seed of its own.
        if seed is not None and _torch_seed() != seed:
            header["torch_seed"] = _torch_seed()
        header["drawn"] = used(generators)
        if "result" in header:
            header["inputs"] = self._inputs(arguments)
        header["printed"] = [each for each in self.shell.outputs.taken() if each["output_type"] == "stream"]
        try:
            blobs = [*segments, *changed]
            self._reply({**header, "n_segments": len(segments)}, blobs, request["reply_bytes"])
        except WireError as error:
            self._reply({"error": self._refused(f"{request['what']} returned too much: {error}")})

    @contextmanager
    def _traced(self, request: dict):
        """Report the lines that run to the check that counts them; the more there were, the less often."""
        if "traced" not in request:
            yield
            return
        lines, told = 0, 0

        def count(*_: Any) -> Callable:
            nonlocal lines, told
            lines += 1
            if lines - told >= max(LINES_A_REPORT, told // 8):
                new, told = lines - told, lines
                self.call_back(request["traced"], (new,), {})
            return count

        sys.settrace(count)
        try:
            yield
        finally:
            sys.settrace(None)

    def _inputs(self, arguments: Arguments) -> dict[str, int]:
        """Numbers under which the tensors that came to be learned stay available, by their place."""
        torch = sys.modules.get("torch")
        if torch is None or not self.links.objects:
            return {}
        return {
            str(place): self.links.export(value)
            for place, value in enumerate(arguments.objects)
            if isinstance(value, torch.Tensor) and value.requires_grad
        }

    def _encoder(self, arguments: Arguments, request: dict) -> Encoder:
        return Encoder(self.links, arguments.numbers, arguments.memory, request["reply_bytes"])

    def _call(self, body: dict, request: dict) -> Any:
        target = body["target"]
        # An instance of a class, or what a method returns, may stay here; a function's result is to be plain.
        self.links.any_object = isinstance(target, type) or request["any_object"]
        return tuple([target(*args, **kwargs) for args, kwargs in body["calls"]])

    def _getattr(self, body: dict, request: dict) -> Any:
        self.links.any_object = True
        return getattr(body["target"], body["name"])

    def _setattr(self, body: dict, request: dict) -> None:
        setattr(body["target"], body["name"], body["value"])

    def _value(self, body: dict, request: dict) -> Any:
        self.links.any_object = True
        return self.named(body["name"])

    def _bind(self, body: dict, request: dict) -> None:
        self._bindings.set(body["name"], body["value"])

    def _unbind(self, body: dict, request: dict) -> None:
        self._bindings.delete(body["name"])

    def _rebind(self, body: dict, request: dict) -> None:
        self._bindings.restore(body["name"])

    def _backward(self, body: dict, request: dict) -> Any:
        import torch

        output = self.links.objects[body["output"]]
        inputs = [self.links.objects[number] for number in body["inputs"]]
        return torch.autograd.grad(output, inputs, body["slope"], retain_graph=True, allow_unused=True)

    def call_back(self, number: int, args: tuple, kwargs: dict) -> Any:
        """Ask the examiner to run one of its functions, and serve what that asks for meanwhile."""
        before, self._interruptible = self._interruptible, False
        any_object, self.links.any_object = self.links.any_object, True
        try:
            encoder = Encoder(self.links)
            body = encoder.node({"args": list(args), "kwargs": kwargs})
            segments = [segment.bytes for segment in encoder.segments()]
            torch = sys.modules.get("torch")
            grad = torch is None or torch.is_grad_enabled()
            self._write({"re": self._nonces[-1], "callback": number, "body": body, "grad": grad}, segments)
            while True:
                request, blobs = read_frame(self._read)
                if request["op"] != "answer":
                    self._answer(request, blobs)
                elif "error" in request:
                    raise getattr(builtins, request["error"], RuntimeError)(request["message"])
                else:
                    return Decoder(blobs, self.links).value(request["body"])
        finally:
            self._interruptible, self.links.any_object = before, any_object

    # --- Exceptions

    def _described(self, error: BaseException) -> dict:
        try:
            said = str(error.args[0]) if isinstance(error, KeyError) and len(error.args) == 1 else str(error)
        except Exception as another:  # the class is a student's, and so is its __str__
            said = f"(its message cannot be shown: {type(another).__name__})"
        return {
            "type": type(error).__name__,
            "bases": [f"{base.__module__}.{base.__qualname__}" for base in type(error).__mro__],
            "message": said[:MAX_MESSAGE],
            "frames": cell_frames(error.__traceback__, self.shell.find_cell),
        }

    def _refused(self, sentence: str) -> dict:
        return {"type": "TypeError", "bases": ["builtins.TypeError"], "message": f"{sentence}.", "frames": []}


@contextmanager
def _surroundings(state: dict):
    """What holds around the call on the examiner's side: NumPy's treatment of errors, torch's gradients."""
    with np.errstate(**state["errors"]):
        if "grad" not in state:
            yield
            return
        import torch

        with torch.set_grad_enabled(state["grad"]):
            yield


def _torch_seed() -> int | None:
    torch = sys.modules.get("torch")
    return None if torch is None else torch.initial_seed()
