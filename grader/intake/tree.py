"""What lies in the folders of a class, when nothing is followed out of them?

A link, a bind mount or a second name of a file may lead to the solutions, the gradebook or another student's
work. So every folder below the first is opened by its name in the folder above it, never by a path, and a
link is refused by the system itself: what was looked at is what is read, whatever changes in between.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from grader.intake.errors import UnfitSubmission
from grader.shown_text import printable

# Nobody waits for a pipe, and no terminal is taken over.
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
# Folders in folders: Python cannot go as deep as a file system.
DEEPEST = 100
_LINKS = {errno.ELOOP, errno.EMLINK}  # EMLINK is FreeBSD's word


class Folder:
    """An open folder of the class.

    Parameters
    ----------
    descriptor : int
        Of the folder; the caller closes it.
    shown : Path
        How sentences name it.
    mount : str
        Which mounted file system it is on; every entry has to be on the same.
    """

    def __init__(self, descriptor: int, shown: Path, mount: str) -> None:
        self._descriptor, self._mount = descriptor, mount
        self.shown = shown

    def names(self) -> list[str]:
        """The names of all entries, sorted.

        Raises
        ------
        UnfitSubmission
            If the folder may not be listed.
        """
        try:
            return sorted(os.listdir(self._descriptor))
        except OSError as error:
            raise _cannot_be_read(self.shown, error) from None

    def is_folder(self, name: str) -> bool:
        """Whether an entry is a folder itself, not a link to one; what is gone is none."""
        return self._kind(name) == stat.S_IFDIR

    def is_file(self, name: str) -> bool:
        """Whether an entry is a file itself, not a link to one; what is gone is none."""
        return self._kind(name) == stat.S_IFREG

    @contextmanager
    def folder(self, name: str) -> Iterator[Folder]:
        """Open a folder in this one.

        Raises
        ------
        UnfitSubmission
            If it is a link, a mount, no folder, or may not be entered.
        """
        descriptor = self._open(name, os.O_DIRECTORY)
        try:
            yield Folder(descriptor, self._shown(name), self._mount)
        finally:
            os.close(descriptor)

    def read(self, name: str, limit: int) -> bytes:
        """The content of a file in this folder, at most ``limit`` bytes of it.

        Raises
        ------
        UnfitSubmission
            If it is a link, a device, another file's second name, or may not be read.
        """
        descriptor = self._open(name)
        try:
            with open(descriptor, "rb", closefd=False) as file:
                found = os.fstat(descriptor)
                if not stat.S_ISREG(found.st_mode):
                    raise UnfitSubmission(
                        f"{self._shown(name)} is a link or a device: put the file itself in its place."
                    )
                if found.st_nlink > 1:
                    raise UnfitSubmission(
                        f"{self._shown(name)} is a hard link, one of {found.st_nlink} names of the same "
                        "file, which may be somebody else's: put a copy in its place."
                    )
                return file.read(limit)
        except OSError as error:
            raise _cannot_be_read(self._shown(name), error, "a readable file") from None
        finally:
            os.close(descriptor)

    def files(
        self, is_left_out: Callable[[str], bool], depth: int = 0
    ) -> Iterator[tuple[str, Callable[[int], bytes]]]:
        """All files in this folder and those in it: the relative path, and what reads at most so many bytes.

        Each is to be read before the next is asked for.

        Parameters
        ----------
        is_left_out : callable
            Whether files and folders of a name are passed over.
        depth : int
            In how many folders this one lies.

        Raises
        ------
        UnfitSubmission
            If a folder cannot be read, or folders lie too deep in each other.
        """
        if depth > DEEPEST:
            raise UnfitSubmission(
                f"{Path(*self.shown.parts[:4])} holds more than {DEEPEST} folders in each other: remove what "
                "does not belong to it."
            )
        for name in self.names():
            if is_left_out(name):
                continue
            if self.is_folder(name):
                with self.folder(name) as inside:
                    for path, read in inside.files(is_left_out, depth + 1):
                        yield os.path.join(name, path), read
            else:
                yield name, partial(self.read, name)

    def _kind(self, name: str) -> int | None:
        with suppress(OSError):
            found = os.stat(name, dir_fd=self._descriptor, follow_symlinks=False)
            return stat.S_IFMT(found.st_mode)
        return None

    def _open(self, name: str, flags: int = 0) -> int:
        try:
            descriptor = _open(name, _FLAGS | flags, self._descriptor)
        except OSError as error:
            if error.errno in _LINKS or self._kind(name) == stat.S_IFLNK:
                what = "folder" if flags else "file"
                raise UnfitSubmission(
                    f"{self._shown(name)} is a link or a device: put the {what} itself in its place."
                ) from None
            if error.errno == errno.ENOTDIR:
                raise UnfitSubmission(
                    f"{self._shown(name)} is no folder: put a folder with the files in its place."
                ) from None
            raise _cannot_be_read(self._shown(name), error) from None
        if _mount_of(descriptor) != self._mount:
            os.close(descriptor)
            raise UnfitSubmission(
                f"{self._shown(name)} is mounted from elsewhere: put a copy of the files in its place."
            )
        return descriptor

    def _shown(self, name: str) -> Path:
        return self.shown / printable(name)


@contextmanager
def open_first(path: Path) -> Iterator[Folder]:
    """Open the folder of the class, which is the instructor's own and may be a link.

    Raises
    ------
    UnfitSubmission
        If it is not there or may not be entered.
    """
    try:
        descriptor = _open(str(path), (_FLAGS | os.O_DIRECTORY) & ~os.O_NOFOLLOW, None)
    except OSError as error:
        raise _cannot_be_read(path, error) from None
    try:
        yield Folder(descriptor, Path(printable(path.name)), _mount_of(descriptor))
    finally:
        os.close(descriptor)


def _open(name: str, flags: int, folder: int | None) -> int:
    return os.open(name, flags, dir_fd=folder)


def _mount_of(descriptor: int) -> str:
    """Which mounted file system an open file is on; a bind mount of the same disk is another one."""
    with suppress(OSError):
        for line in Path(f"/proc/self/fdinfo/{descriptor}").read_text().splitlines():
            if line.startswith("mnt_id:"):
                return line
    return str(os.fstat(descriptor).st_dev)


def _cannot_be_read(shown: Path, error: OSError, what: str = "readable") -> UnfitSubmission:
    return UnfitSubmission(f"{shown} cannot be read ({error.strerror}): make it {what}, then grade again.")
