"""How fast can a half-step of alternating least squares be? The updates of units 02 and 05, compiled.

The rows are independent of each other: each thread takes a block of them and solves them in machine code. A
row is computed in the same way whichever thread takes it, so the result does not depend on their number.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy.sparse import csr_array
from threadpoolctl import threadpool_limits

from course_utils.training.lapack import row_solver
from course_utils.training.machine_code import COMPILES, WITHOUT

# Blocks a thread: with some to spare, no thread waits long for the last one.
BLOCKS = 4


def update_explicit(
    R: csr_array,
    fixed: np.ndarray,
    reg: float,
    dtype: type = np.float64,
    n_threads: int | None = None,
) -> np.ndarray:
    """Unit 02's `update_factors`: the best factors of every row, over the known cells alone.

        (Y_uᵀY_u + λI) x_u = Y_uᵀr_u

    with Y_u the rows of `fixed` that belong to the known cells of row u.

    Parameters
    ----------
    R : (m, n) csr_array, or the transpose of one
        Centred ratings; the stored cells are the known ones.
    fixed : (n, k) array
        Factors that belong to the columns of R.
    reg : float
        λ ≥ 0, paid once per row.
    dtype : float64 or float32
        Precision of the arithmetic and of the result.
    n_threads : int, optional
        As many as there are cores, by default. The result is the same with any number.

    Returns
    -------
    (m, k) array
        Zeros for a row without ratings.

    Raises
    ------
    numpy.linalg.LinAlgError
        If a row has no unique solution, which takes a λ of 0.
    """
    R = csr_array(R)
    ratings = R.data.astype(dtype)
    gram: np.ndarray = np.zeros((fixed.shape[1],) * 2, dtype)
    return _solve_rows(R, np.ones_like(ratings), ratings, fixed, gram, reg, dtype, n_threads)


def update_weighted(
    R: csr_array,
    fixed: np.ndarray,
    alpha: float,
    reg: float | np.ndarray,
    dtype: type = np.float64,
    n_threads: int | None = None,
) -> np.ndarray:
    """Unit 05's `update_factors`: the best factors of every row, over all cells.

        (YᵀY + Yᵀ(C_u − I)Y + λI) x_u = YᵀC_u p_u

    Parameters
    ----------
    R : (m, n) csr_array, or the transpose of one
        Amounts r ≥ 0; the stored cells are the known ones.
    fixed : (n, k) array
        Factors Y that belong to the columns of R.
    alpha : float
        α ≥ 0, confidence per unit of amount.
    reg : float or (m,) array
        λ > 0: one for all rows, or one a row.
    dtype, n_threads
        As in `update_explicit`.

    Returns
    -------
    (m, k) array
        Zeros for a row without known cells.

    Raises
    ------
    numpy.linalg.LinAlgError
        If a row has no unique solution, which takes a λ of 0.
    """
    R = csr_array(R)
    extra = (alpha * R.data).astype(dtype)
    fixed = np.ascontiguousarray(fixed, dtype)
    with threadpool_limits(1, user_api="blas"):
        gram = fixed.T @ fixed
    return _solve_rows(R, extra, 1 + extra, fixed, gram, reg, dtype, n_threads)


def train_wrmf(
    R: csr_array, n_factors: int, alpha: float, reg: float, n_epochs: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """WRMF of unit 05 by compiled half-steps, for units that compare with it.

    Parameters
    ----------
    R : (m, n) csr_array
        Amounts r ≥ 0; the stored cells are the known ones.
    n_factors : int
    alpha, reg : float
        α and λ, see `update_weighted`.
    n_epochs : int
        Each solves for all users, then for all items; at least 1.
    rng : Generator
        Source of the items' start, N(0, 0.01 / n_factors).

    Returns
    -------
    X, Y : (m, k), (n, k) array

    Raises
    ------
    ValueError
        If there is no epoch: nothing would be known of the users.
    """
    if n_epochs < 1:
        raise ValueError(f"n_epochs is {n_epochs}: at least 1 is needed.")
    Y = rng.normal(scale=0.1 / np.sqrt(n_factors), size=(R.shape[1], n_factors))
    items_first = csr_array(R.T)
    for _ in range(n_epochs):
        X = update_weighted(R, Y, alpha, reg)
        Y = update_weighted(items_first, X, alpha, reg)
    return X, Y


def faster(update_factors: Callable, twin: Callable) -> Callable:
    """A student's `update_factors` at compiled speed, if the twin gives the same; otherwise as it is.

    Parameters
    ----------
    update_factors : callable
        `update_factors(R, fixed, *penalties)` of unit 02 or 05.
    twin : callable
        `update_explicit` for unit 02, `update_weighted` for unit 05.

    Returns
    -------
    callable
        Takes the same arguments. At each call it compares both functions on a few rows. If they differ, it
        says so and returns what `update_factors` gives. Without numba it is `update_factors` itself.
    """
    if not COMPILES:
        print(f"{update_factors.__name__} runs as it is: {WITHOUT}.")
        return update_factors

    def update(R: csr_array, fixed: np.ndarray, *penalties) -> np.ndarray:
        R = csr_array(R)
        # The row with the most cells, and some from start to end.
        some = np.unique([np.diff(R.indptr).argmax(), *np.linspace(0, R.shape[0] - 1, 4).astype(int)])
        *others, reg = penalties
        of_some = (R[some], fixed, *others, np.broadcast_to(reg, R.shape[0])[some] if np.ndim(reg) else reg)
        if not np.allclose(update_factors(*of_some), twin(*of_some), rtol=1e-6):
            print(f"{update_factors.__name__} gives other factors than {twin.__name__}: it runs as it is.")
            return update_factors(R, fixed, *penalties)
        return twin(R, fixed, *penalties)

    return update


def _solve_rows(
    R: csr_array,
    weights: np.ndarray,
    targets: np.ndarray,
    fixed: np.ndarray,
    gram: np.ndarray,
    reg: float | np.ndarray,
    dtype: type,
    n_threads: int | None,
) -> np.ndarray:
    """Solve the systems of `row_solver` for all rows of R, blocks of rows in threads."""
    (m, n), k = R.shape, fixed.shape[1]
    if len(fixed) != n:
        raise ValueError(f"fixed has {len(fixed)} rows; R has {n} columns and wants as many.")
    fixed = np.ascontiguousarray(fixed, dtype)
    reg = np.broadcast_to(np.asarray(reg, dtype), m).copy()
    solved = np.empty((m, k), dtype)
    solve, n_threads = row_solver(np.dtype(dtype)), n_threads or os.cpu_count() or 1
    # About as much work in each block: a row costs k² steps a cell and k³ / 3 for its system.
    work = np.cumsum(np.diff(R.indptr) + k / 3)
    inner = np.linspace(0, work[-1], BLOCKS * n_threads + 1)[1:-1].tolist() if m else []
    ends = [0, *np.searchsorted(work, inner).tolist(), m]

    def solve_block(first: int, last: int) -> int:
        return solve(first, last, R.indptr, R.indices, weights, targets, fixed, gram, reg, solved)

    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(n_threads) as threads:
        failed = [row for row in threads.map(solve_block, ends[:-1], ends[1:]) if row >= 0]
    if failed:
        row = min(failed)
        raise np.linalg.LinAlgError(f"row {row} has no unique solution; is λ above 0? It is {reg[row]:g}")
    return solved
