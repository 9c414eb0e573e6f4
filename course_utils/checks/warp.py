"""What do the visible checks of unit 07, WARP, ask of each exercise?"""

from __future__ import annotations

import math

import numpy as np
from scipy.sparse import csr_array

from course_utils.checks.call import call, number_of, result_of
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


# 7.3 estimate_rank


@visible
def check_estimate_rank_by_hand(estimate_rank):
    """A catalogue of 101 items: found at once, it is the worst; the harder to find, the better."""
    for n_trials, wanted in [(1, 100), (2, 50), (3, 33), (100, 1)]:
        got = number_of(f"estimate_rank ({n_trials}, 101)", estimate_rank, n_trials, 101)
        assert got != 101, "101 counts the positive item among those above it: 100 others are left."
        assert np.isclose(got, wanted), (
            f"101 items, a violator after {n_trials} trials: ⌊100/{n_trials}⌋ = {wanted}; yours {got}."
        )


# 7.4 find_violator


def violator_of(find_violator, scores, positive, is_positive, *arguments, may_loop=False):
    """The two numbers that find_violator returns, checked for their kind; its arrays must stay."""
    given = scores.copy(), is_positive.copy()
    search = within_lines("find_violator", STOPS_EARLY, find_violator) if may_loop else find_violator
    result = result_of("find_violator", search, given[0], positive, given[1], *arguments)
    unchanged = np.array_equal(given[0], scores) and np.array_equal(given[1], is_positive)
    assert unchanged, "find_violator changed scores or is_positive: only look at them."
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
    for name, got, wanted in [
        ("X[0]", after[0][0], [1.1, 1.6]),
        ("Y[0], the positive,", after[1][0], [0.7, -0.6]),
        ("Y[1], the violator,", after[1][1], [-0.2, 0.6]),
    ]:
        assert np.allclose(got, wanted), (
            f"weight 2, η = 0.1, x = (1, 2), y_i = (0.5, −1), y_j = (0, 1): {name} should become {wanted}; "
            f"yours {got.round(4).tolist()}."
        )


# 7.6 warp_epoch


def epoch_of(warp_epoch, R, X, Y, *arguments):
    """The two numbers that warp_epoch returns, checked for their kind; R must stay as it is."""
    before = R.indptr.copy(), R.indices.copy(), R.data.copy()
    result = result_of("warp_epoch", warp_epoch, R, X, Y, *arguments)
    assert np.shape(result) == (2,), f"warp_epoch returns two numbers, (loss, trials); yours: {result!r}."
    unchanged = [np.array_equal(a, b) for a, b in zip(before, (R.indptr, R.indices, R.data), strict=True)]
    assert all(unchanged), "warp_epoch changed R: only X and Y move."
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
