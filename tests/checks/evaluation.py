"""What do the hidden checks of unit 09, on evaluation, ask of each exercise?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.stats import binom

from course_utils.checks.awkward import item_lists, rating_tables, score_arrays
from course_utils.checks.call import number_of, refusal_of, result_of
from course_utils.checks.evaluation import (
    controls_of,
    interval_of,
    parts_of_scores,
    run_of,
    small_run,
    time_split_of,
    times_of,
)
from course_utils.checks.extremes import DIGITS, FAR, near
from course_utils.checks.together import numbers_for

# 9.1 sampled_rank


def check_sampled_rank_awkward(sampled_rank, seed=0):
    """Awkward scores and others, one of them twice: places as counted one by one."""
    rng = np.random.default_rng(seed)
    for case, scores in score_arrays(seed).items():
        asked = [
            (
                f"sampled_rank (scores: {case}; others: {kind})",
                (scores, int(rng.integers(len(scores))), negatives),
            )
            for kind, negatives in item_lists(len(scores), seed).items()
        ]
        for (label, (_, positive, negatives)), got in zip(
            asked, numbers_for(sampled_rank, asked), strict=True
        ):
            mine, wanted = float(scores[positive]), 1.0
            for item in negatives:
                wanted += 1.0 * (float(scores[item]) > mine) + 0.5 * (float(scores[item]) == mine)
            assert np.isclose(got, wanted), (
                f"{label}: 1 for the top, 1 for each that scores higher, ½ for each that is level, one "
                "that is "
                f"drawn twice counts twice: {wanted:g}; yours {got:g}."
            )


# 9.2 expected_hit_rate


def check_expected_hit_rate_is_the_binomial(expected_hit_rate, seed=0):
    """Against the distribution itself: numbers and arrays, halves, more places than are sampled."""
    rng = np.random.default_rng(seed)
    for n_items, n_sampled, k in [
        (10, 4, 2),
        (9_000, 100, 10),
        (3, 1, 1),
        (50, 5, 9),
        (50, 60, 7),
        (20_000, 1_500, 12),
        (2, 1, 1),
    ]:
        ranks = 1 + (n_items - 1) * np.append(min(1, 2 * k / n_sampled) * rng.random(5), [0.0, 1.0, 0.5])
        ranks = np.rint(2 * ranks) / 2
        wanted = binom.cdf(k - 1, n_sampled, (ranks - 1) / (n_items - 1))
        for shaped in (ranks, ranks.reshape(2, 4)):
            label = f"expected_hit_rate (an array of places, {n_sampled} of {n_items}, k = {k})"
            got = np.asarray(result_of(label, expected_hit_rate, shaped, n_items, n_sampled, k), dtype=float)
            assert got.shape == shaped.shape, f"{label}: wanted shape {shaped.shape}, yours {got.shape}."
            assert np.allclose(got.ravel(), wanted, rtol=1e-9, atol=1e-12), (
                f"{label}: place {ranks[0]:g} has {wanted[0]:.6f}, yours {got.ravel()[0]:.6f}; sampling "
                "is with "
                "replacement, so that the number of items above is binomial."
            )
        got = number_of("expected_hit_rate", expected_hit_rate, float(ranks[0]), n_items, n_sampled, k)
        assert np.isclose(got, wanted[0], rtol=1e-9, atol=1e-12), (
            f"Place {ranks[0]:g} of {n_items}, {n_sampled} sampled, k = {k}: wanted {wanted[0]:.6f}, "
            f"yours {got:.6f}."
        )


def check_expected_hit_rate_of_contests_of_different_sizes(expected_hit_rate, seed=0):
    """Users compete among different numbers of items: an array of sizes, one for each place."""
    rng = np.random.default_rng([seed, 3])
    sizes = rng.integers(2, 400, size=12)
    ranks = 1 + np.floor(rng.random(12) * (sizes - 1))
    label = "expected_hit_rate (arrays of places and of sizes)"
    got = np.asarray(result_of(label, expected_hit_rate, ranks, sizes, 30, 4), dtype=float)
    wanted = [binom.cdf(3, 30, (rank - 1) / (size - 1)) for rank, size in zip(ranks, sizes, strict=True)]
    assert got.shape == (12,) and np.allclose(got, wanted, rtol=1e-9, atol=1e-12), (
        f"{label}: place {ranks[0]:g} of {sizes[0]} has {wanted[0]:.6f}; yours {np.ravel(got)[0]:.6f}."
    )


def check_expected_hit_rate_with_one_is_the_auc(expected_hit_rate, sampled_rank, seed=0):
    """One sampled item and k = 1, averaged over the liked items: the share of pairs in order, unit
    06's AUC."""
    rng = np.random.default_rng([seed, 1])
    for _ in range(5):
        scores = rng.integers(0, 8, size=20).astype(float)
        positives, others = np.split(rng.permutation(20), [4])
        pairs = scores[positives][:, None] - scores[others]
        wanted = np.mean((pairs > 0) + 0.5 * (pairs == 0))
        rates = [
            number_of(
                "expected_hit_rate (of one sampled item)",
                expected_hit_rate,
                sampled_rank(scores, int(item), others),
                1 + len(others),
                1,
                1,
            )
            for item in positives
        ]
        assert np.isclose(np.mean(rates), wanted), (
            f"One sampled item, k = 1: averaged over the liked items this is the AUC, {wanted:.4f}; yours "
            f"{np.mean(rates):.4f}."
        )


# 9.3 paired_bootstrap


def check_paired_bootstrap_turns_with_the_models(paired_bootstrap, seed=0):
    """The interval of b against a is that of a against b, turned round; another Generator, another one."""
    rng = np.random.default_rng(seed)
    a, b = rng.exponential(size=(2, 37))
    b = b + 0.3
    low, high = interval_of(paired_bootstrap, a, b, seed, 200)
    turned = interval_of(paired_bootstrap, b, a, seed, 200)
    assert np.allclose(turned, (-high, -low)), (
        f"a against b: ({low:.4f}, {high:.4f}). With the same Generator b against a is ({-high:.4f}, "
        f"{-low:.4f}); yours ({turned[0]:.4f}, {turned[1]:.4f})."
    )
    other = interval_of(paired_bootstrap, a, b, [seed, 7], 200)
    assert not np.allclose(other, (low, high)), (
        "Two Generators in different states give the same interval to the last digit: draw from `rng`."
    )


def check_paired_bootstrap_has_the_right_ends(paired_bootstrap, seed=0):
    """Of ten people, or four, one differs: the means are binomial, and their percentiles known."""
    for n_people, size in [(10, 0.9), (4, -2.1), (10, FAR)]:
        difference = np.zeros(n_people)
        difference[3] = size
        base = np.random.default_rng(seed).normal(size=n_people)
        low, high = interval_of(paired_bootstrap, base + difference, base, seed, 2000)
        quantiles = binom.ppf([0.025, 0.975], n_people, 1 / n_people) / n_people * size
        wanted = (float(quantiles.min()), float(quantiles.max()))
        assert near([low, high, size], [*wanted, size]), (
            f"{n_people} people, of whom one differs by {size:g}: how often that person is drawn is "
            "binomial, and "
            f"the 2.5th and 97.5th percentiles of the mean are {wanted[0]:.3f} and {wanted[1]:.3f}; yours "
            f"{low:.3f} and {high:.3f}. (Not mean ± 1.96 standard errors: percentiles of what was drawn.)"
        )
    # Nobody is worse off, so no mean is below 0, and each is a number of draws over the number of people.
    n_people = 1_501
    a = np.append(np.ones(1), np.zeros(n_people - 1))
    times = n_people * np.array(interval_of(paired_bootstrap, a, np.zeros(n_people), seed, 1_000))
    assert times[0] == 0 and 1.99 < times[1] < 5.01, (
        f"Of {n_people:,} people one differs, by 1, and is drawn 0 to 3 times: the interval is from 0 to "
        f"3/{n_people:,}; yours from {times[0]:.2f}/{n_people:,} to {times[1]:.2f}/{n_people:,}."
    )
    # Of n = ¾·2^p people the first third comes half of the time by `% n` of a number below 2^p.
    for n_people in (3 * 2**14, 3 * 2**18):
        a = (np.arange(n_people) < n_people // 3).astype(float)
        low, high = interval_of(paired_bootstrap, a, np.zeros(n_people), seed, 8)
        # The mean of so many draws has a standard deviation of 0.002 at most.
        assert 0.32 < low <= high < 0.347, (
            f"A third of {n_people:,} people differ by 1: the means are near 1/3; yours are {low:.3f} to "
            f"{high:.3f}. Everybody is drawn as often as anybody else (a remainder, `% n`, prefers some)."
        )


def check_paired_bootstrap_counts_its_draws(paired_bootstrap, seed=0):
    """One draw has one mean, which is both ends; two have two. Large values that hardly differ."""
    different = np.random.default_rng([seed, 8]).normal(size=400)
    for n_draws in (1, 2):
        low, high = interval_of(paired_bootstrap, different, np.zeros(400), seed, n_draws)
        assert (low == high) == (n_draws == 1), (
            f"n_draws = {n_draws}: people are drawn {n_draws} times, so that there are {n_draws} means; "
            f"yours ({low:.4f}, {high:.4f})."
        )
    a = np.arange(1.0, 401.0)
    low, high = interval_of(paired_bootstrap, 1e6 + 1e-4 * a, np.full(400, 1e6), seed, 50)
    assert 0.01 < low < high < 0.03, (
        "a goes from 1,000,000.0001 to 1,000,000.04 and b is 1,000,000: the mean difference is 0.02005; your "
        f"interval goes from {low:.5f} to {high:.5f}. Subtract in 64 bits."
    )


# 9.4 snips_recall


def check_snips_recall_laws(snips_recall, seed=0):
    """The sum by hand; the scale of the propensities does not matter; truth values and whole numbers."""
    rng = np.random.default_rng(seed)
    for size in (1, 2, 30):
        hit, propensity = rng.random(size) < 0.4, rng.integers(1, 50, size=size)
        wanted = sum(h / p for h, p in zip(hit, propensity, strict=True)) / sum(1 / p for p in propensity)
        for scale in (1, 3, 1e-6, 1e6, 1 / FAR**2, FAR**2):
            for given in (hit, hit.astype(int), hit.astype(float)):
                label = f"snips_recall ({size} likes, propensities times {scale:g})"
                got = number_of(label, snips_recall, given, propensity * scale)
                assert near(got, wanted), (
                    f"{label}: a common factor of the propensities changes nothing, wanted {wanted:.9f}; "
                    f"yours {got:.9f}. {DIGITS}"
                )


def check_snips_recall_is_right_where_recall_is_not(snips_recall, seed=0):
    """Synthetic exposure: likes are recorded with known probability; recall is off, this is not."""
    rng = np.random.default_rng([seed, 2])
    size = 40_000
    propensity = rng.choice([0.05, 0.2, 0.9], size=size)
    hit = (rng.random(size) < 0.2 + 0.5 * propensity).astype(float)  # what is popular is found more often
    recorded = rng.random(size) < propensity
    got = number_of("snips_recall (of what was recorded)", snips_recall, hit[recorded], propensity[recorded])
    truth, plain = hit.mean(), hit[recorded].mean()
    assert abs(got - truth) < abs(plain - truth) / 2, (
        f"Of all likes {truth:.3f} are found; of those that were recorded {plain:.3f}, because popular "
        "ones are "
        f"recorded more often. Weighted by 1/p it should come near {truth:.3f}; yours {got:.3f}."
    )


def check_snips_recall_refuses(snips_recall):
    """A like that cannot be recorded: ValueError."""
    for bad in (0.0, -0.1, np.nan):
        why = f"a propensity is {bad:g}, and it has to be above 0"
        refusal_of("snips_recall", why, snips_recall, np.array([1.0, 0.0]), np.array([0.5, bad]))


# 9.5 split_by_time, future_share


def check_split_by_time_awkward(split_by_time, seed=0):
    """Awkward tables, cuts before, within, at and behind the ratings: each row where its time says."""
    for case, table in rating_tables(seed).items():
        times = table["timestamp"].tolist()
        cuts = sorted(set(times))[:: max(1, len(set(times)) // 2)] if times else []
        cuts += [cut + pd.Timedelta(seconds=1) for cut in cuts]
        for cut in [pd.Timestamp("1990-01-01"), *cuts, pd.Timestamp("2030-01-01")]:
            tags = [[], []]
            for time, tag in zip(times, table["rating"].tolist(), strict=True):
                tags[time >= cut].append(tag)
            got = time_split_of(split_by_time, table, cut, f"split_by_time ({case})")
            assert got == (sorted(tags[0]), sorted(tags[1])), (
                f"split_by_time ({case}): cut at {cut}, wanted {len(tags[0])} rows before it in train and "
                f"{len(tags[1])} in test; yours {len(got[0])} and {len(got[1])}, or others. Go by the "
                "timestamps, not by labels or places."
            )
    _at_the_cut(split_by_time)


def _at_the_cut(split_by_time):
    """Many ratings, all at one moment, which is the cut."""
    table = times_of(np.zeros(1_001, dtype=int))
    got = time_split_of(split_by_time, table, table["timestamp"].iloc[0], "split_by_time (of 1,001 ratings)")
    assert len(got[1]) == 1_001, f"1,001 ratings at the cut itself are for the test; yours has {len(got[1])}."


def check_future_share_pairs(future_share, seed=0):
    """Against all pairs, one by one; parts of different sizes, equal times, any index."""
    rng = np.random.default_rng(seed)
    for n_train, n_test, n_days in [(1, 1, 1), (9, 4, 6), (3, 20, 5), (40, 30, 1_000)]:
        train_days, test_days = rng.integers(n_days, size=n_train), rng.integers(n_days, size=n_test)
        pairs = [(a, b) for a in train_days for b in test_days]
        wanted = sum(a > b for a, b in pairs) / len(pairs)
        train = times_of(train_days, index=rng.permutation(n_train) // 2)
        got = number_of("future_share", future_share, train, times_of(test_days))
        assert np.isclose(got, wanted), (
            f"{n_train} training and {n_test} test ratings on {n_days} days: the training rating is later in "
            f"{wanted:.4f} of the pairs; yours {got:.4f}."
        )
    _shares_of_awkward_tables(future_share, seed)


def _shares_of_awkward_tables(future_share, seed):
    tables = rating_tables(seed)
    for case in ("a plain one", "seconds apart", "milliseconds apart, in the year 2100"):
        train, test = tables[case].iloc[:15], tables[case].iloc[15:]
        pairs = [(a, b) for a in train["timestamp"] for b in test["timestamp"]]
        got, wanted = (
            number_of(f"future_share ({case})", future_share, train, test),
            np.mean([a > b for a, b in pairs]),
        )
        assert near(got, wanted), (
            f"future_share ({case}): the training rating is later in {wanted:.6f} of the pairs; yours "
            f"{got:.6f}. Compare the timestamps as they are."
        )


def check_future_share_large(future_share):
    """Half a million ratings on either side: sorted, not pair by pair."""
    days = np.arange(500_000) % 3_000
    hint = "It needs no entry for every pair: sort one side and search."
    got = number_of(
        "future_share (of 500,000 ratings)", future_share, times_of(days), times_of(days), hint=hint
    )
    assert np.isclose(got, 0.5, atol=1e-3), f"The same days on both sides: nearly ½; yours {got:.4f}."


# 9.6 honest_run


def _ndcg(scores, seen, ratings):
    """NDCG@10 of the same scores for everybody, by its definition; level items share their places' gains."""
    gains = np.zeros(len(scores))
    gains[:10] = 1 / np.log2(np.arange(2, 12))
    values = []
    for user in range(ratings.shape[0]):
        row = ratings[[user]]
        relevant = row.indices[row.data >= 4]
        rivals = np.delete(scores, seen[[user]].indices)
        above = [np.sum(rivals > scores[item]) for item in relevant]
        level = [np.sum(rivals == scores[item]) for item in relevant]
        if len(relevant):
            got = sum(gains[n : n + same].mean() for n, same in zip(above, level, strict=True))
            values.append(got / gains[: len(relevant)].sum())
    return np.mean(values)


def check_honest_run_from_its_definition(honest_run, seed=0):
    """Scores, weight and NDCG as in the docstring, with the lists leaving out what each may know."""
    for number, weights in enumerate(
        [[-3.0, -0.4, 0.2, 1.0, 4.0], [3.0, 0.0], [-2.0, 2.0, -2.0], [FAR, 2 * FAR], [-FAR]]
    ):
        train, valid, test = small_run([seed, number])
        values = [_ndcg(sum(parts_of_scores(train, w)), train, valid) for w in weights]
        best = weights[values.index(max(values))]
        scores, weight, ndcg = run_of(honest_run, train, valid, test, weights)
        assert np.isclose(weight, best), (
            f"Of {weights} the NDCG@10 on `valid` are {np.round(values, 4).tolist()} (lists leave out "
            f"`train`): wanted w = {best:g}, yours {weight:g}."
        )
        assert near(scores, sum(parts_of_scores(train, best))), (
            f"With w = {best:g} the scores are others than those of the docstring. {DIGITS}"
        )
        both = csr_array(train + valid)
        wanted = _ndcg(sum(parts_of_scores(train, best)), both, test)
        assert np.isclose(ndcg, wanted), (
            f"The NDCG@10 on `test`, with lists that leave out `train` and `valid`, is {wanted:.4f}; yours "
            f"{ndcg:.4f}."
        )


def check_honest_run_of_equal_weights(honest_run, seed=0):
    """Where all candidates are equally good, the first is taken."""
    train, valid, test = small_run(seed)
    weights = [0.0002, 0.0001, 0.00005]  # they break the ties of popularity alike
    values = [_ndcg(sum(parts_of_scores(train, w)), train, valid) for w in weights]
    _, weight, _ = run_of(honest_run, train, valid, test, weights)
    wanted = weights[values.index(max(values))]
    assert np.isclose(weight, wanted), (
        f"Of equally good candidates the first; wanted {wanted}, yours {weight}."
    )


# 9.7 write_controls


def check_write_controls_laws(write_controls, seed=0):
    """Any settings: a control differs from its run in the cause alone, and has the other's value of it."""
    rng = np.random.default_rng(seed)
    names = ["lr", "gravity", "epochs", "factors", "penalty"]
    for cause in names:
        values = rng.permutation(40)[:10] / 8
        first = dict(zip(names, values[:5].tolist(), strict=True))
        second = dict(zip(names, values[5:].tolist(), strict=True))
        if cause != "epochs":
            second["epochs"] = first["epochs"]
        second = dict(reversed(second.items()))
        got = controls_of(write_controls, first, second, cause)
        for run, other, control in [(first, second, got[0]), (second, first, got[1])]:
            assert {**run, cause: other[cause]} == control, (
                f"The cause is {cause!r}: the control of {run} is the same with {other[cause]} as its "
                f"{cause}; "
                f"yours {control}."
            )
    for a, b in [(1e-10, 2e-10), (1.0, float(np.nextafter(1.0, 2.0))), (FAR, FAR + 1)]:
        got = controls_of(write_controls, {"lr": a, "epochs": 5}, {"lr": b, "epochs": 9}, "lr")
        assert got == ({"lr": b, "epochs": 5}, {"lr": a, "epochs": 9}), (
            f"Rates of {a!r} and {b!r} differ, by however little: each control has the other; yours {got}."
        )


def check_write_controls_refuses(write_controls):
    """A cause that one of the runs does not name, or in which they do not differ: ValueError."""
    for first, second, why in [
        ({"lr": 1.0}, {"lr": 2.0, "gravity": 0.1}, "the first run does not say what its gravity is"),
        ({"lr": 1.0, "gravity": 0.1}, {"lr": 2.0}, "the second run does not say what its gravity is"),
        ({"lr": 1.0, "gravity": 0.1}, {"lr": 2.0, "gravity": 0.1}, "both runs have the same gravity"),
    ]:
        refusal_of("write_controls", why, write_controls, first, second, "gravity")
