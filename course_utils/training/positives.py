"""Is this item one of the user's own? Asked millions of times by compiled code, so answered from few bytes.

A bitmap, one bit a cell, answers at once, but is as large as the whole matrix. Where that would be too much,
a binary search in the user's sorted items does it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.sparse import csr_array

from course_utils.training.machine_code import njit

# Bytes of the largest bitmap: 2³⁰ cells, such as 60,000 users and 17,000 items.
LARGEST_BITMAP = 1 << 27


def positives_of(R: csr_array, largest_bitmap: int = LARGEST_BITMAP) -> tuple[Callable, tuple]:
    """The stored cells of a matrix, in a form in which compiled code looks them up.

    Parameters
    ----------
    R : (m, n) csr_array
        Every stored cell is a positive.
    largest_bitmap : int
        Bytes that a bitmap may take.

    Returns
    -------
    contains : callable
        `contains(table, u, i)` is true if (u, i) is a positive; compiled.
    table : tuple of arrays
        What it looks up.
    """
    m, n = R.shape
    row_bytes = (n + 7) // 8
    if m * row_bytes > largest_bitmap:
        rows = csr_array(R, copy=True)
        rows.sort_indices()
        return _in_sorted_row, (rows.indptr, rows.indices)
    bits = np.zeros((m, row_bytes), dtype=np.uint8)
    users = np.repeat(np.arange(m), np.diff(R.indptr))
    np.bitwise_or.at(bits, (users, R.indices // 8), (1 << (R.indices % 8)).astype(np.uint8))
    return _in_bitmap, (bits,)


@njit
def _in_bitmap(table, u, i):
    return (table[0][u, i >> 3] >> (i & 7)) & 1 == 1


@njit
def _in_sorted_row(table, u, i):
    indptr, indices = table
    low, high = indptr[u], indptr[u + 1]
    while low < high:
        middle = (low + high) // 2
        if indices[middle] < i:
            low = middle + 1
        else:
            high = middle
    return low < indptr[u + 1] and indices[low] == i
