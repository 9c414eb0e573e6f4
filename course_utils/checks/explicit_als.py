"""What do the visible checks of unit 02, explicit alternating least squares, ask of each exercise?"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from course_utils.checks.alternating import each_half_step_is_exact, falls, half_steps_of, never_rises
from course_utils.checks.call import array_of, number_of, result_of
from course_utils.checks.compare import cause_of_shape
from course_utils.checks.together import results_for
from course_utils.checks.visible import visible


def some_ratings(seed, m=7, n=9):
    """Ratings, their cells and values: user 4 and item 5 have none, user 3 has one, (1, 2) is a known 0."""
    rng = np.random.default_rng(seed)
    known = rng.random((m, n)) < 0.55
    known[0, :4] = known[1, 1:5] = known[6, 2:9:2] = True  # rows of 4 ratings or more
    known[3, :], known[3, 7] = False, True  # a user with a single rating
    known[4, :] = known[:, 5] = False
    known[[0, 1, 2, 5, 6], 8] = True  # an item that nearly everybody rated
    values = np.round(rng.normal(0.8, 1.5, size=(m, n)) * 2) / 2
    values[0, 0], values[1, 2] = -1.5, 0.0
    users, items = np.nonzero(known)
    return (
        csr_array((values[users, items], (users, items)), shape=(m, n)),
        known,
        np.where(known, values, 0.0),
    )


UPDATE_MISTAKES = {
    "all rows in the matrix": "YᵀY goes over all items, so that unknown cells count as ratings of 0. Take "
    "the rows of Y over the rated items only",
    "no penalty": "the penalty is missing: this is plain least squares",
    "penalty twice": "the penalty counts twice: differentiate both terms, then divide both by 2",
    "penalty on every entry": "λ is added to every entry of YᵀY: the penalty is λ·I, on the diagonal alone",
    "penalty times ratings": "λ is multiplied by the number of ratings (ALS-WR); it is paid once per row",
    "first rows": "they come from the first rows of Y: take those of the rated items",
    "zeros left out": "the known ratings of exactly 0 are left out. After centring, a 0 is a rating equal to "
    "the mean: a cell is known if it is stored, whatever its value",
    "centred again": "the row's own mean is subtracted first: the ratings you are given are centred already",
}


# 2.1 predict


@visible
def check_predict_by_hand(predict):
    """Two pairs that can be worked out on paper."""
    X = np.array([[1.0, 0.0], [0.5, 1.0]])
    Y = np.array([[0.5, -1.0], [1.0, 1.0], [0.0, 0.5]])
    got = np.asarray(result_of("predict", predict, 3.0, X, Y, np.array([1, 0]), np.array([0, 1])))
    assert got.shape == (2,), (
        f"Two pairs (1, 0) and (0, 1) want two numbers; yours has shape {got.shape}. {cause_of_shape(got, 2)}"
    )
    assert not np.allclose(got, [-0.75, 1.0]), "μ is missing: add `mu` to every product."
    wanted = [3 + 0.5 * 0.5 - 1.0 * 1.0, 3 + 1.0 * 1.0 + 0.0 * 1.0]
    for wrong, mistake in [
        ([3.5, 4.5], "the users are taken in the order of X: take X[users]"),
        ([4.5, 3.5], "the items are those numbered by `users`: take Y[items]"),
        ([4.25, 2.0], "you sum over the pairs: sum over the factors (axis 1)"),
        ([2.625, 3.5], "the products are averaged over the factors: sum them"),
    ]:
        assert not np.allclose(got, wrong), (
            f"Users 1, 0 with items 0, 1 at μ = 3: wanted {wanted}, yours {got}: {mistake}."
        )
    assert np.allclose(got, wanted), f"Users 1, 0 with items 0, 1 at μ = 3: wanted {wanted}, yours {got}."


@visible
def check_predict_memory(predict):
    """A hundred thousand pairs cost as many numbers: not their square, nor a table of m × n (80 GB each)."""
    X, Y = np.ones((100_000, 2)), np.ones((100_001, 2))
    users, items = np.arange(100_000), np.arange(1, 100_001)
    name, hint = "predict (of 100,000 pairs)", "Only the asked pairs matter: multiply row by row."
    got = np.asarray(result_of(name, predict, 1.0, X, Y, users, items, hint=hint))
    assert got.shape == (100_000,) and np.allclose(got, 3.0), (
        "100,000 pairs of factors (1, 1) at μ = 1 all want 3."
    )


# 2.2 objective


@visible
def check_objective_by_hand(objective):
    """Two users, three items, three ratings, one factor: worked out on paper."""
    R = csr_array((np.array([1.0, -1.0, 2.0]), (np.array([0, 0, 1]), np.array([0, 2, 1]))), shape=(2, 3))
    X, Y = np.array([[1.0], [2.0]]), np.array([[1.0], [0.5], [-1.0]])
    # Errors 1−1, −1+1, 2−1: squares add to 1. ‖X‖² = 5, ‖Y‖² = 2.25. Unknown cells would add 0.25 + 4 + 4.
    got = number_of("objective", objective, R, X, Y, 0.0, 0.0)
    for wrong, mistake in [
        (9.25, "unknown cells count as ratings of 0. Sum over the known cells only"),
        (1 / 3, "the errors are averaged: L is their sum"),
        (1 / 6, "the errors are averaged over all cells: L is their sum over the known ones"),
        (np.sqrt(1 / 3), "this is the RMSE: L is the sum of the squared errors"),
        (1 / 2, "the errors are halved: L as stated has no ½"),
    ]:
        assert not np.isclose(got, wrong), (
            f"The squared errors 0, 0 and 1 add up to 1 (without penalty); yours {got:.4g}: {mistake}."
        )
    assert np.isclose(got, 1.0), f"The squared errors 0, 0 and 1 add up to 1 (without penalty); yours {got}."
    got = number_of("objective", objective, R, X, Y, 2.0, 2.0)
    for wrong, mistake in [
        (1, "the penalty is missing"),
        (1 + 2 * 5, "the penalty of the items is missing"),
        (1 + 2 * 2.25, "the penalty of the users is missing"),
        (1 + 5 + 2.25, "the penalty is halved: L as stated has no ½"),
        (1 - 2 * 5 - 2 * 2.25, "the penalty is subtracted: it makes L larger"),
        (np.sqrt(15.5), "the root of L: L is a sum of squares, without a root"),
        (
            1 + 2 * np.sqrt(5) + 2 * 1.5,
            "the norm is not squared: the penalty is λ times the sum of the squares",
        ),
        (1 + 2 * 3 + 2 * 2.5, "the norms of the rows are not squared: the penalty is λ Σ ‖x_u‖²"),
        (1 + 2 * 5 / 2 + 2 * 2.25 / 3, "the penalty is averaged: it is a sum"),
        (1 + 2 * (2 * 1 + 4) + 2 * 2.25, "the penalty is paid once per rating; here it is paid once per row"),
    ]:
        assert not np.isclose(got, wrong), (
            f"With λ = 2 on both sides wanted 1 + 2·5 + 2·2.25 = 15.5; yours {got:.4g}: {mistake}."
        )
    assert np.isclose(got, 1 + 2 * 5 + 2 * 2.25), (
        f"With λ = 2 on both sides wanted 1 + 2·5 + 2·2.25 = 15.5; yours {got}."
    )
    got = number_of("objective", objective, R, X, Y, 1.0, 2.0)
    for wrong, mistake in [
        (1 + 2 * 5 + 2.25, "the penalties are exchanged: reg_user belongs to X, reg_item to Y"),
        (1 + 5 + 2.25, "reg_user is used for the items, too"),
        (1 + 2 * 5 + 2 * 2.25, "reg_item is used for the users, too"),
    ]:
        assert not np.isclose(got, wrong), (
            f"With reg_user = 1 and reg_item = 2 wanted 1 + 5 + 2·2.25 = 10.5; yours {got:.4g}: {mistake}."
        )
    assert np.isclose(got, 1 + 5 + 2 * 2.25), (
        f"With reg_user = 1 and reg_item = 2 wanted 1 + 5 + 2·2.25 = 10.5; yours {got:.4g}."
    )
    # A fourth rating, of exactly 0, is stored in cell (1, 2), where −2 is predicted.
    stored = csr_array((np.array([1.0, -1.0, 2.0, 0.0]), ([0, 0, 1, 1], [0, 2, 1, 2])), shape=(2, 3))
    got = number_of("objective (with a stored 0)", objective, stored, X, Y, 0.0, 0.0)
    assert not np.isclose(got, 1.0), (
        "A known rating of exactly 0 is left out. After centring it says “exactly average”, as loudly as any "
        "other: a cell is known if it is stored, whatever its value (nonzero() and != 0 look at the value)."
    )
    assert np.isclose(got, 5.0), (
        f"With a stored rating of 0, missed by 2, the squared errors add up to 1 + 4 = 5; yours {got:.4g}."
    )


@visible
def check_objective_memory(objective):
    """Five ratings in a table of 200,000 × 200,000: as a dense array 320 GB, as ratings nothing."""
    size, codes = 200_000, np.array([0, 3, 77, 1_000, 199_999])
    R = csr_array((np.arange(5.0), (codes, codes[::-1])), shape=(size, size))
    X, Y = np.ones((size, 1)), np.ones((size, 1))
    name, hint = "objective (of 5 ratings, 200,000 users)", "Only the known pairs matter."
    got = number_of(name, objective, R, X, Y, 0.5, 0.25, hint=hint)
    assert np.isclose(got, 15 + 0.75 * size), (
        f"Ratings 0…4, all predictions 1: wanted {15 + 0.75 * size}, yours {got}."
    )


# 2.3 solve_row

PENALTY_MISTAKES = {
    "none": "the penalty is missing: this is plain least squares",
    "twice": "the penalty counts twice: differentiate both terms, then divide both by 2",
    "half": "the penalty counts half: differentiate both terms, then divide both by 2",
    "squared": "λ is squared: λ belongs into the matrix, or √λ into appended rows",
    "times ratings": "λ is multiplied by the number of ratings (ALS-WR, or errors that are averaged); "
    "here it is paid once per user, and the errors are summed",
    "over ratings": "λ is divided by the number of ratings: it is not averaged, but paid once per user",
    "subtracted": "the penalty has the wrong sign",
    "every entry": "λ is added to every entry of YᵀY. The penalty is λ·I, on the diagonal",
    "first factor free": "the first factor pays no penalty: λ stands in every place of the diagonal",
    "last factor free": "the last factor pays no penalty: λ stands in every place of the diagonal",
}


@visible
def check_solve_row_three_films_by_hand(solve_row):
    """Three films, two factors, λ = 1: a system of two equations on paper."""
    ratings, factors = np.array([2.0, 1.0, 1.0]), np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    got = array_of("solve_row", solve_row, ratings, factors, 1.0, shape=(2,))
    # On paper: [[2 + p, 1], [1, 2 + p]] x = [3, 2], with p = λ = 1 or with the p of a mistake.
    for mistake, wrong in {
        "none": [4 / 3, 1 / 3],  # p = 0
        "twice": [2 / 3, 1 / 3],  # p = 2
        "half": [22 / 21, 8 / 21],  # p = 1/2
        "times ratings": [13 / 24, 7 / 24],  # p = 3, for three ratings
        "over ratings": [9 / 8, 3 / 8],  # p = 1/3
        "subtracted": [5 / 4, 5 / 4],  # p = −1: many answers, of which this is the shortest
        "every entry": [1.0, 0.0],  # [[3, 2], [2, 3]] x = [3, 2]
        "first factor free": [7 / 5, 1 / 5],  # [[2, 1], [1, 3]] x = [3, 2]
        "last factor free": [4 / 5, 3 / 5],  # [[3, 1], [1, 2]] x = [3, 2]
    }.items():
        assert not np.allclose(got, wrong), f"Yours is {np.round(got, 4)}: {PENALTY_MISTAKES[mistake]}."
    assert not np.allclose(got, [1, 2 / 3]), (
        "Each factor is fitted on its own, (1, 2/3): the entries off the diagonal of YᵀY are missing."
    )
    assert np.allclose(got, [7 / 8, 3 / 8]), (
        f"(YᵀY + I) x = Yᵀr reads [[3, 1], [1, 3]] x = [3, 2] here, so x = (7/8, 3/8); yours {got.round(4)}."
    )


# 2.4 update_factors


@visible
def check_update_factors_by_hand(update_factors):
    """Two users, three items and one factor: x = Σ y r / (Σ y² + λ) over the rated items."""
    values, fixed = np.array([[0.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]), np.array([[1.0], [3.0], [2.0]])
    got = array_of("update_factors", update_factors, csr_array(values), fixed, 1.0, shape=(2, 1))
    # User 0 rated item 2: 2·2 / (2² + 1). User 1 rated items 0 and 2: (1·(−1) + 2·1) / (1² + 2² + 1).
    for mistake, wrong in {
        "all rows in the matrix": [4 / 15, 1 / 15],  # Σ y² = 1² + 3² + 2² for both
        "no penalty": [1, 1 / 5],  # 4/4 and 1/5
        "penalty twice": [2 / 3, 1 / 7],  # 4/(4 + 2) and 1/(5 + 2)
        "penalty times ratings": [4 / 5, 1 / 7],  # λ·1 and λ·2
        "first rows": [1, 2 / 11],  # 1·2 / (1² + 1) and (1·(−1) + 3·1) / (1² + 3² + 1)
        "centred again": [0, 1 / 6],  # user 0 rates 2 − 2 = 0; the mean of user 1 is 0 already
    }.items():
        assert not np.allclose(got.ravel(), wrong), (
            f"These factors solve another problem: {UPDATE_MISTAKES[mistake]}."
        )
    assert not np.allclose(got.ravel(), [4 / 5, 0]), (
        "The last user's factor is 0: does the loop end too early, or pass over who has ratings that "
        "add up to 0?"
    )
    assert not np.allclose(got.ravel(), [2 / 3, 1 / 6]), (
        "Both users get the matrix of all rated items (Σ y² = 5): take for each user those that *they* rated."
    )
    assert np.allclose(got, [[4 / 5], [1 / 6]]), (
        f"Wanted 4/5 and 1/6 for the two users, yours {got.ravel().round(4)}."
    )


@visible
def check_update_factors_of_both_sides(update_factors):
    """The same table turned on its side: items in rows; and a rating of exactly 0 that is stored."""
    R, fixed = csr_array([[0.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]), np.array([[2.0], [1.0]])
    # Item 0: 1·(−1) / (1² + 1). Nobody rated item 1. Item 2: (2·2 + 1·1) / (2² + 1² + 1).
    got = array_of("update_factors (of R.T)", update_factors, R.T, fixed, 1.0, shape=(3, 1)).ravel()
    assert np.allclose(got, [-1 / 2, 0, 5 / 6]), (
        f"Given R.T and the users' factors 2 and 1, the three items want −1/2, 0 and 5/6; yours "
        f"{got.round(4)}. (R.T is a CSC matrix, whose `indptr` runs over the columns.)"
    )
    # One user with three films: 2 stars above the mean for the last, exactly the mean for the first.
    R = csr_array((np.array([0.0, 2.0]), ([0, 0], [0, 2])), shape=(1, 3))
    items = np.array([[1.0], [3.0], [2.0]])
    got = array_of("update_factors", update_factors, R, items, 1.0, shape=(1, 1)).item()
    assert not np.isclose(got, 4 / 5), f"A stored 0 does not count: {UPDATE_MISTAKES['zeros left out']}."
    assert np.isclose(got, 4 / 6), (
        f"Ratings of 0 and 2 for films of factors 1 and 2, λ = 1: x = (1·0 + 2·2) / (1² + 2² + 1) = 2/3; "
        f"yours {got:.4f}."
    )


# 2.5 fit_als


@visible
def check_fit_als_history(fit_als, seed=0):
    """Two numbers an epoch, none above the one before; a table of one rating ends where paper says."""
    R, _, _ = some_ratings(seed)
    X, Y, history = half_steps_of("fit_als", fit_als, R, 2, 0.5, 0.5, 4, np.random.default_rng(seed))
    never_rises(
        history,
        "Does the item step get the new users, or stale ones of the epoch before? Is it the same λ in the "
        "update and in L?",
    )
    assert history[-1] < history[0] or np.any(X) or np.any(Y), (
        "L does not fall and all factors are 0: from a start at 0 every half-step answers 0. Start at random."
    )
    falls(history)
    # (2 − x·y)² + ½x² + ½y² is least where x² = y² = x·y = 2 − ½.
    X, Y, _ = half_steps_of(
        "fit_als", fit_als, csr_array([[2.0]]), 1, 0.5, 0.5, 30, np.random.default_rng(seed)
    )
    assert np.allclose(X @ Y.T, 1.5, atol=1e-6), (
        "One user, one item, a rating of 2 and λ = ½ on both sides: after 30 epochs x·y is 2 − ½ = 1.5; "
        f"yours {(X @ Y.T).item():.4f}. Are these the factors that the last epoch ends with, of the ratings "
        "as they were given? (R is centred already.)"
    )


@visible
def check_fit_als_half_steps(fit_als, seed=0):
    """Where a half-step has found its minimum, the gradient over its block is 0, and L is recorded there."""
    R, known, values = some_ratings(seed)
    reg_user, reg_item = 0.3, 1.7
    (X1, Y1, _), (X2, Y2, history) = (
        half_steps_of("fit_als", fit_als, R, 2, reg_user, reg_item, epochs, np.random.default_rng(seed))
        for epochs in (1, 2)
    )

    def errors(X, Y):
        return np.where(known, values - X @ Y.T, 0.0)

    each_half_step_is_exact((X1, Y1), (X2, Y2), errors, reg_user, reg_item)
    assert not np.any(Y2) or not np.allclose(Y2[:, 0], Y2[:, 1]), (
        "The factors are copies of each other: from a constant start they stay equal. Start at random."
    )
    squares, penalty = np.sum(errors(X2, Y2) ** 2), reg_user * np.sum(X2**2) + reg_item * np.sum(Y2**2)
    for value, mistake in [
        (np.sqrt(squares / R.nnz), "history holds the RMSE"),
        (squares, "history lacks the penalty"),
        (
            np.sum(errors(X2, Y1) ** 2) + reg_user * np.sum(X2**2) + reg_item * np.sum(Y1**2),
            "it is too early",
        ),
    ]:
        assert not np.isclose(history[-1], value), (
            f"history ends with {history[-1]:.4f}: {mistake}. Record the whole L right after each half-step."
        )
    assert np.isclose(history[-1], squares + penalty), (
        f"L at the X and Y that you return is {squares + penalty:.4f}; history ends with {history[-1]:.4f}."
    )


# 2.6 counts_unknown_as_zero


def ask_for_verdicts(counts_unknown_as_zero, R, fixed, reg, answers, rng, what):
    """Ask for the verdict on both answers, a rounding error of 1e-9 added to each entry."""
    noisy = [X + rng.uniform(-1e-9, 1e-9, size=X.shape) for X in answers]
    cases = [("counts_unknown_as_zero", (R, fixed, reg, rounded)) for rounded in noisy]
    verdicts = results_for(counts_unknown_as_zero, cases)
    for wanted, got in zip((True, False), verdicts, strict=True):
        assert np.ndim(got) == 0 and got in (True, False), f"The verdict is one bool; yours is {got!r}."
        story = "with every unknown cell as a rating of 0" if wanted else "over the known cells only"
        assert bool(got) == wanted, (
            f"{what}: the update solved the equations {story}, so wanted {wanted}; yours {got}."
        )


@visible
def check_counts_unknown_as_zero_plain(counts_unknown_as_zero, seed=0):
    """Two users, three items, one factor: a right and a wrong update, worked out on paper, are told apart."""
    rng = np.random.default_rng(seed)
    R, fixed = csr_array([[0.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]), np.array([[1.0], [3.0], [2.0]])
    # x = Σ y r / (Σ y² + 1). The numerators are 2·2 = 4 and 1·(−1) + 2·1 = 1, whoever is right.
    as_zero = np.array([[4 / 15], [1 / 15]])  # Σ y² over all items: 1² + 3² + 2² = 14 for both users
    known_only = np.array([[4 / 5], [1 / 6]])  # Σ y² over the rated items: 2² = 4 and 1² + 2² = 5
    ask_for_verdicts(
        counts_unknown_as_zero, R, fixed, 1.0, (as_zero, known_only), rng, "Two users, three items"
    )
