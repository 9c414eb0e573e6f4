"""What do the training loops of SGD, BPR and WARP have in common?

A step that is tried, then compiled or run as plain Python on less data; epochs under a progress bar; the end
of a training that diverges; a table of what each epoch brought.
"""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial

import numpy as np
import pandas as pd

from course_utils.training.compile import compile_step, try_once
from course_utils.training.machine_code import njit
from course_utils.training.progress_bar import progress_bar


def prepare(
    loop: Callable,
    step: Callable,
    trials: Sequence[tuple],
    n_examples: int,
    n_plain: int,
    unit: str,
    returns: str | None = None,
) -> tuple[Callable, int]:
    """A loop of steps at compiled speed; if the step cannot be compiled, in plain Python, saying so.

    Parameters
    ----------
    loop : callable
        `loop(step, examples, *rest)` takes a step for each example in turn; `examples` is a tuple of
        arrays of the same length. It is written so that numba can compile it.
    step : callable
        A student's step.
    trials : sequence of tuples
        Arguments on which the step is tried; see `compile_step`.
    n_examples, n_plain : int
        How many examples there are, and how many an epoch takes at most in plain Python.
    unit : str
        What the examples are, such as "ratings".
    returns : str, optional
        What the step has to return, in words; see `try_once`.

    Returns
    -------
    run : callable
        `run(examples, *rest)` is the loop with this step.
    n_steps : int
        How many examples an epoch should take.
    """
    try_once(step, trials[0], returns)
    fast, obstacle = compile_step(step, trials)
    if not obstacle:
        return partial(_compiled(loop), fast), n_examples
    n_steps = min(n_plain, n_examples)
    print(
        f"{step.__name__} runs as plain Python, on {n_steps:,} of the {n_examples:,} {unit} in each "
        f"epoch: {obstacle}."
    )
    return partial(_run_plain, loop, step), n_steps


def run_epochs(
    epoch: Callable[[], list[float]],
    columns: list[str],
    n_epochs: int,
    title: str,
    remedy: str,
    validate: Callable[[], float] | None = None,
) -> pd.DataFrame:
    """Run epochs until they are done or the training diverges.

    Parameters
    ----------
    epoch : callable
        Trains for an epoch and returns a row of the history. If its first value is not finite, the training
        has diverged. What it prints is left out: a step that prints does so a million times.
    columns : list of str
        Names of the values in the row.
    n_epochs : int
        How many epochs at most.
    title : str
        Words in front of the progress bar.
    remedy : str
        What to say of a training that diverged.
    validate : callable, optional
        Called without arguments after each epoch; its value becomes the column `valid`.

    Returns
    -------
    DataFrame
        A row for each epoch, counted from 1.
    """
    history = []
    for number in progress_bar(range(1, n_epochs + 1), desc=title):
        with _nothing_printed():
            row = epoch()
        if not math.isfinite(row[0]):
            print(f"Training diverged in epoch {number}: {remedy}")
            break
        history.append(row if validate is None else [*row, validate()])
    names = columns if validate is None else [*columns, "valid"]
    return pd.DataFrame(history, columns=names, index=pd.RangeIndex(1, len(history) + 1, name="epoch"))


_compiled = lru_cache(maxsize=8)(njit)


def _run_plain(loop: Callable, step: Callable, examples: tuple, *rest):
    """The loop in plain Python, which is quicker on lists than on arrays."""
    with np.errstate(all="ignore"):
        return loop(step, tuple(part.tolist() for part in examples), *rest)


@contextlib.contextmanager
def _nothing_printed() -> Iterator[None]:
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        yield
