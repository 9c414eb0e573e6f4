"""The whole cycle of docs/instructor.md with a class of 60 in three units, real commands, and accidents.

    python -m benchmarks.full_cycle [--students 60]

Each command is typed as the page has it. The scores of everybody are checked after each grading. The first
grading is killed (`kill -9`), then one of its workers. A copy of the course is graded from a full disk, one
into PostgreSQL, and one on two Dask workers. It prints the minutes of each step.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import psutil
from distributed import Client

from authoring.lesson import Unit, find_units
from benchmarks.cycle import PAGE, Class, Walk, walk
from benchmarks.page import Reader
from benchmarks.servers import free_port, postgresql_server
from course.demo.demo import set_up
from course.demo.hand_in import Student, Submission, deserved_points
from course.demo.roster import STUDENTS
from grader.people import Person

ROOT = Path(__file__).resolve().parent.parent
UNITS = ["01-data-loading", "02-explicit-als", "03-sgd"]
# An endless loop takes its time limit, whatever else is measured.
LEFT_OUT = {"endless-loop"}
SERVER, WORKERS = (
    "dask scheduler --host 10.0.0.1",
    "dask worker tcp://10.0.0.1:8786 --nthreads 1 --nworkers 8",
)
ON_CLUSTER = "course grade --scheduler tcp://10.0.0.1:8786"
DB_URL = '"postgresql+psycopg://grader:password@10.0.0.2/course"'
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}


def program(name: str) -> str:
    """A program of this environment."""
    return str(Path(sys.executable).parent / name)


def run(folder: Path, words: list[str]) -> tuple[int, str]:
    """The exit code of a command, and what it prints on standard output; on failure, the rest is shown."""
    command = [program(words[0]), *words[1:]]
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True)
    if done.returncode:
        print(done.stderr, file=sys.stderr)
    return done.returncode, done.stdout


def start(folder: Path, words: list[str]) -> subprocess.Popen:
    """A command that runs on."""
    command = [program(words[0]), *words[1:]]
    return subprocess.Popen(
        command, cwd=folder, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def make_class(folder: Path, size: int) -> Class:
    """A course of three units, released, and people who do what the demonstration's students do."""
    set_up(ROOT, folder)
    for other in (folder / "source").iterdir():
        if other.name not in UNITS:
            shutil.rmtree(other)
    units = {unit.name: unit for unit in find_units(folder, UNITS)}
    roles = {
        name: [each for each in STUDENTS if name in each.write and each.id not in LEFT_OUT] for name in UNITS
    }
    people = [
        Person(f"id{n:03}", f"Given{n:03}", f"Family{n:03}", f"{n}@x.org", f"{n:05}") for n in range(size)
    ]

    def role(person: Person, name: str) -> Student:
        return roles[name][people.index(person) % len(roles[name])]

    def notebook(name: str, write: Callable[[Submission], None]) -> bytes:
        submission = Submission(units[name])
        write(submission)
        return nbformat.writes(submission.notebook).encode()

    return Class(
        people,
        UNITS,
        lambda person, name: notebook(name, role(person, name).write[name]),
        lambda person, name: sum(deserved_points(units[name], role(person, name)).values()),
        lambda name: notebook(name, Submission.solve),
        lambda name: sum(deserved_points(units[name], STUDENTS[0]).values()),
        {name: unit.notebook.name for name, unit in units.items()},
        lambda name: change_check(units[name]),
    )


def change_check(unit: Unit) -> None:
    """Write a comment into the hidden checks of a unit, which are part of its cells, and release."""
    path = unit.root / "tests" / "checks" / f"{unit.module}.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        re.sub(r"(?m)^    assert ", "    # Looked at again.\n    assert ", text), encoding="utf-8"
    )
    for command in ("build", "release"):
        code, said = run(unit.root, ["course", command])
        assert code == 0, said


def kill(on: Walk) -> None:
    """End the grader in the middle of the class, and then a worker of the next one."""
    pages, total = on.folder / "feedback", len(on.deserved)

    def n_pages() -> int:
        return len(list(pages.rglob("*.html"))) if pages.is_dir() else 0

    grader = start(on.folder, on.reader.words("course grade"))
    wait_for(lambda: n_pages() > total / 4 or grader.poll() is not None)
    grader.kill()
    assert grader.wait() != 0, "the grader was done before it was killed"
    grader = start(on.folder, on.reader.words("course grade"))
    wait_for(lambda: n_pages() > total / 2 or grader.poll() is not None)
    children = psutil.Process(grader.pid).children(recursive=True)
    workers = [each for each in children if each.is_running() and each.cpu_times().user > 1]
    assert workers, "no worker to kill"
    max(workers, key=lambda each: each.cpu_times().user).kill()
    assert grader.wait() == 0


def wait_for(happened: Callable[[], bool], seconds: float = 3600) -> None:
    """Wait until something has happened."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


@contextmanager
def copied(on: Walk, to: Path, students: int | None = None) -> Iterator[Walk]:
    """A copy of the course in which nothing is graded, and of its class the first few or all."""
    for name in ("source", "solutions", "tests", "course_utils", "release", "submitted"):
        shutil.copytree(on.folder / name, to / name)
    for name in ("nbgrader_config.py", "students.csv"):
        shutil.copy(on.folder / name, to)
    people = on.of.people[:students]
    for folder in (to / "submitted").iterdir():
        if folder.name not in {person.id for person in people}:
            shutil.rmtree(folder)
    copy = Walk(Reader(on.reader.text, to, run), on.of, on.accident)
    unit = on.of.units[1]
    names = {person.id for person in people}
    copy.deserved = {key: points for key, points in on.deserved.items() if key[1] == unit and key[0] in names}
    yield copy
    on.reader.typed |= copy.reader.typed


def on_a_full_disk(on: Walk, place: Path) -> None:
    """Grade on a disk that is too small, then give it room and type the same again."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1g", "tmpfs", str(place)]
    if os.getuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        print("A full disk is left out: only root can mount one.")
        return
    try:
        with copied(on, place, students=12) as copy:
            unit = on.of.units[1]
            copy.reader.type("course release")
            used = (shutil.disk_usage(place).used >> 10) + 1000
            subprocess.run(["mount", "-o", f"remount,size={used}k", str(place)], check=True)
            said = json.loads(copy.reader.type("course grade", unit, "--json", code=1))
            full = [each["problem"] for each in said if each["status"] == "failed"]
            assert full and all("full" in problem for problem in full), full[:1]
            subprocess.run(["mount", "-o", "remount,size=1g", str(place)], check=True)
            assert copy.grade(unit).keys() == copy.deserved.keys()
    finally:
        subprocess.run(["umount", str(place)], check=True)


def into_postgresql(on: Walk, place: Path) -> None:
    """The gradebook on a server."""
    programs = shutil.which("initdb")
    if programs is None:
        print("PostgreSQL is left out: there is no server on this machine.")
        return
    place.mkdir()
    with (
        postgresql_server(Path(programs).resolve().parent, "not-for-the-log") as url,
        copied(on, place) as copy,
    ):
        line = on.reader.block("db_url").replace(DB_URL, repr(url))
        with (place / "nbgrader_config.py").open("a", encoding="utf-8") as config:
            config.write(f"\n{line}\n")
        copy.reader.type("course release")
        copy.reader.type("course students students.csv")
        assert copy.grade(on.of.units[1]).keys() == copy.deserved.keys()
        copy.reader.type("course export UNIT canvas", instead={"UNIT": on.of.units[1]})
        assert not (place / "gradebook.db").exists()


def on_dask(on: Walk, place: Path) -> None:
    """Two workers of a Dask cluster on the loopback."""
    place.mkdir()
    port = free_port()
    with copied(on, place) as copy:
        copy.reader.type("course release")
        servers = [
            start(place, [*copy.reader.words(SERVER, {"10.0.0.1": "127.0.0.1"}), "--port", str(port)]),
            start(place, copy.reader.words(WORKERS, {"10.0.0.1:8786": f"127.0.0.1:{port}", "8": "2"})),
        ]
        try:
            with Client(f"tcp://127.0.0.1:{port}") as client:  # whose processes take a while to start
                client.wait_for_workers(2, timeout=120)
            graded = copy.grade(
                on.of.units[1], command=ON_CLUSTER, instead={"10.0.0.1:8786": f"127.0.0.1:{port}"}
            )
            assert graded.keys() == copy.deserved.keys()
        finally:
            for server in servers[::-1]:
                server.terminate()
                server.wait()


def main() -> None:
    """Walk, and print the minutes."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.full_cycle",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--students", type=int, default=60, help="size of the class, at least 5")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cycle-") as made:
        folder = Path(made) / "course"
        reader = Reader(PAGE.read_text(encoding="utf-8"), folder, run)
        on = Walk(reader, make_class(folder, options.students), kill)
        with on.step("build, release, doctor"):
            for command in ("course build", "course release", "course doctor"):
                reader.type(command)
        walk(on)
        with on.step("run a notebook's checks"):
            (notebook,) = (folder / "submitted" / on.of.people[0].id / UNITS[1]).glob("*.ipynb")
            said = reader.type("course check NOTEBOOK", instead={"NOTEBOOK": notebook})
            points, worth = on.of.points(on.of.people[0], UNITS[1]), on.of.worth(UNITS[1])
            assert f"{points:g} of the {worth:g} points that checks decide" in said, said
        for name, step in (
            ("one unit on a full disk, then with room", on_a_full_disk),
            ("one unit into PostgreSQL", into_postgresql),
            ("one unit on two Dask workers", on_dask),
        ):
            with on.step(name):
                step(on, Path(made) / step.__name__)
        print(f"{'together':50}{sum(on.minutes.values()):8.1f} min")
        print(f"All scores are right: {len(on.deserved)} submissions of {len(on.of.people)} students.")
        print(f"Not typed: {', '.join(reader.not_typed())}")


if __name__ == "__main__":
    main()
