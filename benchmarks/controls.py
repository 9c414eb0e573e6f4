"""Does what a lesson names as the cause still hold beside a control that differs in nothing else?

Run ``python -m benchmarks.controls``, or some of its controls by name: a table each, on ml-latest-small. The
controls that fit into a notebook are in the lessons themselves.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from itertools import product

import numpy as np
import pandas as pd
import torch
from scipy.sparse import csr_array
from threadpoolctl import threadpool_limits

from benchmarks.als import leftovers
from benchmarks.models import MODELS, Fitted, bpr, compiled, of_ratings
from benchmarks.settings import read_setting
from course_utils.data.datasets import load
from course_utils.data.interactions import Interactions, hold_out, known_cells
from course_utils.evaluation.baselines import fit_biases
from course_utils.evaluation.league import league_row, league_split, mean_and_margin
from course_utils.evaluation.metrics import rmse_on
from course_utils.evaluation.places import contest_sizes, ndcg_by_person, places_of_likes
from course_utils.evaluation.ranking import at_least, evaluate_ranking, split_by_user
from course_utils.training.pytorch import settle_torch
from course_utils.training.sgd import train_sgd
from solutions.data_loading import fit_baseline, popular_subset, split_random
from solutions.evaluation import expected_hit_rate
from solutions.explicit_als import fit_als, predict
from solutions.pytorch_mf import BiasedMF, fit, share_from_other_world, sparse_ratings
from solutions.pytorch_mf import two_worlds as cut_in_two
from solutions.sgd import minibatch_step, most_similar, predict_ratings, sgd_step, start_model

DATA = "ml-latest-small"


def ratings() -> csr_array:
    """All ratings of the data set."""
    return Interactions.from_ratings(load(DATA).ratings).matrix


def two_splits() -> tuple[csr_array, csr_array]:
    """Training and validation ratings of units 02 and 03."""
    rest, _ = hold_out(ratings(), 0.1, np.random.default_rng(0))
    train, valid = hold_out(rest, 0.1, np.random.default_rng(1))
    return train, valid


def popular_corner() -> pd.DataFrame:
    """Unit 01: the corner's error is low because of its test ratings, not because of what was fitted on."""
    dataset, rows = load(DATA), []
    interactions, corner = Interactions.from_ratings(dataset.ratings), popular_subset(dataset.ratings)
    users_in = np.isin(interactions.user_ids, corner["user_id"].unique())
    items_in = np.isin(interactions.item_ids, corner["item_id"].unique())

    def inside(R):
        users, items, values = known_cells(R)
        kept = users_in[users] & items_in[items]
        return csr_array((values[kept], (users[kept], items[kept])), shape=R.shape)

    def error(fitted_on, tested_on):
        mu, b_user, b_item = fit_baseline(fitted_on)
        return rmse_on(tested_on, lambda users, items: mu + b_user[users] + b_item[items])

    for seed in range(5):
        train, test = split_random(interactions.matrix, 0.2, np.random.default_rng(seed))
        for name, fitted_on, tested_on in [
            ("fitted on all, tested on all", train, test),
            ("fitted on all, tested on the corner", train, inside(test)),
            ("fitted on the corner, tested on the corner", inside(train), inside(test)),
        ]:
            rows.append({"baseline": name, "RMSE": error(fitted_on, tested_on)})
    return pd.DataFrame(rows).groupby("baseline", sort=False).mean()


def factors_and_penalty() -> pd.DataFrame:
    """Unit 02: more factors do no harm because of the penalty: validation RMSE, with the biases taken off."""
    train, valid = two_splits()
    base = fit_biases(train, 3.0)

    def error(k, reg):
        X, Y, _ = fit_als(leftovers(train, base), k, reg, reg, 4, np.random.default_rng(0))
        return rmse_on(valid, lambda u, i: base.predict(u, i) + predict(0.0, X, Y, u, i))

    table = {f"λ = {reg}": {k: error(k, float(reg)) for k in (2, 8, 20)} for reg in (1, 5, 15)}
    return pd.DataFrame(table).rename_axis("k")


def centred_or_biases() -> pd.DataFrame:
    """Unit 02: centred ALS loses to the biases on films with few ratings, and not beyond a hundred."""
    train, valid = two_splits()
    base, (users, items, stars) = fit_biases(train, 3.0), known_cells(valid)
    centred = csr_array((train.data - base.mu, train.indices, train.indptr), shape=train.shape)
    models = {"biases": base.predict(users, items)}
    for name, left, expected in [
        ("ALS, centred", centred, base.mu),
        ("ALS, biases taken off", leftovers(train, base), models["biases"]),
    ]:
        X, Y, _ = fit_als(left, 20, 15.0, 15.0, 4, np.random.default_rng(0))
        models[name] = expected + predict(0.0, X, Y, users, items)
    counts = np.bincount(train.indices, minlength=train.shape[1])[items]
    groups = pd.cut(counts, [-1, 0, 5, 20, 100, 10_000], labels=["0", "1–5", "6–20", "21–100", "more"])
    squares = pd.DataFrame({name: (stars - guesses) ** 2 for name, guesses in models.items()})
    return np.sqrt(squares.groupby(groups, observed=True).mean()).rename_axis("training ratings of the film")


def strangers_by_epochs() -> pd.DataFrame:
    """Unit 03: the penalty's effect on neighbours with < 5 ratings, apart from that of its epochs."""
    train, _ = two_splits()
    counts = np.bincount(train.indices, minlength=train.shape[1])
    popular = np.argsort(-counts, kind="stable")[:50]

    def strangers(reg, init_std, n_epochs):
        rng = np.random.default_rng(0)
        model = start_model(train, 20, rng, init_std)
        with compiled():
            train_sgd(sgd_step, model, train, 0.01, reg, n_epochs, rng)
        neighbours = np.concatenate([most_similar(model[4], film, 10) for film in popular])
        return np.mean(counts[neighbours] < 5)

    table = {
        f"λ = {reg:g}, start {init_std:g}": {n: strangers(reg, init_std, n) for n in (8, 20, 32, 50)}
        for reg, init_std in [(0.0, 0.1), (0.08, 0.1), (0.08, 0.02)]
    }
    return pd.DataFrame(table).rename_axis("epochs")


def size_of_a_batch() -> pd.DataFrame:
    """Unit 03: large batches fail by η times the repetitions: with a tenth of η they do not. (Valid RMSE.)"""
    train, valid = two_splits()
    users, items, stars = known_cells(train)

    def error(batch_size, lr):
        rng = np.random.default_rng(0)
        model = start_model(train, 20, rng, 0.02)
        for _ in range(3):
            order = rng.permutation(len(stars))
            for first in range(0, len(order), batch_size):
                part = order[first : first + batch_size]
                minibatch_step(*model, users[part], items[part], stars[part], lr, 0.08)
        return rmse_on(valid, lambda u, i: predict_ratings(*model, u, i))

    table = {f"η = {lr:g}": {size: error(size, lr) for size in (64, 1024, 8192)} for lr in (0.01, 0.001)}
    return pd.DataFrame(table).rename_axis("batch size")


def gravity_and_lists() -> pd.DataFrame:
    """Unit 04 and the league: what gravity alone does to lists, at four settings; means of three splits."""
    stars, lists, gravity = (
        read_setting(DATA, f"PyTorch MF{kind}") for kind in ("", ", tuned for lists", ", gravity")
    )
    rows = {}
    for name, setting in {
        "chosen for RMSE": stars,
        "chosen for NDCG@10, without gravity": lists,
        "chosen for NDCG@10, with gravity": gravity,
    }.items():
        for weight in (0.0, gravity["gravity_weight"]):
            controlled = setting | {"gravity_weight": weight}
            rows[name, f"{weight:g}"] = league_means(partial(MODELS["PyTorch MF"], **controlled))
    for weight in (0.0, 10.0):
        rows["as in unit 04", f"{weight:g}"] = league_means(partial(unit_04, gravity_weight=weight))
    return pd.DataFrame(rows).T.rename_axis(["setting", "weight of gravity"])


def league_means(model: Callable[[csr_array, int], Fitted]) -> pd.Series:
    """Measures of a model on the first three splits of the league, averaged."""
    measured = []
    for seed in range(3):
        train, test = league_split(ratings(), seed)
        fitted = model(train, seed)
        measured.append(league_row(train, test, fitted.score, fitted.predict))
    return pd.concat(measured, axis=1).mean(axis=1)[["RMSE", "NDCG@10", "precision@5", "novelty"]]


def unit_04(train: csr_array, seed: int, gravity_weight: float) -> Fitted:
    """Unit 04's model with the penalty: 16 factors, η = 0.02, the best of 8 epochs on validation ratings."""
    known, valid = split_by_user(train, 0.1, np.random.default_rng(1))
    generator = torch.Generator().manual_seed(seed)
    mu = float(known.data.mean())
    m, n = known.shape
    model = BiasedMF(m, n, 16, mu, 0.05, generator)
    fit(
        model,
        sparse_ratings(*known_cells(known), known.shape),
        sparse_ratings(*known_cells(valid), valid.shape),
        8,
        lr=0.02,
        gravity_weight=gravity_weight,
        penalty_weight=0.3,
        batch_size=4096,
        generator=generator,
    )
    names = ("user_bias", "item_bias", "user_factors", "item_factors")
    b_user, b_item, X, Y = (getattr(model, name).weight.detach().double().numpy() for name in names)
    return of_ratings(mu, b_user[:, 0], b_item[:, 0], X, Y)


def two_worlds() -> pd.DataFrame:
    """Unit 04: spurious neighbours at equal epochs and where early stopping chooses; means of two starts."""
    apart, world = cut_in_two(ratings())
    m, n = apart.shape
    rest, valid = hold_out(apart, 0.1, np.random.default_rng(0))
    known, held = (sparse_ratings(*known_cells(part), part.shape) for part in (rest, valid))
    queries = np.flatnonzero(np.bincount(rest.indices, minlength=len(world)) >= 20)[::5]
    kinds = {
        "start N(0, 1)": (1.0, 0.0, 0.0),
        "start N(0, 0.05²)": (0.05, 0.0, 0.0),
        "penalty": (0.05, 0.3, 0.0),
        "penalty + gravity": (0.05, 0.3, 10.0),
    }
    rows: dict[tuple[str, str], list[tuple[float, float, float]]] = {}
    for (name, (init_std, penalty_weight, gravity_weight)), seed in product(kinds.items(), range(2)):
        for stop, chosen_by, n_epochs in [("early", held, 8), ("after 6 epochs", known, 6)]:
            generator = torch.Generator().manual_seed(seed)
            model = BiasedMF(m, n, 16, float(rest.data.mean()), init_std, generator)
            history = fit(
                model,
                known,
                chosen_by,
                n_epochs,
                lr=0.02,
                penalty_weight=penalty_weight,
                gravity_weight=gravity_weight,
                batch_size=4096,
                generator=generator,
            )
            epoch = 1 + int(np.argmin([error for _, error in history]))
            with torch.no_grad():
                error = (model(*held.indices()) - held.values()).square().mean().sqrt().item()
            vectors = model.item_factors.weight.detach()
            spurious = share_from_other_world(vectors, world, queries, 10)
            rows.setdefault((stop, name), []).append((epoch, error, spurious))
    means = {
        key: np.mean(runs, axis=0) for key, runs in sorted(rows.items(), key=lambda row: row[0][0] != "early")
    }
    names = ["epoch", "RMSE valid", "neighbours from the other world"]
    return pd.DataFrame(means, index=names).T.rename_axis(["stopped", "model"])


def popular_negatives() -> pd.DataFrame:
    """Unit 06: popular negatives lose by the measures at other settings, too; on its validation likes."""
    rest, _ = league_split(ratings(), 0)
    train, valid = split_by_user(rest, 0.2, np.random.default_rng(1))
    n_likes = np.bincount(at_least(train).indices, minlength=train.shape[1])
    popular = MODELS["popularity"](train, 0, threshold=4.0)
    rows = {("popularity", ""): league_row(train, valid, popular.score)}
    for lr, reg, n_epochs in [(0.05, 0.01, 100), (0.05, 0.03, 100), (0.02, 0.01, 100), (0.05, 0.01, 30)]:
        for name, weights in [("uniform", None), ("popular", n_likes)]:
            fitted = bpr(train, 0, 4.0, 64, lr, reg, n_epochs, weights)
            rows[f"{name} negatives", f"η = {lr:g}, λ = {reg:g}, {n_epochs} epochs"] = league_row(
                train, valid, fitted.score
            )
    return pd.DataFrame(rows).T[["NDCG@10", "AUC", "coverage", "novelty"]]


def ease_and_history() -> pd.DataFrame:
    """Unit 08: EASE's lead over WRMF by length of history, over five splits, mean ± 95 % margin."""
    R, rows = ratings(), []
    for seed in range(5):
        train, test = league_split(R, seed)
        per_user = {
            name: evaluate_ranking(
                MODELS[name](train, seed, **read_setting(DATA, name)).score,
                train,
                at_least(test),
                per_user=True,
            )
            for name in ("EASE", "WRMF")
        }
        lead = (per_user["EASE"] - per_user["WRMF"])[["NDCG@10", "recall@20"]]
        n_likes = np.diff(at_least(train).indptr)[lead.index]
        group = pd.cut(
            n_likes, [-1, 14, 24, 43, 96, 1_000_000], labels=["–14", "15–24", "25–43", "44–96", "97–"]
        )
        rows.append(lead.groupby(group, observed=True).mean())
    table = (
        pd.concat(rows)
        .groupby(level=0, observed=True)
        .agg(lambda runs: "{:+.3f} ± {:.3f}".format(*mean_and_margin(runs)))
    )
    return table.rename_axis("likes to learn from")


def sampled_lists() -> pd.DataFrame:
    """Unit 09: full lists and one liked film among 100 sampled, over five splits, mean ± 95 % margin."""
    R, rows = ratings(), []
    ease = read_setting(DATA, "EASE")
    models = {name: (name, read_setting(DATA, name)) for name in ("EASE", "WRMF", "WARP", "BPR")}
    for seed in range(5):
        train, test = league_split(R, seed)
        for name, (model, setting) in {**models, "EASE, λ = 100": ("EASE", ease | {"reg": 100.0})}.items():
            scores = MODELS[model](train, seed, **setting).score(np.arange(R.shape[0]))
            places = places_of_likes(scores, train, at_least(test)).to_frame(name)
            sizes = contest_sizes(places, train)
            sampled = expected_hit_rate(places[name].to_numpy(), sizes, 100, 10)
            exact = ndcg_by_person(places)[name].mean()
            rows.append({"model": name, "NDCG@10": exact, "HR@10 among 100": np.mean(sampled)})
    return (
        pd.DataFrame(rows)
        .groupby("model", sort=False)
        .agg(lambda runs: "{:.3f} ± {:.3f}".format(*mean_and_margin(runs)))
    )


CONTROLS: dict[str, Callable[[], pd.DataFrame]] = {
    control.__name__: control
    for control in (
        popular_corner,
        factors_and_penalty,
        centred_or_biases,
        strangers_by_epochs,
        size_of_a_batch,
        gravity_and_lists,
        two_worlds,
        popular_negatives,
        ease_and_history,
        sampled_lists,
    )
}


def main(arguments: list[str] | None = None) -> None:
    """Print the table of each control."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.controls", description=__doc__)
    parser.add_argument("controls", nargs="*", metavar="control", help=", ".join(CONTROLS))
    names = parser.parse_args(arguments).controls or list(CONTROLS)
    if unknown := set(names) - set(CONTROLS):
        parser.error(f"no such control: {', '.join(sorted(unknown))}; there are {', '.join(CONTROLS)}")
    settle_torch(n_threads=1)
    for name in names:
        with threadpool_limits(1), np.errstate(over="ignore", invalid="ignore"):
            table = CONTROLS[name]()
        print(f"\n{name}. {CONTROLS[name].__doc__}\n{table.round(3).to_string()}", flush=True)


if __name__ == "__main__":
    main()
