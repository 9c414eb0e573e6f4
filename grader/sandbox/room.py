"""What does the grader see of one job? Two streams, an interrupt, an end and its cause."""

from __future__ import annotations

import json
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Self

from grader.sandbox.control_group import ControlGroup, ask_for_credentials, sender_of_next
from grader.sandbox.inside import control_socket
from grader.sandbox.inside.job_limits import MIB, JobLimits
from grader.used_time import Used

# Seconds that a job may take to get ready, and its guardian to end it: a machine under load is slow.
START_SECONDS = 60
END_SECONDS = 20
LOOK_SECONDS = 5


class SandboxError(RuntimeError):
    """The sandbox cannot be had or cannot start a job; the message says why and what to do."""


class Room:
    """A running job. Leaving it as a context manager ends the job and waits until nothing of it is left.

    Attributes
    ----------
    reader, writer : raw binary streams
        To the driver's ``serve``. They have a ``fileno()``, for ``select``; ``read(n)`` may return less than
        n bytes and ``write`` may take less than all. A student can let you wait for as long as the job
        lives: limit it.
    scratch : str
        The job's working folder, as it is called inside.
    """

    def __init__(
        self,
        control: socket.socket,
        channel: socket.socket,
        scratch: str,
        limits: JobLimits,
        clean_up: Callable[[], None],
        group: ControlGroup | None = None,
    ) -> None:
        self.reader = channel.makefile("rb", buffering=0)
        self.writer = channel.makefile("wb", buffering=0)
        self.scratch = scratch
        self._control = control
        self._channel = channel
        self._limits = limits
        self._clean_up = clean_up
        self._group = group
        self._received = b""
        self._end: dict | None = None
        # Of two threads that ask for the time only one may read the answers.
        self._lock = threading.RLock()
        self._looks = 0  # that were asked for and have not come
        self._used: Used | None = None

    def start(self, files: Mapping[str, bytes]) -> None:
        """Send the job its limits and files, and wait until the driver runs.

        Raises
        ------
        SandboxError
            If it does not come to that.
        """
        header = {
            "limits": vars(self._limits),
            "scratch": self.scratch,
            "files": [[name, len(content)] for name, content in files.items()],
            "grouped": self._group is not None,
        }
        self._control.settimeout(START_SECONDS)
        try:
            control_socket.send_header(self._control, header)
            for content in files.values():
                self._control.sendall(content)
            self._take_into_group()
        except OSError:
            # The guardian says why, or its silence does.
            pass
        started = self._next_event(START_SECONDS) or {"failed": "its guardian did not answer"}
        if "failed" in started:
            raise SandboxError(
                f"A job could not be started: {started['failed']}. `course doctor` may know why."
            )

    def _take_into_group(self) -> None:
        """Put the job's init into its group, before anything of the student's is there."""
        if self._group is None:
            return
        ask_for_credentials(self._control)
        data, init = sender_of_next(self._control)
        if data == control_socket.GO:
            self._group.add(init)
            self._control.sendall(control_socket.GO)
        self._received = data.removeprefix(control_socket.GO)  # else its guardian says what went wrong

    def interrupt(self) -> None:
        """Send SIGINT to the student's process; nothing if it is gone."""
        self._command(control_socket.INTERRUPT)

    def kill(self) -> None:
        """Kill the whole job at once; a read of the channel then ends with EOF."""
        self._command(control_socket.KILL)

    def time_used(self) -> Used | None:
        """What the job has used by now, or had when it ended; None if nobody can say."""
        with self._lock:
            if self._end is not None:
                return self._used
            self._looks += 1
            self._command(control_socket.TIME)
            deadline = time.monotonic() + LOOK_SECONDS
            while self._looks:
                event = self._next_event(deadline - time.monotonic())
                if event is None:
                    return None
                self._take(event)
            return self._used

    @property
    def cause(self) -> str | None:
        """Why the job ended, in a word; None if it still runs.

        ``exit``, ``signal``, ``memory``, ``disk``, ``processes``, ``cpu``, ``time``, ``killed`` (by the
        grader) or ``lost`` (its guardian or its init ended).
        """
        return self._wait_for_end(0)["cause"]

    def cause_of_death(self) -> str:
        """Why the job ended, in a sentence; waits some seconds if the end is only just being noticed."""
        return _sentence(self._wait_for_end(END_SECONDS), self._limits)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the job and wait until its processes, files and memory are gone.

        Raises
        ------
        SandboxError
            If they are not: the kernel did not let a process end.
        """
        self.kill()
        ended = self._wait_for_end(END_SECONDS)
        self.reader.close()
        self.writer.close()
        self._channel.close()
        self._control.close()
        if self._group is not None:
            self._group.close()
        self._clean_up()
        if ended["cause"] is None:
            raise SandboxError(
                f"A job was killed and is still there after {END_SECONDS} s: is a disk failing?"
            )

    def _command(self, command: bytes) -> None:
        if self._end is None:
            try:
                self._control.setblocking(False)
                self._control.send(command)
            except OSError:
                # The guardian is gone, and the job with it.
                pass

    def _wait_for_end(self, seconds: float) -> dict:
        deadline = time.monotonic() + seconds
        with self._lock:
            while self._end is None:
                event = self._next_event(deadline - time.monotonic())
                if event is None:
                    break
                self._take(event)
        return self._end or {"cause": None}

    def _take(self, event: dict) -> None:
        """Keep what the guardian said: what the job has used, or how it ended."""
        if "processor" in event:
            self._looks -= 1
            self._used = Used(event["processor"], event["waited"])
            if self._group is not None:
                exact = max(self._used.processor, self._group.processor_seconds)
                self._used = self._used._replace(processor=exact)
            return
        most = self._group.bytes_when_full if self._group else None
        self._end, self._looks = event if most is None else {"cause": "memory", "bytes": most}, 0

    def _next_event(self, seconds: float) -> dict | None:
        """The guardian's next line; None if there is none in time."""
        # Zero would mean: do not wait even for what has arrived in two pieces.
        self._control.settimeout(max(seconds, 0.001))
        while b"\n" not in self._received:
            try:
                data = self._control.recv(65536)
            except TimeoutError:
                return None
            except OSError:
                data = b""
            if not data:
                return {"cause": "lost", "failed": "its guardian ended"}
            self._received += data
        line, self._received = self._received.split(b"\n", 1)
        return json.loads(line)


def _sentence(end: Mapping, limits: JobLimits) -> str:
    match end["cause"]:
        case None:
            return "It is still running."
        case "exit":
            return f"It ended by itself, with exit code {end['code']}."
        case "signal":
            name = signal.Signals(end["signal"]).name
            return f"It was ended by the signal {name}: its code crashed or killed itself."
        case "memory":
            return (
                f"It used {end['bytes'] // MIB} MiB of memory; {limits.job_memory_bytes // MIB} are allowed."
            )
        case "disk":
            return f"It wrote {end['bytes'] // MIB} MiB to files; {limits.scratch_bytes // MIB} are allowed."
        case "processes":
            return f"It started {end['processes']} processes; {limits.processes} are too many."
        case "cpu":
            return f"It used {end['seconds']:.0f} s of processor time; {limits.cpu_seconds} are allowed."
        case "time":
            return f"It took more than the {limits.wall_seconds:g} s that a submission may take."
        case "killed":
            return "It was ended by the grader."
    return "It ended, and so did what watched it: the machine may have run out of memory."


def check_files(files: Mapping[str, bytes], limits: JobLimits) -> None:
    """Refuse names that lead out of a folder, and more bytes than it may hold.

    Raises
    ------
    ValueError
        If a name is empty, absolute, not plain, both a file and a folder, or if the files are too big.
    """
    for name in files:
        path = PurePosixPath(name)
        plain = str(path) == name and name != "." and ".." not in path.parts and not path.is_absolute()
        if not plain or not name.isprintable() or any(len(part.encode()) > 255 for part in path.parts):
            raise ValueError(f"{name!r} is no name for a file of a submission: give a plain relative path.")
        for parent in path.parents:
            if str(parent) in files:
                raise ValueError(f"{str(parent)!r} is a file and a folder of the same submission.")
    total = sum(map(len, files.values()))
    if total > limits.scratch_bytes or any(len(content) > limits.file_bytes for content in files.values()):
        raise ValueError(
            f"The submission's files have {total} bytes, and a job may have {limits.scratch_bytes}, "
            f"{limits.file_bytes} a file: grade it without them, or with greater limits."
        )
