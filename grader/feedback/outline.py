"""What does a unit ask? Exercises, hints and topics of hidden checks, read from the instructor's notebook."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path

from nbformat import NotebookNode
from nbgrader import utils

from grader.cells import instructors_notebook, is_test
from grader.markers import BEGIN_HIDDEN

_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
_HINT = re.compile(r"<details>\s*<summary>\s*Hint[^<]*</summary>(.*?)</details>", re.DOTALL | re.IGNORECASE)
# "Hidden checks, 2 points: …" or "The hidden check looks at …".
_TOPIC = re.compile(r"#[^:]*\bhidden checks?\b(?: looks? at| asks?|[^:]*:)\s+(.*)", re.IGNORECASE)


@dataclass
class Exercise:
    """An exercise, or a question that is answered in words.

    Attributes
    ----------
    name : str
        Grade id of the cell that the student writes; the last, if it has several.
    title : str
        Its heading in the lesson; the name if there is none.
    written : bool
        Whether a person grades it.
    answers : dict of str to str
        The cells that the student writes, by grade id: their source in the instructor's notebook.
    hints : list of str
        Its hints, as Markdown, in the lesson's order.
    tests : dict of str to float
        Points by grade id; for a written answer, its own id.
    topics : dict of str to str
        What the hidden checks of a test cell look at, as the lesson announces it.
    """

    name: str
    title: str
    written: bool = False
    answers: dict[str, str] = field(default_factory=dict)
    hints: list[str] = field(default_factory=list)
    tests: dict[str, float] = field(default_factory=dict)
    topics: dict[str, str] = field(default_factory=dict)

    @property
    def points(self) -> float:
        return sum(self.tests.values())


def read_outline(path: Path) -> list[Exercise]:
    """The exercises of a unit, in the lesson's order.

    Parameters
    ----------
    path : Path
        The instructor's notebook, ``source/<unit>/<notebook>.ipynb``. Without the file there are no exercises
        to name, and graded cells stand for themselves.
    """
    nb = instructors_notebook(path)
    return outline(nb) if nb else []


def outline(nb: NotebookNode) -> list[Exercise]:
    """The exercises of an instructor's notebook."""
    exercises: list[Exercise] = []
    heading, title = "", ""
    hints: list[str] = []
    for cell in nb.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if utils.is_solution(cell):
            written = utils.is_grade(cell)
            answers = {name: cell.source}
            if exercises and not exercises[-1].tests and not written:
                # Two functions that the same test cells check are one exercise.
                before = exercises.pop()
                title, hints, answers = before.title, before.hints + hints, before.answers | answers
            title = title or (f"{heading} ({name})" if heading else name)
            exercises.append(Exercise(name, title, written, answers, hints))
            if written:
                exercises[-1].tests[name] = cell.metadata.nbgrader["points"]
            title, hints = "", []
        elif is_test(cell):
            if not exercises:
                exercises.append(Exercise(name, name))
            exercises[-1].tests[name] = cell.metadata.nbgrader["points"]
            if topic := hidden_topic(cell.source):
                exercises[-1].topics[name] = topic
        elif cell.cell_type == "markdown":
            # The last heading before the cell, and the hints since the exercise before it.
            for found in _HEADING.findall(cell.source):
                heading = title = plain(found)
            hints = hints + [hint.strip() for hint in _HINT.findall(cell.source)]
    return [exercise for exercise in exercises if exercise.tests]


def hidden_topic(source: str) -> str:
    """What the comment above the hidden checks says they look at; empty if there is none."""
    before, mark, _ = source.partition(BEGIN_HIDDEN)
    lines = before.splitlines() if mark else []
    for number, line in enumerate(lines):
        if topic := _TOPIC.match(line):
            more = takewhile(lambda line: line.startswith("#"), lines[number + 1 :])
            return " ".join([topic.group(1), *(line.lstrip("# ") for line in more)]).strip()
    return ""


def plain(heading: str) -> str:
    """A heading without Markdown's marks for code and emphasis."""
    return html.unescape(re.sub(r"[`*]", "", heading))
