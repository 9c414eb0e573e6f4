"""Classes made up for the report: known abilities, mistakes, a pair that copied, an odd exercise."""

from __future__ import annotations

import numpy as np
import pytest

from grader.feedback.outline import Exercise
from grader.feedback.states import State
from grader.report.gather import ClassOfUnit, Outcome, Work

STUB = "def solve_row(ratings, factors, reg):\n    raise NotImplementedError()"
REFERENCE = """\
def solve_row(ratings, factors, reg):
    k = factors.shape[1]
    return np.linalg.solve(factors.T @ factors + reg * np.eye(k), factors.T @ ratings)"""
ODD = "ex4"  # the better a student is, the worse
NAMES = [f"ex{number}" for number in range(1, 7)]


def answer(rng: np.random.Generator) -> str:
    """A long answer in a way of one's own: a random sequence of small steps."""
    steps = ["    {a} = {a} {o} {b} * {n}", "    for {b} in range({n}): {a} {o}= {b}"]
    steps += ["    if {a} > {n}: {b} = {a} {o} np.{f}({b})", "    {a} = [{b} {o} {n} for {b} in {a}]"]
    lines = [
        str(rng.choice(steps)).format(
            a=rng.choice(["left", "right", "total"]),
            b=rng.choice(["part", "row", "other"]),
            o=rng.choice(["+", "-", "*", "//"]),
            n=rng.integers(100),
            f=rng.choice(["abs", "sum", "sqrt", "mean"]),
        )
        for _ in range(12)
    ]
    return "\n".join(["def solve_row(ratings, factors, reg):", *lines])


def renamed(source: str) -> str:
    """The same answer, disguised."""
    for old, new in [("left", "a1"), ("right", "a2"), ("total", "a3"), ("part", "b1"), ("row", "b2")]:
        source = (
            source.replace(f" {old}", f" {new}").replace(f"({old}", f"({new}").replace(f"[{old}", f"[{new}")
        )
    return source.replace("\n", "  # mine\n")


def make_class(n_students: int, seed: int = 0) -> ClassOfUnit:
    """A class of different abilities; student-000 and student-001 have handed in the same answer."""
    rng = np.random.default_rng(seed)
    exercises = [
        Exercise(
            name, f"Exercise {name[2:]} · Something to do", answers={name: STUB}, tests={f"test_{name}": 3}
        )
        for name in NAMES
    ]
    exercises.append(Exercise("why", "Question 7 · Why?", True, tests={"why": 2}))
    abilities = rng.normal(size=n_students)
    works = []
    for number, ability in enumerate(abilities):
        outcomes = {name: _outcome(name, -ability if name == ODD else ability, rng) for name in NAMES}
        waits = number % 3 > 0
        outcomes["why"] = Outcome(0 if waits else 2, State.WAITS if waits else State.FULL)
        flags = ("timeout",) if any(o.state is State.TIMED_OUT for o in outcomes.values()) else ()
        works.append(Work(f"student-{number:03}", outcomes, {"ex1": answer(rng)}, flags))
    if n_students > 1:
        works[1].answers["ex1"] = renamed(works[0].answers["ex1"])
    return ClassOfUnit("09-made-up", exercises, works, ["import numpy as np", STUB], [REFERENCE])


def _outcome(name: str, ability: float, rng: np.random.Generator) -> Outcome:
    if ability + rng.normal(scale=0.6) > -0.3:
        return Outcome(3, State.FULL)
    kind = rng.choice(["doubled", "missing", "crashed", "late", "untouched"])
    said = {
        "doubled": f"Yours is {rng.normal():.3f}: the penalty counts twice.",
        "missing": f"Yours is [{rng.normal():.2f} {rng.normal():.2f}]: the penalty is missing.",
        "crashed": f"{name} stopped with IndexError: index {rng.integers(9)} is out of bounds",
        "late": "CellTimeoutError: the cell was still running when its time was over",
        "untouched": "This exercise is not written yet (NotImplementedError).",
    }[str(kind)]
    states = {"crashed": State.CRASHED, "late": State.TIMED_OUT, "untouched": State.UNTOUCHED}
    return Outcome(0, states.get(str(kind), State.WRONG), {f"test_{name}": said})


@pytest.fixture(scope="session")
def hundred() -> ClassOfUnit:
    return make_class(100)
