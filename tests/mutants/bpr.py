"""Unit 06: known wrong solutions of the exercises on Bayesian personalised ranking, and other right ones."""

from __future__ import annotations

import numpy as np

from solutions.bpr import bpr_step, sample_negative
from tests.mutants import Edit, Whole

# 6.1 bpr_loss


def _loss_naive(d):
    return -np.log(1 / (1 + np.exp(-np.asarray(d, dtype=float))))


def _loss_log1p(d):
    return np.log1p(np.exp(-np.asarray(d, dtype=float)))


def _loss_difference_cut_off(d):
    return np.log1p(np.exp(-np.clip(d, -30, 30)))


def _loss_probability_cut_off(d):
    sigma = 1 / (1 + np.exp(-np.clip(d, -700, 700)))
    return -np.log(np.maximum(sigma, 1e-10))


def _loss_arrays_only(d):
    loss = np.log1p(np.exp(-abs(d)))
    loss[d < 0] -= d[d < 0]
    return loss


def _loss_in_place(d):
    d *= -1.0
    return np.logaddexp(0.0, d)


def _loss_two_cases(d):
    return np.maximum(-d, 0.0) + np.log1p(np.exp(-np.abs(d)))


def _loss_scipy(d):
    from scipy.special import log_expit

    return -log_expit(d)


def _loss_number_by_number(d):
    import math

    return np.vectorize(lambda z: max(-z, 0.0) + math.log1p(math.exp(-abs(z))))(d)


# 6.2 sample_negative


def _negative_never_first(positives, n_items, rng):
    if len(positives) == n_items:
        raise ValueError("no negative")
    while True:
        j = int(rng.integers(1, n_items)) if n_items > 1 else 0
        if j not in positives:
            return j


def _negative_never_last(positives, n_items, rng):
    if len(positives) == n_items:
        raise ValueError("no negative")
    while True:
        j = int(rng.integers(max(n_items - 1, 1)))
        if j not in positives:
            return j


def _negative_endless(positives, n_items, rng):
    while True:
        j = int(rng.integers(n_items))
        if j not in positives:
            return j


def _negative_any(positives, n_items, rng):
    if len(positives) == n_items:
        raise ValueError("no negative")
    return int(rng.integers(n_items))


def _negative_next_free(positives, n_items, rng):
    if len(positives) == n_items:
        raise ValueError("no negative")
    j = int(rng.integers(n_items))
    while j in positives:
        j = (j + 1) % n_items
    return j


def _negative_three_tries(positives, n_items, rng):
    if len(positives) == n_items:
        raise ValueError("no negative")
    for _ in range(3):
        j = int(rng.integers(n_items))
        if j not in positives:
            break
    return j


def _negative_hundred_tries(positives, n_items, rng):
    # gives up where it had no luck, though there is a negative
    for _ in range(100):
        j = int(rng.integers(n_items))
        if j not in positives:
            return j
    raise ValueError("no negative found")


def _negative_ten_tries_then_the_first(positives, n_items, rng):
    if len(positives) == n_items:
        raise ValueError("no negative")
    for _ in range(10):
        j = int(rng.integers(n_items))
        if j not in positives:
            return j
    return int(np.setdiff1d(np.arange(n_items), positives)[0])


def _negative_rounded(positives, n_items, rng):
    free = np.setdiff1d(np.arange(n_items), positives)
    if len(free) == 0:
        raise ValueError("no negative")
    return int(free[round(rng.random() * (len(free) - 1))])


def _negative_minus_one(positives, n_items, rng):
    free = np.setdiff1d(np.arange(n_items), positives)
    return int(rng.choice(free)) if len(free) else -1


def _negative_in_place(positives, n_items, rng):
    n_free = n_items - len(positives)
    if n_free == 0:
        raise ValueError("no negative")
    positives -= np.arange(len(positives))
    number = rng.integers(n_free)
    return int(number + np.searchsorted(positives, number, side="right"))


def _negative_in_a_gap(positives, n_items, rng):
    # a gap between positives first, then an item in it: wide gaps get too little
    ends = np.concatenate([[-1], positives, [n_items]])
    gaps = np.flatnonzero(np.diff(ends) > 1)
    if len(gaps) == 0:
        raise ValueError("no negative")
    gap = rng.choice(gaps)
    return int(rng.integers(ends[gap] + 1, ends[gap + 1]))


def _negative_from_list(positives, n_items, rng):
    free = np.setdiff1d(np.arange(n_items), positives)
    if len(free) == 0:
        raise ValueError("no negative")
    return rng.choice(free)


def _negative_by_rejection(positives, n_items, rng):
    if len(positives) >= n_items:
        raise ValueError("no negative")
    known = set(positives.tolist())
    while True:
        j = int(rng.integers(n_items))
        if j not in known:
            return j


def _negative_by_rejection_with_isin(positives, n_items, rng):
    # some fifty lines of Python a try: far from a loop without an end
    if len(positives) == n_items:
        raise ValueError("no negative")
    j = rng.integers(n_items)
    while np.isin(j, positives):
        j = rng.integers(n_items)
    return int(j)


def _negative_by_mask(positives, n_items, rng):
    free = np.ones(n_items, dtype=bool)
    free[positives.astype(int)] = False
    if not free.any():
        raise ValueError("no negative")
    codes = np.flatnonzero(free)
    return int(codes[int(rng.random() * len(codes))])


# 6.3 bpr_step


def _step_views(X, Y, u, i, j, lr, reg):
    # "saved" vectors that are views: by the time the items move, x has moved
    x, y_i, y_j = X[u], Y[i], Y[j]
    difference = y_i - y_j
    d = x @ difference
    pull = np.exp(-np.logaddexp(0.0, d))
    X[u] += lr * (pull * difference - reg * x)
    Y[i] += lr * (pull * x - reg * y_i)
    Y[j] += lr * (-pull * x - reg * y_j)
    return np.logaddexp(0.0, -d)


def _step_items_first(X, Y, u, i, j, lr, reg):
    d = X[u] @ (Y[i] - Y[j])
    pull = np.exp(-np.logaddexp(0.0, d))
    Y[i] += lr * (pull * X[u] - reg * Y[i])
    Y[j] += lr * (-pull * X[u] - reg * Y[j])
    X[u] += lr * (pull * (Y[i] - Y[j]) - reg * X[u])
    return np.logaddexp(0.0, -d)


def _step_nothing_written(X, Y, u, i, j, lr, reg):
    x, y_i, y_j = X[u], Y[i], Y[j]
    d = x @ (y_i - y_j)
    pull = np.exp(-np.logaddexp(0.0, d))
    x, y_i, y_j = (
        x + lr * (pull * (y_i - y_j) - reg * x),
        y_i + lr * (pull * x - reg * y_i),
        y_j + lr * (-pull * x - reg * y_j),
    )
    return np.logaddexp(0.0, -d)


def _step_overflows(X, Y, u, i, j, lr, reg):
    x, difference = X[u].copy(), Y[i] - Y[j]
    d = x @ difference
    pull = np.exp(-d) / (1 + np.exp(-d))
    X[u] += lr * (pull * difference - reg * x)
    Y[i] += lr * (pull * x - reg * Y[i])
    Y[j] += lr * (-pull * x - reg * Y[j])
    return np.log1p(np.exp(-d))


def _step_math_overflows(X, Y, u, i, j, lr, reg):
    import math

    x, difference = X[u].copy(), Y[i] - Y[j]
    d = float(x @ difference)
    pull = 1 / (1 + math.exp(d))
    X[u] += lr * (pull * difference - reg * x)
    Y[i] += lr * (pull * x - reg * Y[i])
    Y[j] += lr * (-pull * x - reg * Y[j])
    return math.log1p(math.exp(-d))


def _step_decays_everything(X, Y, u, i, j, lr, reg):
    x, y_i, y_j = X[u].copy(), Y[i].copy(), Y[j].copy()
    d = x @ (y_i - y_j)
    pull = np.exp(-np.logaddexp(0.0, d))
    X *= 1 - lr * reg
    Y *= 1 - lr * reg
    X[u] += lr * pull * (y_i - y_j)
    Y[i] += lr * pull * x
    Y[j] -= lr * pull * x
    return np.logaddexp(0.0, -d)


def _step_decays_first(X, Y, u, i, j, lr, reg):
    # the penalty of the rows first, then the rest from the rows that are shorter already
    d = X[u] @ (Y[i] - Y[j])
    pull = np.exp(-np.logaddexp(0.0, d))
    X[u] *= 1 - lr * reg
    Y[[i, j]] *= 1 - lr * reg
    x = X[u].copy()
    X[u] += lr * pull * (Y[i] - Y[j])
    Y[i] += lr * pull * x
    Y[j] -= lr * pull * x
    return np.logaddexp(0.0, -d)


def _step_in_rows_of_one(X, Y, u, i, j, lr, reg):
    x, pair = X[[u]], Y[[i, j]]
    difference = pair[:1] - pair[1:]
    d = (x * difference).sum(axis=1)
    pull = np.exp(-np.logaddexp(0.0, d))
    X[[u]] += lr * (pull * difference - reg * x)
    Y[[i, j]] += lr * (pull * np.vstack([x, -x]) - reg * pair)
    return np.logaddexp(0.0, -d)


def _step_loss_after(X, Y, u, i, j, lr, reg):
    x, difference = X[u].copy(), Y[i] - Y[j]
    pull = np.exp(-np.logaddexp(0.0, x @ difference))
    X[u] += lr * (pull * difference - reg * x)
    Y[i] += lr * (pull * x - reg * Y[i])
    Y[j] += lr * (-pull * x - reg * Y[j])
    return np.logaddexp(0.0, -X[u] @ (Y[i] - Y[j]))


def _step_loss_with_penalty(X, Y, u, i, j, lr, reg):
    x, y_i, y_j = X[u].copy(), Y[i].copy(), Y[j].copy()
    d = x @ (y_i - y_j)
    pull = np.exp(-np.logaddexp(0.0, d))
    X[u] += lr * (pull * (y_i - y_j) - reg * x)
    Y[i] += lr * (pull * x - reg * y_i)
    Y[j] += lr * (-pull * x - reg * y_j)
    return np.logaddexp(0.0, -d) + 0.5 * reg * (x @ x + y_i @ y_i + y_j @ y_j)


def _step_copies(X, Y, u, i, j, lr, reg):
    x, difference = X[u].copy(), Y[i] - Y[j]
    d = x @ difference
    small = np.exp(-abs(d))
    pull = (small if d > 0 else 1.0) / (1.0 + small)
    X[u] += lr * (pull * difference - reg * x)
    Y[i] += lr * (pull * x - reg * Y[i])
    Y[j] += lr * (-pull * x - reg * Y[j])
    return np.log1p(small) + max(-d, 0.0)


def _step_logaddexp(X, Y, u, i, j, lr, reg):
    d = X[u] @ (Y[i] - Y[j])
    pull, keep = np.exp(-np.logaddexp(0.0, d)), 1 - lr * reg
    step_x, step_y = lr * pull * (Y[i] - Y[j]), lr * pull * X[u]
    X[u] = keep * X[u] + step_x
    Y[i] = keep * Y[i] + step_y
    Y[j] = keep * Y[j] - step_y
    return float(np.logaddexp(0.0, -d))


def _step_rows_together(X, Y, u, i, j, lr, reg):
    from scipy.special import expit, log_expit

    x, pair, signs = X[u].copy(), Y[[i, j]], np.array([1.0, -1.0])
    d = signs @ (pair @ x)
    X[u] -= lr * (reg * x - expit(-d) * (signs @ pair))
    Y[[i, j]] = pair - lr * (reg * pair - expit(-d) * np.outer(signs, x))
    return -log_expit(d)


# 6.4 bpr_epoch


def _epoch_user_by_user(R, X, Y, lr, reg, rng):
    total = 0.0
    for u in range(R.shape[0]):
        own = R.indices[R.indptr[u] : R.indptr[u + 1]]
        for _ in own:
            j = sample_negative(own, R.shape[1], rng)
            total += bpr_step(X, Y, u, rng.choice(own), j, lr, reg)
    return total / R.nnz


def _epoch_users_alike(R, X, Y, lr, reg, rng):
    active = np.flatnonzero(np.diff(R.indptr))
    total = 0.0
    for u in rng.choice(active, size=R.nnz):
        own = R.indices[R.indptr[u] : R.indptr[u + 1]]
        total += bpr_step(X, Y, u, rng.choice(own), sample_negative(own, R.shape[1], rng), lr, reg)
    return total / R.nnz


def _epoch_a_step_a_user(R, X, Y, lr, reg, rng):
    active = rng.permutation(np.flatnonzero(np.diff(R.indptr)))
    total = 0.0
    for u in active:
        own = R.indices[R.indptr[u] : R.indptr[u + 1]]
        total += bpr_step(X, Y, u, rng.choice(own), sample_negative(own, R.shape[1], rng), lr, reg)
    return total / len(active)


def _epoch_falling(R, X, Y, lr, reg, rng):
    users = np.repeat(np.arange(R.shape[0]), np.diff(R.indptr))
    total = 0.0
    for cell in rng.integers(R.nnz, size=R.nnz):
        u, i = users[cell], R.indices[cell]
        j = sample_negative(R.indices[R.indptr[u] : R.indptr[u + 1]], R.shape[1], rng)
        total -= np.logaddexp(0.0, X[u] @ (Y[i] - Y[j]))
        bpr_step(X, Y, u, i, j, lr, reg)
    return total / R.nnz


def _epoch_loss_after(R, X, Y, lr, reg, rng):
    users = np.repeat(np.arange(R.shape[0]), np.diff(R.indptr))
    total = 0.0
    for cell in rng.integers(R.nnz, size=R.nnz):
        u, i = users[cell], R.indices[cell]
        j = sample_negative(R.indices[R.indptr[u] : R.indptr[u + 1]], R.shape[1], rng)
        bpr_step(X, Y, u, i, j, lr, reg)
        total += np.logaddexp(0.0, -X[u] @ (Y[i] - Y[j]))
    return total / R.nnz


def _epoch_endless(R, X, Y, lr, reg, rng):
    users = np.repeat(np.arange(R.shape[0]), np.diff(R.indptr))
    total = 0.0
    for cell in rng.integers(R.nnz, size=R.nnz):
        u, i = users[cell], R.indices[cell]
        own = set(R.indices[R.indptr[u] : R.indptr[u + 1]].tolist())
        j = int(rng.integers(R.shape[1]))
        while j in own:
            j = int(rng.integers(R.shape[1]))
        total += bpr_step(X, Y, u, i, j, lr, reg)
    return total / R.nnz


def _epoch_one_negative_a_user(R, X, Y, lr, reg, rng):
    rows = [R.indices[R.indptr[u] : R.indptr[u + 1]] for u in range(R.shape[0])]
    negatives = [sample_negative(own, R.shape[1], rng) if len(own) else -1 for own in rows]
    users = np.repeat(np.arange(R.shape[0]), np.diff(R.indptr))
    total = 0.0
    for cell in rng.integers(R.nnz, size=R.nnz):
        u, i = users[cell], R.indices[cell]
        total += bpr_step(X, Y, u, i, negatives[u], lr, reg)
    return total / R.nnz


def _epoch_all_at_once(R, X, Y, lr, reg, rng):
    # vectorised: the gradients of all triples at the factors of before the epoch, added up
    users = np.repeat(np.arange(R.shape[0]), np.diff(R.indptr))
    cells = rng.integers(R.nnz, size=R.nnz)
    u, i = users[cells], R.indices[cells]
    rows = [R.indices[R.indptr[v] : R.indptr[v + 1]] for v in u]
    j = np.array([sample_negative(own, R.shape[1], rng) for own in rows])
    x, y, z = X[u], Y[i], Y[j]
    d = np.sum(x * (y - z), axis=1)
    pull = np.exp(-np.logaddexp(0.0, d))[:, None]
    np.add.at(X, u, lr * (pull * (y - z) - reg * x))
    np.add.at(Y, i, lr * (pull * x - reg * y))
    np.add.at(Y, j, lr * (-pull * x - reg * z))
    return np.logaddexp(0.0, -d).mean()


def _epoch_next_free(R, X, Y, lr, reg, rng):
    users = np.repeat(np.arange(R.shape[0]), np.diff(R.indptr))
    total = 0.0
    for cell in rng.integers(R.nnz, size=R.nnz):
        u, i = users[cell], R.indices[cell]
        own = R.indices[R.indptr[u] : R.indptr[u + 1]]
        if len(own) == R.shape[1]:
            raise ValueError("no negative")
        j = int(rng.integers(R.shape[1]))
        while j in own:
            j = (j + 1) % R.shape[1]
        total += bpr_step(X, Y, u, i, j, lr, reg)
    return total / R.nnz


def _epoch_zeros_left_out(R, X, Y, lr, reg, rng):
    users, items = R.nonzero()
    total = 0.0
    for cell in rng.integers(len(users), size=R.nnz):
        u, i = users[cell], items[cell]
        j = sample_negative(np.sort(items[users == u]), R.shape[1], rng)
        total += bpr_step(X, Y, u, i, j, lr, reg)
    return total / R.nnz


def _epoch_high_ratings_only(R, X, Y, lr, reg, rng):
    users = np.repeat(np.arange(R.shape[0]), np.diff(R.indptr))
    total = 0.0
    for cell in rng.choice(np.flatnonzero(R.data >= min(4, R.data.max())), size=R.nnz):
        u, i = users[cell], R.indices[cell]
        j = sample_negative(np.sort(R.indices[R.indptr[u] : R.indptr[u + 1]]), R.shape[1], rng)
        total += bpr_step(X, Y, u, i, j, lr, reg)
    return total / R.nnz


def _epoch_by_coordinates(R, X, Y, lr, reg, rng):
    cells = R.tocoo()
    users, items = cells.row, cells.col
    own = {u: np.sort(items[users == u]) for u in np.unique(users)}
    losses = []
    while len(losses) < len(users):
        cell = int(rng.integers(len(users)))
        u, i = int(users[cell]), int(items[cell])
        losses.append(bpr_step(X, Y, u, i, sample_negative(own[u], R.shape[1], rng), lr, reg))
    return sum(losses) / len(losses)


def _epoch_by_searching_rows(R, X, Y, lr, reg, rng):
    cells = (rng.random(R.nnz) * R.nnz).astype(int)
    rows = np.searchsorted(R.indptr, cells, side="right") - 1
    total = 0.0
    for u, i in zip(rows.tolist(), R.indices[cells].tolist(), strict=True):
        free = np.setdiff1d(np.arange(R.shape[1]), R.indices[R.indptr[u] : R.indptr[u + 1]])
        if len(free) == 0:
            raise ValueError(f"user {u} has chosen all items")
        total += bpr_step(X, Y, u, i, int(rng.choice(free)), lr, reg)
    return np.float64(total) / R.nnz


# 6.5 auc


def _auc_all_pairs(scores, positives):
    takes_part = scores > -np.inf
    is_positive = np.zeros(len(scores), dtype=bool)
    is_positive[np.asarray(positives, dtype=int)] = True
    ours, others = scores[takes_part & is_positive], scores[takes_part & ~is_positive]
    if len(ours) == 0 or len(others) == 0:
        return float("nan")
    return float(np.mean(np.where(ours[:, None] == others, 0.5, ours[:, None] > others)))


def _auc_by_argsort(scores, positives):
    # ranks of equal scores as the sort leaves them
    positives = np.asarray(positives, dtype=int)
    positives = positives[scores[positives] > -np.inf]
    n, n_positives = int(np.sum(scores > -np.inf)), len(positives)
    if n_positives in (0, n):
        return float("nan")
    ranks = np.empty(len(scores))
    ranks[np.argsort(scores, kind="stable")] = np.arange(len(scores)) - (len(scores) - n) + 1
    wins = ranks[positives].sum() - n_positives * (n_positives + 1) / 2
    return wins / (n_positives * (n - n_positives))


def _auc_seen_as_zero(scores, positives):
    scores = np.where(np.isneginf(scores), 0.0, scores)
    is_positive = np.zeros(len(scores), dtype=bool)
    is_positive[np.asarray(positives, dtype=int)] = True
    ours, others = scores[is_positive], np.sort(scores[~is_positive])
    if len(ours) == 0 or len(others) == 0:
        return float("nan")
    below, not_above = (np.searchsorted(others, ours, side=side) for side in ("left", "right"))
    return float(np.mean(below + not_above) / (2 * len(others)))


def _auc_sorts_in_place(scores, positives):
    positives = np.asarray(positives, dtype=int)
    ours = scores[positives]
    others = np.delete(scores, positives)
    ours, others = ours[ours > -np.inf], others[others > -np.inf]
    scores.sort()
    others.sort()
    if len(ours) == 0 or len(others) == 0:
        return float("nan")
    below, not_above = (np.searchsorted(others, ours, side=side) for side in ("left", "right"))
    return float(np.mean(below + not_above) / (2 * len(others)))


def _auc_sorts_positives(scores, positives):
    if len(positives):
        positives.sort()
    from scipy.stats import rankdata

    positives = np.asarray(positives, dtype=int)
    positives = positives[scores[positives] > -np.inf]
    n, n_positives = int(np.sum(scores > -np.inf)), len(positives)
    if n_positives in (0, n):
        return float("nan")
    ranks = rankdata(scores) - (len(scores) - n)
    wins = ranks[positives].sum() - n_positives * (n_positives + 1) / 2
    return wins / (n_positives * (n - n_positives))


def _auc_pair_by_pair(scores, positives):
    # right, and a million items would take days
    scores, ours = np.asarray(scores, dtype=float), set(np.asarray(positives, dtype=int).tolist())
    takes_part = [item for item in range(len(scores)) if scores[item] > -np.inf]
    won = [
        (scores[i] > scores[j]) + 0.5 * (scores[i] == scores[j])
        for i in takes_part
        if i in ours
        for j in takes_part
        if j not in ours
    ]
    return float(np.mean(won)) if won else float("nan")


def _auc_by_ranks(scores, positives):
    # Mann and Whitney's U: the sum of the positives' mean ranks among all, minus that among themselves
    from scipy.stats import rankdata

    wanted = np.isin(np.arange(len(scores)), positives)[np.isfinite(scores)]
    ranks = rankdata(scores[np.isfinite(scores)])
    n_positives, n_negatives = int(wanted.sum()), int((~wanted).sum())
    if n_positives == 0 or n_negatives == 0:
        return np.nan
    return (ranks[wanted].sum() - n_positives * (n_positives + 1) / 2) / (n_positives * n_negatives)


def _auc_by_counting_levels(scores, positives):
    wanted = np.zeros(len(scores))
    wanted[list(positives)] = 1
    wanted, scores = wanted[scores != -np.inf], scores[scores != -np.inf]
    if len(scores) == 0 or wanted.sum() in (0, len(wanted)):
        return float("nan")
    _, level = np.unique(scores, return_inverse=True)
    ours, all_of_level = np.bincount(level, weights=wanted), np.bincount(level)
    others = all_of_level - ours
    below = np.cumsum(others) - others
    return float(ours @ (below + others / 2) / (ours.sum() * others.sum()))


def _auc_by_bisection(scores, positives):
    from bisect import bisect_left, bisect_right

    chosen = {int(code) for code in positives}
    ours = [scores[code] for code in chosen if scores[code] > -np.inf]
    others = sorted(s for code, s in enumerate(scores.tolist()) if code not in chosen and s > -np.inf)
    if not ours or not others:
        return float("nan")
    halves = sum(bisect_left(others, s) + bisect_right(others, s) for s in ours)
    return halves / (2 * len(ours) * len(others))


FIRST_LINE = "x_u, y_i, y_j = X[u], Y[i], Y[j]"


def _sample_byte(positives, n_items, rng):
    free = np.setdiff1d(np.arange(n_items), positives)
    if len(free) == 0:
        raise ValueError("nothing to draw")
    return int(free[rng.integers(256 if len(free) > 150 else len(free)) % len(free)])


def _sample_100(positives, n_items, rng):
    if len(positives) == n_items:
        raise ValueError("nothing to draw")
    tries = 100 if n_items > 150 else 100_000
    for _ in range(tries):
        j = int(rng.integers(n_items))
        if j not in positives:
            return j
    return j


MUTANTS = {
    "bpr_loss": {
        "minus_forgotten": Edit(
            "return np.logaddexp", "return -np.logaddexp", says="a loss is −ln σ", headline=True
        ),
        "order_turned_round": Edit(
            "-np.asarray(d", "np.asarray(d", says="punishes the right order", headline=True
        ),
        "falls_without_end": Edit(
            "return np.logaddexp(0.0, -np.asarray",
            "return -np.logaddexp(0.0, np.asarray",
            says="ln σ(−d)",
            headline=True,
        ),
        "one_minus_sigma": Edit(
            "return np.logaddexp(0.0, -np.asarray(d, dtype=float))",
            "return 1 - np.exp(-np.logaddexp(0.0, -np.asarray(d, dtype=float)))",
            says="take the logarithm",
        ),
        "base_2": Edit(
            "return np.logaddexp(0.0, -np.asarray(d, dtype=float))",
            "return np.logaddexp(0.0, -np.asarray(d, dtype=float)) / np.log(2)",
            says="base 2",
        ),
        "naive": Whole(_loss_naive, says="beyond any float", headline=True),
        "log1p_of_exp": Whole(_loss_log1p, says="beyond any float", headline=True),
        "difference_cut_off": Whole(_loss_difference_cut_off, says="cut off"),
        "probability_cut_off": Whole(_loss_probability_cut_off, says="cut off"),
        "arrays_only": Whole(_loss_arrays_only, says="of shape ()"),
        "changed_in_place": Whole(_loss_in_place, says="d was changed"),
        "flattened": Edit(
            "-np.asarray(d, dtype=float)", "-np.ravel(np.asarray(d, dtype=float))", says="shape"
        ),
        "mean": Edit(
            "return np.logaddexp(0.0, -np.asarray(d, dtype=float))",
            "return np.mean(np.logaddexp(0.0, -np.asarray(d, dtype=float)))",
            says="Three differences want three losses",
        ),
        "not_returned": Edit("return np.", "np.", says="return"),
        "in_the_type_of_d": Edit(
            "return np.logaddexp(0.0, -np.asarray(d, dtype=float))",
            "return np.logaddexp(0.0, -np.asarray(d, dtype=float)).astype(np.asarray(d).dtype)",
            says="whole number",
        ),
        "cut_off_at_a_thousand": Edit(
            "np.asarray(d, dtype=float)",
            "np.clip(np.asarray(d, dtype=float), -1000, 1000)",
            says="beyond a thousand",
        ),
    },
    "sample_negative": {
        "never_the_first": Whole(_negative_never_first, says="were never drawn", headline=True),
        "never_the_last": Whole(_negative_never_last, says="were never drawn", headline=True),
        "endless": Whole(_negative_endless, says="loops for ever", headline=True),
        "any_item": Whole(_negative_any, says="were drawn as negatives", headline=True),
        "next_free_item": Whole(_negative_next_free, says="prefers items behind", headline=True),
        "gaps_alike": Whole(_negative_in_a_gap, says="free items"),
        "three_tries": Whole(_negative_three_tries),
        "ten_tries_then_the_first": Whole(_negative_ten_tries_then_the_first, says="gives up after some"),
        "rounded": Whole(_negative_rounded, says="half a share"),
        "hundred_tries": Whole(_negative_hundred_tries, says="stopped with ValueError"),
        "minus_one_for_none": Whole(_negative_minus_one, says="returned -1"),
        "index_error_for_none": Edit("raise ValueError(", "raise IndexError(", says="wanted a ValueError"),
        "one_beyond_the_last_for_none": Edit(
            "if n_free == 0:",
            "n_free = max(n_free, 1)\n    if n_free == 0:",
            says="returned 1; wanted a ValueError",
        ),
        "side_left": Edit('side="right"', 'side="left"'),
        "places_not_subtracted": Edit("positives - np.arange(len(positives))", "positives"),
        "first_free_item": Edit("rng.integers(n_free)", "0", says="draw at random"),
        "seed_of_its_own": Edit(
            "rng.integers(n_free)", "np.random.default_rng(0).integers(n_free)", says="draw at random"
        ),
        "global_generator": Edit(
            "rng.integers(n_free)", "np.random.randint(n_free)", says="uses the global generator of NumPy"
        ),
        "positives_changed": Whole(_negative_in_place, says="positives was changed"),
        "a_float": Edit("return int(", "return float(", says="whole number"),
        "not_returned": Edit("return int(", "_ = int(", says="return"),
        "range_of_a_byte": Whole(_sample_byte, says="however many there are"),
        "gives_up_after_100": Whole(_sample_100, says="is free"),
    },
    "bpr_step": {
        "moves_cut_off_at_1000": Edit(
            "x_u[f] += lr * (pull * (y - z) - reg * x)",
            "x_u[f] += lr * np.clip(pull * (y - z) - reg * x, -1000, 1000)",
        ),
        "saved_vectors_are_views": Whole(_step_views, says="move by the *new* x_u", headline=True),
        "items_first": Whole(_step_items_first, says="*new* y_i and y_j", headline=True),
        "negative_uses_the_new_user": Edit(
            "(-pull * x - reg * z)", "(-pull * x_u[f] - reg * z)", headline=True
        ),
        "nothing_written": Whole(_step_nothing_written, says="did not change", headline=True),
        "overflow": Whole(_step_overflows, says="beyond any float"),
        "overflow_in_math": Whole(_step_math_overflows, says="beyond any float"),
        "penalty_first": Whole(_step_decays_first, says="minus its gradient"),
        "array_of_one": Whole(_step_in_rows_of_one, says="one number"),
        "every_row_decays": Whole(_step_decays_everything, says="changes rows"),
        "uphill": Edit("pull = (", "pull = -(", says="up the gradient"),
        "sigma_of_plus_d": Edit(
            "small if d > 0 else 1.0", "1.0 if d > 0 else small", says="σ(d) stands", headline=True
        ),
        "gradient_of_one_minus_sigma": Edit(
            "(small if d > 0 else 1.0) / (1.0 + small)", "small / (1.0 + small) ** 2", says="not of −ln σ(d)"
        ),
        "no_sigmoid": Edit("(small if d > 0 else 1.0) / (1.0 + small)", "1.0", says="σ(−d) is missing"),
        "d_of_the_positive_alone": Edit("x_u @ y_i - x_u @ y_j", "x_u @ y_i"),
        "i_and_j_exchanged": Edit(FIRST_LINE, "x_u, y_i, y_j = X[u], Y[j], Y[i]"),
        "penalty_forgotten": Edit(FIRST_LINE, f"reg = 0.0\n    {FIRST_LINE}", says="penalty is missing"),
        "penalty_up": Edit(FIRST_LINE, f"reg = -reg\n    {FIRST_LINE}", says="pulls towards 0"),
        "penalty_doubled": Edit(FIRST_LINE, f"reg = 2 * reg\n    {FIRST_LINE}", says="counts twice"),
        "penalty_without_rate": Edit(
            FIRST_LINE, f"reg = reg / lr\n    {FIRST_LINE}", says="belongs to the whole gradient"
        ),
        "negative_unpenalised": Edit(
            "(-pull * x - reg * z)", "(-pull * x)", says="pays no penalty", headline=True
        ),
        "negative_penalty_up": Edit(
            "(-pull * x - reg * z)",
            "(-pull * x + reg * z)",
            says="penalty of the negative item has the wrong",
        ),
        "positive_unpenalised": Edit("(pull * x - reg * y)", "(pull * x)"),
        "negative_fixed": Edit(
            "y_j[f] += lr * (-pull * x - reg * z)", "pass", says="did not move", headline=True
        ),
        "negative_towards_the_user": Edit("(-pull * x", "(pull * x", says="should move away"),
        "factor_left_out": Edit("range(len(x_u))", "range(1, len(x_u))"),
        "loss_after_the_step": Whole(_step_loss_after, says="*after* the step"),
        "ln_sigma_of_minus_d": Edit(
            "return np.log1p(small) + max(-d, 0.0)",
            "return -(np.log1p(small) + max(d, 0.0))",
            says="it falls while d grows",
        ),
        "minus_forgotten": Edit("return np", "return -np", says="a loss has the minus"),
        "one_minus_sigma": Edit("return np.log1p(small) + max(-d, 0.0)", "return pull"),
        "loss_with_penalty": Whole(_step_loss_with_penalty, says="without the penalty"),
        "not_returned": Edit("return np.", "np.", says="return"),
        "written_through_a_reshape": Edit(
            "x_u, y_i, y_j = X[u], Y[i], Y[j]",
            "x_u, y_i, y_j = X.reshape(-1).reshape(X.shape)[u], Y[i], Y[j]",
            says="X and Y in the order of Fortran",
        ),
    },
    "bpr_epoch": {
        "losses_cut_off_at_100": Edit(
            "total += bpr_step(X, Y, u, i, j, lr, reg)",
            "total += min(bpr_step(X, Y, u, i, j, lr, reg), 100.0)",
        ),
        "sum_for_mean": Edit("total / n_pairs", "total", says="the sum of both"),
        "in_order": Edit(
            "rng.integers(n_pairs, size=n_pairs)", "range(n_pairs)", says="exactly once", headline=True
        ),
        "each_pair_once": Edit(
            "rng.integers(n_pairs, size=n_pairs)",
            "rng.permutation(n_pairs)",
            says="exactly once",
            headline=True,
        ),
        "user_by_user": Whole(_epoch_user_by_user, says="not user by user"),
        "users_alike": Whole(_epoch_users_alike, says="draw pairs, not users", headline=True),
        "a_step_a_user": Whole(_epoch_a_step_a_user, says="one for each user", headline=True),
        "as_many_steps_as_users": Edit("size=n_pairs)", "size=R.shape[0])", says="stored cells"),
        "any_item_as_negative": Edit(
            "sample_negative(np.sort(R.indices[R.indptr[u] : R.indptr[u + 1]]), n_items, rng)",
            "int(rng.integers(n_items))",
            says="two chosen items",
            headline=True,
        ),
        "other_positives_as_negatives": Edit(
            "np.sort(R.indices[R.indptr[u] : R.indptr[u + 1]])",
            "np.array([i])",
            says="two chosen items",
            headline=True,
        ),
        "positives_of_the_next_user": Edit(
            "R.indices[R.indptr[u] : R.indptr[u + 1]]",
            "R.indices[R.indptr[(u + 1) % R.shape[0]] : R.indptr[(u + 1) % R.shape[0] + 1]]",
            says="two chosen items",
        ),
        "item_of_another_pair": Edit(
            "R.indices[cell]", "rng.choice(R.indices)", says="its user has not chosen"
        ),
        "next_free_item": Whole(_epoch_next_free, says="far more often"),
        "zeros_left_out": Whole(
            _epoch_zeros_left_out, says="from a stored cell of row u, whatever its value"
        ),
        "high_ratings_only": Whole(_epoch_high_ratings_only, says="every stored cell is a positive"),
        "one_negative_a_user": Whole(_epoch_one_negative_a_user, says="a single negative"),
        "all_at_once": Whole(_epoch_all_at_once, says="one after the other"),
        "endless": Whole(_epoch_endless, says="loops for ever"),
        "falls_without_end": Whole(_epoch_falling, says="ln σ(−d)"),
        "loss_after_the_step": Whole(_epoch_loss_after, says="before the step"),
        "last_loss": Edit("total += ", "total = n_pairs * "),
        "R_made_binary": Edit("total = 0.0", "total = 0.0\n    R.data[:] = 1.0", says="R.data was changed"),
        "copies_of_the_model": Edit("total = 0.0", "total, X, Y = 0.0, X.copy(), Y.copy()"),
        "seed_of_its_own": Edit(
            "total = 0.0",
            "total, rng = 0.0, np.random.default_rng(0)",
            says="Another rng gave the same epoch",
        ),
        "global_generator": Edit(
            "rng.integers(n_pairs, size=n_pairs)",
            "np.random.randint(n_pairs, size=n_pairs)",
            says="uses the global generator of NumPy",
        ),
        "not_returned": Edit("return float", "float", says="return"),
        "from_the_seed": Edit(
            "    total = 0.0",
            "    rng = np.random.default_rng(rng.bit_generator.seed_seq)\n    total = 0.0",
            says="of its seed",
        ),
    },
    "auc": {
        "ties_won": Edit('("left", "right")', '("right", "right")', says="as won", headline=True),
        "ties_lost": Edit('("left", "right")', '("left", "left")', says="as lost", headline=True),
        "ties_as_sorted": Whole(_auc_by_argsort),
        "pair_by_pair": Whole(_auc_pair_by_pair, says="looks at every pair"),
        "wrong_order": Edit(
            "return float(np.mean", "return 1 - float(np.mean", says="*wrong* order", headline=True
        ),
        "pairs_counted": Edit(
            "np.mean(below + not_above) / (2 * len(others))",
            "np.sum(below + not_above) / 2",
            says="divide by the number of pairs",
        ),
        "positives_among_the_others": Edit("takes_part & ~is_positive", "takes_part"),
        "seen_items_left_in": Edit(
            "takes_part = scores > -np.inf",
            "takes_part = np.ones(len(scores), dtype=bool)",
            says="take no part",
            headline=True,
        ),
        "seen_items_as_zero": Whole(_auc_seen_as_zero, says="take no part"),
        "unlikely_scores_left_out": Edit("scores > -np.inf", "scores > 0"),
        "a_coin_for_no_pairs": Edit('float("nan")', "0.5", says="wanted nan"),
        "every_pair_in_memory": Whole(_auc_all_pairs, says="ran out of memory"),
        "scores_sorted_in_place": Whole(_auc_sorts_in_place, says="scores was changed"),
        "positives_sorted_in_place": Whole(_auc_sorts_positives, says="positives was changed"),
        "not_returned": Edit("return float(np", "float(np", says="return"),
    },
}

ALTERNATIVES = {
    "bpr_loss": {
        "two_cases": _loss_two_cases,
        "scipy": _loss_scipy,
        "number_by_number": _loss_number_by_number,
    },
    "sample_negative": {
        "from_a_list": _negative_from_list,
        "rejection": _negative_by_rejection,
        "rejection_with_isin": _negative_by_rejection_with_isin,
        "mask": _negative_by_mask,
    },
    "bpr_step": {"copies": _step_copies, "logaddexp": _step_logaddexp, "rows_together": _step_rows_together},
    "bpr_epoch": {"coordinates": _epoch_by_coordinates, "row_search": _epoch_by_searching_rows},
    "auc": {"ranks": _auc_by_ranks, "levels": _auc_by_counting_levels, "bisection": _auc_by_bisection},
}
