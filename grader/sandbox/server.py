"""For speed alone: how is the fork server of a sandbox started, found by others, and ended?"""

from __future__ import annotations

import select
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress

import psutil

from grader.sandbox.room import SandboxError

# Importing PyTorch, Numba and the rest takes some five seconds, on a machine under load many times that.
IMPORT_SECONDS = 180
END_SECONDS = 5


class ForkServer:
    """A server that is starting, or ready.

    Parameters
    ----------
    words : sequence of str
        The command that starts it, but for the numbers of its sockets.
    listener : socket.socket, optional
        Where others may connect to it, each with a door of their own.

    Attributes
    ----------
    door : socket.socket
        Takes jobs (see :mod:`grader.sandbox.inside.zygote`).
    """

    def __init__(self, words: Sequence[str], listener: socket.socket | None = None) -> None:
        self.door, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        sockets = {"--door": theirs, "--listen": listener}
        numbers = {name: each.fileno() for name, each in sockets.items() if each}
        self._log, self._is_ready = tempfile.TemporaryFile(), False
        with theirs:
            self._process = subprocess.Popen(
                [*words, *(str(word) for pair in numbers.items() for word in pair)],
                # bubblewrap itself shows its environment to those inside, as /proc/1/environ.
                env={},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._log,
                pass_fds=numbers.values(),
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The outermost of its processes."""
        return self._process.pid

    def wait_until_ready(self) -> None:
        """Wait for the end of its imports.

        Raises
        ------
        SandboxError
            If it ends, or takes too long.
        """
        self._is_ready = _says_ready(self.door)
        if not self._is_ready:
            said = self.stop() or f"nothing in {IMPORT_SECONDS} s"
            raise SandboxError(f"The sandbox did not start; `course doctor` may know why. It said:\n{said}")

    def stop(self) -> str:
        """End it, and with it every job that still runs; return what it wrote to its log."""
        if self._log.closed:  # it was ended
            return ""
        # Its message that it is ready has been read, or can be read now.
        importing = not (self._is_ready or any(select.select([self.door], [], [], 0)))
        self.door.close()
        try:
            # It ends when the door is closed; bubblewrap and the kernel end all that it started.
            self._process.wait(timeout=0 if importing else END_SECONDS)
        except subprocess.TimeoutExpired:
            for process in psutil.Process(self._process.pid).children(recursive=True):
                # With the first of a pid namespace the kernel ends the others.
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            self._process.kill()
            self._process.wait()
        with self._log as log:
            log.seek(0)
            return log.read().decode(errors="replace").strip()


def connect(address: str) -> socket.socket | None:
    """A door of the server that listens there; None if there is none, or it does not get ready."""
    door = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        door.connect(address)
        if _says_ready(door):
            return door
    except OSError:
        pass
    door.close()
    return None


def _says_ready(door: socket.socket) -> bool:
    door.settimeout(IMPORT_SECONDS)
    try:
        said = door.recv(65536)
    except OSError:
        said = b""
    door.settimeout(None)
    return bool(said)
