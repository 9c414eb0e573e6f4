"""What a job has used is told from outside, whoever of it did the work and whoever has ended since."""

from __future__ import annotations

import time

import pytest

from grader.sandbox import Room
from grader.sandbox.control_group import ControlGroup
from grader.sandbox.inside.job_time import JobTime, _Times
from grader.used_time import Used
from tests.grader.sandbox.talk import ask

START = """
import os, signal, threading, time
def work(seconds, clock=time.process_time):
    end = clock() + seconds
    while clock() < end: pass
def child(seconds):
    number = os.fork()
    if number == 0:
        work(seconds)
        os._exit(0)
    return number
"""
WORK = {
    "itself": "work(0.4)",
    "threads": "ts = [threading.Thread(target=work, args=(0.1, time.thread_time)) for _ in range(4)]\n"
    "for t in ts: t.start()\nfor t in ts: t.join()",
    "children": "for number in [child(0.1) for _ in range(4)]: os.waitpid(number, 0)",
    "grandchildren whose parent has ended": (
        "for _ in range(4):\n    number = os.fork()\n    if number == 0:\n        child(0.1)\n"
        "        os._exit(0)\n    os.waitpid(number, 0)\n"
        "while len([name for name in os.listdir('/proc') if name.isdigit()]) > 2: time.sleep(0.02)"
    ),
}


@pytest.mark.parametrize("kind", WORK)
def test_work_of_every_kind_is_counted_to_the_end(room: Room, kind: str) -> None:
    ask(room, START)
    before = room.time_used()
    ask(room, WORK[kind])
    after = room.time_used()
    # In steps of the kernel's clock; a fork costs something, too.
    assert 0.35 < after.processor - before.processor < 0.75  # twice is 0.8


def test_sleep_is_neither_work_nor_waiting(room: Room) -> None:
    before = room.time_used()
    ask(room, "import time; time.sleep(0.5)")
    after = room.time_used()
    assert after.processor - before.processor < 0.1 and after.waited - before.waited < 0.25


def test_a_process_that_nobody_collects_is_counted_as_far_as_it_was_seen(room: Room) -> None:
    ask(room, START)
    before = room.time_used()
    ask(room, "signal.signal(signal.SIGCHLD, signal.SIG_IGN)\nnumber = child(0.5)\ntime.sleep(0.5)")
    ask(room, "while os.path.exists(f'/proc/{number}'): time.sleep(0.02)")
    assert room.time_used().processor - before.processor > 0.2


def test_work_without_a_sandbox_is_counted(plain) -> None:
    with plain.open({}) as room:
        ask(room, START)
        before = room.time_used()
        ask(room, WORK["children"])
        assert 0.35 < room.time_used().processor - before.processor < 0.6


def test_a_job_that_ended_says_what_it_had_used(room: Room) -> None:
    before = room.time_used()
    room.kill()
    assert "ended by the grader" in room.cause_of_death()
    assert room.time_used() == before


def test_one_that_cannot_say_is_not_waited_for(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.sandbox.room.LOOK_SECONDS", 0.2)
    monkeypatch.setattr(room, "_command", lambda _: None)
    began = time.monotonic()
    assert room.time_used() is None
    assert time.monotonic() - began < 5


def test_what_the_kernel_counts_for_the_group_holds_if_it_is_more(room: Room, tmp_path) -> None:
    (tmp_path / "cpu.stat").write_text("usage_usec 7500000\nuser_usec 1\n")
    group = ControlGroup.__new__(ControlGroup)
    group._folder = tmp_path
    assert group.processor_seconds == 7.5
    room._group, before = group, room._group
    assert room.time_used().processor == 7.5
    room._group = before
    (tmp_path / "cpu.stat").unlink()
    assert group.processor_seconds == 0.0


def test_nothing_counts_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that is overlooked for once, then found, then collected; and one that nobody collects."""
    looks = [
        [_Times(1, 0.0, 0.0, 0.0), _Times(2, 1.0, 3.0, 0.0)],
        [_Times(1, 0.0, 0.0, 0.0)],
        [_Times(1, 0.0, 0.0, 0.0), _Times(2, 1.0, 4.0, 0.0)],
        [_Times(1, 0.0, 0.0, 4.5), _Times(2, 9.0, 1.0, 0.0)],  # another has its number
        [_Times(1, 0.0, 0.0, 4.5)],
    ]
    job, seen = JobTime(1), []
    for look in looks:
        found = iter(look)
        monkeypatch.setattr("grader.sandbox.inside.job_time._times", lambda _, found=found: next(found))
        monkeypatch.setattr("grader.sandbox.inside.job_time._waits", lambda _: {})
        seen.append(job.look_at(range(len(look))).processor)
    assert seen == [3.0, 3.0, 4.0, 5.5, 5.5]


def test_a_thread_with_the_number_of_another_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.sandbox.inside.job_time._times", lambda _: _Times(1, 0.0, 0.0, 0.0))
    job, waited = JobTime(1), []
    job._used = Used(0.0, 0.0)
    for waits in ({(1, "1"): 2.0}, {(1, "1"): 3.0, (1, "2"): 1.0}, {}, {(1, "1"): 0.5}):
        monkeypatch.setattr("grader.sandbox.inside.job_time._waits", lambda _, waits=waits: waits)
        waited.append(job.look_at([1]).waited)
    assert waited == [2.0, 4.0, 4.0, 4.5]
