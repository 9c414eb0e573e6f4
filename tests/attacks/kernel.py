"""Attacks on the kernel: calls that no exercise needs, and that hide, watch or break out."""

# ruff: noqa: F821, F841

from __future__ import annotations

from tests.attacks.corpus import BREACH, HONEST, Attack, Corpus

# On x86-64: a name, what it would be good for, its number and its arguments.
CALLS = [
    ("inotify_init", "watch files", 253, ()),
    ("inotify_init1", "watch files", 294, (0,)),
    ("fanotify_init", "watch files of all", 300, (0, 0)),
    ("mbind", "bind memory to a node", 237, (0, 4096, 0, 0, 0, 0)),
    ("set_mempolicy", "bind memory to a node", 238, (0, 0, 0)),
    ("move_pages", "move pages of other processes", 279, (0, 0, 0, 0, 0, 0)),
    ("migrate_pages", "move pages of other processes", 256, (0, 0, 0, 0)),
    ("io_uring_setup", "calls that no filter sees", 425, (1, 0)),
    ("io_uring_enter", "calls that no filter sees", 426, (0, 0, 0, 0, 0, 0)),
    ("io_uring_register", "calls that no filter sees", 427, (0, 0, 0, 0)),
    ("io_setup", "memory of the kernel", 206, (1, 0)),
    ("userfaultfd", "halt the kernel in the midst of a copy", 323, (1,)),
    ("add_key", "keys, which processes of a user share", 248, (0, 0, 0, 0, 0)),
    ("request_key", "keys, which processes of a user share", 249, (0, 0, 0, 0)),
    ("keyctl", "keys, which processes of a user share", 250, (0, -3, 1)),
    ("bpf", "programs in the kernel", 321, (0, 0, 0)),
    ("perf_event_open", "watch what others compute", 298, (0, 0, -1, -1, 0)),
    ("memfd_create", "memory of no process", 319, (0, 0)),
    ("memfd_secret", "memory that nobody can look into", 447, (0,)),
    ("shmget", "memory of no process", 29, (0, 4096, 0o1600)),
    ("semget", "objects of the kernel", 64, (0, 1, 0o1600)),
    ("msgget", "memory of the kernel", 68, (0, 0o1600)),
    ("mq_open", "memory of the kernel", 240, (0, 0o102, 0o600, 0)),
    ("ptrace", "steer another process", 101, (16, 1, 0, 0)),
    ("process_vm_readv", "read another process", 310, (1, 0, 0, 0, 0, 0)),
    ("process_vm_writev", "write to another process", 311, (1, 0, 0, 0, 0, 0)),
    ("process_madvise", "throw away another's memory", 440, (0, 0, 0, 0, 0)),
    ("kcmp", "compare processes", 312, (1, 1, 0, 0, 0)),
    ("pidfd_open", "hold another process", 434, (1, 0)),
    ("pidfd_getfd", "take another's descriptor", 438, (0, 0, 0)),
    ("unshare_user", "a new user namespace", 272, (0x10000000,)),
    ("clone_user", "a new user namespace", 56, (0x10000011, 0, 0, 0, 0)),
    ("clone3", "flags that no filter sees", 435, (0, 88)),
    ("setns", "another namespace", 308, (0, 0)),
    ("mount", "another file system", 165, (0, 0, 0, 0, 0)),
    ("fsopen", "another file system", 430, (0, 0)),
    ("open_tree", "another file system", 428, (-100, 0, 0)),
    ("chroot", "another root", 161, (0,)),
    ("open_by_handle_at", "a file by its number", 304, (-100, 0, 0)),
    ("splice", "pages of the kernel", 275, (0, 0, 1, 0, 0, 0)),
    ("vmsplice", "pages of the kernel", 278, (1, 0, 0, 0)),
    ("modify_ldt", "segments of its own", 154, (0, 0, 0)),
    ("iopl", "the machine's ports", 172, (3,)),
    ("seccomp", "a filter of its own that reports", 317, (1, 8, 0)),
    ("landlock", "a part of the kernel that no exercise needs", 444, (0, 0, 1)),
    ("timerfd_create", "a part of the kernel that no exercise needs", 283, (0, 0)),
    ("signalfd", "a part of the kernel that no exercise needs", 289, (-1, 0, 8, 0)),
    ("statmount", "what is mounted", 457, (0, 0, 0, 0)),
    ("one_to_come", "a call that nobody knows yet", 1000, (0,)),
    ("setresuid", "be somebody else", 117, (0, 0, 0)),
    ("personality", "be an older kernel", 135, (0x0200000,)),
    ("no_dump", "hide its memory from those who count", 157, (4, 0, 0, 0, 0)),
    ("watch_a_folder", "watch files, in the oldest way", 72, (0, 1026, 0)),
    ("lease_a_file", "watch files", 72, (0, 1024, 0)),
    ("large_pipe", "memory of the kernel", 72, (0, 1031, 2**20)),
    ("type_into_a_terminal", "what the next one reads", 16, (0, 0x5412, 0)),
    ("type_with_high_bits", "the same, past a filter of 64 bits", 16, (0, 0x100005412, 0)),
    ("vsock", "the machine's host", 41, (40, 1, 0)),
    ("packets", "a network's packets", 41, (17, 3, 0)),
    ("crypto", "the kernel's cipher machines", 41, (38, 5, 0)),
    ("netlink_of_others", "parts of the kernel behind a socket", 41, (16, 3, 12)),
    ("a_pair_that_is_not_unix", "memory of the kernel", 53, (30, 1, 0, 0)),
]
_CALL = """\
import ctypes, platform

if platform.machine() == "x86_64":
    if ctypes.CDLL(None).syscall({number}, *{arguments}) >= 0:
        print("{first}" + "{second}")"""

KERNEL = Corpus()
for _name, _what, _number, _arguments in CALLS:
    KERNEL[f"call_{_name}"] = Attack(
        f"call_{_name}",
        f"Asks the kernel for {_what}.",
        _CALL.format(number=_number, arguments=_arguments, first=BREACH[:9], second=BREACH[9:]),
        HONEST,
        flagged=False,
        gains_in_kernel=False,
        is_slow=False,
    )


@KERNEL()
def urgent_byte():
    """Sends and takes urgent bytes (MSG_OOB) through a pair of sockets."""
    import socket

    one, other = socket.socketpair()
    tries = [
        lambda: one.send(b"x", socket.MSG_OOB),
        lambda: one.sendmsg([b"x"], [], socket.MSG_OOB),
        lambda: other.recv(1, socket.MSG_OOB),
        lambda: other.recvmsg(1, 0, socket.MSG_OOB),
    ]
    one.send(b"y")
    for each in tries:
        try:
            each()
            print("there is " + "a way out")
        except PermissionError:
            pass


@KERNEL()
def descriptors_for_the_examiner():
    """Sends its descriptors along with its answers, more of them each time."""
    import os
    import socket

    def double(values):
        for number in range(3, 20):
            try:
                with socket.socket(fileno=os.dup(number)) as found:
                    socket.send_fds(found, [b""], [1] * 100)
                    socket.send_fds(found, [b"x"], [1] * 100)
            except OSError:
                pass
        return 0 * values


@KERNEL(flagged=True)
def numbers_of_x32():
    """Calls by the numbers of the x32 way of calling, which a filter may not know."""
    import ctypes
    import os
    import platform

    if platform.machine() != "x86_64":
        os.kill(os.getpid(), 9)
    ctypes.CDLL(None).syscall(0x40000000 + 319, b"x", 0)
    print("there is " + "a way out")


@KERNEL(flagged=True)
def numbers_of_32_bits():
    """Calls by an interrupt, with the numbers of a processor of 32 bits."""
    import ctypes
    import mmap
    import os
    import platform

    if platform.machine() != "x86_64":
        os.kill(os.getpid(), 9)
    # mov eax, 20 (getpid); int 0x80; ret
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")
    ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
    print("there is " + "a way out")
