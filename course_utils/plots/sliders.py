"""How does a reader move a picture? A slider for each setting, below the picture that does not move.

Sliders need somebody who moves them: where a notebook runs without a page (for the book, while it is graded,
in a test), there are none. What they show is therefore never all there is: the picture before them, shown by
`show`, has some of the settings side by side.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib.pyplot as plt
from IPython.display import display

from course_utils.plots.show import Picture

# Set by Jupyter's server for the notebooks that somebody has open, by VS Code, and by Colab.
WATCHED = ("JPY_SESSION_NAME", "VSCODE_PID", "COLAB_RELEASE_TAG")


def play(draw: Callable[..., str], **settings: Sequence[Any]) -> None:
    """Show a picture that follows sliders, if somebody is there to move them.

    Parameters
    ----------
    draw : callable
        Draws one new figure for a value of each setting, given by name, and returns its finding, the
        alternative text.
    **settings : sequence
        The values that each setting can take. A slider begins at the first one.

    Raises
    ------
    ValueError
        If a setting has no values.
    """
    for name, values in settings.items():
        if not len(values):
            raise ValueError(f"{name} has no values: a slider needs at least one.")
    if is_watched():
        display(sliders(draw, **settings))


def is_watched() -> bool:
    """Whether the notebook is open before somebody who can move a slider or fill in a form."""
    return any(variable in os.environ for variable in WATCHED)


def sliders(draw: Callable[..., str], **settings: Sequence[Any]) -> Any:
    """The widget that `play` shows: sliders, and below them the picture for their values."""
    import ipywidgets as widgets

    controls = {
        name: widgets.SelectionSlider(options=list(values), description=name, continuous_update=False)
        for name, values in settings.items()
    }
    place = widgets.HTML()

    def follow(_: object = None) -> None:
        finding = draw(**{name: control.value for name, control in controls.items()})
        figure = plt.gcf()
        place.value = Picture(figure, finding)._repr_mimebundle_()["text/html"]
        plt.close(figure)

    for control in controls.values():
        control.observe(follow, names="value")
    follow()
    return widgets.VBox([*controls.values(), place])
