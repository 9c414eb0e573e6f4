"""Plots of unit 07: weights against trials, trials against epochs, the top of the list against all of it.

Every function draws into the axes it is given, or into new ones, and returns them.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from course_utils.evaluation.league import mean_and_margin
from course_utils.plots.style import COLOURS, DASHES, GREY, new_axes

MARKERS = "osD^vPX*"


def plot_weights(curves: dict[str, np.ndarray], ax: Axes | None = None) -> Axes:
    """The weight of a step against the number of trials that it took to find the violator.

    Parameters
    ----------
    curves : dict of str to (max_trials,) array
        Per curve: its name, and the weight after 1, 2, … trials.
    ax : Axes, optional
        Axes to draw into.

    Returns
    -------
    Axes
    """
    ax = new_axes("Found late, weighs little", "trials until the violator", "weight of the step", ax)
    for number, (name, weights) in enumerate(curves.items()):
        trials = np.arange(1, len(weights) + 1)
        ax.step(trials, weights, where="mid", color=COLOURS[number], linestyle=DASHES[number], label=name)
    ax.set_xscale("log")
    ax.set_ylim(bottom=0)
    ax.legend()
    return ax


def plot_search(history: pd.DataFrame, axes: list[Axes]) -> list[Axes]:
    """How hard it is to find a violator, epoch by epoch: trials on the left, share of successes on the right.

    Parameters
    ----------
    history : DataFrame
        What `train_warp` returned.
    axes : list of two Axes
        Where to draw.

    Returns
    -------
    list of Axes
    """
    for ax, column, title, label, number in [
        (axes[0], "trials", "Violators become rare", "mean trials until a violator", 0),
        (axes[1], "found", "More and more pairs are in order", "share of pairs with a violator", 1),
    ]:
        new_axes(title, "epoch", label, ax)
        ax.plot(history.index, history[column], MARKERS[number] + "-", color=COLOURS[number], markersize=4)
    axes[0].set_ylim(bottom=0)
    return axes


def plot_top_and_all(
    runs: dict[str, pd.DataFrame], levels: dict[str, pd.Series], axes: list[Axes]
) -> list[Axes]:
    """Two measures of the same runs after each epoch: of the top of the list, and of the whole list.

    Parameters
    ----------
    runs : dict of str to DataFrame
        Per model: its name; rows are epochs, among the columns are `precision@5` and `AUC`.
    levels : dict of str to Series
        Rivals drawn as thin grey lines with their names: the same measures of each.
    axes : list of two Axes
        Where to draw.

    Returns
    -------
    list of Axes
    """
    for ax, measure, title in [
        (axes[0], "precision@5", "The five places at the top"),
        (axes[1], "AUC", "All pairs of the list"),
    ]:
        new_axes(title, "epoch", f"{measure} (held-out films)", ax)
        for number, (name, values) in enumerate(runs.items()):
            ax.plot(
                values.index,
                values[measure],
                MARKERS[number] + DASHES[number],
                color=COLOURS[number],
                markersize=4,
                label=name,
            )
        for name, level in levels.items():
            ax.axhline(level[measure], color=GREY, linewidth=1)
            ax.annotate(  # beside the axes, where no curve can cross it
                name,
                (1, level[measure]),
                xycoords=("axes fraction", "data"),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                color=GREY,
                fontsize="small",
            )
        ax.legend(loc="best")
    return axes


def plot_places(places: dict[str, np.ndarray], axes: tuple[Axes, Axes] | None = None) -> tuple[Axes, Axes]:
    """What share of the held-out items stands among the first so many places of their users' lists.

    Parameters
    ----------
    places : dict of str to (N,) array of int
        Two models: their names, and the place of every held-out item, counted from 1.
    axes : pair of Axes, optional
        Axes to draw into, for the shares and, below, for the second one's minus the first one's; their
        horizontal scale becomes logarithmic.

    Returns
    -------
    pair of Axes
    """
    if axes is None:
        _, axes = plt.subplots(2, 1, sharex=True, figsize=(6.4, 5.6), height_ratios=[3, 2])
    above, below = axes
    new_axes("Where the held-out films stand", "", "share of held-out films", above)
    ranks = np.unique(np.concatenate([[1], *places.values()]))
    shares = {}
    for number, (name, found) in enumerate(places.items()):
        shares[name] = np.searchsorted(np.sort(found), ranks, side="right") / len(found)
        above.step(
            ranks, shares[name], where="post", color=COLOURS[number], linestyle=DASHES[number], label=name
        )
    first, second = places
    new_axes(f"{second} minus {first}", "place or better", "difference", below)
    lead = shares[second] - shares[first]
    below.plot(ranks, lead, color=GREY, linestyle="-", linewidth=1.2)
    for number, (name, ahead) in enumerate([(first, lead < 0), (second, lead > 0)]):
        below.fill_between(
            ranks,
            lead,
            where=ahead,
            color=COLOURS[number],
            hatch=["", "////"][number],
            edgecolor="white",
            alpha=0.7,
            label=f"{name} is ahead",
        )
    below.axhline(0, color=GREY, linewidth=1, linestyle="-")
    for ax in (above, below):
        ax.axvspan(1, 5, color=COLOURS[4], alpha=0.15, label="the first five")
        ax.set(xscale="log", xlim=(1, ranks.max()))
        ax.legend(loc="upper left" if ax is above else "lower left", fontsize="small")
    return above, below


def plot_league(runs: pd.DataFrame, measures: list[str], highlight: str, axes: list[Axes]) -> list[Axes]:
    """Bars of each model, one panel a measure, a single model in another colour.

    Parameters
    ----------
    runs : DataFrame
        One row a model and seed: column `model`, and the measures. Bars are means over the seeds.
    measures : list of str
        One for each of the axes.
    highlight : str
        The model in the other colour.
    axes : list of Axes
        Where to draw; they share the models' names on the left.

    Returns
    -------
    list of Axes
    """
    means = runs.groupby("model", sort=False)[measures].mean()
    places = np.arange(len(means))[::-1]
    colours = [COLOURS[1] if model == highlight else COLOURS[0] for model in means.index]
    for number, (ax, measure) in enumerate(zip(axes, measures, strict=True)):
        new_axes(measure, "", "", ax)
        bars = ax.barh(places, means[measure], color=colours)
        ax.set_yticks(places, means.index if number == 0 else [""] * len(places))
        ax.bar_label(bars, fmt="%.3f", padding=2, fontsize="small")
        ax.set_xlim(right=1.18 * means[measure].max())
        ax.grid(visible=False, axis="y")
    return axes


def plot_intervals(runs: pd.DataFrame, measures: list[str], axes: list[Axes]) -> list[Axes]:
    """A dot with its 95 % interval for each model, one panel a measure; models of stars in another colour.

    Parameters
    ----------
    runs : DataFrame
        Several rows a model, one for each split: column `model`, the measures, and `RMSE`, which only
        models of stars have.
    measures : list of str
        One for each of the axes. The models are in the order of the first one.
    axes : list of Axes
        Where to draw; they share the models' names on the left.

    Returns
    -------
    list of Axes
    """
    by_model = runs.groupby("model", sort=False)
    order = by_model[measures[0]].mean().sort_values().index
    of_stars = by_model["RMSE"].count().gt(0)[order].to_numpy()
    places = np.arange(len(order))
    for number, (ax, measure) in enumerate(zip(axes, measures, strict=True)):
        new_axes(measure, "mean and 95 % interval", "", ax)
        means, margins = np.transpose([mean_and_margin(by_model.get_group(m)[measure]) for m in order])
        for family, there, marker, colour in [
            ("learned from choices", ~of_stars, "o", COLOURS[0]),
            ("learned from stars", of_stars, "s", COLOURS[1]),
        ]:
            ends = {"xerr": margins[there], "capsize": 3}
            ax.errorbar(means[there], places[there], fmt=marker, color=colour, label=family, **ends)
        ax.set_yticks(places, order if number == 0 else [""] * len(places))
    axes[0].legend(loc="lower right", fontsize="small")
    return axes
