"""What do the notebook's names stand for while a graded cell deletes some of them or gives them values?"""

from __future__ import annotations

from typing import Any

_ABSENT = object()


class Bindings:
    """The notebook's names, and what those were that a graded cell has changed.

    Parameters
    ----------
    names : dict of str to object
        The notebook's namespace; a graded cell's changes are made in it.
    """

    def __init__(self, names: dict[str, Any]) -> None:
        self._names = names
        self._before: dict[str, Any] = {}

    def own(self, name: str) -> Any:
        """What the notebook itself has under a name, whatever the graded cell has made of it.

        Raises
        ------
        NameError
            If it defines nothing.
        """
        value = (self._before if name in self._before else self._names).get(name, _ABSENT)
        if value is _ABSENT:
            raise NameError(f"name {name!r} is not defined")
        return value

    def set(self, name: str, value: Any) -> None:
        """Let functions of the notebook see a graded cell's value."""
        self._keep(name)
        self._names[name] = value

    def delete(self, name: str) -> None:
        """Let functions of the notebook miss a name."""
        self._keep(name)
        self._names.pop(name, None)

    def restore(self, name: str) -> None:
        """Undo what a graded cell did to a name."""
        value = self._before.pop(name)
        if value is _ABSENT:
            self._names.pop(name, None)
        else:
            self._names[name] = value

    def restore_all(self) -> None:
        """Undo all of it: the graded cell is over."""
        for name in list(self._before):
            self.restore(name)

    def _keep(self, name: str) -> None:
        self._before.setdefault(name, self._names.get(name, _ABSENT))
