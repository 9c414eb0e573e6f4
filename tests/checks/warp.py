"""What do the hidden checks of unit 07, WARP, ask of each exercise?"""

from __future__ import annotations

import itertools
import math

import numpy as np

from course_utils.checks.awkward import SIZES, item_lists, layouts, score_arrays
from course_utils.checks.call import call, number_of, refusal_of, result_of
from course_utils.checks.compare import all_close
from course_utils.checks.extremes import DIGITS, FAR, TINY, far_rows, moved_as_far, near
from course_utils.checks.fair import unlikely
from course_utils.checks.lines import within_lines
from course_utils.checks.together import numbers_for
from course_utils.checks.warp import (
    STOPS_EARLY,
    after_step,
    epoch_of,
    marked_cells,
    violator_of,
    violators_of,
)

# 7.1 precision_at_k


def check_precision_at_k_short_lists(precision_at_k):
    """A place that stays empty is a miss; nothing relevant is no hit; a list may be a list."""
    for ranked, relevant, k, wanted, why in [
        ([3, 1], [1, 3, 5], 5, 2 / 5, "two hits, and three empty places: divide by k, not by the two shown"),
        ([3], [8], 1, 0.0, "the one item shown is not relevant"),
        ([4, 2, 0], [0], 3, 1 / 3, "item 0 is an item like any other"),
        ([4, 2, 0], [0, 2, 4], 2, 1.0, "both places are hits"),
        ([4, 2, 0], [2], 3, 1 / 3, "one of three places: the number of relevant items does not count"),
        ([4, 2, 0], [], 3, 0.0, "nothing is relevant, so nothing is a hit"),
        ([], [2], 5, 0.0, "nothing is shown, so nothing is a hit"),
    ]:
        for kind in (list, lambda codes: np.array(codes, dtype=int)):
            label = f"precision_at_k ({ranked}, {relevant}, {k})"
            got = number_of(label, precision_at_k, kind(ranked), kind(relevant), k)
            assert np.isclose(got, wanted), (
                f"ranked {ranked}, relevant {relevant}, k = {k}: yours {got:.4g}, but {why}."
            )


def check_precision_at_k_counts_hits(precision_at_k, seed=0):
    """On random lists it is the number of hits among the first k, over k, in whatever order they are."""
    rng = np.random.default_rng(seed)
    for _ in range(20):
        ranked = rng.permutation(12)[: rng.integers(3, 12)]
        relevant, k = rng.permutation(12)[: rng.integers(1, 12)], int(rng.integers(1, 9))
        wanted = len(set(ranked[:k].tolist()) & set(relevant.tolist())) / k
        got = number_of("precision_at_k", precision_at_k, ranked, relevant, k)
        assert np.isclose(got, wanted), (
            f"ranked {ranked.tolist()}, relevant {relevant.tolist()}, k = {k}: wanted {wanted:.4g}; yours "
            f"{got:.4g}."
        )


def check_precision_at_k_awkward(precision_at_k, seed=0):
    """Lists of awkward kinds, codes beyond 16 bits, and places from 1 to more than there are items."""
    got = number_of("precision_at_k (codes of 70,000)", precision_at_k, [69_999, 4_464, 3], [4_463, 3], 3)
    assert near(got, 1 / 3), (
        f"ranked [69999, 4464, 3], relevant [4463, 3]: one hit in three; yours {got:.9g}."
    )
    for n_items in (9, 300):
        ranked = np.random.default_rng([seed, n_items]).permutation(n_items)
        asked = [
            (f"precision_at_k ({n_items} items, relevant: {kind}, k = {k})", (given, relevant, k))
            for kind, relevant in item_lists(n_items, seed, repeated=False).items()
            for given in (ranked, ranked.tolist())
            for k in (1, 4, 257, 1_001, 20_001)
        ]
        for (label, (_, relevant, k)), got in zip(asked, numbers_for(precision_at_k, asked), strict=True):
            wanted = len(set(ranked[:k].tolist()) & {int(item) for item in relevant}) / k
            assert near(got, wanted), f"{label}: wanted {wanted:.9g}, yours {got:.9g}."


# 7.2 rank_weight


def check_rank_weight_increments(rank_weight, seed=0):
    """From each rank to the next it grows by 1/rank, as far as the last film of a large catalogue."""
    last = 20_000 + int(np.random.default_rng(seed).integers(5_000))
    ranks = [1, 2, 3, 5, 10, 27, 100 + last % 83, 900 + last % 97, last]
    for rank in ranks:
        weight, before = (number_of(f"rank_weight (of {r})", rank_weight, r) for r in (rank, rank - 1))
        step = weight - before
        assert np.isclose(step, 1 / rank, rtol=1e-3, atol=1e-6), (  # as near as single precision comes
            f"L({rank}) − L({rank - 1}) should be 1/{rank} = {1 / rank:.6g}; yours is {step:.6g}."
        )
    for rank in (1_010 + last % 83, last):
        got, wanted = number_of(f"rank_weight (of {rank:,})", rank_weight, rank), _harmonic(rank)
        assert abs(got - wanted) < 1e-4, (
            f"L({rank:,}) should be the sum of 1/s over all s up to it; yours is {got:.5f}, off by "
            f"{got - wanted:.2g}."
        )
        assert abs(got - wanted) < 1e-9, (
            f"L({rank:,}) = {wanted:.12f}; yours is off by {got - wanted:.1g}. Add up fractions in float64: "
            "the logarithm with some terms of its series is an approximation, and so is float32."
        )


def _harmonic(rank):
    return math.fsum(1 / s for s in range(1, rank + 1))


# 7.3 estimate_rank


def check_estimate_rank_is_floor(estimate_rank, seed=0):
    """A whole number, rounded down, for every size and every number of trials; 0 beyond the catalogue."""
    got = number_of("estimate_rank (30, 20)", estimate_rank, 30, 20)
    assert got == 0, (
        f"20 items and 30 trials: ⌊19/30⌋ = 0, hardly anything is above the positive item; yours {got}."
    )
    more = np.random.default_rng(seed).integers([50, 100], [100, 2000]).tolist()
    for n_items, n_trials in itertools.product([2, 3, 10, *more, 2**24 + 2, 10**9], [1, 2, 3, 7, 13, 200]):
        got = result_of(f"estimate_rank ({n_trials}, {n_items})", estimate_rank, n_trials, n_items)
        story = f"{n_items} items, {n_trials} trials"
        assert float(got).is_integer(), f"{story}: yours is {got}. A rank is a whole number, rounded down."
        assert got * n_trials <= n_items - 1 < (got + 1) * n_trials, (
            f"{story}: wanted ⌊{n_items - 1}/{n_trials}⌋, the greatest whole number whose {n_trials}-fold is "
            f"at most {n_items - 1}; yours {got}."
        )
        assert not isinstance(got, (float, np.floating)), (
            f"{story}: yours is {got!r}, a float; return an int (// on ints gives one), so that it can count."
        )


# 7.4 find_violator


def check_find_violator_margin(find_violator, seed=0):
    """An item violates if margin + s_j > s_i: at exactly the margin below it does not."""
    is_positive = np.array([True, False])
    for own, other, margin, violates in [
        (2.0, 1.25, 1.0, True),
        (2.0, 1.0, 1.0, False),  # exactly the margin below
        (-2.0, -1.5, 1.0, True),  # above
        (-2.0, 3.0, 1.0, True),  # far above
        (-2.0, -3.5, 1.0, False),
        (-2.0, -2.5, 1.0, True),
        (2.0, 1.25, 0.5, False),
        (2.0, -0.5, 3.0, True),
        (0.0, 0.0, 0.0, False),
    ]:
        given = np.array([own, other]), 0, is_positive, 3, np.random.default_rng(seed), margin
        j, _ = violator_of(find_violator, *given, may_loop=not violates)
        relation = ">" if violates else "is not >"
        assert (j == 1) == violates, (
            f"Positive {own}, other {other}, margin {margin}: {margin} + {other} {relation} {own}, so that "
            f"the other {'violates' if violates else 'does not violate'}; yours returned {j}."
        )


def check_find_violator_with_replacement(find_violator, seed=0):
    """Every trial draws among all negatives, also those that were drawn before."""
    scores, is_positive = np.array([5.0, 9.0, 9.0, -9.0, -9.0, 5.0]), np.array([True] * 3 + [False] * 3)
    rng, found, trials = np.random.default_rng(seed), 0, []
    # Three negatives, one of which violates: three trials miss it in 30 % of the cases.
    for j, n_trials in violators_of(find_violator, scores, 0, is_positive, 3, rng, times=150):
        assert j in (-1, 5), f"Only item 5 is no positive and within the margin; yours returned {j}."
        assert j == 5 or n_trials == 3, f"No violator after 3 trials: wanted (-1, 3), yours (-1, {n_trials})."
        assert n_trials <= 3, f"Three trials are allowed; yours drew {n_trials} items."
        found += j == 5
        trials.append(n_trials)
    assert found < 150, (
        "Of three negatives one violates, and in 150 searches of 3 trials yours found it every time: each "
        "trial draws among *all* negatives anew, with replacement."
    )
    # The chance to find it is 1 − (2/3)³ = 0.70; six standard deviations are 0.22.
    assert abs(found / 150 - 19 / 27) < 0.23, (
        f"One of three negatives violates: 3 trials find it in 70 % of the cases, yours in "
        f"{found / 1.5:.0f} %."
    )
    assert {1, 2, 3} <= set(trials), f"The number of trials should vary, from 1 to 3; yours: {set(trials)}."
    # Each search of 100 trials misses the violator with a chance of 10⁻¹⁸.
    for j, _ in violators_of(find_violator, scores, 0, is_positive, 100, rng, times=30):
        assert j == 5, (
            "One of three negatives violates, and a search of 100 trials found nothing: go on until "
            "`max_trials`, also where that is more than there are items."
        )


def check_find_violator_is_uniform(find_violator, seed=0):
    """Every violator is as likely as any other, the first and the last item of the catalogue included."""
    scores, rng = np.array([1.0, 1.5, 1.2, 8.0, 0.5, 1.0]), np.random.default_rng(seed)
    is_positive = np.array([False, False, True, False, True, False])
    drawn = [j for j, _ in violators_of(find_violator, scores, 2, is_positive, 20, rng, times=240)]
    counts = np.bincount(np.array(drawn) + 1, minlength=7)[1:]
    assert counts[[2, 4]].sum() == 0, "A positive item was returned: draw among the others."
    for item in (0, 1, 3, 5):
        # 60 of 240 are expected, give or take 6.7; a bound of six times that.
        assert 20 <= counts[item] <= 100, (
            "Items 0, 1, 3 and 5 all violate and are drawn equally often, about 60 times in 240; yours "
            f"drew item {item} {counts[item]} times."
        )


def check_find_violator_randomness(find_violator, seed=0):
    """What is drawn comes from ``rng`` and from nothing else."""
    n = 40
    scores, is_positive = np.zeros(n), np.arange(n) == 7

    def draws(*entropy):
        rng = np.random.default_rng(entropy)
        return [j for j, _ in violators_of(find_violator, scores, 7, is_positive, 5, rng, times=25)]

    first = draws(seed, 0)
    assert first == draws(seed, 0), (
        "The same rng gave different items: draw from `rng` alone, not from np.random or random."
    )
    assert first != draws(seed, 1) and len(set(first)) > 1, (
        "Another rng gave the same items: draw from the `rng` that you are given."
    )


def check_find_violator_refuses_full(find_violator, seed=0):
    """A user for whom everything is positive has nothing to draw: that is an error, not a search for ever."""
    rng = np.random.default_rng(seed)
    violator_of(find_violator, np.zeros(4), 1, np.arange(4) < 3, 5, rng)
    bounded = within_lines("find_violator", STOPS_EARLY, find_violator)
    message = refusal_of(
        "find_violator", "every item is positive", bounded, np.zeros(4), 1, np.ones(4, dtype=bool), 5, rng
    )
    assert message, "The ValueError is empty: say in it that every item is positive."
    # What NumPy says of rng.choice, integers and random of nothing
    assert not any(words in message for words in ("cannot be empty", "high <= 0", "low >= high")), (
        f"The ValueError is NumPy's, of drawing from nothing ({message}), and tells nobody that every item "
        "is positive: look for that case before you draw, and say it."
    )


def check_find_violator_awkward(find_violator, seed=0):
    """Awkward scores: who violates does so by the formula, however near or far the scores are."""
    rng = np.random.default_rng([seed, 5])
    for case, scores in score_arrays(seed).items():
        n_items = len(scores)
        is_positive = rng.random(n_items) < 0.3
        positive = int(np.argsort(scores, kind="stable")[n_items // 3])  # some are above it, some below
        is_positive[positive] = True
        if is_positive.all():
            continue
        for margin in (1.0, 0.0):
            violates = ~is_positive & (margin + scores > scores[positive])
            label = f"find_violator (scores: {case}, margin {margin:g})"
            for max_trials in (1, 30, 300):
                j, n_trials = violator_of(
                    find_violator, scores, positive, is_positive, max_trials, rng, margin, may_loop=True
                )
                assert 1 <= n_trials <= max_trials, f"{label}: {n_trials} trials of at most {max_trials}."
                assert j == -1 or violates[j], (
                    f"{label}: item {j} is positive, or does not violate the margin."
                )
                assert j >= 0 or n_trials == max_trials, (
                    f"{label}: without a violator all trials are counted."
                )
                # 300 trials miss one violator of eight negatives with a chance of 10⁻¹⁷.
                certain = violates.all(where=~is_positive) or (max_trials == 300 and n_items <= 9)
                assert j >= 0 or not certain or not violates.any(), (
                    f"{label}: {violates.sum()} negatives violate; in {max_trials} trials yours found none."
                )


def check_find_violator_fair(find_violator, seed=0):
    """Catalogues just beyond a byte, a thousand, 15 and 16 bits: no range is cut; the search goes on.

    Right work fails once in a million times at most: see `unlikely`.
    """
    rng = np.random.default_rng([seed, 6])
    for n_items in (180, *(size + size // 2 for size in SIZES)):
        scores, is_positive = np.zeros(n_items), np.zeros(n_items, dtype=bool)
        is_positive[rng.permutation(n_items)[:3]] = True
        # Of n = ¾·2^p items the first third comes half of the time by `% n` of a number below 2^p: 600 draws
        # show that bias. 45 show a range that is cut; more would take a list of all items too long.
        n_draws = 600 if n_items < 1_000 else 45
        positive = int(np.flatnonzero(is_positive)[0])
        found = violators_of(find_violator, scores, positive, is_positive, 5, rng, times=n_draws)
        codes = np.array([j for j, _ in found])
        free = np.flatnonzero(~is_positive)
        for part, (low, high) in {
            "first third": (0, n_items // 3),
            "first half": (0, n_items // 2),
            "last third": (2 * n_items // 3, n_items),
        }.items():
            share = np.mean((free >= low) & (free < high))
            came = int(np.sum((codes >= low) & (codes < high)))
            assert not len(unlikely(came, n_draws, share)), (
                f"All negatives of {n_items:,} items violate; of {n_draws} that yours drew {came} are in the "
                f"{part}, about {share * n_draws:.0f} should be (a range of 256 or 1,000 cuts some off)."
            )
    # One of 20,000 negatives violates: 900,000 trials miss it with a chance of 10⁻¹⁹.
    scores, is_positive = np.full(20_001, -9.0), np.arange(20_001) == 0
    scores[[0, 777]] = 0.0
    for _ in range(3):
        j, _ = violator_of(find_violator, scores, 0, is_positive, 900_000, rng)
        assert j == 777, (
            f"Of 20,000 negatives item 777 violates, and 900,000 trials are allowed; yours returned {j}: go "
            "on until `max_trials`, however many that are."
        )
    scores[777] = -9.0
    got = violator_of(find_violator, scores, 0, is_positive, 1_500, rng, may_loop=True)
    assert got == (-1, 1_500), f"No negative violates in 1,500 trials: wanted (-1, 1500), yours {got}."


# 7.5 warp_step

_STEP_MISTAKES = {
    "up": "the step goes up the gradient: the positive item should move towards the user",
    "new user": "the items move by the *new* x_u. X[u] is a view, no copy: it changed when X did",
    "new items": "the user moves by the *new* y_i and y_j: all gradients are at the old values",
    "no weight": "the weight is left out",
    "weight on the user only": "the weight multiplies the user's move alone: all three moves have it",
    "weight squared": "the weight counts twice",
    "no rate": "the learning rate is left out",
    "violator stays": "the violator's row did not move: it is pushed away from the user",
    "violator pulled": "the violator moves towards the user: its gradient has the other sign",
    "user ignores violator": "the user moves by y_i alone: towards y_i − y_j is away from the violator",
    "users stay": "the user's row did not move",
}


def _stepped(X, Y, u, i, j, weight, lr, mistake="none"):
    """Factors after a step without a cap: right, or with a mistake that is known from many notebooks."""
    new_X, new_Y = X.copy(), Y.copy()
    a = {"up": -lr * weight, "no weight": lr, "no rate": weight, "weight squared": lr * weight**2}.get(
        mistake, lr * weight
    )
    b = lr if mistake == "weight on the user only" else a
    new_X[u] = X[u] + a * (Y[i] if mistake == "user ignores violator" else Y[i] - Y[j])
    if mistake == "users stay":
        new_X[u] = X[u]
    x = new_X[u] if mistake == "new user" else X[u]
    new_Y[i] = Y[i] + b * x
    new_Y[j] = Y[j] + b * x * {"violator stays": 0, "violator pulled": 1}.get(mistake, -1)
    if mistake == "new items":
        new_X[u] = X[u] + a * (new_Y[i] - new_Y[j])
    return new_X, new_Y


def check_warp_step_is_minus_the_gradient(warp_step, seed=0):
    """At η = 1 every row moves by minus its derivative of weight · (margin − d) (central differences)."""
    rng = np.random.default_rng(seed)
    X, Y, u, i, j, weight = rng.normal(size=(4, 3)), rng.normal(size=(6, 3)), 2, 4, 1, 2.5
    after = after_step(warp_step, X, Y, u, i, j, weight, 1.0, 1e6)

    def loss(X, Y):
        return weight * (1 - X[u] @ (Y[i] - Y[j]))

    for name, part in [("X", 0), ("Y", 1)]:
        before = (X, Y)[part]
        gradient = np.zeros_like(before)
        for cell in np.ndindex(gradient.shape):
            up, down = [X.copy(), Y.copy()], [X.copy(), Y.copy()]
            up[part][cell] += 1e-5
            down[part][cell] -= 1e-5
            gradient[cell] = (loss(*up) - loss(*down)) / 2e-5
        if not np.allclose(after[part] - before, -gradient, atol=1e-6):
            for mistake, sentence in _STEP_MISTAKES.items():
                wrong = _stepped(X, Y, u, i, j, weight, 1.0, mistake)
                assert not all_close(after, wrong), f"The factors moved, but {sentence}."
            raise AssertionError(
                f"At η = 1, {name} should move by minus its gradient,\n{0 - np.round(gradient, 4)}; yours "
                f"moved by\n{np.round(after[part] - before, 4)}."
            )


def check_warp_step_rate_and_weight(warp_step, seed=0):
    """η and the weight multiply the whole move; a weight of 0 moves nothing; other rows stay."""
    rng = np.random.default_rng(seed)
    X, Y = rng.normal(size=(3, 4)), rng.normal(size=(5, 4))
    lead = Y[2] - Y[3]
    X[1] = 2 * lead / (lead @ lead)  # d = 2: item 3 would violate a margin above 2 only
    for u, i, j, weight, lr in [
        (1, 2, 3, 1.5, 0.1),
        (1, 2, 3, 0.0, 0.1),
        (0, 0, 4, 3.0, 0.05),
        (2, 4, 0, 0.5, 0.2),
    ]:
        after = after_step(warp_step, X, Y, u, i, j, weight, lr, 1e6)
        wanted = _stepped(X, Y, u, i, j, weight, lr)
        if not all_close(after, wanted):
            assert weight == 0 or not all_close(after, (X, Y)), (
                f"Nothing moved, where item {i} leads by d = {X[u] @ (Y[i] - Y[j]):.2f}. Who violates was "
                "decided by the search, with its margin; the step is always taken."
            )
            for mistake, sentence in _STEP_MISTAKES.items():
                wrong = _stepped(X, Y, u, i, j, weight, lr, mistake)
                assert not all_close(after, wrong), f"The factors moved, but {sentence}."
            rows = [np.flatnonzero((a != b).any(axis=1)) for a, b in zip(after, (X, Y), strict=True)]
            raise AssertionError(
                f"A step of user {u}, items {i} and {j} with weight {weight} and η = {lr} moves X[{u}] and Y "
                f"at {sorted([i, j])} by η · weight times a difference of rows; yours moved rows {rows[0]} "
                f"of X and {rows[1]} of Y, by other numbers."
            )


def check_warp_step_cap(warp_step, seed=0):
    """A row that the step made too long is scaled back to max_norm; its direction stays; shorter rows do."""
    rng = np.random.default_rng(seed)
    u, i, j, lr = 1, 0, 4, 0.4
    for weight, length in [
        (0.1, 3.0),
        (1.5, 3.0),
        (6.0, 3.0),
        (0.1, 0.4),
        (6.0, 0.4),
        (0.001, 1.3),
        (0.0, 1.2005),
        (0.0, 3.0),
    ]:
        X, Y = rng.normal(size=(3, 4)), rng.normal(size=(5, 4))
        # 3 is too long before the step already, 0.4 at most afterwards; 1.3 is between 1.2 and its square.
        for row in (X[u], Y[i], Y[j]):
            row *= length / np.linalg.norm(row)
        X[2] *= 9.0 / np.linalg.norm(X[2])  # too long, but not part of the step
        free = _stepped(X, Y, u, i, j, weight, lr)
        capped = free[0].copy(), free[1].copy()
        for part, row in [(0, u), (1, i), (1, j)]:
            norm = math.sqrt(sum(capped[part][row] ** 2))
            capped[part][row] *= min(1.0, 1.2 / norm)
        after = after_step(warp_step, X, Y, u, i, j, weight, lr, 1.2)
        assert all_close(capped, free) or not all_close(after, free), (
            "The rows are longer than max_norm after the step: scale each of them back to that length."
        )
        for part, row, name in [(0, 2, "X[2]"), (0, u, "x_u"), (1, i, "y_i"), (1, j, "y_j")]:
            got, wanted = after[part][row], capped[part][row]
            length, right = np.linalg.norm(got), np.linalg.norm(wanted)
            assert row != 2 or np.allclose(got, wanted), (
                "A row that has no part in the step was scaled: cap rows u, i and j only."
            )
            assert np.allclose(got, wanted, atol=1e-6), (
                f"max_norm 1.2: {name} should have the length {right:.3f} and yours has {length:.3f}"
                + (", in another direction." if np.isclose(length, right) else ".")
                + " After the step, a row longer than max_norm is multiplied by max_norm / its length; a "
                "shorter one stays as it is."
            )


def check_warp_step_awkward(warp_step, seed=0):
    """The step is written into arrays of any layout, the cap too; rows of zeros stay without a warning."""
    rng = np.random.default_rng([seed, 5])
    X, Y = rng.normal(size=(4, 3)), rng.normal(size=(6, 3))
    for layout in layouts(X):
        for max_norm in (1e6, 0.5):
            factors = [layouts(each)[layout] for each in (X, Y)]
            if not factors[0].flags.writeable:
                continue
            call(f"warp_step (X and Y {layout})", warp_step, *factors, 3, 0, 5, 1.5, 0.1, max_norm)
            wanted = _stepped(X, Y, 3, 0, 5, 1.5, 0.1)
            for part, rows in ((wanted[0], [3]), (wanted[1], [0, 5])):
                for row in rows:
                    part[row] *= min(1, max_norm / np.linalg.norm(part[row]))
            assert all_close(factors, wanted), (
                f"warp_step (X and Y {layout}, cap {max_norm:g}): the factors are not what they should be "
                "after the step. Write into the rows themselves: `reshape` and `ravel` may copy."
            )
    zeros = np.zeros((2, 3)), np.zeros((3, 3))
    call("warp_step (all factors 0)", warp_step, *zeros, 1, 0, 2, 1.0, 0.1, 2.0)
    assert not np.any(zeros[0]) and not np.any(zeros[1]), "Where all factors are 0 nothing moves: no nan."
    # x and y_i from 1e-8 to 1e8; weights and rates far out; rows that are short, and a little too long.
    x, y = far_rows(seed)
    for weight, lr, max_norm in [
        (1.5, 0.1, np.inf),
        (FAR, 0.1, np.inf),
        (TINY, 0.1, np.inf),
        (2.0, TINY, 1.0),
    ]:
        before = np.array([x, x / 2]), np.array([y, -y / 3, y / 2])
        after, wanted = (before[0].copy(), before[1].copy()), _stepped(*before, 0, 0, 1, weight, lr)
        label = f"warp_step (factors from 1e-8 to 1e8, weight {weight:g}, η = {lr:g}, cap {max_norm:g})"
        call(label, warp_step, *after, 0, 0, 1, weight, lr, max_norm)
        for row in (wanted[0][0], wanted[1][0], wanted[1][1]):
            row *= min(1.0, max_norm / np.linalg.norm(row))
        moved_as_far(label, "XY", after, before, wanted)
    for cap in (1e-7, 1.0, FAR):
        rows = rng.normal(size=(3, 4))
        rows *= cap * (1 + 1e-7) / np.linalg.norm(rows, axis=1, keepdims=True)
        factors = rows[:1].copy(), rows[1:].copy()
        call(f"warp_step (rows of {cap:g} and a little more)", warp_step, *factors, 0, 0, 1, 0.0, 0.1, cap)
        lengths = np.linalg.norm(np.vstack(factors), axis=1)
        assert np.allclose(lengths, cap, rtol=1e-9, atol=0), (
            f"A row of {cap * (1 + 1e-7):.9g}, cap {cap:g}: it is scaled back to the cap, and nothing is "
            f"added to its length; yours are {lengths}."
        )


# 7.6 warp_epoch


def _each_in_turn(X, Y, order, negatives, lr):
    """Factors and mean loss after the pairs in this order, for users with a single item to draw."""
    loss = 0.0
    for u, i in order:  # found at the first trial among three items: weight L(2) = 1.5
        loss += 1.5 * (1 - X[u] @ (Y[i] - Y[negatives[u]])) / len(order)
        X, Y = _stepped(X, Y, u, i, negatives[u], 1.5, lr)
    return (X, Y), loss


def check_warp_epoch_some_order(warp_epoch, seed=0):
    """With one item to draw for each user, order is all that is left to chance: some order explains all."""
    rng = np.random.default_rng(seed)
    cells, negatives, lr = [(0, 0), (0, 1), (2, 1), (2, 2)], {0: 2, 2: 0}, 0.2  # user 1 has no positive
    # Factors so small that every lead is below the margin, before and after each step.
    R, X, Y = marked_cells(cells, (4, 3)), rng.normal(size=(4, 2)) / 6, rng.normal(size=(3, 2)) / 6
    orders = list(itertools.permutations(cells))
    outcomes = [_each_in_turn(X, Y, order, negatives, lr) for order in orders]
    before = sum(_each_in_turn(X, Y, [cell], negatives, lr)[1] for cell in cells) / len(cells)
    seen = set()
    for draw in range(12):
        after = X.copy(), Y.copy()
        loss, _ = epoch_of(warp_epoch, R, *after, lr, 4, 1e6, np.random.default_rng([seed, draw]))
        assert np.array_equal(after[0][1], X[1]), "User 1 has no positive item and should not move."
        fits = [n for n, (outcome, _) in enumerate(outcomes) if all_close(after, outcome)]
        assert fits, (
            "Four pairs, one other item each: every pair once, in some order, each step with the weight L(2) "
            "from where the one before ended, must give your factors, and no order does. (Drawn with "
            "replacement? Old factors or another weight used?)"
        )
        assert any(np.isclose(loss, outcomes[n][1]) for n in fits), (
            f"The factors are right, but the loss should be {outcomes[fits[0]][1]:.4f}, the mean weighted "
            f"hinge of the four pairs, each from *before* its own step; yours {loss:.4f} (all from before "
            f"the epoch: {before:.4f})."
        )
        seen.add(orders[fits[0]])
    assert len(seen) > 1, (
        "Twelve different rngs gave one and the same order: go through the pairs in random order, or the "
        "last user always has the last word."
    )
    # Two thirds of all orders leave a user and return: that none of twelve does has a chance of 10⁻⁶.
    assert any(order[0][0] != order[1][0] or order[2][0] != order[3][0] for order in seen), (
        "In twelve epochs each user's pairs came one right after the other: shuffle the *pairs*, not the "
        "users."
    )


def check_warp_epoch_fresh_scores(warp_epoch, seed=0):
    """The search of a user's second pair sees what the step of the first one has done."""
    R, X, Y = marked_cells([(0, 0), (0, 1)], (1, 3)), np.array([[1.0]]), np.full((3, 1), 0.5)
    # d = 0: item 2 violates, weight L(2) = 1.5. After the step at η = 1 it scores −1, the other item 0.5.
    loss, _ = epoch_of(warp_epoch, R, X, Y, 1.0, 5, 1e6, np.random.default_rng(seed))
    assert not np.isclose(loss, 1.5), (
        "Both pairs have the loss of before the epoch: take the scores anew for each pair."
    )
    assert np.isclose(loss, 0.75) and np.isclose(Y[2, 0], -1), (
        "Two pairs of one user, alike. The first step puts item 2 so far down that for the second pair it is "
        f"no violator: the loss is (1.5 + 0) / 2 = 0.75, y of item 2 becomes −1; yours {loss:.4f} and "
        f"{Y[2, 0]:.4f}. Does the search get the scores as they are *now*?"
    )


def check_warp_epoch_searches(warp_epoch, seed=0):
    """The violator is searched as in exercise 7.4, and the later it comes the less it weighs."""
    n, lr = 5, 0.1
    R, X = marked_cells([(0, 2)], (1, n)), np.array([[1.0, 0.0]])
    Y = np.array([[-5.0, 1], [-5.0, 2], [1.0, 0], [0.5, 3], [-5.0, 4]])
    # Only item 3 violates, by 1 − 0.5 = 0.5. After 1, 2, 3, 4 trials: ranks 4, 2, 1, 1; later: 0.
    weights = {1: 25 / 12, 2: 1.5, 3: 1.0, 4: 1.0, 5: 0.0, 6: 0.0}
    numbers = []
    for draw in range(60):
        after = X.copy(), Y.copy()
        loss, trials = epoch_of(warp_epoch, R, *after, lr, 6, 1e6, np.random.default_rng([seed, draw]))
        if math.isnan(trials):
            assert loss == 0 and all_close(after, (X, Y)), (
                "Nothing violated in six trials: the loss is 0 and no row moves."
            )
            continue
        assert trials in weights, f"One pair, at most 6 trials: trials is their number; yours {trials}."
        weight = weights[trials]
        assert np.isclose(loss, weight * 0.5), (
            f"5 items, item 3 found at trial {trials:.0f}: rank ⌊4/{trials:.0f}⌋, weight {weight:.4f}, hinge "
            f"0.5; the loss is {weight * 0.5:.4f}, yours {loss:.4f}."
        )
        assert all_close(after, _stepped(X, Y, 0, 2, 3, weight, lr)), (
            f"The step of item 3, found at trial {trials:.0f}, should have the weight {weight:.4f}."
        )
        numbers.append(trials)
    # The chance of each search to find nothing is 0.75⁶ = 0.18, that to find it at trial 2 is 0.19.
    assert {1, 2} <= set(numbers), f"The number of trials should vary with luck; yours: {set(numbers)}."
    assert len(numbers) < 60, (
        "Sixty searches of six trials each, with one violator among four items, and yours found one every "
        "time: is an item taken that does not violate?"
    )
    _losses_far_out(warp_epoch, seed)
    # One violator among a thousand items: 20,000 trials miss it with a chance of 10⁻⁹.
    R, X, Y = marked_cells([(0, 0)], (1, 1_002)), np.ones((1, 1)), np.full((1_002, 1), -9.0)
    Y[[0, 777]] = 0.0
    _, trials = epoch_of(warp_epoch, R, X, Y, 0.0, 20_000, 100.0, np.random.default_rng(seed))
    assert trials >= 1, (
        "Of 1,001 negatives one violates, 20,000 trials are allowed, yours found none: hand max_trials on."
    )


def _losses_far_out(warp_epoch, seed):
    """One pair, all negatives alike: the loss is L(n − 1) times the hinge, however large or small it is."""
    for n, own, other in [(3, 0.0, FAR / 7), (3, -FAR, FAR / 7), (3, 1e6, 1e6 + 1e-3), (20_001, 0.0, 0.0)]:
        R, X, Y = marked_cells([(0, 0)], (1, n)), np.ones((1, 1)), np.full((n, 1), other)
        Y[0] = own
        given = R, X, Y, 1e-30, 1, np.inf, np.random.default_rng(seed)
        loss, wanted = epoch_of(warp_epoch, *given)[0], _harmonic(n - 1) * (1 - (own - other))
        assert near(loss, wanted, digits=8), (
            f"{n:,} items, the positive one scores {own:g} and each other {other:.10g}: the loss is "
            f"{wanted:.10g}, yours {loss:.10g}. {DIGITS}"
        )


def check_warp_epoch_no_violator(warp_epoch, seed=0):
    """Other positives of a user never count as violators; if nothing violates, nothing moves."""
    R, X = marked_cells([(0, 0), (0, 2)], (2, 4), values=[5.0, 0.0]), np.ones((2, 1))  # 0 is stored, too
    Y = np.array([[4.0], [0.0], [3.5], [1.0]])
    before = X.copy(), Y.copy()
    loss, trials = epoch_of(warp_epoch, R, X, Y, 0.1, 40, 100.0, np.random.default_rng(seed))
    assert not trials >= 1, (
        "Only the user's other positive comes within the margin, and it is no violator; yours found one. "
        "Are *all* of the user's positives left out of the draws, every stored cell, whatever its value? "
        "Does it matter that j is −1?"
    )
    assert loss == 0 and all_close((X, Y), before), (
        f"Without a violator no row moves, and the loss is 0; yours {loss}."
    )
    assert math.isnan(trials), (
        f"trials is the mean over the violators found; there is none, so it is nan; yours {trials}."
    )
    kinds = [type(part) for part in warp_epoch(R, X, Y, 0.1, 2, 100.0, np.random.default_rng(seed))]
    assert str not in kinds, (
        "The loss and the mean number of trials are numbers; yours: a text. float('nan')?"
    )


def check_warp_epoch_trials(warp_epoch, seed=0):
    """The mean number of trials is over the pairs that found a violator; the loss over all pairs."""
    # User 0's negatives all violate at once; user 1's never do.
    R, X = marked_cells([(0, 0), (1, 0)], (2, 4)), np.array([[0.0], [3.0]])
    Y = np.array([[1.0], [0.0], [0.0], [0.0]])
    loss, trials = epoch_of(warp_epoch, R, X, Y, 0.0, 8, 100.0, np.random.default_rng(seed))
    weight = 11 / 6  # found at the first trial among four items: L(3)
    assert not np.isclose(trials, 4.5), (
        "trials is 4.5, the mean of 1 and of the 8 trials that found nothing: average over the violators "
        "found."
    )
    assert np.isclose(trials, 1), f"User 0 needs one trial, user 1 finds nothing: wanted 1; yours {trials}."
    assert not np.isclose(loss, weight), (
        f"The loss {loss:.4f} is the mean over the pairs that found a violator: take all pairs, with 0 for "
        "the others."
    )
    assert np.isclose(loss, weight / 2), (
        "Two pairs, one with weight L(3) = 11/6 and hinge 1, one without a violator: the mean is 11/12 = "
        f"0.9167; yours {loss:.4f}."
    )
    for draw in range(20):  # in whatever order the two come
        loss, _ = epoch_of(warp_epoch, R, X, Y, 0.0, 8, 100.0, np.random.default_rng([seed, draw]))
        assert np.isclose(loss, weight / 2), (
            f"In another order of the pairs the loss is {loss:.4f}, and it is 11/12 in any. Does it go "
            "after a pair without a violator?"
        )
    # Users 0 and 2 find a violator at every trial, user 1 at one of three: the mean is seldom a whole number.
    R, X = marked_cells([(0, 0), (1, 1), (2, 0)], (3, 4)), np.array([[0.0], [3.0], [0.0]])
    Y = np.array([[0.0], [1.0], [0.0], [0.9]])
    means = [
        epoch_of(warp_epoch, R, X.copy(), Y.copy(), 0.0, 50, 100.0, np.random.default_rng([seed, draw]))[1]
        for draw in range(40)
    ]
    assert any(mean != int(mean) for mean in means), (
        "Two pairs find their violators at the first trial, one at the first, second, third, …: in forty "
        f"epochs your mean number of trials was never between two whole numbers, but {sorted(set(means))}."
    )
    # Items 1 and 2 are alike for user 0, but only item 1 violates: it is drawn, though it is user 1's.
    R, X, Y = (
        marked_cells([(0, 0), (1, 1)], (2, 3)),
        np.array([[1.0], [0.0]]),
        np.array([[3.0], [2.5], [0.0]]),
    )
    draws = [np.random.default_rng([seed, draw]) for draw in range(40)]
    losses = [epoch_of(warp_epoch, R, X, Y, 0.0, 20, 100.0, rng)[0] for rng in draws]
    # Found at the first trial it has the weight L(2) = 1.5, at the second L(1) = 1: three times in four.
    assert any(np.isclose(loss, (0.5 * w + 1.5) / 2) for loss in losses for w in (1.5, 1.0)), (
        "User 0's only violator is item 1, with the hinge 0.5, which is user 1's positive item and not user "
        "0's; in forty epochs yours never found it. Leave out the positives of the *user*."
    )


def check_warp_epoch_randomness(warp_epoch, seed=0):
    """The order and the draws come from ``rng`` and from nothing else."""
    users, items = np.divmod(np.arange(0, 30, 3), 6)
    R = marked_cells(np.column_stack([users, items]), (5, 6))

    def factors_after(*entropy):
        rng = np.random.default_rng(seed)
        X, Y = rng.normal(size=(5, 2)) / 3, rng.normal(size=(6, 2)) / 3
        epoch_of(warp_epoch, R, X, Y, 0.1, 5, 1e6, np.random.default_rng(entropy))
        return X, Y

    first, again = factors_after(seed, 0), factors_after(seed, 0)
    assert all_close(first, again), (
        "The same rng gave two different epochs: order and draws come from `rng` alone. Pass it on to "
        "find_violator, too, and use neither np.random nor an rng of your own."
    )
    assert not all_close(first, factors_after(seed, 1)), (
        "Another rng gave the same epoch: use the one that is given."
    )


def check_warp_epoch_cap(warp_epoch, seed=0):
    """After the epoch no row that moved is longer than max_norm; a user who began longer has that length."""
    rng = np.random.default_rng(seed)
    R, X, Y = (
        marked_cells([(0, 0), (1, 2), (2, 0)], (3, 5)),
        rng.normal(size=(3, 3)),
        rng.normal(size=(5, 3)) / 50,
    )
    X *= 2 / np.linalg.norm(X, axis=1, keepdims=True)
    before = np.vstack([X, Y])
    epoch_of(warp_epoch, R, X, Y, 0.7, 50, 0.8, rng)
    after = np.vstack([X, Y])
    longest = np.linalg.norm(after[(after != before).any(axis=1)], axis=1).max(initial=0.0)
    assert np.isclose(longest, 0.8), (
        "With η = 0.7 and max_norm = 0.8 the longest row that moved should end at 0.8; yours has the length "
        f"{longest:.3f}. Pass max_norm on to the step, which caps."
    )


def check_warp_epoch_generator_state(warp_epoch, seed=0):
    """The generator is used in its state: who has drawn from it before gets another epoch."""
    users, items = np.divmod(np.arange(0, 30, 3), 6)
    R = marked_cells(np.column_stack([users, items]), (5, 6))

    def factors_after(rng):
        start = np.random.default_rng(seed)
        X, Y = start.normal(size=(5, 2)) / 3, start.normal(size=(6, 2)) / 3
        epoch_of(warp_epoch, R, X, Y, 0.1, 5, 1e6, rng)
        return X, Y

    advanced, moved = np.random.default_rng([seed, 7]), np.random.default_rng(0)
    advanced.random(5)
    moved.bit_generator.state = advanced.bit_generator.state
    first, second, third = (factors_after(rng) for rng in (np.random.default_rng([seed, 7]), advanced, moved))
    assert not all_close(first, second), (
        "A generator that others have drawn from gives the epoch of a fresh one: draw from `rng` as it "
        "stands, not from one made of its seed."
    )
    assert all_close(second, third), (
        "Two generators in the same state gave two epochs: draw from `rng` alone."
    )
