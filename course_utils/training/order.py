"""In which random order does an epoch take its examples, so that their rows are still in the cache?

In a plainly random order every example fetches its rows of factors from memory, and with many users and items
that takes longer than the arithmetic. So users and items are dealt into groups, anew in each epoch, and the
examples of one group of users and one of items, a block, are taken one after the other.

What remains random: the groups, the order of the blocks, the order within each block, and where the whole
sequence, bent to a ring, begins. So each example comes at every place of the epoch with exactly the same
probability. What is given up: two examples of a block come near each other.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.sparse import csr_array

from course_utils.data.interactions import known_cells
from course_utils.training.machine_code import COMPILES, njit

# With at most so many examples, an epoch takes a fraction of a second in any order, and it is plainly random.
PLAIN = 500_000
# Bytes of the rows of a block: half of a small second-level cache.
BLOCK = 1 << 19
# The parts of an example side by side: one line of the cache holds them all.
CELL = np.dtype([("user", np.int32), ("item", np.int32), ("value", np.float64)])


class EpochOrder:
    """Draws the examples of an epoch, in order: each a stored cell of a matrix.

    Parameters
    ----------
    R : (m, n) csr_array
        The examples.
    n_bytes : int
        Size of the factors of all users and items.
    plain, block : int
        Number of examples up to which the order is plainly random, and size of the rows of a block.
    """

    def __init__(self, R: csr_array, n_bytes: int, plain: int = PLAIN, block: int = BLOCK):
        users, items, values = known_cells(R)
        self._cells = np.empty(len(users), CELL)
        self._cells["user"], self._cells["item"], self._cells["value"] = users, items, values
        self._dealt = np.empty_like(self._cells)
        self._shape, self._n_groups = R.shape, (1, 1)
        if len(users) > plain and COMPILES:  # in plain Python memory is not what an epoch waits for
            row = n_bytes / sum(R.shape)
            self._n_groups = tuple(math.ceil(size * row / (block / 2)) for size in R.shape)

    def each_once(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Users, items and values of all cells. The arrays are good until the next draw."""
        if self._n_groups == (1, 1):
            return self.some(len(self._cells), rng)
        return self._in_blocks(self._cells, rng)

    def some(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Users, items and values of n cells drawn without replacement, in a plainly random order."""
        return _parts(self._cells[rng.permutation(len(self._cells))[:n]])

    def with_replacement(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Users, items and values of n ≤ nnz cells, each drawn from all. Good until the next draw."""
        drawn = self._cells[rng.integers(len(self._cells), size=n)]
        return _parts(drawn) if self._n_groups == (1, 1) else self._in_blocks(drawn, rng)

    def _in_blocks(
        self, cells: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        # As many members in each group as in any other, give or take one.
        user_group, item_group = (
            (rng.permutation(size) * n // size).astype(np.int32)
            for size, n in zip(self._shape, self._n_groups, strict=True)
        )
        blocks, start = rng.permutation(math.prod(self._n_groups)), rng.integers(len(cells))
        dealt = self._dealt[: len(cells)]
        _deal(cells, user_group, item_group, blocks, start, rng, dealt)
        return _parts(dealt)


def _parts(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return cells["user"], cells["item"], cells["value"]


@njit
def _deal(cells, user_group, item_group, blocks, start, rng, dealt):
    """Fill `dealt` from place `start` on, as a ring: block after block, each of them shuffled."""
    n, n_item_groups = len(cells), item_group.max() + 1
    sizes = np.zeros(len(blocks), np.int64)
    for c in range(n):
        sizes[user_group[cells[c].user] * n_item_groups + item_group[cells[c].item]] += 1
    free, place = np.empty_like(sizes), start  # where the next value of a block goes, not yet bent to a ring
    for block in blocks:
        free[block] = place
        place += sizes[block]
    for c in range(n):
        block = user_group[cells[c].user] * n_item_groups + item_group[cells[c].item]
        _copy(cells[c], dealt[free[block] if free[block] < n else free[block] - n])
        free[block] += 1
    for block in blocks:
        first = free[block] - sizes[block]
        for t in range(sizes[block] - 1, 0, -1):  # Fisher and Yates: swap with one of those not yet settled
            a, b = first + t, first + int(rng.random() * (t + 1))
            _swap(dealt[a if a < n else a - n], dealt[b if b < n else b - n])


@njit
def _copy(a, b):
    b.user, b.item, b.value = a.user, a.item, a.value


@njit
def _swap(a, b):
    user, item, value = a.user, a.item, a.value
    a.user, a.item, a.value = b.user, b.item, b.value
    b.user, b.item, b.value = user, item, value
