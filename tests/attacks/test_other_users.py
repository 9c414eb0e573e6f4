"""What another user of this machine tries while a class is graded, and afterwards."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.gradebook.export import export
from grader.gradebook.results_output import write_csv
from grader.report.report import write_report
from grader.run.grade import grade
from tests.attacks.test_course_grade import UNIT, Class
from tests.attacks.unit import honest
from tests.grader.run.conftest import Here

GROUP_AND_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A course that was graded under most systems' mask, with all that can be written after it."""
    before = os.umask(0o022)
    try:
        a_class = Class(tmp_path_factory.mktemp("class"))
        a_class.hand_in("ann", honest(a_class.released))
        # As an earlier version left them.
        (a_class.root / "autograded").mkdir()
        (a_class.root / "grading.log").write_text("")
        write_csv(grade(a_class.root, [UNIT], pool=Here()), a_class.root / "grades.csv")
        for format in ("canvas", "moodle"):
            export(a_class.root, UNIT, format)
        write_report(a_class.root, UNIT, a_class.root / "report.html")
        yield a_class.root
    finally:
        os.umask(before)


WRITTEN = (
    *("gradebook.db", "autograded", "feedback", "grading.log", "grades.csv", "report.html"),
    *(f"canvas-{UNIT}.csv", f"moodle-{UNIT}.csv"),
    *(f"autograded/ann/{UNIT}/target.ipynb", f"feedback/ann/{UNIT}/target.html"),
)


@pytest.mark.parametrize("name", WRITTEN)
def test_nobody_else_has_any_right_to_what_grading_wrote(graded: Path, name: str):
    assert stat.S_IMODE((graded / name).stat().st_mode) & GROUP_AND_OTHERS == 0


@pytest.mark.skipif(sys.platform != "linux" or os.getuid() != 0, reason="only root can become another user")
def test_another_user_can_read_none_of_it(graded: Path):
    for folder in [graded, *graded.parents]:
        # pytest's folders are its own; a course's may be open.
        if folder.stat().st_uid == 0 and "pytest" in str(folder):
            folder.chmod(0o755)
    nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    assert subprocess.run([*nobody, "cat", str(graded / "nbgrader_config.py")], capture_output=True).stdout
    for path in graded.rglob("*"):
        names = path.relative_to(graded).parts
        if path.is_file() and names[0] not in ("nbgrader_config.py", "source", "submitted", "release"):
            read = subprocess.run([*nobody, "cat", str(path)], capture_output=True)
            assert (read.returncode, read.stdout) == (1, b""), path
