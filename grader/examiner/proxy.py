"""What stands in a graded cell for a function, a class or an object of the student's?"""

from __future__ import annotations

import keyword
from collections.abc import Callable
from typing import Any, Protocol


class StudentProcess(Protocol):
    """The conversation with the student's process, as what stands for a part of that process uses it."""

    def call(self, target: Any, calls: list[tuple[tuple, dict]], what: str, any_object: bool) -> tuple:
        """Call a student's function, class or object, once with each of the arguments."""

    def get(self, target: Any, name: str, what: str) -> Any:
        """An attribute of a student's object."""

    def set(self, target: Any, name: str, value: Any, what: str) -> None:
        """Set an attribute of a student's object."""

    def backward(self, output: int, inputs: list[int], slope: Any) -> tuple:
        """Gradients of a student's tensor with respect to others."""

    def number_of(self, function: Callable) -> int:
        """The number under which the student's side may have a function of the examiner's run."""


class Kept:
    """A tensor that the student's side keeps while this object lives: a graph needs it when it is gone."""

    def __init__(self, number: int) -> None:
        self.number = number


class Remote:
    """Something that stays in the student's process: it can be called, and its attributes read and set.

    Nothing else is passed on: it is equal to itself alone and neither true nor false, whatever the student's
    class says.
    """

    __slots__ = ("__weakref__", "_any_object", "_name", "_node", "_session")

    def __init__(self, session: StudentProcess, node: dict, name: str, any_object: bool) -> None:
        for slot, value in (
            ("_session", session),
            ("_node", node),
            ("_name", name),
            ("_any_object", any_object),
        ):
            object.__setattr__(self, slot, value)

    @property
    def __name__(self) -> str:
        return self._name

    @property
    def __doc__(self) -> str | None:  # type: ignore[override]  # it is the student's, and not to be written
        return self._session.get(self, "__doc__", f"{self._name}.__doc__")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.in_turn([(args, kwargs)])[0]

    def in_turn(self, calls: list[tuple[tuple, dict]]) -> tuple:
        """Results of several calls, one made after the other, for one way there and back.

        Parameters
        ----------
        calls : list of (tuple, dict)
            Arguments of each. They are seen, as the results are, when all calls have been made.
        """
        return self._session.call(self, calls, self._name, self._any_object)

    def __getattr__(self, name: str) -> Any:
        # Copying, printing and the like ask for such names; a student's object must not answer.
        if name.startswith("__"):
            raise AttributeError(f"{self._name} has no attribute {name!r} here")
        return self._session.get(self, name, f"{self._name}.{name}")

    def __setattr__(self, name: str, value: Any) -> None:
        self._session.set(self, name, value, f"{self._name}.{name}")

    def __bool__(self) -> bool:
        # A check that asks `if result:` would pass for any object.
        raise TypeError(f"a {self._name} of the student's notebook is neither true nor false")

    def __repr__(self) -> str:
        return f"<{self._name} of the student's notebook>"


def named(session: StudentProcess, name: str) -> Remote:
    """A proxy of the function or class that the student's notebook has under a name when it is called."""
    return Remote(session, {"t": "name", "v": name}, name, any_object=False)


def remote(session: StudentProcess, node: dict, type_name: str) -> Remote:
    """A proxy of an object of the student's; it shows the name of the object's class."""
    name = type_name if type_name.isidentifier() and not keyword.iskeyword(type_name) else "object"
    cls = type(name, (Remote,), {"__slots__": (), "__doc__": vars(Remote)["__doc__"]})
    return cls(session, node, name, any_object=True)
