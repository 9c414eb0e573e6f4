"""One fork server for several sandboxes, and what it imports for them."""

from __future__ import annotations

import stat
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from grader.run.prefork import counts_processes_by_job, imported_modules, share_server
from grader.sandbox import BubblewrapSandbox, SharedServer
from grader.sandbox.server import END_SECONDS
from tests.grader.sandbox.conftest import DRIVERS, LIMITS, ROOT
from tests.grader.sandbox.talk import ask, eventually, is_alive


@pytest.fixture
def server(sandbox) -> Iterator[SharedServer]:
    """A server that imports nothing."""
    server = SharedServer(ROOT, warm=False, **DRIVERS)
    yield server
    server.close()


def with_server(server: SharedServer) -> BubblewrapSandbox:
    return BubblewrapSandbox(ROOT, LIMITS, warm=False, shared=server.address, **DRIVERS)


def test_sandboxes_share_a_server(server):
    with with_server(server) as one, with_server(server) as two:
        with one.open({"mine": b"1"}) as here, two.open({"mine": b"2"}) as there:
            assert ask(here, "answer = open('mine').read()") == "1"
            assert ask(there, "answer = open('mine').read()") == "2"
        assert one._server is None and two._server is None
    # It goes on when those that used it are gone.
    with with_server(server) as three, three.open({}) as room:
        assert ask(room, "answer = 3") == 3


def test_a_sandbox_helps_itself_when_the_server_is_gone(server):
    with with_server(server) as sandbox:
        server.close()
        with sandbox.open({}) as room:
            assert ask(room, "answer = 'alive'") == "alive"
        assert sandbox._server is not None
    with with_server(server) as late, late.open({}) as room:
        assert ask(room, "answer = 'alive'") == "alive"


def test_nobody_else_finds_the_door(server):
    folder = Path(server.address).parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    knock = "import socket\ntry:\n    socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET).connect({!r})\n"
    with with_server(server) as sandbox, sandbox.open({}) as room:
        code = knock.format(server.address) + "except OSError as error:\n    answer = type(error).__name__"
        assert ask(room, code) == "FileNotFoundError"
        # The doors of the server, and where it listens, are closed in its forks.
        sockets = "import os\nanswer = sorted(n for n in map(int, os.listdir('/proc/self/fd')) if n > 3)"
        assert len(ask(room, sockets)) <= 1  # the one that lists them
    server.close()
    assert not folder.exists()


def test_a_server_that_still_imports_ends_at_once(sandbox):
    server = SharedServer(ROOT)
    processes = [psutil.Process(server._server.pid)]
    assert eventually(lambda: processes[0].children(recursive=True))
    processes += processes[0].children(recursive=True)
    began = time.monotonic()
    server.close()
    assert time.monotonic() - began < END_SECONDS, "it has waited for the imports"
    assert eventually(lambda: not any(map(is_alive, processes)))


def test_a_server_imports_what_is_asked_for_if_it_can(sandbox, tmp_path):
    (tmp_path / "faulty.py").write_text("1 / 0")
    options = DRIVERS | {"extra_paths": [*DRIVERS["extra_paths"], tmp_path]}
    names = ["no_such_module", "faulty", "wave"]
    with BubblewrapSandbox(ROOT, LIMITS, warm=names, **options) as few, few.open({}) as room:
        there = "import sys; answer = [name in sys.modules for name in ('numpy', 'wave', 'torch')]"
        assert ask(room, there) == [True, True, False]


def test_what_a_notebook_imports(tmp_path):
    notebook = tmp_path / "some.ipynb"
    notebook.write_text(
        '{"cells": [{"cell_type": "markdown", "source": "import this"},'
        '{"cell_type": "code", "source": ["import numpy as np, torch.nn\\n", "from . import me\\n",'
        ' "def f():\\n", "    from a.b import c"]},'
        '{"cell_type": "code", "source": "%matplotlib inline"}, {"cell_type": "code"}]}'
    )
    assert imported_modules(notebook) == set()  # a cell without a source: nbgrader will say so
    notebook.write_text(notebook.read_text().replace(', {"cell_type": "code"}', ""))
    assert imported_modules(notebook) == {"numpy", "torch.nn", "a.b"}
    assert imported_modules(tmp_path / "missing.ipynb") == set()


@pytest.mark.parametrize(("release", "shares"), [("5.14.0-1", True), ("6.1.0", True), ("5.4.0-200", False)])
def test_jobs_share_a_user_where_each_has_its_own_limits(monkeypatch, release, shares):
    monkeypatch.setattr("platform.release", lambda: release)
    assert counts_processes_by_job() is shares


def test_there_is_no_server_where_there_is_no_sandbox(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert share_server(ROOT) is None
