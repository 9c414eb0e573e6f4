"""Does the sandbox hold? This driver tries, in the place of a student's code, what must not work."""

from __future__ import annotations

import io
import json
import os
import socket
from pathlib import Path

# In the job's folder: the paths to look for and the port of a server on the machine's loopback.
TASK = "task.json"


def serve(reader: io.RawIOBase, writer: io.RawIOBase) -> None:
    """Write one line of JSON: whether the ``network`` was reached, which paths are ``seen`` and so on."""
    task = json.loads(Path(TASK).read_text())
    status = dict(
        line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line
    )
    report = {
        "network": _connects(task["port"]),
        "seen": [path for path in task["paths"] if os.path.lexists(path)],
        "written": [folder for folder in ("/", "/usr", "/etc", "/dev") if _can_write(Path(folder))],
        "capabilities": int(status["CapBnd"], 16) | int(status["CapEff"], 16),
        "processes": sum(name.isdigit() for name in os.listdir("/proc")),
        "user": os.getuid(),
    }
    writer.write(json.dumps(report).encode() + b"\n")


def _connects(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        return False
    return True


def _can_write(folder: Path) -> bool:
    try:
        (folder / "written-by-a-job").write_text("")
    except OSError:
        return False
    return True
