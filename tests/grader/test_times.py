"""Is a time read as it is meant, or refused?"""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from grader import nbgrader_patches
from grader.times import TimeError, read_time, write_time
from tests.conftest import ROOT

NOON = datetime(2026, 11, 20, 12)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20 12:00:00 UTC",
        "2026-11-20 12:00:00.000000 UTC",
        "2026-11-20 12:00 GMT",
        "2026-11-20T12:00:00Z",
        "2026-11-20 12:00:00",
        "  2026-11-20 13:00:00 +01:00\r\n",
        "2026-11-20 13:00:00 +0100",
        "2026-11-20 13:00:00+01",
        "2026-11-20T17:30:00.000+0530",
        "2026-11-20 04:00:00 America/Los_Angeles",
        "2026-11-20 13:00:00.0 Europe/Berlin",
    ],
)
def test_what_says_one_time(text: str) -> None:
    assert read_time(text) == NOON
    assert read_time(write_time(NOON)) == NOON


ZONES = (
    "PST",
    "PDT",
    "CEST",
    "CET",
    "EDT",
    "EST",
    "IST",
    "CST",
    "BST",
    "MEZ",
    "local",
    "Z+1",
    "UTC+1",
    "Mars/Base",
)


@pytest.mark.parametrize("zone", ZONES)
def test_a_zone_that_is_not_known_is_refused(zone: str) -> None:
    with pytest.raises(TimeError, match="is not known for certain: write UTC|is no time such as"):
        read_time(f"2026-11-20 15:30:00 {zone}")


@pytest.mark.parametrize(
    "text",
    [
        *("", "yesterday", "11/12/2026", "11/12/2026 12:00", "20.11.2026 12:00", "2026-11-20", "12:00:00"),
        *("2026-11-20 12", "2026-11-20 12:00 pm", "2026-11-31 12:00:00 UTC", "2026-13-01 12:00:00 UTC"),
        *("2026-11-20 24:30:00", "2026-11-20 12:61:00", "0000-01-01 00:00:00", "0001-01-01 00:00:00 +10:00"),
        *("2026-11-20 12:00:00 +25:00", "2026-11-20 12:00:00 3600", "Nov 20 2026 12:00:00", "1795176000"),
        *("2026-11-20 12:00:00 UTC late", "2026-11-20 12:00:00 ../../etc/passwd", "٢٠٢٦-١١-٢٠ ١٢:٠٠:٠٠"),
    ],
)
def test_what_is_half_understood_is_refused(text: str) -> None:
    with pytest.raises(TimeError):
        read_time(text)


def test_an_hour_that_comes_twice_or_never() -> None:
    for hour in ("2026-10-25 02:30:00", "2026-03-29 02:30:00"):
        with pytest.raises(TimeError, match="is not one time"):
            read_time(f"{hour} Europe/Berlin")
    assert read_time("2026-10-25 02:30:00 +02:00") == datetime(2026, 10, 25, 0, 30)


def test_due_dates_are_read_alike(tmp_path: Path) -> None:
    nbgrader_patches.apply()
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as gradebook:
        unit = gradebook.update_or_create_assignment("01-tiny", duedate="2026-11-20 13:00:00 +0100")
        assert unit.duedate == NOON
        for text in ("2026-11-20 15:30:00 PST", "11/12/2026"):
            with pytest.raises(TimeError):
                gradebook.update_or_create_assignment("01-tiny", duedate=text)
        assert unit.duedate == NOON


def test_nbgraders_own_command_refuses_a_due_date_too(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text((ROOT / "nbgrader_config.py").read_text())
    nbgrader_patches.apply()
    Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}").close()
    command = [sys.executable, "-m", "nbgrader", "db", "assignment", "add", "01-tiny"]
    run = subprocess.run(
        [*command, "--duedate=2026-11-20 15:30:00 PST"], cwd=tmp_path, capture_output=True, text=True
    )
    assert run.returncode and "the zone 'PST' is not known for certain" in run.stderr
