"""How do NumPy's random generators travel? As the state of their bit generators and of their seeds."""

from __future__ import annotations

from typing import Any

import numpy as np

BIT_GENERATORS = {cls.__name__: cls for cls in (np.random.PCG64, np.random.PCG64DXSM, np.random.MT19937)} | {
    cls.__name__: cls for cls in (np.random.Philox, np.random.SFC64)
}
# Numbers that a bit generator has in stock. Its compiled code takes the next one from the place that it is
# told, wherever that is.
STOCK = {"MT19937": 624, "Philox": 4}
# Children of a generator, in one call. They can only be counted by making them; a million takes seconds and
# hundreds of MB of the side that follows.
MAX_SPAWNED = 10_000


def generator_state(rng: np.random.Generator) -> dict:
    """The state of a generator, from which an equal one can be built."""
    seed = getattr(rng.bit_generator, "seed_seq", None)
    state: dict[str, Any] = {"state": rng.bit_generator.state}
    if isinstance(seed, np.random.SeedSequence):
        # From which `rng.spawn` makes its children.
        state["seed"] = [seed.entropy, list(seed.spawn_key), seed.pool_size, seed.n_children_spawned]
    return state


def built_generator(node: dict) -> np.random.Generator:
    """The generator of a state.

    Raises
    ------
    LookupError, TypeError, ValueError
        If it is no state of a generator.
    """
    seed = None
    if "seed" in node:
        entropy, spawn_key, pool_size, spawned = node["seed"]
        if not (type(pool_size) is int and 4 <= pool_size <= 1024):
            raise ValueError(f"{pool_size} is no size of a pool")
        seed = np.random.SeedSequence(
            entropy, spawn_key=spawn_key, pool_size=pool_size, n_children_spawned=spawned
        )
    state = node["state"]
    bits = BIT_GENERATORS[state["bit_generator"]](seed)
    if stock := STOCK.get(state["bit_generator"]):
        place = state["state"]["pos"] if "pos" in state["state"] else state["buffer_pos"]
        if not (type(place) is int and 0 <= place <= stock):
            raise ValueError(f"a generator has no number {place} in stock")
    bits.state = state
    return np.random.Generator(bits)


def set_generator(rng: np.random.Generator, other: np.random.Generator) -> None:
    """Bring a generator into the state of another of its kind."""
    rng.bit_generator.state = other.bit_generator.state
    mine, theirs = rng.bit_generator.seed_seq, other.bit_generator.seed_seq
    if not (isinstance(mine, np.random.SeedSequence) and isinstance(theirs, np.random.SeedSequence)):
        return
    ahead = theirs.n_children_spawned - mine.n_children_spawned
    if 0 < ahead <= MAX_SPAWNED:
        mine.spawn(ahead)
