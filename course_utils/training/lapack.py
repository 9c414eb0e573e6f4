"""How does compiled code solve one symmetric system after the other, without Python in between?

SciPy publishes the addresses of its BLAS and LAPACK routines. Called from compiled code they hold no lock of
the interpreter, so that threads really run side by side.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache

import numpy as np
import scipy.linalg.cython_blas
import scipy.linalg.cython_lapack  # noqa: F401  (both are looked up by name)

from course_utils.training.machine_code import COMPILES, FAST_SUMS, WITHOUT, njit

LETTER = {np.dtype(np.float64): "d", np.dtype(np.float32): "s"}
UPPER, NO_TRANSPOSE = np.array([ord("U")], np.uint8), np.array([ord("N")], np.uint8)


def _routine(module: str, name: str, n_arguments: int) -> Callable:
    from numba.extending import get_cython_function_address

    address = get_cython_function_address(f"scipy.linalg.{module}", name)
    return ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * n_arguments)(address)


@cache
def row_solver(dtype: np.dtype) -> Callable:
    """A compiled function that solves the normal equations of some rows; it runs without the interpreter.

    Parameters
    ----------
    dtype : dtype
        float64 or float32, of all arrays that are not of integers.

    Returns
    -------
    callable
        `solve(first, last, indptr, indices, weights, targets, fixed, gram, reg, solved)` fills rows
        `first` to `last` (left out) of `solved`, each with the x of
        `(gram + Σ weights[c] · y yᵀ + reg[row] · I) x = Σ targets[c] · y`, both sums over the row's cells c
        and y the row `indices[c]` of `fixed`; zeros for a row without cells. It returns the first row
        whose matrix is not positive definite, or −1.

    Raises
    ------
    ModuleNotFoundError
        If numba is not here.
    """
    if not COMPILES:
        raise ModuleNotFoundError(f"This half-step is machine code: {WITHOUT}. Use your own update_factors.")
    syrk = _routine("cython_blas", LETTER[dtype] + "syrk", 10)
    posv = _routine("cython_lapack", LETTER[dtype] + "posv", 8)

    @njit(nogil=True, fastmath=FAST_SUMS)
    def solve(first, last, indptr, indices, weights, targets, fixed, gram, reg, solved):
        k = fixed.shape[1]
        longest = 0
        for row in range(first, last):
            longest = max(longest, indptr[row + 1] - indptr[row])
        scaled, matrix = np.empty((longest, k), fixed.dtype), np.empty((k, k), fixed.dtype)
        size, n_cells, n_right = np.array([k], np.intc), np.empty(1, np.intc), np.ones(1, np.intc)
        one, failed = np.ones(1, fixed.dtype), np.zeros(1, np.intc)
        for row in range(first, last):
            begin, end = indptr[row], indptr[row + 1]
            x = solved[row]
            x[:] = 0
            if begin == end:
                continue
            for c in range(begin, end):
                y, root = fixed[indices[c]], np.sqrt(weights[c])
                for f in range(k):
                    scaled[c - begin, f] = root * y[f]
                    x[f] += targets[c] * y[f]
            matrix[:] = gram
            for f in range(k):
                matrix[f, f] += reg[row]
            n_cells[0] = end - begin
            # matrix += scaledᵀ scaled, one triangle of it: to Fortran, rows are columns.
            syrk(
                UPPER.ctypes, NO_TRANSPOSE.ctypes, size.ctypes, n_cells.ctypes, one.ctypes,
                scaled.ctypes, size.ctypes, one.ctypes, matrix.ctypes, size.ctypes,
            )  # fmt: skip
            # Cholesky; the solution takes the place of the right side.
            posv(
                UPPER.ctypes, size.ctypes, n_right.ctypes, matrix.ctypes, size.ctypes,
                x.ctypes, size.ctypes, failed.ctypes,
            )  # fmt: skip
            if failed[0]:
                return row
        return -1

    return solve
