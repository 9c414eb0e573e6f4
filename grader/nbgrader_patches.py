"""What does the grader change in nbgrader, and why? All of it is here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from types import SimpleNamespace

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import scoped_session, sessionmaker

from grader.times import read_time


def apply() -> None:
    """Let nbgrader read times exactly, know a new gradebook's version, and look up once what stays."""
    import nbgrader.api  # here, as it takes seconds

    nbgrader.api.create_engine = _engine_for_nbgrader
    nbgrader.api.get_alembic_version = newest_gradebook_version
    _spare_looks_for_tables()
    _spare_looks_at_schemas()
    read_times_exactly()


def read_times_exactly() -> None:
    """Let nbgrader refuse a due date, or a time of submission, that it would half understand."""
    import nbgrader.apps.api
    import nbgrader.coursedir
    import nbgrader.utils

    for module in (nbgrader.utils, nbgrader.coursedir, nbgrader.apps.api):
        module.parse_utc = _parse_utc


def _parse_utc(ts: datetime | str | None) -> datetime | None:
    """In the place of nbgrader's function of this name."""
    if isinstance(ts, datetime):
        return ts.astimezone(UTC).replace(tzinfo=None) if ts.tzinfo else ts
    return None if ts is None else read_time(ts)


# Databases that are known to have all tables and the course. nbgrader would look for them each time it opens
# one, some fifteen times a submission.
_whole: set[str] = set()
# Those of them whose connection is used again.
_kept_open: set[str] = set()


@contextmanager
def known_whole(db_url: str) -> Iterator[None]:
    """Let nbgrader not look for the tables of a database, which has been opened already."""
    _whole.add(db_url)
    try:
        yield
    finally:
        _whole.discard(db_url)


def keep_open(db_url: str) -> None:
    """Let nbgrader neither look for the tables of a database nor close its connection."""
    _whole.add(db_url)
    _kept_open.add(db_url)


@cache
def engine_of(db_url: str) -> Engine:
    """The engine of a database in this process.

    nbgrader opens the gradebook some twenty times a submission, with a new engine each time, which compiles
    every query anew. An engine that is kept knows them; its connections are closed as before.
    """
    return create_engine(db_url)


@cache  # once: the second time it would wrap itself
def _spare_looks_for_tables() -> None:
    from nbgrader.api import Gradebook

    open_any = Gradebook.__init__

    def open_whole(
        self: Gradebook, db_url: str, course_id: str = "default_course", authenticator: object = None
    ) -> None:
        if db_url not in _whole:
            open_any(self, db_url, course_id, authenticator)
            return
        self.engine, self.course_id, self.authenticator = engine_of(db_url), course_id, authenticator
        self.db = scoped_session(sessionmaker(bind=self.engine))
        if db_url in _kept_open:
            self.close = self.db.remove

    Gradebook.__init__ = open_whole


def _spare_looks_at_schemas() -> None:
    """Let nbgrader validate a cell's metadata without validating its own schema each time."""
    import nbgrader.nbgraderformat.common as common
    from jsonschema.exceptions import best_match
    from jsonschema.validators import validator_for

    def validate(metadata: dict, schema: dict) -> None:
        if error := best_match(validator_for(schema)(schema).iter_errors(metadata)):
            raise error

    common.jsonschema = SimpleNamespace(validate=validate)


def _engine_for_nbgrader(db_url: str, **_: object) -> Engine:
    """Called by nbgrader, with options that are SQLAlchemy's own."""
    return engine_of(db_url)


def newest_gradebook_version() -> str | None:
    """The version that a new gradebook is marked with.

    For the same answer nbgrader starts ``alembic heads``: that takes two seconds for every new gradebook, and
    fails where the environment's scripts are not on the path.
    """
    # Here, as few gradebooks are new.
    from alembic.script import ScriptDirectory
    from nbgrader.dbutil import ALEMBIC_DIR

    return ScriptDirectory(ALEMBIC_DIR).get_current_head()
