"""A driver for the sandbox's tests: it runs the Python source that it is sent and answers with JSON.

A request is one line of JSON, a string; the answer is one line: the value of the variable ``answer`` or, if
the source raised, ``{"raised": ..., "message": ...}``.
"""

from __future__ import annotations

import json
from typing import BinaryIO


def serve(reader: BinaryIO, writer: BinaryIO) -> None:
    """Answer until the reader ends."""
    namespace = {"reader": reader, "writer": writer}
    while line := _read_line(reader):
        try:
            exec(json.loads(line), namespace)
            answer = namespace.pop("answer", None)
        except BaseException as error:
            answer = {"raised": type(error).__name__, "message": str(error)}
        writer.write(json.dumps(answer).encode() + b"\n")


def _read_line(reader: BinaryIO) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        data = reader.read(65536)
        if not data:
            return b""
        line += data
    return line
