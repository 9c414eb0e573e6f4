"""Who else on this machine can read what grading writes? Nobody, or the group of a course that is shared.

A gradebook holds the hidden checks and all grades, an autograded notebook the checks, a page the grades.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

OTHERS = stat.S_IRWXO
GROUP_AND_OTHERS = stat.S_IRWXG | stat.S_IRWXO
# What it takes to read a file, and to get at what is in a folder whose names one knows.
_READ, _PASS = stat.S_IROTH, stat.S_IXOTH


@contextmanager
def private(shared_with_group: bool = False) -> Iterator[None]:
    """What is made in the block can be read by this user alone (and by the group, where a course is shared).

    The mask belongs to the process: what other threads make meanwhile is private, too.
    """
    before = os.umask(OTHERS if shared_with_group else GROUP_AND_OTHERS)
    try:
        yield
    finally:
        os.umask(before)


def make_private(paths: Iterable[Path], shared_with_group: bool = False) -> None:
    """Take from others the rights to files and folders that an earlier version or another program made.

    What is not there, or belongs to somebody else, stays as it is. Links are left alone.
    """
    taken = OTHERS if shared_with_group else GROUP_AND_OTHERS
    for path in paths:
        with suppress(OSError):
            mode = path.lstat().st_mode
            if stat.S_IMODE(mode) & taken and (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                path.chmod(stat.S_IMODE(mode) & ~taken)


def open_to_others(paths: Iterable[Path]) -> list[Path]:
    """Those files and folders that any user of this machine can read or look into."""
    if os.name != "posix":
        return []
    return [path for path in paths if _is_open(path)]


def _is_open(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
        above = all(folder.stat().st_mode & _PASS for folder in path.resolve().parents)
    except OSError:
        return False
    return above and bool(mode & (_READ | _PASS if stat.S_ISDIR(mode) else _READ))
