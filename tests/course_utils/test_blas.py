"""BLAS has one thread in every notebook that imports the course's package, whatever it imports before."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from course_utils.blas import VARIABLES

REPORT = """
import json
from threadpoolctl import threadpool_info
import scipy.linalg
print(json.dumps([library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]))
"""


def threads_after(code: str, **environment: str) -> list[int]:
    """Threads of each BLAS in a fresh Python that ran the code."""
    untouched = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    run = subprocess.run(
        [sys.executable, "-c", code + REPORT],
        env=untouched | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(run.stdout)


@pytest.mark.parametrize(
    "before",
    [
        "",
        "import numpy",
        "import numpy, scipy.linalg",
        "import numpy; numpy.ones((300, 300)) @ numpy.ones((300, 300))",
    ],
)
@pytest.mark.parametrize(
    "imported", ["course_utils.data.interactions", "solutions.wrmf", "solutions.explicit_als"]
)
def test_one_thread_whatever_came_before(before, imported):
    threads = threads_after(f"{before}\nimport {imported}")
    assert threads and set(threads) == {1}


def test_without_the_package_there_are_more():
    if (os.cpu_count() or 1) == 1:
        pytest.skip("on one core BLAS has one thread anyway")
    assert max(threads_after("import numpy, scipy.linalg")) > 1


def test_who_has_chosen_a_number_keeps_it():
    assert set(threads_after("import numpy, course_utils", OPENBLAS_NUM_THREADS="2")) == {2}
