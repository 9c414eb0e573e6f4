"""Which arguments may an exercise be given, by its docstring? Drawn by hypothesis.

They come from the library of awkward inputs, and as often from small ones whose every number is drawn.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import torch
from hypothesis import assume
from hypothesis import strategies as st
from scipy.sparse import csr_array

from course_utils.checks import awkward
from course_utils.checks.evaluation import small_run
from solutions.ease import ease_weights

SEEDS = st.integers(0, 4)
HALVES = st.integers(-10, 10).map(lambda half: half / 2)
AMOUNTS = st.one_of(st.integers(0, 10).map(float), st.floats(0, 50, allow_subnormal=False))
CODES = (np.int32, np.int64)
NUMBERS = (np.float64, np.float32, np.int64, np.int8)
_matrices, _tables = cache(awkward.rating_matrices), cache(awkward.rating_tables)
_factors, _scores = cache(awkward.factor_matrices), cache(awkward.score_arrays)


def _one_of(draw: st.DrawFn, cases: dict[str, Any]) -> Any:
    return cases[draw(st.sampled_from(list(cases)))]


@st.composite
def matrices(draw, signed: bool = True) -> csr_array:
    """Rating matrices with at least one stored cell."""
    if draw(st.booleans()):
        return _one_of(draw, _matrices(draw(SEEDS), signed)).copy()
    shape = draw(st.tuples(st.integers(1, 4), st.integers(1, 5)))
    places = st.tuples(*(st.integers(0, size - 1) for size in shape))
    cells = draw(st.dictionaries(places, HALVES if signed else AMOUNTS, min_size=1, max_size=8))
    rows, columns = np.array(list(cells)).T
    return csr_array((np.array(list(cells.values()), draw(st.sampled_from(NUMBERS))), (rows, columns)), shape)


@st.composite
def factors(draw, rows: int, k: int) -> np.ndarray:
    """Factors of some rows, k each."""
    if draw(st.booleans()):
        cases = {name: case for name, case in _factors(max(rows, 2), k, draw(SEEDS)).items()}
        return _one_of(draw, {name: case for name, case in cases.items() if case.shape[1] == k})[:rows]
    numbers = draw(st.lists(HALVES, min_size=rows * k, max_size=rows * k))
    kind = draw(st.sampled_from([np.float64, np.float32, np.int64, np.int32]))
    return np.array(numbers, kind).reshape(rows, k)


@st.composite
def codes(draw, n: int, least: int = 0, size: int | None = None, unique: bool = False) -> np.ndarray:
    """Codes least … n − 1."""
    bounds = {"min_size": size or 0, "max_size": 8 if size is None else size}
    drawn = draw(st.lists(st.integers(least, n - 1), unique=unique, **bounds))
    return np.array(drawn, draw(st.sampled_from(CODES)))


@st.composite
def scores(draw, unseen: bool = False) -> np.ndarray:
    """Scores of a catalogue of at least one item."""
    if draw(st.booleans()):
        return _one_of(draw, _scores(draw(SEEDS), unseen))
    values = [*np.arange(-3, 4) / 2, 1 + 1e-12, 1e300, -1e300, *([-np.inf] if unseen else [])]
    return np.array(draw(st.lists(st.sampled_from(values), min_size=1, max_size=9)))


def _sizes(m: int = 4, n: int = 5, k: int = 3) -> st.SearchStrategy[tuple[int, int, int]]:
    return st.tuples(st.integers(1, m), st.integers(1, n), st.integers(1, k))


REGS = st.sampled_from([0.1, 1.0, 20.0])
RATES = st.sampled_from([0.01, 0.5, 1.0])
ALPHAS = st.sampled_from([0.0, 0.5, 40.0])
N = st.integers(0, 12)


# 01, from a file to a matrix
@st.composite
def rmse(draw):
    size = draw(st.integers(0, 6))
    other = draw(st.sampled_from([size, size, size, size, size, 1, size + 1]))
    lists = [draw(st.lists(st.integers(0, 120), min_size=s, max_size=s)) for s in (size, other)]
    kinds = st.sampled_from([np.float64, np.float32, np.int64, np.int8, np.uint8, None])
    kind = draw(kinds)
    both = draw(st.sampled_from([(kind, kind), (kind, np.float64)]))
    return tuple(
        numbers if kind is None else np.array(numbers, kind)
        for numbers, kind in zip(lists, both, strict=True)
    )


_FIELD = st.sampled_from(["1", "7", "5000000000", "-3", "4", "2"])
_BAD = st.sampled_from(["", "abc", "1.5", "nan", "inf", "-0.5", "0", "5.5"])
_STARS = st.sampled_from(["0.5", "3", "3.5", "5", "5.0", "0.25"])


@st.composite
def parse_ratings(draw):
    """The text of a file, which the test writes; none has a blank line or an id like 1.0, which are free."""
    names = draw(st.permutations(["userId", "movieId", "rating", "timestamp", "title"]))
    if draw(st.integers(0, 9)) == 0:
        names = names[1:]  # a column is missing, or the one that nobody needs
    lines = [",".join(names)]
    for _ in range(draw(st.integers(0, 4))):
        fields = [draw(_STARS) if name == "rating" else draw(_FIELD) for name in names]
        if draw(st.integers(0, 5)) == 0:
            fields[draw(st.integers(0, len(fields) - 1))] = draw(_BAD)
        if draw(st.integers(0, 9)) == 0:
            fields.append("1")
        lines.append(",".join(fields))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    return (end.join(lines) + draw(st.sampled_from([end, ""])),)


@st.composite
def popular_subset(draw):
    tables = {name: table for name, table in _tables(draw(SEEDS)).items() if len(table)}
    return _one_of(draw, tables), draw(st.integers(1, 6)), draw(st.integers(0, 6))


IDS = st.one_of(
    st.lists(st.sampled_from([3, -7, 0, 10, 5_000_000_000])),
    st.lists(st.sampled_from(["b", "ab", "", "tt10", "tt2", "Zoë"])),
)


@st.composite
def encode_ids(draw):
    ids = draw(IDS)
    return (draw(st.sampled_from([ids, np.array(ids)])),)


@st.composite
def lookup_ids(draw):
    ids = draw(IDS.filter(len))
    new = draw(
        st.lists(st.sampled_from([*ids, *([99, -8] if isinstance(ids[0], int) else ["much longer", "a"])]))
    )
    return np.unique(ids), draw(
        st.sampled_from([new, np.array(new, np.unique(ids).dtype if not new else None)])
    )


@st.composite
def to_csr(draw):
    m, n = draw(st.sampled_from([(3, 4), (1, 1), (70_000, 80_000), (2, 5)]))
    size = draw(st.integers(0, 8))
    least = draw(st.sampled_from([0, 0, 0, 0, 0, -1]))
    users, items = (
        np.array(
            draw(st.lists(st.sampled_from([*range(least, min(s, 3)), s - 1]), min_size=size, max_size=size)),
            draw(st.sampled_from(CODES)),
        )
        for s in (m, n)
    )
    return (
        users,
        items,
        np.array(draw(st.lists(HALVES, min_size=size, max_size=size)), draw(st.sampled_from(NUMBERS))),
        (m, n),
    )


@st.composite
def fit_baseline(draw):
    regs = st.sampled_from([0.0, 0.5, 15.0])
    return draw(matrices()), draw(regs), draw(regs)


@st.composite
def split_latest(draw):
    return _one_of(draw, _tables(draw(SEEDS))), draw(st.integers(1, 5))


@st.composite
def binarize(draw):
    return draw(matrices()), draw(st.sampled_from([-1.0, 0.0, 0.5, 3.5, 4.0]))


# 02, alternating least squares
@st.composite
def predict(draw):
    m, n, k = draw(_sizes())
    size = draw(st.integers(0, 6))
    pairs = draw(codes(m, size=size)), draw(codes(n, size=size))
    return draw(st.sampled_from([0.0, 3.5])), draw(factors(m, k)), draw(factors(n, k)), *pairs


@st.composite
def objective(draw):
    R, k = draw(matrices()), draw(st.integers(1, 3))
    regs = st.sampled_from([0.0, 0.5, 20.0])
    return R, draw(factors(R.shape[0], k)), draw(factors(R.shape[1], k)), draw(regs), draw(regs)


@st.composite
def solve_row(draw):
    _, n, k = draw(_sizes())
    n -= draw(st.sampled_from([0, 0, 0, n]))
    Y = draw(factors(n, k))
    determined = n == 0 or (n >= k and np.linalg.cond(Y.astype(float)) < 1e3)
    reg = draw(st.sampled_from([0.0, 0.5]) if determined else REGS)
    return np.array(draw(st.lists(HALVES, min_size=n, max_size=n)), draw(st.sampled_from(NUMBERS))), Y, reg


@st.composite
def update_factors(draw):
    R = draw(matrices())
    R = draw(st.sampled_from([R, R.T]))
    return R, draw(factors(R.shape[1], draw(st.integers(1, 3)))), draw(REGS)


def _row_by_row(R: csr_array, fixed: np.ndarray, reg: float, known_only: bool) -> np.ndarray:
    """The two updates that `counts_unknown_as_zero` tells apart."""
    R, k = csr_array(R), fixed.shape[1]
    solved = np.zeros((R.shape[0], k))
    for row in range(R.shape[0]):
        own = slice(R.indptr[row], R.indptr[row + 1])
        rated = fixed[R.indices[own]]
        of_gram = rated if known_only else fixed
        solved[row] = np.linalg.solve(
            of_gram.T @ of_gram + reg * np.eye(k), rated.T @ R.data[own].astype(float)
        )
    return solved


@st.composite
def counts_unknown_as_zero(draw):
    """One of the two updates, rounded, where they differ by as much as the docstring says."""
    R = draw(matrices())
    R = draw(st.sampled_from([R, R.T]))
    fixed, reg = draw(factors(R.shape[1], draw(st.integers(1, 3)))).astype(np.float64), draw(REGS)
    answers = [_row_by_row(R, fixed, reg, known_only) for known_only in (True, False)]
    assume(np.abs(answers[0] - answers[1]).max() > 1e-5)
    X = answers[draw(st.integers(0, 1))]
    return R, fixed, reg, X + 1e-9 * np.where(np.arange(X.size) % 2, -1, 1).reshape(X.shape)


# 03, stochastic gradient descent
@st.composite
def model(draw, writable: bool = False):
    m, n, k = draw(_sizes())
    biases = [np.array(draw(st.lists(HALVES, min_size=size, max_size=size))) for size in (m, n)]
    parts = [draw(factors(m, k)), draw(factors(n, k))]
    if writable:  # an array of float, of any order
        parts = [np.array(part, dtype=np.float64, order=draw(st.sampled_from("CF"))) for part in parts]
    return 3.5, *biases, *parts


@st.composite
def predict_ratings(draw):
    parts = draw(model())
    size = draw(st.integers(0, 6))
    return *parts, *(draw(codes(len(bias), least=-1, size=size)) for bias in parts[1:3])


@st.composite
def sgd_step(draw):
    parts = draw(model(writable=True))
    places = (draw(st.integers(0, len(bias) - 1)) for bias in parts[1:3])
    return *parts, *places, draw(HALVES), draw(RATES), draw(st.sampled_from([0.0, 0.1]))


@st.composite
def minibatch_step(draw):
    parts = draw(model(writable=True))
    size = draw(st.integers(0, 6))
    pairs = (draw(codes(len(bias), size=size)) for bias in parts[1:3])
    stars = np.array(draw(st.lists(HALVES, min_size=size, max_size=size)))
    return *parts, *pairs, stars, draw(RATES), draw(st.sampled_from([0.0, 0.1]))


@st.composite
def best_epoch(draw):
    values = [0.9, 0.9 - 1e-9, 0.8, 0.8 - 1e-15, 1.0, 1e300, 0.0, -1.0]
    losses = draw(st.lists(st.sampled_from(values), min_size=1, max_size=9))
    return draw(st.sampled_from([losses, np.array(losses)])), draw(st.integers(1, 4))


@st.composite
def recommend(draw):
    known = draw(scores())
    seen = draw(codes(len(known)))
    return known, draw(st.sampled_from([seen, seen.tolist(), np.arange(len(known))])), draw(N)


@st.composite
def is_best_list(draw):
    """A right list, perhaps with one thing wrong."""
    known, n = draw(scores()), draw(N)
    seen = draw(codes(len(known)))
    left = np.setdiff1d(np.arange(len(known)), seen)
    right = left[np.argsort(-known[left], kind="stable")][:n]
    any_codes = st.lists(st.integers(-2, len(known) + 1), max_size=4).map(
        lambda ints: np.array(ints, dtype=int)
    )
    return draw(st.one_of(st.sampled_from([right, right[::-1], right[:-1]]), any_codes)), known, seen, n


@st.composite
def most_similar(draw):
    _, n, k = draw(_sizes(n=6))
    # Rows whose cosines are either equal beyond doubt or far apart: of nearly equal ones rounding decides.
    rows = st.sampled_from([(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, -2, 0), (0, 0, 4), (1e-9, 0, 0), (1, 2, 2)])
    Y = np.array(draw(st.lists(rows, min_size=n, max_size=n)))[:, :k]
    return Y, draw(st.integers(-1, n)), draw(N)


# 04, PyTorch
@st.composite
def sparse_ratings(draw):
    shape = draw(st.sampled_from([(3, 4), (1, 1), (70_000, 80_000)]))
    places = st.tuples(*(st.sampled_from([0, size // 2, size - 1]) for size in shape))
    pairs = draw(st.lists(places, min_size=1, max_size=6, unique=draw(st.sampled_from([True, True, False]))))
    users, items = np.array(pairs, draw(st.sampled_from(CODES))).T.copy()
    stars = np.array(draw(st.lists(HALVES, min_size=len(pairs), max_size=len(pairs))))
    return users, items, stars.astype(draw(st.sampled_from(NUMBERS))), shape


@st.composite
def two_tensors(draw, paired: bool = False):
    m, n, k = draw(_sizes())
    dtype = draw(st.sampled_from([torch.float32, torch.float64]))
    return tuple(torch.tensor(draw(factors(rows, k)).copy(), dtype=dtype) for rows in (m, m if paired else n))


@st.composite
def share_from_other_world(draw):
    """Vectors of which no two products are alike: which of two equal ones is nearer is left open."""
    n = draw(st.integers(2, 9))
    vectors = np.random.default_rng(draw(SEEDS)).normal(size=(n, draw(st.integers(1, 3))))
    world = draw(st.lists(st.integers(0, 1), min_size=n, max_size=n))
    queries = draw(codes(n))
    dtype = draw(st.sampled_from([torch.float32, torch.float64]))
    kinds = st.sampled_from([queries, queries.tolist()])
    return torch.tensor(vectors, dtype=dtype), np.array(world), draw(kinds), draw(st.integers(1, 12))


# 05, weighted factorization
@st.composite
def preference_confidence(draw):
    return draw(matrices(signed=False)), draw(ALPHAS)


@st.composite
def weighted_objective(draw):
    R, k = draw(matrices(signed=False)), draw(st.integers(1, 3))
    R = draw(st.sampled_from([R, R.T]))
    sides = (draw(factors(size, k)) for size in R.shape)
    return R, *sides, draw(ALPHAS), draw(st.sampled_from([0.0, 0.5]))


@st.composite
def solve_user_naive(draw):
    _, n, k = draw(_sizes())
    amounts = draw(st.lists(st.sampled_from([0.0, 0.0, 0.5, 3.0]), min_size=n, max_size=n))
    return np.array(amounts, draw(st.sampled_from(NUMBERS))), draw(factors(n, k)), draw(ALPHAS), draw(REGS)


@st.composite
def weighted_update(draw):
    R = draw(matrices(signed=False))
    R = draw(st.sampled_from([R, R.T]))
    reg = draw(REGS)
    regs = draw(st.sampled_from([reg, reg * np.arange(1, R.shape[0] + 1)]))
    return R, draw(factors(R.shape[1], draw(st.integers(1, 3)))), draw(ALPHAS), regs


@st.composite
def row_penalty(draw):
    known = draw(st.sampled_from([0, 1, 7, np.array([0, 3, 5]), np.array([], dtype=int)]))
    return (
        known,
        draw(st.integers(1, 9)),
        draw(st.sampled_from([0.5, 40.0])),
        draw(st.sampled_from([0.0, 2.0])),
        draw(st.sampled_from([0.0, 0.5, 1.0])),
    )


@st.composite
def ranking(draw):
    ranked, relevant = (draw(codes(9, unique=True)) for _ in range(2))
    kinds = st.sampled_from([lambda array: array, lambda array: array.tolist()])
    return draw(kinds)(ranked), draw(kinds)(relevant), draw(st.integers(1, 10))


@st.composite
def fold_in(draw):
    _, n, k = draw(_sizes())
    items = draw(codes(n, unique=True))
    values = np.array(draw(st.lists(AMOUNTS, min_size=len(items), max_size=len(items))))
    return items, values.astype(draw(st.sampled_from(NUMBERS))), draw(factors(n, k)), draw(ALPHAS), draw(REGS)


@st.composite
def explain(draw):
    items, values, Y, alpha, reg = draw(fold_in())
    return items, values, Y, alpha, reg, draw(st.integers(0, len(Y) - 1))


# 06, Bayesian personalised ranking
@st.composite
def bpr_loss(draw):
    values = st.sampled_from([0, 1, -1, 3, 40, -40, 900, -900])
    numbers = draw(st.lists(values, min_size=1, max_size=6))
    d = np.array(numbers, draw(st.sampled_from([np.float64, np.float32, np.int64])))
    return (draw(st.sampled_from([d, d[:, np.newaxis], numbers[0], float(numbers[0])])),)


@st.composite
def triple(draw):
    m, n, k = draw(_sizes())
    n += 1
    X, Y = (
        np.array(draw(factors(rows, k)), dtype=np.float64, order=draw(st.sampled_from("CF")))
        for rows in (m, n)
    )
    i, j = draw(codes(n, size=2, unique=True)).tolist()
    return X, Y, draw(st.integers(0, m - 1)), i, j


@st.composite
def bpr_step(draw):
    return *draw(triple()), draw(RATES), draw(st.sampled_from([0.0, 0.1]))


@st.composite
def auc(draw):
    known = draw(scores(unseen=True))
    positives = draw(st.lists(st.integers(0, len(known) - 1), unique=True, max_size=9))
    return known, draw(st.sampled_from([positives, np.array(positives, dtype=int)]))


# 07, WARP
@st.composite
def warp_step(draw):
    return (
        *draw(triple()),
        draw(st.sampled_from([0.0, 1.0, 2.5])),
        draw(RATES),
        draw(st.sampled_from([0.1, 1.0, 10.0])),
    )


# 08, EASE
@st.composite
def ease(draw):
    R = draw(matrices().filter(lambda R: R.shape[1] < 50))
    return R, draw(REGS)


@st.composite
def ease_explain(draw):
    n = draw(st.integers(1, 6))
    items = draw(codes(n, unique=True))
    return (
        draw(st.sampled_from([items, items.tolist()])),
        draw(factors(n, n)).astype(float),
        draw(st.integers(0, n - 1)),
    )


@st.composite
def solves_ease(draw):
    """The weights themselves, and such as miss them by far or by their shape."""
    R, reg = draw(ease())
    B = ease_weights(R, reg)
    wrong = [B + 1, B * 1.1 + 0.1, B[:-1], np.full_like(B, np.nan), B + np.eye(len(B))]
    return R, draw(st.sampled_from([B, B, *wrong])), reg


@st.composite
def choose(draw):
    """Training and validation ratings that share no cell, and penalties in any order."""
    shape, rng = draw(st.tuples(st.integers(2, 8), st.integers(2, 6))), np.random.default_rng(draw(SEEDS))
    part = rng.integers(0, 4, size=shape)
    part[0, :2] = 1, 2  # somebody who has trained has something to find
    stars = np.where(part == 2, rng.choice([2.0, 4.0, 5.0], size=shape), rng.choice([1.0, 4.5], size=shape))
    stars[0, 1] = 5.0
    train, valid = (csr_array(np.where(part == which, stars, 0)) for which in (1, 2))
    grid = draw(st.lists(st.sampled_from([0.5, 3.0, 40.0, 700.0]), min_size=1, max_size=3, unique=True))
    return train, valid, np.array(grid)


# 09, evaluation
@st.composite
def sampled_rank(draw):
    known = draw(scores())
    negatives = draw(codes(len(known)))
    kinds = st.sampled_from([negatives, negatives.tolist()])
    return known, draw(st.integers(0, len(known) - 1)), draw(kinds)


@st.composite
def expected_hit_rate(draw):
    n_items = draw(st.integers(2, 300))
    halves = st.integers(2, 2 * n_items).map(lambda half: half / 2)
    ranks = draw(st.lists(halves, min_size=1, max_size=6))
    rank = draw(st.sampled_from([ranks[0], np.array(ranks)]))
    return rank, n_items, draw(st.integers(1, 120)), draw(st.integers(1, 20))


@st.composite
def snips_recall(draw):
    size = draw(st.integers(1, 7))
    hit = np.array(draw(st.lists(st.integers(0, 1), min_size=size, max_size=size)))
    usual, odd = st.sampled_from([0.01, 0.5, 1, 7]), st.sampled_from([0, -1, np.nan])
    propensity = draw(st.lists(usual, min_size=size, max_size=size))
    if draw(st.integers(0, 5)) == 0:
        propensity[0] = draw(odd)
    return hit.astype(draw(st.sampled_from([bool, int, float]))), np.array(propensity)


@st.composite
def split_by_time(draw):
    table = _one_of(draw, _tables(draw(SEEDS)))
    moments = [pd.Timestamp("1969-12-31"), pd.Timestamp("2100-01-01"), *table["timestamp"]]
    return table, draw(st.sampled_from(moments))


@st.composite
def future_share(draw):
    days = st.lists(st.integers(0, 5), min_size=1, max_size=8)
    start = pd.Timestamp("2020-02-28")
    tables = (pd.DataFrame({"timestamp": start + pd.to_timedelta(draw(days), unit="D")}) for _ in range(2))
    return tuple(tables)


@st.composite
def honest_run(draw):
    weights = st.lists(st.sampled_from([-3.0, -0.4, 0.2, 1.0, 4.0]), min_size=1, max_size=3, unique=True)
    return *small_run([77, draw(SEEDS)]), draw(weights)


@st.composite
def write_controls(draw):
    names = ["lr", "gravity", "epochs", "start"]
    runs = [dict.fromkeys(names, None) for _ in range(2)]
    for run in runs:
        run.update({name: draw(st.sampled_from([0, 1, 0.5, "normal"])) for name in names})
    return *runs, draw(st.sampled_from([*names, "no such setting"]))


ARGUMENTS: dict[str, dict[str, st.SearchStrategy[tuple]]] = {
    "data_loading": {
        "rmse": rmse(),
        "parse_ratings": parse_ratings(),
        "popular_subset": popular_subset(),
        "encode_ids": encode_ids(),
        "lookup_ids": lookup_ids(),
        "to_csr": to_csr(),
        "density": st.tuples(matrices()),
        "fit_baseline": fit_baseline(),
        "split_latest": split_latest(),
        "binarize": binarize(),
    },
    "explicit_als": {
        "predict": predict(),
        "objective": objective(),
        "solve_row": solve_row(),
        "update_factors": update_factors(),
        "counts_unknown_as_zero": counts_unknown_as_zero(),
    },
    "sgd": {
        "predict_ratings": predict_ratings(),
        "sgd_step": sgd_step(),
        "minibatch_step": minibatch_step(),
        "best_epoch": best_epoch(),
        "recommend": recommend(),
        "most_similar": most_similar(),
    },
    "pytorch_mf": {
        "sparse_ratings": sparse_ratings(),
        "pairwise_dot": two_tensors(paired=True),
        "gravity": two_tensors(),
        "penalty": two_tensors(),
        "two_worlds": st.tuples(matrices()),
        "share_from_other_world": share_from_other_world(),
    },
    "wrmf": {
        "preference_confidence": preference_confidence(),
        "objective": weighted_objective(),
        "solve_user_naive": solve_user_naive(),
        "update_factors": weighted_update(),
        "row_penalty": row_penalty(),
        "ndcg_at_k": ranking(),
        "recall_at_k": ranking(),
        "is_best_list": is_best_list(),
        "fold_in": fold_in(),
        "explain": explain(),
    },
    "bpr": {"bpr_loss": bpr_loss(), "bpr_step": bpr_step(), "auc": auc()},
    "warp": {
        "precision_at_k": ranking(),
        "rank_weight": st.tuples(st.integers(0, 3_000)),
        "estimate_rank": st.tuples(st.integers(1, 10**6), st.integers(1, 10**9)),
        "warp_step": warp_step(),
    },
    "ease": {
        "ease_weights": ease(),
        "ease_scores": ease(),
        "ease_explain": ease_explain(),
        "solves_ease": solves_ease(),
        "choose": choose(),
    },
    "evaluation": {
        "sampled_rank": sampled_rank(),
        "expected_hit_rate": expected_hit_rate(),
        "snips_recall": snips_recall(),
        "split_by_time": split_by_time(),
        "future_share": future_share(),
        "honest_run": honest_run(),
        "write_controls": write_controls(),
    },
}
