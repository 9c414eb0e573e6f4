"""Made-up downloads, as learning platforms and people make them, for a course of two small units."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from nbformat.v4 import new_code_cell, new_notebook

from grader.intake.catalogue import Catalogue, HandedOut, HandedOutCell
from grader.intake.collect import plan
from grader.intake.hand_ins import HandIn, Plan
from grader.intake.passed_over import left_out
from grader.intake.source import Source
from grader.people import ClassList, Person

ALS, SGD = "02-als", "03-sgd"
NOTEBOOKS = {ALS: "als", SGD: "sgd"}
STUB = "def {}():\n    raise NotImplementedError"


def _unit(unit: str, name: str) -> HandedOut:
    cells = (
        HandedOutCell(f"solve_{name}", "code", STUB.format(name), is_answer=True),
        HandedOutCell(f"test_{name}", "code", f"assert {name}() == 1"),
    )
    return HandedOut(unit, name, cells)


CATALOGUE = Catalogue({unit: {name: _unit(unit, name)} for unit, name in NOTEBOOKS.items()})

PEOPLE = ClassList(
    [
        Person("Anna", "Anna", "Müller", "anna.mueller@x.org", "101"),
        Person("bob-1", "Bob", "O'Neil", "bob@x.org", "102"),
        Person("mm1", "Max", "Mayer", "max1@x.org", "103"),
        Person("mm2", "Max", "Mayer", "max2@x.org", "104"),
        Person("lee", "Jin Ho", "Lee-Smith", "j.lee@x.org", "0105"),
        Person("zoe", "Zoë", "Ångström", "zoe@x.org", "106"),
    ]
)


def notebook(answer: str = "1", unit: str = ALS) -> bytes:
    """A unit's notebook with an answer; with an empty one it is as it was handed out."""
    name = NOTEBOOKS[unit]
    source = f"def {name}():\n    return {answer}" if answer else STUB.format(name)
    cells = []
    for grade_id, text in ((f"solve_{name}", source), (f"test_{name}", f"assert {name}() == 1")):
        cells.append(new_code_cell(text, id=grade_id, metadata={"nbgrader": {"grade_id": grade_id}}))
    return json.dumps(new_notebook(cells=cells)).encode()


def zipped(files: Mapping[str, bytes], times: Mapping[str, datetime] | None = None) -> bytes:
    """A zip archive, whose files have the times that are given and else none."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            when = (times or {}).get(name, datetime(1980, 1, 1))
            info = zipfile.ZipInfo(name, when.timetuple()[:6])
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def write(folder: Path, files: Mapping[str, bytes]) -> Path:
    """The files in a folder."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def look(path: Path, *units: str) -> Plan:
    """What is decided about a download."""
    with Source(path) as source:
        return plan(source, PEOPLE, CATALOGUE, units or tuple(NOTEBOOKS), left_out(["*.pyc", "*.secret"]))


def taken(made: Plan) -> dict[tuple[str, str], HandIn]:
    """What is collected, by student and unit."""
    return {(each.student, each.unit): each for each in made.hand_ins}


def notebooks(made: Plan) -> dict[str, str]:
    """Whose notebook is taken, by the path in the source."""
    return {
        "/".join(row.entry.parts): each.student for each in made.hand_ins for row in each.rows if row.digest
    }
