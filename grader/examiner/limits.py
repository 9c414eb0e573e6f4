"""How long may a student's code take, and how much may it send?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ExaminerLimits:
    """Bounds on one submission.

    Attributes
    ----------
    call : float
        Seconds for one call of a student's function by a check.
    cell : float
        Seconds for one cell, a test cell's calls together included.
    total : float
        Seconds for all cells of a notebook together; later ones are not run.
    grace : float
        Seconds that interrupted code has to come to its end, before its process is killed.
    reply_bytes : int
        Bytes of the arrays that may come back from one call, as sent and as written out.
    cell_bytes : int
        Bytes that what comes back in the course of one cell may take: a check can keep it all.
    callbacks : int
        How often one call may call a function that a check gave it.
    """

    call: float = 30.0
    cell: float = 60.0
    total: float = 300.0
    grace: float = 2.0
    reply_bytes: int = 256 * 2**20
    cell_bytes: int = 2**30
    callbacks: int = 10_000
