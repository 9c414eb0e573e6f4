"""How is the examiner's own code stopped when a student's data keep it busy for ever?"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from grader.examiner.allowance import Allowance


class OvertimeError(BaseException):
    """The time is over; no ``Exception``, so that no check takes it for one of the student's."""


@contextmanager
def time_limit(allowance: Allowance, spare: float) -> Iterator[None]:
    """Raise OvertimeError in the block when its time has been over for ``spare`` seconds.

    It works in any thread, where signals reach the main one alone. Compiled code is not stopped before it
    returns.
    """
    thread, lock, state = threading.get_ident(), threading.Lock(), {"over": False, "fired": False}
    is_over = threading.Event()

    def watch() -> None:
        wait = allowance.left()
        while not is_over.wait(wait):
            left = allowance.left()
            if left <= -spare:
                return stop()
            wait = left if left > 0 else left + spare

    def stop() -> None:
        with lock:
            if not state["over"]:
                state["fired"] = True
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(thread), ctypes.py_object(OvertimeError)
                )

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        with lock:
            state["over"] = True
        is_over.set()
        # Python raises it at the next jump of the code: let that be here, and not after the block.
        for _ in range(100 * state["fired"]):
            pass
