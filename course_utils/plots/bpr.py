"""Plots of unit 06: losses by difference, draws of negatives, learning curves, and the head and the tail.

Every function draws into the axes it is given, or into new ones, and returns them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from course_utils.plots.style import COLOURS, DASHES, GREY, draw_levels, new_axes

MARKERS = "osD^vP"
HATCHES = ["", "////", "...."]  # so that bars differ in grey print
# Lower ends of the groups of items, by how many people like them.
LIKES = np.array([0, 1, 3, 10, 30, 100])


def plot_losses(functions: dict[str, Callable[[np.ndarray], np.ndarray]], ax: Axes | None = None) -> Axes:
    """What a triple costs, by its difference d.

    Parameters
    ----------
    functions : dict of str to callable
        Per curve: its name, and a function of an array of differences.
    ax : Axes, optional
        Axes to draw into.

    Returns
    -------
    Axes
    """
    ax = new_axes("What a triple costs", "difference d = score of i − score of j", "cost", ax)
    d = np.linspace(-4, 4, 201)
    for number, (name, function) in enumerate(functions.items()):
        ax.plot(d, function(d), color=COLOURS[number], linestyle=DASHES[number], label=name)
    ax.axhline(0, color=GREY, linewidth=1)
    ax.axvline(0, color=GREY, linewidth=1)
    ax.legend()
    return ax


def plot_draws(
    draws: dict[str, np.ndarray], positives: np.ndarray, n_items: int, ax: Axes | None = None
) -> Axes:
    """How often each item was drawn as a negative.

    Parameters
    ----------
    draws : dict of str to (size,) array of int
        Per way of drawing: its name, and the codes that it drew.
    positives : (n_u,) array of int
        Codes of the user's items; their places are shaded.
    n_items : int
        Number of items.
    ax : Axes, optional
        Axes to draw into.

    Returns
    -------
    Axes
    """
    ax = new_axes(
        "Who is drawn as a negative?", "item (shaded: chosen by the user)", "share of the draws", ax
    )
    for item in positives:
        ax.axvspan(item - 0.5, item + 0.5, color="#E6E6E6", zorder=0)
    width = 0.8 / len(draws)
    places = np.arange(n_items)
    for number, (name, codes) in enumerate(draws.items()):
        shares = np.bincount(codes, minlength=n_items) / len(codes)
        offset = (number - (len(draws) - 1) / 2) * width
        ax.bar(
            places + offset,
            shares,
            width,
            color=COLOURS[number],
            hatch=HATCHES[number % len(HATCHES)],
            edgecolor="white",
            label=name,
        )
    level = 1 / (n_items - len(positives))
    ax.axhline(level, color=GREY, linestyle="--", linewidth=1, label="all alike")
    ax.set_xticks(places)
    ax.grid(visible=False, axis="x")
    ax.legend(fontsize="small")
    return ax


def plot_curves(
    curves: dict[str, pd.Series],
    title: str,
    ylabel: str,
    references: dict[str, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """A quantity after each epoch, a line for each run.

    Parameters
    ----------
    curves : dict of str to Series
        Per run: its name, and the values, indexed by epoch.
    title, ylabel : str
        What the reader sees.
    references : dict of str to float, optional
        Levels drawn as thin grey lines with their names.
    ax : Axes, optional
        Axes to draw into.

    Returns
    -------
    Axes
    """
    ax = new_axes(title, "epoch", ylabel, ax)
    for number, (name, values) in enumerate(curves.items()):
        ax.plot(values.index, values, color=COLOURS[number], linestyle=DASHES[number], label=name)
    draw_levels(ax, references or {})
    ax.legend(fontsize="small")
    return ax


def group_by_likes(n_likes: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Groups of items, from those that nobody likes to those that most people do.

    Parameters
    ----------
    n_likes : (N,) array of int
        How many people like each item.

    Returns
    -------
    groups : (N,) array of int
        Number of the group of each, from 0.
    names : list of str
        What the groups hold, for example "3–9".
    """
    names = [
        f"{low}" if high == low + 1 else f"{low}–{high - 1}"
        for low, high in zip(LIKES[:-1], LIKES[1:], strict=True)
    ]
    return np.searchsorted(LIKES, n_likes, side="right") - 1, [*names, f"{LIKES[-1]}+"]


def plot_head_and_tail(
    shares: dict[str, np.ndarray], names: list[str], title: str, ylabel: str, ax: Axes | None = None
) -> Axes:
    """A share for each group of items, from the tail to the head, a bar for each model.

    Parameters
    ----------
    shares : dict of str to (n_groups,) array
        Per model: its name, and one share a group, between 0 and 1.
    names : list of str
        Names of the groups, see `group_by_likes`.
    title, ylabel : str
        What the reader sees.
    ax : Axes, optional
        Axes to draw into.

    Returns
    -------
    Axes
    """
    ax = new_axes(title, "likes of the film in training", ylabel, ax)
    places, width = np.arange(len(names)), 0.8 / len(shares)
    for number, (name, values) in enumerate(shares.items()):
        ax.bar(
            places + (number - (len(shares) - 1) / 2) * width,
            values,
            width,
            color=COLOURS[number],
            hatch=HATCHES[number % len(HATCHES)],
            edgecolor="white",
            label=name,
        )
    ax.set_xticks(places, names)
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    ax.grid(visible=False, axis="x")
    ax.legend(fontsize="small")
    return ax
