"""How are values built anew from the nodes and the memory that ``encoder`` writes?

Both sides use it. It builds objects of known kinds only, and runs nothing that it is sent.
"""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from typing import Any

import numpy as np

from .frames import FRAME_LIMIT, WireError
from .generators import built_generator
from .kinds import BUILTIN_TYPES, FAMILIES, MAX_DEPTH, MAX_ITEMS, kinds_of
from .memory import Measure, view
from .references import References
from .sparse import SPARSE, build_sparse
from .texts import check_texts


class Decoder:
    """Builds the values of nodes.

    Parameters
    ----------
    segments : list of bytearray
        Memory of the arrays. New arrays lie in it.
    references : References
        References.
    given : list
        The objects that this side had sent, by number.
    mine : callable
        Makes the array of a node that describes it by its place in what this side had sent.
    limit : int
        Bytes that all values together may take, written out.
    """

    def __init__(
        self,
        segments: list,
        references: References | None = None,
        given: list | None = None,
        mine: Callable[[dict], np.ndarray] | None = None,
        limit: int = FRAME_LIMIT,
    ) -> None:
        self.memory = segments
        self.references = references or References()
        self.given = given or []
        self.mine = mine
        self.measure = Measure(limit)
        self.objects: list[Any] = []
        self.has_given = False  # whether an object that this side had sent has come back
        self._sizes: dict[int, tuple[int, int]] = {}  # by number, of objects that are complete

    def value(self, node: Any) -> Any:
        """The value of a node.

        Raises
        ------
        WireError
            If it is not one that ``Encoder`` would write.
        """
        try:
            value = self._value(node, 0)
            if self.measure.has_wide_texts:
                check_texts(value, self.measure.limit)
            return value
        except WireError:
            raise
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise WireError(f"a value is not well formed: {type(error).__name__}: {error}") from None
        except (MemoryError, RecursionError, RuntimeError) as error:
            raise WireError(f"a value cannot be built: {type(error).__name__}: {error}") from None

    def numbered(self, value: Any) -> Any:
        """Note an object that can change in place, in the encoder's order, and return it."""
        self.objects.append(value)
        return value

    def array(self, node: dict) -> np.ndarray:
        """The array of a memory node."""
        if "theirs" in node:
            if self.mine is None:
                raise WireError("an array is described by its place in what was never sent")
            array = self.mine(node)
            self.measure.take_array(array.shape, array.itemsize)
            return array
        if "segment" in node:
            memory, strides, offset = self.memory[node["segment"]], node["strides"], node["offset"]
        elif 0 in node["shape"]:
            memory, strides, offset = bytearray(), [0] * len(node["shape"]), 0
        else:
            raise WireError("an array has elements and no memory")
        array = view(memory, node["dtype"], node["shape"], strides, offset)
        self.measure.take_array(array.shape, array.itemsize)
        if node.get("locked") is True:
            array.flags.writeable = False
        return array

    def _value(self, node: Any, depth: int) -> Any:
        if isinstance(node, str):
            self.measure.take_text(len(node))
            return node
        if isinstance(node, int):
            self.measure.take_whole_number(node)
            return node
        if node is None or isinstance(node, float):
            return node
        if not isinstance(node, dict) or depth > MAX_DEPTH + 1:
            raise WireError("a value has no kind, or is nested too deep")
        place, before = len(self.objects), self.measure.mark()
        value = self._built(node, depth)
        if len(self.objects) > place:
            # An object takes its number before what is in it, and is complete after it.
            self._sizes.setdefault(place, self.measure.since(before))
        return value

    def _built(self, node: dict, depth: int) -> Any:
        kind = node["t"]
        if build := _BUILD.get(kind):
            return build(self, node, depth)
        family = kind.partition(".")[0]
        if family in FAMILIES:
            return kinds_of(family).decode(self, node, depth)
        return self.references.resolve(node)

    def _items(self, nodes: Any, depth: int) -> list:
        if not isinstance(nodes, list) or len(nodes) > MAX_ITEMS:
            raise WireError("a list is not one, or too long")
        self.measure.take_items(len(nodes))
        return [self._value(node, depth + 1) for node in nodes]

    def _same(self, node: dict, depth: int) -> Any:
        if node["v"] not in self._sizes:
            raise WireError("a value holds itself")
        self.measure.take_again(self._sizes[node["v"]])
        return self.objects[node["v"]]

    def _given(self, node: dict, depth: int) -> Any:
        self.has_given = True
        return self.given[node["v"]]

    def _list(self, node: dict, depth: int) -> list:
        value = self.numbered([])
        value += self._items(node["v"], depth)
        return value

    def _set(self, node: dict, depth: int) -> set:
        value = self.numbered(set())
        value.update(self._items(node["v"], depth))
        return value

    def _dict(self, node: dict, depth: int) -> dict:
        value = self.numbered({})
        items = self._items(node["v"], depth)
        value.update(zip(items[::2], items[1::2], strict=True))
        return value

    def _scalar(self, node: dict, depth: int) -> Any:
        array = self.array(node["v"])
        if array.ndim:
            raise WireError("a scalar has a shape")
        return array[()]

    def _numbered_array(self, node: dict, depth: int) -> np.ndarray:
        array = self.array(node["v"])
        return self.numbered(np.asmatrix(array) if node["t"] == "matrix" else array)

    def _sparse(self, node: dict, depth: int) -> Any:
        matrix = build_sparse(SPARSE[node["cls"]], *self.parts(node["v"]))
        self.measure.take_sparse(matrix.shape)
        return self.numbered(matrix)

    def parts(self, node: dict) -> tuple[list[int], list[np.ndarray]]:
        """Shape and arrays of a sparse matrix."""
        return node["shape"], [self.array(part) for part in node["arrays"]]

    def _generator(self, node: dict, depth: int) -> np.random.Generator:
        # Numbers follow the encoder's order, so the place is taken before what the state holds.
        place = len(self.objects)
        self.numbered(None)
        self.objects[place] = rng = built_generator(self._value(node["v"], depth + 1))
        return rng


def _dtype(decoder: Decoder, node: dict, depth: int) -> np.dtype:
    dtype = view(b"", node["v"], [0], [0], 0).dtype
    decoder.measure.take(dtype.itemsize)
    return dtype


def _range(decoder: Decoder, node: dict, depth: int) -> range:
    decoder.measure.take_range(*node["v"])
    return range(*node["v"])


_BUILD = {
    "list": Decoder._list,
    "set": Decoder._set,
    "dict": Decoder._dict,
    "tuple": lambda decoder, node, depth: tuple(decoder._items(node["v"], depth)),
    "frozenset": lambda decoder, node, depth: frozenset(decoder._items(node["v"], depth)),
    "iterator": lambda decoder, node, depth: iter(decoder._items(node["v"], depth)),
    "slice": lambda decoder, node, depth: slice(*decoder._items(node["v"], depth)),
    "range": _range,
    "complex": lambda decoder, node, depth: complex(*node["v"]),
    "path": lambda decoder, node, depth: pathlib.Path(decoder._value(node["v"], depth + 1)),
    "file": lambda decoder, node, depth: decoder.references.file(
        node["name"], decoder.array(node["content"]).tobytes(), node["text"]
    ),
    "dtype": _dtype,
    "type": lambda decoder, node, depth: BUILTIN_TYPES[node["v"]],
    "array": Decoder._numbered_array,
    "matrix": Decoder._numbered_array,
    "scalar": Decoder._scalar,
    "sparse": Decoder._sparse,
    "generator": Decoder._generator,
    "same": Decoder._same,
    "given": Decoder._given,
}
