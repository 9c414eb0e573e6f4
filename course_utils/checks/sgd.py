"""What do the visible checks of unit 03, stochastic gradient descent, ask of each exercise?"""

from __future__ import annotations

import itertools
import numbers

import numpy as np
from scipy.sparse import csr_array

from course_utils.checks.call import call, codes_of, parts_of, result_of
from course_utils.checks.compare import all_close, cause_of_shape
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
        f"Two pairs (1, 2) and (0, 0) want two numbers; yours has shape {got.shape}. {cause_of_shape(got, 2)}"
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
    users, items = (
        np.array([-1, 1]),
        np.array([2, -1]),
    )  # somebody unseen with item 2, user 1 with an unseen item
    given = 3.0, b_user, b_item, X, Y, users, items
    got = np.asarray(result_of("predict_ratings (with codes of −1)", predict_ratings, *given))
    assert got.shape == (2,), (
        f"Two pairs, each with a code of −1, want two numbers; yours has shape {got.shape}. Nobody is left "
        "out."
    )
    last = 3 + b_user[users] + b_item[items] + np.sum(X[users] * Y[items], axis=1)
    assert not np.allclose(got, last), (
        "A code of −1 is an unseen user or item, and NumPy reads X[-1] as the *last* row: its bias and its "
        "factors were used. They should count as 0."
    )
    assert np.allclose(got, [3 - 0.5, 3 - 1]), (
        f"Somebody unseen with item 2, and user 1 with an unseen item: wanted [2.5, 2], yours {got}."
    )


@visible
def check_predict_ratings_memory(predict_ratings):
    """Two hundred thousand pairs cost as many numbers, not their square, and no table of m × n (320 GB)."""
    users = items = np.arange(200_000)
    biases, factors = np.zeros(len(users)), np.ones((len(users), 2))
    label = "predict_ratings (of 200,000 pairs)"
    model = (1.0, biases, biases.copy(), factors, factors.copy())
    hint = "Only the asked pairs matter, not every user with every item: multiply row by row."
    got = np.asarray(result_of(label, predict_ratings, *model, users, items.copy(), hint=hint))
    assert got.shape == users.shape and np.allclose(got, 3), (
        f"200,000 pairs of factors (1, 1), μ = 1: wanted as many numbers, all 3; yours has shape {got.shape} "
        f"and holds {got.ravel()[:3]}, …"
    )


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


@visible
def check_start_model_factors(start_model, seed=0):
    """X and Y are drawn from N(0, init_std²), each entry by itself."""
    R = csr_array((np.array([4.0]), (np.array([0]), np.array([0]))), shape=(300, 400))
    for given, wanted in [((), 0.1), ((0.3,), 0.3)]:
        _, _, _, X, Y = start_of(start_model, R, 16, np.random.default_rng(seed), *given)
        for name, factors in [("X", X), ("Y", Y)]:
            mean, deviation = factors.mean(), factors.std()
            assert deviation > 1e-6, f"{name} is the same number everywhere: its factors will never differ."
            assert np.linalg.matrix_rank(factors) == 16, f"Columns of {name} are copies of each other."
            assert abs(mean) < deviation / 10, f"{name} has the mean {mean:.3f}: draw around 0 (rng.normal)."
            for wrong, mistake in [
                (1.0, "init_std is left out"),
                (np.sqrt(wanted), "init_std is the standard deviation, not the variance"),
                (wanted**2, "init_std is the standard deviation: do not square it"),
                (wanted / 4, "it is divided by √k"),
            ]:
                assert not np.isclose(deviation, wrong, rtol=0.05), (
                    f"{name} has the standard deviation {deviation:.3f}, wanted {wanted}: {mistake}."
                )
            assert np.isclose(deviation, wanted, rtol=0.05), (
                f"With init_std = {wanted}, {name} should deviate by that much, not by {deviation:.3f}."
            )
            for width, share in [(1, 0.3173), (2, 0.0455)]:
                beyond = np.mean(np.abs(factors) > width * wanted)
                assert abs(beyond - share) < 5 * np.sqrt(share / factors.size), (
                    f"{beyond:.1%} of {name} lie beyond {width} · init_std, of a normal distribution "
                    f"{share:.1%} do: draw from N(0, init_std²), with rng.normal."
                )
        assert not (X[:, None] == Y).all(axis=2).any(), (
            "X and Y hold the same numbers in some rows: draw each of them anew."
        )


# 3.3 sgd_step


@visible
def check_sgd_step_by_hand(sgd_step):
    """One user, one item, one factor: four new numbers that can be worked out on paper."""
    before = (3.0, np.array([0.5]), np.array([-0.5]), np.array([[1.0]]), np.array([[2.0]]))
    after = copied(before)
    # e = 4 − (3 + 0.5 − 0.5 + 1·2) = −1; η = 0.1, λ = 0.3.
    e = result_of("sgd_step", sgd_step, *after, 0, 0, 4.0, 0.1, 0.3)
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
        "b_user[0]": (after[1][0], 0.5 + 0.1 * (-1 - 0.15)),
        "b_item[0]": (after[2][0], -0.5 + 0.1 * (-1 + 0.15)),
        "X[0, 0]": (after[3][0, 0], 1 + 0.1 * (-1 * 2 - 0.3)),
        "Y[0, 0]": (after[4][0, 0], 2 + 0.1 * (-1 * 1 - 0.6)),
    }
    # The new x is 0.77 and the new y 1.84: a gradient that uses one of them is not at the old values.
    for name, wrong, mistake in [
        ("Y[0, 0]", 2 + 0.1 * (-0.77 - 0.6), "the item moves by the *new* x_u. X[u] is a view, no copy"),
        ("X[0, 0]", 1 + 0.1 * (-1.84 - 0.3), "the user moves by the *new* y_i. Y[i] is a view, no copy"),
    ]:
        assert not np.isclose(wanted[name][0], wrong), (
            f"{name} should become {wanted[name][1]:.4g}; yours {wrong:.4g}: {mistake}. All "
            "gradients are at the old values."
        )
    for name, (got, value) in wanted.items():
        assert np.isclose(got, value), f"{name} should become {value:.4g}; yours {got:.4g}."


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


@visible
def check_minibatch_step_twice(minibatch_step):
    """On paper: who is in a batch twice moves by the sum of both gradients; a user, and likewise an item."""
    ratings = np.array([4.0, 1.0])
    for side in ("User", "Item"):
        twice = [np.array([0.5, -0.5]), np.array([[1.0], [2.0]])]
        once = [np.array([0.0, 1.0, -0.5]), np.array([[0.5], [1.0], [-1.0]])]
        codes = np.array([1, 1]), np.array([0, 2])
        if side == "Item":
            model, codes = (once[0], twice[0], once[1], twice[1]), codes[::-1]
        else:
            model = (twice[0], once[0], twice[1], once[1])
        # μ = 3, η = 0.1, λ = 0.5. First pair, 4 stars: e = 4 − 3.5 = 0.5. Second, 1 star: e = 1 − 0 = 1.
        name = f"minibatch_step (one {side.lower()} twice)"
        call(name, minibatch_step, 3.0, *model, *codes, ratings.copy(), 0.1, 0.5)
        bias, factor = twice[0][1], twice[1][1, 0]
        for wrong_bias, wrong_factor, mistake in [
            (-0.375, 1.8, "only the last gradient counts. `A[codes] += …` writes each row once"),
            (-0.425, 1.925, "only the first rating counts"),
            (
                -0.31875,
                1.74375,
                "the pairs were taken one after the other: all gradients are at the old values",
            ),
            (
                -0.4,
                1.8625,
                # Who is in the batch once moves by half a step, too, if it is the mean over the batch.
                "the step is the mean over the batch: add the steps up"
                if np.isclose(once[0][0], 0.025)
                else "it takes the mean of its steps: add them up",
            ),
            (-0.325, 1.825, "the penalty came once: it is paid per rating"),
        ]:
            assert not np.isclose(bias, wrong_bias) and not np.isclose(factor, wrong_factor), (
                f"{side} 1 is in the batch twice, and {mistake}."
            )
        right: list[list] = [[0.5, -0.3], [[1.0], [1.725]], [0.05, 1.0, -0.375], [[0.575], [1.0], [-0.75]]]
        for got, wanted in zip((*twice, *once), right, strict=True):
            assert np.allclose(got, wanted), (
                f"{side} 1 is in the batch twice, with two others: biases and factors should become {right}; "
                f"where {wanted} is wanted yours has {got.round(4).tolist()}."
            )


# 3.5 best_epoch


def epoch_of(best_epoch, losses, patience):
    """The epoch that is returned, checked for its kind."""
    kind = "an array" if isinstance(losses, np.ndarray) else "a list"
    got = result_of(f"best_epoch (of {kind} of losses)", best_epoch, losses, patience)
    assert is_number(got) and np.issubdtype(np.asarray(got).dtype, np.integer), (
        f"best_epoch returns an index, a whole number; yours {got!r}, a {type(got).__name__}."
    )
    return got


@visible
def check_best_epoch_by_hand(best_epoch):
    """Losses on paper: a patience of 2 stops before the second valley, one of 3 reaches it."""
    # Patience that counts from the epoch before would stop at 0.9 only, none at all would see 0.7.
    nine, six = [1.0, 0.9, 0.8, 0.85, 0.83, 0.78, 0.9, 0.95, 0.7], [1.0, 0.9, 0.8, 0.85, 0.83, 0.7]
    zigzag = [0.9, 1.0, 0.8, 1.0, 0.7]
    for losses, patience, wanted, why in [
        (nine, 2, 2, "two epochs in a row do not beat epoch 2: nobody sees the rest"),
        (six, 3, 5, "two epochs without improvement do not exhaust a patience of 3"),
        (zigzag, 2, 4, "each improvement sets the count back to 0: `patience` epochs *in a row*"),
    ]:
        got = epoch_of(best_epoch, np.array(losses), patience)
        assert got != wanted + 1, f"{got} counts epochs from 1: return the index, {wanted}."
        assert got == wanted, f"losses {losses}, patience {patience}: wanted {wanted}, yours {got} ({why})."


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
    factors = np.array([[1.0, 0.0], [-2.0, 0.0], [0.0, 3.0], [5.0, 0.0], [7.0, 7.0]])
    got = codes_of("most_similar", most_similar, factors, 0, 4)
    assert 0 not in got, f"Item 0 is its own neighbour in {got}: leave it out."
    assert got != [1, 2, 4, 3], "These are the least similar first: sort in descending order."
    assert got != [4, 3, 2, 1], (
        "These are in order of the dot product, in which long vectors win: divide by the lengths."
    )
    assert got != [1, 2, 3, 4], "These are in order of the distance between the points: take the cosine."
    assert got == [3, 4, 2, 1], (
        f"To (1, 0), (5, 0) points the same way, (7, 7) half, (0, 3) across, (−2, 0) the other way: wanted "
        f"[3, 4, 2, 1], yours {got}."
    )
