"""How does somebody who does not see a picture learn what it shows? It is shown with its finding in words.

JupyterLab puts no alternative text on a figure that matplotlib shows by itself, and reads none from the
metadata of an output. All viewers of notebooks (JupyterLab, nbconvert, the book, the feedback page) show HTML
where an output has some. So the figure is put out as an HTML picture with its text, as a PNG for viewers
without HTML, and as the text alone for a console.
"""

from __future__ import annotations

import base64
import io
import re
from html import escape

import matplotlib.pyplot as plt
from IPython.display import display
from matplotlib.figure import Figure

LEAST = 40  # characters: "a plot of the ratings" is no finding
_FILE_NAME = re.compile(r"\S+\.\w{2,4}", re.ASCII)


class Picture:
    """A figure with what it shows in words.

    Parameters
    ----------
    figure : Figure
        What sighted readers see.
    finding : str
        What there is to see, in a sentence or two of 40 characters or more.

    Raises
    ------
    ValueError
        If the finding is too short to be one.
    """

    def __init__(self, figure: Figure, finding: str) -> None:
        self.finding = " ".join(finding.split())
        if len(self.finding) < LEAST or _FILE_NAME.fullmatch(self.finding):
            raise ValueError(
                f"{finding!r} does not say what the picture shows: say in a sentence of {LEAST} characters "
                "or more what a reader should see in it."
            )
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", bbox_inches="tight")
        self.png = base64.b64encode(buffer.getvalue()).decode()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        image = f'<img alt="{escape(self.finding)}" src="data:image/png;base64,{self.png}">'
        return {"text/html": image, "image/png": self.png, "text/plain": self.finding}

    def __repr__(self) -> str:
        return self.finding


def show(*findings: str) -> None:
    """Show all open figures, each with its finding as alternative text, and close them.

    It takes the place of `plt.show()` in a notebook.

    Parameters
    ----------
    *findings : str
        What there is to see in each figure, in the order in which the figures were made.

    Raises
    ------
    ValueError
        If there are not as many findings as open figures, or one is too short.
    """
    figures = [plt.figure(number) for number in plt.get_fignums()]
    if len(figures) != len(findings):
        raise ValueError(
            f"{len(figures)} figures are open, and {len(findings)} findings are given: say for each figure "
            "what there is to see in it."
        )
    pictures = [Picture(figure, finding) for figure, finding in zip(figures, findings, strict=True)]
    for figure in figures:
        plt.close(figure)
    for picture in pictures:
        display(picture)
