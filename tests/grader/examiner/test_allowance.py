"""Waiting for a processor costs nobody time; sleep, work of any kind, and what is not measured does."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.examiner import allowance as module
from grader.examiner.allowance import Allowance
from grader.examiner.errors import CallFailed
from grader.load import ceiling
from grader.record import Flag
from grader.used_time import Used, of_thread, scheduled
from tests.grader.examiner.conftest import Student

told = pytest.mark.skipif(
    scheduled(Path("/proc/self")) is None, reason="this system does not tell how long code waited"
)


class Machine:
    """A clock, a job and the checks' own thread, all told what to show."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.looks, self.waited = 0.0, 0, True
        self.job, self.own = Used(0.0, 0.0), Used(0.0, 0.0)
        monkeypatch.setattr(module, "monotonic", lambda: self.now)
        monkeypatch.setattr(module, "of_thread", lambda _: self.own)
        monkeypatch.setattr(module, "ceiling", lambda: 5.0)
        monkeypatch.setattr(module, "load_factor", lambda: 2.0)

    def look(self) -> Used | None:
        self.looks += 1
        return self.job

    def goes_on(self, seconds: float, processor: float, waited: float) -> None:
        """Let time pass, in which the job works and waits."""
        self.now += seconds
        if self.job.waited is not None:
            self.job = Used(self.job.processor + processor, self.job.waited + waited)

    def end_of(self, allowance: Allowance, processor: float, waited: float, own: float = 0.0) -> float:
        """When the allowance is over, with so much work and waiting each second."""
        while (left := allowance.left()) > 0:
            self.goes_on(left, processor * left, waited * left)
            self.own = Used(self.own.processor, (self.own.waited or 0.0) + own * left)
        return self.now


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


@pytest.mark.parametrize(
    ("processor", "waited", "end"),
    [
        pytest.param(1.0, 0.0, 5.0, id="a loop on an idle machine"),
        pytest.param(0.0, 0.0, 5.0, id="sleep"),
        pytest.param(0.5, 0.0, 5.0, id="work and sleep"),
        pytest.param(0.5, 0.5, 9.75, id="a loop beside another"),
        pytest.param(0.25, 0.75, 19.25, id="a loop beside three others"),
        pytest.param(0.0, 0.75, 19.25, id="sleep beside others costs as much as work"),
        pytest.param(2.0, 0.0, 5.0, id="two threads that have a processor each"),
        pytest.param(1.0, 63.0, 5.0, id="64 processes that keep each other waiting"),
        pytest.param(0.0, 1.0, 25.0, id="always waiting: to the ceiling"),
        pytest.param(0.0, 63.0, 25.0, id="many that wait, and work nobody sees: to the ceiling"),
    ],
)
def test_what_counts(machine: Machine, processor: float, waited: float, end: float) -> None:
    """The first quarter of a second goes by the clock; then it is exact to a look's distance."""
    assert machine.end_of(Allowance(5.0, machine.look), processor, waited) == pytest.approx(end, abs=0.15)


def test_what_the_checks_themselves_wait_does_not_count_either(machine: Machine) -> None:
    end = machine.end_of(Allowance(5.0, machine.look), processor=0.0, waited=0.25, own=0.25)
    assert end == pytest.approx(9.75, abs=0.15)


def test_what_ends_at_once_costs_no_look_and_the_rest_a_few(machine: Machine) -> None:
    for _ in range(1000):
        machine.goes_on(0.01, 0.01, 0.0)
        assert Allowance(5.0, machine.look).left() > 0
    assert machine.looks == 0
    machine.end_of(Allowance(5.0, machine.look), 1.0, 0.0)
    assert machine.looks <= 4
    machine.looks = 0
    machine.end_of(Allowance(5.0, machine.look), 0.25, 0.75)
    assert machine.looks <= 25


def test_a_part_is_over_with_the_whole(machine: Machine) -> None:
    whole = Allowance(3.0, machine.look)
    assert machine.end_of(whole.part(100.0), 0.5, 0.5) == pytest.approx(5.75, abs=0.15)
    assert whole.part(1.0).left() <= 0


@pytest.mark.parametrize("told", [None, Used(0.0, None)])
def test_where_nothing_is_measured_limits_grow_with_the_load_and_it_is_said(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, told: Used | None
) -> None:
    module._has_said.clear()
    monkeypatch.setattr(module, "get_logger", lambda: logging.getLogger("grader"))
    monkeypatch.setattr(machine, "look", lambda: told)
    for _ in range(2):
        machine.now = 0.0
        assert machine.end_of(Allowance(5.0, machine.look), 0.0, 0.0) == pytest.approx(10.0, abs=0.1)
    assert [record.getMessage() for record in caplog.records] == [module.NOT_MEASURED]


@pytest.fixture
def busy() -> Iterator[None]:
    """Two loops for the one processor that this process, and all it starts, may use meanwhile."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()
        os.sched_setaffinity(0, before)


WORK = """
import time
def work(seconds):
    began = time.process_time()
    while time.process_time() < began + seconds: pass
    return "done"
"""


@told
def test_correct_work_on_a_busy_machine_is_not_cut_off_and_a_loop_is(
    busy: None, fresh_student: Callable[..., Student]
) -> None:
    student = fresh_student(call=0.8, grace=20)
    work = student.defines(WORK, "work")
    began = time.monotonic()
    assert work(0.4) == "done"
    assert time.monotonic() - began > 0.8, "the loops beside it took no time: the test proves nothing"
    with pytest.raises(CallFailed, match="work was stopped after 1 s: is there a loop that never ends"):
        work(60)
    assert student.session.log.flags == [Flag.TIMEOUT]


ENDLESS = {
    "sleep": "time.sleep(60)",
    "deadlock": "lock = threading.Lock(); lock.acquire(); lock.acquire()",
    "threads": "for _ in range(8): threading.Thread(target=spin, daemon=True).start()\n        spin()",
    "forks that are collected": "while True: os.waitpid(child(), 0)",
    "forks that nobody collects": "signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n        while True: hide()",
    "a process of its own": "os.waitpid(child(10), 0)",
}
HELPERS = """
import os, signal, threading, time
def spin(seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end: pass
def child(seconds=0.01):
    number = os.fork()
    if number == 0:
        spin(seconds)
        os._exit(0)
    return number
def hide():
    child()
    try: os.wait()  # it says, when the child has ended, that there is none
    except ChildProcessError: pass
def f():
    try:
        {}
    finally:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
"""


@told
@pytest.mark.parametrize("kind", ENDLESS)
def test_nothing_goes_on_for_ever(kind: str, fresh_student: Callable[..., Student]) -> None:
    student = fresh_student(call=0.5, grace=1)
    f = student.defines(HELPERS.format(ENDLESS[kind]), "f")
    began = time.monotonic()
    with pytest.raises(CallFailed, match="f was stopped"):
        f()
    assert time.monotonic() - began < 1.5 * ceiling() + 20
    assert student.session.log.flags == [Flag.TIMEOUT]


@told
def test_what_a_thread_waited_is_told(busy: None) -> None:
    before, began, work = of_thread(threading.get_native_id()), time.monotonic(), time.thread_time()
    while time.thread_time() < work + 0.1:
        pass
    after, taken = of_thread(threading.get_native_id()), time.monotonic() - began
    assert after.processor - before.processor == pytest.approx(0.1, abs=0.03)
    # While a virtual machine itself waits for a processor, nobody counts.
    assert 0.5 * (taken - 0.1) - 0.05 <= after.waited - before.waited <= taken


def test_a_thread_that_is_gone_is_not_told(tmp_path: Path) -> None:
    assert scheduled(tmp_path) is None
    (tmp_path / "schedstat").write_text("none\n")
    assert scheduled(tmp_path) is None
