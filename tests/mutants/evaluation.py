"""Unit 09: known wrong solutions of the exercises on evaluation, and other right ones."""

from __future__ import annotations

import math
from bisect import bisect_right

import numpy as np
from scipy.sparse import csr_array
from scipy.stats import hypergeom, rankdata

from course_utils.evaluation import at_least, evaluate_ranking
from tests.mutants import Edit, Whole

# 9.1 sampled_rank


def _rank_among_all(scores, positive, negatives):
    scores = np.asarray(scores, dtype=float)
    others = np.delete(scores, positive)
    return float(1 + np.sum(others > scores[positive]) + np.sum(others == scores[positive]) / 2)


def _rank_each_once(scores, positive, negatives):
    scores = np.asarray(scores, dtype=float)
    others = scores[np.unique(np.asarray(negatives, dtype=np.int64))]
    return float(1 + np.sum(others > scores[positive]) + np.sum(others == scores[positive]) / 2)


def _rank_by_rankdata(scores, positive, negatives):
    scores = np.asarray(scores, dtype=float)
    contest = np.append(scores[np.asarray(negatives, dtype=np.int64)], scores[positive])
    least, most = (rankdata(-contest, method=method)[-1] for method in ("min", "max"))
    return float(least + (most - least) / 2)


def _rank_one_by_one(scores, positive, negatives):
    rank = 1.0
    for item in negatives:
        lead = float(scores[item]) - float(scores[positive])
        rank += 1.0 if lead > 0 else 0.5 if lead == 0 else 0.0
    return rank


# 9.2 expected_hit_rate


def _hit_rate_without_replacement(rank, n_items, n_sampled, k):
    above = np.rint(np.asarray(rank, dtype=float) - 1).astype(int)
    return hypergeom.cdf(k - 1, n_items - 1, above, min(n_sampled, n_items - 1))


def _hit_rate_of_the_mean(rank, n_items, n_sampled, k):
    mean = n_sampled * (np.asarray(rank, dtype=float) - 1) / (n_items - 1)
    return np.where(mean < k, 1.0, 0.0)


def _hit_rate_of_numbers(rank, n_items, n_sampled, k):
    p = (rank - 1) / (n_items - 1)
    return float(
        sum(math.comb(n_sampled, j) * p**j * (1 - p) ** (n_sampled - j) for j in range(min(k, n_sampled + 1)))
    )


def _hit_rate_by_sum(rank, n_items, n_sampled, k):
    p = (np.asarray(rank, dtype=float) - 1) / (n_items - 1)
    terms = [
        math.comb(n_sampled, j) * p**j * (1 - p) ** (n_sampled - j) for j in range(min(k, n_sampled + 1))
    ]
    return sum(terms)


# 9.3 paired_bootstrap


def _bootstrap_unpaired(a, b, rng, n_draws):
    n = len(a)
    means = a[rng.integers(n, size=(n_draws, n))].mean(axis=1) - b[rng.integers(n, size=(n_draws, n))].mean(
        axis=1
    )
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def _bootstrap_normal(a, b, rng, n_draws):
    differences = np.asarray(a, dtype=float) - np.asarray(b, dtype=float)
    n = len(differences)
    means = differences[rng.integers(n, size=(n_draws, n))].mean(axis=1)
    return float(differences.mean() - 1.96 * means.std()), float(differences.mean() + 1.96 * means.std())


def _bootstrap_one_by_one(a, b, rng, n_draws):
    differences = np.asarray(a, dtype=float) - np.asarray(b, dtype=float)
    means = [rng.choice(differences, size=len(differences)).mean() for _ in range(n_draws)]
    return float(np.percentile(means, 2.5)), float(np.percentile(means, 97.5))


def _bootstrap_by_counts(a, b, rng, n_draws):
    differences = np.asarray(a, dtype=float) - np.asarray(b, dtype=float)
    n = len(differences)
    how_often = rng.multinomial(n, np.full(n, 1 / n), size=n_draws)
    low, high = np.quantile(how_often @ differences / n, (0.025, 0.975))
    return low, high


# 9.4 snips_recall


def _recall_by_average(hit, propensity):
    propensity = np.asarray(propensity, dtype=float)
    if not np.all(propensity > 0):
        raise ValueError("a propensity is not above 0")
    return float(np.average(np.asarray(hit, dtype=float), weights=1 / propensity))


# 9.5 split_by_time, future_share


def _split_by_share(ratings, cut):
    in_order = ratings.sort_values("timestamp", kind="stable")
    n_train = int(0.5 * len(ratings))
    return in_order.iloc[:n_train], in_order.iloc[n_train:]


def _split_by_labels(ratings, cut):
    past = ratings[ratings["timestamp"] < cut]
    return past, ratings.drop(past.index)


def _split_by_merge(ratings, cut):
    past = ratings[ratings["timestamp"] < cut]
    return past, ratings[~ratings["timestamp"].isin(past["timestamp"])].drop_duplicates(
        ["user_id", "item_id"]
    )


def _split_by_place(ratings, cut):
    n_before = int((ratings["timestamp"] < cut).sum())
    return ratings.iloc[:n_before], ratings.iloc[n_before:]


def _split_sorted(ratings, cut):
    in_order = ratings.sort_values("timestamp")
    place = int(np.searchsorted(in_order["timestamp"].to_numpy(), np.datetime64(cut)))
    return in_order.iloc[:place], in_order.iloc[place:]


def _future_of_the_last(train, test):
    return float(np.mean(train["timestamp"].max() > test["timestamp"].to_numpy()))


def _future_of_the_first(train, test):
    return float(np.mean(train["timestamp"].to_numpy() > test["timestamp"].to_numpy().min()))


def _future_all_pairs(train, test):
    return float(np.mean(train["timestamp"].to_numpy()[:, None] > test["timestamp"].to_numpy()))


def _future_row_by_row(train, test):
    n = min(len(train), len(test))
    return float(np.mean(train["timestamp"].to_numpy()[:n] > test["timestamp"].to_numpy()[:n]))


def _future_by_bisection(train, test):
    times, others = (sorted(part["timestamp"].to_numpy().astype("int64").tolist()) for part in (train, test))
    later = sum(len(times) - bisect_right(times, time) for time in others)
    return later / (len(train) * len(test))


# 9.6 honest_run


def _run_by_loops(train, valid, test, weights):
    n_items = train.shape[1]
    stars = train.data.astype(float)
    standard = (stars - stars.mean()) / np.sqrt(np.mean((stars - stars.mean()) ** 2))
    counts, sums = np.zeros(n_items), np.zeros(n_items)
    np.add.at(counts, train.indices, 1)
    np.add.at(sums, train.indices, standard)
    best = None
    for weight in weights:
        scores = np.log(1 + counts) + weight * sums / (counts + 10)
        row = evaluate_ranking(lambda users, s=scores: np.array([s] * len(users)), train, at_least(valid))
        if best is None or row["NDCG@10"] > best[0]:
            best = row["NDCG@10"], weight, scores
    _, weight, scores = best
    row = evaluate_ranking(
        lambda users: np.array([scores] * len(users)), csr_array(train + valid), at_least(test)
    )
    return scores, weight, row["NDCG@10"]


# 9.7 write_controls


def _controls_as_one(first, second, cause):
    if cause not in first or cause not in second or first[cause] == second[cause]:
        raise ValueError(cause)
    return {**first, cause: second[cause]}, {**first, cause: second[cause]}


def _controls_by_name(first, second, cause):
    if {cause} - (first.keys() & second.keys()):
        raise ValueError(f"no {cause}")
    if first[cause] == second[cause]:
        raise ValueError(f"the same {cause}")
    return (
        {name: (second if name == cause else first)[name] for name in first},
        {name: (first if name == cause else second)[name] for name in second},
    )


# What the edits below take out or put in.
_LEVEL = "np.sum(others == scores[positive]) / 2"
_ABOVE = "(np.asarray(rank, dtype=float) - 1) / (n_items - 1)"
_COUNTS = "counts = np.bincount(train.indices, minlength=n_items)"
_STANDARD = "(train.data.astype(float) - train.data.mean()) / train.data.std()"

MUTANTS = {
    "sampled_rank": {
        "from_0": Edit("float(1 + ", "float(", "the top is place 1", headline=True),
        "level_is_below": Edit(f" + {_LEVEL}", "", "counts as below"),
        "level_is_above": Edit(_LEVEL, _LEVEL[:-4], "counts as above"),
        "turned": Edit("others > scores", "others < scores", "turned round", headline=True),
        "among_all": Whole(_rank_among_all, "were counted, too", headline=True),
        "each_once": Whole(_rank_each_once, "drawn twice counts twice"),
        "nearly_level": Edit(
            "others > scores[positive]) + np.sum(others == scores[positive])",
            "others > scores[positive] + 1e-8) + np.sum(np.abs(others - scores[positive]) <= 1e-8)",
        ),
        "no_others": Edit("np.asarray(negatives, dtype=np.int64)", "np.array(negatives)"),
        "negative_sorted": Edit(
            "    others = scores[np", "    negatives.sort()\n    others = scores[np", "was changed"
        ),
    },
    "expected_hit_rate": {
        "rank_for_rank_minus_1": Edit(
            _ABOVE, "np.asarray(rank, dtype=float) / n_items", "p is 4/10", headline=True
        ),
        "among_n_items": Edit(_ABOVE, _ABOVE.replace("(n_items - 1)", "n_items"), "p is 3/10", headline=True),
        "one_too_many": Edit("cdf(k - 1", "cdf(k", "one too many", headline=True),
        "miss": Edit("return binom", "return 1 - binom", "a miss"),
        "below": Edit("n_sampled, above)", "n_sampled, 1 - above)", "the share *below*"),
        "exactly": Edit("binom.cdf", "binom.pmf"),
        "without_replacement": Whole(_hit_rate_without_replacement),
        "of_the_mean": Whole(_hit_rate_of_the_mean),
        "numbers_only": Whole(_hit_rate_of_numbers, "an array of places"),
        "whole_places": Edit("np.asarray(rank, dtype=float)", "np.floor(rank)"),
        "rounded": Edit(
            "return binom.cdf(k - 1, n_sampled, above)",
            "return np.round(binom.cdf(k - 1, n_sampled, above), 4)",
        ),
    },
    "paired_bootstrap": {
        "remainder_of_16_bits": Edit(
            "rng.integers(n_people, size=(n_draws, n_people))",
            "rng.integers(2**16, size=(n_draws, n_people)) % n_people",
            says="prefers some",
        ),
        "unpaired": Whole(_bootstrap_unpaired, "both values of a person stay together", headline=True),
        "without_replacement": Edit(
            "rng.integers(n_people, size=(n_draws, n_people))",
            "rng.permuted(np.tile(np.arange(n_people), (n_draws, 1)), axis=1)",
            "with replacement",
            headline=True,
        ),
        "of_people": Edit(
            "n_people))].mean(axis=1)", "n_people))].ravel()", "for their *mean*", headline=True
        ),
        "b_minus_a": Edit(
            "np.asarray(a, dtype=float) - np.asarray(b, dtype=float)",
            "np.asarray(b, dtype=float) - np.asarray(a, dtype=float)",
            "not b − a",
        ),
        "ninety_percent": Edit("[0.025, 0.975]", "[0.05, 0.95]", "wide"),
        "ninety_nine_percent": Edit("[0.025, 0.975]", "[0.005, 0.995]", "wide"),
        "half_the_people": Edit("size=(n_draws, n_people)", "size=(n_draws, n_people // 2)", "wide"),
        "normal": Whole(_bootstrap_normal, "percentiles of what was drawn"),
        "seed_of_its_own": Edit("rng.integers", "np.random.default_rng(0).integers", "draw from `rng`"),
        "global_generator": Edit(
            "rng.integers(n_people,", "np.random.randint(n_people,", "the global generator"
        ),
        "ends_exchanged": Edit(
            "float(low), float(high)", "float(high), float(low)", "the lower end comes first"
        ),
        "absolute": Edit("    n_people = len", "    differences = np.abs(differences)\n    n_people = len"),
        "medians": Edit(
            "differences[rng.integers(n_people, size=(n_draws, n_people))].mean(axis=1)",
            "np.median(differences[rng.integers(n_people, size=(n_draws, n_people))], axis=1)",
        ),
    },
    "snips_recall": {
        "plain": Edit("1 / propensity", "np.ones(len(propensity))", "this is plain recall", headline=True),
        "weights_p": Edit("weights = 1 / propensity", "weights = propensity", "seldom", headline=True),
        "not_normalised": Edit("/ np.sum(weights))", "/ len(weights))", "divided by their number"),
        "numerator": Edit(" / np.sum(weights))", ")", "the numerator"),
        "wrong_sum": Edit("/ np.sum(weights))", "/ np.sum(propensity))", "not the p"),
        "clipped": Edit("1 / propensity", "1 / np.maximum(propensity, 0.1)"),
        "nothing_refused": Edit("if not (propensity > 0).all():", "if False:", "ValueError"),
        "nan_passes": Edit("not (propensity > 0).all()", "(propensity <= 0).any()", "ValueError"),
        "probabilities_only": Edit(
            "not (propensity > 0).all()", "not ((propensity > 0) & (propensity <= 1)).all()"
        ),
        "squared": Edit("1 / propensity", "1 / propensity**2"),
        "root": Edit("1 / propensity", "1 / np.sqrt(propensity)"),
    },
    "split_by_time": {
        "at_the_cut_is_past": Edit(
            '["timestamp"] < cut', '["timestamp"] <= cut', "*at* the cut", headline=True
        ),
        "exchanged": Edit(
            "ratings[is_past], ratings[~is_past]", "ratings[~is_past], ratings[is_past]", "are exchanged"
        ),
        "lost": Edit("ratings[~is_past]", 'ratings[ratings["timestamp"] > cut]', "in neither part"),
        "in_both": Edit(
            "    return ratings[is_past]", '    return ratings[ratings["timestamp"] <= cut]', "in both parts"
        ),
        "by_place": Whole(_split_by_place, "the order of the rows", headline=True),
        "by_share": Whole(_split_by_share),
        "by_labels": Whole(_split_by_labels, "not by labels"),
        "by_merge": Whole(_split_by_merge),
        "by_day": Edit('ratings["timestamp"] < cut', 'ratings["timestamp"].dt.floor("D") < cut.floor("D")'),
    },
    "future_share": {
        "equal_is_later": Edit('side="right"', 'side="left"', "count as later, too", headline=True),
        "not_later": Edit("float(1 - np.mean", "float(np.mean", "*not* later"),
        "last_alone": Whole(_future_of_the_last),
        "first_alone": Whole(_future_of_the_first),
        "row_by_row": Whole(_future_row_by_row),
        "all_pairs": Whole(_future_all_pairs, "ran out of memory"),
        "sum": Edit(
            "1 - np.mean(not_later) / len(times)",
            "not_later.size * len(times) - not_later.sum()",
            "number of pairs",
        ),
        "unsorted": Edit("np.sort(train", "np.asarray(train"),
        "by_year": Edit('train["timestamp"].to_numpy()', 'train["timestamp"].dt.floor("360D").to_numpy()'),
    },
    "honest_run": {
        "counts_of_all": Edit(
            _COUNTS, "counts = np.bincount(csr_array(train + valid + test).indices, minlength=n_items)"
        ),
        "popularity_alone_of_all": Edit(
            "np.log1p(counts) +",
            "np.log1p(np.bincount(csr_array(train + valid + test).indices, minlength=n_items)) +",
            "popularity is counted on all",
            headline=True,
        ),
        "scaled_on_all": Edit(
            _STANDARD,
            "(train.data.astype(float) - csr_array(train + valid + test).data.mean()) / train.data.std()",
            "computed from `train` alone",
            headline=True,
        ),
        "deviation_of_all": Edit("train.data.std()", "csr_array(train + valid + test).data.std()"),
        "scaled_on_train_and_valid": Edit("train.data.std()", "csr_array(train + valid).data.std()"),
        "chosen_on_test": Edit(
            "ndcg_of_one_list(scores, train, valid)",
            "ndcg_of_one_list(scores, train, test)",
            "chosen on the test ratings",
            headline=True,
        ),
        "test_lists_with_valid": Edit(
            "ndcg_of_one_list(scores, csr_array(train + valid), test)",
            "ndcg_of_one_list(scores, train, test)",
            "that leave out `train` and `valid`",
        ),
        "reports_the_validation": Edit(
            "ndcg_of_one_list(scores, csr_array(train + valid), test)",
            "ndcg_of_one_list(scores, train, valid)",
            "on `test`",
        ),
        "last_of_equal": Edit(
            "int(np.argmax([ndcg_of_one_list(scores, train, valid) for scores in candidates]))",
            "-1 - int(np.argmax([ndcg_of_one_list(s, train, valid) for s in candidates[::-1]]))",
            "first",
        ),
        "sample_deviation": Edit("train.data.std()", "train.data.std(ddof=1)"),
        "no_shrinkage": Edit("(counts + 10)", "np.maximum(counts, 1)"),
        "place_of_the_weight": Edit("float(weights[best])", "best", "weight"),
        "worst": Edit("np.argmax", "np.argmin"),
        "last_weight": Edit("scores = candidates[best]", "scores = candidates[-1]"),
    },
    "write_controls": {
        "exchanged": Edit(
            "first | {cause: second[cause]}, second | {cause: first[cause]}",
            "second | {cause: first[cause]}, first | {cause: second[cause]}",
            "exchanged",
        ),
        "the_same_runs": Edit(
            "first | {cause: second[cause]}, second | {cause: first[cause]}",
            "dict(first), dict(second)",
            "the same run once more",
            headline=True,
        ),
        "everything_but_the_cause": Edit(
            "first | {cause: second[cause]}, second | {cause: first[cause]}",
            "first | second | {cause: second[cause]}, second | first | {cause: first[cause]}",
            "as well",
            headline=True,
        ),
        "one_control_twice": Whole(_controls_as_one, "as well"),
        "nothing_refused": Edit("if cause not in first or cause not in second", "if False", "ValueError"),
        "second_not_asked": Edit(" or cause not in second", "", "ValueError"),
        "same_not_refused": Edit("if first[cause] == second[cause]", "if False", "ValueError"),
        "cause_off": Edit("second | {cause: first[cause]}", "second | {cause: 0.0}"),
    },
}

ALTERNATIVES = {
    "sampled_rank": {"one by one": _rank_one_by_one, "by rankdata": _rank_by_rankdata},
    "expected_hit_rate": {"by sum": _hit_rate_by_sum},
    "paired_bootstrap": {"one by one": _bootstrap_one_by_one, "by counts": _bootstrap_by_counts},
    "snips_recall": {"by average": _recall_by_average},
    "split_by_time": {"sorted": _split_sorted},
    "future_share": {"by bisection": _future_by_bisection},
    "honest_run": {"by loops": _run_by_loops},
    "write_controls": {"by name": _controls_by_name},
}
