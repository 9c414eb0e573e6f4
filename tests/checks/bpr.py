"""What do the hidden checks of unit 06, Bayesian personalised ranking, ask of each exercise?"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from course_utils.checks.awkward import (
    SIZES,
    item_lists,
    known_and_values,
    layouts,
    rating_matrices,
    score_arrays,
)
from course_utils.checks.bpr import (
    NEVER_ACCEPTED,
    chosen_cells,
    counted_epoch,
    draws,
    some_choices,
    without_overflow,
)
from course_utils.checks.call import number_of, refusal_of, result_of
from course_utils.checks.compare import all_close
from course_utils.checks.extremes import DIGITS, FAR, TINY, far_rows, moved_as_far, near
from course_utils.checks.fair import unlikely
from course_utils.checks.lines import within_lines
from course_utils.checks.together import numbers_for

# 6.1 bpr_loss


def check_bpr_loss_law(bpr_loss, seed=0):
    """σ(d) + σ(−d) = 1 and σ(d) = e^d σ(−d), elementwise: there is one function with both."""
    rng = np.random.default_rng(seed)
    for d in (rng.normal(scale=3, size=(4, 2)), rng.normal(size=(1,)), float(rng.normal())):
        label = f"bpr_loss (of shape {np.shape(d)})"
        there, back = (np.asarray(result_of(label, bpr_loss, sign * d)) for sign in (1, -1))
        assert there.shape == np.shape(d), (
            f"One loss for each difference: d has the shape {np.shape(d)}, yours {there.shape}."
        )
        total, difference = np.exp(-there) + np.exp(-back), back - there
        assert np.allclose(total, 1), "σ(d) + σ(−d) is 1; e^(−yours) is no such σ."
        assert np.allclose(difference, d), "ln σ(d) − ln σ(−d) is d; yours is not."
        assert np.allclose(total, 1, atol=1e-10) and np.allclose(difference, d, rtol=1e-10, atol=1e-10), (
            "Your losses are right to some seven digits: keep the differences in float64."
        )


def check_bpr_loss_awkward(bpr_loss, seed=0):
    """Differences of any type, size and layout: ln(1 + e^(−d)), not cut off far out."""
    rng = np.random.default_rng([seed, 5])
    table = rng.normal(scale=5, size=(3, 4))
    cases = {
        "whole numbers": np.array([-3, 0, 2, 700]),
        "one whole number": 3,
        "floats of 32 bits": np.array([-3.5, 0.25, 60.0], np.float32),
        "an array of no dimension": np.array(-2.5),
        "where the loss is nearly 0": np.array([15.0, 18.0, 21.0, 24.0]),
        "far beyond a thousand": np.array([-1e5, 1e5, -1e12, 1e12, -1e300, 1e300]),
        "a little beyond a thousand": np.array([-1001.0, 1001.0, -1e4, 1e4]),
        "tiny": np.array([1e-12, -1e-12, 1e-300]),
        **layouts(table),
    }
    for case, d in cases.items():
        got = np.asarray(without_overflow(result_of, f"bpr_loss ({case})", bpr_loss, d))
        numbers = np.asarray(d, dtype=float)
        wanted = np.maximum(-numbers, 0) + np.log1p(np.exp(-np.abs(numbers)))
        near = 1e-5 if numbers.dtype != np.asarray(d).dtype and np.asarray(d).dtype == np.float32 else 1e-9
        assert got.shape == numbers.shape and np.allclose(got, wanted, rtol=near, atol=1e-13), (
            f"bpr_loss ({case}): for {numbers.ravel()[:6].tolist()} wanted {wanted.ravel()[:6].tolist()}, "
            f"yours {got.ravel()[:6].tolist()}."
        )


# 6.2 sample_negative


def check_sample_negative_uniform(sample_negative, seed=0):
    """Every item that is not a positive is equally likely, the first and the last included."""
    rng, all_but_two = np.random.default_rng(seed), list(range(1, 149))
    moves_on = "Who moves on to the next free item after a hit prefers items behind a row of positives."
    for positives, n_items, size, guess in [
        ([], 3, 600, "`round` gives the first and the last item half a share; `rng.integers` does not."),
        ([1, 2, 3, 4, 5], 8, 150, moves_on),
        ([0, 7], 8, 150, moves_on),
        ([1], 8, 150, moves_on),
        (
            all_but_two,
            150,
            100,
            "Who gives up after some hits and takes the next free item prefers that one.",
        ),
    ]:
        codes = draws(sample_negative, np.array(positives, dtype=np.int32), n_items, rng, size)
        free = np.setdiff1d(np.arange(n_items), positives)
        counts = np.bincount(codes, minlength=n_items)[free]
        which = f"with positives {positives}" if len(positives) < 10 else "with all but two as positives"
        story = f"{size} draws from {n_items} items {which}: "
        assert sum(counts) == size, story + "a positive was drawn as a negative."
        wanted, spread = size / len(free), np.sqrt(size * (len(free) - 1)) / len(free)
        never = free[counts == 0].tolist()
        assert not never, story + f"items {never} were never drawn. Their turn would be {wanted:.0f} times."
        assert (abs(counts - wanted) < 5.5 * spread).all(), (
            f"{story}the free items {free.tolist()} came {counts.tolist()} times, wanted about {wanted:.0f} "
            f"each. ({guess})"
        )


def check_sample_negative_randomness(sample_negative, seed=0):
    """The draw comes from ``rng`` and from nothing else."""
    positives = np.arange(0, 1000, 3)
    first, again, other = (
        draws(sample_negative, positives, 1000, np.random.default_rng([seed, number]), 12)
        for number in (0, 0, 1)
    )
    assert first == again, "The same rng gave two different rows of draws: draw from `rng` alone."
    assert first != other, "Another rng gave the same row of draws: draw from the `rng` that you are given."


def check_sample_negative_fair(sample_negative, seed=0):
    """Catalogues just beyond a byte, a thousand, 20,000 and 15 bits: no range is cut, no item preferred.

    Right work fails once in a million times at most: see `unlikely`.
    """
    rng = np.random.default_rng([seed, 5])
    for n_items, n_positives in [(180, 9), *((size + size // 2, 2) for size in SIZES[:-1])]:
        positives = np.sort(rng.permutation(n_items)[:n_positives]).astype(np.int32)
        # Of n = ¾·2^p items the first third comes half of the time by `% n` of a number below 2^p: 600 draws
        # show that bias. 45 show a range that is cut; more would take a list of all items too long.
        n_draws = 600 if n_items < 1_000 else 45
        codes = np.array(draws(sample_negative, positives, n_items, rng, n_draws))
        assert not np.isin(codes, positives).any(), (
            f"Of {n_items:,} items a positive was drawn as a negative."
        )
        for part, (low, high) in {
            "first third": (0, n_items // 3),
            "first half": (0, n_items // 2),
            "last third": (2 * n_items // 3, n_items),
        }.items():
            free = np.setdiff1d(np.arange(n_items), positives)
            share = np.mean((free >= low) & (free < high))
            came = int(np.sum((codes >= low) & (codes < high)))
            assert not len(unlikely(came, n_draws, share)), (
                f"Of {n_draws} draws from {n_items:,} items {came} are in the {part}, about "
                f"{share * n_draws:.0f} should be: every item that is no positive is as likely as any other, "
                "however many there are (a range of 256 or 1,000 cuts some off, its remainder prefers some)."
            )
    # Who gives up after some tries has not found it; who never accepts it would try for ever.
    # A thousand tries on average, of some 150 lines with np.isin: 5,000,000 lines are e^(−33) likely.
    bounded = within_lines("sample_negative", NEVER_ACCEPTED, sample_negative, n_lines=5_000_000)
    for left in (0, 777, 999):
        codes = draws(bounded, np.delete(np.arange(1_000), left), 1_000, rng, 2)
        assert codes == [left, left], f"Of 1,000 items only {left} is free; yours drew {codes}."


# 6.3 bpr_step

_STEP_MISTAKES = {
    "up": "the step goes up the gradient: its sign is wrong",
    "swapped": "σ(d) stands where σ(−d) = 1 − σ(d) should: a right order would pull hardest",
    "no logarithm": "σ(d)·σ(−d) stands where σ(−d) should: that is the gradient of 1 − σ(d), not of −ln σ(d)",
    "no sigmoid": "σ(−d) is missing: a triple in the right order should hardly pull at all",
    "new user": "the items move by the *new* x_u. X[u] is a view, no copy: it changed when X did",
    "new items": "the user moves by the *new* y_i and y_j. Y[i] is a view, no copy: it changed when Y did",
    "no penalty": "the penalty is missing",
    "penalty up": "the penalty has the wrong sign: it pulls towards 0",
    "penalty doubled": "the penalty counts twice: the gradient of ½λ‖x‖² is λx",
    "penalty without rate": "η multiplies the loss alone: it belongs to the whole gradient, the penalty too",
    "j unpenalised": "the negative item pays no penalty: λ belongs to all three rows",
    "j penalty up": "the penalty of the negative item has the wrong sign: it too pulls towards 0",
    "j fixed": "the negative item did not move",
    "j towards": "the negative item moves towards the user: it should move away",
}


def _model(seed):
    # Differences d of about 1: a pull near 0 or 1 would hide mistakes.
    rng = np.random.default_rng(seed)
    m, n, k = 4 + seed % 3, 6 + seed % 4, 3
    return rng.normal(scale=0.7, size=(m, k)), rng.normal(scale=0.7, size=(n, k))


def _stepped(X, Y, u, i, j, lr, reg, mistake="none"):
    """The factors after a step: right, or with a mistake that is known from many notebooks."""
    x, y, z = X[u].copy(), Y[i].copy(), Y[j].copy()
    X, Y = X.copy(), Y.copy()
    sigma = 1 / (1 + np.exp(-x @ (y - z)))
    pull = {"up": sigma - 1, "swapped": sigma, "no sigmoid": 1.0, "no logarithm": sigma * (1 - sigma)}.get(
        mistake, 1 - sigma
    )
    by = {"no penalty": 0.0, "penalty up": -1.0, "penalty doubled": 2.0, "penalty without rate": 1 / lr}
    reg *= by.get(mistake, 1.0)
    reg_j = reg * {"j unpenalised": 0.0, "j penalty up": -1.0}.get(mistake, 1.0)

    def moved(x_used):
        away = x_used if mistake == "j towards" else -x_used
        return y + lr * (pull * x_used - reg * y), z + lr * (pull * away - reg_j * z)

    Y[i], Y[j] = moved(x)
    difference = Y[i] - Y[j] if mistake == "new items" else y - z
    X[u] = x + lr * (pull * difference - reg * x)
    if mistake == "new user":
        Y[i], Y[j] = moved(X[u])
    if mistake == "j fixed":
        Y[j] = z
    return X, Y


def _name_step_mistake(before, after, *arguments):
    """Fail with the name of the mistake that leads to these factors, if it is a known one."""
    for mistake, sentence in _STEP_MISTAKES.items():
        wrong = _stepped(*before, *arguments, mistake)
        assert not all_close(after, wrong, rtol=1e-9), f"The factors moved, but {sentence}."


def check_bpr_step_is_minus_the_gradient(bpr_step, seed=0):
    """At η = 1 every entry moves by minus its derivative of ℓ (central differences)."""
    before, reg = _model(seed), 0.3
    u, i, j = 2, *np.random.default_rng(seed).permutation(6)[:2].tolist()

    def loss(X, Y):
        squares = X[u] @ X[u] + Y[i] @ Y[i] + Y[j] @ Y[j]
        return np.log1p(np.exp(-X[u] @ (Y[i] - Y[j]))) + 0.5 * reg * squares

    after = tuple(part.copy() for part in before)
    result_of("bpr_step", bpr_step, *after, u, i, j, 1.0, reg)
    for part, name in enumerate("XY"):
        gradient = np.zeros_like(before[part])
        for cell in np.ndindex(gradient.shape):
            ends = []
            for nudge in (1e-5, -1e-5):
                nudged = [array.copy() for array in before]
                nudged[part][cell] += nudge
                ends.append(loss(*nudged))
            gradient[cell] = (ends[0] - ends[1]) / 2e-5
        move = after[part] - before[part]
        if not np.allclose(move, -gradient, atol=1e-6):
            _name_step_mistake(before, after, u, i, j, 1.0, reg)
            row = int(np.abs(move + gradient).max(axis=1).argmax())
            raise AssertionError(
                f"At η = 1, {name}[{row}] should move by minus its gradient, {-gradient[row].round(4)}; "
                f"yours moved by {move[row].round(4)}."
            )


def check_bpr_step_learning_rate(bpr_step, seed=0):
    """The whole step, penalty included, is proportional to η."""
    before, arguments = _model(seed), (1, 4, 0, 0.05, 0.3)
    after = tuple(part.copy() for part in before)
    result_of("bpr_step", bpr_step, *after, *arguments)
    if not all_close(after, _stepped(*before, *arguments)):
        _name_step_mistake(before, after, *arguments)
        raise AssertionError(
            "At η = 0.05 the rows should move by minus 0.05 times the gradient; yours do not."
        )


def check_bpr_step_rows_and_loss(bpr_step, seed=0):
    """A triple moves its three rows and no other, and the loss is that of before."""
    before = _model(seed)
    for u, i, j in [(0, 0, 5), (3, 5, 0), (1, 2, 3)]:
        X, Y = (part.copy() for part in before)
        loss = number_of("bpr_step", bpr_step, X, Y, u, i, j, 0.5, 0.2)
        d = float(before[0][u] @ (before[1][i] - before[1][j]))
        d_after = float(X[u] @ (Y[i] - Y[j]))
        wanted = np.log1p(np.exp(-d))
        for wrong, mistake in [
            (-np.log1p(np.exp(d)), "ln σ(−d): it falls while d grows, but it is no loss"),
            (np.log1p(np.exp(d)), "−ln σ(−d), the loss of the triple the other way round"),
            (-wanted, "ln σ(d), without the minus"),
            (1 / (1 + np.exp(d)), "1 − σ(d), not its logarithm"),
            (np.log1p(np.exp(-d_after)), "the loss *after* the step"),
        ]:
            assert not np.isclose(loss, wrong), f"For d = {d:.3f} yours, {loss:.4f}, is {mistake}."
        assert np.isclose(loss, wanted), f"For d = {d:.3f} the loss is {wanted:.4f}; yours {loss:.4f}."
        for name, rows, old, new in [("X", [u], before[0], X), ("Y", sorted([i, j]), before[1], Y)]:
            moved = np.flatnonzero((old != new).any(axis=1)).tolist()
            assert moved == rows, f"The triple ({u}, {i}, {j}) changes rows {rows} of {name}; yours {moved}."


def check_bpr_step_extremes(bpr_step):
    """Far on either side nothing overflows: the pull is 0 in the right order, and 1 in the wrong one."""
    for d, pull in [(1000.0, 0.0), (-1000.0, 1.0)]:
        X, Y = np.array([[1.0]]), np.array([[d], [0.0]])
        label = f"bpr_step (at d = {d:g})"
        loss = without_overflow(number_of, label, bpr_step, X, Y, 0, 0, 1, 0.001, 0.0)
        assert np.isclose(loss, max(-d, 0), atol=1e-6), f"{label}: −ln σ(d) is 0 or −d there, yours {loss}."
        wanted = [1 + 0.001 * pull * d, d + 0.001 * pull, -0.001 * pull]
        assert np.allclose([X[0, 0], *Y[:, 0]], wanted), (
            f"{label}, η = 0.001, λ = 0: σ(−d) is {pull:g} there, the share of the difference by which each "
            f"row moves; x, y_i, y_j became {[X[0, 0], *Y[:, 0]]}."
        )


def check_bpr_step_awkward(bpr_step, seed=0):
    """The step is written into arrays of any layout; for rows of zeros, and far beyond overflow."""
    X, Y = _model(seed)
    for layout in layouts(X):
        factors = [layouts(each)[layout] for each in (X, Y)]
        if factors[0].flags.writeable:
            result_of(f"bpr_step (X and Y {layout})", bpr_step, *factors, 3, 0, 5, 0.1, 0.2)
            assert all_close(factors, _stepped(X, Y, 3, 0, 5, 0.1, 0.2)), (
                f"bpr_step (X and Y {layout}): the factors that you were given are not what they should be "
                "after the step. Write into X[u], Y[i] and Y[j] themselves: `reshape` and `ravel` may copy."
            )
    alike = X.copy(), Y.copy()
    alike[1][5] = alike[1][0]
    wanted = _stepped(*alike, 3, 0, 5, 0.1, 0.2)
    result_of("bpr_step (both items have the same factors)", bpr_step, *alike, 3, 0, 5, 0.1, 0.2)
    assert all_close(alike, wanted), (
        "Where both items have the same factors each of the three rows pays the penalty, too; yours differ."
    )
    zeros = np.zeros((2, 3)), np.zeros((3, 3))
    loss = number_of("bpr_step (all factors 0)", bpr_step, *zeros, 1, 0, 2, 0.1, 0.2)
    assert np.isclose(loss, np.log(2)) and not np.any(zeros[0]), (
        "At factors of 0 the loss is ln 2; nothing moves."
    )
    for d in (-5e4, 5e4, -800.0, 800.0):
        factors = np.array([[1.0]]), np.array([[d], [0.0]])
        loss = without_overflow(number_of, f"bpr_step (at d = {d:g})", bpr_step, *factors, 0, 0, 1, 1e-6, 0.0)
        assert np.isclose(loss, max(-d, 0), atol=1e-6), (
            f"bpr_step (at d = {d:g}): the loss is {max(-d, 0):g}, yours {loss:g}."
        )
        moved = [factors[0][0, 0] - 1, factors[1][0, 0] - d]
        assert np.allclose(moved, [1e-6 * d, 1e-6] if d < 0 else 0, rtol=1e-3, atol=1e-9), (
            f"bpr_step (at d = {d:g}, η = 1e-6): x and y_i moved by {moved}."
        )
    # x and y_i from 1e-8 to 1e8, and d of about 1.
    x, y = far_rows(seed)
    for lr, reg in [(0.1, 1e-7), (0.1, 0.3), (TINY, FAR)]:
        before = np.array([x, x / 2]), np.array([y, -y / 3, y / 2])
        after = before[0].copy(), before[1].copy()
        label = f"bpr_step (factors from 1e-8 to 1e8, η = {lr:g}, λ = {reg:g})"
        loss = number_of(label, bpr_step, *after, 0, 0, 1, lr, reg)
        wanted = np.log1p(np.exp(-x @ (before[1][0] - before[1][1])))
        assert near(loss, wanted), f"{label}: the loss is {wanted:.12g}, yours {loss:.12g}. {DIGITS}"
        moved_as_far(label, "XY", after, before, _stepped(*before, 0, 0, 1, lr, reg))
    # Rows that are all but 0 pay the penalty, too.
    rows = np.random.default_rng([seed, 9]).normal(size=(5, 3))
    before = TINY * rows[:2], TINY * rows[2:]
    after = before[0].copy(), before[1].copy()
    result_of("bpr_step (rows of about 1e-12)", bpr_step, *after, 0, 0, 1, 0.1, 0.7)
    moved_as_far("bpr_step (rows of about 1e-12)", "XY", after, before, _stepped(*before, 0, 0, 1, 0.1, 0.7))
    factors = np.array([[1.0]]), np.array([[-FAR], [0.0]])
    loss = without_overflow(number_of, f"bpr_step (at d = {-FAR:g})", bpr_step, *factors, 0, 0, 1, 1e-6, 0.0)
    assert near(loss, FAR), f"bpr_step (at d = {-FAR:g}): the loss is {FAR:g}, yours {loss:g}. {DIGITS}"


# 6.4 bpr_epoch


def check_bpr_epoch_equally_likely(bpr_epoch, seed=0):
    """Over many epochs every stored cell comes equally often, and every negative of a user, too."""
    R, rng, n_epochs = some_choices(seed), np.random.default_rng([seed, 2]), 40
    epochs = [counted_epoch(bpr_epoch, R, rng)[1:] for _ in range(n_epochs)]
    pairs, negatives = (sum(kind) for kind in zip(*epochs, strict=True))
    sizes, chosen = np.diff(R.indptr), chosen_cells(R)
    assert any((per_epoch > 0).sum(axis=1).max() > 1 for _, per_epoch in epochs), (
        f"In each of {n_epochs} epochs every user met a single negative in all their steps: draw a new one "
        "for each step."
    )
    by_user = np.array([per_epoch.sum(axis=1) for per_epoch, _ in epochs])
    assert (by_user != sizes).any(), (
        f"In each of {n_epochs} epochs every user came exactly as often as they have items: draw the pair "
        "from all pairs, not user by user."
    )
    users_alike = abs(pairs.sum(axis=1)[sizes > 0] - pairs.sum() / np.count_nonzero(sizes))
    assert (users_alike > 5.5 * np.sqrt(pairs.sum() / np.count_nonzero(sizes))).any(), (
        "Users with one item were drawn as often as users with seven: draw pairs, not users."
    )
    never = sorted(set(R.toarray()[chosen & (pairs == 0)].tolist()))
    assert not never, (
        f"In {n_epochs} epochs some pairs never came, with the values {never}: every stored cell is a "
        "positive, whatever its value."
    )
    off_pairs = abs(pairs[chosen] - n_epochs)
    assert (off_pairs < 6 * np.sqrt(n_epochs)).all(), (
        f"In {n_epochs} epochs each pair should come some {n_epochs} times; yours "
        f"{pairs[chosen].min()} to {pairs[chosen].max()}."
    )
    wanted = np.divide(n_epochs * sizes, R.shape[1] - sizes)[:, None] * ~chosen
    assert (abs(negatives - wanted) <= 6 * np.sqrt(wanted) + 6).all(), (
        "Some items are drawn as negatives far more often than others of the same user."
    )


def check_bpr_epoch_mean_loss(bpr_epoch, seed=0):
    """What is returned is the mean of −ln σ(d) over the steps."""
    R = some_choices(seed)
    loss, pairs, _ = counted_epoch(bpr_epoch, R, np.random.default_rng([seed, 3]))
    a = np.linspace(0.5, 1.5, R.shape[0])
    times = pairs.sum(axis=1)
    wanted = times @ np.log1p(np.exp(-a)) / R.nnz
    assert not np.isclose(loss, -(times @ np.log1p(np.exp(a))) / R.nnz), (
        "Yours is the mean of ln σ(−d): it falls, but it is no loss (what does it fall towards?)."
    )
    assert near(loss, wanted, digits=5), (
        f"The mean of −ln σ(d) over the {R.nnz} steps is {wanted:.4f}; yours {loss:.4f}."
    )
    # Who is far off has a loss of as much, and a mean of such losses is one as well.
    d = FAR / 7
    far = csr_array(np.array([[1.0, 0.0], [1.0, 0.0]])), np.ones((2, 1)), np.array([[-d], [0.0]])
    loss = number_of("bpr_epoch (of wrong orders)", bpr_epoch, *far, 1e-30, 0.0, np.random.default_rng(seed))
    assert near(loss, d), f"Each step has d = −{d:.3f}: the mean loss is that; yours {loss:.3f}. {DIGITS}"
    # Two users who are alike, and one negative: d is 0 in the first step, and 1 in the second.
    R, X, Y = csr_array(np.array([[3.0, 0.0], [3.0, 0.0]])), np.ones((2, 1)), np.zeros((2, 1))
    bounded = within_lines("bpr_epoch", NEVER_ACCEPTED, bpr_epoch)
    loss = number_of("bpr_epoch", bounded, R, X, Y, 1.0, 0.0, np.random.default_rng(seed))
    assert not np.isclose(loss, 0.6931, atol=1e-3), (
        "Every step started from the factors of before the epoch: take the steps one after the other, each "
        "on what the one before has left."
    )
    assert np.isclose(loss, 0.5032, atol=1e-3), (
        "Two steps at η = 1, λ = 0, one after the other, have the losses ln 2 and, as d is 1 by then, "
        f"less: their mean is returned; yours {loss:.4f}."
    )


def check_bpr_epoch_randomness(bpr_epoch, seed=0):
    """What is drawn comes from ``rng`` and from nothing else, in whatever order a row has its columns."""
    R = some_choices(seed, in_order=False)
    first, again, other = (
        counted_epoch(bpr_epoch, R, np.random.default_rng([seed, number])) for number in (4, 4, 5)
    )
    same, differ = (
        all(np.array_equal(a, b) for a, b in zip(first[1:], run[1:], strict=True)) for run in (again, other)
    )
    assert same, "The same rng gave two different epochs: draw from `rng` alone."
    assert not differ, "Another rng gave the same epoch: draw from the `rng` that you are given."


def check_bpr_epoch_full_user(bpr_epoch):
    """A user who has chosen all items has no negative: a ValueError, and no endless loop."""
    R, rng = csr_array(np.array([[1.0, 1.0, 1.0]])), np.random.default_rng(0)
    label = "bpr_epoch (of a user with all items)"
    bounded = within_lines(label, NEVER_ACCEPTED, bpr_epoch)
    refusal_of(label, "there is no negative", bounded, R, np.ones((1, 2)), np.ones((3, 2)), 0.1, 0.1, rng)


def check_bpr_epoch_awkward(bpr_epoch, seed=0):
    """On awkward matrices each step has a stored pair and a free item; the generator is used in its state."""
    many = csr_array((np.add.outer(np.arange(20), np.arange(100)) % 9 < 5) * 1.0)
    for case, R in (rating_matrices(seed) | {"more than a thousand pairs": many}).items():
        if (np.diff(R.indptr) == R.shape[1]).any():
            continue  # who has chosen all items has no negative
        try:
            _, pairs, negatives = counted_epoch(bpr_epoch, R, np.random.default_rng([seed, 6]))
        except AssertionError as failure:
            raise AssertionError(f"R: {case}. {failure}") from failure
        assert pairs.sum() == R.nnz == negatives.sum(), (
            f"bpr_epoch (R: {case}): {R.nnz} stored cells want {R.nnz} steps; yours had {pairs.sum()}."
        )
        known, _ = known_and_values(R)
        assert not (pairs[~known].any() or negatives[known].any()), (
            f"bpr_epoch (R: {case}): positives are stored cells of their user, negatives are not."
        )
    R, advanced = some_choices(seed), np.random.default_rng([seed, 7])
    first = counted_epoch(bpr_epoch, R, np.random.default_rng([seed, 7]))[1:]
    advanced.random(5)
    moved = np.random.default_rng(0)
    moved.bit_generator.state = advanced.bit_generator.state
    second, third = (counted_epoch(bpr_epoch, R, rng)[1:] for rng in (advanced, moved))
    assert not all(map(np.array_equal, first, second)), (
        "A generator that others have drawn from gives the epoch of a fresh one: draw from `rng` as it "
        "stands, not from one made of its seed."
    )
    assert all(map(np.array_equal, second, third)), "Two generators in the same state gave two epochs."


# 6.5 auc


def check_auc_definition(auc, seed=0):
    """Against all pairs, one by one: scores of either sign, some of them equal; positives in any order."""
    rng = np.random.default_rng(seed)
    for n, n_positives, n_levels in [(8, 3, 6), (9, 1, 6), (12, 11, 6), (30, 10, 9), (5, 2, 1)]:
        scores = rng.integers(-n_levels, n_levels, size=n).astype(float) if n_levels > 1 else np.zeros(n)
        positives = rng.permutation(n)[:n_positives] if n_levels > 1 else np.arange(n_positives)
        scores[positives[0]] = scores[np.setdiff1d(np.arange(n), positives)[0]]  # at least one tie
        got = result_of("auc", auc, scores, positives)
        others = [s for code, s in enumerate(scores) if code not in positives]
        pairs = [(scores[i], s) for i in positives for s in others]
        wins, ties = sum(a > b for a, b in pairs), sum(a == b for a, b in pairs)
        story = (
            f"scores {scores.tolist()}, positives {positives.tolist()}, of {len(pairs)} pairs {ties} level: "
        )
        for points, mistake in [(1.0, "as won"), (0.0, "as lost")]:
            assert not np.isclose(got, (wins + points * ties) / len(pairs)), (
                story + f"you counted pairs with equal scores {mistake}; each counts ½."
            )
        wanted = (wins + ties / 2) / len(pairs)
        assert np.isclose(got, wanted), f"{story}wanted {wanted:.4f}, yours {got:.4f}."


def check_auc_seen_items(auc):
    """An item with the score −∞ is in no pair; if no pair is left, there is nothing to measure."""
    out = -np.inf
    for scores, positives, wanted in [
        ([3.0, out, 1.0, 2.0, out, out], [3], 0.5),
        ([out, out, 1.0, 2.0], [2], 0.0),
        ([out, 5.0, 2.0], [0, 2], 0.0),
        ([5.0, 5.0 + 1e-9, 5.0 - 1e-9], [0], 0.5),  # nearly level is not level
        ([5.0, 5.0 - 1e-9, 5.0 - 2e-9], [0], 1.0),
        ([2.0, -9.0, out], [0, 1], None),
        ([out, 1.0], [0], None),
        ([1.0, 2.0], [], None),
        ([1.0, 2.0], [1, 0], None),
    ]:
        label = f"auc (scores {scores}, positives {positives})"
        with np.errstate(all="ignore"):
            got = number_of(label, auc, np.array(scores), positives)
        if wanted is None:
            assert np.isnan(got), f"{label}: no pair is left, wanted nan; yours {got}."
        else:
            assert np.isclose(got, wanted), (
                f"{label}: items of −∞ have been seen and take no part; yours is {got}. (As negatives they "
                "would be beaten by everybody.)"
            )


def check_auc_large(auc):
    """A million items cost a sort, not an array with an entry for every pair, nor a loop over them."""
    hint = "It needs no entry for every pair: sort instead."
    # A loop over 10¹² pairs would not end before the student's patience does.
    few = within_lines("auc (of 20,000 items)", hint, auc, n_lines=2_000_000, how="looks at every pair")
    number_of("auc (of 20,000 items)", few, np.arange(20_000.0), np.arange(0, 20_000, 2))
    scores, name = np.arange(1_000_000.0), "auc (of a million items)"
    got = result_of(name, auc, scores, np.arange(0, 1_000_000, 2), hint=hint)
    assert np.isclose(got, 0.5, atol=1e-5), f"Every other of a million rising scores: wanted ½, yours {got}."


def check_auc_awkward(auc, seed=0):
    """Awkward scores and positives, against all pairs one by one."""
    got = number_of("auc (of 70,000 items)", auc, np.arange(7e4), np.array([69_999, 69_998]))
    assert got == 1, f"The last two of 70,000 rising scores are the positives: wanted 1; yours {got}."
    for case, scores in score_arrays(seed, unseen=True).items():
        asked = [
            (f"auc (scores: {case}; positives: {kind})", (scores, positives))
            for kind, positives in item_lists(len(scores), seed, repeated=False).items()
        ]
        with np.errstate(all="ignore"):
            came = numbers_for(auc, asked)
        for (label, (_, positives)), got in zip(asked, came, strict=True):
            values, takes_part = np.asarray(scores, dtype=float), np.asarray(scores) > -np.inf
            ours = np.isin(np.arange(len(scores)), positives)
            mine, others = values[ours & takes_part], values[~ours & takes_part]
            pairs = (mine[:, None] > others) + 0.5 * (mine[:, None] == others)
            wanted = pairs.mean() if pairs.size else np.nan
            assert np.isclose(got, wanted, equal_nan=True), f"{label}: wanted {wanted:.6g}, yours {got:.6g}."
