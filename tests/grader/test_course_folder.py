"""Which folders does a course's configuration make visible to students' code, and which are refused?"""

from __future__ import annotations

from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from traitlets.config import Config

from grader.course_api import nbgrader_api
from grader.course_folder import CONFIG_FILE, CourseError, read_config, sqlite_url, visible_paths
from grader.run import worker
from grader.sandbox import SandboxError
from tests.conftest import ROOT


def made(root: Path, line: str) -> tuple[str, ...]:
    """What a course with this line in its configuration makes visible."""
    for name in ("helpers", "source/01-unit", "data"):
        (root / name).mkdir(parents=True)
    (root / CONFIG_FILE).write_text(f"c = get_config()\n{line}\n")
    return visible_paths(read_config(root), root)


@pytest.mark.parametrize(
    "line",
    [
        'c.GradedExecute.visible_paths = ["helpers", "data"]',
        'c.GradedExecute.visible_paths.append("helpers"); c.GradedExecute.visible_paths.append("data")',
        'c.GradedExecute.visible_paths = [f"{__file__}/../helpers", "source/../data"]',
    ],
)
def test_folders_are_absolute_or_relative_to_the_course(tmp_path: Path, line: str) -> None:
    root = tmp_path.resolve()
    assert made(root, line) == (str(root / "helpers"), str(root / "data"))


def test_without_a_setting_nothing_is_visible(tmp_path: Path) -> None:
    assert made(tmp_path, "") == ()


@pytest.mark.parametrize("path", ["source", "source/01-unit", ".", "..", "helpers/../source"])
def test_what_would_show_hidden_tests_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(CourseError, match=r"visible_paths: .* would show students' code .*source"):
        made(tmp_path, f"c.GradedExecute.visible_paths = [{path!r}]")


def test_a_link_to_what_is_hidden_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "source")
    with pytest.raises(CourseError, match="would show students' code"):
        made(tmp_path, 'c.GradedExecute.visible_paths = ["link"]')


def test_the_folders_of_the_course_may_have_other_names(tmp_path: Path) -> None:
    config = Config({"CourseDirectory": {"source_directory": "data"}, "GradedExecute": {}})
    (tmp_path / "data").mkdir()
    config.GradedExecute.visible_paths = ["data"]
    with pytest.raises(CourseError, match="would show students' code"):
        visible_paths(config, tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="there is no folder .*nowhere"):
        made(tmp_path, 'c.GradedExecute.visible_paths = ["nowhere"]')


@pytest.mark.parametrize("isolated", [True, False])
def test_a_machine_without_a_visible_folder_does_not_grade(tmp_path: Path, isolated: bool) -> None:
    missing = str(tmp_path / "nowhere")
    assert f"There is no folder {missing}" in worker.warm_up(str(tmp_path), (missing,), isolated, None)
    with pytest.raises(SandboxError, match="Put it at the same place there"):
        worker.sandbox(str(tmp_path), (missing,), isolated, None)


NAMES = ["a%20b", "a%2520b", "a?b", "a%3Fb?c=d", "50%", "a b", "a#b", "a@b:c", "a&b=c", "ä+ö"]


@pytest.mark.parametrize("name", NAMES)
def test_a_gradebook_lies_in_its_own_folder(tmp_path: Path, name: str) -> None:
    """By the URL that this project makes, and by the one that nbgrader takes from the configuration."""
    root = tmp_path / name
    root.mkdir()
    (root / CONFIG_FILE).write_text((ROOT / CONFIG_FILE).read_text())
    for url in (sqlite_url(root / "gradebook.db"), read_config(root).CourseDirectory.db_url):
        with Gradebook(url) as gradebook:
            gradebook.update_or_create_student("ann")
    assert (root / "gradebook.db").stat().st_size
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert nbgrader_api(root).coursedir.db_url == url


def test_a_course_without_the_hardening_has_it_there_too(tmp_path: Path) -> None:
    root = tmp_path / "a%20b"
    root.mkdir()
    (root / CONFIG_FILE).write_text("c = get_config()\n")
    assert nbgrader_api(root).coursedir.db_url == sqlite_url(root / "gradebook.db")
    (root / CONFIG_FILE).write_text("c = get_config()\nc.CourseDirectory.db_url = 'sqlite:///x.db'\n")
    assert nbgrader_api(root).coursedir.db_url == "sqlite:///x.db"
