"""The plots of unit 05: time, NDCG over settings, popularity against α, and an explanation."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from course_utils.plots.style import COLOURS, DASHES, draw_levels, new_axes

MARKERS = "os^DvPX*"


def plot_times(
    sizes: Sequence[int], milliseconds: Mapping[str, Sequence[float]], ax: Axes | None = None
) -> Axes:
    """Time to solve for one user against the number of items, both on logarithmic scales.

    Parameters
    ----------
    sizes : sequence of int
        Numbers of items n.
    milliseconds : mapping of str to sequence of float
        Per method: its name, and the time per user for each n.
    ax : Axes, optional
        Axes to draw into.

    Returns
    -------
    Axes
    """
    ax = new_axes("One user among ever more items", "n, number of items", "milliseconds per user", ax)
    for number, (name, times) in enumerate(milliseconds.items()):
        ax.plot(sizes, times, label=name, **_line_style(number))
    ax.set(xscale="log", yscale="log")
    ax.set_xticks(sizes, [f"{size:,}" for size in sizes])
    ax.minorticks_off()
    ax.legend()
    return ax


def plot_settings(table: pd.DataFrame, measure: str, ax: Axes | None = None) -> Axes:
    """A measure over two settings as a heat map with its numbers in it; the highest is framed.

    Parameters
    ----------
    table : DataFrame
        The measure; the index holds the values of λ, the columns those of α.
    measure : str
        Its name.
    ax : Axes, optional
        Axes to draw into.

    Returns
    -------
    Axes
    """
    ax = new_axes(f"{measure} on validation ratings", "α, confidence per like", "λ, penalty", ax)
    values = table.to_numpy()
    ax.imshow(values, aspect="auto", origin="lower")
    middle = (values.min() + values.max()) / 2
    for (row, column), value in np.ndenumerate(values):
        colour = "white" if value < middle else "black"
        ax.text(column, row, f"{value:.3f}", ha="center", va="center", color=colour, fontsize="small")
    row, column = np.unravel_index(values.argmax(), values.shape)
    ax.plot(
        column + 0.48 * np.array([-1, 1, 1, -1, -1]),
        row + 0.48 * np.array([-1, -1, 1, 1, -1]),
        color=COLOURS[1],
        linestyle="-",
        linewidth=3,
    )
    ax.set_xticks(range(len(table.columns)), [f"{alpha:g}" for alpha in table.columns])
    ax.set_yticks(range(len(table.index)), [f"{reg:g}" for reg in table.index])
    ax.grid(visible=False)
    return ax


def plot_popularity(
    alphas: Sequence[float],
    likes: Mapping[str, Sequence[float]],
    references: Mapping[str, float],
    ax: Axes | None = None,
) -> Axes:
    """How popular the recommended films are against α.

    Parameters
    ----------
    alphas : sequence of float
        The values of α, drawn on a logarithmic scale.
    likes : mapping of str to sequence of float
        Per model: its name, and for each α the mean number of likes of the films that it recommends.
    references : mapping of str to float
        Levels drawn as thin grey lines with their names.
    ax : Axes, optional
        Axes to draw into.

    Returns
    -------
    Axes
    """
    ax = new_axes(
        "A larger α leaves the beaten track",
        "α, confidence per like",
        "likes of a recommended film (mean)",
        ax,
    )
    for number, (name, values) in enumerate(likes.items()):
        ax.plot(alphas, values, label=name, **_line_style(number))
    draw_levels(ax, references)
    ax.set_xscale("log")
    ax.set_xticks(alphas, [f"{alpha:g}" for alpha in alphas])
    ax.minorticks_off()
    ax.set_ylim(0, 1.1 * max([*references.values(), *(max(values) for values in likes.values())]))
    ax.legend()
    return ax


def plot_explanation(target: str, films: Sequence[str], terms: np.ndarray, ax: Axes | None = None) -> Axes:
    """What each past film adds to the score of a recommended one, the largest term on top.

    Parameters
    ----------
    target : str
        Title of the recommended film.
    films : sequence of str
        Titles of the past films; long ones are cut.
    terms : (len(films),) array
        Their terms of the score.
    ax : Axes, optional
        Axes to draw into.

    Returns
    -------
    Axes
    """
    shown = textwrap.shorten(target, 40, placeholder="…")
    ax = new_axes(f"Why {shown}?", "adds to its score", "", ax)
    order, places = np.argsort(terms), np.arange(len(films))
    ax.barh(places, terms[order], color=[COLOURS[0] if terms[film] > 0 else COLOURS[1] for film in order])
    ax.set_yticks(
        places, [textwrap.shorten(films[film], 34, placeholder="…") for film in order], fontsize="small"
    )
    ax.axvline(0, color="#555555", linestyle="-", linewidth=1)
    ax.grid(axis="y", visible=False)
    return ax


def plot_list(titles: Sequence[str], likes: np.ndarray, title: str, ax: Axes | None = None) -> Axes:
    """A list of films, the first on top, with a bar for how many people like each.

    Parameters
    ----------
    titles : sequence of str
        Titles of the films, the best first.
    likes : (films,) array of int
        Their likes.
    title : str
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    ax = new_axes(title, "likes", "", ax)
    places = np.arange(len(titles))[::-1]
    ax.barh(places, likes, color=COLOURS[0])
    ax.set_yticks(places, [textwrap.shorten(name, 28, placeholder="…") for name in titles], fontsize="small")
    ax.grid(visible=False, axis="y")
    return ax


def plot_film_map(
    points: np.ndarray, years: np.ndarray, groups: Sequence[str], axes: list[Axes]
) -> list[Axes]:
    """Films on a plane, on the left in the colour of their year, on the right of their group.

    Parameters
    ----------
    points : (films, 2) array
        Places of the films.
    years : (films,) array of float
        When they came out; nan where it is not known.
    groups : sequence of str
        Group of each film; an empty string for films in none, which are drawn small and grey.
    axes : list of Axes
        Two, for the years and for the groups.

    Returns
    -------
    list of Axes
    """
    by_year, by_group = axes
    plot_years(points, years, "By year", by_year)
    new_axes("By genre", "", "", by_group)
    _without_scale(by_group)
    x, y = points.T
    group_of = np.asarray(groups)
    nowhere = group_of == ""
    by_group.scatter(x[nowhere], y[nowhere], s=6, color="#BBBBBB", label="others")
    for number, group in enumerate(dict.fromkeys(each for each in groups if each)):
        there = group_of == group
        style: dict[str, Any] = {"color": COLOURS[number], "marker": MARKERS[number], "alpha": 0.8}
        by_group.scatter(x[there], y[there], s=30, label=group, **style)
    by_group.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return axes


def plot_years(
    points: np.ndarray, years: np.ndarray, title: str, ax: Axes | None = None, colourbar: bool = True
) -> Axes:
    """Films on a plane in the colour of their year.

    Parameters
    ----------
    points : (films, 2) array
        Places of the films.
    years : (films,) array of float
        When they came out; nan where it is not known: these are not drawn.
    title : str
    ax : Axes, optional
        Axes to draw into.
    colourbar : bool
        Whether to say which colour is which year; of several panels with the same years one is enough.

    Returns
    -------
    Axes
    """
    ax = new_axes(title, "", "", ax)
    x, y = points.T
    shown = ax.scatter(x, y, c=years, s=22)
    if colourbar:
        ax.figure.colorbar(shown, ax=ax, label="year")
    return _without_scale(ax)


def _without_scale(ax: Axes) -> Axes:
    """Nearness is all that the plane says: its directions have no scale."""
    ax.set(xticks=[], yticks=[], xlabel="near each other: alike for the model", ylabel="(no scale)")
    ax.grid(False)
    return ax


def colours_of_years(years: np.ndarray) -> list[str]:
    """The colour of each year in `plot_film_map`, for other pictures; grey where it is not known."""
    scale = colormaps["viridis"]
    low, high = np.nanmin(years), np.nanmax(years)
    return ["#BBBBBB" if np.isnan(year) else to_hex(scale((year - low) / (high - low))) for year in years]


def colours_of_groups(groups: Sequence[str]) -> list[str]:
    """The colour of each group in `plot_film_map`, for other pictures; grey for films in none."""
    names = list(dict.fromkeys(each for each in groups if each))
    return [COLOURS[names.index(each)] if each else "#BBBBBB" for each in groups]


def _line_style(number: int) -> dict[str, Any]:
    return {"color": COLOURS[number], "linestyle": DASHES[number], "marker": MARKERS[number]}
