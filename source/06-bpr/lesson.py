# %% [markdown]
# # Unit 06 · BPR: learn the order, not the number
#
# **After this unit you can**
#
# - turn likes without dislikes into pairs, and state the loss of a pair so that it never overflows,
# - draw what a user has *not* chosen, each item equally likely, without a loop that may never end,
# - derive the step of Bayesian personalised ranking (BPR) and check it by numbers,
# - measure an order by its AUC, ties and seen films included,
# - tell a loss from a number that merely falls.
#
# **Time** about 3 hours · **20 points**, 2 of them for a written answer · **Before this** units 01–03 and 05

# %% [markdown]
# - **You have** unit 05's likes, its measures of lists, and unit 03's way of learning: one step at a time,
#   from the old values.
# - **You need** a loss that asks for an order and for no number, fair draws of what was *not* chosen, and
#   curves that say when to stop.

# %%
import time

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from course_utils.data import Interactions, known_cells, load, shown_title
from course_utils.evaluation import (
    at_least,
    evaluate_ranking,
    history_beside_lists,
    league_split,
    split_by_user,
    top_items,
)
from course_utils.plots import panels, show, bpr as plots

# %% [markdown]
# ## The story: a number that only falls
#
# A streaming service knows what its users liked, and nothing else. A colleague has trained a recommender on
# that, and watches it: after each epoch the program prints "loss". It starts at −0.7. An hour later it is at
# −4, then at −6. "Still learning," says the colleague, "let it run."
#
# A loss below zero? The code runs, the recommendations are not bad, and there is no bug in the training. Yet
# the same number is printed by several notebooks on the web, and those who stop when it stops falling never
# stop. **What does this number measure, and what should we look at instead?** By the end you will have drawn
# its curve, and you will not trust it.
#
# ## Notation
#
# | | |
# |---|---|
# | m users, n items, k factors | sizes |
# | R | m × n sparse matrix; a stored cell is a **like**, whatever its value. The rest is *unknown* |
# | X, $x_u$ and Y, $y_i$ | m × k factors of the users and n × k factors of the items, a row each |
# | (u, i, j) | a *triple*: user u has chosen item i (the positive) and not item j (the negative) |
# | $d = x_u^\top (y_i - y_j)$ | by how much i scores above j for u |
# | σ(d) = 1 / (1 + e^(−d)) | the chance, says the model, that u prefers i to j |
# | η, λ | learning rate `lr`, weight of the penalty `reg` |
#
# No rating is predicted here. The score $x_u^\top y_i$ is there to put the items **in order**, and the model
# is asked one thing only: *does u prefer i to j?* Each triple costs
#
# $$\ell = -\ln \sigma(d) + \tfrac{\lambda}{2} \left(\lVert x_u \rVert^2 + \lVert y_i \rVert^2
# + \lVert y_j \rVert^2\right) \qquad (6.1)$$
#
# An unknown item is not called bad. It is only said to be, *as a rule*, less wanted than a chosen one. There
# are a great many triples (each like with each unknown item), so we draw them at random.
#
# Lists are measured as in unit 05: **NDCG@10** and **recall@20** say how many of the held-out likes stand
# near the top, **precision@5** which share of the first five places holds one. Two measures look at the films
# that are shown, not at the likes: **coverage** is the share of all films that stand on anybody's list,
# **novelty**, in bits, how little known they are (one bit more: liked by half as many people).

# %% [markdown]
# ## A toy, by hand
#
# The five people and six films of unit 02. What somebody gave 4 stars or more, they like.

# %%
films = ["Alien", "Blade Runner", "Brazil", "Casablanca", "Notorious", "Vertigo"]
people = ["Ada", "Ben", "Cem", "Dia", "Eve"]
toy = csr_array(
    np.array(
        [
            [5.0, 4, 0, 0, 0, 0],
            [0, 5, 4, 0, 0, 0],
            [0, 0, 0, 5, 4, 0],
            [0, 0, 0, 0, 5, 4],
            [0, 0, 0, 0, 0, 0],
        ]
    )
)
pd.DataFrame(np.where(toy.toarray() > 0, "likes", "."), index=people, columns=films)

# %% [markdown]
# Take one factor, and the triple (Ada, *Alien*, *Casablanca*). Say Ada's x is 0.5, *Alien*'s $y_i$ is 1 and
# *Casablanca*'s $y_j$ is −1. Then d = 0.5 · (1 − (−1)) = 1, σ(d) = 0.731, and the loss is −ln 0.731 = 0.313.
# The derivative of −ln σ(d) by d is −σ(−d) = −(1 − σ(d)) = −0.269: the surer the model is of the right
# order, the less the triple pulls. With the chain rule:
#
# | | minus the gradient | at these values, λ = 0.1 | after a step with η = 0.1 |
# |---|---|---|---|
# | $x$ | $\sigma(-d)\,(y_i - y_j) - \lambda x$ | 0.538 − 0.05 = 0.488 | 0.549 |
# | $y_i$ | $\sigma(-d)\,x - \lambda y_i$ | 0.134 − 0.1 = 0.034 | 1.003 |
# | $y_j$ | $-\sigma(-d)\,x - \lambda y_j$ | −0.134 + 0.1 = −0.034 | −1.003 |
#
# All three at the **old** values. The new d is 0.549 · 2.007 = 1.101: the order is a little surer. Eve likes
# nothing, is in no triple, and will never move.

# %% [markdown]
# ## Exercise 6.1 · What a triple costs
#
# ★☆☆ · 10 minutes · 3 points: 2 checked here, 1 by hidden checks (arrays of any shape, the law σ(d) + σ(−d) =
# 1, your input)
#
# −ln σ(d), for a number or an array. The formula as it stands works for d = 3. For d = −1000 it raises e to
# the power of 1000, which no float holds, and takes the logarithm of 0. Such differences do occur, and the
# loss there is an ordinary number: nearly 1000.
#
# <details><summary>Hint 1</summary>
#
# $-\ln \sigma(d) = \ln(1 + e^{-d})$. For which sign of d is $e^{-d}$ harmless? For the other sign, take the
# large factor out of the bracket before you compute anything.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `np.logaddexp(a, b)` computes $\ln(e^a + e^b)$ without overflow; write 1 as $e^0$.
#
# </details>

# %% bpr_loss
from solutions.bpr import bpr_loss

# %% test_bpr_loss points=2
# Three differences whose loss can be worked out on paper: σ is ½, ¾ and ¼ there.
from course_utils.checks.bpr import check_bpr_loss_by_hand, check_bpr_loss_extremes

check_bpr_loss_by_hand(bpr_loss)
check_bpr_loss_extremes(bpr_loss)

# %% test_bpr_loss_hidden points=1
# Hidden checks look at: numbers, arrays of any shape, the law of σ, your input.
### BEGIN HIDDEN TESTS
from tests.checks.bpr import check_bpr_loss_awkward, check_bpr_loss_law

check_bpr_loss_law(bpr_loss)
check_bpr_loss_awkward(bpr_loss)
### END HIDDEN TESTS

# %% [markdown]
# The loss, what it stands in for, and the colleague's number, ln σ(−d):
#
# **What do you expect, and why?** Which of the three can become negative, and how far?

# %% slow=true
plots.plot_losses(
    {
        "−ln σ(d): the loss": bpr_loss,
        "1 if the order is wrong": lambda d: (d < 0).astype(float),
        "ln σ(−d): what was printed": lambda d: -bpr_loss(-d),
    }
)
show(
    "Three curves over d. The loss −ln σ(d) falls to 0 on the right and never below; the step is 1 for d "
    "< 0 and 0 after; ln σ(−d), which was printed, falls from 0 on the left along the line −d and has no "
    "floor."
)

# %% [markdown]
# You should see the loss come down to 0 on the right and never below. Divided by ln 2 it lies above the step
# (at d = 0 it is ln 2): whoever makes the loss small makes wrong orders rare. The third curve falls as
# well, from 0 on the left, and on the right it follows the line −d: it has no floor. Keep that in mind.

# %% [markdown]
# ## Exercise 6.2 · What was not chosen
#
# ★★☆ · 15 minutes · 4 points: 3 checked here, 1 by hidden checks (is every free item equally likely, the
# first and the last too? whose draws they are)
#
# Draw an item that is not among the user's positives. It looks like one line. In notebooks on the web it
# draws from 1 … n − 1 (item 0 is never a negative), takes the next free item after a hit (items behind a row
# of positives come too often), or draws again and again until it is lucky; for a user who has chosen
# everything, that is for ever.
#
# <details><summary>Hint 1</summary>
#
# How many items are free? If none, raise a ValueError. Otherwise a safe way is to make a list of them, and to
# draw one.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Without a list: draw the *number* c of a free item, 0 … free − 1. It is item c, plus one for each positive
# in front of it. In front of the positive at place t there are `positives[t] - t` free items;
# `np.searchsorted(…, c, side="right")` counts.
#
# </details>

# %% sample_negative
from solutions.bpr import sample_negative

# %% test_sample_negative points=3
# Of five items two are positives: what is drawn is one of the other three, and not always the same.
from course_utils.checks.bpr import check_sample_negative_by_hand, check_sample_negative_one_left

check_sample_negative_by_hand(sample_negative)
check_sample_negative_one_left(sample_negative)

# %% test_sample_negative_hidden points=1
# Hidden checks look at: all free items alike, many positives, draws from rng alone.
### BEGIN HIDDEN TESTS
from tests.checks.bpr import (
    check_sample_negative_fair,
    check_sample_negative_randomness,
    check_sample_negative_uniform,
)

check_sample_negative_uniform(sample_negative)
check_sample_negative_randomness(sample_negative)
check_sample_negative_fair(sample_negative)
### END HIDDEN TESTS


# %% [markdown]
# Yours beside two that are wrong: ten items, four of them chosen, 3,000 draws each.
#
# **What do you expect, and why?** Which item will “from 1” miss, and which will “next free” draw too often?
# Items 2, 5, 6 and 7 are chosen.


# %% slow=true
def from_one(positives, n_items, rng):
    """Draws again until the item is free, from 1 … n − 1."""
    while True:
        j = rng.integers(1, n_items)
        if j not in positives:
            return j


def next_free(positives, n_items, rng):
    """Moves on to the next free item."""
    j = rng.integers(n_items)
    while j in positives:
        j = (j + 1) % n_items
    return j


chosen_items, rng = np.array([2, 5, 6, 7]), np.random.default_rng(0)
plots.plot_draws(
    {
        name: np.array([draw(chosen_items, 10, rng) for _ in range(3000)])
        for name, draw in [("yours", sample_negative), ("from 1", from_one), ("next free", next_free)]
    },
    chosen_items,
    10,
)
show(
    "Share of the draws of each of ten items by three samplers. Yours has six bars near the dashed line "
    "of 1/6; 'from 1' never draws item 0; 'next free' draws item 8, behind three chosen ones, far more "
    "often than item 1."
)

# %% [markdown]
# You should see your six bars near the dashed line, 1/6. "From 1" never draws item 0. "Next free" draws item
# 8, behind three chosen ones, four times as often as item 1. What that does to a catalogue comes further
# down: item 0 of MovieLens is *Toy Story*.

# %% [markdown]
# ## Exercise 6.3 · One step
#
# ★★☆ · 20 minutes · 5 points: 4 checked here, 1 by hidden checks (is each move minus the gradient of formula
# (6.1)? do other rows stay? the loss that is returned, the rate, differences of ±1000)
#
# The table of the toy, for k factors, **in place**. Three rows move: $x_u$, $y_i$ and $y_j$, all from the old
# values. You know from exercise 3.3 what that takes: `X[u].copy()` first, as `X[u]` is a view. Return
# −ln σ(d) from before the step, without the penalty.
#
# This function will run millions of times, so it is compiled to machine code as you wrote it. That works if
# it uses only numbers, indexing, arithmetic, loops, `@` and NumPy's basic functions, and no other function of
# yours (so write the loss out again). Any correct version passes the checks.
#
# <details><summary>Hint 1</summary>
#
# σ(−d) is the strength of the pull, the same in all three rows. With `small = np.exp(-abs(d))`, which cannot
# overflow, it is `small / (1 + small)` for d > 0 and `1 / (1 + small)` otherwise. And the loss?
#
# </details>
# <details><summary>Hint 2</summary>
#
# Each row moves by η times (pull − λ · row), and the three pulls are the table's. In place of copies you can
# go factor by factor, with the three old numbers in three variables. In plain Python whole rows are faster;
# compiled, the loop is, two to four times.
#
# </details>

# %% bpr_step
from solutions.bpr import bpr_step

# %% test_bpr_step points=4
# One user, two items, d = 0: the loss and the user's new factors can be worked out on paper.
from course_utils.checks.bpr import check_bpr_step_by_hand

check_bpr_step_by_hand(bpr_step)

# %% test_bpr_step_hidden points=1
# Hidden checks look at: minus the gradient, three rows only, the loss before the step, η, ±1000.
### BEGIN HIDDEN TESTS
from tests.checks.bpr import (
    check_bpr_step_awkward,
    check_bpr_step_extremes,
    check_bpr_step_is_minus_the_gradient,
    check_bpr_step_learning_rate,
    check_bpr_step_rows_and_loss,
)

check_bpr_step_is_minus_the_gradient(bpr_step)
check_bpr_step_rows_and_loss(bpr_step)
check_bpr_step_learning_rate(bpr_step)
check_bpr_step_extremes(bpr_step)
check_bpr_step_awkward(bpr_step)
### END HIDDEN TESTS

# %% [markdown]
# Ada, *Alien* and *Casablanca* again, with your step:

# %%
x, y = np.array([[0.5]]), np.array([[1.0], [-1.0]])
rows = []
for _ in range(101):
    before = [x[0, 0], y[0, 0], y[1, 0], x[0, 0] * (y[0, 0] - y[1, 0])]
    rows.append([*before, bpr_step(x, y, 0, 0, 1, 0.1, 0.1)])
pd.DataFrame(rows, columns=["x", "y_i", "y_j", "d", "loss"]).rename_axis("steps").iloc[
    [0, 1, 2, 10, 100]
].round(3)

# %% [markdown]
# You should see the numbers of the table above in the row of one step, a d that grows ever more slowly, and a
# loss that falls. It will not reach 0: with λ = 0.1 there is a point where pull and penalty balance.

# %% [markdown]
# ## Debug this: the negative that grew
#
# A colleague's step. The loss falls, the recommendations look right, and after a night of training the
# factors of the least popular films are the longest of all. (In one line a sign is wrong. Which?)


# %%
def colleague_step(X, Y, u, i, j, lr, reg):
    """One step on formula (6.1)."""
    x, y_i, y_j = X[u].copy(), Y[i].copy(), Y[j].copy()
    d = x @ (y_i - y_j)
    pull = 1 / (1 + np.exp(d))
    X[u] += lr * (pull * (y_i - y_j) - reg * x)
    Y[i] += lr * (pull * x - reg * y_i)
    Y[j] -= lr * (pull * x - reg * y_j)
    return np.log1p(np.exp(-d))


def moves_and_gradients(step, reg=0.5, seed=0):
    """At η = 1, how far a step moves its rows, beside minus the gradient by central differences."""
    rng = np.random.default_rng(seed)
    X, Y, h = rng.normal(size=(1, 2)), rng.normal(size=(2, 2)), 1e-6

    def loss(rows):
        x, y_i, y_j = rows
        return bpr_loss(x @ (y_i - y_j)) + 0.5 * reg * np.sum(rows**2)

    old, new_X, new_Y = np.vstack([X, Y]), X.copy(), Y.copy()
    step(new_X, new_Y, 0, 0, 1, 1.0, reg)
    downhill = np.zeros_like(old)
    for cell in np.ndindex(old.shape):
        nudge = np.zeros_like(old)
        nudge[cell] = h
        downhill[cell] = (loss(old - nudge) - loss(old + nudge)) / (2 * h)
    return pd.DataFrame(
        {
            "the step moves by": (np.vstack([new_X, new_Y]) - old).ravel(),
            "minus the gradient": downhill.ravel(),
        },
        index=[f"{name}[{f}]" for name in ("x_u", "y_i", "y_j") for f in range(2)],
    ).round(4)


moves_and_gradients(colleague_step)

# %% [markdown]
# You should see two rows that disagree, those of $y_j$. Fix `colleague_step` (one sign), run the cell again,
# and see all six agree. Then put your own `bpr_step` into the last line.
#
# <details><summary>What was wrong</summary>
#
# `Y[j] -= lr * (pull * x - reg * y_j)` turns the sign of the *whole* bracket, penalty included: it pushes
# $y_j$ away from 0. Films that nobody likes are drawn as negatives all the time and never as positives, so
# that nothing ever pulled them back. Write `Y[j] -= lr * (pull * x + reg * y_j)`. (Such signs are easily
# lost. Figure 4 of the BPR paper goes uphill, and prints a *plus* before the penalty of all three rows; more
# than one program has copied it.)
#
# </details>

# %% [markdown]
# ## Exercise 6.4 · An epoch
#
# ★★☆ · 15 minutes · 3 points: 2 checked here, 1 by hidden checks (which pairs, which negatives, the mean
# loss, a user who has chosen everything)
#
# As many steps as R has stored cells, one after the other. For each, draw one of the stored cells, *with
# replacement*, then a new negative of its user, and step. Return the mean of the losses.
#
# Why not go through R row by row? Then one user's steps come all in a row, and their last films have the last
# word (Rendle and others saw such training converge badly). And why not draw a user first? Then somebody with
# one like would count as much as somebody with a thousand.
#
# <details><summary>Hint 1</summary>
#
# R is a `csr_array`: the items of row u are `R.indices[R.indptr[u] : R.indptr[u + 1]]`. Which row does the
# stored cell number c belong to? `R.tocoo().row[c]` knows, or `np.repeat` with the sizes of the rows.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `rng.integers(R.nnz, size=R.nnz)` draws all cells of an epoch. For each, call your `sample_negative` and
# your `bpr_step`, and add up what the latter returns.
#
# </details>

# %% bpr_epoch
from solutions.bpr import bpr_epoch

# %% test_bpr_epoch points=2
# One pair in R is one step on paper; at η = 0 two users and two items give the mean of equal losses.
from course_utils.checks.bpr import check_bpr_epoch_by_hand, check_bpr_epoch_number_of_steps

check_bpr_epoch_by_hand(bpr_epoch)
check_bpr_epoch_number_of_steps(bpr_epoch)

# %% test_bpr_epoch_hidden points=1
# Hidden checks look at: pairs and negatives all alike, the mean loss, users with everything.
### BEGIN HIDDEN TESTS
from tests.checks.bpr import (
    check_bpr_epoch_awkward,
    check_bpr_epoch_equally_likely,
    check_bpr_epoch_full_user,
    check_bpr_epoch_mean_loss,
    check_bpr_epoch_randomness,
)

check_bpr_epoch_equally_likely(bpr_epoch)
check_bpr_epoch_mean_loss(bpr_epoch)
check_bpr_epoch_randomness(bpr_epoch)
check_bpr_epoch_full_user(bpr_epoch)
check_bpr_epoch_awkward(bpr_epoch)
### END HIDDEN TESTS

# %% [markdown]
# The toy, 300 epochs of eight steps, two factors:

# %%
rng = np.random.default_rng(0)
toy_X, toy_Y = rng.normal(scale=0.1, size=(5, 2)), rng.normal(scale=0.1, size=(6, 2))
losses = [bpr_epoch(toy, toy_X, toy_Y, 0.1, 0.01, rng) for _ in range(300)]
print(f"mean loss: first epoch {losses[0]:.3f}, last 50 epochs {np.mean(losses[-50:]):.3f}")
pd.DataFrame(toy_X @ toy_Y.T, index=people, columns=films).round(1)

# %% [markdown]
# You should see the loss fall from ln 2 ≈ 0.69, that of a coin, to about 0.02, and for Ada, Ben, Cem
# and Dia the two films that they like far above all others. The others are *not* all alike. *Brazil*, which
# Ada has not seen, was her negative over and over, and yet it stays near 0, not near −3 as *Notorious* does:
# Ben, who shares *Blade Runner* with her, likes it. Eve's scores are near 0, the start.

# %% [markdown]
# ## Exercise 6.5 · How good is an order?
#
# ★★☆ · 15 minutes · 3 points: 2 checked here, 1 by hidden checks (many equal scores, nothing to compare, a
# million items)
#
# Take one user, hide some films that they like, and ask for every pair of a hidden film and a film that they
# do not know: does the hidden one score higher? The share of pairs in the right order is the AUC. A coin gets
# ½; equal scores count ½. BPR's loss is a smooth stand-in for 1 − AUC, as the plot above showed.
#
# Two traps. Films that the user has *seen in training* are neither hidden nor unknown, and must be in no
# pair: we give them the score −∞ and leave them out. And n positives times n negatives are too many pairs to
# write down.
#
# <details><summary>Hint 1</summary>
#
# Keep only the items with a score above −∞; split them into positives and others. If one side is empty, the
# answer is nan.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Sort the others. `np.searchsorted(others, ours, side="left")` counts those below each positive,
# `side="right"` those below or level. The mean of the two counts is what you want.
#
# </details>

# %% auc
from solutions.bpr import auc

# %% test_auc points=2
# Two positives, two negatives: three of the four pairs are in order.
from course_utils.checks.bpr import check_auc_by_hand

check_auc_by_hand(auc)

# %% test_auc_hidden points=1
# Hidden checks look at: many ties, no pair at all, a million items.
### BEGIN HIDDEN TESTS
from tests.checks.bpr import check_auc_awkward, check_auc_definition, check_auc_large, check_auc_seen_items

check_auc_definition(auc)
check_auc_seen_items(auc)
check_auc_large(auc)
check_auc_awkward(auc)
### END HIDDEN TESTS

# %% [markdown]
# ## Real likes, at compiled speed
#
# MovieLens latest-small, split as in the course's league: a fifth of each user's ratings is the *test* set,
# for the very end; a fifth of the rest is the *validation* set. Ratings of 4 stars or more are likes; all
# that was rated, liked or not, counts as seen. (Another name in `load`, such as "ml-1m", and a folder with
# its files, and everything below runs on that.)

# %% slow=true
dataset = load("ml-latest-small")
interactions = Interactions.from_ratings(dataset.ratings)
titles = dataset.items.set_index("item_id")["title"].reindex(interactions.item_ids).to_numpy()
rest, test = league_split(interactions.matrix, seed=0)
train, valid = split_by_user(rest, 0.2, np.random.default_rng(1))
likes, hidden_likes = at_least(train), at_least(valid)
n_likes = np.bincount(likes.indices, minlength=likes.shape[1])
by_popularity = evaluate_ranking(lambda users: np.tile(n_likes, (len(users), 1)), train, hidden_likes)
print(f"{likes.nnz:,} likes to train on, {hidden_likes.nnz:,} hidden ones to validate on.")


def rows_of(R):
    """The items of each row."""
    return np.split(R.indices, R.indptr[1:-1])


def mean_auc(X, Y, users, seen, wanted):
    """Mean of your AUC over users, with the films that they have seen taken out."""
    values = []
    for u in users:
        scores = Y @ X[u]
        scores[seen[u]] = -np.inf
        values.append(auc(scores, wanted[u]))
    return np.nanmean(values)


seen, wanted = rows_of(train), rows_of(hidden_likes)
with_hidden_likes = np.flatnonzero(np.diff(hidden_likes.indptr))
popular_X, popular_Y = np.ones((train.shape[0], 1)), n_likes[:, None].astype(float)
by_yours = mean_auc(popular_X, popular_Y, with_hidden_likes, seen, wanted)
print(f"AUC of popularity by your function: {by_yours:.3f}")
by_popularity.round(3).to_frame("by popularity").T

# %% [markdown]
# You should see 31,172 and 7,716 likes, and the rival of this unit: the same list for everybody, the most
# liked films first (less what they have seen). It is not weak: an AUC of 0.909, by your function and by the
# course's. (Chance has ½.)
#
# Now your step on all likes. `train_bpr` does what your `bpr_epoch` does, but draws the negatives of a whole
# epoch beforehand, and calls your `bpr_step` as machine code.


# %% slow=true
from course_utils.training import train_bpr


def start(shape, n_factors, rng):
    """Small random factors, whose products are near 0."""
    return [rng.normal(scale=0.1 / np.sqrt(n_factors), size=(size, n_factors)) for size in shape]


def fit(likes, n_factors, lr, reg, n_epochs, weights=None, watch=None):
    """Factors of users and items, and their history; `watch(X, Y)` makes what is called after each epoch."""
    rng = np.random.default_rng(0)
    X, Y = start(likes.shape, n_factors, rng)
    validate = None if watch is None else watch(X, Y)
    return X, Y, train_bpr(bpr_step, X, Y, likes, lr, reg, n_epochs, rng, validate, weights)


X, Y, _ = fit(likes, n_factors=32, lr=0.05, reg=0.01, n_epochs=1)  # compiles the step as well
users, items, _ = known_cells(likes)
began = time.perf_counter()
for u, i in zip(users[:2000].tolist(), items[:2000].tolist(), strict=True):
    bpr_step(X, Y, u, i, (i + 1) % len(Y), 0.05, 0.01)
plain = (time.perf_counter() - began) / 2000
began = time.perf_counter()
fit(likes, n_factors=32, lr=0.05, reg=0.01, n_epochs=5)
fast = (time.perf_counter() - began) / (5 * likes.nnz)
print(f"a step in plain Python: {1e6 * plain:.1f} µs; compiled, the draw included: {1e6 * fast:.2f} µs")

# %% [markdown]
# You should see that the compiled step takes a small part of the plain one's time. How small depends on how
# you wrote it. Factor by factor, a plain step is slow (some 50 µs) and the compiled one 100 to 300 times as
# fast. On whole rows (`X[u] += …`), a plain step is quicker, but the compiled one only some 20 times as fast
# as that, which makes it two to four times *slower* than the compiled loop: each of its rows of 32 numbers is
# a new array. Whole rows are for plain NumPy; a compiler wants the loop. Both are right and fast enough here.
#
# (If yours cannot be compiled, a line says why, and each epoch takes a part of the triples, in plain Python.
# Everything below still runs, but for minutes, and learns less than the text says.)
#
# ## Two curves that say something, and one that does not
#
# We train twice, without a penalty and with one, and after each epoch look at three things: the loss on
# triples of training and of hidden likes; the mean AUC of 100 users on their hidden likes, by *your* `auc`;
# and, on the same training triples, the colleague's number, the mean of ln σ(−d).
#
# **What do you expect, and why?** Which of the three numbers will show that the model without a penalty
# overfits?


# %% slow=true
from course_utils.training import NegativeSampler


def triples(pairs, sampler, rng, size=20_000):
    """A fixed sample of triples to measure on."""
    users, items, _ = known_cells(pairs)
    cells = rng.integers(len(users), size=size)
    return users[cells], items[cells], sampler.draw(users[cells], rng)


rng = np.random.default_rng(2)
train_triples = triples(likes, NegativeSampler(likes), rng)
hidden_triples = triples(hidden_likes, NegativeSampler(at_least(rest)), rng)
watched_users = rng.choice(with_hidden_likes, size=100, replace=False)


def watcher(log):
    """What is called after each epoch; it writes into `log`."""

    def watch(X, Y):
        def differences(users, positive, negative):
            return np.einsum("tf,tf->t", X[users], Y[positive] - Y[negative])

        def validate():
            d, hidden_d = differences(*train_triples), differences(*hidden_triples)
            area = mean_auc(X, Y, watched_users, seen, wanted)
            log.append([bpr_loss(d).mean(), bpr_loss(hidden_d).mean(), area, -bpr_loss(-d).mean()])
            return area

        return validate

    return watch


curves = {}
for reg in [0.0, 0.02]:
    log = []
    fit(likes, n_factors=32, lr=0.1, reg=reg, n_epochs=60, watch=watcher(log))
    columns = ["loss, training", "loss, hidden likes", "AUC", "ln σ(−d)"]
    curves[f"λ = {reg:g}"] = pd.DataFrame(log, columns=columns, index=pd.RangeIndex(1, 61, name="epoch"))

left, middle, right = panels(3, width=4.6, height=4)
loss_curves = {
    f"{name}, {kind}": table[f"loss, {kind}"]
    for name, table in curves.items()
    for kind in ("training", "hidden likes")
}
plots.plot_curves(loss_curves, "The loss", "mean −ln σ(d), nats", ax=left)
plots.plot_curves(
    {name: table["AUC"] for name, table in curves.items()}, "The order of hidden likes", "mean AUC", ax=middle
)
middle.set_ylim(0.85, 0.95)
middle.legend(loc="lower right")
plots.plot_curves(
    {name: table["ln σ(−d)"] for name, table in curves.items()},
    "What the colleague printed",
    "mean ln σ(−d), nats",
    ax=right,
)
show(
    "Three panels by epoch, without and with a penalty. The loss: on training triples both fall; on "
    "hidden likes it turns and rises without a penalty. Mean AUC: rises above 0.9 within ten epochs and "
    "ends higher with the penalty. What the colleague printed falls without end, further for the worse "
    "model."
)
pd.concat({name: table.loc[[1, 5, 20, 40, 60]] for name, table in curves.items()}).round(3)

# %% [markdown]
# You should see, on the left, the loss on training triples fall in both runs, lower without a penalty (0.02
# against 0.08 at the end). On **hidden likes** it is the other way round: with λ = 0.02 it falls to 0.23 and
# stays there; without a penalty it turns at about the 15th epoch and rises to 0.33. That is **overfitting**:
# the model has become too sure of itself, and where it is wrong, it pays. In the middle, the AUC rises from
# little more than ½ above 0.9 within ten epochs, and ends at 0.933 with the penalty; without, it is best
# around the 40th epoch (0.926) and lower at the end (0.919).
#
# And on the right, the colleague's number. It falls and falls. It does not see the turn at the 15th epoch nor
# that at the 40th. And it is far lower (−8.2 against −3.5) for the model that is **worse** in every panel
# that counts. Why? That is the question at the end of this notebook.
#
# ## One film too many
#
# What does one wrong line in the sampler do? Item 0 of MovieLens is *Toy Story*. We train twice: with all
# negatives equally likely, and with "1 … n − 1", where *Toy Story* is never a negative.

# %% slow=true
never_item_0 = np.ones(likes.shape[1], dtype=int)
never_item_0[0] = 0
strangers = np.setdiff1d(np.arange(train.shape[0]), known_cells(train[:, [0]])[0])
rows = {}
for name, weights in [("each equally likely", None), ("from 1 … n − 1", never_item_0)]:
    X, Y, _ = fit(likes, n_factors=32, lr=0.05, reg=0.01, n_epochs=40, weights=weights)
    lists = top_items(X[strangers] @ Y.T, train[strangers], 10)
    measures = evaluate_ranking(lambda users, X=X, Y=Y: X[users] @ Y.T, train, hidden_likes)
    rows[name] = {
        f"have {titles[0]} in their first 10": np.mean((lists == 0).any(axis=1)),
        "length of its factors": np.linalg.norm(Y[0]),
        "mean length, 50 most liked": np.linalg.norm(Y[np.argsort(-n_likes)[:50]], axis=1).mean(),
        "NDCG@10": measures["NDCG@10"],
        "AUC": measures["AUC"],
    }
print(f"{len(strangers)} users have not rated {titles[0]} in training.")
pd.DataFrame(rows).round(3)

# %% [markdown]
# You should see that of those who have not rated *Toy Story*, 2 or 3 in a hundred get it among their first
# ten; with the wrong line it is more than 8 in 10. Nothing else was changed: whoever likes it pulls it up,
# and nobody ever pushes it down. And look at the last two rows: the NDCG goes from 0.138 to 0.130, the AUC
# loses nothing at all. Means over nine thousand films do not see one. A test of the sampler does: yours, in
# exercise 6.2.
#
# (Even a perfect sampler draws some films that the user would love: the hidden likes are among the unknown,
# and are sometimes pushed down. They are few among thousands. Unknown is not disliked, and BPR only bets that
# it is so *as a rule*.)
#
# ## Which negatives? The head and the tail
#
# Nothing says that negatives must be drawn uniformly. A popular film that somebody has not chosen they have
# probably heard of, so that leaving it out says more. Let us draw negatives in proportion to their likes
# (`weights`), and compare by the popularity of the films.
#
# **What do you expect, and why?** Whom will this favour: films that all know, or films that few know? And
# what will NDCG say to that?

# %% slow=true
chosen = dict(n_factors=64, lr=0.05, reg=0.01, n_epochs=100)
models = {
    "uniform negatives": fit(likes, **chosen)[:2],
    "popular negatives": fit(likes, **chosen, weights=n_likes)[:2],
}
scores = {"popularity": lambda users: np.tile(n_likes, (len(users), 1))}
scores |= {name: lambda users, X=X, Y=Y: X[users] @ Y.T for name, (X, Y) in models.items()}

groups, group_names = plots.group_by_likes(n_likes)
everyone = np.arange(train.shape[0])
liked_users, liked_items, _ = known_cells(hidden_likes)
in_lists, found = {}, {}
for name, score in scores.items():
    lists = top_items(score(everyone), train, 20)
    in_lists[name] = np.bincount(groups[lists.ravel()], minlength=len(group_names)) / lists.size
    hits = (lists[liked_users] == liked_items[:, None]).any(axis=1)
    found[name] = np.array([hits[groups[liked_items] == g].mean() for g in range(len(group_names))])
left, right = panels(2, width=5.8)
plots.plot_head_and_tail(in_lists, group_names, "Who gets the places?", "share of all first 20 places", left)
plots.plot_head_and_tail(
    found, group_names, "Whose likes are found?", "hidden likes that are in the first 20", right
)
show(
    "Left: shares of the places by the films' likes: popularity gives all to the best known films, "
    "uniform negatives most to well-known ones, popular negatives most to films with 3 to 29 likes. "
    "Right: shares of hidden likes that are found, in the same order: popularity finds none below 30 "
    "likes."
)
by_group = {"places": in_lists, "found": found}
print(pd.concat({kind: pd.DataFrame(each, index=group_names).T for kind, each in by_group.items()}).round(3))
other_settings = [dict(reg=0.03), dict(lr=0.02), dict(n_epochs=30)]
others = []
for other in other_settings:
    X, Y, _ = fit(likes, **chosen | other, weights=n_likes)
    others.append(evaluate_ranking(lambda users, X=X, Y=Y: X[users] @ Y.T, train, hidden_likes)["NDCG@10"])
print(f"NDCG@10 of popular negatives at other settings: {np.round(others, 3)}")
pd.DataFrame({name: evaluate_ranking(score, train, hidden_likes) for name, score in scores.items()}).T.round(
    3
)

# %% [markdown]
# You should see three characters. **Popularity** gives all places to films with 30 likes or more, and finds
# every hidden like of the best known films and none below 30. **Uniform negatives** lean to the head as well,
# with reason: a well-liked film is often a positive and, among thousands, seldom a negative, so its scores
# rise for everybody. But 0.603 of the places go to films with 30 to 99 likes, by taste, and one in five
# further down. **Popular negatives** cancel just that: a film with twice the likes is twice as often a
# positive *and* twice as often a negative, so that only what is special about a user's taste is left. Most
# places go to films with 3 to 29 likes, 0.351 and 0.418; the best known hardly appear.
#
# By the measures that is a disaster: NDCG and AUC are below those of mere popularity. (Is it unfair, as the
# setting was chosen for uniform negatives? Three others, each with one thing changed, have 0.091 to 0.096.)
# By coverage and novelty it is the best of the three: three times as many films are shown to somebody, and of
# the hidden likes of films with 3 to 9 likes 0.049 are found in place of 0.004. Who is right? Hidden likes
# come from the same world as the others, in which what is popular is liked, or at least seen, most; a test
# set rewards whoever repeats that. Whether a service should is not a question for a test set.

# %% [markdown]
# ## One person
#
# The person whom units 03 and 05 have shown: what they liked best in training, and three lists. ★ marks a
# hidden like.
#
# **What do you expect, and why?** In which of the lists will there be most ★, and in which the most films
# that you have never heard of?

# %% slow=true
pd.set_option("display.max_colwidth", 80)  # long titles
user = 0  # or any other row of R
lists = {name: top_items(score(np.array([user])), train[[user]], 10)[0] for name, score in scores.items()}
history_beside_lists(train[[user]], lists, hidden_likes[[user]].indices, titles)

# %% [markdown]
# You should see ten films a column. That of popularity is everybody's, less what this person has rated, and
# holds five ★; that of uniform negatives two, and that of popular negatives none, but films that are less
# well known. How many of each column have you heard of? (One person is no measurement: on average, uniform
# negatives find more than popularity.)
#
# ## What is like *Toy Story*?
#
# Units 03 and 04 asked this of models of *stars*. Here are the five nearest of the same three films by the
# cosine of BPR's factors, each with its number of training ratings. And the measure of unit 04, for every
# film with 50 ratings or more: how many genres its ten neighbours share with it, and how many of them are
# obscure, with fewer than five ratings. Ten films by chance are the control.

# %% slow=true
from course_utils.evaluation import genre_marks, neighbour_quality, shelves

counts = np.bincount(train.indices, minlength=train.shape[1])
genres = dataset.items.set_index("item_id")["genres"].reindex(interactions.item_ids).fillna("")
marks, well_known = genre_marks(genres), np.flatnonzero(counts >= 50)
factors_of = {name: Y for name, (_, Y) in models.items()}
factors_of["by chance"] = np.random.default_rng(0).normal(size=(train.shape[1], 16))
quality = {name: neighbour_quality(each, well_known, marks, counts) for name, each in factors_of.items()}
print(pd.DataFrame(quality).T.round(3).to_string())
shelves({name: factors_of[name] for name in models}, titles, counts)

# %% [markdown]
# You should see, for uniform negatives, hits of the same years, all of them well known, whatever film is
# asked for: *The Matrix* beside *The Godfather*. Their neighbours share 0.267 of the genres, as many as those
# of the best model of unit 04, and hardly one is obscure. With popular negatives 0.399 of the neighbours are
# obscure, some without a single rating. You have met that fault in unit 03: a film that nobody likes is
# neither a positive nor, here, ever a negative. No step touches it, and its vector is still the random start.

# %% [markdown]
# ## Your own films
#
# What you gave 4 stars or more in unit 01 is a like (or what the stand-in did). The model has been trained
# without you. Start your row at 0, where every d is 0, and take your `bpr_step` on pairs of a film that you
# like and one from your `sample_negative`, as many epochs as the others had. The two films' rows are copies,
# so that Y does not move.
#
# **What do you expect, and why?** Units 03 and 04 knew how *much* you liked each film, and which you did not.
# What will a list look like that knows neither?

# %% slow=true
from course_utils.data.own_films import own_likes
from course_utils.training.newcomer import fold_in_by_pairs

my_likes, rated, whose = own_likes(titles.tolist())
X, Y = models["uniform negatives"]
rng = np.random.default_rng(0)


def not_mine(scores, i):
    """A negative for the newcomer, and what your step takes behind it."""
    return sample_negative(my_likes, len(Y), rng), chosen["lr"], chosen["reg"]


began = time.perf_counter()
x = fold_in_by_pairs(bpr_step, not_mine, my_likes, Y, chosen["n_epochs"], rng)
print(f"{whose}: {chosen['n_epochs'] * len(my_likes)} steps in {time.perf_counter() - began:.2f} s")
before, after = auc(np.zeros(len(Y)), my_likes), auc(Y @ x, my_likes)
print(f"AUC of your likes by your function: {before:.2f} before, {after:.3f} after")
own_scores = Y @ x
own_scores[rated] = -np.inf
for_me = np.argsort(-own_scores, kind="stable")[:8]
own_list = {"film": [shown_title(title) for title in titles[for_me]], "likes": n_likes[for_me]}
pd.DataFrame(own_list, index=range(1, 9))

# %% [markdown]
# You should see an AUC that goes from 0.50 to nearly 1: after some hundred steps, nearly all pairs of a film
# that you like and another one are in order. The list of the stand-in, who likes animated films, is one of
# well-known films all the same, *The Shawshank Redemption* first: six likes pull, and what all people like
# was in Y before.

# %% [markdown]
# ## Results
#
# k, η, λ and the number of epochs were chosen on validation sets, among some twenty settings. Now we train on
# all that is not test, for three splits of the league, to see how much is luck.


# %% slow=true
from course_utils.training import progress_bar


def test_measures(seed):
    """The measures of all models on the league's split of this seed, trained on all that is not test."""
    rest, test = league_split(interactions.matrix, seed)
    likes = at_least(rest)
    n_likes = np.bincount(likes.indices, minlength=likes.shape[1])
    X, Y, _ = fit(likes, **chosen)
    scores = {
        "random": lambda users: np.random.default_rng(seed).random((len(users), likes.shape[1])),
        "popularity": lambda users: np.tile(n_likes, (len(users), 1)),
        "BPR": lambda users: X[users] @ Y.T,
    }
    return pd.DataFrame(
        {name: evaluate_ranking(score, rest, at_least(test)) for name, score in scores.items()}
    ).T


splits = [test_measures(seed) for seed in progress_bar(range(3), desc="splits")]
print("NDCG@10 on each split:")
print(pd.DataFrame({f"split {seed}": table["NDCG@10"] for seed, table in enumerate(splits)}).round(3))
(sum(splits) / len(splits)).round(3)

# %% [markdown]
# You should see that BPR beats popularity on each split, the least clearly on split 1, by 0.222 to 0.160 in
# NDCG@10, and in every other column, too. That is a comparison with *popularity*, the baseline that ranking
# has to beat; random lists are at 0.002, with an AUC of ½. (Popular negatives lost on validation, and are not
# tested.) The league at the end of unit 07 has all models of the course on the same splits. One column to
# think about: AUC. Popularity has 0.909 and BPR 0.938, a small step, while NDCG@10 rises by nearly a half.
# The AUC counts all pairs alike, and most of them are far down the list, where nobody looks. Unit 07 is about
# that.

# %% [markdown]
# ## Question 6.6 · The number that only falls
#
# ★★☆ · 15 minutes · 2 points, graded by a person
#
# The colleague printed the mean of ln σ(−d) over training triples. In five to eight sentences: (a) Why does
# it fall while the training does exactly what it should? What is it, nearly, once most d are well above 0?
# (b) Which triples decide it, and which decide −ln σ(d)? (c) Your plot has two runs: why is the number so
# much lower without a penalty, and why can it neither tell you when to stop nor which model is better? What
# would you print instead?

# %% [markdown] falling_number points=2 solution=true
# (a) BPR makes d large: it raises what was chosen above what was not. ln σ(−d) = −ln(1 + e^d) falls whenever
# d rises, so it falls in a training that works. For d well above 0 it is nearly −d: the printed number is,
# but for its sign, the mean difference between the scores of chosen and other items. It is no loss of the
# training (that is −ln σ(d)): it is the log-likelihood of every triple the wrong way round, it has no floor,
# and its being below 0 means nothing. (b) It is decided by the triples that are in the right order already:
# each adds −d, the more the surer the model is, while a triple in the wrong order adds about 0. With
# −ln σ(d) it is the reverse: what is in order costs nothing, and what is wrong costs about |d|. (c) Without a
# penalty the factors can grow for ever. Twice as long factors of the same directions multiply all scores, and
# so all d, by four, and leave every order as it was: the number falls, the recommendations stay the same. It
# measures the length of the factors as much as their quality, and only on triples that were trained on, so it
# sees neither overfitting (the loss on hidden likes that rises again) nor which of two models orders better.
# Print −ln σ(d) of training triples to see whether the training works, and the same on hidden likes, or their
# AUC or NDCG, to decide when to stop and which model to take.
#
# *Grading:* one point for (a) with "nearly −d" or an equivalent, one for (c) with the length of the factors
# (or their scale, or d without bound) and a held-out measure; (b) may make up for half a point.

# %% [markdown]
# ## An experiment of your own
#
# So far the questions were ours. Now one of yours. Choose one of these, or think of another:
#
# - Popular negatives were bad for the NDCG at the setting of uniform ones. Mix them: what do square roots of
#   the likes do?
# - Does BPR need a penalty at all, if it is stopped early?
# - Twice the factors or twice the epochs?
#
# The rules are those of unit 01: a control, one thing that differs, and what you expect, written down first.
# Replace the two settings that stand there.


# %% slow=true
from course_utils.evaluation import experiment


def one_run(seed, n_factors=32, lr=0.05, reg=0.01, n_epochs=12, power=0.0):
    """NDCG@10 of your BPR on training likes that the seed hides; negatives are drawn like likes ** power."""
    rng = np.random.default_rng(seed)
    known, held = split_by_user(train, 0.2, rng)
    liked = at_least(known)
    X, Y = start(liked.shape, n_factors, rng)
    weights = np.ceil(100 * np.bincount(liked.indices, minlength=len(Y)) ** power).astype(int)
    train_bpr(bpr_step, X, Y, liked, lr, reg, n_epochs, rng, weights=weights if power else None)
    return evaluate_ranking(lambda users: X[users] @ Y.T, known, at_least(held))["NDCG@10"]


my_settings = {
    "uniform negatives (the control)": dict(),
    "negatives like the root of the likes": dict(power=0.5),
}
experiment(one_run, my_settings).round(4)

# %% [markdown]
# You should see the mean NDCG@10 over three seeds (more is better), the difference from the control, and half
# the 95 % interval of each.

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
# **1.** The model knows nothing yet: d = 0 for every triple. What is the loss of a triple?
#
# <details><summary>a) 0</summary>✗ No. That would be the loss of a model that is sure, and right.</details>
# <details><summary>b) ln 2, about 0.69</summary>✓ Yes. −ln σ(0) = −ln ½. So does a coin.</details>
# <details><summary>c) ½</summary>✗ No. ½ is σ(0), the chance of the right order. The loss is minus its
# logarithm.</details>
#
# **2.** A sampler draws negatives from 1 … n − 1. What becomes of item 0?
#
# <details><summary>a) It stands in nearly everybody's list.</summary>✓ Yes. Likes pull it up, and nobody
# ever pushes it down. NDCG and AUC hardly notice.</details>
# <details><summary>b) It is never recommended.</summary>✗ No. The other way round: what is never a negative
# is never pushed down.</details>
# <details><summary>c) Nothing much: it is one film among thousands.</summary>✗ No. So the measures say. But
# it is that film, in nearly every list.</details>
#
# **3.** Which triple moves the factors more: one with d = −5, or one with d = 5?
#
# <details><summary>a) d = 5: it confirms what the model believes.</summary>✗ No. σ(−5) is 0.007: what is in
# order already hardly pulls.</details>
# <details><summary>b) Both alike: the step is η.</summary>✗ No. η is multiplied by σ(−d), the doubt of the
# model.</details>
# <details><summary>c) d = −5: it is in the wrong order.</summary>✓ Yes. σ(5) is 0.993. The surer the model
# is of the wrong order, the more it is corrected.</details>
#
# **4.** The mean of ln σ(−d) over training triples has gone from −4 to −8. What do you know?
#
# <details><summary>a) That the lists have improved.</summary>✗ No. Twice as long factors double it, or
# more, and leave every list as it was.</details>
# <details><summary>b) That the scores lie further apart.</summary>✓ Yes. It is nearly −d. Nothing is said
# about held-out likes, nor about the order.</details>
# <details><summary>c) That a sign is wrong in the step.</summary>✗ No. The step may be right. It is the
# printed number that is no loss.</details>
#
# **5.** Where do films that the user has seen in training belong, when the AUC of hidden likes is computed?
#
# <details><summary>a) With the positives: they are liked.</summary>✗ No. Then the model is praised for what
# it was trained on.</details>
# <details><summary>b) With the others: they are not hidden likes.</summary>✗ No. Then the model is blamed
# for scoring high what the user likes.</details>
# <details><summary>c) In no pair.</summary>✓ Yes. They are neither hidden nor unknown, and nobody is shown
# them again.</details>

# %% [markdown]
# ## What you learned
#
# - Likes without dislikes become triples: chosen above not chosen. The loss of a triple is −ln σ(d), a smooth
#   stand-in for "wrong order", and its gradient is σ(−d), the model's doubt.
# - `np.logaddexp`, or e raised to −|d| only, keeps it finite.
# - A sampler is code, and has bugs that no metric shows. Count the free items, draw a number, test the ends.
# - Three rows move, all from the old values, and each pays its own penalty; the negative, too.
# - AUC is a count of pairs, with ties at ½ and without seen items; a sort is enough.
# - A number that falls is not a loss. Ask what it is for a perfect model, and look at data that was not
#   trained on.
# - Which negatives you draw decides whom your model serves: the head or the tail.
#
# ## Further reading
#
# - S. Rendle, C. Freudenthaler, Z. Gantner, L. Schmidt-Thieme, *BPR: Bayesian personalized ranking from
#   implicit feedback*, UAI 2009: the paper; its figure 4 is your `bpr_epoch`, but for the sign of the penalty
#   (see "Debug this").
# - S. Rendle, C. Freudenthaler, *Improving pairwise learning for item recommendation from implicit feedback*,
#   WSDM 2014: uniform negatives become too easy; draw harder ones.
# - W. Krichene, S. Rendle, *On sampled metrics for item recommendation*, KDD 2020: why we rank all films, and
#   not each hidden like among a hundred drawn ones.
# - J. Hanley, B. McNeil, *The meaning and use of the area under a receiver operating characteristic (ROC)
#   curve*, Radiology 143(1), 1982: the AUC as a share of pairs.
# - S. Rendle, W. Krichene, L. Zhang, J. Anderson, *Neural collaborative filtering vs. matrix factorization
#   revisited*, RecSys 2020: dot products, well tuned, are hard to beat.
