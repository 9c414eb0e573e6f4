"""What is a ranked list worth when items have the same score, and so no order of their own?

Whichever of them came first would depend on how the items are numbered, and a model that scores all items
alike would have the luck of the numbering. So equal scores stand in a random order, each order as likely as
any other and each user's drawn for itself, and a measure is its expected value. Without ties, that is the
measure itself.
"""

from __future__ import annotations

import numpy as np


class RankedLists:
    """The first places of each user's list, in which items of equal score share their places.

    A group of s items of equal score that takes s places, r of them relevant, has at each of these places a
    relevant item with probability r / s, and at two of them with r (r − 1) / (s (s − 1)). That the list may
    end within the group does not change that.

    Parameters
    ----------
    scores : (batch, n_items) array
        One row a user, −inf for what is never recommended.
    lists : (batch, n) array of int
        The items with the highest scores in descending order, ties in any order; −1 where no item is left.
    """

    def __init__(self, scores: np.ndarray, lists: np.ndarray) -> None:
        self._scores, self._lists = scores, lists
        self.is_filled = lists >= 0
        values = np.where(self.is_filled, np.take_along_axis(scores, lists, axis=1), -np.inf)
        self._values = values
        # Places of equal score have one number, and no two users have the same.
        begins = np.ones(lists.shape, dtype=bool)
        begins[:, 1:] = values[:, 1:] != values[:, :-1]
        self._group = np.cumsum(begins).reshape(lists.shape) - 1
        # The last group may go on below the list.
        self._is_last = self._group == self._group[:, -1:]
        self._level = self._level_with(lists.shape[1])
        self._size = self._over_groups(np.ones(lists.shape), self._level.sum(axis=1))

    def mean(self, of: np.ndarray) -> np.ndarray:
        """What is to be expected at each place.

        Parameters
        ----------
        of : (batch, n_items) array
            A number for each item, or whether it is relevant.

        Returns
        -------
        (batch, n) array
            0 where no item is left.
        """
        return self._total(of) / self._size

    def both(self, of: np.ndarray) -> np.ndarray:
        """How likely the items at two places are both relevant.

        Parameters
        ----------
        of : (batch, n_items) array
            Whether an item is relevant.

        Returns
        -------
        (batch, n, n) array
            With what `mean` says on the diagonal.
        """
        chance, total = self.mean(of), self._total(of)
        together = chance * (total - 1) / np.maximum(self._size - 1, 1)
        is_same = self._group[:, :, None] == self._group[:, None, :]
        pairs = np.where(is_same, together[:, :, None], chance[:, :, None] * chance[:, None, :])
        places = np.arange(self._lists.shape[1])
        pairs[:, places, places] = chance
        return pairs

    def chance_of_a_place(self, n: int) -> np.ndarray:
        """How likely each item is among the first n, a (batch, n_items) array."""
        above = self._scores > self._values[:, n - 1, None]
        level = self._level_with(n)
        left = n - above.sum(axis=1)
        return above + level * (left / np.maximum(level.sum(axis=1), 1))[:, None]

    def _level_with(self, place: int) -> np.ndarray:
        """The items whose score is that of a place (from 1 on), as a (batch, n_items) array of bool."""
        last = self._values[:, place - 1, None]
        return (self._scores == last) & np.isfinite(last)

    def _total(self, of: np.ndarray) -> np.ndarray:
        """The sum over the group that each place belongs to."""
        of = np.asarray(of, dtype=np.float64)
        listed = np.where(self.is_filled, np.take_along_axis(of, self._lists, axis=1), 0.0)
        return self._over_groups(listed, np.einsum("ui,ui->u", self._level, of))

    def _over_groups(self, listed: np.ndarray, of_last: np.ndarray) -> np.ndarray:
        sums = np.bincount(self._group.ravel(), weights=listed.ravel())[self._group]
        is_cut = self._is_last & self.is_filled[:, -1:]
        return np.where(is_cut, of_last[:, None], sums)
