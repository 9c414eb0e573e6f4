"""What do both kinds of sandbox have in common? They open a room for each submission."""

from __future__ import annotations

import abc
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Self

from grader.sandbox.control_group import ControlGroups
from grader.sandbox.inside.job_limits import JobLimits
from grader.sandbox.room import Room, SandboxError, check_files

DRIVER = "grader.student.driver"


class Sandbox(abc.ABC):
    """Where students' code runs: a context manager that opens a :class:`Room` for each submission.

    Parameters
    ----------
    course_root : Path
        The course's folder, which must not be visible inside.
    limits : JobLimits
        Of every job.
    driver : str
        The module whose ``serve(reader, writer)`` runs in the student's process.
    extra_paths : sequence of Path
        Further folders that jobs may read and import from.

    Attributes
    ----------
    protects, leaves_open : tuple of str
        Sentences: what this sandbox protects against, and what it does not.
    """

    protects: ClassVar[tuple[str, ...]]
    leaves_open: ClassVar[tuple[str, ...]]

    def __init__(
        self,
        course_root: Path,
        limits: JobLimits | None = None,
        *,
        driver: str = DRIVER,
        extra_paths: Sequence[Path] = (),
    ) -> None:
        self.course_root = Path(course_root).resolve()
        self.limits = limits or JobLimits()
        self.driver = driver
        self.extra_paths = tuple(extra_paths)
        # Where the kernel itself measures jobs; without it their guardians do.
        self.groups: ControlGroups | None = None

    def open(self, files: Mapping[str, bytes], limits: JobLimits | None = None) -> Room:
        """Start a job with these files in its working folder.

        Parameters
        ----------
        files : mapping of str to bytes
            Plain relative paths and contents.
        limits : JobLimits, optional
            Of this job, if other than the sandbox's.

        Raises
        ------
        ValueError
            If a name leads out of the folder, or the files are too big.
        SandboxError
            If the job cannot be started.
        """
        limits = limits or self.limits
        check_files(files, limits)
        try:
            return self._open(files, limits)
        except SandboxError:
            # The server may just have been ending; the next attempt finds that it is gone.
            time.sleep(0.5)
            return self._open(files, limits)

    def _open(self, files: Mapping[str, bytes], limits: JobLimits) -> Room:
        group = self.groups.open(limits) if self.groups else None
        control, job_control = socket.socketpair()
        channel, job_channel = socket.socketpair()
        with job_control, job_channel:
            try:
                scratch, clean_up = self._start_job([job_control.fileno(), job_channel.fileno()])
            except BaseException:
                control.close()
                channel.close()
                if group:
                    group.close()
                raise
        room = Room(control, channel, scratch, limits, clean_up, group)
        try:
            room.start(files)
        except BaseException:
            room.close()
            raise
        return room

    @abc.abstractmethod
    def _start_job(self, descriptors: list[int]) -> tuple[str, Callable[[], None]]:
        """Start a job with its ends of the control socket and the channel.

        Returns
        -------
        (str, callable)
            The job's working folder, by its name inside, and what to do after the job's end.
        """

    @abc.abstractmethod
    def close(self) -> None:
        """End what serves several jobs."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
