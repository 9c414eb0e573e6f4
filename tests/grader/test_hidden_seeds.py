"""Which data a hidden check draws: always the same for a submission, others for another one."""

from __future__ import annotations

import ast
import stat
from pathlib import Path

import pytest

from grader.course_folder import CourseError
from grader.course_secret import SECRET_FILE, make_secret, read_secret, set_salt
from grader.hidden_seeds import class_seed, submission_seed, with_seed

KEY = bytes(range(32))
CELL = """\
# Hidden checks draw, and é is two bytes.
def check_visible(f, seed=0):
    return seed

### BEGIN HIDDEN TESTS
def check_é(f, label="é", seed=0):
    return seed

def check_of_keyword(f, *, size=3, seed=7): return seed, size

class Helper:
    def draw(self, seed=0): return seed

def check_without(f, seed=None, size=0):
    return seed, size
### END HIDDEN TESTS
def check_after(f, seed=0):
    return seed
"""


def test_the_same_submission_gets_the_same_seed_and_any_change_of_it_another():
    base = submission_seed(KEY, ["a", "b"], {"data.csv": b"1"})
    assert base == submission_seed(KEY, iter(["a", "b"]), {"data.csv": b"1"})
    others = [
        submission_seed(KEY[::-1], ["a", "b"], {"data.csv": b"1"}),
        submission_seed(KEY, ["ab"], {"data.csv": b"1"}),
        submission_seed(KEY, ["b", "a"], {"data.csv": b"1"}),
        submission_seed(KEY, ["a", "b", ""], {"data.csv": b"1"}),
        submission_seed(KEY, ["a", "b"], {"data.csv": b"2"}),
        submission_seed(KEY, ["a", "b"], {"table.csv": b"1"}),
        submission_seed(KEY, ["a", "b", "data.csv", "1"], {}),
        class_seed(KEY),
    ]
    assert len({base, *others}) == 1 + len(others)
    assert all(0 <= seed < 2**31 for seed in (base, *others))


def test_a_source_that_cannot_be_encoded_has_a_seed():
    assert submission_seed(KEY, ["'\ud800'"], {}) != submission_seed(KEY, ["'\ud801'"], {})


def test_hidden_functions_alone_get_the_seed_line_by_line():
    given = with_seed(CELL, "12345")
    names: dict = {}
    exec(given, names)
    found = [names[name](None) for name in ("check_visible", "check_é", "check_of_keyword", "check_after")]
    assert found == [0, 12345, (12345, 3), 0]
    assert names["Helper"]().draw() == 12345 and names["check_without"](None) == (None, 0)
    assert given.count("\n") == CELL.count("\n")
    assert with_seed(CELL, "0").replace("seed=0, size=0", "") == CELL.replace("seed=7", "seed=0").replace(
        "seed=0, size=0", ""
    )
    assert ast.dump(ast.parse(with_seed(given, "0"))) == ast.dump(ast.parse(with_seed(CELL, "0")))


def test_two_on_a_line_and_what_is_no_python_are_taken_as_they_are():
    region = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"
    line = "f = lambda seed=0: seed; g = 1"
    assert with_seed(region.format(line), "9") == region.format(line)
    for cell in ("%%time\nf(", "def f(seed=0): pass", ""):
        assert with_seed(cell, "9") == cell


def test_the_secret_is_drawn_once_for_this_user_alone(tmp_path: Path):
    assert read_secret(tmp_path) is None
    made = make_secret(tmp_path)
    assert stat.S_IMODE((tmp_path / SECRET_FILE).stat().st_mode) == 0o600
    assert read_secret(tmp_path) == made and len(made.key) == 32
    with pytest.raises(CourseError, match="run this one again"):
        make_secret(tmp_path)


def test_a_salt_gives_other_keys_and_keeps_the_secret(tmp_path: Path):
    first = set_salt(tmp_path, "autumn")
    second = set_salt(tmp_path, "spring")
    assert first.secret == second.secret and first.key != second.key
    assert set_salt(tmp_path, "autumn").key == first.key == read_secret(tmp_path).key
    assert stat.S_IMODE((tmp_path / SECRET_FILE).stat().st_mode) == 0o600
    with pytest.raises(CourseError, match="salt is empty"):
        set_salt(tmp_path, " ")


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"secret": "ab", "salt": ""}', '{"secret": "xy", "salt": ""}']
)
def test_a_damaged_secret_is_named_and_kept(tmp_path: Path, text: str):
    path = tmp_path / SECRET_FILE
    path.write_text(text)
    with pytest.raises(CourseError, match="put your copy of it back"):
        read_secret(tmp_path)
    assert path.read_text() == text
