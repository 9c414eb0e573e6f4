"""Unit 02: known wrong ways to write each exercise, and other right ones."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from solutions.explicit_als import objective, solve_row, update_factors
from tests.mutants import Edit, Whole

# 2.1 predict


def _predict_diagonal(mu, X, Y, users, items):
    return mu + np.diag(X[users] @ Y[items].T)


def _predict_loop(mu, X, Y, users, items):
    return np.array([mu + X[u] @ Y[i] for u, i in zip(users, items, strict=True)], dtype=float)


def _predict_einsum(mu, X, Y, users, items):
    return np.einsum("pf,pf->p", X[users], Y[items]) + mu


def _predict_product_and_sum(mu, X, Y, users, items):
    return mu + (X[users] * Y[items]).sum(axis=1)


def _predict_by_factor(mu, X, Y, users, items):
    return mu + sum(x[users] * y[items] for x, y in zip(X.T, Y.T, strict=True))


# 2.2 objective


def _objective_zeros_as_ratings(R, X, Y, reg_user, reg_item):
    return np.sum((R.toarray() - X @ Y.T) ** 2) + reg_user * np.sum(X**2) + reg_item * np.sum(Y**2)


def _objective_dense_mask(R, X, Y, reg_user, reg_item):
    known = csr_array((np.ones(R.nnz), R.indices, R.indptr), shape=R.shape).toarray().astype(bool)
    errors = (R.toarray() - X @ Y.T)[known]
    return np.sum(errors**2) + reg_user * np.sum(X**2) + reg_item * np.sum(Y**2)


def _objective_nonzero(R, X, Y, reg_user, reg_item):
    users, items = R.nonzero()
    values = R.data[R.data != 0]
    errors = values - np.sum(X[users] * Y[items], axis=1)
    return errors @ errors + reg_user * np.sum(X**2) + reg_item * np.sum(Y**2)


def _objective_in_their_type(R, X, Y, reg_user, reg_item):
    known = R.tocoo()
    users, items = known.coords
    predicted = np.sum(X[users] * Y[items], axis=1).astype(R.dtype)
    errors = known.data - predicted
    return float(errors @ errors + reg_user * np.sum(X**2) + reg_item * np.sum(Y**2))


def _objective_without_empty_rows(R, X, Y, reg_user, reg_item):
    known = R.tocoo()
    users, items = known.coords
    errors = known.data - np.sum(X[users] * Y[items], axis=1)
    return (
        errors @ errors
        + reg_user * np.sum(X[np.unique(users)] ** 2)
        + reg_item * np.sum(Y[np.unique(items)] ** 2)
    )


def _objective_row_by_row(R, X, Y, reg_user, reg_item):
    total = 0.0
    for u in range(R.shape[0]):
        start, end = R.indptr[u], R.indptr[u + 1]
        if end > start:
            total += np.sum((R.data[start:end] - Y[R.indices[start:end]] @ X[u]) ** 2)
    return total + reg_user * np.linalg.norm(X) ** 2 + reg_item * np.linalg.norm(Y) ** 2


def _objective_repeat(R, X, Y, reg_user, reg_item):
    users = np.repeat(np.arange(R.shape[0]), np.diff(R.indptr))
    errors = R.data - np.einsum("cf,cf->c", X[users], Y[R.indices])
    per_user = np.bincount(users, weights=errors**2, minlength=R.shape[0])
    return per_user.sum() + reg_user * np.einsum("uf,uf", X, X) + reg_item * np.einsum("if,if", Y, Y)


# 2.3 solve_row


def _solve_row_huge(ratings, factors, reg):
    """At 1e17 every measured slope is 0: a step is lost in rounding."""
    return np.full(factors.shape[1], 1e17 if len(ratings) else 0.0)


def _solve_row_pinv(ratings, factors, reg):
    return np.linalg.pinv(factors) @ ratings


def _solve_row_lstsq(ratings, factors, reg):
    k = factors.shape[1]
    stacked = np.vstack([factors, np.sqrt(reg) * np.eye(k)])
    return np.linalg.lstsq(stacked, np.concatenate([ratings, np.zeros(k)]), rcond=None)[0]


def _solve_row_cholesky(ratings, factors, reg):
    from scipy.linalg import cho_factor, cho_solve

    k = factors.shape[1]
    if len(ratings) == 0:
        return np.zeros(k)
    return cho_solve(cho_factor(factors.T @ factors + reg * np.eye(k)), factors.T @ ratings)


def _solve_row_svd(ratings, factors, reg):
    if ratings.size == 0:
        return np.zeros(factors.shape[1])
    U, s, Vt = np.linalg.svd(factors, full_matrices=False)
    return Vt.T @ (s / (s**2 + reg) * (U.T @ ratings))


def _solve_row_dual(ratings, factors, reg):
    # (YᵀY + λI)⁻¹ Yᵀ = Yᵀ (YYᵀ + λI)⁻¹: cheaper than the k×k system where a user has fewer than k ratings
    k = factors.shape[1]
    if len(ratings) >= k:  # with more of them and λ = 0, YYᵀ has no inverse
        return np.linalg.solve(factors.T @ factors + reg * np.eye(k), factors.T @ ratings)
    return factors.T @ np.linalg.solve(factors @ factors.T + reg * np.eye(len(ratings)), ratings)


# 2.4 update_factors


def _update_factors_all_items(R, fixed, reg):
    gram = fixed.T @ fixed + reg * np.eye(fixed.shape[1])
    return np.linalg.solve(gram, (csr_array(R) @ fixed).T).T


def _update_factors_zeros_as_ratings(R, fixed, reg):
    return np.array([solve_row(row, fixed, reg) for row in R.toarray()])


def _update_factors_nonzero(R, fixed, reg):
    solved = []
    for row in R.toarray():
        known = row != 0
        solved.append(solve_row(row[known], fixed[known], reg))
    return np.array(solved)


def _update_factors_dense_mask(R, fixed, reg):
    R = csr_array(R)
    known = csr_array((np.ones(R.nnz), R.indices, R.indptr), shape=R.shape).toarray().astype(bool)
    values = R.toarray()
    return np.array([solve_row(row[mask], fixed[mask], reg) for row, mask in zip(values, known, strict=True)])


def _update_factors_in_one_gram(R, fixed, reg):
    R = csr_array(R)
    solved = np.zeros((R.shape[0], fixed.shape[1]))
    rated = np.unique(R.indices)
    gram = fixed[rated].T @ fixed[rated] + reg * np.eye(fixed.shape[1])
    for row in range(R.shape[0]):
        known = slice(R.indptr[row], R.indptr[row + 1])
        solved[row] = np.linalg.solve(gram, fixed[R.indices[known]].T @ R.data[known])
    return solved


def _update_factors_singular_empty_row(R, fixed, reg):
    R = csr_array(R)
    k = fixed.shape[1]
    solved = np.zeros((R.shape[0], k))
    for row in range(R.shape[0]):
        known = slice(R.indptr[row], R.indptr[row + 1])
        Y = fixed[R.indices[known]]
        solved[row] = np.linalg.solve(Y.T @ Y + reg * np.eye(k), Y.T @ R.data[known])
    return solved


def _update_factors_without_penalty(R, fixed, reg):
    R = csr_array(R)
    solved = np.zeros((R.shape[0], fixed.shape[1]))
    for row in range(R.shape[0]):
        known = slice(R.indptr[row], R.indptr[row + 1])
        ratings, Y = R.data[known], fixed[R.indices[known]]
        if len(ratings):
            solved[row] = np.linalg.lstsq(Y, ratings, rcond=None)[0]
    return solved


def _update_factors_comprehension(R, fixed, reg):
    R = R.tocsr()
    bounds = zip(R.indptr[:-1], R.indptr[1:], strict=True)
    return np.stack([solve_row(R.data[a:b], fixed[R.indices[a:b]], reg) for a, b in bounds])


def _update_factors_batched(R, fixed, reg):
    R, k = csr_array(R), fixed.shape[1]
    rows = np.flatnonzero(np.diff(R.indptr))
    outer = (fixed[:, :, None] * fixed[:, None, :]).reshape(len(fixed), k * k)
    known = csr_array((np.ones(R.nnz), R.indices, R.indptr), shape=R.shape)
    grams = (known @ outer).reshape(-1, k, k)[rows] + reg * np.eye(k)
    solved = np.zeros((R.shape[0], k))
    solved[rows] = np.linalg.solve(grams, (R @ fixed)[rows, :, None])[:, :, 0]
    return solved


def _update_factors_by_coo(R, fixed, reg):
    cells = R.tocoo()
    rows, columns = cells.coords
    solved = np.zeros((R.shape[0], fixed.shape[1]))
    for row in np.unique(rows):
        at = rows == row
        solved[row] = solve_row(cells.data[at], fixed[columns[at]], reg)
    return solved


# 2.5 fit_als


def _fit_als_als_wr(R, n_factors, reg_user, reg_item, n_epochs, rng):
    def update(ratings, fixed, reg):
        solved = np.zeros((ratings.shape[0], n_factors))
        for row in range(ratings.shape[0]):
            known = slice(ratings.indptr[row], ratings.indptr[row + 1])
            n_known = known.stop - known.start
            solved[row] = solve_row(ratings.data[known], fixed[ratings.indices[known]], reg * n_known)
        return solved

    Y = rng.normal(scale=0.1, size=(R.shape[1], n_factors))
    history = []
    for _ in range(n_epochs):
        X = update(R, Y, reg_user)
        history.append(objective(R, X, Y, reg_user, reg_item))
        Y = update(csr_array(R.T), X, reg_item)
        history.append(objective(R, X, Y, reg_user, reg_item))
    return X, Y, history


def _fit_als_once_per_epoch(R, n_factors, reg_user, reg_item, n_epochs, rng):
    Y = rng.normal(scale=0.1, size=(R.shape[1], n_factors))
    history = []
    for _ in range(n_epochs):
        X = update_factors(R, Y, reg_user)
        Y = update_factors(R.T, X, reg_item)
        history.append(objective(R, X, Y, reg_user, reg_item))
    return X, Y, history


def _fit_als_items_first(R, n_factors, reg_user, reg_item, n_epochs, rng):
    X = rng.normal(scale=0.1, size=(R.shape[0], n_factors))
    history = []
    for _ in range(n_epochs):
        Y = update_factors(R.T, X, reg_item)
        history.append(objective(R, X, Y, reg_user, reg_item))
        X = update_factors(R, Y, reg_user)
        history.append(objective(R, X, Y, reg_user, reg_item))
    return X, Y, history


def _fit_als_stale_users(R, n_factors, reg_user, reg_item, n_epochs, rng):
    X = rng.normal(scale=0.1, size=(R.shape[0], n_factors))
    Y = rng.normal(scale=0.1, size=(R.shape[1], n_factors))
    history = []
    for _ in range(n_epochs):
        old = X
        X = update_factors(R, Y, reg_user)
        history.append(objective(R, X, Y, reg_user, reg_item))
        Y = update_factors(R.T, old, reg_item)
        history.append(objective(R, X, Y, reg_user, reg_item))
    return X, Y, history


def _fit_als_stale_and_sorted(R, n_factors, reg_user, reg_item, n_epochs, rng):
    X = rng.normal(scale=0.1, size=(R.shape[0], n_factors))
    Y = rng.normal(scale=0.1, size=(R.shape[1], n_factors))
    history = []
    for _ in range(n_epochs):
        X, Y = update_factors(R, Y, reg_user), update_factors(R.T, X, reg_item)
        history += [objective(R, X, Y, reg_user, reg_item)] * 2
    return X, Y, sorted(history, reverse=True)


def _fit_als_records_rmse(R, n_factors, reg_user, reg_item, n_epochs, rng):
    Y = rng.normal(scale=0.1, size=(R.shape[1], n_factors))
    history = []
    for _ in range(n_epochs):
        X = update_factors(R, Y, reg_user)
        history.append(np.sqrt(objective(R, X, Y, 0.0, 0.0) / R.nnz))
        Y = update_factors(R.T, X, reg_item)
        history.append(np.sqrt(objective(R, X, Y, 0.0, 0.0) / R.nnz))
    return X, Y, history


def _fit_als_record_twice(R, n_factors, reg_user, reg_item, n_epochs, rng):
    Y = rng.normal(scale=0.1, size=(R.shape[1], n_factors))
    history = []
    for _ in range(n_epochs):
        X = update_factors(R, Y, reg_user)
        Y = update_factors(R.T, X, reg_item)
        history += [objective(R, X, Y, reg_user, reg_item)] * 2
    return X, Y, history


def _fit_als_closures(R, n_factors, reg_user, reg_item, n_epochs, rng):
    sides = {"users": 0.1 * rng.standard_normal((R.shape[0], n_factors)), "items": None}
    sides["items"] = 0.1 * rng.standard_normal((R.shape[1], n_factors))
    history = []
    for half_step in range(2 * n_epochs):
        if half_step % 2 == 0:
            sides["users"] = update_factors(R, sides["items"], reg_user)
        else:
            sides["items"] = update_factors(R.T, sides["users"], reg_item)
        history.append(objective(R, sides["users"], sides["items"], reg_user, reg_item))
    return sides["users"], sides["items"], np.array(history)


def _fit_als_items_drawn_only(R, n_factors, reg_user, reg_item, n_epochs, rng):
    Y, history = rng.normal(0, 0.1, (R.shape[1], n_factors)), []
    for _ in range(n_epochs):
        X = update_factors(R, Y, reg_user)
        after_users = objective(R, X, Y, reg_user, reg_item)
        Y = update_factors(R.T, X, reg_item)
        history.extend([after_users, objective(R, X, Y, reg_user, reg_item)])
    return X, Y, history


# 2.6 counts_unknown_as_zero


def _counts_exact(R, fixed, reg, X):
    return not np.array_equal(X, update_factors(R, fixed, reg))


def _counts_first_row(R, fixed, reg, X):
    known_only = update_factors(R, fixed, reg)
    return bool(not np.allclose(X[0], known_only[0]))


def _counts_last_row(R, fixed, reg, X):
    return bool(not np.allclose(X[-1], update_factors(R, fixed, reg)[-1]))


def _counts_loose(R, fixed, reg, X):
    return bool(not np.allclose(X, update_factors(R, fixed, reg), atol=0.1))


def _counts_every_row(R, fixed, reg, X):
    known_only = update_factors(R, fixed, reg)
    return bool(np.all(np.abs(X - known_only).max(axis=1) > 1e-6))


def _counts_shrunken(R, fixed, reg, X):
    return bool(np.linalg.norm(X) < 0.8 * np.linalg.norm(update_factors(R, fixed, reg)))


def _counts_shorter(R, fixed, reg, X):
    return bool(np.linalg.norm(X) < np.linalg.norm(update_factors(R, fixed, reg)) - 1e-8)


def _counts_without_penalty(R, fixed, reg, X):
    return bool(not np.allclose(X, update_factors(R, fixed, 0.0), atol=1e-6))


def _counts_stored_zeros(R, fixed, reg, X):
    R = csr_array(R.copy())
    R.eliminate_zeros()
    return bool(not np.allclose(X, update_factors(R, fixed, reg), atol=1e-6))


def _counts_by_residual(R, fixed, reg, X):
    # the gradient of the penalised sum over all cells is zero for the wrong update alone
    matrix = fixed.T @ fixed + reg * np.eye(fixed.shape[1])
    gradient = matrix @ X.T - (R @ fixed).T
    return bool(np.max(np.abs(np.linalg.solve(matrix, gradient))) < 1e-6)  # in the unit of X, not of L


def _counts_by_closeness(R, fixed, reg, X):
    return not np.allclose(X, update_factors(R, fixed, reg), rtol=0, atol=1e-7)


def _counts_by_loop(R, fixed, reg, X):
    stars, k = R.toarray(), fixed.shape[1]
    gram = fixed.T @ fixed + reg * np.eye(k)
    wanted = [np.linalg.solve(gram, fixed.T @ row) for row in stars]
    return all(np.allclose(x, y, rtol=0, atol=1e-6) for x, y in zip(X, wanted, strict=True))


MUTANTS = {
    "predict": {
        "mean_forgotten": Edit("mu + np.vecdot", "np.vecdot", says="μ is missing", headline=True),
        "every_user_with_every_item": Edit(
            "np.vecdot(X[users], Y[items])",
            "X[users] @ Y[items].T",
            says="multiply row by row",
            headline=True,
        ),
        "whole_table_first": Edit(
            "np.vecdot(X[users], Y[items])",
            "(X @ Y.T)[users, items]",
            says="multiply row by row",
            headline=True,
        ),
        "summed_over_the_pairs": Edit("Y[items])", "Y[items], axis=0)", says="sum over the pairs"),
        "averaged_over_the_factors": Edit(
            "np.vecdot(X[users], Y[items])", "np.mean(X[users] * Y[items], axis=1)", says="averaged"
        ),
        "product_not_summed": Edit(
            "np.vecdot(X[users], Y[items])", "X[users] * Y[items]", says="sum over the factors"
        ),
        "first_rows": Edit("X[users]", "X[: len(users)]", says="take X[users]"),
        "users_for_items": Edit("Y[items]", "Y[users]", says="take Y[items]"),
        "each_pair_once": Edit("Y[items]", "Y[np.unique(items)]"),
        "clipped": Edit(
            "mu + np.vecdot(X[users], Y[items])",
            "np.clip(mu + np.vecdot(X[users], Y[items]), 0.5, 5)",
            says="clipped",
        ),
        "diagonal_of_all_pairs": Whole(_predict_diagonal, says="ran out of memory", headline=True),
        "not_returned": Edit("return mu +", "mu +", says="return"),
    },
    "objective": {
        "zeros_as_ratings": Whole(
            _objective_zeros_as_ratings, says="unknown cells count as ratings of 0", headline=True
        ),
        "dense_mask": Whole(_objective_dense_mask, says="ran out of memory", headline=True),
        "zero_ratings_left_out": Whole(_objective_nonzero, says="exactly 0 is left out", headline=True),
        "in_the_type_of_the_ratings": Whole(_objective_in_their_type, says="whole numbers"),
        "averaged": Edit("errors @ errors", "np.mean(errors**2)", says="averaged"),
        "averaged_over_all_cells": Edit(
            "errors @ errors", "errors @ errors / (len(X) * len(Y))", says="averaged over all cells"
        ),
        "all_averaged": Edit(
            "np.sum(Y**2))", "np.sum(Y**2)) / R.nnz", says="divided by the number of ratings"
        ),
        "rmse": Edit("errors @ errors", "np.sqrt(np.mean(errors**2))", says="this is the RMSE"),
        "root_of_all": Edit(
            "errors @ errors + reg_user * np.sum(X**2) + reg_item * np.sum(Y**2)",
            "np.sqrt(errors @ errors + reg_user * np.sum(X**2) + reg_item * np.sum(Y**2))",
            says="the root of L",
        ),
        "absolute_errors": Edit("errors @ errors", "np.abs(errors).sum()", says="absolute values"),
        "added_up_then_squared": Edit("errors @ errors", "errors.sum() ** 2", says="square each of them"),
        "summing_forgotten": Edit(
            "float(errors @ errors + reg_user * np.sum(X**2) + reg_item * np.sum(Y**2))",
            "errors**2 + reg_user * np.sum(X**2) + reg_item * np.sum(Y**2)",
            says="is a sum or a mean missing",
        ),
        "halved": Edit("errors @ errors", "0.5 * errors @ errors", says="the errors are halved"),
        "penalty_halved": Edit(
            "reg_user * np.sum(X**2) + reg_item",
            "reg_user / 2 * np.sum(X**2) + reg_item / 2",
            says="the penalty is halved",
        ),
        "penalty_forgotten": Edit(
            " + reg_user * np.sum(X**2) + reg_item * np.sum(Y**2)",
            "",
            says="the penalty is missing",
            headline=True,
        ),
        "penalty_subtracted": Edit(
            "+ reg_user * np.sum(X**2) + reg_item", "- reg_user * np.sum(X**2) - reg_item", says="subtracted"
        ),
        "penalty_of_users_only": Edit(
            " + reg_item * np.sum(Y**2)", "", says="the penalty of the items is missing"
        ),
        "penalty_of_items_only": Edit(
            " + reg_user * np.sum(X**2)", "", says="the penalty of the users is missing"
        ),
        "penalty_of_rated_rows": Whole(_objective_without_empty_rows, says="rows without ratings"),
        "one_penalty_for_both": Edit(
            "reg_item * np.sum(Y**2)",
            "reg_user * np.sum(Y**2)",
            says="reg_user is used for the items",
            headline=True,
        ),
        "penalties_exchanged": Edit(
            "reg_user * np.sum(X**2) + reg_item * np.sum(Y**2)",
            "reg_item * np.sum(X**2) + reg_user * np.sum(Y**2)",
            says="exchanged",
            headline=True,
        ),
        "norm_not_squared": Edit(
            "reg_user * np.sum(X**2) + reg_item * np.sum(Y**2)",
            "reg_user * np.linalg.norm(X) + reg_item * np.linalg.norm(Y)",
            says="the norm is not squared",
        ),
        "row_norms_not_squared": Edit(
            "reg_user * np.sum(X**2) + reg_item * np.sum(Y**2)",
            "reg_user * np.linalg.norm(X, axis=1).sum() + reg_item * np.linalg.norm(Y, axis=1).sum()",
            says="the norms of the rows",
        ),
        "penalty_averaged": Edit(
            "reg_user * np.sum(X**2) + reg_item * np.sum(Y**2)",
            "reg_user * np.mean(X**2) + reg_item * np.mean(Y**2)",
            says="the penalty is averaged",
        ),
        "penalty_per_rating": Edit(
            "reg_user * np.sum(X**2) + reg_item * np.sum(Y**2)",
            "reg_user * np.sum(X[users] ** 2) + reg_item * np.sum(Y[items] ** 2)",
            says="once per rating",
        ),
        "users_and_items_confused": Edit(
            "predict(0.0, X, Y, users, items)",
            "predict(0.0, X, Y, items, users)",
            says="stopped with IndexError",
        ),
        "centred_again": Edit(
            "known.data - predict", "known.data - known.data.mean() - predict", says="centred already"
        ),
    },
    "solve_row": {
        "small_singular_values_dropped": Edit(
            "np.linalg.solve(factors.T @ factors + reg * np.eye(k), factors.T @ ratings)",
            "np.linalg.lstsq(factors.T @ factors + reg * np.eye(k), factors.T @ ratings, rcond=1e-3)[0]",
            says="drops axes",
        ),
        "a_little_more_penalty": Edit(
            "reg * np.eye(k)", "(reg + 1e-9) * np.eye(k)", says="nothing clipped, added"
        ),
        "dual_of_many_ratings_without_a_penalty": Edit(
            "return np.linalg.solve(factors.T @ factors + reg * np.eye(k), factors.T @ ratings)",
            "return factors.T @ np.linalg.solve(factors @ factors.T + reg * np.eye(len(ratings)), ratings)",
        ),
        "penalty_forgotten": Edit(
            "reg * np.eye(k)", "0.0 * np.eye(k)", says="the penalty is missing", headline=True
        ),
        "huge": Whole(_solve_row_huge),
        "pseudo_inverse": Whole(_solve_row_pinv, says="penalty is missing"),
        "penalty_on_every_entry": Edit("reg * np.eye(k)", "reg", says="every entry", headline=True),
        "als_wr": Edit("reg * np.eye(k)", "reg * len(ratings) * np.eye(k)", says="ALS-WR", headline=True),
        "penalty_doubled": Edit("reg * np.eye(k)", "2 * reg * np.eye(k)", says="counts twice", headline=True),
        "first_factor_free": Edit(
            "reg * np.eye(k)", "reg * np.diag(np.arange(k) > 0)", says="the first factor pays no penalty"
        ),
        "penalty_halved": Edit("reg * np.eye(k)", "reg / 2 * np.eye(k)", says="counts half"),
        "penalty_squared": Edit("reg * np.eye(k)", "reg**2 * np.eye(k)", says="λ is squared"),
        "penalty_subtracted": Edit("+ reg", "- reg", says="wrong sign"),
        "penalty_averaged": Edit("reg * np.eye(k)", "reg / len(ratings) * np.eye(k)", says="averaged"),
        "singular_without_ratings": Edit("if len(ratings) == 0:", "if False:", says="without ratings"),
        "random_without_ratings": Edit("np.zeros(k)", "np.full(k, 0.1)", says="Without ratings x is zero"),
        "factors_not_transposed": Edit("factors.T @ factors", "factors @ factors.T", says="stopped with"),
        "only_with_enough_ratings": Edit("len(ratings) == 0", "len(ratings) < k", says="one rating"),
        "one_number": Edit(
            "np.linalg.solve(factors.T @ factors + reg * np.eye(k), factors.T @ ratings)",
            "(factors.T @ ratings).sum() / (np.sum(factors**2) + reg)",
            says="shape",
        ),
        "factors_kept_apart": Edit(
            "factors.T @ factors", "np.diag(np.sum(factors**2, axis=0))", says="off the diagonal"
        ),
        "early_exit_at_a_sum_of_0": Edit("len(ratings) == 0", "ratings.sum() == 0", says="add up to 0"),
    },
    "update_factors": {
        "all_items": Whole(
            _update_factors_all_items, says="unknown cells count as ratings of 0", headline=True
        ),
        "zeros_as_ratings": Whole(
            _update_factors_zeros_as_ratings, says="unknown cells count as ratings of 0", headline=True
        ),
        "one_matrix_for_all_rows": Whole(_update_factors_in_one_gram, says="all rated items"),
        "dense_mask": Whole(_update_factors_dense_mask, says="ran out of memory"),
        "zero_ratings_left_out": Whole(_update_factors_nonzero, says="exactly 0 are left out", headline=True),
        "singular_for_an_empty_row": Whole(_update_factors_singular_empty_row, says="LinAlgError"),
        "penalty_ignored": Whole(_update_factors_without_penalty, says="the penalty is missing"),
        "penalty_doubled": Edit("]], reg)", "]], 2 * reg)", says="counts twice"),
        "als_wr": Edit("]], reg)", "]], reg * R.data[known].size)", says="ALS-WR", headline=True),
        "first_rows_of_fixed": Edit(
            "fixed[R.indices[known]]", "fixed[: len(R.data[known])]", says="first rows of Y", headline=True
        ),
        "columns_for_rows": Edit("R = csr_array(R)", "R = csr_array(R.T)", says="shape"),
        "transpose_stays_csc": Edit("R = csr_array(R)", "pass", says="R.T", headline=True),
        "in_the_type_of_the_ratings": Edit(
            "fixed.shape[1]))", "fixed.shape[1]), dtype=R.dtype)", says="whole numbers"
        ),
        "last_row_forgotten": Edit("in range(R.shape[0])", "in range(R.shape[0] - 1)", says="end too early"),
        "rows_shifted": Edit("R.indptr[row + 1])", "R.indptr[row + 1] - 1)"),
        "centred_again": Edit(
            "solve_row(R.data[known],",
            "solve_row(R.data[known] - (R.data[known].mean() if len(R.data[known]) else 0),",
            says="centred already",
        ),
        "centred_in_place": Edit(
            "solved = np", "R.data -= R.data.mean()\n    solved = np", says="R.data was changed"
        ),
        "written_into_fixed": Edit(
            "solved[row] = solve_row",
            "fixed[row % len(fixed)] = solved[row] = solve_row",
            says="fixed was changed",
        ),
        "columns_taken_as_sorted": Edit(
            "fixed[R.indices[known]]", "fixed[np.sort(R.indices[known])]", says="out of order"
        ),
        "rows_of_sum_0_skipped": Edit(
            "        solved[row] = solve_row",
            "        if R.data[known].sum() == 0:\n            continue\n        solved[row] = solve_row",
            says="update_factors (R: ",
        ),
    },
    "fit_als": {
        "ten_epochs_at_most": Edit(
            "for _ in range(n_epochs):\n",
            "for epoch in range(n_epochs):\n        if epoch >= 10:\n"
            "            history += history[-1:] * 2\n            continue\n",
            says="take all epochs",
        ),
        "stale_users": Whole(_fit_als_stale_users, says="stale users", headline=True),
        "stale_users_well_hidden": Whole(_fit_als_stale_and_sorted, says="stale users", headline=True),
        "als_wr": Whole(_fit_als_als_wr, says="ALS-WR"),
        "one_value_an_epoch": Whole(_fit_als_once_per_epoch, says="two half-steps", headline=True),
        "one_value_twice": Whole(_fit_als_record_twice, says="twice"),
        "items_first": Whole(_fit_als_items_first, says="users first"),
        "reg_user_for_items": Edit(
            "by_item, X, reg_item",
            "by_item, X, reg_user",
            says="items are updated with reg_user",
            headline=True,
        ),
        "reg_item_for_users": Edit(
            "update_factors(R, Y, reg_user)",
            "update_factors(R, Y, reg_item)",
            says="users are updated with reg_item",
            headline=True,
        ),
        "no_penalty_of_items": Edit("by_item, X, reg_item", "by_item, X, 0.0"),
        "zero_start": Edit(
            "Y = rng.normal(scale=0.1, size=(R.shape[1], n_factors))",
            "Y = np.zeros((R.shape[1], n_factors))",
            says="all factors are 0",
            headline=True,
        ),
        "history_of_rmse": Whole(_fit_als_records_rmse, says="holds the RMSE", headline=True),
        "history_by_side": Edit(
            "return X, Y, history",
            'return X, Y, {"users": history[::2], "items": history[1::2]}',
            says="a list of them",
        ),
        "constant_start": Edit(
            "Y = rng.normal(scale=0.1, size=(R.shape[1], n_factors))",
            "Y = np.full((R.shape[1], n_factors), 0.1)",
            says="copies of each other",
            headline=True,
        ),
        "seed_of_its_own": Edit(
            "X = rng.normal", "rng = np.random.default_rng(42)\n    X = rng.normal", says="Another rng"
        ),
        "global_generator": Edit("Y = rng.normal(scale=0.1,", "Y = np.random.normal(scale=0.1,", says="rng"),
        "transposed_result": Edit("return X, Y, history", "return X.T, Y.T, history", says="shape"),
        "exchanged_result": Edit("return X, Y, history", "return Y, X, history", says="shape"),
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
        "an_epoch_too_few": Edit("range(n_epochs)", "range(n_epochs - 1)", says="half-steps"),
        "start_recorded_too": Edit(
            "history = []", "history = [objective(R, X, Y, reg_user, reg_item)]", says="half-steps"
        ),
        "centred_again": Edit(
            "by_item = csr_array(R.T)",
            "R = R.copy()\n    R.data -= R.data.mean()\n    by_item = csr_array(R.T)",
            says="centred already",
        ),
        "centred_in_place": Edit(
            "by_item = csr_array(R.T)",
            "R.data -= R.data.mean()\n    by_item = csr_array(R.T)",
            says="R.data was changed",
        ),
        "users_once_more": Edit(
            "return X, Y, history", "return update_factors(R, Y, reg_user), Y, history", says="users first"
        ),
    },
    "counts_unknown_as_zero": {
        "a_share_of_the_value": Edit(
            "np.linalg.norm(X - unknown_as_zero) < np.linalg.norm(X - known_only)",
            "np.allclose(X, unknown_as_zero)",
            says="Two answers of about 400",
        ),
        "always_true": Edit(
            "return bool(np.linalg.norm(X - unknown_as_zero) < np.linalg.norm(X - known_only))",
            "return True",
            headline=True,
        ),
        "always_false": Edit(
            "return bool(np.linalg.norm(X - unknown_as_zero) < np.linalg.norm(X - known_only))",
            "return False",
            headline=True,
        ),
        "the_other_way_round": Edit(" < ", " > ", headline=True),
        "exact_equality": Whole(_counts_exact, says="over the known cells only", headline=True),
        "first_row_only": Whole(_counts_first_row, says="First row without ratings"),
        "last_row_only": Whole(_counts_last_row, says="A single unknown cell"),
        "every_row_must_differ": Whole(_counts_every_row),
        "tolerance_too_wide": Whole(_counts_loose),
        "tolerance_above_the_promise": Edit(
            "np.linalg.norm(X - unknown_as_zero) < np.linalg.norm(X - known_only)",
            "np.allclose(X, unknown_as_zero, rtol=0, atol=2e-5)",
            says="One user and one factor",
        ),
        "shrinkage_as_evidence": Whole(_counts_shrunken),
        "shorter_as_evidence": Whole(_counts_shorter, says="A single unknown cell"),
        "penalty_forgotten": Whole(_counts_without_penalty),
        "zero_ratings_left_out": Whole(_counts_stored_zeros),
    },
}

ALTERNATIVES = {
    "predict": {
        "loop": _predict_loop,
        "einsum": _predict_einsum,
        "product_and_sum": _predict_product_and_sum,
        "by_factor": _predict_by_factor,
    },
    "objective": {"row_by_row": _objective_row_by_row, "repeat_and_bincount": _objective_repeat},
    "solve_row": {
        "augmented_least_squares": _solve_row_lstsq,
        "cholesky": _solve_row_cholesky,
        "svd": _solve_row_svd,
        "dual": _solve_row_dual,
    },
    "update_factors": {
        "comprehension": _update_factors_comprehension,
        "batched": _update_factors_batched,
        "by_cells": _update_factors_by_coo,
    },
    "fit_als": {"half_steps_in_one_loop": _fit_als_closures, "only_items_drawn": _fit_als_items_drawn_only},
    "counts_unknown_as_zero": {
        "gradient": _counts_by_residual,
        "closeness": _counts_by_closeness,
        "row_by_row": _counts_by_loop,
    },
}
