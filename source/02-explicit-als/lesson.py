# %% [markdown]
# # Unit 02 · Explicit ALS: factors from ratings
#
# **After this unit you can**
#
# - derive the update of alternating least squares (ALS) from its objective,
# - implement it on a sparse matrix without ever filling in the unknown cells,
# - show that the objective never rises, and say why,
# - choose λ and k on a validation set and report on a test set,
# - test somebody else's ALS for the most common error in the field.
#
# **Time** about 3 hours · **20 points**, 2 of them for a written answer · **Before this** unit 01

# %% [markdown]
# - **You have** from unit 01, a sparse matrix R of known ratings, training and test parts of it, and the
#   biases, which know how good a film and how kind a user is.
# - **You need** taste: numbers that say which films go with which people. They are found by least squares,
#   one side at a time.

# %%
import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from course_utils.data import Interactions, hold_out, known_cells, load, shown_title
from course_utils.evaluation import fit_biases, rmse_on
from course_utils.plots import panels, play, show, explicit_als as plots

# %% [markdown]
# ## The story: three stars off
#
# A colleague has written a recommender. It runs. Its loss falls with every step. Nothing warns, nothing
# crashes. But on ratings that it has not seen, its predictions are off by **3 stars** (RMSE), on a scale
# from ½ to 5, while somebody who always says "three and a half" is off by only one.
#
# One line of the code is wrong. The same line stands in many notebooks on the web. **Which line is it, and
# why does the falling loss not betray it?** You will write the algorithm yourself, then a test that catches
# the line.
#
# ## Notation
#
# | | |
# |---|---|
# | m users, n items, k factors | sizes |
# | Ω | the known cells, those that R stores |
# | R, $r_{ui}$ | m × n sparse matrix of ratings. A cell that is not stored is **unknown**, not 0 |
# | μ | mean of the known ratings; *centred* ratings are stars minus μ |
# | X, $x_u$ | m × k factors of the users, a row each |
# | Y, $y_i$ | n × k factors of the items, a row each |
# | $\lambda_{user}$, $\lambda_{item}$ | weights of the penalty: `reg_user`, `reg_item` |
#
# The model predicts $\hat r_{ui} = \mu + x_u^\top y_i$. It learns X and Y by minimising
#
# $$L(X, Y) = \sum_{(u,i) \in \Omega} (r_{ui} - \mu - x_u^\top y_i)^2
# + \lambda_{user} \sum_u \lVert x_u \rVert^2 + \lambda_{item} \sum_i \lVert y_i \rVert^2 \qquad (2.1)$$
#
# In the exercises R comes *centred*: what it stores is $r_{ui} - \mu$ already.
#
# The sum of errors runs over the **known** cells. Each penalty is paid **once per row**, however many
# ratings the row has.

# %% [markdown]
# ## A toy, by hand
#
# Five people, six films; a dot is a film that they have not rated. Their mean
# is μ = 3.5.

# %%
films = ["Alien", "Blade Runner", "Brazil", "Casablanca", "Notorious", "Vertigo"]
people = ["Ada", "Ben", "Cem", "Dia", "Eve"]
stars = np.array(
    [
        [5, 4, 0, 1, 0, 0],
        [0, 5, 4, 0, 2, 0],
        [1, 0, 0, 5, 4, 0],
        [0, 2, 0, 0, 5, 4],
        [0, 0, 0, 0, 0, 0],
    ]
)  # here, on paper, a 0 stands for "unknown"
pd.DataFrame(stars, index=people, columns=films).replace(0, ".")

# %% [markdown]
# Take one factor, "science fiction or classic", and suppose that we know it for the films: y = (1, 1, 1,
# −1, −1, −1). What is Ada's x? Her centred ratings are 1.5 (Alien), 0.5 (Blade Runner) and −2.5
# (Casablanca). With λ = 1 she minimises
#
# $$(1.5 - x)^2 + (0.5 - x)^2 + (-2.5 + x)^2 + x^2$$
#
# and the derivative is 0 where $(1 + 1 + 1 + \lambda)\, x = 1.5 + 0.5 + 2.5$, so $x = 4.5 / 4 = 1.125$. For
# Brazil we predict 3.5 + 1.125 = 4.625 stars, for Notorious 3.5 − 1.125 = 2.375.
#
# Now the error of the story. Let the sum of the $y^2$ run over all **six** films: $x = 4.5 / 7 \approx
# 0.64$. That is the answer for an Ada who *also* rated Brazil, Notorious and Vertigo, each with exactly
# "0". She did not. Here three unknown films pull at her. In a real data set it will be thousands.
#
# And Eve, who rated nothing? Only the penalty speaks, so x = 0 and she gets the mean.

# %%
y = np.array([1, 1, 1, -1, -1, -1])
known = stars[0] > 0
centred = stars[0] - 3.5
numerator = y[known] @ centred[known]
pd.DataFrame(
    {
        "Ada's x": [numerator / (y[known] @ y[known] + 1), numerator / (y @ y + 1)],
        "Brazil (stars)": [
            3.5 + numerator / (y[known] @ y[known] + 1),
            3.5 + numerator / (y @ y + 1),
        ],
    },
    index=["known films only", "all films"],
).round(3)

# %% [markdown]
# You should see 1.125 and 4.625 in the first row, 0.643 and 4.143 in the second.
#
# **What do you expect, and why?** λ was 1. What becomes of Ada's x without a penalty, and with ten times as
# much of it? And of what we predict for *Brazil*?


# %% slow=true
def ada(λ):
    """Ada's loss and predictions, without a penalty and with some, and what there is to see."""
    penalties = sorted({0, *np.atleast_1d(λ)})
    plots.plot_ridge(y, stars[0], penalties, films, 3.5, panels(2))
    largest = penalties[-1]
    return (
        f"Left: Ada's loss over x, with the minimum at {numerator / 3:.3f} for λ = 0 and at "
        f"{numerator / (3 + largest):.3f} for λ = {largest}. Right: the larger λ, the nearer to the mean are "
        "the stars that are predicted for all six films."
    )


show(ada([1, 10]))
pd.DataFrame(
    {
        "Ada's x": [numerator / (3 + λ) for λ in (0, 1, 10)],
        "Brazil": [3.5 + numerator / (3 + λ) for λ in (0, 1, 10)],
    },
    index=pd.Index([0, 1, 10], name="λ"),
).round(3)

# %% [markdown]
# You should see the minimum move from 1.5 to 1.125 and 0.346, and the prediction for *Brazil* from 5 stars to
# 3.846: three ratings against a penalty that counts like ten. Move λ yourself:

# %% slow=true
play(ada, λ=[1, 0.1, 0.3, 3, 10, 30, 100])

# %% [markdown]
# ## Exercise 2.1 · What the model predicts
#
# ★☆☆ · 10 minutes · 2 points: 1 checked here, 1 by hidden checks (pairs that repeat, predictions beyond 5
# stars)
#
# `users` and `items` are two lists of the same length that belong together like the two columns of a table:
# we want one prediction a *pair*, not one for every user with every item.
#
# <details><summary>Hint 1</summary><code>X[users]</code> has one row a pair, and so has
# <code>Y[items]</code>. How do you multiply row by row?</details>
# <details><summary>Hint 2</summary>Multiply entry by entry, then sum over the factors (axis 1).
# <code>np.vecdot</code> and <code>np.einsum("pf,pf-&gt;p", …)</code> do both at once and need less
# memory.</details>

# %% predict
from solutions.explicit_als import predict

# %% test_predict points=1
# Two pairs that can be worked out on paper.
from course_utils.checks.explicit_als import check_predict_by_hand, check_predict_memory

check_predict_by_hand(predict)
check_predict_memory(predict)

# %% test_predict_hidden points=1
# Hidden checks look at: pairs that repeat, predictions beyond 5 stars.
### BEGIN HIDDEN TESTS
from tests.checks.explicit_als import check_predict_awkward, check_predict_pairs

check_predict_pairs(predict)
check_predict_awkward(predict)
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 2.2 · What we minimise
#
# ★★☆ · 15 minutes · 3 points: 2 checked here, 1 by hidden checks (the sum against brute force, other formats
# of R)
#
# Write formula (2.1), for an R that is centred. Take care of two things. The sum runs over the stored cells
# only, and there are tables whose full size no computer holds. And after centring, a stored **0 is a
# rating**: it says "exactly average". A cell counts as known if it is *stored*, whatever its value.
#
# <details><summary>Hint 1</summary><code>R.tocoo()</code> gives the known cells: <code>.coords</code> holds
# their rows and columns, <code>.data</code> their values, zeros included.</details>
# <details><summary>Hint 2</summary>You have a function that predicts pairs of users and items. With
# <code>mu=0</code> it predicts centred ratings. The penalty is <code>np.sum(X**2)</code> and
# <code>np.sum(Y**2)</code>, each with its own λ.</details>

# %% objective
from solutions.explicit_als import objective

# %% test_objective points=2
# Two users, three items, three ratings, one factor: worked out on paper.
from course_utils.checks.explicit_als import check_objective_by_hand, check_objective_memory

check_objective_by_hand(objective)
check_objective_memory(objective)

# %% test_objective_hidden points=1
# Hidden checks look at: brute force, other formats of R.
### BEGIN HIDDEN TESTS
from tests.checks.explicit_als import (
    check_objective_awkward,
    check_objective_brute_force,
    check_objective_formats,
)

check_objective_brute_force(objective)
check_objective_formats(objective)
check_objective_awkward(objective)
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 2.3 · One user is a ridge regression
#
# ★★☆ · 15 minutes · 4 points: 3 checked here, 1 by hidden checks (is your x really the minimum? users with
# one rating and with none)
#
# Hold the films fixed. Then every user's factors solve a small problem of their own, and only the films
# that *they* rated appear in it. Set its gradient to zero and solve for $x_u$. With k = 20 factors that is
# a 20 × 20 system, however many films there are.
#
# <details><summary>Hint 1</summary>Write the sum as ‖r − Yx‖² + λ‖x‖², with one row of Y per rated film.
# Its gradient is −2Yᵀ(r − Yx) + 2λx. Which matrix multiplies x?</details>
# <details><summary>Hint 2</summary><code>np.linalg.solve(A, b)</code> is faster and more exact than
# <code>np.linalg.inv(A) @ b</code>. For a user without ratings and λ = 0 the matrix is singular: answer
# before you solve.</details>

# %% solve_row
from solutions.explicit_als import solve_row

# %% test_solve_row points=3
# Three films, two factors, λ = 1: a system of two equations on paper.
from course_utils.checks.explicit_als import check_solve_row_three_films_by_hand

check_solve_row_three_films_by_hand(solve_row)

# %% test_solve_row_hidden points=1
# Hidden checks look at: the gradient at your x, users with one rating, users with none.
### BEGIN HIDDEN TESTS
from tests.checks.explicit_als import (
    check_solve_row_awkward,
    check_solve_row_few_ratings,
    check_solve_row_gradient_vanishes,
    check_solve_row_without_ratings,
)

check_solve_row_gradient_vanishes(solve_row)
check_solve_row_few_ratings(solve_row)
check_solve_row_without_ratings(solve_row)
check_solve_row_awkward(solve_row)
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 2.4 · All users, or all items
#
# ★★☆ · 20 minutes · 3 points: 2 checked here, 1 by hidden checks (every row as a problem of its own, rows
# without ratings, other formats)
#
# A CSR matrix keeps its known cells row by row in three arrays. Row u owns the stretch from `indptr[u]` to
# `indptr[u + 1]` of `data` (the ratings) and of `indices` (their columns). Call `solve_row` for every row.
# The same function, given `R.T` and the users' factors, updates the items.
#
# <details><summary>Hint 1</summary>For row u: <code>known = slice(R.indptr[u], R.indptr[u + 1])</code>.
# Which rows of <code>fixed</code> belong to <code>R.data[known]</code>?</details>
# <details><summary>Hint 2</summary>SciPy answers <code>R.T</code> with a CSC matrix, whose
# <code>indptr</code> runs over columns. One <code>csr_array(R)</code> in front makes the function work for
# both.</details>

# %% update_factors
from solutions.explicit_als import update_factors

# %% test_update_factors points=2
# Two users, three items and one factor: x = Σ y r / (Σ y² + λ) over the rated items.
from course_utils.checks.explicit_als import check_update_factors_by_hand, check_update_factors_of_both_sides

check_update_factors_by_hand(update_factors)
check_update_factors_of_both_sides(update_factors)

# %% test_update_factors_hidden points=1
# Hidden checks look at: every row as a problem of its own, other formats, thousands of empty rows.
### BEGIN HIDDEN TESTS
from tests.checks.explicit_als import (
    check_update_factors_awkward,
    check_update_factors_empty_rows,
    check_update_factors_every_row,
    check_update_factors_formats,
    check_update_factors_of_items,
)

check_update_factors_every_row(update_factors)
check_update_factors_of_items(update_factors)
check_update_factors_formats(update_factors)
check_update_factors_empty_rows(update_factors)
check_update_factors_awkward(update_factors)
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 2.5 · Alternate
#
# ★★★ · 20 minutes · 4 points: 3 checked here, 1 by hidden checks (every half-step in detail, the start from
# `rng`)
#
# Formula (2.1) is hard to minimise in X and Y together. With Y fixed it falls apart into one ridge regression
# a user, with X fixed into one an item. So alternate. Since each half-step finds the exact minimum over its
# block, L can never rise; if it does, there is a bug. That makes the history a strong test, if each value
# is recorded right after its half-step.
#
# <details><summary>Hint 1</summary>Why must the start be random? Try on paper what a start of zeros gives,
# and what happens to two factors that start out equal.</details>
# <details><summary>Hint 2</summary>If L rises, ask of each update: was it made from the newest other side,
# with its own λ, and was L taken before the next one?</details>

# %% fit_als
from solutions.explicit_als import fit_als

# %% test_fit_als points=3
# Two numbers an epoch, none above the one before; a table of one rating ends where paper says.
from course_utils.checks.explicit_als import check_fit_als_history, check_fit_als_half_steps

check_fit_als_history(fit_als)
check_fit_als_half_steps(fit_als)

# %% test_fit_als_hidden points=1
# Hidden checks look at: every half-step in detail, the start from rng.
### BEGIN HIDDEN TESTS
from tests.checks.explicit_als import (
    check_fit_als_awkward,
    check_fit_als_exact_half_steps,
    check_fit_als_start,
)

check_fit_als_exact_half_steps(fit_als)
check_fit_als_start(fit_als)
check_fit_als_awkward(fit_als)
### END HIDDEN TESTS

# %% [markdown]
# ## The same code on real ratings
#
# MovieLens latest-small: 610 people, 9,724 films, 100,836 ratings in half stars. We hold out 10 % of the
# ratings as a *test* set, which we look at once, at the end; and 10 % of the rest as a *validation* set, on
# which we choose λ and k.

# %% slow=true
dataset = load("ml-latest-small")
interactions = Interactions.from_ratings(dataset.ratings)
R = interactions.matrix
rest, test = hold_out(R, 0.1, np.random.default_rng(0))
train, valid = hold_out(rest, 0.1, np.random.default_rng(1))
print(f"{R.shape[0]} users × {R.shape[1]} films; {R.nnz} known cells: {R.nnz / np.prod(R.shape):.1%}")

# %% [markdown]
# You should see that 1.7 % of the cells are known. Every model has to beat two simple rivals: the **mean** μ,
# and the **biases** $\mu + b_u + b_i$ (this person rates high, that film is liked), which know nothing of
# taste. They are the model of unit 01, but fitted differently: there the films' biases came first and the
# users' second; here both are fitted at once, by least squares, and do better.
#
# Those of unit 01 are **your own** here, if `my_work` finds your notebook of unit 01 and its visible checks
# pass; otherwise functions of the course stand in, and a line says why.
#
# ALS learns from ratings minus something that we expect anyway. In formula (2.1) that is the mean. Since
# `fit_als` takes whatever R it is given, we can also hand it what the *biases* leave over, and add them
# back when we predict.


# %% slow=true
from course_utils.notebook.my_work import my_work


def expectations(ratings):
    """What can be expected of a pair before ALS starts: nothing, the mean of `ratings`, or their biases."""
    biases = fit_biases(ratings, reg=3.0)  # the best of 1, 3, 5 and 10 on the validation ratings
    return {
        "raw stars": lambda users, items: np.zeros(len(users)),
        "centred by μ": lambda users, items: np.full(len(users), biases.mu),
        "biases taken off": biases.predict,
    }


expected = expectations(train)
rivals = {
    "mean": rmse_on(valid, expected["centred by μ"]),
    "biases": rmse_on(valid, expected["biases taken off"]),
}
print(", ".join(f"{name}: RMSE {error:.3f}" for name, error in rivals.items()))


fit_baseline = my_work("01-data-loading", "fit_baseline")


def one_after_the_other(ratings, reg):
    """Unit 01's biases: those of the films first, then those of the users from what is left."""
    mu, b_user, b_item = fit_baseline(ratings, reg, reg)
    return lambda users, items: mu + b_user[users] + b_item[items]


in_turn = {f"λ = {reg}": rmse_on(valid, one_after_the_other(train, reg)) for reg in (3, 5, 10)}
print("unit 01's biases: " + ", ".join(f"{name}: RMSE {error:.3f}" for name, error in in_turn.items()))

# %% [markdown]
# You should see 1.05 stars for the mean and 0.869 for the biases, where those of unit 01 have 0.873 to 0.879
# on the same ratings. Now your ALS. (By default NumPy's linear algebra starts a thread on each core for every
# one of these tiny systems, which slows them down. `course_utils` sets it to one thread. For larger data
# there is a compiled twin of your update, which uses all cores: import `faster` and `update_explicit` from
# `course_utils.training`, and write `update_factors = faster(update_factors, update_explicit)`.)
#
# **What do you expect, and why?** You have proved that L never rises. Does that mean that the validation
# error never rises either, and ends below that of the biases?


# %% slow=true
def leftover(expect, ratings):
    """Ratings minus what `expect(users, items)` says of them."""
    users, items, values = known_cells(ratings)
    return csr_array((values - expect(users, items), (users, items)), shape=ratings.shape)


def predictor(expect, X, Y):
    """A function that predicts stars: what was expected, and what the factors add to it."""
    return lambda users, items: expect(users, items) + predict(0.0, X, Y, users, items)


def als_on(expect, ratings, n_factors, reg, n_epochs):
    """X, Y and history of your ALS on what `expect` leaves over of the ratings."""
    return fit_als(leftover(expect, ratings), n_factors, reg, reg, n_epochs, np.random.default_rng(0))


def half_steps(expect, n_factors, reg, n_epochs):
    """The steps of `fit_als`, one by one: after each, L and the RMSE on training and validation ratings."""
    left, rng = leftover(expect, train), np.random.default_rng(0)
    by_film = csr_array(left.T)
    X, Y = (rng.normal(scale=0.1, size=(size, n_factors)) for size in left.shape)
    for half in range(2 * n_epochs):
        if half % 2 == 0:
            X = update_factors(left, Y, reg)
        else:
            Y = update_factors(by_film, X, reg)
        model = predictor(expect, X, Y)
        yield objective(left, X, Y, reg, reg), rmse_on(train, model), rmse_on(valid, model)


steps = {f"λ = {reg}": np.array([*half_steps(expected["centred by μ"], 20, reg, 8)]) for reg in (10, 3)}
left_ax, right_ax = panels(2)
L = steps["λ = 10"][:, 0]
plots.plot_half_steps(L.tolist(), left_ax)
plots.plot_half_step_errors(
    {name: values[:, 1:].tolist() for name, values in steps.items()}, rivals, right_ax
)
show(
    f"Left: the objective L for λ = 10 falls after each half-step of ALS, from {L[0]:,.0f} to {L[-1]:,.0f}: "
    "steeply for two epochs, then ever more slowly. Right: the RMSE after each half-step. "
    + " ".join(
        f"With {name} it ends at {values[-1, 1]:.3f} stars on training ratings and at {values[-1, 2]:.3f} on "
        f"validation ratings, where the least was {values[:, 2].min():.3f}."
        for name, values in steps.items()
    )
)
pd.DataFrame(
    {
        "L never rises": {name: bool(np.all(np.diff(values[:, 0]) <= 0)) for name, values in steps.items()},
        "training RMSE": {name: values[-1, 1] for name, values in steps.items()},
        "validation RMSE": {name: values[-1, 2] for name, values in steps.items()},
        "its least": {name: values[:, 2].min() for name, values in steps.items()},
        "in epoch": {name: values[:, 2].argmin() // 2 + 1 for name, values in steps.items()},
    }
).round(3)

# %% [markdown]
# You should see L fall at every half-step, steeply for two epochs and then ever more slowly. On the right is
# what it does not tell. With λ = 10 both errors fall with it. With λ = 3 the training error falls further,
# to 0.412; but the validation error is at its least in epoch 3, with 0.999, and from there on it *rises*, to
# 1.019. L falls there, too. It is a sum over the training ratings, and knows nothing of the others. And a
# disappointment: with λ = 10 the validation error ends well below that of the mean, but not below that of the
# biases. Is it λ? Is it k? Or what ALS is given to learn from?
#
# **What do you expect, and why?** As λ grows, what will the training error do, and what the validation
# error? And as k grows?

# %% slow=true
from course_utils.training import progress_bar

regs, ks = [3, 8, 15, 30], [2, 8, 20]
by_reg, by_k, control = [(20, reg) for reg in regs], [(k, 15) for k in ks], [(k, 1) for k in ks]
sweep = {}
for k, reg in progress_bar(dict.fromkeys(by_reg + by_k + control), desc="λ and k"):
    for name in ["centred by μ", "biases taken off"]:
        X, Y, _ = als_on(expected[name], train, k, reg, n_epochs=4)
        model = predictor(expected[name], X, Y)
        sweep[name, k, reg] = rmse_on(train, model), rmse_on(valid, model)

for axes, title, xlabel, tried, settings in zip(
    plots.error_panels(2),
    ["λ decides (k = 20)", "k matters less (λ = 15)"],
    ["λ", "k, number of factors"],
    [regs, ks],
    [by_reg, by_k],
    strict=True,
):
    curves = {
        name: [sweep[name, k, reg] for k, reg in settings] for name in ["centred by μ", "biases taken off"]
    }
    ax = plots.plot_errors(tried, curves, title, xlabel, {"biases": rivals["biases"]}, axes)
    ax.set_ylim(0.845, 1.02)
show(
    "RMSE of ALS over λ and over k. With growing λ the training error rises, while the validation error "
    "falls first: small λ overfit. Over k the curves are nearly level. Only with the biases taken off "
    "does ALS come below the line of the biases."
)
errors = pd.Series({setting: valid_error for setting, (_, valid_error) in sweep.items()}, name="RMSE (valid)")
errors.rename_axis(["ALS on", "k", "λ"]).reset_index().pivot_table(
    "RMSE (valid)", ["ALS on", "λ"], "k"
).round(3)

# %% [markdown]
# You should see four things. (1) On the left, the training error rises with λ all the way, while the
# validation error falls first: with too small a λ the model **overfits**, it learns what is true of the
# training ratings alone. (2) On the right, more factors do not hurt, because the penalty holds them in check.
# The control is in the table: with λ = 1 they do hurt, 0.906 with two factors and 1.029 with twenty. (3)
# **Centred by μ alone, ALS does not reach the biases**, at no λ and no k. (4) **With the biases taken off,
# ALS beats them** at λ = 15.
#
# Why (3)? Most films have a handful of ratings. The penalty pulls their factors towards zero, and a film with
# zero factors is predicted as average, though its few ratings say something already. With the biases taken
# off it falls back to its bias. If that is the reason, the difference must lie in films with few ratings:

# %% slow=true
users, items, true_stars = known_cells(valid)
groups = pd.cut(np.bincount(train.indices, minlength=R.shape[1])[items], [-1, 0, 5, 20, 100, 10_000])
squares = {"biases": (true_stars - expected["biases taken off"](users, items)) ** 2}
for name in ["centred by μ", "biases taken off"]:
    X, Y, _ = als_on(expected[name], train, n_factors=20, reg=15, n_epochs=4)
    squares[f"ALS, {name}"] = (true_stars - predictor(expected[name], X, Y)(users, items)) ** 2
by_group = pd.DataFrame(squares).groupby(groups, observed=True)
np.sqrt(by_group.mean()).rename_axis("training ratings of the film").round(3)

# %% [markdown]
# You should see that it does. For films with 1 to 5 ratings, centred ALS misses by 1.030 stars and the biases
# by 0.918; beyond 100 ratings it is a little better than they are, 0.823 against 0.827.

# %% [markdown]
# ## The colleague's line
#
# Here is the colleague's update, next to a training loop that takes either update. It is short, it is fast
# (one matrix for all rows), and each half-step truly minimises *something*. Can you see what?


# %%
def colleague_update(R, fixed, reg):
    """The colleague's update of all rows."""
    gram = fixed.T @ fixed + reg * np.eye(fixed.shape[1])
    return np.linalg.solve(gram, (R @ fixed).T).T


def alternate(update, R, n_factors, reg, n_epochs):
    """ALS with a given update; nothing else differs between your factors and the colleague's."""
    Y = np.random.default_rng(0).normal(scale=0.1, size=(R.shape[1], n_factors))
    for _ in range(n_epochs):
        X = update(R, Y, reg)
        Y = update(csr_array(R.T), X, reg)
    return X, Y


# %% [markdown]
# **What do you expect, and why?** Where on the scale will the predictions of the wrong update lie, on raw
# stars, and where on centred ratings?

# %% slow=true
updates = {"all films": colleague_update, "known films": update_factors}
users, items, true_stars = known_cells(valid)
rmse = my_work("01-data-loading", "rmse")
guesses = {}
for name, expect in progress_bar(expected.items(), desc="two updates"):
    for films_in_sum, update in updates.items():
        X, Y = alternate(update, leftover(expect, train), n_factors=20, reg=15.0, n_epochs=4)
        guesses[name, films_in_sum] = predictor(expect, X, Y)(users, items)

for ax, name in zip(panels(2, sharey=True), ["raw stars", "centred by μ"], strict=True):
    spread = {f"YᵀY over {films_in_sum}": guesses[name, films_in_sum] for films_in_sum in updates}
    plots.plot_predictions(true_stars, spread, name, ax)
show(
    "Histograms of predictions beside the true ratings. Raw stars: with YᵀY over all films they heap up "
    "near 0, where nobody rates. Centred by μ: with YᵀY over all films they crowd around μ, far narrower "
    "than the true ratings."
)
pd.DataFrame(
    {name: [rmse(true_stars, guesses[name, films_in_sum]) for films_in_sum in updates] for name in expected},
    index=[f"YᵀY over {films_in_sum}" for films_in_sum in updates],
).round(3)

# %% [markdown]
# You should see, on the left, the colleague's predictions heaped up near 0, where nobody rates. On **raw
# stars** they miss by 3 stars, nearly three times as far as the mean does. For in `fixed.T @ fixed` every
# film counts, rated or not, and the unknown cells, nearly the whole table, enter as ratings of 0: hate for
# everything. The loss falls, because it is the loss of *that* table. (Your own update does poorly on raw
# stars, too: RMSE 1.4. The penalty pulls towards 0 stars, and a film without a training rating ends exactly
# there. That is why we centre.)
#
# On the right, **centred**, the bug becomes invisible. An unknown cell now counts as "average", so the
# predictions crowd around μ and the RMSE is barely better than that of the mean. And with the **biases
# taken off**, the wrong update looks almost fine. No error message, no strange number: only a test that
# knows the right answer can tell. Write it.

# %% [markdown]
# ## Exercise 2.6 · Debug this: a test for somebody else's update
#
# ★★☆ · 15 minutes · 2 points: 1 checked here, 1 by hidden checks (a first row without ratings, ratings of
# 0, a strong penalty, the items' side, a single unknown cell)
#
# You get what an update was given (`R`, `fixed`, `reg`) and what came out (`X`). Decide which equations X
# solves: those with every unknown cell as a rating of 0, or those over the known cells. Expect errors of
# rounding, up to 1e-9. A row that has no ratings, or all of them, looks the same either way: it must not
# decide.
#
# <details><summary>Hint 1</summary>You can compute both answers yourself and see which one X is closer
# to.</details>
# <details><summary>Hint 2</summary>A sparse product <code>R @ fixed</code> treats unknown cells as 0: that
# is the right-hand side for both. Only the matrix on the left differs. Compare whole arrays by a norm, not
# row by row, and never with ==.</details>

# %% counts_unknown_as_zero
from solutions.explicit_als import counts_unknown_as_zero

# %% test_counts_unknown_as_zero points=1
# Two users, three items, one factor: a right and a wrong update, worked out on paper, are told apart.
from course_utils.checks.explicit_als import check_counts_unknown_as_zero_plain

check_counts_unknown_as_zero_plain(counts_unknown_as_zero)

# %% test_counts_unknown_as_zero_hidden points=1
# Hidden checks look at: awkward rows, two answers that are close.
### BEGIN HIDDEN TESTS
from tests.checks.explicit_als import (
    check_counts_unknown_as_zero_awkward,
    check_counts_unknown_as_zero_kinds,
    check_counts_unknown_as_zero_one_cell,
)

check_counts_unknown_as_zero_awkward(counts_unknown_as_zero)
check_counts_unknown_as_zero_one_cell(counts_unknown_as_zero)
check_counts_unknown_as_zero_kinds(counts_unknown_as_zero)
### END HIDDEN TESTS

# %% [markdown]
# Now the two suspects, on the toy of the beginning:

# %%
toy_users, toy_films = np.nonzero(stars)
toy = csr_array((stars[toy_users, toy_films] - 3.5, (toy_users, toy_films)), shape=stars.shape)
film_factors = np.random.default_rng(0).normal(size=(6, 2))
for name, update in [("the colleague's", colleague_update), ("your own", update_factors)]:
    verdict = counts_unknown_as_zero(toy, film_factors, 0.5, update(toy, film_factors, 0.5))
    print(f"{name} update counts unknown cells as 0: {verdict}")

# %% [markdown]
# You should see True for the colleague's update and False for yours.
#
# ## What the factors mean
#
# A rotation of the factors changes no prediction (if Q is orthogonal, $(Qx)^\top (Qy) = x^\top y$) and no
# penalty, so a single column of Y means nothing by itself. We turn Y to the directions in which the
# well-known films differ most (their principal axes) and look at the films at both ends.
#
# **What do you expect, and why?** What will stand at the two ends of the direction in which films differ
# most: genres, decades, good films and bad ones?

# %% slow=true
_, Y, _ = als_on(expectations(rest)["biases taken off"], rest, n_factors=20, reg=15.0, n_epochs=5)
titles = dataset.items.set_index("item_id")["title"].reindex(interactions.item_ids).tolist()
popular = np.flatnonzero(np.diff(csr_array(R.T).indptr) >= 60)
_, _, directions = np.linalg.svd(Y[popular] - Y[popular].mean(axis=0), full_matrices=False)
axes = panels(2, width=6.0, height=4.4)
for axis, ax in enumerate(axes):
    plots.plot_ends(
        [shown_title(titles[i]) for i in popular],
        Y[popular] @ directions[axis],
        f"Direction {axis + 1}",
        ax=ax,
    )
show(
    "The seven films at either end of two directions of Y. Direction 1 sets films with a cult following "
    "against summer blockbusters; direction 2 sets loud science fiction and action against warm-hearted "
    "films."
)

# %% [markdown]
# You should see, in direction 1, films with a cult following (*Pulp Fiction*, *American Beauty*, *The Big
# Lebowski*) at one end, and summer blockbusters (*Independence Day*, *Twister*, *Speed*) at the other.
# Nobody told the model what a genre is: it learned from ratings that people who like one of these films more
# than expected tend to like its neighbours, too. Direction 2 sets loud science fiction and action
# (*The Matrix*, *Starship Troopers*) against warm-hearted films (*E.T.*, *Back to the Future*) – and, oddly,
# *Schindler's List*: a direction is not a genre. (Which end is positive is chance.)

# %% [markdown]
# ## Results
#
# λ and k were chosen on the validation set; now we learn from training and validation ratings together, and
# look at the test set. To see how much is luck, we do so for three random splits.

# %% slow=true
models = {
    "global mean": ("centred by μ", None),
    "biases": ("biases taken off", None),
    "ALS, unknown as 0, raw stars (k=20, λ=15)": ("raw stars", colleague_update, 20, 15.0, 5),
    "ALS, centred by μ (k=2, λ=3)": ("centred by μ", update_factors, 2, 3.0, 8),
    "ALS, biases taken off (k=20, λ=15)": ("biases taken off", update_factors, 20, 15.0, 6),
}
errors = {name: [] for name in models}
for split in progress_bar(range(3), desc="splits"):
    rest, test = hold_out(R, 0.1, np.random.default_rng(split))
    expected = expectations(rest)
    for name, (preparation, update, *setting) in models.items():
        model = expected[preparation]
        if update is not None:
            X, Y = alternate(update, leftover(model, rest), *setting)
            model = predictor(model, X, Y)
        errors[name].append(rmse_on(test, model))

results = pd.DataFrame(errors, index=[f"split {split}" for split in range(3)]).T
results["mean"] = results.mean(axis=1)
results["against biases"] = results["mean"] - results.loc["biases", "mean"]
results.sort_values("mean", ascending=False).round(3)

# %% [markdown]
# You should see the colleague's code worst, nearly three times as far off as the global mean; ALS on centred
# ratings far better than the mean, but a little worse than the biases; and ALS on what the biases leave over
# best, by about 0.02 stars, **on every split**. (For centred ratings, λ = 3 and k = 2 were the best of those
# that we tried on validation ratings, with k from 1 to 30 and λ from 1 to 20.) 0.02 stars look small. But
# much of the error that is left no model can foresee: people who rate the same film twice often disagree with
# themselves (Amatriain et al., below). On ml-1m, a data set with ten times as many ratings, the same code
# gains more. With its files in place (see `course_utils.data.datasets`), change one name above,
# `load("ml-1m")`, and take λ = 20.

# %% [markdown]
# ## Your own films
#
# The films that you rated in unit 01, or those of a stand-in. You are no row of R, and nothing has to be
# trained again: hold Y fixed, and you are one more call of your `solve_row`. What do you expect on top of the
# list, and what at its end?

# %% slow=true
import time

from IPython.display import display

from course_utils.data.own_films import own_ratings

biases = fit_biases(R, reg=3.0)
_, Y = alternate(update_factors, leftover(biases.predict, R), 20, 15.0, 6)
rated, own_stars, whose = own_ratings(titles)
rated, left = np.array(rated), np.array(own_stars) - biases.mu - biases.item[rated]
my_bias = left.sum() / (3.0 + len(left))  # shrunken, as those of all others
began = time.perf_counter()
x = solve_row(left - my_bias, Y[rated], 15.0)
guesses = biases.mu + my_bias + biases.item + Y @ x
print(f"{whose}: factors in {1e3 * (time.perf_counter() - began):.2f} ms")
unseen = np.setdiff1d(popular, rated)
order = unseen[np.argsort(-guesses[unseen], kind="stable")]
film = [shown_title(titles[i]) for i in order]
display(pd.DataFrame({"best for you": film[:8], "stars": guesses[order[:8]].round(1)}, index=range(1, 9)))
own = {"yours": own_stars, "predicted": guesses[rated].round(1)}
pd.DataFrame(own, index=[shown_title(titles[i]) for i in rated])

# %% [markdown]
# In the first table stand the films with 60 or more ratings that you have not rated. In the second you should
# see the predictions closer to one another than your stars: ten ratings against λ = 15 move you only a part
# of the way from what everybody thinks.

# %% [markdown]
# ## Question 2.7 · One update, three assumptions
#
# ★★☆ · 15 minutes · 2 points, graded by a person
#
# Three algorithms solve for a user's factors; $Y_u$ and $r_u$ are the factors and the ratings of the films
# that the user rated, $n_u$ their number. In the third, $p$ is 1 where something is known and 0 elsewhere,
# and $C_u$ is a diagonal matrix of confidences: 1 where nothing is known, more where something is.
#
# | | the update solves | learns from |
# |---|---|---|
# | this unit | $(Y_u^\top Y_u + \lambda I)\, x = Y_u^\top r_u$ | ratings |
# | ALS-WR (Netflix Prize) | $(Y_u^\top Y_u + \lambda n_u I)\, x = Y_u^\top r_u$ | ratings |
# | WRMF (unit 05) | $(Y^\top Y + Y^\top (C_u - I) Y + \lambda I)\, x = Y^\top C_u\, p_u$ | clicks |
#
# What does each assume of an **unknown** cell? And what changes for a user with 5 ratings and for one with
# 2,000 between the first two? Which of the three is the colleague's line closest to, and when would it be
# right? (5–8 sentences)

# %% [markdown] three_updates points=2 solution=true
# *What an unknown cell means.* The first two sum over the known cells only: they say nothing about an
# unknown cell, and so behave as if a rating's being missing told us nothing about its value (missing at
# random). WRMF sums over **all** cells: an unknown cell is an observation of "no preference" ($p = 0$),
# though with the lowest confidence, 1. $Y^\top Y$ runs over all items there on purpose.
#
# *What $n_u$ changes.* Here λ is paid once per user. For somebody with 2,000 ratings the data term is a sum
# of 2,000 errors, so the penalty hardly matters; for somebody with 5 it dominates and x stays close to 0:
# few ratings, little trust. With $\lambda n_u$ the penalty is paid once per *rating*; it grows as the data
# do. Divide by $n_u$: each user minimises their **mean** squared error plus λ‖x‖². So a heavy rater is
# still held back, and a user with few ratings is less so than here if both λ are tuned to the same average.
#
# *The colleague's line* is WRMF's with equal confidence in every cell and the ratings themselves as
# preferences. It is right where an unknown cell really does mean 0, such as "did not buy" in a table of
# purchases; of a film that somebody did not rate, it claims that they gave it no star (or, with centred
# ratings, exactly an average one).
#
# *Grading:* one point for the unknown cells of all three, one for what $\lambda n_u$ does to users with few
# and many ratings. The answer about the colleague's line may make up for half a point missing elsewhere.

# %% [markdown]
# ## An experiment of your own
#
# So far the questions were ours. Now one of yours. Choose one of these, or think of another:
#
# - You have a fixed time for the training. Rather twice the factors, or twice the epochs?
# - What do factors add to the biases at all? (A huge λ keeps all of them at 0.)
# - The biases helped ALS. Do they help as much if λ is small?
#
# The rules are those of unit 01: a control, one thing that differs, and what you expect, written down first.
# Replace the two settings that stand there.


# %% slow=true
from course_utils.evaluation import experiment


def one_run(seed, n_factors=8, reg=15.0, n_epochs=3, prepared="biases taken off"):
    """RMSE of your ALS on training ratings that the seed holds out; it learns from the others alone."""
    known, held = hold_out(train, 0.1, np.random.default_rng(seed))
    expect = expectations(known)[prepared]
    X, Y, _ = als_on(expect, known, n_factors, reg, n_epochs)
    return rmse_on(held, predictor(expect, X, Y))


my_settings = {
    "k = 8 (the control)": dict(),
    "λ so large that all factors stay 0": dict(reg=1e9),
}
experiment(one_run, my_settings).round(4)

# %% [markdown]
# You should see the mean RMSE over three seeds, the difference from the control, and half the 95 % interval
# of each. The test set is out of it: what is held out here comes from the training ratings.

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
# **1.** In the equation of one user, over which films does the sum in <code>Y.T @ Y</code> run?
#
# <details><summary>a) Over all films.</summary>✗ No. Then each film that they have not rated counts as a
# rating of 0. That is the wrong line of the story.</details>
# <details><summary>b) Over the films that this user rated.</summary>✓ Yes. Only they appear in the user's
# part of L. So every user has a matrix of their own.</details>
# <details><summary>c) Over all films that anybody rated.</summary>✗ No. That is nearly the same mistake:
# what others rated says nothing about this user's errors.</details>
#
# **2.** R is centred and <i>stores</i> a 0. What does it say?
#
# <details><summary>a) The cell is unknown.</summary>✗ No. What is unknown is not stored. A cell counts as
# known because it is stored.</details>
# <details><summary>b) The user gave no star.</summary>✗ No. After centring, 0 is not the end of the scale
# but its middle.</details>
# <details><summary>c) The rating is exactly average.</summary>✓ Yes. It is a known cell and belongs in the
# sum, though its value is 0.</details>
#
# **3.** L falls at every half-step. What follows?
#
# <details><summary>a) Each half-step minimises something.</summary>✓ Yes. Of what that is, L says nothing
# by itself: the wrong update's own loss fell, too.</details>
# <details><summary>b) The code minimises formula (2.1).</summary>✗ No. The wrong update's loss fell as
# well: it was the loss of another table.</details>
# <details><summary>c) The validation error falls.</summary>✗ No. L is made of training ratings. With a
# small λ the validation error rises meanwhile.</details>
#
# **4.** λ is raised. The training error rises and the validation error falls. With the smaller λ the model
#
# <details><summary>a) had too few factors.</summary>✗ No. More factors would fit the training ratings even
# better, and these it fits well already.</details>
# <details><summary>b) was overfitting.</summary>✓ Yes. It fitted what is true of the training ratings
# alone; the penalty takes some of that away.</details>
# <details><summary>c) was not trained for long enough.</summary>✗ No. Longer training lowers the training
# error further. Here it was low, and the other one high.</details>
#
# **5.** A user has rated nothing, and λ &gt; 0. What is their x?
#
# <details><summary>a) Not defined: 0 / 0.</summary>✗ No. That is so for λ = 0 alone. The penalty decides
# where no rating does.</details>
# <details><summary>b) The mean of all users' x.</summary>✗ No. Nothing in L pulls them towards other
# users.</details>
# <details><summary>c) 0, so that they are predicted the mean.</summary>✓ Yes. Only the penalty speaks, and
# it is least at 0.</details>

# %% [markdown]
# ## What you learned
#
# - With one side fixed, matrix factorization is one small ridge regression a row, over the **known** cells
#   of that row.
# - Each half-step is exact, so L never rises. That catches many bugs, but not a wrong L: the colleague's
#   loss fell, too.
# - "Unknown" is not 0. After centring, 0 means "average"; that hides the error and does not fix it.
# - Compare with the mean *and* the biases. Factors pay off once the biases have explained what they can.
# - Choose λ and k on validation ratings, look at the test ratings once, and try more than one split.
# - A test that knows the right answer of a small problem finds what loss curves and RMSE leave in the dark.
#
# ## Further reading
#
# - Y. Koren, R. Bell, C. Volinsky, "Matrix factorization techniques for recommender systems", *IEEE
#   Computer* 42(8), 2009: the article to begin with.
# - Y. Zhou, D. Wilkinson, R. Schreiber, R. Pan, "Large-scale parallel collaborative filtering for the
#   Netflix Prize", *AAIM* 2008: ALS-WR.
# - Y. Hu, Y. Koren, C. Volinsky, "Collaborative filtering for implicit feedback datasets", *ICDM* 2008:
#   where unknown does mean 0; unit 05.
# - S. Rendle, L. Zhang, Y. Koren, "On the difficulty of evaluating baselines", arXiv:1905.01395, 2019: why
#   simple rivals, well tuned, are hard to beat.
# - X. Amatriain, J. M. Pujol, N. Oliver, "I like it… I like it not: evaluating user ratings noise in
#   recommender systems", *UMAP* 2009: how often people contradict their own ratings.
# - B. Marlin, R. Zemel, "Collaborative prediction and ranking with non-random missing data", *RecSys* 2009:
#   what if unknown is not unknown at random?
# - F. M. Harper, J. A. Konstan, "The MovieLens datasets: history and context", *ACM TiiS* 5(4), 2015: the
#   data.
