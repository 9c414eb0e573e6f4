"""For speed alone: how do all workers of a machine share one fork server, with its imports and memory?"""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

from grader.leftovers import new_place, remove_leftovers
from grader.sandbox.bubblewrap import BubblewrapSandbox


class SharedServer:
    """A fork server that sandboxes of other processes of this user may use; it lives until it is closed.

    It imports while this process goes on.

    Parameters
    ----------
    course_root : Path
        The course's folder, which must not be visible inside.
    **options
        As for :class:`BubblewrapSandbox`.

    Attributes
    ----------
    address : str
        For the sandboxes.

    Raises
    ------
    SandboxError
        If there can be no sandbox here.
    OSError
        If the address cannot be used, such as one that is too long for a socket.
    """

    def __init__(self, course_root: Path, **options) -> None:
        sandbox = BubblewrapSandbox(course_root, **options)
        remove_leftovers("sandbox")
        self._folder = new_place("sandbox")
        # Nobody else can enter it.
        self._folder.mkdir(mode=0o700)
        self.address = str(self._folder / "door")
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
                listener.bind(self.address)
                listener.listen()
                self._server = sandbox.start_server(listener)
        except BaseException:
            shutil.rmtree(self._folder)
            raise

    def close(self) -> None:
        """End the server, and with it every job that still runs."""
        self._server.stop()
        shutil.rmtree(self._folder, ignore_errors=True)
