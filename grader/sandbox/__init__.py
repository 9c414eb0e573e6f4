"""Where does students' code run, apart from the grader?

A worker holds a :class:`Sandbox`, which opens a :class:`Room` for each submission. In the room's process
``grader.student.driver`` serves the examiner's requests. No process, file or memory outlives the room.
"""

from __future__ import annotations

from pathlib import Path

from grader.sandbox.base import Sandbox
from grader.sandbox.bubblewrap import BubblewrapSandbox
from grader.sandbox.inside.job_limits import JobLimits
from grader.sandbox.room import Room, SandboxError
from grader.sandbox.shared import SharedServer
from grader.sandbox.unisolated import UnisolatedSandbox

__all__ = [
    "BubblewrapSandbox",
    "JobLimits",
    "UnisolatedSandbox",
    "Room",
    "Sandbox",
    "SandboxError",
    "SharedServer",
    "make_sandbox",
]


def make_sandbox(
    course_root: Path, limits: JobLimits | None = None, *, isolated: bool = True, **options
) -> Sandbox:
    """The sandbox for this machine.

    Parameters
    ----------
    course_root, limits, **options
        As for :class:`Sandbox`.
    isolated : bool
        False is ``--no-sandbox``: limits and a scratch folder, and no protection against intent.

    Raises
    ------
    SandboxError
        If it should be isolated and bubblewrap is missing.
    """
    kind = BubblewrapSandbox if isolated else UnisolatedSandbox
    return kind(course_root, limits, **options)
