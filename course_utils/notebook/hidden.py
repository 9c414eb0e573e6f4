"""What does the cell of hidden checks do? It says what they look at or, in self-study, runs them."""

from __future__ import annotations

from course_utils.checks.exercises import Exercise, in_points
from course_utils.checks.outcome import PASSED, WRONG, Outcome, shown
from course_utils.checks.own_lines import shell
from course_utils.notebook import self_study
from course_utils.notebook.find import find


def hidden_checks(number: str) -> None:
    """Say what the hidden checks of an exercise look at, or run those that are here; in a notebook alone.

    Parameters
    ----------
    number : str
        The exercise's, for example "2.2".
    """
    running = shell()
    if running is None:
        return
    unit, exercise = find(number)
    if self_study.is_here():
        _say(self_study.hidden_standing(unit, exercise, running.user_ns))
    else:
        print(announcement(exercise))


def check_all(number: str) -> None:
    """Run all checks of an exercise that are here, visible and hidden; they answer in one line.

    Parameters
    ----------
    number : str
        The exercise's, for example "2.2".
    """
    running = shell()
    try:
        unit, exercise = find(number)
    except ValueError as error:
        print(f"{WRONG} {error}")
        return
    if exercise.written:
        print(f'{exercise.name}: no check can read that. Compare it with solution("{number}").')
    else:
        names = {} if running is None else running.user_ns
        _say(self_study.full_standing(unit, exercise, names))


def _say(outcome: Outcome) -> None:
    """Print what passed; raise what did not, as the visible checks do."""
    if outcome.sign != PASSED:
        raise shown(*outcome)
    print(outcome.line)


def announcement(exercise: Exercise) -> str:
    """The line on an exercise's hidden checks."""
    return (
        f"… {exercise.name} · {in_points(exercise.hidden)} more, judged after you hand in. "
        f"The hidden checks look at: {exercise.looks_at}"
    )
