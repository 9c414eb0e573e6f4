"""How can nbgrader work on one submission far from the course? In a folder made for it and thrown away.

nbgrader's converters need a course folder and a gradebook. A worker has neither, so it makes both from plain
data, lets nbgrader work there, and reads the results.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from nbgrader.api import Base, Gradebook, MissingEntry
from nbgrader.apps import NbGraderAPI
from sqlalchemy import Connection, Engine, create_engine, event, select
from traitlets.config import Config

from grader import nbgrader_patches
from grader.course_folder import sqlite_url
from grader.files import write_files
from grader.gradebook.ledger import add_missing_rows
from grader.leftovers import new_place, remove_leftovers
from grader.task import Rows, Task

nbgrader_patches.apply()

TABLES = Base.metadata.tables
# Each table of a unit (of a submission) with the column by which its rows hang on the rows of another table.
_OF_UNIT = [
    ("notebook", "assignment_id", "assignment"),
    ("base_cell", "notebook_id", "notebook"),
    ("grade_cells", "id", "base_cell"),
    ("solution_cells", "id", "base_cell"),
    ("task_cells", "id", "base_cell"),
    ("source_cell", "notebook_id", "notebook"),
]
_OF_SUBMISSION = [
    ("submitted_notebook", "assignment_id", "submitted_assignment"),
    ("grade", "notebook_id", "submitted_notebook"),
    ("comment", "notebook_id", "submitted_notebook"),
]


def unit_gradebook(gradebook: Gradebook, unit: str, order: Sequence[str]) -> bytes:
    """A SQLite gradebook, as bytes, that holds one unit of a gradebook and no student.

    Parameters
    ----------
    gradebook : Gradebook
        It may be another kind of database.
    unit : str
        Name of a unit in it.
    order : sequence of str
        Names of the unit's cells in their order. nbgrader relies on it, and a database need not keep it.
    """
    with gradebook.engine.connect() as connection:
        rows = _rows(connection, "assignment", "name", [unit])
        course = rows["assignment"][0]["course_id"]
        rows = _rows(connection, "course", "id", [course]) | _with_children(connection, rows, _OF_UNIT)
    position = {name: number for number, name in enumerate(order)}
    rows["source_cell"].sort(key=lambda row: position.get(row["name"], len(position)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gradebook.db"
        engine = create_engine(sqlite_url(path))
        Base.metadata.create_all(engine)
        _insert(engine, rows)
        engine.dispose()
        return path.read_bytes()


def submission_rows(gradebook: Gradebook, unit: str, student: str) -> Rows:
    """What a gradebook knows of a student's submission; of the student it is only the id."""
    try:
        submission = gradebook.find_submission(unit, student).id
    except MissingEntry:
        return {}
    with gradebook.engine.connect() as connection:
        rows = _rows(connection, "submitted_assignment", "id", [submission])
        return {"student": [{"id": student}]} | _with_children(connection, rows, _OF_SUBMISSION)


def _with_children(connection: Connection, rows: Rows, tables: list[tuple[str, str, str]]) -> Rows:
    for table, column, parent in tables:
        rows |= _rows(connection, table, column, [row["id"] for row in rows[parent]])
    return rows


def _rows(connection: Connection, table: str, column: str, values: list[str]) -> Rows:
    chosen = select(TABLES[table]).where(TABLES[table].c[column].in_(values))
    return {table: [dict(row) for row in connection.execute(chosen).mappings()]}


def _insert(engine, rows: Rows) -> None:
    with engine.begin() as connection:
        for table, entries in rows.items():
            if entries:
                connection.execute(TABLES[table].insert(), entries)


@contextmanager
def scratch_course(task: Task) -> Iterator[NbGraderAPI]:
    """A course folder with one submission and a gradebook that knows what the task says of it.

    Yields
    ------
    NbGraderAPI
        nbgrader's interface to the folder, with the course's configuration.
    """
    with _empty_folder() as root:
        unit, database = task.official.unit, root / "gradebook.db"
        database.write_bytes(task.official.gradebook)
        engine = scratch_engine(database)
        # A connection that something left open would lead to the database of the submission before.
        engine.dispose()
        if task.known:
            _insert(engine, task.known)
            with Gradebook(sqlite_url(database)) as gradebook:
                add_missing_rows(gradebook, gradebook.find_submission(unit, task.student))
        places = {
            "root": str(root),
            "db_url": sqlite_url(database),
            "submitted_directory": "submitted",
            "autograded_directory": "autograded",
            "feedback_directory": "feedback",
            "source_directory": "source",
            "release_directory": "release",
        }
        config = Config(task.official.config)
        # A notebook is validated when all of a converter's steps are done, not after each of them.
        config.merge(Config({"CourseDirectory": places, "Exporter": {"optimistic_validation": True}}))
        write_files(root / "submitted" / task.student / unit, task.files)
        write_files(root / "source" / unit, task.official.files)
        write_files(root / "release" / unit, task.official.released)
        if task.graded is not None:
            graded = {f"{name}.ipynb": data for name, data in task.graded.items()}
            write_files(root / "autograded" / task.student / unit, graded)
        yield NbGraderAPI(config=config)


@cache
def scratch_engine(path: Path) -> Engine:
    """The engine of a SQLite file that is thrown away: nobody waits until a disk has it."""
    url = sqlite_url(path)
    engine = nbgrader_patches.engine_of(url)
    # Each task brings a gradebook that was whole when it was made.
    nbgrader_patches.keep_open(url)

    @event.listens_for(engine, "connect")
    def leave_it_to_the_system(connection, _) -> None:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA journal_mode = MEMORY")

    return engine


@contextmanager
def _empty_folder() -> Iterator[Path]:
    """A folder at the same place each time in a process: the engine of its database is used again."""
    root = _place_of(os.getpid())
    root.mkdir(mode=0o700)
    try:
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)


@cache
def _place_of(process: int) -> Path:
    remove_leftovers("grading")
    return new_place("grading")
