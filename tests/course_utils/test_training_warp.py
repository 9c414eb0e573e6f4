"""Training WARP: compiled and plain steps agree, and no positive item is ever drawn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.sparse import csr_array

from course_utils.training.warp import train_warp
from solutions.warp import estimate_rank, rank_weight, warp_epoch, warp_step
from tests.mutants.warp import ALTERNATIVES


@pytest.fixture(autouse=True)
def no_progress_bar(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")


def some_positives(m: int = 30, n: int = 21, n_cells: int = 150) -> csr_array:
    cells = np.random.default_rng(0).choice(m * n, size=n_cells, replace=False)
    return csr_array((np.ones(n_cells), (cells // n, cells % n)), shape=(m, n))


def not_compilable(X, Y, u, i, j, weight, lr, max_norm):
    with np.errstate(divide="raise"):  # numba knows no such context
        warp_step(X, Y, u, i, j, weight, lr, max_norm)


def start(R, k=4, seed=1, dtype=np.float64):
    rng = np.random.default_rng(seed)
    X, Y = (rng.normal(scale=0.1, size=(size, k)).astype(dtype) for size in R.shape)
    return X, Y, rng


def trained(step=warp_step, n_epochs=3, R=None, seed=1, max_trials=10, dtype=np.float64, **options):
    R = some_positives() if R is None else R
    X, Y, rng = start(R, seed=seed, dtype=dtype)
    weigh = options.pop("weigh", rank_weight)
    history = train_warp(weigh, estimate_rank, step, X, Y, R, 0.02, max_trials, 2.0, n_epochs, rng, **options)
    return X, Y, history


def test_a_step_that_prints_does_not_print_at_each_pair(capfd):
    def talking(X, Y, u, i, j, weight, lr, max_norm):
        print("a step")
        X[u] += lr

    X, _, _ = trained(talking)
    out, err = capfd.readouterr()
    assert 0 < out.count("a step") < 20 and err == ""
    assert "talking prints something: while it trains, that is left out." in out
    assert (X > start(some_positives())[0]).any(), "it trains all the same"


def test_compiled_and_plain_steps_train_the_same_model(capfd):
    X, Y, history = trained()
    assert capfd.readouterr() == ("", ""), "a step that compiles runs without a word"
    plain_X, plain_Y, plain_history = trained(not_compilable)
    out, err = capfd.readouterr()
    assert out.count("\n") == 1 and err == ""
    assert out.startswith("not_compilable runs as plain Python, on 150 of the 150 pairs in each epoch")
    assert np.allclose(X, plain_X, rtol=1e-9) and np.allclose(Y, plain_Y, rtol=1e-9)
    assert np.allclose(history, plain_history, rtol=1e-9)


@pytest.mark.parametrize("name", ALTERNATIVES["warp_step"])
def test_other_ways_to_write_the_step_compile_too(name, capfd):
    X, Y, _ = trained(ALTERNATIVES["warp_step"][name])
    assert capfd.readouterr() == ("", "")
    reference = trained()
    assert np.allclose(X, reference[0], rtol=1e-9) and np.allclose(Y, reference[1], rtol=1e-9)


def test_single_precision_trains_nearly_the_same():
    X, _, _ = trained(dtype=np.float32)
    assert X.dtype == np.float32 and np.allclose(X, trained()[0], atol=1e-3)


def test_an_epoch_is_that_of_the_reference_where_chance_has_no_say():
    R = csr_array((np.ones(2), (np.array([0, 1]), np.array([1, 1]))), shape=(2, 2))  # one other item each
    X, Y, rng = start(R)
    X[1] = X[0]  # nor has the order
    wanted = X.copy(), Y.copy()
    loss, trials = warp_epoch(R, *wanted, 0.1, 5, 1.0, np.random.default_rng(0))
    history = train_warp(rank_weight, estimate_rank, warp_step, X, Y, R, 0.1, 5, 1.0, 1, rng)
    assert np.allclose(np.sort(X, axis=0), np.sort(wanted[0], axis=0)) and np.allclose(Y, wanted[1])
    assert np.allclose(history.loc[1], [loss, trials, 1.0])


def test_it_learns_as_the_reference_does():
    R = some_positives()
    X, Y, rng = start(R)
    by_reference = [warp_epoch(R, X, Y, 0.02, 10, 2.0, rng) for _ in range(30)]
    history = trained(n_epochs=30)[2]
    for column, wanted in zip(["loss", "trials"], np.transpose(by_reference), strict=True):
        assert np.isclose(history[column].tail(10).mean(), wanted[-10:].mean(), rtol=0.15)


def test_positives_are_never_drawn_and_other_items_all_are():
    R = some_positives()
    known, drawn, of_epochs = R.toarray() > 0, np.zeros(R.shape, dtype=bool), []

    def recording(X, Y, u, i, j, weight, lr, max_norm):
        drawn[u, j] = True

    def next_epoch():
        of_epochs.append(drawn.copy())
        drawn[:] = False

    X, Y = np.zeros((30, 2)), np.zeros((21, 2))  # everything violates
    arguments = X, Y, R, 0.1, 5, 1.0, 100, np.random.default_rng(0)
    train_warp(rank_weight, estimate_rank, recording, *arguments, validate=next_epoch)
    drawn_in_training = np.any(of_epochs[1:], axis=0)  # the first also holds the trials of the compiler
    assert not (drawn_in_training & known).any()
    assert (drawn_in_training | known)[known.any(axis=1)].all(), "items 0 and n − 1 included"


def test_a_user_who_lacks_one_item_gets_that_item(capfd):
    R = csr_array(np.array([[1.0] * 19 + [0.0], [1.0] + [0.0] * 19]))
    X, Y, history = trained(R=R, n_epochs=2)
    assert np.isfinite(X).all() and history["found"].iloc[0] > 0.9


def test_the_weight_is_asked_for_every_number_of_trials():
    asked = []

    def weigh(rank):
        asked.append(rank)
        return rank_weight(rank)

    trained(weigh=weigh, max_trials=6)
    assert asked == [20 // t for t in range(1, 7)]


def test_the_same_rng_gives_the_same_model_and_another_one_another():
    first, again, other = trained(), trained(), trained(seed=2)
    assert np.array_equal(first[0], again[0]) and not np.allclose(first[0], other[0])


def test_history_tells_losses_trials_and_what_validation_said():
    values = iter([0.1, 0.2])
    _, _, history = trained(n_epochs=2, validate=lambda: next(values))
    assert history.columns.tolist() == ["loss", "trials", "found", "valid"]
    assert history.index.tolist() == [1, 2] and history["valid"].tolist() == [0.1, 0.2]
    R = csr_array(np.array([[1.0, 0.0, 0.0]]))
    X, Y = np.ones((1, 1)), np.array([[5.0], [0.0], [1.0]])
    still = train_warp(
        rank_weight, estimate_rank, warp_step, X, Y, R, 0.1, 4, 9.0, 1, np.random.default_rng(0)
    )
    assert still.loc[1, "loss"] == still.loc[1, "found"] == 0 and math.isnan(still.loc[1, "trials"])
    assert np.array_equal(Y, [[5.0], [0.0], [1.0]])


def test_plain_python_takes_the_asked_number_of_pairs(capsys):
    trained(not_compilable, n_epochs=1, plain_pairs=40)
    assert "on 40 of the 150 pairs" in capsys.readouterr().out


def test_divergence_ends_training_with_a_sentence(capfd):
    R = some_positives()
    for step in (warp_step, not_compilable):
        X, Y, rng = start(R)
        history = train_warp(rank_weight, estimate_rank, step, X, Y, R, 1e200, 5, math.inf, 5, rng)
        out, err = capfd.readouterr()
        assert "diverged in epoch" in out and "smaller η" in out and err == "" and len(history) < 5


def test_factors_that_are_not_numbers_are_no_success(capfd):
    def length_of_nothing(X, Y, u, i, j, weight, lr, max_norm):
        X[u] *= 0.0
        X[u] *= max_norm / np.sqrt(X[u] @ X[u])

    history = trained(length_of_nothing)[2]
    assert "diverged in epoch 1" in capfd.readouterr().out and len(history) == 0


def test_a_wrong_index_shows_as_an_ordinary_error():
    def users_and_items_confused(X, Y, u, i, j, weight, lr, max_norm):
        X[i] += lr * Y[u]

    with pytest.raises(IndexError, match="out of bounds"):
        trained(users_and_items_confused, R=some_positives(m=10, n=60))


@pytest.mark.parametrize(
    ("R", "message"),
    [(csr_array((3, 4)), "nothing to train on"), (csr_array(np.ones((1, 4))), "positive for user 0")],
)
def test_what_cannot_be_trained_on_is_refused(R, message):
    with pytest.raises(ValueError, match=message):
        trained(R=R)


def test_at_least_one_trial_is_needed():
    with pytest.raises(ValueError, match="max_trials is 0"):
        trained(max_trials=0)
