"""How much a job can take of the machine, and what is said when it takes more."""

from __future__ import annotations

import re
import time

import pytest

from grader.sandbox import JobLimits
from grader.sandbox.inside.job_limits import GIB, MIB
from tests.grader.sandbox.conftest import LIMITS
from tests.grader.sandbox.talk import ask, begin, end_of, hear, tell


def test_an_array_beyond_the_address_space_is_a_memory_error_and_no_death(room):
    answer = ask(room, "import numpy as np; np.ones(8 * 2**30, dtype=np.uint8)")
    assert "MemoryError" in answer["raised"]
    assert ask(room, "answer = 'alive'") == "alive"


def test_the_memory_of_all_processes_together_is_limited(sandbox):
    # Each of the four is within the limit of a process: 2 GiB in all, for at most 60 s.
    source = """
import os, time
import numpy as np
for _ in range(4):
    if os.fork() == 0:
        kept = np.ones(2**29, dtype=np.uint8)
        time.sleep(60)
        os._exit(0)
time.sleep(60)
"""
    cause, sentence = end_of(sandbox, source, job_memory_bytes=1 * GIB)
    assert cause == "memory"
    assert "of memory; 1024 are allowed" in sentence


def test_shared_pages_are_counted_once(sandbox):
    # Ten processes with the imported libraries in common: some 250 MiB each, and far less together.
    source = """
import os, time
children = []
for _ in range(10):
    child = os.fork()
    if child == 0:
        time.sleep(1)
        os._exit(0)
    children.append(child)
for child in children:
    os.waitpid(child, 0)
answer = "alive"
"""
    with sandbox.open({}, JobLimits(job_memory_bytes=1 * GIB)) as room:
        assert ask(room, source) == "alive"


def test_files_in_memory_are_limited(room):
    fill = """
import os
written = 0
try:
    for number in range(100):
        with open(os.path.join({folder!r}, f"block-{{number}}"), "wb") as file:
            file.write(b"x" * 2**20)
        written += 1
except OSError as error:
    answer = [written, error.errno]
"""
    written, errno = ask(room, fill.format(folder="/dev/shm"))
    assert errno == 28  # ENOSPC
    assert 10 <= written < 16
    # All of it is one file system.
    assert ask(room, fill.format(folder="/tmp"))[0] == 0
    assert ask(room, "answer = 'alive'") == "alive"


def test_a_file_is_limited(room):
    answer = ask(
        room, "import os\nwith open('big', 'wb') as file: os.posix_fallocate(file.fileno(), 0, 2**30)"
    )
    assert "raised" in answer
    answer = ask(room, "with open('big', 'wb') as file: file.write(b'x' * (9 * 2**20))")
    assert answer == {"raised": "OSError", "message": "[Errno 27] File too large"}


def test_a_fork_bomb_is_bounded_and_ended(sandbox):
    # At most 200 processes, for at most 60 s.
    source = """
import os, time
for _ in range(200):
    try:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
    except OSError:
        pass
time.sleep(60)
"""
    cause, sentence = end_of(sandbox, source)
    assert cause == "processes"
    assert sentence.endswith("32 are too many.")


def test_threads_are_bounded_by_the_kernel(room):
    source = """
import threading, time
started = 0
try:
    for _ in range(200):
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        started += 1
except RuntimeError:
    pass
answer = started
"""
    assert ask(room, source) == 31


def test_processor_time_is_limited(sandbox):
    # How long that takes is for the other processes of the machine to say.
    cause, sentence = end_of(sandbox, "import time\nwhile time.process_time() < 15: pass", cpu_seconds=1)
    assert cause == "cpu"
    used = re.fullmatch(r"It used (\d+) s of processor time; 1 are allowed.", sentence)
    assert int(used[1]) <= 3


def test_ignoring_the_signal_of_the_limit_does_not_help(sandbox):
    source = """
import signal, time
signal.signal(signal.SIGXCPU, signal.SIG_IGN)
while time.process_time() < 15: pass
"""
    assert end_of(sandbox, source, cpu_seconds=1)[0] == "cpu"


def test_the_time_of_the_whole_is_limited(sandbox):
    cause, sentence = end_of(sandbox, "import time; time.sleep(60)", wall_seconds=1)
    assert (cause, sentence) == ("time", "It took more than the 1 s that a submission may take.")


@pytest.mark.parametrize(
    ("source", "cause", "sentence"),
    [
        ("import os; os._exit(7)", "exit", "It ended by itself, with exit code 7."),
        ("import os; os.kill(os.getpid(), 11)", "signal", "signal SIGSEGV"),
        ("import os; os.kill(os.getpid(), 9)", "signal", "signal SIGKILL"),
        ("import ctypes; ctypes.string_at(0)", "signal", "signal SIGSEGV"),
    ],
)
def test_a_death_has_a_cause(sandbox, source, cause, sentence):
    found, said = end_of(sandbox, source)
    assert found == cause
    assert sentence in said


def test_an_interrupt_that_comes_too_late_changes_nothing(cold_sandbox):
    for _ in range(5):
        with cold_sandbox.open({}) as room:
            ask(room, "import os, signal; signal.signal(signal.SIGINT, signal.SIG_IGN)")
            tell(room, "os._exit(7)")
            for _ in range(400):
                room.interrupt()
            assert room.cause_of_death() == "It ended by itself, with exit code 7."


def test_words_that_nobody_reads_hold_nobody_up(sandbox):
    began = time.monotonic()
    with sandbox.open({}) as room:
        # 64 MiB on the channel, of which nobody takes a byte.
        tell(room, f"writer.write(b'x' * {64 * MIB})")
        time.sleep(0.2)
        assert room.cause is None
        room.interrupt()
        room.kill()
        assert room.cause_of_death() == "It was ended by the grader."
    assert time.monotonic() - began < LIMITS.wall_seconds / 2


def test_a_job_that_does_not_read_can_still_be_ended(sandbox):
    with sandbox.open({}) as room:
        # Before anything else: an interrupt may arrive at any line of what runs then.
        ask(room, "import signal\nsignal.signal(signal.SIGINT, lambda *_: None)")
        # It ends by itself after a minute.
        begin(room, "import time\ntime.sleep(60)")
        room.interrupt()
        room.interrupt()
        time.sleep(0.3)
        assert room.cause is None
        room.kill()
        with pytest.raises(EOFError, match="ended by the grader"):
            hear(room)


@pytest.mark.parametrize("value", [0, -1])
def test_a_limit_is_positive(value):
    with pytest.raises(ValueError, match=f"JobLimits.processes is {value}"):
        JobLimits(processes=value)
