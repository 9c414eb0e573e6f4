"""Laws and known answers of unit 04's solutions, beyond what the exercises' checks ask."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from benchmarks.pytorch_mf import read_fold
from course_utils.data.datasets import load
from course_utils.data.interactions import Interactions, hold_out, known_cells
from course_utils.evaluation import similar_items
from solutions.pytorch_mf import BiasedMF, fit, gravity, pairwise_dot, penalty, sparse_ratings


def normal(seed: int, *shape: int) -> torch.Tensor:
    return torch.as_tensor(np.random.default_rng(seed).normal(size=shape))


def ratings(seed: int, m: int = 30, n: int = 20, share: float = 0.4, k: int = 2) -> torch.Tensor:
    """Ratings that are biases and products of k factors, in a random share of the cells."""
    rng = np.random.default_rng(seed)
    whole = 3 + rng.normal(size=(m, 1)) / 2 + rng.normal(size=n) / 2
    whole += rng.normal(size=(m, k)) @ rng.normal(size=(k, n)) / 2
    users, items = np.nonzero(rng.random((m, n)) < share)
    return sparse_ratings(users, items, whole[users, items], (m, n))


def new_model(seed: int, m: int = 30, n: int = 20, k: int = 2, init_std: float = 0.05) -> BiasedMF:
    return BiasedMF(m, n, k, 3.0, init_std, generator=torch.Generator().manual_seed(seed))


def rmse(model: BiasedMF, known: torch.Tensor) -> float:
    with torch.no_grad():
        return float((model(*known.indices()) - known.values()).square().mean().sqrt())


def weights(model: BiasedMF) -> torch.Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


def test_the_sparse_tensor_holds_what_the_matrix_holds():
    rest, _ = hold_out(
        Interactions.from_ratings(load("ml-latest-small").ratings).matrix, 0.1, np.random.default_rng(0)
    )
    tensor = sparse_ratings(*known_cells(rest), rest.shape)
    assert tensor._nnz() == rest.nnz and tuple(tensor.shape) == rest.shape
    assert np.array_equal(tensor.values().numpy(), rest.data.astype(np.float32))


def test_a_code_out_of_range_is_refused():
    with pytest.raises(RuntimeError, match="size is 3 but found index 3"):
        sparse_ratings([3], [0], [4.0], (3, 2))


def test_no_ratings_are_a_tensor_without_cells():
    assert sparse_ratings([], [], [], (3, 2))._nnz() == 0


def test_gravity_and_penalty_do_not_change_when_the_factors_are_turned():
    U, V = normal(0, 9, 4), normal(1, 7, 4)
    turn = torch.linalg.qr(normal(2, 4, 4)).Q
    assert torch.isclose(gravity(U @ turn, V @ turn), gravity(U, V))
    assert torch.isclose(penalty(U @ turn, V @ turn), penalty(U, V))


def test_gravity_and_penalty_of_rows_that_occur_twice_are_the_same():
    U, V = normal(0, 5, 3), normal(1, 6, 3)
    assert torch.isclose(gravity(torch.cat([U, U]), V), gravity(U, V))
    assert torch.isclose(penalty(torch.cat([U, U]), torch.cat([V, V])), penalty(U, V))


def test_gravity_is_homogeneous_of_degree_two_in_each_table():
    U, V = normal(0, 5, 3), normal(1, 6, 3)
    assert torch.isclose(gravity(3 * U, 2 * V), 36 * gravity(U, V))


@pytest.mark.parametrize("function", [pairwise_dot, gravity, penalty])
def test_gradients_agree_with_central_differences(function):
    U, V = (normal(seed, 4, 3).requires_grad_() for seed in (0, 1))
    assert torch.autograd.gradcheck(function, (U, V))


def test_the_toy_of_the_lesson():
    apart = torch.tensor([[1.0, 0.0]] * 3 + [[0.0, 1.0]] * 3)
    assert gravity(torch.ones(5, 1), torch.ones(6, 1)) == 1
    assert gravity(apart[:5], apart) == 0.5


def test_a_model_starts_at_the_mean_and_from_its_generator():
    users, items = torch.arange(20), torch.arange(20)
    assert torch.all(new_model(0, init_std=0.0)(users, items) == 3.0)
    assert torch.equal(weights(new_model(1)), weights(new_model(1)))
    assert not torch.equal(weights(new_model(1)), weights(new_model(2)))
    assert all(parameter.dtype == torch.float32 for parameter in new_model(0).parameters())


def test_noiseless_ratings_are_learned_and_held_out_ones_found():
    known = ratings(0, m=60, n=50, share=0.7)
    order = torch.randperm(known._nnz(), generator=torch.Generator().manual_seed(0))
    train, valid = (
        sparse_ratings(*known.indices()[:, part], known.values()[part], known.shape)
        for part in (order[200:], order[:200])
    )
    model = new_model(0, 60, 50)
    fit(model, train, valid, 150, 0.03, batch_size=256, generator=torch.Generator().manual_seed(1))
    assert rmse(model, valid) < 0.1 < 0.5 < float(valid.values().std())


def test_one_full_batch_in_any_order_is_the_same_step():
    known = ratings(1)
    results = []
    for seed, batch_size in [(0, None), (1, None), (2, known._nnz()), (3, 10**6)]:
        model = new_model(0)
        settings = {"gravity_weight": 0.3, "penalty_weight": 0.1, "weight_decay": 0.1}
        generator = torch.Generator().manual_seed(seed)
        fit(model, known, known, 5, 0.01, **settings, batch_size=batch_size, generator=generator)
        results.append(weights(model))
    assert all(torch.allclose(results[0], other, atol=1e-5) for other in results[1:])


def test_training_is_deterministic_to_the_last_bit():
    known, results = ratings(2), []
    for _ in range(2):
        model = new_model(3)
        history = fit(model, known, known, 3, 0.02, batch_size=50, generator=torch.Generator().manual_seed(4))
        results.append((history, weights(model)))
    assert results[0][0] == results[1][0] and torch.equal(results[0][1], results[1][1])


def test_training_does_not_touch_the_global_generator():
    model, known = new_model(0), ratings(0)
    before = torch.get_rng_state()
    fit(model, known, known, 2, 0.01, batch_size=32, generator=torch.Generator().manual_seed(0))
    assert torch.equal(torch.get_rng_state(), before)


def test_gravity_and_penalty_do_what_they_are_for():
    known = ratings(4)

    def trained(**settings):
        model = new_model(0)
        fit(model, known, known, 60, 0.03, **settings)
        return model.user_factors.weight.detach(), model.item_factors.weight.detach()

    free = trained()
    assert gravity(*trained(gravity_weight=1.0)) < 0.8 * gravity(*free)
    assert penalty(*trained(penalty_weight=0.1)) < 0.8 * penalty(*free)


def test_a_diverged_epoch_is_never_the_best():
    known, model = ratings(5), new_model(0)
    history = fit(model, known, known, 3, 1e30)
    assert not np.isfinite(history[-1][1])
    assert torch.isfinite(weights(model)).all()


BOOKS = """"User-ID";"ISBN";"Book-Rating"
"1";"A";"8"
"1";"B";"0"
"2";"A";"5"
"2";"C";"9"
"3";"B";"7"
"""
BOOK_TITLES = """"ISBN";"Book-Title";"Book-Author";"Year-Of-Publication";"Publisher";\
"Image-URL-S";"Image-URL-M";"Image-URL-L"
"A";"Emma";"J. Austen";"1815";"P";"s";"m";"l"
"B";"Persuasion";"J. Austen";"1817";"P";"s";"m";"l"
"C";"Ulysses";"J. Joyce";"1922";"P";"s";"m";"l"
"""


def write_books(folder):
    (folder / "BX-Book-Ratings.csv").write_text(BOOKS, encoding="iso-8859-1")
    (folder / "BX-Books.csv").write_text(BOOK_TITLES, encoding="iso-8859-1")


def write_ml_100k(folder):
    (folder / "u.data").write_text("1\t1\t5\t1\n1\t2\t3\t2\n2\t1\t4\t3\n3\t3\t1\t4\n3\t2\t2\t5\n")
    marks = "|".join("0" * 19)
    (folder / "u.item").write_text(
        "".join(f"{i}|Film {i} (1995)|01-Jan-1995||url|{marks}\n" for i in (1, 2, 3))
    )
    (folder / "u.user").write_text("".join(f"{u}|30|F|other|00000\n" for u in (1, 2, 3)))
    (folder / "u.genre").write_text("".join(f"genre{g}|{g}\n" for g in range(19)))


@pytest.mark.parametrize(
    ("name", "write", "nnz"), [("book-crossing", write_books, 4), ("ml-100k", write_ml_100k, 5)]
)
def test_another_data_set_trains_by_its_name(name, write, nnz, tmp_path):
    write(tmp_path)
    dataset = load(name, tmp_path, complete=False)
    R = Interactions.from_ratings(dataset.explicit_ratings).matrix
    known = sparse_ratings(*known_cells(R), R.shape)
    assert known._nnz() == nnz, "marks of 0 are no ratings"
    model = BiasedMF(*R.shape, 2, float(R.data.mean()), generator=torch.Generator().manual_seed(0))
    before = rmse(model, known)
    fit(model, known, known, 30, 0.05)
    assert rmse(model, known) < 0.5 * before
    assert len(similar_items(model.item_factors.weight.detach().numpy(), 0, 5)) == 2


def test_the_benchmark_reads_a_published_fold(tmp_path):
    (tmp_path / "u1.base").write_text("1\t2\t5\t880000000\n943\t1682\t3\t880000001\n")
    R = read_fold(tmp_path / "u1.base")
    assert R.shape == (943, 1682) and R.nnz == 2 and R[0, 1] == 5 and R[942, 1681] == 3
