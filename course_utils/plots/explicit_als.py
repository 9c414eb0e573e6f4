"""Plots of unit 02: how ALS learns and what it finds."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from course_utils.plots.style import COLOURS, DASHES, GREY, draw_levels, new_axes


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


def plot_half_step_errors(
    errors: dict[str, list[tuple[float, float]]], references: dict[str, float], ax: Axes | None = None
) -> Axes:
    """RMSE on training and on validation ratings after each half-step of ALS.

    Parameters
    ----------
    errors : dict of str to list of (float, float)
        Per run: its name, and after each half-step the RMSE on training and on validation ratings, in stars.
    references : dict of str to float
        Levels to beat, drawn as thin grey lines with their names.
    ax : Axes, optional
        Axes to draw into.

    Returns
    -------
    Axes
    """
    ax = new_axes("What that does to the errors", "epoch (users, then items)", "RMSE (stars)", ax)
    for colour, (name, pairs) in zip(COLOURS, errors.items(), strict=False):
        epochs = (np.arange(len(pairs)) + 1) / 2
        for kind, curve, style in zip(
            ["training", "validation"], zip(*pairs, strict=True), ["--", "o-"], strict=True
        ):
            ax.plot(epochs, curve, style, color=colour, markersize=4, label=f"{name}, {kind}")
    draw_levels(ax, references)
    ax.legend(fontsize="small")
    return ax


def plot_ridge(
    y: np.ndarray, ratings: np.ndarray, regs: list[float], films: list[str], mu: float, axes: list[Axes]
) -> list[Axes]:
    """One factor of one user under several penalties: the loss with its minimum, and the predicted stars.

    Parameters
    ----------
    y : (n,) array
        The factor of all films.
    ratings : (n,) array
        The user's ratings in stars, 0 where they have not rated.
    regs : list of float
        The penalties λ.
    films : list of str
        Titles of the n films.
    mu : float
        Mean of the known ratings.
    axes : list of Axes
        Two: for the loss and for the stars.

    Returns
    -------
    list of Axes
    """
    loss, predicted = axes
    new_axes("The penalty moves the minimum", "x", "loss (squared stars)", loss)
    new_axes("and pulls predictions to the mean", "", "stars", predicted)
    known = ratings > 0
    x = np.linspace(-1, 3, 200)
    places = np.arange(len(films))
    for number, reg in enumerate(regs):
        colour, dash = COLOURS[number], DASHES[number]
        best = y[known] @ (ratings[known] - mu) / (y[known] @ y[known] + reg)
        errors = (ratings[known] - mu)[:, None] - y[known][:, None] * np.append(x, best)
        values = np.sum(errors**2, axis=0) + reg * np.append(x, best) ** 2
        loss.plot(x, values[:-1], label=f"λ = {reg:g}: x = {best:.3f}", color=colour, linestyle=dash)
        loss.plot(best, values[-1], "o", color=colour)
        predicted.plot(places, mu + best * y, "_", color=colour, markersize=22, markeredgewidth=3)
    predicted.plot(places[known], ratings[known], "kx", markersize=8, label="rated")
    predicted.axhline(mu, color=GREY, linestyle="-", linewidth=1)
    predicted.set_xticks(places, films, rotation=20)
    loss.set(ylim=(0, 40))
    loss.legend()
    predicted.legend()
    return axes


def error_panels(n: int) -> list[tuple[Axes, Axes]]:
    """Pairs of axes for `plot_errors`, side by side: a low one for training errors above a high one.

    Parameters
    ----------
    n : int
        How many pairs.

    Returns
    -------
    list of (Axes, Axes)
    """
    _, axes = plt.subplots(
        2, n, figsize=(n * 5.2, 5.4), height_ratios=[1, 2], sharex="col", sharey="row", squeeze=False
    )
    return list(zip(*axes, strict=True))


def plot_errors(
    values: list[float],
    errors: dict[str, list[tuple[float, float]]],
    title: str,
    xlabel: str,
    references: dict[str, float],
    axes: tuple[Axes, Axes],
) -> Axes:
    """RMSE against a setting (λ, k) on a logarithmic scale, on training and, below, validation ratings.

    The two have scales of their own: what decides is a hundredth of a star, where the training error moves by
    half a star.

    Parameters
    ----------
    values : list of float
        The settings that were tried.
    errors : dict of str to list of (float, float)
        Per model: its name, and for each value the RMSE on training and on validation ratings, in stars.
    title, xlabel : str
        What the reader sees.
    references : dict of str to float
        Levels to beat on the validation ratings, drawn as thin grey lines with their names.
    axes : (Axes, Axes)
        Axes for the training and for the validation errors.

    Returns
    -------
    Axes
        Those of the validation errors.
    """
    above, below = axes
    new_axes(title, "", "training RMSE", above)
    new_axes("On validation ratings", xlabel, "validation RMSE (stars)", below)
    for colour, marker, dash, (name, pairs) in zip(COLOURS, "osD^vPX*", DASHES, errors.items(), strict=False):
        for ax, curve in zip(axes, zip(*pairs, strict=True), strict=True):
            ax.plot(values, curve, color=colour, marker=marker, linestyle=dash, label=name)
    above.legend(loc="lower right", fontsize="small")  # where training errors are never low
    draw_levels(below, references)
    below.set_xscale("log")
    below.set_xticks(values, [f"{value:g}" for value in values])
    below.minorticks_off()
    return below


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
    bins = np.arange(-1.25, 6.3, 0.5).tolist()  # a bin around each half star
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
