"""How does a server of this machine start for one measurement, on the loopback alone, and end with it?"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def free_port() -> int:
    """A port of the loopback on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def postgresql_server(programs: Path, password: str) -> Iterator[str]:
    """A PostgreSQL server with an empty database.

    Parameters
    ----------
    programs : Path
        The folder of its programs.
    password : str
        Of its one user, ``grader``.

    Yields
    ------
    str
        The URL of the database, for ``c.CourseDirectory.db_url``.
    """
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    # The server refuses to run as root.
    user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    shutil.chown(folder, user)

    def run(program: str, *options: str) -> None:
        command = [str(programs / program), *options]
        subprocess.run(command, cwd=folder, user=user, check=True, stdout=subprocess.DEVNULL)

    (folder / "password").write_text(password)
    shutil.chown(folder / "password", user)
    port, data = free_port(), str(folder / "data")
    run("initdb", "-D", data, "-U", "grader", "-A", "scram-sha-256", "--pwfile", str(folder / "password"))
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    run("pg_ctl", "-D", data, "-w", "-t", "300", "-o", options, "-l", str(folder / "log"), "start")
    try:
        yield f"postgresql+psycopg://grader:{password}@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder)
