"""The search for the numbers of the prose in the outputs: what it finds, what not, and what it leaves out."""

from __future__ import annotations

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests.authoring.quoted_numbers import SECTIONS, missing_numbers


def missing(text: str, printed: str = "", source: str = "") -> list[str]:
    """The numbers of a text that are not found below a cell that printed something."""
    cell = new_code_cell(source, outputs=[new_output("stream", text=printed)])
    notebook = new_notebook(cells=[cell, new_markdown_cell(text)])
    return [sentence.partition(" in ")[0] for sentence in missing_numbers(notebook)]


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("You should see 0.19.", "0.1865"),
        ("You should see 0.1865 of them.", "NDCG@10   0.1865"),
        ("You should see 12 % of all, and 12 in 100.", "0.119"),
        ("You should see 97 %.", "97%"),
        ("You should see a drop to −0.4375.", "Cleo -0.4375"),
        ("You should see 31,172 likes.", "31,172 likes"),
        ("You should see 31,172 likes.", "31172"),
        ("Here **you should see** 3.", "3.02"),
    ],
)
def test_a_number_is_found_if_an_output_rounds_to_it(text, printed):
    assert missing(text, printed) == []


@pytest.mark.parametrize(
    ("text", "printed", "wanted"),
    [
        ("You should see 0.19.", "0.1821", ["0.19"]),
        ("You should see 0.19.", "0.196", ["0.19"]),
        ("You should see 0.865 and 0.854.", "0.865", ["0.854"]),
        ("You should see 12 %.", "0.13", ["12"]),
        ("You should see 0.12 of them.", "12", ["0.12"]),
        ("You should see 412 films.", "41", ["412"]),
        ("You should see 0.5.\n\nAnd more than 0.6.", "0.5", ["0.6"]),
    ],
)
def test_a_number_that_no_output_rounds_to_is_named(text, printed, wanted):
    assert missing(text, printed) == wanted


def test_settings_may_stand_in_the_code_and_measures_may_not():
    code = "model = fit(k=48, reg=0.02, n_epochs=1_000)"
    assert missing("You should see 48 factors after 1,000 epochs, and with λ = 0.02 more.", source=code) == []
    assert missing("You should see an error of 0.02.", source=code) == ["0.02"]
    assert missing("You should see 48 % of them.", source=code) == ["48"]


@pytest.mark.parametrize(
    "text",
    [
        "Take 77 films.",
        "You should see *Apollo 13 (1995)*, `k = 7`, $\\sqrt{16}$.",
        "You should see exercise 7.4, units 03 and 04, formula (2.1).",
        "You should see 35 µs, or 12 times as many in 20 s.",
        "You should see a line.\n\n## Part 9\n\nWith 99 films.",
        "You should see a line.\n\n<details><summary>What was wrong</summary>\n\n4 of 5.\n\n</details>",
    ],
)
def test_what_is_no_claim_about_an_output_is_left_out(text):
    assert missing(text) == []


def test_an_output_too_far_back_does_not_count():
    output, claim = new_code_cell("", outputs=[new_output("stream", text="0.125")]), "You should see 0.125."

    def missed(n_between):
        between = [new_markdown_cell("You should see a line.") for _ in range(n_between)]
        return missing_numbers(new_notebook(cells=[output, *between, new_markdown_cell(claim)]))

    assert missed(SECTIONS - 1) == []
    assert len(missed(SECTIONS)) == 1
    assert len(missing_numbers(new_notebook(cells=[new_markdown_cell(claim), output]))) == 1


def test_tables_count_and_progress_bars_do_not():
    table = new_output("execute_result", data={"text/plain": "a  0.321", "text/html": "<b>0.777</b>"})
    bar = new_output("stream", text="100%|████| 8/8 [00:01<00:00, 6.54it/s]")
    notebook = new_notebook(
        cells=[
            new_code_cell("", outputs=[table, bar]),
            new_markdown_cell("You should see 0.321, 0.777, 6.54."),
        ]
    )
    assert [sentence.partition(" ")[0] for sentence in missing_numbers(notebook)] == ["0.777", "6.54"]
