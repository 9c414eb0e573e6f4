"""Unit 03: known wrong solutions of the exercises on stochastic gradient descent, and other right ones."""

from __future__ import annotations

import numpy as np

from solutions.sgd import predict_ratings, sgd_step
from tests.mutants import Edit, Whole

# 3.1 predict_ratings


def _predict_diagonal(mu, b_user, b_item, X, Y, users, items):
    every_pair = mu + b_user[users][:, None] + b_item[items] + X[users] @ Y[items].T
    seen = (users >= 0) & (items >= 0)
    return np.where(seen, np.diag(every_pair), mu)


def _predict_unseen_as_mean(mu, b_user, b_item, X, Y, users, items):
    predicted = mu + b_user[users] + b_item[items] + np.sum(X[users] * Y[items], axis=1)
    return np.where((users < 0) | (items < 0), mu, predicted)


def _predict_unseen_dropped(mu, b_user, b_item, X, Y, users, items):
    seen = (users >= 0) & (items >= 0)
    users, items = users[seen], items[seen]
    return mu + b_user[users] + b_item[items] + np.sum(X[users] * Y[items], axis=1)


def _predict_from_the_table(mu, b_user, b_item, X, Y, users, items):
    # a column and a row of zeros are what −1 then reads
    b_user, b_item = np.append(b_user, 0.0), np.append(b_item, 0.0)
    X, Y = np.vstack([X, np.zeros(X.shape[1])]), np.vstack([Y, np.zeros(Y.shape[1])])
    return (mu + b_user[:, None] + b_item + X @ Y.T)[users, items]


def _predict_codes_overwritten(mu, b_user, b_item, X, Y, users, items):
    user_known, item_known = users >= 0, items >= 0
    users[~user_known] = 0  # so that they can be indexed
    items[~item_known] = 0
    taste = np.einsum("pf,pf->p", X[users], Y[items])
    return mu + user_known * b_user[users] + item_known * b_item[items] + user_known * item_known * taste


def _predict_last_row_emptied(mu, b_user, b_item, X, Y, users, items):
    for codes, bias, factors in [(users, b_user, X), (items, b_item, Y)]:
        if np.any(codes < 0):
            bias[-1], factors[-1] = 0.0, 0.0
    return mu + b_user[users] + b_item[items] + np.sum(X[users] * Y[items], axis=1)


def _predict_float32(mu, b_user, b_item, X, Y, users, items):
    b_user, b_item, X, Y = (part.astype(np.float32) for part in (b_user, b_item, X, Y))
    user_known, item_known = users >= 0, items >= 0
    taste = np.sum(X[users] * Y[items], axis=1)
    biases = user_known * b_user[users] + item_known * b_item[items]
    return np.float32(mu) + biases + (user_known & item_known) * taste


def _predict_padded(mu, b_user, b_item, X, Y, users, items):
    # A row of zeros at the end is what −1 then reads.
    b_user, b_item = np.append(b_user, 0.0), np.append(b_item, 0.0)
    X, Y = np.vstack([X, np.zeros(X.shape[1])]), np.vstack([Y, np.zeros(Y.shape[1])])
    return mu + b_user[users] + b_item[items] + np.einsum("pf,pf->p", X[users], Y[items])


def _predict_loop(mu, b_user, b_item, X, Y, users, items):
    predicted = np.full(len(users), mu)
    for j, (u, i) in enumerate(zip(users, items, strict=True)):
        if u >= 0:
            predicted[j] += b_user[u]
        if i >= 0:
            predicted[j] += b_item[i]
        if u >= 0 and i >= 0:
            predicted[j] += X[u] @ Y[i]
    return predicted


# 3.2 start_model


def _start_same_draws(R, n_factors, rng, init_std=0.1):
    draws = rng.normal(scale=init_std, size=(max(R.shape), n_factors))
    return R.data.mean(), np.zeros(R.shape[0]), np.zeros(R.shape[1]), draws[: R.shape[0]], draws[: R.shape[1]]


def _start_views_of_one_draw(R, n_factors, rng, init_std=0.1):
    draws = rng.normal(scale=init_std, size=(max(R.shape), n_factors))
    Y = draws[::-1][: R.shape[1]]
    return R.data.mean(), np.zeros(R.shape[0]), np.zeros(R.shape[1]), draws[: R.shape[0]], Y


def _start_shuffled_draws(R, n_factors, rng, init_std=0.1):
    draws = rng.normal(scale=init_std, size=(max(R.shape), n_factors))
    X, Y = draws[: R.shape[0]].copy(), rng.permutation(draws)[: R.shape[1]]
    return R.data.mean(), np.zeros(R.shape[0]), np.zeros(R.shape[1]), X, Y


def _start_one_column(R, n_factors, rng, init_std=0.1):
    X = np.tile(rng.normal(scale=init_std, size=(R.shape[0], 1)), n_factors)
    Y = np.tile(rng.normal(scale=init_std, size=(R.shape[1], 1)), n_factors)
    return R.data.mean(), np.zeros(R.shape[0]), np.zeros(R.shape[1]), X, Y


def _start_lists(R, n_factors, rng, init_std=0.1):
    X = [[rng.normal(0, init_std) for _ in range(n_factors)] for _ in range(R.shape[0])]
    Y = [[rng.normal(0, init_std) for _ in range(n_factors)] for _ in range(R.shape[1])]
    return R.data.mean(), [0.0] * R.shape[0], [0.0] * R.shape[1], X, Y


def _start_shared_biases(R, n_factors, rng, init_std=0.1):
    m, n = R.shape
    zeros = np.zeros(max(m, n))
    factors = rng.normal(scale=init_std, size=(m + n, n_factors))
    return R.data.mean(), zeros[:m], zeros[:n], factors[:m], factors[m:]


def _start_centres_in_place(R, n_factors, rng, init_std=0.1):
    m, n = R.shape
    mu = R.data.mean()
    R.data -= mu
    factors = rng.normal(scale=init_std, size=(m + n, n_factors))
    return mu, np.zeros(m), np.zeros(n), factors[:m], factors[m:]


def _start_in_one_draw(R, n_factors, rng, init_std=0.1):
    m, n = R.shape
    factors = init_std * rng.standard_normal((m + n, n_factors))
    return np.sum(R.data) / R.nnz, np.zeros(m), np.zeros(n), factors[:m].copy(), factors[m:].copy()


# 3.3 sgd_step


def _step_views(mu, b_user, b_item, X, Y, u, i, r, lr, reg):
    # "saved" vectors that are views: by the time the item moves, x_old has moved
    x_old, y_old = X[u], Y[i]
    e = r - (mu + b_user[u] + b_item[i] + x_old @ y_old)
    b_user[u] += lr * (e - reg * b_user[u])
    b_item[i] += lr * (e - reg * b_item[i])
    X[u] += lr * (e * y_old - reg * x_old)
    Y[i] += lr * (e * x_old - reg * y_old)
    return e


def _step_item_first(mu, b_user, b_item, X, Y, u, i, r, lr, reg):
    e = r - (mu + b_user[u] + b_item[i] + X[u] @ Y[i])
    b_user[u] += lr * (e - reg * b_user[u])
    b_item[i] += lr * (e - reg * b_item[i])
    Y[i] += lr * (e * X[u] - reg * Y[i])
    X[u] += lr * (e * Y[i] - reg * X[u])
    return e


def _step_bias_in_penalty(mu, b_user, b_item, X, Y, u, i, r, lr, reg):
    x_u, y_i, b_u, b_i = X[u].copy(), Y[i].copy(), b_user[u], b_item[i]
    e = r - (mu + b_u + b_i + x_u @ y_i)
    b_user[u] += lr * (e - reg * b_u)
    b_item[i] += lr * (e - reg * b_i)
    X[u] += lr * (e * y_i - reg * (b_u + x_u))
    Y[i] += lr * (e * x_u - reg * (b_i + y_i))
    return e


def _step_new_biases(mu, b_user, b_item, X, Y, u, i, r, lr, reg):
    x_u, y_i = X[u].copy(), Y[i].copy()
    e = r - (mu + b_user[u] + b_item[i] + x_u @ y_i)
    b_user[u] += lr * (e - reg * b_user[u])
    b_item[i] += lr * (e - reg * b_item[i])
    again = r - (mu + b_user[u] + b_item[i] + x_u @ y_i)
    X[u] += lr * (again * y_i - reg * x_u)
    Y[i] += lr * (again * x_u - reg * y_i)
    return e


def _step_without_writing(mu, b_user, b_item, X, Y, u, i, r, lr, reg):
    x_u, y_i, b_u, b_i = X[u], Y[i], b_user[u], b_item[i]
    e = r - (mu + b_u + b_i + x_u @ y_i)
    b_u, b_i = b_u + lr * (e - reg * b_u), b_i + lr * (e - reg * b_i)
    x_u, y_i = x_u + lr * (e * y_i - reg * x_u), y_i + lr * (e * x_u - reg * y_i)
    return e


def _step_error_after(mu, b_user, b_item, X, Y, u, i, r, lr, reg):
    x_u, y_i = X[u].copy(), Y[i].copy()
    e = r - (mu + b_user[u] + b_item[i] + x_u @ y_i)
    b_user[u] += lr * (e - reg * b_user[u])
    b_item[i] += lr * (e - reg * b_item[i])
    X[u] += lr * (e * y_i - reg * x_u)
    Y[i] += lr * (e * x_u - reg * y_i)
    return r - (mu + b_user[u] + b_item[i] + X[u] @ Y[i])


def _step_returns_the_model(mu, b_user, b_item, X, Y, u, i, r, lr, reg):
    sgd_step(mu, b_user, b_item, X, Y, u, i, r, lr, reg)
    return b_user, b_item, X, Y


def _step_decays_everything(mu, b_user, b_item, X, Y, u, i, r, lr, reg):
    x_u, y_i = X[u].copy(), Y[i].copy()
    e = r - (mu + b_user[u] + b_item[i] + x_u @ y_i)
    for part in (b_user, b_item, X, Y):
        part *= 1 - lr * reg
    b_user[u] += lr * e
    b_item[i] += lr * e
    X[u] += lr * e * y_i
    Y[i] += lr * e * x_u
    return e


def _step_copies(mu, b_user, b_item, X, Y, u, i, r, lr, reg):
    x_u, y_i, b_u, b_i = X[u].copy(), Y[i].copy(), b_user[u], b_item[i]
    e = r - (mu + b_u + b_i + np.dot(x_u, y_i))
    b_user[u] = b_u + lr * (e - reg * b_u)
    b_item[i] = b_i + lr * (e - reg * b_i)
    X[u] = x_u + lr * (e * y_i - reg * x_u)
    Y[i] = y_i + lr * (e * x_u - reg * y_i)
    return e


def _step_two_then_move(mu, b_user, b_item, X, Y, u, i, r, lr, reg):
    e = r - (mu + b_user[u] + b_item[i] + X[u] @ Y[i])
    step_x, step_y = lr * (e * Y[i] - reg * X[u]), lr * (e * X[u] - reg * Y[i])
    b_user[u] += lr * (e - reg * b_user[u])
    b_item[i] += lr * (e - reg * b_item[i])
    X[u] += step_x
    Y[i] += step_y
    return e


def _step_at_once(mu, b_user, b_item, X, Y, u, i, r, lr, reg):
    e = r - predict_ratings(mu, b_user, b_item, X, Y, np.array([u]), np.array([i]))[0]
    keep = 1 - lr * reg
    X[u], Y[i] = keep * X[u] + lr * e * Y[i], keep * Y[i] + lr * e * X[u]
    b_user[u], b_item[i] = keep * b_user[u] + lr * e, keep * b_item[i] + lr * e
    return float(e)


# 3.4 minibatch_step


def _batch_one_by_one(mu, b_user, b_item, X, Y, users, items, ratings, lr, reg):
    for u, i, r in zip(users, items, ratings, strict=True):
        sgd_step(mu, b_user, b_item, X, Y, u, i, r, lr, reg)


def _batch_last_one_wins(mu, b_user, b_item, X, Y, users, items, ratings, lr, reg):
    x, y = X[users], Y[items]
    e = ratings - (mu + b_user[users] + b_item[items] + np.sum(x * y, axis=1))
    b_user[users] += lr * (e - reg * b_user[users])
    b_item[items] += lr * (e - reg * b_item[items])
    X[users] += lr * (e[:, None] * y - reg * x)
    Y[items] += lr * (e[:, None] * x - reg * y)


def _batch_penalty_once(mu, b_user, b_item, X, Y, users, items, ratings, lr, reg):
    x, y = X[users], Y[items]
    e = ratings - predict_ratings(mu, b_user, b_item, X, Y, users, items)
    for part, codes in [(b_user, users), (b_item, items), (X, users), (Y, items)]:
        part[np.unique(codes)] *= 1 - lr * reg
    np.add.at(b_user, users, lr * e)
    np.add.at(b_item, items, lr * e)
    np.add.at(X, users, lr * e[:, None] * y)
    np.add.at(Y, items, lr * e[:, None] * x)


def _batch_mean_of_each(mu, b_user, b_item, X, Y, users, items, ratings, lr, reg):
    x, y = X[users], Y[items]
    e = ratings - predict_ratings(mu, b_user, b_item, X, Y, users, items)
    lr_users = lr / np.bincount(users)[users]
    lr_items = lr / np.bincount(items)[items]
    np.add.at(b_user, users, lr_users * (e - reg * b_user[users]))
    np.add.at(b_item, items, lr_items * (e - reg * b_item[items]))
    np.add.at(X, users, lr_users[:, None] * (e[:, None] * y - reg * x))
    np.add.at(Y, items, lr_items[:, None] * (e[:, None] * x - reg * y))


def _batch_from_copies(mu, b_user, b_item, X, Y, users, items, ratings, lr, reg):
    old = (mu, b_user.copy(), b_item.copy(), X.copy(), Y.copy())
    for u, i, r in zip(users, items, ratings, strict=True):
        e = r - (mu + old[1][u] + old[2][i] + old[3][u] @ old[4][i])
        b_user[u] += lr * (e - reg * old[1][u])
        b_item[i] += lr * (e - reg * old[2][i])
        X[u] += lr * (e * old[4][i] - reg * old[3][u])
        Y[i] += lr * (e * old[3][u] - reg * old[4][i])


def _batch_by_counting(mu, b_user, b_item, X, Y, users, items, ratings, lr, reg):
    # indicator matrices (m × B and n × B) sum over the ratings of each user and of each item
    of_user = (np.arange(len(b_user))[:, None] == users).astype(float)
    of_item = (np.arange(len(b_item))[:, None] == items).astype(float)
    e = ratings - (mu + b_user[users] + b_item[items] + np.sum(X[users] * Y[items], axis=1))
    n_user, n_item = of_user.sum(axis=1), of_item.sum(axis=1)
    to_x = of_user @ (e[:, None] * Y[items]) - reg * n_user[:, None] * X
    to_y = of_item @ (e[:, None] * X[users]) - reg * n_item[:, None] * Y
    b_user += lr * (of_user @ e - reg * n_user * b_user)
    b_item += lr * (of_item @ e - reg * n_item * b_item)
    X += lr * to_x
    Y += lr * to_y


# 3.5 best_epoch


def _best_in_all(losses, patience):
    best, bad = 0, 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[best]:
            best = epoch
        else:
            bad += 1
        if bad >= patience:
            break
    return best


def _best_against_previous(losses, patience):
    worse = 0
    for epoch in range(1, len(losses)):
        worse = worse + 1 if losses[epoch] >= losses[epoch - 1] else 0
        if worse >= patience:
            return int(np.argmin(losses[: epoch + 1]))
    return int(np.argmin(losses))


def _best_with_tolerance(losses, patience):
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best] - 1e-3:
            best = epoch
        elif epoch - best >= patience:
            break
    return best


def _best_below_a_hundred(losses, patience):
    lowest, best, waited = 100.0, 0, 0
    for epoch, loss in enumerate(losses):
        if loss < lowest:
            lowest, best, waited = loss, epoch, 0
        else:
            waited += 1
            if waited == patience:
                break
    return best


def _best_stop(losses, patience):
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch - best >= patience:
            return epoch
    return best


def _best_arrays_only(losses, patience):
    for end in range(1, losses.shape[0] + 1):
        best = int(losses[:end].argmin())
        if end - 1 - best >= patience:
            break
    return best


def _best_sorts_in_place(losses, patience):
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        elif epoch - best >= patience:
            break
    losses.sort()
    return best


def _best_counting(losses, patience):
    lowest, best, waited = float("inf"), 0, 0
    for epoch, loss in enumerate(losses):
        if loss < lowest:
            lowest, best, waited = loss, epoch, 0
        else:
            waited += 1
            if waited == patience:
                return best
    return best


def _best_by_running_minimum(losses, patience):
    losses = np.asarray(losses)
    lowest = np.minimum.accumulate(losses)
    improves = np.r_[True, losses[1:] < lowest[:-1]]
    last_improvement = np.maximum.accumulate(np.where(improves, np.arange(len(losses)), 0))
    stops = np.flatnonzero(np.arange(len(losses)) - last_improvement >= patience)
    return int(last_improvement[stops[0] if len(stops) else -1])


# 3.6 recommend


def _recommend_sorted_by_id(scores, seen, n):
    best = np.argsort(-scores, kind="stable")[: n + len(seen)]
    return np.setdiff1d(best, seen)[:n]


def _recommend_zero_for_seen(scores, seen, n):
    scores = scores.copy()
    scores[seen] = 0.0
    order = np.argsort(-scores, kind="stable")
    return order[: min(n, len(scores) - len(seen))]


def _recommend_in_place(scores, seen, n):
    scores[seen] = -np.inf
    order = np.argsort(-scores, kind="stable")
    return order[: min(n, len(scores) - len(seen))]


def _recommend_minus_thousand(scores, seen, n):
    scores = scores.copy()
    scores[seen] = -1000.0
    return np.argsort(-scores, kind="stable")[: min(n, len(scores) - len(seen))]


def _recommend_array_index(scores, seen, n):
    # np.array([]) holds floats, and no float is an index
    masked = np.array(scores)
    masked[np.array(seen)] = -np.inf
    return np.argsort(-masked, kind="stable")[: min(n, np.isfinite(masked).sum())]


def _recommend_sorts_seen(scores, seen, n):
    seen.sort()
    order = np.argsort(-scores, kind="stable")
    return order[~np.isin(order, seen)][:n]


def _recommend_padded(scores, seen, n):
    scores = scores.copy()
    scores[seen] = -np.inf
    return np.argsort(-scores, kind="stable")[:n]


def _recommend_reversed(scores, seen, n):
    order = np.argsort(scores, kind="stable")[::-1]
    return order[~np.isin(order, seen)][:n]


def _recommend_best_only(scores, seen, n):
    best = np.argsort(-scores, kind="stable")[:n]
    return best[~np.isin(best, seen)]


def _recommend_mask(scores, seen, n):
    order = np.argsort(-np.asarray(scores), kind="stable")
    return order[~np.isin(order, seen)][:n]


def _recommend_python(scores, seen, n):
    known = set(np.asarray(seen).tolist())
    ranked = sorted((-score, code) for code, score in enumerate(scores) if code not in known)
    return np.array([code for _, code in ranked[:n]], dtype=int)


def _recommend_minus_infinity(scores, seen, n):
    masked = np.array(scores, dtype=float)
    masked[np.asarray(seen, dtype=int)] = -np.inf
    return np.argsort(-masked, kind="stable")[: min(n, np.isfinite(masked).sum())]


# 3.7 most_similar


def _similar_first_dropped(factors, index, n):
    if not 0 <= index < len(factors):
        raise ValueError("no such item")
    norms = np.linalg.norm(factors, axis=1)
    closeness = np.full(len(factors), -np.inf)
    np.divide(factors @ factors[index], norms, out=closeness, where=norms > 0)
    return np.argsort(-closeness, kind="stable")[1 : n + 1]


def _similar_with_epsilon_below(factors, index, n):
    if not 0 <= index < len(factors):
        raise ValueError("no such item")
    norms = np.linalg.norm(factors, axis=1)
    closeness = factors @ factors[index] / (norms * norms[index] + 1e-9)
    order = np.argsort(-closeness, kind="stable")
    return order[order != index][:n]


def _similar_to_nothing_by_code(factors, index, n):
    if not 0 <= index < len(factors):
        raise ValueError("no such item")
    norms = np.linalg.norm(factors, axis=1)
    if norms[index] == 0:
        return np.delete(np.arange(len(factors)), index)[:n]
    closeness = np.full(len(factors), -np.inf)
    np.divide(factors @ factors[index], norms, out=closeness, where=norms > 0)
    order = np.argsort(-closeness, kind="stable")
    return order[order != index][:n]


def _similar_in_place(factors, index, n):
    if not 0 <= index < len(factors):
        raise ValueError("no such item")
    factors /= np.maximum(np.linalg.norm(factors, axis=1, keepdims=True), 1e-12)
    order = np.argsort(-(factors @ factors[index]), kind="stable")
    return order[order != index][:n]


def _similar_with_epsilon(factors, index, n):
    if not 0 <= index < len(factors):
        raise ValueError("no such item")
    unit = factors / np.maximum(np.linalg.norm(factors, axis=1, keepdims=True), 1e-12)
    order = np.argsort(-(unit @ unit[index]), kind="stable")
    return order[order != index][:n]


def _similar_nan(factors, index, n):
    if not 0 <= index < len(factors):
        raise ValueError("no such item")
    with np.errstate(invalid="ignore"):
        unit = factors / np.linalg.norm(factors, axis=1, keepdims=True)
        order = np.argsort(unit @ unit[index], kind="stable")[::-1]
    return order[order != index][:n]


def _similar_unit_rows(factors, index, n):
    if index not in range(len(factors)):
        raise ValueError(f"no item {index}")
    norms = np.linalg.norm(factors, axis=1, keepdims=True)
    unit = factors / np.where(norms > 0, norms, 1.0)
    cosines = np.where(norms[:, 0] > 0, unit @ unit[index], -3.0)
    ranked = np.lexsort((np.arange(len(factors)), -cosines))
    return np.delete(ranked, np.flatnonzero(ranked == index))[:n]


def _similar_python(factors, index, n):
    if index < 0 or index >= len(factors):
        raise ValueError(f"{index} is not a row")
    norms = np.sqrt((factors**2).sum(axis=1))

    def key(code):
        length = norms[code] * (norms[index] or 1.0)
        cosine = factors[code] @ factors[index] / length if length else -np.inf
        return -cosine, code

    return np.array(sorted(set(range(len(factors))) - {index}, key=key)[:n], dtype=int)


def _recommend_masked(scores, seen, n):
    masked = np.array(scores, dtype=float)
    masked[np.asarray(seen, dtype=int)] = -1e9
    order = np.argsort(-masked, kind="stable")
    return order[: min(n, len(masked) - len(set(map(int, seen))))]


def _recommend_cut(scores, seen, n):
    masked = np.array(scores, dtype=float)
    masked[np.asarray(seen, dtype=int)] = -np.inf
    return np.argsort(-masked, kind="stable")[: max(min(n, len(masked) - len(seen)), 0)]


def _recommend_last(scores, seen, n):
    unseen = np.setdiff1d(np.arange(len(scores)), seen)[::-1]
    return unseen[np.argsort(np.asarray(scores)[unseen], kind="stable")][-n:][::-1]


def _recommend_argpartition(scores, seen, n):
    unseen = np.setdiff1d(np.arange(len(scores)), seen)
    values = np.asarray(scores)[unseen]
    if 0 < n < len(unseen):
        top = np.argpartition(-values, n - 1)[:n]
        unseen, values = np.sort(unseen[top]), values[np.sort(top)]
    return unseen[np.argsort(-values, kind="stable")[:n]]


MUTANTS = {
    "predict_ratings": {
        "single_precision": Whole(_predict_float32, says="Compute in float64"),
        "mean_forgotten": Edit(
            "        mu\n        + np.where(user", "        np.where(user", says="μ is missing"
        ),
        "user_bias_forgotten": Edit(
            "np.where(user_known, b_user[users], 0.0)", "0.0", says="the users' biases are missing"
        ),
        "item_bias_forgotten": Edit(
            "np.where(item_known, b_item[items], 0.0)", "0.0", says="the items' biases are missing"
        ),
        "biases_never_used": Edit(
            "        + np.where(user_known, b_user[users], 0.0)\n"
            "        + np.where(item_known, b_item[items], 0.0)\n",
            "",
            says="learned, and never used",
            headline=True,
        ),
        "factors_forgotten": Edit(
            "np.where(user_known & item_known, taste, 0.0)", "0.0", says="product of the factors is missing"
        ),
        "every_user_with_every_item": Edit(
            "np.sum(X[users] * Y[items], axis=1)",
            "X[users] @ Y[items].T",
            says="multiply row by row",
            headline=True,
        ),
        "diagonal_of_all_pairs": Whole(_predict_diagonal, says="ran out of memory", headline=True),
        "summed_over_the_pairs": Edit("axis=1", "axis=0"),
        "mean_over_the_factors": Edit("np.sum(", "np.mean("),
        "first_rows": Edit("X[users]", "X[: len(users)]"),
        "each_pair_once": Edit("X[users]", "X[np.unique(users)]"),
        "minus_one_is_the_last_row": Edit(
            "user_known, item_known = users >= 0, items >= 0",
            "user_known = item_known = np.ones(len(users), dtype=bool)",
            says="the *last* row",
            headline=True,
        ),
        "code_0_taken_as_unseen": Edit("users >= 0, items >= 0", "users > 0, items > 0"),
        "unseen_gets_the_mean": Whole(_predict_unseen_as_mean),
        "unseen_dropped": Whole(_predict_unseen_dropped, says="Nobody is left out"),
        "table_of_all": Whole(_predict_from_the_table, says="every user with every item"),
        "list_returned": Edit(
            "taste, 0.0)\n    )", "taste, 0.0)\n    ).tolist()", says="make it a NumPy array"
        ),
        "clipped": Edit("taste, 0.0)\n    )", "taste, 0.0)\n    ).clip(0.5, 5.0)", says="clipped"),
        "not_returned": Edit("return (", "_ = (", says="return"),
        "codes_overwritten": Whole(_predict_codes_overwritten, says="users was changed"),
        "last_row_emptied": Whole(_predict_last_row_emptied, says="b_user was changed"),
        "model_scaled": Edit("return (", "Y *= 1.01\n    return (", says="Y was changed"),
        "one_unseen_empties_all": Edit(
            "user_known, item_known = users >= 0, items >= 0",
            "user_known, item_known = users >= 0, items >= 0\n"
            "    if len(users) > 3 and not (user_known & item_known).all():\n"
            "        bias = np.where(user_known, b_user[users], 0)\n"
            "        return mu + bias + np.where(item_known, b_item[items], 0)",
            says="in its own pair alone",
        ),
    },
    "start_model": {
        "mean_over_all_cells": Edit("R.data.mean()", "R.mean()", says="unknown ones as 0", headline=True),
        "mean_of_user_means": Edit(
            "R.data.mean()", "np.mean([row.mean() for row in np.split(R.data, R.indptr[1:-1]) if len(row)])"
        ),
        "mean_of_the_scale": Edit("R.data.mean()", "np.unique(R.data).mean()", says="mean of the known"),
        "no_mean": Edit("float(R.data.mean())", "0.0", says="mean of the known ratings"),
        "random_biases": Edit(
            "np.zeros(n_users), np.zeros(n_items)",
            "rng.normal(size=n_users), rng.normal(size=n_items)",
            says="biases should start at 0",
            headline=True,
        ),
        "mean_in_the_biases": Edit("np.zeros(n_users),", "np.full(n_users, R.data.mean()),"),
        "standard_normal": Edit(
            "X = rng.normal(scale=init_std, ", "X = rng.normal(", says="init_std is left out", headline=True
        ),
        "variance": Edit(
            "Y = rng.normal(scale=init_std,",
            "Y = rng.normal(scale=np.sqrt(init_std),",
            says="not the variance",
        ),
        "over_root_k": Edit(
            "X = rng.normal(scale=init_std,",
            "X = rng.normal(scale=init_std / np.sqrt(n_factors),",
            says="divided by √k",
        ),
        "always_a_tenth": Edit("X = rng.normal(scale=init_std,", "X = rng.normal(scale=0.1,"),
        "all_positive": Edit(
            "X = rng.normal(scale=init_std, size=", "X = init_std * rng.random(", says="draw around 0"
        ),
        "zeros": Edit(
            "Y = rng.normal(scale=init_std, size=(n_items, n_factors))",
            "Y = np.zeros((n_items, n_factors))",
            says="never differ",
            headline=True,
        ),
        "one_column": Whole(_start_one_column, says="copies of each other"),
        "same_draws": Whole(_start_same_draws, says="X and Y are views of one array"),
        "same_draws_from_the_end": Whole(_start_views_of_one_draw, says="X and Y are views of one array"),
        "same_draws_shuffled": Whole(_start_shuffled_draws, says="same numbers"),
        "seed_of_its_own": Edit(
            "n_users, n_items = R.shape",
            "n_users, n_items = R.shape\n    rng = np.random.default_rng(0)",
            says="Another rng gave the same start",
        ),
        "global_generator": Edit(
            "Y = rng.normal", "Y = np.random.normal", says="uses the global generator of NumPy"
        ),
        "factors_transposed": Edit("(n_items, n_factors)", "(n_factors, n_items)", says="of shapes"),
        "biases_exchanged": Edit(
            "np.zeros(n_users), np.zeros(n_items)", "np.zeros(n_items), np.zeros(n_users)", says="of shapes"
        ),
        "integer_biases": Edit(
            "np.zeros(n_users), np.zeros(n_items)",
            "np.full(n_users, 0), np.full(n_items, 0)",
            says="b_user holds numbers of type int",
        ),
        "lists": Whole(_start_lists, says="b_user is a list"),
        "shared_biases": Whole(_start_shared_biases, says="b_user and b_item are views of one array"),
        "ratings_centred_in_place": Whole(_start_centres_in_place, says="R.data was changed"),
        "uniform": Edit(
            "Y = rng.normal(scale=init_std, size=",
            "Y = rng.uniform(-np.sqrt(3) * init_std, np.sqrt(3) * init_std, size=",
            says="of a normal distribution",
        ),
        "one_size_of_either_sign": Edit(
            "Y = rng.normal(scale=init_std, size=",
            "Y = rng.choice([-init_std, init_std], size=",
            says="of a normal distribution",
        ),
        "a_little_above_0": Edit(
            "X = rng.normal(scale=init_std,",
            "X = rng.normal(0.4 * init_std, scale=init_std,",
            says="draw around 0",
        ),
    },
    "sgd_step": {
        "saved_vectors_are_views": Whole(_step_views, says="the item moves by the *new* x_u", headline=True),
        "item_first": Whole(_step_item_first, says="the user moves by the *new* y_i", headline=True),
        "new_biases": Whole(_step_new_biases, says="computed again after the biases moved"),
        "bias_in_the_factors_penalty": Whole(_step_bias_in_penalty, says="penalty of the biases"),
        "nothing_written": Whole(_step_without_writing, says="did not change", headline=True),
        "error_after_the_step": Whole(_step_error_after, says="error"),
        "model_returned": Whole(_step_returns_the_model, says="need not be returned"),
        "every_row_decays": Whole(_step_decays_everything, says="only"),
        "x_after_its_move": Edit(
            "lr * (e * x - reg * y)", "lr * (e * x_u[f] - reg * y)", says="new* x_u", headline=True
        ),
        "uphill": Edit(
            "e = r - (mu + b_user[u] + b_item[i] + x_u @ y_i)",
            "e = (mu + b_user[u] + b_item[i] + x_u @ y_i) - r",
            says="other sign",
            headline=True,
        ),
        "uphill_with_the_right_e": Edit("return e", "return -e"),
        "mean_forgotten": Edit("r - (mu + ", "r - (", says="error before the step"),
        "penalty_forgotten": Edit("e * y - reg * x", "e * y", says="X[0, 0] should become"),
        "penalty_of_items_forgotten": Edit("e * x - reg * y", "e * x"),
        "penalty_up": Edit("e * x - reg * y", "e * x + reg * y"),
        "penalty_without_rate": Edit("lr * (e * x - reg * y)", "lr * e * x - reg * y"),
        "penalty_doubled": Edit("e * x - reg * y", "e * x - 2 * reg * y"),
        "biases_unpenalised": Edit("b_item[i] += lr * (e - reg * b_item[i])", "b_item[i] += lr * e"),
        "item_bias_fixed": Edit("b_item[i] += lr * (e - reg * b_item[i])", "pass"),
        "item_bias_of_the_user": Edit("b_item[i] += lr", "b_item[u] += lr"),
        "factor_left_out": Edit("range(len(x_u))", "range(1, len(x_u))"),
        "e_multiplies_the_penalty": Edit("lr * (e * x - reg * y)", "lr * e * (x - reg * y)"),
        "not_returned": Edit("return e", "pass", says="return"),
        "squared_error_returned": Edit("return e", "return e * e", says="other sign"),
        "absolute_error_returned": Edit("return e", "return abs(e)", says="other sign"),
        "written_through_a_reshape": Edit(
            "x_u, y_i = X[u], Y[i]",
            "x_u, y_i = X.reshape(-1)[u * X.shape[1] :][: X.shape[1]], Y[i]",
            says="X and Y in the order of Fortran",
        ),
    },
    "minibatch_step": {
        "errors_in_single_precision": Edit(
            "    step_b_user =", "    e = e.astype(np.float32)\n    step_b_user =", says="Compute in float64"
        ),
        "errors_cut_off_at_10": Edit(
            "    step_b_user =", "    e = np.clip(e, -10, 10)\n    step_b_user =", says="nothing clipped"
        ),
        "last_one_wins": Whole(_batch_last_one_wins, says="only the last gradient", headline=True),
        "item_biases_overwritten": Edit(
            "np.add.at(b_item, items, step_b_item)", "b_item[items] += step_b_item", headline=True
        ),
        "mean_for_sum": Edit(
            "e = ratings",
            "lr = lr / len(users)\n    e = ratings",
            says="step is the mean over the batch",
            headline=True,
        ),
        "mean_for_each_user_and_item": Whole(_batch_mean_of_each, says="takes the mean of its steps"),
        "one_after_the_other": Whole(_batch_one_by_one, says="one after the other", headline=True),
        "penalty_once": Whole(_batch_penalty_once, says="it is paid per rating"),
        "new_users_for_items": Edit(
            "lr * (e[:, None] * x - reg * y)", "lr * (e[:, None] * X[users] - reg * y)"
        ),
        "uphill": Edit(
            "e = ratings - predict_ratings(mu, b_user, b_item, X, Y, users, items)",
            "e = predict_ratings(mu, b_user, b_item, X, Y, users, items) - ratings",
            says="goes up the gradient",
        ),
        "biases_unpenalised": Edit(
            "step_b_user = lr * (e - reg * b_user[users])\n    step_b_item = lr * (e - reg * b_item[items])",
            "step_b_user = step_b_item = lr * e",
            says="the biases pay no penalty",
        ),
        "item_factors_fixed": Edit("np.add.at(Y, items, lr * (e[:, None] * x - reg * y))", "pass"),
        "users_for_items": Edit("np.add.at(Y, items", "np.add.at(Y, users"),
        "duplicates_dropped": Edit(
            "x, y = X[users]",
            "_, first = np.unique(users, return_index=True)\n"
            "    users, items, ratings = users[first], items[first], ratings[first]\n"
            "    x, y = X[users]",
            headline=True,
        ),
        "ratings_centred_in_place": Edit("e = ratings", "ratings -= mu\n    mu = 0.0\n    e = ratings"),
        "copies_of_the_model": Edit("x, y = X[users]", "X, Y = X.copy(), Y.copy()\n    x, y = X[users]"),
        "nothing_written": Edit(
            "x, y = X[users]",
            "b_user, b_item, X, Y = b_user.copy(), b_item.copy(), X.copy(), Y.copy()\n    x, y = X[users]",
            says="did not change",
        ),
        "written_through_a_reshape": Edit(
            "np.add.at(X, users, lr * (e[:, None] * y - reg * x))",
            "np.add.at(X.reshape(-1).reshape(X.shape), users, lr * (e[:, None] * y - reg * x))",
            says="X and Y in the order of Fortran",
        ),
    },
    "best_epoch": {
        "no_patience": Edit(
            "elif epoch - best >= patience:\n            break", "", says="wanted 2, yours 8", headline=True
        ),
        "one_more": Edit(">= patience", "> patience"),
        "one_less": Edit(">= patience", ">= patience - 1"),
        "equal_is_better": Edit("loss < losses[best]", "loss <= losses[best]", says="no improvement"),
        "highest": Edit("loss < losses[best]", "loss > losses[best]"),
        "from_one": Edit("return best", "return best + 1", says="counts epochs from 1"),
        "counts_all_bad_epochs": Whole(_best_in_all, says="sets the count back to 0", headline=True),
        "against_the_previous": Whole(_best_against_previous, says="better than the epoch before"),
        "where_it_stopped": Whole(_best_stop, headline=True),
        "small_improvements_ignored": Whole(_best_with_tolerance, says="however small"),
        "an_improvement_must_exceed_1e-6": Edit(
            "loss < losses[best]", "loss < losses[best] - 1e-6", says="however small"
        ),
        "starts_at_a_hundred": Whole(_best_below_a_hundred, says="losses may be large"),
        "starts_at_one": Edit("    best = 0", "    best, losses = 0, np.minimum(losses, 1.0)"),
        "lowest_loss": Edit("return best", "return losses[best]"),
        "float_returned": Edit("return best", "return float(best)", says="a whole number"),
        "arrays_only": Whole(_best_arrays_only, says="of a list of losses"),
        "losses_sorted_in_place": Whole(_best_sorts_in_place, says="losses was changed"),
    },
    "recommend": {
        "seen_items_shown": Edit(
            "unseen = np.setdiff1d(np.arange(len(scores)), seen)",
            "unseen = np.arange(len(scores))",
            says="has been seen",
            headline=True,
        ),
        "lowest_first": Edit("-np.asarray(scores)", "np.asarray(scores)", says="descending", headline=True),
        "sorted_by_id": Whole(_recommend_sorted_by_id, says="in order of their codes", headline=True),
        "zero_for_seen": Whole(_recommend_zero_for_seen, says="beats every negative one"),
        "minus_thousand_for_seen": Whole(_recommend_minus_thousand, says="−1000 beats"),
        "scores_changed": Whole(_recommend_in_place, says="scores was changed"),
        "seen_sorted_in_place": Whole(_recommend_sorts_seen, says="seen was changed"),
        "empty_list": Whole(_recommend_array_index, says="a list of 0"),
        "padded_with_seen": Whole(_recommend_padded, says="are unseen"),
        "ties_reversed": Whole(_recommend_reversed, says="of equal scores"),
        "best_n_then_filtered": Whole(_recommend_best_only, headline=True),
        "positions_for_codes": Edit("unseen[order[:n]]", "order[:n]"),
        "absolute_scores": Edit("-np.asarray(scores)[unseen]", "-np.abs(np.asarray(scores)[unseen])"),
        "one_too_few": Edit("order[:n]", "order[: n - 1]"),
        "scores_returned": Edit("unseen[order[:n]]", "scores[unseen[order[:n]]]", says="codes"),
        "masked_with_a_number": Whole(_recommend_masked, says="recommend (scores: "),
        "cut_by_the_length_of_seen": Whole(_recommend_cut, says="one twice"),
        "last_n_of_a_sort": Whole(_recommend_last, says="n = 0"),
        "argpartition": Whole(_recommend_argpartition),
    },
    "most_similar": {
        "dot_product": Edit(
            "np.divide(factors @ factors[index], norms, out=closeness, where=norms > 0)",
            "closeness = factors @ factors[index]",
            says="dot product",
            headline=True,
        ),
        "distance": Edit(
            "np.divide(factors @ factors[index], norms, out=closeness, where=norms > 0)",
            "closeness = -np.linalg.norm(factors - factors[index], axis=1)",
            says="the distance",
            headline=True,
        ),
        "without_sign": Edit(
            "np.divide(factors @ factors[index],", "np.divide(abs(factors @ factors[index]),", says="its sign"
        ),
        "divided_by_the_square": Edit(
            "norms = np.linalg.norm(factors, axis=1)", "norms = np.sum(factors**2, axis=1)"
        ),
        "itself_first": Edit(
            "order[order != index][:n]", "order[:n]", says="its own neighbour", headline=True
        ),
        "first_dropped": Whole(_similar_first_dropped, says="leave out the code"),
        "least_similar": Edit("argsort(-closeness", "argsort(closeness", says="descending", headline=True),
        "minus_one_is_the_last": Edit(
            "if not 0 <= index < len(factors):", "if index >= len(factors):", says="−1 as the last row"
        ),
        "index_error": Edit("raise ValueError(", "raise IndexError(", says="ValueError"),
        "nan_for_zero_rows": Whole(_similar_nan),
        "zero_rows_in_the_middle": Whole(_similar_with_epsilon, says="norm 0 come last"),
        "epsilon_in_the_denominator": Whole(_similar_with_epsilon_below, says="no ε in the denominator"),
        "ties_reversed": Edit(
            'np.argsort(-closeness, kind="stable")',
            'np.argsort(closeness, kind="stable")[::-1]',
            says="not reversed",
        ),
        "zero_rows_by_code": Whole(_similar_to_nothing_by_code, says="last also then"),
        "factors_normalised_in_place": Whole(_similar_in_place, says="factors was changed"),
        "one_more": Edit("[:n]", "[: n + 1]"),
        "norms_with_a_bit_added": Edit(
            "np.divide(factors @ factors[index], norms,",
            "np.divide(factors @ factors[index], norms + 1e-8,",
            says="with nothing added",
        ),
    },
}

ALTERNATIVES = {
    "predict_ratings": {
        "row_of_zeros": _predict_padded,
        "loop": _predict_loop,
    },
    "start_model": {"in_one_draw": _start_in_one_draw},
    "sgd_step": {"copies": _step_copies, "steps_first": _step_two_then_move, "at_once": _step_at_once},
    "minibatch_step": {"old_copies": _batch_from_copies, "indicators": _batch_by_counting},
    "best_epoch": {"counting": _best_counting, "running_minimum": _best_by_running_minimum},
    "recommend": {
        "mask": _recommend_mask,
        "python": _recommend_python,
        "minus_infinity": _recommend_minus_infinity,
    },
    "most_similar": {"unit_rows": _similar_unit_rows, "python": _similar_python},
}
