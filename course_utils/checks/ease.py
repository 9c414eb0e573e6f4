"""What do the visible checks of unit 08, EASE, ask of each exercise?"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from course_utils.checks.call import array_of, parts_of, result_of
from course_utils.checks.compare import name_mistake
from course_utils.checks.visible import visible

# Three users, three films.
TOY_LIKES = ((0, 0), (0, 1), (1, 0), (1, 1), (2, 1), (2, 2))
HUGE = 200_000  # items; n × n numbers would take 320 GB


def likes_of(cells, shape, values=None):
    """A matrix with these cells stored, as 1 or with these values."""
    users, items = np.array(cells).T
    data = np.ones(len(cells)) if values is None else np.array(values, dtype=float)
    return csr_array((data, (users, items)), shape=shape)


def toy_inverse():
    """The inverse of AᵀA + I for the toy."""
    return np.array([[7, -4, 2], [-4, 6, -3], [2, -3, 8]]) / 13


def toy_weights():
    """The toy's weights for λ = 1."""
    return np.array([[0, 2 / 3, -1 / 4], [4 / 7, 0, 3 / 8], [-2 / 7, 1 / 2, 0]])


def off_diagonal(B):
    """The same weights with zeros on the diagonal."""
    return B * (1 - np.eye(len(B)))


# 8.1 ease_weights


@visible
def check_ease_weights_by_hand(ease_weights):
    """Three users, three films, λ = 1: nine weights that can be worked out on paper."""
    got = array_of("ease_weights", ease_weights, likes_of(TOY_LIKES, (3, 3)), 1.0, shape=(3, 3))
    P = toy_inverse()
    for wrong, mistake in [
        (toy_weights().T, "row i is divided by P_ii: divide column j by P_jj"),
        (-P / np.diag(P), "the diagonal is −1: a film must not speak for itself. Set it to 0"),
        (-toy_weights(), "the signs are turned: films that are liked together speak for each other"),
        (off_diagonal(-P), "the diagonal of I − λP is set to 0: that is another problem, solved without the "
         "condition. Divide by the diagonal of P"),
        (np.eye(3) - P, "these are the weights without the condition, I − λP: each film's best predictor is "
         "itself. Divide column j by P_jj, and set the diagonal to 0"),
        (off_diagonal(P), "this is P itself: divide column j by −P_jj"),
    ]:  # fmt: skip
        assert not np.allclose(got, wrong), f"Three films, λ = 1: {mistake}."
    assert np.allclose(np.diag(got), 0), (
        f"The diagonal is 0: no film speaks for itself. Yours: {np.diag(got).round(4).tolist()}."
    )
    assert np.allclose(got, toy_weights()), (
        "Three films, λ = 1: for the second film the weights are 2/3, 0 and 1/2 (column 1). Yours: "
        f"{got[:, 1].round(4).tolist()}."
    )


@visible
def check_ease_weights_of_stars(ease_weights):
    """A stored cell is a like, whatever its value: 5 stars say no more than 1, and R stays as it is."""
    R = likes_of(TOY_LIKES, (3, 3), values=[5, 3, 4, 0.5, 0, 2])
    got = array_of("ease_weights (of stars)", ease_weights, R, 1.0, shape=(3, 3))
    of_ones = array_of("ease_weights", ease_weights, likes_of(TOY_LIKES, (3, 3)), 1.0, shape=(3, 3))
    assert not np.allclose(got, of_ones) or np.allclose(got, toy_weights()), (
        "The weights are wrong for ones, and as wrong for stars: see what is said of ones."
    )
    assert np.allclose(got, toy_weights()), (
        "The same six cells, now with stars in them (one of them a 0): a stored cell is a like, and the "
        "weights are the same as for ones. Yours differ: the values count."
    )


# 8.2 ease_scores


@visible
def check_ease_scores_by_hand(ease_scores):
    """The same three users: their likes times the weights."""
    got = array_of("ease_scores", ease_scores, likes_of(TOY_LIKES, (3, 3)), 1.0, shape=(3, 3))
    A = likes_of(TOY_LIKES, (3, 3)).toarray()
    for wrong, mistake in [
        (A @ toy_weights().T, "the weights stand the other way round: divide *column* j of K by P_jj"),
        (A @ toy_inverse(), "this is K = A P: the scores are A − K, with each column of K divided by P_jj"),
        (A - A @ toy_inverse(), "K is subtracted as it is: divide its column j by P_jj first"),
        (-(A @ toy_inverse()) / np.diag(toy_inverse()), "A is left out: the scores are A − K / diag(P)"),
    ]:
        assert not np.allclose(got, wrong), f"Three users, λ = 1: {mistake}."
    wanted = A @ toy_weights()
    assert np.allclose(got, wanted), (
        "The first user likes films 0 and 1: the scores are 4/7, 2/3 and 1/8, for films 0, 1 and 2; "
        f"yours {got[0].round(4).tolist()}."
    )


@visible
def check_ease_scores_of_a_huge_catalogue(ease_scores):
    """Three users, 200,000 films: no array of films × films, which would take 320 GB."""
    places = np.array([0, HUGE // 2, HUGE - 1])
    R = likes_of([(user, places[item]) for user, item in TOY_LIKES], (3, HUGE))
    hint = "No array may have n × n numbers: solve the system with A Aᵀ, which is m × m."
    got = array_of("ease_scores (of 200,000 films)", ease_scores, R, 1.0, shape=(3, HUGE), hint=hint)
    assert np.allclose(got[:, places], likes_of(TOY_LIKES, (3, 3)).toarray() @ toy_weights()), (
        "The three films of the toy, now among 200,000 that nobody likes: their scores stay the same."
    )
    assert np.allclose(np.delete(got, places, axis=1), 0), "A film that nobody likes has the score 0."


# 8.3 choose


def some_ratings(seed, m=60, n=12):
    """Ratings in two parts without a common cell, in half stars, both with likes and others.

    Every user has a training like: somebody without one has scores of 0, in an order of rounding errors.
    """
    rng = np.random.default_rng(seed)
    taste, kind = rng.integers(3, size=m), rng.integers(3, size=n)
    stars = np.where(taste[:, None] == kind, 4.5, 3.0) + rng.integers(-2, 3, size=(m, n)) / 2
    part = rng.choice(3, p=[0.35, 0.4, 0.25], size=(m, n))  # 0: unknown, 1: training, 2: validation
    liked = rng.integers(n, size=m)
    stars[np.arange(m), liked], part[np.arange(m), liked] = 4.5, 1
    return tuple(csr_array(np.where(part == which, stars, 0.0)) for which in (1, 2))


def liked_cells(ratings):
    """True where a rating is a like, in a dense array."""
    return ratings.toarray() >= 4


def lists_measured(likes, seen, wanted, grid):
    """NDCG@10 of EASE's lists for each λ, by the formulas; all three are dense arrays of True and False."""
    likes, table = likes * 1.0, []
    gains = 1 / np.log2(np.arange(2, 12))
    for reg in grid:
        P = np.linalg.inv(likes.T @ likes + reg * np.eye(likes.shape[1]))
        scores = np.where(seen, -np.inf, likes @ off_diagonal(-P / np.diag(P)))
        ranked = np.argsort(-scores, axis=1, kind="stable")[:, :10]
        hits = np.take_along_axis(wanted, ranked, axis=1)
        best = [gains[:n].sum() for n in wanted.sum(axis=1)]
        judged = wanted.any(axis=1)
        table.append(np.mean((hits @ gains[: ranked.shape[1]])[judged] / np.array(best)[judged]))
    return np.array(table)


def chosen(choose, train, valid, grid):
    """The λ and the table that the student's function returns."""
    best, table = parts_of("choose", ("the best λ", "the table"), choose, train, valid, grid)
    assert np.ndim(best) == 0 and np.shape(table) == (len(grid),), (
        f"choose returns one λ, and a table with a number for each of the {len(grid)} in `grid`; yours have "
        f"the shapes {np.shape(best)} and {np.shape(table)}."
    )
    return float(best), np.asarray(table, dtype=float)


@visible
def check_choose_judges_on_validation_likes(choose):
    """Four λ on sixty users: the table by the formula, and the λ of its highest entry."""
    train, valid = some_ratings(0)
    grid = np.array([300.0, 1.0, 30.0, 5000.0])
    best, table = chosen(choose, train, valid, grid)
    likes, wanted = liked_cells(train), liked_cells(valid)
    seen, rated, nothing = train.toarray() > 0, valid.toarray() > 0, np.zeros(train.shape, dtype=bool)
    name_mistake(
        table,
        {
            "the models have learned from the validation ratings, too: fit on `train` alone": lists_measured(
                likes | wanted, seen, wanted, grid
            ),
            "the lists are judged on what the models have learned from: judge on `valid`": lists_measured(
                likes, nothing, likes, grid
            ),
            "films that were rated in training stay in the lists: take them out": lists_measured(
                likes, nothing, wanted, grid
            ),
            "every training rating counts as a like: take those of 4 stars or more": lists_measured(
                seen, seen, wanted, grid
            ),
            "every validation rating counts as relevant: take those of 4 stars or more": lists_measured(
                likes, seen, rated, grid
            ),
        },
    )
    right = lists_measured(likes, seen, wanted, grid)
    assert np.allclose(table, right, atol=1e-6), (
        f"For λ = 300, 1, 30 and 5,000 NDCG@10 is {right.round(4).tolist()}; yours {table.round(4).tolist()}."
    )
    assert best != grid[right.argmin()], "You return the λ with the lowest NDCG@10: the higher, the better."
    assert best == grid[right.argmax()], (
        f"The best λ is {grid[right.argmax()]:g}, with the highest entry of the table; yours {best:g}."
    )


# 8.4 ease_explain


@visible
def check_ease_explain_by_hand(ease_explain):
    """Somebody likes films 2 and 0: what each says for film 1."""
    got = array_of("ease_explain", ease_explain, np.array([2, 0]), toy_weights(), 1, shape=(2,))
    for wrong, mistake in [
        ([3 / 8, 4 / 7], "these are the weights of film 1 for films 2 and 0: you want those *for* film 1, "
         "which stand in its column"),
        ([2 / 3, 1 / 2], "the terms stand in the order of the codes: keep the order of `items`"),
        ([3 / 7, 4 / 7], "these are shares of 1: the terms add up to the score"),
    ]:  # fmt: skip
        assert not np.allclose(got, wrong), f"Likes 2 and 0, target 1: {mistake}."
    assert np.allclose(got, [1 / 2, 2 / 3]), (
        f"Likes 2 and 0, target 1: B[2, 1] = 1/2 and B[0, 1] = 2/3; yours {got.round(4).tolist()}."
    )


# 8.5 solves_ease


def verdict_on(solves_ease, R, B, reg):
    """What the student's test says of weights: True or False."""
    result = result_of("solves_ease", solves_ease, R, B, reg)
    assert isinstance(result, bool | np.bool_), (
        f"solves_ease returns True or False; yours returned {result!r}, a {type(result).__name__}."
    )
    return bool(result)


@visible
def check_solves_ease_of_the_colleagues(solves_ease):
    """The right weights, and those of three colleagues: transposed, forced to 0, and with another λ."""
    R, P = likes_of(TOY_LIKES, (3, 3)), toy_inverse()
    assert verdict_on(solves_ease, R, toy_weights(), 1.0), (
        "The right weights of three films are turned down. Look at the gradient off the diagonal only: on "
        "the diagonal, B must be 0 and the gradient need not be."
    )
    for wrong, whose in [
        (
            toy_weights().T,
            "divide rows in place of columns, so that they are the transpose of the right ones",
        ),
        (
            off_diagonal(-P),
            "come from a problem without the condition, and the diagonal is set to 0 afterwards",
        ),
        (np.eye(3) - P, "come from a problem without the condition: the diagonal is not 0"),
        (-P / np.diag(P), "are right, but for the diagonal of −1"),
        (np.zeros((3, 3)), "are all 0"),
    ]:
        assert not verdict_on(solves_ease, R, wrong.copy(), 1.0), (
            f"A colleague's weights pass your test; they {whose}. Does it look at every entry of the law?"
        )
    assert not verdict_on(solves_ease, R, toy_weights(), 2.0), (
        "Weights for λ = 1 pass your test for λ = 2: is the term λB in it?"
    )
