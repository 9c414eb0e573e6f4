"""What did a call do to its arguments? This side notes it, and the examiner does the same to its own.

Arrays, tensors and the parts of sparse matrices are compared by their memory, lists, dicts and sets by their
items, tables and random generators as a whole.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import scipy.sparse as sp

from ..values.decoder import Decoder
from ..values.encoder import Encoder
from ..values.sparse import sparse_arrays


class Arguments:
    """The objects and the memory that came with a call, as they were before it.

    Parameters
    ----------
    decoder : Decoder
        It has decoded the call's arguments.
    """

    def __init__(self, decoder: Decoder) -> None:
        self.objects = decoder.objects
        self.memory = decoder.memory
        self._bytes = [bytes(block) for block in self.memory]
        self._before = [_content(value) for value in self.objects]
        # Contents are compared by identity, so what was there at first must not make room for something else.
        self._alive = [_inside(value) for value in self.objects]

    @property
    def numbers(self) -> dict[int, int]:
        """The number of each object, by its id."""
        return {id(value): number for number, value in enumerate(self.objects)}

    def changes(self, encoder: Encoder) -> tuple[dict[str, Any], list[bytearray]]:
        """What has changed: nodes of objects by number, the numbers of memory blocks, and these blocks."""
        objects = {}
        for number, (value, before) in enumerate(zip(self.objects, self._before, strict=True)):
            if before is not None and _content(value) != before:
                objects[str(number)] = _state(encoder, value)
        blocks = [
            number
            for number, (block, before) in enumerate(zip(self.memory, self._bytes, strict=True))
            if block != before
        ]
        return {"objects": objects, "blocks": blocks}, [self.memory[number] for number in blocks]


def _content(value: Any) -> Any:
    """What is compared to see whether an object has changed, besides its memory; None if nothing is."""
    if isinstance(value, list):
        return [id(item) for item in value]
    if isinstance(value, dict):
        return [(id(key), id(item)) for key, item in value.items()]
    if isinstance(value, set):
        return {id(item) for item in value}
    if sp.issparse(value):
        return value.shape, [id(array) for array in sparse_arrays(value)]
    return fingerprint(value) if _is_whole(value) else None


def _inside(value: Any) -> list:
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    if isinstance(value, list | set):
        return list(value)
    return sparse_arrays(value) if sp.issparse(value) else []


def _is_whole(value: Any) -> bool:
    pandas, torch = sys.modules.get("pandas"), sys.modules.get("torch")
    return (
        isinstance(value, np.random.Generator)
        or (pandas is not None and isinstance(value, pandas.DataFrame | pandas.Series))
        or (torch is not None and isinstance(value, torch.Generator))
    )


def fingerprint(value: Any) -> tuple[str, list[bytes]]:
    """All that is plain of a value, to be compared."""
    encoder = Encoder()
    node = encoder.node(value)
    blocks = [segment.bytes.tobytes() for segment in encoder.segments()]
    return json.dumps(node), blocks


def _state(encoder: Encoder, value: Any) -> Any:
    """The node of a changed object: of a twin, as the object itself is known to the other side."""
    if sp.issparse(value):
        return encoder.parts(value)
    if isinstance(value, np.random.Generator):
        return encoder.node(np.random.Generator(value.bit_generator))
    if isinstance(value, list | dict | set):
        return encoder.node(type(value)(value))
    if hasattr(value, "get_state"):
        return encoder.node(value.clone_state())
    return encoder.node(value.copy())
