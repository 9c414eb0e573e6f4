"""Notebooks that went through Colab, Deepnote, Kaggle or a converter are graded as the unit that they are."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from grader.course_api import nbgrader_api
from grader.gradebook.results import Result, Status
from grader.intake.catalogue import HandedOut, HandedOutCell, read_catalogue
from grader.intake.notebook import read_cells
from tests.grader.run.conftest import UNIT, Course, cell, solve

Raw = dict[str, Any]
ANSWER = "Since 2x = x + x."


def colab(nb: Raw) -> None:
    """Keeps the old id in the metadata, and drops the rest."""
    for each in nb["cells"]:
        each["metadata"] = {"id": each.pop("id"), "colab": {"base_uri": "https://localhost:8080/"}}
    nb |= {"nbformat_minor": 0, "metadata": {"colab": {"provenance": []}, "kernelspec": {"name": "python3"}}}


def colab_with_new_ids(nb: Raw) -> None:
    colab(nb)
    for number, each in enumerate(nb["cells"]):
        each["metadata"]["id"] = f"vB3x{number}kQz"


def deepnote(nb: Raw) -> None:
    """Gives ids of its own, and splits texts."""
    for number, each in enumerate(nb["cells"]):
        del each["id"]
        each["metadata"] = {
            "cell_id": f"{number:05d}-5a1d-4b",
            "deepnote_cell_type": each["cell_type"],
            "source_hash": "b6",
        }
    nb["cells"].append(
        {"cell_type": "markdown", "source": "<a href='https://deepnote.com'>Created in", "metadata": {}}
    )
    nb |= {"nbformat_minor": 0, "metadata": {"deepnote": {}, "deepnote_notebook_id": "x"}}


def deepnote_with_the_old_id(nb: Raw) -> None:
    for each in nb["cells"]:
        each["metadata"] = {"deepnote": {"original": {"cell_id": each.pop("id")}}}


def kaggle(nb: Raw) -> None:
    for number, each in enumerate(nb["cells"]):
        del each["id"]
        each["metadata"] = {"_uuid": f"d629ff2d{number}", "trusted": True}


def stripped(nb: Raw) -> None:
    """As `jupyter nbconvert --ClearMetadataPreprocessor.enabled=True`, and new ids."""
    for number, each in enumerate(nb["cells"]):
        each |= {"metadata": {}, "id": f"{number:08x}"}


def lines_of_windows_and_blanks(nb: Raw) -> None:
    stripped(nb)
    for each in nb["cells"]:
        each["source"] = each["source"].replace("\n", "  \r\n") + "\n\n"


def own_cells_between(nb: Raw) -> None:
    stripped(nb)
    for number in (5, 3, 1):
        nb["cells"].insert(
            number, {"cell_type": "code", "id": f"own-{number}", "metadata": {}, "source": "1"}
        )


EDITORS = [
    colab,
    colab_with_new_ids,
    deepnote,
    deepnote_with_the_old_id,
    kaggle,
    stripped,
    lines_of_windows_and_blanks,
    own_cells_between,
]
Change = Callable[[Raw], None]


@pytest.fixture(scope="module")
def results(course: Course) -> dict[str, Result]:
    released = course.released()
    solve(released)
    cell(released, "why").source = ANSWER
    for editor in EDITORS:
        nb = json.loads(json.dumps(released))
        editor(nb)
        course.submit_text(editor.__name__, json.dumps(nb))
        nb = json.loads(json.dumps(course.released()))
        editor(nb)
        course.submit_text(f"{editor.__name__} untouched", json.dumps(nb))
    return course.grade()


@pytest.mark.parametrize("editor", [editor.__name__ for editor in EDITORS])
def test_its_work_has_its_points(results: dict[str, Result], editor: str) -> None:
    result = results[editor]
    assert result.status is Status.GRADED, result.problem
    assert (result.total, result.pending) == (8, 2), result
    assert "restored cell" in result.flags


@pytest.mark.parametrize("editor", [editor.__name__ for editor in EDITORS])
def test_what_is_untouched_has_none(results: dict[str, Result], editor: str) -> None:
    result = results[f"{editor} untouched"]
    assert result.status is Status.GRADED, result.problem
    assert result.total == 0


def handed(*cells: tuple[str, str, bool]) -> HandedOut:
    return HandedOut(UNIT, "tiny", tuple(HandedOutCell(*c[:1], "code", *c[1:]) for c in cells))


def given(*sources: str) -> list[Raw]:
    return [{"cell_type": "code", "id": "", "metadata": {}, "source": source} for source in sources]


def test_a_text_that_stands_there_twice_identifies_nothing() -> None:
    notebook = handed(
        ("a", "YOUR ANSWER HERE", True), ("test_a", "check(a)", False), ("b", "YOUR ANSWER HERE", True)
    )
    cells = given("YOUR ANSWER HERE", "check(a)", "mine")
    found = notebook.identify(cells)
    assert found == {1: "test_a"}
    # But its place does.
    assert notebook.identify_answers(cells, found) == {0: "a", 1: "test_a", 2: "b"}


def test_an_answer_is_known_by_what_it_defines() -> None:
    notebook = handed(
        ("f", "def f(x):\n    raise", True), ("g", "def g(x):\n    raise", True), ("test", "check(f)", False)
    )
    cells = given("x = 1", "def g(x): return 1", "y = 2", "def f(x): return 2", "check(f)")
    assert notebook.identify_answers(cells, notebook.identify(cells)) == {1: "g", 3: "f", 4: "test"}


def test_an_id_is_believed_once_and_its_owner_first() -> None:
    notebook = handed(("f", "def f(): pass", True), ("test", "check(f)", False))
    cells = given("def f(): return 1", "def f(): return 2", "check(f)")
    cells[0]["metadata"] = {"id": "f"}
    cells[1]["metadata"] = {"nbgrader": {"grade_id": "f"}}
    assert notebook.identify(cells) == {1: "f", 2: "test"}


def test_any_order_is_identified_alike() -> None:
    notebook = handed(*((f"t{n}", f"check({n})", False) for n in range(8)))
    cells = given(*(f"check({n})" for n in range(8)), "own", "own")
    for seed in range(20):
        shuffled = random.Random(seed).sample(cells, len(cells))
        found = notebook.identify(shuffled)
        assert {name: shuffled[n]["source"] for n, name in found.items()} == {
            f"t{n}": f"check({n})" for n in range(8)
        }


def test_a_test_cell_is_known_by_the_text_that_was_handed_out(course: Course) -> None:
    """The gradebook's has the hidden checks in it."""
    coursedir = nbgrader_api(course.root).coursedir
    handed_out = course.released()
    nb = json.loads(json.dumps(handed_out))
    stripped(nb)
    cells = read_cells(json.dumps(nb).encode(), "x.ipynb")
    names = {each.id for each in handed_out.cells if "nbgrader" in each.metadata}
    for release in ("release", "nowhere"):
        coursedir.release_directory = release
        with course.gradebook() as gradebook:
            notebook = read_catalogue(gradebook, coursedir).units[UNIT]["tiny"]
        assert set(notebook.identify(cells).values()) == names
