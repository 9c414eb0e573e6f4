"""The unit under attack: six exercises, in which checks meet students' code in every way."""

from __future__ import annotations

import copy

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from tests.attacks.corpus import HONEST
from tests.grader.run.conftest import cell, check_cell, source_cell

# Stands in the hidden checks and in no fragment: who prints it has read them.
MARKER = "marker_of_the_hidden_checks"

ANSWERS = {
    "triple": "def triple(values):\n    return 3 * values",
    "double": "def double(values):\n    return 2 * values",
    "twice": "def twice(function, x):\n    return function(function(x))",
    "scale": """\
class Scale:
    def __init__(self, factor):
        self.factor = factor

    def apply(self, values):
        return self.factor * values""",
    "shuffled": "def shuffled(n, rng):\n    return rng.permutation(n)",
    "rank_weight": "def rank_weight(rank):\n    return float(sum(1 / s for s in range(1, rank + 1)))",
}

WRONG = {
    "double": "def double(values):\n    return 0 * values",
    "twice": "def twice(function, x):\n    return x",
    "scale": ANSWERS["scale"].replace("self.factor * values", "values"),
    "shuffled": "def shuffled(n, rng):\n    return n",
    "rank_weight": "def rank_weight(rank):\n    return 0.0",
}

TEST_TRIPLE = """\
def difference(got, wanted):
    return np.abs(np.asarray(got) - wanted).max()

assert difference(triple(np.arange(3.0)), [0, 3, 6]) == 0, "Three times 0, 1, 2 is 0, 3, 6."
"""

TEST_DOUBLE = """\
assert double(3.0) == 6.0, "Twice 3 is 6."
assert double(double(1.5)) == 6.0, "Twice twice 1.5 is 6."
"""

TEST_DOUBLE_HIDDEN = f"""\
# Hidden checks: other numbers.
### BEGIN HIDDEN TESTS
def check_double_of_random_numbers(double):
    {MARKER} = np.random.default_rng(5)
    values = {MARKER}.normal(size=6)
    wanted = values + values
    before = values.copy()
    got = double(values)
    np.testing.assert_allclose(got, wanted, err_msg="Twice a number is the number and itself.")
    assert np.allclose(got, wanted), "Twice a number is the number and itself."
    np.testing.assert_array_equal(values, before, err_msg="What is to be doubled must stay as it is.")

check_double_of_random_numbers(double)
### END HIDDEN TESTS"""

TEST_SHARE = """\
right = [bool(difference(double(x), x + x) == 0) for x in (1.0, -2.0, 0.5)]
1.0 * sum(right)
"""

TEST_TWICE = """\
seen = []

def half(x):
    seen.append(x)
    return x / 2

assert twice(half, 12.0) == 3.0 and seen == [12.0, 6.0], "Half of the half of 12 is 3."
"""

TEST_SCALE = """\
model = Scale(3.0)
assert model.factor == 3.0, "A Scale knows its factor."
assert np.allclose(model.apply(np.array([1.0, 2.0])), [3.0, 6.0]), "Three times 1, 2 is 3, 6."
"""

TEST_SHUFFLED = """\
import numpy as np

rng = np.random.default_rng(8)
wanted = np.random.default_rng(8).permutation(5)
assert np.array_equal(shuffled(5, rng), wanted), "The order is the one that rng.permutation gives."
"""

# A visible check, which students have as a file of their own.
TEST_RANK_WEIGHT = """\
from course_utils.checks.warp import check_rank_weight_by_hand

check_rank_weight_by_hand(rank_weight)
"""


def official() -> NotebookNode:
    """The instructor's notebook, 22 points; ``triple`` is what attackers solve."""
    exercises = [
        ("triple", {"test_triple": (TEST_TRIPLE, HONEST)}),
        (
            "double",
            {
                "test_double": (TEST_DOUBLE, 3),
                "test_double_hidden": (TEST_DOUBLE_HIDDEN, 5),
                "test_share": (TEST_SHARE, 3),
            },
        ),
        ("twice", {"test_twice": (TEST_TWICE, 3)}),
        ("scale", {"test_scale": (TEST_SCALE, 2)}),
        ("shuffled", {"test_shuffled": (TEST_SHUFFLED, 2)}),
        ("rank_weight", {"test_rank_weight": (TEST_RANK_WEIGHT, 2)}),
    ]
    cells = [new_code_cell("import numpy as np", id="imports")]
    for name, tests in exercises:
        cells.append(source_cell(name, ANSWERS[name], solution=True))
        cells += [check_cell(test, source, points) for test, (source, points) in tests.items()]
    return new_notebook(cells=cells)


FULL = {
    each.id: float(each.metadata.nbgrader["points"])
    for each in official().cells
    if "points" in each.metadata.get("nbgrader", {})
}


def honest(unit: NotebookNode | None = None) -> NotebookNode:
    """A submission in which everything is right."""
    return answered(unit or official(), ANSWERS)


def attacked(fragment: str, unit: NotebookNode | None = None) -> NotebookNode:
    """A submission in which one exercise is right and the others are wrong, with a fragment.

    All wrong answers stand before the fragment, in one cell: in cells that come later they would take the
    place of what the fragment defines.
    """
    nb = answered(unit or official(), ANSWERS | dict.fromkeys(WRONG, "pass"))
    cell(nb, "double").source = "\n\n".join([*WRONG.values(), fragment])
    return nb


def answered(unit: NotebookNode, answers: dict[str, str]) -> NotebookNode:
    """The unit's notebook with these answers."""
    nb = copy.deepcopy(unit)
    for name, source in answers.items():
        cell(nb, name).source = source
    return nb
