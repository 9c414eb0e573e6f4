"""How far is a student? A table of all exercises: ✓ ✗ ○, what can be seen, and what is judged later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from course_utils.checks.exercises import Exercise, UnitTable, in_points, number
from course_utils.checks.outcome import PASSED, Outcome
from course_utils.checks.own_lines import shell
from course_utils.checks.standing import BY_A_PERSON
from course_utils.notebook.self_study import all_seen, full_standing, is_here
from course_utils.notebook.unit import this_unit

HEADER = ("", "exercise", "visible points", "judged after you hand in")
HEADER_ALONE = ("", "exercise", "points", "hidden checks look at")


def progress() -> None:
    """Show how every exercise of this notebook stands, with the functions as they are now."""
    running = shell()
    names = {} if running is None else running.user_ns
    show(Progress.now(this_unit(), names))


def show(table: Progress) -> None:
    """Display a table in a notebook; print it elsewhere."""
    if shell() is None:
        print(table)
    else:
        from IPython.display import display

        display(table)


@dataclass(frozen=True)
class Progress:
    """How the exercises of a unit stand; as HTML in a notebook, as text elsewhere."""

    unit: UnitTable
    outcomes: tuple[Outcome, ...]

    @classmethod
    def now(cls, unit: UnitTable, names: Mapping[str, Any]) -> Progress:
        """How they stand with the functions that a notebook defines: all checks that are here run once."""
        outcomes = (full_standing(unit, exercise, names) for exercise in unit.exercises)
        return cls(all_seen(unit), tuple(outcomes))

    @property
    def reached(self) -> float:
        """Points of which the checks that are here have nothing against."""
        return sum(
            exercise.visible
            for exercise, outcome in zip(self.unit.exercises, self.outcomes, strict=True)
            if outcome.sign == PASSED
        )

    @property
    def summary(self) -> str:
        """Which share of the points can be seen, and who decides on the rest."""
        visible, total = _sum(self.unit, "visible"), sum(each.points for each in self.unit.exercises)
        if is_here():
            return (
                f"{number(self.reached)} of {number(visible)} points that checks decide, hidden ones "
                f"included. Questions marked {BY_A_PERSON} have a model answer, which solution(…) shows."
            )
        hidden, written = _sum(self.unit, "hidden"), _sum(self.unit, "written")
        return (
            f"{number(self.reached)} of {number(visible)} visible points. Visible checks, and with them the "
            f"Validate button, see {number(visible)} of the {number(total)} points; {number(hidden)} more "
            f"need hidden checks, after you hand in; a person gives {number(written)}."
        )

    @property
    def _header(self) -> tuple[str, str, str, str]:
        return HEADER_ALONE if is_here() else HEADER

    @property
    def _rows(self) -> Iterable[tuple[str, str, str, str]]:
        for exercise, outcome in zip(self.unit.exercises, self.outcomes, strict=True):
            yield (outcome.sign, _name(exercise), _visible(exercise, outcome), _later(exercise))

    def __str__(self) -> str:
        rows = [self._header, *self._rows]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        return "\n".join([*lines, "", self.summary])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        cell = '<t{} style="text-align: left">{}</t{}>'
        rows = [
            "".join(cell.format(kind, escape(text), kind) for text in row)
            for kind, row in [("h", self._header), *(("d", row) for row in self._rows)]
        ]
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        return f"<table>{body}</table><p>{escape(self.summary)}</p>"


def _name(exercise: Exercise) -> str:
    return f"{exercise.number} {exercise.title}".strip()


def _visible(exercise: Exercise, outcome: Outcome) -> str:
    if not exercise.visible:
        return ""
    return f"{number(exercise.visible if outcome.sign == PASSED else 0)} of {number(exercise.visible)}"


def _later(exercise: Exercise) -> str:
    if is_here():
        return exercise.looks_at.rstrip(".")
    if exercise.written:
        return f"{in_points(exercise.written)}, by a person"
    if not exercise.looks_at:
        return ""
    return f"{in_points(exercise.hidden)}: {exercise.looks_at.rstrip('.')}"


def _sum(unit: UnitTable, kind: str) -> float:
    return sum(getattr(exercise, kind) for exercise in unit.exercises)
