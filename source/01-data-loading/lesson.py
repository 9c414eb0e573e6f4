# %% [markdown]
# # Unit 01 · From a file of ratings to an honest number
#
# **What you will be able to do**
#
# - *read* a file of ratings and refuse one that is broken, by file, column and line;
# - *build* a sparse matrix in which a cell that is not stored means "unknown", and nothing else;
# - *split* ratings into train and test in two ways, and say which question each of them answers;
# - *fit* the baseline that every later model must beat;
# - *trace* a difference between two published numbers to the choice that made it.
#
# **Time** about 4½ hours: 2½ for the exercises, the rest for reading, looking and what goes wrong ·
# **20 points**, 3 of them for written answers · **Before this** NumPy indexing and a little pandas; no linear
# algebra yet

# %% [markdown]
# - **You have** Python with NumPy, some pandas, and a file with a hundred thousand ratings.
# - **You need** a matrix in which unknown cells stay unknown, a split that answers a question, and a number
#   to beat: the error of a mean and two biases.

# %% [markdown]
# ## The story: two numbers from "the same" data
#
# Ines and Max work on the same film recommender. Both took MovieLens' *latest-small* ratings, both used the
# same baseline model (a mean, a bias for each film, a bias for each user), and both measured the root mean
# squared error on ratings that were set aside. At the weekly meeting Ines reports an RMSE of **0.78** stars,
# Max one of **0.94**.
#
# For comparison: improving the RMSE of Netflix's own system by 10 % was worth a million dollars, and took
# three years. Here are 17 %, with the same model and the same file. Neither of them made an arithmetic
# error.
#
# *Which choices made the difference, and whose number should the company believe?* You will write every
# step between the file and the number, with your own hands, and then take the difference apart.

# %% [markdown]
# ## Notation
#
# | in formulas | in code | meaning |
# |---|---|---|
# | m, n | `n_users`, `n_items` | numbers of users and of items (here: films) |
# | Ω | the stored cells of `R` | the observed (user, item) pairs |
# | R, $r_{ui}$ | `R` | ratings, an m × n `csr_array`; a cell that is not stored is *unknown*, not 0 |
# | μ | `mu` | mean of the known ratings |
# | $b_u$, $b_i$ | `b_user[u]`, `b_item[i]` | biases: how far a user or an item departs from μ |
# | $n_u$, $n_i$ | | how many ratings user u gave, item i received |
# | λ | `reg_user`, `reg_item` | how strongly a bias is pulled towards 0 |
#
# *Ids* are the data set's own names of users and items. *Codes* are their positions, counted from 0. From
# exercise 1.4 on, everything works with codes.

# %%
from pathlib import Path

import numpy as np
import pandas as pd
from IPython.display import display
from scipy.sparse import csr_array

from course_utils.data import DATA_DIR, load
from course_utils.plots import panels, show, data_loading as plots
from course_utils.training import progress_bar

# %% [markdown]
# ## A toy, by hand
#
# Five users, six films, twelve ratings. A dot is a film that the user has not rated.
#
# | | A | B | C | D | E | F |
# |---|---|---|---|---|---|---|
# | **Ada** | 5 | 4 | · | 1 | · | · |
# | **Ben** | 4 | · | 4 | · | 2 | · |
# | **Cem** | · | 3 | · | · | · | · |
# | **Dia** | 5 | · | · | 2 | 3 | · |
# | **Eve** | · | 5 | · | · | · | 4 |
#
# Take a pencil; it is the whole unit in small.
#
# - *Density.* 12 of 5 · 6 cells are known: 0.4. (Of real matrices one or two hundredths, often far less.)
# - *Mean.* The twelve ratings add up to 42, so μ = 42 / 12 = 3.5. Had you counted the dots as zeros, it
#   would be 42 / 30 = 1.4, the opinion of nobody.
# - *Bias of film A*, with λ = 1. Its ratings depart from μ by 1.5, 0.5 and 1.5, together 3.5. Divided by λ
#   plus the three ratings, that is by 4, this makes **0.875**. Without λ it would be 1.17: three ratings
#   are little evidence, so we believe only a part.
# - *Bias of film B.* (0.5 − 0.5 + 1.5) / (1 + 3) = **0.375**.
# - *Bias of Cem*, with λ = 1. She gave B a 3. From μ and the film alone we expect 3.5 + 0.375; she is
#   0.875 below it. Divided by 1 + 1, that is **−0.4375**.
# - *What will Cem give to film A?* $\mu + b_A + b_{\text{Cem}}$ = 3.5 + 0.875 − 0.4375 = **3.94**.
#
# The same table as data, to come back to:

# %%
toy = pd.DataFrame(
    [
        ("Ada", "A", 5.0, "2024-01-05"),
        ("Ada", "B", 4.0, "2024-01-03"),
        ("Ada", "D", 1.0, "2024-01-09"),
        ("Ben", "A", 4.0, "2024-02-01"),
        ("Ben", "C", 4.0, "2024-02-02"),
        ("Ben", "E", 2.0, "2024-02-02"),
        ("Cem", "B", 3.0, "2024-03-01"),
        ("Dia", "A", 5.0, "2024-01-01"),
        ("Dia", "D", 2.0, "2024-03-09"),
        ("Dia", "E", 3.0, "2024-02-20"),
        ("Eve", "B", 5.0, "2024-03-02"),
        ("Eve", "F", 4.0, "2024-03-01"),
    ],
    columns=["user_id", "item_id", "rating", "timestamp"],
).astype({"timestamp": "datetime64[s]"})
toy

# %% [markdown]
# ## 1 · The measure
#
# ### Exercise 1.1 · The root mean squared error
#
# ★☆☆ · 5 minutes · 1 point: ½ checked here, ½ by hidden checks (arrays that cannot be compared)
#
# Predict each rating, take the errors, square them, average, take the root. The result is in stars, and
# large errors count more than in proportion: one error of 2 stars costs as much as four of 1 star.
#
# Your function will see much use, so let it refuse nonsense. NumPy subtracts a single prediction from a
# thousand ratings without a word, and the mean of nothing is NaN.
#
# <details><summary>Hint 1</summary>With <code>np.asarray(…, dtype=float)</code> lists become arrays; then
# compare their <code>shape</code>s before anything else.</details>
# <details><summary>Hint 2</summary><code>np.sqrt(np.mean((actual - predicted) ** 2))</code>, after two
# <code>raise ValueError(…)</code>.</details>

# %% rmse
from solutions.data_loading import rmse

# %% test_rmse points=0.5
# Errors of 1, −1, 0 and −3 stars: √(11/4).
from course_utils.checks.data_loading import check_rmse_by_hand

check_rmse_by_hand(rmse)

# %% test_rmse_hidden points=0.5
# Hidden checks look at: different lengths, no ratings at all, another order of the pairs.
### BEGIN HIDDEN TESTS
from tests.checks.data_loading import check_rmse_awkward, check_rmse_refuses_what_cannot_be_compared

check_rmse_refuses_what_cannot_be_compared(rmse)
check_rmse_awkward(rmse)
### END HIDDEN TESTS

# %% [markdown]
# ## 2 · From the file to a table
#
# ### Exercise 1.2 · Read it, or say what is wrong with it
#
# ★★☆ · 15 minutes · 2 points: 1½ checked here, ½ by hidden checks (columns in another order, each kind of bad
# value, missing columns, empty files)
#
# A file that is cut off, or saved by a spreadsheet, rarely makes a program crash. It makes a number that is
# a little wrong. So the reader checks, and whoever gets its message must be able to open the file and go to
# the line.
#
# What it checks for: the four columns are there; no value is missing; a rating is above 0 and at most 5.
# Reject a rating of 0: the scale starts at half a star, and a stored 0 is easily confused with an unknown
# cell.
#
# <details><summary>Hint 1</summary><code>pd.read_csv</code> raises <code>pd.errors.EmptyDataError</code>
# for a file without a line. For the other checks, go through the four columns one by one: is it there?
# Which rows are bad?</details>
# <details><summary>Hint 2</summary>With a Boolean array <code>bad</code>, <code>bad.any()</code> says
# whether and <code>np.argmax(bad)</code> where first. Row 0 of the table is line 2 of the file.
# <code>pd.to_numeric(column, errors="coerce")</code> turns what is no number into NaN, and seconds become
# dates by <code>.astype("datetime64[s]")</code>.</details>

# %% parse_ratings
from solutions.data_loading import parse_ratings

# %% test_parse_ratings points=1.5
# Names, types, order and values of a small file whose columns come in another order.
from course_utils.checks.data_loading import check_parse_ratings_small_file, check_parse_ratings_bad_line

check_parse_ratings_small_file(parse_ratings)
check_parse_ratings_bad_line(parse_ratings)

# %% test_parse_ratings_hidden points=0.5
# Hidden checks look at: columns in another order, every kind of bad value, missing columns, empty files.
### BEGIN HIDDEN TESTS
from tests.checks.data_loading import (
    check_parse_ratings_awkward,
    check_parse_ratings_columns_by_name,
    check_parse_ratings_refuses_bad_values,
    check_parse_ratings_refuses_missing_columns_and_empty_files,
)

check_parse_ratings_columns_by_name(parse_ratings)
check_parse_ratings_refuses_bad_values(parse_ratings)
check_parse_ratings_refuses_missing_columns_and_empty_files(parse_ratings)
check_parse_ratings_awkward(parse_ratings)
### END HIDDEN TESTS

# %% [markdown]
# ### Your reader on the real file
#
# The course has loaders for five data sets (`course_utils.data.datasets.load`), all of which give the same
# columns. On MovieLens *latest-small*, yours and the course's must agree to the last rating.
#
# **Other data by changing one name.** `load("ml-100k")`, `load("ml-1m")`, `load("ml-20m")` and
# `load("book-crossing")` give the same columns (of the users, too, where they are described). Their
# licences do not let us hand them out: add `download=True`, or unpack them into `data/<name>` yourself.
# Note for Book-Crossing: a 0 means that the reader interacted with the book but did not rate it
# (`load(…).explicit_ratings` leaves those out). Items are ISBNs, that is strings. There are no timestamps, so
# that the part about time has nothing to work on.

# %%
DATASET = "ml-latest-small"
data = load(DATASET)
ratings = data.ratings
if DATASET == "ml-latest-small":
    file: Path = DATA_DIR / DATASET / "ratings.csv"
    own = parse_ratings(file)
    pd.testing.assert_frame_equal(own, ratings)
    print(f"Your reader and the course's agree on all {len(own):,} ratings.")
print(f"{ratings['user_id'].nunique():,} users, {ratings['item_id'].nunique():,} rated films")
ratings.head()

# %% [markdown]
# **What do you expect, and why?** The scale has ten steps, from ½ to 5. Which of them is the most frequent,
# and where does the mean lie?

# %% slow=true
stars = ratings["rating"].value_counts().sort_index()
halves = ratings.loc[ratings["rating"] % 1 > 0, "timestamp"]
print(f"Mean {ratings['rating'].mean():.2f} stars; the first half star is of {halves.min():%B %Y}.")
print("Ratings: " + ", ".join(f"{value:g}: {count:,}" for value, count in stars.items()))
plots.rating_histogram(ratings["rating"].to_numpy())
show(
    f"Bars of the share of each rating from ½ to 5 stars: {stars.idxmax():g} stars is the most frequent, "
    "whole stars stand higher than the half stars beside them, and a dashed line marks the mean, "
    f"{ratings['rating'].mean():.2f}."
)

# %% [markdown]
# You should see that whole stars are more frequent than the half stars beside them (which exist only since
# 2003), 4 is the most frequent rating, and the mean is at 3.5: far above the middle of the scale. People
# mostly watch, and rate, what they expect to like. (Question 3 returns to this.)

# %% [markdown]
# ### Exercise 1.3 · The popular corner
#
# ★★☆ · 15 minutes · 2 points: 1½ checked here, ½ by hidden checks (comparison with counting by hand, also
# where somebody rated a film twice)
#
# Ines did her experiments on the 50 most rated films, and on the users with at least 5 ratings among them.
# Many papers and courses do so: the corner is small, dense and quick. Write that subset so that it is the
# *same* subset on every computer: where films are equally popular, the smaller id is kept, and not whatever
# came first.
#
# <details><summary>Hint 1</summary><code>ratings.groupby("item_id").size()</code> counts, in ascending
# order of id. Which kind of sort keeps that order among equals?</details>
# <details><summary>Hint 2</summary><code>sort_values(ascending=False, kind="stable")</code>, then
# <code>isin</code>. For the users, <code>groupby("user_id")["item_id"].transform("size")</code> gives each
# row the count of its user.</details>

# %% popular_subset
from solutions.data_loading import popular_subset

# %% test_popular_subset points=1.5
# Twelve ratings on paper: the two most rated items, then the users with two ratings of them.
from course_utils.checks.data_loading import check_popular_subset_by_hand, check_popular_subset_ties

check_popular_subset_by_hand(popular_subset)
check_popular_subset_ties(popular_subset)

# %% test_popular_subset_hidden points=0.5
# Hidden checks look at: comparison with counting by hand, films that somebody rated twice.
### BEGIN HIDDEN TESTS
from tests.checks.data_loading import check_popular_subset_awkward, check_popular_subset_brute_force

check_popular_subset_brute_force(popular_subset)
check_popular_subset_awkward(popular_subset)
### END HIDDEN TESTS

# %%
popular = popular_subset(ratings)
titles = data.items.set_index("item_id")["title"]
print(f"{len(popular):,} of {len(ratings):,} ratings, by {popular['user_id'].nunique()} users")
popular["item_id"].value_counts().head(5).rename(titles).rename("ratings").to_frame()

# %% [markdown]
# **The same on 20 million (optional, no points).** Where the files of MovieLens *ml-20m* lie in their place,
# the next cell lets your function find its 50 most popular films, in some 2 GB of memory. Elsewhere it says
# in a line where it has looked, and what to do.

# %% slow=true
from course_utils.data.datasets import DatasetError

AS_PUBLISHED = {"ratings": 20_000_263, "users": 138_493, "films": 27_278}


def density_in_percent(ratings: int, users: int, films: int) -> float:
    """Of all pairs of a user and a film, how many have a rating."""
    return 100 * ratings / (users * films)


def the_same_on(name: str, published: dict[str, int]) -> None:
    """What a data set's publishers counted beside what is found, and its 50 most popular films."""
    try:
        large = load(name)
    except DatasetError as error:
        print(f"Left out. {error}")
        return
    found = dict(ratings=len(large.ratings), users=large.ratings["user_id"].nunique(), films=len(large.items))
    for what, number in published.items():
        print(f"{what}: {number:,} published, {found[what]:,} found")
    print(f"density: {density_in_percent(**published):.3f} %, {density_in_percent(**found):.3f} %")
    kept = popular_subset(large.ratings)
    print(f"{len(kept):,} ratings of the 50 most popular films, by {kept['user_id'].nunique():,} users:")
    titles_there = large.items.set_index("item_id")["title"]
    print(kept["item_id"].value_counts().rename(titles_there).rename_axis(None).to_string())


the_same_on("ml-20m", AS_PUBLISHED)

# %% [markdown]
# Two thresholds chase each other: whoever has taken away the films with few ratings has taken ratings from
# users, and some have too few now. Take those away, and films lose ratings again. `dense_core` goes on until
# nothing changes. What is left is the largest part that keeps both promises, whichever comes first.
#
# **What do you expect, and why?** After one pass over both thresholds, 30 ratings a user and then 30 a film:
# how few can a user have?

# %%
from course_utils.data.dense_core import dense_core


def with_at_least(n, column, table):
    """The ratings whose user or film has n ratings or more."""
    return table[table.groupby(column)[column].transform("size") >= n]


parts = {
    "all": ratings,
    "one pass": with_at_least(30, "item_id", with_at_least(30, "user_id", ratings)),
    "dense core": dense_core(ratings, 30, 30),
}
by_column = {
    name: [part[each].value_counts() for each in ("user_id", "item_id")] for name, part in parts.items()
}
pd.DataFrame(
    {
        name: [len(parts[name]), len(users), len(films), users.min(), films.min()]
        for name, (users, films) in by_column.items()
    },
    index=["ratings", "users", "films", "fewest of a user", "fewest of a film"],
)

# %% [markdown]
# You should see that one pass leaves a user with 8 ratings in place of 30. In the core everybody has 30, and
# so has every film: 435 users and 827 films. (Book-Crossing needs this most: of its books most were rated
# once. With its files in place, `dense_core(load("book-crossing").explicit_ratings, 5, 5)` is a table that
# the units after this one can learn from, and `python -m benchmarks.books`, in the course's repository, goes
# the whole way: editions of a title become one book, and it prints what is like *Harry Potter*.)
#
# ## 3 · From names to positions
#
# ### Exercise 1.4 · Codes for ids
#
# ★★☆ · 15 minutes · 2 points: 1 checked here, 1 by hidden checks (ids that are strings or huge; ids that
# are new)
#
# The films' ids run up to 193,609 with gaps, the matrix has 9,724 columns. So ids become codes 0, 1, 2, …
# in *ascending order of id*. That order looks like a detail. But an array of biases carries no names:
# `b_user[17]` is the bias of whoever has code 17. If one file is coded in order of appearance and another
# in order of id, users get each other's biases, and nothing crashes.
#
# Two functions: `encode_ids` makes an encoding, `lookup_ids` applies one that exists to other ids. An id
# that the encoding does not know becomes −1.
#
# <details><summary>Hint 1</summary>Read the help of <code>np.unique</code>, in particular
# <code>return_inverse</code>.</details>
# <details><summary>Hint 2</summary><code>np.searchsorted(uniques, ids)</code> says where an id <i>would</i>
# stand. It stands there only if <code>uniques[position] == id</code>. Beware of ids above the largest:
# their position is <code>len(uniques)</code>.</details>

# %% encode_ids
from solutions.data_loading import encode_ids

# %% lookup_ids
from solutions.data_loading import lookup_ids

# %% test_encode_and_lookup points=1
# Ids with gaps and repetitions become codes, which the uniques turn back.
# Known ids get their codes, new ones −1.
from course_utils.checks.data_loading import check_encode_ids_by_hand, check_lookup_ids_by_hand

check_encode_ids_by_hand(encode_ids)
check_lookup_ids_by_hand(lookup_ids)

# %% test_encode_and_lookup_hidden points=1
# Hidden checks look at: ids that are strings or huge, new ids below, between and above the known.
### BEGIN HIDDEN TESTS
from tests.checks.data_loading import (
    check_encode_ids_awkward,
    check_encode_ids_round_trip,
    check_lookup_ids_awkward,
    check_lookup_ids_new_ids,
)

check_encode_ids_round_trip(encode_ids)
check_lookup_ids_new_ids(lookup_ids)
check_encode_ids_awkward(encode_ids)
check_lookup_ids_awkward(lookup_ids)
### END HIDDEN TESTS

# %% [markdown]
# With codes, counting is one call of `np.bincount`.
#
# **What do you expect, and why?** The popular corner has 50 of nearly ten thousand films. What share of the
# ratings is theirs? And of a user's ratings, which is larger, the mean or the median?

# %%
user_codes, user_ids = encode_ids(ratings["user_id"].to_numpy())
item_codes, item_ids = encode_ids(ratings["item_id"].to_numpy())
item_counts, user_counts = np.bincount(item_codes), np.bincount(user_codes)
print(f"Most ratings of a film: {item_counts.max()} ({titles[item_ids[item_counts.argmax()]]})")
print(f"Films with one rating: {np.sum(item_counts == 1):,} of {len(item_counts):,}")
print(f"The 50 popular films have {np.sort(item_counts)[-50:].sum() / item_counts.sum():.0%} of the ratings.")
print(f"Ratings of a user: fewest {user_counts.min()}, median {np.median(user_counts):.0f}", end=", ")
print(f"mean {user_counts.mean():.0f}, most {user_counts.max():,}")
plots.long_tail(item_counts, n_head=50)
plots.ratings_per_user(user_counts)
show(
    "Ratings of each film against its rank, both on logarithmic axes: a curve that falls "
    f"from {item_counts.max()} ratings to {np.sum(item_counts == 1):,} films with a single one.",
    f"Histogram of the users by their ratings: it begins at {user_counts.min()}, half of them have "
    f"{np.median(user_counts):.0f} or fewer, and a tail pulls the mean to {user_counts.mean():.0f}.",
)

# %% [markdown]
# You should see, first, a curve that falls from *Forrest Gump* with 329 ratings to thousands of films with a
# single one: the **long tail**. The 50 films of the popular subset are one in two hundred and hold a tenth of
# the ratings. Then, how much users rate: every user has at least 20 ratings (the data set leaves out the
# others), half of them have 70 or fewer, and the most eager one 2,698, which pulls the mean to 165.

# %% [markdown]
# ## 4 · The matrix
#
# Five users and six films make thirty cells, of which the toy knows twelve. A *CSR* matrix (compressed sparse
# rows) stores these twelve, row by row: their columns in `indices`, their values in `data`, and in `indptr`
# where each row begins.
#
# **What do you expect, and why?** How many numbers does that take in all, and where would you look for Dia's
# ratings?

# %% slow=true
toy_cells = [toy[column].astype("category").cat.codes.to_numpy() for column in ("user_id", "item_id")]
sparse_toy = csr_array((toy["rating"].to_numpy(), tuple(toy_cells)), shape=(5, 6))
plots.three_arrays(sparse_toy, ["Ada", "Ben", "Cem", "Dia", "Eve"], list("ABCDEF"), panels(2, 5.6, 3.2))
print("indptr: ", sparse_toy.indptr)
print("indices:", sparse_toy.indices)
print("data:   ", sparse_toy.data)
arrays = sparse_toy.indptr, sparse_toy.indices, sparse_toy.data
print(" + ".join(str(len(each)) for each in arrays), "=", sum(map(len, arrays)), "numbers")
show(
    "Left: the toy as a table of five rows, a colour each. Right: the arrays indptr, indices and data; lines "
    "lead from each number of indptr to the place in indices and data where its row begins."
)

# %% [markdown]
# You should see 6 + 12 + 12 = 30 numbers: no saving for so small a table, and a large one where nearly all
# cells are unknown. Dia is row 3: her ratings stand at the places from `indptr[3]` = 7 up to, but without,
# `indptr[4]` = 10. A cell that is not stored is unknown; nothing here says 0.

# %% [markdown]
# ### Exercise 1.5 · Triples into a sparse matrix
#
# ★★★ · 20 minutes · 2 points: 1½ checked here, ½ by hidden checks (many duplicates; a matrix too large for 32
# bits; speed, measured beside a plain Python loop)
#
# From three columns of a table to a CSR matrix. Avoid three traps:
#
# 1. People rate a film again. SciPy *adds up* what falls into the same cell: 4 and then 5 stars make a 9.
#    The last rating counts.
# 2. The −1 of `lookup_ids` is a fine NumPy index: the last row. Refuse it.
# 3. `np.zeros((m, n))` works in class and nowhere else. MovieLens 20M would need 30 GB for its 138,000 ×
#    27,000 cells.
#
# And work on whole arrays: `iterrows` on this small file takes seconds, on MovieLens 20M many minutes.
#
# <details><summary>Hint 1</summary>Give every cell a number, <code>user · n_items + item</code> (64 bits:
# the product can exceed 2³¹). Two ratings of one cell have the same number.</details>
# <details><summary>Hint 2</summary><code>np.unique(…, return_index=True)</code> finds the <i>first</i>
# occurrence of each number. What if you turn the array round before?</details>

# %% to_csr
from solutions.data_loading import to_csr

# %% test_to_csr points=1.5
# Five triples in a 3 × 4 matrix; one user changed their mind.
from course_utils.checks.data_loading import check_to_csr_by_hand, check_to_csr_refuses_codes_outside

check_to_csr_by_hand(to_csr)
check_to_csr_refuses_codes_outside(to_csr)

# %% test_to_csr_hidden points=0.5
# Hidden checks look at: many duplicates, three ratings in a huge matrix, time beside a plain loop.
### BEGIN HIDDEN TESTS
from tests.checks.data_loading import (
    check_to_csr_awkward,
    check_to_csr_huge_shape,
    check_to_csr_is_vectorised,
    check_to_csr_last_duplicate_wins,
)

check_to_csr_last_duplicate_wins(to_csr)
check_to_csr_huge_shape(to_csr)
check_to_csr_is_vectorised(to_csr)
check_to_csr_awkward(to_csr)
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise 1.6 · How full is it?
#
# ★☆☆ · 5 minutes · 1 point: ½ checked here, ½ by hidden checks (a rating of 0, an empty matrix, a full one,
# one of 2·10¹³ cells)
#
# The share of the cells that are known. A fraction, not a percentage, and without ever making the matrix
# dense.
#
# <details><summary>Hint 1</summary>What does <code>R.nnz</code> hold, and what
# <code>R.shape</code>?</details>
# <details><summary>Hint 2</summary>Stored cells divided by m · n; the toy's result is 12 / 30.</details>

# %% density
from solutions.data_loading import density

# %% test_density points=0.5
# Three known cells of 2 × 10.
from course_utils.checks.data_loading import check_density_by_hand

check_density_by_hand(density)

# %% test_density_hidden points=0.5
# Hidden checks look at: a matrix of 10⁶ × 2·10⁷, a stored 0, an empty and a full one.
### BEGIN HIDDEN TESTS
from tests.checks.data_loading import check_density_awkward, check_density_of_a_huge_matrix

check_density_of_a_huge_matrix(density)
check_density_awkward(density)
### END HIDDEN TESTS

# %% [markdown]
# **What do you expect, and why?** If a cell is coloured where a rating is known, how full will the picture
# be? Will the coloured cells lie evenly, or in rows and columns?

# %%
n_users, n_items = len(user_ids), len(item_ids)
R = to_csr(user_codes, item_codes, ratings["rating"].to_numpy(), (n_users, n_items))
popular_users, popular_items = (
    encode_ids(popular["user_id"].to_numpy()),
    encode_ids(popular["item_id"].to_numpy()),
)
R_popular = to_csr(
    popular_users[0],
    popular_items[0],
    popular["rating"].to_numpy(),
    (len(popular_users[1]), len(popular_items[1])),
)
print(f"all films:     {R.shape[0]} × {R.shape[1]}, density {density(R):.3f}")
print(f"popular films: {R_popular.shape[0]} × {R_popular.shape[1]}, density {density(R_popular):.3f}")
print(f"first 100 users and 200 films: density {density(R[:100, :200]):.3f}")
plots.spy(R)
show(
    f"The first 100 users by 200 films: {density(R[:100, :200]):.1%} of the cells are coloured, in rows "
    "of eager users and columns of well-known films; all others are white, unknown."
)

# %% [markdown]
# You should see that of all cells 1.7 % are known, of the popular corner 38 %, more than twenty times as
# many. The picture shows the first 100 users and 200 films, of which 5.7 % are known: small ids are the films
# that MovieLens has had longest. Rows are users who rate much, columns are films that everybody knows. Nearly
# all the rest is white: *unknown*, not 0.

# %% [markdown]
# ## 5 · The baseline
#
# ### Exercise 1.7 · A mean and two biases
#
# ★★☆ · 20 minutes · 2 points: 1½ checked here, ½ by hidden checks (the formula on random ratings; users and
# films without ratings)
#
# $$\hat r_{ui} = \mu + b_u + b_i$$
#
# Some films are better than others, some users are kinder than others. That much can be predicted without
# knowing anybody's taste, and whatever a model claims to know of taste must show *beyond* it. The biases
# are shrunken means:
#
# $$b_i = \frac{\sum_u (r_{ui} - \mu)}{\lambda_{item} + n_i}, \qquad
# b_u = \frac{\sum_i (r_{ui} - \mu - b_i)}{\lambda_{user} + n_u}$$
#
# The sums run over known ratings only. λ has the effect of λ extra ratings, each equal to μ: a film with one
# 5-star rating gets a bias of 1.5 / (10 + 1) = 0.14, a film with a hundred of them one of 1.36.
#
# <details><summary>Hint 1</summary>The row of each stored cell is <code>np.repeat(np.arange(m),
# np.diff(R.indptr))</code>, its column <code>R.indices</code>, its rating <code>R.data</code>.</details>
# <details><summary>Hint 2</summary><code>np.bincount(codes, weights=residuals, minlength=size)</code> adds
# up per code, without <code>weights</code> it counts. A user without ratings and λ = 0 would get 0/0:
# <code>np.divide</code> has <code>out</code> and <code>where</code>.</details>

# %% fit_baseline
from solutions.data_loading import fit_baseline

# %% test_fit_baseline points=1.5
# Two users, three items, no shrinkage: the numbers can be checked on paper.
from course_utils.checks.data_loading import check_fit_baseline_by_hand

check_fit_baseline_by_hand(fit_baseline)

# %% test_fit_baseline_hidden points=0.5
# Hidden checks look at: the formula on random ratings, users and films without ratings.
### BEGIN HIDDEN TESTS
from tests.checks.data_loading import (
    check_fit_baseline_awkward,
    check_fit_baseline_no_ratings_no_bias,
    check_fit_baseline_shrinks_by_the_formula,
)

check_fit_baseline_shrinks_by_the_formula(fit_baseline)
check_fit_baseline_no_ratings_no_bias(fit_baseline)
check_fit_baseline_awkward(fit_baseline)
### END HIDDEN TESTS

# %% [markdown]
# The toy, by your code:

# %%
toy_users, toy_user_ids = encode_ids(toy["user_id"].to_numpy())
toy_items, toy_item_ids = encode_ids(toy["item_id"].to_numpy())
R_toy = to_csr(toy_users, toy_items, toy["rating"].to_numpy(), (5, 6))
mu, b_user, b_item = fit_baseline(R_toy, reg_user=1.0, reg_item=1.0)
cem, film_a = lookup_ids(toy_user_ids, ["Cem"])[0], lookup_ids(toy_item_ids, ["A"])[0]
print(f"density {density(R_toy)}, mean {mu}, Cem on film A: {mu + b_user[cem] + b_item[film_a]:.2f} stars")
display(pd.DataFrame({"b_item": b_item}, index=toy_item_ids).T.round(4))
display(pd.DataFrame({"b_user": b_user}, index=toy_user_ids).T.round(4))

# %% [markdown]
# You should see the numbers that you found by hand: μ = 3.5, 0.875 for film A, 0.375 for film B, −0.4375 for
# Cem, and 3.94 stars from Cem for film A.

# %% [markdown]
# ## 6 · What is set aside
#
# ### Exercise 1.8 · A random share of every user's ratings
#
# ★★☆ · 15 minutes · 2 points: 1½ checked here, ½ by hidden checks (other fractions; your input; is every
# rating equally likely?)
#
# Ines's way. Of user u's ratings, ⌊fraction · $n_u$⌋ go to test: rounded *down*, so that somebody with a
# single rating keeps it. Train and test have R's shape, they share no cell, and together they are R. Beware
# of "removing" a rating by setting it to 0: a stored 0 is a *known* rating of zero stars.
#
# <details><summary>Hint 1</summary>The cells of user u are the positions <code>R.indptr[u]</code> …
# <code>R.indptr[u+1] − 1</code> in <code>R.data</code> and <code>R.indices</code>. Collect a Boolean array
# over all positions: in test or not?</details>
# <details><summary>Hint 2</summary><code>rng.choice(positions, size=n_test, replace=False)</code> for each
# user, then two calls of <code>csr_array((values, (rows, columns)), shape=R.shape)</code>.</details>

# %% split_random
from solutions.data_loading import split_random

# %% test_split_random points=1.5
# A quarter of each user's ratings goes to test; what is in test is no longer in train.
from course_utils.checks.data_loading import check_split_random_divides_the_ratings

check_split_random_divides_the_ratings(split_random)

# %% test_split_random_hidden points=0.5
# Hidden checks look at: other fractions, your input afterwards, whether each rating is equally likely.
### BEGIN HIDDEN TESTS
from tests.checks.data_loading import (
    check_split_random_awkward,
    check_split_random_draws_fairly,
    check_split_random_fair,
    check_split_random_leaves_its_input,
    check_split_random_rounds_down,
)

check_split_random_rounds_down(split_random)
check_split_random_leaves_its_input(split_random)
check_split_random_draws_fairly(split_random)
check_split_random_awkward(split_random)
check_split_random_fair(split_random)
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise 1.9 · Every user's latest ratings
#
# ★★★ · 15 minutes · 2 points: 1 checked here, 1 by hidden checks (equal timestamps; short histories; the
# order of the rows)
#
# Max's way. A recommender that is in use knows a user's past and predicts what comes next, so the latest
# ratings of each user are set aside. The rows of the file are *not* in order of time. Almost a quarter of
# the ratings in this data set share their second with another rating of the same user, so say what happens
# then: the row further down counts as later.
#
# <details><summary>Hint 1</summary>Sort by time with a stable sort. A row belongs to test if its user has
# fewer than <code>n_test</code> later ones. How do you count those for all rows at once?</details>
# <details><summary>Hint 2</summary>pandas numbers the rows of each group with <code>cumcount</code>, from
# either end. After sorting, the rows' labels say where they came from;
# <code>sort_index()</code> brings the counts back into the order of the table. Labels may have gaps (they
# do after <code>popular_subset</code>): <code>reset_index(drop=True)</code> first. A user with n_test
# ratings or fewer stays in train.</details>

# %% split_latest
from solutions.data_loading import split_latest

# %% test_split_latest points=1
# Three users; the latest rating is not the last row.
from course_utils.checks.data_loading import check_split_latest_by_hand

check_split_latest_by_hand(split_latest)

# %% test_split_latest_hidden points=1
# Hidden checks look at: equal timestamps, short histories, whether anybody is tested on their past.
### BEGIN HIDDEN TESTS
from tests.checks.data_loading import (
    check_split_latest_awkward,
    check_split_latest_never_tests_on_the_past,
    check_split_latest_ties_and_short_histories,
)

check_split_latest_ties_and_short_histories(split_latest)
check_split_latest_never_tests_on_the_past(split_latest)
check_split_latest_awkward(split_latest)
### END HIDDEN TESTS

# %% [markdown]
# "Latest" is said of each user, not of the world. When are the test ratings, then?
#
# **What do you expect, and why?** Will the test ratings all lie at the end of the years?

# %% slow=true
train, test = split_latest(ratings, n_test=4)
cut = ratings["timestamp"].quantile(0.8)
plots.timeline(train["timestamp"].to_numpy(), test["timestamp"].to_numpy(), np.datetime64(cut))
share_later = np.mean([(train["timestamp"] > time).mean() for time in test["timestamp"]])
by_user = ratings.groupby("user_id")["timestamp"]
one_day = ((by_user.max() - by_user.min()) < pd.Timedelta(days=1)).mean()
after = ratings[ratings["timestamp"] > cut]
known = np.isin(after["user_id"].unique(), ratings.loc[ratings["timestamp"] <= cut, "user_id"])
share_96 = [(part["timestamp"].dt.year == 1996).mean() for part in (ratings, test)]
print(f"Of the year 1996 are {share_96[0]:.0%} of all ratings and {share_96[1]:.0%} of the test ratings.")
print(f"For a test rating, {share_later:.0%} of the train ratings lie in its future (other users' ratings).")
print(f"{one_day:.0%} of the users gave all their ratings within one day.")
print(f"After the cut {len(known)} users rated; {known.sum()} of them had rated before.")
show(
    "Bars by year of the train and of the test ratings: both lie in every year, and 1996 alone holds "
    f"{share_96[1]:.0%} of the test ratings, long before the dashed line of a single cut in {cut:%B %Y}."
)

# %% [markdown]
# You should see test ratings in *every* year, and in 1996 even more than their share: whoever came in 1996
# and never again has their latest ratings there. The dashed line is where a single cut for everybody would
# lie, with four fifths of the ratings before it.
#
# Keep the last three lines in mind. The per-user split keeps each user's own order, but the film biases still
# learn from the future; only a single cut for everybody would forbid that, and it leaves hardly anybody to
# test on whom the model knows. And for most users "latest" means "at the end of the evening on which they
# signed up".

# %% [markdown]
# ### Exercise 1.10 · Likes in place of stars
#
# ★☆☆ · 5 minutes · 1 point: ½ checked here, ½ by hidden checks (other thresholds; your input)
#
# Many recommenders see no stars, only what was clicked or bought. Units 5 to 7 learn from such data; this
# function makes it from ratings: 1 where the rating is at least the threshold. A low rating is *not
# stored*: it becomes as unknown as the films nobody saw. Is that right? The last question of this unit
# comes back to it.
#
# <details><summary>Hint 1</summary>Work on a copy: <code>csr_array(R, copy=True)</code>. Without
# <code>copy</code> the two may share memory, and you change R.</details>
# <details><summary>Hint 2</summary>Replace the copy's <code>data</code> by <code>R.data >= threshold</code>
# as floats, then <code>eliminate_zeros()</code>.</details>

# %% binarize
from solutions.data_loading import binarize

# %% test_binarize points=0.5
# A like is a rating of 4 or more; the others are not stored.
from course_utils.checks.data_loading import check_binarize_by_hand

check_binarize_by_hand(binarize)

# %% test_binarize_hidden points=0.5
# Hidden checks look at: other thresholds, your input afterwards.
### BEGIN HIDDEN TESTS
from tests.checks.data_loading import check_binarize_awkward, check_binarize_thresholds_and_copies

check_binarize_thresholds_and_copies(binarize)
check_binarize_awkward(binarize)
### END HIDDEN TESTS

# %%
likes = binarize(R)
print(f"{likes.nnz:,} of {R.nnz:,} ratings are likes ({likes.nnz / R.nnz:.0%}); density {density(likes):.4f}")

# %% [markdown]
# ## 7 · Debug this
#
# ★★☆ · 10 minutes · 1 point, read by a person
#
# A colleague measures the baseline on your split. No error, no warning, and an RMSE hardly better than that
# of the mean alone: **1.08 against 1.10**. Her biases seem to be worth next to nothing. Her functions are
# yours; the bug is in how she puts them together.


# %% slow=true
train, test = split_latest(ratings, n_test=4)


def colleagues_rmse(train, test):
    """The baseline's RMSE, and that of the mean alone. Something is wrong here."""
    users, user_ids = encode_ids(train["user_id"].to_numpy())
    items, item_ids = encode_ids(train["item_id"].to_numpy())
    R_train = to_csr(users, items, train["rating"].to_numpy(), (len(user_ids), len(item_ids)))
    mu, b_user, b_item = fit_baseline(R_train)
    test_users, _ = encode_ids(test["user_id"].to_numpy())
    test_items, _ = encode_ids(test["item_id"].to_numpy())
    actual = test["rating"].to_numpy()
    return rmse(actual, mu + b_user[test_users] + b_item[test_items]), rmse(actual, np.full(len(actual), mu))


with_biases, mean_alone = colleagues_rmse(train, test)
print(f"mean + biases: {with_biases:.3f}     mean alone: {mean_alone:.3f}")

# %% [markdown]
# **Question 1 (1 point).** (a) Which line is wrong, and what do `b_item[test_items]` and `b_user[test_users]`
# then hold? One of the two is right by luck: which, and what luck? (b) How do you fix it? (c) With your fix,
# what happens to a test film that is not in train, and what should happen?

# %% [markdown] debug_strange_codes points=1 solution=true
# (a) The line of `test_items`: `encode_ids` makes a *new* encoding, of the films in test. Its code 17 is
# the 18th film of the test set, but `b_item[17]` belongs to the 18th film of train: films get other films'
# biases. The line for the users has the same fault and no effect: every user has ratings in both parts
# (each has at least 20, and 4 go to test), so that both encodings are the same.
#
# (b) Look the ids up in the encoding of train: `test_users = lookup_ids(user_ids, test["user_id"])`, and
# the items likewise.
#
# (c) A film without train ratings becomes −1, and `b_item[-1]` is the bias of the last film: again a wrong
# bias, in silence. Such a film must get a bias of 0, for example by `np.where(test_items >= 0,
# b_item[test_items], 0)`; or encode all ids before the split, as below, so that it has a row of its own
# without ratings.
#
# *Grading:* half a point for (a), the second encoding, and why the users' codes are right all the same; a
# quarter for (b), `lookup_ids` in the encoding of train; a quarter for (c), −1 as the last row, and a bias of
# 0 in its place.

# %% [markdown]
# ## 8 · The answer
#
# One function for every variant. All ids are encoded before the split, so that codes mean the same in train
# and in test. The variants differ in
#
# - **data:** all films, or the popular subset;
# - **split:** a random fifth of each user's ratings; the latest four; and a *control*: four *random*
#   ratings of each user. (To get them, shuffle the timestamps and take the latest four.) The control has
#   exactly as many test ratings per user as the latest four, so that the difference between the two is due
#   to time, and to nothing else;
# - **fit:** on the train ratings; or on *all* ratings, those of the test included. Ines did that: "the
#   baseline is only preprocessing". It is a **leak**.
#
# **What do you expect, and why?** Four choices separate Ines's number from Max's: the popular subset, the
# number of test ratings, the leak, and time. Write down their order, from the largest effect to the
# smallest, before you run the cell.


# %% slow=true
DRAWS = 5  # random splits are drawn so many times; the table shows the mean and the spread


def random_fifth(table, rng) -> tuple[csr_array, csr_array]:
    users, items = encode_ids(table["user_id"].to_numpy()), encode_ids(table["item_id"].to_numpy())
    R = to_csr(users[0], items[0], table["rating"].to_numpy(), (len(users[1]), len(items[1])))
    return split_random(R, 0.2, rng)


def latest_four(table, rng) -> tuple[csr_array, csr_array]:
    user_ids, item_ids = (
        encode_ids(table["user_id"].to_numpy())[1],
        encode_ids(table["item_id"].to_numpy())[1],
    )
    return tuple(
        to_csr(
            lookup_ids(user_ids, part["user_id"].to_numpy()),
            lookup_ids(item_ids, part["item_id"].to_numpy()),
            part["rating"].to_numpy(),
            (len(user_ids), len(item_ids)),
        )
        for part in split_latest(table, n_test=4)
    )


def random_four(table, rng) -> tuple[csr_array, csr_array]:
    return latest_four(table.assign(timestamp=rng.permutation(table["timestamp"].to_numpy())), rng)


def baseline_errors(train, test):
    """RMSE on test of the mean alone, of the baseline fitted on train, and of the baseline fitted on both."""
    cells = test.tocoo()
    users, items = cells.coords
    errors = []
    for known in (train, train + test):
        mu, b_user, b_item = fit_baseline(known)
        errors += [
            rmse(cells.data, np.full(test.nnz, mu)),
            rmse(cells.data, mu + b_user[users] + b_item[items]),
        ]
    return errors[0], errors[1], errors[3]


rows = []
variants = [
    (name, table, split)
    for name, table in [("popular", popular), ("all", ratings)]
    for split in (random_fifth, random_four, latest_four)
]
for name, table, split in progress_bar(variants, desc="variants"):
    seeds = range(1 if split is latest_four else DRAWS)
    parts = [split(table, np.random.default_rng(seed)) for seed in seeds]
    errors = np.array([baseline_errors(*part) for part in parts])
    rows.append(
        {
            "films": name,
            "split": split.__name__.replace("_", " "),
            "test ratings": parts[0][1].nnz,
            "mean alone": errors[:, 0].mean(),
            "baseline": errors[:, 1].mean(),
            "± spread": errors[:, 1].std() if len(seeds) > 1 else np.nan,
            "baseline, leak": errors[:, 2].mean(),
        }
    )
results = pd.DataFrame(rows).set_index(["films", "split"])
results["leak's gain"] = results["baseline"] - results["baseline, leak"]
results.round(3)

# %% [markdown]
# You should see Ines's 0.78 (popular, random fifth, leak) and Max's 0.94 (all, latest four, no leak), and
# everything between them. In each row the baseline beats the mean alone, and the leak "improves" it further,
# by 0.03 to 0.05. Now walk from Ines to Max, one change at a time:

# %% slow=true
path = pd.DataFrame(
    [
        ("Ines", results.loc[("popular", "random fifth"), "baseline, leak"]),
        ("fit on train only", results.loc[("popular", "random fifth"), "baseline"]),
        ("all films and users", results.loc[("all", "random fifth"), "baseline"]),
        ("four ratings of each user, not a fifth", results.loc[("all", "random four"), "baseline"]),
        ("the latest four, not random ones: Max", results.loc[("all", "latest four"), "baseline"]),
    ],
    columns=["choice", "RMSE"],
).set_index("choice")
path["change"] = path["RMSE"].diff()
path.round(3)

# %% [markdown]
# You should see four steps from 0.785 to 0.940:
#
# - **The popular subset** makes the largest difference, 0.058 stars. These are well-liked films on which
#   people differ less: the error of the mean alone is 0.93 there, not 1.04. Is it that, or is it that their
#   biases rest on many ratings? The control below says.
# - **How many test ratings each user has** comes second (0.047), and neither Ines nor Max had considered it.
#   With a fifth of everyone's ratings, the eager quarter of the users makes up most of the test set, and they
#   are the easy ones (see the last table of this section). With four of each, every user counts the same.
# - **The leak** is worth 0.030 to Ines. It is the only step that is simply *wrong*.
# - **Time**, the thing that Max is proud of, makes 0.02: less than the others, though more than the spread of
#   the random draw. On the popular films it does not show at all: the latest four are even a little easier
#   than four random ones. Without the control you would have attributed the whole step from 0.873 (a random
#   fifth) to 0.940 (the latest four) to time. Do you remember for how many users "latest" means the same
#   evening?
#
# The steps depend on the order in which you take them; the table above has all the numbers to try another
# one.
#
# And they depend on the data. With `DATASET = "ml-100k"` time makes the largest step, and the popular subset
# a small one: what you found here is true of this file, and the way to find it is true of any.
#
# The subset hides one more leak, a small one: *which* films are popular was counted on all ratings, the
# test included.
#
# Why is the subset so easy? Two things differ together: what the baseline is fitted on, and which ratings it
# is tested on. A **control** changes one of them: fit on *all* train ratings, and test on those of the corner
# alone.

# %% slow=true
in_corner = np.isin(user_ids, popular["user_id"].unique())[:, None] & np.isin(
    item_ids, popular["item_id"].unique()
)


def only_corner(part):
    """The ratings of the popular users and films, in a matrix of the same shape."""
    cells = part.tocoo()
    kept = in_corner[cells.coords]
    rows, columns = (coordinate[kept] for coordinate in cells.coords)
    return to_csr(rows, columns, cells.data[kept], part.shape)


errors = []
for seed in range(DRAWS):
    train, test = split_random(R, 0.2, np.random.default_rng(seed))
    for fitted_on, tested_on in [("all", "all"), ("all", "corner"), ("corner", "corner")]:
        known = train if fitted_on == "all" else only_corner(train)
        held_out = test if tested_on == "all" else only_corner(test)
        error = baseline_errors(known, held_out)[1]
        errors.append({"fitted on": fitted_on, "tested on": tested_on, "baseline": error})
pd.DataFrame(errors).groupby(["fitted on", "tested on"]).mean().round(3)

# %% [markdown]
# You should see that nearly all of the difference comes from the test ratings: 0.873 on all of them, 0.818 on
# those of the corner, by the same baseline. Fitting on the corner alone adds little, 0.810. So the corner's
# ratings are *easier*; its biases are not much better.

# %% [markdown]
# Who is easy to predict? The same random fifth of all films, by how many ratings the user gave:

# %% slow=true
train, test = random_fifth(ratings, np.random.default_rng(0))
mu, b_user, b_item = fit_baseline(train)
cells = test.tocoo()
users, items = cells.coords
predicted = mu + b_user[users] + b_item[items]
rows = []
for fewest, most in [(20, 70), (71, 168), (169, 499), (500, user_counts.max())]:
    group = (user_counts >= fewest) & (user_counts <= most)
    chosen = group[users]
    rows.append(
        {
            "ratings of the user": f"{fewest} to {most}",
            "users": group.sum(),
            "share of the test ratings": f"{chosen.mean():.0%}",
            "RMSE": rmse(cells.data[chosen], predicted[chosen]),
        }
    )
pd.DataFrame(rows).set_index("ratings of the user").round(3)

# %% [markdown]
# You should see that the 44 most eager users have two fifths of the test ratings and the lowest error. Those
# with 169 or more, a quarter of the users, have 31 % and 41 %. The half of the users with 70 ratings or fewer
# has only a ninth.

# %% [markdown]
# ## 9 · Interpret
#
# ★★☆ · 20 minutes · 2 points, read by a person
#
# **Question 2 (1 point).** The company asks: "We switch the system on tomorrow. How far off will its
# predictions be, for our users' next ratings?" Which variant of the table answers that question best, and
# why? Name one thing in which even that one is still too kind, and say for which question Ines's random
# split would be the right one. (5 to 8 sentences)

# %% [markdown] which_split points=1 solution=true
# The latest four on all films, fitted on train only: 0.94. The system will know each user's past and meet
# their next ratings, for all films and not for the 50 best known, and it cannot know the ratings that it is
# to predict. Each user counts the same, which fits "our users".
#
# Still too kind: the film biases learn from ratings that other users gave later than the test rating (54 %
# of train lies in the future of a test rating); one cut in time for everybody would forbid that. Also,
# every test user has at least 16 train ratings, while tomorrow brings new users and new films; and users
# rate what they chose to see, so that even this error is one over chosen films. (Any of these is a good
# answer.)
#
# A random split answers: "how well are missing ratings filled in, among ratings of the same time?" It is
# right for comparing models when time plays no role in the use, for example to complete a survey, and it
# has less noise as it can be repeated with other draws. The fit on all ratings answers no question.
#
# *Grading:* half a point for the latest four, on all films, fitted on train only, with a reason that speaks
# of the company's question; a quarter for one thing that is too kind; a quarter for a question to which a
# random split is the answer.

# %% [markdown]
# **Question 3 (1 point).** Name three different things that a 0, or an empty cell, may mean in a matrix of
# ratings or of likes (think of Book-Crossing, of `binarize`, of a stored 0). For each, say what a model
# does wrong that takes it for "the user dislikes this". What do the 3.5 stars of the mean tell you about
# which cells are empty? (4 to 8 sentences)

# %% [markdown] what_is_zero points=1 solution=true
# (1) *Unknown*: the user never met the film; 98 % of the cells. A model that takes it for dislike learns
# mostly from made-up data and predicts values near 0 (mean 1.4 instead of 3.5 in the toy). (2) *Known to be
# low, but not stored*: after `binarize` a rating of 1 star is as empty as a film never seen; the model
# treats a disliked film and an unknown one alike, so it may recommend what the user rated 1. (3) *An
# implicit mark*: Book-Crossing's 0 says that the user had to do with the book; taken for dislike, it turns
# interest into its opposite. Also: (4) a rating that was removed by writing 0 over it, which is still
# stored and counts as zero stars; (5) a true "not interested".
#
# The mean of 3.5, far above the scale's middle of 2.75, says that people rate what they chose because they
# expected to like it. Empty cells are not a random sample: on average, users would like them less than the
# films they rated. They hold some information, but not "0 stars".
#
# *Grading:* a quarter of a point for each of three different meanings with what goes wrong (not only the
# meaning); a quarter for "not a random sample", drawn from the mean.

# %% [markdown]
# ## Your own films
#
# Three minutes for the rest of the course: rate ten films that you have seen, good ones and bad ones. Later
# units learn your taste from them and recommend films to *you*, each in its way. The ratings stand in
# `my_films.csv`, above the folder of this unit. The file is yours: edit it in a spreadsheet, or delete it;
# nothing of it is handed in. Whoever rates nothing meets a stand-in, who likes animated films.

# %% slow=true
from course_utils.notebook.rate_films import rate_films

best_known = data.ratings["item_id"].value_counts().index[:40]
rate_films(titles[best_known].tolist())

# %% [markdown]
# ## An experiment of your own
#
# So far the questions were ours. Now one of yours. Choose one of these, or think of another:
#
# - Unit 01's biases are pulled towards 0 by 15 and 10 imagined ratings. Does that help, and whom: users,
#   films, or both?
# - Hold out a half in place of a fifth. Does the error grow because there is less to learn from, and by how
#   much?
# - How much of the gain over the mean comes from the films' biases alone? (A huge `reg_user` keeps those of
#   the users at 0.)
#
# `experiment` runs each setting with the same seeds, and compares it with the first one, the **control**. To
# say "this is *because* of that", let a setting differ from the control in one thing. Write down what you
# expect before you run the cell. The two settings that stand there are an example; replace them.


# %% slow=true
from course_utils.evaluation import experiment


def one_run(seed, held_out=0.2, reg_user=15.0, reg_item=10.0):
    """RMSE of your baseline on ratings that the seed holds out; it learns from the others alone."""
    known, held = split_random(R, held_out, np.random.default_rng(seed))
    mu, b_user, b_item = fit_baseline(known, reg_user, reg_item)
    cells = held.tocoo()
    users, items = cells.coords
    return rmse(cells.data, mu + b_user[users] + b_item[items])


my_settings = {
    "as it is (the control)": dict(),
    "no imagined ratings": dict(reg_user=0.0, reg_item=0.0),
}
experiment(one_run, my_settings).round(4)

# %% [markdown]
# You should see a row a setting: the mean RMSE over three seeds, half its 95 % interval (`±`), the mean
# difference from the control, and half the interval of *that*. A difference that is larger than its own
# interval is more than the luck of three splits. It may be far smaller than `±`: what a split does to both
# settings alike goes out of the difference.

# %% [markdown]
# **My report** (double-click to write; no points, four lines are enough)
#
# - **What I expected, and why:** …
# - **What differs:** … (one thing)
# - **The control:** …
# - **What came out, with its interval:** …

# %% [markdown]
# ## Five quick questions
#
# No points. Decide first, then click on your choice: it says at once whether it holds, and why.
#
# **1.** A cell of R is not stored. What does it say?
#
# <details><summary>a) The user gave 0 stars.</summary>✗ No. No scale here begins at 0. In the toy, the dots
# as zeros give a mean of 1.4 stars, the opinion of nobody.</details>
# <details><summary>b) Nothing is known of this user and this film.</summary>✓ Yes. It may be disliked, or
# never met. CSR stores what is known and nothing else.</details>
# <details><summary>c) The user did not want to see the film.</summary>✗ No. Of some films that is true, of
# most it is not: hardly anybody has met all 9,724.</details>
#
# **2.** Somebody gave a film 4 stars and later 5. Both rows are handed to <code>csr_array</code>. Which
# rating does the cell hold?
#
# <details><summary>a) 5, the later one.</summary>✗ No. That is what we want, and what your
# <code>to_csr</code> has to see to. SciPy does not.</details>
# <details><summary>b) 4.5, their mean.</summary>✗ No. Nothing averages here: SciPy adds up what falls into
# one cell.</details>
# <details><summary>c) 9, their sum.</summary>✓ Yes. SciPy adds duplicates without a word. So keep the last
# one before you build the matrix.</details>
#
# **3.** λ goes from 0 to 10. Whose bias moves more: that of a film with 3 ratings, or that of one with 300?
#
# <details><summary>a) That of the film with 3.</summary>✓ Yes. Its sum is divided by 13 in place of 3; the
# other one's by 310 in place of 300.</details>
# <details><summary>b) That of the film with 300.</summary>✗ No. It divides by 310 in place of 300, and
# hardly notices. λ counts like ten more ratings.</details>
# <details><summary>c) Both by the same factor.</summary>✗ No. The factor is n / (10 + n): 3/13 for the one,
# 300/310 for the other.</details>
#
# **4.** What are the four <i>random</i> ratings of each user good for?
#
# <details><summary>a) They are the fairest test of all.</summary>✗ No. Nobody asks to fill in four random
# ratings. They are a control, and no answer to the company's question.</details>
# <details><summary>b) They differ from the latest four in time, and in nothing else.</summary>✓ Yes. So the
# difference between the two rows is what time does. That is what makes a control.</details>
# <details><summary>c) They have less noise than the latest four.</summary>✗ No. There are as many of them,
# so they have about as much.</details>
#
# **5.** “The biases are only preprocessing”: they were fitted on all ratings, those of the test included.
# The RMSE on test is then
#
# <details><summary>a) too low.</summary>✓ Yes. It is a leak: each test rating has pulled its own bias
# towards itself. Every row of the table shows it.</details>
# <details><summary>b) right, as a mean and biases can hardly overfit.</summary>✗ No. They can: a film with
# two ratings gets half of its bias from the one in test.</details>
# <details><summary>c) too high.</summary>✗ No. More data would help on new ratings. But these are not new:
# the fit has seen them.</details>

# %% [markdown]
# ## What you learned
#
# - A number without its protocol is no result. Say which ratings were kept, how the split was made, who
#   counts how much, and what the model was fitted on.
# - An unknown cell is not a 0. CSR matrices keep the two apart if you do: no stored zeros, no dense
#   detours, no duplicates added up.
# - Codes have no names. Make one encoding, sorted, and look everything up in it.
# - To blame a cause, build a control that differs in nothing else. Here it cut the effect of time to less
#   than a third. What differs together with the cause is called a **confounder**.
# - A mean and two shrunken biases are hard to beat. The next units begin at 0.94 (or 0.87, as you now
#   know), not at 1.1.
#
# ## Further reading
#
# - F. M. Harper, J. A. Konstan: *The MovieLens datasets: history and context.* ACM Transactions on
#   Interactive Intelligent Systems 5(4), 2015. Where the data come from, and which ratings are in the file
#   at all.
# - Y. Koren: *Factor in the neighbors: scalable and accurate collaborative filtering.* ACM Transactions on
#   Knowledge Discovery from Data 4(1), 2010. Section 2.1 is exercise 1.7.
# - Z. Meng, R. McCreadie, C. Macdonald, I. Ounis: *Exploring data splitting strategies for the evaluation
#   of recommendation models.* RecSys 2020. The same models change places when the split changes.
# - Y. Ji, A. Sun, J. Zhang, C. Li: *A critical study on data leakage in recommender system offline
#   evaluation.* ACM Transactions on Information Systems 41(3), 2023. The leak that even per-user splits
#   leave open.
# - B. Marlin, R. Zemel, S. Roweis, M. Slaney: *Collaborative filtering and the missing at random
#   assumption.* UAI 2007. What the empty cells tell (question 3).
# - S. Rendle, L. Zhang, Y. Koren: *On the difficulty of evaluating baselines.* arXiv:1905.01395, 2019. How
#   far a carefully fitted baseline goes.
