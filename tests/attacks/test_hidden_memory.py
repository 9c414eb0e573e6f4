"""Memory that a job keeps where nobody is charged for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.sandbox import BubblewrapSandbox
from grader.sandbox.inside.job_limits import GIB, MIB
from tests.grader.sandbox.conftest import DRIVERS, LIMITS, ROOT
from tests.grader.sandbox.talk import ask, end_of
from tests.needs import SANDBOX

pytestmark = SANDBOX.mark


@pytest.fixture(scope="module")
def sandbox():
    with BubblewrapSandbox(ROOT, LIMITS, warm=False, **DRIVERS) as made:
        yield made


DEAD_LEADER = """
import ctypes, os, threading, time
def hold():
    time.sleep(0.5)  # until the first thread is gone
    kept = bytearray(400 * 2**20)
    time.sleep(60)
for _ in range(3):
    if os.fork() == 0:
        threading.Thread(target=hold).start()
        ctypes.CDLL(None).syscall(60, 0)  # exit of this thread alone
time.sleep(60)
"""
SHUT = """
import ctypes, os, time
for _ in range(3):
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(4, 0)  # nobody may look into it
        kept = bytearray(400 * 2**20)
        time.sleep(60)
time.sleep(60)
"""
SOCKETS = """
import os, socket, time
for _ in range(8):
    if os.fork() == 0:
        kept = [socket.socketpair(*{kind}) for _ in range(120)]
        for pair in kept:
            for one in pair:
                one.setblocking(False)
                one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**24)
                try:
                    while True:
                        one.send(bytes(60_000))
                except OSError:
                    pass
        time.sleep(60)
time.sleep(60)
"""
BEGUN = """
import os, socket, time
for _ in range(8):
    if os.fork() == 0:
        kept = []
        for _ in range(200):
            one = socket.socket({family}, socket.SOCK_DGRAM, {protocol})
            kept.append(one)
            for _ in range(40):
                one.sendto(bytes(1400), socket.MSG_MORE, ({address!r}, 9))
        time.sleep(60)
time.sleep(60)
"""
UNDER_WAY = """
import os, socket, time
for _ in range(8):
    if os.fork() == 0:
        first, second = socket.socketpair()
        kept = [first, second]
        for _ in range(200):
            try:
                pair = socket.socketpair()
            except OSError:  # no descriptors are left
                break
            for one in pair:
                one.setblocking(False)
                try:
                    while True:
                        one.send(bytes(60_000))
                except OSError:
                    pass
            try:
                socket.send_fds(first, [b"x"], [one.fileno() for one in pair])
                for one in pair:
                    one.close()
            except OSError:
                kept.append(pair)
        time.sleep(60)
time.sleep(60)
"""


@pytest.mark.parametrize(
    "source",
    [
        DEAD_LEADER,
        SHUT,
        SOCKETS.format(kind="(socket.AF_UNIX, socket.SOCK_STREAM)"),
        SOCKETS.format(kind="(socket.AF_UNIX, socket.SOCK_DGRAM)"),
        SOCKETS.format(kind="(socket.AF_UNIX, socket.SOCK_SEQPACKET)"),
        UNDER_WAY,
        BEGUN.format(family="socket.AF_INET", protocol=0, address="0.0.0.0"),
        BEGUN.format(family="socket.AF_INET", protocol="socket.IPPROTO_UDPLITE", address="0.0.0.0"),
    ],
    ids=[
        "the first thread has ended",
        "nobody may look",
        "streams",
        "datagrams",
        "packets",
        "sockets under way",
        "datagrams that were begun and not sent",
        "the same in another protocol",
    ],
)
def test_it_is_counted_all_the_same(sandbox, source: str):
    cause, _ = end_of(sandbox, source, job_memory_bytes=256 * MIB, memory_bytes=2 * GIB)
    assert cause == "memory"


def test_other_families_have_no_pairs_and_buffers_keep_their_size(sandbox):
    source = """
import socket
answer = []
for family in (socket.AF_INET, 30, 40):
    try:
        socket.socketpair(family)
    except OSError as error:
        answer.append(error.errno)
one, other = socket.socketpair()
before = one.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
for option in (socket.SO_SNDBUF, socket.SO_RCVBUF, 32, 33):
    one.setsockopt(socket.SOL_SOCKET, option, 2**24)
answer.append(one.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) == before)
"""
    with sandbox.open({}) as room:
        assert ask(room, source) == [1, 1, 1, True]


def test_honest_threads_and_sockets_cost_next_to_nothing(sandbox):
    source = """
import asyncio, multiprocessing.pool, time
pool = multiprocessing.pool.ThreadPool(8)
asyncio.run(asyncio.sleep(0.01))
pool.map(time.sleep, [0.05] * 16)
time.sleep(0.5)
answer = "alive"
"""
    with sandbox.open({}, replace(LIMITS, job_memory_bytes=256 * MIB)) as room:
        assert ask(room, source) == "alive"
