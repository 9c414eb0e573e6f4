"""The plots of unit 09: who leads under which sample, intervals of differences, and recall by propensity."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from course_utils.plots.style import COLOURS, DASHES, GREY, new_axes

MARKERS = "os^D"


def plot_leads(leads: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """By how much each model's hit rate is above that of the first one, against the number of sampled items.

    Parameters
    ----------
    leads : DataFrame
        A column a model, the first of which is 0; indexed by the number of sampled items.
    ax : Axes, optional
        Axes to draw into.

    Returns
    -------
    Axes
    """
    label = f"HR@10 minus that of {leads.columns[0]}"
    ax = new_axes("Whoever is above the line leads", "films sampled, for each like", label, ax)
    for number, name in enumerate(leads):
        ax.plot(
            leads.index, leads[name], color=COLOURS[number], linestyle=DASHES[number],
            marker=MARKERS[number % len(MARKERS)], markersize=4, label=name,
        )  # fmt: skip
    ax.set_xscale("log")
    shown = [n for n in (1, 10, 100, 1000) if leads.index.min() <= n <= leads.index.max()]
    ax.set_xticks(shown, [f"{n:,}" for n in shown])
    ax.minorticks_off()
    ax.legend(ncols=2)
    return ax


def plot_intervals(intervals: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Differences with their intervals, a row each, and a line at 0.

    Parameters
    ----------
    intervals : DataFrame
        Columns `difference`, `low` and `high`, a row a comparison.
    ax : Axes, optional
        Axes to draw into.

    Returns
    -------
    Axes
    """
    ax = new_axes("Does the interval reach 0?", "difference of NDCG@10, with its 95 % interval", "", ax)
    heights = -np.arange(len(intervals))
    middle = intervals["difference"].to_numpy()
    reach = [middle - intervals["low"].to_numpy(), intervals["high"].to_numpy() - middle]
    ax.axvline(0, color=GREY, linestyle="-", linewidth=1)
    ax.errorbar(middle, heights, xerr=reach, fmt="o", linestyle="none", capsize=4, color=COLOURS[0])
    ax.set_yticks(heights, intervals.index)
    ax.set_ylim(-len(intervals) + 0.4, 0.6)
    ax.grid(axis="y", visible=False)
    return ax


def plot_propensities(recalls: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Weighted recall of each model against γ, how strongly the propensity grows with popularity.

    Parameters
    ----------
    recalls : DataFrame
        A column a model, indexed by γ.
    ax : Axes, optional
        Axes to draw into.

    Returns
    -------
    Axes
    """
    ax = new_axes("What a like stands for", "γ: p grows with (likes)^γ", "weighted recall@50", ax)
    for number, name in enumerate(recalls):
        ax.plot(
            recalls.index, recalls[name], color=COLOURS[number], linestyle=DASHES[number],
            marker=MARKERS[number % len(MARKERS)], label=name,
        )  # fmt: skip
    ax.set_ylim(bottom=0)
    ax.legend()
    return ax
