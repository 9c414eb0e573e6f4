"""What do the hidden checks of unit 01, loading and splitting ratings, ask of each exercise?"""

from __future__ import annotations

import math
import os
import re
import time

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from course_utils.checks.awkward import item_lists, rating_matrices, rating_tables, score_arrays
from course_utils.checks.call import call, number_of, parts_of, refusal_of, result_of
from course_utils.checks.data_loading import (
    BASELINE,
    HEADER,
    accepted_table,
    latest_split_of,
    matrix_of,
    names_line,
    random_split_of,
    ratings_table,
    refusal_of_file,
    rows_with_lengths,
    stored_cells,
    table_of,
    time_table,
)
from course_utils.checks.extremes import DIGITS, FAR, TINY, near
from course_utils.checks.fair import unlikely

# --- rmse


def check_rmse_refuses_what_cannot_be_compared(rmse, seed=0):
    """Different lengths and empty arrays raise ValueError; shuffling the pairs changes nothing."""
    rng = np.random.default_rng(seed)
    actual, predicted = rng.uniform(0.5, 5, size=7), rng.uniform(0.5, 5, size=7)
    order = rng.permutation(7)
    got, shuffled = (number_of("rmse", rmse, actual[rows], predicted[rows]) for rows in (np.arange(7), order))
    assert np.isclose(got, shuffled), (
        "Both arrays were put in another order, pair by pair; the RMSE must not change."
    )
    assert np.isclose(number_of("rmse", rmse, actual, actual), 0), "The RMSE of a perfect prediction is 0."
    for left, right, why in [
        (
            actual,
            predicted[:1],
            "7 ratings and 1 prediction: NumPy stretches the one over all seven, and nobody notices",
        ),
        (actual, predicted[:5], "7 ratings and 5 predictions"),
        ([], [], "no ratings at all: a mean of nothing is NaN, which would travel on into your results"),
    ]:
        refusal_of("rmse", why, rmse, left, right)


def check_rmse_awkward(rmse, seed=0):
    """Of numbers of any type and size, as arrays or lists: the root of the mean of the squares."""
    rng = np.random.default_rng([seed, 5])
    stars = rng.integers(1, 6, size=9)
    cases = {case: (scores, rng.permutation(scores)) for case, scores in score_arrays(seed).items()}
    cases |= {
        "whole stars": (stars, stars[::-1]),
        "lists": ([1, 5, 2], [5, 1.5, 2]),
        "one against a list": (np.array([4.0]), [1]),
        "ratings of 8 bits, without a sign": rng.integers(0, 256, size=(2, 9), dtype=np.uint8),
        "ratings of 8 bits": rng.integers(-128, 128, size=(2, 9), dtype=np.int8),
        "one error of a hundred": (np.zeros(100), np.eye(1, 100)[0]),
        "errors far out": (FAR * stars, -FAR * stars[::-1]),
    }
    for case, (actual, predicted) in cases.items():
        got = number_of(f"rmse ({case})", rmse, actual, predicted)
        errors = [float(a) - float(b) for a, b in zip(actual, predicted, strict=True)]
        wanted = math.sqrt(math.fsum(e * e for e in errors) / len(errors))
        assert near(got, wanted), f"rmse ({case}): wanted {wanted:.8g}, yours {got:.8g}. {DIGITS}"


# --- parse_ratings


def check_parse_ratings_columns_by_name(parse_ratings, seed=0):
    """The header says which column is which, in any order, with a column too many; 0.1 stars are fine."""
    rng = np.random.default_rng(seed)
    # Items that could be ratings: who takes columns by their positions is not refused, but wrong.
    ids = np.column_stack([rng.choice(np.arange(6, 1000), size=3), rng.permutation([2, 3, 4, 5])[:3]])
    rest = [("4", "3.5", "tv"), ("5", "5", "pc"), ("4102444800", "0.1", "tv")]
    rows = [f"{t},{r},{i},{u},{d}\n" for (t, r, d), (u, i) in zip(rest, ids.tolist(), strict=True)]
    text = "timestamp,rating,movieId,userId,device\n" + "".join(rows)
    table = accepted_table(parse_ratings, text)
    assert list(table.columns) == ["user_id", "item_id", "rating", "timestamp"], (
        f"Wanted the four columns user_id, item_id, rating, timestamp alone; got {list(table.columns)}."
    )
    got = (list(table["user_id"]), list(table["item_id"]), list(table["rating"]))
    assert got == (ids[:, 0].tolist(), ids[:, 1].tolist(), [3.5, 5.0, np.float32(0.1)]), (
        "In this file timestamp comes first and userId after movieId; the users, items and ratings that you "
        f"read, {got}, are not the file's. Take the columns by their names, not by their positions."
    )
    assert table["timestamp"].iloc[2] == pd.Timestamp("2100-01-01"), (
        f"4102444800 seconds are 2100-01-01 00:00 UTC; got {table['timestamp'].iloc[2]}. It does not fit "
        "into 32 bits."
    )


def check_parse_ratings_refuses_bad_values(parse_ratings):
    """Every kind of bad value in every column is refused, in the first line where it stands."""
    for column, bad, what in [
        ("rating", "5.5", "a rating above 5"),
        ("rating", "-1", "a negative rating"),
        ("rating", "", "a missing rating (NaN)"),
        ("rating", "four", "a rating that is no number"),
        ("userId", "", "a missing userId (NaN)"),
        ("movieId", "", "a missing movieId (NaN)"),
        ("timestamp", "", "a missing timestamp (NaN)"),
        ("userId", "ana", "a userId that is no number"),
        ("movieId", "tt0114709", "a movieId that is no number"),
        ("timestamp", "2000-07-30", "a timestamp that is no number"),
        ("userId", "62.5", "a userId with a fraction"),
        ("movieId", "72.5", "a movieId with a fraction"),
    ]:
        lines = [["61", "71", "0.5", "1000"], ["62", "72", "5", "1000"], ["63", "73", "3", "1000"]] * 4
        lines = [list(line) for line in lines]
        for row in (6, 9):  # lines 8 and 11 of the file
            lines[row][HEADER.split(",").index(column)] = bad
        message = refusal_of_file(
            parse_ratings, "\n".join([HEADER, *(",".join(line) for line in lines)]) + "\n", what
        )
        rest = message.replace("ratings.csv", "")
        name = {"userId": "user", "movieId": "(movie|item)"}.get(column, column)
        assert re.search(name, rest), (
            f"The message for {what} must name the column {column}; it says: {message}"
        )
        assert not (names_line(rest, 11) and not names_line(rest, 8)), (
            f"Lines 8 and 11 hold {what}; the message must name the first of them, 8; it says: {message}"
        )
        assert names_line(rest, 8), f"Line 8 holds {what}; the message does not name it; it says: {message}"
    text = f"{HEADER}\n61,71,0.5,1000\n62,72,5,1000\n\n63,73,3,1000\n64,74,four,1000\n"
    message = refusal_of_file(parse_ratings, text, "an empty line, and then a rating that is no number")
    assert names_line(message.replace("ratings.csv", ""), 4, 6), (
        "Line 4 of this file is empty, and line 6 holds a rating that is no number: the message must name "
        f"one of them, as an editor counts, empty lines included; it says: {message}"
    )


def check_parse_ratings_refuses_missing_columns_and_empty_files(parse_ratings):
    """No file of ratings: a column is missing, nothing in it, a header alone, more fields than names."""
    message = refusal_of_file(
        parse_ratings, "userId,movieId,rating\n1,2,3.0\n", "a missing column `timestamp`"
    )
    assert "timestamp" in message, f"The message must name the missing column `timestamp`; it says: {message}"
    refusal_of_file(parse_ratings, "", "an empty file")
    refusal_of_file(parse_ratings, HEADER + "\n", "a file with a header and no ratings")
    # The values at the wrong places would all pass for values of their columns.
    rows = ["1,2,3,4", "2,3,4,5", "3,4,5,2"]
    for longer in ({0, 1, 2}, {1}):
        lines = [row + ",7" if place in longer else row for place, row in enumerate(rows)]
        what = "five fields in a line, and four names in the header"
        refusal_of_file(parse_ratings, "\n".join([HEADER, *lines]) + "\n", what)


def check_parse_ratings_awkward(parse_ratings):
    """In whichever time zone: the file counts seconds since 1970 UTC. Ids may be beyond 2⁵³."""
    ids = [2**53 + 1, 2**53 + 3]
    table = accepted_table(parse_ratings, f"{HEADER}\n{ids[0]},{ids[1]},2.5,1112486027\n7,2,4.0,0\n")
    got = [int(table[name].iloc[0]) if name in table else None for name in ("user_id", "item_id")]
    assert got == ids, (
        f"User and item {ids} became {got}: float64 does not hold such numbers. Keep ids as whole numbers."
    )
    before = os.environ.get("TZ")
    try:
        for zone in ("UTC", "Asia/Kathmandu", "America/St_Johns"):
            os.environ["TZ"] = zone
            getattr(time, "tzset", lambda: None)()  # Windows has none
            # The last is of 1969: before the count begins, and a whole number like any other.
            rows = "1,31,2.5,1112486027\n7,2,4.0,0\n7,3,4.0,-86400\n"
            table = accepted_table(parse_ratings, f"{HEADER}\n{rows}")
            got = table["timestamp"].to_numpy().astype("datetime64[s]").astype(np.int64).tolist()
            assert got == [1_112_486_027, 0, -86_400], (
                f"On a computer in the zone {zone} the timestamps became {got} seconds since 1970 UTC; "
                "which the file does not say. It counts in UTC: take no local time."
            )
    finally:
        os.environ.pop("TZ", None)
        if before is not None:
            os.environ["TZ"] = before
        getattr(time, "tzset", lambda: None)()


# --- popular_subset


def check_popular_subset_brute_force(popular_subset, seed=0):
    """Agrees with counting by hand, also where pairs were rated twice, and for more items than there are."""
    rng = np.random.default_rng(seed)
    for n_items, min_ratings in [(4, 2), (3, 1), (5, 3), (100, 4)]:
        cells = rng.choice(15 * 9, size=50, replace=False)
        cells = rng.permutation(np.concatenate([cells, cells[:8], cells[:3]]))  # people rate a film again
        pairs = [(int(cell) // 9, int(cell) % 9) for cell in cells]
        table = ratings_table(pairs)
        counts = {}
        for _, item in pairs:
            counts[item] = counts.get(item, 0) + 1
        popular = sorted(counts, key=lambda item: (-counts[item], item))[:n_items]  # noqa: B023
        among = {}
        for user, item in pairs:
            among[user] = among.get(user, 0) + (item in popular)
        wanted = [0.5 * (j + 1) for j, (u, i) in enumerate(pairs) if i in popular and among[u] >= min_ratings]
        asked = {"n_items": n_items, "min_ratings": min_ratings}
        got = table_of("popular_subset", popular_subset, table, **asked)["rating"].tolist()
        too_strict = [
            0.5 * (j + 1) for j, (u, i) in enumerate(pairs) if i in popular and among[u] > min_ratings
        ]
        assert got == wanted or got != too_strict, (
            f"Users with exactly min_ratings={min_ratings} ratings are missing: *at least* is >=, not >."
        )
        assert sorted(got) == sorted(wanted), (
            f"n_items={n_items}, min_ratings={min_ratings}: wanted {len(wanted)} rows, got {len(got)}, or "
            "others. First choose the "
            "items by all ratings, then the users by their ratings of those items. A pair that was rated "
            "twice counts as two ratings."
        )
        assert got == wanted, "The right rows in another order: keep the order of the table."


def check_popular_subset_awkward(popular_subset, seed=0):
    """On awkward tables: the rows of a count by hand, in their order, with all columns."""
    tables = rating_tables(seed)
    del tables["no row"]
    for case, table in tables.items():
        for n_items, min_ratings in [(2, 3), (3, 1), (99, 4)]:
            users, items = table["user_id"].tolist(), table["item_id"].tolist()
            popular = sorted(set(items), key=lambda item: (-items.count(item), item))[:n_items]
            kept = [(user, item in popular) for user, item in zip(users, items, strict=True)]
            wanted = [place for place, row in enumerate(kept) if row[1] and kept.count(row) >= min_ratings]
            label = f"popular_subset ({case}, n_items={n_items}, min_ratings={min_ratings})"
            got = table_of(label, popular_subset, table, n_items=n_items, min_ratings=min_ratings)
            tags = table["rating"].iloc[wanted].tolist()
            assert list(got.columns) == list(table.columns), (
                f"{label}: all columns are kept, {list(table.columns)}; yours are {list(got.columns)}."
            )
            assert got["rating"].tolist() == tags, (
                f"{label}: wanted {len(tags)} rows, those with the ratings {tags}; yours have "
                f"{got['rating'].tolist()}."
            )


# --- encode_ids and lookup_ids


def check_encode_ids_round_trip(encode_ids, seed=0):
    """Numbers, huge numbers, strings: sorted uniques, and uniques[codes] gives back the ids."""
    rng = np.random.default_rng(seed)
    names = np.array(["0195153448", "0002005018", "0060973129", "b-7", "B-7", "x"])
    for what, pool in [
        ("whole numbers", np.array([5, 17, 3, 900, 42, 8])),
        ("numbers up to 10^15 (no table of that length fits into memory)", rng.choice(10**15, size=6)),
        ("strings (Book-Crossing's items are ISBNs)", names),
    ]:
        ids = rng.permutation(np.concatenate([pool, rng.choice(pool, size=20)]))
        for given in (ids.copy(), ids.tolist()):
            name, hint = f"encode_ids (of {what})", "An id is a name; do not calculate with it."
            parts = parts_of(name, ("codes", "uniques"), encode_ids, given, hint=hint)
            codes, uniques = map(np.asarray, parts)
            assert set(codes.tolist()) == set(range(6)), (
                f"For {what}: 6 ids get the codes 0 … 5; got {set(codes.tolist())}."
            )
            assert np.issubdtype(codes.dtype, np.integer), f"Codes must be integers; got {codes.dtype}."
            assert sorted(uniques.tolist()) == sorted(set(ids.tolist())), (
                f"For {what}: uniques must hold each id once."
            )
            assert np.array_equal(uniques[codes], ids), f"For {what}: uniques[codes] must give back the ids."
            assert uniques.tolist() == sorted(uniques.tolist()), (
                f"For {what}: uniques must ascend; got {uniques.tolist()}, perhaps the order of appearance."
            )


def check_encode_ids_awkward(encode_ids, seed=0):
    """Ids of any kind: text of different lengths, huge and negative numbers, one, none, lists."""
    for case, ids in _awkward_ids(seed).items():
        label = f"encode_ids ({case})"
        codes, uniques = map(np.asarray, parts_of(label, ("codes", "uniques"), encode_ids, ids))
        given = np.asarray(ids).tolist()
        assert uniques.tolist() == sorted(set(given)), (
            f"{label}: the different ids, ascending, are {sorted(set(given))}; yours {uniques.tolist()}."
        )
        assert codes.shape == (len(given),) and (codes.size == 0 or codes.dtype.kind in "iu"), (
            f"{label}: wanted {len(given)} codes, whole numbers; yours {codes}."
        )
        wanted = [sorted(set(given)).index(each) for each in given]
        assert codes.tolist() == wanted, (
            f"{label}: the codes of {given} are {wanted}; yours {codes.tolist()}."
        )


def check_lookup_ids_new_ids(lookup_ids, seed=0):
    """Ids below, between and above the known ones, strings, and none at all."""
    rng = np.random.default_rng(seed)
    uniques = np.sort(rng.choice(np.arange(100, 1000), size=12, replace=False))
    ids = np.concatenate([rng.permutation(uniques), [1, 99, 1000, 5000], uniques[:3]])
    wanted = [uniques.tolist().index(i) if i in uniques.tolist() else -1 for i in ids.tolist()]
    names = np.array(["ana", "ben", "eve"])
    for known, given, codes, what in [
        (uniques, ids, wanted, "ids below the smallest and above the largest known id"),
        (names, ["eve", "aaron", "zoe-marie", "ana"], [2, -1, -1, 0], "a list of strings"),
        (uniques, uniques[:0], [], "an empty array"),
    ]:
        hint = "For an id above all the known ones searchsorted answers len(uniques), which is no position."
        got = result_of(f"lookup_ids (of {what})", lookup_ids, known.copy(), given.copy(), hint=hint)
        got = np.asarray(got).tolist()
        assert got == codes, (
            f"For {what}: wanted {codes}, got {got}. A new id becomes -1, wherever it would sort."
        )


def _awkward_ids(seed):
    rng = np.random.default_rng([seed, 5])
    return {
        "text of different lengths": np.array(["tt10", "b", "tt1", "b", "tt", "é"]),
        "others of the same lengths": np.array(["tt11", "c", "tt2", "c", "ut", "ä"]),
        "a list of text": ["ab", "a", "abc", "ab"],
        "huge numbers": np.array([2**53 + 1, 2**53, 5, 2**53 + 2]),
        "negative numbers": np.array([3, -2, 0, -2]),
        "16 bits": np.array([300, 7, 32_767, 7], np.int16),
        "one": np.array([4]),
        "none": np.array([], dtype=int),
        "a list": [5, 2, 5],
        "300 of them": rng.integers(0, 400, size=300),
        "read-only": item_lists(7, seed)["read-only"],
    }


def check_lookup_ids_awkward(lookup_ids, seed=0):
    """Among ids of any kind: new ones that are longer, larger or between the known ones."""
    for case, ids in _awkward_ids(seed).items():
        known = sorted(set(np.asarray(ids).tolist()))
        if not known:
            continue
        if isinstance(known[0], str):
            new = [f"{name}x" for name in known] + ["", known[-1][:1], "zzzzzzzz"]
        else:
            new = [known[-1] + 1, known[0] - 1, known[-1] + 2**32, known[0] + 2**16, 2**62]
        asked = [*known[::-1], *new, known[0]]
        uniques = np.unique(np.asarray(ids))
        for kind, given in [("an array", np.array(asked)), ("a list", asked)]:
            label = f"lookup_ids (among {case}, {kind})"
            got = np.asarray(result_of(label, lookup_ids, uniques, given)).tolist()
            wanted = [known.index(each) if each in known else -1 for each in asked]
            assert got == wanted, f"{label}: {asked} among {known} are {wanted}; yours {got}."
        empty = np.asarray(result_of(f"lookup_ids ({case}, no id)", lookup_ids, uniques, np.array(asked)[:0]))
        assert empty.shape == (0,), f"No ids want no codes; yours has the shape {empty.shape}."


# --- to_csr


def check_to_csr_last_duplicate_wins(to_csr, seed=0):
    """Against a loop, with many duplicates."""
    rng = np.random.default_rng(seed)
    for _ in range(4):
        users, items = rng.integers(5, size=40), rng.integers(7, size=40)
        ratings = rng.integers(1, 11, size=40) / 2
        R = matrix_of("to_csr", (6, 8), to_csr, users, items, ratings, (6, 8))
        dense = R.toarray()
        last, first, largest = np.zeros((6, 8)), np.zeros((6, 8)), np.zeros((6, 8))
        for u, i, r in zip(users, items, ratings, strict=True):
            first[u, i] = first[u, i] or r
            largest[u, i] = max(largest[u, i], r)
            last[u, i] = r
        for other, mistake in [(first, "the first"), (largest, "the largest")]:
            assert np.allclose(dense, last) or not np.allclose(dense, other), (
                f"Of several ratings of one cell you keep {mistake}; the last one in the arrays counts."
            )
        assert np.allclose(dense, last), (
            "Pairs occur up to four times here; the last rating in the order of the arrays counts. (A sort "
            'keeps the order of equal cells only with kind="stable".)'
        )
        assert R.nnz == np.count_nonzero(last), (
            f"{np.count_nonzero(last)} cells are known; your matrix stores {R.nnz}."
        )
    # More users than items, and a user's last item is the next one's first.
    users, items, stars = (
        np.array([0, 6, 1, 4, 6, 2]),
        np.array([0, 0, 0, 1, 0, 0]),
        np.array([1, 2, 3, 4, 5, 2]),
    )
    R = matrix_of(
        "to_csr (of 7 users, 2 items and whole numbers)", (7, 2), to_csr, users, items, stars, (7, 2)
    )
    wanted = np.zeros((7, 2))
    wanted[[0, 6, 1, 4, 2], [0, 0, 0, 1, 0]] = [1, 5, 3, 4, 2]
    assert np.array_equal(R.toarray(), wanted), (
        f"7 users and 2 items, users {users.tolist()}, items {items.tolist()}, ratings {stars.tolist()}: by "
        f"item you have {R.toarray().T.tolist()}. Of several ratings of one cell the last counts."
    )
    assert np.issubdtype(R.dtype, np.floating), (
        f"R holds floats, whatever type the ratings come in; from whole numbers yours has the type {R.dtype}."
    )


def check_to_csr_huge_shape(to_csr, seed=0):
    """10^6 users, 2·10^7 items, three ratings: m·n cells do not fit into memory, nor m·n into 32 bits."""
    rng = np.random.default_rng(seed)
    n_users, n_items = 10**6, 2 * 10**7
    # The numbers u·n + i of the first two cells are equal in 32 bits.
    user, item = 215 * int(rng.integers(1, 4)), int(rng.integers(4 * 10**6))
    low = (user * n_items) % 2**32
    users = np.array([user, 0, 7], dtype=np.int32)
    items = np.array([item, low + item, 1], dtype=np.int32)
    name, shape = "to_csr (of 3 ratings, 10^6 users, 2·10^7 items)", (n_users, n_items)
    hint = "Never make an array of m·n numbers, and number cells with 64 bits."
    R = matrix_of(name, shape, to_csr, users, items, np.array([4.0, 2.0, 3.0]), shape, hint=hint)
    # Read from the three arrays: indexing could itself need memory.
    rows = np.repeat(np.arange(n_users), np.diff(R.indptr))
    got = sorted(zip(rows.tolist(), R.indices.tolist(), R.data.tolist(), strict=True))
    wanted = sorted([(user, item, 4.0), (0, low + item, 2.0), (7, 1, 3.0)])
    assert got == wanted, (
        f"Wanted the cells {wanted}, got {got}. The codes are int32, and user·n_items does not fit into 32 "
        "bits: turn them into int64 first."
    )


def check_to_csr_is_vectorised(to_csr):
    """Not slower than ten plain Python loops over the same ratings, as walking pandas rows is by far."""
    rng = np.random.default_rng(0)
    n_ratings, shape = 10_000, (500, 900)
    users, items = rng.integers(shape[0], size=n_ratings), rng.integers(shape[1], size=n_ratings)
    ratings = rng.integers(1, 11, size=n_ratings) / 2

    def seconds(function, clock=time.perf_counter):
        start = clock()
        function()
        return clock() - start

    def plain_loop():
        last = {}
        for u, i, r in zip(users.tolist(), items.tolist(), ratings.tolist(), strict=True):
            last[u, i] = r

    # The yardstick is timed beside the function, and the 30 ms are for a machine that is busy elsewhere:
    # three tries. Nobody makes the yardstick long by keeping the machine busy meanwhile: what counts is at
    # most five times the processor's time. (Lines that run could be counted, but by the student's process.)
    for _ in range(3):
        loop = min(seconds(plain_loop), 5 * seconds(plain_loop, time.thread_time))
        taken = seconds(lambda: call("to_csr", to_csr, users, items, ratings, shape))
        if taken < 10 * loop + 0.03:
            return
    raise AssertionError(
        f"{n_ratings:,} ratings took {taken:.2f} s, a plain Python loop over them {loop:.3f} s. Do you walk "
        "through a DataFrame's rows "
        "(iterrows), or set single cells of a sparse matrix? Work on whole arrays."
    )


def check_to_csr_awkward(to_csr, seed=0):
    """Codes whose product is beyond their type; none; one row or column; cells that repeat."""
    rng = np.random.default_rng([seed, 5])
    for case, dtype, (m, n) in [
        ("a product beyond 16 bits", np.int32, (300, 256)),
        ("codes of 32 bits", np.int32, (131_073, 65_536)),
        ("codes of 64 bits", np.int64, (131_073, 65_536)),
        ("one row", np.int64, (1, 9)),
        ("one column", np.int32, (9, 1)),
    ]:
        users, items = rng.integers(m, size=8), rng.integers(n, size=8)
        users, items = np.append(users, [0, m - 1, 0]), np.append(items, [n - 1, n - 1, 0])
        # In a key u·n + i of 16 or 32 bits these are one cell with the first.
        for bits in (16, 32):
            apart, rest = divmod(2**bits, n)
            if apart < m and rest < n:
                users, items = np.append(users, [0, apart]), np.append(items, [0, rest])
        ratings = rng.integers(0, 11, size=len(users)) / 2 * (2.0**30 if case == "one column" else 1.0)
        given = users.astype(dtype), items.astype(dtype), ratings
        wanted = dict(zip(zip(users.tolist(), items.tolist(), strict=True), ratings.tolist(), strict=True))
        R = matrix_of(f"to_csr ({case})", (m, n), to_csr, *given, (m, n))
        got = {(u, i): r for u, i, r in stored_cells(R)}
        wrong = sorted(cell for cell in wanted.keys() | got.keys() if wanted.get(cell) != got.get(cell))
        assert not wrong and R.nnz == len(wanted), (
            f"to_csr ({case}): {len(wanted)} different cells are known, yours stores {R.nnz}"
            + (f"; at {wrong[0]} wanted {wanted.get(wrong[0])}, yours {got.get(wrong[0])}." if wrong else ".")
        )
    none = np.array([], dtype=int)
    R = matrix_of("to_csr (no ratings)", (3, 4), to_csr, none, none, np.array([]), (3, 4))
    assert R.nnz == 0, f"Without ratings nothing is known; yours stores {R.nnz} cells."


# --- density


def check_density_of_a_huge_matrix(density, seed=0):
    """10^6 × 2·10^7 cells, three of them known; a stored 0, which is known, too; and the limits 0 and 1."""
    rng = np.random.default_rng(seed)
    shape = (10**6, 2 * 10**7)
    users, items = rng.integers(shape[0], size=3), rng.choice(shape[1], size=3)
    name, hint = "density (of 10^6 × 2·10^7 cells)", "Do not make the matrix dense to count."
    got = number_of(name, density, csr_array((np.ones(3), (users, items)), shape=shape), hint=hint)
    assert np.isclose(got, 1.5e-13, rtol=1e-6, atol=0), (
        f"3 of 2·10^13 cells are 1.5e-13; got {got}: does m · n overflow, or do you round?"
    )
    stored_zero = csr_array((np.array([3.0, 0.0]), (np.array([0, 1]), np.array([2, 0]))), shape=(2, 4))
    assert not np.isclose(number_of("density", density, stored_zero), 1 / 8), (
        "A matrix of 2 × 4 stores a 3 and a 0: both cells are known, wanted 2/8; yours is 1/8. A cell is "
        "known because it is stored, whatever its value."
    )
    assert number_of("density", density, csr_array((4, 3))) == 0, (
        "Nothing is known of an empty matrix: its density is 0."
    )
    full = csr_array(np.full((4, 3), 2.5))
    assert number_of("density", density, full) == 1, "All cells known is density 1."


def check_density_awkward(density, seed=0):
    """On awkward matrices: the stored cells, over m · n."""
    for case, R in rating_matrices(seed).items():
        got, wanted = number_of(f"density ({case})", density, R), R.nnz / math.prod(R.shape)
        assert near(got, wanted, each=True), (
            f"density ({case}): wanted {wanted:.9g}, yours {got:.9g}. {DIGITS}"
        )


# --- fit_baseline


def _random_ratings(rng, m, n, share):
    """Random half stars in a CSR matrix; the last user and the last item have none."""
    dense = np.where(rng.random((m, n)) < share, rng.integers(1, 11, size=(m, n)) / 2, 0)
    dense[-1], dense[:, -1] = 0, 0
    dense[0, 0], dense[0, 1], dense[1, 0] = 4.5, 2.0, 3.0  # never without ratings
    return csr_array(dense)


def _baseline_by_loops(R, reg_user, reg_item, users_first=False, keep_item=True):
    """The formulas of the baseline, cell by cell."""
    m, n = R.shape
    cells = [
        (u, int(R.indices[t]), float(R.data[t]))
        for u in range(m)
        for t in range(R.indptr[u], R.indptr[u + 1])
    ]
    mu = sum(r for _, _, r in cells) / len(cells)
    b_user, b_item = np.zeros(m), np.zeros(n)

    def biases(axis, size, reg, other):
        sums, counts = np.zeros(size), np.zeros(size)
        for cell in cells:
            sums[cell[axis]] += cell[2] - mu - other[cell[1 - axis]]
            counts[cell[axis]] += 1
        return np.array([s / (reg + c) if c else 0.0 for s, c in zip(sums, counts, strict=True)])

    if users_first:
        b_user = biases(0, m, reg_user, b_item)
        return mu, b_user, biases(1, n, reg_item, b_user)
    b_item = biases(1, n, reg_item, b_user)
    return mu, biases(0, m, reg_user, b_item if keep_item else np.zeros(n)), b_item


def check_fit_baseline_shrinks_by_the_formula(fit_baseline, seed=0):
    """Agrees with loops over the formulas, with an empty row and an empty column."""
    rng = np.random.default_rng(seed)
    for make in (
        csr_array,
        lambda R: csr_array(np.ceil(R.toarray()).astype(np.int64)),
        lambda R: csr_array(R.toarray()[::-1, ::-1]),  # it is the first ones that have none
    ):
        R = make(_random_ratings(rng, 8, 6, 0.45))
        reg_user, reg_item = rng.uniform(1, 4), rng.uniform(5, 9)
        name = f"fit_baseline (of a matrix of 8 × 6 with ratings of type {R.dtype})"
        regs = {"reg_user": reg_user, "reg_item": reg_item}
        mu, b_user, b_item = parts_of(name, BASELINE, fit_baseline, R, **regs)
        assert (np.shape(b_user), np.shape(b_item)) == ((8,), (6,)), (
            f"R is 8 × 6: wanted 8 biases of users, then 6 of items; got {np.shape(b_user)} and "
            f"{np.shape(b_item)}."
        )
        wanted = _baseline_by_loops(R, reg_user, reg_item)

        def agrees(other, b_user=b_user, b_item=b_item):
            return np.allclose(b_user, other[1], atol=1e-5) and np.allclose(b_item, other[2], atol=1e-5)

        assert np.isclose(mu, wanted[0], atol=1e-5), (
            f"mu is the mean of the known ratings, {wanted[0]:.4f}; got {mu:.4f}."
        )
        if not agrees(wanted):
            for other, mistake in [
                (_baseline_by_loops(R, 0, 0), "the regularisation is missing: divide by reg + n, not by n"),
                (_baseline_by_loops(R, reg_item, reg_user), "reg_user and reg_item are swapped"),
                (_baseline_by_loops(R, reg_user, reg_user), "the items' biases are shrunk by reg_user"),
                (_baseline_by_loops(R, reg_item, reg_item), "the users' biases are shrunk by reg_item"),
                (
                    _baseline_by_loops(R, reg_user, reg_item, users_first=True),
                    "you fit the users first; the items come first",
                ),
                (
                    _baseline_by_loops(R, reg_user, reg_item, keep_item=False),
                    "the users' biases must explain what the items' biases leave: take b_item off before",
                ),
            ]:
                assert not agrees(other), f"Close, but {mistake}."
        for name, got, right in [("b_item", b_item, wanted[2]), ("b_user", b_user, wanted[1])]:
            assert np.allclose(got, right, atol=1e-5), (
                f"{name}: wanted {np.round(right, 3)}, got {np.round(np.asarray(got), 3)} (sums over the "
                "known ratings alone, divided by reg + their number)."
            )


def check_fit_baseline_no_ratings_no_bias(fit_baseline, seed=0):
    """Users and items without ratings have bias 0, also at reg = 0; a huge reg leaves the mean alone."""
    R = _random_ratings(np.random.default_rng(seed), 7, 5, 0.5)
    with np.errstate(all="ignore"):
        _, b_user, b_item = parts_of("fit_baseline", BASELINE, fit_baseline, R, reg_user=0.0, reg_item=0.0)
    assert np.isfinite(b_user).all() and np.isfinite(b_item).all(), (
        "With reg = 0, a user or item without ratings got 0/0 = NaN; the bias is 0: nothing is known, so "
        "nothing departs from the mean."
    )
    assert b_user[-1] == 0 and b_item[-1] == 0, (
        f"The last user and item have no ratings: wanted biases of 0, got {b_user[-1]} and {b_item[-1]}."
    )
    _, b_user, b_item = parts_of("fit_baseline", BASELINE, fit_baseline, R, reg_user=1e9, reg_item=1e9)
    assert np.allclose(b_user, 0, atol=1e-5) and np.allclose(b_item, 0, atol=1e-5), (
        "With reg = 10^9 every bias shrinks to 0; yours do not: reg belongs under the fraction, reg + n."
    )


def check_fit_baseline_awkward(fit_baseline, seed=0):
    """On awkward matrices it agrees with loops over the formulas."""
    cases = {f"R: {case}": (R, 2.0, 3.0) for case, R in rating_matrices(seed).items()}
    plain = rating_matrices(seed)["thirds of a star"]
    cases |= {
        "ratings far out": (FAR * plain, 2.0, 3.0),
        "tiny ratings": (TINY * plain, 2.0, 3.0),
        "tiny λ": (plain, 1e-7, 2e-7),
        "λ far out": (plain, FAR, 1.0),
    }
    for case, (R, reg_user, reg_item) in cases.items():
        label, largest = f"fit_baseline ({case})", np.abs(R.data.astype(float)).max()
        parts = parts_of(label, BASELINE, fit_baseline, R, reg_user=reg_user, reg_item=reg_item)
        for name, got, wanted in zip(BASELINE, parts, _baseline_by_loops(R, reg_user, reg_item), strict=True):
            # What is a difference of ratings is as near as these are.
            both = [np.append(part, largest / (1 + reg_user * (name == "b_user"))) for part in (got, wanted)]
            assert np.shape(got) == np.shape(wanted) and near(*both, R.data), (
                f"{label}: {name} should be {wanted}, yours {got}. {DIGITS}"
            )


# --- split_random


def check_split_random_rounds_down(split_random, seed=0):
    """⌊fraction · n_u⌋, for every user on their own."""
    rng = np.random.default_rng(seed)
    lengths = [1, 2, 3, 5, 7, 0, 11]
    R = rows_with_lengths(rng, lengths, 15)
    for fraction in (0.3, 0.5, 0.75, 0.0):
        wanted = [math.floor(fraction * length) for length in lengths]
        got = np.diff(random_split_of(split_random, R.copy(), fraction, seed)[1].indptr).tolist()
        if got == wanted:
            continue
        for value, mistake in [
            (
                [math.ceil(fraction * length) for length in lengths],
                "you round up; a user with one rating would lose it to test",
            ),
            ([round(fraction * length) for length in lengths], "you round to the nearest; round down"),
            (
                [min(length, max(1, math.floor(fraction * length))) for length in lengths],
                "you take at least one rating of each user; a user with one rating keeps it in train",
            ),
            (
                [length - n_test for length, n_test in zip(lengths, wanted, strict=True)],
                "these are the numbers of train; train comes first, then test",
            ),
        ]:
            assert got != value, (
                f"Users with {lengths} ratings, fraction {fraction}: wanted {wanted} in test, got {got}: "
                f"{mistake}."
            )
        assert sum(got) <= sum(wanted), (
            f"Users with {lengths} ratings, fraction {fraction}: wanted {wanted} in test, got {got}: is the "
            "share drawn from all ratings "
            "and not from each user's?"
        )
        raise AssertionError(
            f"Users with {lengths} ratings, fraction {fraction}: wanted {wanted} in test, got {got}. Draw "
            "for each user, without replacement."
        )


def check_split_random_leaves_its_input(split_random, seed=0):
    """R is the same afterwards, in its values as in its structure, also if train is changed later."""
    R = rows_with_lengths(np.random.default_rng(seed), [6, 3, 9, 4], 12)
    R.data /= 3
    train, test = random_split_of(split_random, R, 0.5, seed)  # which sees to it that R stays
    got = np.sort(np.concatenate([train.data, test.data]))
    assert np.array_equal(got, np.sort(R.data)), (
        "The ratings, in thirds of a star, are not the same in train and test: keep them as they are."
    )


def check_split_random_draws_fairly(split_random, seed=0):
    """The same state gives the same split; over many states every rating is drawn equally often."""
    rng = np.random.default_rng(seed)
    # So many possible splits that two generators do not draw the same one by chance.
    large = rows_with_lengths(rng, [20, 20, 20], 40)
    again = [random_split_of(split_random, large.copy(), 0.5, seed + 1) for _ in range(2)]
    assert stored_cells(again[0][1]) == stored_cells(again[1][1]), (
        "Two generators in the same state gave two different splits: take all randomness from the argument "
        "rng."
    )
    R = rows_with_lengths(rng, [4, 4, 4], 9)
    n_draws = 100
    drawn = np.zeros((n_draws, R.nnz), dtype=bool)
    position = {cell: t for t, cell in enumerate(stored_cells(R))}
    for draw in range(n_draws):
        for cell in stored_cells(random_split_of(split_random, R.copy(), 0.5, [seed, draw])[1]):
            assert cell in position, f"test holds {cell} (user, item, rating), which is not in R."
            drawn[draw, position[cell]] = True
    share = drawn.mean(axis=0)
    # 100 draws of a fair half: the standard deviation is 0.05, so that 0.25 is five of them.
    assert np.abs(share - 0.5).max() < 0.25, (
        f"Half of each user's ratings go to test, so that each should be drawn half of the time; in "
        f"{n_draws} splits the shares are "
        f"{share.round(2).tolist()}. Draw at random from all of the user's ratings, not from the head or "
        "the tail, and with the rng that is given, not with one of a fixed seed."
    )
    pairs = {tuple(np.flatnonzero(row).tolist()) for row in drawn[:, :4]}
    assert len(pairs) == 6, (
        f"Of a user's four ratings two go to test; in {n_draws} splits only the pairs {sorted(pairs)} did, "
        "of six that there are. Draw each rating for itself, not a block of neighbours."
    )
    same = (drawn[:, :4] == drawn[:, 4:8]).all(axis=1).mean()
    assert same < 0.5, (
        "Two users with four ratings each lose the same positions to test every time: draw for each user "
        "anew, with the one rng."
    )


def check_split_random_awkward(split_random, seed=0):
    """On awkward matrices each stored cell is in one part, and ⌊fraction · n_u⌋ of each user are in test."""
    for case, R in rating_matrices(seed).items():
        for fraction in (0.0, 0.4, 0.5, 1.0):
            train, test = random_split_of(split_random, R, fraction, seed)
            both = sorted(stored_cells(train) + stored_cells(test))
            assert both == sorted(stored_cells(R)), (
                f"split_random ({case}, fraction {fraction}): train and test together should hold the "
                f"{R.nnz} stored cells of R, each once and with its rating; yours hold {len(both)}."
            )
            n_known, n_test = np.diff(R.indptr), np.diff(test.indptr)
            wanted = [math.floor(fraction * n) for n in n_known.tolist()]
            assert n_test.tolist() == wanted, (
                f"split_random ({case}, fraction {fraction}): of users with {n_known.tolist()} ratings "
                f"{wanted} go to test; yours {n_test.tolist()}."
            )


def check_split_random_fair(split_random, seed=0):
    """Of 12,000 users with three ratings one goes to test, each place as often; of 20,002 neighbours, any.

    Right work fails once in a million times at most: see `unlikely`. A shuffle that swaps each place with any
    other puts places to the front in the proportion 8 : 9 : 10, which is seen.
    """
    n_users = 12_000
    R = csr_array(
        (np.ones(3 * n_users), np.tile([0, 1, 2], n_users), 3 * np.arange(n_users + 1)), (n_users, 3)
    )
    _, test = random_split_of(split_random, R, 0.4, seed)
    counts = np.bincount(test.indices, minlength=3)
    assert not len(unlikely(counts, n_users, 1 / 3)), (
        f"Of each of 12,000 users' three ratings one goes to test: the first, second and third "
        f"{counts.tolist()} times. Each should about 4,000 times (a shuffle that swaps each place with *any* "
        "other is not fair: rng.permutation and rng.choice are)."
    )
    size = 20_002
    row = csr_array((np.ones(size), np.arange(size), np.array([0, size])), shape=(1, size))
    _, test = random_split_of(split_random, row, 0.5, [seed, 1])
    late = int((test.indices >= size // 2).sum())
    assert not len(unlikely(late, size // 2, 0.5)), (
        f"Of a user's {size:,} ratings half go to test; of yours {late:,} are in the second half, about "
        f"{size // 4:,} should be."
    )


# --- split_latest


def check_split_latest_ties_and_short_histories(split_latest, seed=0):
    """At equal times the later row goes to test, among few rows and many; short histories stay in train."""
    #                       row: 1  2  3  4  5  6  7  8  9
    table = time_table(users=[4, 4, 4, 5, 5, 4, 6, 6, 6], times=[8, 8, 8, 1, 2, 8, 3, 3, 1])
    train, test = latest_split_of(split_latest, table, 1)
    assert test == [5, 6, 8], (
        f"User 4's ratings (rows 1, 2, 3, 6) are equally late, as are two of user 6's (7, 8): the row "
        "further down goes to test. "
        f"Got {test}."
    )
    train, test = latest_split_of(split_latest, table, 2)
    assert not {4, 5} & set(test), (
        "User 5 has 2 ratings; with n_test=2 nothing of them may go to test (n_test or fewer stay in train)."
    )
    assert test != [6, 8], "With n_test=2 one rating of each user went to test; wanted the latest two."
    assert test == [3, 6, 7, 8], (
        f"n_test=2: the last two of users 4 and 6 are wanted in test, got rows {test}."
    )
    train, test = latest_split_of(split_latest, table, 3)
    assert not {7, 8, 9} & set(test), "User 6 has 3 ratings; with n_test=3 all of them stay in train."
    assert test == [2, 3, 6], f"n_test=3: the last three of user 4 are wanted in test, got rows {test}."
    assert train == [1, 4, 5, 7, 8, 9], f"n_test=3: all other rows belong to train, got rows {train}."

    rng = np.random.default_rng(seed)
    users, times = np.repeat([3, 8, 9], 40), rng.integers(4, size=120)  # four minutes for 120 ratings
    _, test = latest_split_of(split_latest, time_table(users, times), 2)
    wanted = [
        row + 1 for start in (0, 40, 80) for row in sorted(range(start, start + 40), key=times.take)[-2:]
    ]
    assert test == sorted(wanted), (
        f"120 ratings at four different times, n_test=2: wanted rows {sorted(wanted)} in test, got {test}. "
        "Of equally late ones the rows further down go to test; a sort keeps their order only with "
        'kind="stable".'
    )


def check_split_latest_never_tests_on_the_past(split_latest, seed=0):
    """No test rating is older than the user's train ratings; the order of the rows is irrelevant."""
    rng = np.random.default_rng(seed)
    users = rng.choice([2, 5, 8, 11, 40], size=60, p=[0.4, 0.3, 0.2, 0.07, 0.03])
    table = time_table(users, rng.permutation(60))
    for n_test in (1, 3):
        train, test = latest_split_of(split_latest, table, n_test)
        assert sorted(train + test) == table["rating"].tolist(), "Each row must be in exactly one part: " + (
            "some are in both (leak)." if len(train) + len(test) > 60 else "some are lost or doubled."
        )
        tags = table["rating"].isin(test).to_numpy()
        for user in np.unique(users):
            own = table["user_id"].to_numpy() == user
            wanted = n_test if own.sum() > n_test else 0
            assert tags[own].sum() == wanted, (
                f"User {user} has {own.sum()} ratings; with n_test={n_test} wanted {wanted} in test, got "
                f"{tags[own].sum()}."
            )
            times = table["timestamp"].to_numpy()
            if wanted:
                assert times[own & tags].min() > times[own & ~tags].max(), (
                    f"User {user} has a rating in test that is older than one in train: you would predict "
                    "the past from the future."
                )
        shuffled = table.iloc[rng.permutation(60)]
        assert latest_split_of(split_latest, shuffled, n_test) == (train, test), (
            "The same ratings in another order of rows were split differently, though no two are equally "
            "late: go by the timestamps."
        )
    wanted = latest_split_of(split_latest, table, 2)
    for label, index in [("backwards", np.arange(60)[::-1]), ("with repeated labels", np.arange(60) // 7)]:
        assert latest_split_of(split_latest, table.set_index(pd.Index(index)), 2) == wanted, (
            f"The same table with an index {label} was split differently: go by the places of the rows, not "
            "by their labels."
        )


def check_split_latest_awkward(split_latest, seed=0):
    """On awkward tables: each user's latest ratings, of equally late ones the rows further down."""
    for case, table in rating_tables(seed).items():
        users, times = table["user_id"].tolist(), table["timestamp"].tolist()
        for n_test in (1, 3):
            wanted = []
            for user in set(users):
                own = [place for place, each in enumerate(users) if each == user]
                if len(own) > n_test:
                    wanted += sorted(own, key=lambda place: (times[place], place))[-n_test:]
            tags = sorted(table["rating"].iloc[wanted].tolist())
            train, test = latest_split_of(split_latest, table, n_test)
            assert test == tags, (
                f"split_latest ({case}, n_test={n_test}): wanted the rows with the ratings {tags} in test; "
                f"yours {test}."
            )
            rest = sorted(set(table["rating"]) - set(tags))
            assert train == rest, (
                f"split_latest ({case}, n_test={n_test}): all other rows stay in train, {len(rest)}; yours "
                f"has {len(train)}."
            )


# --- binarize


def check_binarize_thresholds_and_copies(binarize, seed=0):
    """Any threshold, any row."""
    rng = np.random.default_rng(seed)
    R = _random_ratings(rng, 9, 7, 0.5)
    cells = stored_cells(R)
    for threshold in (3.0, 0.5, 4.5, 5.5):
        B = matrix_of("binarize", R.shape, binarize, R, threshold=threshold)
        wanted = sorted((u, i, 1.0) for u, i, r in cells if r >= threshold)
        got = sorted(stored_cells(B))
        assert all(value != 0 for *_, value in got), (
            "Ratings below the threshold are still stored, as 0; do not store them."
        )
        assert got == wanted, (
            f"Threshold {threshold}: wanted {len(wanted)} ones at the ratings of at least that; got "
            f"{len(got)} stored cells."
        )


def check_binarize_awkward(binarize, seed=0):
    """On awkward matrices, for thresholds of 0 and below as well: ones where a stored rating is as high."""
    for case, R in rating_matrices(seed).items():
        # The next number above 2.5 is 2.5 in single precision.
        above = 2.5 if R.dtype == np.float32 else np.nextafter(2.5, 3)
        for threshold in (2.5, above, 0.0, -1.5, 1e9):
            label = f"binarize ({case}, threshold {threshold:g})"
            B = matrix_of(label, R.shape, binarize, R, threshold=threshold)
            wanted = sorted((u, i, 1.0) for u, i, r in stored_cells(R) if r >= threshold)
            assert sorted(stored_cells(B)) == wanted, (
                f"{label}: {len(wanted)} of {R.nnz} stored ratings are as high; yours has {B.nnz} cells, of "
                f"{sorted(set(B.data.tolist()))}. A cell that is not stored is unknown, and no rating of 0."
            )
