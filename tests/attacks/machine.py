"""Attacks on the machine: processes, memory, disk, time and output without end, and what is left behind."""

# ruff: noqa: F821, F841

from __future__ import annotations

from tests.attacks.corpus import Corpus

MACHINE = Corpus()


@MACHINE(flagged=True, is_slow=True)
def fork_bomb():
    """Starts 200 processes that sleep."""
    import os
    import time

    for _ in range(200):
        try:
            if os.fork() == 0:
                time.sleep(30)
                os._exit(0)
        except OSError:
            pass
    time.sleep(30)


@MACHINE()
def thread_bomb():
    """Starts 200 threads that sleep."""
    import threading
    import time

    try:
        for _ in range(200):
            threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
    except RuntimeError:
        pass


@MACHINE()
def memory_bomb():
    """Takes 8 GiB in one piece and, when that fails, keeps what it had."""
    try:
        kept = np.ones(2**30)
    except MemoryError:
        pass


@MACHINE(flagged=True, is_slow=True)
def memory_in_pieces():
    """Takes 8 GiB in pieces, in several processes, each of which is within the limits."""
    import os
    import time

    for _ in range(8):
        if os.fork() == 0:
            try:
                kept = [np.ones(2**24) for _ in range(8)]
            except MemoryError:
                pass
            time.sleep(30)
            os._exit(0)
    time.sleep(30)


@MACHINE(flagged=True)
def hoard():
    """Gives a check, which keeps what it is called with, 5 GiB in small pieces."""

    def twice(function, x):
        big = np.ones(2**24)
        for _ in range(40):
            function(big)
        return 3.0


@MACHINE(flagged=True)
def hoard_of_texts():
    """Gives a check, which keeps what it is called with, 10 GB of text and lists."""

    def twice(function, x):
        nothing = [[]] * 200_000
        for number in range(2000):
            try:
                function(str(number) + "x" * 5_000_000 if number % 2 else nothing)
            except TypeError:
                pass
        return 3.0


@MACHINE()
def text_many_times_over():
    """Gives back one long text, in a list that is a thousand times in another: 2 GB as an array."""

    def double(values):
        return [["x" * 500_000]] * 1000


@MACHINE()
def one_long_text_among_short_ones():
    """Gives back texts of which one is long: as an array, all of them take 2 GB."""

    def double(values):
        return ["x" * 500_000] + ["y"] * 1000


@MACHINE()
def table_of_text():
    """Gives back a table with a long text, twice over in ever more columns."""
    import pandas as pd

    def double(values):
        column = ["x" * 400_000] + [""] * 999
        return {name: pd.Series(column) for name in "abc"}


@MACHINE()
def words_without_end():
    """Prints a megabyte, and shows another, in each call."""

    def double(values):
        print("x" * 10**6)
        display({"text/html": "x" * 10**6}, raw=True)
        return 0 * values


@MACHINE()
def disk_bomb():
    """Writes 1 GiB into all folders that it may write to."""
    import os

    for folder in (".", "/tmp", "/dev/shm", os.path.expanduser("~"), "/var/tmp"):
        try:
            for number in range(16):
                with open(f"{folder}/full{number}", "wb") as file:
                    for _ in range(16):
                        file.write(bytes(2**20))
        except OSError:
            pass


@MACHINE()
def many_files():
    """Makes 20,000 files and a thousand folders within each other, without the right to read them."""
    import os

    try:
        for number in range(20_000):
            os.close(os.open(f"f{number}", os.O_CREAT | os.O_WRONLY, 0))
        for _ in range(1000):
            os.mkdir("d")
            os.chdir("d")
        os.chmod("..", 0)
    except OSError:
        pass


@MACHINE()
def open_files():
    """Opens files until none can be opened any more."""
    kept = []
    try:
        for _ in range(5000):
            kept.append(open("/dev/null"))
    except OSError:
        pass


@MACHINE(is_slow=True, flagged=True)
def endless_output():
    """Prints without end, for a minute at most."""
    import time

    began = time.monotonic()
    while time.monotonic() < began + 60:
        print("x" * 100_000)


@MACHINE()
def output_below_python():
    """Writes 50 MB past Python, and as many displays."""
    import os

    for _ in range(50):
        os.write(1, b"x" * 10**6)
    for number in range(2000):
        display(number)


@MACHINE()
def huge_displays():
    """Shows pictures and pages of 50 MB."""
    from IPython.display import HTML, Image

    display(HTML("x" * 50_000_000), Image(bytes(50_000_000), format="png"))


@MACHINE(flagged=True, is_slow=True)
def endless_loop():
    """Is called and comes to no end, for a minute at most."""

    def double(values):
        import time

        began = time.monotonic()
        while time.monotonic() < began + 60:
            pass


@MACHINE(flagged=True, is_slow=True)
def loop_that_swallows_interrupts():
    """Goes on when it is interrupted, for three minutes at most: longer than any limit of the tests."""
    import time

    began = time.monotonic()
    while time.monotonic() < began + 180:
        try:
            time.sleep(1)
        except KeyboardInterrupt:
            pass


@MACHINE(flagged=True, is_slow=True)
def deaf_to_signals():
    """Blocks and ignores all signals that can be, then works in compiled code, for a minute at most."""

    def double(values):
        import signal
        import time

        signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGXCPU, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        began = time.monotonic()
        while time.monotonic() < began + 60:
            np.sort(np.random.random(2_000_000))


@MACHINE(flagged=True, is_slow=True)
def work_that_nobody_counts():
    """Works in one process after the other, none of which is collected, for a minute at most."""

    def double(values):
        import os
        import signal
        import time

        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        began = time.monotonic()
        while time.monotonic() < began + 60:
            if os.fork() == 0:
                while time.process_time() < 0.02:
                    pass
                os._exit(0)
            try:
                os.wait()
            except ChildProcessError:
                pass


@MACHINE(flagged=True, is_slow=True)
def stopped_process():
    """Stops itself with SIGSTOP, so that it neither works nor ends, for a minute at most."""

    def double(values):
        import os
        import signal
        import time

        stopped = os.getpid()
        if os.fork() == 0:
            time.sleep(60)
            os.kill(stopped, signal.SIGCONT)
            os._exit(0)
        os.kill(stopped, signal.SIGSTOP)


@MACHINE(flagged=True, is_slow=True)
def slow_answers():
    """Takes as long for each call as it is let, so that all of them together take long."""

    def double(values):
        import time

        time.sleep(60)

    def twice(function, x):
        import time

        time.sleep(60)


@MACHINE()
def daemon():
    """Leaves a process in a session of its own, deaf to signals, for a minute at most."""
    import os
    import signal

    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            os.execv("/bin/sh", ["left-behind", "-c", "sleep 60; true"])
        os._exit(0)
    os.wait()


@MACHINE()
def thread_that_outlives_its_cell():
    """Changes, from a thread, what later cells define, for a minute at most."""
    import threading
    import time

    def work():
        began = time.monotonic()
        while time.monotonic() < began + 60:
            for name in ("difference", "half", "seen", "np"):
                globals()[name] = lambda *a: 0
            time.sleep(0.001)

    threading.Thread(target=work, daemon=True).start()


@MACHINE()
def shared_memory():
    """Leaves shared memory of every kind."""
    import ctypes
    import mmap
    from multiprocessing import shared_memory

    libc = ctypes.CDLL(None)
    libc.shmget(1234, 2**20, 0o1666)
    libc.memfd_create(b"left-behind", 0)
    libc.shm_open(b"/left-behind", 0o102, 0o666)
    kept = mmap.mmap(-1, 2**20)
    try:
        memory = shared_memory.SharedMemory("left-behind", create=True, size=2**20)
    except OSError:
        pass


@MACHINE(flagged=True)
def recursion():
    """Calls itself, through compiled code, until the stack is full."""

    class Deep:
        def __repr__(self):
            return repr([self])

    def double(values):
        import sys

        sys.setrecursionlimit(10**9)
        return repr(Deep())
