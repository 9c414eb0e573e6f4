"""Does a browser show what this MathML says? What the converter writes and no browser knows is put right.

Browsers show a letter bold or double-struck if Unicode has such a letter, nothing that stands in a sign,
and no exponent of several things side by side, as the converter makes of a matrix in brackets.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache
from xml.etree.ElementTree import Element

_TOKENS = {"mi", "mn", "mo", "mtext", "ms"}
_PARTS = {
    "msub": 2,
    "msup": 2,
    "munder": 2,
    "mover": 2,
    "msubsup": 3,
    "munderover": 3,
    "mfrac": 2,
    "mroot": 2,
}
# Of these the first part may be several.
_WITH_BASE = _PARTS.keys() - {"mfrac", "mroot"}
_ESCAPED = re.compile(r"\\([%#&_$ ])")
# Where Unicode has no such letter, another one says nearly the same.
_INSTEAD = {"bold-italic": "bold", "bold-script": "script", "bold-fraktur": "fraktur"}


def put_right(element: Element) -> None:
    """Change MathML in place so that browsers show all of it.

    Raises
    ------
    ValueError
        If a part is missing, or words hold TeX.
    """
    for child in element:
        put_right(child)
    element.text = html.unescape(element.text) if element.text else element.text
    if element.tag in _TOKENS and len(element):
        if (element.text or "").strip():
            raise ValueError(f"<{element.tag}> holds text and elements")
        element.tag = "mrow"
        element.attrib.clear()
    if element.tag in _PARTS:
        _make_parts(element, _PARTS[element.tag])
    if element.tag == "mtext" and element.text:
        element.text = _words(element.text)
    style = element.get("mathvariant", "normal")
    if element.tag in _TOKENS and style != "normal" and element.text:
        element.text = "".join(styled(letter, style) for letter in element.text)
        del element.attrib["mathvariant"]


@lru_cache(maxsize=4096)
def styled(letter: str, style: str) -> str:
    """The letter of Unicode that looks as the style of a letter says; the letter itself if there is none."""
    name = unicodedata.name(letter, "")
    plain = re.sub(r"^(?:LATIN|GREEK) | LETTER(?= )", "", name)
    look = style.upper().replace("BOLD-", "BOLD ").replace("-ITALIC", " ITALIC").replace("SERIF-", "SERIF ")
    for known in (f"MATHEMATICAL {look} {plain}", f"{look} {plain}", f"BLACK-LETTER {plain}"):
        # The last one stands for Fraktur alone.
        if known.startswith("BLACK") and look != "FRAKTUR":
            continue
        try:
            return unicodedata.lookup(known)
        except KeyError:
            continue
    return styled(letter, _INSTEAD[style]) if style in _INSTEAD else letter


def _make_parts(element: Element, number: int) -> None:
    children = list(element)
    if len(children) > number and element.tag in _WITH_BASE:
        base = Element("mrow")
        base.extend(children[: len(children) - number + 1])
        for child in base:
            element.remove(child)
        element.insert(0, base)
    elif len(children) != number:
        raise ValueError(f"<{element.tag}> of {len(children)} parts")


def _words(text: str) -> str:
    bare = _ESCAPED.sub("", text)
    if "$" in bare or "\\" in bare or bare.count("{") != bare.count("}"):
        raise ValueError(f"TeX in words: {text}")
    return _ESCAPED.sub(r"\1", text)
