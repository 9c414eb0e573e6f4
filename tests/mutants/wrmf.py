"""Unit 05: known wrong ways to write each exercise, and other right ones."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array, diags_array

from solutions.wrmf import explain, objective, row_penalty, solve_user_naive, update_factors
from tests.mutants import Edit, Whole

# 5.1 preference_confidence


def _preference_in_their_type(R, alpha):
    P, C = R.copy(), R.copy()
    P.data[:] = 1
    C.data = (alpha * R.data).astype(R.dtype)
    return P, C


def _preference_dense(R, alpha):
    return (R.toarray() > 0).astype(float), alpha * R.toarray()


def _preference_full_confidence(R, alpha):
    P = csr_array((R > 0).astype(float))
    return P, csr_array(1 + alpha * R.toarray())


def _preference_above_zero(R, alpha):
    return csr_array((R > 0).astype(float)), csr_array(alpha * R)


def _preference_in_place(R, alpha):
    P = R.astype(float)
    P.data[:] = 1.0
    R.data[:] = alpha * R.data
    return P, R


def _preference_of_arrays(R, alpha):
    R = csr_array(R)
    known = R.indices, R.indptr
    return csr_array((np.ones(R.nnz), *known), R.shape), csr_array(
        (alpha * R.data.astype(float), *known), R.shape
    )


def _preference_by_coo(R, alpha):
    cells = R.tocoo()
    P = csr_array((np.ones(len(cells.data)), (cells.row, cells.col)), shape=R.shape)
    C = csr_array((alpha * cells.data.astype(np.float64), (cells.row, cells.col)), shape=R.shape)
    return [P, C]


# 5.2 objective


def _objective_whole(R, X, Y, alpha, reg):
    R, gram = csr_array(R, dtype=float), Y.T @ Y
    loss = np.einsum("uf,fg,ug->", X, gram, X, optimize=True)
    for u in range(R.shape[0]):
        own = slice(R.indptr[u], R.indptr[u + 1])
        scores, c = Y[R.indices[own]] @ X[u], 1 + alpha * R.data[own]
        loss += c @ (1 - scores) ** 2 - scores @ scores
    return loss + reg * np.sum(X**2) + reg * np.sum(Y**2)


def _objective_dense(R, X, Y, alpha, reg):
    errors = (R.toarray() > 0) - X @ Y.T
    return np.sum((1 + alpha * R.toarray()) * errors**2) + reg * (np.sum(X**2) + np.sum(Y**2))


def _objective_known_only(R, X, Y, alpha, reg):
    cells = R.tocoo()
    scores = np.sum(X[cells.row] * Y[cells.col], axis=1)
    return np.sum((1 + alpha * cells.data) * (1 - scores) ** 2) + reg * (np.sum(X**2) + np.sum(Y**2))


def _objective_rmse(R, X, Y, alpha, reg):
    cells = R.tocoo()
    scores = np.sum(X[cells.row] * Y[cells.col], axis=1)
    return np.sqrt(np.mean((cells.data - scores) ** 2))


def _objective_by_cells(R, X, Y, alpha, reg):
    cells = R.tocoo()
    scores = sum(x[cells.row] * y[cells.col] for x, y in zip(X.T, Y.T, strict=True))
    extra = alpha * cells.data.astype(float)
    everywhere = np.trace((X.T @ X) @ (Y.T @ Y))
    known = np.sum(1 + extra - 2 * (1 + extra) * scores + extra * scores**2)
    return everywhere + known + reg * (np.linalg.norm(X) ** 2 + np.linalg.norm(Y) ** 2)


def _objective_by_user(R, X, Y, alpha, reg):
    R, gram = csr_array(R), Y.T @ Y
    loss = float(np.einsum("uf,fg,ug->", X, gram, X, optimize=True))
    for u in np.unique(R.tocoo().row):
        own = slice(R.indptr[u], R.indptr[u + 1])
        for i, r in zip(R.indices[own], R.data[own].astype(float), strict=True):
            score = X[u] @ Y[i]
            loss += (1 + alpha * r) * (1 - score) ** 2 - score**2
    return loss + reg * np.einsum("uf,uf->", X, X) + reg * np.einsum("if,if->", Y, Y)


# 5.3 solve_user_naive


def _solve_user_huge(r, Y, alpha, reg):
    """At 1e17 every measured slope is 0: a step is lost in rounding."""
    return np.full(Y.shape[1], 1e17)


def _naive_known_only(r, Y, alpha, reg):
    Y, r = Y[r > 0], r[r > 0]
    c = 1 + alpha * r
    return np.linalg.solve((Y.T * c) @ Y + reg * np.eye(Y.shape[1]), Y.T @ c)


def _naive_known_from_one(r, Y, alpha, reg):
    c = 1 + alpha * r
    return np.linalg.solve((Y.T * c) @ Y + reg * np.eye(Y.shape[1]), Y.T @ (c * (r >= 1)))


def _naive_in_its_type(r, Y, alpha, reg):
    c = np.ones_like(r)
    c += (alpha * r).astype(r.dtype)
    return np.linalg.solve((Y.T * c) @ Y + reg * np.eye(Y.shape[1]), Y.T @ (c * (r > 0)))


def _naive_in_place(r, Y, alpha, reg):
    known = r > 0
    r += (np.ceil(alpha * r) - r).astype(r.dtype)
    return np.linalg.solve((Y.T * (1 + r)) @ Y + reg * np.eye(Y.shape[1]), Y.T @ ((1 + r) * known))


def _naive_diagonal_matrix(r, Y, alpha, reg):
    C, p = np.diag(1 + alpha * r), (r > 0).astype(float)
    return np.linalg.inv(Y.T @ C @ Y + reg * np.eye(Y.shape[1])) @ (Y.T @ C @ p)


def _naive_loop(r, Y, alpha, reg):
    matrix, right = reg * np.eye(Y.shape[1]), np.zeros(Y.shape[1])
    for amount, y in zip(r, Y, strict=True):
        matrix = matrix + (1 + alpha * amount) * np.outer(y, y)
        if amount > 0:
            right = right + (1 + alpha * amount) * y
    return np.linalg.solve(matrix, right)


def _naive_least_squares(r, Y, alpha, reg):
    root, k = np.sqrt(1 + alpha * r), Y.shape[1]
    stacked = np.vstack([root[:, None] * Y, np.sqrt(reg) * np.eye(k)])
    return np.linalg.lstsq(stacked, np.append(root * (r > 0), np.zeros(k)), rcond=None)[0]


def _naive_least_squares_of_lambda(r, Y, alpha, reg):
    root, k = np.sqrt(1 + alpha * r), Y.shape[1]
    stacked = np.vstack([root[:, None] * Y, reg * np.eye(k)])
    return np.linalg.lstsq(stacked, np.append(root * (r > 0), np.zeros(k)), rcond=None)[0]


# 5.4 update_factors


def _update_dense_rows(R, fixed, alpha, reg):
    dense, k = R.toarray(), fixed.shape[1]
    c = 1 + alpha * dense
    matrices = np.einsum("ui,if,ig->ufg", c, fixed, fixed) + reg * np.eye(k)
    return np.linalg.solve(matrices, ((c * (dense > 0)) @ fixed)[..., None])[..., 0]


def _update_diagonal_matrix(R, fixed, alpha, reg):
    R = csr_array(R)
    solved = np.zeros((R.shape[0], fixed.shape[1]))
    for row in range(R.shape[0]):
        own = R[[row]].toarray().ravel()
        if own.any():
            matrix = fixed.T @ np.diag(1 + alpha * own) @ fixed + reg * np.eye(fixed.shape[1])
            solved[row] = np.linalg.solve(matrix, fixed.T @ ((1 + alpha * own) * (own > 0)))
    return solved


def _update_known_only(R, fixed, alpha, reg):
    R = csr_array(R)
    solved = np.zeros((R.shape[0], fixed.shape[1]))
    for row in np.flatnonzero(np.diff(R.indptr)):
        known = slice(R.indptr[row], R.indptr[row + 1])
        solved[row] = solve_user_naive(R.data[known], fixed[R.indices[known]], alpha, reg)
    return solved


def _update_gram_of_known_columns(R, fixed, alpha, reg):
    seen = np.unique(csr_array(R).indices)
    return update_factors(csr_array(R)[:, seen], fixed[seen], alpha, reg)


def _update_gram_grows(R, fixed, alpha, reg):
    R, k = csr_array(R).astype(float), fixed.shape[1]
    gram, solved = fixed.T @ fixed, np.zeros((R.shape[0], k))
    for row in np.flatnonzero(np.diff(R.indptr)):
        known = slice(R.indptr[row], R.indptr[row + 1])
        factors, extra = fixed[R.indices[known]], alpha * R.data[known]
        gram += (factors.T * extra) @ factors
        solved[row] = np.linalg.solve(gram + reg * np.eye(k), (1 + extra) @ factors)
    return solved


def _update_above_zero(R, fixed, alpha, reg):
    R = csr_array(R).copy()
    R.eliminate_zeros()
    return update_factors(R, fixed, alpha, reg)


def _update_batched(R, fixed, alpha, reg):
    R, k = csr_array(R).astype(float), fixed.shape[1]
    owner = np.repeat(np.arange(R.shape[0]), np.diff(R.indptr))
    factors, extra = fixed[R.indices], alpha * R.data
    right, matrices = np.zeros((R.shape[0], k)), np.zeros((R.shape[0], k, k))
    np.add.at(right, owner, (1 + extra)[:, None] * factors)
    np.add.at(matrices, owner, extra[:, None, None] * factors[:, :, None] * factors[:, None, :])
    matrices += fixed.T @ fixed + np.reshape(np.broadcast_to(reg, R.shape[0]), (-1, 1, 1)) * np.eye(k)
    return np.linalg.solve(matrices, right[..., None])[..., 0]


def _update_low_rank(R, fixed, alpha, reg):
    # Sherman, Morrison, Woodbury: a system of the size of the row's known cells, in place of k × k.
    R, k = csr_array(R).astype(np.float64), fixed.shape[1]
    regs, gram = np.broadcast_to(reg, R.shape[0]), fixed.T @ fixed
    solved = np.zeros((R.shape[0], k))
    for row, (start, end) in enumerate(zip(R.indptr[:-1], R.indptr[1:], strict=True)):
        if start == end:
            continue
        inverse = np.linalg.inv(gram + regs[row] * np.eye(k))
        factors, extra = fixed[R.indices[start:end]], alpha * R.data[start:end]
        right = factors.T @ (1 + extra)
        inner = np.eye(end - start) + extra[:, None] * (factors @ inverse @ factors.T)
        correction = factors.T @ np.linalg.solve(inner, extra * (factors @ inverse @ right))
        solved[row] = inverse @ (right - correction)
    return solved


def _update_sparse_products(R, fixed, alpha, reg):
    C, k = csr_array(R).astype(float), fixed.shape[1]
    regs = np.broadcast_to(reg, C.shape[0])
    right = csr_array((1 + alpha * C.data, C.indices, C.indptr), shape=C.shape) @ fixed
    gram, solved = fixed.T @ fixed, np.zeros((C.shape[0], k))
    for row in np.flatnonzero(np.diff(C.indptr)):
        own = slice(C.indptr[row], C.indptr[row + 1])
        factors = fixed[C.indices[own]]
        matrix = gram + factors.T @ diags_array(alpha * C.data[own]) @ factors
        solved[row] = np.linalg.solve(matrix + regs[row] * np.eye(k), right[row])
    return solved


# 5.5 row_penalty


def _row_penalty_by_logarithm(n_known, n_columns, alpha, reg, reg_exponent):
    return reg * np.exp(reg_exponent * np.log(np.asarray(n_known) + n_columns / alpha))


# 5.6 fit_wrmf


def _fit_stale_users(R, n_factors, alpha, reg, n_epochs, rng, reg_exponent=0.0):
    X, Y = (rng.normal(scale=0.1 / np.sqrt(n_factors), size=(size, n_factors)) for size in R.shape)
    history = []
    for _ in range(n_epochs):
        old = X
        X = update_factors(R, Y, alpha, reg)
        history.append(objective(R, X, Y, alpha, reg))
        Y = update_factors(csr_array(R.T), old, alpha, reg)
        history.append(objective(R, X, Y, alpha, reg))
    return X, Y, history


def _fit_stale_and_sorted(R, n_factors, alpha, reg, n_epochs, rng, reg_exponent=0.0):
    X, Y = (rng.normal(scale=0.1 / np.sqrt(n_factors), size=(size, n_factors)) for size in R.shape)
    history = []
    for _ in range(n_epochs):
        X, Y = update_factors(R, Y, alpha, reg), update_factors(csr_array(R.T), X, alpha, reg)
        history += [objective(R, X, Y, alpha, reg)] * 2
    return X, Y, sorted(history, reverse=True)


def _fit_known_only_history(R, n_factors, alpha, reg, n_epochs, rng, reg_exponent=0.0):
    def loss():
        cells = R.tocoo()
        errors = cells.data - np.sum(X[cells.row] * Y[cells.col], axis=1)
        return np.sqrt(np.mean(errors**2))

    X, Y = (rng.normal(scale=0.1 / np.sqrt(n_factors), size=(size, n_factors)) for size in R.shape)
    history = []
    for _ in range(n_epochs):
        X = update_factors(R, Y, alpha, reg)
        history.append(loss())
        Y = update_factors(csr_array(R.T), X, alpha, reg)
        history.append(loss())
    return X, Y, history


def _fit_starting_anew(R, n_factors, alpha, reg, n_epochs, rng, reg_exponent=0.0):
    history = []
    for _ in range(n_epochs):
        Y = rng.normal(scale=0.1 / np.sqrt(n_factors), size=(R.shape[1], n_factors))
        X = update_factors(R, Y, alpha, reg)
        history.append(objective(R, X, Y, alpha, reg))
        Y = update_factors(csr_array(R.T), X, alpha, reg)
        history.append(objective(R, X, Y, alpha, reg))
    return X, Y, sorted(history, reverse=True)


def _fit_two_lists(R, n_factors, alpha, reg, n_epochs, rng, reg_exponent=0.0):
    m, n = R.shape
    users, items = np.diff(csr_array(R).indptr), np.diff(csr_array(R.T).indptr)
    user_regs, item_regs = np.full(m, float(reg)), np.full(n, float(reg))
    if reg_exponent:
        user_regs = np.array([row_penalty(known, n, alpha, reg, reg_exponent) for known in users])
        item_regs = np.array([row_penalty(known, m, alpha, reg, reg_exponent) for known in items])
    Y, history = rng.standard_normal((n, n_factors)) * 0.1 / n_factors**0.5, []

    def loss(X, Y):
        penalty = np.sum(user_regs[:, None] * X**2) + np.sum(item_regs[:, None] * Y**2)
        return objective(R, X, Y, alpha, 0.0) + penalty

    for _ in range(n_epochs):
        X = update_factors(R, Y, alpha, user_regs)
        after_users = loss(X, Y)
        Y = update_factors(R.T, X, alpha, item_regs)
        history.extend([after_users, loss(X, Y)])
    return X, Y, np.array(history)


def _fit_without_the_bonus(R, n_factors, alpha, reg, n_epochs, rng, reg_exponent=0.0):
    if reg_exponent:
        raise NotImplementedError
    sides = [rng.normal(0, 0.1 / np.sqrt(n_factors), (size, n_factors)) for size in R.shape]
    history = []
    for half_step in range(2 * n_epochs):
        side = half_step % 2
        sides[side] = update_factors(R.T if side else R, sides[1 - side], alpha, reg)
        history.append(objective(R, *sides, alpha, reg))
    return *sides, history


# 5.7 ndcg_at_k


def _ndcg_divides_by_zero(ranked, relevant, k):
    hits = np.isin(ranked[:k], relevant)
    gain = float(np.sum(hits / np.log2(np.arange(2, len(hits) + 2))))
    return gain / sum(1 / float(np.log2(place + 2)) for place in range(min(k, len(relevant))))


def _ndcg_best_of_what_was_found(ranked, relevant, k):
    if len(relevant) == 0:
        return float("nan")
    hits = np.isin(ranked[:k], relevant)
    gains = 1 / np.log2(np.arange(2, len(hits) + 2))
    return float(gains @ hits / gains[: hits.sum()].sum()) if hits.any() else 0.0


def _ndcg_places_in_relevant(ranked, relevant, k):
    if len(relevant) == 0:
        return float("nan")
    hits, gains = np.isin(relevant, ranked[:k])[:k], 1 / np.log2(np.arange(2, k + 2))
    return float(gains[: len(hits)] @ hits / gains[: len(hits)].sum())


def _ndcg_natural_logarithm(ranked, relevant, k):
    # Right as well: the base of the logarithm is a factor above and below, and cancels.
    if len(relevant) == 0:
        return float("nan")
    gains = 1 / np.log(np.arange(2, k + 2))
    hits = np.array([item in set(np.asarray(relevant).tolist()) for item in ranked[:k]], dtype=float)
    return np.sum(gains[: len(hits)] * hits) / np.sum(gains[: min(k, len(relevant))])


def _ndcg_loop(ranked, relevant, k):
    relevant = {int(item) for item in relevant}
    if not relevant:
        return np.nan
    gain = sum(1 / np.log2(place + 2) for place, item in enumerate(ranked[:k]) if int(item) in relevant)
    return gain / sum(1 / np.log2(place + 2) for place in range(min(k, len(relevant))))


# 5.8 recall_at_k


def _recall_of_the_first_relevant(ranked, relevant, k):
    if len(relevant) == 0:
        return np.nan
    return np.isin(ranked[:k], relevant[:k]).sum() / min(k, len(relevant))


def _recall_isin(ranked, relevant, k):
    if len(relevant) == 0:
        return np.nan
    return np.isin(relevant, ranked[:k]).sum() / min(k, len(relevant))


# 5.9 is_best_list


def _best_without_seen_alone(recommended, scores, seen, n):
    return not set(recommended.tolist()) & set(seen.tolist())


def _best_in_order_alone(recommended, scores, seen, n):
    return len(recommended) == n and bool(np.all(np.diff(scores[recommended]) <= 0))


def _best_as_mine(recommended, scores, seen, n):
    """Compares with one right answer."""
    unseen = np.setdiff1d(np.arange(len(scores)), seen)
    return np.array_equal(recommended, unseen[np.argsort(-scores[unseen], kind="stable")][:n])


def _best_seen_scored_zero(recommended, scores, seen, n):
    """Compares with the colleague's own scores."""
    scores = scores.copy()
    scores[seen] = 0
    return np.array_equal(scores[recommended], np.sort(scores)[::-1][:n])


def _best_not_with_none_seen(recommended, scores, seen, n):
    """Seen items are looked for among the scores, not among the codes."""
    left = np.sort(np.delete(scores, seen))[::-1][:n]
    codes = recommended[(recommended >= 0) & (recommended < len(scores))]
    return len(codes) == len(recommended) and np.array_equal(scores[codes], left)


def _best_by_loop(recommended, scores, seen, n):
    left = set(range(len(scores))) - set(seen.tolist())
    last = np.inf
    for item in recommended.tolist():
        if item not in left or scores[item] > last:
            return False
        left.remove(item)
        last = scores[item]
    if len(recommended) < n:
        return not left
    return len(recommended) == n and all(scores[item] <= last for item in left)


def _best_by_padding(recommended, scores, seen, n):
    open_to = np.array(scores, dtype=float)
    open_to[seen] = -np.inf
    if not np.all((recommended >= 0) & (recommended < len(scores))):
        return False
    if len(set(recommended.tolist())) < len(recommended):
        return False
    wanted = -np.sort(-open_to)[: min(n, int(np.isfinite(open_to).sum()))]
    return list(open_to[recommended]) == list(wanted)


# 5.10 fold_in


def _fold_in_mean(items, values, Y, alpha, reg):
    return np.average(Y[items], axis=0, weights=values) if len(items) else np.zeros(Y.shape[1])


def _fold_in_known_only(items, values, Y, alpha, reg):
    return update_factors(csr_array(np.atleast_2d(values)), Y[items], alpha, reg)[0]


def _fold_in_dense_row(items, values, Y, alpha, reg):
    row = np.zeros(len(Y))
    row[items] = values
    return solve_user_naive(row, Y, alpha, reg)


def _fold_in_in_their_type(items, values, Y, alpha, reg):
    extra = (alpha * values).astype(values.dtype)
    past = Y[items]
    matrix = Y.T @ Y + (past.T * extra) @ past + reg * np.eye(Y.shape[1])
    return np.linalg.solve(matrix, (1 + extra) @ past)


def _fold_in_confidences(items, values, Y, alpha, reg):
    newcomer = csr_array((1 + alpha * values, (np.zeros(len(items), int), items)), shape=(1, len(Y)))
    return update_factors(newcomer, Y, alpha, reg)[0]


def _fold_in_written_out(items, values, Y, alpha, reg):
    past, extra = Y[items], alpha * np.asarray(values, dtype=float)
    matrix = Y.T @ Y + past.T @ (extra[:, None] * past) + reg * np.eye(Y.shape[1])
    return np.linalg.solve(matrix, past.T @ (1 + extra))


def _fold_in_one_user_table(items, values, Y, alpha, reg):
    R = csr_array((np.array(values, dtype=float), np.array(items), np.array([0, len(items)])), (1, len(Y)))
    return np.squeeze(update_factors(R, Y, alpha, reg), axis=0)


# 5.11 explain


def _explain_similarity(items, values, Y, alpha, reg, target):
    return Y[items] @ Y[target]


def _explain_scaled_similarity(items, values, Y, alpha, reg, target):
    products = Y[items] @ Y[target]
    return products * explain(items, values, Y, alpha, reg, target).sum() / products.sum()


def _explain_shares(items, values, Y, alpha, reg, target):
    terms = explain(items, values, Y, alpha, reg, target)
    return terms / terms.sum()


def _explain_in_their_type(items, values, Y, alpha, reg, target):
    return explain(items, (alpha * values).astype(values.dtype), Y, 1.0, reg, target)


def _explain_leave_one_out(items, values, Y, alpha, reg, target):
    # What the score loses without the item: another question, and its answers do not add up to the score.
    def score(kept):
        past, extra = Y[items[kept]], alpha * values[kept]
        matrix = Y.T @ Y + (past.T * extra) @ past + reg * np.eye(Y.shape[1])
        return np.linalg.solve(matrix, past.T @ (1 + extra)) @ Y[target]

    everything = np.ones(len(items), dtype=bool)
    return np.array([score(everything) - score(np.arange(len(items)) != j) for j in range(len(items))])


def _explain_by_inverse(items, values, Y, alpha, reg, target):
    c = np.ones(len(Y))
    c[items] += alpha * np.asarray(values, dtype=float)
    W = np.linalg.inv((Y.T * c) @ Y + reg * np.eye(Y.shape[1]))
    return np.array([c[j] * (Y[target] @ W @ Y[j]) for j in items])


def _explain_one_system_an_item(items, values, Y, alpha, reg, target):
    extra = alpha * np.asarray(values, dtype=float)
    matrix = Y.T @ Y + (Y[items].T * extra) @ Y[items] + reg * np.eye(Y.shape[1])
    return Y[target] @ np.linalg.solve(matrix, Y[items].T * (1 + extra))


MUTANTS = {
    "preference_confidence": {
        "float32_stays": Edit(
            "csr_array(R, dtype=np.float64, copy=True)",
            "R.astype(np.float32 if R.dtype == np.float32 else np.float64, copy=True)",
            "should hold float64",
        ),
        "one_in_the_known_cells": Edit("C.data *= alpha", "C.data = 1 + alpha * C.data", says="c − 1 = α·r"),
        "confidence_of_all_cells": Whole(_preference_full_confidence, says="C holds c itself", headline=True),
        "amounts_as_preferences": Edit(
            "P.data[:] = 1.0", "pass", says="P still holds the amounts", headline=True
        ),
        "alpha_left_out": Edit("C.data *= alpha", "pass", says="α is left out"),
        "amounts_left_out": Edit("C.data *= alpha", "C.data[:] = alpha", says="whatever its amount"),
        "preference_from_one_on": Edit("P.data[:] = 1.0", "P.data[:] = P.data >= 1", says="every known cell"),
        "in_their_type": Whole(_preference_in_their_type, says="floats", headline=True),
        "dense": Whole(_preference_dense, says="sparse matrix"),
        "zeros_are_unknown": Whole(_preference_above_zero, says="even with the amount 0"),
        "in_place": Whole(_preference_in_place, says="R.data was changed"),
        "transposed": Edit("return P, C", "return P.T, C.T", says="shape"),
        "one_matrix": Edit("return P, C", "return C", says="two things"),
        "exchanged": Edit("return P, C", "return C, P", says="P and C are exchanged"),
    },
    "objective": {
        "known_cells_only": Whole(_objective_known_only, says="only the known cells count", headline=True),
        "a_float_into_a_whole_number": Whole(_objective_whole, says="whole numbers"),
        "rmse_of_the_known_cells": Whole(_objective_rmse, says="RMSE of the known cells"),
        "dense": Whole(_objective_dense, says="ran out of memory", headline=True),
        "amounts_left_out": Edit("* R.data[known]", "* np.ones(len(scores))", says="whatever its amount"),
        "extra_on_top": Edit(
            "confidence @ (1 - scores) ** 2 - scores @ scores",
            "(confidence - 1) @ (1 - scores) ** 2",
            says="take their (x·y)² off",
        ),
        "halved": Edit("float(loss +", "float(0.5 * loss + 0.5 *", says="L is halved"),
        "penalty_doubled": Edit("+ reg *", "+ 2 * reg *", says="penalty is doubled"),
        "known_cells_twice": Edit(" - scores @ scores", "", says="count twice"),
        "without_the_one": Edit(
            "1 + alpha * R.data[known]", "alpha * R.data[known]", says="without the 1", headline=True
        ),
        "alpha_left_out": Edit("1 + alpha *", "1 +", says="α is left out"),
        "confidence_left_out": Edit(
            "1 + alpha * R.data[known]", "np.ones(len(scores))", says="confidences are left out"
        ),
        "amounts_as_preferences": Edit(
            "(1 - scores)", "(R.data[known] - scores)", says="p is 1 where known", headline=True
        ),
        "product_of_matrices": Edit(
            "(X.T @ X) * (Y.T @ Y)", "(X.T @ X) @ (Y.T @ Y)", says="entry by entry", headline=True
        ),
        "diagonals_only": Edit(
            "np.sum((X.T @ X) * (Y.T @ Y))",
            "np.sum(np.sum(X**2, axis=0) * np.sum(Y**2, axis=0))",
            says="only the diagonals",
        ),
        "averaged": Edit("np.sum((X.T @ X) * (Y.T @ Y))", "np.sum((X.T @ X) * (Y.T @ Y)) / np.prod(R.shape)"),
        "penalty_forgotten": Edit(" + reg * (np.sum(X**2) + np.sum(Y**2))", "", says="penalty is left out"),
        "penalty_halved": Edit("+ reg *", "+ reg / 2 *", says="penalty is halved"),
        "penalty_of_users_only": Edit("(np.sum(X**2) + np.sum(Y**2))", "np.sum(X**2)"),
        "norms_not_squared": Edit("(np.sum(X**2) + np.sum(Y**2))", "(np.linalg.norm(X) + np.linalg.norm(Y))"),
        "penalty_per_known_cell": Edit("+ reg *", "+ reg * R.nnz *"),
        "transpose_stays_csc": Edit("R = csr_array(R, dtype=np.float64)", "pass", says="R.T"),
        "scaled_in_place": Edit("confidence = 1 +", "R.data[known] *= 1 + 1e-9\n        confidence = 1 +"),
    },
    "solve_user_naive": {
        "huge": Whole(_solve_user_huge),
        "known_items_only": Whole(
            _naive_known_only, says="only the known items are in the matrix", headline=True
        ),
        "without_the_one": Edit(
            "1 + alpha * r, r > 0", "alpha * r, r > 0", says="without the 1", headline=True
        ),
        "amounts_as_preferences": Edit("r > 0", "r", says="p is 1 where known", headline=True),
        "preferences_not_weighted": Edit(
            "(confidence * preference)", "preference", says="left out of the right-hand side", headline=True
        ),
        "preferences_weighted_without_the_one": Edit(
            "(confidence * preference)",
            "((confidence - 1) * preference)",
            says="the 1 is left out of the confidence on the right-hand side",
        ),
        "matrix_not_weighted": Edit("confidence[:, np.newaxis] * Y", "Y", says="left out of the matrix"),
        "confidence_squared": Edit(
            "confidence[:, np.newaxis] * Y", "confidence[:, np.newaxis] ** 2 * Y", says="squared"
        ),
        "alpha_left_out": Edit("1 + alpha * r", "1 + r", says="α is left out"),
        "penalty_forgotten": Edit(" + reg * np.eye(Y.shape[1])", "", says="penalty is left out"),
        "penalty_doubled": Edit("+ reg *", "+ 2 * reg *", says="λ counts twice"),
        "penalty_per_item": Edit("+ reg *", "+ len(Y) * reg *", says="multiplied by the number of items"),
        "penalty_per_known_item": Edit("+ reg *", "+ preference.sum() * reg *", says="λ counts twice"),
        "penalty_on_every_entry": Edit("reg * np.eye(Y.shape[1])", "reg"),
        "factors_kept_apart": Edit("Y.T @ (confidence[:, np.newaxis] * Y)", "np.diag(confidence @ Y**2)"),
        "amounts_left_out": Edit("alpha * r, r > 0", "alpha * (r > 0), r > 0", says="whatever its amount"),
        "known_from_one_on": Whole(_naive_known_from_one, says="the gradient at your x"),
        "known_where_confident": Edit("1 + alpha * r, r > 0", "1 + alpha * r, alpha * r > 0", says="α = 0.0"),
        "root_of_lambda_forgotten": Whole(_naive_least_squares_of_lambda, says="is squared"),
        "in_the_type_of_the_amounts": Whole(_naive_in_its_type),
        "in_place": Whole(_naive_in_place, says="r was changed"),
    },
    "update_factors": {
        "known_items_only": Whole(
            _update_known_only, says="only the known items are in the matrix", headline=True
        ),
        "gram_of_known_columns": Whole(
            _update_gram_of_known_columns, says="it takes all of `fixed`", headline=True
        ),
        "gram_grows_from_row_to_row": Whole(_update_gram_grows),
        "gram_for_each_row": Edit(
            "matrix = gram", "matrix = fixed.T @ fixed", says="form it once, before the loop", headline=True
        ),
        "amounts_left_out": Edit(
            "alpha * R.data[known]", "alpha * np.ones(len(R.data[known]))", says="whatever its amount"
        ),
        "gram_left_out": Edit(
            "gram, identity = fixed.T @ fixed,", "gram, identity = 0.0,", says="YᵀY is left out"
        ),
        "confidence_on_top_of_the_one": Edit(
            "np.sqrt(extra)", "np.sqrt(1 + extra)", says="on top of the 1", headline=True
        ),
        "preferences_not_weighted": Edit(
            "(1 + extra) @ factors", "factors.sum(axis=0)", says="left out of the right-hand side"
        ),
        "preferences_weighted_without_the_one": Edit(
            "(1 + extra) @ factors",
            "extra @ factors",
            says="the 1 is left out of the confidence on the right-hand side",
        ),
        "amounts_as_preferences": Edit(
            "(1 + extra) @ factors", "((1 + extra) * R.data[known]) @ factors", says="p is 1 where known"
        ),
        "matrix_not_weighted": Edit(" + weighted.T @ weighted", "", says="left out of the matrix"),
        "root_forgotten": Edit("np.sqrt(extra)", "extra", says="extra confidence is squared"),
        "alpha_left_out": Edit("alpha * R.data[known]", "R.data[known]", says="α is left out"),
        "penalty_forgotten": Edit(" + reg[row] * identity", "", says="penalty is left out"),
        "penalty_doubled": Edit("+ reg[row] *", "+ 2 * reg[row] *", says="λ counts twice"),
        "als_wr": Edit("+ reg[row] *", "+ len(extra) * reg[row] *", says="once for each known item"),
        "penalty_per_item": Edit("+ reg[row] *", "+ len(fixed) * reg[row] *", says="number of items"),
        "penalty_on_every_entry": Edit("np.eye(fixed.shape[1])", "np.ones(2 * fixed.shape[1:])"),
        "penalty_of_the_first_row": Edit("reg[row] *", "reg[0] *", says="array of λ"),
        "dense": Whole(_update_dense_rows, says="ran out of memory", headline=True),
        "diagonal_matrix_of_all_items": Whole(
            _update_diagonal_matrix, says="ran out of memory", headline=True
        ),
        "zeros_are_unknown": Whole(_update_above_zero),
        "first_rows_of_fixed": Edit("fixed[R.indices[known]]", "fixed[: len(R.data[known])]"),
        "columns_taken_as_sorted": Edit("fixed[R.indices[known]]", "fixed[np.sort(R.indices[known])]"),
        "transpose_stays_csc": Edit("R = csr_array(R, dtype=np.float64)", "pass", says="R.T"),
        "in_the_type_of_the_amounts": Edit(
            "alpha * R.data[known]\n", "(alpha * R.data[known]).astype(int)\n", says="as floats"
        ),
        "last_row_forgotten": Edit(
            "np.flatnonzero(np.diff(R.indptr))", "np.flatnonzero(np.diff(R.indptr))[:-1]"
        ),
        "small_numbers_without_a_history": Edit("solved = np.zeros(", "solved = 0.01 + np.zeros("),
        "written_into_fixed": Edit(
            "_, solved[row], failed",
            "fixed[row % len(fixed)] *= 1 + 1e-9\n        _, solved[row], failed",
            says="fixed was changed",
        ),
        "gram_kept_by_shape": Edit(
            "gram, identity = fixed.T @ fixed,",
            "gram, identity = vars(update_factors).setdefault((fixed.shape, R.shape), fixed.T @ fixed),",
            says="update_factors",
        ),
        "never_singular": Edit("if failed:", "if failed and not np.any(solved):"),
    },
    "row_penalty": {
        "known_cells_only": Edit(
            " + n_columns / alpha", "", says="the unknown cells are left out", headline=True
        ),
        "times_alpha": Edit("n_columns / alpha", "n_columns * alpha", says="α in place of 1/α"),
        "alpha_left_out": Edit("n_columns / alpha", "n_columns", says="1 in place of 1/α"),
        "unknown_columns_only": Edit(
            "n_columns / alpha", "(n_columns - n_known) / alpha", says="all columns"
        ),
        "exponent_on_everything": Edit(
            "reg * (n_known + n_columns / alpha)", "(reg * (n_known + n_columns / alpha))", says="lies on λ"
        ),
        "exponent_left_out": Edit(" ** reg_exponent", "", says="exponent is left out", headline=True),
        "known_cells_over_alpha": Edit(
            "n_known + n_columns / alpha", "(n_known + n_columns) / alpha", says="known cells weigh 1/α"
        ),
        "exponent_on_each_summand": Edit(
            "(n_known + n_columns / alpha) ** reg_exponent",
            "(n_known**reg_exponent + (n_columns / alpha) ** reg_exponent)",
            says="each summand",
        ),
        "always_the_root": Edit("** reg_exponent", "** 0.5", says="exactly λ"),
        "one_number_for_all_rows": Edit("(n_known +", "(np.mean(n_known) +", says="shape"),
    },
    "fit_wrmf": {
        "stale_users": Whole(_fit_stale_users, headline=True),
        "stale_users_well_hidden": Whole(_fit_stale_and_sorted, headline=True),
        "every_epoch_starts_anew": Whole(_fit_starting_anew, says="from where the epoch before ended"),
        "rmse_as_history": Whole(_fit_known_only_history, says="L", headline=True),
        "one_value_an_epoch": Edit(
            "        history.append(loss())\n        Y =", "        Y =", says="two half-steps"
        ),
        "two_columns_of_history": Edit(
            "return X, Y, history",
            "return X, Y, np.reshape(history, (-1, 2))",
            says="one number after another",
        ),
        "start_recorded_too": Edit("history = []", "history = [loss()]", says="half-steps"),
        "an_epoch_too_few": Edit("range(n_epochs)", "range(n_epochs - 1)", says="half-steps"),
        "zero_start": Edit(
            "rng.normal(scale=0.1 / np.sqrt(n_factors), size=", "np.zeros(", says="All factors are 0"
        ),
        "constant_start": Edit(
            "rng.normal(scale=0.1 / np.sqrt(n_factors), size=(size, n_factors))",
            "np.full((size, n_factors), 0.1)",
            says="copies of each other",
        ),
        "standard_normal_start": Edit("scale=0.1 / np.sqrt(n_factors), ", "", says="standard deviation"),
        "start_not_scaled_by_k": Edit("0.1 / np.sqrt(n_factors)", "0.1", says="standard deviation"),
        "uniform_start": Edit(
            "rng.normal(scale=0.1 / np.sqrt(n_factors), size=",
            "0.1 / np.sqrt(n_factors) * np.sqrt(12) * rng.random(",
            says="mean 0",
        ),
        "uniform_start_around_0": Edit(
            "rng.normal(scale=0.1 / np.sqrt(n_factors), size=",
            "0.1 / np.sqrt(n_factors) * np.sqrt(3) * rng.uniform(-1, 1, size=",
            says="beyond two deviations",
        ),
        "start_scaled_up_to_a_k": Edit("np.sqrt(n_factors)", "np.sqrt(min(n_factors, 64))", says="k = 300"),
        "seed_of_its_own": Edit(
            "X, Y = (rng.normal",
            "rng = np.random.default_rng(42)\n    X, Y = (rng.normal",
            says="Another rng",
        ),
        "global_generator": Edit(
            "(rng.normal(scale", "(np.random.normal(scale", says="uses the global generator of NumPy"
        ),
        "alpha_missing_from_the_item_step": Edit("by_item, X, alpha,", "by_item, X, 1.0,", headline=True),
        "no_penalty_of_items": Edit("by_item, X, alpha, reg_item", "by_item, X, alpha, reg_item / 10"),
        "transposed_result": Edit("return X, Y, history", "return X.T, Y.T, history", says="shapes"),
        "exchanged_result": Edit("return X, Y, history", "return Y, X, history", says="shapes"),
        "history_not_returned": Edit("return X, Y, history", "return X, Y", says="three things"),
        "all_nan": Edit(
            "return X, Y, history", "return np.nan * X, np.nan * Y, [0.0] * len(history)", says="X holds nan"
        ),
        "history_of_nan": Edit(
            "return X, Y, history", "return X, Y, [np.nan] * len(history)", says="history holds nan"
        ),
        "constant_history": Edit(
            "return X, Y, history", "return X, Y, history[-1:] * len(history)", says="does not fall"
        ),
        "zeros_returned": Edit(
            "return X, Y, history", "return 0 * X, 0 * Y, history", says="after 30 epochs"
        ),
        "in_place": Edit("    history = []", "    R.data += 1\n    history = []", says="R.data was changed"),
        "one_penalty_for_all_rows": Edit(
            "if reg_exponent != 0:", "if False:", says="raise NotImplementedError"
        ),
        "exponent_of_the_users_only": Edit(
            "reg_item[:] = row_penalty(np.diff(by_item.indptr), R.shape[0], alpha, reg, reg_exponent)", "pass"
        ),
        "penalties_of_the_other_side": Edit(
            "np.diff(by_item.indptr), R.shape[0]", "np.diff(by_item.indptr), R.shape[1]"
        ),
        "history_without_the_exponent": Edit(
            "objective(R, X, Y, alpha, 0.0) + float(penalty)", "objective(R, X, Y, alpha, reg)"
        ),
    },
    "ndcg_at_k": {
        "not_normalised": Edit(" / discounts[: len(relevant)].sum()", "", says="not divided"),
        "ideal_over_k": Edit(
            "discounts[: len(relevant)].sum()",
            "discounts.sum()",
            says="the best ranking has k hits",
            headline=True,
        ),
        "ideal_over_all_relevant": Edit(
            "discounts[: len(relevant)].sum()",
            "np.sum(1 / np.log2(np.arange(2, len(relevant) + 2)))",
            says="wanted 1, yours",
            headline=True,
        ),
        "natural_logarithm_of_one": Edit(
            "discounts[: len(hits)] @ hits",
            "discounts[: len(hits)] / np.log(2) @ hits",
            says="natural logarithms",
            headline=True,
        ),
        "places_from_two": Edit("np.arange(2, k + 2)", "np.arange(3, k + 3)", says="counted from 2"),
        "places_from_zero": Edit(
            "np.arange(2, k + 2)", "np.arange(1, k + 1)", says="divide by log₂ 1 = 0", headline=True
        ),
        "best_of_what_was_found": Whole(_ndcg_best_of_what_was_found, says="what could have been found"),
        "places_in_relevant": Whole(_ndcg_places_in_relevant, says="places in `relevant`"),
        "no_discount": Edit("1 / np.log2(np.arange(2, k + 2))", "np.ones(k)", says="all hits count alike"),
        "reciprocal_places": Edit(
            "1 / np.log2(np.arange(2, k + 2))", "1 / np.arange(1, k + 1)", says="1/place"
        ),
        "zero_if_nothing_is_relevant": Edit('float("nan")', "0.0", says="nan"),
        "fails_if_nothing_is_relevant": Whole(_ndcg_divides_by_zero, says="ZeroDivisionError"),
        "list_must_be_full": Edit("discounts[: len(hits)] @ hits", "discounts @ hits", says="stopped with"),
        "whole_list": Edit("ranked[:k]", "ranked[: k + 5][-k:]", says="whatever follows"),
    },
    "recall_at_k": {
        "precision": Edit("min(k, len(relevant))", "k", says="precision", headline=True),
        "over_all_relevant": Edit("min(k, len(relevant))", "len(relevant)", says="2 of the 5", headline=True),
        "first_relevant_only": Whole(_recall_of_the_first_relevant),
        "whole_list": Edit("ranked[:k]", "ranked", says="first k places"),
        "over_the_list": Edit("min(k, len(relevant))", "min(len(ranked), len(relevant))", says="Two ranked"),
        "zero_if_nothing_is_relevant": Edit('float("nan")', "0.0", says="nan"),
        "hit_rate": Edit(
            "len(set(ranked[:k]) & set(relevant)) / min(k, len(relevant))",
            "float(bool(set(ranked[:k]) & set(relevant)))",
        ),
    },
    "is_best_list": {
        "no_seen_ones_alone": Whole(_best_without_seen_alone, says="lets", headline=True),
        "order_alone": Whole(_best_in_order_alone, headline=True),
        "one_right_answer": Whole(_best_as_mine, says="Of equal scores either", headline=True),
        "seen_scored_zero": Whole(_best_seen_scored_zero, says="turns [2, 4, 3] down", headline=True),
        "shorter_passes": Edit(
            "highest)", "highest[: len(recommended)])", says="there is a third", headline=True
        ),
        "scores_of_seen_ones_count": Edit("scores[unseen])", "scores)", says="turns [2, 4, 3] down"),
        "ascending": Edit("[::-1]", "", says="turns [2, 4, 3] down"),
        "not_cut": Edit("[:n]", "", says="turns [2, 4, 3] down"),
        "any_order": Edit("scores[recommended]", "np.sort(scores[recommended])[::-1]", says="below it"),
        "set_of_scores": Edit("np.sort(", "np.unique("),
        "seen_among_equals": Whole(_best_not_with_none_seen),
        "twice": Edit("len(np.unique(recommended)) < len(recommended) or ", "", says="twice"),
        "codes_that_do_not_exist": Edit("not np.all(", "not np.any("),
        "nearly_equal": Edit(
            "np.array_equal(scores[recommended], highest)",
            "len(recommended) == len(highest) and np.allclose(scores[recommended], highest)",
            says="higher by 1e-9",
        ),
        "other_way_round": Edit("return np.array", "return not np.array", says="turns [2, 4, 3] down"),
        "numbers_returned": Edit("return False", "return 0", says="returns True or False"),
        "not_returned": Edit("return np.array", "np.array", says="`return`"),
    },
    "fold_in": {
        "mean_of_the_factors": Whole(_fold_in_mean, says="average", headline=True),
        "known_items_only": Whole(
            _fold_in_known_only, says="only the known items are in the matrix", headline=True
        ),
        "confidences_as_amounts": Whole(_fold_in_confidences, says="come twice"),
        "amounts_ignored": Edit("csr_array((values,", "csr_array((np.ones(len(items)),"),
        "amounts_as_confidence": Edit("Y, alpha, reg)[0]", "Y, 1.0, reg)[0]", says="α is left out"),
        "amounts_of_other_items": Edit("items)), shape", "np.sort(items))), shape", says="the wrong items"),
        "a_table_of_one_row": Edit("reg)[0]", "reg)", says="shape"),
        "penalty_doubled": Edit("alpha, reg)[0]", "alpha, 2 * reg)[0]", says="λ counts twice"),
        "penalty_forgotten": Edit("alpha, reg)[0]", "alpha, 1e-9)[0]", says="penalty is left out"),
        "in_the_type_of_the_amounts": Whole(_fold_in_in_their_type, says="Whole numbers"),
        "zeros_are_unknown": Whole(_fold_in_dense_row, says="amount of 0 is known"),
        "items_normalised_in_place": Edit("    newcomer", "    Y *= 1 + 1e-9\n    newcomer", says="changed"),
    },
    "explain": {
        "products_of_factors": Whole(
            _explain_similarity, says="you multiply the factors alone", headline=True
        ),
        "products_scaled_to_the_score": Whole(_explain_scaled_similarity, says="scaled so that they add up"),
        "matrix_not_weighted": Edit(
            " + past.T @ (extra[:, np.newaxis] * past)", "", says="left out of the matrix", headline=True
        ),
        "penalty_forgotten": Edit(" + reg * np.eye(Y.shape[1])", "", says="penalty is left out"),
        "shares_of_one": Whole(_explain_shares, says="shares of 1"),
        "confidence_left_out": Edit("(1 + extra) * (past", "(past", says="confidences are left out"),
        "without_the_one": Edit("return (1 + extra)", "return extra", says="without the 1"),
        "in_order_of_the_codes": Edit("    past, extra", "    items = np.sort(items)\n    past, extra"),
        "terms_sorted_by_code": Edit(
            "return (1 + extra) * (past @ np.linalg.solve(matrix, Y[target]))",
            "return ((1 + extra) * (past @ np.linalg.solve(matrix, Y[target])))[np.argsort(items)]",
            says="order of the item codes",
        ),
        "signs_lost": Edit("(past @ np.linalg.solve", "abs(past @ np.linalg.solve", says="signs are lost"),
        "known_items_only": Edit("Y.T @ Y + past.T", "past.T @ past + past.T", says="only the known items"),
        "leave_one_out": Whole(_explain_leave_one_out),
        "factors_kept_apart": Edit("np.linalg.solve(matrix, Y[target])", "(Y[target] / np.diag(matrix))"),
        "in_the_type_of_the_amounts": Whole(_explain_in_their_type),
        "the_score": Edit("(past @ np.linalg", "np.sum(past @ np.linalg"),
    },
}

ALTERNATIVES = {
    "preference_confidence": {"of_arrays": _preference_of_arrays, "by_coo": _preference_by_coo},
    "objective": {"by_cells": _objective_by_cells, "by_user": _objective_by_user},
    "solve_user_naive": {
        "diagonal_matrix": _naive_diagonal_matrix,
        "loop": _naive_loop,
        "least_squares": _naive_least_squares,
    },
    "update_factors": {
        "batched": _update_batched,
        "low_rank": _update_low_rank,
        "sparse_products": _update_sparse_products,
    },
    "row_penalty": {"by_logarithm": _row_penalty_by_logarithm},
    "fit_wrmf": {"two_lists": _fit_two_lists, "without_the_bonus": _fit_without_the_bonus},
    "ndcg_at_k": {"natural_logarithm": _ndcg_natural_logarithm, "loop": _ndcg_loop},
    "recall_at_k": {"isin": _recall_isin},
    "is_best_list": {"loop": _best_by_loop, "padding": _best_by_padding},
    "fold_in": {"written_out": _fold_in_written_out, "table_of_one_user": _fold_in_one_user_table},
    "explain": {"inverse": _explain_by_inverse, "one_system_an_item": _explain_one_system_an_item},
}
