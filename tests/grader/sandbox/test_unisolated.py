"""Without a sandbox: limits, a folder, and a guardian that ends what a job leaves."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from grader.sandbox import make_sandbox
from grader.sandbox.inside.job_limits import MIB
from tests.grader.sandbox.conftest import DRIVERS, LIMITS, ROOT
from tests.grader.sandbox.talk import ask, begin, end_of, hear


def test_the_folder_is_the_job_s_and_goes_with_it(plain):
    with plain.open({"a": b"b"}) as room:
        assert ask(room, "import os; answer = os.getcwd()") == room.scratch
        assert ask(room, "import tempfile; answer = tempfile.gettempdir()").startswith(
            str(Path(room.scratch).parent)
        )
        ask(room, "os.mkdir('closed'); os.mkdir('closed/in'); os.chmod('closed', 0)")
    assert not Path(room.scratch).parent.exists()


def test_the_grader_s_variables_are_not_inherited(plain, monkeypatch):
    monkeypatch.setenv("MF_TEST_SECRET", "1")
    with plain.open({}) as room:
        assert ask(room, "import os; answer = os.environ.get('MF_TEST_SECRET')") is None


def test_a_daemon_does_not_outlive_the_job(plain):
    daemon = """
import os, time
read, write = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.write(write, str(os.getpid()).encode())
        time.sleep(60)
        os._exit(0)
    os._exit(0)
os.wait()
answer = int(os.read(read, 20))
"""
    with plain.open({}) as room:
        process = psutil.Process(ask(room, daemon))
        assert process.is_running()
    assert not process.is_running()


def test_an_interrupt_arrives(plain):
    with plain.open({}) as room:
        begin(room, "import time\nfor _ in range(600): time.sleep(0.1)")
        room.interrupt()
        assert hear(room)["raised"] == "KeyboardInterrupt"


@pytest.mark.parametrize(
    ("source", "limits", "cause"),
    [
        ("import time; time.sleep(60)", {"wall_seconds": 1}, "time"),
        (
            "import time; kept = bytearray(300 * 2**20); time.sleep(60)",
            {"job_memory_bytes": 200 * MIB},
            "memory",
        ),
        # Six processes, for at most 60 s.
        (
            "import os, time\nfor _ in range(5):\n  if os.fork() == 0: break\ntime.sleep(60)",
            {"processes": 6},
            "processes",
        ),
        (
            "import time\nfor i in range(4): open(str(i), 'wb').write(b'x' * 2**20)\ntime.sleep(60)",
            {"scratch_bytes": 2 * MIB},
            "disk",
        ),
        ("import os; os._exit(3)", {}, "exit"),
    ],
)
def test_a_death_has_a_cause(plain, source, limits, cause):
    assert end_of(plain, source, **limits)[0] == cause


def test_it_says_what_it_leaves_open():
    sandbox = make_sandbox(ROOT, LIMITS, isolated=False, **DRIVERS)
    assert any("gradebook" in sentence for sentence in sandbox.leaves_open)
    assert not any("network" in sentence for sentence in sandbox.protects)
