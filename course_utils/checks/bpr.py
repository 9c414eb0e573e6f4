"""What do the visible checks of unit 06, Bayesian personalised ranking, ask of each exercise?"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from course_utils.checks.call import number_of, refusal_of, result_of, results_of
from course_utils.checks.lines import within_lines
from course_utils.checks.visible import visible

NEVER_ACCEPTED = "nothing that it draws is ever accepted."

# 6.1 bpr_loss


@visible
def check_bpr_loss_by_hand(bpr_loss):
    """Three differences whose loss can be worked out on paper: σ is ½, ¾ and ¼ there."""
    d = np.array([0.0, 1.0986123, -1.0986123])  # 0, ln 3, −ln 3
    got = np.asarray(result_of("bpr_loss", bpr_loss, d), dtype=float)
    assert got.shape == (3,), f"Three differences want three losses; yours has the shape {got.shape}."
    for wrong, mistake in [
        (
            [-0.6931, -0.2877, -1.3863],
            "this is ln σ(d), which rises as the order gets better: a loss is −ln σ",
        ),
        ([0.6931, 1.3863, 0.2877], "this is −ln σ(−d): it punishes the right order"),
        ([-0.6931, -1.3863, -0.2877], "this is ln σ(−d): it falls, and what it falls towards is −∞"),
        ([0.5, 0.25, 0.75], "this is 1 − σ(d): take the logarithm of σ"),
        ([1.0, 0.415, 2.0], "this is the logarithm to base 2: take the natural one"),
    ]:
        assert not np.allclose(got, wrong, atol=1e-3), f"For d = 0, ln 3, −ln 3 yours is {got}: {mistake}."
    assert np.allclose(got, [0.6931, 0.2877, 1.3863], atol=1e-3), (
        f"For d = 0, ln 3, −ln 3 σ is ½, ¾, ¼: wanted 0.6931, 0.2877, 1.3863, yours {got}."
    )


def without_overflow(reader, name, function, *arguments):
    """What `reader` takes from the function where a careless exponential overflows, or a sentence."""
    try:
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            return reader(name, function, *arguments)
    except AssertionError as error:
        if not isinstance(error.__cause__, ArithmeticError):
            raise
        raise AssertionError(
            f"{name}: {error.__cause__}. e^1000 is beyond any float, and the logarithm of 0 is −∞: rewrite "
            "the formula so that e is only raised to numbers that are not positive (or use np.logaddexp)."
        ) from error


@visible
def check_bpr_loss_extremes(bpr_loss):
    """Far on either side the loss is finite, not negative, and not cut off."""
    d = np.array([1000.0, -1000.0, 50.0, -50.0])
    got = np.asarray(without_overflow(result_of, "bpr_loss (of ±1000)", bpr_loss, d))
    assert got.shape == (4,), f"Four differences want four losses; yours has the shape {got.shape}."
    assert np.isfinite(got).all(), f"For d = {d.tolist()} the loss is finite; yours is {got}."
    story = f"For d = {d.tolist()} the loss is nearly 0, 1000, 0, 50; yours is {got}."
    assert not 1 < got[1] < 999, (
        f"{story} A loss that is cut off has the gradient 0 where the order is most wrong, and nothing is "
        "learned there."
    )
    assert np.allclose(got, [0, 1000, 0, 50], atol=1e-6), story
    assert (got >= 0).all(), (
        f"A loss −ln of a probability is at least 0; yours for d = {d.tolist()} is {got}."
    )


# 6.2 sample_negative


def code_of(result, n_items):
    """A returned code, checked for its kind."""
    assert np.ndim(result) == 0 and np.issubdtype(np.asarray(result).dtype, np.integer), (
        f"sample_negative returns the code of one item, a whole number; yours {result!r}."
    )
    assert 0 <= result < n_items, f"Of {n_items} items the codes are 0 … {n_items - 1}; yours {result}."
    return int(result)


def codes_drawn(label, sample_negative, positives, n_items, rng, times):
    """The codes that so many draws return, each checked for its kind."""
    drawn = results_of(label, sample_negative, positives, n_items, rng, times=times)
    return [code_of(code, n_items) for code in drawn]


@visible
def check_sample_negative_by_hand(sample_negative, seed=0):
    """Of five items two are positives: what is drawn is one of the other three, and not always the same."""
    positives, rng = np.array([1, 3]), np.random.default_rng(seed)
    codes = codes_drawn("sample_negative", sample_negative, positives, 5, rng, 60)
    hit = sorted({1, 3} & set(codes))
    assert not hit, f"Items {hit} are positives, and were drawn as negatives: the step would push them down."
    assert len(set(codes)) > 1, f"60 draws with the same rng all gave {codes[0]}: draw at random."
    never = sorted({0, 2, 4} - set(codes))
    assert not never, f"In 60 draws from items 0, 2 and 4 items {never} were never drawn."
    # Items 0 and 4 are free, on either side of a row of positives: 100 times each in 200, give or take 7.
    row, name = np.array([1, 2, 3]), "sample_negative (of 5 items, 1, 2 and 3 positive)"
    codes = codes_drawn(name, sample_negative, row, 5, rng, 200)
    assert set(codes) <= {0, 4}, f"{name} drew a positive: {sorted(set(codes))}."
    assert abs(codes.count(4) - 100) < 45, (
        f"Items 0 and 4 are free, and in 200 draws 4 came {codes.count(4)} times, wanted about 100. Who "
        "moves on to the next free item after a hit prefers items behind a row of positives."
    )


def draws(sample_negative, positives, n_items, rng, size):
    """Codes from repeated draws; changed positives become a sentence, and so does a loop without an end.

    Lines are counted where one item of a few is left: nobody who ends is near the limit there by bad luck.
    """
    label = f"sample_negative (of {n_items} items, {len(positives)} positives)"
    one_of_few = n_items - len(positives) == 1 and n_items < 10
    draw = within_lines(label, NEVER_ACCEPTED, sample_negative) if one_of_few else sample_negative
    return codes_drawn(label, draw, positives, n_items, rng, size)


@visible
def check_sample_negative_one_left(sample_negative, seed=0):
    """A user who knows all items but one gets that one, and in time; who knows all, a ValueError."""
    rng = np.random.default_rng(seed)
    for n_items in (1, 6, 100):
        everything = np.arange(n_items)
        for left in everything[:: max(n_items // 6, 1)]:
            codes = draws(sample_negative, np.delete(everything, left), n_items, rng, 5)
            assert set(codes) == {left}, f"Of {n_items} items only {left} is free; yours {codes}."
        label = f"sample_negative (all {n_items} items are positives)"
        bounded = within_lines(label, NEVER_ACCEPTED, sample_negative)
        refusal_of(label, "there is no negative", bounded, everything, n_items, rng)


# 6.3 bpr_step


@visible
def check_bpr_step_by_hand(bpr_step):
    """One user, two items, d = 0: the loss and the user's new factors can be worked out on paper."""
    X, Y = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0], [0.0, -1.0]])
    before = X.copy(), Y.copy()
    # d = 1·0 + 0·2 = 0, so σ = ½; η = 0.1, λ = 0.5.
    loss = number_of("bpr_step", bpr_step, X, Y, 0, 0, 1, 0.1, 0.5)
    assert not np.isclose(loss, -0.6931, atol=1e-3), (
        f"Yours, {loss:.4f}, is ln σ(d) or ln σ(−d): a loss has the minus."
    )
    assert not np.isclose(loss, 1.4431, atol=1e-3), "Return −ln σ(d) alone, without the penalty."
    assert np.isclose(loss, 0.6931, atol=1e-3), f"At d = 0 the loss is ln 2 ≈ 0.6931; yours {loss:.4f}."
    assert not np.array_equal(X, before[0]) or not np.array_equal(Y, before[1]), (
        "The arrays did not change: write into them (X[u] += …, not x = x + …)."
    )
    assert not np.allclose(X, [[0.955, 0.095]]), (
        "The user moves by the *new* y_i and y_j. Y[i] is a view, no copy: it changed when Y did."
    )
    assert np.allclose(X, [[0.95, 0.1]]), (
        "x_u = (1, 0) moves by 0.1 · (½ · (0, 2) − 0.5 · (1, 0)): wanted (0.95, 0.1), "
        f"yours {X[0].round(4).tolist()}."
    )
    for row, wanted, mistakes in [
        (0, [0.05, 0.95], {"The items move by the *new* x_u. X[u] is a view, no copy": [0.0475, 0.955]}),
        (
            1,
            [-0.05, -0.95],
            {
                "The items move by the *new* x_u. X[u] is a view, no copy": [-0.0475, -0.955],
                "The negative item pays no penalty: λ has a term for each of the three rows": [-0.05, -1.0],
                "The negative item did not move": [0.0, -1.0],
                "The negative item should move away from x_u, and moved towards it": [0.05, -0.95],
            },
        ),
    ]:
        which = ("positive", "negative")[row]
        for mistake, wrong in mistakes.items():
            assert not np.allclose(Y[row], wrong), f"{mistake}."
        assert np.allclose(Y[row], wanted), (
            f"The {which} item moves by 0.1 · (±½ · x_u − 0.5 · y), with the old x_u = (1, 0): wanted "
            f"{wanted}, yours {Y[row].round(4).tolist()}."
        )
    # Now d = x·(y_i − y_j) = ln 3, so σ(d) = ¾ and σ(−d) = ¼; λ = 0.
    X, Y = np.array([[1.0]]), np.array([[2.0986123], [1.0]])
    loss = number_of("bpr_step (with d = ln 3)", bpr_step, X, Y, 0, 0, 1, 0.1, 0.0)
    assert np.isclose(loss, 0.2877, atol=1e-3), f"At d = ln 3 the loss is ln 4/3 ≈ 0.2877; yours {loss:.4f}."
    assert not np.isclose(Y[0, 0], 2.0986123 + 0.075), (
        "At d = ln 3 the positive item moves by 0.1 · ¾: σ(d) stands where σ(−d) should. A pair that is in "
        "order already pulls little."
    )
    assert np.allclose([X[0, 0], Y[0, 0], Y[1, 0]], [1.0274653, 2.1236123, 0.975]), (
        f"At d = ln 3, λ = 0, η = 0.1 all three move by 0.1 · σ(−d) = 0.025 times a factor: wanted x = "
        f"1.0275, y_i = 2.1236, y_j = 0.975; yours {X[0, 0]:.4f}, {Y[0, 0]:.4f}, {Y[1, 0]:.4f}."
    )


# 6.4 bpr_epoch


@visible
def check_bpr_epoch_by_hand(bpr_epoch):
    """One pair in R is one step on paper; at η = 0 two users and two items give the mean of equal losses."""
    rng = np.random.default_rng(0)
    R, X = csr_array(np.array([[4.0, 0.0, 0.0]])), np.array([[1.0, 0.0]])
    Y = np.array([[0.0, 1.0], [0.0, -1.0], [0.0, -1.0]])  # whichever negative is drawn
    loss = number_of("bpr_epoch", bpr_epoch, R, X, Y, 0.1, 0.5, rng)
    assert np.isclose(loss, 0.6931, atol=1e-3), (
        f"One step from d = 0: its loss before the step is ln 2 ≈ 0.6931; your mean is {loss:.4f}."
    )
    assert np.allclose(X, [[0.95, 0.1]]), (
        "One stored cell is one step, here that of exercise 6.3: wanted x_u = (0.95, 0.1), "
        f"yours {X[0].round(4).tolist()}."
    )
    R = csr_array(np.array([[5.0, 0.0], [0.0, 2.0]]))
    X, Y = np.eye(2), 1.0986123 * np.eye(2)  # whatever is drawn, d is ln 3 and σ(d) is ¾
    bounded = within_lines("bpr_epoch", NEVER_ACCEPTED, bpr_epoch)
    loss = number_of("bpr_epoch", bounded, R, X, Y, 0.0, 0.5, rng)
    assert not np.isclose(loss, 0.5754, atol=1e-3), "0.5754 is the sum of both losses: return the mean."
    assert np.isclose(loss, 0.2877, atol=1e-3), f"Both losses are ln 4/3 ≈ 0.2877; your mean is {loss:.4f}."
    assert np.array_equal(X, np.eye(2)), "At η = 0 nothing moves; your X did."
    # User 0 has 1 of 30 stored cells, with d = 0; user 1 the others, with d = ln 3. Losses tell the turns.
    R = csr_array((np.ones(30), (np.array([0] + [1] * 29), np.arange(30))), shape=(2, 31))
    X, Y = np.array([[0.0], [1.0]]), 1.0986123 * np.array([[0.0], *[[1.0]] * 29, [0.0]])
    mean = np.mean([number_of("bpr_epoch", bpr_epoch, R, X, Y, 0.0, 0.5, rng) for _ in range(4)])
    turns = 120 * (mean - 0.2876821) / (0.6931472 - 0.2876821)
    assert turns < 25, (
        f"User 0 has 1 of 30 stored cells, and was drawn in {turns:.0f} of 120 steps, wanted about 4: draw "
        "pairs, not users."
    )


def some_choices(seed, m=8, n=9, in_order=True):
    """A matrix with ratings in it, one of them 0; users with few items and with many, one without any.

    Unless `in_order`, the columns of a row stand as they come.
    """
    rng = np.random.default_rng(seed)
    chosen = np.zeros((m, n), dtype=bool)
    for u, size in enumerate([1, 0, 2, 7, 3, 5, 1, 4]):
        chosen[u, (rng.integers(n) + np.arange(size)) % n] = True  # items in a row
    users, items = np.nonzero(chosen)
    ratings = rng.integers(1, 6, size=len(users)).astype(float)
    ratings[np.flatnonzero(users == 3)[0]] = 0.0  # a stored cell like any other
    if in_order:
        return csr_array((ratings, (users, items)), shape=(m, n))
    order = np.lexsort((rng.random(len(users)), users))
    indptr = np.concatenate([[0], np.cumsum(chosen.sum(axis=1))])
    return csr_array((ratings[order], items[order], indptr), shape=(m, n))


def chosen_cells(R):
    """Where R has a stored cell, as a dense mask."""
    mask = np.zeros(R.shape, dtype=bool)
    mask[np.repeat(np.arange(R.shape[0]), np.diff(R.indptr)), R.indices] = True
    return mask


def counted_epoch(bpr_epoch, R, rng):
    """Mean loss of an epoch, how often it drew each pair, and each (user, negative).

    With x_u = a_u e_u and y_i[u] = 1 where u has chosen i, every d of user u is a_u. At a tiny η all steps
    add up, and each leaves its trace in column u of Y: upwards at its positive, downwards at its negative.
    """
    given, lr = R.copy(), 1e-7
    a = np.linspace(0.5, 1.5, R.shape[0])
    chosen = chosen_cells(R)
    X, Y = np.diag(a), chosen.T.astype(float, order="C")
    before = Y.copy()
    loss = number_of("bpr_epoch", bpr_epoch, R, X, Y, lr, 0.0, rng)
    unchanged = R.nnz == given.nnz and np.array_equal(R.toarray(), given.toarray())
    assert unchanged, "bpr_epoch changed R: only the factors move."
    traces = ((Y - before) / (lr * a / (1 + np.exp(a)))).T
    counts = np.rint(traces).astype(int)
    assert np.allclose(traces, counts, atol=0.02) and (counts[~chosen] <= 0).all(), (
        "An epoch on a model that tells what was drawn shows steps with two chosen items, or with an item as "
        "positive that its user has not chosen: i comes from a stored cell of row u, whatever its value, and "
        "j is none of them. (`sample_negative` wants the positives in ascending order, R has them in any.)"
    )
    return loss, np.maximum(counts, 0), np.maximum(-counts, 0)


@visible
def check_bpr_epoch_number_of_steps(bpr_epoch, seed=0):
    """An epoch takes as many steps as there are stored cells, drawn with replacement from all of them."""
    R = some_choices(seed)
    _, pairs, negatives = counted_epoch(bpr_epoch, R, np.random.default_rng([seed, 1]))
    n_users = int(np.count_nonzero(np.diff(R.indptr)))
    assert pairs.sum() != n_users, (
        f"{n_users} steps: one for each user. Take one for each stored cell, {R.nnz}."
    )
    assert pairs.sum() == R.nnz == negatives.sum(), (
        f"R has {R.nnz} stored cells, so that an epoch has {R.nnz} steps; yours had {pairs.sum()}."
    )
    assert pairs.max() > 1, (
        "Every pair came exactly once: that is a pass over R. Draw each pair from all of them, with "
        "replacement (in a pass in the order of the users, each is forgotten before the next round)."
    )


# 6.5 auc


@visible
def check_auc_by_hand(auc):
    """Two positives, two negatives: three of the four pairs are in order."""
    scores = np.array([0.9, 0.1, 0.5, 0.3])
    got = number_of("auc", auc, scores, np.array([0, 3]))
    assert not np.isclose(got, 0.25), "0.25 is the share of pairs in the *wrong* order."
    assert not np.isclose(got, 3), "3 is the number of pairs in order: divide by the number of pairs."
    assert np.isclose(got, 0.75), (
        "Positives score 0.9 and 0.3, negatives 0.1 and 0.5: three of four pairs are in order, wanted 0.75, "
        f"yours {got}."
    )
    # A positive level with one of two others: ½ + 1 of two pairs.
    got = number_of("auc (with equal scores)", auc, np.array([0.5, 0.5, 0.1]), np.array([0]))
    for wrong, mistake in [(1.0, "as won"), (0.5, "as lost")]:
        assert not np.isclose(got, wrong), f"You counted a pair with equal scores {mistake}; it counts ½."
    assert np.isclose(got, 0.75), f"One pair level, one in order: wanted (½ + 1) / 2 = 0.75; yours {got}."
    got = number_of("auc (with an item of −∞)", auc, np.array([3.0, -np.inf, 1.0, 2.0]), np.array([3]))
    assert not np.isclose(got, 2 / 3), (
        "Items of −∞ have been seen and take no part: as a negative, such an item is beaten by everybody."
    )
    assert np.isclose(got, 0.5), (
        f"Of the two pairs with an item not seen one is in order: wanted 0.5; yours {got}."
    )
