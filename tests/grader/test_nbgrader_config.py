"""The course's nbgrader configuration: it loads, says nothing of this machine, and names what exists."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader.apps.baseapp import NbGrader
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.dbutil import _temp_alembic_ini
from nbgrader.preprocessors import Execute, OverwriteCells
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader
from traitlets.utils.importstring import import_item

from course.demo.demo import set_up
from grader.nbgrader_patches import newest_gradebook_version
from grader.steps.execute import GradedExecute

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "nbgrader_config.py"


def load() -> Config:
    return PyFileConfigLoader(FILE.name, path=str(ROOT)).load_config()


def test_everything_is_inside_the_course_folder() -> None:
    coursedir = CourseDirectory(config=load())
    assert Path(coursedir.root) == ROOT
    assert coursedir.db_url == f"sqlite:///{ROOT / 'gradebook.db'}"


def test_no_path_is_written_out() -> None:
    assert not re.search(r"[\"'](/|~|[A-Z]:\\)", FILE.read_text())


def test_no_default_of_nbgrader_got_lost() -> None:
    """Each step that nbgrader takes is taken, by itself or by a subclass of it."""
    config = load()
    for converter, name in [
        (Autograde, "sanitize_preprocessors"),
        (Autograde, "autograde_preprocessors"),
        (GenerateFeedback, "preprocessors"),
    ]:
        steps = [import_item(step) for step in config[converter.__name__][name]]
        for default in converter.class_traits()[name].default():
            # The page has a style of its own.
            if default is not CSSHTMLHeaderPreprocessor:
                assert any(issubclass(step, default) for step in steps), default


def test_every_option_exists() -> None:
    """A misspelt option would be passed over, and the course graded with nbgrader's default."""
    classes = {cls.__name__: cls for cls in [*NbGrader().all_configurable_classes(), GradedExecute]}
    for section, options in load().items():
        for option in options:
            assert option in classes[section].class_traits(config=True), f"{section}.{option}"


def test_options_reach_the_subclasses() -> None:
    config = load()
    assert GradedExecute(config=config).skip_cells_with_tag == "__never__"
    assert GradedExecute(config=config).shutdown_kernel == "immediate"
    assert Execute(config=config).timeout < GradedExecute(config=config).total_timeout
    assert OverwriteCells(config=config).add_missing_cells


def test_a_new_gradebook_is_marked_with_the_version_that_nbgrader_would_ask_for() -> None:
    with _temp_alembic_ini("sqlite://") as ini:
        command = [str(Path(sys.executable).with_name("alembic")), "-c", ini, "heads"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.split()[0] == newest_gradebook_version()


def test_it_holds_in_a_demonstration_too(tmp_path: Path) -> None:
    """nbgrader looks for packages in the course folder first, where a part of one would hide the whole.

    It would say so, pass over the whole configuration, and grade without it.
    """
    set_up(ROOT, tmp_path)
    names = "autograde_preprocessors", "sanitize_preprocessors"
    code = (
        "from traitlets.config.loader import PyFileConfigLoader\n"
        f"config = PyFileConfigLoader({FILE.name!r}, path='.').load_config()\n"
        f"print([config.Autograde[name] for name in {names}])"
    )
    # Run from standard input, Python looks in the folder it is started in first, as nbgrader's commands do.
    done = subprocess.run([sys.executable, "-"], input=code, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str([load().Autograde[name] for name in names])


def test_a_folder_in_the_way_ends_nbgrader(tmp_path: Path) -> None:
    (tmp_path / "course_utils" / "checks").mkdir(parents=True)
    (tmp_path / FILE.name).write_text(FILE.read_text())
    code = f"get_config = None\nexec(open({FILE.name!r}).read(), dict(globals(), __file__={FILE.name!r}))"
    done = subprocess.run([sys.executable, "-"], input=code, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert re.fullmatch(
        r"nbgrader_config.py: .*course_utils is a part of course_utils, and hides the whole. Install .*\n",
        done.stderr,
    )
