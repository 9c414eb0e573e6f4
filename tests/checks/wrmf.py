"""Checks of unit 05, weighted regularised matrix factorization: a law each, named after its exercise."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array, csr_matrix, issparse


def _result(name, function, *arguments):
    """What the function returns; a crash or a missing ``return`` becomes a sentence."""
    try:
        result = function(*arguments)
    except NotImplementedError:
        raise
    except MemoryError as error:
        raise AssertionError(
            f"{name} ran out of memory: it forms an array with an entry for every user and every item. The "
            "unknown cells enter through k×k matrices alone."
        ) from error
    except Exception as error:
        raise AssertionError(f"{name} stopped with {type(error).__name__}: {error}") from error
    assert result is not None, f"{name} returned None: does its last line say `return`?"
    return result


def _array(name, function, *arguments, shape):
    """A returned array, checked for its shape and for missing numbers."""
    result = np.asarray(_result(name, function, *arguments), dtype=float)
    assert result.shape == shape, f"{name} should return shape {shape}; yours: {result.shape}."
    assert np.all(np.isfinite(result)), f"{name} returned nan or inf: {result[~np.isfinite(result)][:3]}."
    return result


def _number(name, function, *arguments):
    """A returned number, as a float; it may be nan."""
    with np.errstate(all="ignore"):  # a nan that is asked for may come out of 0/0
        result = np.asarray(_result(name, function, *arguments))
    assert result.ndim == 0, f"{name} should return one number; yours has shape {result.shape}."
    return float(result)


def _refuse(got, mistakes):
    """Fail with the sentence of the mistake whose value this is, if it is a known one."""
    for sentence, wrong in mistakes.items():
        assert not np.allclose(got, wrong, atol=1e-7), f"This is what you get if {sentence}."


def _amounts(seed, m=7, n=9):
    """Amounts, their cells and values: user 4 and item 5 have none, user 3 has one, (1, 2) is a known 0."""
    rng = np.random.default_rng(seed)
    known = rng.random((m, n)) < 0.45
    known[0, :4] = known[1, 1:5] = True
    known[3, :], known[3, 7] = False, True
    known[4, :] = known[:, 5] = False
    values = np.where(known, rng.integers(1, 9, size=(m, n)) / 2, 0.0)
    values[1, 2] = 0.0
    users, items = np.nonzero(known)
    return csr_array((values[users, items], (users, items)), shape=(m, n)), known, values


def _dresses(R):
    """The same amounts in other formats, and whole numbers; each with what it is called."""
    backwards = [np.arange(start, end)[::-1] for start, end in zip(R.indptr[:-1], R.indptr[1:], strict=True)]
    order = np.concatenate(backwards)
    whole = np.rint(R.data).astype(np.int8)
    return {
        "a csr_matrix": csr_matrix((R.data, R.indices, R.indptr), shape=R.shape),
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


def _preference_confidence(preference_confidence, R, alpha, name="preference_confidence"):
    """P and C, checked for being two sparse matrices of floats of R's shape, and for R being left alone."""
    before = R.data.copy()
    result = _result(name, preference_confidence, R, alpha)
    assert isinstance(result, (tuple, list)) and len(result) == 2, f"{name} returns two matrices: P, C."
    for label, matrix in zip("PC", result, strict=True):
        assert issparse(matrix), (
            f"{label} should be a sparse matrix, as R is; yours: {type(matrix).__name__}."
        )
        assert matrix.shape == R.shape, f"{label} should have R's shape {R.shape}; yours: {matrix.shape}."
    assert np.array_equal(R.data, before), f"{name} changed the amounts in R: work on a copy."
    return tuple(csr_array(matrix) for matrix in result)


def check_preference_confidence_by_hand(preference_confidence):
    """Two users, three items, α = 2."""
    R = csr_array([[3.0, 0.0, 1.0], [0.0, 0.0, 2.0]])
    P, C = (matrix.toarray() for matrix in _preference_confidence(preference_confidence, R, 2.0))
    assert not np.array_equal(P, R.toarray()), (
        "P still holds the amounts: a preference is 1 where something is known, however much it is."
    )
    assert not np.array_equal(P, [[6, 0, 2], [0, 0, 4]]), "P and C are exchanged: return P first, then C."
    assert np.array_equal(P, [[1, 0, 1], [0, 0, 1]]), f"Wanted P = [[1, 0, 1], [0, 0, 1]], yours {P}."
    _refuse(
        C,
        {
            "C holds c itself: it should hold c − 1, which is 0 in every unknown cell": [
                [7, 1, 3],
                [1, 1, 5],
            ],
            "the 1 is added in the known cells: C holds c − 1 = α·r": [[7, 0, 3], [0, 0, 5]],
            "α is left out": [[3, 0, 1], [0, 0, 2]],
            "every known cell gets α, whatever its amount: C holds α·r": [[2, 0, 2], [0, 0, 2]],
        },
    )
    assert np.allclose(C, [[6, 0, 2], [0, 0, 4]]), f"Wanted C = [[6, 0, 2], [0, 0, 4]], yours {C}."


def check_preference_confidence_formats(preference_confidence, seed=0):
    """Floats whatever R's type and format, a known 0 stays known, and nothing is as large as m·n."""
    R, known, _ = _amounts(seed)
    cases = {"float64": R} | _dresses(R)
    cases["200,000 × 200,000"] = csr_array(([1.5], ([3], [199_999])), shape=(200_000, 200_000))
    for label, amounts in cases.items():
        P, C = _preference_confidence(preference_confidence, amounts, 0.3, f"With R as {label}, it")
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
        assert abs(C - 0.3 * amounts.astype(float)).max() < 1e-7, f"With R as {label}, C should be α·r."


# 5.2 objective


def check_objective_by_hand(objective):
    """Two users, three items, one factor: all six cells on paper."""
    R = csr_array([[3.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    X, Y = np.array([[0.5], [1.0]]), np.array([[1.0], [0.5], [-1.0]])
    got = _number("objective", objective, R, X, Y, 2.0, 0.1)
    # Scores .5, .25, −.5 and 1, .5, −1. Known: 7·(1 − .5)² = 1.75 and 3·(1 + 1)² = 12.
    # Unknown: .25² + .5² = .3125 and 1² + .5² = 1.25. Squared norms: 1.25 and 2.25.
    known, unknown, penalty = 1.75 + 12, 0.3125 + 1.25, 0.1 * 3.5
    _refuse(
        got,
        {
            "only the known cells count: here the unknown ones do, with p = 0 and c = 1": known + penalty,
            "the known cells count twice, as unknown ones too: take their (x·y)² off": (
                known + unknown + penalty + 0.5**2 + (-1) ** 2
            ),
            "c is α·r, without the 1": 1.5 + 8 + unknown + penalty,
            "the amounts stand in place of the preferences: p is 1 where known": (
                7 * 2.5**2 + 3 * 2**2 + unknown + penalty
            ),
            "the known cells count as unknown ones, too, and else with αr: take their (x·y)² off": (
                1.5 + 8 + unknown + penalty + 0.5**2 + (-1) ** 2
            ),
            "α is left out": 4 * 0.25 + 2 * 4 + unknown + penalty,
            "every known cell has c = 1 + α, whatever its amount": 3 * 0.25 + 3 * 4 + unknown + penalty,
            "the confidences are left out": 0.25 + 4 + unknown + penalty,
            "the penalty is left out": known + unknown,
            "the penalty is halved": known + unknown + penalty / 2,
            "the penalty is doubled": known + unknown + 2 * penalty,
            "L is halved": (known + unknown + penalty) / 2,
            "the errors are averaged over the cells": (known + unknown) / 6 + penalty,
            "you return a root mean squared error over the cells": np.sqrt((known + unknown) / 6),
            "you return an RMSE of the known cells, as for ratings": np.sqrt((2.5**2 + 2**2) / 2),
            "you return an RMSE of the known cells": np.sqrt((0.5**2 + 2**2) / 2),
        },
    )
    assert np.isclose(got, 15.6625), f"Wanted 13.75 + 1.5625 + 0.35 = 15.6625, yours {got:.6g}."


def check_objective_brute_force(objective, seed=0):
    """Equal to the double sum over all cells, for every format of R, on both sides."""
    R, known, values = _amounts(seed)
    rng = np.random.default_rng(seed)
    X, Y = rng.normal(size=(7, 3)), rng.normal(size=(9, 3))
    cases = {"float64": (R, X, Y, known), "R.T": (R.T, Y, X, known.T)}
    cases |= {label: (amounts, X, Y, known) for label, amounts in _dresses(R).items()}
    for label, (amounts, left, right, mask) in cases.items():
        wanted = _loss(mask, _values(amounts), left, right, 1.7, 0.3, 0.3)
        got = _number(f"objective (R as {label})", objective, amounts, left, right, 1.7, 0.3)
        grams = left.T @ left, right.T @ right
        without = wanted - np.sum(grams[0] * grams[1])  # the rest of L
        _refuse(
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
    assert np.array_equal(R.toarray(), values), "objective changed the amounts in R: work on a copy."


def check_objective_memory(objective):
    """200,000 users and items, two known cells: in milliseconds, without the table."""
    size = 200_000
    R = csr_array((np.array([1.0, 3.0]), ([0, size - 1], [0, 5])), shape=(size, size))
    X, Y = np.full((size, 1), 1e-3), np.full((size, 1), 2e-3)
    got = _number("objective (200,000 × 200,000)", objective, R, X, Y, 1.0, 1.0)
    wanted = size**2 * 4e-12 + 2 - 2 * 2 * 2e-6 + 2 * 4e-12 - 4e-12
    wanted += 4 - 2 * 4 * 2e-6 + 4 * 4e-12 - 4e-12 + size * 5e-6
    assert np.isclose(got, wanted), f"For a table of 200,000 × 200,000 wanted {wanted:.6g}, yours {got:.6g}."


# 5.3 solve_user_naive

# One user, three items, one factor, α = 1/2, λ = 2. Amounts 4, 0 and 2: c = 3, 1, 2 and p = 1, 0, 1.
# Σ c y² + λ = 3·4 + 1·1 + 2·1 + 2 = 17 and Σ c p y = 3·2 − 2·1 = 4.
_BY_HAND_Y = np.array([[2.0], [1.0], [-1.0]])
_BY_HAND_MISTAKES = {
    "only the known items are in the matrix: every item is, the unknown ones with c = 1": 4 / 16,
    "c is α·r, without the 1": 3 / 11,
    "YᵀY is left out: the unknown items count with c = 1": 4 / 11,
    "the amounts stand in place of the preferences: p is 1 where known": 20 / 17,
    "the confidence is left out of the right-hand side: it is Yᵀ C p": 1 / 17,
    "the 1 is left out of the confidence on the right-hand side: it is Yᵀ C p, with c = 1 + α·r": 3 / 17,
    "the confidence is left out of the matrix: it is Yᵀ C Y + λ I": 4 / 8,
    "the known items count with c on top of the 1 that YᵀY gives them: add Yᵀ(C − I)Y": 4 / 22,
    "the confidence is squared in the matrix": 4 / 43,
    "the extra confidence is squared in the matrix": 4 / 25,
    "α is left out": 7 / 26,
    "every known item has c = 1 + α, whatever its amount: c = 1 + α·r": 1.5 / 10.5,
    "the penalty is left out": 4 / 15,
    "λ counts twice, is squared, or counts once for each known item: it is paid once": 4 / 19,
    "λ is multiplied by the number of items: it is paid once": 4 / 21,
}


def check_solve_user_naive_by_hand(solve_user_naive):
    """One user, three items, one factor: (Σ c p y) / (Σ c y² + λ)."""
    r = np.array([4.0, 0.0, 2.0])
    got = _array("solve_user_naive", solve_user_naive, r, _BY_HAND_Y, 0.5, 2.0, shape=(1,))
    _refuse(got, _BY_HAND_MISTAKES)
    assert np.allclose(got, 4 / 17), f"Wanted 4/17, yours {got[0]:.6g}."


def check_solve_user_naive_gradient_vanishes(solve_user_naive, seed=0):
    """At the minimum of the weighted sum over all items its gradient is zero (central differences)."""
    _, known, values = _amounts(seed)
    Y, reg = np.random.default_rng(seed).normal(size=(9, 3)), 0.4
    for row, alpha in [(0, 0.8), (3, 0.8), (4, 0.8), (0, 0.0)]:  # α = 0: all cells alike, p still told apart
        r, kept = values[row] / 2, Y.copy()  # amounts below 1 are known, too
        for amounts in (r, np.ceil(r).astype(np.int8)):
            before, c = amounts.copy(), 1 + alpha * amounts.astype(float)
            got = _array("solve_user_naive", solve_user_naive, amounts, Y, alpha, reg, shape=(3,))
            assert np.array_equal(amounts, before) and np.array_equal(Y, kept), (
                "solve_user_naive changed r or Y: work on copies."
            )

            def loss(x, c=c, p=r > 0):
                return np.sum(c * (p - Y @ x) ** 2) + reg * x @ x

            steps = 1e-4 * np.eye(3)
            slope = np.array([(loss(got + step) - loss(got - step)) / 2e-4 for step in steps])
            assert np.allclose(slope, 0, atol=1e-5), (
                f"{np.sum(r > 0)} known amounts ({amounts.dtype}), α = {alpha}: the gradient at your x is "
                f"{slope.round(3)}, not 0, so x does not minimise the sum over all items."
            )


# 5.4 update_factors


def check_update_factors_by_hand(update_factors):
    """Three users, three items, one factor: (Σ c p y) / (Σ c y² + λ), and 0 without anything known."""
    R = csr_array([[4.0, 0.0, 2.0], [0.0, 0.0, 0.0], [0.0, 3.0, 0.0]])
    got = _array("update_factors", update_factors, R, _BY_HAND_Y, 0.5, 2.0, shape=(3, 1)).ravel()
    _refuse(got[0], _BY_HAND_MISTAKES)
    # User 2 knows item 1 alone, with c = 5/2: 2.5·1 / (4 + 2.5·1 + 1 + 2).
    assert np.allclose(got, [4 / 17, 0, 5 / 19]), (
        f"Wanted 4/17, 0 and 5/19 for the three users, yours {got.round(4)}."
    )


def check_update_factors_every_row(update_factors, seed=0):
    """Each row minimises its weighted sum over all columns, for users and for items (R.T)."""
    R, known, values = _amounts(seed)
    for label, amounts, mask, dense in [("R", R, known, values), ("R.T", R.T, known.T, values.T)]:
        fixed = np.random.default_rng(seed).normal(size=(mask.shape[1], 3))
        before, shape = fixed.copy(), (len(mask), 3)
        got = _array(f"update_factors (of {label})", update_factors, amounts, fixed, 0.8, 0.4, shape=shape)
        assert np.array_equal(fixed, before), "update_factors changed `fixed`: that side stays as it is."
        wanted, seen = _solutions(mask, dense, fixed, 0.8, 0.4), mask.any(axis=0)
        _refuse(
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
    assert np.array_equal(R.toarray(), values), "update_factors changed the amounts in R: work on a copy."


def check_update_factors_formats(update_factors, seed=0):
    """The same amounts in other dress, and a penalty for each row."""
    R, known, _ = _amounts(seed)
    fixed = np.random.default_rng(seed).normal(size=(9, 2))
    for label, amounts in _dresses(R).items():
        got = _array(f"update_factors (R as {label})", update_factors, amounts, fixed, 0.3, 0.4, shape=(7, 2))
        assert np.allclose(got, _solutions(known, _values(amounts), fixed, 0.3, 0.4), atol=1e-7), (
            f"With R as {label} the factors should be those of the same amounts, as floats; yours differ."
        )
    regs = np.linspace(0.1, 5.0, 7)
    got = _array("update_factors (a λ for each row)", update_factors, R, fixed, 0.3, regs, shape=(7, 2))
    assert np.allclose(got, _solutions(known, _values(R), fixed, 0.3, regs), atol=1e-7), (
        "With an array of λ, row u should pay reg[u]; yours differ."
    )


def check_update_factors_memory(update_factors):
    """4,000 users and 2,500,000 items, three known cells: no array of that size, and no loop over items."""
    m, n = 4_000, 2_500_000
    R = csr_array((np.array([1.0, 2.0, 1.0]), ([0, 0, m - 1], [0, 3, n - 1])), shape=(m, n))
    name = f"update_factors ({m:,} × {n:,}, three known cells)"
    got = _array(name, update_factors, R, np.ones((n, 1)), 2.0, 4.0, shape=(m, 1))
    # Factors of 1: Σ c p / (n + Σ α r + λ), so (3 + 5) / (n + 6 + 4) and 3 / (n + 2 + 4).
    assert np.allclose(got[[0, -1], 0] * n, [8.0, 3.0], rtol=1e-4), "The rows with known cells are wrong."
    assert not np.any(got[1:-1]), "Rows without known cells should be zeros."


# 5.5 row_penalty


def check_row_penalty_by_hand(row_penalty):
    """7 known cells of 10, α = 5, λ = 1/2: the row weighs 7 + 10/5 = 9."""
    got = _number("row_penalty", row_penalty, 7, 10, 5.0, 0.5, 0.5)
    _refuse(
        got,
        {
            "the unknown cells are left out: each column adds 1/α": 0.5 * np.sqrt(7),
            "each column adds α in place of 1/α": 0.5 * np.sqrt(57),
            "each column adds 1 in place of 1/α": 0.5 * np.sqrt(17),
            "only the unknown columns add 1/α: all columns do": 0.5 * np.sqrt(7.6),
            "the known cells weigh 1/α as well: each adds 1": 0.5 * np.sqrt(3.4),
            "the exponent lies on each summand: it belongs to the sum": 0.5 * (np.sqrt(7) + np.sqrt(2)),
            "the exponent also lies on λ": np.sqrt(0.5 * 9),
            "the exponent is left out": 0.5 * 9,
        },
    )
    assert np.isclose(got, 1.5), f"Wanted ½·9^½ = 1.5, yours {got:.6g}."


def check_row_penalty_laws(row_penalty, seed=0):
    """Exactly λ for exponent 0, in proportion to the weight for 1, and an array for an array."""
    rng = np.random.default_rng(seed)
    n_columns, alpha, reg = int(rng.integers(5, 50)), float(rng.uniform(1.5, 9)), float(rng.uniform(0.1, 2))
    for n_known in (0, 1, n_columns):
        got = _number("row_penalty", row_penalty, n_known, n_columns, alpha, reg, 0.0)
        assert got == reg, f"For the exponent 0 wanted exactly λ = {reg}, yours {got}."
        got = _number("row_penalty", row_penalty, n_known, n_columns, alpha, reg, 1.0)
        assert np.isclose(got, reg * n_known + reg * n_columns / alpha), (
            f"For the exponent 1, {n_known} known cells and {n_columns} columns, the penalty should be λ "
            f"times the weight of the row's cells; yours {got:.6g}."
        )
    counts = np.array([0, 3, 5])
    got = _array("row_penalty (of an array)", row_penalty, counts, n_columns, alpha, reg, 2.0, shape=(3,))
    assert np.allclose(got, reg * (counts + n_columns / alpha) ** 2), "Every row should get its own penalty."


# 5.6 fit_wrmf


def _fit(fit_wrmf, R, n_factors, alpha, reg, n_epochs, rng, *exponent):
    """X, Y and history of a run, checked for their kinds and shapes, and for R being left alone."""
    before = R.data.copy()
    result = _result("fit_wrmf", fit_wrmf, R, n_factors, alpha, reg, n_epochs, rng, *exponent)
    assert isinstance(result, (tuple, list)) and len(result) == 3, (
        "fit_wrmf returns three things: X, Y, history."
    )
    X, Y, history = (np.asarray(part, dtype=float) for part in result)
    wanted = [(size, n_factors) for size in R.shape]
    assert [X.shape, Y.shape] == wanted, (
        f"X and Y should have the shapes {wanted[0]} and {wanted[1]}; yours {X.shape} and {Y.shape}."
    )
    assert history.ndim == 1, (
        f"history is one number after another, users, items, users, …; yours has the shape {history.shape}."
    )
    assert history.shape == (2 * n_epochs,), (
        f"{n_epochs} epochs of two half-steps give {2 * n_epochs} values of L; yours has {history.size}. "
        "Record it after the users *and* after the items, and not before the first step."
    )
    assert np.array_equal(R.data, before), "fit_wrmf changed the amounts in R: work on a copy."
    for label, numbers in [("X", X), ("Y", Y), ("history", history)]:
        assert np.all(np.isfinite(numbers)), (
            f"{label} holds nan or inf: {numbers[~np.isfinite(numbers)][:3]}."
        )
    return X, Y, history


def check_fit_wrmf_history(fit_wrmf, seed=0):
    """Two numbers an epoch, none above the one before; a table of one cell ends where paper says."""
    R, _, _ = _amounts(seed)
    _, _, history = _fit(fit_wrmf, R, 2, 1.5, 0.5, 4, np.random.default_rng(seed))
    rises = np.flatnonzero(np.diff(history) > 1e-9 * history[:-1])
    assert rises.size == 0, (
        f"L rises at half-step {rises[0] + 2} of {history.round(3)}: each half-step minimises L over "
        "one block and cannot raise it. Does the item step get the new users? Is it the same α and λ in the "
        "update and in L?"
    )
    assert history[-1] < history[0], (
        f"L does not fall in four epochs: {history.round(3)}. Record it anew after each half-step, at the X "
        "and Y of that moment."
    )
    # c = 1 + 1·3: 4·(1 − x·y)² + x² + y² is least where x² = y² = x·y = 1 − 1/4.
    X, Y, _ = _fit(fit_wrmf, csr_array([[3.0]]), 1, 1.0, 1.0, 30, np.random.default_rng(seed))
    assert np.allclose(X @ Y.T, 0.75, atol=1e-6), (
        "One user, one item, an amount of 3, α = 1 and λ = 1: after 30 epochs x·y is 1 − λ/(1 + 3α) = 0.75; "
        f"yours {(X @ Y.T).item():.4f}. Return the factors that the last epoch ends with."
    )


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
    """Each half-step minimises L, given the newest factors of the other side."""
    R, known, values = _amounts(seed)
    runs = [_fit(fit_wrmf, R, 3, 1.5, 0.7, epochs, np.random.default_rng(seed)) for epochs in (1, 2)]
    _check_half_steps(runs, known, values, 1.5, 0.7, 0.7)


def check_fit_wrmf_row_penalties(fit_wrmf, seed=0):
    """The bonus: with an exponent every row pays its own penalty, and history counts it. Else, no matter."""
    R, known, values = _amounts(seed)
    try:
        runs = [_fit(fit_wrmf, R, 2, 1.5, 0.2, epochs, np.random.default_rng(seed), 0.5) for epochs in (1, 2)]
    except NotImplementedError:
        return  # row_penalty, a bonus, is not written
    users_of_one_penalty = _solutions(known, values, runs[0][1], 1.5, 0.2)
    assert not np.allclose(runs[1][0], users_of_one_penalty, atol=1e-7), (
        "With reg_exponent = 0.5 every user still pays λ: each should pay `row_penalty`. If you leave the "
        "bonus out, `raise NotImplementedError` for an exponent other than 0."
    )
    regs = [0.2 * np.sqrt(mask.sum(axis=1) + mask.shape[1] / 1.5) for mask in (known, known.T)]
    _check_half_steps(runs, known, values, 1.5, *regs)


def check_fit_wrmf_start(fit_wrmf, seed=0):
    """The start is normal, of standard deviation 0.1/√k, and comes from rng and from nothing else."""
    size, k, reg = 400, 4, 1e6
    R = csr_array((np.ones(size), (np.arange(size), np.arange(size))), shape=(size, size))
    first, again, other = (
        _fit(fit_wrmf, R, k, 1.0, reg, 1, np.random.default_rng([seed, draw]))[0] * reg / 2
        for draw in (0, 0, 1)
    )
    # User u knows item u alone, with c = 2, and λ is huge: x_u is 2·y_u/λ, so these are the items' starts.
    assert np.any(first), "All factors are 0: from a start at 0 every half-step answers 0. Start at random."
    assert np.linalg.matrix_rank(first) == k, (
        "The factors start as copies of each other: draw each at random."
    )
    assert np.allclose(first, again), "The same rng should give the same factors: draw from `rng` alone."
    assert not np.allclose(first, other), "Another rng should give another start: draw it from `rng`."
    spread = first.std()
    assert 0.85 < spread * 10 * np.sqrt(k) < 1.15 and abs(first.mean()) < 0.02, (
        f"For k = {k} the start should have mean 0 and standard deviation 0.1/√k = {0.1 / np.sqrt(k):.3f}; "
        f"yours has {first.mean():.3f} and {spread:.3f}."
    )


# 5.7 ndcg_at_k


def check_ndcg_at_k_by_hand(ndcg_at_k):
    """Items 3 and 5 are relevant and stand in places 2 and 3."""
    got = _number("ndcg_at_k", ndcg_at_k, np.array([7, 3, 5]), np.array([5, 3]), 3)
    assert not np.isnan(got), (
        "Yours is nan. Do you divide by log₂ 1 = 0? Place p, counted from 1, gains 1/log₂(p + 1)."
    )
    # 1/log₂ 2 = 1, 1/log₂ 3 = 0.6309, 1/log₂ 4 = 0.5, 1/log₂ 5 = 0.4307
    _refuse(
        got,
        {
            "the gains are not divided by those of the best ranking": 0.6309297536 + 0.5,
            "the best ranking has k hits: only 2 items are relevant": 1.1309297536 / 2.1309297536,
            "the places are counted from 2: the first is divided by log₂ 2 = 1": 0.9306765581 / 1.1309297536,
            "the gains are natural logarithms and those of the best ranking are not": (
                1.1309297536 / 0.6931471806 / 1.6309297536
            ),
            "all hits count alike, or by their places in `relevant` and not in `ranked`": 1.0,
            "no hit is found, or the best ranking gains 1/log₂ 1, which is infinite: take log₂(p + 1)": 0.0,
            "places are not discounted by a logarithm but by 1/place": (1 / 2 + 1 / 3) / (1 + 1 / 2),
        },
    )
    assert np.isclose(got, 0.693426, atol=1e-5), (
        f"Wanted (1/log₂ 3 + 1/log₂ 4) / (1/log₂ 2 + 1/log₂ 3) = 0.6934, yours {got:.6g}."
    )


def check_ndcg_at_k_many_relevant(ndcg_at_k, seed=0):
    """More relevant items than places: a list of hits alone is perfect; later places do not count."""
    rng = np.random.default_rng(seed)
    items = rng.permutation(30)
    got = _number("ndcg_at_k", ndcg_at_k, items, np.sort(items[:12]), 5)
    assert np.isclose(got, 1), f"All of the first 5 are among 12 relevant ones: wanted 1, yours {got:.6g}."
    got = _number("ndcg_at_k", ndcg_at_k, items, items[5:], 5)
    assert got == 0, f"No hit in the first 5 places: wanted 0, whatever follows; yours {got:.6g}."
    gains = 1 / np.log2([2, 3, 4, 5, 6])
    for place in range(5):
        got = _number("ndcg_at_k", ndcg_at_k, items, np.append(items[10:25], items[place]), 5)
        assert not np.isclose(got, gains[place]), (
            "You divide by the gain of the hits that were found, had they stood first: the best ranking "
            "holds what could have been found, here 5 of 16 relevant items."
        )
        assert np.isclose(got, gains[place] / gains.sum()), (
            f"16 relevant, one hit, in place {place + 1} of 5: wanted {gains[place] / gains.sum():.4f}, "
            f"yours {got:.6g}."
        )


def check_ndcg_at_k_edges(ndcg_at_k):
    """Nothing relevant; fewer items ranked than k; lists for arrays."""
    got = _number("ndcg_at_k", ndcg_at_k, [4, 0, 2], [], 2)
    assert np.isnan(got), f"Nothing is relevant: there is nothing to measure, so nan, not {got}."
    got = _number("ndcg_at_k", ndcg_at_k, [4, 0], [0, 1, 2], 10)
    assert np.isclose(got, 0.6309297536 / 2.1309297536), (
        f"Two items ranked, three relevant, the hit in place 2, k = 10: wanted 0.2961, yours {got:.6g}."
    )
    got = _number("ndcg_at_k", ndcg_at_k, [], [0], 10)
    assert got == 0, f"An empty ranking finds nothing: wanted 0, yours {got}."


# 5.8 recall_at_k


def check_recall_at_k_by_hand(recall_at_k):
    """Two of three found in four places; one in two places where four are relevant."""
    ranked = np.array([7, 3, 5, 1])
    got = _number("recall_at_k", recall_at_k, ranked, np.array([5, 9, 3]), 4)
    _refuse(got, {"you divide by k: that is precision. Only 3 items are relevant": 2 / 4})
    assert np.isclose(got, 2 / 3), (
        f"2 of 3 relevant items are among the first 4: wanted 2/3, yours {got:.6g}."
    )
    got = _number("recall_at_k", recall_at_k, ranked, np.array([9, 5, 3, 1]), 2)
    _refuse(
        got,
        {
            "you divide by the number of relevant items: only 2 of the 4 can stand in 2 places": 1 / 4,
            "the whole list counts: it is the first k places that do": 3 / 2,
        },
    )
    assert np.isclose(got, 1 / 2), f"1 hit in the first 2 places, 4 relevant: wanted 1/2, yours {got:.6g}."


def check_recall_at_k_edges(recall_at_k, seed=0):
    """Nothing relevant, short rankings, lists; only the set of the first k matters."""
    got = _number("recall_at_k", recall_at_k, [4, 0, 2], [], 2)
    assert np.isnan(got), f"Nothing is relevant: there is nothing to measure, so nan, not {got}."
    got = _number("recall_at_k", recall_at_k, [4, 0], [0, 1, 2], 10)
    assert np.isclose(got, 1 / 3), (
        f"Two ranked, one of the three relevant found: wanted 1/3, yours {got:.6g}."
    )
    items = np.random.default_rng(seed).permutation(30)
    got = _number("recall_at_k", recall_at_k, items, items[2:12], 6)
    assert np.isclose(got, 4 / 6), f"4 hits in 6 places, 10 relevant: wanted 4/6, yours {got:.6g}."


# 5.9 recommend_unseen


def check_recommend_unseen_by_hand(recommend_unseen):
    """Four items, all scores negative, one item seen."""
    scores, seen = np.array([-2.0, -0.1, -1.0, -0.5]), np.array([1])
    got = [int(item) for item in _result("recommend_unseen", recommend_unseen, scores, seen, 2)]
    assert got != [1, 3], (
        "Item 1 has been seen and is recommended. A score of 0 does not take it out, if the others are "
        "negative."
    )
    assert got not in ([0, 2], [1, 0], [0, 1]), "The worst come first: sort by descending score."
    assert got != [2, 3], "These are the two best, but in the order of their codes: sort by descending score."
    assert got != [2, 1], (
        "These are places in the array without the seen items, not codes: what is left has moved up."
    )
    assert got != [2, 0], "The best of them, item 3, is left out: the list begins with it."
    assert got == [3, 2], f"Scores −2, −0.1, −1, −0.5, item 1 seen: wanted items 3 and 2, yours {got}."


def check_recommend_unseen_edges(recommend_unseen, seed=0):
    """Nothing seen, all seen, fewer than n left, equal scores; the scores stay as they are."""
    rng = np.random.default_rng(seed)
    scores = np.concatenate([rng.choice([-2.0, -1.0, 1.0, 2.0], size=36), [-2.0, -1.0, 1.0, 2.0]])
    before = scores.copy()
    for n_seen, n in [(0, 5), (40, 3), (38, 5), (20, 40), (7, 10)]:
        seen = rng.permutation(40)[:n_seen]
        got = [int(item) for item in _result("recommend_unseen", recommend_unseen, scores, seen, n)]
        assert np.array_equal(scores, before), "recommend_unseen changed the scores: work on a copy."
        assert not set(got) & set(seen.tolist()), f"{n_seen} of 40 seen: your list holds items that are seen."
        left = sorted(set(range(40)) - set(seen.tolist()), key=lambda item: (-before[item], item))
        assert got == left[:n], (
            f"{n_seen} of 40 seen, n = {n}: wanted {left[:n]}, by descending score and of equal scores the "
            f"smaller code first; yours {got}."
        )


# 5.10 fold_in


def check_fold_in_by_hand(fold_in):
    """Somebody new with amounts 2 and 4 of items 2 and 0: (Σ c p y) / (Σ c y² + λ) = 4/17."""
    items, amounts = np.array([2, 0]), np.array([2.0, 4.0])
    got = _array("fold_in", fold_in, items, amounts, _BY_HAND_Y, 0.5, 2.0, shape=(1,))
    _refuse(got, _BY_HAND_MISTAKES)
    _refuse(got, {"the amounts went to the wrong items: values[j] belongs to items[j]": 1 / 14})
    _refuse(
        got,
        {
            "you average the factors of the known items": (2 * -1 + 4 * 2) / 6,
            "the confidences stand in place of the amounts: the 1 and the α come twice": 3 / 15,
        },
    )
    assert np.allclose(got, 4 / 17), f"Wanted 4/17, yours {got[0]:.6g}."


def check_fold_in_is_the_trained_row(fold_in, seed=0):
    """A newcomer with a trained user's history gets that user's row, whatever its order and its type."""
    _, known, values = _amounts(seed)
    rng = np.random.default_rng(seed)
    Y = rng.normal(size=(9, 3))
    wanted, before = _solutions(known, values, Y, 0.8, 0.4), Y.copy()
    for user in range(len(known)):
        items = rng.permutation(np.flatnonzero(known[user]))
        got = _array("fold_in", fold_in, items, values[user, items], Y, 0.8, 0.4, shape=(3,))
        assert np.allclose(got, wanted[user], atol=1e-7), (
            f"A newcomer who knows {len(items)} items should get {wanted[user].round(4)}, the row of a "
            f"trained user with this history; yours {got.round(4)}. (An amount of 0 is known, too.)"
        )
    whole = _array("fold_in", fold_in, np.array([8, 0]), np.array([1, 2], np.int8), Y, 0.3, 0.4, shape=(3,))
    row = np.eye(9)[8] + 2 * np.eye(9)[0]
    assert np.allclose(whole, _solutions(row[None] > 0, row[None], Y, 0.3, 0.4)[0]), (
        "Whole numbers (int8) should give the factors of the same amounts, as floats; yours differ."
    )
    assert np.array_equal(Y, before), "fold_in changed the items' factors: they stay as they are."


# 5.11 explain


def check_explain_by_hand(explain):
    """Amounts 2 and 4 of items 2 and 0, target 1: the terms c · y_t · y_j / (Σ c y² + λ)."""
    items, amounts = np.array([2, 0]), np.array([2.0, 4.0])
    got = _array("explain", explain, items, amounts, _BY_HAND_Y, 0.5, 2.0, 1, shape=(2,))
    _refuse(
        got,
        {
            "the confidences are left out: the term of item j has a factor c = 1 + α·r": [-1 / 17, 2 / 17],
            "c is α·r, without the 1": [-1 / 17, 4 / 17],
            "you multiply the factors alone, y_t·y_j: the inverse of YᵀCY + λI stands between them": [-1, 2],
            "the terms stand in the order of the item codes: keep the order of `items`": [6 / 17, -2 / 17],
            "you return shares of 1: the terms add up to the score": [-0.5, 1.5],
            "the signs are lost: an item can count against the target": [2 / 17, 6 / 17],
            "only the known items are in the matrix: every item is": [-2 / 16, 6 / 16],
            "the confidences are left out of the matrix: it is Yᵀ C Y + λ I": [-2 / 8, 6 / 8],
            "the penalty is left out": [-2 / 15, 6 / 15],
            "the products y_t·y_j are scaled so that they add up": [-4 / 17, 8 / 17],
        },
    )
    assert np.allclose(got, [-2 / 17, 6 / 17]), (
        f"Wanted −2/17 and 6/17, which add up to the score of 4/17; yours {got.round(4)}."
    )


def check_explain_adds_up(explain, seed=0):
    """The terms add up to the score of a trained user; each is c_j y_t·W y_j; whole numbers will do."""
    _, known, values = _amounts(seed)
    rng = np.random.default_rng(seed)
    Y, alpha, reg = rng.normal(size=(9, 3)), 0.8, 0.4
    for user, target in [(0, 8), (1, 3), (3, 7), (4, 0)]:
        items = rng.permutation(np.flatnonzero(known[user]))
        row = np.ceil(values[user])
        for amounts in (row[items], row[items].astype(np.int8)):
            got = _array("explain", explain, items, amounts, Y, alpha, reg, target, shape=(len(items),))
            score = _solutions(known[[user]], row[None], Y, alpha, reg)[0] @ Y[target]
            assert np.isclose(got.sum(), score), (
                f"The terms of {len(items)} past items add up to {got.sum():.6g}, the score is {score:.6g}."
            )
            inverse = np.linalg.inv(Y.T @ np.diag(1 + alpha * row) @ Y + reg * np.eye(3))
            wanted = (1 + alpha * row[items]) * (Y[items] @ inverse @ Y[target])
            assert np.allclose(got, wanted, atol=1e-7), (
                f"The terms add up, but they should be {wanted.round(4)}; yours {got.round(4)}."
            )
