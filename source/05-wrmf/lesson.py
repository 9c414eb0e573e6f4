# %% [markdown]
# # Unit 05 · WRMF: what people did, not what they said
#
# **After this unit you can**
#
# - turn a record of what people did into preferences and confidences,
# - minimise a loss over *every* cell of a table without ever forming the table,
# - recommend to somebody new without training again, and say why,
# - measure recommendations by NDCG and recall, and choose α, λ and k on validation ratings,
# - tell what "they have not watched it" means in a model, and what that does to recommendations.
#
# **Time** about 5½ hours, in two sittings · **20 points**, 2 of them for a written answer, 1 for a bonus ·
# **Before this** unit 02; unit 04 helps

# %% [markdown]
# - **You have** models of stars, and from unit 02 the update by least squares over known cells. From unit
#   04 you may know a sum over all cells that costs two small matrices.
# - **You need** a model of what people *did*, in which unknown cells count a little; and measures of lists,
#   since there is no rating to be off by.

# %%
import time

import numpy as np
import pandas as pd
from scipy.linalg.lapack import dposv
from scipy.sparse import csr_array, csr_matrix
from scipy.sparse.linalg import svds

from course_utils.data import Interactions, find_titles, known_cells, load, shown_title
from course_utils.evaluation import (
    at_least,
    evaluate_ranking,
    fit_biases,
    history_beside_lists,
    loudest,
    split_by_user,
    top_items,
    top_unseen,
)
from course_utils.plots import panels, play, show, wrmf as plots

# %% [markdown]
# ## The story: ten films you like
#
# Somebody new opens a streaming service. It asks one thing: *name ten films you like*. No stars, nothing
# about films they dislike. A second later, there should be a list of films to watch next, and, for those who
# wonder, a reason for each.
#
# The service knows 610 people in the same way: by the films they liked. **What can be learned from likes
# alone?** If the only thing on record is "yes", a model that says "yes" to everything is never wrong. So the
# answer must lie in the films that are *not* on record; and yet not to have watched a film is no dislike. At
# the end you will name ten films yourself.
#
# ## Notation
#
# | | |
# |---|---|
# | m users, n items, k factors | sizes |
# | R, $r_{ui}$ | m × n sparse matrix of amounts: how often, how long, or 1 for a like; not stored: unknown |
# | $p_{ui}$ | preference: 1 where known, 0 elsewhere |
# | $c_{ui} = 1 + \alpha r_{ui}$ | confidence in that preference; 1 where nothing is known |
# | α, λ | confidence per unit of amount: `alpha`; weight of the penalty: `reg` |
# | X, $x_u$ and Y, $y_i$ | m × k factors of the users and n × k factors of the items, a row each |
# | $C_u$, $p_u$ | user u's confidences as a diagonal n × n matrix; their preferences |
#
# The *score* of an item is $x_u^\top y_i$, a guess of $p_{ui}$. Weighted regularised matrix factorization
# (WRMF, also "implicit ALS" or iALS) minimises
#
# $$L(X, Y) = \sum_{u=1}^{m} \sum_{i=1}^{n} c_{ui} (p_{ui} - x_u^\top y_i)^2
# + \lambda \Big(\sum_u \lVert x_u \rVert^2 + \sum_i \lVert y_i \rVert^2\Big) \qquad (5.1)$$
#
# Compare with formula (2.1) of unit 02: the sum of errors now runs over **all** m·n cells, on purpose. What
# was a bug there, zeros where nothing is known, is the model here; but with little confidence, so that one
# known cell outweighs many unknown ones.

# %% [markdown]
# ## A toy, by hand
#
# Five people, six films; how often each person watched each film. A dot: never, as far as we know.

# %%
films = ["Alien", "Blade Runner", "Brazil", "Casablanca", "Notorious", "Vertigo"]
people = ["Ada", "Ben", "Cem", "Dia", "Eve"]
times_watched = np.array(
    [
        [3, 1, 0, 0, 0, 0],
        [0, 2, 1, 0, 0, 0],
        [0, 0, 0, 4, 1, 0],
        [0, 1, 0, 0, 2, 1],
        [0, 0, 0, 0, 0, 0],
    ]
)
pd.DataFrame(times_watched, index=people, columns=films).replace(0, ".")

# %% [markdown]
# With α = 2, Ada's confidences are c = 1 + 2·3 = **7** for *Alien*, 1 + 2·1 = **3** for *Blade Runner* and
# 1 for each of the four films that she never watched. Take one factor, "science fiction", and suppose that
# it is known for the films: y = (1, 1, 1, 0, 0, 0). With λ = 1 Ada's x minimises
#
# $$7 (1 - x)^2 + 3 (1 - x)^2 + 1 (0 - x)^2 + 3 \cdot 0 + x^2$$
#
# where the third term is *Brazil*, the unwatched one. The derivative is 0 where $(7 + 3 + 1 + \lambda)\,
# x = 7 + 3$, so $x = 10/12 \approx 0.83$. That is Ada's score for *Brazil*: she probably likes it, and has
# only not come across it. The single 0 is outvoted by two films with a total confidence of ten.
#
# And if only the known cells counted? Give *everybody* x = 1 and *every film* y = 1. Each known preference
# of 1 is met exactly:

# %%
known = times_watched > 0
errors = (known - np.ones(known.shape)) ** 2
confidence = 1 + 2 * times_watched
pd.Series(
    {
        "Ada's x": 10 / 12,
        "error of 'everybody likes everything', known cells": np.sum((confidence * errors)[known]),
        "the same, all cells": np.sum(confidence * errors),
    }
).round(3)

# %% [markdown]
# You should see 0.833, an error of 0 over the known cells, and of 21 over all: the 21 unknown cells, once
# each. Only they keep the model from saying yes to everything.

# %% [markdown]
# ## Exercise 5.1 · Preferences and confidences
#
# ★☆☆ · 10 minutes · 1 point: ½ checked here, ½ by hidden checks (other formats, small types, a known amount
# of 0)
#
# Split R into P (the preferences) and C. As c is 1 even where nothing is known, a matrix of c would have no
# empty cell: store c − 1 = α·r, which is 0 there.
#
# <details><summary>Hint 1</summary>
#
# Both have exactly R's stored cells; only the numbers in `.data` differ. Work on copies.
#
# </details>
# <details><summary>Hint 2</summary>
#
# If R holds whole numbers, so does a copy of it, and 0.3 does not fit in. `csr_array(R, dtype=np.float64,
# copy=True)` helps.
#
# </details>

# %% preference_confidence
from solutions.wrmf import preference_confidence

# %% test_preference_confidence points=0.5
# Two users, three items, α = 2.
from course_utils.checks.wrmf import check_preference_confidence_by_hand

check_preference_confidence_by_hand(preference_confidence)

# %% test_preference_confidence_hidden points=0.5
# Hidden checks look at: number types, formats, amounts of 0.
### BEGIN HIDDEN TESTS
from tests.checks.wrmf import check_preference_confidence_awkward, check_preference_confidence_formats

check_preference_confidence_formats(preference_confidence)
check_preference_confidence_awkward(preference_confidence)
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 5.2 · A sum over all cells, without all cells
#
# ★★☆ · 20 minutes · 2 points: 1½ checked here, ½ by hidden checks (the double sum by brute force, `R.T` and
# other formats)
#
# Write formula (5.1). For ml-latest-small the table has 6 million cells; for a real service, billions. First
# compute the sum as if **every** cell were unknown: $\sum_{u,i} (x_u^\top y_i)^2$, for which two k × k
# matrices are enough (it is m·n times the *gravity* of unit 04). Then correct the few known cells: subtract
# their wrong terms and add the right ones.
#
# <details><summary>Hint 1</summary>
#
# $\sum_{u,i} (x_u^\top y_i)^2$ is `np.sum((X.T @ X) * (Y.T @ Y))`.
#
# </details>
# <details><summary>Hint 2</summary>
#
# For a known cell with the score s: take off $s^2$, add $(1 + \alpha r)(1 - s)^2$. Go row by row with
# `R.indptr`, and skip rows without known cells: `np.flatnonzero(np.diff(R.indptr))` are the others.
#
# </details>

# %% objective
from solutions.wrmf import objective

# %% test_objective points=1.5
# Two users, three items, one factor: all six cells on paper.
from course_utils.checks.wrmf import check_objective_by_hand, check_objective_memory

check_objective_by_hand(objective)
check_objective_memory(objective)

# %% test_objective_hidden points=0.5
# Hidden checks look at: the double sum by brute force, R.T and other formats.
### BEGIN HIDDEN TESTS
from tests.checks.wrmf import check_objective_awkward, check_objective_brute_force

check_objective_brute_force(objective)
check_objective_awkward(objective)
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 5.3 · One user, from the definition
#
# ★★☆ · 15 minutes · 2 points: 1 checked here, 1 by hidden checks (is x really the minimum? whole numbers, a
# user without history)
#
# Hold the items fixed. The user's part of (5.1) is a weighted ridge regression over **all** n items. Set its
# gradient to zero:
#
# $$(Y^\top C_u Y + \lambda I)\, x_u = Y^\top C_u\, p_u$$
#
# Here, for once, the row r is dense, with a 0 where nothing is known. This is the definition, against which
# you will check the fast version.
#
# <details><summary>Hint 1</summary>
#
# The diagonal matrix need not be formed: $C_u Y$ is Y with each row times its confidence, `c[:, None] * Y`.
#
# </details>
# <details><summary>Hint 2</summary>
#
# The confidence stands on both sides. On the right, $C_u p_u$ is c where something is known and 0 elsewhere.
#
# </details>

# %% solve_user_naive
from solutions.wrmf import solve_user_naive

# %% test_solve_user_naive points=1
# One user, three items, one factor: (Σ c p y) / (Σ c y² + λ).
from course_utils.checks.wrmf import check_solve_user_naive_by_hand

check_solve_user_naive_by_hand(solve_user_naive)

# %% test_solve_user_naive_hidden points=1
# Hidden checks look at: the gradient at your x, whole numbers, users without history.
### BEGIN HIDDEN TESTS
from tests.checks.wrmf import check_solve_user_naive_awkward, check_solve_user_naive_gradient_vanishes

check_solve_user_naive_gradient_vanishes(solve_user_naive)
check_solve_user_naive_awkward(solve_user_naive)
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 5.4 · The trick with the Gram matrix
#
# ★★★ · 25 minutes · 3 points: 2 checked here, 1 by hidden checks (every row against brute force, `R.T`, other
# formats, a λ for each row, 4,000 users with 2,500,000 items)
#
# The naive solution looks at all n items for each user. But most confidences are 1, and
#
# $$Y^\top C_u Y = Y^\top Y + Y^\top (C_u - I)\, Y$$
#
# The first part is the same for **all** users: compute it once. In the second, $C_u - I$ is α·r in the
# user's known cells and 0 elsewhere, so only those rows of Y take part. A user with 50 likes costs 50 rows,
# whether the service has a thousand films or a million.
#
# The k × k matrix on the left is symmetric and positive definite. Cholesky's method is made for that, and
# LAPACK's `dposv` is the shortest way to it; `np.linalg.solve` does half of its work in vain, but is right,
# too:

# %%
_, solution, failed = dposv(np.array([[4.0, 1.0], [1.0, 3.0]]), np.array([9.0, 5.0]))
print(solution, "failed" if failed else "solved")  # 4·2 + 1·1 = 9 and 1·2 + 3·1 = 5

# %% [markdown]
# You should see [2. 1.] and "solved". One more thing: `reg` may be an array, with one λ a row (the bonus
# needs that); `np.broadcast_to(reg, R.shape[0])` covers both cases.
#
# <details><summary>Hint 1</summary>
#
# Take the few rows of `fixed` that belong to the row's known cells. What is $C_u - I$ for them? The diagonal
# matrix need not be formed here either (exercise 5.3).
#
# </details>
# <details><summary>Hint 2</summary>
#
# On the right, $p_u$ is 0 except for the same few rows, and each counts with its whole confidence there, not
# with what it has beyond 1. A row without known cells has 0 on the right, and so the answer 0: skip it.
# `csr_array(R)` in front makes `R.T` work, too.
#
# </details>

# %% update_factors
from solutions.wrmf import update_factors

# %% test_update_factors points=2
# Three users, three items, one factor: (Σ c p y) / (Σ c y² + λ), and 0 without anything known.
from course_utils.checks.wrmf import check_update_factors_by_hand, check_update_factors_memory

check_update_factors_by_hand(update_factors)
check_update_factors_memory(update_factors)

# %% test_update_factors_hidden points=1
# Hidden checks look at: each row's minimum, R.T, other formats, a λ for each row, memory.
### BEGIN HIDDEN TESTS
from tests.checks.wrmf import (
    check_update_factors_awkward,
    check_update_factors_every_row,
    check_update_factors_formats,
)

check_update_factors_every_row(update_factors)
check_update_factors_formats(update_factors)
check_update_factors_awkward(update_factors)
### END HIDDEN TESTS

# %% [markdown]
# What is the trick worth? A hundred users with 50 known films each, in ever larger catalogues:
#
# **What do you expect, and why?** How will each of the two curves grow when the catalogue doubles?

# %% slow=true
from course_utils.training import progress_bar

n_timed, n_own = 100, 50
catalogues = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000]
milliseconds = {"from the definition": [], "with the Gram matrix": []}
rng = np.random.default_rng(0)
for n in progress_bar(catalogues, desc="catalogues"):
    factors = rng.normal(size=(n, 16))
    own = np.concatenate([rng.choice(n, size=n_own, replace=False) for _ in range(n_timed)])
    histories = csr_array((np.ones(len(own)), own, np.arange(0, len(own) + 1, n_own)), shape=(n_timed, n))
    dense, slow_times, quick_times = histories[:10].toarray(), [], []
    for _ in range(5):  # the fastest counts: it is the least disturbed by what else the machine does
        start = time.perf_counter()
        slowly = [solve_user_naive(row, factors, 2.0, 1.0) for row in dense]
        middle = time.perf_counter()
        quickly = update_factors(histories, factors, 2.0, 1.0)
        slow_times.append(1e3 * (middle - start) / len(dense))
        quick_times.append(1e3 * (time.perf_counter() - middle) / n_timed)
    if not np.allclose(slowly, quickly[:10]):
        print(f"n = {n}: the two give different factors!")
    milliseconds["from the definition"].append(min(slow_times))
    milliseconds["with the Gram matrix"].append(min(quick_times))

plots.plot_times(catalogues, milliseconds)
show(
    f"Milliseconds a user against the number of items, from {catalogues[0]:,} to {catalogues[-1]:,}: from "
    f"the definition they grow from {milliseconds['from the definition'][0]:.2f} to "
    f"{milliseconds['from the definition'][-1]:.2f}, with the Gram matrix from "
    f"{milliseconds['with the Gram matrix'][0]:.2f} to {milliseconds['with the Gram matrix'][-1]:.2f}."
)

# %% [markdown]
# You should see the definition's time grow with n, to a millisecond or two a user, while the other curve
# hardly rises: what makes it rise at all is $Y^\top Y$, computed once for all hundred users. With 32,000
# items, the trick is dozens of times as fast. Both give the same answers; the cell would say so if they did
# not.

# %% [markdown]
# ## Exercise 5.5 · Bonus: who pays how much?
#
# ★★☆ · 10 minutes · 1 point: ½ checked here, ½ by hidden checks (the exponents 0 and 1, an array of rows).
# Nothing else depends on it.
#
# In (5.1) a user with 5 likes and one with 500 pay the same λ, so the former is held back far more. Rendle
# and others let the penalty grow with the weight of a row's cells, to a power ν that is tuned like λ:
#
# $$\lambda_u = \lambda\, (n_u + n / \alpha)^\nu$$
#
# ν = 0 is formula (5.1); with ν = 1 everybody pays in proportion to their data, as in ALS-WR (unit 02).
#
# <details><summary>Hint 1</summary>
#
# The bracket: each of the row's $n_u$ known cells weighs 1, and each of all n columns 1/α.
#
# </details>
# <details><summary>Hint 2</summary>
#
# One line. Written with `*`, `+`, `/` and `**` it works for one number and for an array of rows alike.
#
# </details>

# %% row_penalty
from solutions.wrmf import row_penalty

# %% test_row_penalty points=0.5
# 7 known cells of 10, α = 5, λ = 1/2: the row weighs 7 + 10/5 = 9.
from course_utils.checks.wrmf import check_row_penalty_by_hand

check_row_penalty_by_hand(row_penalty)

# %% test_row_penalty_hidden points=0.5
# Hidden checks look at: the exponents 0 and 1, arrays of rows.
### BEGIN HIDDEN TESTS
from tests.checks.wrmf import check_row_penalty_awkward, check_row_penalty_laws

check_row_penalty_laws(row_penalty)
check_row_penalty_awkward(row_penalty)
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 5.6 · Alternate
#
# ★★☆ · 15 minutes · 2 points: 1½ checked here, ½ by hidden checks (each half-step exact and from the newest
# factors, the start from `rng` and of the right size, each row's penalty if you solved the bonus)
#
# As in unit 02: users, then items **with the new users**, and L after each half-step. The start is normal
# with standard deviation $0.1 / \sqrt{k}$, so that the first scores are small for every k. With the
# `reg_exponent` 0, which is the default, every row pays `reg`. If you solved the bonus: with another exponent
# each row pays its own, and history must count that; if not, `raise NotImplementedError` there.
#
# <details><summary>Hint 1</summary>
#
# Transpose once, before the loop: `csr_array(R.T)`.
#
# </details>
# <details><summary>Hint 2</summary>
#
# For the bonus: `objective(R, X, Y, alpha, 0.0)` is L without the penalty; add `reg_user @ np.sum(X**2,
# axis=1)` and the items' part. `np.diff(R.indptr)` counts the known cells of each row.
#
# </details>

# %% fit_wrmf
from solutions.wrmf import fit_wrmf

# %% test_fit_wrmf points=1.5
# Two numbers an epoch, none above the one before; a table of one cell ends where paper says.
from course_utils.checks.wrmf import check_fit_wrmf_history, check_fit_wrmf_half_steps

check_fit_wrmf_history(fit_wrmf)
check_fit_wrmf_half_steps(fit_wrmf)

# %% test_fit_wrmf_hidden points=0.5
# Hidden checks look at: exact half-steps, the newest factors, the start, penalties if you wrote the bonus.
### BEGIN HIDDEN TESTS
from tests.checks.wrmf import (
    check_fit_wrmf_awkward,
    check_fit_wrmf_exact_half_steps,
    check_fit_wrmf_row_penalties,
    check_fit_wrmf_start,
)

check_fit_wrmf_exact_half_steps(fit_wrmf)
check_fit_wrmf_row_penalties(fit_wrmf)
check_fit_wrmf_start(fit_wrmf)
check_fit_wrmf_awkward(fit_wrmf)
### END HIDDEN TESTS

# %% [markdown]
# **Half-time.** The model is complete: this is a good place for a break. What follows is about *lists*: how
# to measure them, what α and λ do to them, and your own ten films.
#
# ## Exercise 5.7 · How good is a list?
#
# ★★☆ · 15 minutes · 2 points: 1½ checked here, ½ by hidden checks (more relevant films than places, fewer
# ranked than k, nothing relevant)
#
# The RMSE of unit 02 asks how far a predicted *rating* is off. Here nobody rates, and a score is not a
# number of stars; what we show is a **list**. NDCG@k adds up a gain for each relevant item among the first k
# places (here k is a number of places, not of factors), and a hit further down counts less: it gains
# $1 / \log_2(\text{place} + 1)$. Then it divides by the gain of
# the best list there is, so that 1 is perfect.
#
# <details><summary>Hint 1</summary>
#
# `np.isin(ranked[:k], relevant)` marks the hits. Place 1 gains $1/\log_2 2 = 1$: mind where you start.
#
# </details>
# <details><summary>Hint 2</summary>
#
# The best list begins with nothing but hits; but it has no more than k places, and no more hits than there
# are relevant items: min(k, #relevant) of them. `float("nan")` if nothing is relevant.
#
# </details>

# %% ndcg_at_k
from solutions.wrmf import ndcg_at_k

# %% test_ndcg_at_k points=1.5
# Items 3 and 5 are relevant and stand in places 2 and 3.
from course_utils.checks.wrmf import check_ndcg_at_k_by_hand, check_ndcg_at_k_many_relevant

check_ndcg_at_k_by_hand(ndcg_at_k)
check_ndcg_at_k_many_relevant(ndcg_at_k)

# %% test_ndcg_at_k_hidden points=0.5
# Hidden checks look at: more relevant items than places, fewer ranked than k, nothing relevant.
### BEGIN HIDDEN TESTS
from tests.checks.wrmf import check_ndcg_at_k_awkward, check_ndcg_at_k_edges

check_ndcg_at_k_edges(ndcg_at_k)
check_ndcg_at_k_awkward(ndcg_at_k)
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 5.8 · And how much does it find?
#
# ★☆☆ · 10 minutes · 1 point: ½ checked here, ½ by hidden checks (nothing relevant, short lists)
#
# Recall@k does not care for the order: of what could be found in k places, which share was? Nobody can place
# 30 relevant films in 20 places, so the divisor is min(k, #relevant).
#
# <details><summary>Hint 1</summary>
#
# Sets: `set(ranked[:k]) & set(relevant)`.
#
# </details>
# <details><summary>Hint 2</summary>
#
# As before, `float("nan")` if nothing is relevant; a 0 would say that the list is bad.
#
# </details>

# %% recall_at_k
from solutions.wrmf import recall_at_k

# %% test_recall_at_k points=0.5
# Two of three found in four places; one in two places where four are relevant.
from course_utils.checks.wrmf import check_recall_at_k_by_hand

check_recall_at_k_by_hand(recall_at_k)

# %% test_recall_at_k_hidden points=0.5
# Hidden checks look at: users without relevant items, short lists.
### BEGIN HIDDEN TESTS
from tests.checks.wrmf import check_recall_at_k_awkward, check_recall_at_k_edges

check_recall_at_k_edges(recall_at_k)
check_recall_at_k_awkward(recall_at_k)
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 5.9 · Debug this: a test for somebody else's list
#
# ★★☆ · 15 minutes · 1 point: ½ checked here, ½ by hidden checks (equal scores, an item twice, codes that do
# not exist, nothing asked for, nearly everything seen)
#
# Scores become a list: the best first, without what somebody has seen. You wrote that in unit 03. Here is a
# colleague's version. On their own test, of ten films with positive scores, it worked. Run it on Ada: she has
# seen *Alien* and *Blade Runner* (films 0 and 1).


# %%
def colleague_recommend(scores, seen, n):
    """The colleague's recommendations: highest scores first, without what was seen."""
    scores = scores.copy()
    scores[seen] = 0
    return np.argsort(-scores)[:n]


ada_scores, ada_seen = np.array([0.9, 0.8, 0.3, -0.2, -0.1, -0.3]), np.array([0, 1])
ada_list = colleague_recommend(ada_scores, ada_seen, 3)
print("recommended:", [films[item] for item in ada_list])

# %% [markdown]
# You should see *Brazil*, which is right, followed by *Alien* and *Blade Runner*, which Ada has seen. A score
# of 0 is not low: WRMF aims at 0 for every film that people have *not* watched, so that many scores are below
# it. One list looked at by eye found that. Write the test that finds it in **any** list, whoever made it.
#
# It must not compare with one right list: of two films with equal scores either may come first. So do not ask
# "is it mine?" but "does it keep its promises?": unseen films alone, each once; as many as were asked for, as
# long as there are some; the best ones, and the best of them first.
#
# <details><summary>Hint 1</summary>
#
# Two laws are enough. One is about codes: which are allowed, and how often. The other is about scores: read
# along the list, which numbers must they be?
#
# </details>
# <details><summary>Hint 2</summary>
#
# `np.setdiff1d` gives the unseen codes and `np.isin` asks whether codes are among them. Ask that before you
# use a code as an index: −1 would be the last film. `np.array_equal` is False where lengths differ.
#
# </details>

# %% is_best_list
from solutions.wrmf import is_best_list

# %% test_is_best_list points=0.5
# Ada's six films: two right lists, one for each way to be wrong, and two equal scores.
from course_utils.checks.wrmf import check_is_best_list_by_hand

check_is_best_list_by_hand(is_best_list)

# %% test_is_best_list_hidden points=0.5
# Hidden checks look at: equal scores, items twice, codes that do not exist, short lists.
### BEGIN HIDDEN TESTS
from tests.checks.wrmf import check_is_best_list_brute_force, check_is_best_list_edges

check_is_best_list_brute_force(is_best_list)
check_is_best_list_edges(is_best_list)
### END HIDDEN TESTS

# %% [markdown]
# Now the colleague's list and one by `top_unseen`, the course's function for the same:

# %%
for name, ranked in [("the colleague's", ada_list), ("the course's", top_unseen(ada_scores, ada_seen, 3))]:
    verdict = is_best_list(ranked, ada_scores, ada_seen, 3)
    print(f"{name} list {[films[item] for item in ranked]}: {verdict}")

# %% [markdown]
# You should see False for the colleague's list and True for the other, which ends with *Notorious* and
# *Casablanca*.

# %% [markdown]
# ## The same code on real likes
#
# MovieLens latest-small once more. We take a rating of 4 stars or more as a *like*, with the amount 1, and
# forget the stars. 20 % of each person's ratings are the *test* set, at which we look only when all choices
# have been made; 20 % of the rest are for *validation*. Relevant are the likes among the held-out ratings;
# what somebody rated in training, liked or not, is never recommended to them.
#
# The lists are made by your own `recommend` of exercise 3.6, if `my_work` finds it and its visible checks
# pass; otherwise the course's stands in, and a line says why.
#
# (On larger data, `update_factors = faster(update_factors, update_weighted)` runs a compiled twin of your
# update on all cores; both come from `course_utils.training`.)


# %% slow=true
from course_utils.notebook.my_work import my_work


def likes(ratings):
    """The ratings of 4 stars or more, each as an amount of 1."""
    liked = at_least(ratings, 4.0)
    return preference_confidence(liked, 0.0)[0]


dataset = load("ml-latest-small")
interactions = Interactions.from_ratings(dataset.ratings)
R = interactions.matrix
train, test = split_by_user(R, 0.2, np.random.default_rng(0))
rest, valid = split_by_user(train, 0.2, np.random.default_rng(1))

k, alpha, reg = 16, 6.0, 20.0
recommend = my_work("03-sgd", "recommend")


def wrmf_on(amounts, alpha=alpha, reg=reg, n_epochs=6):
    """X, Y and history of your WRMF."""
    return fit_wrmf(amounts, k, alpha, reg, n_epochs, np.random.default_rng(0))


start = time.perf_counter()
X, Y, history = wrmf_on(likes(rest))
print(f"{R.shape[0]} people × {R.shape[1]} films, {likes(R).nnz:,} likes")
print(
    f"6 epochs in {time.perf_counter() - start:.1f} s; L: {', '.join(f'{value:,.0f}' for value in history)}"
)


# %% [markdown]
# You should see 48,580 likes, L falling at every half-step, and a time of a second or two. (If it is much
# more, look for a loop over single cells in your `update_factors` or `objective`: one over rows is enough,
# and the cells below fit more than twenty models.) Now your measures, person by person, beside those of the
# course (`evaluate_ranking`), which does the same for all at once:


# %% slow=true
def mine(X, Y, seen, held_out):
    """Your NDCG@10 and recall@20, averaged over everybody with a relevant film."""
    relevant, values = at_least(held_out), []
    for user in np.flatnonzero(np.diff(relevant.indptr)):
        wanted = relevant.indices[relevant.indptr[user] : relevant.indptr[user + 1]]
        known = seen.indices[seen.indptr[user] : seen.indptr[user + 1]]
        ranked = recommend(Y @ X[user], known, 20)
        values.append((ndcg_at_k(ranked, wanted, 10), recall_at_k(ranked, wanted, 20)))
    return np.mean(values, axis=0)


def ranked_by(X, Y):
    """A function that scores all items for some users, as `evaluate_ranking` wants it."""
    return lambda users: X[users] @ Y.T


counts = np.asarray(likes(rest).sum(axis=0))
validation = pd.DataFrame(
    {
        "popularity": evaluate_ranking(lambda users: np.tile(counts, (len(users), 1)), rest, at_least(valid)),
        "WRMF": evaluate_ranking(ranked_by(X, Y), rest, at_least(valid)),
    }
).T[["NDCG@10", "recall@20"]]
validation.loc["WRMF, measured by you"] = mine(X, Y, rest, valid)
validation.round(4)

# %% [markdown]
# You should see the last two rows agree, at an NDCG@10 of about 0.19: well above **popularity**, which shows
# everybody the most liked films and reaches 0.11. (Validation sets are small, so a perfect list is rare: do
# not compare the numbers with those of the test set below.)
#
# ## α and λ
#
# How much more does a like count than a film that is not on record? Every pair of α and λ below is a model
# of its own, measured on the validation ratings by your `ndcg_at_k`. k stays at 16.
#
# **What do you expect, and why?** If a like counts for more, should the penalty be larger too, or smaller?
# And will the films on the lists become better known, or less?

# %% slow=true
alphas, regs = [1.0, 3.0, 6.0, 15.0, 50.0], [7.0, 20.0, 60.0]
found, popularity_of = {}, {}
liked, relevant = likes(rest), at_least(valid)
wanted = np.split(relevant.indices, relevant.indptr[1:-1])  # a person's relevant films each
for tried in progress_bar([(alpha, reg) for alpha in alphas for reg in regs], desc="α and λ"):
    X, Y, _ = wrmf_on(liked, *tried, n_epochs=5)
    lists = top_items(X @ Y.T, rest, 10)
    values = [ndcg_at_k(ranked, own, 10) for ranked, own in zip(lists, wanted, strict=True)]
    found[tried] = np.nanmean(values)  # nan: nothing was relevant
    popularity_of[tried] = counts[lists].mean()

ndcg = pd.DataFrame({alpha: {reg: found[alpha, reg] for reg in regs} for alpha in alphas})
popular = counts[top_items(np.tile(counts, (len(lists), 1)), rest, 10)].mean()
axes = panels(2, width=5.6)
plots.plot_settings(ndcg, "NDCG@10", axes[0])
plots.plot_popularity(
    alphas,
    {f"λ = {reg:g}": [popularity_of[alpha, reg] for alpha in alphas] for reg in regs},
    {"popularity": popular},
    axes[1],
)
show(
    "Left: NDCG@10 for each α and λ, a ridge from the lower left to the upper right, best at α of 3 and "
    "6. Right: mean likes of the recommended films against α: for every λ they fall, from near the line "
    "of popularity at α = 1 with the largest penalty."
)

# %% [markdown]
# You should see, on the left, a ridge from the lower left to the upper right: the more a like counts, the
# larger a penalty it takes. α = 3 and 6 are best, with little between λ = 7 and λ = 20; at α = 50, where the
# model all but forgets the unknown cells, a fifth to a third is lost. On the right: at α = 1 with a large
# penalty the lists are nearly those of popularity, and with growing α the recommended films become less
# known. That is what an unknown cell does here: it says "you had a reason not to watch this", and obscure
# films have the most of them. A larger α weakens that evidence.
#
# We go on with the framed pair, α = 6 and λ = 20. Do more factors help? Change k and λ one at a time:

# %% slow=true
by_k = {}
for factors, penalty in progress_bar([(16, 20.0), (16, 40.0), (48, 20.0), (48, 40.0)], desc="k and λ"):
    X, Y, _ = fit_wrmf(liked, factors, alpha, penalty, 6, np.random.default_rng(0))
    measured = evaluate_ranking(ranked_by(X, Y), rest, relevant)["NDCG@10"]
    by_k.setdefault(f"λ = {penalty:g}", {})[f"k = {factors}"] = measured
pd.DataFrame(by_k).round(3)

# %% [markdown]
# You should see that neither change alone is a gain: 0.186 becomes 0.185 with the larger penalty and 0.178
# with more factors. With 48 factors and the smaller penalty the model **overfits**. *Together* they reach
# 0.195: the larger penalty is what makes the additional factors worth having. They take three times as long,
# so we come back to them at the end.

# %% [markdown]
# ## One person
#
# A mean hides the people that it is the mean of. Here is the person of unit 03 again, the first row of R:
# what they liked best in training, and what two models recommend. ★ marks a film of the validation set that
# they gave 4 stars or more.
#
# **What do you expect, and why?** In which list will there be more ★? And will the second one know what kind
# of films this person likes?

# %% slow=true
by_code = dataset.items.set_index("item_id")["title"].reindex(interactions.item_ids)
titles = [shown_title(title) for title in by_code]
user = 0  # or any other row of R
lists = {
    "popularity": top_items(counts[None, :], rest[[user]], 10)[0],
    "WRMF (k=48, λ=40)": top_items(X[[user]] @ Y.T, rest[[user]], 10)[0],  # the last one of the table
}
print(f"{relevant[[user]].nnz} films of the validation set have 4 stars or more.")
history_beside_lists(rest[[user]], lists, relevant[[user]].indices, titles)

# %% [markdown]
# You should see five ★ for popularity and two for WRMF, of 33 that could be found. (In unit 03, where the
# split is another one, there was none.) WRMF's list has an eye for this person's taste: action, war, and
# comedies of the 1980s and 1990s. And yet for them the list of everybody's favourites holds *more* of what
# they went on to like. The means above say the opposite, and clearly. A single person is no measurement,
# however convincing a list looks.

# %% [markdown]
# ## Results
#
# With the setting of the validation set we now learn from training and validation likes together, and look at
# the test set, for three random splits (α and λ are those of the first). The rivals: **popularity**; the
# **biases** of unit 02, learned from stars, which rank films by $b_i$; and **PureSVD**, the best 16 factors
# for the table of preferences with α = 0 and λ = 0: all cells alike. One more row has three times the factors
# and twice the penalty.

# %% slow=true
rows = []
for split in progress_bar(range(3), desc="splits"):
    train, test = split_by_user(R, 0.2, np.random.default_rng(split))
    liked, bias = likes(train), fit_biases(train, reg=3.0).item
    counts = np.asarray(liked.sum(axis=0))
    U, s, Vt = svds(liked, k=k, rng=np.random.default_rng(0))
    models = {
        "biases, from stars": lambda users, bias=bias: np.tile(bias, (len(users), 1)),
        "popularity": lambda users, counts=counts: np.tile(counts, (len(users), 1)),
        f"PureSVD (k={k})": ranked_by(U * s, Vt.T),
        f"WRMF (k={k}, α={alpha:g}, λ={reg:g})": ranked_by(*wrmf_on(liked)[:2]),
    }
    X, Y, _ = fit_wrmf(liked, 48, alpha, 40.0, 6, np.random.default_rng(0))
    models["WRMF (k=48, α=6, λ=40)"] = ranked_by(X, Y)
    rows += [evaluate_ranking(model, train, at_least(test)).rename(name) for name, model in models.items()]

by_model = pd.DataFrame(rows).groupby(level=0)
pd.set_option("display.max_colwidth", 80)  # long titles further down
results = by_model.mean().sort_values("NDCG@10")
results.insert(1, "± (three splits)", by_model["NDCG@10"].std())
results.round(3)

# %% [markdown]
# You should see the **biases** far below everybody, at 0.03: they put on top what a few people loved, and
# their novelty says so: 4.8 bits, where those of popularity have 1.7. **Popularity** reaches 0.16 with no
# taste at all. **PureSVD**, for which every cell counts alike, gets to 0.27. **WRMF** with as many factors
# is a little above it in NDCG@10, by hardly more than splits differ, and clearly in recall@20 and in the
# AUC: it also orders the films further down. **With 48 factors** and the penalty that these need, it reaches
# 0.30. If you solved the bonus, try
# `fit_wrmf(liked, 48, 4.8, 1.3, 6, rng, reg_exponent=0.5)`: it does as well, and on this data set no
# better.
#
# What about the RMSE? WRMF's scores lie between 0 and 1 and mean "would they watch it", so their distance to
# stars says nothing. A list is judged as a list.
#
# ## Does somebody else agree?
#
# The package `implicit` has an exact solver of the same objective. From the same start, with the same α, λ
# and number of epochs, the factors should be the same. (Its confidence is the number stored in the matrix, so
# it gets $1 + \alpha r$.)

# %% slow=true
try:
    from implicit.cpu.als import AlternatingLeastSquares
except ImportError:
    print("implicit is not installed: nothing to compare with, go on. (docs/student.md says how to add it.)")
else:
    X, Y, _ = wrmf_on(likes(R), n_epochs=2)
    rng = np.random.default_rng(0)  # the start of wrmf_on: users first, then items
    starts = [rng.normal(scale=0.1 / np.sqrt(k), size=(size, k)) for size in R.shape]
    theirs = AlternatingLeastSquares(
        factors=k,
        alpha=1.0,
        regularization=reg,
        dtype=np.float64,
        use_cg=False,
        iterations=2,
        num_threads=1,
    )
    theirs.user_factors, theirs.item_factors = starts
    theirs.fit(csr_matrix(likes(R) * (1 + alpha)), show_progress=False)
    gap = np.abs(X @ Y.T - theirs.user_factors @ theirs.item_factors.T).max()
    print(f"largest difference of two scores: {gap:.1e}")

# %% [markdown]
# You should see a difference of 1e-12 or less if `implicit` is installed, and one line that says so if it is
# not. (If yours is larger, your `fit_wrmf` may draw its start in another order, or nothing for the users:
# that is not wrong, but then the two do not start alike.)

# %% [markdown]
# ## Exercise 5.10 · Somebody new
#
# ★★☆ · 15 minutes · 2 points: 1 checked here, 1 by hidden checks (equal to a trained user's row, any order,
# no history, whole numbers)
#
# The newcomer names ten films. Training again would take seconds, and a service cannot train for everyone
# who walks in. It need not: hold Y, and the newcomer is one more row of the half-step, solved in a fraction
# of a millisecond. The answer is exactly what a trained user with this history has.
#
# <details><summary>Hint 1</summary>
#
# You have a function that solves for the rows of a matrix. Which matrix has the newcomer as its only row?
#
# </details>
# <details><summary>Hint 2</summary>
#
# `csr_array((values, (rows, items)), shape=(1, len(Y)))` with rows of zeros. Return a vector, not a table of
# one row.
#
# </details>

# %% fold_in
from solutions.wrmf import fold_in

# %% test_fold_in points=1
# Somebody new with amounts 2 and 4 of items 2 and 0: (Σ c p y) / (Σ c y² + λ) = 4/17.
from course_utils.checks.wrmf import check_fold_in_by_hand

check_fold_in_by_hand(fold_in)

# %% test_fold_in_hidden points=1
# Hidden checks look at: the row of a trained user, any order, no history, whole numbers.
### BEGIN HIDDEN TESTS
from tests.checks.wrmf import check_fold_in_awkward, check_fold_in_is_the_trained_row

check_fold_in_is_the_trained_row(fold_in)
check_fold_in_awkward(fold_in)
### END HIDDEN TESTS

# %% [markdown]
# Is it as good as training with them? We train without every fifth person, fold these in from their training
# likes, and compare with the model that was trained on everybody:

# %% slow=true
train, test = split_by_user(R, 0.2, np.random.default_rng(0))
liked, without = likes(train), likes(train)
is_new = np.arange(R.shape[0]) % 5 == 0
without.data[np.repeat(is_new, np.diff(without.indptr))] = 0.0
without.eliminate_zeros()  # for once, a 0 is meant to be forgotten
X, Y, _ = wrmf_on(liked)
_, Y_without, _ = wrmf_on(without)
folded = np.array(
    [
        fold_in(own.indices, own.data, Y_without, alpha, reg)
        for own in (liked[[user]] for user in range(len(X)))
    ]
)
counts = np.asarray(without.sum(axis=0))
models = {
    "popularity": lambda users: np.tile(counts, (len(users), 1)),
    "folded in": ranked_by(folded, Y_without),
    "trained, then folded in": ranked_by(update_factors(liked, Y, alpha, reg), Y),
    "trained": ranked_by(X, Y),
}
by_person = pd.DataFrame(
    {
        name: evaluate_ranking(model, train, at_least(test), per_user=True)["NDCG@10"]
        for name, model in models.items()
    }
)
by_person[is_new[by_person.index]].mean().round(3)

# %% [markdown]
# You should see the newcomers' lists nearly as good as if the model had been trained with them (0.230 against
# 0.245) and twice as good as popularity (0.12). Where does the rest go? The third row is a control: a model
# that was trained with them, and that solves for their rows once more, in the same way. It has 0.242. So
# nearly all that is lost is what their own likes would have taught about the *films*.

# %% [markdown]
# ## Exercise 5.11 · Why this film?
#
# ★★☆ · 15 minutes · 1 point: ½ checked here, ½ by hidden checks (the terms add up to the score, several
# factors, no history, whole numbers)
#
# A newcomer's factors are a sum over what they named: $x = W \sum_j c_j y_j$ with $W = (Y^\top C Y +
# \lambda I)^{-1}$. So the score of any film t is a sum over the same films, $x^\top y_t = \sum_j c_j\,
# y_t^\top W y_j$. Each term says how much one named film speaks for t, as this person sees it: W depends on
# everything that they named.
#
# <details><summary>Hint 1</summary>
#
# W is symmetric, so one system is enough: solve for $W y_t$, then multiply with all $y_j$.
#
# </details>
# <details><summary>Hint 2</summary>
#
# The matrix is the one of `update_factors`. Terms may be negative, and come in the order of `items`.
#
# </details>

# %% explain
from solutions.wrmf import explain

# %% test_explain points=0.5
# Amounts 2 and 4 of items 2 and 0, target 1: the terms c · y_t · y_j / (Σ c y² + λ).
from course_utils.checks.wrmf import check_explain_by_hand

check_explain_by_hand(explain)

# %% test_explain_hidden points=0.5
# Hidden checks look at: several factors, terms that add up to the score, whole numbers.
### BEGIN HIDDEN TESTS
from tests.checks.wrmf import check_explain_adds_up, check_explain_awkward

check_explain_adds_up(explain)
check_explain_awkward(explain)
### END HIDDEN TESTS

# %% [markdown]
# ## Ten films you like
#
# **Put in your own.** Edit the list and run the two cells below it again. Case, accents, punctuation and
# "The" do not matter, and the year only where films share a name. If a title is not in the catalogue, which
# ends in 2018, the message names similar ones.

# %%
my_films = [
    "Casablanca",
    "Vertigo",
    "Rear Window",
    "Some Like It Hot",
    "The Third Man",
    "Citizen Kane",
    "Notorious (1946)",
    "North by Northwest",
    "The Maltese Falcon (1941)",
    "12 Angry Men (1957)",
]

# %% slow=true
catalogue = dataset.items.set_index("item_id")["title"].reindex(interactions.item_ids).tolist()
titles = [shown_title(title) for title in catalogue]
counts = np.asarray(likes(R).sum(axis=0)).astype(int)
_, Y, _ = wrmf_on(likes(R))

named = np.array(find_titles(my_films, catalogue))
once_each = np.ones(len(named))
start = time.perf_counter()
x = fold_in(named, once_each, Y, alpha, reg)
scores = Y @ x
for_me = recommend(scores, named, 10)
print(f"{len(named)} films named, {len(for_me)} recommended in {1e3 * (time.perf_counter() - start):.1f} ms")
reasons = {item: explain(named, once_each, Y, alpha, reg, item) for item in for_me}
pd.DataFrame(
    {
        "film": [titles[item] for item in for_me],
        "score": scores[for_me].round(2),
        "likes": counts[for_me],
        "because you named": [loudest(reasons[item], [titles[film] for film in named]) for item in for_me],
    },
    index=range(1, len(for_me) + 1),
)

# %% [markdown]
# **What do you expect, and why?** Will one of the ten films decide the matter, or will all have their say?

# %% slow=true
for ax, item in zip(panels(2, width=6.0), for_me[:2], strict=True):
    plots.plot_explanation(titles[item], [titles[film] for film in named], reasons[item], ax)
first_reason = [loudest(reasons[item], [titles[film] for film in named], 1) for item in for_me[:2]]
show(
    "A bar for what each film that was named adds to the score of a recommended one. "
    f"The longest for {titles[for_me[0]]} is that of {first_reason[0]}, "
    f"for {titles[for_me[1]]} that of {first_reason[1]}."
)

# %% [markdown]
# You should see, for the ten classics above, more of their kind: *Dr. Strangelove*, *Chinatown*, *The Sting*,
# *The Graduate*, *Annie Hall*. All ten are of the 1960s and 1970s, and most have fewer than 100 likes: the
# five films that everybody likes most, with *The Shawshank Redemption* first, are not among them. It took a
# few milliseconds. In the reasons, *Rear Window* turns up nearly everywhere, while *Casablanca* speaks
# loudest for *The Godfather*. And in the plots no bar is more than three times as long as another: every film
# that was named has its say.
#
# Now your own ten. And two knobs for them. Only the newcomer's own row is solved again, with another α or λ;
# the films keep their factors.
#
# **What do you expect, and why?** As α grows, will the films on this list become better known or less?


# %% slow=true
def my_list(α, λ):
    """Ten films for the newcomer with another α and λ: codes, the best first."""
    return recommend(Y @ fold_in(named, once_each, Y, α, λ), named, 10)


def draw_list(α, λ):
    """The list for each α, and what there is to see."""
    lists = {f"α = {each:g}, λ = {λ:g}": my_list(each, λ) for each in np.atleast_1d(α)}
    for ax, (name, films_shown) in zip(panels(len(lists), 5.6, 3.8), lists.items(), strict=True):
        plots.plot_list([titles[item] for item in films_shown], counts[films_shown], name, ax)
    return "Ten recommended films with bars for their likes. " + " ".join(
        f"With {name}: first {titles[shown[0]]}, {counts[shown].mean():.0f} likes on average."
        for name, shown in lists.items()
    )


show(draw_list([0.5, 6.0, 100.0], 20.0))
by_alpha = {α: my_list(α, 20.0) for α in (0.5, 6.0, 100.0)}
pd.DataFrame(
    {
        "mean likes": {α: counts[shown].mean() for α, shown in by_alpha.items()},
        "in common with α = 6": {α: len(set(shown) & set(by_alpha[6.0])) for α, shown in by_alpha.items()},
    }
).rename_axis("α").round(1)

# %% [markdown]
# You should see a list that hardly moves. With α = 0.5 it has the same ten films, with α = 100 still 8 of
# them, and the mean goes from 76 likes to 66: a little less known, as in the plot of α above. There the
# films' factors were learned anew for each α, and the lists changed far more. What goes with what stands in
# Y; the newcomer's own row only chooses from that. Move both yourself, also with ten films of your own:

# %% slow=true
play(draw_list, α=[6.0, 0.5, 1.0, 2.0, 15.0, 50.0, 100.0], λ=[20.0, 1.0, 5.0, 60.0, 200.0])

# %% [markdown]
# ## What is like *Toy Story*?
#
# Units 03 and 04 asked this of models of *stars*. WRMF has factors of films, too: here are the five nearest
# of the same three films by the cosine, each with its number of training ratings, for 16 and for 48 factors.
# And the measure of unit 04, for every film with 50 ratings or more: how many genres its ten neighbours share
# with it, and how many of them are obscure, with fewer than five ratings. Ten films by chance are the
# control.

# %% slow=true
from course_utils.evaluation import genre_marks, genre_overlap, neighbour_quality, shelves

counts = np.bincount(train.indices, minlength=R.shape[1])
genres = dataset.items.set_index("item_id")["genres"].reindex(interactions.item_ids).fillna("")
marks, well_known = genre_marks(genres), np.flatnonzero(counts >= 50)
liked = likes(train)
factors_of = {"k = 16": wrmf_on(liked)[1]}
factors_of["k = 48"] = fit_wrmf(liked, 48, alpha, 40.0, 6, np.random.default_rng(0))[1]
factors_of["by chance"] = np.random.default_rng(0).normal(size=(R.shape[1], 16))
quality = {name: neighbour_quality(each, well_known, marks, counts) for name, each in factors_of.items()}
print(pd.DataFrame(quality).T.round(3).to_string())
shelves({name: factors_of[name] for name in ("k = 16", "k = 48")}, catalogue, counts)

# %% [markdown]
# You should see films for children and hits of the same years beside *Toy Story*, *Part II* beside *The
# Godfather*, and *Aliens*, *Blade Runner* and *The Terminator* beside *Alien*, all of them well known. The
# table above says that these are no lucky cases: the neighbours share 0.307 of the genres with 16 factors and
# 0.326 with 48. That is more than in unit 04, by far more than with the cosine there, where nearly half of
# the neighbours were obscure; here hardly any are, 0.024 at most. (The two models differ in more than one
# thing: WRMF learns from likes, and from all cells. Which of the two does it, this comparison does not say.)

# %% [markdown]
# ## A map of films
#
# The 48 factors of each film with 25 likes or more, laid out on a plane so that films with a high cosine are
# near each other (by t-SNE: only nearness means something, not the directions). The model has seen neither a
# genre nor a year.
#
# **What do you expect, and why?** Which of the two will order the map?

# %% slow=true
from course_utils.evaluation import group_by_genre, nearest_of_all, planes_alike, years_apart

n_likes = np.bincount(liked.indices, minlength=R.shape[1])
enough = np.flatnonzero(n_likes >= 25)
on_map = {"WRMF": factors_of["k = 48"][enough]}
years = dataset.items.set_index("item_id")["year"].reindex(interactions.item_ids[enough])
years = years.to_numpy(float, na_value=np.nan)
wanted = ["Children", "Horror", "Sci-Fi", "Crime"]
groups = group_by_genre(genres.iloc[enough], wanted)
plots.plot_film_map(planes_alike(on_map)["WRMF"], years, groups, panels(2, 6.0, 4.6))
show(
    f"{len(enough)} films on a plane, by year and by genre. The years run across it: old films in one part, "
    "those of the 1990s in another, the newest at an edge. The genres form loose patches."
)
by_chance = np.random.default_rng(0).integers(len(enough), size=(len(enough), 10))
nearest = nearest_of_all(on_map["WRMF"])
print(f"Years apart (median): ten nearest {years_apart(years, nearest):.0f}", end=", ")
print(f"ten by chance {years_apart(years, by_chance):.0f}")

# %% [markdown]
# You should see loose patches of genres; but it is the **year** that orders the whole map. A film and its ten
# nearest are 3 years apart in the median, ten films by chance 10. Who likes a film tends to like films of its
# time, whatever the reason, and so the factors say *when* a film came out, which nobody told the model.
#
# The same films by two other models: PureSVD with as many factors, which learns from the same likes with all
# cells alike; and the ALS of unit 02, which learns from stars alone, less the biases, and only from known
# cells.
#
# **What do you expect, and why?** On which of the three maps will the years be most mixed?

# %% slow=true
from course_utils.training import update_explicit

on_map["PureSVD"] = svds(liked, k=48, rng=np.random.default_rng(0))[2].T[enough]
users, items, stars = known_cells(train)
left = stars - fit_biases(train, reg=3.0).predict(users, items)
left_over = csr_array((left, (users, items)), shape=R.shape)
Y_stars = np.random.default_rng(0).normal(scale=0.1, size=(R.shape[1], 20))
for _ in range(6):
    X_stars = update_explicit(left_over, Y_stars, 15.0)
    Y_stars = update_explicit(csr_array(left_over.T), X_stars, 15.0)
on_map["ALS, from stars"] = Y_stars[enough]

maps = planes_alike(on_map)
for ax, (name, places) in zip(panels(3, 4.6, 4.2), maps.items(), strict=True):
    plots.plot_years(places, years, name, ax, colourbar=name == "ALS, from stars")
finding = (
    "The same films on a plane by three models, in the colours of their years. WRMF and PureSVD have old "
    "films on one side and new ones on another; in the map of ALS, from stars, years are far more mixed."
)
show(finding)
nearest_by = {name: nearest_of_all(factors) for name, factors in on_map.items()}
rows = {
    name: [
        years_apart(years, nearest),
        np.mean([genre_overlap(marks[enough], i, near) for i, near in enumerate(nearest)]),
    ]
    for name, nearest in (nearest_by | {"by chance": by_chance}).items()
}
pd.DataFrame(rows, index=["years apart (median)", "genres shared"]).T.round(3)

# %% [markdown]
# You should see that the two models of likes know the year best: the ten nearest are 3 and 4 years apart.
# With the model of stars they are 7, nearer to the 10 of chance, and they share 0.253 of the genres in place
# of 0.315 and 0.293. *Which* films somebody watches and likes says more about when and what than *how many
# stars* they give beyond what all give. (The models differ in more than that; so this is what holds for the
# three, and not yet a cause.)
#
# Move the pointer over a point to ask what it is. The buttons change the model and the colours:

# %% slow=true
from course_utils.plots import HoverMap, film_texts

texts = film_texts([titles[item] for item in enough], genres.iloc[enough], n_likes[enough], nearest_by)
colours = {"year": plots.colours_of_years(years), "genre": plots.colours_of_groups(groups)}
HoverMap(maps, texts, colours, finding)

# %% [markdown]
# ## Take the factors with you
#
# Factors without ids are of no use tomorrow: codes are given anew, and row 5 is another film. So they are
# kept together, in a file that is data alone (no pickle, which can run code when it is read). Two more files
# are for the projector at <https://projector.tensorflow.org>, a map that you can turn in three dimensions;
# press *Load* there. Name a folder below to keep them.
#
# **What do you expect, and why?** What should happen if somebody loads the file for another catalogue?

# %% slow=true
import tempfile
from pathlib import Path

from course_utils.data.embeddings import export_projector, load_embeddings, save_embeddings

keep_in = ""  # the name of a folder; with none, the files are gone after this cell
ids, names = interactions.item_ids[enough], [titles[item] for item in enough]

with tempfile.TemporaryDirectory() as passing:
    folder = Path(keep_in or passing)
    save_embeddings(folder / "wrmf.npz", ids, names, on_map["WRMF"])
    shuffled = np.random.default_rng(0).permutation(ids)
    _, again = load_embeddings(folder / "wrmf.npz", shuffled)
    order = np.searchsorted(ids, shuffled)
    print(
        "in another order of ids, the same row for each film:", np.array_equal(again, on_map["WRMF"][order])
    )
    try:
        load_embeddings(folder / "wrmf.npz", interactions.item_ids[: len(ids)])
    except ValueError as error:
        print(f"for other ids: {error}")
    for path in export_projector(folder, on_map["WRMF"], {"title": names, "year": years.tolist()}):
        print(f"{path.name}: {len(path.read_text(encoding='utf-8').splitlines()):,} lines")

# %% [markdown]
# You should see the same rows in another order, a refusal that names an id, and a line for each film, with
# one more for the names of the columns.
#
# ## Question 5.12 · Gravity and zeros
#
# ★★☆ · 15 minutes · 2 points, graded by a person
#
# In unit 04, *gravity* was the mean of $(x_u^\top y_i)^2$ over all m·n pairs. In this unit, the unknown cells
# of (5.1) add $(0 - x_u^\top y_i)^2$ each. **Is that the same term?** Write (5.1) so that gravity appears in
# it, and say what is left over for the known cells. What does a product of 0 mean for a model of *ratings*
# with a mean and biases, and what does it mean here? And which knob here does what the weight of gravity did
# there? (5–8 sentences)

# %% [markdown] gravity_and_zeros points=2 solution=true
# *The same term, but for the known cells.* Add and take off the squares of the known cells:
# $\sum_{u,i} c_{ui}(p_{ui} - s_{ui})^2 = \sum_{u,i} s_{ui}^2 + \sum_\Omega \big[(1 + \alpha r)(1 - s)^2 -
# s^2\big]$ with $s_{ui} = x_u^\top y_i$. The first sum is m·n times gravity; `objective` computes it by the
# same two Gram matrices. Over the known cells, the bracket takes gravity's square off again, as those cells
# are to go to 1 and not to 0. (One may also keep it: the bracket is $\alpha r\,\big(s - \tfrac{1 + \alpha
# r}{\alpha r}\big)^2$ plus a constant, so (5.1) is gravity plus squared errors over the known cells, weighted
# by αr, with targets a little above 1.)
#
# *What a product of 0 means.* In unit 04 the model is $\mu + b_u + b_i + x_u^\top y_i$: a product of 0 says
# "they would rate it as expected". Gravity is then a cautious default, and does not claim that an unknown
# film is bad. Here there is neither mean nor bias, and a score of 0 says "no preference": a claim about each
# unknown cell, though one of little confidence. Both keep unrelated people and films from being laid on top
# of each other (folding), since all pairs are looked at.
#
# *The knob.* There the weight of gravity is set against errors of weight 1; here unknown cells have the
# weight 1 and known ones 1 + αr. So a *small* α is a *large* weight of gravity: scores shrink, and lists turn
# to what is popular.
#
# *Grading:* one point for (5.1) as gravity plus a sum over the known cells that takes its share off again,
# one for what 0 means in the two models. The knob may make up for half a point missing elsewhere.

# %% [markdown]
# ## An experiment of your own
#
# So far the questions were ours. Now one of yours. Choose one of these, or think of another:
#
# - Is 4 stars the right border for a like? Measure films of 4 stars or more in both cases.
# - Does α matter as much as λ? Change each by the same factor.
# - The bonus: is `reg_exponent` worth anything on this data set, with a λ of its own?
#
# The rules are those of unit 01: a control, one thing that differs, and what you expect, written down first.
# Replace the two settings that stand there.


# %% slow=true
from course_utils.evaluation import experiment


def one_run(seed, k=8, alpha=6.0, reg=20.0, n_epochs=3, border=4.0, **more):
    """NDCG@10 of your WRMF on training likes that the seed hides; it learns from the others alone."""
    known, held = split_by_user(rest, 0.2, np.random.default_rng(seed))
    liked = preference_confidence(at_least(known, border), 0.0)[0]
    X, Y, _ = fit_wrmf(liked, k, alpha, reg, n_epochs, np.random.default_rng(seed), **more)
    return evaluate_ranking(ranked_by(X, Y), known, at_least(held))["NDCG@10"]


my_settings = {
    "likes from 4 stars (the control)": dict(),
    "likes from 3 stars": dict(border=3.0),
}
experiment(one_run, my_settings).round(4)

# %% [markdown]
# You should see the mean NDCG@10 over three seeds (here, more is better), the difference from the control,
# and half the 95 % interval of each.

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
# **1.** All likes are 1. Which model has no error at all over the <i>known</i> cells?
#
# <details><summary>a) One that says 1 to everything.</summary>✓ Yes. So likes alone teach nothing. The
# unknown cells have to count, a little.</details>
# <details><summary>b) Only the best one.</summary>✗ No. The best one too, perhaps, but not it alone: think
# of x = y = 1 for everybody.</details>
# <details><summary>c) None: some noise is always left.</summary>✗ No. A constant meets each of these ones
# exactly.</details>
#
# **2.** Why can one and the same <code>Y.T @ Y</code> serve all users?
#
# <details><summary>a) It is an approximation that does little harm.</summary>✗ No. It is exact: your fast
# solution and the definition agree to rounding.</details>
# <details><summary>b) All unknown cells have the confidence 1.</summary>✓ Yes. The part that all users
# share is computed once; for each user only the known items are added.</details>
# <details><summary>c) Users with similar taste share it.</summary>✗ No. It holds items alone. Nothing in it
# knows a user.</details>
#
# **3.** α grows, and λ stays. What happens to the lists?
#
# <details><summary>a) Nothing: α multiplies all errors alike.</summary>✗ No. It multiplies those of the
# known cells only. The unknown ones keep their 1.</details>
# <details><summary>b) They turn to what everybody likes.</summary>✗ No. That is what a <i>small</i> α does,
# with a large penalty.</details>
# <details><summary>c) They show less known films.</summary>✓ Yes. “Not on record” weighs less beside the
# record, and obscure films are not on record most often.</details>
#
# **4.** Somebody new names ten films. What does the service have to do?
#
# <details><summary>a) Solve one k × k system, with Y as it is.</summary>✓ Yes. They are one more row of the
# half-step for the users.</details>
# <details><summary>b) Train again with them.</summary>✗ No. A service cannot train for everybody who walks
# in, and need not: you measured how little is lost.</details>
# <details><summary>c) Find the most similar user, and show their list.</summary>✗ No. That throws away what
# is the newcomer's own, and is no faster.</details>
#
# **5.** 30 films are relevant, the list has 20 places, and each place holds one of the 30. What is
# recall@20?
#
# <details><summary>a) 2/3</summary>✗ No. No list could do better with 20 places. So the divisor is min(k,
# #relevant) = 20.</details>
# <details><summary>b) It depends on the order.</summary>✗ No. NDCG looks at the order, recall does
# not.</details>
# <details><summary>c) 1</summary>✓ Yes. 20 hits of the 20 that are possible.</details>

# %% [markdown]
# ## What you learned
#
# - Likes alone teach nothing: a model that says yes to everything has no error. The unknown cells must count,
#   with little confidence each.
# - A sum over all m·n cells costs no more than the known ones and two k × k matrices: compute it as if all
#   were unknown, then correct the known ones.
# - One matrix $Y^\top Y$ serves all users; only their known items are added to it.
# - With Y held, somebody new is one small system: no training, the same answer, and a sum of reasons.
# - α says how much the record outweighs what is not on record, and with that, how far lists leave the beaten
#   track. Choose it and λ by NDCG on validation ratings; the loss (5.1) or an RMSE cannot choose them, as
#   they are part of the loss, and as nobody sees the scores.
# - Take out what has been seen by −∞, not by 0.
#
# ## Further reading
#
# - Y. Hu, Y. Koren, C. Volinsky, "Collaborative filtering for implicit feedback datasets", *ICDM* 2008: the
#   model, the trick, and the explanations.
# - S. Rendle, W. Krichene, L. Zhang, Y. Koren, "Revisiting the performance of iALS on item recommendation
#   benchmarks", *RecSys* 2022, arXiv:2110.14037: well tuned, it keeps up with far newer models; our bonus.
# - R. Pan, Y. Zhou, B. Cao, N. Liu, R. Lukose, M. Scholz, Q. Yang, "One-class collaborative filtering",
#   *ICDM* 2008: the same idea, in the same year.
# - P. Cremonesi, Y. Koren, R. Turrin, "Performance of recommender algorithms on top-N recommendation tasks",
#   *RecSys* 2010: PureSVD, and why RMSE misleads.
# - K. Järvelin, J. Kekäläinen, "Cumulated gain-based evaluation of IR techniques", *ACM TOIS* 20(4), 2002:
#   NDCG.
# - D. Liang, R. Krishnan, M. Hoffman, T. Jebara, "Variational autoencoders for collaborative filtering",
#   *WWW* 2018: evaluation on people who were not in training.
# - F. M. Harper, J. A. Konstan, "The MovieLens datasets: history and context", *ACM TiiS* 5(4), 2015: the
#   data.
