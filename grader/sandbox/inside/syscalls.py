"""Which system calls is a job refused? libseccomp filters them.

Namespaces, user and limits do most of the work. This filter closes what they leave open: memory that no
limit counts (memfd, System V), sockets that no network namespace holds back (vsock reaches a virtual
machine's host), and parts of the kernel that no exercise needs and that had most of its privilege bugs. See
seccomp(2) and seccomp_rule_add(3).
"""

from __future__ import annotations

import ctypes
import errno
import os

from grader.sandbox.inside import linux

_LIBRARY = "libseccomp.so.2"

REFUSED = (
    # memory outside of every process
    *("memfd_create", "memfd_secret", "shmget", "msgget", "semget"),
    # other processes
    *("ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp", "process_madvise"),
    # namespaces and mounts
    *("unshare", "setns", "chroot", "mount", "umount2", "pivot_root", "open_tree", "move_mount"),
    *("fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr", "open_by_handle_at", "name_to_handle_at"),
    # keys are shared between the processes of a user, across namespaces
    *("add_key", "request_key", "keyctl"),
    # parts of the kernel with a long record of faults
    *("bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register"),
    *("fanotify_init", "quotactl", "syslog", "acct", "kexec_load", "kexec_file_load", "iopl", "ioperm"),
    *("init_module", "finit_module", "delete_module", "swapon", "swapoff", "reboot", "settimeofday"),
    *("clock_settime", "adjtimex", "sethostname", "setdomainname", "personality"),
)

_NAMESPACES = (
    *(linux.CLONE_NEWNS, linux.CLONE_NEWCGROUP, linux.CLONE_NEWUTS, linux.CLONE_NEWIPC),
    *(linux.CLONE_NEWUSER, linux.CLONE_NEWPID, linux.CLONE_NEWNET),
)
# Linux's numbers of AF_UNIX, AF_INET, AF_INET6 and AF_NETLINK.
_FAMILIES = (1, 2, 10, 16)

_UNIX = 1
# Linux's numbers of SOL_SOCKET and of SO_SNDBUF, SO_RCVBUF, SO_SNDBUFFORCE, SO_RCVBUFFORCE: what lies in a
# buffer is memory of the kernel, and how many there are is counted (job_memory).
_SOL_SOCKET, _BUFFER_SIZES = 1, (7, 8, 32, 33)

_ALLOW = 0x7FFF0000
_NOT_EQUAL, _EQUAL, _GREATER, _MASKED_EQUAL = 1, 4, 6, 7


class _Comparison(ctypes.Structure):
    _fields_ = [
        ("argument", ctypes.c_uint),
        ("operation", ctypes.c_int),
        ("a", ctypes.c_uint64),
        ("b", ctypes.c_uint64),
    ]


def load_library() -> ctypes.CDLL:
    """libseccomp; OSError if it is not installed."""
    return ctypes.CDLL(_LIBRARY)


def refuse_system_calls() -> None:
    """Install the filter for this process and all that it starts; it cannot be taken off again.

    Raises
    ------
    OSError
        If libseccomp is missing or the kernel does not take the filter.
    """
    library = load_library()
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(_ALLOW)))
    if not context:
        raise OSError(errno.ENOMEM, "seccomp_init failed")

    def refuse(name: str, *comparisons: _Comparison, number: int = errno.EPERM) -> None:
        call = library.seccomp_syscall_resolve_name(name.encode())
        # Negative numbers stand for calls that this processor or this libseccomp does not know.
        if call < 0:
            return
        action = ctypes.c_uint32(0x00050000 | number)
        array = (_Comparison * len(comparisons))(*comparisons)
        result = library.seccomp_rule_add_array(context, action, call, len(comparisons), array)
        if result < 0:
            raise OSError(-result, f"seccomp rule for {name}: {os.strerror(-result)}")

    for name in REFUSED:
        refuse(name)
    for flag in _NAMESPACES:
        refuse("clone", _Comparison(0, _MASKED_EQUAL, flag, flag))
    # Its flags are in memory, where no filter can look; the C library goes on with clone(2) if there is none.
    refuse("clone3", number=errno.ENOSYS)
    for family in range(max(_FAMILIES)):
        if family not in _FAMILIES:
            refuse("socket", _Comparison(0, _EQUAL, family, 0))
    refuse("socket", _Comparison(0, _GREATER, max(_FAMILIES), 0))
    refuse("socketpair", _Comparison(0, _NOT_EQUAL, _UNIX, 0))
    for option in _BUFFER_SIZES:
        # It is told that it succeeded: the size is a wish at any time, and the kernel's own size is enough.
        refuse(
            "setsockopt", _Comparison(1, _EQUAL, _SOL_SOCKET, 0), _Comparison(2, _EQUAL, option, 0), number=0
        )

    result = library.seccomp_load(context)
    if result < 0:
        raise OSError(-result, f"seccomp_load: {os.strerror(-result)}")
    library.seccomp_release(context)
