"""Does one input crash what reads it, hold it up, or make it take too much memory?"""

from __future__ import annotations

import faulthandler
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import process_time

# Of processor time: a machine under load must not be taken for a slow reader.
MOST_SECONDS = 5.0
MOST_GROWTH = 256 * 2**20  # bytes
# By the clock, for compiled code that no signal reaches: then the whole run ends with a traceback.
STUCK_SECONDS = 600.0
_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


class TooSlowError(BaseException):
    """The input took too long; no ``Exception``, so that nothing takes it for one of its own."""


@dataclass(frozen=True)
class Finding:
    """What an input did.

    Attributes
    ----------
    target, input : str, bytes
        What read it, and what it was.
    what : str
        A sentence.
    place : str
        The line of the project that was at work: two findings of one place are one.
    """

    target: str
    input: bytes
    what: str
    place: str = ""


def watched(name: str, read: Callable[[bytes], object], given: bytes) -> Finding | None:
    """Let ``read`` have an input; what was wrong, if anything was."""
    before = _start_of_growth()
    began = process_time()
    try:
        with _time_limit():
            read(given)
    except TooSlowError as error:
        return Finding(name, given, f"it took more than {MOST_SECONDS:g} s", _place(error))
    except BaseException as error:
        said = traceback.format_exception_only(error)[-1].strip()
        return Finding(name, given, f"it raised {said[:300]}", _place(error))
    if (taken := process_time() - began) > MOST_SECONDS:
        return Finding(name, given, f"it took {taken:.1f} s")
    if (growth := _peak() - before) > MOST_GROWTH:
        return Finding(name, given, f"memory grew by {growth / 2**20:.0f} MiB")
    return None


@contextmanager
def _time_limit() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    faulthandler.dump_traceback_later(STUCK_SECONDS, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    own = [each for each in frames if f"{Path('grader')}/" in each.filename]
    return f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else ""


def _start_of_growth() -> int:
    """Bytes in use now; from here on the peak counts, where the system can forget the old one."""
    try:
        _RESET.write_text("5")
    except OSError:
        return _peak()
    return _of_status("VmRSS")


def _peak() -> int:
    if _STATUS.exists():
        return _of_status("VmHWM")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _of_status(field: str) -> int:
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(f"{field}:"))
    return int(line.split()[1]) * 1024
