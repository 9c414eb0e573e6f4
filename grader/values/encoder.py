"""How do values become plain data: nodes of JSON, and the memory of the arrays in them?

Both sides use it. It takes values of known kinds and refuses the rest.
"""

from __future__ import annotations

import pathlib
from collections import abc
from functools import lru_cache
from itertools import islice
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.lib.array_utils import byte_bounds

from .frames import FRAME_LIMIT
from .generators import generator_state
from .kinds import BUILTIN_TYPES, FAMILIES, MAX_DEPTH, MAX_ITEMS, kinds_of
from .memory import Measure, NotPlain, Segment, is_shippable, pack, strides_in
from .references import References
from .sparse import SPARSE, sparse_arrays
from .texts import check_texts

PLAIN = (str, int, float)
MAX_DIGITS = 4000  # of a whole number; Python refuses to read more than 4300
ADVICE = "plain data are numbers, strings, lists, tuples, dicts, arrays, sparse matrices, tensors and tables"


@lru_cache(maxsize=256)
def _families_of(kind: type) -> tuple[str, ...]:
    """The libraries whose module for kinds of values may know a class: those that it or a base comes from."""
    modules = {base.__module__.partition(".")[0] for base in kind.__mro__}
    return tuple(family for family in FAMILIES if family in modules)


class Encoder:
    """Turns values into nodes; ``segments`` then packs the memory of all arrays that occurred.

    Parameters
    ----------
    references : References
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
        references: References | None = None,
        given: dict[int, int] | None = None,
        memory: list | None = None,
        limit: int = FRAME_LIMIT,
    ) -> None:
        self.references = references or References()
        self.given = given or {}
        self.theirs = [byte_bounds(np.frombuffer(block, np.uint8)) for block in memory or []]
        self.objects: list[Any] = []
        self.arrays: list[np.ndarray] = []
        self.measure = Measure(limit)
        self._numbers: dict[int, int] = {}
        self._sizes: dict[int, tuple[int, int]] = {}
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
        kind = type(value)
        if value is None or kind is bool or kind is float:
            return value
        if kind is int:
            return self._scalar(value)
        if depth > MAX_DEPTH:
            raise NotPlain(f"lists within lists, more than {MAX_DEPTH} deep")
        self._alive.append(value)
        if id(value) in self.given:
            self.measure.take(value.nbytes if isinstance(value, np.ndarray) else 8)
            return {"t": "given", "v": self.given[id(value)]}
        if id(value) in self._numbers:
            if id(value) in self._open:
                raise NotPlain(f"a {type(value).__name__} that holds itself")
            self.measure.take_again(self._sizes.get(id(value), (0, 0)))
            return {"t": "same", "v": self._numbers[id(value)]}
        before = self.measure.mark()
        self._open.add(id(value))
        node = self.references.refer(value, self)
        if node is None:
            node = self._plain(value, depth)
        if node is None:
            node = self.references.unknown(value)
        if node is None:
            raise NotPlain(f"a `{type(value).__name__}` ({ADVICE})")
        self._open.discard(id(value))
        self._sizes[id(value)] = self.measure.since(before)
        if depth == 0 and self.measure.has_wide_texts:
            check_texts(value, self.measure.limit)
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
        node: dict[str, Any] = {"dtype": array.dtype.str, "shape": list(array.shape)}
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
        if not self.theirs or not array.nbytes:
            return False
        low, high = byte_bounds(array)
        for number, (start, end) in enumerate(self.theirs):
            if start <= low and high <= end:
                offset = array.__array_interface__["data"][0] - start
                self._nodes[place] |= {"theirs": number, "offset": offset, "strides": list(array.strides)}
                return True
        return False

    def _plain(self, value: Any, depth: int) -> Any:
        if type(value) in (str, dict, list, tuple, set):  # most values by far
            return self._scalar(value) if isinstance(value, str) else self._container(value, depth)
        for family in _families_of(type(value)):  # type: ignore[arg-type]  # a class is hashable
            node = kinds_of(family).encode(self, value, depth)
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
            return self._scalar(value)
        if isinstance(value, complex):
            return {"t": "complex", "v": [value.real, value.imag]}
        if isinstance(value, pathlib.PurePath):
            return {"t": "path", "v": self._scalar(str(value))}
        if isinstance(value, slice):
            return {"t": "slice", "v": [self.node(part) for part in (value.start, value.stop, value.step)]}
        if isinstance(value, type) and BUILTIN_TYPES.get(name := value.__name__) is value:
            return {"t": "type", "v": name}
        if isinstance(value, np.dtype) or (isinstance(value, type) and issubclass(value, np.generic)):
            dtype = np.dtype(value)
            self.measure.take(dtype.itemsize)
            return {"t": "dtype", "v": dtype.str} if is_shippable(dtype) else None
        return self._container(value, depth)

    def _scalar(self, value: Any) -> Any:
        """A string, int or float of exactly these types, whatever subclass it is of."""
        if isinstance(value, str):
            text = str.__str__(value)
            self.measure.take_text(len(text))
            return text
        if isinstance(value, float):
            return float.__float__(value)
        if int.bit_length(value) > 3 * MAX_DIGITS:
            raise NotPlain(f"a whole number of more than {MAX_DIGITS} digits")
        number = int.__int__(value)
        self.measure.take_whole_number(number)
        return number

    def _container(self, value: Any, depth: int) -> dict | None:
        if isinstance(value, dict):
            self.numbered(value)
            pairs = [item for pair in value.items() for item in pair]
            return {"t": "dict", "v": self._items(pairs, depth)}
        kinds: dict[Any, str] = {list: "list", tuple: "tuple", set: "set", frozenset: "frozenset"}
        for kind, name in kinds.items():
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
