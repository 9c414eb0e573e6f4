"""Plots of unit 01: what a set of ratings looks like."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from scipy.sparse import csr_array

from course_utils.plots.style import COLOURS, GREY, new_axes

# Light enough to read numbers on, and each with another brightness.
PALE = ["#BFDFF2", "#F6D9B8", "#BFE5D8", "#F3E9A0", "#E3CDDC"]


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
    bins = np.geomspace(known.min(), known.max(), 25).tolist()
    ax.hist(known, bins=bins, color=COLOURS[0], edgecolor="white")
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
        day = np.asarray(cut, dtype="datetime64[D]")
        ax.axvline(float(_years(day)), color=COLOURS[6], linestyle="--", label=f"cut: {day}")
    ax.legend()
    return ax


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
    image = ax.imshow(corner, aspect="auto", interpolation="nearest")
    ax.grid(False)
    ax.figure.colorbar(image, ax=ax, label="rating (stars)")
    return ax


def three_arrays(R: csr_array, rows: list[str], columns: list[str], axes: list[Axes]) -> list[Axes]:
    """A small matrix as a table, and beside it the three arrays in which CSR keeps it, a colour each row.

    Parameters
    ----------
    R : (m, n) csr_array
        The matrix; some five rows and ten stored cells fit.
    rows, columns : list of str
        Names of the m rows and the n columns.
    axes : list of Axes
        Two, for the table and for the arrays.

    Returns
    -------
    list of Axes
    """
    table, arrays = axes
    m, n = R.shape
    owner = np.repeat(np.arange(m), np.diff(R.indptr))
    new_axes("The matrix: what is not stored is unknown", "item", "", table)
    table.set(xlim=(-0.5, n - 0.5), ylim=(m - 0.5, -0.5))
    for row in range(m):
        for column in range(n):
            _box(table, column, row, "·", "white")
    for row, column, value in zip(owner, R.indices, R.data, strict=True):
        _box(table, column, row, f"{value:g}", PALE[row % len(PALE)])
    table.set_xticks(range(n), columns)
    table.set_yticks(range(m), rows)
    new_axes("The same in three arrays", "place in the array, from 0", "", arrays)
    arrays.set(xlim=(-0.5, R.nnz - 0.5), ylim=(4.2, -0.9))
    for place, number in enumerate(R.indptr):
        # The last number has no row of its own: it says where the last row ends.
        _box(arrays, place, 0, str(number), PALE[place % len(PALE)] if place < m else "white")
        arrays.plot([place, number - 0.5], [0.5, 1.5], color=GREY, linestyle="-", linewidth=0.8)
    for place, (row, column, value) in enumerate(zip(owner, R.indices, R.data, strict=True)):
        _box(arrays, place, 2, str(column), PALE[row % len(PALE)])
        _box(arrays, place, 3.5, f"{value:g}", PALE[row % len(PALE)])
    arrays.set_yticks([0, 2, 3.5], ["indptr", "indices", "data"])
    arrays.set_xticks(range(R.nnz))
    for ax in axes:
        ax.grid(False)
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
    return axes


def _box(ax: Axes, x: float, y: float, text: str, colour: str) -> None:
    """A cell with a number in it."""
    ax.add_patch(Rectangle((x - 0.46, y - 0.46), 0.92, 0.92, facecolor=colour, edgecolor=GREY, linewidth=0.6))
    ax.text(x, y, text, ha="center", va="center")


def _years(times: np.ndarray) -> np.ndarray:
    """Times as years of the common era with a fraction: 2016.5 is July 2016."""
    days = np.asarray(times, dtype="datetime64[D]")
    start = days.astype("datetime64[Y]")
    return start.astype(int) + 1970 + (days - start.astype("datetime64[D]")).astype(int) / 366
