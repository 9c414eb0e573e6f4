"""The tiny course of the grader's tests, and answers to its question put there as the grader leaves them."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from grader.answers.mark import Entered, enter_files
from grader.answers.write import write_pages
from grader.course_api import nbgrader_api
from grader.gradebook.marks import written_answers
from grader.gradebook.store import Archive
from grader.intake.submissions import Submission
from grader.record import record, start_record
from grader.task import NotebookScores, Official, Outcome, Task
from tests.grader.run.conftest import NOTEBOOK, UNIT, cell, course, pool, released

__all__ = ["course", "pool", "released"]
ASKED = "why"


class Answers:
    """A course in which answers to the question lie as if they had just been graded."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.api = nbgrader_api(root)
        self.released = nbformat.read(root / "release" / UNIT / f"{NOTEBOOK}.ipynb", as_version=4)

    def graded(self, student: str, text: str, change: Callable[[NotebookNode], None] | None = None) -> None:
        """A student's answer, graded as `course grade` does, but for the code."""
        nb = nbformat.from_dict(self.released)
        start_record(nb)
        is_untouched = text == cell(nb, ASKED).source
        cell(nb, ASKED).source = text
        if change:
            change(nb)
        has_points = is_untouched and not record(nb)["beside"]
        points = {"test_double": 2.0, "test_double_hidden": 3.0, "test_credit": 3.0}
        scores = NotebookScores(
            points | {ASKED: 0.0 if has_points else None},
            dict.fromkeys(["double", "credit", ASKED]),
            None,
        )
        official = Official(UNIT, "", (), (NOTEBOOK,), b"", {}, {}, self.api.config, "")
        outcome = Outcome(
            scores={NOTEBOOK: scores},
            notebooks={NOTEBOOK: json.dumps(nb).encode()},
            pages={NOTEBOOK: b""},
            answers={NOTEBOOK: written_answers(nb)},
        )
        submission = Submission(UNIT, student, self.root / "submitted" / student / UNIT)
        Archive(self.api.coursedir, submission).store(Task(student, official, {}, {}, ""), outcome)

    def page(self, **options: Any) -> str:
        """The page of the question."""
        (written,), _ = write_pages(self.root, UNIT, self.root, **options)
        return written.path.read_text(encoding="utf-8")

    def export(self, *marks: tuple[str, float | None, str | None], **head: object) -> Path:
        """What the page exports: points and a comment for each answer that contains a text."""
        data = json.loads(re.search(r'id="data">(.*?)</script>', self.page(), re.DOTALL)[1])
        digests = {digest: self.texts()[digest] for digest in data["answers"]}
        entries = [
            {
                "answer": digest,
                "submissions": data["answers"][digest]["submissions"],
                "points": points,
                "comment": comment,
            }
            for text, points, comment in marks
            for digest, whole in digests.items()
            if text in whole
        ]
        path = self.root / data["file"]
        path.write_text(json.dumps({**data, "answers": None, "marks": entries, **head}))
        return path

    def texts(self) -> dict[str, str]:
        """The answers that are there, by digest."""
        found = {}
        for path in self.root.glob(f"autograded/*/{UNIT}/{NOTEBOOK}.ipynb"):
            nb = nbformat.read(path, as_version=4)
            found[written_answers(nb)[ASKED]] = "\n".join([each.source for each in nb.cells[-2:]])
        return found

    def mark(self, *files: Path) -> list[Entered]:
        return enter_files(self.root, list(files))

    def given(self, *students: str) -> list[tuple[float | None, str | None, bool]]:
        """As formgrader reads it: points and comment of a person, and whether the answer waits."""
        found = []
        with self.api.gradebook as gradebook:
            for student in students:
                grade = gradebook.find_grade(ASKED, NOTEBOOK, UNIT, student)
                comment = gradebook.find_comment(ASKED, NOTEBOOK, UNIT, student)
                found.append((grade.manual_score, comment.manual_comment, grade.needs_manual_grade))
        return found


def beside(text: str) -> Callable[[NotebookNode], None]:
    """Put a text below the cell of the answer, which stays as it was handed out."""

    def insert(nb: NotebookNode) -> None:
        nb.cells.append(new_markdown_cell(text))
        record(nb)["beside"] = {ASKED: [len(nb.cells) - 1]}

    return insert


def make_class(root: Path, texts: Iterable[str]) -> Answers:
    """A class in which student-000 gave the first answer, and so on."""
    answers = Answers(root)
    for number, text in enumerate(texts):
        answers.graded(f"student-{number:03}", text)
    return answers


@pytest.fixture
def answers(released: Path, tmp_path: Path) -> Answers:
    """A released course without answers."""
    shutil.copytree(released, tmp_path, dirs_exist_ok=True)
    return Answers(tmp_path)
