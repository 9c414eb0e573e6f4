"""How far is a student? A table of all exercises: ✓ ✗ ○, what can be seen, and what is judged later."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from html import escape
from importlib import import_module
from io import StringIO
from typing import Any

from course_utils.checks.exercises import Exercise, UnitTable, in_points, number
from course_utils.checks.outcome import OPEN, PASSED, Outcome, judge, passed
from course_utils.checks.own_lines import shell
from course_utils.notebook.unit import this_unit

BY_A_PERSON = "✎"
HEADER = ("", "exercise", "visible points", "judged after you hand in")


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
        """How they stand with the functions that a notebook defines: all visible checks run once."""
        return cls(unit, tuple(standing(unit, exercise, names) for exercise in unit.exercises))

    @property
    def reached(self) -> float:
        """Points of which visible checks have nothing against."""
        return sum(
            exercise.visible
            for exercise, outcome in zip(self.unit.exercises, self.outcomes, strict=True)
            if outcome.sign == PASSED
        )

    @property
    def summary(self) -> str:
        """Which share of the points can be seen, and who decides on the rest."""
        visible, total = _sum(self.unit, "visible"), sum(each.points for each in self.unit.exercises)
        hidden, written = _sum(self.unit, "hidden"), _sum(self.unit, "written")
        return (
            f"{number(self.reached)} of {number(visible)} visible points. Visible checks, and with them the "
            f"Validate button, see {number(visible)} of the {number(total)} points; {number(hidden)} more "
            f"need hidden checks, after you hand in; a person gives {number(written)}."
        )

    @property
    def _rows(self) -> Iterable[tuple[str, str, str, str]]:
        for exercise, outcome in zip(self.unit.exercises, self.outcomes, strict=True):
            yield (outcome.sign, _name(exercise), _visible(exercise, outcome), _later(exercise))

    def __str__(self) -> str:
        rows = [HEADER, *self._rows]
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
            for kind, row in [("h", HEADER), *(("d", row) for row in self._rows)]
        ]
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        return f"<table>{body}</table><p>{escape(self.summary)}</p>"


def standing(unit: UnitTable, exercise: Exercise, names: Mapping[str, Any]) -> Outcome:
    """How one exercise stands: its visible checks run, and say nothing."""
    if exercise.written:
        return Outcome(BY_A_PERSON, "")
    module = import_module(f"course_utils.checks.{unit.module}")
    for name in exercise.checks:
        check = inspect.unwrap(getattr(module, name))
        parameters = inspect.signature(check).parameters.values()
        wanted = [each.name for each in parameters if each.default is each.empty]
        if missing := [name for name in wanted if name not in names]:
            return Outcome(OPEN, f"{OPEN} {exercise.name} · {missing[0]} is not there: run its cell.")
        try:
            with redirect_stdout(StringIO()):
                check(*(names[name] for name in wanted))
        except Exception as error:
            return judge(unit, exercise, error)
    return passed(exercise)


def _name(exercise: Exercise) -> str:
    return f"{exercise.number} {exercise.title}".strip()


def _visible(exercise: Exercise, outcome: Outcome) -> str:
    if not exercise.visible:
        return ""
    return f"{number(exercise.visible if outcome.sign == PASSED else 0)} of {number(exercise.visible)}"


def _later(exercise: Exercise) -> str:
    if exercise.written:
        return f"{in_points(exercise.written)}, by a person"
    if not exercise.looks_at:
        return ""
    return f"{in_points(exercise.hidden)}: {exercise.looks_at.rstrip('.')}"


def _sum(unit: UnitTable, kind: str) -> float:
    return sum(getattr(exercise, kind) for exercise in unit.exercises)
