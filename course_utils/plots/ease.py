"""The plots of unit 08: NDCG along the penalty, cost of two forms, and who gains, by length of history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from course_utils.plots.style import COLOURS, DASHES, draw_levels, new_axes

MARKERS = "os^D"


def plot_path(values: pd.Series, measure: str, levels: Mapping[str, float], ax: Axes | None = None) -> Axes:
    """A measure along the penalty λ, with other models as levels.

    Parameters
    ----------
    values : Series
        The measure, indexed by λ.
    measure : str
        Its name.
    levels : mapping of str to float
        Per other model: its name and its measure.
    ax : Axes, optional
        Axes to draw into.

    Returns
    -------
    Axes
    """
    ax = new_axes(f"{measure} over three orders of magnitude", "λ, penalty", f"{measure} (validation)", ax)
    ax.plot(values.index, values, color=COLOURS[0], marker=MARKERS[0], label="EASE")
    draw_levels(ax, levels)
    ax.set_xscale("log")
    ax.set_xticks(list(values.index), [f"{reg:g}" for reg in values.index])
    ax.minorticks_off()
    ax.set_ylim(0, 1.15 * max(values.max(), *levels.values()))
    ax.legend(loc="lower center")
    return ax


def plot_costs(sizes: Sequence[int], seconds: Mapping[str, Sequence[float]], ax: Axes | None = None) -> Axes:
    """Time against the number of items, both on logarithmic scales, a line for each way to compute.

    Parameters
    ----------
    sizes : sequence of int
        Numbers of items n.
    seconds : mapping of str to sequence of float
        Per way: its name, and the seconds for each n.
    ax : Axes, optional
        Axes to draw into.

    Returns
    -------
    Axes
    """
    ax = new_axes("The same scores, two ways", "n, number of films", "seconds", ax)
    for number, (name, times) in enumerate(seconds.items()):
        ax.plot(
            sizes, times, color=COLOURS[number], linestyle=DASHES[number], marker=MARKERS[number], label=name
        )
    ax.set(xscale="log", yscale="log")
    ax.set_xticks(sizes, [f"{size:,}" for size in sizes])
    ax.minorticks_off()
    ax.legend()
    return ax


def plot_groups(table: pd.DataFrame, label: str, ax: Axes | None = None) -> Axes:
    """A measure of two or more models, side by side, for groups of users.

    Parameters
    ----------
    table : DataFrame
        A row a group, a column a model.
    label : str
        The measure.
    ax : Axes, optional
        Axes to draw into.

    Returns
    -------
    Axes
    """
    ax = new_axes("Who gains?", "likes to learn from, per person", label, ax)
    width = 0.8 / table.shape[1]
    for number, name in enumerate(table):
        places = np.arange(len(table)) + (number - (table.shape[1] - 1) / 2) * width
        ax.bar(
            places, table[name], width, color=COLOURS[number], label=name, hatch=("", "//", "..")[number % 3],
            edgecolor="white",
        )  # fmt: skip
    ax.set_xticks(range(len(table)), table.index)
    ax.grid(axis="x", visible=False)
    ax.set_ylim(0, 1.2 * table.to_numpy().max())  # room for the legend
    ax.legend(loc="upper left", ncols=table.shape[1])
    return ax
