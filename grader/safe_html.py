"""How does what a student wrote become HTML that runs nothing, loads nothing and imitates nothing?

One list says what may pass; ``nh3`` applies it (the Rust library Ammonia, which parses as browsers do).
Formulas become MathML, which browsers show without a script. Nothing here is bounded in time:
``grader.rendering`` calls it.
"""

from __future__ import annotations

import html
import re

import nh3
from ipython_pygments_lexers import IPython3Lexer
from markupsafe import Markup
from nbconvert.filters import ansi2html
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments import highlight
from pygments.formatters import HtmlFormatter

from grader import formulas
from grader.formulas import formula
from grader.pictures import checked_picture

# What may pass as a picture, by its kind and as text of this form.
PICTURES = ("image/png", "image/jpeg", "image/gif")
BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*", re.ASCII)
TAGS = formulas.TAGS | set(
    "a abbr b blockquote br code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p "
    "pre q s samp small span strong sub summary sup u ul var "
    "caption col colgroup table tbody td tfoot th thead tr".split()
)
_ATTRIBUTES = {
    "*": {"class"},
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "math": {"display"},
    "mover": {"accent"},
    "munder": {"accentunder"},
    "mo": {"stretchy", "fence", "form", "minsize", "maxsize", "lspace", "rspace"},
    "mi": {"mathvariant"},
    "mtable": {"columnalign"},
    "mspace": {"width"},
    "mstyle": {"displaystyle", "scriptlevel"},
    "mfrac": {"linethickness"},
}
# Classes of pandas' tables and of Pygments' colours; any other could dress up as a part of the page.
_CLASS = re.compile(r"dataframe|highlight|[a-z][a-z0-9]?")
# A picture is part of the page or absent: what is loaded from elsewhere tells who reads, and when.
PICTURE = re.compile(r"data:image/(png|jpeg|gif);base64,[A-Za-z0-9+/=\s]*", re.ASCII)
_FORMATTER = HtmlFormatter(wrapcode=True)
CODE_STYLE = _FORMATTER.get_style_defs(".highlight")
# Beyond it colours take longer than anybody reads.
COLOURED_LENGTH = 100_000  # characters


def clean_html(text: str) -> Markup:
    """What of a piece of HTML may be shown: text, tables, lists, formulas, links and embedded pictures."""
    return Markup(
        nh3.clean(
            text,
            tags=TAGS,
            attributes=_ATTRIBUTES,
            attribute_filter=_allowed_value,
            url_schemes={"http", "https", "mailto", "data"},
            link_rel="noopener noreferrer",
        )
    )


def _allowed_value(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "class":
        return " ".join(name for name in value.split() if _CLASS.fullmatch(name)) or None
    if tag == "img" and attribute == "src":
        picture = checked_picture(value.partition(",")[2]) if PICTURE.fullmatch(value) else None
        return f"data:{picture[0]};base64,{picture[1]}" if picture else None
    if tag == "a" and attribute == "href":
        return value if value.lower().startswith(("http://", "https://", "mailto:")) else None
    return value


def prose_with_pictures(text: str, attachments: dict | None = None) -> Markup:
    """Markdown as HTML, formulas as MathML; what cannot be read as Markdown is shown as it is written."""
    try:
        return clean_html(MarkdownWithMath(renderer=_Renderer(attachments or {})).render(text))
    except Exception:  # a student's text can break the parser in any way; the rest of the page is still shown
        return verbatim(text)


class _Renderer(IPythonRenderer):
    """nbconvert's Markdown with formulas as MathML and without anchors, diagrams and missing pictures."""

    def __init__(self, attachments: dict) -> None:
        super().__init__(escape=False, exclude_anchor_links=True, attachments=attachments)

    def _embed_image_or_attachment(self, src: str) -> str:
        # nbconvert gives up the whole page for an attachment that is not there.
        missing = src.startswith("attachment:") and src.removeprefix("attachment:") not in self.attachments
        return "" if missing else super()._embed_image_or_attachment(src)

    def block_mermaidjs(self, code: str) -> str:
        return verbatim(code)

    def block_math(self, body: str) -> str:
        return formula(body, "block")

    def inline_math(self, body: str) -> str:
        return formula(body, "inline")

    def latex_environment(self, name: str, body: str) -> str:
        return formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")


def verbatim(text: str) -> Markup:
    """Text as it is, in lines as they are."""
    return Markup(f"<pre>{html.escape(text)}</pre>")


def terminal(text: str) -> Markup:
    """What was printed, with the colours of a terminal."""
    return Markup(f"<pre>{ansi2html(text)}</pre>")


def code(source: str) -> Markup:
    """Python or IPython source in colours."""
    if len(source) > COLOURED_LENGTH:
        return verbatim(source)
    return Markup(highlight(source, IPython3Lexer(), _FORMATTER))


def tex_output(text: str) -> Markup:
    """An output of type text/latex: its formula, without the dollars around it."""
    return clean_html(formula(text.strip().strip("$").removeprefix(r"\displaystyle").strip(), "block"))
