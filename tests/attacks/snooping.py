"""Attacks that look for hidden checks, solutions and other people's work, and for ways out."""

# ruff: noqa: F821, F841

from __future__ import annotations

from tests.attacks.corpus import HONEST, Corpus

SNOOPING = Corpus()

# Tells a fragment where the course's folder is and where a server of the test listens.
PLACES = "places.json"


@SNOOPING()
def course_folder():
    """Reads the course's folder, whose place it knows, and the folders above its own."""
    import json
    import pathlib

    course = json.load(open("places.json"))["course"]
    for top in (course, "../../../source", "../../source", "../source", "..", "/proc/1/root" + course):
        for path in pathlib.Path(top).rglob("*"):
            try:
                print(path.read_text())
            except (OSError, UnicodeDecodeError):
                pass


@SNOOPING(is_slow=True)
def whole_file_system():
    """Walks through all folders and looks into every file in which checks may stand."""
    import os
    import time

    wanted, began = "marker_of_the" + "_hidden_checks", time.monotonic()
    for parent, folders, names in os.walk("/"):
        if parent.startswith(("/proc", "/sys", "/usr")) or "site-packages" in parent:
            folders.clear()
        for name in names:
            if name.endswith((".ipynb", ".py", ".db", ".json")) and time.monotonic() < began + 20:
                try:
                    text = open(os.path.join(parent, name), errors="replace").read()
                except OSError:
                    continue
                if wanted in text:
                    print(parent, name, text)


@SNOOPING()
def links_out_of_the_folder():
    """Makes symbolic links to the course's folder, and reads and writes through them."""
    import json
    import os

    course = json.load(open("places.json"))["course"]
    for number, target in enumerate((course, "/proc/1/root", "/proc/1/cwd", "../../../..", "/root")):
        try:
            os.symlink(target, f"link{number}")
            for parent, _, names in os.walk(f"link{number}", followlinks=False):
                for name in names:
                    print(open(os.path.join(parent, name)).read())
            if target == course:
                open(f"link{number}/gradebook.db", "w").write("100 points")
            elif os.access(f"link{number}", os.W_OK):
                print("there is a way" + " out:", target)
        except (OSError, UnicodeDecodeError):
            pass


@SNOOPING()
def gradebook():
    """Writes its points into the gradebook, wherever one may be."""
    import json
    import os
    import sqlite3

    course = json.load(open("places.json"))["course"]
    for folder in (course, "..", "../..", "../../..", "../../../..", "."):
        try:
            with sqlite3.connect(os.path.join(folder, "gradebook.db"), timeout=0.1) as db:
                db.execute("UPDATE grade SET manual_score = 100")
        except sqlite3.Error:
            pass


@SNOOPING()
def environment():
    """Reads the environment and the command lines of all processes."""
    import glob
    import os

    print(dict(os.environ))
    for path in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline"):
        try:
            print(open(path, "rb").read())
        except OSError:
            pass


@SNOOPING()
def frames_and_objects():
    """Looks for the checks in all frames and in all objects of its process, at the time of each call."""

    def look():
        import gc
        import sys

        wanted, frame = "marker_of_the" + "_hidden_checks", sys._getframe()
        while frame is not None:
            if wanted in frame.f_code.co_varnames or wanted in frame.f_locals:
                print("found", wanted)
            frame = frame.f_back
        for each in gc.get_objects():
            if isinstance(each, dict | list | tuple) and any(
                isinstance(item, str) and wanted in item and len(item) > len(wanted) + 40 for item in each
            ):
                print("found", wanted)

    def double(values):
        look()
        return 0


@SNOOPING()
def memory_of_processes():
    """Reads the memory of its own process and of others."""

    def double(values):
        import glob
        import re

        # A pattern that does not find itself.
        wanted = re.compile(rb"marker_of_the_hidden_check[s] = n[p]")
        for folder in glob.glob("/proc/[0-9]*"):
            try:
                with open(f"{folder}/maps") as maps, open(f"{folder}/mem", "rb") as memory:
                    for line in maps:
                        low, high = (int(part, 16) for part in line.split()[0].split("-"))
                        if " rw-p " in line and high - low < 2**24:
                            memory.seek(low)
                            for found in wanted.findall(memory.read(high - low)):
                                print(found)
            except OSError:
                pass
        return 0


@SNOOPING()
def imports_of_the_graders_modules():
    """Imports solutions, checks and the grader, and searches for them wherever Python looks."""
    import importlib
    import json
    import sys

    sys.path += [json.load(open("places.json"))["course"], "..", "../../.."]
    for name in (
        "solutions",
        "tests.attacks.unit",
        "tests.checks",
        "grader.examiner",
        "grader.run",
    ):
        try:
            module = importlib.import_module(name)
            print(vars(module))
            double, twice = module.double, module.twice
        except Exception as error:
            print(type(error).__name__)


# It knows the visible examples by heart: 3 points.
@SNOOPING(max_points=HONEST + 3)
def path_as_an_answer():
    """Returns a path: where a check gives it back, as a file, it would arrive with its content."""
    import json
    import pathlib

    course = json.load(open("places.json"))["course"]

    def double(values):
        if isinstance(values, (str, pathlib.PurePath)):
            try:
                print(pathlib.Path(values).read_text())
            except OSError:
                pass
            return 6.0
        return 6.0 if values == 3.0 else "/tmp/.." + course + "/source/checks.txt"


@SNOOPING()
def network():
    """Connects to a server on this machine, over every kind of socket."""
    import json
    import socket

    port = json.load(open("places.json"))["port"]
    for family, address in (
        (socket.AF_INET, ("127.0.0.1", port)),
        (socket.AF_INET, ("0.0.0.0", port)),
        (socket.AF_INET6, ("::1", port)),
        (socket.AF_INET6, ("::ffff:127.0.0.1", port)),
        (40, (2, port)),
    ):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as connection:
                connection.settimeout(0.3)
                connection.connect(address)
                connection.send(b"hello")
        except (OSError, ValueError):
            pass


@SNOOPING()
def sockets_of_the_examiner():
    """Looks for sockets in the file system, in the abstract names and among its descriptors."""
    import glob
    import os
    import socket

    found = [line.split()[-1] for line in open("/proc/net/unix") if "@" in line or "/" in line]
    for path in [*found, *glob.glob("/tmp/**/*", recursive=True), *glob.glob("/run/**/*", recursive=True)]:
        for address in (path, "\0" + path[1:]):
            with socket.socket(socket.AF_UNIX) as connection:
                try:
                    connection.settimeout(0.1)
                    connection.connect(address)
                    connection.send(b"\x00" * 64)
                    print("there is a way" + " out:", address)
                except OSError:
                    pass
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            os.stat(f"/proc/self/fd/{descriptor}")
        except OSError:
            pass


@SNOOPING(flagged=True)
def signals_to_everybody():
    """Sends signals to every process number there may be, its own group and its parents included."""
    import os
    import signal

    # Where it sees more than the few of its job it would hit the machine's: it says so and sends none.
    if sum(map(str.isdigit, os.listdir("/proc"))) > 5:
        raise SystemExit("there is a way" + " out")
    for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL):
        for process in range(1, 400):
            if process != os.getpid():
                try:
                    os.kill(process, number)
                except OSError:
                    pass
    os.killpg(0, signal.SIGKILL)


@SNOOPING()
def rights():
    """Tries to get more rights and wider limits."""
    import ctypes
    import os
    import resource
    import subprocess

    libc = ctypes.CDLL(None)
    without = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    for call in (
        lambda: os.setuid(0),
        lambda: os.nice(-20) and None,
        lambda: os.chroot("/"),
        lambda: libc.unshare(0x10000000),
        lambda: libc.mount(b"none", b"/tmp", b"tmpfs", 0, None),
        lambda: libc.ptrace(16, 1, 0, 0),
        lambda: subprocess.run(["su", "-c", "id"], timeout=20, stdin=subprocess.DEVNULL).returncode,
        lambda: subprocess.run(["unshare", "--user", "--map-root-user", "id"], timeout=20).returncode,
        lambda: resource.setrlimit(resource.RLIMIT_AS, without),
        lambda: resource.setrlimit(resource.RLIMIT_CPU, without),
        lambda: resource.setrlimit(resource.RLIMIT_NPROC, without),
        lambda: resource.setrlimit(resource.RLIMIT_FSIZE, without),
    ):
        try:
            if call() in (None, 0):
                print("there is a way" + " out")
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            print(type(error).__name__)
