"""What do the visible checks of unit 03, stochastic gradient descent, ask of each exercise?"""

from __future__ import annotations

import itertools
import numbers

import numpy as np
from scipy.sparse import csr_array

from course_utils.checks.call import call, codes_of, parts_of, result_of
from course_utils.checks.compare import all_close
from course_utils.checks.visible import visible


def copied(model):
    """A copy of a model: its number and its arrays."""
    return tuple(np.copy(part) if np.ndim(part) else part for part in model)


def is_number(result):
    """Whether a result is one number, a 0-dimensional array included."""
    return isinstance(result, numbers.Number) or (isinstance(result, np.ndarray) and result.ndim == 0)


# 3.1 predict_ratings


@visible
def check_predict_ratings_by_hand(predict_ratings):
    """Two pairs that can be worked out on paper; a forgotten term is named."""
    b_user, b_item = np.array([0.5, -1.0]), np.array([0.25, 0.0, -0.5])
    X, Y = np.array([[1.0, 0.0], [0.5, 1.0]]), np.array([[0.5, -1.0], [1.0, 1.0], [0.0, 2.0]])
    users, items = np.array([1, 0]), np.array([2, 0])
    got = result_of("predict_ratings", predict_ratings, 3.0, b_user, b_item, X, Y, users, items)
    assert not isinstance(got, (list, tuple)), (
        f"predict_ratings returns a {type(got).__name__}: whoever asked computes with the predictions, make "
        "it a NumPy array."
    )
    got = np.asarray(got)
    assert got.shape == (2,), (
        f"Two pairs (1, 2) and (0, 0) want two numbers; yours has shape {got.shape}. A matrix holds every "
        "user with every item: multiply row by row, then sum over the factors."
    )
    wanted = np.array([3 - 1 - 0.5 + 2, 3 + 0.5 + 0.25 + 0.5])
    for wrong, mistake in [
        (wanted - 3, "μ is missing"),
        (wanted - b_user[users], "the users' biases are missing"),
        (wanted - b_item[items], "the items' biases are missing"),
        (wanted - b_user[users] - b_item[items], "the biases are missing: learned, and never used"),
        (wanted - [2, 0.5], "the product of the factors is missing"),
    ]:
        assert not np.allclose(got, wrong), f"Wanted {wanted}, yours {got}: {mistake}."
    assert np.allclose(got, wanted), f"Wanted {wanted} for the pairs (1, 2) and (0, 0), yours {got}."


# 3.2 start_model


def start_of(start_model, R, n_factors, rng, *init_std):
    """The five parts of a start, as arrays, checked for their number and shapes."""
    names = ("mu", "b_user", "b_item", "X", "Y")
    parts = parts_of("start_model", names, start_model, R, n_factors, rng, *init_std)
    m, n = R.shape
    for name, part in zip(names[1:], parts[1:], strict=True):
        assert isinstance(part, np.ndarray), (
            f"{name} is a {type(part).__name__}: training changes it in place, make it a NumPy array."
        )
        assert np.issubdtype(part.dtype, np.floating), (
            f"{name} holds numbers of type {part.dtype}: a step of 0.01 that is added to whole numbers is "
            "cut off to 0, and nothing is ever learned. Make it an array of floats."
        )
    parts = tuple(np.asarray(part, dtype=float) for part in parts)
    wanted = [(), (m,), (n,), (m, n_factors), (n, n_factors)]
    assert [part.shape for part in parts] == wanted, (
        f"{m} users, {n} items and {n_factors} factors want mu, b_user, b_item, X, Y of shapes {wanted}; "
        f"yours {[part.shape for part in parts]}."
    )
    named = zip(names[1:], parts[1:], strict=True)
    for (name, part), (other_name, other) in itertools.combinations(named, 2):
        assert not np.shares_memory(part, other), (
            f"{name} and {other_name} are views of one array: a step of a user would move an item too. Make "
            "two arrays."
        )
    return parts


@visible
def check_start_model_mean_and_biases(start_model, seed=0):
    """The mean is that of the known ratings, and there are no opinions about anybody yet."""
    rng = np.random.default_rng(seed)
    ratings = rng.permutation([2.5, 3.0, 5.0, 5.0])  # no two of them add up to half the sum
    R = csr_array((ratings, (np.array([0, 0, 2, 1]), np.array([4, 1, 3, 1]))), shape=(3, 5))
    before = R.copy()
    mu, b_user, b_item, _, _ = start_of(start_model, R, 2, rng)
    assert not np.isclose(mu, ratings.sum() / 15), (
        f"μ = {mu:.3f} is the mean over all 15 cells, unknown ones as 0. R.mean() counts them: take R.data."
    )
    assert np.isclose(mu, ratings.mean()), (
        f"μ is the mean of the known ratings, {ratings.mean()}; yours {mu}."
    )
    assert not np.any(b_user) and not np.any(b_item), (
        f"The biases should start at 0, yours {b_user.round(2)} and {b_item.round(2)}: a bias says what is "
        "known of a user, and a random one would stay for good with somebody who has two ratings."
    )
    assert R.nnz == before.nnz and np.array_equal(R.toarray(), before.toarray()), (
        "start_model changed R: its ratings are still needed, in stars. Only look at R.data."
    )


# 3.3 sgd_step


@visible
def check_sgd_step_by_hand(sgd_step):
    """One user, one item, one factor: four new numbers that can be worked out on paper."""
    before = (3.0, np.array([0.5]), np.array([-0.5]), np.array([[1.0]]), np.array([[2.0]]))
    after = copied(before)
    # e = 4 − (3 + 0.5 − 0.5 + 1·2) = −1; η = 0.1, λ = 0.5.
    e = result_of("sgd_step", sgd_step, *after, 0, 0, 4.0, 0.1, 0.5)
    assert is_number(e), (
        f"sgd_step returns one number, the error from before the step; yours is a {type(e).__name__}. The "
        "arrays are changed in place and need not be returned."
    )
    assert np.isclose(abs(e), 1), f"The error before the step is 4 − 5 = −1; yours {e:.4f}."
    assert np.isclose(e, -1), "e is the rating minus the prediction, 4 − 5 = −1; yours has the other sign."
    assert not all_close(after, before), (
        "The arrays did not change: write into them (X[u] += …, not x = x + …)."
    )
    wanted = {
        "b_user[0]": (after[1][0], 0.5 + 0.1 * (-1 - 0.25)),
        "b_item[0]": (after[2][0], -0.5 + 0.1 * (-1 + 0.25)),
        "X[0, 0]": (after[3][0, 0], 1 + 0.1 * (-1 * 2 - 0.5)),
    }
    for name, (got, value) in wanted.items():
        assert np.isclose(got, value), f"{name} should become {value}; yours {got:.4f}."


# 3.4 minibatch_step


@visible
def check_minibatch_step_without_repeats(minibatch_step):
    """On paper, without repeats: each pair takes the step of `sgd_step`; a batch of one, too."""
    start = [
        np.array(part) for part in ([0.5, -0.5], [0.0, 1.0, -0.5], [[1.0], [2.0]], [[0.5], [1.0], [-1.0]])
    ]
    # With μ = 3, η = 0.1, λ = 0.5. User 1, item 0, 4 stars: predicted 3 − 0.5 + 0 + 2·0.5 = 3.5, so e = 0.5.
    # User 0, item 2, 1 star: predicted 3 + 0.5 − 0.5 + 1·(−1) = 2, so e = −1. Item 1 is in neither pair.
    one: list[list] = [[0.5, -0.425], [0.05, 1.0, -0.5], [[1.0], [1.925]], [[0.575], [1.0], [-1.0]]]
    two: list[list] = [[0.375, -0.425], [0.05, 1.0, -0.575], [[1.05], [1.925]], [[0.575], [1.0], [-1.05]]]
    mean_of_two = [0.4375, -0.4625]  # the users' biases after half of each step
    for size, wanted in [(1, one), (2, two)]:
        model = [part.copy() for part in start]
        users, items, ratings = np.array([1, 0])[:size], np.array([0, 2])[:size], np.array([4.0, 1.0])[:size]
        call("minibatch_step", minibatch_step, 3.0, *model, users, items, ratings, 0.1, 0.5)
        assert not all_close(model, start), "The arrays did not change: minibatch_step works in place."
        assert size == 1 or not np.allclose(model[0], mean_of_two), (
            "The step is the mean over the batch: take the sum, so that the batch's size does not change how "
            "far a rating pulls."
        )
        for name, got, value in zip(["b_user", "b_item", "X", "Y"], model, wanted, strict=True):
            assert np.allclose(got, value), (
                f"A batch of {size} without repeats is {size} × sgd_step: wanted {name} = {value}; yours is "
                f"{got.round(4).tolist()}."
            )


# 3.5 best_epoch


def epoch_of(best_epoch, losses, patience):
    """The epoch that is returned, checked for its kind; the losses must stay as they are."""
    given = losses.copy()
    kind = "an array" if isinstance(losses, np.ndarray) else "a list"
    got = result_of(f"best_epoch (of {kind} of losses)", best_epoch, given, patience)
    assert np.array_equal(given, losses), "best_epoch changed the losses: work on a copy."
    assert is_number(got) and np.issubdtype(np.asarray(got).dtype, np.integer), (
        f"best_epoch returns an index, a whole number; yours {got!r}, a {type(got).__name__}."
    )
    return got


@visible
def check_best_epoch_by_hand(best_epoch):
    """Six losses on paper: a patience of 2 stops before the second valley, one of 3 reaches it."""
    losses = [1.0, 0.9, 0.8, 0.85, 0.83, 0.7]
    for patience, wanted in [(2, 2), (3, 5)]:
        got = epoch_of(best_epoch, np.array(losses), patience)
        assert got != wanted + 1, f"{got} counts epochs from 1: return the index, {wanted}."
        assert got == wanted, f"losses {losses}, patience {patience}: wanted {wanted}, yours {got}."


# 3.6 recommend


@visible
def check_recommend_by_hand(recommend):
    """Five scores, one item seen: the other four in descending order."""
    scores = np.array([-1.0, 3.0, 0.5, 2.0, -4.0])
    got = codes_of("recommend", recommend, scores, np.array([1]), 3)
    assert 1 not in got, f"Item 1 has been seen and is recommended: {got}."
    assert got != [0, 2, 3], "These are in order of their codes (np.setdiff1d sorts): sort by score."
    assert got != [4, 0, 2], "These are the lowest scores: sort in descending order."
    assert got == [3, 2, 0], f"scores {scores.tolist()}, seen [1], n = 3: wanted [3, 2, 0], yours {got}."


# 3.7 most_similar


@visible
def check_most_similar_by_hand(most_similar):
    """Five arrows in the plane: the same way, across, the other way."""
    factors = np.array([[1.0, 0.0], [-2.0, 0.0], [0.0, 3.0], [5.0, 0.0], [1.0, 1.0]])
    got = codes_of("most_similar", most_similar, factors, 0, 4)
    assert 0 not in got, f"Item 0 is its own neighbour in {got}: leave it out."
    assert got != [1, 2, 4, 3], "These are the least similar first: sort in descending order."
    assert got == [3, 4, 2, 1], (
        f"To (1, 0), (5, 0) points the same way, (1, 1) half, (0, 3) across, (−2, 0) the other way: wanted "
        f"[3, 4, 2, 1], yours {got}."
    )
