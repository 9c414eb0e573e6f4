"""What does the world of one job consist of? Its init makes it: namespaces, mounts, no capabilities."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from grader.sandbox.inside import linux

# A job's folder in memory. The fork server has one of the same name, which the job's covers.
TOP = Path("/scratch")
WORK, HOME, TMP, SHM = TOP / "work", TOP / "home", TOP / "tmp", TOP / "shm"
_PLAIN = linux.MS_NOSUID | linux.MS_NODEV


def isolate(header: Mapping) -> None:
    """Give this process, the first of its pid namespace, a world of its own.

    No network device but an idle loopback, no processes but its own, no System V memory of others, no file
    system that can be written but one in memory, of limited size, for all of the job's files.

    Parameters
    ----------
    header : mapping
        The job's header; of its ``limits``, ``scratch_bytes`` is used.
    """
    linux.unshare(
        linux.CLONE_NEWNS
        | linux.CLONE_NEWNET
        | linux.CLONE_NEWIPC
        | linux.CLONE_NEWUTS
        | linux.CLONE_NEWCGROUP
    )
    size = int(header["limits"]["scratch_bytes"])
    linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)
    # An inode takes a kilobyte of the kernel's memory, which the size does not count.
    linux.mount("tmpfs", str(TOP), "tmpfs", _PLAIN, f"size={size},nr_inodes=65536,mode=0700")
    for folder in (WORK, HOME, TMP, SHM):
        folder.mkdir()
    linux.mount(str(SHM), "/dev/shm", None, linux.MS_BIND)
    linux.mount("proc", "/proc", "proc", _PLAIN | linux.MS_NOEXEC)
    # Terminals of its own: those of another mount could be a way from one job to the next.
    options = "newinstance,ptmxmode=0666,mode=0620"
    linux.mount("devpts", "/dev/pts", "devpts", linux.MS_NOSUID | linux.MS_NOEXEC, options)
    # Within a further user namespace a student's process would have all capabilities again.
    Path("/proc/sys/user/max_user_namespaces").write_text("0")
    linux.drop_capabilities()
    linux.forbid_new_privileges()
    os.umask(0o077)
