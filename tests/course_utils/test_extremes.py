"""Do the extreme data show what they are for, and let right work pass?"""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.checks.extremes import FAR, TINY, OnAxes, near


@pytest.mark.parametrize("scale", [TINY, 1.0, FAR])
def test_near_is_nine_digits_at_every_scale(scale):
    wanted = scale * np.array([1.0, -2.0])
    assert near(wanted * (1 + 1e-10), wanted)
    assert not near(wanted * (1 + 1e-8), wanted)
    assert not near(wanted.astype(np.float32) * np.float32(1.0000002), wanted)
    assert not near(wanted[:1], wanted), "another shape is another answer"
    assert not near([[1.0], [1.0, 2.0]], wanted) and not near("text", wanted) and not near(np.nan, 1.0)


def test_near_allows_what_float32_brings_and_what_cancels():
    wanted = np.array([1.0, 1e-13])
    assert near(wanted + 9e-6, wanted, np.ones(1, np.float32))
    assert near([1.0, 2e-13], wanted)
    assert not near([1.0, 2e-13], wanted, each=True)


@pytest.mark.parametrize("reg", [TINY, 1.0, FAR])
@pytest.mark.parametrize("scale", [TINY, 1.0, FAR])
def test_every_good_method_has_seven_digits_on_axes(scale, reg):
    for seed in range(5):
        axes, r = OnAxes(seed), scale * np.random.default_rng(seed).normal(size=8)
        Y, wanted = axes.factors, axes.solution(1.0, r, reg)
        matrix, vector = Y.T @ Y + reg * np.eye(4), Y.T @ r
        stacked = np.vstack([Y, np.sqrt(reg) * np.eye(4)])
        for got in (
            np.linalg.solve(matrix, vector),
            np.linalg.inv(matrix) @ vector,
            np.linalg.pinv(matrix) @ vector,
            np.linalg.lstsq(matrix, vector, rcond=None)[0],
            np.linalg.lstsq(stacked, np.append(r, np.zeros(4)), rcond=None)[0],
        ):
            assert near(got, wanted, each=True, digits=7)


@pytest.mark.parametrize("rcond", [1e-3, 1e-6, 1e-9, 1e-12])
def test_a_cutoff_shows_on_axes(rcond):
    axes = OnAxes(0)
    matrix = axes.factors.T @ axes.factors + TINY * np.eye(4)
    got = np.linalg.pinv(matrix, rcond=rcond) @ axes.factors.T @ np.ones(8)
    assert not near(got, axes.solution(1.0, 1.0, TINY), each=True, digits=7)


def test_who_has_no_row_has_zeros():
    assert OnAxes(0).solution(0.0, 1.0, 0.0).tolist() == [0.0] * 4
