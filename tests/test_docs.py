"""Do the documents name files, functions and pages that exist?"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "grader" / "README.md"])


def definitions(path: Path) -> set[str]:
    """Functions and classes of a module, and methods as ``Class.method``."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            methods = (each for each in node.body if isinstance(each, ast.FunctionDef))
            found |= {f"{node.name}.{method.name}" for method in methods}
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", text):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"
    for name, function in re.findall(r"`([\w/]+\.py):([\w.]+)`", text):
        places = [path for path in (page.parent / name, ROOT / name) if path.is_file()]
        assert places, f"{page.name} names {name}"
        assert function in definitions(places[0]), f"{page.name} names {name}:{function}"
    rooms = "grader|authoring|course|course_utils|solutions|tests|benchmarks|docs|source|release"
    for name in re.findall(rf"`((?:{rooms})/[\w./-]*)`", text):
        # NN-unit and UNIT stand for any unit.
        assert re.search("NN-unit|UNIT", name) or (ROOT / name).exists(), f"{page.name} names {name}"


def test_pictures_of_pages_say_what_they_show_and_are_small() -> None:
    for page in PAGES:
        for words, target in re.findall(r"!\[([^\]]*)\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
            assert len(words) >= 40 and words != target, f"{page.name}: what does {target} show?"
            assert (page.parent / target).stat().st_size < 150_000, f"{target}: fewer colours or pixels"
