"""A gradebook in PostgreSQL: a real server, which these tests start, and the same results as in a file."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from benchmarks.servers import postgresql_server
from grader.course_api import nbgrader_api
from grader.course_folder import CONFIG_FILE, CourseError
from grader.gradebook.marks import read_marks, write_marks
from grader.gradebook.results import Status
from grader.run.grade import grade
from grader.run.pool import Pool
from grader.task import Mark
from tests.grader.run.conftest import NOTEBOOK, UNIT, Course, cell, solve
from tests.needs import DATABASE, postgresql

PASSWORD = "not-for-the-log"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of an empty database."""
    DATABASE.require()
    with postgresql_server(postgresql(), PASSWORD) as url:
        yield url


def test_a_gradebook_on_a_server(released: Path, pool: Pool, server: str, tmp_path: Path) -> None:
    shutil.copytree(released, tmp_path, dirs_exist_ok=True)
    (tmp_path / "gradebook.db").unlink()
    with (tmp_path / CONFIG_FILE).open("a") as config:
        config.write(f"\nc.CourseDirectory.db_url = {server!r}\n")
    assert nbgrader_api(tmp_path).generate_assignment(UNIT, force=True)["success"]
    course = Course(tmp_path, pool)
    course.submit("ann", solve)
    course.submit(
        "ben", lambda nb: (solve(nb, "return abs(2 * x)"), nb.cells.remove(cell(nb, "test_double")))
    )
    results = course.grade()
    assert {name: result.total for name, result in results.items()} == {"ann": 8, "ben": 5}
    with Gradebook(server) as gradebook:
        assert gradebook.find_submission(UNIT, "ben").score == 5
        grade_ = gradebook.find_grade("test_credit", NOTEBOOK, UNIT, "ann")
        grade_.manual_score = 1.0
        gradebook.db.commit()
    results = course.grade()
    assert {name: (result.status, result.total) for name, result in results.items()} == {
        "ann": (Status.KEPT, 6),
        "ben": (Status.KEPT, 5),
    }
    assert not (tmp_path / "gradebook.db").exists()
    marks = [Mark(NOTEBOOK, "why", "0" * 64, 1.5, "Ja, größer als 0."), Mark(NOTEBOOK, "why", "1" * 64, None)]
    for wanted in (marks, marks[:1], []):
        with Gradebook(server) as gradebook:
            write_marks(gradebook, UNIT, "ann", wanted)
            gradebook.db.commit()
        with Gradebook(server) as gradebook:
            assert read_marks(gradebook, UNIT, "ann") == wanted


def test_a_server_that_is_not_there_keeps_its_password(released: Path, tmp_path: Path) -> None:
    shutil.copytree(released, tmp_path, dirs_exist_ok=True)
    url = f"postgresql+psycopg://grader:{PASSWORD}@127.0.0.1:9/postgres"
    with (tmp_path / CONFIG_FILE).open("a") as config:
        config.write(f"\nc.CourseDirectory.db_url = {url!r}\n")
    with pytest.raises(CourseError, match="cannot be opened") as error:
        grade(tmp_path, [UNIT])
    assert PASSWORD not in str(error.value)
