"""Find the setting of a model for a data set: so many settings at random, judged inside the training part.

Run ``python -m benchmarks.search WRMF --data ml-latest-small``; with ``--write`` the best one goes to
benchmarks/settings.toml. The test part of the split is not looked at.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from threadpoolctl import threadpool_limits

from benchmarks.models import MODELS, Fitted
from benchmarks.peers import PEERS
from benchmarks.protocols import PROTOCOLS, Protocol
from benchmarks.settings import write_setting
from benchmarks.spaces import SPACES
from course_utils.data.datasets import DatasetError, load
from course_utils.data.interactions import Interactions
from course_utils.training.progress_bar import progress_bar

# The search takes the training part of the split of this seed.
SEED = 0


def search(
    fit: Callable[..., Fitted],
    draw: Callable[[np.random.Generator], dict],
    measure: str,
    R: csr_array,
    protocol: Protocol,
    budget: int,
    n_splits: int = 1,
) -> pd.DataFrame:
    """Try settings drawn at random on validation splits of one training part.

    Parameters
    ----------
    fit : callable
        ``fit(train, seed, **setting) -> Fitted``.
    draw : callable
        ``draw(rng)`` draws a setting.
    measure : str
        Measure of the protocol that decides: "RMSE" (the lowest is the best), or another (the highest).
    R : (m, n) csr_array
        All ratings. What `protocol` holds out of them for testing is put aside at once.
    protocol : Protocol
        How ratings are held out and measured, for validation as for testing.
    budget : int
        How many settings to try. One that cannot be trained (it diverges) counts, and is out.
    n_splits : int
        How many validation splits each is tried on; the mean over them counts.

    Returns
    -------
    DataFrame
        ``setting`` (dict) and ``validation``, a row a setting that could be trained, the best first.

    Raises
    ------
    RuntimeError
        If none could be trained; it says why not the last one.
    """
    train, _ = protocol.split(R, SEED)
    splits = [protocol.split(train, [SEED, 1 + number]) for number in range(n_splits)]
    rng = np.random.default_rng(SEED)
    settings: list[dict[str, Any]] = []
    for _ in range(100 * budget):  # a small space has fewer settings than the budget
        drawn = draw(rng)
        if len(settings) < budget and drawn not in settings:
            settings.append(drawn)
    found, obstacle = [], ""
    for setting in progress_bar(settings, desc="settings"):
        try:
            values = [
                protocol.row(rest, held_out, fit(rest, SEED, **setting))[measure] for rest, held_out in splits
            ]
        except (RuntimeError, ValueError, FloatingPointError) as error:
            obstacle = str(error)
            continue
        found.append({"setting": setting, "validation": float(np.mean(values))})
    if not found:
        raise RuntimeError(f"None of {len(settings)} settings could be trained; the last one: {obstacle}")
    table = pd.DataFrame(found).sort_values("validation", ascending=measure == "RMSE", kind="stable")
    return table.reset_index(drop=True)


def main(arguments: list[str]) -> None:
    """Print the best settings of each model, and with --write put the first one into the file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__.split("\n")[0])
    parser.add_argument("models", nargs="+", choices=SPACES, metavar="model", help=", ".join(SPACES))
    parser.add_argument("--data", default="ml-latest-small")
    parser.add_argument("--protocol", choices=PROTOCOLS, default="league")
    parser.add_argument("--budget", type=int, default=40, help="how many settings to try")
    parser.add_argument("--splits", type=int, default=1, help="validation splits for each")
    parser.add_argument("--write", action="store_true", help="put the best one into settings.toml")
    options = parser.parse_args(arguments)
    try:
        R = Interactions.from_ratings(load(options.data).ratings).matrix
    except DatasetError as error:
        sys.exit(str(error))
    protocol = PROTOCOLS[options.protocol][0]
    for model in options.models:
        draw, measure = SPACES[model]
        fit = MODELS[model] if model in MODELS else PEERS[model][0]
        with threadpool_limits(1):
            found = search(fit, draw, measure, R, protocol, options.budget, options.splits)
        print(f"{model} on {options.data}")
        for setting, value in found.head(10).itertuples(index=False):
            print(f"  validation {measure} {value:.4f}  {setting}", flush=True)
        if options.write:
            words = ["python", "-m", "benchmarks.search", model, "--data", options.data]
            words += ["--protocol", options.protocol]
            words += ["--budget", str(options.budget), "--splits", str(options.splits)]
            best, value = found.iloc[0]
            name = options.data + protocol.suffix
            write_setting(name, model, best, shlex.join(words), f"{measure} {value:.4f}")


if __name__ == "__main__":
    main(sys.argv[1:])
