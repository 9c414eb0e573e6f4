"""What do the grader and a job's guardian say to each other on the job's control socket?

The grader sends a header, the files' bytes and then commands of one byte. The guardian answers in lines of
JSON.
"""

from __future__ import annotations

import json
import socket
import struct
from pathlib import Path

INTERRUPT, KILL, TIME = b"I", b"K", b"T"
# From the guardian to the job: it is being watched and may begin.
GO = b"G"
_LENGTH = struct.Struct("<I")


def send_header(control: socket.socket, header: dict) -> None:
    """Send what the job is: its limits and the names and sizes of its files."""
    data = json.dumps(header).encode()
    control.sendall(_LENGTH.pack(len(data)) + data)


def receive_header(control: socket.socket) -> dict:
    """Receive it; EOFError if the grader is gone."""
    (length,) = _LENGTH.unpack(_receive(control, _LENGTH.size))
    return json.loads(_receive(control, length))


def receive_files(control: socket.socket, files: list[tuple[str, int]], folder: Path) -> None:
    """Write the files that follow the header into ``folder``; the grader has checked their names."""
    for name, size in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            left = size
            while left:
                block = _receive(control, min(left, 2**20))
                file.write(block)
                left -= len(block)


def send_event(control: socket.socket, **event) -> None:
    """Tell the grader something; nothing if it is gone."""
    try:
        control.sendall(json.dumps(event).encode() + b"\n")
    except OSError:
        pass


def _receive(control: socket.socket, size: int) -> bytes:
    """Exactly ``size`` bytes, and not one of what follows them."""
    data = bytearray()
    while len(data) < size:
        block = control.recv(size - len(data))
        if not block:
            raise EOFError("the grader closed the control socket")
        data += block
    return bytes(data)
