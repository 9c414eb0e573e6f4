"""How does a reader ask a point what it is? A picture in SVG: the pointer on a point shows its text.

It needs no JavaScript and nothing from the internet, so it works in JupyterLab and in the book. Buttons above
it change the colours, and the model that lays the points out. It is an addition: what it shows, `show` has
shown before, as a picture with words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from html import escape

import numpy as np

WIDTH, HEIGHT, RADIUS = 720, 560, 6


class HoverMap:
    """Points on a plane, each with a text, and several ways to lay them out and to colour them.

    Parameters
    ----------
    points : mapping of str to (n, 2) array
        Per layout (such as a model): its name, and the places of the n points; the second coordinate grows
        upwards. The first one is shown at first.
    texts : sequence of str
        What the pointer shows on each of the n points.
    colours : mapping of str to sequence of str
        Per way of colouring: its name, and a CSS colour for each point. The first one is shown at first.
    finding : str
        What there is to see, for readers who do not see it.

    Raises
    ------
    ValueError
        If there is not one place, one text and one colour of each kind for each point.
    """

    def __init__(
        self,
        points: Mapping[str, np.ndarray],
        texts: Sequence[str],
        colours: Mapping[str, Sequence[str]],
        finding: str,
    ) -> None:
        n = len(next(iter(points.values())))
        for name, values in {**points, "texts": texts, **colours}.items():
            if len(values) != n:
                raise ValueError(f"{name}: {len(values)} for {n} points; give one for each.")
        self.finding = " ".join(finding.split())
        layouts = np.stack([_inside(each) for each in points.values()], axis=1)  # a row a point
        circles = "".join(
            f'<circle cx="{places[0, 0]}" cy="{places[0, 1]}" r="{RADIUS}" style="{_style(places, each)}">'
            f"<title>{escape(text)}</title></circle>"
            for places, text, each in zip(layouts, texts, zip(*colours.values(), strict=True), strict=True)
        )
        # Names of its own, as there may be several on a page.
        key = "map" + hashlib.sha256(circles.encode()).hexdigest()[:8]
        rules = "".join(
            f"#{key}-c{number}:checked ~ svg circle {{ fill: var(--c{number}) }} "
            for number in range(len(colours))
        )
        # The points walk to their places in the other layout, unless the reader's system asks for rest.
        walk = f"#{key}-l0 ~ svg circle {{ transition: cx 1s, cy 1s }}"
        rules += f"@media (prefers-reduced-motion: no-preference) {{ {walk} }} " + "".join(
            f"#{key}-l{number}:checked ~ svg circle {{ cx: var(--x{number}); cy: var(--y{number}) }} "
            for number in range(1, len(points))
        )
        buttons = _buttons(f"{key}-l", points) + "<br>" if len(points) > 1 else ""
        self.html = (
            f"<div><style>{rules}</style>{buttons}{_buttons(f'{key}-c', colours)}"
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img" '
            f'aria-label="{escape(self.finding)}" style="display: block; background: white">'
            f"{circles}</svg></div>"
        )

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.finding}


def film_texts(
    titles: Sequence[str], genres: Sequence[str], likes: np.ndarray, nearest_of: Mapping[str, np.ndarray]
) -> list[str]:
    """What the pointer shows of each film: title, genres, likes, and its three nearest by each model.

    Parameters
    ----------
    titles, genres : sequence of str
        Of the n films of the map.
    likes : (n,) array of int
    nearest_of : mapping of str to (n, 3 or more) array of int
        Per model: its name, and for each film the places of its nearest ones in `titles`, the first first.

    Returns
    -------
    list of str
        Several lines a film.
    """
    return [
        "\n".join(
            [title, genre, f"{count} likes"]
            + [
                f"near, by {name}: {'; '.join(titles[other] for other in nearest[number][:3])}"
                for name, nearest in nearest_of.items()
            ]
        )
        for number, (title, genre, count) in enumerate(zip(titles, genres, likes, strict=True))
    ]


def _inside(points: np.ndarray) -> np.ndarray:
    """Whole pixels within the picture, counted from its upper left corner."""
    low, high = points.min(axis=0), points.max(axis=0)
    shares = (points - low) / np.where(high > low, high - low, 1)
    x, y = (RADIUS + shares * (np.array([WIDTH, HEIGHT]) - 2 * RADIUS)).T
    return np.rint(np.stack([x, HEIGHT - y], axis=1)).astype(int)


def _buttons(key: str, names: Iterable[str]) -> str:
    """A button for each name, of which the first is pressed, and one can be at a time."""
    return "".join(
        f'<input type="radio" name="{key}" id="{key}{number}"{"" if number else " checked"}> '
        f'<label for="{key}{number}">{escape(name)}</label> '
        for number, name in enumerate(names)
    )


def _style(places: np.ndarray, colours: Sequence[str]) -> str:
    """A point's colours and its places in the other layouts, where the rules of the buttons find them."""
    values = [f"--c{number}:{escape(colour)}" for number, colour in enumerate(colours)]
    values += [f"--x{number}:{x}px;--y{number}:{y}px" for number, (x, y) in enumerate(places) if number]
    return ";".join(values)
