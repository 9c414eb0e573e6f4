"""What does a file of marks say, and is it whole? It was exported from a page, and may have been edited."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.course_folder import CourseError
from grader.shown_text import listed, printable

FORMAT = "course marks 1"
LARGEST = 50_000_000  # bytes
LONGEST_COMMENT = 20_000  # characters
AGAIN = "export it again from the page, which has kept what was typed"


@dataclass(frozen=True)
class Given:
    """Points and a comment for an answer.

    Attributes
    ----------
    answer : str
        Digest of the text that was marked.
    submission : str
        What the gradebook calls the submitted notebook.
    points : float or None
        None if there is only a comment.
    comment : str or None
        None leaves the comment that is there.
    """

    answer: str
    submission: str
    points: float | None
    comment: str | None


@dataclass(frozen=True)
class MarksFile:
    """A file of marks: which question it is of, and what was given, a submission each."""

    course: str
    gradebook: str
    unit: str
    notebook: str
    question: str
    marks: tuple[Given, ...]


def read_marks_file(path: Path) -> MarksFile:
    """Read a file that was exported from a page of answers.

    Raises
    ------
    CourseError
        If it cannot be read, is damaged, or gives a submission two marks; all that is wrong is named.
    """
    data = _json(path)
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise CourseError(
            f"{path} is no file of marks of this version ('format' is not '{FORMAT}'): name a file that was "
            "exported from a page of `course answers`."
        )
    names: dict[str, Any] = {
        key: data.get(key) for key in ("course", "gradebook", "unit", "notebook", "question")
    }
    entries = data.get("marks")
    wrong = [key for key, value in names.items() if not isinstance(value, str)]
    if wrong or not isinstance(entries, list):
        raise CourseError(f"{path} is damaged (it lacks '{(wrong or ['marks'])[0]}'): {AGAIN}.")
    marks: dict[str, Given] = {}
    problems = []
    for number, entry in enumerate(entries, 1):
        found, problem = _entry(entry)
        problems += [f"mark {number} {problem}"] if problem else []
        for given in found:
            if marks.setdefault(given.submission, given) != given:
                problems.append(f"mark {number} gives something else to a submission that has a mark here")
    if problems:
        raise CourseError(
            f"{path} is damaged, nothing of it was entered: {listed(problems)}. Remedy: {AGAIN}."
        )
    return MarksFile(**names, marks=tuple(marks.values()))


def _json(path: Path) -> Any:
    try:
        if path.stat().st_size > LARGEST:
            raise CourseError(f"{path} is larger than any file of marks: name one that a page exported.")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CourseError(f"{path} cannot be read ({error.strerror}): name a file of marks.") from None
    except UnicodeDecodeError:
        raise CourseError(f"{path} is no text, and so no file of marks: {AGAIN}.") from None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f"line {error.lineno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else "no JSON"
        raise CourseError(f"{path} is damaged ({where}), nothing of it was entered: {AGAIN}.") from None


def _entry(entry: Any) -> tuple[list[Given], str]:
    """The marks of one answer, or what is wrong with them."""
    if not isinstance(entry, dict):
        return [], "is no object"
    answer, submissions = entry.get("answer"), entry.get("submissions")
    points, comment = entry.get("points"), entry.get("comment")
    if not isinstance(answer, str):
        return [], "lacks the answer"
    if not (
        isinstance(submissions, list) and submissions and all(isinstance(each, str) for each in submissions)
    ):
        return [], "lacks the submissions"
    if points is not None and (isinstance(points, bool) or not isinstance(points, int | float)):
        return [], f"has points that are no number, {printable(repr(points)[:40])}"
    # A whole number of JSON has any length.
    if points is not None and (not abs(points) < 1e9 or not math.isfinite(points)):
        return [], "has points that are out of range"
    if comment is not None and (not isinstance(comment, str) or not _is_text(comment)):
        return [], "has a comment that is no text"
    if comment is not None and len(comment) > LONGEST_COMMENT:
        return [], f"has a comment of more than {LONGEST_COMMENT:,} characters"
    value = None if points is None else float(points)
    return [Given(answer, each, value, comment) for each in submissions], ""


def _is_text(text: str) -> bool:
    """Whether a database takes it: no NUL, and no half of a letter."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
