"""The course's plots, in one style: labelled, readable in print and by colour-blind readers.

Every function draws into the axes it is given, or into new ones, and returns them.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from scipy.sparse import csr_array

# Okabe and Ito's palette: eight colours that people with any common colour blindness tell apart.
# Lines also differ in dash and marker, so that they stay apart in grey print.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442"]
DASHES = ["-", "--", "-.", ":", "-", "--", "-.", ":"]

STYLE = {
    "axes.prop_cycle": cycler(color=COLOURS) + cycler(linestyle=DASHES),
    "axes.grid": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
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
        with plt.rc_context(STYLE):
            _, ax = plt.subplots()
            ax.set_axisbelow(True)
    ax.set(title=title, xlabel=xlabel, ylabel=ylabel)
    return ax


# Unit 02, explicit ALS


def plot_half_steps(history: list[float], ax: Axes | None = None) -> Axes:
    """The objective after each half-step of ALS, users and items told apart.

    Parameters
    ----------
    history : list of float
        Values after users, items, users, items, …
    ax : Axes, optional
        Axes to draw into.

    Returns
    -------
    Axes
    """
    ax = new_axes("Each half-step lowers L", "epoch (users, then items)", "objective L (squared stars)", ax)
    epochs = (np.arange(len(history)) + 1) / 2
    ax.plot(epochs, history, color="#888888", linestyle="-", linewidth=1, zorder=1)
    ax.plot(epochs[::2], history[::2], "o", color=COLOURS[0], linestyle="", label="after the users")
    ax.plot(epochs[1::2], history[1::2], "s", color=COLOURS[1], linestyle="", label="after the items")
    ax.legend()
    return ax


def plot_errors(
    values: list[float],
    errors: dict[str, list[tuple[float, float]]],
    title: str,
    xlabel: str,
    references: dict[str, float],
    ax: Axes | None = None,
) -> Axes:
    """Training and validation RMSE against a setting (λ, k) on a logarithmic scale, beside levels to beat.

    Parameters
    ----------
    values : list of float
        The settings that were tried.
    errors : dict of str to list of (float, float)
        Per model: its name, and for each value the RMSE on training and on validation ratings, in stars.
    title, xlabel : str
        What the reader sees.
    references : dict of str to float
        Levels drawn as thin grey lines with their names.
    ax : Axes, optional
        Axes to draw into.

    Returns
    -------
    Axes
    """
    ax = new_axes(title, xlabel, "RMSE (stars)", ax)
    for colour, marker, (name, pairs) in zip(COLOURS, "osD^vPX*", errors.items(), strict=False):
        train, validation = zip(*pairs, strict=True)
        ax.plot(values, validation, color=colour, marker=marker, linestyle="-", label=f"{name}: validation")
        ax.plot(
            values,
            train,
            color=colour,
            marker=marker,
            markerfacecolor="white",
            linestyle=":",
            label=f"{name}: training",
        )
    for name, level in references.items():
        ax.axhline(level, color="#555555", linestyle="-", linewidth=1)
        ax.annotate(
            name,
            (1, level),
            xycoords=("axes fraction", "data"),
            xytext=(-2, 3),
            textcoords="offset points",
            ha="right",
            color="#555555",
            fontsize="small",
        )
    ax.set_xscale("log")
    ax.set_xticks(values, [f"{value:g}" for value in values])
    ax.minorticks_off()
    ax.legend()
    return ax


def plot_predictions(
    actual: np.ndarray, predictions: dict[str, np.ndarray], title: str, ax: Axes | None = None
) -> Axes:
    """How predictions are spread over the scale of stars, beside the true ratings.

    Parameters
    ----------
    actual : (n,) array
        True ratings in half stars, 0.5 … 5: drawn as grey bars.
    predictions : dict of str to (n,) array
        Per model: its name and its predictions, which may leave the scale.
    title : str
        What the reader sees.
    ax : Axes, optional
        Axes to draw into.

    Returns
    -------
    Axes
    """
    ax = new_axes(title, "stars", "share of the held-out ratings", ax)
    bins = np.arange(-1.25, 6.3, 0.5)  # a bin around each half star
    weights = np.full(len(actual), 1 / len(actual))
    ax.hist(actual, bins, weights=weights, color="#CCCCCC", label="true ratings")
    for number, (name, predicted) in enumerate(predictions.items()):
        ax.hist(
            np.clip(predicted, bins[0], bins[-1]),
            bins,
            weights=weights,
            histtype="step",
            linewidth=2,
            color=COLOURS[number],
            linestyle=DASHES[number],
            label=name,
        )
    ax.legend()
    return ax


def plot_ends(names: list[str], values: np.ndarray, title: str, n: int = 7, ax: Axes | None = None) -> Axes:
    """The items at both ends of one factor.

    Parameters
    ----------
    names : list of str
        One name an item; long ones are cut.
    values : (len(names),) array
        The items' values of the factor.
    title : str
        What the reader sees.
    n : int
        How many items to show at each end.
    ax : Axes, optional
        Axes to draw into.

    Returns
    -------
    Axes
    """
    ax = new_axes(title, "value of the factor", "", ax)
    order = np.argsort(values)
    ends = np.concatenate([order[:n], order[-n:]])
    colours = [COLOURS[1]] * n + [COLOURS[0]] * n
    ax.barh(np.arange(2 * n), values[ends], color=colours)
    shown = [names[item] if len(names[item]) <= 34 else names[item][:33] + "…" for item in ends]
    ax.set_yticks(np.arange(2 * n), shown, fontsize="small")
    ax.axhline(n - 0.5, color="#555555", linewidth=1, linestyle="-")
    ax.grid(axis="y", visible=False)
    return ax


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
    with plt.rc_context(STYLE):
        _, axes = plt.subplots(1, n, figsize=(n * width, height), sharey=sharey, squeeze=False)
        for ax in axes.flat:
            ax.set_axisbelow(True)
    return list(axes.flat)


def long_tail(counts: np.ndarray, n_head: int | None = None, ax: Axes | None = None) -> Axes:
    """Ratings of each item against the item's rank, both on logarithmic axes.

    Parameters
    ----------
    counts : (n,) array of int
        Number of ratings of each item, in any order; items without ratings are left out.
    n_head : int, optional
        Mark so many of the most rated items and say which share of the ratings they hold.
    ax : Axes, optional
        Axes to draw into.

    Returns
    -------
    Axes
    """
    ax = new_axes("The long tail", "rank of the item (1 = most rated)", "ratings of the item", ax)
    ordered = np.sort(counts[counts > 0])[::-1]
    ax.loglog(np.arange(1, len(ordered) + 1), ordered, color=COLOURS[0])
    if n_head is not None:
        share = ordered[:n_head].sum() / ordered.sum()
        ax.axvline(n_head, color=COLOURS[1], linestyle="--")
        label = f"  the first {n_head} items:\n  {share:.0%} of the ratings"
        ax.text(n_head, ordered[-1], label, color=COLOURS[1], va="bottom")
    return ax


def ratings_per_user(counts: np.ndarray, ax: Axes | None = None) -> Axes:
    """Histogram of the users' numbers of ratings, in bins of equal width on a logarithmic axis.

    Parameters
    ----------
    counts : (m,) array of int
        Number of ratings of each user; users without ratings are left out.
    ax : Axes, optional
        Axes to draw into.

    Returns
    -------
    Axes
    """
    ax = new_axes("Ratings per user", "ratings of the user", "users", ax)
    known = counts[counts > 0]
    ax.hist(known, bins=np.geomspace(known.min(), known.max(), 25), color=COLOURS[0], edgecolor="white")
    ax.set_xscale("log")
    median = np.median(known)
    ax.axvline(median, color=COLOURS[1], linestyle="--", label=f"median: {median:g}")
    ax.axvline(known.mean(), color=COLOURS[2], linestyle="-.", label=f"mean: {known.mean():.0f}")
    ax.legend()
    return ax


def rating_histogram(ratings: np.ndarray, ax: Axes | None = None) -> Axes:
    """How often each rating was given.

    Parameters
    ----------
    ratings : (N,) array
        Ratings, in stars.
    ax : Axes, optional
        Axes to draw into.

    Returns
    -------
    Axes
    """
    ax = new_axes("Which ratings are given", "rating (stars)", "share of the ratings (%)", ax)
    stars, counts = np.unique(ratings, return_counts=True)
    width = 0.8 * np.diff(stars).min(initial=1.0)
    ax.bar(stars, 100 * counts / counts.sum(), width=width, color=COLOURS[0])
    ax.axvline(np.mean(ratings), color=COLOURS[1], linestyle="--", label=f"mean: {np.mean(ratings):.2f}")
    ax.set_xticks(stars)
    ax.legend()
    return ax


def timeline(
    train: np.ndarray, test: np.ndarray, cut: np.datetime64 | None = None, ax: Axes | None = None
) -> Axes:
    """How the ratings of train and those of test spread over the years, each as shares of their own number.

    Parameters
    ----------
    train, test : (N,) array of datetime64
        When the ratings were given.
    cut : datetime64, optional
        A date to mark.
    ax : Axes, optional
        Axes to draw into.

    Returns
    -------
    Axes
    """
    ax = new_axes("When the ratings were given", "year", "share of the part's ratings (%)", ax)
    for times, name, offset, colour, hatch in [
        (train, "train", 0.3, COLOURS[5], None),
        (test, "test", 0.7, COLOURS[1], "////"),  # hatched: so the two differ in grey print
    ]:
        years, counts = np.unique(_years(times).astype(int), return_counts=True)
        shares = 100 * counts / counts.sum()
        ax.bar(years + offset, shares, width=0.4, color=colour, hatch=hatch, label=f"{name}: {len(times):,}")
    if cut is not None:
        ax.axvline(_years(cut), color=COLOURS[6], linestyle="--", label=f"cut: {np.datetime64(cut, 'D')}")
    ax.legend()
    return ax


def _years(times: np.ndarray) -> np.ndarray:
    """Times as years of the common era with a fraction: 2016.5 is July 2016."""
    days = np.asarray(times, dtype="datetime64[D]")
    start = days.astype("datetime64[Y]")
    return start.astype(int) + 1970 + (days - start.astype("datetime64[D]")).astype(int) / 366


def spy(R: csr_array, n_rows: int = 100, n_columns: int = 200, ax: Axes | None = None) -> Axes:
    """A corner of a rating matrix: known cells in the colour of their rating, unknown ones white.

    Parameters
    ----------
    R : (m, n) csr_array
        Ratings, in stars.
    n_rows, n_columns : int
        Size of the corner.
    ax : Axes, optional
        Axes to draw into.

    Returns
    -------
    Axes
    """
    cells = R[:n_rows, :n_columns].tocoo()
    n_rows, n_columns = cells.shape
    title = f"{n_rows} users × {n_columns} items: {cells.nnz / (n_rows * n_columns):.1%} known"
    ax = new_axes(title, "item", "user", ax)
    corner = np.full(cells.shape, np.nan)
    corner[cells.coords] = cells.data
    image = ax.imshow(corner, aspect="auto", interpolation="nearest", cmap=STYLE["image.cmap"])
    ax.grid(False)
    ax.figure.colorbar(image, ax=ax, label="rating (stars)")
    return ax
