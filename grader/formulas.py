"""How is TeX shown without a script? As MathML where nothing of it gets lost, and else as it was written.

The converter passes over what it does not know: environments, alignment, line breaks, boxes. A formula that
says less than its author wrote is worse than TeX, so the result is compared with the source.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from functools import lru_cache
from xml.etree.ElementTree import tostring

from latex2mathml.converter import convert_to_element
from markupsafe import Markup

from grader.mathml import put_right

TAGS = set(
    "math mfrac mi mn mo mover mpadded mphantom mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable "
    "mtd mtext mtr munder munderover".split()
)
# Table cells' alignment as classes, which browsers' MathML needs in the place of an attribute.
STYLE = "mtd.tl { text-align: left; } mtd.tr { text-align: right; } mtd.tc { text-align: center; }"
_CLASSES = {"left": "tl", "right": "tr", "center": "tc"}

# Nobody reads a longer one, and reading it as TeX takes ever more time.
LONGEST = 5_000  # characters

# What the converter knows, and others that look alike without the number of a line.
_MATRICES = [f"{kind}matrix{star}" for kind in ("", "p", "b", "B", "v", "V") for star in ("", "*")]
_KNOWN = {"align*", "array", "cases", "split", "smallmatrix", *_MATRICES}
_ALIKE = dict.fromkeys(
    ["align", "aligned", "alignat", "alignat*", "alignedat", "flalign", "flalign*", "eqnarray", "eqnarray*"],
    "align*",
)
_ALIKE |= dict.fromkeys(["dcases", "dcases*"], "cases")
_ONE_COLUMN = {"gather", "gather*", "gathered"}
_TRANSPARENT = {"equation", "equation*", "displaymath", "math"}
# A number of columns, or where the whole stands beside its line.
_ENVIRONMENT = re.compile(r"\\(begin|end)\s*\{([A-Za-z]+\*?)\}(?:(?<=\})(\[[tcb]\]))?")
_NUMBER_OF_COLUMNS = re.compile(r"(\\begin\{align(?:ed)?at\*?\}(?:\[[tcb]\])?)\s*\{\d+\}")
_EQNARRAY = re.compile(r"(\\begin\{eqnarray\*?\})(.*?)(?=\\end\{eqnarray)", re.DOTALL)
_SPACE_BETWEEN_LINES = re.compile(r"(\\\\)\s*\*?\s*\[\s*-?[\d.]+\s*[a-z]{2}\s*\]")
# Columns that the converter would take for the first cell, such as *{2}{c} and l@{}r.
_ARRAY = re.compile(r"\\begin\{array\}(?!\s*(?:\[[tcb]\])?\s*\{[lcr|\s]*\})")
_NUMBER = re.compile(r"\\(?:tag\*?|label)\{([^{}]*)\}")
_COMMENT = re.compile(r"(?<!\\)%[^\n]*\n?")
_REWRITTEN = {
    r"\\(arg|deg|gcd|hom|lg)(?![A-Za-z])": r"\\operatorname{\1}",
    r"\\not\s*=": r"\\neq ",
    r"\\not\s*\\in(?![A-Za-z])": r"\\notin ",
    r"\\(?:mathds|mathbbm)(?![A-Za-z])": r"\\mathbb",
    r"\\(?:nonumber|notag|displaylimits)(?![A-Za-z])": "",
}
# What may stand in the result and is not shown by every browser, or not at all.
_LOST = re.compile(
    r"<m[ion][^>]*>(?:\\|&(?:amp;)?<)|linebreak=|columnlines=|rowlines=|<mtext>⧸|<mtext>&#x029F8;"
)
_NOT_LETTERS = re.compile(
    r"\\\\|\\begin\{array\}\s*(?:\[[tcb]\])?\{[^{}]*\}|\\(?:begin|end)\{[^{}]*\}(?:\[[a-z]\])?"
    r"|\\(?:hspace\*?|color|textcolor|mathcolor|vspace|kern|mkern|hskip)\s*(?:\{[^{}]*\})?|\\[A-Za-z]+"
)


@lru_cache(maxsize=4096)
def formula(tex: str, display: str) -> Markup:
    """TeX as MathML (still to be cleaned with what surrounds it), or as TeX if something would get lost.

    Parameters
    ----------
    tex : str
        The formula, without dollars.
    display : str
        ``"block"`` or ``"inline"``.
    """
    if len(tex) > LONGEST:
        return as_written(tex)
    try:
        known = _rewritten(tex)
        element = convert_to_element(known, display=display)
        put_right(element)
        made = tostring(element, encoding="unicode", short_empty_elements=False)
    except Exception:  # a wrong formula can raise anything
        return as_written(tex)
    return Markup(_aligned(made)) if _is_whole(known, made) else as_written(tex)


def as_written(tex: str) -> Markup:
    """TeX as it was written, in its lines."""
    lines = html.escape(tex.strip()).splitlines()
    return Markup("<code>" + "<br>".join(lines) + "</code>")


def _rewritten(tex: str) -> str:
    """The formula in words that the converter knows.

    Raises
    ------
    ValueError
        If it has an environment for which there are none.
    """
    tex = _COMMENT.sub("", tex)
    # A formula's number belongs to the sentence, and MathML has no place for it.
    tex = _NUMBER.sub(r"\\qquad (\1)", tex)
    for pattern, words in _REWRITTEN.items():
        tex = re.sub(pattern, words, tex)
    if _ARRAY.search(tex):
        raise ValueError("an array with columns that are not l, c and r alone")
    tex = _SPACE_BETWEEN_LINES.sub(r"\1 ", tex)
    tex = _NUMBER_OF_COLUMNS.sub(r"\1", tex)
    # Three columns, of which the middle one holds the sign.
    tex = _EQNARRAY.sub(lambda found: found[1] + re.sub(r"&([^&\\]*)&", r"&\1", found[2]), tex)
    return _ENVIRONMENT.sub(_environment, tex)


def _environment(found: re.Match) -> str:
    end, name, place = found.groups()
    name = _ALIKE.get(name, name)
    if name in _TRANSPARENT:
        return ""
    if name in _ONE_COLUMN:
        return r"\begin{array}{c}" if end == "begin" else r"\end{array}"
    if name not in _KNOWN:
        raise ValueError(name)
    return rf"\{end}{{{name}}}" + ("" if name in ("align*", "array", "split") else place or "")


def _is_whole(tex: str, made: str) -> bool:
    """Whether the MathML has every letter and digit of the formula, and nothing that is not shown."""
    if _LOST.search(made) or set(re.findall(r"<(\w+)", made)) - TAGS:
        return False
    shown = _letters(html.unescape(re.sub(r"<[^<>]*>", "", made)))
    return not _letters(_NOT_LETTERS.sub(" ", tex)) - shown


def _letters(text: str) -> Counter[str]:
    return Counter(each for each in unicodedata.normalize("NFKC", text) if each.isalnum())


def _aligned(made: str) -> str:
    return re.sub(
        r'<mtd columnalign="(left|right|center)"', lambda found: f'<mtd class="{_CLASSES[found[1]]}"', made
    )
