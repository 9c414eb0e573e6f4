"""What does the page look like on which a person marks all answers to a question?

It is one HTML file that loads nothing and sends nothing. Its one script keeps what is typed in the browser
and writes it into a file when it is told to; the page's Content-Security-Policy lets no other script run.
What the gradebook calls a submission stands for the student, so that a page without names has none inside.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import jinja2
from markupsafe import Markup

from grader.answers.grouping import group, words
from grader.answers.marks_file import FORMAT
from grader.answers.questions import Answer, Question, Submission
from grader.answers.shown import Shower
from grader.formulas import STYLE
from grader.safe_html import CODE_STYLE
from grader.shown_text import one_line, printable

TEMPLATES = Path(__file__).parent / "templates"
# Longer answers are folded, so that the next one can be seen.
FOLDED = 4_000  # characters
MOST_WORDS = 8


@dataclass(frozen=True)
class Group:
    """Answers that are alike; ``shared``: words that most of them have, and most others have not."""

    answers: list[Answer]
    is_empty: bool = False
    shared: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """How many students gave one of them."""
        return sum(len(answer.submissions) for answer in self.answers)


def groups_of(question: Question) -> tuple[list[Group], str]:
    """The answers to a question in groups, the largest first and the empty ones last.

    Returns
    -------
    tuple of (list of Group, str)
        And a sentence if they could not be compared.
    """
    by_text: dict[str, list[Answer]] = {}
    for answer in sorted(question.answers.values(), key=lambda each: each.digest):
        if not answer.is_empty:
            by_text.setdefault(answer.text, []).append(answer)
    times = [text for text, answers in by_text.items() for each in answers for _ in each.submissions]
    together, said = group(times)
    common = Counter(word for text in by_text for word in set(words(text)))
    groups = []
    for texts in together:
        answers = [answer for text in texts for answer in by_text[text]]
        answers.sort(key=lambda each: (-len(each.submissions), words(each.text), each.digest))
        groups.append(Group(answers, shared=_shared(texts, common, len(by_text))))
    empty = [answer for answer in question.answers.values() if answer.is_empty]
    if empty:
        groups.append(Group(sorted(empty, key=lambda each: each.digest), is_empty=True))
    return groups, said


def _shared(texts: list[str], common: Counter[str], n_texts: int) -> tuple[str, ...]:
    if len(texts) < 2 or len(texts) == n_texts:
        return ()
    inside = Counter(word for text in texts for word in set(words(text)) if len(word) > 1)
    lift = {
        word: count / len(texts) - (common[word] - count) / (n_texts - len(texts))
        for word, count in inside.items()
        if count > len(texts) / 2
    }
    return tuple(sorted(lift, key=lambda word: (-lift[word], word))[:MOST_WORDS])


def page(question: Question, when: datetime, names: bool = False) -> tuple[str, int]:
    """The page of a question, and the number of its groups.

    Parameters
    ----------
    question : Question
        With its answers.
    when : datetime
        Of writing it: what was exported before is not typed again.
    names : bool
        Whether students' names and ids are shown.
    """
    groups, said = groups_of(question)
    shower = Shower()
    asked = [shower.cell(cell) for cell in question.text]
    model = shower.cell(question.model) if question.model else Markup("")
    submissions = [each for answer in question.answers.values() for each in answer.submissions]
    text = _template().render(
        question=question,
        asked=asked,
        model=model,
        rubric=shower.prose(question.rubric),
        groups=groups,
        said=said,
        shown=shower.answers(question.answers.values()),
        size=len(submissions),
        waiting=sum(each.points is None and each.automatic is None for each in submissions),
        names=names,
        data=_data(question, when),
    )
    return text, len(groups)


def _data(question: Question, when: datetime) -> Markup:
    """What the script needs, as JSON that ends no element of the page."""
    data = {
        "format": FORMAT,
        "course": question.course,
        "gradebook": question.gradebook,
        "unit": question.unit,
        "notebook": question.notebook,
        "question": question.cell,
        "maximum": question.maximum,
        "written": when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "file": f"marks-{question.name}.json",
        "answers": {
            digest: {
                "submissions": [each.key for each in answer.submissions],
                "given": _given(answer),
                "automatic": all(each.automatic is not None for each in answer.submissions),
            }
            for digest, answer in question.answers.items()
        },
    }
    return Markup(json.dumps(data, sort_keys=True).replace("<", "\\u003c"))


def _given(answer: Answer) -> tuple[float | None, str] | None:
    """What the gradebook has for an answer, where it is the same for all who gave it."""
    given = {(each.points, each.comment) for each in answer.submissions}
    return next(iter(given)) if len(given) == 1 and given != {(None, "")} else None


def _in_gradebook(answer: Answer) -> str:
    """A sentence about what the gradebook has, where students with the same answer have different points."""
    if _given(answer) or all(each.points is None for each in answer.submissions):
        return ""
    times = Counter(each.points for each in answer.submissions)
    parts = (
        f"{'no points' if points is None else f'{points:g} points'} ({count} students)"
        for points, count in sorted(times.items(), key=lambda each: (each[0] is None, each[0]))
    )
    return f"In the gradebook: {', '.join(parts)}."


def _earlier(answer: Answer) -> list[str]:
    """What was given to other answers of those who gave this one."""
    marks = Counter(
        (mark.points, one_line(mark.comment))
        for each in answer.submissions
        if each.points is None
        for mark in each.earlier[-1:]
    )
    return [
        " ".join(
            filter(
                None,
                [
                    f"{count} of them had" if len(answer.submissions) > 1 else "Had",
                    "a comment" if points is None else f"{points:g} points",
                    "for another answer before.",
                    f"The comment: {comment[:300]}" if comment else "",
                ],
            )
        )
        for (points, comment), count in marks.items()
    ]


def _who(answer: Answer, names: bool) -> str:
    if not names:
        number = len(answer.submissions)
        same = "" if answer.is_empty else ", word for word"
        return "1 student" if number == 1 else f"{number} students{same}"
    return ", ".join(sorted(map(_named, answer.submissions)))


def _named(submission: Submission) -> str:
    name, id = printable(submission.name), printable(submission.student)
    return f"{name} ({id})" if name else id


@cache
def _template() -> jinja2.Template:
    # Autoescape is the rule here: what is not Markup is text.
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    script = (TEMPLATES / "answers.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    environment.filters["number"] = "{:g}".format
    environment.globals |= {
        "script": Markup(script),
        "script_digest": digest,
        "style": Markup((TEMPLATES / "answers.css").read_text(encoding="utf-8") + f"\n{CODE_STYLE}\n{STYLE}"),
        "who": _who,
        "earlier": _earlier,
        "in_gradebook": _in_gradebook,
        "printable": printable,
        "folded": FOLDED,
    }
    return environment.get_template("answers.html.j2")
