"""What can a job see of the machine? The system, the environment, and the folders that a course names.

All of it read-only, and named to bubblewrap one by one: what is not in these lists is not there.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

# The folder of the project: the instructor's tools find what belongs to them beside themselves.
PROJECT = Path(__file__).resolve().parents[2]
# What serves the examiner beside the student's code, and what starts it.
STUDENT_SIDE = ("grader/student", "grader/values", "grader/sandbox/inside", "grader/used_time.py")

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
# Of /etc what libraries read: no users, no hosts, no keys.
_ETC = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "fonts", "localtime", "mime.types")


def environment(scratch: str, extra: Iterable[Path] = ()) -> dict[str, str]:
    """The environment variables of a job, all of them.

    One thread for each library: jobs run side by side, and a fork keeps only one. A fixed seed of ``hash``:
    the same submission iterates over its sets in the same order each time.
    """
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
    return {
        "HOME": f"{scratch}/home",
        "TMPDIR": f"{scratch}/tmp",
        "IPYTHONDIR": f"{scratch}/home/.ipython",
        "MPLCONFIGDIR": f"{scratch}/home/.matplotlib",
        "MPLBACKEND": "Agg",
        "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(map(str, [PROJECT, *map(_import_root, extra)]))),
        "PYTHONSAFEPATH": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "LANG": "C.UTF-8",
        # As nbgrader says it: progress bars are off.
        "NBGRADER_EXECUTION": "autograde",
        "USER": "student",
        "LOGNAME": "student",
        **dict.fromkeys(threads, "1"),
    }


def _import_root(path: Path) -> Path:
    """The folder from which a visible one can be imported: of a package the one above, which is not shown."""
    return path.parent if (path / "__init__.py").is_file() else path


def visible_paths(extra: Iterable[Path] = ()) -> list[Path]:
    """The folders that a job sees, of the environment and of the course, without those inside another."""
    wanted = [*environment_paths(), *(PROJECT / name for name in STUDENT_SIDE), *extra]
    found = {path for path in wanted if path.exists()}
    inside_another = {path for path in found for other in found if other in path.parents}
    in_system = {path for path in found if Path("/usr") in path.parents}
    return sorted(found - inside_another - in_system)


def environment_paths() -> list[Path]:
    """Where Python and its packages are, by the names in use and by those that symbolic links lead to."""
    prefixes = [Path(sys.prefix), Path(sys.base_prefix)]
    interpreter = Path(sys.executable).resolve()
    if not any(interpreter.is_relative_to(prefix.resolve()) for prefix in prefixes):
        prefixes.append(interpreter.parent.parent)
    return [*prefixes, *(prefix.resolve() for prefix in prefixes)]


def system_arguments() -> list[str]:
    """bubblewrap's arguments for the read-only system."""
    arguments = []
    for name in SYSTEM:
        path = Path(name)
        if path.is_symlink():
            arguments += ["--symlink", str(path.readlink()), name]
        elif path.is_dir():
            arguments += ["--ro-bind", name, name]
    arguments += folder_arguments([Path("/etc/any")])
    for name in _ETC:
        arguments += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    return arguments


def bind_arguments(paths: Iterable[Path]) -> list[str]:
    """bubblewrap's arguments for read-only folders, at the paths that they have outside."""
    paths = list(paths)
    arguments = folder_arguments(paths)
    for path in paths:
        arguments += ["--ro-bind", str(path), str(path)]
    return arguments


def folder_arguments(paths: Iterable[Path]) -> list[str]:
    """Arguments that make the folders above ``paths``: by itself bubblewrap makes them for one user only."""
    parents = {parent for path in paths for parent in path.parents if parent != Path("/")}
    return [word for parent in sorted(parents) for word in ("--perms", "0755", "--dir", str(parent))]


def closed_folders(paths: Iterable[Path]) -> list[Path]:
    """The topmost folders above ``paths`` that other users cannot pass, such as root's home."""
    closed = set()
    for path in paths:
        for parent in reversed(path.parents):
            if not parent.stat().st_mode & stat.S_IXOTH:
                closed.add(parent)
                break
    return sorted(closed)
