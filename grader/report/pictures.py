"""Which pictures does a report show? SVG that is part of the page, in the style of the course."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib import rc_context
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from grader.feedback.states import State
from grader.report.statistics import Item

# Letters stay letters, for those who search the page or listen to it; the same page every time.
SVG: Any = {"svg.fonttype": "none", "svg.hashsalt": "report", "font.family": "sans-serif"}
# Of Okabe and Ito's palette, which people with any common colour blindness tell apart.
BLUE, ORANGE, GREEN, YELLOW, SKY = "#0072B2", "#D55E00", "#009E73", "#E69F00", "#56B4E9"
STYLE: Any = {
    "axes.grid": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.titlesize": "medium",
    "axes.titlelocation": "left",
    "figure.constrained_layout.use": True,
    "font.size": 11,
    "grid.color": "#DDDDDD",
    "legend.frameon": False,
}
# From the good to the bad, with hatching for grey print.
STATES = {
    State.FULL: (GREEN, ""),
    State.PARTLY: (SKY, "//"),
    State.WAITS: ("#FFFFFF", ".."),
    State.WRONG: (YELLOW, ""),
    State.CRASHED: (ORANGE, "xx"),
    State.TIMED_OUT: ("#000000", ""),
    State.UNTOUCHED: ("#DDDDDD", ""),
}


def picture_of_totals(totals: Sequence[float], maximum: float) -> Markup:
    """How many students have how many points, and the median."""
    with rc_context(STYLE | SVG):
        figure = Figure(figsize=(7.2, 2.8))
        ax = figure.add_subplot(title="Points in all", xlabel="points", ylabel="students")
        bins = np.arange(0, np.ceil(maximum) + 2) - 0.5
        ax.hist(np.clip(totals, 0, maximum), bins=bins.tolist(), color=BLUE, edgecolor="white")
        ax.axvline(float(np.median(totals)), color=ORANGE, linestyle="--", label="median")
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_locator(MaxNLocator(integer=True))
        ax.set_xlim(-0.7, maximum + 0.7)
        ax.grid(axis="x", visible=False)
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize="small")
        return _svg(figure, "Distribution of the points in all")


def picture_of_states(items: Sequence[Item], students: int) -> Markup:
    """A bar for each exercise: how many students are in which state."""
    with rc_context(STYLE | SVG):
        figure = Figure(figsize=(7.2, 1.4 + 0.34 * len(items)))
        ax = figure.add_subplot(title="How the exercises went", xlabel="students")
        left = np.zeros(len(items))
        for state, (colour, hatch) in STATES.items():
            widths = np.array([item.states[state] for item in items], dtype=float)
            if widths.any():
                ax.barh(
                    [item.name for item in items],
                    widths,
                    left=left,
                    color=colour,
                    hatch=hatch,
                    edgecolor="#555555",
                    linewidth=0.6,
                    label=str(state),
                )
            left += widths
        ax.invert_yaxis()
        ax.set_xlim(0, max(students, 1))
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.grid(axis="y", visible=False)
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize="small")
        return _svg(figure, "How many students are in which state, exercise by exercise")


def _svg(figure: Figure, label: str) -> Markup:
    FigureCanvasSVG(figure)
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    # Without what stands before it, an XML file's head, it is a part of HTML.
    svg = file.getvalue().partition("<svg")[2]
    return Markup('<svg role="img" aria-label="{}"').format(label) + Markup(svg)
