"""Which processes make up a job, and what is each allowed? Each is forked from the one before.

guardian
    sees the job and is not seen by it; kills it (:mod:`grader.sandbox.inside.guardian`).
init
    makes the job's world, then only collects processes that ended. It is process 1 of the job's own pid
    namespace: when it ends, the kernel kills all that is left there.
student's process
    gives up every right and runs the driver.
"""

from __future__ import annotations

import io
import json
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from grader.sandbox.inside import control_socket
from grader.sandbox.inside.guardian import guard
from grader.sandbox.inside.job_limits import JobLimits

if sys.platform == "linux":
    from grader.sandbox.inside import linux

Serve = Callable[[io.RawIOBase, io.RawIOBase], None]


def run_job(
    control: socket.socket,
    channel: socket.socket,
    find_driver: Callable[[], Serve],
    isolation: Callable[[Mapping], None] | None,
    confinement: Callable[[], None] | None,
) -> None:
    """Be the guardian of a new job, in this process; return when nothing of the job is left.

    Parameters
    ----------
    control : socket.socket
        To the grader: first the header and the files, then commands and events.
    channel : socket.socket
        For the driver.
    find_driver : callable
        Gives the driver's ``serve``; called in the student's process.
    isolation : callable or None
        Makes the world of the job, in its init; None where there is only a folder.
    confinement : callable or None
        Takes the last rights from the student's process.
    """
    header = control_socket.receive_header(control)
    limits = JobLimits(**header["limits"])
    status, job_status = socket.socketpair()
    if sys.platform == "linux":
        linux.adopt_orphans()
        if isolation:
            linux.enter_user_namespace(linux.CLONE_NEWPID)
    init = os.fork()
    if init == 0:
        status.close()
        try:
            _be_init(control, channel, job_status, header, limits, find_driver, isolation, confinement)
        except BaseException as error:
            _report_failure(job_status, error)
        finally:
            os._exit(1)
    job_status.close()
    channel.close()
    guard(control, status, init, limits, None if isolation else Path(header["scratch"]))


def _report_failure(status: socket.socket, error: BaseException) -> None:
    _report(status, {"failed": f"{type(error).__name__}: {error}"})


def _report(status: socket.socket, what: Mapping, descriptors: Sequence[int] = ()) -> None:
    """Tell the guardian whether the job started, and go on when it has taken note."""
    socket.send_fds(status, [json.dumps(what).encode()], descriptors)
    status.recv(1)


def _be_init(
    control: socket.socket,
    channel: socket.socket,
    status: socket.socket,
    header: Mapping,
    limits: JobLimits,
    find_driver: Callable[[], Serve],
    isolation: Callable[[Mapping], None] | None,
    confinement: Callable[[], None] | None,
) -> None:
    """Make the job's world, start the student's process, and collect what ends until that process does."""
    scratch = Path(header["scratch"])
    if isolation:
        isolation(header)
    control_socket.receive_files(control, header["files"], scratch)
    if header["grouped"]:
        # The kernel tells the grader who sends this, and the grader puts it into the job's control group.
        control.sendall(control_socket.GO)
        control.recv(1)
    control.close()
    # The descriptor shows the guardian how full the scratch folder is. It is sent before there are limits: a
    # user may have no more descriptors under way than the limit of open files, and other jobs' are counted.
    folder = os.open(scratch, os.O_RDONLY)
    _report(status, {"prepared": True}, [folder])
    os.close(folder)
    if sys.platform == "linux":
        linux.die_with_parent()
        linux.adopt_orphans()
        # The student's process must not look into this one, though it is of the same user.
        linux.set_dumpable(False)
    # Nobody has a use for an interrupt yet, and it must not end the preparations.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    main = os.fork()
    if main == 0:
        try:
            _prepare_student(channel, scratch, limits, confinement, isolated=bool(isolation))
            serve = find_driver()
            # From here on the guardian watches.
            _report(status, {"started": True})
        except BaseException as error:
            _report_failure(status, error)
            os._exit(1)
        status.close()
        _serve(serve, channel)
    channel.close()

    def pass_on(*_: object) -> None:
        # It may have ended a moment ago.
        with suppress(ProcessLookupError):
            os.kill(main, signal.SIGINT)

    signal.signal(signal.SIGINT, pass_on)
    while True:
        ended, code, usage = os.wait3(0)
        if ended == main:
            break
    seconds = usage.ru_utime + usage.ru_stime
    status.send(json.dumps(_describe_end(os.waitstatus_to_exitcode(code), seconds, limits)).encode())


def _describe_end(code: int, seconds: float, limits: JobLimits) -> dict[str, object]:
    if code >= 0:
        return {"cause": "exit", "code": code}
    if -code == signal.SIGXCPU or (-code == signal.SIGKILL and seconds >= limits.cpu_seconds):
        return {"cause": "cpu", "seconds": seconds}
    return {"cause": "signal", "signal": -code}


def _prepare_student(
    channel: socket.socket,
    scratch: Path,
    limits: JobLimits,
    confinement: Callable[[], None] | None,
    isolated: bool,
) -> None:
    """Leave this process nothing but the channel, its folder and its limits."""
    os.setsid()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nowhere, standard)
    os.close(nowhere)
    os.chdir(scratch)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if sys.platform == "linux":
        linux.die_with_parent()
        # Its own files in /proc are its own again; those of init are not.
        linux.set_dumpable(True)
        # If the machine runs out of memory, this is the process to end.
        Path("/proc/self/oom_score_adj").write_text("1000")
    _set_limits(limits, isolated)
    if confinement:
        confinement()


def _set_limits(limits: JobLimits, isolated: bool) -> None:
    bounds = {
        "RLIMIT_AS": limits.memory_bytes,
        "RLIMIT_CPU": limits.cpu_seconds,
        "RLIMIT_NOFILE": limits.open_files,
        "RLIMIT_FSIZE": limits.file_bytes,
        "RLIMIT_CORE": 0,
        # POSIX message queues are memory that nobody else counts.
        "RLIMIT_MSGQUEUE": 0,
    }
    if isolated:
        # It counts within the job's user namespace; elsewhere it would count all that the user runs.
        # The guardian and the init are in it, too.
        bounds["RLIMIT_NPROC"] = limits.processes + 2
    for name, bound in bounds.items():
        if not hasattr(resource, name):
            continue
        which = getattr(resource, name)
        # A second more before the end, for the signal that says why.
        hard = bound + 1 if name == "RLIMIT_CPU" else bound
        most = resource.getrlimit(which)[1]
        if most != resource.RLIM_INFINITY:
            hard = min(hard, most)
        resource.setrlimit(which, (min(bound, hard), hard))


def _serve(serve: Serve, channel: socket.socket) -> None:
    """Run the driver to its end, with no descriptor but the standard ones and the channel's."""
    os.dup2(channel.fileno(), 3)
    os.closerange(4, os.sysconf("SC_OPEN_MAX"))
    connection = socket.socket(fileno=3)
    channel.detach()
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        serve(connection.makefile("rb", buffering=0), connection.makefile("wb", buffering=0))
        code = 0
    finally:
        # No handlers and no threads of the student's are waited for.
        os._exit(code)
