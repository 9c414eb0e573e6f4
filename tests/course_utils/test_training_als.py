"""The compiled updates of ALS give what the references give, with any number of threads."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from course_utils.training.als import faster, train_wrmf, update_explicit, update_weighted
from solutions import explicit_als, wrmf


def some_ratings(m: int, n: int, seed: int) -> csr_array:
    """Ratings with a full row, rows of one cell, an empty first and last row, and a stored 0."""
    rng = np.random.default_rng(seed)
    known = rng.random((m, n)) < rng.choice([0.02, 0.1, 0.6], size=(m, 1))
    known[[0, -1]] = False
    known[1] = True
    users, items = np.nonzero(known)
    return csr_array((rng.integers(0, 6, size=len(users)).astype(float), (users, items)), shape=(m, n))


def fixed_factors(n: int, k: int) -> np.ndarray:
    return np.random.default_rng(1).normal(scale=0.5, size=(n, k))


def test_wrmf_by_half_steps_lowers_the_objective_and_draws_from_its_rng_alone():
    R = some_ratings(20, 15, seed=0)
    reached = [
        wrmf.objective(R, *train_wrmf(R, 3, 2.0, 0.5, n_epochs, np.random.default_rng(0)), 2.0, 0.5)
        for n_epochs in (1, 2, 5)
    ]
    assert reached[0] > reached[1] > reached[2]
    X, Y = train_wrmf(R, 3, 2.0, 0.5, 1, np.random.default_rng(0))
    assert np.allclose(
        X, wrmf.update_factors(R, 0.1 / 3**0.5 * np.random.default_rng(0).normal(size=(15, 3)), 2.0, 0.5)
    )
    assert np.allclose(Y, wrmf.update_factors(R.T, X, 2.0, 0.5))
    with pytest.raises(ValueError, match="n_epochs is 0"):
        train_wrmf(R, 3, 2.0, 0.5, 0, np.random.default_rng(0))


# (twin, reference, arguments behind R and fixed)
PAIRS = {
    "explicit": (update_explicit, explicit_als.update_factors, (0.3,)),
    "weighted": (update_weighted, wrmf.update_factors, (2.0, 0.3)),
    "weighted, a penalty a row": (update_weighted, wrmf.update_factors, (2.0, np.linspace(0.1, 2, 60))),
}


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize(("n", "k"), [(40, 1), (40, 7), (33, 64), (300, 192)])
def test_the_twin_gives_what_the_reference_gives(pair, n, k):
    twin, reference, penalties = PAIRS[pair]
    R, fixed = some_ratings(60, n, seed=k), fixed_factors(n, k)
    before = R.copy(), fixed.copy()
    wanted = reference(R, fixed, *penalties)
    assert np.allclose(twin(R, fixed, *penalties), wanted, rtol=1e-9, atol=1e-12)
    assert (R != before[0]).nnz == 0 and np.array_equal(fixed, before[1]), "nothing is changed"
    in_single = twin(R, fixed, *penalties, dtype=np.float32)
    assert in_single.dtype == np.float32 and np.allclose(in_single, wanted, rtol=1e-2, atol=1e-3)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("pair", PAIRS)
def test_the_result_is_the_same_with_any_number_of_threads(pair, dtype):
    twin, _, penalties = PAIRS[pair]
    R, fixed = some_ratings(60, 40, seed=3), fixed_factors(40, 17)
    alone = twin(R, fixed, *penalties, dtype=dtype, n_threads=1)
    for n_threads in (2, 3, 8, None):
        assert np.array_equal(twin(R, fixed, *penalties, dtype=dtype, n_threads=n_threads), alone)


@pytest.mark.parametrize("pair", ["explicit", "weighted"])
def test_a_transpose_whole_numbers_and_another_memory_order_do(pair):
    twin, reference, penalties = PAIRS[pair]
    R, fixed = some_ratings(40, 60, seed=4).astype(int), np.asfortranarray(fixed_factors(40, 5))
    assert np.allclose(twin(R.T, fixed, *penalties), reference(R.T, fixed, *penalties))


@pytest.mark.parametrize("shape", [(0, 5), (3, 5)])
def test_without_cells_there_are_zeros(shape):
    for twin, _, penalties in (PAIRS["explicit"], PAIRS["weighted"]):
        assert np.array_equal(
            twin(csr_array(shape), fixed_factors(5, 2), *penalties), np.zeros((shape[0], 2))
        )


def test_a_row_without_a_unique_solution_is_named():
    R = csr_array(np.array([[1.0, 2.0, 3.0], [1.0, 0.0, 0.0]]))
    fixed = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    with pytest.raises(np.linalg.LinAlgError, match=r"row 1 .* is λ above 0\? It is 0"):
        update_explicit(R, fixed, 0.0)


def test_factors_of_other_columns_are_refused():
    with pytest.raises(ValueError, match="fixed has 4 rows; R has 5 columns"):
        update_weighted(csr_array((3, 5)), fixed_factors(4, 2), 1.0, 1.0)


@pytest.mark.parametrize("pair", PAIRS)
def test_a_right_update_is_made_faster_without_a_word(pair, capsys):
    twin, reference, penalties = PAIRS[pair]
    R, fixed, calls = some_ratings(60, 40, seed=5), fixed_factors(40, 6), []

    def counted(R, *rest):
        calls.append(R.shape[0])
        return reference(R, *rest)

    assert np.allclose(faster(counted, twin)(R, fixed, *penalties), reference(R, fixed, *penalties))
    assert len(calls) == 1 and calls[0] <= 5 and capsys.readouterr().out == ""


def test_another_update_runs_as_it_is_and_says_so(capsys):
    def twice(R, fixed, reg):
        return 2 * explicit_als.update_factors(R, fixed, reg)

    R, fixed = some_ratings(60, 40, seed=6), fixed_factors(40, 6)
    assert np.array_equal(faster(twice, update_explicit)(R, fixed, 0.5), twice(R, fixed, 0.5))
    assert capsys.readouterr().out == "twice gives other factors than update_explicit: it runs as it is.\n"
