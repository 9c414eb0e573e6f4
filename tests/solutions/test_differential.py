"""Is every alternative the same function as the reference, on whatever its docstring allows?

Where the docstring leaves something free, `FREE` says what, and why.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import HealthCheck, Phase, given, settings
from scipy.sparse import issparse

from course_utils.checks.contract import CONTRACTS
from course_utils.checks.promises import copy_of
from tests.strategies import ARGUMENTS
from tests.verdicts import exercises, right_work

# Their answer depends on draws, in an order that is free; the laws of their checks speak of them.
SAMPLERS = {
    "split_random",
    "fit_als",
    "start_model",
    "BiasedMF",
    "fit",
    "fit_wrmf",
    "sample_negative",
    "bpr_epoch",
    "find_violator",
    "warp_epoch",
    "paired_bootstrap",
}

CASES = [
    (unit, exercise, name)
    for unit in ARGUMENTS
    for exercise in exercises(unit)
    if exercise not in SAMPLERS
    for name in right_work(unit, exercise)
    if name != "the reference"
]

# What an alternative may differ in, and why.
ANY_KIND = {
    ("binarize", "cells"): "the docstring says ones, and does not say of which type",
}
SINGLE_PRECISION = {
    ("predict_ratings", "float32"): "it computes in single precision, which the docstring leaves open",
    ("to_csr", "lexsort"): "it stores stars in single precision; the docstring says floats",
}
ANY_ORDER = {"split_latest", "split_by_time"}  # of the rows of a table
# Exercises whose docstring names the type itself, not only its kind.
EXACT_TYPE = {"parse_ratings", "update_factors", "preference_confidence", "sparse_ratings"}


def parts(value, exercise: str) -> list:
    """What an answer consists of, as arrays in an order that no implementation decides."""
    if issparse(value):
        cells = value.tocoo()
        order = np.lexsort(cells.coords[::-1])
        return [np.array(value.shape), *(coord[order] for coord in cells.coords), cells.data[order]]
    if isinstance(value, torch.Tensor):
        if value.is_sparse:
            assert value.is_coalesced()
            return [np.array(value.shape), value.indices().numpy(), value.values().numpy()]
        return [value.detach().numpy()]
    if isinstance(value, pd.DataFrame):
        rows = value.sort_values(list(value.columns)) if exercise in ANY_ORDER else value
        return [np.array(list(value.columns)), *(rows[name].to_numpy() for name in rows)]
    if isinstance(value, tuple) or (isinstance(value, list) and any(map(issparse, value))):
        return [part for one in value for part in parts(one, exercise)]
    return [] if value is None else [np.asarray(value)]


def outcome(unit: str, exercise: str, function, arguments: tuple) -> tuple[str, list]:
    """What a call comes to: the kind of its error, or its answer and what it has changed in place."""
    given_ = [value if (kept := copy_of(value)) is None else kept for value in arguments]
    try:
        answer = function(*given_)
    except Exception as error:
        return next(
            kind.__name__
            for kind in reversed(type(error).__mro__)
            if kind not in (object, BaseException, Exception)
        ), []
    contract = CONTRACTS[exercise]
    changed = [
        value for name, value in zip(contract.names, given_, strict=False) if name in contract.in_place
    ]
    return "an answer", parts((answer, *changed), exercise)


def exactness(exercise: str, name: str, arguments: tuple) -> float:
    """How far two right answers may be from each other, for all numbers of magnitude 1."""
    single = (exercise, name) in SINGLE_PRECISION or any(
        getattr(value, "dtype", None) in (np.float32, torch.float32) for value in arguments
    )
    return 1e-4 if single else 1e-7


def test_every_function_has_its_inputs():
    assert {(unit, exercise) for unit, exercise, _ in CASES} == {
        (unit, exercise) for unit in ARGUMENTS for exercise in ARGUMENTS[unit]
    }


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("unit", "exercise", "name"), CASES)
def test_an_alternative_is_the_reference(unit, exercise, name, tmp_path):
    functions = right_work(unit, exercise)
    reference, alternative = functions["the reference"], functions[name]

    @settings(
        max_examples=30,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(ARGUMENTS[unit][exercise])
    def agrees(arguments):
        if exercise == "parse_ratings":
            (tmp_path / "ratings.csv").write_bytes(arguments[0].encode())
            arguments = (tmp_path / "ratings.csv",)
        wanted, numbers = outcome(unit, exercise, reference, arguments)
        came, others = outcome(unit, exercise, alternative, arguments)
        assert came == wanted
        assert len(others) == len(numbers)
        for ours, theirs in zip(numbers, others, strict=True):
            assert theirs.shape == ours.shape
            if exercise in EXACT_TYPE:
                assert theirs.dtype == ours.dtype
            elif (exercise, name) not in ANY_KIND:
                assert theirs.dtype.kind == ours.dtype.kind, f"{theirs.dtype} for {ours.dtype}"
            if ours.dtype.kind == "f":
                size = np.abs(ours[np.isfinite(ours)]).max(initial=1.0)
                np.testing.assert_allclose(
                    theirs, ours, rtol=0, atol=exactness(exercise, name, arguments) * size
                )
            else:
                np.testing.assert_array_equal(theirs, ours)

    agrees()
