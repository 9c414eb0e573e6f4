"""A student's process without a sandbox: enough to test the examiner, and nothing that protects anybody."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from grader.sandbox.inside.job_time import JobTime
from grader.student.driver import serve

ROOT = Path(__file__).resolve().parents[3]

SERVE = """\
import socket, sys
sys.path.insert(0, sys.argv[2])
from grader.student.driver import serve
sys.path[:2] = [""]
connection = socket.socket(fileno=int(sys.argv[1]))
stream = connection.makefile("rwb", buffering=0)
serve(stream, stream, sys.argv[3])
"""


class ForkedRoom:
    """A copy of this process, there at once: for tests of a process that comes to its end."""

    def __init__(self) -> None:
        self.scratch = tempfile.TemporaryDirectory()
        self.reader, there = socket.socketpair()
        self.writer = self.reader
        self._code: int | None = None
        self._process = os.fork()
        if self._process:
            self.time_used = JobTime(self._process).look
            there.close()
            return
        try:
            self.reader.close()
            os.chdir(self.scratch.name)
            nowhere = os.open(os.devnull, os.O_RDWR)
            for standard in (0, 1, 2):
                os.dup2(nowhere, standard)
            stream = there.makefile("rwb", buffering=0)
            serve(stream, stream, self.scratch.name)
        finally:
            os._exit(0)

    def interrupt(self) -> None:
        os.kill(self._process, signal.SIGINT)

    def kill(self) -> None:
        if self._code is None:
            os.kill(self._process, signal.SIGKILL)
            self._wait()

    def cause_of_death(self) -> str:
        self._wait()
        return f"The process ended with code {self._code}."

    def _wait(self) -> None:
        if self._code is None:
            self._code = os.waitstatus_to_exitcode(os.waitpid(self._process, 0)[1])

    def __enter__(self) -> ForkedRoom:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self.reader.close()
        self.scratch.cleanup()


class PlainRoom:
    """A new process that serves ``grader.student.driver`` over a pair of sockets, as a sandbox would."""

    def __init__(self) -> None:
        self.scratch = tempfile.TemporaryDirectory()
        here, there = socket.socketpair()
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(there.fileno()), str(ROOT), self.scratch.name],
            pass_fds=[there.fileno()],
            cwd=self.scratch.name,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=None if os.environ.get("SHOW_STUDENT_STDERR") else subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
        )
        there.close()
        self.reader = self.writer = here
        self.time_used = JobTime(self.process.pid).look

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def cause_of_death(self) -> str:
        self.process.wait(5)
        return f"The process ended with code {self.process.returncode}."

    def __enter__(self) -> PlainRoom:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self.reader.close()
        self.scratch.cleanup()
