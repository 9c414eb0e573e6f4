"""Unit 04: matrix factorization in PyTorch, the reference solutions in the order of the lesson."""

from __future__ import annotations

import copy
import math

import numpy as np
import torch
from scipy.sparse import csr_array

from course_utils.data.interactions import known_cells
from course_utils.evaluation.neighbours import similar_items


def sparse_ratings(
    users: np.ndarray, items: np.ndarray, ratings: np.ndarray, shape: tuple[int, int]
) -> torch.Tensor:
    """The known ratings as a sparse tensor in coordinate (COO) form.

    Parameters
    ----------
    users, items : (nnz,) arrays or tensors of 32- or 64-bit integers
        Codes: rating `p` stands in row `users[p]` and column `items[p]`.
    ratings : (nnz,) array or tensor
        In stars, whole numbers or floats. A rating of 0 is a known rating as well.
    shape : (int, int)
        (m, n), the numbers of users and of items, with those that have no rating.

    Returns
    -------
    (m, n) sparse COO tensor of float32, coalesced
        `.indices()` is a 2 × nnz tensor: users in its first row, items in its second. `.values()` holds
        the ratings, in the order of the indices.

    Raises
    ------
    ValueError
        If a pair (user, item) occurs twice: `coalesce` would silently add its ratings. The message names
        the pair.

    References
    ----------
    The PyTorch documentation, "torch.sparse", section "Sparse COO tensors".
    """
    ### BEGIN SOLUTION
    indices = torch.stack([torch.as_tensor(users), torch.as_tensor(items)]).long()
    pairs, times = torch.unique(indices, dim=1, return_counts=True)
    if (times > 1).any():
        user, item = pairs[:, times > 1][:, 0].tolist()
        raise ValueError(
            f"The pair (user {user}, item {item}) occurs more than once: keep one of its ratings."
        )
    values = torch.as_tensor(ratings, dtype=torch.float32)
    return torch.sparse_coo_tensor(indices, values, size=shape, check_invariants=True).coalesce()
    ### END SOLUTION


def pairwise_dot(U: torch.Tensor, V: torch.Tensor) -> torch.Tensor:
    """Dot product of every row of U with the row of V at the same place.

        d_p = Σ_f U_pf V_pf

    Parameters
    ----------
    U, V : (batch, k) tensors
        One row a pair; both float32 or both float64.

    Returns
    -------
    (batch,) tensor
        A batch of one stays a batch of one: shape (1,). Memory grows with batch·k, not with batch².
    """
    ### BEGIN SOLUTION
    return (U * V).sum(dim=1)
    ### END SOLUTION


class BiasedMF(torch.nn.Module):
    """Matrix factorization with biases, for pairs of users and items.

        r̂_ui = μ + b_u + b_i + x_uᵀy_i

    Parameters
    ----------
    n_users, n_items : int
        m and n.
    n_factors : int
        k.
    mu : float
        Mean of the known ratings, in stars. It is not learned.
    init_std : float
        Standard deviation of the factors' start: independent normal numbers around 0. The biases start at 0.
    generator : torch.Generator, optional
        Last argument. Source of the factors' start, first X, then Y; without one, torch's global generator,
        which is never seeded here.

    Attributes
    ----------
    user_factors, item_factors : torch.nn.Embedding
        X (m, k) and Y (n, k), float32.
    user_bias, item_bias : torch.nn.Embedding
        b_u (m, 1) and b_i (n, 1), float32.
    mu : scalar tensor, a buffer
        Part of the state dict, so that a saved model is whole, but not of the parameters.

    References
    ----------
    Koren, Bell, Volinsky, "Matrix factorization techniques for recommender systems", 2009, eq. (4).
    """

    def __init__(
        self,
        n_users: int,
        n_items: int,
        n_factors: int,
        mu: float,
        init_std: float = 0.05,
        generator: torch.Generator | None = None,
    ):
        ### BEGIN SOLUTION
        super().__init__()
        self.user_factors = torch.nn.Embedding(n_users, n_factors)
        self.item_factors = torch.nn.Embedding(n_items, n_factors)
        self.user_bias = torch.nn.Embedding(n_users, 1)
        self.item_bias = torch.nn.Embedding(n_items, 1)
        self.register_buffer("mu", torch.tensor(float(mu)))
        for factors in (self.user_factors, self.item_factors):
            torch.nn.init.normal_(factors.weight, std=init_std, generator=generator)
        for bias in (self.user_bias, self.item_bias):
            torch.nn.init.zeros_(bias.weight)
        ### END SOLUTION

    def forward(self, users: torch.Tensor, items: torch.Tensor) -> torch.Tensor:
        """Predict the ratings of the pairs (users[p], items[p]), in stars: (batch,) ids in, (batch,) out.

        Memory grows with batch·k, not with m·n.
        """
        ### BEGIN SOLUTION
        biases = (self.user_bias(users) + self.item_bias(items)).squeeze(dim=1)
        return self.mu + biases + pairwise_dot(self.user_factors(users), self.item_factors(items))
        ### END SOLUTION


def gravity(U: torch.Tensor, V: torch.Tensor) -> torch.Tensor:
    """Mean squared dot product over all pairs of a row of U and a row of V, known or not.

        g = 1/(mn) · Σ_u Σ_i (x_uᵀy_i)² = 1/(mn) · Σ_{f,g} (UᵀU)_fg (VᵀV)_fg

    Parameters
    ----------
    U : (m, k) tensor
        User factors.
    V : (n, k) tensor
        Item factors; both float32 or both float64.

    Returns
    -------
    scalar tensor
        In squared stars, differentiable. Formed from two k × k matrices, in O((m + n) k²): no m × n one.

    References
    ----------
    Krichene, Mayoraz, Rendle, Zhang, Yi, Hong, Chi, Anderson, "Efficient training on very large corpora via
    Gramian estimation", ICLR 2019, eq. (3) and (4).
    """
    ### BEGIN SOLUTION
    return ((U.T @ U) * (V.T @ V)).sum() / (len(U) * len(V))
    ### END SOLUTION


def penalty(U: torch.Tensor, V: torch.Tensor) -> torch.Tensor:
    """Mean squared length of the users' vectors plus that of the items'.

        p = 1/m · Σ_u ‖x_u‖² + 1/n · Σ_i ‖y_i‖²

    Parameters
    ----------
    U : (m, k) tensor
        User factors.
    V : (n, k) tensor
        Item factors; both float32 or both float64.

    Returns
    -------
    scalar tensor
        Differentiable. Memory grows with (m + n)·k, not with m² or n².
    """
    ### BEGIN SOLUTION
    return (U**2).sum() / len(U) + (V**2).sum() / len(V)
    ### END SOLUTION


def fit(
    model: torch.nn.Module,
    train: torch.Tensor,
    valid: torch.Tensor,
    n_epochs: int,
    lr: float,
    weight_decay: float = 0.0,
    gravity_weight: float = 0.0,
    penalty_weight: float = 0.0,
    batch_size: int | None = None,
    generator: torch.Generator | None = None,
) -> list[tuple[float, float]]:
    """Train a model with AdamW, and keep the weights that were best on the validation ratings.

    A step minimises, for a batch B of known ratings (gravity and penalty are those of *all* factors),

        1/|B| · Σ_{(u,i) ∈ B} (r_ui − r̂_ui)² + gravity_weight · g(X, Y) + penalty_weight · p(X, Y)

    Parameters
    ----------
    model : torch.nn.Module
        A `BiasedMF`; it is trained in place, on the device where it and the ratings are.
    train, valid : (m, n) sparse COO tensors, coalesced
        Ratings to learn from, and ratings that choose the epoch.
    n_epochs : int
        How many times all of `train` is seen.
    lr : float
        Learning rate η of `torch.optim.AdamW`.
    weight_decay : float
        AdamW's: every step shrinks every weight, biases too, by the factor 1 − η·weight_decay. AdamW's other
        settings stay at their defaults.
    gravity_weight, penalty_weight : float
        Weights of `gravity` and `penalty`, ≥ 0.
    batch_size : int, optional
        Ratings a step, the last batch of an epoch may be smaller; without it one step sees them all. The
        batches are drawn anew in every epoch: each rating is in exactly one.
    generator : torch.Generator, optional
        Source of the order of the ratings, on the CPU; without one, torch's global generator.

    Returns
    -------
    list of (float, float)
        RMSE over `train` and over `valid` in stars with the weights at the end of each epoch. Validation
        is in evaluation mode and builds no graph. The model is left with the weights of the epoch whose
        RMSE over `valid` is the lowest (the first such), or as it was if n_epochs is 0.

    References
    ----------
    Loshchilov, Hutter, "Decoupled weight decay regularization", ICLR 2019, algorithm 2.
    """
    ### BEGIN SOLUTION
    (users, items), ratings = train.indices(), train.values()
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=weight_decay)

    def rmse(known: torch.Tensor) -> float:
        model.eval()
        with torch.no_grad():
            return (model(*known.indices()) - known.values()).square().mean().sqrt().item()

    history: list[tuple[float, float]] = []
    best, best_weights = math.inf, copy.deepcopy(model.state_dict())
    for _ in range(n_epochs):
        model.train()
        order = torch.randperm(len(ratings), generator=generator).to(ratings.device)
        for batch in order.split(batch_size or len(ratings)):
            error = model(users[batch], items[batch]) - ratings[batch]
            X = model.get_parameter("user_factors.weight")
            Y = model.get_parameter("item_factors.weight")
            loss = error.square().mean() + gravity_weight * gravity(X, Y) + penalty_weight * penalty(X, Y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        history.append((rmse(train), rmse(valid)))
        if history[-1][1] < best:
            # A copy: the state dict's own tensors go on changing with the model.
            best, best_weights = history[-1][1], copy.deepcopy(model.state_dict())
    model.load_state_dict(best_weights)
    return history
    ### END SOLUTION


def two_worlds(R: csr_array) -> tuple[csr_array, np.ndarray]:
    """Cut ratings into two worlds that have no item in common.

    Users with an even code keep their items. Users with an odd code get copies of the same items: their
    rating of item i stands in column n + i.

    Parameters
    ----------
    R : (m, n) csr_array
        Ratings. A stored 0 is a rating; it stays one.

    Returns
    -------
    apart : (m, 2n) csr_array
        The same ratings of the same users: every one of them once.
    world : (2n,) array of int
        The world of each column: 0 for the n items themselves, 1 for their copies.

    References
    ----------
    Xin, Mayoraz, Pham, Lakshmanan, Anderson, "Folding: why good models sometimes make spurious
    recommendations", RecSys 2017: groups that never meet are laid on each other.
    """
    ### BEGIN SOLUTION
    m, n = R.shape
    users, items, values = known_cells(R)
    apart = csr_array((values, (users, items + n * (users % 2))), shape=(m, 2 * n))
    return apart, np.repeat([0, 1], n)
    ### END SOLUTION


def share_from_other_world(vectors: torch.Tensor, world: np.ndarray, queries: np.ndarray, n: int) -> float:
    """What share of the queries' neighbours is of another world than the query?

    The mean over all q in `queries` of |{j among the n nearest of q : world_j ≠ world_q}| / n, nearest by
    the dot product. A query is no neighbour of its own.

    Parameters
    ----------
    vectors : (rows, k) tensor
        One vector a row.
    world : (rows,) array of int
        The world of each row.
    queries : array or list of int
        Rows whose neighbours are counted; one that occurs twice counts twice.
    n : int
        How many neighbours each; if there are fewer other rows, all of them, and the share is one of those.

    Returns
    -------
    float
        Between 0 (no neighbour is of another world) and 1.

    Raises
    ------
    ValueError
        If there are no queries: a share of nothing is no number.
    """
    ### BEGIN SOLUTION
    if len(queries) == 0:
        raise ValueError("There are no queries, so there are no neighbours to count: give one row or more.")
    rows = vectors.numpy()
    shares = [np.mean(world[similar_items(rows, query, n, "dot")] != world[query]) for query in queries]
    return float(np.mean(shares))
    ### END SOLUTION
