"""Does a check look at differences alone? Then a huge answer, whose differences are all 0, would pass.

In floating point 1e17 + 1e-4 is 1e17: the measured slope of any function is 0 there. NaN is not greater than
anything, so that a history of it never rises. Who measures a slope, or looks at np.diff of an answer, has to
ask first whether the answer is finite and of a size that the data allow.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT

ROOMS = (ROOT / "course_utils" / "checks", ROOT / "tests" / "checks")
# A number of at most this size, added to something, is a step to measure a slope by.
SMALL = 1e-2
# Functions that look at the size of an answer, by a word in their names.
OF_SIZE = ("abs", "max", "norm", "bound", "size", "all_close", "allclose")

# What the lint finds and is right, and why.
_OWN = "the slope is taken at the check's own factors, and the whole move is compared with it"
RIGHT = {
    "course_utils/checks/alternating.py: never_rises": "other checks ask for the size",
    "tests/checks/bpr.py: check_auc_seen_items": "the small numbers are scores that are nearly equal",
    "course_utils/checks/extremes.py: moved_as_far": "the whole move is compared with the one wanted",
    "tests/checks/warp.py: _losses_far_out": "the small number is the lead of one score",
    "tests/checks/warp.py: check_warp_step_awkward": "the small number makes rows a little too long",
    "tests/checks/bpr.py: check_bpr_step_is_minus_the_gradient": _OWN,
    "tests/checks/sgd.py: check_sgd_step_is_minus_the_gradient": _OWN,
    "tests/checks/warp.py: check_warp_step_is_minus_the_gradient": _OWN,
    "tests/checks/explicit_als.py: check_solve_row_few_ratings": "the small number is a λ of a closed form",
    "tests/checks/pytorch_mf.py: _by_hand": "the small number is Adam's own, in the value wanted",
    "course_utils/checks/wrmf.py: check_objective_memory": "the small numbers are terms of the value wanted",
    "course_utils/checks/awkward.py: factor_matrices": "the small number makes rows that are nearly equal",
    "tests/checks/ease.py: _check_bound": "the small number is an error of one weight",
    "tests/checks/ease.py: _crowds": "the small number is a λ of a closed form",
    "tests/checks/explicit_als.py: check_counts_unknown_as_zero_one_cell": "the same",
    "tests/checks/ease.py: check_solves_ease_is_the_law": "the small number is an error of one weight",
    "tests/checks/ease.py: check_solves_ease_of_many_likes": "the same",
    "tests/checks/wrmf.py: check_is_best_list_edges": "the small number is a gap between two scores",
    "tests/checks/sgd.py: check_best_epoch_cases": "the small numbers are losses that are nearly equal",
    "tests/checks/sgd.py: check_most_similar_awkward": "the small number is a tolerance",
}


def findings(source: str) -> list[str]:
    """The functions of a module that compare differences; neither they nor all their callers look first."""
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    guarded = {function.name for function in functions if _looks_first(function)}
    found = []
    for function in functions:
        if function.name in guarded or not any(_differences(function)):
            continue
        callers = {other.name for other in functions if function.name in _called(other)} - {function.name}
        if not callers or not callers <= guarded:
            found.append(function.name)
    return found


def _differences(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """Where a function adds a small number, or what is made of one, or asks for np.diff."""
    steps = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and _is_small(node.value):
            steps |= {name.id for target in node.targets for name in _names(target)}
        if isinstance(node, ast.For | ast.comprehension) and _is_small(node.iter):
            steps |= {name.id for name in _names(node.target)}
    for node in ast.walk(function):
        if isinstance(node, ast.For | ast.comprehension) and steps & {name.id for name in _names(node.iter)}:
            steps |= {name.id for name in _names(node.target)}
    for node in ast.walk(function):
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub):
            sides = (node.left, node.right) if isinstance(node, ast.BinOp) else (node.target, node.value)
            if any(isinstance(side, ast.Name) and side.id in steps for side in sides) or any(
                _is_small(side) and isinstance(side, ast.Constant | ast.UnaryOp) for side in sides
            ):
                yield node
        # The differences of a matrix's indptr are how many cells its rows have.
        if isinstance(node, ast.Call) and _name(node) == "diff" and "indptr" not in ast.dump(node):
            yield node


def _is_small(node: ast.AST) -> bool:
    """Whether a small number is in an expression, and no function is called with it as a tolerance."""
    if isinstance(node, ast.Call) and any(keyword.arg in ("atol", "rtol") for keyword in node.keywords):
        return False
    return any(
        isinstance(part, ast.Constant) and type(part.value) is float and 0 < part.value <= SMALL
        for part in ast.walk(node)
    )


def _names(node: ast.AST) -> Iterator[ast.Name]:
    return (part for part in ast.walk(node) if isinstance(part, ast.Name))


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _called(function: ast.FunctionDef) -> set[str]:
    return {_name(node) for node in ast.walk(function) if isinstance(node, ast.Call)}


def _looks_first(function: ast.FunctionDef) -> bool:
    called = _called(function)
    asks_for_finite = any("finite" in name or "bounded" in name for name in called)
    asks_for_size = any(word in name for name in called for word in OF_SIZE)
    return asks_for_finite and asks_for_size


def test_no_more_checks_look_at_differences_alone():
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for room in ROOMS
        for path in sorted(room.glob("*.py"))
        for name in findings(path.read_text(encoding="utf-8"))
    }
    new = sorted(found - RIGHT.keys())
    assert not new, f"ask first whether the answer is finite and of what size it is: {new}"
    assert found >= RIGHT.keys(), f"no longer found, so take it off the list: {RIGHT.keys() - found}"


SLOPE = """
def check(solve):
    x = solve()
    {first}
    def gradient(x):
        steps = 1e-4 * np.eye(3)
        return [loss(x + d) - loss(x - d) for d in steps]
    assert np.allclose(gradient(x), 0)
"""
NUDGE = """
def check(step):
    x = step()
    for nudge in (1e-5, -1e-5):
        x[0] += nudge
"""
HELPER = """
def slope(x):
    h = 1e-6
    return (loss(x + h) - loss(x - h)) / (2 * h)

def check(solve):
    {first}
    assert abs(slope(solve())) < 1e-3
"""
HISTORY = "def check(fit):\n    assert (np.diff(fit()) <= 0).all()\n"
LOOKS = "assert np.isfinite(x).all() and np.abs(x).max() < 100"


@pytest.mark.parametrize(
    "source",
    [
        SLOPE.format(first=""),
        SLOPE.format(first="assert len(x) == 3"),
        NUDGE,
        HISTORY,
        HELPER.format(first=""),
    ],
)
def test_the_lint_finds_a_check_that_looks_at_differences_alone(source: str):
    assert findings(source)


@pytest.mark.parametrize(
    "source",
    [
        SLOPE.format(first=LOOKS),
        SLOPE.format(first="assert_bounded(x, 100)"),
        HELPER.format(first=LOOKS),
        "def check(f):\n    assert np.isclose(f() - 1.0, 0, atol=1e-6)\n",
        "def check(f):\n    noisy = f() + 0.5\n",
    ],
)
def test_the_lint_passes_a_check_that_looks_first(source: str):
    assert findings(source) == []
