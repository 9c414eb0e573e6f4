"""Workers die, graders are killed, clusters are far away: nothing graded is lost, and the rest goes on."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from distributed import Client, LocalCluster

from grader.course_folder import CourseError
from grader.gradebook.results import Status
from grader.run import official, worker
from grader.run import pool as pools
from grader.run.pool import Pool
from grader.task import Outcome, Task
from tests.grader.run.conftest import UNIT, Course, solve

PATIENCE = 600  # seconds, on a machine under load
grade_as_usual = worker.run


def wait_for(happened, seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


@pytest.fixture
def few(course: Course) -> Iterator[Course]:
    """Three students, whose cells take a second."""
    for student in ("ann", "bob", "cem"):
        course.submit(student, lambda nb: solve(nb, "import time; time.sleep(0.5)\nreturn 2 * x"))
    yield course
    for folder in (course.root / "submitted").glob("*"):
        course.remove(folder.name)


def test_a_killed_worker_costs_nothing(few: Course) -> None:
    few.grade("ann")  # the workers run
    victim, *_ = few.pool._client.run(os.getpid).values()
    threading.Timer(0.7, os.kill, [victim, signal.SIGKILL]).start()
    results = few.grade(force=True)
    assert {name: result.total for name, result in results.items()} == {"ann": 8, "bob": 8, "cem": 8}
    assert not psutil.pid_exists(victim)


def ends_its_worker(task: Task, *how: object) -> Outcome:
    """In the place of `pool._grade`: the worker does not outlive one of the submissions."""
    if task.student == "bob":
        os.kill(os.getpid(), signal.SIGKILL)
    return grade_as_usual(task, *how)


def hangs_its_worker(task: Task, *how: object) -> Outcome:
    """In the place of `pool._grade`: one submission keeps the interpreter busy, and nothing interrupts it."""
    if task.student == "bob":
        worker._time_limit = lambda task: 1.0
        worker._grade = lambda *_: re.match("(a+)+b", 60 * "a")
    return grade_as_usual(task, *how)


@pytest.mark.parametrize("function", [ends_its_worker, hangs_its_worker])
def test_a_submission_that_ends_every_worker_stops_nobody(
    few: Course, monkeypatch: pytest.MonkeyPatch, function
) -> None:
    monkeypatch.setattr(pools, "_grade", function)
    results = few.grade(force=True)
    assert "The worker died each time" in results["bob"].problem
    assert {name: results[name].total for name in ("ann", "cem")} == {"ann": 8, "cem": 8}


def test_workers_that_nobody_replaces_are_started_again(few: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "SECONDS_BETWEEN_LOOKS", 0.1)
    monkeypatch.setattr(pools, "SECONDS_WITHOUT_WORKERS", 0.2)
    few.grade("ann", force=True)  # the workers run
    before = few.pool._client
    monkeypatch.setattr(before, "nthreads", dict)  # as when all died
    results = few.grade(force=True)
    assert few.pool._client is not before
    assert {name: result.total for name, result in results.items()} == {"ann": 8, "bob": 8, "cem": 8}


def start_grading(course: Course, log: Path) -> subprocess.Popen:
    command = [sys.executable, "-m", "course.cli", "grade", UNIT, "--workers", "1", "--json", "--force"]
    with log.open("w") as out:
        return subprocess.Popen(
            [*command, *([] if course.pool._isolated else ["--no-sandbox"])],
            cwd=course.root,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=os.environ | {"PYTHONPATH": str(Path(pools.__file__).parents[2])},
        )


@pytest.mark.parametrize("blow", [signal.SIGINT, signal.SIGKILL])
def test_a_grader_that_is_stopped_loses_nothing(few: Course, tmp_path: Path, blow: signal.Signals) -> None:
    done = few.root / "autograded" / "ann" / UNIT
    before = done.stat().st_mtime_ns if done.exists() else 0
    grader = start_grading(few, tmp_path / "log")
    family = psutil.Process(grader.pid)
    wait_for(lambda: (done.exists() and done.stat().st_mtime_ns > before) or grader.poll() is not None)
    processes = family.children(recursive=True)
    # Ctrl-C in a terminal reaches all processes in it.
    os.killpg(grader.pid, blow) if blow == signal.SIGINT else grader.kill()
    assert grader.wait(PATIENCE) != 0
    said = (tmp_path / "log").read_text()
    assert "Traceback" not in said
    if blow == signal.SIGINT:
        stopped = re.search(r"Stopped. (\d) of 3 submissions are graded and kept; run the same", said)
        start = re.search(r"^\[", said, re.MULTILINE).start()
        results = json.loads(said[start : said.rindex("]\n") + 1])
        assert [each["total"] for each in results] == int(stopped.group(1)) * [8]
    # Nothing goes on without it.
    wait_for(lambda: not any(each.is_running() and each.status() != "zombie" for each in processes))
    results = few.grade()
    assert results["ann"].status is Status.KEPT
    assert {result.total for result in results.values()} == {8}


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[str]:
    """A scheduler and workers as somebody would start them on other machines, here on this one."""
    processes = []

    def start(name: str, *options: str) -> None:
        script = f"from distributed.cli.dask_{name} import main; main()"
        with (folder / f"{name}.log").open("a") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", script, *options], stdout=log, stderr=log, cwd=folder
            )
        processes.append(process)

    address = folder / "scheduler.json"
    place = ("--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(address))
    start("scheduler", *place, "--no-dashboard")
    try:
        # The file is there before its content is.
        wait_for(lambda: address.is_file() and address.read_text().rstrip().endswith("}"))
        url = json.loads(address.read_text())["address"]
        for _ in range(workers):
            start("worker", url, "--nthreads", "1", "--no-dashboard", "--memory-limit", "0")
        with Client(url, timeout=PATIENCE) as client:
            client.wait_for_workers(workers, timeout=PATIENCE)
        yield url
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(PATIENCE)


def test_workers_of_a_cluster_grade(few: Course, tmp_path: Path) -> None:
    few.submit_text("dan", "not a notebook")
    with cluster(tmp_path, 2) as url, Pool(scheduler=url, isolated=few.pool._isolated) as far:
        results = few.grade(force=True, pool=far)
        assert len(far._client.nthreads()) == 2
    assert {results[name].total for name in ("ann", "bob", "cem")} == {8}
    assert "not JSON" in results["dan"].problem
    assert few.grade("ann")["ann"].status is Status.KEPT


def test_what_is_wrong_with_a_cluster_is_said(few: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"processes": False, "dashboard_address": "127.0.0.1:0", "protocol": "tcp"}
    with monkeypatch.context() as patch:
        patch.setattr(pools, "SECONDS_TO_CONNECT", 1)  # nobody will answer
        with pytest.raises(CourseError, match="no Dask scheduler at tcp://127.0.0.1:9 .*dask scheduler"):
            few.grade(force=True, pool=Pool(scheduler="tcp://127.0.0.1:9"))
        # Nobody will come, but a machine under load needs time to reach the scheduler.
        patch.setattr(pools, "SECONDS_TO_CONNECT", 5)
        with LocalCluster(n_workers=0, **options) as empty, Pool(scheduler=empty.scheduler_address) as pool:
            with pytest.raises(CourseError, match="has no workers: start some with `dask worker`"):
                few.grade(force=True, pool=pool)
    with LocalCluster(n_workers=1, threads_per_worker=2, **options) as wide:
        with Pool(scheduler=wide.scheduler_address) as pool:
            with pytest.raises(CourseError, match="runs 2 tasks at a time: start it with --nthreads 1"):
                few.grade(force=True, pool=pool)
    with LocalCluster(n_workers=1, threads_per_worker=1, **options) as other:
        with monkeypatch.context() as patch, Pool(scheduler=other.scheduler_address) as pool:
            patch.setattr(pools, "PROJECT", "a-project-that-is-not-there")
            with pytest.raises(CourseError, match="lacks this project: install it there"):
                few.grade(force=True, pool=pool)
        with monkeypatch.context() as patch, Pool(scheduler=other.scheduler_address) as pool:
            patch.setattr(pools, "versions", lambda: [*official.versions()[:-1], "tqdm==1.0"])
            with pytest.raises(CourseError, match="other versions: tqdm==.* in place of tqdm==1.0"):
                few.grade(force=True, pool=pool)
