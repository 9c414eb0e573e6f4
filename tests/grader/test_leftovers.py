"""Temporary folders of processes that were killed."""

from __future__ import annotations

import os
import subprocess
import sys

from grader.leftovers import new_place, remove_leftovers


def test_what_a_dead_process_left_is_removed_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        dead.wait()
    mine = new_place("grading")
    left = mine.with_name(mine.name.replace(f"-{os.getpid()}-", f"-{dead.pid}-"))
    others = [mine, tmp_path / f"grading-01234567-{dead.pid}-of-another-machine", tmp_path / "grading-notes"]
    for folder in (left, *others):
        folder.mkdir()
        (folder / "gradebook.db").write_text("points")
    remove_leftovers("grading")
    assert sorted(tmp_path.iterdir()) == sorted(others)


def test_places_are_new_each_time():
    assert new_place("grading") != new_place("grading")
