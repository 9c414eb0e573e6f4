"""How does a unit's report become one HTML file without scripts, which opens offline and prints?"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path

import jinja2

from grader.feedback.states import State
from grader.files import replace_file
from grader.rendering import code, one_page
from grader.report.gather import ClassOfUnit, gather
from grader.report.pictures import picture_of_states, picture_of_totals
from grader.report.published import close_to_published
from grader.report.similarity import similar_pairs
from grader.report.statistics import FEWEST, items, misconceptions, quartiles
from grader.shown_text import printable

# Of processor time, for all code on the page: an honest answer takes some milliseconds.
SECONDS_OF_A_REPORT = 20.0
TEMPLATES = Path(__file__).parent / "templates"


def write_report(root: Path, unit: str, out: Path) -> Path:
    """Write the report of a unit from what was graded.

    Parameters
    ----------
    root : Path
        The course folder.
    unit : str
        The unit's name.
    out : Path
        The HTML file; an earlier one is replaced.

    Returns
    -------
    Path
        ``out``.

    Raises
    ------
    CourseError
        If the unit was never released, or the file cannot be written.
    """
    replace_file(out, report(gather(root, unit), datetime.now().astimezone()))
    return out


def report(classroom: ClassOfUnit, when: datetime) -> str:
    """The report as HTML.

    Parameters
    ----------
    classroom : ClassOfUnit
        What was graded; may be empty.
    when : datetime
        What the page says it is of.
    """
    works, figures = classroom.works, items(classroom)
    totals = [work.total for work in works]
    waiting = sum(
        exercise.points
        for work in works
        for exercise in classroom.exercises
        if (outcome := work.outcomes.get(exercise.name)) and outcome.state is State.WAITS
    )
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "number": "{:g}".format,
        "percent": lambda share: "–" if share != share else f"{share:.0%}",
        "correlation": lambda value: "–" if value != value else f"{value:+.2f}",
        "printable": printable,
        "code": code,
    }
    with one_page(SECONDS_OF_A_REPORT):
        return environment.get_template("report.html.j2").render(
            classroom=classroom,
            when=when,
            totals=totals,
            quartiles=quartiles(totals) if totals else None,
            waiting=waiting,
            items=figures,
            odd=[item for item in figures if item.odd],
            misconceptions=misconceptions(classroom),
            flags=_flags(classroom),
            pairs=similar_pairs(classroom),
            close=close_to_published(classroom),
            published={name: source for each in classroom.exercises for name, source in each.answers.items()},
            answers={work.student: work.answers for work in works},
            fewest=FEWEST,
            pictures=[
                picture_of_totals(totals, classroom.points),
                picture_of_states(figures, len(works)),
            ]
            if works
            else [],
            titles={exercise.name: exercise.title for exercise in classroom.exercises},
        )


def _flags(classroom: ClassOfUnit) -> list[tuple[str, list[str]]]:
    """What was flagged, and whose: exercises that took too long by name, then the submissions' flags."""
    held: dict[str, list[str]] = {}
    for work in classroom.works:
        for name, outcome in work.outcomes.items():
            if outcome.state is State.TIMED_OUT:
                held.setdefault(f"{name} took too long", []).append(work.student)
        for flag in work.flags:
            held.setdefault(str(flag), []).append(work.student)
    order = Counter({flag: len(students) for flag, students in held.items()})
    return [(flag, held[flag]) for flag, _ in order.most_common()]
