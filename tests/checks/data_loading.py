"""Checks of unit 1: laws that a right data loading obeys, and sentences for the known ways to break them."""

from __future__ import annotations

import math
import os
import re
import tempfile
import time

import numpy as np
import pandas as pd
from scipy.sparse import csr_array, issparse

HEADER = "userId,movieId,rating,timestamp"


# --- rmse


def _one_number(got, name):
    """Fail if this is no single number."""
    assert got is not None, f"{name} returned None: did you forget `return`?"
    assert np.ndim(got) == 0, (
        f"{name} returns one number; yours has the shape {np.shape(got)}: is a sum or a mean missing?"
    )
    assert not isinstance(got, str), f"{name} returns a number; yours is the text {got!r}."


def check_rmse_by_hand(rmse):
    """Errors of 1, −1, 0 and 2 stars: √(6/4)."""
    try:
        got = rmse([4.0, 3.0, 5.0, 1.0], [3.0, 4.0, 5.0, 3.0])
    except TypeError as error:
        raise AssertionError(
            f"rmse raised TypeError for two lists: {error}. Make arrays of them first: np.asarray(…)."
        ) from error
    _one_number(got, "rmse")
    wanted = math.sqrt(6 / 4)
    for value, mistake in [
        (6 / 4, "this is the mean of the squares: take its root"),
        (1.0, "this is the mean absolute error: square the errors"),
        (math.sqrt(6), "this is the root of the sum: divide by the number of ratings before the root"),
        (math.sqrt(6) / 4, "you divide after the root: √(sum)/N is not √(sum/N)"),
        (0.5, "errors of opposite sign cancel: square each error before you average"),
    ]:
        assert not np.isclose(got, value), (
            f"Errors of 1, -1, 0, -2 stars gave {got:.4f}, wanted {wanted:.4f}: {mistake}."
        )
    assert np.isclose(got, wanted), (
        f"Errors of 1, -1, 0, -2 stars have an RMSE of √(6/4) = {wanted:.4f}; got {got}."
    )


def check_rmse_refuses_what_cannot_be_compared(rmse, seed=0):
    """Different lengths and empty arrays raise ValueError; shuffling the pairs changes nothing."""
    rng = np.random.default_rng(seed)
    actual, predicted = rng.uniform(0.5, 5, size=7), rng.uniform(0.5, 5, size=7)
    order = rng.permutation(7)
    _one_number(rmse(actual, predicted), "rmse")
    assert np.isclose(rmse(actual, predicted), rmse(actual[order], predicted[order])), (
        "Both arrays were put in another order, pair by pair; the RMSE must not change."
    )
    assert np.isclose(rmse(actual, actual), 0), "The RMSE of a perfect prediction is 0."
    for left, right, why in [
        (
            actual,
            predicted[:1],
            "7 ratings and 1 prediction: NumPy stretches the one over all seven, and nobody notices",
        ),
        (actual, predicted[:5], "7 ratings and 5 predictions"),
        ([], [], "no ratings at all: a mean of nothing is NaN, which would travel on into your results"),
    ]:
        try:
            with np.errstate(all="ignore"):
                got = rmse(left, right)
        except ValueError:
            continue
        except Exception as error:
            raise AssertionError(
                f"Wanted ValueError for {why}; got {type(error).__name__}: {error}"
            ) from None
        raise AssertionError(f"Wanted ValueError for {why}; got the value {got}.")


# --- parse_ratings


def _parse(parse_ratings, text):
    """What ``parse_ratings`` makes of a file with this text."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "ratings.csv")
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        return parse_ratings(path)


def _accepted(parse_ratings, text):
    """What ``parse_ratings`` makes of a good file."""
    try:
        table = _parse(parse_ratings, text)
    except (ValueError, KeyError) as error:
        raise AssertionError(
            f"A good file was refused: {type(error).__name__}: {error}\nThe file:\n{text}"
        ) from error
    assert table is not None, "parse_ratings returned None: did you forget `return`?"
    assert isinstance(table, pd.DataFrame), (
        f"parse_ratings returns a DataFrame; yours is of type {type(table).__name__}."
    )
    return table


def _refusal(parse_ratings, text, what):
    """The message of the ValueError that ``parse_ratings`` must raise for a file with this text."""
    try:
        got = _parse(parse_ratings, text)
    except ValueError as error:
        # A folder's random name could contain the number that is looked for; the file's name is enough.
        message = re.sub(r"\S*[/\\]ratings\.csv", "ratings.csv", str(error))
    except Exception as error:
        raise AssertionError(f"Wanted a ValueError for {what}; got {type(error).__name__}: {error}") from None
    else:
        kind = f"a table of {len(got)} rows" if isinstance(got, pd.DataFrame) else type(got).__name__
        raise AssertionError(f"Wanted a ValueError for {what}; parse_ratings returned {kind}.")
    assert "ratings.csv" in message, f"The message for {what} must name the file; it says: {message}"
    return message


def check_parse_ratings_small_file(parse_ratings):
    """Names, types, order and values of a small file whose columns come in another order."""
    rows = [(7, 31, 4.0, 1112486027), (7, 2, 0.5, 1112484676), (3, 31, 5.0, 964982703)]
    in_order = HEADER + "\n" + "".join(f"{u},{i},{r},{t}\n" for u, i, r, t in rows)
    table = _accepted(parse_ratings, in_order)
    wanted = {"user_id": "int64", "item_id": "int64", "rating": "float32", "timestamp": "datetime64[s]"}
    assert list(table.columns) == list(wanted), (
        f"Wanted the columns {list(wanted)}, in this order; got {list(table.columns)}."
    )
    got = {name: str(dtype) for name, dtype in table.dtypes.items()}
    assert got == wanted, f"Wanted the types {wanted}; got {got}."
    assert len(table) == 3, f"The file has a header and 3 ratings; your table has {len(table)} rows."
    seconds = table["timestamp"].to_numpy().astype("datetime64[s]").astype(np.int64)
    assert seconds[0] != 1, (
        "The first timestamp became 1970-01-01 00:00:01: the file counts seconds, pandas takes numbers as "
        "nanoseconds unless told the unit."
    )
    for name, column, values in [
        ("user_id", table["user_id"], [row[0] for row in rows]),
        ("item_id", table["item_id"], [row[1] for row in rows]),
        ("rating", table["rating"], [row[2] for row in rows]),
        ("timestamp (in seconds)", seconds, [row[3] for row in rows]),
    ]:
        assert list(column) == values, f"Column {name}: wanted {values}, got {list(column)}."


def check_parse_ratings_columns_by_name(parse_ratings):
    """The header says which column is which, in any order, with a column too many; 0.1 stars are fine."""
    text = "timestamp,rating,movieId,userId,device\n4,3.5,5,7,tv\n5,5,2,8,pc\n6,0.1,4,9,tv\n"
    table = _accepted(parse_ratings, text)
    assert list(table.columns) == ["user_id", "item_id", "rating", "timestamp"], (
        f"Wanted the four columns user_id, item_id, rating, timestamp alone; got {list(table.columns)}."
    )
    got = (list(table["user_id"]), list(table["item_id"]), list(table["rating"]))
    assert got == ([7, 8, 9], [5, 2, 4], [3.5, 5.0, np.float32(0.1)]), (
        f"In this file timestamp comes first and userId last; wanted users [7, 8, 9], items [5, 2, 4] and "
        "ratings [3.5, 5, 0.1]; "
        f"got {got}. Take the columns by their names, not by their positions."
    )


def check_parse_ratings_names_the_bad_line(parse_ratings):
    """A rating of 0 in line 4: ValueError with the file, the column and the line."""
    message = _refusal(
        parse_ratings, f"{HEADER}\n10,20,3.0,1000\n10,21,5.0,1000\n10,22,0.0,1000\n", "a rating of 0"
    )
    assert "rating" in message.replace("ratings.csv", ""), (
        f"The message must name the column `rating`; it says: {message}"
    )
    for number, mistake in [
        ("2", "you count the rows of the table from 0, an editor counts the lines of the file from 1"),
        ("3", "you do not count the header, or you count from 0"),
    ]:
        found = re.search(rf"\b{number}\b(?!\.\d)", message) and not re.search(r"\b4\b(?!\.\d)", message)
        assert not found, (
            f"The bad rating stands in line 4 of the file; your message says {number}: {mistake}."
        )
    assert re.search(r"\b4\b(?!\.\d)", message), (
        f"The message must name line 4, where the rating of 0 stands; it says: {message}"
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
    ]:
        lines = [["61", "71", "0.5", "1000"], ["62", "72", "5", "1000"], ["63", "73", "3", "1000"]] * 4
        lines = [list(line) for line in lines]
        for row in (6, 9):  # lines 8 and 11 of the file
            lines[row][HEADER.split(",").index(column)] = bad
        message = _refusal(
            parse_ratings, "\n".join([HEADER, *(",".join(line) for line in lines)]) + "\n", what
        )
        rest = message.replace("ratings.csv", "")
        name = {"userId": "user", "movieId": "(movie|item)"}.get(column, column)
        assert re.search(name, rest), (
            f"The message for {what} must name the column {column}; it says: {message}"
        )
        assert not (re.search(r"\b11\b", rest) and not re.search(r"\b8\b", rest)), (
            f"Lines 8 and 11 hold {what}; the message must name the first of them, 8; it says: {message}"
        )
        assert re.search(r"\b8\b", rest), (
            f"Line 8 holds {what}; the message does not name it; it says: {message}"
        )


def check_parse_ratings_refuses_missing_columns_and_empty_files(parse_ratings):
    """No file of ratings: a column is missing, nothing in it, a header alone."""
    message = _refusal(parse_ratings, "userId,movieId,rating\n1,2,3.0\n", "a missing column `timestamp`")
    assert "timestamp" in message, f"The message must name the missing column `timestamp`; it says: {message}"
    _refusal(parse_ratings, "", "an empty file")
    _refusal(parse_ratings, HEADER + "\n", "a file with a header and no ratings")


# --- popular_subset


def _ratings_table(pairs):
    """A table of ratings of these (user, item) pairs; the column ``rating`` tells the rows apart."""
    n_rows = len(pairs)
    return pd.DataFrame(
        {
            "user_id": np.array([u for u, _ in pairs], dtype=np.int64),
            "item_id": np.array([i for _, i in pairs], dtype=np.int64),
            "rating": np.arange(1, n_rows + 1) * 0.5,
            "timestamp": (np.arange(n_rows)[::-1] * 60).astype("datetime64[s]"),
        }
    )


def _subset(popular_subset, table, n_items, min_ratings):
    """What ``popular_subset`` returns, after a look at its type."""
    got = popular_subset(table, n_items=n_items, min_ratings=min_ratings)
    assert got is not None, "popular_subset returned None: did you forget `return`?"
    assert isinstance(got, pd.DataFrame), (
        f"popular_subset returns the rows that are kept, a DataFrame; yours is of type {type(got).__name__}."
    )
    return got


def check_popular_subset_by_hand(popular_subset):
    """Twelve ratings on paper: the two most rated items, then the users with two ratings of them."""
    #   item:    9        4            7
    pairs = [(1, 9), (1, 4), (1, 7), (2, 9), (2, 4), (3, 9), (3, 7), (4, 4), (4, 9), (5, 4), (5, 8), (5, 6)]
    table = _ratings_table(pairs)
    before = table.copy()
    got = _subset(popular_subset, table, n_items=2, min_ratings=2)
    assert list(got.columns) == list(table.columns), (
        f"All columns are kept: wanted {list(table.columns)}, got {list(got.columns)}."
    )
    got_pairs = list(zip(got["user_id"].tolist(), got["item_id"].tolist(), strict=True))
    wanted = [(1, 9), (1, 4), (2, 9), (2, 4), (4, 4), (4, 9)]
    assert got_pairs != [], (
        "Users 1, 2 and 4 rated exactly 2 of the kept items and belong to the subset for min_ratings=2: *at "
        "least* is >=, not >."
    )
    kept = {item for _, item in got_pairs}
    assert not kept & {6, 8}, (
        "You keep items 6 and 8, which one user rated. Keep the items with the *most* ratings: it is their "
        "number that counts, not their height."
    )
    assert 7 not in kept, (
        "Item 7 is the third by its number of ratings; with n_items=2 only items 9 and 4 are kept."
    )
    assert (3, 9) not in got_pairs, (
        "User 3 rated 2 items, but only one of the two popular ones: count the users' ratings among the "
        "kept items."
    )
    assert sorted(got_pairs) == sorted(wanted), (
        f"Items 9 and 4 have 4 ratings each, 7 has 2; users 1, 2 and 4 rated both. Wanted {wanted}, got "
        f"{got_pairs}."
    )
    assert got_pairs == wanted, f"The rows keep their order: wanted {wanted}, got {got_pairs}."
    pd.testing.assert_frame_equal(table, before, obj="the table that you were given (it must not be changed)")


def check_popular_subset_ties_by_smaller_id(popular_subset, seed=0):
    """Items with equally many ratings: the smaller id is kept, wherever it stands in the table."""
    rng = np.random.default_rng(seed)
    items = rng.permutation(np.arange(10, 70))  # 60 items, far more than a sort keeps in order by luck
    pairs = [(user, int(item)) for user in range(2) for item in items]
    pairs += [(2, 69), (2, 68)]  # two items with three ratings, which come first
    order = rng.permutation(len(pairs))
    got = _subset(popular_subset, _ratings_table([pairs[j] for j in order]), n_items=7, min_ratings=1)
    kept = sorted(set(got["item_id"].tolist()))
    wanted = [10, 11, 12, 13, 14, 68, 69]
    assert len(kept) == 7, f"Wanted n_items=7 items, ties or not; got {len(kept)}."
    assert {68, 69} <= set(kept), (
        f"Items 68 and 69 have 3 ratings each, the others 2; you keep {kept}. Keep those with most ratings."
    )
    assert kept != [63, 64, 65, 66, 67, 68, 69], (
        "Of equally popular items you keep those with the *larger* ids; keep the smaller."
    )
    assert kept == wanted, (
        f"Items 68 and 69 have 3 ratings, the others 2 each: wanted the items {wanted}, got {kept}. Of "
        "equally popular items keep "
        "the smaller ids; whatever comes first in a sort that is not stable is chance."
    )


def check_popular_subset_brute_force(popular_subset, seed=0):
    """Agrees with counting by hand, also where pairs were rated twice, and for more items than there are."""
    rng = np.random.default_rng(seed)
    for n_items, min_ratings in [(4, 2), (3, 1), (5, 3), (100, 4)]:
        cells = rng.choice(15 * 9, size=50, replace=False)
        cells = rng.permutation(np.concatenate([cells, cells[:8], cells[:3]]))  # people rate a film again
        pairs = [(int(cell) // 9, int(cell) % 9) for cell in cells]
        table = _ratings_table(pairs)
        counts = {}
        for _, item in pairs:
            counts[item] = counts.get(item, 0) + 1
        popular = sorted(counts, key=lambda item: (-counts[item], item))[:n_items]  # noqa: B023
        among = {}
        for user, item in pairs:
            among[user] = among.get(user, 0) + (item in popular)
        wanted = [0.5 * (j + 1) for j, (u, i) in enumerate(pairs) if i in popular and among[u] >= min_ratings]
        got = _subset(popular_subset, table, n_items, min_ratings)["rating"].tolist()
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


# --- encode_ids and lookup_ids


def check_encode_ids_by_hand(encode_ids):
    """Ids with gaps and repetitions become codes, which the uniques turn back."""
    ids = np.array([30, 10, 30, 70, 10])
    result = encode_ids(ids.copy())
    assert result is not None, "encode_ids returned None: did you forget `return`?"
    assert isinstance(result, tuple | list) and len(result) == 2, (
        "encode_ids returns two arrays: codes and uniques."
    )
    codes, uniques = np.asarray(result[0]), np.asarray(result[1])
    assert (codes.shape, uniques.shape) != ((3,), (5,)), (
        "These are (uniques, codes); wanted (codes, uniques)."
    )
    assert codes.shape == (5,), f"One code for each of the 5 ids; got codes of shape {codes.shape}."
    assert np.issubdtype(codes.dtype, np.integer), (
        f"Codes index arrays, so they must be integers; got {codes.dtype}."
    )
    assert set(codes.tolist()) == {0, 1, 2}, (
        f"3 different ids get the codes 0, 1, 2; got {sorted(set(codes.tolist()))}."
    )
    assert uniques.tolist() != [30, 10, 70], (
        "uniques = [30, 10, 70] is the order of appearance; wanted ascending order, [10, 30, 70]. Two files "
        "of the same users would "
        "get different codes, and one user another's bias."
    )
    assert uniques.tolist() == [10, 30, 70], f"Wanted uniques = [10, 30, 70]; got {uniques.tolist()}."
    assert uniques[codes].tolist() == ids.tolist(), (
        f"uniques[codes] must give back the ids {ids.tolist()}; it gives {uniques[codes].tolist()}."
    )


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
            try:
                codes, uniques = encode_ids(given)
            except Exception as error:
                raise AssertionError(
                    f"encode_ids raised {type(error).__name__} for {what}: {error}. An id is a name; do not "
                    "calculate with it."
                ) from None
            codes, uniques = np.asarray(codes), np.asarray(uniques)
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


def check_lookup_ids_by_hand(lookup_ids):
    """Known ids get their codes, new ones −1."""
    try:
        result = lookup_ids(np.array([10, 30, 70]), np.array([70, 10, 40, 30]))
    except (ValueError, KeyError) as error:
        raise AssertionError(
            f"lookup_ids raised {type(error).__name__} for the ids 70, 10, 40, 30 among 10, 30, 70: {error}. "
            "40 is new: it becomes -1."
        ) from error
    assert result is not None, "lookup_ids returned None: did you forget `return`?"
    assert np.asarray(result).dtype.kind != "f", (
        f"Codes index arrays, so they must be integers; got {result}. (A NaN on the way makes floats of all.)"
    )
    got = np.asarray(result).tolist()
    assert got != [2, 0, 2, 1], (
        "40 got the code of 70: searchsorted says where an id would be put, not that it is there. Compare "
        "uniques[code] with the id."
    )
    assert got != [2, 0, 1, 1], "40 got the code of 30, its neighbour: compare uniques[code] with the id."
    assert got != [2, 0, 0, 1], (
        "40 is not among the uniques and got code 0, which belongs to 10: a new id becomes -1."
    )
    assert len(got) == 4, (
        f"Four ids want four codes, one each and in their order; got {got}. A new id becomes -1."
    )
    assert got == [2, 0, -1, 1], f"Ids 70, 10, 40, 30 among 10, 30, 70 are 2, 0, -1, 1; got {got}."


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
        try:
            got = np.asarray(lookup_ids(known.copy(), given.copy())).tolist()
        except Exception as error:
            above = (
                " For an id above all the known ones searchsorted answers len(uniques), which is no position."
                if isinstance(error, IndexError)
                else ""
            )
            raise AssertionError(
                f"lookup_ids raised {type(error).__name__} for {what}: {error}.{above}"
            ) from None
        assert got == codes, (
            f"For {what}: wanted {codes}, got {got}. A new id becomes -1, wherever it would sort."
        )


# --- to_csr


def _dense(R, shape, name):
    """R as a dense array, after a look at its type and shape."""
    assert R is not None, f"{name} returned None: did you forget `return`?"
    assert issparse(R), f"{name} must give a csr_array; got {type(R).__name__}."
    assert R.format == "csr", f"{name} must give the CSR format; got {R.format!r}."
    assert R.shape == tuple(shape), f"{name}: wanted the shape {tuple(shape)}, got {R.shape}."
    return R.toarray()


def check_to_csr_by_hand(to_csr):
    """Five triples in a 3 × 4 matrix; one user changed their mind."""
    users, items, ratings = (
        np.array([0, 2, 0, 2, 0]),
        np.array([3, 0, 1, 2, 3]),
        np.array([4.0, 1.0, 2.5, 3.0, 5.0]),
    )
    R = to_csr(users.copy(), items.copy(), ratings.copy(), (3, 4))
    dense = _dense(R, (3, 4), "to_csr")
    assert dense[0, 3] != 9, (
        "User 0 rated item 3 twice, 4 and then 5 stars; your matrix says 9. SciPy adds duplicates up; the "
        "last one counts."
    )
    wanted = np.array([[0, 2.5, 0, 5], [0, 0, 0, 0], [1, 0, 3, 0]])
    assert dense[0, 3] != 4.5, (
        "User 0 rated item 3 with 4 and then 5 stars; the last rating counts, not the mean."
    )
    assert dense[0, 3] != 4, (
        "User 0 rated item 3 with 4 and then 5 stars; the last one counts, yours is the first."
    )
    assert np.allclose(dense, wanted), f"Wanted\n{wanted}\ngot\n{dense}"
    assert R.nnz == 4, (
        f"4 different cells are known; your matrix stores {R.nnz}: store nothing else, and no cell twice."
    )


def check_to_csr_last_duplicate_wins(to_csr, seed=0):
    """Against a loop, with many duplicates; the arguments stay as they were."""
    rng = np.random.default_rng(seed)
    for _ in range(4):
        users, items = rng.integers(5, size=40), rng.integers(7, size=40)
        ratings = rng.integers(1, 11, size=40) / 2
        arguments = [a.copy() for a in (users, items, ratings)]
        R = to_csr(*arguments, (6, 8))
        dense = _dense(R, (6, 8), "to_csr")
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
            "Pairs occur up to four times here; the last rating in the order of the arrays counts."
        )
        assert R.nnz == np.count_nonzero(last), (
            f"{np.count_nonzero(last)} cells are known; your matrix stores {R.nnz}."
        )
        for name, given, kept in zip(
            ["users", "items", "ratings"], arguments, (users, items, ratings), strict=True
        ):
            assert np.array_equal(given, kept), (
                f"You changed the array {name} that you were given; work on a copy."
            )


def check_to_csr_refuses_codes_outside(to_csr):
    """A code below 0 or not below the shape raises ValueError; −1 is what `lookup_ids` says of a new id."""
    for users, items, what in [
        ([0, 1], [2, 4], "item 4 of 4 items (codes run from 0 to 3)"),
        ([3, 1], [2, 0], "user 3 of 3 users (codes run from 0 to 2)"),
        ([0, -1], [2, 0], "user -1 (it must not become the last user)"),
        ([0, 1], [-1, 0], "item -1 (it must not become the last item, or the user before)"),
    ]:
        try:
            got = to_csr(np.array(users), np.array(items), np.array([3.0, 4.0]), (3, 4))
        except ValueError:
            continue
        except Exception as error:
            raise AssertionError(
                f"Wanted ValueError for {what}; got {type(error).__name__}: {error}"
            ) from None
        stored = sorted(zip(*(axis.tolist() for axis in got.nonzero()), strict=True))
        raise AssertionError(f"Wanted ValueError for {what}; got a matrix with the cells {stored}.")


def check_to_csr_huge_shape(to_csr, seed=0):
    """10^6 users, 2·10^7 items, three ratings: m·n cells do not fit into memory, nor m·n into 32 bits."""
    rng = np.random.default_rng(seed)
    n_users, n_items = 10**6, 2 * 10**7
    # The numbers u·n + i of the first two cells are equal in 32 bits.
    user, item = 215 * int(rng.integers(1, 4)), int(rng.integers(4 * 10**6))
    low = (user * n_items) % 2**32
    users = np.array([user, 0, 7], dtype=np.int32)
    items = np.array([item, low + item, 1], dtype=np.int32)
    try:
        R = to_csr(users, items, np.array([4.0, 2.0, 3.0]), (n_users, n_items))
    except (MemoryError, ValueError, OverflowError) as error:
        raise AssertionError(
            f"Three ratings, 10^6 users, 2·10^7 items: {type(error).__name__}: {error}. Never make an array "
            "of m·n numbers, and "
            "number cells with 64 bits."
        ) from None
    assert R.shape == (n_users, n_items), f"Wanted the shape {(n_users, n_items)}, got {R.shape}."
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

    def seconds(function):
        start = time.perf_counter()
        function()
        return time.perf_counter() - start

    def plain_loop():
        last = {}
        for u, i, r in zip(users.tolist(), items.tolist(), ratings.tolist(), strict=True):
            last[u, i] = r

    # The yardstick is timed beside the function, and the 30 ms are for a machine that is busy elsewhere:
    # three tries.
    for _ in range(3):
        loop, taken = seconds(plain_loop), seconds(lambda: to_csr(users, items, ratings, shape))
        if taken < 10 * loop + 0.03:
            return
    raise AssertionError(
        f"{n_ratings:,} ratings took {taken:.2f} s, a plain Python loop over them {loop:.3f} s. Do you walk "
        "through a DataFrame's rows "
        "(iterrows), or set single cells of a sparse matrix? Work on whole arrays."
    )


# --- density


def check_density_by_hand(density):
    """Three known cells of 2 × 10."""
    R = csr_array((np.array([4.0, 1.0, 3.0]), (np.array([0, 0, 1]), np.array([1, 5, 2]))), shape=(2, 10))
    got = density(R)
    _one_number(got, "density")
    for value, mistake in [
        (15.0, "this is a percentage; wanted a fraction between 0 and 1"),
        (0.85, "this is the share of the unknown cells (the sparsity)"),
        (8.0 / 20, "you add the ratings up; count them"),
        (3 / 12, "you divide by m + n; there are m · n cells"),
        (3 / 4, "you divide by m²; there are m · n cells"),
        (3 / 100, "you divide by n²; there are m · n cells"),
        (1.0, "you divide by the number of known cells"),
    ]:
        assert not np.isclose(got, value), f"3 of 2 · 10 cells are known, that is 0.15; got {got}: {mistake}."
    assert np.isclose(got, 0.15), f"3 of 2 · 10 cells are known: wanted 0.15, got {got}."


def check_density_of_a_huge_matrix(density, seed=0):
    """10^6 × 2·10^7 cells, three of them known; a stored 0, which is known, too; and the limits 0 and 1."""
    rng = np.random.default_rng(seed)
    shape = (10**6, 2 * 10**7)
    users, items = rng.integers(shape[0], size=3), rng.choice(shape[1], size=3)
    try:
        got = density(csr_array((np.ones(3), (users, items)), shape=shape))
    except (MemoryError, ValueError, OverflowError) as error:
        raise AssertionError(
            f"A matrix of 10^6 × 2·10^7 with three ratings: {type(error).__name__}: {error}. Do not make the "
            "matrix dense to count."
        ) from None
    assert np.isclose(got, 1.5e-13, rtol=1e-6, atol=0), (
        f"3 of 2·10^13 cells are 1.5e-13; got {got}: does m · n overflow, or do you round?"
    )
    stored_zero = csr_array((np.array([3.0, 0.0]), (np.array([0, 1]), np.array([2, 0]))), shape=(2, 4))
    assert not np.isclose(density(stored_zero), 1 / 8), (
        "A matrix of 2 × 4 stores a 3 and a 0: both cells are known, wanted 2/8; yours is 1/8. A cell is "
        "known because it is stored, whatever its value."
    )
    assert density(csr_array((4, 3))) == 0, "Nothing is known of an empty matrix: its density is 0."
    assert density(csr_array(np.full((4, 3), 2.5))) == 1, "All cells known is density 1."


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


def check_fit_baseline_by_hand(fit_baseline):
    """Two users, three items, no shrinkage: the numbers can be checked on paper."""
    R = csr_array(np.array([[5.0, 3.0, 0.0], [4.0, 0.0, 0.0]]))
    result = fit_baseline(R, reg_user=0.0, reg_item=0.0)
    assert result is not None, "fit_baseline returned None: did you forget `return`?"
    assert isinstance(result, tuple | list) and len(result) == 3, (
        "fit_baseline returns three things: mu, b_user, b_item."
    )
    mu, b_user, b_item = result[0], np.asarray(result[1]), np.asarray(result[2])
    assert not np.isclose(mu, 2.0), (
        "mu = 2 is the mean of all 6 cells, with the unknown ones as 0: take the mean of the 3 known ones."
    )
    assert not np.isclose(mu, 3.75), "mu = 3.75 is a mean of means; wanted the mean of the known ratings."
    assert np.isclose(mu, 4.0), f"The known ratings 5, 3 and 4 have the mean 4; got mu = {mu}."
    assert (b_user.shape, b_item.shape) != ((3,), (2,)), (
        "b_user and b_item are swapped: return mu, b_user, b_item."
    )
    assert (b_user.shape, b_item.shape) == ((2,), (3,)), (
        f"Wanted shapes (2,) and (3,); got {b_user.shape} and {b_item.shape}."
    )
    assert np.isfinite(b_user).all() and np.isfinite(b_item).all(), (
        "Nobody rated item 2, so that its mean is 0/0; its bias is 0, not NaN."
    )
    assert not np.allclose(b_item, [4.5, 3, 0]), (
        "b_item holds the items' means themselves. A bias is how far an item departs from mu; mean + b_u + "
        "b_i would be about 10 stars."
    )
    for wrong, mistake in [
        ([0.5, -2.5, -4], "unknown cells count as ratings of 0: sum over the known ratings alone"),
        (
            [1, -1, 0],
            "user 1's rating of item 0 does not count. It equals mu, so that r - mu is 0, but it is a "
            "rating: count the stored cells, not those that differ from 0",
        ),
    ]:
        assert not np.allclose(b_item, wrong), f"b_item is {b_item}: {mistake}."
    assert np.allclose(b_item, [0.5, -1, 0]), (
        f"Item 0 has a mean of 4.5, item 1 of 3, mu is 4: wanted b_item [0.5, -1, 0], got {b_item}."
    )
    assert not np.allclose(b_user, [0, 0]), (
        "b_user is the users' mean of r - mu; the items come first: take b_item off as well, or one "
        "deviation is explained twice."
    )
    assert not np.allclose(b_user, [4.25, 3.5]), (
        f"b_user is {b_user}, the users' mean of r - b_item: take mu off as well."
    )
    assert np.allclose(b_user, [0.25, -0.5]), (
        f"What mu and b_item leave is 0.5, 0 for user 0 and -0.5 for user 1: wanted b_user [0.25, -0.5], "
        f"got {b_user}."
    )


def check_fit_baseline_shrinks_by_the_formula(fit_baseline, seed=0):
    """Agrees with loops over the formulas, with an empty row and an empty column."""
    rng = np.random.default_rng(seed)
    for make in (csr_array, lambda R: csr_array(np.ceil(R.toarray()).astype(np.int64))):
        R = make(_random_ratings(rng, 8, 6, 0.45))
        before = R.copy()
        reg_user, reg_item = rng.uniform(1, 4), rng.uniform(5, 9)
        try:
            mu, b_user, b_item = fit_baseline(R, reg_user=reg_user, reg_item=reg_item)
        except Exception as error:
            raise AssertionError(
                f"fit_baseline raised {type(error).__name__} for a matrix of 8 × 6 with ratings of type "
                f"{R.dtype}: {error}"
            ) from error
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
        assert (R != before).nnz == 0, "You changed the matrix that you were given; work on a copy."


def check_fit_baseline_no_ratings_no_bias(fit_baseline, seed=0):
    """Users and items without ratings have bias 0, also at reg = 0; a huge reg leaves the mean alone."""
    R = _random_ratings(np.random.default_rng(seed), 7, 5, 0.5)
    with np.errstate(all="ignore"):
        _, b_user, b_item = fit_baseline(R, reg_user=0.0, reg_item=0.0)
    assert np.isfinite(b_user).all() and np.isfinite(b_item).all(), (
        "With reg = 0, a user or item without ratings got 0/0 = NaN; the bias is 0: nothing is known, so "
        "nothing departs from the mean."
    )
    assert b_user[-1] == 0 and b_item[-1] == 0, (
        f"The last user and item have no ratings: wanted biases of 0, got {b_user[-1]} and {b_item[-1]}."
    )
    _, b_user, b_item = fit_baseline(R, reg_user=1e9, reg_item=1e9)
    assert np.allclose(b_user, 0, atol=1e-5) and np.allclose(b_item, 0, atol=1e-5), (
        "With reg = 10^9 every bias shrinks to 0; yours do not: reg belongs under the fraction, reg + n."
    )


# --- split_random


def _stored_cells(R):
    """The stored cells as a list of (row, column, value), those stored as 0 included."""
    rows = np.repeat(np.arange(R.shape[0]), np.diff(R.indptr))
    return list(zip(rows.tolist(), R.indices.tolist(), R.data.tolist(), strict=True))


def _random_split(split_random, R, test_fraction, seed):
    """Train and test as matrices, after a look at their types and shapes."""
    try:
        result = split_random(R, test_fraction, np.random.default_rng(seed))
    except (ValueError, IndexError) as error:
        raise AssertionError(
            f"split_random raised {type(error).__name__}: {error}\nR has {R.shape[0]} rows, the users, and "
            f"{R.shape[1]} columns."
        ) from error
    assert result is not None, "split_random returned None: did you forget `return`?"
    assert isinstance(result, tuple | list) and len(result) == 2, (
        "split_random returns two matrices: train and test."
    )
    for part, name in zip(result, ["train", "test"], strict=True):
        assert issparse(part) and part.format == "csr", (
            f"{name} must be a csr_array; got {type(part).__name__}."
        )
        assert part.shape == R.shape, (
            f"{name} has the shape {part.shape}; wanted that of R, {R.shape}: users and items keep their "
            "codes."
        )
    return result


def _rows_with_lengths(rng, lengths, n):
    """A CSR matrix with the given numbers of ratings per row, no two alike."""
    rows = np.repeat(np.arange(len(lengths)), lengths)
    columns = np.concatenate([rng.choice(n, size=length, replace=False) for length in lengths]).astype(int)
    return csr_array((np.arange(1, len(rows) + 1) / 4, (rows, columns)), shape=(len(lengths), n))


def check_split_random_divides_the_ratings(split_random, seed=0):
    """A quarter of each user's ratings goes to test; what is in test is no longer in train."""
    R = _rows_with_lengths(np.random.default_rng(seed), [8, 4, 12, 0], 14)
    train, test = _random_split(split_random, R.copy(), 0.25, seed)
    cells, train_cells, test_cells = (
        set(_stored_cells(R)),
        set(_stored_cells(train)),
        set(_stored_cells(test)),
    )
    in_both = {cell[:2] for cell in train_cells} & {cell[:2] for cell in test_cells}
    assert train.nnz != R.nnz or not test.nnz or not in_both, (
        f"{len(in_both)} cells are stored in train as well as in test. A model that has seen the answers "
        "looks better than it is (leak)."
        + (
            " You set them to 0, but a stored 0 is a rating of 0: eliminate_zeros()."
            if 0 in train.data
            else ""
        )
    )
    assert not in_both, f"{len(in_both)} cells are in both parts; the parts must be disjoint."
    assert train_cells | test_cells == cells, "Together, train and test must hold exactly the ratings of R."
    got = np.diff(test.indptr).tolist()
    assert got != [6, 3, 9, 0], (
        "Three quarters of the ratings are in test, one quarter in train: are the two exchanged? Train comes "
        "first."
    )
    assert got == [2, 1, 3, 0], (
        f"Users with 8, 4, 12, 0 ratings and a test fraction of 1/4: wanted [2, 1, 3, 0] in test, got {got}."
    )


def check_split_random_rounds_down(split_random, seed=0):
    """⌊fraction · n_u⌋, for every user on their own."""
    rng = np.random.default_rng(seed)
    lengths = [1, 2, 3, 5, 7, 0, 11]
    R = _rows_with_lengths(rng, lengths, 15)
    for fraction in (0.3, 0.5, 0.75, 0.0):
        wanted = [math.floor(fraction * length) for length in lengths]
        got = np.diff(_random_split(split_random, R.copy(), fraction, seed)[1].indptr).tolist()
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
    R = _rows_with_lengths(np.random.default_rng(seed), [6, 3, 9, 4], 12)
    before = [array.copy() for array in (R.data, R.indices, R.indptr)]
    train, _ = _random_split(split_random, R, 0.5, seed)
    for name, was in zip(["data", "indices", "indptr"], before, strict=True):
        assert np.array_equal(getattr(R, name), was), (
            f"R.{name} is not what it was: you changed the matrix that you were given. Split a copy."
        )
    train.data[:] = -7
    assert np.array_equal(R.data, before[0]), (
        "Changing train changes R: the two share their memory. Copy what train keeps."
    )


def check_split_random_draws_fairly(split_random, seed=0):
    """The same state gives the same split; over many states every rating is drawn equally often."""
    rng = np.random.default_rng(seed)
    # So many possible splits that two generators do not draw the same one by chance.
    large = _rows_with_lengths(rng, [20, 20, 20], 40)
    again = [_random_split(split_random, large.copy(), 0.5, seed + 1) for _ in range(2)]
    assert _stored_cells(again[0][1]) == _stored_cells(again[1][1]), (
        "Two generators in the same state gave two different splits: take all randomness from the argument "
        "rng."
    )
    R = _rows_with_lengths(rng, [4, 4, 4], 9)
    n_draws = 100
    drawn = np.zeros((n_draws, R.nnz), dtype=bool)
    position = {cell: t for t, cell in enumerate(_stored_cells(R))}
    for draw in range(n_draws):
        for cell in _stored_cells(_random_split(split_random, R.copy(), 0.5, [seed, draw])[1]):
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


# --- split_latest


def _time_table(users, times):
    """Ratings of these users at these minutes; the column ``rating`` tells the rows apart."""
    n_rows = len(users)
    return pd.DataFrame(
        {
            "user_id": np.asarray(users, dtype=np.int64),
            "item_id": np.arange(n_rows, dtype=np.int64) % 7,
            "rating": np.arange(1, n_rows + 1),
            "timestamp": (np.asarray(times, dtype=np.int64) * 60).astype("datetime64[s]"),
        },
        index=np.arange(n_rows) * 3 + 5,
    )


def _latest_split(split_latest, table, n_test):
    """Row tags in train and in test, after a look at what came."""
    columns = list(table.columns)
    result = split_latest(table, n_test=n_test)
    assert result is not None, "split_latest returned None: did you forget `return`?"
    assert isinstance(result, tuple | list) and len(result) == 2, (
        "split_latest returns two tables: train and test."
    )
    for part, name in zip(result, ["train", "test"], strict=True):
        assert isinstance(part, pd.DataFrame), (
            f"{name} is a DataFrame, some rows of the table; yours is of type {type(part).__name__}."
        )
        assert list(part.columns) == columns, (
            f"{name} must have all columns, {columns}; it has {list(part.columns)}."
        )
    return sorted(result[0]["rating"].tolist()), sorted(result[1]["rating"].tolist())


def check_split_latest_by_hand(split_latest):
    """Three users; the latest rating is not the last row."""
    #                       row: 1  2  3  4  5  6
    table = _time_table(users=[1, 1, 2, 1, 2, 3], times=[9, 7, 1, 5, 2, 3])
    before = table.copy()
    train, test = _latest_split(split_latest, table, 1)
    assert test != [2, 3, 4, 6], "train and test are exchanged: train comes first."
    assert test != [1], "Only one rating of all went to test; wanted the latest of *each* user."
    assert test != [4, 5] and test != [4, 5, 6], (
        "You take each user's last *row*; wanted the latest *timestamp*: row 1 for user 1. The rows are in "
        "no order of time."
    )
    assert test != [3, 4] and test != [3, 4, 6], "You take the earliest ratings; wanted the latest."
    assert test != [2, 3], (
        "Rows 2 and 3 went to test, wanted 1 and 5. What was counted in the order of time must come back "
        "into the order of the table: sort_index()."
    )
    assert 6 not in test, (
        "User 3 has a single rating, and it went to test: with nothing in train, no model can know this user."
    )
    assert test != [1, 2, 3, 5], "Two ratings of each user went to test; with n_test=1 wanted one."
    assert test == [1, 5], (
        f"User 1's latest rating is in row 1, user 2's in row 5: wanted rows [1, 5] in test, got {test}."
    )
    assert train == [2, 3, 4, 6], (
        f"Wanted the other rows, [2, 3, 4, 6], in train, got {train}: no row in both parts, none lost."
    )
    pd.testing.assert_frame_equal(table, before, obj="the table that you were given (it must not be changed)")


def check_split_latest_ties_and_short_histories(split_latest, seed=0):
    """At equal times the later row goes to test, among few rows and many; short histories stay in train."""
    #                       row: 1  2  3  4  5  6  7  8  9
    table = _time_table(users=[4, 4, 4, 5, 5, 4, 6, 6, 6], times=[8, 8, 8, 1, 2, 8, 3, 3, 1])
    train, test = _latest_split(split_latest, table, 1)
    assert test == [5, 6, 8], (
        f"User 4's ratings (rows 1, 2, 3, 6) are equally late, as are two of user 6's (7, 8): the row "
        "further down goes to test. "
        f"Wanted rows [5, 6, 8], got {test}."
    )
    train, test = _latest_split(split_latest, table, 2)
    assert not {4, 5} & set(test), (
        "User 5 has 2 ratings; with n_test=2 nothing of them may go to test (n_test or fewer stay in train)."
    )
    assert test != [6, 8], "With n_test=2 one rating of each user went to test; wanted the latest two."
    assert test == [3, 6, 7, 8], f"n_test=2: wanted rows [3, 6, 7, 8] in test, got {test}."
    train, test = _latest_split(split_latest, table, 3)
    assert not {7, 8, 9} & set(test), "User 6 has 3 ratings; with n_test=3 all of them stay in train."
    assert test == [2, 3, 6], f"n_test=3: wanted rows [2, 3, 6] in test, got {test}."
    assert train == [1, 4, 5, 7, 8, 9], f"n_test=3: wanted rows [1, 4, 5, 7, 8, 9] in train, got {train}."

    rng = np.random.default_rng(seed)
    users, times = np.repeat([3, 8, 9], 40), rng.integers(4, size=120)  # four minutes for 120 ratings
    _, test = _latest_split(split_latest, _time_table(users, times), 2)
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
    table = _time_table(users, rng.permutation(60))
    before = table.copy()
    for n_test in (1, 3):
        train, test = _latest_split(split_latest, table, n_test)
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
        assert _latest_split(split_latest, shuffled, n_test) == (train, test), (
            "The same ratings in another order of rows were split differently, though no two are equally "
            "late: go by the timestamps."
        )
    pd.testing.assert_frame_equal(table, before, obj="the table that you were given (it must not be changed)")


# --- binarize


def check_binarize_by_hand(binarize):
    """A like is a rating of 4 or more; the others are not stored."""
    R = csr_array(np.array([[4.0, 3.5, 0.0, 5.0], [0.0, 0.5, 4.5, 0.0], [1.0, 0.0, 0.0, 0.0]]))
    B = binarize(R.copy())
    dense = _dense(B, (3, 4), "binarize")
    wanted = np.array([[1.0, 0, 0, 1], [0, 0, 1, 0], [0, 0, 0, 0]])
    assert dense[0, 0] != 0, "A rating of exactly 4.0 counts as a like: at least is >=, not >."
    assert dense[0, 0] not in (4, 4.0), "You keep the stars of the likes; wanted 1."
    assert dense[0, 1] != 1, "User 0 rated item 1 with 3.5 stars, below the threshold: that is no like."
    assert dense.min() >= 0, "Ratings below the threshold became negative; they are not stored at all."
    assert np.array_equal(dense, wanted), f"Wanted\n{wanted}\ngot\n{dense}"
    assert B.nnz == 3, (
        f"3 likes, but {B.nnz} stored cells: ratings below the threshold are still stored, as 0. In a "
        "sparse matrix a stored 0 is known, "
        "and would count as one: eliminate_zeros()."
    )


def check_binarize_thresholds_and_copies(binarize, seed=0):
    """Any threshold, any row; R stays as it was."""
    rng = np.random.default_rng(seed)
    R = _random_ratings(rng, 9, 7, 0.5)
    before = [array.copy() for array in (R.data, R.indices, R.indptr)]
    cells = _stored_cells(R)
    for threshold in (3.0, 0.5, 4.5, 5.5):
        B = binarize(R, threshold=threshold)
        for name, was in zip(["data", "indices", "indptr"], before, strict=True):
            now = getattr(R, name)
            assert now.shape == was.shape and np.array_equal(now, was), (
                f"R.{name} is not what it was: you changed the matrix that you were given (csr_array(R) "
                "alone shares its memory with R)."
            )
        assert issparse(B) and B.format == "csr" and B.shape == R.shape, (
            "Wanted a csr_array of the shape of R."
        )
        wanted = sorted((u, i, 1.0) for u, i, r in cells if r >= threshold)
        got = sorted(_stored_cells(B))
        assert all(value != 0 for *_, value in got), (
            "Ratings below the threshold are still stored, as 0; do not store them."
        )
        assert got == wanted, (
            f"Threshold {threshold}: wanted {len(wanted)} ones at the ratings of at least that; got "
            f"{len(got)} stored cells."
        )
