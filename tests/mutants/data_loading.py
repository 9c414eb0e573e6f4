"""Unit 1: known wrong ways to load, split and average ratings, and other right ones."""

from __future__ import annotations

import csv

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from tests.mutants import Edit, Whole

# --- rmse


def _rmse_without_lengths(actual, predicted):
    actual, predicted = np.asarray(actual, dtype=float), np.asarray(predicted, dtype=float)
    return float(np.sqrt(np.mean((actual - predicted) ** 2)))


def _rmse_of_lists(actual, predicted):
    if len(actual) != len(predicted) or len(actual) == 0:
        raise ValueError("give one prediction for each of at least one rating")
    return np.sqrt(np.mean((actual - predicted) ** 2))


def _rmse_of_the_shorter(actual, predicted):
    if len(actual) == 0:
        raise ValueError("no ratings to compare")
    return float(np.sqrt(np.mean([(a - p) ** 2 for a, p in zip(actual, predicted)])))  # noqa: B905


def _rmse_by_loop(actual, predicted):
    if len(actual) != len(predicted) or len(actual) == 0:
        raise ValueError("give one prediction for each of at least one rating")
    total = 0.0
    for a, p in zip(actual, predicted, strict=True):
        total += (float(a) - float(p)) ** 2
    return (total / len(actual)) ** 0.5


def _rmse_by_norm(actual, predicted):
    if np.shape(actual) != np.shape(predicted) or not len(actual):
        raise ValueError("give one prediction for each of at least one rating")
    return np.linalg.norm(np.subtract(actual, predicted, dtype=float)) / np.sqrt(len(actual))


# --- parse_ratings


def _parse_ratings_by_position(path):
    table = pd.read_csv(path)
    if len(table) == 0 or table.shape[1] < 4:
        raise ValueError(f"{path}: no ratings or no timestamp")
    table = table.iloc[:, :4]
    table.columns = ["user_id", "item_id", "rating", "timestamp"]
    for column in table:
        values = pd.to_numeric(table[column], errors="coerce")
        bad = values.isna() | ((column == "rating") & ~values.between(0.01, 5))
        if bad.any():
            raise ValueError(f"{path}: line {int(np.argmax(bad)) + 2}, column {column}")
    table = table.astype({"user_id": np.int64, "item_id": np.int64, "rating": np.float32})
    table["timestamp"] = table["timestamp"].astype("datetime64[s]")
    return table


def _parse_ratings_trusts_the_ids(path):
    try:
        table = pd.read_csv(path)
    except pd.errors.EmptyDataError:
        raise ValueError(f"{path} is empty") from None
    for column in ["userId", "movieId", "rating", "timestamp"]:
        if column not in table:
            raise ValueError(f"{path}: no column {column}")
        bad = table[column].isna()
        if column == "rating":
            stars = pd.to_numeric(table[column], errors="coerce")
            bad = ~((stars > 0) & (stars <= 5))
        if bad.any():
            raise ValueError(f"{path}: line {int(np.argmax(bad)) + 2}, column {column}")
    if table.empty:
        raise ValueError(f"{path}: no ratings")
    return pd.DataFrame(
        {
            "user_id": table["userId"].astype(np.int64),
            "item_id": table["movieId"].astype(np.int64),
            "rating": table["rating"].astype(np.float32),
            "timestamp": table["timestamp"].astype(np.int64).astype("datetime64[s]"),
        }
    )


def _parse_ratings_drops_bad_rows(path):
    table = pd.read_csv(path)
    table = table[(table["rating"] > 0) & (table["rating"] <= 5)].dropna()
    return pd.DataFrame(
        {
            "user_id": table["userId"].astype(np.int64),
            "item_id": table["movieId"].astype(np.int64),
            "rating": table["rating"].astype(np.float32),
            "timestamp": table["timestamp"].astype("datetime64[s]"),
        }
    )


def _parse_ratings_with_csv(path):
    columns = {"userId": [], "movieId": [], "rating": [], "timestamp": []}
    with open(path, newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        for name in columns:
            if name not in (reader.fieldnames or []):
                raise ValueError(f"{path}: no column {name}")
        for row in reader:
            if None in row:
                raise ValueError(f"{path}, line {reader.line_num}: more fields than the header has")
            for name, values in columns.items():
                try:
                    value = float(row[name]) if name == "rating" else int(row[name])
                    if name == "rating" and not 0 < value <= 5:
                        raise ValueError
                except ValueError:
                    raise ValueError(f"{path}, line {reader.line_num}: bad {name} {row[name]!r}") from None
                values.append(value)
    if not columns["rating"]:
        raise ValueError(f"{path}: no ratings")
    return pd.DataFrame(
        {
            "user_id": np.array(columns["userId"], dtype=np.int64),
            "item_id": np.array(columns["movieId"], dtype=np.int64),
            "rating": np.array(columns["rating"], dtype=np.float32),
            "timestamp": np.array(columns["timestamp"], dtype="datetime64[s]"),
        }
    )


# --- popular_subset


def _popular_subset_users_first(ratings, n_items=50, min_ratings=5):
    active = ratings.groupby("user_id")["item_id"].transform("size") >= min_ratings
    ratings = ratings[active]
    counts = ratings.groupby("item_id").size()
    popular = counts.sort_values(ascending=False, kind="stable").index[:n_items]
    return ratings[ratings["item_id"].isin(popular)]


def _popular_subset_counts_pairs_once(ratings, n_items=50, min_ratings=5):
    popular = ratings.groupby("item_id")["user_id"].nunique().nlargest(n_items).index
    kept = ratings[ratings["item_id"].isin(popular)]
    return kept[kept.groupby("user_id")["item_id"].transform("nunique") >= min_ratings]


def _popular_subset_renumbers_and_sorts(ratings, n_items=50, min_ratings=5):
    counts = ratings.groupby("item_id").size()
    popular = counts.sort_values(ascending=False, kind="stable").index[:n_items]
    kept = ratings[ratings["item_id"].isin(popular)]
    kept = kept[kept.groupby("user_id")["item_id"].transform("size") >= min_ratings]
    return kept.sort_values(["user_id", "item_id"])


def _popular_subset_with_lexsort(ratings, n_items=50, min_ratings=5):
    ids, counts = np.unique(ratings["item_id"], return_counts=True)
    popular = ids[np.lexsort((ids, -counts))[:n_items]]
    kept = ratings[np.isin(ratings["item_id"], popular)]
    users, codes, counts = np.unique(kept["user_id"], return_inverse=True, return_counts=True)
    return kept[counts[codes] >= min_ratings].reset_index(drop=True)


def _popular_subset_with_nlargest(ratings, n_items=50, min_ratings=5):
    popular = ratings.groupby("item_id").size().nlargest(n_items).index
    kept = ratings.loc[ratings["item_id"].isin(popular)]
    return kept[kept["user_id"].map(kept["user_id"].value_counts()).ge(min_ratings)].copy()


def _popular_subset_with_dicts(ratings, n_items=50, min_ratings=5):
    counts = {}
    for item in ratings["item_id"].tolist():
        counts[item] = counts.get(item, 0) + 1
    popular = set(sorted(counts, key=lambda item: (-counts[item], item))[:n_items])
    kept = ratings[[item in popular for item in ratings["item_id"].tolist()]]
    return kept.groupby("user_id").filter(lambda rows: len(rows) >= min_ratings)


# --- encode_ids and lookup_ids


def _encode_ids_in_order_of_appearance(ids):
    codes, uniques = pd.factorize(np.asarray(ids))
    return codes, uniques


def _encode_ids_by_table(ids):
    ids = np.asarray(ids)
    uniques = np.unique(ids)
    code_of = np.zeros(uniques[-1] + 1, dtype=int)
    code_of[uniques] = np.arange(len(uniques))
    return code_of[ids], uniques


def _encode_ids_minus_the_smallest(ids):
    ids = np.asarray(ids)
    return ids - ids.min(), np.unique(ids)


def _encode_ids_unsorted_strings(ids):
    ids = np.asarray(ids)
    if ids.dtype.kind in "iu":
        uniques, codes = np.unique(ids, return_inverse=True)
    else:
        codes, uniques = pd.factorize(ids)
    return codes, uniques


def _encode_ids_with_dict(ids):
    ids = np.asarray(ids).tolist()
    uniques = sorted(set(ids))
    code_of = {name: code for code, name in enumerate(uniques)}
    return np.array([code_of[name] for name in ids], dtype=np.int32), np.array(uniques)


def _encode_ids_with_pandas(ids):
    codes, uniques = pd.factorize(np.asarray(ids), sort=True)
    return codes, uniques


def _lookup_ids_left_without_limit(uniques, ids):
    codes = np.searchsorted(uniques, ids)
    return np.where(np.asarray(uniques)[codes] == ids, codes, -1)


def _lookup_ids_clipped_unchecked(uniques, ids):
    return np.minimum(np.searchsorted(uniques, ids), len(uniques) - 1)


def _lookup_ids_new_ones_dropped(uniques, ids):
    return np.flatnonzero(np.isin(uniques, ids))


def _lookup_ids_above_all(uniques, ids):
    uniques, ids = np.asarray(uniques), np.asarray(ids)
    codes = np.searchsorted(uniques, ids)
    inside = codes < len(uniques)
    return np.where(inside & (uniques[np.minimum(codes, len(uniques) - 1)] != ids), -1, codes)


def _lookup_ids_as_floats(uniques, ids):
    return pd.Series(np.arange(len(uniques)), index=uniques).reindex(ids).fillna(-1).to_numpy()


def _lookup_ids_by_index(uniques, ids):
    uniques = np.asarray(uniques).tolist()
    return np.array([uniques.index(name) for name in np.asarray(ids).tolist()])


def _lookup_ids_with_dict(uniques, ids):
    code_of = {name: code for code, name in enumerate(np.asarray(uniques).tolist())}
    return np.array([code_of.get(name, -1) for name in np.asarray(ids).tolist()], dtype=np.int64)


def _lookup_ids_with_pandas(uniques, ids):
    return pd.Index(uniques).get_indexer(pd.Index(ids))


# --- to_csr


def _to_csr_added_up(users, items, ratings, shape):
    return csr_array((np.asarray(ratings, dtype=float), (users, items)), shape=shape)


def _to_csr_averaged(users, items, ratings, shape):
    total = csr_array((np.asarray(ratings, dtype=float), (users, items)), shape=shape)
    count = csr_array((np.ones(len(ratings)), (users, items)), shape=shape)
    total.data /= count.data
    return total


def _to_csr_unstable(users, items, ratings, shape):
    users, items = np.asarray(users, dtype=np.int64), np.asarray(items, dtype=np.int64)
    if (np.minimum(users, items) < 0).any() or (users >= shape[0]).any() or (items >= shape[1]).any():
        raise ValueError("a code is not in the shape")
    cells = users * shape[1] + items
    order = np.argsort(cells)
    last = order[np.append(np.diff(cells[order]) > 0, True)[: len(order)]]
    return csr_array((np.asarray(ratings, dtype=float)[last], (users[last], items[last])), shape=shape)


def _to_csr_largest(users, items, ratings, shape):
    table = pd.DataFrame({"u": users, "i": items, "r": np.asarray(ratings, dtype=float)})
    table = table.groupby(["u", "i"], as_index=False)["r"].max()
    return csr_array((table["r"].to_numpy(), (table["u"].to_numpy(), table["i"].to_numpy())), shape=shape)


def _to_csr_dense(users, items, ratings, shape):
    if np.min(users) < 0 or np.min(items) < 0 or np.max(users) >= shape[0] or np.max(items) >= shape[1]:
        raise ValueError("index out of range")
    dense = np.zeros(shape)
    dense[users, items] = ratings
    return csr_array(dense)


def _to_csr_negative_wraps(users, items, ratings, shape):
    users, items = np.asarray(users, dtype=np.int64) % shape[0], np.asarray(items, dtype=np.int64) % shape[1]
    _, from_behind = np.unique((users * shape[1] + items)[::-1], return_index=True)
    last = len(users) - 1 - from_behind
    return csr_array((np.asarray(ratings, dtype=float)[last], (users[last], items[last])), shape=shape)


def _to_csr_drops_what_is_outside(users, items, ratings, shape):
    table = pd.DataFrame({"u": users, "i": items, "r": np.asarray(ratings, dtype=float)})
    table = table[table["u"].between(0, shape[0] - 1) & table["i"].between(0, shape[1] - 1)]
    table = table.drop_duplicates(["u", "i"], keep="last")
    return csr_array((table["r"].to_numpy(), (table["u"].to_numpy(), table["i"].to_numpy())), shape=shape)


def _to_csr_in_32_bits(users, items, ratings, shape):
    users, items = np.asarray(users), np.asarray(items)
    if len(users) and (
        users.min() < 0 or items.min() < 0 or users.max() >= shape[0] or items.max() >= shape[1]
    ):
        raise ValueError("index out of range")
    with np.errstate(over="ignore"):
        cells = users * shape[1] + items
    _, from_behind = np.unique(cells[::-1], return_index=True)
    last = len(users) - 1 - from_behind
    return csr_array((np.asarray(ratings, dtype=float)[last], (users[last], items[last])), shape=shape)


def _to_csr_with_iterrows(users, items, ratings, shape):
    last = {}
    for _, row in pd.DataFrame({"u": users, "i": items, "r": ratings}).iterrows():
        last[int(row["u"]), int(row["i"])] = row["r"]
    pairs = np.array(list(last))
    return csr_array((np.array(list(last.values())), (pairs[:, 0], pairs[:, 1])), shape=shape)


def _to_csr_inferred_shape(users, items, ratings, shape):
    if np.max(users) >= shape[0] or np.max(items) >= shape[1]:
        raise ValueError("index out of range")
    table = pd.DataFrame({"u": users, "i": items, "r": np.asarray(ratings, dtype=float)})
    table = table.drop_duplicates(["u", "i"], keep="last")
    return csr_array((table["r"].to_numpy(), (table["u"].to_numpy(), table["i"].to_numpy())))


def _to_csr_with_pandas(users, items, ratings, shape):
    table = pd.DataFrame({"u": users, "i": items, "r": ratings}).drop_duplicates(["u", "i"], keep="last")
    values = table["r"].to_numpy(dtype=np.float64)
    return csr_array((values, (table["u"].to_numpy(), table["i"].to_numpy())), shape=shape)


def _to_csr_with_lexsort(users, items, ratings, shape):
    order = np.lexsort((items, users))  # stable: equal pairs stay in their order
    u, i, r = np.asarray(users)[order], np.asarray(items)[order], np.asarray(ratings, dtype=np.float32)[order]
    is_last = np.ones(len(u), dtype=bool)
    is_last[:-1] = (u[1:] != u[:-1]) | (i[1:] != i[:-1])
    return csr_array((r[is_last], (u[is_last], i[is_last])), shape=shape)


def _to_csr_with_dict(users, items, ratings, shape):
    last = {}
    for u, i, r in zip(
        np.asarray(users).tolist(), np.asarray(items).tolist(), np.asarray(ratings).tolist(), strict=True
    ):
        last[u, i] = r
    pairs = np.array(list(last), dtype=np.int64).reshape(-1, 2)
    return csr_array((np.array(list(last.values()), dtype=float), (pairs[:, 0], pairs[:, 1])), shape=shape)


# --- density


def _density_dense(R):
    return float((R.toarray() != 0).mean())


def _density_rounded(R):
    return round(R.nnz / (R.shape[0] * R.shape[1]), 4)


def _density_of_rows(R):
    return float(np.diff(R.indptr).mean() / R.shape[1])


def _density_of_data(R):
    return len(R.data) / np.prod([float(size) for size in R.shape])


# --- fit_baseline


def _fit_baseline_unknown_as_zero(R, reg_user=15.0, reg_item=10.0):
    dense = R.toarray()
    mu = R.data.mean()
    b_item = (dense - mu).sum(axis=0) / (reg_item + len(dense))
    b_user = (dense - mu - b_item).sum(axis=1) / (reg_user + dense.shape[1])
    return mu, b_user, b_item


def _fit_baseline_counts_after_centring(R, reg_user=15.0, reg_item=10.0):
    mu = R.data.mean()
    centred = csr_array(R, dtype=np.float64, copy=True)
    centred.data -= mu
    b_item = centred.sum(axis=0) / np.maximum(reg_item + (centred != 0).sum(axis=0), 1e-9)
    centred.data -= b_item[centred.indices]
    b_user = centred.sum(axis=1) / np.maximum(reg_user + (centred != 0).sum(axis=1), 1e-9)
    return mu, b_user, b_item


def _fit_baseline_in_the_type_of_the_ratings(R, reg_user=15.0, reg_item=10.0):
    centred, mu = R.copy(), R.data.mean()
    n_u, n_i = np.diff(R.indptr), np.bincount(R.indices, minlength=R.shape[1])
    centred.data -= mu
    b_item = centred.sum(axis=0) / np.maximum(reg_item + n_i, 1e-9)
    centred.data -= b_item[centred.indices]
    return mu, centred.sum(axis=1) / np.maximum(reg_user + n_u, 1e-9), b_item


def _fit_baseline_users_first(R, reg_user=15.0, reg_item=10.0):
    users, items, mu = np.repeat(np.arange(R.shape[0]), np.diff(R.indptr)), R.indices, R.data.mean()
    sums, n_u = np.bincount(users, R.data - mu, R.shape[0]), np.bincount(users, minlength=R.shape[0])
    b_user = sums / np.maximum(reg_user + n_u, 1e-9)
    sums, n_i = (
        np.bincount(items, R.data - mu - b_user[users], R.shape[1]),
        np.bincount(items, minlength=R.shape[1]),
    )
    return mu, b_user, sums / np.maximum(reg_item + n_i, 1e-9)


def _fit_baseline_by_loops(R, reg_user=15.0, reg_item=10.0):
    m, n = R.shape
    mu = R.sum() / R.nnz
    b_user, b_item = np.zeros(m), np.zeros(n)
    columns = R.tocsc()
    for i in range(n):
        known = columns.data[columns.indptr[i] : columns.indptr[i + 1]]
        if len(known):
            b_item[i] = (known - mu).sum() / (reg_item + len(known))
    for u in range(m):
        part = slice(R.indptr[u], R.indptr[u + 1])
        if part.stop > part.start:
            b_user[u] = (R.data[part] - mu - b_item[R.indices[part]]).sum() / (
                reg_user + part.stop - part.start
            )
    return mu, b_user, b_item


def _fit_baseline_with_masks(R, reg_user=15.0, reg_item=10.0):
    dense = R.toarray()
    known = csr_array((np.ones(R.nnz), R.indices, R.indptr), shape=R.shape).toarray().astype(bool)
    mu = dense[known].mean()
    with np.errstate(invalid="ignore"):
        b_item = np.nan_to_num(((dense - mu) * known).sum(axis=0) / (reg_item + known.sum(axis=0)))
        b_user = np.nan_to_num(((dense - mu - b_item) * known).sum(axis=1) / (reg_user + known.sum(axis=1)))
    return mu, b_user, b_item


def _fit_baseline_with_pandas(R, reg_user=15.0, reg_item=10.0):
    cells = R.tocoo()
    table = pd.DataFrame({"u": cells.coords[0], "i": cells.coords[1], "r": cells.data.astype(float)})
    mu = table["r"].mean()
    by_item = (table["r"] - mu).groupby(table["i"]).agg(["sum", "size"])
    b_item = (
        (by_item["sum"] / (reg_item + by_item["size"])).reindex(range(R.shape[1]), fill_value=0.0).to_numpy()
    )
    by_user = (table["r"] - mu - b_item[table["i"]]).groupby(table["u"]).agg(["sum", "size"])
    b_user = (
        (by_user["sum"] / (reg_user + by_user["size"])).reindex(range(R.shape[0]), fill_value=0.0).to_numpy()
    )
    return mu, b_user, b_item


# --- split_random


def _split_random_over_all(R, test_fraction, rng):
    in_test = np.zeros(R.nnz, dtype=bool)
    in_test[rng.choice(R.nnz, size=int(test_fraction * R.nnz), replace=False)] = True
    users = np.repeat(np.arange(R.shape[0]), np.diff(R.indptr))
    return tuple(csr_array((R.data[p], (users[p], R.indices[p])), shape=R.shape) for p in (~in_test, in_test))


def _split_random_zeros_left_in_train(R, test_fraction, rng):
    train, test = csr_array(R, copy=True), csr_array(R, copy=True)
    in_test = np.zeros(R.nnz, dtype=bool)
    for start, stop in zip(R.indptr[:-1], R.indptr[1:], strict=True):
        chosen = rng.choice(np.arange(start, stop), size=int(test_fraction * (stop - start)), replace=False)
        in_test[chosen] = True
    train.data[in_test] = 0
    test.data[~in_test] = 0
    test.eliminate_zeros()
    return train, test


def _split_random_changes_its_input(R, test_fraction, rng):
    test = csr_array(R, copy=True)
    in_test = np.zeros(R.nnz, dtype=bool)
    for start, stop in zip(R.indptr[:-1], R.indptr[1:], strict=True):
        chosen = rng.choice(np.arange(start, stop), size=int(test_fraction * (stop - start)), replace=False)
        in_test[chosen] = True
    R.data[in_test] = 0
    test.data[~in_test] = 0
    R.eliminate_zeros()
    test.eliminate_zeros()
    return R, test


def _split_random_by_keys(R, test_fraction, rng):
    counts = np.diff(R.indptr)
    users = np.repeat(np.arange(R.shape[0]), counts)
    order = np.lexsort((rng.random(R.nnz), users))
    rank = np.empty(R.nnz, dtype=int)
    rank[order] = np.arange(R.nnz) - R.indptr[users]
    in_test = rank < np.floor(test_fraction * counts)[users]
    train, test = (
        csr_array((R.data[part], (users[part], R.indices[part])), shape=R.shape)
        for part in (~in_test, in_test)
    )
    return train, test


def _split_random_by_permutation(R, test_fraction, rng):
    parts = ([], [])
    for u in range(R.shape[0]):
        places = R.indptr[u] + rng.permutation(R.indptr[u + 1] - R.indptr[u])
        n_test = int(np.floor(len(places) * test_fraction))
        for part, own in zip(parts, (places[n_test:], places[:n_test]), strict=True):
            part.extend((u, R.indices[t], R.data[t]) for t in sorted(own))
    matrices = []
    for part in parts:
        u, i, r = (
            (np.array(column) for column in zip(*part, strict=True)) if part else (np.empty(0, int),) * 3
        )
        matrices.append(csr_array((r.astype(float), (u, i)), shape=R.shape))
    return tuple(matrices)


# --- split_latest


def _split_latest_by_row(ratings, n_test=1):
    n_later = ratings.groupby("user_id").cumcount(ascending=False)
    n_of_user = ratings.groupby("user_id")["user_id"].transform("size")
    in_test = (n_later < n_test) & (n_of_user > n_test)
    return ratings[~in_test], ratings[in_test]


def _split_latest_of_all(ratings, n_test=1):
    by_time = ratings.sort_values("timestamp", kind="stable")
    return by_time.iloc[:-n_test], by_time.iloc[-n_test:]


def _split_latest_earlier_row_of_equals(ratings, n_test=1):
    by_time = ratings.sort_values("timestamp", ascending=False, kind="stable")
    position = by_time.groupby("user_id").cumcount().reindex(ratings.index)
    n_of_user = ratings.groupby("user_id")["user_id"].transform("size")
    in_test = (position < n_test) & (n_of_user > n_test)
    return ratings[~in_test], ratings[in_test]


def _split_latest_by_threshold(ratings, n_test=1):
    """All ratings as late as the n_test-th latest: more than n_test of them if some are equally late."""
    nth = ratings.groupby("user_id")["timestamp"].transform(lambda times: times.nlargest(n_test).min())
    n_of_user = ratings.groupby("user_id")["user_id"].transform("size")
    in_test = (ratings["timestamp"] >= nth) & (n_of_user > n_test)
    return ratings[~in_test], ratings[in_test]


def _split_latest_adds_a_column(ratings, n_test=1):
    by_time = ratings.sort_values("timestamp", kind="stable")
    ratings["n_later"] = by_time.groupby("user_id").cumcount(ascending=False)
    n_of_user = ratings.groupby("user_id")["user_id"].transform("size")
    in_test = (ratings["n_later"] < n_test) & (n_of_user > n_test)
    return ratings[~in_test].drop(columns="n_later"), ratings[in_test].drop(columns="n_later")


def _split_latest_with_tail(ratings, n_test=1):
    by_time = ratings.reset_index(drop=True).sort_values("timestamp", kind="stable")
    long_enough = by_time.groupby("user_id")["user_id"].transform("size") > n_test
    test = by_time[long_enough].groupby("user_id").tail(n_test)
    return by_time.drop(test.index), test


def _split_latest_with_lexsort(ratings, n_test=1):
    users = ratings["user_id"].to_numpy()
    order = np.lexsort((ratings["timestamp"].to_numpy(), users))
    ordered = users[order]
    first, end = np.searchsorted(ordered, ordered, "left"), np.searchsorted(ordered, ordered, "right")
    in_test = order[(np.arange(len(users)) >= end - n_test) & (end - first > n_test)]
    return ratings.iloc[np.setdiff1d(order, in_test)], ratings.iloc[in_test]


def _split_latest_by_rank(ratings, n_test=1):
    by_user = ratings.groupby("user_id")["timestamp"]
    n_of_user = by_user.transform("size")
    in_test = (by_user.rank(method="first") > n_of_user - n_test) & (n_of_user > n_test)
    return ratings[~in_test], ratings[in_test]


def _split_latest_by_loop(ratings, n_test=1):
    users, times = ratings["user_id"].tolist(), ratings["timestamp"].tolist()
    rows_of = {}
    for row, user in enumerate(users):
        rows_of.setdefault(user, []).append(row)
    in_test = np.zeros(len(users), dtype=bool)
    for rows in rows_of.values():
        if len(rows) > n_test:
            in_test[sorted(rows, key=lambda row: (times[row], row))[-n_test:]] = True
    return ratings[~in_test].reset_index(drop=True), ratings[in_test].reset_index(drop=True)


# --- binarize


def _binarize_in_shared_memory(R, threshold=4.0):
    likes = csr_array(R, dtype=R.dtype)
    likes.data = (R.data >= threshold).astype(np.float64)
    likes.eliminate_zeros()
    return likes


def _binarize_overwrites(R, threshold=4.0):
    R.data[:] = R.data >= threshold
    R.eliminate_zeros()
    return csr_array(R)


def _binarize_by_comparison(R, threshold=4.0):
    known = csr_array((np.ones(R.nnz, dtype=bool), R.indices, R.indptr), shape=R.shape).toarray()
    return csr_array(known & (R.toarray() >= threshold), dtype=np.float32)


def _binarize_by_cells(R, threshold=4.0):
    cells = R.tocoo()
    likes = cells.data >= threshold
    rows, columns = cells.coords[0][likes], cells.coords[1][likes]
    return csr_array((np.ones(likes.sum(), dtype=np.int8), (rows, columns)), shape=R.shape)


def _split_latest_by_loc(ratings, n_test=1):
    order = np.argsort(ratings["timestamp"].to_numpy(), kind="stable")
    by_time = ratings.loc[ratings.index[order]] if ratings.index.is_unique else ratings.iloc[order]
    later = by_time.groupby("user_id").cumcount(ascending=False)
    size = by_time.groupby("user_id")["timestamp"].transform("size")
    in_test = np.zeros(len(ratings), dtype=bool)
    in_test[by_time.index[(later < n_test) & (size > n_test)] % max(len(ratings), 1)] = True
    return ratings[~in_test], ratings[in_test]


def _split_by_swaps(R, test_fraction, rng):
    """A shuffle that is known from many notebooks, and not uniform."""
    in_test = np.zeros(R.nnz, dtype=bool)
    for start, stop in zip(R.indptr[:-1], R.indptr[1:], strict=True):
        places = np.arange(start, stop)
        for place in range(len(places)):
            other = rng.integers(len(places))
            places[[place, other]] = places[[other, place]]
        in_test[places[: int(test_fraction * len(places))]] = True
    users = np.repeat(np.arange(R.shape[0]), np.diff(R.indptr))
    train, test = (
        csr_array((R.data[part], (users[part], R.indices[part])), shape=R.shape)
        for part in (~in_test, in_test)
    )
    return train, test


MUTANTS = {
    "rmse": {
        "narrow_types": Edit(
            "np.asarray(actual, dtype=float), np.asarray(predicted, dtype=float)",
            "np.asarray(actual), np.asarray(predicted)",
            "Compute in float64",
        ),
        "root_forgotten": Edit(
            "np.sqrt(np.mean((actual - predicted) ** 2))",
            "np.mean((actual - predicted) ** 2)",
            "take its root",
            headline=True,
        ),
        "absolute_error": Edit(
            "np.sqrt(np.mean((actual - predicted) ** 2))",
            "np.mean(abs(actual - predicted))",
            "mean absolute error",
            headline=True,
        ),
        "sum_for_mean": Edit("np.mean(", "np.sum(", "root of the sum"),
        "divided_after_the_root": Edit(
            "np.sqrt(np.mean((actual - predicted) ** 2))",
            "np.sqrt(np.sum((actual - predicted) ** 2)) / actual.size",
            "divide after the root",
        ),
        "signs_cancel": Edit(
            "np.sqrt(np.mean((actual - predicted) ** 2))",
            "abs(np.mean(actual - predicted))",
            "cancel",
            headline=True,
        ),
        "lengths_not_compared": Whole(_rmse_without_lengths, says="wanted a ValueError"),
        "one_prediction_stretched": Edit(
            "actual.shape != predicted.shape", "predicted.size > actual.size", "wanted a ValueError"
        ),
        "the_shorter_counts": Whole(_rmse_of_the_shorter, says="wanted a ValueError"),
        "nan_for_nothing": Edit("actual.size == 0", "actual.size < 0", "no ratings at all"),
        "return_forgotten": Edit("return float(", "float(", "does its last line say `return`"),
        "mean_forgotten": Edit(
            "float(np.sqrt(np.mean((actual - predicted) ** 2)))",
            "np.sqrt((actual - predicted) ** 2)",
            "is a sum or a mean missing",
        ),
        "text_for_a_number": Edit("return float(", "return str(", "a str"),
        "lists_subtracted": Whole(_rmse_of_lists, says="np.asarray"),
    },
    "parse_ratings": {
        "nanoseconds": Edit(
            '.astype(np.int64).astype("datetime64[s]")',
            '.astype("datetime64[ns]").astype("datetime64[s]")',
            "nanoseconds",
            headline=True,
        ),
        "timestamp_dropped": Edit(
            '.astype(np.int64).astype("datetime64[s]"),\n        }',
            ".astype(np.int64),\n        }",
            "Wanted the types",
        ),
        "double_precision": Edit("astype(np.float32)", "astype(np.float64)", "Wanted the types"),
        "a_field_too_many_moves_all": Edit(
            "not isinstance(table.index, pd.RangeIndex)", "False", "returned a DataFrame"
        ),
        "a_field_too_many_without_a_file": Edit('f"{path}: {error}"', "str(error)", "must name the file"),
        "names_of_the_file": Edit('"user_id":', '"userId":', "Wanted the columns"),
        "zero_is_a_rating": Edit("(0 < values)", "(0 <= values)", "a rating of 0", headline=True),
        "above_five_is_a_rating": Edit("(values <= 5)", "(values <= 10)", "a rating above 5", headline=True),
        "negative_is_a_rating": Edit("(0 < values)", "(values != 0)", "a negative rating"),
        "dict_for_a_table": Edit("return pd.DataFrame(\n", "return dict(\n", "returns a DataFrame"),
        "five_refused": Edit("(values <= 5)", "(values < 5)", "A good file was refused"),
        "times_before_1970_refused": Edit(
            "else values % 1 == 0", "else (values % 1 == 0) & (values >= 0)", "A good file was refused"
        ),
        "missing_passes": Edit("values % 1 == 0", "values % 1 != 0.5", "missing"),
        "row_of_the_table": Edit("row + 2", "row", "an editor counts"),
        "header_not_counted": Edit("row + 2", "row + 1", "do not count the header", headline=True),
        "last_bad_line": Edit(
            "int(np.argmin(good))", "len(good) - 1 - int(np.argmin(good[::-1]))", "the first of them"
        ),
        "column_not_named": Edit(
            ", column {column!r}: {table[column][row]!r} is not {wanted}", "", "must name the column"
        ),
        "file_not_named": Edit(
            'f"{path}, line {row + 2}', 'f"line {row + 2}', "must name the file", headline=True
        ),
        "half_star_at_least": Edit("(0 < values)", "(0.5 <= values)", "A good file was refused"),
        "half_stars_only": Edit(
            "(0 < values) & (values <= 5)", "values.isin(np.arange(1, 11) / 2)", "A good file was refused"
        ),
        "ids_taken_for_numbers": Whole(_parse_ratings_trusts_the_ids, says="a userId that is no number"),
        "by_position": Whole(_parse_ratings_by_position, says="by their names"),
        "bad_rows_dropped": Whole(_parse_ratings_drops_bad_rows, says="returned a DataFrame", headline=True),
        "empty_file_not_named": Edit(
            "{path} is empty: download the data again", "no data", "must name the file"
        ),
        "header_alone_passes": Edit("if table.empty:", "if False:", "a header and no ratings"),
        "missing_column_as_key_error": Edit("column not in table:", "False:", "KeyError"),
        "local_time": Edit(
            'columns["timestamp"].astype(np.int64).astype("datetime64[s]")',
            '[pd.Timestamp(__import__("datetime").datetime.fromtimestamp(int(s))) '
            'for s in columns["timestamp"]]',
            "take no local time",
        ),
    },
    "popular_subset": {
        "ids_of_float64": Edit(
            "    counts =",
            "    if ratings['item_id'].dtype.kind == 'i':\n"
            "        ratings = ratings.assign(item_id=ratings['item_id'].astype(float))\n    counts =",
            says="beyond 2⁵³",
        ),
        "more_than": Edit(
            "ratings_of_user >= min_ratings", "ratings_of_user > min_ratings", "is >=", headline=True
        ),
        "least_popular": Edit("ascending=False", "ascending=True", "*most* ratings", headline=True),
        "one_item_too_many": Edit("[:n_items]", "[: n_items + 1]", "only items 9 and 4"),
        "larger_id_of_equals": Edit(".size()", ".size()[::-1]", "*larger* ids", headline=True),
        "ties_by_chance": Edit(
            'ascending=False, kind="stable")', 'ascending=False, kind="quicksort")', "keep"
        ),
        "ties_by_appearance": Edit(
            'ratings.groupby("item_id").size()',
            'ratings.groupby("item_id", sort=False).size()',
            "keep",
            headline=True,
        ),
        "users_counted_over_all_items": Edit(
            'kept.groupby("user_id")["item_id"].transform("size")',
            'ratings.groupby("user_id")["item_id"].transform("size").loc[kept.index]',
            "User 3",
            headline=True,
        ),
        "users_not_filtered": Edit("kept[ratings_of_user >= min_ratings]", "kept", "User 3"),
        "users_first": Whole(_popular_subset_users_first, says="First choose the items"),
        "rows_sorted": Whole(_popular_subset_renumbers_and_sorts, says="order"),
        "column_lost": Edit(
            "kept[ratings_of_user >= min_ratings]",
            'kept[ratings_of_user >= min_ratings].drop(columns="timestamp")',
            "columns",
        ),
        "best_rated": Edit(
            'groupby("item_id").size()', 'groupby("item_id")["rating"].mean()', "not their height"
        ),
        "pairs_counted_once": Whole(_popular_subset_counts_pairs_once, says="rated twice"),
        "array_for_a_table": Edit(
            "kept[ratings_of_user >= min_ratings]",
            "kept[ratings_of_user >= min_ratings].to_numpy()",
            "a DataFrame",
        ),
        "counted_by_bincount": Edit(
            'counts = ratings.groupby("item_id").size()',
            'counts = pd.Series(np.bincount(ratings["item_id"] - 0))\n    counts = counts[counts > 0]',
        ),
    },
    "encode_ids": {
        "order_of_appearance": Whole(
            _encode_ids_in_order_of_appearance, says="order of appearance", headline=True
        ),
        "order_of_appearance_of_strings": Whole(_encode_ids_unsorted_strings, says="must ascend"),
        "table_over_ids": Whole(_encode_ids_by_table, says="An id is a name"),
        "gaps_kept": Whole(_encode_ids_minus_the_smallest, says="0, 1, 2"),
        "from_one": Edit("return codes, uniques", "return codes + 1, uniques", "0, 1, 2"),
        "swapped": Edit("return codes, uniques", "return uniques, codes", "(uniques, codes)"),
        "float_codes": Edit("return codes, uniques", "return codes.astype(float), uniques", "integers"),
        "first_positions": Edit("return_inverse=True", "return_index=True"),
    },
    "lookup_ids": {
        "neighbour": Edit("np.where(uniques[codes] == ids, codes, -1)", "codes", "neighbour", headline=True),
        "place_of_insertion": Whole(_lookup_ids_clipped_unchecked, says="searchsorted", headline=True),
        "new_id_is_the_first": Edit("codes, -1)", "codes, 0)", "code 0", headline=True),
        "fails_above_all": Whole(_lookup_ids_left_without_limit, says="IndexError"),
        "length_above_all": Whole(_lookup_ids_above_all, says="becomes -1"),
        "new_ids_left_out": Whole(_lookup_ids_new_ones_dropped, says="Four ids want four codes"),
        "float_codes": Whole(_lookup_ids_as_floats, says="must be integers"),
        "fails_for_a_new_id": Whole(_lookup_ids_by_index, says="40 is new"),
        "text_is_cut": Edit(
            "np.asarray(uniques), np.asarray(ids)",
            "np.asarray(uniques), np.asarray(ids).astype(np.asarray(uniques).dtype)",
            "text of different lengths",
        ),
    },
    "to_csr": {
        "added_up": Whole(_to_csr_added_up, says="says 9", headline=True),
        "averaged": Whole(_to_csr_averaged, says="not the mean"),
        "first_kept": Edit(
            "last = len(cells) - 1 - from_behind",
            "_, last = np.unique(cells, return_index=True)",
            "yours is the first",
            headline=True,
        ),
        "largest": Whole(_to_csr_largest, says="the largest"),
        "sort_not_stable": Whole(_to_csr_unstable, says='kind="stable"'),
        "dense": Whole(_to_csr_dense, says="m·n", headline=True),
        "in_32_bits": Whole(_to_csr_in_32_bits, says="32 bits"),
        "iterrows": Whole(_to_csr_with_iterrows, says="iterrows"),
        "negative_wraps": Whole(_to_csr_negative_wraps, says="wanted a ValueError", headline=True),
        "outside_dropped": Whole(_to_csr_drops_what_is_outside, says="wanted a ValueError"),
        "shape_from_the_data": Whole(_to_csr_inferred_shape),
        "transposed": Edit(
            "(users[last], items[last])), shape=shape",
            "(items[last], users[last])), shape=shape[::-1]",
            "shape",
        ),
        "keys_in_32_bits": Edit(
            "users, items = np.asarray(users, dtype=np.int64), np.asarray(items, dtype=np.int64)",
            "users, items = np.asarray(users), np.asarray(items)",
            "codes of 32 bits",
        ),
    },
    "density": {
        "percentage": Edit("R.nnz /", "100 * R.nnz /", "percentage", headline=True),
        "sparsity": Edit(
            "R.nnz / (n_users * n_items)", "1 - R.nnz / (n_users * n_items)", "sparsity", headline=True
        ),
        "sum_of_ratings": Edit("R.nnz", "R.sum()", "add the ratings up"),
        "sum_of_sides": Edit("n_users * n_items", "n_users + n_items", "m + n"),
        "square_of_users": Edit("n_users * n_items", "n_users * n_users", "m²"),
        "square_of_items": Edit("n_users * n_items", "n_items * n_items", "n²"),
        "dense": Whole(_density_dense, says="dense", headline=True),
        "rounded": Whole(_density_rounded, says="round"),
        "zeros_not_counted": Edit("R.nnz", "R.count_nonzero()", "because it is stored"),
        "ratings_made_ones": Edit(
            "    n_users, n_items = R.shape",
            "    R.data[:] = 1\n    n_users, n_items = R.shape",
            "R.data was changed",
        ),
    },
    "fit_baseline": {
        "mean_over_all_cells": Edit(
            "mu = ratings.mean()", "mu = R.sum() / (n_users * n_items)", "unknown ones as 0"
        ),
        "mean_of_item_means": Edit(
            "mu = ratings.mean()",
            "mu = np.mean([ratings[items == i].mean() for i in np.unique(items)])",
            "mean of means",
        ),
        "absolute_means": Edit(
            "shrunken_mean(ratings - mu, items, n_items, reg_item)",
            "shrunken_mean(ratings, items, n_items, reg_item)",
            "departs from mu",
            headline=True,
        ),
        "item_bias_not_taken_off": Edit("ratings - mu - b_item[items]", "ratings - mu", "explained twice"),
        "mean_not_taken_off_for_users": Edit(
            "ratings - mu - b_item[items]", "ratings - b_item[items]", "take mu off"
        ),
        "users_first": Whole(_fit_baseline_users_first, says="the items come first", headline=True),
        "unknown_as_zero": Whole(
            _fit_baseline_unknown_as_zero, says="unknown cells count as ratings of 0", headline=True
        ),
        "zeros_after_centring_not_counted": Whole(_fit_baseline_counts_after_centring, says="It equals mu"),
        "in_the_type_of_the_ratings": Whole(_fit_baseline_in_the_type_of_the_ratings, says="of type int64"),
        "not_shrunk": Edit("reg + n_ratings", "n_ratings", "regularisation is missing", headline=True),
        "reg_user_for_items": Edit(
            "n_items, reg_item)\n", "n_items, reg_user)\n", "shrunk by reg_user", headline=True
        ),
        "reg_item_for_users": Edit(
            "n_users, reg_user)\n", "n_users, reg_item)\n", "shrunk by reg_item", headline=True
        ),
        "both_regularisers_swapped": Edit(
            "def shrunken_mean",
            "reg_user, reg_item = reg_item, reg_user\n    def shrunken_mean",
            "are swapped",
        ),
        "added_after_the_division": Edit(
            "np.divide(sums, reg + n_ratings,", "reg + np.divide(sums, n_ratings,"
        ),
        "nan_without_ratings": Edit(", out=np.zeros(size), where=n_ratings > 0)", ")", "NaN"),
        "biases_swapped": Edit(
            "return float(mu), b_user, b_item", "return float(mu), b_item, b_user", "swapped"
        ),
    },
    "split_random": {
        "among_the_first_thousand": Edit(
            "rng.choice(np.arange(start, stop), size=n_test, replace=False)",
            "rng.choice(np.arange(start, min(stop, start + max(1000, n_test))), size=n_test, replace=False)",
            says="in the second half",
        ),
        "rounded_up": Edit(
            "int(test_fraction * (stop - start))",
            "int(np.ceil(test_fraction * (stop - start)))",
            "round up",
            headline=True,
        ),
        "rounded_to_nearest": Edit(
            "int(test_fraction * (stop - start))", "round(test_fraction * float(stop - start))", "round"
        ),
        "at_least_one": Edit(
            "int(test_fraction * (stop - start))",
            "min(stop - start, max(1, int(test_fraction * (stop - start))))",
            "at least one rating of each user",
            headline=True,
        ),
        "test_left_in_train": Edit(
            "in (~in_test, in_test)", "in (in_test | True, in_test)", "leak", headline=True
        ),
        "zeros_left_in_train": Whole(
            _split_random_zeros_left_in_train, says="eliminate_zeros", headline=True
        ),
        "swapped": Edit("in (~in_test, in_test)", "in (in_test, ~in_test)", "exchanged"),
        "over_all_users": Whole(_split_random_over_all, says="drawn from all ratings"),
        "with_replacement": Edit("replace=False", "replace=True"),
        "block_of_neighbours": Edit(
            "rng.choice(np.arange(start, stop), size=n_test, replace=False)",
            "start + (rng.integers(max(stop - start, 1)) + np.arange(n_test)) % max(stop - start, 1)",
            "block of neighbours",
        ),
        "own_generator": Edit(
            "in_test = np.zeros(",
            "rng = np.random.default_rng()\n    in_test = np.zeros(",
            "asked twice the same",
        ),
        "same_seed_for_each_user": Edit("rng.choice(", "np.random.default_rng(0).choice(", "a fixed seed"),
        "rng_restarted_for_each_user": Edit(
            "n_test = int(", "rng = np.random.default_rng(42)\n        n_test = int(", "a fixed seed"
        ),
        "same_positions": Edit(
            "in_test[rng.choice(np.arange(start, stop), size=n_test, replace=False)]",
            "in_test[start + np.random.default_rng(rng.bit_generator.seed_seq).choice(stop - start, "
            "size=n_test, replace=False)]",
            "asked twice the same",
        ),
        "head": Edit(
            "rng.choice(np.arange(start, stop), size=n_test, replace=False)",
            "start : start + n_test",
            "not from the head",
            headline=True,
        ),
        "tail": Edit(
            "rng.choice(np.arange(start, stop), size=n_test, replace=False)",
            "stop - n_test : stop",
            "or the tail",
            headline=True,
        ),
        "input_changed": Whole(_split_random_changes_its_input, says="R.data was changed"),
        "shape_lost": Edit(", shape=R.shape)", ")"),
        "swapped_axes": Edit("(users[part], R.indices[part])", "(R.indices[part], users[part])"),
        "every_place_with_any_other": Whole(_split_by_swaps, "with *any* other"),
    },
    "split_latest": {
        "order_of_rows": Whole(_split_latest_by_row, says="last *row*", headline=True),
        "earliest": Edit("cumcount(ascending=False)", "cumcount()", "earliest", headline=True),
        "latest_of_all": Whole(_split_latest_of_all, says="of *each* user", headline=True),
        "single_rating_to_test": Edit(" & (n_of_user > n_test)", "", "single rating", headline=True),
        "n_test_ratings_to_test": Edit("n_of_user > n_test", "n_of_user >= n_test", "single rating"),
        "two_needed": Edit("n_of_user > n_test", "n_of_user > 1", "n_test or fewer"),
        "one_too_many": Edit("n_later < n_test", "n_later <= n_test", "wanted one"),
        "always_one": Edit("n_later < n_test", "n_later < 1", "wanted the latest two"),
        "earlier_row_of_equals": Whole(_split_latest_earlier_row_of_equals, says="equally late"),
        "all_equals": Whole(_split_latest_by_threshold, says="equally late"),
        "sort_undone": Edit(
            ".cumcount(ascending=False).sort_index()", ".cumcount(ascending=False)", "sort_index()"
        ),
        "sort_not_stable": Edit('"timestamp", kind="stable"', '"timestamp"', 'only with kind="stable"'),
        "test_left_in_train": Edit(
            "ratings[~in_test], ratings[in_test]", "ratings, ratings[in_test]", "both parts"
        ),
        "swapped": Edit(
            "ratings[~in_test], ratings[in_test]", "ratings[in_test], ratings[~in_test]", "exchanged"
        ),
        "masks_for_tables": Edit(
            "ratings[~in_test], ratings[in_test]", "~in_test, in_test", "some rows of the table"
        ),
        "timestamps_dropped": Edit(
            "ratings[~in_test], ratings[in_test]",
            'ratings[~in_test].drop(columns="timestamp"), ratings[in_test].drop(columns="timestamp")',
            "must have all columns",
        ),
        "column_added_to_its_input": Whole(_split_latest_adds_a_column, says="ratings.columns was changed"),
        "places_taken_for_labels": Whole(_split_latest_by_loc, "an index"),
    },
    "binarize": {
        "more_than": Edit("likes.data >= threshold", "likes.data > threshold", "exactly 4.0", headline=True),
        "stars_kept": Edit(
            "(likes.data >= threshold).astype(np.float64)",
            "np.where(likes.data >= threshold, likes.data, 0.0)",
            "stars",
            headline=True,
        ),
        "zeros_stored": Edit("likes.eliminate_zeros()", "pass", "eliminate_zeros", headline=True),
        "all_known_are_likes": Edit(
            "(likes.data >= threshold).astype(np.float64)", "np.ones(R.nnz)", "that is no like"
        ),
        "dislikes_negative": Edit(
            "(likes.data >= threshold).astype(np.float64)",
            "np.where(likes.data >= threshold, 1.0, -1.0)",
            "negative",
        ),
        "threshold_ignored": Edit(
            "likes.data >= threshold", "likes.data >= 4.0", "Threshold 3.0", headline=True
        ),
        "memory_shared": Whole(_binarize_in_shared_memory, says="R.data was changed"),
        "overwritten": Whole(_binarize_overwrites, says="R.data was changed"),
        "compared_with_unknown_cells": Edit(
            "    likes = csr_array(R, dtype=np.float64, copy=True)",
            "    if threshold <= 0:\n        return csr_array(R.toarray() >= threshold, dtype=float)\n"
            "    likes = csr_array(R, dtype=np.float64, copy=True)",
            "no rating of 0",
        ),
    },
}

ALTERNATIVES = {
    "rmse": {"loop": _rmse_by_loop, "norm": _rmse_by_norm},
    "parse_ratings": {"csv_module": _parse_ratings_with_csv},
    "popular_subset": {
        "lexsort": _popular_subset_with_lexsort,
        "nlargest": _popular_subset_with_nlargest,
        "dicts_and_filter": _popular_subset_with_dicts,
    },
    "encode_ids": {"dict": _encode_ids_with_dict, "pandas": _encode_ids_with_pandas},
    "lookup_ids": {"dict": _lookup_ids_with_dict, "pandas": _lookup_ids_with_pandas},
    "to_csr": {"pandas": _to_csr_with_pandas, "lexsort": _to_csr_with_lexsort, "dict": _to_csr_with_dict},
    "density": {"rows": _density_of_rows, "data": _density_of_data},
    "fit_baseline": {
        "loops": _fit_baseline_by_loops,
        "masks": _fit_baseline_with_masks,
        "pandas": _fit_baseline_with_pandas,
    },
    "split_random": {"random_keys": _split_random_by_keys, "permutation": _split_random_by_permutation},
    "split_latest": {
        "tail": _split_latest_with_tail,
        "rank": _split_latest_by_rank,
        "lexsort": _split_latest_with_lexsort,
        "loop": _split_latest_by_loop,
    },
    "binarize": {"comparison": _binarize_by_comparison, "cells": _binarize_by_cells},
}
