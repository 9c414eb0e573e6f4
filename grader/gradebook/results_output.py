"""How are results shown: as a table in the terminal, as CSV, as JSON?"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path

from rich import box
from rich.table import Table
from rich.text import Text

from grader.files import replace_file
from grader.gradebook.results import Result, Status
from grader.shown_text import no_formula, one_line, printable, printable_message, shortened

# Above what lies in no unit's folder.
OUTSIDE = "outside of the units' folders"


def results_table(results: Iterable[Result]) -> Table:
    """A table of one unit's results for the terminal: a column an exercise, numbered as explained below."""
    results = list(results)
    exercises = {name: worth for result in results for name, (_, worth) in result.exercises.items()}
    title = ", ".join(dict.fromkeys(shortened(printable(result.unit or OUTSIDE)) for result in results))
    # Narrow, so that a dozen exercises and a sentence stand side by side in 80 columns.
    table = Table(title=title, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    if exercises:
        table.caption = "Points of " + ", ".join(
            f"{number} {name} ({worth:g})" for number, (name, worth) in enumerate(exercises.items(), 1)
        )
        table.caption += f"; {sum(exercises.values()):g} in all. ? waits for a person."
        table.caption_justify = "left"
    table.add_column("student", no_wrap=True)
    for number in range(1, len(exercises) + 1):
        table.add_column(str(number), justify="right", no_wrap=True)
    is_anybody_late = any(result.penalty for result in results)
    if is_anybody_late:
        table.add_column("late", justify="right", no_wrap=True)
    table.add_column("total", justify="right", no_wrap=True)
    table.add_column("what was misunderstood", ratio=1, min_width=20)
    for result in results:
        points = [_points(*result.exercises.get(name, (None, None))) for name in exercises]
        total = f"{result.total:g}" + (f"+{result.pending:g}?" if result.pending else "")
        message = one_line(result.message)
        flags = f" [{', '.join(map(one_line, result.flags))}]" if result.flags else ""
        # Text, not str: rich would take brackets in a student's message for its markup.
        table.add_row(
            Text(shortened(printable(result.student))),
            *points,
            *([Text(f"-{result.penalty:g}" if result.penalty else "")] if is_anybody_late else []),
            Text(total if result.scores else "–"),
            Text.assemble(message, (flags if message else flags.lstrip(), "dim")),
            style="red" if result.status is Status.FAILED else None,
        )
    return table


def _points(points: float | None, maximum: float | None) -> Text:
    if maximum is None:
        return Text("–")
    return Text("?") if points is None else Text(f"{points:g}", style="" if points == maximum else "bold red")


def write_csv(results: Iterable[Result], path: Path) -> None:
    """Write one line per submission: who, what, the totals, then the points of every graded cell.

    The total is what is left after the late penalty, which has a column of its own. A cell that waits for a
    person is empty.

    Raises
    ------
    CourseError
        If the file cannot be written.
    """
    results = list(results)
    cells = list(dict.fromkeys((result.unit, score.name) for result in results for score in result.scores))
    head = ["unit", "student", "status", "total", "penalty", "pending", "maximum", "message", "flags"]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([*head, *(f"{unit}:{name}" for unit, name in cells)])
    writer.writerows(_csv_row(result, cells) for result in results)
    replace_file(path, text.getvalue())


def _csv_row(result: Result, cells: list[tuple[str, str]]) -> list[str]:
    points = {(result.unit, score.name): score.points for score in result.scores}
    return [
        *map(no_formula, [printable(result.unit), printable(result.student), str(result.status)]),
        *(f"{value:g}" for value in (result.total, result.penalty, result.pending, result.maximum)),
        *map(no_formula, [one_line(result.message), ", ".join(map(one_line, result.flags))]),
        *("" if points.get(cell) is None else f"{points[cell]:g}" for cell in cells),
    ]


def results_json(results: Iterable[Result]) -> str:
    """A list with an object for each submission, indented.

    Points that a person still has to give are ``null``; ``feedback`` is the folder of the student's page.
    """
    return json.dumps([_entry(result) for result in results], indent=2, ensure_ascii=False)


def _entry(result: Result) -> dict:
    return {
        "unit": printable(result.unit),
        "student": printable(result.student),
        "status": str(result.status),
        "total": result.total,
        "penalty": result.penalty,
        "pending": result.pending,
        "maximum": result.maximum,
        "problem": printable_message(result.problem),
        "flags": [one_line(flag) for flag in result.flags],
        "scores": [
            {
                "cell": score.name,
                "exercise": score.exercise,
                "points": score.points,
                "maximum": score.maximum,
                "reason": printable_message(score.reason),
            }
            for score in result.scores
        ],
        "feedback": str(result.feedback) if result.feedback else None,
        "seconds": {name: round(seconds, 3) for name, seconds in result.seconds.items()},
    }
