"""The plots of unit 04: training, lengths against popularity, two worlds, weight decay, a map of films."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from scipy.sparse import csr_array

from course_utils.plots.style import COLOURS, new_axes

MARKERS = ["o", "s", "^", "D"]
# Edges of the groups of items by their number of ratings; the first group has none or one.
POPULARITY_EDGES = [0, 2, 3, 5, 9, 17, 33, 65, 129, 10**9]


def plot_training(
    history: Sequence[tuple[float, float]],
    title: str,
    rivals: Mapping[str, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """RMSE over training and validation ratings after each epoch, and which epoch is the best one.

    Parameters
    ----------
    history : sequence of (float, float)
        RMSE over train and over valid, in stars.
    title : str
    rivals : mapping of str to float, optional
        RMSE over valid of models without epochs, drawn as horizontal lines.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    ax = new_axes(title, "epoch", "RMSE (stars)", ax)
    epochs = np.arange(1, len(history) + 1)
    for position, (label, curve) in enumerate(zip(["train", "valid"], np.transpose(history), strict=True)):
        style = MARKERS[position] + ["-", "--"][position]
        ax.plot(epochs, curve, style, color=COLOURS[position], markersize=4, label=label)
    best = int(np.argmin([valid for _, valid in history]))
    ax.annotate(
        f"best epoch: {best + 1}",
        (best + 1, history[best][1]),
        xytext=(12, -26),
        textcoords="offset points",
        arrowprops={"arrowstyle": "->"},
    )
    for position, (label, error) in enumerate((rivals or {}).items()):
        ax.axhline(error, color=COLOURS[position + 2], linestyle=":", label=f"{label} (valid)")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2)  # below: inside, it would hide a line
    return ax


def plot_lengths(
    counts: np.ndarray, lengths: Mapping[str, np.ndarray], title: str, ax: Axes | None = None
) -> Axes:
    """Median length of the items' vectors against how many ratings they have.

    Parameters
    ----------
    counts : (n,) array of int
        Ratings of each item.
    lengths : mapping of str to (n,) array
        Per model, the length of each item's vector. The band holds the middle half of a group of items.
    title : str
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    ax = new_axes(title, "training ratings of the film", "length of its vector", ax)
    groups = np.digitize(counts, POPULARITY_EDGES) - 1
    for position, (label, values) in enumerate(lengths.items()):
        shown = [group for group in range(len(POPULARITY_EDGES) - 1) if (groups == group).any()]
        x = [max(1.0, float(np.mean(counts[groups == group]))) for group in shown]
        low, middle, high = np.transpose([np.percentile(values[groups == g], [25, 50, 75]) for g in shown])
        style: dict[str, Any] = {"color": COLOURS[position], "marker": MARKERS[position % len(MARKERS)]}
        ax.plot(x, middle, label=label, linestyle=["-", "--", "-.", ":"][position % 4], **style)
        ax.fill_between(x, low, high, color=COLOURS[position], alpha=0.15, linewidth=0)
    ax.set_xscale("log")
    ax.set_ylim(bottom=0)
    ax.legend()
    return ax


def plot_worlds(R: csr_array, world: np.ndarray, title: str, ax: Axes | None = None) -> Axes:
    """All ratings as dots, the users of one world above those of the other.

    Parameters
    ----------
    R : (m, n) csr_array
        Ratings; users with an even code are drawn first.
    world : (n,) array of int
        World of each item, 0 before 1: a line is drawn where it changes.
    title : str
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    ax = new_axes(title, "film", "user, the even ones first", ax)
    users = np.repeat(np.arange(R.shape[0]), np.diff(R.indptr))
    n_even = (R.shape[0] + 1) // 2
    place = users // 2 + n_even * (users % 2)
    for position, colour in enumerate(COLOURS[:2]):
        there = world[R.indices] == position
        # As pixels: tens of thousands of dots are a large file otherwise.
        ax.plot(R.indices[there], place[there], ",", color=colour, rasterized=True)
    border = int(np.argmax(world)) - 0.5
    ax.axvline(border, color="black", linewidth=1, linestyle="-")
    ax.axhline(n_even - 0.5, color="black", linewidth=1, linestyle="-")
    ax.set(xlim=(0, R.shape[1]), ylim=(R.shape[0], 0))
    n_items = R.shape[1] - border
    for x, y in [(border + n_items / 2, n_even / 2), (border / 2, n_even * 1.5)]:
        ax.text(x, y, "no rating", ha="center", va="center")
    return ax


def plot_decay(
    curves: Mapping[str, Sequence[float]], title: str, frozen: float | None = None, ax: Axes | None = None
) -> Axes:
    """Training RMSE after each epoch, a line for each weight decay.

    Parameters
    ----------
    curves : mapping of str to sequence of float
        Label to RMSE, in stars.
    title : str
    frozen : float, optional
        The error of a model that says the mean to everything, drawn as a dotted line.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    ax = new_axes(title, "epoch", "training RMSE (stars)", ax)
    for position, (label, curve) in enumerate(curves.items()):
        ax.plot(
            np.arange(1, len(curve) + 1),
            curve,
            color=COLOURS[position],
            marker=MARKERS[position % len(MARKERS)],
            linestyle=["-", "--", "-.", ":"][position % 4],
            label=label,
        )
    if frozen is not None:
        ax.axhline(frozen, color="black", linestyle=":", linewidth=1)
        ax.annotate(  # above the marks of a curve that lies on the line
            "always the mean",
            (ax.get_xlim()[1], frozen),
            xytext=(0, 6),
            textcoords="offset points",
            va="bottom",
            ha="right",
        )
    ax.set_xticks(range(1, 1 + max(map(len, curves.values()))))
    ax.set_ylim(top=None if frozen is None else frozen + 0.08)
    ax.legend(title="weight decay")
    return ax


def plot_map(
    points: np.ndarray, groups: Sequence[str], titles: Mapping[int, str], title: str, ax: Axes | None = None
) -> Axes:
    """Items on a plane, marked by group.

    Parameters
    ----------
    points : (items, 2) array
    groups : sequence of str
        Group of each item; an empty string for items in none, which are drawn small and grey.
    titles : mapping of int to str
        Items to write a name at.
    title : str
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    ax = new_axes(title, "first principal axis", "second principal axis", ax)
    group_of = np.asarray(groups)
    x, y = points.T
    nowhere = group_of == ""
    ax.scatter(x[nowhere], y[nowhere], s=6, color="#BBBBBB", label="others")
    for position, group in enumerate(dict.fromkeys(g for g in groups if g)):
        there = group_of == group
        style: dict[str, Any] = {"color": COLOURS[position], "marker": MARKERS[position], "alpha": 0.8}
        ax.scatter(x[there], y[there], s=28, label=group, **style)
    middle = (x.min() + x.max()) / 2
    for item, name in titles.items():
        # Towards the middle, so that no name runs out of the axes.
        side: dict[str, Any] = {"xytext": (4, 3)} if x[item] < middle else {"xytext": (-4, 3), "ha": "right"}
        ax.annotate(name, points[item], textcoords="offset points", fontsize=8, **side)
    ax.legend()
    return ax
