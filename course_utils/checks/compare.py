"""Is a student's result the right one, or that of a known mistake?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import ArrayLike


def all_close(
    parts: Iterable[ArrayLike], others: Iterable[ArrayLike], rtol: float = 1e-5, atol: float = 1e-8
) -> bool:
    """Whether two models, tuples of as many arrays, agree array by array."""
    return all(np.allclose(a, b, rtol=rtol, atol=atol) for a, b in zip(parts, others, strict=True))


def cause_of_shape(got: np.ndarray, n_pairs: int) -> str:
    """Why predictions of pairs, at least two, have not the shape (n_pairs,); a sentence.

    Parameters
    ----------
    got : array
        What came, of another shape.
    """
    if got.shape == (n_pairs, n_pairs):
        return "A matrix holds every user with every item: multiply row by row, then sum over the factors."
    if got.shape in {(n_pairs, 1), (1, n_pairs)}:
        return (
            "The numbers are there, in one dimension too many: is it a `keepdims`, a `[:, None]`, a column?"
        )
    return "Multiply row by row, then sum over the factors: one number for each pair."


def name_mistake(got: ArrayLike, mistakes: Mapping[str, ArrayLike]) -> None:
    """Fail with the sentence of the mistake whose value this is, if it is a known one.

    Parameters
    ----------
    got : array_like
        What a student's function returned.
    mistakes : mapping of str to array_like
        What a mistake leads to, by a clause that says which it is.
    """
    __tracebackhide__ = True
    for clause, wrong in mistakes.items():
        assert not np.allclose(got, wrong, atol=1e-7), f"This is what you get if {clause}."
