"""Points of a test cell from its outputs and the proof of its end, without a kernel."""

from __future__ import annotations

import ast

import pytest
from nbformat.v4 import new_code_cell, new_output

from grader.completion import MIME, take_proof, with_proof
from grader.record import Completion, Run, describe
from grader.steps.save_scores import judge


@pytest.mark.parametrize(
    ("proof", "points"),
    [
        (Completion("NoneType", ""), 2),
        (Completion("float", "1.5"), 1.5),
        (Completion("int", "2"), 2),
        (Completion("int", "0"), 0),
        (Completion("float", "nan"), 0),
        (Completion("float", "inf"), 0),
        (Completion("float", "-inf"), 0),
        (Completion("float", "-0.5"), 0),
        (Completion("float", "2.01"), 0),
        (Completion("int", "1" + 400 * "0"), 0),
        (Completion("float64", ""), 0),
        (Completion("str", ""), 0),
        (Completion("bool", ""), 0),
        (Completion("tuple", ""), 0),
        (None, 0),
    ],
)
def test_points_of_a_cell_that_ran(proof: Completion | None, points: float) -> None:
    verdict = judge(new_code_cell(), Run(proof), 2.0)
    assert verdict.points == points
    assert bool(verdict.reason) == (points < 2)


def test_an_error_outweighs_a_proof_and_displayed_points() -> None:
    outputs = [
        new_output("execute_result", {"text/plain": "2.0"}),
        new_output("error", ename="AssertionError", evalue="Twice 1 is 2.", traceback=[]),
    ]
    verdict = judge(new_code_cell(outputs=outputs), Run(Completion("NoneType", "")), 2.0)
    assert (verdict.points, verdict.reason) == (0, "Twice 1 is 2.")


def test_a_cell_is_named_in_words() -> None:
    """What differs from student to student would not be counted as one misunderstanding."""
    said = "incomplete input (<ipython-input-7-45dace3ef54d>, line 31)"
    error = new_output("error", ename="SyntaxError", evalue=said, traceback=[])
    assert describe(error) == "SyntaxError: incomplete input (the cell, line 31)"


def test_displayed_points_and_stderr_count_for_nothing() -> None:
    outputs = [
        new_output("execute_result", {"text/plain": "0.5"}),
        new_output("stream", name="stderr", text="a warning"),
    ]
    assert judge(new_code_cell(outputs=outputs), Run(Completion("NoneType", "")), 2.0).points == 2


@pytest.mark.parametrize("copies", [0, 2])
def test_a_proof_that_is_not_there_exactly_once_proves_nothing(copies: int) -> None:
    outputs = [new_output("display_data", {MIME: "abc NoneType "}) for _ in range(copies)]
    test = new_code_cell(outputs=outputs)
    assert take_proof(test, "abc") is None
    assert test.outputs == []


def test_a_proof_with_another_nonce_proves_nothing() -> None:
    assert (
        take_proof(new_code_cell(outputs=[new_output("display_data", {MIME: "abd NoneType "})]), "abc")
        is None
    )


@pytest.mark.parametrize(
    "source",
    [
        "check(f)",
        "check(f);  # a comment",
        "é = 'ü'; check('ö', é)",
        "check(\n    f,  # a comment\n)\n### END HIDDEN TESTS",
        "x = 1\n(y := check(x))",
        "*a, b",
        "if f:\n    check(f)",
        "x = 'no expression'  # comment",
        "%time check(f)",
        "await check(f)",
    ],
)
def test_the_addition_is_valid_wherever_the_last_statement_ends(source: str) -> None:
    added = with_proof(source, "abc")
    ast.parse(added.replace("await ", ""))
    assert added.count("display_pub") == 1


@pytest.mark.parametrize("source", ["", "# only a comment", "def f(:"])
def test_a_cell_that_checks_nothing_is_refused(source: str) -> None:
    with pytest.raises((SyntaxError, ValueError)):
        with_proof(source, "abc")
