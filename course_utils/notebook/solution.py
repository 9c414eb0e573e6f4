"""How does the course solve an exercise? Whoever has tried it, in a copy for self-study, may look."""

from __future__ import annotations

import os
from dataclasses import dataclass
from html import escape
from typing import Any

from course_utils.checks.exercises import Exercise, UnitTable
from course_utils.checks.outcome import OPEN, STUB, WRONG
from course_utils.checks.own_lines import shell
from course_utils.notebook.find import find
from course_utils.notebook.self_study import full_standing, is_here, kept
from course_utils.notebook.waiting import is_written
from course_utils.notebook.written import file_of, is_answered, read_notebook

NONE_HERE = (
    "This copy of the course holds no solutions. If you learn without an instructor, get the copy for "
    "self-study: `course bundle --self-study` makes it in a clone of the repository."
)


@dataclass(frozen=True)
class Solution:
    """A solution, as a notebook shows it and as plain text."""

    name: str
    text: str
    why: str
    is_code: bool

    def __repr__(self) -> str:
        return "\n\n".join(
            part for part in (f"{self.name}, as the course has it:", self.text, self.why) if part
        )

    def _repr_markdown_(self) -> str:
        # The theme of the notebook colours the source.
        text = f"```python\n{self.text}\n```" if self.is_code else self.text
        folded = f"<details><summary>Why it is written so</summary>\n\n{self.why}\n\n</details>"
        return "\n\n".join(
            [f"**{escape(self.name)}, as the course has it**", text, folded if self.why else ""]
        )


def solution(number: str, notebook: str | os.PathLike | None = None) -> None:
    """Show how the course solves an exercise that you have tried, and how your own answer stands.

    Parameters
    ----------
    number : str
        The exercise's, for example "2.3". A question without a number is known by the name of its cell.
    notebook : path, optional
        For an answer in words: the notebook's file, if it was renamed or lies in another folder.
    """
    try:
        unit, exercise = find(number)
    except ValueError as error:
        print(f"{WRONG} {error}")
        return
    if not is_here():
        print(NONE_HERE)
        return
    running = shell()
    names = {} if running is None else running.user_ns
    if first := _to_do_first(unit, exercise, names, notebook):
        print(f"{OPEN} {exercise.name} · {first}")
        return
    if not exercise.written:
        print(full_standing(unit, exercise, names).line)
    known = kept(unit, exercise)
    found = Solution(exercise.name, known.solution, known.why, not exercise.written)
    if running is None:
        print(found)
    else:
        from IPython.display import display

        display(found)


def _to_do_first(
    unit: UnitTable, exercise: Exercise, names: dict[str, Any], notebook: str | os.PathLike | None
) -> str:
    """What whoever has not tried an exercise yet should do; empty if they have."""
    if not exercise.written:
        missing = [name for name in exercise.functions if not is_written(names.get(name))]
        if not missing:
            return ""
        return (
            f"try it first: write {' and '.join(missing)} in place of {STUB}, run that cell, then ask again."
        )
    try:
        saved = read_notebook(file_of(unit, notebook))
    except ValueError as error:
        return f"{error}. Name your notebook's file: notebook='my-notebook.ipynb'."
    if not is_answered(exercise, saved):
        return "answer it first, in your own words, and save (Ctrl+S, on a Mac Cmd+S), then ask again."
    return ""
