"""A job's control group is found or loudly missed, in a folder like the kernel's and in a real one."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import psutil
import pytest

from grader.sandbox import BubblewrapSandbox, JobLimits, SandboxError
from grader.sandbox.control_group import (
    LEAF,
    ControlGroup,
    ControlGroups,
    NoControlGroupError,
    available,
    find_groups,
    how_memory_is_measured,
)
from grader.sandbox.inside.job_limits import MIB
from tests.grader.sandbox.conftest import DRIVERS, LIMITS, ROOT
from tests.grader.sandbox.talk import ask, end_of
from tests.needs import SANDBOX

# Holds memory in a process whose first thread has ended, and in the buffers of sockets.
HIDES = """
import ctypes, os, socket, threading, time
def hold():
    time.sleep(0.5)
    kept = bytearray(300 * 2**20)
    time.sleep(60)
if os.fork() == 0:
    threading.Thread(target=hold).start()
    ctypes.CDLL(None).syscall(60, 0)
time.sleep(60)
"""


@pytest.fixture
def kernel(tmp_path: Path):
    """A folder of groups as the kernel shows it, and the two files that say where it is."""
    top = tmp_path / "cgroup"
    top.mkdir()
    mounts, own = tmp_path / "mounts", tmp_path / "own"
    mounts.write_text(f"tmpfs /tmp tmpfs rw 0 0\ncgroup2 {top} cgroup2 rw,nosuid 0 0\n")
    own.write_text("4:memory:/elsewhere\n0::/\n")
    (top / "cgroup.controllers").write_text("cpu io memory pids\n")
    (top / "cgroup.subtree_control").write_text("memory pids\n")
    return top, mounts, own


def test_the_top_is_used_and_tried(kernel) -> None:
    top, mounts, own = kernel
    groups = find_groups(mounts, own)
    assert groups.folder == top
    (tried,) = top.glob("job-*")
    assert (tried / "cgroup.procs").read_text().strip().isdigit()
    assert (tried / "cgroup.kill").read_text() == "1\n"


def test_controllers_that_are_off_are_switched_on(kernel) -> None:
    top, mounts, own = kernel
    (top / "cgroup.subtree_control").write_text("memory\n")
    find_groups(mounts, own)
    assert (top / "cgroup.subtree_control").read_text() == "+pids\n"


def test_a_group_that_was_delegated_is_divided(kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    top, mounts, own = kernel
    scope = top / "run.scope"
    scope.mkdir()
    (scope / LEAF).mkdir()
    own.write_text("0::/run.scope\n")
    for name in ("cgroup.controllers", "cgroup.subtree_control"):
        (scope / name).write_text("memory pids\n")
    (scope / "cgroup.procs").write_text(f"{os.getpid()}\n")
    monkeypatch.setattr("os.getuid", lambda: 1000)
    with pytest.raises(NoControlGroupError, match="has not been left to this user"):
        find_groups(mounts, own)
    monkeypatch.setattr("os.getxattr", lambda path, name: b"1", raising=False)
    assert find_groups(mounts, own).folder == scope
    assert (scope / LEAF / "cgroup.procs").read_text() == f"{os.getpid()}\n"
    own.write_text(f"0::/run.scope/{LEAF}\n")  # as its workers find themselves
    assert find_groups(mounts, own).folder == scope


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda top, mounts, own: mounts.write_text(f"c {top} cgroup2 ro 0 0\n"), "no file system of groups"),
        (lambda top, mounts, own: mounts.write_text(f"c {top} cgroup rw 0 0\n"), "no file system of groups"),
        (lambda top, mounts, own: own.write_text("4:memory:/\n"), "in no group of version 2"),
        (lambda top, mounts, own: (top / "cgroup.controllers").write_text("hugetlb\n"), "controls no memory"),
        (lambda top, mounts, own: (top / "cgroup.controllers").unlink(), "controls no memory"),
        (
            lambda top, mounts, own: (
                (top / "cgroup.subtree_control").unlink(),
                (top / "cgroup.subtree_control").mkdir(),
            ),
            "cannot be divided",
        ),
    ],
)
def test_where_there_is_none_it_says_why(kernel, change, why: str) -> None:
    change(*kernel)
    with pytest.raises(NoControlGroupError, match=why):
        find_groups(*kernel[1:])


def test_limits_go_into_the_group_and_its_end_comes_out(tmp_path: Path) -> None:
    group = ControlGroup(tmp_path / "job", JobLimits(job_memory_bytes=5 * MIB, processes=7))
    said = {path.name: path.read_text().strip() for path in (tmp_path / "job").iterdir()}
    assert said["memory.max"] == str(5 * MIB) and said["pids.max"] == "9"
    assert said["memory.oom.group"] == "1" and said["memory.swap.max"] == "0"
    assert group.bytes_when_full is None
    (tmp_path / "job" / "memory.events").write_text("low 0\noom 1\noom_kill 0\n")
    assert group.bytes_when_full is None
    (tmp_path / "job" / "memory.events").write_text("low 0\noom 1\noom_kill 3\n")
    assert group.bytes_when_full == 5 * MIB
    (tmp_path / "job" / "memory.peak").write_text(f"{4 * MIB}\n")
    assert group.bytes_when_full == 4 * MIB


@pytest.fixture
def grouped(tmp_path: Path):
    """A sandbox whose jobs go into groups that are mere folders."""
    SANDBOX.require()
    with BubblewrapSandbox(ROOT, LIMITS, warm=False, **DRIVERS) as sandbox:
        sandbox.groups = ControlGroups(tmp_path)
        yield sandbox


def test_the_jobs_init_is_put_into_its_group_before_student_code_runs(grouped, tmp_path: Path) -> None:
    with grouped.open({"a.txt": b"given"}) as room:
        (folder,) = tmp_path.iterdir()
        init = psutil.Process(int((folder / "cgroup.procs").read_text()))
        family = psutil.Process(grouped._server.pid).children(recursive=True)
        assert init in family
        # The student's process is its one child; the guardian stands above it.
        assert len(init.children(recursive=True)) == 1
        assert ask(room, "answer = open('a.txt').read()") == "given"
    assert (folder / "cgroup.kill").exists()


def test_an_end_by_the_kernel_for_memory_is_said_as_such(grouped, tmp_path: Path) -> None:
    with grouped.open({}) as room:
        (folder,) = tmp_path.iterdir()
        (folder / "memory.events").write_text("oom_kill 1\n")
        psutil.Process(int((folder / "cgroup.procs").read_text())).kill()
        assert "MiB of memory" in room.cause_of_death() and room.cause == "memory"


def test_a_job_that_cannot_start_says_why(grouped) -> None:
    """Its guardian speaks in the place of its init."""
    with pytest.raises(SandboxError, match="could not be started: .*File name too long"):
        with grouped.open({"/".join(["x" * 200] * 40): b""}):
            pass


def test_a_sentence_says_which_way_is_in_use_and_what_would_give_the_other() -> None:
    said = how_memory_is_measured()
    if isinstance(available(), ControlGroups):
        assert "by a control group in" in said
    else:
        assert "there is no control group: " in said and "systemd-run --user --scope" in said


@SANDBOX.mark
@pytest.mark.parametrize("source", [HIDES, "bytes(400 * 2**20); kept = bytearray(b'x') * (400 * 2**20)"])
def test_in_a_real_group_nothing_hides(source: str) -> None:
    groups = available()
    if not isinstance(groups, ControlGroups):
        pytest.skip(f"they need control groups of version 2 that this user may divide: {groups}")
    with BubblewrapSandbox(ROOT, LIMITS, warm=False, **DRIVERS) as sandbox:
        assert sandbox.groups is groups
        cause, _ = end_of(sandbox, source, job_memory_bytes=256 * MIB)
    assert cause == "memory"
    assert not list(groups.folder.glob(f"job-{os.getpid()}-*"))
    assert subprocess.run(["true"]).returncode == 0, "this process itself is as it was"
