"""Compiled steps: products of vectors are those of NumPy, and what differs runs as plain Python."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from course_utils.training.compile import compile_step


def vectors(dtype: type, sizes: tuple[int, ...], stride: int = 1) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.normal(size=stride * size).astype(dtype)[::stride] for size in sizes]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("size", [1, 2, 7, 64, 193])
@pytest.mark.parametrize("stride", [1, 3])
def test_a_product_of_vectors_is_that_of_numpy(dtype, size, stride):
    def product(x, y):
        return x @ y

    x, y = vectors(dtype, (size, size), stride)
    fast, obstacle = compile_step(product, [(x, y)])
    assert obstacle == "" and fast is not product
    assert np.isclose(fast(x, y), x @ y, rtol=1e-4 if dtype is np.float32 else 1e-12)


def test_an_empty_product_is_zero():
    fast, obstacle = compile_step(lambda x, y: x @ y, [(np.ones(0), np.ones(0))])
    assert obstacle == "" and fast(np.ones(0), np.ones(0)) == 0.0


def test_products_of_matrices_stay_what_they_are():
    def products(A, x, y):
        return (A @ x) @ y + (A @ A)[0] @ x

    A, (x, y) = np.random.default_rng(1).normal(size=(5, 5)), vectors(np.float64, (5, 5))
    fast, obstacle = compile_step(products, [(A, x, y)])
    assert obstacle == "" and np.isclose(fast(A, x, y), products(A, x, y))
    A, x, y = 1j * A, 2j * x, y + 1j
    assert np.isclose(fast(A, x, y), products(A, x, y))


def test_vectors_of_different_lengths_are_an_error_as_in_numpy():
    fast, obstacle = compile_step(lambda x, y: x @ y, [tuple(vectors(np.float64, (4, 4)))])
    assert obstacle == ""
    with pytest.raises(ValueError, match="different lengths"):
        fast(*vectors(np.float64, (4, 5)))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_stays_so(bad):
    fast, _ = compile_step(lambda x, y: x @ y - x[0], [tuple(vectors(np.float64, (9, 9)))])
    x, y = np.full(9, bad), np.ones(9)
    assert np.isnan(fast(x, y))


def test_a_step_that_does_something_else_when_compiled_runs_plain():
    def integers(counts, k):
        counts[0] += (2**62 * k) % 7  # Python's integers do not overflow
        return counts[0]

    trials = [(np.zeros(1), 8), (np.zeros(1), 3)]
    step, obstacle = compile_step(integers, trials)
    assert step is integers and "other numbers" in obstacle
    assert trials[0][0][0] == 0, "trials run on copies"


def test_the_package_gives_its_names_and_imports_neither_numba_nor_torch_before():
    code = """
import sys
import course_utils.training as training
assert callable(training.progress_bar)
assert not {"numba", "torch"} & set(sys.modules), "imported too early"
import course_utils.training.progress_bar
for name in training.__all__:
    assert callable(getattr(training, name)), name
assert "torch" not in sys.modules
try:
    training.no_such_name
except AttributeError as error:
    assert "no_such_name" in str(error)
else:
    raise AssertionError("no error")
"""
    subprocess.run([sys.executable, "-c", code], check=True)
