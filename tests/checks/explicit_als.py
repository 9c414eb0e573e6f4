"""What do the hidden checks of unit 02, explicit alternating least squares, ask of each exercise?"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from course_utils.checks.alternating import half_steps_for, half_steps_of, starts_normal
from course_utils.checks.awkward import factor_matrices, known_and_values, layouts, rating_matrices
from course_utils.checks.call import array_of, number_of, result_of
from course_utils.checks.explicit_als import (
    PENALTY_MISTAKES,
    UPDATE_MISTAKES,
    ask_for_verdicts,
    some_ratings,
)
from course_utils.checks.extremes import DIGITS, FAR, TINY, OnAxes, agrees_on_axes, near
from course_utils.checks.together import arrays_for, numbers_for, results_for


def _ridge(gram_rows, known_rows, ratings, penalty):
    """Solution of (gram_rowsᵀ gram_rows + penalty) x = known_rowsᵀ ratings; zeros where nothing is known."""
    if len(ratings) == 0:
        return np.zeros(known_rows.shape[1])
    return np.linalg.lstsq(gram_rows.T @ gram_rows + penalty, known_rows.T @ ratings, rcond=None)[0]


def _updates(known, values, fixed, reg, mistake="none"):
    """Factors of every row by brute force: right, or with a mistake that is known from many notebooks."""
    k, n_known = fixed.shape[1], known.sum(axis=1)
    penalty = np.full(len(known), reg)[:, None, None] * np.eye(k)
    if mistake == "zeros left out":
        known = known & (values != 0)
    elif mistake == "centred again":
        values = values - (values.sum(axis=1, where=known) / np.maximum(n_known, 1))[:, None]
    elif mistake == "first rows":
        first = np.arange(known.shape[1]) < n_known[:, None]
        moved = np.zeros(known.shape)
        moved[first] = values[known]
        known, values = first, moved
    elif mistake == "no penalty":
        penalty = 0 * penalty
    elif mistake == "penalty twice":
        penalty = 2 * penalty
    elif mistake == "penalty on every entry":
        penalty = np.full((len(known), k, k), reg)
    elif mistake == "penalty times ratings":
        penalty = n_known[:, None, None] * penalty
    in_matrix = np.ones(known.shape) if mistake == "all rows in the matrix" else known.astype(float)
    grams = np.einsum("ui,ik,il->ukl", in_matrix, fixed, fixed) + penalty
    sides = np.where(known, values, 0.0) @ fixed
    # With most mistakes a matrix may be singular: then there is no inverse, but a shortest answer.
    if mistake in ("none", "all rows in the matrix") and reg > 0:
        return np.linalg.solve(grams, sides[..., None])[..., 0]
    return (np.linalg.pinv(grams, hermitian=True) @ sides[..., None])[..., 0]


def _name_update_mistake(got, known, values, fixed, reg):
    """Fail with the name of the mistake whose factors these are, if it is a known one."""
    for mistake, sentence in UPDATE_MISTAKES.items():
        wrong = _updates(known, values, fixed, reg, mistake)
        assert not np.allclose(got, wrong, atol=1e-6), f"These factors solve another problem: {sentence}."


def _loss(known, values, X, Y, reg_user, reg_item):
    """The objective by brute force, on dense arrays."""
    return np.sum(((values - X @ Y.T) ** 2)[known]) + reg_user * np.sum(X**2) + reg_item * np.sum(Y**2)


# 2.1 predict


def check_predict_pairs(predict, seed=0):
    """Every pair gets μ + x_u·y_i, whatever its place, its value and how often it is asked for."""
    rng = np.random.default_rng(seed)
    X, Y = rng.normal(size=(6, 3)), rng.normal(size=(8, 3))
    users, items = np.array([0, 5, 5, 2, 0, 3]), np.array([7, 0, 0, 1, 0, 4])
    X[5], Y[0] = [2.0, 1.0, 2.0], [2.0, 2.0, 2.0]  # their product, 10, is beyond any scale of stars
    X[2], Y[1] = [1.0, 0.0, 0.0], [-9.0, 1.0, 1.0]
    wanted = [3.5 + sum(X[u, f] * Y[i, f] for f in range(3)) for u, i in zip(users, items, strict=True)]
    got = np.asarray(result_of("predict", predict, 3.5, X, Y, users, items))
    assert got.shape == (6,), f"Six pairs want six numbers; yours has shape {got.shape}."
    assert not np.allclose(got, np.clip(wanted, 0.5, 5.0)), (
        "The predictions are clipped to the scale: predict returns μ + x·y as it is (clip afterwards)."
    )
    assert np.allclose(got, wanted), (
        f"For the pairs {list(zip(users.tolist(), items.tolist(), strict=True))} wanted "
        f"{np.round(wanted, 3)}, yours {np.round(got, 3)}."
    )
    none = np.array([], dtype=int)
    got = np.asarray(result_of("predict (of no pairs)", predict, 3.5, X, Y, none, none))
    assert got.shape == (0,), f"No pairs want an array of shape (0,); yours has shape {got.shape}."


def check_predict_awkward(predict, seed=0):
    """On awkward factors, of either side, and codes of any type: μ + x_u·y_i, pair by pair."""
    rng = np.random.default_rng([seed, 5])
    matrices = factor_matrices(5, 3, seed)
    for case, X in (matrices | {"far out": FAR * matrices["plain"]}).items():
        Y, asked = rng.normal(size=(4, X.shape[1])), []
        for dtype in (np.int64, np.int32, np.uint8):
            users, items = np.array([4, 0, 0, 2], dtype), np.array([3, 0, 3, 1], dtype)
            asked += [
                (f"predict ({case})", arguments)
                for arguments in [(3.5, X, Y, users, items), (3.5, Y, X, items, users)]
            ]
        for (_, (_, factors, others, rows, columns)), got in zip(
            asked, results_for(predict, asked), strict=True
        ):
            wanted = [
                3.5 + sum(float(a) * b for a, b in zip(factors[u], others[i], strict=True))
                for u, i in zip(rows, columns, strict=True)
            ]
            assert near(got, wanted, X), (
                f"predict (factors: {case}; codes: {rows.dtype}): wanted {np.round(wanted, 4)}, yours {got}."
            )
    users, items = np.array([69_999, 4_464, 0]), np.array([0, 1, 1])
    got = array_of(
        "predict (of 70,000 users)",
        predict,
        0.0,
        np.arange(7e4)[:, None],
        np.eye(2, 1),
        users,
        items,
        shape=(3,),
    )
    assert near(got, [69_999, 0, 0]), f"User 69,999 of 70,000 has another row than that; yours: {got}."


# 2.2 objective


def check_objective_brute_force(objective, seed=0):
    """L is the stated sum over the known cells; values of known mistakes are named."""
    R, known, values = some_ratings(seed)
    rng = np.random.default_rng(seed)
    X, Y, reg_user, reg_item = rng.normal(size=(7, 2)), rng.normal(size=(9, 2)), 0.3, 0.7
    squares, norm_x, norm_y = (values - X @ Y.T) ** 2, np.sum(X**2), np.sum(Y**2)
    data, penalty = squares[known].sum(), reg_user * norm_x + reg_item * norm_y
    per_rating = reg_user * np.sum(known.sum(axis=1) @ X**2) + reg_item * np.sum(known.sum(axis=0) @ Y**2)
    got = number_of("objective", objective, R, X, Y, reg_user, reg_item)
    errors, rated, mean = (values - X @ Y.T)[known], known.any(axis=1), values[known].mean()
    penalty_of_rated = reg_user * np.sum(X[rated] ** 2) + reg_item * np.sum(Y[known.any(axis=0)] ** 2)
    for wrong, mistake in [
        (squares.sum() + penalty, "unknown cells count as ratings of 0: sum over the known cells only"),
        (
            squares[values != 0].sum() + penalty,
            "the known rating of exactly 0 is left out: a stored cell is a rating",
        ),
        (data / known.sum() + penalty, "the errors are averaged: L is a sum"),
        (np.abs(errors).sum() + penalty, "the errors are not squared: these are their absolute values"),
        (errors.sum() ** 2 + penalty, "the errors are added up first and then squared: square each of them"),
        (
            np.sum((errors - mean) ** 2) + penalty,
            "the mean is subtracted: the ratings you are given are centred already",
        ),
        (squares.mean() + penalty, "the errors are averaged over all cells: L is a sum over the known ones"),
        ((data + penalty) / known.sum(), "the whole of L is divided by the number of ratings: it is a sum"),
        (
            np.sqrt(data / known.sum()) + penalty,
            "the data term is the RMSE: L has the sum of the squared errors",
        ),
        (data, "the penalty is missing"),
        (data + reg_user * norm_x, "the penalty of the items is missing"),
        (data + reg_item * norm_y, "the penalty of the users is missing"),
        (data / 2 + penalty, "the errors are halved: L as stated has no ½"),
        (data + penalty / 2, "the penalty is halved: L as stated has no ½"),
        (
            data + reg_user * norm_y + reg_item * norm_x,
            "reg_user and reg_item are exchanged: reg_user goes with X",
        ),
        (data + reg_user * (norm_x + norm_y), "reg_user is used for the items too: they have reg_item"),
        (
            data + reg_user * np.sqrt(norm_x) + reg_item * np.sqrt(norm_y),
            "the norm is not squared: the penalty is λ times the sum of the squares",
        ),
        (
            data + reg_user * np.linalg.norm(X, axis=1).sum() + reg_item * np.linalg.norm(Y, axis=1).sum(),
            "the norms of the rows are not squared: the penalty is λ Σ ‖x_u‖²",
        ),
        (data + reg_user * np.mean(X**2) + reg_item * np.mean(Y**2), "the penalty is averaged: it is a sum"),
        (data + per_rating, "the penalty is paid once per rating; here it is paid once per row"),
        (data + penalty_of_rated, "rows without ratings are left out of the penalty: every row pays it"),
    ]:
        # In some data a mistake changes nothing, such as subtracting a mean of 0.
        assert np.isclose(got, data + penalty) or not np.isclose(got, wrong), (
            f"Wanted {data + penalty:.6f}, yours {got:.6f}: {mistake}."
        )
    assert np.isclose(got, data + penalty), f"Wanted L = {data + penalty:.6f}, yours {got:.6f}."


def check_objective_formats(objective, seed=0):
    """Ratings that are whole numbers give the L of those ratings."""
    R, known, values = some_ratings(seed)
    rng = np.random.default_rng(seed)
    X, Y = rng.normal(size=(7, 2)), rng.normal(size=(9, 2))
    whole = csr_array((np.rint(R.data).astype(np.int8), R.indices, R.indptr), shape=R.shape)
    got = number_of("objective (of whole numbers)", objective, whole, X, Y, 0.3, 0.7)
    wanted = _loss(known, np.rint(values), X, Y, 0.3, 0.7)
    assert np.isclose(got, wanted), f"With R as whole numbers wanted L = {wanted:.6f}, yours {got}."


def check_objective_awkward(objective, seed=0):
    """On awkward ratings and factors it is the sum over the known cells, and the penalty."""
    rng = np.random.default_rng([seed, 5])
    cases = {f"R: {case}": (R, None) for case, R in rating_matrices(seed).items()}
    plain = rating_matrices(seed)["a plain one"]
    cases |= {f"X: {case}": (plain, X) for case, X in factor_matrices(5, 2, seed).items()}
    cases["R: far out"] = FAR * plain, None
    for case, (R, X) in cases.items():
        X = rng.normal(size=(R.shape[0], 2)) if X is None else X
        Y = rng.normal(size=(R.shape[1], X.shape[1]))
        regs = [(0.3, 0.7), (FAR, TINY)]
        losses = numbers_for(objective, [(f"objective ({case})", (R, X, Y, *reg)) for reg in regs])
        for (reg_user, reg_item), got in zip(regs, losses, strict=True):
            wanted = _loss(*known_and_values(R), X.astype(float), Y, reg_user, reg_item)
            assert near(got, wanted, R.data, X), (
                f"objective ({case}; λ {reg_user:g}, {reg_item:g}): wanted {wanted:.8g}, yours {got:.8g}."
            )
    # Factors with which each rating, of some thousands, is off by a thousandth alone.
    X, Y, one = 1e3 * (1 + rng.random((4, 1))), 1 + rng.random((5, 1)), np.ones((4, 5), dtype=bool)
    R = csr_array(X @ Y.T + 1e-3 * rng.choice([-1.0, 1.0], size=(4, 5)))
    got = number_of("objective (of a fit that is nearly perfect)", objective, R, X, Y, 0.0, TINY)
    wanted = _loss(one, R.toarray(), X, Y, 0.0, TINY)
    assert np.isclose(got, wanted, rtol=1e-6, atol=0), (
        f"Where each error is a thousandth of a star L is {wanted:.8g}; yours is {got:.8g}. Take the errors "
        "first and square them then: in Σr² − 2Σr·xᵀy + Σ(xᵀy)² they drown in rounding. " + DIGITS
    )


# 2.3 solve_row


def _name_penalty_mistake(x, factors, ratings, reg):
    """Fail with the name of the mistake whose solution this is, if it is a known one."""
    n_rated, k = factors.shape
    for mistake, penalty in {
        "none": np.zeros((k, k)),
        "twice": 2 * reg * np.eye(k),
        "half": reg / 2 * np.eye(k),
        "squared": reg**2 * np.eye(k),
        "times ratings": reg * n_rated * np.eye(k),
        "over ratings": reg / n_rated * np.eye(k),
        "subtracted": -reg * np.eye(k),
        "every entry": np.full((k, k), reg),
    }.items():
        wrong = _ridge(factors, factors, ratings, penalty)
        assert not np.allclose(x, wrong), f"Yours is {np.round(x, 4)}: {PENALTY_MISTAKES[mistake]}."


def check_solve_row_gradient_vanishes(solve_row, seed=0):
    """At the minimum the gradient of the stated objective is zero; known mistakes are named."""
    rng = np.random.default_rng(seed)
    n_rated = 7 + seed % 5
    factors, ratings, reg = rng.normal(size=(n_rated, 3)), rng.normal(size=n_rated), 0.6

    def gradient(x):
        """Central differences of the objective, one factor at a time."""
        steps = 1e-4 * np.vstack([np.eye(3), -np.eye(3)])
        loss = [np.sum((ratings - factors @ (x + d)) ** 2) + reg * np.sum((x + d) ** 2) for d in steps]
        return (np.array(loss[:3]) - np.array(loss[3:])) / 2e-4

    got = array_of("solve_row", solve_row, ratings, factors, reg, shape=(3,))
    # At x = 0 the objective is ‖r‖². For a huge x every measured slope is 0: its steps are lost in rounding.
    length, most = np.linalg.norm(got), np.linalg.norm(ratings) / np.sqrt(reg)
    if length > most:
        _name_penalty_mistake(got, factors, ratings, reg)
    assert np.isfinite(got).all() and length <= most, (
        f"Your x has the length {length:.3g}: the penalty λ‖x‖² alone is larger there than the whole "
        f"objective at x = 0, so the minimum is not there. No minimum is longer than {most:.3g}."
    )
    if not np.allclose(gradient(got), 0, atol=1e-6):
        _name_penalty_mistake(got, factors, ratings, reg)
        raise AssertionError(
            f"The gradient of the objective at your x is {gradient(got).round(3)}, not 0: it can still fall."
        )


def check_solve_row_few_ratings(solve_row, seed=0):
    """One rating and five factors: the penalty makes the answer unique, x = y r / (‖y‖² + λ)."""
    rng = np.random.default_rng(seed)
    k, rating = 5 + seed % 3, 2.5
    y = rng.normal(size=k)
    for reg in (1e-3, 0.5, 40.0):
        got = array_of(
            "solve_row (of one rating)", solve_row, np.array([rating]), y[None, :], reg, shape=(k,)
        )
        wanted = y * rating / (y @ y + reg)
        assert np.allclose(got, wanted, atol=1e-8), (
            f"With one rating and λ = {reg} the minimum is y·r/(‖y‖² + λ), {wanted.round(4)}; "
            f"yours {got.round(4)}."
        )


def check_solve_row_without_ratings(solve_row):
    """A user without ratings has factors of zero, with a penalty and without one."""
    for reg in (0.1, 0.0):
        got = array_of(
            f"solve_row (of a user without ratings, λ = {reg})",
            solve_row,
            np.zeros(0),
            np.zeros((0, 4)),
            reg,
            shape=(4,),
        )
        assert np.allclose(got, 0), f"Without ratings x is zero (wanted 4 zeros); yours {got}."


def check_solve_row_awkward(solve_row, seed=0):
    """On awkward ratings and factors x minimises the objective: it solves ridge regression."""
    rng = np.random.default_rng([seed, 5])
    plain = rng.normal(size=6)
    rows = {
        "plain": plain,
        "others, as many": rng.normal(size=6),
        "ratings that add up to 0": np.array([1.5, -1.5, 2.0, -2.0, 0.5, -0.5]),
        "ratings of 0": np.zeros(6),
        "one rating above 0": np.array([0.0, 0, 0, 0, 2.5, 0]),
        "whole numbers": np.array([2, -1, 0, 1, 1, -3]),
        "floats of 32 bits": plain.astype(np.float32),
        **layouts(plain),
    }
    factors = factor_matrices(6, 2, seed)
    cases = {f"ratings: {case}": (r, factors["plain"]) for case, r in rows.items()}
    cases |= {f"factors: {case}": (plain, Y) for case, Y in factors.items()}
    cases |= {
        "two ratings, three factors": (plain[:2], rng.normal(size=(2, 3))),
        "more ratings than factors, no penalty": (plain, factors["plain"]),
    }
    asked = [
        (f"solve_row ({case})", (r, Y, 0.0 if "no penalty" in case else 0.6), (Y.shape[1],))
        for case, (r, Y) in cases.items()
    ]
    for (label, (r, Y, reg), _), got in zip(asked, arrays_for(solve_row, asked), strict=True):
        wanted = _ridge(Y.astype(float), Y.astype(float), r.astype(float), reg * np.eye(Y.shape[1]))
        close = 1e-3 if np.float32 in (r.dtype, Y.dtype) else 1e-7
        assert np.allclose(got, wanted, rtol=close, atol=close), (
            f"{label}: the minimum is at {wanted.round(5)}, yours is {got.round(5)}."
        )
    axes = OnAxes(seed)
    for scale, reg in [(1.0, 0.0), (1.0, TINY), (FAR, TINY), (TINY, 0.5), (1.0, FAR)]:
        r, label = scale * rng.normal(size=8), f"solve_row (ratings of about {scale:g}, λ = {reg:g})"
        got = array_of(label, solve_row, r, axes.factors, reg, shape=(4,))
        wanted = axes.solution(1.0, r, reg)
        assert agrees_on_axes(got, wanted), (
            f"{label}: with items along one axis each, of very different lengths, the minimum is at "
            f"{wanted}; yours is {got}. {DIGITS} (A pseudo-inverse with an `rcond` of its own drops axes.)"
        )
    n_rated = 20_001
    r, reg = rng.normal(size=n_rated), 300.0
    got = array_of("solve_row (of 20,001 ratings)", solve_row, r, np.ones((n_rated, 1)), reg, shape=(1,))
    assert near(got, [r.sum() / (n_rated + reg)]), (
        f"20,001 ratings, factors of 1, λ = 300: the minimum is at Σr/20,301; yours is {got[0]:.6g}. The "
        "penalty is the same, however many ratings there are."
    )


# 2.4 update_factors


def check_update_factors_every_row(update_factors, seed=0):
    """Each row solves its own ridge problem, whatever it knows: nothing, one rating, a rating of 0."""
    R, known, values = some_ratings(seed)
    fixed = np.random.default_rng(seed).normal(size=(9, 3))
    got = array_of("update_factors", update_factors, R, fixed, 0.4, shape=(7, 3))
    wanted = _updates(known, values, fixed, 0.4)
    if not np.allclose(got, wanted, atol=1e-7):
        _name_update_mistake(got, known, values, fixed, 0.4)
        row = int(np.argmax(np.abs(got - wanted).max(axis=1)))
        raise AssertionError(
            f"Row {row} ({known[row].sum()} ratings) should be {wanted[row].round(4)}; "
            f"yours {got[row].round(4)}."
        )


def check_update_factors_of_items(update_factors, seed=0):
    """Given R.T, which SciPy stores by columns, it updates the items."""
    R, known, values = some_ratings(seed)
    fixed = np.random.default_rng(seed).normal(size=(7, 2))
    got = array_of("update_factors (of R.T)", update_factors, R.T, fixed, 0.4, shape=(9, 2))
    wanted = _updates(known.T, values.T, fixed, 0.4)
    if not np.allclose(got, wanted, atol=1e-7):
        _name_update_mistake(got, known.T, values.T, fixed, 0.4)
        raise AssertionError(
            "With R.T (items × users) the rows are the items, and yours are wrong, even if the "
            "users are right: SciPy gives R.T as CSC, whose indptr runs over columns. csr_array(R.T) "
            "brings it back to rows."
        )


def check_update_factors_formats(update_factors, seed=0):
    """The same ratings in other dress: whole numbers, columns out of order; the last unrated."""
    R, known, values = some_ratings(seed)
    known, values = known.copy(), values.copy()
    known[:, 8] = values[:, 8] = 0  # nobody rated the last item: the indices do not tell how many there are
    users, items = np.nonzero(known)
    R = csr_array((values[users, items], (users, items)), shape=R.shape)
    fixed = np.random.default_rng(seed).normal(size=(9, 2))
    backwards = [np.arange(start, end)[::-1] for start, end in zip(R.indptr[:-1], R.indptr[1:], strict=True)]
    order = np.concatenate(backwards)
    for label, ratings, stars in [
        (
            "columns out of order",
            csr_array((R.data[order], R.indices[order], R.indptr), shape=R.shape),
            values,
        ),
        (
            "whole numbers (int8)",
            csr_array((np.rint(R.data).astype(np.int8), R.indices, R.indptr), shape=R.shape),
            np.rint(values),
        ),
    ]:
        got = array_of(f"update_factors (of {label})", update_factors, ratings, fixed, 0.4, shape=(7, 2))
        assert np.allclose(got, _updates(known, stars, fixed, 0.4), atol=1e-7), (
            f"With R as {label} the factors should be those of the same ratings, as floats; yours differ."
        )


def check_update_factors_empty_rows(update_factors):
    """Rows without ratings are zeros even without penalty, and thousands of them cost next to nothing."""
    for m, n in [(3, 5), (20_002, 1_000_001)]:
        R = csr_array((np.array([1.0, -2.0, 3.0]), ([0, 0, m - 1], [0, 3, n - 1])), shape=(m, n))
        name = f"update_factors ({m:,} × {n:,}, 3 ratings, λ = 0)"
        got = array_of(name, update_factors, R, np.ones((n, 1)), 0.0, shape=(m, 1))
        assert np.allclose(got[[0, -1]], [[-0.5], [3.0]]), (
            "With factors of 1 and λ = 0 the answer of a row is its mean rating."
        )
        assert not np.any(got[1:-1]), "Rows without ratings should be zeros."


def check_update_factors_awkward(update_factors, seed=0):
    """On awkward ratings and factors every row solves its own ridge regression."""
    rng = np.random.default_rng([seed, 5])
    matrices = rating_matrices(seed)
    plain = matrices["a plain one"]
    cases = {f"R: {case}": (R, rng.normal(size=(R.shape[1], 2))) for case, R in matrices.items()}
    cases |= {f"R.T: {case}": (R.T, rng.normal(size=(R.shape[0], 2))) for case, R in matrices.items()}
    cases |= {f"fixed: {case}": (plain, fixed) for case, fixed in factor_matrices(6, 2, seed).items()}
    asked = [
        (f"update_factors ({case})", (R, fixed, 0.4), (R.shape[0], fixed.shape[1]))
        for case, (R, fixed) in cases.items()
    ]
    for (label, (R, fixed, _), _), got in zip(asked, arrays_for(update_factors, asked), strict=True):
        wanted = _updates(*known_and_values(csr_array(R)), fixed.astype(float), 0.4)
        close = 1e-3 if np.float32 in (R.dtype, fixed.dtype) else 1e-7
        if not np.allclose(got, wanted, rtol=close, atol=close):
            row = int(np.argmax(np.abs(got - wanted).max(axis=1)))
            raise AssertionError(
                f"{label}: row {row} should be {wanted[row].round(5)}, yours is {got[row].round(5)}."
            )
    axes = OnAxes(seed)
    rows = rng.normal(size=(5, 8)) * np.array([[1.0], [FAR], [TINY], [1.0], [5.0]])
    for reg in (TINY, FAR):
        label = f"update_factors (rows of about 1, {FAR:g} and {TINY:g}, λ = {reg:g})"
        got = array_of(label, update_factors, csr_array(rows), axes.factors, reg, shape=(5, 4))
        wanted = np.array([axes.solution(1.0, row, reg) for row in rows])
        assert agrees_on_axes(got, wanted), (
            f"{label}: with columns along one axis each, of very different lengths, wanted {wanted[1]} for "
            f"row 1; yours {got[1]}. {DIGITS}"
        )
    # Nine factors, and rows that know one column each.
    R, fixed = csr_array(np.diag([2.0, -1.0, 0.5])), rng.normal(size=(3, 9))
    got = array_of("update_factors (of one rating a row, k = 9)", update_factors, R, fixed, 0.4, shape=(3, 9))
    assert near(got, _updates(np.eye(3, dtype=bool), R.toarray(), fixed, 0.4)), (
        "Rows with a single rating have factors as well, y·r/(‖y‖² + λ), however many factors there are."
    )


# 2.5 fit_als


def check_fit_als_exact_half_steps(fit_als, seed=0):
    """Each half-step minimises L, given the newest factors of the other side; history tells its value."""
    R, known, values = some_ratings(seed)
    reg_user, reg_item = 0.2, 1.5
    runs = [
        half_steps_of("fit_als", fit_als, R, 3, reg_user, reg_item, epochs, np.random.default_rng(seed))
        for epochs in (1, 1, 2)
    ]
    (X1, Y1, history1), (again, _, _), (X2, Y2, history2) = runs
    assert np.allclose(X1, again), (
        "Two runs from the same rng differ: draw the start from `rng` and from nothing else."
    )

    users = _updates(known, values, Y1, reg_user)
    if not np.allclose(X2, users, atol=1e-7):
        for other, mistake in [
            (
                _updates(known, values, Y1, reg_item),
                "the users are updated with reg_item: they have reg_user",
            ),
            (
                _updates(known, values, Y2, reg_user),
                "an epoch ends with the users: users first, then the items",
            ),
        ]:
            assert not np.allclose(X2, other, atol=1e-7), f"In your second epoch {mistake}."
        _name_update_mistake(X2, known, values, Y1, reg_user)
        raise AssertionError("The users of epoch 2 do not minimise L given the items of epoch 1.")
    items = _updates(known.T, values.T, X2, reg_item)
    if not np.allclose(Y2, items, atol=1e-7):
        for other, mistake in [
            (
                _updates(known.T, values.T, X2, reg_user),
                "the items are updated with reg_user: they have reg_item",
            ),
            (
                _updates(known.T, values.T, X1, reg_item),
                "the item step uses stale users: pass it the new ones",
            ),
        ]:
            assert not np.allclose(Y2, other, atol=1e-7), f"In your second epoch {mistake}."
        _name_update_mistake(Y2, known.T, values.T, X2, reg_item)
        raise AssertionError("The items of epoch 2 do not minimise L given the users of the same epoch.")

    assert np.allclose(history1, history2[:2]), (
        "A longer run should begin with the history of the shorter one."
    )
    pairs, got = [(X2, Y1), (X2, Y2)], history2[2:]
    wanted = [_loss(known, values, X, Y, reg_user, reg_item) for X, Y in pairs]
    if not np.allclose(got, wanted):
        for regs, mistake in [
            ((reg_item, reg_user), "exchanges reg_user and reg_item"),
            ((0, 0), "lacks the penalty"),
        ]:
            other = [_loss(known, values, X, Y, *regs) for X, Y in pairs]
            assert not np.allclose(got, other), f"history {mistake}: record the whole objective."
        rmse = [np.sqrt(_loss(known, values, X, Y, 0, 0) / known.sum()) for X, Y in pairs]
        assert not np.allclose(got, rmse), "history holds the RMSE: record the whole objective, a sum."
        assert not np.isclose(got[0], got[1]), (
            "history holds one value twice: call objective after each half-step."
        )
        raise AssertionError(
            f"L after the half-steps of epoch 2 is {np.round(wanted, 4)}; history says {got.round(4)}."
        )


def check_fit_als_start(fit_als, seed=0):
    """The start is normal, of standard deviation 0.1, and comes from rng and from nothing else."""
    size, k, reg = 400, 4, 1e6
    R = csr_array((np.ones(size), (np.arange(size), np.arange(size))), shape=(size, size))
    first, again, other = (
        half_steps_of("fit_als", fit_als, R, k, reg, reg, 1, np.random.default_rng([seed, draw]))[0] * reg
        for draw in (0, 0, 1)
    )
    # User u rated item u alone, with 1, and λ is huge: x_u is y_u/λ, so these are the items' starts.
    assert np.any(first), "All factors are 0: from a start at 0 every half-step answers 0. Start at random."
    assert np.linalg.matrix_rank(first) == k, (
        "The factors are copies of each other: from a constant start they stay equal. Start at random."
    )
    assert np.allclose(first, again), "The same rng should give the same factors: draw from `rng` alone."
    assert not np.allclose(first, other), "Another rng should give another start: draw it from `rng`."
    starts_normal(first, 0.1, "0.1")


def check_fit_als_awkward(fit_als, seed=0):
    """On awkward ratings the second epoch minimises L exactly over the users, and then over the items."""
    asked = [
        (f"fit_als (R: {case})", (R, 2, 0.4, 0.9, n_epochs, np.random.default_rng(seed)))
        for case, R in rating_matrices(seed).items()
        for n_epochs in (1, 2)
    ]
    came = half_steps_for(fit_als, asked)
    for (label, (R, *_)), (_, Y1, _), (X2, Y2, history) in zip(
        asked[::2], came[::2], came[1::2], strict=True
    ):
        known, values = known_and_values(R)
        users, items = _updates(known, values, Y1, 0.4), _updates(known.T, values.T, X2, 0.9)
        close = 1e-4 if R.dtype == np.float32 else 1e-7
        for side, got, wanted in [("users", X2, users), ("items", Y2, items)]:
            assert np.allclose(got, wanted, rtol=close, atol=close), (
                f"{label}: the {side} of epoch 2 do not minimise L, given the other side's newest factors."
            )
        wanted = [_loss(known, values, X2, Y, 0.4, 0.9) for Y in (Y1, Y2)]
        assert near(history[2:], wanted, R.data), f"{label}: L is {wanted}, history says {history[2:]}."
    R, known, values = some_ratings(seed)
    (_, Y, _), (X, _, _) = (
        half_steps_of("fit_als", fit_als, R, 2, 0.4, 0.9, n_epochs, np.random.default_rng(seed))
        for n_epochs in (22, 23)
    )
    wanted = _updates(known, values, Y, 0.4)
    # Rows converge and move ever less, but to nine digits they go on.
    assert np.allclose(X, wanted, rtol=1e-9, atol=1e-12), (
        "After 23 epochs the users are not those that 22 epochs lead to: take all epochs that are asked for, "
        "also where little changes."
    )


# 2.6 counts_unknown_as_zero


def _two_answers(known, values, fixed, reg):
    """The rows that count unknown cells as 0, and those that go over the known cells only."""
    return _updates(known, values, fixed, reg, "all rows in the matrix"), _updates(known, values, fixed, reg)


def check_counts_unknown_as_zero_awkward(counts_unknown_as_zero, seed=0):
    """Empty and full rows, ratings of 0, the items' side, a strong penalty: the verdict stays right."""
    R, known, values = some_ratings(seed)
    rng = np.random.default_rng(seed)
    # User 4 has no ratings: both answers are 0 there. As row 0 it must not decide either.
    order = [4, 0, 1, 2, 3, 5, 6]
    users = csr_array(R[order])
    for label, matrix, mask, stars in [
        ("First row without ratings", users, known[order], values[order]),
        ("The items' side (R.T)", R.T, known.T, values.T),
    ]:
        for reg in (0.01, 60.0):
            fixed = rng.normal(size=(mask.shape[1], 2))
            answers = _two_answers(mask, stars, fixed, reg)
            ask_for_verdicts(counts_unknown_as_zero, matrix, fixed, reg, answers, rng, f"{label}, λ = {reg}")


def check_counts_unknown_as_zero_one_cell(counts_unknown_as_zero, seed=0):
    """A single unknown cell, of an item with small factors, and a known 0 elsewhere: still told apart."""
    rng = np.random.default_rng(seed)
    known = np.ones((4, 6), dtype=bool)
    known[2, 5] = False  # neither in the first row nor in the last
    values = np.where(known, rng.choice([-1.5, -1.0, 1.0, 1.5], size=(4, 6)), 0.0)
    values[0, 0], values[2, :5] = 0.0, [1.0, 1.5, 1.0, 1.5, 1.0]
    users, items = np.nonzero(known)
    R = csr_array((values[users, items], (users, items)), shape=(4, 6))
    # The unknown item's factors are small, and such that a rating of 0 there makes x longer, not shorter.
    fixed = np.array([[2, 0], [0, 0.5], [2, 0], [0, 0.5], [1, 0], [0.04, -0.008]])
    answers = _two_answers(known, values, fixed, 0.5)
    ask_for_verdicts(counts_unknown_as_zero, R, fixed, 0.5, answers, rng, "A single unknown cell")
    # One user and one factor: the residual of the other equations is one number, of either sign.
    mask, fixed = np.array([[True, False, True]]), np.array([[1.0], [2.0], [1.0]])
    # Ratings of all but 0, with which the two updates differ by little more than 1e-5.
    small = 2e-5 * np.array([[2.0, 0.0, 1.0]])
    for stars in (np.array([[2.0, 0.0, 1.0]]), np.array([[-2.0, 0.0, -1.0]]), small, -small):
        R = csr_array(stars)
        answers = _two_answers(mask, stars, fixed, 0.5)
        ask_for_verdicts(counts_unknown_as_zero, R, fixed, 0.5, answers, rng, "One user and one factor")
    # Factors of some hundreds, of which the two updates differ by little: a share of them is no rounding.
    # And short rows, with which the equations are nearly fulfilled by either.
    for y, scale, reg, what in [
        (3e-4, 4e2, 1e-3, "Two answers of about 400 that differ by 4e-5"),
        (3.0, 1e-5, 1e-12, "Factors of about 1e-5"),
    ]:
        fixed, stars = np.array([[1.0], [y], [0.0]]), np.array([[scale, 0.0, 0.0]])
        fixed *= 1.0 if reg > 1e-6 else 1e-5
        answers = tuple(
            np.array([[stars[0, 0] * fixed[0, 0] / (np.sum(rows**2) + reg)]])
            for rows in (fixed, fixed[[0, 2]])
        )
        R = csr_array((stars[0, [0, 2]], ([0, 0], [0, 2])), shape=(1, 3))
        ask_for_verdicts(counts_unknown_as_zero, R, fixed, reg, answers, rng, what)
    # Of 300 users the last one alone has an unknown cell.
    mask = np.ones((300, 3), dtype=bool)
    mask[-1, 1] = False
    stars, fixed = np.where(mask, rng.choice([-1.0, 1.0, 2.0], size=mask.shape), 0.0), np.ones((3, 1))
    stars[-1] = [1.0, 0.0, 2.0]
    R, answers = csr_array(stars), _two_answers(mask, stars, fixed, 0.5)
    ask_for_verdicts(counts_unknown_as_zero, R, fixed, 0.5, answers, rng, "The last of 300 users")


def check_counts_unknown_as_zero_kinds(counts_unknown_as_zero, seed=0):
    """On awkward ratings and factors both updates are told apart wherever they differ."""
    rng = np.random.default_rng([seed, 5])
    plain = rating_matrices(seed)["a plain one"]
    cases = {f"R: {case}": (R, rng.normal(size=(R.shape[1], 2))) for case, R in rating_matrices(seed).items()}
    cases |= {
        f"fixed: {case}": (plain, fixed)
        for case, fixed in factor_matrices(6, 2, seed).items()
        if case not in ("short rows", "long rows")
    }
    for case, (R, fixed) in cases.items():
        known, values = known_and_values(R)
        answers = _two_answers(known, values, fixed.astype(float), 0.7)
        if R.dtype != np.float32 and fixed.dtype != np.float32 and not np.allclose(*answers, atol=1e-3):
            ask_for_verdicts(counts_unknown_as_zero, R, fixed, 0.7, answers, rng, case)
