"""What does the cell of hidden checks say in a student's notebook, where there is nothing to run?"""

from __future__ import annotations

from course_utils.checks.exercises import Exercise, in_points, units
from course_utils.checks.own_lines import shell


def hidden_checks(number: str) -> None:
    """Print what the hidden checks of an exercise look at; nothing outside a notebook.

    Parameters
    ----------
    number : str
        The exercise's, for example "2.2".
    """
    if shell() is not None:
        print(
            announcement(next(each for unit in units() for each in unit.exercises if each.number == number))
        )


def announcement(exercise: Exercise) -> str:
    """The line on an exercise's hidden checks."""
    return (
        f"… {exercise.name} · {in_points(exercise.hidden)} more, judged after you hand in. "
        f"The hidden checks look at: {exercise.looks_at}"
    )
