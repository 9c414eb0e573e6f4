"""What do the hidden checks of unit 04, matrix factorization in PyTorch, ask of each exercise?"""

from __future__ import annotations

import itertools
import math

import numpy as np
import torch
from scipy.sparse import csr_array

from course_utils.checks.awkward import factor_matrices, known_and_values, rating_matrices
from course_utils.checks.call import number_of, refusal_of, result_of
from course_utils.checks.extremes import FAR, TINY, near
from course_utils.checks.pytorch_mf import (
    TABLES,
    compare_gravity,
    compare_penalty,
    entries_of,
    history_of,
    is_close,
    model_with,
    predicted_by_hand,
    rmse_of,
    sparse_table,
    started_model,
    tensor_of,
    worlds_of,
)


def _float64(rng, *shape):
    return torch.as_tensor(rng.normal(size=shape))


def _tensors(n, k, seed):
    """Awkward factors as tensors, those that PyTorch takes as they are."""
    return {
        case: torch.as_tensor(rows)
        for case, rows in factor_matrices(n, k, seed).items()
        if rows.dtype != np.int64 and rows.flags.writeable and min(rows.strides) > 0
    }


def _far_and_near(n, k, seed):
    """Awkward factors, and some far out on either side."""
    tensors = _tensors(n, k, seed)
    return tensors | {"far out": FAR * tensors["plain"], "tiny": TINY * tensors["plain"]}


def _passes_gradients(name, function, U, V, gradients):
    """Both arguments are learned: the result must know how it depends on each, wholly."""
    for place, which in enumerate(("first", "second")):
        arguments = (U.clone().requires_grad_(place == 0), V.clone().requires_grad_(place == 1))
        got = result_of(name, function, *arguments)
        assert isinstance(got, torch.Tensor) and got.requires_grad, (
            f"{name} returns a number without a gradient with respect to its {which} argument, so nothing "
            "can be learned from it. Compute with tensors throughout: no .item(), .detach(), .data, numpy "
            "or no_grad."
        )
        slope = result_of(f"The gradient of {name}", torch.autograd.grad, got.sum(), arguments[place])[0]
        wanted = gradients[place]
        assert not is_close(slope, wanted / 2), (
            f"The gradient of {name} with respect to its {which} argument is half of what it should be: a "
            "part of the product is detached."
        )
        assert is_close(slope, wanted), (
            f"The gradient of {name} with respect to its {which} argument is wrong: wanted "
            f"{np.asarray(wanted).round(3).tolist()}, yours {np.asarray(slope).round(3).tolist()}. Is a part "
            "of it detached?"
        )


# 4.1 sparse_ratings


def check_sparse_ratings_any_input(sparse_ratings, seed=0):
    """Any order and type of codes and ratings; a rating of 0 is a rating; the inputs stay as they are."""
    rng = np.random.default_rng(seed)
    cells = np.sort(rng.permutation(7 * 9)[:20])
    users, items, ratings = cells // 9, cells % 9, rng.integers(1, 10, 20) / 3
    ratings[3] = 0.0
    order = rng.permutation(20)
    for kind, (u, i, r) in {
        "int32 codes": (users.astype(np.int32), items.astype(np.int32), ratings),
        "float32 ratings": (users, items, ratings.astype(np.float32)),
        "tensors": tuple(map(torch.as_tensor, (users, items, ratings))),
    }.items():
        given = (u[order], i[order], r[order])
        name = f"sparse_ratings (with {kind})"
        indices, values = entries_of(name, sparse_ratings, *given, (7, 9))
        assert len(values) == 20, (
            f"{name}: 20 ratings went in, {len(values)} came out. A rating of 0 is a known rating."
        )
        assert np.array_equal(indices, [users, items]), f"{name}: the ratings stand in the wrong cells."
        assert np.allclose(values, ratings), f"{name}: the ratings have changed cells or values."
    # As a table, a million users by a million items are 4 TB.
    name = "sparse_ratings (of a million users and items)"
    _, values = entries_of(name, sparse_ratings, users, items, ratings, (10**6, 10**6))
    assert np.allclose(values, ratings), f"{name}: the ratings have changed."


def check_sparse_ratings_awkward(sparse_ratings, seed=0):
    """Codes of 32 and 64 bits whose product is beyond them, arrays and tensors, one rating, none."""
    rng = np.random.default_rng([seed, 5])
    for m, n in [(2**30, 2**30), (131_073, 65_536), (300, 256), (1, 9), (9, 1)]:
        cells = rng.permutation(min(m * n, 60))[:7]
        users, items = np.append(cells // n, m - 1), np.append(cells % n, n - 1)
        apart, rest = divmod(2**32 if m > 65_536 else 2**16, n)
        if apart < m:  # in a key u·n + i of 32 or 16 bits these two are one cell
            users, items = np.append(users, [0, apart]), np.append(items, [n - 2, n - 2 + rest])
        # Beyond 2⁵³ a key u·n + i in float64 takes neighbours for one cell.
        users, items = np.append(users, m - 1), np.append(items, max(n - 2, 0))
        pairs = sorted(set(zip(users.tolist(), items.tolist(), strict=True)))
        pairs = [pairs[place] for place in rng.permutation(len(pairs))]
        users, items = np.array(pairs).T
        stars = rng.integers(0, 6, size=len(pairs))
        for kind, given in {
            "arrays of 32 bits": (users.astype(np.int32), items.astype(np.int32), stars.astype(np.float32)),
            "tensors": (torch.as_tensor(users), torch.as_tensor(items), torch.as_tensor(stars / 2)),
            "whole stars": (users, items, stars),
            "numbers far out": (users, items, 2**30 * (stars - 2)),
        }.items():
            label = f"sparse_ratings ({m:,} × {n:,}, {kind})"
            indices, values = entries_of(label, sparse_ratings, *given, (m, n))
            half = {"tensors": 2, "numbers far out": 2**-30}.get(kind, 1)
            given_stars = stars - 2 if kind == "numbers far out" else stars
            wanted = {pair: float(r) / half for pair, r in zip(pairs, given_stars, strict=True)}
            got = dict(zip(zip(*indices.tolist(), strict=True), values.tolist(), strict=True))
            assert got == wanted, f"{label}: wanted {wanted}, yours {got}."


# 4.2 pairwise_dot


def check_pairwise_dot_shapes(pairwise_dot, seed=0):
    """Every number of pairs and of factors: one number a pair, negative ones as well."""
    rng = np.random.default_rng(seed)
    for batch, k in [(6, 4), (3, 3), (1, 4), (5, 1), (1, 1), (0, 2)]:
        U, V = _float64(rng, batch, k), _float64(rng, batch, k)
        got = tensor_of(f"pairwise_dot (of {batch} pairs, k = {k})", pairwise_dot, U, V, shape=(batch,))
        wanted = [float(u @ v) for u, v in zip(U, V, strict=True)]
        assert is_close(got, wanted), f"Of {batch} pairs with k = {k} wanted {wanted}; yours: {got.tolist()}."


def check_pairwise_dot_gradient(pairwise_dot, seed=0):
    """Both sides learn: the gradient of u·v is v for u, and u for v."""
    rng = np.random.default_rng(seed)
    U, V = _float64(rng, 4, 3), _float64(rng, 4, 3)
    _passes_gradients("pairwise_dot", pairwise_dot, U, V, (V, U))


def check_pairwise_dot_awkward(pairwise_dot, seed=0):
    """Awkward factors, single and double precision: the dot product of each pair of rows."""
    rng = np.random.default_rng([seed, 5])
    for case, rows in _far_and_near(5, 3, seed).items():
        others = torch.as_tensor(rng.normal(size=tuple(rows.shape))).to(rows.dtype)
        label = f"pairwise_dot ({case})"
        got = tensor_of(label, pairwise_dot, rows, others, shape=(5,))
        wanted = (rows.double() * others.double()).sum(dim=1)
        assert near(got.detach().numpy(), wanted.numpy(), rows.numpy()), (
            f"{label}: {got.tolist()}, not {wanted.tolist()}. Of float64 the result is float64 throughout."
        )


# 4.3 BiasedMF


def _random_tables(seed, m=6, n=7, k=3):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(m, k)), rng.normal(size=(n, k)), rng.normal(size=m), rng.normal(size=n)


def check_BiasedMF_batches(BiasedMF, seed=0):
    """One prediction a pair, for batches of any size and pairs that repeat; each can be learned from."""
    tables = _random_tables(seed)
    tables[0][4], tables[1][0] = 2.0, 2.0  # their product, 12, is beyond any scale of stars
    tables[0][1], tables[1][3] = 1e4, -1e4  # and this one, −3·10⁸, beyond any bound
    model = model_with(BiasedMF, *tables, mu=3.5)
    several = [(4, 0), (0, 6), (4, 0), (2, 2), (5, 6), (1, 3)]
    for pairs, training in ((several, True), ([(3, 1)], True), (several, False)):
        model.train(training)
        users, items = np.array(pairs).T
        ids = (torch.as_tensor(users), torch.as_tensor(items))
        name = f"The model (for {len(pairs)} pairs{'' if training else ', in evaluation mode'})"
        got = tensor_of(name, model, *ids, shape=(len(pairs),))
        assert is_close(got, predicted_by_hand(tables, 3.5, users, items)), (
            f"{name} predicts {got.tolist()} for {pairs}."
        )
        assert got.dtype == torch.float32, f"{name} should predict in float32; yours: {got.dtype}."
        assert model(*ids).requires_grad, f"{name}: the predictions carry no gradient, so nothing is learned."
    many = torch.arange(200_000)
    large = BiasedMF(200_000, 200_001, 2, 3.0)
    hint = "Look up the rows of the pairs first: a table of every user with every item has 160 GB."
    tensor_of("The model (for 200,000 pairs)", large, many, many + 1, shape=(200_000,), hint=hint)


def check_BiasedMF_every_table_learns(BiasedMF):
    """With any one of the four tables to be learned and the others fixed, predictions carry a gradient."""
    model = model_with(BiasedMF, *_random_tables(0), mu=3.5)
    for name in TABLES:
        model.requires_grad_(False)
        getattr(model, name).requires_grad_(True)
        assert model(torch.tensor([0, 5]), torch.tensor([6, 0])).requires_grad, (
            f"The predictions do not know that they depend on {name}, so it is never learned: is its part "
            "detached, or read from `.weight.data`?"
        )


def check_BiasedMF_generator(BiasedMF, seed=0):
    """The start comes from the generator, and from it alone; without one, from torch's own."""

    def start(*seeds):
        settings = {"generator": torch.Generator().manual_seed(*seeds)} if seeds else {}
        model = result_of("BiasedMF", BiasedMF, 9, 9, 4, 3.5, **settings)
        return [model.state_dict()[f"{name}.weight"].clone() for name in ("user_factors", "item_factors")]

    def same(one, other):
        return any(torch.equal(a, b) for a, b in zip(one, other, strict=True))

    before, first = torch.initial_seed(), start(seed)
    assert all(map(torch.equal, first, start(seed))), (
        "Two models with equal generators start differently: draw both tables of factors from `generator`."
    )
    assert not same(first, start(seed + 1)), (
        "Two models with generators in different states start alike: draw both tables of factors from "
        "`generator`."
    )
    assert not torch.equal(*first), (
        "The users' factors and the items' start with the same numbers: draw the second table after the "
        "first, from the same generator, without seeding it again."
    )
    assert not same(start(), start()), (
        "Without a generator two models start alike: hand `None` on to torch, which then draws from its own. "
        "(A new torch.Generator() has the same seed every time.)"
    )
    assert torch.initial_seed() == before, (
        "The model seeds torch's global generator (`torch.manual_seed`), so that all else that is drawn "
        "repeats: leave that to the caller."
    )


def check_BiasedMF_state_dict_is_whole(BiasedMF, seed=0):
    """A model's saved state in a new model gives the same predictions: μ is part of it."""
    tables = _random_tables(seed)
    saved = model_with(BiasedMF, *tables, mu=3.5)
    restored = result_of("BiasedMF", BiasedMF, 6, 7, 3, 0.0)
    restored.load_state_dict(saved.state_dict())
    users, items = torch.tensor([0, 5, 2]), torch.tensor([6, 0, 3])
    got = tensor_of("A restored model", restored, users, items, shape=(3,))
    wanted = predicted_by_hand(tables, 3.5, users.numpy(), items.numpy())
    assert not is_close(got, wanted - 3.5), (
        "A model saved with μ = 3.5 and loaded into a new one predicts 3.5 stars too little: μ is not in the "
        'state dict. Keep it as a buffer: `self.register_buffer("mu", torch.tensor(…))`.'
    )
    assert is_close(got, wanted), f"A restored model should predict {wanted}; it predicts {got.tolist()}."


def check_BiasedMF_gradients(BiasedMF, seed=0):
    """Every row of the four tables learns as the formula says, that of user 0 and of item 0 as well."""
    model = model_with(BiasedMF, *_random_tables(seed), mu=3.5)
    for name in TABLES:
        table = getattr(model, name)
        for setting, default in {"padding_idx": None, "max_norm": None, "scale_grad_by_freq": False}.items():
            got = getattr(table, setting, default)
            assert got == default, (
                f"{name} has {setting}={got}: with it some rows learn otherwise than others, or not at all "
                "(0 is the code of a user and of an item). Make it torch.nn.Embedding(size, k)."
            )
    users, items = torch.tensor([0, 0, 4, 5]), torch.tensor([0, 6, 0, 6])
    slopes = torch.tensor([1.0, -2.0, 0.5, 3.0])
    tables = [getattr(model, name).weight for name in TABLES]
    tensor_of("The model (for 4 pairs)", model, users, items, shape=(4,))
    predicted = model(users, items)
    assert predicted.requires_grad, "The predictions carry no gradient, so nothing is learned."
    gradients = torch.autograd.grad((predicted * slopes).sum(), tables, allow_unused=True)
    X, Y = (table.detach().numpy() for table in tables[:2])
    u, i, slope = users.numpy(), items.numpy(), slopes.numpy()[:, None]
    for name, table, got, rows, added in zip(
        TABLES, tables, gradients, (u, i, u, i), (slope * Y[i], slope * X[u], slope, slope), strict=True
    ):
        if got is None:
            continue  # the tables are in another process: there, the settings have to tell
        wanted = np.zeros(tuple(table.shape))
        np.add.at(wanted, rows, added)
        assert np.allclose(got.numpy(), wanted, atol=1e-4), (
            f"The gradient with respect to {name} should be {wanted.round(3).tolist()}; yours is "
            f"{got.numpy().round(3).tolist()}."
        )


# 4.4 gravity


def check_gravity_brute_force(gravity, seed=0):
    """Equal to the mean square over all pairs, for any m, n and k; turning the factors changes nothing."""
    rng = np.random.default_rng(seed)
    for m, n, k in [(6, 9, 3), (9, 4, 1), (1, 5, 7), (5, 1, 2)]:
        U, V = _float64(rng, m, k), _float64(rng, n, k)
        compare_gravity(f"gravity (m={m}, n={n}, k={k})", gravity, U, V)


def check_gravity_gradient(gravity, seed=0):
    """Both sides learn: the gradient is 2/(mn) U (VᵀV) for U, and 2/(mn) V (UᵀU) for V."""
    rng = np.random.default_rng(seed)
    U, V = _float64(rng, 4, 2), _float64(rng, 3, 2)
    _passes_gradients("gravity", gravity, U, V, (U @ (V.T @ V) / 6, V @ (U.T @ U) / 6))


def check_gravity_awkward(gravity, seed=0):
    """Awkward factors on either side: the mean square over all pairs, and its gradient, finite at 0 too."""
    rng = np.random.default_rng([seed, 5])
    for case, U in _far_and_near(5, 3, seed).items():
        V = torch.as_tensor(rng.normal(size=(4, U.shape[1]))).to(U.dtype)
        for first, second in ((U, V), (V, U)):
            got = tensor_of(f"gravity ({case})", gravity, first, second, shape=())
            wanted = float((first.double() @ second.double().T).square().mean())
            assert near(float(got), wanted, U.numpy()), (
                f"gravity ({case}): {float(got)}, not {wanted}. Compute in the type of U and V."
            )
    U, V = (_tensors(size, 3, seed)["rows of zeros"] for size in (5, 4))
    _passes_gradients("gravity (rows of zeros)", gravity, U, V, (U @ (V.T @ V) / 10, V @ (U.T @ U) / 10))


# 4.5 penalty


def check_penalty_brute_force(penalty, seed=0):
    """The mean squared lengths, for any m, n and k."""
    rng = np.random.default_rng(seed)
    for m, n, k in [(5, 8, 3), (7, 3, 2), (1, 4, 6)]:
        U, V = _float64(rng, m, k), _float64(rng, n, k)
        compare_penalty(f"penalty (m={m}, n={n}, k={k})", penalty, U, V)


def check_penalty_memory(penalty):
    """Four hundred thousand rows cost as many lengths, not a table of all their products (640 GB)."""
    U = torch.full((400_000, 1), 0.5)
    hint = "Only each row's own square is needed."
    got = tensor_of("penalty (of 400,000 rows)", penalty, U, U, shape=(), hint=hint)
    assert is_close(got, 0.5, 1e-2), (
        f"All squared lengths are 0.25: the penalty is the sum of two means; yours: {float(got)}."
    )


def check_penalty_gradient(penalty, seed=0):
    """Both sides learn: the gradient is 2U/m for U, and 2V/n for V."""
    rng = np.random.default_rng(seed)
    U, V = _float64(rng, 4, 2), _float64(rng, 3, 2)
    _passes_gradients("penalty", penalty, U, V, (2 * U / 4, 2 * V / 3))


def check_penalty_awkward(penalty, seed=0):
    """Awkward factors on either side: the mean squared lengths, and their gradient, finite at 0 too."""
    rng = np.random.default_rng([seed, 5])
    for case, U in _far_and_near(5, 3, seed).items():
        V = torch.as_tensor(rng.normal(size=(4, U.shape[1]))).to(U.dtype)
        for first, second in ((U, V), (V, U)):
            got = tensor_of(f"penalty ({case})", penalty, first, second, shape=())
            wanted = sum(float(each.double().square().sum(dim=1).mean()) for each in (first, second))
            assert near(float(got), wanted, U.numpy()), (
                f"penalty ({case}): {float(got)}, not {wanted}. Compute in the type of U and V."
            )
    U, V = (_tensors(size, 3, seed)["rows of zeros"] for size in (5, 4))
    _passes_gradients("penalty (rows of zeros)", penalty, U, V, (2 * U / 5, V / 2))


# 4.6 fit


def _split(seed, m=6, n=7, n_train=20, n_valid=8):
    """Random ratings, train and valid; neither user m−1 nor item n−1 has any."""
    rng = np.random.default_rng(seed)
    cells = rng.permutation((m - 1) * (n - 1))[: n_train + n_valid]
    users, items, stars = cells // (n - 1), cells % (n - 1), rng.integers(1, 11, len(cells)) / 2
    parts = (slice(n_train), slice(n_train, None))
    return tuple(sparse_table(users[part], items[part], stars[part], (m, n)) for part in parts)


def _weights(model):
    return {name: model.state_dict()[f"{name}.weight"].numpy().copy() for name in TABLES}


def _step_gradients(weights, mu, users, items, ratings, gravity_weight, penalty_weight):
    """Gradient of the objective of one batch, by hand."""
    X, Y, b_user, b_item = (weights[name] for name in TABLES)
    predicted = predicted_by_hand((X, Y, b_user[:, 0], b_item[:, 0]), mu, users, items)
    slope = 2 * (predicted - ratings)[:, None] / len(ratings)
    gradients = {name: np.zeros_like(table) for name, table in weights.items()}
    np.add.at(gradients["user_factors"], users, slope * Y[items])
    np.add.at(gradients["item_factors"], items, slope * X[users])
    np.add.at(gradients["user_bias"], users, slope)
    np.add.at(gradients["item_bias"], items, slope)
    pull = 2 * gravity_weight / (len(X) * len(Y))
    gradients["user_factors"] += pull * X @ (Y.T @ Y) + 2 * penalty_weight * X / len(X)
    gradients["item_factors"] += pull * Y @ (X.T @ X) + 2 * penalty_weight * Y / len(Y)
    return gradients


def _by_hand(weights, known, batches, lr, weight_decay=0.0, gravity_weight=0.0, penalty_weight=0.0):
    """AdamW in NumPy, a step for each batch of positions in `known`."""
    (users, items), ratings = known.indices().numpy(), known.values().numpy().astype(np.float64)
    weights = {name: table.astype(np.float64) for name, table in weights.items()}
    mean, square = ({name: np.zeros_like(table) for name, table in weights.items()} for _ in range(2))
    for step, batch in enumerate(batches, 1):
        gradients = _step_gradients(
            weights, 3.0, users[batch], items[batch], ratings[batch], gravity_weight, penalty_weight
        )
        for name, gradient in gradients.items():
            mean[name] = 0.9 * mean[name] + 0.1 * gradient
            square[name] = 0.999 * square[name] + 0.001 * gradient**2
            corrected = np.sqrt(square[name] / (1 - 0.999**step)) + 1e-8
            weights[name] = (1 - lr * weight_decay) * weights[name]
            weights[name] -= lr * mean[name] / (1 - 0.9**step) / corrected
    return weights


def _same(got, wanted, tolerance=2e-4):
    return all(np.allclose(got[name], wanted[name], rtol=0, atol=tolerance) for name in TABLES)


def check_fit_full_batch(fit, BiasedMF, seed=0):
    """Without batch_size an epoch is one AdamW step on the stated objective, and nothing else decays."""
    train, _ = _split(seed)
    n_epochs, lr = 4, 0.02
    everything = [np.arange(20)] * n_epochs
    for settings in (
        {},
        {"weight_decay": 0.5},
        {"gravity_weight": 0.7},
        {"penalty_weight": 0.4},
        {"penalty_weight": 1e-6},  # who has no rating has gradients about as small as AdamW's ε
        {"weight_decay": 0.3, "gravity_weight": 0.2, "penalty_weight": 0.1},
    ):
        model = started_model(BiasedMF, seed, far=4.0)
        start = _weights(model)
        # Validation on the training ratings: every epoch is better, so the last weights are the best.
        history = history_of(fit, model, train, train, n_epochs, lr, **settings)
        assert all(late[1] < early[1] for early, late in itertools.pairwise(history)), (
            f"The training error should fall in each of the first steps; yours with {settings}: {history}."
        )
        got = _weights(model)
        wanted = _by_hand(start, train, everything, lr, **settings)
        default_decay = _by_hand(start, train, everything, lr, **(settings | {"weight_decay": 0.01}))
        assert _same(got, wanted) or not _same(got, default_decay), (
            "The weights decay although weight_decay is 0: AdamW's own default is 0.01. Pass it on."
        )
        for name in ("weight_decay", "gravity_weight", "penalty_weight"):
            if settings.get(name):
                without = _by_hand(start, train, everything, lr, **(settings | {name: 0.0}))
                assert not _same(got, without), f"With {settings}, {name} has no effect."
        off = {name: float(np.abs(got[name] - wanted[name]).max()) for name in TABLES}
        assert _same(got, wanted), (
            f"After {n_epochs} full-batch epochs with {settings} the weights are not those of AdamW on mean "
            f"squared error + gravity_weight·gravity + penalty_weight·penalty: largest differences {off}. Is "
            "the error a mean (not a sum), are predictions beyond 5 stars left as they are (no clamp), is "
            "zero_grad called, is there one optimizer for all epochs?"
        )
    # Only many steps tell how slowly AdamW's means forget.
    model = started_model(BiasedMF, seed, far=4.0)
    start = _weights(model)
    history_of(fit, model, train, train, 40, lr)
    assert _same(_weights(model), _by_hand(start, train, [np.arange(20)] * 40, lr)), (
        "After 40 full-batch epochs the weights are not those of AdamW with its defaults, β = (0.9, 0.999)."
    )


def check_fit_minibatches(fit, BiasedMF, seed=0):
    """Three ratings in batches of two: the epoch is one of the three ways to split them, step by step."""
    rng = np.random.default_rng(seed)
    train = sparse_table([0, 1, 3], [2, 0, 2], rng.integers(2, 11, 3) / 2, (5, 4))
    settings = {"lr": 0.01, "weight_decay": 0.1, "gravity_weight": 0.05, "penalty_weight": 0.02}
    model = started_model(BiasedMF, seed, 5, 4)
    start = _weights(model)
    history_of(
        fit, model, train, train, 1, **settings, batch_size=2, generator=torch.Generator().manual_seed(seed)
    )
    splits = [[[0, 1], [2]], [[0, 2], [1]], [[1, 2], [0]]]
    got, wanted = _weights(model), [_by_hand(start, train, split, **settings) for split in splits]
    assert any(_same(got, way) for way in wanted), (
        "Three ratings and batch_size=2 make two steps: one on the mean over two ratings, one on the third, "
        "each with the gravity and the penalty of all factors. Your weights are none of the three possible "
        "results."
    )


def check_fit_restores_best(fit, BiasedMF, seed=0):
    """On return the model holds the weights of the best validation epoch, not those of the last."""
    m = n = 3
    users, items = np.divmod(np.arange(9), 3)
    train, valid = (sparse_table(users, items, np.full(9, stars), (m, n)) for stars in (5.0, 4.0))
    start = _weights(started_model(BiasedMF, seed, m, n))
    model = started_model(BiasedMF, seed, m, n)
    assert history_of(fit, model, train, valid, 0, lr=0.1) == [], "Without an epoch the history is empty."
    assert _same(_weights(model), start), "Without an epoch the model should stay as it was."
    history = history_of(fit, model, train, valid, 25, lr=0.03)
    best = min(error for _, error in history)
    got = rmse_of(model, valid)
    assert math.isclose(best, history[-1][1], rel_tol=1e-3) or not math.isclose(
        got, history[-1][1], rel_tol=1e-3
    ), (
        f"The validation error was {best:.3f} at its best and {got:.3f} in the last epoch, and the model "
        "holds the weights of the last. Copy the weights of the best epoch *by value* (the tensors of a "
        "state dict go on changing: copy.deepcopy), choose by the validation error, and load them in the "
        "end."
    )
    small = " An improvement counts, however small." if abs(got - best) < 0.01 else ""
    assert math.isclose(got, best, rel_tol=1e-3), (
        f"The best validation error of the history is {best:.4f}; the model you leave has {got:.4f}.{small}"
    )
    # With large steps the validation error is lowest after some six epochs, and the others are taken, too.
    long = history_of(fit, started_model(BiasedMF, seed, m, n), train, valid, 25, lr=0.1)
    last = _by_hand(start, train, [np.arange(9)] * 25, 0.1)
    tables = (last["user_factors"], last["item_factors"], last["user_bias"][:, 0], last["item_bias"][:, 0])
    wanted = np.sqrt(np.mean((predicted_by_hand(tables, 3.0, users, items) - 5.0) ** 2))
    assert math.isclose(long[-1][0], wanted, rel_tol=1e-2), (
        f"After 25 epochs the training error is {wanted:.4f}; your history ends with {long[-1][0]:.4f}. All "
        "epochs are taken, also where the validation error rises."
    )
    # One rating near 0, which both biases approach by the rate: an epoch makes the error less by twice that.
    one = sparse_table([0], [0], [0.01], (1, 1))
    for lr in (1e-4, 1e-7):
        model = model_with(BiasedMF, np.zeros((1, 2)), np.zeros((1, 2)), np.zeros(1), np.zeros(1), mu=0.0)
        best = min(error for _, error in history_of(fit, model, one, one, 3, lr=lr))
        got = rmse_of(model, one)
        assert math.isclose(got, best, abs_tol=lr / 2), (
            f"The best validation error of the history is {best:.8f}; the model you leave has {got:.8f}. An "
            "improvement counts, however small."
        )
    # The validation error of pairs without training ratings never changes: all epochs are equally good.
    train, valid = sparse_table([0, 1], [0, 1], [5.0, 1.0], (m, n)), sparse_table([2], [2], [4.0], (m, n))
    left = []
    for n_epochs in (1, 3):
        model = started_model(BiasedMF, seed, m, n)
        history_of(fit, model, train, valid, n_epochs, lr=0.1)
        left.append(_weights(model))
    assert _same(*left) and not _same(left[0], start), (
        "Three epochs with the same validation error: the model should be left with the weights of the first "
        "of them. Keep weights only if the error is lower (`<`) than in every epoch before; the start is no "
        "epoch."
    )


def check_fit_every_rating(fit, BiasedMF, seed=0):
    """An epoch sees every rating, the last small batch too; who has no rating in train learns nothing."""
    rng = np.random.default_rng(seed)
    m = 22
    train = sparse_table(np.arange(m - 1), rng.integers(0, 4, m - 1), np.full(m - 1, 5.0), (m, 6))
    valid = sparse_table([m - 1, m - 1], [4, 5], [4.0, 4.5], (m, 6))
    model = started_model(BiasedMF, seed, m, 6)
    before = _weights(model)
    generator = torch.Generator().manual_seed(seed)
    history_of(fit, model, train, valid, 1, 0.1, batch_size=5, generator=generator)
    after = _weights(model)
    moved = [int(u) for u in np.flatnonzero(np.abs(after["user_bias"] - before["user_bias"])[:, 0] > 1e-6)]
    assert m - 1 not in moved, (
        "A user without training ratings has moved: validation is no training data, and nothing decays "
        "unasked."
    )
    missed = sorted(set(range(m - 1)) - set(moved))
    assert not missed, (
        f"21 users with one rating each, in batches of 5: after an epoch the biases of the users {missed} "
        "have not moved. Every rating is in exactly one batch, and the last batch may be smaller."
    )
    for name in ("item_factors", "item_bias"):
        assert np.array_equal(after[name][4:], before[name][4:]), f"{name} of items without a rating moved."


def check_fit_generator(fit, BiasedMF, seed=0):
    """The order of the batches comes from the generator, and from it alone."""
    train, valid = _split(seed)

    def weights_after(generator_seed, batch_size, n_epochs=2):
        model = started_model(BiasedMF, seed)
        generator = None if generator_seed is None else torch.Generator().manual_seed(generator_seed)
        history_of(fit, model, train, train, n_epochs, 0.01, batch_size=batch_size, generator=generator)
        return _weights(model)

    first = weights_after(seed, 3)
    assert _same(first, weights_after(seed, 3), 1e-7), (
        "Two runs with equal generators differ: draw the order of the batches from `generator`."
    )
    assert not _same(first, weights_after(seed + 1, 3), 1e-4), (
        "Generators in different states give the same weights: in every epoch the batches are to be drawn "
        "anew, from `generator`."
    )
    whole = weights_after(seed, None)
    for batch_size in (20, 1000):
        assert _same(whole, weights_after(seed, batch_size), 1e-4), (
            f"20 ratings in a batch of {batch_size} are one full batch; the weights differ from "
            "batch_size=None."
        )
    assert not _same(weights_after(None, 3), weights_after(None, 3), 0), (
        "Two runs without a generator take the ratings in the same order: fit seeds torch's global generator "
        "(`torch.manual_seed`), so that all else that is drawn repeats, too. Leave that to the caller."
    )


def check_fit_memory(fit, BiasedMF):
    """Three ratings of 400,000 users and items cost no table of them all (640 GB)."""
    cells, stars = torch.tensor([[0, 7, 399_999], [399_999, 7, 0]]), torch.tensor([4.0, 2.0, 5.0])
    train = torch.sparse_coo_tensor(cells, stars, (400_000, 400_000), check_invariants=True).coalesce()
    model = result_of("BiasedMF", BiasedMF, 400_000, 400_000, 1, 3.0)
    history = history_of(fit, model, train, train, 1, 0.01, gravity_weight=0.1, penalty_weight=0.1)
    assert math.isfinite(history[0][0]), f"The RMSE over three ratings is a number; yours: {history[0][0]}."


def check_fit_new_order_every_epoch(fit, BiasedMF, seed=0):
    """Twenty ratings in batches of five: in each of three epochs other ratings come together."""
    train, valid = _split(seed)
    model = started_model(BiasedMF, seed)
    forward, batches = model.forward, []

    def noted(users, items):
        if len(users) == 5:  # validation asks for 20 and for 8 at once
            batches.append(frozenset(zip(users.tolist(), items.tolist(), strict=True)))
        return forward(users, items)

    model.forward = noted
    generator = torch.Generator().manual_seed(seed)
    history_of(fit, model, train, valid, 3, 0.01, batch_size=5, generator=generator)
    epochs = [frozenset(batches[start : start + 4]) for start in (0, 4, 8)]
    assert len(batches) != 12 or len(set(epochs)) == 3, (
        "The same batches come in more than one epoch: draw a new order at the start of every epoch "
        "(`torch.randperm` inside the loop), and do not seed the generator again."
    )


def check_fit_validation_leaves_no_trace(fit, BiasedMF):
    """Validation in evaluation mode and without a graph; training in training mode."""
    train, valid = _split(0)
    model = started_model(BiasedMF, 0)
    held_out = set(zip(*valid.indices().tolist(), strict=True))
    calls = []

    def note(module, ids, _):
        asked = set(zip(*(part.tolist() for part in ids), strict=True))
        calls.append((bool(asked & held_out), module.training, torch.is_grad_enabled()))

    hook = model.register_forward_hook(note)
    history_of(fit, model, train, valid, 2, 0.01, batch_size=8)
    hook.remove()
    assert not any(is_valid and with_graph for is_valid, _, with_graph in calls), (
        "The validation error is computed with a graph, which costs memory and time: wrap it in "
        "`with torch.no_grad():`."
    )
    assert not any(is_valid and training for is_valid, training, _ in calls), (
        "The model validates in training mode: call model.eval() before. (This model has no dropout; the "
        "next one may.)"
    )
    assert all(training for _, training, with_graph in calls if with_graph), (
        "A training step ran in evaluation mode: call model.train() at the start of every epoch."
    )


def check_fit_awkward(fit, BiasedMF, seed=0):
    """Steps of very different size are AdamW's all the same, and the smallest improvement counts."""
    # Beyond all stars: errors of very different size in one epoch, two of them of one item. Who clips
    # gradients changes their proportion, and with it AdamW's steps.
    train = sparse_table([0, 1, 3], [2, 0, 2], np.array([FAR, 4.0, FAR / 3]), (5, 4))
    model = started_model(BiasedMF, seed, 5, 4)
    start = _weights(model)
    generator = torch.Generator().manual_seed(seed)
    history_of(fit, model, train, train, 1, lr=0.05, batch_size=1, generator=generator)
    orders = itertools.permutations([[0], [1], [2]])
    assert any(_same(_weights(model), _by_hand(start, train, order, 0.05)) for order in orders), (
        "Three steps on one rating each, of which one is far off, are not those of AdamW with its defaults "
        "in any order: are gradients clipped, or is something scheduled or added?"
    )
    # The first epoch changes much, those that follow next to nothing: the last weights are the best.
    train, lr = sparse_table([0, 1, 3], [2, 0, 2], np.array([5.0, 4.0, 1.0]), (5, 4)), 2e-7
    model = started_model(BiasedMF, seed, 5, 4)
    errors = [error for _, error in history_of(fit, model, train, train, 3, lr)]
    got = rmse_of(model, train)
    # Each epoch is better by some 4e-7; the weights of the first would be off by twice that.
    assert abs(got - min(errors)) < 4e-7, (
        f"The validation errors were {errors}, and the model that you leave has {got:.8f}: it does not hold "
        "the weights of the lowest. An improvement counts, however small it is."
    )


# 4.7 two_worlds


def check_two_worlds_awkward(two_worlds, seed=0):
    """On awkward ratings: every one is there once, a 0 too, in its user's row and in the user's world."""
    for case, R in rating_matrices(seed).items():
        label = f"two_worlds ({case})"
        (known, values), n = known_and_values(R), R.shape[1]
        apart_known, apart_values = known_and_values(worlds_of(label, two_worlds, R))
        assert apart_known.sum() == known.sum(), (
            f"{label}: {known.sum()} ratings went in, {apart_known.sum()} came out. A stored 0 is a rating."
        )
        for user in range(R.shape[0]):
            own = slice(n * (user % 2), n * (user % 2) + n)
            assert np.array_equal(apart_known[user, own], known[user]), (
                f"{label}: the ratings of user {user} stand in columns "
                f"{np.flatnonzero(apart_known[user]).tolist()}; in R, which has {n} columns, in "
                f"{np.flatnonzero(known[user]).tolist()}."
            )
            assert np.array_equal(apart_values[user, own], values[user]), (
                f"{label}: the ratings of user {user} have changed: {values[user].tolist()} became "
                f"{apart_values[user, own].tolist()}."
            )


def check_two_worlds_memory(two_worlds):
    """A table of 400,000 × 500,000 with four ratings, the last user and the last item among them."""
    users, items = np.array([0, 1, 399_998, 399_999]), np.array([499_999, 499_999, 0, 499_999])
    R = csr_array((np.array([1.0, 2.0, 3.0, 4.0]), (users, items)), shape=(400_000, 500_000))
    apart = worlds_of("two_worlds (400,000 × 500,000)", two_worlds, R, hint="Work on the known cells alone.")
    found = apart.tocoo()
    assert sorted(zip(found.data, found.row, found.col, strict=True)) == sorted(
        zip(R.data, users, items + 500_000 * (users % 2), strict=True)
    ), "Of 400,000 × 500,000 cells four are known, and yours are in other places."


# 4.8 share_from_other_world


def _share_by_hand(vectors, world, queries, n):
    """Every neighbour of every query, counted one by one."""
    shares = []
    for query in queries:
        similar = [
            (-float(vectors[row] @ vectors[query]), row) for row in range(len(vectors)) if row != query
        ]
        nearest_rows = [row for _, row in sorted(similar)[:n]]
        shares.append(sum(bool(world[row] != world[query]) for row in nearest_rows) / len(nearest_rows))
    return sum(shares) / len(shares)


def check_share_from_other_world_brute_force(share_from_other_world, seed=0):
    """Equal to counting one by one, for any worlds, queries and n; turning the vectors changes nothing."""
    rng = np.random.default_rng(seed)
    vectors = _float64(rng, 14, 3) * torch.as_tensor(rng.uniform(0.3, 3, size=(14, 1)))
    turned = vectors @ torch.as_tensor(np.linalg.qr(rng.normal(size=(3, 3)))[0])
    worlds = {
        "two worlds": np.repeat([0, 1], 7),
        "worlds of 4 and 10 rows": rng.permutation([3] * 4 + [1] * 10),
        "three worlds": rng.permutation([0] * 5 + [1] * 5 + [2] * 4),
        "one world": np.ones(14, dtype=int),
    }
    for case, world in worlds.items():
        for queries, n in [
            (np.arange(14), 5),
            (np.array([13, 0, 13]), 3),
            ([2, 7], 1),
            (np.array([4]), 30),
            (np.repeat([0, 12], [101, 60]), 3),
        ]:
            label = f"share_from_other_world ({case}, {len(queries)} queries, n = {n})"
            wanted = _share_by_hand(vectors, world, queries, n)
            for rows in (vectors, turned):
                got = number_of(label, share_from_other_world, rows, world, queries, n)
                assert np.isclose(got, wanted), (
                    f"{label}: by counting one by one wanted {wanted:.4f}, yours {got:.4f}. Of 14 rows each "
                    "has 13 neighbours at most, and a query that occurs twice counts twice."
                )


def check_share_from_other_world_block_vectors(share_from_other_world):
    """Worlds in directions of their own have no neighbour in common; no queries are refused."""
    apart, world = torch.eye(2, dtype=torch.float64).repeat_interleave(6, dim=0), np.repeat([0, 1], 6)
    apart *= torch.arange(1, 13, dtype=torch.float64)[:, None]
    got = number_of(
        "share_from_other_world (worlds apart)", share_from_other_world, apart, world, range(12), 5
    )
    assert got == 0, "Two worlds whose vectors are orthogonal have no neighbour in common; yours have."
    why = "a share of no neighbours is no number"
    refusal_of(
        "share_from_other_world", why, share_from_other_world, apart, world, np.array([], dtype=int), 5
    )
