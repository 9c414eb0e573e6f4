"""Which system calls may a job make? Those of this list; the kernel answers all others as if it had none.

Namespaces, user and limits do most of the work. This filter closes what they leave open: memory that no
limit counts (memfd, System V), sockets that no network namespace holds back (vsock reaches a virtual
machine's host), and all the parts of the kernel that no exercise needs, new ones among them. The list is
what Python, NumPy, PyTorch, Numba and the shell were seen to call in all notebooks, and their near kin.
``tests/attacks/test_system_calls.py`` tries the rest. See seccomp(2) and seccomp_rule_add(3).
"""

from __future__ import annotations

import ctypes
import errno
import os
import tempfile
from collections.abc import Iterable
from functools import cache

from grader.sandbox.inside import linux

_LIBRARY = "libseccomp.so.2"

ALLOWED = (
    # processes and threads of its own (clone has conditions)
    *("fork", "vfork", "execve", "execveat", "exit", "exit_group", "wait4", "waitid", "kill", "tkill"),
    *("tgkill", "getpid", "getppid", "gettid", "getpgid", "getpgrp", "setpgid", "getsid", "setsid"),
    *("set_tid_address", "set_robust_list", "get_robust_list", "rseq", "futex", "membarrier", "arch_prctl"),
    *("getpriority", "setpriority", "ioprio_get", "sched_yield", "sched_getaffinity", "sched_setaffinity"),
    *("sched_getparam", "sched_getscheduler", "sched_get_priority_max", "sched_get_priority_min"),
    *("getcpu", "getrlimit", "setrlimit", "prlimit64", "getrusage", "times", "sysinfo", "uname"),
    # who it is; it can become nobody else
    *("getuid", "geteuid", "getgid", "getegid", "getresuid", "getresgid", "getgroups", "capget", "umask"),
    # signals and timers
    *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "rt_sigtimedwait", "rt_sigsuspend"),
    *("rt_sigqueueinfo", "rt_tgsigqueueinfo", "sigaltstack", "pause", "alarm", "restart_syscall"),
    *("getitimer", "setitimer", "timer_create", "timer_settime", "timer_gettime", "timer_getoverrun"),
    *(
        "timer_delete",
        "nanosleep",
        "clock_nanosleep",
        "clock_gettime",
        "clock_getres",
        "gettimeofday",
        "time",
    ),
    # memory
    *("brk", "mmap", "munmap", "mremap", "mprotect", "madvise", "mincore", "msync", "mlock", "munlock"),
    *("pkey_alloc", "pkey_free", "pkey_mprotect", "get_mempolicy", "getrandom"),
    # descriptors
    *("read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev", "preadv2", "pwritev2"),
    *("lseek", "close", "close_range", "dup", "dup2", "dup3", "flock", "pipe", "pipe2"),
    *("poll", "ppoll", "select", "pselect6", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait"),
    *("epoll_pwait", "epoll_pwait2", "eventfd", "eventfd2", "sendfile", "copy_file_range", "fadvise64"),
    *("readahead", "sync_file_range"),
    # files and folders
    *("open", "openat", "openat2", "creat", "stat", "fstat", "lstat", "newfstatat", "statx", "access"),
    *("faccessat", "faccessat2", "statfs", "fstatfs", "getdents", "getdents64", "getcwd", "chdir", "fchdir"),
    *("mkdir", "mkdirat", "rmdir", "rename", "renameat", "renameat2", "link", "linkat", "symlink"),
    *("symlinkat", "readlink", "readlinkat", "unlink", "unlinkat", "mknod", "mknodat", "truncate"),
    *("ftruncate", "fallocate", "fsync", "fdatasync", "chmod", "fchmod", "fchmodat", "fchmodat2", "chown"),
    *("fchown", "lchown", "fchownat", "utime", "utimes", "futimesat", "utimensat", "getxattr", "lgetxattr"),
    *("fgetxattr", "listxattr", "llistxattr", "flistxattr", "sync", "syncfs"),
    # sockets (socket, socketpair, setsockopt, and what sends and receives have conditions)
    *("bind", "listen", "accept", "accept4", "connect", "getsockname", "getpeername", "getsockopt"),
    "shutdown",
)

# These are refused with the word for it, as programs expect, and not as if they were unknown.
REFUSED = (
    # memory outside of every process
    *("memfd_create", "memfd_secret", "shmget", "msgget", "semget", "mq_open", "mbind", "set_mempolicy"),
    *("move_pages", "migrate_pages", "mlockall", "remap_file_pages", "userfaultfd"),
    # other processes
    *("ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp", "process_madvise"),
    # namespaces, mounts and watches of files
    *("unshare", "setns", "chroot", "mount", "umount2", "pivot_root", "open_tree", "move_mount"),
    *("fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr", "open_by_handle_at", "name_to_handle_at"),
    *("fanotify_init", "fanotify_mark", "inotify_init", "inotify_init1", "inotify_add_watch"),
    # keys are shared between the processes of a user, across namespaces
    *("add_key", "request_key", "keyctl"),
    # parts of the kernel with a long record of faults
    *("bpf", "perf_event_open", "io_uring_setup", "io_uring_enter", "io_uring_register", "io_setup"),
    *("vmsplice", "splice", "tee", "modify_ldt", "seccomp", "landlock_create_ruleset"),
    *("quotactl", "syslog", "acct", "kexec_load", "kexec_file_load", "iopl", "ioperm", "swapon", "swapoff"),
    *("init_module", "finit_module", "delete_module", "reboot", "settimeofday", "clock_settime"),
    *("adjtimex", "clock_adjtime", "sethostname", "setdomainname", "personality", "vhangup"),
    *(
        "setuid",
        "setgid",
        "setreuid",
        "setregid",
        "setresuid",
        "setresgid",
        "setgroups",
        "setfsuid",
        "capset",
    ),
    *("setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr"),
)

_NAMESPACES = (
    *(linux.CLONE_NEWNS, linux.CLONE_NEWCGROUP, linux.CLONE_NEWUTS, linux.CLONE_NEWIPC),
    *(linux.CLONE_NEWUSER, linux.CLONE_NEWPID, linux.CLONE_NEWNET),
)
# Linux's numbers of AF_UNIX, AF_INET, AF_INET6 and AF_NETLINK.
_FAMILIES = (1, 2, 10, 16)
_UNIX, _NETLINK = 1, 16
# Of prctl: names and the signal at a parent's end, what it may know of itself; not seccomp, and not to be
# hidden from those who count its memory.
_PRCTL = (1, 2, 3, 15, 16, 21, 23, 27, 30, 39, 40, 42)
_PR_SET_DUMPABLE = 4
# Of fcntl: descriptors, their flags, locks, and what there is to know of a pipe, a lease or a seal.
# Not F_SETPIPE_SZ, which makes memory of the kernel, nor F_NOTIFY and F_SETLEASE, which watch files.
_FCNTL = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1025, 1030, 1032, 1034)
_WATCHING = (1024, 1026, 1031)
# Of ioctl: how much there is to read, blocking and close-on-exec; sizes and modes of its own terminals;
# names of network devices. Not TIOCSTI, which types into a terminal.
_IOCTL = (
    *(0x541B, 0x5421, 0x5450, 0x5451, 0x5401, 0x5402, 0x5403, 0x5404, 0x5409, 0x540B, 0x540E, 0x540F),
    *(0x5410, 0x5413, 0x5414, 0x5422, 0x5429, 0x80045430, 0x40045431, 0x5441, 0x802C542A, 0x402C542B),
    *(0x8910, 0x8912, 0x8913, 0x8915, 0x8927, 0x8933),
)

# Linux's numbers of SOL_SOCKET, of the options of a socket that do no harm, and of SO_SNDBUF, SO_RCVBUF,
# SO_SNDBUFFORCE, SO_RCVBUFFORCE: what lies in a buffer is memory of the kernel, and how many there are is
# counted (job_memory).
_SOL_SOCKET, _BUFFER_SIZES = 1, (7, 8, 32, 33)
_OPTIONS = (2, 3, 4, 5, 6, 9, 13, 15, 16, 20, 21, 66, 67)
_IP, _TCP, _IPV6 = 0, 6, 41
# MSG_OOB, and where each call has its flags.
_OUT_OF_BAND = 1
_FLAGS_AT = {"sendto": 3, "recvfrom": 3, "sendmsg": 2, "recvmsg": 2, "sendmmsg": 3, "recvmmsg": 3}

_ALLOW, _KILL_PROCESS, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_OTHER_PROCESSOR = 2  # libseccomp's SCMP_FLTATR_ACT_BADARCH
_NOT_EQUAL, _EQUAL, _GREATER, _MASKED_EQUAL = 1, 4, 6, 7
_PR_SET_SECCOMP, _MODE_FILTER, _INSTRUCTION = 22, 2, 8  # bytes of an instruction


class _Comparison(ctypes.Structure):
    _fields_ = [
        ("argument", ctypes.c_uint),
        ("operation", ctypes.c_int),
        ("a", ctypes.c_uint64),
        ("b", ctypes.c_uint64),
    ]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]


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
    instructions = compiled_filter()
    kept = ctypes.create_string_buffer(instructions, len(instructions))
    program = _Program(len(instructions) // _INSTRUCTION, ctypes.addressof(kept))
    linux.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(program))


@cache
def compiled_filter() -> bytes:
    """The filter as the kernel takes it; the fork server makes it once for all jobs.

    Raises
    ------
    OSError
        If libseccomp is missing, or does not know how.
    """
    rules = _Rules()
    for name in ALLOWED:
        rules.allow(name)
    for name in REFUSED:
        rules.refuse(name)
    _add_conditions(rules)
    return rules.program()


def _add_conditions(rules: _Rules) -> None:
    """The calls that are allowed with some arguments alone."""
    rules.allow("clone", _Comparison(0, _MASKED_EQUAL, sum(_NAMESPACES), 0))
    for flag in _NAMESPACES:
        rules.refuse("clone", _Comparison(0, _MASKED_EQUAL, flag, flag))
    for family in _FAMILIES:
        if family != _NETLINK:
            rules.allow("socket", _Comparison(0, _EQUAL, family, 0))
    # Of netlink only the addresses of network devices, which the C library looks for.
    rules.allow("socket", _Comparison(0, _EQUAL, _NETLINK, 0), _Comparison(2, _EQUAL, 0, 0))
    rules.refuse("socket", _Comparison(0, _EQUAL, _NETLINK, 0), _Comparison(2, _GREATER, 0, 0))
    for family in range(max(_FAMILIES)):
        if family not in _FAMILIES:
            rules.refuse("socket", _Comparison(0, _EQUAL, family, 0))
    rules.refuse("socket", _Comparison(0, _GREATER, max(_FAMILIES), 0))
    rules.allow("socketpair", _Comparison(0, _EQUAL, _UNIX, 0))
    rules.refuse("socketpair", _Comparison(0, _NOT_EQUAL, _UNIX, 0))
    of_sockets = _Comparison(1, _EQUAL, _SOL_SOCKET, 0)
    for option in _BUFFER_SIZES:
        # It is told that it succeeded: the size is a wish at any time, and the kernel's own size is enough.
        rules.refuse("setsockopt", of_sockets, _Comparison(2, _EQUAL, option, 0), number=0)
    for option in _OPTIONS:
        rules.allow("setsockopt", of_sockets, _Comparison(2, _EQUAL, option, 0))
    for level in (_IP, _TCP, _IPV6):
        rules.allow("setsockopt", _Comparison(1, _EQUAL, level, 0))
    for name, place in _FLAGS_AT.items():
        rules.allow(name, _Comparison(place, _MASKED_EQUAL, _OUT_OF_BAND, 0))
        rules.refuse(name, _Comparison(place, _MASKED_EQUAL, _OUT_OF_BAND, _OUT_OF_BAND))
    for option in _PRCTL:
        rules.allow("prctl", _Comparison(0, _EQUAL, option, 0))
    rules.refuse("prctl", _Comparison(0, _EQUAL, _PR_SET_DUMPABLE, 0))
    for command in _FCNTL:
        rules.allow("fcntl", _Comparison(1, _EQUAL, command, 0))
    for command in _WATCHING:
        rules.refuse("fcntl", _Comparison(1, _EQUAL, command, 0))
    for command in _IOCTL:
        rules.allow("ioctl", _Comparison(1, _EQUAL, command, 0))


class _Rules:
    """A filter in the making: what no rule speaks of does not exist.

    That is the answer upon which the C library goes on in another way. (Of ``clone3`` it needs it: that one's
    flags are in memory, where no filter can look.)
    """

    def __init__(self) -> None:
        self._library = load_library()
        self._library.seccomp_init.restype = ctypes.c_void_p
        self._context = ctypes.c_void_p(self._library.seccomp_init(ctypes.c_uint32(_ERRNO | errno.ENOSYS)))
        if not self._context:
            raise OSError(errno.ENOMEM, "seccomp_init failed")
        # Calls in the way of another processor (of 32 bits, say) have other numbers: there is no telling.
        self._check(
            self._library.seccomp_attr_set(self._context, _OTHER_PROCESSOR, ctypes.c_uint32(_KILL_PROCESS)),
            "seccomp_attr_set",
        )

    def allow(self, name: str, *comparisons: _Comparison) -> None:
        """Allow a call, where the comparisons hold."""
        self._add(_ALLOW, name, comparisons)

    def refuse(self, name: str, *comparisons: _Comparison, number: int = errno.EPERM) -> None:
        """Answer a call with an error, where the comparisons hold."""
        self._add(_ERRNO | number, name, comparisons)

    def program(self) -> bytes:
        """The instructions of the filter."""
        with tempfile.TemporaryFile() as file:
            self._check(self._library.seccomp_export_bpf(self._context, file.fileno()), "seccomp_export_bpf")
            self._library.seccomp_release(self._context)
            file.seek(0)
            return file.read()

    def _add(self, action: int, name: str, comparisons: Iterable[_Comparison]) -> None:
        call = self._library.seccomp_syscall_resolve_name(name.encode())
        # Negative numbers stand for calls that this processor or this libseccomp does not know.
        if call < 0:
            return
        compared = list(comparisons)
        array = (_Comparison * len(compared))(*compared)
        result = self._library.seccomp_rule_add_array(
            self._context, ctypes.c_uint32(action), call, len(compared), array
        )
        self._check(result, f"seccomp rule for {name}")

    @staticmethod
    def _check(result: int, what: str) -> None:
        if result < 0:
            raise OSError(-result, f"{what}: {os.strerror(-result)}")
