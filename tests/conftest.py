"""The order of the tests, and a small course that the instructor's tools are to build, break and release."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# The tests' arrays are small and two workers share the machine: more threads would only wait for each other.
# Set before NumPy or PyTorch is imported, and inherited by the kernels that tests start.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

# What a script starts in the background ignores Ctrl-C, and so would the graders that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

import pytest  # noqa: E402
from xdist.scheduler import LoadFileScheduling  # noqa: E402

from authoring.lesson import Unit  # noqa: E402
from tests.needs import left_out  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"
# The files that take longest, the longest first.
LONGEST = (
    "authoring/test_notebooks.py",
    "grader/run/test_workers.py",
    "course/test_demo.py",
    "solutions/test_proofs.py",
    "attacks/test_course_grade.py",
    "attacks/test_attacks.py",
    "grader/run/test_class.py",
    "grader/examiner/test_examine.py",
    "grader/run/test_regrading.py",
    "grader/run/test_both_ways.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; within a file, and among the others, the order stays.

    `make test` gives whole files to its workers, in this order: so all end at about the same time, and none
    starts on a long file when the others have nothing left to do.
    """
    places = {TESTS / name: place for place, name in enumerate(LONGEST)}
    for path in places:
        if not path.is_file():
            raise pytest.UsageError(f"tests/conftest.py, LONGEST: there is no {path}")
    items.sort(key=lambda item: places.get(item.path, len(places)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    """Give a worker whole files, but of the proofs, which take longest of all, one unit."""
    return ByFile(config, log) if config.getoption("dist") == "loadfile" else None


class ByFile(LoadFileScheduling):
    """Whole files go to a worker, but of the proofs the tests of one unit: they share no fixture."""

    def _split_scope(self, nodeid: str) -> str:
        file, _, test = nodeid.partition("::")
        if not file.endswith("solutions/test_proofs.py"):
            return file
        unit = test.partition("[")[2].rstrip("]").partition("-")[0]
        return f"{file}[{unit}]"


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Iterator[Any]:
    """Write bytes that are not UTF-8 as Python does: xdist cannot send them, and would end the whole run."""
    return as_utf8((yield))


def as_utf8(value: Any) -> Any:
    """The value, in which no text holds a surrogate."""
    if isinstance(value, str):
        return value.encode("utf-8", errors="backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {as_utf8(key): as_utf8(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(as_utf8, value))
    return value


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end what was left out, and which command adds it."""
    for line in left_out(terminalreporter.stats.get("skipped", [])):
        terminalreporter.write_line(line, yellow=True)


CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "mini"
c.CourseDirectory.ignore = ["*.py"]
"""

SOLUTIONS = '''\
"""Solutions of a unit with one exercise."""

import numpy as np


def double(values: np.ndarray) -> np.ndarray:
    """Twice the values."""
    ### BEGIN SOLUTION
    twice_the_values = 2 * np.asarray(values)
    return twice_the_values
    ### END SOLUTION
'''

VISIBLE_CHECKS = '''\
"""What do the visible checks of a unit with one exercise ask?"""

import numpy as np


def check_double_of_one(double):
    """Seen by students."""
    assert np.array_equal(double([1.0]), [2.0]), "Twice one is two."
'''

HIDDEN_CHECKS = '''\
"""What do the hidden checks of a unit with one exercise ask?"""

import numpy as np

TOLERANCE = 1e-12


def _difference(got, wanted):
    return np.abs(np.asarray(got) - wanted).max()


def check_double_is_additive(double, seed=0):
    """Not seen by students."""
    hidden_values = np.random.default_rng(seed).normal(size=5)
    difference = _difference(double(hidden_values), hidden_values + hidden_values)
    assert difference < TOLERANCE, "Not twice."
'''

LESSON = """\
# %% [markdown]
# ## Exercise 1.1 · Twice

# %%
import numpy as np

# %% double
from solutions.mini import double

# %% test_double points=8
# Twice one.
from course_utils.checks.mini import check_double_of_one

check_double_of_one(double)

# %% test_double_hidden points=10
# Hidden checks look at: other values.
### BEGIN HIDDEN TESTS
from tests.checks.mini import check_double_is_additive

check_double_is_additive(double)
### END HIDDEN TESTS

# %%
print(double(np.arange(3)))

# %% [markdown]
# ## Question 1.2 · Why is this so?

# %% [markdown] why_double points=2 solution=true
# Because a sum of two equal terms is twice the term.
"""


@pytest.fixture
def mini(tmp_path: Path) -> Unit:
    """A complete course with one unit, 01-mini, in a temporary folder."""
    files = {
        "nbgrader_config.py": CONFIG,
        "solutions/mini.py": SOLUTIONS,
        "course_utils/checks/mini.py": VISIBLE_CHECKS,
        "tests/checks/mini.py": HIDDEN_CHECKS,
        "source/01-mini/lesson.py": LESSON,
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Unit(tmp_path, "01-mini")
