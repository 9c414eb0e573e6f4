"""How does a reader ask a point what it is? A picture in SVG: the pointer on a point shows its text.

It needs no JavaScript and nothing from the internet, so it works in JupyterLab and in the book. Buttons above
it change the colours. It is an addition: what it shows, `show` has shown before, as a picture with words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

WIDTH, HEIGHT, RADIUS = 720, 560, 6


class HoverMap:
    """Points on a plane, each with a text, and several ways to colour them.

    Parameters
    ----------
    points : (n, 2) array
        Places; the second coordinate grows upwards.
    texts : sequence of str
        What the pointer shows on each of the n points.
    colours : mapping of str to sequence of str
        Per way of colouring: its name, and a CSS colour for each point. The first one is shown at first.
    finding : str
        What there is to see, for readers who do not see it.

    Raises
    ------
    ValueError
        If there is not one text, or not one colour, for each point.
    """

    def __init__(
        self, points: np.ndarray, texts: Sequence[str], colours: Mapping[str, Sequence[str]], finding: str
    ) -> None:
        n = len(points)
        for name, values in {"texts": texts, **colours}.items():
            if len(values) != n:
                raise ValueError(f"{name}: {len(values)} for {n} points; give one for each.")
        self.finding = " ".join(finding.split())
        low, high = points.min(axis=0), points.max(axis=0)
        shares = (points - low) / np.where(high > low, high - low, 1)
        inside = RADIUS + shares * (np.array([WIDTH, HEIGHT]) - 2 * RADIUS)
        circles = "".join(
            f'<circle cx="{x:.0f}" cy="{HEIGHT - y:.0f}" r="{RADIUS}" style="{_paints(each)}">'
            f"<title>{escape(text)}</title></circle>"
            for (x, y), text, each in zip(inside, texts, zip(*colours.values(), strict=True), strict=True)
        )
        # Names of its own, as there may be several on a page.
        key = "map" + hashlib.sha256(circles.encode()).hexdigest()[:8]
        buttons = "".join(
            f'<input type="radio" name="{key}" id="{key}-{number}"{"" if number else " checked"}> '
            f'<label for="{key}-{number}">{escape(name)}</label> '
            for number, name in enumerate(colours)
        )
        rules = "".join(
            f"#{key}-{number}:checked ~ svg circle {{ fill: var(--c{number}) }} "
            for number in range(len(colours))
        )
        self.html = (
            f"<div><style>{rules}</style>{buttons}"
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img" '
            f'aria-label="{escape(self.finding)}" style="display: block; background: white">'
            f"{circles}</svg></div>"
        )

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.finding}


def _paints(colours: Sequence[str]) -> str:
    """The colours of a point, one a way of colouring, where the rule of a button finds them."""
    return ";".join(f"--c{number}:{escape(colour)}" for number, colour in enumerate(colours))
