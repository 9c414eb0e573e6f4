"""What do the hidden checks of unit 03, stochastic gradient descent, ask of each exercise?"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from course_utils.checks.awkward import (
    SIZES,
    factor_matrices,
    item_lists,
    layouts,
    rating_matrices,
    score_arrays,
)
from course_utils.checks.call import call, codes_of, number_of, refusal_of, result_of
from course_utils.checks.compare import all_close
from course_utils.checks.extremes import DIGITS, FAR, TINY, far_rows, moved_as_far, near
from course_utils.checks.sgd import copied, epoch_of, is_number, start_of
from course_utils.checks.together import codes_for


def _model(seed):
    """A model with loud biases and factors, so that every term of a formula shows; its sizes vary."""
    rng = np.random.default_rng(seed)
    m, n, k = 5 + seed % 3, 7 + seed % 4, 3 + seed % 2
    return (
        3.2,
        rng.uniform(0.4, 1.0, size=m) * rng.choice([-1, 1], size=m),
        rng.uniform(0.4, 1.0, size=n) * rng.choice([-1, 1], size=n),
        rng.normal(size=(m, k)),
        rng.normal(size=(n, k)),
    )


# 3.1 predict_ratings


def check_predict_ratings_pairs(predict_ratings, seed=0):
    """Every pair gets its own number, whatever its place, its value and how often it is asked for."""
    mu, b_user, b_item, X, Y = model = _model(seed)
    X[4], Y[0] = 2.0, 2.0  # their product, 4k, is beyond any scale of stars
    for pairs in ([(4, 0), (0, 6), (4, 0), (2, 2), (0, 0), (3, 5)], [(1, 6)], []):
        users, items = np.array(pairs, dtype=int).reshape(-1, 2).T
        label = f"predict_ratings (of {len(pairs)} pairs)"
        got = np.asarray(result_of(label, predict_ratings, *copied(model), users, items))
        assert got.shape == (len(pairs),), (
            f"{label} should return shape ({len(pairs)},), one number each; yours has shape {got.shape}."
        )
        wanted = [mu + b_user[u] + b_item[i] + sum(X[u] * Y[i]) for u, i in pairs]
        assert len(pairs) == 1 or not pairs or not np.allclose(got, np.clip(wanted, 0.5, 5)), (
            "The predictions are clipped to the scale: return them as they are (clip afterwards)."
        )
        assert np.allclose(got, wanted, atol=1e-4), (
            f"For the pairs {pairs} wanted {np.round(wanted, 3)}, yours {got}."
        )


def check_predict_ratings_unseen(predict_ratings, seed=0):
    """A code of −1 has no bias and no factors; it is not the last row."""
    mu, b_user, b_item, _, _ = model = _model(seed)
    users, items = np.array([-1, 2, -1]), np.array([3, -1, -1])
    arguments = (*copied(model), users.copy(), items.copy())
    got = np.asarray(result_of("predict_ratings (with codes of −1)", predict_ratings, *arguments))
    assert got.shape == (3,), (
        f"Three pairs, each with a code of −1, want three numbers; yours has shape {got.shape}. Nobody is "
        "left out: who is unseen gets what is left without bias and factors."
    )
    wanted = [mu + b_item[3], mu + b_user[2], mu]
    wrapped = model[0] + b_user[users] + b_item[items] + np.sum(model[3][users] * model[4][items], axis=1)
    assert not np.allclose(got, wrapped), (
        "A code of −1 is an unseen user or item, and NumPy reads X[-1] as the *last* row: its bias and its "
        "factors were used. They should count as 0."
    )
    assert np.allclose(got, wanted), (
        f"Unseen user with item 3, user 2 with an unseen item, both unseen: wanted μ + b_i, μ + b_u and μ, "
        f"{np.round(wanted, 3)}; yours {np.round(got, 3)}."
    )


def check_predict_ratings_awkward(predict_ratings, seed=0):
    """One unseen code among others changes its own number alone; factors and codes of any type."""
    mu, b_user, b_item, _, _ = _model(seed)
    rng = np.random.default_rng([seed, 5])
    pairs = [(4, 6), (-1, 2), (0, 0), (1, -1), (4, 6), (-1, -1), (3, 5)]
    matrices = factor_matrices(5, 3, seed)
    for case, X in (matrices | {"far out": FAR * matrices["plain"]}).items():
        Y = rng.normal(size=(7, X.shape[1]))
        for dtype in (np.int64, np.int32):
            users, items = np.array(pairs, dtype=dtype).T
            given = mu, b_user.copy(), b_item.copy(), X, Y, users, items
            got = np.asarray(result_of(f"predict_ratings (factors: {case})", predict_ratings, *given))
            wanted = [
                mu
                + (b_user[u] if u >= 0 else 0)
                + (b_item[i] if i >= 0 else 0)
                + (X[u].astype(float) @ Y[i] if min(u, i) >= 0 else 0)
                for u, i in pairs
            ]
            assert near(got, wanted, X), (
                f"predict_ratings (factors: {case}): for the pairs {pairs} wanted {wanted}, yours {got}. An "
                f"unseen code counts in its own pair alone. {DIGITS}"
            )


# 3.2 start_model


def check_start_model_randomness(start_model, seed=0):
    """The start comes from ``rng`` and from nothing else."""
    R = csr_array((np.array([4.0]), (np.array([0]), np.array([0]))), shape=(4, 5))
    first, again, other = (
        start_of(start_model, R, 2, np.random.default_rng([seed, draw]))[3:] for draw in (0, 0, 1)
    )
    same = [np.array_equal(a, b) for a, b in zip(first, again, strict=True)]
    assert all(same), "The same rng gave two different starts: draw from `rng` alone, not from np.random."
    differ = [not np.array_equal(a, b) for a, b in zip(first, other, strict=True)]
    assert all(differ), "Another rng gave the same start: draw from the `rng` that you are given."


def check_start_model_awkward(start_model, seed=0):
    """On awkward matrices: the mean of the stored ratings, factors of the right shapes; normal to the end."""
    matrices = rating_matrices(seed)
    far = FAR * matrices["thirds of a star"]
    for case, R in (matrices | {"far out": far, "tiny": TINY / FAR * far}).items():
        for k in (1, 3):
            mu, b_user, b_item, _, _ = start_of(start_model, R, k, np.random.default_rng(seed))
            wanted = float(np.mean(R.data.astype(float)))
            scale = np.abs(R.data.astype(float)).max()
            assert near([mu, scale], [wanted, scale], R.data), (
                f"start_model ({case}): the mean of the ratings is {wanted:.9g}, yours {mu:.9g}. {DIGITS}"
            )
            assert not np.any(b_user) and not np.any(b_item), f"start_model ({case}): the biases start at 0."
    R = csr_array((np.array([4.0]), ([0], [0])), shape=(200, 200))
    starts = [start_of(start_model, R, 100, np.random.default_rng([seed, draw]))[3:] for draw in range(2)]
    # That none of 40,000 normal numbers is beyond 3.5 deviations happens once in 10⁸ times.
    for side in (0, 1):
        most = max(np.abs(start[side]).max() for start in starts)
        assert most > 0.35, (
            f"Of 40,000 normal numbers of deviation 0.1 the largest is beyond 0.35; yours is {most:.3f}: the "
            "start should be normal, and not be cut off."
        )


# 3.3 sgd_step

_STEP_MISTAKES = {
    "up": "the step goes up the gradient: e enters with the wrong sign",
    "new user": "the item moves by the *new* x_u. X[u] is a view, no copy: it changed when X did",
    "new item": "the user moves by the *new* y_i. Y[i] is a view, no copy: it changed when Y did",
    "new biases": "e is computed again after the biases moved: all four gradients share one e",
    "no penalty": "the penalty is missing",
    "penalty up": "the penalty has the wrong sign: it pulls towards 0",
    "penalty doubled": "the penalty counts twice: the gradient of ½λx² is λx",
    "penalty without rate": "η multiplies the error alone: it belongs to the whole gradient, the penalty too",
    "biases unpenalised": "the biases pay no penalty: formula (1) has λ for b_u and b_i too",
    "biases fixed": "the biases did not move",
    "biases in the factors' penalty": "the factors pay the penalty of the biases: each pays its own",
    "doubled": "the step is twice as long: the loss has ½ e², whose derivative has no 2",
    "prediction for error": "r alone stands where e should: the prediction was not subtracted",
}


def _stepped(model, u, i, r, lr, reg, mistake="none"):
    """The model after a step: right, or with a mistake that is known from many notebooks."""
    mu, b_user, b_item, X, Y = model = copied(model)
    b_u, b_i, x, y = b_user[u], b_item[i], X[u].copy(), Y[i].copy()
    e = r - (mu + b_u + b_i + x @ y)
    error = {"up": -e, "doubled": 2 * e, "prediction for error": r}.get(mistake, e)
    penalty = {"no penalty": 0, "penalty up": -reg, "penalty doubled": 2 * reg, "doubled": 2 * reg}.get(
        mistake, reg
    )
    if mistake == "penalty without rate":
        penalty = reg / lr
    penalty_of_biases = 0 if mistake == "biases unpenalised" else penalty
    own = (b_u, b_i) if mistake == "biases in the factors' penalty" else (0, 0)
    if mistake != "biases fixed":
        b_user[u] += lr * (error - penalty_of_biases * b_u)
        b_item[i] += lr * (error - penalty_of_biases * b_i)
    if mistake == "new biases":
        error = r - (mu + b_user[u] + b_item[i] + x @ y)
    new_y = y + lr * (error * x - penalty * y)
    X[u] = x + lr * (error * (new_y if mistake == "new item" else y) - penalty * (x + own[0]))
    Y[i] = y + lr * (error * (X[u] if mistake == "new user" else x) - penalty * (y + own[1]))
    return model


def _name_step_mistake(before, after, u, i, r, lr, reg):
    """Fail with the name of the mistake that leads to this model, if it is a known one."""
    for mistake, sentence in _STEP_MISTAKES.items():
        wrong = _stepped(before, u, i, r, lr, reg, mistake)
        assert not all_close(after, wrong), f"The model moved, but {sentence}."


def check_sgd_step_is_minus_the_gradient(sgd_step, seed=0):
    """At η = 1 every parameter moves by minus its derivative of ℓ (central differences)."""
    rng = np.random.default_rng(seed)
    before, u, i, r, reg = _model(seed), int(rng.integers(5)), int(rng.integers(7)), 1.5, 0.3

    def loss(parameters):
        mu, b_user, b_item, X, Y = parameters
        e = r - (mu + b_user[u] + b_item[i] + X[u] @ Y[i])
        return 0.5 * e**2 + 0.5 * reg * (b_user[u] ** 2 + b_item[i] ** 2 + X[u] @ X[u] + Y[i] @ Y[i])

    after = copied(before)
    result_of("sgd_step", sgd_step, *after, u, i, r, 1.0, reg)
    for part, name in [(1, "b_user"), (2, "b_item"), (3, "X"), (4, "Y")]:
        gradient = np.zeros_like(before[part])
        for cell in np.ndindex(gradient.shape):
            up, down = copied(before), copied(before)
            up[part][cell] += 1e-5
            down[part][cell] -= 1e-5
            gradient[cell] = (loss(up) - loss(down)) / 2e-5
        if not np.allclose(after[part] - before[part], -gradient, atol=1e-6):
            _name_step_mistake(before, after, u, i, r, 1.0, reg)
            row = u if part in (1, 3) else i
            raise AssertionError(
                f"At η = 1, {name}[{row}] should move by minus its gradient, {np.round(-gradient[row], 4)}; "
                f"yours moved by {np.round((after[part] - before[part])[row], 4)}."
            )


def check_sgd_step_learning_rate(sgd_step, seed=0):
    """The whole step, penalty included, is proportional to η."""
    before, reg = _model(seed), 0.3
    after = copied(before)
    result_of("sgd_step", sgd_step, *after, 2, 4, 5.0, 0.05, reg)
    wanted = _stepped(before, 2, 4, 5.0, 0.05, reg)
    if not all_close(after, wanted):
        _name_step_mistake(before, after, 2, 4, 5.0, 0.05, reg)
        raise AssertionError("With η = 0.05 the step should be 0.05 times the one with η = 1; yours is not.")


def check_sgd_step_touches_one_pair(sgd_step, seed=0):
    """A rating of user u and item i moves their two rows and no other, and e is that of before."""
    before = _model(seed)
    for u, i, r in [(0, 0, 2.0), (4, 6, -7.5), (1, 5, 90.0)]:  # not all scales end at 5 stars
        after = copied(before)
        e = result_of("sgd_step", sgd_step, *after, u, i, r, 0.1, 0.2)
        wanted = r - (before[0] + before[1][u] + before[2][i] + before[3][u] @ before[4][i])
        assert is_number(e), f"sgd_step returns one number, not a {type(e).__name__}."
        assert np.isclose(e, wanted), f"The error from before the step is {wanted:.4f}; yours {e:.4f}."
        for part, (name, row) in enumerate(zip(["b_user", "b_item", "X", "Y"], [u, i, u, i], strict=True), 1):
            moved = np.flatnonzero(
                np.reshape(after[part] != before[part], (len(after[part]), -1)).any(axis=1)
            )
            assert moved.tolist() == [row], (
                f"A rating of user {u} and item {i} changes row {row} of {name} only; yours changed {moved}."
            )


def _far_out(seed):
    """A model whose factors go from 1e-8 to 1e8, and whose products do not; and r, η and λ for it."""
    x, y = far_rows(seed)
    model = (
        3.2,
        np.array([0.5, -0.7]),
        np.array([0.2, 0.4, -0.3]),
        np.array([x / 2, x]),
        np.array([y, -y, y / 3]),
    )
    for r, lr, reg in [
        (4.1, 0.05, 1e-7),
        (FAR / 7, 0.05, 0.2),
        (-FAR, TINY, 0.2),
        (TINY, 0.05, FAR),
        (4.1, 30.0, 0.2),
    ]:
        yield model, r, lr, reg


_PARTS = ("b_user", "b_item", "X", "Y")
_WRITTEN = "Write into the arrays that you are given: `reshape`, `ravel` and `astype` may copy."


def _writable_layouts(array):
    """The array itself, and as new arrays of other layouts, to which a step may write."""
    return {"plain": array.copy()} | {
        name: other for name, other in layouts(array).items() if other.flags.writeable
    }


def check_sgd_step_awkward(sgd_step, seed=0):
    """The step is written into arrays of any layout, and is right for rows of zeros and for one factor."""
    rng = np.random.default_rng([seed, 5])
    mu, b_user, b_item, X, Y = _model(seed)
    for case, start in factor_matrices(5, 3, seed).items():
        if start.dtype == np.float64:
            before = mu, b_user, b_item, start.copy(), rng.normal(size=(7, start.shape[1]))
            after = copied(before)
            result_of(f"sgd_step (X: {case})", sgd_step, *after, 4, 0, 4.5, 0.05, 0.2)
            assert all_close(after, _stepped(before, 4, 0, 4.5, 0.05, 0.2)), (
                f"sgd_step (X: {case}): the model after the step is not the one that the formulas give."
            )
    for layout in _writable_layouts(X):
        model = mu, b_user.copy(), b_item.copy(), *(_writable_layouts(each)[layout] for each in (X, Y))
        result_of(f"sgd_step (X and Y {layout})", sgd_step, *model, 0, 6, 4.5, 0.05, 0.2)
        assert all_close(model, _stepped((mu, b_user, b_item, X, Y), 0, 6, 4.5, 0.05, 0.2)), (
            f"sgd_step (X and Y {layout}): the model is not what it should be after the step. {_WRITTEN}"
        )

    for model, r, lr, reg in _far_out(seed):
        after, label = (
            copied(model),
            f"sgd_step (factors from 1e-8 to 1e8, r = {r:g}, η = {lr:g}, λ = {reg:g})",
        )
        e = number_of(label, sgd_step, *after, 1, 2, r, lr, reg)
        wanted = r - (model[0] + model[1][1] + model[2][2] + model[3][1] @ model[4][2])
        assert near(e, wanted), f"{label}: e is {wanted:.12g}; yours {e:.12g}. {DIGITS}"
        moved_as_far(label, _PARTS, after[1:], model[1:], _stepped(model, 1, 2, r, lr, reg)[1:])


# 3.4 minibatch_step


def _summed(model, users, items, ratings, lr, reg, mistake="none"):
    """The model after the sum of the steps of all pairs, each from the old values."""
    total = copied(model)
    for u, i, r in zip(users, items, ratings, strict=True):
        after = _stepped(model, u, i, r, lr, reg, mistake)
        for part in range(1, 5):
            total[part][...] += after[part] - model[part]
    return total


def _name_batch_mistake(before, after, users, items, ratings, lr, reg):
    """Fail with the name of the mistake that leads to this model, if it is a known one."""
    one_by_one = before
    for u, i, r in zip(users, items, ratings, strict=True):
        one_by_one = _stepped(one_by_one, u, i, r, lr, reg)
    last_wins = copied(before)
    penalty_once = _summed(before, users, items, ratings, lr, 0.0)
    summed = _summed(before, users, items, ratings, lr, reg)
    mean_of_each = copied(before)
    for u, i, r in zip(users, items, ratings, strict=True):
        after_one = _stepped(before, u, i, r, lr, reg)
        for part, row in [(1, u), (2, i), (3, u), (4, i)]:
            last_wins[part][row] = after_one[part][row]
    for part, rows in [(1, users), (2, items), (3, users), (4, items)]:
        penalty_once[part][np.unique(rows)] -= lr * reg * before[part][np.unique(rows)]
        for row, times in zip(*np.unique(rows, return_counts=True), strict=True):
            mean_of_each[part][row] += (summed[part][row] - before[part][row]) / times
    for wrong, mistake in [
        (
            last_wins,
            "of a user or an item that occurs twice only the last gradient counts. `A[codes] += …` writes "
            "each row once: np.add.at(A, codes, …) adds them all",
        ),
        (one_by_one, "the pairs were taken one after the other: all gradients are at the old values"),
        (penalty_once, "the penalty is paid once per user and item: it is paid per rating"),
        (
            mean_of_each,
            "a user or an item that occurs several times takes the mean of its steps: add them up",
        ),
        (_summed(before, users, items, ratings, lr / len(users), reg), "the step is the mean over the batch"),
        *(
            (_summed(before, users, items, ratings, lr, reg, mistake), sentence)
            for mistake, sentence in _STEP_MISTAKES.items()
        ),
    ]:
        assert not all_close(after, wrong), f"The model moved, but {mistake}."


def check_minibatch_step_repeats(minibatch_step, seed=0):
    """A user, an item and a whole pair that occur more than once move by the sum of their gradients."""
    rng = np.random.default_rng(seed)
    before = _model(seed)
    users, items = np.array([0, 2, 0, 4, 0, 2]), np.array([6, 1, 6, 6, 0, 1])
    ratings, after = rng.integers(1, 6, size=6) + rng.uniform(size=6), copied(before)
    call("minibatch_step", minibatch_step, *after, users, items, ratings, 0.1, 0.3)
    wanted = _summed(before, users, items, ratings, 0.1, 0.3)
    for name, got, value in zip(["b_user", "b_item", "X", "Y"], after[1:], wanted[1:], strict=True):
        if not np.allclose(got, value):
            _name_batch_mistake(before, after, users, items, ratings, 0.1, 0.3)
            row = int(np.argmax(np.reshape(np.abs(got - value), (len(got), -1)).max(axis=1)))
            raise AssertionError(
                f"{name}[{row}] should become {np.round(value[row], 4)}; yours is {np.round(got[row], 4)}."
            )


def check_minibatch_step_order(minibatch_step, seed=0):
    """In which order a batch lists its ratings does not matter."""
    rng = np.random.default_rng(seed)
    users, items = rng.integers(5, size=12), rng.integers(7, size=12)
    ratings, results = rng.uniform(1, 5, size=12), []
    for order in (np.arange(12), np.arange(12)[::-1]):
        model = _model(seed)
        call("minibatch_step", minibatch_step, *model, users[order], items[order], ratings[order], 0.2, 0.1)
        results.append(model)
    assert all_close(*results), (
        "A batch and the same batch in reverse gave different models: a sum does not know its order. Compute "
        "all gradients before anything moves, and add up those of a repeated row."
    )


def check_minibatch_step_awkward(minibatch_step, seed=0):
    """The step is written into arrays of any layout; any batch, of one pair, of none, of repeated ones."""
    for model, r, lr, reg in _far_out(seed):
        after, label = copied(model), f"minibatch_step (factors from 1e-8 to 1e8, r = {r:g}, λ = {reg:g})"
        pairs = np.array([1, 0]), np.array([2, 0]), np.array([r, r])
        call(label, minibatch_step, *after, *pairs, lr, reg)
        moved_as_far(label, _PARTS, after[1:], model[1:], _summed(model, *pairs, lr, reg)[1:])
    mu, b_user, b_item, X, Y = _model(seed)
    rng = np.random.default_rng([seed, 5])
    for name, pairs in [
        ("one pair", [(4, 6)]),
        ("one pair three times", [(2, 3)] * 3),
        ("no pair", []),
        ("300 pairs", list(zip(rng.integers(5, size=300), rng.integers(7, size=300), strict=True))),
    ]:
        users, items = np.array(pairs, dtype=np.int32).reshape(-1, 2).T
        stars = rng.integers(1, 6, size=len(pairs))
        for layout in _writable_layouts(X):
            model = mu, b_user.copy(), b_item.copy(), *(_writable_layouts(each)[layout] for each in (X, Y))
            label = f"minibatch_step ({name}, X and Y {layout})"
            call(label, minibatch_step, *model, users, items, stars.astype(float), 0.001, 0.2)
            wanted = _summed((mu, b_user, b_item, X, Y), users, items, stars, 0.001, 0.2)
            assert all_close(model, wanted), (
                f"{label}: the model is not what it should be after the step. {_WRITTEN}"
            )
    # 20,001 ratings of one pair: as many equal steps from the old values.
    model, many, lr = _model(seed), np.full(20_001, 2), 1 / 8_192
    after = copied(model)
    call("minibatch_step (of 20,001 ratings)", minibatch_step, *after, many, many, many * 2.0, lr, 0.2)
    one = _stepped(model, 2, 2, 4.0, lr, 0.2)
    wanted = [old + 20_001 * (new - old) for old, new in zip(model[1:], one[1:], strict=True)]
    assert all(near(got, right, digits=7) for got, right in zip(after[1:], wanted, strict=True)), (
        "A batch of 20,001 ratings is a sum of as many gradients, and no mean."
    )
    # Codes of 16 bits end at 32,767, and 69,999 would be 4,463.
    model = 3.0, np.zeros(70_000), np.zeros(2), np.ones((70_000, 1)), np.ones((2, 1))
    call(
        "minibatch_step (of 70,000 users)",
        minibatch_step,
        *model,
        np.array([69_999]),
        np.array([1]),
        np.array([5.0]),
        0.1,
        0.0,
    )
    moved = np.flatnonzero(model[1]).tolist()
    assert moved == [69_999], f"Of 70,000 users number 69,999 has rated, and moves; yours moved {moved}."


# 3.5 best_epoch


def check_best_epoch_cases(best_epoch):
    """Falling, rising, level, short: what counts is the lowest, and how many in a row did not improve."""
    for losses, patience, wanted, why in [
        ([3.0], 1, 0, "one epoch is the best of one"),
        ([5.0, 4.0, 3.0, 2.0], 1, 3, "the loss still falls at the end: the last epoch is the best"),
        ([2.0, 3.0, 4.0, 1.0], 2, 0, "two epochs in a row are worse than epoch 0: nobody sees the last"),
        ([2.0, 3.0, 4.0, 1.0], 3, 3, "two epochs without improvement do not exhaust a patience of 3"),
        ([2.0, 2.0, 2.0, 1.0], 2, 0, "an equal loss is no improvement"),
        ([2.0, 2.0, 1.0, 1.0], 2, 2, "of equal losses the first is the best"),
        ([5.0, 6.0, 4.0, 6.0, 3.0], 2, 4, "each improvement sets the count back to 0"),
        ([1.0, 3.0, 2.0, 1.5, 0.5], 3, 0, "better than the epoch before is not better than the best"),
        ([-1.0, -3.0, -2.0], 5, 1, "losses may be negative"),
        ([1.0, 0.99999, 0.99998, 0.99997], 2, 3, "an improvement counts, however small"),
        ([1.0, 1 - 1e-7, 1 - 2e-7], 2, 2, "an improvement counts, however small"),
        ([1.0, 1 - 1e-13, 1 - 2e-13], 2, 2, "an improvement counts, however small"),
        ([4e6, 3e6, 5e6], 3, 1, "losses may be large"),
        (
            [3.0] + [4.0] * 20_001 + [2.0],
            30_000,
            20_002,
            "the last epoch is the best one, after 20,001 worse ones",
        ),
    ]:
        got = epoch_of(best_epoch, losses, patience)
        assert got == wanted, f"losses {losses}, patience {patience}: yours is {got}, but {why}."


def check_best_epoch_definition(best_epoch, seed=0):
    """On random losses it is the lowest before the first ``patience`` epochs in a row above it."""
    rng = np.random.default_rng(seed)
    for _ in range(40):
        losses, patience = (
            rng.integers(0, 30, size=rng.integers(1, 15)).astype(float),
            int(rng.integers(1, 6)),
        )
        ends = [t for t in range(len(losses)) if t - int(np.argmin(losses[: t + 1])) == patience]
        wanted = int(np.argmin(losses[: ends[0] + 1 if ends else len(losses)]))
        got = epoch_of(best_epoch, losses, patience)
        assert got == wanted, f"losses {losses.tolist()}, patience {patience}: wanted {wanted}, yours {got}."


def check_best_epoch_awkward(best_epoch, seed=0):
    """An improvement counts however small it is; losses of any size and type."""
    for case, losses in score_arrays(seed).items():
        for patience in (1, 2, 5, 2_000):
            best = 0
            for epoch, loss in enumerate(losses):
                if loss < losses[best]:
                    best = epoch
                elif epoch - best >= patience:
                    break
            got = result_of(f"best_epoch ({case}, patience {patience})", best_epoch, losses, patience)
            assert got == best, (
                f"best_epoch ({case}, patience {patience}): of {np.asarray(losses)[:9].tolist()} the "
                f"best is that of epoch {best}; yours {got}."
            )


# 3.6 recommend


def check_recommend_negative_scores(recommend):
    """A score is an order, not a value: seen items stay out though all scores are negative."""
    scores = np.array([-5.0, -0.5, -1e6, -2.0])
    got = codes_of("recommend", recommend, scores, [3, 1], 2)
    assert 1 not in got and 3 not in got, (
        f"scores {scores.tolist()}, seen [3, 1]: yours {got} has a seen item. A seen item that gets a score "
        "of 0 beats every negative one, and one of −1000 beats −1,000,000: its score is −∞."
    )
    assert got == [0, 2], f"scores {scores.tolist()}, seen [3, 1]: by descending score, yours {got}."


def check_recommend_ties_and_ends(recommend, seed=0):
    """Against brute force: equal scores, nothing seen, everything seen, more wanted than there is."""
    rng = np.random.default_rng(seed)
    scores, seen = 3.5 + 1e-9 * rng.permutation(12), np.array([7, 2])
    got = codes_of("recommend (scores 1e-9 apart)", recommend, scores, seen, 4)
    wanted = [code for code in np.argsort(-scores).tolist() if code not in (2, 7)][:4]
    assert got == wanted, (
        f"Scores that differ by 1e-9 are not equal: wanted {wanted}, yours {got}. (Keep them in float64, "
        "and do not round.)"
    )
    for n_seen, n, kind in [
        (0, 4, "array"),
        (0, 4, "list"),
        (3, 5, "array"),
        (3, 12, "list"),
        (8, 2, "array"),
        (10, 3, "array"),
    ]:
        scores = rng.integers(-2, 3, size=10).astype(float)
        known = rng.permutation(10)[:n_seen].tolist()
        seen = list(known) if kind == "list" else np.array(known, dtype=int)
        label = f"recommend (seen: {'an' if kind == 'array' else 'a'} {kind} of {n_seen})"
        got = codes_of(label, recommend, scores, seen, n)
        unseen = [code for code in range(10) if code not in known]
        wanted = sorted(unseen, key=lambda code: (-scores[code], code))[:n]  # noqa: B023
        story = f"scores {scores.tolist()}, seen {known}, n = {n}"
        assert len(got) == len(wanted), (
            f"{story}: {len(unseen)} items are unseen, wanted {len(wanted)} of them; yours {got}."
        )
        assert [scores[c] for c in got] != [scores[c] for c in wanted] or got == wanted, (
            f"{story}: of equal scores the smaller code comes first, wanted {wanted}; yours {got}. (argsort "
            'needs kind="stable", and reversing its result reverses the ties.)'
        )
        assert got == wanted, f"{story}: wanted {wanted}, yours {got}."


def check_recommend_awkward(recommend, seed=0):
    """Awkward scores, lists of seen items and lengths of the answer, against a sort by hand."""
    for case, scores in score_arrays(seed).items():
        n_items = len(scores)
        asked = [
            (f"recommend (scores: {case}; seen: {kind}; n = {n})", (scores, seen, n))
            for kind, seen in item_lists(n_items, seed).items()
            for n in (0, 1, 3, n_items + 1)
        ]
        for (label, (_, seen, n)), got in zip(asked, codes_for(recommend, asked), strict=True):
            known = {int(item) for item in seen}
            wanted = sorted(set(range(n_items)) - known, key=lambda item: (-float(scores[item]), item))[:n]
            assert got == wanted, f"{label}: wanted {wanted[:12]}, yours {got[:12]}."
    for size in SIZES:
        scores = -np.arange(float(size))[::-1]
        got = codes_of(f"recommend (of {size:,} items)", recommend, scores, np.array([size - 1]), 2)
        assert got == [size - 2, size - 3], f"Of {size:,} rising scores, the last seen: {got}."


# 3.7 most_similar


def check_most_similar_is_cosine(most_similar, seed=0):
    """On random factors the cosines of what is returned are the highest there are, in descending order."""
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(30, 3)) * rng.uniform(0.2, 5.0, size=(30, 1))
    # Opposite to item 4; across but long; the same way but short; and near by, at an angle.
    factors[4:9] = [[1.0, 1.0, 0], [-2.0, -2.0, 0], [90.0, -60.0, 0], [0.02, 0.021, 0], [1.2, 0.7, 0]]
    got = codes_of("most_similar", most_similar, factors, 4, 6)
    assert len(got) == 6 == len(set(got)) and 4 not in got, f"Wanted 6 other items, yours {got}."
    lengths = np.linalg.norm(factors, axis=1)
    others = np.setdiff1d(np.arange(30), [4])
    for measure, mistake in [
        (factors @ factors[4], "the dot product: it prefers long vectors. Divide by both norms"),
        (
            -np.linalg.norm(factors - factors[4], axis=1),
            "the distance: a short vector is far from a long one",
        ),
        (np.abs(factors @ factors[4]) / lengths, "the cosine without its sign: opposite is not similar"),
    ]:
        wrong = others[np.argsort(-measure[others], kind="stable")][:6]
        assert got != wrong.tolist(), f"Yours is the order by {mistake}."
    cosines = factors @ factors[4] / (lengths * lengths[4])
    wanted = others[np.argsort(-cosines[others])][:6]
    assert np.allclose(cosines[got], cosines[wanted]), (
        f"Wanted the cosines {cosines[wanted].round(3)}, yours have {cosines[got].round(3)}."
    )


def check_most_similar_ties_and_zeros(most_similar):
    """Twins of the item, rows without direction, equal cosines: a fixed order, and no nan."""
    factors = np.array([[0.0, 0], [0, 2], [0, 4], [3, 0], [0, 2], [-1, 0], [0, 0], [0, -8]])
    for index, n, wanted, why in [
        (4, 2, [1, 2], "item 1 is the twin of item 4, not item 4: leave out the code, not the first place"),
        (2, 2, [1, 4], "items 1 and 4 point the same way: the smaller code comes first"),
        (3, 20, [1, 2, 4, 7, 5, 0, 6], "rows of norm 0 come last, even after the opposite direction"),
        (
            6,
            20,
            [1, 2, 3, 4, 5, 7, 0],
            "item 6 has norm 0: all with a direction are alike to it; rows of norm 0 come last also then",
        ),
    ]:
        got = codes_of("most_similar", most_similar, factors.copy(), index, n)
        if n == 2 and sorted(got) == wanted:
            why = (
                'of equal cosines the smaller code comes first: argsort with kind="stable", not reversed, '
                "and no ε in the denominator, which makes equal cosines unequal"
            )
        assert got == wanted, f"Neighbours of item {index}: yours are {got}, but {why}."


def check_most_similar_refuses_unknown(most_similar):
    """−1, which unit 1 gives to an unknown id, is not the last row; neither is a code beyond the end."""
    factors = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    for index in (-1, 3):
        why = f"item {index} of 3 is unknown, and NumPy reads −1 as the last row"
        refusal_of(f"most_similar (of item {index})", why, most_similar, factors, index, 1)
    got = codes_of("most_similar (of the last item)", most_similar, factors, 2, 1)
    assert got == [0], f"Item 2 of 3 is the last one, and known; yours {got}."


def check_most_similar_awkward(most_similar, seed=0):
    """Awkward factors: the order is that of the cosines, however short or long the rows are."""
    rng = np.random.default_rng([seed, 5])
    matrices = factor_matrices(7, 3, seed)
    directions = rng.normal(size=(8, 3))
    matrices["lengths from 1e-12 to 1e3"] = directions * np.logspace(-12, 3, 8)[:, None]
    matrices["lengths from 1e3 to 1e-12"] = directions * np.logspace(3, -12, 8)[:, None]
    angles = np.array([0.0, 0.1, 0.12, -0.11, 0.3, 2.0, 0.5])
    lengths = np.array([1.0, 1e-6, 1.0, 1e-3, 1e-6, 2.0, 1e3])
    matrices["short rows at small angles"] = lengths[:, None] * np.column_stack(
        [np.cos(angles), np.sin(angles)]
    )
    del matrices["nearly equal rows"]
    for case, factors in matrices.items():
        rows = factors.astype(float)
        lengths = np.sqrt((rows**2).sum(axis=1))
        for index in (0, 3, len(rows) - 1):
            own = rows[index] / (lengths[index] or 1)
            cosines = [
                row @ own / length if length else -np.inf for row, length in zip(rows, lengths, strict=True)
            ]
            got = codes_of(f"most_similar ({case}, item {index})", most_similar, factors, index, 99)
            assert sorted([*got, index]) == list(range(len(rows))), (
                f"most_similar ({case}, item {index}): all others once, the item itself not; yours {got}."
            )
            values = [cosines[item] for item in got]
            near = 1e-5 if factors.dtype == np.float32 else 1e-9
            falls = all(a >= b - near for a, b in zip(values, values[1:], strict=False))
            assert falls, (
                f"most_similar ({case}, item {index}): yours are {got}, whose cosines do not fall: "
                f"{np.round(values, 4).tolist()}. Divide by the norms themselves, with nothing added."
            )
