"""The course's plots, in one style: labelled, readable in print and by colour-blind readers.

Importing this module puts matplotlib into the style, for a notebook's own plots, too. (A style set only while
axes are made, by `rc_context`, would undo the interactive mode that notebooks need to show plots.)

Every function draws into the axes it is given, or into new ones, and returns them.
"""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
from cycler import cycler
from matplotlib.axes import Axes

# Okabe and Ito's palette: eight colours that people with any common colour blindness tell apart.
# Lines also differ in dash and marker, so that they stay apart in grey print.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442"]
DASHES = ["-", "--", "-.", ":", "-", "--", "-.", ":"]
GREY = "#555555"

STYLE = {
    "axes.prop_cycle": cycler(color=COLOURS) + cycler(linestyle=DASHES),
    "axes.grid": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.titlesize": "medium",
    "axes.titlelocation": "left",
    "figure.figsize": (6.4, 3.8),
    "figure.dpi": 100,
    "figure.constrained_layout.use": True,
    "font.size": 11,
    "grid.color": "#DDDDDD",
    "legend.frameon": False,
    "lines.linewidth": 2,
    "image.cmap": "viridis",
}
plt.style.use(STYLE)


def new_axes(title: str, xlabel: str, ylabel: str, ax: Axes | None = None) -> Axes:
    """Axes in the course's style, with a title and both labels.

    Parameters
    ----------
    title, xlabel, ylabel : str
        What the reader sees; give units in the labels.
    ax : Axes, optional
        Axes to label in place of new ones.

    Returns
    -------
    Axes
    """
    if ax is None:
        _, ax = plt.subplots()
    ax.set(title=title, xlabel=xlabel, ylabel=ylabel)
    return ax


def draw_levels(ax: Axes, levels: Mapping[str, float]) -> None:
    """Thin grey lines across the axes, each with its name at its right end: what curves are compared with.

    Parameters
    ----------
    ax : Axes
        Axes to draw into.
    levels : mapping of str to float
        Per line: its name and its height.
    """
    for name, level in levels.items():
        ax.axhline(level, color=GREY, linestyle="-", linewidth=1)
        ax.annotate(
            name,
            (1, level),
            xycoords=("axes fraction", "data"),
            xytext=(-2, 3),
            textcoords="offset points",
            ha="right",
            color=GREY,
            fontsize="small",
        )


def panels(n: int, width: float = 5.2, height: float = 3.8, sharey: bool = False) -> list[Axes]:
    """Axes side by side in one figure, in the course's style.

    Parameters
    ----------
    n : int
        How many.
    width, height : float
        Size of each, in inches.
    sharey : bool
        Whether all have the same vertical scale.

    Returns
    -------
    list of Axes
    """
    _, axes = plt.subplots(1, n, figsize=(n * width, height), sharey=sharey, squeeze=False)
    return list(axes.flat)
