"""What do the hidden checks of unit 08, EASE, ask of each exercise?"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from course_utils.checks.awkward import known_and_values, rating_matrices
from course_utils.checks.call import array_of
from course_utils.checks.ease import (
    chosen,
    liked_cells,
    lists_measured,
    off_diagonal,
    some_ratings,
    verdict_on,
)
from course_utils.checks.extremes import DIGITS, FAR, near


def _some_likes(seed, m=9, n=6):
    """Likes with stars in their cells; user 2 and item 4 have none, item 1 is liked by all but user 2."""
    rng = np.random.default_rng(seed)
    likes = rng.random((m, n)) < 0.45
    likes[:, 1] = True
    likes[2, :] = likes[:, 4] = False
    users, items = np.nonzero(likes)
    return csr_array((rng.integers(0, 11, size=len(users)) / 2, (users, items)), shape=(m, n)), likes * 1.0


def _regressions(A, reg):
    """The weights by brute force: each item's ridge regression on all others."""
    n = A.shape[1]
    B = np.zeros((n, n))
    for j in range(n):
        others = np.delete(np.arange(n), j)
        X = A[:, others]
        if len(A) < n:  # the same, by a system of the users
            B[others, j] = X.T @ np.linalg.solve(X @ X.T + reg * np.eye(len(A)), A[:, j])
        else:
            B[others, j] = np.linalg.solve(X.T @ X + reg * np.eye(n - 1), X.T @ A[:, j])
    return B


def _crowds():
    """Pairs of items, some with a few likes and some with thousands, and a λ: their weights are known.

    Items 2p and 2p + 1 are liked by n users, one of them by n' more, who like nothing else. No other pair has
    to do with theirs: B is n / (n + n' + λ) one way, and n / (n + λ) the other.
    """
    sizes = [(3, 1), (300, 5), (1, 2), (40_000, 7)]
    rows, columns, first = [], [], 0
    for pair, (both, more) in enumerate(sizes):
        users = first + np.arange(both + more)
        rows += [users, users[:both]]
        columns += [np.full(both + more, 2 * pair), np.full(both, 2 * pair + 1)]
        first += both + more
    rows, columns = np.concatenate(rows), np.concatenate(columns)
    R = csr_array((np.ones(len(rows)), (rows, columns)), shape=(first, 8))
    for reg in (1e-7, 0.5, FAR):
        B = np.zeros((8, 8))
        for pair, (both, more) in enumerate(sizes):
            B[2 * pair, 2 * pair + 1] = both / (both + more + reg)
            B[2 * pair + 1, 2 * pair] = both / (both + reg)
        yield R, reg, B


def _growing_weights(k=20):
    """Likes with which the weights for the last item are 1, −1, 1, −2, 3, −5, …, but for the penalty.

    User u likes item u, and of those before it each other one, so that its weight takes back all of theirs.
    The last item is liked by the first user alone.
    """
    likes = np.eye(k, k + 1)
    for u in range(1, k):
        likes[u, u - 1 :: -2] = 1
    likes[0, k] = 1
    return likes


# 8.1 ease_weights


def check_ease_weights_are_regressions(ease_weights, seed=0):
    """Column j is the ridge regression of item j on all others; an item that nobody likes has zeros."""
    R, A = _some_likes(seed)
    for reg in (0.5, 3.0, 200.0):
        got = array_of(f"ease_weights (λ = {reg})", ease_weights, R, reg, shape=(6, 6))
        wanted = _regressions(A, reg)
        assert not np.allclose(got[:, 4], -1 * (np.arange(6) == 4)), (
            "The column of an item that nobody likes is 0, its diagonal too."
        )
        wrong = np.abs(got - wanted).max(axis=0)
        j = int(wrong.argmax())
        assert np.allclose(got, wanted, atol=1e-8), (
            f"λ = {reg}: column {j} should hold the weights of item {j}'s ridge regression on all other "
            "items, computed from 0s and 1s, whatever the stars in the cells. Yours are others."
        )


def check_ease_weights_awkward(ease_weights, seed=0):
    """On awkward tables of likes, of any type: the regressions of their 0s and 1s."""
    cases = rating_matrices(seed)
    cases["turned"] = cases["a plain one"].T.tocsr()
    for case, R in cases.items():
        n = R.shape[1]
        got = array_of(f"ease_weights ({case})", ease_weights, R, 2.0, shape=(n, n))
        wanted = _regressions(known_and_values(csr_array(R))[0] * 1.0, 2.0)
        assert near(got, wanted), (
            f"ease_weights ({case}): every stored cell is a like, and each column the regression of its item "
            f"on all others. Yours are other weights. {DIGITS}"
        )
    for R, reg, wanted in _crowds():
        label = f"ease_weights (pairs of items with 1 to 40,000 likes, λ = {reg:g})"
        got = array_of(label, ease_weights, R, reg, shape=(8, 8))
        assert near(got, wanted, digits=6) and near(
            got[wanted > 0], wanted[wanted > 0], each=True, digits=6
        ), (
            f"{label}: of a pair liked by n users, and one of the two by n' more, the weights are "
            f"n / (n + n' + λ) and n / (n + λ), {wanted[wanted > 0]}; yours {got[wanted > 0]}. {DIGITS}"
        )
    likes, reg = _growing_weights(), 1e-9
    label = f"ease_weights (weights up to 6,000, λ = {reg:g})"
    got, wanted = (
        array_of(label, ease_weights, csr_array(likes), reg, shape=(21, 21)),
        _regressions(likes, reg),
    )
    assert near(got, wanted, digits=3), (
        f"{label}: the largest is {np.abs(wanted).max():.0f}, yours {np.abs(got).max():.0f}; column 20 is "
        f"{wanted[:5, 20].round(2)} …, yours {got[:5, 20].round(2)}. {DIGITS}"
    )


# 8.2 ease_scores


def check_ease_scores_are_likes_times_weights(ease_scores, seed=0):
    """More users than items, fewer, and as many: always the likes times the weights of every item."""
    for shape in [(9, 6), (4, 11), (6, 6)]:
        R, A = _some_likes(seed, *shape)
        for reg in (0.5, 40.0, 2_000.0):
            got = array_of(f"ease_scores ({shape[0]} × {shape[1]})", ease_scores, R, reg, shape=shape)
            assert np.allclose(got[2], 0), "A user without likes has no reason for any film: scores of 0."
            assert np.allclose(got, A @ _regressions(A, reg), atol=1e-8), (
                f"{shape[0]} users, {shape[1]} items, λ = {reg}: the scores should be A B, with the B of "
                "exercise 8.1, computed from 0s and 1s. Yours are others."
            )


def check_ease_scores_awkward(ease_scores, seed=0):
    """On awkward tables of likes, of any type: the likes times the weights of every item."""
    for case, R in rating_matrices(seed).items():
        likes = known_and_values(R)[0] * 1.0
        got = array_of(f"ease_scores ({case})", ease_scores, R, 1.5, shape=R.shape)
        assert np.allclose(got, likes @ _regressions(likes, 1.5), rtol=1e-9, atol=1e-9), (
            f"ease_scores ({case}): every stored cell is a like, and the scores are A B with the B of 8.1. "
            f"Yours are others. {DIGITS}"
        )
    # Sixty users each like an item and the last one; one user likes all but the last, a score beyond 11.
    likes = np.repeat(np.hstack([np.eye(14), np.ones((14, 1))]), [60] * 14, axis=0)
    likes = np.vstack([likes, np.append(np.ones(14), 0.0)])
    for given, reg in [(likes, 1e-2), (_growing_weights(8), 1e-3), (_growing_weights(12), 1e-4)]:
        label = f"ease_scores ({given.shape[0]} users, {given.shape[1]} items, λ = {reg:g})"
        got = array_of(label, ease_scores, csr_array(given), reg, shape=given.shape)
        wanted = given @ _regressions(given, reg)
        assert near(got, wanted, digits=5), (
            f"{label}: scores from {wanted.min():.4g} to {wanted.max():.4g}; yours from {got.min():.4g} "
            f"to {got.max():.4g}. {DIGITS}"
        )


# 8.3 choose


def check_choose_takes_the_first_of_equals(choose):
    """One film is left for everybody, so that every λ is perfect: the first one of the grid is chosen."""
    train = csr_array([[5.0, 0.0], [0.0, 4.0], [4.5, 0.0]])
    valid = csr_array([[0.0, 4.0], [5.0, 0.0], [0.0, 1.0]])
    for grid in ([7.0, 3.0, 9.0], [3.0, 9.0, 7.0]):
        best, table = chosen(choose, train, valid, np.array(grid))
        assert np.allclose(table, 1), (
            f"There is one film to show to each user, and two of three like it (the third one's list is not "
            f"judged): every NDCG@10 is 1; yours {table.tolist()}."
        )
        assert best == grid[0], (
            f"All λ of {grid} are equally good: take the first, {grid[0]:g}; yours {best:g}."
        )


def check_choose_does_not_depend_on_the_rest_of_the_grid(choose, seed=0):
    """The table follows the grid: in another order, one at a time, as whole numbers."""
    train, valid = some_ratings(seed)
    grid = np.array([50, 2, 900])
    right = lists_measured(liked_cells(train), train.toarray() > 0, liked_cells(valid), grid)
    for order in ([2, 0, 1], [1]):
        best, table = chosen(choose, train, valid, grid[order])
        assert np.allclose(table, right[order], atol=1e-6), (
            f"λ = {grid[order].tolist()}: NDCG@10 is {right[order].round(4).tolist()}, in this order; yours "
            f"{table.round(4).tolist()}."
        )
        assert best == grid[order][right[order].argmax()], (
            f"λ = {grid[order].tolist()}: the best is {grid[order][right[order].argmax()]}; yours {best:g}."
        )
    # Two λ that are nearly as good, of which the second is better.
    train, valid = some_ratings(seed, m=300)
    grid = np.geomspace(1.0, 3_000.0, 40)
    right = lists_measured(liked_cells(train), train.toarray() > 0, liked_cells(valid), grid)
    gains = right[None, :] - right[:, None]
    gains[(gains < 1e-9) | (right.round(4)[None, :] != right.round(4)[:, None])] = np.inf
    pair = grid[list(np.unravel_index(gains.argmin(), gains.shape))]
    best, _ = chosen(choose, train, valid, pair)
    assert best == pair[1], (
        f"NDCG@10 is better with λ = {pair[1]:g} than with {pair[0]:g}, by {gains.min():.2g}; yours "
        f"takes {best:g}. A better list is better, by however little: do not round."
    )


def check_choose_knows_likes_from_ratings(choose):
    """Raising what is below 4 stars changes nothing, as long as it stays there; the types do not matter."""
    train, valid = some_ratings(1)
    grid = np.array([20.0, 400.0])
    _, table = chosen(choose, train, valid, grid)
    for kind in (np.float32, np.float64):
        other_train, other_valid = train.astype(kind), valid.astype(kind)
        for ratings in (other_train, other_valid):
            ratings.data[ratings.data < 4] = 0.5
        _, other = chosen(choose, other_train, other_valid, grid)
        assert np.allclose(table, other, atol=1e-6), (
            "A training rating of 3 stars and one of ½ star are the same: no like, and not to be shown "
            "again. So are two validation ratings below 4. Yours tells them apart."
        )


# 8.4 ease_explain


def check_ease_explain_adds_up(ease_explain, seed=0):
    """The terms add up to the score, whoever likes what; nobody's likes have no terms; B stays."""
    rng = np.random.default_rng(seed)
    B = off_diagonal(rng.normal(size=(7, 7)) * FAR)
    for size in (0, 1, 3, 6):
        items, target = rng.permutation(7)[:size], int(rng.integers(7))
        likes = np.isin(np.arange(7), items) * 1.0
        for given in (items, items.tolist()):
            got = array_of("ease_explain", ease_explain, given, B, target, shape=(size,))
            assert np.isclose(got.sum(), likes @ B[:, target]), (
                f"Likes {items.tolist()}, target {target}: the terms should add up to the score, the likes "
                "times column `target` of B."
            )
            assert near(got, [B[item, target] for item in items], each=True), (
                f"Likes {items.tolist()}, target {target}: in the order of `items` the terms are B[i, t]."
            )


# 8.5 solves_ease


def _check_bound(solves_ease, R, A, B, reg):
    """A weight that is off by 2e-6 breaks the law; one whose entries of (8.5) are 3e-8 does not."""
    slopes = A.T @ A + reg * np.eye(len(B))
    for i, j in [(0, 3), (4, 1), (5, 0)]:
        steepest = np.abs(np.delete(slopes[:, i], j)).max()
        for error, wanted in [(2e-6, False), (3e-8 / steepest, True)]:
            off = B.copy()
            off[i, j] += error
            assert verdict_on(solves_ease, R, off, reg) == wanted, (
                f"λ = {reg}: one weight is off by {error:.2g}, and the largest entry of (8.5) is "
                f"{error * steepest:.2g}: wanted {wanted}. The bound is 1e-6, for the largest entry and "
                "not for their mean."
            )


def check_solves_ease_is_the_law(solves_ease, seed=0):
    """Right weights pass, with rounding too; one weight that is off does not, wherever it stands."""
    R, A = _some_likes(seed)
    rng = np.random.default_rng(seed)
    for reg in (0.5, 30.0):
        B = _regressions(A, reg)
        for noise in (0.0, 1e-10):
            given = B + noise * rng.normal(size=B.shape)
            assert verdict_on(solves_ease, R, given, reg), (
                f"λ = {reg}: the right weights are turned down"
                + (f", with errors of rounding of {noise:g}: compare with a tolerance." if noise else ".")
                + " (A stored cell is a like, whatever its value.)"
            )
        first, second = ((A.T @ A + reg * np.eye(6)) @ np.eye(6)[[i]].T for i in (0, 3))
        cancelling = B.copy()  # in column 5 two weights are off, and the entries of (8.5) add up to 0 again
        cancelling[0, 5] += 0.01 * second[:5].sum()
        cancelling[3, 5] -= 0.01 * first[:5].sum()
        assert not verdict_on(solves_ease, R, cancelling, reg), (
            f"λ = {reg}: two weights are off so that the entries of (8.5) add up to 0, and your test lets "
            "them pass: look at the largest absolute entry."
        )
        for i in range(6):
            for j in range(6):
                for error in ((0.01, 1e-4)[(i + j) % 2],) if i != j else (0.01, -0.01, 1e-5):
                    off = B.copy()
                    off[i, j] += error
                    where = "on the diagonal" if i == j else "off the diagonal"
                    assert not verdict_on(solves_ease, R, off, reg), (
                        f"λ = {reg}: one weight {where} (row {i}, column {j}) is off by {error:g}, and your "
                        "test lets it pass. The law holds for every entry."
                    )
        _check_bound(solves_ease, R, A, B, reg)


def check_solves_ease_of_many_likes(solves_ease, seed=0):
    """Films with more likes than 8 bits can count: the right weights pass, and nearly right ones do not."""
    likes = np.random.default_rng([seed, 6]).random((300, 12)) < 0.6
    R, B = csr_array(likes.astype(np.int8)), _regressions(likes * 1.0, 2.0)
    assert verdict_on(solves_ease, R, B, 2.0), (
        "300 users, 12 films, likes stored in 8 bits: the right weights are turned down. Counts of likes do "
        "not fit into 8 bits, and sums of hundreds of terms in 32 bits are off by more than 1e-6: let A and "
        "B be float64."
    )
    assert not verdict_on(solves_ease, R, B + 1e-5, 2.0), (
        "300 users, 12 films: each weight is 1e-5 too large, so that the entries of (8.5) are far above "
        "1e-6, and your test lets them pass."
    )


def check_solves_ease_of_what_are_no_weights(solves_ease, seed=0):
    """Weights with nan or inf, or of another shape, are not those of EASE: False, and no error."""
    R, A = _some_likes(seed)
    B = _regressions(A, 1.0)
    for value in (np.nan, np.inf, -np.inf):
        for place in ((0, 3), (5, 5)):
            broken = B.copy()
            broken[place] = value
            with np.errstate(all="ignore"):
                assert not verdict_on(solves_ease, R, broken, 1.0), (
                    f"Weights with {value} in them pass your test: every comparison with nan is False, "
                    "so that nothing seems to be off. Ask np.isfinite first."
                )
    assert not verdict_on(solves_ease, R, B[:5, :5].copy(), 1.0), (
        "Weights for 5 items cannot be those of 6: return False."
    )
