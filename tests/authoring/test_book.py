"""Is the book whole: no solution in it, no dead link, words for every picture, nothing from the internet?"""

from __future__ import annotations

import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import nbformat
import pytest
from matplotlib.figure import Figure
from nbformat import NotebookNode
from nbformat.v4 import new_output

from authoring import book
from authoring.lesson import Unit, find_units
from course_utils.plots.show import Picture
from tests.conftest import ROOT

FINDING = "L falls with every half-step, and <less> so with each."
# What a page loads by itself when it is opened; links that a reader may follow are no matter.
LOADED = re.compile(r"<(?:script|img|link|iframe)[^>]+(?:src|href)=\"(https?://[^\"]+)")


def drawn(unit: Unit, _: Path) -> NotebookNode:
    """In the place of a run, which takes minutes: every code cell puts out the same picture."""
    nb = nbformat.read(unit.notebook, as_version=4)
    data = Picture(Figure((1, 1), dpi=10), FINDING)._repr_mimebundle_()
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs = [new_output("display_data", data)]
    return nb


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("book") / "pages"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(book, "reference_run", drawn)
        book.lay_out(ROOT, target)
    return target


@pytest.fixture(scope="module")
def html(pages: Path) -> Path:
    """Warnings are errors: a link that leads nowhere, a page that nothing leads to."""
    target = pages.with_name("html")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", pages, target]
    built = subprocess.run(command, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    return target


def test_a_unit_is_shown_as_students_get_it(pages: Path) -> None:
    for unit in find_units(ROOT):
        released = nbformat.read(unit.released_notebook, as_version=4)
        page = nbformat.read(pages / unit.released_notebook.relative_to(ROOT), as_version=4)
        assert [cell.source for cell in page.cells] == [cell.source for cell in released.cells]


def test_every_picture_says_in_words_what_it_shows(html: Path) -> None:
    for page in html.glob("release/*/*.html"):
        said = re.findall(r'<img alt="([^"]*)" src="data:', page.read_text(encoding="utf-8"))
        assert len(said) > 10 and {unescape(text) for text in said} == {FINDING}, page.name
    for page in html.rglob("*.html"):
        for picture in re.findall(r"<img[^>]*>", page.read_text(encoding="utf-8")):
            assert 'alt="' in picture, f"{page.name}: {picture[:200]}"


def test_nothing_comes_from_the_internet(html: Path) -> None:
    for page in html.rglob("*.html"):
        assert not LOADED.findall(page.read_text(encoding="utf-8")), page.name


def test_every_unit_and_page_is_found_by_a_search(html: Path) -> None:
    index = (html / "searchindex.js").read_text(encoding="utf-8")
    for unit in find_units(ROOT):
        assert f'"release/{unit.name}/{unit.slug}"' in index
    assert '"docs/any-course"' in index


def test_a_run_is_made_once(tmp_path: Path, mini: Unit) -> None:
    mini.notebook.write_text(
        nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")]))
    )
    first = book.reference_run(mini, tmp_path / "runs")
    (kept,) = (tmp_path / "runs").iterdir()
    assert first.cells[0].outputs[0].data["text/plain"] == "1"
    before = kept.stat().st_mtime_ns
    assert book.reference_run(mini, tmp_path / "runs") == first
    assert kept.stat().st_mtime_ns == before
