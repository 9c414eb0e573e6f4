"""Results for other programs: one JSON document."""

from __future__ import annotations

import json
from collections.abc import Iterable

from grader.gradebook.results import Result
from grader.intake.submissions import printable, printable_message


def results_json(results: Iterable[Result]) -> str:
    """A list with an object for each submission, indented.

    Points that a person has yet to give are ``null``; ``feedback`` is the folder of the student's page.
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
        "flags": list(result.flags),
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
