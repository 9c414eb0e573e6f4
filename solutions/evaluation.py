"""Unit 09: how to fool yourself, and how not to; the reference solutions in the order of the lesson."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.stats import binom

from course_utils.evaluation import ndcg_of_one_list


def sampled_rank(scores: np.ndarray, positive: int, negatives: np.ndarray) -> float:
    """Place of a liked item among some others: 1 is the top.

    1 + (others that score higher) + ½ (others that score the same)

    Parameters
    ----------
    scores : (n,) array of int or float
        Score of every item for one user, finite.
    positive : int
        Code of the liked item.
    negatives : array or list of int
        Codes of the others, in any order, possibly none; one that is drawn twice counts twice.

    Returns
    -------
    float
        In [1, 1 + number of negatives].
    """
    ### BEGIN SOLUTION
    scores = np.asarray(scores, dtype=float)
    others = scores[np.asarray(negatives, dtype=np.int64)]
    return float(1 + np.sum(others > scores[positive]) + np.sum(others == scores[positive]) / 2)
    ### END SOLUTION


def expected_hit_rate(
    rank: np.ndarray | float, n_items: np.ndarray | int, n_sampled: int, k: int
) -> np.ndarray | float:
    """How likely a liked item is among the first k, when it stands against a few sampled items alone.

    Each sampled item stands above it with probability (rank − 1) / (n_items − 1), independently of the
    others. It is among the first k if fewer than k of them do:

        P(Binomial(n_sampled, (rank − 1) / (n_items − 1)) < k)

    Parameters
    ----------
    rank : number, or array of any shape
        The item's exact place among all n_items, from 1 to n_items; halves are possible.
    n_items : int, or array of the shape of `rank`
        How many items compete for the exact places, the liked one included; at least 2.
    n_sampled : int
        How many items are sampled, uniformly and *with replacement*, from the n_items − 1 others; at least 1.
    k : int
        Length of the list, at least 1.

    Returns
    -------
    number, or array of the shape of `rank`
        In [0, 1]. Nothing is drawn.

    References
    ----------
    Krichene, Rendle, "On sampled metrics for item recommendation", KDD 2020, section 4.
    """
    ### BEGIN SOLUTION
    above = (np.asarray(rank, dtype=float) - 1) / (n_items - 1)
    return binom.cdf(k - 1, n_sampled, above)
    ### END SOLUTION


def paired_bootstrap(
    a: np.ndarray, b: np.ndarray, rng: np.random.Generator, n_draws: int
) -> tuple[float, float]:
    """A 95 % interval for the mean difference of two models that were measured on the same people.

    As many people as there are, are drawn with replacement, and the mean of a − b is taken over them; both
    values of a person stay together. This is done n_draws times; the interval goes from the 2.5th to the
    97.5th percentile of these means.

    Parameters
    ----------
    a, b : (n_people,) array of float
        A measure of the two models: entry i of both belongs to the same person. At least one.
    rng : Generator
        The only source of randomness.
    n_draws : int
        How often people are drawn.

    Returns
    -------
    low, high : float
        Of the interval for the mean of a − b.

    References
    ----------
    Efron, Tibshirani, "An introduction to the bootstrap", 1993, chapter 13.
    """
    ### BEGIN SOLUTION
    differences = np.asarray(a, dtype=float) - np.asarray(b, dtype=float)
    n_people = len(differences)
    means = differences[rng.integers(n_people, size=(n_draws, n_people))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)
    ### END SOLUTION


def snips_recall(hit: np.ndarray, propensity: np.ndarray) -> float:
    """Share of the liked items that are found, each like weighted by how unlikely it was to be recorded.

        Σ_j hit_j / p_j  /  Σ_j 1 / p_j

    the self-normalised inverse propensity score: a like that is seen with probability p stands for 1/p likes.

    Parameters
    ----------
    hit : (n_likes,) array of bool, int or float
        Whether each held-out like is in its user's list: 1 or 0. At least one like.
    propensity : (n_likes,) array of int or float
        p_j, how likely it was that the like was recorded, up to a common factor: all above 0.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    ValueError
        If a propensity is not above 0 (nan is not): such a like could not have been recorded.

    References
    ----------
    Swaminathan, Joachims, "The self-normalized estimator for counterfactual learning", NeurIPS 2015; Yang,
    Cui, Xuan, Wang, Belongie, Estrin, "Unbiased offline recommender evaluation for missing-not-at-random
    implicit feedback", RecSys 2018.
    """
    ### BEGIN SOLUTION
    propensity = np.asarray(propensity, dtype=float)
    if not (propensity > 0).all():
        raise ValueError("every propensity must be above 0: what cannot be recorded is not among the likes")
    weights = 1 / propensity
    return float(np.sum(weights * np.asarray(hit, dtype=float)) / np.sum(weights))
    ### END SOLUTION


def split_by_time(ratings: pd.DataFrame, cut: pd.Timestamp) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Learn from the past, test on the future: one moment for everybody.

    Parameters
    ----------
    ratings : DataFrame
        One row a rating, in any order, with at least the column `timestamp`; perhaps none. The index may be
        any; labels may repeat. Not changed.
    cut : Timestamp
        The moment: ratings before it are for training, those at it or later for the test.

    Returns
    -------
    train, test : DataFrame
        Each row of `ratings` is in exactly one of them, with all its columns.
    """
    ### BEGIN SOLUTION
    is_past = (ratings["timestamp"] < cut).to_numpy()
    return ratings[is_past], ratings[~is_past]
    ### END SOLUTION


def future_share(train: pd.DataFrame, test: pd.DataFrame) -> float:
    """How much a model knows of the future: the share of pairs in which the training rating is the later one.

    Of all pairs of a rating of `train` and one of `test`, whoever gave them, the share of those in which the
    one of `train` has the later timestamp. Equal ones are not later.

    Parameters
    ----------
    train, test : DataFrame
        At least one row each, in any order, with the column `timestamp`.

    Returns
    -------
    float
        0 for a split by time, about ½ for a random one. In O(N log N) time and O(N) memory.
    """
    ### BEGIN SOLUTION
    times = np.sort(train["timestamp"].to_numpy())
    not_later = np.searchsorted(times, test["timestamp"].to_numpy(), side="right")
    return float(1 - np.mean(not_later) / len(times))
    ### END SOLUTION


def honest_run(
    train: csr_array, valid: csr_array, test: csr_array, weights: list[float]
) -> tuple[np.ndarray, float, float]:
    """Fit on the training ratings, choose on the validation ratings, and report on the test ratings.

    The same scores for everybody, from what is known of the items:

        s_i = ln(1 + n_i) + w · Σ_u (r_ui − μ)/σ / (n_i + 10)

    n_i is the number of training ratings of item i, the sum runs over them, and μ and σ are the mean and the
    standard deviation of all training ratings.

    Parameters
    ----------
    train, valid, test : (m, n) csr_array
        Ratings in stars, above 0, no cell in two of them; at least two different values in `train`, and a
        rating of 4 stars or more in `valid` and in `test`.
    weights : list of float
        Candidates for w, at least one.

    Returns
    -------
    scores : (n,) array
        s, with the chosen w.
    weight : float
        w, the candidate with the highest NDCG@10 on `valid`; of several, the first.
    ndcg : float
        The NDCG@10 of these scores on `test`.

    Notes
    -----
    NDCG@10 is that of `ndcg_of_one_list`, with the ratings of at least 4 stars as the relevant ones. Lists
    for `valid` leave out what is in `train`, lists for `test` what is in `train` or in `valid`.
    """
    ### BEGIN SOLUTION
    n_items = train.shape[1]
    counts = np.bincount(train.indices, minlength=n_items)
    standard = (train.data.astype(float) - train.data.mean()) / train.data.std()
    quality = np.bincount(train.indices, weights=standard, minlength=n_items) / (counts + 10)
    candidates = [np.log1p(counts) + w * quality for w in weights]
    best = int(np.argmax([ndcg_of_one_list(scores, train, valid) for scores in candidates]))
    scores = candidates[best]
    return scores, float(weights[best]), ndcg_of_one_list(scores, csr_array(train + valid), test)
    ### END SOLUTION


def write_controls(first: dict, second: dict, cause: str) -> tuple[dict, dict]:
    """The two runs that tell a cause from whatever else differs between two other runs.

    Two runs differ in the cause and in more. To the first belongs a control that differs from it in the cause
    alone, and to the second as well: the four are all combinations of the cause with the rest.

    Parameters
    ----------
    first, second : dict of str to number
        Settings of the two runs, with the same names. Not changed.
    cause : str
        Name of the setting that is said to be the cause.

    Returns
    -------
    first_control : dict
        The settings of `first`, with the cause as in `second`.
    second_control : dict
        The settings of `second`, with the cause as in `first`.

    Raises
    ------
    ValueError
        If a run has no setting of this name, or both have the same value of it: then it is no cause of any
        difference.
    """
    ### BEGIN SOLUTION
    if cause not in first or cause not in second:
        raise ValueError(f"both runs must say what their {cause!r} is")
    if first[cause] == second[cause]:
        raise ValueError(f"both runs have the same {cause!r}: it is no cause of any difference between them")
    return first | {cause: second[cause]}, second | {cause: first[cause]}
    ### END SOLUTION
