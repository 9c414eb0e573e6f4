"""Which frames of a traceback lie in notebook cells, and how does IPython show them?"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

AROUND = 2  # lines shown before and after the line of a frame
MAX_FRAMES = 12
MAX_LINE = 300  # characters


def cell_frames(
    traceback: TracebackType | None, find: Callable[[str], tuple[int, list[str]] | None]
) -> list[str]:
    """One entry for each frame in a cell, the outermost first; of a deep recursion the innermost ones.

    Parameters
    ----------
    traceback : traceback or None
        Of the exception.
    find : callable
        The execution count and the lines of the cell that was compiled under a file name, or None.
    """
    frames = []
    while traceback is not None:
        code, cell = traceback.tb_frame.f_code, find(traceback.tb_frame.f_code.co_filename)
        if cell is not None:
            frames.append(entry(*cell, traceback.tb_lineno, code.co_name))
            frames = frames[-MAX_FRAMES:]
        traceback = traceback.tb_next
    return frames


def entry(count: int, lines: list[str], line: int, function: str = "<module>") -> str:
    """A frame as IPython shows it: the cell's number, the line's, and the lines around it."""
    where = "" if function == "<module>" else f", in {function}"
    shown = [f"Cell In[{count}], line {line}{where}"]
    for number in range(max(line - AROUND, 1), min(line + AROUND, len(lines)) + 1):
        mark = "---->" if number == line else "     "
        shown.append(f"{mark} {number:>3} {lines[number - 1].rstrip()[:MAX_LINE]}")
    return "\n".join(shown)
