"""What is not graded costs nothing, however it is written; what cannot be read is named as what it is."""

from __future__ import annotations

import copy
import json
import random
import time
from collections.abc import Callable
from typing import Any

import nbformat
import pytest

from grader.course_folder import CourseError
from grader.gradebook.results import Result, Status
from grader.intake.errors import UnfitSubmission
from grader.intake.notebook import read_cells, write_cells
from grader.run.convert import explain
from tests.grader.run.conftest import UNIT, Course, solve

Raw = dict[str, Any]
TEXT = {"cell_type": "markdown", "id": "note", "metadata": {}, "source": "A note."}


def extra(**changes: object) -> Callable[[Raw], None]:
    """Add a text cell in which something is wrong."""

    def change(nb: Raw) -> None:
        nb["cells"].insert(1, TEXT | changes)

    return change


def extra_code(**changes: object) -> Callable[[Raw], None]:
    code = TEXT | {"cell_type": "code", "source": "1", "outputs": [], "execution_count": None}

    def change(nb: Raw) -> None:
        nb["cells"].insert(1, code | changes)

    return change


def each_cell(**changes: object) -> Callable[[Raw], None]:
    def change(nb: Raw) -> None:
        for cell in nb["cells"]:
            cell |= copy.deepcopy(changes)

    return change


def top(**changes: object) -> Callable[[Raw], None]:
    return lambda nb: nb.update(changes)


def without(*keys: str) -> Callable[[Raw], None]:
    def change(nb: Raw) -> None:
        for key in keys:
            nb.pop(key, None)

    return change


def cells_without(*keys: str) -> Callable[[Raw], None]:
    def change(nb: Raw) -> None:
        for cell in nb["cells"]:
            for key in keys:
                cell.pop(key, None)

    return change


def lines(nb: Raw) -> None:
    for cell in nb["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)


def windows_lines(nb: Raw) -> None:
    for cell in nb["cells"]:
        cell["source"] = cell["source"].replace("\n", "\r\n")


def version_3(nb: Raw) -> None:
    cells = nb.pop("cells")
    for cell in cells:
        if cell["cell_type"] == "code":
            cell |= {"input": cell.pop("source"), "language": "python", "prompt_number": 1}
    cells.insert(0, {"cell_type": "heading", "level": 2, "metadata": {}, "source": "A title"})
    nb |= {"nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": cells, "metadata": {}}]}


def version_3_beside_no_cells(nb: Raw) -> None:
    version_3(nb)
    nb["cells"] = []


def lines_in_lists(nb: Raw) -> None:
    for cell in nb["cells"]:
        cell["source"] = [[line] for line in cell["source"].splitlines(keepends=True)]


def odd_entries(nb: Raw) -> None:
    for cell in nb["cells"]:
        if isinstance(cell, dict) and isinstance(cell.get("metadata"), dict):
            cell["metadata"].get("nbgrader", {}).update(points="2", grade="true", locked=1, schema_version=99)


DAMAGE: dict[str, Callable[[Raw], None]] = {
    "an empty id": extra(id=""),
    "an id of a wrong kind": extra(id=7),
    "no id": extra(id=None),
    "an id with blanks": extra(id="my note"),
    "an id that is too long": extra(id="x" * 65),
    "an id that is there twice": lambda nb: nb["cells"].extend([dict(TEXT), dict(TEXT)]),
    "all ids alike": each_cell(id="same"),
    "no metadata in a cell": lambda nb: nb["cells"].insert(1, {k: TEXT[k] for k in TEXT if k != "metadata"}),
    "metadata that are none": extra(metadata=None),
    "metadata in a list": extra(metadata=[]),
    "tags in a text": extra(metadata={"tags": "a, b"}),
    "tags that are numbers": extra_code(metadata={"tags": [1, None, "slow", "slow"]}),
    "collapsed that is text": extra_code(metadata={"collapsed": "yes", "scrolled": "perhaps"}),
    "jupyter that is a list": extra_code(metadata={"jupyter": [], "execution": 3, "name": 5, "format": 1}),
    "no source": lambda nb: nb["cells"].insert(1, {k: TEXT[k] for k in TEXT if k != "source"}),
    "a source that is none": extra(source=None),
    "a source that is a number": extra(source=12.5),
    "a source of odd lines": extra(source=["a\n", None, 3]),
    "outputs in a text cell": extra(outputs=[], execution_count=3),
    "an unknown kind of cell": extra(cell_type="sql"),
    "a kind in capitals": lambda nb: [
        cell.update(cell_type=cell["cell_type"].title()) for cell in nb["cells"]
    ],
    "no kind of cell": lambda nb: nb["cells"].insert(1, {"source": "x"}),
    "a cell that is text": lambda nb: nb["cells"].insert(1, "text"),
    "a cell that is nothing": lambda nb: nb["cells"].append(None),
    "unknown keys": extra(**{"deepnote": {"x": 1}, "slideshow": None}),
    "no outputs": cells_without("outputs", "execution_count"),
    "outputs of a wrong kind": extra_code(outputs=None),
    "an output without a type": extra_code(outputs=[{"data": 3}]),
    "an output of an unknown type": extra_code(outputs=[{"output_type": "video"}]),
    "a stream without a text": extra_code(outputs=[{"output_type": "stream", "name": "stdout"}]),
    "a count that is text": extra_code(execution_count="3"),
    "a count that is huge": extra_code(execution_count=int("9" * 4000)),
    "attachments of a wrong kind": extra(attachments=["a.png"]),
    "attachments in odd form": extra(
        attachments={"a.png": "AAAA", "b": {"image/png": 3}, "c": {"x": ["a", 1]}}
    ),
    "half of a character": extra(source="half: \ud83d"),
    "a number that is none": extra(metadata={"width": float("nan")}),
    "metadata nested deep": extra(metadata=json.loads('{"a":' * 200 + "1" + "}" * 200)),
    "no metadata": without("metadata"),
    "no version": without("nbformat", "nbformat_minor"),
    "a version that is text": top(nbformat="4", nbformat_minor="5"),
    "a version to come": top(nbformat=4, nbformat_minor=99),
    "a version long to come": top(nbformat=7),
    "an unknown kernel": top(metadata={"kernelspec": {"name": 3}, "language_info": {"version": 3.11}}),
    "a kernel that is none": top(metadata={"kernelspec": None, "language_info": []}),
    "metadata of a wrong kind": top(metadata=3, signature=3, authors="me"),
    "lines in lists": lines,
    "lines of Windows": windows_lines,
    "version 3": version_3,
    "version 3 beside no cells": version_3_beside_no_cells,
    "lines in lists in lists": lines_in_lists,
    "an id of other letters": each_cell(id="Zelle ä"),
    "points that are text": odd_entries,
}
TEXTS: dict[str, Callable[[str], bytes]] = {
    "a byte order mark": lambda text: text.encode("utf-8-sig"),
    "16 bits a letter": lambda text: text.encode("utf-16"),
    "16 bits a letter without a mark": lambda text: text.encode("utf-16-le"),
    "32 bits a letter": lambda text: text.encode("utf-32"),
    "zeros behind its end": lambda text: text.encode() + bytes(512),
    "line breaks in strings": lambda text: text.replace("\\n", "\n").encode(),
    "line ends of old Macs": lambda text: json.dumps(json.loads(text), indent=1).replace("\n", "\r").encode(),
    "blanks around": lambda text: f"\n\n {text} \r\n\0".strip("\0").encode(),
}


# Grading takes a second each; all are read, and these are graded.
GRADED = (*list(DAMAGE)[::5], "version 3", "all ids alike", *list(TEXTS)[::2])


def damaged(course: Course, student: str) -> bytes:
    """A solved notebook with one damage."""
    released = course.released()
    solve(released)
    if student in TEXTS:
        return TEXTS[student](json.dumps(released))
    nb = json.loads(json.dumps(released))
    DAMAGE[student](nb)
    return _json(nb).encode()


@pytest.fixture(scope="module")
def results(course: Course) -> dict[str, Result]:
    for student in GRADED:
        course.submit_text(student, "")
        (course.root / "submitted" / student / UNIT / "tiny.ipynb").write_bytes(damaged(course, student))
    return course.grade()


def _json(nb: Raw) -> str:
    """As JSON, which Python itself refuses for numbers of thousands of digits."""
    marker = 10**15 + 7
    huge = [cell for cell in nb.get("cells", []) if isinstance(cell, dict) and _is_huge(cell)]
    for cell in huge:
        cell["execution_count"] = marker
    return json.dumps(nb).replace(str(marker), "9" * 5000)


def _is_huge(cell: Raw) -> bool:
    return isinstance(cell.get("execution_count"), int) and cell["execution_count"] > 10**20


@pytest.mark.parametrize("student", [*DAMAGE, *TEXTS])
def test_it_is_read(course: Course, student: str) -> None:
    made = json.loads(write_cells(read_cells(damaged(course, student), "x.ipynb")))
    nbformat.validate(made)
    sources = [cell["source"].replace("\r\n", "\n") for cell in made["cells"]]
    for cell in course.released().cells:
        assert cell.source in sources or cell.id in ("double", "credit")
    assert "def double(x):\n    return 2 * x" in sources


@pytest.mark.parametrize("student", GRADED)
def test_it_costs_nothing(results: dict[str, Result], student: str) -> None:
    result = results[student]
    assert result.status is Status.GRADED, result.problem
    assert result.total == 8, result


def test_what_is_read_is_a_valid_notebook_with_the_same_cells() -> None:
    """Random damage, several kinds at once."""
    rng = random.Random(0)
    for _ in range(200):
        nb: Raw = {"cells": [TEXT | {"id": f"n{i}", "source": f"text {i}"} for i in range(4)]}
        nb |= {"metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        whole = {"version 3", "version 3 beside no cells", "a count that is huge"}
        for name in rng.sample(sorted(DAMAGE.keys() - whole), 4):
            if all(isinstance(cell, dict) and isinstance(cell.get("source"), str) for cell in nb["cells"]):
                DAMAGE[name](nb)
        made = write_cells(read_cells(json.dumps(nb).encode(), "x.ipynb"))
        nbformat.validate(json.loads(made))
        assert made == write_cells(read_cells(made, "x.ipynb"))
        sources = "".join(cell["source"] for cell in json.loads(made)["cells"])
        assert all(f"text {number}" in sources for number in range(4))


CONFLICT = """\
{
 "cells": [
<<<<<<< HEAD
  {"cell_type": "raw", "source": "mine"}
=======
  {"cell_type": "raw", "source": "hers"}
>>>>>>> other-branch
 ]
}
"""


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty (0 bytes). Ask the student"),
        (b" \n\n", "is empty (3 bytes)"),
        (bytes(4096), "is empty (4096 bytes)"),
        (CONFLICT.encode(), "holds a merge conflict of Git (<<<<<<< in line 3): ask the student to decide"),
        (CONFLICT.replace("\n", "\r\n").encode(), "holds a merge conflict of Git"),
        (b"<!DOCTYPE html>\n<html>Sign in</html>", "is a web page (HTML), not the notebook"),
        (b"\n<!-- saved -->\n<HTML><body>x", "is a web page (HTML), not the notebook"),
        (b"PK\x03\x04....", "is not a notebook but a zip archive"),
        (b"%PDF-1.7", "is not a notebook but a PDF"),
        (
            b"{\\rtf1\\ansi {x}}",
            "is not a notebook but a text in RTF: ask the student for the notebook itself",
        ),
        (b"<script>x</script><title>Sign in</title>", "but HTML or XML (it begins with '<script'): ask the"),
        (b"\xef\xbb\xbf<?plist version='1'?>", "but HTML or XML (it begins with '<?plist'): ask the"),
        ('{"cells": [1, 2'.encode("utf-32"), "is not JSON to its end: it breaks off after 15 characters"),
        (b'{\0"\0c\0\x00\xd8}\0', "at byte 6 it is not UTF-16-LE, as it seems to begin; notebooks are UTF-8"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:1",
            "a pointer of Git LFS: run `git lfs pull`",
        ),
        (b'{"cells": [{"cell_type": "markdown", "sour', "is not JSON to its end: it breaks off after 42"),
        (b'{"cells": [', "is not JSON to its end: it breaks off after 11 characters"),
        (b'{"cells": []} {"cells": []}', "is not a notebook: it is not JSON (Extra data"),
        (b"import numpy as np\n", "is not a notebook: it is not JSON (Expecting value"),
        ('{"cells": ["é"]}'.encode("cp1252"), "is not JSON: at byte 12 it is not UTF-8"),
        (b"\xff\xfe\x00", "is not JSON: at byte"),
        (b"[" * 100_000, "is nested too deep"),
        (b"[" + b"{}," * 600_000 + b"0]", "holds more than 500,000 values: clear the outputs"),
        (b"[]", "is JSON but not a notebook: it has no list of cells"),
        (b'{"cells": {}}', "is JSON but not a notebook"),
        (b'{"cells": []}', "is a notebook without a cell. Ask the student"),
        (b'{"cells": [' + b"0," * 6000 + b"0]}", "holds more than 5,000 cells"),
    ],
)
def test_what_cannot_be_read_is_named_as_what_it_is(content: bytes, says: str) -> None:
    with pytest.raises(UnfitSubmission) as caught:
        read_cells(content, "ann/tiny.ipynb")
    assert str(caught.value).startswith("ann/tiny.ipynb ") and says in str(caught.value)


def test_nothing_hostile_takes_long() -> None:
    for piece in ("<!---->", "<<<<<<< a\n", "<<<<<<< a\n=======\n", '"\\', "{", "<?xml ", "\ufeff"):
        start = time.perf_counter()
        with pytest.raises(UnfitSubmission):
            read_cells((piece * 200_000).encode(), "x.ipynb")
        assert time.perf_counter() - start < 5, piece


def test_the_log_is_never_the_whole_advice() -> None:
    said = explain(KeyError("x"), "sqlite:///gradebook.db")
    assert "KeyError: 'x'" in said and "--student" in said and "grading.log" in said
    assert explain(CourseError("Do this."), "") == "Do this."
