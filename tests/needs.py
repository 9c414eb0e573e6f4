"""Which programs, packages and files do some tests need, and which command adds them?

A test that needs what is not here is skipped with a sentence; `left_out` gathers these sentences for the end
of a run, so that nobody takes a green run for a complete one.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

# What a machine may lack, by the names under which it is looked for on the path.
PROGRAMS = {
    "sandbox": ("bwrap",),
    "browser": ("chromium", "chromium-browser", "google-chrome"),
    "database": ("initdb", "pg_ctlcluster"),
}
DEBIAN_SERVERS = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Need:
    """Something that tests may need.

    Parameters
    ----------
    what : str
        Its name, with an article: it completes "they need ...".
    remedy : str
        The command that adds it.
    is_here : callable
        Whether this machine has it.
    """

    what: str
    remedy: str
    is_here: Callable[[], bool]

    @property
    def sentence(self) -> str:
        """Why a test is skipped, and what to do about it."""
        return f"they need {self.what}: {self.remedy}"

    def require(self) -> None:
        """Skip the test that runs, unless this is here."""
        if not self.is_here():
            pytest.skip(self.sentence)

    @property
    def mark(self) -> pytest.MarkDecorator:
        """Skips what it decorates, unless this is here."""
        return pytest.mark.skipif(not self.is_here(), reason=self.sentence)


def browser() -> str | None:
    """The path of a Chromium, under any of its names."""
    return next(filter(None, map(shutil.which, PROGRAMS["browser"])), None)


def postgresql() -> Path | None:
    """The folder of a PostgreSQL server's programs.

    Debian keeps them off the path, a folder for each version. Its own ``pg_ctlcluster``, which is on it,
    tells that there are some.
    """
    initdb, debian = map(shutil.which, PROGRAMS["database"])
    if initdb is not None:
        return Path(initdb).resolve().parent
    if debian is None:
        return None
    found = sorted(DEBIAN_SERVERS.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


SANDBOX = Need(
    "a sandbox (Linux)",
    "apt-get install bubblewrap libseccomp2",
    lambda: any(map(shutil.which, PROGRAMS["sandbox"])),
)
BROWSER = Need("a browser", "apt-get install chromium", lambda: browser() is not None)
DATABASE = Need("a PostgreSQL server", "apt-get install postgresql", lambda: postgresql() is not None)
LARGER_DATA = Need(
    "the files of ml-100k and ml-1m",
    "docs/data.md says how to get them; MF_DATA_DIR names the folder that holds both",
    lambda: bool(os.environ.get("MF_DATA_DIR")),
)


def peer(package: str) -> Need:
    """A package with which the course's models are compared."""

    def is_here() -> bool:
        try:
            version(package)
        except PackageNotFoundError:
            return False
        return True

    remedy = "pip install -c constraints.txt -r benchmarks/requirements.txt"
    return Need("the packages that the league compares itself with", remedy, is_here)


def left_out(skipped: Iterable[pytest.TestReport]) -> list[str]:
    """A line for each reason for which tests were skipped, the most frequent first."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in skipped
        if isinstance(report.longrepr, tuple)
    )
    return [
        f"Left out: {number} test{'s' * (number > 1)}; {reason}" for reason, number in reasons.most_common()
    ]
