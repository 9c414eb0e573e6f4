"""What do the visible checks of unit 07, WARP, ask of each exercise?"""

from __future__ import annotations

import itertools
import math

import numpy as np
from scipy.sparse import csr_array

from course_utils.checks.call import call, number_of, result_of, results_of
from course_utils.checks.compare import all_close
from course_utils.checks.lines import within_lines
from course_utils.checks.visible import visible

STOPS_EARLY = "stop after `max_trials` trials, and see whether every item is positive before you draw."

# 7.1 precision_at_k


@visible
def check_precision_at_k_by_hand(precision_at_k):
    """Five places, two hits among them, a third one behind."""
    ranked, relevant = np.array([7, 2, 9, 4, 0, 5]), np.array([5, 9, 7])
    got = number_of("precision_at_k", precision_at_k, ranked, relevant, 5)
    for wrong, mistake in [
        (2, "this is the number of hits: divide by the number of places"),
        (3 / 5, "item 5 stands in the sixth place, and only the first five count"),
        (3 / 6, "the whole list was looked at: only its first five places count"),
        (2 / 3, "this divides by the number of relevant items, as recall does: divide by k"),
        (40, "this is a percentage: return a share between 0 and 1"),
    ]:
        assert not np.isclose(got, wrong), f"Yours is {got:.4g}: {mistake}."
    assert np.isclose(got, 2 / 5), (
        f"ranked {ranked.tolist()}, relevant {relevant.tolist()}, k = 5: items 7 and 9 are hits, wanted 2/5; "
        f"yours {got:.4g}."
    )
    got = number_of("precision_at_k (of a short list)", precision_at_k, np.array([9, 2]), relevant, 5)
    assert not np.isclose(got, 1 / 2), (
        "Two items are shown where five could be, and yours divides by the two: divide by k. The empty "
        "places are no success."
    )
    assert np.isclose(got, 1 / 5), f"One hit, one miss and three empty places: wanted 1/5; yours {got:.4g}."


# 7.2 rank_weight


@visible
def check_rank_weight_by_hand(rank_weight):
    """Sums on paper; the logarithm, which is only near, is named."""
    got = number_of("rank_weight (of 4)", rank_weight, 4)
    for wrong, mistake in [
        (math.log(4), "this is ln(4): an approximation, and L(1) would be 0. The sum itself is asked"),
        (math.log(5), "this is ln(5), an approximation of the sum. The sum itself is asked"),
        (11 / 6, "the sum ends at 1/3: its last term is 1/rank"),
        (13 / 12, "the sum begins at 1/2: its first term is 1/1"),
        (1 / 4, "this is the last term alone: add all of them, 1/1 + 1/2 + …"),
        (4, "each of the four wrong items costs 1: the s-th of them costs 1/s"),
    ]:
        assert not np.isclose(got, wrong), f"rank_weight(4) is {got:.4f}: {mistake}."
    for rank, wanted, terms in [
        (1, 1.0, "1/1"),
        (2, 1.5, "1/1 + 1/2"),
        (4, 25 / 12, "1/1 + 1/2 + 1/3 + 1/4"),
    ]:
        got = number_of(f"rank_weight (of {rank})", rank_weight, rank)
        assert np.isclose(got, wanted), f"L({rank}) = {terms} = {wanted:.4f}; yours {got:.4f}."


@visible
def check_rank_weight_of_none(rank_weight):
    """Nothing above the positive item costs nothing."""
    with np.errstate(all="ignore"):
        got = number_of("rank_weight (of 0)", rank_weight, 0)
    assert not np.isnan(got) and not np.isinf(got), (
        f"L(0) is the sum of no terms, 0; yours {got}: the logarithm of 0, or a division by it."
    )
    assert got == 0, f"With nothing above the positive item all is well: L(0) = 0; yours {got}."


# 7.3 estimate_rank


@visible
def check_estimate_rank_by_hand(estimate_rank):
    """Found at once, it is the worst; the harder to find, the better; and the catalogue's size counts."""
    for n_trials, n_items, wanted in [
        (1, 101, 100),
        (2, 101, 50),
        (3, 101, 33),
        (6, 101, 16),
        (100, 101, 1),
        (7, 1000, 142),
    ]:
        got = number_of(f"estimate_rank ({n_trials}, {n_items})", estimate_rank, n_trials, n_items)
        others = n_items - 1
        assert got != n_items, (
            f"{n_items} counts the positive item among those above it: {others} others are left."
        )
        assert got == wanted or got != round(others / n_trials), (
            f"{others}/{n_trials} = {others / n_trials:.2f} was rounded to the nearest whole number, "
            f"{got:g}: ⌊ ⌋ rounds down, to {wanted}."
        )
        assert np.isclose(got, wanted), (
            f"{n_items} items, a violator after {n_trials} trials: ⌊{others}/{n_trials}⌋ = {wanted}; yours "
            f"{got}."
        )


# 7.4 find_violator


def violator_of(find_violator, scores, positive, is_positive, *arguments, may_loop=False):
    """The two numbers that find_violator returns, checked for their kind."""
    search = within_lines("find_violator", STOPS_EARLY, find_violator) if may_loop else find_violator
    return violators_of(search, scores, positive, is_positive, *arguments, times=1)[0]


def violators_of(find_violator, *arguments, times):
    """What so many searches return, one after the other: two numbers each, checked for their kind."""
    found = results_of("find_violator", find_violator, *arguments, times=times)
    return [_two_numbers(result) for result in found]


def _two_numbers(result):
    assert np.shape(result) == (2,), f"find_violator returns two numbers, (j, n_trials); yours: {result!r}."
    assert all(float(number).is_integer() for number in result), (
        f"find_violator returns a code and a count, whole numbers; yours: {result!r}."
    )
    return int(result[0]), int(result[1])


@visible
def check_find_violator_by_hand(find_violator, seed=0):
    """Four items: one is near the positive one, two are far below; or all are far below."""
    is_positive = np.array([False, True, False, False])
    rng = np.random.default_rng(seed)
    j, n_trials = violator_of(find_violator, np.array([-3.0, 2.0, 1.5, -4.0]), 1, is_positive, 500, rng)
    assert j != 1, "Item 1 is the positive one: draw among the others."
    assert j != -1, (
        "Item 2 violates (1 + 1.5 > 2), and in 500 trials nobody fails to draw it; yours found none."
    )
    assert j == 2, f"Only item 2 violates: 1 + 1.5 > 2. Yours is item {j}, which is far below."
    assert 1 <= n_trials < 500, f"Trials are counted from 1 to the violator; yours: {n_trials}."
    scores = np.array([-3.0, 2.0, 0.5, -4.0])
    j, n_trials = violator_of(find_violator, scores, 1, is_positive, 6, rng, may_loop=True)
    assert j == -1, (
        f"No item comes within the margin of 1 below item 1's score, 2; yours says that {j} does. Without a "
        "violator j is −1, not the item drawn last."
    )
    assert n_trials == 6, f"Six trials without success are 6 trials; yours {n_trials}."
    # Item 4 comes within the margin, too, but is one of the user's positives. Item 2 is one of three others.
    scores, is_positive = np.array([-3.0, 2.0, 1.5, -4.0, 1.9]), np.array([False, True, False, False, True])
    found = violators_of(find_violator, scores, 1, is_positive, 500, rng, times=60)
    assert all(j != 4 for j, _ in found), "Item 4 is positive for this user: it cannot violate."
    assert all(j == 2 for j, _ in found), (
        f"Only item 2 violates; yours found {sorted({j for j, _ in found})}."
    )
    assert max(n_trials for _, n_trials in found) > 3, (
        "One of three items violates, and in 60 searches yours was found within 3 trials every time: draw "
        "with replacement, from all three at every trial, and with the `rng` that is given."
    )
    is_positive = np.array([True, False])
    for other, margin in [(1.25, 0.5), (1.0, 1.0)]:
        given = np.array([2.0, other]), 0, is_positive, 3, rng, margin
        j, _ = violator_of(find_violator, *given, may_loop=True)
        assert j == -1, (
            f"Positive 2, other {other}, margin {margin}: {margin} + {other} is not > 2, so that the other "
            f"does not violate; yours returned {j}."
        )


@visible
def check_find_violator_first_trial(find_violator, seed=0):
    """If every negative violates, the first one drawn is it, however many positives there are."""
    scores, is_positive = np.zeros(12), np.ones(12, dtype=bool)
    is_positive[[0, 11]] = False
    rng = np.random.default_rng(seed)
    for max_trials in [1, *[50] * 30]:
        j, n_trials = violator_of(find_violator, scores, 3, is_positive, max_trials, rng)
        assert j != -1, (
            "Every negative violates, so the first trial finds one, also if it is the last allowed. (A "
            "positive that turns up is no trial: draw among the other items only.)"
        )
        assert not is_positive[j], f"Item {j} is positive for this user: it cannot violate."
        assert n_trials != 0, "Trials are counted from 1: a violator that comes first took one trial."
        assert n_trials == 1, (
            f"Both negatives violate, yet yours took {n_trials} trials. A positive that turns up is no "
            "trial: draw among the other items only."
        )


# 7.5 warp_step


def after_step(warp_step, X, Y, *arguments):
    """Copies of the factors after the step."""
    after = X.copy(), Y.copy()
    call("warp_step", warp_step, *after, *arguments)
    return after


@visible
def check_warp_step_by_hand(warp_step):
    """One user, two items, two factors: three new rows that can be worked out on paper; none is too long."""
    X, Y = np.array([[1.0, 2.0]]), np.array([[0.5, -1.0], [0.0, 1.0]])
    after = after_step(warp_step, X, Y, 0, 0, 1, 2.0, 0.1, 10.0)
    assert not all_close(after, (X, Y)), "Nothing changed: write into the arrays (X[u] += …, not x = x + …)."
    assert not np.allclose(after[0][0], [0.9, 2.4]), "The user moved away from the positive item: uphill."
    assert not np.allclose(after[0][0], [1.05, 1.8]), "The weight of 2 is left out."
    assert not np.allclose(after[1][0], [0.72, -0.68]), (
        "The positive item moved by the *new* x, (1.1, 1.6): all gradients are at the old values. X[u] is "
        "a view."
    )
    assert not np.allclose(after[0][0], [1.18, 1.76]), (
        "All gradients are at the old values, and the user moves by the *new* y_i and y_j. Y[i] is a view."
    )
    for name, got, wanted in [
        ("X[0]", after[0][0], [1.1, 1.6]),
        ("Y[0], the positive,", after[1][0], [0.7, -0.6]),
        ("Y[1], the violator,", after[1][1], [-0.2, 0.6]),
    ]:
        assert np.allclose(got, wanted), (
            f"weight 2, η = 0.1, x = (1, 2), y_i = (0.5, −1), y_j = (0, 1): {name} should become {wanted}; "
            f"yours {got.round(4).tolist()}."
        )
    # The same step, now with rows that may be no longer than 0.6. All three are longer.
    after = after_step(warp_step, X, Y, 0, 0, 1, 2.0, 0.1, 0.6)
    assert not np.allclose(after[0][0], [1.1, 1.6]), (
        "The rows are longer than max_norm after the step: scale each of them back to that length."
    )
    for name, got, free in [
        ("x_u", after[0][0], [1.1, 1.6]),
        ("y_i", after[1][0], [0.7, -0.6]),
        ("y_j", after[1][1], [-0.2, 0.6]),
    ]:
        capped = 0.6 * np.array(free) / np.linalg.norm(free)
        assert np.allclose(got, capped), (
            f"max_norm 0.6: {name} should have the length 0.6, {capped.round(4).tolist()}, and yours has "
            f"{np.linalg.norm(got):.3f}, {got.round(4).tolist()}. After the step, a row longer than "
            "max_norm is multiplied by max_norm / its length."
        )


# 7.6 warp_epoch


def epoch_of(warp_epoch, R, X, Y, *arguments):
    """The two numbers that warp_epoch returns, checked for their kind."""
    result = result_of("warp_epoch", warp_epoch, R, X, Y, *arguments)
    assert np.shape(result) == (2,), f"warp_epoch returns two numbers, (loss, trials); yours: {result!r}."
    return float(result[0]), float(result[1])


def marked_cells(cells, shape, values=None):
    """A matrix with these cells stored, as 1 or with these values."""
    users, items = np.array(cells).T
    data = np.ones(len(cells)) if values is None else np.array(values)
    return csr_array((data, (users, items)), shape=shape)


@visible
def check_warp_epoch_of_one_pair(warp_epoch, seed=0):
    """One user, one positive and one other item: all that can happen is one step, worked out on paper."""
    R, X, Y = marked_cells([(0, 1)], (1, 2)), np.array([[1.0]]), np.array([[0.5], [0.25]])
    # d = 0.25 − 0.5 = −0.25; one of one others is above: weight L(1) = 1, hinge 1 + 0.25.
    loss, trials = epoch_of(warp_epoch, R, X, Y, 0.1, 10, 100.0, np.random.default_rng(seed))
    assert trials == 1, f"There is one item to draw, and it violates: 1 trial; yours {trials}."
    assert np.isclose(loss, 1.25), (
        f"The loss is weight · (1 − d) = 1 · (1 + 0.25) = 1.25, from before the step; yours {loss:.4f}."
    )
    got = [X[0, 0], Y[1, 0], Y[0, 0]]
    assert np.allclose(got, [0.975, 0.35, 0.4]), (
        f"One step with weight 1 and η = 0.1 gives x = 0.975, y_i = 0.35, y_j = 0.4; yours "
        f"{np.round(got, 4)}."
    )
    # Of user 0's two positives one comes within the margin of the other, and nothing else does.
    R, X, Y = marked_cells([(0, 0), (0, 2)], (1, 4)), np.ones((1, 1)), np.array([[4.0], [0.0], [3.5], [1.0]])
    loss, trials = epoch_of(warp_epoch, R, X, Y, 0.1, 40, 100.0, np.random.default_rng(seed))
    assert not trials >= 1, (
        "Only the user's other positive comes within the margin, and it is no violator; yours found one. Are "
        "*all* of the user's positives left out of the draws? Does it matter that j is −1?"
    )
    assert loss == 0 and math.isnan(trials), (
        f"Nothing violates: the loss is 0, and the mean over the violators found is nan; yours {loss} and "
        f"{trials}."
    )
    # Both pairs are alike. At η = 1 the first step puts item 2 so far down that it is no violator any more.
    R, X, Y = marked_cells([(0, 0), (0, 1)], (1, 3)), np.array([[1.0]]), np.full((3, 1), 0.5)
    loss, _ = epoch_of(warp_epoch, R, X, Y, 1.0, 5, 1e6, np.random.default_rng(seed))
    # Then both steps push it down, by 1.5 each: a loss of 1.5 after one step is only wrongly averaged.
    assert not (np.isclose(loss, 1.5) and Y[2, 0] < -1.5), (
        "Both pairs have the loss of before the epoch: take the scores anew for each pair."
    )
    assert np.isclose(loss, 0.75), (
        f"The first of two pairs costs L(2) = 1.5, the second nothing: their mean is 0.75; yours {loss:.4f}."
    )


@visible
def check_warp_epoch_loss(warp_epoch, seed=0):
    """At η = 0 nothing moves, and the loss is known: every pair once, weighed by its rank."""
    rng = np.random.default_rng(seed)
    n, cells = 12, [(0, 0), (0, 5), (2, 11), (3, 1), (3, 2), (3, 7)]  # user 1 has no positive
    R = marked_cells(cells, (4, n), values=[5.0, 0.5, 4.0, 3.0, 0.0, 2.0])
    X, Y = rng.uniform(0.2, 0.6, size=(4, 1)), np.zeros((n, 1))
    Y[[0, 5, 11, 1, 2, 7]] = rng.uniform(-0.5, 0.9, size=(6, 1))
    # Whatever is not positive for a user has the score 0: a violator at the first trial, whichever it is.
    X, Y = np.hstack([X, np.eye(4)]), np.hstack([Y, np.zeros((n, 4))])
    for u, i in itertools.product(range(4), range(n)):
        if (u, i) not in cells:
            Y[i, 1 + u] = -X[u, 0] * Y[i, 0]
    before = X.copy(), Y.copy()
    loss, trials = epoch_of(warp_epoch, R, X, Y, 0.0, 30, 1e6, np.random.default_rng(seed))
    assert all_close((X, Y), before), "At η = 0 and without a row that is too long, nothing should move."
    hinges = np.array([1 - X[u] @ Y[i] for u, i in cells])
    n_others = n - np.diff(R.indptr).repeat(np.diff(R.indptr))
    by_others, by_one_less = (
        np.array([sum(1 / s for s in range(1, rank + 1)) for rank in ranks])
        for ranks in (n_others, n_others - 1)
    )
    weight = sum(1 / s for s in range(1, n))  # found at the first trial: n − 1 = 11 are above
    assert np.isclose(trials, 1), f"Every other item violates at the first trial; yours needed {trials:.3f}."
    for wrong, mistake in [
        (hinges.mean(), "the weight is left out of the loss"),
        (weight * hinges.sum(), "this is the sum: divide by the number of pairs"),
        (weight * np.maximum(hinges - 1, 0).mean(), "the margin of 1 is missing in the hinge"),
        (
            sum(1 / s for s in range(1, 12)) * np.average(hinges, weights=R.data),
            "the stored values were used as weights: a stored cell is a positive, whatever its value",
        ),
        (
            weight * hinges[R.data > 0].mean(),
            "the pair with the stored value 0 is left out: a stored cell is a positive, whatever its value",
        ),
        (
            (by_others * hinges).mean(),
            "the rank is the number of items that are not positive: estimate it, from the whole catalogue",
        ),
        (
            (by_one_less * hinges).mean(),
            "the rank is estimated from the items that are not positive: take the whole catalogue, n",
        ),
        (weight, "this is the mean weight: multiply each by its hinge, 1 − d"),
        (
            sum(1 / s for s in range(1, 31)) * hinges.mean(),
            "the rank is max_trials / n_trials: it comes from the size of the catalogue, ⌊(n − 1) / "
            "n_trials⌋",
        ),
        (math.log(11) * hinges.mean(), "the weight is ln(11), not the sum 1 + 1/2 + … + 1/11"),
        (sum(1 / s for s in range(1, n + 1)) * hinges.mean(), "the rank is n, not n − 1"),
    ]:
        right = np.isclose(loss, weight * hinges.mean())  # in some data a mistake changes nothing
        assert right or not np.isclose(loss, wrong), f"Yours is {loss:.4f}: {mistake}."
    assert np.isclose(loss, weight * hinges.mean()), (
        f"Six pairs, each once, weight L(11) = {weight:.4f}: the mean of weight · (1 − d) is "
        f"{weight * hinges.mean():.4f}; yours {loss:.4f}."
    )
