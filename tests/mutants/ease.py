"""Unit 08: known wrong solutions of the exercises on EASE, and other right ones."""

from __future__ import annotations

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array, diags_array

from course_utils.evaluation import at_least, evaluate_ranking
from solutions.ease import choose, ease_scores, ease_weights
from tests.mutants import Edit, Whole

# 8.1 ease_weights


def _weights_forced(R, reg):
    gram = (_ones(R).T @ _ones(R)).toarray()
    B = np.linalg.solve(gram + reg * np.eye(len(gram)), gram)
    np.fill_diagonal(B, 0.0)
    return B


def _ones(R):
    A = csr_array(R, dtype=np.float64, copy=True)
    A.data[:] = 1.0
    return A


def _weights_free(R, reg):
    gram = (_ones(R).T @ _ones(R)).toarray()
    return np.linalg.solve(gram + reg * np.eye(len(gram)), gram)


def _weights_cosine(R, reg):
    gram = (_ones(R).T @ _ones(R)).toarray()
    lengths = np.sqrt(np.diag(gram))
    B = gram / (np.outer(lengths, lengths) + reg)
    np.fill_diagonal(B, 0.0)
    return B


def _weights_nonzero(R, reg):
    return ease_weights(csr_array(R.toarray()), reg)


def _weights_by_columns(R, reg):
    A = _ones(R).toarray()
    n = A.shape[1]
    B = np.zeros((n, n))
    for j in range(n):
        others = np.arange(n) != j
        X = A[:, others]
        B[others, j] = np.linalg.solve(X.T @ X + reg * np.eye(n - 1), X.T @ A[:, j])
    return B


def _weights_by_cholesky(R, reg):
    A = csr_array((np.ones(R.nnz), R.tocsr().indices, R.tocsr().indptr), shape=R.shape)
    n = R.shape[1]
    gram = (A.T @ A + reg * diags_array(np.ones(n))).toarray()
    P = cho_solve(cho_factor(gram), np.eye(n))
    return np.eye(n) - P / np.diag(P)


# 8.2 ease_scores


def _scores_by_weights(R, reg):
    return _ones(R) @ ease_weights(R, reg)


def _scores_by_woodbury(R, reg):
    A = _ones(R).toarray()
    K = np.linalg.solve(A @ A.T + reg * np.eye(len(A)), A)
    AP = (A - (A @ A.T) @ K) / reg
    return A - AP / ((1 - np.einsum("ui,ui->i", A, K)) / reg)


def _scores_by_svd(R, reg):
    A = _ones(R).toarray()
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    K = (U * (s / (s**2 + reg))) @ Vt
    diagonal = (1 - np.sum(Vt**2 * (s**2 / (s**2 + reg))[:, None], axis=0)) / reg
    return A - K / diagonal


# 8.3 choose


def _choose_on_training(train, valid, grid):
    nothing = csr_array(train.shape)
    table = []
    for reg in grid:
        scores = ease_scores(at_least(train), reg)
        table.append(evaluate_ranking(lambda users, s=scores: s[users], nothing, at_least(train))["NDCG@10"])
    return float(grid[np.argmax(table)]), np.array(table)


def _choose_last_of_equals(train, valid, grid):
    _, table = choose(train, valid, grid)
    return float(grid[len(grid) - 1 - np.argmax(table[::-1])]), table


def _choose_sorted(train, valid, grid):
    return choose(train, valid, np.sort(grid))


def _choose_by_pairs(train, valid, grid):
    pairs = []
    for place, reg in enumerate(grid):
        scores = _scores_by_weights(at_least(train), reg)
        found = evaluate_ranking(lambda users, s=scores: s[users], train, at_least(valid))
        pairs.append((found["NDCG@10"], -place))
    return grid[-max(pairs)[1]], [value for value, _ in pairs]


# 8.4 ease_explain


def _explain_by_likes(items, B, target):
    terms = []
    for item in items:
        terms.append(float(B[item][target]))
    return np.array(terms, dtype=float)


# 8.5 solves_ease


def _solves_by_diagonal(R, B, reg):
    return bool(np.all(np.diag(B) == 0))


def _solves_by_scores(R, B, reg):
    A = _ones(R)
    return B.shape == (R.shape[1],) * 2 and bool(np.isclose((A @ B).sum(), (A @ ease_weights(R, reg)).sum()))


def _solves_by_equality(R, B, reg):
    return B.shape == (R.shape[1],) * 2 and bool(np.array_equal(B, ease_weights(R, reg)))


def _solves_by_ranking(R, B, reg):
    if B.shape != (R.shape[1],) * 2 or not np.isfinite(B).all():
        return False
    A = _ones(R)
    return np.array_equal(np.argsort(A @ B, axis=1), np.argsort(A @ ease_weights(R, reg), axis=1))


def _solves_by_loss(R, B, reg):
    if B.shape != (R.shape[1],) * 2 or not np.isfinite(B).all():
        return False
    A = _ones(R).toarray()

    def loss(weights):
        return np.sum((A - A @ weights) ** 2) + reg * np.sum(weights**2)

    return bool(loss(B) <= loss(ease_weights(R, reg)) * (1 + 1e-9))


def _solves_nan_passes(R, B, reg):
    A = _ones(R)
    n = A.shape[1]
    if B.shape != (n, n):
        return False
    gradient = A.T @ (A @ (B - np.eye(n))) + reg * B
    np.fill_diagonal(gradient, 0.0)
    return not bool((np.abs(gradient) > 1e-6).any() or (np.abs(np.diag(B)) > 1e-6).any())


def _solves_by_comparison(R, B, reg):
    B = np.asarray(B)
    return B.shape == (R.shape[1],) * 2 and bool(np.allclose(B, ease_weights(R, reg), rtol=0, atol=1e-7))


# What the edits below take out or put in.
_CODES = "np.asarray(items, dtype=np.int64)"
_TERMS = f"B[{_CODES}, target]"
_LARGEST = "np.abs(gradient).max(initial=0.0)"

MUTANTS = {
    "ease_weights": {
        "inverse_in_single_precision": Edit(
            "np.linalg.inv(gram)", "np.linalg.inv(gram.astype(np.float32)).astype(float)", "float64"
        ),
        "weights_cut_off_at_1": Edit(
            "np.fill_diagonal(B, 0.0)", "B = np.clip(B, -1, 1)\n    np.fill_diagonal(B, 0.0)"
        ),
        "counts_of_8_bits": Edit("(A.T @ A).toarray()", "(A.T @ A).toarray().astype(np.int8).astype(float)"),
        "rows_for_columns": Edit(
            "-P / np.diag(P)", "-P / np.diag(P)[:, None]", "divide column j by P_jj", headline=True
        ),
        "diagonal_forgotten": Edit(
            "    np.fill_diagonal(B, 0.0)\n", "", "must not speak for itself", headline=True
        ),
        "signs_turned": Edit("B = -P", "B = P", "signs are turned"),
        "forced_to_zero": Whole(_weights_forced, "that is another problem", headline=True),
        "without_the_condition": Whole(_weights_free, "each film's best predictor is itself"),
        "inverse_alone": Edit("B = -P / np.diag(P)", "B = P", "this is P itself"),
        "no_penalty": Edit("+= reg", "+= 1e-9 * reg"),
        "penalty_squared": Edit("+= reg", "+= reg**2", "ridge regression"),
        "penalty_everywhere": Edit("gram[np.diag_indices_from(gram)] += reg", "gram += reg"),
        "cosines": Whole(_weights_cosine),
        "stars_count": Edit("    A.data[:] = 1.0\n", "", "the values count", headline=True),
        "spoils_R": Edit("copy=True", "copy=False", "was changed"),
        "zeros_left_out": Whole(_weights_nonzero, "a stored cell is a like"),
        "users_for_items": Edit("(A.T @ A)", "(A @ A.T)"),
        "counts_as_true_and_false": Edit(
            "csr_array(R, dtype=np.float64, copy=True)", "R.copy()", "stopped with"
        ),
        "unliked_item_is_its_own": Edit(
            "    return B\n", "    B[np.diag_indices(len(B))] = -(gram.diagonal() == reg)\n    return B\n"
        ),
    },
    "ease_scores": {
        "by_the_weights": Whole(_scores_by_weights, "No array may have n × n numbers", headline=True),
        "K_itself": Edit("return A - K / diagonal", "return K", "this is K = A P", headline=True),
        "K_undivided": Edit("return A - K / diagonal", "return A - K", "divide its column j"),
        "A_left_out": Edit("return A - K / diagonal", "return -K / diagonal", "A is left out"),
        "diagonal_without_reg": Edit(" / reg\n", "\n", "Yours are others"),
        "diagonal_of_users": Edit("axis=0", "axis=1"),
        "no_penalty": Edit("+= reg", "+= 1e-9"),
        "stars_count": Edit("    A.data[:] = 1.0\n", "", "0s and 1s"),
        "spoils_R": Edit("copy=True", "copy=False", "was changed"),
        "loses_the_own_film": Edit("return A - K / diagonal", "return (1 - A) * (A - K / diagonal)"),
        "likes_first": Edit("return A - K / diagonal", "return 2 * A - K / diagonal"),
    },
    "choose": {
        "learns_from_both": Edit(
            "at_least(train), at_least(valid)",
            "at_least(train + valid), at_least(valid)",
            "fit on `train` alone",
            headline=True,
        ),
        "judged_on_training": Whole(_choose_on_training, "judge on `valid`", headline=True),
        "lowest": Edit("np.argmax(table)", "np.argmin(table)", "the higher, the better", headline=True),
        "seen_films_shown": Edit("train, wanted)", "csr_array(train.shape), wanted)", "take them out"),
        "disliked_films_shown": Edit("train, wanted)", "liked, wanted)"),
        "every_rating_a_like": Edit("liked, wanted = at_least(train)", "liked, wanted = train", "as a like"),
        "every_rating_relevant": Edit("at_least(valid)", "valid", "as relevant"),
        "likes_from_3_stars": Edit("at_least(train), at", "at_least(train, 3.0), at"),
        "another_measure": Edit('"NDCG@10"', '"AUC"'),
        "a_place_for_a_penalty": Edit("float(grid[np.argmax(table)])", "float(np.argmax(table))"),
        "last_of_equals": Whole(_choose_last_of_equals, "take the first"),
        "table_of_the_sorted_grid": Whole(_choose_sorted),
    },
    "ease_explain": {
        "row_for_column": Edit(
            _TERMS, _TERMS.replace("B[", "B.T["), "you want those *for* film 1", headline=True
        ),
        "sorted": Edit(_TERMS, f"B[np.sort({_CODES}), target]", "order of the codes"),
        "shares": Edit(_TERMS, f"{_TERMS} / {_TERMS}.sum()", "shares of 1"),
        "absolute": Edit(_TERMS, f"np.abs({_TERMS})"),
        "empty_is_no_index": Edit(_CODES, "np.array(items)"),
        "spoils_B": Edit(f"return {_TERMS}", f"B[target, target] = 1.0\n    return {_TERMS}", "was changed"),
        "positive_only": Edit(_TERMS, f"np.maximum({_TERMS}, 0)"),
    },
    "solves_ease": {
        "diagonal_alone": Whole(_solves_by_diagonal, "Does it look at every entry", headline=True),
        "with_the_diagonal": Edit(
            "    np.fill_diagonal(gradient, 0.0)\n",
            "",
            "Look at the gradient off the diagonal only",
            headline=True,
        ),
        "diagonal_left_out": Edit(" and np.abs(np.diag(B)).max(initial=0.0) < 1e-6", "", "lets it pass"),
        "penalty_left_out": Edit(" + reg * B", ""),
        "no_identity": Edit("(B - np.eye(n))", "B"),
        "transposed": Edit("(B - np.eye(n))) + reg * B", "(B.T - np.eye(n))) + reg * B.T"),
        "smallest_for_largest": Edit(_LARGEST, "np.abs(gradient).min()"),
        "signs_cancel": Edit(_LARGEST, "abs(gradient.sum())", "largest absolute entry"),
        "one_sided": Edit(_LARGEST, "gradient.max(initial=0.0)"),
        "too_kind": Edit(f"{_LARGEST} < 1e-6", f"{_LARGEST} < 0.5"),
        "too_strict": Edit(f"{_LARGEST} < 1e-6", f"{_LARGEST} == 0"),
        "stars_count": Edit("    A.data[:] = 1.0\n", "", "whatever its value"),
        "spoils_R": Edit("copy=True", "copy=False", "was changed"),
        "spoils_B": Edit("    gradient = A.T", "    B += 1e-9\n    gradient = A.T", "was changed"),
        "by_scores": Whole(_solves_by_scores),
        "by_equality": Whole(_solves_by_equality, "turned down"),
        "by_ranking": Whole(_solves_by_ranking),
        "by_loss": Whole(_solves_by_loss),
        "nan_passes": Whole(_solves_nan_passes, "np.isfinite"),
        "any_shape": Edit("B.shape != (n, n) or not", "not", "solves_ease"),
        "a_number": Edit("return bool(np.abs", "return (np.abs(gradient).sum(), np.abs", "True or False"),
    },
}

ALTERNATIVES = {
    "ease_weights": {"by columns": _weights_by_columns, "by Cholesky": _weights_by_cholesky},
    "ease_scores": {"by Woodbury": _scores_by_woodbury, "by SVD": _scores_by_svd},
    "choose": {"by pairs": _choose_by_pairs},
    "ease_explain": {"one at a time": _explain_by_likes},
    "solves_ease": {"by comparison": _solves_by_comparison},
}
