"""What the examiner needs of the place in which a student's process runs."""

from __future__ import annotations

from typing import Any, Protocol


class Room(Protocol):
    """A process that serves ``grader.student.driver``, and ways to stop it.

    Attributes
    ----------
    reader, writer : binary streams
        The connection with that process; both have a file descriptor.
    """

    reader: Any
    writer: Any

    def interrupt(self) -> None:
        """Send the process SIGINT, as Ctrl-C does."""

    def kill(self) -> None:
        """End the process and all that it started."""

    def cause_of_death(self) -> str:
        """A sentence that says why the process has ended, for the student and the instructor."""
