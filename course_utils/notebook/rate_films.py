"""How does a reader rate ten films in three minutes? In a form; or, where there is none, in a table."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from IPython.display import display

from course_utils.data.own_films import FILE, STARS, own_films, save_own_films
from course_utils.data.titles import shown_title
from course_utils.plots.sliders import is_watched

UNSEEN = "not seen"


def rate_films(titles: Sequence[str], folder: Path | str = "..") -> None:
    """Show a form with a row for each film, and below it the films that are rated so far.

    Saving writes `my_films.csv`, above the folder of the unit. It is the reader's: it can be edited in a
    spreadsheet, or deleted, and nothing of it is handed in. Films of the file that the form does not show
    stay in it.

    Parameters
    ----------
    titles : sequence of str
        Films to show, as in `Dataset.items`.
    folder : path
        Where the file lies.

    Raises
    ------
    ValueError
        If the file that is there cannot be read; the message names its line.
    """
    stars, whose = own_films(folder)
    path = Path(folder) / FILE
    rated = stars if path.exists() else {}
    has_widgets = importlib.util.find_spec("ipywidgets") is not None
    if has_widgets and is_watched():
        widgets = importlib.import_module("ipywidgets")
        display(rating_form(widgets, [shown_title(title) for title in titles], rated, folder))
    else:
        print(f"No form here. Write lines such as  {shown_title(titles[0])},4.5  to {path}")
    # A table, too: a form is nothing in print, in the book, or in a notebook that is only looked at.
    print(f"Rated so far: {whose}")
    display(pd.DataFrame({"stars": stars}).rename_axis("film"))


def rating_form(widgets: Any, names: Sequence[str], rated: dict[str, float], folder: Path | str) -> Any:
    """The form: a drop-down list for each film and a button that saves.

    Parameters
    ----------
    widgets : module
        ipywidgets.
    names : sequence of str
        Films as they are shown and saved.
    rated : dict of str to float
        What the file holds; it stays there for films that the form does not show.
    folder : path

    Returns
    -------
    ipywidgets.VBox
        Its last two children are the button and the line that tells what was saved.
    """
    options: list[tuple[str, float | None]] = [(UNSEEN, None), *((f"{value:g} ★", value) for value in STARS)]
    choices = {
        name: widgets.Dropdown(
            options=options,
            value=rated.get(name),
            description=name,
            style={"description_width": "20em"},
            layout={"width": "30em"},
        )
        for name in names
    }
    button, told = widgets.Button(description="Save", button_style="primary"), widgets.Label()

    def save(_: Any) -> None:
        films = {name: value for name, value in rated.items() if name not in choices}
        films |= {name: choice.value for name, choice in choices.items() if choice.value is not None}
        path = save_own_films(films, folder)
        told.value = f"{len(films)} films saved in {path}. Ten will do; more help."

    button.on_click(save)
    return widgets.VBox([*choices.values(), button, told])
