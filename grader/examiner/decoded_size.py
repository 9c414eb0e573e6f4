"""How much memory does a value take once everything that it refers to is written out?"""

from __future__ import annotations

from typing import Any

from grader.examiner.proxy import Remote
from grader.values.encoder import Encoder
from grader.values.frames import WireError
from grader.values.memory import NotPlain
from grader.values.references import ArrayWriter, References


def check_extent(values: list[Any], limit: int) -> None:
    """Refuse values that hold a check's own arguments too many times over, or themselves.

    A reference to an argument takes a few bytes, and the argument that it stands for may have grown in the
    same call: that is known only when all of it is in its place. Then it is measured as if it were to be
    sent, so that each kind of value counts here as it does there.

    Parameters
    ----------
    values : list
        A call's result and its arguments, decoded.
    limit : int
        Bytes that each may take.

    Raises
    ------
    WireError
        If one takes more, or comes to no end.
    """
    for value in values:
        try:
            Encoder(_Anything(), limit=limit).node(value)
        except NotPlain as error:
            raise WireError(f"an argument's content, written out, is {error}") from None


class _Anything(References):
    """What is no plain data stays where it is, and takes nothing here."""

    def refer(self, value: Any, encoder: ArrayWriter) -> dict | None:
        return {} if isinstance(value, Remote) else None

    def unknown(self, value: Any) -> dict | None:
        return {}
