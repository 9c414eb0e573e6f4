"""The league table: all models of the course on the same splits, and other packages beside them.

    python -m benchmarks.league                          ml-latest-small, and ml-100k if MF_DATA_DIR has it
    python -m benchmarks.league --peers                  with implicit, LightFM and scikit-surprise
    python -m benchmarks.league --protocol recommenders  ml-100k beside the recommenders-team's figures

Each seed draws a split and the start of every model. The settings are those of benchmarks/settings.toml,
found inside the training part of seed 0's split: what the other seeds hold out, the search has partly seen.
The seconds are the processor's in training, on one thread, without the compilation. With ``--write`` the runs
are stored, in the place of the same models' earlier ones: those of the league in
course_utils/evaluation/league.csv, which unit 7 shows.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from threadpoolctl import threadpool_limits

from benchmarks.models import MODELS, Fitted
from benchmarks.peers import PEERS, package_of
from benchmarks.protocols import PROTOCOLS, PUBLISHED, Protocol
from benchmarks.settings import read_setting
from course_utils.data.datasets import DatasetError, load
from course_utils.data.interactions import Interactions
from course_utils.evaluation.league import DIGITS, LEAGUE_FILE, league_table
from course_utils.training.progress_bar import progress_bar
from course_utils.training.pytorch import settle_torch

FILES = {"league": LEAGUE_FILE, "recommenders": Path(__file__).with_name("recommenders.csv")}
DATA = {"league": ["ml-latest-small", "ml-100k"], "recommenders": ["ml-100k"]}
# Models that rank by what is liked; those of ratings have no place in the second comparison.
RANKERS = ["popularity", "WRMF", "BPR", "WARP"]
NO_SETTING = {"global mean"}


def contestants(protocol: str, peers: bool) -> dict[str, tuple[Callable[..., Fitted], str]]:
    """Models of a comparison by name, each with who wrote it; a line for each package that is not there."""
    names = RANKERS if protocol == "recommenders" else list(MODELS)
    chosen = {name: (MODELS[name], "course") for name in names}
    for name in PEERS if peers else []:
        try:
            chosen[name] = (PEERS[name][0], package_of(name))
        except PackageNotFoundError as error:
            print(f"{name} is left out, {error.name} is not installed: see benchmarks/requirements.txt")
    return chosen


def warm_up(fit: Callable[..., Fitted], setting: dict) -> None:
    """Train on next to nothing, so that compiling and importing is done before the clock runs."""
    rng = np.random.default_rng(0)
    tiny = csr_array(rng.integers(1, 6, size=(20, 30)) * (rng.random((20, 30)) < 0.5).astype(float))
    fit(tiny, 0, **(setting | {"n_epochs": 1} if "n_epochs" in setting else setting))


def run(
    fit: Callable[..., Fitted], setting: dict, protocol: Protocol, R: csr_array, seed: int
) -> dict[str, float]:
    """Train a model on the split of a seed and measure it.

    Parameters
    ----------
    fit : callable
        ``fit(train, seed, **setting) -> Fitted``.
    setting : dict
        Its keyword arguments.
    protocol : Protocol
        How to split and to measure.
    R : (m, n) csr_array
        All ratings, in stars.
    seed : int
        Of the split, and of the model's start.

    Returns
    -------
    dict
        The measures of the protocol, and ``seconds`` of training.
    """
    train, test = protocol.split(R, seed)
    start = time.process_time()  # of the processor: what else the machine does costs nobody a place
    fitted = fit(train, seed, **setting)
    seconds = time.process_time() - start
    return {**protocol.row(train, test, fitted), "seconds": seconds}


def compete(
    models: dict[str, tuple[Callable[..., Fitted], str]],
    data: str,
    R: csr_array,
    protocol: Protocol,
    n_seeds: int,
    setting_of: Callable[[str, str], dict] = read_setting,
) -> tuple[pd.DataFrame, list[str]]:
    """Run every model on every seed. A model that fails is left out from there on, and the others go on.

    Parameters
    ----------
    models : dict
        As `contestants` returns it.
    data : str
        Name of the data set.
    R : (m, n) csr_array
        Its ratings.
    protocol : Protocol
        How to split and to measure.
    n_seeds : int
        Seeds 0 … n_seeds − 1.
    setting_of : callable
        ``setting_of(data, model)`` returns a setting.

    Returns
    -------
    runs : DataFrame
        A row a run: ``data``, ``by``, ``model``, ``seed``, and what `run` returns.
    failures : list of str
        A line for each model that failed, with the error.
    """
    rows, failures = [], []
    bar = progress_bar(models.items(), desc=data)
    for name, (fit, by) in bar:
        try:
            setting = {} if name in NO_SETTING else setting_of(data + protocol.suffix, name)
            warm_up(fit, setting)
            for seed in range(n_seeds):
                measured = run(fit, setting, protocol, R, seed)
                rows.append({"data": data, "by": by, "model": name, "seed": seed, **measured})
        # Whatever goes wrong in one model, another package's too, must not cost the results of the others.
        except Exception as error:
            failures.append(f"{name} on {data} failed: {type(error).__name__}: {error}")
    return pd.DataFrame(rows), failures


def store(runs: pd.DataFrame, file: Path, command: str) -> None:
    """Write the runs as a table, in the place of earlier ones of the same models and data; others stay.

    The comments at the top are the commands that wrote what the table holds, the newest last.
    """
    commands = [f"# {command}"]
    if file.exists():
        keys = [name for name in ("data", "by", "model", "protocol") if name in runs]
        earlier = pd.read_csv(file, comment="#")
        renewed = pd.MultiIndex.from_frame(earlier[keys]).isin(pd.MultiIndex.from_frame(runs[keys]))
        if not renewed.all():
            lines = file.read_text(encoding="utf-8").splitlines()
            written_by = [line for line in lines if line.startswith("# python") and line not in commands]
            commands = written_by + commands
            runs = in_order(pd.concat([earlier[~renewed], runs]))
    head = [*commands, "# Seconds are the processor's in training, on one thread."]
    file.write_text("\n".join([*head, runs.to_csv(index=False, float_format="%.6g")]), encoding="utf-8")
    print(f"\n{len(runs)} runs are in {file}")


def in_order(runs: pd.DataFrame) -> pd.DataFrame:
    """The runs by data and protocol, as they come first, by model, as in the league, and by seed."""
    columns = [name for name in ("data", "protocol", "model", "seed") if name in runs]
    values = {name: list(runs[name].unique()) for name in columns} | {"model": [*MODELS, *PEERS]}
    values["seed"] = sorted(values["seed"])
    return runs.sort_values(columns, key=lambda column: column.map(values[column.name].index))


def show(runs: pd.DataFrame, protocol: Protocol, title: str) -> None:
    """Print one table, for the second comparison with the published figures in their places."""
    digits = DIGITS
    if protocol.suffix:
        digits = {**dict.fromkeys(PUBLISHED.columns, 3), "seconds": 1}
        published = PUBLISHED.rename_axis("model").reset_index().assign(by="published")
        published["model"] += ", published"
        runs = pd.concat([runs, published])
        order = runs.groupby("model")["NDCG@10"].mean().sort_values(ascending=False)
        runs = runs.set_index("model").loc[order.index].reset_index()
    print(f"\n{title}")
    print(league_table(runs, digits).to_string(), flush=True)


def main(arguments: list[str]) -> None:
    """Print the tables; exit code 1 if a model failed, after the others' results."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.league",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", action="append", help="a data set; may be repeated")
    parser.add_argument("--seeds", type=int, default=5, help="how many")
    parser.add_argument("--models", nargs="+", help="only these")
    parser.add_argument("--peers", action="store_true", help="other packages, too")
    parser.add_argument("--protocol", choices=PROTOCOLS, default="league")
    parser.add_argument("--write", action="store_true", help="store the runs")
    options = parser.parse_args(arguments)
    if options.peers and options.protocol != "league":
        parser.error("--peers goes with the league: the other comparison has its published figures")
    models = contestants(options.protocol, options.peers)
    if unknown := set(options.models or []) - set(models):
        parser.error(f"no such model: {', '.join(sorted(unknown))}; there are {', '.join(models)}")
    models = {name: models[name] for name in options.models or models}
    settle_torch(n_threads=1)
    tables, failures = [], []
    for data in options.data or DATA[options.protocol]:
        try:
            R = Interactions.from_ratings(load(data).ratings).matrix
        except DatasetError as error:
            print(f"{data}: {str(error).split(' Remedy:')[0]}")
            continue
        for protocol in PROTOCOLS[options.protocol]:
            with threadpool_limits(1):
                runs, failed = compete(models, data, R, protocol, options.seeds)
            failures += failed
            if len(runs):
                show(runs, protocol, f"{data}: {protocol.title}, {options.seeds} seeds, mean ± 95 % margin")
                tables.append(runs.assign(protocol=protocol.title) if protocol.suffix else runs)
    if options.write and tables:
        command = shlex.join(["python", "-m", "benchmarks.league", *arguments])
        store(pd.concat(tables), FILES[options.protocol], command)
    if failures:
        sys.exit("\n".join(["", *failures]))


if __name__ == "__main__":
    main(sys.argv[1:])
