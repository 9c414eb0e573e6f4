"""Talking with a job whose driver is ``drivers/python_driver.py``."""

from __future__ import annotations

import json
import select
import time
from collections.abc import Callable
from dataclasses import replace

import psutil
import pytest

from grader.sandbox import Room, Sandbox

# Seconds, more than any job of these tests lives: a machine under load is slow.
PATIENCE = 150


def tell(room: Room, source: str) -> None:
    """Have the source run in the job; wait for nothing."""
    room.writer.write(json.dumps(source).encode() + b"\n")


def begin(room: Room, source: str) -> None:
    """Have the source run in the job; wait until it runs."""
    tell(room, "writer.write(b'\"begun\"\\n')\n" + source)
    assert hear(room) == "begun"


def hear(room: Room, seconds: float = PATIENCE) -> object:
    """The job's next answer; EOFError, with the cause of death, if there comes none any more."""
    line, deadline = b"", time.monotonic() + seconds
    while not line.endswith(b"\n"):
        ready, _, _ = select.select([room.reader], [], [], max(deadline - time.monotonic(), 0))
        assert ready, f"no answer within {seconds} s"
        try:
            data = room.reader.read(65536)
        except ConnectionResetError:
            data = b""
        if not data:
            raise EOFError(room.cause_of_death())
        line += data
    return json.loads(line)


def ask(room: Room, source: str) -> object:
    """Run the source in the job; return its ``answer``, or what it raised."""
    tell(room, source)
    return hear(room)


def end_of(sandbox: Sandbox, source: str, **limits) -> tuple[str, str]:
    """Run the source in a job of its own, which it must not survive: the cause of its end, a sentence."""
    with sandbox.open({}, replace(sandbox.limits, **limits)) as room:
        with pytest.raises(EOFError) as end:
            ask(room, source)
        return room.cause, str(end.value)


def eventually(condition: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether the condition comes true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def is_alive(process: psutil.Process) -> bool:
    """Whether a process is there and has not ended, be it that nobody has collected it yet."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
