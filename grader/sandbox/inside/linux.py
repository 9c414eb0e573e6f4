"""How does Python 3.11 make the calls of the Linux kernel that it does not offer?

See namespaces(7), user_namespaces(7), mount(2), capabilities(7), prctl(2).
"""

from __future__ import annotations

import ctypes
import os
import signal
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 0x2, 0x4, 0x8, 0x1000, 0x4000, 0x40000

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP = 1, 4, 24
_PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 36, 38, 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4
_CAPABILITY_VERSION_3 = 0x20080522


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """Leave the namespaces named by ``flags`` for new ones; raise OSError where the kernel refuses."""
    _check(_libc.unshare(ctypes.c_int(flags)), f"unshare({flags:#x})")


def enter_user_namespace(further: int) -> None:
    """Enter a new user namespace, with the same user and group in it, and the ``further`` namespaces.

    The process then has every capability, over these namespaces alone.
    """
    uid, gid = os.getuid(), os.getgid()
    unshare(CLONE_NEWUSER | further)
    # An unprivileged process may map its own group only after giving up setgroups(2).
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def mount(source: str, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    """mount(2); raise OSError that names the target."""
    arguments = [None if text is None else text.encode() for text in (source, target, kind, options)]
    source_, target_, kind_, options_ = arguments
    _check(_libc.mount(source_, target_, kind_, ctypes.c_ulong(flags), options_), f"mount {target}")


def prctl(option: int, *arguments: int) -> None:
    """prctl(2); raise OSError where the kernel refuses."""
    padded = [ctypes.c_ulong(argument) for argument in (*arguments, 0, 0, 0, 0)[:4]]
    _check(_libc.prctl(ctypes.c_int(option), *padded), f"prctl({option})")


def die_with_parent() -> None:
    """Have this process killed when the thread that made it ends."""
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends."""
    prctl(_PR_SET_CHILD_SUBREAPER, 1)


def set_dumpable(dumpable: bool) -> None:
    """Whether processes of the same user may look into this one with ptrace(2) and /proc."""
    prctl(_PR_SET_DUMPABLE, dumpable)


def forbid_new_privileges() -> None:
    """From now on no program that is run gains rights by set-user-id bits or file capabilities."""
    prctl(_PR_SET_NO_NEW_PRIVS, 1)


class _CapHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


def drop_capabilities() -> None:
    """Give up every capability, for this process and for all that it starts."""
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
    for capability in range(last + 1):
        prctl(_PR_CAPBSET_DROP, capability)
    prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    # Effective, permitted and inheritable sets, 64 bits each, as two halves.
    nothing = (ctypes.c_uint32 * 6)()
    _check(_libc.capset(ctypes.byref(_CapHeader(_CAPABILITY_VERSION_3, 0)), nothing), "capset")
