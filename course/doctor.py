"""``course doctor``: what this machine offers for grading, tried and not only looked up."""

from __future__ import annotations

import importlib.util
import json
import os
import select
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil

from course.findings import Finding, Level
from grader.course_folder import CONFIG_FILE, read_config, visible_paths
from grader.course_secret import SECRET_FILE
from grader.private_files import open_to_others
from grader.run.prefork import has_open_fork_server
from grader.sandbox import view
from grader.sandbox.bubblewrap import BubblewrapSandbox
from grader.sandbox.control_group import ControlGroups, available, how_memory_is_measured
from grader.sandbox.inside import probe
from grader.sandbox.inside.job_limits import GIB
from grader.sandbox.room import Room, SandboxError
from grader.sandbox.unisolated import UnisolatedSandbox
from grader.shown_text import printable

# What a job must not see of a course's folder.
SECRET = (
    "solutions",
    "source",
    "tests",
    "submitted",
    "autograded",
    "feedback",
    "gradebook.db",
    SECRET_FILE,
    "nbgrader_config.py",
)
# What grading writes beside these, under names that say which unit.
WRITTEN = ("grading.log", "grades*.csv", "canvas-*.csv", "moodle-*.csv", "report-*.html")
_PROBE = "grader.sandbox.inside.probe"
# A worker's libraries, a job beside them, and an examiner.
_WORKER_BYTES = 3 * GIB


def examine_machine(course_root: Path) -> list[Finding]:
    """Look at everything that grading needs, and try the sandbox, which takes some ten seconds.

    Parameters
    ----------
    course_root : Path
        The course's folder. The trial must not find it inside, but for what its configuration makes visible.

    Raises
    ------
    CourseError
        If the configuration cannot be read, or makes visible what cannot be.
    """
    visible = [Path(path) for path in visible_paths(read_config(course_root), course_root)]
    return [
        _python(),
        _bubblewrap(),
        _seccomp(),
        *_user_namespaces(),
        _user(),
        *_readable(visible),
        _open_to_others(course_root),
        _cores(),
        _memory(),
        _accounting(),
        _trial(course_root, visible),
        _module("Dask", "distributed", Level.MISSING, "it gives out the work"),
        _module("PostgreSQL", "psycopg", Level.WARN, "only for a gradebook on a server"),
    ]


def protection(findings: list[Finding]) -> dict[str, tuple[str, ...]]:
    """What grading on this machine ``protects`` against and ``leaves_open``, as sentences."""
    isolated = all(finding.level is not Level.MISSING for finding in findings if finding.name in _SANDBOX)
    kind = BubblewrapSandbox if isolated else UnisolatedSandbox
    return {"protects": kind.protects, "leaves_open": kind.leaves_open}


# The findings that decide whether there is a sandbox.
_SANDBOX = ("bubblewrap", "seccomp", "trial")


def _python() -> Finding:
    """Whether this Python is one with a known hole that matters here."""
    version = ".".join(map(str, sys.version_info[:3]))
    if has_open_fork_server():
        return Finding(
            "Python",
            Level.WARN,
            f"{version} lets other users of this machine run code as you, through its fork server "
            "(CVE-2022-42919). `course grade` does without it, which costs some seconds: install 3.11.1 or "
            "newer.",
        )
    return Finding("Python", Level.OK, f"{version}.")


def _bubblewrap() -> Finding:
    path = shutil.which("bwrap")
    if path is None:
        remedy = "apt-get install bubblewrap" if sys.platform == "linux" else "use Linux (on Windows: WSL 2)"
        return Finding("bubblewrap", Level.MISSING, f"Not here, so there is no sandbox: {remedy}.")
    version = subprocess.run([path, "--version"], capture_output=True, text=True).stdout.strip()
    return Finding("bubblewrap", Level.OK, f"{version}, {path}.")


def _seccomp() -> Finding:
    if sys.platform != "linux":
        return Finding("seccomp", Level.MISSING, "Only Linux filters system calls (on Windows: use WSL 2).")
    from grader.sandbox.inside.syscalls import load_library

    try:
        load_library()
    except OSError:
        return Finding("seccomp", Level.MISSING, "libseccomp.so.2 is missing: apt-get install libseccomp2.")
    return Finding("seccomp", Level.OK, "libseccomp filters system calls.")


def _user_namespaces() -> Iterator[Finding]:
    """The switches by which systems turn namespaces of unprivileged users off."""
    off = {
        "user/max_user_namespaces": ("0", "15000"),
        "kernel/unprivileged_userns_clone": ("0", "1"),
        "kernel/apparmor_restrict_unprivileged_userns": ("1", "0"),
    }
    closed = []
    for name, (bad, good) in off.items():
        path = Path("/proc/sys") / name
        if path.is_file() and path.read_text().strip() == bad:
            closed.append(f"sysctl -w {name.replace('/', '.')}={good}")
    if closed:
        # The trial decides: a profile of the system may make an exception for bubblewrap.
        yield Finding("user namespaces", Level.WARN, f"Restricted here; as root: {'; '.join(closed)}.")
    elif sys.platform == "linux":
        yield Finding("user namespaces", Level.OK, "Open to unprivileged users.")


def _user() -> Finding:
    if os.name == "posix" and os.getuid() == 0:
        return Finding(
            "user", Level.OK, "You are root: jobs run as an unprivileged user that nobody else is."
        )
    return Finding(
        "user", Level.OK, "You are not root: jobs run as your user, in a namespace without your files."
    )


def _readable(visible: Sequence[Path]) -> Iterator[Finding]:
    """Whether an unprivileged user can read what jobs need; matters to root alone."""
    if os.name != "posix" or os.getuid() != 0:
        return
    closed = [path for path in _paths(visible) if not _is_open(path)]
    if closed:
        first = closed[0]
        yield Finding(
            "environment",
            Level.MISSING,
            f"Jobs do not run as root and cannot read {first}: chmod -R o+rX {first}"
            + (f" ({len(closed)} paths in all)." if len(closed) > 1 else "."),
        )
    else:
        behind = view.closed_folders(view.visible_paths(visible))
        note = (
            f" ({', '.join(map(str, behind))} stays closed; what jobs need of it is shown alone)"
            if behind
            else ""
        )
        yield Finding("environment", Level.OK, f"Python and the course can be read by jobs{note}.")


def _open_to_others(course_root: Path) -> Finding:
    """What any other user of this machine can read of hidden checks, submissions and grades."""
    named = [course_root / name for name in SECRET if name != CONFIG_FILE]
    written = [path for pattern in WRITTEN for path in sorted(course_root.glob(pattern))]
    found = [path.relative_to(course_root) for path in open_to_others([*named, *written])]
    if not found:
        return Finding("privacy", Level.OK, "No other user of this machine can read checks or grades.")
    names = " ".join(shlex.quote(str(path)) for path in found)
    return Finding(
        "privacy",
        Level.WARN,
        f"Any user of this machine can read {', '.join(map(printable, map(str, found)))}: in {course_root} "
        f"run `chmod -R go-rwx {names}`.",
    )


def _is_open(path: Path) -> bool:
    """Whether any user may read a file, or list and enter a folder."""
    needed = 0o005 if path.is_dir() else 0o004
    return path.stat().st_mode & needed == needed


def _paths(visible: Sequence[Path]) -> Iterator[Path]:
    """What jobs see, and one level of packages below the environment's."""
    for path in view.visible_paths(visible):
        yield path
        yield from (folder for folder in path.glob("lib/python3*/site-packages/*") if folder.is_dir())


def _cores() -> Finding:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Finding("cores", Level.OK, f"{cores}: as many workers grade at a time.")


def _memory() -> Finding:
    memory = psutil.virtual_memory()
    workers = int(memory.available // _WORKER_BYTES)
    said = f"{memory.available / GIB:.1f} of {memory.total / GIB:.1f} GiB are free"
    if workers < 1:
        return Finding(
            "memory", Level.WARN, f"{said}, less than the 3 GiB of one worker: close other programs."
        )
    return Finding("memory", Level.OK, f"{said}: enough for {workers} workers.")


def _accounting() -> Finding:
    """How the memory of jobs is measured, as it is known what each way misses."""
    if sys.platform != "linux":
        return Finding("accounting", Level.WARN, "The memory of jobs is counted for each process alone.")
    level = Level.OK if isinstance(available(), ControlGroups) else Level.WARN
    return Finding("accounting", level, how_memory_is_measured())


def _trial(course_root: Path, visible: Sequence[Path] = (), warm: bool = True) -> Finding:
    """Run the probe in a real sandbox."""
    paths = [str(root / name) for root in {course_root, view.PROJECT} for name in SECRET]
    began = time.monotonic()
    try:
        sandbox = BubblewrapSandbox(course_root, driver=_PROBE, warm=warm, extra_paths=visible)
        with sandbox, socket.socket() as server:
            ready = time.monotonic()
            server.bind(("127.0.0.1", 0))
            server.listen()
            task = {"paths": paths, "port": server.getsockname()[1]}
            with sandbox.open({probe.TASK: json.dumps(task).encode()}) as room:
                started = time.monotonic()
                report = _report(room)
    except SandboxError as error:
        return Finding("trial", Level.MISSING, str(error))
    holes = _holes(report)
    if holes:
        return Finding(
            "trial", Level.MISSING, f"The sandbox has a hole here, do not use it: {'; '.join(holes)}."
        )
    return Finding(
        "trial",
        Level.OK,
        f"Nothing got out. Ready in {ready - began:.1f} s, then {started - ready:.2f} s for each submission.",
    )


def _report(room: Room) -> dict:
    if not select.select([room.reader], [], [], 30)[0]:
        raise SandboxError("The trial gave no answer in 30 s: is the machine very busy?")
    line = room.reader.read(65536)
    if not line:
        raise SandboxError(f"The trial's process died: {room.cause_of_death()}")
    return json.loads(line)


def _holes(report: dict) -> list[str]:
    """What the probe should not have been able to do."""
    tried = {
        "it reached a server on this machine": report["network"],
        f"it sees {', '.join(report['seen'])}": report["seen"],
        f"it can write to {', '.join(report['written'])}": report["written"],
        "it has capabilities": report["capabilities"],
        "it sees other processes": report["processes"] != 2,
        "it is root": report["user"] == 0,
    }
    return [hole for hole, found in tried.items() if found]


def _module(name: str, module: str, without: Level, purpose: str) -> Finding:
    if importlib.util.find_spec(module) is None:
        return Finding(name, without, f"{module} is not installed ({purpose}): pip install {module}.")
    return Finding(name, Level.OK, f"{module} is installed ({purpose}).")
