"""How does code run without bubblewrap? In a process with limits and a folder, as the instructor."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from grader.sandbox import view
from grader.sandbox.base import Sandbox
from grader.sandbox.room import END_SECONDS, SandboxError


class UnisolatedSandbox(Sandbox):
    """What ``--no-sandbox`` uses on Linux and macOS; each job imports for itself, some seconds long.

    Raises
    ------
    SandboxError
        On a system without POSIX processes.
    """

    protects = (
        "Memory, processor time, processes, the sizes of files and the time of the whole are limited.",
        "Its folder and, on Linux, its processes are gone when it ends.",
    )
    leaves_open = (
        "A submission runs as you: it can read and change whatever you can, solutions, checks, the gradebook "
        "and other submissions among it.",
        "It can use the network.",
        "It can see, stop and imitate what watches it.",
    )

    def close(self) -> None:
        """Nothing: each room cleans up after itself."""

    def _start_job(self, descriptors: list[int]) -> tuple[str, Callable[[], None]]:
        if os.name != "posix":
            raise SandboxError("Grading needs Linux or macOS; on Windows install WSL 2 and grade in it.")
        top = Path(tempfile.mkdtemp(prefix="job-")).resolve()
        for name in ("work", "home", "tmp"):
            (top / name).mkdir()
        module = "grader.sandbox.inside.unisolated_job"
        guardian = subprocess.Popen(
            [sys.executable, "-m", module, *map(str, descriptors), self.driver, str(top)],
            env=view.environment(str(top), self.extra_paths),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=descriptors,
            start_new_session=True,
        )
        return str(top / "work"), partial(_wait_for, guardian)


def _wait_for(guardian: subprocess.Popen) -> None:
    try:
        guardian.wait(timeout=END_SECONDS)
    except subprocess.TimeoutExpired:
        guardian.kill()
        guardian.wait()
