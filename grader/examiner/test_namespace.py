"""What do the global names of test cells stand for, and which of them do the student's functions see?

In one kernel a check may delete a student's function or put its own in its place, and the other functions
miss it or use that. Here such a change of a name goes to the student's process before the next call, and is
undone when the cell is over. Two rules keep the checks' own values where they are. Only names that the unit's
given cells and exercises define get values over there: a student who guesses what a hidden check calls its
expected value learns nothing. And what a check has assigned is never read back.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

from grader.examiner.proxy import named
from grader.examiner.session import Session
from grader.record import Flag
from grader.values.memory import NotPlain

_OWN, _DELETED = object(), object()  # the student's functions see what the notebook has, or nothing
# Builtins that a check may replace by a function of its own, which the student's functions then call.
_BUILTINS = {"input": builtins.input, "open": builtins.open, "print": builtins.print}


class TestNamespace(dict):
    """The names of all test cells of a notebook; a student's value is fetched when it is read.

    Parameters
    ----------
    session : Session
        The conversation with the student's process.
    unit_names : iterable of str
        The names that the unit's given cells and exercises define.
    imports : mapping of str to str
        Import statement of each name that the unit's given cells import. Such a name in a test cell is the
        real thing and not what the student has made of it.
    """

    __test__ = False  # for pytest

    def __init__(self, session: Session, unit_names: Iterable[str], imports: Mapping[str, str]) -> None:
        super().__init__({"__name__": "__main__"})
        self._session, self._imports = session, imports
        self.unit_names = frozenset(unit_names) | imports.keys()
        self._put: dict[str, Any] = {}  # what was put here that no test cell has made
        self._values: set[str] = set()  # names in it whose value may be another after a call
        self._unread: set[str] = set()  # the student's values that were not read since the last call
        self._absent: set[str] = set()  # names that the cell takes from the notebook, which lacks them
        self._sent: dict[str, Any] = {}  # what the student's functions see instead of the notebook's own
        session.before_call = self._before_call

    def begin(self, names: Iterable[str]) -> None:
        """Start a cell that may take these names from the notebook, as they now are there."""
        for name in self._put.keys() | self.unit_names:
            self.pop(name, None)
        self._put.clear()
        self._values.clear()
        self._sent.clear()
        missing = sorted(name for name in names if name not in self.keys())
        for name in self._imports.keys() & missing:
            made: dict[str, Any] = {}  # the other names of the same statement are not asked for
            exec(self._imports[name], made)
            self._put[name] = self[name] = made[name]
        missing = [name for name in missing if name not in self._imports]
        kinds = self._session.kinds(missing) if missing else {}
        self._unread = {name for name, kind in kinds.items() if kind == "value"}
        self._absent = {name for name in missing if kinds.get(name) not in ("value", "callable")}
        for name in (name for name, kind in kinds.items() if kind == "callable"):
            self._put[name] = self[name] = named(self._session, name)

    def defined_here(self, name: str) -> bool:
        """Whether a test cell has given a name its value."""
        return name in self.keys() and self.get(name) is not self._put.get(name, _DELETED)

    # --- Reading, as `exec` and the functions of a test cell do it

    def __missing__(self, name: str) -> Any:
        if name in self._absent and self._session.kinds([name])[name] in ("value", "callable"):
            self._absent.discard(name)  # a call has defined it
            self._unread.add(name)
        if name not in self._unread:
            raise KeyError(name)
        self._unread.discard(name)
        self._values.add(name)
        self._put[name] = self[name] = self._session.value(name)
        return self._put[name]

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self._unread

    def __delitem__(self, name: str) -> None:
        if name in self.keys():
            super().__delitem__(name)
        elif name in self._unread:
            self._unread.discard(name)
            self._put[name] = _DELETED
        else:
            raise KeyError(name)

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a name, or the default."""
        return self[name] if name in self else default

    # --- What the student's functions see

    def _before_call(self) -> None:
        """Tell the student's process what the cell has done to names; what is there may change now."""
        # Hundreds of calls come by here: what nobody has put here, sent or replaced is as it was.
        changed = self._put.keys() | self._sent.keys() | (self.unit_names & self.keys()) | _BUILTINS.keys()
        for name in changed:
            there = self._to_be_seen(name)
            if there is not self._sent.get(name, _OWN):
                self._sent[name] = there
                self._send(name, there)
        for name in [name for name in self._values if name in self.keys()]:
            if dict.__getitem__(self, name) is self._put[name]:
                super().__delitem__(name)
                del self._put[name]
                self._values.discard(name)
                self._unread.add(name)

    def _to_be_seen(self, name: str) -> Any:
        if name not in self.keys():
            if name in _BUILTINS and getattr(builtins, name) is not _BUILTINS[name]:
                return getattr(builtins, name)
            return _DELETED if name in self._put and name not in self._unread else _OWN
        value = dict.__getitem__(self, name)
        if value is self._put.get(name, _DELETED) or isinstance(value, ModuleType):
            return _OWN
        return value if name in self.unit_names or (name in _BUILTINS and callable(value)) else _OWN

    def _send(self, name: str, there: Any) -> None:
        if there is _DELETED:
            self._session.unbind(name)
        elif there is _OWN:
            self._session.rebind(name)
        else:
            try:
                self._session.bind(name, there)
            except NotPlain:
                self._session.log.add_flag(Flag.OUT_OF_REACH)
