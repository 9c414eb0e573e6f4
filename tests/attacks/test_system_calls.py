"""The kernel refuses what the list of system calls does not hold, and honest code misses nothing."""

from __future__ import annotations

import errno
import os
import platform

import pytest

from grader.sandbox import BubblewrapSandbox
from grader.sandbox.inside.syscalls import ALLOWED, REFUSED, compiled_filter
from tests.attacks.kernel import CALLS
from tests.grader.sandbox.conftest import DRIVERS, LIMITS, ROOT
from tests.grader.sandbox.talk import ask, end_of
from tests.needs import SANDBOX

pytestmark = SANDBOX.mark
X86_64 = pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers are those of x86-64")


@pytest.fixture(scope="module")
def sandbox():
    with BubblewrapSandbox(ROOT, LIMITS, warm=False, **DRIVERS) as made:
        yield made


@X86_64
def test_each_call_is_refused_as_forbidden_or_unknown(sandbox):
    source = f"""
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
answer = {{}}
for name, _, number, arguments in {CALLS!r}:
    ctypes.set_errno(0)
    assert libc.syscall(number, *arguments) == -1, name
    answer[name] = ctypes.get_errno()
"""
    with sandbox.open({}) as room:
        answers = ask(room, source)
    assert set(answers) == {name for name, *_ in CALLS}
    assert set(answers.values()) <= {errno.EPERM, errno.ENOSYS}, answers
    # The C library has other ways for what is unknown, and none for what is forbidden.
    assert answers["clone3"] == answers["one_to_come"] == errno.ENOSYS


def test_no_call_is_in_both_lists_or_twice():
    names = [*ALLOWED, *REFUSED]
    assert len(set(names)) == len(names)
    assert not {"clone", "clone3", "socket", "setsockopt", "ioctl", "fcntl", "prctl", "sendmsg"} & set(names)


def test_the_filter_is_made_once():
    assert compiled_filter() is compiled_filter()


@X86_64
@pytest.mark.parametrize(
    "source",
    [
        "import ctypes; ctypes.CDLL(None).syscall(0x40000000 + 39)",
        """
import ctypes, mmap
code = mmap.mmap(-1, 4096, prot=7)
code.write(b"\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3")
ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
""",
    ],
    ids=["x32", "32 bits"],
)
def test_calls_in_the_way_of_another_processor_end_the_process(sandbox, source):
    cause, sentence = end_of(sandbox, source)
    assert cause == "signal" and ("SIGSYS" in sentence or "SIGSEGV" in sentence)


def test_descriptors_that_are_sent_along_with_an_answer_arrive_nowhere(sandbox):
    before = len(os.listdir("/proc/self/fd"))
    with sandbox.open({}) as room:
        under_way = ask(
            room,
            """
import os, socket
channel = socket.socket(fileno=os.dup(3))
under_way = 0
try:
    while under_way < 10_000:
        socket.send_fds(channel, [b" "], [1] * 10)
        under_way += 10
except OSError:  # as many as it may have open
    pass
answer = under_way
""",
        )
        # No upper bound: what the examiner has read meanwhile is closed, and no longer under way.
        assert under_way > 0
        assert len(os.listdir("/proc/self/fd")) <= before + 4  # the room's own
    assert len(os.listdir("/proc/self/fd")) == before


HONEST = {
    "a shell": "import subprocess; answer = subprocess.run('echo 1 | sort', shell=True).returncode == 0",
    "a terminal": "import pexpect; answer = pexpect.run('echo 1') == b'1\\r\\n'",
    "asyncio": """
import asyncio
async def run():
    process = await asyncio.create_subprocess_exec("echo", "1", stdout=asyncio.subprocess.PIPE)
    return (await process.communicate())[0]
answer = asyncio.run(run()) == b"1\\n"
""",
    "processes": """
import multiprocessing
with multiprocessing.get_context("fork").Pool(2) as pool:
    answer = pool.map(abs, [-1, 2]) == [1, 2]
""",
    "descriptors among its own": """
import os, socket
one, other = socket.socketpair()
socket.send_fds(one, [b"x"], [0])
answer = len(socket.recv_fds(other, 1, 1)[1]) == 1
""",
    "files": """
import os, shutil, sqlite3, tempfile, numpy as np
folder = tempfile.mkdtemp()
np.save(folder + "/a.npy", np.ones(3))
shutil.copytree(folder, folder + "-copy")
np.load(folder + "-copy/a.npy", mmap_mode="r+").flush()
with sqlite3.connect(folder + "/a.db") as base:
    base.execute("create table t(x)")
shutil.rmtree(folder)
answer = not os.path.exists(folder)
""",
    "time": """
import signal, time
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 0.01)
time.sleep(0.05)
answer = True
""",
    "itself": """
import os, platform, resource, psutil
answer = bool(platform.platform() and os.sched_getaffinity(0) and resource.getrusage(0))
answer = answer and psutil.Process().memory_info().rss > 0 and list(psutil.net_if_addrs()) == ["lo"]
""",
}


@pytest.mark.parametrize("what", HONEST)
def test_honest_code_misses_nothing(sandbox, what: str):
    with sandbox.open({}) as room:
        assert ask(room, HONEST[what]) is True
