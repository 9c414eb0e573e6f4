"""What do the hidden checks of unit 05, weighted regularised matrix factorization, ask of each exercise?"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.sparse import csr_array

from course_utils.checks.alternating import half_steps_of, starts_normal
from course_utils.checks.awkward import (
    factor_matrices,
    item_lists,
    known_and_values,
    layouts,
    rating_matrices,
    score_arrays,
)
from course_utils.checks.call import array_of, number_of
from course_utils.checks.compare import name_mistake
from course_utils.checks.extremes import DIGITS, FAR, TINY, OnAxes, near
from course_utils.checks.wrmf import matrices_of, measure_of, some_amounts, verdict_on


def _dresses(R):
    """The same amounts in other formats, and whole numbers; each with what it is called."""
    backwards = [np.arange(start, end)[::-1] for start, end in zip(R.indptr[:-1], R.indptr[1:], strict=True)]
    order = np.concatenate(backwards)
    whole = np.rint(R.data).astype(np.int8)
    return {
        "columns out of order": csr_array((R.data[order], R.indices[order], R.indptr), shape=R.shape),
        "whole numbers (int8)": csr_array((whole, R.indices, R.indptr), shape=R.shape),
    }


def _values(R):
    """The amounts as a dense array of floats, 0 where nothing is known."""
    return R.astype(float).toarray()


def _loss(known, values, X, Y, alpha, reg_user, reg_item):
    """The objective by brute force over all cells; the penalties may be one number or one a row."""
    penalty = np.sum(reg_user * np.sum(X**2, axis=1)) + np.sum(reg_item * np.sum(Y**2, axis=1))
    return np.sum((1 + alpha * values) * (known - X @ Y.T) ** 2) + penalty


def _solutions(known, values, fixed, alpha, reg):
    """The best factors of every row: brute force over all cells, as weighted least squares."""
    k, rows = fixed.shape[1], []
    for p, r, penalty in zip(known, values, np.broadcast_to(reg, len(known)), strict=True):
        root = np.sqrt(1 + alpha * r)
        stacked = np.vstack([root[:, None] * fixed, np.sqrt(penalty) * np.eye(k)])
        rows.append(np.linalg.lstsq(stacked, np.concatenate([root * p, np.zeros(k)]), rcond=None)[0])
    return np.array(rows)


# 5.1 preference_confidence


def check_preference_confidence_formats(preference_confidence, seed=0):
    """Floats whatever R's type and format, a known 0 stays known, and nothing is as large as m·n."""
    R, known, _ = some_amounts(seed)
    cases = {"float64": R} | _dresses(R)
    cases["200,000 × 200,000"] = csr_array(([1.5], ([3], [77])), shape=(200_000, 200_000))
    cases["an amount of 2²⁴ + 1"] = csr_array(([2**24 + 1], ([0], [1])), shape=(2, 3))
    for label, amounts in cases.items():
        P, C = matrices_of(preference_confidence, amounts, 0.3, f"With R as {label}, it")
        for name, matrix in [("P", P), ("C", C)]:
            assert np.issubdtype(matrix.dtype, np.floating), (
                f"With R as {label}, {name} should hold floats; yours: {matrix.dtype}. "
                "α·r need not be a whole number."
            )
            assert matrix.nnz == amounts.nnz, (
                f"With R as {label}, {name} stores {matrix.nnz} cells, R {amounts.nnz}: a cell is known if "
                "it is stored, even with the amount 0."
            )
        assert np.allclose(P.data, 1), f"With R as {label}, P should be 1 in every known cell."
        wanted = 0.3 * amounts.astype(float)
        assert abs(C - wanted).max() < 1e-7, (
            f"With R as {label}, C should be α·r; yours is off by up to {abs(C - wanted).max():.2g}. "
            "(float32 has seven digits: compute in float64.)"
        )


def check_preference_confidence_awkward(preference_confidence, seed=0):
    """On awkward amounts: a 1 and α·r in every stored cell, and nothing else."""
    matrices = rating_matrices(seed, signed=False)
    plain = matrices["a plain one"]
    for case, R in (matrices | {"far out": FAR * plain, "tiny": TINY * matrices["no rating of 0"]}).items():
        for alpha in (2.5, 0.0):
            label = f"preference_confidence ({case}, α = {alpha})"
            P, C = matrices_of(preference_confidence, R, alpha, label)
            known, values = known_and_values(R)
            (p_known, p), (c_known, c) = known_and_values(P), known_and_values(C)
            assert np.array_equal(p_known, known) and np.array_equal(p, known), (
                f"{label}: P should hold a 1 in each of the {known.sum()} stored cells; yours has "
                f"{P.nnz} cells."
            )
            if alpha > 0:
                assert np.array_equal(c_known, known), f"{label}: C has {C.nnz} cells, R has {known.sum()}."
            assert near(c, alpha * values, R.data), f"{label}: C should hold α·r. {DIGITS}"
            assert C.dtype == np.float64, (
                f"{label}: C should hold float64, whatever R holds; yours: {C.dtype}."
            )


# 5.2 objective


def check_objective_brute_force(objective, seed=0):
    """Equal to the double sum over all cells, for every format of R, on both sides."""
    R, known, values = some_amounts(seed)
    rng = np.random.default_rng(seed)
    X, Y = rng.normal(size=(7, 3)), rng.normal(size=(9, 3))
    cases = {"float64": (R, X, Y, known), "R.T": (R.T, Y, X, known.T)}
    cases |= {label: (amounts, X, Y, known) for label, amounts in _dresses(R).items()}
    for label, (amounts, left, right, mask) in cases.items():
        wanted = _loss(mask, _values(amounts), left, right, 1.7, 0.3, 0.3)
        got = number_of(f"objective (R as {label})", objective, amounts, left, right, 1.7, 0.3)
        grams = left.T @ left, right.T @ right
        without = wanted - np.sum(grams[0] * grams[1])  # the rest of L
        name_mistake(
            got,
            {
                "Σ (x·y)² is the sum over the matrix product of XᵀX and YᵀY (@): multiply entry by entry (*) "
                "and add up": without + np.sum(grams[0] @ grams[1]),
                "only the diagonals of XᵀX and YᵀY are multiplied: every entry with its own": (
                    without + np.diag(grams[0]) @ np.diag(grams[1])
                ),
            },
        )
        assert np.isclose(got, wanted), (
            f"R as {label}: the sum over all {mask.size} cells and the penalty is {wanted:.6g}, "
            f"yours {got:.6g}. (A stored 0 is known: p = 1, c = 1.)"
        )
    thirds = csr_array((R.data / 3, R.indices, R.indptr), shape=R.shape)
    got = number_of("objective (amounts in thirds)", objective, thirds, X, Y, 1.7, 0.3)
    wanted = _loss(known, values / 3, X, Y, 1.7, 0.3, 0.3)
    assert np.isclose(got, wanted, rtol=1e-11), (
        f"Amounts in thirds: the objective is {wanted:.12g}, yours {got:.12g}. Compute in float64."
    )


def check_objective_awkward(objective, seed=0):
    """On awkward amounts and factors it is the sum over all cells, and the penalty."""
    rng = np.random.default_rng([seed, 5])
    matrices = rating_matrices(seed, signed=False)
    cases = {f"R: {case}": (R, rng.normal(size=(R.shape[0], 2))) for case, R in matrices.items()}
    plain, factors = matrices["a plain one"], factor_matrices(5, 2, seed)
    cases |= {f"X: {case}": (plain, X) for case, X in factors.items()}
    cases |= {
        "R: far out": (FAR * plain, factors["plain"]),
        "R: tiny": (TINY * plain, factors["plain"]),
        "X: far out": (plain, FAR * factors["plain"]),
    }
    for case, (R, X) in cases.items():
        shape = (R.shape[1], X.shape[1])
        Y = rng.integers(-3, 4, size=shape) if X.dtype.kind == "i" else rng.normal(size=shape)
        got = number_of(f"objective ({case})", objective, R, X, Y, 1.5, 0.7)
        wanted = _loss(*known_and_values(R), X.astype(float), Y.astype(float), 1.5, 0.7, 0.7)
        assert near(got, wanted, R.data, X), f"objective ({case}): wanted {wanted:.8g}, yours {got:.8g}."


# 5.3 solve_user_naive
# One user, three items, one factor, α = 1/2, λ = 2. Amounts 4, 0 and 2: c = 3, 1, 2 and p = 1, 0, 1.


def check_solve_user_naive_gradient_vanishes(solve_user_naive, seed=0):
    """At the minimum of the weighted sum over all items its gradient is zero (central differences)."""
    _, known, values = some_amounts(seed)
    Y, reg = np.random.default_rng(seed).normal(size=(9, 3)), 0.4
    for row, alpha in [(0, 0.8), (3, 0.8), (4, 0.8), (0, 0.0)]:  # α = 0: all cells alike, p still told apart
        r = values[row] / 2  # amounts below 1 are known, too
        for amounts in (r, np.ceil(r).astype(np.int8)):
            c = 1 + alpha * amounts.astype(float)
            got = array_of("solve_user_naive", solve_user_naive, amounts, Y, alpha, reg, shape=(3,))

            def loss(x, c=c, p=r > 0):
                return np.sum(c * (p - Y @ x) ** 2) + reg * x @ x

            # For a huge x every measured slope is 0: its steps are lost in rounding.
            length, most = np.linalg.norm(got), np.sqrt(loss(np.zeros(3)) / reg)
            assert np.isfinite(got).all() and length <= most, (
                f"Your x has the length {length:.3g}: the penalty λ‖x‖² alone is larger there than the whole "
                f"sum at x = 0, so the minimum is not there. No minimum is longer than {most:.3g}."
            )
            steps = 1e-4 * np.eye(3)
            slope = np.array([(loss(got + step) - loss(got - step)) / 2e-4 for step in steps])
            assert np.allclose(slope, 0, atol=1e-5), (
                f"{np.sum(r > 0)} known amounts ({amounts.dtype}), α = {alpha}: the gradient at your x is "
                f"{slope.round(3)}, not 0, so x does not minimise the sum over all items."
            )


def check_solve_user_naive_awkward(solve_user_naive, seed=0):
    """On awkward rows and factors x solves the equations, also for other numbers of the same shape."""
    rng = np.random.default_rng([seed, 5])
    plain = np.array([0.0, 2, 0.5, 0, 3, 1])
    rows = {
        "plain": plain,
        "others, as many": rng.permutation(plain),
        "nothing known": np.zeros(6),
        "all known": plain + 1,
        "amounts of 1e-6 and of 1e4": np.array([0, 1e-6, 0, 0, 1e4, 1]),
        "whole numbers": np.array([0, 2, 1, 0, 3, 1]),
        "floats of 32 bits": plain.astype(np.float32),
        **layouts(plain),
    }
    factors = factor_matrices(6, 2, seed)
    cases = {f"r: {case}": (r, factors["plain"]) for case, r in rows.items()}
    cases |= {f"Y: {case}": (plain, Y) for case, Y in factors.items()}
    for case, (r, Y) in cases.items():
        got = array_of(f"solve_user_naive ({case})", solve_user_naive, r, Y, 1.5, 0.6, shape=(Y.shape[1],))
        wanted = _solutions(r[None] > 0, r[None].astype(float), Y.astype(float), 1.5, 0.6)[0]
        close = 1e-3 if np.float32 in (r.dtype, Y.dtype) else 1e-7
        assert np.allclose(got, wanted, rtol=close, atol=close), (
            f"solve_user_naive ({case}): the minimum is at {wanted.round(5)}, yours is {got.round(5)}."
        )
    for axes, r, alpha, reg in _far_out(rng, seed):
        label = f"solve_user_naive (amounts up to {r.max():g}, α = {alpha:g}, λ = {reg:g})"
        got = array_of(label, solve_user_naive, r, axes.factors, alpha, reg, shape=(4,))
        wanted = axes.solution(1 + alpha * r, r > 0, reg)
        assert near(got, wanted, each=True, digits=5), f"{label}: {_on_axes(wanted, got)}"


def _far_out(rng, seed):
    """Items along one axis each, a row of amounts, α and λ; far out in one way each."""
    for scale, alpha, reg, length in [
        (1.0, 1.5, TINY, 1.0),
        (FAR, 1.5, 0.4, 1.0),
        (TINY, 1.5, 0.4, 1.0),
        (1.0, FAR, TINY, 1.0),
        (1.0, 1.5, FAR, 1.0),
        (1.0, 1.5, 1e-20, 1e-5),  # x is about 1 / length
    ]:
        axes, r = OnAxes(seed, length), scale * rng.uniform(1, 2, size=8)
        one_of_each = np.unique(axes.axis, return_index=True)[1]
        r[rng.choice(one_of_each, size=2, replace=False)] = 0  # but something is known on each axis
        yield axes, r, alpha, reg


def _on_axes(wanted, got):
    return (
        f"with items along one axis each, of very different lengths, wanted {wanted}, yours {got}. {DIGITS}"
    )


# 5.4 update_factors


def check_update_factors_every_row(update_factors, seed=0):
    """Each row minimises its weighted sum over all columns, for users and for items (R.T)."""
    R, known, values = some_amounts(seed)
    for label, amounts, mask, dense in [("R", R, known, values), ("R.T", R.T, known.T, values.T)]:
        fixed = np.random.default_rng(seed).normal(size=(mask.shape[1], 3))
        shape = len(mask), 3
        got = array_of(f"update_factors (of {label})", update_factors, amounts, fixed, 0.8, 0.4, shape=shape)
        wanted, seen = _solutions(mask, dense, fixed, 0.8, 0.4), mask.any(axis=0)
        name_mistake(
            got,
            {
                "columns that no row knows are left out of the Gram matrix: it takes all of `fixed`": (
                    _solutions(mask[:, seen], dense[:, seen], fixed[seen], 0.8, 0.4)
                )
            },
        )
        if not np.allclose(got, wanted, atol=1e-7):
            row = int(np.argmax(np.abs(got - wanted).max(axis=1)))
            raise AssertionError(
                f"Given {label}, row {row} ({mask[row].sum()} known cells) should be {wanted[row].round(4)}; "
                f"yours {got[row].round(4)}. (R.T is a CSC matrix; a stored 0 is known: p = 1, c = 1.)"
            )


def check_update_factors_formats(update_factors, seed=0):
    """The same amounts in other dress, a penalty for each row; without one, perhaps no solution."""
    R, known, _ = some_amounts(seed)
    R, known = csr_array(R[:, :8]), known[:, :8]
    R.resize(7, 9)  # nobody knows the last item: the indices do not tell how many there are
    known = np.hstack([known, np.zeros((7, 1), dtype=bool)])
    fixed = np.random.default_rng(seed).normal(size=(9, 2))
    for label, amounts in _dresses(R).items():
        got = array_of(
            f"update_factors (R as {label})", update_factors, amounts, fixed, 0.3, 0.4, shape=(7, 2)
        )
        assert np.allclose(got, _solutions(known, _values(amounts), fixed, 0.3, 0.4), atol=1e-7), (
            f"With R as {label} the factors should be those of the same amounts, as floats; yours differ."
        )
    regs = np.linspace(0.1, 5.0, 7)
    got = array_of("update_factors (a λ for each row)", update_factors, R, fixed, 0.3, regs, shape=(7, 2))
    assert np.allclose(got, _solutions(known, _values(R), fixed, 0.3, regs), atol=1e-7), (
        "With an array of λ, row u should pay reg[u]; yours differ."
    )
    thirds = csr_array((R.data / 3, R.indices, R.indptr), shape=R.shape)
    got = array_of("update_factors (in thirds)", update_factors, thirds, fixed, 0.3, 0.4, shape=(7, 2))
    assert np.allclose(got, _solutions(known, _values(thirds), fixed, 0.3, 0.4), rtol=1e-10, atol=1e-12), (
        "For amounts in thirds your factors are right to some seven digits: compute in float64."
    )
    why = "the second factor is 0 everywhere and λ is 0: any second entry of x is as good"
    try:
        got = update_factors(R, np.ones((9, 2)) * [1.0, 0.0], 0.3, 0.0)
    except np.linalg.LinAlgError:
        return
    raise AssertionError(f"Wanted a numpy.linalg.LinAlgError: {why}. Yours returned {np.asarray(got)[0]}.")


def check_update_factors_awkward(update_factors, seed=0):
    """On awkward amounts and factors, one after the other: the same shape does not mean the same YᵀY."""
    rng = np.random.default_rng([seed, 5])
    matrices = rating_matrices(seed, signed=False)
    plain = matrices["a plain one"]
    cases = {f"R: {case}": (R, rng.normal(size=(R.shape[1], 2))) for case, R in matrices.items()}
    cases |= {f"R.T: {case}": (R.T, rng.normal(size=(R.shape[0], 2))) for case, R in matrices.items()}
    cases |= {f"fixed: {case}": (plain, fixed) for case, fixed in factor_matrices(6, 2, seed).items()}
    for case, (R, fixed) in cases.items():
        shape = R.shape[0], fixed.shape[1]
        got = array_of(f"update_factors ({case})", update_factors, R, fixed, 1.5, 0.4, shape=shape)
        known, values = known_and_values(csr_array(R))
        wanted = _solutions(known, values, fixed.astype(float), 1.5, 0.4)
        close = 1e-3 if np.float32 in (R.dtype, fixed.dtype) else 1e-7
        if not np.allclose(got, wanted, rtol=close, atol=close):
            row = int(np.argmax(np.abs(got - wanted).max(axis=1)))
            raise AssertionError(
                f"update_factors ({case}): row {row} should be {wanted[row].round(5)}, yours is "
                f"{got[row].round(5)}. (Does anything stay from one call to the next?)"
            )
    for axes, r, alpha, reg in _far_out(rng, seed):
        label = f"update_factors (amounts up to {r.max():g}, α = {alpha:g}, λ = {reg:g})"
        rows = np.array([r[::-1], r])
        got = array_of(label, update_factors, csr_array(rows), axes.factors, alpha, reg, shape=(2, 4))
        wanted = np.array([axes.solution(1 + alpha * row, row > 0, reg) for row in rows])
        assert near(got, wanted, each=True, digits=5), f"{label}: {_on_axes(wanted, got)}"
    m = 20_002  # the last row is known, whatever a bound says
    R = csr_array((np.array([1.0, 2.0]), ([0, m - 1], [1, 0])), shape=(m, 2))
    got = array_of(
        f"update_factors (of {m:,} rows)", update_factors, R, np.ones((2, 1)), 1.0, 1.0, shape=(m, 1)
    )
    assert near(got[[0, -1], 0], [2 / 4, 3 / 5]), (
        f"Rows 0 and {m - 1:,} are 0.5 and 0.6; yours are {got[[0, -1], 0]}."
    )


# 5.5 row_penalty


def check_row_penalty_laws(row_penalty, seed=0):
    """Exactly λ for exponent 0, in proportion to the weight for 1, and an array for an array."""
    rng = np.random.default_rng(seed)
    n_columns, alpha, reg = int(rng.integers(5, 50)), float(rng.uniform(1.5, 9)), float(rng.uniform(0.1, 2))
    for n_known in (0, 1, n_columns):
        got = number_of("row_penalty", row_penalty, n_known, n_columns, alpha, reg, 0.0)
        assert got == reg, f"For the exponent 0 wanted exactly λ = {reg}, yours {got}."
        got = number_of("row_penalty", row_penalty, n_known, n_columns, alpha, reg, 1.0)
        assert np.isclose(got, reg * n_known + reg * n_columns / alpha), (
            f"For the exponent 1, {n_known} known cells and {n_columns} columns, the penalty should be λ "
            f"times the weight of the row's cells; yours {got:.6g}."
        )
    counts = np.array([0, 3, 5])
    got = array_of("row_penalty (of an array)", row_penalty, counts, n_columns, alpha, reg, 2.0, shape=(3,))
    assert np.allclose(got, reg * (counts + n_columns / alpha) ** 2), "Every row should get its own penalty."


def check_row_penalty_awkward(row_penalty):
    """Of counts of any type, in the thousands: the formula."""
    for dtype in (np.int64, np.int32):
        counts = np.array([0, 1, 255, 256, 20_000], dtype)
        for exponent in (0.0, 0.5, 1.0, 2.0, 5.0):
            label = f"row_penalty (counts of {np.dtype(dtype)}, ν = {exponent})"
            got = array_of(label, row_penalty, counts, 60_000, 0.25, 0.3, exponent, shape=(5,))
            wanted = [0.3 * (int(count) + 60_000 / 0.25) ** exponent for count in counts]
            assert near(got, wanted, each=True), (
                f"{label}: yours are {got}, and the formula gives others. The counts may be in the thousands."
            )


# 5.6 fit_wrmf


def _check_half_steps(runs, known, values, alpha, reg_user, reg_item):
    """The second epoch of a run is exact, from the newest factors; history tells the value of L."""
    (X1, Y1, history1), (X2, Y2, history2) = runs
    users = _solutions(known, values, Y1, alpha, reg_user)
    assert np.allclose(X2, users, atol=1e-7), (
        "The users of epoch 2 do not minimise L given the items of epoch 1. Users first, then items, from "
        "where the epoch before ended; each with α and with the penalty of its row."
    )
    stale = _solutions(known.T, values.T, X1, alpha, reg_item)
    assert not np.allclose(Y2, stale, atol=1e-7), "The item step uses stale users: pass it the new ones."
    items = _solutions(known.T, values.T, X2, alpha, reg_item)
    assert np.allclose(Y2, items, atol=1e-7), (
        "The items of epoch 2 do not minimise L given the users of the same epoch."
    )
    assert np.allclose(history1, history2[:2]), "A longer run should begin with the history of a shorter one."
    wanted = [_loss(known, values, X, Y, alpha, reg_user, reg_item) for X, Y in [(X2, Y1), (X2, Y2)]]
    assert np.allclose(history2[2:], wanted), (
        f"L after the half-steps of epoch 2 is {np.round(wanted, 4)}; history says {history2[2:].round(4)}."
    )


def check_fit_wrmf_exact_half_steps(fit_wrmf, seed=0):
    """Each half-step minimises L, given the newest factors of the other side; α = 0 is a weight, too."""
    R, known, values = some_amounts(seed)
    for alpha in (1.5, 0.0):
        label = f"fit_wrmf (α = {alpha})"
        runs = [
            half_steps_of(label, fit_wrmf, R, 3, alpha, 0.7, epochs, np.random.default_rng(seed))
            for epochs in (1, 2)
        ]
        _check_half_steps(runs, known, values, alpha, 0.7, 0.7)


def check_fit_wrmf_row_penalties(fit_wrmf, seed=0):
    """The bonus: with an exponent every row pays its own penalty, and history counts it. Else, no matter."""
    R, known, values = some_amounts(seed)
    try:
        runs = [
            half_steps_of("fit_wrmf", fit_wrmf, R, 2, 1.5, 1, epochs, np.random.default_rng(seed), 0.5)
            for epochs in (1, 2)
        ]
    except NotImplementedError:
        return  # row_penalty, a bonus, is not written
    users_of_one_penalty = _solutions(known, values, runs[0][1], 1.5, 1)
    assert not np.allclose(runs[1][0], users_of_one_penalty, atol=1e-7), (
        "With reg_exponent = 0.5 every user still pays λ: each should pay `row_penalty`. If you leave the "
        "bonus out, `raise NotImplementedError` for an exponent other than 0."
    )
    regs = [np.sqrt(mask.sum(axis=1) + mask.shape[1] / 1.5) for mask in (known, known.T)]
    _check_half_steps(runs, known, values, 1.5, *regs)


def wrmf_start(fit_wrmf, size, k, entropy):
    """The items' start of a fit, read from its users after one epoch."""
    # User u knows item u alone, with c = 2, and λ is huge: x_u is 2·y_u/λ.
    R, reg = csr_array((np.ones(size), (np.arange(size), np.arange(size))), shape=(size, size)), 1e6
    users, _, _ = half_steps_of("fit_wrmf", fit_wrmf, R, k, 1.0, reg, 1, np.random.default_rng(entropy))
    return users * reg / 2


def check_fit_wrmf_start(fit_wrmf, seed=0):
    """The start is normal, of standard deviation 0.1/√k, and comes from rng and from nothing else."""
    first, again, other = (wrmf_start(fit_wrmf, 400, 9, [seed, draw]) for draw in (0, 0, 1))
    assert np.any(first), "All factors are 0: from a start at 0 every half-step answers 0. Start at random."
    assert np.linalg.matrix_rank(first) == 9, (
        "The factors start as copies of each other: draw each at random."
    )
    assert np.allclose(first, again), "The same rng should give the same factors: draw from `rng` alone."
    assert not np.allclose(first, other), "Another rng should give another start: draw it from `rng`."
    # With more factors than any example has, each is smaller still.
    for k, start in [(9, first), (300, wrmf_start(fit_wrmf, 20, 300, [seed, 2]))]:
        deviation = 0.1 / np.sqrt(k)
        starts_normal(start, deviation, f"0.1/√k, for k = {k} that is {deviation:.4f}")


def check_fit_wrmf_awkward(fit_wrmf, seed=0):
    """On awkward amounts the second epoch minimises L exactly over the users, and then over the items."""
    for case, R in rating_matrices(seed, signed=False).items():
        known, values = known_and_values(R)
        label = f"fit_wrmf (R: {case})"
        (_, Y1, _), (X2, Y2, history) = (
            half_steps_of(label, fit_wrmf, R, 2, 1.5, 0.4, n_epochs, np.random.default_rng(seed))
            for n_epochs in (1, 2)
        )
        users = _solutions(known, values, Y1, 1.5, 0.4)
        items = _solutions(known.T, values.T, X2, 1.5, 0.4)
        close = 1e-4 if R.dtype == np.float32 else 1e-7
        for side, got, wanted in [("users", X2, users), ("items", Y2, items)]:
            assert np.allclose(got, wanted, rtol=close, atol=close), (
                f"{label}: the {side} of epoch 2 do not minimise L, given the other side's newest factors."
            )
        wanted = [_loss(known, values, X2, Y, 1.5, 0.4, 0.4) for Y in (Y1, Y2)]
        assert near(history[2:], wanted, R.data), f"{label}: L is {wanted}, history says {history[2:]}."
    R, known, values = some_amounts(seed)
    (_, Y, _), (X, _, _) = (
        half_steps_of("fit_wrmf", fit_wrmf, R, 2, 1.5, 0.4, n_epochs, np.random.default_rng(seed))
        for n_epochs in (22, 23)
    )
    # Rows converge and move ever less, but to nine digits they go on.
    assert np.allclose(X, _solutions(known, values, Y, 1.5, 0.4), rtol=1e-9, atol=1e-12), (
        "After 23 epochs the users are not those that 22 epochs lead to: take all epochs that are asked for, "
        "also where little changes."
    )


# 5.7 ndcg_at_k


def check_ndcg_at_k_edges(ndcg_at_k):
    """Nothing relevant; fewer items ranked than k; lists for arrays."""
    got = measure_of("ndcg_at_k", ndcg_at_k, [4, 0, 2], [], 2)
    assert np.isnan(got), f"Nothing is relevant: there is nothing to measure, so nan, not {got}."
    got = measure_of("ndcg_at_k", ndcg_at_k, [4, 0], [0, 1, 2], 10)
    assert np.isclose(got, 0.6309297536 / 2.1309297536), (
        "Two items ranked, three relevant, the hit in place 2, k = 10: divide by the gain of three hits in "
        f"the first places; yours {got:.6g}."
    )
    got = measure_of("ndcg_at_k", ndcg_at_k, [], [0], 10)
    assert got == 0, f"An empty ranking finds nothing: wanted 0, yours {got}."


def _measured(ranked, relevant, k):
    """NDCG and recall at k, by their definitions."""
    relevant = {int(item) for item in relevant}
    hits = [int(item) in relevant for item in list(ranked)[:k]]
    best = sum(1 / np.log2(place + 2) for place in range(min(k, len(relevant))))
    gain = sum(1 / np.log2(place + 2) for place, hit in enumerate(hits) if hit)
    return (gain / best, sum(hits) / min(k, len(relevant))) if relevant else (np.nan, np.nan)


def _rankings(seed):
    """Rankings and relevant items of awkward kinds, each with what it is called."""
    codes = np.array([70_000, 4_464, 3, 69_999, 2**31 + 3])  # of 16 and of 32 bits some are others
    yield "codes beyond 16 and 32 bits", codes, np.array([4_463, 70_000, 3])
    places = np.arange(1_200)
    yield "the only hit at place 1,101 of 1,200", places, np.array([1_100])
    for n_items in (9, 300):
        ranked = np.random.default_rng([seed, n_items]).permutation(n_items)
        for kind, relevant in item_lists(n_items, seed, repeated=False).items():
            yield f"{n_items} items, relevant: {kind}", ranked, relevant
            yield f"a list of {n_items} items, relevant: {kind}", ranked.tolist(), relevant


def check_ndcg_at_k_awkward(ndcg_at_k, seed=0):
    """Rankings and relevant items of awkward kinds, and places from 1 to more than there are items."""
    for case, ranked, relevant in _rankings(seed):
        for k in (1, 4, 257, 1_001, 20_001):
            label = f"ndcg_at_k ({case}, k = {k})"
            got, wanted = measure_of(label, ndcg_at_k, ranked, relevant, k), _measured(ranked, relevant, k)[0]
            same = np.isnan(got) if np.isnan(wanted) else near(got, wanted)
            assert same, f"{label}: wanted {wanted:.9g}, yours {got:.9g}. Neither is rounded."


# 5.8 recall_at_k


def check_recall_at_k_edges(recall_at_k, seed=0):
    """Nothing relevant, short rankings, lists; only the set of the first k matters."""
    got = measure_of("recall_at_k", recall_at_k, [4, 0, 2], [], 2)
    assert np.isnan(got), f"Nothing is relevant: there is nothing to measure, so nan, not {got}."
    got = measure_of("recall_at_k", recall_at_k, [4, 0], [0, 1, 2], 10)
    assert np.isclose(got, 1 / 3), (
        f"Two ranked, one of the three relevant found: wanted 1/3, yours {got:.6g}."
    )
    items = np.random.default_rng(seed).permutation(30)
    got = measure_of("recall_at_k", recall_at_k, items, items[2:12], 6)
    assert np.isclose(got, 4 / 6), f"4 hits in 6 places, 10 relevant: wanted 4/6, yours {got:.6g}."
    for place in range(6):
        got = measure_of("recall_at_k", recall_at_k, items, items[[place]], 6)
        assert got == 1, f"The one relevant item is in place {place + 1} of 6: wanted 1, yours {got:.6g}."


def check_recall_at_k_awkward(recall_at_k, seed=0):
    """Rankings and relevant items of awkward kinds, and places from 1 to more than there are items."""
    for case, ranked, relevant in _rankings(seed):
        for k in (1, 4, 257, 1_001, 20_001):
            label = f"recall_at_k ({case}, k = {k})"
            got, wanted = (
                measure_of(label, recall_at_k, ranked, relevant, k),
                _measured(ranked, relevant, k)[1],
            )
            same = np.isnan(got) if np.isnan(wanted) else near(got, wanted)
            assert same, f"{label}: wanted {wanted:.9g}, yours {got:.9g}. Neither is rounded."


# 5.9 is_best_list


def _is_best(ranked, scores, seen, n):
    """The definition, item by item."""
    left = [item for item in range(len(scores)) if item not in set(seen)]
    if len(ranked) != min(n, len(left)) or len(set(ranked)) != len(ranked) or not set(ranked) <= set(left):
        return False
    falls = all(scores[first] >= scores[second] for first, second in pairwise(ranked))
    others = [scores[item] for item in left if item not in ranked]
    return falls and (not ranked or not others or scores[ranked[-1]] >= max(others))


def check_is_best_list_brute_force(is_best_list, seed=0):
    """Right lists of awkward scores and the same with one thing wrong, against the definition."""
    rng = np.random.default_rng(seed)
    for case, scores in score_arrays(seed).items():
        n_items = len(scores)
        if n_items > 20:
            continue
        half, whole = rng.permutation(n_items)[: (n_items + 1) // 2].tolist(), list(range(n_items))
        for seen in ([], half, half + half[:1], whole):
            left = sorted(set(whole) - set(seen), key=lambda item: (-float(scores[item]), item))
            n = int(rng.integers(1, n_items + 2))
            right = left[:n]
            lists = [right, sorted(right, key=lambda item: (-float(scores[item]), -item)), right[::-1]]
            if right:
                lists += [right[:-1], right[:-1] + right[:1], [-1, *right[1:]], [*right[:-1], n_items]]
                lists += [[*right[:-1], item] for item in (*seen[:1], *left[n : n + 1])]
            for ranked in lists:
                wanted = _is_best(ranked, scores, seen, n)
                label = f"is_best_list (scores: {case}; n = {n})"
                assert verdict_on(is_best_list, ranked, scores, seen, n, label) == wanted, (
                    f"{label}: of the list {ranked}, with {seen} seen and scores {scores.tolist()}, your "
                    f"test says {not wanted}."
                )


def check_is_best_list_edges(is_best_list):
    """Nothing asked for, codes that do not exist, an item twice among equals, scores nearly equal."""
    scores = np.array([5.0, 5.0, 5.0 - 1e-9, -2.0])
    for ranked, seen, n, keeps, why in [
        ([], [], 0, True, "nothing was asked for"),
        ([0], [], 0, False, "nothing was asked for"),
        ([], [0, 1, 2, 3], 3, True, "everything is seen"),
        ([], [], 1, False, "an item is left"),
        ([0, 0], [], 2, False, "an item stands in it twice"),
        ([1, 0], [], 2, True, "the two scores are equal"),
        ([0, 2], [], 2, False, "item 1 has a score that is higher by 1e-9 than that of item 2"),
        ([0, 1], [1], 2, False, "item 1 is seen, though its score is that of item 0"),
        ([-1], [0, 1, 2], 1, False, "−1 is no code: it is the last item for NumPy alone"),
        ([4], [], 1, False, "there is no item 4"),
        ([-4, 1], [], 2, False, "−4 is no code"),
        ([1], [0], 1, True, "item 0, with the same score, is seen"),
    ]:
        label = f"is_best_list (of the list {ranked})"
        assert verdict_on(is_best_list, ranked, scores, seen, n, label) == keeps, (
            f"Scores 5, 5, 5 − 1e-9, −2, seen {seen}, n = {n}: of the list {ranked} your test says "
            f"{not keeps}; {why}."
        )
    whole = np.array([3, 3, -1])
    assert verdict_on(is_best_list, [1, 0, 2], whole, [], 3, "is_best_list (scores: whole numbers)"), (
        "Scores that are whole numbers: a right list is turned down."
    )


# 5.10 fold_in


def check_fold_in_is_the_trained_row(fold_in, seed=0):
    """A newcomer with a trained user's history gets that user's row, whatever its order and its type."""
    _, known, values = some_amounts(seed)
    rng = np.random.default_rng(seed)
    Y = rng.normal(size=(9, 3))
    wanted = _solutions(known, values, Y, 0.8, 0.4)
    for user in range(len(known)):
        items = rng.permutation(np.flatnonzero(known[user]))
        got = array_of("fold_in", fold_in, items, values[user, items] / 3, Y, 2.4, 0.4, shape=(3,))
        assert np.allclose(got, wanted[user], atol=1e-7), (
            f"A newcomer who knows {len(items)} items should get {wanted[user].round(4)}, the row of a "
            f"trained user with this history; yours {got.round(4)}. (An amount of 0 is known, too.)"
        )
        assert np.allclose(got, wanted[user], rtol=1e-10, atol=1e-12), (
            "For amounts in thirds your factors are right to some seven digits: compute in float64."
        )
    many = array_of("fold_in", fold_in, np.array([8, 0]), np.array([5e3, 1e-6]), Y, 0.3, 0.4, shape=(3,))
    row = 5e3 * np.eye(9)[8] + 1e-6 * np.eye(9)[0]
    assert np.allclose(many, _solutions(row[None] > 0, row[None], Y, 0.3, 0.4)[0]), (
        "Amounts of 5,000 and of 0.000001 count as what they are; yours gives other factors."
    )
    whole = array_of("fold_in", fold_in, np.array([8, 0]), np.array([1, 2], np.int8), Y, 0.3, 0.4, shape=(3,))
    row = np.eye(9)[8] + 2 * np.eye(9)[0]
    assert np.allclose(whole, _solutions(row[None] > 0, row[None], Y, 0.3, 0.4)[0]), (
        "Whole numbers (int8) should give the factors of the same amounts, as floats; yours differ."
    )


def check_fold_in_awkward(fold_in, seed=0):
    """Awkward histories and factors: the row of a trained user, with nothing kept from the call before."""
    for case, items, values, Y in _histories(seed):
        label = f"fold_in ({case})"
        got = array_of(label, fold_in, items, values, Y, 1.5, 0.4, shape=(Y.shape[1],))
        known, row = np.zeros((1, len(Y)), dtype=bool), np.zeros((1, len(Y)))
        known[0, items], row[0, items] = True, values
        wanted = _solutions(known, row, Y.astype(float), 1.5, 0.4)[0]
        close = 1e-3 if np.float32 in (values.dtype, Y.dtype) else 1e-7
        assert np.allclose(got, wanted, rtol=close, atol=close), f"{label}: wanted {wanted}, yours {got}."
    rng = np.random.default_rng([seed, 6])
    for axes, r, alpha, reg in _far_out(rng, seed):
        label, items = f"fold_in (amounts up to {r.max():g}, α = {alpha:g}, λ = {reg:g})", np.flatnonzero(r)
        got = array_of(label, fold_in, items, r[items], axes.factors, alpha, reg, shape=(4,))
        wanted = axes.solution(1 + alpha * r, r > 0, reg)
        assert near(got, wanted, each=True, digits=5), f"{label}: {_on_axes(wanted, got)}"
    n_known = 20_001
    many = np.arange(n_known), np.ones(n_known), np.ones((n_known + 7, 1))
    got = array_of("fold_in (of 20,001 items)", fold_in, *many, 2.0, 300.0, shape=(1,))
    assert near(got, [3 * n_known / (3 * n_known + 7 + 300)]), (
        f"20,001 of 20,008 items known, factors and amounts of 1, α 2, λ 300: x is 60003/60310, yours {got}."
    )


# 5.11 explain


def check_explain_adds_up(explain, seed=0):
    """The terms add up to the score of a trained user; each is c_j y_t·W y_j; whole numbers will do."""
    _, known, values = some_amounts(seed)
    rng = np.random.default_rng(seed)
    Y, alpha, reg = rng.normal(size=(9, 3)), 0.8, 0.4
    for user, target in [(0, 8), (1, 3), (3, 7), (4, 0)]:
        items = rng.permutation(np.flatnonzero(known[user]))
        row = np.ceil(values[user])
        for amounts in (row[items], row[items].astype(np.int8)):
            got = array_of("explain", explain, items, amounts, Y, alpha, reg, target, shape=(len(items),))
            score = _solutions(known[[user]], row[None], Y, alpha, reg)[0] @ Y[target]
            assert np.isclose(got.sum(), score), (
                f"The terms of {len(items)} past items add up to {got.sum():.6g}, the score is {score:.6g}."
            )
            inverse = np.linalg.inv(Y.T @ np.diag(1 + alpha * row) @ Y + reg * np.eye(3))
            wanted = (1 + alpha * row[items]) * (Y[items] @ inverse @ Y[target])
            assert np.allclose(got, wanted, atol=1e-7), (
                f"The terms add up, but they should be {wanted.round(4)}; yours {got.round(4)}."
            )
        thirds = array_of(
            "explain", explain, items, row[items] / 3, Y, 3 * alpha, reg, target, shape=got.shape
        )
        assert np.allclose(thirds, wanted, rtol=1e-10, atol=1e-12), (
            "For amounts in thirds your terms are right to some seven digits: compute in float64."
        )


def _histories(seed):
    """Histories of a user and items' factors, awkward in one way each."""
    rng = np.random.default_rng([seed, 5])
    plain = factor_matrices(7, 2, seed)["plain"]
    for case, items in item_lists(7, seed, repeated=False).items():
        if not isinstance(items, list):
            yield f"items: {case}", items, rng.integers(0, 7, size=len(items)) / 2, plain
    items = rng.permutation(7)[:4]
    for case, Y in factor_matrices(7, 2, seed).items():
        yield f"Y: {case}", items, np.array([1.0, 0.0, 2.5, 1.0]), Y
    for dtype in (np.int64, np.float32):
        yield f"values of {np.dtype(dtype)}", items, np.array([1, 0, 3, 2], dtype), plain


def check_explain_awkward(explain, seed=0):
    """Awkward histories and factors: each term is c_j y_t·W y_j, with nothing kept from the call before."""
    for case, items, values, Y in _histories(seed):
        c = np.ones(len(Y))
        c[items] += 1.5 * values
        dense = Y.astype(float)
        W = np.linalg.inv(dense.T @ (c[:, None] * dense) + 0.4 * np.eye(Y.shape[1]))
        for target in (0, 6):
            label = f"explain ({case}; target {target})"
            got = array_of(label, explain, items, values, Y, 1.5, 0.4, target, shape=(len(items),))
            wanted = c[items] * (dense[items] @ W @ dense[target])
            close = 1e-3 if np.float32 in (values.dtype, Y.dtype) else 1e-7
            assert np.allclose(got, wanted, rtol=close, atol=close), f"{label}: wanted {wanted}, yours {got}."
    rng = np.random.default_rng([seed, 6])
    for axes, r, alpha, reg in _far_out(rng, seed):
        items = np.flatnonzero(r)
        for target in range(8):
            label = f"explain (amounts up to {r.max():g}, α = {alpha:g}, λ = {reg:g}; target {target})"
            got = array_of(
                label, explain, items, r[items], axes.factors, alpha, reg, target, shape=items.shape
            )
            # What an item alone would bring: the minimum is linear in the preferences.
            alone = [axes.solution(1 + alpha * r, np.arange(8) == item, reg) for item in items]
            assert near(got, np.array(alone) @ axes.factors[target], each=True, digits=5), (
                f"{label}: {_on_axes(np.array(alone) @ axes.factors[target], got)}"
            )
    # c is α·r here, as large as the target's square: half of its length is what the past item adds.
    far = np.array([FAR]), np.array([[1.0], [FAR]]), FAR, 1.0
    got = array_of("explain (a target far out)", explain, np.array([0]), *far, 1, shape=(1,))
    assert near(got, [FAR / 2]), (
        f"Y = [[1], [{FAR:g}]], item 0 known with the amount {FAR:g}, α = {FAR:g}: it adds {FAR / 2:g} to "
        f"the score of item 1; yours {got[0]:g}. {DIGITS}"
    )
