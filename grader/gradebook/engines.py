"""One engine for each database, however often nbgrader opens it.

nbgrader opens the gradebook some twenty times a submission, with a new engine each time, which compiles every
query anew. An engine that is kept knows them; its connections are closed as before.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import nbgrader.api
from sqlalchemy import Engine, create_engine, event

from grader.course_folder import sqlite_url


@cache
def engine_of(db_url: str) -> Engine:
    """The engine of a database in this process."""
    return create_engine(db_url)


@cache
def scratch_engine(path: Path) -> Engine:
    """The engine of a SQLite file that is thrown away: nobody waits until a disk has it."""
    engine = engine_of(sqlite_url(path))

    @event.listens_for(engine, "connect")
    def leave_it_to_the_system(connection, _) -> None:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA journal_mode = MEMORY")

    return engine


def _create_engine(db_url: str, **_: object) -> Engine:
    """Called by nbgrader, with options that are SQLAlchemy's own."""
    return engine_of(db_url)


nbgrader.api.create_engine = _create_engine
