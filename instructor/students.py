"""The students of the demonstration class, and what each of them deserves."""

from __future__ import annotations

from instructor.synthetic import Student, Submission, delete, duplicate, mistaken, solved, with_source

ONE, TWO = "01-data-loading", "02-explicit-als"


def untouched(submission: Submission) -> None:
    """Hand in what was handed out."""


def otherwise(submission: Submission) -> None:
    """Solve every exercise in another right way."""
    submission.solve()
    submission.solve_otherwise()


def all_tests(submission_unit: str) -> set[str]:
    """Stands for every test cell of a unit."""
    return {f"every test of {submission_unit}"}


def endless(source: str) -> str:
    """A loop without an end where the docstring ends."""
    head, quotes, _ = source.rpartition('"""')
    return f"{head}{quotes}\n    while True:\n        pass\n"


def noisy(source: str) -> str:
    """The same solution, which also prints to standard error."""
    head, quotes, body = source.rpartition('"""')
    return f'{head}{quotes}\n    import sys\n\n    print("got here", file=sys.stderr)\n{body}'


STUDENTS = [
    Student("perfect", "solves everything", {ONE: solved(), TWO: solved()}),
    Student("other-way", "solves everything in another way", {ONE: otherwise, TWO: otherwise}),
    Student("untouched", "hands in the release", {ONE: untouched, TWO: untouched}),
]
