"""What do the visible checks of unit 04, matrix factorization in PyTorch, ask of each exercise?"""

from __future__ import annotations

import math

import numpy as np
import torch
from scipy.sparse import csr_array, issparse

from course_utils.checks.call import number_of, parts_of, refusal_of, result_of
from course_utils.checks.lines import within_lines
from course_utils.checks.visible import visible


def tensor_of(name, function, *arguments, shape, hint=""):
    """A returned tensor, checked for its shape and for missing numbers."""
    advice = (
        "A batch of one stays a batch of one (mind `squeeze()`); pairs are multiplied row by row (no `@`)."
        if shape
        else "It should be one number: did you forget to sum?"
    )
    got = result_of(name, function, *arguments, hint=hint)
    assert isinstance(got, torch.Tensor), f"{name} should return a tensor; yours is a {type(got).__name__}."
    assert tuple(got.shape) == shape, (
        f"{name} should return shape {shape}; yours has shape {tuple(got.shape)}. {advice}"
    )
    assert torch.isfinite(got).all(), f"{name} returned nan or inf."
    return got.detach()


def is_close(got, wanted, tolerance=1e-4):
    """Whether a tensor holds the wanted numbers."""
    return np.allclose(np.asarray(got.detach()), wanted, rtol=tolerance, atol=tolerance)


# 4.1 sparse_ratings


def entries_of(name, function, users, items, ratings, shape):
    """Cells and values of a returned sparse tensor, checked for its form."""
    try:
        got = result_of(name, function, users, items, ratings, shape)
    except AssertionError as failure:
        assert "sparse_dim" not in str(failure), (
            f"{name}: the indices have a row for each rating, as TensorFlow wants them. PyTorch wants a 2 × "
            "nnz tensor: all users in its first row, all items in its second."
        )
        raise
    assert isinstance(got, torch.Tensor) and got.layout == torch.sparse_coo, (
        f"{name} should return a sparse COO tensor; yours is a "
        f"{got.layout if isinstance(got, torch.Tensor) else type(got).__name__}."
    )
    assert tuple(got.shape) == tuple(shape), (
        f"{name} should have shape {tuple(shape)}, as asked for; yours has {tuple(got.shape)}. The last "
        "users or items may have no rating, so the shape cannot be guessed from the codes."
    )
    assert not got.requires_grad, f"{name} asks for a gradient: ratings are given, not learned."
    assert got.is_coalesced(), f"{name} should be coalesced: call .coalesce() on it."
    assert got.dtype == torch.float32, f"{name} should hold float32 values; yours are {got.dtype}."
    return got.indices().numpy(), got.values().numpy()


@visible
def check_sparse_ratings_by_hand(sparse_ratings):
    """Three ratings in a table of four people and five films."""
    users, items, ratings = np.array([2, 0, 1]), np.array([1, 3, 0]), np.array([2.5, 4.0, 5.0])
    indices, values = entries_of("sparse_ratings", sparse_ratings, users, items, ratings, (4, 5))
    assert np.array_equal(indices, [[0, 1, 2], [3, 0, 1]]), (
        f"The ratings stand in the cells (0, 3), (1, 0), (2, 1); yours in {indices.T.tolist()}."
    )
    assert np.allclose(values, [4, 5, 2.5]), f"In these cells wanted 4, 5, 2.5; yours: {values}."


@visible
def check_sparse_ratings_duplicates(sparse_ratings):
    """A pair that occurs twice is refused; pairs that merely look alike are not."""
    # Of these, some share a user with (17, 23), an item, the sum of both, or 30·user + item.
    users, items = np.array([[17, 23], [23, 17], [17, 5], [3, 23], [16, 53], [8, 41]]).T
    stars, shape = np.full(7, 4.0), (30, 60)
    entries_of("sparse_ratings (without duplicates)", sparse_ratings, users, items, stars[:6], shape)
    # A user's last item is the next one's first; the last user and the last item are there.
    name = "sparse_ratings (of the cells (0, 2), (1, 2), (1, 3), (2, 3))"
    entries_of(name, sparse_ratings, np.array([0, 1, 1, 2]), np.array([2, 2, 3, 3]), np.ones(4), (3, 4))
    for extra, again in (((17, 23), 4.0), ((17, 23), 5.0), ((8, 41), 5.0)):
        stars[6] = again
        doubled = np.append(users, extra[0]), np.append(items, extra[1]), stars.copy(), shape
        why = (
            f"the pair {extra} occurs twice, and `coalesce` adds its ratings up: 4 + {again:g} = "
            f"{4 + again:g} stars that nobody gave"
        )
        said = refusal_of("sparse_ratings", why, sparse_ratings, *doubled)
        assert all(str(code) in said for code in extra), (
            f"The ValueError for the duplicate pair {extra} should name it; yours says {said!r}."
        )


# 4.2 pairwise_dot


@visible
def check_pairwise_dot_by_hand(pairwise_dot):
    """Two pairs that can be worked out on paper."""
    U, V = torch.tensor([[1.0, 2.0, 0.0], [0.5, 0.0, -1.0]]), torch.tensor([[3.0, 1.0, 7.0], [2.0, 5.0, 4.0]])
    got = tensor_of("pairwise_dot (of 2 pairs)", pairwise_dot, U, V, shape=(2,))
    assert is_close(got, [5, -3]), f"1·3 + 2·1 + 0·7 = 5 and 0.5·2 + 0·5 − 1·4 = −3; yours: {got.tolist()}."
    got = tensor_of("pairwise_dot (of 1 pair)", pairwise_dot, U[:1], V[:1], shape=(1,))
    assert is_close(got, [5]), f"1·3 + 2·1 + 0·7 = 5; yours: {got.tolist()}."


@visible
def check_pairwise_dot_memory(pairwise_dot):
    """Four hundred thousand pairs cost as many numbers, not their square (640 GB)."""
    U = torch.ones(400_000, 2)
    hint = "Multiply row by row: only the asked pairs are needed."
    got = tensor_of("pairwise_dot (of 400,000 pairs)", pairwise_dot, U, U, shape=(400_000,), hint=hint)
    assert is_close(got, 2.0), "400,000 pairs of rows (1, 1): every product is 2."


# 4.3 BiasedMF

TABLES = ("user_factors", "item_factors", "user_bias", "item_bias")


def model_with(BiasedMF, X, Y, b_user, b_item, mu):
    """A model with the given numbers in its four tables, put there through its state dict."""
    sizes = (len(X), len(Y), X.shape[1])
    model = result_of("BiasedMF", BiasedMF, *sizes, mu)
    numbers = dict(zip(TABLES, (X, Y, b_user.reshape(-1, 1), b_item.reshape(-1, 1)), strict=True))
    state = dict(model.state_dict())
    for name, table in numbers.items():
        key = f"{name}.weight"
        assert key in state, (
            f"The model should have the embedding {name} (`self.{name} = torch.nn.Embedding(…)`)."
        )
        assert tuple(state[key].shape) == table.shape, (
            f"{name} should hold a table of shape {table.shape}; yours: {tuple(state[key].shape)}."
        )
        state[key] = torch.as_tensor(np.asarray(table), dtype=torch.float32)
    model.load_state_dict(state)
    return model


def predicted_by_hand(tables, mu, users, items):
    """The predictions for pairs, in NumPy."""
    X, Y, b_user, b_item = tables
    return mu + b_user[users] + b_item[items] + np.sum(X[users] * Y[items], axis=1)


@visible
def check_BiasedMF_by_hand(BiasedMF):
    """Two pairs that can be worked out on paper; a forgotten term is named."""
    X, Y = np.array([[1.0, 0.0], [0.5, 1.0]]), np.array([[0.5, -1.0], [1.0, 1.0], [0.0, 2.0]])
    b_user, b_item = np.array([0.5, -1.0]), np.array([0.25, 0.0, -0.75])
    model = model_with(BiasedMF, X, Y, b_user, b_item, mu=3.0)
    users, items = np.array([1, 0]), np.array([2, 0])
    ids = (torch.as_tensor(users), torch.as_tensor(items))
    got = tensor_of("The model (for 2 pairs)", model, *ids, shape=(2,))
    wanted = predicted_by_hand((X, Y, b_user, b_item), 3.0, users, items)
    for part, mistake in [
        (3.0, "μ is missing"),
        (b_user[users], "the users' biases are missing"),
        (b_item[items], "the items' biases are missing"),
        (b_user[users] + b_item[items], "the biases are missing"),
        (np.sum(X[users] * Y[items], axis=1), "the product of the factors is missing"),
    ]:
        assert not is_close(got, wanted - part), f"Wanted {wanted}, yours {got.tolist()}: {mistake}."
    assert is_close(got, wanted), f"For the pairs (1, 2) and (0, 0) wanted {wanted}, yours {got.tolist()}."
    assert tensor_of("The model (for 1 pair)", model, ids[0][:1], ids[1][:1], shape=(1,)).numel() == 1
    assert model(*ids).requires_grad, "The predictions carry no gradient, so nothing is learned from them."


def table_of(model, name):
    """The numbers in one of the model's tables."""
    state = model.state_dict()
    assert f"{name}.weight" in state, (
        f"The model should have the embedding {name} (`self.{name} = torch.nn.Embedding(…)`)."
    )
    return state[f"{name}.weight"]


@visible
def check_BiasedMF_start(BiasedMF):
    """Small random factors, their size as asked for; biases at 0; four tables learn, the mean does not."""
    for init_std, given in [(0.05, ()), (0.3, (0.3,))]:
        generator = torch.Generator().manual_seed(0)
        model = result_of("BiasedMF", BiasedMF, 500, 400, 30, 3.5, *given, generator=generator)
        for name in ("user_factors", "item_factors"):
            table = table_of(model, name)
            spread = float(table.std())
            assert abs(spread - 1) > 0.05, (
                f"{name} start as N(0, 1), torch's default: the product of two such vectors of 30 factors "
                "has a variance of 30, on a scale of five stars."
            )
            assert abs(spread / init_std - 1) < 0.05 and abs(float(table.mean())) < 0.05 * init_std, (
                f"{name} should start as N(0, {init_std}²); yours have the mean {float(table.mean()):.3f} "
                f"and the standard deviation {spread:.3f}."
            )
            assert len(table.unique()) > 0.9 * table.numel(), (
                f"{name} should start as independent numbers; yours repeat: {table[0, :3].tolist()}, …"
            )
            assert float(table.abs().max()) > 3 * init_std, (
                f"{name} should start as normal numbers, of which a few lie beyond three standard "
                "deviations; yours stay below, as uniform numbers do."
            )
        for name in ("user_bias", "item_bias"):
            assert not table_of(model, name).any(), f"{name} should start at 0, as if we knew nothing."
    learned = {name.partition(".")[0] for name, _ in model.named_parameters()}
    assert learned == set(TABLES), (
        f"The parameters, which training changes, should be {sorted(TABLES)}; yours: {sorted(learned)}. "
        "The mean is no parameter."
    )
    frozen = sorted(name for name, table in model.named_parameters() if not table.requires_grad)
    assert not frozen, f"{frozen} cannot be learned: they do not require a gradient (`freeze=True`?)."


# 4.4 gravity


def _all_pairs(U, V):
    """Products of every row of U with every row of V, in float64."""
    return np.asarray(U, dtype=np.float64) @ np.asarray(V, dtype=np.float64).T


def compare_gravity(name, gravity, U, V):
    """Fail with the name of the mistake, if it is a known one."""
    got = tensor_of(name, gravity, U, V, shape=())
    products = _all_pairs(U, V)
    wanted = np.mean(products**2)
    for value, mistake in [
        (np.mean(products), "the products are not squared"),
        (np.mean(products) ** 2, "this is the squared mean, not the mean square"),
        (np.sum(products**2), "the sum is not divided by m·n"),
        (np.sum(products**2) / len(U), "the sum is divided by m alone: divide by m·n"),
        (np.sum(products**2) / len(V), "the sum is divided by n alone: divide by m·n"),
        (np.sum(products**2) / (len(U) + len(V)), "the sum is divided by m + n: divide by m·n"),
        (np.sqrt(wanted), "no root is taken: it is the mean square itself"),
    ]:
        right = np.isclose(value, wanted, rtol=1e-3)
        assert right or not is_close(got, value), f"Wanted {wanted:.4f}, yours {float(got):.4f}: {mistake}."
    assert is_close(got, wanted), (
        f"The mean of (u·v)² over all {products.size} pairs is {wanted:.4f}; yours: {float(got):.4f}."
    )


@visible
def check_gravity_by_hand(gravity):
    """Two users and three items: six products, squared, averaged."""
    U, V = torch.tensor([[1.0, 2.0], [0.0, 1.0]]), torch.tensor([[1.0, 0.0], [2.0, 1.0], [0.0, 3.0]])
    compare_gravity("gravity", gravity, U, V)


@visible
def check_gravity_memory(gravity):
    """Six and a half million users and as many items: two small sums do, where m × n numbers are 169 TB."""
    # Lines of Python, on a few thousand rows first: on the millions below a loop would take minutes.
    advice = "a Python loop over the rows takes minutes for millions of them. Multiply whole matrices."
    few, name = torch.full((4_000, 1), 0.5), "gravity (of 4,000 rows)"
    bounded = within_lines(name, advice, gravity, n_lines=4_000, how="is slow")
    tensor_of(name, bounded, few, few, shape=())
    U = torch.full((6_500_000, 1), 0.5)
    hint = "The sums of k × k products are enough."
    got = tensor_of("gravity (of 6.5 million rows)", gravity, U, U, shape=(), hint=hint)
    assert is_close(got, 0.0625, 1e-2), f"All products are 0.25, so gravity is 0.0625; yours: {float(got)}."


# 4.5 penalty


def compare_penalty(name, penalty, U, V):
    """Fail with the name of the mistake, if it is a known one."""
    got = tensor_of(name, penalty, U, V, shape=())
    u, v = np.asarray(U, dtype=np.float64), np.asarray(V, dtype=np.float64)
    m, n, k = len(u), len(v), u.shape[1]
    wanted = np.sum(u**2) / m + np.sum(v**2) / n
    lengths = [np.linalg.norm(table, axis=1) for table in (u, v)]
    for value, mistake in [
        (np.sum(u**2) + np.sum(v**2), "the sums are not divided by m and by n"),
        (lengths[0].mean() + lengths[1].mean(), "the lengths are not squared"),
        (np.linalg.norm(u) / m + np.linalg.norm(v) / n, "`norm` takes a root: the lengths are to be squared"),
        (np.linalg.norm(u) + np.linalg.norm(v), "`norm` takes a root: the lengths are to be squared"),
        (wanted / 2, "this is half of it, and no ½ stands in the formula"),
        (wanted / k, "the mean over all entries divides by k as well: divide by the number of rows"),
        (
            (np.sum(u**2) + np.sum(v**2)) / (m + n),
            "each sum is divided by its own number of rows, not by m + n",
        ),
        (np.sum(u**2) / n + np.sum(v**2) / m, "m and n are exchanged"),
        (np.sum(u**2) / m, "the items' part is missing"),
        (np.sum(v**2) / n, "the users' part is missing"),
        (np.abs(u).sum() / m + np.abs(v).sum() / n, "these are absolute values, not squares"),
    ]:
        right = np.isclose(value, wanted, rtol=1e-3)
        assert right or not is_close(got, value), f"Wanted {wanted:.4f}, yours {float(got):.4f}: {mistake}."
    assert is_close(got, wanted), f"Wanted Σ‖u‖²/m + Σ‖v‖²/n = {wanted:.4f}; yours: {float(got):.4f}."


@visible
def check_penalty_by_hand(penalty):
    """Two users and three items."""
    U = torch.tensor([[3.0, 4.0, 0.0], [0.0, 1.0, 2.0]])
    V = torch.tensor([[1.0, 0.0, 0.0], [2.0, 2.0, 1.0], [0.0, 1.0, 1.0]])
    compare_penalty("penalty", penalty, U, V)


# 4.6 fit


def sparse_table(users, items, ratings, shape):
    """A small table of ratings as `fit` takes it; none of them is 0."""
    table = torch.zeros(shape)
    table[users, items] = torch.as_tensor(np.asarray(ratings), dtype=torch.float32)
    return table.to_sparse()


def started_model(BiasedMF, seed, m=6, n=7, k=2, far=0.0):
    """A model with the same start in every call: factors of size 0.5, small biases, μ = 3.

    `far` is added to the bias of user 0, whose predictions then leave the scale of stars.
    """
    rng = np.random.default_rng(seed)
    tables = [0.5 * rng.normal(size=shape) for shape in ((m, k), (n, k), m, n)]
    tables[2][0] += 5 * far  # 0.2 of it is left below
    return model_with(BiasedMF, tables[0], tables[1], 0.2 * tables[2], 0.2 * tables[3], mu=3.0)


def rmse_of(model, known, low=-math.inf, high=math.inf):
    """The error of a model over known ratings, its predictions clamped."""
    with torch.no_grad():
        return float((model(*known.indices()).clamp(low, high) - known.values()).square().mean().sqrt())


def history_of(fit, model, train, valid, n_epochs, lr, **settings):
    """What fit returns, checked for its form."""
    history = result_of("fit", fit, model, train, valid, n_epochs, lr, **settings)
    assert isinstance(history, (list, tuple)) and len(history) == n_epochs, (
        f"fit should return a list with an entry for each of the {n_epochs} epochs; yours: {history!r:.80}."
    )
    for entry in history:
        assert isinstance(entry, (list, tuple)) and len(entry) == 2, (
            f"Each entry of the history is a pair, (train, valid); yours: {entry!r:.80}."
        )
        assert all(isinstance(value, float) for value in entry), (
            f"The history should hold plain floats; yours holds {type(entry[0]).__name__} and "
            f"{type(entry[1]).__name__}. A tensor would keep the epoch's whole graph alive: use .item()."
        )
    return [tuple(entry) for entry in history]


@visible
def check_fit_history(fit, BiasedMF):
    """Each entry holds the RMSE over train and over valid, with the weights at the end of its epoch."""
    train = sparse_table([0, 0, 1, 2, 3], [0, 1, 1, 2, 0], [5, 4, 4.5, 1, 2], (4, 4))
    valid = sparse_table([0, 1, 2, 3], [2, 0, 1, 1], [4.5, 4.5, 2, 2], (4, 4))
    for n_epochs, far in ((1, 0.0), (2, 0.0), (4, 0.0), (1, 4.0)):
        model = started_model(BiasedMF, 0, 4, 4, far=far)
        before = {"train": rmse_of(model, train), "valid": rmse_of(model, valid)}
        got = dict(zip(before, history_of(fit, model, train, valid, n_epochs, lr=0.02)[-1], strict=True))
        for part, known in {"train": train, "valid": valid}.items():
            wanted = rmse_of(model, known)
            assert wanted < before[part], f"Training did not lower the RMSE over {part}."
            assert not math.isclose(got[part], wanted**2, rel_tol=1e-3), (
                f"The history holds mean squared errors: take the root, so that {part} is in stars."
            )
            clamped = rmse_of(model, known, 0.5, 5.0)
            assert math.isclose(clamped, wanted, rel_tol=1e-3) or not math.isclose(
                got[part], clamped, rel_tol=1e-3
            ), (
                f"The RMSE over {part} is that of predictions clamped to 0.5 … 5 stars: take them as they "
                "come."
            )
            assert math.isclose(got[part], wanted, rel_tol=1e-3), (
                f"After {n_epochs} epochs the model's RMSE over {part} is {wanted:.4f}; the history says "
                f"{got[part]:.4f}. Measure both when the epoch is over, with its last weights."
            )


@visible
def check_fit_best_weights(fit, BiasedMF):
    """On return the model is that of its best validation epoch; validation leaves no graph, nor its mode."""
    users, items = np.divmod(np.arange(9), 3)
    train = sparse_table(users, items, np.full(9, 5.0), (3, 3))
    valid = sparse_table(users[:8], items[:8], np.full(8, 4.0), (3, 3))  # its size tells it from train
    model, calls = started_model(BiasedMF, 0, 3, 3), []

    def note(module, ids, _):
        calls.append((len(ids[0]) == 8, module.training, torch.is_grad_enabled()))

    hook = model.register_forward_hook(note)
    history = history_of(fit, model, train, valid, 25, lr=0.03)
    hook.remove()
    best, got = min(error for _, error in history), rmse_of(model, valid)
    assert not math.isclose(got, history[-1][1], rel_tol=1e-3), (
        f"The validation error was {best:.3f} at its best and {got:.3f} in the last epoch, and the model "
        "holds the weights of the last. Copy those of the best epoch *by value* (the tensors of a state dict "
        "go on changing: copy.deepcopy), choose by the validation error, and load them in the end."
    )
    assert math.isclose(got, best, rel_tol=1e-3), (
        f"The best validation error of the history is {best:.4f}; the model that you leave has {got:.4f}."
    )
    assert not any(is_valid and with_graph for is_valid, _, with_graph in calls), (
        "The validation error is computed with a graph, which costs memory and time: wrap it in "
        "`with torch.no_grad():`."
    )
    assert not any(is_valid and training for is_valid, training, _ in calls), (
        "The model validates in training mode: call model.eval() before."
    )
    assert all(training for _, training, with_graph in calls if with_graph), (
        "A training step ran in evaluation mode: call model.train() at the start of every epoch."
    )


@visible
def check_fit_settings(fit, BiasedMF):
    """What decays is a row without ratings: by weight_decay, and by that alone; old gradients do not act."""
    train = sparse_table([0, 0, 1, 2, 3], [0, 1, 1, 2, 0], [5, 4, 4.5, 1, 2], (4, 4))  # item 3 has no rating

    def left(**settings):
        model = started_model(BiasedMF, 0, 4, 4)
        before = [table.clone() for table in model.state_dict().values()]
        history_of(fit, model, train, train, 3, 0.02, **settings)
        after = model.state_dict()
        assert not all(map(torch.equal, before, after.values())), "Training leaves the model as it was."
        return after["item_factors.weight"].clone()

    start = started_model(BiasedMF, 0, 4, 4).state_dict()["item_factors.weight"]
    plain, decayed = left(), left(weight_decay=0.5)
    assert not is_close(plain[3], start[3] * (1 - 0.02 * 0.01) ** 3, 1e-6), (
        "Item 3 has no rating, and its factors shrink although weight_decay is 0: AdamW's own default is "
        "0.01. Pass it on."
    )
    assert is_close(plain[3], start[3], 1e-6), (
        "Item 3 has no rating: nothing says where its factors should go."
    )
    assert not is_close(decayed[3], start[3], 1e-6), "With weight_decay = 0.5, weight_decay has no effect."
    assert is_close(decayed[3], start[3] * (1 - 0.02 * 0.5) ** 3, 1e-6), (
        "With weight_decay = 0.5 and lr = 0.02, three steps of AdamW make the factors of an item without "
        "ratings (1 − 0.02·0.5)³ times as long; yours are of another length."
    )
    for name in ("gravity_weight", "penalty_weight"):
        assert not is_close(left(**{name: 0.7}), plain, 1e-6), f"With {name} = 0.7, {name} has no effect."
    # One rating, far off: its gradient hardly changes from step to step, and AdamW then moves a bias by lr.
    model, train = started_model(BiasedMF, 0, 4, 4), sparse_table([0], [0], [5], (4, 4))
    before = model.state_dict()["user_bias.weight"].clone()
    history_of(fit, model, train, train, 4, 0.001)
    moved = float((model.state_dict()["user_bias.weight"] - before)[0, 0])
    assert math.isclose(moved, 0.004, rel_tol=0.015), (
        "Four steps of AdamW with lr = 0.001 on one rating, far off, move the bias of its user by 0.0040; "
        f"yours moved by {moved:.4f}. Backward adds to the gradients that are there: is zero_grad called "
        "before each step, and is there one optimizer for all epochs?"
    )


# 4.7 two_worlds


def worlds_of(name, function, R, hint=""):
    """The matrix and the worlds that a student's function returns, checked for their form."""
    apart, world = parts_of(name, ("apart", "world"), function, R, hint=hint)
    m, n = R.shape
    assert issparse(apart) and apart.format == "csr", (
        f"{name}: `apart` is a csr_array; yours is a {type(apart).__name__}."
    )
    assert apart.shape == (m, 2 * n), (
        f"{name}: every item and its copy have a column, every user keeps the row: `apart` has shape "
        f"{(m, 2 * n)}; yours has {apart.shape}."
    )
    world = np.asarray(world)
    assert world.shape != (m,) or m == 2 * n, f"{name}: `world` is that of each column; yours is of each row."
    assert world.shape == (2 * n,), f"{name}: `world` has shape {(2 * n,)}; yours has {world.shape}."
    assert np.array_equal(world, [0] * n + [1] * n), (
        f"{name}: the first {n} columns are of world 0, their copies of world 1; yours: "
        f"{world[:20].tolist()}{' …' if 2 * n > 20 else ''}."
    )
    return apart


@visible
def check_two_worlds_by_hand(two_worlds):
    """Five users and three films: the ratings of users 1 and 3 move by three columns."""
    R = csr_array(np.array([[5.0, 3, 0], [4, 0, 2], [0, 1, 0], [0, 0, 2.5], [1, 0, 4.5]]))
    got = worlds_of("two_worlds", two_worlds, R).toarray()
    rows, nothing = R.toarray(), np.zeros(3)
    for mistake, row in {
        "the odd users keep the films and the even ones get copies; it is the other way round": (
            lambda user: [*nothing, *rows[user]] if user % 2 == 0 else [*rows[user], *nothing]
        ),
        "the worlds are the first half of the users and the rest; wanted even and odd codes": (
            lambda user: [*rows[user], *nothing] if user < 2 else [*nothing, *rows[user]]
        ),
        "the even and the odd *items* are apart, not the users, so that all meet as before": (
            lambda user: [*rows[user] * [1, 0, 1], *rows[user] * [0, 1, 0]]
        ),
        "everybody has everything twice: each rating stays in one of the two worlds": (
            lambda user: [*rows[user], *rows[user]]
        ),
        "the copy of item i is in column 2i + 1; wanted n + i": (
            lambda user: np.stack([rows[user], nothing][:: -1 if user % 2 else 1], axis=1).ravel()
        ),
    }.items():
        wrong = np.array([row(user) for user in range(5)])
        assert not np.array_equal(got, wrong), f"In yours {mistake}."
    wanted = np.zeros((5, 6))
    wanted[::2, :3], wanted[1::2, 3:] = rows[::2], rows[1::2]
    assert np.array_equal(got, wanted), (
        f"Wanted the rows {wanted.tolist()}; yours: {np.asarray(got, dtype=float).tolist()}."
    )


# 4.8 share_from_other_world


@visible
def check_share_from_other_world_by_hand(share_from_other_world):
    """Three queries with two neighbours each; four of the six are of the other world."""
    vectors = torch.tensor([[2.0, 1], [0, 3], [3, 2], [0, 1], [1, -1], [-1, 1], [1, 0], [0, -1]])
    world, queries = np.array([0, 0, 0, 0, 1, 1, 1, 1]), np.array([0, 5, 6])
    got = number_of("share_from_other_world", share_from_other_world, vectors, world, queries, 2)
    for value, mistake in [
        (2 / 6, "you count the neighbours of the same world"),
        (5 / 6, "these are the neighbours by the cosine; wanted the dot product"),
        (3 / 6, "a query is counted as its own neighbour"),
        (0 / 6, "you count the neighbours of world 1, not those of another world than the query's"),
        (4, "you count them; wanted a share"),
        (400 / 6, "this is a percentage; wanted a share between 0 and 1"),
    ]:
        assert not np.isclose(got, value), (
            f"Of six neighbours four are of the other world; got {got:.3g}: {mistake}."
        )
    assert np.isclose(got, 4 / 6), (
        f"Of six neighbours four are of the other world: wanted 0.667, got {got:.3f}."
    )
