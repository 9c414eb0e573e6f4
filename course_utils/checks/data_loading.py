"""What do the visible checks of unit 01, loading and splitting ratings, ask of each exercise?"""

from __future__ import annotations

import math
import os
import re
import tempfile

import numpy as np
import pandas as pd
from scipy.sparse import csr_array, issparse

from course_utils.checks.call import number_of, parts_of, refusal_of, result_of
from course_utils.checks.visible import visible

HEADER = "userId,movieId,rating,timestamp"


# --- rmse


@visible
def check_rmse_by_hand(rmse):
    """Errors of 1, −1, 0 and −3 stars: √(11/4)."""
    hint = "Make arrays of lists first: np.asarray(…)."
    got = number_of("rmse (of two lists)", rmse, [4.0, 3.0, 5.0, 1.0], [3.0, 4.0, 5.0, 4.0], hint=hint)
    wanted = math.sqrt(11 / 4)
    for value, mistake in [
        (11 / 4, "this is the mean of the squares: take its root"),
        (1.25, "this is the mean absolute error: square the errors"),
        (1.0, "this is the median error: take the mean of the squares, in which every error counts"),
        (math.sqrt(11), "this is the root of the sum: divide by the number of ratings before the root"),
        (math.sqrt(11) / 4, "you divide after the root: √(sum)/N is not √(sum/N)"),
        (0.75, "errors of opposite sign cancel: square each error before you average"),
    ]:
        assert not np.isclose(got, value), (
            f"Errors of 1, -1, 0, -3 stars gave {got:.4f}, wanted {wanted:.4f}: {mistake}."
        )
    assert np.isclose(got, wanted), (
        f"Errors of 1, -1, 0, -3 stars have an RMSE of √(11/4) = {wanted:.4f}; got {got}."
    )


# --- parse_ratings


def _on_file(parse_ratings, text):
    """A function that calls `parse_ratings` with the path of a file with this text."""

    def parse():
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "ratings.csv")
            with open(path, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            return parse_ratings(path)

    return parse


def table_of(name, function, *arguments, hint="", **settings):
    """The DataFrame that a function returns."""
    table = result_of(name, function, *arguments, hint=hint, **settings)
    assert isinstance(table, pd.DataFrame), (
        f"{name} returns a DataFrame; yours is of type {type(table).__name__}."
    )
    return table


def accepted_table(parse_ratings, text):
    """What `parse_ratings` makes of a good file."""
    hint = f"A good file was refused:\n{text}"
    return table_of("parse_ratings", _on_file(parse_ratings, text), hint=hint)


def refusal_of_file(parse_ratings, text, what):
    """The message of the ValueError that `parse_ratings` must raise for a file with this text."""
    said = refusal_of("parse_ratings", f"the file holds {what}", _on_file(parse_ratings, text))
    # A folder's random name could contain the number that is looked for; the file's name is enough.
    message = re.sub(r"\S*[/\\]ratings\.csv", "ratings.csv", said)
    assert "ratings.csv" in message, f"The message for {what} must name the file; it says: {message}"
    return message


def names_line(message, *numbers):
    """Whether a message names one of these lines: "line 4", "L4" and "the 4th line" are as good."""
    which = "|".join(str(number) for number in numbers)
    return re.search(rf"(?<![\d.])(?:{which})(?!\d|\.\d)", message) is not None


@visible
def check_parse_ratings_small_file(parse_ratings):
    """Names, types, order and values of a small file whose columns come in another order."""
    rows = [(7, 31, 4.0, 1112486027), (7, 2, 0.5, 1112484676), (3, 31, 5.0, 964982703)]
    in_order = HEADER + "\n" + "".join(f"{u},{i},{r},{t}\n" for u, i, r, t in rows)
    table = accepted_table(parse_ratings, in_order)
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


@visible
def check_parse_ratings_bad_line(parse_ratings):
    """A rating of 0 in line 4: ValueError with the file, the column and the line."""
    message = refusal_of_file(
        parse_ratings, f"{HEADER}\n10,20,3.0,1000\n10,21,4.0,1000\n10,22,0.0,1000\n", "a rating of 0"
    )
    assert "rating" in message.replace("ratings.csv", ""), (
        f"The message must name the column `rating`; it says: {message}"
    )
    for number, mistake in [
        ("2", "you count the rows of the table from 0, an editor counts the lines of the file from 1"),
        ("3", "you do not count the header, or you count from 0"),
    ]:
        found = names_line(message, number) and not names_line(message, 4)
        assert not found, (
            f"The bad rating stands in line 4 of the file; your message says {number}: {mistake}."
        )
    assert names_line(message, 4), (
        f"The message must name line 4, where the rating of 0 stands; it says: {message}"
    )
    for bad, what in [("5.5", "a rating above 5"), ("", "a missing rating (NaN)")]:
        refusal_of_file(parse_ratings, f"{HEADER}\n10,20,3.0,1000\n10,21,{bad},1000\n", what)


# --- popular_subset


def ratings_table(pairs):
    """A table of ratings of these (user, item) pairs; the column `rating` tells the rows apart."""
    n_rows = len(pairs)
    return pd.DataFrame(
        {
            "user_id": np.array([u for u, _ in pairs], dtype=np.int64),
            "item_id": np.array([i for _, i in pairs], dtype=np.int64),
            "rating": np.arange(1, n_rows + 1) * 0.5,
            "timestamp": (np.arange(n_rows)[::-1] * 60).astype("datetime64[s]"),
        }
    )


@visible
def check_popular_subset_by_hand(popular_subset):
    """Twelve ratings on paper: the two most rated items, then the users with two ratings of them."""
    #   item:    9        4            7
    pairs = [(1, 9), (1, 4), (1, 7), (2, 9), (2, 4), (3, 9), (3, 7), (4, 4), (4, 9), (5, 4), (5, 8), (5, 6)]
    table = ratings_table(pairs)
    got = table_of("popular_subset", popular_subset, table, n_items=2, min_ratings=2)
    assert list(got.columns) == list(table.columns), (
        f"All columns are kept: wanted {list(table.columns)}, got {list(got.columns)}."
    )
    got_pairs = list(zip(got["user_id"].tolist(), got["item_id"].tolist(), strict=True))
    wanted = [(1, 9), (1, 4), (2, 9), (2, 4), (4, 4), (4, 9)]
    assert got_pairs != [], (
        "Your subset is empty. Users 1, 2 and 4 rated exactly 2 of the kept items and belong to it for "
        "min_ratings=2. (*At least* is >=, not >. If that is right, which step leaves nothing?)"
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


@visible
def check_popular_subset_ties(popular_subset, seed=0):
    """Items with equally many ratings: the smaller id is kept, wherever it stands in the table."""
    rng = np.random.default_rng(seed)
    items = rng.permutation(np.arange(10, 70))  # 60 items, far more than a sort keeps in order by luck
    pairs = [(user, int(item)) for user in range(2) for item in items]
    pairs += [(2, 69), (2, 68)]  # two items with three ratings, which come first
    order = rng.permutation(len(pairs))
    table = ratings_table([pairs[j] for j in order])
    got = table_of("popular_subset", popular_subset, table, n_items=7, min_ratings=1)
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


# --- encode_ids and lookup_ids


@visible
def check_encode_ids_by_hand(encode_ids):
    """Ids with gaps and repetitions become codes, which the uniques turn back."""
    ids = np.array([30, 10, 30, 70, 10])
    codes, uniques = map(np.asarray, parts_of("encode_ids", ("codes", "uniques"), encode_ids, ids.copy()))
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


@visible
def check_lookup_ids_by_hand(lookup_ids):
    """Known ids get their codes, new ones −1."""
    name, hint = "lookup_ids (of 70, 10, 40, 30 among 10, 30, 70)", "40 is new: it becomes -1."
    result = result_of(name, lookup_ids, np.array([10, 30, 70]), np.array([70, 10, 40, 30]), hint=hint)
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


# --- to_csr


def matrix_of(name, shape, function, *arguments, hint="", **settings):
    """The CSR matrix that a function returns."""
    R = result_of(name, function, *arguments, hint=hint, **settings)
    assert issparse(R), f"{name} must give a csr_array; got {type(R).__name__}."
    assert R.format == "csr", f"{name} must give the CSR format; got {R.format!r}."
    assert R.shape == tuple(shape), f"{name}: wanted the shape {tuple(shape)}, got {R.shape}."
    return R


@visible
def check_to_csr_by_hand(to_csr):
    """Five triples in a 3 × 4 matrix; one user changed their mind."""
    users, items, ratings = (
        np.array([0, 2, 0, 2, 0]),
        np.array([3, 0, 1, 2, 3]),
        np.array([4.0, 1.0, 2.5, 3.0, 5.0]),
    )
    R = matrix_of("to_csr", (3, 4), to_csr, users.copy(), items.copy(), ratings.copy(), (3, 4))
    dense = R.toarray()
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
    shape, hint = (200_000, 300_000), "An array of m·n numbers, as np.zeros((m, n)) makes, is not needed."
    given = np.array([0, 199_999]), np.array([299_999, 0]), np.array([4.0, 2.0]), shape
    R = matrix_of("to_csr (200,000 × 300,000)", shape, to_csr, *given, hint=hint)
    assert R.nnz == 2, f"Two ratings in a large matrix are two stored cells; yours stores {R.nnz}."


@visible
def check_to_csr_refuses_codes_outside(to_csr):
    """A code below 0 or not below the shape raises ValueError; −1 is what `lookup_ids` says of a new id."""
    for users, items, what in [
        ([0, 1], [2, 4], "item 4 of 4 items (codes run from 0 to 3)"),
        ([3, 1], [2, 0], "user 3 of 3 users (codes run from 0 to 2)"),
        ([0, -1], [2, 0], "user -1 (it must not become the last user)"),
        ([0, 1], [-1, 0], "item -1 (it must not become the last item, or the user before)"),
    ]:
        given = np.array(users), np.array(items), np.array([3.0, 4.0]), (3, 4)
        refusal_of("to_csr", f"there is {what}", to_csr, *given)


# --- density


@visible
def check_density_by_hand(density):
    """Three known cells of 2 × 10."""
    R = csr_array((np.array([4.0, 1.0, 3.0]), (np.array([0, 0, 1]), np.array([1, 5, 2]))), shape=(2, 10))
    got = number_of("density", density, R)
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
    huge, hint = csr_array(([5.0], ([0], [1])), shape=(400_000, 500_000)), "Do not make it dense to count."
    got = number_of("density (of 400,000 × 500,000 cells)", density, huge, hint=hint)
    assert got * 2e11 > 0.99, f"1 of 2·10¹¹ cells is known: wanted 5e-12, got {got}."


# --- fit_baseline


BASELINE = ("mu", "b_user", "b_item")


@visible
def check_fit_baseline_by_hand(fit_baseline):
    """Two users, three items, no shrinkage: the numbers can be checked on paper."""
    R = csr_array(np.array([[5.0, 3.0, 0.0], [4.0, 0.0, 0.0]]))
    mu, b_user, b_item = parts_of("fit_baseline", BASELINE, fit_baseline, R, reg_user=0.0, reg_item=0.0)
    b_user, b_item = np.asarray(b_user), np.asarray(b_item)
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
        ([0.5, -2.5, -4.0], "unknown cells count as ratings of 0: sum over the known ratings alone"),
        (
            [1.0, -1.0, 0.0],
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
    # Now λ_user = 1 and λ_item = 2. Items: 1/(2 + 2), −1/(2 + 1). Users: (0.75 − 2/3)/(1 + 2), −0.25/(1 + 1).
    parts = parts_of("fit_baseline", BASELINE, fit_baseline, R, reg_user=1.0, reg_item=2.0)
    b_user, b_item = np.asarray(parts[1]), np.asarray(parts[2])
    story = "With reg_user = 1 and reg_item = 2"
    assert not np.allclose(b_item, [0.5, -1, 0]), (
        f"{story} b_item is what it was without: the regularisation is missing. Divide by reg + n, not by n."
    )
    # Exchanged: items 1/(2 + 1), −1/(1 + 1); users (1 − 1/3 − 1 + 1/2)/(2 + 2), −1/3/(2 + 1).
    assert not (np.allclose(b_item, [1 / 3, -1 / 2, 0]) and np.allclose(b_user, [1 / 24, -1 / 9])), (
        f"{story} reg_user and reg_item are swapped."
    )
    assert not np.allclose(b_item, [1 / 3, -1 / 2, 0]), f"{story} the items' biases are shrunk by reg_user."
    assert np.allclose(b_item, [1 / 4, -1 / 3, 0]), (
        f"{story} wanted b_item [1/(2 + 2), −1/(2 + 1), 0] = [0.25, -0.333, 0], got {b_item.round(3)}."
    )
    assert not np.allclose(b_user, [1 / 48, -1 / 12]), f"{story} the users' biases are shrunk by reg_item."
    assert np.allclose(b_user, [1 / 36, -1 / 8]), (
        f"{story} wanted b_user [0.083/(1 + 2), −0.25/(1 + 1)] = [0.028, -0.125], got {b_user.round(3)}."
    )


# --- split_random


def stored_cells(R):
    """The stored cells as a list of (row, column, value), those stored as 0 included."""
    rows = np.repeat(np.arange(R.shape[0]), np.diff(R.indptr))
    return list(zip(rows.tolist(), R.indices.tolist(), R.data.tolist(), strict=True))


def random_split_of(split_random, R, test_fraction, seed):
    """Train and test as matrices, after a look at their types and shapes."""
    hint = f"R has {R.shape[0]} rows, the users, and {R.shape[1]} columns."
    rng = np.random.default_rng(seed)
    train, test = parts_of("split_random", ("train", "test"), split_random, R, test_fraction, rng, hint=hint)
    for part, name in [(train, "train"), (test, "test")]:
        assert issparse(part) and part.format == "csr", (
            f"{name} must be a csr_array; got {type(part).__name__}."
        )
        assert part.shape == R.shape, (
            f"{name} has the shape {part.shape}; wanted that of R, {R.shape}: users and items keep their "
            "codes."
        )
    return train, test


def rows_with_lengths(rng, lengths, n):
    """A CSR matrix with the given numbers of ratings per row, no two alike."""
    rows = np.repeat(np.arange(len(lengths)), lengths)
    columns = np.concatenate([rng.choice(n, size=length, replace=False) for length in lengths]).astype(int)
    return csr_array((np.arange(1, len(rows) + 1) / 4, (rows, columns)), shape=(len(lengths), n))


@visible
def check_split_random_divides_the_ratings(split_random, seed=0):
    """A quarter of each user's ratings goes to test; what is in test is no longer in train."""
    lengths = [8, 4, 12, 0, 1, 7]
    R = rows_with_lengths(np.random.default_rng(seed), lengths, 14)
    train, test = random_split_of(split_random, R.copy(), 0.25, seed)
    cells, train_cells, test_cells = (
        set(stored_cells(R)),
        set(stored_cells(train)),
        set(stored_cells(test)),
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
    assert got != [6, 3, 9, 0, 1, 6], (
        "Three quarters of the ratings are in test, one quarter in train: are the two exchanged? Train comes "
        "first."
    )
    story = f"Users with {lengths} ratings, a quarter for test: wanted [2, 1, 3, 0, 0, 1] in test, got {got}"
    for value, mistake in [
        ([2, 1, 3, 0, 1, 2], "you round up; a user with one rating would lose it to test"),
        ([2, 1, 3, 0, 0, 2], "you round to the nearest; round down"),
        ([2, 1, 3, 0, 1, 1], "you take at least one rating of each user; who has one keeps it in train"),
    ]:
        assert got != value, f"{story}: {mistake}."
    assert got == [2, 1, 3, 0, 0, 1], f"{story}."
    splits = [random_split_of(split_random, R.copy(), 0.25, [seed, draw])[1] for draw in range(20)]
    assert any(stored_cells(split) != stored_cells(splits[0]) for split in splits), (
        "Twenty different generators set the same ratings aside. Draw at random from all of a user's "
        "ratings, not from the head or the tail, and with the rng that is given, not one of a fixed seed."
    )


# --- split_latest


def time_table(users, times):
    """Ratings of these users at these minutes; the column `rating` tells the rows apart."""
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


def latest_split_of(split_latest, table, n_test):
    """Row tags in train and in test, after a look at what came."""
    columns = list(table.columns)
    train, test = parts_of("split_latest", ("train", "test"), split_latest, table, n_test=n_test)
    for part, name in [(train, "train"), (test, "test")]:
        assert isinstance(part, pd.DataFrame), (
            f"{name} is a DataFrame, some rows of the table; yours is of type {type(part).__name__}."
        )
        assert list(part.columns) == columns, (
            f"{name} must have all columns, {columns}; it has {list(part.columns)}."
        )
    return sorted(train["rating"].tolist()), sorted(test["rating"].tolist())


@visible
def check_split_latest_by_hand(split_latest):
    """Three users; the latest rating is not the last row."""
    #                       row: 1  2  3  4  5  6
    table = time_table(users=[1, 1, 2, 1, 2, 3], times=[9, 7, 1, 5, 2, 3])
    train, test = latest_split_of(split_latest, table, 1)
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
    assert test != [1, 5, 6], (
        "User 3 has a single rating, and it went to test: with nothing in train, no model can know this user."
    )
    assert test != [1, 2, 3, 5], "Two ratings of each user went to test; with n_test=1 wanted one."
    assert test == [1, 5], (
        f"User 1's latest rating is in row 1, user 2's in row 5: wanted rows [1, 5] in test, got {test}."
    )
    assert train == [2, 3, 4, 6], (
        f"Wanted the other rows, [2, 3, 4, 6], in train, got {train}: no row in both parts, none lost."
    )


# --- binarize


@visible
def check_binarize_by_hand(binarize):
    """A like is a rating of 4 or more; the others are not stored."""
    R = csr_array(np.array([[4.0, 3.5, 0.0, 5.0], [0.0, 0.5, 4.5, 0.0], [1.0, 0.0, 0.0, 0.0]]))
    B = matrix_of("binarize", (3, 4), binarize, R.copy())
    dense = B.toarray()
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
    stored = matrix_of("binarize (threshold 3.0)", (3, 4), binarize, R.copy(), threshold=3.0).nnz
    assert stored == 4, f"Threshold 3.0: four of the six ratings are likes; yours has {stored}."
