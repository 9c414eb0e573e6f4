"""What does the bundle for people without an instructor hold besides? Hidden checks, and solutions.

They lie together in one folder beside the visible checks, where :mod:`course_utils.notebook.self_study` finds
them, and nobody who works through the notebooks meets them.
"""

from __future__ import annotations

import ast
import json
import re
from pathlib import PurePosixPath

from authoring.checks import hidden_checks, path_of
from authoring.expand import exercises_of
from authoring.include import ModuleSource
from authoring.lesson import Cell, LessonError, Unit, read_lesson
from authoring.outline import outline
from course_utils.checks.exercises import Exercise
from grader.markers import BEGIN_SOLUTION, END_SOLUTION

FOLDER = PurePosixPath("course_utils", "checks", "self_study")
INIT = '"""The hidden checks and the solutions, for people who learn without an instructor."""\n'
MARKERS = (BEGIN_SOLUTION, END_SOLUTION)
_SECTION = re.compile(r"^## (\d+\.\d+).*\n", re.MULTILINE)
_FOR_THE_MARKER = re.compile(r"\n\*Grading:\*.*", re.DOTALL)


def kept_files(units: list[Unit]) -> dict[str, str]:
    """The texts of the files that are added to the bundle, by their names there.

    Raises
    ------
    LessonError
        If an exercise has no explanation in ``solutions/<unit>.md``.
    """
    files = {"__init__.py": INIT}
    files |= {
        f"{unit.module}.py": path_of(unit, hidden_checks(unit)).read_text(encoding="utf-8") for unit in units
    }
    entries = {unit.name: _entries(unit) for unit in units}
    files["solutions.json"] = json.dumps(entries, indent=1, ensure_ascii=False) + "\n"
    return {str(FOLDER / name): text for name, text in files.items()}


def _entries(unit: Unit) -> dict[str, dict]:
    cells = {cell.title: cell for cell in read_lesson(unit.lesson)}
    return {each.cells[0]: _entry(unit, each, cells) for each in outline(unit)}


def _entry(unit: Unit, exercise: Exercise, cells: dict[str, Cell]) -> dict:
    """What is kept of an exercise or of a question."""
    if exercise.written:
        answer = _FOR_THE_MARKER.sub("", cells[exercise.cells[0]].source)
        return {"solution": answer.strip(), "why": "", "checks": []}
    module = ModuleSource(path_of(unit, f"solutions.{unit.module}"))
    named = [name for title in exercise.cells for name in exercises_of(unit, cells[title])]
    checks = [name for name in named if name not in exercise.checks]
    source = "\n\n\n".join(without_docstrings(module.function(name)) for name in exercise.functions)
    return {"solution": source, "why": _explanation(unit, exercise), "checks": checks}


def _explanation(unit: Unit, exercise: Exercise) -> str:
    path = path_of(unit, f"solutions.{unit.module}").with_suffix(".md")
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    found = _SECTION.split(text)[1:]
    sections = dict(zip(found[::2], found[1::2], strict=True))
    if not sections.get(exercise.number, "").strip():
        raise LessonError(f"{path}: there is no section '## {exercise.name}' that explains the solution")
    return sections[exercise.number].strip()


def without_docstrings(source: str) -> str:
    """Source of a function or a class without what the student has already: docstrings, and the markers."""
    lines, left_out = source.split("\n"), set[int]()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            first, last = node.body[0].lineno, node.body[0].end_lineno or 0
            last += lines[last : last + 1] == [""]  # a blank line behind it goes with it
            left_out |= set(range(first, last + 1))
    left_out |= {number for number, line in enumerate(lines, 1) if line.strip() in MARKERS}
    return "\n".join(line for number, line in enumerate(lines, 1) if number not in left_out)
