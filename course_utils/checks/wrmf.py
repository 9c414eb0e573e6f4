"""What do the visible checks of unit 05, weighted regularised matrix factorization, ask of each exercise?"""

from __future__ import annotations

import time

import numpy as np
from scipy.sparse import csr_array, issparse

from course_utils.checks.alternating import each_half_step_is_exact, falls, half_steps_of, never_rises
from course_utils.checks.call import array_of, call, number_of, parts_of, result_of
from course_utils.checks.compare import name_mistake
from course_utils.checks.visible import visible


def some_amounts(seed, m=7, n=9):
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


# 5.1 preference_confidence


def matrices_of(preference_confidence, R, alpha, name="preference_confidence"):
    """P and C, checked for being two sparse matrices of R's shape."""
    result = parts_of(name, ("P", "C"), preference_confidence, R, alpha)
    for label, matrix in zip("PC", result, strict=True):
        assert issparse(matrix), (
            f"{label} should be a sparse matrix, as R is; yours: {type(matrix).__name__}."
        )
        assert matrix.shape == R.shape, f"{label} should have R's shape {R.shape}; yours: {matrix.shape}."
    return tuple(csr_array(matrix) for matrix in result)


@visible
def check_preference_confidence_by_hand(preference_confidence):
    """Two users, three items, α = 2."""
    R = csr_array([[3.0, 0.0, 1.0], [0.0, 0.0, 2.0]])
    P, C = (matrix.toarray() for matrix in matrices_of(preference_confidence, R, 2.0))
    assert not np.array_equal(P, R.toarray()), (
        "P still holds the amounts: a preference is 1 where something is known, however much it is."
    )
    assert not np.array_equal(P, [[6, 0, 2], [0, 0, 4]]), "P and C are exchanged: return P first, then C."
    assert np.array_equal(P, [[1, 0, 1], [0, 0, 1]]), f"Wanted P = [[1, 0, 1], [0, 0, 1]], yours {P}."
    name_mistake(
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
    # The same amounts as whole numbers, which α·r need not be.
    parts = matrices_of(
        preference_confidence, csr_array(R, dtype=np.int64), 0.3, "With whole numbers in R, it"
    )
    for name, matrix, wanted in zip("PC", parts, ([1.0, 1.0, 1.0], [0.9, 0.3, 0.6]), strict=True):
        assert np.issubdtype(matrix.dtype, np.floating), (
            f"R holds whole numbers, and so does your {name} ({matrix.dtype}), as a copy of R does: floats "
            "are wanted, since α·r need not be a whole number."
        )
        assert np.allclose(matrix.data, wanted), (
            f"R holds the whole numbers 3, 1, 2, and α = 0.3: {name} should hold {wanted}; yours "
            f"{matrix.data}."
        )


# 5.2 objective


@visible
def check_objective_by_hand(objective):
    """Two users, three items, one factor: all six cells on paper."""
    R = csr_array([[3.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    X, Y = np.array([[0.5], [1.0]]), np.array([[1.0], [0.5], [-1.0]])
    got = number_of("objective", objective, R, X, Y, 2.0, 0.1)
    # Scores .5, .25, −.5 and 1, .5, −1. Known: 7·(1 − .5)² = 1.75 and 3·(1 + 1)² = 12.
    # Unknown: .25² + .5² = .3125 and 1² + .5² = 1.25. Squared norms: 1.25 and 2.25.
    known, unknown, penalty = 1.75 + 12, 0.3125 + 1.25, 0.1 * 3.5
    name_mistake(
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
    # With a second factor XᵀX and YᵀY are 2 × 2 matrices.
    X, Y = np.hstack([X, [[1.0], [0.5]]]), np.hstack([Y, [[0.5], [1.0], [2.0]]])
    scores, p, c = X @ Y.T, np.array([[1, 0, 0], [0, 0, 1]]), np.array([[7, 1, 1], [1, 1, 3]])
    wanted = np.sum(c * (p - scores) ** 2) + 0.1 * (np.sum(X**2) + np.sum(Y**2))
    without = wanted - np.sum(scores**2)
    got = number_of("objective (with two factors)", objective, R, X, Y, 2.0, 0.1)
    name_mistake(
        got,
        {
            "Σ (x·y)² is the sum over the matrix product of XᵀX and YᵀY (@): multiply entry by entry (*)": (
                without + np.sum(X.T @ X @ Y.T @ Y)
            ),
            "only the diagonals of XᵀX and YᵀY are multiplied: every entry with its own": (
                without + np.sum(np.sum(X**2, axis=0) * np.sum(Y**2, axis=0))
            ),
        },
    )
    assert np.isclose(got, wanted), (
        f"With two factors the sum over all six cells and the penalty is {wanted:.6g}, yours {got:.6g}."
    )


@visible
def check_objective_memory(objective):
    """200,000 users and items, two known cells: in milliseconds, without the table."""
    size = 200_000
    R = csr_array((np.array([1.0, 3.0]), ([0, size - 1], [0, 5])), shape=(size, size))
    X, Y = np.full((size, 1), 1e-3), np.full((size, 1), 2e-3)
    name, hint = "objective (200,000 × 200,000)", "The unknown cells enter through k×k matrices alone."
    got = number_of(name, objective, R, X, Y, 1.0, 1.0, hint=hint)
    wanted = size**2 * 4e-12 + 2 - 2 * 2 * 2e-6 + 2 * 4e-12 - 4e-12
    wanted += 4 - 2 * 4 * 2e-6 + 4 * 4e-12 - 4e-12 + size * 5e-6
    assert np.isclose(got, wanted), f"For a table of 200,000 × 200,000 wanted {wanted:.6g}, yours {got:.6g}."


# 5.3 solve_user_naive
# One user, three items, one factor, α = 1/2, λ = 2. Amounts 4, 0 and 2: c = 3, 1, 2 and p = 1, 0, 1.


def _by_hand_items():
    """The items' factors: Σ c y² + λ = 3·4 + 1·1 + 2·1 + 2 = 17 and Σ c p y = 3·2 − 2·1 = 4."""
    return np.array([[2.0], [1.0], [-1.0]])


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


@visible
def check_solve_user_naive_by_hand(solve_user_naive):
    """One user, three items, one factor: (Σ c p y) / (Σ c y² + λ)."""
    r = np.array([4.0, 0.0, 2.0])
    got = array_of("solve_user_naive", solve_user_naive, r, _by_hand_items(), 0.5, 2.0, shape=(1,))
    name_mistake(got, _BY_HAND_MISTAKES)
    assert np.allclose(got, 4 / 17), f"Wanted 4/17, yours {got[0]:.6g}."
    # Two factors, α = 1, λ = 1; c = 3, 1, 2 and p = 1, 0, 1 again: [[5, 1], [1, 4]] x = [3, 2].
    r, Y = np.array([2.0, 0.0, 1.0]), np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    got = array_of("solve_user_naive (with two factors)", solve_user_naive, r, Y, 1.0, 1.0, shape=(2,))
    name_mistake(
        got,
        {
            "λ is added to every entry of YᵀCY: the penalty is λ·I, on the diagonal alone": [1 / 2, 1 / 4],
            "each factor is fitted on its own: the entries of YᵀCY off the diagonal are missing": [
                3 / 5,
                1 / 2,
            ],
        },
    )
    assert np.allclose(got, [10 / 19, 7 / 19]), (
        f"YᵀCY + I = [[5, 1], [1, 4]] and YᵀCp = [3, 2] want x = (10/19, 7/19); yours {got.round(4)}."
    )


# 5.4 update_factors


@visible
def check_update_factors_by_hand(update_factors):
    """Three users, three items, one factor: (Σ c p y) / (Σ c y² + λ), and 0 without anything known."""
    R = csr_array([[4.0, 0.0, 2.0], [0.0, 0.0, 0.0], [0.0, 3.0, 0.0]])
    got = array_of("update_factors", update_factors, R, _by_hand_items(), 0.5, 2.0, shape=(3, 1)).ravel()
    name_mistake(got[0], _BY_HAND_MISTAKES)
    # User 2 knows item 1 alone, with c = 5/2: 2.5·1 / (4 + 2.5·1 + 1 + 2).
    assert np.allclose(got, [4 / 17, 0, 5 / 19]), (
        f"Wanted 4/17, 0 and 5/19 for the three users, yours {got.round(4)}."
    )
    # The first user alone: nobody knows item 1 now, and it counts with c = 1 and p = 0 as before.
    got = array_of(
        "update_factors", update_factors, csr_array(R[[0]]), _by_hand_items(), 0.5, 2.0, shape=(1, 1)
    )
    assert np.allclose(got, 4 / 17), (
        f"An item that nobody knows counts like any unknown one, so that YᵀY is left as it was: it takes all "
        f"of `fixed`. Wanted 4/17, yours {got.item():.4f}."
    )


@visible
def check_update_factors_memory(update_factors):
    """4,000 users and 2,500,000 items, three known cells: no array of that size. YᵀY is formed once."""
    m, n = 4_000, 2_500_000
    R = csr_array((np.array([1.0, 2.0, 1.0]), ([0, 0, m - 1], [0, 3, n - 1])), shape=(m, n))
    name = f"update_factors ({m:,} × {n:,}, three known cells)"
    hint = "The unknown cells enter through k×k matrices alone."
    got = array_of(name, update_factors, R, np.ones((n, 1)), 2.0, 4.0, shape=(m, 1), hint=hint)
    # Factors of 1: Σ c p / (n + Σ α r + λ), so (3 + 5) / (n + 6 + 4) and 3 / (n + 2 + 4).
    assert np.allclose(got[[0, -1], 0] * n, [8.0, 3.0], rtol=1e-4), "The rows with known cells are wrong."
    assert not np.any(got[1:-1]), "Rows without known cells should be zeros."
    _forms_the_gram_matrix_once(update_factors)


def _forms_the_gram_matrix_once(update_factors):
    """600 rows of one known cell each take less time than YᵀY forty times, and a quarter of a second."""
    Y = np.random.default_rng(0).normal(size=(100_000, 16))
    R = csr_array((np.ones(600), (np.arange(600), np.arange(600))), shape=(600, len(Y)))

    def seconds(function):
        start = time.perf_counter()
        function()
        return time.perf_counter() - start

    # The yardstick is timed beside the function, and the 0.25 s are for a machine that is busy elsewhere:
    # three tries. Who forms YᵀY once stays far below the bound, who forms it for each row is far above.
    for _ in range(3):
        gram = min(seconds(lambda: Y.T @ Y) for _ in range(3))
        taken = seconds(lambda: call("update_factors", update_factors, R, Y, 1.0, 1.0))
        if taken < (bound := 40 * gram + 0.25):
            return
        if taken > 3 * bound:
            break
    raise AssertionError(
        f"600 rows with one known cell each took {taken:.2f} s, and YᵀY alone takes {gram:.4f} s. It is the "
        "same for all rows: form it once, before the loop, and let a row take no longer than its known cells."
    )


# 5.5 row_penalty


@visible
def check_row_penalty_by_hand(row_penalty):
    """7 known cells of 10, α = 5, λ = 1/2: the row weighs 7 + 10/5 = 9."""
    got = number_of("row_penalty", row_penalty, 7, 10, 5.0, 0.5, 0.5)
    name_mistake(
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


# 5.6 fit_wrmf


@visible
def check_fit_wrmf_history(fit_wrmf, seed=0):
    """Two numbers an epoch, none above the one before; a table of one cell ends where paper says."""
    R, _, _ = some_amounts(seed)
    _, _, history = half_steps_of("fit_wrmf", fit_wrmf, R, 2, 1.5, 0.5, 4, np.random.default_rng(seed))
    never_rises(
        history,
        "Does the item step get the new users? Is it the same α and λ in the update and in L?",
    )
    falls(history)
    # c = 1 + 1·3: 4·(1 − x·y)² + x² + y² is least where x² = y² = x·y = 1 − 1/4.
    X, Y, _ = half_steps_of(
        "fit_wrmf", fit_wrmf, csr_array([[3.0]]), 1, 1.0, 1.0, 30, np.random.default_rng(seed)
    )
    assert np.allclose(X @ Y.T, 0.75, atol=1e-6), (
        "One user, one item, an amount of 3, α = 1 and λ = 1: after 30 epochs x·y is 1 − λ/(1 + 3α) = 0.75; "
        f"yours {(X @ Y.T).item():.4f}. Return the factors that the last epoch ends with."
    )


@visible
def check_fit_wrmf_half_steps(fit_wrmf, seed=0):
    """Where a half-step has found its minimum, the gradient over its block is 0, and L is recorded there."""
    R, known, values = some_amounts(seed)
    alpha, reg = 1.5, 0.7
    (X1, Y1, _), (X2, Y2, history) = (
        half_steps_of("fit_wrmf", fit_wrmf, R, 2, alpha, reg, epochs, np.random.default_rng(seed))
        for epochs in (1, 2)
    )

    def errors(X, Y):
        return (1 + alpha * values) * (known - X @ Y.T)

    each_half_step_is_exact((X1, Y1), (X2, Y2), errors, reg, reg)
    wanted = np.sum(errors(X2, Y2) * (known - X2 @ Y2.T)) + reg * (np.sum(X2**2) + np.sum(Y2**2))
    assert np.isclose(history[-1], wanted), (
        f"L at the X and Y that you return is {wanted:.4f}, over all cells and with the penalty; history "
        f"ends with {history[-1]:.4f}. Record the whole L right after each half-step."
    )


# 5.7 ndcg_at_k


def measure_of(name, function, *arguments):
    """The number that a measure returns; it may be nan."""
    with np.errstate(all="ignore"):  # a nan that is asked for may come out of 0/0
        return number_of(name, function, *arguments)


@visible
def check_ndcg_at_k_by_hand(ndcg_at_k):
    """Items 3 and 5 are relevant and stand in places 2 and 3."""
    got = measure_of("ndcg_at_k", ndcg_at_k, np.array([7, 3, 5]), np.array([5, 3]), 3)
    assert not np.isnan(got), (
        "Yours is nan. Do you divide by log₂ 1 = 0? Place p, counted from 1, gains 1/log₂(p + 1)."
    )
    # 1/log₂ 2 = 1, 1/log₂ 3 = 0.6309, 1/log₂ 4 = 0.5, 1/log₂ 5 = 0.4307
    name_mistake(
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


@visible
def check_ndcg_at_k_many_relevant(ndcg_at_k, seed=0):
    """More relevant items than places: a list of hits alone is perfect; later places do not count."""
    rng = np.random.default_rng(seed)
    items = rng.permutation(30)
    got = measure_of("ndcg_at_k", ndcg_at_k, items, np.sort(items[:12]), 5)
    assert np.isclose(got, 1), f"All of the first 5 are among 12 relevant ones: wanted 1, yours {got:.6g}."
    got = measure_of("ndcg_at_k", ndcg_at_k, items, items[5:], 5)
    assert got == 0, f"No hit in the first 5 places: wanted 0, whatever follows; yours {got:.6g}."
    gains = 1 / np.log2([2, 3, 4, 5, 6])
    for place in range(5):
        got = measure_of("ndcg_at_k", ndcg_at_k, items, np.append(items[10:25], items[place]), 5)
        assert not np.isclose(got, gains[place]), (
            "You divide by the gain of the hits that were found, had they stood first: the best ranking "
            "holds what could have been found, here 5 of 16 relevant items."
        )
        assert np.isclose(got, gains[place] / gains.sum()), (
            f"16 relevant, one hit, in place {place + 1} of 5: wanted {gains[place] / gains.sum():.4f}, "
            f"yours {got:.6g}."
        )


# 5.8 recall_at_k


@visible
def check_recall_at_k_by_hand(recall_at_k):
    """Two of three found in four places; one in two places where five are relevant."""
    ranked = np.array([7, 3, 5, 1])
    got = measure_of("recall_at_k", recall_at_k, ranked, np.array([5, 9, 3]), 4)
    name_mistake(got, {"you divide by k: that is precision. Only 3 items are relevant": 2 / 4})
    assert np.isclose(got, 2 / 3), (
        f"2 of 3 relevant items are among the first 4: wanted 2/3, yours {got:.6g}."
    )
    got = measure_of("recall_at_k", recall_at_k, ranked, np.array([9, 5, 3, 1, 8]), 2)
    name_mistake(
        got,
        {
            "you divide by the number of relevant items: only 2 of the 5 can stand in 2 places": 1 / 5,
            "the whole list counts: it is the first k places that do": 3 / 2,
        },
    )
    assert np.isclose(got, 1 / 2), f"1 hit in the first 2 places, 5 relevant: wanted 1/2, yours {got:.6g}."


# 5.9 is_best_list


def verdict_on(is_best_list, recommended, scores, seen, n, name="is_best_list"):
    """What the student's test says of a list: True or False."""
    ranked, known = (np.array(codes, dtype=int) for codes in (recommended, seen))
    result = result_of(name, is_best_list, ranked, scores, known, n)
    assert isinstance(result, bool | np.bool_), (
        f"is_best_list returns True or False; yours returned {result!r}, a {type(result).__name__}."
    )
    return bool(result)


@visible
def check_is_best_list_by_hand(is_best_list):
    """Ada's six films, of which she has seen the first two: right lists, and one for each way to be wrong."""
    scores, seen = np.array([0.9, 0.8, 0.3, -0.2, -0.1, -0.3]), [0, 1]
    given = f"Scores {scores.tolist()}, seen {seen}"
    for ranked, n, why in [
        ([2, 4, 3], 3, "these are the three highest unseen scores, in descending order"),
        ([2, 4, 3, 5], 9, "nine were asked for and four are unseen: all of these is right"),
    ]:
        assert verdict_on(is_best_list, ranked, scores, seen, n), (
            f"{given}, n = {n}: your test turns {ranked} down. But {why}."
        )
    for ranked, why in [
        ([2, 0, 1], "she has seen items 0 and 1"),
        ([0, 1, 2], "she has seen items 0 and 1"),
        ([2, 3, 4], "item 4 has a higher score than item 3 and stands below it"),
        ([2, 4, 5], "item 3 is left out, and has a higher score than item 5"),
        ([2, 4], "three were asked for, and there is a third"),
        ([2, 4, 3, 5], "three were asked for"),
    ]:
        assert not verdict_on(is_best_list, ranked, scores, seen, 3), (
            f"{given}, n = 3: your test lets {ranked} pass. But {why}."
        )
    for ranked in ([1, 2], [2, 1]):
        assert verdict_on(is_best_list, ranked, np.array([1.0, 2.0, 2.0, 0.0]), [], 2), (
            f"Scores 1, 2, 2, 0, nothing seen, n = 2: your test turns {ranked} down. Of equal scores either "
            "item may come first."
        )


# 5.10 fold_in


@visible
def check_fold_in_by_hand(fold_in):
    """Somebody new with amounts 2 and 4 of items 2 and 0: (Σ c p y) / (Σ c y² + λ) = 4/17."""
    items, amounts = np.array([2, 0]), np.array([2.0, 4.0])
    got = array_of("fold_in", fold_in, items, amounts, _by_hand_items(), 0.5, 2.0, shape=(1,))
    name_mistake(got, _BY_HAND_MISTAKES)
    name_mistake(got, {"the amounts went to the wrong items: values[j] belongs to items[j]": 1 / 14})
    name_mistake(
        got,
        {
            "you average the factors of the known items": (2 * -1 + 4 * 2) / 6,
            "the confidences stand in place of the amounts: the 1 and the α come twice": 3 / 15,
        },
    )
    assert np.allclose(got, 4 / 17), f"Wanted 4/17, yours {got[0]:.6g}."


# 5.11 explain


@visible
def check_explain_by_hand(explain):
    """Amounts 2 and 4 of items 2 and 0, target 1: the terms c · y_t · y_j / (Σ c y² + λ)."""
    items, amounts = np.array([2, 0]), np.array([2.0, 4.0])
    got = array_of("explain", explain, items, amounts, _by_hand_items(), 0.5, 2.0, 1, shape=(2,))
    name_mistake(
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
