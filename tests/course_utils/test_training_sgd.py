"""Training: compiled and plain steps agree, and what cannot be compiled still runs, saying so."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from course_utils.training.order import EpochOrder
from course_utils.training.sgd import train_sgd
from solutions.sgd import sgd_step, start_model
from tests.mutants.sgd import ALTERNATIVES


@pytest.fixture(autouse=True)
def no_progress_bar(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")


def some_ratings(m: int = 30, n: int = 20, n_ratings: int = 150) -> csr_array:
    rng = np.random.default_rng(0)
    cells = rng.choice(m * n, size=n_ratings, replace=False)
    return csr_array((rng.integers(1, 11, size=n_ratings) / 2, (cells // n, cells % n)), shape=(m, n))


def not_compilable(mu, b_user, b_item, X, Y, u, i, r, lr, reg):
    with np.errstate(divide="raise"):  # numba knows no such context
        x_u, y_i = X[u].copy(), Y[i].copy()
    e = r - (mu + b_user[u] + b_item[i] + x_u @ y_i)
    b_user[u] += lr * (e - reg * b_user[u])
    b_item[i] += lr * (e - reg * b_item[i])
    X[u] += lr * (e * y_i - reg * x_u)
    Y[i] += lr * (e * x_u - reg * y_i)
    return e


def trained(step, n_epochs=3, seed=1, **options):
    R, rng = some_ratings(), np.random.default_rng(seed)
    model = start_model(R, 4, rng)
    return model, train_sgd(step, model, R, 0.05, 0.1, n_epochs, rng, **options)


def test_compiled_and_plain_steps_train_the_same_model(capfd):
    model, history = trained(sgd_step)
    assert capfd.readouterr() == ("", ""), "a step that compiles runs without a word"
    plain_model, plain_history = trained(not_compilable)
    out, err = capfd.readouterr()
    assert out.count("\n") == 1, out
    assert out.startswith("not_compilable runs as plain Python, on 150 of the 150 ratings in each epoch")
    assert err == ""
    for part, plain_part in zip(model, plain_model, strict=True):
        assert np.allclose(part, plain_part, rtol=1e-10)
    assert np.allclose(history, plain_history, rtol=1e-10)


@pytest.mark.parametrize("name", ["copies", "steps_first"])
def test_other_ways_to_write_the_step_compile_too(name, capfd):
    step = ALTERNATIVES["sgd_step"][name]
    model, _ = trained(step)
    assert capfd.readouterr() == ("", "")
    for part, reference in zip(model, trained(sgd_step)[0], strict=True):
        assert np.allclose(part, reference, rtol=1e-10)


def test_a_step_that_calls_another_python_function_falls_back(capfd):
    trained(ALTERNATIVES["sgd_step"]["at_once"])
    out, err = capfd.readouterr()
    assert "runs as plain Python" in out and "predict_ratings" in out and err == ""


@pytest.mark.parametrize("compiles", [True, False])
def test_a_step_that_prints_does_not_print_at_each_rating(compiles, capfd):
    def talking(mu, b_user, b_item, X, Y, u, i, r, lr, reg):
        e = r - (mu + b_user[u] + b_item[i])
        print("the error is", e)
        b_user[u] += lr * e
        return e

    def talking_in_plain_python(*arguments):
        return talking(*arguments)

    model, _ = trained(talking if compiles else talking_in_plain_python, n_epochs=3)
    out, err = capfd.readouterr()
    assert 0 < out.count("the error is") < 20 and err == ""
    assert ("runs as plain Python" in out) is not compiles
    assert "prints something: while it trains, that is left out" in out
    assert model[1].any(), "it trains all the same"


def test_plain_python_takes_the_asked_number_of_ratings(capsys):
    steps = []

    def counted(*arguments):
        steps.append(arguments)
        return not_compilable(*arguments)

    trained(counted, n_epochs=2, plain_ratings=40)
    n_trials = len(steps) - 2 * 40
    assert 0 < n_trials < 20
    assert "on 40 of the 150 ratings" in capsys.readouterr().out


def test_every_rating_comes_once_an_epoch_and_the_order_is_drawn_anew():
    R, orders = some_ratings(), []

    def recording(mu, b_user, b_item, X, Y, u, i, r, lr, reg):
        X.append((u, i, r))
        return 0.0

    seen = []
    train_sgd(recording, (0.0, None, None, seen, None), R, 0.1, 0.0, 2, np.random.default_rng(0))
    # The trials run on copies of the model, so that `seen` holds the two epochs alone.
    orders = seen[:150], seen[150:]
    wanted = sorted(zip(*R.nonzero(), R.data, strict=True))
    assert sorted(orders[0]) == sorted(orders[1]) == [(int(u), int(i), float(r)) for u, i, r in wanted]
    assert orders[0] != orders[1] and orders[0] != sorted(orders[0])


def test_the_same_rng_gives_the_same_model_and_another_one_another():
    (first, _), (again, _), (other, _) = trained(sgd_step), trained(sgd_step), trained(sgd_step, seed=2)
    assert np.array_equal(first[3], again[3]) and not np.allclose(first[3], other[3])


def test_history_holds_the_errors_before_each_step_and_what_validation_said():
    losses = iter([0.9, 0.7, 0.8])
    _, history = trained(sgd_step, validate=lambda: next(losses))
    assert history["valid"].tolist() == [0.9, 0.7, 0.8] and history.index.tolist() == [1, 2, 3]
    R, rng = some_ratings(), np.random.default_rng(1)
    model = start_model(R, 4, rng)
    still = train_sgd(sgd_step, model, R, 0.0, 0.1, 1, rng)  # at η = 0 nothing moves
    errors = R.toarray() - model[0] - model[3] @ model[4].T
    assert np.isclose(still.loc[1, "train"], np.sqrt(np.mean(errors[R.nonzero()] ** 2)))


def test_divergence_ends_training_with_a_sentence(capfd):
    R, rng = some_ratings(), np.random.default_rng(1)
    for step in (sgd_step, not_compilable):
        history = train_sgd(step, start_model(R, 4, rng), R, 20.0, 0.1, 5, rng, validate=lambda: 1.0)
        assert history.columns.tolist() == ["train", "valid"] and len(history) < 5
        out, err = capfd.readouterr()
        assert "diverged in epoch" in out and "smaller η" in out and err == ""


def test_a_wrong_index_shows_as_an_ordinary_error():
    R = some_ratings(m=10, n=60)

    def users_and_items_confused(mu, b_user, b_item, X, Y, u, i, r, lr, reg):
        X[i] += lr * Y[i]
        return 0.0

    with pytest.raises(IndexError, match="out of bounds"):
        model = start_model(R, 4, np.random.default_rng(0))
        train_sgd(users_and_items_confused, model, R, 0.1, 0.1, 1, np.random.default_rng(0))


def test_a_step_without_return_is_named():
    def silent(mu, b_user, b_item, X, Y, u, i, r, lr, reg):
        X[u] += lr

    with pytest.raises(TypeError, match="silent returned None"):
        trained(silent)


def test_no_ratings_are_refused():
    R = csr_array((3, 4))
    with pytest.raises(ValueError, match="nothing to train on"):
        train_sgd(sgd_step, (0.0,), R, 0.1, 0.1, 1, np.random.default_rng(0))


def test_training_in_blocks_learns_as_well_as_in_a_plain_order(monkeypatch):
    rng = np.random.default_rng(3)
    X, Y = rng.normal(size=(300, 2)), rng.normal(size=(200, 2))
    cells = rng.choice(300 * 200, size=12_000, replace=False)
    ratings = 3 + np.sum(X[cells // 200] * Y[cells % 200], axis=1)
    R = csr_array((ratings, (cells // 200, cells % 200)), shape=(300, 200))
    last = []
    for plain, block in ((10**6, 10**6), (0, 2_000)):  # 2,000 bytes: groups of some 20 users and items
        monkeypatch.setattr(EpochOrder.__init__, "__defaults__", (plain, block))
        generator = np.random.default_rng(4)
        model = start_model(R, 4, generator)
        last.append(train_sgd(sgd_step, model, R, 0.02, 0.01, 30, generator)["train"].iloc[-1])
    assert last[0] < 0.3 and np.isclose(*last, rtol=0.1)
