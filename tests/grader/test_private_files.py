"""What grading writes can be read by nobody else, and what others can read is named."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import pytest

from grader.files import replace_file
from grader.private_files import make_private, open_to_others, private


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def everybody_may_read():
    """Most systems' mask."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.parametrize(("shared", "folder", "file"), [(False, 0o700, 0o600), (True, 0o770, 0o660)])
def test_what_is_made_is_private_and_the_mask_is_put_back(tmp_path: Path, shared, folder, file):
    with pytest.raises(ZeroDivisionError), private(shared):
        (tmp_path / "folder").mkdir()
        (tmp_path / "file").write_text("")
        _ = 1 / 0
    assert (mode(tmp_path / "folder"), mode(tmp_path / "file")) == (folder, file)
    (tmp_path / "later").write_text("")
    assert mode(tmp_path / "later") == 0o644


@pytest.mark.parametrize(("shared", "left"), [(False, 0o700), (True, 0o750)])
def test_rights_that_others_had_are_taken(tmp_path: Path, shared, left):
    old, link = tmp_path / "old", tmp_path / "link"
    old.mkdir(mode=0o755)
    target = tmp_path / "elsewhere"
    target.write_text("")
    link.symlink_to(target)
    make_private([old, link, tmp_path / "not there"], shared)
    assert (mode(old), mode(target)) == (left, 0o644)


def test_a_result_is_private_also_where_an_open_one_stood(tmp_path: Path):
    path = tmp_path / "grades.csv"
    path.write_text("old")
    path.with_name(".grades.csv.new").write_text("left by a run that was killed")
    replace_file(path, "new")
    assert (path.read_text(), mode(path)) == ("new", 0o600)


def test_what_others_can_read_is_named(tmp_path: Path):
    # Below the system's folder for temporary files; pytest's own is closed to others.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        for name, rights in {"open": 0o644, "closed": 0o600, "of the group": 0o640}.items():
            (folder / name).write_text("")
            (folder / name).chmod(rights)
        for name, rights in {"passable": 0o711, "shut": 0o700}.items():
            (folder / name).mkdir()
            (folder / name).chmod(rights)
            (folder / name / "inside").write_text("")
        looked_at = [*sorted(folder.iterdir()), folder / "shut" / "inside", folder / "no"]
        assert [path.name for path in open_to_others(looked_at)] == ["open", "passable"]
        folder.chmod(0o700)
        assert open_to_others(looked_at) == []
