"""A sandbox with a driver that runs what tests send it; what they send bounds itself, too."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.sandbox import BubblewrapSandbox, JobLimits, Room, Sandbox, UnisolatedSandbox
from grader.sandbox.inside.job_limits import GIB, MIB
from tests.needs import SANDBOX

ROOT = Path(__file__).resolve().parents[3]
DRIVERS = {
    "driver": "python_driver",
    "extra_paths": [Path(__file__).parent / "drivers", ROOT / "course_utils", ROOT / "data"],
}
# A secret of the grader's, which must not be found anywhere inside.
SECRET = "the-grader-knows-this-alone"

LIMITS = JobLimits(
    memory_bytes=3 * GIB,
    job_memory_bytes=1 * GIB,
    cpu_seconds=60,
    processes=32,
    file_bytes=8 * MIB,
    scratch_bytes=16 * MIB,
    wall_seconds=120,
)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """A bubblewrap sandbox that all tests share, as all submissions of a worker do."""
    SANDBOX.require()
    os.environ["MF_TEST_SECRET"] = SECRET
    try:
        with BubblewrapSandbox(ROOT, LIMITS, **DRIVERS) as sandbox:
            yield sandbox
    finally:
        del os.environ["MF_TEST_SECRET"]


@pytest.fixture
def cold_sandbox(sandbox: Sandbox) -> Iterator[Sandbox]:
    """One whose server imports nothing, for tests that may break it."""
    with BubblewrapSandbox(ROOT, LIMITS, warm=False, **DRIVERS) as sandbox:
        yield sandbox


@pytest.fixture
def plain() -> Iterator[Sandbox]:
    """What ``--no-sandbox`` uses."""
    with UnisolatedSandbox(ROOT, LIMITS, **DRIVERS) as sandbox:
        yield sandbox


@pytest.fixture
def room(sandbox: Sandbox) -> Iterator[Room]:
    """A job with one file."""
    with sandbox.open({"given.txt": b"a file of the submission"}) as room:
        yield room
