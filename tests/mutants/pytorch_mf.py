"""Unit 04: known wrong ways to write each exercise, and other right ones."""

from __future__ import annotations

import math

import numpy as np
import torch
from scipy.sparse import csr_array, hstack

from course_utils.evaluation import similar_items
from solutions.pytorch_mf import gravity, penalty
from tests.mutants import Edit, Whole

# 4.1 sparse_ratings


def _sparse_ratings_key_of_users(users, items, ratings, shape):
    users, items = np.asarray(users, dtype=np.int64), np.asarray(items, dtype=np.int64)
    keys = users * shape[0] + items  # rows are shape[1] long
    unique, times = np.unique(keys, return_counts=True)
    if (times > 1).any():
        raise ValueError(f"duplicate pair {divmod(int(unique[times > 1][0]), shape[0])}")
    values = torch.as_tensor(ratings, dtype=torch.float32)
    return torch.sparse_coo_tensor(np.stack([users, items]), values, shape, check_invariants=True).coalesce()


def _sparse_ratings_by_key(users, items, ratings, shape):
    users, items = (np.asarray(codes, dtype=np.int64) for codes in (users, items))
    order = np.argsort(users * shape[1] + items)
    users, items = users[order], items[order]
    again = np.flatnonzero((np.diff(users) == 0) & (np.diff(items) == 0))
    if len(again):
        raise ValueError(f"user {users[again[0]]} rated item {items[again[0]]} twice")
    values = torch.tensor(np.asarray(ratings, dtype=np.float32)[order])
    indices = torch.from_numpy(np.stack([users, items]))
    return torch.sparse_coo_tensor(indices, values, shape, is_coalesced=True, check_invariants=True)


def _sparse_ratings_by_dict(users, items, ratings, shape):
    seen = {}
    for user, item, rating in zip(users, items, ratings, strict=True):
        if (int(user), int(item)) in seen:
            raise ValueError(f"({user}, {item}) is there twice")
        seen[int(user), int(item)] = float(rating)
    indices = torch.tensor(list(seen)).T
    values = torch.tensor(list(seen.values()), dtype=torch.float32)
    return torch.sparse_coo_tensor(indices, values, shape, check_invariants=True).coalesce()


def _sparse_ratings_through_a_table(users, items, ratings, shape):
    seen = set()
    for pair in zip(map(int, users), map(int, items), strict=True):
        if pair in seen:
            raise ValueError(f"{pair} is there twice")
        seen.add(pair)
    users, items = torch.as_tensor(users).long(), torch.as_tensor(items).long()
    table, known = torch.zeros(shape), torch.zeros(shape, dtype=torch.bool)
    table[users, items], known[users, items] = torch.as_tensor(ratings).float(), True
    return torch.sparse_coo_tensor(known.nonzero().T, table[known], shape, check_invariants=True).coalesce()


# 4.2 pairwise_dot


def _pairwise_dot_einsum(U, V):
    return torch.einsum("pf,pf->p", U, V)


def _pairwise_dot_batched(U, V):
    return torch.bmm(U.unsqueeze(1), V.unsqueeze(2)).reshape(len(U))


def _pairwise_dot_vecdot(U, V):
    return torch.linalg.vecdot(U, V)


# 4.3 BiasedMF


class _BiasedMFEverywhere(torch.nn.Module):
    def __init__(self, n_users, n_items, n_factors, mu, init_std=0.05, generator=None):
        super().__init__()
        self.user_factors = torch.nn.Embedding(n_users, n_factors)
        self.item_factors = torch.nn.Embedding(n_items, n_factors)
        self.user_bias = torch.nn.Embedding(n_users, 1)
        self.item_bias = torch.nn.Embedding(n_items, 1)
        self.register_buffer("mu", torch.tensor(float(mu)))
        torch.nn.init.normal_(self.user_factors.weight, std=init_std, generator=generator)
        torch.nn.init.normal_(self.item_factors.weight, std=init_std, generator=generator)
        torch.nn.init.zeros_(self.user_bias.weight)
        torch.nn.init.zeros_(self.item_bias.weight)

    def forward(self, users, items):
        everything = self.user_factors.weight @ self.item_factors.weight.T
        everything = everything + self.user_bias.weight + self.item_bias.weight.T
        return (self.mu + everything)[users[:, None], items[None, :]].diagonal()


class _BiasedMFVectors(torch.nn.Module):
    def __init__(self, n_users, n_items, n_factors, mu, init_std=0.05, generator=None):
        super().__init__()
        self.user_factors = torch.nn.Embedding(n_users, n_factors)
        self.item_factors = torch.nn.Embedding(n_items, n_factors)
        for factors in (self.user_factors, self.item_factors):
            torch.nn.init.normal_(factors.weight, std=init_std, generator=generator)
        self.user_bias = torch.nn.Parameter(torch.zeros(n_users))
        self.item_bias = torch.nn.Parameter(torch.zeros(n_items))
        self.register_buffer("mu", torch.tensor(float(mu)))

    def forward(self, users, items):
        taste = (self.user_factors(users) * self.item_factors(items)).sum(dim=1)
        return self.mu + self.user_bias[users] + self.item_bias[items] + taste


class _BiasedMFFlat(torch.nn.Module):
    def __init__(self, n_users, n_items, n_factors, mu, init_std=0.05, generator=None):
        super().__init__()
        self.register_buffer("mu", torch.full((), mu, dtype=torch.float32))
        for name, rows in (("user", n_users), ("item", n_items)):
            start = init_std * torch.randn(rows, n_factors, generator=generator)
            setattr(self, f"{name}_factors", torch.nn.Embedding.from_pretrained(start, freeze=False))
            setattr(
                self, f"{name}_bias", torch.nn.Embedding.from_pretrained(torch.zeros(rows, 1), freeze=False)
            )

    def forward(self, users, items):
        taste = torch.einsum("pf,pf->p", self.user_factors(users), self.item_factors(items))
        return taste + self.user_bias(users)[:, 0] + self.item_bias(items)[:, 0] + self.mu


# 4.4 gravity


def _gravity_every_pair(U, V):
    return (U @ V.T).square().mean()


def _gravity_detached(U, V):
    return torch.tensor(((U.T @ U) * (V.T @ V)).sum().item() / (len(U) * len(V)))


def _gravity_same_row(U, V):
    rows = min(len(U), len(V))
    return (U[:rows] * V[:rows]).sum(dim=1).square().mean()


def _gravity_trace(U, V):
    return torch.trace((U.T @ U / U.shape[0]) @ (V.T @ V / V.shape[0]))


def _gravity_einsum(U, V):
    grams = [torch.einsum("rf,rg->fg", rows, rows) / rows.shape[0] for rows in (U, V)]
    return (grams[0] * grams[1]).sum()


# 4.5 penalty


def _penalty_detached(U, V):
    return torch.tensor(float((U**2).sum() / len(U) + (V**2).sum() / len(V)))


def _penalty_of_rows(U, V):
    return U.square().sum(dim=1).mean() + V.square().sum(dim=1).mean()


def _penalty_by_norm(U, V):
    return torch.linalg.norm(U) ** 2 / U.shape[0] + torch.linalg.norm(V) ** 2 / V.shape[0]


# 4.6 fit


def _fit_adam_by_hand(
    model,
    train,
    valid,
    n_epochs,
    lr,
    weight_decay=0.0,
    gravity_weight=0.0,
    penalty_weight=0.0,
    batch_size=None,
    generator=None,
):
    tables = list(model.parameters())
    means, squares = ([torch.zeros_like(table) for table in tables] for _ in range(2))
    pairs, stars, step = train.indices(), train.values(), 0
    history, best, kept = [], math.inf, {name: value.clone() for name, value in model.state_dict().items()}
    for _ in range(n_epochs):
        model.train()
        order = torch.randperm(len(stars), generator=generator)
        for start in range(0, len(stars), batch_size or len(stars)):
            chosen = order[start : start + (batch_size or len(stars))]
            users, items = pairs[:, chosen]
            X, Y = model.user_factors.weight, model.item_factors.weight
            loss = ((stars[chosen] - model(users, items)) ** 2).mean()
            loss = loss + gravity_weight * gravity(X, Y) + penalty_weight * penalty(X, Y)
            gradients, step = torch.autograd.grad(loss, tables), step + 1
            with torch.no_grad():
                for table, mean, square, gradient in zip(tables, means, squares, gradients, strict=True):
                    mean.mul_(0.9).add_(gradient, alpha=0.1)
                    square.mul_(0.999).add_(gradient**2, alpha=0.001)
                    table.mul_(1 - lr * weight_decay)
                    table -= lr * (mean / (1 - 0.9**step)) / ((square / (1 - 0.999**step)).sqrt() + 1e-8)
        model.eval()
        errors = []
        for known in (train, valid):
            with torch.inference_mode():
                predicted = model(*known.indices())
            errors.append(math.sqrt(float(((predicted - known.values()) ** 2).mean())))
        history.append(tuple(errors))
        if errors[1] < best:
            best, kept = errors[1], {name: value.clone() for name, value in model.state_dict().items()}
    model.load_state_dict(kept)
    return history


def _fit_two_groups(
    model,
    train,
    valid,
    n_epochs,
    lr,
    weight_decay=0.0,
    gravity_weight=0.0,
    penalty_weight=0.0,
    batch_size=None,
    generator=None,
):
    groups = [
        {"params": [model.user_factors.weight, model.item_factors.weight]},
        {"params": [model.user_bias.weight, model.item_bias.weight]},
    ]
    optimizer = torch.optim.AdamW(groups, lr=lr, weight_decay=weight_decay)
    size = train.values().shape[0]
    history, snapshots = [], []
    before = [parameter.detach().clone() for parameter in model.parameters()]
    for _ in range(n_epochs):
        order = torch.randperm(size, generator=generator)
        model.train()
        for chosen in torch.split(order, size if batch_size is None else batch_size):
            optimizer.zero_grad(set_to_none=False)
            predicted = model(train.indices()[0, chosen], train.indices()[1, chosen])
            loss = torch.nn.functional.mse_loss(predicted, train.values()[chosen])
            if gravity_weight:
                loss = loss + gravity_weight * gravity(model.user_factors.weight, model.item_factors.weight)
            if penalty_weight:
                loss = loss + penalty_weight * penalty(model.user_factors.weight, model.item_factors.weight)
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            model.eval()
            errors = [
                torch.nn.functional.mse_loss(model(*known.indices()), known.values()).item() ** 0.5
                for known in (train, valid)
            ]
        history.append((errors[0], errors[1]))
        snapshots.append([parameter.detach().clone() for parameter in model.parameters()])
    best = int(np.argmin([error for _, error in history])) if history else None
    with torch.no_grad():
        for parameter, kept in zip(
            model.parameters(), before if best is None else snapshots[best], strict=True
        ):
            parameter.copy_(kept)
    return history


_FORWARD = "return self.mu + biases + pairwise_dot(self.user_factors(users), self.item_factors(items))"
_LOSS = "loss = error.square().mean() + gravity_weight * gravity(X, Y) + penalty_weight * penalty(X, Y)"
_COPY = "best, best_weights = history[-1][1], copy.deepcopy(model.state_dict())"

# 4.7 two_worlds


def _two_worlds_dense(R):
    table = np.zeros((R.shape[0], 2 * R.shape[1]))
    table[::2, : R.shape[1]], table[1::2, R.shape[1] :] = R.toarray()[::2], R.toarray()[1::2]
    return csr_array(table), np.repeat([0, 1], R.shape[1])


def _two_worlds_for_all(R):
    return csr_array(hstack([R, R])), np.repeat([0, 1], R.shape[1])


def _two_worlds_in_place(R):
    odd = np.repeat(np.arange(R.shape[0]) % 2, np.diff(R.indptr))
    R.indices += (R.shape[1] * odd).astype(R.indices.dtype)
    shape = (R.shape[0], 2 * R.shape[1])
    return csr_array((R.data.copy(), R.indices.copy(), R.indptr.copy()), shape), np.repeat([0, 1], R.shape[1])


def _two_worlds_by_indices(R):
    n, odd = R.shape[1], np.repeat(np.arange(R.shape[0]) % 2 == 1, np.diff(R.indptr))
    indices = np.where(odd, R.indices + n, R.indices)
    apart = csr_array((R.data.copy(), indices, R.indptr.copy()), shape=(R.shape[0], 2 * n))
    return apart, np.arange(2 * n) // n


def _two_worlds_by_masks(R):
    coo = R.tocoo()
    odd = coo.row % 2 == 1
    halves = [
        csr_array((coo.data[kept], (coo.row[kept], coo.col[kept])), shape=R.shape) for kept in (~odd, odd)
    ]
    return csr_array(hstack(halves)), np.concatenate([np.zeros(R.shape[1]), np.ones(R.shape[1])]).astype(int)


# 4.8 share_from_other_world


def _share_of_world_1(vectors, world, queries, n):
    if len(queries) == 0:
        raise ValueError("no queries")
    return float(np.mean([np.mean(world[similar_items(vectors.numpy(), q, n, "dot")] == 1) for q in queries]))


def _share_without_a_row(vectors, world, queries, n):
    """The query's own row stays among the neighbours."""
    if len(queries) == 0:
        raise ValueError("no queries")
    order = torch.argsort(vectors @ vectors.T, dim=1, descending=True, stable=True)[:, :n].numpy()
    return float(np.mean([np.mean(world[order[q]] != world[q]) for q in queries]))


def _share_pooled(vectors, world, queries, n):
    if len(queries) == 0:
        raise ValueError("no queries")
    strangers = total = 0
    for query in queries:
        for other in similar_items(vectors.numpy(), query, n, "dot").tolist():
            strangers += int(world[other] != world[query])
            total += 1
    return strangers / total


def _share_by_matrix(vectors, world, queries, n):
    queries = torch.as_tensor(np.array(queries))
    if len(queries) == 0:
        raise ValueError("no queries")
    similar = vectors[queries] @ vectors.T
    similar[torch.arange(len(queries)), queries] = -math.inf
    found = torch.argsort(similar, dim=1, descending=True, stable=True)[:, : min(n, len(vectors) - 1)]
    codes = torch.as_tensor(world)
    return (codes[found] != codes[queries][:, None]).double().mean().item()


MUTANTS = {
    "sparse_ratings": {
        "tensorflow_layout": Edit(
            ".long()", ".long().T.contiguous()", says="as TensorFlow wants them", headline=True
        ),
        "layout_of_the_transpose": Edit(
            "[torch.as_tensor(users), torch.as_tensor(items)]",
            "[torch.as_tensor(items), torch.as_tensor(users)]",
        ),
        "duplicates_summed": Edit("if (times > 1).any():", "if False:", says="4 + 4 = 8", headline=True),
        "duplicates_with_the_same_rating_only": Edit(
            "torch.unique(indices, dim=1, return_counts=True)",
            "torch.unique(torch.vstack([indices, torch.as_tensor(ratings)]), dim=1, return_counts=True)\n"
            "    pairs = pairs[:2]",
            says="4 + 5 = 9",
            headline=True,
        ),
        "duplicates_by_users": Edit("torch.unique(indices, dim=1,", "torch.unique(indices[:1], dim=1,"),
        "duplicates_by_a_wrong_key": Whole(_sparse_ratings_key_of_users),
        "duplicate_not_named": Edit(
            'f"The pair (user {user}, item {item}) occurs more than once: keep one of its ratings."',
            '"duplicates"',
            says="should name it",
            headline=True,
        ),
        "some_codes_named": Edit(
            'f"The pair (user {user}, item {item}) occurs more than once: keep one of its ratings."',
            '"0 1 2"',
            says="should name it",
        ),
        "assertion_for_value_error": Edit("raise ValueError", "raise KeyError", says="wanted a ValueError"),
        "shape_guessed": Edit("size=shape, ", "", says="cannot be guessed", headline=True),
        "not_coalesced": Edit(".coalesce()", "", says="should be coalesced"),
        "double_precision": Edit("dtype=torch.float32", "dtype=torch.float64", says="float32"),
        "whole_stars": Edit(
            "torch.as_tensor(ratings, dtype=torch.float32)", "torch.as_tensor(ratings).long().float()"
        ),
        "dense": Edit(".coalesce()", ".to_dense()", says="sparse COO tensor"),
        "through_a_table": Whole(_sparse_ratings_through_a_table, says="ran out of memory"),
        "learned": Edit(".coalesce()", ".coalesce().requires_grad_()", says="ratings are given, not learned"),
        "compressed": Edit(".coalesce()", ".coalesce().to_sparse_csr()", says="sparse COO tensor"),
        "zeros_dropped": Edit(
            "values = torch",
            "ratings = torch.as_tensor(ratings)\n    indices, ratings = indices[:, ratings != 0], ratings"
            "[ratings != 0]\n    values = torch",
            says="A rating of 0",
        ),
        "given_codes_counted_from_one": Edit("]).long()", "]).long() - 1"),
        "sorted_in_place": Edit("indices = torch", "users.sort()\n    indices = torch"),
        "not_returned": Edit("return torch.sparse", "torch.sparse", says="`return`"),
    },
    "pairwise_dot": {
        "squeezed": Edit(".sum(dim=1)", ".sum(dim=1).squeeze()", says="batch of one", headline=True),
        "every_pair": Edit("(U * V).sum(dim=1)", "U @ V.T", says="row by row", headline=True),
        "diagonal_of_every_pair": Edit(
            "(U * V).sum(dim=1)", "torch.diagonal(U @ V.T)", says="ran out of memory", headline=True
        ),
        "summed_over_the_pairs": Edit("dim=1", "dim=0"),
        "summed_over_all": Edit(".sum(dim=1)", ".sum()"),
        "averaged": Edit(".sum(dim=1)", ".mean(dim=1)"),
        "in_place": Edit("(U * V)", "U.mul_(V)", says="U was changed"),
        "detached": Edit("(U * V)", "(U * V).detach()", says="without a gradient"),
        "one_side_detached": Edit("(U * V)", "(U * V.detach())", says="second argument"),
        "half_of_the_gradient": Edit("(U * V)", "0.5 * (U * V + (U * V).detach())", says="is half of"),
        "kept_as_a_column": Edit("dim=1", "dim=1, keepdim=True"),
        "cosine": Edit("(U * V).sum(dim=1)", "torch.nn.functional.cosine_similarity(U, V)"),
        "not_returned": Edit("return (U", "(U", says="`return`"),
    },
    "BiasedMF": {
        "full_product": Whole(_BiasedMFEverywhere, says="ran out of memory"),
        "whole_table_first": Edit(
            "pairwise_dot(self.user_factors(users), self.item_factors(items))",
            "(self.user_factors.weight @ self.item_factors.weight.T)[users, items]",
            says="ran out of memory",
        ),
        "squeezed": Edit(
            _FORWARD,
            _FORWARD.replace("return self.mu", "return (self.mu") + ").squeeze()",
            says="batch of one",
            headline=True,
        ),
        "biases_as_columns": Edit(").squeeze(dim=1)", ")", says="shape (2,)", headline=True),
        "mean_forgotten": Edit("return self.mu + biases", "return biases", says="μ is missing"),
        "user_bias_forgotten": Edit(
            "self.user_bias(users) + self.item_bias(items)",
            "self.item_bias(items)",
            says="users' biases are missing",
        ),
        "item_bias_forgotten": Edit(
            "self.user_bias(users) + self.item_bias(items)",
            "self.user_bias(users)",
            says="items' biases are missing",
        ),
        "biases_forgotten": Edit(
            "self.mu + biases +", "self.mu +", says="the biases are missing", headline=True
        ),
        "product_forgotten": Edit(
            _FORWARD, "return self.mu + biases", says="product of the factors is missing"
        ),
        "users_for_items": Edit("self.item_factors(items)", "self.item_factors(users)"),
        "default_start": Edit(
            "torch.nn.init.normal_(factors.weight, std=init_std, generator=generator)",
            "pass",
            says="torch's default",
            headline=True,
        ),
        "init_std_ignored": Edit("std=init_std", "std=0.05", says="N(0, 0.3²)"),
        "variance_for_deviation": Edit("std=init_std", "std=init_std**0.5"),
        "uniform_start_of_ones": Edit(
            "torch.nn.init.normal_(factors.weight, std=init_std, generator=generator)",
            "torch.nn.init.constant_(factors.weight, init_std)",
        ),
        "uniform_start": Edit(
            "torch.nn.init.normal_(factors.weight, std=init_std, generator=generator)",
            "torch.nn.init.uniform_(factors.weight, -init_std * 3**0.5, init_std * 3**0.5, generator)",
            says="as uniform numbers do",
        ),
        "equal_columns": Edit(
            "torch.nn.init.normal_(factors.weight, std=init_std, generator=generator)",
            "torch.nn.init.normal_(factors.weight, std=init_std, generator=generator)\n"
            "            factors.weight.data[:] = factors.weight.data[:, :1]",
            says="independent numbers",
        ),
        "generator_ignored": Edit(
            "std=init_std, generator=generator", "std=init_std", says="equal generators start differently"
        ),
        "generator_for_the_users_only": Edit(
            "generator=generator)",
            "generator=generator if factors is self.user_factors else None)",
            says="equal generators start differently",
        ),
        "no_generator": Edit(
            "        generator: torch.Generator | None = None,\n    ):",
            "    ):\n        generator = None",
            says="argument 'generator'",
        ),
        "seed_of_its_own": Edit(
            "generator=generator)", "generator=torch.Generator().manual_seed(0))", says="different states"
        ),
        "a_new_generator_without_one": Edit(
            "generator=generator)",
            "generator=generator or torch.Generator())",
            says="has the same seed every time",
        ),
        "same_draws": Edit(
            "generator=generator)",
            "generator=generator and torch.Generator().manual_seed(generator.initial_seed()))",
            says="start with the same numbers",
        ),
        "global_seed": Edit(
            "super().__init__()", "super().__init__()\n        torch.manual_seed(0)", says="torch.manual_seed"
        ),
        "biases_random": Edit(
            "torch.nn.init.zeros_(bias.weight)", "pass", says="should start at 0", headline=True
        ),
        "mean_learned": Edit(
            'self.register_buffer("mu", torch.tensor(float(mu)))',
            "self.mu = torch.nn.Parameter(torch.tensor(float(mu)))",
            says="The mean is no parameter",
            headline=True,
        ),
        "mean_not_saved": Edit(
            'self.register_buffer("mu", torch.tensor(float(mu)))',
            "self.mu = float(mu)",
            says="not in the state dict",
        ),
        "mean_as_buffer_not_persistent": Edit(
            "torch.tensor(float(mu)))",
            "torch.tensor(float(mu)), persistent=False)",
            says="not in the state dict",
        ),
        "without_graph": Edit(
            _FORWARD,
            _FORWARD.replace("return self.mu", "return (self.mu") + ").detach()",
            says="carry no gradient",
        ),
        "user_bias_detached": Edit(
            "self.user_bias(users)", "self.user_bias(users).detach()", says="user_bias"
        ),
        "items_from_the_data": Edit(
            "self.item_factors(items)", "self.item_factors.weight.data[items]", says="depend on item_factors"
        ),
        "clipped_when_evaluated": Edit(
            _FORWARD,
            "stars = " + _FORWARD.removeprefix("return ") + "\n"
            "        return stars if self.training else stars.clamp(0.5, 5)",
            says="in evaluation mode",
        ),
        "biases_as_vectors": Whole(_BiasedMFVectors, says="should have the embedding user_bias"),
        "off_centre": Edit(
            "std=init_std, generator",
            "mean=0.1 * init_std, std=init_std, generator",
            says="yours have the mean",
        ),
        "double_precision": Edit(_FORWARD, _FORWARD + ".double()", says="float32"),
        "clipped": Edit(_FORWARD, _FORWARD.replace("return self.mu", "return (self.mu") + ").clamp(0.5, 5)"),
        "padding": Edit(
            "Embedding(n_users, n_factors)",
            "Embedding(n_users, n_factors, padding_idx=0)",
            says="padding_idx=0",
        ),
    },
    "gravity": {
        "single_precision": Edit(
            "return ((U.T @ U)",
            "dtype, U, V = U.dtype, U.float(), V.float()\n"
            "    return torch.ones((), dtype=dtype) * ((U.T @ U)",
            says="Compute in the type of U",
        ),
        "zeroes_its_arguments": Edit(
            "return (",
            "return (U.detach().zero_() @ V.detach().zero_().T).sum()\n    (",
            says="U was changed",
        ),
        "every_pair": Whole(_gravity_every_pair, says="ran out of memory", headline=True),
        "not_returned": Edit("return (", "(", says="`return`"),
        "not_squared": Edit(
            "((U.T @ U) * (V.T @ V)).sum()", "U.sum(dim=0) @ V.sum(dim=0)", says="not squared", headline=True
        ),
        "square_of_the_mean": Edit(
            "((U.T @ U) * (V.T @ V)).sum() / (len(U) * len(V))",
            "(U.mean(dim=0) @ V.mean(dim=0)) ** 2",
            says="not the mean square",
        ),
        "not_divided": Edit(" / (len(U) * len(V))", "", says="not divided by m·n", headline=True),
        "divided_by_users": Edit("(len(U) * len(V))", "len(U)", says="divided by m alone"),
        "divided_by_items": Edit("(len(U) * len(V))", "len(V)", says="divided by n alone"),
        "divided_by_the_sum": Edit("len(U) * len(V)", "len(U) + len(V)", says="divided by m + n"),
        "root": Edit(
            "return ((U.T @ U) * (V.T @ V)).sum() / (len(U) * len(V))",
            "return (((U.T @ U) * (V.T @ V)).sum() / (len(U) * len(V))).sqrt()",
            says="no root",
        ),
        "matrix_product": Edit("(U.T @ U) * (V.T @ V)", "(U.T @ U) @ (V.T @ V)", headline=True),
        "averaged_over_factors": Edit(".sum() /", ".mean() /"),
        "diagonals_only": Edit(
            "((U.T @ U) * (V.T @ V)).sum()", "((U**2).sum(dim=0) * (V**2).sum(dim=0)).sum()"
        ),
        "same_rows_only": Whole(_gravity_same_row),
        "detached": Whole(_gravity_detached, says="without a gradient"),
        "users_detached": Edit("(U.T @ U)", "(U.T @ U).detach()", says="first argument"),
        "half_of_the_gradient": Edit(
            "(U.T @ U) * (V.T @ V)", "(U.T @ U.detach()) * (V.T @ V.detach())", says="is half of"
        ),
        "not_summed": Edit(").sum() /", ") /", says="did you forget to sum"),
        "half_of_the_gram": Edit("(U.T @ U)", "(U.T @ U).triu()"),
        "loop_over_rows": Edit(
            "((U.T @ U) * (V.T @ V)).sum()",
            "(sum(torch.outer(u, u) for u in U) * sum(torch.outer(v, v) for v in V)).sum()",
            says="of 4,000 rows",
        ),
    },
    "penalty": {
        "zeroes_its_arguments": Edit(
            "return (",
            "return U.detach().zero_().sum() + V.detach().zero_().sum()\n    (",
            says="U was changed",
        ),
        "not_squared": Edit(
            "(U**2).sum() / len(U) + (V**2).sum() / len(V)",
            "U.norm(dim=1).mean() + V.norm(dim=1).mean()",
            says="not squared",
            headline=True,
        ),
        "norm_of_the_table": Edit(
            "(U**2).sum() / len(U) + (V**2).sum() / len(V)",
            "U.norm() / len(U) + V.norm() / len(V)",
            says="takes a root",
            headline=True,
        ),
        "norms_added": Edit(
            "(U**2).sum() / len(U) + (V**2).sum() / len(V)", "U.norm() + V.norm()", says="takes a root"
        ),
        "not_divided": Edit(
            "(U**2).sum() / len(U) + (V**2).sum() / len(V)",
            "(U**2).sum() + (V**2).sum()",
            says="not divided",
            headline=True,
        ),
        "halved": Edit(
            "(U**2).sum() / len(U) + (V**2).sum() / len(V)",
            "(U**2).sum() / 2 / len(U) + (V**2).sum() / 2 / len(V)",
            says="no ½ stands in the formula",
        ),
        "mean_of_entries": Edit(
            "(U**2).sum() / len(U) + (V**2).sum() / len(V)",
            "(U**2).mean() + (V**2).mean()",
            says="divides by k",
        ),
        "absolute": Edit(
            "(U**2).sum() / len(U) + (V**2).sum() / len(V)",
            "U.abs().sum() / len(U) + V.abs().sum() / len(V)",
            says="absolute",
        ),
        "divided_by_the_sum": Edit(
            "(U**2).sum() / len(U) + (V**2).sum() / len(V)",
            "((U**2).sum() + (V**2).sum()) / (len(U) + len(V))",
            says="m + n",
        ),
        "sizes_exchanged": Edit(
            "(U**2).sum() / len(U) + (V**2).sum() / len(V)",
            "(U**2).sum() / len(V) + (V**2).sum() / len(U)",
            says="exchanged",
        ),
        "users_only": Edit(" + (V**2).sum() / len(V)", "", says="items' part is missing"),
        "items_only": Edit("(U**2).sum() / len(U) + ", "", says="users' part is missing"),
        "cubed": Edit("(V**2)", "(V**3)"),
        "detached": Whole(_penalty_detached, says="without a gradient"),
        "items_detached": Edit("(V**2)", "(V.detach() ** 2)", says="second argument"),
        "half_of_the_gradient": Edit("(U**2)", "(U * U.detach())", says="is half of"),
        "not_summed": Edit(
            "(U**2).sum() / len(U) + (V**2).sum() / len(V)",
            "(U**2).sum(dim=0) / len(U) + (V**2).sum(dim=0) / len(V)",
            says="did you forget to sum",
        ),
        "every_pair": Edit(
            "(U**2).sum() / len(U) + (V**2).sum() / len(V)",
            "torch.trace(U @ U.T) / len(U) + torch.trace(V @ V.T) / len(V)",
            says="ran out of memory",
        ),
        "not_returned": Edit("return (", "(", says="`return`"),
        "root_and_square": Edit(
            "(U**2).sum() / len(U)", "((U**2).sum(dim=1).sqrt() ** 2).sum() / len(U)", says="rows of zeros"
        ),
    },
    "fit": {
        "gradients_cut_off_at_10000": Edit(
            "optimizer.step()",
            "torch.nn.utils.clip_grad_value_(model.parameters(), 1e4)\n            optimizer.step()",
            says="are gradients clipped",
        ),
        "last_weights": Edit(
            "    model.load_state_dict(best_weights)\n", "", says="weights of the last", headline=True
        ),
        "weights_not_copied": Edit(
            _COPY, "best, best_weights = history[-1][1], model.state_dict()", says="by value", headline=True
        ),
        "weights_copied_flat": Edit(
            _COPY, "best, best_weights = history[-1][1], copy.copy(model.state_dict())", says="by value"
        ),
        "best_on_train": Edit(
            "history[-1][1] < best:",
            "history[-1][0] == min(history)[0]:",
            says="validation error",
        ),
        "worst_weights": Edit("history[-1][1] < best:", "history[-1][1] > best or best == math.inf:"),
        "last_improvement": Edit(
            "history[-1][1] < best:",
            "len(history) < 2 or history[-1][1] < history[-2][1] + 1:",
            says="weights of the last",
        ),
        "last_of_equal_epochs": Edit("history[-1][1] < best", "history[-1][1] <= best", says="first of them"),
        "start_counts_as_an_epoch": Edit(
            "    for _ in range(n_epochs):",
            "    best = rmse(valid)\n    for _ in range(n_epochs):",
            says="the start is no epoch",
        ),
        "small_improvements_ignored": Edit(
            "history[-1][1] < best", "history[-1][1] < best - 1e-3", says="however small"
        ),
        "an_improvement_must_exceed_1e-6": Edit(
            "history[-1][1] < best", "history[-1][1] < best - 1e-6", says="however small"
        ),
        "through_a_table": Edit(
            "(users, items), ratings = train.indices(), train.values()",
            "R = train.to_dense()\n    users, items = R.nonzero().T\n    ratings = R[users, items]",
            says="ran out of memory",
        ),
        "global_seed": Edit(
            "    optimizer = torch",
            "    torch.manual_seed(0)\n    optimizer = torch",
            says="torch.manual_seed",
        ),
        "predictions_clamped_in_the_loss": Edit(
            "model(users[batch], items[batch]) -",
            "model(users[batch], items[batch]).clamp(0.5, 5) -",
            says="no clamp",
        ),
        "predictions_clamped_in_the_history": Edit(
            "(model(*known.indices()) -", "(model(*known.indices()).clamp(0.5, 5) -", says="clamped to 0.5"
        ),
        "own_decay_of_adamw": Edit(
            ", weight_decay=weight_decay)", ")", says="own default is 0.01", headline=True
        ),
        "decay_of_one": Edit("weight_decay=weight_decay)", "weight_decay=1.0)"),
        "decay_in_the_gradient": Edit("torch.optim.AdamW(", "torch.optim.Adam("),
        "plain_sgd": Edit("torch.optim.AdamW(", "torch.optim.SGD("),
        "lr_of_the_library": Edit("lr=lr, ", ""),
        "loss_summed": Edit("error.square().mean()", "error.square().sum()", says="a mean (not a sum)"),
        "absolute_errors": Edit(_LOSS, _LOSS.replace("error.square()", "error.abs()")),
        "gravity_forgotten": Edit(
            " + gravity_weight * gravity(X, Y)", "", says="gravity_weight has no effect", headline=True
        ),
        "penalty_forgotten": Edit(
            " + penalty_weight * penalty(X, Y)", "", says="penalty_weight has no effect", headline=True
        ),
        "weights_exchanged": Edit(
            "gravity_weight * gravity(X, Y) + penalty_weight * penalty(X, Y)",
            "penalty_weight * gravity(X, Y) + gravity_weight * penalty(X, Y)",
        ),
        "gravity_of_the_batch": Edit("gravity(X, Y)", "gravity(X[users[batch]], Y[items[batch]])"),
        "penalty_of_the_batch": Edit("penalty(X, Y)", "penalty(X[users[batch]], Y[items[batch]])"),
        "penalty_shared_by_the_batches": Edit(
            "loss.backward()", "(loss * len(batch) / len(ratings)).backward()"
        ),
        "gradients_pile_up": Edit("optimizer.zero_grad()", "pass", says="is zero_grad called", headline=True),
        "never_a_step": Edit("optimizer.step()", "pass", says="did not lower"),
        "new_optimizer_each_epoch": Edit(
            "        model.train()\n",
            "        model.train()\n        optimizer = torch.optim.AdamW(model.parameters(), lr=lr, "
            "weight_decay=weight_decay)\n",
            says="one optimizer for all epochs",
        ),
        "one_batch_an_epoch": Edit(
            "            optimizer.step()\n",
            "            optimizer.step()\n            break\n",
            says="have not moved",
        ),
        "last_batch_dropped": Edit(
            "            error = model",
            "            if len(batch) < (batch_size or 1):\n                continue\n"
            "            error = model",
            says="the last batch may be smaller",
        ),
        "drawn_with_replacement": Edit(
            "torch.randperm(len(ratings), generator=generator)",
            "torch.randint(len(ratings), (len(ratings),), generator=generator)",
        ),
        "not_shuffled": Edit(
            "torch.randperm(len(ratings), generator=generator)",
            "torch.arange(len(ratings))",
            says="drawn anew",
        ),
        "same_order_every_epoch": Edit(
            "    for _ in range(n_epochs):\n        model.train()\n        order = "
            "torch.randperm(len(ratings), generator=generator).to(ratings.device)",
            "    order = torch.randperm(len(ratings), generator=generator)\n    for _ in range(n_epochs):\n"
            "        model.train()",
            says="inside the loop",
        ),
        "shuffled_once": Edit(
            "torch.randperm(len(ratings), generator=generator)",
            "(torch.arange(len(ratings)) if history else torch.randperm(len(ratings), generator=generator))",
            says="inside the loop",
        ),
        "generator_seeded_in_every_epoch": Edit(
            "        model.train()\n",
            "        model.train()\n        generator is None or "
            "generator.manual_seed(generator.initial_seed())\n",
            says="do not seed the generator again",
        ),
        "generator_ignored": Edit(
            "torch.randperm(len(ratings), generator=generator)",
            "torch.randperm(len(ratings))",
            says="draw the order of the batches from `generator`",
        ),
        "seed_of_its_own": Edit(
            "torch.randperm(len(ratings), generator=generator)",
            "torch.randperm(len(ratings), generator=torch.Generator().manual_seed(0))",
            says="different states",
        ),
        "batch_size_ignored": Edit("batch_size or len(ratings)", "len(ratings)"),
        "batch_size_by_default": Edit("batch_size or len(ratings)", "batch_size or 8"),
        "trained_on_validation": Edit(
            "(users, items), ratings = train.indices(), train.values()",
            "both = (train + valid).coalesce()\n    (users, items), ratings = both.indices(), both.values()",
        ),
        "users_and_items_exchanged": Edit(
            "model(users[batch], items[batch])", "model(items[batch], users[batch])"
        ),
        "validation_with_graph": Edit(
            "with torch.no_grad():", "if True:", says="with a graph", headline=True
        ),
        "validation_in_training_mode": Edit(
            "        model.eval()\n", "", says="training mode", headline=True
        ),
        "trained_in_evaluation_mode": Edit("        model.train()\n", "", says="evaluation mode"),
        "squared_errors_in_history": Edit(
            ".square().mean().sqrt().item()", ".square().mean().item()", says="take the root"
        ),
        "tensors_in_history": Edit(".sqrt().item()", ".sqrt()", says="plain floats"),
        "training_error_only": Edit(
            "(rmse(train), rmse(valid))", "(rmse(train), rmse(train))", headline=True
        ),
        "history_exchanged": Edit("(rmse(train), rmse(valid))", "(rmse(valid), rmse(train))"),
        "training_error_of_the_last_batch": Edit(
            "(rmse(train), rmse(valid))",
            "(error.square().mean().sqrt().item(), rmse(valid))",
            says="when the epoch is over",
        ),
        "an_epoch_more": Edit("range(n_epochs)", "range(n_epochs + 1)", says="an entry for each"),
        "starts_afresh": Edit(
            "    history: list",
            "    torch.nn.init.normal_(model.user_factors.weight, std=0.05)\n    history: list",
        ),
        "not_returned": Edit("return history", "history", says="`return`"),
        "gradients_clipped": Edit(
            "            optimizer.step()",
            "            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)\n"
            "            optimizer.step()",
            says="clipped",
        ),
        "rate_scheduled": Edit(
            "history.append((rmse(train), rmse(valid)))",
            "history.append((rmse(train), rmse(valid)))\n        optimizer.param_groups[0]['lr'] *= 0.95",
            says="AdamW",
        ),
    },
    "two_worlds": {
        "odd_users_keep": Edit(
            "n * (users % 2)", "n * (1 - users % 2)", says="the other way round", headline=True
        ),
        "halves": Edit("n * (users % 2)", "n * (users >= m // 2)", says="first half", headline=True),
        "items_apart": Edit("n * (users % 2)", "n * (items % 2)", says="*items*", headline=True),
        "everything_twice": Whole(_two_worlds_for_all, says="everything twice", headline=True),
        "copies_beside": Edit("items + n * (users % 2)", "2 * items + users % 2", says="2i + 1"),
        "rows_apart": Edit(
            "(users, items + n * (users % 2))), shape=(m, 2 * n)",
            "(users + m * (users % 2), items)), shape=(2 * m, n)",
            says="every user keeps the row",
        ),
        "old_shape": Edit("shape=(m, 2 * n)", "shape=(m, n)", says="two_worlds"),
        "one_column_off": Edit("n * (users % 2)", "(n - 1) * (users % 2)", says="Wanted the rows"),
        "modulo_four": Edit("users % 2", "(users % 4 == 1)", says="Wanted the rows"),
        "zeros_dropped": Edit(
            "    return apart,",
            "    apart.eliminate_zeros()\n    return apart,",
            says="A stored 0 is a rating",
        ),
        "whole_stars": Edit("(values, (", "(np.rint(values), (", says="Wanted the rows"),
        "scaled_to_five": Edit("(values, (", "(np.clip(values, -5, 5), (", says="have changed"),
        "dense": Whole(_two_worlds_dense, says="A stored 0 is a rating"),
        "of_the_rows": Edit("np.repeat([0, 1], n)", "np.arange(m) % 2", says="yours is of each row"),
        "worlds_alternate": Edit("np.repeat([0, 1], n)", "np.arange(2 * n) % 2", says="are of world 0"),
        "worlds_exchanged": Edit("np.repeat([0, 1], n)", "np.repeat([1, 0], n)", says="are of world 0"),
        "world_forgotten": Edit(
            "return apart, np.repeat([0, 1], n)", "return apart", says="returns two things: apart, world"
        ),
        "coo_returned": Edit("return apart,", "return apart.tocoo(),", says="is a csr_array"),
        "in_place": Whole(_two_worlds_in_place, says="R.indices was changed"),
        "not_returned": Edit("return apart,", "apart,", says="`return`"),
    },
    "share_from_other_world": {
        "same_world": Edit("!= world[query]", "== world[query]", says="of the same world", headline=True),
        "cosine": Edit('"dot"', '"cosine"', says="by the cosine", headline=True),
        "world_1": Whole(_share_of_world_1, says="neighbours of world 1", headline=True),
        "its_own_neighbour": Whole(_share_without_a_row, says="its own neighbour", headline=True),
        "a_count": Edit("np.mean(world[", "np.sum(world[", says="got 1.333"),
        "a_sum": Edit("float(np.mean(shares))", "float(np.sum(shares) * n)", says="wanted a share"),
        "percent": Edit("float(np.mean(shares))", "100 * float(np.mean(shares))", says="percentage"),
        "any_stranger": Edit("np.mean(world[", "np.any(world[", says="by counting one by one"),
        "a_neighbour_more": Edit('query, n, "dot"', 'query, n + 1, "dot"', says="by counting one by one"),
        "ten_neighbours": Edit('query, n, "dot"', 'query, 10, "dot"', says="wanted 0.667"),
        "median": Edit("float(np.mean(shares))", "float(np.median(shares))", says="wanted 0.667"),
        "each_query_once": Edit("for query in queries", "for query in set(queries)", says="counts twice"),
        "divided_by_n": Edit(
            'np.mean(world[similar_items(rows, query, n, "dot")] != world[query]) for',
            'np.sum(world[similar_items(rows, query, n, "dot")] != world[query]) / n for',
            says="13 neighbours at most",
        ),
        "larger_codes": Edit("!= world[query]", "> world[query]"),
        "all_rows": Edit("for query in queries", "for query in range(len(vectors))"),
        "first_query_left_out": Edit("for query in queries", "for query in queries[1:]", says="wanted 0.667"),
        "nan_for_nothing": Edit("len(queries) == 0", "False", says="no number"),
        "nothing_is_0": Edit("raise ValueError(", "return 0.0 * len(", says="no number"),
        "shares_returned": Edit("return float(np.mean(shares))", "return shares", says="returns one number"),
        "not_returned": Edit("return float", "float", says="`return`"),
    },
}

ALTERNATIVES = {
    "sparse_ratings": {"by_key": _sparse_ratings_by_key, "by_dict": _sparse_ratings_by_dict},
    "pairwise_dot": {
        "einsum": _pairwise_dot_einsum,
        "batched_product": _pairwise_dot_batched,
        "vecdot": _pairwise_dot_vecdot,
    },
    "BiasedMF": {"flat": _BiasedMFFlat},
    "gravity": {"trace": _gravity_trace, "einsum": _gravity_einsum},
    "penalty": {"mean_of_rows": _penalty_of_rows, "squared_norms": _penalty_by_norm},
    "fit": {"adam_by_hand": _fit_adam_by_hand, "two_groups": _fit_two_groups},
    "two_worlds": {"by_indices": _two_worlds_by_indices, "two_halves": _two_worlds_by_masks},
    "share_from_other_world": {"pooled": _share_pooled, "by_matrix": _share_by_matrix},
}
