# %% [markdown]
# # Unit 09 · Evaluation: how to fool yourself
#
# **After this unit you can**
#
# - say why a hit rate "among 100 sampled films" may crown the model that makes the worst lists,
# - give a difference of two models an interval, and say whether it is one,
# - weigh a test set against what was never recorded in it,
# - split by time, and find three leaks by changing what must not matter,
# - write the control that separates a cause from everything that came with it.
#
# **Time** about 2½ hours · **20 points**, 2 of them for a written answer · **Before this** units 05 to 07;
# optional: no other unit needs it

# %% [markdown]
# - **You have** a league of models, measures of lists, splits, and controls that differ in one thing.
# - **You need** to know what such a table says, and how it can say something else with nobody lying.

# %%
import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.stats import binom

from course_utils.data import Interactions, load
from course_utils.evaluation import (
    at_least,
    contest_sizes,
    league_split,
    ndcg_by_person,
    ndcg_of_one_list,
    read_league,
    read_places,
    split_by_user,
)
from course_utils.plots import evaluation as plots, show

# %% [markdown]
# ## The story: two papers
#
# Two groups compare four models: EASE, WRMF, WARP and BPR. They take the same films, the same people, the
# same split, the same trained models. Nobody makes a mistake in the code. The first group writes that EASE
# is best and BPR last. The second writes that BPR is best.
#
# Both tables are right. **How can that be, and whom would you believe?** In this unit no model is trained
# but one that takes a line. Everything is about what stands between a model and the sentence "it is better":
# which films it is ranked against, which people happen to be in the test set, which likes were ever recorded,
# what the training has seen of the future, and what else was changed with the thing that is said to help.
#
# ## Notation
#
# | | |
# |---|---|
# | place, rank | 1 for the top; an item of equal score counts ½ |
# | N | `n_items`: how many films compete for a place, the liked one included |
# | S | `n_sampled`: how many of the others are sampled |
# | HR@k | hit rate: the share of liked films that are among the first k |
# | $p_j$ | propensity: how likely it was that like j was recorded at all |
# | γ | how strongly the propensity grows with popularity: $p_j \propto (\text{number of likes})^\gamma$ |
#
# ## A toy, by hand
#
# Ten films compete, and the liked one is at place 4. So three of the nine others stand above it. Now draw
# *one* of the nine: with probability 6/9 it stands below, and the liked film has "place 1". Draw two, and it
# still is at the top with probability (6/9)² = 4/9. As the first *two* of three it is in the list unless both
# drawn films stand above: 1 − (3/9)² = 8/9.
#
# By its exact place this film is in no list of three. Against two sampled ones it is in the first two with
# probability 8/9. The table holds the chances of how many of those that are drawn stand above it:

# %%
above = [0, 1, 2, 3]
toy = {f"{n} drawn": binom.pmf(above, n, 3 / 9) for n in (1, 2, 3)}
pd.DataFrame(toy, index=pd.Index(above, name="stand above")).round(3)

# %% [markdown]
# You should see 0.667 and 0.444 in the first row, and in the second column 0.111 for two above: only then is
# the film not among the first two.
#
# ## Exercise 9.1 · The place of a liked film
#
# ★☆☆ · 10 minutes · 2 points: 1 checked here, 1 by hidden checks (scores that are level or nearly so, lists
# and arrays, a film that is drawn twice)
#
# <details><summary>Hint 1</summary>
#
# Take the scores of the negatives as an array first. Two comparisons and two sums are enough.
#
# </details>
# <details><summary>Hint 2</summary>
#
# An empty list needs a type to be an index: `np.asarray(negatives, dtype=np.int64)`.
#
# </details>

# %% sampled_rank
from solutions.evaluation import sampled_rank

# %% test_sampled_rank points=1
# A liked film against six others, of which two score higher and one the same.
from course_utils.checks.evaluation import check_sampled_rank_by_hand

check_sampled_rank_by_hand(sampled_rank)

# %% test_sampled_rank_hidden points=1
# Hidden checks look at: scores that are level or nearly so, lists and arrays, a film that is drawn twice.
### BEGIN HIDDEN TESTS
from tests.checks.evaluation import check_sampled_rank_awkward

check_sampled_rank_awkward(sampled_rank)
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 9.2 · The sampled hit rate, without sampling
#
# ★★☆ · 20 minutes · 3 points: 2 checked here, 1 by hidden checks (arrays of places, halves, k above S; with
# one sampled film it is unit 06's AUC)
#
# To rank every film for everybody was once held to be too slow, so a liked film was ranked among a few
# sampled ones, mostly 100. Given its exact place r among N films, nothing need be drawn to know what comes
# out: each sampled film stands above it with probability $(r - 1)/(N - 1)$, so the number of those above is
# binomial, and the film is a hit if fewer than k are:
#
# $$\mathrm{HR@}k(r) = P\Big( \mathrm{Binomial}\big(S, \tfrac{r-1}{N-1}\big) < k \Big) \qquad (9.1)$$
#
# Sampling is with replacement here; among thousands of films that hardly differs. `rank` may be a number or
# an array, and `n_items` with it.
#
# <details><summary>Hint 1</summary>
#
# `scipy.stats.binom.cdf(j, n, p)` is the probability of *at most* j.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Fewer than k is at most k − 1.
#
# </details>

# %% expected_hit_rate
from solutions.evaluation import expected_hit_rate

# %% test_expected_hit_rate points=2
# Place 4 of 10, as above, and the two ends.
from course_utils.checks.evaluation import check_expected_hit_rate_by_hand

check_expected_hit_rate_by_hand(expected_hit_rate)

# %% test_expected_hit_rate_hidden points=1
# Hidden checks look at: arrays of places, halves, k above S; one sampled film and the AUC.
### BEGIN HIDDEN TESTS
from tests.checks.evaluation import (
    check_expected_hit_rate_is_the_binomial,
    check_expected_hit_rate_of_contests_of_different_sizes,
    check_expected_hit_rate_with_one_is_the_auc,
)

check_expected_hit_rate_is_the_binomial(expected_hit_rate)
check_expected_hit_rate_of_contests_of_different_sizes(expected_hit_rate)
check_expected_hit_rate_with_one_is_the_auc(expected_hit_rate, sampled_rank)
### END HIDDEN TESTS

# %% [markdown]
# Does the formula say what sampling would say? One film, at place 900 of 9,000, a hundred sampled, a list of
# ten: 5,000 times by your `sampled_rank`, and once by your `expected_hit_rate`.

# %%
rng = np.random.default_rng(0)
falling = -np.arange(9_000.0)  # item 899 is at place 900
others = np.delete(np.arange(9_000), 899)
hits = [sampled_rank(falling, 899, others[rng.integers(8_999, size=100)]) <= 10 for _ in range(5_000)]
error = np.std(hits) / np.sqrt(len(hits))
print(
    f"drawn: {np.mean(hits):.4f} ± {2 * error:.4f}   by (9.1): {expected_hit_rate(900, 9_000, 100, 10):.4f}"
)
ladder = pd.DataFrame({"place": [1, 10, 50, 100, 200, 500, 1000, 2000]}).set_index("place")
ladder["in the exact list of 10"] = (ladder.index <= 10).astype(int)
ladder["HR@10 among 100"] = expected_hit_rate(ladder.index.to_numpy(), 9_000, 100, 10)
ladder.round(3)

# %% [markdown]
# You should see that both agree, 0.449 and 0.453, and what the sample does to places: a film at place 200,
# to which nobody would ever scroll down, is a sure hit among 100, and one at place 1,000 still is in 0.316
# of the cases. The sampled hit rate does not ask who is in the first ten. It asks who is in the first
# *tenth*.
#
# ## The same models, twice
#
# The course has kept where its models put each liked film of the league's first split (unit 07): the exact
# place of every held-out like among all films that its user has not rated. You have built these models; here
# only their places are needed. EASE stands twice, with the penalty of the league (170) and with 100, which
# unit 08's picture could not tell from it.
#
# **What do you expect, and why?** Will the order of the models be the same?

# %% slow=true
dataset = load("ml-latest-small")
R = Interactions.from_ratings(dataset.ratings).matrix
train, test = league_split(R, seed=0)
places = read_places()
sizes = contest_sizes(places, train)
models = ["EASE", "EASE, λ = 100", "WRMF", "WARP", "BPR"]
print(f"{len(places):,} likes of {places.index.get_level_values('user').nunique()} people; each is ranked "
      f"among {sizes.mean():,.0f} films on average")  # fmt: skip
ndcg = ndcg_by_person(places)


def sampled(model, n_sampled, k=10):
    """Expected hit rate of a model's places, averaged over all likes."""
    return float(np.mean(expected_hit_rate(places[model].to_numpy(), sizes, n_sampled, k)))


both = pd.DataFrame(
    {
        "NDCG@10, all films": ndcg[models].mean(),
        "HR@10 among 100": {model: sampled(model, 100) for model in models},
        "HR@1 among 1": {model: sampled(model, 1, k=1) for model in models},
    }
)
for column in list(both):
    both[f"place: {column}"] = both[column].rank(ascending=False).astype(int)
both.round(3)

# %% [markdown]
# You should see the order turned round. By the full lists EASE leads with 0.302 or 0.301, then come WRMF
# with 0.275, WARP with 0.271 and BPR with 0.264. Among 100 sampled films BPR leads with 0.806, then WARP
# with 0.786. Of the two EASEs, the one with λ = 100 is first in the one column and last in the other,
# 0.774, so that with it the order of the four is exactly the reverse; that of the league is level with the
# first in the lists and stands before WRMF in the sample. Both groups of the story have told the truth. The
# last column is the extreme: one sampled film and a list of one are the AUC, as your check has found, only
# averaged over likes in place of people. A hit among 100 is nearer to it than to the lists that anybody
# sees.
#
# **What do you expect, and why?** With few films sampled, and with thousands: who will lead where?

# %% slow=true
numbers = [20, 50, 100, 200, 500, 1000, 2000, 5000]
curves = pd.DataFrame(
    {model: [sampled(model, n) for n in numbers] for model in ["EASE", "WRMF", "WARP", "BPR"]},
    index=pd.Index(numbers, name="films sampled"),
)
lead = curves.sub(curves["EASE"], axis=0)
plots.plot_leads(lead)
show(
    "HR@10 of WRMF, WARP and BPR minus that of EASE, against the number of films sampled: among 20, BPR "
    "and WARP "
    "stand far above EASE; WARP falls below it between 100 and 200, BPR between 1,000 and 2,000."
)
curves.round(3)

# %% [markdown]
# You should see who leads depend on a number that has nothing to do with the films: among 20, BPR is ahead
# of EASE with 0.939 against 0.912, among 100 with 0.806 against 0.783, among 2,000 no more, 0.346 against
# 0.347. WARP falls behind EASE between 100 and 200. Nothing else was changed. (If a paper says "among 100
# sampled", ask for the exact lists. They cost a sort.)
#
# ## Exercise 9.3 · Is that a difference?
#
# ★★☆ · 25 minutes · 3 points: 2 checked here, 1 by hidden checks (the ends of a known interval, b against a,
# `rng` as the only source)
#
# In the first table WARP has a slightly higher NDCG@10 than BPR. These 600 people are a sample, too: with
# 600 others, would it be the other way round? Draw 600 of these people with replacement, take the mean
# difference, and do that often: the *bootstrap*. Keep both values of a person together. People differ far
# more from each other than models do, and in the difference of one person that cancels.
#
# <details><summary>Hint 1</summary>
#
# Take `a - b` first, one number a person. From then on only the differences are drawn.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `rng.integers(n, size=(n_draws, n))` is a table of indices: a row for each draw. `np.quantile` takes a list.
#
# </details>

# %% paired_bootstrap
from solutions.evaluation import paired_bootstrap

# %% test_paired_bootstrap points=2
# Equal models, a constant lead, and 100 people who differ much more than the models do.
from course_utils.checks.evaluation import check_paired_bootstrap_of_pairs

check_paired_bootstrap_of_pairs(paired_bootstrap)

# %% test_paired_bootstrap_hidden points=1
# Hidden checks look at: the ends of a known interval, b against a, the draws, `rng` as the only source.
### BEGIN HIDDEN TESTS
from tests.checks.evaluation import (
    check_paired_bootstrap_counts_its_draws,
    check_paired_bootstrap_has_the_right_ends,
    check_paired_bootstrap_turns_with_the_models,
)

check_paired_bootstrap_turns_with_the_models(paired_bootstrap)
check_paired_bootstrap_has_the_right_ends(paired_bootstrap)
check_paired_bootstrap_counts_its_draws(paired_bootstrap)
### END HIDDEN TESTS

# %% [markdown]
# Four differences of NDCG@10, each with its interval. Beside it, how wide the interval would be if the pairs
# were torn apart. **What do you expect, and why?** Which of them
# would you publish?

# %% slow=true
pairs = [("EASE", "WRMF"), ("WRMF", "WARP"), ("WARP", "BPR"), ("EASE", "EASE, λ = 100")]
rows = {}
for first, second in pairs:
    a, b = ndcg[first].to_numpy(), ndcg[second].to_numpy()
    low, high = paired_bootstrap(a, b, np.random.default_rng(0), 4000)
    torn = 2 * 1.96 * np.sqrt((a.var() + b.var()) / len(a))
    rows[f"{first} − {second}"] = {
        "difference": np.mean(a - b),
        "low": low,
        "high": high,
        "width if torn": torn,
    }
intervals = pd.DataFrame(rows).T
intervals.insert(3, "width", intervals["high"] - intervals["low"])
plots.plot_intervals(intervals)
show(
    "Four differences of NDCG@10 with intervals: that of EASE and WRMF lies clearly above 0; those of "
    "WRMF and WARP, "
    "of WARP and BPR, and of two penalties of EASE reach over 0."
)
intervals.round(4)

# %% [markdown]
# You should see one interval that is far from 0: EASE's lead over WRMF, 0.026, from 0.016 to 0.037. WRMF
# against WARP and WARP against BPR, 0.003 and 0.007, may as well be the other way round with other people:
# of the order in the table above only the first step is sure. The two penalties of EASE are level. If the
# pairs were torn apart, each interval would be 0.055 wide or more in place of 0.024 or less, and not even
# EASE's lead would be one. The people are one source of chance; the split and the start are others, and the
# intervals of the league (unit 07), over five splits, hold those.
#
# ## Exercise 9.4 · Likes that were never recorded
#
# ★★☆ · 15 minutes · 2 points: 1 checked here, 1 by hidden checks (any scale of the propensities, known
# exposure, a propensity of 0)
#
# Unit 06 left a question open. Its popular negatives lost by every measure, and found more of the little
# known films. "Who is right?" The test likes come from people who mostly saw what is popular: a like of a
# little known film had a small chance $p_j$ to be recorded, so each one that was recorded stands for $1/p_j$
# likes. Weigh them so:
#
# $$\text{recall} = \frac{\sum_j \mathrm{hit}_j / p_j}{\sum_j 1 / p_j} \qquad (9.2)$$
#
# With equal propensities it is plain recall. We do not know $p_j$; we assume $p_j \propto
# (\text{number of likes})^\gamma$, and say for which γ.
#
# <details><summary>Hint 1</summary>
#
# The weights are 1/p. They appear in both sums.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Comparisons with nan are False: ask whether all propensities *are* above 0, and refuse if not.
#
# </details>

# %% snips_recall
from solutions.evaluation import snips_recall

# %% test_snips_recall points=1
# Four likes, of which the two of well-known films are found.
from course_utils.checks.evaluation import check_snips_recall_by_hand

check_snips_recall_by_hand(snips_recall)

# %% test_snips_recall_hidden points=1
# Hidden checks look at: any scale of the propensities, known exposure, a propensity of 0.
### BEGIN HIDDEN TESTS
from tests.checks.evaluation import (
    check_snips_recall_is_right_where_recall_is_not,
    check_snips_recall_laws,
    check_snips_recall_refuses,
)

check_snips_recall_laws(snips_recall)
check_snips_recall_is_right_where_recall_is_not(snips_recall)
check_snips_recall_refuses(snips_recall)
### END HIDDEN TESTS

# %% [markdown]
# Unit 06's BPR with uniform and with popular negatives, EASE, and popularity itself. A hit is a film among
# the first 50 that its user has not rated. **What do you expect, and
# why?** Which line will fall fastest as γ grows, and where will they cross?

# %% slow=true
counts = np.bincount(at_least(train).indices, minlength=R.shape[1])
likes_of = np.maximum(counts[places.index.get_level_values("item")], 1)
rivals = ["popularity", "BPR, uniform negatives", "BPR, popular negatives", "EASE"]
gammas = [0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5]
by_gamma = pd.DataFrame(
    {
        name: [snips_recall(places[name].to_numpy() <= 50, likes_of**gamma) for gamma in gammas]
        for name in rivals
    },
    index=pd.Index(gammas, name="γ"),
)
effective = {g: np.sum(likes_of**-g) ** 2 / np.sum(likes_of ** (-2 * g)) for g in gammas}
by_gamma["likes that decide"] = pd.Series(effective).round()
plots.plot_propensities(by_gamma[rivals])
show(
    "Weighted recall@50 against γ: EASE and BPR with uniform negatives lead up to γ = 0.75, BPR with popular "
    "negatives starts lowest and leads from γ = 1 on; popularity falls fastest."
)
by_gamma.round(3)

# %% [markdown]
# You should see the lines cross. Taken as they are (γ = 0), the likes speak for EASE, 0.359, and popular
# negatives find 0.154, less than popularity. At γ = 0.5 the two best are level, 0.153; if a like of a film
# with twice the likes was recorded twice as often (γ = 1), popular negatives lead with 0.054 against 0.049
# and 0.044, and from there on by more. So "who is right?" has an answer of the form: it depends on γ, and
# the test set cannot tell γ. The last column of the table is the price: at γ = 1 the 9,692 likes decide no
# more than 2,623 equally heavy ones would, and the few likes of films that hardly anybody knows decide
# most.
#
# ## Exercise 9.5 · From the future
#
# ★☆☆ · 20 minutes · 3 points: 2 checked here, 1 by hidden checks (tables in any order, moments before and
# behind all ratings, half a million ratings)
#
# All our splits draw at random. So the training ratings hold what was rated *after* a test rating, by the
# same person, and by everybody: what became a classic later, and which films were yet to come. Nobody who
# recommends today has that.
#
# Write the split that has none of it, `split_by_time`, and a number that says how much of the future a split
# gives away, `future_share`: of all pairs of a training and a test rating, the share in which the training
# rating is the *later* one. (It is an AUC, of timestamps.)
#
# <details><summary>Hint 1</summary>
#
# A Boolean array picks rows; with `.to_numpy()` labels of the index cannot get in the way. Its opposite is
# `~`.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Sort the training times once. `np.searchsorted(times, t, side="right")` counts those that are *not* later
# than t.
#
# </details>

# %% split_by_time
from solutions.evaluation import split_by_time

# %% future_share
from solutions.evaluation import future_share

# %% test_split_by_time points=2
# Six ratings, a cut, and six pairs.
from course_utils.checks.evaluation import check_future_share_by_hand, check_split_by_time_by_hand

check_split_by_time_by_hand(split_by_time)
check_future_share_by_hand(future_share)

# %% test_split_by_time_hidden points=1
# Hidden checks look at: awkward tables and moments, all pairs, half a million ratings.
### BEGIN HIDDEN TESTS
from tests.checks.evaluation import (
    check_future_share_large,
    check_future_share_pairs,
    check_split_by_time_awkward,
)

check_split_by_time_awkward(split_by_time)
check_future_share_pairs(future_share)
check_future_share_large(future_share)
### END HIDDEN TESTS

# %% [markdown]
# Three splits of the same ratings with test parts of nearly the same size: at random, each person's latest
# fifth, and one moment for all.

# %% slow=true
ratings = dataset.ratings
moment = ratings["timestamp"].sort_values().iloc[int(0.8 * len(ratings))]
random = np.random.default_rng(0).random(len(ratings)) < 0.2
order = ratings.sort_values("timestamp", kind="stable").groupby("user_id").cumcount().sort_index()
own_latest = (order >= 0.8 * ratings.groupby("user_id")["user_id"].transform("size")).to_numpy()
splits = {
    "at random": (ratings[~random], ratings[random]),
    "each person's latest": (ratings[~own_latest], ratings[own_latest]),
    "one moment": split_by_time(ratings, moment),
}
print(f"The moment is {moment:%d %B %Y}.")
times = ratings.groupby("user_id")["timestamp"]
in_a_day = (times.max() - times.min() < pd.Timedelta(days=1)).mean()
print(f"{in_a_day:.2f} of the people have given all their ratings within a day.")
pd.DataFrame(
    {
        name: {
            "test ratings": len(late),
            "future share": future_share(early, late),
            "test ratings of people without training": (~late["user_id"].isin(early["user_id"])).mean(),
            "test ratings of films without training": (~late["item_id"].isin(early["item_id"])).mean(),
        }
        for name, (early, late) in splits.items()
    }
).T.round(3)

# %% [markdown]
# You should see that a random split knows the future as well as the past: in 0.499 of the pairs the
# training rating is the later one. To hold out each person's latest ratings, as unit 01 did, hardly changes
# that, 0.438, since *other* people's later ratings stay in. One moment for all brings it to 0. And it shows
# what was hidden: 0.905 of its test ratings come from people of whom nothing is known at that moment, and
# 0.151 are of films that nobody had rated. The reason is printed above the table: 0.59 of the people have
# given all their ratings within a day. A service with such people has to serve newcomers, and our random
# splits never ask it to.
#
# ## Exercise 9.6 · Debug this: three leaks
#
# ★★★ · 30 minutes · 3 points: 2 checked here, 1 by hidden checks (the definition, step by step; what each
# list leaves out; equally good candidates)
#
# A colleague ranks films by how many have rated them, plus w times how good they are held to be. The run
# below reports a fine NDCG@10 on the test ratings. They leak into it in **three** places.


# %%
def leaky_run(train, valid, test, weights):
    """A colleague's run: scores, the chosen weight, NDCG@10 on the test ratings."""
    n_items = train.shape[1]
    everything = csr_array(train + valid + test)
    counts = np.bincount(everything.indices, minlength=n_items)
    standard = (train.data - everything.data.mean()) / everything.data.std()
    quality = np.bincount(train.indices, weights=standard, minlength=n_items) / (counts + 10)
    candidates = [np.log1p(counts) + w * quality for w in weights]
    on_test = [ndcg_of_one_list(scores, csr_array(train + valid), test) for scores in candidates]
    best = int(np.argmax(on_test))
    return candidates[best], float(weights[best]), on_test[best]


# %% [markdown]
# How do you find a leak that you do not see? **Change what must not matter.** Whatever is learned and chosen
# must stay the same, to the last digit, when the test ratings are replaced by nonsense:

# %% slow=true
learned, valid = split_by_user(train, 0.2, np.random.default_rng(1))
candidates = [0.0, 0.5, 1.0, 4.0]


def nonsense_for(test, known, rng):
    """As many test ratings for everybody, of films that they have not rated, with 5 stars each."""
    users, items = [], []
    for user, n in enumerate(np.diff(test.indptr)):
        free = np.setdiff1d(np.arange(test.shape[1]), known[[user]].indices)
        users += [user] * n
        items += rng.choice(free, size=n, replace=False).tolist()
    return csr_array((np.full(len(users), 5.0), (users, items)), shape=test.shape)


nonsense = nonsense_for(test, train, np.random.default_rng(2))


def compared(run):
    """A run on the test ratings, and on nonsense in their place."""
    scores, weight, measure = run(learned, valid, test, candidates)
    scores_then, weight_then, measure_then = run(learned, valid, nonsense, candidates)
    return {
        "NDCG@10": measure,
        "w": weight,
        "NDCG@10 on nonsense": measure_then,
        "w on nonsense": weight_then,
        "scores that changed": np.mean(scores != scores_then),
    }


of_leaky = compared(leaky_run)
pd.Series(of_leaky).round(4)

# %% [markdown]
# You should see that almost all scores change, 0.973 of them, and that the weight goes from 1 to 4. Both
# look at the test ratings. Look at the NDCG@10 on nonsense, too: 0.0034. It would not have told you,
# because it is low with leaks as well.
#
# Now find the three places, and write the run as it should be. The docstring says what is wanted. Popularity
# and quality come from `train` alone, the choice from `valid`, and `test` is looked at once, at the very end.
#
# <details><summary>Hint 1</summary>
#
# Where does `everything` come in? That is two of the places.
#
# </details>
# <details><summary>Hint 2</summary>
#
# The best of several candidates on the test ratings is no candidate's fair result. Lists for `valid` leave
# out `train`; lists for `test` leave out `train` and `valid`.
#
# </details>

# %% honest_run
from solutions.evaluation import honest_run

# %% test_honest_run points=2
# Other test ratings may change nothing but the last number.
from course_utils.checks.evaluation import check_honest_run_of_other_test_ratings

check_honest_run_of_other_test_ratings(honest_run)

# %% test_honest_run_hidden points=1
# Hidden checks look at: the definition, step by step; what each list leaves out; equally good candidates.
### BEGIN HIDDEN TESTS
from tests.checks.evaluation import (
    check_honest_run_from_its_definition,
    check_honest_run_of_equal_weights,
)

check_honest_run_from_its_definition(honest_run)
check_honest_run_of_equal_weights(honest_run)
### END HIDDEN TESTS

# %% slow=true
pd.DataFrame({"leaky": of_leaky, "honest": compared(honest_run)}).round(4)

# %% [markdown]
# You should see that in your run nothing changes but the last number. And look at what the leaks were
# worth: 0.1644 against 0.1634. Nobody would have noticed it from the result. That is why one looks for
# leaks by a law, and not by whether a figure seems too good; with a model that can learn more than one
# weight, the same three mistakes are worth more.
#
# ## Exercise 9.7 · Write the control
#
# ★★☆ · 20 minutes · 2 points: 1 checked here, 1 by hidden checks (any settings and causes; what is no cause
# is refused)
#
# Two rows of the league:

# %%
league = read_league("ml-latest-small", seed=0).set_index("model")
league.loc[["PyTorch MF", "PyTorch MF, gravity"], ["RMSE", "NDCG@10", "recall@20"]].round(3)

# %% [markdown]
# This course once wrote beside them: "gravity helps the lists". No other part of a model brought so much.
# And here is what was run:

# %%
plain_run = {"n_factors": 32, "lr": 0.005, "penalty_weight": 0.41, "n_epochs": 20, "gravity_weight": 0.0}
gravity_run = {"n_factors": 16, "lr": 0.002, "penalty_weight": 0.15, "n_epochs": 10, "gravity_weight": 0.18}
pd.DataFrame({"PyTorch MF": plain_run, "PyTorch MF, gravity": gravity_run})

# %% [markdown]
# Everything differs. The first setting was searched for a low RMSE, the second for a high NDCG@10. Which two
# runs are missing, to tell gravity from the rest? Write a function that says so for any two runs and any
# setting that is held to be the cause.
#
# <details><summary>Hint 1</summary>
#
# To each run belongs one that differs from it in the cause alone.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `first | {"lr": 0.1}` is a new dict: the first one, with another learning rate.
#
# </details>

# %% write_controls
from solutions.evaluation import write_controls

# %% test_write_controls points=1
# Two runs that differ in gravity and in the learning rate.
from course_utils.checks.evaluation import check_write_controls_by_hand

check_write_controls_by_hand(write_controls)

# %% test_write_controls_hidden points=1
# Hidden checks look at: any settings and causes; what is no cause is refused.
### BEGIN HIDDEN TESTS
from tests.checks.evaluation import check_write_controls_laws, check_write_controls_refuses

check_write_controls_laws(write_controls)
check_write_controls_refuses(write_controls)
### END HIDDEN TESTS

# %% [markdown]
# The course has trained your two controls as well. **What do you expect, and why?** Before you run the
# cell: what will they show if gravity is the cause? And what, if the tuning is?

# %% slow=true
for control in write_controls(plain_run, gravity_run, "gravity_weight"):
    print(control)
corners = pd.DataFrame(
    {
        "without gravity": {
            "chosen for RMSE": ndcg["PyTorch MF"].mean(),
            "chosen for NDCG@10": ndcg["PyTorch MF, gravity, control"].mean(),
        },
        "with gravity": {
            "chosen for RMSE": ndcg["PyTorch MF, control"].mean(),
            "chosen for NDCG@10": ndcg["PyTorch MF, gravity"].mean(),
        },
    }
)
effects = {
    "gravity, chosen for RMSE": ("PyTorch MF, control", "PyTorch MF"),
    "gravity, chosen for NDCG@10": ("PyTorch MF, gravity", "PyTorch MF, gravity, control"),
    "tuning, without gravity": ("PyTorch MF, gravity, control", "PyTorch MF"),
    "tuning, with gravity": ("PyTorch MF, gravity", "PyTorch MF, control"),
}
rows = {}
for name, (after, before) in effects.items():
    a, b = ndcg[after].to_numpy(), ndcg[before].to_numpy()
    low, high = paired_bootstrap(a, b, np.random.default_rng(0), 4000)
    rows[name] = {"difference": np.mean(a - b), "low": low, "high": high}
by_cause = pd.DataFrame(rows).T
plots.plot_intervals(by_cause)
show(
    "Differences of NDCG@10 with intervals: gravity is worth next to nothing with either setting, the "
    "tuning 0.10 "
    "with gravity and without."
)
print(corners.round(4).to_string())
by_cause.round(4)

# %% [markdown]
# You should see it at once: the two corners "chosen for RMSE" have 0.019, the two "chosen for NDCG@10" have
# 0.119 and 0.122. Tuning is worth 0.100 without gravity and 0.104 with it. Gravity is worth −0.0003 with
# the one setting and 0.0031 with the other; the latter has an interval above 0, from 0.0016 to 0.0048, and
# is a thirtieth of what the sentence claimed. So the rows of the league were right, and the sentence was
# wrong. (One split and one start: `python -m benchmarks.controls gravity_and_lists` takes three, and other
# settings.)

# %% [markdown]
# ## Question 9.8 · What offline cannot tell
#
# ★★☆ · 15 minutes · 2 points, graded by a person
#
# In the end a service asks people: half of them get the lists of one model, half those of the other, an *A/B
# test*. The cell prints how many people each half needs to see a rise of 2 % in clicks (of what is clicked
# now), with a power of 80 % at the level of 5 %.

# %%
rates = np.array([0.02, 0.1, 0.3])
lift = 0.02 * rates
needed = (1.96 + 0.84) ** 2 * 2 * rates * (1 - rates) / lift**2
pd.DataFrame(
    {"share that clicks now": rates, "rise to see": lift, "people in each half": needed.round(-2).astype(int)}
)

# %% [markdown]
# In five to eight sentences: (a) Why are so many people needed, and why fewer where more of them click? Why
# does this course's test set, 600 people, tell models apart that an A/B test of that size never could? (b)
# Name two things that an A/B test can tell and none of the measures of this unit can. (c) One of this
# unit's five ways to fool oneself remains in an A/B test. Which, and what would you do about it?

# %% [markdown] what_offline_cannot_tell points=2 solution=true
# (a) A click is 0 or 1, so one person says very little: the variance is p(1 − p), and the effect is 2 % of
# p, so that the number needed is proportional to (1 − p)/p: the rarer the click, the more people. The
# people of the two halves are different ones, so the differences between people do not cancel. Offline both
# models are measured on the same people, and each gives a fine-grained value, the NDCG of all their held-
# out likes: the comparison is paired, and its interval narrow. (b) Offline we only know what people chose
# from what they were shown, or found, by another system: an A/B test shows what they do with films that
# they would not have found, whether they come back, whether showing a film makes it liked (feedback), and
# what a list does as a whole, for example when it has ten times the same kind. (c) Several answers are
# right. Looking at many measures, or every day, and reporting the best is the choice on the test set again:
# say beforehand what is measured, and when. A control that differs in more than the model (another page,
# another speed) confounds as the two rows of the league did. The weeks of the test are one moment only.
# Small samples: give an interval.
#
# *Grading:* one point for (a) with both parts (0/1 outcomes with small effects; paired against unpaired); one
# for (b) and (c), with two things and one remaining way. Half points for one of two parts.

# %% [markdown]
# ## Five quick questions
#
# No points. Decide first, then click on your choice: it says at once whether it holds, and why.
#
# **1.** Among 100 sampled films of 9,000, which place among all is a sure hit in the first ten?
#
# <details><summary>a) Only the first ten.</summary>✗ No. Most of the films above it are not in the sample,
# and up to nine of them may be. A film far below place 10 is a hit, too.</details>
# <details><summary>b) Anything up to place 200 or so.</summary>✓ Yes. Of the 199 films above it about two
# are among the 100, and it may have nine. So the measure asks about the first tenth.</details>
# <details><summary>c) None: it is a matter of luck.</summary>✗ No. For places in the middle it is. At the top
# hardly any sample holds ten of those above.</details>
#
# **2.** A bootstrap draws people anew. Why are both values of a person drawn together?
#
# <details><summary>a) It is faster.</summary>✗ No. It would cost as much to draw them apart, and be
# another question.</details>
# <details><summary>b) Otherwise the mean of the differences would be wrong.</summary>✗ No. The mean would be
# right either way. The width of the interval would not.</details>
# <details><summary>c) What is special about a person cancels in the difference.</summary>✓ Yes. People differ
# more than models do; torn apart, that difference would drown the one that is asked about.</details>
#
# **3.** A like with propensity 0.01 counts 100 times as much as one with propensity 1. What is the price?
#
# <details><summary>a) A few likes decide, so the result is noisy.</summary>✓ Yes. The weighted mean of many
# likes is then as uncertain as a plain one of far fewer.</details>
# <details><summary>b) The recall can exceed 1.</summary>✗ No. The weights are divided by their sum: the
# same weights stand above and below the line.</details>
# <details><summary>c) None, if the propensities are right.</summary>✗ No. Then it is free of bias, but noise
# is another matter.</details>
#
# **4.** The latest fifth of each person's ratings is held out. Does the training part know the future?
#
# <details><summary>a) No: each person's test ratings are later than their training ratings.</summary>✗ No.
# That is true of one person, but other people's training ratings may be years later.</details>
# <details><summary>b) Yes: that of other people.</summary>✓ Yes. In almost half of all pairs the training
# rating is the later one. Only one moment for all ends that.</details>
# <details><summary>c) Only if the model looks at timestamps.</summary>✗ No. A film that became popular later
# has its later ratings in the counts, whatever the model looks at.</details>
#
# **5.** How do you find a leak from the test ratings?
#
# <details><summary>a) Put nonsense in their place and see whether anything learned or chosen
# changes.</summary>✓ Yes. What must not matter may change nothing, to the last digit.</details>
# <details><summary>b) See whether the result is too good.</summary>✗ No. In the run above three leaks were
# worth next to nothing, and they were leaks.</details>
# <details><summary>c) Repeat the run with other seeds.</summary>✗ No. The leak is in each of
# them.</details>

# %% [markdown]
# ## What you learned
#
# - A sampled measure is another measure: it asks about the first tenth, and its winner need not be yours. The
#   exact one costs a sort.
# - A difference without an interval is not a result. Keep pairs together: people differ more than models.
# - A test set holds what was recorded. How much that matters depends on an assumption: say which one.
# - A random split knows the future. One moment for all does not, and is harder.
# - To find a leak, change what must not matter, and look what changes.
# - Two runs that differ in everything show nothing. To each belongs a control that differs in the cause
# alone.
#
# ## Further reading
#
# - W. Krichene, S. Rendle, *On sampled metrics for item recommendation*, KDD 2020.
# - B. Efron, R. Tibshirani, *An introduction to the bootstrap*, 1993.
# - T. Schnabel, A. Swaminathan, A. Singh, N. Chandak, T. Joachims, *Recommendations as treatments: debiasing
#   learning and evaluation*, ICML 2016.
# - L. Yang, Y. Cui, Y. Xuan, C. Wang, S. Belongie, D. Estrin, *Unbiased offline recommender evaluation for
#   missing-not-at-random implicit feedback*, RecSys 2018.
# - M. Ferrari Dacrema, P. Cremonesi, D. Jannach, *Are we really making much progress?*, RecSys 2019.
# - S. Kaufman, S. Rosset, C. Perlich, *Leakage in data mining: formulation, detection, and avoidance*, KDD
# 2011.
