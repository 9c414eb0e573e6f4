# %% [markdown]
# # Unit 04 · Matrix factorization in PyTorch: neighbours that make sense
#
# **After this unit you can**
#
# - write matrix factorization as a `torch.nn.Module` that is trained in batches and never forms the m × n
#   table,
# - add a penalty over **all** m·n pairs at the cost of two k × k matrices,
# - train with AdamW and early stopping, and *really* get the best weights back,
# - find similar items by cosine and by dot product, and measure whether they are any good,
# - explain what a low error on the known ratings does not tell about the unknown ones, and measure it in two
#   worlds that never met.
#
# **Time** about 4 hours · **20 points**, 2 of them for a written answer · **Before this** units 01 and 03

# %% [markdown]
# - **You have** unit 03's model and its steps, each derivative by hand, and a row of neighbours that the
#   error did not care about.
# - **You need** derivatives that are computed for you, so that the loss can be changed at will; two new
#   terms that look at *unknown* cells; and a measure of neighbours.

# %%
import copy
import math
from contextlib import nullcontext
from functools import partial

import numpy as np
import pandas as pd
import torch
from scipy.sparse import csr_array  # noqa: F401, for exercise 4.7

from course_utils.data import Interactions, hold_out, known_cells, load, shown_title
from course_utils.plots import panels, show, pytorch_mf as plots
from course_utils.training.pytorch import pick_device, settle_torch, training_bar

pd.set_option("display.max_colwidth", 80)  # long titles further down
settle_torch(n_threads=1)  # small tables are fastest with one thread
device = pick_device("auto")
print(f"torch {torch.__version__} on {device}")

# %% [markdown]
# ## The story: what is like *Toy Story*?
#
# A colleague has moved the recommender to PyTorch. The training error falls as it should. Then somebody asks
# for the films most similar to *Toy Story*, and the model answers with *Dragon Seed* (1944), *High Crimes*
# and *The Rebound*: a war film, a thriller, a romantic comedy, each rated by one or two people.
#
# **Why are the neighbours so bad, and what would make them better?** You will build the model, look at what
# makes a film a neighbour, and repair it in three steps. With each you will measure two things: the error on
# ratings that were held out, and the quality of the neighbours. They do not always agree, and that is the
# point of this unit.
#
# ## Notation
#
# | in formulas | in code | shape | |
# |---|---|---|---|
# | m, n, k | `n_users, n_items, n_factors` | | sizes |
# | X, $x_u$ | `user_factors` | m × k | factors of the users, a row each; `U` where any table would do |
# | Y, $y_i$ | `item_factors` | n × k | factors of the items; `V` likewise |
# | $b_u, b_i$ | `user_bias, item_bias` | m × 1, n × 1 | biases |
# | μ | `mu` | | mean of the known ratings |
# | η | `lr` | | learning rate |
#
# The model is that of unit 03, $\hat r_{ui} = \mu + b_u + b_i + x_u^\top y_i$. For a batch B of known ratings
# a training step lowers
#
# $$\frac{1}{|B|} \sum_{(u,i) \in B} (r_{ui} - \hat r_{ui})^2
# \;+\; w_g\, g(X, Y) \;+\; w_p\, p(X, Y) \qquad (4.1)$$
#
# with two terms that you will write: *gravity* $g$, the mean squared $x_u^\top y_i$ over all pairs, known or
# not, and a *penalty* $p$ on the vectors' lengths.

# %% [markdown]
# ## A toy, by hand
#
# Three children rate three animated films; two of their uncles rate three horror films. All of them are
# happy: each rating is one star above the mean. A dot is a film that they have not seen.

# %%
films = ["Toy Story", "Shrek", "Bambi", "Alien", "Saw", "Carrie"]
people = ["Ada", "Ben", "Cem", "Uncle Dan", "Uncle Eli"]
above_mean = np.array([[1, 1, 1, 0, 0, 0]] * 3 + [[0, 0, 0, 1, 1, 1]] * 2)
pd.DataFrame(above_mean, index=people, columns=films).replace(0, ".")

# %% [markdown]
# **One factor is enough**: x = 1 for everybody, y = 1 for every film. Every known rating is predicted
# exactly, the error is 0. But *all* products are 1: this model recommends *Saw* to Ada. Two groups that never
# met are laid on top of each other, like the two halves of a sheet of paper. That is called **folding**, and
# the training error cannot see it, for it only looks at known cells.
#
# **Two factors** can keep the groups apart: x = y = (1, 0) for the children and their films, x = y = (0, 1)
# for the uncles and theirs. The error is 0 again. But now Ada's product with *Saw* is 0: nothing is claimed.
#
# Which of the two is better? (4.1) tells them apart by gravity, the mean of the squared products over all 30
# pairs. Folded: 30/30 = 1. Apart: only 3 · 3 + 2 · 3 = 15 pairs have the product 1, so 15/30 = 0.5. The sum
# over 30 pairs can be had without the 30 pairs, from $X^\top X$ and $Y^\top Y$. Folded, these are the numbers
# 5 and 6, and 5 · 6 / 30 = 1. Apart, they are diag(3, 2) and diag(3, 3), and (3 · 3 + 2 · 3) / 30 = 0.5.

# %%
apart_x = np.array([[1, 0]] * 3 + [[0, 1]] * 2)
apart_y = np.array([[1, 0]] * 3 + [[0, 1]] * 3)
rows = {}
for name, x, y in [("folded", np.ones((5, 1)), np.ones((6, 1))), ("apart", apart_x, apart_y)]:
    products = x @ y.T
    rows[name] = {
        "error on known cells": np.mean((products - above_mean)[above_mean > 0] ** 2),
        "gravity, from all pairs": np.mean(products**2),
        "gravity, from the Gram matrices": np.sum((x.T @ x) * (y.T @ y)) / products.size,
        "Ada and Saw": products[0, 4],
    }
pd.DataFrame(rows).T

# %% [markdown]
# You should see an error of 0 in both rows, gravity 1 against 0.5, and Ada's product with *Saw*: 1 against 0.

# %% [markdown]
# ## Exercise 4.1 · Ratings as a sparse tensor
#
# ★☆☆ · 10 minutes · 2 points: 1 checked here, 1 by hidden checks (unsorted input, other types, ratings of 0)
#
# `torch.sparse_coo_tensor(indices, values, size)` holds the known cells and nothing else. Its `indices` are
# **2 × nnz**: all users in the first row, all items in the second. (TensorFlow wants the transpose; code
# copied from there stops here, or goes wrong in silence when there are exactly two ratings.) `coalesce()`
# sorts the cells, and **adds** the values of cells that occur twice: 4 + 5 = 9 stars. Refuse such input
# before it is too late.
#
# <details><summary>Hint 1</summary>
#
# `torch.as_tensor` takes NumPy arrays and tensors alike; `torch.stack` puts two rows on top of each other.
# Indices are int64 (`.long()`), values float32.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `torch.unique(indices, dim=1, return_counts=True)` counts how often each column, that is each pair, occurs.
#
# </details>

# %% sparse_ratings
from solutions.pytorch_mf import sparse_ratings

# %% test_sparse_ratings points=1
# Three ratings in a table of four people and five films.
from course_utils.checks.pytorch_mf import check_sparse_ratings_by_hand, check_sparse_ratings_duplicates

check_sparse_ratings_by_hand(sparse_ratings)
check_sparse_ratings_duplicates(sparse_ratings)

# %% test_sparse_ratings_hidden points=1
# Hidden checks look at: any order and type of input, ratings of 0.
### BEGIN HIDDEN TESTS
from tests.checks.pytorch_mf import check_sparse_ratings_any_input, check_sparse_ratings_awkward

check_sparse_ratings_any_input(sparse_ratings)
check_sparse_ratings_awkward(sparse_ratings)
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 4.2 · One product a pair
#
# ★☆☆ · 5 minutes · 1 point: 0.5 checked here, 0.5 by hidden checks (other numbers of pairs and of factors;
# can both sides learn?)
#
# In ml-latest-small 1.7 % of the cells are known. Whoever forms `U @ V.T` computes sixty products for each
# one that is used, and on the full MovieLens the table fits into no computer. So gather the rows of the pairs
# first, then multiply row by row.
#
# <details><summary>Hint 1</summary>
#
# `U * V` multiplies entry by entry. Sum over which dimension?
#
# </details>
# <details><summary>Hint 2</summary>
#
# Leave `squeeze()` alone: a batch of one pair would lose its only dimension.
#
# </details>

# %% pairwise_dot
from solutions.pytorch_mf import pairwise_dot

# %% test_pairwise_dot points=0.5
# Two pairs that can be worked out on paper.
from course_utils.checks.pytorch_mf import check_pairwise_dot_by_hand, check_pairwise_dot_memory

check_pairwise_dot_by_hand(pairwise_dot)
check_pairwise_dot_memory(pairwise_dot)

# %% test_pairwise_dot_hidden points=0.5
# Hidden checks look at: batches of every size, gradients on both sides.
### BEGIN HIDDEN TESTS
from tests.checks.pytorch_mf import (
    check_pairwise_dot_awkward,
    check_pairwise_dot_gradient,
    check_pairwise_dot_shapes,
)

check_pairwise_dot_shapes(pairwise_dot)
check_pairwise_dot_gradient(pairwise_dot)
check_pairwise_dot_awkward(pairwise_dot)
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 4.3 · The model
#
# ★★☆ · 20 minutes · 4 points: 3 checked here, 1 by hidden checks (the generator of the start; batches of any
# size; can every table learn? is a saved and restored model the same?)
#
# An `nn.Embedding(rows, columns)` is a table of parameters: called with ids, it gathers their rows. The model
# has four of them. Take care of two details. `nn.Embedding` starts as N(0, 1), and the product of two such
# vectors with 30 factors has a variance of 30, on a scale of five stars. Draw the factors from N(0,
# `init_std`²) with `generator`; set the biases to 0. μ is not learned, so it is not a parameter. But it must
# be saved with the model: register it as a *buffer*.
#
# <details><summary>Hint 1</summary>
#
# `torch.nn.init.normal_(table.weight, std=…, generator=…)` and `torch.nn.init.zeros_(table.weight)`;
# `self.register_buffer("mu", torch.tensor(float(mu)))`.
#
# </details>
# <details><summary>Hint 2</summary>
#
# A bias table answers with shape (batch, 1). Added to a product of shape (batch,) it would be *broadcast* to
# batch × batch. Bring it to (batch,) by `.squeeze(dim=1)`, which spares a batch of one.
#
# </details>

# %% BiasedMF
from solutions.pytorch_mf import BiasedMF

# %% test_BiasedMF points=3
# Two pairs that can be worked out on paper; a forgotten term is named.
from course_utils.checks.pytorch_mf import check_BiasedMF_by_hand, check_BiasedMF_start

check_BiasedMF_by_hand(BiasedMF)
check_BiasedMF_start(BiasedMF)

# %% test_BiasedMF_hidden points=1
# Hidden checks look at: the generator, batches of one and of 200,000, tables that learn, saving.
### BEGIN HIDDEN TESTS
from tests.checks.pytorch_mf import (
    check_BiasedMF_batches,
    check_BiasedMF_every_table_learns,
    check_BiasedMF_generator,
    check_BiasedMF_gradients,
    check_BiasedMF_state_dict_is_whole,
)

check_BiasedMF_batches(BiasedMF)
check_BiasedMF_every_table_learns(BiasedMF)
check_BiasedMF_generator(BiasedMF)
check_BiasedMF_state_dict_is_whole(BiasedMF)
check_BiasedMF_gradients(BiasedMF)
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 4.4 · Gravity
#
# ★★☆ · 15 minutes · 2 points: 1 checked here, 1 by hidden checks (brute force on small tables, gradients on
# both sides)
#
# Gravity is the mean of $(x_u^\top y_i)^2$ over all m·n pairs. Expand the square: a sum over two factors f
# and h of $x_{uf} x_{uh} y_{if} y_{ih}$. Sum over u first, then over i, and the pairs are gone:
#
# $$g = \frac{1}{mn} \sum_{f,h} (X^\top X)_{fh} (Y^\top Y)_{fh} \qquad (4.2)$$
#
# <details><summary>Hint 1</summary>
#
# Two k × k matrices, multiplied entry by entry (`*`, not `@`), then summed.
#
# </details>
# <details><summary>Hint 2</summary>Check yourself on the toy: 1 for the folded model, 0.5 for the
# other.</details>

# %% gravity
from solutions.pytorch_mf import gravity

# %% test_gravity points=1
# Two users and three items: six products, squared, averaged.
from course_utils.checks.pytorch_mf import check_gravity_by_hand, check_gravity_memory

check_gravity_by_hand(gravity)
check_gravity_memory(gravity)

# %% test_gravity_hidden points=1
# Hidden checks look at: brute force, gradients on both sides.
### BEGIN HIDDEN TESTS
from tests.checks.pytorch_mf import check_gravity_awkward, check_gravity_brute_force, check_gravity_gradient

check_gravity_brute_force(gravity)
check_gravity_gradient(gravity)
check_gravity_awkward(gravity)
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 4.5 · The penalty
#
# ★☆☆ · 5 minutes · 2 points: 1 checked here, 1 by hidden checks (other sizes, 400,000 rows, can both
# sides learn?)
#
# The mean **squared** length of the users' vectors, plus that of the items': $p = \frac1m \sum_u \lVert x_u
# \rVert^2 + \frac1n \sum_i \lVert y_i \rVert^2$. Each table is divided by its own number of rows.
#
# <details><summary>Hint 1</summary>
#
# `torch.norm` takes a root that nobody asked for.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `(U**2).mean()` divides by m·k. Divide by m.
#
# </details>

# %% penalty
from solutions.pytorch_mf import penalty

# %% test_penalty points=1
# Two users and three items.
from course_utils.checks.pytorch_mf import check_penalty_by_hand

check_penalty_by_hand(penalty)

# %% test_penalty_hidden points=1
# Hidden checks look at: all sizes, memory, gradients on both sides.
### BEGIN HIDDEN TESTS
from tests.checks.pytorch_mf import (
    check_penalty_awkward,
    check_penalty_brute_force,
    check_penalty_gradient,
    check_penalty_memory,
)

check_penalty_brute_force(penalty)
check_penalty_memory(penalty)
check_penalty_gradient(penalty)
check_penalty_awkward(penalty)
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 4.6 · Training
#
# ★★★ · 35 minutes · 4 points: 3 checked here, 1 by hidden checks (the weights after four full batches, and
# after mini-batches, to four digits; every rating once an epoch; the generator, and a new order in each
# epoch; ties between epochs; memory)
#
# Minimise (4.1) by `torch.optim.AdamW`. The traps, each from a real notebook:
#
# - AdamW decays the weights by 0.01 if you do not tell it otherwise. Pass `weight_decay` on.
# - The error is the **mean** over the batch, gravity and the penalty are those of **all** factors. Then a
#   batch of all ratings is the same as no batches at all, and the weights $w_g$, $w_p$ mean the same for
#   every batch size.
# - The order is drawn anew in every epoch (`torch.randperm` with `generator`), and the last batch may be
#   smaller.
# - Validation needs `model.eval()` and `torch.no_grad()`; training needs `model.train()` again.
# - `best = model.state_dict()` does not keep anything: it holds the model's own tensors, which go on
#   changing. See:

# %%
small = BiasedMF(2, 2, 1, 3.5)
not_kept, kept = small.state_dict(), copy.deepcopy(small.state_dict())
with torch.no_grad():
    small.user_bias.weight.fill_(7.0)  # training goes on
for name, weights in {"state_dict()": not_kept, "a deep copy of it": kept}.items():
    print(f"{name}: user biases {weights['user_bias.weight'].flatten().tolist()}")

# %% [markdown]
# You should see the biases of 7 in the first line and those of 0, which we wanted to keep, only in the
# second.
#
# <details><summary>Hint 1</summary>
#
# A batch is the same selection from three arrays: users and items (`train.indices()`) and ratings
# (`train.values()`). `order.split(batch_size)` cuts an order of all ratings into batches.
#
# </details>
# <details><summary>Hint 2</summary>
#
# A small function inside `fit` can measure both errors when the epoch is over. If the validation error is
# *lower* than ever before, what has to be copied, and how deep? And what is loaded when all epochs are over?
#
# </details>

# %% fit
from solutions.pytorch_mf import fit

# %% test_fit points=3
# Each entry holds the RMSE over train and over valid, with the weights at the end of its epoch.
from course_utils.checks.pytorch_mf import check_fit_history, check_fit_best_weights, check_fit_settings

check_fit_history(fit, BiasedMF)
check_fit_best_weights(fit, BiasedMF)
check_fit_settings(fit, BiasedMF)

# %% test_fit_hidden points=1
# Hidden checks look at: AdamW step by step, small batches, every rating, the generator, ties, memory.
### BEGIN HIDDEN TESTS
from tests.checks.pytorch_mf import (
    check_fit_awkward,
    check_fit_every_rating,
    check_fit_full_batch,
    check_fit_generator,
    check_fit_memory,
    check_fit_minibatches,
    check_fit_new_order_every_epoch,
    check_fit_restores_best,
    check_fit_validation_leaves_no_trace,
)

check_fit_full_batch(fit, BiasedMF)
check_fit_minibatches(fit, BiasedMF)
check_fit_every_rating(fit, BiasedMF)
check_fit_generator(fit, BiasedMF)
check_fit_new_order_every_epoch(fit, BiasedMF)
check_fit_validation_leaves_no_trace(fit, BiasedMF)
check_fit_restores_best(fit, BiasedMF)
check_fit_memory(fit, BiasedMF)
check_fit_awkward(fit, BiasedMF)
### END HIDDEN TESTS

# %% [markdown]
# ## The same code on real ratings
#
# MovieLens latest-small, or another data set: change the name (`ml-100k`, `ml-1m`, `book-crossing`; `load`
# says where it looks for their files). Book-Crossing's marks of 0 are not ratings, hence `explicit_ratings`;
# it knows no genres, so the neighbours can be looked at there but not measured. (`python -m
# benchmarks.books`, in the course's repository, merges the editions of each book before it asks what is like
# *Harry Potter*.) 80 % of the ratings train, 10 % choose the epoch (*valid*), 10 % are the *test* set, for
# the very end.

# %%
from course_utils.evaluation import (
    THREE_FILMS,
    fit_biases,
    genre_marks,
    genre_overlap,
    group_by_genre,
    rmse_on,
    shelves,
    similar_items,
)

DATASET = "ml-latest-small"
dataset = load(DATASET)
interactions = Interactions.from_ratings(dataset.explicit_ratings)
rest, test = hold_out(interactions.matrix, 0.1, np.random.default_rng(0))
train, valid = hold_out(rest, 1 / 9, np.random.default_rng(1))


def as_tensor(R):
    """The known cells of a rating matrix as your sparse tensor, on the device."""
    return sparse_ratings(*known_cells(R), R.shape).to(device)


train_ratings, valid_ratings = as_tensor(train), as_tensor(valid)
mu = float(train.data.mean())
counts = np.bincount(known_cells(train)[1], minlength=train.shape[1])  # training ratings of each film
films = dataset.items.drop_duplicates("item_id").set_index("item_id").reindex(interactions.item_ids)
titles = films["title"].fillna("(no title)").tolist()
biases = fit_biases(train, reg=5.0)
rivals = {"mean": math.sqrt(np.mean((valid.data - mu) ** 2)), "biases": rmse_on(valid, biases.predict)}
print(f"{train.shape[0]} users × {train.shape[1]} films, {train.nnz} training ratings")
print(", ".join(f"{name}: RMSE {error:.3f}" for name, error in rivals.items()))

# %% [markdown]
# You should see 80,668 training ratings, an RMSE of 1.05 stars for the mean and 0.87 for the biases: the
# rival to beat.
#
# ### Step 1: the colleague's model
#
# `nn.Embedding` as it comes: N(0, 1). Otherwise your own code, with 16 factors, batches of 4,096 and η =
# 0.02.


# %% slow=true
def train_model(
    seed=0, init_std=0.05, n_epochs=8, bar=True, known=train_ratings, held=valid_ratings, **settings
):
    """A model trained with your code, and its history. Another seed gives another start and other batches."""
    generator = torch.Generator().manual_seed(seed)
    model = BiasedMF(*known.shape, 16, mu, init_std, generator).to(device)
    options = {"lr": 0.02, "batch_size": 4096, "generator": generator} | settings
    with training_bar(model, train.nnz, n_epochs, options["batch_size"]) if bar else nullcontext():
        history = fit(model, known, held, n_epochs, **options)
    return model, history


def item_vectors(model):
    """The films' factors, a row each."""
    return model.item_factors.weight.detach().cpu()


def predictor(model):
    """A function that predicts stars for arrays of codes."""

    def predict(users, items):
        with torch.no_grad():
            codes = (torch.as_tensor(part, dtype=torch.int64, device=device) for part in (users, items))
            return model(*codes).cpu().numpy()

    return predict


def neighbours(models, films):
    """A table: the films nearest to some films, for each model, with their numbers of training ratings."""
    vectors = {name: item_vectors(model) for name, model in models.items()}
    return shelves(vectors, titles, counts, films, similar=partial(similar_items, metric="dot"))


models, histories = {}, {}
models["start N(0, 1)"], histories["start N(0, 1)"] = train_model(init_std=1.0)
print(f"best validation RMSE {min(error for _, error in histories['start N(0, 1)']):.2f}")
query = "Toy Story (1995)" if "Toy Story (1995)" in titles else titles[int(np.argmax(counts))]
neighbours(models, [query])

# %% [markdown]
# You should see a validation RMSE of 1.44, worse than the mean, and five neighbours with one or two ratings
# each (the number behind the title). Of 9,724 films, these are among those that the model knows least about.
# Why do they come first? The `most_similar` of unit 03 took the *cosine*, which looks at the direction alone.
# This table is by the *dot product* $y_i^\top y_j$, which the model itself works with: it is large for long
# vectors, too. So look at the lengths. (On another processor a title may differ here and there, in all tables
# of neighbours.)
#
# **What do you expect, and why?** Which films have the longest vectors after training: those with many
# ratings or those with few?

# %% slow=true
lengths = {name: item_vectors(model).norm(dim=1).numpy() for name, model in models.items()}
plots.plot_lengths(counts, lengths, "Step 1: rarely rated films have the longest vectors")
show(
    "Length of each film's vector against its number of training ratings: the line falls; films with one "
    "or two ratings keep a length near 4, and films with many are shorter."
)

# %% [markdown]
# You should see a falling line. All vectors started with a length near √16 = 4. Films with many ratings were
# pulled into place, and shrank; films with one or two ratings are still where chance has put them, and
# **long**. A dot product rewards length: so the films that the model knows least about are everybody's
# neighbours.
#
# ### Step 2: start small
#
# With `init_std=0.05` a film's vector starts at a length of 0.2 and grows only as far as ratings pull it. We
# train for too long on purpose, to see the curves.
#
# **What do you expect, and why?** Where will the two curves part, and how much later will the lowest
# validation error come than that?

# %% slow=true
models["start N(0, 0.05²)"], histories["start N(0, 0.05²)"] = train_model(n_epochs=15)
plots.plot_training(
    histories["start N(0, 0.05²)"], "Step 2: a small start learns fast, then overfits", rivals=rivals
)
show(
    "RMSE by epoch, from the small start: the training error falls all the way, while the validation "
    "error turns after two epochs and rises, above the line of the biases."
)
neighbours(models, [query])

# %% [markdown]
# You should see the training error fall all the way while the validation error turns after two epochs: from
# there the model learns the training ratings themselves, noise included. That is **overfitting**. **Early
# stopping** has kept the weights of the second epoch, and yet they do not reach the biases. The neighbours
# now are films that people know, some of them for children. But *Terminator 2* and *The Cabin in the Woods*,
# a horror film, next to *Toy Story*?
#
# ### Step 3: the penalty, and gravity
#
# The penalty asks every vector to be short, unless ratings insist. Gravity asks the *products* to be small,
# over all pairs, so that nothing is claimed about pairs that nobody has rated.
#
# **What do you expect, and why?** Both make vectors shorter. Will films with few ratings still have the
# longest ones? And will the model with gravity have the lower or the higher validation error?

# %% slow=true
settings = {
    "penalty": {"penalty_weight": 0.3},
    "penalty + gravity": {"penalty_weight": 0.3, "gravity_weight": 10.0},
}
for name, weights in settings.items():
    models[name], histories[name] = train_model(**weights)

best = {name: min(history, key=lambda errors: errors[1]) for name, history in histories.items()}
axes = panels(2, width=5.6)
plots.plot_training(histories["penalty"], "Step 3: with the penalty", rivals=rivals, ax=axes[0])
lengths = {name: item_vectors(model).norm(dim=1).numpy() for name, model in models.items()}
plots.plot_lengths(counts, lengths, "Length against popularity", axes[1])
show(
    "Left: with the penalty the validation error goes below the line of the biases and stays there. "
    "Right: median length of the vectors against the number of ratings for each model: with the penalty "
    "it grows from near 0 with the ratings; from the large start it falls."
)
print("\n".join(f"{name}: RMSE train {t:.3f}, valid {v:.3f}" for name, (t, v) in best.items()))
neighbours({name: models[name] for name in settings}, THREE_FILMS if query in THREE_FILMS else [query])

# %% [markdown]
# You should see, on the left, that the validation error now goes below that of the biases and stays there. On
# the right the order is reversed: with the penalty, films with few ratings have lengths near 0, and the
# length grows with the evidence. The neighbours of *Toy Story* are well-known family films of the time: *Back
# to the Future*, *E.T.*, *Aladdin*. The table holds those of the two other films of unit 03 as well: *Aliens*
# stands beside *Alien*, but so does *Pulp Fiction*, whose vector is long. Gravity hardly
# changes these fifteen, but the model **with gravity has the larger validation error**, 0.861 against 0.859
# stars. Is it the worse model, then? Fifteen films looked at by eye will not tell. Let us measure.
#
# ### Neighbours, measured
#
# The genres of a film are known, and no model has seen them. For every film with 50 or more training ratings
# take its ten nearest, and count what share of genres they have in common with it (genres of both / genres of
# either, the mean over the ten). Chance decides a lot here, so we train each model three times, from three
# seeds.


# %% slow=true
from course_utils.notebook.my_work import my_work
from course_utils.training import progress_bar

most_similar = my_work("03-sgd", "most_similar")  # by the cosine; yours, if it is found


def measure(model, history):
    """The error of a model, and the quality of its neighbours."""
    train_error, valid_error = min(history, key=lambda errors: errors[1])
    vectors, found = item_vectors(model).numpy(), {}
    for metric in ["dot", "cosine"]:
        if metric == "dot":
            tens = {i: similar_items(vectors, i, 10, "dot") for i in well_rated}
        else:
            tens = {i: most_similar(vectors, i, 10) for i in well_rated}
        if marks is not None:
            overlaps = [genre_overlap(marks, i, others) for i, others in tens.items()]
            found[f"genres shared ({metric})"] = np.mean(overlaps)
        found[f"obscure ({metric})"] = np.mean([np.mean(counts[others] < 5) for others in tens.values()])
    with torch.no_grad():
        mean_square = gravity(model.user_factors.weight, model.item_factors.weight).item()
    return {
        "epoch": 1 + min(range(len(history)), key=lambda epoch: history[epoch][1]),
        "RMSE train": train_error,
        "RMSE valid": valid_error,
        **found,
        "RMS product, all pairs": math.sqrt(mean_square),
    }


genres = films["genres"].fillna("")
marks = genre_marks(genres) if genres.any() else None
well_rated = np.flatnonzero(counts >= 50)
kinds = {"start N(0, 1)": {"init_std": 1.0}, "start N(0, 0.05²)": {}} | settings
runs = [(name, seed) for name in kinds for seed in range(3)]
measured = {
    (name, seed): measure(*train_model(seed, bar=False, **kinds[name]))
    for name, seed in progress_bar(runs, desc="models and seeds")
}
by_seed = pd.DataFrame(measured).T
by_seed.index.names = ["model", "seed"]
by_seed.groupby("model", sort=False).mean().round(3)

# %% [markdown]
# You should see the share of common genres (dot) rise from row to row: 0.15 for the colleague's model, no
# more than ten films picked at random share; then 0.21, 0.25 and 0.26. "Obscure" is the share of neighbours
# with fewer than five ratings: by the dot product it falls from 0.87 to nothing. By the **cosine** it stays
# between 0.62 and 0.45, as the cosine divides by the length and so throws away what the penalty has put
# there: how much the model knows. The column "RMS product" shows how much the model claims: the size of
# $x_u^\top y_i$ over all pairs, nearly all of them unknown.
#
# The last step, from 0.25 to 0.26, is small. Is gravity its cause? Look at the first column: early stopping
# keeps a *later epoch* where there is gravity, and another epoch changes the neighbours as well. The number
# of epochs is a **confounder**: it differs together with the cause that we ask about. So train both models
# for the same number of epochs and keep the last one, from the same starts. (Validated on the training
# ratings themselves, `fit` has nothing to stop for.)

# %% slow=true
if marks is not None:
    rows = {}
    for n_epochs, seed in progress_bar([(n, seed) for n in (4, 8) for seed in range(2)], desc="equal epochs"):
        for name in ("penalty", "penalty + gravity"):
            model, _ = train_model(seed, n_epochs=n_epochs, bar=False, held=train_ratings, **settings[name])
            vectors = item_vectors(model).numpy()
            tens = {i: similar_items(vectors, i, 10, "dot") for i in well_rated}
            shared = np.mean([genre_overlap(marks, i, others) for i, others in tens.items()])
            rows.setdefault((n_epochs, seed), {})[f"genres shared (dot), {name}"] = shared
    control = pd.DataFrame(rows).T.rename_axis(["epochs", "seed"])
    control["difference"] = control.iloc[:, 1] - control.iloc[:, 0]
    print(control.round(4).to_string())

# %% [markdown]
# You should see a gain in all four rows, and a small one: 0.009 after four epochs, 0.004 and less after
# eight. The epochs do more than that: without gravity, four more of them lead from 0.230 to 0.259 with the
# first seed, and from 0.247 to 0.266 with the second. So without this control, gravity would have been
# praised for what an epoch did.
#
# ## Two worlds: neighbours that must be wrong
#
# Genres are a rough measure. Here is a sharper one. Cut the *real* ratings into two worlds: users with an
# even code keep their films, users with an odd code get copies of the same films under other codes. Now no
# film has been rated in both worlds, as if the two groups lived on different planets. So whenever a film of
# one world is among the nearest of a film of the other, the data cannot be the reason. That neighbour is
# **spurious**, and spurious neighbours can be counted.
#
# ## Exercise 4.7 · Two worlds
#
# ★☆☆ · 10 minutes · 1 point: 0.5 checked here, 0.5 by hidden checks (ratings of 0, other types, empty rows,
# 400,000 × 500,000 cells)
#
# Five users and three films, before and after:
#
# | | Alien | Saw | Shrek | | Alien | Saw | Shrek | *Alien′* | *Saw′* | *Shrek′* |
# |---|---|---|---|---|---|---|---|---|---|---|
# | user 0 | 5 | 3 | | → | 5 | 3 | | | | |
# | user 1 | 4 | | 2 | → | | | | 4 | | 2 |
# | user 2 | | 1 | | → | | 1 | | | | |
# | user 3 | | | 2.5 | → | | | | | | 2.5 |
# | user 4 | 1 | | 4.5 | → | 1 | | 4.5 | | | |
#
# <details><summary>Hint 1</summary>
#
# `known_cells(R)` gives users, items and values of all ratings, an entry each. What happens to an item's code
# if its user is odd? And to the value?
#
# </details>
# <details><summary>Hint 2</summary>
#
# `users % 2` is 0 or 1, so it can be multiplied by how far a code moves. Do not go through `toarray()`.
#
# </details>

# %% two_worlds
from solutions.pytorch_mf import two_worlds

# %% test_two_worlds points=0.5
# Five users and three films: the ratings of users 1 and 3 move by three columns.
from course_utils.checks.pytorch_mf import check_two_worlds_by_hand

check_two_worlds_by_hand(two_worlds)

# %% test_two_worlds_hidden points=0.5
# Hidden checks look at: ratings of 0, other types, empty rows, 400,000 × 500,000 cells.
### BEGIN HIDDEN TESTS
from tests.checks.pytorch_mf import check_two_worlds_awkward, check_two_worlds_memory

check_two_worlds_awkward(two_worlds)
check_two_worlds_memory(two_worlds)
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 4.8 · Neighbours that must be wrong
#
# ★★☆ · 15 minutes · 2 points: 1 checked here, 1 by hidden checks (any worlds, queries and n; queries that
# occur twice, or not at all; vectors that are turned)
#
# For each of the `queries` take the n nearest rows by the dot product. What share of them is of another world
# than the query itself? The answer is the mean over the queries.
#
# <details><summary>Hint 1</summary>
#
# `similar_items(vectors.numpy(), query, n, "dot")` gives a query's neighbours, as codes: indices for `world`.
#
# </details>
# <details><summary>Hint 2</summary>
#
# The mean of an array of True and False is the share of True. What do you compare with what?
#
# </details>

# %% share_from_other_world
from solutions.pytorch_mf import share_from_other_world

# %% test_share_from_other_world points=1
# Three queries with two neighbours each; four of the six are of the other world.
from course_utils.checks.pytorch_mf import check_share_from_other_world_by_hand

check_share_from_other_world_by_hand(share_from_other_world)

# %% test_share_from_other_world_hidden points=1
# Hidden checks look at: any worlds, queries and n, no queries, vectors that are turned, worlds apart.
### BEGIN HIDDEN TESTS
from tests.checks.pytorch_mf import (
    check_share_from_other_world_block_vectors,
    check_share_from_other_world_brute_force,
)

check_share_from_other_world_brute_force(share_from_other_world)
check_share_from_other_world_block_vectors(share_from_other_world)
### END HIDDEN TESTS

# %% [markdown]
# The two worlds, drawn: each dot is a rating. **What do you expect, and why?** Where will there be no dots?

# %% slow=true
(apart_train, world), (apart_valid, _) = two_worlds(train), two_worlds(valid)
plots.plot_worlds(apart_train, world, "The same ratings, cut into two worlds")
show(
    "All ratings as dots, users from top to bottom with the even ones first, films from left to right with "
    "their copies at the end: two blocks on the diagonal, and not one dot in the two other corners."
)
meetings = apart_train[::2, world == 1].nnz + apart_train[1::2, world == 0].nnz
print(f"{apart_train.nnz:,} ratings, {meetings} of them across the worlds")

# %% [markdown]
# You should see two blocks and two empty corners: 0 ratings of 80,668 lie there. Nobody says anything about a
# pair in these corners. Every model does: it has a product for each of them.
#
# **What do you expect, and why?** Two worlds of equal size, laid on each other by chance, have half of their
# neighbours in the other world. Which of the four models has fewer, and does the validation error show it?

# %% slow=true
apart_ratings = as_tensor(apart_train)
queries = np.flatnonzero(np.bincount(apart_train.indices, minlength=len(world)) >= 20)[::5]
rows = {}
for name, options in (kinds | {"gravity alone": {"gravity_weight": 30.0}}).items():
    model, _ = train_model(n_epochs=6, bar=False, known=apart_ratings, held=apart_ratings, **options)
    rows[name] = {
        "RMSE valid": rmse_on(apart_valid, predictor(model)),
        "neighbours from the other world": share_from_other_world(item_vectors(model), world, queries, 10),
    }
spurious = pd.DataFrame(rows).T
spurious.round(3)

# %% [markdown]
# You should see that half of the neighbours are spurious where the vectors start large, as with a coin, and
# 0.46 with the small start. With the penalty 0.22 of them are, and with gravity on top of that 0.15: a
# **third fewer**, and nothing else was changed, nor does the RMSE notice (0.883 and 0.881). Gravity alone has
# 0.25, about as the penalty alone: both treat the same problem. This is what gravity does. It is no statement
# about lists of recommendations: whether it improves those, too, is measured in the league at the end of
# unit 07.
#
# All five models were trained for the same six epochs. Why not let early stopping choose? Because it stops
# the small start after two epochs, when its vectors have hardly grown: fewer neighbours are spurious then,
# and the epoch would be praised as the start. (`python -m benchmarks.controls two_worlds` prints both.)

# %% [markdown]
# ## Debug this: the loss that froze
#
# Another colleague regularises by the optimizer, with `weight_decay=1`. The loss stands still from the first
# epoch on, whatever the learning rate. Here is the loop; apart from one word it is yours.


# %%
def colleague_fit(model, known, n_epochs, lr, weight_decay, optimizer_class, batch_size, generator):
    """RMSE over the training ratings after each epoch."""
    optimizer = optimizer_class(model.parameters(), lr=lr, weight_decay=weight_decay)
    (users, items), ratings, history = known.indices(), known.values(), []
    for _ in range(n_epochs):
        for batch in torch.randperm(len(ratings), generator=generator).to(ratings.device).split(batch_size):
            loss = (model(users[batch], items[batch]) - ratings[batch]).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            history.append((model(users, items) - ratings).square().mean().sqrt().item())
    return history


# %% [markdown]
# **What do you expect, and why?** A decay of 1 sounds large, and 0.01 small. Which of the lines will lie on
# each other, with Adam, and with AdamW?

# %% slow=true
n_epochs = 5
decays = [0, 1e-5, 1e-2, 1]
axes, last = panels(2, sharey=True), {}
for optimizer_class, ax in zip([torch.optim.Adam, torch.optim.AdamW], axes, strict=True):
    curves = {}
    for decay in progress_bar(decays, desc=optimizer_class.__name__):
        generator = torch.Generator().manual_seed(0)
        model = BiasedMF(*train.shape, 16, mu, generator=generator).to(device)
        curves[f"{decay:g}"] = colleague_fit(
            model, train_ratings, n_epochs, 0.02, decay, optimizer_class, 4096, generator
        )
    plots.plot_decay(curves, optimizer_class.__name__, float(np.std(train.data)), ax)
    last[optimizer_class.__name__] = {decay: curve[-1] for decay, curve in curves.items()}
show(
    "Training RMSE by epoch for four weight decays. Adam: decay 1 stays frozen at the spread of the "
    "ratings, and 0.01 is not far below it. AdamW: decay 1 falls more slowly than the others, which lie "
    "on one another."
)
print(pd.DataFrame(last).rename_axis("weight decay").round(3).to_string())
print(f"Spread of the training ratings around their mean: {np.std(train.data):.2f} stars.")

# %% [markdown]
# You should see, for `Adam`, the line of weight decay 1 frozen at 1.04 stars, the spread of the ratings
# around their mean: **all factors and all biases are dead**. Even 0.01 leaves nothing but weak biases, mostly
# of users. `Adam` adds `weight_decay * weight` to the gradient. But the gradient of a *mean* over 4,096
# ratings is tiny for any one film (a thousandth or less), so a decay of 0.01 outweighs it. `AdamW` does not:
# it shrinks each weight by the factor 1 − η·weight_decay a step, beside the gradient; at 1 the
# training error falls more slowly, but falls, and up to 0.01 nothing can be seen. So a "weight decay" is not
# a λ, and its right size depends on the optimizer, the learning rate, and the scale of the loss. What is the
# one word? The optimizer's name.
#
# ## A map of films
#
# The two directions in which the vectors of well-known films differ most, with three genres marked.
#
# **What do you expect, and why?** Will the three genres form three clouds?

# %% slow=true
well_known = np.flatnonzero(counts >= 40)
vectors = item_vectors(models["penalty + gravity"])[well_known]
centred = vectors - vectors.mean(dim=0)
points = (centred @ torch.linalg.svd(centred, full_matrices=False).Vh[:2].T).numpy()
wanted = ["Children", "Horror", "War"]
groups = group_by_genre(genres.iloc[well_known], wanted)
extremes = {int(i) for axis in points.T for i in (np.argmin(axis), np.argmax(axis))}
names = {i: shown_title(titles[well_known[i]]).rsplit(" (", 1)[0] for i in extremes}
plots.plot_map(points, groups, names, "Well-known films by their factors", panels(1, 7.0, 5.0)[0])
show(
    "Well-known films at their first two axes, three genres marked: films for children keep to one side "
    "of the second axis, horror films to the other, war films lie all over; no tidy clusters."
)
pd.DataFrame(points, columns=["first axis", "second axis"]).groupby(np.array(groups)).mean().round(2)

# %% [markdown]
# You should see no tidy clusters, but no mixture either: children's films keep to one side of the second axis
# (their mean is 0.33), horror films to the other (−0.15), while war films lie all over. At the ends of the
# first axis stand *Pulp Fiction* and films such as *Independence Day*: an old acquaintance from unit 02.
# (Which end is positive is chance.) Two axes of sixteen show a part of the picture; that is why the
# neighbours were measured in all sixteen.

# %% [markdown]
# ## Your own films
#
# The films that you rated in unit 01, or those of a stand-in. In unit 03 you wrote the steps of your own row
# by hand. Here PyTorch derives them: give the optimizer your bias and your factors and nothing else, and no
# film moves. For one row (4.1), times the number of ratings, is the sum of your squared errors, plus your own
# `penalty` and `gravity`, as often as an average person has ratings: some 130 times. For the list on the
# right they are paid as in unit 03, once for each rating of *yours*.
#
# **What do you expect, and why?** How far will ten ratings move you from what everybody thinks, on the left
# and on the right?

# %% slow=true
from course_utils.data.own_films import own_ratings

if DATASET != "book-crossing":  # whose readers have rated books
    rated, own_stars, whose = own_ratings(titles)
    model = models["penalty + gravity"]
    Y, b_item = item_vectors(model), model.item_bias.weight.detach().cpu()[:, 0]
    wanted = torch.tensor(own_stars) - mu - b_item[rated]
    lists = {}
    print(whose)
    for name, times in {"penalty 132 times": train.nnz / train.shape[0], "once a rating": len(rated)}.items():
        x, b = torch.zeros(1, Y.shape[1], requires_grad=True), torch.zeros(1, requires_grad=True)
        optimizer = torch.optim.AdamW([x, b], lr=0.02, weight_decay=0.0)
        for _ in range(300):
            errors = wanted - b - pairwise_dot(x.expand(len(rated), -1), Y[rated])
            loss = errors.square().sum() + times * (0.3 * penalty(x, Y) + 10.0 * gravity(x, Y))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        by_taste = (Y @ x.detach()[0]).numpy()
        guesses = mu + b.item() + b_item.numpy() + by_taste
        print(f"{name}: b_u = {b.item():+.2f}, length of x_u = {x.norm().item():.2f}")
        guesses[counts < 20] = guesses[rated] = -np.inf  # the winner's curse, and what you know
        for_me = np.argsort(-guesses, kind="stable")[:8]
        lists[name] = [shown_title(titles[i]) for i in for_me]
        lists[f"of it taste, {name}"] = by_taste[for_me].round(2)
    print(pd.DataFrame(lists, index=range(1, 9)).to_string())

# %% [markdown]
# You should see, on the left, a list that the stand-in, who likes animated films, could have had without a
# single rating: x has a length of 0.15, and no film owes more than a few hundredths of a star to taste. A
# penalty that is as large for ten ratings as for a thousand lets ten say next to nothing. On the right x has
# a length of 1.06, and *Beauty and the Beast*, *Harry Potter* and *Mary Poppins* arrive. The films are the
# same, the ratings are the same: whether λ is paid once a person or once a rating decides how fast a service
# gets to know somebody. (You have met the two in question 2.7.)

# %% [markdown]
# ## Results
#
# Now, once, the test set.

# %% slow=true
results = {
    "global mean": rmse_on(test, lambda users, items: np.full(len(users), mu)),
    "biases": rmse_on(test, biases.predict),
}


results |= {f"MF, {name}": rmse_on(test, predictor(model)) for name, model in models.items()}
table = pd.DataFrame({"test RMSE": pd.Series(results)})
if marks is not None:
    rng = np.random.default_rng(0)
    by_chance = [genre_overlap(marks, i, rng.choice(len(marks), 10)) for i in well_rated]
    shared = by_seed["genres shared (dot)"].groupby("model").mean()
    table["genres shared by the 10 nearest"] = [
        np.mean(by_chance),
        np.nan,
        *[shared[name] for name in models],
    ]
table.round(3)

# %% [markdown]
# You should see three things. (The first number on the right is that of ten films drawn by chance.) (1) The
# colleague's model is worse than the mean in stars and no better than chance in neighbours. (2) The small
# start alone does not reach the biases: 0.867 against 0.860. With the penalty the model beats them, with
# 0.844. (3) Between the last two rows the two columns disagree: 0.844 against 0.848 stars, and 0.252 against
# 0.259 of the genres. (You know by now that part of that last difference is the epoch.)
#
# ## Question 4.9 · A worse error, better neighbours
#
# ★★☆ · 15 minutes · 2 points, graded by a person
#
# In the two worlds, gravity made a third of the spurious neighbours disappear, and the RMSE did not notice;
# on the real films it made the neighbours a little better and the RMSE a little worse. Explain by **folding**
# how this can be: which pairs does the error look at, and which does gravity? What does a model without
# gravity do with two groups of people who have rated no film in common, and which of your shares from the
# other world shows it? Why does a test set drawn from the known ratings not see it? And what would you report
# to somebody who decides between the two models? (5–8 sentences)

# %% [markdown] folding points=2 solution=true
# *What each term sees.* The error, on training and on test ratings alike, looks at pairs that somebody chose
# to rate: 1.7 % of the table, and not a random 1.7 %, as people rate what they expect to like. Gravity looks
# at all pairs, and so mostly at the other 98.3 %.
#
# *Folding.* Two groups of people without a film in common never meet in the error. Whether their vectors
# point the same way is left to chance, or to whatever saves a factor: laying one group on top of the other
# costs nothing. Then films of the one group are near to films of the other, though nobody has ever put them
# together: in the two worlds this can be counted, 0.46 of the neighbours with the small start, 0.22 with the
# penalty. Gravity charges for every large product, also between the groups, so it pays to keep them in
# different directions (the toy: 1 against 0.5). Vectors that stay near each other are those that ratings hold
# there.
#
# *The price.* Gravity pulls on the known pairs as well: their products shrink, the fit to training ratings
# gets worse, and beyond some weight the fit to held-out ratings, too. The held-out ratings do not show the
# gain, since they come from the same known pairs: nobody held out a rating of a pair across the groups.
#
# *Report* both: RMSE if the task is to predict ratings of what people choose by themselves; the quality of
# neighbours, over all items, if similar films are to be shown. For lists of recommendations neither number
# will do: those have to be measured as lists. And say how large the effects are at the same number of epochs:
# a third fewer spurious neighbours; in shared genres 0.009 and less.
#
# *Grading:* one point for known against all pairs, one for two groups laid on each other at no cost in the
# error (and in a test set from the same pairs), with the numbers of the two worlds. No point is lost for not
# mentioning the epochs; an answer that claims better recommendations loses half a point.

# %% [markdown]
# ## An experiment of your own
#
# So far the questions were ours. Now one of yours. Choose one of these, or think of another:
#
# - Is `weight_decay` as good as the penalty, if each has its best weight?
# - Batches of 1,024 make four times as many steps an epoch. Is a smaller batch better, or only longer
#   training? (Give the control as many *steps*.)
# - From which weight on does gravity cost more than luck does?
#
# The rules are those of unit 01: a control, one thing that differs, and what you expect, written down first.
# Replace the two settings that stand there.


# %% slow=true
from course_utils.evaluation import experiment


def one_run(seed, n_epochs=3, **settings):
    """The lowest validation RMSE of your training; start and batches come from the seed."""
    _, history = train_model(seed, n_epochs=n_epochs, bar=False, **settings)
    return min(error for _, error in history)


my_settings = {
    "no penalty (the control)": dict(),
    "penalty": dict(penalty_weight=0.3),
}
experiment(one_run, my_settings).round(4)

# %% [markdown]
# You should see the mean over three seeds, the difference from the control, and half the 95 % interval of
# each. All runs look at the same validation ratings; what differs from seed to seed is where the model
# starts, and its batches.

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
# **1.** Gravity is a mean over all m·n pairs. What does it take to compute it?
#
# <details><summary>a) A product for each of the m·n pairs.</summary>✗ No. So the definition reads. Expand
# the square, sum over users and items first, and the pairs are gone.</details>
# <details><summary>b) The products of the known pairs.</summary>✗ No. These are what the error looks at.
# Gravity must see the others, too.</details>
# <details><summary>c) Two k × k matrices.</summary>✓ Yes. They take (m + n)·k² operations, however many
# pairs there are.</details>
#
# **2.** <code>best = model.state_dict()</code> at the best epoch; training goes on. What does
# <code>best</code> hold at the end?
#
# <details><summary>a) The weights of the last epoch.</summary>✓ Yes. It holds the model's own tensors,
# which go on changing. Copy them.</details>
# <details><summary>b) The weights of the best epoch.</summary>✗ No. So the name says. But nothing was
# copied.</details>
# <details><summary>c) The weights of the best epoch, without μ.</summary>✗ No. μ is a buffer and is in
# there. But nothing was copied.</details>
#
# **3.** All vectors start as N(0, 1). Whose are the longest after training?
#
# <details><summary>a) Those of films with many ratings.</summary>✗ No. Ratings pull them to the length that
# fits, which is shorter than the start.</details>
# <details><summary>b) Those of films with few ratings.</summary>✓ Yes. Hardly a step has moved them: they
# still have the length of the start.</details>
# <details><summary>c) Those of films that people love.</summary>✗ No. How much a film is liked on the whole
# stands in its bias.</details>
#
# **4.** Two groups have rated no film in common. Why does a test set of known ratings not see that they are
# folded onto each other?
#
# <details><summary>a) It is too small.</summary>✗ No. A larger one is drawn from the same pairs.</details>
# <details><summary>b) Its users were in training.</summary>✗ No. That is so, and harmless here: with other
# users it would not see it either.</details>
# <details><summary>c) No known pair joins the two groups.</summary>✓ Yes. Whatever the model claims about
# such pairs costs it nothing, in training and in test.</details>
#
# **5.** With gravity, early stopping keeps a later epoch, and the neighbours are better. Is gravity the
# reason?
#
# <details><summary>a) Yes: nothing else in the settings was changed.</summary>✗ No. Two things differ,
# gravity and the number of epochs.</details>
# <details><summary>b) That cannot be said yet.</summary>✓ Yes. The epochs are a confounder. Train both for
# equally long, then compare.</details>
# <details><summary>c) No: it is the epochs.</summary>✗ No. That cannot be said either. The control shows a
# part for each.</details>

# %% [markdown]
# ## What you learned
#
# - A model trained on gathered rows needs memory for its batch, and never for the table.
# - The mean square over all m·n pairs costs two k × k matrices. Unit 05 builds a whole algorithm on that.
# - The start matters: N(0, 1) leaves rare films long, and a dot product takes length for likeness.
# - A penalty turns length into evidence. The cosine throws that away.
# - Early stopping needs a *copy* of the best weights, and validation ratings that are not the test set.
# - `weight_decay` means different things in Adam and AdamW; neither is a λ.
# - A lower error on known ratings is not better neighbours. Measure what you want.
# - Early stopping gives two models different numbers of epochs: a confounder. Compare at equal epochs, too.
#
# ## Further reading
#
# - Y. Koren, R. Bell, C. Volinsky, "Matrix factorization techniques for recommender systems", *IEEE Computer*
#   42(8), 2009: the model.
# - W. Krichene, N. Mayoraz, S. Rendle, L. Zhang, X. Yi, L. Hong, E. Chi, J. Anderson, "Efficient training on
#   very large corpora via Gramian estimation", *ICLR* 2019, arXiv:1807.07187: gravity.
# - D. Xin, N. Mayoraz, H. Pham, K. Lakshmanan, J. Anderson, "Folding: why good models sometimes make spurious
#   recommendations", *RecSys* 2017.
# - I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", *ICLR* 2019, arXiv:1711.05101: why
#   AdamW.
# - H. Steck, C. Ekanadham, N. Kallus, "Is cosine-similarity of embeddings really about similarity?", *WWW
#   Companion* 2024, arXiv:2403.05440.
