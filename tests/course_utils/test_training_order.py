"""The order of an epoch: every example once, at every place with the same probability, block by block."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from course_utils.training.order import EpochOrder

M, N, N_CELLS = 12, 9, 40


def numbered_cells() -> csr_array:
    """Cells with the values 0, 1, … so that a cell is known by its value; users and items differ in size."""
    rng = np.random.default_rng(0)
    chance = np.outer(1 / np.arange(1, M + 1), 1 / np.arange(1, N + 1)).ravel()
    cells = np.sort(rng.choice(M * N, size=N_CELLS, replace=False, p=chance / chance.sum()))
    return csr_array((np.arange(N_CELLS, dtype=float), (cells // N, cells % N)), shape=(M, N))


def in_blocks(R: csr_array) -> EpochOrder:
    return EpochOrder(R, n_bytes=100 * (M + N), plain=10, block=800)  # 3 groups of users and 3 of items


@pytest.mark.parametrize("make", [in_blocks, lambda R: EpochOrder(R, 10**9)], ids=["blocks", "plain"])
def test_every_cell_comes_once_in_another_order_each_time(make):
    R, rng = numbered_cells(), np.random.default_rng(1)
    order, wanted, seen = make(R), R.toarray(), set()
    for _ in range(20):
        users, items, values = (part.copy() for part in order.each_once(rng))
        assert np.array_equal(np.sort(values), np.arange(N_CELLS))
        assert np.array_equal(wanted[users, items], values)
        seen.add(tuple(values))
    assert len(seen) == 20


def test_a_cell_comes_at_every_place_with_the_same_probability():
    order, rng, n_epochs = in_blocks(numbered_cells()), np.random.default_rng(2), 20_000
    counts = np.zeros((N_CELLS, N_CELLS))
    for _ in range(n_epochs):
        counts[order.each_once(rng)[2].astype(int), np.arange(N_CELLS)] += 1
    expected = n_epochs / N_CELLS
    # χ² of a doubly stochastic table has (n − 1)² degrees of freedom.
    chi_square, freedom = ((counts - expected) ** 2 / expected).sum(), (N_CELLS - 1) ** 2
    assert abs(chi_square - freedom) < 5 * np.sqrt(2 * freedom)


def test_any_cell_can_follow_any_other():
    order, rng = in_blocks(numbered_cells()), np.random.default_rng(3)
    follows = np.zeros((N_CELLS, N_CELLS), dtype=bool)
    for _ in range(5_000):
        values = order.each_once(rng)[2].astype(int)
        follows[values[:-1], values[1:]] = True
    assert follows[~np.eye(N_CELLS, dtype=bool)].all()


def test_blocks_hold_few_users_and_items():
    rng, m, n, k_bytes = np.random.default_rng(4), 400, 300, 64
    cells = rng.choice(m * n, size=20_000, replace=False)
    R = csr_array((np.ones(20_000), (cells // n, cells % n)), shape=(m, n))
    order = EpochOrder(R, (m + n) * k_bytes, plain=0, block=50 * k_bytes)  # 25 users and 25 items at a time
    users, items, _ = order.each_once(rng)
    rows = [len(set(users[a : a + 100])) + len(set(items[a : a + 100])) for a in range(0, 20_000, 100)]
    assert np.median(rows) <= 2 * 50, "two blocks at most, mostly"
    plain_users, plain_items, _ = order.some(100, rng)
    assert len(set(plain_users)) + len(set(plain_items)) > 130


def test_with_replacement_every_cell_is_as_likely_as_any_other():
    R, rng, n_epochs = numbered_cells(), np.random.default_rng(5), 3_000
    order, counts, wanted = in_blocks(R), np.zeros(N_CELLS), R.toarray()
    for _ in range(n_epochs):
        users, items, values = order.with_replacement(N_CELLS, rng)
        assert np.array_equal(wanted[users, items], values)
        counts += np.bincount(values.astype(int), minlength=N_CELLS)
    assert abs(counts - n_epochs).max() < 5 * np.sqrt(n_epochs)
    assert counts.std() > np.sqrt(n_epochs) / 2, "drawn, not dealt"


def test_a_part_is_drawn_from_all_cells():
    order, rng, counts = in_blocks(numbered_cells()), np.random.default_rng(6), np.zeros(N_CELLS)
    for _ in range(2_000):
        values = order.some(10, rng)[2].astype(int)
        assert len(set(values)) == 10
        counts[values] += 1
    assert abs(counts - 500).max() < 5 * np.sqrt(500)
