"""What do `course answers` and `course mark` say, in sentences and as JSON?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from grader.answers.mark import Entered
from grader.answers.write import Written
from grader.shown_text import listed, printable


def said_of_page(page: Written, shown: Path) -> str:
    """A line about a page of answers."""
    return (
        f"{shown}: {page.students} students, {page.different} different answers in {page.groups} groups, "
        f"{page.waiting} wait for a person; {page.size / 1e6:.1f} MB"
    )


def pages_json(pages: Sequence[Written], notes: Sequence[str]) -> str:
    """An object: ``pages``, each with its file and numbers, and ``notes``, sentences."""
    entries = [asdict(page) | {"path": str(page.path)} for page in pages]
    return json.dumps({"pages": entries, "notes": list(notes)}, indent=2, ensure_ascii=False)


def said_of_file(entered: Entered) -> list[str]:
    """What became of a file of marks, a line each."""
    if entered.problem:
        return [entered.problem]
    unit, question = entered.unit, entered.question
    lines = [
        f"{entered.file}: {len(entered.marked)} answers to {question} of {unit} marked, "
        f"{len(entered.unchanged)} as before, {len(entered.changed)} not marked"
    ]
    if entered.replaced:
        lines.append(f"Other points than before: {listed(entered.replaced, most=20)}.")
    if entered.changed:
        lines.append(
            "Not marked, as the answer is another than the one on the page, or cannot be graded: "
            f"{listed(entered.changed, most=20)}. Run `course answers {unit}`: the new page shows it, with "
            "what was given before."
        )
    return lines


def files_json(entered: Sequence[Entered]) -> str:
    """A list with an object for each file: the students marked, unchanged, changed, and the problem."""
    entries = [
        {
            name: [printable(each) for each in value] if isinstance(value, list) else str(value)
            for name, value in asdict(each).items()
        }
        for each in entered
    ]
    return json.dumps(entries, indent=2, ensure_ascii=False)
