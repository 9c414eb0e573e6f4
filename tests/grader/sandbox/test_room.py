"""Rooms one after another and side by side: what goes in, and that nothing stays."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from grader.sandbox import BubblewrapSandbox, SandboxError, make_sandbox
from grader.sandbox.inside.job_limits import MIB
from tests.grader.sandbox.conftest import DRIVERS, LIMITS, ROOT
from tests.grader.sandbox.talk import ask, eventually, is_alive


@pytest.fixture(params=["sandbox", "plain"])
def either(request):
    """Each kind of sandbox in turn."""
    return request.getfixturevalue(request.param)


def test_files_arrive_with_their_folders(either):
    content = os.urandom(3 * MIB)
    with either.open({"notebook.ipynb": b"{}", "a/b/c.bin": content, "empty": b""}) as room:
        assert sorted(ask(room, "import os; answer = os.listdir()")) == ["a", "empty", "notebook.ipynb"]
        digest = ask(
            room, "import hashlib; answer = hashlib.sha256(open('a/b/c.bin', 'rb').read()).hexdigest()"
        )
    assert digest == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    "name",
    [
        "../outside",
        "a/../../outside",
        "/etc/outside",
        "",
        ".",
        "..",
        "a//b",
        "a/./b",
        "a/",
        "a\0b",
        "a\nb",
        "x" * 256,
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(plain, name):
    with pytest.raises(ValueError, match="no name for a file"):
        plain.open({name: b""})


def test_a_name_cannot_be_a_file_and_a_folder(plain):
    with pytest.raises(ValueError, match="'a' is a file and a folder"):
        plain.open({"a": b"", "a/b": b""})


def test_files_that_do_not_fit_are_refused(plain):
    with pytest.raises(ValueError, match="a job may have"):
        plain.open({"big": b"x" * 1000}, replace(LIMITS, scratch_bytes=999))


def test_nothing_is_left_of_many_rooms(either):
    me = psutil.Process()
    before = set(me.children(recursive=True))
    with either.open({}):
        pass
    descriptors = me.num_fds()
    for _ in range(3):
        with either.open({"a": b"b"}) as room:
            assert ask(room, "answer = 1") == 1
    assert me.num_fds() == descriptors
    assert eventually(lambda: not set(me.children(recursive=True)) - before)


def test_rooms_stand_side_by_side(sandbox):
    with sandbox.open({"mine": b"1"}) as one, sandbox.open({"mine": b"2"}) as two:
        assert ask(one, "answer = open('mine').read()") == "1"
        one.kill()
        assert one.cause_of_death() == "It was ended by the grader."
        assert ask(two, "answer = open('mine').read()") == "2"
        assert two.cause is None


def test_a_new_server_takes_the_place_of_a_dead_one(cold_sandbox):
    sandbox = cold_sandbox
    with sandbox.open({}) as room:
        dead = psutil.Process(sandbox._server.pid).children(recursive=True)
        for process in dead:
            # The kernel ends some of them together with those that were killed first.
            with suppress(psutil.NoSuchProcess):
                process.kill()
        assert room.cause_of_death() == (
            "It ended, and so did what watched it: the machine may have run out of memory."
        )
    assert dead and eventually(lambda: not any(map(is_alive, dead)))
    with sandbox.open({}) as room:
        assert ask(room, "answer = 'alive'") == "alive"


GRADER = """
import sys
from pathlib import Path
from grader.sandbox import BubblewrapSandbox, UnisolatedSandbox
from tests.grader.sandbox.conftest import DRIVERS, LIMITS, ROOT
from tests.grader.sandbox.talk import ask, begin
kind = {"sandbox": lambda: BubblewrapSandbox(ROOT, LIMITS, warm=False, **DRIVERS),
        "plain": lambda: UnisolatedSandbox(ROOT, LIMITS, **DRIVERS)}[sys.argv[1]]
with kind() as sandbox, sandbox.open({}) as room:
    begin(room, "import os; os.execv('/bin/sh', [" + repr(sys.argv[2]) + ", '-c', 'sleep 60; true'])")
    print(room.scratch, flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("kind", ["sandbox", "plain"])
def test_a_job_ends_with_a_grader_that_is_killed(kind, request):
    request.getfixturevalue(kind)
    marker = f"orphan-{os.getpid()}-{kind}"

    def jobs():
        return [p for p in psutil.process_iter(["cmdline"]) if (p.info["cmdline"] or [""])[0] == marker]

    command = [sys.executable, "-c", GRADER, kind, marker]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as grader:
        scratch = grader.stdout.readline().decode().strip()
        assert eventually(lambda: len(jobs()) == 1)
        grader.kill()
    assert eventually(lambda: not jobs())
    assert eventually(lambda: not Path(scratch).exists())


def test_a_driver_that_cannot_be_imported_is_named(sandbox):
    broken = BubblewrapSandbox(ROOT, LIMITS, driver="no_such_driver")
    with pytest.raises(SandboxError, match="No module named 'no_such_driver'"), broken:
        pass


def test_without_bubblewrap_the_sandbox_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(SandboxError, match="apt-get install bubblewrap"):
        make_sandbox(ROOT, LIMITS, **DRIVERS)
