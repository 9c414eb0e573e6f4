"""The checks that students have: no state that outlives a submission, no import of what students lack."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import subprocess
import sys
from types import FunctionType, ModuleType

import pytest

import course_utils.checks
from authoring.lesson import find_units
from tests.conftest import ROOT
from tests.mutants import unit_modules

SHIPPED = [
    importlib.import_module(f"course_utils.checks.{found.name}")
    for found in pkgutil.iter_modules(course_utils.checks.__path__)
]
HIDDEN = [unit_modules(unit.module).hidden for unit in find_units(ROOT)]
ALLOWED = {"numpy", "scipy", "pandas", "torch", "course_utils"} | sys.stdlib_module_names


def is_constant(value: object) -> bool:
    """Whether nobody can change a value in place: tables of sentences are only looked up."""
    if isinstance(value, tuple):
        return all(map(is_constant, value))
    if isinstance(value, dict):
        return all(map(is_constant, value.values()))
    return isinstance(value, str | int | float | frozenset)


@pytest.mark.parametrize("module", SHIPPED + HIDDEN, ids=lambda module: module.__name__)
def test_a_module_of_checks_holds_no_state(module: ModuleType):
    """An array at its top level could be changed by one submission's call, and would be so for the next."""
    for name, value in vars(module).items():
        if not name.startswith("__") and name != "annotations":
            is_code = isinstance(value, FunctionType | ModuleType | type) or callable(value)
            assert is_code or is_constant(value), f"{module.__name__}.{name} is a {type(value).__name__}"


@pytest.mark.parametrize("module", SHIPPED + HIDDEN, ids=lambda module: module.__name__)
def test_a_module_of_checks_imports_numpy_scipy_pandas_torch_and_machinery_alone(module: ModuleType):
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
            for name in names:
                assert name.partition(".")[0] in ALLOWED, name
                assert not name.startswith("course_utils") or name.startswith("course_utils.checks"), name


@pytest.mark.parametrize("module", SHIPPED, ids=lambda module: module.__name__)
def test_the_machinery_and_what_hidden_checks_share_is_documented(module: ModuleType):
    for name, value in inspect.getmembers(module, inspect.isfunction):
        if value.__module__ == module.__name__ and not name.startswith("_"):
            assert inspect.getdoc(value), f"{module.__name__}.{name} has no docstring"


@pytest.mark.parametrize(
    "name", ["course_utils.data", "course_utils.evaluation", "course_utils.plots", "course_utils.training"]
)
def test_what_notebooks_import_first_needs_neither_torch_nor_numba(name: str):
    code = f"import sys, {name}; print({{'torch', 'numba'}} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "set()"
