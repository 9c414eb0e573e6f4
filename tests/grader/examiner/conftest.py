"""Students' processes for the examiner's tests: one for many functions, fresh ones for those that break."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from grader.examiner.allowance import Allowance
from grader.examiner.limits import ExaminerLimits
from grader.examiner.proxy import Remote, named
from grader.examiner.session import Session
from grader.examiner.transport import StudentRoom
from tests.grader.examiner.plain_room import ForkedRoom, PlainRoom

PATIENCE = 600  # seconds, for a machine under load


class Student:
    """A student's process and the examiner's conversation with it."""

    def __init__(self, room: StudentRoom, limits: ExaminerLimits) -> None:
        self.room = room
        self.session = Session(room, limits)
        self._count = 0

    def run(self, source: str) -> list[dict[str, Any]]:
        """Run a cell; its outputs."""
        self._count += 1
        self.session.begin_cell(Allowance(PATIENCE, self.room.time_used))
        return self.session.run_cell(source, self._count)

    def __getitem__(self, name: str) -> Remote:
        """What stands for a function of the student's."""
        return named(self.session, name)

    def defines(self, source: str, name: str) -> Remote:
        """Run a cell that must succeed, and return what stands for ``name``."""
        errors = [output for output in self.run(source) if output["output_type"] == "error"]
        assert not errors, errors[0]["evalue"]
        return self[name]


@pytest.fixture(scope="session")
def shared_student() -> Iterator[Student]:
    with PlainRoom() as room:
        # Its first cell waits for its imports.
        yield Student(room, ExaminerLimits(call=PATIENCE, cell=PATIENCE))


@pytest.fixture
def student(shared_student: Student) -> Student:
    """A process that other tests use, too: for code that leaves it in order."""
    assert not shared_student.session.log.ended
    return shared_student


@pytest.fixture
def fresh_student() -> Iterator[Callable[..., Student]]:
    """Makes a process for one test, with limits of its own."""
    rooms: list[ForkedRoom] = []

    def make(**limits: float) -> Student:
        rooms.append(ForkedRoom())
        return Student(rooms[-1], ExaminerLimits(**limits))

    yield make
    for room in rooms:
        room.__exit__()
