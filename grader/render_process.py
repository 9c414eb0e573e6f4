"""What runs in the process that turns untrusted text into HTML? One function at a time, each for a time.

``python -m grader.render_process``: requests and answers are JSON on standard input and output, each after
its length. A function that takes more processor time than the request grants is ended with its process, by
the kernel: neither a regular expression nor compiled code could be stopped in another way. The next request
is answered by another fork of a process that has imported everything.
"""

from __future__ import annotations

import grader.without_grammar  # noqa: F401  # isort: skip
import gc
import json
import os
import resource
import signal
import struct
import sys
import time
from typing import IO

from grader import safe_html

LENGTH = struct.Struct("<Q")
FUNCTIONS = {
    function.__name__: function
    for function in (
        safe_html.clean_html,
        safe_html.prose_with_pictures,
        safe_html.terminal,
        safe_html.code,
        safe_html.tex_output,
    )
}
# Used once before the forks: libraries load half of themselves when they are first used.
SAMPLES: dict[str, tuple] = {
    "clean_html": ("<b>1</b>",),
    "prose_with_pictures": ("# A *title*\n\n- $x_u$\n\n|a|\n|-|\n|1|",),
    "terminal": ("\x1b[31m1\x1b[0m",),
    "code": ("x = 1  # one",),
    "tex_output": (r"$\frac{1}{2}$",),
}
# Of address space, for text of some megabytes.
MEMORY = 2 * 2**30


def main() -> None:
    """Answer requests, or say that one was not answered, until there are no more."""
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(what, (most, most))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    # What a library prints must not come between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    for function, text in SAMPLES.items():
        FUNCTIONS[function](*text)
    gc.freeze()
    while (fork := os.fork()) and os.WIFSIGNALED(os.waitpid(fork, 0)[1]):
        send(answers, {"html": None})
    if fork == 0:
        while request := receive(sys.stdin.buffer):
            send(answers, _answer(**request))
    os._exit(0)


def _answer(function: str, arguments: list, seconds: float) -> dict:
    began = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        html = str(FUNCTIONS[function](*arguments))
    except Exception:  # untrusted text can raise anything, MemoryError among it: it is then shown as it is
        html = None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return {"html": html, "seconds": time.process_time() - began}


def send(stream: IO[bytes], message: dict) -> None:
    """Write one message."""
    data = json.dumps(message).encode()
    stream.write(LENGTH.pack(len(data)) + data)
    stream.flush()


def receive(stream: IO[bytes]) -> dict | None:
    """The next message; None if the other side is gone."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    data = stream.read(length)
    return json.loads(data) if len(data) == length else None


if __name__ == "__main__":
    main()
