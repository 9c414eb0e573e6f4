"""An experiment: the same seeds for all settings, differences seed by seed, the first one as control."""

from __future__ import annotations

import math

import numpy as np
import pytest

from course_utils.evaluation import experiment
from course_utils.evaluation.league import mean_and_margin


def noisy(seed, gain=0.0, own_noise=0.0):
    """A number with the luck of a seed, which all settings share, and a gain."""
    rng = np.random.default_rng(seed)
    return rng.normal() + gain + own_noise * np.random.default_rng([seed, 1]).normal()


def test_the_luck_of_a_seed_goes_out_of_the_difference():
    table = experiment(noisy, {"control": {}, "more": {"gain": 0.25}}, n_seeds=5)
    wanted = mean_and_margin(np.array([noisy(seed) for seed in range(5)]))
    assert table.loc["control", ["mean", "±"]].tolist() == pytest.approx(wanted)
    assert table.loc["more", "minus control"] == pytest.approx(0.25)
    assert table.loc["more", "± of that"] < 1e-12 < table.loc["more", "±"]
    assert table.loc["control", ["minus control", "± of that"]].isna().all()


def test_intervals_are_those_of_the_differences_and_a_second_time_the_same():
    settings = {"control": {}, "a": {"gain": 1, "own_noise": 0.5}, "b": {"own_noise": 2.0}}
    table = experiment(noisy, settings, 4)
    assert table.index.tolist() == ["control", "a", "b"]
    differences = [noisy(seed, own_noise=2.0) - noisy(seed) for seed in range(4)]
    assert table.loc["b", ["minus control", "± of that"]].tolist() == pytest.approx(
        mean_and_margin(np.array(differences))
    )
    assert table.equals(experiment(noisy, settings, 4))


def test_every_setting_is_run_once_with_every_seed_and_nothing_else():
    calls = []

    def run(seed, **setting):
        calls.append((seed, setting))
        return len(setting)

    experiment(run, {"control": {}, "other": {"reg": 3}}, 2)
    assert calls == [(0, {}), (1, {}), (0, {"reg": 3}), (1, {"reg": 3})]


@pytest.mark.parametrize(
    ("run", "settings", "n_seeds", "says"),
    [
        (noisy, {"control": {}}, 3, "give a control first"),
        (noisy, {"control": {}, "more": {}}, 1, "n_seeds is 1"),
        (lambda seed: None, {"control": {}, "more": {}}, 2, r"'control' with seed 0 returned None"),
        (
            lambda seed, x=1.0: x,
            {"control": {}, "more": {"x": math.nan}},
            2,
            "'more' with seed 0 returned nan",
        ),
        (lambda seed: np.zeros(2), {"control": {}, "more": {}}, 2, "returns one finite number"),
    ],
)
def test_what_is_no_experiment_is_refused(run, settings, n_seeds, says):
    with pytest.raises(ValueError, match=says):
        experiment(run, settings, n_seeds)
