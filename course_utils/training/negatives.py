"""Which item does a user *not* have? Draws of negative items with exactly the asked probabilities."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from course_utils.data.interactions import known_cells
from course_utils.training.machine_code import njit


class NegativeSampler:
    """Draws items that a user has not chosen, exactly with the asked probabilities.

    No draw is thrown away: a user who has chosen nearly everything costs as much as any other, and nobody can
    make it loop for ever. Think of the items in a row, each as wide as its weight. Take out the user's own,
    push the rest together, and throw a dart: a binary search over the user's items says how many of them lay
    before the place that was hit, and so where it was before. The search begins near its end: a table says
    between which of the user's items each n_u-th part of their row ends.

    Parameters
    ----------
    R : (m, n) csr_array
        The chosen items: a stored cell is a positive, whatever its value.
    weights : (n,) array of int, optional
        Not negative. Item j is drawn with a probability proportional to `weights[j]`; without it, all with
        the same. (Whole numbers keep the sums below exact.)

    Raises
    ------
    ValueError
        If the weights do not fit the items, or a user with at least one positive has no item left to draw.
    """

    def __init__(self, R: csr_array, weights: np.ndarray | None = None):
        users, items, _ = known_cells(R)
        cells = csr_array((np.ones(len(users)), (users, items)), shape=R.shape)
        cells.sum_duplicates()  # sorted within each row, each cell once
        width = _checked_weights(weights, R.shape[1])
        right_ends = np.cumsum(width)
        self._right_ends = None if weights is None else right_ends
        start = cells.indptr.astype(np.int64)
        taken = np.concatenate([[0], np.cumsum(width[cells.indices])])  # all rows in one line
        before_row = np.repeat(taken[start[:-1]], np.diff(start))
        taken_up_to = taken[1:] - before_row  # in the row, the cell itself included
        free_before = right_ends[cells.indices] - taken_up_to
        free = width.sum() - np.diff(taken[start])
        full = np.flatnonzero((free == 0) & (np.diff(start) > 0))
        if len(full):
            raise ValueError(
                f"User {full[0]} has chosen every item that could be drawn: there is no negative for them. "
                "Leave such users out of R."
            )
        # What a draw looks up lies side by side, in as few bytes as will do.
        whole = np.int32 if max(width.sum(), len(users)) < 2**31 else np.int64
        self._rows = np.stack([start[:-1], start[1:], free], axis=1).astype(whole)
        part_ends = _part_ends(start, free_before, free)
        self._cells = np.stack([part_ends, free_before, taken_up_to], axis=1).astype(whole)

    def draw(self, users: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """One negative item for each of the users.

        Parameters
        ----------
        users : (size,) array of int
            Rows of R, any of them repeated.
        rng : Generator
            The only source of randomness.

        Returns
        -------
        (size,) array of int64
        """
        hit = _draw(self._rows, self._cells, users, rng)
        if self._right_ends is None:
            return hit
        return np.searchsorted(self._right_ends, hit, side="right")


def _checked_weights(weights: np.ndarray | None, n_items: int) -> np.ndarray:
    if weights is None:
        return np.ones(n_items, dtype=np.int64)
    weights = np.asarray(weights)
    whole = np.issubdtype(weights.dtype, np.integer)
    if weights.shape != (n_items,) or not whole or (weights < 0).any():
        raise ValueError(
            f"weights has the shape {weights.shape} and type {weights.dtype}; expected one whole number, "
            f"0 or more, for each of the {n_items} items."
        )
    return weights.astype(np.int64)


@njit
def _part_ends(start, free_before, free):
    """Per stored cell p of a row with n_u cells: how many have at most p + 1 n_u-ths free before them.

    Counted from the start of the row. The places of part p lie before or between the cells that
    `_part_ends[p - 1]` and `_part_ends[p]` count.
    """
    ends = np.empty(len(free_before), np.int32)
    for u in range(len(free)):
        n_own, count = start[u + 1] - start[u], 0
        for part in range(n_own):
            end = -(-(part + 1) * free[u] // n_own)  # rounded up: the first place of the next part
            while count < n_own and free_before[start[u] + count] <= end:
                count += 1
            ends[start[u] + part] = count
    return ends


@njit
def _draw(rows, cells, users, rng):
    """Where the darts hit, among all items in a row (see `NegativeSampler`)."""
    hit = np.empty(len(users), np.int64)
    for c in range(len(users)):
        first, last, free = rows[users[c]]
        # The rounding of random() makes one item more likely than another by less than n / 2⁵³.
        place = int(rng.random() * free)  # among the user's free items
        low = high = np.int64(first)
        if last > first:
            part = place * np.int64(last - first) // np.int64(free)
            high = first + cells[first + part, 0]
            if part:
                low = first + cells[first + part - 1, 0]
        while low < high:  # the first chosen item with more free width before it than the place
            middle = (low + high) // 2
            if cells[middle, 1] <= place:
                low = middle + 1
            else:
                high = middle
        hit[c] = place + cells[low - 1, 2] if low > first else place
    return hit
