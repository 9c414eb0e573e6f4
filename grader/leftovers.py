"""How are the temporary folders of a killed process found and removed? They are named after their process.

Such a folder may hold a submission and the checks. The next process that makes one removes it.
"""

from __future__ import annotations

import hashlib
import os
import platform
import secrets
import shutil
import tempfile
from pathlib import Path

import psutil


def new_place(kind: str) -> Path:
    """An unused path in the folder for temporary files.

    Parameters
    ----------
    kind : str
        What it is for; the path begins with it.
    """
    return Path(tempfile.gettempdir(), f"{_prefix(kind)}{os.getpid()}-{secrets.token_hex(8)}")


def remove_leftovers(kind: str) -> None:
    """Remove the folders of this kind whose process is gone; the others stay."""
    prefix = _prefix(kind)
    for path in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        process = path.name.removeprefix(prefix).partition("-")[0]
        if process.isdecimal() and not psutil.pid_exists(int(process)):
            shutil.rmtree(path, ignore_errors=True)


def _prefix(kind: str) -> str:
    # Machines may share the folder, and number their processes alike.
    return f"{kind}-{hashlib.sha256(platform.node().encode()).hexdigest()[:8]}-"
