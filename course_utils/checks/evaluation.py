"""What do the visible checks of unit 09, on evaluation, ask of each exercise?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from course_utils.checks.call import number_of, parts_of
from course_utils.checks.visible import visible

WEIGHTS = (0.0, 0.3, 3.0)  # candidates for w in the small tables of ratings


# 9.1 sampled_rank


@visible
def check_sampled_rank_by_hand(sampled_rank):
    """A liked item against six others, of which two score higher and one the same; two do not compete."""
    scores = np.array([0.1, 0.7, -2.0, 0.9, 0.1, 0.3, -1.0, -3.0, 0.8])
    got = number_of("sampled_rank", sampled_rank, scores, 0, np.array([1, 2, 4, 5, 6, 7]))
    story = "A liked item at 0.1 against 0.7, −2, 0.1, 0.3, −1 and −3: "
    for wrong, mistake in [
        (2.5, "the top is place 1: add 1 to the number of items above"),
        (3.0, "the item with the same score counts as below: it counts ½"),
        (4.0, "the item with the same score counts as above: it counts ½"),
        (4.5, "the order is turned round: the highest score is at the top"),
        (5.5, "items that are not in `negatives` were counted, too: they do not compete"),
        (6.0, "all items were counted, the liked one against itself, too: only `negatives` compete"),
    ]:
        assert not np.isclose(got, wrong), f"{story}{mistake}."
    assert np.isclose(got, 3.5), (
        f"{story}two stand above and one is level, so its place is 1 + 2 + ½ = 3.5; yours {got:g}."
    )
    top = number_of("sampled_rank (without others)", sampled_rank, scores, 2, np.array([], dtype=int))
    assert np.isclose(top, 1), f"Against nobody, every item is at place 1; yours {top:g}."


# 9.2 expected_hit_rate


@visible
def check_expected_hit_rate_by_hand(expected_hit_rate):
    """Place 4 of 10: three of the nine others stand above. One, two and three of them are sampled."""
    for n_sampled, k, wanted, why in [
        (2, 1, 4 / 9, "both sampled items have to stand below: (6/9)²"),
        (2, 2, 8 / 9, "both would have to stand above to push it out: 1 − (3/9)²"),
        (3, 2, 20 / 27, "none or one of three may stand above: (2/3)³ + 3 · (1/3) · (2/3)²"),
        (1, 1, 2 / 3, "the one sampled item stands above with probability 3/9"),
    ]:
        got = number_of("expected_hit_rate", expected_hit_rate, 4, 10, n_sampled, k)
        story = f"Place 4 of 10, {n_sampled} sampled, k = {k}: "
        above = 1 / 3
        for wrong, mistake in [
            (
                _fewer_than(k, n_sampled, 0.4),
                "p is 4/10: rank − 1 items of the n_items − 1 others stand above",
            ),
            (_fewer_than(k, n_sampled, 0.3), "p is 3/10: the liked item is not among the others; 3 of 9"),
            (_fewer_than(k + 1, n_sampled, above), "k items above are one too many: fewer than k may be"),
            (1 - _fewer_than(k, n_sampled, above), "this is the probability of a miss"),
            (_fewer_than(k, n_sampled, 1 - above), "p is the share *below*: 3 of 9 stand above"),
        ]:
            assert np.isclose(wrong, wanted) or not np.isclose(got, wrong), f"{story}{mistake}."
        assert np.isclose(got, wanted), f"{story}{why}, {wanted:.4f}; yours {got:.4f}."
    for rank, wanted in [(1, 1.0), (10, 0.0)]:
        got = number_of("expected_hit_rate", expected_hit_rate, rank, 10, 5, 2)
        assert np.isclose(got, wanted), f"Place {rank} of 10 is {wanted:.0%} sure; yours {got:.4f}."


def _fewer_than(k, n, p):
    """P(Binomial(n, p) < k), from its definition; 0 and 1 where there is nothing to add."""
    value, term = 0.0, (1 - p) ** n
    for j in range(min(k, n + 1)):
        value += term
        term *= (n - j) / (j + 1) * p / (1 - p)
    return value


# 9.3 paired_bootstrap


def interval_of(paired_bootstrap, a, b, seed, n_draws, name="paired_bootstrap"):
    """The two ends of the student's interval, as floats."""
    rng = np.random.default_rng(seed)
    ends = parts_of(name, ("low", "high"), paired_bootstrap, np.asarray(a), np.asarray(b), rng, n_draws)
    for end in ends:
        assert np.ndim(end) == 0 and np.isfinite(end), f"{name}: low and high are numbers; yours {end!r}."
    low, high = map(float, ends)
    assert low <= high, f"{name} returned low = {low:.4g} and high = {high:.4g}: the lower end comes first."
    return low, high


@visible
def check_paired_bootstrap_of_pairs(paired_bootstrap):
    """Equal models, a constant lead, and 100 very different people whose differences are nearly the same."""
    rng = np.random.default_rng(0)
    a = rng.normal(size=100) * 5
    low, high = interval_of(paired_bootstrap, a, a.copy(), 1, 500)
    assert abs(low) < 1e-9 and abs(high) < 1e-9, (
        f"Two models that are equal for everybody: wanted (0, 0), yours ({low:.3g}, {high:.3g}). Draw "
        "people: "
        "both values of a person stay together."
    )
    low, high = interval_of(paired_bootstrap, a + 0.25, a, 1, 500)
    assert not np.allclose([low, high], -0.25), "The difference is a − b, not b − a."
    assert np.allclose([low, high], 0.25), (
        f"Model a is 0.25 better for everybody: wanted (0.25, 0.25), yours ({low:.3g}, {high:.3g})."
    )
    b = a - rng.normal(0.1, 1.0, size=100)
    low, high = interval_of(paired_bootstrap, a, b, 2, 4000)
    spread = np.std(a - b)
    assert high - low < 2 * spread, (
        "The interval is as wide as the differences of single people are: it is one for their *mean*; "
        "take the "
        "mean of each draw before the percentiles."
    )
    assert high - low > 0.02 * spread, (
        f"100 people whose differences have a spread of {spread:.2f}: your interval is only "
        f"{high - low:.3g} wide. Are people drawn *with replacement*, as many as there are?"
    )
    wanted = 2 * 1.96 * spread / 10
    assert 0.91 * wanted < high - low < 1.09 * wanted, (
        f"100 people whose differences have a spread of {spread:.2f}: a 95 % interval for the mean is about "
        f"2 · 1.96 · {spread:.2f} / √100 = {wanted:.2f} wide; yours {high - low:.2f}."
    )


# 9.4 snips_recall


@visible
def check_snips_recall_by_hand(snips_recall):
    """Four likes, of which the two of well-known films are found."""
    hit, propensity = np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.8, 0.4, 0.4, 0.1])
    got = number_of("snips_recall", snips_recall, hit, propensity)
    for wrong, mistake in [
        (0.5, "this is plain recall: weigh each like by 1/p"),
        (1.2 / 1.7, "the weights are p: whatever is *seldom* recorded stands for more, 1/p"),
        (3.75 / 4, "the sum of the hits is divided by their number: divide by the sum of the weights"),
        (3.75, "this is the numerator: divide by the sum of the weights"),
        (3.75 / 1.7, "the weights 1/p must be added up below as well, not the p"),
    ]:
        assert not np.isclose(got, wrong), f"Hits 1, 0, 1, 0 with p = 0.8, 0.4, 0.4, 0.1: {mistake}."
    assert np.isclose(got, 3.75 / 16.25), (
        "Hits 1, 0, 1, 0 with p = 0.8, 0.4, 0.4, 0.1: (1.25 + 2.5) / (1.25 + 2.5 + 2.5 + 10) = 0.2308; yours "
        f"{got:.4f}."
    )
    plain = number_of("snips_recall (equal propensities)", snips_recall, hit, np.full(4, 0.2))
    assert np.isclose(plain, 0.5), f"With equal propensities it is plain recall, ½; yours {plain:.4f}."


# 9.5 split_by_time, future_share


def times_of(days, index=None):
    """A table of ratings at noon of these days of 2010; the column `rating` tells the rows apart."""
    days = np.asarray(days, dtype=np.int64)
    return pd.DataFrame(
        {
            "user_id": np.arange(len(days)) % 3,
            "item_id": np.arange(len(days)) % 5,
            "rating": np.arange(1, len(days) + 1),
            "timestamp": np.datetime64("2010-01-01T12:00:00", "s") + days * np.timedelta64(86_400, "s"),
        },
        index=np.arange(len(days)) if index is None else index,
    )


def noon(day):
    """The moment of the ratings of a day in `times_of`."""
    return pd.Timestamp("2010-01-01T12:00:00") + pd.Timedelta(days=day)


def time_split_of(split_by_time, table, cut, name="split_by_time"):
    """Row tags in train and in test, after a look at what came."""
    columns = list(table.columns)
    parts = parts_of(name, ("train", "test"), split_by_time, table, cut)
    for part, which in zip(parts, ("train", "test"), strict=True):
        assert isinstance(part, pd.DataFrame), (
            f"{name}: {which} is a DataFrame, some rows of the table; yours is of type {type(part).__name__}."
        )
        assert list(part.columns) == columns, (
            f"{name}: {which} must have all columns, {columns}; it has {list(part.columns)}."
        )
    return tuple(sorted(part["rating"].tolist()) for part in parts)


@visible
def check_split_by_time_by_hand(split_by_time):
    """Six ratings on days 5, 1, 3, 9, 3 and 4; the cut is at noon of day 4, when the last was given."""
    got = time_split_of(split_by_time, times_of([5, 1, 3, 9, 3, 4]), noon(4))
    for wrong, mistake in [
        (([1, 4, 6], [2, 3, 5]), "train and test are exchanged: train is the past, and comes first"),
        (([2, 3, 5, 6], [1, 4]), "a rating that is given *at* the cut belongs to the test"),
        (([2, 3, 5], [1, 4]), "the rating at the cut is in neither part: each row is in one of them"),
        (([2, 3, 5, 6], [1, 4, 6]), "the rating at the cut is in both parts: that is a leak"),
        (([1, 2, 3], [4, 5, 6]), "you go by the order of the rows: they are in no order of time"),
    ]:
        assert got != wrong, f"Ratings on days 5, 1, 3, 9, 3 and 4, cut on day 4: {mistake}."
    assert got == ([2, 3, 5], [1, 4, 6]), (
        "Ratings on days 5, 1, 3, 9, 3 and 4, cut on day 4: wanted rows 2, 3 and 5 in train and 1, 4 "
        "and 6 in "
        f"test; yours {got[0]} and {got[1]}."
    )


@visible
def check_future_share_by_hand(future_share):
    """Training ratings on days 1, 4 and 6, test ratings on days 4 and 5: six pairs."""
    got = number_of("future_share", future_share, times_of([4, 1, 6]), times_of([5, 4]))
    for wrong, mistake in [
        (1 / 2, "equal times count as later, too: the training rating must be *later*"),
        (5 / 12, "equal times count ½ here: they are not later, and count 0"),
        (2 / 3, "this is the share of pairs in which the training rating is *not* later"),
        (1 / 6, "only one pair was counted: a rating of day 6 is later than both test ratings"),
        (2.0, "this is the number of pairs: divide by how many pairs there are, 3 · 2"),
    ]:
        assert not np.isclose(got, wrong), f"Train days 4, 1, 6, test days 5, 4: {mistake}."
    assert np.isclose(got, 1 / 3), (
        f"Train days 4, 1, 6, test days 5, 4: in 2 of the 6 pairs the training rating is later, 1/3; yours "
        f"{got:.4f}."
    )


# 9.6 honest_run


def small_run(seed):
    """Training, validation and test ratings of 30 people and 25 items; the last item is in no part."""
    rng = np.random.default_rng([9, *np.atleast_1d(seed)])
    m, n = 30, 25
    chance = np.append(np.linspace(0.8, 0.1, n - 1), 0)
    users, items = np.nonzero(rng.random((m, n)) < chance)
    stars = np.clip(np.rint(rng.normal(3.4, 1.1, size=len(users)) + 0.7 * np.sin(items)), 1, 5)
    stars = stars + rng.uniform(-0.2, 0.2, size=len(stars))  # no two sums alike: rounding orders nothing
    part = rng.permutation(np.arange(len(users)) % 4)  # half of them for training
    return tuple(
        csr_array((stars[chosen], (users[chosen], items[chosen])), shape=(m, n))
        for chosen in (part < 2, part == 2, part == 3)
    )


def run_of(honest_run, train, valid, test, weights, name="honest_run"):
    """Scores, weight and NDCG of the student's run, after a look at what came."""
    names = ("scores", "weight", "ndcg")
    scores, weight, ndcg = parts_of(name, names, honest_run, train, valid, test, weights)
    scores = np.asarray(scores, dtype=float)
    assert scores.shape == (train.shape[1],), (
        f"{name}: scores has one entry an item, shape {(train.shape[1],)}; yours {scores.shape}."
    )
    assert np.isfinite(scores).all(), f"{name}: a score is nan or inf."
    assert np.ndim(weight) == 0 and np.ndim(ndcg) == 0, f"{name}: weight and ndcg are numbers."
    return scores, float(weight), float(ndcg)


def parts_of_scores(train, weight):
    """Popularity, and the weight times the quality, from their definition: the scores are their sum."""
    n_items, mean, deviation = train.shape[1], train.data.mean(), train.data.std()
    counts, quality = np.zeros(n_items), np.zeros(n_items)
    for item, stars in zip(train.indices, train.data, strict=True):
        counts[item] += 1
        quality[item] += (stars - mean) / deviation
    return np.log(1 + counts), weight * quality / (counts + 10)


@visible
def check_honest_run_of_other_test_ratings(honest_run):
    """Other test ratings change neither the scores nor the weight; and the scores are those of training."""
    for seed in (3, 9):  # there the choice on the test ratings is another one for other test ratings
        train, valid, test = small_run(seed)
        scores, weight, _ = run_of(honest_run, train, valid, test, list(WEIGHTS))
        assert weight in WEIGHTS, f"The weight is one of {list(WEIGHTS)}; yours {weight:g}."
        popularity, quality = parts_of_scores(train, weight)
        together = csr_array(train + valid + test)
        popularity_of_all, _ = parts_of_scores(together, weight)
        assert not np.allclose(scores, popularity_of_all + quality), (
            "The popularity is counted on all ratings, those of the test among them: count those of `train`."
        )
        assert np.allclose(scores, popularity + quality), (
            f"With w = {weight:g} the scores are not those of the docstring, computed from `train` alone. "
            "Which ratings do your counts, sums, μ and σ look at?"
        )
        others = _turned(test, train, valid)
        scores_then, weight_then, ndcg_then = run_of(honest_run, train, valid, others, list(WEIGHTS))
        assert weight_then == weight, (
            f"With other test ratings the weight changes from {weight:g} to {weight_then:g}: it is chosen on "
            "the test ratings. Choose it on `valid`."
        )
        assert np.array_equal(scores, scores_then), (
            "With other test ratings the scores change: something that goes into them looks at `test`."
        )


def _turned(test, train, valid):
    """As many test ratings of each person, of other items: the least popular that are still free."""
    users, items = [], []
    taken = (train + valid).toarray() > 0
    for user in range(test.shape[0]):
        free = np.flatnonzero(~taken[user])[::-1][: test.indptr[user + 1] - test.indptr[user]]
        users += [user] * len(free)
        items += free.tolist()
    return csr_array((np.full(len(users), 5.0), (users, items)), shape=test.shape)


# 9.7 write_controls


@visible
def check_write_controls_by_hand(write_controls):
    """Two runs that differ in gravity and in the learning rate: the two that are missing."""
    first = {"lr": 0.005, "gravity": 0.0, "epochs": 20}
    second = {"lr": 0.002, "gravity": 0.2, "epochs": 20}
    wanted = ({"lr": 0.005, "gravity": 0.2, "epochs": 20}, {"lr": 0.002, "gravity": 0.0, "epochs": 20})
    got = controls_of(write_controls, first, second, "gravity")
    story = "One run has lr 0.005 and gravity 0, the other lr 0.002 and gravity 0.2: "
    assert got != wanted[::-1], (
        story + "the controls are right, but exchanged: that of the first comes first."
    )
    for run, control, which in zip((first, second), got, ("first", "second"), strict=True):
        assert control != run, f"{story}your control of the {which} is the same run once more."
        others = [name for name in run if control.get(name) != run[name] and name != "gravity"]
        assert not others, (
            f"{story}your control of the {which} differs from it in {', '.join(others)} as well. A control "
            "differs in the cause and in nothing else."
        )
    assert got == wanted, f"{story}wanted {wanted[0]} and {wanted[1]}; yours {got[0]} and {got[1]}."


def controls_of(write_controls, first, second, cause, name="write_controls"):
    """The student's two controls: settings by name."""
    controls = parts_of(name, ("first_control", "second_control"), write_controls, first, second, cause)
    for control in controls:
        assert isinstance(control, dict), (
            f"{name}: a control is a dict of settings; yours is of type {type(control).__name__}."
        )
    return controls
