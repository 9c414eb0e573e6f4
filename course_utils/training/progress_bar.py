"""How far has a loop come? A bar says so, in notebook and terminal; where a cell is graded it is silent.

tqdm's own bar for notebooks is a widget. What a notebook keeps of a widget is the text of its first moment:
every saved bar reads `0/6`, and a page that draws one loads a library from the internet. So the bar here is
one plain display that is replaced as the loop goes on: the notebook keeps its last state.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from html import escape
from typing import Any, TypeVar

from IPython.core.getipython import get_ipython
from IPython.display import display
from tqdm import tqdm

T = TypeVar("T")
_without: ContextVar[bool] = ContextVar("_without", default=False)


def progress_bar(iterable: Iterable[T], desc: str = "", total: int | None = None) -> tqdm[T]:
    """Wrap `iterable` in a progress bar.

    nbgrader sets `NBGRADER_EXECUTION` while it autogrades or validates a notebook; the bar is then off.
    It never writes to standard error, because nbgrader takes a line there for a failed test.

    Parameters
    ----------
    iterable : iterable
        What to loop over.
    desc : str
        Words in front of the bar.
    total : int, optional
        Number of steps, where `len(iterable)` does not tell it.

    Returns
    -------
    tqdm
        Yields the same items.
    """
    if os.environ.get("NBGRADER_EXECUTION") or _without.get():
        return tqdm(iterable, desc=desc, total=total, disable=True)
    if hasattr(get_ipython(), "kernel"):
        return NotebookBar(iterable, desc=desc, total=total)
    return tqdm(iterable, desc=desc, total=total, file=sys.stdout)


@contextmanager
def no_bars() -> Iterator[None]:
    """Within it, loops have no bars: for a loop inside one that has a bar already."""
    before = _without.set(True)
    try:
        yield
    finally:
        _without.reset(before)


class NotebookBar(tqdm):
    """A bar that is one output of a cell, replaced at each step."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._shown: Any = None
        super().__init__(*args, **options, file=io.StringIO())  # where tqdm writes what only terminals need

    def display(self, msg: str | None = None, pos: int | None = None) -> None:
        """Show the state of this moment in the place of the last; tqdm calls it."""
        if self._shown is None:
            self._shown = display(self, display_id=True)
        else:
            self._shown.update(self)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        of = f" of {self.total}" if self.total is not None else ""
        elapsed = self.format_interval(self.format_dict["elapsed"])
        state = f"{self.n}{of} · {elapsed}"
        limits = f' max="{self.total}" value="{self.n}"' if self.total else ""
        name = self.desc.removesuffix(": ")
        return {
            "text/html": f"<label>{escape(name)} <progress{limits}></progress> {state}</label>",
            "text/plain": str(self),
        }
