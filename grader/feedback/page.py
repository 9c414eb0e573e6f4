"""What does a feedback page look like? First how each exercise went and what to look at, then the notebook.

It is one HTML file without scripts that loads nothing. What a student wrote goes through ``rendering`` or is
escaped by the template. The page's own Content-Security-Policy forbids scripts and requests as well.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jinja2
from markupsafe import Markup
from nbconvert.exporters import Exporter
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader import utils
from traitlets import Bool

from grader import rendering as shown
from grader.cells import by_grade_id, is_untouched
from grader.feedback.outline import Exercise, read_outline
from grader.feedback.states import State, own_frame, state_of_exercise, state_of_test
from grader.formulas import STYLE
from grader.record import Flag, record
from grader.safe_html import BASE64, CODE_STYLE, PICTURES

TEMPLATES = Path(__file__).parent / "templates"
NOTES = {
    Flag.TIMEOUT: "Some of the code took too long and was stopped.",
    Flag.KERNEL_DIED: "The code ended the kernel; nothing after that was run.",
    Flag.DUPLICATED: "A graded cell was there more than once; one of each was graded.",
    Flag.RESTORED: "A graded cell was missing or damaged and was put back.",
    Flag.BESIDE: "The cell of an answer is as it was handed out, and there is something new beside it. Next "
    "time, write the answer into the cell that was handed out for it.",
}
# A sign besides the colour, for grey print and colour-blind readers.
SIGNS = {
    State.FULL: "✓",
    State.PARTLY: "◐",
    State.WRONG: "✗",
    State.UNTOUCHED: "○",
    State.CRASHED: "⚡",
    State.TIMED_OUT: "⏱",
    State.WAITS: "…",
}


@dataclass(frozen=True)
class Finding:
    """What went wrong in the test cells ``tests``: the check's sentence, and the student's failing frame."""

    tests: tuple[str, ...]
    sentence: str
    frame: str = ""


@dataclass(frozen=True)
class Row:
    """How one exercise went. ``topics``: what its hidden checks look at; ``hint``: Markdown, or empty."""

    exercise: Exercise
    state: State
    points: float
    findings: tuple[Finding, ...] = ()
    topics: tuple[str, ...] = ()
    hint: str = ""

    @property
    def sign(self) -> str:
        return SIGNS[self.state]

    @property
    def kind(self) -> str:
        """The state's name, for the page's style."""
        return self.state.name.lower()


class FeedbackExporter(Exporter):
    """Export a graded notebook, prepared by the preprocessors of ``feedback``, as its page."""

    output_mimetype = "text/html"
    alone = Bool(False, help="Whether this is somebody's own work, which no person marks.").tag(config=True)

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(  # type: ignore[override]  # as of nbconvert's own exporters: text, not a notebook
        self, nb: NotebookNode, resources: ResourcesDict | None = None, **kwargs: object
    ) -> tuple[str, dict]:
        """Run the preprocessors and write the page."""
        prepared, found = super().from_notebook_node(nb, resources, **kwargs)
        names = found["nbgrader"]
        assert self.parent is not None, "nbgrader makes its exporter with the converter as its parent"
        coursedir = self.parent.coursedir
        source = Path(coursedir.format_path(coursedir.source_directory, ".", names["assignment"]))
        exercises = read_outline(source / f"{names['notebook']}.ipynb")
        return page(prepared, exercises, names, self.alone), found


def page(nb: NotebookNode, exercises: list[Exercise], names: dict, alone: bool = False) -> str:
    """The page of one submission.

    Parameters
    ----------
    nb : NotebookNode
        The graded notebook with ``score``, ``points``, ``comment`` and ``waits`` in its cells' nbgrader
        metadata.
    exercises : list of Exercise
        The unit's outline.
    names : dict
        ``assignment``, ``notebook``, ``student``, and ``late_penalty`` in points.
    alone : bool
        Whether it is somebody's own work, which no person marks.
    """
    table = rows(nb, exercises)
    waiting = {row.exercise.name: row.exercise.points for row in table if row.state is State.WAITS}
    with shown.one_page():
        return _rendered(nb, table, waiting, names, alone)


def _rendered(nb: NotebookNode, table: list[Row], waiting: dict[str, float], names: dict, alone: bool) -> str:
    return _template().render(
        names=names,
        rows=table,
        points=sum(row.points for row in table),
        settled=sum(row.exercise.points for row in table) - sum(waiting.values()),
        waiting=waiting,
        alone=alone,
        penalty=names.get("late_penalty") or 0,
        notes=[NOTES[flag] for flag in record(nb)["flags"] if flag in NOTES],
        cells=nb.cells,
        failed=[row for row in table if row.state not in (State.FULL, State.WAITS)],
    )


def rows(nb: NotebookNode, exercises: list[Exercise]) -> list[Row]:
    """How each exercise went."""
    cells = by_grade_id(nb)
    known = {test for exercise in exercises for test in exercise.tests}
    others = [
        Exercise(name, name, utils.is_solution(cell), tests={name: cell.metadata.nbgrader["points"]})
        for name, cell in cells.items()
        if utils.is_grade(cell) and name not in known
    ]
    return [_row(exercise, cells, record(nb)) for exercise in [*exercises, *others]]


def _row(exercise: Exercise, cells: dict[str, NotebookNode], notes: dict) -> Row:
    tests = {name: cells[name] for name in exercise.tests if name in cells}
    points = {name: _points(cell) for name, cell in tests.items()}
    states = {
        name: state_of_test(cell, points[name], exercise.tests[name], notes["flags"])
        for name, cell in tests.items()
    }
    answers = [cells[name] for name in exercise.answers if name in cells]
    untouched = bool(answers) and all(map(is_untouched, answers))
    state = state_of_exercise(list(states.values()), untouched)
    reached = sum(value or 0.0 for value in points.values())
    if state in (State.FULL, State.WAITS) or exercise.written:
        return Row(exercise, state, reached)
    said: dict[str, list[str]] = {}
    for name in tests:
        if states[name] is not State.FULL:
            said.setdefault(notes["reasons"].get(name, ""), []).append(name)
    findings = tuple(
        Finding(
            tuple(names),
            " ".join(sentence.split()),
            "" if state is State.UNTOUCHED else own_frame(tests[names[0]].get("outputs", [])),
        )
        for sentence, names in said.items()
        if sentence
    )
    topics = tuple(exercise.topics[name] for name in tests if name in exercise.topics)
    return Row(exercise, state, reached, findings, topics, next(iter(exercise.hints), ""))


def _points(cell: NotebookNode) -> float | None:
    entry = cell.metadata.nbgrader
    return None if entry.get("waits") else entry.get("score") or 0.0


@cache
def _template() -> jinja2.Template:
    # Autoescape is the rule here: what is not Markup is text.
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "prose": shown.prose,
        "code": shown.code,
        "terminal": shown.terminal,
        "number": "{:g}".format,
    }
    environment.globals |= {
        "cell_prose": _cell_prose,
        "output": _output,
        "code_style": Markup(f"{CODE_STYLE}\n{STYLE}"),
    }
    return environment.get_template("feedback.html.j2")


def _cell_prose(cell: NotebookNode) -> Markup:
    attachments = cell.get("attachments")
    return shown.prose_with_pictures(cell.source, attachments) if attachments else shown.prose(cell.source)


def _output(output: NotebookNode) -> Markup:
    """One output of a cell, the richest of its kinds that can be shown."""
    if output.output_type == "stream":
        return shown.terminal(output.text)
    if output.output_type == "error":
        return shown.terminal("\n".join(output.traceback))
    data = {kind: value for kind, value in output.get("data", {}).items() if isinstance(value, str)}
    if "text/html" in data:
        return shown.clean_html(data["text/html"])
    if "text/markdown" in data:
        return shown.prose(data["text/markdown"])
    if "image/svg+xml" in data:
        return _picture("image/svg+xml", base64.b64encode(data["image/svg+xml"].encode()).decode())
    for kind in PICTURES:
        if BASE64.fullmatch(data.get(kind, "-")):
            return _picture(kind, data[kind])
    if "text/latex" in data:
        return shown.tex_output(data["text/latex"])
    return shown.terminal(data.get("text/plain", ""))


def _picture(kind: str, encoded: str) -> Markup:
    # As a picture, an SVG file runs no script and loads nothing, in every browser.
    return Markup('<img alt="Picture made by this cell" src="data:{};base64,{}">').format(kind, encoded)
