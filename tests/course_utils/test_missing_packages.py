"""What is missing is named where it is needed, and the rest of the course runs: PyTorch, numba."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from authoring.lesson import find_units
from course_utils.notebook.ready import PROJECT, problems_of_packages, problems_of_python
from course_utils.report import run_checks
from tests.conftest import ROOT

# Python imports a module of this name when it starts: here it hides packages from all that a kernel imports.
HIDING = """
import importlib.metadata, sys
HIDDEN = {hidden!r}
class Hides:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in HIDDEN:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Hides())
there = importlib.metadata.distribution
def distribution(name):
    if name in HIDDEN:
        raise importlib.metadata.PackageNotFoundError(name)
    return there(name)
importlib.metadata.distribution = distribution
"""
ready = importlib.import_module("course_utils.notebook.ready")


@pytest.fixture
def hide(tmp_path, monkeypatch):
    """Hides packages from every Python that starts from now on."""

    def hide_these(*names: str) -> None:
        (tmp_path / "sitecustomize.py").write_text(HIDING.format(hidden=set(names)))
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(ROOT)]))

    return hide_these


def said(source: str) -> str:
    """What a Python that starts now prints."""
    command = [sys.executable, "-W", "error", "-c", source]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_without_pytorch_and_numba_other_units_are_ready_and_unit_04_says_what_it_lacks(hide):
    hide("torch", "numba")
    names = ["02-explicit-als", "04-pytorch-mf"]
    lines = said(
        f"from course_utils.notebook.ready import ready\nfor name in {names}: ready(name)"
    ).splitlines()
    assert len(lines) == 2
    for name, line in zip(names, lines, strict=True):
        if name == "04-pytorch-mf":
            assert line.startswith("✗ torch is missing: run `pip install"), line
        else:
            assert line.startswith("✓ Ready: Python 3.") and "Without PyTorch, which only unit 04" in line
            assert "Without numba: trainings take their steps in plain Python" in line


def test_where_there_is_no_pytorch_for_the_machine_unit_04_says_so(monkeypatch):
    def not_torch(name: str) -> str:
        if name == "torch":
            raise PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(ready, "version", not_torch)
    monkeypatch.setattr(
        ready, "requires", lambda project: ["torch==2.13.0; sys_platform == 'a machine of 1970'"]
    )
    (problem,) = problems_of_packages("04-pytorch-mf")
    assert problem.startswith(
        "torch is missing, and this unit needs it. There is none for this kind of machine"
    )
    assert problems_of_packages("02-explicit-als") == []


def test_a_unit_runs_without_pytorch_and_numba(hide):
    hide("torch", "numba")
    (found,) = find_units(ROOT, ["03-sgd"])
    outcomes = run_checks(found.notebook)
    assert len(outcomes) > 5
    for outcome in outcomes:
        assert not outcome.error, outcome


TRAINING = """
import sys
import numpy as np
from scipy.sparse import random_array
from course_utils.training import NegativeSampler, faster, train_bpr, train_sgd, train_warp, update_explicit
from solutions import bpr, explicit_als, sgd, warp
assert "numba" not in sys.modules and "torch" not in sys.modules
rng = np.random.default_rng(0)
R = random_array((30, 40), density=0.2, format="csr", rng=rng)
X, Y = rng.normal(scale=0.1, size=(30, 4)), rng.normal(scale=0.1, size=(40, 4))
model = sgd.start_model(R, 4, rng)
print(len(train_sgd(sgd.sgd_step, model, R, 0.01, 0.02, 3, rng)))
print(len(train_bpr(bpr.bpr_step, X, Y, R, 0.05, 0.01, 2, rng)))
print(len(train_warp(warp.rank_weight, warp.estimate_rank, warp.warp_step, X, Y, R, 0.05, 10, 1.5, 2, rng)))
drawn = NegativeSampler(R, np.arange(1, 41)).draw(np.repeat(np.arange(30), 100), rng)
assert not any(R[u, i] for u, i in zip(np.repeat(np.arange(30), 100), drawn))
print(faster(explicit_als.update_factors, update_explicit) is explicit_als.update_factors)
"""


def test_trainings_run_in_plain_python_and_say_so(hide):
    hide("torch", "numba")
    lines = [line for line in said(TRAINING).splitlines() if "%|" not in line and line]
    assert [line for line in lines if len(line) < 6] == ["3", "2", "2", "True"]
    told = [line for line in lines if "runs as plain Python, on" in line]
    assert len(told) == 3 and all(
        "numba, which would compile it, is not installed here" in line for line in told
    )
    assert any(line.startswith("update_factors runs as it is: numba") for line in lines)


def test_no_lesson_but_unit_04_imports_pytorch():
    for unit in find_units(ROOT):
        texts = [unit.lesson.read_text(encoding="utf-8"), *_modules_of(unit)]
        assert ("import torch" in "".join(texts)) == (unit.name == "04-pytorch-mf")


def _modules_of(unit) -> list[str]:
    folders = ("solutions", "tests/checks", "course_utils/checks", "course_utils/plots")
    return [Path(ROOT / folder / f"{unit.module}.py").read_text(encoding="utf-8") for folder in folders]


def test_another_python_is_refused_with_the_versions_that_do(monkeypatch):
    assert problems_of_python() == []
    monkeypatch.setattr(ready.platform, "python_version", lambda: "3.10.12")
    (problem,) = problems_of_python()
    assert problem.startswith("Python 3.10.12 is here, and the course needs ") and "3.11" in problem
    assert "pip install" in problem and PROJECT
