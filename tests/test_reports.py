"""Does a failing test whose message holds bytes that are not UTF-8 end the run of all the others?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TESTS = """\
import logging
import os


def test_that_logs():
    logging.warning(os.fsdecode(b"an\\xffn"))


def test_that_fails():
    assert os.fsdecode(b"an\\xffn") == "ann"
"""


def test_reports_that_cannot_be_sent(tmp_path: Path) -> None:
    (tmp_path / "test_names.py").write_text(TESTS)
    root = Path(__file__).resolve().parents[1]
    command = ["-m", "pytest", "-n", "1", "-p", "tests.conftest", "-p", "no:cacheprovider", tmp_path]
    run = subprocess.run([sys.executable, *command], cwd=root, capture_output=True, text=True)
    assert "1 failed, 1 passed" in run.stdout
    assert r"an\udcffn" in run.stdout
