"""What do the visible checks of unit 06, Bayesian personalised ranking, ask of each exercise?"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from course_utils.checks.call import number_of, result_of
from course_utils.checks.lines import within_lines
from course_utils.checks.visible import visible

NEVER_ACCEPTED = "nothing that it draws is ever accepted."

# 6.1 bpr_loss


@visible
def check_bpr_loss_by_hand(bpr_loss):
    """Three differences whose loss can be worked out on paper: σ is ½, ¾ and ¼ there."""
    d = np.array([0.0, 1.0986123, -1.0986123])  # 0, ln 3, −ln 3
    got = np.asarray(result_of("bpr_loss", bpr_loss, d), dtype=float)
    assert got.shape == (3,), f"Three differences want three losses; yours has the shape {got.shape}."
    for wrong, mistake in [
        (
            [-0.6931, -0.2877, -1.3863],
            "this is ln σ(d), which rises as the order gets better: a loss is −ln σ",
        ),
        ([0.6931, 1.3863, 0.2877], "this is −ln σ(−d): it punishes the right order"),
        ([-0.6931, -1.3863, -0.2877], "this is ln σ(−d): it falls, and what it falls towards is −∞"),
        ([0.5, 0.25, 0.75], "this is 1 − σ(d): take the logarithm of σ"),
        ([1.0, 0.415, 2.0], "this is the logarithm to base 2: take the natural one"),
    ]:
        assert not np.allclose(got, wrong, atol=1e-3), f"For d = 0, ln 3, −ln 3 yours is {got}: {mistake}."
    assert np.allclose(got, [0.6931, 0.2877, 1.3863], atol=1e-3), (
        f"For d = 0, ln 3, −ln 3 σ is ½, ¾, ¼: wanted 0.6931, 0.2877, 1.3863, yours {got}."
    )


# 6.2 sample_negative


def code_of(result, n_items):
    """A returned code, checked for its kind."""
    assert np.ndim(result) == 0 and np.issubdtype(np.asarray(result).dtype, np.integer), (
        f"sample_negative returns the code of one item, a whole number; yours {result!r}."
    )
    assert 0 <= result < n_items, f"Of {n_items} items the codes are 0 … {n_items - 1}; yours {result}."
    return int(result)


@visible
def check_sample_negative_by_hand(sample_negative, seed=0):
    """Of five items two are positives: what is drawn is one of the other three, and not always the same."""
    positives, rng = np.array([1, 3]), np.random.default_rng(seed)
    codes = [code_of(result_of("sample_negative", sample_negative, positives, 5, rng), 5) for _ in range(60)]
    hit = sorted({1, 3} & set(codes))
    assert not hit, f"Items {hit} are positives, and were drawn as negatives: the step would push them down."
    assert len(set(codes)) > 1, f"60 draws with the same rng all gave {codes[0]}: draw at random."


# 6.3 bpr_step


@visible
def check_bpr_step_by_hand(bpr_step):
    """One user, two items, d = 0: the loss and the user's new factors can be worked out on paper."""
    X, Y = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0], [0.0, -1.0]])
    before = X.copy(), Y.copy()
    # d = 1·0 + 0·2 = 0, so σ = ½; η = 0.1, λ = 0.5.
    loss = number_of("bpr_step", bpr_step, X, Y, 0, 0, 1, 0.1, 0.5)
    assert not np.isclose(loss, -0.6931, atol=1e-3), f"Yours, {loss:.4f}, is ln σ(d): a loss has the minus."
    assert not np.isclose(loss, 1.4431, atol=1e-3), "Return −ln σ(d) alone, without the penalty."
    assert np.isclose(loss, 0.6931, atol=1e-3), f"At d = 0 the loss is ln 2 ≈ 0.6931; yours {loss:.4f}."
    assert not np.array_equal(X, before[0]) or not np.array_equal(Y, before[1]), (
        "The arrays did not change: write into them (X[u] += …, not x = x + …)."
    )
    assert np.allclose(X, [[0.95, 0.1]]), (
        "x_u = (1, 0) moves by 0.1 · (½ · (0, 2) − 0.5 · (1, 0)): wanted (0.95, 0.1), "
        f"yours {X[0].round(4).tolist()}."
    )


# 6.4 bpr_epoch


@visible
def check_bpr_epoch_by_hand(bpr_epoch):
    """One pair in R is one step on paper; at η = 0 two users and two items give the mean of equal losses."""
    rng = np.random.default_rng(0)
    R, X = csr_array(np.array([[4.0, 0.0, 0.0]])), np.array([[1.0, 0.0]])
    Y = np.array([[0.0, 1.0], [0.0, -1.0], [0.0, -1.0]])  # whichever negative is drawn
    loss = number_of("bpr_epoch", bpr_epoch, R, X, Y, 0.1, 0.5, rng)
    assert np.isclose(loss, 0.6931, atol=1e-3), (
        f"One step from d = 0: its loss before the step is ln 2 ≈ 0.6931; your mean is {loss:.4f}."
    )
    assert np.allclose(X, [[0.95, 0.1]]), (
        "One stored cell is one step, here that of exercise 6.3: wanted x_u = (0.95, 0.1), "
        f"yours {X[0].round(4).tolist()}."
    )
    R = csr_array(np.array([[5.0, 0.0], [0.0, 2.0]]))
    X, Y = np.eye(2), 1.0986123 * np.eye(2)  # whatever is drawn, d is ln 3 and σ(d) is ¾
    bounded = within_lines("bpr_epoch", NEVER_ACCEPTED, bpr_epoch)
    loss = number_of("bpr_epoch", bounded, R, X, Y, 0.0, 0.5, rng)
    assert not np.isclose(loss, 0.5754, atol=1e-3), "0.5754 is the sum of both losses: return the mean."
    assert np.isclose(loss, 0.2877, atol=1e-3), f"Both losses are ln 4/3 ≈ 0.2877; your mean is {loss:.4f}."
    assert np.array_equal(X, np.eye(2)), "At η = 0 nothing moves; your X did."


# 6.5 auc


@visible
def check_auc_by_hand(auc):
    """Two positives, two negatives: three of the four pairs are in order."""
    scores = np.array([0.9, 0.1, 0.5, 0.3])
    got = number_of("auc", auc, scores, np.array([0, 3]))
    assert not np.isclose(got, 0.25), "0.25 is the share of pairs in the *wrong* order."
    assert not np.isclose(got, 3), "3 is the number of pairs in order: divide by the number of pairs."
    assert np.isclose(got, 0.75), (
        "Positives score 0.9 and 0.3, negatives 0.1 and 0.5: three of four pairs are in order, wanted 0.75, "
        f"yours {got}."
    )
