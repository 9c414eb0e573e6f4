"""What do the two processes refer to, seen from the examiner? Objects there, functions of checks here."""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
import weakref
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from grader.examiner.proxy import Kept, Remote, StudentProcess, remote
from grader.values.frames import WireError
from grader.values.memory import NotPlain
from grader.values.references import ArrayWriter, References

MAX_FILE = 16 * 2**20  # bytes
# Objects on the student's side that this side can speak of at one time; each takes some 2 kB here.
MAX_KEPT = 20_000
NEVER_REFERRED = (np.ndarray, dict, list, tuple, set)


class ExaminerReferences(References):
    """What goes to the student's process by reference, and what comes from it as one."""

    def __init__(self, session: StudentProcess) -> None:
        self._session = session
        self._in_use: Counter[int] = Counter()
        self._kept = 0
        self._released: list[int] = []
        self._by_reference: list[tuple[Any, int]] = []
        # Tensors that a result was computed from, each with its number on the student's side.
        self.inputs: list[tuple[Any, int]] = []

    def refer(self, value: Any, encoder: ArrayWriter) -> dict | None:
        if type(value) in NEVER_REFERRED:  # most values by far
            return None
        if isinstance(value, Remote):
            return object.__getattribute__(value, "_node")
        if isinstance(value, str | os.PathLike):
            return self._file(value, encoder)
        kept = getattr(value, "kept", None) if _is_tensor(value) else None
        if not isinstance(kept, Kept):
            return None
        self._by_reference.append((value, kept.number))
        return {"t": "object", "v": kept.number}

    def unknown(self, value: Any) -> dict | None:
        if callable(value) and not isinstance(value, type):
            return {"t": "callback", "v": self._session.number_of(value)}
        return None

    def resolve(self, node: dict) -> Any:
        if node["t"] != "object" or type(node["v"]) is not int:
            return super().resolve(node)
        proxy = remote(self._session, {"t": "object", "v": node["v"]}, str(node["type"]))
        self._watch(proxy, node["v"])
        return proxy

    def tensor(self, value: Any, node: dict) -> Any:
        number = node.get("keep")
        if number is None:
            return value
        if type(number) is not int:
            raise WireError("a tensor is kept under no number")
        kept = Kept(number)
        self._watch(kept, number)
        if node["leaf"] is not True:
            # PyTorch is imported where tensors are: most units have none.
            gradients = importlib.import_module("grader.examiner.gradients")
            value = gradients.result_of(self._session, kept, value, self.inputs)
        value.kept = kept
        return value

    def sent_by_reference(self) -> list[tuple[Any, int]]:
        """The tensors that went by reference since this was last asked, and their numbers."""
        sent, self._by_reference = self._by_reference, []
        return sent

    def take_released(self) -> list[int]:
        """Numbers of objects that nobody on this side has any more."""
        released, self._released = self._released, []
        return [number for number in released if not self._in_use[number]]

    def _watch(self, value: Any, number: int) -> None:
        if self._kept >= MAX_KEPT:
            raise WireError(f"more than {MAX_KEPT:,} objects are to be kept")
        self._kept += 1
        self._in_use[number] += 1
        weakref.finalize(value, self._drop, number).atexit = False

    def _drop(self, number: int) -> None:
        self._kept -= 1
        self._in_use[number] -= 1
        self._released.append(number)

    def _file(self, path: str | os.PathLike, encoder: ArrayWriter) -> dict | None:
        """The content of a temporary file that a check has written; None for any other path or text.

        A path may be a student's answer that a check gives back, and lead anywhere by links or `..`.
        """
        place = os.fspath(path)
        # Most texts are no paths, and are told apart without asking the file system.
        if not isinstance(place, str) or os.sep not in place or not os.path.isfile(place):
            return None
        place, folder = os.path.realpath(place), os.path.realpath(tempfile.gettempdir())
        if not place.startswith(folder + os.sep):
            return None
        content = Path(place).read_bytes()
        if len(content) > MAX_FILE:
            raise NotPlain(f"a file of more than {MAX_FILE / 2**20:.0f} MB")
        written = encoder.array(np.frombuffer(content, np.uint8))
        return {"t": "file", "name": Path(place).name, "text": isinstance(path, str), "content": written}


def _is_tensor(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)
