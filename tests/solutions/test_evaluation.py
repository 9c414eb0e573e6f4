"""Laws of unit 09 that go beyond the checks of single exercises."""

from __future__ import annotations

import numpy as np
import pandas as pd

from course_utils.checks.evaluation import small_run
from solutions.bpr import auc
from solutions.data_loading import split_latest
from solutions.evaluation import (
    expected_hit_rate,
    future_share,
    honest_run,
    paired_bootstrap,
    sampled_rank,
    snips_recall,
    split_by_time,
    write_controls,
)


def test_one_sampled_item_is_the_auc_of_unit_06():
    rng = np.random.default_rng(0)
    scores = rng.integers(0, 9, size=40).astype(float)
    positives, others = np.split(rng.permutation(40), [6])
    ranks = np.array([sampled_rank(scores, item, others) for item in positives])
    assert np.isclose(expected_hit_rate(ranks, 1 + len(others), 1, 1).mean(), auc(scores, positives))


def test_the_closed_form_is_what_sampling_gives():
    rng, n_items, n_draws = np.random.default_rng(1), 60, 20_000
    scores = -np.arange(float(n_items))
    for rank, n_sampled, k in [(7, 10, 2), (30, 5, 2), (55, 20, 15)]:
        others = np.delete(np.arange(n_items), rank - 1)
        drawn = others[rng.integers(n_items - 1, size=(n_draws, n_sampled))]
        share = np.mean(np.sum(scores[drawn] > scores[rank - 1], axis=1) < k)
        rate = expected_hit_rate(rank, n_items, n_sampled, k)
        assert abs(share - rate) < 4 * np.sqrt(rate * (1 - rate) / n_draws)


def test_the_hit_rate_falls_with_the_place_and_grows_with_the_list():
    ranks = np.linspace(1, 500, 80)
    for n_sampled, k in [(10, 1), (100, 10), (400, 10)]:
        rates = expected_hit_rate(ranks, 500, n_sampled, k)
        assert (np.diff(rates) <= 1e-12).all() and rates[0] == 1
        assert (rates <= expected_hit_rate(ranks, 500, n_sampled, k + 1) + 1e-12).all()
        assert (rates >= expected_hit_rate(ranks, 500, n_sampled + 1, k) - 1e-12).all()


def test_the_interval_covers_what_it_should():
    rng, covered, n_runs = np.random.default_rng(2), 0, 2_000
    for _ in range(n_runs):
        a = rng.normal(size=80)
        low, high = paired_bootstrap(a, a - 0.3 - rng.normal(size=80), rng, 400)
        covered += low <= 0.3 <= high
    assert 0.93 < covered / n_runs < 0.97


def test_without_a_propensity_snips_is_recall():
    hit = np.random.default_rng(3).random(50) < 0.3
    counts = np.random.default_rng(4).integers(1, 90, size=50)
    assert np.isclose(snips_recall(hit, counts**0.0), hit.mean())


def test_only_a_split_by_time_knows_nothing_of_the_future():
    rng = np.random.default_rng(5)
    times = np.datetime64("2001-01-01", "s") + rng.integers(10**8, size=400) * np.timedelta64(1, "s")
    table = pd.DataFrame({"user_id": rng.integers(9, size=400), "timestamp": times})
    assert future_share(*split_by_time(table, pd.Timestamp("2003-01-01"))) == 0
    assert 0 < future_share(*split_latest(table, 8)) < 0.5
    assert abs(future_share(table[::2], table[1::2]) - 0.5) < 0.1


def test_two_controls_of_two_controls_are_the_runs():
    first, second = {"a": 1, "b": 2}, {"a": 3, "b": 4}
    assert write_controls(*write_controls(first, second, "a"), "a") == (first, second)


def test_a_run_of_one_candidate_chooses_it():
    scores, weight, ndcg = honest_run(*small_run(0), [0.7])
    assert weight == 0.7 and 0 < ndcg <= 1 and scores[-1] == 0
