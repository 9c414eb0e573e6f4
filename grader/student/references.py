"""What stays on the student's side and is referred to? Names, objects, and the examiner's functions."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Protocol

from ..values.references import ArrayWriter, References


class Notebook(Protocol):
    """What references lead to, and who asks the examiner."""

    def named(self, name: str) -> Any:
        """What the notebook defines under a name."""

    def received_file(self, name: str, content: bytes, text: bool) -> str | Path:
        """The path of a file with this content."""

    def call_back(self, number: int, args: tuple, kwargs: dict) -> Any:
        """The result of one of the examiner's functions."""


class Callback:
    """A function of the examiner's that came as an argument: calling it asks the examiner to run it."""

    def __init__(self, notebook: Notebook, number: int) -> None:
        self._notebook, self._number = notebook, number

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._notebook.call_back(self._number, args, kwargs)


class StudentReferences(References):
    """References on the student's side: names of the notebook, and objects that stay here, by number."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        self.objects: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._count = 0
        # Whether any object may be the result, as of a class or a method; of functions plain data are wanted.
        self.any_object = False

    def export(self, value: Any) -> int:
        """The number under which an object stays available to the examiner."""
        if id(value) not in self._numbers:
            self._count += 1
            self.objects[self._count] = value
            self._numbers[id(value)] = self._count
        return self._numbers[id(value)]

    def release(self, numbers: list[int]) -> None:
        """Forget objects that the examiner has no use for any more."""
        for number in numbers:
            if number in self.objects:
                del self._numbers[id(self.objects.pop(number))]

    def refer(self, value: Any, encoder: ArrayWriter) -> dict | None:
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(value, torch.Tensor):
            return None
        return self._reference(value) if id(value) in self._numbers else None

    def unknown(self, value: Any) -> dict | None:
        torch = sys.modules.get("torch")
        is_module = torch is not None and isinstance(value, torch.nn.Module)
        return self._reference(value) if self.any_object or is_module else None

    def keep(self, tensor: Any) -> int | None:
        return self.export(tensor)

    def resolve(self, node: dict) -> Any:
        if node["t"] == "name":
            return self._notebook.named(node["v"])
        if node["t"] == "object":
            return self.objects[node["v"]]
        if node["t"] == "callback":
            return Callback(self._notebook, node["v"])
        return super().resolve(node)

    def file(self, name: str, content: bytes, text: bool) -> str | Path:
        return self._notebook.received_file(name, content, text)

    def _reference(self, value: Any) -> dict:
        return {"t": "object", "v": self.export(value), "type": type(value).__name__}
