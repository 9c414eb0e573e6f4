"""Values as plain data: nodes of JSON beside the memory of the arrays in them.

Both sides use it. Encoding takes values whose kind it knows and refuses the rest; decoding builds new objects
of these kinds and nothing else, and runs nothing that it is sent. Kinds of PyTorch and pandas are in modules
of their own, which are imported when the first of them comes along.
"""

from __future__ import annotations

import importlib
import pathlib
from collections import abc
from collections.abc import Callable
from itertools import islice
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.lib.array_utils import byte_bounds

from .generators import built_generator, generator_state
from .links import Links
from .memory import Measure, NotPlain, Segment, is_shippable, pack, strides_in, view
from .sparse import SPARSE, build_sparse, sparse_arrays
from .wire import FRAME_LIMIT, WireError

PLAIN = (str, int, float)
MAX_DEPTH = 40
MAX_ITEMS = 1_000_000
MAX_DIGITS = 4000  # of a whole number; Python refuses to read more than 4300
FAMILIES = {"torch": "torch_kinds", "pandas": "pandas_kinds"}
ADVICE = "plain data are numbers, strings, lists, tuples, dicts, arrays, sparse matrices, tensors and tables"


class Encoder:
    """Turns values into nodes; ``segments`` then packs the memory of all arrays that occurred.

    Parameters
    ----------
    links : Links
        References.
    given : dict
        Number of each object that the other side has already, by ``id``.
    memory : list of bytearray
        Memory whose original the other side has: arrays that lie in it are described by their place there.
    limit : int
        Bytes that all values together may take, written out.

    Attributes
    ----------
    objects : list
        The objects that can change in place, in the order in which decoding meets them.
    """

    def __init__(
        self,
        links: Links | None = None,
        given: dict[int, int] | None = None,
        memory: list | None = None,
        limit: int = FRAME_LIMIT,
    ) -> None:
        self.links = links or Links()
        self.given = given or {}
        self.theirs = [byte_bounds(np.frombuffer(block, np.uint8)) for block in memory or []]
        self.objects: list[Any] = []
        self.arrays: list[np.ndarray] = []
        self.measure = Measure(limit)
        self._numbers: dict[int, int] = {}
        self._sizes: dict[int, int] = {}
        self._open: set[int] = set()  # objects in the midst of which encoding is, by ``id``
        self._nodes: list[dict] = []
        self._alive: list[Any] = []  # ids are compared, so nothing may go while this lasts

    def node(self, value: Any, depth: int = 0) -> Any:
        """The node of a value.

        Raises
        ------
        NotPlain
            If it is not plain data; the message names its type.
        """
        if value is None or type(value) in (bool, float):
            return value
        if depth > MAX_DEPTH:
            raise NotPlain(f"lists within lists, more than {MAX_DEPTH} deep")
        self._alive.append(value)
        if id(value) in self.given:
            self.measure.take(value.nbytes if isinstance(value, np.ndarray) else 8)
            return {"t": "given", "v": self.given[id(value)]}
        if id(value) in self._numbers:
            if id(value) in self._open:
                raise NotPlain(f"a {type(value).__name__} that holds itself")
            self.measure.take(self._sizes.get(id(value), 0))
            return {"t": "same", "v": self._numbers[id(value)]}
        before = self.measure.total
        self._open.add(id(value))
        node = self.links.refer(value, self)
        if node is None:
            node = self._plain(value, depth)
        if node is None:
            node = self.links.unknown(value)
        if node is None:
            raise NotPlain(f"a `{type(value).__name__}` ({ADVICE})")
        self._open.discard(id(value))
        self._sizes[id(value)] = self.measure.total - before
        return node

    def numbered(self, value: Any) -> None:
        """Note an object that can change in place, before what is in it."""
        self._numbers[id(value)] = len(self.objects)
        self.objects.append(value)

    def array(self, array: np.ndarray) -> dict:
        """The node of an array's memory, not of the array as an object."""
        if not is_shippable(array.dtype):
            raise NotPlain(
                f"an array of dtype {array.dtype} (numbers, truth values, text and dates are fine)"
            )
        self.measure.take_array(array.shape, array.itemsize)
        node = {"dtype": array.dtype.str, "shape": list(array.shape)}
        self.arrays.append(array)
        self._nodes.append(node)
        if array.flags.writeable is False:
            node["locked"] = True
        return node

    def segments(self) -> list[Segment]:
        """Pack the arrays' memory and note in the nodes where each array is."""
        packed = [place for place, array in enumerate(self.arrays) if not self._is_theirs(place, array)]
        segments = pack([self.arrays[place] for place in packed])
        for number, segment in enumerate(segments):
            for place, offset in segment.members:
                strides = strides_in(segment, self.arrays[packed[place]])
                self._nodes[packed[place]] |= {"segment": number, "offset": offset, "strides": list(strides)}
        return segments

    def _is_theirs(self, place: int, array: np.ndarray) -> bool:
        low, high = byte_bounds(array)
        for number, (start, end) in enumerate(self.theirs):
            if array.nbytes and start <= low and high <= end:
                offset = array.__array_interface__["data"][0] - start
                self._nodes[place] |= {"theirs": number, "offset": offset, "strides": list(array.strides)}
                return True
        return False

    def _plain(self, value: Any, depth: int) -> Any:
        families = dict.fromkeys(base.__module__.partition(".")[0] for base in type(value).__mro__)
        for family in families.keys() & FAMILIES.keys():
            node = _kinds(family).encode(self, value, depth)
            if node is not None:
                return node
        if isinstance(value, np.generic):
            return {"t": "scalar", "v": self.array(np.asarray(value))}
        if isinstance(value, np.ndarray):
            self.numbered(value)
            kind = "matrix" if isinstance(value, np.matrix) else "array"
            return {"t": kind, "v": self.array(value.view(np.ndarray))}
        if sp.issparse(value):
            return self._sparse(value)
        if isinstance(value, np.random.Generator):
            self.numbered(value)
            return {"t": "generator", "v": self.node(generator_state(value), depth + 1)}
        if isinstance(value, PLAIN):
            return _scalar(value)
        if isinstance(value, complex):
            return {"t": "complex", "v": [value.real, value.imag]}
        if isinstance(value, pathlib.PurePath):
            return {"t": "path", "v": str(value)}
        if isinstance(value, slice):
            return {"t": "slice", "v": [self.node(part) for part in (value.start, value.stop, value.step)]}
        if isinstance(value, np.dtype) or (isinstance(value, type) and issubclass(value, np.generic)):
            dtype = np.dtype(value)
            return {"t": "dtype", "v": dtype.str} if is_shippable(dtype) else None
        return self._container(value, depth)

    def _container(self, value: Any, depth: int) -> dict | None:
        if isinstance(value, dict):
            self.numbered(value)
            pairs = [item for pair in value.items() for item in pair]
            return {"t": "dict", "v": self._items(pairs, depth)}
        for kind, name in ((list, "list"), (tuple, "tuple"), (set, "set"), (frozenset, "frozenset")):
            if isinstance(value, kind):
                if kind in (list, set):
                    self.numbered(value)
                return {"t": name, "v": self._items(kind.__iter__(value), depth)}
        if isinstance(value, range):
            self.measure.take_range(value.start, value.stop, value.step)
            return {"t": "range", "v": [value.start, value.stop, value.step]}
        # A generator, zip, map: what it yields, once. Views of a dict are iterables of their own kind.
        if isinstance(value, abc.Iterator | abc.KeysView | abc.ValuesView | abc.ItemsView):
            return {"t": "iterator", "v": self._items(iter(value), depth)}
        return None

    def _items(self, items: abc.Iterable, depth: int) -> list:
        items = list(islice(items, MAX_ITEMS + 1))
        if len(items) > MAX_ITEMS:
            raise NotPlain(f"more than {MAX_ITEMS:,} items: put numbers into an array")
        self.measure.take_items(len(items))
        return [self.node(item, depth + 1) for item in items]

    def _sparse(self, value: Any) -> dict | None:
        cls = next((name for name, cls in SPARSE.items() if isinstance(value, cls)), None)
        if cls is None:
            return None
        self.numbered(value)
        return {"t": "sparse", "cls": cls, "v": self.parts(value)}

    def parts(self, value: Any) -> dict:
        """Shape and arrays of a sparse matrix."""
        self.measure.take_sparse(value.shape)
        return {
            "shape": [int(n) for n in value.shape],
            "arrays": [self.array(array) for array in sparse_arrays(value)],
        }


class Decoder:
    """Builds the values of nodes.

    Parameters
    ----------
    segments : list of bytearray
        Memory of the arrays. New arrays lie in it.
    links : Links
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
        links: Links | None = None,
        given: list | None = None,
        mine: Callable[[dict], np.ndarray] | None = None,
        limit: int = FRAME_LIMIT,
    ) -> None:
        self.memory = segments
        self.links = links or Links()
        self.given = given or []
        self.mine = mine
        self.measure = Measure(limit)
        self.objects: list[Any] = []
        self.has_given = False  # whether an object that this side had sent has come back
        self._sizes: dict[int, int] = {}  # by number, of objects that are complete

    def value(self, node: Any) -> Any:
        """The value of a node.

        Raises
        ------
        WireError
            If it is not one that ``Encoder`` would write.
        """
        try:
            return self._value(node, 0)
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
        if node is None or isinstance(node, bool | int | float | str):
            return node
        if not isinstance(node, dict) or depth > MAX_DEPTH + 1:
            raise WireError("a value has no kind, or is nested too deep")
        place, before = len(self.objects), self.measure.total
        value = self._built(node, depth)
        if len(self.objects) > place:
            # An object takes its number before what is in it, and is complete after it.
            self._sizes.setdefault(place, self.measure.total - before)
        return value

    def _built(self, node: dict, depth: int) -> Any:
        kind = node["t"]
        family = kind.partition(".")[0]
        if family in FAMILIES:
            return _kinds(family).decode(self, node, depth)
        build = _BUILD.get(kind)
        return build(self, node, depth) if build else self.links.resolve(node)

    def _items(self, nodes: Any, depth: int) -> list:
        if not isinstance(nodes, list) or len(nodes) > MAX_ITEMS:
            raise WireError("a list is not one, or too long")
        self.measure.take_items(len(nodes))
        return [self._value(node, depth + 1) for node in nodes]

    def _same(self, node: dict, depth: int) -> Any:
        if node["v"] not in self._sizes:
            raise WireError("a value holds itself")
        self.measure.take(self._sizes[node["v"]])
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

    def _scalar(self, node: dict, depth: int) -> np.generic:
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


def _kinds(family: str):
    return importlib.import_module(f".{FAMILIES[family]}", __package__)


def _scalar(value: Any) -> Any:
    """A string, int or float of exactly these types, whatever subclass it is of."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, float):
        return float.__float__(value)
    if int.bit_length(value) > 3 * MAX_DIGITS:
        raise NotPlain(f"a whole number of more than {MAX_DIGITS} digits")
    return int.__int__(value)


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
    "path": lambda decoder, node, depth: pathlib.Path(node["v"]),
    "file": lambda decoder, node, depth: decoder.links.file(
        node["name"], decoder.array(node["content"]).tobytes(), node["text"]
    ),
    "dtype": lambda decoder, node, depth: view(b"", node["v"], [0], [0], 0).dtype,
    "array": Decoder._numbered_array,
    "matrix": Decoder._numbered_array,
    "scalar": Decoder._scalar,
    "sparse": Decoder._sparse,
    "generator": Decoder._generator,
    "same": Decoder._same,
    "given": Decoder._given,
}
