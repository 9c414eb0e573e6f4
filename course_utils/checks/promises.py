"""Does a call do what every docstring promises? Arguments stay, nothing is shared, nothing global is drawn.

A check does not ask for it: `call` does so each time. What an exercise changes in place is declared in
`contract`.
"""

from __future__ import annotations

import ctypes
import random
import sys
from collections.abc import Callable, Iterator
from copy import copy
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
from numpy.lib.array_utils import byte_bounds
from scipy.sparse import issparse

from course_utils.checks.contract import contract_of

SMALL = 2_000  # numbers in all arguments: up to here a call costs next to nothing, and is made twice
_NUMPY_STATE = 624 * 4 + 4  # bytes: the numbers that NumPy's MT19937 has in stock, and its place in them
_PARTS = ("data", "indices", "indptr")


def _torch() -> ModuleType | None:
    """PyTorch, if anybody has imported it."""
    return sys.modules.get("torch")


def _is_tensor(value: Any) -> bool:
    torch = _torch()
    return torch is not None and isinstance(value, torch.Tensor)


def copy_of(value: Any) -> Any:
    """An equal value in memory of its own; None for what a call cannot spoil or nobody can copy."""
    if isinstance(value, np.ndarray):
        return value.copy(order="K")
    if isinstance(value, pd.DataFrame | pd.Series | pd.Index) or issparse(value):
        return value.copy()
    if _is_tensor(value):
        return value.detach().clone()
    if isinstance(value, list):
        return [item if (kept := copy_of(item)) is None else kept for item in value]
    if isinstance(value, np.random.Generator):
        # Another seed and the same state: who draws gets the same, who looks for the seed does not.
        bits = type(value.bit_generator)(0)
        bits.state = value.bit_generator.state
        return np.random.Generator(bits)
    return value.clone_state() if hasattr(value, "clone_state") else None


def twin_of(value: Any) -> Any:
    """An equal value in memory of its own, laid out as this one: strides, order, read-only or not."""
    if type(value) is np.ndarray and value.size:
        low, high = byte_bounds(value)
        start = value.__array_interface__["data"][0] - low
        twin = np.ndarray(value.shape, value.dtype, bytearray(high - low), start, value.strides)
        twin[...] = value
        twin.flags.writeable = value.flags.writeable
        return twin
    if issparse(value) and hasattr(value, "indptr"):
        twin = copy(value)
        for part in _PARTS:
            setattr(twin, part, twin_of(getattr(value, part)))
        return twin
    return value if (kept := copy_of(value)) is None else kept


def _same_numbers(before: np.ndarray, now: np.ndarray) -> bool:
    if before.shape != now.shape or before.dtype != now.dtype:
        return False
    equal = before == now
    if equal is True or np.all(equal):
        return True
    return before.dtype.kind in "fc" and bool(np.all(equal | (np.isnan(before) & np.isnan(now))))


def change_of(name: str, before: Any, now: Any) -> str:
    """What of an argument is another than before, as it is called in Python; nothing if all is the same."""
    if isinstance(now, np.ndarray):
        return "" if _same_numbers(before, now) else name
    if issparse(now):
        if before.shape != now.shape or before.format != now.format:
            return f"{name}.shape"
        parts = _PARTS if hasattr(now, "indptr") else ("data", "row", "col")
        changed = [part for part in parts if not _same_numbers(getattr(before, part), getattr(now, part))]
        if changed and hasattr(now, "sort_indices"):
            # Some of SciPy's own operations put the columns of a row in order. Nothing is lost by that.
            before, now = before.copy(), now.copy()
            before.sort_indices()
            now.sort_indices()
            changed = [part for part in parts if not _same_numbers(getattr(before, part), getattr(now, part))]
        return f"{name}.{changed[0]}" if changed else ""
    if isinstance(now, pd.DataFrame | pd.Series):
        if not before.index.equals(now.index):
            return f"{name}.index"
        if isinstance(now, pd.DataFrame) and list(before.columns) != list(now.columns):
            return f"{name}.columns"
        return "" if before.equals(now) else name
    if isinstance(now, pd.Index):
        return "" if before.equals(now) else name
    if _is_tensor(now):
        return "" if _same_tensor(before, now) else name
    if isinstance(now, list):
        same = len(before) == len(now) and not any(
            change_of(name, was, item) if isinstance(item, np.ndarray) else bool(was != item)
            for was, item in zip(before, now, strict=True)
        )
        return "" if same else name
    return ""


def _parts_of_tensor(tensor: Any) -> dict[str, Any]:
    """The strided tensors of which a tensor consists; none of one in a format that no exercise has."""
    torch, tensor = _torch(), tensor.detach()
    assert torch is not None
    if tensor.layout == torch.sparse_coo:
        return {".indices()": tensor._indices(), ".values()": tensor._values()}
    return {"": tensor} if tensor.layout == torch.strided else {}


def _same_tensor(before: Any, now: Any) -> bool:
    was, parts = _parts_of_tensor(before), _parts_of_tensor(now)
    return was.keys() == parts.keys() and all(
        was[name].shape == part.shape
        and was[name].dtype == part.dtype
        and bool(((was[name] == part) | ((was[name] != was[name]) & (part != part))).all())
        for name, part in parts.items()
    )


def arrays_in(value: Any) -> Iterator[tuple[str, np.ndarray]]:
    """The memory that a value may share with another: each array in it, and how to come to it.

    Of a sparse matrix that is its data. SciPy itself lets two matrices stand on the same `indices` and
    `indptr`, as long as nobody writes to them.
    """
    if isinstance(value, np.ndarray):
        yield "", value
    elif issparse(value):
        yield ".data", np.asarray(value.data)
    elif _is_tensor(value):
        for name, part in _parts_of_tensor(value).items():
            yield name, part.numpy(force=True)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from arrays_in(item)


def _size(value: Any) -> int | None:
    """How many numbers an argument holds; None if it is of a kind that a second call must do without."""
    if isinstance(value, np.ndarray):
        return value.size
    if value is None or isinstance(value, bool | int | float | str | np.generic):
        return 1
    if issparse(value):
        return value.nnz + sum(value.shape)
    if isinstance(value, pd.DataFrame | pd.Series | pd.Index):
        return value.size
    if _is_tensor(value):
        return None if value.requires_grad or value.is_sparse else value.numel()
    if isinstance(value, list | tuple):
        sizes = [_size(item) for item in value]
        return None if None in sizes else sum(size for size in sizes if size is not None)
    return 0 if isinstance(value, np.random.Generator) else None


def same_answer(first: Any, second: Any) -> bool:
    """Whether two results are the same, but for rounding."""
    if type(first) is not type(second):
        return np.ndim(first) == np.ndim(second) == 0 and bool(first == second)
    if issparse(first):
        return (
            first.shape == second.shape
            and first.nnz == second.nnz
            and all(same_answer(getattr(first, p), getattr(second, p)) for p in _PARTS if hasattr(first, p))
        )
    if isinstance(first, tuple | list):
        return len(first) == len(second) and all(map(same_answer, first, second))
    if isinstance(first, pd.DataFrame | pd.Series):
        return bool(first.equals(second))
    if _is_tensor(first):
        parts, others = (list(arrays_in(tensor)) for tensor in (first, second))
        return len(parts) == len(others) and all(
            same_answer(a, b) for (_, a), (_, b) in zip(parts, others, strict=True)
        )
    if isinstance(first, np.ndarray | np.number | float | int):
        first, second = np.asarray(first), np.asarray(second)
        if first.shape != second.shape or first.dtype != second.dtype:
            return False
        if first.dtype.kind in "fc":
            return bool(np.allclose(first, second, rtol=1e-6, atol=1e-9, equal_nan=True))
        return bool((first == second).all())
    return True


def _global_states() -> dict[str, Any]:
    """The state of each generator that all code of this process shares.

    It is noted before every call and after it, so it is read where it lies: NumPy's own `get_state` takes
    longer than most of the functions that are called.
    """
    bits = np.random.get_bit_generator()  # type: ignore[attr-defined]  # NumPy's stub leaves it out
    states = {
        "Python": random.getstate(),
        "NumPy": (bits, ctypes.string_at(bits.ctypes.state_address, _NUMPY_STATE)),
    }
    if torch := _torch():
        states["PyTorch"] = (torch.initial_seed(), torch.get_rng_state().numpy().tobytes())
    return states


class Promises:
    """What is noted before a call, and looked at after it.

    Parameters
    ----------
    label : str
        What the sentences begin with.
    function : callable
        The student's function.
    arguments, settings
        Of the call.
    leads : bool
        Whether it is the only call, or the first of several that are made together: it tells for all of them
        whether generators were drawn from.
    """

    def __init__(
        self,
        label: str,
        function: Callable,
        arguments: tuple,
        settings: dict[str, Any],
        leads: bool = True,
    ) -> None:
        self.label = label
        self._contract = contract_of(label, function)
        unnamed = [f"argument {place + 1}" for place in range(len(arguments))]
        names = [*self._contract.names[: len(arguments)], *unnamed[len(self._contract.names) :]]
        self._names, self._n_arguments = [*names, *settings], len(arguments)
        self._values = [*arguments, *settings.values()]
        self._before = [copy_of(value) for value in self._values]
        sizes = [_size(value) for value in self._values]
        is_small = None not in sizes and sum(filter(None, sizes)) <= SMALL
        self._twice = is_small and not self._contract.once
        copies = [copy_of(value) for value in self._values] if self._twice else []
        pairs = zip(self._values, copies, strict=self._twice)
        self._given = [value if copy is None else copy for value, copy in pairs]
        self._global = _global_states() if leads else None

    def calls(self) -> list[tuple[tuple, dict[str, Any]]]:
        """Arguments of the call; of a small one also those of a second: equal, in memory of their own."""
        n = self._n_arguments
        return [
            (tuple(values[:n]), dict(zip(self._names[n:], values[n:], strict=True)))
            for values in ([self._values, self._given] if self._twice else [self._values])
        ]

    def arguments_stay(self) -> None:
        """Fail if an argument is another than it was, and the exercise does not declare it in place."""
        __tracebackhide__ = True
        for name, before, now in zip(self._names, self._before, self._values, strict=True):
            if before is not None and name not in self._contract.in_place:
                changed = change_of(name, before, now)
                assert not changed, f"{self.label}: {changed} was changed: work on a copy."

    def kept(self, result: Any, *again: Any) -> None:
        """Fail with the promise that the call has broken.

        Parameters
        ----------
        result : object
            What the call returned.
        *again : object
            What it returned the second time, if there was one.
        """
        __tracebackhide__ = True
        self.arguments_stay()
        self._nothing_shared(result)
        self._nothing_global()
        for second in again:
            self._same_twice(result, second)

    def _nothing_shared(self, result: Any) -> None:
        __tracebackhide__ = True
        for where, ours in arrays_in(result):
            for name, value in zip(self._names, self._values, strict=True):
                for part, theirs in [] if name in self._contract.in_place else arrays_in(value):
                    assert not np.may_share_memory(ours, theirs) or not np.shares_memory(ours, theirs), (
                        f"{self.label}: what is returned{f' ({where[1:]})' if where else ''} lies in the "
                        f"memory of {name}{part}, and who changes the one spoils the other: return a copy."
                    )

    def _nothing_global(self) -> None:
        __tracebackhide__ = True
        if self._global is None:
            return
        for name, state in _global_states().items():
            before = self._global.get(name, state)
            if state == before:
                continue
            assert name != "PyTorch" or state[0] == before[0], (
                f"{self.label} seeds torch's global generator (`torch.manual_seed`), so that all else that "
                "is drawn repeats, too. Leave that to the caller."
            )
            assert name in self._contract.draws, (
                f"{self.label} uses the global generator of {name}, so that everybody else's draws change: "
                "draw from the `rng` or `generator` that you are given and from nothing else."
            )

    def _same_twice(self, result: Any, second: Any) -> None:
        __tracebackhide__ = True
        changed = [
            (now, again)
            for name, now, again in zip(self._names, self._values, self._given, strict=True)
            if name in self._contract.in_place and isinstance(now, np.ndarray)
        ]
        if any(isinstance(value, np.random.Generator) for value in self._values):
            cause = "draw from the `rng` that you are given as it stands, not from one made of its seed"
        else:
            cause = "does it keep something from one call for the next, or draw at random?"
        assert same_answer(result, second) and all(same_answer(*pair) for pair in changed), (
            f"{self.label}: asked twice the same, yours gives two answers: {cause}."
        )
