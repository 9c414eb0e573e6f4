"""What does `course collect` tell other programs: a line for each file, and an object with all of it?"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence

from grader.intake.hand_ins import HandIn, Plan, Row
from grader.shown_text import no_formula, printable

_COLUMNS = ("file", "becomes", "student", "unit", "as", "reason")


def report(made: Plan) -> str:
    """A line of CSV for each file of the source."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    for row in made.rows:
        writer.writerow([no_formula(column) for column in _columns(row)])
    return text.getvalue()


def collection_json(
    made: Plan, written: str | None, missing: Mapping[str, Sequence[str]], notes: Sequence[str]
) -> str:
    """An object with what is collected, what became of each file, and who has handed in nothing.

    Parameters
    ----------
    made : Plan
        What was decided.
    written : str or None
        The folder of what was put aside; None if nothing was written.
    missing : mapping
        The students of whom the source has nothing, by unit.
    notes : sequence of str
        What else there is to say.
    """
    said = {
        "written": written,
        "hand_ins": [_hand_in(each) for each in made.hand_ins],
        "files": [dict(zip(_COLUMNS, _columns(row), strict=True)) for row in made.rows],
        "missing": {unit: list(map(printable, names)) for unit, names in missing.items()},
        "notes": list(notes),
    }
    return json.dumps(said, indent=2, ensure_ascii=False)


def _hand_in(hand_in: HandIn) -> dict[str, object]:
    return {
        "student": printable(hand_in.student),
        "unit": hand_in.unit,
        "notebooks": [row.entry.shown for row in hand_in.rows if row.digest],
        "time": f"{hand_in.time.isoformat()}Z" if hand_in.time else None,
        "time_from": hand_in.time_from,
        "replaces": hand_in.replaces,
        "notes": hand_in.notes,
    }


def _columns(row: Row) -> list[str]:
    columns = (row.entry.shown, str(row.status), row.student, row.unit, row.target, row.reason)
    return [printable(column) for column in columns]
