"""Unit 07: known wrong solutions of the exercises on WARP, and other right ones."""

from __future__ import annotations

import math

import numpy as np

from solutions.warp import estimate_rank, find_violator, rank_weight, warp_step
from tests.mutants import Edit, Whole

# 7.1 precision_at_k


def _precision_average(ranked, relevant, k):
    hits = np.isin(ranked[:k], relevant)
    return float(np.sum(hits * np.cumsum(hits) / np.arange(1, len(hits) + 1)) / k)


def _precision_shown(ranked, relevant, k):
    # over the places that are filled, or 0
    return float(np.isin(ranked[:k], relevant).sum() / max(1, min(k, len(ranked))))


def _precision_places(ranked, relevant, k):
    return sum(a == b for a, b in zip(ranked[:k], relevant, strict=False)) / k


def _precision_pops(ranked, relevant, k):
    hits = np.isin(ranked[:k], relevant).sum()
    if isinstance(ranked, list):
        del ranked[:k]
    else:
        ranked[:k] = -1
    return float(hits / k)


def _precision_by_sets(ranked, relevant, k):
    return len(set(ranked[:k]) & set(relevant)) / k


def _precision_loop(ranked, relevant, k):
    hits = 0
    for place, item in enumerate(ranked):
        if place < k and item in relevant:
            hits += 1
    return hits / k


# 7.2 rank_weight


def _weight_log2(rank):
    return float(np.sum(1 / np.log2(np.arange(2, rank + 2))))


def _weight_euler(rank):
    return math.log(rank) + 0.57721566 + 1 / (2 * rank) if rank > 0 else 0.0


def _weight_refuses_0(rank):
    return math.log(rank)


def _weight_table(rank):
    # a table that ends at a thousand
    return float(np.cumsum(1 / np.arange(1, 1001))[min(rank, 1000) - 1]) if rank else 0.0


def _weight_loop(rank):
    total = 0.0
    for s in range(1, rank + 1):
        total += 1 / s
    return total


def _weight_exact(rank):
    return math.fsum(1 / s for s in range(rank, 0, -1))


# 7.3 estimate_rank


def _rank_ceil(n_trials, n_items):
    return math.ceil((n_items - 1) / n_trials)


def _rank_divmod(n_trials, n_items):
    return divmod(n_items - 1, n_trials)[0]


def _rank_int(n_trials, n_items):
    return int(math.floor((n_items - 1) / n_trials))


# 7.4 find_violator


def _violator_positives_count(scores, positive, is_positive, max_trials, rng, margin=1.0):
    if is_positive.all():
        raise ValueError("every item is positive")
    for n_trials in range(1, max_trials + 1):
        j = int(rng.integers(len(scores)))
        if not is_positive[j] and margin + scores[j] > scores[positive]:
            return j, n_trials
    return -1, max_trials


def _violator_one_too_many(scores, positive, is_positive, max_trials, rng, margin=1.0):
    if is_positive.all():
        raise ValueError("every item is positive")
    n_trials = 0
    while n_trials <= max_trials:
        j = int(rng.integers(len(scores)))
        if is_positive[j]:
            continue
        n_trials += 1
        if margin + scores[j] > scores[positive]:
            return j, n_trials
    return -1, max_trials


def _violator_without_end(scores, positive, is_positive, max_trials, rng, margin=1.0):
    negatives = np.flatnonzero(~is_positive)
    if len(negatives) == 0:
        raise ValueError("every item is positive")
    n_trials = 0
    while True:
        n_trials += 1
        j = int(rng.choice(negatives))
        if margin + scores[j] > scores[positive]:
            return j, n_trials


def _violator_draws_again_for_ever(scores, positive, is_positive, max_trials, rng, margin=1.0):
    for n_trials in range(1, max_trials + 1):
        j = int(rng.integers(len(scores)))
        while is_positive[j]:
            j = int(rng.integers(len(scores)))
        if margin + scores[j] > scores[positive]:
            return j, n_trials
    return -1, max_trials


def _violator_expected_trials(scores, positive, is_positive, max_trials, rng, margin=1.0):
    # no search: one of the violators, and the number of trials that it takes on average
    if is_positive.all():
        raise ValueError("every item is positive")
    violates = ~is_positive & (margin + scores > scores[positive])
    if not violates.any():
        return -1, max_trials
    return int(rng.choice(np.flatnonzero(violates))), round((~is_positive).sum() / violates.sum())


def _violator_without_replacement(scores, positive, is_positive, max_trials, rng, margin=1.0):
    negatives = rng.permutation(np.flatnonzero(~is_positive))
    if len(negatives) == 0:
        raise ValueError("every item is positive")
    for n_trials, j in enumerate(negatives[:max_trials], 1):
        if margin + scores[j] > scores[positive]:
            return int(j), n_trials
    return -1, max_trials


def _violator_best(scores, positive, is_positive, max_trials, rng, margin=1.0):
    # the worst offender, in place of one drawn at random
    if is_positive.all():
        raise ValueError("every item is positive")
    masked = np.where(is_positive, -np.inf, scores)
    j = int(np.argmax(masked))
    if margin + scores[j] > scores[positive]:
        return j, int(rng.integers(1, max_trials))
    return -1, max_trials


def _violator_global_generator(scores, positive, is_positive, max_trials, rng, margin=1.0):
    negatives = np.flatnonzero(~is_positive)
    if len(negatives) == 0:
        raise ValueError("every item is positive")
    for n_trials in range(1, max_trials + 1):
        j = np.random.choice(negatives)  # noqa: NPY002 (that is the mistake)
        if margin + scores[j] > scores[positive]:
            return int(j), n_trials
    return -1, max_trials


def _violator_marks_drawn(scores, positive, is_positive, max_trials, rng, margin=1.0):
    negatives = np.flatnonzero(~is_positive)
    if len(negatives) == 0:
        raise ValueError("every item is positive")
    for n_trials in range(1, max_trials + 1):
        j = int(negatives[rng.integers(len(negatives))])
        if margin + scores[j] > scores[positive]:
            is_positive[j] = True
            return j, n_trials
    return -1, max_trials


def _violator_by_choice(scores, positive, is_positive, max_trials, rng, margin=1.0):
    negatives = np.flatnonzero(np.logical_not(is_positive))
    if not negatives.size:
        raise ValueError("every item is positive")
    drawn = rng.choice(negatives, size=max_trials)
    violates = np.flatnonzero(margin + scores[drawn] > scores[positive])
    return (int(drawn[violates[0]]), int(violates[0]) + 1) if len(violates) else (-1, max_trials)


def _violator_by_rejection(scores, positive, is_positive, max_trials, rng, margin=1.0):
    if np.all(is_positive):
        raise ValueError("every item is positive")
    n_trials = 0
    while n_trials < max_trials:
        j = int(rng.random() * len(scores))
        if is_positive[j]:
            continue
        n_trials += 1
        if margin + scores[j] - scores[positive] > 0:
            return j, n_trials
    return -1, max_trials


# 7.5 warp_step


def _step_views(X, Y, u, i, j, weight, lr, max_norm):
    # "saved" vectors that are views: by the time the items move, x_old has moved
    x_old, y_i, y_j = X[u], Y[i], Y[j]
    X[u] += lr * weight * (y_i - y_j)
    Y[i] += lr * weight * x_old
    Y[j] -= lr * weight * x_old
    for row in (X[u], Y[i], Y[j]):
        norm = np.linalg.norm(row)
        if norm > max_norm:
            row *= max_norm / norm


def _step_items_first(X, Y, u, i, j, weight, lr, max_norm):
    Y[i] += lr * weight * X[u]
    Y[j] -= lr * weight * X[u]
    X[u] += lr * weight * (Y[i] - Y[j])
    for row in (X[u], Y[i], Y[j]):
        norm = np.linalg.norm(row)
        if norm > max_norm:
            row *= max_norm / norm


def _step_caps_between(X, Y, u, i, j, weight, lr, max_norm):
    # the user is capped before the items move, who then move by the capped x
    x = X[u].copy()
    X[u] += lr * weight * (Y[i] - Y[j])
    X[u] *= min(1.0, max_norm / np.linalg.norm(X[u]))
    x *= min(1.0, max_norm / np.linalg.norm(x))
    Y[i] += lr * weight * x
    Y[j] -= lr * weight * x
    for row in (Y[i], Y[j]):
        row *= min(1.0, max_norm / np.linalg.norm(row))


def _step_caps_before(X, Y, u, i, j, weight, lr, max_norm):
    for row in (X[u], Y[i], Y[j]):
        norm = np.linalg.norm(row)
        if norm > max_norm:
            row *= max_norm / norm
    x = X[u].copy()
    X[u] += lr * weight * (Y[i] - Y[j])
    Y[i] += lr * weight * x
    Y[j] -= lr * weight * x


def _step_caps_all(X, Y, u, i, j, weight, lr, max_norm):
    x = X[u].copy()
    X[u] += lr * weight * (Y[i] - Y[j])
    Y[i] += lr * weight * x
    Y[j] -= lr * weight * x
    for factors in (X, Y):
        norms = np.linalg.norm(factors, axis=1, keepdims=True)
        factors *= np.minimum(1.0, max_norm / norms)


def _step_clips(X, Y, u, i, j, weight, lr, max_norm):
    x = X[u].copy()
    X[u] += lr * weight * (Y[i] - Y[j])
    Y[i] += lr * weight * x
    Y[j] -= lr * weight * x
    for row in (X[u], Y[i], Y[j]):
        np.clip(row, -max_norm, max_norm, out=row)


def _step_all_by_the_longest(X, Y, u, i, j, weight, lr, max_norm):
    x = X[u].copy()
    X[u] += lr * weight * (Y[i] - Y[j])
    Y[i] += lr * weight * x
    Y[j] -= lr * weight * x
    longest = max(np.linalg.norm(row) for row in (X[u], Y[i], Y[j]))
    if longest > max_norm:
        for row in (X[u], Y[i], Y[j]):
            row *= max_norm / longest


def _step_without_writing(X, Y, u, i, j, weight, lr, max_norm):
    x, y_i, y_j = X[u], Y[i], Y[j]
    x, y_i, y_j = x + lr * weight * (y_i - y_j), y_i + lr * weight * x, y_j - lr * weight * x
    for row in (x, y_i, y_j):
        norm = np.linalg.norm(row)
        if norm > max_norm:
            row *= max_norm / norm


def _step_cap_not_written(X, Y, u, i, j, weight, lr, max_norm):
    x = X[u].copy()
    X[u] += lr * weight * (Y[i] - Y[j])
    Y[i] += lr * weight * x
    Y[j] -= lr * weight * x
    for row in (X[u], Y[i], Y[j]):
        norm = np.linalg.norm(row)
        if norm > max_norm:
            row = row * max_norm / norm  # a new array: nothing is written into X or Y


def _step_whole_rows(X, Y, u, i, j, weight, lr, max_norm):
    x, y_i, y_j = X[u].copy(), Y[i].copy(), Y[j].copy()
    X[u] += lr * weight * (y_i - y_j)
    Y[i] += lr * weight * x
    Y[j] -= lr * weight * x
    for row in (X[u], Y[i], Y[j]):
        norm = np.sqrt(np.sum(row**2))
        if norm > max_norm:
            row *= max_norm / norm


def _step_moves_first(X, Y, u, i, j, weight, lr, max_norm):
    to_user, to_items = lr * weight * (Y[i] - Y[j]), lr * weight * X[u]
    X[u] += to_user
    Y[i] += to_items
    Y[j] -= to_items
    X[u] /= max(1.0, np.linalg.norm(X[u]) / max_norm)
    Y[i] /= max(1.0, np.linalg.norm(Y[i]) / max_norm)
    Y[j] /= max(1.0, np.linalg.norm(Y[j]) / max_norm)


# 7.6 warp_epoch


def _epoch_stale(R, X, Y, lr, max_trials, max_norm, rng):
    # all scores at the start of the epoch
    users, all_scores = np.repeat(np.arange(R.shape[0]), np.diff(R.indptr)), X @ Y.T
    total, trials = 0.0, []
    for cell in rng.permutation(R.nnz):
        u, i = users[cell], R.indices[cell]
        is_positive = np.isin(np.arange(R.shape[1]), R.indices[R.indptr[u] : R.indptr[u + 1]])
        j, n_trials = find_violator(all_scores[u], i, is_positive, max_trials, rng)
        if j >= 0:
            weight = rank_weight(estimate_rank(n_trials, R.shape[1]))
            total += weight * (1 - all_scores[u, i] + all_scores[u, j])
            trials.append(n_trials)
            warp_step(X, Y, u, i, j, weight, lr, max_norm)
    return total / R.nnz, np.mean(trials) if trials else np.nan


def _epoch_searches_old_scores(R, X, Y, lr, max_trials, max_norm, rng):
    # the search alone: hinge and step are those of now
    users, all_scores = np.repeat(np.arange(R.shape[0]), np.diff(R.indptr)), X @ Y.T
    total, trials = 0.0, []
    for cell in rng.permutation(R.nnz):
        u, i = users[cell], R.indices[cell]
        is_positive = np.isin(np.arange(R.shape[1]), R.indices[R.indptr[u] : R.indptr[u + 1]])
        j, n_trials = find_violator(all_scores[u], i, is_positive, max_trials, rng)
        if j >= 0:
            weight = rank_weight(estimate_rank(n_trials, R.shape[1]))
            total += weight * (1 - X[u] @ (Y[i] - Y[j]))
            trials.append(n_trials)
            warp_step(X, Y, u, i, j, weight, lr, max_norm)
    return total / R.nnz, np.mean(trials) if trials else np.nan


def _epoch_zeros_are_no_pairs(R, X, Y, lr, max_trials, max_norm, rng):
    # they are left out of the draws as they should be, but nothing is learned from them
    (users, items), total, trials = R.nonzero(), 0.0, []
    for cell in rng.permutation(len(users)):
        u, i = users[cell], items[cell]
        is_positive = np.isin(np.arange(R.shape[1]), R.indices[R.indptr[u] : R.indptr[u + 1]])
        scores = Y @ X[u]
        j, n_trials = find_violator(scores, i, is_positive, max_trials, rng)
        if j >= 0:
            weight = rank_weight(estimate_rank(n_trials, R.shape[1]))
            total += weight * (1 - scores[i] + scores[j])
            trials.append(n_trials)
            warp_step(X, Y, u, i, j, weight, lr, max_norm)
    return total / len(users), np.mean(trials) if trials else np.nan


def _epoch_copies(R, X, Y, lr, max_trials, max_norm, rng):
    X, Y = X.copy(), Y.copy()
    users = np.repeat(np.arange(R.shape[0]), np.diff(R.indptr))
    total, trials = 0.0, []
    for cell in rng.permutation(R.nnz):
        u, i, scores = users[cell], R.indices[cell], Y @ X[users[cell]]
        is_positive = np.isin(np.arange(R.shape[1]), R.indices[R.indptr[u] : R.indptr[u + 1]])
        j, n_trials = find_violator(scores, i, is_positive, max_trials, rng)
        if j >= 0:
            weight = rank_weight(estimate_rank(n_trials, R.shape[1]))
            total += weight * (1 - scores[i] + scores[j])
            trials.append(n_trials)
            warp_step(X, Y, u, i, j, weight, lr, max_norm)
    return total / R.nnz, np.mean(trials) if trials else np.nan


def _epoch_first_max_trials(R, X, Y, lr, max_trials, max_norm, rng):
    # the loss after each step
    users = np.repeat(np.arange(R.shape[0]), np.diff(R.indptr))
    total, trials = 0.0, []
    for cell in rng.permutation(R.nnz):
        u, i = users[cell], R.indices[cell]
        is_positive = np.isin(np.arange(R.shape[1]), R.indices[R.indptr[u] : R.indptr[u + 1]])
        j, n_trials = find_violator(Y @ X[u], i, is_positive, max_trials, rng)
        if j >= 0:
            weight = rank_weight(estimate_rank(n_trials, R.shape[1]))
            trials.append(n_trials)
            warp_step(X, Y, u, i, j, weight, lr, max_norm)
            total += weight * (1 - X[u] @ (Y[i] - Y[j]))
    return total / R.nnz, np.mean(trials) if trials else np.nan


def _epoch_coo(R, X, Y, lr, max_trials, max_norm, rng):
    cells = R.tocoo()
    order = rng.permutation(len(cells.data))
    known = np.zeros(R.shape, dtype=bool)
    known[cells.row, cells.col] = True
    total = n_found = n_trials_sum = 0
    for u, i in zip(cells.row[order], cells.col[order], strict=True):
        scores = np.array([X[u] @ y for y in Y])
        j, n_trials = find_violator(scores, i, known[u], max_trials, rng, 1.0)
        if j == -1:
            continue
        weight = rank_weight(estimate_rank(n_trials, len(Y)))
        total += weight * (1 + scores[j] - scores[i])
        n_found, n_trials_sum = n_found + 1, n_trials_sum + n_trials
        warp_step(X, Y, u, i, j, weight, lr, max_norm)
    return total / len(cells.data), n_trials_sum / n_found if n_found else math.nan


def _epoch_shuffled_pairs(R, X, Y, lr, max_trials, max_norm, rng):
    positives = [R.indices[R.indptr[u] : R.indptr[u + 1]] for u in range(R.shape[0])]
    pairs = [(u, i) for u, items in enumerate(positives) for i in items]
    rng.shuffle(pairs)
    losses, trials = np.zeros(len(pairs)), np.full(len(pairs), np.nan)
    for place, (u, i) in enumerate(pairs):
        is_positive = np.zeros(len(Y), dtype=bool)
        is_positive[positives[u]] = True
        scores = X[u] @ Y.T
        j, n_trials = find_violator(scores, i, is_positive, max_trials, rng)
        if j != -1:
            weight = rank_weight(estimate_rank(n_trials, len(Y)))
            losses[place], trials[place] = weight * (1 - scores[i] + scores[j]), n_trials
            warp_step(X, Y, u, i, j, weight, lr, max_norm)
    found = trials[~np.isnan(trials)]
    return losses.mean(), found.mean() if len(found) else np.nan


MUTANTS = {
    "precision_at_k": {
        "over_the_returned": Edit("np.sum(hits) / k", "np.mean(hits)", says="empty places", headline=True),
        "whole_list": Edit("ranked[:k]", "ranked", says="sixth place", headline=True),
        "mean_of_the_whole_list": Edit(
            "hits = np.isin(ranked[:k], relevant)\n    return float(np.sum(hits) / k)",
            "return float(np.mean(np.isin(ranked, relevant)))",
            says="the whole list was looked at",
        ),
        "recall": Edit(
            "np.sum(hits) / k", "np.sum(hits) / len(relevant)", says="as recall does", headline=True
        ),
        "over_the_smaller": Edit("np.sum(hits) / k", "np.sum(hits) / max(min(k, len(relevant)), 1)"),
        "hits": Edit("np.sum(hits) / k", "np.sum(hits)", says="number of hits"),
        "percentage": Edit("np.sum(hits) / k", "100 * np.sum(hits) / k", says="percentage"),
        "over_the_shown": Whole(_precision_shown, says="empty places", headline=True),
        "nan_for_none": Edit(
            "hits = np.isin",
            "if len(relevant) == 0:\n        return float('nan')\n    hits = np.isin",
            says="yours nan",
        ),
        "average_precision": Whole(_precision_average),
        "place_by_place": Whole(_precision_places),
        "first_left_out": Edit("ranked[:k]", "ranked[1:k]"),
        "item_0_ignored": Edit("np.sum(hits)", "np.sum(hits[np.asarray(ranked[:k]) > 0])"),
        "list_emptied": Whole(_precision_pops, says="ranked was changed"),
        "not_returned": Edit("return float", "_ = float", says="return"),
    },
    "rank_weight": {
        "series_of_the_logarithm": Edit(
            "return float",
            "if rank > 1000:\n        return float(np.log(rank) + 0.5772156649 + 1 / (2 * rank))\n"
            "    return float",
            says="terms of its series",
        ),
        "logarithm": Edit(
            "float(np.sum(1 / np.arange(1, rank + 1)))", "float(np.log(rank))", says="ln(4)", headline=True
        ),
        "logarithm_of_the_next": Edit(
            "float(np.sum(1 / np.arange(1, rank + 1)))", "float(np.log(rank + 1))", says="ln(5)"
        ),
        "logarithm_plus_euler": Whole(_weight_euler),
        "discount_of_ndcg": Whole(_weight_log2),
        "one_term_short": Edit(
            "np.arange(1, rank + 1)", "np.arange(1, rank)", says="last term is 1/rank", headline=True
        ),
        "from_two": Edit("np.arange(1, rank + 1)", "np.arange(2, rank + 1)", says="first term is 1/1"),
        "last_term": Edit(
            "np.sum(1 / np.arange(1, rank + 1))", "1 / max(rank, 1)", says="last term alone", headline=True
        ),
        "rank_itself": Edit("np.sum(1 / np.arange(1, rank + 1))", "rank", says="costs 1/s"),
        "whole_division": Edit("1 / np", "1 // np"),
        "at_least_one": Edit("rank + 1)", "max(rank, 1) + 1)", says="L(0) = 0", headline=True),
        "table_of_a_thousand": Whole(_weight_table, says="should be 1/2"),
        "terms_returned": Edit("float(np.sum(1 / np.arange(1, rank + 1)))", "1 / np.arange(1, rank + 1)"),
        "division_by_the_rank": Edit(
            "np.sum(1 / np.arange(1, rank + 1))", "np.mean(1 / np.arange(1, rank + 1)) * rank", says="L(0)"
        ),
        "logarithm_refuses_0": Whole(_weight_refuses_0, says="domain error"),
        "not_returned": Edit("return float", "_ = float", says="return"),
    },
    "estimate_rank": {
        "whole_catalogue": Edit("(n_items - 1)", "n_items", says="counts the positive item", headline=True),
        "precedence": Edit("(n_items - 1) // n_trials", "n_items - 1 // n_trials", headline=True),
        "rounded_up": Whole(_rank_ceil),
        "rounded": Edit("(n_items - 1) // n_trials", "round((n_items - 1) / n_trials)", headline=True),
        "not_rounded": Edit("//", "/"),
        "float": Edit("(n_items - 1) // n_trials", "float((n_items - 1) // n_trials)", says="a float"),
        "at_least_one": Edit(
            "(n_items - 1) // n_trials", "max(1, (n_items - 1) // n_trials)", says="⌊19/30⌋ = 0"
        ),
        "upside_down": Edit("(n_items - 1) // n_trials", "n_trials // (n_items - 1)"),
        "trials_left": Edit("(n_items - 1) // n_trials", "n_items - n_trials"),
        "trials_from_0": Edit("// n_trials", "// (n_trials + 1)"),
        "no_catalogue": Edit("(n_items - 1) // n_trials", "100 // n_trials", headline=True),
        "not_returned": Edit("return", "_ =", says="return"),
    },
    "find_violator": {
        "margin_forgotten": Edit("margin + scores[j]", "scores[j]", says="yours found none", headline=True),
        "margin_subtracted": Edit("margin + scores[j]", "scores[j] - margin", says="yours found none"),
        "margin_always_1": Edit("margin + scores[j]", "1.0 + scores[j]", says="margin 0.5", headline=True),
        "at_the_margin": Edit("> scores[positive]", ">= scores[positive]", says="does not violate"),
        "other_way_round": Edit("> scores[positive]", "< scores[positive]"),
        "positive_drawn": Edit(
            "np.flatnonzero(~is_positive)",
            "np.arange(len(scores))[len(scores) * int(is_positive.all()) :]",
            says="it cannot violate",
            headline=True,
        ),
        "only_itself_left_out": Edit(
            "np.flatnonzero(~is_positive)",
            "np.flatnonzero(np.arange(len(scores)) != positive)[: 10**9 * (not is_positive.all())]",
            says="it cannot violate",
            headline=True,
        ),
        "positives_drawn_count": Whole(_violator_positives_count, says="is no trial", headline=True),
        "item_0_never": Edit("np.flatnonzero(~is_positive)", "np.flatnonzero(~is_positive[1:]) + 1"),
        "last_item_never": Edit("np.flatnonzero(~is_positive)", "np.flatnonzero(~is_positive[:-1])"),
        "index_among_the_negatives": Edit("j = negatives[rng", "j = np.arange(len(negatives))[rng"),
        "last_drawn_returned": Edit(
            "return -1, max_trials", "return int(j), max_trials", says="drawn last", headline=True
        ),
        "none_for_none": Edit("return -1, max_trials", "return None", says="return"),
        "no_trials_for_none": Edit("return -1, max_trials", "return -1, 0", says="Six trials"),
        "one_more_for_none": Edit("return -1, max_trials", "return -1, max_trials + 1", says="Six trials"),
        "from_0": Edit(
            "return int(j), n_trials", "return int(j), n_trials - 1", says="counted from 1", headline=True
        ),
        "one_trial_more": Whole(_violator_one_too_many, says="yours drew 4"),
        "no_more_trials_than_items": Edit(
            "range(1, max_trials + 1)",
            "range(1, min(max_trials, len(negatives)) + 1)",
            says="more than there",
        ),
        "one_trial_less": Edit(
            "range(1, max_trials + 1)", "range(1, max_trials)", says="also if it is the last"
        ),
        "without_replacement": Whole(_violator_without_replacement, says="with replacement", headline=True),
        "the_worst_offender": Whole(_violator_best),
        "global_generator": Whole(_violator_global_generator, says="uses the global generator of NumPy"),
        "seed_of_its_own": Edit(
            "negatives = np.flatnonzero",
            "rng = np.random.default_rng(0)\n    negatives = np.flatnonzero",
            says="Another rng gave the same",
        ),
        "full_user_returns": Edit(
            'raise ValueError(f"all {len(scores)} items are positive: there is no other item to draw")',
            "return -1, 0",
            says="returned (-1, 0); wanted a ValueError",
        ),
        "full_user_forgotten": Edit("len(negatives) == 0", "False", says="The ValueError is NumPy's"),
        "no_end": Whole(_violator_without_end, says="loops for ever"),
        "draws_again_for_ever": Whole(_violator_draws_again_for_ever, says="loops for ever"),
        "near_by_either_side": Edit(
            "margin + scores[j] > scores[positive]",
            "abs(scores[j] - scores[positive]) < margin",
            says="other 3.0",
        ),
        "expected_trials": Whole(_violator_expected_trials),
        "full_user_crashes": Edit(
            "if len(negatives) == 0:",
            "if negatives[0] < 0:",
            says="stopped with",
        ),
        "empty_error": Edit(
            'ValueError(f"all {len(scores)} items are positive: there is no other item to draw")',
            "ValueError()",
            says="is empty",
        ),
        "drawn_marked": Whole(_violator_marks_drawn, says="is_positive was changed"),
        "score_returned": Edit("return int(j), n_trials", "return float(scores[j]), n_trials"),
        "absolute_scores": Edit("margin + scores[j]", "margin + abs(scores[j])"),
        "range_of_a_byte": Edit(
            "negatives[rng.integers(len(negatives))]",
            "negatives[rng.integers(256 if len(negatives) > 150 else len(negatives)) % len(negatives)]",
            says="cuts some off",
        ),
        "gives_up_after_1000": Edit(
            "range(1, max_trials + 1)", "range(1, min(max_trials, 1000) + 1)", says="trials are allowed"
        ),
    },
    "warp_step": {
        "saved_vectors_are_views": Whole(_step_views, says="by the *new* x", headline=True),
        "items_first": Whole(
            _step_items_first, says="the user moves by the *new* y_i and y_j", headline=True
        ),
        "nothing_written": Whole(_step_without_writing, says="Nothing changed"),
        "uphill": Edit("x_u[f] += lr * weight * (y - z)", "x_u[f] -= lr * weight * (y - z)", says="uphill"),
        "all_uphill": Edit("for f in range", "lr = -lr\n    for f in range", says="uphill"),
        "user_ignores_the_violator": Edit("(y - z)", "y", says="moves by y_i alone"),
        "violator_stays": Edit("y_j[f] -= lr * weight * x", "pass", says="did not move"),
        "violator_pulled": Edit("y_j[f] -= lr", "y_j[f] += lr", says="moves towards the user"),
        "user_stays": Edit("x_u[f] += lr * weight * (y - z)", "pass", says="the user's row did not move"),
        "weight_forgotten": Edit(
            "for f in range",
            "weight = 1.0\n    for f in range",
            says="The weight of 2 is left out",
            headline=True,
        ),
        "weight_on_the_user_only": Edit(
            "y_i[f] += lr * weight * x\n        y_j[f] -= lr * weight * x",
            "y_i[f] += lr * x\n        y_j[f] -= lr * x",
            says="multiplies the user's move alone",
        ),
        "weight_twice": Edit("for f in range", "weight **= 2\n    for f in range", says="counts twice"),
        "rate_forgotten": Edit("for f in range", "lr = 1.0\n    for f in range", says="learning rate"),
        "factor_left_out": Edit("range(len(x_u))", "range(1, len(x_u))"),
        "no_cap": Edit("if norm > max_norm", "if False", says="scale each of them back", headline=True),
        "always_to_the_cap": Edit("if norm > max_norm:", "if norm > 0:", says="a shorter one stays"),
        "cap_of_the_square": Edit("np.sqrt(row @ row)", "row @ row", says="max_norm 1.2"),
        "cap_to_1": Edit("max_norm / norm", "1 / norm", says="max_norm 1.2"),
        "cap_of_the_user_only": Edit(
            "(x_u, y_i, y_j):", "(x_u,):", says="y_i should have the length", headline=True
        ),
        "cap_of_the_items_only": Edit("(x_u, y_i, y_j):", "(y_i, y_j):", says="x_u should have the length"),
        "violator_not_capped": Edit("(x_u, y_i, y_j):", "(x_u, y_i):", says="y_j should have the length"),
        "cap_not_written": Whole(_step_cap_not_written, says="scale each of them back", headline=True),
        "cap_before_the_step": Whole(_step_caps_before),
        "cap_in_between": Whole(_step_caps_between),
        "cap_of_all_rows": Whole(_step_caps_all, says="no part in the step"),
        "clipped_entries": Whole(_step_clips),
        "only_within_the_margin": Edit(
            "for f in range",
            "if x_u @ (y_i - y_j) >= 1:\n        return\n    for f in range",
            says="the step is always taken",
        ),
        "times_the_hinge": Edit("for f in range", "weight *= 1 - x_u @ (y_i - y_j)\n    for f in range"),
        "cap_beyond_the_square": Edit("norm > max_norm", "norm > max_norm**2", says="max_norm"),
        "cap_of_the_greatest": Edit("np.sqrt(row @ row)", "np.max(np.abs(row))", says="max_norm 1.2"),
        "all_by_the_longest": Whole(_step_all_by_the_longest, says="max_norm 1.2"),
        "decay": Edit("y_i[f] += lr * weight * x", "y_i[f] += lr * (weight * x - 0.01 * y)"),
        "written_through_a_reshape": Edit(
            "x_u, y_i, y_j = X[u], Y[i], Y[j]",
            "x_u, y_i, y_j = X.reshape(-1).reshape(X.shape)[u], Y[i], Y[j]",
            says="X and Y in the order of Fortran",
        ),
    },
    "warp_epoch": {
        "losses_cut_off_at_100": Edit(
            "total_loss += weight * (1 - (scores[i] - scores[j]))",
            "total_loss += min(weight * (1 - (scores[i] - scores[j])), 100.0)",
            says="nothing clipped",
        ),
        "rank_from_max_trials": Edit(
            "estimate_rank(n_trials, R.shape[1])",
            "max_trials // n_trials",
            says="the size of the catalogue",
            headline=True,
        ),
        "catalogue_of_users": Edit("estimate_rank(n_trials, R.shape[1])", "estimate_rank(n_trials, len(X))"),
        "rank_for_weight": Edit(
            "rank_weight(estimate_rank(n_trials, R.shape[1]))", "1.0 * (R.shape[1] - 1)", headline=True
        ),
        "logarithm_for_weight": Edit(
            "rank_weight(estimate_rank(n_trials, R.shape[1]))",
            "np.log(max(1, estimate_rank(n_trials, R.shape[1])))",
        ),
        "weight_from_the_trials": Edit(
            "rank_weight(estimate_rank(n_trials, R.shape[1]))", "1 / n_trials", headline=True
        ),
        "not_weighted": Edit(
            "total_loss += weight * (", "total_loss += (", says="left out of the loss", headline=True
        ),
        "step_not_weighted": Edit("i, j, weight, lr", "i, j, 1.0, lr"),
        "unweighted_hinge_lost": Edit(
            "weight * (1 - (scores[i] - scores[j]))", "weight", says="the mean weight"
        ),
        "margin_forgotten": Edit("(1 - (scores[i] - scores[j]))", "max(0, scores[j] - scores[i])"),
        "hinge_other_way": Edit("(1 - (scores[i] - scores[j]))", "(1 + (scores[i] - scores[j]))"),
        "sum_for_mean": Edit("total_loss / R.nnz", "total_loss", says="this is the sum", headline=True),
        "mean_over_the_found": Edit(
            "total_loss / R.nnz", "total_loss / max(len(trials), 1)", says="take all pairs"
        ),
        "trials_of_all": Edit(
            "        if j >= 0:\n",
            "        trials.append(n_trials)\n        if j >= 0:\n            trials.pop()\n",
        ),
        "zero_trials_for_none": Edit('float("nan")', "0.0", says="so it is nan"),
        "in_the_users_order": Edit("rng.permutation(R.nnz)", "range(R.nnz)", says="one and the same order"),
        "with_replacement": Edit(
            "rng.permutation(R.nnz)", "rng.integers(R.nnz, size=R.nnz)", says="no order does"
        ),
        "one_pair_a_user": Edit(
            "rng.permutation(R.nnz)", "rng.permutation(R.indptr[:-1][np.diff(R.indptr) > 0])"
        ),
        "stale_scores": Whole(_epoch_stale, says="take the scores anew", headline=True),
        "on_copies": Whole(_epoch_copies),
        "loss_after_the_step": Whole(_epoch_first_max_trials, says="from before the step"),
        "other_positives_drawn": Edit(
            "is_positive[R.indices[R.indptr[u] : R.indptr[u + 1]]] = True",
            "is_positive[i] = True",
            says="Are *all* of the user's positives",
            headline=True,
        ),
        "positives_of_the_next": Edit(
            "R.indptr[u] : R.indptr[u + 1]]] = True",
            "R.indptr[u + 1] : ]] = True\n        is_positive[i] = True",
        ),
        "seen_only_if_liked": Edit(
            "is_positive[R.indices[R.indptr[u] : R.indptr[u + 1]]] = True",
            "is_positive[R[[u]].indices[R[[u]].data >= 4]] = True\n        is_positive[i] = True",
        ),
        "values_as_weights": Edit(
            "total_loss += weight",
            "total_loss += R.data[cell] / R.data.mean() * weight",
            says="used as weights",
        ),
        "no_cap": Edit("weight, lr, max_norm)", "weight, lr, np.inf)", says="Pass max_norm on"),
        "cap_of_1": Edit("weight, lr, max_norm)", "weight, lr, 1.0)"),
        "step_also_without_violator": Edit("        if j >= 0:\n", "        if True:\n", says="that j is −1"),
        "scores_of_the_item": Edit("scores = Y @ X[u]", "scores = Y @ Y[i]"),
        "binarised_in_place": Edit(
            "users = np.repeat", "R.data[:] = 1\n    users = np.repeat", says="R.data was changed"
        ),
        "loss_only": Edit(
            'return float(total_loss / R.nnz), float(np.mean(trials)) if trials else float("nan")',
            "return float(total_loss / R.nnz)",
            says="two numbers",
        ),
        "user_by_user": Edit(
            "rng.permutation(R.nnz)",
            "np.argsort(rng.permutation(R.shape[0])[users], kind='stable')",
            says="not the users",
        ),
        "forwards_or_backwards": Edit(
            "rng.permutation(R.nnz)", "range(R.nnz)[:: rng.choice([-1, 1])]", says="not the users"
        ),
        "global_order": Edit(
            "rng.permutation", "np.random.permutation", says="uses the global generator of NumPy"
        ),
        "search_of_its_own": Edit(
            "max_trials, rng)", "max_trials, np.random.default_rng())", says="Pass it on to find_violator"
        ),
        "search_in_old_scores": Whole(_epoch_searches_old_scores, says="the scores as they are *now*"),
        "zeros_are_no_pairs": Whole(_epoch_zeros_are_no_pairs, says="the stored value 0 is left out"),
        "rank_among_the_others": Edit(
            "estimate_rank(n_trials, R.shape[1])",
            "estimate_rank(n_trials, np.sum(~is_positive))",
            says="estimated from the items that are not positive",
        ),
        "rank_counted": Edit(
            "estimate_rank(n_trials, R.shape[1])",
            "np.sum(~is_positive & (1 + scores > scores[i]))",
            says="the number of items that are not positive",
        ),
        "search_without_margin": Edit("max_trials, rng)", "max_trials, rng, 0.0)"),
        "stored_zeros_left_out": Edit(
            "is_positive[R.indices[R.indptr[u] : R.indptr[u + 1]]] = True",
            "is_positive[:] = R.toarray()[u] != 0",
            says="whatever its value",
        ),
        "seed_of_its_own": Edit(
            "users = np.repeat",
            "rng = np.random.default_rng(0)\n    users = np.repeat",
            says="one and the same order",
        ),
        "from_the_seed": Edit(
            "    total_loss, trials",
            "    rng = np.random.default_rng(rng.bit_generator.seed_seq)\n    total_loss, trials",
            says="of its seed",
        ),
    },
}

ALTERNATIVES = {
    "precision_at_k": {"by_sets": _precision_by_sets, "loop": _precision_loop},
    "rank_weight": {"loop": _weight_loop, "exact_sum": _weight_exact},
    "estimate_rank": {"divmod": _rank_divmod, "int_of_floor": _rank_int},
    "find_violator": {"all_draws_at_once": _violator_by_choice, "by_rejection": _violator_by_rejection},
    "warp_step": {"whole_rows": _step_whole_rows, "moves_first": _step_moves_first},
    "warp_epoch": {"from_coo": _epoch_coo, "shuffled_pairs": _epoch_shuffled_pairs},
}
