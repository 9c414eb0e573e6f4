"""What stays on the student's side and is referred to: names, objects, and the examiner's functions."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..values.encoder import Encoder
from ..values.references import Links

if TYPE_CHECKING:
    from .driver import Driver


class Callback:
    """A function of the examiner's that came as an argument: calling it asks the examiner to run it."""

    def __init__(self, driver: Driver, number: int) -> None:
        self._driver, self._number = driver, number

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._driver.call_back(self._number, args, kwargs)


class DriverLinks(Links):
    """References on the student's side: names of the notebook, and objects that stay here, by number."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
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

    def refer(self, value: Any, encoder: Encoder) -> dict | None:
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
            return self.driver.named(node["v"])
        if node["t"] == "object":
            return self.objects[node["v"]]
        if node["t"] == "callback":
            return Callback(self.driver, node["v"])
        return super().resolve(node)

    def file(self, name: str, content: bytes, text: bool) -> str | Path:
        return self.driver.received_file(name, content, text)

    def _reference(self, value: Any) -> dict:
        return {"t": "object", "v": self.export(value), "type": type(value).__name__}
