"""How do SciPy's sparse matrices travel? As arrays, checked before compiled code sees them."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp

SPARSE = {
    cls.__name__: cls
    for cls in (sp.csr_array, sp.csr_matrix, sp.csc_array, sp.csc_matrix, sp.coo_array, sp.coo_matrix)
}


def sparse_arrays(value: Any) -> list[np.ndarray]:
    """The arrays of which a sparse matrix is made; they are those of the matrix, not copies."""
    if value.format == "coo":
        return [value.data, *value.coords]
    return [value.data, value.indices, value.indptr]


def build_sparse(cls: type, shape: list[int], arrays: list[np.ndarray]) -> Any:
    """A sparse matrix of these arrays, which it shares.

    SciPy's compiled code trusts the indices and would read and write beyond the arrays, so they are looked at
    first, whatever the format's own checks let pass.

    Raises
    ------
    ValueError
        If the arrays are not those of a matrix of this shape.
    """
    check_sparse(cls, shape, arrays)
    data, *axes = arrays
    if cls in (sp.coo_array, sp.coo_matrix):
        return cls((data, tuple(axes)), shape=tuple(shape))
    return cls((data, *axes), shape=tuple(shape))


def check_sparse(cls: type, shape: list[int], arrays: list[np.ndarray]) -> None:
    """Raise ValueError unless the arrays are those of a matrix of this class and shape."""
    if not 1 <= len(shape) <= 2 or not all(type(n) is int and 0 <= n < 2**62 for n in shape):
        raise ValueError(f"{shape} is no shape of a sparse matrix")
    if any(array.ndim != 1 for array in arrays) or any(array.dtype.kind != "i" for array in arrays[1:]):
        raise ValueError("the parts of a sparse matrix are rows of numbers, its indices whole ones")
    if cls in (sp.coo_array, sp.coo_matrix):
        axes, limits = arrays[1:], shape
    else:
        _, indices, indptr = arrays
        long, short = shape if cls in (sp.csr_array, sp.csr_matrix) else reversed(shape)
        axes, limits = [indices], [short]
        if len(indptr) != long + 1 or indptr[0] != 0 or (np.diff(indptr) < 0).any():
            raise ValueError("indptr does not ascend from 0, or is of another length than the rows want")
        if indptr[-1] > len(indices):
            raise ValueError("indptr points beyond the indices")
    if len(axes) != len(limits) or any(len(axis) != len(arrays[0]) for axis in axes):
        raise ValueError("data and indices are of different lengths")
    for axis, limit in zip(axes, limits, strict=True):
        if len(axis) and (axis.min() < 0 or axis.max() >= limit):
            raise ValueError(f"an index is not one of 0 … {limit - 1}")
