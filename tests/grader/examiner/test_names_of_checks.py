"""Names that a test cell deletes or gives values to: the student's functions see it, for that cell alone."""

from __future__ import annotations

import builtins

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader.record import Flag
from tests.grader.examiner.test_examine import examined, points
from tests.grader.run.conftest import cell, check_cell, source_cell

SQUARES = "def squares(n):\n    return [i**2 for i in range(1, n + 1)]"
TOTAL = "def total(n):\n    return sum(squares(n))"
RATE = "rate = 2"
SCALED = "def scaled(x):\n    return rate * x"
ANSWERS = {"squares": SQUARES, "total": TOTAL, "rate": RATE, "scaled": SCALED}

GIVEN = """
def raises(kind, function, *args):
    try:
        function(*args)
    except kind:
        return True"""
AFTERWARDS = "assert squares(2) == [1, 4] and total(2) == 5 and rate == 2 and scaled(3) == 6"
RAISES = """
try:
    total(1)
except NameError:
    pass
else:
    raise AssertionError("total does not use squares")
"""
# Each passes in one kernel with the right answers.
CHECKS = {
    "del": f"kept = squares\ndel squares\n{RAISES}\nsquares = kept\nassert total(2) == 5",
    "del for the rest of the cell": f"del squares\n{RAISES}",
    "del by globals()": f"kept = globals().pop('squares')\n{RAISES}",
    "lambda": "squares = lambda n: [n]\nassert total(7) == 7",
    "a spy that calls the original": """
original, calls = squares, []
def squares(n):
    calls.append(n)
    return original(n)
assert total(3) == 14 and calls == [3]""",
    "value": "rate = 10\nassert scaled(2) == 20",
    "augmented": "rate += 1\nassert scaled(2) == 6",
    "for": "for rate in (3, 4):\n    assert scaled(2) == 2 * rate",
    "walrus": "assert (rate := 5) and scaled(2) == 10",
    "import as": "from math import sqrt as squares\nassert raises(TypeError, total, 4)",
    "with as": "from contextlib import nullcontext\nwith nullcontext(6) as rate:\n    assert scaled(2) == 12",
    "global in a function": "def change():\n    global rate\n    rate = 7\nchange()\nassert scaled(2) == 14",
    "array": "import numpy as np\nrate = np.arange(3)\nassert scaled(2).tolist() == [0, 2, 4]",
    "back again": "kept, rate = rate, 9\nassert scaled(1) == 9\nrate = kept\nassert scaled(1) == 2",
    "globals()": "assert 'rate' in globals() and globals()['rate'] == 2\nassert not globals().get('no')",
    "locals and dir": "assert 'scaled' in dir() and 'rate' in locals()",
}


def hidden(check: str) -> str:
    return f"### BEGIN HIDDEN TESTS\n{check}\n### END HIDDEN TESTS"


def unit(*checks: str, given: str = GIVEN):
    cells = [new_code_cell(given, id="given")]
    cells += [source_cell(name, source, solution=True) for name, source in ANSWERS.items()]
    return new_notebook(cells=cells + [check_cell(f"t{n}", check, 1) for n, check in enumerate(checks)])


@pytest.mark.parametrize("check", CHECKS)
def test_a_change_of_a_name_is_seen_by_functions_and_undone_after_the_cell(check):
    official = unit(hidden(CHECKS[check]), AFTERWARDS)
    result = examined(official, official)
    assert points(result) == {"t0": 1, "t1": 1}, result.notebook.cells[-2].outputs
    assert result.flags == ()


def test_a_function_that_does_not_use_the_name_fails():
    official = unit(CHECKS["del"], CHECKS["lambda"])
    nb = unit(CHECKS["del"], CHECKS["lambda"])
    cell(nb, "total").source = "def total(n):\n    return sum(i * i for i in range(n + 1))"
    assert points(examined(nb, official)) == {"t0": 0, "t1": 0}


def test_a_change_is_undone_when_the_cell_fails_or_its_time_is_over():
    official = unit("rate = 5\nassert scaled(1) == 6", "rate = 5\nscaled(2)\nwhile True: pass", AFTERWARDS)
    assert points(examined(official, official, call=2, cell=2)) == {"t0": 0, "t1": 0, "t2": 1}


def test_values_are_read_anew_after_a_call_that_changes_them():
    official = unit(
        "assert counter == 0\nadd(); add()\nassert counter == 2 and names == ['x', 'x'] and late == 1"
    )
    official.cells.insert(
        1,
        source_cell(
            "counter",
            "counter, names = 0, []\ndef add():\n    global counter, late\n    counter += 1\n"
            "    late = 1\n    names.append('x')",
            solution=True,
        ),
    )
    assert points(examined(official, official)) == {"t0": 1}


def test_a_fake_of_what_a_given_cell_imports_is_seen_and_the_real_thing_is_there_afterwards():
    given = "from random import randint\nimport math"
    official = unit(
        "def randint(low, high):\n    return high\nassert roll() == 6",
        "assert isinstance(roll(), int) and randint(3, 3) == 3 and math.sqrt(4) == 2",
        given=given,
    )
    official.cells.insert(1, source_cell("roll", "def roll():\n    return randint(1, 6)", solution=True))
    assert points(examined(official, official)) == {"t0": 1, "t1": 1}


ASK = "def ask():\n    return 2 * int(input('number? '))"


@pytest.mark.parametrize(
    "check",
    [
        "input = lambda prompt='': '21'\nassert ask() == 42",
        "from unittest import mock\nwith mock.patch('builtins.input', lambda _: '21'):\n  assert ask() == 42",
        "import builtins\nbuiltins.input = lambda prompt: '21'\nassert ask() == 42",
    ],
)
def test_a_check_answers_what_a_function_asks_with_input(check):
    before = builtins.input
    official = unit(check)
    official.cells.insert(1, source_cell("ask", ASK, solution=True))
    assert points(examined(official, official)) == {"t0": 1}
    assert builtins.input is before


# --- Attacks

GREEDY = """
def total(n):
    return next(({names}[k] for k in ('wanted', 'reference', 'limit') if k in {names}), 0)
wanted = limit = reference = None"""


@pytest.mark.parametrize("names", ["globals()", "vars(__import__('__main__'))"])
def test_a_student_who_guesses_the_names_of_a_check_learns_nothing(names):
    check = hidden(
        "wanted, limit = 5, 5\ndef reference(n): return 5\nassert total(2) == limit == reference(2)"
    )
    official = unit(check, "assert total(2) == wanted == 5")
    nb = unit("", "")
    cell(nb, "total").source = GREEDY.format(names=names)
    assert points(examined(nb, official)) == {"t0": 0, "t1": 0}


def test_what_a_check_defines_stays_its_own_whatever_the_student_defines_or_changes():
    official = unit(
        hidden("def is_right(x): return x == 5\nwanted = 5"),
        "assert is_right(total(2)) and total(2) == wanted",
        "rate = 3\nassert total(2) == 5 and rate == 3",
    )
    nb = unit("", "", "")
    cell(nb, "total").source = """
is_right, wanted = lambda x: True, 0
def total(n):
    global is_right, wanted, rate
    is_right, wanted, rate = (lambda x: True), 0, 0
    return 0"""
    assert points(examined(nb, official)) == {"t0": 1, "t1": 0, "t2": 0}


def test_a_fake_that_a_student_keeps_is_of_no_use_in_later_cells():
    official = unit("squares = lambda n: [5]\nassert total(2) == 5", "assert total(2) == 5")
    nb = unit("", "")
    cell(nb, "total").source = """
kept = []
def total(n):
    kept.append(squares)
    return sum(kept[0](n))"""
    cell(nb, "squares").source = "def squares(n): return [0]"
    assert points(examined(nb, official)) == {"t0": 1, "t1": 0}


# --- What cannot cross


@pytest.mark.parametrize(
    "check",
    [
        "class Rate:\n    pass\nrate = Rate()\nscaled(1)",
        "temperature = 3\nassert total(1) == 3",
    ],
)
def test_what_cannot_reach_the_students_function_is_flagged(check):
    official = unit(check)
    cell(official, "total").source = "def total(n):\n    return temperature * n"
    result = examined(official, official)
    assert Flag.OUT_OF_REACH in result.flags
