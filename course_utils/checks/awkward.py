"""Which inputs are awkward, by the kind of an argument? Each has a name, which a sentence can tell.

A law runs over all of them against a definition by brute force. What is written here reaches every exercise
that takes the kind. All are tiny.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

# Just above what a lazy bound would be: a byte, a round number, the size of a catalogue, 15 and 16 bits.
SIZES = (257, 1_001, 20_001, 32_769, 65_537)


def known_and_values(R: csr_array) -> tuple[np.ndarray, np.ndarray]:
    """Which cells of R are stored, and their values as floats, as two dense arrays."""
    known, values = np.zeros(R.shape, dtype=bool), np.zeros(R.shape)
    rows = np.repeat(np.arange(R.shape[0]), np.diff(R.indptr))
    known[rows, R.indices], values[rows, R.indices] = True, R.data
    return known, values


def matrix_of(known: np.ndarray, values: np.ndarray) -> csr_array:
    """The matrix that stores these cells, zeros included."""
    rows, columns = np.nonzero(known)
    return csr_array((values[rows, columns], (rows, columns)), shape=known.shape)


def _locked(array: np.ndarray) -> np.ndarray:
    array = array.copy()
    array.flags.writeable = False
    return array


def layouts(array: np.ndarray) -> dict[str, np.ndarray]:
    """The same numbers in other memory: by columns, every other entry of a larger array, read-only.

    Each is a new array, to which a step may write (but for the last).
    """
    wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
    wide[..., ::2] = array
    return {
        "in the order of Fortran": np.array(array, order="F"),
        "as a view with strides": wide[..., ::2],
        "backwards in memory": array[::-1].copy()[::-1],
        "read-only": _locked(array),
    }


def rating_matrices(seed: int = 0, signed: bool = True) -> dict[str, csr_array]:
    """Rating matrices by what is awkward about them.

    Parameters
    ----------
    seed : int
        Of the cells and of the values.
    signed : bool
        Whether values may be negative, as centred ratings are; amounts may not.
    """
    rng = np.random.default_rng(seed)

    def some(m: int, n: int, share: float = 0.5, zeros: bool = True) -> csr_array:
        known = rng.random((m, n)) < share
        known[rng.integers(m), rng.integers(n)] = True
        values = rng.integers(1, 11, size=(m, n)) / 2
        if zeros:
            values[rng.random((m, n)) < 0.2] = 0.0
        if signed:
            values *= rng.choice([-1, 1], size=(m, n))
        return matrix_of(known, values)

    plain = some(5, 6)
    known, values = known_and_values(plain)
    cancel = np.array([[2.0, -2.0, 0.0, 0.0], [1.0, 1.5, -2.5, 0.0], [0.5, 0.0, 0.0, -0.5]])
    known[[0, 3]], known[:, [0, 4]] = False, False  # rows and columns at the edge and within
    known[1, 1] = True
    order = np.concatenate(
        [np.arange(a, b)[::-1] for a, b in zip(plain.indptr[:-1], plain.indptr[1:], strict=True)]
    )
    wide = plain.copy()
    wide.indices, wide.indptr = wide.indices.astype(np.int64), wide.indptr.astype(np.int64)
    locked = plain.copy()
    locked.data, locked.indices = _locked(locked.data), _locked(locked.indices)
    cases = {
        "a plain one": plain,
        "another of the same shape": some(5, 6),
        "the same cells, other values": csr_array(
            (plain.data[::-1] + 1, plain.indices, plain.indptr), plain.shape
        ),
        "empty rows and columns": matrix_of(known, values),
        "one row": some(1, 6),
        "one column": some(6, 1),
        "one rating": csr_array((np.array([2.5]), ([0], [0])), shape=(1, 1)),
        "one rating in the last cell": csr_array((np.array([1.5]), ([3], [4])), shape=(4, 5)),
        "no rating of 0": some(4, 5, 0.5, zeros=False),
        "every cell is known": some(4, 5, 2.0),
        "nothing but zeros": csr_array((np.zeros(3), ([0, 1, 1], [1, 0, 2])), shape=(3, 4)),
        "columns out of order": csr_array(
            (plain.data[order], plain.indices[order], plain.indptr), plain.shape
        ),
        "indices of 64 bits": wide,
        "whole numbers of 8 bits": csr_array(
            (np.rint(plain.data).astype(np.int8), plain.indices, plain.indptr), plain.shape
        ),
        "floats of 32 bits": csr_array(
            (plain.data.astype(np.float32), plain.indices, plain.indptr), plain.shape
        ),
        "read-only": locked,
        "thirds of a star": csr_array((plain.data / 3, plain.indices, plain.indptr), plain.shape),
        "beyond five stars": csr_array((plain.data * 40, plain.indices, plain.indptr), plain.shape),
        "300 columns": some(2, 300),
    }
    if signed:
        cases["ratings that add up to 0 in a row"] = csr_array(cancel)
    return cases


def factor_matrices(n: int, k: int, seed: int = 0) -> dict[str, np.ndarray]:
    """Matrices of n rows of factors by what is awkward about them; k factors but for the one with one."""
    rng = np.random.default_rng([seed, 1])
    plain = rng.normal(size=(n, k))
    with_zeros, nearly = plain.copy(), plain.copy()
    with_zeros[[0, -1]] = 0
    nearly[-1] = nearly[0] * (1 + 1e-7)
    return {
        "plain": plain,
        "others of the same shape": rng.normal(size=(n, k)),
        "rows of zeros": with_zeros,
        "nearly equal rows": nearly,
        "one factor": rng.normal(size=(n, 1)),
        "short rows": plain * 1e-3,
        "long rows": plain * 1e3,
        "whole numbers": rng.integers(-3, 4, size=(n, k)),
        "floats of 32 bits": plain.astype(np.float32),
        **layouts(plain),
    }


def score_arrays(seed: int = 0, unseen: bool = False) -> dict[str, np.ndarray]:
    """Scores of a catalogue by what is awkward about them.

    Parameters
    ----------
    unseen : bool
        Whether a score of −∞ is allowed.
    """
    rng = np.random.default_rng([seed, 2])
    plain = rng.normal(size=9)
    cases = {
        "plain": plain,
        "others, as many": rng.normal(size=9),
        "ties at every place": rng.permutation([2.0, 2, 2, 0, 0, 0, -1, -1, -1]),
        "all equal": np.full(7, -0.5),
        "1e-9 apart": 1 + 1e-9 * rng.permutation(9),
        "1e-9 apart, at 0": 1e-9 * rng.permutation(9),
        "as near as numbers can be": 1 + np.finfo(float).eps * rng.permutation(9),
        "1e-12 apart, at 0": 1e-12 * rng.permutation(9),
        "1e12 apart": 1e12 * rng.permutation(9) - 4e12,
        "below −1e9": -1e9 * (1 + rng.permutation(9)),
        "negative": -1 - rng.random(8),
        "whole numbers": rng.integers(-4, 5, size=9),
        "floats of 32 bits": plain.astype(np.float32),
        "one item": np.array([-3.0]),
        "ties among 300": rng.integers(0, 5, size=300).astype(float),
        "1,001 items": rng.normal(size=1_001),
        **layouts(plain),
    }
    if unseen:
        cases["some −∞"] = np.where(rng.random(9) < 0.4, -np.inf, plain)
    return cases


def item_lists(n: int, seed: int = 0, repeated: bool = True) -> dict[str, list[int] | np.ndarray]:
    """Lists of codes below n: none, all, one twice, in any order, as a list and in other types."""
    rng = np.random.default_rng([seed, 3])
    some = rng.permutation(n)[: (n + 1) // 2]
    cases: dict[str, list[int] | np.ndarray] = {
        "none": np.array([], dtype=int),
        "an empty list": [],
        "all": rng.permutation(n),
        "the first": np.array([0]),
        "the last": np.array([n - 1]),
        "some": some,
        "a list": some.tolist(),
        "codes of 32 bits": some.astype(np.int32),
        "read-only": _locked(some),
    }
    if repeated:
        cases["one twice"] = np.append(some, some[:1])
        cases["one three times, as a list"] = [*some.tolist(), int(some[0]), int(some[0])]
    return cases


def rating_tables(seed: int = 0) -> dict[str, pd.DataFrame]:
    """Tables of ratings by what is awkward about them; `rating` tells the rows apart."""
    rng = np.random.default_rng([seed, 4])
    size = 24
    plain = pd.DataFrame(
        {
            "user_id": rng.choice([3, 7, 20, 5_000_000_000], size=size),
            "item_id": rng.choice([1, 2, 10, 33, 900], size=size),
            "rating": np.arange(1, size + 1) / 2,
            "timestamp": (1_112_486_027 + rng.integers(0, 12, size=size) * 86_399).astype("datetime64[s]"),
        }
    )
    as_text = plain.assign(
        user_id=plain["user_id"].map({3: "b", 7: "ab", 20: "abc", 5_000_000_000: "B"}),
        item_id=plain["item_id"].map({1: "tt1", 2: "tt10", 10: "t", 33: "tt2", 900: "zz"}),
    )
    beyond = 2**53 + np.arange(5)  # in float64 the second and the fourth are others
    beyond_floats = plain.assign(
        user_id=beyond[np.unique(plain["user_id"], return_inverse=True)[1]],
        item_id=beyond[np.unique(plain["item_id"], return_inverse=True)[1]],
    )
    return {
        "a plain one": plain,
        "an index that runs backwards": plain.set_axis(np.arange(size)[::-1]),
        "an index of repeated labels": plain.set_axis(np.arange(size) // 5),
        "an index of text": plain.set_axis([f"r{row}" for row in rng.permutation(size)]),
        "an index of other rows' places": plain.set_axis(rng.permutation(size)),
        "seconds apart": plain.assign(
            timestamp=(1_112_486_027 + rng.permutation(size)).astype("datetime64[s]")
        ),
        "milliseconds apart, in the year 2100": plain.assign(
            timestamp=(4_102_444_800_000 + rng.permutation(size)).astype("datetime64[ms]")
        ),
        "ids beyond 2⁵³": beyond_floats,
        "shuffled rows": plain.iloc[rng.permutation(size)],
        "a part of a table": plain.iloc[5::2],
        "ids of text, of different lengths": as_text,
        "more columns, in another order": plain.assign(title="A", year=1990)[
            ["year", "timestamp", "item_id", "title", "rating", "user_id"]
        ],
        "negative ids": plain.assign(user_id=-plain["user_id"], item_id=plain["item_id"] - 500),
        "one row": plain.iloc[:1],
        "no row": plain.iloc[:0],
    }
