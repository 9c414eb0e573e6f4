"""How are a call's arguments changed here as the student's side says it changed its copies of them?"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.lib.array_utils import byte_bounds

from grader.values.decoder import Decoder
from grader.values.encoder import Encoder
from grader.values.frames import WireError
from grader.values.generators import set_generator
from grader.values.memory import Segment, check_bytes, view
from grader.values.sparse import SPARSE, check_sparse, sparse_arrays


class SentArguments:
    """The objects and arrays that went with a request.

    Parameters
    ----------
    encoder : Encoder
        It has encoded the request.
    by_reference : list of (tensor, int)
        Tensors that went as a reference, with their numbers on the student's side.
    """

    def __init__(self, encoder: Encoder, by_reference: list[tuple[Any, int]]) -> None:
        self.objects = encoder.objects
        self._arrays = encoder.arrays
        self._segments: list[Segment] = encoder.segments()
        self._by_reference = by_reference

    @property
    def blocks(self) -> list[np.ndarray]:
        """The memory that is sent."""
        return [segment.bytes for segment in self._segments]

    def learned(self, numbers: dict[str, int]) -> list[tuple[Any, int]]:
        """The tensors among the arguments that want a gradient, with their numbers on the student's side."""
        found = list(self._by_reference)
        for place, number in numbers.items():
            tensor = self.objects[int(place)]
            if type(number) is int and getattr(tensor, "requires_grad", False) is True:
                found.append((tensor, number))
        return found

    def array(self, node: dict) -> np.ndarray:
        """The array of a result that lies in the memory of an argument: a view of this side's own.

        Where this side's array is no plain piece of memory, a copy has to do.
        """
        segment = self._segments[node["theirs"]]
        dtype, shape, strides, offset = (node[key] for key in ("dtype", "shape", "strides", "offset"))
        copy = view(segment.bytes, dtype, shape, strides, offset)
        for place, start in segment.members:
            mine = self._arrays[place]
            if (start, mine.shape, mine.dtype) == (offset, copy.shape, copy.dtype) and (
                mine.strides == copy.strides or not segment.start
            ):
                return mine[...]
            if not self._is_sent(segment, node):
                break
            while isinstance(mine.base, np.ndarray):
                mine = mine.base
            low, high = byte_bounds(mine)
            flat = mine.T if mine.flags.f_contiguous else mine
            if segment.start and flat.flags.c_contiguous and low <= segment.start + offset < high:
                try:
                    return view(flat.view(np.ndarray), dtype, shape, strides, segment.start + offset - low)
                except (TypeError, ValueError):
                    continue  # it lies in another array of the same segment
        return copy.copy()

    def _is_sent(self, segment: Segment, node: dict) -> bool:
        """Whether all bytes of such an array are elements of arrays that were sent.

        What lies between them has never left this side: a check may keep there what it wants to see.
        """
        sent = np.zeros(len(segment.bytes), bool)
        for place, start in segment.members:
            mine = self._arrays[place]
            _bytes_of(sent, mine.dtype, mine.shape, mine.strides, start)[...] = True
        dtype = np.dtype(node["dtype"])
        return bool(_bytes_of(sent, dtype, node["shape"], node["strides"], node["offset"]).all())

    def write_blocks(self, numbers: list[int], blocks: list[bytearray]) -> None:
        """Write changed memory into the arrays that were sent, unless it would break one of them.

        Raises
        ------
        WireError
            If it would; nothing is written then.
        """
        if not numbers and not blocks:
            return
        for number, block in zip(numbers, blocks, strict=True):
            segment = self._segments[number]
            if len(block) != len(segment.bytes):
                raise WireError("an argument has another length than it had")
            for place, offset in segment.members:
                check_bytes(self._in(segment, block, place, offset))
        for number, block in zip(numbers, blocks, strict=True):
            self._write(self._segments[number], block)
        try:
            for value in self.objects:
                _check(value)
        except (ValueError, RuntimeError) as error:
            for number in numbers:
                self._write(self._segments[number], self._segments[number].bytes)
            raise WireError(f"an argument was left broken: {error}") from None
        for number, block in zip(numbers, blocks, strict=True):
            self._segments[number].bytes[:] = np.frombuffer(block, np.uint8)

    def _write(self, segment: Segment, block: Any) -> None:
        for place, offset in segment.members:
            array = self._arrays[place]
            if array.flags.writeable:
                array[...] = self._in(segment, block, place, offset)

    def _in(self, segment: Segment, block: Any, place: int, offset: int) -> np.ndarray:
        array = self._arrays[place]
        if not segment.start:
            return np.frombuffer(block, array.dtype).reshape(array.shape)
        return np.ndarray(array.shape, array.dtype, block, offset, array.strides)

    def change_objects(self, nodes: dict[str, Any], decoder: Decoder) -> None:
        """Give changed lists, tables, sparse matrices and generators their new content.

        Raises
        ------
        WireError
            If an object would become one of another kind.
        """
        for place, node in nodes.items():
            target = self.objects[int(place)]
            if sp.issparse(target):
                shape, arrays = decoder.parts(node)
                _rebind(target, shape, arrays)
                continue
            new = decoder.value(node)
            if type(new) is not type(target):
                raise WireError("an argument has become something else")
            _assign(target, new)
        for value in self.objects:
            if sp.issparse(value):
                # What SciPy has noted about the order of the indices may no longer be true.
                for note in ("_has_sorted_indices", "_has_canonical_format"):
                    vars(value).pop(note, None)


def _bytes_of(memory: np.ndarray, dtype: np.dtype, shape: Any, strides: Any, offset: int) -> np.ndarray:
    """The bytes of an array's elements, one by one, as a view of memory."""
    return np.ndarray((*shape, dtype.itemsize), memory.dtype, memory, offset, (*strides, 1))


def _check(value: Any) -> None:
    """Raise ValueError or RuntimeError if compiled code would go astray in a changed matrix or tensor."""
    if sp.issparse(value) and type(value).__name__ in SPARSE:
        check_sparse(type(value), [int(n) for n in value.shape], sparse_arrays(value))
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor) and value.layout == torch.sparse_coo:
        value = value.detach()
        parts = value._indices(), value._values(), value.shape
        torch.sparse_coo_tensor(*parts, is_coalesced=value.is_coalesced(), check_invariants=True)


def _rebind(target: Any, shape: list[int], arrays: list[np.ndarray]) -> None:
    check_sparse(type(target), shape, arrays)
    if target.format == "coo":
        target.data, target.coords = arrays[0], tuple(arrays[1:])
    else:
        target.data, target.indices, target.indptr = arrays
    if tuple(shape) != target.shape:
        raise WireError("a sparse matrix has another shape than it had")


def _assign(target: Any, new: Any) -> None:
    if isinstance(target, list):
        target[:] = new
    elif isinstance(target, dict | set):
        target.clear()
        target.update(new)
    elif isinstance(target, np.random.Generator):
        set_generator(target, new)
    elif hasattr(target, "set_state"):
        target.set_state(new.get_state())
    else:
        # A table becomes what it would be, had it just been made.
        type(target).__init__(target, new)
