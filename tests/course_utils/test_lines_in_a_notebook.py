"""What a student reads in a notebook: one line for each test cell, in a real kernel."""

from __future__ import annotations

import inspect
import re

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from course_utils.notebook.waiting import is_written
from solutions import explicit_als, pytorch_mf
from tests.conftest import ROOT

IMPORTS = """\
import numpy as np
from scipy.sparse import csr_array

from course_utils.checks.explicit_als import *
from course_utils.notebook import hidden_checks, progress, ready
ready("02-explicit-als")"""

NOT_WRITTEN = "put your code in place of raise NotImplementedError()."


def run(*sources: str) -> list[list[nbformat.NotebookNode]]:
    """The outputs of cells that run in a fresh kernel; an error does not keep the next cell from running."""
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    NotebookClient(
        notebook,
        timeout=120,
        allow_errors=True,
        kernel_name="python3",
        resources={"metadata": {"path": str(ROOT)}},
        shutdown_kernel="immediate",
    ).execute()
    return [cell.outputs for cell in notebook.cells]


def line(outputs: list[nbformat.NotebookNode]) -> str:
    """The one line that a cell puts out, as printed or as an error."""
    if outputs[0].output_type == "error":
        assert len(outputs) == 1, outputs
        (shown,) = outputs[0].traceback
        assert shown == outputs[0].evalue
        return shown
    assert {output.get("name") for output in outputs} == {"stdout"}, outputs
    return "".join(output.text for output in outputs).rstrip("\n")  # a busy kernel sends it in pieces


def solution(name: str, old: str = "", new: str = "", module=explicit_als) -> str:
    source = inspect.getsource(getattr(module, name))
    assert old in source
    return source.replace(old, new)


STUB = solution("predict").partition("    ### BEGIN")[0] + "    raise NotImplementedError()"

# What the student wrote, the check that is called, and the line that answers.
CASES = {
    "right": (
        solution("objective") + "\n" + solution("predict"),
        "check_objective_by_hand(objective)\ncheck_objective_memory(objective)",
        r"✓ 2\.2 objective · 2 of 3 points\. Hidden checks \(1 point\) look at: brute force, .*\.",
    ),
    "a known mistake": (
        solution("objective", "+ reg_item * np.sum(Y**2)", "") + "\n" + solution("predict"),
        "check_objective_by_hand(objective)",
        r"✗ 2\.2 objective · With λ = 2 on both .*; yours 11: the penalty of the items is missing\.",
    ),
    "a sentence that begins with the function's name": (
        "def solve_row(ratings, factors, reg):\n    return np.zeros(5)",
        "check_solve_row_three_films_by_hand(solve_row)",
        r"✗ 2\.3 solve_row should return shape \(2,\); yours: \(5,\)\.",
    ),
    "a crash": (
        "def solve_row(ratings, factors, reg):\n    A = np.ones((2, 3))\n\n    x = A / factors\n    return x",
        "check_solve_row_three_films_by_hand(solve_row)",
        r"✗ 2\.3 solve_row stopped with ValueError: operands could not .* in your line 4: x = A / f.*",
    ),
    "a crash deep in a library": (
        "def solve_row(ratings, factors, reg):\n    return np.linalg.solve(np.zeros((2, 2)), np.ones(2))",
        "check_solve_row_three_films_by_hand(solve_row)",
        r"✗ 2\.3 solve_row stopped with LinAlgError: Singular matrix in your line 2: return np.*",
    ),
    "a crash in a helper": (
        "def invert(A):\n    return 1 / 0\n\ndef solve_row(*given):\n    return invert(given)",
        "check_solve_row_three_films_by_hand(solve_row)",
        r"✗ 2\.3 solve_row stopped with ZeroDivisionError: .* in line 2 of your invert: return 1 / 0; called "
        r"in your line 5: return invert\(given\)",
    ),
    "a wrong call of another exercise's function, by a helper": (
        solution("solve_row") + "\ndef one(R, fixed, u):\n    return solve_row(R.data, fixed[:1], 1.0)\n"
        "def update_factors(R, fixed, reg):\n    return [one(R, fixed, u) for u in range(R.shape[0])]",
        "check_update_factors_by_hand(update_factors)",
        r"✗ 2\.4 update_factors stopped with ValueError: .* in line \d+ of your solve_row: return np.*; "
        r"called in line \d+ of your one: return solve_row\(R\.data, fixed\[:1\], 1\.0\)",
    ),
    "a crash in another exercise's function": (
        "def solve_row(ratings, *given):\n    return ratings @ [1]\n" + solution("update_factors"),
        "check_update_factors_by_hand(update_factors)",
        r"✗ 2\.4 update_factors stopped with ValueError: .* in line 2 of your solve_row: return ratings .*; "
        r"called in your line \d+: solved\[row\] = solve_row.*",
    ),
    "a mistake of an earlier exercise's": (
        solution("solve_row", "+ reg *", "+ 0 *") + "\n" + solution("update_factors"),
        "check_update_factors_by_hand(update_factors)",
        r"✗ 2\.4 update_factors · .* · Correct 2\.3 solve_row first, which this uses: its own checks .*",
    ),
    "a mistake of its own, and one of an exercise that it does not use": (
        solution("solve_row", "+ reg *", "+ 0 *") + "\n" + solution("objective", "+ reg_item *", "+ 0 *"),
        "check_objective_by_hand(objective)",
        r"✗ 2\.2 objective · (?!.*Correct).*",
    ),
    "an assertion of the student's": (
        "def solve_row(ratings, factors, reg):\n    assert len(ratings) > 7, 'few'",
        "check_solve_row_three_films_by_hand(solve_row)",
        r"✗ 2\.3 solve_row stopped with AssertionError: few in your line 2: assert len.*",
    ),
    "a crash without a message": (
        "def solve_row(ratings, factors, reg):\n    raise KeyError",
        "check_solve_row_three_films_by_hand(solve_row)",
        r"✗ 2\.3 solve_row stopped with KeyError in your line 2: raise KeyError",
    ),
    "a group of exceptions": (
        "def solve_row(*given):\n    raise ExceptionGroup('two', [ValueError(1), KeyError(2)])",
        "check_solve_row_three_films_by_hand(solve_row)",
        r"✗ 2\.3 solve_row stopped with ExceptionGroup: two .* in your line 2: raise ExceptionGroup.*",
    ),
    "an exception that cannot be shown": (
        "class Odd(Exception):\n    __str__ = None\n\ndef solve_row(*given):\n    raise Odd",
        "check_solve_row_three_films_by_hand(solve_row)",
        r"✗ 2\.3 solve_row stopped with Odd in your line 5: raise Odd",
    ),
    "a loop that somebody interrupts": (
        "import _thread\ndef solve_row(*given):\n    _thread.interrupt_main()\n    while True: pass",
        "check_solve_row_three_films_by_hand(solve_row)",
        r"✗ 2\.3 solve_row stopped with KeyboardInterrupt in your line [34]: .* · Does a loop never end\?",
    ),
    "a sentence that begins with the function's name and a colon": (
        solution("solve_row") + "\n" + solution("update_factors", "R = csr_array(R)", "fixed[:] = 0"),
        "check_update_factors_by_hand(update_factors)",
        r"✗ 2\.4 update_factors: fixed was changed: work on a copy\.",
    ),
    "a recursion without end": (
        "def solve_row(*given):\n    return solve_row(*given)",
        "check_solve_row_three_films_by_hand(solve_row)",
        r"✗ 2\.3 solve_row stopped with RecursionError: .* in your line 2: return solve_row\(\*given\)",
    ),
    "a long message of several lines": (
        "def solve_row(*given):\n    raise ValueError('\\n'.join(['a word'] * 500))",
        "check_solve_row_three_films_by_hand(solve_row)",
        r"✗ 2\.3 solve_row stopped with ValueError: (a word )+.*… in your line 2: raise ValueError.*",
    ),
    "not written": (
        STUB,
        "check_predict_by_hand(predict)",
        rf"○ 2\.1 predict · not written yet: {re.escape(NOT_WRITTEN)}",
    ),
    "calls what is not written": (
        STUB + "\n" + solution("objective"),
        "check_objective_by_hand(objective)",
        r"○ 2\.2 objective · needs 2\.1 predict, which is not written yet\.",
    ),
    "calls what is not there": (
        "del predict\n" + solution("objective"),
        "check_objective_by_hand(objective)",
        r"○ 2\.2 objective · needs 2\.1 predict, which is not there: run the cell in which you write it\.",
    ),
    "is not there": (
        "del objective",
        "check_objective_by_hand(objective)",
        r"○ needs 2\.2 objective, which is not there: run the cell in which you write it\.",
    ),
    "a name of the student's that is not there": (
        "def objective(*given):\n    return objctive(*given)",
        "check_objective_by_hand(objective)",
        r"✗ 2\.2 objective stopped with NameError: .*objctive.* in your line 2: return objctive\(\*given\)",
    ),
    "hidden checks": (
        "",
        "hidden_checks('2.2')",
        r"… 2\.2 objective · 1 point more, judged after you hand in\. The hidden checks look at: brute.*",
    ),
}


@pytest.fixture(scope="module")
def outputs() -> dict[str, list[nbformat.NotebookNode]]:
    sources = [source for written, call, _ in CASES.values() for source in (written, call)]
    return dict(zip(CASES, run(IMPORTS, *sources)[2::2], strict=True))


@pytest.mark.parametrize("case", CASES)
def test_a_test_cell_answers_in_one_line(case: str, outputs):
    assert re.fullmatch(CASES[case][2], line(outputs[case])), line(outputs[case])


def test_what_is_wrong_is_an_assertion_and_what_is_open_is_not(outputs):
    """Run All stops, Validate fails and nbgrader gives 0: all of that looks at the kind of an error."""
    kinds = {case: output.ename for case, (output,) in outputs.items() if output.output_type == "error"}
    assert kinds["a known mistake"] == kinds["a crash"] == "AssertionError"
    assert kinds["not written"] == kinds["is not there"] == "NotImplementedError"
    assert outputs["right"][0].name == "stdout"


def test_cells_that_need_an_exercise_say_which_and_an_old_value_does_not_mislead():
    _, _, _, asked, old, of_a_given_cell, other = run(
        IMPORTS,
        "def fit_als(*given):\n    raise NotImplementedError()",
        "als_on = 3",
        "als_on = fit_als()",
        "als_on",
        "predictor",
        "no_such_name",
    )
    assert line(asked) == "○ needs 2.5 fit_als, which is not written yet."
    assert line(old) == "○ needs 2.1 predict, without which there is no `als_on`."
    assert line(of_a_given_cell) == "○ needs 2.1 predict, without which there is no `predictor`."
    assert other[0].ename == "NameError", "what is no exercise's stays Python's to say"


def test_without_the_first_cell_a_line_says_to_run_it():
    """As on the next day, in a new kernel."""
    imports, *asked = run(
        "from course_utils.notebook import *", "progress()", "hand_in()", "hidden_checks('2.2')"
    )
    for outputs in asked:
        assert outputs[0].traceback == [f"✗ {outputs[0].evalue}"] and "first code cell" in outputs[0].evalue


def test_data_that_cannot_be_loaded_are_one_line():
    outputs = run("from course_utils.data import load\nload('ml-latest-small', folder='/no/such/folder')")
    assert outputs[0][0].ename == "DatasetError"
    assert outputs[0][0].traceback == [f"DatasetError: {outputs[0][0].evalue}"]


def not_yet(a):
    """Something."""
    raise NotImplementedError()


def half_done(a):
    b = [x for x in a]
    print(b)
    raise NotImplementedError


def not_for_all(a, kind=0):
    if kind != 0:
        raise NotImplementedError("a bonus that I leave out")
    return a


def left_behind(a):
    return a
    raise NotImplementedError()


@pytest.mark.parametrize(
    ("function", "written"), [(not_yet, False), (half_done, False), (not_for_all, True), (left_behind, True)]
)
def test_what_is_written_may_speak_of_what_is_not(function, written):
    """The lesson of 5.6 itself asks for a NotImplementedError from who leaves the bonus out."""
    assert is_written(function) == written
    assert is_written(type("Model", (), {"forward": function})) == written


def test_a_class_is_an_exercise_too():
    imports = "import torch\nfrom course_utils.checks.pytorch_mf import *\n"
    crash = (
        "class BiasedMF(torch.nn.Module):\n    def __init__(self, *sizes, **more):\n        self.n = 1 / 0"
    )
    stub = crash.replace("self.n = 1 / 0", "raise NotImplementedError()")
    call = "check_BiasedMF_by_hand(BiasedMF)"
    right = "from __future__ import annotations\n"
    right += "\n".join(solution(name, module=pytorch_mf) for name in ("pairwise_dot", "BiasedMF"))
    _, _, stopped, _, not_written, _, passed = run(
        imports, crash, call, stub, call, right, f"{call}\ncheck_BiasedMF_start(BiasedMF)"
    )
    assert "4.3 BiasedMF" in line(stopped) and line(stopped).endswith("in your line 3: self.n = 1 / 0")
    assert line(not_written).startswith("○ 4.3 BiasedMF · not written yet")
    assert line(passed).startswith("✓ 4.3 BiasedMF · 3 of 4 points.")


def test_outside_a_notebook_a_check_is_silent_and_its_sentence_is_bare(capsys):
    from course_utils.checks.explicit_als import check_predict_by_hand

    check_predict_by_hand(explicit_als.predict)
    with pytest.raises(AssertionError, match="μ is missing"):
        check_predict_by_hand(lambda mu, X, Y, u, i: explicit_als.predict(0, X, Y, u, i))
    assert capsys.readouterr().out == ""
