"""What can each side refer to instead of sending it? The two sides fill this in."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from .frames import WireError


class ArrayWriter(Protocol):
    """What a reference may ask of the encoder that writes it."""

    def array(self, value: np.ndarray) -> dict:
        """The node of an array."""


class References:
    """What a side knows beyond plain data: references to what stays where it is.

    A method returns a node, or None where it has nothing to say.
    """

    def refer(self, value: Any, encoder: ArrayWriter) -> dict | None:
        """A reference that goes in the place of a value, asked before anything else."""

    def unknown(self, value: Any) -> dict | None:
        """A reference for a value that is not plain."""

    def keep(self, tensor: Any) -> int | None:
        """A number under which a tensor's history of computation stays available."""

    def resolve(self, node: dict) -> Any:
        """The object of a reference that came in.

        Raises
        ------
        WireError
            If there is none.
        """
        raise WireError(f"a reference of the kind {node['t']!r} is of no use here")

    def file(self, name: str, content: bytes, text: bool) -> Any:
        """The path of a file that came in.

        Raises
        ------
        WireError
            If this side takes none.
        """
        raise WireError("files are of no use here")

    def tensor(self, value: Any, node: dict) -> Any:
        """The tensor to use for one that came in."""
        return value
