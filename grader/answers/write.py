"""Where do the pages of a unit's questions go, and what is said about them?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from grader.answers.gather import gather
from grader.answers.page import page
from grader.files import replace_file
from grader.shown_text import listed


@dataclass(frozen=True)
class Written:
    """A page that was written.

    Attributes
    ----------
    path : Path
        The file.
    unit, notebook, question : str
        What it is of.
    students, different, groups, waiting : int
        How many handed in an answer; how many answers and groups there are; how many wait for a person.
    size : int
        Of the file, in bytes.
    """

    path: Path
    unit: str
    notebook: str
    question: str
    students: int
    different: int
    groups: int
    waiting: int
    size: int


def write_pages(
    root: Path, unit: str, folder: Path, *, names: bool = False
) -> tuple[list[Written], list[str]]:
    """Write a page for each question of a unit that is answered in words.

    Parameters
    ----------
    root : Path
        The course folder.
    unit : str
        The unit's name.
    folder : Path
        Where the pages go: ``answers-<unit>-<question>.html``; earlier ones are replaced.
    names : bool
        Whether students' names and ids are shown.

    Returns
    -------
    tuple of list
        The pages, and sentences about what is on none of them.

    Raises
    ------
    CourseError
        If the unit was never released, or asks nothing that is answered in words, or a file cannot be
        written.
    """
    gathered, when = gather(root, unit), datetime.now().astimezone()
    written = []
    for question in gathered.questions:
        text, groups = page(question, when, names)
        path = folder / f"answers-{question.name}.html"
        replace_file(path, text)
        submissions = [each for answer in question.answers.values() for each in answer.submissions]
        waiting = sum(each.points is None and each.automatic is None for each in submissions)
        written.append(
            Written(
                path,
                unit,
                question.notebook,
                question.cell,
                len(submissions),
                len(question.answers),
                groups,
                waiting,
                len(text.encode()),
            )
        )
    notes = []
    if gathered.ungraded:
        notes.append(
            f"On no page, as the submission is not graded: {listed(gathered.ungraded)}. Run `course grade "
            f"{unit}`, which says why not."
        )
    if gathered.tasks:
        notes.append(f"On no page: the tasks {listed(gathered.tasks)}, which are marked in formgrader.")
    return written, notes
