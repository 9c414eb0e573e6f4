"""What a job can see, reach and change: its own, and nothing else."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import psutil
import pytest

from grader.sandbox import BubblewrapSandbox, SandboxError
from tests.grader.sandbox.conftest import DRIVERS, LIMITS, ROOT, SECRET
from tests.grader.sandbox.talk import ask, begin, eventually, hear

SCRATCH = "/scratch"


def test_the_grader_s_environment_is_not_inside(room):
    # bubblewrap's own first process shows the environment that bubblewrap was started with.
    answer = ask(
        room,
        """
import glob, os
seen = [repr(dict(os.environ))]
for path in glob.glob("/proc/[0-9]*/environ"):
    try:
        seen.append(open(path, "rb").read().decode())
    except OSError:
        pass
answer = seen
""",
    )
    assert not any(SECRET in text or "MF_TEST_SECRET" in text for text in answer)
    assert len(answer) > 1


def test_no_capability_is_left_and_none_can_be_had(room):
    status = ask(room, "answer = open('/proc/self/status').read()")
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(fields[kind], 16) == 0
    assert fields["NoNewPrivs"] == "1"
    assert fields["Seccomp"] == "2"


@pytest.mark.skipif(os.getuid() != 0, reason="only root has users to give away")
def test_root_s_jobs_run_as_an_unprivileged_user_without_groups(room):
    uid, gid, groups = ask(room, "import os; answer = [os.getuid(), os.getgid(), os.getgroups()]")
    assert uid == gid >= 61184
    assert groups == []


@pytest.mark.parametrize(
    "call",
    [
        "libc.mount(b'none', b'/scratch/work', b'tmpfs', 0, None)",
        "libc.umount2(b'/proc', 2)",
        "libc.unshare(0x10000000)",
        "libc.unshare(0x00020000)",
        "libc.setns(0, 0)",
        "libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0)",  # clone with a new user namespace
        "libc.ptrace(16, 1, 0, 0)",
        "libc.memfd_create(b'unseen', 0)",
        "libc.shmget(0, 4096, 0o1600)",
        "libc.chroot(b'/scratch')",
        "libc.setuid(0)",
        "libc.kill(-1, 0) or -1",  # nobody else is there to receive a signal
    ],
)
def test_the_kernel_refuses(room, call):
    if call.startswith("libc.syscall") and os.uname().machine != "x86_64":
        pytest.skip("the number of clone(2) on x86_64")
    assert ask(room, f"import ctypes; libc = ctypes.CDLL(None); answer = {call}") == -1


def test_user_namespaces_are_off_for_good(room):
    limit = "/proc/sys/user/max_user_namespaces"
    assert ask(room, f"answer = int(open('{limit}').read())") == 0
    assert ask(room, f"open('{limit}', 'w').write('9')")["raised"] == "PermissionError"
    code = ask(room, "import subprocess; answer = subprocess.run(['unshare', '--user', 'true']).returncode")
    assert code != 0


def test_only_the_scratch_folder_can_be_written(room):
    answer = ask(
        room,
        """
import os
writable = []
for parent, folders, names in os.walk("/"):
    if parent in ("/proc", "/scratch") or parent.count("/") > 6:
        folders.clear()
        continue
    if os.access(parent, os.W_OK):
        writable.append(parent)
answer = sorted(writable)
""",
    )
    # The terminals' file system takes no files; shared memory is a part of the scratch folder.
    assert set(answer) <= {"/dev/shm", "/dev/pts", "/tmp"}
    for path in (
        "/new",
        "/usr/new",
        "/etc/new",
        "/dev/new",
        "/dev/pts/new",
        f"{ROOT}/new",
        f"{sys.prefix}/new",
    ):
        assert "raised" in ask(room, f"answer = open({path!r}, 'w').write('x')"), path


def test_what_is_not_the_students_is_not_there(room):
    for name in ("solutions", "source", "tests/checks", "tests/mutants", "gradebook.db", "submitted", ".git"):
        assert not ask(room, f"import os; answer = os.path.lexists({str(ROOT / name)!r})"), name
    assert ask(room, f"import os; answer = sorted(os.listdir({str(ROOT / 'grader')!r}))") in (
        ["sandbox", "used_time.py"],
        ["sandbox", "student", "used_time.py", "values"],
    )
    assert ask(room, f"import os; answer = os.listdir({str(ROOT / 'grader/sandbox')!r})") == ["inside"]
    for path in ("/etc/passwd", "/etc/hosts", "/var", "/run", "/home", "/sys", "/root/.ssh", "/boot"):
        assert not ask(room, f"import os; answer = os.path.lexists({path!r})"), path
    for module in ("solutions", "tests.checks", "grader.run", "grader.sandbox.room"):
        assert ask(room, f"import {module}")["raised"] == "ModuleNotFoundError"


def test_the_students_part_of_the_course_is_there(room):
    assert ask(room, "from course_utils.data.datasets import DATA_DIR; answer = DATA_DIR.is_dir()")
    assert ask(room, "import os; answer = os.getcwd()") == room.scratch
    assert ask(room, "answer = open('given.txt').read()") == "a file of the submission"


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6"])
def test_this_machine_s_loopback_cannot_be_reached(room, family):
    host = {"AF_INET": "127.0.0.1", "AF_INET6": "::1"}[family]
    with socket.socket(getattr(socket, family)) as server:
        try:
            server.bind((host, 0))
        except OSError:
            pytest.skip(f"this machine has no {host}")
        server.listen()
        port = server.getsockname()[1]
        answer = ask(
            room,
            f"import socket; socket.create_connection(({host!r}, {port}), timeout=2); answer = 'connected'",
        )
    assert answer["raised"] in ("OSError", "ConnectionRefusedError", "TimeoutError")


def test_sockets_outside_of_network_namespaces_cannot_be_reached(room, tmp_path):
    with socket.socket(socket.AF_UNIX) as abstract, socket.socket(socket.AF_UNIX) as named:
        name = f"\0mf-test-{os.getpid()}"
        abstract.bind(name)
        abstract.listen()
        named.bind(str(tmp_path / "socket"))
        named.listen()
        for address in (name, str(tmp_path / "socket")):
            source = (
                f"import socket; socket.socket(socket.AF_UNIX).connect({address!r}); answer = 'connected'"
            )
            assert "raised" in ask(room, source)
    # A virtual machine's host, its hypervisor, Bluetooth, the kernel's cryptography.
    for family in (40, 31, 38, 17):
        assert ask(room, f"import socket; socket.socket({family}, 1)")["raised"] == "PermissionError"


def test_it_sees_its_own_processes_alone(room):
    processes = ask(room, "import os; answer = [int(name) for name in os.listdir('/proc') if name.isdigit()]")
    # Its init and itself.
    assert sorted(processes) == [1, 2]
    for path in ("/proc/1/mem", "/proc/1/environ", "/proc/1/fd/0", "/proc/1/root/etc"):
        assert ask(room, f"open({path!r}, 'rb').read(1)")["raised"] == "PermissionError"


def test_it_holds_no_descriptor_but_its_channel(room):
    kinds = ask(
        room,
        """
import os
answer = {}
for name in os.listdir("/proc/self/fd"):
    try:
        answer[name] = os.readlink(f"/proc/self/fd/{name}").split(":")[0]
    except FileNotFoundError:
        pass
""",
    )
    assert kinds.pop("3") == "socket"
    assert kinds == dict.fromkeys("012", "/dev/null")


def test_signals_reach_nobody_outside(room, sandbox):
    with sandbox.open({}) as other:
        # Were there others to be seen, they would be the machine's.
        assert ask(room, "import os; answer = sorted(filter(str.isdigit, os.listdir('/proc')))") == ["1", "2"]
        for target in (1, 3, 4, 5, 6, 7, 8, 9, 10):
            ask(room, f"import os; os.kill({target}, 9)")
        ask(room, "import os; os.kill(-1, 9)")
        assert ask(room, "answer = 'alive'") == "alive"
        assert ask(other, "answer = 'alive'") == "alive"


def test_two_jobs_share_nothing(sandbox):
    leave = """
import glob, os
left = []
for folder in ["/", "/dev", "/dev/shm", "/tmp", "/scratch", os.environ["HOME"], os.environ["TMPDIR"], "."]:
    try:
        open(os.path.join(folder, "left_behind"), "w").write("for the next job")
        left.append(folder)
    except OSError:
        pass
os.makedirs(os.environ["IPYTHONDIR"] + "/profile_default/startup")
open(os.environ["IPYTHONDIR"] + "/profile_default/startup/00.py", "w").write("raise SystemExit")
master, slave = os.openpty()
import numpy, builtins
numpy.left_behind = builtins.left_behind = True
os.environ["LEFT_BEHIND"] = "1"
answer = left
"""
    find = """
import os, builtins, numpy
found = [name for name in ("numpy", "builtins") if hasattr(globals()[name], "left_behind")]
found += [name for name in os.environ if name == "LEFT_BEHIND"]
for top in ("/scratch", "/dev", "/tmp/"):
    for parent, _, names in os.walk(top):
        found += [os.path.join(parent, n) for n in names if n in ("left_behind", "00.py", "0")]
answer = found
"""
    with sandbox.open({}) as first:
        assert len(ask(first, leave)) >= 5
        # At the same time, and afterwards.
        with sandbox.open({}) as second:
            assert ask(second, find) == []
    with sandbox.open({}) as third:
        assert ask(third, find) == []


def test_descriptors_under_way_hold_up_no_other_job(sandbox):
    flood = """
import socket
pairs, answer = [], ""
try:
    for _ in range(20):
        pairs.append(socket.socketpair())
        pairs[-1][0].setblocking(False)
        while True:
            try:
                socket.send_fds(pairs[-1][0], [b"x"], [0] * 100)
            except BlockingIOError:
                break
except OSError as error:
    answer = str(error)
"""
    with sandbox.open({}) as one:
        # The kernel counts them by user, and would take no more.
        assert "Too many references" in ask(one, flood)
        with sandbox.open({}) as other:
            assert ask(other, "answer = 'started'") == "started"


def test_nothing_outlives_a_job(sandbox):
    marker = f"outlive-{os.getpid()}"
    # A daemon: in a session of its own, without a parent, deaf to every signal that can be ignored. It ends
    # by itself after a minute.
    daemon = f"""
import os, signal, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        os.execv("/bin/sh", ["{marker}", "-c", "sleep 60; true"])
    os._exit(0)
os.wait()
answer = True
"""

    def daemons():
        return [p for p in psutil.process_iter(["cmdline"]) if (p.info["cmdline"] or [""])[0] == marker]

    with sandbox.open({}) as room:
        ask(room, daemon)
        assert eventually(lambda: len(daemons()) == 1)
    assert daemons() == []


def test_the_imports_are_warm_and_the_libraries_work_after_the_fork(room):
    modules = "['numpy', 'scipy.sparse', 'pandas', 'torch', 'numba', 'matplotlib.pyplot']"
    assert ask(room, f"import sys; answer = [name for name in {modules} if name not in sys.modules]") == []
    assert ask(room, "import os; answer = len(os.listdir('/proc/self/task'))") == 1
    slope = """
import torch
x = torch.ones(3, requires_grad=True)
(x ** 2).sum().backward()
answer = x.grad.tolist()
"""
    assert ask(room, slope) == [2.0, 2.0, 2.0]
    compiled = """
import numba, numpy as np
@numba.njit
def twice(a):
    return 2 * a
answer = twice(np.arange(3)).tolist()
"""
    assert ask(room, compiled) == [0, 2, 4]
    shell = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_cell("words = !echo from a shell")
answer = list(shell.user_ns["words"])
"""
    assert ask(room, shell) == ["from a shell"]
    plot = """
import io, matplotlib.pyplot as plt
plt.plot([1, 2]); file = io.BytesIO(); plt.savefig(file); answer = file.getvalue()[:4].hex()
"""
    assert ask(room, plot) == "89504e47"


@pytest.mark.parametrize("folder", [sys.prefix, "/usr/local/share", "/usr/src/app", "/lib"])
def test_a_course_inside_what_jobs_can_read_is_refused(sandbox, folder):
    with (
        pytest.raises(SandboxError, match="which jobs can read"),
        BubblewrapSandbox(Path(folder) / "course", warm=False, **DRIVERS),
    ):
        pass


def test_what_a_job_needs_may_be_in_a_folder_that_is_closed_to_others(sandbox, tmp_path):
    # As is a Python in the home of root, who starts jobs as somebody else.
    (tmp_path / "closed" / "open").mkdir(parents=True)
    (tmp_path / "closed" / "secret").write_text("x")
    shown = tmp_path / "closed" / "open" / "module_in_a_closed_folder.py"
    shown.write_text("answer = 42")
    (tmp_path / "closed").chmod(0o700)
    paths = [*DRIVERS["extra_paths"], shown.parent]
    options = DRIVERS | {"extra_paths": paths}
    with BubblewrapSandbox(ROOT, LIMITS, warm=False, **options) as of_its_own, of_its_own.open({}) as room:
        assert ask(room, "from module_in_a_closed_folder import answer") == 42
        assert not ask(room, f"import os; answer = os.path.lexists({str(tmp_path / 'closed' / 'secret')!r})")


def test_an_interrupt_arrives_and_the_job_goes_on(room):
    begin(room, "import time\nfor _ in range(600): time.sleep(0.1)")
    room.interrupt()
    assert hear(room)["raised"] == "KeyboardInterrupt"
    assert ask(room, "answer = 'still here'") == "still here"
