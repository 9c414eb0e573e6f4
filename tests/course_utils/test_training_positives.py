"""The bitmap and the search in sorted rows find the same: the stored cells, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from course_utils.training import positives
from course_utils.training.positives import positives_of
from course_utils.training.warp import train_warp
from solutions.warp import estimate_rank, rank_weight, warp_step


def some_cells(m: int = 20, n: int = 37) -> csr_array:
    """Empty and full rows, and rows whose items are stored in no order."""
    rng = np.random.default_rng(0)
    rows = [rng.permutation(n)[: rng.integers(0, n)] for _ in range(m)]
    rows[0], rows[1] = np.arange(0), np.arange(n)
    indptr = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    return csr_array((np.ones(indptr[-1]), np.concatenate(rows).astype(int), indptr), shape=(m, n))


@pytest.mark.parametrize("largest_bitmap", [10**6, 0], ids=["bitmap", "sorted rows"])
def test_stored_cells_are_found_and_no_others(largest_bitmap):
    R = some_cells()
    stored = R.indices.copy()
    contains, table = positives_of(R, largest_bitmap)
    found = [[contains(table, u, i) for i in range(R.shape[1])] for u in range(R.shape[0])]
    assert np.array_equal(found, R.toarray() > 0)
    assert np.array_equal(R.indices, stored), "R is not sorted in place"


def test_the_memory_is_bounded():
    m, n = 100_000, 80_000  # a bitmap of a gigabyte
    _, table = positives_of(csr_array((np.ones(3), ([0, 5, m - 1], [7, 0, n - 1])), shape=(m, n)))
    assert sum(part.nbytes for part in table) < 2**20


def test_warp_trains_the_same_model_with_either(monkeypatch):
    R = csr_array((np.random.default_rng(1).random((25, 30)) < 0.2).astype(float))
    trained = []
    for largest_bitmap in (10**6, 0):
        monkeypatch.setattr(positives.positives_of, "__defaults__", (largest_bitmap,))
        rng = np.random.default_rng(2)
        X, Y = (rng.normal(size=(size, 3)) for size in R.shape)
        train_warp(rank_weight, estimate_rank, warp_step, X, Y, R, 0.05, 8, 2.0, 3, rng)
        trained.append((X, Y))
    assert all(np.array_equal(a, b) for a, b in zip(*trained, strict=True))
