"""What another user of this machine tries while a class is graded, and afterwards."""

from __future__ import annotations

import os
import socket
import ssl
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil
import pytest
from distributed import Client
from distributed.security import Security

from grader.gradebook.export import export
from grader.gradebook.results_output import write_csv
from grader.report.report import write_report
from grader.run.grade import grade
from grader.run.local_cluster import local_cluster
from tests.attacks.test_course_grade import UNIT, Class
from tests.attacks.unit import honest
from tests.grader.run.conftest import Here

GROUP_AND_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A course that was graded under most systems' mask, with all that can be written after it."""
    before = os.umask(0o022)
    try:
        a_class = Class(tmp_path_factory.mktemp("class"))
        a_class.hand_in("ann", honest(a_class.released))
        # As an earlier version left them.
        (a_class.root / "autograded").mkdir()
        (a_class.root / "grading.log").write_text("")
        write_csv(grade(a_class.root, [UNIT], pool=Here()), a_class.root / "grades.csv")
        for format in ("canvas", "moodle"):
            export(a_class.root, UNIT, format)
        write_report(a_class.root, UNIT, a_class.root / "report.html")
        yield a_class.root
    finally:
        os.umask(before)


WRITTEN = (
    *("gradebook.db", "autograded", "feedback", "grading.log", "grades.csv", "report.html"),
    *(f"canvas-{UNIT}.csv", f"moodle-{UNIT}.csv"),
    *(f"autograded/ann/{UNIT}/target.ipynb", f"feedback/ann/{UNIT}/target.html"),
)


@pytest.mark.parametrize("name", WRITTEN)
def test_nobody_else_has_any_right_to_what_grading_wrote(graded: Path, name: str):
    assert stat.S_IMODE((graded / name).stat().st_mode) & GROUP_AND_OTHERS == 0


@pytest.mark.skipif(sys.platform != "linux" or os.getuid() != 0, reason="only root can become another user")
def test_another_user_can_read_none_of_it(graded: Path):
    for folder in [graded, *graded.parents]:
        # pytest's folders are its own; a course's may be open.
        if folder.stat().st_uid == 0 and "pytest" in str(folder):
            folder.chmod(0o755)
    nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    assert subprocess.run([*nobody, "cat", str(graded / "nbgrader_config.py")], capture_output=True).stdout
    for path in graded.rglob("*"):
        names = path.relative_to(graded).parts
        if path.is_file() and names[0] not in ("nbgrader_config.py", "source", "submitted", "release"):
            read = subprocess.run([*nobody, "cat", str(path)], capture_output=True)
            assert (read.returncode, read.stdout) == (1, b""), path


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[str, int]]]:
    """Where the processes of a pool with two workers listen; other tests' pools may still be there."""
    before = listening()
    with ExitStack() as stack:
        cluster = local_cluster(2, stack)
        with Client(cluster) as client:
            client.wait_for_workers(2, timeout=60)
            yield sorted(listening() - before)


def listening() -> set[tuple[str, int]]:
    """Where this process and its children listen."""
    me = psutil.Process()
    family = [me, *me.children(recursive=True)]
    connections = [each for process in family for each in process.net_connections("tcp")]
    return {tuple(each.laddr) for each in connections if each.status == psutil.CONN_LISTEN}


def test_the_processes_that_grade_listen_only_for_each_other(ports):
    """A scheduler, two nannies, two workers; no pages for browsers."""
    assert len(ports) == 5 and {host for host, _ in ports} == {"127.0.0.1"}


@pytest.mark.parametrize(
    "path", ["/", "/status", "/metrics", "/health", "/json/counts.json", "/sitemap.json"]
)
def test_nobody_gets_a_page(ports, path: str):
    for address in ports:
        with socket.create_connection(address, timeout=5) as connection:
            connection.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
            connection.settimeout(2)
            try:
                said = connection.recv(1000)
            except OSError:
                said = b""
            assert b"HTTP" not in said and len(said) < 100, said


def test_nobody_gets_in_without_the_keys_of_this_run(ports):
    careless = ssl.create_default_context()
    careless.check_hostname, careless.verify_mode = False, ssl.CERT_NONE
    stranger = Security.temporary().get_connection_args("client")["ssl_context"]
    stranger.check_hostname, stranger.verify_mode = False, ssl.CERT_NONE
    for context in (careless, stranger):
        for address in ports:
            said = b""
            with suppress(OSError), socket.create_connection(address, timeout=5) as connection:
                # The handshake of TLS 1.3 is over before the other side has looked at the certificate.
                with context.wrap_socket(connection) as tls:
                    said = tls.recv(100)
            assert said == b""


def test_dasks_files_are_in_a_folder_that_nobody_else_can_have_made(ports):
    places = [path for path in Path(tempfile.gettempdir()).glob("dask-*") if f"-{os.getpid()}-" in path.name]
    assert {stat.S_IMODE(path.stat().st_mode) for path in places} == {0o700}
