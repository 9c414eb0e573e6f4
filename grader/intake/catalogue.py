"""Which notebooks were handed out, with which cells, and which of them is a cell that was handed in?

A cell is known by the id that nbgrader put into its metadata. Some editors and converters drop that: then an
id elsewhere in the cell, the text that was handed out, or the place between cells that are known says which
one it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook, Notebook
from nbgrader.coursedir import CourseDirectory

from grader.cells import grade_id, official_metadata, plain_source
from grader.intake.notebook import Cell
from grader.markers import BEGIN_HIDDEN, END_HIDDEN

_HIDDEN = re.compile(rf"^[^\n]*{BEGIN_HIDDEN}.*?{END_HIDDEN}[^\n]*\n?", re.MULTILINE | re.DOTALL)
_DEFINED = re.compile(r"^(?:async +)?(?:def|class) +(\w+)|^(\w+) *=(?!=)", re.MULTILINE)


@dataclass(frozen=True)
class HandedOutCell:
    """A cell as it was handed out; ``name`` is its grade id, empty for one that nbgrader does not know."""

    name: str
    kind: str
    source: str
    is_answer: bool = False


@dataclass(frozen=True)
class HandedOut:
    """A notebook of a unit as it was handed out."""

    unit: str
    name: str
    cells: tuple[HandedOutCell, ...]

    def identify(self, cells: Sequence[Cell]) -> dict[int, str]:
        """Which of the cells, by their number, are cells of this notebook, by grade id.

        Several may claim the same one, as copies do.
        """
        known = {cell.name: cell for cell in self.cells if cell.name}
        found = {n: name for n, cell in enumerate(cells) if (name := claimed_id(cell)) in known}
        for ids in (_own_id, _other_ids):
            missing = known.keys() - set(found.values())
            for number, cell in enumerate(cells):
                if number not in found and (name := next((i for i in ids(cell) if i in missing), None)):
                    found[number] = name
                    missing.discard(name)
        return found | self._by_text(cells, found)

    def _by_text(self, cells: Sequence[Cell], found: dict[int, str]) -> dict[int, str]:
        """Cells whose text is that of one missing cell alone."""
        missing = {cell.name: plain_source(cell.source) for cell in self.cells if cell.name}
        missing = {name: text for name, text in missing.items() if name not in found.values() and text}
        once = {text: name for name, text in missing.items()}
        wanted, there = Counter(missing.values()), Counter[str]()
        places = {}
        for number, cell in enumerate(cells):
            if number not in found:
                text = plain_source(cell["source"])
                there[text] += 1
                places[text] = number
        return {places[text]: name for text, name in once.items() if wanted[text] == there[text] == 1}

    def identify_answers(self, cells: Sequence[Cell], found: dict[int, str]) -> dict[int, str]:
        """As `identify`, and the answers that lost every id, by what they define or where they stand.

        Parameters
        ----------
        cells : sequence of dict
            All cells that were handed in.
        found : dict
            What `identify` says of them.
        """
        found = dict(found)
        for position, answer in enumerate(self.cells):
            if not answer.is_answer or answer.name in found.values():
                continue
            wanted = _defined(answer.source)
            free = [n for n, cell in enumerate(cells) if n not in found and self._may_be_answer(cell)]
            named = [n for n in free if wanted and wanted & _defined(cells[n]["source"])]
            first, last = self._between(position, cells, found)
            here = [n for n in free if first < n < last and cells[n]["cell_type"] == answer.kind]
            if len(named) == 1 or len(here) == 1:
                found[(named if len(named) == 1 else here)[0]] = answer.name
        return found

    def _between(self, position: int, cells: Sequence[Cell], found: dict[int, str]) -> tuple[int, int]:
        """The numbers of the cells handed in that stand for the neighbours of a cell handed out."""
        places = {name: n for n, name in found.items()}
        texts = {plain_source(cell["source"]): n for n, cell in enumerate(cells)}

        def place(cell: HandedOutCell) -> int | None:
            return places.get(cell.name) if cell.name else texts.get(plain_source(cell.source))

        before = (place(cell) for cell in reversed(self.cells[:position]))
        after = (place(cell) for cell in self.cells[position + 1 :])
        return (
            next((n for n in before if n is not None), -1),
            next((n for n in after if n is not None), len(cells)),
        )

    def _may_be_answer(self, cell: Cell) -> bool:
        text = plain_source(cell["source"])
        return bool(text) and text not in self._given_texts

    def _is_given(self, cell: Cell) -> bool:
        text = plain_source(cell["source"])
        return not text or text in self._texts

    @cached_property
    def _given_texts(self) -> frozenset[str]:
        return frozenset(plain_source(cell.source) for cell in self.cells if not cell.name)

    @cached_property
    def _texts(self) -> frozenset[str]:
        return frozenset(plain_source(cell.source) for cell in self.cells)

    def answers(self, cells: Sequence[Cell], found: dict[int, str]) -> tuple[str, ...]:
        """What was written that was not handed out; a notebook without any is untouched."""
        locked = {cell.name for cell in self.cells if cell.name and not cell.is_answer}
        return tuple(
            plain_source(cell["source"])
            for n, cell in enumerate(cells)
            if found.get(n) not in locked and not self._is_given(cell)
        )


@dataclass(frozen=True)
class Catalogue:
    """The released units: the notebooks of each, by unit and name."""

    units: dict[str, dict[str, HandedOut]]

    def owner(self, cells: Sequence[Cell], file: str = "") -> HandedOut | None:
        """The notebook that shares most cells with those handed in; None if none shares any.

        Parameters
        ----------
        cells : sequence of dict
            The cells that were handed in.
        file : str
            The file's name, which decides between notebooks that share as many.
        """
        best, most = None, (0, False)
        for notebook in self:
            score = len(set(notebook.identify(cells).values())), notebook.name.lower() in file.lower()
            if score[0] and score > most:
                best, most = notebook, score
        return best

    def __iter__(self) -> Iterator[HandedOut]:
        for notebooks in self.units.values():
            yield from notebooks.values()


def read_catalogue(gradebook: Gradebook, coursedir: CourseDirectory) -> Catalogue:
    """The units that were released, as the gradebook knows them."""
    return Catalogue(
        {
            unit.name: {
                notebook.name: _handed_out(unit.name, notebook, coursedir) for notebook in unit.notebooks
            }
            for unit in gradebook.assignments
        }
    )


def _handed_out(unit: str, notebook: Notebook, coursedir: CourseDirectory) -> HandedOut:
    entries = official_metadata(notebook)
    released = _cells_of(coursedir, coursedir.release_directory, unit, notebook.name)
    # The gradebook's text of a test cell has the hidden checks in it, which nobody was handed.
    texts = {cell.name: _HIDDEN.sub("", cell.source or "") for cell in notebook.source_cells}
    texts |= {name: cell.source for cell in released if (name := grade_id(cell)) in texts}
    graded = {
        cell.name: HandedOutCell(
            cell.name, cell.cell_type, texts[cell.name], entries[cell.name]["solution"] and not cell.locked
        )
        for cell in notebook.source_cells
    }
    cells = []
    # The gradebook knows neither the given cells nor, in every database, the order.
    for cell in _cells_of(coursedir, coursedir.source_directory, unit, notebook.name):
        name = grade_id(cell)
        if name in graded:
            cells.append(graded.pop(name))
        elif name is None:
            cells.append(HandedOutCell("", cell.cell_type, cell.source))
    older = [HandedOutCell("", cell.cell_type, cell.source) for cell in released if grade_id(cell) is None]
    return HandedOut(
        unit, notebook.name, (*cells, *graded.values(), *(each for each in older if each not in cells))
    )


def _cells_of(coursedir: CourseDirectory, step: str, unit: str, notebook: str) -> list[NotebookNode]:
    path = Path(coursedir.format_path(step, ".", unit)) / f"{notebook}.ipynb"
    return nbformat.read(path, as_version=4).cells if path.is_file() else []


def claimed_id(cell: Cell) -> str | None:
    """The grade id in a cell's metadata, if it claims one."""
    entry = cell["metadata"].get("nbgrader")
    name = entry.get("grade_id") if isinstance(entry, dict) else None
    return name if isinstance(name, str) else None


def _own_id(cell: Cell) -> Iterator[str]:
    yield cell["id"]


def _other_ids(cell: Cell, depth: int = 3) -> Iterator[str]:
    """Ids that a converter keeps in the metadata, as Colab and Deepnote do."""

    def visit(entry: dict, depth: int) -> Iterator[str]:
        for key, value in entry.items():
            if isinstance(value, str) and key.lower().endswith("id"):
                yield value
            elif isinstance(value, dict) and depth:
                yield from visit(value, depth - 1)

    return visit(cell["metadata"], depth)


def _defined(source: str) -> set[str]:
    """Names that code defines at its top level, by its look: what was handed in is not parsed here."""
    return {name for pair in _DEFINED.findall(source) for name in pair if name}
