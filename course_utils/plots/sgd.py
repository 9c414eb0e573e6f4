"""Plots of unit 03: learning curves, shrunken biases, errors by popularity, shelves of similar films.

Every function draws into the axes it is given, or into new ones, and returns them.
"""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from course_utils.plots.style import COLOURS, DASHES, GREY, draw_levels, new_axes

MARKERS = "osD^vPX*"
HATCHES = ["", "////", "...."]  # so that bars differ in grey print
SHRINKAGE_GROUPS = [1, 3, 21]  # from how many ratings on: few, some, many


def plot_learning(
    histories: dict[str, pd.DataFrame],
    title: str,
    references: dict[str, float],
    column: str = "valid",
    ax: Axes | None = None,
    stops: dict[str, int] | None = None,
) -> Axes:
    """A loss after each epoch, a line for each run, a marker at one of its epochs.

    Parameters
    ----------
    histories : dict of str to DataFrame
        Per run: its name, and what `train_sgd` returned.
    title : str
        What the reader sees.
    references : dict of str to float
        Levels drawn as thin grey lines with their names, in stars.
    column : str
        Which loss: "train" or "valid".
    ax : Axes, optional
        Axes to draw into.
    stops : dict of str to int, optional
        Per run: the row of its history that is marked, from 0 (what `best_epoch` returned); without it, the
        lowest loss.

    Returns
    -------
    Axes
    """
    kind = {"train": "training", "valid": "validation"}[column]
    ax = new_axes(title, "epoch", f"{kind} RMSE (stars)", ax)
    for number, (name, history) in enumerate(histories.items()):
        losses = history[column]
        marked = int(losses.argmin()) if stops is None else stops[name]
        style: dict[str, Any] = {"color": COLOURS[number], "linestyle": DASHES[number]}
        marker: dict[str, Any] = {"marker": MARKERS[number], "markevery": [marked], "markersize": 8}
        ax.plot(losses.index, losses, label=name, **style, **marker)
    draw_levels(ax, references)
    ax.legend()
    return ax


def plot_paths(paths: dict[str, np.ndarray], target: float, axes: list[Axes]) -> list[Axes]:
    """Steps down the loss of one rating, ½ (target − x·y)², over x and y: one panel a path. Dark is low.

    Parameters
    ----------
    paths : dict of str to (steps + 1, 2) array
        Per path: its name, and x and y from the start on.
    target : float
        The rating minus the mean.
    axes : list of Axes
        One for each path.

    Returns
    -------
    list of Axes
    """
    x, y = np.meshgrid(np.linspace(0, 2.2, 150), np.linspace(0, 2.2, 150))
    depths = np.log10(0.5 * (target - x * y) ** 2 + 1e-3)
    for ax, (name, path) in zip(axes, paths.items(), strict=True):
        new_axes(name, "x of the user", "y of the film", ax)
        ax.contourf(x, y, depths, levels=12, cmap="Greys_r", alpha=0.5)
        ax.plot(*path.T, color=COLOURS[1], linestyle="-", marker="o", markersize=4, linewidth=1.2)
        ax.plot(*path[0], "s", color=COLOURS[0], markersize=9)
        ax.annotate("start", path[0], xytext=(-6, 8), textcoords="offset points", ha="right")
        ax.grid(False)
        ax.set(xlim=(0, 2.2), ylim=(0, 2.2), aspect="equal")
    return axes


def shrinkage_slopes(
    deviations: np.ndarray, biases: np.ndarray, n_ratings: np.ndarray
) -> dict[str, tuple[np.ndarray, float, float]]:
    """How much of an item's deviation reaches its bias, for items with few, some and many ratings.

    Parameters
    ----------
    deviations, biases, n_ratings : (n,) array
        As for `plot_shrinkage`.

    Returns
    -------
    dict of str to (array of bool, float, float)
        Per group, its name: which items it has, and the slope and height of the straight line through them
        (least squares). Slope 1 is no shrinkage. Groups of fewer than two different deviations are left out.
    """
    slopes = {}
    for low, high in zip(SHRINKAGE_GROUPS, [*SHRINKAGE_GROUPS[1:], None], strict=True):
        chosen = (n_ratings >= low) & (n_ratings < (high or np.inf))
        if len(np.unique(deviations[chosen])) > 1:
            slope, height = np.polyfit(deviations[chosen], biases[chosen], 1)
            name = f"{low}–{high - 1}" if high else f"{low} or more"
            slopes[f"{name} ratings"] = (chosen, float(slope), float(height))
    return slopes


def plot_shrinkage(
    deviations: np.ndarray, biases: np.ndarray, n_ratings: np.ndarray, ax: Axes | None = None
) -> Axes:
    """What a model learned of each item beside what a plain mean says.

    Parameters
    ----------
    deviations : (n,) array
        Mean rating of each item minus the mean of all, in stars.
    biases : (n,) array
        The learned b_i, in stars.
    n_ratings : (n,) array of int
        How many ratings stand behind each item, at least 1; few, some and many have a colour and a line each.
    ax : Axes, optional
        Axes to draw into.

    Returns
    -------
    Axes
    """
    ax = new_axes("Few ratings, smaller bias", "item's mean − μ (stars)", "learned bias b_i (stars)", ax)
    outline = [patheffects.Stroke(linewidth=4.5, foreground="white"), patheffects.Normal()]
    slopes = shrinkage_slopes(deviations, biases, n_ratings)
    for number, (name, (chosen, slope, height)) in enumerate(slopes.items()):
        style: dict[str, Any] = {"color": COLOURS[[1, 5, 6][number]], "linestyle": DASHES[number]}
        x, y = deviations[chosen], biases[chosen]
        # Items with many ratings are few, and drawn on top.
        ax.scatter(x, y, s=[7, 9, 11][number], color=style["color"], alpha=0.35, linewidths=0)
        ends = np.array([x.min(), x.max()])
        label = f"{name}: slope {slope:.2f}"
        ax.plot(ends, height + slope * ends, label=label, zorder=4, path_effects=outline, **style)
    ends = np.array([deviations.min(), deviations.max()])
    ax.plot(ends, ends, color=GREY, linestyle=":", linewidth=1.2, label="no shrinkage: slope 1")
    ax.legend(loc="lower right", fontsize="small", handlelength=3)
    return ax


def plot_gain_by_popularity(
    n_ratings: np.ndarray, residuals: dict[str, np.ndarray], ax: Axes | None = None
) -> Axes:
    """How far models are above or below a rival in RMSE, by how many training ratings the item has.

    Parameters
    ----------
    n_ratings : (N,) array of int
        Per held-out rating: the number of training ratings of its item.
    residuals : dict of str to (N,) array
        Per model: its name, and rating minus prediction for the same ratings, in stars. The first is the
        rival; each other one gets bars of its RMSE minus the rival's, with 95 % intervals.
    ax : Axes, optional
        Axes to draw into.

    Returns
    -------
    Axes
        The number of held-out ratings of each group stands above it.
    """
    (rival, base), *models = residuals.items()
    ax = new_axes(
        "Who gains from factors?",
        "training ratings of the film",
        f"RMSE minus that of the {rival} (stars)",
        ax,
    )
    edges = np.array([0, 1, 3, 6, 11, 21, 51, 101, max(int(n_ratings.max()), 101) + 1])
    groups = np.digitize(n_ratings, edges) - 1
    present = np.unique(groups)
    places, width = np.arange(len(present)), 0.8 / len(models)
    for number, (name, residual) in enumerate(models):
        gains = [rmse_difference(residual[groups == group], base[groups == group]) for group in present]
        middle, margin = np.array(gains).T
        style: dict[str, Any] = {"color": COLOURS[number + 1], "hatch": HATCHES[number % len(HATCHES)]}
        ax.bar(
            places + (number - (len(models) - 1) / 2) * width,
            middle,
            width,
            yerr=margin,
            error_kw={"elinewidth": 1.2, "capsize": 2},
            edgecolor="white",
            label=name,
            **style,
        )
    ax.axhline(0, color=GREY, linewidth=1, linestyle="-")
    ends = zip(edges[present], edges[present + 1] - 1, strict=True)
    labels = [f"{low}" if low == high else f"{low}–{high}" if low < 101 else "> 100" for low, high in ends]
    ax.set_xticks(places, labels)
    above = ax.secondary_xaxis("top")
    above.set_xticks(places, [f"{np.sum(groups == group):,}" for group in present])
    above.set_xlabel("held-out ratings", fontsize="small")
    for axis in (ax, above):
        axis.tick_params(axis="x", labelsize="small")
    ax.grid(visible=False, axis="x")
    ax.legend()
    return ax


def rmse_difference(residuals: np.ndarray, others: np.ndarray) -> tuple[float, float]:
    """RMSE of one model minus that of another on the same ratings, and half of its 95 % interval.

    Parameters
    ----------
    residuals, others : (N,) array
        Rating minus prediction of the two models, in stars, for the same ratings.

    Returns
    -------
    difference, margin : float
        In stars. The margin takes the ratings as independent of each other; nan for fewer than two.
    """
    sum_of_rmses = np.sqrt(np.mean(residuals**2)) + np.sqrt(np.mean(others**2))
    # (a² − b²) / (a + b) = a − b: the mean of paired differences is known with its spread.
    paired = (residuals**2 - others**2) / sum_of_rmses
    spread = paired.std(ddof=1) if len(paired) > 1 else np.nan
    return float(paired.mean()), float(1.96 * spread / np.sqrt(len(paired)))


def plot_shelf(
    query: str, titles: list[str], n_ratings: list[int], caption: str, ax: Axes | None = None
) -> Axes:
    """A shelf of films as posters of text; those that hardly anybody rated are drawn pale.

    Parameters
    ----------
    query : str
        Title of the film that the shelf is about.
    titles : list of str
        Titles of the films on it, most similar first.
    n_ratings : list of int
        How many people rated each.
    caption : str
        Which model says so.
    ax : Axes, optional
        Axes to draw into.

    Returns
    -------
    Axes
    """
    ax = new_axes(f"More like {query} — {caption}", "", "", ax)
    for place, (title, count) in enumerate(zip(titles, n_ratings, strict=True)):
        known = count >= 20
        ax.add_patch(
            FancyBboxPatch(
                (place + 0.08, 0.1),
                0.84,
                0.8,
                boxstyle="round,pad=0,rounding_size=0.05",
                facecolor=COLOURS[0] if known else "#DDE6EC",
                edgecolor=COLOURS[0],
                hatch=None if known else "....",
            )
        )
        colour = "white" if known else "black"
        name, _, year = title.rpartition(" (")
        shown = "\n".join(textwrap.wrap(textwrap.shorten(name or title, 48, placeholder="…"), 13))
        style: dict[str, Any] = {"ha": "center", "color": colour}
        box: dict[str, Any] = {}
        if not known:
            box["bbox"] = {"facecolor": "#DDE6EC", "edgecolor": "none", "pad": 1.5}
        ax.text(place + 0.5, 0.6, shown, va="center", fontsize=9, weight="bold", **style, **box)
        people = f"{count} rating" + ("s" if count != 1 else "")
        ax.text(place + 0.5, 0.16, f"{year.rstrip(')')}\n{people}", va="bottom", fontsize=8, **style, **box)
    ax.set(xlim=(0, len(titles)), ylim=(0, 1), xticks=[], yticks=[])
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    return ax
