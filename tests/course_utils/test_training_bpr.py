"""Training on triples: exact negatives, compiled and plain steps agree, and every obstacle is said."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from course_utils.training.bpr import train_bpr
from course_utils.training.negatives import NegativeSampler
from solutions.bpr import bpr_step
from tests.mutants.bpr import ALTERNATIVES


@pytest.fixture(autouse=True)
def no_progress_bar(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")


def choices(rows: list[list[int]], n: int) -> csr_array:
    """A matrix whose row u has the items rows[u]."""
    users = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    items = np.array([item for row in rows for item in row], dtype=int)
    return csr_array((np.full(len(items), 4.0), (users, items)), shape=(len(rows), n))


def some_choices(m: int = 30, n: int = 20, share: float = 0.25) -> csr_array:
    return csr_array((np.random.default_rng(0).random((m, n)) < share).astype(float))


def factors(R: csr_array, k: int = 4, dtype: type = np.float64) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    return tuple(rng.normal(scale=0.3, size=(size, k)).astype(dtype) for size in R.shape)


def not_compilable(X, Y, u, i, j, lr, reg):
    with np.errstate(divide="raise"):  # numba knows no such context
        x, difference = X[u].copy(), Y[i] - Y[j]
    pull = 1 / (1 + np.exp(x @ difference))
    loss = np.log1p(np.exp(-x @ difference))
    X[u] += lr * (pull * difference - reg * x)
    Y[i] += lr * (pull * x - reg * Y[i])
    Y[j] += lr * (-pull * x - reg * Y[j])
    return loss


def trained(step, n_epochs=3, seed=2, R=None, dtype=np.float64, **options):
    R = some_choices() if R is None else R
    X, Y = factors(R, dtype=dtype)
    history = train_bpr(step, X, Y, R, 0.05, 0.1, n_epochs, np.random.default_rng(seed), **options)
    return X, Y, history


def test_a_step_that_prints_does_not_print_at_each_triple(capfd):
    def talking(X, Y, u, i, j, lr, reg):
        print("a step")
        X[u] += lr
        return 1.0

    X, _, _ = trained(talking)
    out, err = capfd.readouterr()
    assert 0 < out.count("a step") < 20 and err == ""
    assert "talking prints something: while it trains, that is left out." in out
    assert (X > factors(some_choices())[0]).any(), "it trains all the same"


ROWS = [[0, 3, 5], [1, 2], [4], [], [0, 1, 2, 3, 5], [1, 2, 3, 4, 5]]


@pytest.mark.parametrize("weights", [None, [3, 0, 2, 5, 1, 4]])
def test_negatives_have_exactly_the_asked_chances(weights):
    R, rng, size = choices(ROWS, 6), np.random.default_rng(3), 20_000
    sampler = NegativeSampler(R, None if weights is None else np.array(weights))
    for u, row in enumerate(ROWS):
        wanted = np.ones(6) if weights is None else np.array(weights, dtype=float)
        wanted[row] = 0
        wanted /= wanted.sum()
        counts = np.bincount(sampler.draw(np.full(size, u), rng), minlength=6)
        assert not counts[wanted == 0].any(), "an item of the user, or one of weight 0"
        assert (abs(counts - size * wanted) <= 5 * np.sqrt(size * wanted * (1 - wanted))).all()


@pytest.mark.parametrize("weights", [None, "random"])
def test_a_negative_is_never_a_positive_also_for_those_who_know_nearly_everything(weights):
    rng = np.random.default_rng(4)
    chosen = rng.random((40, 300)) < rng.choice([0.01, 0.5, 0.99], size=(40, 1))
    chosen[:, [0, -1]] = False
    R = csr_array(chosen.astype(float))
    sampler = NegativeSampler(R, None if weights is None else rng.integers(1, 100, size=300))
    users = rng.integers(40, size=20_000)
    negatives = sampler.draw(users, rng)
    assert negatives.min() == 0 and negatives.max() == 299
    assert not R.toarray()[users, negatives].any()


def test_the_order_and_the_repetition_of_stored_cells_do_not_matter():
    unsorted = csr_array((np.ones(4), np.array([5, 0, 3, 0]), np.array([0, 4])), shape=(1, 6))
    draws = [
        NegativeSampler(R).draw(np.zeros(50, dtype=int), np.random.default_rng(5))
        for R in (unsorted, choices([[0, 3, 5]], 6))
    ]
    assert np.array_equal(*draws) and unsorted.indices.tolist() == [5, 0, 3, 0], "R stays as it is"


def test_a_user_without_negatives_is_named():
    with pytest.raises(ValueError, match="User 1 has chosen every item"):
        NegativeSampler(choices([[0], [0, 1, 2]], 3))
    with pytest.raises(ValueError, match="User 0 has chosen every item that could be drawn"):
        NegativeSampler(choices([[0], [1]], 3), np.array([7, 0, 0]))


@pytest.mark.parametrize("weights", [np.ones(6), np.array([1, 2]), np.array([1, 1, 1, 1, 1, -1])])
def test_weights_that_do_not_fit_are_refused(weights):
    with pytest.raises(ValueError, match="for each of the 6 items"):
        NegativeSampler(choices(ROWS, 6), weights)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_compiled_and_plain_steps_train_the_same_model(dtype, capfd):
    X, Y, history = trained(bpr_step, dtype=dtype)
    assert capfd.readouterr() == ("", ""), "a step that compiles runs without a word"
    plain_X, plain_Y, plain_history = trained(not_compilable, dtype=dtype)
    out, err = capfd.readouterr()
    assert out.count("\n") == 1, out
    n = some_choices().nnz
    assert out.startswith(f"not_compilable runs as plain Python, on {n} of the {n} triples in each epoch")
    assert err == ""
    tolerance = {"rtol": 1e-9} if dtype is np.float64 else {"atol": 1e-4}
    assert X.dtype == Y.dtype == dtype
    assert np.allclose(X, plain_X, **tolerance) and np.allclose(Y, plain_Y, **tolerance)
    assert np.allclose(history, plain_history, **tolerance)


def test_a_step_on_whole_rows_compiles_too(capfd):
    X, Y, _ = trained(ALTERNATIVES["bpr_step"]["copies"])
    assert capfd.readouterr() == ("", "")
    wanted_X, wanted_Y, _ = trained(bpr_step)
    assert np.allclose(X, wanted_X) and np.allclose(Y, wanted_Y)


def test_a_step_with_scipy_falls_back_and_learns_the_same(capfd):
    X, _, _ = trained(ALTERNATIVES["bpr_step"]["rows_together"])
    out, err = capfd.readouterr()
    assert "runs as plain Python" in out and out.count("\n") == 1 and err == ""
    assert np.allclose(X, trained(bpr_step)[0])


def test_plain_python_takes_the_asked_number_of_triples(capsys):
    steps = []

    def counted(*arguments):
        steps.append(arguments)
        return not_compilable(*arguments)

    trained(counted, n_epochs=2, plain_triples=40)
    assert 0 < len(steps) - 2 * 40 < 20, "and some trials"
    assert "on 40 of the" in capsys.readouterr().out


def test_pairs_are_drawn_with_replacement_and_all_alike(capsys):
    R, drawn = some_choices(), []

    def recording(X, Y, u, i, j, lr, reg):
        drawn.append((u, i, j))
        X[u, 0] += 0  # numba knows no list that grows outside: plain Python
        return float(len(str(u)))

    trained(recording, n_epochs=40, R=R)
    u, i, j = np.array(drawn[-40 * R.nnz :]).T
    dense = R.toarray()
    assert dense[u, i].all() and not dense[u, j].any()
    counts = np.zeros(R.shape)
    np.add.at(counts, (u, i), 1)
    counts = counts[dense > 0]
    assert abs(counts - 40).max() < 6 * np.sqrt(40) and counts.std() > 4, "drawn, not dealt"


def test_training_ranks_the_chosen_above_the_others():
    R = choices([[0, 1, 2], [0, 1, 2], [3, 4, 5], [3, 4, 5]], 6)
    X, Y = factors(R, k=2)
    history = train_bpr(bpr_step, X, Y, R, 0.1, 0.001, 300, np.random.default_rng(6))
    scores = X @ Y.T
    own = R.toarray() > 0
    assert (np.where(own, scores, np.inf).min(axis=1) > np.where(own, -np.inf, scores).max(axis=1)).all()
    assert history["loss"].iloc[-1] < 0.1 < history["loss"].iloc[0]


def test_the_same_rng_gives_the_same_model_and_another_one_another():
    first, again, other = trained(bpr_step)[0], trained(bpr_step)[0], trained(bpr_step, seed=9)[0]
    assert np.array_equal(first, again) and not np.allclose(first, other)


def test_history_holds_the_losses_before_each_step_and_what_validation_said():
    values = iter([0.6, 0.7, 0.8])
    _, _, history = trained(bpr_step, validate=lambda: next(values))
    assert history["valid"].tolist() == [0.6, 0.7, 0.8] and history.index.tolist() == [1, 2, 3]
    R = choices([[0, 1], [1]], 3)
    still = train_bpr(bpr_step, np.zeros((2, 2)), np.ones((3, 2)), R, 0.0, 0.1, 1, np.random.default_rng(0))
    assert np.isclose(still.loc[1, "loss"], np.log(2)), "at d = 0"


def test_popular_negatives_lower_the_scores_of_popular_items():
    rng = np.random.default_rng(7)
    R = csr_array((rng.random((60, 20)) < np.linspace(0.9, 0.05, 20)).astype(float))
    popularity = np.bincount(R.indices, minlength=20)
    head = {}
    for name, weights in [("uniform", None), ("popular", popularity)]:
        X, Y, _ = trained(bpr_step, n_epochs=30, R=R, weights=weights)
        mean_scores = (X @ Y.T).mean(axis=0)
        head[name] = mean_scores[:5].mean() - mean_scores[-5:].mean()
    assert head["popular"] < head["uniform"]


@pytest.mark.parametrize("step", [bpr_step, not_compilable])
def test_divergence_ends_training_with_a_sentence(step, capfd):
    X, Y = factors(R := some_choices())
    X[0] = np.nan
    history = train_bpr(step, X, Y, R, 0.05, 0.1, 5, np.random.default_rng(0), validate=lambda: 1.0)
    assert history.columns.tolist() == ["loss", "valid"] and len(history) < 5
    out, err = capfd.readouterr()
    assert "diverged in epoch" in out and "smaller η" in out and err == ""


def test_a_wrong_index_shows_as_an_ordinary_error():
    def items_as_users(X, Y, u, i, j, lr, reg):
        X[i] += lr * Y[i]
        return 0.0

    with pytest.raises(IndexError, match="out of bounds"):
        trained(items_as_users, R=some_choices(m=5, n=60))


def test_a_step_without_return_is_named():
    def silent(X, Y, u, i, j, lr, reg):
        X[u] += lr

    with pytest.raises(TypeError, match="silent returned None"):
        trained(silent)


def test_nothing_to_train_on_and_factors_of_other_sizes_are_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="nothing to train on"):
        train_bpr(bpr_step, np.ones((3, 2)), np.ones((4, 2)), csr_array((3, 4)), 0.1, 0.1, 1, rng)
    with pytest.raises(ValueError, match="X has 4 rows and Y 3"):
        train_bpr(bpr_step, np.ones((4, 2)), np.ones((3, 2)), choices([[0], [1], [2]], 4), 0.1, 0.1, 1, rng)
