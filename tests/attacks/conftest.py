"""One sandbox for all attacks, a course folder that they are after, and what they may have left behind."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import nbformat
import psutil
import pytest

import course_utils  # noqa: F401  # it writes to the environment: that must not look like an attack's doing
from grader.examiner.examine import Examined, examine
from grader.examiner.limits import ExaminerLimits
from grader.sandbox import BubblewrapSandbox, JobLimits
from grader.sandbox.inside.job_limits import GIB, MIB
from grader.steps.save_scores import judge
from tests.attacks.corpus import HONEST, Attack
from tests.attacks.snooping import PLACES
from tests.attacks.unit import FULL, MARKER, attacked, honest, official
from tests.conftest import ROOT
from tests.grader.sandbox.talk import eventually
from tests.needs import SANDBOX

LIMITS = JobLimits(
    memory_bytes=3 * GIB,
    job_memory_bytes=1 * GIB,
    cpu_seconds=30,
    processes=32,
    file_bytes=8 * MIB,
    scratch_bytes=16 * MIB,
    wall_seconds=120,
)
# For attacks that take as long as they are let; the longer ones for a machine under load.
SHORT = tuple(ExaminerLimits(call=n / 2, cell=n, total=4 * n, grace=n / 2) for n in (1, 4, 16))


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like a course's, with hidden checks in it and a gradebook."""
    root = tmp_path_factory.mktemp("target")
    for folder in ("source", "solutions", "submitted/ann"):
        (root / folder).mkdir(parents=True)
    nbformat.write(official(), root / "source" / "unit.ipynb")
    (root / "source" / "checks.txt").write_text(f"{MARKER} = np.random.default_rng(5)")
    (root / "solutions" / "unit.py").write_text(f"# {MARKER}\n")
    (root / "submitted" / "ann" / "unit.ipynb").write_text(f"# {MARKER}\n")
    (root / "gradebook.db").write_text(f"{MARKER}\n")
    return root


@pytest.fixture(scope="session")
def sandbox(target: Path) -> Iterator[BubblewrapSandbox]:
    """A sandbox like a worker's, in which one submission is graded after the other."""
    SANDBOX.require()
    with pytest.MonkeyPatch.context() as patch:
        # As a grader's environment may hold what is secret when it starts the sandbox's server.
        patch.setenv("MF_TEST_SECRET", MARKER)
        with BubblewrapSandbox(target, LIMITS, extra_paths=[ROOT / "course_utils"]) as sandbox:
            patch.undo()
            yield sandbox


@dataclass
class Visitors:
    """A server on this machine's loopback, and how many have come."""

    port: int
    count: int = 0


@pytest.fixture(scope="session")
def visitors() -> Iterator[Visitors]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = Visitors(server.getsockname()[1])

        def welcome() -> None:
            while True:
                try:
                    server.accept()[0].close()
                except OSError:
                    return
                found.count += 1

        thread = threading.Thread(target=welcome, daemon=True)
        thread.start()
        yield found
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


class Grader:
    """Grades submissions, one after the other, in one sandbox."""

    def __init__(self, sandbox: BubblewrapSandbox, places: bytes) -> None:
        self._sandbox, self._places = sandbox, places
        self.honest_seconds = min(self.time_of_an_honest_submission() for _ in range(3))

    def run(self, attack: Attack) -> Examined:
        """Grade a submission whose one part is honest, with an attack in it."""
        for limits in SHORT if attack.is_slow else (ExaminerLimits(),):
            result = self._examined(attacked(attack.source), dict(attack.files), limits)
            # The honest part stands before the attack: where it fails, the machine is slower than that.
            if points(result)["test_triple"] == HONEST:
                break
        return result

    def time_of_an_honest_submission(self) -> float:
        """Grade one that must have all points, and no flag; the seconds that it took."""
        began = monotonic()
        result = self._examined(honest(), {}, ExaminerLimits())
        assert (points(result), result.flags) == (FULL, ())
        return monotonic() - began

    def _examined(
        self, nb: nbformat.NotebookNode, files: dict[str, bytes], limits: ExaminerLimits
    ) -> Examined:
        with self._sandbox.open({PLACES: self._places, **files}) as room:
            return examine(nb, official(), room, limits)


@pytest.fixture(scope="session")
def grader(sandbox: BubblewrapSandbox, target: Path, visitors: Visitors, traces: Traces) -> Grader:
    return Grader(sandbox, json.dumps({"course": str(target), "port": visitors.port}).encode())


def points(result: Examined) -> dict[str, float]:
    """Points of each test cell, as the gradebook gets them."""
    cells = {each.id: each for each in official().cells}
    return {name: judge(cells[name], run, FULL[name]).points for name, run in result.runs.items()}


class Traces:
    """What there is on this machine that an attack could have left or changed.

    Parameters
    ----------
    sandbox : BubblewrapSandbox
        Its server is running.
    folder : Path
        The course's folder.
    """

    def __init__(self, sandbox: BubblewrapSandbox, folder: Path) -> None:
        self._server = psutil.Process(sandbox._server.pid)
        self._folder = folder
        # One that ended a moment ago would be missed for ever after.
        assert eventually(lambda: len(self._of_python()) == 1), "a job runs already"
        # The server runs as a user who exists for it alone, where root has started it.
        users = {child.uids().real for child in self._server.children(recursive=True)}
        self._users = users - {os.getuid()}
        self._before = self._now()

    def left(self) -> dict[str, object]:
        """What is no longer as it was at first: nothing, if all is well."""
        return {name: found for name, found in self._now().items() if found != self._before[name]}

    def _now(self) -> dict[str, object]:
        """Processes, files in folders that everybody may write to, the course's files, this process."""
        return {
            "processes": self._processes(),
            "files": [str(path) for path in self._public_files()],
            "course": {str(path): self._digest(path) for path in sorted(self._folder.rglob("*"))},
            # pytest itself notes there which test it runs.
            "environment": {**os.environ, "PYTEST_CURRENT_TEST": ""},
            "working folder": os.getcwd(),
            "descriptors": len(os.listdir("/proc/self/fd")),
            "threads": threading.active_count(),
        }

    def _of_python(self) -> list[psutil.Process]:
        """The fork server, and its forks while there are jobs."""
        with suppress(psutil.NoSuchProcess):
            family = self._server.children(recursive=True)
            return [each for each in family if each.cmdline()[:1] == [sys.executable]]
        return []

    def _processes(self) -> list[int]:
        family = {child.pid for child in self._server.children(recursive=True)}
        strangers = {
            process.pid
            for process in psutil.process_iter(["uids"])
            if process.info["uids"] and process.info["uids"].real in self._users
        }
        return sorted(family | strangers)

    def _public_files(self) -> Iterator[Path]:
        """Files of the sandbox's user; started by another than root it has none of its own."""
        for folder in ("/dev/shm", "/tmp", "/var/tmp"):
            for path in Path(folder).glob("*"):
                try:
                    if path.lstat().st_uid in self._users:
                        yield path
                except OSError:
                    continue  # others' files come and go

    def _digest(self, path: Path) -> str:
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


@pytest.fixture(scope="session")
def traces(sandbox: BubblewrapSandbox, target: Path, visitors: Visitors) -> Traces:
    """As things were before the first submission."""
    return Traces(sandbox, target)
