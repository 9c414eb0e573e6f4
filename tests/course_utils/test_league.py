"""The league: its models on tiny data, its tables and files; and what the failure of one model costs."""

from __future__ import annotations

import math
import tomllib

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from benchmarks import league
from benchmarks.models import MODELS, Fitted
from benchmarks.peers import PEERS
from benchmarks.protocols import PROTOCOLS, PUBLISHED, recommenders_row
from benchmarks.search import search
from benchmarks.settings import NOTES, SETTINGS_FILE, read_setting, write_setting
from benchmarks.spaces import SPACES
from course_utils.evaluation.league import (
    DIGITS,
    LEAGUE_FILE,
    league_row,
    league_split,
    league_table,
    mean_and_margin,
    read_league,
)
from tests.needs import peer

LEAGUE, (BY_USER, BY_ITEM) = PROTOCOLS["league"][0], PROTOCOLS["recommenders"]
SMALL, LONG = {"n_factors": 4, "n_epochs": 8}, {"n_factors": 4, "n_epochs": 80}
SETTINGS = {
    "global mean": {},
    "biases": {"reg": 2.0},
    "popularity": {"threshold": 4.0},
    "explicit ALS": SMALL | {"bias_reg": 2.0, "reg": 1.0},
    "SGD": LONG | {"lr": 0.02, "reg": 0.05, "init_std": 0.1},
    "PyTorch MF": LONG | {"lr": 0.05, "penalty_weight": 0.01},
    "PyTorch MF, tuned for lists": LONG | {"lr": 0.05, "penalty_weight": 0.01},
    "PyTorch MF, gravity": LONG | {"lr": 0.05, "penalty_weight": 0.01, "gravity_weight": 0.01},
    "WRMF": SMALL | {"threshold": 4.0, "alpha": 5.0, "reg": 1.0, "reg_exponent": 0.0},
    "BPR": LONG | {"threshold": 4.0, "lr": 0.1, "reg": 0.01},
    "WARP": LONG | {"threshold": 4.0, "lr": 0.05, "max_trials": 10, "max_norm": 2.0},
    "EASE": {"threshold": 4.0, "reg": 5.0},
    "implicit ALS": SMALL | {"threshold": 4.0, "alpha": 5.0, "reg": 1.0},
    "implicit BPR": LONG | {"threshold": 4.0, "lr": 0.1, "reg": 0.01},
    "LightFM WARP": LONG | {"threshold": 4.0, "lr": 0.05, "max_trials": 10},
    "Surprise SVD": LONG | {"lr": 0.02, "reg": 0.05, "init_std": 0.1},
}
RATE = ["biases", "explicit ALS", "SGD", *(name for name in MODELS if "PyTorch" in name), "Surprise SVD"]


@pytest.fixture(scope="module")
def R() -> csr_array:
    """Two tastes: even users prefer even items, odd users odd ones; and some items are better than others."""
    rng = np.random.default_rng(0)
    users, items = np.indices((60, 40))
    same = users % 2 == items % 2
    known = rng.random((60, 40)) < np.where(same, 0.6, 0.2)
    stars = np.where(same, 4.0, 2.0) + rng.normal(scale=0.7, size=40)
    return csr_array(np.clip(np.rint(2 * stars) / 2, 0.5, 5.0) * known)


@pytest.fixture(scope="module")
def by_chance(R) -> pd.Series:
    train, test = league_split(R, 0)
    noise = np.random.default_rng(0).random(R.shape)
    return league_row(train, test, lambda users: noise[users])


def with_peers():
    """All models; the test of one whose package is missing is skipped, saying so."""
    for name, fit in MODELS.items():
        yield pytest.param(name, fit, id=name)
    for name, (fit, package) in PEERS.items():
        yield pytest.param(name, fit, id=name, marks=peer(package).mark)


@pytest.mark.parametrize(("name", "fit"), list(with_peers()))
def test_every_model_trains_scores_and_is_the_same_under_the_same_seed(name, fit, R, by_chance):
    train, test = league_split(R, 0)
    before = train.copy()
    fitted, again = (fit(train, 7, **SETTINGS[name]) for _ in range(2))
    assert (train != before).nnz == 0, "A model must leave the training ratings as they are."
    users = np.array([5, 3])
    np.testing.assert_allclose(fitted.score(users), again.score(users), rtol=1e-5, atol=1e-7)
    row = league_row(train, test, fitted.score, fitted.predict)
    if name == "global mean":
        assert row["AUC"] == 0.5
    elif name == "popularity":
        assert row["AUC"] < 0.8, "Popularity cannot know two tastes."
    elif name != "biases":
        assert row["AUC"] > by_chance["AUC"] + 0.15, "Two tastes are easily told apart."
    if name in RATE:
        assert row["RMSE"] < league_row(train, test, *parts(MODELS["global mean"](train, 0)))["RMSE"]
        everything = fitted.predict(np.repeat(users, 40), np.tile(np.arange(40), 2)).reshape(2, 40)
        np.testing.assert_allclose(everything, fitted.score(users))


def parts(fitted: Fitted) -> tuple:
    return fitted.score, fitted.predict


def test_surprise_without_ratings_for_some(R):
    peer("scikit-surprise").require()
    holes = R.toarray()
    holes[4], holes[:, 9] = 0, 0
    fitted = PEERS["Surprise SVD"][0](csr_array(holes), 0, **SETTINGS["Surprise SVD"])
    mean = holes[holes > 0].mean()
    assert fitted.predict(np.array([4]), np.array([9])) == pytest.approx(mean)


def test_the_row_clips_to_the_scale_and_counts_only_liked_items(R):
    train, test = league_split(R, 1)
    high = league_row(
        train, test, lambda users: np.zeros((len(users), 40)), lambda u, i: np.full(len(u), 99.0)
    )
    assert high["RMSE"] == pytest.approx(np.sqrt(np.mean((test.data - 5.0) ** 2)))
    perfect = league_row(train, test, lambda users: 1.0 * (test[users].toarray() >= 4))
    assert perfect[["NDCG@10", "recall@20", "AUC"]].tolist() == pytest.approx([1, 1, 1])
    assert math.isnan(perfect["RMSE"])


def by_their_definition(scores, train, test, k):
    """Average precision, nDCG, precision and recall of the recommenders-team, one user at a time."""
    rows = []
    for u in range(len(scores)):
        relevant = set(test[[u]].indices.tolist())
        if not relevant:
            continue
        seen = set(train[[u]].indices.tolist())
        ranked = [i for i in np.argsort(-scores[u], kind="stable").tolist() if i not in seen][:k]
        places = [place for place, i in enumerate(ranked, start=1) if i in relevant]
        average = sum((number + 1) / place for number, place in enumerate(places)) / len(relevant)
        ideal = sum(1 / math.log(1 + place) for place in range(1, min(k, len(relevant)) + 1))
        ndcg = sum(1 / math.log(1 + place) for place in places) / ideal
        rows.append([average, ndcg, len(places) / k, len(places) / len(relevant)])
    return np.mean(rows, axis=0)


@pytest.mark.parametrize("seed", range(5))
def test_the_other_protocol_as_by_its_definitions(R, seed):
    scores = np.random.default_rng(seed).random(R.shape)
    train, test = BY_USER.split(R, seed)
    got = recommenders_row(train, test, Fitted(lambda users: scores[users]))
    assert list(got.index) == list(PUBLISHED.columns)
    np.testing.assert_allclose(got.to_numpy(), by_their_definition(scores, train, test, 10))


def test_its_splits_hold_out_a_quarter_of_each_row_or_column(R):
    for protocol, axis in ((BY_USER, 1), (BY_ITEM, 0)):
        train, test = protocol.split(R, 3)
        np.testing.assert_array_equal((train + test).toarray(), R.toarray())
        sizes, held_out = ((part.toarray() != 0).sum(axis=axis) for part in (R, test))
        np.testing.assert_array_equal(held_out, np.rint(sizes / 4))


def test_one_models_failure_does_not_lose_the_others(R):
    def broken(train, seed):
        raise ZeroDivisionError("no luck")

    models = {"broken": (broken, "nobody"), "biases": (MODELS["biases"], "course")}
    runs, failures = league.compete(models, "tiny", R, LEAGUE, 2, lambda data, name: SETTINGS.get(name, {}))
    assert failures == ["broken on tiny failed: ZeroDivisionError: no luck"]
    assert runs["model"].tolist() == ["biases", "biases"]
    assert runs["seed"].tolist() == [0, 1]
    assert set(DIGITS) < set(runs.columns)


def test_runs_are_stored_and_read_again(R, tmp_path):
    models = {"global mean": (MODELS["global mean"], "course")}
    runs, _ = league.compete(models, "tiny", R, LEAGUE, 3)
    file = tmp_path / "league.csv"
    league.store(runs, file, "python -m benchmarks.league --write")
    assert file.read_text().startswith("# python -m benchmarks.league --write\n")
    again = read_league("tiny", file=file)
    pd.testing.assert_frame_equal(again, runs, rtol=1e-5, check_dtype=False)
    assert read_league("tiny", seed=2, file=file)["seed"].tolist() == [2]
    with pytest.raises(
        ValueError, match="no run on data='huge', seed=None; it has data tiny and seeds 0, 1, 2"
    ):
        read_league("huge", file=file)


def test_new_runs_take_the_place_of_their_model_and_lose_no_other(tmp_path):
    file = tmp_path / "league.csv"

    def runs(data, *models, value):
        rows = [(data, "course", model, seed, value) for model in models for seed in range(2)]
        return pd.DataFrame(rows, columns=["data", "by", "model", "seed", "RMSE"])

    first = pd.concat([runs("one", "WRMF", "biases", value=1.0), runs("two", "biases", value=2.0)])
    league.store(first, file, "python -m benchmarks.league --write")
    league.store(
        runs("one", "SGD", "biases", value=3.0), file, "python -m benchmarks.league --models … --write"
    )
    assert file.read_text(encoding="utf-8").splitlines()[:2] == [
        "# python -m benchmarks.league --write",
        "# python -m benchmarks.league --models … --write",
    ]
    one = read_league("one", file=file)
    assert one["model"].tolist() == ["biases", "biases", "SGD", "SGD", "WRMF", "WRMF"], (
        "in the league's order"
    )
    assert one["RMSE"].tolist() == [3.0, 3.0, 3.0, 3.0, 1.0, 1.0]
    assert read_league("two", file=file)["RMSE"].tolist() == [2.0, 2.0]
    league.store(first, file, "python -m benchmarks.league --data one two --write")
    again = file.read_text(encoding="utf-8")
    assert "SGD" in again and "--models …" in again, "What is not run again stays, and so does its command."


def test_mean_and_margin_by_hand():
    # Five values: Student's t with four degrees of freedom is 2.776 at 97.5 %.
    values = [1.0, 2.0, 3.0, 4.0, 5.0]
    mean, margin = mean_and_margin(values)
    assert mean == 3.0
    assert margin == pytest.approx(2.7764 * math.sqrt(2.5 / 5), rel=1e-4)
    assert math.isnan(mean_and_margin([1.0])[1])


def test_the_table_as_people_read_it():
    runs = pd.DataFrame(
        {
            "model": ["b", "a", "a"],
            "RMSE": [math.nan, 0.9, 0.9],
            "NDCG@10": [0.12345, 0.2, 0.3],
            "seconds": [1.0, 2.0, 2.0],
        }
    )
    table = league_table(runs)
    assert table.index.tolist() == ["b", "a"]
    assert table.loc["b"].tolist() == ["–", "0.123", "1.0"]
    assert table.loc["a"].tolist() == ["0.900 ± 0.000", "0.250 ± 0.635", "2.0 ± 0.0"]


def test_a_setting_is_written_and_read_again(tmp_path):
    file = tmp_path / "settings.toml"
    setting = {"n_factors": 8, "reg": 0.5, "name": 'a "b"', "flag": True}
    write_setting("ml-100k", "PyTorch MF, gravity", setting, "python -m …", "RMSE 0.9", file)
    write_setting("ml-100k", "WRMF", {"reg": 1.0}, "python -m …", "NDCG@10 0.2", file)
    write_setting("ml-100k", "WRMF", {"reg": 2.0}, "python -m …", "NDCG@10 0.3", file)
    assert read_setting("ml-100k", "PyTorch MF, gravity", file) == setting
    assert read_setting("ml-100k", "WRMF", file) == {"reg": 2.0}
    with pytest.raises(LookupError, match='benchmarks.search "BPR" --data ml-100k --write'):
        read_setting("ml-100k", "BPR", file)


def test_every_setting_in_the_file_says_how_it_was_found_and_fits_its_model():
    settings = tomllib.loads(SETTINGS_FILE.read_text(encoding="utf-8"))
    for data, tables in settings.items():
        for model, table in tables.items():
            assert table["found_by"].startswith("python -m benchmarks.search "), (data, model)
            drawn = SPACES[model][0](np.random.default_rng(0))
            assert set(table) - set(NOTES) == set(drawn), (data, model)


def test_the_search_stays_inside_the_training_part_and_sorts_by_its_measure(R):
    train, _ = LEAGUE.split(R, 0)
    seen = []

    def watched(rest, seed, reg):
        seen.append(rest)
        return MODELS["biases"](rest, seed, reg)

    draw = SPACES["biases"][0]
    found = search(watched, draw, "RMSE", R, LEAGUE, budget=3, n_splits=2)
    assert len(seen) == 6
    for rest in seen:
        assert rest.nnz < train.nnz
        assert (rest.multiply(train != 0) != rest).nnz == 0, "Ratings of the test part were trained on."
    assert found["validation"].is_monotonic_increasing
    ndcg = search(MODELS["popularity"], SPACES["popularity"][0], "NDCG@10", R, LEAGUE, budget=9)
    assert len(ndcg) == 2, "There are two settings to draw."
    assert ndcg["validation"].is_monotonic_decreasing


def test_a_search_in_which_nothing_trains_says_why(R):
    def diverges(rest, seed, reg):
        raise RuntimeError("Training diverged in epoch 1")

    with pytest.raises(RuntimeError, match="None of 2 settings could be trained; .*diverged in epoch 1"):
        search(diverges, SPACES["biases"][0], "RMSE", R, LEAGUE, budget=2)


def test_the_stored_league_is_whole_and_in_a_plausible_order():
    runs = read_league()
    assert set(runs.loc[runs["by"] == "course", "model"]) == set(MODELS)
    assert LEAGUE_FILE.read_text(encoding="utf-8").startswith("# python -m benchmarks.league")
    means = runs.groupby("model")[["NDCG@10", "RMSE"]].mean()
    assert means.loc["WRMF", "NDCG@10"] > means.loc["popularity", "NDCG@10"]
    assert means.loc["SGD", "RMSE"] < means.loc["global mean", "RMSE"]
