"""Is the book whole: no solution in it, no dead link, words for every picture, nothing from the internet?"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_output

from authoring import book
from authoring.lesson import Unit, find_units
from tests.conftest import ROOT

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
# What a page loads by itself when it is opened; links that a reader may follow are no matter.
LOADED = re.compile(r"<(?:script|img|link|iframe)[^>]+(?:src|href)=\"(https?://[^\"]+)")


def drawn(unit: Unit, _: Path) -> NotebookNode:
    """In the place of a run, which takes minutes: every code cell that prose follows puts out a picture."""
    nb = nbformat.read(unit.notebook, as_version=4)
    last = max(number for number, cell in enumerate(nb.cells) if cell.cell_type == "markdown")
    for cell in nb.cells[:last]:
        if cell.cell_type == "code":
            cell.outputs = [new_output("display_data", {"image/png": PIXEL, "text/plain": "<Figure>"})]
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
        pictures = re.findall(r"<img[^>]*>", page.read_text(encoding="utf-8"))
        said = [re.search(r'alt="([^"]*)"', picture) for picture in pictures]
        assert len(pictures) > 10, page.name
        for picture, text in zip(pictures, said, strict=True):
            assert text and len(text[1]) > 20, picture


def test_a_long_finding_ends_at_a_word() -> None:
    cells = [NotebookNode(cell_type="markdown", source="**You** should see `X`: " + 80 * "words ")]
    assert re.fullmatch(r"You should see X: (words )+…", book._finding(cells))
    assert book._finding([]) == ""


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
