"""Where do items with many factors lie on a plane, so that neighbours stay neighbours?

This is t-SNE (van der Maaten, Hinton, JMLR 2008) in its exact form: all pairs, no tree. A thousand items take
some seconds. It starts from the two principal axes, so that nothing is drawn and every run gives the same
plane.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

EXAGGERATED = 100  # steps at first, in which attraction counts more: groups form
EXAGGERATION = 12.0
SMALLEST = 1e-12


def to_plane(factors: np.ndarray, perplexity: float = 20.0, n_steps: int = 400) -> np.ndarray:
    """Places on a plane at which items with a high cosine are near each other.

    Parameters
    ----------
    factors : (n, k) array
        The items' factors, no row of length 0.
    perplexity : float
        How many neighbours an item has, roughly; less than n / 3.
    n_steps : int
        Steps of gradient descent.

    Returns
    -------
    (n, 2) array
        Only nearness means something: neither the axes do, nor how far groups lie apart.

    Raises
    ------
    ValueError
        If a row has the length 0, or there are too few items for the perplexity.
    """
    lengths = np.linalg.norm(factors, axis=1, keepdims=True)
    if not lengths.all():
        raise ValueError(f"Item {int(np.argmin(lengths))} has factors of length 0, and so no direction.")
    n = len(factors)
    if n < 3 * perplexity:
        raise ValueError(
            f"{n} items are too few for a perplexity of {perplexity:g}: it can be {n // 3} at most."
        )
    directions = factors / lengths
    wanted = _affinities(np.maximum(2 - 2 * directions @ directions.T, 0), perplexity)
    centred = directions - directions.mean(axis=0)
    axes = np.linalg.svd(centred, full_matrices=False)[2][:2]
    # Which end of an axis is positive is chance: let it be that of the largest entry.
    axes *= np.sign(axes[np.arange(2), np.abs(axes).argmax(axis=1)])[:, None]
    places = centred @ axes.T
    places *= 1e-2 / places.std()
    speed = np.zeros_like(places)
    for step in range(n_steps):
        attraction = wanted * EXAGGERATION if step < EXAGGERATED else wanted
        nearness = 1 / (1 + _squared_distances(places))
        np.fill_diagonal(nearness, 0)
        pull = (attraction - nearness / nearness.sum()) * nearness
        gradient = 4 * (pull.sum(axis=1)[:, None] * places - pull @ places)
        speed = (0.5 if step < EXAGGERATED else 0.8) * speed - n / EXAGGERATION * gradient
        places = places + speed
    return places - places.mean(axis=0)


def planes_alike(factors_of: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Places of the same items by several models, so that they can be compared by eye.

    Parameters
    ----------
    factors_of : mapping of str to (n, k) array
        Per model: its name, and factors of the same n items, no row of length 0.

    Returns
    -------
    dict of str to (n, 2) array
        See `to_plane`; all but the first are turned like the first (`turned_like`).
    """
    places = {name: to_plane(factors) for name, factors in factors_of.items()}
    first, *_ = places
    return {
        name: each if name == first else turned_like(each, places[first]) for name, each in places.items()
    }


def turned_like(places: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Places turned, mirrored and stretched so that they lie as near as they can to others of the same items.

    Two maps can be compared by eye only then: of a single one, neither the directions nor the size mean
    anything. (Procrustes analysis.)

    Parameters
    ----------
    places, others : (n, 2) array
        Two layouts of the same n items.

    Returns
    -------
    (n, 2) array
        Distances are those of `places`, all multiplied by one number; the middle is that of `others`.
    """
    centred, wanted = places - places.mean(axis=0), others - others.mean(axis=0)
    left, sizes, right = np.linalg.svd(centred.T @ wanted)
    return centred @ (left @ right) * (sizes.sum() / np.sum(centred**2)) + others.mean(axis=0)


def _squared_distances(places: np.ndarray) -> np.ndarray:
    squares = np.sum(places**2, axis=1)
    return np.maximum(squares[:, None] + squares - 2 * places @ places.T, 0)


def _affinities(distances: np.ndarray, perplexity: float) -> np.ndarray:
    """Chances of pairs from squared distances: a Gaussian around each item, as wide as asked."""
    n = len(distances)
    off = ~np.eye(n, dtype=bool)
    low, high = np.zeros(n), np.full(n, np.inf)
    precision = np.ones(n)
    for _ in range(60):  # halving: the entropy falls as the precision grows
        shifted = distances - np.min(np.where(off, distances, np.inf), axis=1, keepdims=True)
        chances = np.where(off, np.exp(-shifted * precision[:, None]), 0)
        chances /= chances.sum(axis=1, keepdims=True)
        entropy = -np.sum(chances * np.log(np.maximum(chances, SMALLEST)), axis=1)
        too_wide = entropy > np.log(perplexity)
        low, high = np.where(too_wide, precision, low), np.where(too_wide, high, precision)
        precision = np.where(np.isinf(high), precision * 2, (low + high) / 2)
    return np.maximum((chances + chances.T) / (2 * n), SMALLEST)
