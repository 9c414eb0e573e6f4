"""How is a job isolated on Linux? It is forked from a server in bubblewrap, into namespaces of its own."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from grader.sandbox import view
from grader.sandbox.base import Sandbox
from grader.sandbox.control_group import ControlGroups, available
from grader.sandbox.inside.job_limits import JobLimits
from grader.sandbox.room import SandboxError
from grader.sandbox.server import ForkServer, connect

TOP = "/scratch"
INSTALL = (
    "install it with `apt-get install bubblewrap libseccomp2`, "
    "or grade with --no-sandbox what you would run yourself"
)
# systemd's range for users that exist as long as a service does: no files belong to them.
_USERS = range(61184, 65520)


class BubblewrapSandbox(Sandbox):
    """Jobs are forked from a server that has imported everything, each into namespaces of its own.

    When root starts it, the server and its jobs run as an unprivileged user that exists for them alone. The
    server is started when it is first needed, and again if it should have ended.

    Parameters
    ----------
    course_root, limits, **options
        As for :class:`Sandbox`.
    warm : bool or sequence of str
        What the server imports for all jobs: what most notebooks do, and the large libraries or these
        modules. False leaves all imports to the jobs, for those that need none: it is then ready at once.
    shared : str, optional
        Address of a server that serves several sandboxes (:class:`SharedServer`).

    Raises
    ------
    SandboxError
        If bubblewrap is missing, or the course's folder would be visible inside.
    """

    protects = (
        "A submission has no network, not even this machine's loopback.",
        "It sees the system, the Python environment and the folders that the course names, all read-only, "
        "and its own scratch folder; no solutions, checks, gradebook or other submissions.",
        "It sees no process but its own, has no rights of root or of the user who grades, and can gain none.",
        "Memory, processor time, processes, files, their sizes and the time of the whole are limited.",
        "When it ends, nothing of it is left: no process, no file, no shared memory.",
    )
    leaves_open = (
        "It shares the kernel with the rest of the machine: a fault of the kernel can let it out.",
        "Side channels, such as how busy the processor is, are not closed.",
    )

    def __init__(
        self,
        course_root: Path,
        limits: JobLimits | None = None,
        *,
        warm: bool | Sequence[str] = True,
        shared: str | None = None,
        **options,
    ) -> None:
        super().__init__(course_root, limits, **options)
        self.warm, self.shared = warm, shared
        found = available()
        self.groups = found if isinstance(found, ControlGroups) else None
        if sys.platform != "linux" or shutil.which("bwrap") is None:
            raise SandboxError(f"There is no bubblewrap here, which keeps students' code apart: {INSTALL}.")
        self._lock = threading.Lock()
        self._door: socket.socket | None = None
        self._server: ForkServer | None = None

    def _start_job(self, descriptors: list[int]) -> tuple[str, Callable[[], None]]:
        with self._lock:
            try:
                socket.send_fds(self._door or self._find_server(), [b"job"], descriptors)
            except OSError:
                # The server has ended.
                socket.send_fds(self._find_server(), [b"job"], descriptors)
        return f"{TOP}/work", lambda: None

    def __enter__(self) -> BubblewrapSandbox:
        with self._lock:
            self._find_server()
        return self

    def close(self) -> None:
        """End the fork server, and with it every job that still runs; a shared one serves others."""
        with self._lock:
            self._leave_server()

    def start_server(self, listener: socket.socket | None = None) -> ForkServer:
        """Start a fork server, and do not wait for its imports.

        Parameters
        ----------
        listener : socket.socket, optional
            Where other sandboxes may find it.
        """
        server = [sys.executable, "-m", "grader.sandbox.inside.zygote", self.driver]
        modules = () if isinstance(self.warm, bool) else self.warm
        warm = ["--warm", *modules] if self.warm else []
        paths = self._visible_paths()
        words = [*_as_nobody(paths), *_bubblewrap(paths, self.extra_paths), *server, *warm]
        return ForkServer(words, listener)

    def _find_server(self) -> socket.socket:
        """A new door: the shared server's, or that of one of this sandbox's own if it is not there."""
        never = self._door is None
        self._leave_server()
        if never and self.shared is not None:
            self._visible_paths()
            self._door = connect(self.shared)
        if self._door is None:
            self._server = self.start_server()
            try:
                self._server.wait_until_ready()
            except BaseException:
                self._leave_server()
                raise
            self._door = self._server.door
        return self._door

    def _leave_server(self) -> None:
        if self._server is not None:
            self._server.stop()
        elif self._door is not None:
            self._door.close()
        self._door = self._server = None

    def _visible_paths(self) -> list[Path]:
        """What jobs can read, beside the system."""
        paths = view.visible_paths(self.extra_paths)
        for path in [*paths, *map(Path, view.SYSTEM)]:
            if self.course_root.is_relative_to(path):
                raise SandboxError(
                    f"The course {self.course_root} is inside {path}, which jobs can read: "
                    "move it, or the environment."
                )
        return paths


def _as_nobody(paths: Sequence[Path]) -> list[str]:
    """For root: the words that run what follows as an unprivileged user, without any capability.

    The limit on processes does not bind root. Folders that only root can pass, such as /root, are covered by
    open ones that hold the ``paths`` and nothing else.
    """
    if os.getuid() != 0:
        return []
    user = str(_free_user())
    words = ["bwrap", "--dev-bind", "/", "/"]
    for folder in (closed := view.closed_folders(paths)):
        words += ["--perms", "0755", "--tmpfs", str(folder)]
    words += view.bind_arguments(
        path for path in paths if any(path.is_relative_to(folder) for folder in closed)
    )
    for capability in ("SETUID", "SETGID", "SETPCAP"):
        words += ["--cap-add", f"CAP_{capability}"]
    return [
        *[words[0], "--cap-drop", "ALL", *words[1:]],
        *["setpriv", "--reuid", user, "--regid", user, "--clear-groups"],
        *["--inh-caps=-all", "--bounding-set=-all", "--no-new-privs", "--"],
    ]


def _free_user() -> int:
    """A user that no account and no process has."""
    # Not on every system on which this module is read.
    import pwd

    taken = {entry.pw_uid for entry in pwd.getpwall()}
    for process in psutil.process_iter(["uids"]):
        taken.update(process.info["uids"] or ())
    return secrets.choice([user for user in _USERS if user not in taken])


def _bubblewrap(paths: Sequence[Path], extra: Sequence[Path]) -> list[str]:
    """The words that run what follows in the fork server's world."""
    words = ["bwrap", "--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    words += ["--unshare-cgroup-try", "--new-session", "--hostname", "sandbox"]
    words += view.system_arguments() + view.bind_arguments(paths)
    words += ["--proc", "/proc", "--dev", "/dev"]
    # For the imports' caches. A job covers it with one of its own, which is /tmp and /dev/shm, too.
    words += ["--size", str(64 * 2**20), "--perms", "0755", "--tmpfs", TOP]
    for name in ("work", "home", "tmp"):
        words += ["--dir", f"{TOP}/{name}"]
    if not any(path.is_relative_to("/tmp") for path in paths):
        words += ["--symlink", f"{TOP}/tmp", "/tmp"]
    # Without these two jobs could write to the root folder and to /dev, and leave something for the next.
    words += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"]
    for name, value in view.environment(TOP, extra).items():
        words += ["--setenv", name, value]
    return [*words, "--"]
