"""Functions that break one promise of every docstring each, and what the harness says of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

PRELUDE = """
import random
import numpy as np
import torch
from scipy.sparse import csr_array
"""


def ratings() -> csr_array:
    """A matrix with unsorted columns, a stored 0 and an empty row."""
    return csr_array((np.array([4.0, 0.0, 2.0]), np.array([3, 1, 0]), np.array([0, 2, 2, 3])), shape=(3, 4))


def table() -> pd.DataFrame:
    """A table whose index is not 0, 1, 2."""
    return pd.DataFrame({"user_id": [3, 1, 3], "item_id": [5, 5, 9]}, index=[9, 9, 4])


def scores() -> np.ndarray:
    """Some scores, as every other entry of a longer array."""
    return np.array([3.0, 0.0, 1.0, 0.0, 2.0, 0.0])[::2]


# What is called, under which name, with what, and what is said of it.
BROKEN = {
    "values": ("def f(R):\n R.data[:] = 1\n return 0.5", "density", [ratings], "R.data was changed"),
    "structure": ("def f(R):\n R.eliminate_zeros()\n return 0.5", "density", [ratings], "R.data was changed"),
    "column": (
        "def f(ratings):\n ratings['n'] = 1\n return 1",
        "popular_subset",
        [table],
        "ratings.columns was",
    ),
    "index": (
        "def f(ratings):\n ratings.index = [0, 1, 2]\n return 1",
        "popular_subset",
        [table],
        "ratings.index was changed",
    ),
    "array": ("def f(scores, seen):\n scores.sort()\n return 1", "recommend", [scores, list], "scores was"),
    "list": (
        "def f(ranked, relevant):\n ranked.pop()\n return 1",
        "ndcg_at_k",
        [lambda: [2, 1], list],
        "ranked was",
    ),
    "view returned": (
        "def f(scores, seen):\n return scores[1:]",
        "recommend",
        [scores, list],
        "what is returned lies in the memory of scores",
    ),
    "matrix returned": (
        "def f(R):\n return csr_array((R.data, R.indices, R.indptr), shape=R.shape)",
        "binarize",
        [ratings],
        "(data) lies in the memory of R.data",
    ),
    "NumPy's generator": (
        "def f(R):\n return float(np.random.random())",
        "density",
        [ratings],
        "uses the global generator of NumPy",
    ),
    "NumPy seeded": (
        "def f(R):\n np.random.seed(0)\n return 1.0",
        "density",
        [ratings],
        "uses the global generator of NumPy",
    ),
    "Python's generator": (
        "def f(R):\n return random.random()",
        "density",
        [ratings],
        "uses the global generator of Python",
    ),
    "PyTorch's generator": (
        "def f(R):\n return float(torch.rand(1))",
        "density",
        [ratings],
        "uses the global generator of PyTorch",
    ),
    "PyTorch seeded": (
        "def f(R):\n torch.manual_seed(torch.initial_seed() + 1)\n return 1.0",
        "density",
        [ratings],
        "seeds torch's",
    ),
    "state kept": (
        "calls = []\ndef f(R):\n calls.append(1)\n return float(len(calls))",
        "density",
        [ratings],
        "asked twice the same",
    ),
    "random without a seed": (
        "def f(R):\n return np.random.default_rng().random()",
        "density",
        [ratings],
        "asked twice the same",
    ),
    "the seed, not the state": (
        "def f(R, test_fraction, rng):\n"
        " own = np.random.default_rng(rng.bit_generator.seed_seq)\n return float(own.random())",
        "split_random",
        [ratings, float, lambda: np.random.default_rng(3)],
        "not from one made of its seed",
    ),
}
