"""Progress bars that show in a notebook and a terminal and are silent where a cell is graded."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TypeVar

from tqdm.auto import tqdm

T = TypeVar("T")


def progress_bar(iterable: Iterable[T], desc: str = "", total: int | None = None) -> tqdm[T]:
    """Wrap `iterable` in a progress bar.

    nbgrader sets `NBGRADER_EXECUTION` while it autogrades or validates a notebook; the bar is then off.
    It goes to standard output, because nbgrader takes a line on standard error for a failed test.

    Parameters
    ----------
    iterable : iterable
        What to loop over.
    desc : str
        Words in front of the bar.
    total : int, optional
        Number of steps, where `len(iterable)` does not tell it.

    Returns
    -------
    tqdm
        Yields the same items.
    """
    graded = bool(os.environ.get("NBGRADER_EXECUTION"))
    return tqdm(iterable, desc=desc, total=total, file=sys.stdout, disable=graded)
